package release

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// wrongSums lists every sum that does not agree in a release, recomputed from the printed names alone: within a table, between tables, and one
// cell with two numbers.
func wrongSums(tables []PublishedTable) []string {
	var wrong []string
	number := map[string]int64{}
	for _, t := range tables {
		for _, c := range t.Cells {
			if n, seen := number[c.Dims]; seen && n != c.Count {
				wrong = append(wrong, fmt.Sprintf("%q is %d and %d", c.Dims, n, c.Count))
			}
			number[c.Dims] = c.Count
		}
	}
	for _, t := range tables {
		if slices.Contains(t.Dims, "forms") {
			continue // counts a person several times, and adds up to nothing
		}
		sums := map[string]int64{}
		for _, c := range t.Cells {
			parts := split(c.Dims)
			if len(parts) != len(t.Dims) {
				continue
			}
			for s := range 1 << len(parts) {
				var keep []string
				for j, p := range parts {
					if s&(1<<j) != 0 {
						keep = append(keep, p)
					}
				}
				sums[strings.Join(keep, ";")] += c.Count
			}
		}
		for dims, n := range sums {
			if have, printed := number[dims]; !printed || have != n {
				wrong = append(wrong, fmt.Sprintf("%s: the rows of %q add up to %d, printed is %d", t.ID, dims, n, have))
			}
		}
	}
	return wrong
}

func split(dims string) []string {
	if dims == "" {
		return nil
	}
	return strings.Split(dims, ";")
}

func checkRelease(t *testing.T, l *layout, tables []PublishedTable) {
	t.Helper()
	for _, w := range wrongSums(tables) {
		t.Error(w)
	}
	for i, table := range tables {
		for _, c := range table.Cells {
			switch {
			case c.Count < 0 || c.Count%5 != 0:
				t.Errorf("%s %q: %d", table.ID, c.Dims, c.Count)
			case c.Shown != (c.Count >= 10):
				t.Errorf("%s %q: %d shown %v", table.ID, c.Dims, c.Count, c.Shown)
			case !c.Shown && (c.Lower != 0 || c.Upper < 9 || c.Upper < c.Count):
				t.Errorf("%s %q: withheld with %d-%d", table.ID, c.Dims, c.Lower, c.Upper)
			case c.Shown && (c.Lower < 0 || c.Lower > c.Count-5 && c.Lower > 0 || c.Upper < c.Count+5):
				t.Errorf("%s %q: %d with %d-%d", table.ID, c.Dims, c.Count, c.Lower, c.Upper)
			}
		}
		if len(leaves(l, i, table)) != l.tables[i].cells {
			t.Errorf("%s has %d cells", table.ID, len(table.Cells))
		}
	}
}

// plain is a default plan with only the tables of the six oldest dimensions, and no crossing of three.
func plain(size Size) Plan {
	return resolved(size).keep(func(t Table) bool {
		return len(t.Dims) < 3 && !slices.ContainsFunc(t.Dims, func(d string) bool { return !slices.Contains(mediumDims, d) })
	})
}

// threeWay is a plan with a crossing of three, as form x (sex, age).
func threeWay(t testing.TB) *layout {
	t.Helper()
	p := plain(Medium)
	p.Tables = append(slices.Clone(p.Tables), Table{ID: "form_sex_age", Dims: []string{"form", "sex", "age"}, Rho: Fraction{1, 100}})
	l, err := p.share().layout(true)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// conditional is a plan whose crossing of three shares a dimension between its two margins: rounded inside each area.
func conditional(t testing.TB) *layout {
	t.Helper()
	p := plain(Medium)
	p.Tables = append(slices.Clone(p.Tables),
		Table{ID: "area_sex", Dims: []string{"area", "sex"}, Rho: Fraction{1, 100}},
		Table{ID: "area_form_sex", Dims: []string{"area", "form", "sex"}, Rho: Fraction{1, 100}})
	l, err := p.share().layout(true)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestEverySumOfAReleaseAgrees(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 7, 50, 500, 5000} {
		f := people("sums", n, allDims...)
		for name, l := range map[string]*layout{
			"small":       planFor(t, Small, f),
			"medium":      planFor(t, Medium, f),
			"large":       planFor(t, Large, f),
			"three-way":   threeWay(t),
			"conditional": conditional(t),
		} {
			c := tabulated(t, l, f)
			for run := range 6 {
				t.Run(fmt.Sprintf("%s/%d/%d", name, n, run), func(t *testing.T) {
					checkRelease(t, l, release(t, seeded(fmt.Sprintf("sums %s %d %d", name, n, run)), l, c))
				})
			}
		}
	}
}

func TestEverySumAgreesUnderExtremeNoise(t *testing.T) {
	t.Parallel()
	f := people("extreme", 60, append([]string{"commune"}, mediumDims...)...)
	for _, l := range []*layout{planFor(t, Small, f), planFor(t, Large, f), threeWay(t), conditional(t)} {
		d := seeded("extreme")
		for _, spread := range []uint64{1, 50, 5_000, 1_000_000_000} {
			for range 4 {
				var m []Measurement
				for i := range l.tables {
					values := make([]int64, l.tables[i].cells)
					for c := range values {
						values[c] = int64(d.below(2*spread+1)) - int64(spread)
					}
					m = append(m, Measurement{Table: l.tables[i].ID, Sigma2: l.tables[i].sigma2(), Values: values})
				}
				p, err := l.protect(m)
				if err != nil {
					t.Fatal(err)
				}
				checkRelease(t, l, p)
			}
		}
	}
}

func TestMeasurementsThatDoNotFitThePlanAreRefused(t *testing.T) {
	t.Parallel()
	f := people("fit", 60, mediumDims...)
	l := planFor(t, Small, f)
	good, err := measureAll(seeded("fit"), l, tabulated(t, l, f))
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func([]Measurement) []Measurement{
		"one missing":        func(m []Measurement) []Measurement { return m[1:] },
		"another table":      func(m []Measurement) []Measurement { m[1].Table = "sex"; return m },
		"a cell too few":     func(m []Measurement) []Measurement { m[1].Values = m[1].Values[1:]; return m },
		"another budget":     func(m []Measurement) []Measurement { m[1].Sigma2 = Fraction{1, 1}; return m },
		"another order":      func(m []Measurement) []Measurement { m[1], m[2] = m[2], m[1]; return m },
		"nothing at all":     func(m []Measurement) []Measurement { return nil },
		"one measured twice": func(m []Measurement) []Measurement { return append(m, m[0]) },
	} {
		if _, err := l.protect(change(slices.Clone(good))); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestSameMeasurementsPublishTheSame(t *testing.T) {
	t.Parallel()
	f := people("same", 500, mediumDims...)
	l := planFor(t, Medium, f)
	m, err := measureAll(seeded("same"), l, tabulated(t, l, f))
	if err != nil {
		t.Fatal(err)
	}
	want, err := Protect(l.plan, m)
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		got, err := Protect(l.plan, m)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("a second printing differs, so that printings could be averaged\n%s", diff)
		}
	}
}

// TestEstimatesAreTheLeastSquaresSolution compares the components with the normal equations of the whole joint table, solved by elimination.
func TestEstimatesAreTheLeastSquaresSolution(t *testing.T) {
	t.Parallel()
	crossed := Plan{
		Version: "test", Size: Medium, Budget: CubeBudget, Display: display,
		Dims: []Dim{{Name: "area", Values: []string{"1", "2", "3"}}, {Name: "form", Values: []string{"A", "B"}}, {Name: "sex", Values: []string{"F", "M", "X"}}},
		Tables: []Table{
			{ID: "total", Rho: Fraction{1, 100}},
			{ID: "area", Dims: []string{"area"}, Rho: Fraction{4, 100}},
			{ID: "form", Dims: []string{"form"}, Rho: Fraction{9, 100}},
			{ID: "sex", Dims: []string{"sex"}, Rho: Fraction{2, 100}},
			{ID: "area_form", Dims: []string{"area", "form"}, Rho: Fraction{12, 100}},
			{ID: "form_sex", Dims: []string{"form", "sex"}, Rho: Fraction{7, 100}},
		},
	}
	nested := Plan{
		Version: "test", Size: Large, Budget: CubeBudget, Display: display,
		Dims: []Dim{
			{Name: "area", Values: []string{"1", "2", "3"}}, {Name: "form", Values: []string{"A", "B"}},
			{Name: "commune", Within: "area", Values: []string{"11", "12", "13", "21", "31", "32"}, Parents: map[string]string{"11": "1", "12": "1", "13": "1", "21": "2", "31": "3", "32": "3"}},
		},
		Tables: []Table{
			{ID: "total", Rho: Fraction{1, 100}},
			{ID: "area", Dims: []string{"area"}, Rho: Fraction{4, 100}},
			{ID: "form", Dims: []string{"form"}, Rho: Fraction{4, 100}},
			{ID: "area_form", Dims: []string{"area", "form"}, Rho: Fraction{2, 100}},
			{ID: "commune", Dims: []string{"commune"}, Rho: Fraction{9, 100}},
			{ID: "commune_form", Dims: []string{"commune", "form"}, Rho: Fraction{15, 100}},
		},
	}
	leastSquares(t, crossed, func(l *layout) shape { return l.on(7) }, nil, 1e-4)
	leastSquares(t, nested, func(l *layout) shape { return l.on(6) }, nil, 0) // dimensions in their order: area, commune, form
	// The same with a second measurement of two tables, as the quarters of a year give it.
	leastSquares(t, nested, func(l *layout) shape { return l.on(6) }, map[string]float64{"area": 30, "total": 7, "commune": 11}, 0)
}

// leastSquares solves the normal equations over the joint table and compares. exact: variances must agree to so much; 0: ours may be larger, never smaller.
func leastSquares(t *testing.T, p Plan, whole func(*layout) shape, again map[string]float64, exact float64) {
	t.Helper()
	l, err := p.layout(true)
	if err != nil {
		t.Fatal(err)
	}
	d := seeded("normal equations")
	var m []Measurement
	var more []observed
	var seen []observed // everything, for the equations
	for i, s := range l.tables {
		v, f := make([]int64, s.cells), make([]float64, s.cells)
		for c := range v {
			v[c] = int64(d.below(400)) - 100
			f[c] = float64(v[c])
		}
		m = append(m, Measurement{Table: s.ID, Sigma2: s.sigma2(), Values: v})
		seen = append(seen, observed{i, f, m[i].Sigma2.float()})
		if s2, ok := again[s.ID]; ok {
			f := make([]float64, s.cells)
			for c := range f {
				f[c] = float64(d.below(400)) - 100
			}
			more = append(more, observed{i, f, s2})
		}
	}
	seen = append(seen, more...)
	joint := whole(l)
	n := joint.cells
	// sum over tables of A' A / s2 and A' y / s2; a ridge of nothing makes the unmeasured part zero.
	a := make([][]float64, n)
	for i := range a {
		a[i] = make([]float64, n+1)
		a[i][i] = 1e-7
	}
	for _, o := range seen {
		onto, w := l.onto(&joint, &l.tables[o.table]), 1/o.sigma2
		for r := range n {
			for c := range n {
				if onto[r] == onto[c] {
					a[r][c] += w
				}
			}
			a[r][n] += w * o.values[onto[r]]
		}
	}
	inverse := make([][]float64, n)
	for i := range inverse {
		inverse[i] = make([]float64, n)
		inverse[i][i] = 1
	}
	for c := range n {
		pivot := c
		for r := c; r < n; r++ {
			if math.Abs(a[r][c]) > math.Abs(a[pivot][c]) {
				pivot = r
			}
		}
		a[c], a[pivot] = a[pivot], a[c]
		inverse[c], inverse[pivot] = inverse[pivot], inverse[c]
		for r := range n {
			if r == c {
				continue
			}
			f := a[r][c] / a[c][c]
			for k := range a[r] {
				a[r][k] -= f * a[c][k]
			}
			for k := range inverse[r] {
				inverse[r][k] -= f * inverse[c][k]
			}
		}
	}
	e, err := estimate(l, m, more...)
	if err != nil {
		t.Fatal(err)
	}
	for i := range l.tables {
		onto := l.onto(&joint, &l.tables[i])
		want, wantVar := make([]float64, l.tables[i].cells), make([]float64, l.tables[i].cells)
		for r := range n {
			want[onto[r]] += a[r][n] / a[r][r]
			for c := range n {
				if onto[r] == onto[c] {
					wantVar[onto[r]] += inverse[r][c] / a[r][r]
				}
			}
		}
		got, gotVar := e.table(&l.tables[i])
		if diff := cmp.Diff(want, got, cmpopts.EquateApprox(1e-5, 1e-4)); diff != "" {
			t.Errorf("%s (-normal equations +components)\n%s", l.tables[i].ID, diff)
		}
		for c := range wantVar {
			off := gotVar[c]/wantVar[c] - 1
			if off < -1e-4 || exact > 0 && off > exact {
				t.Errorf("variance of %s, cell %d: %.3f, by the normal equations %.3f", l.tables[i].ID, c, gotVar[c], wantVar[c])
			}
		}
	}
}

func TestEstimatesAreNeverWorseThanTheTableItself(t *testing.T) {
	t.Parallel()
	f := people("variance", 500, mediumDims...)
	l := planFor(t, Medium, f)
	m, err := measureAll(seeded("variance"), l, tabulated(t, l, f))
	if err != nil {
		t.Fatal(err)
	}
	e, err := estimate(l, m)
	if err != nil {
		t.Fatal(err)
	}
	for i := range l.tables {
		if _, v := e.table(&l.tables[i]); slices.Max(v) > m[i].Sigma2.float()*(1+1e-12) {
			t.Errorf("%s: variance %.2f, alone %.2f", l.tables[i].ID, v, m[i].Sigma2.float())
		}
	}
}

func TestSimplexProjectionIsTheNearestPoint(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		v    []float64
		sum  float64
		want []float64
	}{
		{[]float64{3, 1}, 4, []float64{3, 1}},
		{[]float64{3, 1}, 6, []float64{4, 2}},
		{[]float64{3, -1}, 3, []float64{3, 0}},
		{[]float64{-5, -7}, 1, []float64{1, 0}},
		{[]float64{5, 5, 5}, 0, []float64{0, 0, 0}},
		{[]float64{-2}, 7, []float64{7}},
	} {
		got, _ := onSimplex(c.v, c.sum)
		if diff := cmp.Diff(c.want, got, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
			t.Errorf("%v onto %v (-want +got)\n%s", c.v, c.sum, diff)
		}
	}
}

// TestTablesBetweenMarginsAreNearTheBestWholeOnes tries every whole table with the margins.
func TestTablesBetweenMarginsAreNearTheBestWholeOnes(t *testing.T) {
	t.Parallel()
	d := seeded("brute force")
	same, n := 0, 0
	for range 200 {
		rows := []int64{int64(d.below(4)), int64(d.below(4)), int64(d.below(4))}
		sum := rows[0] + rows[1] + rows[2]
		columns := []int64{int64(d.below(uint64(sum) + 1)), 0}
		columns[1] = sum - columns[0]
		v := make([]float64, 6)
		for i := range v {
			v[i] = float64(int64(d.below(800))-200) / 100
		}
		got, err := betweenMargins(v, rows, columns)
		if err != nil {
			t.Fatal(err)
		}
		cost := func(x []int64) (sum float64) {
			for i := range x {
				sum += (float64(x[i]) - v[i]) * (float64(x[i]) - v[i])
			}
			return sum
		}
		best := math.Inf(1)
		for a := int64(0); a <= rows[0]; a++ {
			for b := int64(0); b <= rows[1]; b++ {
				if c := columns[0] - a - b; c >= 0 && c <= rows[2] {
					best = min(best, cost([]int64{a, rows[0] - a, b, rows[1] - b, c, rows[2] - c}))
				}
			}
		}
		if got[0]+got[2]+got[4] != columns[0] || got[0]+got[1] != rows[0] || got[2]+got[3] != rows[1] || got[4]+got[5] != rows[2] || slices.Min(got) < 0 {
			t.Fatalf("%v is no table with rows %v and columns %v", got, rows, columns)
		}
		n++
		if cost(got) <= best+1e-6 {
			same++
		}
	}
	if same < n*95/100 {
		t.Errorf("only %d of %d tables are the best whole ones", same, n)
	}
}

func TestMarginsOfDifferentSumsHaveNoTable(t *testing.T) {
	t.Parallel()
	if _, err := betweenMargins([]float64{1, 1, 1, 1}, []int64{1, 2}, []int64{1, 1}); err == nil {
		t.Error("a table was made up")
	}
	if _, err := betweenMargins([]float64{1, 1, 1}, []int64{1, 1}, []int64{1, 1}); err == nil {
		t.Error("a table with a hole was taken")
	}
}

func TestWithheldCellsSayNothingButUnderTen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		count, half int64
		want        Cell
	}{
		{0, 5, Cell{"x", 0, false, 0, 9}},
		{5, 7, Cell{"x", 5, false, 0, 12}},
		{10, 8, Cell{"x", 10, true, 2, 18}},
		{10, 12, Cell{"x", 10, true, 0, 22}},
		{45, 9, Cell{"x", 45, true, 36, 54}},
	} {
		if diff := cmp.Diff(c.want, display.cell("x", c.count, c.half)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}
