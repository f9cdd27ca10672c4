package referral

import (
	"strings"

	"binhan/web/ui"
)

// path is the queue's own address.
func (v Queue) path() string {
	if v.In {
		return ui.PathReferralsIn
	}
	return ui.PathReferralsOut
}

// formOf is what was typed into a move's form, and nothing for the others: they share field names.
func (v Ticket) formOf(move string) ui.Form {
	if v.Move == move {
		return v.Form.Under(move)
	}
	return ui.Form{}.Under(move)
}

func join(parts ...string) string { return strings.Join(filled(parts...), " · ") }
