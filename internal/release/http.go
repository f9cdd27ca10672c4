package release

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/paper"
	"binhan/internal/site"
)

// Routes is the JSON surface of releases.
func (s *Service) Routes() []site.Route {
	return append(s.paperRoutes(), []site.Route{
		{Method: http.MethodGet, Path: "/api/v1/releases", Act: access.ReadRelease, Do: s.getReleases},
		{Method: http.MethodPost, Path: "/api/v1/releases", Act: access.PrepareRelease, Do: s.postRelease},
		{Method: http.MethodGet, Path: "/api/v1/releases/:id", Act: access.ReadRelease, Do: s.getRelease},
		{Method: http.MethodGet, Path: "/api/v1/releases/:id/check", Act: access.CheckRelease, Do: s.getCheck},
		{Method: http.MethodPost, Path: "/api/v1/releases/:id/resumption", Act: access.PrepareRelease, Do: s.postResumption},
		{Method: http.MethodPost, Path: "/api/v1/releases/:id/publication", Act: access.PublishRelease, Do: s.postPublication},
		{Method: http.MethodGet, Path: "/api/v1/releases/:id/manifest.json", Act: access.ReadRelease, Do: s.getManifest},
		{Method: http.MethodGet, Path: "/api/v1/releases/:id/tables", Act: access.ReadRelease, Do: s.getTables},
		{Method: http.MethodGet, Path: "/api/v1/releases/:id/tables/:table", Act: access.ReadRelease, Do: s.getTable},
	}...)
}

type listQuery struct {
	Limit   int    `json:"limit"`
	Cursor  string `json:"cursor"`
	Pending bool   `json:"pending"`
}

// listReply is the shape of every list: next is null on the last page.
type listReply struct {
	Items []Release `json:"items"`
	Next  *string   `json:"next"`
}

func (s *Service) getReleases(r *site.Request) (site.Reply, error) {
	var q listQuery
	if err := r.QueryInto(&q); err != nil {
		return site.Reply{}, err
	}
	if q.Limit < 0 || q.Limit > 100 {
		return site.Reply{}, fault.Bad(fault.Problem{Pointer: "/limit", Key: "out_of_range", Args: map[string]any{"least": 1, "most": 100}})
	}
	if q.Pending {
		list, err := s.Pending(r.Context(), r.Who)
		return site.Reply{Body: listReply{Items: list}}, err
	}
	p, err := s.List(r.Context(), r.Who, q.Limit, q.Cursor)
	out := listReply{Items: p.Items}
	if p.Next != "" {
		out.Next = &p.Next
	}
	return site.Reply{Body: out}, err
}

// postRelease reserves the budget and answers; the draw goes on by itself. Its end is seen in the state of the release.
func (s *Service) postRelease(r *site.Request) (site.Reply, error) {
	var cmd PrepareCommand
	if err := r.Bind(&cmd); err != nil {
		return site.Reply{}, err
	}
	res, err := s.Start(r.Context(), r.Who, cmd)
	return site.Reply{Status: http.StatusAccepted, Body: res, Location: res.Location()}, err
}

// Start reserves a release and draws it behind the answer. Asking again gives what is there.
func (s *Service) Start(ctx context.Context, who access.Actor, cmd PrepareCommand) (Release, error) {
	res, err := s.Reserve(ctx, who, cmd)
	if err != nil {
		return Release{}, err
	}
	s.behind(ctx, who, res)
	return res.Release, nil
}

// behind draws when there is something to draw. A draw that fails marks its cube as failed, and one that is killed leaves it to be resumed: nothing
// waits for it, so nothing is lost with the answer.
func (s *Service) behind(ctx context.Context, who access.Actor, res Reservation) {
	if res.Fresh() {
		go func() { _, _ = s.Draw(context.WithoutCancel(ctx), who, res) }()
	}
}

// getRelease shows a published release to whoever may read statistics, and one in preparation to those who prepare and check it.
func (s *Service) getRelease(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	v, err := s.Find(r.Context(), r.Who, id)
	return site.Reply{Body: v}, err
}

// Find is Get, and State for a release that is not published yet.
func (s *Service) Find(ctx context.Context, who access.Actor, id uuid.UUID) (Release, error) {
	v, err := s.Get(ctx, who, id)
	if errors.Is(err, fault.NotFound) {
		return s.State(ctx, who, id)
	}
	return v, err
}

func (s *Service) getCheck(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	v, err := s.Check(r.Context(), r.Who, id)
	return site.Reply{Body: v}, err
}

type resumeCommand struct {
	Reason string `json:"reason"`
}

func (s *Service) postResumption(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	var cmd resumeCommand
	if err := r.Bind(&cmd); err != nil {
		return site.Reply{}, err
	}
	res, err := s.Resume(r.Context(), r.Who, id, cmd.Reason)
	if err != nil {
		return site.Reply{}, err
	}
	s.behind(r.Context(), r.Who, res)
	return site.Reply{Status: http.StatusAccepted, Body: res.Release, Location: res.Release.Location()}, nil
}

func (s *Service) postPublication(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	var nothing struct{}
	if err := r.Bind(&nothing); err != nil {
		return site.Reply{}, err
	}
	v, err := s.Publish(r.Context(), r.Who, id)
	return site.Reply{Body: v}, err
}

func (s *Service) getManifest(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	_, m, err := s.Export(r.Context(), r.Who, id)
	return site.Reply{Body: m}, err
}

// format is what the reader asked for: ?format= first, then Accept, JSON otherwise.
func format(r *site.Request) (string, error) {
	switch f := r.Query("format"); f {
	case "json", "csv", "xlsx", "docx", "pdf", "html":
		return f, nil
	case "":
	default:
		return "", fault.Bad(fault.Problem{Pointer: "/format", Key: "unknown_code", Args: map[string]any{"list": "json, csv, xlsx, docx, pdf, html"}})
	}
	accept := r.HTTP().Header.Get("Accept")
	switch {
	case strings.Contains(accept, "text/csv"):
		return "csv", nil
	case strings.Contains(accept, "spreadsheetml"):
		return "xlsx", nil
	case strings.Contains(accept, "wordprocessingml"):
		return "docx", nil
	case strings.Contains(accept, "application/pdf"):
		return "pdf", nil
	}
	return "json", nil
}

const csvType = "text/csv; charset=utf-8"

// attachment names a file by release and table, which say nothing about anybody.
func attachment(id uuid.UUID, table, ext string) http.Header {
	return http.Header{"Content-Disposition": {`attachment; filename="binhan-` + id.String()[:8] + `-` + table + `.` + ext + `"`}}
}

func (s *Service) getTables(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	f, err := format(r)
	if err != nil {
		return site.Reply{}, err
	}
	if f == "csv" {
		raw, _, err := s.Export(r.Context(), r.Who, id)
		return site.Reply{Raw: raw, Type: csvType, Header: attachment(id, "tables", f)}, err
	}
	if f != "json" {
		return s.onPaper(r.Context(), r, id, "", paper.Format(f))
	}
	tables, err := s.Tables(r.Context(), r.Who, id)
	if err != nil {
		return site.Reply{}, err
	}
	return site.Reply{Body: struct {
		Items []TableView `json:"items"`
		Next  *string     `json:"next"`
	}{Items: tables}}, nil
}

func (s *Service) getTable(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	f, err := format(r)
	if err != nil {
		return site.Reply{}, err
	}
	name := r.Param("table")
	if f == "csv" {
		raw, err := s.TableCSV(r.Context(), r.Who, id, name)
		return site.Reply{Raw: raw, Type: csvType, Header: attachment(id, "table", f)}, err
	}
	if f != "json" {
		return s.onPaper(r.Context(), r, id, name, paper.Format(f))
	}
	t, err := s.Table(r.Context(), r.Who, id, name)
	if err != nil {
		return site.Reply{}, err
	}
	return site.Reply{Body: t}, nil
}
