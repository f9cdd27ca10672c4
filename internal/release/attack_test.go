package release

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// The attackers of this file know everything that is printed, the plan, the code and, where said, everybody else's case. Each must first
// break a release by an older method (or the same method used wrongly), so that it is known to bite, and then fail on ours.

// nearestFive is rounding alone.
func nearestFive(exact map[string]int64) map[string]bounds {
	known := map[string]bounds{}
	for dims, n := range exact {
		r := (n + 2) / 5 * 5
		known[dims] = bounds{max(0, r-2), r + 2}
	}
	return known
}

func TestSubtractionFindsNoSmallNumber(t *testing.T) {
	t.Parallel()
	for _, size := range []struct {
		class  Size
		people int
	}{{Small, 50}, {Medium, 500}, {Large, 5000}} {
		f := people("subtraction", size.people, mediumDims...)
		l := planFor(t, size.class, f)
		c := tabulated(t, l, f)
		exact := exactNumbers(l, c)
		classic, _ := exposed(l, underFive(exact), exact)
		_, rounded := exposed(l, nearestFive(exact), exact)
		if classic == 0 || rounded == 0 {
			t.Errorf("%d people: the attacker is blunt: %d exact behind a threshold, %d narrow behind rounding", size.people, classic, rounded)
		}
		consistent := 0
		for run := range 20 {
			tables := release(t, seeded(fmt.Sprint("subtraction ", size.people, run)), l, c)
			if propagate(l, ours(tables)) {
				consistent++
			}
			exactly, narrow := exposed(l, ours(tables), exact)
			if exactly+narrow > 0 {
				t.Errorf("%d people, draw %d: %d small numbers known exactly, %d to less than five", size.people, run, exactly, narrow)
			}
		}
		if consistent < 10 {
			t.Errorf("%d people: the bounds contradict each other in %d of 20 draws, so the attack was not tried", size.people, 20-consistent)
		}
		t.Logf("%d people: threshold gives away %d exactly, rounding %d narrowly", size.people, classic, rounded)
	}
}

// TestPrintedCountsAreNotRoundedTrueOnes: an attacker who takes the printed numbers for rounded true ones contradicts herself.
func TestPrintedCountsAreNotRoundedTrueOnes(t *testing.T) {
	t.Parallel()
	f := people("rounded", 500, mediumDims...)
	l := planFor(t, Medium, f)
	c := tabulated(t, l, f)
	exact := exactNumbers(l, c)
	wrong, cells := 0, 0
	for run := range 20 {
		for _, table := range release(t, seeded(fmt.Sprint("rounded ", run)), l, c) {
			for _, cell := range table.Cells {
				cells++
				if d := cell.Count - exact[cell.Dims]; d > 2 || d < -2 {
					wrong++
				}
			}
		}
	}
	if share := float64(wrong) / float64(cells); share < 0.3 {
		t.Errorf("only %.2f of the printed numbers are further than rounding from the true ones", share)
	}
}

func TestNewcomersDoNotShowBetweenTwoReleases(t *testing.T) {
	t.Parallel()
	all := people("newcomers", 540, mediumDims...)
	early, late := *all, *all
	early.rows = all.rows[:500*len(all.Dims)]
	late.rows = all.rows[500*len(all.Dims):]
	l := planFor(t, Medium, all)
	cAll, cEarly, cLate := tabulated(t, l, all), tabulated(t, l, &early), tabulated(t, l, &late)
	newcomers := exactNumbers(l, cLate)

	// The wrong way: the same period published twice, first without and then with the late entries, each behind a threshold.
	first, second := underFive(exactNumbers(l, cEarly)), underFive(exactNumbers(l, cAll))
	propagate(l, first)
	propagate(l, second)
	found := 0
	for dims, n := range newcomers {
		a, b := first[dims], second[dims]
		if n > 0 && n < 10 && b.lower-a.upper == n && b.upper-a.lower == n {
			found++
		}
	}
	if found < 10 {
		t.Errorf("the attacker is blunt: only %d cells of newcomers found", found)
	}

	// Our way: the late entries are in the next cube and in no other. What the two releases say of the newcomers is what the second says.
	for run := range 20 {
		d := seeded(fmt.Sprint("newcomers ", run))
		one, two := ours(release(t, d, l, cEarly)), ours(release(t, d, l, cLate))
		propagate(l, one)
		if !propagate(l, two) {
			continue
		}
		for dims, n := range newcomers {
			if b := two[dims]; n > 0 && n < 10 && b.upper-b.lower+1 < 5 {
				t.Errorf("draw %d: %d newcomers in %q known as %d-%d", run, n, dims, b.lower, b.upper)
			}
		}
	}
}

func TestAveragingManyExportsLearnsNothingNew(t *testing.T) {
	t.Parallel()
	f := people("averaging", 500, mediumDims...)
	l := planFor(t, Medium, f)
	c := tabulated(t, l, f)
	exact := exactNumbers(l, c)
	var anew, stored [][]PublishedTable
	measured, err := measureAll(seeded("averaging stored"), l, c)
	if err != nil {
		t.Fatal(err)
	}
	for run := range 100 {
		anew = append(anew, release(t, seeded(fmt.Sprint("averaging ", run)), l, c))
		again, err := l.protect(measured)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, again)
	}
	if one, many := pooled(anew[:1], exact), pooled(anew, exact); many > one/2 {
		t.Errorf("the attacker is blunt: 100 fresh draws bring the error from %.2f to %.2f only", one, many)
	}
	if one, many := pooled(stored[:1], exact), pooled(stored, exact); math.Abs(one-many) > 1e-9 {
		t.Errorf("100 exports of one cube bring the error from %.2f to %.2f", one, many)
	}
}

// TestPartitionsOfOneNumberHaveOneSum: asking for a total through its parts, by any dimension, gives one number, so that there is
// nothing to average over partitions either.
func TestPartitionsOfOneNumberHaveOneSum(t *testing.T) {
	t.Parallel()
	f := people("partitions", 500, mediumDims...)
	l := planFor(t, Medium, f)
	tables := release(t, seeded("partitions"), l, tabulated(t, l, f))
	for i, table := range tables {
		var sum int64
		for _, c := range leaves(l, i, table) {
			sum += c.Count
		}
		if sum != tables[0].Cells[0].Count {
			t.Errorf("the rows of %s add up to %d, the total is %d", table.ID, sum, tables[0].Cells[0].Count)
		}
	}
}

// worlds makes the two databases of a membership test: everybody, and everybody but one person whose cells hold few others.
func worlds(t *testing.T, n int) (with, without_ *Facts) {
	t.Helper()
	with = people("membership", n, mediumDims...)
	// The target: a rare person in every respect, so that each of her cells is small.
	last := with.row(n - 1)
	copy(last, []uint32{9, 11, 2, 2, 0, 9}) // smallest area, December, sexual violence, sex X, under 7, a stranger
	return with, without(with, n-1)
}

func TestWhoKnowsEverybodyElseCannotTellWhetherOnePersonIsIn(t *testing.T) {
	t.Parallel()
	mu := math.Sqrt(2 * CubeBudget.float())
	bar := phi(mu/math.Sqrt2) + 0.05
	for _, size := range []struct {
		class  Size
		people int
	}{{Small, 50}, {Medium, 500}} {
		in, out := worlds(t, size.people)
		l := planFor(t, size.class, in)
		cIn, cOut := tabulated(t, l, in), tabulated(t, l, out)
		hers := func(i int) int { // her cell in table i
			for k := range cIn[i] {
				if cIn[i][k] != cOut[i][k] {
					return k
				}
			}
			t.Fatalf("table %s does not count the target", l.tables[i].ID)
			return 0
		}
		// From the raw measurements the best test there is: the likelihood ratio, which is linear in her cells.
		fromMeasurements := func(m []Measurement) (score float64) {
			for i := range m {
				k := hers(i)
				score += (float64(m[i].Values[k]) - float64(cOut[i][k]) - 0.5) / m[i].Sigma2.float()
			}
			return score
		}
		// From the printed tables: the same sum over printed numbers, withheld ones by the middle of what is possible.
		fromPrint := func(tables []PublishedTable) (score float64) {
			for i, table := range tables {
				c := leaves(l, i, table)[hers(i)]
				v := float64(c.Count)
				if !c.Shown {
					v = float64(c.Lower+c.Upper) / 2
				}
				score += v / l.tables[i].sigma2().float()
			}
			return score
		}
		const runs = 1500
		score := func(c counts, world string) (raw, printed []float64) {
			d := seeded("membership " + world + string(size.class))
			for range runs {
				m, err := measureAll(d, l, c)
				if err != nil {
					t.Fatal(err)
				}
				p, err := l.protect(m)
				if err != nil {
					t.Fatal(err)
				}
				raw, printed = append(raw, fromMeasurements(m)), append(printed, fromPrint(p))
			}
			return raw, printed
		}
		rawOut, printOut := score(cOut, "without")
		rawIn, printIn := score(cIn, "with")
		a, b := auc(rawOut, rawIn), auc(printOut, printIn)
		t.Logf("%s: AUC %.3f from measurements, %.3f from print; the promise is %.3f", size.class, a, b, phi(mu/math.Sqrt2))
		if a > bar || b > bar {
			t.Errorf("%s: AUC %.3f from measurements, %.3f from print, above %.3f", size.class, a, b, bar)
		}
		if a < bar-0.1 {
			t.Errorf("%s: the attacker is blunt: AUC %.3f from measurements", size.class, a)
		}
		// A release without noise is lost to the same attacker.
		exactIn, exactOut := 0.0, 0.0
		for i := range l.tables {
			exactIn += float64(cIn[i][hers(i)])
			exactOut += float64(cOut[i][hers(i)])
		}
		if auc([]float64{exactOut}, []float64{exactIn}) != 1 {
			t.Error("the attacker cannot even tell exact tables apart")
		}
	}
}

// TestFewHitsAtFivePercentFalseAlarms holds the sentence that is printed on every release, for the budget of one cube.
func TestFewHitsAtFivePercentFalseAlarms(t *testing.T) {
	t.Parallel()
	in, out := worlds(t, 500)
	l := planFor(t, Medium, in)
	cIn, cOut := tabulated(t, l, in), tabulated(t, l, out)
	score := func(c counts, name string, runs int) (s []float64) {
		d := seeded("hits " + name)
		for range runs {
			m, err := measureAll(d, l, c)
			if err != nil {
				t.Fatal(err)
			}
			var sum float64
			for i := range m {
				for k := range cIn[i] {
					if cIn[i][k] != cOut[i][k] {
						sum += float64(m[i].Values[k]) / m[i].Sigma2.float()
					}
				}
			}
			s = append(s, sum)
		}
		return s
	}
	const runs = 4000
	quiet, loud := score(cOut, "without", runs), score(cIn, "with", runs)
	threshold, alarms := 0.0, 0
	for q := range quiet {
		n := 0
		for _, x := range quiet {
			if x >= quiet[q] {
				n++
			}
		}
		if n <= runs/20 && n > alarms {
			threshold, alarms = quiet[q], n
		}
	}
	hits := 0
	for _, x := range loud {
		if x >= threshold {
			hits++
		}
	}
	if share := float64(hits) / runs; share > 0.26 || share < 0.15 {
		t.Errorf("%.3f of the targets found at %.3f false alarms; the promise is at most 0.26, one cube gives 0.21", share, float64(alarms)/runs)
	}
}

// TestSizeClassDoesNotTellNinetyNineFromAHundred: the class of a simulated release follows a noisy number.
func TestSizeClassDoesNotTellNinetyNineFromAHundred(t *testing.T) {
	t.Parallel()
	hundred := people("boundary", 100, mediumDims...)
	count := func(f *Facts, name string) (mediums int) {
		d := seeded("boundary " + name)
		for range 300 {
			s, err := simulateFacts(d, nil, f, false)
			if err != nil {
				t.Fatal(err)
			}
			if s.layout.plan.Size == Medium {
				mediums++
			}
		}
		return mediums
	}
	with, less := count(hundred, "with"), count(without(hundred, 99), "without")
	if with == 300 || less == 0 || with-less > 80 {
		t.Errorf("medium %d times of 300 with 100 people, %d times with 99", with, less)
	}
}

func TestAreaWhereEverybodyIsAlikeShowsNoCertainty(t *testing.T) {
	t.Parallel()
	// Everybody in one area suffered the same: an exact table would say it of each of them. Printed zeros are not certain, nor is the whole.
	f := people("alike", 400, mediumDims...)
	for i := range f.Len() {
		if f.row(i)[0] == 9 {
			f.row(i)[2] = 2
		}
	}
	l := planFor(t, Medium, f)
	c := tabulated(t, l, f)
	for run := range 20 {
		known := ours(release(t, seeded(fmt.Sprint("alike ", run)), l, c))
		if !propagate(l, known) {
			continue
		}
		for dims, b := range known {
			if strings.HasPrefix(dims, "area=618;form=") && !strings.HasSuffix(dims, "SEXUAL") && b.upper < 5 {
				t.Errorf("draw %d: %q can hold at most %d", run, dims, b.upper)
			}
		}
	}
}
