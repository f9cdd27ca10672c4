package release

import (
	"fmt"
	"math"
	"testing"
)

// linear solves "maximise c x, A x <= b, x >= 0" by the simplex method on a dense tableau, with b >= 0 after a shift to a known point. It is the attacker's tool, written to be
// plainly right rather than fast: Bland's rule, no scaling.
func linear(a [][]float64, b, c []float64) (best float64, ok bool) {
	m, n := len(a), len(c)
	t := make([][]float64, m+1)
	basis := make([]int, m)
	for i := range m {
		t[i] = make([]float64, n+m+1)
		copy(t[i], a[i])
		t[i][n+i] = 1
		t[i][n+m] = b[i]
		basis[i] = n + i
	}
	t[m] = make([]float64, n+m+1)
	for j := range n {
		t[m][j] = -c[j]
	}
	for range 20_000 {
		enter := -1
		for j := range n + m {
			if t[m][j] < -1e-9 {
				enter = j
				break
			}
		}
		if enter < 0 {
			return t[m][n+m], true
		}
		leave := -1
		for i := range m {
			if t[i][enter] > 1e-9 && (leave < 0 || t[i][n+m]/t[i][enter] < t[leave][n+m]/t[leave][enter]-1e-12 ||
				math.Abs(t[i][n+m]/t[i][enter]-t[leave][n+m]/t[leave][enter]) <= 1e-12 && basis[i] < basis[leave]) {
				leave = i
			}
		}
		if leave < 0 {
			return math.Inf(1), true
		}
		p := t[leave][enter]
		for j := range t[leave] {
			t[leave][j] /= p
		}
		for i := range t {
			if f := t[i][enter]; i != leave && f != 0 {
				for j := range t[i] {
					t[i][j] -= f * t[leave][j]
				}
			}
		}
		basis[leave] = enter
	}
	return 0, false
}

// TestLinearProgramsNarrowNoSmallNumber is subtraction at its strongest: for every small number the least and the greatest value that agree with all intervals of all tables at
// once, by linear programming. The printed numbers themselves are a point that agrees with everything, so the programs are solved around it.
func TestLinearProgramsNarrowNoSmallNumber(t *testing.T) {
	t.Parallel()
	f := people("linear", 60, mediumDims...)
	l := planFor(t, Small, f)
	c := tabulated(t, l, f)
	exact := exactNumbers(l, c)
	narrowest := func(known map[string]bounds, start map[string]int64) float64 {
		// Variables: the deepest cells of each table, as x = start + up - down; rows: every printed sum stays in its interval.
		var leaf []string
		at := map[string]int{}
		sums := map[string][]int{} // printed name -> leaves, one list a table that prints it
		type row struct {
			cells []int
			b     bounds
			start int64
		}
		var rows []row
		var ties [][2][]int
		for i := range l.tables {
			s := &l.tables[i]
			own := make([]int, s.cells)
			for k := range s.cells {
				own[k] = len(leaf)
				leaf = append(leaf, l.name(s, k))
				at[l.name(s, k)] = own[k]
			}
			for sub := range uint64(1) << len(s.dims) {
				inside := l.on(l.ownOf(s, sub))
				parts := make([][]int, inside.cells)
				for k, to := range l.onto(s, &inside) {
					parts[to] = append(parts[to], own[k])
				}
				for k, p := range parts {
					name := l.name(&inside, k)
					rows = append(rows, row{p, known[name], start[name]})
					if before, twice := sums[name]; twice {
						ties = append(ties, [2][]int{before, p})
					} else {
						sums[name] = p
					}
				}
			}
		}
		n := 2 * len(leaf)
		var a [][]float64
		var b []float64
		add := func(plus, minus []int, most float64) {
			r := make([]float64, n)
			for _, k := range plus {
				r[2*k]++
				r[2*k+1]--
			}
			for _, k := range minus {
				r[2*k]--
				r[2*k+1]++
			}
			a, b = append(a, r), append(b, most)
		}
		for _, r := range rows {
			add(r.cells, nil, float64(r.b.upper-r.start))
			add(nil, r.cells, float64(r.start-r.b.lower))
		}
		for _, tie := range ties {
			add(tie[0], tie[1], 0)
			add(tie[1], tie[0], 0)
		}
		least := math.Inf(1)
		for _, name := range leaf {
			if x := exact[name]; x < 1 || x > 9 {
				continue
			}
			k := at[name]
			c := make([]float64, n)
			c[2*k], c[2*k+1] = 1, -1
			up, ok1 := linear(a, b, c)
			c[2*k], c[2*k+1] = -1, 1
			down, ok2 := linear(a, b, c)
			if !ok1 || !ok2 {
				t.Fatal("the simplex method does not end")
			}
			least = min(least, up+down+1)
		}
		return least
	}
	// The older method first: what the classic hides, the programs find.
	if w := narrowest(underFive(exact), exact); w > 4.5 {
		t.Errorf("the attacker is blunt: narrowest %.1f behind a threshold", w)
	}
	for run := range 6 {
		tables := release(t, seeded(fmt.Sprint("linear ", run)), l, c)
		start := map[string]int64{}
		for _, table := range tables {
			for _, cell := range table.Cells {
				start[cell.Dims] = cell.Count
			}
		}
		if w := narrowest(ours(tables), start); w < 6 {
			t.Errorf("draw %d: a small number is known to %.1f values", run, w)
		}
	}
}

// TestSeveralReleasesOfOnePersonTellNoMoreThanHerLife holds the composition: whoever knows everybody else and reads the quarter, the year that is merged with it, and the
// correction tells the worlds apart no better than the sum of their budgets allows. The naive way, each of them drawn at the budget of a year, does not hold.
func TestSeveralReleasesOfOnePersonTellNoMoreThanHerLife(t *testing.T) {
	t.Parallel()
	in, out := worlds(t, 300)
	year := func(quarters bool) *layout {
		values, parents, err := domains(in)
		if err != nil {
			t.Fatal(err)
		}
		p := planOr(nil, Medium)
		if quarters {
			p = p.afterQuarters()
		}
		l, err := p.Resolve(values, parents).Only(in.Has).share().layout(true)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	other := func(k Kind) *layout {
		values, parents, err := domains(in)
		if err != nil {
			t.Fatal(err)
		}
		p, err := ShippedPlan(k, Medium)
		if err != nil {
			t.Fatal(err)
		}
		l, err := p.Resolve(values, parents).Only(in.Has).share().layout(true)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	spent := func(all []*layout) float64 {
		var rho float64
		for _, l := range all {
			rho += l.plan.Spent().float()
		}
		return math.Sqrt(2 * rho)
	}
	measure := func(name string, all []*layout, runs int) float64 {
		score := func(world string, with bool) (s []float64) {
			d := seeded(name + world)
			cIn, cOut := make([]counts, len(all)), make([]counts, len(all))
			for i, l := range all {
				cIn[i], cOut[i] = tabulated(t, l, in), tabulated(t, l, out)
			}
			for range runs {
				var sum float64
				for i, l := range all {
					c := cOut[i]
					if with {
						c = cIn[i]
					}
					m, err := measureAll(d, l, c)
					if err != nil {
						t.Fatal(err)
					}
					for j := range m {
						for k := range m[j].Values {
							if diff := cIn[i][j][k] - cOut[i][j][k]; diff != 0 {
								sum += float64(diff) * float64(m[j].Values[k]-cOut[i][j][k]) / m[j].Sigma2.float()
							}
						}
					}
				}
				s = append(s, sum)
			}
			return s
		}
		return auc(score(" without", false), score(" with", true))
	}
	ours := []*layout{other(Quarter), year(true), other(Correction)}
	naive := []*layout{year(false), year(false), year(false), year(false)}
	bar := phi(spent(ours)/math.Sqrt2) + 0.05
	if mu := spent(ours); mu*mu/2 > 0.4+1e-9 {
		t.Errorf("quarter, year and correction spend %.3f", mu*mu/2)
	}
	a, b := measure("several ours", ours, 600), measure("several naive", naive, 600)
	t.Logf("AUC %.3f over quarter, year and correction, bar %.3f; four yearly draws %.3f", a, bar, b)
	if a > bar {
		t.Errorf("AUC %.3f above %.3f", a, bar)
	}
	if b < bar {
		t.Errorf("the attacker is blunt: %.3f from four draws", b)
	}
}

// TestReconstructionGainsLittleFromPrint: an attacker rebuilds the cross of area and form from all margins. What she gains from exact tables behind a threshold, she does not
// gain from ours. Her gain is how many more small cells she hits exactly in the people who were counted than in others of the same kind.
func TestReconstructionGainsLittleFromPrint(t *testing.T) {
	t.Parallel()
	f, others := people("reconstruction", 500, mediumDims...), people("reconstruction, others", 500, mediumDims...)
	l := planFor(t, Medium, f)
	exact, elsewhere := exactNumbers(l, tabulated(t, l, f)), exactNumbers(l, tabulated(t, l, others))
	guess := func(known map[string]bounds) (gain float64) {
		propagate(l, known)
		var hit, chance, n float64
		for dims, x := range exact {
			if x < 1 || x > 9 {
				continue
			}
			b := known[dims]
			middle := (b.lower + b.upper) / 2
			n++
			if middle == x {
				hit++
			}
			if middle == elsewhere[dims] {
				chance++
			}
		}
		return (hit - chance) / n
	}
	if g := guess(underFive(exact)); g < 0.3 {
		t.Errorf("the attacker is blunt: gain %.2f behind a threshold", g)
	}
	var mean float64
	for run := range 10 {
		mean += guess(ours(release(t, seeded(fmt.Sprint("reconstruction ", run)), l, tabulated(t, l, f)))) / 10
	}
	t.Logf("gain from print %.3f", mean)
	if mean > 0.1 {
		t.Errorf("she gains %.3f", mean)
	}
}
