package casefile

import (
	"errors"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/calendar"
	"binhan/internal/codelist"
	"binhan/internal/gate"
	"binhan/internal/seal"
	"binhan/internal/survivor"
)

type row struct {
	ID         uuid.UUID `db:"id"`
	Code       string    `db:"code"`
	Scope      string    `db:"scope"`
	Status     string    `db:"status"`
	Risk       *string   `db:"risk"`
	Commune    *string   `db:"commune"`
	Owner      uuid.UUID `db:"owner"`
	Org        uuid.UUID `db:"organisation_id"`
	OrgName    string    `db:"org_name"`
	OrgType    string    `db:"org_type"`
	ReceivedOn time.Time `db:"received_on"`
	OpenedAt   time.Time `db:"opened_at"`
	UpdatedAt  time.Time `db:"updated_at"`
	Version    int       `db:"version"`
	survivor.WrappedKeys
	SealedIdentity []byte `db:"sealed_identity"`
	SealedSafety   []byte `db:"sealed_safety"`
	OwnerUsername  string `db:"owner_username"`
	OwnerName      string `db:"owner_name"`
	Story          []byte `db:"story"`
}

const selectCase = `select c.id, c.code, c.scope, c.status, c.risk, c.commune, c.owner, c.organisation_id, o.name as org_name, o.type as org_type,
       c.received_on, c.opened_at, c.updated_at, c.version, c.narrative as story,
       k.identity, k.safety, k.narrative, k.evidence,
       s.identity as sealed_identity, s.safety as sealed_safety,
       u.username as owner_username, u.name as owner_name
  from cases c
  join case_keys k on k.case_id = c.id
  join survivors s on s.case_id = c.id
  join organisations o on o.id = c.organisation_id
  cross join lateral auth.staff(array[c.owner]) u
 where c.id = $1`

func storyPlace(id uuid.UUID) seal.Place {
	return seal.Place{Table: "cases", Column: "narrative", Row: id, Owner: id, Compartment: seal.Narrative}
}

func incidentPlace(column string, id, caseID uuid.UUID, c seal.Compartment) seal.Place {
	return seal.Place{Table: "incidents", Column: column, Row: id, Owner: caseID, Compartment: c}
}

// open reads a case with the classes that the decision opened, limited to want. Whatever does not open where it lies ends it: for acts that write, copy or send.
func open(tx *gate.Tx, id uuid.UUID, want access.ClassSet) (View, *seal.Keys, error) {
	return opening(tx, id, want, strict)
}

// strict goes on without nothing.
func strict(string, *uuid.UUID, error) bool { return false }

// salvage reads a case like open, and names in Damaged what does not open; the rest stands. For acts that show.
func salvage(tx *gate.Tx, id uuid.UUID, want access.ClassSet) (View, error) {
	var broken []Damage
	v, _, err := opening(tx, id, want, func(part string, subject *uuid.UUID, err error) bool {
		if part == "" {
			return errors.Is(err, seal.ErrForged) // of the keys together; each is tried alone
		}
		if !tx.Damaged(part, err) {
			return false
		}
		broken = append(broken, Damage{part, subject})
		return true
	})
	v.Damaged = broken
	return v, err
}

// opening reads a case; lost hears of each part that does not open, and says whether to go on without it.
func opening(tx *gate.Tx, id uuid.UUID, want access.ClassSet, lost func(part string, subject *uuid.UUID, err error) bool) (View, *seal.Keys, error) {
	var r row
	if err := tx.Get(&r, selectCase, id); err != nil {
		return View{}, nil, err
	}
	tx.Opened(access.Record)
	v := View{ID: r.ID, Code: r.Code, Status: r.Status, Risk: text(r.Risk), Commune: text(r.Commune),
		Owner: Staff{r.Owner, r.OwnerUsername, r.OwnerName}, Organisation: Org{r.Org, r.OrgName, r.OrgType},
		ReceivedOn: r.ReceivedOn.Format(time.DateOnly), OpenedAt: r.OpenedAt, UpdatedAt: r.UpdatedAt, Version: r.Version, Withheld: []string{}}
	may := tx.Classes & want
	var ws []seal.Wrapped
	for _, w := range r.WrappedKeys.Wrapped() {
		if may.Has(access.Class(w.Compartment)) {
			ws = append(ws, w)
		}
	}
	keys, err := tx.Keys(id, ws...)
	if err != nil && lost("", nil, err) {
		var gone []seal.Compartment
		if keys, gone, err = tx.Salvage(id, ws...); err == nil {
			for _, c := range gone {
				lost(string(c), nil, seal.ErrForged)
			}
		}
	}
	if err != nil {
		return View{}, nil, err
	}
	sealed := survivor.Sealed{Identity: r.SealedIdentity, Safety: r.SealedSafety}
	if keys.Has(seal.Identity) {
		p, err := sealed.OpenIdentity(keys, id)
		switch {
		case err == nil:
			p.Commune = v.Commune
			v.Survivor = &p
		case !lost("identity", nil, err):
			return View{}, nil, err
		}
	}
	if keys.Has(seal.Safety) {
		s, err := sealed.OpenSafety(keys, id)
		switch {
		case err != nil && !lost("safety", nil, err):
			return View{}, nil, err
		case err != nil:
		default:
			v.SafeContact = s.Contact
			if v.Survivor != nil {
				v.Survivor.Address = s.Address
			} else if s.Address != "" {
				v.Survivor = &survivor.Person{Address: s.Address, Commune: v.Commune}
			}
		}
	}
	if keys.Has(seal.Narrative) {
		var s story
		err := survivor.OpenJSON(keys, storyPlace(id), r.Story, &s)
		switch {
		case err == nil:
			v.Intake = &Intake{Channel: s.Channel, Reporter: s.Reporter, ReceivedAt: &s.ReceivedAt}
			v.Narrative, v.Needs = s.Narrative, s.Needs
		case !lost("narrative", nil, err):
			return View{}, nil, err
		}
	}
	if keys.Has(seal.Narrative) || !want.Has(access.Narrative) && tx.Classes.Has(access.Narrative) {
		if v.Incidents, err = incidents(tx, keys, id, lost); err != nil {
			return View{}, nil, err
		}
	}
	for _, c := range []access.Class{access.Identity, access.Safety, access.Narrative, access.Evidence} {
		if !may.Has(c) {
			v.Withheld = append(v.Withheld, string(c))
		}
	}
	v.ReasonNeeded = tx.First()
	if tx.Held.Has(access.BreakGlass) {
		// An emergency is a person's, and always ends; what is held in any other way has no end to show.
		if err := tx.Get(&v.Emergency, `select max(until) from case_standings where case_id = $1 and holder = $2 and standing = 'break_glass' and until > now()`, id, tx.Who.User); err != nil {
			return View{}, nil, err
		}
	}
	return v, keys, nil
}

// incidents reads the events of a case. Without the key of the story it is their outline: when and in which commune.
func incidents(tx *gate.Tx, k *seal.Keys, caseID uuid.UUID, lost func(string, *uuid.UUID, error) bool) ([]IncidentView, error) {
	var rows []struct {
		ID         uuid.UUID  `db:"id"`
		OccurredOn *time.Time `db:"occurred_on"`
		Precision  string     `db:"precision"`
		Commune    *string    `db:"commune"`
		Narrative  []byte     `db:"narrative"`
		Identity   []byte     `db:"identity"`
		RecordedAt time.Time  `db:"recorded_at"`
	}
	err := tx.Select(&rows, `select id, occurred_on, precision, commune, narrative, identity, recorded_at from incidents where case_id = $1 order by recorded_at, id`, caseID)
	if err != nil {
		return nil, err
	}
	var out []IncidentView
	for _, r := range rows {
		var t told
		if k.Has(seal.Narrative) {
			if err := survivor.OpenJSON(k, incidentPlace("narrative", r.ID, caseID, seal.Narrative), r.Narrative, &t); err != nil && !lost("incident", &r.ID, err) {
				return nil, err
			}
			if k.Has(seal.Identity) {
				var names []string
				if err := survivor.OpenJSON(k, incidentPlace("identity", r.ID, caseID, seal.Identity), r.Identity, &names); err != nil && !lost("incident_names", &r.ID, err) {
					return nil, err
				}
				for i := range names {
					if i < len(t.Perpetrators) {
						t.Perpetrators[i].Name = names[i]
					}
				}
			}
		}
		v := IncidentView{ID: r.ID, RecordedAt: r.RecordedAt, Case: caseID, Incident: Incident{Precision: r.Precision, Commune: text(r.Commune), Place: t.Place, Acts: t.Acts,
			Relationship: t.Relationship, Description: t.Description, Perpetrators: t.Perpetrators, Forms: t.Forms}}
		if r.OccurredOn != nil {
			layout := map[string]string{"day": time.DateOnly, "month": "2006-01", "year": "2006"}[r.Precision]
			v.OccurredOn = r.OccurredOn.Format(layout)
		}
		v.Forms = v.formsOf()
		if len(t.Acts) > 0 {
			v.GBVIMSType = codelist.GBVIMSType(t.Acts)
		}
		out = append(out, v)
	}
	return out, nil
}

// insertCase queues the rows of a new case. The caller holds it from then on.
func insertCase(tx *gate.Tx, keys *seal.Keys, wrapped survivor.WrappedKeys, id uuid.UUID, code, scope string, c *RecordCommand) error {
	received := *c.Intake.ReceivedAt
	tx.Touch(id)
	// The standing comes before everything that hangs on the case: row-level security believes nothing else.
	sealedStory, err := survivor.SealJSON(keys, storyPlace(id), story{c.Intake.Channel, c.Intake.Reporter, received, c.Narrative, c.Needs})
	if err != nil {
		return err
	}
	person, err := survivor.SealPerson(keys, id, c.Survivor, c.SafeContact)
	if err != nil {
		return err
	}
	tx.Later(`insert into cases (id, code, scope, province, status, risk, commune, owner, organisation_id, received_on, opened_at, updated_at, narrative)
		values ($1, $2, $3, $4, 'NEW', null, $5, $6, $7, $8, $9, $9, $10)`,
		id, code, scope, tx.Who.Province, null(c.Survivor.Commune), tx.Who.User, tx.Who.Organisation, received.In(calendar.Zone).Format(time.DateOnly), tx.Now, sealedStory)
	tx.Later(`select standing.open_cases($1)`, []uuid.UUID{id})
	tx.Later(`insert into case_keys (case_id, identity, safety, narrative, evidence) values ($1, $2, $3, $4, $5)`,
		id, wrapped.Identity, wrapped.Safety, wrapped.Narrative, wrapped.Evidence)
	tx.Later(`insert into survivors (case_id, identity, safety) values ($1, $2, $3)`, id, person.Identity, person.Safety)
	return nil
}

// sealIncident makes the row of an incident of a case whose identity and narrative keys are open, in the order of the columns of its table.
func sealIncident(k *seal.Keys, caseID uuid.UUID, i *Incident, received, now time.Time) ([]any, error) {
	id := uuid.Must(uuid.NewV7())
	t := told{Place: i.Place, Acts: i.Acts, Relationship: i.Relationship, Description: i.Description}
	if len(i.Acts) == 0 {
		t.Forms = i.Forms
	}
	names := make([]string, len(i.Perpetrators))
	for n, p := range i.Perpetrators {
		names[n], p.Name = p.Name, ""
		t.Perpetrators = append(t.Perpetrators, p)
	}
	narrative, err := survivor.SealJSON(k, incidentPlace("narrative", id, caseID, seal.Narrative), t)
	if err != nil {
		return nil, err
	}
	identity, err := survivor.SealJSON(k, incidentPlace("identity", id, caseID, seal.Identity), names)
	if err != nil {
		return nil, err
	}
	first, precision, _ := dateOf(i.OccurredOn, received)
	if i.Precision == "" || rank(i.Precision) > rank(precision) {
		i.Precision = precision
	}
	var occurred any
	if !first.IsZero() {
		occurred = first.Format(time.DateOnly)
	}
	return []any{id, caseID, occurred, i.Precision, null(i.Commune), narrative, identity, now}, nil
}

// insertIncident queues an incident and gives it as it will be read.
func insertIncident(tx *gate.Tx, k *seal.Keys, caseID uuid.UUID, i *Incident, received time.Time) (IncidentView, error) {
	row, err := sealIncident(k, caseID, i, received, tx.Now)
	if err != nil {
		return IncidentView{}, err
	}
	tx.Later(`insert into incidents (id, case_id, occurred_on, precision, commune, narrative, identity, recorded_at) values ($1, $2, $3, $4, $5, $6, $7, $8)`, row...)
	v := IncidentView{ID: row[0].(uuid.UUID), Incident: *i, Forms: i.formsOf(), RecordedAt: tx.Now, Case: caseID}
	if len(i.Acts) > 0 {
		v.GBVIMSType = codelist.GBVIMSType(i.Acts)
	}
	return v, nil
}

// Fact is the coded row that a case gives to the statistics: no name, no id, no words.
type Fact struct {
	Scope                               string
	Received                            time.Time
	Area, Commune                       string
	Form                                string
	Forms                               []string
	Sex, Age, Relation, SexPerp, Ethnic string
}

// factOf codes a case by the rules of the statistics: one row a person, main form in a fixed order, month by the first contact.
func factOf(scope string, received time.Time, p survivor.Person, commune, area string, incidents []Incident) Fact {
	f := Fact{Scope: scope, Received: received, Commune: orUnknown(commune), Area: "UNK", Sex: orUnknown(p.Sex), Age: p.AgeBand(received), Relation: "UNKNOWN", SexPerp: "UNK", Ethnic: "UNK"}
	if commune != "" {
		if a := codelist.Area(commune, received); a != "" {
			f.Area = a
		}
	}
	if f.Area == codelist.Unknown && area != "" {
		f.Area = area // a register's own, kept with the case: its commune is not ours
	}
	if p.Ethnicity != "" {
		f.Ethnic = codelist.EthnicGroup(p.Ethnicity)
	}
	var acts, forms []string
	for i := range incidents {
		acts = append(acts, incidents[i].Acts...)
		forms = append(forms, incidents[i].formsOf()...)
		if f.Relation == "UNKNOWN" && incidents[i].relation() != "" {
			f.Relation = codelist.RelationshipGroup(incidents[i].relation())
		}
		for _, x := range incidents[i].Perpetrators {
			if f.SexPerp == "UNK" && x.Sex != "" {
				f.SexPerp = x.Sex
			}
		}
	}
	f.Forms = codelist.SortForms(forms)
	if len(acts) > 0 {
		f.Form = codelist.MainForm(acts)
	} else {
		f.Form = codelist.MainOf(f.Forms)
	}
	return f
}

// putFact queues the fact of a case, replacing the last one until its period closes. The only link is ref, a token that the key ring alone can make.
func putFact(tx *gate.Tx, ref []byte, f Fact) {
	tx.Later(`select stats.put_fact($1, $2, $3::date, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		ref, f.Scope, f.Received.In(calendar.Zone).Format(time.DateOnly), f.Area, f.Commune, f.Form, f.Forms, f.Sex, f.Age, f.Relation, f.SexPerp, f.Ethnic)
}

func orUnknown(s string) string {
	if s == "" {
		return "UNK"
	}
	return s
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}
