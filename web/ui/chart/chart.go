// Package chart draws counts as SVG made here, without a script and without a style attribute, so that charts pass the strict policy, print,
// and can be read at 320 pixels: lengths are percentages of the room there is, words stay words.
//
// A chart never stands alone: the table above it holds the same numbers in the same order, so the drawing is one image to a screen reader,
// described by one sentence. The baseline is always zero. What is shown is what was published: a count with its interval; a count under ten
// as a hatched stub of fixed length, never in proportion, for its length would tell what the number may not; two numbers whose intervals overlap as
// "not told apart", a dotted stub with a wave; a unit that has not reported as a dash; and a true zero as "0". These are different facts with
// different marks. Bars stand for named things, lines for time, small multiples for groups, shades of one colour for places on a map.
package chart

import (
	"strconv"

	"binhan/internal/i18n"
	"binhan/web/ui"
)

// Mark says what kind of fact a value is.
type Mark string

// The marks.
const (
	Number  Mark = ""        // a count with its interval
	Under   Mark = "under"   // published as "under 10"
	Alike   Mark = "alike"   // a difference that the intervals do not tell from none
	Missing Mark = "missing" // not reported
)

// Value is one bar.
type Value struct {
	Label string
	Mark  Mark
	Count int64 // meaningful for Number
	Lower int64 // of the interval; when Lower == Upper none is drawn
	Upper int64
}

// Bars is a chart of horizontal bars, for named things.
type Bars struct {
	ID      string // unique on the page
	Title   string
	Finding string // one sentence: what one sees; the image's description
	Source  string // source, cut-off, number of people
	Values  []Value
	Series  int   // colour, 1 to 4
	Max     int64 // common scale of small multiples; 0 computes it
	Draft   bool  // provisional: bars are drawn hollow
}

// Columns is a chart of upright bars, for the hours of a day.
type Columns Bars

// Lines is a chart of the course of time: a line from month to month, an interval on each, and a gap where there is no number to draw.
type Lines Bars

// stub is the length of the hatched stub in per cent; it stands for nothing.
const stub = 9

// Text is what stands beside the bar.
func (v Value) Text(l i18n.Language) string {
	switch v.Mark {
	case Under:
		return l.T("ui.under_ten")
	case Alike:
		return l.T("reading.alike")
	case Missing:
		return "–"
	}
	return ui.Count(l, v.Count)
}

// Range is the interval, "" where none belongs; a screen reader hears that it is one.
func (v Value) Range(l i18n.Language) string {
	if v.Mark != Number || v.Lower == v.Upper {
		return ""
	}
	return ui.Count(l, v.Lower) + "–" + ui.Count(l, v.Upper)
}

// scale is the end of the axis: the largest number drawn, and never nothing.
func (b Bars) scale() int64 {
	if b.Max > 0 {
		return b.Max
	}
	return Max(b.Values)
}

// Max is the largest number that a chart of these values draws.
func Max(values []Value) int64 {
	top := int64(1)
	for _, v := range values {
		if v.Mark == Number {
			top = max(top, v.Count, v.Upper)
		}
	}
	return top
}

// percent is n of the scale, as an SVG length.
func (b Bars) percent(n int64) string { return per(n, b.scale()) }

func per(n, of int64) string {
	n = max(0, min(n, of))
	return strconv.FormatFloat(float64(n)*100/float64(of), 'f', 2, 64) + "%"
}

// rest is the way from the top down to n, where up is more.
func (b Bars) rest(n int64) string { return per(b.scale()-max(0, min(n, b.scale())), b.scale()) }

// across is where the i-th of n points of time stands, in the middle of its share of the width.
func across(i, n int) string {
	return strconv.FormatFloat((float64(i)+0.5)*100/float64(max(n, 1)), 'f', 2, 64) + "%"
}

// drawn tells whether a value has a place on the line.
func (v Value) drawn() bool { return v.Mark == Number }

func (b Bars) series() string {
	if b.Series < 1 || b.Series > 4 {
		return "s1"
	}
	return "s" + strconv.Itoa(b.Series)
}
