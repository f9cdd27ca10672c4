package paper

import (
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"binhan/internal/fault"
)

// Bounds on a document; a real report is far below them.
const (
	maxText    = 20_000 // bytes of one text
	maxBlocks  = 5_000
	maxColumns = 24
	maxRows    = 20_000
	maxAnnexes = 39 // as far as Roman numbers are readable
)

// Check tells whether the document can be printed: an error of kind fault.Invalid says of each place what is missing or cannot be taken. Every writer
// asks it first.
func (d Document) Check() error {
	c := checker{}
	c.needed("/issuer", d.Issuer)
	c.needed("/symbol", d.Symbol)
	c.needed("/place", d.Place)
	c.needed("/kind", d.Kind)
	c.needed("/title", d.Title)
	c.needed("/archive", d.Archive)
	c.text("/superior", d.Superior)
	c.text("/notice", d.Notice)
	c.texts("/to", d.To)
	c.texts("/grounds", d.Grounds)
	c.texts("/notes", d.Notes)
	if d.Date.Year < 1945 || d.Date.Year > 2199 {
		c.Add("/date/year", "paper_date")
	} else if t := d.Date; t.Day != 0 || t.Month != 0 {
		if last := daysOf(t.Month, t.Year); t.Day < 1 || t.Day > last {
			c.Add("/date/day", "paper_date")
		}
	}
	for i, r := range d.Recipients {
		c.needed(at("/recipients", i, "text"), r.Text)
		c.text(at("/recipients", i, "tag"), r.Tag)
	}
	if len(d.Signature.Lines) == 0 {
		c.Add("/signature/lines", "paper_signature")
	}
	for i, line := range d.Signature.Lines {
		c.needed(at("/signature/lines", i, ""), line)
	}
	c.text("/signature/name", d.Signature.Name)
	if len(d.Body) == 0 {
		c.Add("/body", "paper_body")
	}
	if len(d.Annexes) > maxAnnexes {
		c.Add("/annexes", "paper_too_much")
	}
	sheets := map[string]bool{}
	c.blocks("/body", d.Body, sheets)
	for i, a := range d.Annexes {
		c.needed(at("/annexes", i, "title"), a.Title)
		c.text(at("/annexes", i, "intro"), a.Intro)
		c.blocks(at("/annexes", i, "blocks"), a.Blocks, sheets)
	}
	if d.Data != nil {
		t := *d.Data
		t.ID = "x"
		c.table("/data", t, map[string]bool{})
		heads := map[string]bool{}
		for i, col := range t.Columns {
			if len(col.Head) != 1 || heads[col.Head[0]] {
				c.Add(at("/data/columns", i, "head"), "paper_missing")
				continue
			}
			heads[col.Head[0]] = true
		}
	}
	return c.Err()
}

func daysOf(month, year int) int {
	switch {
	case month < 1 || month > 12:
		return 0
	case month == 2 && (year%4 == 0 && year%100 != 0 || year%400 == 0):
		return 29
	case month == 2:
		return 28
	case month == 4 || month == 6 || month == 9 || month == 11:
		return 30
	}
	return 31
}

type checker struct{ fault.Problems }

func at(pointer string, i int, field string) string {
	p := pointer + "/" + strconv.Itoa(i)
	if field != "" {
		p += "/" + field
	}
	return p
}

func (c *checker) needed(pointer, text string) {
	if text == "" {
		c.Add(pointer, "paper_missing")
		return
	}
	c.text(pointer, text)
}

func (c *checker) texts(pointer string, all []string) {
	for i, text := range all {
		c.needed(at(pointer, i, ""), text)
	}
}

// text holds a text to what can be printed. The problem names the character by its code point, never the text.
func (c *checker) text(pointer, text string) {
	switch {
	case len(text) > maxText:
		c.Add(pointer, "paper_too_much")
	case !utf8.ValidString(text):
		c.Add(pointer, "paper_character", "character", "UTF-8")
	case !norm.NFC.IsNormalString(text):
		c.Add(pointer, "paper_nfc")
	default:
		for _, r := range text {
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || !covered()[r] || !covered()[unicode.ToUpper(r)] {
				c.Add(pointer, "paper_character", "character", fmt.Sprintf("U+%04X", r))
				return
			}
		}
	}
}

func (c *checker) run(pointer string, t Text) {
	for i, r := range t {
		c.text(at(pointer, i, "text"), r.Text)
		c.text(at(pointer, i, "note"), r.Note)
	}
	if t.String() == "" {
		c.Add(pointer, "paper_missing")
	}
}

func (c *checker) blocks(pointer string, blocks []Block, sheets map[string]bool) {
	if len(blocks) > maxBlocks {
		c.Add(pointer, "paper_too_much")
		return
	}
	for i, b := range blocks {
		p := at(pointer, i, "")
		set := 0
		if h := b.Heading; h != nil {
			set++
			c.needed(p+"/heading/title", h.Title)
			c.needed(p+"/heading/number", h.Number)
			if h.Level < 1 || h.Level > 3 {
				c.Add(p+"/heading/level", "paper_level")
			}
		}
		if len(b.Paragraph) > 0 {
			set++
			c.run(p+"/paragraph", b.Paragraph)
		}
		if len(b.List) > 0 {
			set++
			for k, t := range b.List {
				c.run(at(p+"/list", k, ""), t)
			}
		}
		if b.Table != nil {
			set++
			c.table(p+"/table", *b.Table, sheets)
		}
		if set != 1 {
			c.Add(p, "paper_block")
		}
	}
}

func (c *checker) table(p string, t Table, sheets map[string]bool) {
	if !sheetName(t.ID) || sheets[t.ID] {
		c.Add(p+"/id", "paper_table_id")
	}
	sheets[t.ID] = true
	c.text(p+"/title", t.Title)
	c.text(p+"/unit", t.Unit)
	c.texts(p+"/notes", t.Notes)
	if len(t.Columns) == 0 || len(t.Columns) > maxColumns || len(t.Rows) > maxRows {
		c.Add(p, "paper_too_much")
		return
	}
	for i, col := range t.Columns {
		if len(col.Head) == 0 || len(col.Head) > 4 {
			c.Add(at(p+"/columns", i, "head"), "paper_missing")
		}
		for k, h := range col.Head {
			c.text(at(at(p+"/columns", i, "head"), k, ""), h)
		}
	}
	for i, r := range t.Rows {
		if len(r.Cells) != len(t.Columns) {
			c.Add(at(p+"/rows", i, ""), "paper_row")
			continue
		}
		for k, cell := range r.Cells {
			q := at(at(p+"/rows", i, "cells"), k, "")
			c.text(q+"/text", cell.Text)
			if n := cell.Number; n != nil && (n.Decimals < 0 || n.Decimals > 6 || n.String() != cell.Text) {
				c.Add(q+"/number", "paper_number")
			}
			if r := cell.Range; r != nil && (r.Lower > r.Upper || cell.Text == "") {
				c.Add(q+"/range", "paper_number")
			}
		}
	}
}

// sheetName: a workbook takes at most 31 characters and not all of them; "Ghi chú" and "Dữ liệu" are taken.
func sheetName(name string) bool {
	if name == "" || utf8.RuneCountInString(name) > 31 || name == sheetNotes || name == sheetLong {
		return false
	}
	for _, r := range name {
		if !(unicode.IsLetter(r) || unicode.IsDigit(r) || r == ' ' || r == '-' || r == '_' || r == '.') {
			return false
		}
	}
	return true
}
