package chart

import (
	"strconv"

	"binhan/web/ui"
)

// describe is the sentence that stands for the image: the finding, or at least what the table says already.
func (b Bars) describe(sh ui.Shell) string {
	if b.Finding != "" {
		return b.Title + ". " + b.Finding
	}
	return b.Title + ". " + sh.T("ui.chart_as_table")
}

// short is the text below a point of time, where room is scarce.
func short(sh ui.Shell, v Value) string {
	switch v.Mark {
	case Under:
		return "<10"
	case Alike:
		return "≈"
	}
	return v.Text(sh.Lang)
}

// stubAt and stubWide place a stub of fixed height below its point of time.
func stubAt(i, n int) string {
	return strconv.FormatFloat((float64(i)+0.2)*100/float64(max(n, 1)), 'f', 2, 64) + "%"
}

func stubWide(n int) string {
	return strconv.FormatFloat(60/float64(max(n, 1)), 'f', 2, 64) + "%"
}
