package signin_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"binhan/internal/app"
	"binhan/internal/app/apptest"
	"binhan/internal/pg"
	"binhan/internal/signin"
	"binhan/internal/signin/idptest"
	"binhan/internal/world"
	"binhan/internal/world/house"
)

// surfer is a browser as far as cookies go: it shows a strict one to nobody who comes from elsewhere.
type surfer struct {
	t       *testing.T
	base    string
	cookies map[string]*http.Cookie // by host and name
	client  *http.Client
}

type seen struct {
	Status int
	Header http.Header
	Body   string
	Onward string // where the page goes on to by itself, or the redirect leads
}

func surf(t *testing.T, base string) *surfer {
	return &surfer{t: t, base: base, cookies: map[string]*http.Cookie{}, client: &http.Client{
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, // the browser of a test; the program itself is given the authority
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// ask goes to an address; from says whose page leads there: "same-origin", "cross-site" or "none".
func (b *surfer) ask(method, address string, form url.Values, from string) seen {
	b.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = b.base + address
	}
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, address, body)
	if err != nil {
		b.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", req.URL.Scheme+"://"+req.URL.Host)
	}
	req.Header.Set("Sec-Fetch-Site", from)
	req.Header.Set("Sec-Fetch-Mode", "navigate")
	req.Header.Set("Sec-Fetch-Dest", "document")
	req.Header.Set("User-Agent", "Firefox/140 Linux")
	for name, c := range b.cookies {
		host, _, _ := strings.Cut(name, " ")
		if host == req.URL.Host && (from != "cross-site" || c.SameSite != http.SameSiteStrictMode) {
			req.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
		}
	}
	resp, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range resp.Cookies() {
		key := req.URL.Host + " " + c.Name
		if c.MaxAge < 0 || c.Value == "" {
			delete(b.cookies, key)
		} else {
			b.cookies[key] = c
		}
	}
	text := string(raw)
	if _, main, ok := strings.Cut(text, "<main"); ok {
		text, _, _ = strings.Cut(main, "</main>")
	}
	v := seen{Status: resp.StatusCode, Header: resp.Header, Body: text, Onward: resp.Header.Get("Location")}
	if to, ok := strings.CutPrefix(resp.Header.Get("Refresh"), "0; url="); ok {
		v.Onward = to
	}
	return v
}

func (b *surfer) cookie(name string) *http.Cookie {
	u, _ := url.Parse(b.base)
	return b.cookies[u.Host+" "+name]
}

func (b *surfer) get(path string) seen { b.t.Helper(); return b.ask("GET", path, nil, "same-origin") }
func (b *surfer) post(path string, form url.Values) seen {
	b.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	return b.ask("POST", path, form, "same-origin")
}

// password signs in as usual.
func (b *surfer) password(username string) *surfer {
	b.t.Helper()
	if a := b.post("/dang-nhap", url.Values{"username": {username}, "password": {world.Password}}); a.Status != http.StatusSeeOther {
		b.t.Fatalf("%s: %d %s", username, a.Status, a.Body)
	}
	return b
}

// atProvider goes where it is sent, signs in there if it is asked, and gives the address that leads back to us.
func (b *surfer) atProvider(to, username string) string {
	b.t.Helper()
	for range 12 {
		u, err := url.Parse(to)
		if err != nil {
			b.t.Fatal(err)
		}
		if u.Scheme+"://"+u.Host == b.base {
			return to
		}
		a := b.ask("GET", to, nil, "cross-site")
		if a.Onward == "" && strings.Contains(a.Body, `name="password"`) {
			a = b.ask("POST", u.Scheme+"://"+u.Host+"/login", url.Values{"id": {u.Query().Get("id")}, "username": {username}, "password": {idptest.Password}}, "same-origin")
		}
		if a.Onward == "" {
			b.t.Fatalf("the provider leads nowhere: %d %s", a.Status, a.Body)
		}
		next, err := u.Parse(a.Onward)
		if err != nil {
			b.t.Fatal(err)
		}
		to = next.String()
	}
	b.t.Fatal("the provider leads in circles")
	return ""
}

// through begins at a form of ours, goes to the provider as somebody, and comes back.
func (b *surfer) through(path string, form url.Values, username string) seen {
	b.t.Helper()
	a := b.post(path, form)
	if a.Status != http.StatusOK || !strings.HasPrefix(a.Onward, "https://") {
		b.t.Fatalf("%s leads nowhere: %d %q %s", path, a.Status, a.Onward, a.Body)
	}
	return b.ask("GET", b.atProvider(a.Onward, username), nil, "cross-site")
}

// province is a house whose people may sign in at an honest provider.
func province(t *testing.T, rules signin.Rules, change func(*signin.Provider)) (*apptest.Server, *idptest.Real, string) {
	t.Helper()
	var idp *idptest.Real
	var origin string
	s := apptest.With(t, func(o *app.Options) {
		origin = o.SignIn.Origin
		idp = idptest.Start(t, origin+signin.PathReturn, origin+"/dang-nhap")
		p := signin.Provider{Issuer: idp.URL, ClientID: idptest.ClientID, Secret: idptest.ClientSecret, Name: "Cổng của tỉnh", AMR: []string{"mfa"}, MaxAge: 10 * time.Hour, CA: idp.CA()}
		if change != nil {
			change(&p)
		}
		o.SignIn = signin.Options{Rules: rules, Origin: origin, Argon: house.Weak, Provider: &p, Log: o.Log}
	})
	return s, idp, origin
}

// link joins somebody's account with what the provider calls her, and signs her out again.
func link(t *testing.T, origin, username string) {
	t.Helper()
	b := surf(t, origin).password(username)
	a := b.through("/tai-khoan/nha-cung-cap", nil, username)
	if a.Onward != "/tai-khoan/nha-cung-cap/noi" {
		t.Fatalf("%d %q %s", a.Status, a.Onward, a.Body)
	}
	if a := b.get(a.Onward); a.Status != http.StatusOK || !strings.Contains(a.Body, username) {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if a := b.post("/tai-khoan/nha-cung-cap/noi", nil); a.Status != http.StatusSeeOther || a.Onward != "/tai-khoan" {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	b.post("/dang-xuat", nil)
}

func TestSheLinksHerAccountAndSignsInThroughTheProvider(t *testing.T) {
	t.Parallel()
	s, idp, origin := province(t, signin.Easy, nil)
	idp.TwoFactors(true)
	db := s.DB.Open(t, pg.Superuser)
	link(t, origin, "tuvan.kontum")

	b := surf(t, origin)
	if a := b.get("/dang-nhap"); !strings.Contains(a.Body, "Đăng nhập bằng Cổng của tỉnh") {
		t.Fatal(a.Body)
	}
	away := b.post("/oidc/di", url.Values{"back": {"/ho-so"}})
	sent, err := url.Parse(away.Onward)
	if err != nil {
		t.Fatal(err)
	}
	q := sent.Query()
	for name, want := range map[string]string{"client_id": idptest.ClientID, "response_type": "code", "scope": "openid", "redirect_uri": origin + "/oidc/ve", "code_challenge_method": "S256", "max_age": "36000", "ui_locales": "vi"} {
		if q.Get(name) != want {
			t.Errorf("%s=%q", name, q.Get(name))
		}
	}
	returned := b.atProvider(away.Onward, "tuvan.kontum")
	a := b.ask("GET", returned, nil, "cross-site")
	if a.Status != http.StatusOK || a.Onward != "/ho-so" {
		t.Fatalf("%d %q %s", a.Status, a.Onward, a.Body)
	}
	if a := b.get("/ho-so"); a.Status != http.StatusOK {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if b.cookie("di") != nil {
		t.Error("the cookie of the way is still there")
	}
	var strength string
	if err := db.Get(&strength, `select strength from auth.sessions where ended_at is null order by created_at desc limit 1`); err != nil || strength != "oidc" {
		t.Error(strength, err)
	}
	var reason string
	if err := db.Get(&reason, `select reason from audit.entries where act = 'session.open' and decision = 'allowed' order by id desc limit 1`); err != nil || reason != "oidc" {
		t.Error(reason, err)
	}

	// She leaves: here always, there if she likes.
	out := b.post("/dang-xuat", nil)
	if out.Onward != "/oidc/ra" {
		t.Fatal(out.Onward)
	}
	if a := b.get("/ho-so"); a.Status == http.StatusOK {
		t.Errorf("the session lives on: %d", a.Status)
	}
	if a := b.get("/oidc/ra"); a.Status != http.StatusOK || !strings.Contains(a.Body, "Đăng xuất khỏi Cổng của tỉnh") {
		t.Fatal(a.Status, a.Body)
	}
	gone := b.post("/oidc/ra", nil)
	if to := b.atProvider(gone.Onward, ""); to != origin+"/dang-nhap" || idp.Left() != 1 {
		t.Errorf("%q %d", to, idp.Left())
	}

	// The same browser again: its device is known, and is hers.
	if a := b.through("/oidc/di", nil, "tuvan.kontum"); a.Onward != "/hom-nay" {
		t.Fatalf("%d %q", a.Status, a.Onward)
	}
	var devices int
	if err := db.Get(&devices, `select count(*) from auth.devices where user_id = $1`, world.UserID("tuvan.kontum")); err != nil || devices != 2 { // where she linked, and here
		t.Error(devices, err)
	}
	if a := b.get("/tai-khoan"); !strings.Contains(a.Body, strings.TrimPrefix(idp.URL, "https://")) {
		t.Error("her account does not show the link")
	}

	// Nothing of the way is in the log, and nothing of her at the provider in the database.
	log := s.Log.String()
	u, _ := url.Parse(returned)
	for what, secret := range map[string]string{"code": u.Query().Get("code"), "state": u.Query().Get("state"), "nonce": q.Get("nonce"), "subject": idptest.Subject("tuvan.kontum"), "challenge": q.Get("code_challenge")} {
		if secret == "" || strings.Contains(log, secret) || strings.Contains(s.Contents(t)["auth.identities"]+s.Contents(t)["auth.challenges"], secret) {
			t.Errorf("the %s stands in the log or in the database: %q", what, secret)
		}
	}
}

func TestAProviderThatAsksForOneFactorNeedsOneOfOurs(t *testing.T) {
	t.Parallel()
	s, _, origin := province(t, signin.Strict, func(p *signin.Provider) { p.MaxAge = 0 })
	db := s.DB.Open(t, pg.Superuser)
	// Linking needs a whole session: with a password alone there is none under these rules.
	b := surf(t, origin).password("tuvan.kontum")
	a := b.through("/tai-khoan/nha-cung-cap", nil, "tuvan.kontum")
	if a := b.post(a.Onward, nil); a.Status < 400 {
		t.Errorf("an account without a second factor was linked: %d", a.Status)
	}
	b.post("/dang-xuat", nil)

	c := s.As(t, "tuvan.kontum")
	secret, recovery := enrol(t, c)
	at := time.Now()
	b = surf(t, origin)
	if a := b.post("/dang-nhap", url.Values{"username": {"tuvan.kontum"}, "password": {world.Password}, "code": {code(t, secret, at)}}); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	a = b.through("/tai-khoan/nha-cung-cap", nil, "tuvan.kontum")
	if a := b.post(a.Onward, nil); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	b.post("/dang-xuat", nil)

	a = b.through("/oidc/di", url.Values{"back": {"/ho-so"}}, "tuvan.kontum")
	if a.Onward != "/oidc/ma" || b.cookie("so") != nil {
		t.Fatalf("%d %q %v", a.Status, a.Onward, b.cookie("so"))
	}
	if a := b.get("/oidc/ma"); a.Status != http.StatusOK {
		t.Fatal(a.Status)
	}
	for range 2 {
		before := b.cookie("buoc").Value
		if a := b.post("/oidc/ma", url.Values{"code": {"000000"}}); a.Status != http.StatusUnauthorized || b.cookie("so") != nil || b.cookie("buoc").Value == before {
			t.Fatalf("%d", a.Status)
		}
	}
	stale := b.cookie("buoc").Value
	if a := b.post("/oidc/ma", url.Values{"code": {code(t, secret, at)}}); a.Status != http.StatusUnauthorized { // that code was used to sign in
		t.Errorf("a code was taken twice: %d", a.Status)
	}
	a = b.post("/oidc/ma", url.Values{"code": {code(t, secret, at.Add(30*time.Second))}})
	if a.Status != http.StatusSeeOther || a.Onward != "/ho-so" || b.cookie("so") == nil {
		t.Fatalf("%d %q %s", a.Status, a.Onward, a.Body)
	}
	var got []string
	if err := db.Select(&got, `select strength from auth.sessions where ended_at is null and identity is not null`); err != nil || !slices.Equal(got, []string{"totp"}) {
		t.Error(got, err)
	}
	if err := db.Select(&got, `select reason from audit.entries where act = 'session.open' and reason like 'oidc%' order by id`); err != nil || !slices.Equal(got, []string{"oidc_totp"}) {
		t.Error(got, err)
	}
	// The ticket is good once, and five wrong codes end the way.
	other := surf(t, origin)
	other.cookies[strings.TrimPrefix(origin, "http://")+" buoc"] = &http.Cookie{Name: "buoc", Value: stale}
	if a := other.post("/oidc/ma", url.Values{"code": {recovery[0]}}); a.Onward != "/dang-nhap" || other.cookie("so") != nil {
		t.Errorf("a used ticket: %d %q", a.Status, a.Onward)
	}
	db.MustExec(`delete from auth.buckets`)
	other.through("/oidc/di", nil, "tuvan.kontum")
	for i := range 5 {
		a = other.post("/oidc/ma", url.Values{"code": {"000000"}})
		if i < 4 && a.Status != http.StatusUnauthorized {
			t.Fatalf("try %d: %d", i, a.Status)
		}
	}
	if a.Onward != "/dang-nhap" || other.cookie("buoc") != nil {
		t.Errorf("after five wrong codes: %d %q", a.Status, a.Onward)
	}
	// Codes after the provider are counted with those at the password: ten in an hour from strange devices.
	for range 3 {
		other.through("/oidc/di", nil, "tuvan.kontum")
		for range 4 {
			a = other.post("/oidc/ma", url.Values{"code": {"000000"}})
		}
	}
	if a.Status != http.StatusTooManyRequests {
		t.Errorf("codes can be guessed without end: %d", a.Status)
	}
	// A recovery code does too, and a session of such a provider is as old as its word.
	db.MustExec(`delete from auth.buckets`)
	other.through("/oidc/di", nil, "tuvan.kontum")
	if a := other.post("/oidc/ma", url.Values{"code": {recovery[1]}}); a.Status != http.StatusSeeOther {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

func TestWhoHasNoSecondFactorMayOnlyAddOneAfterSuchAProvider(t *testing.T) {
	t.Parallel()
	s, _, origin := province(t, signin.Easy, nil)
	link(t, origin, "tuvan.kontum")
	strict, err := signin.New(s.App.Gate, signin.Options{Rules: signin.Strict, Origin: origin, Argon: house.Weak})
	if err != nil || strict.HasProvider() {
		t.Fatal(err)
	}
	db := s.DB.Open(t, pg.Superuser)
	b := surf(t, origin)
	if a := b.through("/oidc/di", nil, "tuvan.kontum"); a.Onward != "/hom-nay" { // in development one factor does, as for a password
		t.Fatal(a.Status, a.Onward)
	}
	var id, handle string
	if err := db.QueryRow(`select id, (select handle_hash::text from auth.sessions order by created_at desc limit 1) from auth.identities`).Scan(&id, &handle); err != nil {
		t.Fatal(err)
	}
	mark, err := s.App.Gate.IdentityMark(t.Context(), uuid.MustParse(id))
	if err != nil {
		t.Fatal(err)
	}
	var outcome string
	if err := db.Get(&outcome, `select outcome from auth.open_by_identity($1, $2, false, now(), null, null, null, null, null, null, null, 'x', 10, null, '', '', '{"demand": true, "sessions": 3, "idle_days": 45}', 'r')`, id, mark); err != nil || outcome != "ok" {
		t.Fatal(outcome, err)
	}
	var strength string
	if err := db.Get(&strength, `select strength from auth.sessions where handle_hash = sha256('x')`); err != nil || strength != "enrolling" {
		t.Error(strength, err)
	}
	// A statement that slipped in has no mark.
	for _, mark := range [][]byte{nil, {}, []byte("x"), make([]byte, 32)} {
		if err := db.Get(&outcome, `select outcome from auth.open_by_identity($1, $2, true, now(), null, null, null, null, null, null, null, 'y', 10, null, '', '', '{"demand": false, "sessions": 3, "idle_days": 45}', 'r')`, id, mark); err != nil || outcome != "wrong" {
			t.Error(outcome, err)
		}
	}
}

func TestNobodyIsMadeOrFoundByAProvidersWord(t *testing.T) {
	t.Parallel()
	s, idp, origin := province(t, signin.Easy, nil)
	idp.TwoFactors(true)
	db := s.DB.Open(t, pg.Superuser)
	count := func() (n int) {
		if err := db.Get(&n, `select (select count(*) from auth.users) + (select count(*) from auth.sessions) + (select count(*) from auth.identities)`); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := count()
	b := surf(t, origin)
	a := b.through("/oidc/di", nil, "tuvan.kontum") // the same name, and nobody has linked it
	if a.Status != http.StatusUnauthorized || a.Onward != "/dang-nhap" || b.cookie("so") != nil || count() != before {
		t.Fatalf("%d %q", a.Status, a.Onward)
	}
	if a := b.get("/dang-nhap"); !strings.Contains(a.Body, "chưa mở được phiên làm việc ở đây") {
		t.Error(a.Body)
	}
	if a := b.get("/dang-nhap"); strings.Contains(a.Body, "chưa mở được phiên làm việc ở đây") {
		t.Error("it is said twice")
	}
	var reason string
	if err := db.Get(&reason, `select reason from audit.entries where act = 'session.open' and decision = 'refused' order by id desc limit 1`); err != nil || reason != "oidc_unlinked" {
		t.Error(reason, err)
	}

	// Closed, resting and reset accounts stay what they are.
	link(t, origin, "tuvan.kontum")
	db.MustExec(`update auth.users set frozen_at = now() where username = 'tuvan.kontum'`)
	if a := b.through("/oidc/di", nil, "tuvan.kontum"); a.Onward != "/hom-nay" {
		t.Fatalf("%d %q", a.Status, a.Onward)
	}
	if a := b.get("/ho-so"); a.Status == http.StatusOK {
		t.Errorf("a resting account reads cases: %d", a.Status)
	}
	if a := b.get("/tai-khoan"); a.Status != http.StatusOK {
		t.Errorf("her own account is closed to her: %d", a.Status)
	}
	db.MustExec(`update auth.users set frozen_at = null, disabled_at = now() where username = 'tuvan.kontum'`)
	if a := b.get("/tai-khoan"); a.Status == http.StatusOK {
		t.Errorf("a right changed does not bite with the next request: %d", a.Status)
	}
	if a := b.through("/oidc/di", nil, "tuvan.kontum"); a.Status != http.StatusUnauthorized {
		t.Errorf("a closed account opens: %d", a.Status)
	}
	db.MustExec(`update auth.users set disabled_at = null, signed_in_at = now() - interval '46 days' where username = 'tuvan.kontum'`)
	s.As(t, "quantri").Must(http.StatusCreated, "POST", "/api/v1/people/"+world.UserID("tuvan.kontum").String()+"/reset", nil)
	if a := b.through("/oidc/di", nil, "tuvan.kontum"); a.Status != http.StatusUnauthorized {
		t.Errorf("a reset leaves the link: %d", a.Status)
	}
}

func TestALinkIsHersAndNobodyElses(t *testing.T) {
	t.Parallel()
	s, _, origin := province(t, signin.Easy, nil)
	db := s.DB.Open(t, pg.Superuser)
	link(t, origin, "tuvan.kontum")

	// Another person comes with the same subject.
	b := surf(t, origin).password("giamsat.kontum")
	a := b.through("/tai-khoan/nha-cung-cap", nil, "tuvan.kontum")
	if a := b.post(a.Onward, nil); a.Status != http.StatusConflict {
		t.Errorf("a subject was linked twice: %d", a.Status)
	}
	// A ticket of one person in the hands of another.
	a = b.through("/tai-khoan/nha-cung-cap", nil, "nguoi.khac")
	thief := surf(t, origin).password("yte.kontum")
	thief.cookies[strings.TrimPrefix(origin, "http://")+" buoc"] = b.cookie("buoc")
	if a := thief.post(a.Onward, nil); a.Status != http.StatusConflict {
		t.Errorf("a ticket changed hands: %d", a.Status)
	}
	// A second link, and a proof that has aged.
	b = surf(t, origin).password("tuvan.kontum")
	a = b.through("/tai-khoan/nha-cung-cap", nil, "nguoi.thu.ba")
	if a := b.post(a.Onward, nil); a.Status != http.StatusConflict {
		t.Errorf("two links at one provider: %d", a.Status)
	}
	db.MustExec(`update auth.sessions set proved_at = now() - interval '6 minutes'`)
	if a := b.post("/tai-khoan/nha-cung-cap", nil); a.Status != http.StatusUnauthorized || !strings.Contains(a.Body, "_password") {
		t.Errorf("linking begins without a fresh proof: %d", a.Status)
	}
	var id string
	if err := db.Get(&id, `select id from auth.identities`); err != nil {
		t.Fatal(err)
	}
	if a := b.post("/tai-khoan/noi/"+id+"/bo", nil); a.Status != http.StatusUnauthorized {
		t.Errorf("unlinking without a fresh proof: %d", a.Status)
	}
	// What is not hers is not there.
	if a := s.As(t, "giamsat.kontum").Do("DELETE", "/api/v1/account/identities/"+id, nil); a.Status != http.StatusNotFound {
		t.Errorf("another's link: %d", a.Status)
	}
	// Unlinked, it opens nothing, and what it has opened elsewhere is over.
	elsewhere := surf(t, origin)
	if a := elsewhere.through("/oidc/di", nil, "tuvan.kontum"); a.Onward != "/hom-nay" {
		t.Fatal(a.Status)
	}
	if a := b.post("/tai-khoan/noi/"+id+"/bo", url.Values{"_password": {world.Password}}); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if a := elsewhere.get("/ho-so"); a.Status == http.StatusOK {
		t.Errorf("what the link had opened lives on: %d", a.Status)
	}
	if a := elsewhere.through("/oidc/di", nil, "tuvan.kontum"); a.Status != http.StatusUnauthorized {
		t.Errorf("an unlinked subject opens: %d", a.Status)
	}
}

func TestAProofThroughTheProviderCountsForWhatItSays(t *testing.T) {
	t.Parallel()
	s, idp, origin := province(t, signin.Easy, nil)
	db := s.DB.Open(t, pg.Superuser)
	link(t, origin, "tuvan.kontum")
	idp.TwoFactors(true)
	b := surf(t, origin)
	b.through("/oidc/di", nil, "tuvan.kontum")
	again := func() { db.MustExec(`update auth.sessions set proved_at = now() - interval '1 hour'`) }
	fresh := func() (yes bool) {
		if err := db.Get(&yes, `select coalesce(bool_or(proved_at > now() - interval '5 minutes'), false) from auth.sessions where ended_at is null`); err != nil {
			t.Fatal(err)
		}
		return yes
	}
	again()
	idp.Aged(time.Hour)
	before := b.cookie("so").Value
	away := b.post("/oidc/xac-nhan", url.Values{"back": {"/tai-khoan"}})
	if u, _ := url.Parse(away.Onward); u.Query().Get("prompt") != "login" || u.Query().Get("max_age") != "0" {
		t.Fatal(away.Onward)
	}
	a := b.ask("GET", b.atProvider(away.Onward, "tuvan.kontum"), nil, "cross-site")
	if a.Onward != "/tai-khoan" || !fresh() || b.cookie("so").Value == before {
		t.Fatalf("%d %q %v", a.Status, a.Onward, fresh())
	}
	if a := b.post("/tai-khoan/ung-dung", url.Values{"name": {"Điện thoại"}}); a.Status != http.StatusSeeOther {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	// Somebody else signs in there, linked or not.
	link(t, origin, "giamsat.kontum")
	for _, other := range []string{"giamsat.kontum", "nguoi.la"} {
		again()
		if a := b.through("/oidc/xac-nhan", nil, other); a.Status != http.StatusUnauthorized || a.Onward != "/oidc/xac-nhan" || fresh() {
			t.Errorf("%s proved for her: %d %q", other, a.Status, a.Onward)
		}
		if a := b.get("/oidc/xac-nhan"); a.Status != http.StatusOK || !strings.Contains(a.Body, "không phải là chủ") {
			t.Errorf("%d %s", a.Status, a.Body)
		}
	}
	// Nothing is proved for her who has a second factor by a provider that asks for one.
	enrol(t, s.As(t, "tuvan.kontum"))
	idp.TwoFactors(false)
	again()
	if a := b.through("/oidc/xac-nhan", nil, "tuvan.kontum"); a.Status != http.StatusUnauthorized || fresh() {
		t.Errorf("one factor proved what needs two: %d", a.Status)
	}
	// A session that has ended meanwhile is not proved.
	idp.TwoFactors(true)
	away = b.post("/oidc/xac-nhan", nil)
	db.MustExec(`update auth.sessions set ended_at = now()`)
	if a := b.ask("GET", b.atProvider(away.Onward, "tuvan.kontum"), nil, "cross-site"); a.Status != http.StatusUnauthorized {
		t.Errorf("an ended session was proved: %d", a.Status)
	}
}

func TestASessionOfAnOldSignInThereIsNoFreshProofHere(t *testing.T) {
	t.Parallel()
	s, idp, origin := province(t, signin.Easy, nil)
	idp.TwoFactors(true)
	link(t, origin, "tuvan.kontum")
	b := surf(t, origin)
	b.through("/oidc/di", nil, "tuvan.kontum")
	b.post("/dang-xuat", nil)
	idp.Aged(2 * time.Hour)
	if a := b.through("/oidc/di", nil, ""); a.Onward != "/hom-nay" { // it does not ask her again
		t.Fatalf("%d %q", a.Status, a.Onward)
	}
	if a := b.post("/tai-khoan/ma-du-phong", nil); a.Status != http.StatusUnauthorized {
		t.Errorf("two hours old, and taken for fresh: %d", a.Status)
	}
	_ = s
}

func TestASilentProviderStopsNobody(t *testing.T) {
	t.Parallel()
	var idp *idptest.Real
	var origin string
	late := time.Duration(0)
	s := apptest.With(t, func(o *app.Options) {
		origin = o.SignIn.Origin
		idp = idptest.Start(t, origin+signin.PathReturn, origin+"/dang-nhap")
		idp.Down(true)
		o.SignIn = signin.Options{Origin: origin, Argon: house.Weak, Log: o.Log, Now: func() time.Time { return time.Now().Add(late) },
			Provider: &signin.Provider{Issuer: idp.URL, ClientID: idptest.ClientID, Secret: idptest.ClientSecret, Name: "Cổng của tỉnh", CA: idp.CA()}}
	})
	if err := s.App.SignIn.MeetProvider(t.Context()); err == nil {
		t.Error("a silent provider was met")
	}
	b := surf(t, origin)
	for range 2 {
		if a := b.post("/oidc/di", nil); a.Status != http.StatusServiceUnavailable || !strings.Contains(a.Body, "chưa trả lời") || !strings.Contains(a.Body, `name="password"`) {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
	}
	b.password("tuvan.kontum")
	if a := b.get("/ho-so"); a.Status != http.StatusOK {
		t.Error(a.Status)
	}
	idp.Down(false)
	late = 6 * time.Second
	if a := b.post("/oidc/di", nil); a.Status != http.StatusOK || !strings.HasPrefix(a.Onward, idp.URL) {
		t.Errorf("it answers again and is not asked: %d %s", a.Status, a.Body)
	}
	// Silent between the way out and the way back.
	a := b.post("/oidc/di", nil)
	to := b.atProvider(a.Onward, "tuvan.kontum")
	idp.Down(true)
	if a := b.ask("GET", to, nil, "cross-site"); a.Status != http.StatusServiceUnavailable || a.Onward != "/dang-nhap" || b.cookie("so") != nil {
		t.Errorf("%d %q", a.Status, a.Onward)
	}
}

func TestWithoutAProviderThereIsNoWayToOne(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	b := surf(t, s.URL)
	for _, path := range []string{"/oidc/di", "/oidc/ve", "/oidc/ma", "/oidc/xac-nhan", "/oidc/ra", "/oidc/dang-xuat", "/tai-khoan/nha-cung-cap"} {
		if a := b.post(path, nil); a.Status != http.StatusNotFound {
			t.Errorf("POST %s: %d", path, a.Status)
		}
		if a := b.get(path); a.Status != http.StatusNotFound {
			t.Errorf("GET %s: %d", path, a.Status)
		}
	}
	if a := b.get("/dang-nhap"); strings.Contains(a.Body, "/oidc/") {
		t.Error("the page of signing in names a provider")
	}
}

// ------------------------------------------------------------------ a provider that lies

// lied is a house with a provider that signs what it is told; its people are linked by what it says.
func lied(t *testing.T, change func(*signin.Provider)) (*apptest.Server, *idptest.Hostile, string) {
	t.Helper()
	h := idptest.StartHostile(t)
	var origin string
	s := apptest.With(t, func(o *app.Options) {
		origin = o.SignIn.Origin
		p := signin.Provider{Issuer: h.URL, ClientID: idptest.ClientID, Secret: idptest.ClientSecret, Name: "Cổng của tỉnh", AMR: []string{"mfa"}, ACR: []string{"cao"}, CA: h.CA()}
		if change != nil {
			change(&p)
		}
		o.SignIn = signin.Options{Origin: origin, Argon: house.Weak, Provider: &p, Log: o.Log}
	})
	return s, h, origin
}

// way is one journey: what was asked of the provider.
type way struct{ state, nonce, challenge string }

func (b *surfer) leave(path string, form url.Values) way {
	b.t.Helper()
	a := b.post(path, form)
	u, err := url.Parse(a.Onward)
	if err != nil || u.Query().Get("state") == "" {
		b.t.Fatalf("%d %q %s", a.Status, a.Onward, a.Body)
	}
	return way{u.Query().Get("state"), u.Query().Get("nonce"), u.Query().Get("code_challenge")}
}

// comeBack returns with an answer.
func (b *surfer) comeBack(h *idptest.Hostile, w way, change url.Values) seen {
	b.t.Helper()
	q := url.Values{"code": {"ma-" + w.state[:8]}, "state": {w.state}, "iss": {h.URL}}
	for name, v := range change {
		if v == nil {
			q.Del(name)
		} else {
			q[name] = v
		}
	}
	return b.ask("GET", "/oidc/ve?"+q.Encode(), nil, "cross-site")
}

func linkLied(t *testing.T, h *idptest.Hostile, origin, username string) {
	t.Helper()
	b := surf(t, origin).password(username)
	w := b.leave("/tai-khoan/nha-cung-cap", nil)
	h.Give(h.Sign(h.Claims(username, w.nonce)), 0)
	if a := b.comeBack(h, w, nil); a.Status != http.StatusOK {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if a := b.post("/tai-khoan/nha-cung-cap/noi", nil); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
}

func TestNoTokenThatDoesNotFitIsTaken(t *testing.T) {
	t.Parallel()
	s, h, origin := lied(t, func(p *signin.Provider) { p.MaxAge = time.Hour })
	linkLied(t, h, origin, "tuvan.kontum")
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	other := idptest.StartHostile(t)
	now := time.Now().Unix()
	with := func(changes map[string]any) func(way) string {
		return func(w way) string {
			c := h.Claims("tuvan.kontum", w.nonce)
			for name, v := range changes {
				if v == nil {
					delete(c, name)
				} else {
					c[name] = v
				}
			}
			return h.Sign(c)
		}
	}
	right := func(w way) map[string]any { return h.Claims("tuvan.kontum", w.nonce) }
	refused := map[string]func(way) string{
		"none":                         func(w way) string { return h.Unsigned("JWT", right(w)) },
		"HS256 with the key as DER":    func(w way) string { return h.SharedSecret("der", "JWT", right(w)) },
		"HS256 with the key as PEM":    func(w way) string { return h.SharedSecret("pem", "JWT", right(w)) },
		"HS256 with the modulus":       func(w way) string { return h.SharedSecret("modulus", "JWT", right(w)) },
		"HS256 with our own secret":    func(w way) string { return h.SharedSecret("client secret", "JWT", right(w)) },
		"a stranger's key":             func(w way) string { return h.SignAs(stranger, "JWT", right(w)) },
		"another provider's":           func(w way) string { return other.Sign(other.Claims("tuvan.kontum", w.nonce)) },
		"another provider's in ours":   func(w way) string { return other.Sign(right(w)) },
		"a changed letter":             func(w way) string { r := []byte(h.Sign(right(w))); r[len(r)/2] ^= 1; return string(r) },
		"no token":                     func(way) string { return "" },
		"no JWT":                       func(way) string { return "khong-phai-jwt" },
		"issuer":                       with(map[string]any{"iss": other.URL}),
		"issuer with a slash":          with(map[string]any{"iss": h.URL + "/"}),
		"no issuer":                    with(map[string]any{"iss": nil}),
		"audience":                     with(map[string]any{"aud": "phan-mem-khac"}),
		"no audience":                  with(map[string]any{"aud": nil}),
		"two audiences without azp":    with(map[string]any{"aud": []string{idptest.ClientID, "phan-mem-khac"}}),
		"azp":                          with(map[string]any{"aud": []string{idptest.ClientID, "phan-mem-khac"}, "azp": "phan-mem-khac"}),
		"azp beside one audience":      with(map[string]any{"azp": "phan-mem-khac"}),
		"expired":                      with(map[string]any{"exp": now - 120}),
		"no end":                       with(map[string]any{"exp": nil}),
		"no iat":                       with(map[string]any{"iat": nil}),
		"an old iat":                   with(map[string]any{"iat": now - 3600}),
		"an iat to come":               with(map[string]any{"iat": now + 3600}),
		"not yet":                      with(map[string]any{"nbf": now + 3600}),
		"no nonce":                     with(map[string]any{"nonce": nil}),
		"an empty nonce":               with(map[string]any{"nonce": ""}),
		"another nonce":                with(map[string]any{"nonce": "mot-nonce-khac"}),
		"no subject":                   with(map[string]any{"sub": nil}),
		"a long subject":               with(map[string]any{"sub": strings.Repeat("x", 256)}),
		"asked too long ago":           with(map[string]any{"auth_time": now - 2*3600}),
		"not said when it asked":       with(map[string]any{"auth_time": nil}),
		"asked in the future":          with(map[string]any{"auth_time": now + 3600}),
		"amr that is no list":          with(map[string]any{"amr": "mfa"}),
		"an order to leave, not an ID": func(w way) string { o := h.Order("tuvan.kontum"); return h.SignOrder(o) },
	}
	for _, name := range slices.Sorted(maps.Keys(refused)) {
		b := surf(t, origin)
		w := b.leave("/oidc/di", nil)
		h.Give(refused[name](w), 0)
		a := b.comeBack(h, w, nil)
		if a.Status != http.StatusUnauthorized || b.cookie("so") != nil || b.cookie("buoc") != nil || a.Onward != "/dang-nhap" {
			t.Errorf("%s: %d %q", name, a.Status, a.Onward)
		}
	}
	taken := map[string]func(way) string{
		"a right one":          func(w way) string { return h.Sign(right(w)) },
		"the other key":        func(w way) string { return h.SignEC(right(w)) },
		"two audiences":        with(map[string]any{"aud": []string{idptest.ClientID, "phan-mem-khac"}, "azp": idptest.ClientID}),
		"a clock that is late": with(map[string]any{"iat": now - 30, "exp": now - 30}),
	}
	for _, name := range slices.Sorted(maps.Keys(taken)) {
		b := surf(t, origin)
		w := b.leave("/oidc/di", nil)
		h.Give(taken[name](w), 0)
		if a := b.comeBack(h, w, nil); a.Status != http.StatusOK || b.cookie("so") == nil {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	if strings.Contains(s.Log.String(), "lời của nhà cung cấp") {
		t.Error("the log quotes the provider")
	}
}

func TestASecondFactorIsBelievedOnlyInTheWordsThatWereAgreed(t *testing.T) {
	t.Parallel()
	s, h, origin := lied(t, nil)
	linkLied(t, h, origin, "tuvan.kontum")
	enrol(t, s.As(t, "tuvan.kontum"))
	for name, c := range map[string]struct {
		change map[string]any
		whole  bool
	}{
		"amr":              {map[string]any{"amr": []string{"pwd", "mfa"}}, true},
		"acr":              {map[string]any{"amr": nil, "acr": "cao"}, true},
		"other amr":        {map[string]any{"amr": []string{"pwd", "sms"}}, false},
		"other acr":        {map[string]any{"amr": nil, "acr": "thap"}, false},
		"part of a word":   {map[string]any{"amr": []string{"mfa2", "mf"}, "acr": "rat cao"}, false},
		"neither":          {map[string]any{"amr": nil}, false},
		"amr said as acr":  {map[string]any{"amr": nil, "acr": "mfa"}, false},
		"acr said as amr ": {map[string]any{"amr": []string{"cao"}}, false},
	} {
		b := surf(t, origin)
		w := b.leave("/oidc/di", nil)
		claims := h.Claims("tuvan.kontum", w.nonce)
		for k, v := range c.change {
			if v == nil {
				delete(claims, k)
			} else {
				claims[k] = v
			}
		}
		h.Give(h.Sign(claims), 0)
		a := b.comeBack(h, w, nil)
		if got := b.cookie("so") != nil; got != c.whole || !got && a.Onward != "/oidc/ma" {
			t.Errorf("%s: a session %v, %q", name, got, a.Onward)
		}
	}
}

func TestAnAnswerBelongsToItsBrowserAndItsProviderAndIsGoodOnce(t *testing.T) {
	t.Parallel()
	s, h, origin := lied(t, nil)
	db := s.DB.Open(t, pg.Superuser)
	linkLied(t, h, origin, "tuvan.kontum")
	fails := func(name string, b *surfer, a seen) {
		t.Helper()
		if a.Status != http.StatusUnauthorized || b.cookie("so") != nil {
			t.Errorf("%s: %d", name, a.Status)
		}
	}
	begin := func() (*surfer, way) {
		b := surf(t, origin)
		w := b.leave("/oidc/di", nil)
		h.Give(h.Sign(h.Claims("tuvan.kontum", w.nonce)), 0)
		return b, w
	}
	host := strings.TrimPrefix(origin, "http://")

	b, w := begin()
	asked := len(h.Exchanges())
	fails("no state", b, b.comeBack(h, w, url.Values{"state": nil}))
	fails("another state", b, b.comeBack(h, w, url.Values{"state": {strings.Repeat("A", 43)}}))
	fails("two states", b, b.comeBack(h, w, url.Values{"state": {w.state, w.state}}))
	fails("two issuers", b, b.comeBack(h, w, url.Values{"iss": {h.URL, h.URL}}))

	victim, w := begin() // another browser's state: an attacker's answer pushed into her browser, and hers into his
	attacker := surf(t, origin)
	fails("no cookie", attacker, attacker.comeBack(h, w, nil))
	b, w = begin()
	_, w2 := begin()
	fails("another browser's state", b, b.comeBack(h, w2, nil))
	_ = victim

	b, w = begin()
	fails("mix-up", b, b.comeBack(h, w, url.Values{"iss": {"https://khac.example"}}))
	b, w = begin()
	fails("no issuer, where it says that it names itself", b, b.comeBack(h, w, url.Values{"iss": nil}))
	b, w = begin()
	fails("no code", b, b.comeBack(h, w, url.Values{"code": nil}))
	b, w = begin()
	if a := b.comeBack(h, w, url.Values{"code": nil, "error": {"access_denied"}, "error_description": {"<b>x</b>"}}); a.Status != http.StatusUnauthorized || strings.Contains(a.Body, "<b>x") || !strings.Contains(a.Body, "đã dừng") {
		t.Errorf("declined: %d %s", a.Status, a.Body)
	}
	b, w = begin()
	fails("an error and a code", b, b.comeBack(h, w, url.Values{"error": {"login_required"}}))
	if n := len(h.Exchanges()); n != asked {
		t.Errorf("codes of answers that do not fit were exchanged: %d", n-asked)
	}

	b, w = begin()
	db.MustExec(`update auth.challenges set expires_at = now() - interval '1 second'`)
	fails("after five minutes", b, b.comeBack(h, w, nil))

	b, w = begin()
	h.Give("", http.StatusBadRequest)
	fails("a code that the provider refuses", b, b.comeBack(h, w, nil))
	h.Give(h.Sign(h.Claims("tuvan.kontum", w.nonce)), 0)
	fails("the state of a way that came to nothing", b, b.comeBack(h, w, nil))

	b, w = begin()
	cookie := b.cookie("di")
	if a := b.comeBack(h, w, nil); a.Status != http.StatusOK || b.cookie("so") == nil {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	again := surf(t, origin)
	again.cookies[host+" di"] = cookie
	fails("replayed", again, again.comeBack(h, w, nil))

	// What was exchanged proves who began, and nothing of it lies in the database.
	last, err := url.ParseQuery(h.Exchanges()[len(h.Exchanges())-1])
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(last.Get("code_verifier")))
	if base64.RawURLEncoding.EncodeToString(sum[:]) != w.challenge || last.Get("redirect_uri") != origin+"/oidc/ve" || last.Get("client_secret") != "" {
		t.Errorf("%v against %s", last, w.challenge)
	}
	_, w = begin()
	for table, text := range s.Contents(t) {
		for what, secret := range map[string]string{"state": w.state, "nonce": w.nonce} {
			if strings.Contains(text, secret) || strings.Contains(text, fmt.Sprintf("%x", secret)) {
				t.Errorf("%s holds the %s", table, what)
			}
		}
	}
}

func TestNoWayBackLeadsElsewhere(t *testing.T) {
	t.Parallel()
	_, h, origin := lied(t, nil)
	linkLied(t, h, origin, "tuvan.kontum")
	for _, to := range []string{"https://evil.example", "//evil.example", `/\evil.example`, "javascript:alert(1)", "/ho-so\r\nX: y", "/dang-nhap", "http:evil.example", "https:/evil.example"} {
		b := surf(t, origin)
		w := b.leave("/oidc/di", url.Values{"back": {to}})
		h.Give(h.Sign(h.Claims("tuvan.kontum", w.nonce)), 0)
		if a := b.comeBack(h, w, url.Values{"back": {to}}); a.Status != http.StatusOK || a.Onward != "/hom-nay" {
			t.Errorf("%q: %d %q", to, a.Status, a.Onward)
		}
	}
}

func TestAProofMustHaveBeenAskedForSinceItWasWanted(t *testing.T) {
	t.Parallel()
	s, h, origin := lied(t, nil)
	db := s.DB.Open(t, pg.Superuser)
	linkLied(t, h, origin, "tuvan.kontum")
	b := surf(t, origin)
	w := b.leave("/oidc/di", nil)
	h.Give(h.Sign(h.Claims("tuvan.kontum", w.nonce)), 0)
	b.comeBack(h, w, nil)
	for name, at := range map[string]any{"ten minutes ago": time.Now().Unix() - 600, "not said": nil} {
		db.MustExec(`update auth.sessions set proved_at = now() - interval '1 hour'`)
		w := b.leave("/oidc/xac-nhan", nil)
		c := h.Claims("tuvan.kontum", w.nonce)
		if c["auth_time"] = at; at == nil {
			delete(c, "auth_time")
		}
		h.Give(h.Sign(c), 0)
		if a := b.comeBack(h, w, nil); a.Status != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, a.Status)
		}
		var fresh bool
		if err := db.Get(&fresh, `select bool_or(proved_at > now() - interval '5 minutes') from auth.sessions where ended_at is null`); err != nil || fresh {
			t.Errorf("%s: taken for fresh (%v)", name, err)
		}
	}
	// A way that was begun to sign in proves nothing for a session, and the other way round.
	w = b.leave("/oidc/xac-nhan", nil)
	h.Give(h.Sign(h.Claims("tuvan.kontum", w.nonce)), 0)
	if a := b.comeBack(h, w, nil); a.Onward != "/oidc/xong" {
		t.Errorf("%d %q", a.Status, a.Onward)
	}
}

func TestADescriptionThatCannotBeUsedIsNot(t *testing.T) {
	t.Parallel()
	for name, extra := range map[string]map[string]any{
		"another issuer":           {"issuer": "https://khac.example"},
		"a plain token endpoint":   {"token_endpoint": "http://127.0.0.1:1/token"},
		"browsers sent elsewhere":  {"authorization_endpoint": "https://khac.example/authorize"},
		"leaving leads elsewhere":  {"end_session_endpoint": "https://khac.example/end"},
		"no token endpoint":        {"token_endpoint": ""},
		"no keys":                  {"jwks_uri": ""},
		"no PKCE of the kind":      {"code_challenge_methods_supported": []string{"plain"}},
		"shared secrets alone":     {"id_token_signing_alg_values_supported": []string{"HS256", "none"}},
		"a description of no kind": {"token_endpoint": 7},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := idptest.StartHostile(t)
			h.Describe(extra)
			s, err := signin.New(nil, signin.Options{Origin: "https://binhan.example.vn", Provider: &signin.Provider{Issuer: h.URL, ClientID: "x", Secret: "y", Name: "z", CA: h.CA()}})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.MeetProvider(t.Context()); err == nil {
				t.Error("taken")
			}
		})
	}
	h := idptest.StartHostile(t)
	usual := signin.Provider{Issuer: h.URL, ClientID: "x", Secret: "y", Name: "z"}
	s, err := signin.New(nil, signin.Options{Provider: &usual})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.MeetProvider(t.Context()); err == nil {
		t.Error("a certificate of an unknown authority was taken")
	}
	for name, p := range map[string]signin.Provider{"http": {Issuer: "http://idp.example", ClientID: "x", Name: "z"}, "no client": {Issuer: h.URL, Name: "z"}, "no name": {Issuer: h.URL, ClientID: "x"},
		"a query": {Issuer: h.URL + "?x", ClientID: "x", Name: "z"}, "no authority": {Issuer: h.URL, ClientID: "x", Name: "z", CA: []byte("x")}} {
		if _, err := signin.New(nil, signin.Options{Provider: &p}); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if got := fmt.Sprintf("%v %s", usual, usual); strings.Contains(got, "y") && strings.Contains(got, `Secret`) {
		t.Error(got)
	}
}

// ------------------------------------------------------------------ it says that somebody has left

func TestTheProvidersOrderEndsHerSessions(t *testing.T) {
	t.Parallel()
	s, idp, origin := province(t, signin.Easy, nil)
	idp.TwoFactors(true)
	db := s.DB.Open(t, pg.Superuser)
	link(t, origin, "tuvan.kontum")
	link(t, origin, "giamsat.kontum")
	one, two, other, own := surf(t, origin), surf(t, origin), surf(t, origin), surf(t, origin).password("tuvan.kontum")
	one.through("/oidc/di", nil, "tuvan.kontum")
	two.through("/oidc/di", nil, "tuvan.kontum")
	other.through("/oidc/di", nil, "giamsat.kontum")
	raw := idp.LogoutToken(t, "tuvan.kontum")
	program := surf(t, origin)
	a := program.ask("POST", "/oidc/dang-xuat", url.Values{"logout_token": {raw}}, "cross-site") // a program of another house: no cookie, no session
	if a.Status != http.StatusOK || a.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	got := []int{one.get("/hom-nay").Status, two.get("/hom-nay").Status, other.get("/hom-nay").Status, own.get("/hom-nay").Status}
	if diff := cmp.Diff([]int{303, 303, 200, 200}, got); diff != "" {
		t.Error(diff)
	}
	var n int
	if err := db.Get(&n, `select count(*) from audit.entries where act = 'session.close' and reason = 'oidc'`); err != nil || n != 2 {
		t.Error(n, err)
	}
	one.through("/oidc/di", nil, "tuvan.kontum")
	if a := program.ask("POST", "/oidc/dang-xuat", url.Values{"logout_token": {raw}}, "none"); a.Status != http.StatusBadRequest || one.get("/hom-nay").Status != 200 {
		t.Errorf("an order was taken twice: %d", a.Status)
	}
	if strings.Contains(s.Log.String(), raw) || strings.Contains(s.Log.String(), idptest.Subject("tuvan.kontum")) {
		t.Error("the log holds the order")
	}
}

func TestNoOrderThatDoesNotFitIsTaken(t *testing.T) {
	t.Parallel()
	_, h, origin := lied(t, nil)
	linkLied(t, h, origin, "tuvan.kontum")
	linkLied(t, h, origin, "giamsat.kontum")
	in := func(username string) *surfer {
		b := surf(t, origin)
		w := b.leave("/oidc/di", nil)
		h.Give(h.Sign(h.Claims(username, w.nonce)), 0)
		if a := b.comeBack(h, w, nil); a.Status != http.StatusOK {
			t.Fatal(a.Status)
		}
		return b
	}
	b := in("tuvan.kontum")
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().Unix()
	with := func(changes map[string]any) string {
		o := h.Order("tuvan.kontum")
		for name, v := range changes {
			if v == nil {
				delete(o, name)
			} else {
				o[name] = v
			}
		}
		return h.SignOrder(o)
	}
	const event = "http://schemas.openid.net/event/backchannel-logout"
	for name, raw := range map[string]string{
		"none":                    h.Unsigned("logout+jwt", h.Order("tuvan.kontum")),
		"HS256":                   h.SharedSecret("pem", "logout+jwt", h.Order("tuvan.kontum")),
		"a stranger's key":        h.SignAs(stranger, "logout+jwt", h.Order("tuvan.kontum")),
		"issuer":                  with(map[string]any{"iss": "https://khac.example"}),
		"audience":                with(map[string]any{"aud": "phan-mem-khac"}),
		"no iat":                  with(map[string]any{"iat": nil}),
		"old":                     with(map[string]any{"iat": now - 3600}),
		"to come":                 with(map[string]any{"iat": now + 3600}),
		"expired":                 with(map[string]any{"exp": now - 120}),
		"no end":                  with(map[string]any{"exp": nil}),
		"no id":                   with(map[string]any{"jti": nil}),
		"no event":                with(map[string]any{"events": nil}),
		"another event":           with(map[string]any{"events": map[string]any{"http://schemas.openid.net/event/khac": map[string]any{}}}),
		"an event that is a word": with(map[string]any{"events": map[string]any{event: "x"}}),
		"an event that is null":   with(map[string]any{"events": map[string]any{event: nil}}),
		"a nonce":                 with(map[string]any{"nonce": "x"}),
		"a null nonce":            with(map[string]any{"nonce": []any{nil}}),
		"of nobody":               with(map[string]any{"sub": nil}),
		"an ID token":             h.Sign(h.Claims("tuvan.kontum", "x")),
		"an order of no kind":     h.Sign(h.Order("tuvan.kontum")),
		"nothing":                 "",
		"long":                    strings.Repeat("x", 20<<10),
	} {
		a := surf(t, origin).ask("POST", "/oidc/dang-xuat", url.Values{"logout_token": {raw}}, "none")
		if a.Status != http.StatusBadRequest || !strings.Contains(a.Body, "invalid_request") {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	if a := b.get("/hom-nay"); a.Status != http.StatusOK {
		t.Fatalf("one of them ended her session: %d", a.Status)
	}
	if n := h.Fetched(); n > 14 {
		t.Errorf("tokens with wrong signatures made us ask for keys %d times", n)
	}
	send := func(raw string) int {
		return surf(t, origin).ask("POST", "/oidc/dang-xuat", url.Values{"logout_token": {raw}}, "none").Status
	}
	// Another's session of the provider's with her name, and another's name with her session: neither ends it.
	if st := send(with(map[string]any{"sid": "phien-khac"})); st != http.StatusOK || b.get("/hom-nay").Status != 200 {
		t.Errorf("%d: a session of another name ended", st)
	}
	if st := send(with(map[string]any{"sub": "giamsat.kontum", "sid": "phien-tuvan.kontum"})); st != http.StatusOK || b.get("/hom-nay").Status != 200 {
		t.Errorf("%d: another's order ended it", st)
	}
	if st := send(with(map[string]any{"sub": "nguoi.la"})); st != http.StatusOK {
		t.Errorf("somebody unknown: %d", st)
	}
	if st := send(with(map[string]any{"sub": nil, "sid": "phien-tuvan.kontum"})); st != http.StatusOK || b.get("/hom-nay").Status == 200 {
		t.Errorf("%d: her session lives on", st)
	}
	b = in("tuvan.kontum")
	if st := send(with(map[string]any{"sid": "phien-tuvan.kontum"})); st != http.StatusOK || b.get("/hom-nay").Status == 200 {
		t.Errorf("%d: her session lives on", st)
	}
	b = in("tuvan.kontum")
	if st := send(h.SignOrder(h.Order("tuvan.kontum"))); st != http.StatusOK || b.get("/hom-nay").Status == 200 {
		t.Errorf("%d: her session lives on", st)
	}
}
