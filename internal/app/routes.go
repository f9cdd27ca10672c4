package app

import (
	"net/http"

	"binhan/docs"
	"binhan/internal/site"
)

// routes is the whole surface. A route that is not reachable from here does not exist.
func (a *App) routes() []site.Route {
	var all []site.Route
	for _, part := range [][]site.Route{
		{{Method: http.MethodGet, Path: "/api/v1/openapi.yaml", Public: true, Do: contract}},
		site.PolicyRoutes(),
		site.SessionRoutes(),
		site.AccountRoutes(),
		a.Directory.Routes(),
		a.Cases.Routes(),
		a.Referrals.Routes(),
		a.Releases.Routes(),
		a.Campaigns.Routes(),
		a.Audit.Routes(),
		a.Rights.Routes(),
		a.Desk.Routes(),
	} {
		all = append(all, part...)
	}
	if a.Evidence != nil {
		all = append(all, a.Evidence.Routes()...)
	}
	return all
}

// contract is what partner systems may rely on, for anybody who asks.
func contract(*site.Request) (site.Reply, error) {
	return site.Reply{Raw: docs.OpenAPI, Type: "application/yaml; charset=utf-8"}, nil
}
