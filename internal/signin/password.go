package signin

import (
	"context"

	"binhan/internal/gate"
)

// strengthen derives the verifier anew when the parameters have risen since the password was set. It does so with the password that has just been shown to
// be right; when it cannot, the next sign-in will.
func (s *Service) strengthen(ctx context.Context, o Opened, c Credentials) {
	_, argon, ok, err := s.gate.Salt(ctx, c.Username)
	if err != nil || !ok || !weaker(argon, s.o.Argon) {
		return
	}
	leave, err := s.enter(ctx, true)
	if err != nil {
		return
	}
	defer leave()
	salt, verifier, err := NewVerifier(c.Password, s.o.Argon)
	if err == nil {
		err = s.gate.Rehash(ctx, o.Session.Actor.Handle, gate.Verifier{Salt: salt, Hash: verifier, Argon: s.o.Argon})
	}
	if err != nil {
		s.o.Log.Error("a password could not be derived anew", "cause", err.Error())
	}
}

// weaker tells whether a set of parameters asks less than another in any of its numbers.
func weaker(a, b string) bool {
	am, at, ap, err1 := parameters(a)
	bm, bt, bp, err2 := parameters(b)
	return err1 == nil && err2 == nil && (am < bm || at < bt || ap < bp)
}
