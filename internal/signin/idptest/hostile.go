package idptest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Hostile is a provider that says what it is told: its description, its keys, and the ID token that it gives for any code.
type Hostile struct {
	*httptest.Server
	t   testing.TB
	Key *rsa.PrivateKey
	EC  *ecdsa.PrivateKey

	mu      sync.Mutex
	token   string         // of the next exchange
	status  int            // of the next exchange; 0 for 200
	extra   map[string]any // over its description
	forms   []string       // bodies of the exchanges so far
	fetched int            // how often its keys were asked for
}

// StartHostile runs one.
func StartHostile(t testing.TB) *Hostile {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	h := &Hostile{t: t, Key: key, EC: ec}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		says := map[string]any{"issuer": h.URL, "authorization_endpoint": h.URL + "/authorize", "token_endpoint": h.URL + "/token", "jwks_uri": h.URL + "/keys", "end_session_endpoint": h.URL + "/end",
			"id_token_signing_alg_values_supported": []string{"RS256", "ES256", "HS256", "none"}, "code_challenge_methods_supported": []string{"S256"}, "authorization_response_iss_parameter_supported": true}
		maps.Copy(says, h.extra)
		answer(w, says)
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		h.mu.Lock()
		h.fetched++
		h.mu.Unlock()
		answer(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &h.Key.PublicKey, KeyID: "rsa", Use: "sig"}, {Key: &h.EC.PublicKey, KeyID: "ec", Use: "sig"}}})
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		h.mu.Lock()
		defer h.mu.Unlock()
		h.forms = append(h.forms, r.PostForm.Encode())
		if h.status != 0 {
			w.WriteHeader(h.status)
			answer(w, map[string]any{"error": "invalid_grant", "error_description": "lời của nhà cung cấp, không được vào nhật ký"})
			return
		}
		says := map[string]any{"access_token": "khong-dung-den", "token_type": "Bearer", "expires_in": 60}
		if h.token != "" {
			says["id_token"] = h.token
		}
		answer(w, says)
	})
	h.Server = httptest.NewTLSServer(mux)
	t.Cleanup(h.Close)
	return h
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// CA is the authority of its certificate, as PEM.
func (h *Hostile) CA() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: h.Certificate().Raw})
}

// Describe changes its description.
func (h *Hostile) Describe(extra map[string]any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.extra = extra
}

// Give is the ID token of the exchanges from now on, or their status when it is not 0.
func (h *Hostile) Give(token string, status int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.token, h.status = token, status
}

// Exchanges are the bodies of the exchanges so far.
func (h *Hostile) Exchanges() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.forms...)
}

// Fetched is how often its keys were asked for.
func (h *Hostile) Fetched() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.fetched
}

// Claims are those of a right ID token for an answer with this nonce.
func (h *Hostile) Claims(subject, nonce string) map[string]any {
	now := time.Now().Unix()
	return map[string]any{"iss": h.URL, "aud": ClientID, "sub": subject, "nonce": nonce, "iat": now, "exp": now + 300, "auth_time": now, "amr": []string{"pwd", "mfa"}, "sid": "phien-" + subject}
}

// Order are those of a right logout token.
func (h *Hostile) Order(subject string) map[string]any {
	now := time.Now().Unix()
	return map[string]any{"iss": h.URL, "aud": ClientID, "sub": subject, "iat": now, "exp": now + 120, "jti": rand.Text(), "events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}}}
}

// Sign signs claims with its own key.
func (h *Hostile) Sign(claims map[string]any) string {
	return h.signed(jose.RS256, jose.JSONWebKey{Key: h.Key, KeyID: "rsa"}, "JWT", claims)
}

// SignOrder signs an order to leave.
func (h *Hostile) SignOrder(claims map[string]any) string {
	return h.signed(jose.RS256, jose.JSONWebKey{Key: h.Key, KeyID: "rsa"}, "logout+jwt", claims)
}

// SignEC does it with its other key.
func (h *Hostile) SignEC(claims map[string]any) string {
	return h.signed(jose.ES256, jose.JSONWebKey{Key: h.EC, KeyID: "ec"}, "JWT", claims)
}

// SignAs signs with somebody else's key under its own key's name.
func (h *Hostile) SignAs(key *rsa.PrivateKey, typ string, claims map[string]any) string {
	return h.signed(jose.RS256, jose.JSONWebKey{Key: key, KeyID: "rsa"}, typ, claims)
}

func (h *Hostile) signed(alg jose.SignatureAlgorithm, key jose.JSONWebKey, typ string, claims map[string]any) string {
	h.t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, (&jose.SignerOptions{}).WithType(jose.ContentType(typ)))
	if err != nil {
		h.t.Fatal(err)
	}
	raw, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		h.t.Fatal(err)
	}
	return raw
}

// Unsigned is a token of algorithm none.
func (h *Hostile) Unsigned(typ string, claims map[string]any) string {
	return h.plain(map[string]any{"alg": "none", "typ": typ}, claims) + "."
}

// SharedSecret is a token of HS256 whose secret is what everybody can read: the public key, in one of the forms in which it is written.
func (h *Hostile) SharedSecret(form, typ string, claims map[string]any) string {
	h.t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&h.Key.PublicKey)
	if err != nil {
		h.t.Fatal(err)
	}
	secret := map[string][]byte{"der": der, "pem": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), "modulus": h.Key.N.Bytes(), "client secret": []byte(ClientSecret)}[form]
	head := h.plain(map[string]any{"alg": "HS256", "typ": typ, "kid": "rsa"}, claims)
	m := hmac.New(sha256.New, secret)
	m.Write([]byte(head))
	return head + "." + base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

func (h *Hostile) plain(header, claims map[string]any) string {
	h.t.Helper()
	a, err := json.Marshal(header)
	if err != nil {
		h.t.Fatal(err)
	}
	b, err := json.Marshal(claims)
	if err != nil {
		h.t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(a) + "." + base64.RawURLEncoding.EncodeToString(b)
}
