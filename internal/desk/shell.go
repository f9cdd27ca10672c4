package desk

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/codelist"
	"binhan/internal/site"
	"binhan/web/ui"
)

// may tells whether the role has any line for the act: for menus and buttons. The gate decides again.
func may(r *site.Request, act access.Act) bool {
	return r.Who.Role != "" && r.Gate().Policy().Any(r.Who.Role, act.Name) != 0
}

// shell is the frame around a page. path is where a change of language or letter size comes back to: always an address that can be opened.
func (d *Desk) shell(r *site.Request, title, path string) ui.Shell {
	sh := ui.Shell{Lang: r.Lang, Title: title, Path: path, Assets: d.assets, TextSize: r.Cookie(site.SizeCookie)}
	if r.Who.User == uuid.Nil || r.Session.Locked {
		return sh
	}
	sh.User = &ui.User{Name: r.Who.Name, RoleLabel: codelist.Get(codelist.Role).Label(string(r.Who.Role), r.Lang), OrgName: r.Who.OrgName}
	if r.Session.Resting() {
		return sh
	}
	sh.Nav = d.nav(r, path)
	if r.Session.NewDevice {
		sh.Flash = &ui.Flash{Text: r.Lang.T("page_account.fresh_notice"), Tone: ui.Caution}
	}
	if key := "desk.flash_" + r.Cookie(flashCookie); flashKey.MatchString(r.Cookie(flashCookie)) && r.Lang.Has(key) {
		sh.Flash = &ui.Flash{Text: r.Lang.T(key), Tone: ui.Done}
	}
	return sh
}

// opened is the shell of a page with a case or a referral's content on it: it covers itself sooner.
func (d *Desk) opened(r *site.Request, title, path string) ui.Shell {
	sh := d.shell(r, title, path)
	sh.CaseOpen = true
	return sh
}

// nav lists what this role may do; four fit a phone, so what each role does most comes first.
func (d *Desk) nav(r *site.Request, path string) []ui.NavItem {
	in := ui.NavItem{Href: ui.PathReferralsIn, Label: r.Lang.T("desk.nav_in"), Icon: "inbox"}
	var items []ui.NavItem
	receives := may(r, access.ListReceived)
	lists := r.Gate().Policy().Any(r.Who.Role, access.ListCases.Name)&(access.StandingsOf(access.Assigned)|access.StandingsOf(access.Supervising)) != 0 // not by emergencies alone
	if receives && !lists {
		items = append(items, in)
	}
	items = append(items, ui.NavItem{Href: ui.PathToday, Label: r.Lang.T("desk.nav_today"), Icon: "today"})
	if may(r, access.RecordCase) {
		items = append(items, ui.NavItem{Href: ui.PathIntake, Label: r.Lang.T("desk.nav_intake"), Icon: "intake"})
	}
	if lists {
		items = append(items, ui.NavItem{Href: ui.PathCases, Label: r.Lang.T("desk.nav_cases"), Icon: "cases"})
	}
	if may(r, access.ListSent) {
		items = append(items, ui.NavItem{Href: ui.PathReferralsOut, Label: r.Lang.T("desk.nav_out"), Icon: "send"})
	}
	if receives && lists {
		items = append(items, in)
	}
	if may(r, access.ReadRelease) {
		items = append(items, ui.NavItem{Href: ui.PathOverview, Label: r.Lang.T("reading.nav_overview"), Icon: "eye"}, ui.NavItem{Href: ui.PathReleases, Label: r.Lang.T("desk.nav_releases"), Icon: "table"},
			ui.NavItem{Href: ui.PathReports, Label: r.Lang.T("reading.nav_reports"), Icon: "file"}, ui.NavItem{Href: ui.PathQuality, Label: r.Lang.T("reading.nav_quality"), Icon: "shield"})
	}
	if may(r, access.ReadCampaign) && !may(r, access.ReadRelease) { // the statisticians come by their reports
		items = append(items, ui.NavItem{Href: ui.PathCampaigns, Label: r.Lang.T("page_campaign.nav"), Icon: "table"})
	}
	if may(r, access.ReadTrail) {
		items = append(items, ui.NavItem{Href: ui.PathTrail, Label: r.Lang.T("desk.nav_record"), Icon: "record"})
	}
	if may(r, access.ListPeople) {
		items = append(items, ui.NavItem{Href: ui.PathPeople, Label: r.Lang.T("desk.nav_people"), Icon: "people"})
	}
	for _, x := range []struct {
		act               access.Act
		href, label, icon string
	}{{access.DecideRequest, ui.PathRequests, "desk.nav_requests", "inbox"}, {access.SeeTerms, ui.PathTerms, "desk.nav_terms", "clock"}, {access.SeeBreaches, ui.PathBreaches, "desk.nav_breaches", "alert"},
		{access.SeeProcessing, ui.PathProcessing, "desk.nav_processing", "table"}} {
		if may(r, x.act) {
			items = append(items, ui.NavItem{Href: x.href, Label: r.Lang.T(x.label), Icon: x.icon})
		}
	}
	for i := range items {
		items[i].Current = path == items[i].Href || strings.HasPrefix(path, items[i].Href+"/")
	}
	return items
}

// A flash is one sentence for the next page, kept as its key in a cookie that lives a minute: nothing about anybody is in it.
const flashCookie = "bao"

var flashKey = regexp.MustCompile(`^[a-z_]{1,40}$`)

// see answers a form that was taken: on to a page, with a sentence that says what was done.
func see(r *site.Request, path, flash string) site.Reply {
	reply := site.Reply{See: path, Header: http.Header{}}
	if flash != "" {
		c := r.Site().Setting(flashCookie, flash)
		c.MaxAge = 60
		reply.Header.Add("Set-Cookie", c.String())
	}
	return reply
}

// page answers with a page; a sentence that was waiting has now been said.
func page(r *site.Request, p templ.Component) site.Reply {
	reply := site.Reply{Page: p, Header: http.Header{}}
	if r.Cookie(flashCookie) != "" {
		c := r.Site().Setting(flashCookie, "")
		c.MaxAge = -1
		reply.Header.Add("Set-Cookie", c.String())
	}
	return reply
}
