package desk

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/signin"
	"binhan/internal/site"
	pages "binhan/web/pages/account"
	"binhan/web/ui"
)

// Her own account stays open to her while her rights rest, and asks for a fresh proof before anything by which she proves who she is changes.
func (d *Desk) accountRoutes() []site.Route {
	a := func(parts ...string) string {
		p := ui.PathAccount
		for _, x := range parts {
			p += "/" + x
		}
		return p
	}
	setup := site.Route{Method: http.MethodPost, Path: ui.PathSetup, Public: true, Do: d.postSetup, Again: d.setupAgain}
	return []site.Route{
		{Method: http.MethodGet, Path: ui.PathSetup, Public: true, Do: d.getSetup},
		setup,
		get(ui.PathAccount, access.ReadAccount, d.getAccount),
		post(a("thiet-bi"), access.KeepAccount, d.postSawDevices, d.accountAgain("")),
		post(a("phien"), access.KeepAccount, d.postEndOthers, d.accountAgain("")),
		post(a("phien", ":id"), access.KeepAccount, d.postEndSession, d.accountAgain("")),
		post(a("yeu-to", ":id", "ten"), access.KeepAccount, d.postNameFactor, d.accountAgain("")),
		post(a("yeu-to", ":id", "bo"), access.SecureAccount, d.postRemoveFactor, d.accountAgain("remove")),
		post(a("noi", ":id", "bo"), access.SecureAccount, d.postUnlink, d.accountAgain("unlink")),
		post(a("ung-dung"), access.SecureAccount, d.postApp, d.accountAgain("app")),
		get(a("ung-dung", ":id"), access.ReadAccount, d.getApp),
		post(a("ung-dung", ":id"), access.SecureAccount, d.postConfirmApp, d.appAgain),
		post(a("khoa"), access.SecureAccount, d.postKey, d.accountAgain("key")),
		post(a("khoa", "hoi"), access.SecureAccount, d.postKeyQuestion, d.accountAgain("")),
		post(a("ma-du-phong"), access.SecureAccount, d.postCodes, d.accountAgain("renew")),
		post(a("tu-khai"), access.KeepAccount, d.postCard, d.accountAgain("card")),
		post(a("mat-khau"), access.SecureAccount, d.postPassword, d.accountAgain("password")),
	}
}

func (d *Desk) getAccount(r *site.Request) (site.Reply, error) {
	if ps := heard(r); len(ps) > 0 {
		return d.account(r, "link", ui.Form{Problems: ps})
	}
	return d.account(r, "", ui.Form{})
}

// account draws the page; f is the form named by which, as it came back.
func (d *Desk) account(r *site.Request, which string, f ui.Form) (site.Reply, error) {
	a, err := r.Site().SignIn().Account(r.Context(), r.Who)
	if err != nil {
		return site.Reply{}, err
	}
	v := pages.Account{Username: a.Username, Fresh: a.NewDevice, Codes: a.Codes}
	switch {
	case r.Session.Frozen:
		v.Resting = r.Lang.T("fault.rights_rest")
	case r.Session.Resting() && len(a.Factors) == 0:
		v.Resting = r.Lang.T("fault.second_factor_needed")
	}
	v.CodesSay = r.Lang.T("page_account.codes_none")
	if a.Codes > 0 {
		v.CodesSay = r.Lang.T("page_account.codes_left", "n", a.Codes)
	}
	at := func(key string, t time.Time) string {
		return r.Lang.T(key, "at", ui.Moment(r.Lang, time.Now(), t))
	}
	for _, x := range a.Factors {
		used := r.Lang.T("page_account.factor_unused")
		if x.UsedAt != nil {
			used = at("page_account.factor_used", *x.UsedAt)
		}
		v.Factors = append(v.Factors, pages.Factor{ID: x.ID.String(), Kind: r.Lang.T("page_account.kind_" + x.Kind), Name: x.Name, Added: at("page_account.factor_added", x.AddedAt), Used: used})
	}
	v.Provider = d.o.Provider
	for _, x := range a.Links {
		used := r.Lang.T("page_account.factor_unused")
		if x.UsedAt != nil {
			used = at("page_account.factor_used", *x.UsedAt)
		}
		v.Links = append(v.Links, pages.Link{ID: x.ID.String(), Issuer: hostOf(x.Issuer), Added: at("page_account.factor_added", x.AddedAt), Used: used})
	}
	for _, x := range a.Sessions {
		name := or(x.Label, r.Lang.T("page_account.device_unknown"))
		if x.Kind != signin.Cookie {
			name = r.Lang.T("page_account.session_script")
		}
		v.Sessions = append(v.Sessions, pages.Session{ID: x.ID.String(), Label: name, Opened: at("page_account.session_opened", x.Opened), Seen: at("page_account.session_seen", x.Seen), Current: x.Current, Fresh: x.Fresh})
	}
	for _, x := range a.Devices {
		v.Devices = append(v.Devices, pages.Device{Label: or(x.Label, r.Lang.T("page_account.device_unknown")), First: at("page_account.device_first", x.First), Last: at("page_account.device_last", x.Last), Current: x.Current, Fresh: x.Fresh})
	}
	v.Communes, v.CardSays = communes(), r.Lang.T("page_account.card_none")
	if a.Card != nil {
		v.CardSays = at("page_account.card_given", *a.Card)
	}
	switch which {
	case "card":
		v.Card = f
	case "remove":
		v.Remove, v.RemoveID = f, r.Param("id")
	case "unlink":
		v.Unlink, v.UnlinkID = f, r.Param("id")
	case "link":
		v.Link = f
	case "app":
		v.App = f
	case "key", "key_now":
		v.Key, v.KeyOpen = f, which == "key_now"
	case "renew":
		v.Renew = f
	case "password":
		v.Password = f
	}
	if v.Password.Proof == nil { // always asked along: who finds a screen open must not be able to make it hers
		v.Password.Proof = proofPanel(r, nil)
		v.Password.Proof.Standing, v.Password.Proof.Elsewhere = true, ""
		v.Password.Proof.Text = r.Lang.T("page_account.password_proof")
	}
	sh := d.shell(r, "page_account.title", ui.PathAccount)
	sh.Refused = len(f.Problems) > 0
	if which == "key_now" {
		sh.Flash = &ui.Flash{Text: r.Lang.T("page_account.key_now"), Tone: ui.Done}
	}
	return page(r, pages.AccountPage(sh, v)), nil
}

// accountAgain shows the page with one of its forms as it was typed; a password is typed again.
func (d *Desk) accountAgain(which string) func(*site.Request, error) (site.Reply, error) {
	return func(r *site.Request, err error) (site.Reply, error) {
		f := refused(r, err, nil)
		f.Key = ""
		if which == "password" {
			f = onlyTyped(f)
		}
		return d.account(r, which, f)
	}
}

func (d *Desk) postSawDevices(r *site.Request) (site.Reply, error) {
	return see(r, ui.PathAccount, "devices_seen"), r.Site().SignIn().SawDevices(r.Context(), r.Who)
}

func (d *Desk) postEndOthers(r *site.Request) (site.Reply, error) {
	_, err := r.Site().SignIn().EndOthers(r.Context(), r.Who)
	return see(r, ui.PathAccount, "sessions_over"), err
}

func (d *Desk) postEndSession(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.PathAccount, "session_over"), r.Site().SignIn().EndSession(r.Context(), r.Who, id)
}

func (d *Desk) postNameFactor(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	v, err := r.Form()
	if err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.PathAccount, "factor_named"), r.Site().SignIn().NameFactor(r.Context(), r.Who, id, v.Get("name"))
}

func (d *Desk) postRemoveFactor(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.PathAccount, "factor_removed"), r.Site().SignIn().RemoveFactor(r.Context(), r.Who, id)
}

// postApp makes the secret of an app and leads to the page that shows it while it waits for its first code.
func (d *Desk) postApp(r *site.Request) (site.Reply, error) {
	v, err := r.Form()
	if err != nil {
		return site.Reply{}, err
	}
	o, err := r.Site().SignIn().OfferCode(r.Context(), r.Who, v.Get("name"))
	return see(r, ui.PathAccount+"/ung-dung/"+o.ID.String(), ""), err
}

func (d *Desk) getApp(r *site.Request) (site.Reply, error) { return d.app(r, ui.Form{}) }

func (d *Desk) app(r *site.Request, f ui.Form) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	o, err := r.Site().SignIn().Offered(r.Context(), r.Who, id)
	if err != nil {
		return site.Reply{}, err
	}
	side := strconv.Itoa(o.Side + 8) // four light dots around, or no app finds it
	return page(r, pages.OfferPage(d.shell(r, "page_account.app_add", ui.PathAccount), pages.Offer{ID: id.String(), Secret: strings.Fields(o.Secret), Box: "-4 -4 " + side + " " + side, Path: o.Path, Form: f})), nil
}

func (d *Desk) appAgain(r *site.Request, err error) (site.Reply, error) {
	f := refused(r, err, nil)
	f.Key = ""
	return d.app(r, f)
}

func (d *Desk) postConfirmApp(r *site.Request) (site.Reply, error) {
	id, err := r.ID("id")
	if err != nil {
		return site.Reply{}, err
	}
	v, err := r.Form()
	if err != nil {
		return site.Reply{}, err
	}
	codes, err := r.Site().SignIn().ConfirmCode(r.Context(), r.Who, id, v.Get("code"))
	if err != nil {
		return site.Reply{}, err
	}
	return d.added(r, codes), nil
}

// added says that a factor was added; the first one brings the recovery codes.
func (d *Desk) added(r *site.Request, codes []string) site.Reply {
	if len(codes) == 0 {
		return see(r, ui.PathAccount, "factor_added")
	}
	return d.codes(r, codes)
}

func (d *Desk) codes(r *site.Request, codes []string) site.Reply {
	return page(r, pages.OncePage(d.shell(r, "page_account.codes_once", ui.PathAccount), pages.Once{Title: r.Lang.T("page_account.codes_once"), Text: r.Lang.T("page_account.codes_once_text"),
		Note: r.Lang.T("page_account.codes_once_note"), Lines: codes, Go: ui.PathAccount, GoLabel: r.Lang.T("page_account.codes_go")}))
}

func (d *Desk) postKeyQuestion(r *site.Request) (site.Reply, error) {
	q, err := r.Site().SignIn().AskForKey(r.Context(), r.Who)
	return site.Reply{Body: q}, err
}

// postKey adds a key. Its answer comes in the field that a proof by key also uses; a key that is being added proves nothing yet.
func (d *Desk) postKey(r *site.Request) (site.Reply, error) {
	if r.Values.Get(ui.FieldNewKey) == "" { // the script was told to prove first, or there is none: the form asks, and is ready for the key afterwards
		if _, err := r.Site().SignIn().AskForKey(r.Context(), r.Who); err != nil {
			return site.Reply{}, err
		}
		return d.account(r, "key_now", ui.Form{Values: r.Values})
	}
	codes, err := r.Site().SignIn().AddKey(r.Context(), r.Who, r.Values.Get("name"), []byte(r.Values.Get(ui.FieldNewKey)))
	if err != nil {
		return site.Reply{}, err
	}
	return d.added(r, codes), nil
}

func (d *Desk) postCodes(r *site.Request) (site.Reply, error) {
	codes, err := r.Site().SignIn().RenewCodes(r.Context(), r.Who)
	if err != nil {
		return site.Reply{}, err
	}
	return d.codes(r, codes), nil
}

// twice takes a password that was typed twice; it is never trimmed.
func twice(v url.Values) (string, error) {
	if v.Get("password") != v.Get("again") {
		return "", fault.Bad(fault.Problem{Pointer: "/again", Key: "password_differ"})
	}
	return v.Get("password"), nil
}

// postCard keeps what she tells the watch about herself.
func (d *Desk) postCard(r *site.Request) (site.Reply, error) {
	var cmd signin.CardCommand
	if err := bind(r, &cmd, nil); err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.PathAccount, "card_kept"), r.Site().SignIn().KeepCard(r.Context(), r.Who, cmd)
}

func (d *Desk) postPassword(r *site.Request) (site.Reply, error) {
	v, err := r.Form()
	if err != nil {
		return site.Reply{}, err
	}
	if !r.Proved() {
		return site.Reply{}, fault.New(fault.Unproved, "step_up_required")
	}
	password, err := twice(v)
	if err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.PathAccount, "password_changed"), r.Site().SignIn().ChangePassword(r.Context(), r.Who, "/password", password)
}

func (d *Desk) getSetup(r *site.Request) (site.Reply, error) {
	return page(r, pages.SetupPage(d.shell(r, "page_account.setup", ui.PathSetup), pages.Setup{})), nil
}

func (d *Desk) postSetup(r *site.Request) (site.Reply, error) {
	v, err := r.Form()
	if err != nil {
		return site.Reply{}, err
	}
	password, err := twice(v)
	if err != nil {
		return site.Reply{}, err
	}
	return see(r, ui.PathSignIn, "setup_done"), r.Site().SignIn().SetUp(r.Context(), v.Get("username"), v.Get("code"), password, r.Visitor(signin.Cookie))
}

func (d *Desk) setupAgain(r *site.Request, err error) (site.Reply, error) {
	f := onlyTyped(refused(r, err, nil), "username", "code")
	if fault.KindOf(err) == fault.Unauthenticated {
		f.Problems = []ui.Problem{{Field: "code", Text: site.Sentence(r.Lang, err)}}
	}
	return page(r, pages.SetupPage(d.shell(r, "page_account.setup", ui.PathSetup), pages.Setup{Form: f})), nil
}

func idOf(text string) uuid.UUID {
	id, err := uuid.Parse(text)
	if err != nil {
		return uuid.Nil
	}
	return id
}
