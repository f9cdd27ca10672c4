// Package signin turns a password into a session, and a token into the session's handle.
//
// The database holds a verifier of the key that argon2id derives from the password, never the key; it opens a session only for whoever
// brings the key, so that a statement that slipped into the database cannot sign in as anybody. The token that the browser or script keeps is 256
// random bits; the database knows it only through a handle derived from it, and stores only the handle's hash. An unknown account costs the same
// work as a wrong password. Deriving takes memory: a fixed number of derivations run at once, the rest wait or are told to come later.
package signin

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/gate"
)

// Strong are the parameters of new passwords (OWASP's floor is m=19 MiB, t=2).
const Strong = "m=65536,t=3,p=1"

// Service signs people in.
type Service struct {
	gate  *gate.Gate
	slots chan struct{}
	decoy []byte
}

// New makes a service that derives at most four keys at once.
func New(g *gate.Gate) *Service {
	decoy := make([]byte, 32)
	_, _ = rand.Read(decoy)
	return &Service{gate: g, slots: make(chan struct{}, 4), decoy: decoy}
}

// Kinds of sessions: a cookie for pages, a token for scripts.
const (
	Cookie = "cookie"
	Token  = "token"
)

// Hours is how long a session lives at most; it ends earlier after fifteen idle minutes.
const Hours = 10

const longest = 128 // bytes of a password

// In opens a session. A wrong name and a wrong password are the same fault.Unauthenticated.
func (s *Service) In(ctx context.Context, username, password, kind, request string) (token string, sess gate.Session, err error) {
	wrong := fault.New(fault.Unauthenticated, "sign_in_failed")
	if len(password) > longest || len(username) > 64 || username == "" {
		return "", sess, wrong
	}
	derived, err := s.derive(ctx, username, password)
	if err != nil {
		return "", sess, err
	}
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return "", sess, err
	}
	token = base64.RawURLEncoding.EncodeToString(raw)
	ok, err := s.gate.SignIn(ctx, username, derived, HandleOf(token), kind, Hours, request)
	if err != nil {
		return "", sess, err
	}
	if !ok {
		return "", sess, wrong
	}
	sess, err = s.gate.Whoami(ctx, HandleOf(token))
	return token, sess, err
}

// Unlock opens a locked screen with the password of the session's owner.
func (s *Service) Unlock(ctx context.Context, h access.Handle, username, password string) error {
	derived, err := s.derive(ctx, username, password)
	if err != nil {
		return err
	}
	ok, err := s.gate.Unlock(ctx, h, username, derived)
	if err == nil && !ok {
		return fault.New(fault.Unauthenticated, "unlock_failed")
	}
	return err
}

func (s *Service) derive(ctx context.Context, username, password string) ([]byte, error) {
	salt, argon, known, err := s.gate.Salt(ctx, username)
	if err != nil {
		return nil, err
	}
	if !known {
		h := hmac.New(sha256.New, s.decoy)
		h.Write([]byte(username))
		salt, argon = h.Sum(nil)[:16], Strong
	}
	t := time.NewTimer(2 * time.Second)
	defer t.Stop()
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-t.C:
		return nil, fault.New(fault.TooMany, "sign_in_busy")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return Derive(password, salt, argon)
}

// Derive makes the key of a password with parameters written like Strong.
func Derive(password string, salt []byte, argon string) ([]byte, error) {
	var m, t, p uint32
	if _, err := fmt.Sscanf(argon, "m=%d,t=%d,p=%d", &m, &t, &p); err != nil || m < 8 || t < 1 || p < 1 || p > 8 || m > 1<<20 {
		return nil, fmt.Errorf("argon2 parameters %q", argon)
	}
	return argon2.IDKey([]byte(norm.NFC.String(password)), salt, t, m, uint8(p), 32), nil
}

// NewVerifier is what the accounts table keeps of a new password.
func NewVerifier(password, argon string) (salt, verifier []byte, err error) {
	salt = make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return nil, nil, err
	}
	key, err := Derive(password, salt, argon)
	if err != nil {
		return nil, nil, err
	}
	sum := sha256.Sum256(key)
	return salt, sum[:], nil
}

// HandleOf derives the database's name of a session from its token.
func HandleOf(token string) access.Handle {
	h := hmac.New(sha256.New, []byte("binhan/session/v1"))
	h.Write([]byte(token))
	return access.Handle(hex.EncodeToString(h.Sum(nil)))
}

// NewHandle makes the handle of a session that has no token: a program on the host.
func NewHandle() access.Handle {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // crypto/rand never fails on the platforms we run on; it ends the program instead
	return access.Handle(hex.EncodeToString(raw))
}
