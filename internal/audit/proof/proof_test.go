package proof

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"

	"binhan/internal/pg"
	"binhan/internal/pgtest"
	"binhan/internal/seal"
)

// world is a record of some entries, sealed and anchored, and a superuser who may do to it what she likes.
type world struct {
	db     *pgtest.Database
	super  *sqlx.DB // one connection, on which no trigger fires
	reader *sqlx.DB
	ring   *seal.FileRing
	key    Key
	folder Folder
	sealer *Sealer
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{db: pgtest.DB(t), folder: Folder{t.TempDir()}}
	w.super = w.db.Open(t, pg.Superuser)
	w.super.SetMaxOpenConns(1)
	w.super.MustExec(`set session_replication_role = replica`)
	w.reader = w.db.Open(t, pg.Sealer)
	w.ring = newRing(t)
	w.key = keyOf(t, w.ring)
	w.sealer = NewSealer(w.reader, w.ring, slog.New(slog.DiscardHandler), nil)
	return w
}

func newRing(t *testing.T) *seal.FileRing {
	t.Helper()
	ring, err := seal.OpenFileRing(filepath.Join(t.TempDir(), "keyring"), true)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func keyOf(t *testing.T, s seal.Signer) Key {
	t.Helper()
	text, err := s.VerifierKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	key, err := ParseKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// record commits n entries, each in a transaction of its own, and gives their numbers.
func (w *world) record(t *testing.T, n int) []int64 {
	t.Helper()
	ids := make([]int64, n)
	for i := range ids {
		err := w.super.Get(&ids[i], `insert into audit.entries (act, kind, classes, decision, request, subject, client, unwraps) values ($1, 'case', '{record,identity}', 'allowed', 'r', gen_random_uuid(), '192.0.2.1', 2) returning id`,
			[]string{"case.read", "case.reveal", "case.correct"}[i%3])
		if err != nil {
			t.Fatal(err)
		}
	}
	return ids
}

// seal seals everything. Transactions of other tests on the same server may hold it up for a moment.
func (w *world) seal(t *testing.T) {
	t.Helper()
	for {
		if _, err := w.sealer.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		var left int
		if err := w.super.Get(&left, `select (select count(*) from audit.entries) - (select coalesce(max(size), 0) from audit.seals)`); err != nil {
			t.Fatal(err)
		}
		if left <= 0 {
			return
		}
		if err := t.Context().Err(); err != nil {
			t.Fatal(err)
		}
	}
}

func (w *world) anchor(t *testing.T) {
	t.Helper()
	if _, err := AnchorNow(t.Context(), w.reader, w.ring, w.folder); err != nil {
		t.Fatal(err)
	}
}

func (w *world) newest(t *testing.T) string {
	t.Helper()
	signed, err := Newest(t.Context(), w.reader)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func (w *world) verify(t *testing.T, brought ...string) Report {
	t.Helper()
	o := VerifyOptions{Key: w.key, Media: []Medium{w.folder}, Now: time.Now()}
	for _, b := range brought {
		o.Checkpoints = append(o.Checkpoints, []byte(b))
	}
	r, err := Verify(t.Context(), w.reader, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// history is what most tests begin with: three rounds of entries, each sealed and anchored.
func (w *world) history(t *testing.T) []int64 {
	t.Helper()
	var ids []int64
	for range 3 {
		ids = append(ids, w.record(t, 5)...)
		w.seal(t)
		w.anchor(t)
	}
	return ids
}

func TestAnUntouchedRecordIsWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.history(t)
	w.record(t, 2) // not sealed yet
	tx := w.super.MustBegin()
	tx.MustExec(`insert into audit.entries (act, kind, classes, decision) values ('case.read', 'case', '{}', 'allowed')`)
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	w.record(t, 1)
	r := w.verify(t, w.newest(t))
	want := Report{Size: 15, Root: r.Root, SealedAt: r.SealedAt, Seals: r.Seals, Anchors: 4, Unsealed: 3, Unused: 1}
	if diff := cmp.Diff(want, r); diff != "" || r.Seals < 3 {
		t.Error(diff, r.Seals)
	}
}

// TestTwelveWaysToTamperAreFoundAndTheEntryIsNamed is threat 6 of the model: a superuser of the database tries each, on a record that is sealed and anchored.
func TestTwelveWaysToTamperAreFoundAndTheEntryIsNamed(t *testing.T) {
	t.Parallel()
	type done struct {
		kind  Kind
		entry int64
		bring []string
	}
	for name, tamper := range map[string]func(t *testing.T, w *world, ids []int64) done{
		"edit": func(t *testing.T, w *world, ids []int64) done {
			w.super.MustExec(`update audit.entries set act = 'case.list' where id = $1`, ids[6])
			return done{Changed, ids[6], nil}
		},
		"edit with its leaf": func(t *testing.T, w *world, ids []int64) done { // the hash of the leaf and of what is above it in the seal are made new too
			w.super.MustExec(`update audit.entries set act = 'case.list' where id = $1`, ids[6])
			w.reseal(t, ids[5])
			return done{Rewritten, ids[5], nil}
		},
		"delete": func(t *testing.T, w *world, ids []int64) done {
			w.super.MustExec(`delete from audit.entries where id = $1`, ids[6])
			return done{Missing, ids[6], nil}
		},
		"insert": func(t *testing.T, w *world, ids []int64) done {
			var id int64
			if err := w.super.Get(&id, `insert into audit.entries (at, xact, act, kind, classes, decision) select at, xact, 'case.read', 'case', '{}', 'allowed' from audit.entries where id = $1 returning id`, ids[6]); err != nil {
				t.Fatal(err)
			}
			return done{Inserted, id, nil}
		},
		"reorder": func(t *testing.T, w *world, ids []int64) done {
			w.super.MustExec(`update audit.seals set entries[2] = entries[3], entries[3] = entries[2] where entries @> array[$1::bigint]`, w.firstOf(t, ids[6]))
			w.reseal(t, ids[6])
			var first int64
			if err := w.super.Get(&first, `select entries[2] from audit.seals where entries @> array[$1::bigint]`, ids[6]); err != nil {
				t.Fatal(err)
			}
			return done{Reordered, first, nil}
		},
		"cut tail": func(t *testing.T, w *world, ids []int64) done { // with its seals, so that what is left is whole in itself
			w.super.MustExec(`delete from audit.entries where id >= $1`, ids[10])
			w.super.MustExec(`delete from audit.seals where entries && array(select generate_series($1::bigint, $2::bigint))`, ids[10], ids[14])
			return done{Cut, ids[9], nil}
		},
		"swap": func(t *testing.T, w *world, ids []int64) done {
			w.super.MustExec(`update audit.entries e set id = -e.id where id in ($1, $2)`, ids[6], ids[8])
			w.super.MustExec(`update audit.entries e set id = case id when -$1::bigint then $2::bigint else $1::bigint end where id in (-$1::bigint, -$2::bigint)`, ids[6], ids[8])
			return done{Changed, ids[6], nil}
		},
		"swap of what they say": func(t *testing.T, w *world, ids []int64) done {
			w.super.MustExec(`update audit.entries e set act = o.act, subject = o.subject from audit.entries o where e.id in ($1, $2) and o.id in ($1, $2) and o.id <> e.id`, ids[6], ids[7])
			return done{Changed, ids[6], nil}
		},
		"duplicate": func(t *testing.T, w *world, ids []int64) done {
			w.super.MustExec(`insert into audit.entries select id, at + interval '1 microsecond', xact, actor, organisation, role, session, act, kind, subject, case_id, classes, decision, standing, reason, note, request, client, device, unwraps, condition from audit.entries where id = $1`, ids[6])
			return done{Duplicate, ids[6], nil}
		},
		"replayed checkpoint": func(t *testing.T, w *world, ids []int64) done {
			w.super.MustExec(`update audit.seals set checkpoint = (select checkpoint from audit.seals where entries @> array[$1::bigint]) where entries @> array[$2::bigint]`, ids[0], ids[12])
			return done{Replayed, w.firstOf(t, ids[12]), nil}
		},
		"split view": func(t *testing.T, w *world, ids []int64) done { // another record, signed by the same key, was shown to somebody
			other := newWorld(t)
			other.ring = w.ring
			other.sealer = NewSealer(other.reader, w.ring, slog.New(slog.DiscardHandler), nil)
			other.record(t, 15)
			other.seal(t)
			shown := other.newest(t)
			return done{Split, ids[10], []string{shown}} // what the anchors vouch for is beyond doubt
		},
		"key swap": func(t *testing.T, w *world, ids []int64) done { // a seal is signed anew by a key of the superuser's own
			c, err := w.key.Open([]byte(w.newest(t)))
			if err != nil {
				t.Fatal(err)
			}
			signer, err := seal.NewNoteSigner(t.Context(), newRing(t), seal.For{})
			if err != nil {
				t.Fatal(err)
			}
			signed, err := c.sign(signer)
			if err != nil {
				t.Fatal(err)
			}
			w.super.MustExec(`update audit.seals set checkpoint = $1 where size = $2`, signed, c.Size)
			return done{Forged, w.firstOf(t, ids[14]), nil}
		},
		"clock shift": func(t *testing.T, w *world, ids []int64) done { // the clock is set back, one entry is recorded and sealed, and it is set right
			var id int64
			if err := w.super.Get(&id, `insert into audit.entries (at, act, kind, classes, decision) values (now() - interval '40 minutes', 'case.read', 'case', '{}', 'allowed') returning id`); err != nil {
				t.Fatal(err)
			}
			w.seal(t)
			return done{Clock, id, nil}
		},
		"clock set ahead": func(t *testing.T, w *world, ids []int64) done { // for one entry, the newest
			var id int64
			if err := w.super.Get(&id, `insert into audit.entries (at, act, kind, classes, decision) values (now() + interval '2 hours', 'case.read', 'case', '{}', 'allowed') returning id`); err != nil {
				t.Fatal(err)
			}
			w.seal(t)
			return done{Clock, id, nil}
		},
		"an entry made up for yesterday": func(t *testing.T, w *world, ids []int64) done { // under a number that a rolled back act left free, with a time that fits its neighbours
			w.super.MustExec(`update audit.entries set at = at - interval '3 hours'`)
			w.super.MustExec(`delete from audit.seals`)
			w.super.MustExec(`delete from audit.entries where id = $1`, ids[7])
			if err := os.RemoveAll(w.folder.Dir); err != nil {
				t.Fatal(err)
			}
			w.seal(t) // as if sealed so at the time
			w.anchor(t)
			w.record(t, 3)
			w.seal(t)
			w.super.MustExec(`insert into audit.entries (id, at, act, kind, classes, decision) select $1, at + interval '1 microsecond', 'case.read', 'case', '{}', 'allowed' from audit.entries where id = $2`, ids[7], ids[6])
			w.seal(t)
			return done{Clock, ids[7], nil}
		},
		"clock of the sealer": func(t *testing.T, w *world, ids []int64) done {
			w.sealer.now = func() time.Time { return time.Now().Add(-30 * time.Second) }
			more := w.record(t, 1)
			w.seal(t)
			return done{Clock, more[0], nil}
		},
		"detached partition": func(t *testing.T, w *world, ids []int64) done {
			var part string
			if err := w.super.Get(&part, `select tableoid::regclass::text from audit.entries where id = $1`, ids[0]); err != nil {
				t.Fatal(err)
			}
			w.super.MustExec(`alter table audit.entries detach partition ` + part)
			return done{Missing, ids[0], nil}
		},
		"a seal taken out": func(t *testing.T, w *world, ids []int64) done {
			w.super.MustExec(`delete from audit.seals where entries && $1::bigint[]`, "{"+strings.Trim(strings.ReplaceAll(fmt.Sprint(ids[5:10]), " ", ","), "[]")+"}")
			return done{Gap, ids[10], nil}
		},
		"a seal taken out, with its entries": func(t *testing.T, w *world, ids []int64) done {
			w.super.MustExec(`delete from audit.seals where entries && $1::bigint[]`, "{"+strings.Trim(strings.ReplaceAll(fmt.Sprint(ids[5:10]), " ", ","), "[]")+"}")
			w.super.MustExec(`delete from audit.entries where id between $1 and $2`, ids[5], ids[9])
			return done{Gap, ids[10], nil}
		},
		"an anchor of another key": func(t *testing.T, w *world, ids []int64) done { // somebody lays one beside ours
			signer, err := seal.NewNoteSigner(t.Context(), newRing(t), seal.For{})
			if err != nil {
				t.Fatal(err)
			}
			signed, err := Checkpoint{Size: 15, Time: time.Now()}.sign(signer)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.folder.Anchor(t.Context(), "anchors/0000000000000015-ff", []byte(signed)); err != nil {
				t.Fatal(err)
			}
			return done{BadAnchor, 0, nil}
		},
		"no anchors any more": func(t *testing.T, w *world, ids []int64) done {
			if err := os.RemoveAll(w.folder.Dir); err != nil {
				t.Fatal(err)
			}
			return done{NotReached, 0, nil}
		},
		"stored hashes": func(t *testing.T, w *world, ids []int64) done { // of an inner node: proofs would be wrong
			w.super.MustExec(`update audit.seals set hashes = overlay(hashes placing '\x00' from 70) where base = 0`)
			return done{Stored, ids[1], nil}
		},
		"an entry that hides from the sealer": func(t *testing.T, w *world, ids []int64) done {
			var id int64
			if err := w.super.Get(&id, `insert into audit.entries (at, xact, act, kind, classes, decision) values (now() - interval '2 hours', '9000000000', 'case.read', 'case', '{}', 'allowed') returning id`); err != nil {
				t.Fatal(err)
			}
			return done{Unsealed, id, nil}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ids := w.history(t)
			if r := w.verify(t); !r.Whole() {
				t.Fatal("before:", r.Findings)
			}
			d := tamper(t, w, ids)
			r := w.verify(t, d.bring...)
			if len(r.Findings) == 0 || !slices.ContainsFunc(r.Findings, func(f Finding) bool {
				return f.Kind == d.kind && f.Entry == d.entry && (d.entry == 0 || strings.Contains(f.Text, fmt.Sprint(d.entry)))
			}) {
				t.Errorf("want %s at %d, found %v", d.kind, d.entry, r.Findings)
			}
		})
	}
}

// TestTheChainOfCustodyOfAFileIsProved: a row of a file that was changed, taken out or put in without an act is found.
func TestTheChainOfCustodyOfAFileIsProved(t *testing.T) {
	t.Parallel()
	attach := func(t *testing.T, w *world, n int) (files []string) {
		t.Helper()
		w.super.MustExec(`set session_replication_role = origin`) // the trigger that links; the rest of the case is not needed
		w.super.MustExec(`alter table evidence disable trigger evidence_change_is_recorded`)
		w.super.MustExec(`do $$ begin alter table evidence disable trigger case_is_free; exception when undefined_object then null; end $$`)
		w.super.MustExec(`alter table evidence drop constraint evidence_case_id_fkey, drop constraint evidence_added_by_fkey`)
		for range n {
			var id string
			if err := w.super.Get(&id, `insert into evidence (id, case_id, object, object_version, size, sealed_size, sealed_crc32c, commitment, details, added_by, added_at)
				values (gen_random_uuid(), 'c0000000-0000-4000-8000-000000000001', gen_random_uuid()::text, 'v1', 10, 60, 7, sha256('x'), '\x01', gen_random_uuid(), now()) returning id::text`); err != nil {
				t.Fatal(err)
			}
			files = append(files, id)
		}
		w.super.MustExec(`set session_replication_role = replica`)
		w.seal(t)
		return files
	}
	for name, tamper := range map[string]struct {
		sql  string
		link int // which file's link is named; -1 for none
	}{
		"nothing":        {`select 1`, -2},
		"its size":       {`update evidence set sealed_size = 61 where id = $1`, 1},
		"its object":     {`update evidence set object = 'another' where id = $1`, 1},
		"its commitment": {`update evidence set commitment = sha256('y') where id = $1`, 1},
		"taken out":      {`delete from evidence where id = $1`, 1},
		"put in":         {`insert into evidence select gen_random_uuid(), case_id, 'new', size, sealed_size, details, added_by, added_at, object_version, sealed_crc32c, commitment from evidence where id = $1`, -1},
		"its details, sealed anew under another key": {`update evidence set details = '\x02' where id = $1`, -2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			files := attach(t, w, 3)
			if r := w.verify(t); !r.Whole() {
				t.Fatal("before:", r.Findings)
			}
			if strings.Contains(tamper.sql, "$1") {
				w.super.MustExec(tamper.sql, files[1])
			}
			var link int64
			if tamper.link >= 0 {
				if err := w.super.Get(&link, `select id from audit.entries where act = 'custody.link' and subject = $1::uuid`, files[tamper.link]); err != nil {
					t.Fatal(err)
				}
			}
			r := w.verify(t)
			if tamper.link == -2 {
				if !r.Whole() {
					t.Error(r.Findings)
				}
				return
			}
			if len(r.Findings) != 1 || r.Findings[0].Kind != Custody || r.Findings[0].Entry != link {
				t.Errorf("%v, not custody at %d", r.Findings, link)
			}
		})
	}
}

// firstOf is the first entry of the seal that holds an entry.
func (w *world) firstOf(t *testing.T, entry int64) int64 {
	t.Helper()
	var first int64
	if err := w.super.Get(&first, `select entries[1] from audit.seals where entries @> array[$1::bigint]`, entry); err != nil {
		t.Fatal(err)
	}
	return first
}

// reseal makes the stored hashes new from the seal of an entry on, as a superuser would who knows the code and has no key.
func (w *world) reseal(t *testing.T, entry int64) {
	t.Helper()
	var base int64
	if err := w.super.Get(&base, `select base from audit.seals where entries @> array[$1::bigint]`, entry); err != nil {
		t.Fatal(err)
	}
	tr, err := loadTree(base, store{t.Context(), w.super})
	if err != nil {
		t.Fatal(err)
	}
	var seals []sealRow
	if err := w.super.Select(&seals, `select size, base, version, entries, hashes, checkpoint from audit.seals where base >= $1 order by size`, base); err != nil {
		t.Fatal(err)
	}
	var buf []byte
	for _, s := range seals {
		var hashes []byte
		for _, id := range s.Entries {
			var raw []byte
			if err := w.super.Get(&raw, `select `+readEntry+` from audit.entries e where id = $1`, id); err != nil {
				t.Fatal(err)
			}
			var e Entry
			if err := e.scan(raw); err != nil {
				t.Fatal(err)
			}
			hashes = tr.add(e.hash(&buf), hashes)
		}
		w.super.MustExec(`update audit.seals set hashes = $1 where size = $2`, hashes, s.Size)
	}
}

// TestASealerThatIsKilledAtAnyStepGoesOn kills it between any two of its steps: the next one seals every entry once, in the same order.
func TestASealerThatIsKilledAtAnyStepGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	killed := errors.New("killed")
	for round, step := range []string{"hashed", "signed", "stored"} {
		w.record(t, 7)
		s := NewSealer(w.db.Open(t, pg.Sealer), w.ring, slog.New(slog.DiscardHandler), nil)
		s.batch, s.step = 3, func(at string) {
			if at == step {
				panic(killed)
			}
		}
		func() {
			defer func() {
				if p := recover(); p != nil && p != killed {
					panic(p)
				}
			}()
			for { // others' transactions may hold it up
				if _, err := s.Once(t.Context()); err != nil {
					t.Error(err)
					return
				}
			}
		}()
		s.db.Close() // its lock dies with it
		w.seal(t)
		if r := w.verify(t); !r.Whole() || r.Size != int64(7*(round+1)) {
			t.Errorf("after a kill when %s: %+v", step, r)
		}
	}
}

func TestTheFirstAnchorPinsTheKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.history(t)
	first, err := FirstKey(t.Context(), []Medium{w.folder})
	if err != nil || first != w.key.String() {
		t.Fatal(first, err)
	}
	// Whoever verifies with the key of a thief hears of the right one.
	w.key = keyOf(t, newRing(t))
	r := w.verify(t)
	if !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Kind == Forged && strings.Contains(f.Text, first) }) {
		t.Error(r.Findings)
	}
}

func TestTwoSealersMakeOneTree(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{}, 2)
	for range 2 {
		go func() {
			NewSealer(w.reader, w.ring, slog.New(slog.DiscardHandler), nil).Run(ctx)
			ended <- struct{}{}
		}()
	}
	w.record(t, 40)
	for n := 0; n < 40; {
		if err := w.super.Get(&n, `select coalesce(max(size), 0) from audit.seals`); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	<-ended
	<-ended
	if r := w.verify(t); !r.Whole() || r.Size != 40 {
		t.Errorf("%+v", r)
	}
	// A second one that has lost the lock without knowing it cannot fork the tree.
	_, err := w.super.Exec(`insert into audit.seals (size, base, xact, entry, version, entries, hashes, checkpoint) select size + 1, base, xact, entry, version, entries || 0::bigint, hashes, checkpoint from audit.seals limit 1`)
	if err == nil {
		t.Error("two seals go on from the same one")
	}
}

func TestADatabaseThatForgotItsTransactionsIsNotSealed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.record(t, 1)
	w.seal(t)
	w.super.MustExec(`update audit.seals set xact = '9000000000'`)
	if _, err := w.sealer.Once(t.Context()); !errors.Is(err, ErrRewound) {
		t.Error(err)
	}
}

func TestTheSealerChangesNothingButItsSeals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.record(t, 1)
	w.seal(t)
	for _, statement := range []string{
		`insert into audit.entries (act, kind, classes, decision) values ('x', 'x', '{}', 'allowed')`, `update audit.entries set act = 'x'`, `delete from audit.entries`, `truncate audit.entries`,
		`update audit.seals set entry = 1`, `delete from audit.seals`, `truncate audit.seals`, `select * from cases`, `select * from auth.users`, `select * from auth.sessions`, `select * from survivors`,
	} {
		if _, err := w.reader.Exec(statement); err == nil {
			t.Errorf("the sealer may: %s", statement)
		}
	}
	// And the owner may neither, as long as the triggers stand.
	owner := w.db.Open(t, pg.Migrator)
	owner.SetMaxOpenConns(1)
	owner.MustExec(`set role binhan_owner`)
	for _, statement := range []string{`update audit.entries set act = 'x'`, `delete from audit.entries_first`, `truncate audit.entries_other`, `delete from audit.seals`, `truncate audit.seals`, `update audit.seals set entry = 1`} {
		if _, err := owner.Exec(statement); err == nil {
			t.Errorf("the owner may: %s", statement)
		}
	}
}

func TestRoomIsMadeForTheMonthsToCome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 2 { // again and again
		if _, err := w.reader.Exec(`select audit.make_room()`); err != nil {
			t.Fatal(err)
		}
	}
	var parts []struct {
		At   time.Time `db:"at"`
		Part string    `db:"part"`
	}
	if err := w.super.Select(&parts, `insert into audit.entries (at, act, kind, classes, decision) select now() + make_interval(months => i), 'x', 'x', '{}', 'allowed' from generate_series(0, 3) i returning at, tableoid::regclass::text as part`); err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		at := p.At.UTC()
		want := "audit.entries_" + at.Format("2006_01")
		if at.Year() < 2027 {
			want = "audit.entries_first"
		}
		if p.Part != want {
			t.Errorf("%s lies in %s", at, p.Part)
		}
		if _, err := w.db.Open(t, pg.Migrator).Exec(`set role binhan_owner; delete from ` + p.Part); err == nil {
			t.Errorf("%s can be emptied", p.Part)
		}
	}
	// What no month takes is not lost, and the sealer sees it.
	w.super.MustExec(`insert into audit.entries (at, act, kind, classes, decision) values ('2150-01-01', 'x', 'x', '{}', 'allowed')`)
	w.seal(t)
}

func TestEveryColumnIsInTheLeaf(t *testing.T) {
	t.Parallel()
	var have []string
	if err := pgtest.DB(t).Open(t, pg.Superuser).Select(&have, `select attname from pg_attribute where attrelid = 'audit.entries'::regclass and attnum > 0 and not attisdropped order by attnum`); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(columns[:], have); diff != "" {
		t.Error("a column that no leaf says can be changed unseen: make a new version of the leaf\n", diff)
	}
}
