package app_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"binhan/internal/site"
)

// cell is one request of the product of everything: a path, a method, somebody, an object.
type cell struct {
	method, pattern, path, who, what string
	route                            *site.Route // nil when nothing is routed there
	x                                thing
	missing                          bool // 404 is the only answer
	open                             bool // her role has the act, and she holds what it is on
}

// product is every path of the surface, API and pages, by every method, for everybody, on her organisation's object, on another's and on none.
func (s *stage) product() (all []cell) {
	policy := s.Gate.Policy()
	routed := map[string]*site.Route{}
	var patterns []string
	for _, r := range s.App.Site.Routes() {
		if !slices.Contains(patterns, r.Path) {
			patterns = append(patterns, r.Path)
		}
		routed[r.Method+" "+r.Path] = &r
	}
	absent := uuid.NewString()
	for _, pattern := range patterns {
		objects := map[string]thing{"ours": s.ours, "theirs": s.theirs, "absent": {}}
		if !strings.Contains(pattern, ":") {
			objects = map[string]thing{"": s.ours}
		}
		for _, m := range methods {
			if endsSession(m, pattern) {
				continue
			}
			r := routed[m+" "+pattern]
			if r == nil && (pattern == "/api/v1/cases/search" || pattern == "/api/v1/cases/known") {
				r = routed[m+" /api/v1/cases/:id"] // a word that stands where an id could
			}
			for what, x := range objects {
				path := pathOfAny(pattern, x, absent)
				for _, who := range s.people() {
					c := cell{method: m, pattern: pattern, path: path, who: who, what: what, route: r, x: x}
					switch {
					case r == nil:
						c.missing = !(pattern == "/ho-so/tim" || pattern == "/ho-so/da-biet")
					case r.Public && m != http.MethodGet:
						continue // sign-in, exit, settings: nobody's in particular, and tested by themselves
					case r.Public || r.Act.Name == "":
					case pattern == "/api/v1/referrals":
					case policy.Any(s.role(who), r.Act.Name) == 0:
						c.missing = true
					case strings.Contains(r.Path, ":") && r.Act.On != "":
						held := s.held[who][subjectOf(r.Path, path)]
						if what == "absent" {
							held = 0
						}
						c.open = policy.Any(s.role(who), r.Act.Name)&held != 0
						c.missing = !c.open
					default:
						c.open = true
					}
					all = append(all, c)
				}
			}
		}
	}
	return all
}

// TestEveryRouteByEverybodyOnEverything walks the product. What her role or her standing does not open is not there; what does not change anything answers; what would
// change something is sent with a key that is none, so that the walk leaves everything as it was. TestWhoMayIsAnswered sends the good ones.
func TestEveryRouteByEverybodyOnEverything(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	all := s.product()
	if len(all) < 40_000 {
		t.Errorf("the product has only %d cells", len(all))
	}
	routed := slices.DeleteFunc(slices.Clone(all), func(c cell) bool { return c.route == nil })
	unrouted := slices.DeleteFunc(slices.Clone(all), func(c cell) bool { return c.route != nil })
	cells := append(sampled(routed, 2700), sampled(unrouted, 800)...)
	before := s.Contents(t)
	var seen, opened tally
	together(cells, func(c cell) {
		var body any
		headers := []string{"Origin", s.URL}
		unsafe := c.method != http.MethodGet && c.method != http.MethodHead
		if c.route != nil && unsafe {
			if c.route.Page() {
				body, headers = []byte("note=x"), append(headers, "Content-Type", "application/x-www-form-urlencoded")
			} else {
				b, kind := s.bodyOf(t, *c.route, s.ours)
				if kind != "" {
					headers = append(headers, "Content-Type", kind)
				}
				body, headers = b, append(headers, "If-Match", `"1"`)
			}
			if !c.missing {
				headers = append(headers, "Idempotency-Key", "not a key")
			}
		}
		got := s.clients[c.who].Do(c.method, c.path, body, headers...)
		where := fmt.Sprintf("%s, %s: %s %s", c.who, c.what, c.method, c.pattern)
		seen.add(got.Status)
		page := c.route != nil && c.route.Page()
		switch {
		case got.Status >= 500:
			t.Errorf("%s: %s", where, describe(got))
		case c.missing && got.Status != http.StatusNotFound && !(page && unsafe && got.Status >= 400 && s.Gate.Policy().Any(s.role(c.who), c.route.Act.Name) != 0): // a form is read before its case is looked for
			t.Errorf("%s: not hers, and %s", where, describe(got))
		case !c.missing && unsafe && got.Status < 400 && !(c.route != nil && c.route.Public):
			t.Errorf("%s: with a key that is none: %s", where, describe(got))
		}
		if c.open && !unsafe {
			opened.add(got.Status)
		}
	})
	if d := cmp.Diff(before, s.Contents(t)); d != "" {
		t.Errorf("something was written:\n%s", d)
	}
	if opened.got[http.StatusOK] < 50 {
		t.Errorf("what is hers opens only %v", opened.got)
	}
	t.Logf("%d routes, %d people, %v; of what is hers to read: %v", len(s.App.Site.Routes()), len(s.people()), seen.got, opened.got)
	counted(t, "route x role x object x method", len(cells), 3500, 40_000)
}
