package signin

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// A province's own identity provider (OpenID Connect Core 1.0, authorization code with PKCE). It says who somebody is and by what means she proved it; it never
// makes an account, and what an account may do is ours to say. Nothing but the subject is asked of it: no name, no address, no profile.
//
// It need not run for us to start or to serve passwords: its description is fetched when first needed, kept for a day, and a failure is remembered for some
// seconds, so that a flood of visitors does not become a flood at its door.

// Provider says which provider may speak for our people.
type Provider struct {
	Issuer   string // its address, exactly as it calls itself
	ClientID string // what it calls us
	Secret   string // with which we prove at its token endpoint that it is we
	Name     string // what our people call it
	// ACR and AMR are the words of an ID token that say that a second factor was asked for: an acr among ACR, or any amr among AMR. With neither nothing
	// that it says counts as a second factor, and ours is asked for.
	ACR, AMR []string
	MaxAge   time.Duration // how long ago it may have asked her; 0 for as long as it likes
	CA       []byte        // PEM of the authority of its certificate, when the system does not know it
	Plain    bool          // http on this machine will do: development only
}

// String hides the secret.
func (p Provider) String() string { return "provider(" + p.Issuer + ")" }

// Paths of ours that a provider is told about, under our address.
const (
	PathReturn     = "/oidc/ve"        // redirect address
	PathBackLogout = "/oidc/dang-xuat" // back-channel logout
	pathAfterOut   = "/dang-nhap"      // post-logout redirect address
)

const (
	skew        = time.Minute // by which two clocks may differ
	answerSize  = 1 << 20     // bytes of any answer of the provider's
	descriptive = 24 * time.Hour
	silence     = 5 * time.Second // for which a failed provider is not asked again
)

// signatures are the algorithms of which one must have signed: never none, never a shared secret (with which our own could be used to sign).
var signatures = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA}

// description is what the provider says of itself, once it was judged.
type description struct {
	oauth    oauth2.Config
	verifier *oidc.IDTokenVerifier
	leave    string // end_session_endpoint; "" when it has none
	saysIss  bool   // it puts its name into each answer (RFC 9207)
	at       time.Time
}

// provider talks to the provider.
type provider struct {
	Provider
	origin string // ours
	back   string // our redirect address
	client *http.Client
	now    func() time.Time
	mu     sync.Mutex
	known  *description
	failed time.Time
}

// refusal is why something of the provider's was not taken: a word for the log, with nothing of anybody in it.
type refusal string

func (r refusal) Error() string { return "the provider's word is refused: " + string(r) }

var errSilent = errors.New("the provider does not answer")

func newProvider(p Provider, origin string, now func() time.Time) (*provider, error) {
	u, err := url.Parse(p.Issuer)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || (u.Scheme != "https" && !(u.Scheme == "http" && p.Plain)) {
		return nil, errors.New("the issuer must be an https address without query")
	}
	if p.ClientID == "" || p.Name == "" {
		return nil, errors.New("the provider needs a client id and a name")
	}
	roots, err := authorities(p.CA)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}, ForceAttemptHTTP2: true, MaxResponseHeaderBytes: 64 << 10, IdleConnTimeout: time.Minute}
	return &provider{Provider: p, origin: origin, back: origin + PathReturn, now: now,
		client: &http.Client{Timeout: 5 * time.Second, Transport: &sparing{next: transport, now: now, left: burst},
			CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("the provider leads elsewhere") }}}, nil
}

func authorities(pem []byte) (*x509.CertPool, error) {
	if len(pem) == 0 {
		return nil, nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("the authority of the provider's certificate cannot be read")
	}
	return pool, nil
}

// sparing bounds what the provider may send, and how often its keys are fetched: anybody can send us a token with an unknown key.
type sparing struct {
	next http.RoundTripper
	now  func() time.Time
	mu   sync.Mutex
	left float64
	last time.Time
}

const (
	burst  = 12.0 // fetches at once
	refill = 0.1  // a second
)

func (s *sparing) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodGet && !s.may() {
		return nil, errors.New("asked too often")
	}
	resp, err := s.next.RoundTrip(req)
	if err == nil {
		resp.Body = bounded{io.LimitReader(resp.Body, answerSize), resp.Body}
	}
	return resp, err
}

func (s *sparing) may() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if !s.last.IsZero() {
		s.left = min(burst, s.left+refill*max(0, now.Sub(s.last).Seconds()))
	}
	s.last = now
	if s.left < 1 {
		return false
	}
	s.left--
	return true
}

type bounded struct {
	io.Reader
	io.Closer
}

// describe gives the description, fetched where it must be; errSilent when the provider does not answer or what it says cannot be used.
func (p *provider) describe(ctx context.Context) (*description, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if p.known != nil && now.Sub(p.known.at) < descriptive {
		return p.known, nil
	}
	if now.Sub(p.failed) < silence && !now.Before(p.failed) {
		return p.older()
	}
	d, err := p.fetch(context.WithoutCancel(ctx))
	if err != nil {
		p.failed = now
		if d, old := p.older(); old == nil {
			return d, nil
		}
		return nil, errors.Join(errSilent, err)
	}
	d.at = now
	p.known = d
	return d, nil
}

// older is a description of yesterday, which does while there is no newer one.
func (p *provider) older() (*description, error) {
	if p.known == nil {
		return nil, errSilent
	}
	return p.known, nil
}

func (p *provider) fetch(ctx context.Context) (*description, error) {
	op, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.Issuer)
	if err != nil {
		return nil, refusal("discovery")
	}
	var says struct {
		Authorization string   `json:"authorization_endpoint"`
		Token         string   `json:"token_endpoint"`
		Keys          string   `json:"jwks_uri"`
		Leave         string   `json:"end_session_endpoint"`
		SaysIss       bool     `json:"authorization_response_iss_parameter_supported"`
		Challenges    []string `json:"code_challenge_methods_supported"`
		Algorithms    []string `json:"id_token_signing_alg_values_supported"`
		Methods       []string `json:"token_endpoint_auth_methods_supported"`
	}
	if err := op.Claims(&says); err != nil {
		return nil, refusal("discovery")
	}
	issuer, _ := url.Parse(p.Issuer)
	for _, endpoint := range []string{says.Authorization, says.Token, says.Keys, says.Leave} {
		if endpoint == "" && endpoint == says.Leave {
			continue
		}
		u, err := url.Parse(endpoint)
		if err != nil || u.Host == "" || u.Scheme != issuer.Scheme || u.User != nil || u.Fragment != "" {
			return nil, refusal("endpoint")
		}
		// Browsers are sent to one origin beyond ours and to no other.
		if (endpoint == says.Authorization || endpoint == says.Leave) && u.Host != issuer.Host {
			return nil, refusal("endpoint_elsewhere")
		}
	}
	if len(says.Challenges) > 0 && !slices.Contains(says.Challenges, "S256") {
		return nil, refusal("no_pkce")
	}
	algorithms := signatures
	if len(says.Algorithms) > 0 {
		algorithms = slices.DeleteFunc(slices.Clone(signatures), func(a string) bool { return !slices.Contains(says.Algorithms, a) })
	}
	if len(algorithms) == 0 {
		return nil, refusal("algorithms")
	}
	style := oauth2.AuthStyleInHeader // the default where it says nothing (Discovery 1.0, 3)
	if len(says.Methods) > 0 && !slices.Contains(says.Methods, "client_secret_basic") {
		style = oauth2.AuthStyleInParams
	}
	return &description{
		oauth: oauth2.Config{ClientID: p.ClientID, ClientSecret: p.Secret, RedirectURL: p.back, Scopes: []string{oidc.ScopeOpenID},
			Endpoint: oauth2.Endpoint{AuthURL: says.Authorization, TokenURL: says.Token, AuthStyle: style}},
		verifier: op.Verifier(&oidc.Config{ClientID: p.ClientID, SupportedSigningAlgs: algorithms, Now: func() time.Time { return p.now().Add(-skew) }}),
		leave:    says.Leave, saysIss: says.SaysIss,
	}, nil
}

// drawn is what belongs to one journey: from the secret that only the browser keeps and the state that only the address carries. Of neither do we keep more than a
// hash, so that nobody who reads our tables can finish it.
func drawn(secret, state, what string) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte("binhan provider/v1|" + what + "|" + state))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// address is where a browser is sent.
func (d *description) address(state, secret, lang string, p *provider, anew bool) string {
	o := []oauth2.AuthCodeOption{oidc.Nonce(drawn(secret, state, "nonce")), oauth2.S256ChallengeOption(drawn(secret, state, "verifier")), oauth2.SetAuthURLParam("ui_locales", lang)}
	switch {
	case anew:
		o = append(o, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	case p.MaxAge > 0:
		o = append(o, oauth2.SetAuthURLParam("max_age", fmt.Sprint(int(p.MaxAge.Seconds()))))
	}
	if len(p.ACR) > 0 {
		o = append(o, oauth2.SetAuthURLParam("acr_values", strings.Join(p.ACR, " ")))
	}
	return d.oauth.AuthCodeURL(state, o...)
}

// word is what an ID token says, once it was judged.
type word struct {
	subject []byte // hash
	session []byte // hash; nil when it does not say
	at      time.Time
	strong  bool
}

// exchange turns a code into what the provider says. began is when the browser was sent there; anew, that the person had to be asked since.
func (p *provider) exchange(ctx context.Context, d *description, code, state, secret string, began time.Time, anew bool) (word, error) {
	token, err := d.oauth.Exchange(oidc.ClientContext(ctx, p.client), code, oauth2.VerifierOption(drawn(secret, state, "verifier")))
	if err != nil {
		var said *oauth2.RetrieveError // the answer may quote anything: none of it goes on
		if errors.As(err, &said) && said.Response != nil && said.Response.StatusCode < 500 {
			return word{}, refusal("code")
		}
		return word{}, errSilent
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok || raw == "" {
		return word{}, refusal("no_id_token")
	}
	return p.judge(ctx, d, raw, drawn(secret, state, "nonce"), began, anew)
}

// judge holds an ID token against OpenID Connect Core 1.0, 3.1.3.7, and against the journey it answers.
func (p *provider) judge(ctx context.Context, d *description, raw, nonce string, began time.Time, anew bool) (word, error) {
	t, err := d.verifier.Verify(oidc.ClientContext(ctx, p.client), raw) // signature, algorithm, issuer, audience, expiry
	if err != nil {
		return word{}, unverified(err)
	}
	if k := kind(raw); k != "" && k != "jwt" { // an access token or an order of the same provider is no ID token
		return word{}, refusal("typ")
	}
	var c struct {
		Azp      string   `json:"azp"`
		AuthTime *float64 `json:"auth_time"`
		ACR      string   `json:"acr"`
		AMR      []string `json:"amr"`
		SID      string   `json:"sid"`
		Exp      *float64 `json:"exp"`
		Iat      *float64 `json:"iat"`
	}
	if t.Claims(&c) != nil || c.Exp == nil || c.Iat == nil {
		return word{}, refusal("claims")
	}
	now := p.now()
	at := func(seconds float64) time.Time { return time.Unix(int64(seconds), 0) }
	switch {
	case nonce == "" || subtle.ConstantTimeCompare([]byte(t.Nonce), []byte(nonce)) != 1:
		return word{}, refusal("nonce")
	case t.Subject == "" || len(t.Subject) > 255:
		return word{}, refusal("subject")
	case len(t.Audience) != 1 && c.Azp == "", c.Azp != "" && c.Azp != p.ClientID:
		return word{}, refusal("azp")
	case t.IssuedAt.Before(began.Add(-skew)) || t.IssuedAt.After(now.Add(skew)):
		return word{}, refusal("iat")
	case c.AuthTime != nil && at(*c.AuthTime).After(now.Add(skew)):
		return word{}, refusal("auth_time")
	case anew && (c.AuthTime == nil || at(*c.AuthTime).Before(began.Add(-skew))):
		return word{}, refusal("stale")
	case p.MaxAge > 0 && (c.AuthTime == nil || at(*c.AuthTime).Before(now.Add(-p.MaxAge-skew))):
		return word{}, refusal("max_age")
	}
	w := word{subject: p.hash("subject", t.Subject), strong: slices.Contains(p.ACR, c.ACR) && c.ACR != "" || slices.ContainsFunc(c.AMR, func(m string) bool { return slices.Contains(p.AMR, m) })}
	if c.AuthTime != nil {
		w.at = at(*c.AuthTime)
	}
	if c.SID != "" {
		w.session = p.hash("session", c.SID)
	}
	return w, nil
}

// unverified names what was wrong with a token, in our own words: the library's quote the token.
func unverified(err error) error {
	var unreached *url.Error
	var expired *oidc.TokenExpiredError
	switch text := err.Error(); {
	case errors.As(err, &unreached):
		return errSilent
	case errors.As(err, &expired):
		return refusal("expired")
	case strings.Contains(text, "different provider"):
		return refusal("issuer")
	case strings.Contains(text, "audience"):
		return refusal("audience")
	}
	return refusal("token")
}

// hash is how a name of the provider's is kept.
func (p *provider) hash(what, name string) []byte {
	sum := sha256.Sum256([]byte("binhan provider/v1|" + what + "|" + p.Issuer + "|" + name))
	return sum[:]
}

// order is a logout token, once it was judged (OpenID Connect Back-Channel Logout 1.0, 2.6).
type order struct {
	id, subject, session []byte
}

// remembered is how long an order's id is kept: longer than an order may be old.
const (
	orderAge   = 5 * time.Minute
	remembered = time.Hour
)

func (p *provider) order(ctx context.Context, d *description, raw string) (order, error) {
	t, err := d.verifier.VerifyLogout(oidc.ClientContext(ctx, p.client), raw) // signature, algorithm, issuer, audience, expiry, event, no nonce, jti, sub or sid
	if err != nil {
		return order{}, unverified(err)
	}
	var c struct {
		Iat    *float64                   `json:"iat"`
		Events map[string]json.RawMessage `json:"events"`
	}
	var event map[string]any
	now := p.now()
	switch {
	case kind(raw) != "logout+jwt": // no token made for something else ends a session (RFC 8725, 3.11)
		return order{}, refusal("typ")
	case t.Claims(&c) != nil || c.Iat == nil || t.IssuedAt.Before(now.Add(-orderAge)) || t.IssuedAt.After(now.Add(skew)):
		return order{}, refusal("iat")
	case json.Unmarshal(c.Events["http://schemas.openid.net/event/backchannel-logout"], &event) != nil || event == nil:
		return order{}, refusal("events")
	}
	o := order{id: p.hash("order", t.TokenID)}
	if t.Subject != "" {
		o.subject = p.hash("subject", t.Subject)
	}
	if t.SessionID != "" {
		o.session = p.hash("session", t.SessionID)
	}
	return o, nil
}

// kind is what the header of a token that was verified says it is.
func kind(raw string) string {
	first, _, _ := strings.Cut(raw, ".")
	header, err := base64.RawURLEncoding.DecodeString(first)
	var says struct {
		Typ string `json:"typ"`
	}
	if err != nil || json.Unmarshal(header, &says) != nil {
		return ""
	}
	return strings.TrimPrefix(strings.ToLower(says.Typ), "application/")
}

// leaving is where a browser is sent to leave the provider too; "" when it has no such place, or has not told us yet.
func (p *provider) leaving(lang string) string {
	p.mu.Lock()
	d := p.known
	p.mu.Unlock()
	if d == nil || d.leave == "" {
		return ""
	}
	u, err := url.Parse(d.leave)
	if err != nil {
		return ""
	}
	q := u.Query()
	q.Set("client_id", p.ClientID)
	q.Set("post_logout_redirect_uri", p.origin+pathAfterOut)
	q.Set("ui_locales", lang)
	u.RawQuery = q.Encode()
	return u.String()
}

// Origin is the provider's, to which alone browsers are sent.
func (p *provider) Origin() string {
	u, _ := url.Parse(p.Issuer)
	return u.Scheme + "://" + u.Host
}
