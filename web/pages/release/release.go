// Package release holds the pages of the statistics: the releases, one release, one of its tables, and the form that prepares the next one.
//
// The table comes first, the drawing after it, both of the same published cells. The interval always stands beside the number. Under ten, not
// reported, and zero are three marks, explained under every table. Nothing here counts cases: cases received are not violence that happened,
// and each table says so.
package release

import (
	"binhan/web/ui"
	"binhan/web/ui/chart"
)

// List is the page at /bang-so.
type List struct {
	Rows       []Row
	MayPrepare bool
	Prepare    ui.Form // scope, period.from, period.to (YYYY-MM-DD), plan
	Scopes     []ui.Option
	Plans      []ui.Option
	Next       string
}

// Row is one release.
type Row struct {
	ID        string
	Title     string // "Kon Tum, năm 2025"
	Period    string
	Status    string
	Tone      ui.Tone
	Published string // when, "" before
	Note      string // superseded by, draft of
	Open      bool   // this reader may open it
}

// View is the page at /bang-so/{release}.
type View struct {
	ID         string
	Title      string
	Status     string
	Tone       ui.Tone
	Facts      []ui.Row // scope, period, cut-off, people, definition and code-list versions, preparer's and publisher's roles, what it supersedes
	Guarantee  string   // in one sentence
	Method     []ui.Row // parameters, budget spent
	Tables     []TableLink
	Manifest   string // address of manifest.json
	Waiting    bool   // being prepared: the page says so and can be asked again
	MayPublish bool
	WhyNot     string // why this reader may not publish it ("the same person prepared it"), "" hides it
	Form       ui.Form
	Checks     []Check // before publication
}

// Check is one thing that must hold before publication.
type Check struct {
	Text string
	OK   bool
	Note string
}

// TableLink is one table of a release.
type TableLink struct {
	ID      string
	Title   string
	Note    string // "8 dòng, 2 ô dưới 10"
	CSV     string
	SHA     string // first characters of its hash
	Current bool
}

// Table is the page at /bang-so/{release}/{table}.
type Table struct {
	Release string // id
	Heading string // title of the release
	ID      string
	Title   string
	Unit    string   // "người"
	RowHead string   // what the rows are: "Xã, phường"
	Columns []string // heads of the columns; one for a one-way table
	Rows    []TableRow
	Counter string         // "Dưới 10: 14 trên 90 ô", "" when none
	Merges  []Merge        // what would free cells
	Notes   []string       // footnotes of this table, beyond the fixed ones
	Source  string         // source, cut-off, number of people
	Bars    *chart.Bars    // named things
	Months  *chart.Columns // time
	Groups  []chart.Bars   // groups
	CSV     string
	XLSX    string
	Others  []TableLink
	Draft   bool // not published yet
}

// TableRow is one row. Total marks the sum.
type TableRow struct {
	Label string
	Total bool
	Cells []chart.Value // one a column; Label is not used
}

// Merge is a proposal that frees cells.
type Merge struct {
	Text string
	Href string
}
