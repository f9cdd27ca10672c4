package app_test

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"binhan/docs"
	"binhan/internal/app/apptest"
	"binhan/internal/codelist"
	"binhan/internal/consent"
	"binhan/internal/referral"
)

func TestTheContractIsAnOpenAPIDocument(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromData(docs.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(context.Background(), openapi3.IsOpenAPI31OrLater()); err != nil {
		t.Error(err)
	}
	if !doc.IsOpenAPI31OrLater() {
		t.Error("version", doc.OpenAPI)
	}
	used := string(docs.OpenAPI)
	for _, kind := range []struct {
		name string
		keys []string
	}{
		{"schemas", slices.Collect(maps.Keys(doc.Components.Schemas))}, {"responses", slices.Collect(maps.Keys(doc.Components.Responses))},
		{"parameters", slices.Collect(maps.Keys(doc.Components.Parameters))}, {"examples", slices.Collect(maps.Keys(doc.Components.Examples))},
		{"headers", slices.Collect(maps.Keys(doc.Components.Headers))}, {"requestBodies", slices.Collect(maps.Keys(doc.Components.RequestBodies))},
	} {
		for _, key := range kind.keys {
			if !strings.Contains(used, "'#/components/"+kind.name+"/"+key+"'") {
				t.Errorf("%s %s is used by nobody", kind.name, key)
			}
		}
	}
}

func TestTheContractIsServedToAnybody(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	a := s.As(t, "").Must(http.StatusOK, "GET", "/api/v1/openapi.yaml", nil)
	if !bytes.Equal(a.Body, docs.OpenAPI) || a.Header.Get("Content-Type") != "application/yaml; charset=utf-8" {
		t.Errorf("%s, %d bytes", a.Header.Get("Content-Type"), len(a.Body))
	}
}

var parameter = regexp.MustCompile(`:(\w+)`)

func TestEveryRouteIsDescribedAndNothingElse(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	routed := map[string]string{}
	for _, r := range s.App.Site.Routes() {
		if r.Page() {
			continue
		}
		who := r.Act.Name
		if r.Public {
			who = "public"
		}
		routed[r.Method+" "+parameter.ReplaceAllString(strings.TrimPrefix(r.Path, apptest.Prefix), "{$1}")] = who
	}
	described := map[string]string{}
	ids := map[string]bool{}
	for path, item := range apptest.Contract().Paths.Map() {
		for method, op := range item.Operations() {
			who, _ := op.Extensions["x-act"].(string)
			if op.Security != nil && len(*op.Security) == 0 {
				who = "public"
			}
			described[method+" "+path] = who
			if op.OperationID == "" || op.Summary == "" || len(op.Tags) != 1 || ids[op.OperationID] {
				t.Errorf("%s %s: operationId, summary or tag", method, path)
			}
			ids[op.OperationID] = true
		}
	}
	if d := cmp.Diff(routed, described); d != "" {
		t.Errorf("routes (-) and contract (+), with their acts:\n%s", d)
	}
}

// bodies walks every body that the contract describes.
func bodies(doc *openapi3.T, see func(where string, request bool, m *openapi3.MediaType)) {
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			where := method + " " + path
			if op.RequestBody != nil {
				for kind, m := range op.RequestBody.Value.Content {
					see(where+" "+kind, true, m)
				}
			}
			for status, r := range op.Responses.Map() {
				for kind, m := range r.Value.Content {
					if strings.Contains(kind, "json") {
						see(where+" "+status, false, m)
					}
				}
			}
		}
	}
}

func TestEveryExampleFitsItsSchema(t *testing.T) {
	t.Parallel()
	doc := apptest.Contract()
	n := 0
	bodies(doc, func(where string, request bool, m *openapi3.MediaType) {
		if len(m.Examples) == 0 {
			t.Errorf("%s has no example", where)
		}
		for name, e := range m.Examples {
			n++
			kind := openapi3.VisitAsResponse()
			if request {
				kind = openapi3.VisitAsRequest()
			}
			if err := m.Schema.Value.VisitJSON(e.Value.Value, openapi3.EnableJSONSchema2020(), kind); err != nil {
				t.Errorf("%s, example %s: %v", where, name, err)
			}
			codes(t, where+", example "+name, m.Schema.Value, e.Value.Value)
		}
	})
	if n < 100 {
		t.Errorf("only %d examples", n)
	}
}

// codes holds the codes of an example to the lists that the contract names.
func codes(t *testing.T, where string, s *openapi3.Schema, v any) {
	t.Helper()
	switch x := v.(type) {
	case map[string]any:
		for name, p := range s.Properties {
			if y, ok := x[name]; ok {
				codes(t, where+"/"+name, p.Value, y)
			}
		}
	case []any:
		for _, y := range x {
			codes(t, where, s.Items.Value, y)
		}
	case string:
		if list, ok := s.Extensions["x-codelist"].(string); ok && !inList(list, x) {
			t.Errorf("%s: %s is not in list %s", where, x, list)
		}
	}
}

func inList(list, code string) bool {
	if list == "admin_commune" {
		_, ok := codelist.AnyCommune(code)
		return ok
	}
	return codelist.Get(codelist.Name(list)).Has(code)
}

var named = regexp.MustCompile(`x-codelist: (\w+)`)

func TestTheContractNamesWhatTheProgramKnows(t *testing.T) {
	t.Parallel()
	for _, m := range named.FindAllSubmatch(docs.OpenAPI, -1) {
		if name := codelist.Name(m[1]); name != "admin_commune" && !slices.Contains(codelist.Names(), name) {
			t.Errorf("there is no list %s", name)
		}
	}
	var moves, statuses []string
	for _, m := range referral.Moves {
		moves = append(moves, m.Name)
	}
	statuses = codelist.Get(codelist.ReferralStatus).Codes()
	for name, want := range map[string][]string{"ShareableField": consent.Fields, "MoveName": moves, "ReferralStatus": statuses} {
		var have []string
		for _, v := range apptest.Contract().Components.Schemas[name].Value.Enum {
			have = append(have, v.(string))
		}
		slices.Sort(have)
		if d := cmp.Diff(slices.Sorted(slices.Values(want)), have); d != "" {
			t.Errorf("%s: program (-), contract (+)\n%s", name, d)
		}
	}
}

func TestExamplesOfTheContractAreTaken(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	counsellor := s.As(t, "tuvan.kontum")
	example := func(path, method, kind, name string) any {
		op := apptest.Contract().Paths.Value(path).GetOperation(method)
		e := op.RequestBody.Value.Content[kind].Examples[name]
		if e == nil {
			t.Fatalf("%s %s has no example %s", method, path, name)
		}
		return e.Value.Value
	}
	counsellor.Must(http.StatusCreated, "POST", "/api/v1/cases", example("/cases", "POST", "application/json", "least"))
	made := counsellor.Must(http.StatusCreated, "POST", "/api/v1/cases", example("/cases", "POST", "application/json", "all"))
	path := "/api/v1/cases/" + made.Text("id")
	counsellor.Must(http.StatusOK, "PATCH", path, example("/cases/{id}", "PATCH", "application/merge-patch+json", "correct"), "If-Match", `"1"`, "Content-Type", "application/merge-patch+json")
	counsellor.Must(http.StatusOK, "PATCH", path, example("/cases/{id}", "PATCH", "application/json", "correct"), "If-Match", `"2"`)
	if a := counsellor.Must(http.StatusOK, "POST", "/api/v1/cases/search", example("/cases/search", "POST", "application/json", "name")); a.Len("items") != 1 {
		t.Errorf("search: %s", a.Body)
	}
	counsellor.Must(http.StatusOK, "POST", path+"/reveal", example("/cases/{id}/reveal", "POST", "application/json", "call"))
	counsellor.Must(http.StatusCreated, "POST", path+"/incidents", example("/cases/{id}/incidents", "POST", "application/json", "year"))
	counsellor.Must(http.StatusCreated, "POST", path+"/consents", example("/cases/{id}/consents", "POST", "application/json", "police"))
}
