package keyd

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"binhan/internal/seal"
	"binhan/internal/seal/sealtest"
)

// transit answers as the transit engine of OpenBao is documented to (api-docs/secret/transit): batches, derived keys with a context, associated data,
// versions and their minimum, "vault:v1:" before base64. It stands in where no OpenBao server can be had; it is no proof of one.
type transit struct {
	mu       sync.Mutex
	deks     [][32]byte // by version - 1
	made     []time.Time
	least    int
	index    []byte
	audit    ed25519.PrivateKey
	requests int
	down     bool
}

func (s *transit) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	fail := func(status int, text string) {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]any{"errors": []string{text}})
	}
	answer := func(data any) { _ = json.NewEncoder(w).Encode(map[string]any{"data": data}) }
	if s.down {
		fail(503, "Vault is sealed")
		return
	}
	if r.Header.Get("X-Vault-Token") != "t-1" {
		fail(403, "permission denied")
		return
	}
	var in map[string]any
	_ = json.NewDecoder(r.Body).Decode(&in)
	bytesOf := func(m map[string]any, name string) []byte {
		text, _ := m[name].(string)
		b, _ := base64.StdEncoding.DecodeString(text)
		return b
	}
	path := strings.TrimPrefix(r.URL.Path, "/v1/transit/")
	switch {
	case path == "keys/binhan-dek" && r.Method == "GET":
		if s.deks == nil {
			fail(404, "")
			return
		}
		keys := map[string]any{}
		for i, at := range s.made {
			keys[fmt.Sprint(i+1)] = at.Unix()
		}
		answer(map[string]any{"latest_version": len(s.deks), "keys": keys, "type": "aes256-gcm96", "derived": true})
	case path == "keys/binhan-dek" || path == "keys/binhan-dek/rotate":
		if path == "keys/binhan-dek" && (in["type"] != "aes256-gcm96" || in["derived"] != true) {
			fail(400, "another type")
			return
		}
		var k [32]byte
		_, _ = rand.Read(k[:])
		s.deks, s.made = append(s.deks, k), append(s.made, time.Now())
		w.WriteHeader(204)
	case path == "keys/binhan-dek/config":
		s.least = int(in["min_decryption_version"].(float64))
		w.WriteHeader(204)
	case path == "keys/binhan-index" && r.Method == "GET":
		if s.index == nil {
			fail(404, "")
			return
		}
		answer(map[string]any{"latest_version": 1, "keys": map[string]any{"1": 1}})
	case path == "keys/binhan-index":
		s.index = make([]byte, 32)
		_, _ = rand.Read(s.index)
		w.WriteHeader(204)
	case path == "keys/binhan-audit" && r.Method == "GET":
		if s.audit == nil {
			fail(404, "")
			return
		}
		answer(map[string]any{"latest_version": 1, "keys": map[string]any{"1": map[string]any{"public_key": base64.StdEncoding.EncodeToString(s.audit.Public().(ed25519.PublicKey))}}})
	case path == "keys/binhan-audit":
		_, s.audit, _ = ed25519.GenerateKey(rand.Reader)
		w.WriteHeader(204)
	case path == "hmac/binhan-index/sha2-256":
		m := hmac.New(sha256.New, s.index)
		_, _ = m.Write(bytesOf(in, "input"))
		answer(map[string]any{"hmac": "vault:v1:" + base64.StdEncoding.EncodeToString(m.Sum(nil))})
	case path == "sign/binhan-audit":
		answer(map[string]any{"signature": "vault:v1:" + base64.StdEncoding.EncodeToString(ed25519.Sign(s.audit, bytesOf(in, "input")))})
	case path == "encrypt/binhan-dek", path == "decrypt/binhan-dek":
		var results []map[string]any
		for _, item := range in["batch_input"].([]any) {
			results = append(results, s.one(strings.HasPrefix(path, "encrypt"), item.(map[string]any), bytesOf))
		}
		answer(map[string]any{"batch_results": results})
	default:
		fail(404, "no handler for route")
	}
}

func (s *transit) one(encrypt bool, in map[string]any, bytesOf func(map[string]any, string) []byte) map[string]any {
	aead := func(version int) (cipher.AEAD, bool) {
		if version < 1 || version > len(s.deks) || version < s.least || len(bytesOf(in, "context")) == 0 {
			return nil, false
		}
		derived := hmac.New(sha256.New, s.deks[version-1][:])
		_, _ = derived.Write(bytesOf(in, "context"))
		block, _ := aes.NewCipher(derived.Sum(nil))
		a, _ := cipher.NewGCM(block)
		return a, true
	}
	if encrypt {
		version := int(in["key_version"].(float64))
		a, ok := aead(version)
		if !ok {
			return map[string]any{"error": "cannot encrypt under this version"}
		}
		nonce := make([]byte, 12)
		_, _ = rand.Read(nonce)
		return map[string]any{"ciphertext": fmt.Sprintf("vault:v%d:%s", version, base64.StdEncoding.EncodeToString(a.Seal(nonce, nonce, bytesOf(in, "plaintext"), bytesOf(in, "associated_data")))), "key_version": version}
	}
	version, sealed, ok := baoCiphertext(in["ciphertext"].(string))
	if !ok || len(sealed) < 28 {
		return map[string]any{"error": "invalid ciphertext"}
	}
	a, ok := aead(int(version))
	if !ok {
		return map[string]any{"error": "ciphertext version is disallowed"}
	}
	plain, err := a.Open(nil, sealed[:12], sealed[12:], bytesOf(in, "associated_data"))
	if err != nil {
		return map[string]any{"error": "cipher: message authentication failed"}
	}
	return map[string]any{"plaintext": base64.StdEncoding.EncodeToString(plain)}
}

func newTransit(t *testing.T) (*transit, OpenBao) {
	t.Helper()
	s := &transit{}
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("t-1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return s, OpenBao{Address: web.URL, Token: token, Mount: "transit"}
}

func TestOpenBaoKeepsTheContract(t *testing.T) {
	t.Parallel()
	_, o := newTransit(t)
	v, err := o.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sealtest.Run(t, seal.NewCore(v, filepath.Join(t.TempDir(), "erasures")))
}

func TestOpenBaoTurnsItsKeysAndIsMissed(t *testing.T) {
	t.Parallel()
	s, o := newTransit(t)
	v, err := o.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	vaultTurns(t, v, func(version int) { s.mu.Lock(); s.made[version-1] = time.Now().Add(-2 * time.Hour); s.mu.Unlock() })
	again, err := o.Open(t.Context()) // the keys are found again, not made again
	if err != nil || len(s.deks) != 2 {
		t.Fatal(len(s.deks), err)
	}
	core := seal.NewCore(again, filepath.Join(t.TempDir(), "erasures"))
	owner := uuid.New()
	_, ws, err := core.NewKeys(t.Context(), owner, seal.Compartments...)
	if err != nil {
		t.Fatal(err)
	}
	before := s.requests
	if _, err := core.Unwrap(t.Context(), seal.For{}, owner, ws...); err != nil || s.requests != before+1 {
		t.Errorf("five keys of one owner took %d requests, %v", s.requests-before, err)
	}
	s.mu.Lock()
	s.down = true
	s.mu.Unlock()
	if _, err := core.Unwrap(t.Context(), seal.For{}, owner, ws...); !errors.Is(err, seal.ErrUnavailable) {
		t.Error(err)
	}
	if _, err := o.Open(t.Context()); !errors.Is(err, seal.ErrUnavailable) {
		t.Error(err)
	}
}

// vaultTurns holds any vault to what a turn promises.
func vaultTurns(t *testing.T, v seal.Vault, age func(version int)) {
	t.Helper()
	ctx := t.Context()
	core := seal.NewCore(v, filepath.Join(t.TempDir(), "erasures"))
	owner := uuid.New()
	_, ws, err := core.NewKeys(ctx, owner, seal.Compartments...)
	if err != nil {
		t.Fatal(err)
	}
	mark, err := core.MAC(ctx, "fact", owner[:])
	if err != nil {
		t.Fatal(err)
	}
	if err := core.Rotate(ctx); err != nil {
		t.Fatal(err)
	}
	var moved []seal.Wrapped
	for _, w := range ws {
		again, changed, err := core.Rewrap(ctx, owner, w)
		if err != nil || !changed || w.KEK() != 1 || again.KEK() != 2 {
			t.Fatalf("%s: %d to %d, %v", w.Compartment, w.KEK(), again.KEK(), err)
		}
		moved = append(moved, again)
	}
	if err := core.Retire(ctx, 2); err == nil || !strings.Contains(err.Error(), "younger than an hour") {
		t.Errorf("retired within the hour: %v", err)
	}
	if _, err := core.Unwrap(ctx, seal.For{}, owner, ws...); err != nil {
		t.Errorf("before retiring: %v", err)
	}
	age(2)
	if err := core.Retire(ctx, 3); err == nil {
		t.Error("retired everything")
	}
	if err := core.Retire(ctx, 2); err != nil {
		t.Fatal(err)
	}
	if _, err := core.Unwrap(ctx, seal.For{}, owner, ws...); !errors.Is(err, seal.ErrForged) {
		t.Errorf("under a retired version: %v", err)
	}
	if _, err := core.Unwrap(ctx, seal.For{}, owner, moved...); err != nil {
		t.Errorf("under the new version: %v", err)
	}
	if again, err := core.MAC(ctx, "fact", owner[:]); err != nil || string(again) != string(mark) {
		t.Errorf("the mark changed, %v", err)
	}
}
