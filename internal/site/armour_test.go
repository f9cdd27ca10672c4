package site_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/app/apptest"
	"binhan/internal/fault"
	"binhan/internal/site"
	"binhan/internal/world"
	"binhan/web"
)

// borne are the headers that an answer of ours may bear: a header that nobody thought of fails the test that meets it.
var borne = []string{"Accept-Ranges", "Allow", "Cache-Control", "Clear-Site-Data", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Length", "Content-Range", "Content-Security-Policy", "Content-Type",
	"Cross-Origin-Embedder-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Date", "Etag", "Last-Modified", "Location", "Permissions-Policy", "Referrer-Policy", "Retry-After", "Set-Cookie",
	"Strict-Transport-Security", "Vary", "Www-Authenticate", "X-Content-Type-Options", "X-Frame-Options", "X-Request-Id"}

var written = regexp.MustCompile(`^(text/|image/svg\+xml|application/([a-z.]+\+)?(json|xml|yaml|javascript))`)

// policyOf reads a Content-Security-Policy into its directives.
func policyOf(text string) map[string]string {
	m := map[string]string{}
	for part := range strings.SplitSeq(text, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), " ")
		m[name] = value
	}
	return m
}

var pagePolicy = map[string]string{"default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self'", "connect-src": "'self'", "object-src": "'none'", "form-action": "'self'", "base-uri": "'none'", "frame-ancestors": "'none'",
	"require-trusted-types-for": "'script'", "trusted-types": "'none'", "report-uri": web.ReportPath}

// armoured holds one answer to what every answer bears.
func armoured(t *testing.T, where string, a apptest.Answer, secure bool) {
	t.Helper()
	h := a.Header
	for name, values := range h {
		if !slices.Contains(borne, name) {
			t.Errorf("%s: header %s: %q", where, name, values)
		}
		if len(values) != 1 && name != "Set-Cookie" {
			t.Errorf("%s: %s stands %d times", where, name, len(values))
		}
		for _, v := range values {
			if regexp.MustCompile(`(?i)\bgo1\.|golang|\bgin\b|binhan/[0-9]|postgres|debian|x-powered`).MatchString(v) && name != "Content-Disposition" {
				t.Errorf("%s: %s tells what we are made of: %q", where, name, v)
			}
		}
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp"} {
		if h.Get(name) != want {
			t.Errorf("%s: %s is %q", where, name, h.Get(name))
		}
	}
	if p := h.Get("Permissions-Policy"); !strings.Contains(p, "camera=()") || !strings.Contains(p, "geolocation=()") || strings.Contains(p, "*") {
		t.Errorf("%s: Permissions-Policy is %q", where, p)
	}
	if hsts := h.Get("Strict-Transport-Security"); secure != (hsts == "max-age=63072000; includeSubDomains") || !secure && hsts != "" {
		t.Errorf("%s: Strict-Transport-Security is %q", where, hsts)
	}
	policy := policyOf(h.Get("Content-Security-Policy"))
	if _, sandboxed := policy["sandbox"]; sandboxed { // what others brought us
		if policy["sandbox"] != "" || policy["default-src"] != "'none'" || policy["script-src"] != "" || policy["frame-ancestors"] != "'none'" || !strings.Contains(h.Get("Content-Disposition"), "filename=") {
			t.Errorf("%s: a file of others is let out under %v", where, policy)
		}
	} else if d := cmp.Diff(pagePolicy, policy); d != "" {
		t.Errorf("%s: policy:\n%s", where, d)
	}
	asset := a.Status == http.StatusOK && strings.Contains(where, web.AssetPrefix)
	switch kept := h.Get("Cache-Control"); {
	case asset:
		if kept != "public, max-age=31536000, immutable" || !regexp.MustCompile(`-[0-9a-f]{10}\.`).MatchString(where) {
			t.Errorf("%s: a file that bears no hash is kept: %q", where, kept)
		}
	case strings.Contains(where, " /so-lieu") && a.Status < http.StatusBadRequest: // open to everybody, and the same for everybody
		if !strings.HasPrefix(kept, "public, max-age=") || len(h["Set-Cookie"]) > 0 {
			t.Errorf("%s: an open page is kept %q, cookies %q", where, kept, h["Set-Cookie"])
		}
	case kept != "no-store":
		t.Errorf("%s: Cache-Control is %q", where, kept)
	}
	kind := h.Get("Content-Type")
	if len(a.Body) > 0 && kind == "" || written.MatchString(kind) && !strings.Contains(strings.ToLower(kind), "charset=utf-8") {
		t.Errorf("%s: Content-Type is %q", where, kind)
	}
	for _, c := range h["Set-Cookie"] {
		ours(t, where, c, secure)
	}
	if to := h.Get("Location"); to != "" && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.Contains(to, "\\")) {
		t.Errorf("%s: leads out to %q", where, to)
	}
}

// ours holds a cookie to being of our host alone, out of reach of scripts and of other sites, and short.
func ours(t *testing.T, where, line string, secure bool) {
	t.Helper()
	c, err := http.ParseSetCookie(line)
	if err != nil {
		t.Errorf("%s: %v", where, err)
		return
	}
	known := []string{"so", "may", "bao", site.LanguageCookie, site.SizeCookie}
	name, host := strings.CutPrefix(c.Name, "__Host-")
	if !slices.Contains(known, name) || host != secure || c.Secure != secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" || len(line) > 400 || strings.Contains(line, "Domain") {
		t.Errorf("%s: cookie %q", where, line)
	}
	if name == "so" && c.Value != "" && !regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`).MatchString(c.Value) {
		t.Errorf("%s: a token of %d letters", where, len(c.Value))
	}
}

// parts fills a route's pattern.
func parts(pattern string, ids map[string]string) string {
	all := strings.Split(pattern, "/")
	for i, p := range all {
		switch {
		case strings.HasPrefix(p, ":"):
			id := ids[all[i-1]]
			if id == "" {
				id = uuid.NewString()
			}
			all[i] = id
		case strings.HasPrefix(p, "*"):
			return web.Assets().Script
		}
	}
	return strings.Join(all, "/")
}

// furnished is a server with a case and everything that hangs on it.
func furnished(t *testing.T) (*apptest.Server, *apptest.Client, map[string]string) {
	t.Helper()
	s := apptest.New(t)
	c := s.As(t, "tuvan.kontum")
	made := c.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case())
	id := made.Text("id")
	consent := c.Must(http.StatusCreated, "POST", "/api/v1/cases/"+id+"/consents", map[string]any{"purpose": "SHARE_POLICE", "recipient": "POLICE_COMMUNE", "fields": []string{"name"}, "decision": "GIVEN"}).Text("id")
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, _ := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="thu.html"`}, "Content-Type": {"text/html"}})
	_, _ = io.WriteString(part, "<!doctype html><script>alert(1)</script>")
	_ = w.Close()
	file := c.Must(http.StatusCreated, "POST", "/api/v1/cases/"+id+"/evidence", b.Bytes(), "Content-Type", w.FormDataContentType()).Text("id")
	ref := c.Must(http.StatusCreated, "POST", "/api/v1/cases/"+id+"/referrals", map[string]any{"service": "SAFETY", "to": world.OrgID("congan-boy").String(), "reason": "Cần bảo vệ (thử).", "fields": []string{"name"}, "consent": consent}).Text("id")
	return s, c, map[string]string{"cases": id, "ho-so": id, "consents": consent, "dong-y": consent, "evidence": file, "bang-chung": file, "referrals": ref, "phieu": ref, "codelists": "sex", "tables": "sex", "incidents": made.Text("incidents.0.id")}
}

// cookieOf signs somebody in as a browser does.
func cookieOf(t *testing.T, s *apptest.Server, username string) string {
	t.Helper()
	in := s.As(t, "").Must(http.StatusCreated, "POST", "/api/v1/sessions", map[string]any{"username": username, "password": world.Password}, "Origin", s.URL, "Sec-Fetch-Site", "same-origin")
	for _, line := range in.Header["Set-Cookie"] {
		if c, err := http.ParseSetCookie(line); err == nil && c.Name == "so" {
			return c.Name + "=" + c.Value
		}
	}
	t.Fatal("no cookie")
	return ""
}

// leaves tells whether a route ends the session that a walk needs, or begins work in the background.
func leaves(r site.Route) bool {
	return r.Path == "/dang-xuat" || r.Path == "/thoat" || r.Path == "/khoa" && r.Method == "POST" || r.Path == "/api/v1/sessions/current" && r.Method == "DELETE" || strings.Contains(r.Path, "/account/sessions") || strings.HasPrefix(r.Path, "/tai-khoan/phien")
}

func TestEveryAnswerBearsItsArmour(t *testing.T) {
	t.Parallel()
	s, counsellor, ids := furnished(t)
	nobody := s.As(t, "")
	cookie := cookieOf(t, s, "tuvan.kontum")
	statistician := s.As(t, "thongke.sldtbxh")
	met := map[int]int{}
	n := 0
	look := func(where string, a apptest.Answer) apptest.Answer {
		n++
		met[a.Status]++
		armoured(t, where, a, false)
		return a
	}
	for _, r := range s.App.Site.Routes() {
		path := parts(r.Path, ids)
		look("nobody "+r.Method+" "+path, nobody.Do(r.Method, path, nil, "Origin", s.URL))
		look("foreign "+r.Method+" "+path, nobody.Do(r.Method, path, nil, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site", "Cookie", cookie))
		if leaves(r) {
			continue
		}
		look("counsellor "+r.Method+" "+path, nobody.Do(r.Method, path, nil, "Cookie", cookie, "Sec-Fetch-Site", "same-origin"))
		look("statistician "+r.Method+" "+path, statistician.Do(r.Method, path, nil, "Sec-Fetch-Site", "same-origin"))
		if r.Method == http.MethodGet {
			look("part "+path, counsellor.Get(path, "Range", "bytes=0-3", "If-None-Match", `"x"`))
		} else {
			look("unreadable "+r.Method+" "+path, counsellor.Do(r.Method, path, []byte("{"), "If-Match", "x"))
		}
	}
	for _, path := range []string{"/", "/khong-co", "/api/v1/khong-co", "/api/", "/assets/khong-co.js", "/assets/", "/assets/manifest.json", "/.git/config", "//", "/%00", "/ho-so/%zz", "/ho-so/x", "/thoat", "/phieu/..%2f..", "/debug/pprof/", "/metrics", web.Assets().Style, web.Assets().Icon} {
		for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS", "TRACE", "DELETE", "PROPFIND"} {
			if strings.Contains(path, "%zz") {
				continue // net/http's client does not send it; TestSmuggledRequestsAreRefused does
			}
			a := nobody.Do(method, path, nil, "Origin", s.URL, "Accept-Encoding", "gzip")
			look(method+" "+path, a)
		}
	}
	counsellor.Must(http.StatusRequestEntityTooLarge, "POST", "/api/v1/cases", []byte(`{"x":"`+strings.Repeat("a", 1<<20)+`"}`))
	file := look("file", counsellor.Must(http.StatusOK, "GET", "/api/v1/evidence/"+ids["evidence"]+"/content", nil))
	if policyOf(file.Header.Get("Content-Security-Policy"))["default-src"] != "'none'" || !strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the file: %v", file.Header)
	}
	look("exit", nobody.Must(http.StatusSeeOther, "POST", "/thoat", nil, "Cookie", cookie, "Origin", s.URL))
	if n < 400 || met[http.StatusOK] < 30 || met[http.StatusNotFound] < 50 || met[http.StatusForbidden] < 50 || met[http.StatusUnauthorized] < 20 || met[http.StatusSeeOther] < 10 {
		t.Errorf("%d answers: %v", n, met)
	}
	t.Logf("%d answers of %d routes: %v", n, len(s.App.Site.Routes()), met)

	// With TLS, and when something of ours fails.
	page := templ.Raw("<p>x</p>")
	made, log := small(t, site.Options{Secure: true}, []site.Route{
		{Path: "/trang", Do: func(*site.Request) (site.Reply, error) { return site.Reply{Page: page}, nil }},
		{Path: "/di", Do: func(*site.Request) (site.Reply, error) { return site.Reply{See: "/trang"}, nil }},
		{Path: "/hong", Do: func(*site.Request) (site.Reply, error) { return site.Reply{}, errors.New("x") }},
		{Path: "/hoang", Do: func(*site.Request) (site.Reply, error) { panic("x") }},
		{Path: "/day", Do: func(*site.Request) (site.Reply, error) { return site.Reply{}, fault.New(fault.Unavailable, "busy") }},
		{Path: "/nhieu", Do: func(*site.Request) (site.Reply, error) { return site.Reply{}, fault.New(fault.TooMany, "too_many") }},
		{Path: "/so", Do: func(*site.Request) (site.Reply, error) { return site.Reply{Body: map[string]int{"n": 1}}, nil }},
		{Path: "/khong", Do: func(*site.Request) (site.Reply, error) { return site.Reply{}, nil }},
		{Path: "/dong", Do: func(*site.Request) (site.Reply, error) {
			return site.Reply{Stream: func(http.ResponseWriter, *http.Request) error { return errors.New("x") }}, nil
		}},
		{Path: "/banh", Do: func(r *site.Request) (site.Reply, error) {
			h := http.Header{}
			for _, c := range []*http.Cookie{r.Site().SessionCookie(strings.Repeat("A", 43), time.Now().Add(time.Hour)), r.Site().SessionCookie("", time.Time{}), r.Site().Setting(site.LanguageCookie, "en"), r.Site().Setting("bao", "x")} {
				h.Add("Set-Cookie", c.String())
			}
			return site.Reply{Header: h}, nil
		}},
	})
	for path, want := range map[string]int{"/trang": 200, "/di": 303, "/hong": 500, "/hoang": 500, "/day": 503, "/nhieu": 429, "/so": 200, "/khong": 204, "/dong": 500, "/banh": 204, "/khong-co": 404} {
		a := made(http.MethodGet, path, nil)
		armoured(t, "small "+path, a, true)
		if a.Status != want || path == "/banh" && len(a.Header["Set-Cookie"]) != 4 {
			t.Errorf("%s: %d, want %d\n%s", path, a.Status, want, log)
		}
	}
}

// small is a site of a few open routes, without a database.
func small(t *testing.T, o site.Options, routes []site.Route) (func(method, path string, body []byte, headers ...string) apptest.Answer, *apptest.Log) {
	t.Helper()
	log := &apptest.Log{}
	o.Log = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	for i := range routes {
		routes[i].Public = true
		if routes[i].Method == "" {
			routes[i].Method = http.MethodGet
		}
	}
	h := site.New(o, routes)
	return func(method, path string, body []byte, headers ...string) apptest.Answer {
		req := httptest.NewRequest(method, path, bytes.NewReader(body))
		for i := 0; i+1 < len(headers); i += 2 {
			req.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, req)
		return apptest.Answer{Status: w.Code, Header: w.Result().Header, Body: w.Body.Bytes()}
	}, log
}

func TestCookiesAreOursAlone(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	nobody := s.As(t, "")
	// Every way in which a cookie is given.
	form := func(path string, fields string, headers ...string) []string {
		a := nobody.Do("POST", path, []byte(fields), append([]string{"Content-Type", "application/x-www-form-urlencoded", "Origin", s.URL}, headers...)...)
		if a.Status != http.StatusSeeOther || len(a.Header["Set-Cookie"]) == 0 {
			t.Errorf("%s: %d, cookies %q", path, a.Status, a.Header["Set-Cookie"])
		}
		return a.Header["Set-Cookie"]
	}
	lines := form("/dang-nhap", "username=tuvan.kontum&password="+world.Password)
	lines = append(lines, form("/ngon-ngu", "lang=en")...)
	lines = append(lines, form("/co-chu", "size=130")...)
	lines = append(lines, form("/dang-xuat", "", "Cookie", cookieOf(t, s, "tuvan.kontum"))...)
	lines = append(lines, form("/thoat", "", "Cookie", cookieOf(t, s, "tuvan.kontum"))...)
	for _, l := range lines {
		ours(t, "as given", l, false)
	}
	// A browser has its token in the cookie alone: no script of a page could read it.
	in := nobody.Must(http.StatusCreated, "POST", "/api/v1/sessions", map[string]any{"username": "tuvan.kontum", "password": world.Password}, "Origin", s.URL)
	c, err := http.ParseSetCookie(in.Header["Set-Cookie"][0])
	if err != nil || in.At("token") != nil || len(c.Value) != 43 || strings.Contains(string(in.Body), c.Value) {
		t.Errorf("%s, %v", in.Body, err)
	}
	// With TLS all bear the prefix, and only those that bear it are read.
	ask, _ := small(t, site.Options{Secure: true}, []site.Route{{Path: "/", Do: func(r *site.Request) (site.Reply, error) {
		h := http.Header{}
		for _, c := range []*http.Cookie{r.Site().SessionCookie(strings.Repeat("A", 43), time.Now().Add(time.Hour)), r.Site().SessionCookie("", time.Time{}), r.Site().Setting(site.LanguageCookie, "en"), r.Site().Setting(site.SizeCookie, "130"), r.Site().Setting("bao", "x")} {
			h.Add("Set-Cookie", c.String())
		}
		return site.Reply{Header: h, Body: r.Cookie(site.SizeCookie) + string(r.Lang)}, nil
	}}})
	a := ask("GET", "/", nil, "Cookie", "co_chu=100; ngon_ngu=en")
	for _, l := range a.Header["Set-Cookie"] {
		ours(t, "with TLS", l, true)
	}
	if len(a.Header["Set-Cookie"]) != 5 || strings.TrimSpace(string(a.Body)) != `"vi"` {
		t.Errorf("a cookie that anybody could have planted is read: %s %v", a.Body, a.Header)
	}
	if a = ask("GET", "/", nil, "Cookie", "__Host-co_chu=100; __Host-ngon_ngu=en"); strings.TrimSpace(string(a.Body)) != `"100en"` {
		t.Errorf("our own is not: %s", a.Body)
	}
}

// foreign are the shapes of requests that a page of another site, or of a neighbour on our own domain, can make a browser send. Whoever is a browser names
// itself in one of two headers; the shapes lie, leave out and contradict.
func foreign(own string) map[string][]string {
	host := strings.TrimPrefix(own, "http://")
	return map[string][]string{
		"says nothing": {}, "another origin": {"Origin", "https://evil.example"}, "no origin": {"Origin", "null"}, "ours with a tail": {"Origin", own + ".evil.example"}, "another port": {"Origin", own + "1"},
		"ours as a user": {"Origin", "http://" + host + "@evil.example"}, "no address": {"Origin", "x"}, "cross-site": {"Sec-Fetch-Site", "cross-site"}, "same-site": {"Sec-Fetch-Site", "same-site"},
		"cross-site with our origin": {"Sec-Fetch-Site", "cross-site", "Origin", own}, "same-site with our origin": {"Sec-Fetch-Site", "same-site", "Origin", own}, "an unknown site": {"Sec-Fetch-Site", "x", "Origin", own},
		"our referrer alone": {"Referer", own + "/ho-so"}, "a form's navigation": {"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Origin", "https://evil.example"},
	}
}

func TestFourteenShapesOfAForeignRequestDoNothing(t *testing.T) {
	t.Parallel()
	s, counsellor, ids := furnished(t)
	cookie := cookieOf(t, s, "tuvan.kontum")
	nobody := s.As(t, "")
	shapes := foreign(s.URL)
	if len(shapes) != 14 {
		t.Fatal(len(shapes))
	}
	before := s.Contents(t)
	changed, read := 0, 0
	for _, r := range s.App.Site.Routes() {
		path := parts(r.Path, ids)
		for name, shape := range shapes {
			if r.Path == web.ReportPath {
				continue // changes nothing for anybody
			}
			says := strings.Contains(strings.Join(shape, " "), "Sec-Fetch-Site")
			navigates := slices.Contains(shape, "navigate")
			if r.Method != http.MethodGet {
				for _, kind := range []string{"application/json", "application/x-www-form-urlencoded", "text/plain"} {
					changed++
					body := []byte("username=tuvan.kontum&password=" + world.Password)
					if kind == "application/json" {
						body = []byte(`{"username":"tuvan.kontum","password":"` + world.Password + `"}`)
					}
					got := nobody.Do(r.Method, path, body, append([]string{"Cookie", cookie, "Content-Type", kind, "If-Match", `"1"`}, shape...)...)
					if got.Status != http.StatusForbidden || got.Header.Get("Set-Cookie") != "" {
						t.Errorf("cookie, %s: %s %s as %s: %d %.200s", name, r.Method, path, kind, got.Status, got.Body)
					}
				}
				// A browser that holds a token in a header is another site's program; one that says nothing of where it is from is no browser.
				if !strings.HasPrefix(name, "says") && !strings.HasPrefix(name, "our referrer") {
					changed++
					if got := counsellor.Do(r.Method, path, []byte(`{}`), append([]string{"If-Match", `"1"`}, shape...)...); got.Status != http.StatusForbidden {
						t.Errorf("token, %s: %s %s: %d %.200s", name, r.Method, path, got.Status, got.Body)
					}
				}
				continue
			}
			if !says || r.Public {
				continue // a browser that can say where it comes from does; reading changes nothing
			}
			read++
			for _, got := range []apptest.Answer{nobody.Do("GET", path, nil, append([]string{"Cookie", cookie}, shape...)...), counsellor.Do("GET", path, nil, shape...)} {
				if r.Page() && navigates {
					continue // a person who follows a link to us; with SameSite=Strict her browser leaves the cookie at home
				}
				if got.Status != http.StatusForbidden || strings.Contains(string(got.Body), ids["cases"]) {
					t.Errorf("%s: GET %s: %d %.200s", name, path, got.Status, got.Body)
				}
			}
		}
	}
	// Signing somebody in from elsewhere would make her write into another's account.
	for name, shape := range shapes {
		if len(shape) == 0 || shape[0] == "Referer" {
			continue // no browser: it gets a token, which a page cannot use
		}
		changed++
		got := nobody.Do("POST", "/api/v1/sessions", map[string]any{"username": "tuvan.kontum", "password": world.Password}, shape...)
		if got.Status != http.StatusForbidden || got.Header.Get("Set-Cookie") != "" || got.At("token") != nil {
			t.Errorf("sign-in, %s: %d %s", name, got.Status, got.Body)
		}
	}
	if d := cmp.Diff(before, s.Contents(t)); d != "" {
		t.Errorf("something changed:\n%s", d)
	}
	nobody.Must(http.StatusOK, "GET", "/api/v1/cases", nil, "Cookie", cookie, "Sec-Fetch-Site", "same-origin")
	nobody.Must(http.StatusOK, "GET", "/ho-so", nil, "Cookie", cookie, "Sec-Fetch-Site", "none")
	if changed < 4000 || read < 200 {
		t.Errorf("only %d changes and %d readings were tried", changed, read)
	}
	t.Logf("%d foreign changes and %d foreign readings, none taken", changed, read)
}

func TestNoRedirectLeavesTheHouse(t *testing.T) {
	t.Parallel()
	to := ""
	ask, _ := small(t, site.Options{}, []site.Route{{Path: "/di", Do: func(*site.Request) (site.Reply, error) { return site.Reply{See: to}, nil }}})
	out, _ := small(t, site.Options{Away: "https://idp.example"}, []site.Route{{Path: "/di", Away: true, Do: func(*site.Request) (site.Reply, error) { return site.Reply{See: to}, nil }}})
	for _, to = range []string{"https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "javascript:alert(1)", "ho-so", " /ho-so", "/a\r\nSet-Cookie: x=y", "http:/evil.example", "/x\x00", "https://idp.example.evil.example/", "https://idp.example@evil.example/"} {
		for _, a := range []apptest.Answer{ask("GET", "/di", nil), out("GET", "/di", nil)} {
			if a.Status != http.StatusInternalServerError || a.Header.Get("Location") != "" {
				t.Errorf("%q: %d to %q", to, a.Status, a.Header.Get("Location"))
			}
		}
	}
	for _, to = range []string{"/", "/hom-nay", "/ho-so?limit=1", "/ho-so/" + uuid.NewString() + "#f-x"} {
		if a := ask("GET", "/di", nil); a.Status != http.StatusSeeOther || a.Header.Get("Location") != to {
			t.Errorf("%q: %d to %q", to, a.Status, a.Header.Get("Location"))
		}
	}
	// A page that goes on by itself is held to the same.
	on, _ := small(t, site.Options{Away: "https://idp.example"}, []site.Route{
		{Path: "/di", Away: true, Do: func(*site.Request) (site.Reply, error) { return site.Reply{Page: templ.NopComponent, Onward: to}, nil }},
		{Path: "/o", Do: func(*site.Request) (site.Reply, error) { return site.Reply{Page: templ.NopComponent, Onward: to}, nil }}})
	for _, to = range []string{"https://evil.example/", "//evil.example", "javascript:alert(1)", "https://idp.example.evil.example/", "https://idp.example@evil.example/", "https://idp.example/\r\nSet-Cookie: x=y", "https://idp.example/a b"} {
		for _, path := range []string{"/di", "/o"} {
			if a := on("GET", path, nil); a.Status != http.StatusInternalServerError || a.Header.Get("Refresh") != "" {
				t.Errorf("%q goes on to %q", to, a.Header.Get("Refresh"))
			}
		}
	}
	to = "https://idp.example/authorize?x=y"
	if a, b := on("GET", "/di", nil), on("GET", "/o", nil); a.Header.Get("Refresh") != "0; url="+to || b.Header.Get("Refresh") != "" {
		t.Errorf("%q, %q", a.Header.Get("Refresh"), b.Header.Get("Refresh"))
	}
	if a, b := out("GET", "/di", nil), ask("GET", "/di", nil); a.Header.Get("Location") != to || b.Header.Get("Location") != "" {
		t.Errorf("to the provider: %v, %v", a, b)
	}
	// What a form names as the place to come back to.
	s := apptest.New(t)
	nobody := s.As(t, "")
	cookie := cookieOf(t, s, "tuvan.kontum")
	n := 0
	for _, back := range []string{"https://evil.example", "//evil.example", "/\\evil.example", "/%09/evil.example", "/\n/evil.example", "javascript:alert(1)", "///evil.example", "https:evil.example", "/.//evil.example", "/..//evil.example", "data:text/html,x", "http://[::1", "/ho-so/../../x", strings.Repeat("/a", 300)} {
		for _, path := range []string{"/dang-nhap", "/ngon-ngu", "/co-chu", "/mo-khoa", "/khoa", "/xac-nhan"} {
			n++
			got := nobody.Do("POST", path, []byte(("username=tuvan.kontum&lang=en&size=130&password="+world.Password+"&_password="+world.Password)+"&back="+strings.NewReplacer("%", "%25", "&", "%26", "+", "%2b", "\n", "%0a").Replace(back)),
				"Content-Type", "application/x-www-form-urlencoded", "Origin", s.URL, "Cookie", cookie)
			if to := got.Header.Get("Location"); got.Status == http.StatusSeeOther && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\n\t")) {
				t.Errorf("%s back to %q: %q", path, back, to)
			}
		}
	}
	t.Logf("%d forms", n)
}

func TestAPanicIsAnsweredAndTellsNothing(t *testing.T) {
	t.Parallel()
	const secret = "Người Thử Nghiệm Một"
	routes := []site.Route{
		{Path: "/api/v1/vo", Do: func(*site.Request) (site.Reply, error) { panic(secret) }},
		{Path: "/api/v1/loi", Do: func(*site.Request) (site.Reply, error) { panic(errors.New(secret)) }},
		{Path: "/api/v1/rong", Do: func(*site.Request) (site.Reply, error) { return site.Reply{}, any(secret).(error) }},
		{Path: "/vo", Do: func(*site.Request) (site.Reply, error) { var p *site.Reply; return *p, nil }},
		{Path: "/chi-so", Do: func(r *site.Request) (site.Reply, error) {
			return site.Reply{Status: []int{}[len(r.Cookie("so"))]}, nil
		}},
	}
	var mu sync.Mutex
	counted := map[string]int{}
	ask, log := small(t, site.Options{Seen: func(route string, status int, _ time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		counted[fmt.Sprint(route, " ", status)]++
	}}, routes)
	for _, r := range routes {
		a := ask("GET", r.Path, nil, "Cookie", "so="+secret, "Authorization", "Bearer "+secret)
		id := a.Header.Get("X-Request-Id")
		if a.Status != http.StatusInternalServerError || !strings.Contains(string(a.Body), id) || strings.Contains(string(a.Body), secret) || strings.Contains(string(a.Body), "goroutine") || strings.Contains(string(a.Body), ".go") {
			t.Errorf("%s: %d %s", r.Path, a.Status, a.Body)
		}
		if counted["GET "+r.Path+" 500"] != 1 {
			t.Errorf("%s is not counted: %v", r.Path, counted)
		}
		if !strings.Contains(log.String(), `"panic"`) || !strings.Contains(log.String(), id) {
			t.Errorf("%s is not in the log", r.Path)
		}
	}
	if strings.Contains(log.String(), "Thử Nghiệm") || strings.Contains(log.String(), "so=") {
		t.Errorf("the log tells: %s", log)
	}
	// What was cut off in the middle must not look whole.
	cut := httptest.NewServer(site.New(site.Options{Log: slog.New(slog.DiscardHandler)}, []site.Route{{Method: "GET", Path: "/cat", Public: true, Do: func(*site.Request) (site.Reply, error) {
		return site.Reply{Stream: func(w http.ResponseWriter, _ *http.Request) error {
			_, _ = io.WriteString(w, strings.Repeat("a", 1<<16))
			return errors.New("x")
		}}, nil
	}}}))
	defer cut.Close()
	cut.Config.ErrorLog = nil
	res, err := cut.Client().Get(cut.URL + "/cat")
	if err == nil {
		_, err = io.ReadAll(res.Body)
		res.Body.Close()
	}
	if err == nil {
		t.Error("a stream that failed looks whole")
	}
}

func TestAPolicyViolationIsCountedAndNotKept(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	nobody := s.As(t, "")
	cookie := cookieOf(t, s, "tuvan.kontum")
	before := s.Contents(t)
	const mark = "CanaryOfAReport"
	report := []byte(`{"csp-report":{"document-uri":"` + s.URL + `/ho-so/` + mark + `","script-sample":"` + mark + `"}}`)
	for _, kind := range []string{"application/csp-report", "application/reports+json", "text/plain", "x"} {
		for _, from := range [][]string{{}, {"Origin", "null"}, {"Cookie", cookie}, {"Sec-Fetch-Site", "same-origin", "Cookie", cookie}, {"Sec-Fetch-Site", "cross-site"}} {
			got := nobody.Do("POST", web.ReportPath, report, append([]string{"Content-Type", kind}, from...)...)
			if got.Status != http.StatusNoContent || len(got.Body) != 0 || got.Header.Get("Set-Cookie") != "" {
				t.Errorf("%s %v: %d %s", kind, from, got.Status, got.Body)
			}
		}
	}
	nobody.Must(http.StatusRequestEntityTooLarge, "POST", web.ReportPath, bytes.Repeat([]byte("a"), 1<<20+1))
	if n := strings.Count(s.Log.String(), `"route":"POST `+web.ReportPath+`","status":204`); n != 20 {
		t.Errorf("%d reports of 20 were counted", n)
	}
	if strings.Contains(s.Log.String(), mark) {
		t.Error("the log holds a report")
	}
	if d := cmp.Diff(before, s.Contents(t)); d != "" {
		t.Errorf("something was kept:\n%s", d)
	}
	for _, r := range site.PolicyRoutes() {
		if r.Act != (access.Act{}) || !r.Public || !r.Bare {
			t.Errorf("%+v asks who it is", r)
		}
	}
}

func TestTheListenerWaitsForNobody(t *testing.T) {
	t.Parallel()
	log := &apptest.Log{}
	s := site.Server(http.NotFoundHandler(), slog.New(slog.NewJSONHandler(log, nil)))
	for name, c := range map[string][2]time.Duration{"headers": {s.ReadHeaderTimeout, 10 * time.Second}, "a request": {s.ReadTimeout, 10 * time.Minute}, "an answer": {s.WriteTimeout, 30 * time.Minute}, "the next request": {s.IdleTimeout, 2 * time.Minute}} {
		if c[0] <= 0 || c[0] > c[1] {
			t.Errorf("waits %v for %s", c[0], name)
		}
	}
	if s.MaxHeaderBytes <= 0 || s.MaxHeaderBytes > 64<<10 || !s.DisableGeneralOptionsHandler || !s.Protocols.HTTP1() || s.Protocols.HTTP2() || s.Protocols.UnencryptedHTTP2() {
		t.Errorf("takes %d bytes of headers, protocols %v", s.MaxHeaderBytes, s.Protocols)
	}
	s.ErrorLog.Print("http: panic serving: Người Thử Nghiệm Một")
	if got := log.String(); strings.Contains(got, "Thử") || !strings.Contains(got, "listener") {
		t.Errorf("the library's word is in the log: %s", got)
	}
}
