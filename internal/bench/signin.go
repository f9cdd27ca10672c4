package bench

import (
	"context"
	"time"

	"binhan/internal/signin"
	"binhan/internal/world"
)

// signIn measures what it costs to open a session: the derivation of the password, which is meant to cost, and everything around it, which is not.
func (b *bench) signIn(ctx context.Context) error {
	const n = 8
	in := func() error {
		_, s, err := b.app.SignIn.In(ctx, "trogiup.kontum", world.Password, signin.Token, "bench")
		if err == nil {
			err = b.app.Gate.EndSession(ctx, s.Actor.Handle, "bench")
		}
		return err
	}
	if err := in(); err != nil { // a demo password may be derived anew with the parameters of production
		return err
	}
	start := time.Now()
	salt := make([]byte, 16)
	for range n {
		if _, err := signin.Derive(world.Password, salt, signin.Strong); err != nil {
			return err
		}
	}
	derived := time.Since(start) / n
	trips := b.app.Gate.RoundTrips()
	start = time.Now()
	for range n {
		if err := in(); err != nil {
			return err
		}
	}
	whole := time.Since(start) / n
	b.note("sign-in: %s, of which %s (%.0f %%) are the derivation (argon2id %s, four at once: 256 MiB at most); %d round trips with signing out again", whole.Round(time.Millisecond), derived.Round(time.Millisecond), 100*derived.Seconds()/whole.Seconds(),
		signin.Strong, (b.app.Gate.RoundTrips()-trips)/n)
	return nil
}
