package casefile

import (
	"net/http"

	"binhan/internal/access"
	"binhan/internal/consent"
	"binhan/internal/fault"
	"binhan/internal/site"
)

// Routes is the JSON surface of cases.
func (s *Service) Routes() []site.Route {
	return []site.Route{
		{Method: http.MethodPost, Path: "/api/v1/cases", Act: access.RecordCase, Do: s.postCase},
		{Method: http.MethodGet, Path: "/api/v1/cases", Act: access.ListCases, Do: s.getCases},
		{Method: http.MethodPost, Path: "/api/v1/cases/search", Act: access.SearchCases, Do: s.postSearch},
		{Method: http.MethodGet, Path: "/api/v1/cases/:id", Act: access.ReadCase, Do: s.getCase},
		{Method: http.MethodPatch, Path: "/api/v1/cases/:id", Act: access.CorrectCase, Do: s.patchCase},
		{Method: http.MethodPost, Path: "/api/v1/cases/:id/reveal", Act: access.RevealCase, Do: s.postReveal},
		{Method: http.MethodGet, Path: "/api/v1/cases/:id/access", Act: access.SeeAccess, Do: s.getAccess},
		{Method: http.MethodGet, Path: "/api/v1/cases/:id/history", Act: access.SeeHistory, Do: s.getHistory},
		{Method: http.MethodGet, Path: "/api/v1/cases/:id/incidents", Act: access.ReadCase, Do: s.getIncidents},
		{Method: http.MethodPost, Path: "/api/v1/cases/:id/incidents", Act: access.AddIncident, Do: s.postIncident},
		{Method: http.MethodGet, Path: "/api/v1/cases/:id/incidents/:incident", Act: access.ReadCase, Do: s.getIncident},
		{Method: http.MethodGet, Path: "/api/v1/cases/:id/consents", Act: access.ReadCase, Do: s.getConsents},
		{Method: http.MethodPost, Path: "/api/v1/cases/:id/consents", Act: access.RecordConsent, Do: s.postConsent},
		{Method: http.MethodGet, Path: "/api/v1/cases/:id/consents/:consent", Act: access.ReadCase, Do: s.getConsent},
		{Method: http.MethodPost, Path: "/api/v1/cases/:id/assignments", Act: access.AssignCase, Do: s.postAssignment},
		{Method: http.MethodGet, Path: "/api/v1/workload", Act: access.SeeWorkload, Do: s.getWorkload},
		{Method: http.MethodGet, Path: "/api/v1/cases/:id/walls", Act: access.SeeWalls, Do: s.getWalls},
		{Method: http.MethodPost, Path: "/api/v1/cases/:id/walls", Act: access.SetWall, Do: s.postWall},
		{Method: http.MethodPost, Path: "/api/v1/cases/:id/walls/:wall/lifting", Act: access.LiftWall, Do: s.postWallLifting},
		{Method: http.MethodPost, Path: "/api/v1/cases/:id/seal", Act: access.SealCase, Do: s.postSeal},
		{Method: http.MethodPost, Path: "/api/v1/cases/:id/unsealing", Act: access.UnsealCase, Do: s.postUnsealing},
		{Method: http.MethodGet, Path: "/api/v1/seals", Act: access.ListSeals, Do: s.getSeals},
		{Method: http.MethodPost, Path: "/api/v1/seals/:id/agreement", Act: access.AgreeSeal, Do: s.postSealAgreement},
		{Method: http.MethodPost, Path: "/api/v1/cases/known", Act: access.AskKnown, Do: s.postKnown},
		{Method: http.MethodPost, Path: "/api/v1/cases/:id/export", Act: access.ExportCase, Do: s.postExport},
		{Method: http.MethodPost, Path: "/api/v1/cases/:id/break-glass", Act: access.BreakTheGlass, Do: s.postBreakGlass},
		{Method: http.MethodPost, Path: "/api/v1/break-glass", Act: access.BreakTheGlass, Do: s.postBreakGlassByCode},
		{Method: http.MethodGet, Path: "/api/v1/break-glass", Act: access.ListBreakGlass, Do: s.getBreakGlasses},
		{Method: http.MethodGet, Path: "/api/v1/break-glass/:id", Act: access.ReadBreakGlass, Do: s.getBreakGlass},
		{Method: http.MethodPost, Path: "/api/v1/break-glass/:id/review", Act: access.ReviewBreakGlass, Do: s.postReview},
		{Method: http.MethodPost, Path: "/api/v1/break-glass/:id/safety-request", Act: access.AskSafety, Do: s.postSafetyRequest},
		{Method: http.MethodPost, Path: "/api/v1/break-glass/:id/safety", Act: access.OpenSafety, Do: s.postSafety},
		{Method: http.MethodGet, Path: "/api/v1/shelters/:id/location", Act: access.LocateShelter, Do: s.getShelter},
		{Method: http.MethodPost, Path: "/api/v1/shelters/:id/location", Act: access.PlaceShelter, Do: s.postShelter},
		{Method: http.MethodGet, Path: "/api/v1/notices", Act: access.ListNotices, Do: s.getNotices},
		{Method: http.MethodPost, Path: "/api/v1/notices/seen", Act: access.SeeNotice, Do: s.postSeen},
	}
}

func (s *Service) postCase(r *site.Request) (site.Reply, error) {
	var cmd RecordCommand
	if err := r.Bind(&cmd); err != nil {
		return site.Reply{}, err
	}
	v, err := s.Record(r.Context(), r.Who, cmd)
	return site.Reply{Status: http.StatusCreated, Body: v, Location: v.Location(), Version: v.Version}, err
}

func (s *Service) getCases(r *site.Request) (site.Reply, error) {
	var f Filter
	if err := r.QueryInto(&f); err != nil {
		return site.Reply{}, err
	}
	p, err := s.List(r.Context(), r.Who, f)
	return site.Reply{Body: p}, err
}

func (s *Service) postSearch(r *site.Request) (site.Reply, error) {
	var cmd SearchCommand
	if err := r.Bind(&cmd); err != nil {
		return site.Reply{}, err
	}
	p, err := s.Search(r.Context(), r.Who, cmd)
	return site.Reply{Body: p}, err
}

func (s *Service) getCase(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	v, err := s.Read(r.Context(), r.Who, id)
	return site.Reply{Body: v, Version: v.Version}, err
}

// PatchOf makes the correction of a JSON merge patch (RFC 7396).
func PatchOf(patch []byte) Patch {
	return func(document []byte) (Document, error) {
		var asked, after Document
		if err := site.Decode(patch, &asked); err != nil { // wrong names and types are problems of the patch
			return Document{}, err
		}
		merged, err := site.MergePatch(document, patch)
		if err != nil {
			return Document{}, err
		}
		return after, site.Decode(merged, &after)
	}
}

func (s *Service) patchCase(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	version, err := r.IfMatch()
	if err != nil {
		return site.Reply{}, err
	}
	body, err := r.Body()
	if err != nil {
		return site.Reply{}, err
	}
	v, err := s.Correct(r.Context(), r.Who, id, version, PatchOf(body))
	return site.Reply{Body: v, Version: v.Version}, err
}

func (s *Service) postReveal(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	var cmd RevealCommand
	if err := r.Bind(&cmd); err != nil {
		return site.Reply{}, err
	}
	v, err := s.Reveal(r.Context(), r.Who, id, cmd)
	return site.Reply{Body: v, Version: v.Version}, err
}

func (s *Service) getAccess(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	var f AccessFilter
	if err := r.QueryInto(&f); err != nil {
		return site.Reply{}, err
	}
	p, err := s.Access(r.Context(), r.Who, id, f)
	return site.Reply{Body: p}, err
}

func (s *Service) getHistory(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	list, err := s.History(r.Context(), r.Who, id)
	return site.Reply{Body: items[Correction]{Items: list}}, err
}

// items is the shape of every list, paged or not.
type items[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next"`
}

func (s *Service) getIncidents(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	v, err := s.Read(r.Context(), r.Who, id)
	if v.Incidents == nil {
		v.Incidents = []IncidentView{}
	}
	return site.Reply{Body: items[IncidentView]{Items: v.Incidents}}, err
}

func (s *Service) postIncident(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	var cmd Incident
	if err := r.Bind(&cmd); err != nil {
		return site.Reply{}, err
	}
	v, err := s.AddIncident(r.Context(), r.Who, id, cmd)
	return site.Reply{Status: http.StatusCreated, Body: v, Location: v.Location()}, err
}

func (s *Service) getIncident(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	one, err := r.ID("incident")
	if err != nil {
		return site.Reply{}, err
	}
	v, err := s.Read(r.Context(), r.Who, id)
	if err != nil {
		return site.Reply{}, err
	}
	for _, i := range v.Incidents {
		if i.ID == one {
			return site.Reply{Body: i}, nil
		}
	}
	return site.Reply{}, fault.Missing()
}

func (s *Service) getConsents(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	list, err := s.Consents(r.Context(), r.Who, id)
	if list == nil {
		list = []consent.View{}
	}
	return site.Reply{Body: items[consent.View]{Items: list}}, err
}

func (s *Service) postConsent(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	var cmd consent.Command
	if err := r.Bind(&cmd); err != nil {
		return site.Reply{}, err
	}
	v, err := s.Consent(r.Context(), r.Who, id, cmd)
	return site.Reply{Status: http.StatusCreated, Body: v, Location: v.Location()}, err
}

func (s *Service) getConsent(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	one, err := r.ID("consent")
	if err != nil {
		return site.Reply{}, err
	}
	list, err := s.Consents(r.Context(), r.Who, id)
	if err != nil {
		return site.Reply{}, err
	}
	for _, v := range list {
		if v.ID == one {
			return site.Reply{Body: v}, nil
		}
	}
	return site.Reply{}, fault.Missing()
}

func (s *Service) postAssignment(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	var cmd AssignCommand
	if err := r.Bind(&cmd); err != nil {
		return site.Reply{}, err
	}
	v, err := s.Assign(r.Context(), r.Who, id, cmd)
	return site.Reply{Status: http.StatusCreated, Body: v, Version: v.Version}, err
}
