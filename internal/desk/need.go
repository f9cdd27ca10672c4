package desk

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/casefile"
	"binhan/internal/codelist"
	"binhan/internal/directory"
	"binhan/internal/fault"
	"binhan/internal/i18n"
	"binhan/internal/site"
	pages "binhan/web/pages/need"
	"binhan/web/ui"
)

// needRoutes are the pages by which who may see a case is widened for hours, narrowed, and answered for.
func (d *Desk) needRoutes() []site.Route {
	return []site.Route{
		get(ui.PathEmergency, access.ListBreakGlass, d.getEmergencies),
		post(ui.PathEmergency, access.BreakTheGlass, d.postEmergency, d.emergencyAgain),
		get(ui.PathEmergency+"/:id", access.ReadBreakGlass, d.getEmergency),
		post(ui.PathEmergency+"/:id/danh-gia", access.ReviewBreakGlass, d.postReview, d.reviewAgain),
		post(ui.PathEmergency+"/:id/xin-noi-o", access.AskSafety, d.postAskSafety, d.safetyAgain),
		post(ui.PathEmergency+"/:id/mo-noi-o", access.OpenSafety, d.postOpenSafety, d.safetyAgain),
		get("/ho-so/:id/khong-xem", access.SeeWalls, d.getWalls),
		post("/ho-so/:id/khong-xem", access.SetWall, d.postWall, d.wallAgain),
		post("/ho-so/:id/khong-xem/:wall/bo", access.LiftWall, d.postLiftWall, d.wallAgain),
		get("/ho-so/:id/phan-cong", access.AssignCase, d.getAssign),
		post("/ho-so/:id/phan-cong", access.AssignCase, d.postAssign, d.assignAgain),
		get("/ho-so/:id/niem-kin", access.SealCase, d.getSeal),
		post("/ho-so/:id/niem-kin", access.SealCase, d.postSeal, d.sealAgain),
		post("/ho-so/:id/mo-niem", access.UnsealCase, d.postUnseal, d.unsealAgain),
		get(ui.PathSeals, access.ListSeals, d.getSeals),
		post(ui.PathSeals+"/:id", access.AgreeSeal, d.postAgree, d.agreeAgain),
		get(ui.PathKnown, access.AskKnown, d.getKnown),
		post(ui.PathKnown, access.AskKnown, d.postKnown, d.knownAgain),
		post("/ho-so/:id/in", access.ExportCase, d.postCopy, d.copyAgain),
		get("/noi-tam-lanh/:id", access.LocateShelter, d.getShelter),
		post("/noi-tam-lanh/:id", access.PlaceShelter, d.postShelter, d.shelterAgain),
		post(ui.PathNoticesSeen, access.SeeNotice, d.postSeen, func(r *site.Request, _ error) (site.Reply, error) { return d.getToday(r) }),
	}
}

// ------------------------------------------------------------------ emergencies

func (d *Desk) getEmergencies(r *site.Request) (site.Reply, error) {
	return d.emergencies(r, ui.Form{Key: newKey()})
}

func (d *Desk) emergencies(r *site.Request, f ui.Form) (site.Reply, error) {
	list, err := d.o.Cases.BreakGlasses(r.Context(), r.Who)
	if err != nil {
		return site.Reply{}, err
	}
	v := pages.Emergencies{Form: f, Reasons: options(r.Lang, codelist.BreakGlassReason), Hours: int(r.Gate().Budgets().Emergency.Hours()), MayOpen: may(r, access.BreakTheGlass)}
	for _, b := range list {
		e := emergency(r.Lang, b)
		switch {
		case b.By.ID == r.Who.User:
			v.Mine = append(v.Mine, e)
		case b.ReviewedAt == nil:
			v.Waiting = append(v.Waiting, e)
		default:
			v.Reviewed = append(v.Reviewed, e)
		}
	}
	return page(r, pages.EmergenciesPage(d.shell(r, "page_need.emergency_title", ui.PathEmergency), v)), nil
}

func emergency(l i18n.Language, b casefile.BreakGlass) pages.Emergency {
	now := time.Now()
	e := pages.Emergency{ID: b.ID.String(), Case: b.CaseCode, Who: b.By.Name, Org: b.Org, Reason: label(l, codelist.BreakGlassReason, b.Code), Words: b.Reason, Opened: moment(b.OpenedAt), Until: moment(b.Until),
		Open: b.Until.After(now), Due: moment(b.ReviewDue), Late: b.ReviewedAt == nil && !b.ReviewDue.After(now), Review: b.Review}
	if b.Case != nil {
		e.CaseHref = ui.CasePath(b.Case.String())
	}
	if b.Verdict != "" {
		e.Verdict = label(l, codelist.BreakGlassVerdict, b.Verdict)
	}
	return e
}

func (d *Desk) postEmergency(r *site.Request) (site.Reply, error) {
	var cmd casefile.BreakGlassCommand
	if err := bind(r, &cmd, nil); err != nil {
		return site.Reply{}, err
	}
	b, err := d.o.Cases.BreakGlass(r.Context(), r.Who, uuid.Nil, cmd)
	if fault.KindOf(err) == fault.NotFound {
		// The same sentence for a code that is wrong and for a case that must look absent; what she typed stays.
		reply, err := d.emergencies(r, again(r, "desk.need_emergency_none"))
		reply.Status = http.StatusNotFound
		return reply, err
	}
	if err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.CasePath(b.Case.String()), "emergency_open"), nil
}

// again is the form as typed, with one sentence that belongs to no field, and a key of its own.
func again(r *site.Request, key string) ui.Form {
	r.Who.Request.Claim = nil
	typed, err := r.Form()
	if err != nil {
		typed = url.Values{}
	}
	return ui.Form{Values: typed, Key: newKey(), Problems: []ui.Problem{{Text: r.Lang.T(key)}}}
}

func (d *Desk) emergencyAgain(r *site.Request, err error) (site.Reply, error) {
	return d.emergencies(r, refused(r, err, nil))
}

func (d *Desk) getEmergency(r *site.Request) (site.Reply, error) {
	return d.oneEmergency(r, ui.Form{Key: newKey()}, ui.Form{Key: newKey()})
}

func (d *Desk) oneEmergency(r *site.Request, review, safety ui.Form) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	b, err := d.o.Cases.ReadBreakGlass(r.Context(), r.Who, id)
	if err != nil {
		return site.Reply{}, err
	}
	mine := b.By.ID == r.Who.User
	v := pages.One{Emergency: emergency(r.Lang, b), Review: review, Safety: safety, Verdicts: options(r.Lang, codelist.BreakGlassVerdict),
		MayReview: !mine && b.ReviewedAt == nil && may(r, access.ReviewBreakGlass), MayAsk: mine && !b.SafetyAsked && b.Until.After(time.Now()),
		MaySafety: !mine && b.SafetyAsked && b.SafetyAt == nil && b.Until.After(time.Now()) && may(r, access.OpenSafety)}
	switch {
	case b.SafetyAt != nil:
		v.SafetyNow = r.Lang.T("desk.need_safety_is_open")
	case b.SafetyAsked:
		v.SafetyNow = r.Lang.T("desk.need_safety_is_asked")
	default:
		v.SafetyNow = r.Lang.T("desk.need_safety_is_closed")
	}
	return page(r, pages.EmergencyPage(d.opened(r, "page_need.emergency_one", ui.EmergencyPath(v.ID)), v)), nil
}

func (d *Desk) postReview(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	var cmd casefile.ReviewCommand
	if err := bind(r, &cmd, nil); err != nil {
		return site.Reply{}, err
	}
	if _, err := d.o.Cases.Review(r.Context(), r.Who, id, cmd); err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.PathEmergency, "emergency_reviewed"), nil
}

func (d *Desk) reviewAgain(r *site.Request, err error) (site.Reply, error) {
	return d.oneEmergency(r, refused(r, err, nil), ui.Form{Key: newKey()})
}

func (d *Desk) postAskSafety(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	if err := d.o.Cases.AskSafety(r.Context(), r.Who, id); err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.EmergencyPath(id.String()), "safety_asked"), nil
}

func (d *Desk) postOpenSafety(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	if err := d.o.Cases.OpenSafety(r.Context(), r.Who, id); err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.EmergencyPath(id.String()), "safety_open"), nil
}

func (d *Desk) safetyAgain(r *site.Request, err error) (site.Reply, error) {
	return d.oneEmergency(r, ui.Form{Key: newKey()}, refused(r, err, nil))
}

// ------------------------------------------------------------------ walls

func (d *Desk) getWalls(r *site.Request) (site.Reply, error) {
	return d.walls(r, ui.Form{Key: newKey()})
}

func (d *Desk) walls(r *site.Request, f ui.Form) (site.Reply, error) {
	id, code, err := d.caseCode(r)
	if err != nil {
		return site.Reply{}, err
	}
	list, err := d.o.Cases.Walls(r.Context(), r.Who, id)
	if err != nil {
		return site.Reply{}, err
	}
	orgs, err := d.o.Directory.Organisations(r.Context(), r.Who)
	if err != nil {
		return site.Reply{}, err
	}
	org := r.Who.Organisation
	if asked, err := uuid.Parse(r.Query("org")); err == nil {
		org = asked
	}
	people, err := d.o.Cases.Colleagues(r.Context(), r.Who, org)
	if err != nil {
		return site.Reply{}, err
	}
	v := pages.Walls{ID: id.String(), Code: code, Form: f, Lift: ui.Form{Key: newKey()}, Org: org.String(), Orgs: orgOptions(orgs), People: staffOptions(people, r.Who.User), Reasons: options(r.Lang, codelist.WallReason)}
	for _, w := range list {
		v.Standing = append(v.Standing, pages.Wall{ID: w.ID.String(), Who: w.Who.Name, Why: label(r.Lang, codelist.WallReason, w.Why), SetBy: w.SetBy.Name, SetAt: moment(w.SetAt)})
	}
	return page(r, pages.WallsPage(d.opened(r, "page_need.walls_title", ui.CasePath(v.ID, "khong-xem")), v)), nil
}

func orgOptions(orgs []directory.Organisation) []ui.Option {
	out := make([]ui.Option, len(orgs))
	for i, o := range orgs {
		out[i] = ui.Option{Value: o.ID.String(), Label: o.Name}
	}
	return out
}

func staffOptions(people []casefile.Staff, but uuid.UUID) []ui.Option {
	var out []ui.Option
	for _, p := range people {
		if p.ID != but {
			out = append(out, ui.Option{Value: p.Username, Label: p.Name})
		}
	}
	return out
}

func (d *Desk) postWall(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	var cmd casefile.WallCommand
	if err := bind(r, &cmd, nil); err != nil {
		return site.Reply{}, err
	}
	if _, err := d.o.Cases.SetWall(r.Context(), r.Who, id, cmd); err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.CasePath(id.String(), "khong-xem"), "wall_set"), nil
}

func (d *Desk) postLiftWall(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	wall, err := r.ID("wall")
	if err != nil {
		return site.Reply{}, err
	}
	if _, err := d.o.Cases.LiftWall(r.Context(), r.Who, id, wall); err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.CasePath(id.String(), "khong-xem"), "wall_lifted"), nil
}

func (d *Desk) wallAgain(r *site.Request, err error) (site.Reply, error) {
	return d.walls(r, refused(r, err, nil))
}

// ------------------------------------------------------------------ giving a case to somebody

func (d *Desk) getAssign(r *site.Request) (site.Reply, error) {
	return d.assign(r, ui.Form{Key: newKey()})
}

func (d *Desk) assign(r *site.Request, f ui.Form) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	c, err := d.o.Cases.Read(r.Context(), r.Who, id)
	if err != nil {
		return site.Reply{}, err
	}
	loads, err := d.o.Cases.Workload(r.Context(), r.Who)
	if err != nil {
		return site.Reply{}, err
	}
	v := pages.Assign{ID: id.String(), Code: c.Code, Owner: c.Owner.Name, Form: f}
	for _, x := range loads {
		if x.ID != c.Owner.ID {
			v.Staff = append(v.Staff, ui.Option{Value: x.ID.String(), Label: r.Lang.T("desk.need_assign_load", "who", x.Name, "open", x.Open, "high", x.High)})
		}
	}
	return page(r, pages.AssignPage(d.opened(r, "page_need.assign_title", ui.CasePath(v.ID, "phan-cong")), v)), nil
}

func (d *Desk) postAssign(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	var cmd casefile.AssignCommand
	if err := bind(r, &cmd, nil); err != nil {
		return site.Reply{}, err
	}
	if _, err := d.o.Cases.Assign(r.Context(), r.Who, id, cmd); err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.CasePath(id.String()), "case_assigned"), nil
}

func (d *Desk) assignAgain(r *site.Request, err error) (site.Reply, error) {
	return d.assign(r, refused(r, err, nil))
}

// ------------------------------------------------------------------ seals

func (d *Desk) getSeal(r *site.Request) (site.Reply, error) {
	return d.sealPage(r, ui.Form{Key: newKey()}, ui.Form{Key: newKey()})
}

func (d *Desk) sealPage(r *site.Request, f, end ui.Form) (site.Reply, error) {
	id, code, err := d.caseCode(r)
	if err != nil {
		return site.Reply{}, err
	}
	people, err := d.o.Cases.Colleagues(r.Context(), r.Who, r.Who.Organisation)
	if err != nil {
		return site.Reply{}, err
	}
	v := pages.Seal{ID: id.String(), Code: code, Form: f, End: end, Reasons: options(r.Lang, codelist.SealReason), People: staffOptions(people, r.Who.User)}
	return page(r, pages.SealPage(d.opened(r, "page_need.seal_title", ui.CasePath(v.ID, "niem-kin")), v)), nil
}

func (d *Desk) postSeal(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	var cmd casefile.SealCommand
	if err := bind(r, &cmd, nil); err != nil {
		return site.Reply{}, err
	}
	if err := d.o.Cases.AskSeal(r.Context(), r.Who, id, cmd); err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.CasePath(id.String()), "seal_asked"), nil
}

func (d *Desk) sealAgain(r *site.Request, err error) (site.Reply, error) {
	return d.sealPage(r, refused(r, err, nil), ui.Form{Key: newKey()})
}

func (d *Desk) postUnseal(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	if err := d.o.Cases.AskUnseal(r.Context(), r.Who, id); err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.CasePath(id.String()), "unseal_asked"), nil
}

func (d *Desk) unsealAgain(r *site.Request, err error) (site.Reply, error) {
	return d.sealPage(r, ui.Form{Key: newKey()}, refused(r, err, nil))
}

func (d *Desk) getSeals(r *site.Request) (site.Reply, error) {
	return d.seals(r, ui.Form{Key: newKey()})
}

func (d *Desk) seals(r *site.Request, f ui.Form) (site.Reply, error) {
	list, err := d.o.Cases.Seals(r.Context(), r.Who)
	if err != nil {
		return site.Reply{}, err
	}
	v := pages.Seals{Form: f}
	for _, s := range list {
		w := pages.Waiting{ID: s.ID.String(), Why: label(r.Lang, codelist.SealReason, s.Why), AskedBy: s.AskedBy, AskedAt: moment(s.AskedAt), Lifting: s.Lifting}
		if s.Code != nil {
			w.Code = *s.Code
		}
		v.Waiting = append(v.Waiting, w)
	}
	return page(r, pages.SealsPage(d.shell(r, "page_need.seals_title", ui.PathSeals), v)), nil
}

func (d *Desk) postAgree(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	if err := d.o.Cases.AgreeSeal(r.Context(), r.Who, id); err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.PathSeals, "seal_agreed"), nil
}

func (d *Desk) agreeAgain(r *site.Request, err error) (site.Reply, error) {
	return d.seals(r, refused(r, err, nil))
}

// ------------------------------------------------------------------ known elsewhere?

func (d *Desk) getKnown(r *site.Request) (site.Reply, error) {
	return d.known(r, pages.Known{Form: ui.Form{Key: newKey()}})
}

func (d *Desk) known(r *site.Request, v pages.Known) (site.Reply, error) {
	v.Reasons, v.Communes = options(r.Lang, codelist.KnownReason), communes()
	return page(r, pages.KnownPage(d.shell(r, "page_need.known_title", ui.PathKnown), v)), nil
}

// postKnown answers in the page itself: the answer has no address, and a reload asks again, counted.
func (d *Desk) postKnown(r *site.Request) (site.Reply, error) {
	var cmd casefile.KnownCommand
	if err := bind(r, &cmd, nil); err != nil {
		return site.Reply{}, err
	}
	k, err := d.o.Cases.AskKnown(r.Context(), r.Who, cmd)
	if err != nil {
		return site.Reply{}, err
	}
	return d.known(r, pages.Known{Form: ui.Form{Key: newKey()}, Asked: true, Possible: k.Possible})
}

func (d *Desk) knownAgain(r *site.Request, err error) (site.Reply, error) {
	return d.known(r, pages.Known{Form: refused(r, err, nil)})
}

// ------------------------------------------------------------------ the printed copy

// postCopy shows the one page of a case that prints: in the answer to this form and nowhere else.
func (d *Desk) postCopy(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	var cmd casefile.ExportCommand
	if err := bind(r, &cmd, nil); err != nil {
		return site.Reply{}, err
	}
	x, err := d.o.Cases.Export(r.Context(), r.Who, id, cmd)
	if err != nil {
		return site.Reply{}, err
	}
	l := r.Lang
	v := pages.Copy{ID: id.String(), Code: x.Case.Code, Mark: casefile.MarkText, Foot: l.T("desk.need_copy_foot", "code", x.Mark.Code, "who", x.Mark.By, "org", x.Mark.Org, "at", moment(x.Mark.At)),
		Rows: identity(l, x.Case), Needs: labels(l, codelist.ServiceType, x.Case.Needs), Narrative: lines(x.Case.Narrative), Missing: l.T("desk.need_copy_missing")}
	for _, i := range x.Case.Incidents {
		e := incident(l, i)
		v.Incidents = append(v.Incidents, pages.Incident{Title: or(e.When, l.T("desk.need_copy_incident")), Words: lines(e.Description), Rows: []ui.Row{
			{Label: l.T("desk.need_copy_place"), Value: e.Place}, {Label: l.T("desk.need_copy_acts"), Value: strings.Join(e.Acts, " · ")}, {Label: l.T("desk.need_copy_people"), Value: strings.Join(e.People, " · ")}}})
	}
	return page(r, pages.CopyPage(d.opened(r, "page_need.copy_title", ui.CasePath(v.ID)), v)), nil
}

func lines(text string) []string {
	var out []string
	for p := range strings.SplitSeq(text, "\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

func (d *Desk) copyAgain(r *site.Request, err error) (site.Reply, error) {
	id, idErr := r.ID("id")
	if idErr != nil {
		return site.Reply{}, idErr
	}
	return d.readCase(r, id, caseForms{copy: refused(r, err, nil)})
}

// ------------------------------------------------------------------ where a place of refuge is

func (d *Desk) getShelter(r *site.Request) (site.Reply, error) {
	return d.shelter(r, ui.Form{Key: newKey()})
}

func (d *Desk) shelter(r *site.Request, f ui.Form) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	v := pages.Shelter{ID: id.String(), Form: f, Keeps: id == r.Who.Organisation && may(r, access.PlaceShelter)}
	l, err := d.o.Cases.LocateShelter(r.Context(), r.Who, id)
	if err != nil && !(v.Keeps && fault.KindOf(err) == fault.NotFound) { // to those who keep it, nothing is written down yet
		return site.Reply{}, err
	}
	v.Address, v.Note = l.Address, l.Note
	return page(r, pages.ShelterPage(d.opened(r, "page_need.shelter_title", ui.ShelterPath(v.ID)), v)), nil
}

func (d *Desk) postShelter(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	var l casefile.ShelterLocation
	if err := bind(r, &l, nil); err != nil {
		return site.Reply{}, err
	}
	if err := d.o.Cases.PlaceShelter(r.Context(), r.Who, id, l); err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.ShelterPath(id.String()), "shelter_placed"), nil
}

// shelterAgain shows the form alone: where the place is stays closed while something else is asked.
func (d *Desk) shelterAgain(r *site.Request, err error) (site.Reply, error) {
	id, idErr := r.ID("id")
	if idErr != nil {
		return site.Reply{}, idErr
	}
	v := pages.Shelter{ID: id.String(), Form: refused(r, err, nil), Keeps: true}
	return page(r, pages.ShelterPage(d.opened(r, "page_need.shelter_title", ui.ShelterPath(v.ID)), v)), nil
}

// ------------------------------------------------------------------ notices

func (d *Desk) postSeen(r *site.Request) (site.Reply, error) {
	if _, err := d.o.Cases.Seen(r.Context(), r.Who, casefile.SeenCommand{}); err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.PathToday, ""), nil
}

// notices are what the reader must be told: all that she has not read, and the latest of the rest.
func (d *Desk) notices(r *site.Request) ([]pages.NoticeView, int, error) {
	p, err := d.o.Cases.Notices(r.Context(), r.Who)
	if err != nil {
		return nil, 0, err
	}
	var out []pages.NoticeView
	for _, n := range p.Items {
		if n.SeenAt != nil && len(out) >= 3 || len(out) >= 20 {
			continue
		}
		v := pages.NoticeView{Text: r.Lang.T("desk.need_notice_"+n.Kind, "who", or(n.By, "—"), "org", or(n.Org, "—"), "code", or(n.CaseCode, "—")), At: ui.Moment(r.Lang, time.Now(), n.At), New: n.SeenAt == nil}
		switch {
		case strings.HasPrefix(n.Kind, "break_glass") && n.Subject != nil && (n.Case != nil || n.Kind == "break_glass_reviewed"):
			v.Href, v.Action = ui.EmergencyPath(n.Subject.String()), r.Lang.T("page_need.emergency_see")
			if n.Kind == "break_glass_reviewed" {
				v.Href = ui.PathEmergency
			}
		case strings.HasPrefix(n.Kind, "campaign_"):
			v.Href, v.Action = ui.PathCampaigns, r.Lang.T("page_campaign.open")
		case n.Kind == "seal_asked" || n.Kind == "unseal_asked":
			v.Href, v.Action = ui.PathSeals, r.Lang.T("page_need.seals_title")
		case n.Case != nil:
			v.Href, v.Action = ui.CasePath(n.Case.String()), r.Lang.T("desk.open_case")
		}
		out = append(out, v)
	}
	return out, p.Unseen, nil
}
