package desk

import (
	"net/http"

	"github.com/a-h/templ"

	"binhan/internal/fault"
	"binhan/internal/site"
	pages "binhan/web/pages/failure"
	"binhan/web/ui"
)

// Failure draws the page of an error. What does not exist and what may not be known to exist are the same bytes for the same reader: no address, no code.
// The lookup code stands only where something of ours failed and an operator can look it up.
func (d *Desk) Failure(r *site.Request, status int, err error, code string) templ.Component {
	if site.Resting(err) {
		return pages.Page(d.shell(r, "page_failure.refused_title", ""), pages.View{Status: status, Title: r.Lang.T("page_account.title"), Text: site.Sentence(r.Lang, err), Back: ui.PathAccount})
	}
	if fault.KindOf(err) == fault.Unproved && r.Who.Handle != "" {
		return d.askProof(r, err)
	}
	if status == http.StatusUnauthorized {
		if again := d.afterSession(r); again != nil {
			return again
		}
	}
	v := pages.View{Status: status}
	switch fault.KindOf(err) {
	case fault.Unauthenticated:
		v.Title, v.Text = r.Lang.T("desk.session_over"), site.Sentence(r.Lang, err)
		if sentenceKey(err) == "locked" {
			v.Title, v.Back = r.Lang.T("ui.locked_title"), ui.PathLock
		} else {
			v.Back = ui.PathSignIn
		}
		r.Session.Locked = true // no menu, no name: nobody is signed in
	case fault.Refused, fault.TooLarge, fault.MediaType, fault.Malformed, fault.Invalid:
		v.Text = site.Sentence(r.Lang, err)
	case fault.Conflict:
		v.Title, v.Text = r.Lang.T("desk.not_now"), site.Sentence(r.Lang, err)
	case fault.VersionRequired, fault.Stale, fault.NotFound, fault.TooMany:
	default:
		v.Code = code
	}
	return pages.Page(d.shell(r, failureTitle(status), ""), v)
}

// failureTitle is the title of an error's tab: a kind of page, like every title.
func failureTitle(status int) string {
	switch status {
	case http.StatusUnauthorized, http.StatusGone:
		return "desk.session_over"
	case http.StatusForbidden:
		return "page_failure.refused_title"
	case http.StatusNotFound:
		return "page_failure.missing_title"
	case http.StatusConflict, http.StatusPreconditionFailed, http.StatusPreconditionRequired:
		return "desk.not_now"
	case http.StatusRequestEntityTooLarge:
		return "page_failure.large_title"
	case http.StatusTooManyRequests:
		return "page_failure.many_title"
	}
	if status >= 500 {
		return "page_failure.busy_title"
	}
	return "page_failure.unreadable_title"
}

func sentenceKey(err error) string {
	if f := asFault(err); f != nil {
		return f.Key
	}
	return ""
}
