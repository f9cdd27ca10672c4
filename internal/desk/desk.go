// Package desk is the pages: it composes what the slices know into what one person reads at her desk, and turns her forms into their commands.
//
// A page is never a second way in. Each route declares the act of the service that it calls, the same as the JSON route beside it, and everything goes
// through that service and so through the gate; what the policy closes to a role is a page that does not exist. A form's field names are the paths
// of the JSON body, so both surfaces fill one command and meet one check. A refused form comes back whole, with the problem beside the field. What
// was done is answered by 303, so that a reload repeats nothing; a reveal is the exception, because what it opens is shown once and has no address.
//
// Addresses hold random ids and nothing else; titles name kinds of pages; lists hold codes. The words a page shows are already chosen here, in the
// reader's language, with the labels of the code lists and the clock of Vietnam; package web only draws them. Nothing imports desk but app.
package desk

import (
	"net/http"

	"binhan/internal/access"
	"binhan/internal/audit"
	"binhan/internal/campaign"
	"binhan/internal/casefile"
	"binhan/internal/directory"
	"binhan/internal/evidence"
	"binhan/internal/fault"
	"binhan/internal/referral"
	"binhan/internal/release"
	"binhan/internal/rights"
	"binhan/internal/site"
	"binhan/web"
	"binhan/web/ui"
)

// Options are the services that the pages are made of.
type Options struct {
	Cases     *casefile.Service
	Directory *directory.Service
	Referrals *referral.Service
	Evidence  *evidence.Service // nil where there is no store for files
	Releases  *release.Service
	Campaigns *campaign.Service
	Open      *release.OpenData // nil where nothing is open to everybody
	Rights    *rights.Service
	Audit     *audit.Service
	Demo      Demo
	Provider  string // what our people call the identity provider that may speak for them; "" without one
}

// Demo is the way into the demo world, shown at sign-in; empty outside of development.
type Demo struct {
	Accounts []ui.Row
	Password string
}

// Desk draws the pages.
type Desk struct {
	o      Options
	assets ui.Assets
}

// New makes the desk.
func New(o Options) *Desk { return &Desk{o: o, assets: web.Assets()} }

// Routes is the whole surface for people.
func (d *Desk) Routes() []site.Route {
	var all []site.Route
	for _, part := range [][]site.Route{d.sessionRoutes(), d.todayRoutes(), d.caseRoutes(), d.fileRoutes(), d.referralRoutes(), d.releaseRoutes(), d.campaignRoutes(), d.openRoutes(), d.rightsRoutes(), d.accountRoutes(), d.providerRoutes(), d.peopleRoutes(), d.needRoutes(), d.recordRoutes()} {
		all = append(all, part...)
	}
	return all
}

// get and post make the two kinds of routes. again shows the form once more with everything that was typed in it.
func get(path string, act access.Act, do site.Endpoint) site.Route {
	return site.Route{Method: http.MethodGet, Path: path, Act: act, Do: do}
}

func post(path string, act access.Act, do site.Endpoint, again func(*site.Request, error) (site.Reply, error)) site.Route {
	return site.Route{Method: http.MethodPost, Path: path, Act: act, Do: do, Again: again}
}

// unlocked closes a page for everybody who is signed in while the screen is locked; the site does it for the pages of an act.
func unlocked(do site.Endpoint) site.Endpoint {
	return func(r *site.Request) (site.Reply, error) {
		if r.Session.Locked {
			return site.Reply{}, fault.New(fault.Unauthenticated, "locked")
		}
		return do(r)
	}
}
