package intake

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"binhan/internal/codelist"
	"binhan/internal/i18n"
)

// Report is what became of a file, row by row. It holds no personal data: rows are numbers, troubles are classes, and words are listed only from columns
// that the mapping declares operational.
type Report struct {
	Mapping string `json:"mapping"`
	Version int    `json:"version"`
	Scope   string `json:"scope"`
	File    string `json:"file"`   // its name, without its folder
	SHA256  string `json:"sha256"` // of the whole file
	DryRun  bool   `json:"dry_run"`
	Rows    Counts `json:"rows"`
	// Reasons say how many rows each kind of trouble touched, the most frequent first. A row with two troubles counts in both.
	Reasons []Reason `json:"reasons"`
	// Words are the unknown words of operational columns, the most frequent first. A word of fewer than three rows, or a long one, is only counted, in
	// RareWords: it may be a name that slipped into the wrong column.
	Words     []Word `json:"words,omitempty"`
	RareWords int    `json:"rare_words,omitempty"`
	// Untaken are the rows that were not taken, in the order of the file.
	Untaken []Untaken `json:"untaken"`
}

// Counts add up: Read is Taken and AlreadyThere and Untaken. Blank rows are counted apart, since nobody wrote them.
type Counts struct {
	Read         int `json:"read"`
	Taken        int `json:"taken"`
	AlreadyThere int `json:"already_there"`
	Untaken      int `json:"untaken"`
	Blank        int `json:"blank"`
}

// Reason is one kind of trouble in one column.
type Reason struct {
	Field    string `json:"field,omitempty"`
	Column   string `json:"column,omitempty"`
	Class    Class  `json:"class"`
	Rows     int    `json:"rows"`
	FirstRow int    `json:"first_row"`
}

// Word is a word that the mapping does not know.
type Word struct {
	Field  string `json:"field"`
	Column string `json:"column"`
	Word   string `json:"word"`
	Rows   int    `json:"rows"`
}

// ExitCode is 0 when every row is accounted for; with strict only when every row was taken or already there.
func (r *Report) ExitCode(strict bool) int {
	if r.Rows.Read != r.Rows.Taken+r.Rows.AlreadyThere+r.Rows.Untaken || len(r.Untaken) != r.Rows.Untaken {
		return 1
	}
	if strict && r.Rows.Untaken > 0 {
		return 1
	}
	return 0
}

// JSON writes the report for programs.
func (r *Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// shownRows bounds the rows that the report for people lists; the JSON lists all.
const shownRows = 200

// Text writes the report for people. It lists the first 200 untaken rows and says how many more the JSON has.
func (r *Report) Text(w io.Writer, l i18n.Language) error {
	var b strings.Builder
	line := func(key string, pairs ...any) { b.WriteString(l.T(key, pairs...) + "\n") }
	line("intake.report_title", "file", r.File, "mapping", r.Mapping, "version", r.Version)
	if r.DryRun {
		line("intake.report_dry_run")
	}
	line("intake.report_read", "rows", number(l, r.Rows.Read))
	line("intake.report_taken", "rows", number(l, r.Rows.Taken))
	line("intake.report_already_there", "rows", number(l, r.Rows.AlreadyThere))
	line("intake.report_untaken", "rows", number(l, r.Rows.Untaken))
	if r.Rows.Blank > 0 {
		line("intake.report_blank", "rows", number(l, r.Rows.Blank))
	}
	if len(r.Reasons) > 0 {
		b.WriteByte('\n')
		line("intake.report_reasons")
	}
	for _, reason := range r.Reasons {
		line("intake.report_reason", "rows", number(l, reason.Rows), "column", columnName(l, reason.Column),
			"why", l.T("intake.class."+string(reason.Class)), "first", reason.FirstRow)
	}
	if len(r.Words) > 0 || r.RareWords > 0 {
		b.WriteByte('\n')
		line("intake.report_words")
	}
	for _, word := range r.Words {
		line("intake.report_word", "rows", number(l, word.Rows), "column", word.Column, "word", printable(word.Word))
	}
	if r.RareWords > 0 {
		line("intake.report_rare_words", "words", number(l, r.RareWords))
	}
	if len(r.Untaken) > 0 {
		b.WriteByte('\n')
		line("intake.report_rows")
	}
	for i, u := range r.Untaken {
		if i == shownRows {
			line("intake.report_more", "rows", number(l, len(r.Untaken)-shownRows))
			break
		}
		var whys []string
		for _, t := range u.Troubles {
			whys = append(whys, columnName(l, t.Column)+": "+l.T("intake.class."+string(t.Class)))
		}
		line("intake.report_row", "row", u.Row, "why", strings.Join(whys, "; "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func columnName(l i18n.Language, name string) string {
	if name == "" {
		return l.T("intake.whole_row")
	}
	return printable(name)
}

// printable keeps a terminal from obeying what a file says.
func printable(text string) string {
	text = strconv.Quote(text)
	text = text[1 : len(text)-1]
	return strings.ReplaceAll(text, `\"`, `"`)
}

// number writes a count as the language does: 25.301 and 25,301.
func number(l i18n.Language, n int) string {
	mark := "."
	if l == i18n.English {
		mark = ","
	}
	digits := strconv.Itoa(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + mark + digits[at:]
	}
	return digits
}

// A word is shown when it stands in at least so many rows and is no longer than a word is.
const (
	frequent   = 3
	wordLength = 40
)

// tally gathers a report while rows go by.
type tally struct {
	report  Report
	reasons map[Reason]*Reason // by field, column and class alone
	words   map[Word]*Word     // by field, column and folded word
}

func newTally(m *Mapping, file string, dryRun bool) *tally {
	return &tally{
		report:  Report{Mapping: m.Name, Version: m.Version, Scope: m.Scope, File: file, DryRun: dryRun, Reasons: []Reason{}, Untaken: []Untaken{}},
		reasons: map[Reason]*Reason{}, words: map[Word]*Word{},
	}
}

func (t *tally) untaken(u Untaken) {
	t.report.Rows.Read++
	t.report.Rows.Untaken++
	t.report.Untaken = append(t.report.Untaken, u)
	counted := map[Reason]bool{}
	for _, trouble := range u.Troubles {
		key := Reason{Field: trouble.Field, Column: trouble.Column, Class: trouble.Class}
		if !counted[key] {
			counted[key] = true
			if t.reasons[key] == nil {
				first := key
				first.FirstRow = u.Row
				t.reasons[key] = &first
			}
			t.reasons[key].Rows++
		}
		if trouble.word != "" {
			key := Word{Field: trouble.Field, Column: trouble.Column, Word: codelist.Fold(trouble.word)}
			if t.words[key] == nil {
				t.words[key] = &Word{Field: trouble.Field, Column: trouble.Column, Word: trouble.word}
			}
			t.words[key].Rows++
		}
	}
}

func (t *tally) taken(rows int) {
	t.report.Rows.Read += rows
	t.report.Rows.Taken += rows
}

func (t *tally) alreadyThere(rows int) {
	t.report.Rows.Read += rows
	t.report.Rows.AlreadyThere += rows
}

// finish closes the report with what only the whole file tells.
func (t *tally) finish(r *Reader) *Report {
	digest := r.Digest()
	t.report.SHA256 = hex.EncodeToString(digest[:])
	t.report.Rows.Blank = r.Blank()
	for _, reason := range t.reasons {
		t.report.Reasons = append(t.report.Reasons, *reason)
	}
	slices.SortFunc(t.report.Reasons, func(a, b Reason) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.FirstRow, b.FirstRow), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Class, b.Class))
	})
	for _, word := range t.words {
		if word.Rows < frequent || utf8.RuneCountInString(word.Word) > wordLength {
			t.report.RareWords++
			continue
		}
		t.report.Words = append(t.report.Words, *word)
	}
	slices.SortFunc(t.report.Words, func(a, b Word) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Word, b.Word))
	})
	return &t.report
}

// DryRun reads the whole file and reports what an import would take, without a database: rows that are already there count as taken.
func DryRun(ctx context.Context, r *Reader, file string, p *Progress) (*Report, error) {
	t := newTally(r.Mapping(), file, true)
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		outcome, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		if outcome.Untaken != nil {
			t.untaken(*outcome.Untaken)
		} else {
			t.taken(1)
		}
		p.Show(t.report.Rows, r)
	}
	p.Done(t.report.Rows, r)
	return t.finish(r), nil
}
