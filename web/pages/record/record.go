// Package record holds the pages of the record of acts: who looked at a case, for its holder; the trail, what of it is out of the ordinary and the seal over it, for
// inspectors. Words are chosen by the desk; here they are only placed.
package record

import (
	"binhan/web/ui"
	"binhan/web/ui/chart"
)

// Looks is the page at /ho-so/{id}/ai-da-xem.
type Looks struct {
	ID      string
	Code    string
	Lead    string // one sentence: how many people, since when, what is unusual
	Unusual []Group
	Days    []Group
	Filter  ui.Form
	People  []ui.Option
	All     bool // whether nothing is filtered out
	Next    string
	Printed string // when and by whom, on paper only
}

// Group is one person on one day.
type Group struct {
	Who   string
	Where string
	Role  string
	Day   string // in words: "Hôm nay", "24/11/2026"
	Looks []Look
}

// Look is what she did, once or several times in the same way.
type Look struct {
	What     string
	At       string // exact: "08:10", "08:10–09:45, 3 lần"
	Near     string // "5 phút trước", "" when the day says enough
	Opened   string // classes, in words
	Standing string
	Reason   string // the code's label
	Words    string // as she wrote it; not on paper
	Signs    []Sign
}

// Sign says why one should look here first.
type Sign struct {
	Text string
	Tone ui.Tone
}

// Trail is the page at /nhat-ky.
type Trail struct {
	Filter ui.Form
	Acts   []ui.Option
	Orgs   []ui.Option
	Day    *chart.Columns
	Rows   []Row
	Next   string
}

// Row is one entry: codes and random ids.
type Row struct {
	ID      string
	At      string
	Who     string // username
	Where   string
	Act     string
	Subject string // short id
	Case    string
	Refused bool
	Why     string // standing, reason, condition
	Opened  string
	From    string // address and device
}

// Unusual is the page at /nhat-ky/bat-thuong.
type Unusual struct {
	Filter   ui.Form
	States   []ui.Option
	Lead     string
	Watch    string // how much the watch for kin can know
	Findings []Finding
	Outcomes []ui.Option
	Codes    []ui.Option
	Form     ui.Form // a refused answer
	Of       string  // the key of the finding that it answers
}

// Finding is one person on one day by one rule.
type Finding struct {
	Key     string
	Day     string // for the form
	Title   string // what the rule says, in words
	Why     string // why it is asked
	Who     string
	Where   string
	When    string
	Case    string
	Tone    ui.Tone
	Weight  string
	State   string
	Done    bool
	Said    string // the newest answer, by whom and when
	Trail   string // address of her trail that day
	MaySay  bool
	Pursued bool
}

// control is the id of a field of a finding's answer; that of the refused answer is where the summary of problems leads.
func (v Unusual) control(f Finding, name string) string {
	if v.Of == f.Key {
		return v.Form.ID(name)
	}
	return name + "-" + f.Key
}

// Anchor is the page at /nhat-ky/con-dau.
type Anchor struct {
	Exists  bool
	Rows    []ui.Row
	Letters []string // the root in groups
	Signed  string
	Printed string
}
