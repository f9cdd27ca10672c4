// Package referral carries a case's need to whoever can help: sent, seen, accepted, answered, closed.
//
// A referral shows its addressee an envelope (service, priority, commune, age band, coded needs, deadlines) and nothing else. What the survivor agreed
// to share, or what a named ground in law allows, is sealed into a snapshot when it is sent, under a key of its own; the sender sees exactly that before
// she sends it. Acceptance opens the snapshot to the organisation that accepted, for as long as the referral and the consent live. The case itself
// stays closed to the receiver. Questions, answers and reasons travel sealed under a second key that both sides may open.
//
// The legal moves stand in this file and know no database: the same table drives the acts, the pages and the tests.
package referral

import (
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"binhan/internal/casefile"
	"binhan/internal/codelist"
	"binhan/internal/consent"
	"binhan/internal/directory"
	"binhan/internal/fault"
	"binhan/internal/survivor"
)

// Status is where a referral stands (list referral_status).
type Status string

// The states.
const (
	Draft            Status = "DRAFT"
	Sent             Status = "SENT"
	Received         Status = "RECEIVED"
	InfoRequested    Status = "INFO_REQUESTED"
	Escalated        Status = "ESCALATED"
	Accepted         Status = "ACCEPTED"
	InService        Status = "IN_SERVICE"
	Feedback         Status = "FEEDBACK"
	NoShow           Status = "NO_SHOW"
	Declined         Status = "DECLINED"
	Forwarded        Status = "FORWARDED"
	Completed        Status = "COMPLETED"
	Cancelled        Status = "CANCELLED"
	ConsentWithdrawn Status = "CONSENT_WITHDRAWN"
	Expired          Status = "EXPIRED"
)

// Side is who makes a move.
type Side string

// The sides of a referral.
const (
	Sender   Side = "sender"
	Receiver Side = "receiver"
	System   Side = "system"
)

// Move is one legal move.
type Move struct {
	Name string
	By   Side
	From []Status
	To   Status
}

var live = []Status{Draft, Sent, Received, InfoRequested, Escalated, Accepted, InService}

// Moves is the whole machine.
var Moves = []Move{
	{"sending", Sender, []Status{Draft}, Sent},
	{"acknowledgement", Receiver, []Status{Sent, Escalated}, Received},
	{"acceptance", Receiver, []Status{Sent, Received, InfoRequested, Escalated}, Accepted},
	{"decline", Receiver, []Status{Sent, Received, InfoRequested, Escalated}, Declined},
	{"question", Receiver, []Status{Sent, Received, Escalated}, InfoRequested},
	{"answer", Sender, []Status{InfoRequested}, Received},
	{"forward", Receiver, []Status{Sent, Received, Escalated}, Forwarded},
	{"start", Receiver, []Status{Accepted}, InService},
	{"outcome", Receiver, []Status{Accepted, InService}, Feedback},
	{"no_show", Receiver, []Status{Accepted, InService}, NoShow},
	{"closing", Sender, []Status{Feedback, NoShow, Declined, Expired}, Completed},
	{"withdrawal", Sender, live, Cancelled},
	{"consent_withdrawal", System, live, ConsentWithdrawn},
	{"escalation", System, []Status{Sent, Received}, Escalated},
	{"expiry", System, []Status{Escalated}, Expired},
}

// patience is how long an unanswered referral waits before it expires.
const patience = 30 * 24 * time.Hour

// At is the status at an instant: a deadline that passes moves a waiting referral without anybody's hand. Nothing is written for it; the clock of the
// database is the only witness that is needed, and no job can be late. The SQL of the boxes says the same (a test compares them).
func (s Status) At(now time.Time, sent, dueAck, dueAccept *time.Time) Status {
	passed := func(due *time.Time) bool { return due != nil && now.After(*due) }
	switch {
	case (s == Sent || s == Received) && sent != nil && now.After(sent.Add(patience)):
		return Expired
	case s == Sent && passed(dueAck), s == Received && passed(dueAccept):
		return Escalated
	}
	return s
}

// MoveOf finds a move by name.
func MoveOf(name string) Move {
	for _, m := range Moves {
		if m.Name == name {
			return m
		}
	}
	panic("no move " + name)
}

// Allowed tells whether the move may be made from a state.
func (m Move) Allowed(from Status) bool { return slices.Contains(m.From, from) }

// Next names the moves of one side from a state.
func Next(side Side, from Status) []string {
	var names []string
	for _, m := range Moves {
		if m.By == side && m.Allowed(from) {
			names = append(names, m.Name)
		}
	}
	return names
}

// Open tells whether the receiver has what was shared: from acceptance until the sender closes the referral.
func (s Status) Open() bool {
	return slices.Contains([]Status{Accepted, InService, Feedback, NoShow}, s)
}

// LegalBasis is a ground on which data may be shared without consent (Law 91/2025/QH15 art. 19.1), with the reason in words.
type LegalBasis struct {
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

// Command is a referral as it is written.
type Command struct {
	Service    string      `json:"service"`
	To         uuid.UUID   `json:"to"`
	Priority   string      `json:"priority,omitempty"`
	Reason     string      `json:"reason,omitempty"`
	Needs      []string    `json:"needs,omitempty"`
	NeedsNote  string      `json:"needs_note,omitempty"`
	Fields     []string    `json:"fields,omitempty"`
	Consent    *uuid.UUID  `json:"consent,omitempty"`
	LegalBasis *LegalBasis `json:"legal_basis,omitempty"`
	Draft      bool        `json:"draft,omitempty"`
}

// Check notes what cannot be a referral.
func (c *Command) Check() error {
	var ps fault.Problems
	if c.Service == "" {
		ps.Add("/service", "required")
	}
	survivor.Code("/service", codelist.ServiceType, c.Service, &ps)
	if c.To == uuid.Nil {
		ps.Add("/to", "required")
	}
	if c.Priority == "" {
		c.Priority = "P3"
	}
	survivor.Code("/priority", codelist.ReferralPriority, c.Priority, &ps)
	survivor.Short("/reason", c.Reason, 5000, &ps)
	survivor.Short("/needs_note", c.NeedsNote, 5000, &ps)
	survivor.Codes("/needs", codelist.ServiceType, c.Needs, &ps)
	seen := map[string]bool{}
	for i, f := range c.Fields {
		if !slices.Contains(consent.Fields, f) {
			ps.Add(at("/fields", i), "unknown_field_name")
		} else if seen[f] {
			ps.Add(at("/fields", i), "twice")
		}
		seen[f] = true
	}
	switch {
	case c.Consent == nil && c.LegalBasis == nil:
		ps.Add("/consent", "consent_or_law")
	case c.Consent != nil && c.LegalBasis != nil:
		ps.Add("/legal_basis", "consent_or_law")
	case c.LegalBasis != nil:
		if c.LegalBasis.Code == "" {
			ps.Add("/legal_basis/code", "required")
		}
		survivor.Code("/legal_basis/code", codelist.LegalBasis, c.LegalBasis.Code, &ps)
		if c.LegalBasis.Code == "CONSENT" || c.LegalBasis.Code == "AGREEMENT" {
			ps.Add("/legal_basis/code", "basis_needs_consent")
		}
		if len([]rune(c.LegalBasis.Reason)) < 5 {
			ps.Add("/legal_basis/reason", "reason_needed")
		}
		survivor.Short("/legal_basis/reason", c.LegalBasis.Reason, 2000, &ps)
	}
	return ps.Err()
}

func at(pointer string, i int) string { return pointer + "/" + strconv.Itoa(i) }

// Due are the instants by which something is expected (list referral_priority; a proposal of this project, see the decisions).
type Due struct {
	Acknowledge  *time.Time `json:"acknowledge"`
	Accept       *time.Time `json:"accept"`
	FirstContact *time.Time `json:"first_contact"`
	Outcome      *time.Time `json:"outcome"`
}

// dueOf counts the deadlines from the moment of sending.
func dueOf(priority string, sent time.Time) Due {
	list := codelist.Get(codelist.ReferralPriority)
	hours := func(key string, usual int) *time.Time {
		h, ok := list.NoteInt(priority, key)
		if !ok {
			h = usual
		}
		t := sent.Add(time.Duration(h) * time.Hour)
		return &t
	}
	ack, _ := list.NoteInt(priority, "ack_h")
	return Due{Acknowledge: hours("ack_h", 48), Accept: hours("accept_h", max(2*ack, 2)), FirstContact: hours("first_contact_h", 120), Outcome: hours("outcome_h", 24*30)}
}

// Disclosed is the snapshot: exactly the fields that were shared, absent where they were not.
type Disclosed struct {
	Name         string                  `json:"name,omitempty"`
	Sex          string                  `json:"sex,omitempty"`
	Age          *int                    `json:"age,omitempty"`
	BirthDate    string                  `json:"birth_date,omitempty"`
	Phone        string                  `json:"phone,omitempty"`
	IDNumber     string                  `json:"id_number,omitempty"`
	Address      string                  `json:"address,omitempty"`
	Commune      string                  `json:"commune,omitempty"`
	SafeContact  *survivor.SafeContact   `json:"safe_contact,omitempty"`
	Ethnicity    string                  `json:"ethnicity,omitempty"`
	Language     string                  `json:"language,omitempty"`
	Needs        []string                `json:"needs,omitempty"`
	Incidents    []casefile.IncidentView `json:"incident,omitempty"`
	Narrative    string                  `json:"narrative,omitempty"`
	Risk         string                  `json:"risk,omitempty"`
	Perpetrators []casefile.Perpetrator  `json:"perpetrator,omitempty"`
	Evidence     []EvidenceRef           `json:"evidence,omitempty"`
	Reason       string                  `json:"reason,omitempty"`
	NeedsNote    string                  `json:"needs_note,omitempty"`
	LegalReason  string                  `json:"legal_reason,omitempty"`
}

// EvidenceRef says that a file exists; the file itself is not shared by a referral.
type EvidenceRef struct {
	ID   uuid.UUID `json:"id"`
	Size int64     `json:"size"`
}

// disclose takes from a case exactly the chosen fields.
func disclose(v casefile.View, files []EvidenceRef, c Command) Disclosed {
	d := Disclosed{Reason: c.Reason, NeedsNote: c.NeedsNote}
	if c.LegalBasis != nil {
		d.LegalReason = c.LegalBasis.Reason
	}
	p := v.Survivor
	if p == nil {
		p = &survivor.Person{}
	}
	received, _ := time.Parse(time.DateOnly, v.ReceivedOn)
	for _, f := range c.Fields {
		switch f {
		case "name":
			d.Name = p.Name
		case "sex":
			d.Sex = p.Sex
		case "age":
			if years, ok := p.AgeOn(received); ok {
				d.Age = &years
			}
		case "birth_date":
			d.BirthDate = p.BirthDate
		case "phone":
			d.Phone = p.Phone
		case "id_number":
			d.IDNumber = p.IDNumber
		case "address":
			d.Address = p.Address
		case "commune":
			d.Commune = v.Commune
		case "safe_contact":
			d.SafeContact = v.SafeContact
		case "ethnicity":
			d.Ethnicity = p.Ethnicity
		case "language":
			d.Language = p.Language
		case "needs":
			d.Needs = v.Needs
		case "incident":
			for _, i := range v.Incidents {
				i.Perpetrators = nil // the person is a field of its own
				d.Incidents = append(d.Incidents, i)
			}
		case "narrative":
			d.Narrative = v.Narrative
		case "risk":
			d.Risk = v.Risk
		case "perpetrator":
			for _, i := range v.Incidents {
				d.Perpetrators = append(d.Perpetrators, i.Perpetrators...)
			}
		case "evidence":
			d.Evidence = files
		}
	}
	return d
}

// Entry is one move of the history.
type Entry struct {
	Move string          `json:"move"`
	From Status          `json:"from"`
	To   Status          `json:"to"`
	At   time.Time       `json:"at"`
	By   casefile.Staff  `json:"by"`
	Org  directory.Brief `json:"organisation"`
	Code string          `json:"code,omitempty"`
	Text string          `json:"text,omitempty"`
}

// View is a referral as this reader may see it. Case is for the sender alone.
type View struct {
	ID            uuid.UUID       `json:"id"`
	Code          string          `json:"code"`
	Status        Status          `json:"status"`
	Service       string          `json:"service"`
	Priority      string          `json:"priority"`
	From          directory.Brief `json:"from"`
	To            directory.Brief `json:"to"`
	Commune       string          `json:"commune,omitempty"`
	AgeBand       string          `json:"age_band"`
	Needs         []string        `json:"needs"`
	Due           Due             `json:"due"`
	Overdue       bool            `json:"overdue"`
	SentAt        *time.Time      `json:"sent_at"`
	TakenBy       *casefile.Staff `json:"taken_by,omitempty"`
	ForwardedFrom *uuid.UUID      `json:"forwarded_from,omitempty"`
	Case          *CaseRef        `json:"case,omitempty"`
	Fields        []string        `json:"fields,omitempty"`
	Consent       *uuid.UUID      `json:"consent,omitempty"`
	LegalBasis    string          `json:"legal_basis,omitempty"`
	Reason        string          `json:"reason,omitempty"`
	Disclosed     *Disclosed      `json:"disclosed"`
	NoAgreement   bool            `json:"no_agreement,omitempty"` // to the sender: no agreement with this receiver is in force
	History       []Entry         `json:"history,omitempty"`
	Moves         []string        `json:"moves"`
	Side          Side            `json:"side"`
	Version       int             `json:"version"`
}

// CaseRef is the sender's way back to her case.
type CaseRef struct {
	ID   uuid.UUID `json:"id" db:"id"`
	Code string    `json:"code" db:"code"`
}

// Location is where the referral can be read again.
func (v View) Location() string { return "/api/v1/referrals/" + v.ID.String() }
