package app_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"binhan/internal/app/apptest"
	"binhan/internal/site"
	"binhan/internal/world"
)

// odd are texts that people and machines send by mistake or on purpose.
var odd = []string{"", " ", "0", "-1", "x", "null", "NULL", "true", "'", "\"", "\\", "'; drop table cases; --", "<b>", "{{7*7}}", "%00", "\x00", "\u202e", "\u200b", "😀", "ặ", "A\u0302\u0323", "\ufffd", "2026-02-30", "0000-01-01", "2026-11-24", "2026-11-24T10:00:00Z", "9999-12-31T23:59:59Z",
	"1e400", "999999999999999999999999", "../../x", "KHONG_CO", "SAFETY", "F", "23377", "0900 000 001", "051191000001", strings.Repeat("a", 300), strings.Repeat("ặ", 5000)}

// fits draws a value that the schema allows, more or less.
func fits(r *rapid.T, s *openapi3.Schema, depth int) any {
	if dice := rapid.IntRange(0, 19).Draw(r, "dice"); depth > 0 && dice == 0 {
		return anything(r, 3)
	} else if dice == 1 && s.Type.Includes("null") {
		return nil
	}
	switch {
	case s.Type.Includes("object"):
		m := map[string]any{}
		for _, name := range sortedProperties(s) {
			if slices.Contains(s.Required, name) && rapid.IntRange(0, 30).Draw(r, "forget") > 0 || rapid.Bool().Draw(r, "with "+name) {
				m[name] = fits(r, s.Properties[name].Value, depth+1)
			}
		}
		if rapid.IntRange(0, 30).Draw(r, "extra") == 0 {
			m[rapid.SampledFrom(privileged).Draw(r, "name")] = anything(r, 2)
		}
		return m
	case s.Type.Includes("array"):
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(r, "items") {
			list = append(list, fits(r, s.Items.Value, depth+1))
		}
		return list
	case s.Type.Includes("boolean"):
		return rapid.Bool().Draw(r, "bool")
	case s.Type.Includes("integer"):
		return rapid.SampledFrom([]any{0, 1, 17, 40, 120, 1991, 2026, -1, 121, 3000}).Draw(r, "int")
	case len(s.Enum) > 0:
		return rapid.SampledFrom(s.Enum).Draw(r, "enum")
	case s.Extensions["x-codelist"] == "admin_commune":
		return rapid.SampledFrom([]string{"23377", "23293", "23500"}).Draw(r, "commune")
	case s.Extensions["x-codelist"] != nil:
		return rapid.SampledFrom(codesOf(s.Extensions["x-codelist"].(string))).Draw(r, "code")
	case s.Format == "date-time":
		return rapid.SampledFrom([]string{"2026-11-20T03:00:00+07:00", "2025-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "1901-01-01T00:00:00Z", "2199-01-01T00:00:00Z"}).Draw(r, "time")
	case s.Format == "uuid":
		return rapid.SampledFrom([]string{uuid.NewString(), uuid.Nil.String(), "x"}).Draw(r, "id")
	}
	return rapid.SampledFrom(odd).Draw(r, "text")
}

func sortedProperties(s *openapi3.Schema) []string {
	names := make([]string, 0, len(s.Properties))
	for n := range s.Properties {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// anything draws any JSON value.
func anything(r *rapid.T, depth int) any {
	switch rapid.IntRange(0, 6).Draw(r, "kind") {
	case 0:
		return nil
	case 1:
		return rapid.Bool().Draw(r, "bool")
	case 2:
		return rapid.SampledFrom([]any{0, -1, 1.5, 1e300, json.Number("123456789012345678901234567890")}).Draw(r, "number")
	case 3:
		if depth > 0 {
			return []any{anything(r, depth-1), anything(r, depth-1)}
		}
	case 4:
		if depth > 0 {
			return map[string]any{rapid.SampledFrom(privileged).Draw(r, "name"): anything(r, depth-1)}
		}
	}
	return rapid.SampledFrom(odd).Draw(r, "text")
}

// requests is how many requests are generated: BINHAN_FUZZ_REQUESTS, 200,000 for a whole battery.
func requests() int {
	if n, err := strconv.Atoi(os.Getenv("BINHAN_FUZZ_REQUESTS")); err == nil && n > 0 {
		return n
	}
	if fullBattery {
		return 200_000
	}
	return 1000
}

// TestWhateverIsSentIsAnswered sends what the contract describes, more and less exactly, to everything that it describes, as anybody, and holds every answer to the
// contract: no failure of ours, no field that nobody knows, no status that is not described. Who was signed out on the way signs in again.
func TestWhateverIsSentIsAnswered(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	routes := slices.DeleteFunc(s.routes(), func(r site.Route) bool {
		return r.Path == "/api/v1/releases" && r.Method == "POST" || strings.HasSuffix(r.Path, "/evidence") && r.Method == "POST"
	})
	people := []string{"tuvan.kontum", "tuvan.kontum", "tuvan.ngochoi", "congan.ngochoi", "congan.dakha", "giamsat.kontum", "thongke.sldtbxh", "lanhdao.sldtbxh", "thanhtra", "dpo", "quanly.thu", "quantri", "tiepnhan.thu", "yte.kontum", ""}
	const inOne, hands = 5, 4
	checks := requests() / inOne / hands
	before := flag.Lookup("rapid.checks").Value.String()
	if err := flag.Set("rapid.checks", strconv.Itoa(checks)); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = flag.Set("rapid.checks", before) }()
	var answered tally
	sent := map[string]int{}
	var mu sync.Mutex
	work := func(t *testing.T) {
		clients := map[string]*apptest.Client{"": s.As(t, "")}
		for _, who := range people[:len(people)-1] {
			c := *s.clients[who]
			clients[who] = &c
		}
		rapid.Check(t, func(r *rapid.T) {
			for range inOne {
				route := rapid.SampledFrom(routes).Draw(r, "route")
				who := rapid.SampledFrom(people).Draw(r, "who")
				x := rapid.SampledFrom([]thing{s.ours, s.ours, s.theirs, {}}).Draw(r, "thing")
				other := rapid.SampledFrom([]string{uuid.NewString(), s.ours.Case, s.ours.Referral, url.PathEscape(rapid.SampledFrom(odd[1:]).Draw(r, "id"))}).Draw(r, "other")
				path := pathOf(route.Path, x, other)
				op, _ := apptest.Operation(route.Method, path)
				if op == nil {
					continue
				}
				query := url.Values{}
				for _, p := range op.Operation.Parameters {
					if p.Value.In == "query" && rapid.IntRange(0, 2).Draw(r, "with "+p.Value.Name) == 0 {
						query.Set(p.Value.Name, fmt.Sprint(fits(r, p.Value.Schema.Value, 1)))
					}
				}
				if len(query) > 0 {
					path += "?" + query.Encode()
				}
				var body any
				if b := op.Operation.RequestBody; b != nil && b.Value.Content["application/json"] != nil {
					v := fits(r, b.Value.Content["application/json"].Schema.Value, 0)
					if m, ok := v.(map[string]any); ok && m["consent"] != nil { // an id that exists now and then
						m["consent"] = rapid.SampledFrom([]any{s.ours.Consent, s.theirs.Consent, m["consent"]}).Draw(r, "consent")
					}
					if m, ok := v.(map[string]any); ok && (strings.HasSuffix(route.Path, "/proof") || strings.HasSuffix(route.Path, "/account/password")) { // or a hundred wrong ones, or a new one that nobody knows, shut everybody out
						m["password"] = rapid.SampledFrom([]any{world.Password, world.Password, "x", nil}).Draw(r, "password")
					}
					body = v
				}
				headers := []string{"If-Match", rapid.SampledFrom([]string{`"1"`, `"2"`, `"3"`, "x"}).Draw(r, "version")}
				if rapid.IntRange(0, 3).Draw(r, "key") == 0 {
					headers = append(headers, "Idempotency-Key", rapid.SampledFrom([]string{"k1", "k2", uuid.NewString(), "a b"}).Draw(r, "which"))
				}
				c := clients[who]
				got := c.Do(route.Method, path, body, headers...)
				if got.Status == http.StatusUnauthorized && who != "" && !route.Public {
					if in := clients[""].Do("POST", "/api/v1/sessions", map[string]any{"username": who, "password": world.Password}); in.Status == http.StatusCreated {
						c.Token = in.Text("token")
						got = c.Do(route.Method, path, body, headers...)
					}
				}
				answered.add(got.Status)
				mu.Lock()
				sent[route.Method+" "+route.Path]++
				mu.Unlock()
				if got.Status >= http.StatusInternalServerError {
					r.Errorf("%s: %s %s with %v: %d %s: %s", who, route.Method, path, body, got.Status, got.Body, s.why(got))
				}
			}
		})
	}
	t.Run("hands", func(t *testing.T) {
		for range hands {
			t.Run("", func(t *testing.T) { t.Parallel(); work(t) })
		}
	})
	t.Logf("%d routes: %v", len(sent), answered.got)
	counted(t, "API contract fuzz", answered.all(), 900, 190_000) // some of what is drawn is no request
	for _, status := range []int{http.StatusOK, http.StatusNotFound, http.StatusUnprocessableEntity} {
		if answered.got[status] == 0 {
			t.Errorf("nothing was answered with %d", status)
		}
	}
	if unsigned := answered.got[http.StatusUnauthorized]; unsigned > answered.all()/3 {
		t.Errorf("%d of %d were nobody's", unsigned, answered.all())
	}
}
