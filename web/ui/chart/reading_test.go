package chart

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binhan/internal/i18n"
	"binhan/web/ui"
)

func shown(t interface{ Fatal(...any) }, c templ.Component) string {
	var s strings.Builder
	if err := c.Render(context.Background(), &s); err != nil {
		t.Fatal(err)
	}
	return s.String()
}

var vi = ui.Shell{Lang: i18n.Vietnamese}

// Whatever number stands behind "under 10", line and map are the same, to the byte.
func TestLinesAndMapsOfASmallCountTellNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		big := Value{Label: "khác", Count: rapid.Int64Range(10, 1e6).Draw(r, "other")}
		with := func(name string) string {
			small := Value{Label: "nhỏ", Mark: Under, Count: rapid.Int64Range(0, 9).Draw(r, name), Upper: rapid.Int64Range(9, 1e7).Draw(r, name+" upper")}
			return shown(r, Lines{ID: "l", Values: []Value{big, small, big}}.Draw(vi)) + shown(r, Map{ID: "m", Wide: 10, Tall: 10, Places: []Place{{"M0 0l1 0l0 1z", big}, {"M2 0l1 0l0 1z", small}}}.Draw(vi))
		}
		if d := cmp.Diff(with("one"), with("two")); d != "" {
			r.Fatalf("two small counts are told apart (-one +two)\n%s", d)
		}
	})
}

func TestFourMarksAreFourDrawings(t *testing.T) {
	t.Parallel()
	marks := []Value{{Label: "a", Count: 20, Lower: 10, Upper: 30}, {Label: "a", Mark: Under}, {Label: "a", Mark: Alike}, {Label: "a", Mark: Missing}}
	for name, draw := range map[string]func(Value) templ.Component{
		"bars": func(v Value) templ.Component { return Bars{ID: "b", Values: []Value{v}}.Draw(vi) }, "columns": func(v Value) templ.Component { return Columns{ID: "b", Values: []Value{v}}.Draw(vi) },
		"lines": func(v Value) templ.Component { return Lines{ID: "b", Values: []Value{v}}.Draw(vi) },
	} {
		seen, texts := map[string]bool{}, map[string]bool{}
		for _, v := range marks {
			s := shown(t, draw(v))
			svg := s[strings.LastIndex(s, "<svg"):]
			seen[svg], texts[v.Text(i18n.Vietnamese)] = true, true
			if whisker := strings.Contains(s, `class="whisker`); whisker != (v.Mark == Number) {
				t.Errorf("%s of %q: interval %v", name, v.Mark, whisker)
			}
		}
		if len(seen) != 4 || len(texts) != 4 {
			t.Errorf("%s: %d drawings, %d texts", name, len(seen), len(texts))
		}
	}
}

func TestALineStandsOnZeroAndBreaksWhereThereIsNoNumber(t *testing.T) {
	t.Parallel()
	n := func(c int64) Value { return Value{Count: c, Lower: c - 5, Upper: c + 5} }
	s := shown(t, Lines{ID: "l", Values: []Value{n(20), n(45), {Mark: Under}, n(30), {Mark: Missing}, n(10), n(10)}}.Draw(vi))
	if got := strings.Count(s, `class="course`); got != 2 {
		t.Errorf("%d pieces of line between seven months of which two have no number", got)
	}
	// 45 + 5 is the top of the scale; half of it lies half way up.
	for _, want := range []string{`cy="10.00%"`, `cy="60.00%"`, `y1="169.5"`, `role="img" aria-label=`} {
		if !strings.Contains(s, want) {
			t.Errorf("lacks %s:\n%s", want, s)
		}
	}
}

func TestMapsShadeInProportionAndSayTheirNumbers(t *testing.T) {
	t.Parallel()
	m := Map{ID: "m", Title: "Địa bàn", Wide: 10, Tall: 10, Places: []Place{{"M0 0l1 0l0 1z", Value{Label: "Một", Count: 170, Lower: 159, Upper: 181}}, {"M2 0l1 0l0 1z", Value{Label: "Hai", Mark: Under}}, {"M4 0l1 0l0 1z", Value{Label: "Ba", Mark: Missing}},
		{"M6 0l1 0l0 1z", Value{Label: "Bốn", Count: 50, Lower: 39, Upper: 61}}, {"M8 0l1 0l0 1z", Value{Label: "Năm", Count: 51, Lower: 40, Upper: 62}}}}
	var shades []string
	for _, p := range m.Places {
		shades = append(shades, m.shade(p.Value))
	}
	if d := cmp.Diff([]string{"p4", "", "unsaid", "p1", "p2"}, shades); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	s := shown(t, m.Draw(vi))
	for _, want := range []string{"<title>Một: 170 (159–181)</title>", "<title>Hai: dưới 10</title>", "<title>Ba: chưa báo cáo</title>", `fill="url(#m-hatch)"`, `id="m-title"`, `id="m-desc"`, "0–50", "151–200", "không thể hiện địa giới pháp lý"} {
		if !strings.Contains(s, want) {
			t.Errorf("lacks %s", want)
		}
	}
	if regexp.MustCompile(`style=|<script`).MatchString(s) {
		t.Error("style or script in a map")
	}
	for _, top := range []int64{0, 1, 9, 10, 35, 99, 1234, 987654} {
		c := Map{Places: []Place{{Value: Value{Count: top}}}}.classes()
		if top == 0 && c != nil || top > 0 && (c[0].from != 0 || c[len(c)-1].to < top || len(c) > 4) {
			t.Errorf("%d: %v", top, c)
		}
		for i := 1; i < len(c); i++ {
			if c[i].from != c[i-1].to+1 {
				t.Errorf("%d: a gap in %v", top, c)
			}
		}
	}
}
