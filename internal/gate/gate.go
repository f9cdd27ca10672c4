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

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"binhan/internal/access"
	"binhan/internal/calendar"
	"binhan/internal/fault"
	"binhan/internal/seal"
)

// Gate joins the policy, the pools of the database roles and the key ring.
type Gate struct {
	policy   *access.Policy
	pools    map[access.Pool]*pool
	refusals *pool // of the casework role: who floods the door with what she may not must not keep the others' refusals off the record
	ring     seal.KeyRing
	budgets  access.Budgets
}

// Limit sets the budgets of each person. A gate begins with the strict ones.
func (g *Gate) Limit(b access.Budgets) { g.budgets = b }

// Budgets are the limits of each person.
func (g *Gate) Budgets() access.Budgets { return g.budgets }

// refusing is how many refusals are recorded at once.
const refusing = 2

// New makes a gate. The pools are one for each database role; a role that is missing refuses its acts.
func New(policy *access.Policy, ring seal.KeyRing, pools map[access.Pool]*sqlx.DB, size int) *Gate {
	g := &Gate{policy: policy, ring: ring, pools: map[access.Pool]*pool{}, budgets: access.StrictBudgets()}
	for name, db := range pools {
		g.pools[name] = newPool(db, size)
		if name == access.Casework {
			g.refusals = newPool(db, refusing)
			db.SetMaxOpenConns(max(db.Stats().MaxOpenConnections, size+refusing))
			db.SetMaxIdleConns(max(db.Stats().MaxOpenConnections, size+refusing))
		}
	}
	return g
}

// Close gives the connections back.
func (g *Gate) Close() {
	for _, p := range g.pools {
		p.close()
	}
	if g.refusals != nil {
		g.refusals.close()
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
		return zero, g.refuse(ctx, who, act, subject, "no_policy")
	}
	for try := 1; ; try++ {
		out, err := attempt(ctx, g, who, act, subject, sufficient, fn)
		if err == nil {
			return out, nil
		}
		if try < retries && retriable(err) {
			continue
		}
		if try == 1 && codeOf(err) == "42501" { // what the first wall allowed the second refused: asked again, the first says what became of her right meanwhile
			continue
		}
		switch {
		case errors.Is(err, errRefused):
			return zero, g.refuse(ctx, who, act, subject, "no_standing")
		case errors.Is(err, errFrozen):
			return zero, g.refuse(ctx, who, act, subject, "frozen")
		}
		if stopped := stoppedBy(err); stopped != "" { // a decision too
			if r := g.refuse(ctx, who, act, subject, stopped); !errors.Is(r, fault.NotFound) {
				return zero, r
			}
			return zero, explain(act, err)
		}
		if codeOf(err) == "42501" { // row-level security refused what the policy allowed: the session ended, or her rights changed, under the act's hands
			if _, gone := g.Whoami(ctx, who.Handle); errors.Is(gone, fault.Unauthenticated) {
				return zero, gone
			}
		}
		if code := codeOf(err); code == "42501" || code == "BA403" { // the second wall said no where the first had said yes
			if r := g.refuse(ctx, who, act, subject, "row_security"); !errors.Is(r, fault.NotFound) {
				return zero, r
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

var errRefused, errFrozen = errors.New("refused"), errors.New("rights rest")

// stoppedBy is the code of a refusal that is said aloud to her who may know of the case: a budget that is spent, a proof that is too old, a class that is not
// hers. It is on the record like every other.
func stoppedBy(err error) string {
	var f *fault.Error
	if errors.As(err, &f) && (f.Kind == fault.TooMany || f.Kind == fault.Unproved || f.Kind == fault.Refused) {
		return f.Key
	}
	return ""
}

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
	if act.On != "" && tx.Classes == 0 && !tx.first {
		return out, errRefused
	}
	if tx.frozen && !act.Frozen {
		return out, errFrozen
	}
	if act.StepUp && tx.Now.Sub(tx.proved) > access.StepUpAge {
		// Said only to her who may: for a stranger there is nothing here that a proof could open.
		return out, fault.New(fault.Unproved, "step_up_required")
	}
	if !tx.spentTill.IsZero() {
		return out, fault.New(fault.TooMany, "budget_"+string(act.Spends)).With(map[string]any{"at": tx.spentTill.In(calendar.Zone).Format("15:04")})
	}
	if tx.first && (act.Writes || tx.Classes == 0) {
		return out, fault.New(fault.Conflict, "opening_needs_reason") // writing needs what she has not opened
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

// refuse records that somebody may not, and tells her that there is nothing, in a transaction and on connections of its own.
func (g *Gate) refuse(ctx context.Context, who access.Actor, act access.Act, subject access.Subject, condition string) error {
	ctx = context.WithoutCancel(ctx)
	p := g.refusals
	if p == nil {
		return fmt.Errorf("no pool for refusals of %s", act)
	}
	c, err := p.take(ctx)
	if err != nil {
		return explain(act, err)
	}
	var b batch
	b.add("begin")
	b.add("select 1 from gate.enter($1, '', '', null)", string(who.Handle))
	b.add("select audit.add($1, $2, $3, '{}', '{}', 'refused', null, null, null, $4, $5, $6, 0, $7)", act.Name, kindOr(subject.Kind), idOrNull(subject.ID), who.Request.ID,
		nullText(who.Request.Client), who.Request.Device, condition)
	if name, ok := strings.CutPrefix(condition, "budget_"); ok {
		b.add("select standing.tell_spent($1)", name) // her supervisor learns of it now, the auditor from the record
	}
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

// Explain says a database error in the vocabulary of faults, for a slice that must add where in its body it happened.
func Explain(act access.Act, err error) error {
	if err == nil {
		return nil
	}
	return explain(act, err)
}

// explain turns a database error into the vocabulary of faults, by code and constraint name, never by text.
func explain(act access.Act, err error) error {
	err = KeyFault(act, err)
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
		case "BA411":
			return fault.New(fault.Conflict, "cannot_be_assigned")
		case "BA412":
			return fault.Bad(fault.Problem{Pointer: "/to", Key: "nobody_there"})
		case "BA413":
			return fault.New(fault.Conflict, "nothing_to_confirm")
		case "BA414":
			return fault.Bad(fault.Problem{Pointer: "/username", Key: "no_such_person"})
		case "BA415":
			return fault.Bad(fault.Problem{Pointer: "/username", Key: "holder_stays"})
		case "BA423":
			return fault.New(fault.Conflict, "case_restricted")
		case "BA424":
			return fault.New(fault.Conflict, "case_closed")
		case "BA425":
			return fault.New(fault.Conflict, "erasure_held")
		case "BA426":
			return fault.New(fault.Conflict, "erasure_needs_another")
		case "BA427":
			return fault.New(fault.Conflict, "rights_state")
		case "BA422":
			return fault.Bad(fault.Problem{Pointer: "/to", Key: "consent_for_another"})
		case "57014", "55P03", "53300":
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
	if !errors.As(err, &p) {
		return false
	}
	switch p.Constraint {
	case "referral_code_is_unique", "request_code_is_unique", "erasure_code_is_unique", "breach_code_is_unique": // chance drew a code that is taken; it is drawn again
		return true
	}
	return p.Code == "40001" || p.Code == "40P01"
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
	if client, device, ok := origin(ctx); ok && act.Name == signIn.Name {
		err = c.from(ctx, client, device, dest, sql, args...)
	} else {
		err = c.get(ctx, dest, sql, args...)
	}
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
	if g.refusals != nil {
		n += g.refusals.said.Load()
	}
	return n
}

// RoundTrips counts the messages sent to the database since the start, over all pools: what an act costs in waiting.
func (g *Gate) RoundTrips() int64 {
	var n int64
	for _, p := range g.pools {
		n += p.trips.Load()
	}
	if g.refusals != nil {
		n += g.refusals.trips.Load()
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
