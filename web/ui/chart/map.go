package chart

import (
	"slices"
	"strconv"

	"binhan/internal/i18n"
	"binhan/web/ui"
)

// Place is one area of a map: its outline on the map's grid and what is known of it.
type Place struct {
	Path  string // of an SVG path
	Value Value  // Label is its name
}

// Map shades places by their number, in at most four classes of one colour. A shade cannot show an interval, so the classes are wide, and a map stands beside
// the table and the bars of the same numbers, which do.
type Map struct {
	ID     string // unique on the page
	Title  string
	Source string
	Wide   int // the grid
	Tall   int
	Places []Place
}

func (m Map) box() string {
	return "-1 -1 " + strconv.Itoa(m.Wide+2) + " " + strconv.Itoa(m.Tall+2)
}

// class is a shade and the numbers that it stands for, both ends included.
type class struct {
	shade    string
	from, to int64
}

func (c class) text(l i18n.Language) string {
	if c.from == c.to {
		return ui.Count(l, c.from)
	}
	return ui.Count(l, c.from) + "–" + ui.Count(l, c.to)
}

const shades = 4

// classes cut the numbers drawn into equal steps from zero, so that a shade is in proportion like a bar.
func (m Map) classes() []class {
	top := m.top()
	if top == 0 {
		return nil
	}
	n := min(int64(shades), max(1, top/10))
	step := (top + n - 1) / n
	if step > 10 {
		step = (step + 9) / 10 * 10
	}
	var all []class
	for i := range n {
		c := class{"p" + strconv.FormatInt(shades-n+i+1, 10), i*step + 1, (i + 1) * step}
		if i == 0 {
			c.from = 0
		}
		all = append(all, c)
	}
	return all
}

func (m Map) top() (top int64) {
	for _, p := range m.Places {
		if p.Value.Mark == Number {
			top = max(top, p.Value.Count)
		}
	}
	return top
}

func (m Map) shade(v Value) string {
	switch v.Mark {
	case Under:
		return ""
	case Missing, Alike:
		return "unsaid"
	}
	for _, c := range m.classes() {
		if v.Count <= c.to {
			return c.shade
		}
	}
	return "p1"
}

func (m Map) has(k Mark) bool {
	return slices.ContainsFunc(m.Places, func(p Place) bool { return p.Value.Mark == k })
}

// says is what a place tells when it is pointed at.
func (m Map) says(sh ui.Shell, v Value) string {
	switch {
	case v.Mark == Missing:
		return v.Label + ": " + sh.T("reading.not_reported")
	case v.Range(sh.Lang) == "":
		return v.Label + ": " + v.Text(sh.Lang)
	}
	return v.Label + ": " + v.Text(sh.Lang) + " (" + v.Range(sh.Lang) + ")"
}

// describe is the sentence that stands for the map.
func (m Map) describe(sh ui.Shell) string {
	return sh.T("reading.map_describe", "n", len(m.Places))
}
