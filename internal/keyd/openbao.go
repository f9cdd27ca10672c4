package keyd

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/openbao/openbao/api/v2"

	"binhan/internal/seal"
)

// OpenBao keeps the key-encryption keys in the transit engine of an OpenBao server. Data keys go there to be closed and opened, in batches, with what
// is bound to them as associated data; nothing else leaves. What is stored in the database has the same form as with the file: the nonce, the
// ciphertext and the tag of the answer, and the version of the transit key.
//
// Three transit keys: binhan-dek (aes256-gcm96, derived, the compartment as context), binhan-index (hmac) and binhan-audit (ed25519). They are made when
// they are not there; a policy that lets the token do no more than the seven paths below is in docs/decisions/key-process.md. The server is reached over
// a Unix socket (an agent's, or its own), since the key process has no network.
type OpenBao struct {
	Address string // unix:///run/openbao-agent/agent.sock; a test's http address
	Token   string // path of a file with the token
	Mount   string // of the transit engine
}

const (
	baoDEK   = "binhan-dek"
	baoIndex = "binhan-index"
	baoAudit = "binhan-audit"
)

// Open connects and sees that the keys are there.
func (o OpenBao) Open(ctx context.Context) (seal.Vault, error) {
	config := api.NewConfig() // not DefaultConfig, which would read the environment
	config.Address, config.MaxRetries, config.Timeout = o.Address, 0, 5*time.Second
	config.DisableEnvironment = true
	client, err := api.NewClient(config)
	if err != nil {
		return nil, err
	}
	token, err := os.ReadFile(o.Token)
	if err != nil {
		return nil, errors.New("the token of the OpenBao server cannot be read")
	}
	client.SetToken(strings.TrimSpace(string(token)))
	v := &baoVault{client: client, mount: strings.Trim(o.Mount, "/")}
	for _, key := range []struct {
		name string
		made map[string]any
	}{{baoDEK, map[string]any{"type": "aes256-gcm96", "derived": true}}, {baoIndex, map[string]any{"type": "hmac", "key_size": 32}}, {baoAudit, map[string]any{"type": "ed25519"}}} {
		_, err := v.key(ctx, key.name)
		if errors.Is(err, errNoBaoKey) {
			_, err = v.write(ctx, "keys/"+key.name, key.made)
		}
		if err != nil {
			return nil, err
		}
	}
	return v, v.refresh(ctx)
}

type baoVault struct {
	client *api.Client
	mount  string
	mu     sync.RWMutex
	newest uint32
	public ed25519.PublicKey
}

var errNoBaoKey = errors.New("the transit key is not there")

func (v *baoVault) write(ctx context.Context, path string, body map[string]any) (map[string]any, error) {
	s, err := v.client.Logical().WriteWithContext(ctx, v.mount+"/"+path, body)
	if err != nil {
		return nil, baoError(path, err)
	}
	if s == nil {
		return nil, nil
	}
	return s.Data, nil
}

// baoError keeps of an answer the path and the status: its words could quote what was sent.
func baoError(path string, err error) error {
	var answer *api.ResponseError
	if errors.As(err, &answer) {
		return fmt.Errorf("%w: openbao answers %d at %s", seal.ErrUnavailable, answer.StatusCode, path)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("%w: openbao does not answer at %s", seal.ErrUnavailable, path)
}

// baoKey is what keys/:name tells.
type baoKey struct {
	Latest uint32                     `json:"latest_version"`
	Keys   map[string]json.RawMessage `json:"keys"`
}

func (v *baoVault) key(ctx context.Context, name string) (baoKey, error) {
	var k baoKey
	s, err := v.client.Logical().ReadWithContext(ctx, v.mount+"/keys/"+name)
	var answer *api.ResponseError
	if err == nil && s == nil || errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound {
		return k, errNoBaoKey
	}
	if err != nil {
		return k, baoError("keys/"+name, err)
	}
	text, err := json.Marshal(s.Data)
	if err != nil {
		return k, err
	}
	return k, json.Unmarshal(text, &k)
}

func (v *baoVault) refresh(ctx context.Context) error {
	dek, err := v.key(ctx, baoDEK)
	if err != nil {
		return err
	}
	audit, err := v.key(ctx, baoAudit)
	if err != nil {
		return err
	}
	var first struct {
		Public string `json:"public_key"`
	}
	if err := json.Unmarshal(audit.Keys["1"], &first); err != nil {
		return errors.New("openbao: the public key of checkpoints is not there")
	}
	public, err := base64.StdEncoding.DecodeString(first.Public)
	if err != nil || len(public) != ed25519.PublicKeySize || dek.Latest == 0 {
		return errors.New("openbao: the keys are not of the kind that they should be")
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.newest, v.public = dek.Latest, public
	return nil
}

// Newest is what it was when this process last looked; only this process turns the key, and an encryption under a version that the server does not
// take any more is refused, which makes us look again.
func (v *baoVault) Newest(_ context.Context, c seal.Compartment) (uint32, error) {
	if !c.Known() {
		return 0, fmt.Errorf("%w: compartment", seal.ErrPlace)
	}
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.newest, nil
}

func (v *baoVault) batch(ctx context.Context, path string, items []map[string]any) ([]map[string]any, error) {
	data, err := v.write(ctx, path, map[string]any{"batch_input": items, "partial_failure_response_code": 200})
	if err != nil {
		return nil, err
	}
	raw, ok := data["batch_results"].([]any)
	if !ok || len(raw) != len(items) {
		return nil, fmt.Errorf("%w: openbao answered %d of %d at %s", seal.ErrUnavailable, len(raw), len(items), path)
	}
	out := make([]map[string]any, len(raw))
	for i, one := range raw {
		if out[i], ok = one.(map[string]any); !ok {
			return nil, fmt.Errorf("%w: openbao answers otherwise than documented at %s", seal.ErrUnavailable, path)
		}
	}
	return out, nil
}

var b64 = base64.StdEncoding.EncodeToString

func (v *baoVault) Wrap(ctx context.Context, boxes []seal.Box) error {
	items := make([]map[string]any, len(boxes))
	for i, b := range boxes {
		items[i] = map[string]any{"plaintext": b64(b.Raw), "context": b64([]byte(b.Compartment)), "associated_data": b64(b.Bound), "key_version": b.Version}
	}
	results, err := v.batch(ctx, "encrypt/"+baoDEK, items)
	if err != nil {
		return err
	}
	for i := range boxes {
		text, _ := results[i]["ciphertext"].(string)
		version, sealed, ok := baoCiphertext(text)
		if !ok || version != boxes[i].Version {
			return errors.Join(fmt.Errorf("%w: openbao did not close a key under version %d", seal.ErrUnavailable, boxes[i].Version), v.refresh(ctx))
		}
		boxes[i].Sealed = sealed
	}
	return nil
}

// baoCiphertext reads "vault:v3:…".
func baoCiphertext(text string) (version uint32, sealed []byte, ok bool) {
	_, rest, _ := strings.Cut(text, ":v")
	number, body, found := strings.Cut(rest, ":")
	n, err := strconv.ParseUint(number, 10, 32)
	if !found || err != nil {
		return 0, nil, false
	}
	sealed, err = base64.StdEncoding.DecodeString(body)
	return uint32(n), sealed, err == nil
}

func (v *baoVault) Unwrap(ctx context.Context, boxes []seal.Box) error {
	if len(boxes) == 0 {
		return nil
	}
	items := make([]map[string]any, len(boxes))
	for i, b := range boxes {
		items[i] = map[string]any{"ciphertext": fmt.Sprintf("vault:v%d:%s", b.Version, b64(b.Sealed)), "context": b64([]byte(b.Compartment)), "associated_data": b64(b.Bound)}
	}
	results, err := v.batch(ctx, "decrypt/"+baoDEK, items)
	if err != nil {
		return err
	}
	for i := range boxes {
		text, _ := results[i]["plaintext"].(string)
		raw, err := base64.StdEncoding.DecodeString(text)
		if reason, _ := results[i]["error"].(string); reason != "" || err != nil || len(raw) != len(boxes[i].Raw) {
			boxes[i].Err = seal.ErrForged
			continue
		}
		copy(boxes[i].Raw, raw)
		clear(raw)
	}
	return nil
}

// MAC binds the name of the index and the value, each behind its length. The key of marks is not turned: version 1.
func (v *baoVault) MAC(ctx context.Context, index string, value []byte) ([]byte, error) {
	data, err := v.write(ctx, "hmac/"+baoIndex+"/sha2-256", map[string]any{"input": b64(markInput(index, value)), "key_version": 1})
	if err != nil {
		return nil, err
	}
	text, _ := data["hmac"].(string)
	_, sum, ok := baoCiphertext(text)
	if !ok || len(sum) != 32 {
		return nil, fmt.Errorf("%w: openbao made no mark", seal.ErrUnavailable)
	}
	return sum, nil
}

// markInput is what a foreign HMAC is computed over.
func markInput(index string, value []byte) []byte {
	b := append([]byte("index/v1|"), binary.BigEndian.AppendUint16(nil, uint16(len(index)))...)
	return append(append(b, index...), value...)
}

func (v *baoVault) Sign(ctx context.Context, msg []byte) ([]byte, error) {
	data, err := v.write(ctx, "sign/"+baoAudit, map[string]any{"input": b64(msg), "key_version": 1})
	if err != nil {
		return nil, err
	}
	text, _ := data["signature"].(string)
	_, sig, ok := baoCiphertext(text)
	v.mu.RLock()
	defer v.mu.RUnlock()
	if !ok || !ed25519.Verify(v.public, msg, sig) {
		return nil, fmt.Errorf("%w: openbao signed something else", seal.ErrUnavailable)
	}
	return sig, nil
}

func (v *baoVault) Public(context.Context) (ed25519.PublicKey, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.public, nil
}

func (v *baoVault) Rotate(ctx context.Context) error {
	if _, err := v.write(ctx, "keys/"+baoDEK+"/rotate", nil); err != nil {
		return err
	}
	return v.refresh(ctx)
}

func (v *baoVault) Retire(ctx context.Context, version uint32) error {
	k, err := v.key(ctx, baoDEK)
	if err != nil {
		return err
	}
	var made int64
	if version < 1 || version > k.Latest || json.Unmarshal(k.Keys[strconv.Itoa(int(version))], &made) != nil {
		return fmt.Errorf("retire key-encryption keys: nothing would be left, or version %d is not there", version)
	}
	if time.Since(time.Unix(made, 0)) < time.Hour {
		return fmt.Errorf("retire key-encryption keys: version %d is younger than an hour", version)
	}
	_, err = v.write(ctx, "keys/"+baoDEK+"/config", map[string]any{"min_decryption_version": version, "min_encryption_version": version})
	return err
}
