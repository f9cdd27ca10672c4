package desk

import (
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/i18n"
	"binhan/internal/release"
	"binhan/internal/site"
	pages "binhan/web/pages/release"
	"binhan/web/ui"
)

// choice is what a reader chose, as it stands in the address: a table can be kept, sent on and printed by it. It names codes of published tables and nobody.
type choice struct {
	Release string `json:"release"`
	Rows    string `json:"rows"`
	Columns string `json:"columns"`
	Borders string `json:"borders"`
	Show    string `json:"show"`
	Sort    string `json:"sort"`
	Merge   struct {
		Rows    []string `json:"rows"` // each a group of codes, "608;610"
		Columns []string `json:"columns"`
	} `json:"merge"`
}

// href is the address of a choice.
func (c choice) href() string {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("release", c.Release)
	set("rows", c.Rows)
	set("columns", c.Columns)
	set("borders", c.Borders)
	set("show", c.Show)
	set("sort", c.Sort)
	for _, g := range c.Merge.Rows {
		q.Add("merge.rows", g)
	}
	for _, g := range c.Merge.Columns {
		q.Add("merge.columns", g)
	}
	return ui.PathBuilder + "?" + q.Encode()
}

// builder is where the reader of a table goes to choose other rows and columns.
func (n numbers) builder(dims []string) string {
	c := choice{Release: n.ID.String()}
	if len(dims) > 0 {
		c.Rows = dims[0]
	}
	if len(dims) > 1 {
		c.Columns = dims[1]
	}
	return c.href()
}

func groupsOf(texts []string) [][]string {
	var groups [][]string
	for _, t := range texts {
		if g := strings.Split(t, ";"); len(g) > 1 {
			groups = append(groups, g)
		}
	}
	return groups
}

// latest is the newest published release of her own scope, any scope's when there is none; uuid.Nil when nothing is published.
func (d *Desk) latest(r *site.Request) ([]release.Release, release.Release, error) {
	p, err := d.o.Releases.List(r.Context(), r.Who, 100, "")
	if err != nil {
		return nil, release.Release{}, err
	}
	var list []release.Release
	for _, x := range p.Items {
		if x.State == release.Published {
			list = append(list, x)
		}
	}
	slices.SortStableFunc(list, func(a, b release.Release) int {
		if c := strings.Compare(b.Period.To, a.Period.To); c != 0 {
			return c
		}
		return strings.Compare(b.Period.From, a.Period.From)
	})
	for _, x := range list {
		if x.Scope == r.Who.Province && yearly(x) {
			return list, x, nil
		}
	}
	for _, x := range list {
		if yearly(x) {
			return list, x, nil
		}
	}
	if len(list) > 0 {
		return list, list[0], nil
	}
	return nil, release.Release{}, nil
}

func (d *Desk) getBuilder(r *site.Request) (site.Reply, error) {
	var c choice
	if err := r.QueryInto(&c); err != nil {
		return site.Reply{}, err
	}
	l := r.Lang
	list, newest, err := d.latest(r)
	if err != nil {
		return site.Reply{}, err
	}
	v := pages.Builder{Action: ui.PathBuilder}
	sh := d.statistics(r, "reading.build_title", ui.PathBuilder)
	id := newest.ID
	if c.Release != "" {
		if id, err = uuid.Parse(c.Release); err != nil {
			return site.Reply{}, fault.Missing()
		}
	}
	if id == uuid.Nil {
		return page(r, pages.BuilderPage(sh, v)), nil
	}
	n, err := d.openNumbers(r, id)
	if err != nil {
		return site.Reply{}, err
	}
	if n.book == nil || n.draft {
		return site.Reply{}, fault.Missing()
	}
	c.Release = id.String()
	for _, x := range list {
		v.Releases = append(v.Releases, ui.Option{Value: x.ID.String(), Label: releaseTitle(l, x)})
	}
	n.offer(l, c, &v)
	n.build(l, c, &v)
	return page(r, pages.BuilderPage(sh, v)), nil
}

// offer lists what can be chosen.
func (n numbers) offer(l i18n.Language, c choice, v *pages.Builder) {
	v.Form = ui.Form{Values: map[string][]string{"release": {c.Release}, "rows": {c.Rows}, "columns": {c.Columns}, "borders": {c.Borders}, "show": {c.Show}, "sort": {c.Sort}}}
	var dims []string
	for _, t := range n.book.Tables {
		for _, dim := range t.Dims {
			if !slices.Contains(dims, dim) {
				dims = append(dims, dim)
			}
		}
	}
	for _, dim := range dims {
		v.RowDims = append(v.RowDims, ui.Option{Value: dim, Label: dimName(l, dim)})
	}
	for _, dim := range dims {
		if dim == c.Rows || c.Rows == "" {
			continue
		}
		if _, ok := n.book.Holding(c.Rows, dim); ok {
			v.ColumnDims = append(v.ColumnDims, ui.Option{Value: dim, Label: dimName(l, dim)})
		}
	}
	if n.oldCommunes() {
		v.Borders = []ui.Option{{Value: borders2025, Label: l.T("reading.borders_2025")}}
	}
	v.Shows = []ui.Option{{Value: "share", Label: l.T("reading.show_share")}}
	v.Sorts = []ui.Option{{Value: "count", Label: l.T("reading.sort_count")}}
}

// build fills in the chosen table, or says why there is none.
func (n numbers) build(l i18n.Language, c choice, v *pages.Builder) {
	var dims []string
	for _, dim := range []string{c.Rows, c.Columns} {
		if dim != "" {
			dims = append(dims, dim)
		}
	}
	t, ok := n.book.Holding(dims...)
	if !ok || c.Rows == "" && c.Columns != "" || c.Rows == c.Columns && c.Rows != "" {
		v.Problem = l.T("reading.no_such_table")
		return
	}
	lay := layout{table: t, mergeRows: groupsOf(c.Merge.Rows), mergeColumns: groupsOf(c.Merge.Columns), borders: c.Borders, share: c.Show == "share", sorted: c.Sort == "count"}
	if c.Rows != "" {
		lay.rows = []string{c.Rows}
	}
	if c.Columns != "" {
		lay.columns = []string{c.Columns}
	}
	g := n.grid(l, lay)
	v.Table = pages.Table{Release: n.ID.String(), Back: n.path(), Heading: releaseTitle(l, n.Release), ID: t.TableID, Title: dimNames(l, dims), Unit: l.T("desk.person"), Source: n.source(l),
		CSV: n.file(t.TableID, "csv"), XLSX: n.file(t.TableID, "xlsx"), Whole: n.path(t.TableID)}
	n.fill(l, g, &v.Table)
	v.Table.Notes = n.notes(l, dims, c.Borders)
	lay.sorted = false // neighbours are those of the list
	v.Table.Merges = n.merges(l, c, n.grid(l, lay))
	if len(c.Merge.Rows)+len(c.Merge.Columns) > 0 {
		plain := c
		plain.Merge.Rows, plain.Merge.Columns = nil, nil
		v.Undo = plain.href()
	}
}

func (n numbers) notes(l i18n.Language, dims []string, borders string) []string {
	var notes []string
	switch {
	case registers()[n.Scope] != nil:
	case slices.Contains(dims, "area"):
		notes = append(notes, l.T("desk.areas_note"))
	case slices.Contains(dims, "commune") && borders == borders2025:
		notes = append(notes, l.T("reading.borders_note"))
	}
	if slices.Contains(dims, "forms") {
		notes = append(notes, l.T("reading.forms_note"))
	}
	return notes
}

// unknownHead: what nobody knows is not merged with what somebody does.
func unknownHead(h head, dim string) bool {
	return slices.ContainsFunc(h.sel[dim], func(code string) bool {
		return code == codelist.Unknown || code == codelist.UnknownRelation || strings.HasSuffix(code, "-"+codelist.Unknown)
	})
}

// ordered are the dimensions whose neighbours alone make sense together.
var ordered = []string{"age", "month", "time_bin"}

const mergesOffered = 3 // merges at a time

// merges proposes what would free most cells: for each side, two rows whose sum can be printed where they could not; for months, the quarters.
func (n numbers) merges(l i18n.Language, c choice, g grid) []pages.Merge {
	if g.under == 0 {
		return nil
	}
	type offer struct {
		freed int
		text  string
		c     choice
	}
	var offers []offer
	side := func(dims []string, heads, others []head, columns bool) {
		if len(dims) != 1 || len(heads) > 60 {
			return
		}
		dim := dims[0]
		known := 0
		for _, h := range heads {
			if !h.total && !unknownHead(h, dim) {
				known++
			}
		}
		if known < 3 || dim == "forms" {
			return // two that become one say nothing any more; and a person may be in several forms
		}
		cell := func(i, k int) shown {
			if columns {
				return g.cells[k][i]
			}
			return g.cells[i][k]
		}
		with := func(groups ...[]string) choice {
			out := c
			list := &out.Merge.Rows
			if columns {
				list = &out.Merge.Columns
			}
			kept := slices.Clone(*list)
			for _, group := range groups {
				kept = append(kept, strings.Join(group, ";"))
			}
			*list = kept
			return out
		}
		// freed counts the withheld cells that go away where the sum can be printed, less the numbers that are given up for it; 0 when it prints nothing new.
		freed := func(members []int) int {
			sum := release.Selection{}
			for _, i := range members {
				sum[dim] = append(sum[dim], heads[i].sel[dim]...)
			}
			gone, lost, prints := 0, 0, false
			for k := range others {
				hidden, printed := 0, 0
				for _, i := range members {
					switch x := cell(i, k); {
					case !x.there:
					case x.Count == nil:
						hidden++
					default:
						printed++
					}
				}
				if hidden == 0 {
					lost += printed - 1
					continue
				}
				if x, _, ok := n.book.Sum(both(others[k].sel, sum)); ok && x.Count != nil {
					gone, prints, lost = gone+hidden, prints || printed == 0, lost+printed
				} else {
					gone += hidden - 1
				}
			}
			if !prints || gone <= lost {
				return 0
			}
			return gone
		}
		var small []int // rows whose sum itself is withheld
		for i, a := range heads {
			if x := cell(i, len(others)-1); !a.total && !unknownHead(a, dim) && x.there && x.Count == nil {
				small = append(small, i)
			}
			for k := i + 1; k < len(heads); k++ {
				b := heads[k]
				if a.total || b.total || unknownHead(a, dim) || unknownHead(b, dim) || len(a.sel[dim]) == 0 || len(b.sel[dim]) == 0 || slices.Contains(ordered, dim) && k != i+1 {
					continue
				}
				if f := freed([]int{i, k}); f > 0 {
					offers = append(offers, offer{f, l.T("reading.merge_two", "one", a.label, "other", b.label, "n", f), with(slices.Concat(a.sel[dim], b.sel[dim]))})
				}
			}
		}
		if len(small) > 2 && !slices.Contains(ordered, dim) {
			var codes []string
			for _, i := range small {
				codes = append(codes, heads[i].sel[dim]...)
			}
			if f := freed(small); f > 0 {
				offers = append(offers, offer{f, l.T("reading.merge_small", "n", len(small), "freed", f), with(codes)})
			}
		}
		if dim == "month" {
			var groups [][]string
			total := 0
			for i := 0; i+3 < len(heads); i += 3 {
				var g []string
				for _, h := range heads[i : i+3] {
					if len(h.sel[dim]) != 1 || len(h.sel[dim][0]) != len("2026-11") {
						return
					}
					g = append(g, h.sel[dim][0])
				}
				groups = append(groups, g)
				total += freed([]int{i, i + 1, i + 2})
			}
			if total > 0 {
				offers = append(offers, offer{total, l.T("reading.merge_quarters", "n", total), with(groups...)})
			}
		}
	}
	side(g.rows, g.rowHeads, g.columnHeads, false)
	side(g.columns, g.columnHeads, g.rowHeads, true)
	slices.SortStableFunc(offers, func(a, b offer) int { return b.freed - a.freed })
	var out []pages.Merge
	for _, o := range offers[:min(mergesOffered, len(offers))] {
		out = append(out, pages.Merge{Text: o.text, Href: o.c.href()})
	}
	return out
}

func (d *Desk) getTable(r *site.Request) (site.Reply, error) {
	n, err := d.readNumbers(r)
	if err != nil {
		return site.Reply{}, err
	}
	v, err := n.tableView(r.Lang, r.Param("table"))
	if err != nil {
		return site.Reply{}, err
	}
	return page(r, pages.TablePage(d.statistics(r, "page_release.list_title", n.path(v.ID)), v)), nil
}

// tableView is one table of the plan: its first dimension down, the others across.
func (n numbers) tableView(l i18n.Language, id string) (pages.Table, error) {
	if n.book == nil {
		return pages.Table{}, fault.Missing()
	}
	t, ok := n.book.Table(id)
	if !ok {
		return pages.Table{}, fault.Missing()
	}
	v := pages.Table{Release: n.ID.String(), Back: n.path(), Heading: releaseTitle(l, n.Release), ID: t.TableID, Title: dimNames(l, t.Dims), Unit: l.T("desk.person"), Source: n.source(l), Draft: n.draft, Others: n.links(l, t.TableID)}
	lay := layout{table: t}
	if len(t.Dims) > 0 {
		lay.rows, lay.columns = t.Dims[:1], t.Dims[1:]
	}
	g := n.grid(l, lay)
	if !n.draft {
		v.CSV, v.XLSX = n.file(id, "csv"), n.file(id, "xlsx")
		if n.base == ui.PathReleases {
			v.Build = n.builder(t.Dims)
			c := choice{Release: n.ID.String()}
			if len(t.Dims) > 0 {
				c.Rows = t.Dims[0]
			}
			if len(t.Dims) == 2 {
				c.Columns = t.Dims[1]
			}
			if len(t.Dims) < 3 {
				v.Merges = n.merges(l, c, g)
			}
		} else {
			v.JSON, v.CSVW = n.file(id, "json"), n.file(id, "csv-metadata.json")
		}
	}
	n.fill(l, g, &v)
	v.Notes = n.notes(l, t.Dims, "")
	return v, nil
}
