package desk

import (
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"binhan/internal/calendar"
	"binhan/internal/casefile"
	"binhan/internal/codelist"
	"binhan/internal/consent"
	"binhan/internal/fault"
	"binhan/internal/referral"
	"binhan/internal/site"
	pages "binhan/web/pages/casefile"
	"binhan/web/ui"
)

func (d *Desk) incidentPage(r *site.Request, f ui.Form) (site.Reply, error) {
	id, code, err := d.caseCode(r)
	if err != nil {
		return site.Reply{}, err
	}
	v := pages.AddIncident{ID: id.String(), Code: code, Form: f, Lists: lists(r.Lang, nil)}
	return page(r, pages.AddIncidentPage(d.opened(r, "page_casefile.incident_title", ui.CasePath(v.ID, "su-viec", "moi")), v)), nil
}

func (d *Desk) getIncident(r *site.Request) (site.Reply, error) {
	return d.incidentPage(r, ui.Form{Key: newKey()})
}

func (d *Desk) postIncident(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	var cmd casefile.Incident
	var ps fault.Problems
	unread := bind(r, &cmd, nil)
	cmd.Check("", time.Now().In(calendar.Zone), &ps)
	if err := together(unread, ps.Err()); err != nil {
		return site.Reply{}, err
	}
	if _, err := d.o.Cases.AddIncident(r.Context(), r.Who, id, cmd); err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.CasePath(id.String()), "incident_added"), nil
}

func (d *Desk) incidentAgain(r *site.Request, err error) (site.Reply, error) {
	f := refused(r, err, nil)
	reply, readErr := d.incidentPage(r, f)
	if silent(readErr) {
		return page(r, d.typedAlone(r, f)), nil
	}
	return reply, readErr
}

func (d *Desk) consentPage(r *site.Request, f ui.Form) (site.Reply, error) {
	id, code, err := d.caseCode(r)
	if err != nil {
		return site.Reply{}, err
	}
	orgs, err := d.o.Directory.Organisations(r.Context(), r.Who)
	if err != nil {
		return site.Reply{}, err
	}
	v := pages.AddConsent{ID: id.String(), Code: code, Form: f, Purposes: options(r.Lang, codelist.ConsentPurpose),
		Decisions: only(options(r.Lang, codelist.ConsentDecision), "GIVEN", "REFUSED", "NOT_ASKED"), By: whoAnswers(r.Lang), Method: options(r.Lang, codelist.ConsentMethod)}
	for _, o := range orgs {
		if o.ID != r.Who.Organisation {
			v.Recipients = append(v.Recipients, ui.Option{Value: o.ID.String(), Label: o.Name})
		}
	}
	for _, c := range consent.Fields {
		v.Fields = append(v.Fields, ui.Option{Value: c, Label: r.Lang.T("desk.share_" + c)})
	}
	return page(r, pages.AddConsentPage(d.opened(r, "page_casefile.consent_title", ui.CasePath(v.ID, "dong-y", "moi")), v)), nil
}

func (d *Desk) getConsent(r *site.Request) (site.Reply, error) {
	return d.consentPage(r, ui.Form{Key: newKey()})
}

func (d *Desk) postConsent(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	var cmd consent.Command
	var ps fault.Problems
	err = together(bind(r, &cmd, nil), answeredHow(cmd.Decision, cmd.By, cmd.Method, "/by", "/method"))
	cmd.Check("", time.Now(), &ps)
	if err := together(err, ps.Err()); err != nil {
		return site.Reply{}, err
	}
	if _, err := d.o.Cases.Consent(r.Context(), r.Who, id, cmd); err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.CasePath(id.String()), "consent_recorded"), nil
}

// answeredHow asks who answered and how where somebody did: the record of a consent must be able to prove it (Decree 356/2025 art. 6), and a page that
// filled the answer in by itself would prove nothing.
func answeredHow(decision, by, method, byAt, methodAt string) error {
	if decision != "GIVEN" && decision != "REFUSED" {
		return nil
	}
	var ps fault.Problems
	if by == "" {
		ps.Add(byAt, "required")
	}
	if method == "" && decision == "GIVEN" {
		ps.Add(methodAt, "required")
	}
	return ps.Err()
}

func (d *Desk) consentAgain(r *site.Request, err error) (site.Reply, error) {
	return d.consentPage(r, refused(r, err, nil))
}

// postWithdrawal ends a consent and what stood on it.
func (d *Desk) postWithdrawal(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	var cmd referral.ReasonCommand
	if err := bind(r, &cmd, ofPage("case")); err != nil {
		return site.Reply{}, err
	}
	v, err := d.o.Referrals.WithdrawConsent(r.Context(), r.Who, id, cmd)
	if err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.CasePath(v.Case.String()), "consent_withdrawn"), nil
}

// ofPage takes fields away that speak to the page only.
func ofPage(names ...string) change {
	return func(v url.Values) {
		for _, n := range names {
			v.Del(n)
		}
	}
}

func (d *Desk) withdrawalAgain(r *site.Request, err error) (site.Reply, error) {
	id, idErr := r.ID("id")
	if idErr != nil {
		return site.Reply{}, idErr
	}
	typed, formErr := r.Form()
	if formErr != nil {
		return site.Reply{}, formErr
	}
	caseID, parseErr := uuid.Parse(typed.Get("case"))
	if parseErr != nil {
		return site.Reply{}, err
	}
	at := "withdraw-" + id.String()
	f := ui.Form{Key: newKey(), Values: map[string][]string{at: {typed.Get("reason")}}}
	var words []string
	for _, p := range problems(r.Lang, err, nil) {
		words = append(words, p.Text)
	}
	f.Problems = []ui.Problem{{Field: at, Text: strings.Join(words, " ")}}
	return d.readCase(r, caseID, caseForms{withdraw: f})
}
