package casefile

import (
	"strings"

	"binhan/web/ui"
)

// closed tells whether a class is closed to this reader.
func (v View) closed(class string) bool {
	for _, c := range v.Withheld {
		if c.Code == class {
			return true
		}
	}
	return false
}

// problems gathers those of the page's small forms for the one summary on top.
func (v View) problems() ui.Form {
	var f ui.Form
	for _, part := range []ui.Form{v.Form, v.Reveal, v.Upload, v.Copy} {
		f.Problems = append(f.Problems, part.Problems...)
	}
	return f
}

func classOptions(classes []Class) []ui.Option {
	out := make([]ui.Option, len(classes))
	for i, c := range classes {
		out[i] = ui.Option{Value: c.Code, Label: c.Label}
	}
	return out
}

// label is the file's own name, or its kind when the name is closed.
func (f File) label(sh ui.Shell) string {
	if f.Name != "" {
		return f.Name
	}
	return sh.T("page_casefile.file_unnamed")
}

// paragraphs splits a text where its writer did.
func paragraphs(text string) []string {
	var out []string
	for p := range strings.SplitSeq(text, "\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

func filled(parts ...string) []string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return out
}
