package release

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// The attackers that the yearly audit sends against a plan. They know everything that is printed, the plan, the code and, where said, everybody else's case; they work on
// made-up people alone. Each first breaks a release by an older method, so that it is known to bite. The tests of this package send more of them.

// Finding is the result of one attacker on one plan.
type Finding struct {
	Attack string  `json:"attack"`
	Plan   string  `json:"plan"`
	People int     `json:"people"`
	Runs   int     `json:"runs"`
	Naive  float64 `json:"naive"` // what the attacker gets out of the older method
	Ours   float64 `json:"ours"`  // and out of ours
	Bar    float64 `json:"bar"`   // at most this
	What   string  `json:"what"`  // the unit of the three
}

// Held tells whether the plan withstood.
func (f Finding) Held() bool { return f.Ours <= f.Bar }

// Sharp tells whether the attacker got more out of the older method: only then does it say something that ours withstood. A plan of few one-way tables may give
// subtraction nothing to bite on.
func (f Finding) Sharp() bool { return f.Naive > f.Bar }

// Attack sends the attackers against a plan with n made-up people. runs: how many releases a world, 1,500 for a report.
func Attack(ctx context.Context, p Plan, n, runs int) ([]Finding, error) {
	return attackWith(ctx, newDice(), p, n, runs)
}

func attackWith(ctx context.Context, d *dice, p Plan, n, runs int) ([]Finding, error) {
	l, err := p.layout(false)
	if err != nil {
		return nil, err
	}
	people := madeUp(d, l, n)
	exact := people.count(l)
	var out []Finding
	for _, attack := range []func(context.Context, *dice, *layout, crowd, counts, int) (Finding, error){subtraction, averaging, membership, hits} {
		f, err := attack(ctx, d, l, people, exact, runs)
		if err != nil {
			return nil, err
		}
		f.Plan, f.People = p.Version, n
		out = append(out, f)
	}
	return out, d.err
}

// crowd are made-up people: positions in the domains of a layout, and for a dimension of several values those.
type madeUpPerson struct {
	at   []int
	many []int
}
type crowd []madeUpPerson

// madeUp makes n people with the skew of a register: in each dimension the k-th value has a weight of 1/(k+1).
func madeUp(d *dice, l *layout, n int) crowd {
	pick := func(values int) int {
		const whole = 5040
		var sum uint64
		for k := range values {
			sum += whole / uint64(k+1)
		}
		x := d.below(sum)
		for k := range values {
			w := whole / uint64(k+1)
			if x < w {
				return k
			}
			x -= w
		}
		return values - 1
	}
	out := make(crowd, n)
	for i := range out {
		p := madeUpPerson{at: make([]int, len(l.dims))}
		for dim := range l.dims {
			p.at[dim] = pick(len(l.dims[dim].Values))
		}
		for dim, over := range l.within {
			if over >= 0 {
				p.at[over] = l.parent[dim][p.at[dim]]
			}
		}
		for _, t := range l.tables {
			if t.aside {
				p.many = []int{p.at[t.dims[0]]}
				for range int(d.below(uint64(t.sensitivity2()))) {
					if k := pick(t.cells); !slices.Contains(p.many, k) {
						p.many = append(p.many, k)
					}
				}
			}
		}
		out[i] = p
	}
	return out
}

func (c crowd) count(l *layout) counts {
	all := make(counts, len(l.tables))
	for i := range l.tables {
		t := &l.tables[i]
		all[i] = make([]int64, t.cells)
		for _, p := range c {
			if t.aside {
				for _, k := range p.many {
					all[i][k]++
				}
				continue
			}
			all[i][t.cell(p.at)]++
		}
	}
	return all
}

// bounds is what an attacker knows of a true number.
type bounds struct{ lower, upper int64 }

// propagate narrows what is known of every cell from what is known of all others, until nothing changes: each printed sum equals the sum of
// its parts. It finds what subtraction finds. ok is false when the bounds contradict each other.
func propagate(l *layout, known map[string]bounds) (ok bool) {
	type sum struct {
		whole string
		parts []string
	}
	var sums []sum
	for i := range l.tables {
		t := &l.tables[i]
		if t.aside {
			continue
		}
		for _, inside := range insides(l, t) {
			parts := map[int][]string{}
			for c, to := range l.onto(t, &inside) {
				parts[to] = append(parts[to], l.name(t, c))
			}
			for c := range inside.cells {
				if name := l.name(&inside, c); len(parts[c]) > 0 {
					if _, printed := known[name]; printed {
						sums = append(sums, sum{name, parts[c]})
					}
				}
			}
		}
	}
	for range 100 {
		changed := false
		for _, s := range sums {
			whole := known[s.whole]
			var lower, upper int64
			for _, p := range s.parts {
				lower += known[p].lower
				upper += known[p].upper
			}
			narrowed := bounds{max(whole.lower, lower), min(whole.upper, upper)}
			if narrowed != whole {
				known[s.whole], changed = narrowed, true
			}
			for _, p := range s.parts {
				b := known[p]
				n := bounds{max(b.lower, narrowed.lower-(upper-b.upper)), min(b.upper, narrowed.upper-(lower-b.lower))}
				if n.lower > n.upper {
					return false
				}
				if n != b {
					known[p], changed = n, true
					lower += n.lower - b.lower
					upper += n.upper - b.upper
				}
			}
		}
		if !changed {
			break
		}
	}
	for _, b := range known {
		if b.lower > b.upper {
			return false
		}
	}
	return true
}

// insides are the tables one dimension smaller inside t.
func insides(l *layout, t *shape) []shape {
	var out []shape
	for _, d := range t.dims {
		rest := t.full &^ (1 << d)
		if over := l.within[d]; over >= 0 {
			out = append(out, l.on(rest)) // what it lies within takes its place
			continue
		}
		out = append(out, l.on(l.strip(rest)))
	}
	return out
}

// strip takes those dimensions out of a set that another one of it lies within.
func (l *layout) strip(set uint64) uint64 {
	for d, over := range l.within {
		if over >= 0 && set&(1<<d) != 0 {
			set &^= 1 << over
		}
	}
	return set
}

// exactNumbers gives the true number of every printed cell.
func exactNumbers(l *layout, c counts) map[string]int64 {
	exact := map[string]int64{}
	for i := range l.tables {
		t := &l.tables[i]
		for s := range uint64(1) << len(t.dims) {
			if t.aside && s == 0 {
				continue
			}
			inside := l.on(l.ownOf(t, s))
			sums := make([]int64, inside.cells)
			for cell, to := range l.onto(t, &inside) {
				sums[to] += c[i][cell]
			}
			for k, v := range sums {
				exact[l.name(&inside, k)] = v
			}
		}
	}
	return exact
}

// ours is what our release says of each true number, taking the intervals at their word.
func ours(tables []PublishedTable) map[string]bounds {
	known := map[string]bounds{}
	for _, t := range tables {
		for _, c := range t.Cells {
			known[c.Dims] = bounds{c.Lower, c.Upper}
		}
	}
	return known
}

// underFive is the classic: numbers below 5 are hidden, all others are printed as they are.
func underFive(exact map[string]int64) map[string]bounds {
	known := map[string]bounds{}
	for dims, n := range exact {
		if known[dims] = (bounds{n, n}); n < 5 {
			known[dims] = bounds{0, 4}
		}
	}
	return known
}

// exposed counts small cells (1 to 9 people) that an attacker knows exactly, and those that she knows to less than five numbers, after
// propagation; bounds that contradict themselves tell her nothing.
func exposed(l *layout, known map[string]bounds, exact map[string]int64) (exactly, narrow int) {
	if !propagate(l, known) {
		return 0, 0
	}
	for dims, n := range exact {
		if n < 1 || n > 9 {
			continue
		}
		switch b := known[dims]; {
		case b.lower == n && b.upper == n:
			exactly++
		case b.upper-b.lower+1 < 5:
			narrow++
		}
	}
	return exactly, narrow
}

func (l *layout) releaseOnce(d *dice, c counts) ([]Measurement, []PublishedTable, error) {
	m, err := measureAll(d, l, c)
	if err != nil {
		return nil, nil, err
	}
	p, err := l.protect(m)
	return m, p, err
}

func subtraction(ctx context.Context, d *dice, l *layout, _ crowd, c counts, runs int) (Finding, error) {
	exact := exactNumbers(l, c)
	f := Finding{Attack: "subtraction", Runs: max(1, runs/20), What: "small numbers known to less than five values"}
	a, b := exposed(l, underFive(exact), exact)
	f.Naive = float64(a + b)
	for range f.Runs {
		_, tables, err := l.releaseOnce(d, c)
		if err != nil {
			return f, errOr(ctx, err)
		}
		a, b := exposed(l, ours(tables), exact)
		f.Ours = max(f.Ours, float64(a+b))
	}
	return f, ctx.Err()
}

func averaging(ctx context.Context, d *dice, l *layout, _ crowd, c counts, _ int) (Finding, error) {
	f := Finding{Attack: "averaging over 100 exports", Runs: 100, What: "how many times smaller the error becomes", Bar: 1.0001}
	exact := exactNumbers(l, c)
	m, _, err := l.releaseOnce(d, c)
	if err != nil {
		return f, errOr(ctx, err)
	}
	var anew, stored [][]PublishedTable
	for range f.Runs {
		_, p, err := l.releaseOnce(d, c)
		if err != nil {
			return f, err
		}
		again, err := l.protect(m)
		if err != nil {
			return f, err
		}
		anew, stored = append(anew, p), append(stored, again)
	}
	f.Naive = pooled(anew[:1], exact) / pooled(anew, exact)
	f.Ours = pooled(stored[:1], exact) / pooled(stored, exact)
	return f, ctx.Err()
}

// pooled is the mean error of an attacker who averages many printings of the cells.
func pooled(tables [][]PublishedTable, exact map[string]int64) float64 {
	sum := map[string]float64{}
	for _, printing := range tables {
		seen := map[string]bool{}
		for _, t := range printing {
			for _, c := range t.Cells {
				if !seen[c.Dims] {
					seen[c.Dims] = true
					sum[c.Dims] += float64(c.Count) / float64(len(tables))
				}
			}
		}
	}
	var off float64
	for dims, s := range sum {
		off += math.Abs(s - float64(exact[dims]))
	}
	return off / float64(len(sum))
}

// scores are the likelihood ratios of many releases without and with one person whom the attacker knows, as she knows everybody else. There is no better test.
func scores(d *dice, l *layout, people crowd, runs int) (out, in []float64, err error) {
	target := people[len(people)-1]
	for i := range target.at { // rare in every respect
		target.at[i] = len(l.dims[i].Values) - 1
	}
	for dim, over := range l.within {
		if over >= 0 {
			target.at[over] = l.parent[dim][target.at[dim]]
		}
	}
	without := people[:len(people)-1].count(l)
	with := people.count(l)
	score := func(c counts) ([]float64, error) {
		var all []float64
		for range runs {
			m, err := measureAll(d, l, c)
			if err != nil {
				return nil, err
			}
			var s float64
			for i := range m {
				for k := range m[i].Values {
					if diff := with[i][k] - without[i][k]; diff != 0 {
						s += float64(diff) * float64(m[i].Values[k]-without[i][k]) / m[i].Sigma2.float()
					}
				}
			}
			all = append(all, s)
		}
		return all, nil
	}
	if out, err = score(without); err != nil {
		return nil, nil, err
	}
	in, err = score(with)
	return out, in, err
}

// mu is the distance of the two worlds of a plan, in standard deviations.
func (l *layout) mu() float64 { return math.Sqrt(2 * l.plan.Spent().float()) }

func membership(ctx context.Context, d *dice, l *layout, people crowd, _ counts, runs int) (Finding, error) {
	f := Finding{Attack: "membership", Runs: runs, What: "area under the curve of the likelihood ratio", Naive: 1,
		// What the promise allows, and what so many runs may show by chance (the standard deviation of the area is at most one by the root of six times the runs).
		Bar: phi(l.mu()/math.Sqrt2) + max(0.05, 4.5/math.Sqrt(6*float64(runs)))}
	out, in, err := scores(d, l, people, runs)
	if err != nil {
		return f, errOr(ctx, err)
	}
	f.Ours = auc(out, in)
	return f, ctx.Err()
}

func hits(ctx context.Context, d *dice, l *layout, people crowd, _ counts, runs int) (Finding, error) {
	// Of one cube; the sentence of the guarantee, 26 %, is for the life of a case.
	f := Finding{Attack: "detection at 5 % false alarms", Runs: runs, What: "share of releases in which she is found", Naive: 1, Bar: phi(l.mu()-1.6449) + 4.5*math.Sqrt(0.25/float64(runs))}
	_, in, err := scores(d, l, people, runs)
	if err != nil {
		return f, errOr(ctx, err)
	}
	// Without her the score is a sum of independent noise of mean zero and variance mu squared: its upper twentieth is known.
	threshold := 1.6449 * l.mu()
	for _, x := range in {
		if x > threshold {
			f.Ours += 1 / float64(len(in))
		}
	}
	return f, ctx.Err()
}

func errOr(ctx context.Context, err error) error {
	if err != nil {
		return fmt.Errorf("attack: %w", err)
	}
	return ctx.Err()
}

// phi is the standard normal distribution function.
func phi(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }

// auc is the probability that a score of the second kind is above one of the first.
func auc(out, in []float64) float64 {
	var wins float64
	slices.Sort(out)
	for _, x := range in {
		below, _ := slices.BinarySearch(out, x)
		above := below
		for above < len(out) && out[above] == x {
			above++
		}
		wins += float64(below) + float64(above-below)/2
	}
	return wins / float64(len(out)) / float64(len(in))
}
