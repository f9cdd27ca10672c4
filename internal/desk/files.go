package desk

import (
	"strings"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/evidence"
	"binhan/internal/fault"
	"binhan/internal/i18n"
	"binhan/internal/site"
	pages "binhan/web/pages/casefile"
	"binhan/web/ui"
)

// fileRoutes are there where the program has a store for files.
func (d *Desk) fileRoutes() []site.Route {
	if d.o.Evidence == nil {
		return nil
	}
	upload := post("/ho-so/:id/tai-lieu", access.AttachEvidence, d.postFile, d.fileAgain)
	upload.Big = evidence.MaxSize + 1<<20
	routes := []site.Route{upload}
	for _, api := range d.o.Evidence.Routes() {
		if strings.HasSuffix(api.Path, "/evidence/:id/content") {
			routes = append(routes, get("/tai-lieu/:id", access.ReadEvidence, api.Do)) // the same bytes under the page's address
		}
	}
	return routes
}

// listFiles are the files of a case, none where this reader may not list them.
func (d *Desk) listFiles(r *site.Request, caseID uuid.UUID, can func(access.Act) bool) ([]pages.File, error) {
	if d.o.Evidence == nil || !can(access.ListEvidence) {
		return nil, nil
	}
	files, err := d.o.Evidence.List(r.Context(), r.Who, caseID)
	if err != nil {
		return nil, err
	}
	var out []pages.File
	for _, f := range files {
		if f.Damaged {
			f.Name = r.Lang.T("desk.damaged_file")
		}
		out = append(out, pages.File{ID: f.ID.String(), Name: f.Name, Description: f.Description, Kind: fileKind(r.Lang, f.Type), Size: fileSize(r.Lang, f.Size),
			Added: joined(", ", moment(f.AddedAt), f.AddedBy.Name), MayOpen: can(access.ReadEvidence)})
	}
	return out, nil
}

func fileKind(l i18n.Language, mediaType string) string {
	family, _, _ := strings.Cut(mediaType, "/")
	switch {
	case mediaType == "application/pdf":
		return "PDF"
	case family == "image", family == "audio", family == "video", family == "text":
		return l.T("desk.file_" + family)
	}
	return l.T("desk.file_other")
}

func fileSize(l i18n.Language, bytes int64) string {
	const kilo, mega = 1 << 10, 1 << 20
	switch {
	case bytes >= mega:
		return ui.Count(l, (bytes+mega/2)/mega) + " MB"
	case bytes >= kilo:
		return ui.Count(l, (bytes+kilo/2)/kilo) + " KB"
	}
	return l.T("desk.bytes", "n", bytes)
}

// postFile seals a file while it arrives and keeps it with the case.
func (d *Desk) postFile(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	if !strings.HasPrefix(r.HTTP().Header.Get("Content-Type"), "multipart/form-data") {
		return site.Reply{}, fault.New(fault.MediaType, "media_type")
	}
	if _, err := d.o.Evidence.Receive(r, id); err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.CasePath(id.String()), "file_added"), nil
}

// fileAgain shows the case with what was wrong. The file itself must be chosen again: no browser sends back what it was given.
func (d *Desk) fileAgain(r *site.Request, err error) (site.Reply, error) {
	id, idErr := r.ID("id")
	if idErr != nil {
		return site.Reply{}, idErr
	}
	f := ui.Form{Problems: problems(r.Lang, err, nil)}
	for i := range f.Problems {
		if f.Problems[i].Field == "" || f.Problems[i].Field == "size" {
			f.Problems[i].Field = "file"
		}
	}
	return d.readCase(r, id, caseForms{upload: f})
}
