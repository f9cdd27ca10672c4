package desk

import (
	"errors"
	"slices"
	"strconv"
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
	"binhan/web/ui/chart"
)

func (d *Desk) releaseRoutes() []site.Route {
	return []site.Route{
		get(ui.PathReleases, access.ReadRelease, d.getReleases),
		post(ui.PathReleases, access.PrepareRelease, d.postRelease, d.releaseAgain),
		get("/bang-so/:id", access.ReadRelease, d.getRelease),
		post("/bang-so/:id/cong-bo", access.PublishRelease, d.postPublication, d.publicationAgain),
		get("/bang-so/:id/:table", access.ReadRelease, d.getTable),
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
	return joined(", ", scopeName(l, x.Scope), periodName(l, x.Period))
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
	tables   []release.TableView
	manifest *release.Manifest
	ledger   []release.LedgerLine
	draft    bool
}

// readNumbers opens what is published, and what is prepared for those who check it.
func (d *Desk) readNumbers(r *site.Request) (numbers, error) {
	id, err := r.ID("id")
	if err != nil {
		return numbers{}, err
	}
	var n numbers
	n.Release, err = d.o.Releases.Get(r.Context(), r.Who, id)
	if err == nil {
		if n.tables, err = d.o.Releases.Tables(r.Context(), r.Who, id); err != nil {
			return n, err
		}
		_, m, err := d.o.Releases.Export(r.Context(), r.Who, id)
		n.manifest = &m
		return n, err
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
	n.tables, n.manifest, n.ledger, n.draft = c.Tables, &c.Manifest, c.Ledger, true
	return n, nil
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
	if n.manifest != nil {
		v.Guarantee = n.manifest.Guarantee[string(l)]
		v.Method = method(l, *n.manifest)
		v.Facts = append(v.Facts, ui.Row{Label: l.T("desk.definition"), Value: n.manifest.Definition})
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
	if !n.draft && n.manifest != nil {
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

// total is the published number of people, nil when there is none.
func (n numbers) total() *release.CellView {
	for _, t := range n.tables {
		for i, c := range t.Cells {
			if c.Dims == "" {
				return &t.Cells[i]
			}
		}
	}
	return nil
}

func (n numbers) people(l i18n.Language) string {
	c := n.total()
	if c == nil {
		return ""
	}
	v := value(*c, "")
	return joined(" ", v.Text(l), inRange(l, v))
}

func inRange(l i18n.Language, v chart.Value) string {
	if v.Range(l) == "" {
		return ""
	}
	return "(" + l.T("desk.between", "range", v.Range(l)) + ")"
}

func value(c release.CellView, label string) chart.Value {
	if c.Count == nil {
		return chart.Value{Label: label, Mark: chart.Under}
	}
	return chart.Value{Label: label, Count: *c.Count, Lower: c.Lower, Upper: c.Upper}
}

// codes reads "dim=code;dim=code"; a total leaves dimensions out.
func codes(dims string) map[string]string {
	m := map[string]string{}
	for part := range strings.SplitSeq(dims, ";") {
		if dim, code, ok := strings.Cut(part, "="); ok {
			m[dim] = code
		}
	}
	return m
}

func (n numbers) tableTitle(l i18n.Language, t release.TableView) string {
	if len(t.Dims) == 0 {
		return l.T("desk.table_total")
	}
	names := make([]string, len(t.Dims))
	for i, dim := range t.Dims {
		names[i] = l.T("desk.dim_" + dim)
		if i > 0 {
			names[i] = strings.ToLower(names[i])
		}
	}
	return strings.Join(names, l.T("desk.and"))
}

func (n numbers) links(l i18n.Language, current string) []pages.TableLink {
	sums := map[string]string{}
	if n.manifest != nil {
		for _, t := range n.manifest.Tables {
			sums[t.ID] = t.SHA256
		}
	}
	var out []pages.TableLink
	for _, t := range n.tables {
		under := 0
		for _, c := range t.Cells {
			if c.Count == nil {
				under++
			}
		}
		link := pages.TableLink{ID: t.TableID, Title: n.tableTitle(l, t), Note: l.T("desk.cells", "n", len(t.Cells)), SHA: sums[t.TableID], Current: t.TableID == current}
		if under > 0 {
			link.Note = l.T("desk.cells_under", "n", len(t.Cells), "under", under)
		}
		if !n.draft {
			link.CSV = n.file(t.TableID, "csv")
		}
		out = append(out, link)
	}
	return out
}

// file is the address of a published table as a file: the JSON surface serves the bytes whose hash the manifest tells.
func (n numbers) file(table, format string) string {
	return "/api/v1/releases/" + n.ID.String() + "/tables/" + table + "?format=" + format
}

// codeName is the name of a dimension's value.
func (n numbers) codeName(l i18n.Language, dim, code string) string {
	if code == codelist.Unknown || code == codelist.UnknownRelation {
		return l.T("desk.unknown")
	}
	switch dim {
	case "area":
		if m := registers()[n.Scope]; m != nil {
			return m.AreaLabel(code, l)
		}
		return codelist.AreaLabel(code)
	case "commune":
		return communeName(code)
	case "month":
		return partialDay(code)
	case "age":
		if codelist.Get(codelist.AgeBands).Has(code) {
			return label(l, codelist.AgeBands, code)
		}
		return label(l, codelist.AgeBandReport, code)
	}
	return label(l, dimLists[dim], code)
}

var dimLists = map[string]codelist.Name{"form": codelist.ViolenceForm, "sex": codelist.Sex, "sex_perp": codelist.Sex, "relation": codelist.RelationshipGroups, "ethnic": codelist.EthnicityReportGroup,
	"service": codelist.ServiceType}

func (d *Desk) getTable(r *site.Request) (site.Reply, error) {
	n, err := d.readNumbers(r)
	if err != nil {
		return site.Reply{}, err
	}
	i := slices.IndexFunc(n.tables, func(t release.TableView) bool { return t.TableID == r.Param("table") })
	if i < 0 {
		return site.Reply{}, fault.Missing()
	}
	t := n.tables[i]
	l := r.Lang
	v := pages.Table{Release: n.ID.String(), Heading: releaseTitle(l, n.Release), ID: t.TableID, Title: n.tableTitle(l, t), Unit: l.T("desk.person"), Source: n.source(l), Draft: n.draft, Others: n.links(l, t.TableID)}
	if !n.draft {
		v.CSV, v.XLSX = n.file(t.TableID, "csv"), n.file(t.TableID, "xlsx")
	}
	n.fill(l, t, &v)
	if slices.Contains(t.Dims, "area") && registers()[n.Scope] == nil {
		v.Notes = append(v.Notes, l.T("desk.areas_note"))
	}
	return page(r, pages.TablePage(d.statistics(r, "page_release.list_title", ui.ReleasePath(v.Release, v.ID)), v)), nil
}

func (n numbers) source(l i18n.Language) string {
	cut := ""
	if n.CutOff != nil {
		cut = day(*n.CutOff)
	}
	return l.T("desk.source", "cut_off", cut, "people", n.people(l))
}

// fill lays the cells of a table out: rows by its first dimension, columns by its second, totals where the table has them.
func (n numbers) fill(l i18n.Language, t release.TableView, v *pages.Table) {
	first, second := "", ""
	if len(t.Dims) > 0 {
		first = t.Dims[0]
		v.RowHead = l.T("desk.dim_" + first)
	}
	if len(t.Dims) > 1 {
		second = t.Dims[1]
	}
	cells := map[[2]string]release.CellView{}
	var rows, columns []string
	for _, c := range t.Cells {
		m := codes(c.Dims)
		at := [2]string{m[first], m[second]}
		cells[at] = c
		if !slices.Contains(rows, at[0]) {
			rows = append(rows, at[0])
		}
		if !slices.Contains(columns, at[1]) {
			columns = append(columns, at[1])
		}
	}
	last := func(list []string) []string { // a total stands at the end
		if i := slices.Index(list, ""); i >= 0 {
			list = append(slices.Delete(list, i, i+1), "")
		}
		return list
	}
	rows = last(rows)
	if second != "" {
		columns = last(columns)
	}
	name := func(dim, code string) string {
		if code == "" {
			return l.T("desk.all")
		}
		return n.codeName(l, dim, code)
	}
	for _, code := range columns {
		if second == "" {
			v.Columns = append(v.Columns, l.T("desk.people"))
			continue
		}
		v.Columns = append(v.Columns, name(second, code))
	}
	under := 0
	for _, row := range rows {
		out := pages.TableRow{Label: name(first, row), Total: row == ""}
		for _, column := range columns {
			c, there := cells[[2]string{row, column}]
			x := value(c, "")
			switch {
			case !there:
				x = chart.Value{Mark: chart.Missing}
			case x.Mark == chart.Under:
				under++
			}
			out.Cells = append(out.Cells, x)
		}
		v.Rows = append(v.Rows, out)
	}
	if under > 0 {
		v.Counter = l.T("desk.under_counter", "under", under, "n", len(t.Cells))
	}
	n.draw(l, v, cells, rows, columns, first, second)
}

// draw adds the drawing of the same cells: bars for names, columns for months, small multiples on one scale for two dimensions.
func (n numbers) draw(l i18n.Language, v *pages.Table, cells map[[2]string]release.CellView, rows, columns []string, first, second string) {
	if first == "" {
		return // one number needs no drawing
	}
	values := func(column string) []chart.Value {
		var out []chart.Value
		for _, row := range rows {
			if c, there := cells[[2]string{row, column}]; there && row != "" {
				name := n.codeName(l, first, row)
				if first == "month" && second == "" && len(row) == len("2026-11") {
					name = strconv.Itoa(int(monthOf(row)))
				}
				out = append(out, value(c, name))
			}
		}
		return out
	}
	title := joined(", ", v.Title, periodName(l, n.Period))
	switch {
	case second == "" && first == "month" && len(rows) <= 14:
		v.Months = &chart.Columns{ID: v.ID, Title: title, Source: v.Source, Values: values(""), Draft: n.draft}
	case second == "":
		v.Bars = &chart.Bars{ID: v.ID, Title: title, Source: v.Source, Values: values(""), Draft: n.draft}
	default:
		var top int64
		for _, column := range columns {
			if column != "" {
				top = max(top, chart.Max(values(column)))
			}
		}
		for i, column := range columns {
			if column != "" {
				v.Groups = append(v.Groups, chart.Bars{ID: v.ID + strconv.Itoa(i), Title: n.codeName(l, second, column), Values: values(column), Series: 1, Max: top, Draft: n.draft})
			}
		}
	}
}

func monthOf(code string) time.Month {
	t, err := time.Parse("2006-01", code)
	if err != nil {
		return 0
	}
	return t.Month()
}
