// Package site is the surface: it turns requests into calls of endpoints and their replies into JSON, pages, redirects or problems.
//
// An endpoint is a function from a Request to a Reply. It binds a command, calls a service and returns a typed view; it never writes to the
// wire. Site reads cookies and tokens, finds the session, refuses what comes from another origin, keeps the languages, the Idempotency-Key and
// If-Match, and says every error as RFC 9457 problem+json or as a page that keeps what was typed. Nothing that holds case data may be stored by anybody
// between us and the reader. Gin routes; no other package knows it. The log line of a request holds its route pattern, status, time and id,
// never a path, a query, a header or a body.
package site

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/i18n"
	"binhan/internal/signin"
)

// Endpoint is one use case on the surface.
type Endpoint func(*Request) (Reply, error)

// Route is one line of the surface. A route declares its act; the few that need nobody's session are Public, those that need only a session are Anyone.
type Route struct {
	Method string
	Path   string // Gin's pattern
	Act    access.Act
	Public bool
	Anyone bool
	Away   bool  // may lead to Options.Away
	Bare   bool  // public, and nobody's session is looked for
	Rests  bool  // open, among those without an act, to her whose rights rest: her own account and the way out
	Big    int64 // largest body in bytes when it is not the usual
	Do     Endpoint
	// Again shows a refused form again; pages only.
	Again func(*Request, error) (Reply, error)
}

// Page tells whether the route answers people rather than programs.
func (r Route) Page() bool { return !strings.HasPrefix(r.Path, "/api/") }

// Request is what an endpoint sees.
type Request struct {
	Who     access.Actor
	Session gate.Session
	Lang    i18n.Language
	Values  url.Values // the form as it was typed, on pages
	Route   Route
	site    *Site
	c       *gin.Context
	body    []byte
	read    bool
	took    bool         // a proof within the request
	proven  *http.Cookie // the session's new cookie, after a proof within the request
}

// Reply is what an endpoint answers. Exactly one of Body, Page, See and Stream is used.
type Reply struct {
	Status   int
	Body     any             // JSON
	Page     templ.Component // a page
	See      string          // 303 to another page
	Onward   string          // with Page: where that page goes on to by itself, at once
	Location string
	Version  int // ETag when > 0
	Raw      []byte
	Type     string
	Header   http.Header
	Stream   func(http.ResponseWriter, *http.Request) error
}

// Failure draws the page of an error; the desk sets it.
type Failure func(r *Request, status int, err error, code string) templ.Component

// Options of a Site.
type Options struct {
	Gate    *gate.Gate
	SignIn  *signin.Service
	Secure  bool     // cookies only over TLS: everywhere but on a developer's own machine
	Proxies []string // addresses and networks of the one proxy before us, whose X-Forwarded-For is believed
	Failure Failure
	Log     *slog.Logger
	// Away is the one origin beyond ours to which a route may lead, the identity provider's; "" when there is none.
	Away string
	// Seen hears of each request: its route pattern, status and time, nothing else. Nil is silence.
	Seen func(route string, status int, took time.Duration)
}

// Site serves routes.
type Site struct {
	o      Options
	engine *gin.Engine
	cross  *http.CrossOriginProtection
	routes []Route
	trust  []netip.Prefix
}

const usualBody = 1 << 20

// New makes a site of routes.
func New(o Options, routes []Route) *Site {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.HandleMethodNotAllowed = false
	e.RedirectTrailingSlash, e.RedirectFixedPath = false, false
	e.UseRawPath, e.UnescapePathValues = true, true // %2f is no slash: a door before us and we must not read one path as two
	e.ForwardedByClientIP = false
	if err := e.SetTrustedProxies(nil); err != nil {
		panic(err)
	}
	s := &Site{o: o, engine: e, cross: http.NewCrossOriginProtection(), routes: routes, trust: prefixes(o.Proxies)}
	for _, r := range routes {
		e.Handle(r.Method, r.Path, s.handler(r))
	}
	e.NoRoute(func(c *gin.Context) {
		s.serve(c, Route{Method: c.Request.Method, Path: pathKind(c.Request.URL.Path), Public: true, Do: func(*Request) (Reply, error) { return Reply{}, fault.Missing() }})
	})
	return s
}

func pathKind(p string) string {
	if strings.HasPrefix(p, "/api/") {
		return "/api/"
	}
	return "/"
}

// Routes lists the surface, for the tests that walk it.
func (s *Site) Routes() []Route { return s.routes }

// ServeHTTP serves one request.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.engine.ServeHTTP(w, r) }

func (s *Site) handler(r Route) gin.HandlerFunc { return func(c *gin.Context) { s.serve(c, r) } }

func (s *Site) serve(c *gin.Context, route Route) {
	start := time.Now()
	id := newID()
	r := &Request{Route: route, site: s, c: c, Lang: s.chooseLanguage(c.Request, route.Page())}
	r.Who.Request.ID = id
	r.Who.Request.Client, r.Who.Request.Device = r.Address(), r.device()
	c.Request = c.Request.WithContext(gate.WithOrigin(c.Request.Context(), gate.Origin{Client: r.Who.Request.Client, Device: r.Who.Request.Device}))
	h := c.Writer.Header()
	s.armour(h)
	h.Set("X-Request-Id", id)
	var status int
	var failed error
	defer func() {
		if p := recover(); p != nil {
			if errors.Is(asError(p), http.ErrAbortHandler) {
				panic(p)
			}
			failed = errors.New("panic")
			s.o.Log.Error("panic", "route", route.Method+" "+route.Path, "request", id, "where", where())
			if !c.Writer.Written() {
				status = s.fail(r, failed)
			}
		}
		level := slog.LevelInfo
		if status >= 500 {
			level = slog.LevelError
		}
		attrs := []any{"route", route.Method + " " + route.Path, "status", status, "ms", float64(time.Since(start).Microseconds()) / 1000, "request", id}
		if failed != nil && status >= 500 {
			attrs = append(attrs, "cause", failed.Error())
		}
		s.o.Log.Log(context.Background(), level, "request", attrs...)
		if s.o.Seen != nil {
			s.o.Seen(route.Method+" "+route.Path, status, time.Since(start))
		}
	}()
	reply, err := s.answer(r)
	if r.proven != nil {
		h.Add("Set-Cookie", r.proven.String())
	}
	if err != nil && route.Again != nil && again(err) {
		var re error
		if reply, re = route.Again(r, err); re == nil {
			if reply.Status == 0 {
				reply.Status = statusOf(err)
			}
			err = nil
		} else {
			err = re
		}
	}
	if err != nil {
		failed = err
		status = s.fail(r, err)
		return
	}
	status = s.write(r, reply)
}

// again tells whether an error is answered by showing the form once more with everything that was typed.
func again(err error) bool {
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Conflict, fault.Stale, fault.Malformed, fault.Unavailable, fault.TooMany, fault.Unproved:
		return true
	case fault.Unauthenticated:
		var f *fault.Error
		return errors.As(err, &f) && slices.Contains([]string{"sign_in_failed", "unlock_failed", "code_required", "key_failed", "setup_failed"}, f.Key)
	}
	return false
}

func (s *Site) answer(r *Request) (Reply, error) {
	req := r.c.Request
	limit := int64(usualBody)
	if r.Route.Big > 0 {
		limit = r.Route.Big
	}
	if req.ContentLength > limit {
		return Reply{}, fault.New(fault.TooLarge, "too_large")
	}
	if req.Body != nil {
		req.Body = http.MaxBytesReader(r.c.Writer, req.Body, limit)
	}
	token, fromCookie := r.token()
	if u := req.RequestURI; u != "" && u[0] != '/' { // a whole address, an authority or "*": we are nobody's proxy
		return Reply{}, fault.Missing()
	}
	if err := s.ourOwn(r); err != nil {
		return Reply{}, err
	}
	if r.Route.Bare {
		return r.Route.Do(r)
	}
	if unsafeMethod(req.Method) {
		if err := s.sameOrigin(req, fromCookie || r.Route.Page()); err != nil {
			return Reply{}, err
		}
	}
	if !r.Route.Public || (token != "" && r.Route.Page()) {
		if token == "" {
			return Reply{}, fault.New(fault.Unauthenticated, "no_session")
		}
		sess, err := s.o.Gate.Whoami(req.Context(), signin.HandleOf(token))
		switch {
		case err == nil:
			sess.Actor.Request = r.Who.Request
			r.Session, r.Who = sess, sess.Actor
			if sess.Locked && !r.Route.Public && !(r.Route.Anyone && r.Route.Page()) {
				return Reply{}, fault.New(fault.Unauthenticated, "locked")
			}
			if sess.Resting() && !r.Route.Public && !r.Route.Rests && !r.Route.Act.Frozen {
				return Reply{}, fault.New(fault.Unauthenticated, resting(sess))
			}
		case !r.Route.Public:
			return Reply{}, err
		}
	}
	if r.Route.Act.Name != "" && s.o.Gate.Policy().Any(r.Who.Role, r.Route.Act.Name) == 0 {
		// The gate would refuse too; asking it here records the refusal before a body is read.
		_, err := gate.Do(req.Context(), s.o.Gate, r.Who, r.Route.Act, access.Nothing, func(*gate.Tx) (int, error) { return 0, nil })
		return Reply{}, err
	}
	if unsafeMethod(req.Method) && !r.Route.Public {
		if done, reply, err := s.replay(r); done || err != nil {
			return reply, err
		}
	}
	if err := s.prove(r); err != nil {
		return Reply{}, err
	}
	reply, err := r.Route.Do(r)
	if r.Who.Request.Claim == nil {
		return reply, err
	}
	replayed := errors.Is(err, gate.ErrReplayed)
	if replayed || errors.Is(err, fault.Conflict) || errors.Is(err, fault.Stale) {
		// The same request, sent twice at once: whoever came second finds the key taken, or the thing already done by her own first.
		if done, again, rerr := s.replay(r); done || rerr != nil {
			return again, rerr
		}
	}
	if replayed { // used so long ago that nobody remembers what was answered
		return Reply{}, fault.Bad(fault.Problem{Pointer: "", Key: "idempotency_reused"})
	}
	return reply, err
}

// sameOrigin refuses what another site sends, with our cookie or with a token that it found. A browser always says where a request comes from; when one is
// certain to be there, a request with neither header is refused too.
func (s *Site) sameOrigin(req *http.Request, browser bool) error {
	if err := s.cross.Check(req); err != nil {
		return fault.New(fault.Refused, "other_origin").Because(err)
	}
	if browser && req.Header.Get("Sec-Fetch-Site") == "" && req.Header.Get("Origin") == "" {
		return fault.New(fault.Refused, "other_origin")
	}
	return nil
}

// replay answers a request whose Idempotency-Key was used: the same status, and the resource as it is now; 204 when what was answered stands at no address. The same key
// with another body is refused.
func (s *Site) replay(r *Request) (bool, Reply, error) {
	key := r.c.GetHeader("Idempotency-Key")
	if key == "" && r.Route.Page() && strings.HasPrefix(r.c.ContentType(), "application/x-www-form-urlencoded") {
		if err := r.form(); err != nil {
			return false, Reply{}, err
		}
		key = r.Values.Get("idempotency_key")
	}
	if key == "" {
		return false, Reply{}, nil
	}
	if len(key) > 128 || strings.ContainsFunc(key, func(c rune) bool { return c < 0x21 || c > 0x7e }) {
		return false, Reply{}, fault.New(fault.Malformed, "bad_idempotency_key")
	}
	var sum [32]byte
	if !strings.HasPrefix(r.c.ContentType(), "multipart/") {
		body, err := r.bytes()
		if err != nil {
			return false, Reply{}, err
		}
		if r.Values != nil { // a form that is sent again with the proof that was asked for is the same form
			body = []byte(withoutProof(r.Values).Encode())
		}
		sum = sha256.Sum256(append([]byte(r.Route.Method+" "+r.c.Request.URL.Path+"\n"), body...))
	} else {
		// A file is too large to be read twice; its length must do to tell another one.
		sum = sha256.Sum256([]byte(r.Route.Method + " " + r.c.Request.URL.Path + "\n" + strconv.FormatInt(r.c.Request.ContentLength, 10)))
	}
	route := r.Route.Method + " " + r.Route.Path
	was, location, body, status, err := s.o.Gate.Replayed(r.Context(), r.Who, key)
	switch {
	case errors.Is(err, fault.NotFound):
		r.Who.Request.Claim = &access.Claim{Key: key, Route: route, Body: sum}
		return false, Reply{}, nil
	case err != nil:
		return false, Reply{}, err
	case was != route || !bytes.Equal(body, sum[:]):
		return false, Reply{}, fault.Bad(fault.Problem{Pointer: "", Key: "idempotency_reused"})
	}
	if r.Route.Page() {
		return true, Reply{See: pageOf(location)}, nil
	}
	if location == "" || status == http.StatusNoContent { // it stands at no address: codes and copies are shown once
		return true, Reply{Status: http.StatusNoContent}, nil
	}
	return true, Reply{Status: status, Location: location, Stream: func(w http.ResponseWriter, req *http.Request) error {
		return s.readAgain(w, req, location, status)
	}}, nil
}

// pageOf gives the page of a resource; what belongs to a case is shown on its page.
func pageOf(location string) string {
	rest := strings.TrimPrefix(location, "/api/v1")
	if parts := strings.Split(rest, "/"); len(parts) > 3 {
		rest = strings.Join(parts[:3], "/")
	}
	rest = strings.Replace(rest, "/cases/", "/ho-so/", 1)
	rest = strings.Replace(rest, "/break-glass/", "/mo-khan-cap/", 1)
	rest = strings.Replace(rest, "/releases/", "/bang-so/", 1)
	rest = strings.Replace(rest, "/campaigns/", "/chien-dich/", 1)
	return strings.Replace(rest, "/referrals/", "/phieu/", 1)
}

type overStatus struct {
	http.ResponseWriter
	status int
}

func (w overStatus) WriteHeader(code int) {
	if code == http.StatusOK {
		code = w.status
	}
	w.ResponseWriter.WriteHeader(code)
}

func (s *Site) readAgain(w http.ResponseWriter, req *http.Request, location string, status int) error {
	again, err := http.NewRequestWithContext(req.Context(), http.MethodGet, location, nil)
	if err != nil {
		return err
	}
	again.Header.Set("Authorization", req.Header.Get("Authorization"))
	again.Header.Set("Accept-Language", req.Header.Get("Accept-Language"))
	for _, c := range req.Cookies() {
		again.AddCookie(c)
	}
	s.engine.ServeHTTP(overStatus{w, status}, again)
	return nil
}

// Context is the request's.
func (r *Request) Context() context.Context { return r.c.Request.Context() }

// HTTP is the request itself, for streams.
func (r *Request) HTTP() *http.Request { return r.c.Request }

// Gate is the door, for sign-in and lock.
func (r *Request) Gate() *gate.Gate { return r.site.o.Gate }

// Site is the site that serves the request.
func (r *Request) Site() *Site { return r.site }

// SignIn is the service that opens sessions.
func (s *Site) SignIn() *signin.Service { return s.o.SignIn }

// ID reads an id of the path; whatever is no id names nothing.
func (r *Request) ID(name string) (uuid.UUID, error) {
	text := r.c.Param(name)
	id, err := uuid.Parse(text)
	if err != nil || len(text) != 36 {
		return uuid.Nil, fault.Missing()
	}
	return id, nil
}

// Param is a part of the path.
func (r *Request) Param(name string) string { return r.c.Param(name) }

// Query is one parameter of the query.
func (r *Request) Query(name string) string { return r.c.Query(name) }

// QueryInto reads the whole query into a filter struct; unknown names are problems.
func (r *Request) QueryInto(dst any) error {
	q, err := url.ParseQuery(r.c.Request.URL.RawQuery)
	if err != nil { // a filter that cannot be read must not be passed over: the answer would be wider than what was asked
		return fault.New(fault.Malformed, "not_a_form")
	}
	if !r.Route.Page() { // such names speak to pages; a program must not believe that they filter
		for name := range q {
			if strings.HasPrefix(name, "_") || name == "idempotency_key" || name == "if_match" {
				return fault.Bad(fault.Problem{Pointer: "/" + escape(name), Key: "unknown_field"})
			}
		}
	}
	tree, err := parseForm(q)
	if err != nil {
		return err
	}
	return fill(tree, dst)
}

// Bind reads the body, JSON or a form, into a command.
func (r *Request) Bind(dst any) error {
	switch ct := r.c.ContentType(); ct {
	case "application/json", "application/merge-patch+json":
		body, err := r.bytes()
		if err != nil {
			return err
		}
		tree, err := parseJSON(body)
		if err != nil {
			return err
		}
		return fill(tree, dst)
	case "application/x-www-form-urlencoded":
		if !r.Route.Page() {
			return fault.New(fault.MediaType, "media_type")
		}
		if err := r.form(); err != nil {
			return err
		}
		tree, err := parseForm(r.Values)
		if err != nil {
			return err
		}
		return fill(tree, dst)
	case "":
		body, err := r.bytes()
		if err != nil {
			return err
		}
		if len(body) == 0 {
			return nil
		}
		return fault.New(fault.MediaType, "media_type")
	default:
		return fault.New(fault.MediaType, "media_type")
	}
}

// Body is the raw JSON body, for a merge patch.
func (r *Request) Body() ([]byte, error) {
	switch r.c.ContentType() {
	case "application/json", "application/merge-patch+json":
		return r.bytes()
	}
	return nil, fault.New(fault.MediaType, "media_type")
}

func (r *Request) bytes() ([]byte, error) {
	if r.read {
		return r.body, nil
	}
	b, err := io.ReadAll(r.c.Request.Body)
	if err != nil {
		var big *http.MaxBytesError
		if errors.As(err, &big) {
			return nil, fault.New(fault.TooLarge, "too_large")
		}
		return nil, fault.New(fault.Malformed, "cut_off").Because(err)
	}
	r.body, r.read = b, true
	return b, nil
}

func (r *Request) form() error {
	if r.Values != nil {
		return nil
	}
	body, err := r.bytes()
	if err != nil {
		return err
	}
	v, err := url.ParseQuery(string(body))
	if err != nil {
		return fault.New(fault.Malformed, "not_a_form")
	}
	r.Values = v
	return nil
}

// Form reads the typed form of a page.
func (r *Request) Form() (url.Values, error) {
	err := r.form()
	return r.Values, err
}

// IfMatch is the version that an update was made from: fault.VersionRequired without it.
func (r *Request) IfMatch() (int, error) {
	text := r.c.GetHeader("If-Match")
	if text == "" && r.Route.Page() {
		if err := r.form(); err != nil {
			return 0, err
		}
		text = r.Values.Get("if_match")
	}
	if text == "" {
		return 0, fault.New(fault.VersionRequired, "version_required")
	}
	n, err := strconv.Atoi(strings.Trim(strings.TrimPrefix(text, "W/"), `"`))
	if err != nil || n < 1 {
		return 0, fault.New(fault.Stale, "stale")
	}
	return n, nil
}

func unsafeMethod(m string) bool {
	return m != http.MethodGet && m != http.MethodHead && m != http.MethodOptions
}

func newID() string {
	var b [8]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

func (s *Site) write(r *Request, reply Reply) int {
	w := r.c.Writer
	h := w.Header()
	for k, vs := range reply.Header {
		if k == "Set-Cookie" {
			h[k] = append(h[k], vs...)
		} else {
			h[k] = vs
		}
	}
	if reply.Version > 0 {
		h.Set("ETag", `"`+strconv.Itoa(reply.Version)+`"`)
	}
	if reply.Location != "" {
		h.Set("Location", reply.Location)
	}
	status := reply.Status
	if status == 0 {
		status = http.StatusOK
	}
	switch {
	case reply.See != "":
		if !s.leads(r, reply.See) {
			return s.fail(r, errors.New("a redirect would leave the house"))
		}
		h.Set("Location", reply.See)
		w.WriteHeader(http.StatusSeeOther)
		return http.StatusSeeOther
	case reply.Stream != nil:
		if err := reply.Stream(w, r.c.Request); err != nil {
			if !w.Written() {
				return s.fail(r, err)
			}
			s.o.Log.Error("stream", "request", r.Who.Request.ID, "cause", err.Error())
			panic(http.ErrAbortHandler) // the reader must notice that it was cut
		}
		return w.Status()
	case reply.Page != nil:
		if reply.Onward != "" {
			if !s.leads(r, reply.Onward) {
				return s.fail(r, errors.New("a page would leave the house"))
			}
			h.Set("Refresh", "0; url="+reply.Onward)
		}
		var b bytes.Buffer
		if err := reply.Page.Render(r.Context(), &b); err != nil {
			return s.fail(r, err)
		}
		h.Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(status)
		_, _ = w.Write(b.Bytes())
	case reply.Raw != nil:
		h.Set("Content-Type", reply.Type)
		w.WriteHeader(status)
		_, _ = w.Write(reply.Raw)
	case reply.Body != nil:
		b, err := json.Marshal(reply.Body)
		if err != nil {
			return s.fail(r, err)
		}
		h.Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(status)
		_, _ = w.Write(append(b, '\n'))
	default:
		if status == http.StatusOK {
			status = http.StatusNoContent
		}
		w.WriteHeader(status)
		w.WriteHeaderNow()
	}
	return status
}

// leads tells whether a browser may be sent there: to a path of ours, or, by a route that says so, to the one origin beyond.
func (s *Site) leads(r *Request, to string) bool {
	if local(to) {
		return true
	}
	return r.Route.Away && s.o.Away != "" && strings.HasPrefix(to, strings.TrimSuffix(s.o.Away, "/")+"/") && !strings.ContainsFunc(to, func(c rune) bool { return c <= ' ' || c == 0x7f || c == '"' })
}
