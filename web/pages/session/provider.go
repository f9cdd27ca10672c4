package session

import "binhan/web/ui"

// Onward is a page that goes on by itself, with a button for the browser that does not.
type Onward struct {
	Title, Text string
	Go, GoLabel string // Go leads to a path of ours or to the identity provider
}

// Code is the page at /oidc/ma: the second factor after an identity provider that asked for one step.
type Code struct {
	Form ui.Form
	Name string // of the provider
}

// Elsewhere is a page with one form and one way not to send it.
type Elsewhere struct {
	Title, Text  string
	Action, Do   string
	Back         string // a path of ours that the form brings along; "" for none
	Not, NotText string
	Form         ui.Form
	Staff        bool // for whoever is signed in
}
