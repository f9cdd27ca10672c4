// Package survivor keeps who she is and how to reach her safely, apart from the story.
//
// Two sealed records a case: identity (name, sex, birth, phone, numbers, ethnicity and the like) and safety (where she lives, the safe contact).
// They open only with a key of their own compartment, which the gate unwraps only when the decision opened that class. Everything about a person may
// be unknown; what is written is checked for sense, never for completeness. Nothing of this is ever put into an error or a log: the types print as
// survivor(…).
package survivor

import (
	"encoding/json"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/seal"
)

// Person is what is known of the survivor. At most one of BirthDate, BirthYear and Age is given: the most exact that is known.
type Person struct {
	Name          string   `json:"name,omitempty"`
	Sex           string   `json:"sex,omitempty"`
	BirthDate     string   `json:"birth_date,omitempty"` // YYYY-MM-DD
	BirthYear     *int     `json:"birth_year,omitempty"`
	Age           *int     `json:"age,omitempty"` // full years on the day of the first contact
	Phone         string   `json:"phone,omitempty"`
	IDNumber      string   `json:"id_number,omitempty"`
	Ethnicity     string   `json:"ethnicity,omitempty"`
	Occupation    string   `json:"occupation,omitempty"`
	MaritalStatus string   `json:"marital_status,omitempty"`
	Disability    []string `json:"disability,omitempty"`
	Language      string   `json:"language,omitempty"`
	Commune       string   `json:"commune,omitempty"` // of the record, in clear
	Address       string   `json:"address,omitempty"` // of the safety compartment
}

// SafeContact is how she may be reached without harm (never in a way that she has not named herself).
type SafeContact struct {
	Channel         string   `json:"channel,omitempty"`
	Value           string   `json:"value,omitempty"`
	Hours           string   `json:"hours,omitempty"`
	CodeWord        string   `json:"code_word,omitempty"`
	MayLeaveMessage *bool    `json:"may_leave_message,omitempty"`
	MustNot         []string `json:"must_not,omitempty"`
}

// Safety is the record of the safety compartment.
type Safety struct {
	Address string       `json:"address,omitempty"`
	Contact *SafeContact `json:"contact,omitempty"`
}

const hidden = "survivor(…)"

// String hides the person.
func (Person) String() string { return hidden }

// GoString hides the person.
func (Person) GoString() string { return hidden }

// LogValue hides the person.
func (Person) LogValue() slog.Value { return slog.StringValue(hidden) }

// String hides the contact.
func (SafeContact) String() string { return hidden }

// GoString hides the contact.
func (SafeContact) GoString() string { return hidden }

// LogValue hides the contact.
func (SafeContact) LogValue() slog.Value { return slog.StringValue(hidden) }

// Check notes what cannot be true of a person first met on the day received.
func (p *Person) Check(at string, received time.Time, ps *fault.Problems) {
	short(at+"/name", p.Name, 200, ps)
	Code(at+"/sex", codelist.Sex, p.Sex, ps)
	Code(at+"/ethnicity", codelist.Ethnicity, p.Ethnicity, ps)
	Code(at+"/occupation", codelist.Occupation, p.Occupation, ps)
	Code(at+"/marital_status", codelist.MaritalStatus, p.MaritalStatus, ps)
	Code(at+"/language", codelist.SpokenLanguage, p.Language, ps)
	Codes(at+"/disability", "disability_type", p.Disability, ps)
	Commune(at+"/commune", p.Commune, ps)
	short(at+"/address", p.Address, 500, ps)
	given := 0
	if p.BirthDate != "" {
		given++
		if d, err := time.ParseInLocation(time.DateOnly, p.BirthDate, received.Location()); err != nil || d.Year() < 1890 || d.After(received) {
			ps.Add(at+"/birth_date", "not_a_date")
		}
	}
	if p.BirthYear != nil {
		given++
		if *p.BirthYear < 1890 || *p.BirthYear > received.Year() {
			ps.Add(at+"/birth_year", "out_of_range", "least", 1890, "most", received.Year())
		}
	}
	if p.Age != nil {
		given++
		if *p.Age < 0 || *p.Age > 120 {
			ps.Add(at+"/age", "out_of_range", "least", 0, "most", 120)
		}
	}
	if given > 1 {
		ps.Add(at+"/age", "age_given_twice")
	}
	Phone(at+"/phone", p.Phone, ps)
	p.CheckNumber(at+"/id_number", ps)
}

// CheckNumber notes what cannot be the number of an identity card: nine or twelve digits.
func (p *Person) CheckNumber(at string, ps *fault.Problems) {
	if n := strings.NewReplacer(" ", "", ".", "", "-", "").Replace(p.IDNumber); p.IDNumber != "" && (!digits(n) || len(n) != 9 && len(n) != 12) {
		ps.Add(at, "id_number")
	}
}

// Check notes what cannot be a way to reach somebody.
func (c *SafeContact) Check(at string, ps *fault.Problems) {
	short(at+"/channel", c.Channel, 60, ps)
	short(at+"/value", c.Value, 200, ps)
	short(at+"/hours", c.Hours, 200, ps)
	short(at+"/code_word", c.CodeWord, 100, ps)
	for i, m := range c.MustNot {
		short(at+"/must_not/"+strconv.Itoa(i), m, 200, ps)
	}
	if strings.EqualFold(c.Channel, "PHONE") || strings.EqualFold(c.Channel, "SMS") {
		Phone(at+"/value", c.Value, ps)
	}
}

// AgeOn is her age in full years on a day, if it can be known.
func (p *Person) AgeOn(day time.Time) (int, bool) {
	switch {
	case p.Age != nil:
		return *p.Age, true
	case p.BirthYear != nil:
		return day.Year() - *p.BirthYear, true
	case p.BirthDate != "":
		d, err := time.Parse(time.DateOnly, p.BirthDate)
		if err != nil {
			return 0, false
		}
		years := day.Year() - d.Year()
		if day.Month() < d.Month() || day.Month() == d.Month() && day.Day() < d.Day() {
			years--
		}
		return years, true
	}
	return 0, false
}

// AgeBand is the band (list age_band) on a day; UNK when the age is unknown.
func (p *Person) AgeBand(day time.Time) string {
	if years, ok := p.AgeOn(day); ok && years >= 0 {
		return codelist.AgeBand(years)
	}
	return "UNK"
}

// NeedCode is Code for a field that must be there.
func NeedCode(at string, list codelist.Name, code string, ps *fault.Problems) {
	if code == "" {
		ps.Add(at, "required")
		return
	}
	Code(at, list, code, ps)
}

// Code notes a code that its list does not have; nothing given is fine.
func Code(at string, list codelist.Name, code string, ps *fault.Problems) {
	if code != "" && !codelist.Get(list).Has(code) {
		ps.Add(at, "unknown_code", "list", string(list))
	}
}

// Codes is Code for a list of them; a code twice is noted too.
func Codes(at string, list codelist.Name, codes []string, ps *fault.Problems) {
	seen := map[string]bool{}
	for i, c := range codes {
		if c == "" {
			ps.Add(at+"/"+strconv.Itoa(i), "required")
		} else if seen[c] {
			ps.Add(at+"/"+strconv.Itoa(i), "twice")
		} else {
			Code(at+"/"+strconv.Itoa(i), list, c, ps)
		}
		seen[c] = true
	}
}

// Commune notes a code that was never a commune of the province.
func Commune(at, code string, ps *fault.Problems) {
	if code == "" {
		return
	}
	if _, ok := codelist.AnyCommune(code); !ok {
		ps.Add(at, "unknown_code", "list", "admin_commune")
	}
}

// Phone notes what cannot be a telephone number: letters, too few or too many digits.
func Phone(at, phone string, ps *fault.Problems) {
	if phone == "" {
		return
	}
	n := strings.NewReplacer(" ", "", ".", "", "-", "", "(", "", ")", "").Replace(strings.TrimPrefix(phone, "+"))
	if !digits(n) || len(n) < 3 || len(n) > 15 {
		ps.Add(at, "phone")
	}
}

func digits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}

func short(at, text string, most int, ps *fault.Problems) {
	if len([]rune(text)) > most {
		ps.Add(at, "too_long", "most", most)
	}
}

// Short notes a text longer than most characters.
func Short(at, text string, most int, ps *fault.Problems) { short(at, text, most, ps) }

// WrappedKeys are the four wrapped keys of a case as stored.
type WrappedKeys struct {
	Identity  []byte `db:"identity"`
	Safety    []byte `db:"safety"`
	Narrative []byte `db:"narrative"`
	Evidence  []byte `db:"evidence"`
}

// Wrapped lists them for the key ring.
func (w WrappedKeys) Wrapped() []seal.Wrapped {
	return []seal.Wrapped{{Compartment: seal.Identity, Key: w.Identity}, {Compartment: seal.Safety, Key: w.Safety},
		{Compartment: seal.Narrative, Key: w.Narrative}, {Compartment: seal.Evidence, Key: w.Evidence}}
}

// NewKeys makes the keys of new cases, open and as they are stored, and the tokens of what is known of them.
func NewKeys(tx *gate.Tx, cases []uuid.UUID, marks []gate.Mark) ([]*seal.Keys, []WrappedKeys, [][]byte, error) {
	keys, ws, sums, err := tx.Fresh(cases, []seal.Compartment{seal.Identity, seal.Safety, seal.Narrative, seal.Evidence}, marks)
	if err != nil {
		return nil, nil, nil, err
	}
	stored := make([]WrappedKeys, len(cases))
	for i, w := range ws {
		stored[i] = WrappedKeys{w[0].Key, w[1].Key, w[2].Key, w[3].Key}
	}
	return keys, stored, sums, nil
}

// OpenKeys unwraps those keys of a case that the decision opened.
func OpenKeys(tx *gate.Tx, caseID uuid.UUID, cs ...seal.Compartment) (*seal.Keys, error) {
	var w WrappedKeys
	if err := tx.Get(&w, `select identity, safety, narrative, evidence from case_keys where case_id = $1`, caseID); err != nil {
		return nil, err
	}
	var want []seal.Wrapped
	for _, x := range w.Wrapped() {
		for _, c := range cs {
			if x.Compartment == c {
				want = append(want, x)
			}
		}
	}
	return tx.Keys(caseID, want...)
}

// SalvageKeys is OpenKeys for acts that only show: what does not open is left out and noted.
func SalvageKeys(tx *gate.Tx, caseID uuid.UUID, cs ...seal.Compartment) (*seal.Keys, error) {
	var w WrappedKeys
	if err := tx.Get(&w, `select identity, safety, narrative, evidence from case_keys where case_id = $1`, caseID); err != nil {
		return nil, err
	}
	var want []seal.Wrapped
	for _, x := range w.Wrapped() {
		if slices.Contains(cs, x.Compartment) {
			want = append(want, x)
		}
	}
	k, _, err := tx.Salvage(caseID, want...)
	return k, err
}

func place(column string, caseID uuid.UUID, c seal.Compartment) seal.Place {
	return seal.Place{Table: "survivors", Column: column, Row: caseID, Owner: caseID, Compartment: c}
}

// IdentityPlace is where the identity of a case lies, for the search inside the key ring.
func IdentityPlace(caseID uuid.UUID) seal.Place { return place("identity", caseID, seal.Identity) }

// SafetyPlace is where the safety record of a case lies.
func SafetyPlace(caseID uuid.UUID) seal.Place { return place("safety", caseID, seal.Safety) }

// Sealed is the two sealed records of a survivor.
type Sealed struct {
	Identity []byte `db:"identity"`
	Safety   []byte `db:"safety"`
}

// SealPerson seals both records.
func SealPerson(k *seal.Keys, caseID uuid.UUID, p Person, contact *SafeContact) (Sealed, error) {
	s := Safety{Address: p.Address, Contact: contact}
	p.Address, p.Commune = "", ""
	identity, err := SealJSON(k, IdentityPlace(caseID), p)
	if err != nil {
		return Sealed{}, err
	}
	safety, err := SealJSON(k, place("safety", caseID, seal.Safety), s)
	return Sealed{identity, safety}, err
}

// OpenIdentity opens the identity record.
func (s Sealed) OpenIdentity(k *seal.Keys, caseID uuid.UUID) (p Person, err error) {
	return p, OpenJSON(k, IdentityPlace(caseID), s.Identity, &p)
}

// OpenSafety opens the safety record.
func (s Sealed) OpenSafety(k *seal.Keys, caseID uuid.UUID) (x Safety, err error) {
	return x, OpenJSON(k, place("safety", caseID, seal.Safety), s.Safety, &x)
}

// SealJSON seals a value as JSON in its place.
func SealJSON(k *seal.Keys, p seal.Place, v any) ([]byte, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return k.Seal(p, raw)
}

// OpenJSON opens what SealJSON sealed.
func OpenJSON(k *seal.Keys, p seal.Place, sealed []byte, v any) error {
	raw, err := k.Open(p, sealed)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, v)
}
