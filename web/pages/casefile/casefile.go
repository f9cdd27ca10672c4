// Package casefile holds the pages of a case: the list, the case itself, its correction, and its steps.
//
// Lists show codes, states and dates, never names. The case opens with what keeps her safe: how to reach her, how great the danger is, what she
// agreed to. What she told stays folded until somebody asks to see it, and asking is on the record. Classes that this reader may not see are
// named as closed, never shown as empty.
package casefile

import (
	"binhan/web/ui"
	"binhan/web/ui/fields"
)

// List is the page at /ho-so, and the answer of POST /ho-so/tim.
type List struct {
	Filter   ui.Form // GET: status, risk, commune, since (2026-11-24)
	Search   ui.Form // POST: name, phone, id_number, code, commune
	Searched bool    // these are the results of a search
	Status   []ui.Option
	Risk     []ui.Option
	Communes []ui.Commune
	Rows     []ListRow
	Next     string // address of the next page, "" on the last
	MayOpen  bool   // false where the reader sees the list only for the workload
}

// ListRow is one case in a list.
type ListRow struct {
	ID       string
	Code     string
	Status   string
	Risk     string
	RiskTone ui.Tone
	Commune  string
	Owner    string // shown when set: to supervisors
	Opened   string
	Updated  string
}

// View is the page at /ho-so/{id}.
type View struct {
	ID           string
	Code         string
	Version      string
	Status       string
	StatusTone   ui.Tone
	Owner        string
	Organisation string
	Opened       string
	Updated      string

	Contact      Contact
	Risk         string
	RiskTone     ui.Tone
	RiskAssessed string // when and by whom, in words; "" when never
	ConsentState string // in one sentence
	ConsentTone  ui.Tone

	Tasks     []Task
	Identity  []ui.Row // about her; empty values are left out
	Needs     []string
	Incidents []Incident
	Narrative Narrative
	Consents  []Consent
	Files     []File
	Referrals []Referral
	Access    []Access // newest first
	History   []ui.Event
	Withheld  []Class  // closed to this reader until revealed
	Damaged   []string // parts that do not open, in words

	EmergencyUntil string // she reads by an emergency, until then; "" otherwise
	Mark           string // stands behind the page while an emergency lasts
	First          bool   // she was given the case and says first why she opens it
	FirstReasons   []ui.Option
	Copy           ui.Form // reason of a printed copy

	May    May
	Upload ui.Form // description, file; shown again when refused
	Reveal ui.Form // reason; shown again when refused
	Form   ui.Form // of a consent's withdrawal: its reason and its problem stand under "withdraw-" + consent id
}

// Class is a disclosure class that is closed to this reader: "identity", "safety", "narrative", "evidence".
type Class struct {
	Code  string
	Label string
}

// May is what this reader may do here; what she may not do is not on the page.
type May struct {
	Edit        bool
	AddIncident bool
	AddConsent  bool
	Withdraw    bool // a consent
	Refer       bool
	Upload      bool
	Reveal      bool // open closed classes, with a reason, on the record
	Walls       bool // keep somebody away
	Rights      bool // ask, restrict, copy, close: what the person concerned has a right to
	Assign      bool
	Seal        bool
	Copy        bool // print a marked copy
	Access      bool // read who looked
}

// Contact is how to reach her without harm.
type Contact struct {
	Withheld        bool
	Known           bool
	Channel         string
	Value           string
	Hours           string
	CodeWord        string // "Nếu người khác nghe máy"
	MayLeaveMessage string // in words
	MustNot         []string
	Call            string // "tel:…" where a call is the safe channel; "" otherwise
}

// TaskState is the state of a task: done is quiet, to do is visible.
type TaskState string

// The states of a task.
const (
	TaskDone    TaskState = "done"
	TaskDoing   TaskState = "doing"
	TaskToDo    TaskState = "todo"
	TaskBlocked TaskState = "blocked"
)

// Task is one thing that the case needs.
type Task struct {
	Text  string
	Href  string // "" when there is nothing to open
	State TaskState
	Note  string
}

// Incident is one event as far as this reader may see it. Description and the people are "" until opened.
type Incident struct {
	When         string
	Place        string
	Relationship string
	Acts         []string
	Forms        []string // derived from the acts
	People       []string // those who used violence, one sentence each
	Description  string   // "" while the narrative is folded
}

// Narrative is what she told. It has a text only in the answer to the form that asks for it.
type Narrative struct {
	Exists   bool
	Withheld bool // this reader needs a reason
	Folded   bool // not opened by this page; the form opens it
	Text     string
}

// Consent is one answer of hers.
type Consent struct {
	ID        string
	Purpose   string
	Recipient string
	Fields    []string
	Decision  string
	Tone      ui.Tone
	By        string
	Until     string
	MayEnd    bool // may be withdrawn now
}

// File is one piece of evidence. Name and Description are "" when the class is closed.
type File struct {
	ID          string
	Name        string
	Description string
	Kind        string // "Ảnh", "PDF"
	Size        string
	Added       string
	MayOpen     bool
}

// Referral is one referral of this case with its live status.
type Referral struct {
	ID      string
	Code    string
	Service string
	To      string
	Status  string
	Tone    ui.Tone
	Due     string // the next deadline in words, "" when none runs
	Overdue bool
}

// Access is one line of "Ai đã xem".
type Access struct {
	At       string
	Who      string
	Where    string // organisation
	Act      string
	Standing string
	Reason   string
}

// Edit is the page at /ho-so/{id}/sua: the same fields as intake, filled with what is recorded; an emptied field is cleared.
type Edit struct {
	ID     string
	Code   string
	Form   ui.Form
	Lists  fields.Lists
	Status []ui.Option
	Risk   []ui.Option
}

// AddIncident is the page at /ho-so/{id}/su-viec/moi.
type AddIncident struct {
	ID    string
	Code  string
	Form  ui.Form
	Lists fields.Lists
}

// AddConsent is the page at /ho-so/{id}/dong-y/moi. Fields: purpose, recipient, fields, decision, by, method, expires_at (a day in three
// parts), witness.
type AddConsent struct {
	ID         string
	Code       string
	Form       ui.Form
	Purposes   []ui.Option
	Recipients []ui.Option
	Fields     []ui.Option
	Decisions  []ui.Option
	By         []ui.Option
	Method     []ui.Option
	Script     string // what to say before asking: what is shared, with whom, that she may stop
}
