package desk

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/calendar"
	"binhan/internal/casefile"
	"binhan/internal/codelist"
	"binhan/internal/i18n"
	"binhan/internal/rights"
	"binhan/internal/site"
	pages "binhan/web/pages/rights"
	"binhan/web/ui"
)

// rightsRoutes are the pages on the rights of the person concerned: for the office of data protection, for the supervisor who decides with her, for the holder.
func (d *Desk) rightsRoutes() []site.Route {
	routes := []site.Route{
		get(ui.PathRequests, access.ListRequests, d.getRequests),
		post(ui.PathRequests, access.RegisterRequest, d.postRequest, d.requestsAgain),
		get(ui.PathRequests+"/:id", access.ReadRequest, d.getRequest),
		get(ui.PathTerms, access.SeeTerms, d.getTerms),
		post(ui.PathTerms, access.HoldCase, d.postHold, d.termsAgain),
		post(ui.PathTerms+"/:id/bo", access.HoldCase, d.postHoldLift, d.termsAgain),
		post(ui.PathErasures, access.ProposeErasure, d.postErasure, d.proposeAgain),
		get(ui.PathErasures+"/:id", access.SeeErasures, d.getErasure),
		post(ui.PathErasures+"/:id/duyet", access.ApproveErasure, d.erasureMove(func() erasureMove { return d.o.Rights.Approve }), d.erasureAgain),
		post(ui.PathErasures+"/:id/khong-duyet", access.ApproveErasure, d.erasureMove(func() erasureMove { return d.o.Rights.RefuseErasure }), d.erasureAgain),
		post(ui.PathErasures+"/:id/lam-tiep", access.ApproveErasure, d.erasureMove(func() erasureMove { return d.o.Rights.Finish }), d.erasureAgain),
		get(ui.PathBreaches, access.SeeBreaches, d.getBreaches),
		post(ui.PathBreaches, access.RecordBreach, d.postBreach, d.breachesAgain),
		get(ui.PathBreaches+"/:id", access.SeeBreaches, d.getBreach),
		post(ui.PathBreaches+"/:id", access.RecordBreach, d.postMinute, d.breachAgain),
		get(ui.PathProcessing, access.SeeProcessing, d.getProcessing),
		post(ui.PathProcessing, access.RecordAgreement, d.postAgreement, d.processingAgain),
		get("/ho-so/:id/quyen", access.RestrictCase, d.getCaseRights),
		post("/ho-so/:id/han-che", access.RestrictCase, d.postRestrict, d.caseRightsAgain),
		post("/ho-so/:id/han-che/bo", access.RestrictCase, d.postLift, d.caseRightsAgain),
		post("/ho-so/:id/ket-thuc", access.CloseCase, d.postClose, d.caseRightsAgain),
		post("/ho-so/:id/mo-lai", access.ReopenCase, d.postCaseReopen, d.caseRightsAgain),
		post("/ho-so/:id/ban-sao", access.CopyCase, d.postWholeFile, d.caseRightsAgain),
		get("/ho-so/:id/ban-sao/:copy", access.CopyCase, d.getReceipt),
		post("/ho-so/:id/ban-sao/:copy", access.CopyCase, d.postHandOver, d.caseRightsAgain),
	}
	for path, name := range requestSteps {
		act := access.AnswerRequest
		if name == "extension" || name == "refusal" {
			act = access.DecideRequest
		}
		routes = append(routes, post(ui.PathRequests+"/:id/"+path, act, func(r *site.Request) (site.Reply, error) { return d.postRequestMove(r, name) }, d.requestAgain))
	}
	return routes
}

// requestSteps are the moves of a request by their addresses.
var requestSteps = map[string]string{"tra-loi": "acknowledgement", "lam": "start", "gia-han": "extension", "xong": "completion", "tu-choi": "refusal", "rut": "taking_back"}

func stepOf(move string) string {
	for path, name := range requestSteps {
		if name == move {
			return path
		}
	}
	return ""
}

// ------------------------------------------------------------------ requests

func (d *Desk) getRequests(r *site.Request) (site.Reply, error) {
	return d.requestsPage(r, ui.Form{Key: newKey()})
}

func requestRow(l i18n.Language, now time.Time, x rights.Request) pages.Row {
	row := pages.Row{Href: ui.RequestPath(x.ID.String()), Code: x.Code, What: label(l, codelist.DSRType, x.Kind), State: l.T("rights.state_" + string(x.State)), Tone: requestTone(x)}
	if x.Case != nil {
		row.Case = x.Case.Code
	}
	if x.NextDue != nil {
		row.Due, row.Late = ui.Deadline(l, now, *x.NextDue)
	}
	return row
}

func requestTone(x rights.Request) ui.Tone {
	switch {
	case x.Overdue:
		return ui.Danger
	case x.State == rights.Done:
		return ui.Done
	case !x.State.Open():
		return ui.Quiet
	}
	return ui.Caution
}

func (d *Desk) requestsPage(r *site.Request, f ui.Form) (site.Reply, error) {
	l := r.Lang
	p, err := d.o.Rights.List(r.Context(), r.Who, rights.Filter{Limit: 50, Cursor: r.Query("cursor")})
	if err != nil {
		return site.Reply{}, err
	}
	v := pages.Requests{MayRegister: may(r, access.RegisterRequest), ByCode: r.Who.Role == access.DPO, Form: f, Kinds: options(l, codelist.DSRType), AskedBy: whoAnswers(l), Checks: options(l, codelist.DSRIdentityCheck),
		Days: l.T("desk.days_" + string(d.o.Rights.Days()))}
	for _, x := range p.Items {
		v.Rows = append(v.Rows, requestRow(l, time.Now(), x))
	}
	if p.Next != nil {
		v.Next = pageAfter(ui.PathRequests, nil, *p.Next)
	}
	sh := d.shell(r, "page_rights.requests_title", ui.PathRequests)
	sh.Wide = true
	return page(r, pages.RequestsPage(sh, v)), nil
}

// ofDay makes an instant of the day that a form names: noon of it, or now when it is today.
func ofDay(v url.Values) {
	day := v.Get("received_on")
	v.Del("received_on")
	if t, err := time.ParseInLocation(time.DateOnly, day, calendar.Zone); err == nil {
		at := t.Add(12 * time.Hour)
		if now := time.Now(); at.After(now) && t.Before(now) {
			at = now
		}
		v.Set("received_at", at.Format(time.RFC3339))
	} else if day != "" {
		v.Set("received_at", day)
	}
}

// localTime makes an instant of what a browser's field for day and time yields.
func localTime(names ...string) change {
	return func(v url.Values) {
		for _, name := range names {
			if t, err := time.ParseInLocation("2006-01-02T15:04", v.Get(name), calendar.Zone); err == nil {
				v.Set(name, t.Format(time.RFC3339))
			}
		}
	}
}

func (d *Desk) postRequest(r *site.Request) (site.Reply, error) {
	var cmd rights.RegisterCommand
	if err := bind(r, &cmd, ofDay); err != nil {
		return site.Reply{}, err
	}
	x, err := d.o.Rights.Register(r.Context(), r.Who, cmd)
	if err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.RequestPath(x.ID.String()), "request_registered"), nil
}

// requestsAgain shows the form where it was filled: on the page of a case for its holder, on the list for the office.
func (d *Desk) requestsAgain(r *site.Request, err error) (site.Reply, error) {
	f := refused(r, err, ofDay)
	for i := range f.Problems {
		if f.Problems[i].Field == "received_at" {
			f.Problems[i].Field = "received_on"
		}
	}
	if id, idErr := uuid.Parse(f.Get("case")); idErr == nil && r.Who.Role != access.DPO {
		return d.caseRights(r, id, caseRightsForms{ask: f})
	}
	return d.requestsPage(r, f)
}

func (d *Desk) getRequest(r *site.Request) (site.Reply, error) { return d.requestPage(r, ui.Form{}) }

func (d *Desk) requestPage(r *site.Request, f ui.Form) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	x, err := d.o.Rights.Read(r.Context(), r.Who, id)
	if err != nil {
		return site.Reply{}, err
	}
	l := r.Lang
	v := pages.Request{ID: x.ID.String(), Code: x.Code, Kind: label(l, codelist.DSRType, x.Kind), State: l.T("rights.state_" + string(x.State)), Tone: requestTone(x), Words: x.Words, Form: f,
		Facts: []ui.Row{
			{Label: l.T("page_rights.asked_by"), Value: saidOr(l, "desk.consent_actor_", x.AskedBy)}, {Label: l.T("page_rights.identity_check"), Value: label(l, codelist.DSRIdentityCheck, x.IdentityCheck)},
			{Label: l.T("desk.received_at"), Value: moment(x.ReceivedAt)}, {Label: l.T("desk.registered_by"), Value: joined(", ", x.RegisteredBy.Name, moment(x.RegisteredAt))},
			{Label: l.T("desk.due_reply"), Value: day(x.Due.Reply)}, {Label: l.T("desk.due_act"), Value: joined(", ", day(x.Due.Act), l.T("desk.days_"+x.Days))},
			{Label: l.T("desk.extended"), Value: label(l, codelist.DSRExtension, x.Extension)}, {Label: l.T("desk.refused_on"), Value: label(l, codelist.DSRRefusal, x.Ground)},
			{Label: l.T("desk.clock_law"), Value: x.Law},
		}}
	if x.Case != nil {
		v.Facts = append([]ui.Row{{Label: l.T("page_rights.case"), Value: x.Case.Code}}, v.Facts...)
		if may(r, access.CopyCase) || may(r, access.ReadCase) && r.Who.Role != access.DPO {
			v.CaseHref = ui.CasePath(x.Case.ID.String(), "quyen")
		}
	}
	for _, name := range x.Moves {
		m := pages.Move{Path: stepOf(name), Label: l.T("desk.request_" + name), Text: true, TextLabel: l.T("desk.request_text_" + name), Form: ui.Form{Key: newKey()}}
		switch name {
		case "extension":
			m.Codes, m.CodeLabel = options(l, codelist.DSRExtension), l.T("desk.extension_code")
		case "refusal":
			m.Codes, m.CodeLabel = options(l, codelist.DSRRefusal), l.T("desk.refusal_code")
		case "start":
			m.Text = false
		}
		if len(f.Problems) > 0 || f.Proof != nil {
			if strings.HasSuffix(r.Route.Path, "/"+m.Path) {
				m.Form = f
			}
		}
		v.Moves = append(v.Moves, m)
	}
	for _, s := range slices.Backward(x.History) {
		what := l.T("desk.request_done_" + s.Move)
		code := label(l, codelist.DSRExtension, s.Code)
		if s.Move == "refusal" {
			code = label(l, codelist.DSRRefusal, s.Code)
		}
		v.History = append(v.History, ui.Event{At: moment(s.At), What: what, Who: s.By.Name, Note: joined(". ", code, s.Text)})
	}
	v.History = append(v.History, ui.Event{At: moment(x.RegisteredAt), What: l.T("desk.request_registered"), Who: x.RegisteredBy.Name})
	return page(r, pages.RequestPage(d.shell(r, "page_rights.request_title", ui.RequestPath(v.ID)), v)), nil
}

func (d *Desk) postRequestMove(r *site.Request, name string) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	var cmd rights.MoveCommand
	if err := bind(r, &cmd, nil); err != nil {
		return site.Reply{}, err
	}
	if _, err := d.o.Rights.Move(r.Context(), r.Who, id, name, cmd); err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.RequestPath(id.String()), "request_moved"), nil
}

func (d *Desk) requestAgain(r *site.Request, err error) (site.Reply, error) {
	return d.requestPage(r, refused(r, err, nil))
}

// ------------------------------------------------------------------ terms and erasures

func (d *Desk) getTerms(r *site.Request) (site.Reply, error) {
	return d.termsPage(r, ui.Form{Key: newKey()}, ui.Form{})
}

func (d *Desk) termsPage(r *site.Request, hold, propose ui.Form) (site.Reply, error) {
	l := r.Lang
	all, err := d.o.Rights.Due(r.Context(), r.Who)
	if err != nil {
		return site.Reply{}, err
	}
	erasures, err := d.o.Rights.Erasures(r.Context(), r.Who)
	if err != nil {
		return site.Reply{}, err
	}
	v := pages.Terms{MayHold: may(r, access.HoldCase), Hold: hold, Propose: propose, May: may(r, access.ProposeErasure), Grounds: options(l, codelist.HoldGround)}
	for _, t := range all.Due {
		row := pages.TermRow{ID: t.Case.ID.String(), Case: t.Case.Code, Rule: label(l, codelist.RetentionTerm, t.Rule), KeepUntil: partialDay(t.KeepUntil), Over: t.Over}
		if t.Held {
			row.Note = l.T("desk.held")
		}
		if t.Erasure != nil {
			row.Erasure = t.Erasure.String()
		}
		v.Due = append(v.Due, row)
	}
	for _, h := range all.Holds {
		row := pages.HoldRow{ID: h.ID.String(), Case: h.Case.Code, Ground: label(l, codelist.HoldGround, h.Ground), Since: l.T("desk.held_since", "at", day(h.SetAt), "who", h.SetBy.Name)}
		if h.Until != "" {
			row.Until = l.T("desk.held_until", "day", partialDay(h.Until))
		}
		v.Holds = append(v.Holds, row)
	}
	for _, e := range erasures {
		v.Erasures = append(v.Erasures, erasureRow(l, e))
	}
	for _, e := range codelist.MustGet(codelist.RetentionTerm).Entries() {
		v.Rules = append(v.Rules, ui.Row{Label: e.Label(l), Value: joined(", ", strings.TrimSpace(e.Law+" "+e.Article), verified(l, e.Verified))})
	}
	sh := d.shell(r, "page_rights.terms_title", ui.PathTerms)
	sh.Wide = true
	return page(r, pages.TermsPage(sh, v)), nil
}

// verified says aloud what of a rule is the project's own proposal, or remembered.
func verified(l i18n.Language, mark string) string {
	if mark == "P" || mark == "M" {
		return l.T("desk.verified_" + mark)
	}
	return ""
}

func erasureRow(l i18n.Language, e rights.Erasure) pages.Row {
	row := pages.Row{Href: ui.ErasurePath(e.ID.String()), Code: e.Code, Case: e.Case.Code, What: label(l, codelist.ErasureGround, e.Ground), State: l.T("desk.erasure_" + e.State), Tone: ui.Caution}
	switch e.State {
	case "DONE":
		row.Tone = ui.Done
	case "REFUSED":
		row.Tone = ui.Quiet
	}
	return row
}

func (d *Desk) postHold(r *site.Request) (site.Reply, error) {
	var cmd rights.HoldCommand
	if err := bind(r, &cmd, nil); err != nil {
		return site.Reply{}, err
	}
	if _, err := d.o.Rights.Hold(r.Context(), r.Who, cmd); err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.PathTerms, "case_held"), nil
}

func (d *Desk) postHoldLift(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	var nothing struct{}
	if err := bind(r, &nothing, nil); err != nil {
		return site.Reply{}, err
	}
	if _, err := d.o.Rights.Release(r.Context(), r.Who, id); err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.PathTerms, "hold_lifted"), nil
}

func (d *Desk) termsAgain(r *site.Request, err error) (site.Reply, error) {
	return d.termsPage(r, refused(r, err, nil), ui.Form{})
}

func (d *Desk) postErasure(r *site.Request) (site.Reply, error) {
	var cmd rights.ProposeCommand
	if err := bind(r, &cmd, nil); err != nil {
		return site.Reply{}, err
	}
	e, err := d.o.Rights.Propose(r.Context(), r.Who, cmd)
	if err != nil {
		return site.Reply{}, err
	}
	if may(r, access.SeeErasures) {
		return see(r, ui.ErasurePath(e.ID.String()), "erasure_proposed"), nil
	}
	return see(r, ui.CasePath(e.Case.ID.String(), "quyen"), "erasure_proposed"), nil
}

func (d *Desk) proposeAgain(r *site.Request, err error) (site.Reply, error) {
	f := refused(r, err, nil)
	if id, idErr := uuid.Parse(f.Get("case")); idErr == nil && !may(r, access.SeeTerms) {
		return d.caseRights(r, id, caseRightsForms{erase: f})
	}
	return d.termsPage(r, ui.Form{Key: newKey()}, f)
}

type erasureMove = func(context.Context, access.Actor, uuid.UUID) (rights.Erasure, error)

func (d *Desk) getErasure(r *site.Request) (site.Reply, error) {
	return d.erasurePage(r, ui.Form{Key: newKey()}, ui.Form{Key: newKey()})
}

func (d *Desk) erasurePage(r *site.Request, f, refuse ui.Form) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	e, err := d.o.Rights.ReadErasure(r.Context(), r.Who, id)
	if err != nil {
		return site.Reply{}, err
	}
	l := r.Lang
	row := erasureRow(l, e)
	v := pages.Erasure{ID: e.ID.String(), Code: e.Code, Case: e.Case.Code, State: row.State, Tone: row.Tone, Held: e.Held && e.Done == nil, MayApprove: e.MayApprove, MayFinish: e.MayFinish, Form: f, Refuse: refuse,
		MayRefuse: may(r, access.ApproveErasure) && (e.State == "PROPOSED" || e.State == "HALF"),
		Facts: []ui.Row{{Label: l.T("page_rights.case"), Value: e.Case.Code}, {Label: l.T("page_rights.erase_ground"), Value: label(l, codelist.ErasureGround, e.Ground)},
			{Label: l.T("desk.opened_on"), Value: partialDay(e.OpenedOn)}, {Label: l.T("desk.closed_on"), Value: partialDay(e.ClosedOn)},
			{Label: l.T("desk.proposed_by"), Value: joined(", ", e.ProposedBy.Name, moment(e.ProposedAt))}}}
	for _, x := range []*rights.Decision{e.First, e.Second} {
		if x != nil {
			v.Facts = append(v.Facts, ui.Row{Label: l.T("desk.approved_as_" + x.As), Value: joined(", ", x.By.Name, moment(x.At))})
		}
	}
	if e.RefusedBy != nil {
		v.Facts = append(v.Facts, ui.Row{Label: l.T("desk.refused_by"), Value: joined(", ", e.RefusedBy.Name, momentOr(e.RefusedAt))})
	}
	if x := e.Done; x != nil {
		v.Done = true
		v.Deed = []ui.Row{{Label: l.T("desk.erased_at"), Value: moment(x.At)}, {Label: l.T("desk.erased_keys"), Value: strconv.Itoa(x.Keys)}, {Label: l.T("desk.erased_snapshots"), Value: strconv.Itoa(x.Snapshots)},
			{Label: l.T("desk.erased_values"), Value: strconv.Itoa(x.SealedValues)}, {Label: l.T("desk.erased_files"), Value: strconv.Itoa(x.Files)}}
		if x.FilesHeld > 0 {
			v.Deed = append(v.Deed, ui.Row{Label: l.T("desk.erased_held"), Value: l.T("desk.erased_held_text", "n", x.FilesHeld)})
		}
		v.Deed = append(v.Deed, ui.Row{Label: l.T("desk.erased_ledger"), Value: joined(" · ", strconv.Itoa(x.Entry), x.Ledger)})
	}
	return page(r, pages.ErasurePage(d.shell(r, "page_rights.erasure_title", ui.ErasurePath(v.ID)), v)), nil
}

func (d *Desk) erasureMove(move func() erasureMove) site.Endpoint {
	return func(r *site.Request) (site.Reply, error) {
		id, err := r.ID("id")
		if err != nil {
			return site.Reply{}, err
		}
		var nothing struct{}
		if err := bind(r, &nothing, nil); err != nil {
			return site.Reply{}, err
		}
		if _, err := move()(r.Context(), r.Who, id); err != nil {
			return site.Reply{}, err
		}
		return see(r, ui.ErasurePath(id.String()), "erasure_decided"), nil
	}
}

func (d *Desk) erasureAgain(r *site.Request, err error) (site.Reply, error) {
	if strings.HasSuffix(r.Route.Path, "/khong-duyet") {
		return d.erasurePage(r, ui.Form{Key: newKey()}, refused(r, err, nil))
	}
	return d.erasurePage(r, refused(r, err, nil), ui.Form{Key: newKey()})
}

// ------------------------------------------------------------------ breaches

func (d *Desk) getBreaches(r *site.Request) (site.Reply, error) {
	return d.breachesPage(r, ui.Form{Key: newKey()})
}

func breachTone(b rights.Breach) ui.Tone {
	switch {
	case b.Overdue:
		return ui.Danger
	case b.State == "CLOSED":
		return ui.Quiet
	case b.NextDue == nil:
		return ui.Done
	}
	return ui.Caution
}

func (d *Desk) breachesPage(r *site.Request, f ui.Form) (site.Reply, error) {
	l := r.Lang
	list, err := d.o.Rights.Breaches(r.Context(), r.Who)
	if err != nil {
		return site.Reply{}, err
	}
	v := pages.Breaches{MayRecord: may(r, access.RecordBreach), Form: f, Kinds: options(l, codelist.BreachKind), Classes: said(l, "desk.breach_class_", rights.BreachClasses)}
	for _, b := range list {
		row := pages.Row{Href: ui.BreachPath(b.ID.String()), Code: b.Code, What: label(l, codelist.BreachKind, b.Kind), State: l.T("desk.breach_" + b.State), Tone: breachTone(b), Case: "–"}
		if b.NextDue != nil {
			row.Due, row.Late = ui.Deadline(l, time.Now(), *b.NextDue)
		}
		v.Rows = append(v.Rows, row)
	}
	sh := d.shell(r, "page_rights.breaches_title", ui.PathBreaches)
	sh.Wide = true
	return page(r, pages.BreachesPage(sh, v)), nil
}

func (d *Desk) postBreach(r *site.Request) (site.Reply, error) {
	var cmd rights.BreachCommand
	if err := bind(r, &cmd, localTime("detected_at")); err != nil {
		return site.Reply{}, err
	}
	b, err := d.o.Rights.RecordBreach(r.Context(), r.Who, cmd)
	if err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.BreachPath(b.ID.String()), "breach_recorded"), nil
}

func (d *Desk) breachesAgain(r *site.Request, err error) (site.Reply, error) {
	return d.breachesPage(r, refused(r, err, localTime("detected_at")))
}

func (d *Desk) getBreach(r *site.Request) (site.Reply, error) {
	return d.breachPage(r, ui.Form{Key: newKey()})
}

func (d *Desk) breachPage(r *site.Request, f ui.Form) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	b, err := d.o.Rights.ReadBreach(r.Context(), r.Who, id)
	if err != nil {
		return site.Reply{}, err
	}
	l := r.Lang
	people := l.T("desk.people_unknown")
	if b.People != nil {
		people = strconv.Itoa(*b.People)
	}
	classes := make([]string, len(b.Classes))
	for i, c := range b.Classes {
		classes[i] = l.T("desk.breach_class_" + c)
	}
	sent := func(at *time.Time, due time.Time) string {
		switch {
		case at == nil:
			return l.T("desk.breach_due", "at", moment(due))
		case at.After(due):
			return l.T("desk.breach_late", "at", moment(*at), "due", moment(due))
		}
		return moment(*at)
	}
	v := pages.Breach{ID: b.ID.String(), Code: b.Code, State: l.T("desk.breach_" + b.State), Tone: breachTone(b), Form: f, MayWrite: may(r, access.RecordBreach) && b.State != "CLOSED",
		Facts: []ui.Row{{Label: l.T("page_rights.detected_at"), Value: moment(b.DetectedAt)}, {Label: l.T("page_rights.breach_kind"), Value: label(l, codelist.BreachKind, b.Kind)},
			{Label: l.T("page_rights.breach_classes"), Value: strings.Join(classes, ", ")}, {Label: l.T("page_rights.people"), Value: people}}}
	if b.Due.First != nil {
		v.Facts = append(v.Facts, ui.Row{Label: l.T("desk.first_notice"), Value: sent(b.FirstSentAt, *b.Due.First)})
	}
	v.Facts = append(v.Facts, ui.Row{Label: l.T("desk.notice"), Value: sent(b.NoticeSentAt, b.Due.Notice)}, ui.Row{Label: l.T("desk.persons_told"), Value: momentOr(b.PersonsToldAt)}, ui.Row{Label: l.T("desk.closed_at"), Value: momentOr(b.ClosedAt)})
	if w := b.Words; w != nil {
		v.Notice = []ui.Row{{Label: l.T("desk.notice_from"), Value: r.Who.OrgName}, {Label: l.T("page_rights.detected_at"), Value: moment(b.DetectedAt)}, {Label: l.T("page_rights.breach_kind"), Value: label(l, codelist.BreachKind, b.Kind)},
			{Label: l.T("page_rights.breach_what"), Value: w.What}, {Label: l.T("page_rights.breach_classes"), Value: strings.Join(classes, ", ")}, {Label: l.T("page_rights.people"), Value: people},
			{Label: l.T("page_rights.breach_consequences"), Value: w.Consequences}, {Label: l.T("page_rights.breach_measures"), Value: w.Measures}, {Label: l.T("page_rights.breach_contact"), Value: or(w.Contact, r.Who.Name)}}
	}
	for _, name := range rights.BreachMoves {
		open := map[string]bool{"note": true, "contained": b.State == "OPEN", "first_notice": b.Due.First != nil && b.FirstSentAt == nil && b.NoticeSentAt == nil, "notice": b.NoticeSentAt == nil,
			"persons_told": b.PersonsToldAt == nil, "closing": b.State == "NOTIFIED"}
		if open[name] {
			v.Moves = append(v.Moves, ui.Option{Value: name, Label: l.T("desk.minute_" + name)})
		}
	}
	for _, m := range slices.Backward(b.Minutes) {
		v.Minutes = append(v.Minutes, ui.Event{At: moment(m.HappenedAt), What: l.T("desk.minute_" + m.Move), Who: m.By.Name, Note: m.Text})
	}
	return page(r, pages.BreachPage(d.shell(r, "page_rights.breach_title", ui.BreachPath(v.ID)), v)), nil
}

func (d *Desk) postMinute(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	var cmd rights.MinuteCommand
	if err := bind(r, &cmd, localTime("happened_at")); err != nil {
		return site.Reply{}, err
	}
	if _, err := d.o.Rights.Minute(r.Context(), r.Who, id, cmd); err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.BreachPath(id.String()), "minute_added"), nil
}

func (d *Desk) breachAgain(r *site.Request, err error) (site.Reply, error) {
	return d.breachPage(r, refused(r, err, localTime("happened_at")))
}

// ------------------------------------------------------------------ the processing record

func (d *Desk) getProcessing(r *site.Request) (site.Reply, error) {
	return d.processingPage(r, ui.Form{Key: newKey()})
}

func (d *Desk) processingPage(r *site.Request, f ui.Form) (site.Reply, error) {
	l := r.Lang
	p, err := d.o.Rights.Processing(r.Context(), r.Who, l)
	if err != nil {
		return site.Reply{}, err
	}
	agreements, err := d.o.Rights.Agreements(r.Context(), r.Who)
	if err != nil {
		return site.Reply{}, err
	}
	v := pages.Processing{MayRecord: may(r, access.RecordAgreement), Form: f, Purposes: only(options(l, codelist.ConsentPurpose), "SHARE_POLICE", "SHARE_WU", "SHARE_HEALTH", "SHARE_COUNSEL", "SHARE_LEGAL", "SHARE_COMMUNE", "SENSITIVE")}
	for _, x := range p.Totals {
		v.Totals = append(v.Totals, ui.Row{Label: l.T("desk.column_class_" + x.Class), Value: strconv.Itoa(x.Columns)})
	}
	for _, x := range p.Sensitive {
		value := strings.Join(x.Fields, ", ")
		if x.Compartment != "" {
			value += " · " + l.T("class."+x.Compartment)
		}
		v.Sensitive = append(v.Sensitive, ui.Row{Label: joined(", ", x.Label, x.Law), Value: value})
	}
	for _, x := range p.Terms {
		v.Terms = append(v.Terms, ui.Row{Label: x.Label, Value: joined(", ", x.Law, verified(l, x.Verified))})
	}
	for _, x := range p.Clocks {
		v.Clocks = append(v.Clocks, ui.Row{Label: x.Label, Value: l.T("desk.clock_rule", "reply", x.ReplyWD, "act", x.Act, "third", max(x.Act, x.ThirdParty), "more", x.Extension)})
	}
	for _, x := range p.Encryption {
		v.Encryption = append(v.Encryption, ui.Row{Label: l.T("class." + x.Compartment), Value: x.How})
	}
	for _, g := range p.Access {
		row := pages.Grant{Class: l.T("class." + g.Class), Role: label(l, codelist.Role, g.Role)}
		var acts, standings []string
		for _, a := range g.Acts {
			acts = append(acts, l.T("act."+a))
		}
		for _, s := range g.Standings {
			standings = append(standings, l.T("standing."+s))
		}
		row.Acts, row.Standings = strings.Join(acts, "; "), strings.Join(standings, ", ")
		v.Access = append(v.Access, row)
	}
	for _, x := range p.Flows {
		v.Flows = append(v.Flows, ui.Row{Label: x.Label, Value: joined(" · ", strings.Join(labels(l, codelist.AgencyType, x.Types), ", "), l.T("desk.agreements_live", "n", x.Agreements))})
	}
	for _, t := range p.Schema {
		table := pages.Table{Name: t.Name}
		for _, c := range t.Columns {
			table.Columns = append(table.Columns, pages.Column{Name: c.Name, Class: c.Class, Meaning: c.Meaning})
		}
		v.Tables = append(v.Tables, table)
	}
	for _, a := range agreements {
		term := partialDay(a.ValidFrom) + " –"
		if a.ValidTo != "" {
			term += " " + partialDay(a.ValidTo)
		}
		v.Agreements = append(v.Agreements, pages.Agreement{Org: a.Organisation.Name, Number: a.Number, Term: term, Purposes: strings.Join(labels(l, codelist.ConsentPurpose, a.Purposes), ", "), Live: a.Live})
	}
	if v.MayRecord {
		orgs, err := d.o.Directory.Organisations(r.Context(), r.Who)
		if err != nil {
			return site.Reply{}, err
		}
		for _, o := range orgs {
			v.Orgs = append(v.Orgs, ui.Option{Value: o.ID.String(), Label: o.Name})
		}
	}
	sh := d.shell(r, "page_rights.processing_title", ui.PathProcessing)
	sh.Wide = true
	return page(r, pages.ProcessingPage(sh, v)), nil
}

func (d *Desk) postAgreement(r *site.Request) (site.Reply, error) {
	var cmd rights.AgreementCommand
	if err := bind(r, &cmd, nil); err != nil {
		return site.Reply{}, err
	}
	if _, err := d.o.Rights.RecordAgreement(r.Context(), r.Who, cmd); err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.PathProcessing, "agreement_recorded"), nil
}

func (d *Desk) processingAgain(r *site.Request, err error) (site.Reply, error) {
	return d.processingPage(r, refused(r, err, nil))
}

// ------------------------------------------------------------------ the rights of one case

type caseRightsForms struct {
	ask, restrict, close, copy, hand, erase ui.Form
	handOf                                  string
}

func (d *Desk) getCaseRights(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	return d.caseRights(r, id, caseRightsForms{})
}

func (d *Desk) caseRights(r *site.Request, id uuid.UUID, f caseRightsForms) (site.Reply, error) {
	l := r.Lang
	c, err := d.o.Rights.OfCase(r.Context(), r.Who, id)
	if err != nil {
		return site.Reply{}, err
	}
	list, err := d.o.Rights.List(r.Context(), r.Who, rights.Filter{Case: id.String(), Limit: 50})
	if err != nil {
		return site.Reply{}, err
	}
	for _, form := range []*ui.Form{&f.ask, &f.restrict, &f.close, &f.copy, &f.erase} {
		if form.Key == "" {
			form.Key = newKey()
		}
	}
	v := pages.Case{ID: id.String(), Code: c.Case.Code, Ask: f.ask, Restrict: f.restrict, Close: f.close, Copy: f.copy, Erase: f.erase, Kinds: options(l, codelist.DSRType), AskedBy: whoAnswers(l),
		Checks: options(l, codelist.DSRIdentityCheck), Restricted: c.Restricted, Closed: c.Closed, ErasureOf: options(l, codelist.ErasureGround),
		May: pages.CaseMay{Close: may(r, access.CloseCase), Copy: may(r, access.CopyCase), History: may(r, access.SeeHistory)}}
	for _, x := range list.Items {
		v.Requests = append(v.Requests, requestRow(l, time.Now(), x))
	}
	if v.Hand, v.HandOf = f.hand, f.handOf; v.Hand.Key == "" {
		v.Hand.Key = newKey()
	}
	if v.May.Copy {
		copies, err := d.o.Rights.Copies(r.Context(), r.Who, id)
		if err != nil {
			return site.Reply{}, err
		}
		for _, c := range copies {
			row := pages.CopyRow{ID: c.ID.String(), Made: l.T("desk.copy_made", "at", moment(c.At), "who", c.By.Name, "mark", c.ID.String()[28:])}
			if h := c.Handover; h != nil {
				row.Handed = l.T("desk.copy_handed", "at", moment(h.At), "who", h.By.Name, "to", saidOr(l, "desk.consent_actor_", h.To))
			}
			v.Copies = append(v.Copies, row)
		}
	}
	if v.Grounds = options(l, codelist.RestrictionGround); c.Restricted {
		v.Grounds = options(l, codelist.RestrictionLift)
	}
	if v.Reasons = options(l, codelist.ClosureReason); c.Closed {
		v.Reasons = options(l, codelist.ReopenReason)
	}
	if v.May.History {
		history, err := d.o.Cases.History(r.Context(), r.Who, id)
		if err != nil {
			return site.Reply{}, err
		}
		v.History = corrections(l, history)
	}
	return page(r, pages.CasePage(d.opened(r, "page_rights.case_title", ui.CasePath(v.ID, "quyen")), v)), nil
}

// corrections names who corrected what and when. The old values stay folded in the record: they are read through the JSON surface and in her copy.
func corrections(l i18n.Language, list []casefile.Correction) []ui.Event {
	var out []ui.Event
	for _, c := range list {
		var names []string
		for _, f := range c.Fields {
			name := fieldLabel(l, f)
			if name == "" {
				name = l.T("desk.other_field")
			}
			if !slices.Contains(names, name) {
				names = append(names, strings.TrimRight(name, "?"))
			}
		}
		out = append(out, ui.Event{At: moment(c.At), What: l.T("desk.corrected", "what", strings.Join(names, ", ")), Who: c.By.Name})
	}
	return out
}

func (d *Desk) postHandOver(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	one, err := r.ID("copy")
	if err != nil {
		return site.Reply{}, err
	}
	var cmd rights.HandoverCommand
	if err := bind(r, &cmd, nil); err != nil {
		return site.Reply{}, err
	}
	if _, err := d.o.Rights.HandOver(r.Context(), r.Who, id, one, cmd); err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.CasePath(id.String(), "ban-sao", one.String()), "copy_handed"), nil
}

// getReceipt is printed and signed by both when a copy is handed over.
func (d *Desk) getReceipt(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	one, err := r.ID("copy")
	if err != nil {
		return site.Reply{}, err
	}
	c, err := d.o.Rights.CopyOf(r.Context(), r.Who, id, one)
	if err != nil {
		return site.Reply{}, err
	}
	l := r.Lang
	v := pages.Receipt{Case: id.String(), Rows: []ui.Row{{Label: l.T("desk.copy_mark"), Value: c.ID.String()}, {Label: l.T("page_casefile.title"), Value: c.Case.Code},
		{Label: l.T("desk.copy_by"), Value: joined(", ", c.By.Name, r.Who.OrgName)}, {Label: l.T("desk.copy_at"), Value: moment(c.At)}, {Label: l.T("desk.copy_request"), Value: c.Request}}}
	if h := c.Handover; h != nil {
		v.Rows = append(v.Rows, ui.Row{Label: l.T("page_rights.hand_to"), Value: saidOr(l, "desk.consent_actor_", h.To)}, ui.Row{Label: l.T("page_rights.hand_check"), Value: label(l, codelist.DSRIdentityCheck, h.IdentityCheck)},
			ui.Row{Label: l.T("desk.copy_handed_by"), Value: h.By.Name}, ui.Row{Label: l.T("desk.copy_handed_at"), Value: moment(h.At)})
	}
	return page(r, pages.ReceiptPage(d.opened(r, "page_rights.receipt", ui.CasePath(id.String(), "ban-sao", one.String())), v)), nil
}

// onCase runs a step of the page of a case's rights.
func onCase[C any](d *Desk, r *site.Request, flash string, do func(context.Context, access.Actor, uuid.UUID, C) error) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	var cmd C
	if err := bind(r, &cmd, nil); err != nil {
		return site.Reply{}, err
	}
	if err := do(r.Context(), r.Who, id, cmd); err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.CasePath(id.String(), "quyen"), flash), nil
}

func (d *Desk) postRestrict(r *site.Request) (site.Reply, error) {
	return onCase(d, r, "case_restricted", func(ctx context.Context, who access.Actor, id uuid.UUID, cmd rights.GroundCommand) error {
		_, err := d.o.Rights.Restrict(ctx, who, id, cmd)
		return err
	})
}

func (d *Desk) postLift(r *site.Request) (site.Reply, error) {
	return onCase(d, r, "restriction_lifted", func(ctx context.Context, who access.Actor, id uuid.UUID, cmd rights.GroundCommand) error {
		_, err := d.o.Rights.Lift(ctx, who, id, cmd)
		return err
	})
}

func (d *Desk) postClose(r *site.Request) (site.Reply, error) {
	return onCase(d, r, "case_closed", func(ctx context.Context, who access.Actor, id uuid.UUID, cmd rights.CloseCommand) error {
		_, err := d.o.Rights.Close(ctx, who, id, cmd)
		return err
	})
}

func (d *Desk) postCaseReopen(r *site.Request) (site.Reply, error) {
	return onCase(d, r, "case_reopened", func(ctx context.Context, who access.Actor, id uuid.UUID, cmd rights.ReopenCommand) error {
		_, err := d.o.Rights.Reopen(ctx, who, id, cmd)
		return err
	})
}

func (d *Desk) postWholeFile(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	var cmd rights.CopyCommand
	if err := bind(r, &cmd, nil); err != nil {
		return site.Reply{}, err
	}
	c, err := d.o.Rights.Copy(r.Context(), r.Who, id, cmd, r.Lang)
	if err != nil {
		return site.Reply{}, err
	}
	return c.Reply(), nil
}

// caseRightsAgain shows the page with the form that was refused, among the five.
func (d *Desk) caseRightsAgain(r *site.Request, err error) (site.Reply, error) {
	id, idErr := r.ID("id")
	if idErr != nil {
		return site.Reply{}, idErr
	}
	f := refused(r, err, nil)
	delete(f.Values, "passphrase")
	var all caseRightsForms
	switch path := r.Route.Path; {
	case strings.Contains(path, "/han-che"):
		all.restrict = f
	case strings.HasSuffix(path, "/ban-sao"):
		all.copy = f
	case strings.HasSuffix(path, "/ban-sao/:copy"):
		all.hand, all.handOf = f, r.Param("copy")
	default:
		all.close = f
	}
	return d.caseRights(r, id, all)
}

// ------------------------------------------------------------------ what waits

// rightsTodos are the clocks of the law that run for this reader: requests, breaches, erasures that wait for her decision.
func (d *Desk) rightsTodos(r *site.Request) ([]todo, error) {
	l, now := r.Lang, time.Now()
	var out []todo
	if may(r, access.ListRequests) {
		p, err := d.o.Rights.List(r.Context(), r.Who, rights.Filter{Open: true, Limit: 20})
		if err != nil {
			return nil, err
		}
		for _, x := range p.Items {
			verb := l.T("desk.todo_request_answer")
			if x.State != rights.Received {
				verb = l.T("desk.todo_request_do")
			}
			t := todo{due: x.NextDue, Item: todoItem(verb, x.Code, label(l, codelist.DSRType, x.Kind), ui.RequestPath(x.ID.String()), l.T("desk.open_request"))}
			if x.Case != nil {
				t.Detail = joined(" · ", t.Detail, x.Case.Code)
			}
			t.Deadline, t.Overdue = ui.Deadline(l, now, *x.NextDue)
			out = append(out, t)
		}
	}
	if may(r, access.RecordBreach) {
		list, err := d.o.Rights.Breaches(r.Context(), r.Who)
		if err != nil {
			return nil, err
		}
		for _, b := range list {
			if b.NextDue == nil {
				continue
			}
			t := todo{due: b.NextDue, Item: todoItem(l.T("desk.todo_breach"), b.Code, label(l, codelist.BreachKind, b.Kind), ui.BreachPath(b.ID.String()), l.T("desk.open_breach"))}
			t.Urgent = true
			t.Deadline, t.Overdue = ui.Deadline(l, now, *b.NextDue)
			out = append(out, t)
		}
	}
	if may(r, access.ApproveErasure) {
		list, err := d.o.Rights.Erasures(r.Context(), r.Who)
		if err != nil {
			return nil, err
		}
		for _, e := range list {
			if e.MayApprove || e.MayFinish {
				out = append(out, todo{Item: todoItem(l.T("desk.todo_erasure"), e.Code, joined(" · ", e.Case.Code, label(l, codelist.ErasureGround, e.Ground)), ui.ErasurePath(e.ID.String()), l.T("desk.open_erasure"))})
			}
		}
	}
	return out, nil
}
