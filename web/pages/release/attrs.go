package release

import "github.com/a-h/templ"

// here marks the table that is open.
func here(current bool) templ.Attributes {
	if current {
		return templ.Attributes{"aria-current": "page"}
	}
	return nil
}
