package gate

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/seal"
)

// What happens when an identity provider speaks for somebody. The program checks what the provider signed; the database hears of a link and of the mark that the
// ring makes of the link's id, and decides as it does for a password.

// Identity is the link between an account and what a provider calls its holder.
type Identity struct {
	ID       uuid.UUID `db:"id"`
	User     uuid.UUID `db:"user_id"`
	Username string    `db:"username"`
}

// IdentityMark is the link's own secret; the database keeps its hash.
func (g *Gate) IdentityMark(ctx context.Context, id uuid.UUID) ([]byte, error) {
	return g.ring.MAC(ctx, "identity", id[:])
}

// IdentityOf finds a link by the hash of provider and subject; fault.NotFound when there is none, or the account is closed.
func (g *Gate) IdentityOf(ctx context.Context, subject []byte) (Identity, error) {
	var i Identity
	err := g.one(ctx, signIn, &i, `select id, user_id, username from auth.identity_of($1)`, subject)
	return i, err
}

// Vouched is what a provider says, once it was checked.
type Vouched struct {
	Identity uuid.UUID
	Strong   bool      // it asked for a second factor
	At       time.Time // when it asked her; zero when it does not say
	Session  []byte    // SHA-256 of what it calls its own session; nil when it does not say
}

func (v Vouched) at() any {
	if v.At.IsZero() {
		return nil
	}
	return v.At
}

// CountersOf opens the apps of a link's holder.
func (g *Gate) CountersOf(ctx context.Context, identity uuid.UUID, request string) ([]Counter, error) {
	mark, err := g.IdentityMark(ctx, identity)
	if err != nil {
		return nil, err
	}
	return g.counters(ctx, request, `select user_id, id, wrapped, sealed, last_step from auth.codes_of_identity($1, $2)`, identity, mark)
}

// counters opens the apps that a statement names.
func (g *Gate) counters(ctx context.Context, request, statement string, args ...any) ([]Counter, error) {
	var rows []struct {
		User    uuid.UUID `db:"user_id"`
		ID      uuid.UUID `db:"id"`
		Wrapped []byte    `db:"wrapped"`
		Sealed  []byte    `db:"sealed"`
		Last    int64     `db:"last_step"`
	}
	p := g.pools[access.Casework]
	c, err := p.take(ctx)
	if err != nil {
		return nil, explain(signIn, err)
	}
	err = c.selectRows(ctx, &rows, statement, args...)
	p.give(c, err != nil)
	if err != nil {
		return nil, explain(signIn, err)
	}
	var out []Counter
	for _, r := range rows {
		k, err := g.ring.Unwrap(ctx, seal.For{Actor: r.User.String(), Session: request, Act: signIn.Name}, r.User, seal.Wrapped{Compartment: seal.Identity, Key: r.Wrapped})
		if err != nil {
			return nil, err
		}
		secret, err := k.Open(counterPlace(r.User, r.ID), r.Sealed)
		k.Close()
		if err != nil {
			return nil, err
		}
		out = append(out, Counter{User: r.User, ID: r.ID, Secret: secret, Last: r.Last})
	}
	return out, nil
}

// SignInByProvider opens a session of pages under handle for whoever a provider vouches for, with a factor of ours in s where she brings one.
func (g *Gate) SignInByProvider(ctx context.Context, v Vouched, s Shown, h access.Handle, hours int, from From, rules string) (Opening, error) {
	id, secret, step, count, flags, err := g.factor(ctx, s)
	if err != nil {
		return Opening{}, err
	}
	mark, err := g.IdentityMark(ctx, v.Identity)
	if err != nil {
		return Opening{}, err
	}
	var r struct {
		Outcome   string `db:"outcome"`
		Ended     int    `db:"ended"`
		NewDevice bool   `db:"new_device"`
	}
	err = g.one(context.WithoutCancel(ctx), signIn, &r, `select outcome, coalesce(ended, 0) as ended, coalesce(new_device, false) as new_device
		from auth.open_by_identity($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
		v.Identity, mark, v.Strong, v.at(), v.Session, id, secret, step, count, flags, s.Recovery, string(h), hours, from.Device, from.Label, from.Address, rules, from.Request)
	return Opening{r.Outcome, r.Ended, r.NewDevice}, err
}

// RefuseIdentity puts a sign-in through a provider that came to nothing on the record; user may be nobody.
func (g *Gate) RefuseIdentity(ctx context.Context, user uuid.UUID, reason, request string) error {
	var void any
	return g.one(context.WithoutCancel(ctx), signIn, &void, `select auth.refuse_identity($1, $2, $3)::text`, idOrNull(user), reason, request)
}

// ProveByProvider renews the proof of the session of that hash, which gets a new handle. The answer is ok, other, second or gone.
func (g *Gate) ProveByProvider(ctx context.Context, session []byte, v Vouched, renamed access.Handle, rules, request string) (string, error) {
	mark, err := g.IdentityMark(ctx, v.Identity)
	if err != nil {
		return "", err
	}
	var outcome string
	err = g.one(context.WithoutCancel(ctx), signIn, &outcome, `select auth.prove_by_identity($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		session, v.Identity, mark, v.Strong, v.at(), v.Session, string(renamed), rules, request)
	return outcome, err
}

// ByProvider tells whether a session was opened or proved by a provider.
func (g *Gate) ByProvider(ctx context.Context, h access.Handle) (bool, error) {
	var yes bool
	err := g.one(ctx, signOut, &yes, `select auth.by_provider($1)`, string(h))
	if errors.Is(err, fault.NotFound) {
		return false, nil
	}
	return yes, err
}

// Linked tells whether a provider may speak for the holder of a session.
func (g *Gate) Linked(ctx context.Context, h access.Handle) (bool, error) {
	var yes bool
	err := g.one(ctx, signIn, &yes, `select auth.linked($1)`, string(h))
	return yes, err
}

// EndByProvider ends the sessions of a subject, of a session of the provider's, or of both; -1 for an order that was given before.
func (g *Gate) EndByProvider(ctx context.Context, order []byte, until time.Time, subject, session []byte, request string) (int, error) {
	var n int
	err := g.one(context.WithoutCancel(ctx), signOut, &n, `select auth.end_by_provider($1, $2, $3, $4, $5)`, order, until, subject, session, request)
	return n, err
}
