// Package casefile is the case: recorded, read, corrected, found again.
//
// A case can be recorded in any state of knowledge: only the channel through which the report came must be known. Its plain record (code, state,
// risk, dates, commune, owner) is what lists and supervisors see; everything else lies sealed in three compartments and is opened only where the decision
// opened it. What a reader may not open is named in Withheld and absent otherwise: an empty value would be a lie.
//
// To anyone without a standing on the case it does not exist (fault.NotFound), whatever she tries.
package casefile

import (
	"crypto/rand"
	"encoding/json"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"binhan/internal/calendar"
	"binhan/internal/codelist"
	"binhan/internal/consent"
	"binhan/internal/fault"
	"binhan/internal/survivor"
)

// Intake is how the report came.
type Intake struct {
	Channel    string     `json:"channel,omitempty"`
	Reporter   string     `json:"reporter,omitempty"`
	ReceivedAt *time.Time `json:"received_at,omitempty"`
}

// Perpetrator is a person alleged to have done it (người có hành vi bạo lực). The name is of the identity compartment.
type Perpetrator struct {
	Name         string `json:"name,omitempty"`
	Sex          string `json:"sex,omitempty"`
	Age          *int   `json:"age,omitempty"`
	Relationship string `json:"relationship,omitempty"`
}

// Incident is what happened, once or over a time. Forms is given only where a register knew the form and not the act.
type Incident struct {
	OccurredOn   string        `json:"occurred_on,omitempty"` // YYYY-MM-DD, YYYY-MM or YYYY
	Precision    string        `json:"precision,omitempty"`   // day, month, year, unknown; follows from the date
	Commune      string        `json:"commune,omitempty"`
	Place        string        `json:"place,omitempty"`
	Acts         []string      `json:"acts,omitempty"`
	Relationship string        `json:"relationship,omitempty"`
	Description  string        `json:"description,omitempty"`
	Perpetrators []Perpetrator `json:"perpetrators,omitempty"`
	Forms        []string      `json:"-"`
}

// RecordCommand is a case as it is first written down.
type RecordCommand struct {
	Survivor    survivor.Person       `json:"survivor,omitempty"`
	SafeContact *survivor.SafeContact `json:"safe_contact,omitempty"`
	Intake      Intake                `json:"intake"`
	Incident    *Incident             `json:"incident,omitempty"`
	Narrative   string                `json:"narrative,omitempty"`
	Needs       []string              `json:"needs,omitempty"`
	Consents    []consent.Command     `json:"consents,omitempty"`
	Conflicts   []WallCommand         `json:"conflicts,omitempty"` // who must never see this case, from the first moment
}

// Document is what PATCH corrects: the written form of a case without its incidents and consents, which are added and never rewritten.
type Document struct {
	Survivor    *survivor.Person      `json:"survivor,omitempty"`
	SafeContact *survivor.SafeContact `json:"safe_contact,omitempty"`
	Intake      *Intake               `json:"intake,omitempty"`
	Narrative   *string               `json:"narrative,omitempty"`
	Needs       []string              `json:"needs,omitempty"`
	Status      string                `json:"status,omitempty"`
	Risk        string                `json:"risk,omitempty"`
}

// story is the sealed narrative record of a case.
type story struct {
	Channel    string    `json:"channel"`
	Reporter   string    `json:"reporter,omitempty"`
	ReceivedAt time.Time `json:"received_at"`
	Narrative  string    `json:"narrative,omitempty"`
	Needs      []string  `json:"needs,omitempty"`
}

// told is the sealed narrative record of an incident; names lie apart.
type told struct {
	Place        string        `json:"place,omitempty"`
	Acts         []string      `json:"acts,omitempty"`
	Forms        []string      `json:"forms,omitempty"`
	Relationship string        `json:"relationship,omitempty"`
	Description  string        `json:"description,omitempty"`
	Perpetrators []Perpetrator `json:"perpetrators,omitempty"`
}

// IncidentView is an incident as it is read, with what follows from its acts.
type IncidentView struct {
	ID uuid.UUID `json:"id"`
	Incident
	Forms      []string  `json:"forms,omitempty"`
	GBVIMSType string    `json:"gbvims_type,omitempty"`
	RecordedAt time.Time `json:"recorded_at"`
	Case       uuid.UUID `json:"-"`
}

// Location is where the incident can be read again.
func (v IncidentView) Location() string {
	return "/api/v1/cases/" + v.Case.String() + "/incidents/" + v.ID.String()
}

// Staff is a member of staff as others see her.
type Staff struct {
	ID       uuid.UUID `json:"id" db:"id"`
	Username string    `json:"username" db:"username"`
	Name     string    `json:"name" db:"name"`
}

// Org is an organisation as others see it.
type Org struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
	Type string    `json:"type"`
}

// Damage is a part of a case that does not open: keys, identity, safety, narrative, evidence; incident and incident_names with which one.
type Damage struct {
	Part    string     `json:"part"`
	Subject *uuid.UUID `json:"subject,omitempty"`
}

// View is a case as this reader may see it.
type View struct {
	ID           uuid.UUID             `json:"id"`
	Code         string                `json:"code"`
	Status       string                `json:"status"`
	Risk         string                `json:"risk,omitempty"`
	Commune      string                `json:"commune,omitempty"`
	Owner        Staff                 `json:"owner"`
	Organisation Org                   `json:"organisation"`
	ReceivedOn   string                `json:"received_on"`
	OpenedAt     time.Time             `json:"opened_at"`
	UpdatedAt    time.Time             `json:"updated_at"`
	Version      int                   `json:"version"`
	Survivor     *survivor.Person      `json:"survivor,omitempty"`
	SafeContact  *survivor.SafeContact `json:"safe_contact,omitempty"`
	Intake       *Intake               `json:"intake,omitempty"`
	Narrative    string                `json:"narrative,omitempty"`
	Needs        []string              `json:"needs,omitempty"`
	Incidents    []IncidentView        `json:"incidents,omitempty"`
	// Damaged names the parts that do not open where they lie: altered or moved by somebody. The others are as they were written.
	Damaged []Damage `json:"damaged,omitempty"`
	// Folded: there is a story that she may open and that this act did not.
	Folded       bool       `json:"-"`
	Withheld     []string   `json:"withheld"`
	Emergency    *time.Time `json:"emergency_until,omitempty"` // she reads by break-glass, until then
	ReasonNeeded bool       `json:"reason_needed,omitempty"`   // she was given the case and has not said yet why she opens it
	Similar      *Similar   `json:"similar,omitempty"`         // at recording only, for the recorder alone
}

// Location is where the case can be read again.
func (v View) Location() string { return "/api/v1/cases/" + v.ID.String() }

// Check notes what cannot be taken; now is the time of recording. Received defaults to now.
func (c *RecordCommand) Check(now time.Time) error {
	var ps fault.Problems
	received := now
	if c.Intake.ReceivedAt != nil {
		received = *c.Intake.ReceivedAt
		if received.After(now.Add(5 * time.Minute)) {
			ps.Add("/intake/received_at", "in_the_future")
		}
	} else {
		c.Intake.ReceivedAt = &received
	}
	if c.Intake.Channel == "" {
		ps.Add("/intake/channel", "required")
	}
	c.Intake.check("/intake", &ps)
	c.Survivor.Check("/survivor", received.In(calendar.Zone), &ps)
	if c.SafeContact != nil {
		c.SafeContact.Check("/safe_contact", &ps)
	}
	if c.Incident != nil {
		c.Incident.Check("/incident", received.In(calendar.Zone), &ps)
	}
	survivor.Short("/narrative", c.Narrative, 20_000, &ps)
	survivor.Codes("/needs", codelist.ServiceType, c.Needs, &ps)
	for i := range c.Consents {
		c.Consents[i].Check("/consents/"+strconv.Itoa(i), now, &ps)
	}
	if len(c.Conflicts) > 20 {
		ps.Add("/conflicts", "too_many", "most", 20)
	}
	for i, x := range c.Conflicts {
		x.check("/conflicts/"+strconv.Itoa(i), &ps)
	}
	return ps.Err()
}

func (in *Intake) check(at string, ps *fault.Problems) {
	survivor.Code(at+"/channel", codelist.IntakeChannel, in.Channel, ps)
	survivor.Code(at+"/reporter", codelist.ReporterType, in.Reporter, ps)
}

// Check notes what cannot be an incident known on the day received.
func (i *Incident) Check(at string, received time.Time, ps *fault.Problems) {
	_, precision, ok := dateOf(i.OccurredOn, received)
	if !ok {
		ps.Add(at+"/occurred_on", "not_a_date")
	}
	if i.Precision == "" {
		i.Precision = precision
	} else if !slices.Contains([]string{"day", "month", "year", "unknown"}, i.Precision) {
		ps.Add(at+"/precision", "unknown_code", "list", "day, month, year, unknown")
	} else if ok && rank(i.Precision) > rank(precision) {
		ps.Add(at+"/precision", "finer_than_date")
	}
	survivor.Commune(at+"/commune", i.Commune, ps)
	survivor.Code(at+"/place", codelist.IncidentPlace, i.Place, ps)
	survivor.Codes(at+"/acts", codelist.DVAct, i.Acts, ps)
	survivor.Code(at+"/relationship", codelist.Relationship, i.Relationship, ps)
	survivor.Short(at+"/description", i.Description, 20_000, ps)
	for n := range i.Perpetrators {
		p, where := &i.Perpetrators[n], at+"/perpetrators/"+strconv.Itoa(n)
		survivor.Short(where+"/name", p.Name, 200, ps)
		survivor.Code(where+"/sex", codelist.Sex, p.Sex, ps)
		survivor.Code(where+"/relationship", codelist.Relationship, p.Relationship, ps)
		if p.Age != nil && (*p.Age < 0 || *p.Age > 120) {
			ps.Add(where+"/age", "out_of_range", "least", 0, "most", 120)
		}
	}
}

func rank(precision string) int {
	return map[string]int{"unknown": 0, "year": 1, "month": 2, "day": 3}[precision]
}

// dateOf reads a date in whatever precision is known; it may not lie after the day of the report.
func dateOf(text string, received time.Time) (first time.Time, precision string, ok bool) {
	if text == "" {
		return time.Time{}, "unknown", true
	}
	for layout, precision := range map[string]string{time.DateOnly: "day", "2006-01": "month", "2006": "year"} {
		if d, err := time.ParseInLocation(layout, text, received.Location()); err == nil { // a day begins by the clock of whoever was told
			return d, precision, d.Year() >= 1900 && !d.After(received)
		}
	}
	return time.Time{}, "unknown", false
}

// relation is the relationship that the statistics count: the incident's, else the first perpetrator's.
func (i *Incident) relation() string {
	if i.Relationship != "" {
		return i.Relationship
	}
	for _, p := range i.Perpetrators {
		if p.Relationship != "" {
			return p.Relationship
		}
	}
	return ""
}

func (i *Incident) formsOf() []string {
	if len(i.Acts) > 0 {
		return codelist.FormsOf(i.Acts)
	}
	return i.Forms
}

// letters that nobody mistakes for another when they are read out: no 0 O 1 I L, no vowels that could make a word.
const letters = "23456789BCDFGHJKMNPQRTVWXZ"

// Letters draws n letters for a code that people read out.
func Letters(n int) string {
	var b strings.Builder
	for range n {
		i, err := rand.Int(rand.Reader, big.NewInt(int64(len(letters))))
		if err != nil {
			panic(err) // no randomness, no system
		}
		b.WriteByte(letters[i.Int64()])
	}
	return b.String()
}

// Spoken codes have four letters, nearly half a million a province and year; what comes by the thousand, from a register, has seven, so that it leaves
// the short ones to people.
const (
	spoken   = 4
	imported = 7
)

// newCode makes a code to speak of a case by: letters, province, year, a check letter. It says nothing about anybody.
func newCode(n int, province string, year int) string {
	return withCheck(Letters(n) + "-" + province + "-" + two(year%100))
}

func two(n int) string { return string([]byte{'0' + byte(n/10), '0' + byte(n%10)}) }

func withCheck(body string) string { return body + "-" + string(checkLetter(body)) }

// checkLetter catches a wrong character or a swap of neighbours, but for pairs that lie exactly 23 apart (2 and P, 7 and X), which nobody mistakes for each
// other: weights modulo a prime.
func checkLetter(body string) byte {
	sum := 0
	for i, c := range []byte(body) {
		value := 0
		switch {
		case c >= '0' && c <= '9':
			value = int(c - '0')
		case c >= 'A' && c <= 'Z':
			value = int(c-'A') + 10
		}
		sum += (i + 2) * value
	}
	return letters[sum%23]
}

// CleanCode forgives case and blanks in a typed code; ok is false when the check letter is wrong. Four letters alone pass as they are.
func CleanCode(text string) (code string, ok bool) {
	code = strings.ToUpper(strings.NewReplacer(" ", "", "–", "-", "—", "-").Replace(strings.TrimSpace(text)))
	if len(code) == 4 {
		return code, true
	}
	i := strings.LastIndexByte(code, '-')
	return code, i > 0 && i == len(code)-2 && checkLetter(code[:i]) == code[i+1]
}

func (v *View) document() Document {
	d := Document{Survivor: v.Survivor, SafeContact: v.SafeContact, Intake: v.Intake, Needs: v.Needs, Status: v.Status, Risk: v.Risk}
	if v.Narrative != "" {
		d.Narrative = &v.Narrative
	}
	return d
}

func (d Document) json() ([]byte, error) { return json.Marshal(d) }
