package desk

import (
	"errors"
	"net/http"

	"github.com/a-h/templ"

	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/site"
	"binhan/web/pages/casefile"
	"binhan/web/pages/intake"
	"binhan/web/ui"
)

func asFault(err error) *fault.Error {
	var f *fault.Error
	if errors.As(err, &f) {
		return f
	}
	return nil
}

// afterSession gives back a long form that was sent after its session had ended, with everything that was typed: an hour of listening must not be lost to a
// clock. It shows what this browser has just sent and nothing else; no service is asked. nil when the request was no such form.
func (d *Desk) afterSession(r *site.Request) templ.Component {
	if r.HTTP().Method != http.MethodPost {
		return nil
	}
	typed, err := r.Form()
	if err != nil || len(typed) == 0 {
		return nil
	}
	f := ui.Form{Values: typed, Key: or(typed.Get("idempotency_key"), newKey()), Version: typed.Get("if_match"), Problems: []ui.Problem{{Text: r.Lang.T("desk.sign_in_elsewhere")}}}
	if r.Session.Locked {
		f.Problems[0].Text = r.Lang.T("desk.unlock_elsewhere")
	}
	r.Session.Locked = true // the frame names nobody
	return d.typedAlone(r, f)
}

// typedAlone is a long form with what was typed and nothing from the case: when nobody is signed in any more, or the database does not answer.
func (d *Desk) typedAlone(r *site.Request, f ui.Form) templ.Component {
	id := ""
	if u, err := r.ID("id"); err == nil {
		id = u.String()
	}
	switch r.Route.Path {
	case ui.PathIntake:
		return intake.Page(d.opened(r, "page_intake.title", ui.PathIntake), d.intakeView(r, f))
	case "/ho-so/:id/su-viec/moi":
		return casefile.AddIncidentPage(d.opened(r, "page_casefile.incident_title", ui.PathToday), casefile.AddIncident{ID: id, Form: f, Lists: lists(r.Lang, nil)})
	case "/ho-so/:id/sua":
		return casefile.EditPage(d.opened(r, "page_casefile.edit_title", ui.PathToday), casefile.Edit{ID: id, Form: f, Lists: lists(r.Lang, f.Values),
			Status: statusOptions(r.Lang, f.Get("status")), Risk: options(r.Lang, codelist.RiskLevel, f.Get("risk"))})
	}
	return nil
}

// silent tells whether an error is one of a machine behind us, which says nothing about the case.
func silent(err error) bool {
	kind := fault.KindOf(err)
	return err != nil && (kind == "" || kind == fault.Unavailable || kind == fault.TooMany)
}
