package release

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/gate"
)

// PlanVersion is a plan that was proposed for a kind of cube and a size class. It may be used once another person has approved it; a newer approved one takes its place for
// releases that are reserved from then on.
type PlanVersion struct {
	ID         uuid.UUID  `json:"id" db:"id"`
	Version    string     `json:"version" db:"version"`
	Kind       Kind       `json:"kind" db:"kind"`
	Size       Size       `json:"size" db:"size"`
	SHA256     string     `json:"sha256" db:"sha256"`
	ProposedBy string     `json:"proposed_by" db:"proposer"`
	ProposedAt time.Time  `json:"proposed_at" db:"proposed_at"`
	ApprovedBy string     `json:"approved_by,omitempty" db:"approver"`
	ApprovedAt *time.Time `json:"approved_at" db:"approved_at"`
	Spec       string     `json:"-" db:"spec"`
}

const planVersionColumns = `v.id, v.version, v.kind, v.size, encode(v.sha256, 'hex') as sha256, v.proposed_by::text as proposer, v.proposed_at,
	coalesce(v.approved_by::text, '') as approver, v.approved_at, v.spec`

// CheckTemplate tells what is wrong with a plan before it is proposed. The dimensions of places and months may be open: their values come with a scope and a period.
func (p Plan) CheckTemplate() error {
	if err := p.checkWithoutFile(); err != nil {
		return err
	}
	var bad fault.Problems
	for i, d := range p.Dims {
		if (d.Name == "area" || d.Name == "month" || d.Name == "commune") && len(d.Values) > 0 {
			bad.Add(fmt.Sprintf("/plan/dims/%d/values", i), "release_plan_place", "dim", d.Name)
		}
		if !countable(p.kind(), d.Name) {
			bad.Add(fmt.Sprintf("/plan/dims/%d/name", i), "release_plan_dim_kind", "dim", d.Name, "kind", string(p.kind()))
		}
	}
	if p.Quarters || p.Public {
		bad.Add("/plan", "release_plan_template")
	}
	return bad.Err()
}

// countable tells whether the facts of a kind of cube have a dimension.
func countable(k Kind, dim string) bool {
	switch dim {
	case "form":
		return true
	case "service", "outcome", "time_bin":
		return k == Late
	case "measure", "support":
		return false // no case says them yet
	}
	return k != Late
}

// ProposePlan puts a plan forward. It is checked whole: the budget of its kind to the last part, tables that can be made to add up, complete domains.
func (s *Service) ProposePlan(ctx context.Context, who access.Actor, raw []byte) (PlanVersion, error) {
	p, err := ParsePlan(raw)
	if err != nil {
		return PlanVersion{}, err
	}
	if err := p.CheckTemplate(); err != nil {
		return PlanVersion{}, err
	}
	return gate.Do(ctx, s.gate, who, access.ProposePlan, access.Nothing, func(tx *gate.Tx) (PlanVersion, error) {
		id := uuid.Must(uuid.NewV7())
		n, err := tx.Exec(`insert into stats.plan_versions (id, version, kind, size, spec, sha256, proposed_by)
			values ($1, $2, $3, $4, $5::text, sha256(convert_to($5::text, 'UTF8')), $6) on conflict do nothing`, id, p.Version, string(p.kind()), string(p.Size), string(raw), tx.Who.User)
		if err != nil {
			return PlanVersion{}, said(err)
		}
		if n == 0 {
			return PlanVersion{}, fault.New(fault.Conflict, "release_plan_there")
		}
		return getVersion(tx, id)
	})
}

// ApprovePlan lets a proposed plan be used. Another person than the proposer must do it; the plan is checked once more.
func (s *Service) ApprovePlan(ctx context.Context, who access.Actor, id uuid.UUID) (PlanVersion, error) {
	return gate.Do(ctx, s.gate, who, access.ApprovePlan, access.Nothing, func(tx *gate.Tx) (PlanVersion, error) {
		v, err := getVersion(tx, id)
		if err != nil {
			return PlanVersion{}, err
		}
		switch {
		case v.ProposedBy == tx.Who.User.String():
			return PlanVersion{}, fault.New(fault.Refused, "release_plan_same_person")
		case v.ApprovedAt != nil:
			return PlanVersion{}, fault.New(fault.Conflict, "release_plan_approved")
		}
		p, err := ParsePlan([]byte(v.Spec))
		if err != nil {
			return PlanVersion{}, err
		}
		if err := p.CheckTemplate(); err != nil {
			return PlanVersion{}, err
		}
		if _, err := tx.Exec(`update stats.plan_versions set approved_by = $2 where id = $1`, id, tx.Who.User); err != nil {
			return PlanVersion{}, said(err)
		}
		return getVersion(tx, id)
	})
}

// PlanVersions lists all plans, the newest first.
func (s *Service) PlanVersions(ctx context.Context, who access.Actor) ([]PlanVersion, error) {
	return gate.Do(ctx, s.gate, who, access.CheckRelease, access.Nothing, func(tx *gate.Tx) ([]PlanVersion, error) {
		var all []PlanVersion
		err := tx.Select(&all, `select `+planVersionColumns+` from stats.plan_versions v order by v.id desc`)
		return all, err
	})
}

func getVersion(tx *gate.Tx, id uuid.UUID) (PlanVersion, error) {
	var v PlanVersion
	err := tx.Get(&v, `select `+planVersionColumns+` from stats.plan_versions v where v.id = $1`, id)
	return v, err
}

// approved gives the newest approved plan of a kind and a size class.
func approved(tx *gate.Tx, k Kind, size Size) (PlanVersion, error) {
	var v PlanVersion
	err := tx.Get(&v, `select `+planVersionColumns+` from stats.plan_versions v where v.kind = $1 and v.size = $2 and v.approved_by is not null order by v.approved_at desc, v.id desc limit 1`,
		string(k), string(size))
	if errors.Is(err, fault.NotFound) {
		return v, fault.New(fault.Conflict, "release_plan_not_approved").With(map[string]any{"plan": string(k) + " " + string(size)})
	}
	return v, err
}

// Erratum is what is wrong in a release, in words without numbers: a number in it would be a second release.
type Erratum struct {
	ID      uuid.UUID `json:"id" db:"id"`
	Release uuid.UUID `json:"release_id" db:"release_id"`
	Text    string    `json:"text" db:"text"`
	At      time.Time `json:"at" db:"at"`
}

// AddErratum says what is wrong in a published release whose correction the budget does not hold, or that needs none.
func (s *Service) AddErratum(ctx context.Context, who access.Actor, id uuid.UUID, text string) (Erratum, error) {
	return gate.Do(ctx, s.gate, who, access.PublishRelease, access.Nothing, func(tx *gate.Tx) (Erratum, error) {
		e := Erratum{ID: uuid.Must(uuid.NewV7()), Release: id, Text: text, At: tx.Now}
		_, err := tx.Exec(`insert into stats.errata (id, cube_id, text, by_user) values ($1, $2, $3, $4)`, e.ID, id, text, tx.Who.User)
		return e, said(err)
	})
}

// Errata lists what is known to be wrong in a published release, the oldest first.
func (s *Service) Errata(ctx context.Context, who access.Actor, id uuid.UUID) ([]Erratum, error) {
	return gate.Do(ctx, s.gate, who, access.ReadRelease, access.Nothing, func(tx *gate.Tx) ([]Erratum, error) {
		all := []Erratum{}
		err := tx.Select(&all, `select id, release_id, text, at from stats.published_errata where release_id = $1 order by at, id`, id)
		return all, err
	})
}

// ShippedPlans are all plans that come with the program, as texts to propose.
func ShippedPlans() []PlanVersion {
	var all []PlanVersion
	for _, k := range Kinds() {
		for _, size := range []Size{Small, Medium, Large} {
			p, err := ShippedPlan(k, size)
			if err != nil {
				continue // not every kind has every class
			}
			raw, err := planFiles.ReadFile("plans/" + planFile(k, size))
			if err != nil {
				panic(err) // read a line above
			}
			all = append(all, PlanVersion{Version: p.Version, Kind: p.kind(), Size: p.Size, Spec: string(raw)})
		}
	}
	return all
}

func planFile(k Kind, size Size) string {
	if k == Year || k == "" {
		return string(size) + ".json"
	}
	return strings.ToLower(string(k)) + "_" + string(size) + ".json"
}
