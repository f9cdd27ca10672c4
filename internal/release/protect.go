package release

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// Cell is one published number. Every surface (CSV, JSON, page, report, map) prints this and nothing else.
type Cell struct {
	// Dims names the cell: "area=608;form=PHYSICAL"; a dimension left out is summed over, "" is everybody.
	Dims string
	// Count is the protected number of people, a multiple of the display unit. It is safe to know even when it is not shown.
	Count int64
	// Shown is false when the count is printed as "under 10".
	Shown bool
	// Lower and Upper hold the true number with at least 95 % confidence. For a cell that is not shown: 0, and at least 9.
	Lower, Upper int64
}

// PublishedTable is a table of the plan with all its sums.
type PublishedTable struct {
	ID    string
	Dims  []string
	Cells []Cell
}

// leastWidth keeps an interval from naming a small number by itself: it reaches at least this far to either side.
const leastWidth = 5

// halfWidth is how far an interval reaches to either side of an estimate of the given variance: 1.96 standard deviations, and two for the rounding to fives.
func halfWidth(variance float64) int64 {
	return int64(math.Ceil(max(leastWidth, 1.96*math.Sqrt(variance)+2)))
}

// Protect turns the measurements of a cube into its published tables. It is a plain function of them: run again, it gives the same numbers, and
// whatever it does costs no privacy. All sums agree, inside a table and between tables; a cell that occurs in two tables has one number.
func Protect(p Plan, measured []Measurement) ([]PublishedTable, error) {
	l, err := p.layout(false)
	if err != nil {
		return nil, err
	}
	return l.protect(measured)
}

// protect is Protect; more are further measurements of the same tables, those of the quarters of a year.
func (l *layout) protect(measured []Measurement, more ...observed) ([]PublishedTable, error) {
	e, err := estimate(l, measured, more...)
	if err != nil {
		return nil, err
	}
	units := make([][]int64, len(l.tables)) // in display units
	for i := range l.tables {
		if units[i], err = l.fitTable(e, i, units); err != nil {
			return nil, fmt.Errorf("table %s: %w", l.tables[i].ID, err)
		}
	}
	if err := l.addsUp(units); err != nil {
		return nil, err
	}
	bySet := map[uint64]int{}
	for i, t := range l.tables {
		bySet[t.full] = i
	}
	published := make([]PublishedTable, len(l.tables))
	for i := range l.tables {
		published[i] = l.print(e, i, units, bySet)
	}
	return published, nil
}

// fitTable finds the whole units of one table, given those of the smaller ones.
func (l *layout) fitTable(e *estimates, i int, units [][]int64) ([]int64, error) {
	t := &l.tables[i]
	values, _ := e.table(t)
	scaled := make([]float64, len(values))
	for c, v := range values {
		scaled[c] = v / float64(l.plan.Display.Unit)
	}
	if t.full == 0 {
		return []int64{max(0, int64(math.Round(scaled[0])))}, nil
	}
	out := make([]int64, t.cells)
	if t.aside {
		// A value is mentioned by at least those whose main one it is, and by at most everybody.
		least, all := l.mainOf(t, units), units[0][0]
		for c, v := range scaled {
			out[c] = min(max(0, least[c], int64(math.Round(v))), all)
		}
		return out, nil
	}
	if len(t.margins) == 1 {
		sums := units[t.margins[0]]
		for of, cells := range groups(l.onto(t, &l.tables[t.margins[0]]), len(sums)) {
			place(out, cells, project(pick(scaled, cells), sums[of]))
		}
		return out, nil
	}
	first, second, shared := t.margins[0], t.margins[1], t.shared
	ontoFirst, ontoSecond := l.onto(t, &l.tables[first]), l.onto(t, &l.tables[second])
	for _, cells := range groups(l.onto(t, &l.tables[shared]), l.tables[shared].cells) {
		slices.SortFunc(cells, func(a, b int) int {
			if d := ontoFirst[a] - ontoFirst[b]; d != 0 {
				return d
			}
			return ontoSecond[a] - ontoSecond[b]
		})
		var rows, columns []int64
		for k, c := range cells {
			if k == 0 || ontoFirst[c] != ontoFirst[cells[k-1]] {
				rows = append(rows, units[first][ontoFirst[c]])
			}
			if ontoFirst[c] == ontoFirst[cells[0]] {
				columns = append(columns, units[second][ontoSecond[c]])
			}
		}
		fitted, err := betweenMargins(pick(scaled, cells), rows, columns)
		if err != nil {
			return nil, err
		}
		place(out, cells, fitted)
	}
	return out, nil
}

// mainOf gives the published numbers of the main values beside a table of all mentioned ones: form beside forms.
func (l *layout) mainOf(t *shape, units [][]int64) []int64 {
	least := make([]int64, t.cells)
	many := l.dims[t.dims[0]]
	for i := range l.tables {
		if m := &l.tables[i]; len(m.dims) == 1 && l.dims[m.dims[0]].Name+"s" == many.Name {
			for c, v := range many.Values {
				if at, ok := l.index[m.dims[0]][v]; ok && v != many.Unknown {
					least[c] = units[i][at]
				}
			}
		}
	}
	return least
}

func groups(of []int, n int) [][]int {
	g := make([][]int, n)
	for c, k := range of {
		g[k] = append(g[k], c)
	}
	return g
}

func pick(v []float64, cells []int) []float64 {
	out := make([]float64, len(cells))
	for k, c := range cells {
		out[k] = v[c]
	}
	return out
}

func place(out []int64, cells []int, v []int64) {
	for k, c := range cells {
		out[c] = v[k]
	}
}

// addsUp is the last look before anything is stored: no negative number, and every table agrees with every smaller one inside it.
func (l *layout) addsUp(units [][]int64) error {
	for i := range l.tables {
		t := &l.tables[i]
		for _, v := range units[i] {
			if v < 0 {
				return fmt.Errorf("table %s has a negative number", t.ID)
			}
		}
		for j := range i {
			if l.tables[j].full&^t.full != 0 || t.aside {
				continue
			}
			sums := make([]int64, l.tables[j].cells)
			for c, to := range l.onto(t, &l.tables[j]) {
				sums[to] += units[i][c]
			}
			if !slices.Equal(sums, units[j]) {
				return fmt.Errorf("table %s does not add up to %s", t.ID, l.tables[j].ID)
			}
		}
	}
	return nil
}

// print lists the cells of a table after all its sums, the total first.
func (l *layout) print(e *estimates, i int, units [][]int64, bySet map[uint64]int) PublishedTable {
	t := &l.tables[i]
	out := PublishedTable{ID: t.ID, Dims: t.Dims}
	if out.Dims == nil {
		out.Dims = []string{}
	}
	var subsets []uint64 // of the table's own dimensions, by position in t.dims: bit 0 is the first dimension
	for s := range uint64(1) << len(t.dims) {
		subsets = append(subsets, s)
	}
	if t.aside {
		subsets = []uint64{1} // no sums: they would count people several times
	}
	slices.SortStableFunc(subsets, func(a, b uint64) int { return bits.OnesCount64(a) - bits.OnesCount64(b) })
	for _, s := range subsets {
		set := l.closure(t, s)
		var inside shape
		var values []int64
		if k, published := bySet[set]; published {
			inside, values = l.tables[k], units[k]
		} else {
			inside = l.on(set)
			values = make([]int64, inside.cells)
			for c, to := range l.onto(t, &inside) {
				values[to] += units[i][c]
			}
		}
		_, variance := e.table(&inside)
		for c, v := range values {
			out.Cells = append(out.Cells, l.plan.Display.cell(l.name(&inside, c), v*l.plan.Display.Unit, halfWidth(variance[c])))
		}
	}
	return out
}

// cell applies the display rules to one protected number.
func (d Display) cell(dims string, count, half int64) Cell {
	c := Cell{Dims: dims, Count: count, Shown: count >= d.WithholdBelow, Lower: max(0, count-half), Upper: count + half}
	if !c.Shown {
		c.Lower, c.Upper = 0, max(d.WithholdBelow-1, c.Upper)
	}
	return c
}
