package release

import (
	"fmt"
	"math"
)

// Measurement is one noisy table: the exact counts plus discrete Gaussian noise of variance Sigma2, drawn once. It is the only thing that ever
// leaves the counts; all that is published is computed from measurements.
type Measurement struct {
	Table  string
	Sigma2 Fraction
	Values []int64
}

// measure adds the noise to one table. A cube calls it once for each of its tables, ever.
func measure(d *dice, t *shape, exact []int64) (Measurement, error) {
	m := Measurement{Table: t.ID, Sigma2: t.sigma2(), Values: make([]int64, len(exact))}
	g, err := gaussianOf(m.Sigma2)
	if err != nil {
		return Measurement{}, fmt.Errorf("measure %s: %w", t.ID, err)
	}
	for c, x := range exact {
		noise, err := d.draw(g)
		if err != nil {
			return Measurement{}, fmt.Errorf("measure %s: %w", t.ID, err)
		}
		if x < 0 || noise > 0 && x > math.MaxInt64-noise {
			return Measurement{}, fmt.Errorf("measure %s: a count left the integers", t.ID)
		}
		m.Values[c] = x + noise
	}
	return m, nil
}

// measureAll measures every table of the layout that is not measured yet, in the order of the layout.
func measureAll(d *dice, l *layout, c counts, already ...Measurement) ([]Measurement, error) {
	all := make([]Measurement, len(l.tables))
	for i := range l.tables {
		done := false
		for _, m := range already {
			if m.Table == l.tables[i].ID {
				all[i], done = m, true
			}
		}
		if done {
			continue
		}
		m, err := measure(d, &l.tables[i], c[i])
		if err != nil {
			return nil, err
		}
		all[i] = m
	}
	return all, nil
}
