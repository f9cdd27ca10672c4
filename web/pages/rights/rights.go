// Package rights holds the pages on the rights of the person concerned: requests with their clocks, terms and erasures, breaches, the processing record, and
// for the holder of a case what can be asked about it. Codes and dates; no name of a survivor stands on any of them.
package rights

import "binhan/web/ui"

// Row is one line of a list: a code, what it is, where it stands, and the clock that runs.
type Row struct {
	Href, Code, Case, What, State string
	Tone                          ui.Tone
	Due                           string // in words; "" when no clock runs
	Late                          bool
}

// Requests is the page at /yeu-cau.
type Requests struct {
	Rows        []Row
	Next        string
	MayRegister bool
	ByCode      bool // the office says which case by its code
	Form        ui.Form
	Kinds       []ui.Option
	AskedBy     []ui.Option
	Checks      []ui.Option
	Days        string // how the second clock counts, in words
}

// Move is one step that may be taken now, as a small form.
type Move struct {
	Path, Label string
	Codes       []ui.Option // empty when the step needs no code
	CodeLabel   string
	Text        bool // words are asked for
	TextLabel   string
	Confirm     string // asked once more before a step without a way back
	Form        ui.Form
}

// Request is the page of one request.
type Request struct {
	ID, Code, Kind, State string
	Tone                  ui.Tone
	Facts                 []ui.Row
	Words                 string
	Moves                 []Move
	History               []ui.Event
	CaseHref              string
	Form                  ui.Form
}

// Terms is the page at /thoi-han.
type Terms struct {
	Due      []TermRow
	Holds    []HoldRow
	Erasures []Row
	MayHold  bool
	Hold     ui.Form
	Grounds  []ui.Option
	Rules    []ui.Row
	May      bool // propose
	Propose  ui.Form
}

// TermRow is a case that is due.
type TermRow struct {
	ID, Case, Rule, KeepUntil, Note, Erasure string
	Over                                     bool
}

// HoldRow is a legal hold that stands.
type HoldRow struct{ ID, Case, Ground, Since, Until string }

// Erasure is the page of a proposal; once it is done, the certificate.
type Erasure struct {
	ID, Code, Case, State string
	Tone                  ui.Tone
	Facts                 []ui.Row
	Deed                  []ui.Row
	Done, Held            bool
	MayApprove, MayRefuse bool
	MayFinish             bool
	Form                  ui.Form
	Refuse                ui.Form
}

// Breaches is the page at /su-co.
type Breaches struct {
	Rows      []Row
	MayRecord bool
	Form      ui.Form
	Kinds     []ui.Option
	Classes   []ui.Option
}

// Breach is the page of one breach, and on paper the notice (Mẫu 08).
type Breach struct {
	ID, Code, State string
	Tone            ui.Tone
	Facts           []ui.Row
	Notice          []ui.Row // the notice, to be printed
	Minutes         []ui.Event
	Moves           []ui.Option
	MayWrite        bool
	Form            ui.Form
}

// Processing is the page at /ho-so-xu-ly.
type Processing struct {
	Totals     []ui.Row
	Sensitive  []ui.Row
	Terms      []ui.Row
	Clocks     []ui.Row
	Encryption []ui.Row
	Access     []Grant
	Flows      []ui.Row
	Tables     []Table
	Agreements []Agreement
	MayRecord  bool
	Form       ui.Form
	Orgs       []ui.Option
	Purposes   []ui.Option
}

// Grant is a class of data and who may open it.
type Grant struct{ Class, Role, Acts, Standings string }

// Table is a table of the schema.
type Table struct {
	Name    string
	Columns []Column
}

// Column is a column with its class.
type Column struct{ Name, Class, Meaning string }

// Agreement is a document with a partner.
type Agreement struct {
	Org, Number, Term, Purposes string
	Live                        bool
}

// Case is the page of a case's rights, for its holder.
type Case struct {
	ID, Code   string
	Requests   []Row
	Ask        ui.Form
	Kinds      []ui.Option
	AskedBy    []ui.Option
	Checks     []ui.Option
	Restricted bool
	Closed     bool
	Restrict   ui.Form
	Grounds    []ui.Option
	Close      ui.Form
	Reasons    []ui.Option
	Copy       ui.Form
	Erase      ui.Form
	ErasureOf  []ui.Option
	History    []ui.Event
	Copies     []CopyRow
	Hand       ui.Form
	HandOf     string // the copy that the form is about
	May        CaseMay
}

// CopyRow is a copy that was made, in words.
type CopyRow struct{ ID, Made, Handed string }

// Receipt is the page that is printed and signed when a copy is handed over.
type Receipt struct {
	Case   string
	Rows   []ui.Row
	Handed bool
}

// CaseMay says what this holder may do here.
type CaseMay struct{ Close, Copy, History bool }

func (v Case) problems() ui.Form {
	var f ui.Form
	for _, part := range []ui.Form{v.Ask, v.Restrict, v.Close, v.Copy, v.Erase} {
		f.Problems = append(f.Problems, part.Problems...)
	}
	return f
}

func (v Terms) problems() ui.Form {
	return ui.Form{Problems: append(append([]ui.Problem{}, v.Hold.Problems...), v.Propose.Problems...)}
}
