// Package directory is who can help: organisations, the services they offer, and whether they can receive now.
//
// It is for all staff. It holds no case. An address of refuge is never part of it: an organisation may be hidden, then only its name and service show.
package directory

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/gate"
)

// Organisation is an office, as it signs on a day.
type Organisation struct {
	ID          uuid.UUID `json:"id"`
	Code        string    `json:"code"`
	Name        string    `json:"name"`
	Type        string    `json:"type"`
	Province    string    `json:"province"`
	Units       []string  `json:"units"`
	Predecessor string    `json:"predecessor,omitempty"`
	ValidFrom   string    `json:"valid_from"`
	ValidTo     *string   `json:"valid_to"`
}

// Offer is one service of one organisation.
type Offer struct {
	ID            uuid.UUID `json:"id"`
	Type          string    `json:"type"`
	Organisation  Brief     `json:"organisation"`
	Communes      []string  `json:"communes"`
	OpenNow       bool      `json:"open_now"`
	CapacityToday *int      `json:"capacity_today"`
	Phone         string    `json:"phone,omitempty"`
}

// Brief is an organisation in a line.
type Brief struct {
	ID   uuid.UUID `json:"id" db:"id"`
	Name string    `json:"name" db:"name"`
	Type string    `json:"type" db:"type"`
}

// Service reads the directory.
type Service struct{ gate *gate.Gate }

// New makes the service.
func New(g *gate.Gate) *Service { return &Service{g} }

// Organisations lists the offices of today.
func (s *Service) Organisations(ctx context.Context, who access.Actor) ([]Organisation, error) {
	return gate.Do(ctx, s.gate, who, access.ReadDirectory, access.Nothing, func(tx *gate.Tx) ([]Organisation, error) {
		var rows []struct {
			ID          uuid.UUID  `db:"id"`
			Code        string     `db:"code"`
			Name        string     `db:"name"`
			Type        string     `db:"type"`
			Province    string     `db:"province"`
			Commune     *string    `db:"commune"`
			Hidden      bool       `db:"address_hidden"`
			Predecessor *string    `db:"predecessor"`
			ValidFrom   time.Time  `db:"valid_from"`
			ValidTo     *time.Time `db:"valid_to"`
		}
		err := tx.Select(&rows, `select id, code, name, type, province, commune, address_hidden, predecessor, valid_from, valid_to
			from organisations where valid_to is null or valid_to > $1::date order by name, id`, tx.Now)
		if err != nil {
			return nil, err
		}
		out := make([]Organisation, 0, len(rows))
		for _, r := range rows {
			o := Organisation{ID: r.ID, Code: r.Code, Name: r.Name, Type: r.Type, Province: r.Province, Units: []string{}, ValidFrom: r.ValidFrom.Format(time.DateOnly)}
			if r.Commune != nil && !r.Hidden {
				o.Units = append(o.Units, *r.Commune)
			}
			if r.Predecessor != nil {
				o.Predecessor = *r.Predecessor
			}
			if r.ValidTo != nil {
				to := r.ValidTo.Format(time.DateOnly)
				o.ValidTo = &to
			}
			out = append(out, o)
		}
		return out, nil
	})
}

// OfferFilter chooses among the services.
type OfferFilter struct {
	Type    string `json:"type,omitempty"`
	Commune string `json:"commune,omitempty"`
	Open    bool   `json:"open,omitempty"`
}

// Offers lists who offers what, those of the commune first.
func (s *Service) Offers(ctx context.Context, who access.Actor, f OfferFilter) ([]Offer, error) {
	var ps fault.Problems
	if f.Type != "" && !codelist.Get(codelist.ServiceType).Has(f.Type) {
		ps.Add("/type", "unknown_code", "list", string(codelist.ServiceType))
	}
	if _, known := codelist.AnyCommune(f.Commune); f.Commune != "" && !known {
		ps.Add("/commune", "unknown_code", "list", "admin_commune")
	}
	if err := ps.Err(); err != nil {
		return nil, err
	}
	return gate.Do(ctx, s.gate, who, access.ReadDirectory, access.Nothing, func(tx *gate.Tx) ([]Offer, error) {
		var rows []struct {
			ID       uuid.UUID      `db:"id"`
			Type     string         `db:"type"`
			OrgID    uuid.UUID      `db:"org_id"`
			OrgName  string         `db:"org_name"`
			OrgType  string         `db:"org_type"`
			Communes gate.TextArray `db:"communes"`
			OpenNow  bool           `db:"open_now"`
			Capacity *int           `db:"capacity_today"`
			Phone    *string        `db:"phone"`
		}
		err := tx.Select(&rows, `select s.id, s.type, o.id as org_id, o.name as org_name, o.type as org_type, s.communes, s.capacity_today, s.phone,
			       (s.opens is null or ($1::timestamptz at time zone 'Asia/Ho_Chi_Minh')::time between s.opens and s.closes) as open_now
			  from services s join organisations o on o.id = s.organisation_id
			 where (o.valid_to is null or o.valid_to > $1::date)
			   and ($2 = '' or s.type = $2)
			   and ($3 = '' or cardinality(s.communes) = 0 or $3 = any (s.communes))
			 order by (o.commune = $3 and not o.address_hidden) desc nulls last, o.name, s.type`, tx.Now, f.Type, f.Commune)
		if err != nil {
			return nil, err
		}
		out := make([]Offer, 0, len(rows))
		for _, r := range rows {
			if f.Open && (!r.OpenNow || r.Capacity != nil && *r.Capacity == 0) {
				continue
			}
			o := Offer{r.ID, r.Type, Brief{r.OrgID, r.OrgName, r.OrgType}, append([]string{}, r.Communes...), r.OpenNow, r.Capacity, ""}
			if r.Phone != nil {
				o.Phone = *r.Phone
			}
			out = append(out, o)
		}
		return out, nil
	})
}

// Receives finds the organisation if it offers the service today; the problem points into a referral's body.
func Receives(tx *gate.Tx, org uuid.UUID, service string) (Brief, error) {
	var r struct {
		Brief
		Services gate.TextArray `db:"services"`
	}
	err := tx.Get(&r, `select o.id, o.name, o.type, array(select s.type from services s where s.organisation_id = o.id) as services
		  from organisations o where o.id = $1 and (o.valid_to is null or o.valid_to > $2::date)`, org, tx.Now)
	if fault.KindOf(err) == fault.NotFound {
		return Brief{}, fault.Bad(fault.Problem{Pointer: "/to", Key: "no_such_receiver"})
	}
	if err != nil {
		return Brief{}, err
	}
	if !slices.Contains(r.Services, service) {
		return Brief{}, fault.Bad(fault.Problem{Pointer: "/service", Key: "service_not_offered"})
	}
	return r.Brief, nil
}

// Names finds organisations in a line.
func Names(tx *gate.Tx, ids ...uuid.UUID) (map[uuid.UUID]Brief, error) {
	var rows []Brief
	if err := tx.Select(&rows, `select id, name, type from organisations where id = any ($1)`, gate.UUIDs(ids)); err != nil {
		return nil, err
	}
	m := map[uuid.UUID]Brief{}
	for _, r := range rows {
		m[r.ID] = r
	}
	return m, nil
}
