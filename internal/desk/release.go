package desk

import (
	"errors"
	"github.com/google/uuid"
	"slices"
	"strings"
	"sync"
	"time"

	"binhan/internal/access"
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/i18n"
	"binhan/internal/intake"
	"binhan/internal/release"
	"binhan/internal/site"
	pages "binhan/web/pages/release"
	"binhan/web/ui"
)

func (d *Desk) releaseRoutes() []site.Route {
	return []site.Route{
		get(ui.PathReleases, access.ReadRelease, d.getReleases),
		post(ui.PathReleases, access.PrepareRelease, d.postRelease, d.releaseAgain),
		get("/bang-so/xem", access.ReadRelease, d.getBuilder),
		get("/bang-so/:id", access.ReadRelease, d.getRelease),
		post("/bang-so/:id/cong-bo", access.PublishRelease, d.postPublication, d.publicationAgain),
		get("/bang-so/:id/:table", access.ReadRelease, d.getTable),
		get("/bang-so/:id/:table/o", access.ReadRelease, d.getFigure),
		get(ui.PathOverview, access.ReadRelease, d.getOverview),
		get(ui.PathReports, access.ReadRelease, d.getReports),
		get(ui.PathQuality, access.ReadRelease, d.getQualities),
		get("/chat-luong/:id", access.ReadRelease, d.getQuality),
	}
}

// registers are the imported registers that have statistics of their own, by their scope.
var registers = sync.OnceValue(func() map[string]*intake.Mapping {
	all := map[string]*intake.Mapping{}
	for _, name := range intake.ShippedMappings() {
		if m, err := intake.OpenMapping(name); err == nil && !codelist.MustGet(codelist.AdminProvince).Has(m.Scope) {
			all[m.Scope] = m
		}
	}
	return all
})

func scopeName(l i18n.Language, scope string) string {
	if codelist.MustGet(codelist.AdminProvince).Has(scope) {
		return label(l, codelist.AdminProvince, scope)
	}
	if m := registers()[scope]; m != nil {
		return or(m.Title[l], or(m.Title[i18n.Vietnamese], m.Name))
	}
	return scope
}

// periodName calls a period what people call it: a year, a quarter, a month, else its days.
func periodName(l i18n.Language, p release.Period) string {
	from, err1 := time.Parse(time.DateOnly, p.From)
	to, err2 := time.Parse(time.DateOnly, p.To)
	if err1 != nil || err2 != nil {
		return p.From + " – " + p.To
	}
	end := func(months int) bool { return from.Day() == 1 && to.Equal(from.AddDate(0, months, -1)) }
	switch {
	case from.Month() == 1 && end(12):
		return l.T("desk.period_year", "year", from.Year())
	case from.Month()%3 == 1 && end(3):
		return l.T("desk.period_quarter", "quarter", []string{"I", "II", "III", "IV"}[from.Month()/3], "year", from.Year())
	case end(1):
		return l.T("desk.period_month", "month", int(from.Month()), "year", from.Year())
	}
	return periodDays(p)
}

func periodDays(p release.Period) string { return partialDay(p.From) + " – " + partialDay(p.To) }

func releaseTitle(l i18n.Language, x release.Release) string {
	return joined(", ", scopeName(l, x.Scope), periodName(l, x.Period)) + kindNote(l, x)
}

func releaseTone(s release.State) ui.Tone {
	switch s {
	case release.Published:
		return ui.Done
	case release.Superseded:
		return ui.Quiet
	case release.Failed:
		return ui.Danger
	}
	return ui.Caution
}

func (d *Desk) getReleases(r *site.Request) (site.Reply, error) {
	// No key: asking twice for the same period gives what is there.
	return d.releasesPage(r, ui.Form{Values: map[string][]string{"scope": {r.Who.Province}}})
}

// releasesPage lists what is published, and before it, for those who prepare or check, what is not.
func (d *Desk) releasesPage(r *site.Request, f ui.Form) (site.Reply, error) {
	l := r.Lang
	v := pages.List{MayPrepare: may(r, access.PrepareRelease), Prepare: f}
	var all []release.Release
	cursor := r.Query("cursor")
	if cursor == "" && may(r, access.CheckRelease) {
		waiting, err := d.o.Releases.Pending(r.Context(), r.Who)
		if err != nil {
			return site.Reply{}, err
		}
		all = append(all, waiting...)
	}
	p, err := d.o.Releases.List(r.Context(), r.Who, onAPage, cursor)
	if err != nil {
		return site.Reply{}, err
	}
	for _, x := range append(all, p.Items...) {
		row := pages.Row{ID: x.ID.String(), Title: releaseTitle(l, x), Period: periodDays(x.Period), Status: l.T("desk.release_" + string(x.State)), Tone: releaseTone(x.State), Open: true}
		if x.PublishedAt != nil {
			row.Published = day(*x.PublishedAt)
		}
		v.Rows = append(v.Rows, row)
	}
	if p.Next != "" {
		v.Next = pageAfter(ui.PathReleases, nil, p.Next)
	}
	if v.MayPrepare {
		v.Scopes = []ui.Option{{Value: r.Who.Province, Label: scopeName(l, r.Who.Province)}}
		for scope := range registers() {
			v.Scopes = append(v.Scopes, ui.Option{Value: scope, Label: scopeName(l, scope)})
		}
		slices.SortFunc(v.Scopes[1:], func(a, b ui.Option) int { return strings.Compare(a.Label, b.Label) })
		for _, s := range []release.Size{release.Small, release.Medium, release.Large} {
			v.Plans = append(v.Plans, ui.Option{Value: string(s), Label: l.T("desk.size_" + string(s))})
		}
	}
	return page(r, pages.ListPage(d.statistics(r, "page_release.list_title", ui.PathReleases), v)), nil
}

// statistics is the shell of the pages of numbers: wide, and nobody's case on them.
func (d *Desk) statistics(r *site.Request, title, path string) ui.Shell {
	sh := d.shell(r, title, path)
	sh.Wide = true
	return sh
}

func (d *Desk) postRelease(r *site.Request) (site.Reply, error) {
	var cmd release.PrepareCommand
	if err := bind(r, &cmd, nil); err != nil {
		return site.Reply{}, err
	}
	x, err := d.o.Releases.Start(r.Context(), r.Who, cmd)
	if err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.ReleasePath(x.ID.String()), "prepared"), nil
}

func (d *Desk) releaseAgain(r *site.Request, err error) (site.Reply, error) {
	f := refused(r, err, nil)
	f.Key = ""
	return d.releasesPage(r, f)
}

// numbers is a release with its tables as far as this reader may see them.
type numbers struct {
	release.Release
	book   *release.Book // nil before it is prepared
	ledger []release.LedgerLine
	draft  bool
	base   string // where its tables are read: the desk's own pages, or the open ones
}

// readNumbers opens what is published, and what is prepared for those who check it.
func (d *Desk) readNumbers(r *site.Request) (numbers, error) {
	id, err := r.ID("id")
	if err != nil {
		return numbers{}, err
	}
	return d.openNumbers(r, id)
}

func (d *Desk) openNumbers(r *site.Request, id uuid.UUID) (numbers, error) {
	n := numbers{base: ui.PathReleases}
	b, err := d.o.Releases.Book(r.Context(), r.Who, id)
	if err == nil {
		n.Release, n.book = b.Release, b
		return n, nil
	}
	if !errors.Is(err, fault.NotFound) || !may(r, access.CheckRelease) {
		return n, err
	}
	if n.Release, err = d.o.Releases.State(r.Context(), r.Who, id); err != nil || n.State != release.Prepared {
		return n, err
	}
	c, err := d.o.Releases.Check(r.Context(), r.Who, id)
	if err != nil {
		return n, err
	}
	n.book, n.ledger, n.draft = release.DraftBook(n.Release, c), c.Ledger, true
	return n, nil
}

// path is the address of the release, or of a part of it.
func (n numbers) path(part ...string) string {
	return strings.Join(append([]string{n.base, n.ID.String()}, part...), "/")
}

func (d *Desk) getRelease(r *site.Request) (site.Reply, error) {
	return d.releasePage(r, ui.Form{})
}

func (d *Desk) releasePage(r *site.Request, f ui.Form) (site.Reply, error) {
	n, err := d.readNumbers(r)
	if err != nil {
		return site.Reply{}, err
	}
	l := r.Lang
	v := pages.View{ID: n.ID.String(), Title: releaseTitle(l, n.Release), Status: l.T("desk.release_" + string(n.State)), Tone: releaseTone(n.State), Waiting: n.State == release.Preparing, Form: f,
		Facts: []ui.Row{
			{Label: l.T("page_release.scope"), Value: scopeName(l, n.Scope)}, {Label: l.T("page_release.period"), Value: periodDays(n.Period)},
			{Label: l.T("desk.cut_off"), Value: momentOr(n.CutOff)}, {Label: l.T("desk.people"), Value: n.people(l)},
			{Label: l.T("desk.prepared_by"), Value: label(l, codelist.Role, n.PreparedBy)}, {Label: l.T("desk.published_by"), Value: label(l, codelist.Role, n.PublishedBy)},
			{Label: l.T("page_release.published"), Value: momentOr(n.PublishedAt)},
		}}
	if n.book != nil {
		v.Guarantee = n.book.Manifest.Guarantee[string(l)]
		v.Method = method(l, n.book.Manifest)
		v.Facts = append(v.Facts, ui.Row{Label: l.T("desk.definition"), Value: n.book.Manifest.Definition})
		if !n.draft {
			v.Build, v.Quality = n.builder(nil), ui.PathQuality+"/"+v.ID
			if n.book.Plan.Public {
				v.Open = openPath(n.ID.String())
			}
		}
	}
	if n.State == release.Prepared {
		v.MayPublish = may(r, access.PublishRelease)
		if !v.MayPublish {
			v.WhyNot = l.T("desk.another_publishes")
		}
		// Check refuses to show anything unless all of this holds; the page says what was checked.
		v.Checks = []pages.Check{{Text: l.T("desk.check_cells"), OK: n.draft}, {Text: l.T("desk.check_sums"), OK: n.draft},
			{Text: l.T("desk.check_ledger"), OK: n.draft, Note: l.T("desk.check_ledger_note", "n", len(n.ledger))}}
	}
	v.Tables = n.links(l, "")
	if !n.draft && n.book != nil {
		v.Manifest = "/api/v1/releases/" + v.ID + "/manifest.json"
	}
	return page(r, pages.Page(d.statistics(r, "page_release.release", ui.ReleasePath(v.ID)), v)), nil
}

// method is how the numbers were protected, in a few rows; the manifest holds every parameter.
func method(l i18n.Language, m release.Manifest) []ui.Row {
	return []ui.Row{
		{Label: l.T("desk.budget"), Value: l.T("desk.budget_of", "spent", m.Method.Spent.String(), "budget", m.Method.Budget.String())},
		{Label: l.T("desk.unit"), Value: l.T("desk.unit_value")},
		{Label: l.T("page_release.plan"), Value: joined(", ", l.T("desk.size_"+string(m.Method.Size)), m.Method.Plan)},
		{Label: l.T("desk.fingerprint"), Value: m.SHA256},
	}
}

func (d *Desk) postPublication(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	var nothing struct{}
	if err := bind(r, &nothing, nil); err != nil {
		return site.Reply{}, err
	}
	if _, err := d.o.Releases.Publish(r.Context(), r.Who, id); err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.ReleasePath(id.String()), "published"), nil
}

func (d *Desk) publicationAgain(r *site.Request, err error) (site.Reply, error) {
	return d.releasePage(r, ui.Form{Problems: problems(r.Lang, err, nil)})
}
