package desk

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/casefile"
	"binhan/internal/codelist"
	"binhan/internal/consent"
	"binhan/internal/i18n"
	"binhan/internal/referral"
	"binhan/internal/site"
	"binhan/internal/survivor"
	pages "binhan/web/pages/casefile"
	"binhan/web/ui"
)

// whole is everything about one case that this reader may see, from the slices that know it.
type whole struct {
	casefile.View
	consents  []consent.View
	referrals []referral.View
	looks     []casefile.AccessEntry
	orgs      map[string]string // names of organisations by id
}

// gather reads what belongs around a case that was opened already.
func (d *Desk) gather(r *site.Request, v casefile.View) (whole, error) {
	w := whole{View: v, orgs: map[string]string{}}
	var err error
	if w.consents, err = d.o.Cases.ConsentsFolded(r.Context(), r.Who, v.ID); err != nil {
		return w, err
	}
	if may(r, access.ListSent) {
		p, err := d.o.Referrals.List(r.Context(), r.Who, referral.Filter{Box: "out", Case: v.ID.String(), Limit: 100})
		if err != nil {
			return w, err
		}
		w.referrals = p.Items
	}
	if may(r, access.SeeAccess) {
		p, err := d.o.Cases.Access(r.Context(), r.Who, v.ID, casefile.AccessFilter{Limit: 60, Folded: true})
		if err != nil {
			return w, err
		}
		w.looks = p.Items
	}
	if slices.ContainsFunc(w.consents, func(c consent.View) bool { return c.Recipient != "" }) {
		orgs, err := d.o.Directory.Organisations(r.Context(), r.Who)
		if err != nil {
			return w, err
		}
		for _, o := range orgs {
			w.orgs[o.ID.String()] = o.Name
		}
	}
	return w, nil
}

// forms are the small forms of the case's page, as they were sent.
type caseForms struct{ withdraw, reveal, upload, copy ui.Form }

func (d *Desk) getCase(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	return d.readCase(r, id, caseForms{})
}

func (d *Desk) readCase(r *site.Request, id uuid.UUID, f caseForms) (site.Reply, error) {
	v, err := d.o.Cases.ReadFolded(r.Context(), r.Who, id)
	if err != nil {
		return site.Reply{}, err
	}
	return d.casePage(r, v, f)
}

// casePage draws a case as it was opened: folded, the key of the story stays closed, and with it what she needs and what was done to her.
func (d *Desk) casePage(r *site.Request, c casefile.View, f caseForms) (site.Reply, error) {
	w, err := d.gather(r, c)
	if err != nil {
		return site.Reply{}, err
	}
	l := r.Lang
	held := access.StandingsOf(access.Supervising)
	switch {
	case c.Owner.ID == r.Who.User:
		held = access.StandingsOf(access.Assigned)
	case c.Emergency != nil:
		held = access.StandingsOf(access.BreakGlass)
	}
	can := func(a access.Act) bool { return r.Gate().Policy().Opens(r.Who.Role, a.Name, held) != 0 }
	v := pages.View{
		ID: c.ID.String(), Code: c.Code, Version: strconv.Itoa(c.Version), Status: label(l, codelist.CaseStatus, c.Status), Owner: c.Owner.Name, Organisation: c.Organisation.Name,
		Opened: moment(c.OpenedAt), Updated: moment(c.UpdatedAt), Contact: contact(l, c), Risk: label(l, codelist.RiskLevel, c.Risk), RiskTone: riskTone(c.Risk),
		Identity: identity(l, c), Needs: labels(l, codelist.ServiceType, c.Needs), Narrative: narrative(c),
		May: pages.May{Access: can(access.SeeAccess), Edit: can(access.CorrectCase), AddIncident: can(access.AddIncident), AddConsent: can(access.RecordConsent), Withdraw: can(access.WithdrawConsent),
			Refer: can(access.CreateReferral), Reveal: can(access.RevealCase)},
		Form: f.withdraw, Reveal: f.reveal, Upload: f.upload,
	}
	v.May.Rights = can(access.RestrictCase)
	v.May.Walls, v.May.Assign, v.May.Seal, v.May.Copy = can(access.SetWall), can(access.AssignCase), can(access.SealCase), can(access.ExportCase)
	v.Copy = f.copy
	if v.Copy.Key == "" {
		v.Copy.Key = newKey()
	}
	if c.Emergency != nil {
		v.EmergencyUntil, v.Mark = moment(*c.Emergency), joined(" · ", r.Who.Name, c.Code, moment(time.Now()))
	}
	if c.ReasonNeeded {
		v.First, v.FirstReasons = true, options(l, codelist.OpeningReason)
		v.May = pages.May{}
	}
	v.May.Upload = !v.First && d.o.Evidence != nil && can(access.AttachEvidence)
	if !v.First {
		if v.Files, err = d.listFiles(r, c.ID, can); err != nil {
			return site.Reply{}, err
		}
	}
	if ended(c.Status) {
		v.StatusTone = ui.Quiet
	}
	for _, class := range c.Withheld {
		v.Withheld = append(v.Withheld, pages.Class{Code: class, Label: l.T("class." + class)})
	}
	for _, x := range c.Damaged {
		v.Damaged = append(v.Damaged, l.T("desk.damaged_"+x.Part))
	}
	for _, i := range c.Incidents {
		v.Incidents = append(v.Incidents, incident(l, i))
	}
	v.ConsentState, v.ConsentTone = w.consentState(l)
	for _, x := range w.consents {
		v.Consents = append(v.Consents, w.consent(l, x))
	}
	now := time.Now()
	for _, x := range w.referrals {
		due, late := dueWords(l, now, x)
		v.Referrals = append(v.Referrals, pages.Referral{ID: x.ID.String(), Code: x.Code, Service: label(l, codelist.ServiceType, x.Service), To: x.To.Name,
			Status: label(l, codelist.ReferralStatus, string(x.Status)), Tone: statusTone(x.Status), Due: due, Overdue: late})
	}
	if v.May.Edit {
		v.Tasks = w.tasks(l, v)
	}
	v.Access, v.History = looks(l, w.looks), w.history(l)
	return page(r, pages.Page(d.opened(r, "page_casefile.title", ui.CasePath(v.ID)), v)), nil
}

func contact(l i18n.Language, c casefile.View) pages.Contact {
	if slices.Contains(c.Withheld, string(access.Safety)) {
		return pages.Contact{Withheld: true}
	}
	s := c.SafeContact
	if s == nil || (s.Channel == "" && s.Value == "" && s.Hours == "") {
		return pages.Contact{}
	}
	v := pages.Contact{Known: true, Channel: or(saidOr(l, "desk.contact_", s.Channel), l.T("desk.contact_any")), Value: s.Value, Hours: s.Hours, CodeWord: s.CodeWord, MayLeaveMessage: yesNo(l, s.MayLeaveMessage)}
	for _, m := range s.MustNot {
		v.MustNot = append(v.MustNot, saidOr(l, "desk.must_not_", m))
	}
	if number := strings.NewReplacer(" ", "", ".", "", "-", "").Replace(s.Value); s.Channel == "PHONE" && number != "" && strings.Trim(number, "+0123456789") == "" {
		v.Call = "tel:" + number
	}
	return v
}

// identity is what is known about her, and how the report came.
func identity(l i18n.Language, c casefile.View) []ui.Row {
	var rows []ui.Row
	if p := c.Survivor; p != nil {
		born := partialDay(p.BirthDate)
		if p.BirthYear != nil {
			born = number(p.BirthYear)
		}
		rows = append(rows,
			ui.Row{Label: l.T("desk.field.survivor.name"), Value: p.Name},
			ui.Row{Label: l.T("ui.field.sex"), Value: label(l, codelist.Sex, p.Sex)},
			ui.Row{Label: l.T("ui.field.age"), Value: age(l, c.ReceivedOn, p)},
			ui.Row{Label: l.T("desk.born"), Value: born},
			ui.Row{Label: l.T("desk.field.commune"), Value: communeNameOr(c.Commune)},
			ui.Row{Label: l.T("ui.field.address"), Value: p.Address},
			ui.Row{Label: l.T("desk.field.language"), Value: label(l, codelist.SpokenLanguage, p.Language)},
			ui.Row{Label: l.T("ui.field.phone"), Value: p.Phone},
			ui.Row{Label: l.T("ui.field.id_number"), Value: p.IDNumber},
			ui.Row{Label: l.T("ui.field.ethnicity"), Value: label(l, codelist.Ethnicity, p.Ethnicity)},
			ui.Row{Label: l.T("ui.field.occupation"), Value: label(l, codelist.Occupation, p.Occupation)},
			ui.Row{Label: l.T("ui.field.marital_status"), Value: label(l, codelist.MaritalStatus, p.MaritalStatus)},
			ui.Row{Label: l.T("ui.field.disability"), Value: joined(", ", labels(l, codelist.DisabilityType, p.Disability)...)})
	}
	if in := c.Intake; in != nil {
		rows = append(rows,
			ui.Row{Label: l.T("desk.came_by"), Value: label(l, codelist.IntakeChannel, in.Channel)},
			ui.Row{Label: l.T("desk.came_from"), Value: label(l, codelist.ReporterType, in.Reporter)},
			ui.Row{Label: l.T("ui.field.received_at"), Value: momentOr(in.ReceivedAt)})
	}
	return rows
}

func age(l i18n.Language, receivedOn string, p *survivor.Person) string {
	received, err := time.Parse(time.DateOnly, receivedOn)
	if err != nil {
		return ""
	}
	years, ok := p.AgeOn(received)
	if !ok {
		return ""
	}
	return l.T("desk.years", "n", years)
}

// narrative is what she told. Whether there is any lies under the key that stays closed while it is folded.
func narrative(c casefile.View) pages.Narrative {
	if slices.Contains(c.Withheld, string(access.Narrative)) {
		return pages.Narrative{Exists: true, Withheld: true}
	}
	if c.Folded {
		return pages.Narrative{Exists: true, Folded: true}
	}
	return pages.Narrative{Exists: c.Narrative != "", Text: c.Narrative}
}

// incident is an event as the page shows it; while the story is folded all but its day and commune is.
func incident(l i18n.Language, i casefile.IncidentView) pages.Incident {
	v := pages.Incident{When: incidentWhen(l, i), Place: joined(", ", label(l, codelist.IncidentPlace, i.Place), communeNameOr(i.Commune)),
		Relationship: label(l, codelist.Relationship, i.Relationship), Acts: labels(l, codelist.DVAct, i.Acts), Forms: labels(l, codelist.ViolenceForm, i.Forms), Description: i.Description}
	for _, p := range i.Perpetrators {
		if s := perpetratorText(l, p); s != "" {
			v.People = append(v.People, s)
		}
	}
	return v
}

// consentState is what she thinks of sharing, in one sentence.
func (w whole) consentState(l i18n.Language) (string, ui.Tone) {
	var shares []string
	refusedSharing, withdrawn := false, false
	for _, c := range w.consents {
		sharing := strings.HasPrefix(c.Purpose, "SHARE_")
		switch {
		case sharing && c.Live:
			if s := or(w.recipient(l, c.Recipient), label(l, codelist.ConsentPurpose, c.Purpose)); !slices.Contains(shares, s) {
				shares = append(shares, s)
			}
		case sharing && c.Decision == "REFUSED":
			refusedSharing = true
		case c.WithdrawnAt != nil:
			withdrawn = true
		}
	}
	switch {
	case len(shares) > 0:
		return l.T("desk.consent_given", "to", strings.Join(shares, " · ")), ui.Done
	case refusedSharing:
		return l.T("desk.consent_refused"), ui.Caution
	case withdrawn:
		return l.T("desk.consent_withdrawn"), ui.Caution
	case len(w.consents) > 0:
		return l.T("desk.consent_no_sharing"), ui.Plain
	}
	return l.T("desk.consent_none"), ui.Caution
}

func (w whole) consent(l i18n.Language, c consent.View) pages.Consent {
	v := pages.Consent{ID: c.ID.String(), Purpose: label(l, codelist.ConsentPurpose, c.Purpose), Recipient: w.recipient(l, c.Recipient), Decision: label(l, codelist.ConsentDecision, c.Decision),
		By: joined(" · ", or(saidOr(l, "desk.consent_actor_", c.By), c.By), label(l, codelist.ConsentMethod, c.Method), day(c.GivenAt)), MayEnd: c.Live}
	for _, f := range c.Fields {
		v.Fields = append(v.Fields, l.T("desk.share_"+f))
	}
	switch {
	case c.WithdrawnAt != nil:
		v.Decision, v.Tone = label(l, codelist.ConsentDecision, "WITHDRAWN"), ui.Quiet
		v.Until = momentOr(c.WithdrawnAt)
	case c.Live:
		v.Tone = ui.Done
	case c.Decision == "GIVEN":
		v.Decision, v.Tone = label(l, codelist.ConsentDecision, "EXPIRED"), ui.Quiet
	case c.Decision == "REFUSED":
		v.Tone = ui.Caution
	}
	if c.ExpiresAt != nil && v.Until == "" {
		v.Until = day(*c.ExpiresAt)
	}
	return v
}

// recipient names an organisation, or a type of organisation.
func (w whole) recipient(l i18n.Language, recipient string) string {
	if name, ok := w.orgs[recipient]; ok {
		return name
	}
	if _, err := uuid.Parse(recipient); err == nil {
		return l.T("desk.former_organisation")
	}
	return label(l, codelist.AgencyType, recipient)
}

// tasks are what this case still needs, as far as what is recorded tells.
func (w whole) tasks(l i18n.Language, v pages.View) []pages.Task {
	edit := ui.CasePath(v.ID, "sua")
	state := func(done bool) pages.TaskState {
		if done {
			return pages.TaskDone
		}
		return pages.TaskToDo
	}
	list := []pages.Task{
		{Text: l.T("desk.task_contact"), Href: edit, State: state(v.Contact.Known)},
		{Text: l.T("desk.task_risk"), Href: edit, State: state(w.Risk != "")},
	}
	if v.May.AddConsent {
		list = append(list, pages.Task{Text: l.T("desk.task_consent"), Href: ui.CasePath(v.ID, "dong-y", "moi"), State: state(len(w.consents) > 0)})
	}
	if !v.May.Refer {
		return list
	}
	for _, need := range w.Needs {
		t := pages.Task{Text: l.T("desk.task_need", "service", label(l, codelist.ServiceType, need)), Href: ui.CasePath(v.ID, "chuyen-gui", "moi") + "?service=" + need, State: pages.TaskToDo}
		for _, x := range w.referrals {
			if x.Service != need {
				continue
			}
			t.Href, t.Note = ui.TicketPath(x.ID.String()), joined(", ", x.To.Name, label(l, codelist.ReferralStatus, string(x.Status)))
			switch x.Status {
			case referral.Feedback, referral.Completed:
				t.State = pages.TaskDone
			case referral.Declined, referral.Cancelled, referral.ConsentWithdrawn, referral.Expired, referral.NoShow:
				t.State = pages.TaskToDo
			default:
				t.State = pages.TaskDoing
			}
			break // the newest
		}
		list = append(list, t)
	}
	return list
}

// looks are the latest lines of "who looked". A page opens a case by several acts, and people come back to it: the same person's same act within a
// quarter of an hour is one line. What a look at the page does beside reading the case (listing its referrals and files, this very list) is on the record too,
// but not worth a line here.
func looks(l i18n.Language, entries []casefile.AccessEntry) []pages.Access {
	const most, near = 15, 15 * time.Minute
	type line struct {
		who         uuid.UUID
		act, reason string
		allowed     bool
	}
	var out []pages.Access
	shown := map[line]time.Time{}
	for _, e := range entries {
		k := line{e.Actor.ID, e.Act, e.Reason, e.Allowed}
		beside := e.Allowed && slices.Contains([]string{access.SeeAccess.Name, access.ListSent.Name, access.ListEvidence.Name}, e.Act)
		if last, ok := shown[k]; beside || ok && last.Sub(e.At) < near {
			continue
		}
		if len(out) == most {
			break
		}
		shown[k] = e.At
		a := pages.Access{At: moment(e.At), Who: or(e.Actor.Name, l.T("desk.somebody")), Where: e.Actor.Organisation, Act: l.T("act." + e.Act)}
		if !e.Allowed {
			a.Act = l.T("desk.look_refused", "act", a.Act)
		}
		if e.Standing != "" && e.Standing != string(access.None) {
			a.Standing = l.T("standing." + e.Standing)
		}
		out = append(out, a)
	}
	return out
}

// history is the course of the case, the newest first, from what is recorded with a time.
func (w whole) history(l i18n.Language) []ui.Event {
	type event struct {
		at time.Time
		ui.Event
	}
	var all []event
	add := func(at time.Time, what, who string) {
		all = append(all, event{at, ui.Event{At: moment(at), What: what, Who: who}})
	}
	add(w.OpenedAt, l.T("desk.history_opened"), w.Organisation.Name)
	for _, i := range w.Incidents {
		if i.RecordedAt.Sub(w.OpenedAt).Abs() > time.Second {
			add(i.RecordedAt, l.T("desk.history_incident"), "")
		}
	}
	for _, c := range w.consents {
		what := joined(": ", label(l, codelist.ConsentPurpose, c.Purpose), strings.ToLower(label(l, codelist.ConsentDecision, c.Decision)))
		add(c.GivenAt, what, w.recipient(l, c.Recipient))
		if c.WithdrawnAt != nil {
			add(*c.WithdrawnAt, l.T("desk.history_withdrawn", "purpose", label(l, codelist.ConsentPurpose, c.Purpose)), "")
		}
	}
	for _, x := range w.referrals {
		if x.SentAt != nil {
			add(*x.SentAt, l.T("desk.history_referred", "service", label(l, codelist.ServiceType, x.Service)), x.To.Name)
		}
	}
	slices.SortStableFunc(all, func(a, b event) int { return b.at.Compare(a.at) })
	out := make([]ui.Event, len(all))
	for i, e := range all {
		out[i] = e.Event
	}
	return out
}

// postReveal shows what lies folded or closed, once: in the answer to this form and nowhere else. The holder opens her own case's story with one press;
// whoever looks at another's case says why.
func (d *Desk) postReveal(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	var cmd casefile.RevealCommand
	if err := bind(r, &cmd, nil); err != nil {
		return site.Reply{}, err
	}
	if cmd.Reason == "" && cmd.Code == "" {
		v, err := d.o.Cases.Read(r.Context(), r.Who, id)
		if err != nil {
			return site.Reply{}, err
		}
		if !slices.Contains(v.Withheld, string(access.Narrative)) {
			// What reading opens anyway needs no reason of hers, but asking for it is on the record as what it is.
			cmd.Reason = i18n.Vietnamese.T("desk.own_case")
			if _, err := d.o.Cases.Reveal(r.Context(), r.Who, id, cmd); err != nil {
				return site.Reply{}, err
			}
			return d.casePage(r, v, caseForms{})
		}
	}
	v, err := d.o.Cases.Reveal(r.Context(), r.Who, id, cmd)
	if err != nil {
		return site.Reply{}, err
	}
	if cmd.Code != "" && r.Who.User == v.Owner.ID { // she was given it and said why: from now on it opens like any of hers
		return see(r, ui.CasePath(id.String()), "case_opened"), nil
	}
	return d.casePage(r, v, caseForms{})
}

func (d *Desk) revealAgain(r *site.Request, err error) (site.Reply, error) {
	id, idErr := r.ID("id")
	if idErr != nil {
		return site.Reply{}, idErr
	}
	return d.readCase(r, id, caseForms{reveal: refused(r, err, nil)})
}
