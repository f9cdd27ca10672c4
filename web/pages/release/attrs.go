package release

import "github.com/a-h/templ"

// here marks the table that is open.
func here(current bool) templ.Attributes {
	if current {
		return templ.Attributes{"aria-current": "page"}
	}
	return nil
}

// files are what a table can be taken as.
func (v Table) files() []File {
	var all []File
	for _, f := range []File{{"CSV", v.CSV}, {"Excel", v.XLSX}, {"JSON", v.JSON}, {"CSVW", v.CSVW}} {
		if f.Href != "" {
			all = append(all, f)
		}
	}
	return all
}
