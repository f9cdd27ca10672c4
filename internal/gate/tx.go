package gate

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/seal"
)

// Tx is the transaction of one act. Stores accept nothing else, and only Do makes one. It carries the clock, so that an act has one time;
// the classes that the decision opened, without which no key is unwrapped; and what the record shall say.
type Tx struct {
	Now     time.Time          // the database's clock at the start of the act
	Who     access.Actor       // by whom
	Case    uuid.UUID          // the case of the subject, uuid.Nil for acts on none
	Held    access.StandingSet // what she holds on it
	Classes access.ClassSet    // what she may therefore open

	gate    *Gate
	conn    *conn
	ctx     context.Context
	act     access.Act
	subject access.Subject
	pending batch
	keys    []*seal.Keys

	proved    time.Time
	strength  string
	frozen    bool
	opened    access.ClassSet
	unwraps   int
	spentTill time.Time // until when the act's budget is spent; zero when it is not
	first     bool      // she holds the case, did not record it and has not said yet why she opens it
	condition string
	broken    []string // parts that did not open where they lie
	reason    string
	note      []byte
	cases     []uuid.UUID
	done      bool
	answered  int
}

// Context is the request's.
func (tx *Tx) Context() context.Context { return tx.ctx }

// Act is what is being done.
func (tx *Tx) Act() access.Act { return tx.act }

func (tx *Tx) enter(sufficient access.StandingSet) error {
	var b batch
	b.add("begin")
	if tx.act.On == "" && !tx.act.Writes && tx.act.Pool == access.Casework {
		// A list walks an index that is already in its order and stops after a page. The planner knows neither how many standings the holder has nor
		// that few of them are ever read, and would rather gather and sort them all: 28 ms instead of 1 for 4,000 cases.
		b.add("set local jit = off") // a sort that is still needed now looks dear enough to be compiled first, for 300 ms
		b.add("set local enable_sort = off")
		b.add("set local enable_bitmapscan = off")
	}
	b.add("select user_id, role, organisation, case_id, held, at, proved_at, strength, frozen, spent_until, first from gate.enter($1, $2, $3, $4, $5, $6, $7)",
		string(tx.Who.Handle), names(sufficient.List()), tx.subject.Kind, idOrNull(tx.subject.ID),
		nullText(string(tx.act.Spends)), tx.gate.budgets.Limit(tx.act.Spends), int(tx.act.Spends.Window().Seconds()))
	var r struct {
		User     uuid.UUID     `db:"user_id"`
		Role     string        `db:"role"`
		Org      uuid.UUID     `db:"organisation"`
		Case     uuid.NullUUID `db:"case_id"`
		Held     string        `db:"held"`
		At       time.Time     `db:"at"`
		Proved   time.Time     `db:"proved_at"`
		Strength string        `db:"strength"`
		Frozen   bool          `db:"frozen"`
		Spent    *time.Time    `db:"spent_until"`
		First    bool          `db:"first"`
	}
	// The beginning is never cancelled half-way: the connection would be in an unknown state.
	if err := tx.conn.query(context.WithoutCancel(tx.ctx), &r, &b); err != nil {
		return err
	}
	if r.User != tx.Who.User || access.Role(r.Role) != tx.Who.Role || r.Org != tx.Who.Organisation {
		return fault.New(fault.Unauthenticated, "session_ended") // her rights changed since the request began
	}
	tx.Now, tx.Case = r.At, r.Case.UUID
	tx.proved, tx.strength, tx.frozen = r.Proved, r.Strength, r.Frozen || r.Strength == Enrolling
	tx.first = r.First
	if r.Spent != nil {
		tx.spentTill = *r.Spent
	}
	tx.Held = access.StandingsOf(access.None)
	if tx.act.On != "" {
		tx.Held = 0
		for s := range strings.SplitSeq(r.Held, ",") {
			tx.Held |= access.StandingsOf(access.Standing(s))
		}
	}
	tx.Classes = tx.gate.policy.Opens(tx.Who.Role, tx.act.Name, tx.Held)
	tx.first = tx.first && tx.Classes != 0
	if tx.first && tx.act.Name != access.RevealCase.Name {
		tx.Classes &^= access.SetOf(access.Identity, access.Safety, access.Narrative, access.Evidence, access.Disclosure)
	}
	return nil
}

// By are the standings by which she does this act: of those she holds, the ones that suffice for her role. What a role cannot use makes her nothing.
func (tx *Tx) By() access.StandingSet {
	return tx.Held & tx.gate.policy.Any(tx.Who.Role, tx.act.Name)
}

// First tells whether she holds the case, did not record it and has not said yet why she opens it: until she does, by a reveal, no act opens more than its record.
func (tx *Tx) First() bool { return tx.first }

// Get reads one row into dest; fault.NotFound when there is none.
func (tx *Tx) Get(dest any, query string, args ...any) error {
	if err := tx.Flush(); err != nil {
		return err
	}
	err := tx.conn.get(tx.ctx, dest, query, args...)
	if noRows(err) {
		return fault.Missing()
	}
	return err
}

// Select reads rows into the slice that dest points to.
func (tx *Tx) Select(dest any, query string, args ...any) error {
	if err := tx.Flush(); err != nil {
		return err
	}
	return tx.conn.selectRows(tx.ctx, dest, query, args...)
}

// Exec runs a statement now and tells how many rows it changed.
func (tx *Tx) Exec(query string, args ...any) (int64, error) {
	if err := tx.Flush(); err != nil {
		return 0, err
	}
	return tx.conn.execOne(tx.ctx, query, args...)
}

// Later queues a statement whose result nobody waits for. Queued statements travel together, in order, before the next read or with the commit.
func (tx *Tx) Later(query string, args ...any) { tx.pending.add(query, args...) }

// LaterRows queues one statement over many rows: query ends in "from", and reads the values as v.c1, v.c2 …. No row, no statement.
func (tx *Tx) LaterRows(query string, rows [][]any) {
	if len(rows) == 0 {
		return
	}
	tx.pending.addRows(query, rows)
}

// Flush sends what is queued.
func (tx *Tx) Flush() error {
	if tx.pending.empty() {
		return nil
	}
	err := tx.conn.exec(tx.ctx, &tx.pending)
	tx.pending.reset()
	return err
}

// Keys opens the wrapped keys of owner, limited to the compartments that the decision opened: no class, no key.
func (tx *Tx) Keys(owner uuid.UUID, wrapped ...seal.Wrapped) (*seal.Keys, error) {
	var may []seal.Wrapped
	for _, w := range wrapped {
		if len(w.Key) > 0 && tx.mayOpen(w.Compartment, owner) {
			may = append(may, w)
			tx.opened |= tx.classOf(w.Compartment, owner)
		}
	}
	k, err := tx.gate.ring.Unwrap(tx.ctx, tx.onBehalf(), owner, may...)
	if err != nil {
		return nil, err
	}
	tx.keys = append(tx.keys, k)
	tx.unwraps += len(may)
	return k, nil
}

// Salvage opens the wrapped keys of owner like Keys, and leaves out those that do not open: somebody has altered or moved them, and what is left is still hers to read.
// lost are their compartments; each is noted. For acts that only read: whoever writes over a part that she could not see would destroy it.
func (tx *Tx) Salvage(owner uuid.UUID, wrapped ...seal.Wrapped) (k *seal.Keys, lost []seal.Compartment, err error) {
	k, err = tx.Keys(owner, wrapped...)
	if !errors.Is(err, seal.ErrForged) {
		return k, nil, err
	}
	var good []seal.Wrapped
	for _, w := range wrapped {
		if len(w.Key) == 0 || !tx.mayOpen(w.Compartment, owner) {
			continue
		}
		one, err := tx.gate.ring.Unwrap(tx.ctx, tx.onBehalf(), owner, w)
		if tx.Damaged("key of "+string(w.Compartment), err) {
			lost = append(lost, w.Compartment)
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		one.Close()
		good = append(good, w)
	}
	k, err = tx.Keys(owner, good...)
	return k, lost, err
}

// Damaged tells whether err says that a sealed part does not open where it lies, and notes it: the record of the act says so, and the operator's log. part is a name of
// ours, never a value.
func (tx *Tx) Damaged(part string, err error) bool {
	if !errors.Is(err, seal.ErrForged) {
		return false
	}
	tx.broken = append(tx.broken, part)
	return true
}

// classOf says which class of the policy guards a compartment. The talk of a referral is sealed as narrative of the referral, and belongs to its envelope;
// the words of a data request or a breach are sealed as narrative of its own, and belong to the class of rights.
func (tx *Tx) classOf(c seal.Compartment, owner uuid.UUID) access.ClassSet {
	if owner != tx.Case && c == seal.Narrative && tx.act.Pool == access.Casework && tx.Classes.Has(access.Rights) {
		return access.SetOf(access.Rights)
	}
	if owner != tx.Case && c == seal.Narrative && tx.act.Pool == access.Casework && tx.Classes.Has(access.Envelope) {
		return access.SetOf(access.Envelope)
	}
	return access.SetOf(access.Class(c))
}

func (tx *Tx) mayOpen(c seal.Compartment, owner uuid.UUID) bool {
	set := tx.classOf(c, owner)
	return set != 0 && tx.Classes&set == set
}

// NewKeys makes fresh keys for a new owner.
func (tx *Tx) NewKeys(owner uuid.UUID, cs ...seal.Compartment) (*seal.Keys, []seal.Wrapped, error) {
	k, w, err := tx.gate.ring.NewKeys(tx.ctx, owner, cs...)
	if err == nil {
		tx.keys = append(tx.keys, k)
	}
	return k, w, err
}

// MAC is a token under a key of the ring.
func (tx *Tx) MAC(index string, value []byte) ([]byte, error) {
	return tx.gate.ring.MAC(tx.ctx, index, value)
}

// Mark names a value and the index whose key shall mark it.
type Mark = seal.Mark

// MACs are the tokens of many values, in their order.
func (tx *Tx) MACs(marks []Mark) ([][]byte, error) {
	_, _, sums, err := tx.Fresh(nil, nil, marks)
	return sums, err
}

// Fresh makes keys for new owners, each with the same compartments, and the tokens of values, in as few questions to the ring as can be: the ring sits in another
// process, and waiting is what it costs.
func (tx *Tx) Fresh(owners []uuid.UUID, cs []seal.Compartment, marks []Mark) (keys []*seal.Keys, wrapped [][]seal.Wrapped, sums [][]byte, err error) {
	for first := true; first || len(owners) > 0 || len(marks) > 0; first = false {
		o, m := owners[:min(len(owners), seal.MaxFresh)], marks[:min(len(marks), seal.MaxMarks)]
		k, w, s, err := tx.gate.ring.Fresh(tx.ctx, o, cs, m)
		if err != nil {
			return nil, nil, nil, err
		}
		tx.keys = append(tx.keys, k...)
		keys, wrapped, sums = append(keys, k...), append(wrapped, w...), append(sums, s...)
		owners, marks = owners[len(o):], marks[len(m):]
	}
	return keys, wrapped, sums, nil
}

// Match finds the cases whose sealed identity fits, inside the ring. It opens the identity class.
func (tx *Tx) Match(q seal.Query, rows []seal.Candidate) ([]uuid.UUID, error) {
	if !tx.Classes.Has(access.Identity) && !tx.gate.policy.Opens(tx.Who.Role, tx.act.Name, access.StandingsOf(access.Assigned)).Has(access.Identity) {
		return nil, fault.Missing()
	}
	found, err := tx.gate.ring.Match(tx.ctx, tx.onBehalf(), q, rows)
	var damaged *seal.Damaged
	if errors.As(err, &damaged) {
		// Somebody changed sealed bytes, or moved them: an alarm, and no reason to hide the rest from her who searches.
		slog.Error("sealed records do not open", "act", tx.act.Name, "count", len(damaged.Cases), "request", tx.Who.Request.ID)
		err = nil
	}
	return found, err
}

func (tx *Tx) onBehalf() seal.For {
	return seal.For{Actor: tx.Who.User.String(), Session: tx.Who.Request.ID, Act: tx.act.Name}
}

// Concerns binds an act on nothing to the case that its thing (a data request, an erasure) turned out to belong to. What she holds there is asked through
// row-level security, so walls count; the classes are those that her office or her standing opens. An act by office (standing none) stays allowed without
// any standing on the case.
func (tx *Tx) Concerns(caseID uuid.UUID) error {
	var held []string
	err := tx.Select(&held, `select distinct s.standing from case_standings s
		 where s.case_id = $1 and s.referral_id is null and s.standing = any ((select gate.standings())::text[]) and (s.until is null or s.until > now())`, caseID)
	if err != nil {
		return err
	}
	tx.Held = access.StandingsOf(access.None)
	for _, s := range held {
		tx.Held |= access.StandingsOf(access.Standing(s))
	}
	tx.Classes = tx.gate.policy.Opens(tx.Who.Role, tx.act.Name, tx.Held)
	tx.Touch(caseID)
	if tx.Classes == 0 {
		return errRefused
	}
	return nil
}

// Refuse ends an act for her to whom its thing does not exist: the refusal is recorded, and she is told that there is nothing.
func (tx *Tx) Refuse() error { return errRefused }

// Because puts a coded reason, and the same in sealed words, into the record of this act.
func (tx *Tx) Because(code string, sealed []byte) { tx.reason, tx.note = code, sealed }

// Condition says in a code, beside the standing, what let the act happen: a second person, a proof of who she is, an hour on duty.
func (tx *Tx) Condition(code string) { tx.condition = code }

// Opened notes classes that the act disclosed without a key (a record, an envelope).
func (tx *Tx) Opened(cs ...access.Class) { tx.opened |= access.SetOf(cs...) }

// Touch names the case that the act made or changed, where the subject does not: a new case, a batch.
func (tx *Tx) Touch(cases ...uuid.UUID) {
	if len(cases) == 1 && tx.Case == uuid.Nil && tx.act.On == "" {
		tx.Case = cases[0]
	}
	tx.cases = append(tx.cases, cases...)
}

// Answer sets the status under which a replay of this request is answered.
func (tx *Tx) Answer(status int) { tx.answered = status }

func (tx *Tx) commit(location string) error {
	if c := tx.Who.Request.Claim; c != nil && !c.Taken && !tx.frozen && tx.act.Writes && tx.act.Pool == access.Casework {
		status := tx.answered
		if status == 0 {
			status = 200
		}
		tx.Later(`insert into idempotency (user_id, key, route, body, status, location) values ($1, $2, $3, $4, $5, $6)`,
			tx.Who.User, c.Key, c.Route, c.Body[:], status, location)
		defer func() { c.Taken = tx.done }()
	}
	standing := names(tx.Held.List())
	cases := tx.cases
	if len(cases) == 0 && tx.Case != uuid.Nil {
		cases = []uuid.UUID{tx.Case}
	}
	subject := tx.subject.ID
	kind := tx.subject.Kind
	if subject == uuid.Nil && len(cases) == 1 {
		subject, kind = cases[0], "case"
	}
	opened := tx.opened.List()
	texts := make([]string, len(opened))
	for i, c := range opened {
		texts[i] = string(c)
	}
	if tx.condition == "" && tx.act.StepUp {
		tx.condition = "proved_" + tx.strength
	}
	if len(tx.broken) > 0 {
		slog.Error("sealed records do not open", "act", tx.act.Name, "count", len(tx.broken), "request", tx.Who.Request.ID)
		tx.condition = "damaged"
	}
	tx.Later(`select audit.add($1, $2, $3, $4, $5, 'allowed', $6, $7, $8, $9, $10, $11, $12, $13)`,
		tx.act.Name, kindOr(kind), idOrNull(subject), cases, texts, standing, nullText(tx.reason), tx.note, tx.Who.Request.ID,
		nullText(tx.Who.Request.Client), tx.Who.Request.Device, tx.unwraps, nullText(tx.condition))
	tx.Later("commit")
	// A commit is never cancelled: whether it happened would be unknown.
	err := tx.conn.exec(context.WithoutCancel(tx.ctx), &tx.pending)
	tx.pending.reset()
	tx.done = err == nil
	return err
}

func (tx *Tx) wipe() {
	for _, k := range tx.keys {
		k.Close()
	}
}

func nullText(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func noRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// Texts makes a PostgreSQL array argument of strings.
func Texts[T ~string](xs []T) any {
	out := make([]string, len(xs))
	for i, x := range xs {
		out[i] = string(x)
	}
	return pq.Array(out)
}

// TextArray scans a text[] column.
type TextArray = pq.StringArray

// ByteArrays makes a PostgreSQL array argument of byte strings.
func ByteArrays(xs [][]byte) any { return pq.ByteaArray(xs) }

// UUIDs makes a PostgreSQL array argument of ids.
func UUIDs(ids []uuid.UUID) any {
	out := make([]string, len(ids))
	for i, x := range ids {
		out[i] = x.String()
	}
	return pq.Array(out)
}
