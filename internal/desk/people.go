package desk

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/signin"
	"binhan/internal/site"
	pages "binhan/web/pages/account"
	"binhan/web/ui"
)

// Other people's accounts: an administrator proposes and starts resets, whoever answers for the office decides and confirms.
func (d *Desk) peopleRoutes() []site.Route {
	const p = ui.PathPeople
	return []site.Route{
		get(p, access.ListPeople, d.getPeople),
		get(p+"/moi", access.ProposePerson, d.getNewPerson),
		post(p+"/de-nghi", access.ProposePerson, d.postProposal, d.proposalAgain),
		post(p+"/de-nghi/:id", access.DecidePerson, d.postDecision, d.decisionAgain),
		get(p+"/:id", access.ListPeople, d.getPerson),
		post(p+"/:id/dat-lai", access.ResetPerson, d.postReset, d.personAgain),
		post(p+"/:id/xac-nhan", access.ConfirmPerson, d.postConfirm, d.personAgain),
		post(p+"/:id/mo-lai", access.ReleasePerson, d.postOpenAgain, d.personAgain),
	}
}

func (d *Desk) getPeople(r *site.Request) (site.Reply, error) { return d.people(r, "", ui.Form{}) }

func (d *Desk) people(r *site.Request, formID string, f ui.Form) (site.Reply, error) {
	staff, err := r.Site().SignIn().People(r.Context(), r.Who)
	if err != nil {
		return site.Reply{}, err
	}
	v := pages.People{MayNew: may(r, access.ProposePerson), Form: f, FormID: formID}
	for _, p := range staff.People {
		v.Rows = append(v.Rows, d.person(r, p))
	}
	for _, p := range staff.Pending {
		v.Pending = append(v.Pending, pages.Proposal{ID: p.ID.String(), What: r.Lang.T("page_account.what_" + p.Kind), Who: p.Name + " (" + p.Username + ")", Org: p.OrgName, Role: roleLabel(r, text(p.Role)),
			Supervisor: text(p.Supervisor), By: r.Lang.T("page_account.proposed_by", "name", p.By), At: ui.Moment(r.Lang, time.Now(), p.At), MayDecide: p.MayDecide, Mine: p.Mine})
	}
	return page(r, pages.PeoplePage(d.shell(r, "page_account.people", ui.PathPeople), v)), nil
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func roleLabel(r *site.Request, code string) string { return label(r.Lang, codelist.Role, code) }

func (d *Desk) person(r *site.Request, p signin.Person) pages.Person {
	v := pages.Person{ID: p.ID.String(), Username: p.Username, Name: p.Name, Org: p.OrgName, Role: roleLabel(r, p.Role), Supervisor: text(p.Supervisor),
		MayConfirm: p.MayConfirm, MayRelease: p.MayRelease && p.Stopped, MayReset: may(r, access.ResetPerson) && !p.Me && !p.Closed}
	key, tone := "open", ui.Plain
	switch {
	case p.Closed:
		key, tone = "closed", ui.Quiet
	case p.Stopped:
		key, tone = "stopped", ui.Danger
	case p.Waits:
		key, tone = "code", ui.Caution
	case p.Frozen:
		key, tone = "rests", ui.Caution
	}
	v.State, v.Tone = r.Lang.T("page_account.state_"+key), tone
	v.Quiet = key == "open"
	v.Last = r.Lang.T("page_account.last_never")
	if p.SignedIn != nil {
		v.Last = r.Lang.T("page_account.last_day", "at", day(*p.SignedIn))
	}
	return v
}

func (d *Desk) getPerson(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	return d.onePerson(r, id, ui.Form{})
}

func (d *Desk) onePerson(r *site.Request, id uuid.UUID, f ui.Form) (site.Reply, error) {
	staff, err := r.Site().SignIn().People(r.Context(), r.Who)
	if err != nil {
		return site.Reply{}, err
	}
	i := slices.IndexFunc(staff.People, func(p signin.Person) bool { return p.ID == id })
	if i < 0 {
		return site.Reply{}, fault.Missing()
	}
	v := d.person(r, staff.People[i])
	v.Form, v.Roles, v.Supervisors = f, options(r.Lang, codelist.Role), supervisors(staff, staff.People[i].Org, id)
	return page(r, pages.PersonPage(d.shell(r, "page_account.person", ui.PathPeople), v)), nil
}

// supervisors are the people of an office who may supervise somebody there; of every office when none is given.
func supervisors(staff signin.Staff, org, not uuid.UUID) []ui.Option {
	var out []ui.Option
	for _, p := range staff.People {
		if p.Role == string(access.Supervisor) && !p.Closed && p.ID != not && (org == uuid.Nil || p.Org == org) {
			out = append(out, ui.Option{Value: p.ID.String(), Label: p.Name + " – " + p.OrgName})
		}
	}
	return out
}

func (d *Desk) getNewPerson(r *site.Request) (site.Reply, error) { return d.newPerson(r, ui.Form{}) }

func (d *Desk) newPerson(r *site.Request, f ui.Form) (site.Reply, error) {
	staff, err := r.Site().SignIn().People(r.Context(), r.Who)
	if err != nil {
		return site.Reply{}, err
	}
	orgs, err := d.o.Directory.Organisations(r.Context(), r.Who)
	if err != nil {
		return site.Reply{}, err
	}
	v := pages.New{Form: f, Roles: options(r.Lang, codelist.Role), Supervisors: supervisors(staff, uuid.Nil, uuid.Nil)}
	for _, o := range orgs {
		v.Orgs = append(v.Orgs, ui.Option{Value: o.ID.String(), Label: o.Name})
	}
	return page(r, pages.NewPersonPage(d.shell(r, "page_account.person_new", ui.PathPeople), v)), nil
}

func (d *Desk) postProposal(r *site.Request) (site.Reply, error) {
	v, err := r.Form()
	if err != nil {
		return site.Reply{}, err
	}
	_, err = r.Site().SignIn().Propose(r.Context(), r.Who, signin.ProposeCommand{Kind: v.Get("kind"), User: idOf(v.Get("user")), Username: v.Get("username"), Name: v.Get("name"),
		Organisation: idOf(v.Get("organisation")), Role: v.Get("role"), Supervisor: idOf(v.Get("supervisor"))})
	return see(r, ui.PathPeople, "proposed"), err
}

func (d *Desk) proposalAgain(r *site.Request, err error) (site.Reply, error) {
	f := refused(r, err, nil)
	f.Key = ""
	if id := idOf(r.Values.Get("user")); id != uuid.Nil {
		if f.Proof != nil { // the page of a person has several forms: asked on a page of its own
			return site.Reply{Page: d.askProof(r, err)}, nil
		}
		return d.onePerson(r, id, f)
	}
	return d.newPerson(r, f)
}

func (d *Desk) postDecision(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	v, err := r.Form()
	if err != nil {
		return site.Reply{}, err
	}
	code, err := r.Site().SignIn().Decide(r.Context(), r.Who, id, v.Get("grant") == "1")
	if err != nil {
		return site.Reply{}, err
	}
	if code != "" {
		return d.setupCode(r, code), nil
	}
	return see(r, ui.PathPeople, "decided"), nil
}

func (d *Desk) decisionAgain(r *site.Request, err error) (site.Reply, error) {
	if fault.KindOf(err) == fault.Unproved { // which of the two buttons was pressed travels along
		return site.Reply{Page: d.askProof(r, err)}, nil
	}
	return d.people(r, r.Param("id"), refused(r, err, nil))
}

func (d *Desk) setupCode(r *site.Request, code string) site.Reply {
	return page(r, pages.OncePage(d.shell(r, "page_account.code_once", ui.PathPeople), pages.Once{Title: r.Lang.T("page_account.code_once"), Text: r.Lang.T("page_account.code_once_text", "hours", signin.SetupHours),
		Note: r.Lang.T("page_account.code_once_note"), Lines: []string{code}, Go: ui.PathPeople, GoLabel: r.Lang.T("page_account.code_go")}))
}

func (d *Desk) postReset(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	code, err := r.Site().SignIn().Reset(r.Context(), r.Who, id)
	if err != nil {
		return site.Reply{}, err
	}
	return d.setupCode(r, code), nil
}

func (d *Desk) postConfirm(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.PathPeople+"/"+id.String(), "person_confirmed"), r.Site().SignIn().Confirm(r.Context(), r.Who, id)
}

func (d *Desk) postOpenAgain(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.PathPeople+"/"+id.String(), "person_released"), r.Site().SignIn().Release(r.Context(), r.Who, id)
}

// personAgain shows the person whom a step was about; a proof is asked for on a page of its own, since the page has several forms.
func (d *Desk) personAgain(r *site.Request, err error) (site.Reply, error) {
	f := refused(r, err, nil)
	if f.Proof != nil {
		return site.Reply{Page: d.askProof(r, err)}, nil
	}
	id, bad := r.ID("id")
	if bad != nil {
		return site.Reply{}, bad
	}
	return d.onePerson(r, id, f)
}
