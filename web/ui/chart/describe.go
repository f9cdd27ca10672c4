package chart

import "binhan/web/ui"

// describe is the sentence that stands for the image: the finding, or at least what the table says already.
func (b Bars) describe(sh ui.Shell) string {
	if b.Finding != "" {
		return b.Title + ". " + b.Finding
	}
	return b.Title + ". " + sh.T("ui.chart_as_table")
}

// short is the text above an upright bar, where room is scarce.
func short(sh ui.Shell, v Value) string {
	if v.Mark == Under {
		return "<10"
	}
	return v.Text(sh.Lang)
}
