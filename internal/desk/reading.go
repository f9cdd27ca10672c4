package desk

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"binhan/internal/codelist"
	"binhan/internal/i18n"
	"binhan/internal/release"
	pages "binhan/web/pages/release"
	"binhan/web/ui"
	"binhan/web/ui/chart"
)

// What a reader of statistics sees is laid out here: cells of a book into rows and columns, with the sums that she asked for, and the drawing of the same cells.

// CodeName is what a code of a dimension is called in a release: a commune by its name of the day, a register's area by the register.
func CodeName(r release.Release, dim, code string, l i18n.Language) string {
	if area, ok := strings.CutSuffix(code, "-"+codelist.Unknown); ok && dim == "commune" {
		return l.T("reading.rest_of", "area", CodeName(r, "area", area, l))
	}
	if code == codelist.Unknown || code == codelist.UnknownRelation {
		return l.T("desk.unknown")
	}
	switch dim {
	case "area":
		if m := registers()[r.Scope]; m != nil && code != r.Scope {
			return m.AreaLabel(code, l)
		}
		if code == r.Scope {
			return scopeName(l, code)
		}
		return codelist.AreaLabel(code)
	case "commune":
		if u, ok := codelist.Commune(code, lastDay(r)); ok {
			return u.Name
		}
		return communeName(code)
	case "month":
		return partialDay(code)
	case "age":
		if codelist.Get(codelist.AgeBands).Has(code) {
			return label(l, codelist.AgeBands, code)
		}
		return label(l, codelist.AgeBandReport, code)
	}
	if key := "reading.code_" + dim + "_" + strings.ToLower(code); l.Has(key) {
		return l.T(key)
	}
	return label(l, dimLists[dim], code)
}

func lastDay(r release.Release) time.Time {
	t, _ := time.Parse(time.DateOnly, r.Period.To)
	return t
}

var dimLists = map[string]codelist.Name{"form": codelist.ViolenceForm, "forms": codelist.ViolenceForm, "sex": codelist.Sex, "sex_perp": codelist.Sex, "relation": codelist.RelationshipGroups,
	"ethnic": codelist.EthnicityReportGroup, "service": codelist.ServiceType}

func dimName(l i18n.Language, dim string) string {
	if key := "reading.dim_" + dim; l.Has(key) {
		return l.T(key)
	}
	return dim
}

// dimNames joins the names of dimensions: "Giới tính và nhóm tuổi".
func dimNames(l i18n.Language, dims []string) string {
	if len(dims) == 0 {
		return l.T("desk.table_total")
	}
	names := make([]string, len(dims))
	for i, dim := range dims {
		names[i] = dimName(l, dim)
		if i > 0 {
			names[i] = strings.ToLower(names[i])
		}
	}
	return strings.Join(names, l.T("desk.and"))
}

func (n numbers) codeName(l i18n.Language, dim, code string) string {
	return CodeName(n.Release, dim, code, l)
}

func (n numbers) people(l i18n.Language) string {
	if n.book == nil {
		return ""
	}
	c, _, ok := n.book.Find("")
	if !ok {
		return ""
	}
	v := value(c, "")
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
		return chart.Value{Label: label, Mark: chart.Under, Lower: c.Lower, Upper: c.Upper}
	}
	return chart.Value{Label: label, Count: *c.Count, Lower: c.Lower, Upper: c.Upper}
}

func (n numbers) links(l i18n.Language, current string) []pages.TableLink {
	if n.book == nil {
		return nil
	}
	sums := map[string]string{}
	for _, t := range n.book.Manifest.Tables {
		sums[t.ID] = t.SHA256
	}
	var out []pages.TableLink
	for _, t := range n.book.Tables {
		under := 0
		for _, c := range t.Cells {
			if c.Count == nil {
				under++
			}
		}
		link := pages.TableLink{ID: t.TableID, Href: n.path(t.TableID), Title: dimNames(l, t.Dims), Note: l.T("desk.cells", "n", len(t.Cells)), SHA: sums[t.TableID], Current: t.TableID == current}
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

// file is the address of a published table as a file: the bytes whose hash the manifest tells.
func (n numbers) file(table, format string) string {
	if n.base == ui.PathOpen {
		return n.path(table + "." + format)
	}
	return "/api/v1/releases/" + n.ID.String() + "/tables/" + table + "?format=" + format
}

// figurePath is where a figure says what it is.
func (n numbers) figurePath(table string, s release.Selection) string {
	if table == "" {
		table = "total"
	}
	return n.path(table, "o") + "?cell=" + url.QueryEscape(s.String())
}

func (n numbers) source(l i18n.Language) string {
	cut := ""
	if n.CutOff != nil {
		cut = day(*n.CutOff)
	}
	return l.T("desk.source", "cut_off", cut, "people", n.people(l))
}

// head is one row or column: a code, or several that were merged, or the sum of all.
type head struct {
	sel   release.Selection
	label string
	total bool
}

// heads lists what stands along one side of a table: the codes of its dimensions in the order of the plan, the sum at the end. groups are codes to be merged.
func (n numbers) heads(l i18n.Language, t release.TableView, dims []string, groups [][]string, borders string) []head {
	if len(dims) == 0 {
		return []head{{sel: release.Selection{}, label: l.T("desk.people"), total: true}}
	}
	var all []head
	seen := map[string]bool{}
	for _, c := range t.Cells {
		sel := release.ParseSelection(c.Dims)
		own := release.Selection{}
		for _, dim := range dims {
			if sel[dim] != nil {
				own[dim] = sel[dim]
			}
		}
		if len(own) == 0 || seen[own.String()] {
			continue
		}
		seen[own.String()] = true
		var names []string
		for _, dim := range dims {
			if own[dim] == nil {
				names = append(names, l.T("desk.all"))
				continue
			}
			names = append(names, n.codeName(l, dim, own[dim][0]))
		}
		all = append(all, head{sel: own, label: strings.Join(names, " · ")})
	}
	slices.SortStableFunc(all, func(a, b head) int { return len(b.sel) - len(a.sel) }) // sums of a part after the parts
	if len(dims) == 1 {
		all = merged(l, dims[0], all, groups)
		if borders == borders2025 && dims[0] == "commune" {
			all = n.recoded(all)
		}
	}
	return append(all, head{sel: release.Selection{}, label: l.T("desk.all"), total: true})
}

// merged puts the rows of each group into the place of its first.
func merged(l i18n.Language, dim string, all []head, groups [][]string) []head {
	for _, g := range groups {
		var rest []head
		at := -1
		for _, h := range all {
			if len(h.sel[dim]) == 1 && slices.Contains(g, h.sel[dim][0]) {
				if at < 0 {
					at = len(rest)
					rest = append(rest, head{sel: release.Selection{}})
				}
				rest[at].sel[dim] = append(rest[at].sel[dim], h.sel[dim][0])
				rest[at].label = joined(" + ", rest[at].label, h.label)
				continue
			}
			rest = append(rest, h)
		}
		if at >= 0 && len(rest) < len(all) {
			all = rest
		}
	}
	return all
}

const borders2025 = "2025"

// recoded puts communes into those that they went into on 1 July 2025. Each went whole into one, so the sum is exact; what cannot be placed stays as it is.
func (n numbers) recoded(all []head) []head {
	var out []head
	at := map[string]int{}
	on := lastDay(n.Release)
	for _, h := range all {
		key, name := h.sel.String(), h.label
		if len(h.sel["commune"]) == 1 {
			if u, ok := codelist.Commune(h.sel["commune"][0], on); ok {
				next := codelist.Successor(u)
				key, name = "=> "+next.Code, next.Name
			}
		}
		i, there := at[key]
		if !there {
			at[key] = len(out)
			out = append(out, head{sel: release.Selection{"commune": slices.Clone(h.sel["commune"])}, label: name})
			continue
		}
		out[i].sel["commune"] = append(out[i].sel["commune"], h.sel["commune"]...)
	}
	return out
}

// oldCommunes tells whether the release counts communes that do not live any more.
func (n numbers) oldCommunes() bool {
	_, ok := n.book.Holding("commune")
	return ok && lastDay(n.Release).Before(time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC)) && registers()[n.Scope] == nil
}

// layout says how a table is shown.
type layout struct {
	table         release.TableView
	rows, columns []string
	mergeRows     [][]string
	mergeColumns  [][]string
	borders       string
	share, sorted bool
}

// grid is a table laid out.
type grid struct {
	layout
	rowHeads, columnHeads []head
	cells                 [][]shown
	under, all            int
}

type shown struct {
	release.CellView
	table string
	sel   release.Selection
	there bool
}

func both(a, b release.Selection) release.Selection {
	s := release.Selection{}
	for _, x := range []release.Selection{a, b} {
		for dim, codes := range x {
			s[dim] = codes
		}
	}
	return s
}

func (n numbers) grid(l i18n.Language, lay layout) grid {
	g := grid{layout: lay, rowHeads: n.heads(l, lay.table, lay.rows, lay.mergeRows, lay.borders), columnHeads: n.heads(l, lay.table, lay.columns, lay.mergeColumns, lay.borders)}
	for _, r := range g.rowHeads {
		var line []shown
		for _, c := range g.columnHeads {
			x := shown{sel: both(r.sel, c.sel)}
			x.CellView, x.table, x.there = n.book.Sum(x.sel)
			if x.there {
				g.all++
				if x.Count == nil {
					g.under++
				}
			}
			line = append(line, x)
		}
		g.cells = append(g.cells, line)
	}
	if lay.sorted {
		g.sort()
	}
	return g
}

// sort orders rows by the last column, the sum, the largest first; what is withheld keeps its place among its like, so that order tells nothing.
func (g *grid) sort() {
	order := make([]int, len(g.rowHeads))
	for i := range order {
		order[i] = i
	}
	size := func(i int) int64 {
		c := g.cells[i][len(g.cells[i])-1]
		switch {
		case g.rowHeads[i].total:
			return -2
		case !c.there || c.Count == nil:
			return -1
		}
		return *c.Count
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(size(b), size(a)) })
	heads, cells := make([]head, len(order)), make([][]shown, len(order))
	for i, k := range order {
		heads[i], cells[i] = g.rowHeads[k], g.cells[k]
	}
	g.rowHeads, g.cells = heads, cells
}

// rank is the place of a row by its sum, where its interval touches no other row's; else "not told apart".
func (g *grid) rank(l i18n.Language, i int) string {
	own := g.cells[i][len(g.cells[i])-1]
	if g.rowHeads[i].total || !own.there {
		return ""
	}
	before := 1
	for k, line := range g.cells {
		other := line[len(line)-1]
		if k == i || g.rowHeads[k].total || !other.there {
			continue
		}
		if !release.Differ(own.CellView, other.CellView) {
			return l.T("reading.alike")
		}
		if other.Lower > own.Upper {
			before++
		}
	}
	return strconv.Itoa(before)
}

// shareLeast is the base below which no share is told.
const shareLeast = 50

// share is a cell as a part of its column's sum, "" where none is told.
func share(l i18n.Language, c, base release.CellView) string {
	if base.Count == nil || *base.Count < shareLeast || c.Count == nil {
		return ""
	}
	p := (*c.Count*200 + *base.Count) / (2 * *base.Count)
	low := c.Lower * 100 / max(1, base.Upper)
	high := min(100, (c.Upper*100+max(1, base.Lower)-1)/max(1, base.Lower))
	switch {
	case p < 5:
		return l.T("reading.share_least")
	case p > 95:
		return l.T("reading.share_most")
	}
	return l.T("reading.share", "p", p, "low", low, "high", high)
}

// fill writes a grid into the view of a table, and draws it.
func (n numbers) fill(l i18n.Language, g grid, v *pages.Table) {
	v.RowHead = dimNames(l, g.rows)
	if len(g.rows) == 0 {
		v.RowHead = l.T("reading.what")
	}
	for _, h := range g.columnHeads {
		v.Columns = append(v.Columns, h.label)
	}
	if len(g.columns) == 0 {
		v.Columns = []string{l.T("desk.people")}
	}
	v.Ranked = g.sorted && len(g.rows) > 0
	last := len(g.cells) - 1
	for k, h := range g.rowHeads {
		if h.total {
			last = k
		}
	}
	for i, h := range g.rowHeads {
		row := pages.TableRow{Label: h.label, Total: h.total && len(g.rows) > 0}
		if v.Ranked {
			row.Rank = g.rank(l, i)
		}
		for c, x := range g.cells[i] {
			f := pages.Figure{Value: chart.Value{Mark: chart.Missing}}
			if x.there {
				f.Value, f.Href = value(x.CellView, ""), n.figurePath(x.table, x.sel)
				if g.share && !h.total {
					f.Share = share(l, x.CellView, g.cells[last][c].CellView)
				}
			}
			row.Cells = append(row.Cells, f)
		}
		v.Rows = append(v.Rows, row)
	}
	if g.under > 0 {
		v.Counter = l.T("reading.counter", "under", g.under, "n", g.all)
	}
	n.draw(l, g, v)
}

// mostDrawn bounds the small charts of one page; they are the columns of the table in its order.
const mostDrawn = 16

// draw adds the drawing of the same cells: bars for names, a line for months, small multiples on one scale for two dimensions, a map for places that it has.
func (n numbers) draw(l i18n.Language, g grid, v *pages.Table) {
	if len(g.rows) != 1 {
		return // one number needs no drawing
	}
	row := g.rows[0]
	values := func(c int) []chart.Value {
		var out []chart.Value
		for i, h := range g.rowHeads {
			if h.total {
				continue
			}
			x := g.cells[i][c]
			val := chart.Value{Label: h.label, Mark: chart.Missing}
			if x.there {
				val = value(x.CellView, h.label)
			}
			if code := h.sel["month"]; row == "month" && len(code) == 1 {
				if code[0] == codelist.Unknown {
					continue // no point of time
				}
				if n.inOneYear() {
					val.Label = strconv.Itoa(int(monthOf(code[0])))
				}
			}
			out = append(out, val)
		}
		return out
	}
	sum := len(g.columnHeads) - 1
	title := joined(", ", v.Title, periodName(l, n.Period))
	time := row == "month" && !g.sorted
	switch {
	case len(g.columns) == 0 && time:
		v.Lines = &chart.Lines{ID: v.ID, Title: title, Source: v.Source, Values: values(sum), Draft: n.draft, Finding: n.finding(l, g)}
	case len(g.columns) == 0:
		v.Bars = &chart.Bars{ID: v.ID, Title: title, Source: v.Source, Values: values(sum), Draft: n.draft, Finding: n.finding(l, g)}
	default:
		var top int64
		drawn := 0
		for c := range sum {
			top = max(top, chart.Max(values(c)))
		}
		for c := range sum {
			if !slices.ContainsFunc(values(c), func(x chart.Value) bool { return x.Mark == chart.Number }) || drawn >= mostDrawn {
				continue // nothing to see, and the table says so
			}
			drawn++
			b := chart.Bars{ID: v.ID + strconv.Itoa(c), Title: g.columnHeads[c].label, Values: values(c), Series: 1, Max: top, Draft: n.draft}
			if time {
				v.Courses = append(v.Courses, chart.Lines(b))
			} else {
				v.Groups = append(v.Groups, b)
			}
		}
	}
	n.mapOf(l, g, v, title)
}

func (n numbers) inOneYear() bool { return n.Period.From[:4] == n.Period.To[:4] }

func monthOf(code string) time.Month {
	t, err := time.Parse("2006-01", code)
	if err != nil {
		return 0
	}
	return t.Month()
}

// finding says what one sees, where the intervals let it be said.
func (n numbers) finding(l i18n.Language, g grid) string {
	best := -1
	for i, h := range g.rowHeads {
		c := g.cells[i][len(g.cells[i])-1]
		if h.total || !c.there || c.Count == nil {
			continue
		}
		if best < 0 || *c.Count > *g.cells[best][len(g.cells[best])-1].Count {
			best = i
		}
	}
	if best < 0 {
		return ""
	}
	top := g.cells[best][len(g.cells[best])-1]
	for i, h := range g.rowHeads {
		c := g.cells[i][len(g.cells[i])-1]
		if i != best && !h.total && c.there && c.Upper >= top.Lower {
			return l.T("reading.finding_alike")
		}
	}
	return l.T("reading.finding_most", "what", g.rowHeads[best].label, "people", value(top.CellView, "").Text(l), "range", value(top.CellView, "").Range(l))
}

// mapOf shades the communes of former Kon Tum, each by its own number or by that of its former district.
func (n numbers) mapOf(l i18n.Language, g grid, v *pages.Table, title string) {
	row := g.rows[0]
	if row != "area" && row != "commune" || registers()[n.Scope] != nil {
		return
	}
	byCode := map[string]chart.Value{}
	for i, h := range g.rowHeads {
		x := g.cells[i][len(g.cells[i])-1]
		if h.total || !x.there {
			continue
		}
		codes := h.sel[row]
		if row == "commune" {
			// Only whole communes of today have an outline.
			u, ok := codelist.Commune(codes[0], lastDay(n.Release))
			if !ok || g.borders != borders2025 && !u.ValidTo.IsZero() {
				continue
			}
			codes = []string{codelist.Successor(u).Code}
		}
		for _, code := range codes {
			byCode[code] = value(x.CellView, h.label)
		}
	}
	o := codelist.KonTum()
	m := &chart.Map{ID: "map-" + v.ID, Title: title, Source: v.Source, Wide: o.Widest, Tall: o.Tallest}
	known := 0
	for _, c := range o.Communes {
		code := c.Code
		u, ok := codelist.AnyCommune(code)
		if row == "area" && ok {
			code = u.FormerDistrict
		}
		val, there := byCode[code]
		if !there {
			val = chart.Value{Label: u.Name, Mark: chart.Missing}
		} else {
			known++
			if row == "area" {
				val.Label = u.Name + ", " + val.Label
			}
		}
		m.Places = append(m.Places, chart.Place{Path: c.Path, Value: val})
	}
	if known > 0 {
		v.Map = m
	}
}
