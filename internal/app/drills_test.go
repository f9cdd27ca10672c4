package app_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/app/apptest"
	"binhan/internal/site"
	"binhan/internal/world"
)

var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"}

// malformed are ids that are none.
var malformed = []string{"1", "-1", "null", "0193b1c0-0000-7000-8000", "{0193b1c0-0000-7000-8000-0000000000e1}", "urn:uuid:0193b1c0-0000-7000-8000-0000000000e1", "0193b1c0000070008000000000000fe1", "%27%20or%201=1%20--", "%00", "%2e%2e", "..%2f..%2fetc", "0193b1c0-0000-7000-8000-0000000000eg",
	"%F0%9F%98%80", "%ff", "*", "0193b1c0-0000-7000-8000-0000000000e1%20", "%E2%80%AE", strings.Repeat("a", 2000), "0193b1c0-0000-7000-8000-0000000000e1;x=1"}

// asked is one request of a drill and what it must come to.
type asked struct {
	who, method, path, what string
	route                   site.Route
	x                       thing
	refused                 bool // 404, and nothing else
	onRecord                bool // the refusal stands in the record
}

// drill is every route, by everybody, on ours, theirs, what is not there and what is no id.
func (s *stage) drill() (all []asked) {
	policy := s.Gate.Policy()
	n := 0
	for _, r := range s.routes() {
		if r.Public {
			continue
		}
		object := strings.Contains(r.Path, ":") && r.Act.On != "" || r.Path == "/api/v1/cases/:id/referrals"
		for _, who := range s.people() {
			any := policy.Any(s.role(who), r.Act.Name)
			if r.Path == "/api/v1/referrals" {
				any = policy.Any(s.role(who), access.ListReceived.Name) | policy.Any(s.role(who), access.ListSent.Name)
			}
			ask := func(what, path string, x thing) asked {
				a := asked{who: who, method: r.Method, path: path, what: what, route: r, x: x}
				switch {
				case r.Anyone && r.Path != "/api/v1/referrals":
				case any == 0:
					a.refused, a.onRecord = true, true
				case object && what == "malformed":
					a.refused = true // it names nothing: there is nobody to refuse
				case object:
					a.refused = any&s.held[who][subjectOf(r.Path, path)] == 0
					a.onRecord = a.refused
				}
				return a
			}
			if !strings.Contains(r.Path, ":") {
				all = append(all, ask("", r.Path, s.ours))
				continue
			}
			all = append(all, ask("ours", pathOf(r.Path, s.ours, uuid.NewString()), s.ours), ask("theirs", pathOf(r.Path, s.theirs, uuid.NewString()), s.theirs))
			if object {
				absent := uuid.NewString()
				bad := malformed[n%len(malformed)]
				n++
				all = append(all, ask("absent", pathOf(r.Path, thing{}, absent), s.ours), ask("malformed", pathOf(r.Path, thing{}, bad), s.ours))
			}
		}
	}
	return all
}

func (s *stage) send(t *testing.T, a asked) apptest.Answer {
	t.Helper()
	body, kind := s.bodyOf(t, a.route, a.x)
	var headers []string
	if a.method == http.MethodPatch || a.method == http.MethodPut {
		headers = append(headers, "If-Match", `"1"`)
	}
	if kind != "" {
		headers = append(headers, "Content-Type", kind)
	}
	return s.clients[a.who].Do(a.method, a.path, body, headers...)
}

// together runs work on a few clients at once.
func together[T any](items []T, do func(T)) {
	work := make(chan T)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for x := range work {
				do(x)
			}
		})
	}
	for _, x := range items {
		work <- x
	}
	close(work)
	all.Wait()
}

func TestWhoMayNotFindsNothingAndChangesNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	all := s.drill()
	refused := slices.DeleteFunc(slices.Clone(all), func(a asked) bool { return !a.refused })
	if len(all) < 2000 || len(refused) < 1800 {
		t.Fatalf("%d requests, %d of them refused", len(all), len(refused))
	}
	before := s.Contents(t)
	var mu sync.Mutex
	answers := map[string]asked{} // by request
	together(refused, func(a asked) {
		got := s.send(t, a)
		where := fmt.Sprintf("%s, %s: %s %s", a.who, a.what, a.method, a.path)
		if got.Status != http.StatusNotFound || got.Text("type") != "urn:binhan:problem:not-found" {
			t.Errorf("%s: %d %s", where, got.Status, got.Body)
		}
		if got.Text("detail") != "Không có mục này, hoặc mục này không thuộc phần việc của bạn." || got.At("errors") != nil {
			t.Errorf("%s: a refusal can be told from a missing thing: %s", where, got.Body)
		}
		mu.Lock()
		defer mu.Unlock()
		answers[got.Header.Get("X-Request-Id")] = a
	})
	if len(answers) != len(refused) {
		t.Errorf("%d request ids for %d requests", len(answers), len(refused))
	}
	if d := cmp.Diff(before, s.Contents(t)); d != "" {
		t.Errorf("something changed:\n%s", d)
	}
	record := s.entries(t)
	for request, a := range answers {
		e := record[request]
		if !a.onRecord {
			if len(e) != 0 {
				t.Errorf("%s %s of %s: what is no id is on the record: %v", a.method, a.path, a.who, e)
			}
			continue
		}
		act := a.route.Act.Name
		if act == "" {
			act = access.ListReceived.Name
		}
		if len(e) != 1 || e[0].Decision != "refused" || e[0].Act != act || e[0].Actor != world.UserID(a.who).String() {
			t.Errorf("%s, %s: %s %s is on the record as %v", a.who, a.what, a.method, a.path, e)
		}
	}
}

func TestWhoMayIsAnswered(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	n := 0
	judged := []access.Act{access.RegisterRequest, access.RestrictCase, access.ProposeErasure} // the act names no case: who holds the one of the body or the path is judged inside
	done := []access.Act{access.PrepareRelease, access.AcceptReferral}                         // made by tests of their own
	for _, a := range s.drill() {
		if a.refused || slices.Contains(done, a.route.Act) || a.route.Path == "/api/v1/sessions/current" && a.method == "DELETE" {
			continue
		}
		n++
		got := s.send(t, a)
		ok := got.Status == http.StatusOK || got.Status == http.StatusCreated || got.Status == http.StatusAccepted || got.Status == http.StatusNoContent
		switch {
		case strings.Contains(a.route.Path, ":") && a.route.Act.On == "" && !strings.HasPrefix(a.route.Path, "/api/v1/cases/") && !strings.HasPrefix(a.route.Path, "/api/v1/codelists/"),
			strings.HasSuffix(a.route.Path, "/handover"), a.route.Act == access.LiftWall, a.route.Act == access.SealCase, a.route.Path == "/api/v1/break-glass" && a.method == "POST":
			ok = ok || got.Status == http.StatusNotFound || got.Status == http.StatusUnprocessableEntity // the drill has no such thing: its own tests have
		case slices.Contains(judged, a.route.Act) && s.role(a.who) != access.DPO && s.held[a.who][a.x.Case]&access.StandingsOf(access.Assigned, access.Supervising) == 0:
			ok = got.Status == http.StatusNotFound // her role may, on cases that are hers: this one is not
		case strings.HasPrefix(a.route.Path, "/api/v1/releases/"):
			ok = got.Status == http.StatusNotFound // there is no release
		case s.role(a.who) == access.Supervisor && strings.Contains(a.route.Path, "/incidents/"):
			ok = got.Status == http.StatusNotFound // the story is withheld, so its parts are
		case a.route.Act == access.RevealCase && s.role(a.who) == access.Supervisor:
			ok = ok || got.Status == http.StatusForbidden // she knows that the class is there
		case a.method == "POST":
			ok = ok || got.Status == http.StatusConflict // somebody before moved it
		case a.method == "PATCH":
			ok = ok || got.Status == http.StatusPreconditionFailed
		}
		if !ok {
			t.Errorf("%s, %s: %s %s: %d %s", a.who, a.what, a.method, a.path, got.Status, got.Body)
		}
	}
	if n < 100 {
		t.Errorf("only %d requests", n)
	}
}

func TestAMethodThatIsNotRoutedIsNotThere(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	routed := map[string]bool{}
	paths := map[string]bool{}
	for _, r := range s.routes() {
		routed[r.Method+" "+r.Path] = true
		paths[r.Path] = true
	}
	type try struct{ who, method, path string }
	var all []try
	for path := range paths {
		for _, m := range methods {
			if routed[m+" "+path] || (path == "/api/v1/cases/search" || path == "/api/v1/cases/known") && routed[m+" /api/v1/cases/:id"] {
				continue
			}
			for _, who := range []string{"", "tuvan.kontum", "congan.ngochoi", "thongke.sldtbxh", "quantri"} {
				all = append(all, try{who, m, pathOf(path, s.ours, s.ours.Case)})
			}
		}
	}
	for _, path := range []string{"/api/v1", "/api/v1/", "/api/v1/cases/", "/api/v1/CASES", "/api/V1/cases", "/api/v2/cases", "/api/v1//cases", "/api/v1/cases/" + s.ours.Case + "/", "/api/v1/cases/" + s.ours.Case + "/survivor", "/api/v1/users", "/api/v1/cases;x=1", "/api/v1/%63ases%2f" + s.ours.Case,
		"/api/v1/cases/../cases", "/api/v1/cases%2f" + s.ours.Case, "/api/%76%31/cases", "/api/v1/sessions/" + uuid.NewString(), "/api/v1/standings", "/api/v1/consents/" + s.ours.Consent, "/api/v1/debug/pprof", "/api/v1/metrics", "/api/v1/.git/config", "/api/v1/cases.json", "/api/v1/cases%00"} {
		all = append(all, try{"tuvan.kontum", "GET", path}, try{"", "GET", path})
	}
	before := s.Contents(t)
	nobody := s.As(t, "")
	together(all, func(x try) {
		c := nobody
		if x.who != "" {
			c = s.clients[x.who]
		}
		got := c.Do(x.method, x.path, nil, "X-HTTP-Method-Override", "GET", "X-Original-URL", "/api/v1/cases", "X-Forwarded-User", "tuvan.kontum")
		if got.Status != http.StatusNotFound || x.method != "HEAD" && got.Text("type") != "urn:binhan:problem:not-found" {
			t.Errorf("%s: %s %s: %d %s", x.who, x.method, x.path, got.Status, got.Body)
		}
		if got.Header.Get("Allow") != "" || got.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s %s tells what is there: %v", x.method, x.path, got.Header)
		}
	})
	if d := cmp.Diff(before, s.Contents(t)); d != "" {
		t.Errorf("something changed:\n%s", d)
	}
}

func TestNobodyIsToldToSignInAndNothingElse(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	ended := s.As(t, "phunu.ngochoi")
	ended.Must(http.StatusNoContent, "DELETE", "/api/v1/sessions/current", nil)
	locked := s.As(t, "phunu.ngochoi")
	if err := s.Gate.Lock(t.Context(), handleOf(locked.Token)); err != nil {
		t.Fatal(err)
	}
	before := s.Contents(t)
	for name, c := range map[string]*apptest.Client{"nobody": s.As(t, ""), "a guess": s.With(t, strings.Repeat("A", 43)), "an ended session": ended, "a locked session": locked, "an empty token": s.With(t, " "),
		"a handle for a token": s.With(t, string(handleOf(s.clients["tuvan.kontum"].Token))), "an injection": s.With(t, "' or 1=1 --"), "a long token": s.With(t, strings.Repeat("A", 100_000))} {
		for _, r := range s.routes() {
			if r.Public {
				continue
			}
			for _, x := range []thing{s.ours, {}} {
				body, kind := s.bodyOf(t, r, s.ours)
				path := pathOf(r.Path, x, uuid.NewString())
				got := c.Do(r.Method, path, body, "Content-Type", kind)
				if got.Status != http.StatusUnauthorized || got.Header.Get("WWW-Authenticate") != "Bearer" || got.Text("type") != "urn:binhan:problem:unauthenticated" {
					t.Errorf("%s: %s %s: %d %s", name, r.Method, path, got.Status, got.Body)
				}
			}
		}
	}
	basic := s.As(t, "").Do("GET", "/api/v1/cases", nil, "Authorization", "Basic dHV2YW46eA==")
	if basic.Status != http.StatusUnauthorized {
		t.Errorf("basic: %d", basic.Status)
	}
	if d := cmp.Diff(before, s.Contents(t)); d != "" {
		t.Errorf("something changed:\n%s", d)
	}
}

func TestTheStatisticianMeetsNoCaseRoute(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	hers := []string{"directory.read", "release.prepare", "release.check", "release.publish", "release.read"}
	n := 0
	for _, who := range []string{"thongke.sldtbxh", "lanhdao.sldtbxh"} {
		c := s.clients[who]
		for _, r := range s.routes() {
			if r.Public || slices.Contains(hers, r.Act.Name) || strings.HasPrefix(r.Act.Name, "account.") || strings.HasPrefix(r.Act.Name, "people.") || strings.HasPrefix(r.Path, "/api/v1/sessions") || strings.HasPrefix(r.Path, "/api/v1/campaigns") {
				continue // her own account, her people's and the campaign hold nothing of any case (archtest:TestTheCampaignKnowsNoCase)
			}
			n++
			// Whatever she sends: a good body, a bad one, none, a key, a filter.
			body, kind := s.bodyOf(t, r, s.ours)
			path := pathOf(r.Path, s.ours, s.ours.Case)
			for _, got := range []apptest.Answer{
				c.Do(r.Method, path, body, "Content-Type", kind), c.Do(r.Method, path, nil), c.Do(r.Method, path, []byte(`{"x":`)), c.Do(r.Method, path, []byte("\xff"), "Content-Type", "text/plain"),
				c.Do(r.Method, path+"?limit=no&box=out&x=1&%zz", body, "Content-Type", kind), c.Do(r.Method, path, body, "Content-Type", kind, "Idempotency-Key", uuid.NewString(), "If-Match", "x"),
				c.Do(r.Method, path, body, "Content-Type", kind, "Idempotency-Key", "not a key"),
			} {
				if got.Status != http.StatusNotFound {
					t.Errorf("%s: %s %s: %d %s", who, r.Method, path, got.Status, got.Body)
				}
			}
		}
	}
	if n < 60 {
		t.Errorf("only %d routes", n)
	}
}

func TestAnotherOrganisationSeesNothingNotEvenACount(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	ids := func(x thing) []string {
		return []string{x.Case, x.Code, x.Incident, x.Consent, x.Evidence, x.Referral, x.ReferralCode}
	}
	queries := []string{"?limit=100", "?status=NEW", "?status=SENT", "?box=out", "?box=in", "?sort=updated&limit=1", "?commune=23377", "?overdue=true", "?since=2020-01-01", "?owner=" + world.UserID("tuvan.kontum").String()}
	searches := []map[string]any{{"name": "Người Thử Nghiệm Một"}, {"phone": "0900000001"}, {"id_number": "051191000001"}, {"commune": "23377"}, {"status": "NEW"}, {"code": s.ours.Code}, {"code": s.ours.Code[:4]}, {"code": s.theirs.Code}}
	for _, who := range s.people() {
		c := s.clients[who]
		var seen []apptest.Answer
		for _, r := range s.routes() {
			if r.Method != "GET" || strings.Contains(r.Path, ":") || r.Public || r.Path == "/api/v1/audit" { // the trail is of ids and codes
				continue
			}
			seen = append(seen, c.Get(r.Path))
			if r.Path == "/api/v1/cases" || r.Path == "/api/v1/referrals" {
				for _, q := range queries {
					seen = append(seen, c.Get(r.Path+q))
				}
			}
		}
		for _, q := range searches {
			seen = append(seen, c.Do("POST", "/api/v1/cases/search", q))
		}
		if s.role(who) == access.Auditor || s.role(who) == access.DPO {
			seen = append(seen, c.Get("/api/v1/audit"))
		}
		for _, x := range []thing{s.ours, s.theirs} {
			held := s.held[who]
			for _, got := range seen {
				text := string(got.Body) + fmt.Sprint(got.Header)
				if held[x.Case] == 0 && got.At("items.0.decision") == nil {
					for _, id := range ids(x)[:5] {
						if strings.Contains(text, id) {
							t.Errorf("%s meets %s in %s", who, id, got.Body)
						}
					}
				}
				if held[x.Referral] == 0 && got.At("items.0.decision") == nil {
					for _, id := range ids(x)[5:] {
						if strings.Contains(text, id) {
							t.Errorf("%s meets %s in %s", who, id, got.Body)
						}
					}
				}
				for _, m := range marks { // lists carry no names, for anybody
					if strings.Contains(text, m) {
						t.Errorf("%s meets %q in %s", who, m, got.Body)
					}
				}
			}
		}
	}
	// What one organisation does leaves the other's answers as they were.
	look := func(c *apptest.Client) map[string]string {
		m := map[string]string{}
		for _, path := range []string{"/api/v1/cases", "/api/v1/referrals?box=in", "/api/v1/referrals?box=out", "/api/v1/organisations", "/api/v1/services"} {
			m[path] = string(c.Get(path).Body)
		}
		return m
	}
	before := look(s.clients["tuvan.ngochoi"])
	for range 3 {
		s.file(t, "tuvan.kontum", "congan-boy")
	}
	if d := cmp.Diff(before, look(s.clients["tuvan.ngochoi"])); d != "" {
		t.Errorf("another's work shows:\n%s", d)
	}
	if len(slices.Collect(maps.Keys(before))) == 0 {
		t.Error("nothing was looked at")
	}
}

func TestTheEnvelopeTellsNothingOfTheLetter(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	police := s.clients["congan.ngochoi"]
	for _, got := range []apptest.Answer{police.Get("/api/v1/referrals/" + s.ours.Referral), police.Get("/api/v1/referrals"), police.Must(http.StatusOK, "POST", "/api/v1/referrals/"+s.ours.Referral+"/acknowledgement", nil),
		police.Must(http.StatusOK, "POST", "/api/v1/referrals/"+s.ours.Referral+"/question", map[string]any{"text": "Khi nào (thử)?"})} {
		for _, m := range append([]string{s.ours.Case, s.ours.Code, s.ours.Consent, s.ours.Incident, s.ours.Evidence}, marks...) {
			if got.Status != http.StatusOK || strings.Contains(string(got.Body), m) {
				t.Errorf("%d: %q in %s", got.Status, m, got.Body)
			}
		}
	}
}

func TestASupervisorFindsByCodeAndNotByName(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	c := s.clients["giamsat.kontum"]
	for _, q := range []map[string]any{{"code": s.ours.Code}, {"code": " " + strings.ToLower(s.ours.Code) + " "}, {"commune": "23377"}, {"code": s.ours.Code[:4], "status": "NEW"}} {
		if got := c.Must(http.StatusOK, "POST", "/api/v1/cases/search", q); got.Len("items") != 1 || got.Text("items.0.id") != s.ours.Case {
			t.Errorf("%v: %s", q, got.Body)
		}
	}
	for _, q := range []map[string]any{{"name": "Người Thử Nghiệm Một"}, {"phone": "0900000001"}, {"id_number": "051191000001"}, {"code": s.ours.Code, "name": "Một"}, {"name": "Không Ai Cả"}} {
		c.Must(http.StatusForbidden, "POST", "/api/v1/cases/search", q)
	}
}

func TestACookieThatAnotherSiteSendsDoesNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	own := s.URL
	in := s.As(t, "").Must(http.StatusCreated, "POST", "/api/v1/sessions", map[string]any{"username": "tuvan.kontum", "password": world.Password}, "Origin", own, "Sec-Fetch-Site", "same-origin")
	cookie := in.Header.Get("Set-Cookie")
	for _, part := range []string{"HttpOnly", "SameSite=Strict", "Path=/"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("cookie %q has no %s", cookie, part)
		}
	}
	cookie, _, _ = strings.Cut(cookie, ";")
	nobody := s.As(t, "")
	nobody.Must(http.StatusOK, "GET", "/api/v1/cases", nil, "Cookie", cookie)
	shapes := [][]string{{}, {"Origin", "https://evil.example"}, {"Origin", "null"}, {"Origin", own + ".evil.example"}, {"Origin", own + "1"}, {"Origin", "http://" + strings.TrimPrefix(own, "http://") + "@evil.example"}, {"Origin", "x"}, {"Origin", ""},
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Site", "cross-site", "Origin", own}, {"Sec-Fetch-Site", "same-site", "Origin", own}, {"Sec-Fetch-Site", "x", "Origin", own}, {"Referer", own + "/ho-so"}, {"X-Requested-With", "XMLHttpRequest"}, {"Host", "evil.example"}}
	before := s.Contents(t)
	n := 0
	for _, r := range s.routes() {
		if r.Public || r.Method == "GET" {
			continue
		}
		body, kind := s.bodyOf(t, r, s.ours)
		path := pathOf(r.Path, s.ours, uuid.NewString())
		for _, shape := range shapes {
			n++
			got := nobody.Do(r.Method, path, body, append([]string{"Cookie", cookie, "Content-Type", kind, "If-Match", `"1"`}, shape...)...)
			if got.Status != http.StatusForbidden || got.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s %s with %v: %d %s", r.Method, path, shape, got.Status, got.Body)
			}
		}
	}
	if n < 300 {
		t.Errorf("only %d requests", n)
	}
	for _, shape := range shapes[1:14] { // nor can another site sign anybody in
		if shape[0] == "Referer" || shape[1] == "" {
			continue
		}
		if got := nobody.Do("POST", "/api/v1/sessions", map[string]any{"username": "tuvan.kontum", "password": world.Password}, shape...); got.Status != http.StatusForbidden || got.Header.Get("Set-Cookie") != "" {
			t.Errorf("sign-in with %v: %d %s", shape, got.Status, got.Body)
		}
	}
	if d := cmp.Diff(before, s.Contents(t)); d != "" {
		t.Errorf("something changed:\n%s", d)
	}
	nobody.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case(), "Cookie", cookie, "Origin", own)
	nobody.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case(), "Cookie", cookie, "Sec-Fetch-Site", "same-origin")
	// A token in a header wins over a cookie, and a bad one is not forgiven because of it.
	nobody.Must(http.StatusUnauthorized, "GET", "/api/v1/cases", nil, "Cookie", cookie, "Authorization", "Bearer x")
}
