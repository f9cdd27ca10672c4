package paper

import (
	"bytes"
	_ "embed"
	"html/template"
	"strings"
	"sync"
)

// HTML writes the document as one page that stands alone, for reading on any screen, by ear, and for printing: one h1, headings in order, heads of
// tables with their scope, footnotes that lead there and back. It has no script, no style attribute and asks for nothing from anywhere.
func (d Document) HTML() ([]byte, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	v := &page{Document: d, Language: language, Country: country, Motto: motto, ToHead: toHead, NotesTitle: notesTitle}
	v.Parts = v.blocks(d.ended(), d.heading())
	for i, a := range d.Annexes {
		v.Appendices = append(v.Appendices, appendix{Name: d.annexName(i), Title: a.Title, Of: d.AttachedTo(), Intro: a.Intro, Parts: v.blocks(a.Blocks, a.Title)})
	}
	var b bytes.Buffer
	if err := pageTemplate().Execute(&b, v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{"inc": func(i int) int { return i + 1 }, "style": func() template.CSS { return template.CSS(pageStyle) }}).Parse(pageText))
})

// page is what the template sees.
type page struct {
	Document
	Language, Country, Motto, ToHead, NotesTitle string
	Parts                                        []part
	Appendices                                   []appendix
	Footnotes                                    []string
}

// Heading is the name of the document in one line.
func (p *page) Heading() string { return p.heading() }

// Lines of Kính gửi and of Nơi nhận.
func (p *page) ToLines() []string        { return p.to() }
func (p *page) RecipientLines() []string { return p.recipients() }

type appendix struct {
	Name, Title, Of, Intro string
	Parts                  []part
}

type part struct {
	Level int // of a heading: 2 to 4
	Text  string
	Runs  []htmlRun
	List  [][]htmlRun
	Table *htmlTable
}

type htmlRun struct {
	Run
	Mark int // number of its footnote, 0: none
}

type htmlTable struct {
	Table
	Heads [][]htmlHead
	Body  [][]htmlCell
}

type htmlHead struct {
	Text          string
	Columns, Rows int
	Group         bool
}

type htmlCell struct {
	Cell
	Numeric, Strong, Names bool // Names: the cell that names its row
}

func (p *page) runs(t Text) []htmlRun {
	var out []htmlRun
	for _, r := range t {
		h := htmlRun{Run: r}
		if r.Note != "" {
			p.Footnotes = append(p.Footnotes, r.Note)
			h.Mark = len(p.Footnotes)
		}
		out = append(out, h)
	}
	return out
}

func (p *page) blocks(blocks []Block, title string) []part {
	var out []part
	for _, b := range blocks {
		switch {
		case b.Heading != nil:
			out = append(out, part{Level: b.Heading.Level + 1, Text: b.Heading.words()})
		case len(b.Paragraph) > 0:
			out = append(out, part{Runs: p.runs(b.Paragraph)})
		case len(b.List) > 0:
			x := part{}
			for _, t := range b.List {
				x.List = append(x.List, p.runs(t))
			}
			out = append(out, x)
		case b.Table != nil:
			t := *b.Table
			if t.Title == "" {
				t.Title = title
			}
			out = append(out, part{Table: inHTML(t)})
		}
	}
	return out
}

func inHTML(t Table) *htmlTable {
	h := &htmlTable{Table: t}
	cells, rows := t.heads()
	h.Heads = make([][]htmlHead, rows)
	for _, c := range cells {
		h.Heads[c.row] = append(h.Heads[c.row], htmlHead{Text: c.text, Columns: c.columns, Rows: c.rows, Group: c.row+c.rows < rows})
	}
	names := -1 // the widest column of words names the row
	for i, c := range t.Columns {
		if !c.Numeric && !strings.EqualFold(c.Head[len(c.Head)-1], "Đơn vị tính") && (names < 0 || c.Weight > t.Columns[names].Weight) {
			names = i
		}
	}
	for _, r := range t.Rows {
		var row []htmlCell
		for i, c := range r.Cells {
			row = append(row, htmlCell{Cell: c, Numeric: t.Columns[i].Numeric, Strong: r.Strong, Names: i == names})
		}
		h.Body = append(h.Body, row)
	}
	return h
}
