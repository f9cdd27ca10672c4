package desk

import (
	"net/http"
	"net/url"
	"strings"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/signin"
	"binhan/internal/site"
	pages "binhan/web/pages/session"
	"binhan/web/ui"
)

// providerRoutes are the way to an identity provider and back; none of them exists where no provider is named.
//
// A browser does not show our strict cookies while it comes from another site, and under the page policy no form may lead to one. So each crossing has a page
// of ours on our side, which goes on by itself: out, because it is no form; in, because from there on it is our own page that asks, and the address with the code
// in it is left behind.
func (d *Desk) providerRoutes() []site.Route {
	if d.o.Provider == "" {
		return nil
	}
	open := func(method, path string, do site.Endpoint) site.Route {
		return site.Route{Method: method, Path: path, Public: true, Do: do}
	}
	anyone := func(method, path string, do site.Endpoint) site.Route {
		return site.Route{Method: method, Path: path, Anyone: true, Rests: true, Do: do}
	}
	away := func(r site.Route) site.Route {
		r.Away = true
		return r
	}
	signIn := away(open(http.MethodPost, ui.PathProviderAway, d.postProviderAway))
	signIn.Again = d.signInAgain
	prove := away(anyone(http.MethodPost, ui.PathProviderProof, d.postProviderProof))
	prove.Again = d.providerProofAgain
	return []site.Route{
		signIn,
		open(http.MethodGet, ui.PathProviderBack, d.getProviderBack),
		open(http.MethodGet, ui.PathProviderCode, d.getProviderCode),
		open(http.MethodPost, ui.PathProviderCode, d.postProviderCode),
		anyone(http.MethodGet, ui.PathProviderProof, d.getProviderProof),
		prove,
		anyone(http.MethodGet, ui.PathProviderDone, d.getProviderDone),
		open(http.MethodGet, ui.PathProviderOut, d.getProviderOut),
		away(open(http.MethodPost, ui.PathProviderOut, d.postProviderOut)),
		{Method: http.MethodPost, Path: ui.PathProviderEnd, Public: true, Bare: true, Big: 32 << 10, Do: postProviderEnd},
		away(post(ui.PathProviderLink, access.SecureAccount, d.postProviderLink, d.accountAgain("link"))),
		get(ui.PathProviderLink+"/noi", access.ReadAccount, d.getProviderConfirm),
		post(ui.PathProviderLink+"/noi", access.SecureAccount, d.postProviderConfirm, d.providerConfirmAgain),
	}
}

// hostOf is how a provider is called on a page.
func hostOf(issuer string) string {
	if u, err := url.Parse(issuer); err == nil && u.Host != "" {
		return u.Host
	}
	return issuer
}

// heard is the sentence that a way to the provider ended with, for the page that it came back to; nil when there is none.
func heard(r *site.Request) []ui.Problem {
	key := r.Cookie(flashCookie)
	if !flashKey.MatchString(key) || !strings.HasPrefix(key, "idp_") || !r.Lang.Has("fault."+key) {
		return nil
	}
	return []ui.Problem{{Text: r.Lang.T("fault." + key)}}
}

// leave answers with the page that goes on to the provider.
func (d *Desk) leave(r *site.Request, to string, cookies ...string) site.Reply {
	reply := page(r, pages.OnwardPage(d.bare(r, "page_provider.going"), pages.Onward{Title: r.Lang.T("page_provider.going"), Text: r.Lang.T("page_provider.going_text", "name", d.o.Provider), Go: to, GoLabel: r.Lang.T("page_provider.go")}))
	reply.Onward = to
	reply.Header["Set-Cookie"] = append(reply.Header["Set-Cookie"], cookies...)
	return reply
}

// bare is the frame of a page that names nobody.
func (d *Desk) bare(r *site.Request, title string) ui.Shell {
	return ui.Shell{Lang: r.Lang, Title: title, Assets: d.assets, TextSize: r.Cookie(site.SizeCookie)}
}

// arrived answers with the page that goes on to one of ours.
func (d *Desk) arrived(r *site.Request, to, flash string, cookies ...string) site.Reply {
	reply := site.Reply{Header: see(r, to, flash).Header, Onward: to,
		Page: pages.OnwardPage(d.bare(r, "page_provider.going"), pages.Onward{Title: r.Lang.T("page_provider.going"), Text: r.Lang.T("page_provider.back_text"), Go: to, GoLabel: r.Lang.T("page_provider.go")})}
	reply.Header["Set-Cookie"] = append(append(reply.Header["Set-Cookie"], r.Site().Passing(site.AwayCookie, "")), cookies...)
	return reply
}

func (d *Desk) postProviderAway(r *site.Request) (site.Reply, error) {
	if _, err := r.Form(); err != nil {
		return site.Reply{}, err
	}
	to, err := r.Site().SignIn().SendAway(r.Context(), signin.ToSignIn, access.Actor{}, back(r), string(r.Lang), r.Visitor(signin.Cookie))
	if err != nil {
		return site.Reply{}, err
	}
	reply := d.leave(r, to.Address, r.Site().Passing(site.AwayCookie, to.Secret))
	if r.Who.Handle != "" { // whoever was signed in on this browser is signed out
		gone, err := d.end(r, "")
		if err != nil {
			return site.Reply{}, err
		}
		reply.Header["Set-Cookie"] = append(reply.Header["Set-Cookie"], gone.Header["Set-Cookie"]...)
	}
	return reply, nil
}

// once reads a parameter that the provider may send once; sent twice it is none.
func once(q url.Values, name string) string {
	if len(q[name]) != 1 {
		return ""
	}
	return q[name][0]
}

func (d *Desk) getProviderBack(r *site.Request) (site.Reply, error) {
	q := r.HTTP().URL.Query()
	a := signin.Answer{State: once(q, "state"), Code: once(q, "code"), Issuer: once(q, "iss"), Error: once(q, "error"), Secret: r.Cookie(site.AwayCookie)}
	if len(q["iss"]) > 1 || len(q["error"]) > 1 {
		a.State = ""
	}
	got, err := r.Site().SignIn().Return(r.Context(), a, r.Visitor(signin.Cookie))
	if err != nil {
		return d.cameToNothing(r, got, err)
	}
	switch got.For {
	case signin.ToLink:
		return d.arrived(r, ui.PathProviderLink+"/noi", "", r.Site().Passing(site.StepCookie, got.Ticket)), nil
	case signin.ToProve:
		return d.arrived(r, or(got.Back, ui.PathProviderDone), "", r.Site().Cookies(got.Opened)...), nil
	}
	if got.Ticket != "" {
		return d.arrived(r, ui.PathProviderCode, "", r.Site().Passing(site.StepCookie, got.Ticket)), nil
	}
	return d.arrived(r, local(got.Back), elsewhereEnded(got.Opened), r.Site().Cookies(got.Opened)...), nil
}

func elsewhereEnded(o signin.Opened) string {
	if o.Ended > 0 {
		return "session_ended_elsewhere"
	}
	return ""
}

// cameToNothing goes on to where she began, which says why.
func (d *Desk) cameToNothing(r *site.Request, got signin.Arrival, err error) (site.Reply, error) {
	key := sentenceKey(err)
	kind := fault.KindOf(err)
	if !strings.HasPrefix(key, "idp_") && kind != fault.TooMany && kind != fault.Unauthenticated {
		return site.Reply{}, err
	}
	to := map[string]string{signin.ToProve: ui.PathProviderProof, signin.ToLink: ui.PathAccount}[got.For]
	if to == "" {
		to = ui.PathSignIn
	}
	if !strings.HasPrefix(key, "idp_") {
		key = "idp_failed"
	}
	reply := d.arrived(r, to, key)
	reply.Status = http.StatusUnauthorized
	if kind == fault.Unavailable || kind == fault.TooMany {
		reply.Status = http.StatusServiceUnavailable
	}
	reply.Page = pages.OnwardPage(d.bare(r, "page_provider.failed"), pages.Onward{Title: r.Lang.T("page_provider.failed"), Text: site.Sentence(r.Lang, err), Go: to, GoLabel: r.Lang.T("page_provider.go")})
	return reply, nil
}

func (d *Desk) getProviderCode(r *site.Request) (site.Reply, error) {
	if r.Cookie(site.StepCookie) == "" {
		return site.Reply{See: ui.PathSignIn}, nil
	}
	return d.providerCode(r, nil), nil
}

func (d *Desk) providerCode(r *site.Request, problems []ui.Problem) site.Reply {
	return page(r, pages.CodePage(d.bare(r, "page_provider.code_title"), pages.Code{Form: ui.Form{Problems: problems}, Name: d.o.Provider}))
}

func (d *Desk) postProviderCode(r *site.Request) (site.Reply, error) {
	v, err := r.Form()
	if err != nil {
		return site.Reply{}, err
	}
	o, to, next, err := r.Site().SignIn().OpenWithFactor(r.Context(), r.Cookie(site.StepCookie), v.Get("code"), []byte(v.Get(site.ProofKey)), r.Visitor(signin.Cookie))
	kept := r.Site().Passing(site.StepCookie, next)
	switch {
	case err == nil:
		reply := see(r, local(to), elsewhereEnded(o))
		reply.Header["Set-Cookie"] = append(append(reply.Header["Set-Cookie"], kept), r.Site().Cookies(o)...)
		return reply, nil
	case next != "":
		reply := d.providerCode(r, []ui.Problem{{Field: "code", Text: site.Sentence(r.Lang, err)}})
		reply.Status = http.StatusUnauthorized
		if kind := fault.KindOf(err); kind == fault.TooMany || kind == fault.Unavailable {
			reply.Status = http.StatusTooManyRequests
		}
		reply.Header["Set-Cookie"] = append(reply.Header["Set-Cookie"], kept)
		return reply, nil
	case sentenceKey(err) == "idp_again":
		reply := see(r, ui.PathSignIn, "idp_again")
		reply.Header["Set-Cookie"] = append(reply.Header["Set-Cookie"], kept)
		return reply, nil
	}
	return site.Reply{}, err
}

func (d *Desk) getProviderProof(r *site.Request) (site.Reply, error) {
	if r.Session.Locked {
		return site.Reply{See: ui.PathLock}, nil
	}
	return d.providerProof(r, heard(r)), nil
}

func (d *Desk) providerProof(r *site.Request, problems []ui.Problem) site.Reply {
	return page(r, pages.ElsewherePage(d.shell(r, "page_account.proof_title", ui.PathProviderProof), pages.Elsewhere{Staff: true, Form: ui.Form{Problems: problems}, Back: back(r),
		Title: r.Lang.T("page_provider.prove_title", "name", d.o.Provider), Text: r.Lang.T("page_provider.prove_text", "name", d.o.Provider),
		Action: ui.PathProviderProof, Do: r.Lang.T("page_provider.prove", "name", d.o.Provider), Not: ui.PathToday, NotText: r.Lang.T("page_account.prove_not")}))
}

func (d *Desk) providerProofAgain(r *site.Request, err error) (site.Reply, error) {
	return d.providerProof(r, []ui.Problem{{Text: site.Sentence(r.Lang, err)}}), nil
}

func (d *Desk) postProviderProof(r *site.Request) (site.Reply, error) {
	if r.Session.Locked {
		return site.Reply{See: ui.PathLock}, nil
	}
	v, err := r.Form()
	if err != nil {
		return site.Reply{}, err
	}
	then := "" // where nothing is said she came in a tab of its own
	if v.Get("back") != "" {
		then = local(v.Get("back"))
	}
	to, err := r.Site().SignIn().SendAway(r.Context(), signin.ToProve, r.Who, then, string(r.Lang), r.Visitor(signin.Cookie))
	if err != nil {
		return site.Reply{}, err
	}
	return d.leave(r, to.Address, r.Site().Passing(site.AwayCookie, to.Secret)), nil
}

func (d *Desk) getProviderDone(r *site.Request) (site.Reply, error) {
	return page(r, pages.DonePage(d.bare(r, "page_provider.proved_title"))), nil
}

// alsoElsewhere tells whether whoever signs out here came from the provider and may leave there too.
func (d *Desk) alsoElsewhere(r *site.Request) (bool, error) {
	if d.o.Provider == "" || r.Who.Handle == "" || r.Site().SignIn().LeaveProvider(string(r.Lang)) == "" {
		return false, nil
	}
	return r.Gate().ByProvider(r.Context(), r.Who.Handle)
}

func (d *Desk) getProviderOut(r *site.Request) (site.Reply, error) {
	if r.Site().SignIn().LeaveProvider(string(r.Lang)) == "" {
		return site.Reply{See: ui.PathSignIn}, nil
	}
	return page(r, pages.ElsewherePage(d.bare(r, "page_provider.out_title"), pages.Elsewhere{
		Title: r.Lang.T("page_provider.out_title"), Text: r.Lang.T("page_provider.out_text", "name", d.o.Provider),
		Action: ui.PathProviderOut, Do: r.Lang.T("page_provider.out", "name", d.o.Provider), Not: ui.PathSignIn, NotText: r.Lang.T("page_provider.out_not")})), nil
}

func (d *Desk) postProviderOut(r *site.Request) (site.Reply, error) {
	to := r.Site().SignIn().LeaveProvider(string(r.Lang))
	if to == "" {
		return site.Reply{See: ui.PathSignIn}, nil
	}
	return d.leave(r, to), nil
}

// postProviderEnd takes the provider's order to end somebody's sessions, from program to program.
func postProviderEnd(r *site.Request) (site.Reply, error) {
	answer := func(status int, word string) (site.Reply, error) {
		return site.Reply{Status: status, Body: map[string]string{"error": word}}, nil
	}
	v, err := r.Form()
	if err != nil || r.HTTP().Header.Get("Content-Type") == "" || !strings.HasPrefix(r.HTTP().Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return answer(http.StatusBadRequest, "invalid_request")
	}
	_, err = r.Site().SignIn().ProviderSays(r.Context(), once(v, "logout_token"), r.Who.Request.ID)
	switch {
	case err == nil:
		return site.Reply{Raw: []byte{}, Type: "text/plain; charset=utf-8"}, nil
	case fault.KindOf(err) == fault.Malformed:
		return answer(http.StatusBadRequest, "invalid_request")
	case fault.KindOf(err) == fault.Unavailable:
		return answer(http.StatusServiceUnavailable, "temporarily_unavailable")
	}
	return site.Reply{}, err
}

func (d *Desk) postProviderLink(r *site.Request) (site.Reply, error) {
	to, err := r.Site().SignIn().SendAway(r.Context(), signin.ToLink, r.Who, ui.PathAccount, string(r.Lang), r.Visitor(signin.Cookie))
	if err != nil {
		return site.Reply{}, err
	}
	return d.leave(r, to.Address, r.Site().Passing(site.AwayCookie, to.Secret)), nil
}

func (d *Desk) getProviderConfirm(r *site.Request) (site.Reply, error) {
	if r.Cookie(site.StepCookie) == "" {
		return site.Reply{See: ui.PathAccount}, nil
	}
	return d.providerConfirm(r, ui.Form{}), nil
}

func (d *Desk) providerConfirm(r *site.Request, f ui.Form) site.Reply {
	return page(r, pages.ElsewherePage(d.shell(r, "page_provider.confirm_title", ui.PathAccount), pages.Elsewhere{Staff: true, Form: f,
		Title: r.Lang.T("page_provider.confirm_title"), Text: r.Lang.T("page_provider.confirm_text", "name", d.o.Provider, "username", r.Who.Username),
		Action: ui.PathProviderLink + "/noi", Do: r.Lang.T("page_provider.confirm"), Not: ui.PathAccount, NotText: r.Lang.T("page_provider.confirm_not")}))
}

func (d *Desk) providerConfirmAgain(r *site.Request, err error) (site.Reply, error) {
	f := refused(r, err, nil)
	f.Key = ""
	return d.providerConfirm(r, f), nil
}

func (d *Desk) postProviderConfirm(r *site.Request) (site.Reply, error) {
	if err := r.Site().SignIn().Link(r.Context(), r.Who, r.Cookie(site.StepCookie)); err != nil {
		return site.Reply{}, err
	}
	reply := see(r, ui.PathAccount, "linked")
	reply.Header["Set-Cookie"] = append(reply.Header["Set-Cookie"], r.Site().Passing(site.StepCookie, ""))
	return reply, nil
}

func (d *Desk) postUnlink(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.PathAccount, "unlinked"), r.Site().SignIn().Unlink(r.Context(), r.Who, id)
}
