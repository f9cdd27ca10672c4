package gate_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/pg"
	"binhan/internal/world/house"
	"binhan/policies"
)

// narrow is a gate on the house's ground with so many connections, for the tests that look at one of them.
func narrow(t *testing.T, h *house.House, size int) *gate.Gate {
	t.Helper()
	policy, err := access.New(policies.Model, policies.Policy)
	if err != nil {
		t.Fatal(err)
	}
	g := gate.New(policy, h.Ring, map[access.Pool]*sqlx.DB{access.Casework: h.DB.Open(t, pg.App)}, size)
	t.Cleanup(g.Close)
	return g
}

// bare queues the rows of the smallest case.
func bare(tx *gate.Tx, id uuid.UUID) {
	tx.Later(`insert into cases (id, code, scope, province, status, owner, organisation_id, received_on, opened_at, updated_at, narrative)
		values ($1, $2, '51', '51', 'NEW', $3, $4, '2026-01-02', now(), now(), '\x01')`, id, "T-"+id.String(), tx.Who.User, tx.Who.Organisation)
	tx.Later(`select standing.open_cases($1)`, []uuid.UUID{id})
	tx.Touch(id)
}

func count(t *testing.T, h *house.House, query string, args ...any) int {
	t.Helper()
	var n int
	if err := h.DB.Open(t, pg.Superuser).Get(&n, query, args...); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAnActThatTheDatabaseAsksToRepeatIsRepeated(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	who := h.Actor(t, "tuvan.kontum")
	for _, code := range []string{"40001", "40P01"} {
		runs, id := 0, uuid.Must(uuid.NewV7())
		_, err := gate.Do(t.Context(), h.Gate, who, access.RecordCase, access.Nothing, func(tx *gate.Tx) (int, error) {
			runs++
			bare(tx, id)
			if runs < 3 {
				_, err := tx.Exec(`do $$ begin raise exception 'again' using errcode = '` + code + `'; end $$`)
				return 0, err
			}
			return 0, nil
		})
		if err != nil || runs != 3 {
			t.Errorf("%s: %d runs, %v", code, runs, err)
		}
		if n := count(t, h, `select count(*) from audit.entries where case_id = $1`, id); n != 1 {
			t.Errorf("%s: %d entries of one act", code, n)
		}
	}
	runs := 0
	_, err := gate.Do(t.Context(), h.Gate, who, access.ListCases, access.Nothing, func(tx *gate.Tx) (int, error) {
		runs++
		_, err := tx.Exec(`do $$ begin raise exception 'again' using errcode = '40001'; end $$`)
		return 0, err
	})
	if err == nil || runs != 5 {
		t.Errorf("for ever: %d runs, %v", runs, err)
	}
}

func TestTwoActsInEachOthersWayBothEnd(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	who := h.Actor(t, "tuvan.kontum")
	ids := []uuid.UUID{recordBare(t, h, who), recordBare(t, h, who)}
	var both sync.WaitGroup
	both.Add(2)
	errs := make(chan error, 2)
	for i := range 2 {
		go func() {
			first := true
			_, err := gate.Do(t.Context(), h.Gate, who, access.ListCases, access.Nothing, func(tx *gate.Tx) (int, error) {
				if _, err := tx.Exec(`select 1 from cases where id = $1 for update`, ids[i]); err != nil {
					return 0, err
				}
				if first {
					first = false
					both.Done()
					both.Wait() // each holds one and wants the other's
				}
				_, err := tx.Exec(`select 1 from cases where id = $1 for update`, ids[1-i])
				return 0, err
			})
			errs <- err
		}()
	}
	for range 2 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestACommitIsNotCancelledByItsRequest(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	who := h.Actor(t, "tuvan.kontum")
	ctx, cancel := context.WithCancel(t.Context())
	id := uuid.Must(uuid.NewV7())
	_, err := gate.Do(ctx, h.Gate, who, access.RecordCase, access.Nothing, func(tx *gate.Tx) (int, error) {
		bare(tx, id)
		cancel() // the reader has gone; the act is done
		return 0, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := seen(t, h, who, access.ReadCase, id); err != nil {
		t.Error("not there:", err)
	}
}

func TestWorkStopsWhenItsRequestIsCancelled(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	g := narrow(t, h, 1)
	who := h.Actor(t, "tuvan.kontum")
	ctx, cancel := context.WithCancel(t.Context())
	id := uuid.Must(uuid.NewV7())
	defer cancel()
	watch := h.DB.Open(t, pg.Superuser)
	go func() {
		for running := 0; running == 0 && ctx.Err() == nil; { // it is cancelled while the server works on it
			if err := watch.Get(&running, `select count(*) from pg_stat_activity where datname = current_database() and state = 'active' and wait_event = 'PgSleep'`); err != nil {
				return
			}
		}
		cancel()
	}()
	_, err := gate.Do(ctx, g, who, access.RecordCase, access.Nothing, func(tx *gate.Tx) (int, error) {
		bare(tx, id)
		if err := tx.Flush(); err != nil {
			return 0, err
		}
		_, err := tx.Exec(`select pg_sleep(600)`)
		return 0, err
	})
	if err == nil {
		t.Fatal("it went on")
	}
	if n := count(t, h, `select count(*) from cases where id = $1`, id); n != 0 {
		t.Error("half of an act is there")
	}
	if _, err := gate.Do(t.Context(), g, who, access.ListCases, access.Nothing, func(*gate.Tx) (int, error) { return 0, nil }); err != nil {
		t.Error("the only connection did not come back:", err)
	}
}

func TestAPanicRollsBackAndGivesTheConnectionBack(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	g := narrow(t, h, 1)
	who, other := h.Actor(t, "tuvan.kontum"), h.Actor(t, "tuvan.ngochoi")
	id := uuid.Must(uuid.NewV7())
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_, _ = gate.Do(t.Context(), g, who, access.RecordCase, access.Nothing, func(tx *gate.Tx) (int, error) {
			bare(tx, id)
			if err := tx.Flush(); err != nil {
				t.Error(err)
			}
			panic("broken")
		})
	}()
	// The next act on the same connection must not carry the broken one to its commit.
	next := uuid.Must(uuid.NewV7())
	if _, err := gate.Do(t.Context(), g, other, access.RecordCase, access.Nothing, func(tx *gate.Tx) (int, error) { bare(tx, next); return 0, nil }); err != nil {
		t.Fatal(err)
	}
	if n := count(t, h, `select count(*) from cases where id = $1`, id); n != 0 {
		t.Error("a broken act was committed by the next one")
	}
	if n := count(t, h, `select count(*) from audit.entries where act = 'case.record' and case_id <> $1`, next); n != 0 {
		t.Error("a broken act is on the record")
	}
}

func TestFailingActsKeepNoConnection(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	const size = 3
	g := narrow(t, h, size)
	who, stranger := h.Actor(t, "tuvan.kontum"), h.Actor(t, "tuvan.ngochoi")
	gone := h.Actor(t, "phunu.ngochoi")
	if err := h.Gate.EndSession(t.Context(), gone.Handle, "test"); err != nil {
		t.Fatal(err)
	}
	id := recordBare(t, h, who)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	nothing := func(*gate.Tx) (int, error) { return 0, nil }
	ways := []func() error{
		func() error {
			_, err := gate.Do(t.Context(), g, who, access.ListCases, access.Nothing, func(*gate.Tx) (int, error) { return 0, fault.New(fault.Conflict, "x") })
			return err
		},
		func() error {
			_, err := gate.Do(t.Context(), g, who, access.ListCases, access.Nothing, func(tx *gate.Tx) (int, error) { _, err := tx.Exec(`select 1/0`); return 0, err })
			return err
		},
		func() error {
			_, err := gate.Do(t.Context(), g, who, access.ListCases, access.Nothing, func(tx *gate.Tx) (int, error) { tx.Later(`select $1`, "\x00"); return 0, nil })
			return err
		},
		func() error { // what fails only at the commit
			_, err := gate.Do(t.Context(), g, who, access.CorrectCase, access.On("case", id), func(tx *gate.Tx) (int, error) {
				tx.Later(`update cases set version = 0 where id = $1`, id)
				return 0, nil
			})
			return err
		},
		func() error {
			_, err := gate.Do(t.Context(), g, stranger, access.ReadCase, access.On("case", id), nothing)
			return err
		},
		func() error {
			_, err := gate.Do(t.Context(), g, gone, access.ListCases, access.Nothing, nothing)
			return err
		},
		func() error {
			_, err := gate.Do(cancelled, g, who, access.ListCases, access.Nothing, func(tx *gate.Tx) (int, error) { _, err := tx.Exec(`select pg_sleep(600)`); return 0, err })
			return err
		},
		func() error {
			_, err := gate.Do(t.Context(), g, who, access.ReadRelease, access.Nothing, nothing) // no line, no pool
			return err
		},
		func() (err error) {
			defer func() { _ = recover(); err = errors.New("panicked") }()
			_, err = gate.Do(t.Context(), g, who, access.ListCases, access.Nothing, func(*gate.Tx) (int, error) { panic("broken") })
			return err
		},
		func() error { _, err := g.Whoami(t.Context(), gone.Handle); return err },
	}
	for i := range 100 {
		if err := ways[i%len(ways)](); err == nil {
			t.Fatalf("way %d did not fail", i%len(ways))
		}
	}
	// All connections are there, at once.
	var inside, done sync.WaitGroup
	inside.Add(size)
	for range size {
		done.Go(func() {
			if _, err := gate.Do(t.Context(), g, who, access.ReadCase, access.On("case", id), func(*gate.Tx) (int, error) { inside.Done(); inside.Wait(); return 0, nil }); err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	if n := count(t, h, `select count(*) from pg_stat_activity where datname = current_database() and usename = 'binhan_app' and state like 'idle in transaction%'`); n != 0 {
		t.Error(n, "transactions were left open")
	}
}

func TestASessionThatEndsUnderAnActIsSaid(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	who := h.Actor(t, "tuvan.kontum")
	id := uuid.Must(uuid.NewV7())
	_, err := gate.Do(t.Context(), h.Gate, who, access.RecordCase, access.Nothing, func(tx *gate.Tx) (int, error) {
		if err := h.Gate.EndSession(t.Context(), who.Handle, "test"); err != nil {
			t.Error(err)
		}
		bare(tx, id)
		return 0, tx.Flush()
	})
	if !errors.Is(err, fault.Unauthenticated) {
		t.Errorf("%v", err)
	}
	if n := count(t, h, `select count(*) from cases where id = $1`, id); n != 0 {
		t.Error("it was written")
	}
}

func TestABrokenRuleIsNamedThroughTheGate(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	who := h.Actor(t, "tuvan.kontum")
	id := recordBare(t, h, who)
	_, err := gate.Do(t.Context(), h.Gate, who, access.RecordCase, access.Nothing, func(tx *gate.Tx) (int, error) { bare(tx, id); return 0, nil })
	if got := gate.ConstraintOf(err); got != "cases_pkey" {
		t.Errorf("constraint %q of %v", got, err)
	}
}

func TestARefusalIsOnTheRecordWithActSubjectAndCaseAlone(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	holder, stranger := h.Actor(t, "tuvan.kontum"), h.Actor(t, "congan.ngochoi")
	id := recordBare(t, h, holder)
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // going away does not keep a refusal off the record
	_, err := gate.Do(ctx, h.Gate, stranger, access.CorrectCase, access.On("case", id), func(*gate.Tx) (int, error) { t.Error("it ran"); return 0, nil })
	if !errors.Is(err, fault.NotFound) {
		t.Error(err)
	}
	var e struct {
		Actor    uuid.UUID     `db:"actor"`
		Subject  uuid.UUID     `db:"subject"`
		Case     uuid.NullUUID `db:"case_id"`
		Kind     string        `db:"kind"`
		Standing *string       `db:"standing"`
		Classes  string        `db:"classes"`
	}
	err = h.DB.Open(t, pg.Superuser).Get(&e, `select actor, subject, case_id, kind, standing, classes::text as classes from audit.entries where decision = 'refused' and act = 'case.correct'`)
	if err != nil || e.Actor != stranger.User || e.Subject != id || e.Case.UUID != id || e.Kind != "case" || e.Standing != nil || e.Classes != "{}" {
		t.Errorf("%+v %v", e, err)
	}
}
