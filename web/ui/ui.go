// Package ui is the visual grammar of Sổ công việc: the frame around every page, the form controls, and the small patterns (tags, task lists,
// summary lists, notices) of which pages are made.
//
// Everything here works without script, at 320 CSS pixels, by keyboard, in light and dark, and under a content security policy that admits
// no inline script and no inline style at all. So there is no style attribute and no templ.Raw in this tree; a test holds that.
//
// Components take a Shell first: it knows the language, and whether a case lies open on the screen (which shortens the time until the screen
// covers itself). Forms take a Form: what was typed, and what was wrong with it. A refused form always comes back whole: a summary on top that
// takes the focus, a sentence beside each field, and every character that was typed.
//
// Views carry plain strings, already in the reader's language. Nothing here calls a service, knows a code list or decides who may see what.
package ui

import (
	"strings"

	"binhan/internal/i18n"
)

// Assets are the addresses of the built files, with the hash of their content in the name.
type Assets struct {
	Style  string // the one style sheet
	Script string // the one script; pages work without it
	Icon   string // the neutral icon
}

// User is the signed-in person as her own screen names her.
type User struct {
	Name      string
	RoleLabel string
	OrgName   string
}

// NavItem is one entry of the menu. A menu lists only what this role may do; at most four fit a phone.
type NavItem struct {
	Href    string
	Label   string
	Icon    string // a name that Icon knows; "" is allowed
	Current bool
	Count   int // what waits there; 0 shows nothing
}

// Tone colours a tag, a notice or a row; the words carry the meaning, the colour never alone.
type Tone string

// The tones that exist. The zero value is plain.
const (
	Plain   Tone = ""
	Done    Tone = "done"
	Caution Tone = "caution"
	Danger  Tone = "danger"
	Quiet   Tone = "quiet"
)

// Flash is one sentence about what has just happened, shown on top of the next page.
type Flash struct {
	Text string
	Tone Tone
}

// Shell is the frame of a page.
type Shell struct {
	Lang     i18n.Language
	Title    string // key of the page's title: a kind of page, never a person
	Path     string // where we are, so that changing language or text size comes back here; no query
	User     *User  // nil before sign-in: no menu, no lock
	Nav      []NavItem
	Assets   Assets
	Flash    *Flash
	CaseOpen bool   // a case or a referral's content is on the screen: the lock comes after 3 minutes, else after 10
	TextSize string // "100" (or ""), "115" or "130"
	Refused  bool   // the page shows a form that could not be taken; the title says so
	Wide     bool   // the page needs the whole width (lists, tables)
}

// T is the sentence under key in the reader's language.
func (sh Shell) T(key string, pairs ...any) string { return sh.Lang.T(key, pairs...) }

// DocumentTitle is what the browser's tab and history show: a kind of page and the neutral brand.
func (sh Shell) DocumentTitle() string {
	parts := make([]string, 0, 3)
	if sh.Refused {
		parts = append(parts, sh.T("ui.title_refused"))
	}
	if sh.Title != "" {
		parts = append(parts, sh.T(sh.Title))
	}
	return strings.Join(append(parts, sh.T("ui.brand")), " – ")
}

// LockSeconds is how long the screen may lie untouched before it covers itself.
func (sh Shell) LockSeconds() string {
	if sh.CaseOpen {
		return "180"
	}
	return "600"
}

// Size is the text size in per cent.
func (sh Shell) Size() string {
	switch sh.TextSize {
	case "115", "130":
		return sh.TextSize
	}
	return "100"
}

// With returns the shell for a page with a form: the title tells when the form was refused.
func (sh Shell) With(f Form) Shell {
	sh.Refused = len(f.Problems) > 0
	return sh
}

// Option is one choice of a list.
type Option struct {
	Value string
	Label string
	Hint  string
}

// Row is one line of a summary list.
type Row struct {
	Label string
	Value string
}

// Commune is one choice of the commune field. Old holds former names ("xã Đăk Kan, thị trấn Plei Kần"), so that they still find it.
type Commune struct {
	Code string
	Name string
	Old  string
}

// Value is what the field holds after a choice: the name and the code, so that a person reads it and Answers finds the code.
func (c Commune) Value() string { return c.Name + " (" + c.Code + ")" }

// Hint is what the browser's own list also searches: the name without marks, then the former names.
func (c Commune) Hint() string {
	if c.Old == "" {
		return Fold(c.Name)
	}
	return Fold(c.Name) + " · " + c.Old + " · " + Fold(c.Old)
}

// Event is one line of a timeline.
type Event struct {
	At   string
	What string
	Who  string
	Note string
}
