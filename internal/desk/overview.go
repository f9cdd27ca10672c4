package desk

import (
	"slices"
	"strings"

	"binhan/internal/access"
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/i18n"
	"binhan/internal/release"
	"binhan/internal/site"
	pages "binhan/web/pages/release"
	"binhan/web/ui"
	"binhan/web/ui/chart"
)

// headline is one figure of the overview.
type headline struct {
	label string
	sel   release.Selection
}

// headlines are what a department head asks first: how many, how many women, how many children, which forms.
func (n numbers) headlines(l i18n.Language) []headline {
	list := []headline{{l.T("reading.everybody"), release.Selection{}}, {l.T("reading.women"), release.Selection{"sex": {"F"}}}}
	if t, ok := n.book.Holding("age"); ok {
		var young []string
		for _, c := range t.Cells {
			for _, code := range release.ParseSelection(c.Dims)["age"] {
				if e, ok := ageEntry(code); ok && e < 18 && !slices.Contains(young, code) {
					young = append(young, code)
				}
			}
		}
		if len(young) > 0 {
			list = append(list, headline{l.T("reading.children"), release.Selection{"age": young}})
		}
	}
	for _, code := range []string{"PHYSICAL", "PSYCHOLOGICAL", "SEXUAL", "ECONOMIC"} {
		list = append(list, headline{n.codeName(l, "form", code), release.Selection{"form": {code}}})
	}
	return list
}

// ageEntry is the age at which a band ends.
func ageEntry(code string) (int, bool) {
	for _, name := range []codelist.Name{codelist.AgeBands, codelist.AgeBandReport} {
		if n, ok := codelist.Get(name).NoteInt(code, "max"); ok {
			return n, true
		}
	}
	return 0, false
}

// getOverview is the first page of whoever reads statistics: the newest published year of her scope, what changed for certain, and what is due.
func (d *Desk) getOverview(r *site.Request) (site.Reply, error) {
	l := r.Lang
	list, newest, err := d.latest(r)
	if err != nil {
		return site.Reply{}, err
	}
	sh := d.statistics(r, "reading.overview_title", ui.PathOverview)
	v := pages.Overview{}
	if v.Due, err = d.due(r); err != nil {
		return site.Reply{}, err
	}
	if len(list) == 0 {
		return page(r, pages.OverviewPage(sh, v)), nil
	}
	n, err := d.openNumbers(r, newest.ID)
	if err != nil {
		return site.Reply{}, err
	}
	if n.book == nil {
		return site.Reply{}, fault.Missing()
	}
	var before *numbers
	for _, x := range list {
		if x.Scope == newest.Scope && x.Period.To < newest.Period.From && yearly(x) && months(x.Period) == months(newest.Period) {
			b, err := d.openNumbers(r, x.ID)
			if err != nil {
				return site.Reply{}, err
			}
			before = &b
			break
		}
	}
	v.Short, v.Title, v.Period, v.Href, v.Build, v.Quality, v.Source = periodName(l, newest.Period), releaseTitle(l, newest), periodDays(newest.Period), n.path(), n.builder(nil), ui.PathQuality+"/"+newest.ID.String(), n.source(l)
	if before != nil {
		v.Before = periodName(l, before.Period)
	}
	var bars []chart.Value
	for i, h := range n.headlines(l) {
		c, table, ok := n.book.Sum(h.sel)
		if !ok {
			continue
		}
		line := pages.Headline{Label: h.label, Figure: pages.Figure{Value: value(c, h.label), Href: n.figurePath(table, h.sel)}}
		if before != nil {
			if was, _, ok := before.book.Sum(h.sel); ok {
				line.Before = pages.Figure{Value: value(was, ""), Href: before.figurePath(table, h.sel)}
				line.Change, line.Alike = moved(l, was, c)
			}
		}
		v.Headlines = append(v.Headlines, line)
		if i > 0 {
			bars = append(bars, line.Figure.Value)
		}
	}
	v.Bars = &chart.Bars{ID: "overview", Title: joined(", ", l.T("reading.overview_chart"), periodName(l, n.Period)), Values: bars, Source: n.source(l)}
	if t, ok := n.book.Holding("area"); ok {
		g := n.grid(l, layout{table: t, rows: []string{"area"}})
		m := pages.Table{ID: "overview-area", Title: dimNames(l, []string{"area"}), Source: n.source(l)}
		n.mapOf(l, g, &m, joined(", ", m.Title, periodName(l, n.Period)))
		v.Map, v.MapTable = m.Map, n.path(t.TableID)
	}
	return page(r, pages.OverviewPage(sh, v)), nil
}

// moved says what the two intervals let be said; the second result is true when they say nothing.
func moved(l i18n.Language, was, now release.CellView) (string, bool) {
	if !release.Differ(was, now) {
		return l.T("reading.alike"), true
	}
	low, high := now.Lower-was.Upper, now.Upper-was.Lower
	if low > 0 {
		return l.T("reading.rose", "low", ui.Count(l, low), "high", ui.Count(l, high)), false
	}
	return l.T("reading.fell", "low", ui.Count(l, -high), "high", ui.Count(l, -low)), false
}

// yearly tells whether a release is one of the people of a period, which the overview compares; others stand in the lists alone.
func yearly(x release.Release) bool { return x.Kind == release.Year || x.Kind == release.Correction }

// kindNote says in a title what else than the people of a period a release counts.
func kindNote(l i18n.Language, x release.Release) string {
	switch x.Kind {
	case release.Late, release.Correction:
		return " (" + l.T("reading.kind_"+strings.ToLower(string(x.Kind))) + ")"
	}
	return ""
}

func months(p release.Period) int {
	from, to := lastDay(release.Release{Period: release.Period{To: p.From}}), lastDay(release.Release{Period: p})
	return (to.Year()-from.Year())*12 + int(to.Month()-from.Month()) + 1
}

// due are the deadlines of the campaign, as links.
func (d *Desk) due(r *site.Request) ([]pages.Due, error) {
	if !may(r, access.ReadCampaign) {
		return nil, nil
	}
	list, err := d.o.Campaigns.Deadlines(r.Context(), r.Who)
	if err != nil {
		return nil, err
	}
	var out []pages.Due
	for _, x := range list {
		out = append(out, pages.Due{Title: r.Lang.T("reading.due_"+x.What, "year", x.Year), On: partialDay(x.Clock.DueOn), Href: x.Href, Late: x.Clock.Late})
	}
	return out, nil
}

// getReports leads to the reports: those of the campaign, and each release as a whole in the forms that offices use.
func (d *Desk) getReports(r *site.Request) (site.Reply, error) {
	l := r.Lang
	list, _, err := d.latest(r)
	if err != nil {
		return site.Reply{}, err
	}
	v := pages.Reports{}
	if may(r, access.ReadCampaign) {
		v.Campaigns = "/chien-dich"
	}
	if v.Due, err = d.due(r); err != nil {
		return site.Reply{}, err
	}
	for _, x := range list {
		base := "/api/v1/releases/" + x.ID.String() + "/tables?format="
		row := pages.Report{Title: releaseTitle(l, x), Period: periodDays(x.Period), Href: ui.ReleasePath(x.ID.String())}
		if x.PublishedAt != nil {
			row.Published = day(*x.PublishedAt)
		}
		for _, f := range []string{"docx", "pdf", "xlsx", "csv"} {
			row.Files = append(row.Files, pages.File{Label: map[string]string{"xlsx": "Excel", "csv": "CSV", "docx": "Word", "pdf": "PDF"}[f], Href: base + f})
		}
		for _, form := range []string{release.FormFamily, release.FormStrategy} {
			row.Files = append(row.Files, pages.File{Label: l.T("paper.form_" + form), Href: "/api/v1/releases/" + x.ID.String() + "/forms/" + form + "?format=docx"})
		}
		v.Rows = append(v.Rows, row)
	}
	return page(r, pages.ReportsPage(d.statistics(r, "reading.reports_title", ui.PathReports), v)), nil
}

// getQualities lists the published releases by how good they are.
func (d *Desk) getQualities(r *site.Request) (site.Reply, error) {
	l := r.Lang
	list, _, err := d.latest(r)
	if err != nil {
		return site.Reply{}, err
	}
	v := pages.Qualities{}
	for _, x := range list {
		v.Rows = append(v.Rows, pages.Report{Title: releaseTitle(l, x), Period: periodDays(x.Period), Href: ui.PathQuality + "/" + x.ID.String()})
	}
	return page(r, pages.QualitiesPage(d.statistics(r, "reading.quality_title", ui.PathQuality), v)), nil
}

// getQuality says of one release how far its numbers carry: what is unknown, what came late, what is withheld, by which method, checked how, and by whom.
func (d *Desk) getQuality(r *site.Request) (site.Reply, error) {
	n, err := d.readNumbers(r)
	if err != nil {
		return site.Reply{}, err
	}
	if n.book == nil || n.draft {
		return site.Reply{}, fault.Missing()
	}
	l := r.Lang
	m := n.book.Manifest
	v := pages.Quality{Title: releaseTitle(l, n.Release), Href: n.path(), Guarantee: m.Guarantee[string(l)]}
	total, _, _ := n.book.Find("")
	cells, under := 0, 0
	for _, t := range n.book.Tables {
		printed, hidden := 0, 0
		for _, c := range t.Cells {
			printed++
			if c.Count == nil {
				hidden++
			}
		}
		cells, under = cells+printed, under+hidden
		row := pages.QualityRow{Label: dimNames(l, t.Dims), Href: n.path(t.TableID), Cells: l.T("reading.counter", "under", hidden, "n", printed)}
		for _, e := range m.Tables {
			if e.ID == t.TableID {
				row.SHA, row.Budget = e.SHA256, e.Rho.String()
			}
		}
		if len(t.Dims) == 1 {
			for _, c := range t.Cells {
				sel := release.ParseSelection(c.Dims)
				if codes := sel[t.Dims[0]]; len(codes) == 1 && (codes[0] == codelist.Unknown || codes[0] == codelist.UnknownRelation) {
					f := pages.Figure{Value: value(c, ""), Href: n.figurePath(t.TableID, sel), Share: share(l, c, total)}
					if t.Dims[0] == "month" {
						v.Late = &f
						continue
					}
					v.Unknown = append(v.Unknown, pages.Headline{Label: dimName(l, t.Dims[0]), Figure: f})
				}
			}
		}
		v.Tables = append(v.Tables, row)
	}
	v.Coverage = l.T("reading.counter", "under", under, "n", cells)
	v.Method = append(method(l, m),
		ui.Row{Label: l.T("reading.noise_word"), Value: l.T("reading.noise_text")}, ui.Row{Label: l.T("reading.round_word"), Value: l.T("reading.round_text", "unit", m.Method.Display.Unit, "below", m.Method.Display.WithholdBelow)},
		ui.Row{Label: l.T("reading.interval"), Value: l.T("reading.interval_text", "confidence", m.Method.Display.Confidence)},
		ui.Row{Label: l.T("reading.life"), Value: l.T("reading.life_text")})
	v.Checks = []pages.Check{{Text: l.T("desk.check_cells"), OK: true}, {Text: l.T("desk.check_sums"), OK: true}, {Text: l.T("reading.check_hash"), OK: true, Note: m.SHA256}}
	v.People = []ui.Row{{Label: l.T("desk.prepared_by"), Value: label(l, codelist.Role, n.PreparedBy)}, {Label: l.T("desk.published_by"), Value: label(l, codelist.Role, n.PublishedBy)},
		{Label: l.T("page_release.published"), Value: momentOr(n.PublishedAt)}, {Label: l.T("desk.cut_off"), Value: momentOr(n.CutOff)}, {Label: l.T("reading.plan_hash"), Value: m.Method.PlanSHA256},
		{Label: l.T("desk.definition"), Value: m.Definition}, {Label: l.T("reading.lists"), Value: listVersions(m)}}
	return page(r, pages.QualityPage(d.statistics(r, "reading.quality_title", ui.PathQuality+"/"+n.ID.String()), v)), nil
}

func listVersions(m release.Manifest) string {
	var all []string
	for _, name := range codelist.Names() {
		if version, ok := m.CodeLists[string(name)]; ok {
			all = append(all, string(name)+" "+version)
		}
	}
	return strings.Join(all, ", ")
}
