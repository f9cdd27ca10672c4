package desk

import (
	"math"
	"strconv"
	"strings"

	"binhan/internal/fault"
	"binhan/internal/i18n"
	"binhan/internal/release"
	"binhan/internal/site"
	pages "binhan/web/pages/release"
	"binhan/web/ui"
)

// getFigure opens one figure: what it is called, what it counts, by which lists and which definition, from which table and cell, between which numbers, and why it
// is rounded or withheld.
func (d *Desk) getFigure(r *site.Request) (site.Reply, error) {
	n, err := d.readNumbers(r)
	if err != nil {
		return site.Reply{}, err
	}
	v, err := n.figure(r.Lang, r.Param("table"), r.Query("cell"))
	if err != nil {
		return site.Reply{}, err
	}
	return page(r, pages.FigurePage(d.statistics(r, "reading.figure_title", n.path(v.Table)), v)), nil
}

func (n numbers) figure(l i18n.Language, table, cell string) (pages.Definition, error) {
	if n.book == nil {
		return pages.Definition{}, fault.Missing()
	}
	t, ok := n.book.Table(table)
	if !ok || len(cell) > 8000 {
		return pages.Definition{}, fault.Missing()
	}
	sel := release.ParseSelection(cell)
	c, from, ok := n.book.Sum(sel)
	if !ok {
		return pages.Definition{}, fault.Missing()
	}
	v := pages.Definition{Table: table, Back: n.path(table), Heading: dimNames(l, t.Dims) + ", " + releaseTitle(l, n.Release), Name: n.figureName(l, sel), Figure: pages.Figure{Value: value(c, "")}, Draft: n.draft}
	v.What = append(v.What, l.T("reading.what_people"))
	adds := 1
	for _, dim := range t.Dims {
		if codes := sel[dim]; len(codes) > 0 {
			adds *= len(codes)
			if key := "reading.what_" + dim; l.Has(key) {
				v.What = append(v.What, l.T(key))
			}
		}
	}
	if adds > 1 {
		v.What = append(v.What, l.T("reading.what_sum", "n", adds))
	}
	m := n.book.Manifest
	interval := ui.Count(l, c.Lower) + "–" + ui.Count(l, c.Upper)
	var lists []string
	for _, d := range n.book.Plan.Dims {
		if sel[d.Name] != nil && d.List != "" {
			lists = append(lists, d.List+" "+m.CodeLists[d.List])
		}
	}
	for _, dim := range []string{"area", "commune"} {
		if sel[dim] != nil {
			lists = append(lists, l.T("reading.list_areas"))
		}
	}
	noise := ""
	for _, e := range m.Tables {
		if e.ID == from && e.Sigma2.Den > 0 {
			noise = l.T("reading.noise", "sd", strings.Replace(strconv.FormatFloat(math.Sqrt(float64(e.Sigma2.Num)/float64(e.Sigma2.Den)), 'f', 1, 64), ".", map[i18n.Language]string{i18n.Vietnamese: ",", i18n.English: "."}[l], 1))
		}
	}
	v.Facts = []ui.Row{
		{Label: l.T("reading.interval"), Value: interval}, {Label: l.T("page_release.release"), Value: releaseTitle(l, n.Release)}, {Label: l.T("page_release.period"), Value: periodDays(n.Period)},
		{Label: l.T("reading.of_table"), Value: dimNames(l, t.Dims) + " (" + table + ")"}, {Label: l.T("reading.cell"), Value: map[bool]string{true: l.T("desk.all"), false: c.Dims}[c.Dims == ""]},
		{Label: l.T("reading.lists"), Value: strings.Join(lists, ", ")}, {Label: l.T("desk.definition"), Value: m.Definition}, {Label: l.T("reading.noise_label"), Value: noise},
		{Label: l.T("desk.cut_off"), Value: momentOr(n.CutOff)}, {Label: l.T("reading.release_id"), Value: n.ID.String()},
	}
	if c.Count == nil {
		v.WhyTitle, v.Why = l.T("reading.why_withheld"), []string{l.T("reading.why_withheld_1"), l.T("reading.why_withheld_2"), l.T("reading.why_withheld_3", "upper", c.Upper)}
	} else {
		v.WhyTitle, v.Why = l.T("reading.why_rounded"), []string{l.T("reading.why_rounded_1"), l.T("reading.why_rounded_2", "range", interval), l.T("reading.why_rounded_3")}
	}
	if n.base == ui.PathReleases && !n.draft && len(t.Dims) > 0 && len(t.Dims) < 3 {
		c := choice{Release: n.ID.String(), Rows: t.Dims[0]}
		lay := layout{table: t, rows: t.Dims[:1], columns: t.Dims[1:]}
		if len(t.Dims) == 2 {
			c.Columns = t.Dims[1]
		}
		if v.Figure.Mark != "" {
			v.Merges = n.merges(l, c, n.grid(l, lay))
		}
	}
	return v, nil
}

// figureName names a figure by its codes: "Huyện Ngọc Hồi, bạo lực thể chất".
func (n numbers) figureName(l i18n.Language, sel release.Selection) string {
	var parts []string
	for part := range strings.SplitSeq(sel.String(), ";") {
		if dim, code, ok := strings.Cut(part, "="); ok {
			parts = append(parts, dimName(l, dim)+": "+n.codeName(l, dim, code))
		}
	}
	if len(parts) == 0 {
		return l.T("reading.everybody")
	}
	return strings.Join(parts, "; ")
}
