package release

import (
	"fmt"
	"slices"
	"strings"

	"binhan/internal/fault"
)

// counts are exact numbers of people, one slice a table of the layout. They live between tabulate and measure and nowhere else: they are never
// stored, logged or returned from this package.
type counts [][]int64

// tabulate counts the facts into every table of the plan, over the whole domain. strict: a code outside of the plan's domains is a problem of the
// file, told by row and column; otherwise it is counted as unknown, because a person may not be lost for a code that came too late.
func tabulate(l *layout, f *Facts, strict bool) (counts, error) {
	var bad fault.Problems
	column := make([]int, len(l.dims))      // dimension of the layout -> column of the facts
	meaning := make([][]int, len(l.dims))   // code of the facts -> position in the domain, or outside
	several := make([][][]int, len(l.dims)) // for a dimension with several values a person: code of the facts -> positions
	for d, dim := range l.dims {
		column[d] = -1
		for c, name := range f.Dims {
			if name == dim.Name {
				column[d] = c
			}
		}
		if column[d] < 0 {
			return nil, fault.Bad(fault.Problem{Pointer: "/facts/1", Key: "release_facts_column_missing", Args: map[string]any{"row": 1, "column": dim.Name}})
		}
		if slices.Contains(manyValued, dim.Name) {
			for _, v := range f.Values[column[d]] {
				at := l.positions(d, strings.Split(v, "+"), strict)
				several[d] = append(several[d], at)
				meaning[d] = append(meaning[d], at[0])
			}
			continue
		}
		for _, v := range f.Values[column[d]] {
			at := l.position(d, v, strict)
			if at < 0 && l.within[d] >= 0 && (!strict || v == notKnown) {
				at = notPlaced
			}
			meaning[d] = append(meaning[d], at)
		}
	}
	c := make(counts, len(l.tables))
	for i := range l.tables {
		c[i] = make([]int64, l.tables[i].cells)
	}
	at := make([]int, len(l.dims))
	for i := range f.Len() {
		if len(f.Dims) > 0 {
			row := f.row(i)
			for d := range at {
				at[d] = meaning[d][row[column[d]]]
				if at[d] == outside {
					bad.Add(fmt.Sprintf("/facts/%d/%s", f.lineOf(i), l.dims[d].Name), "release_facts_outside", "row", f.lineOf(i), "column", l.dims[d].Name)
				}
			}
			if len(bad) == 0 && !l.settle(at, strict) {
				bad.Add(fmt.Sprintf("/facts/%d/commune", f.lineOf(i)), "release_facts_parent", "row", f.lineOf(i), "column", "commune")
			}
			if len(bad) >= maxProblems {
				break
			}
			if len(bad) > 0 {
				continue
			}
		}
		for t := range l.tables {
			if s := &l.tables[t]; s.aside {
				for _, k := range several[s.dims[0]][f.row(i)[column[s.dims[0]]]] {
					c[t][k] += f.people(i)
				}
				continue
			}
			c[t][l.tables[t].cell(at)] += f.people(i)
		}
	}
	return c, bad.Err()
}

// Positions that are none.
const (
	outside   = -1 // a code that the plan does not know
	notPlaced = -2 // somewhere in the area, not known where
)

// notKnown is the code of the lists for what nobody knows.
const notKnown = "UNK"

// position finds the place of a code in a domain: itself, what it is recoded to, or, when nobody can correct it any more, unknown.
func (l *layout) position(d int, code string, strict bool) int {
	if at, ok := l.index[d][code]; ok {
		return at
	}
	if !strict || code == l.dims[d].Unknown {
		if at, ok := l.index[d][l.dims[d].Unknown]; ok {
			return at
		}
	}
	return outside
}

// settle makes a row agree with the nesting of its dimensions: a commune that is not known, or (unless strict) that lies in another area, becomes
// the rest of the row's area.
func (l *layout) settle(at []int, strict bool) bool {
	for d, over := range l.within {
		if over < 0 {
			continue
		}
		if at[d] >= 0 && l.parent[d][at[d]] == at[over] {
			continue
		}
		if at[d] >= 0 && strict {
			return false
		}
		rest, ok := l.index[d][restOf(l.dims[over].Values[at[over]])]
		if !ok {
			return false
		}
		at[d] = rest
	}
	return true
}

// positions finds the places of the several values of one person, each once, no more than a person may have: the first in the order of the fact, which is that of the main
// form. One that is not known
// among others is passed over unless strict; none at all is unknown. The first is outside when the file must be refused.
func (l *layout) positions(d int, codes []string, strict bool) []int {
	most := int64(1)
	for _, t := range l.tables {
		if t.aside && t.dims[0] == d {
			most = t.sensitivity2()
		}
	}
	var at []int
	for _, code := range codes {
		k, ok := l.index[d][code]
		switch {
		case !ok && strict:
			return []int{outside}
		case ok && !slices.Contains(at, k) && l.dims[d].Values[k] != l.dims[d].Unknown:
			at = append(at, k)
		}
	}
	if len(at) == 0 {
		unknown, ok := l.index[d][l.dims[d].Unknown]
		if !ok {
			unknown = outside
		}
		return []int{unknown}
	}
	return at[:min(int64(len(at)), most)]
}
