package apptest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"binhan/internal/app/apptest"
)

const list = `{"items":[{"code":"A","vi":"một","en":"one","valid":true}],"next":null}`

func TestTheContractIsAJudgeThatRefuses(t *testing.T) {
	t.Parallel()
	const problem = `{"type":"urn:binhan:problem:not-found","title":"Không tìm thấy","status":404}`
	for name, c := range map[string]struct {
		method, path, body string
		status             int
		header             string
		answer             string
		want               string // what the judge says; "" when it is content
	}{
		"a good answer":               {"GET", "/api/v1/codelists/sex", "", 200, "", list, ""},
		"a good refusal":              {"GET", "/api/v1/codelists/nothing", "", 404, "", problem, ""},
		"nothing is there":            {"GET", "/api/v1/nothing", "", 404, "", problem, ""},
		"a field nobody described":    {"GET", "/api/v1/codelists/sex", "", 200, "", strings.Replace(list, `"valid"`, `"name":"x","valid"`, 1), "name"},
		"a field that is missing":     {"GET", "/api/v1/codelists/sex", "", 200, "", strings.Replace(list, `"vi":"một",`, "", 1), "vi"},
		"a field of another type":     {"GET", "/api/v1/codelists/sex", "", 200, "", strings.Replace(list, "true", `"true"`, 1), "valid"},
		"a body that is no JSON":      {"GET", "/api/v1/codelists/sex", "", 200, "", "{", "decode"},
		"a header that is missing":    {"GET", "/api/v1/codelists/sex", "", 200, "Cache-Control", list, "Cache-Control"},
		"a status nobody described":   {"GET", "/api/v1/codelists/sex", "", 500, "", problem, "status"},
		"a route nobody described":    {"PUT", "/api/v1/codelists/sex", "", 200, "", list, "does not describe"},
		"a forbidden body was taken":  {"POST", "/api/v1/cases/search", `{"owner":"x"}`, 200, "", `{"items":[],"next":null}`, "was taken"},
		"a forbidden query was taken": {"GET", "/api/v1/cases?limit=1000", "", 200, "", `{"items":[],"next":null}`, "was taken"},
		"an empty query is none":      {"GET", "/api/v1/cases?since=&limit=", "", 200, "", `{"items":[],"next":null}`, ""},
		"an unknown query was taken":  {"GET", "/api/v1/cases?page=2", "", 200, "", `{"items":[],"next":null}`, "no parameter"},
		"a forbidden path was taken":  {"GET", "/api/v1/cases/1/incidents", "", 200, "", `{"items":[],"next":null}`, "was taken"},
		"a body was missing":          {"POST", "/api/v1/cases/search", "", 200, "", `{"items":[],"next":null}`, "was taken"},
		"no content with a body":      {"DELETE", "/api/v1/sessions/current", "", 204, "", list, "no body"},
		"what was refused may be bad": {"POST", "/api/v1/cases/search", `{"owner":`, 404, "", problem, ""},
	} {
		r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
		r.Header.Set("Content-Type", "application/json")
		h := http.Header{"Content-Type": {"application/json; charset=utf-8"}, "Cache-Control": {"no-store"}}
		if c.status >= 400 {
			h.Set("Content-Type", "application/problem+json; charset=utf-8")
			h.Set("Content-Language", "vi")
		}
		if c.header != "" {
			h.Del(c.header)
		}
		err := apptest.Judge(r, []byte(c.body), true, c.status, h, []byte(c.answer))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func BenchmarkJudge(b *testing.B) {
	h := http.Header{"Content-Type": {"application/json; charset=utf-8"}, "Cache-Control": {"no-store"}}
	for b.Loop() {
		if err := apptest.Judge(httptest.NewRequest("GET", "/api/v1/codelists/sex", nil), nil, true, 200, h, []byte(list)); err != nil {
			b.Fatal(err)
		}
	}
}
