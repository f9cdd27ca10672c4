// Package referral holds the pages of a referral: writing one, the two queues, and the ticket itself, which sender and receiver both read.
//
// Before acceptance the receiver sees the envelope and nothing else: service, urgency, deadline, commune, age band, coded needs. After it she
// sees what was shared; what was not shared is absent, not greyed. The sender sees beforehand exactly what the receiver will see.
package referral

import "binhan/web/ui"

// New is the page at /ho-so/{id}/chuyen-gui/moi. Fields: service, to, priority, reason, needs, needs_note, fields, opinion (GIVEN, PARTLY,
// NOT_ASKED, REFUSED), consent (the id of one given earlier, or "new"), consent_by, consent_method, legal_basis.code, legal_basis.reason,
// draft ("true" from the button that only writes the need down).
type New struct {
	CaseID     string
	Code       string
	Form       ui.Form
	Services   []ui.Option
	Receivers  []Receiver
	Priorities []ui.Option // with the answer time as hint
	Needs      []ui.Option // service codes
	Fields     []Field     // all that could be shared, the default minimum first
	Consents   []ui.Option // earlier consents that name a receiver; Hint: what they cover
	By         []ui.Option // consent_actor
	Method     []ui.Option // consent_method
	Bases      []ui.Option // legal_basis without CONSENT
	Preview    []ui.Row    // set when the form comes back with "_preview": exactly what the receiver will see
	Phones     []Phone
}

// Receiver is one who can take it today.
type Receiver struct {
	ID     string
	Name   string
	Offers []string // service labels
	Codes  []string // service codes: the page shows only who offers the chosen service; empty shows always
	Place  string   // commune
	Duty   string   // "Trực đến 17:00", capacity in words
	Phone  string
	Busy   bool // not taking more today
}

// Field is one thing that could be shared. Value is exactly what the receiver would read; a Field without value is not offered.
type Field struct {
	Code    string
	Label   string
	Value   string
	Default bool   // of the minimum: ticked until somebody unticks it
	Note    string // a caution ("Chỉ khi cần: …")
}

// Phone is a number to call when there is danger; numbers are data.
type Phone struct {
	Label  string
	Number string
}

// Queue is the pages at /chuyen-gui/den and /chuyen-gui/di.
type Queue struct {
	In      bool // den: what came to my organisation
	Rows    []QueueRow
	Status  []ui.Option
	Chosen  string // status filter
	Overdue bool   // only the overdue ones
	Next    string
}

// QueueRow is an envelope in a queue: nothing that was told, no name.
type QueueRow struct {
	ID           string
	Code         string
	Service      string
	Priority     string
	PriorityTone ui.Tone
	Other        string // from whom (in), to whom (out)
	Commune      string
	AgeBand      string
	Status       string
	Tone         ui.Tone
	Due          string // the next deadline in words
	Overdue      bool
	Sent         string
}

// Ticket is the page at /phieu/{id}.
type Ticket struct {
	ID           string
	Code         string
	Version      string
	In           bool   // the reader is of the receiving side
	CaseID       string // the sender's way back to the case; "" for the receiver
	CaseCode     string
	Service      string
	Priority     string
	PriorityTone ui.Tone
	Status       string
	Tone         ui.Tone
	StatusText   string // what the state means for this reader, one sentence
	From         string
	To           string
	Taker        string // who accepted
	Shelter      string // where the place of refuge is told, for her who brings somebody there
	Sent         string
	Due          []Due

	Commune string   // envelope
	AgeBand string   // envelope
	Needs   []string // envelope

	Opened    bool // the disclosure lies open to this reader
	Contact   []ui.Row
	Shared    []ui.Row // what was shared; long texts as given
	Reason    string
	NeedsNote string
	Told      []string // "Không cần hỏi lại"
	Warning   string   // what the sender should see to: no agreement with the receiver
	Stopped   string   // why nothing may be read any more: consent withdrawn, restriction

	Messages []Message
	Outcome  []ui.Row
	History  []ui.Event
	Phones   []Phone

	Form           ui.Form // of the move that was refused; Move names it
	Move           string  // "decline", "question", …: its form stands open
	DeclineReasons []ui.Option
	Results        []ui.Option
	ForwardTo      []ui.Option
	May            Moves
}

// Due is one deadline.
type Due struct {
	Label   string
	At      string
	Words   string // "còn 40 phút", "quá hạn 2 giờ"
	Overdue bool
	Met     bool
}

// Message is a question or an answer between receiver and sender.
type Message struct {
	At       string
	Who      string
	Text     string
	Question bool
}

// Moves are those which state and role allow this reader now.
type Moves struct {
	Send        bool
	Acknowledge bool
	Accept      bool
	Decline     bool
	Ask         bool
	Answer      bool
	Forward     bool
	Withdraw    bool
	Start       bool
	Outcome     bool
	Close       bool
}

// any tells whether there is anything to do at all.
func (m Moves) any() bool { return m != Moves{} }
