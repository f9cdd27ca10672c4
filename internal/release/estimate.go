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
// arXiv 2305.08175), and no matrix is ever solved.
//
// Tables on dimensions that lie within others (communes within areas) are not crossed products; they stay as measured and are fitted to
// their areas afterwards.
type estimates struct {
	l          *layout
	size       []float64            // values per dimension
	components map[uint64]component // by set of dimensions
	raw        map[uint64][]float64 // nested tables, by full set
	rawVar     map[uint64]float64
}

type component struct {
	values    []float64
	precision float64 // inverse variance of an uncentred value
}

func estimate(l *layout, measured []Measurement) (*estimates, error) {
	e := &estimates{l: l, components: map[uint64]component{}, raw: map[uint64][]float64{}, rawVar: map[uint64]float64{}}
	for _, d := range l.dims {
		e.size = append(e.size, float64(len(d.Values)))
	}
	if len(measured) != len(l.tables) {
		return nil, fmt.Errorf("%d measured tables for a plan of %d", len(measured), len(l.tables))
	}
	for i := range l.tables {
		t, m := &l.tables[i], measured[i]
		if m.Table != t.ID || len(m.Values) != t.cells || m.Sigma2 != t.Rho.sigma2() {
			return nil, fmt.Errorf("measurement %s does not fit table %s of the plan", m.Table, t.ID)
		}
		values := make([]float64, len(m.Values))
		for c, v := range m.Values {
			values[c] = float64(v)
		}
		if l.nested(t) {
			e.raw[t.full], e.rawVar[t.full] = values, m.Sigma2.float()
			continue
		}
		for a := t.full; ; a = (a - 1) & t.full {
			inside := l.on(a)
			margin := make([]float64, inside.cells)
			for c, to := range l.onto(t, &inside) {
				margin[to] += values[c]
			}
			e.center(&inside, margin)
			weight := 1 / (m.Sigma2.float() * float64(t.cells/inside.cells))
			have := e.components[a]
			if have.values == nil {
				have.values = make([]float64, inside.cells)
			}
			for c, v := range margin {
				have.values[c] += weight * v
			}
			have.precision += weight
			e.components[a] = have
			if a == 0 {
				break
			}
		}
	}
	for _, c := range e.components {
		for i := range c.values {
			c.values[i] /= c.precision
		}
	}
	return e, nil
}

// center takes the mean along each dimension away, leaving what the table says beyond its margins.
func (e *estimates) center(t *shape, values []float64) {
	for j, stride := range t.strides {
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

// table gives the estimate of each cell of a table and the variance of one cell (the same for all of them, by symmetry).
func (e *estimates) table(t *shape) ([]float64, float64) {
	if raw, nested := e.raw[t.full]; nested {
		return raw, e.rawVar[t.full]
	}
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
func (l *layout) nested(t *shape) bool {
	for _, d := range t.dims {
		if l.within[d] >= 0 {
			return true
		}
	}
	return false
}

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
