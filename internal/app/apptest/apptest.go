// Package apptest runs the whole application for one test, on its own database, behind a real listener, and speaks to it as people and scripts do.
package apptest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"binhan/internal/access"
	"binhan/internal/app"
	"binhan/internal/pg"
	"binhan/internal/s3test"
	"binhan/internal/signin"
	"binhan/internal/world"
	"binhan/internal/world/house"
)

// Server is a running application.
type Server struct {
	*house.House
	App  *app.App
	URL  string
	Log  *Log
	http *http.Client
}

// Log keeps what the application logged, for the tests that look for what must not be there.
type Log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write appends to the log.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String is the log so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// New starts an application and stops it when the test ends.
func New(t testing.TB) *Server {
	t.Helper()
	return With(t, nil)
}

// With starts an application of which a test wants something else than the usual.
func With(t testing.TB, change func(*app.Options)) *Server {
	t.Helper()
	h := house.New(t)
	s := &Server{House: h, Log: &Log{}}
	o := Options(t, h, s.Log)
	web := httptest.NewUnstartedServer(nil)
	_, port, err := net.SplitHostPort(web.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if o.SignIn.Origin == "" { // keys are bound to a name, not to an address
		o.SignIn.Origin = "http://localhost:" + port
	}
	if change != nil {
		change(&o)
	}
	a, err := app.New(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	s.App = a
	web.Config.Handler = judge(t, a.Site)
	web.Start()
	t.Cleanup(web.Close)
	s.URL = web.URL
	s.http = &http.Client{Transport: web.Client().Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return s
}

// Options are those of an application on a test's ground.
func Options(t testing.TB, h *house.House, log io.Writer) app.Options {
	return app.Options{DSN: h.DB.DSN, Store: s3test.Store(t), Ring: h.Ring, Log: slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})), Size: 4, SignIn: signin.Options{Argon: house.Weak}}
}

// Client is a member of the cast with a token, or nobody.
type Client struct {
	t     testing.TB
	s     *Server
	Token string
	Name  string
	Lang  string
}

// As signs a member of the cast in, as a script does.
func (s *Server) As(t testing.TB, username string) *Client {
	t.Helper()
	c := &Client{t: t, s: s, Name: username}
	if username == "" {
		return c
	}
	a := c.Do("POST", "/api/v1/sessions", map[string]any{"username": username, "password": world.Password})
	if a.Status != http.StatusCreated {
		t.Fatalf("sign in %s: %d %s", username, a.Status, a.Body)
	}
	c.Token = a.Text("token")
	return c
}

// Whois is who holds a token, as the gate knows her.
func (s *Server) Whois(t testing.TB, token string) access.Actor {
	t.Helper()
	sess, err := s.App.Gate.Whoami(t.Context(), signin.HandleOf(token))
	if err != nil {
		t.Fatal(err)
	}
	return sess.Actor
}

// With speaks with a token, whatever it is.
func (s *Server) With(t testing.TB, token string) *Client { return &Client{t: t, s: s, Token: token} }

// Hire adds a member of staff with the password of the cast, for tests that need a role or a colleague that the cast does not have.
func (s *Server) Hire(t testing.TB, username, role, org, supervisor string) {
	t.Helper()
	salt, verifier, err := signin.NewVerifier(world.Password, house.Weak)
	if err != nil {
		t.Fatal(err)
	}
	var boss any
	if supervisor != "" {
		boss = world.UserID(supervisor)
	}
	db := s.DB.Open(t, pg.Superuser)
	defer db.Close()
	db.MustExec(`insert into auth.users (id, username, name, salt, verifier, argon) values ($1, $2, $3, $4, $5, $6)`, world.UserID(username), username, "Người Thử "+username, salt, verifier, house.Weak)
	db.MustExec(`insert into auth.memberships (id, user_id, organisation_id, role, supervisor) values (gen_random_uuid(), $1, $2, $3, $4)`, world.UserID(username), world.OrgID(org), role, boss)
}

// Contents is what the database holds, a digest for each table, without the record of acts, the count of looks and the clocks of sessions: equal contents, nothing changed.
func (s *Server) Contents(t testing.TB) map[string]string {
	t.Helper()
	db := s.DB.Open(t, pg.Superuser)
	defer db.Close()
	var tables []string
	err := db.Select(&tables, `select c.oid::regclass::text from pg_class c where c.relkind = 'r' and c.relnamespace::regnamespace::text in ('public', 'auth', 'stats', 'standing', 'gate', 'rights')
		and c.oid::regclass::text not in ('auth.sessions', 'auth.buckets', 'auth.devices', 'case_openings', 'budget_spent', 'goose_db_version') order by 1`)
	if err != nil || len(tables) < 20 {
		t.Fatal(tables, err)
	}
	all := map[string]string{}
	for _, name := range tables {
		var digest string
		row := "x::text"
		if name == "auth.users" {
			row = "(to_jsonb(x) - 'signed_in_at')::text"
		}
		if err := db.Get(&digest, `select count(*) || ' ' || coalesce(md5(string_agg(`+row+`, E'\n' order by `+row+`)), '') from `+name+` x`); err != nil {
			t.Fatal(err)
		}
		all[name] = digest
	}
	return all
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	tree   any
}

// Do sends a request with a JSON body (nil for none); headers come in pairs.
func (c *Client) Do(method, path string, body any, headers ...string) Answer {
	c.t.Helper()
	var r io.Reader
	if raw, ok := body.([]byte); ok {
		r = bytes.NewReader(raw)
	} else if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		r = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, c.s.URL+path, r)
	if err != nil {
		c.t.Fatal(err)
	}
	if r != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	if c.Lang != "" {
		req.Header.Set("Accept-Language", c.Lang)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := c.s.http.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	a := Answer{Status: res.StatusCode, Header: res.Header, Body: b}
	_ = json.Unmarshal(b, &a.tree)
	return a
}

// Get reads a path.
func (c *Client) Get(path string, headers ...string) Answer {
	c.t.Helper()
	return c.Do("GET", path, nil, headers...)
}

// Must sends a request and ends the test unless the status is the expected one.
func (c *Client) Must(status int, method, path string, body any, headers ...string) Answer {
	c.t.Helper()
	a := c.Do(method, path, body, headers...)
	if a.Status != status {
		c.t.Fatalf("%s: %s %s: %d, want %d: %s", c.Name, method, path, a.Status, status, a.Body)
	}
	return a
}

// At finds a value by a dotted path ("items.0.code"); nil when it is absent.
func (a Answer) At(path string) any {
	v := a.tree
	for p := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[p]
		case []any:
			n := 0
			for _, r := range p {
				n = n*10 + int(r-'0')
			}
			if n < 0 || n >= len(x) {
				return nil
			}
			v = x[n]
		default:
			return nil
		}
	}
	return v
}

// Text is a text value, or "".
func (a Answer) Text(path string) string { s, _ := a.At(path).(string); return s }

// Number is a number value, or 0.
func (a Answer) Number(path string) float64 { n, _ := a.At(path).(float64); return n }

// Len is the length of a list, or -1.
func (a Answer) Len(path string) int {
	l, ok := a.At(path).([]any)
	if !ok {
		return -1
	}
	return len(l)
}

// BornIn is the year in which the made-up survivor was born: she is always in her thirties, in whatever year the tests run.
var BornIn = time.Now().Year() - 35

// Case is a plainly made-up case with every field that a referral can share.
func Case() map[string]any {
	return map[string]any{
		"survivor": map[string]any{"name": "Người Thử Nghiệm Một", "sex": "F", "birth_year": BornIn, "phone": "0900 000 001", "id_number": "051191000001",
			"ethnicity": "14", "occupation": "FARMER", "marital_status": "MARRIED", "commune": "23377", "address": "Thôn Thử, nhà số 0", "language": "sed"},
		"safe_contact": map[string]any{"channel": "PHONE", "value": "0900 000 002", "hours": "9-11", "code_word": "hoa dã quỳ", "may_leave_message": false, "must_not": []string{"nhắn tin"}},
		"intake":       map[string]any{"channel": "IN_PERSON", "reporter": "SELF"},
		"incident": map[string]any{"occurred_on": "2026-10", "commune": "23377", "place": "HOME", "acts": []string{"A", "B"}, "relationship": "HUSBAND",
			"description": "Chuyện thử nghiệm.", "perpetrators": []any{map[string]any{"name": "Kẻ Thử Nghiệm", "sex": "M", "age": 40, "relationship": "HUSBAND"}}},
		"narrative": "Lời kể thử nghiệm.",
		"needs":     []string{"SAFETY", "COUNSELLING"},
	}
}
