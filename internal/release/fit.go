package release

import (
	"errors"
	"math"
	"slices"
)

// The arithmetic of fitting noisy numbers to sums: Euclidean projections on non-negative tables with given margins, and roundings of them
// that keep the margins. All inputs are noisy already, so floating point is harmless here; the results are whole units, exactly.

// onSimplex is the nearest point to v with no negative part and the given sum, and the shift that makes it: max(0, v_i + shift).
func onSimplex(v []float64, sum float64) (point []float64, shift float64) {
	sorted := slices.Clone(v)
	slices.SortFunc(sorted, func(a, b float64) int {
		switch {
		case a > b:
			return -1
		case a < b:
			return 1
		}
		return 0
	})
	var head float64
	for i, x := range sorted {
		head += x
		s := (sum - head) / float64(i+1)
		if i == 0 || x+s > 0 {
			shift = s
		} else {
			break
		}
	}
	point = make([]float64, len(v))
	for i, x := range v {
		point[i] = max(0, x+shift)
	}
	return point, shift
}

// shares rounds non-negative numbers to whole ones of the given sum: the floors, then one more for the largest remainders.
func shares(v []float64, sum int64) []int64 {
	out := make([]int64, len(v))
	left := sum
	order := make([]int, len(v))
	remainder := make([]float64, len(v))
	for i, x := range v {
		out[i] = int64(math.Floor(x + 1e-9))
		remainder[i] = x - float64(out[i])
		order[i] = i
		left -= out[i]
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case remainder[a] > remainder[b]:
			return -1
		case remainder[a] < remainder[b]:
			return 1
		}
		return 0
	})
	for i := 0; left > 0; i++ {
		out[order[i%len(order)]]++
		left--
	}
	for i := len(order) - 1; left < 0; i-- { // only after a slip of floating point
		if i < 0 {
			i = len(order) - 1
		}
		if out[order[i]] > 0 {
			out[order[i]]--
			left++
		}
	}
	return out
}

// project gives the whole non-negative numbers nearest to v with the given sum.
func project(v []float64, sum int64) []int64 {
	point, _ := onSimplex(v, float64(sum))
	return shares(point, sum)
}

// errNoFit would mean margins of different sums: a defect, after which nothing is published.
var errNoFit = errors.New("the margins of a table do not have the same sum")

// betweenMargins gives the whole non-negative table (row after row) nearest to v with the given sums of rows and columns. The nearest real
// table is found first; its fractions are then rounded up or down by a flow of least cost between rows and columns, which exists because
// the margins are whole.
func betweenMargins(v []float64, rows, columns []int64) ([]int64, error) {
	var sumRows, sumColumns int64
	for _, r := range rows {
		sumRows += r
	}
	for _, c := range columns {
		sumColumns += c
	}
	if sumRows != sumColumns || len(v) != len(rows)*len(columns) {
		return nil, errNoFit
	}
	x := nearest(v, rows, columns)
	w := len(columns)
	flow := make([]int64, len(x))
	left, open := slices.Clone(rows), slices.Clone(columns)
	for i, xi := range x {
		flow[i] = int64(math.Floor(xi + 1e-7))
		left[i/w] -= flow[i]
		open[i%w] -= flow[i]
	}
	// A slip of floating point may have put one unit too many into a row or a column.
	for i := range flow {
		for flow[i] > 0 && (left[i/w] < 0 || open[i%w] < 0) {
			flow[i]--
			left[i/w]++
			open[i%w]++
		}
	}
	extra := make([]int64, len(x))
	for {
		done, err := augment(x, flow, extra, left, open)
		if err != nil {
			return nil, err
		}
		if done {
			break
		}
	}
	for i := range flow {
		flow[i] += extra[i]
	}
	return flow, nil
}

// nearest finds the real table: by duality it is max(0, v_ij + a_i + b_j), and solving for all a given b and back again climbs to the optimum.
func nearest(v []float64, rows, columns []int64) []float64 {
	w := len(columns)
	b := make([]float64, w)
	x := make([]float64, len(v))
	line := make([]float64, max(w, len(rows)))
	a := make([]float64, len(rows))
	for range 3000 {
		for i := range rows {
			for j := range columns {
				line[j] = v[i*w+j] + b[j]
			}
			_, a[i] = onSimplex(line[:w], float64(rows[i]))
		}
		var gap float64
		for j := range columns {
			var sum float64
			for i := range rows {
				line[i] = v[i*w+j] + a[i]
				sum += max(0, line[i]+b[j])
			}
			gap = max(gap, math.Abs(sum-float64(columns[j])))
			_, b[j] = onSimplex(line[:len(rows)], float64(columns[j]))
		}
		if gap < 1e-7 {
			break
		}
	}
	for i := range rows {
		for j := range columns {
			x[i*w+j] = max(0, v[i*w+j]+a[i]+b[j])
		}
	}
	return x
}

// augment sends one unit along the cheapest path from a row with something left to a column with room (Bellman and Ford; costs are those of the
// squared distance to x). It is done when nothing is left.
func augment(x []float64, flow, extra, left, open []int64) (done bool, err error) {
	n, w := len(left), len(open)
	far := math.Inf(1)
	distRow, distCol := make([]float64, n), make([]float64, w)
	fromRow, fromCol := make([]int, w), make([]int, n) // column reached from row; row reached from column
	start := false
	for i := range n {
		distRow[i], fromCol[i] = far, -1
		if left[i] > 0 {
			distRow[i], start = 0, true
		}
	}
	if !start {
		return true, nil
	}
	for j := range w {
		distCol[j], fromRow[j] = far, -1
	}
	const slack = 1e-9
	for range n + w {
		changed := false
		for i := range n {
			if distRow[i] == far {
				continue
			}
			for j := range w {
				k := i*w + j
				if d := distRow[i] + 1 + 2*(float64(flow[k]+extra[k])-x[k]); d < distCol[j]-slack {
					distCol[j], fromRow[j], changed = d, i, true
				}
			}
		}
		for j := range w {
			if distCol[j] == far {
				continue
			}
			for i := range n {
				k := i*w + j
				if extra[k] == 0 {
					continue
				}
				if d := distCol[j] + 1 - 2*(float64(flow[k]+extra[k])-x[k]); d < distRow[i]-slack {
					distRow[i], fromCol[i], changed = d, j, true
				}
			}
		}
		if !changed {
			break
		}
	}
	best := -1
	for j := range w {
		if open[j] > 0 && distCol[j] < far && (best < 0 || distCol[j] < distCol[best]) {
			best = j
		}
	}
	if best < 0 {
		return false, errNoFit
	}
	open[best]--
	for j, steps := best, 0; ; steps++ {
		i := fromRow[j]
		extra[i*w+j]++
		if fromCol[i] < 0 || steps > n+w {
			left[i]--
			return false, nil
		}
		j = fromCol[i]
		extra[i*w+j]--
	}
}
