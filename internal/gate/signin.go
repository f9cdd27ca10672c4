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

// What happens before there is a session, and to the session itself, is no act of anybody's yet: it goes through definer functions that judge for themselves
// and write the record themselves. These are their only callers.

var (
	whoami  = access.Act{Name: "session.read"}
	signIn  = access.Act{Name: "session.open"}
	signOut = access.Act{Name: "session.close"}
)

// Session is what a request begins with.
type Session struct {
	Actor     access.Actor
	ExpiresAt time.Time
	Locked    bool
	Strength  string // how she proved who she is: password, totp, passkey, oidc, recovery, command; Enrolling may only add a factor
	Frozen    bool   // her rights rest until a second person confirms who she is
	NewDevice bool   // somebody signed in as her on a device that she has not looked at yet
	Kind      string // cookie, token, command
	Factors   int    // second factors that she has
}

// Enrolling is the strength of a session that was opened by a password alone where that is not enough: it may add a second factor and nothing else.
const Enrolling = "enrolling"

// Resting tells whether the session may see its own account only.
func (s Session) Resting() bool { return s.Frozen || s.Strength == Enrolling }

// Whoami finds the live session of a handle; fault.Unauthenticated when there is none.
func (g *Gate) Whoami(ctx context.Context, h access.Handle) (Session, error) {
	p := g.pools[access.Casework]
	c, err := p.take(ctx)
	if err != nil {
		return Session{}, explain(whoami, err)
	}
	var r struct {
		User       uuid.UUID `db:"user_id"`
		Username   string    `db:"username"`
		Name       string    `db:"name"`
		Role       string    `db:"role"`
		Org        uuid.UUID `db:"organisation"`
		OrgName    string    `db:"org_name"`
		OrgType    string    `db:"org_type"`
		OrgCommune string    `db:"org_commune"`
		Province   string    `db:"province"`
		Expires    time.Time `db:"expires_at"`
		Locked     bool      `db:"locked"`
		Strength   string    `db:"strength"`
		Frozen     bool      `db:"frozen"`
		NewDevice  bool      `db:"new_device"`
		Kind       string    `db:"kind"`
		Factors    int       `db:"factors"`
	}
	err = c.get(ctx, &r, `select user_id, username, name, role, organisation, org_name, org_type, org_commune, province, expires_at, locked, strength, frozen, new_device, kind, factors
		from auth.whoami($1)`, string(h))
	p.give(c, err != nil && !noRows(err))
	if noRows(err) {
		return Session{}, fault.New(fault.Unauthenticated, "session_ended")
	}
	if err != nil {
		return Session{}, explain(whoami, err)
	}
	return Session{
		Actor: access.Actor{User: r.User, Username: r.Username, Name: r.Name, Role: access.Role(r.Role), Organisation: r.Org, OrgName: r.OrgName,
			OrgType: r.OrgType, OrgCommune: r.OrgCommune, Province: r.Province, Handle: h},
		ExpiresAt: r.Expires, Locked: r.Locked, Strength: r.Strength, Frozen: r.Frozen, NewDevice: r.NewDevice, Kind: r.Kind, Factors: r.Factors,
	}, nil
}

// From is where somebody signs in from.
type From struct {
	Device  []byte // SHA-256 of the device's cookie; nil for a script
	Label   string // kind of browser and system
	Address string // the network of the connection
	Kind    string // cookie or token
	Request string
}

// Attempt is what a sign-in needs before a password can be judged.
type Attempt struct {
	Salt  []byte // nil for an unknown account, about which nothing may be told
	Argon string
	Known bool // she signed in on this device before
	Wait  int  // seconds until the next try; -1 when a second person must open again
	Alarm bool // more tries from unknown devices than usual, over everybody
}

// Attempt counts a try and gives the salt, or tells how long to wait.
func (g *Gate) Attempt(ctx context.Context, username string, from From, rules string) (Attempt, error) {
	var r struct {
		Salt  []byte  `db:"salt"`
		Argon *string `db:"argon"`
		Known bool    `db:"known"`
		Wait  int     `db:"wait"`
		Alarm bool    `db:"alarm"`
	}
	err := g.one(ctx, signIn, &r, `select salt, argon, known, wait, alarm from auth.attempt($1, $2, $3, $4, $5)`, username, from.Device, from.Address, rules, from.Request)
	a := Attempt{Salt: r.Salt, Known: r.Known, Wait: r.Wait, Alarm: r.Alarm}
	if r.Argon != nil {
		a.Argon = *r.Argon
	}
	return a, err
}

// Salt is what a proof within a session needs; ok is false for an unknown account.
func (g *Gate) Salt(ctx context.Context, username string) (salt []byte, argon string, ok bool, err error) {
	var r struct {
		Salt  []byte `db:"salt"`
		Argon string `db:"argon"`
	}
	err = g.one(ctx, signIn, &r, `select salt, argon from auth.salt($1)`, username)
	if errors.Is(err, fault.NotFound) {
		return nil, "", false, nil
	}
	return r.Salt, r.Argon, err == nil, err
}

// Counter is an app that counts: what it shares with us, opened for one comparison.
type Counter struct {
	User   uuid.UUID
	ID     uuid.UUID
	Secret []byte
	Last   int64
}

// counterPlace is where an app's secret lies sealed.
func counterPlace(user, id uuid.UUID) seal.Place {
	return seal.Place{Table: "auth.factors", Column: "sealed", Row: id, Owner: user, Compartment: seal.Identity}
}

// Counters opens the apps of whoever brings the right password; none for anybody else.
func (g *Gate) Counters(ctx context.Context, username string, derived []byte, request string) ([]Counter, error) {
	return g.counters(ctx, request, `select user_id, id, wrapped, sealed, last_step from auth.codes_of($1, $2)`, username, derived)
}

// FactorSecret is the mark that the ring makes of a factor. The database keeps its hash, and takes it for the program's word that the factor was shown.
func (g *Gate) FactorSecret(ctx context.Context, id uuid.UUID) ([]byte, error) {
	return g.ring.MAC(ctx, "factor", id[:])
}

// Shown is what somebody brings to prove who she is. Each part may be missing.
type Shown struct {
	Derived  []byte // the key derived from her password
	Factor   uuid.UUID
	Step     int64 // the time step of her code
	Count    int64 // her key's counter
	Flags    int   // her key's flag byte
	Recovery []byte
}

func (g *Gate) factor(ctx context.Context, s Shown) (id, secret, step, count, flags any, err error) {
	if s.Factor == uuid.Nil {
		return nil, nil, nil, nil, nil, nil
	}
	mark, err := g.FactorSecret(ctx, s.Factor)
	return s.Factor, mark, s.Step, s.Count, s.Flags, err
}

// Opening is the end of a sign-in.
type Opening struct {
	Outcome   string // ok, second, wrong
	Ended     int    // sessions that had to end because there were too many
	NewDevice bool
}

// SignIn opens a session under handle for whoever shows enough. The attempt is on the record either way.
func (g *Gate) SignIn(ctx context.Context, username string, s Shown, h access.Handle, hours int, from From, rules string) (Opening, error) {
	id, secret, step, count, flags, err := g.factor(ctx, s)
	if err != nil {
		return Opening{}, err
	}
	var r struct {
		Outcome   string `db:"outcome"`
		Ended     int    `db:"ended"`
		NewDevice bool   `db:"new_device"`
	}
	err = g.one(context.WithoutCancel(ctx), signIn, &r, `select outcome, ended, new_device from auth.open_session($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		username, s.Derived, id, secret, step, count, flags, s.Recovery, string(h), from.Kind, hours, from.Device, from.Label, from.Address, rules, from.Request)
	return Opening{r.Outcome, r.Ended, r.NewDevice}, err
}

// Prove renews the proof of a running session; renamed is the session's new handle, "" to keep it. The answer is ok, second, wrong or gone.
func (g *Gate) Prove(ctx context.Context, h access.Handle, s Shown, renamed access.Handle, request string) (string, error) {
	id, secret, step, count, flags, err := g.factor(ctx, s)
	if err != nil {
		return "", err
	}
	var next any
	if renamed != "" {
		next = string(renamed)
	}
	var outcome string
	err = g.one(context.WithoutCancel(ctx), signIn, &outcome, `select auth.prove($1, $2, $3, $4, $5, $6, $7, $8, $9)`, string(h), s.Derived, id, secret, step, count, flags, next, request)
	return outcome, err
}

// Ask keeps what a ceremony with a key begins with, for five minutes and one answer; the answer is the seconds to wait, 0 mostly.
func (g *Gate) Ask(ctx context.Context, name, purpose string, user uuid.UUID, data []byte, address, rules string) (int, error) {
	var wait int
	err := g.one(ctx, signIn, &wait, `select auth.challenge($1, $2, $3, $4, $5, $6)`, name, purpose, idOrNull(user), data, address, rules)
	return wait, err
}

// Asked gives back what a ceremony began with, once; fault.NotFound when it is over, was answered, or was meant for something or somebody else.
func (g *Gate) Asked(ctx context.Context, name, purpose string, user uuid.UUID) ([]byte, error) {
	var data []byte
	err := g.one(context.WithoutCancel(ctx), signIn, &data, `select auth.take_challenge($1, $2, $3)`, name, purpose, idOrNull(user))
	if err == nil && data == nil {
		return nil, fault.Missing()
	}
	return data, err
}

// Key is a security key as it is kept.
type Key struct {
	ID         uuid.UUID `db:"id"`
	User       uuid.UUID `db:"user_id"`
	Username   string    `db:"username"`
	Credential []byte    `db:"credential"`
	Public     []byte    `db:"public_key"`
	Flags      int       `db:"flags"`
	Count      int64     `db:"sign_count"`
	AAGUID     []byte    `db:"aaguid"`
	Transports TextArray `db:"transports"`
}

// KeyOf finds a key by its credential; fault.NotFound when nobody has it.
func (g *Gate) KeyOf(ctx context.Context, credential []byte) (Key, error) {
	var k Key
	err := g.one(ctx, signIn, &k, `select id, user_id, username, credential, public_key, flags, sign_count, aaguid, transports from auth.key_of($1)`, credential)
	return k, err
}

// KeysOf lists the keys of a session's holder.
func (g *Gate) KeysOf(ctx context.Context, h access.Handle) ([]Key, error) {
	p := g.pools[access.Casework]
	c, err := p.take(ctx)
	if err != nil {
		return nil, explain(signIn, err)
	}
	var keys []Key
	err = c.selectRows(ctx, &keys, `select id, user_id, username, credential, public_key, flags, sign_count, aaguid, transports from auth.keys_of($1)`, string(h))
	p.give(c, err != nil)
	if err != nil {
		return nil, explain(signIn, err)
	}
	return keys, nil
}

// EndSession ends a session; a session that has ended already is no error.
func (g *Gate) EndSession(ctx context.Context, h access.Handle, request string) error {
	var void any
	return g.one(context.WithoutCancel(ctx), signOut, &void, `select auth.end_session($1, $2)::text`, string(h), request)
}

// Lock closes the pages of a session until the password is brought again.
func (g *Gate) Lock(ctx context.Context, h access.Handle) error {
	var ok bool
	return g.one(context.WithoutCancel(ctx), signOut, &ok, `select auth.lock_session($1, true, null, null)`, string(h))
}

// Unlock opens them again; false when the password does not fit.
func (g *Gate) Unlock(ctx context.Context, h access.Handle, username string, derived []byte) (bool, error) {
	var ok bool
	err := g.one(ctx, signIn, &ok, `select auth.lock_session($1, false, $2, $3)`, string(h), username, derived)
	return ok, err
}

// Verifier is what the database keeps of a password.
type Verifier struct {
	Salt, Hash []byte
	Argon      string
}

// Rehash puts a stronger derivation of the same password in place of the one that has just signed in.
func (g *Gate) Rehash(ctx context.Context, h access.Handle, v Verifier) error {
	var void any
	return g.one(ctx, signIn, &void, `select auth.rehash($1, $2, $3, $4)::text`, string(h), v.Salt, v.Hash, v.Argon)
}

// SealCounter seals what an app shares with us, under a key of its own that is wrapped for the actor.
func (tx *Tx) SealCounter(id uuid.UUID, secret []byte) (wrapped, sealed []byte, err error) {
	k, ws, err := tx.NewKeys(tx.Who.User, seal.Identity)
	if err != nil {
		return nil, nil, err
	}
	sealed, err = k.Seal(counterPlace(tx.Who.User, id), secret)
	return ws[0].Key, sealed, err
}

// OpenCounter opens what an app of the actor's own shares with us, for the acts on her own account.
func (tx *Tx) OpenCounter(id uuid.UUID, wrapped, sealed []byte) ([]byte, error) {
	if !tx.Classes.Has(access.Account) {
		return nil, fault.Missing()
	}
	k, err := tx.gate.ring.Unwrap(tx.ctx, tx.onBehalf(), tx.Who.User, seal.Wrapped{Compartment: seal.Identity, Key: wrapped})
	if err != nil {
		return nil, err
	}
	tx.keys = append(tx.keys, k)
	return k.Open(counterPlace(tx.Who.User, id), sealed)
}

// SetUp puts a new password in place for whoever brings the code of one use that was handed to her; false for anybody else.
func (g *Gate) SetUp(ctx context.Context, username string, code []byte, v Verifier, request string) (bool, error) {
	var ok bool
	err := g.one(context.WithoutCancel(ctx), signIn, &ok, `select auth.set_up($1, $2, $3, $4, $5, $6)`, username, code, v.Salt, v.Hash, v.Argon, request)
	return ok, err
}
