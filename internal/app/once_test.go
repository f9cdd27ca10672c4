package app_test

import (
	"encoding/json"
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
	"binhan/internal/pg"
	"binhan/internal/world"
)

func TestAKeyDoesAThingOnce(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	s.Hire(t, "tuvan.ban", "COUNSELLOR", "ctxh-kontum", "giamsat.kontum")
	counsellor, supervisor, police, other := s.As(t, "tuvan.kontum"), s.As(t, "giamsat.kontum"), s.As(t, "congan.ngochoi"), s.As(t, "congan.dakha")
	// once sends a request, and again: the same status and the same resource, and nothing more in the database.
	once := func(c *apptest.Client, status int, method, path string, body any, headers ...string) apptest.Answer {
		t.Helper()
		headers = append(headers, "Idempotency-Key", uuid.NewString())
		first := c.Must(status, method, path, body, headers...)
		before := s.Contents(t)
		for range 2 {
			again := c.Do(method, path, body, headers...)
			if again.Status != status || again.Header.Get("Location") == "" || first.Header.Get("Location") != "" && again.Header.Get("Location") != first.Header.Get("Location") {
				t.Errorf("%s %s again: %d at %q: %s", method, path, again.Status, again.Header.Get("Location"), again.Body)
			}
			if d := cmp.Diff(tree(t, first), tree(t, again)); d != "" {
				t.Errorf("%s %s again:\n%s", method, path, d)
			}
			if etag := first.Header.Get("ETag"); etag != again.Header.Get("ETag") {
				t.Errorf("%s %s again: ETag %s, was %s", method, path, again.Header.Get("ETag"), etag)
			}
		}
		if d := cmp.Diff(before, s.Contents(t)); d != "" {
			t.Errorf("%s %s was done twice:\n%s", method, path, d)
		}
		// With another body, for another thing, the key is spent.
		for _, try := range []func() apptest.Answer{
			func() apptest.Answer {
				return c.Do(method, path, map[string]any{"reason": "khác (thử)"}, headers...)
			},
			func() apptest.Answer {
				return c.Do("POST", "/api/v1/cases/search", map[string]any{"code": "ABCD"}, headers...)
			},
			func() apptest.Answer { return c.Do("DELETE", "/api/v1/sessions/current", nil, headers...) },
		} {
			if got := try(); got.Status != http.StatusUnprocessableEntity || got.Text("errors.0.key") != "idempotency_reused" {
				if got.Status != http.StatusNotFound { // a role that has no search
					t.Errorf("the key of %s %s was taken for something else: %d %s", method, path, got.Status, got.Body)
				}
			}
		}
		if d := cmp.Diff(before, s.Contents(t)); d != "" {
			t.Errorf("%s %s: a spent key did something:\n%s", method, path, d)
		}
		return first
	}
	made := once(counsellor, http.StatusCreated, "POST", "/api/v1/cases", apptest.Case())
	path := "/api/v1/cases/" + made.Text("id")
	once(counsellor, http.StatusCreated, "POST", path+"/incidents", map[string]any{"occurred_on": "2025", "acts": []string{"A"}})
	once(counsellor, http.StatusOK, "PATCH", path, map[string]any{"risk": "HIGH"}, "If-Match", `"2"`)
	consent := once(counsellor, http.StatusCreated, "POST", path+"/consents", consentFor("POLICE_COMMUNE")).Text("id")
	refer := func(status int, draft bool) string {
		t.Helper()
		body := referTo("congan-boy", consent)
		body["draft"] = draft
		return "/api/v1/referrals/" + once(counsellor, status, "POST", path+"/referrals", body).Text("id")
	}
	ref := refer(http.StatusCreated, true)
	once(counsellor, http.StatusOK, "POST", ref+"/sending", nil)
	once(police, http.StatusOK, "POST", ref+"/acknowledgement", nil)
	once(police, http.StatusOK, "POST", ref+"/question", map[string]any{"text": "Khi nào (thử)?"})
	once(counsellor, http.StatusOK, "POST", ref+"/answer", map[string]any{"text": "Sáng (thử)."})
	once(police, http.StatusOK, "POST", ref+"/acceptance", nil)
	once(police, http.StatusOK, "POST", ref+"/start", nil)
	once(police, http.StatusOK, "POST", ref+"/outcome", map[string]any{"result": "DELIVERED"})
	once(counsellor, http.StatusOK, "POST", ref+"/closing", nil)
	once(police, http.StatusOK, "POST", refer(http.StatusCreated, false)+"/decline", map[string]any{"code": "NO_CAPACITY"})
	once(counsellor, http.StatusOK, "POST", refer(http.StatusCreated, false)+"/withdrawal", map[string]any{"reason": "Nhầm (thử)."})
	once(police, http.StatusOK, "POST", refer(http.StatusCreated, false)+"/forward", map[string]any{"to": world.OrgID("congan-dakha").String()})
	if q := other.Must(http.StatusOK, "GET", "/api/v1/referrals", nil); q.Len("items") != 1 {
		t.Errorf("forwarded twice: %s", q.Body)
	}
	once(counsellor, http.StatusOK, "POST", "/api/v1/consents/"+consent+"/withdrawal", map[string]any{"reason": "Đổi ý (thử)."})
	once(supervisor, http.StatusCreated, "POST", path+"/assignments", map[string]any{"to": world.UserID("tuvan.ban").String()})
}

func tree(t *testing.T, a apptest.Answer) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(a.Body, &v); err != nil {
		t.Fatalf("%s: %v", a.Body, err)
	}
	if m, ok := v.(map[string]any); ok {
		delete(m, "withheld") // a correction opens no files, reading does
	}
	return v
}

func TestFiftyAtOnceMakeOneCase(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	key := uuid.NewString()
	body := apptest.Case()
	ids := map[string]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	c := s.As(t, "tuvan.kontum")
	for range 50 {
		all.Go(func() {
			got := c.Do("POST", "/api/v1/cases", body, "Idempotency-Key", key)
			mu.Lock()
			defer mu.Unlock()
			if got.Status != http.StatusCreated {
				t.Errorf("%d %s", got.Status, got.Body)
			}
			ids[got.Text("id")]++
		})
	}
	all.Wait()
	if len(ids) != 1 {
		t.Errorf("cases: %v", ids)
	}
	if list := c.Must(http.StatusOK, "GET", "/api/v1/cases", nil); list.Len("items") != 1 {
		t.Errorf("%s", list.Body)
	}
	// Another's equal key is another key.
	if got := s.As(t, "tuvan.ngochoi").Must(http.StatusCreated, "POST", "/api/v1/cases", body, "Idempotency-Key", key); ids[got.Text("id")] != 0 {
		t.Error("another's key answered her case")
	}
}

func TestEqualMovesAtOnceAreOneMove(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	police := s.clients["congan.ngochoi"]
	path := "/api/v1/referrals/" + s.ours.Referral
	for _, move := range []string{"acknowledgement", "acceptance", "start"} {
		key := uuid.NewString()
		var all sync.WaitGroup
		for range 12 {
			all.Go(func() {
				if got := police.Do("POST", path+"/"+move, nil, "Idempotency-Key", key); got.Status != http.StatusOK {
					t.Errorf("%s: %d %s", move, got.Status, got.Body)
				}
			})
		}
		all.Wait()
		police.Must(http.StatusConflict, "POST", path+"/"+move, nil, "Idempotency-Key", uuid.NewString())
	}
	if got := police.Must(http.StatusOK, "GET", path, nil); got.Len("history") != 4 {
		t.Errorf("history: %s", got.Body)
	}
	key := uuid.NewString()
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			got := s.clients["tuvan.kontum"].Do("PATCH", "/api/v1/cases/"+s.ours.Case, map[string]any{"risk": "HIGH"}, "Idempotency-Key", key, "If-Match", `"1"`)
			if got.Status != http.StatusOK || got.Number("version") != 2 {
				t.Errorf("PATCH: %d %s", got.Status, got.Body)
			}
		})
	}
	all.Wait()
}

func TestAKeyOfARefusedRequestIsNotSpent(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	c := s.clients["tuvan.kontum"]
	key := uuid.NewString()
	c.Must(http.StatusUnprocessableEntity, "POST", "/api/v1/cases", map[string]any{}, "Idempotency-Key", key)
	c.Must(http.StatusNotFound, "POST", "/api/v1/cases/"+s.theirs.Case+"/incidents", map[string]any{}, "Idempotency-Key", key)
	c.Must(http.StatusConflict, "POST", "/api/v1/cases/"+s.ours.Case+"/referrals", referTo("congan-boy", s.ours.Consent), "Idempotency-Key", key)
	c.Must(http.StatusOK, "POST", "/api/v1/cases/search", map[string]any{"code": "ABCD"}, "Idempotency-Key", key) // it changes nothing
	c.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case(), "Idempotency-Key", key)
}

func TestAReplayShowsWhatSheMaySeeToday(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	s.Hire(t, "tuvan.ban", "COUNSELLOR", "ctxh-kontum", "giamsat.kontum")
	c, supervisor := s.As(t, "tuvan.kontum"), s.As(t, "giamsat.kontum")
	key := uuid.NewString()
	made := c.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case(), "Idempotency-Key", key)
	path := "/api/v1/cases/" + made.Text("id")
	c.Must(http.StatusOK, "PATCH", path, map[string]any{"narrative": "Lời kể đã sửa (thử)."}, "If-Match", `"1"`)
	if again := c.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case(), "Idempotency-Key", key); again.Text("narrative") != "Lời kể đã sửa (thử)." || again.Header.Get("ETag") != `"2"` {
		t.Errorf("a stored answer came back: %s", again.Body)
	}
	supervisor.Must(http.StatusCreated, "POST", path+"/assignments", map[string]any{"to": world.UserID("tuvan.ban").String()})
	if again := c.Do("POST", "/api/v1/cases", apptest.Case(), "Idempotency-Key", key); again.Status != http.StatusNotFound || strings.Contains(string(again.Body), "Thử") {
		t.Errorf("a key opens a case that is not hers any more: %d %s", again.Status, again.Body)
	}
	db := s.DB.Open(t, pg.Superuser)
	var longest int
	if err := db.Get(&longest, `select max(length(body)) from idempotency`); err != nil || longest != 32 {
		t.Errorf("%d bytes of a body are kept, %v", longest, err)
	}
	// What nobody remembers any more is not answered, and is no failure of ours.
	db.MustExec(`update idempotency set at = now() - interval '49 hours'`)
	if got := c.Must(http.StatusUnprocessableEntity, "POST", "/api/v1/cases", apptest.Case(), "Idempotency-Key", key); got.Text("errors.0.key") != "idempotency_reused" {
		t.Errorf("%s", got.Body)
	}
	if list := c.Must(http.StatusOK, "GET", "/api/v1/cases", nil); list.Len("items") != 0 {
		t.Errorf("%s", list.Body)
	}
}

func TestACorrectionStartsFromWhatWasRead(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	c := s.clients["tuvan.kontum"]
	path := "/api/v1/cases/" + s.ours.Case
	etag := c.Must(http.StatusOK, "GET", path, nil).Header.Get("ETag")
	first := c.Must(http.StatusOK, "PATCH", path, map[string]any{"risk": "HIGH"}, "If-Match", etag)
	if first.Header.Get("ETag") == etag || first.Text("risk") != "HIGH" {
		t.Errorf("%s: %s", first.Header.Get("ETag"), first.Body)
	}
	stale := c.Must(http.StatusPreconditionFailed, "PATCH", path, map[string]any{"risk": "MEDIUM"}, "If-Match", etag)
	if stale.At("survivor") != nil {
		t.Errorf("%s", stale.Body)
	}
	same := c.Must(http.StatusOK, "PATCH", path, map[string]any{"risk": "HIGH", "survivor": map[string]any{"name": "Người Thử Nghiệm Một"}}, "If-Match", first.Header.Get("ETag"))
	if same.Header.Get("ETag") != first.Header.Get("ETag") || same.Text("updated_at") != first.Text("updated_at") {
		t.Errorf("a correction that changes nothing made %s", same.Body)
	}
	c.Must(http.StatusCreated, "POST", path+"/incidents", map[string]any{"acts": []string{"A"}})
	c.Must(http.StatusPreconditionFailed, "PATCH", path, map[string]any{"risk": "LOW"}, "If-Match", same.Header.Get("ETag"))
	// Twenty at once from the same state: one is taken.
	etag = c.Must(http.StatusOK, "GET", path, nil).Header.Get("ETag")
	var mu sync.Mutex
	codes := map[int]int{}
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			got := c.Do("PATCH", path, map[string]any{"narrative": fmt.Sprintf("Lời kể %d (thử).", i)}, "If-Match", etag)
			mu.Lock()
			defer mu.Unlock()
			codes[got.Status]++
		})
	}
	all.Wait()
	if d := cmp.Diff(map[int]int{200: 1, 412: 19}, codes); d != "" {
		t.Error(d)
	}
}

func TestAPatchTakesAwayWhatIsNullAndLeavesWhatIsAbsent(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	c := s.clients["tuvan.kontum"]
	path := "/api/v1/cases/" + s.ours.Case
	db := s.DB.Open(t, pg.Superuser)
	var facts string
	fact := func() string {
		t.Helper()
		if err := db.Get(&facts, `select string_agg(sex || ' ' || age || ' ' || commune || ' ' || form || ' ' || ethnic, '|' order by sex) from stats.facts`); err != nil {
			t.Fatal(err)
		}
		return facts
	}
	before := tree(t, c.Must(http.StatusOK, "GET", path, nil)).(map[string]any)
	version := 1
	patch := func(body any) map[string]any {
		t.Helper()
		got := c.Must(http.StatusOK, "PATCH", path, body, "If-Match", fmt.Sprintf("%q", fmt.Sprint(version)), "Content-Type", "application/merge-patch+json")
		version++
		read := tree(t, c.Must(http.StatusOK, "GET", path, nil)).(map[string]any)
		if d := cmp.Diff(tree(t, got), any(read)); d != "" {
			t.Errorf("what was answered is not what was kept:\n%s", d)
		}
		return read
	}
	want := func(change func(m map[string]any), got map[string]any) {
		t.Helper()
		m := clone(before).(map[string]any)
		change(m)
		for _, moving := range []string{"version", "updated_at"} {
			delete(m, moving)
			got = clone(got).(map[string]any)
			delete(got, moving)
		}
		if d := cmp.Diff(m, got); d != "" {
			t.Errorf("wanted (-), got (+):\n%s", d)
		}
		before = m
	}
	survivor := func(m map[string]any) map[string]any { return m["survivor"].(map[string]any) }
	want(func(m map[string]any) { survivor(m)["name"] = "Người Thử Nghiệm Hai" }, patch(map[string]any{"survivor": map[string]any{"name": "Người Thử Nghiệm Hai"}}))
	want(func(m map[string]any) { delete(survivor(m), "phone"); delete(survivor(m), "address") }, patch(map[string]any{"survivor": map[string]any{"phone": nil, "address": nil}}))
	want(func(m map[string]any) { delete(survivor(m), "birth_year"); survivor(m)["age"] = 17.0 }, patch(map[string]any{"survivor": map[string]any{"birth_year": nil, "age": 17}}))
	if !strings.Contains(fact(), "F A16_17 23377 PHYSICAL") {
		t.Errorf("the fact did not follow the correction: %s", facts)
	}
	want(func(m map[string]any) { m["needs"] = []any{"LEGAL_AID"} }, patch(map[string]any{"needs": []any{"LEGAL_AID"}}))
	want(func(m map[string]any) { delete(m, "needs") }, patch(map[string]any{"needs": []any{}}))
	want(func(m map[string]any) {
		m["safe_contact"] = map[string]any{"channel": "PHONE", "value": "0900 000 003", "hours": "9-11", "code_word": "hoa dã quỳ", "may_leave_message": true}
	}, patch(map[string]any{"safe_contact": map[string]any{"value": "0900 000 003", "may_leave_message": true, "must_not": nil}}))
	want(func(m map[string]any) { delete(m, "safe_contact") }, patch(map[string]any{"safe_contact": nil}))
	want(func(m map[string]any) { delete(m, "narrative") }, patch(map[string]any{"narrative": nil}))
	want(func(m map[string]any) { m["intake"].(map[string]any)["reporter"] = "FAMILY" }, patch(map[string]any{"intake": map[string]any{"reporter": "FAMILY"}}))
	want(func(m map[string]any) { m["status"], m["risk"] = "OPEN", "HIGH" }, patch(map[string]any{"status": "OPEN", "risk": "HIGH"}))
	want(func(m map[string]any) { delete(m, "risk") }, patch(map[string]any{"risk": nil}))
	want(func(m map[string]any) { survivor(m)["commune"], m["commune"] = "23500", "23500" }, patch(map[string]any{"survivor": map[string]any{"commune": "23500"}}))
	want(func(m map[string]any) { m["survivor"] = map[string]any{}; delete(m, "commune") }, patch(map[string]any{"survivor": nil}))
	if list := c.Must(http.StatusOK, "GET", path+"/incidents", nil); list.Len("items") != 1 || list.Text("items.0.perpetrators.0.name") != "Kẻ Thử Nghiệm" {
		t.Errorf("a correction of the person touched what happened: %s", list.Body)
	}
	if !strings.Contains(fact(), "UNK UNK UNK") {
		t.Errorf("the fact knows more than the case: %s", facts)
	}
}

func TestEverythingThatHoldsCaseDataIsKeptByNobody(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, a := range s.drill() {
		if a.method != "GET" || !slices.Contains([]string{"tuvan.kontum", "giamsat.kontum", "congan.ngochoi", "quantri"}, a.who) {
			continue
		}
		got := s.send(t, a)
		if got.Header.Get("Cache-Control") != "no-store" || got.Header.Get("X-Content-Type-Options") != "nosniff" || got.Header.Get("Referrer-Policy") != "no-referrer" || !strings.Contains(got.Header.Get("Vary"), "Authorization") {
			t.Errorf("%s: %v", a.path, got.Header)
		}
		if got.Header.Get("Server") != "" || got.Header.Get("X-Powered-By") != "" || got.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %v", a.path, got.Header)
		}
	}
}

// TestASpentKeyIsAnsweredAsTheContractSays sends whatever can be sent twice twice, with one key: what stands at an address is shown as it is now, what is shown once only
// (codes, a copy) is not shown again, and the contract describes both.
func TestASpentKeyIsAnsweredAsTheContractSays(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	tried, empty := map[string]bool{}, map[string]bool{}
	for _, a := range s.drill() {
		route := a.method + " " + a.route.Path
		if a.refused || a.method == "GET" || tried[route] || endsSession(a.method, a.route.Path) || a.route.Act == access.PrepareRelease {
			continue
		}
		body, kind := s.bodyOf(t, a.route, a.x)
		headers := []string{"Idempotency-Key", uuid.NewString(), "If-Match", `"1"`}
		if kind != "" {
			headers = append(headers, "Content-Type", kind)
		}
		first := s.clients[a.who].Do(a.method, a.path, body, headers...)
		if first.Status >= 300 {
			continue // somebody else of the drill may
		}
		tried[route] = true
		again := s.clients[a.who].Do(a.method, a.path, body, headers...)
		if again.Status != first.Status && again.Status != http.StatusNoContent {
			t.Errorf("%s again: %d, was %d: %s", route, again.Status, first.Status, again.Body)
		}
		if again.Status != first.Status {
			empty[route] = true
		}
	}
	t.Logf("%d routes sent twice; done before and not shown again: %q", len(tried), slices.Sorted(maps.Keys(empty)))
	if len(tried) < 30 || len(empty) < 10 {
		t.Errorf("only %d routes", len(tried))
	}
}
