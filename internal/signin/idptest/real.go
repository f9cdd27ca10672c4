// Package idptest runs identity providers for tests, over TLS on a socket of their own.
//
// Real is a true OpenID provider (the server side of zitadel/oidc) with its own keys, login form and sessions; only what it keeps its people in is ours, in
// memory. It does what an honest provider does, and nothing else can be made of it. What an honest provider never says comes from Hostile, which signs
// whatever it is told. The program never imports this package.
package idptest

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// What every provider here calls us, and the secret that proves it.
const (
	ClientID     = "binhan"
	ClientSecret = "bi-mat-cua-phan-mem-thu"
	// Password of everybody at a Real provider.
	Password = "mat-khau-o-tinh"
)

// Real is an honest provider.
type Real struct {
	*httptest.Server
	handler http.Handler

	mu       sync.Mutex
	key      *rsa.PrivateKey
	requests map[string]*request
	codes    map[string]string
	sessions map[string]session // by cookie
	back     string             // our redirect address
	out      string             // where it may lead after leaving
	two      bool               // it asks for two factors, and says so
	down     bool
	left     int // how often somebody left it
	now      func() time.Time
}

type session struct {
	username string
	at       time.Time
}

// Start runs a provider that knows the client with these addresses.
func Start(t testing.TB, back, out string) *Real {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &Real{key: key, requests: map[string]*request{}, codes: map[string]string{}, sessions: map[string]session{}, back: back, out: out, now: time.Now}
	p.Server = httptest.NewTLSServer(http.HandlerFunc(p.serve))
	t.Cleanup(p.Close)
	provider, err := op.NewProvider(&op.Config{CodeMethodS256: true, CryptoKey: [32]byte{1}}, p, op.StaticIssuer(p.URL))
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) { p.form(w, r, provider, "") })
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) { p.login(w, r, provider) })
	mux.HandleFunc("/", provider.ServeHTTP)
	p.handler = mux
	return p
}

// CA is the authority of its certificate, as PEM.
func (p *Real) CA() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Certificate().Raw})
}

// TwoFactors makes it ask for two factors from now on, and say so in amr.
func (p *Real) TwoFactors(yes bool) { p.set(func() { p.two = yes }) }

// Down makes it answer nothing but 503.
func (p *Real) Down(yes bool) { p.set(func() { p.down = yes }) }

// Serves changes the addresses of the client.
func (p *Real) Serves(back, out string) { p.set(func() { p.back, p.out = back, out }) }

// Left tells how often somebody left it.
func (p *Real) Left() (n int) {
	p.set(func() { n = p.left })
	return n
}

// Aged makes all its sessions older.
func (p *Real) Aged(by time.Duration) {
	p.set(func() {
		for c, s := range p.sessions {
			s.at = s.at.Add(-by)
			p.sessions[c] = s
		}
	})
}

func (p *Real) set(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}

// LogoutToken is its order to end the sessions of somebody.
func (p *Real) LogoutToken(t testing.TB, username string) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: p.key, KeyID: "1"}}, (&jose.SignerOptions{}).WithType("logout+jwt"))
	if err != nil {
		t.Fatal(err)
	}
	c := oidc.NewLogoutTokenClaims(p.URL, Subject(username), oidc.Audience{ClientID}, time.Now().Add(2*time.Minute), rand.Text(), "", 0)
	raw, err := jwt.Signed(signer).Claims(c).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Subject is what it calls somebody: nothing that a name could be read from.
func Subject(username string) string { return fmt.Sprintf("%x", "s/"+username) }

func (p *Real) serve(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	down := p.down
	p.mu.Unlock()
	if down {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}
	if strings.HasPrefix(r.URL.Path, "/end_session") {
		if c, err := r.Cookie("idp"); err == nil {
			p.set(func() { delete(p.sessions, c.Value); p.left++ })
		}
		http.SetCookie(w, &http.Cookie{Name: "idp", Path: "/", MaxAge: -1, Secure: true, HttpOnly: true})
	}
	p.handler.ServeHTTP(w, r)
}

// form asks who she is, unless she is signed in here and nothing asks for more.
func (p *Real) form(w http.ResponseWriter, r *http.Request, provider *op.Provider, problem string) {
	id := r.FormValue("id")
	p.mu.Lock()
	q := p.requests[id]
	s, known := session{}, false
	if c, err := r.Cookie("idp"); err == nil {
		s, known = p.sessions[c.Value]
	}
	if q != nil && known && problem == "" && !slices.Contains(q.prompt, oidc.PromptLogin) && (q.maxAge == nil || p.now().Sub(s.at) <= *q.maxAge) {
		q.subject, q.at, q.done = Subject(s.username), s.at, true
		p.mu.Unlock()
		http.Redirect(w, r, op.AuthCallbackURL(provider)(r.Context(), id), http.StatusFound)
		return
	}
	p.mu.Unlock()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, `<!doctype html><html lang="vi"><link rel="icon" href="data:,"><title>Cổng đăng nhập thử</title><h1>Cổng đăng nhập của tỉnh thử nghiệm</h1><p>%s</p>
<form method="post" action="/login"><input type="hidden" name="id" value="%s"><label>Tên <input name="username"></label> <label>Mật khẩu <input name="password" type="password"></label> <button id="in">Đăng nhập</button></form>`,
		problem, html.EscapeString(id))
}

func (p *Real) login(w http.ResponseWriter, r *http.Request, provider *op.Provider) {
	id, username := r.PostFormValue("id"), r.PostFormValue("username")
	if username == "" || r.PostFormValue("password") != Password {
		p.form(w, r, provider, "Chưa đúng.")
		return
	}
	cookie := rand.Text()
	p.mu.Lock()
	q := p.requests[id]
	if q == nil {
		p.mu.Unlock()
		http.Error(w, "no such request", http.StatusBadRequest)
		return
	}
	p.sessions[cookie] = session{username, p.now()}
	q.subject, q.at, q.done = Subject(username), p.now(), true
	p.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: "idp", Value: cookie, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, op.AuthCallbackURL(provider)(r.Context(), id), http.StatusFound)
}

// request is one authorization request.
type request struct {
	oidc.AuthRequest
	id      string
	subject string
	at      time.Time
	done    bool
	two     bool
	prompt  []string
	maxAge  *time.Duration
}

func (q *request) GetID() string          { return q.id }
func (q *request) GetACR() string         { return "" }
func (q *request) GetAudience() []string  { return []string{q.ClientID} }
func (q *request) GetAuthTime() time.Time { return q.at }
func (q *request) GetClientID() string    { return q.ClientID }
func (q *request) GetNonce() string       { return q.Nonce }
func (q *request) GetScopes() []string    { return q.Scopes }
func (q *request) GetSubject() string     { return q.subject }
func (q *request) Done() bool             { return q.done }
func (q *request) GetAMR() []string {
	if q.two {
		return []string{"pwd", "otp", "mfa"}
	}
	return []string{"pwd"}
}
func (q *request) GetCodeChallenge() *oidc.CodeChallenge {
	if q.CodeChallenge == "" {
		return nil
	}
	return &oidc.CodeChallenge{Challenge: q.CodeChallenge, Method: q.CodeChallengeMethod}
}

// client is us, as it knows us.
type client struct{ p *Real }

func (c client) GetID() string { return ClientID }
func (c client) RedirectURIs() (uris []string) {
	c.p.set(func() { uris = []string{c.p.back} })
	return uris
}
func (c client) PostLogoutRedirectURIs() (uris []string) {
	c.p.set(func() { uris = []string{c.p.out} })
	return uris
}
func (client) ApplicationType() op.ApplicationType  { return op.ApplicationTypeWeb }
func (client) AuthMethod() oidc.AuthMethod          { return oidc.AuthMethodBasic }
func (client) ResponseTypes() []oidc.ResponseType   { return []oidc.ResponseType{oidc.ResponseTypeCode} }
func (client) GrantTypes() []oidc.GrantType         { return []oidc.GrantType{oidc.GrantTypeCode} }
func (client) LoginURL(id string) string            { return "/login?id=" + url.QueryEscape(id) }
func (client) AccessTokenType() op.AccessTokenType  { return op.AccessTokenTypeBearer }
func (client) IDTokenLifetime() time.Duration       { return 5 * time.Minute }
func (client) DevMode() bool                        { return true } // our own address is plain on a developer's machine
func (client) IsScopeAllowed(string) bool           { return false }
func (client) IDTokenUserinfoClaimsAssertion() bool { return false }
func (client) ClockSkew() time.Duration             { return 0 }
func (client) RestrictAdditionalIdTokenScopes() func([]string) []string {
	return func(s []string) []string { return s }
}
func (client) RestrictAdditionalAccessTokenScopes() func([]string) []string {
	return func(s []string) []string { return s }
}

// What it keeps, as op.Storage.

func (p *Real) CreateAuthRequest(_ context.Context, r *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	q := &request{AuthRequest: *r, id: rand.Text(), two: p.two, prompt: r.Prompt}
	if r.MaxAge != nil {
		age := time.Duration(*r.MaxAge) * time.Second
		q.maxAge = &age
	}
	p.requests[q.id] = q
	return q, nil
}

func (p *Real) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if q := p.requests[id]; q != nil {
		copied := *q
		return &copied, nil
	}
	return nil, errors.New("no such request")
}

func (p *Real) AuthRequestByCode(ctx context.Context, code string) (op.AuthRequest, error) {
	p.mu.Lock()
	id, ok := p.codes[code]
	p.mu.Unlock()
	if !ok {
		return nil, errors.New("no such code")
	}
	return p.AuthRequestByID(ctx, id)
}

func (p *Real) SaveAuthCode(_ context.Context, id, code string) error {
	p.set(func() { p.codes[code] = id })
	return nil
}

func (p *Real) DeleteAuthRequest(_ context.Context, id string) error {
	p.set(func() { delete(p.requests, id) })
	return nil
}

func (p *Real) CreateAccessToken(context.Context, op.TokenRequest) (string, time.Time, error) {
	return rand.Text(), time.Now().Add(time.Minute), nil
}

func (p *Real) CreateAccessAndRefreshTokens(context.Context, op.TokenRequest, string) (string, string, time.Time, error) {
	return "", "", time.Time{}, errors.New("no refresh tokens")
}

func (p *Real) TokenRequestByRefreshToken(context.Context, string) (op.RefreshTokenRequest, error) {
	return nil, op.ErrInvalidRefreshToken
}
func (p *Real) TerminateSession(context.Context, string, string) error { return nil }
func (p *Real) RevokeToken(context.Context, string, string, string) *oidc.Error {
	return nil
}
func (p *Real) GetRefreshTokenInfo(context.Context, string, string) (string, string, error) {
	return "", "", op.ErrInvalidRefreshToken
}

type signing struct{ k *rsa.PrivateKey }

func (signing) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (s signing) Key() any                                  { return s.k }
func (signing) ID() string                                  { return "1" }

type public struct{ k *rsa.PublicKey }

func (public) ID() string                         { return "1" }
func (public) Algorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (public) Use() string                        { return "sig" }
func (s public) Key() any                         { return s.k }

func (p *Real) SigningKey(context.Context) (op.SigningKey, error) { return signing{p.key}, nil }
func (p *Real) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.RS256}, nil
}
func (p *Real) KeySet(context.Context) ([]op.Key, error) {
	return []op.Key{public{&p.key.PublicKey}}, nil
}

func (p *Real) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	if id != ClientID {
		return nil, errors.New("no such client")
	}
	return client{p}, nil
}

func (p *Real) AuthorizeClientIDSecret(_ context.Context, id, secret string) error {
	if id != ClientID || secret != ClientSecret {
		return errors.New("not the client")
	}
	return nil
}

func (p *Real) SetUserinfoFromScopes(_ context.Context, u *oidc.UserInfo, subject, _ string, _ []string) error {
	u.Subject = subject
	return nil
}
func (p *Real) SetUserinfoFromToken(context.Context, *oidc.UserInfo, string, string, string) error {
	return errors.New("nobody asks for it")
}
func (p *Real) SetIntrospectionFromToken(context.Context, *oidc.IntrospectionResponse, string, string, string) error {
	return errors.New("nobody asks for it")
}
func (p *Real) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return nil, nil
}
func (p *Real) GetKeyByIDAndClientID(context.Context, string, string) (*jose.JSONWebKey, error) {
	return nil, errors.New("no such key")
}
func (p *Real) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, errors.New("no such grant")
}
func (p *Real) Health(context.Context) error { return nil }
