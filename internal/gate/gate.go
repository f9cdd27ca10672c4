// Package gate is the one door to the files of survivors.
//
// Every use case, reads included, is an act on a subject done by an actor, and goes through Do. Do asks the policy which standings could
// suffice and refuses before any SQL when none could; opens a transaction and binds it to the actor's session, whose unguessable handle is what
// row-level security believes; learns which standings the actor holds on this very case; runs the work with the only kind of Tx that the
// stores accept; writes the record of the act; commits. A refusal is recorded too, in a short transaction of its own, with act and subject
// and never with content. If the record cannot be written, the act does not happen.
//
// To the caller a refusal is fault.NotFound: whoever may not know of a case cannot tell it from one that does not exist.
//
// Round trips of an act: one to begin, bind and learn the standings; the work; one that carries the pending writes, the record and the commit.
// There is no other place that begins a transaction.
package gate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/seal"
)

// Gate joins the policy, the pools of the database roles and the key ring.
type Gate struct {
	policy *access.Policy
	pools  map[access.Pool]*pool
	ring   seal.KeyRing
}

// New makes a gate. The pools are one for each database role; a role that is missing refuses its acts.
func New(policy *access.Policy, ring seal.KeyRing, pools map[access.Pool]*sqlx.DB, size int) *Gate {
	g := &Gate{policy: policy, ring: ring, pools: map[access.Pool]*pool{}}
	for name, db := range pools {
		g.pools[name] = newPool(db, size)
	}
	return g
}

// Close gives the connections back.
func (g *Gate) Close() {
	for _, p := range g.pools {
		p.close()
	}
}

// Policy is the compiled matrix, for menus.
func (g *Gate) Policy() *access.Policy { return g.policy }

const retries = 5

// Do lets who do act to subject by running fn, or refuses. fn may run more than once when the database asks for a retry: it must not
// touch anything but its Tx.
func Do[T any](ctx context.Context, g *Gate, who access.Actor, act access.Act, subject access.Subject, fn func(*Tx) (T, error)) (T, error) {
	var zero T
	sufficient := g.policy.Any(who.Role, act.Name)
	if sufficient == 0 || (act.On != "" && act.On != subject.Kind) {
		return zero, g.refuse(ctx, who, act, subject)
	}
	for try := 1; ; try++ {
		out, err := attempt(ctx, g, who, act, subject, sufficient, fn)
		if err == nil {
			return out, nil
		}
		if try < retries && retriable(err) {
			continue
		}
		if errors.Is(err, errRefused) {
			return zero, g.refuse(ctx, who, act, subject)
		}
		if codeOf(err) == "42501" { // row-level security refused what the policy allowed: the session ended, or her rights changed, under the act's hands
			if _, gone := g.Whoami(ctx, who.Handle); errors.Is(gone, fault.Unauthenticated) {
				return zero, gone
			}
		}
		return zero, explain(act, err)
	}
}

// codeOf is the SQLSTATE of a database error, "" for any other.
func codeOf(err error) string {
	var p *pq.Error
	if errors.As(err, &p) {
		return string(p.Code)
	}
	return ""
}

var errRefused = errors.New("refused")

func attempt[T any](ctx context.Context, g *Gate, who access.Actor, act access.Act, subject access.Subject, sufficient access.StandingSet, fn func(*Tx) (T, error)) (out T, err error) {
	p := g.pools[act.Pool]
	if p == nil {
		return out, fmt.Errorf("no pool for role %s", act.Pool)
	}
	c, err := p.take(ctx)
	if err != nil {
		return out, err
	}
	tx := &Tx{gate: g, conn: c, ctx: ctx, Who: who, act: act, subject: subject}
	defer func() {
		tx.wipe()
		p.give(c, !tx.done) // whatever did not commit is rolled back, after a panic of fn too
	}()
	if err = tx.enter(sufficient | access.StandingsOf(act.Makes)); err != nil {
		return out, err
	}
	if act.On != "" && tx.Classes == 0 || tx.frozen && !act.Frozen {
		return out, errRefused
	}
	if act.StepUp && tx.Now.Sub(tx.proved) > access.StepUpAge {
		// Said only to her who may: for a stranger there is nothing here that a proof could open.
		return out, fault.New(fault.Unproved, "step_up_required")
	}
	if out, err = fn(tx); err != nil {
		return out, err
	}
	if err = tx.commit(located(out)); err != nil {
		var zero T
		return zero, err
	}
	return out, nil
}

// Located is a result that can be read again at an address; a replayed request is answered by reading it there.
type Located interface{ Location() string }

func located(v any) string {
	if l, ok := v.(Located); ok {
		return l.Location()
	}
	return ""
}

// refuse records that somebody may not, and tells her that there is nothing. It uses the pool of casework for every role.
func (g *Gate) refuse(ctx context.Context, who access.Actor, act access.Act, subject access.Subject) error {
	ctx = context.WithoutCancel(ctx)
	p := g.pools[access.Casework]
	c, err := p.take(ctx)
	if err != nil {
		return explain(act, err)
	}
	var b batch
	b.add("begin")
	b.add("select 1 from gate.enter($1, '', '', null)", string(who.Handle))
	b.add("select audit.add($1, $2, $3, '{}', '{}', 'refused', null, null, null, $4)", act.Name, kindOr(subject.Kind), idOrNull(subject.ID), who.Request.ID)
	b.add("commit")
	err = c.exec(ctx, &b)
	p.give(c, err != nil)
	if err != nil {
		return explain(act, err)
	}
	return fault.Missing()
}

func kindOr(kind string) string {
	if kind == "" {
		return "none"
	}
	return kind
}

func idOrNull(id uuid.UUID) any {
	if id == uuid.Nil {
		return nil
	}
	return id
}

// explain turns a database error into the vocabulary of faults, by code and constraint name, never by text.
func explain(act access.Act, err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return err
	}
	var p *pq.Error
	if errors.As(err, &p) {
		switch p.Code {
		case "BA401":
			return fault.New(fault.Unauthenticated, "session_ended")
		case "BA403":
			return fault.Missing()
		case "BA409":
			return fault.New(fault.Conflict, "not_of_her_staff")
		case "BA410":
			return fault.New(fault.Conflict, "consent_not_live")
		case "BA422":
			return fault.Bad(fault.Problem{Pointer: "/to", Key: "consent_for_another"})
		case "57014", "55P03":
			return fault.New(fault.Unavailable, "busy").Because(clean(act, err))
		}
		if p.Constraint == "idempotency_once" {
			return ErrReplayed
		}
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errBusy) {
		return fault.New(fault.Unavailable, "busy").Because(err)
	}
	return clean(act, err)
}

// ErrReplayed: the Idempotency-Key of this request was used before.
var ErrReplayed = errors.New("idempotency key was used before")

// ConstraintOf names the constraint that a change broke, so that a slice can say it in the user's words; "" for any other error.
func ConstraintOf(err error) string {
	var p *pq.Error
	if errors.As(err, &p) {
		return p.Constraint
	}
	var d *databaseError
	if errors.As(err, &d) {
		return d.pq.Constraint
	}
	return ""
}

// clean keeps of a driver error what cannot hold anybody's data: its code and the name of the constraint.
func clean(act access.Act, err error) error {
	var p *pq.Error
	if errors.As(err, &p) {
		return &databaseError{fmt.Sprintf("%s: database error %s %s table %s routine %s: %s", act, p.Code, p.Constraint, p.Table, p.Routine, safeMessage(p)), p}
	}
	return fmt.Errorf("%s: %w", act, err)
}

type databaseError struct {
	text string
	pq   *pq.Error
}

func (e *databaseError) Error() string        { return e.text }
func (e *databaseError) Unwrap() error        { return nil }
func (e *databaseError) LogValue() slog.Value { return slog.StringValue(e.text) }

// safeMessage keeps the server's sentence only for classes of errors that name objects and no values.
func safeMessage(p *pq.Error) string {
	switch p.Code.Class() {
	case "42", "25", "BA": // wrong SQL, wrong transaction state, our own
		if p.Code == "42804" || p.Code == "42883" || p.Code == "42P01" || p.Code == "42703" || p.Code == "42501" || p.Code == "42601" || p.Code.Class() == "BA" || p.Code.Class() == "25" {
			return p.Message
		}
	}
	return ""
}

func retriable(err error) bool {
	var p *pq.Error
	return errors.As(err, &p) && (p.Code == "40001" || p.Code == "40P01")
}

// Session is what a request begins with.
type Session struct {
	Actor     access.Actor
	ExpiresAt time.Time
	Locked    bool
}

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
	}
	err = c.get(ctx, &r, `select user_id, username, name, role, organisation, org_name, org_type, org_commune, province, expires_at, locked from auth.whoami($1)`, string(h))
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
		ExpiresAt: r.Expires, Locked: r.Locked,
	}, nil
}

var (
	whoami  = access.Act{Name: "session.read"}
	signIn  = access.Act{Name: "session.open"}
	signOut = access.Act{Name: "session.close"}
)

// Salt is what a sign-in needs before a password can be judged; ok is false for an unknown account, about which nothing may be told.
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

// SignIn opens a session under handle for whoever brings the key derived from the password. The attempt is on the record either way.
func (g *Gate) SignIn(ctx context.Context, username string, derived []byte, h access.Handle, kind string, hours int, request string) (bool, error) {
	var id uuid.NullUUID
	err := g.one(ctx, signIn, &id, `select auth.sign_in($1, $2, $3, $4, $5, $6)`, username, derived, string(h), kind, hours, request)
	return id.Valid, err
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

// Replayed tells what an Idempotency-Key answered before; fault.NotFound when it is new.
func (g *Gate) Replayed(ctx context.Context, who access.Actor, key string) (route, location string, body []byte, status int, err error) {
	var r struct {
		Route    string `db:"route"`
		Location string `db:"location"`
		Body     []byte `db:"body"`
		Status   int    `db:"status"`
	}
	err = g.one(ctx, whoami, &r, `select route, location, body, status from auth.replayed($1, $2)`, string(who.Handle), key)
	return r.Route, r.Location, r.Body, r.Status, err
}

// NamedObjects tells which of some objects of the store are evidence of a case, for the sweep of what no case names. It opens nothing.
func (g *Gate) NamedObjects(ctx context.Context, objects []string) ([]string, error) {
	p := g.pools[access.Casework]
	c, err := p.take(ctx)
	if err != nil {
		return nil, explain(whoami, err)
	}
	var named []string
	err = c.selectRows(ctx, &named, `select object from gate.named_objects($1) as object`, Texts(objects))
	p.give(c, err != nil)
	if err != nil {
		return nil, explain(whoami, err)
	}
	return named, nil
}

func (g *Gate) one(ctx context.Context, act access.Act, dest any, sql string, args ...any) error {
	p := g.pools[access.Casework]
	c, err := p.take(ctx)
	if err != nil {
		return explain(act, err)
	}
	err = c.get(ctx, dest, sql, args...)
	p.give(c, err != nil && !noRows(err))
	if noRows(err) {
		return fault.Missing()
	}
	if err != nil {
		return explain(act, err)
	}
	return nil
}

// Ready tells whether every pool answers.
func (g *Gate) Ready(ctx context.Context) error {
	for name, p := range g.pools {
		c, err := p.take(ctx)
		if err != nil {
			return err
		}
		var one int
		err = c.get(ctx, &one, `select 1`)
		p.give(c, err != nil)
		if err != nil {
			return fmt.Errorf("pool %s: %w", name, err)
		}
	}
	return nil
}

// Statements counts the statements sent to the database since the start, over all pools.
func (g *Gate) Statements() int64 {
	var n int64
	for _, p := range g.pools {
		n += p.said.Load()
	}
	return n
}

// RoundTrips counts the messages sent to the database since the start, over all pools: what an act costs in waiting.
func (g *Gate) RoundTrips() int64 {
	var n int64
	for _, p := range g.pools {
		n += p.trips.Load()
	}
	return n
}

func names[T ~string](xs []T) string {
	out := make([]string, len(xs))
	for i, x := range xs {
		out[i] = string(x)
	}
	return strings.Join(out, ",")
}
