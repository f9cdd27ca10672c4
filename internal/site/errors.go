package site

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"

	"binhan/internal/fault"
	"binhan/internal/i18n"
)

var statuses = map[fault.Kind]int{
	fault.Invalid:         http.StatusUnprocessableEntity,
	fault.Malformed:       http.StatusBadRequest,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Unproved:        http.StatusUnauthorized, // with WWW-Authenticate, RFC 9470
	fault.Refused:         http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.Stale:           http.StatusPreconditionFailed,
	fault.VersionRequired: http.StatusPreconditionRequired,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.MediaType:       http.StatusUnsupportedMediaType,
	fault.TooMany:         http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
}

func statusOf(err error) int {
	if s, ok := statuses[fault.KindOf(err)]; ok {
		return s
	}
	return http.StatusInternalServerError
}

// Problem is RFC 9457's body of an error.
type Problem struct {
	Type    string         `json:"type"`
	Title   string         `json:"title"`
	Status  int            `json:"status"`
	Detail  string         `json:"detail,omitempty"`
	Request string         `json:"instance,omitempty"`
	Errors  []ProblemField `json:"errors,omitempty"`
}

// ProblemField is one field of a refused body.
type ProblemField struct {
	Pointer string `json:"pointer"`
	Key     string `json:"key"`
	Detail  string `json:"detail"`
}

// Sentence is the error in words.
func Sentence(l i18n.Language, err error) string {
	var f *fault.Error
	if errors.As(err, &f) && f.Key != "" {
		return l.Fill("fault."+f.Key, f.Args)
	}
	return l.T("fault.ours")
}

// Fields are the problems of an Invalid error in words.
func Fields(l i18n.Language, err error) []ProblemField {
	var f *fault.Error
	if !errors.As(err, &f) {
		return nil
	}
	var out []ProblemField
	for _, p := range f.Problems {
		out = append(out, ProblemField{p.Pointer, p.Key, l.Fill("problem."+p.Key, p.Args)})
	}
	return out
}

func (s *Site) fail(r *Request, err error) int {
	status := statusOf(err)
	w := r.c.Writer
	h := w.Header()
	code := strings.ToUpper(r.Who.Request.ID[:4])
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		h.Set("Retry-After", "2")
	}
	if r.Route.Page() && s.o.Failure != nil {
		if Resting(err) && r.c.Request.Method == http.MethodGet {
			h.Set("Location", "/tai-khoan")
			w.WriteHeader(http.StatusSeeOther)
			w.WriteHeaderNow()
			return http.StatusSeeOther
		}
		if status == http.StatusUnauthorized && fault.KindOf(err) != fault.Unproved && !r.Route.Public && r.c.Request.Method == http.MethodGet {
			to := "/dang-nhap"
			var f *fault.Error
			if errors.As(err, &f) && f.Key == "locked" {
				to = "/khoa"
			}
			h.Set("Location", to)
			w.WriteHeader(http.StatusSeeOther)
			w.WriteHeaderNow()
			return http.StatusSeeOther
		}
		var b bytes.Buffer
		if page := s.o.Failure(r, status, err, code); page != nil && page.Render(r.Context(), &b) == nil {
			h.Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(status)
			_, _ = w.Write(b.Bytes())
			return status
		}
	}
	kind := string(fault.KindOf(err))
	if kind == "" {
		kind = "ours"
	}
	p := Problem{Type: "urn:binhan:problem:" + kind, Title: r.Lang.T("fault.title_" + strings.ReplaceAll(kind, "-", "_")), Status: status, Detail: Sentence(r.Lang, err),
		Request: "urn:binhan:request:" + r.Who.Request.ID, Errors: Fields(r.Lang, err)}
	if status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", challenge(err))
	}
	h.Set("Content-Type", "application/problem+json; charset=utf-8")
	h.Set("Content-Language", string(r.Lang))
	w.WriteHeader(status)
	b, _ := json.Marshal(p)
	_, _ = w.Write(append(b, '\n'))
	return status
}

func asError(p any) error {
	if err, ok := p.(error); ok {
		return err
	}
	return nil
}

// where names the frames of a panic, without values.
func where() string {
	pcs := make([]uintptr, 24)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(4, pcs)])
	var b strings.Builder
	for {
		f, more := frames.Next()
		if strings.Contains(f.Function, "binhan/") {
			fmt.Fprintf(&b, "%s:%d ", f.Function, f.Line)
		}
		if !more {
			return b.String()
		}
	}
}
