package release

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// bookFrom is a book of published tables, without a database.
func bookFrom(p Plan, tables []PublishedTable) *Book {
	b := &Book{Plan: p}
	for _, t := range tables {
		b.Tables = append(b.Tables, viewOf("r", t))
	}
	b.index(tables)
	return b
}

func TestSelectionsAreWrittenInOneOrder(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"form=PHYSICAL;area=608": "area=608;form=PHYSICAL", "area=610;area=608": "area=610;area=608", "": "", "nothing": "", "sex=F;": "sex=F"} {
		if got := ParseSelection(text).String(); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestSumsOfCellsHoldTheTrueNumber: over many releases of made-up people, the interval of two and of four merged cells holds the true number at least as often as
// it says, and a merged row is the sum of its cells.
func TestSumsOfCellsHoldTheTrueNumber(t *testing.T) {
	t.Parallel()
	asked, held := map[int]int{}, map[int]int{}
	for seed := range 40 {
		name := fmt.Sprintf("sums %d", seed)
		f := people(name, 500, mediumDims...)
		l := planFor(t, Medium, f)
		c := tabulated(t, l, f)
		tables := release(t, seeded(name), l, c)
		b := bookFrom(l.plan, tables)
		for i, table := range tables {
			if len(table.Dims) != 1 || table.Dims[0] == "forms" {
				continue
			}
			dim := table.Dims[0]
			cells := leaves(l, i, table)
			for _, n := range []int{2, 4} {
				for from := 0; from+n <= len(cells); from++ {
					s := Selection{}
					var truth, count int64
					for k := from; k < from+n; k++ {
						s[dim] = append(s[dim], ParseSelection(cells[k].Dims)[dim]...)
						truth += c[i][k]
						count += cells[k].Count
					}
					v, _, ok := b.Sum(s)
					if !ok {
						t.Fatalf("%s cannot be added", s)
					}
					if v.Count != nil && *v.Count != count || v.Count == nil && count >= 10 {
						t.Fatalf("%s: %v, the cells add up to %d", s, v.Count, count)
					}
					if v.Upper-v.Lower < 5 {
						t.Fatalf("%s: an interval of %d to %d", s, v.Lower, v.Upper)
					}
					asked[n]++
					if v.Lower <= truth && truth <= v.Upper {
						held[n]++
					}
				}
			}
		}
	}
	for n, all := range asked {
		share := float64(held[n]) / float64(all)
		t.Logf("%d cells: %d sums, %.3f of the intervals hold", n, all, share)
		if all < 200 || share < 0.95 {
			t.Errorf("%d cells: %.3f of %d", n, share, all)
		}
	}
}

// TestTheSameQuestionHasOneNumber: all values of a dimension are no dimension, all communes of an area are the area, and an order or a repetition changes nothing.
func TestTheSameQuestionHasOneNumber(t *testing.T) {
	t.Parallel()
	count := func(n int64) Cell { return Cell{Count: n, Shown: n >= 10, Lower: max(0, n-8), Upper: n + 8} }
	cell := func(dims string, n int64) Cell { c := count(n); c.Dims = dims; return c }
	p := Plan{Dims: []Dim{{Name: "area", Values: []string{"1", "2"}}, {Name: "commune", Values: []string{"a", "b", "1-UNK", "c", "2-UNK"}, Within: "area", Parents: map[string]string{"a": "1", "b": "1", "1-UNK": "1", "c": "2", "2-UNK": "2"}},
		{Name: "sex", Values: []string{"F", "M"}}}}
	b := bookFrom(p, []PublishedTable{{ID: "total", Dims: []string{}, Cells: []Cell{cell("", 100)}}, {ID: "area", Dims: []string{"area"}, Cells: []Cell{cell("", 100), cell("area=1", 60), cell("area=2", 40)}},
		{ID: "sex", Dims: []string{"sex"}, Cells: []Cell{cell("", 100), cell("sex=F", 95), cell("sex=M", 5)}},
		{ID: "commune", Dims: []string{"commune"}, Cells: []Cell{cell("", 100), cell("commune=a", 50), cell("commune=b", 5), cell("commune=1-UNK", 5), cell("commune=c", 35), cell("commune=2-UNK", 5)}}})
	type answer struct {
		Text, Table string
		OK          bool
	}
	say := func(text string) answer {
		v, table, ok := b.Sum(ParseSelection(text))
		out := answer{"<10", table, ok}
		if v.Count != nil {
			out.Text = fmt.Sprint(*v.Count)
		}
		out.Text += fmt.Sprintf(" %d-%d", v.Lower, v.Upper)
		return out
	}
	for text, want := range map[string]answer{
		"":                                  {"100 92-108", "total", true},
		"sex=F;sex=M":                       {"100 92-108", "total", true},
		"sex=M":                             {"<10 0-13", "sex", true},
		"commune=b;commune=a;commune=1-UNK": {"60 52-68", "area", true},
		"commune=a;commune=b;commune=a":     {"55 43-67", "commune", true},
		"commune=b;commune=1-UNK":           {"10 0-22", "commune", true},
		"sex=X":                             {"<10 0-0", "", false},
		"sex=F;commune=a":                   {"<10 0-0", "", false},
		"commune=a;commune=b;commune=1-UNK;commune=c;commune=2-UNK": {"100 92-108", "total", true},
	} {
		if d := cmp.Diff(want, say(text)); d != "" {
			t.Errorf("%q (-want +got)\n%s", text, d)
		}
	}
}
