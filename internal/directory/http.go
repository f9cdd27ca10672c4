package directory

import (
	"net/http"
	"slices"
	"time"

	"binhan/internal/access"
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/i18n"
	"binhan/internal/site"
)

// Routes is the JSON surface of the directory and the code lists.
func (s *Service) Routes() []site.Route {
	return []site.Route{
		{Method: http.MethodGet, Path: "/api/v1/organisations", Act: access.ReadDirectory, Do: s.getOrganisations},
		{Method: http.MethodGet, Path: "/api/v1/services", Act: access.ReadDirectory, Do: s.getServices},
		{Method: http.MethodGet, Path: "/api/v1/codelists/:name", Act: access.ReadDirectory, Do: s.getCodelist},
	}
}

type items[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next"`
}

func (s *Service) getOrganisations(r *site.Request) (site.Reply, error) {
	list, err := s.Organisations(r.Context(), r.Who)
	return site.Reply{Body: items[Organisation]{Items: list}}, err
}

func (s *Service) getServices(r *site.Request) (site.Reply, error) {
	var f OfferFilter
	if err := r.QueryInto(&f); err != nil {
		return site.Reply{}, err
	}
	list, err := s.Offers(r.Context(), r.Who, f)
	return site.Reply{Body: items[Offer]{Items: list}}, err
}

type codeEntry struct {
	Code  string `json:"code"`
	Vi    string `json:"vi"`
	En    string `json:"en"`
	Valid bool   `json:"valid"`
}

func (s *Service) getCodelist(r *site.Request) (site.Reply, error) {
	name := codelist.Name(r.Param("name"))
	if !slices.Contains(codelist.Names(), name) {
		return site.Reply{}, fault.Missing()
	}
	out := items[codeEntry]{Items: []codeEntry{}}
	now := time.Now()
	for _, e := range codelist.Get(name).Entries() {
		out.Items = append(out.Items, codeEntry{e.Code, e.Label(i18n.Vietnamese), e.Label(i18n.English), e.ValidOn(now)})
	}
	return site.Reply{Body: out}, nil
}
