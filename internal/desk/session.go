package desk

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"binhan/internal/calendar"
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/i18n"
	"binhan/internal/signin"
	"binhan/internal/site"
	"binhan/web"
	pages "binhan/web/pages/session"
	"binhan/web/ui"
)

func (d *Desk) sessionRoutes() []site.Route {
	open := func(method, path string, do site.Endpoint) site.Route {
		return site.Route{Method: method, Path: path, Public: true, Do: do}
	}
	anyone := func(method, path string, do site.Endpoint) site.Route {
		return site.Route{Method: method, Path: path, Anyone: true, Rests: true, Do: do}
	}
	proof := anyone(http.MethodPost, ui.PathProof, d.postProof)
	proof.Again = d.proofAgain
	signIn := open(http.MethodPost, ui.PathSignIn, d.postSignIn)
	signIn.Again = d.signInAgain
	unlock := open(http.MethodPost, ui.PathUnlock, d.postUnlock)
	unlock.Again = d.unlockAgain
	return []site.Route{
		open(http.MethodGet, "/", d.getRoot),
		open(http.MethodGet, web.AssetPrefix+"*file", getAsset),
		open(http.MethodGet, ui.PathSignIn, d.getSignIn),
		signIn,
		open(http.MethodPost, ui.PathSignOut, d.postSignOut),
		open(http.MethodPost, ui.PathSignInKey, d.postSignInKey),
		anyone(http.MethodGet, ui.PathLock, d.getLocked),
		anyone(http.MethodPost, ui.PathLock, d.postLock),
		anyone(http.MethodGet, ui.PathProof, d.getProof),
		proof,
		anyone(http.MethodPost, ui.PathProofKey, d.postProofKey),
		unlock,
		open(http.MethodPost, ui.PathExit, d.postExit),
		open(http.MethodGet, ui.PathExit, d.getExit),
		open(http.MethodPost, ui.PathLanguage, d.postLanguage),
		open(http.MethodPost, ui.PathTextSize, d.postTextSize),
		open(http.MethodGet, ui.PathHelp, d.getHelp),
		anyone(http.MethodGet, pathPulse, getPulse),
	}
}

// pathPulse keeps the session of somebody who writes for longer than a session may lie idle. It tells nothing.
const pathPulse = "/nhip"

func getPulse(*site.Request) (site.Reply, error) {
	return site.Reply{Status: http.StatusNoContent}, nil
}

// getAsset serves the built files: they hold nothing about anybody and may be kept for ever.
func getAsset(*site.Request) (site.Reply, error) {
	return site.Reply{Stream: func(w http.ResponseWriter, r *http.Request) error {
		web.Handler().ServeHTTP(w, r)
		return nil
	}}, nil
}

func (d *Desk) getRoot(r *site.Request) (site.Reply, error) {
	if r.Who.User == uuid.Nil {
		return site.Reply{See: ui.PathSignIn}, nil
	}
	return site.Reply{See: ui.PathToday}, nil
}

// local keeps an address to come back to only when it is a path of ours; the query is dropped.
func local(back string) string {
	u, err := url.Parse(back)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") ||
		strings.ContainsAny(back, "\\\r\n\t") || len(back) > 200 {
		return ui.PathToday
	}
	switch u.Path {
	case "/", ui.PathSignIn, ui.PathSignOut, ui.PathLock, ui.PathUnlock, ui.PathExit:
		return ui.PathToday
	}
	return u.EscapedPath()
}

type signInForm struct {
	Username string        `json:"username"`
	Password site.Verbatim `json:"password"`
	Code     string        `json:"code"`
	Back     string        `json:"back"`
	Key      string        `json:"-"`
}

// String hides the password.
func (signInForm) String() string { return "sign-in(…)" }

func (d *Desk) getSignIn(r *site.Request) (site.Reply, error) {
	if r.Who.User != uuid.Nil {
		return site.Reply{See: ui.PathToday}, nil
	}
	return page(r, pages.SignInPage(d.shell(r, "page_session.sign_in", ui.PathSignIn), pages.SignIn{Form: ui.Form{Problems: heard(r)}, Demo: d.demo(r), Provider: d.o.Provider})), nil
}

func (d *Desk) demo(r *site.Request) []ui.Row {
	if len(d.o.Demo.Accounts) == 0 {
		return nil
	}
	return append([]ui.Row{{Label: r.Lang.T("ui.password"), Value: d.o.Demo.Password}}, d.o.Demo.Accounts...)
}

func (d *Desk) postSignIn(r *site.Request) (site.Reply, error) {
	var f signInForm
	if err := r.Bind(&f); err != nil {
		return site.Reply{}, err
	}
	f.Key = r.Values.Get(site.ProofKey)
	visitor := r.Visitor(signin.Cookie)
	var o signin.Opened
	var err error
	if f.Key != "" {
		o, err = r.Site().SignIn().OpenByKey(r.Context(), []byte(f.Key), visitor)
	} else {
		o, err = r.Site().SignIn().Open(r.Context(), signin.Credentials{Username: f.Username, Password: string(f.Password), Code: f.Code}, visitor)
	}
	if err != nil {
		return site.Reply{}, err
	}
	if r.Who.Handle != "" { // whoever was signed in on this browser is signed out
		if err := r.Gate().EndSession(r.Context(), r.Who.Handle, r.Who.Request.ID); err != nil {
			return site.Reply{}, err
		}
	}
	flash := ""
	if o.Ended > 0 {
		flash = "session_ended_elsewhere"
	}
	reply := see(r, local(f.Back), flash)
	reply.Header["Set-Cookie"] = append(reply.Header["Set-Cookie"], r.Site().Cookies(o)...)
	return reply, nil
}

// signInAgain shows the form with the name that was typed, never the password.
func (d *Desk) signInAgain(r *site.Request, err error) (site.Reply, error) {
	f := onlyTyped(refused(r, err, nil), "username")
	field := "password"
	code := sentenceKey(err) == "code_required" || r.Values.Get("code") != ""
	if sentenceKey(err) == "code_required" {
		field = "code"
	}
	if fault.KindOf(err) == fault.Unauthenticated {
		f.Problems = []ui.Problem{{Field: field, Text: site.Sentence(r.Lang, err)}}
	}
	sh := d.shell(r, "page_session.sign_in", ui.PathSignIn)
	return page(r, pages.SignInPage(sh, pages.SignIn{Form: f, Back: back(r), Code: code, Demo: d.demo(r), Provider: d.o.Provider})), nil
}

// back is where a session form wants to come back to, "" when nowhere in particular.
func back(r *site.Request) string {
	typed := r.Query("back")
	if v, err := r.Form(); err == nil && v.Get("back") != "" {
		typed = v.Get("back")
	}
	if to := local(typed); typed != "" && to != ui.PathToday {
		return to
	}
	return ""
}

func onlyTyped(f ui.Form, names ...string) ui.Form {
	kept := map[string][]string{}
	for _, n := range names {
		if v, ok := f.Values[n]; ok {
			kept[n] = v
		}
	}
	f.Values, f.Key = kept, ""
	return f
}

// end closes the session of the request, if there is one, and takes the cookie away.
func (d *Desk) end(r *site.Request, to string) (site.Reply, error) {
	reply := site.Reply{See: to, Header: http.Header{}}
	reply.Header.Add("Set-Cookie", r.Site().SessionCookie("", time.Time{}).String())
	if r.Who.Handle == "" {
		return reply, nil
	}
	return reply, r.Gate().EndSession(r.Context(), r.Who.Handle, r.Who.Request.ID)
}

// postSignOut ends the session. The cookies that know the device and its reader's letters stay: it is where she works.
func (d *Desk) postSignOut(r *site.Request) (site.Reply, error) {
	to := ui.PathSignIn
	if elsewhere, err := d.alsoElsewhere(r); err != nil {
		return site.Reply{}, err
	} else if elsewhere {
		to = ui.PathProviderOut
	}
	reply, err := d.end(r, to)
	reply.Header.Set("Clear-Site-Data", `"storage"`)
	return reply, err
}

// postExit is quick exit: the session is over before the neutral page shows, so that going back finds nothing.
func (d *Desk) postExit(r *site.Request) (site.Reply, error) {
	reply, err := d.end(r, ui.PathExit)
	reply.Header.Set("Clear-Site-Data", site.Emptied)
	return reply, err
}

func (d *Desk) getExit(r *site.Request) (site.Reply, error) {
	sh := ui.Shell{Lang: r.Lang, Assets: d.assets}
	return site.Reply{Page: pages.NeutralPage(sh, pages.Calendar(r.Lang, time.Now().In(calendar.Zone)))}, nil
}

// postLock closes every page of the session until the password is brought again.
func (d *Desk) postLock(r *site.Request) (site.Reply, error) {
	if err := r.Gate().Lock(r.Context(), r.Who.Handle); err != nil {
		return site.Reply{}, err
	}
	to := ui.PathLock
	if b := back(r); b != "" {
		to += "?back=" + url.QueryEscape(b)
	}
	return site.Reply{See: to}, nil
}

func (d *Desk) getLocked(r *site.Request) (site.Reply, error) {
	if !r.Session.Locked {
		return site.Reply{See: or(back(r), ui.PathToday)}, nil
	}
	return d.locked(r, ui.Form{}), nil
}

func (d *Desk) locked(r *site.Request, f ui.Form) site.Reply {
	return page(r, pages.LockedPage(d.shell(r, "ui.locked_title", ui.PathLock), pages.Locked{Form: f, Name: r.Who.Name, Back: or(back(r), ui.PathToday)}))
}

type unlockForm struct {
	Password site.Verbatim `json:"password"`
	Back     string        `json:"back"`
}

// String hides the password.
func (unlockForm) String() string { return "unlock(…)" }

// postUnlock opens the screen again. A session that has ended meanwhile is gone (410), which is not a wrong password: the cover that asks must stay.
func (d *Desk) postUnlock(r *site.Request) (site.Reply, error) {
	if r.Who.Handle == "" {
		return site.Reply{Status: http.StatusGone, Page: d.Failure(r, http.StatusGone, fault.New(fault.Unauthenticated, "session_ended"), "")}, nil
	}
	var f unlockForm
	if err := r.Bind(&f); err != nil {
		return site.Reply{}, err
	}
	if err := r.Site().SignIn().Unlock(r.Context(), r.Who.Handle, r.Who.Username, string(f.Password)); err != nil {
		return site.Reply{}, err
	}
	return site.Reply{See: local(f.Back)}, nil
}

func (d *Desk) unlockAgain(r *site.Request, err error) (site.Reply, error) {
	return d.locked(r, ui.Form{Problems: []ui.Problem{{Field: "password", Text: site.Sentence(r.Lang, err)}}}), nil
}

// setting answers a change of a harmless setting with the page one came from.
func setting(r *site.Request, name, field string, known ...string) (site.Reply, error) {
	v, err := r.Form()
	if err != nil {
		return site.Reply{}, err
	}
	to := local(v.Get("back"))
	if to == ui.PathToday && r.Who.User == uuid.Nil {
		to = ui.PathSignIn
	}
	if r.Session.Locked {
		to = ui.PathLock
	}
	reply := site.Reply{See: to, Header: http.Header{}}
	for _, k := range known {
		if v.Get(field) == k {
			reply.Header.Add("Set-Cookie", r.Site().Setting(name, k).String())
		}
	}
	return reply, nil
}

func (d *Desk) postLanguage(r *site.Request) (site.Reply, error) {
	return setting(r, site.LanguageCookie, "lang", string(i18n.Vietnamese), string(i18n.English))
}

func (d *Desk) postTextSize(r *site.Request) (site.Reply, error) {
	return setting(r, site.SizeCookie, "size", "100", "115", "130")
}

// getHelp is for everybody; the numbers to call are shown to staff only, for they tell what this system is for.
func (d *Desk) getHelp(r *site.Request) (site.Reply, error) {
	v := pages.Help{}
	if r.Who.User != uuid.Nil && !r.Session.Locked {
		for _, p := range shortNumbers(r.Lang) {
			v.Lines = append(v.Lines, ui.Row{Label: p.Number, Value: p.Label})
		}
	}
	return page(r, pages.HelpPage(d.shell(r, "ui.help", ui.PathHelp), v)), nil
}

type line struct{ Number, Label string }

// shortNumbers are the national three-digit numbers of the list of hotlines.
func shortNumbers(l i18n.Language) []line {
	var out []line
	for _, e := range codelist.Get(codelist.Hotline).On(time.Now().In(calendar.Zone)) {
		if len(e.Code) == 3 && strings.Trim(e.Code, "0123456789") == "" {
			out = append(out, line{e.Code, e.Label(l)})
		}
	}
	return out
}

// postSignInKey begins a sign-in by a security key.
func (d *Desk) postSignInKey(r *site.Request) (site.Reply, error) {
	q, err := r.Site().SignIn().AskToSignIn(r.Context(), r.Visitor(signin.Cookie))
	return site.Reply{Body: q}, err
}

// postProofKey begins a proof by one of her own keys.
func (d *Desk) postProofKey(r *site.Request) (site.Reply, error) {
	q, err := r.Site().SignIn().AskToProve(r.Context(), r.Who)
	return site.Reply{Body: q}, err
}

// proofPanel asks who she is, in the words of what she has.
func proofPanel(r *site.Request, err error) *ui.Proof {
	p := &ui.Proof{Title: r.Lang.T("page_account.proof_title"), Text: r.Lang.T("page_account.proof_text"), Password: r.Lang.T("ui.password"), WithPassword: true}
	if r.Session.Factors > 0 {
		p.Code, p.CodeHint = r.Lang.T("page_account.proof_code"), r.Lang.T("page_account.proof_code_hint")
		p.Key, p.KeyFailed = r.Lang.T("page_account.proof_key"), r.Lang.T("page_account.key_failed")
	}
	if name := r.Site().SignIn().ProviderName(); name != "" && r.Site().SignIn().Linked(r.Context(), r.Who) {
		p.Elsewhere, p.ElseHint = r.Lang.T("page_provider.prove", "name", name), r.Lang.T("page_provider.prove_hint")
	}
	if key := sentenceKey(err); key != "" && key != "step_up_required" {
		p.Problem = site.Sentence(r.Lang, err)
	}
	return p
}

// getProof asks who she is before a page that needs it.
func (d *Desk) getProof(r *site.Request) (site.Reply, error) {
	if r.Session.Locked {
		return site.Reply{See: ui.PathLock}, nil
	}
	return page(r, d.proofPage(r, ui.PathProof, map[string][]string{"back": {local(r.Query("back"))}}, nil)), nil
}

func (d *Desk) proofPage(r *site.Request, action string, values map[string][]string, err error) templ.Component {
	v := pages.Proof{Action: action, Form: ui.Form{Values: values, Proof: proofPanel(r, err)}}
	if action == ui.PathProof && len(values["back"]) == 1 { // nothing was typed that could be lost: the way through the provider needs no second tab
		v.Elsewhere, v.Back, v.Form.Proof.Elsewhere = v.Form.Proof.Elsewhere, values["back"][0], ""
	}
	return pages.ProofPage(d.shell(r, "page_account.proof_title", ui.PathProof), v)
}

// postProof was proved by the site before it came here, or brought no proof.
func (d *Desk) postProof(r *site.Request) (site.Reply, error) {
	if !r.Proved() {
		return site.Reply{}, fault.New(fault.Unproved, "proof_failed")
	}
	return site.Reply{See: local(r.Values.Get("back"))}, nil
}

func (d *Desk) proofAgain(r *site.Request, err error) (site.Reply, error) {
	return page(r, d.proofPage(r, ui.PathProof, map[string][]string{"back": {local(r.Values.Get("back"))}}, err)), nil
}

// askProof is the page in place of a step that needs a proof and has no form of its own to come back to: its answers travel along.
func (d *Desk) askProof(r *site.Request, err error) templ.Component {
	if r.HTTP().Method == http.MethodGet {
		return d.proofPage(r, ui.PathProof, map[string][]string{"back": {local(r.HTTP().URL.EscapedPath())}}, err)
	}
	values := maps.Clone(r.Values)
	delete(values, "password") // no page holds a password, not even hidden
	delete(values, "again")
	return d.proofPage(r, r.HTTP().URL.EscapedPath(), values, err)
}
