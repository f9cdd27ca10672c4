package release

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/gate"
)

// Book is a published release opened for reading: its cells as printed, and the protected numbers behind them, so that readers may add cells up. Every sum is one
// of published cells, so a merged row, a recoded area and the report agree and cost no privacy.
type Book struct {
	Release  Release
	Plan     Plan
	Tables   []TableView
	Manifest Manifest
	csv      map[string][]byte  // of each table, the bytes whose hash the manifest tells
	cells    map[string]printed // by its dims, as published
	drafted  bool
}

// printed is a cell and the smallest table that prints it; the same cell in another table has the same number.
type printed struct {
	Cell
	table string
	size  int
}

// Book opens one published release; to whom it is not published it does not exist.
func (s *Service) Book(ctx context.Context, who access.Actor, id uuid.UUID) (*Book, error) {
	return gate.Do(ctx, s.gate, who, access.ReadRelease, access.Nothing, func(tx *gate.Tx) (*Book, error) {
		var row cubeRow
		if err := tx.Get(&row, `select `+publishedColumns+` from stats.published_releases where id = $1`, id); err != nil {
			return nil, err
		}
		tx.Opened(access.Statistics)
		if b := s.shelf.find(row); b != nil {
			return b, nil
		}
		var cells []cellRow
		if err := tx.Select(&cells, `select table_id, dims, value, lower, upper, shown from stats.published_numbers where release_id = $1 order by table_id, position`, id); err != nil {
			return nil, err
		}
		b, err := bookOf(row, cells)
		if err == nil {
			s.shelf.put(row, b)
		}
		return b, err
	})
}

// shelf keeps the books opened lately. What is published never changes, but for being superseded; each reading still goes through the gate and stands in the record.
// A book is shared by its readers and changed by none.
type shelf struct {
	mu    sync.Mutex
	books map[shelfMark]*Book
	order []shelfMark
}

type shelfMark struct {
	id    uuid.UUID
	state State
	sum   [32]byte
}

const shelved = 12

func markOf(row cubeRow) shelfMark {
	m := shelfMark{id: row.ID, state: row.State}
	copy(m.sum[:], row.SHA256)
	return m
}

func (s *shelf) find(row cubeRow) *Book {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.books[markOf(row)]
}

func (s *shelf) put(row cubeRow, b *Book) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := markOf(row)
	if s.books == nil {
		s.books = map[shelfMark]*Book{}
	}
	if s.books[m] == nil {
		s.order = append(s.order, m)
	}
	s.books[m] = b
	for len(s.order) > shelved {
		delete(s.books, s.order[0])
		s.order = s.order[1:]
	}
}

func bookOf(row cubeRow, cells []cellRow) (*Book, error) {
	b := &Book{csv: map[string][]byte{}}
	plan, err := ParsePlan([]byte(row.Spec))
	if err != nil {
		return nil, err
	}
	l, err := plan.layout(true)
	if err != nil {
		return nil, err
	}
	tables := gather(l, cells)
	if b.Manifest, _, err = manifestOf(row, l, tables); err != nil {
		return nil, err
	}
	if b.Release, err = row.release(); err != nil {
		return nil, err
	}
	b.Plan = plan
	for _, t := range tables {
		b.Tables = append(b.Tables, viewOf(row.ID.String(), t))
		if b.csv[t.ID], err = tableCSV(row.ID.String(), t); err != nil {
			return nil, err
		}
	}
	b.index(tables)
	return b, nil
}

// DraftBook opens what a second reader checks before it is published. Its withheld cells stay withheld, also in sums.
func DraftBook(r Release, c Checked) *Book {
	b := &Book{Release: r, Tables: c.Tables, Manifest: c.Manifest, drafted: true}
	tables := make([]PublishedTable, len(c.Tables))
	for i, v := range c.Tables {
		tables[i] = PublishedTable{ID: v.TableID, Dims: v.Dims}
		for _, x := range v.Cells {
			cell := Cell{Dims: x.Dims, Lower: x.Lower, Upper: x.Upper}
			if x.Count != nil {
				cell.Count, cell.Shown = *x.Count, true
			}
			tables[i].Cells = append(tables[i].Cells, cell)
		}
	}
	b.index(tables)
	return b
}

func (b *Book) index(tables []PublishedTable) {
	b.cells = map[string]printed{}
	for _, t := range tables {
		for _, c := range t.Cells {
			if was, there := b.cells[c.Dims]; !there || len(t.Cells) < was.size {
				b.cells[c.Dims] = printed{c, t.ID, len(t.Cells)}
			}
		}
	}
}

// Draft tells whether it is not published yet.
func (b *Book) Draft() bool { return b.drafted }

// Table gives a table by its id.
func (b *Book) Table(id string) (TableView, bool) {
	for _, t := range b.Tables {
		if t.TableID == id {
			return t, true
		}
	}
	return TableView{}, false
}

// Holding gives the smallest table that crosses all these dimensions.
func (b *Book) Holding(dims ...string) (TableView, bool) {
	found := -1
	for i, t := range b.Tables {
		if slices.ContainsFunc(dims, func(d string) bool { return !slices.Contains(t.Dims, d) }) {
			continue
		}
		if found < 0 || len(t.Cells) < len(b.Tables[found].Cells) {
			found = i
		}
	}
	if found < 0 {
		return TableView{}, false
	}
	return b.Tables[found], true
}

// Find gives a cell by its dims and the table that prints it.
func (b *Book) Find(dims string) (CellView, string, bool) {
	p, ok := b.cells[dims]
	return p.view(), p.table, ok
}

func (c Cell) view() CellView {
	v := CellView{Dims: c.Dims, Lower: c.Lower, Upper: c.Upper}
	if c.Shown {
		n := c.Count
		v.Count = &n
	}
	return v
}

// Selection names a cell, or several at once that are to be added: for each dimension one or more of its codes.
type Selection map[string][]string

// ParseSelection reads "dim=code;dim=code", in which a dimension may stand several times.
func ParseSelection(text string) Selection {
	s := Selection{}
	for part := range strings.SplitSeq(text, ";") {
		if dim, code, ok := strings.Cut(part, "="); ok {
			s[dim] = append(s[dim], code)
		}
	}
	return s
}

// String writes a selection in the fixed order of dimensions.
func (s Selection) String() string {
	var parts []string
	for _, dim := range s.dims() {
		for _, code := range s[dim] {
			parts = append(parts, dim+"="+code)
		}
	}
	return strings.Join(parts, ";")
}

func (s Selection) dims() []string {
	var dims []string
	for dim := range s {
		dims = append(dims, dim)
	}
	slices.SortFunc(dims, func(a, b string) int {
		return cmp.Or(slices.Index(dimOrder, a)-slices.Index(dimOrder, b), strings.Compare(a, b))
	})
	return dims
}

// settled says the same with as few codes as can be: a dimension all of whose values are asked for is left out, and all communes of one area are that area. So
// the same question gets the same number however it is put.
func (b *Book) settled(s Selection) Selection {
	out := Selection{}
	for dim, codes := range s {
		codes = slices.Clone(codes)
		slices.Sort(codes)
		out[dim] = slices.Compact(codes)
	}
	for _, d := range b.Plan.Dims {
		codes, asked := out[d.Name]
		if !asked {
			continue
		}
		if len(codes) == len(d.Values) && within(codes, d.Values) && d.Name != "forms" {
			delete(out, d.Name)
			continue
		}
		if d.Within == "" || len(codes) < 2 || out[d.Within] != nil {
			continue
		}
		parents := map[string]int{}
		for _, c := range codes {
			parents[d.Parents[c]]++
		}
		whole, areas := true, []string{}
		for parent, n := range parents {
			all := 0
			for _, p := range d.Parents {
				if p == parent {
					all++
				}
			}
			whole = whole && parent != "" && n == all
			areas = append(areas, parent)
		}
		if whole {
			slices.Sort(areas)
			delete(out, d.Name)
			out[d.Within] = areas
		}
	}
	return out
}

func within(codes, all []string) bool {
	return !slices.ContainsFunc(codes, func(c string) bool { return !slices.Contains(all, c) })
}

// most bounds how many cells one sum adds.
const most = 4096

// Sum adds the cells of a selection under the same rules of display as everything printed; the second result names the table of its cells. A single cell
// comes back as it is published. Not everything can be added: a cell that no table prints, or a withheld cell of a draft.
func (b *Book) Sum(s Selection) (CellView, string, bool) {
	if len(s["forms"]) > 1 {
		return CellView{}, "", false // one person may have told several: such a sum counts nobody
	}
	s = b.settled(s)
	name := s.String()
	if p, ok := b.cells[name]; ok {
		return p.view(), p.table, true
	}
	parts := []string{""}
	for _, dim := range s.dims() {
		if len(parts)*len(s[dim]) > most || len(s[dim]) == 0 {
			return CellView{}, "", false
		}
		var longer []string
		for _, p := range parts {
			for _, code := range s[dim] {
				if p == "" {
					longer = append(longer, dim+"="+code)
				} else {
					longer = append(longer, p+";"+dim+"="+code)
				}
			}
		}
		parts = longer
	}
	cells := make([]Cell, len(parts))
	table := ""
	for i, part := range parts {
		p, ok := b.cells[part]
		if !ok || b.drafted && !p.Shown {
			return CellView{}, "", false
		}
		cells[i], table = p.Cell, p.table
	}
	if len(cells) < 2 {
		return CellView{}, "", false
	}
	c := together(cells)
	c.Dims = name
	return c.view(), table, true
}

// together adds protected cells. Their noise is independent but for what the agreement of sums adds, which makes errors cancel rather than pile up, so the half
// width is the root of the summed squares; it never falls below what any cell keeps. TestSumsOfCellsHoldTheTrueNumber counts how often it holds.
func together(cells []Cell) Cell {
	var count int64
	var squares float64
	for _, c := range cells {
		half := float64(c.Upper - c.Count)
		count += c.Count
		squares += half * half
	}
	half := int64(math.Ceil(max(leastWidth, math.Sqrt(squares))))
	return display.cell("", count, half)
}

// Differ tells whether two published numbers differ for certain: their intervals do not touch.
func Differ(a, b CellView) bool { return a.Upper < b.Lower || b.Upper < a.Lower }
