package app

import (
	"binhan/internal/site"
)

// routes is the whole surface. A route that is not reachable from here does not exist.
func (a *App) routes() []site.Route {
	var all []site.Route
	for _, part := range [][]site.Route{
		site.SessionRoutes(),
		a.Directory.Routes(),
		a.Cases.Routes(),
		a.Referrals.Routes(),
	} {
		all = append(all, part...)
	}
	return all
}
