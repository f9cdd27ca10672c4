package ui

import (
	"strconv"

	"github.com/a-h/templ"
)

// pressed marks the chosen button of a group of buttons.
func pressed(on bool) templ.Attributes {
	return templ.Attributes{"type": "submit", "aria-pressed": strconv.FormatBool(on)}
}

// current marks the menu's entry of this page.
func current(on bool) templ.Attributes {
	if on {
		return templ.Attributes{"aria-current": "page"}
	}
	return nil
}

func number(n int) string { return strconv.Itoa(n) }

// field gives a control its id and, where there is a hint or a problem, its description and its invalid state.
func field(f Form, name, hint string) templ.Attributes {
	a := templ.Attributes{"id": f.ID(name), "name": name}
	if d := describedBy(f, name, hint); d != "" {
		a["aria-describedby"] = d
	}
	if f.Problem(name) != "" {
		a["aria-invalid"] = "true"
	}
	return a
}

// group describes a fieldset by its hint and problem.
func group(f Form, name, hint string) templ.Attributes {
	if d := describedBy(f, name, hint); d != "" {
		return templ.Attributes{"aria-describedby": d}
	}
	return nil
}

// private keeps what is written in a control away from the browser's memory, spelling service and translator.
func private() templ.Attributes {
	return templ.Attributes{"autocomplete": "off", "spellcheck": "false", "translate": "no", "autocapitalize": "off"}
}
