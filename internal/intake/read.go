package intake

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/unicode/norm"

	"binhan/internal/codelist"
	"binhan/internal/fault"
)

// Reader reads a register through a mapping, one row at a time, in little memory.
type Reader struct {
	mapping *Mapping
	records records
	font    *strings.Replacer
	today   time.Time
	bound   []boundField
	unnamed []int
	seen    map[[16]byte]int // rows so far by the first half of their hash
	blank   int
	rows    int
}

// boundField is a field with the places of its columns in this file.
type boundField struct {
	*field
	cells []boundColumn
}

type boundColumn struct {
	column
	index int // -1 for an optional column that the file does not have
	name  string
}

// Open opens a register and holds the mapping against its header. today is the last day on which an entry can have been made. When the mapping does not fit, nothing
// is read: the error (fault.Invalid) lists the columns that are missing and those that the mapping neither maps nor ignores.
func Open(ctx context.Context, m *Mapping, path string, today time.Time) (*Reader, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fault.New(fault.NotFound, "intake_no_file").Because(err)
	}
	rs, err := openRecords(ctx, file, m)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	r, err := newReader(m, rs, today)
	if err != nil {
		return nil, errors.Join(err, rs.close())
	}
	return r, nil
}

func newReader(m *Mapping, rs records, today time.Time) (*Reader, error) {
	r := &Reader{mapping: m, records: rs, font: fonts[codelist.Fold(m.File.Font)], today: civil(today), seen: map[[16]byte]int{}}
	for range m.File.HeaderRow - 1 {
		if _, err := rs.next(); err != nil {
			return nil, noHeader(err)
		}
	}
	header, err := rs.next()
	if err != nil {
		return nil, noHeader(err)
	}
	if header.broken != "" || len(header.cells) == 0 || len(header.cells) > maxColumns {
		return nil, fault.New(fault.Malformed, "intake_no_header")
	}
	rs.width(len(header.cells))
	return r, r.bind(header.cells)
}

func noHeader(err error) error {
	if errors.Is(err, io.EOF) {
		return fault.New(fault.Malformed, "intake_no_header")
	}
	return err
}

// Mapping is the mapping that reads the file.
func (r *Reader) Mapping() *Mapping { return r.mapping }

// Blank counts the rows so far that held nothing.
func (r *Reader) Blank() int { return r.blank }

// Position is how much of the file was read, out of how much (bytes of a text, rows of a workbook); out of 0 when it is not known.
func (r *Reader) Position() (done, total int64) { return r.records.position() }

// Digest is the SHA-256 of the whole file, once Next gave io.EOF.
func (r *Reader) Digest() [sha256.Size]byte { return r.records.digest() }

// Close lets go of the file.
func (r *Reader) Close() error { return r.records.close() }

// bind finds the mapping's columns in the header.
func (r *Reader) bind(header []string) error {
	var ps fault.Problems
	at := map[string][]int{}
	folded := make([]string, len(header))
	for i, h := range header {
		folded[i] = codelist.Fold(r.unfont(h))
		if folded[i] == "" {
			r.unnamed = append(r.unnamed, i)
			continue
		}
		at[folded[i]] = append(at[folded[i]], i)
	}
	used := make([]bool, len(header))
	expected, found := 0, 0
	for _, fs := range [][]field{r.mapping.fields, r.mapping.extras} {
		for i := range fs {
			b := boundField{field: &fs[i]}
			for _, c := range fs[i].columns {
				places := placesOf(at, c.headers)
				bc := boundColumn{column: c, index: -1, name: c.display}
				switch {
				case len(places) > 1:
					ps.Add("/columns", "intake_column_doubled", "column", c.display)
				case len(places) == 1:
					bc.index, bc.name = places[0], strings.TrimSpace(r.unfont(header[places[0]]))
					used[places[0]] = true
					found++
				case !c.optional:
					ps.Add("/columns", "intake_column_missing", "column", c.display)
				}
				expected++
				b.cells = append(b.cells, bc)
			}
			r.bound = append(r.bound, b)
		}
	}
	for _, ig := range r.mapping.Ignore {
		for _, h := range ig.Header {
			for _, i := range at[codelist.Fold(h)] {
				used[i] = true
			}
		}
	}
	if found*2 < expected { // another file, or one without a header: then the "names" are somebody's data, and nobody may see them here
		return fault.New(fault.Malformed, "intake_other_file").With(map[string]any{"found": found, "expected": expected})
	}
	for i := range header {
		if !used[i] && folded[i] != "" {
			ps.Add("/columns", "intake_column_unmapped", "column", strings.TrimSpace(r.unfont(header[i])))
		}
	}
	return ps.Err()
}

func placesOf(at map[string][]int, headers []string) []int {
	var places []int
	for _, h := range headers {
		for _, i := range at[h] {
			if !slices.Contains(places, i) {
				places = append(places, i)
			}
		}
	}
	return places
}

// Next is the next row that is not blank, taken or not. After the last one it gives io.EOF. Any other error is about the file as a whole.
func (r *Reader) Next() (Outcome, error) {
	for {
		rec, err := r.records.next()
		if err != nil {
			return Outcome{}, err
		}
		if rec.blank {
			r.blank++
			continue
		}
		r.rows++
		return r.read(rec), nil
	}
}

func (r *Reader) read(rec record) Outcome {
	untaken := &Untaken{Row: rec.number, Line: rec.line}
	if rec.broken != "" {
		untaken.Troubles = []Trouble{{Class: rec.broken}}
		return Outcome{Untaken: untaken}
	}
	for i, c := range rec.cells {
		rec.cells[i] = strings.TrimSpace(norm.NFC.String(r.unfont(c)))
	}
	for _, i := range r.unnamed {
		if rec.cells[i] != "" {
			untaken.Troubles = append(untaken.Troubles, Trouble{Class: UnnamedColumn})
			break
		}
	}
	row := &Row{Number: rec.number, Line: rec.line}
	in := interpreter{reader: r, cells: rec.cells, row: row}
	in.fill()
	untaken.Troubles = append(untaken.Troubles, in.troubles...)
	if len(untaken.Troubles) > 0 {
		return Outcome{Untaken: untaken}
	}
	row.Key = r.key(rec.cells)
	return Outcome{Row: row}
}

func (r *Reader) unfont(text string) string {
	return unfont(r.font, text)
}

// key hashes the mapped cells of a row under the names of our fields, so that neither the order of columns, nor a new name for one, nor a column that was empty
// then and is missing now, nor the way in which a day, a number or a known word is written makes another row of it.
func (r *Reader) key(cells []string) Key {
	type part struct{ id, value string }
	var parts []part
	for _, b := range r.bound {
		if len(r.mapping.Identity) > 0 && !slices.Contains(r.mapping.Identity, b.name) {
			continue
		}
		for _, c := range b.cells {
			if c.index < 0 || cells[c.index] == "" {
				continue
			}
			parts = append(parts, part{c.id, r.canonical(b.field, cells[c.index])})
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return strings.Compare(a.id, b.id) })
	h := sha256.New()
	for _, p := range parts {
		for _, s := range []string{p.id, p.value} {
			var size [8]byte
			binary.BigEndian.PutUint64(size[:], uint64(len(s)))
			h.Write(size[:])
			h.Write([]byte(s))
		}
	}
	k := Key{Mapping: r.mapping.Name}
	h.Sum(k.Hash[:0])
	r.seen[[16]byte(k.Hash[:16])]++
	k.Nth = r.seen[[16]byte(k.Hash[:16])]
	return k
}

func (r *Reader) canonical(f *field, text string) string {
	switch f.kind {
	case aDay:
		if day, ok := r.parseDay(f, text); ok {
			return day.Format(time.DateOnly)
		}
	case aNumber:
		if n, ok := parseNumber(text); ok {
			return strconv.FormatFloat(n, 'f', -1, 64)
		}
	case aText:
		if !f.tick {
			return strings.Join(strings.Fields(text), " ")
		}
	}
	return codelist.Fold(text)
}

// interpreter turns the cells of one row into a Row.
type interpreter struct {
	reader   *Reader
	cells    []string
	row      *Row
	troubles []Trouble
}

func (in *interpreter) trouble(f *field, c boundColumn, class Class, word string) {
	t := Trouble{Field: f.name, Column: c.name, Class: class}
	if f.spec.Class == "operational" && class == UnknownWord {
		t.word = word
	}
	in.troubles = append(in.troubles, t)
}

// fill reads the day first, because a commune's code depends on it.
func (in *interpreter) fill() {
	for _, pass := range []bool{true, false} {
		for _, b := range in.reader.bound {
			if (b.kind == aDay) == pass {
				in.field(b)
			}
		}
	}
	in.settle()
}

func (in *interpreter) field(b boundField) {
	switch {
	case b.spec.Constant != "":
		in.set(b.field, []string{b.spec.Constant})
	case b.name == "extra":
		in.extra(b)
	case len(b.spec.Ticks) > 0:
		in.ticks(b)
	default:
		in.cell(b, b.cells[0])
	}
}

// text is the cell of a column; "" for an optional column that the file does not have.
func (in *interpreter) text(c boundColumn) string {
	if c.index < 0 {
		return ""
	}
	return in.cells[c.index]
}

func (in *interpreter) cell(b boundField, c boundColumn) {
	text := in.text(c)
	if text == "" {
		switch {
		case b.spec.Empty != "":
			in.set(b.field, []string{b.spec.Empty})
		case b.spec.Required:
			in.trouble(b.field, c, Empty, "")
		}
		return
	}
	switch b.kind {
	case aDay:
		in.day(b, c, text)
	case aNumber:
		in.number(b, c, text)
	case aText:
		in.set(b.field, []string{text})
	case aCommune:
		in.commune(b, c, text)
	case severalCodes:
		in.words(b, c, text)
	default:
		if code, ok := in.word(b, c, text); ok {
			in.set(b.field, []string{code})
		}
	}
}

// word is the code for a word of the register.
func (in *interpreter) word(b boundField, c boundColumn, word string) (string, bool) {
	if code, ok := b.field.words[codelist.Fold(word)]; ok {
		return code, true
	}
	if b.spec.Other != "" {
		return b.spec.Other, true
	}
	in.trouble(b.field, c, UnknownWord, word)
	return "", false
}

func (in *interpreter) words(b boundField, c boundColumn, text string) {
	parts := []string{text}
	if b.spec.Split != "" {
		parts = strings.Split(text, b.spec.Split)
	}
	var codes []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p == "" {
			continue
		}
		code, ok := in.word(b, c, p)
		if !ok {
			return
		}
		codes = append(codes, code)
	}
	in.set(b.field, codes)
}

func (in *interpreter) ticks(b boundField) {
	var codes []string
	for _, c := range b.cells {
		yes, ok := in.yes(b, c)
		if !ok {
			return
		}
		if yes {
			codes = append(codes, c.code)
		}
	}
	if len(codes) == 0 && b.spec.Empty != "" {
		codes = []string{b.spec.Empty}
	}
	in.set(b.field, codes)
}

func (in *interpreter) yes(b boundField, c boundColumn) (yes, ok bool) {
	text := in.text(c)
	if text == "" {
		if c.index < 0 || in.reader.mapping.YesNo.EmptyIsNo {
			return false, true
		}
		in.trouble(b.field, c, Empty, "")
		return false, false
	}
	yes, ok = in.reader.mapping.flags[codelist.Fold(text)]
	if !ok {
		in.trouble(b.field, c, UnknownWord, text)
	}
	return yes, ok
}

func (in *interpreter) extra(b boundField) {
	c := b.cells[0]
	if b.tick {
		if yes, ok := in.yes(b, c); ok && yes {
			in.row.Narrative = append(in.row.Narrative, Line{Label: b.label})
		}
		return
	}
	if text := in.text(c); text != "" {
		in.row.Narrative = append(in.row.Narrative, Line{Label: b.label, Text: text})
	}
}

func (in *interpreter) day(b boundField, c boundColumn, text string) {
	day, ok := in.reader.parseDay(b.field, text)
	switch {
	case !ok:
		in.trouble(b.field, c, NotADate, "")
	case day.Before(b.from) || day.After(in.reader.today):
		in.trouble(b.field, c, DateOutOfRange, "")
	case b.name == "received_on":
		in.row.ReceivedOn = day
	default:
		in.row.OccurredOn = day
	}
}

// parseDay reads a day in the mapping's ways, or as the number by which a workbook keeps it.
func (r *Reader) parseDay(f *field, text string) (time.Time, bool) {
	for _, layout := range f.layouts {
		if day, err := time.Parse(layout, text); err == nil {
			return civil(day), true
		}
	}
	w, ok := r.records.(*workbook)
	if !ok {
		return time.Time{}, false
	}
	serial, err := strconv.ParseFloat(text, 64)
	if err != nil || serial < 1 || serial > 100_000 { // the years 1900 to 2173
		return time.Time{}, false
	}
	day, err := excelize.ExcelDateToTime(serial, w.base == 1904)
	return civil(day), err == nil
}

func civil(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

func (in *interpreter) number(b boundField, c boundColumn, text string) {
	n, ok := parseNumber(text)
	if !ok {
		in.trouble(b.field, c, NotANumber, "")
		return
	}
	whole := int(math.Floor(n)) // completed years: 31.9 is 31
	if whole < b.min || whole > b.max {
		in.trouble(b.field, c, NumberOutOfRange, "")
		return
	}
	if b.name == "birth_year" {
		in.row.BirthYear = &whole
	} else {
		in.row.Age = &whole
	}
}

var plainNumber = regexp.MustCompile(`^[+-]?[0-9]{1,9}([.,][0-9]{1,9})?$`)

// parseNumber reads a number with a point or a comma before its decimals, and nothing else: no thousands, no exponents, no infinities.
func parseNumber(text string) (float64, bool) {
	if !plainNumber.MatchString(text) {
		return 0, false
	}
	n, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
	return n, err == nil
}

func (in *interpreter) commune(b boundField, c boundColumn, text string) {
	if code, ok := b.field.words[codelist.Fold(text)]; ok {
		in.set(b.field, []string{code})
		return
	}
	if in.row.ReceivedOn.IsZero() {
		return // the day has its own trouble, and without it no name can be looked up
	}
	switch us := codelist.CommunesNamed(text, in.row.ReceivedOn); {
	case len(us) == 1:
		in.set(b.field, []string{us[0].Code})
	case len(us) > 1:
		in.trouble(b.field, c, SeveralAnswers, "")
	case b.spec.Other != "":
		in.set(b.field, []string{b.spec.Other})
	default:
		in.trouble(b.field, c, UnknownWord, text)
	}
}

// set puts codes or text where the field belongs.
func (in *interpreter) set(f *field, values []string) {
	var one string
	if len(values) > 0 {
		one = values[0]
	}
	row := in.row
	switch f.name {
	case "area":
		row.Area = one
	case "commune":
		row.Commune = one
	case "sex":
		row.Sex = one
	case "forms":
		row.Forms = values
	case "acts":
		row.Acts = values
	case "relationship":
		row.Relationship = one
	case "sex_perp":
		row.SexPerp = one
	case "ethnicity":
		row.Ethnicity = one
	case "channel":
		row.Channel = one
	case "reporter":
		row.Reporter = one
	case "name":
		row.Person.Name = one
	case "phone":
		row.Person.Phone = one
	case "id_number":
		row.Person.IDNumber = one
	case "address":
		row.Person.Address = one
	case "narrative":
		row.Narrative = append(row.Narrative, Line{Text: one})
	default:
		panic(fmt.Sprintf("intake: field %s has no place", f.name))
	}
}

// settle derives what the cells imply together.
func (in *interpreter) settle() {
	row := in.row
	slices.Sort(row.Acts)
	row.Acts = slices.Compact(row.Acts)
	row.Forms = codelist.SortForms(append(row.Forms, codelist.FormsOf(row.Acts)...))
	if row.Area == "" && row.Commune != "" {
		row.Area = codelist.Area(row.Commune, row.ReceivedOn)
	}
	if row.Area == "" {
		row.Area = codelist.Unknown
	}
	if row.ReceivedOn.IsZero() {
		return
	}
	var ps fault.Problems
	person := row.person()
	person.Check("", row.ReceivedOn, &ps)
	for _, p := range ps {
		if name := strings.TrimPrefix(p.Pointer, "/"); targets[name].kind == aText {
			in.against(name, Unfit)
		}
	}
	if row.OccurredOn.After(row.ReceivedOn) {
		in.against("occurred_on", DateOutOfRange)
	}
	if y := row.BirthYear; y != nil && codelist.AgeBand(row.ReceivedOn.Year()-*y) == codelist.Unknown {
		in.against("birth_year", NumberOutOfRange)
	}
}

// against notes a trouble that a field has with another one.
func (in *interpreter) against(name string, class Class) {
	for _, b := range in.reader.bound {
		if b.name == name {
			in.trouble(b.field, b.cells[0], class, "")
		}
	}
}
