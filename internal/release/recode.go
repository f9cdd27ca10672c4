package release

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"binhan/internal/codelist"
	"binhan/internal/fault"
)

// Borders are the borders in which a release may be read. The cube was counted in those of the last day of its period; it is read in others by adding published cells and
// never by counting people again.
type Borders string

// The borders.
const (
	AsRecorded      Borders = ""
	Borders2022     Borders = "2022"     // the 102 communes until the end of June 2025
	Borders2025     Borders = "2025"     // the 40 communes since July 2025; each is a union of those of 2022
	FormerDistricts Borders = "district" // the ten former districts; no commune of either time crosses one
)

// reform is the day on which the communes were joined.
var reform = time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC)

// bordersOf tells in which borders the communes of a plan are.
func bordersOf(p Plan) Borders {
	for _, d := range p.Dims {
		if d.Name != "commune" {
			continue
		}
		for _, v := range d.Values {
			if u, ok := codelist.AnyCommune(v); ok {
				if u.ValidFrom.Before(reform) && !u.ValidTo.IsZero() {
					return Borders2022
				}
				if !u.ValidFrom.Before(reform) {
					return Borders2025
				}
			}
		}
	}
	return AsRecorded
}

// cannot is a recoding that published cells do not give.
func cannot(why string) error {
	return fault.New(fault.Invalid, "release_recode").With(map[string]any{"why": why})
}

// Recode reads the tables of a release in other borders. Tables without places stay as they are; those of communes become those of the communes or districts that they went
// into: counts are added, standard deviations as those of independent measurements, and the rules of printing are applied to the sums. What cannot be made by adding
// published cells (the communes of 2022 out of a release in those of 2025) is refused: nobody may guess how a union divides. tables hold the protected numbers of
// all cells, also of those that are printed as "under 10".
func Recode(p Plan, tables []PublishedTable, to Borders) ([]PublishedTable, error) {
	l, err := p.layout(false)
	if err != nil {
		return nil, err
	}
	from := bordersOf(p)
	switch {
	case to == AsRecorded || to == from:
		return tables, nil
	case to != Borders2022 && to != Borders2025 && to != FormerDistricts:
		return nil, cannot("unknown borders")
	case from == AsRecorded && to == FormerDistricts:
		return tables, nil // areas are former districts already
	case from == AsRecorded:
		return nil, cannot("no table of communes")
	case from == Borders2025 && to == Borders2022:
		return nil, cannot("2025 > 2022")
	}
	commune := slices.IndexFunc(l.dims, func(d Dim) bool { return d.Name == "commune" })
	into, names := l.unions(commune, to)
	var out []PublishedTable
	for i := range tables {
		t := &l.tables[i]
		if t.ID != tables[i].ID {
			return nil, fmt.Errorf("table %s is not that of the plan", tables[i].ID)
		}
		if !slices.Contains(t.dims, commune) {
			out = append(out, tables[i])
			continue
		}
		if to == FormerDistricts {
			continue // the table of areas is in the release; a sum of communes would be a second number for the same people
		}
		out = append(out, l.join(t, tables[i], commune, into, names))
	}
	return out, nil
}

// unions tells into which unit each commune went, and the units in their order. The rest of an area stays the rest of it.
func (l *layout) unions(commune int, to Borders) (into []int, names []string) {
	for _, v := range l.dims[commune].Values {
		name := v
		if u, ok := codelist.AnyCommune(v); ok && to == Borders2025 {
			name = codelist.Successor(u).Code
		}
		k := slices.Index(names, name)
		if k < 0 {
			k = len(names)
			names = append(names, name)
		}
		into = append(into, k)
	}
	return into, names
}

// join adds the cells of communes that went into one.
func (l *layout) join(t *shape, table PublishedTable, commune int, into []int, names []string) PublishedTable {
	out := PublishedTable{ID: table.ID, Dims: table.Dims}
	number := map[string]Cell{}
	for _, c := range table.Cells {
		number[c.Dims] = c
	}
	at := make([]int, len(l.dims))
	type sum struct {
		count    int64
		variance float64
	}
	// Sums that leave the communes out are printed as they are.
	for _, c := range table.Cells {
		if !hasDim(c.Dims, "commune") {
			out.Cells = append(out.Cells, c)
		}
	}
	for s := range uint64(1) << len(t.dims) {
		set := l.closure(t, s)
		if set&(1<<commune) == 0 {
			continue
		}
		inside := l.on(l.ownOf(t, s))
		order, sums := []string{}, map[string]sum{}
		for c := range inside.cells {
			l.place(&inside, c, at)
			cell, ok := number[l.name(&inside, c)]
			if !ok {
				continue
			}
			name := l.nameWith(&inside, at, commune, names[into[at[commune]]])
			x, seen := sums[name]
			if !seen {
				order = append(order, name)
			}
			// The half width is 1.96 standard deviations and two, whatever was printed of it.
			sd := max(0, float64(max(cell.Upper-cell.Count, leastWidth))-2) / 1.96
			sums[name] = sum{x.count + cell.Count, x.variance + sd*sd}
		}
		for _, name := range order {
			out.Cells = append(out.Cells, l.plan.Display.cell(name, sums[name].count, halfWidth(sums[name].variance)))
		}
	}
	return out
}

// ownOf is the set of some of a table's own dimensions (bit 0 the first), without those that they lie within.
func (l *layout) ownOf(t *shape, own uint64) uint64 {
	var set uint64
	for j, d := range t.dims {
		if own&(1<<j) != 0 {
			set |= 1 << d
		}
	}
	return set
}

func (l *layout) nameWith(t *shape, at []int, dim int, value string) string {
	name := ""
	for j, d := range t.dims {
		if j > 0 {
			name += ";"
		}
		v := l.dims[d].Values[at[d]]
		if d == dim {
			v = value
		}
		name += l.dims[d].Name + "=" + v
	}
	return name
}

func hasDim(dims, name string) bool {
	for _, part := range splitDims(dims) {
		if part[0] == name {
			return true
		}
	}
	return false
}

// splitDims takes the name of a cell apart: "area=608;form=PHYSICAL" into pairs.
func splitDims(dims string) (out [][2]string) {
	for part := range strings.SplitSeq(dims, ";") {
		if name, value, ok := strings.Cut(part, "="); ok {
			out = append(out, [2]string{name, value})
		}
	}
	return out
}

// Median is the class in which the middle person of a binned table lies ("H12"), and how many people it rests on. Below 30 people of known class it is not given, nor
// when the interval of the half reaches another class.
func Median(t PublishedTable, bins []string) (bin string, people int64, ok bool) {
	byBin := map[string]Cell{}
	for _, c := range t.Cells {
		if parts := splitDims(c.Dims); len(parts) == 1 && parts[0][0] == "time_bin" {
			byBin[parts[0][1]] = c
		}
	}
	var variance float64
	for _, b := range bins {
		people += byBin[b].Count
		half := float64(byBin[b].Upper-byBin[b].Count) - 2
		variance += half * half / (1.96 * 1.96)
	}
	if people < 30 {
		return "", people, false
	}
	// Half of what is known, give or take what the noise of both halves may hide.
	slack := 1.96 * math.Sqrt(variance) / 2
	var below int64
	for _, b := range bins {
		above := below + byBin[b].Count
		if 2*above >= people {
			return b, people, float64(below)+slack < float64(people)/2 && float64(above)-slack > float64(people)/2
		}
		below = above
	}
	return "", people, false
}

// Share is a cell as a percentage of its base, clipped to what may be said: below 5 and above 95 percent only that. Bases under 50 people have no shares.
func Share(part, base Cell) (percent float64, clipped int, ok bool) {
	if base.Count < 50 || !part.Shown {
		return 0, 0, false
	}
	p := 100 * float64(part.Count) / float64(base.Count)
	switch {
	case p < 5:
		return 5, -1, true
	case p > 95:
		return 95, 1, true
	}
	return p, 0, true
}
