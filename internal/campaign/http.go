package campaign

import (
	"io"
	"net/http"
	"strconv"
	"strings"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/i18n"
	"binhan/internal/site"
)

// Routes is the JSON surface of campaigns.
func (s *Service) Routes() []site.Route {
	const year = "/api/v1/campaigns/:year"
	const unit = year + "/units/:unit"
	upload := site.Route{Method: http.MethodPost, Path: unit + "/sheet", Act: access.WriteActivities, Big: MostSheet + 1<<16, Do: s.postSheet}
	routes := []site.Route{
		{Method: http.MethodGet, Path: "/api/v1/campaigns", Act: access.ReadCampaign, Do: s.getCampaigns},
		{Method: http.MethodPost, Path: "/api/v1/campaigns", Act: access.KeepCampaign, Do: s.postCampaign},
		{Method: http.MethodGet, Path: year, Act: access.ReadCampaign, Do: s.getCampaign},
		{Method: http.MethodPatch, Path: year, Act: access.KeepCampaign, Do: s.patchCampaign},
		{Method: http.MethodGet, Path: year + "/editions", Act: access.ReadCampaign, Do: s.getEditions},
		{Method: http.MethodGet, Path: year + "/units", Act: access.ReadCampaign, Do: s.getUnits},
		{Method: http.MethodPost, Path: year + "/units", Act: access.KeepCampaign, Do: s.postUnit},
		{Method: http.MethodDelete, Path: unit, Act: access.KeepCampaign, Do: s.deleteUnit},
		{Method: http.MethodPost, Path: year + "/reminders", Act: access.RemindUnit, Do: s.postReminders},
		{Method: http.MethodPost, Path: unit + "/reminders", Act: access.RemindUnit, Do: s.postReminder},
		{Method: http.MethodGet, Path: unit + "/activities", Act: access.ReadActivities, Do: s.getActivities},
		{Method: http.MethodPut, Path: unit + "/activities", Act: access.WriteActivities, Do: s.putActivities},
		{Method: http.MethodGet, Path: unit + "/activities/:number", Act: access.ReadActivities, Do: s.getHanded},
		{Method: http.MethodPost, Path: unit + "/submission", Act: access.SubmitActivities, Do: s.postSubmission},
		{Method: http.MethodPost, Path: unit + "/supplement", Act: access.SubmitActivities, Do: s.postSupplement},
		{Method: http.MethodPost, Path: unit + "/return", Act: access.ReturnActivities, Do: s.postReturn},
		{Method: http.MethodGet, Path: unit + "/sheet", Act: access.ReadActivities, Do: s.getSheet},
		upload,
		{Method: http.MethodGet, Path: year + "/report/draft", Act: access.ReadCampaignReport, Do: s.getLive},
		{Method: http.MethodPut, Path: year + "/report/draft", Act: access.WriteReport, Do: s.putLive},
		{Method: http.MethodGet, Path: year + "/report/versions", Act: access.ReadCampaignReport, Do: s.getVersions},
		{Method: http.MethodPost, Path: year + "/report/versions", Act: access.PrepareReport, Do: s.postVersion},
		{Method: http.MethodGet, Path: year + "/report/versions/:number", Act: access.ReadCampaignReport, Do: s.getVersion},
		{Method: http.MethodGet, Path: year + "/report/versions/:number/difference", Act: access.ReadCampaignReport, Do: s.getDifference},
		{Method: http.MethodPost, Path: year + "/report/versions/:number/decision", Act: access.DecideReport, Do: s.postDecision},
		{Method: http.MethodPost, Path: year + "/report/versions/:number/publication", Act: access.PublishReport, Do: s.postPublication},
	}
	return append(routes, s.paperRoutes()...)
}

type items[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next"`
}

// yearOf reads the year of the path. What is no year is year 0, which no campaign has: the body is judged first, as on every route, and then nothing is there.
func yearOf(r *site.Request) int {
	year, err := Year(r.Param("year"))
	if err != nil {
		return 0
	}
	return year
}

// number reads a positive number of the path; what is none is -1, which nothing has.
func number(r *site.Request) int {
	n, err := strconv.Atoi(r.Param("number"))
	if err != nil || n < 1 || n > 1_000_000 || strconv.Itoa(n) != r.Param("number") {
		return -1
	}
	return n
}

// nothing takes an empty body or an empty object.
func nothing(r *site.Request) error {
	if r.HTTP().ContentLength == 0 {
		return nil
	}
	var none struct{}
	return r.Bind(&none)
}

func (s *Service) getCampaigns(r *site.Request) (site.Reply, error) {
	list, err := s.List(r.Context(), r.Who)
	return site.Reply{Body: items[Campaign]{Items: list}}, err
}

func (s *Service) postCampaign(r *site.Request) (site.Reply, error) {
	var cmd BeginCommand
	if err := r.Bind(&cmd); err != nil {
		return site.Reply{}, err
	}
	c, err := s.Begin(r.Context(), r.Who, cmd)
	return site.Reply{Status: http.StatusCreated, Body: c, Version: c.Version, Location: c.Location()}, err
}

func (s *Service) getCampaign(r *site.Request) (site.Reply, error) {
	year := yearOf(r)
	c, err := s.Read(r.Context(), r.Who, year)
	return site.Reply{Body: c, Version: c.Version}, err
}

func (s *Service) patchCampaign(r *site.Request) (site.Reply, error) {
	version, err := r.IfMatch()
	if err != nil {
		return site.Reply{}, err
	}
	var cmd KeepCommand
	if err := r.Bind(&cmd); err != nil {
		return site.Reply{}, err
	}
	year := yearOf(r)
	c, err := s.Keep(r.Context(), r.Who, year, version, cmd)
	return site.Reply{Body: c, Version: c.Version}, err
}

func (s *Service) getEditions(r *site.Request) (site.Reply, error) {
	year := yearOf(r)
	list, err := s.History(r.Context(), r.Who, year)
	return site.Reply{Body: items[Campaign]{Items: list}}, err
}

func (s *Service) getUnits(r *site.Request) (site.Reply, error) {
	year := yearOf(r)
	b, err := s.Units(r.Context(), r.Who, year)
	return site.Reply{Body: b}, err
}

func (s *Service) postUnit(r *site.Request) (site.Reply, error) {
	var cmd UnitCommand
	if err := r.Bind(&cmd); err != nil {
		return site.Reply{}, err
	}
	year := yearOf(r)
	u, err := s.AddUnit(r.Context(), r.Who, year, cmd)
	return site.Reply{Status: http.StatusCreated, Body: u}, err
}

func (s *Service) deleteUnit(r *site.Request) (site.Reply, error) {
	year := yearOf(r)
	u, err := s.RemoveUnit(r.Context(), r.Who, year, r.Param("unit"))
	return site.Reply{Body: u}, err
}

func (s *Service) postReminders(r *site.Request) (site.Reply, error) {
	if err := nothing(r); err != nil {
		return site.Reply{}, err
	}
	year := yearOf(r)
	list, err := s.RemindAll(r.Context(), r.Who, year)
	return site.Reply{Body: items[Reminder]{Items: list}}, err
}

func (s *Service) postReminder(r *site.Request) (site.Reply, error) {
	if err := nothing(r); err != nil {
		return site.Reply{}, err
	}
	year := yearOf(r)
	m, err := s.Remind(r.Context(), r.Who, year, r.Param("unit"))
	return site.Reply{Status: http.StatusCreated, Body: m}, err
}

// described puts the sentences of a draft's problems beside their keys.
type described struct {
	Activities
	Problems []describedFinding `json:"problems"`
}

type describedFinding struct {
	Finding
	Detail string `json:"detail"`
}

func describe(l i18n.Language, a Activities) described {
	d := described{Activities: a, Problems: []describedFinding{}}
	for _, p := range a.Problems {
		d.Problems = append(d.Problems, describedFinding{p, l.Fill("problem."+p.Key, p.Args)})
	}
	return d
}

func (s *Service) getActivities(r *site.Request) (site.Reply, error) {
	year := yearOf(r)
	a, err := s.Activities(r.Context(), r.Who, year, r.Param("unit"))
	return site.Reply{Body: describe(r.Lang, a), Version: a.Version}, err
}

func (s *Service) putActivities(r *site.Request) (site.Reply, error) {
	version, err := r.IfMatch()
	if err != nil {
		return site.Reply{}, err
	}
	var cmd WriteCommand
	if err := r.Bind(&cmd); err != nil {
		return site.Reply{}, err
	}
	year := yearOf(r)
	a, err := s.Write(r.Context(), r.Who, year, r.Param("unit"), version, cmd)
	return site.Reply{Body: describe(r.Lang, a), Version: a.Version}, err
}

func (s *Service) getHanded(r *site.Request) (site.Reply, error) {
	year := yearOf(r)
	n := number(r)
	c, err := s.Handed(r.Context(), r.Who, year, r.Param("unit"), n)
	return site.Reply{Body: c}, err
}

// postSubmission takes the version from If-Match where it is given: what is handed in is then exactly what was read.
func (s *Service) postSubmission(r *site.Request) (site.Reply, error) {
	version := 0
	if r.HTTP().Header.Get("If-Match") != "" {
		var err error
		if version, err = r.IfMatch(); err != nil {
			return site.Reply{}, err
		}
	}
	if err := nothing(r); err != nil {
		return site.Reply{}, err
	}
	year := yearOf(r)
	a, err := s.Submit(r.Context(), r.Who, year, r.Param("unit"), version)
	return site.Reply{Body: describe(r.Lang, a), Version: a.Version}, err
}

func (s *Service) postSupplement(r *site.Request) (site.Reply, error) {
	if err := nothing(r); err != nil {
		return site.Reply{}, err
	}
	year := yearOf(r)
	a, err := s.Supplement(r.Context(), r.Who, year, r.Param("unit"))
	return site.Reply{Body: describe(r.Lang, a), Version: a.Version}, err
}

func (s *Service) postReturn(r *site.Request) (site.Reply, error) {
	var cmd ReturnCommand
	if err := r.Bind(&cmd); err != nil {
		return site.Reply{}, err
	}
	year := yearOf(r)
	a, err := s.Return(r.Context(), r.Who, year, r.Param("unit"), cmd)
	return site.Reply{Body: describe(r.Lang, a), Version: a.Version}, err
}

func (s *Service) getSheet(r *site.Request) (site.Reply, error) {
	year := yearOf(r)
	raw, a, err := s.Sheet(r.Context(), r.Who, year, r.Param("unit"))
	return site.Reply{Raw: raw, Type: SheetType, Header: http.Header{"Content-Disposition": {`attachment; filename="bao-cao-` + strconv.Itoa(year) + `-` + a.Unit.Code + `.xlsx"`}}}, err
}

func (s *Service) postSheet(r *site.Request) (site.Reply, error) {
	year := yearOf(r)
	if _, err := s.Activities(r.Context(), r.Who, year, r.Param("unit")); err != nil {
		return site.Reply{}, err // whoever has no such unit is told nothing about files
	}
	raw, err := Upload(r)
	if err != nil {
		return site.Reply{}, err
	}
	p, err := s.ReadSheet(r.Context(), r.Who, year, r.Param("unit"), raw)
	return site.Reply{Body: p}, err
}

// Upload reads a workbook from a request: the body itself, or the part "file" of a form.
func Upload(r *site.Request) ([]byte, error) {
	req := r.HTTP()
	kind, _, _ := strings.Cut(req.Header.Get("Content-Type"), ";")
	var from io.Reader
	switch strings.TrimSpace(kind) {
	case SheetType, "application/octet-stream":
		from = req.Body
	case "multipart/form-data":
		parts, err := req.MultipartReader()
		if err != nil {
			return nil, fault.New(fault.Malformed, "not_a_form")
		}
		for range 20 {
			part, err := parts.NextPart()
			if err != nil {
				break
			}
			if part.FormName() == "file" {
				from = part
				break
			}
		}
		if from == nil {
			return nil, fault.Bad(fault.Problem{Pointer: "/file", Key: "required"})
		}
	default:
		return nil, fault.New(fault.MediaType, "media_type")
	}
	raw, err := io.ReadAll(io.LimitReader(from, MostSheet+1))
	if err != nil {
		return nil, fault.New(fault.Malformed, "not_a_form").Because(err)
	}
	if len(raw) > MostSheet {
		return nil, fault.New(fault.TooLarge, "too_large")
	}
	if len(raw) == 0 {
		return nil, fault.Bad(fault.Problem{Pointer: "/file", Key: "required"})
	}
	return raw, nil
}

func (s *Service) getLive(r *site.Request) (site.Reply, error) {
	year := yearOf(r)
	l, err := s.Live(r.Context(), r.Who, year)
	return site.Reply{Body: l, Version: l.Draft.Version}, err
}

func (s *Service) putLive(r *site.Request) (site.Reply, error) {
	version, err := r.IfMatch()
	if err != nil {
		return site.Reply{}, err
	}
	var cmd TextsCommand
	if err := r.Bind(&cmd); err != nil {
		return site.Reply{}, err
	}
	year := yearOf(r)
	l, err := s.WriteTexts(r.Context(), r.Who, year, version, cmd)
	return site.Reply{Body: l, Version: l.Draft.Version}, err
}

func (s *Service) getVersions(r *site.Request) (site.Reply, error) {
	year := yearOf(r)
	list, err := s.Versions(r.Context(), r.Who, year)
	return site.Reply{Body: items[Version]{Items: list}}, err
}

func (s *Service) postVersion(r *site.Request) (site.Reply, error) {
	if err := nothing(r); err != nil {
		return site.Reply{}, err
	}
	year := yearOf(r)
	v, err := s.Prepare(r.Context(), r.Who, year)
	return site.Reply{Status: http.StatusCreated, Body: v, Location: v.Location()}, err
}

func (s *Service) getVersion(r *site.Request) (site.Reply, error) {
	year := yearOf(r)
	n := number(r)
	v, err := s.Version(r.Context(), r.Who, year, n)
	return site.Reply{Body: v}, err
}

type differenceQuery struct {
	To int `json:"to"`
}

func (s *Service) getDifference(r *site.Request) (site.Reply, error) {
	year := yearOf(r)
	n := number(r)
	var q differenceQuery
	if err := r.QueryInto(&q); err != nil {
		return site.Reply{}, err
	}
	if q.To < 0 {
		return site.Reply{}, fault.Bad(fault.Problem{Pointer: "/to", Key: "out_of_range", Args: map[string]any{"least": 0, "most": 1_000_000}})
	}
	d, err := s.Difference(r.Context(), r.Who, year, n, q.To)
	return site.Reply{Body: d}, err
}

func (s *Service) postDecision(r *site.Request) (site.Reply, error) {
	var cmd DecideCommand
	if err := r.Bind(&cmd); err != nil {
		return site.Reply{}, err
	}
	year := yearOf(r)
	n := number(r)
	v, err := s.Decide(r.Context(), r.Who, year, n, cmd)
	return site.Reply{Body: v}, err
}

func (s *Service) postPublication(r *site.Request) (site.Reply, error) {
	if err := nothing(r); err != nil {
		return site.Reply{}, err
	}
	year := yearOf(r)
	n := number(r)
	v, err := s.Publish(r.Context(), r.Who, year, n)
	return site.Reply{Body: v}, err
}
