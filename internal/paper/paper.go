package paper

import (
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Document is an official document, final but for number and signature. Texts are Vietnamese in ordinary letters, NFC; what Decree 30 sets in
// capitals is made capital here.
type Document struct {
	Superior string // the body above: "Ủy ban nhân dân tỉnh Kon Tum"; empty when there is none
	Issuer   string // "Sở Nội vụ"
	Symbol   string // what follows the blank number: "BC-SNV"
	Place    string // "Kon Tum"
	Date     Date
	Kind     string   // "Báo cáo"
	Title    string   // the trích yếu
	To       []string // Kính gửi; none: the line is left out
	Grounds  []string // "Căn cứ …;", in italics
	Body     []Block
	Annexes  []Annex

	Recipients []Recipient // Nơi nhận, without the last line
	Archive    string      // the last line: "VT, BĐG"
	Signature  Signature

	Notice string    // stands on every page and sheet: "Số liệu minh hoạ"; usually empty
	Notes  []string  // about the figures: method, definition; the sheet of notes in .xlsx, below the annexes elsewhere
	Data   *Table    // for the sheet that a pivot table starts from; nil: made of the tables. In .xlsx alone
	Made   time.Time // when the content was fixed, for the properties of the files; zero is 1980-01-01
}

// Date is a day to be printed. Without a day, day and month are left blank for the clerk.
type Date struct{ Day, Month, Year int }

// Block is a part of the body: exactly one of its fields is set.
type Block struct {
	Heading   *Heading
	Paragraph Text
	List      []Text
	Table     *Table
}

// Heading is a numbered heading. Level 1 is "I. CÔNG TÁC …", level 2 "1. Tổ chức …", level 3 "a) Lễ phát động".
type Heading struct {
	Level  int
	Number string // "I", "1", "a"
	Title  string
}

// Text is a paragraph.
type Text []Run

// Run is a piece of text of one look. Note is a footnote at its end.
type Run struct {
	Text         string
	Bold, Italic bool
	Note         string
}

// Plain is a paragraph of one run.
func Plain(text string) Text { return Text{{Text: text}} }

// String is the paragraph without its looks and footnotes.
func (t Text) String() string {
	var b strings.Builder
	for _, r := range t {
		b.WriteString(r.Text)
	}
	return b.String()
}

// Table is a table of texts and numbers.
type Table struct {
	ID      string // the name of its sheet in .xlsx; unique in the document, at most 31 letters
	Title   string
	Unit    string // "Đơn vị tính: người"
	Columns []Column
	Rows    []Row
	Notes   []string // under the table
}

// Column is a column with its head. Head is the path from the widest head down: neighbours that share the first parts stand under one merged head.
type Column struct {
	Head    []string
	Numeric bool // right-aligned
	Weight  int  // its share of the width; 0 counts as 1
}

// Row is a row of a table. A strong row is a group or a sum and is printed bold.
type Row struct {
	Cells  []Cell
	Strong bool
}

// Cell is what is printed, and beside it the number when there is one to count with.
type Cell struct {
	Text   string
	Number *Number
	// Range is the interval of an estimated number, printed below it.
	Range *Range
}

// Number is Value divided by ten to the power of Decimals.
type Number struct {
	Value    int64
	Decimals int
}

// Range is a closed interval.
type Range struct{ Lower, Upper int64 }

// String is the interval as it is printed: "105–135".
func (r Range) String() string { return Whole(r.Lower) + "–" + Whole(r.Upper) }

// Words is a cell of text.
func Words(text string) Cell { return Cell{Text: text} }

// Count is a cell of a whole number.
func Count(n int64) Cell { return Cell{Text: Whole(n), Number: &Number{Value: n}} }

// Annex is an annex with a page number of its own.
type Annex struct {
	Title     string
	Intro     string // under the title, in italics
	Blocks    []Block
	Landscape bool
}

// Recipient is a line of Nơi nhận. Tag says what for: "b/c", "p/h", "t/h", "đ/c"; or empty.
type Recipient struct{ Text, Tag string }

// Signature is the block of whoever signs: Lines stand above the blank place ("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"), the name below it. See Signing.
type Signature struct {
	Lines []string
	Name  string // empty: left blank
}

// Mode is how somebody signs, by Decree 30, Phụ lục I, II.7.
type Mode string

// The modes of signing. The head of an office that decides alone signs without one.
const (
	Head     Mode = ""    // the head himself
	Deputy   Mode = "KT"  // a deputy for the head
	ByOrder  Mode = "TL"  // by standing order
	ByPower  Mode = "TUQ" // by written power
	Acting   Mode = "Q"   // in charge until a head is appointed
	Together Mode = "TM"  // in the name of a body that decides together
)

// Signing describes whoever signs.
type Signing struct {
	Mode Mode
	// Body is the name of a body that decides together ("Ủy ban nhân dân"); empty for a department, which its head leads alone.
	Body string
	// Head is the title of the head ("Giám đốc", "Chủ tịch"); Title that of whoever signs, when it is somebody else ("Phó Giám đốc").
	Head, Title, Name string
}

// Signature makes the block: for a body that decides together "TM." and its name come first, unless somebody signs for the head by order or power.
func (s Signing) Signature() Signature {
	var lines []string
	head := strings.ToUpper(s.Head)
	together := s.Body != "" && (s.Mode == Head || s.Mode == Together || s.Mode == Deputy || s.Mode == Acting)
	if together {
		lines = append(lines, "TM. "+strings.ToUpper(s.Body))
	}
	switch s.Mode {
	case Head, Together:
		lines = append(lines, head)
	case Acting:
		lines = append(lines, "Q. "+head)
	default:
		lines = append(lines, string(s.Mode)+". "+head, strings.ToUpper(s.Title))
	}
	return Signature{Lines: lines, Name: s.Name}
}

// blank is room for something written by hand; the spaces do not break.
func blank(n int) string { return strings.Repeat("\u00a0", n) }

// NumberLine is "Số:        /BC-SNV".
func (d Document) NumberLine() string { return "Số:" + blank(8) + "/" + d.Symbol }

// String is the day as documents write it: 0 before days below 10 and before months 1 and 2.
func (t Date) String() string {
	day, month := blank(6), blank(6)
	if t.Day > 0 {
		day, month = strconv.Itoa(t.Day), strconv.Itoa(t.Month)
		if t.Day < 10 {
			day = "0" + day
		}
		if t.Month < 3 {
			month = "0" + month
		}
	}
	return "ngày " + day + " tháng " + month + " năm " + strconv.Itoa(t.Year)
}

// DateLine is "Kon Tum, ngày 05 tháng 12 năm 2022".
func (d Document) DateLine() string { return d.Place + ", " + d.Date.String() }

// AttachedTo is the line under the title of an annex.
func (d Document) AttachedTo() string {
	return "(Kèm theo " + d.Kind + " số" + blank(8) + "/" + d.Symbol + " " + d.Date.String() + " của " + d.Issuer + ")"
}

// Ending is how the text of a document ends.
const Ending = "./."

// ended gives the body with the ending set: after the last word, or on a line of its own behind a table.
func (d Document) ended() []Block {
	body := append([]Block(nil), d.Body...)
	if n := len(body); n > 0 {
		end := func(t Text) Text {
			t = append(Text(nil), t...)
			last := &t[len(t)-1]
			if last.Note == "" {
				last.Text = strings.TrimRight(strings.TrimRight(last.Text, " "), ".;") + Ending
				return t
			}
			return append(t, Run{Text: Ending})
		}
		switch last := &body[n-1]; {
		case len(last.Paragraph) > 0:
			last.Paragraph = end(last.Paragraph)
			return body
		case len(last.List) > 0:
			last.List = append([]Text(nil), last.List...)
			last.List[len(last.List)-1] = end(last.List[len(last.List)-1])
			return body
		}
	}
	return append(body, Block{Paragraph: Plain(Ending)})
}

// recipients are the lines of Nơi nhận, the last one with a period.
func (d Document) recipients() []string {
	var lines []string
	for _, r := range d.Recipients {
		line := "- " + r.Text
		if r.Tag != "" {
			line += " (" + r.Tag + ")"
		}
		lines = append(lines, line+";")
	}
	return append(lines, "- Lưu: "+d.Archive+".")
}

// to gives the lines of Kính gửi: one line for one addressee, a list for several.
func (d Document) to() []string {
	switch len(d.To) {
	case 0:
		return nil
	case 1:
		return []string{"Kính gửi: " + d.To[0] + "."}
	}
	lines := []string{"Kính gửi:"}
	for i, to := range d.To {
		end := ";"
		if i == len(d.To)-1 {
			end = "."
		}
		lines = append(lines, "- "+to+end)
	}
	return lines
}

// words is the heading as it is printed.
func (h Heading) words() string {
	switch h.Level {
	case 1:
		return h.Number + ". " + strings.ToUpper(h.Title)
	case 2:
		return h.Number + ". " + h.Title
	}
	return h.Number + ") " + h.Title
}

// annexName is "Phụ lục", or "Phụ lục II" when there are several.
func (d Document) annexName(i int) string {
	if len(d.Annexes) == 1 {
		return "Phụ lục"
	}
	return "Phụ lục " + roman(i+1)
}

func roman(n int) string {
	var b strings.Builder
	for _, r := range []struct {
		value int
		text  string
	}{{10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}} {
		for ; n >= r.value; n -= r.value {
			b.WriteString(r.text)
		}
	}
	return b.String()
}

// Whole writes a whole number with points between thousands: "23.800".
func Whole(n int64) string { return Number{Value: n}.String() }

// String writes the number as Vietnamese documents do: "23.800", "12,5".
func (n Number) String() string {
	s := strconv.FormatInt(n.Value, 10)
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	for len(s) <= n.Decimals {
		s = "0" + s
	}
	whole, rest := s[:len(s)-n.Decimals], s[len(s)-n.Decimals:]
	var b strings.Builder
	for i, c := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte('.')
		}
		b.WriteRune(c)
	}
	if rest != "" {
		return sign + b.String() + "," + rest
	}
	return sign + b.String()
}

// Float is the number for a spreadsheet.
func (n Number) Float() float64 {
	f, _ := strconv.ParseFloat(strconv.FormatInt(n.Value, 10)+"e-"+strconv.Itoa(n.Decimals), 64) // always a number
	return f
}

// tables lists the tables of the document in order. One without a title has that of its annex, or of the document.
func (d Document) tables() []Table {
	var all []Table
	in := func(blocks []Block, title string) {
		for _, b := range blocks {
			if b.Table != nil {
				t := *b.Table
				if t.Title == "" {
					t.Title = title
				}
				all = append(all, t)
			}
		}
	}
	in(d.Body, d.heading())
	for _, a := range d.Annexes {
		in(a.Blocks, a.Title)
	}
	return all
}

// Figures lists every cell of every table that is a number, as printed, in reading order; an interval follows its number. Each format holds exactly these.
func (d Document) Figures() []string {
	var all []string
	for _, t := range d.tables() {
		for _, r := range t.Rows {
			for _, c := range r.Cells {
				if c.Number != nil {
					all = append(all, c.Text)
				}
				if c.Range != nil {
					all = append(all, c.Range.String())
				}
			}
		}
	}
	return all
}

// head is one cell of a table's head: where it stands and how far it reaches.
type headCell struct {
	text          string
	row, column   int
	rows, columns int
}

// heads lays out the head of a table: neighbours that share a path stand under one cell, a short path reaches down.
func (t Table) heads() (cells []headCell, rows int) {
	for _, c := range t.Columns {
		rows = max(rows, len(c.Head))
	}
	same := func(a, b Column, level int) bool {
		if len(a.Head) <= level+1 || len(b.Head) <= level+1 { // a leaf is never shared
			return false
		}
		for k := 0; k <= level; k++ {
			if a.Head[k] != b.Head[k] {
				return false
			}
		}
		return true
	}
	for level := range rows {
		for i := 0; i < len(t.Columns); {
			c := t.Columns[i]
			if len(c.Head) <= level {
				i++
				continue
			}
			cell := headCell{text: c.Head[level], row: level, column: i, rows: 1, columns: 1}
			if level == len(c.Head)-1 {
				cell.rows = rows - level
			}
			for i+cell.columns < len(t.Columns) && same(c, t.Columns[i+cell.columns], level) {
				cell.columns++
			}
			cells = append(cells, cell)
			i += cell.columns
		}
	}
	return cells, rows
}

// shares are the widths of the columns in millimetres: by their weights, but none so narrow that a number or a word of it would be cut, as long as
// there is room for all.
func (t Table) shares(whole float64) []float64 {
	weights, needs := make([]float64, len(t.Columns)), make([]float64, len(t.Columns))
	sum := 0.0
	for i, c := range t.Columns {
		weights[i] = float64(max(1, c.Weight))
		for _, h := range c.Head[len(c.Head)-1:] {
			needs[i] = longest(h, t.size(), true)
		}
		for _, r := range t.Rows {
			cell := r.Cells[i]
			needs[i] = max(needs[i], longest(cell.Text, t.size(), r.Strong))
			if cell.Range != nil {
				needs[i] = max(needs[i], longest(strings.Replace(cell.Range.String(), "–", "– ", 1), sizeRange, false)) // it may go on below
			}
		}
		if !c.Numeric {
			needs[i] = min(needs[i], whole/4) // a very long word is cut, not everything else
		}
		needs[i] += 2*cellMargin + 0.4
		sum += needs[i]
	}
	out := make([]float64, len(t.Columns))
	if sum >= whole {
		for i := range out {
			out[i] = whole * needs[i] / sum
		}
		return out
	}
	fixed := make([]bool, len(t.Columns))
	for { // who has less than it needs gets what it needs, the others share the rest
		room, of := whole, 0.0
		for i := range out {
			if fixed[i] {
				room -= needs[i]
			} else {
				of += weights[i]
			}
		}
		changed := false
		for i := range out {
			if fixed[i] {
				out[i] = needs[i]
				continue
			}
			if out[i] = room * weights[i] / of; out[i] < needs[i] {
				fixed[i], changed = true, true
			}
		}
		if !changed {
			return out
		}
	}
}

// longest is about how wide the longest word of a text is, in millimetres; digits are half as wide as high in our font.
func longest(text string, size float64, strong bool) float64 {
	most := 0.0
	for word := range strings.SplitSeq(text, " ") {
		w := 0.0
		for _, r := range word {
			switch {
			case r >= '0' && r <= '9' || r == '–':
				w += 0.5
			case r == '.' || r == ',' || r == '-':
				w += 0.28
			case unicode.IsUpper(r):
				w += 0.75
			default:
				w += 0.5
			}
		}
		most = max(most, w)
	}
	if strong {
		most *= 1.06
	}
	return most * size * mm
}

// size is the size of letters in a table, in points: wide tables are smaller.
func (t Table) size() float64 {
	switch n := len(t.Columns); {
	case n > 9:
		return 10
	case n > 6:
		return 11
	}
	return 12
}

// made is the moment for the properties of the files.
func (d Document) made() time.Time {
	if d.Made.IsZero() {
		return time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return d.Made.UTC().Truncate(time.Second)
}
