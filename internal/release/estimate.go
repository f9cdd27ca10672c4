package release

import (
	"fmt"
	"math/bits"
)

// estimates are the best linear unbiased estimates of every marginal inside the measured tables, by generalised least squares with full inverse
// variances. Over the cross product of domains of sizes n_1, …, n_k the space of tables splits into orthogonal components, one for each
// set A of dimensions: what a table on A says beyond its own margins. A table on S with variance s2 measures the component of every A
// inside S, with variance s2 times the number of cells of S that fall on one cell of A; errors of different components are
// uncorrelated. So least squares is the weighted mean of each component over the tables that see it (the idea of ResidualPlanner,
// arXiv 2305.08175). Several measurements of one table (a year and the sum of its quarters) are several tables on one set.
//
// A table on a dimension that lies within another (communes within areas) splits once more: what it says of the areas, with a variance that grows with
// the communes of each, and how the communes differ inside their area. The second part is again a weighted mean. The first ties the components of areas
// together, because areas have different numbers of communes; it is solved by conjugate gradients, with the means without it as the start and their
// variances as preconditioner, to the last digit in a handful of steps.
type estimates struct {
	l          *layout
	size       []float64               // values per dimension
	components map[uint64]component    // by set of crossed dimensions
	inside     map[[2]uint64]component // differences inside the parents: by nested dimension and set of others
	aside      map[string][]float64    // tables that count a person several times, as measured
	asideVar   map[string]float64
}

type component struct {
	values    []float64
	precision float64 // inverse variance of an uncentred value
}

// observed is one noisy table with its variance: a measurement of this cube, or the sum of those of its quarters.
type observed struct {
	table  int // of the layout
	values []float64
	sigma2 float64
}

// sumsOfParents is what a nested table says of the table of its parents.
type sumsOfParents struct {
	on     shape
	values []float64
	weight []float64 // inverse variance of each
}

func estimate(l *layout, measured []Measurement, more ...observed) (*estimates, error) {
	e := &estimates{l: l, components: map[uint64]component{}, inside: map[[2]uint64]component{}, aside: map[string][]float64{}, asideVar: map[string]float64{}}
	for _, d := range l.dims {
		e.size = append(e.size, float64(len(d.Values)))
	}
	if len(measured) != len(l.tables) {
		return nil, fmt.Errorf("%d measured tables for a plan of %d", len(measured), len(l.tables))
	}
	var all []observed
	for i := range l.tables {
		t, m := &l.tables[i], measured[i]
		if m.Table != t.ID || len(m.Values) != t.cells || m.Sigma2 != t.sigma2() {
			return nil, fmt.Errorf("measurement %s does not fit table %s of the plan", m.Table, t.ID)
		}
		values := make([]float64, len(m.Values))
		for c, v := range m.Values {
			values[c] = float64(v)
		}
		all = append(all, observed{i, values, m.Sigma2.float()})
	}
	var ties []sumsOfParents
	for _, o := range append(all, more...) {
		t := &l.tables[o.table]
		switch d := l.nestedDim(t); {
		case t.aside:
			e.addAside(t.ID, o)
		case d >= 0:
			ties = append(ties, e.addInside(t, d, o))
		default:
			for a := t.full; ; a = (a - 1) & t.full {
				inside := l.on(a)
				margin := make([]float64, inside.cells)
				for c, to := range l.onto(t, &inside) {
					margin[to] += o.values[c]
				}
				e.center(&inside, margin)
				add(e.components, a, margin, 1/(o.sigma2*float64(t.cells/inside.cells)))
				if a == 0 {
					break
				}
			}
		}
	}
	means(e.components)
	means(e.inside)
	e.tie(ties)
	return e, nil
}

func add[K comparable](to map[K]component, key K, values []float64, weight float64) {
	have := to[key]
	if have.values == nil {
		have.values = make([]float64, len(values))
	}
	for c, v := range values {
		have.values[c] += weight * v
	}
	have.precision += weight
	to[key] = have
}

func means[K comparable](of map[K]component) {
	for _, c := range of {
		for i := range c.values {
			c.values[i] /= c.precision
		}
	}
}

// addAside takes a table that adds up to no other: several measurements of it are weighed against each other and nothing else.
func (e *estimates) addAside(id string, o observed) {
	have, v := e.aside[id], e.asideVar[id]
	if have == nil {
		e.aside[id], e.asideVar[id] = o.values, o.sigma2
		return
	}
	for c := range have {
		have[c] = (have[c]/v + o.values[c]/o.sigma2) / (1/v + 1/o.sigma2)
	}
	e.asideVar[id] = 1 / (1/v + 1/o.sigma2)
}

// nestedDim is the dimension of a table that lies within another, -1 when none does.
func (l *layout) nestedDim(t *shape) int {
	for _, d := range t.dims {
		if l.within[d] >= 0 {
			return d
		}
	}
	return -1
}

// children tells how many values of dimension d each value of its parent has.
func (l *layout) children(d int) []float64 {
	n := make([]float64, len(l.dims[l.within[d]].Values))
	for _, p := range l.parent[d] {
		n[p]++
	}
	return n
}

// addInside splits a nested table: the differences inside the parents join the others of their kind, the sums of the parents are returned.
func (e *estimates) addInside(t *shape, d int, o observed) sumsOfParents {
	l := e.l
	over := l.within[d]
	n := l.children(d)
	parents := l.on(t.full &^ (1 << d))
	sums := sumsOfParents{on: parents, values: make([]float64, parents.cells), weight: make([]float64, parents.cells)}
	onto := l.onto(t, &parents)
	for c, to := range onto {
		sums.values[to] += o.values[c]
	}
	at := make([]int, len(l.dims))
	of := make([]float64, parents.cells)
	for c := range of {
		l.place(&parents, c, at)
		of[c] = n[at[over]]
		sums.weight[c] = 1 / (o.sigma2 * of[c])
	}
	differences := make([]float64, t.cells)
	for c, to := range onto {
		differences[c] = o.values[c] - sums.values[to]/of[to]
	}
	others := t.full &^ (1<<d | 1<<over)
	for b := others; ; b = (b - 1) & others {
		small := l.on(b | 1<<d)
		margin := make([]float64, small.cells)
		for c, to := range l.onto(t, &small) {
			margin[to] += differences[c]
		}
		e.centerOver(&small, margin, b)
		add(e.inside, [2]uint64{uint64(d), b}, margin, 1/(o.sigma2*float64(t.cells/small.cells)))
		if b == 0 {
			return sums
		}
	}
}

// tie brings what nested tables say of their parents into the components: it solves (D + U'WU) x = U'W(y - U m) for the change x of the means m, where D are the
// precisions of the components, U puts components together into a table of parents, and W are the weights of its sums.
func (e *estimates) tie(ties []sumsOfParents) {
	if len(ties) == 0 {
		return
	}
	l := e.l
	whole := func(x map[uint64][]float64, s *sumsOfParents) []float64 {
		out := make([]float64, s.on.cells)
		for a := s.on.full; ; a = (a - 1) & s.on.full {
			inside := l.on(a)
			spread := float64(s.on.cells / inside.cells)
			for c, from := range l.onto(&s.on, &inside) {
				out[c] += x[a][from] / spread
			}
			if a == 0 {
				return out
			}
		}
	}
	parts := func(v []float64, s *sumsOfParents, into map[uint64][]float64) {
		for a := s.on.full; ; a = (a - 1) & s.on.full {
			inside := l.on(a)
			spread := float64(s.on.cells / inside.cells)
			margin := make([]float64, inside.cells)
			for c, to := range l.onto(&s.on, &inside) {
				margin[to] += v[c] / spread
			}
			e.center(&inside, margin)
			for c, x := range margin {
				into[a][c] += x
			}
			if a == 0 {
				return
			}
		}
	}
	zero := func() map[uint64][]float64 {
		z := map[uint64][]float64{}
		for a, c := range e.components {
			z[a] = make([]float64, len(c.values))
		}
		return z
	}
	dot := func(x, y map[uint64][]float64) (sum float64) {
		for a := range x {
			for c := range x[a] {
				sum += x[a][c] * y[a][c]
			}
		}
		return sum
	}
	mean := map[uint64][]float64{}
	for a, c := range e.components {
		mean[a] = c.values
	}
	residual := zero()
	for i := range ties {
		s := &ties[i]
		v := whole(mean, s)
		for c := range v {
			v[c] = s.weight[c] * (s.values[c] - v[c])
		}
		parts(v, s, residual)
	}
	conditioned := func(r map[uint64][]float64) map[uint64][]float64 {
		z := zero()
		for a := range r {
			for c := range r[a] {
				z[a][c] = r[a][c] / e.components[a].precision
			}
		}
		return z
	}
	x, z := zero(), conditioned(residual)
	p, rz := z, dot(residual, z)
	first := rz
	for range 200 {
		if rz <= 1e-24*first || rz == 0 {
			break
		}
		ap := zero()
		for a := range p {
			for c := range p[a] {
				ap[a][c] = e.components[a].precision * p[a][c]
			}
		}
		for i := range ties {
			s := &ties[i]
			v := whole(p, s)
			for c := range v {
				v[c] *= s.weight[c]
			}
			parts(v, s, ap)
		}
		step := rz / dot(p, ap)
		for a := range x {
			for c := range x[a] {
				x[a][c] += step * p[a][c]
				residual[a][c] -= step * ap[a][c]
			}
		}
		z = conditioned(residual)
		next := dot(residual, z)
		q := zero()
		for a := range q {
			for c := range q[a] {
				q[a][c] = z[a][c] + next/rz*p[a][c]
			}
		}
		p, rz = q, next
	}
	for a, c := range e.components {
		for i := range c.values {
			c.values[i] += x[a][i]
		}
	}
}

// center takes the mean along each dimension away, leaving what the table says beyond its margins.
func (e *estimates) center(t *shape, values []float64) { e.centerOver(t, values, t.full) }

func (e *estimates) centerOver(t *shape, values []float64, over uint64) {
	for j, stride := range t.strides {
		if over&(1<<t.dims[j]) == 0 {
			continue
		}
		n := len(e.l.dims[t.dims[j]].Values)
		for c := range values {
			if c/stride%n != 0 {
				continue
			}
			var sum float64
			for k := range n {
				sum += values[c+k*stride]
			}
			for k := range n {
				values[c+k*stride] -= sum / float64(n)
			}
		}
	}
}

// table gives the estimate of each cell of a table, and its variance. Without nested tables the variance is exact; what these add to the others is left out of
// it, so that intervals are rather too wide than too narrow.
func (e *estimates) table(t *shape) (values, variance []float64) {
	variance = make([]float64, t.cells)
	if raw, ok := e.aside[t.ID]; ok && t.aside {
		for c := range variance {
			variance[c] = e.asideVar[t.ID]
		}
		return raw, variance
	}
	d := e.l.nestedDim(t)
	if d < 0 {
		values, v := e.crossed(t)
		for c := range variance {
			variance[c] = v
		}
		return values, variance
	}
	l := e.l
	over := l.within[d]
	n := l.children(d)
	parents := l.on(t.full &^ (1 << d))
	sums, sumVar := e.crossed(&parents)
	values = make([]float64, t.cells)
	at := make([]int, len(l.dims))
	for c, from := range l.onto(t, &parents) {
		l.place(t, c, at)
		of := n[at[over]]
		values[c] = sums[from] / of
		variance[c] = sumVar / (of * of)
	}
	others := t.full &^ (1<<d | 1<<over)
	for b := others; ; b = (b - 1) & others {
		small := l.on(b | 1<<d)
		k := e.inside[[2]uint64{uint64(d), b}]
		spread := float64(t.cells / small.cells)
		own := 1 / k.precision / (spread * spread)
		for rest := b; rest != 0; rest &= rest - 1 {
			own *= 1 - 1/e.size[bits.TrailingZeros64(rest)]
		}
		for c, from := range l.onto(t, &small) {
			l.place(t, c, at)
			values[c] += k.values[from] / spread
			variance[c] += own * (1 - 1/n[at[over]])
		}
		if b == 0 {
			return values, variance
		}
	}
}

// crossed is table for a table without nested dimensions; all its cells have one variance, by symmetry.
func (e *estimates) crossed(t *shape) ([]float64, float64) {
	values, variance := make([]float64, t.cells), 0.0
	for a := t.full; ; a = (a - 1) & t.full {
		inside, c := e.l.on(a), e.components[a]
		spread := float64(t.cells / inside.cells)
		for cell, from := range e.l.onto(t, &inside) {
			values[cell] += c.values[from] / spread
		}
		own := 1 / c.precision / (spread * spread)
		for rest := a; rest != 0; rest &= rest - 1 {
			own *= 1 - 1/e.size[bits.TrailingZeros64(rest)]
		}
		variance += own
		if a == 0 {
			return values, variance
		}
	}
}

// nested tells whether a table has a dimension that lies within another.
func (l *layout) nested(t *shape) bool { return l.nestedDim(t) >= 0 }

// on is the table on a set of dimensions, published or not.
func (l *layout) on(set uint64) shape {
	s := shape{full: set, cells: 1}
	for d := range l.dims {
		if set&(1<<d) != 0 {
			s.dims = append(s.dims, d)
			s.cells *= len(l.dims[d].Values)
		}
	}
	s.strides = make([]int, len(s.dims))
	for j, stride := len(s.dims)-1, 1; j >= 0; j-- {
		s.strides[j] = stride
		stride *= len(l.dims[s.dims[j]].Values)
	}
	return s
}
