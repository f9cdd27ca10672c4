package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"binhan/internal/app/apptest"
	"binhan/internal/pg"
)

// The battery of bad input is what an attacker, a broken client and an unlucky person send, family by family, each in a file of its own (battery_*_test.go), counted and
// described in docs/battery.md. Every run fires a sample of each family, spread evenly over it; BINHAN_BATTERY=full fires all of it and takes the better part of an hour.
var fullBattery = os.Getenv("BINHAN_BATTERY") == "full"

// sampled keeps about n of all, spread evenly, unless the whole battery is wanted.
func sampled[T any](all []T, n int) []T {
	if fullBattery || len(all) <= n {
		return all
	}
	some := make([]T, 0, n)
	for i := range n {
		some = append(some, all[i*len(all)/n])
	}
	return some
}

// counted prints how much of a family was fired, and fails when that is less than its number: one for the sample, one for the whole.
func counted(t *testing.T, family string, n, sample, whole int) {
	t.Helper()
	least := sample
	if fullBattery {
		least = whole
	}
	t.Logf("battery: %s: %d", family, n)
	if n < least {
		t.Errorf("battery: %s: only %d, want %d", family, n, least)
	}
}

// tally counts statuses from many hands.
type tally struct {
	mu  sync.Mutex
	got map[int]int
}

func (c *tally) add(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.got == nil {
		c.got = map[int]int{}
	}
	c.got[status]++
}

func (c *tally) all() (n int) {
	for _, m := range c.got {
		n += m
	}
	return n
}

// tripwire is a sequence that nothing of ours touches. A sequence keeps its count when a transaction is rolled back, so whatever runs nextval('wire.injected') even once,
// anywhere, under any of the program's logins, is seen.
type tripwire struct{ s *apptest.Server }

func strung(t *testing.T, s *apptest.Server) tripwire {
	t.Helper()
	db := s.DB.Open(t, pg.Superuser)
	db.MustExec(`create schema wire; create sequence wire.injected; grant usage on schema wire to public; grant usage, select on sequence wire.injected to public`)
	for _, role := range []pg.Role{pg.App, pg.Releaser, pg.Statistics, pg.Auditor} { // it would be reached by each of them
		if _, err := s.DB.Open(t, role).Exec(`select nextval('wire.injected')`); err != nil {
			t.Fatalf("%s: %v", role, err)
		}
	}
	w := tripwire{s}
	if w.touched(t) != 4 {
		t.Fatal("the wire does not count")
	}
	db.MustExec(`select setval('wire.injected', 1, false)`)
	return w
}

func (w tripwire) touched(t *testing.T) (n int) {
	t.Helper()
	if err := w.s.DB.Open(t, pg.Superuser).Get(&n, `select case when is_called then last_value else 0 end from wire.injected`); err != nil {
		t.Fatal(err)
	}
	return n
}

// pathOfAny is pathOf for pages too.
func pathOfAny(pattern string, x thing, other string) string {
	parts := strings.Split(pattern, "/")
	for i := 1; i < len(parts); i++ {
		if !strings.HasPrefix(parts[i], ":") {
			continue
		}
		if id := map[string]string{"ho-so": x.Case, "dong-y": x.Consent, "bang-chung": x.Evidence, "phieu": x.Referral}[parts[i-1]]; id != "" {
			parts[i] = id
		}
	}
	return pathOf(strings.Join(parts, "/"), x, other)
}

// endsSession tells of a route that ends the session of whoever asks.
func endsSession(method, path string) bool {
	return path == "/dang-xuat" || path == "/thoat" || path == "/khoa" && method == http.MethodPost || path == "/api/v1/sessions/current" && method == http.MethodDelete || strings.Contains(path, "/account/sessions") || strings.HasPrefix(path, "/tai-khoan/phien")
}

// place is somewhere a text of anybody's reaches the program from outside.
type place struct {
	name string
	send func(text string) apptest.Answer
}

// headerSafe is a text without what no client can put into a header.
func headerSafe(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f {
			return -1
		}
		return r
	}, text))
}

// readingPlaces are all places that change nothing: parameters of the query and of the path, of the API and of pages, headers, cookies, forms of search and sign-in.
func (s *stage) readingPlaces(t *testing.T) (all []place) {
	t.Helper()
	nobody := s.As(t, "")
	policy := s.Gate.Policy()
	add := func(name string, send func(string) apptest.Answer) { all = append(all, place{name, send}) }
	pageQueries := []string{"status", "sort", "cursor", "limit", "box", "commune", "owner", "since", "from", "to", "back", "kind", "show", "act", "actor", "code", "lang"}
	for _, r := range s.App.Site.Routes() {
		if endsSession(r.Method, r.Path) || r.Public && r.Method != "GET" {
			continue
		}
		who := "tuvan.kontum"
		if r.Act.Name != "" && policy.Any(s.role(who), r.Act.Name) == 0 {
			if i := slices.IndexFunc(s.people(), func(p string) bool { return policy.Any(s.role(p), r.Act.Name) != 0 }); i >= 0 {
				who = s.people()[i]
			}
		}
		c := s.clients[who]
		parts := strings.Split(r.Path, "/")
		for i, p := range parts {
			if !strings.HasPrefix(p, ":") {
				continue
			}
			add("path "+r.Method+" "+r.Path+" "+p, func(text string) apptest.Answer {
				filled := slices.Clone(parts)
				filled[i] = "\x00"
				path := pathOfAny(strings.Join(filled, "/"), s.ours, uuid.NewString())
				return c.Do(r.Method, strings.Replace(path, "\x00", url.PathEscape(text), 1), nil, "Origin", s.URL, "If-Match", `"1"`)
			})
		}
		if r.Method != "GET" {
			continue
		}
		var names []string
		if r.Page() {
			names = pageQueries
		} else if op, _ := apptest.Operation(r.Method, pathOf(r.Path, s.ours, s.ours.Case)); op != nil {
			for _, p := range op.Operation.Parameters {
				if p.Value.In == "query" {
					names = append(names, p.Value.Name)
				}
			}
		}
		path := pathOfAny(r.Path, s.ours, s.ours.Case)
		for _, name := range names {
			add("query GET "+r.Path+" "+name, func(text string) apptest.Answer { return c.Get(path + "?" + name + "=" + url.QueryEscape(text)) })
		}
	}
	counsellor := s.clients["tuvan.kontum"]
	for _, h := range []string{"Accept", "Accept-Language", "Accept-Encoding", "User-Agent", "Referer", "X-Forwarded-For", "X-Forwarded-Host", "X-Request-Id", "Cookie", "If-None-Match", "Range", "Origin", "Sec-Fetch-Site", "Idempotency-Key", "X-Http-Method-Override", "Forwarded", "From", "Via"} {
		for _, path := range []string{"/api/v1/cases", "/ho-so"} {
			add("header "+h+" of "+path, func(text string) apptest.Answer { return counsellor.Get(path, h, headerSafe(text)) })
		}
	}
	for _, h := range []string{"Idempotency-Key", "Content-Type", "Accept-Language"} {
		add("header "+h+" of a search", func(text string) apptest.Answer {
			return counsellor.Do("POST", "/api/v1/cases/search", map[string]any{"code": "ABCD"}, h, headerSafe(text))
		})
	}
	add("If-Match", func(text string) apptest.Answer {
		return counsellor.Do("PATCH", "/api/v1/cases/"+s.ours.Case, map[string]any{"risk": "HIGH"}, "If-Match", `"`+headerSafe(text)+`"`)
	})
	for _, path := range []string{"/api/v1/cases", "/ho-so"} {
		add("token of "+path, func(text string) apptest.Answer { return nobody.Get(path, "Authorization", "Bearer "+headerSafe(text)) })
		add("scheme of "+path, func(text string) apptest.Answer { return nobody.Get(path, "Authorization", headerSafe(text)) })
		for _, cookie := range []string{"so", "may", "lang", "size", "x"} {
			add("cookie "+cookie+" of "+path, func(text string) apptest.Answer { return nobody.Get(path, "Cookie", cookie+"="+headerSafe(text)) })
		}
	}
	for _, field := range []string{"name", "code", "phone", "id_number", "commune", "status"} {
		add("search by "+field, func(text string) apptest.Answer {
			return counsellor.Do("POST", "/api/v1/cases/search", map[string]any{field: text})
		})
		add("page of search by "+field, func(text string) apptest.Answer {
			return counsellor.Do("POST", "/ho-so/tim", []byte(url.Values{field: {text}}.Encode()), "Content-Type", "application/x-www-form-urlencoded", "Origin", s.URL)
		})
	}
	for _, field := range []string{"username", "password", "code", "back"} {
		add("page of sign-in, "+field, func(text string) apptest.Answer {
			v := url.Values{"username": {"khong.co"}, "password": {"x"}}
			v.Set(field, text)
			return nobody.Do("POST", "/dang-nhap", []byte(v.Encode()), "Content-Type", "application/x-www-form-urlencoded", "Origin", s.URL)
		})
		if field != "back" {
			add("sign-in, "+field, func(text string) apptest.Answer {
				body := map[string]any{"username": "khong.co", "password": "x"}
				body[field] = text
				return nobody.Do("POST", "/api/v1/sessions", body)
			})
		}
	}
	return all
}

func describe(a apptest.Answer) string { return fmt.Sprintf("%d %.300s", a.Status, a.Body) }

// why is what the log says of a failure of ours.
func (s *stage) why(got apptest.Answer) string {
	for line := range strings.Lines(s.Log.String()) {
		if id := got.Header.Get("X-Request-Id"); id != "" && strings.Contains(line, `"request":"`+id+`"`) && strings.Contains(line, "cause") {
			return line[strings.Index(line, `"cause"`):]
		}
	}
	return "no cause is in the log"
}
