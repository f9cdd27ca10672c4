// Package campaign holds the pages of the yearly Month of Action: the board of units, a unit's own report, the department's report with its versions. They show
// offices, counts and money; nobody's case, and no person's name but those of staff.
package campaign

import (
	"strconv"

	"github.com/a-h/templ"

	"binhan/web/ui"
)

// Link leads somewhere.
type Link struct{ Href, Label string }

// List is the page at /chien-dich: every year, and for a reporter her own report of each.
type List struct {
	Years    []Year
	MayBegin bool
	Form     ui.Form
}

// Year is one campaign in the list.
type Year struct {
	Href, Title, Theme, Days string
	Deadline                 string
	Late                     bool
	Reports                  []Report // hers
}

// Report is a unit's report in a line.
type Report struct {
	Href, Unit, State string
	Tone              ui.Tone
}

// Board is the page of a year for the department.
type Board struct {
	Year                  string
	Title, Theme, Lead    string
	Deadline              string
	Late                  bool
	Facts                 []ui.Row
	Messages              []string
	Done, Work, None      int // how many units handed in, began, have nothing
	Rows                  []Row
	MayRemind, MayKeep    bool
	Report, Settings, All string // addresses
	Form                  ui.Form
	RemindTo              string // address that reminds all; "" when nobody can be told today
}

// Row is a unit on the board.
type Row struct {
	Href, Name, Level, State string
	Tone                     ui.Tone
	Note                     string // when it was handed in, or last reminded
	Late                     bool
	Todo                     string // what to do next, in words
	Remind                   string // address that reminds it; ""
}

// Part is the width of a part of the bar, in units of a thousand.
func (b Board) Part(n int) int {
	all := max(1, b.Done+b.Work+b.None)
	return n * 1000 / all
}

// Unit is a unit's report: the outline at the left, what to look at beside it.
type Unit struct {
	Path, Back, BackLabel string
	Title, Name, Theme    string
	State                 string
	Tone                  ui.Tone
	Deadline              string
	Late                  bool
	MayWrite              bool
	Form                  ui.Form
	Sections              []Section
	Levels                []Level
	Rows                  []Indicator
	Money                 []Money
	MoneyTotal            string
	Events                []Event
	Kinds, LevelNames     []ui.Option
	Findings              []Finding
	Submissions           []ui.Event
	History               []ui.Event
	MaySubmit             bool
	MaySupplement         bool
	MayReturn             bool
	Returned              string // why it came back
	Remind                string
	Saved                 string // "Đã lưu lúc …"
	Sheet                 string
	Upload                ui.Form
	Return                ui.Form
	Outline               []Link
	Typed                 bool // somebody of the department types what came on paper
}

// Section is a heading of the outline. Name is the field of its text, "" where units do not write.
type Section struct {
	ID, Number, Title, Hint, Code, Name, Value string // Code is the field that says which heading, Value what it says
	Level                                      int
}

// Level is a column of the table.
type Level struct{ Code, Label string }

// Indicator is a row of the table.
type Indicator struct {
	Index             int
	Code, Label, Unit string
	People            bool
	Group             string
}

// Field is the name of one of its controls.
func (i Indicator) Field(name string) string {
	return "indicators." + strconv.Itoa(i.Index) + "." + name
}

// Money is a source of money.
type Money struct {
	Index         int
	Source, Label string
}

// Field is the name of one of its controls.
func (m Money) Field(name string) string { return "budget." + strconv.Itoa(m.Index) + "." + name }

// Event is a row of the list of events.
type Event struct{ Index int }

// Field is the name of one of its controls.
func (e Event) Field(name string) string { return "events." + strconv.Itoa(e.Index) + "." + name }

// Finding is something to look at, with where it stands.
type Finding struct {
	Href, Text string
	Tone       ui.Tone
}

// Preview is what a workbook would change.
type Preview struct {
	Path, Back, Name string
	Form             ui.Form
	Fields           []Pair // the whole content, to be sent when it is accepted
	Changes          []Change
}

// Pair is a hidden field.
type Pair struct{ Name, Value string }

// Change is something that was and is.
type Change struct{ Where, Was, Is string }

// Refused is a workbook that could not be taken: the cells and the reasons.
type Refused struct {
	Back, Name string
	Cells      []Pair
	Sheet      string
}

// Work is the department's report: the text with its figures, and what to look at.
type Work struct {
	Year, Title, Back string
	Lead              string
	Office            []ui.Row
	Version           string // "Bản 2"; "" for the report in work
	State             string
	Tone              ui.Tone
	Illustrative      bool
	Form              ui.Form
	MayWrite          bool
	Sections          []Text
	Tables            []Table
	Figures           []Figure
	Checks            []Finding
	Stops             bool
	Versions          []Version
	Changes           []Change
	ChangesSince      string
	MayPrepare        bool
	Waiting           string // address of a version that waits for its reader
	MayDecide         bool
	MayPublish        bool
	Path              string
	Reason            string
	Decide            ui.Form
	Files             []Link
	Facts             []ui.Row
	Saved             string
}

// Text is a section of the report: as it is printed, and as it is written.
type Text struct {
	ID, Number, Title string
	Level             int
	Paragraphs        [][]Span
	Name, Code        string   // the field; "" when it may not be written
	Quotes            []Change // unit and what it wrote
	Index             int
}

// Span is a run of text; Href leads to the definition of a figure.
type Span struct{ Text, Href string }

// Table is a table of the annex.
type Table struct {
	ID, Title, Note string
	Heads           []string
	Numeric         []bool
	Rows            []TableRow
	Notes           []string
}

// TableRow is a row; Opens are the units that it is made of.
type TableRow struct {
	Cells  []string
	Strong bool
	Opens  []Change // unit, number
}

// Figure is a number with its definition.
type Figure struct{ ID, Key, Text, Definition, Source string }

// Version is a frozen version in the list.
type Version struct {
	Href, Label, State string
	Tone               ui.Tone
	Note               string
}

// Settings is the page where the department keeps a year.
type Settings struct {
	Year, Title, Back string
	Form              ui.Form
	Offices, Modes    []ui.Option
	History           []ui.Event
	Units             []Row
	Unit              ui.Form
	Kinds, Levels     []ui.Option
	Organisations     []ui.Option
	Path              string
}

func level(n int) string {
	if n > 1 {
		return "sub"
	}
	return "top-level"
}

func align(numeric []bool, i int) string {
	if i < len(numeric) && numeric[i] {
		return "num"
	}
	return ""
}

func autosave(v Unit, sh ui.Shell) templ.Attributes {
	if !v.MayWrite {
		return nil
	}
	return templ.Attributes{"data-autosave": v.Path + "/luu", "data-saving": sh.T("page_campaign.saving"), "data-saved": sh.T("page_campaign.saved"), "data-unsaved": sh.T("page_campaign.unsaved"), "data-other": sh.T("page_campaign.other_editor")}
}

func dash(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

func invalid(f ui.Form, name string) templ.Attributes {
	if f.Problem(name) == "" {
		return nil
	}
	return templ.Attributes{"aria-invalid": "true", "aria-describedby": f.ID(name) + "-problem"}
}

// eventRows are an event in words, for whoever only reads.
func eventRows(sh ui.Shell, v Unit, e Event) []ui.Row {
	name := func(options []ui.Option, code string) string {
		for _, o := range options {
			if o.Value == code {
				return o.Label
			}
		}
		return code
	}
	return []ui.Row{
		{Label: sh.T("page_campaign.what"), Value: name(v.Kinds, v.Form.Get(e.Field("code")))}, {Label: sh.T("page_campaign.day"), Value: v.Form.Get(e.Field("on"))},
		{Label: sh.T("page_campaign.level"), Value: name(v.LevelNames, v.Form.Get(e.Field("level")))}, {Label: sh.T("page_campaign.place"), Value: v.Form.Get(e.Field("place"))},
		{Label: sh.T("page_campaign.participants"), Value: v.Form.Get(e.Field("participants"))}, {Label: sh.T("page_campaign.women"), Value: v.Form.Get(e.Field("women"))},
	}
}

func checkWord(sh ui.Shell, t ui.Tone) string {
	switch t {
	case ui.Danger:
		return sh.T("page_campaign.check_stops")
	case ui.Caution:
		return sh.T("page_campaign.check_look")
	}
	return sh.T("page_campaign.check_ok")
}

// codeOf is the heading that a text belongs to.
func codeOf(f ui.Form, s Text) string { return f.Get(s.Code) }
