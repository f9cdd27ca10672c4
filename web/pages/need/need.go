// Package need holds the pages by which who may see a case is widened for hours, narrowed, and answered for: opening a case in an emergency and its review, keeping a person
// away, sealing, giving a case to somebody, asking whether a person is known elsewhere, and the one printed copy.
//
// They say what will be on the record before it is done, and never more about a case than the reader may know.
package need

import "binhan/web/ui"

// Emergencies is the page at /mo-khan-cap.
type Emergencies struct {
	Form     ui.Form // case, code, reason
	Reasons  []ui.Option
	Hours    int
	Waiting  []Emergency // for the reader's review
	Mine     []Emergency
	MayOpen  bool
	Reviewed []Emergency
}

// Emergency is one opening.
type Emergency struct {
	ID       string
	Case     string // code, "" when the reader may not see it now
	CaseHref string
	Who      string
	Org      string
	Reason   string // the kind
	Words    string // in words, for her who judges
	Opened   string
	Until    string
	Open     bool
	Due      string
	Late     bool
	Verdict  string
	Review   string
	Safety   string // in words: not asked, asked, open
}

// One is the page of one emergency, for its review.
type One struct {
	Emergency
	Review    ui.Form // verdict, note
	Verdicts  []ui.Option
	MayReview bool
	Safety    ui.Form
	MaySafety bool // the second person's button
	MayAsk    bool // her own button
	SafetyNow string
}

// Walls is the page at /ho-so/{id}/khong-xem.
type Walls struct {
	ID, Code string
	Form     ui.Form // username, why
	Lift     ui.Form
	Org      string
	Orgs     []ui.Option
	People   []ui.Option // of the chosen organisation
	Reasons  []ui.Option
	Standing []Wall
}

// Wall is one person who is kept away.
type Wall struct {
	ID, Who, Why, SetBy, SetAt string
}

// Assign is the page at /ho-so/{id}/phan-cong.
type Assign struct {
	ID, Code, Owner string
	Form            ui.Form // to
	Staff           []ui.Option
}

// Seal is the page at /ho-so/{id}/niem-kin.
type Seal struct {
	ID, Code string
	Form     ui.Form // why, names, second
	End      ui.Form
	Reasons  []ui.Option
	People   []ui.Option
}

// Seals is the page at /niem-kin.
type Seals struct {
	Form    ui.Form
	Waiting []Waiting
}

// Waiting is a seal that waits for the reader's word.
type Waiting struct {
	ID, Code, Why, AskedBy, AskedAt string
	Lifting                         bool
}

// Known is the page at /hoi-trung.
type Known struct {
	Form     ui.Form // name, phone, id_number, commune, code
	Reasons  []ui.Option
	Communes []ui.Commune
	Asked    bool
	Possible bool
}

// Copy is the printed copy of a case.
type Copy struct {
	ID, Code  string
	Mark      string // across every page
	Foot      string // who, when, which case: on every page
	Rows      []ui.Row
	Needs     []string
	Narrative []string
	Incidents []Incident
	Missing   string // says what a copy never holds
}

// Incident is one event on a copy.
type Incident struct {
	Title string
	Rows  []ui.Row
	Words []string
}

// NoticeView is something that the reader must be told.
type NoticeView struct {
	Text   string
	At     string
	Href   string
	Action string
	New    bool
}

// Shelter is the page at /noi-tam-lanh/{id}: where a place of refuge is.
type Shelter struct {
	ID, Address, Note string
	Form              ui.Form // address, note
	Keeps             bool    // the reader keeps the place and may write it down
}
