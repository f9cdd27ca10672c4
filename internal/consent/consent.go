// Package consent keeps what the survivor agreed to: purpose, recipient, fields, until when; and lets her take it back.
//
// Consent is for one purpose, never bundled; silence is none (Law 91/2025/QH15 art. 9; Decree 356/2025 art. 6). A row is written once; withdrawal
// closes it at once together with everything that stood on it. Whoever refers a case asks Covers, in the same transaction in which she
// sends. Refused is recorded too: it is an answer. The witness and the reason of a withdrawal are sealed with the story.
package consent

import (
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/seal"
	"binhan/internal/survivor"
)

// Fields are what can be shared, in the order in which people read them.
var Fields = []string{"name", "sex", "age", "birth_date", "phone", "id_number", "address", "commune", "safe_contact", "ethnicity", "language", "needs",
	"incident", "narrative", "risk", "safety_plan", "perpetrator", "children", "evidence"}

// Command is a consent as it is asked.
type Command struct {
	Purpose   string     `json:"purpose"`
	Recipient string     `json:"recipient,omitempty"` // an organisation's id, or a type of organisation
	Fields    []string   `json:"fields,omitempty"`
	Decision  string     `json:"decision"`
	By        string     `json:"by,omitempty"`
	Method    string     `json:"method,omitempty"`
	GivenAt   *time.Time `json:"given_at,omitempty"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
	Witness   string     `json:"witness,omitempty"`
}

// View is a consent as it is read.
type View struct {
	ID          uuid.UUID  `json:"id"`
	Purpose     string     `json:"purpose"`
	Recipient   string     `json:"recipient,omitempty"`
	Fields      []string   `json:"fields"`
	Decision    string     `json:"decision"`
	By          string     `json:"by"`
	Method      string     `json:"method"`
	GivenAt     time.Time  `json:"given_at"`
	ExpiresAt   *time.Time `json:"expires_at,omitempty"`
	WithdrawnAt *time.Time `json:"withdrawn_at,omitempty"`
	Witness     string     `json:"witness,omitempty"`
	Damaged     bool       `json:"damaged,omitempty"` // what is sealed of it does not open
	Live        bool       `json:"live"`
	Case        uuid.UUID  `json:"case"`
}

// Location is where the consent can be read again.
func (v View) Location() string {
	return "/api/v1/cases/" + v.Case.String() + "/consents/" + v.ID.String()
}

// Check notes what cannot be a consent.
func (c *Command) Check(at string, now time.Time, ps *fault.Problems) {
	need := func(field, value string, list codelist.Name) {
		if value == "" {
			ps.Add(at+field, "required")
			return
		}
		survivor.Code(at+field, list, value, ps)
	}
	need("/purpose", c.Purpose, codelist.ConsentPurpose)
	need("/decision", c.Decision, codelist.ConsentDecision)
	if c.Decision == "WITHDRAWN" || c.Decision == "EXPIRED" {
		ps.Add(at+"/decision", "consent_not_an_answer")
	}
	if c.By == "" {
		c.By = "SELF"
	}
	if c.Method == "" {
		c.Method = "EFORM"
	}
	survivor.Code(at+"/by", codelist.ConsentActor, c.By, ps)
	survivor.Code(at+"/method", codelist.ConsentMethod, c.Method, ps)
	survivor.Short(at+"/witness", c.Witness, 200, ps)
	for i, f := range c.Fields {
		if !slices.Contains(Fields, f) {
			ps.Add(at+"/fields/"+strconv.Itoa(i), "unknown_field_name")
		} else if slices.Contains(c.Fields[:i], f) {
			ps.Add(at+"/fields/"+strconv.Itoa(i), "twice")
		}
	}
	if c.Recipient != "" {
		if _, err := uuid.Parse(c.Recipient); err != nil && !codelist.Get(codelist.AgencyType).Has(c.Recipient) {
			ps.Add(at+"/recipient", "recipient")
		}
	}
	if c.GivenAt != nil && c.GivenAt.After(now.Add(time.Minute)) {
		ps.Add(at+"/given_at", "in_the_future")
	}
	if c.ExpiresAt != nil && (!c.ExpiresAt.After(now) || c.GivenAt != nil && !c.ExpiresAt.After(*c.GivenAt)) {
		ps.Add(at+"/expires_at", "consent_already_over")
	}
}

type sealedNote struct {
	Witness string `json:"witness,omitempty"`
}

func place(id, caseID uuid.UUID) seal.Place {
	return seal.Place{Table: "consents", Column: "narrative", Row: id, Owner: caseID, Compartment: seal.Narrative}
}

// Insert queues a checked consent of a case whose narrative key is open.
func Insert(tx *gate.Tx, k *seal.Keys, caseID uuid.UUID, c Command) (View, error) {
	id := uuid.Must(uuid.NewV7())
	given := tx.Now
	if c.GivenAt != nil {
		given = *c.GivenAt
	}
	note, err := survivor.SealJSON(k, place(id, caseID), sealedNote{c.Witness})
	if err != nil {
		return View{}, err
	}
	var org, kind any
	if o, err := uuid.Parse(c.Recipient); err == nil {
		org = o
	} else if c.Recipient != "" {
		kind = c.Recipient
	}
	tx.Later(`insert into consents (id, case_id, purpose, recipient_org, recipient_type, fields, decision, by_whom, method, given_at, expires_at, narrative)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		id, caseID, c.Purpose, org, kind, orEmpty(c.Fields), c.Decision, c.By, c.Method, given, timeOrNull(c.ExpiresAt), note)
	return View{ID: id, Purpose: c.Purpose, Recipient: c.Recipient, Fields: orEmpty(c.Fields), Decision: c.Decision, By: c.By, Method: c.Method,
		GivenAt: given, ExpiresAt: c.ExpiresAt, Witness: c.Witness, Live: c.Decision == "GIVEN", Case: caseID}, nil
}

type row struct {
	ID            uuid.UUID      `db:"id"`
	Case          uuid.UUID      `db:"case_id"`
	Purpose       string         `db:"purpose"`
	RecipientOrg  uuid.NullUUID  `db:"recipient_org"`
	RecipientType *string        `db:"recipient_type"`
	Fields        gate.TextArray `db:"fields"`
	Decision      string         `db:"decision"`
	By            string         `db:"by_whom"`
	Method        string         `db:"method"`
	GivenAt       time.Time      `db:"given_at"`
	ExpiresAt     *time.Time     `db:"expires_at"`
	WithdrawnAt   *time.Time     `db:"withdrawn_at"`
	Narrative     []byte         `db:"narrative"`
}

func (r row) live(now time.Time) bool {
	return r.Decision == "GIVEN" && r.WithdrawnAt == nil && (r.ExpiresAt == nil || r.ExpiresAt.After(now))
}

func (r row) view(now time.Time) View {
	v := View{ID: r.ID, Purpose: r.Purpose, Fields: orEmpty(r.Fields), Decision: r.Decision, By: r.By, Method: r.Method, GivenAt: r.GivenAt,
		ExpiresAt: r.ExpiresAt, WithdrawnAt: r.WithdrawnAt, Live: r.live(now), Case: r.Case}
	if r.RecipientOrg.Valid {
		v.Recipient = r.RecipientOrg.UUID.String()
	} else if r.RecipientType != nil {
		v.Recipient = *r.RecipientType
	}
	return v
}

const columns = `c.id, c.case_id, c.purpose, c.recipient_org, c.recipient_type, c.fields, c.decision, c.by_whom, c.method, c.given_at, c.expires_at, c.withdrawn_at, c.narrative`

// OfCase lists the consents of a case, the newest first; the witness only where the story is open.
func OfCase(tx *gate.Tx, k *seal.Keys, caseID uuid.UUID) ([]View, error) {
	var rows []row
	if err := tx.Select(&rows, `select `+columns+` from consents c where c.case_id = $1 order by c.given_at desc, c.id desc`, caseID); err != nil {
		return nil, err
	}
	out := make([]View, 0, len(rows))
	for _, r := range rows {
		v := r.view(tx.Now)
		if k != nil && k.Has(seal.Narrative) {
			var n sealedNote
			err := survivor.OpenJSON(k, place(r.ID, caseID), r.Narrative, &n)
			if err != nil && !tx.Damaged("consent", err) {
				return nil, err
			}
			v.Witness, v.Damaged = n.Witness, err != nil
		}
		out = append(out, v)
	}
	return out, nil
}

// Covers refuses, naming each field, unless the consent lets the organisation have all of fields now. The problems point into a referral's body.
func Covers(tx *gate.Tx, caseID, consentID, org uuid.UUID, orgType string, fields []string) error {
	var r row
	// Held until the act ends: a withdrawal at the same time waits, and then finds what was sent.
	if err := tx.Get(&r, `select `+columns+` from consents c where c.id = $1 and c.case_id = $2 for share of c`, consentID, caseID); err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return fault.Bad(fault.Problem{Pointer: "/consent", Key: "no_such_consent"})
		}
		return err
	}
	var ps fault.Problems
	switch {
	case !r.live(tx.Now):
		ps.Add("/consent", "consent_not_live")
	case r.RecipientOrg.Valid && r.RecipientOrg.UUID != org:
		ps.Add("/consent", "consent_for_another")
	case r.RecipientType != nil && *r.RecipientType != orgType:
		ps.Add("/consent", "consent_for_another")
	case !r.RecipientOrg.Valid && r.RecipientType == nil && !purposeFits(r.Purpose, orgType):
		ps.Add("/consent", "consent_for_another")
	}
	for i, f := range fields {
		if !slices.Contains(r.Fields, f) {
			ps.Add("/fields/"+strconv.Itoa(i), "beyond_consent", "field", f)
		}
	}
	return ps.Err()
}

// sharing says of which organisations a consent to share speaks when it names none. standing.forward in the schema says the same.
var sharing = map[string][]string{
	"SHARE_POLICE":  {"POLICE_COMMUNE", "POLICE_DISTRICT", "POLICE_PROVINCE", "BORDER_POST"},
	"SHARE_WU":      {"WU_COMMUNE", "WU_DISTRICT", "WU_PROVINCE"},
	"SHARE_HEALTH":  {"HEALTH_STATION", "HOSPITAL", "FORENSIC"},
	"SHARE_COUNSEL": {"COUNSEL_SERVICE", "SOCIAL_CENTER", "OSSC", "SHELTER_NGO", "TRUSTED_ADDRESS"},
	"SHARE_LEGAL":   {"LEGAL_AID"},
	"SHARE_COMMUNE": {"COMMUNE_PC"},
}

// purposeFits tells whether a consent to share without a named recipient speaks of this type of organisation.
func purposeFits(purpose, orgType string) bool { return slices.Contains(sharing[purpose], orgType) }

// PurposeFor is the purpose for which she agrees when something is shared with an organisation of a type. Where the list has no purpose of its own it is
// SENSITIVE, and the recipient must be named beside it.
func PurposeFor(orgType string) string {
	for purpose, types := range sharing {
		if slices.Contains(types, orgType) {
			return purpose
		}
	}
	return "SENSITIVE"
}

// Close marks a consent withdrawn. What stood on it is ended by the caller in the same act.
func Close(tx *gate.Tx, id uuid.UUID) error {
	n, err := tx.Exec(`update consents set withdrawn_at = $2 where id = $1 and withdrawn_at is null and decision = 'GIVEN'`, id, tx.Now)
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "consent_not_live")
	}
	return err
}

func orEmpty(xs []string) []string {
	if xs == nil {
		return []string{}
	}
	return xs
}

func timeOrNull(t *time.Time) any {
	if t == nil {
		return nil
	}
	return *t
}

// TypesFor are the types of organisation of which a purpose speaks; none for a purpose that shares with nobody.
func TypesFor(purpose string) []string { return slices.Clone(sharing[purpose]) }
