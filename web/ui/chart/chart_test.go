package chart

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binhan/internal/i18n"
	"binhan/web/ui"
)

func draw(t interface{ Fatal(...any) }, b Bars) string {
	var s strings.Builder
	if err := b.Draw(ui.Shell{Lang: i18n.Vietnamese}).Render(context.Background(), &s); err != nil {
		t.Fatal(err)
	}
	return s.String()
}

func TestBarsHaveAZeroBaselineAndOneScale(t *testing.T) {
	t.Parallel()
	b := Bars{Values: []Value{{Count: 50, Lower: 40, Upper: 60}, {Count: 200, Lower: 190, Upper: 200}, {Mark: Under, Upper: 900}, {Mark: Missing, Count: 900}}}
	got := []string{b.percent(0), b.percent(50), b.percent(200), b.percent(-5), b.percent(999), b.rest(200), b.rest(50)}
	if diff := cmp.Diff([]string{"0.00%", "25.00%", "100.00%", "0.00%", "100.00%", "0.00%", "75.00%"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	b.Max = 400
	if got := b.percent(200); got != "50.00%" {
		t.Errorf("on a common scale 200 of 400 is %s", got)
	}
}

func TestThreeMarksAreThreeTexts(t *testing.T) {
	t.Parallel()
	var got []string
	for _, v := range []Value{{Mark: Under, Count: 4, Upper: 9}, {Mark: Missing}, {Count: 0}, {Count: 1235, Lower: 1225, Upper: 1245}} {
		got = append(got, v.Text(i18n.Vietnamese)+" "+v.Range(i18n.Vietnamese))
	}
	if diff := cmp.Diff([]string{"dưới 10 ", "– ", "0 ", "1.235 1.225–1.245"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Whatever number stands behind "under 10", the drawing is the same, to the byte.
func TestDrawingOfASmallCountTellsNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		other := Value{Label: "khác", Count: rapid.Int64Range(10, 1e6).Draw(r, "other")}
		with := func(name string) string {
			small := Value{Label: "nhỏ", Mark: Under, Count: rapid.Int64Range(0, 9).Draw(r, name), Lower: 0, Upper: rapid.Int64Range(9, 1e7).Draw(r, name+" upper")}
			return draw(r, Bars{ID: "b", Values: []Value{other, small}})
		}
		if diff := cmp.Diff(with("one"), with("two")); diff != "" {
			r.Fatalf("two small counts are told apart (-one +two)\n%s", diff)
		}
	})
}

func TestDrawingIsOneImageWithOneSentence(t *testing.T) {
	t.Parallel()
	s := draw(t, Bars{ID: "b", Title: "Hình thức", Finding: "Thể chất nhiều nhất.", Values: []Value{{Label: `<b>"nhãn"</b>`, Count: 10, Lower: 1, Upper: 19}}})
	for _, want := range []string{`role="img" aria-label="Hình thức. Thể chất nhiều nhất."`, "&lt;b&gt;", `id="b-hatch"`, `x2="100.00%"`} {
		if !strings.Contains(s, want) {
			t.Errorf("lacks %s:\n%s", want, s)
		}
	}
	if regexp.MustCompile(`style=|<b>"`).MatchString(s) {
		t.Errorf("holds markup of its own:\n%s", s)
	}
}
