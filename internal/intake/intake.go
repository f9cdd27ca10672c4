// Package intake brings in what others wrote down before us: legacy registers, as .csv or .xlsx files.
//
// What a register means is not in this code. A mapping (a YAML file, see Mapping) says which column is which fact, which words stand for which
// code, how days are written, what is left out and why, and in whose name the cases are kept. Next year's file, or another province's
// notebook, needs another mapping and no programmer; the reader knows no register.
//
// Three promises hold for every file:
//
//   - Nothing is dropped in silence. Every row of the file is taken, was already there, or is named in the report with its number and the
//     reason; the three add up to what was read. A file that the mapping does not fit is refused whole, before its first row.
//   - Nothing is guessed. A word that the mapping does not know, an age of 127, a commune that two places could be: the row stays out and
//     is reported. What the mapping cannot say honestly stays unknown.
//   - Nothing personal leaks. A report names rows, columns and the kind of trouble, never what stood in a cell, unless the mapping declares the
//     column operational; then it lists the unknown words, so that the mapping can be mended.
//
// A row is known again by its mapping, a hash of its mapped cells and a count of the rows before it with the same hash (Key): the same file
// imported twice, or cut short and begun again, adds nothing, and two calls that read the same on paper remain two.
package intake

import (
	"fmt"
	"log/slog"
	"time"

	"binhan/internal/codelist"
)

// Row is one row of a register in the field's codes. It holds a survivor's data: it prints as nothing but its number.
type Row struct {
	Number int // as a spreadsheet counts, the header included
	Line   int // where it begins in a text file; 0 in a workbook
	Key    Key

	ReceivedOn time.Time // the day we were told
	OccurredOn time.Time // the day it happened; zero when the register does not say
	Area       string    // statistical area: the mapping's own, or the one of the commune; codelist.Unknown when neither is known
	Commune    string    // code valid on ReceivedOn, or ""
	Sex        string
	Age        *int // completed years
	BirthYear  *int
	// Forms are violence_form codes in main-form order. Where the register names acts they are derived from them; where it names forms,
	// Acts stays empty: nobody may read acts of the law into a tick beside "physical violence".
	Forms        []string
	Acts         []string
	Relationship string
	SexPerp      string
	Ethnicity    string
	Channel      string
	Reporter     string
	Person       Person
	Narrative    []Line // what no field of ours holds, in the order of the mapping
}

// Person is what a register says about who the survivor is.
type Person struct {
	Name     string
	Phone    string
	IDNumber string
	Address  string
}

// Line is one further statement of the register, for the narrative of the case.
type Line struct {
	Label string
	Text  string // empty when the label says it all
}

// String is a line as the narrative shows it.
func (l Line) String() string {
	switch {
	case l.Text == "":
		return l.Label
	case l.Label == "":
		return l.Text
	}
	return l.Label + ": " + l.Text
}

// Key knows a row again. Two rows have the same key only when they are the same row of the same register.
type Key struct {
	Mapping string   // the mapping's name, without its version
	Hash    [32]byte // over the mapped cells; of personal data, so it is never stored as it is
	Nth     int      // 1 for the first row with this hash
}

// Format keeps a row out of logs and errors, whatever the verb.
func (r Row) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "row(%d)", r.Number) }

// LogValue keeps a row out of logs.
func (r Row) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("row(%d)", r.Number)) }

// Format keeps the name out of logs and errors, whatever the verb.
func (p Person) Format(f fmt.State, _ rune) { fmt.Fprint(f, "survivor(…)") }

// LogValue keeps the name out of logs.
func (p Person) LogValue() slog.Value { return slog.StringValue("survivor(…)") }

// Fact is a row as the statistics count it: one code a dimension, nothing else (design of the facts in docs/statistics.md).
type Fact struct {
	Scope      string
	ReceivedOn time.Time
	Area       string
	Commune    string
	Form       string // the main form
	Forms      []string
	Sex        string
	Age        string // age_band
	Relation   string // relationship_group
	SexPerp    string
	Ethnic     string // ethnicity_report_group
}

// Fact derives the statistical fact of a row, in a scope. The age of a person of whom only the year of birth is known is the year's difference:
// at most one too high, and the same for everybody.
func (r Row) Fact(scope string) Fact {
	f := Fact{
		Scope: scope, ReceivedOn: r.ReceivedOn, Area: orUnknown(r.Area), Commune: orUnknown(r.Commune),
		Form: codelist.MainOf(r.Forms), Forms: r.Forms, Sex: orUnknown(r.Sex), Age: codelist.Unknown,
		Relation: codelist.RelationshipGroup(r.Relationship), SexPerp: orUnknown(r.SexPerp), Ethnic: codelist.EthnicGroup(r.Ethnicity),
	}
	switch {
	case r.Age != nil:
		f.Age = codelist.AgeBand(*r.Age)
	case r.BirthYear != nil:
		f.Age = codelist.AgeBand(r.ReceivedOn.Year() - *r.BirthYear)
	}
	return f
}

func orUnknown(code string) string {
	if code == "" {
		return codelist.Unknown
	}
	return code
}

// Class is the kind of trouble that kept a row out. It is all that a report says about a personal cell.
type Class string

const (
	// Empty: a cell that the mapping requires.
	Empty Class = "empty"
	// UnknownWord: no word of the mapping.
	UnknownWord Class = "unknown_word"
	// NotADate: in none of the mapping's ways to write a day, or a day that no calendar has.
	NotADate Class = "not_a_date"
	// DateOutOfRange: in the future, or before the register began.
	DateOutOfRange Class = "date_out_of_range"
	// NotANumber: letters, two numbers, a sign.
	NotANumber Class = "not_a_number"
	// NumberOutOfRange: a number that the field cannot have.
	NumberOutOfRange Class = "number_out_of_range"
	// SeveralAnswers: a place name that more than one commune bears.
	SeveralAnswers Class = "several_answers"
	// Unfit: no telephone or identity number, or a name longer than a case can hold.
	Unfit Class = "unfit"
	// TooLong: more text than a cell may hold.
	TooLong Class = "too_long"
	// BadEncoding: bytes that are no text in the file's encoding.
	BadEncoding Class = "bad_encoding"
	// ControlCharacter: NUL and its like, which no database text may hold.
	ControlCharacter Class = "control_character"
	// TooFewCells: a row that ends early, as half-written ones do.
	TooFewCells Class = "too_few_cells"
	// TooManyCells: a row with more cells than the header.
	TooManyCells Class = "too_many_cells"
	// BrokenQuotes: a quotation mark that is never closed, or closed in the middle of a cell.
	BrokenQuotes Class = "broken_quotes"
	// UnnamedColumn: a value under a column without a header.
	UnnamedColumn Class = "unnamed_column"
)

// Classes are all kinds of trouble, for the tests that hold the catalogue against them.
var Classes = []Class{
	Empty, UnknownWord, NotADate, DateOutOfRange, NotANumber, NumberOutOfRange, SeveralAnswers, Unfit, TooLong, BadEncoding, ControlCharacter,
	TooFewCells, TooManyCells, BrokenQuotes, UnnamedColumn,
}

// Trouble is one reason why a row was not taken.
type Trouble struct {
	Field  string `json:"field,omitempty"`  // of the mapping: "age"; empty when the row itself cannot be read
	Column string `json:"column,omitempty"` // as the file's header calls it
	Class  Class  `json:"class"`

	// word is the unknown word itself, kept only for columns that the mapping declares operational.
	word string
}

// Untaken is a row that was not taken, and why.
type Untaken struct {
	Row      int       `json:"row"`
	Line     int       `json:"line,omitempty"`
	Troubles []Trouble `json:"troubles"`
}

// Outcome is what became of one row: exactly one of the two is set.
type Outcome struct {
	Row     *Row
	Untaken *Untaken
}
