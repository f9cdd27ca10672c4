package release

import (
	"errors"
	"strings"
	"testing"
	"time"

	"binhan/internal/codelist"
	"binhan/internal/fault"
)

// atDay is the large plan in the borders of a day.
func atDay(t *testing.T, day string) *layout {
	t.Helper()
	on, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	areas := codelist.StatisticalAreas("51")
	values := map[string][]string{"area": areas, "month": monthsBetween(day[:4]+"-01", day[:4]+"-12")}
	parents := map[string]map[string]string{"commune": {}}
	for _, u := range codelist.Communes(on) {
		values["commune"] = append(values["commune"], u.Code)
		parents["commune"][u.Code] = codelist.Area(u.Code, on)
	}
	l, err := planOr(nil, Large).Resolve(values, parents).layout(true)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestCommunesOf2022AreReadInTheBordersOf2025ByAddingCells(t *testing.T) {
	t.Parallel()
	l := atDay(t, "2024-12-31")
	d := seeded("recode")
	c := madeUp(d, l, 3000).count(l)
	m, tables, err := l.releaseOnce(d, c)
	if err != nil || len(m) == 0 {
		t.Fatal(err)
	}
	got, err := Recode(l.plan, tables, Borders2025)
	if err != nil {
		t.Fatal(err)
	}
	if wrong := wrongSums(got); len(wrong) > 0 {
		t.Errorf("%d sums of the joined tables do not agree, the first %s", len(wrong), wrong[0])
	}
	exact := exactNumbers(l, c)
	joined := map[string]int64{}
	for dims, n := range exact {
		if code, ok := strings.CutPrefix(dims, "commune="); ok && !strings.Contains(code, ";") {
			to := code
			if u, known := codelist.AnyCommune(code); known {
				to = codelist.Successor(u).Code
			}
			joined["commune="+to] += n
		}
	}
	cells, held := 0, 0
	for _, table := range got {
		if table.ID != "commune" {
			continue
		}
		for _, c := range table.Cells {
			if n, ok := joined[c.Dims]; ok {
				cells++
				if c.Lower <= n && n <= c.Upper {
					held++
				}
			}
		}
	}
	if want := 40 + len(codelist.StatisticalAreas("51")); cells != want {
		t.Errorf("%d communes and rests, want %d", cells, want)
	}
	if float64(held)/float64(cells) < 0.93 {
		t.Errorf("%d of %d intervals hold", held, cells)
	}
	districts, err := Recode(l.plan, tables, FormerDistricts)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range districts {
		if strings.HasPrefix(table.ID, "commune") {
			t.Errorf("%s beside the table of areas would be a second number for the same people", table.ID)
		}
	}
	if same, err := Recode(l.plan, tables, Borders2022); err != nil || len(same) != len(tables) {
		t.Errorf("its own borders: %v", err)
	}
}

func TestAUnionIsNotDivided(t *testing.T) {
	t.Parallel()
	l := atDay(t, "2026-12-31")
	d := seeded("divide")
	_, tables, err := l.releaseOnce(d, madeUp(d, l, 300).count(l))
	if err != nil {
		t.Fatal(err)
	}
	var f *fault.Error
	if _, err := Recode(l.plan, tables, Borders2022); !errors.As(err, &f) || f.Key != "release_recode" {
		t.Errorf("communes of 2025 in the borders of 2022: %v", err)
	}
	if _, err := Recode(l.plan, tables, "1990"); !errors.As(err, &f) || f.Key != "release_recode" {
		t.Errorf("borders that are none: %v", err)
	}
	small := planOr(nil, Small).Resolve(map[string][]string{"area": codelist.StatisticalAreas("51")}, nil)
	if _, err := Recode(small, nil, Borders2025); !errors.As(err, &f) || f.Key != "release_recode" {
		t.Errorf("communes of a plan without communes: %v", err)
	}
}

// TestNationIsTheSumOfItsProvinces: the same number from the national table and from adding the provinces' printed ones, every sum agreeing, intervals that hold.
func TestNationIsTheSumOfItsProvinces(t *testing.T) {
	t.Parallel()
	l := planFor(t, Medium, people("nation", 400, mediumDims...))
	d := seeded("nation")
	exact := map[string]int64{}
	var parts [][]PublishedTable
	for range 12 {
		c := madeUp(d, l, 400).count(l)
		for dims, n := range exactNumbers(l, c) {
			exact[dims] += n
		}
		_, tables, err := l.releaseOnce(d, c)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, tables)
	}
	sum, err := Add(parts...)
	if err != nil {
		t.Fatal(err)
	}
	if wrong := wrongSums(sum); len(wrong) > 0 {
		t.Error(wrong)
	}
	cells, held := 0, 0
	for _, table := range sum {
		for k, c := range table.Cells {
			var total int64
			for _, p := range parts {
				for _, o := range p {
					if o.ID == table.ID {
						total += o.Cells[k].Count
					}
				}
			}
			if total != c.Count {
				t.Errorf("%q is %d, its provinces %d", c.Dims, c.Count, total)
			}
			cells++
			if c.Lower <= exact[c.Dims] && exact[c.Dims] <= c.Upper {
				held++
			}
		}
	}
	if cells < 100 || float64(held)/float64(cells) < 0.9 {
		t.Errorf("%d of %d intervals hold", held, cells)
	}
}

func TestMediansAndSharesAreSaidOnlyWhenTheyHold(t *testing.T) {
	t.Parallel()
	table := func(counts ...int64) PublishedTable {
		out := PublishedTable{ID: "time_bin", Dims: []string{"time_bin"}}
		for i, n := range counts {
			out.Cells = append(out.Cells, display.cell("time_bin="+codelist.TimeBins()[i], n, 10))
		}
		return out
	}
	bins := codelist.TimeBins()[:6]
	for _, c := range []struct {
		counts []int64
		bin    string
		ok     bool
	}{
		{[]int64{10, 200, 30, 10, 0, 0}, "H12", true},
		{[]int64{100, 100, 0, 0, 0, 0}, "H1", false}, // the half lies on the border
		{[]int64{5, 10, 10, 0, 0, 0}, "", false},     // fewer than thirty people
	} {
		if bin, n, ok := Median(table(c.counts...), bins); bin != c.bin || ok != c.ok {
			t.Errorf("%v: %q of %d, %t", c.counts, bin, n, ok)
		}
	}
	for _, c := range []struct {
		part, base int64
		percent    float64
		clipped    int
		ok         bool
	}{{25, 100, 25, 0, true}, {10, 1000, 5, -1, true}, {980, 1000, 95, 1, true}, {20, 45, 0, 0, false}, {5, 100, 0, 0, false}} {
		percent, clipped, ok := Share(display.cell("", c.part, 5), display.cell("", c.base, 5))
		if percent != c.percent || clipped != c.clipped || ok != c.ok {
			t.Errorf("%d of %d: %v %d %t", c.part, c.base, percent, clipped, ok)
		}
	}
}
