package desk

import (
	"net/url"
	"strings"
	"time"

	"binhan/internal/access"
	"binhan/internal/casefile"
	"binhan/internal/codelist"
	"binhan/internal/site"
	pages "binhan/web/pages/casefile"
	"binhan/web/ui"
)

// onAPage is how many rows a list shows.
const onAPage = 25

func (d *Desk) caseRoutes() []site.Route {
	return []site.Route{
		get(ui.PathIntake, access.RecordCase, d.getIntake),
		post(ui.PathIntake, access.RecordCase, d.postIntake, d.intakeAgain),
		get(ui.PathCases, access.ListCases, d.getCases),
		post(ui.PathSearch, access.SearchCases, d.postSearch, d.searchAgain),
		get("/ho-so/:id", access.ReadCase, d.getCase),
		post("/ho-so/:id/hien", access.RevealCase, d.postReveal, d.revealAgain),
		get("/ho-so/:id/sua", access.CorrectCase, d.getEdit),
		post("/ho-so/:id/sua", access.CorrectCase, d.postEdit, d.editAgain),
		get("/ho-so/:id/su-viec/moi", access.AddIncident, d.getIncident),
		post("/ho-so/:id/su-viec/moi", access.AddIncident, d.postIncident, d.incidentAgain),
		get("/ho-so/:id/dong-y/moi", access.RecordConsent, d.getConsent),
		post("/ho-so/:id/dong-y/moi", access.RecordConsent, d.postConsent, d.consentAgain),
		post("/dong-y/:id/rut", access.WithdrawConsent, d.postWithdrawal, d.withdrawalAgain),
	}
}

func (d *Desk) getCases(r *site.Request) (site.Reply, error) {
	f := casefile.Filter{Sort: "updated", Limit: onAPage}
	if err := r.QueryInto(&f); err != nil {
		return site.Reply{}, err
	}
	p, err := d.o.Cases.List(r.Context(), r.Who, f)
	if err != nil {
		return site.Reply{}, err
	}
	v := d.list(r, p)
	v.Filter = ui.Form{Values: map[string][]string{"status": {f.Status}, "risk": {f.Risk}, "commune": {f.Commune}, "since": {f.Since}}}
	if p.Next != nil {
		v.Next = pageAfter(ui.PathCases, r.HTTP().URL.Query(), *p.Next)
	}
	return d.listPage(r, v), nil
}

// pageAfter is the address of the next page of the same list: codes and an opaque place in it.
func pageAfter(path string, query url.Values, cursor string) string {
	q := url.Values{}
	for name, vs := range query {
		if len(vs) > 0 && vs[0] != "" {
			q.Set(name, vs[0])
		}
	}
	q.Set("cursor", cursor)
	return path + "?" + q.Encode()
}

func (d *Desk) list(r *site.Request, p casefile.Page) pages.List {
	v := pages.List{Status: options(r.Lang, codelist.CaseStatus), Risk: options(r.Lang, codelist.RiskLevel), Communes: communes(), MayOpen: may(r, access.ReadCase)}
	codes := shortCodes(p.Items)
	for i, c := range p.Items {
		row := pages.ListRow{ID: c.ID.String(), Code: codes[i], Status: label(r.Lang, codelist.CaseStatus, c.Status), Risk: label(r.Lang, codelist.RiskLevel, c.Risk),
			RiskTone: riskTone(c.Risk), Commune: communeNameOr(c.Commune), Opened: day(c.OpenedAt), Updated: ui.Moment(r.Lang, time.Now(), c.UpdatedAt)}
		if c.Owner.ID != r.Who.User {
			row.Owner = c.Owner.Name
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

// shortCodes are the first letters of each code where they name one case of the list, else the whole code.
func shortCodes(items []casefile.Item) []string {
	times := map[string]int{}
	for _, c := range items {
		times[letters(c.Code)]++
	}
	out := make([]string, len(items))
	for i, c := range items {
		if out[i] = letters(c.Code); times[out[i]] > 1 {
			out[i] = c.Code
		}
	}
	return out
}

func letters(code string) string {
	head, _, _ := strings.Cut(code, "-")
	return head
}

func (d *Desk) listPage(r *site.Request, v pages.List) site.Reply {
	sh := d.shell(r, "page_casefile.list_title", ui.PathCases)
	sh.Wide = true
	return page(r, pages.ListPage(sh, v))
}

// postSearch answers with the cases found; what was looked for stays in the body of the request and in no address.
func (d *Desk) postSearch(r *site.Request) (site.Reply, error) {
	var cmd casefile.SearchCommand
	if err := bind(r, &cmd, nil); err != nil {
		return site.Reply{}, err
	}
	p, err := d.o.Cases.Search(r.Context(), r.Who, cmd)
	if err != nil {
		return site.Reply{}, err
	}
	v := d.list(r, p)
	v.Searched, v.Search = true, ui.Form{Values: r.Values}
	return d.listPage(r, v), nil
}

// searchAgain shows the usual list below what was looked for, for "nothing found" would be a claim.
func (d *Desk) searchAgain(r *site.Request, err error) (site.Reply, error) {
	var p casefile.Page
	if may(r, access.ListCases) {
		var listErr error
		if p, listErr = d.o.Cases.List(r.Context(), r.Who, casefile.Filter{Sort: "updated", Limit: onAPage}); listErr != nil {
			return site.Reply{}, listErr
		}
	}
	v := d.list(r, p)
	v.Search = refused(r, err, nil)
	return d.listPage(r, v), nil
}
