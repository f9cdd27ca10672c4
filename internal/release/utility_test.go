package release

import (
	"fmt"
	"math"
	"testing"
)

// The bars of utility: a release must also be worth reading. Figures are means over seeds on made-up people; every draw is seeded, so the test
// always sees the same numbers.

// meanError is the mean absolute error of a table's cells.
func meanError(cells []Cell, exact []int64) float64 {
	var sum float64
	for i, c := range cells {
		sum += math.Abs(float64(c.Count - exact[i]))
	}
	return sum / float64(len(cells))
}

// kendall is tau-b between published and exact numbers.
func kendall(cells []Cell, exact []int64) float64 {
	var agree, pairsA, pairsB float64
	for i := range cells {
		for j := range i {
			a, b := sign(cells[i].Count-cells[j].Count), sign(exact[i]-exact[j])
			agree += float64(a * b)
			pairsA += float64(a * a)
			pairsB += float64(b * b)
		}
	}
	if pairsA == 0 || pairsB == 0 {
		return 0
	}
	return agree / math.Sqrt(pairsA*pairsB)
}

func sign(x int64) int64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

// quality gathers the figures of one table over many releases.
type quality struct {
	err, tau, shown, covered float64
	runs                     int
}

func measureQuality(t testing.TB, size Size, n, seeds int, dims ...string) (map[string]*quality, *layout) {
	t.Helper()
	found := map[string]*quality{}
	var l *layout
	for seed := range seeds {
		f := people(fmt.Sprintf("quality %d %d", n, seed), n, dims...)
		l = planFor(t, size, f)
		c := tabulated(t, l, f)
		tables := release(t, seeded(fmt.Sprintf("quality %d %d", n, seed)), l, c)
		for i, table := range tables {
			cells := leaves(l, i, table)
			q := found[table.ID]
			if q == nil {
				q = &quality{}
				found[table.ID] = q
			}
			q.runs++
			q.err += meanError(cells, c[i])
			q.tau += kendall(cells, c[i])
			for k, cell := range cells {
				if cell.Shown {
					q.shown += 1 / float64(len(cells))
				}
				if cell.Lower <= c[i][k] && c[i][k] <= cell.Upper {
					q.covered += 1 / float64(len(cells))
				}
			}
		}
	}
	for _, q := range found {
		n := float64(q.runs)
		q.err, q.tau, q.shown, q.covered = q.err/n, q.tau/n, q.shown/n, q.covered/n
	}
	return found, l
}

func TestReleaseIsWorthReading(t *testing.T) {
	t.Parallel()
	type bar struct{ err, tau, shown float64 }
	for _, c := range []struct {
		size   Size
		people int
		seeds  int
		dims   []string
		bars   map[string]bar
	}{
		{Small, 50, 40, allDims, map[string]bar{
			"total": {5, 0, 1}, "form": {5, 0, 0}, "area": {5, 0, 0}, "sex_age": {4, 0, 0},
		}},
		{Medium, 500, 24, allDims, map[string]bar{
			"total": {5, 0, 1}, "form": {5, 0.90, 0.95}, "area": {6, 0.85, 0.9}, "month": {6, 0, 1}, "area_form": {5, 0, 0.30}, "commune": {5, 0, 0.20},
			"sex": {5, 0, 0}, "age": {6, 0, 0}, "relation": {6, 0, 0}, "sex_age": {5, 0, 0}, "form_sex_age": {4, 0, 0}, "form_relation": {5, 0, 0}, "month_form": {6, 0, 0},
			"ethnic": {6, 0, 0}, "area_ethnic": {5, 0, 0}, "forms": {8, 0, 0},
		}},
		{Large, 5000, 24, allDims, map[string]bar{
			"total": {5, 0, 1}, "form": {5, 0.97, 1}, "area": {6, 0.97, 1}, "month": {6, 0, 1}, "area_form": {5, 0, 0.95}, "area_month": {6, 0, 0.85}, "commune": {6, 0, 0.75},
			"form_sex_age": {5, 0, 0}, "area_ethnic": {6, 0, 0}, "forms": {8, 0, 1},
		}},
	} {
		t.Run(fmt.Sprintf("%d people, %d columns", c.people, len(c.dims)), func(t *testing.T) {
			t.Parallel()
			found, l := measureQuality(t, c.size, c.people, c.seeds, c.dims...)
			for _, table := range l.tables {
				q, b := found[table.ID], c.bars[table.ID]
				t.Logf("%-13s error %.2f tau %.3f shown %.2f covered %.3f", table.ID, q.err, q.tau, q.shown, q.covered)
				if b.err > 0 && q.err > b.err || q.tau < b.tau || q.shown < b.shown-1e-9 {
					t.Errorf("%s misses the bar %+v", table.ID, b)
				}
				if q.covered < 0.93 {
					t.Errorf("%s: intervals hold %.3f of the true numbers, want 0.93", table.ID, q.covered)
				}
			}
		})
	}
}
