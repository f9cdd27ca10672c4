package codelist

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestOutlinesAreThoseOfTheCommunesOfFormerKonTum(t *testing.T) {
	t.Parallel()
	var want, got []string
	for _, u := range Communes(time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC)) {
		if u.FormerDistrict != "" {
			want = append(want, u.Code)
		}
	}
	o := KonTum()
	for _, c := range o.Communes {
		got = append(got, c.Code)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-lists +outlines)\n%s", d)
	}
}

// TestOutlinesLieOnTheGridAndFillTheProvince: had neighbours moved apart or over each other, the sum of their areas would tell.
func TestOutlinesLieOnTheGridAndFillTheProvince(t *testing.T) {
	t.Parallel()
	o := KonTum()
	whole := regexp.MustCompile(`^(M\d+ \d+(l-?\d+ -?\d+){2,}z)+$`)
	steps := regexp.MustCompile(`([Ml])(-?\d+) (-?\d+)`)
	size := 0
	var area float64
	for _, c := range o.Communes {
		size += len(c.Path)
		if !whole.MatchString(c.Path) {
			t.Fatalf("%s: %.80s", c.Code, c.Path)
		}
		for ring := range strings.SplitSeq(strings.TrimSuffix(c.Path, "z"), "z") {
			var x, y int
			var corners [][2]int
			for _, m := range steps.FindAllStringSubmatch(ring, -1) {
				dx, _ := strconv.Atoi(m[2])
				dy, _ := strconv.Atoi(m[3])
				if m[1] == "M" {
					x, y = 0, 0
				}
				x, y = x+dx, y+dy
				if x < 0 || y < 0 || x > o.Widest || y > o.Tallest {
					t.Errorf("%s leaves the grid at %d %d", c.Code, x, y)
				}
				corners = append(corners, [2]int{x, y})
			}
			var twice int
			for i, a := range corners {
				b := corners[(i+1)%len(corners)]
				twice += a[0]*b[1] - b[0]*a[1]
			}
			area += max(float64(twice), float64(-twice)) / 2
		}
	}
	// 9,677 square kilometres in a box of 0.55 km squares: the communes fill the province, neither overlapping nor leaving holes.
	if km2 := area * 0.005 * 111.2 * 0.005 * 111.2; km2 < 9500 || km2 > 9900 {
		t.Errorf("the communes cover %.0f square kilometres of the province's 9,677", km2)
	}
	if size > 24<<10 {
		t.Errorf("%d bytes of paths on a page", size)
	}
}
