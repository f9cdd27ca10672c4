package desk

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/i18n"
	"binhan/internal/release"
	"binhan/internal/site"
	pages "binhan/web/pages/release"
	"binhan/web/ui"
)

// The open pages: what a province gives to everybody. No session is looked for and no cookie is set; whoever asks too much has to wait.

// openRoutes are the public addresses. They stay: what was linked once is found again.
func (d *Desk) openRoutes() []site.Route {
	open := func(path string, do site.Endpoint) site.Route {
		return site.Route{Method: http.MethodGet, Path: path, Public: true, Bare: true, Do: func(r *site.Request) (site.Reply, error) {
			if d.o.Open == nil {
				return site.Reply{}, fault.Missing()
			}
			if err := d.o.Open.Admit(r.Address()); err != nil {
				return site.Reply{}, err
			}
			if l := i18n.Language(r.Query("lang")); slices.Contains(i18n.Languages, l) { // so that a link can say it
				r.Lang = l
			}
			return do(r)
		}}
	}
	return []site.Route{
		open(ui.PathOpen, d.getOpenList),
		open("/so-lieu/catalog.jsonld", d.getCatalogue),
		open("/so-lieu/:id", d.getOpenRelease),
		open("/so-lieu/:id/:table", d.getOpenTable),
		open("/so-lieu/:id/:table/o", d.getOpenFigure),
	}
}

func openPath(id string) string { return ui.PathOpen + "/" + id }

// How long others may keep what is open: a file of cells for ever, for it never changes; what may be worded anew for an hour; a page for five minutes.
const (
	keptForever = "public, max-age=31536000, immutable"
	keptAnHour  = "public, max-age=3600"
	keptShortly = "public, max-age=300"
)

func openPage(p templ.Component) site.Reply {
	return site.Reply{Page: p, Header: http.Header{"Cache-Control": {keptShortly}}}
}

// openFile answers with a file, or with 304 to whoever has it.
func openFile(r *site.Request, f release.OpenFile) site.Reply {
	h := http.Header{"Etag": {f.ETag}, "Cache-Control": {keptAnHour}, "Vary": {"Accept-Encoding"}}
	if f.Forever {
		h["Cache-Control"] = []string{keptForever}
	}
	for tag := range strings.SplitSeq(r.HTTP().Header.Get("If-None-Match"), ",") {
		if tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/"); tag == f.ETag || tag == "*" {
			return site.Reply{Status: http.StatusNotModified, Header: h}
		}
	}
	return site.Reply{Raw: f.Body, Type: f.Type, Header: h}
}

// openShell is the frame of the open pages: nobody is named in it.
func (d *Desk) openShell(r *site.Request, title, path string) ui.Shell {
	sh := ui.Shell{Lang: r.Lang, Title: title, Path: path, Assets: d.assets, TextSize: r.Cookie(site.SizeCookie), Wide: true}
	return sh
}

func (d *Desk) getOpenList(r *site.Request) (site.Reply, error) {
	list, err := d.o.Open.List(r.Context())
	if err != nil {
		return site.Reply{}, err
	}
	l := r.Lang
	v := pages.OpenList{Catalogue: "/so-lieu/catalog.jsonld"}
	for _, x := range list {
		row := pages.Report{Title: releaseTitle(l, x), Period: periodDays(x.Period), Href: openPath(x.ID.String())}
		if x.PublishedAt != nil {
			row.Published = day(*x.PublishedAt)
		}
		if x.State == release.Superseded {
			row.Note = l.T("desk.release_" + string(x.State))
		}
		v.Rows = append(v.Rows, row)
	}
	return openPage(pages.OpenListPage(d.openShell(r, "reading.open_title", ui.PathOpen), v)), nil
}

func (d *Desk) getCatalogue(r *site.Request) (site.Reply, error) {
	f, err := d.o.Open.Catalogue(r.Context())
	if err != nil {
		return site.Reply{}, err
	}
	return openFile(r, f), nil
}

func (d *Desk) openNumbersOf(r *site.Request) (numbers, error) {
	id, err := r.ID("id")
	if err != nil {
		return numbers{}, err
	}
	b, err := d.o.Open.Book(r.Context(), id)
	if err != nil {
		return numbers{}, err
	}
	return numbers{Release: b.Release, book: b, base: ui.PathOpen}, nil
}

func (d *Desk) getOpenRelease(r *site.Request) (site.Reply, error) {
	n, err := d.openNumbersOf(r)
	if err != nil {
		return site.Reply{}, err
	}
	l := r.Lang
	m := n.book.Manifest
	v := pages.Open{Title: releaseTitle(l, n.Release), Status: l.T("desk.release_" + string(n.State)), Tone: releaseTone(n.State), Guarantee: m.Guarantee[string(l)], Tables: n.links(l, ""),
		Manifest: n.path("manifest.json"), ADX: n.path("adx.xml"), Codes: n.path("adx-codes.csv"),
		Facts: []ui.Row{{Label: l.T("page_release.scope"), Value: scopeName(l, n.Scope)}, {Label: l.T("page_release.period"), Value: periodDays(n.Period)}, {Label: l.T("desk.people"), Value: n.people(l)},
			{Label: l.T("page_release.published"), Value: momentOr(n.PublishedAt)}, {Label: l.T("desk.published_by"), Value: label(l, codelist.Role, n.PublishedBy)}, {Label: l.T("desk.definition"), Value: m.Definition}},
		Method: method(l, m)}
	return openPage(pages.OpenPage(d.openShell(r, "reading.open_title", n.path()), v)), nil
}

// getOpenTable is a table's page, or a file when its name ends like one.
func (d *Desk) getOpenTable(r *site.Request) (site.Reply, error) {
	n, err := d.openNumbersOf(r)
	if err != nil {
		return site.Reply{}, err
	}
	name := r.Param("table")
	if strings.Contains(name, ".") {
		f, err := d.o.Open.File(r.Context(), n.ID, name)
		if err != nil {
			return site.Reply{}, err
		}
		reply := openFile(r, f)
		if ext := name[strings.LastIndex(name, ".")+1:]; reply.Raw != nil && slices.Contains([]string{"csv", "xlsx", "xml"}, ext) {
			reply.Header.Set("Content-Disposition", `attachment; filename="binhan-`+n.ID.String()[:8]+`-`+name+`"`)
		}
		return reply, nil
	}
	v, err := n.tableView(r.Lang, name)
	if err != nil {
		return site.Reply{}, err
	}
	return openPage(pages.TablePage(d.openShell(r, "reading.open_title", n.path(v.ID)), v)), nil
}

func (d *Desk) getOpenFigure(r *site.Request) (site.Reply, error) {
	n, err := d.openNumbersOf(r)
	if err != nil {
		return site.Reply{}, err
	}
	v, err := n.figure(r.Lang, r.Param("table"), r.Query("cell"))
	if err != nil {
		return site.Reply{}, err
	}
	return openPage(pages.FigurePage(d.openShell(r, "reading.figure_title", n.path(v.Table)), v)), nil
}
