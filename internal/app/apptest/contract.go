package apptest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"golang.org/x/text/unicode/norm"

	"binhan/docs"
)

// Contract is docs/openapi.yaml as a judge. Every server that New starts has it between the listener and the application: an answer under /api/ that the
// document does not describe, and a request that it forbids and the application took, fail the test in which they happen. For this the objects of answers are
// closed: a partner must bear new fields, a test must notice one that nobody described.
var Contract = sync.OnceValue(func() *openapi3.T {
	doc := must(openapi3.NewLoader().LoadFromData(docs.OpenAPI))
	for _, s := range doc.Components.Schemas {
		closeObject(s)
	}
	for _, path := range doc.Paths.Map() {
		for _, op := range path.Operations() {
			for _, r := range op.Responses.Map() {
				for _, m := range r.Value.Content {
					closeObject(m.Schema)
				}
			}
		}
	}
	return doc
})

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func closeObject(s *openapi3.SchemaRef) {
	if s == nil || s.Value == nil {
		return
	}
	v := s.Value
	if v.AdditionalProperties.Has == nil && v.AdditionalProperties.Schema == nil && v.Type.Includes("object") && v.Properties != nil {
		no := false
		v.AdditionalProperties.Has = &no
	}
	if s.Ref != "" {
		return // met under its own name
	}
	for _, p := range v.Properties {
		closeObject(p)
	}
	closeObject(v.Items)
}

// Prefix is where the surface of the contract begins.
const Prefix = "/api/v1"

// Operation finds what the contract says of a request; nil when it does not describe it.
func Operation(method, path string) (route *routers.Route, params map[string]string) {
	doc := Contract()
	rest, ok := strings.CutPrefix(path, Prefix)
	if !ok {
		return nil, nil
	}
	best := -1
	for pattern, item := range doc.Paths.Map() {
		op := item.GetOperation(method)
		found, fixed := match(pattern, rest)
		if op == nil || found == nil || fixed <= best {
			continue
		}
		best = fixed // a name wins over a parameter: /cases/search
		route = &routers.Route{Spec: doc, Path: pattern, PathItem: item, Method: method, Operation: op}
		params = found
	}
	return route, params
}

func match(pattern, path string) (params map[string]string, fixed int) {
	want, have := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(have) {
		return nil, 0
	}
	params = map[string]string{}
	for i, w := range want {
		switch {
		case strings.HasPrefix(w, "{"):
			v, err := url.PathUnescape(have[i])
			if err != nil || v == "" {
				return nil, 0
			}
			params[strings.Trim(w, "{}")] = v
		case w == have[i]:
			fixed++
		default:
			return nil, 0
		}
	}
	return params, fixed
}

// mostRead bounds what the judge holds of a request; larger ones are for the application to refuse.
const mostRead = 2 << 20

// judge puts the contract around an application.
func judge(t testing.TB, app http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/api/") {
			app.ServeHTTP(w, r)
			return
		}
		var body []byte
		kept := r.ContentLength < mostRead && !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/")
		if kept {
			var err error
			body, err = io.ReadAll(io.LimitReader(r.Body, mostRead))
			r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err}, r.Body))
		}
		asked := r.Clone(context.WithoutCancel(r.Context()))
		answer := &answer{ResponseWriter: w, status: http.StatusOK}
		app.ServeHTTP(answer, r)
		if err := Judge(asked, body, kept, answer.status, w.Header(), answer.body.Bytes()); err != nil {
			t.Errorf("contract: %s %s, answered %d: %v", r.Method, r.URL.Path, answer.status, err)
		}
	})
}

// failing ends a body as it ended on the wire.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err == nil {
		return 0, io.EOF
	}
	return 0, f.err
}

// answer is what the application answered; bodies that are not JSON pass by.
type answer struct {
	http.ResponseWriter
	status int
	begun  bool
	body   bytes.Buffer
}

func (a *answer) WriteHeader(status int) {
	if !a.begun {
		a.status, a.begun = status, true
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(p []byte) (int, error) {
	a.begun = true
	if ct := a.Header().Get("Content-Type"); strings.Contains(ct, "json") || strings.Contains(ct, "yaml") {
		a.body.Write(p)
	}
	return a.ResponseWriter.Write(p)
}

// Flush passes on what was written so far.
func (a *answer) Flush() { _ = http.NewResponseController(a.ResponseWriter).Flush() }

// Unwrap is for http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// Judge holds one request and its answer to the contract. The request counts only when it was taken: what was refused may be anything.
func Judge(r *http.Request, body []byte, kept bool, status int, header http.Header, answered []byte) error {
	route, params := Operation(r.Method, r.URL.EscapedPath())
	options := &openapi3filter.Options{IncludeResponseStatus: true, RejectWhenRequestBodyNotSpecified: true, SkipSettingDefaults: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}
	if site := r.Header.Get("Sec-Fetch-Site"); status == http.StatusForbidden && site != "" && site != "same-origin" && site != "none" {
		// The contract says once for all routes what becomes of a request that a browser makes for another site.
		route = &routers.Route{Spec: Contract(), Operation: &openapi3.Operation{Responses: openapi3.NewResponses(openapi3.WithStatus(403, Contract().Components.Responses["Refused"]))}}
	}
	if route == nil {
		// Nothing is there, whoever asks.
		if status != http.StatusNotFound {
			return errors.New("the contract does not describe this route")
		}
		route = &routers.Route{Spec: Contract(), Operation: &openapi3.Operation{Responses: openapi3.NewResponses(openapi3.WithStatus(404, Contract().Components.Responses["NotFound"]))}}
	}
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: options}
	if status < 300 && kept {
		r.Body = io.NopCloser(bytes.NewReader(cleaned(r, body)))
		if len(body) == 0 {
			r.Body = http.NoBody
		}
		asked := r.URL.Query()
		for name, values := range asked { // an empty parameter is none
			if strings.TrimSpace(strings.ReplaceAll(strings.Join(values, ""), "\u200b", "")) == "" {
				asked.Del(name)
			}
		}
		r.URL.RawQuery = asked.Encode()
		if err := openapi3filter.ValidateRequest(r.Context(), in); err != nil {
			return fmt.Errorf("a request that the contract forbids was taken: %w", short(err))
		}
		for name := range r.URL.Query() {
			if route.Operation.Parameters.GetByInAndName("query", name) == nil {
				return fmt.Errorf("the contract has no parameter %q", name)
			}
		}
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: status, Header: header, Options: options}
	out.SetBodyBytes(answered)
	if err := openapi3filter.ValidateResponse(r.Context(), out); err != nil {
		return short(err)
	}
	described := route.Operation.Responses.Status(status)
	if described != nil && len(described.Value.Content) == 0 && len(answered) > 0 {
		return errors.New("the contract says that there is no body")
	}
	return nil
}

// cleaned is a body as the contract says that texts are read: composed, without blanks around them and without signs that nobody can see.
func cleaned(r *http.Request, body []byte) []byte {
	if !strings.Contains(r.Header.Get("Content-Type"), "json") {
		return body
	}
	var tree any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if d.Decode(&tree) != nil {
		return body
	}
	var clean func(v any) any
	clean = func(v any) any {
		switch x := v.(type) {
		case string:
			return strings.TrimSpace(norm.NFC.String(strings.ReplaceAll(strings.Map(func(c rune) rune {
				if strings.ContainsRune("\u00ad\u061c\u180e\u200b\u200e\u200f\u2060\ufeff", c) || c >= 0xe0000 && c <= 0xe007f {
					return -1
				}
				return c
			}, x), "\r\n", "\n")))
		case []any:
			for i := range x {
				x[i] = clean(x[i])
			}
		case map[string]any:
			for name := range x {
				x[name] = clean(x[name])
			}
		}
		return v
	}
	out, err := json.Marshal(clean(tree))
	if err != nil {
		return body
	}
	return out
}

// short keeps a refusal of the judge readable: it repeats whole schemas otherwise.
func short(err error) error {
	text := err.Error()
	if i := strings.Index(text, "\nSchema:"); i >= 0 {
		text = text[:i]
	}
	if len(text) > 600 {
		text = text[:600] + "…"
	}
	return errors.New(text)
}
