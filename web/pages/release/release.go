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
	Build      string  // where rows and columns are chosen, "" before publication
	Quality    string
	Open       string // its open address, "" when only members of the house read it
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
	Href    string
	Title   string
	Note    string // "8 dòng, 2 ô dưới 10"
	CSV     string
	SHA     string // first characters of its hash
	Current bool
}

// Table is the page at /bang-so/{release}/{table}, and under /so-lieu for everybody.
type Table struct {
	Release string // id
	Back    string // address of the release
	Heading string // title of the release
	ID      string
	Title   string
	Unit    string   // "người"
	RowHead string   // what the rows are: "Xã, phường"
	Columns []string // heads of the columns; one for a one-way table
	Rows    []TableRow
	Ranked  bool          // rows are sorted, and each tells its rank
	Counter string        // "Bị che: 14/90 ô", "" when none
	Merges  []Merge       // what would free cells
	Notes   []string      // footnotes of this table, beyond the fixed ones
	Source  string        // source, cut-off, number of people
	Bars    *chart.Bars   // named things
	Lines   *chart.Lines  // time
	Groups  []chart.Bars  // groups of named things
	Courses []chart.Lines // groups over time
	Map     *chart.Map    // places
	CSV     string
	XLSX    string
	JSON    string
	CSVW    string
	Build   string // where other rows and columns are chosen
	Whole   string // the table of the plan that the chosen cells are from
	Others  []TableLink
	Draft   bool // not published yet
}

// Figure is one published number with the address of its definition.
type Figure struct {
	chart.Value
	Href  string
	Share string // "24 % (20–29 %)", "" where none is told
}

// TableRow is one row. Total marks the sum.
type TableRow struct {
	Label string
	Total bool
	Rank  string   // "1", or that it is not told apart
	Cells []Figure // one a column; Label is not used
}

// Merge is a proposal that frees cells.
type Merge struct {
	Text string
	Href string
}

// Builder is the page at /bang-so/xem.
type Builder struct {
	Action     string
	Form       ui.Form
	Releases   []ui.Option // none: nothing is published
	RowDims    []ui.Option
	ColumnDims []ui.Option
	Borders    []ui.Option
	Shows      []ui.Option
	Sorts      []ui.Option
	Problem    string // why there is no such table
	Undo       string // the same without merges
	Table      Table
}

// Definition is one figure explained.
type Definition struct {
	Table    string
	Back     string
	Heading  string // of the table
	Name     string // "Địa bàn: Huyện Ngọc Hồi; Hình thức: …"
	Figure   Figure
	What     []string // what it counts
	Facts    []ui.Row
	WhyTitle string
	Why      []string
	Merges   []Merge
	Draft    bool
}

// Headline is one figure of the overview, and what changed.
type Headline struct {
	Label  string
	Figure Figure
	Before Figure // of the release before, without Href when there is none
	Change string // "" when there is nothing to compare with
	Alike  bool   // the intervals do not tell the two apart
}

// Due is a deadline.
type Due struct {
	Title string
	On    string
	Href  string
	Late  bool
}

// Overview is the page at /tong-quan. Title is "" when nothing is published.
type Overview struct {
	Title, Short, Period, Href, Build, Quality string
	Before                                     string // what it is compared with
	Headlines                                  []Headline
	Bars                                       *chart.Bars
	Map                                        *chart.Map
	MapTable                                   string
	Source                                     string
	Due                                        []Due
}

// Report is one release in a list of reports.
type Report struct {
	Title, Period, Published, Href, Note string
	Files                                []File
}

// File is a download.
type File struct{ Label, Href string }

// Reports is the page at /bao-cao.
type Reports struct {
	Campaigns string // address of the campaign reports, "" when there are none
	Due       []Due
	Rows      []Report
}

// Qualities is the list at /chat-luong.
type Qualities struct{ Rows []Report }

// Quality is one release by how good it is.
type Quality struct {
	Title     string
	Href      string
	Guarantee string
	Coverage  string
	Late      *Figure // people whose month lies before the period; nil when the release has no months
	Unknown   []Headline
	Method    []ui.Row
	Checks    []Check
	Tables    []QualityRow
	People    []ui.Row
}

// QualityRow is one table of it.
type QualityRow struct{ Label, Href, Cells, Budget, SHA string }

// OpenList is the page at /so-lieu.
type OpenList struct {
	Rows      []Report
	Catalogue string
}

// Open is one open release.
type Open struct {
	Title     string
	Status    string
	Tone      ui.Tone
	Guarantee string
	Facts     []ui.Row
	Method    []ui.Row
	Tables    []TableLink
	Manifest  string
	ADX       string
	Codes     string
}
