// Package session holds the pages around a session: signing in, the locked screen, help, and the neutral page that quick exit leaves on the
// screen.
//
// None of them tells what this system is for. The neutral page is a wall calendar: it names no programme, bears no brand, links nowhere, and
// looks the same to everybody on that day.
package session

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"binhan/internal/i18n"
	"binhan/web/ui"
)

// SignIn is the page at /dang-nhap. Fields: username, password, code (only where Code is set), back.
type SignIn struct {
	Form ui.Form
	Back string // where to go afterwards; a path of ours
	Code bool   // this account has a second factor: ask for it
	Demo []ui.Row
	// Provider is what our people call the identity provider; "" without one.
	Provider string
}

// Proof is the page that asks who she is. The values of the form travel along to Action; its panel is always there.
type Proof struct {
	Form   ui.Form
	Action string
	// Elsewhere is the label of the way to prove through the identity provider, for a page that is only waited for; Back is that page.
	Elsewhere, Back string
}

// names are the names of the values, in a fixed order.
func (v Proof) names() []string { return slices.Sorted(maps.Keys(v.Form.Values)) }

// Locked is the page at /khoa. Fields: password, back.
type Locked struct {
	Form ui.Form
	Name string // whose session it is
	Back string
}

// Neutral is the page at /thoat: this month.
type Neutral struct {
	Month string
	Weeks [][]Day
	Today string
}

// Day is one field of the calendar; zero is a blank.
type Day struct {
	N     int
	Today bool
	Rest  bool // Sunday
}

// Calendar is the neutral page on the day of now.
func Calendar(lang i18n.Language, now time.Time) Neutral {
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, now.Location())
	lead := (int(first.Weekday()) + 6) % 7 // weeks begin on Monday
	last := first.AddDate(0, 1, -1).Day()
	month := strconv.Itoa(int(now.Month())) // months have numbers in Vietnamese and names in English
	if lang == i18n.English {
		month = now.Month().String()
	}
	v := Neutral{
		Month: lang.T("page_session.month", "month", month, "year", now.Year()),
		Today: lang.T("page_session.today", "day", now.Day(), "month", month, "year", now.Year()),
	}
	for d := 1 - lead; d <= last; d += 7 {
		week := make([]Day, 7)
		for i := range week {
			if n := d + i; n >= 1 && n <= last {
				week[i] = Day{N: n, Today: n == now.Day(), Rest: i == 6}
			}
		}
		v.Weeks = append(v.Weeks, week)
	}
	return v
}
