// Package account holds the pages on which somebody keeps her own account, and those on which two persons look after other people's.
//
// None of them shows anything of a case. What is shown once (recovery codes, the code with which a new password is set) is the answer to a form and has no
// address; it is printed with care: a page that is closed does not come back.
package account

import "binhan/web/ui"

// Account is the page at /tai-khoan.
type Account struct {
	Username string
	Resting  string // why she sees no more than this
	Fresh    bool   // there is a device that she has not looked at
	Factors  []Factor
	Provider string // what our people call the identity provider; "" without one
	Links    []Link
	Link     ui.Form
	Unlink   ui.Form // of the link that asks for a proof first
	UnlinkID string
	Codes    int
	CodesSay string
	Sessions []Session
	Devices  []Device
	Password ui.Form
	App      ui.Form
	Key      ui.Form
	KeyOpen  bool    // proved: the button may be pressed now
	Remove   ui.Form // of the factor that asks for a proof first
	RemoveID string
	Renew    ui.Form
	CardSays string // whether she told the watch about herself
	Card     ui.Form
	Communes []ui.Commune
}

// Factor is a second step of hers, in words.
type Factor struct {
	ID, Kind, Name, Added, Used string
}

// Link is what lets an identity provider speak for her, in words.
type Link struct {
	ID, Issuer, Added, Used string
}

// Session is one of her sessions, in words.
type Session struct {
	ID, Label, Opened, Seen string
	Current, Fresh          bool
}

// Device is a browser on which she signed in.
type Device struct {
	Label, First, Last string
	Current, Fresh     bool
}

// Offer is the page on which an app is scanned and confirmed.
type Offer struct {
	ID        string
	Secret    []string // in groups of letters
	Box, Path string   // the square
	Form      ui.Form
}

// Once is what is shown this once.
type Once struct {
	Title, Text, Note string
	Lines             []string
	Go, GoLabel       string
}

// Setup is the page at /thiet-lap.
type Setup struct{ Form ui.Form }

// People is the page at /nhan-su.
type People struct {
	Rows    []Person
	Pending []Proposal
	MayNew  bool
	Form    ui.Form // what a decision that asks for a proof came back with
	FormID  string
}

// Person is one account in words.
type Person struct {
	ID, Username, Name, Org, Role, Supervisor, State, Last string
	Tone                                                   ui.Tone
	Quiet                                                  bool // nothing about the state that a list need say
	MayConfirm, MayRelease, MayReset                       bool
	Roles, Supervisors                                     []ui.Option
	Form                                                   ui.Form
}

// Proposal is what waits, in words.
type Proposal struct {
	ID, What, Who, Org, Role, Supervisor, By, At string
	MayDecide, Mine                              bool
}

// New is the page at /nhan-su/moi.
type New struct {
	Form                     ui.Form
	Orgs, Roles, Supervisors []ui.Option
}

func path(parts ...string) string {
	p := ui.PathAccount
	for _, x := range parts {
		p += "/" + x
	}
	return p
}

func peoplePath(parts ...string) string {
	p := ui.PathPeople
	for _, x := range parts {
		p += "/" + x
	}
	return p
}
