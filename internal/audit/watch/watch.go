// Package watch asks the key ring, for everybody who looked at a case that is not hers to hold or was refused there, whether she stands near somebody of it: kin, a
// neighbour, a colleague.
//
// It runs beside the sealer of the record, by the same database role, and reads the record from where it stopped. For each pair it takes the sealed parts out of the
// database and hands them to the ring as they are; the ring opens, compares and answers two bits (seal.Core.Ties). Only a yes is kept, as a bare mark of the pair
// (audit.ties), for the rules of package audit to judge together with the record: a mark alone is no finding, a look without work near a mark is.
//
// Nobody is hindered by it and nobody waits for it: an act is done, and compared within minutes. It names no name, and works for nobody's question: a pair that is not
// in the record has no question. See docs/decisions/the-watch.md for what this leaks.
package watch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"binhan/internal/access"
	"binhan/internal/gate"
	"binhan/internal/seal"
)

const (
	// together is how many pairs are compared at a time; with pace it stays far below what the ring gives one asker in an hour.
	together = 8
	pace     = time.Minute
	advisory = 7104120813
)

// asker is on whose behalf the ring is asked.
var asker = seal.For{Actor: "watch", Act: "audit.watch"}

// Watch compares pairs.
type Watch struct {
	db   *sqlx.DB
	ring seal.Watcher
	log  *slog.Logger
}

// New makes one. The database role must be binhan_sealer.
func New(db *sqlx.DB, ring seal.Watcher, log *slog.Logger) *Watch { return &Watch{db, ring, log} }

// Run compares what the record brings until ctx ends. What goes wrong is logged and tried again: a ring that does not answer delays, and loses nothing.
func (w *Watch) Run(ctx context.Context) {
	tick := time.NewTicker(pace)
	defer tick.Stop()
	said := ""
	for {
		_, err := w.Once(ctx)
		if err == nil {
			said = ""
		} else if ctx.Err() == nil && err.Error() != said {
			said = err.Error()
			w.log.Error("nobody watches who looks", "cause", said)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Once compares the next few pairs and tells how many; 0 when the record brings nothing new. One process at a time does it.
func (w *Watch) Once(ctx context.Context) (int, error) {
	conn, err := w.db.Connx(ctx)
	if err != nil {
		return 0, errors.New("the database did not answer")
	}
	defer conn.Close()
	var mine bool
	if err := conn.GetContext(ctx, &mine, `select pg_try_advisory_lock($1)`, int64(advisory)); err != nil || !mine {
		return 0, err
	}
	defer conn.ExecContext(context.WithoutCancel(ctx), `select pg_advisory_unlock($1)`, int64(advisory))
	var due []struct {
		User  uuid.NullUUID `db:"user_id"`
		Case  uuid.NullUUID `db:"case_id"`
		Xact  string        `db:"xact"`
		Entry int64         `db:"entry"`
	}
	if err := conn.SelectContext(ctx, &due, `select user_id, case_id, xact, entry from audit.watch_due($1, $2)`, gate.Texts(access.Works()), together); err != nil {
		return 0, fmt.Errorf("read what is to be compared: %w", err)
	}
	n := 0
	done := map[[2]uuid.UUID]bool{}
	for _, d := range due {
		if pair := [2]uuid.UUID{d.User.UUID, d.Case.UUID}; d.User.Valid && !done[pair] {
			done[pair] = true
			n++
			if err := w.compare(ctx, conn, d.User.UUID, d.Case.UUID); err != nil {
				return n, err
			}
		}
		if _, err := conn.ExecContext(ctx, `select audit.watch_moved($1, $2)`, d.Xact, d.Entry); err != nil {
			return n, fmt.Errorf("note how far the record was read: %w", err)
		}
	}
	return n, nil
}

// compare asks the ring about one pair and keeps a yes.
func (w *Watch) compare(ctx context.Context, conn *sqlx.Conn, user, caseID uuid.UUID) error {
	var rows []struct {
		What    string        `db:"what"`
		Owner   uuid.NullUUID `db:"owner"`
		ID      uuid.NullUUID `db:"id"`
		Wrapped []byte        `db:"wrapped"`
		Sealed  []byte        `db:"sealed"`
		Name    *string       `db:"name"`
		Commune *string       `db:"commune"`
	}
	if err := conn.SelectContext(ctx, &rows, `select what, owner, id, wrapped, sealed, name, commune from audit.watch_question($1, $2)`, user, caseID); err != nil {
		return fmt.Errorf("read what the ring compares: %w", err)
	}
	var q seal.TieQuestion
	for _, r := range rows {
		sealed := func(p seal.Place) seal.Candidate {
			return seal.Candidate{Case: r.Owner.UUID, Key: seal.Wrapped{Compartment: p.Compartment, Key: r.Wrapped}, Place: p, Sealed: r.Sealed}
		}
		switch {
		case r.What == "self":
			q.Self = append(q.Self, sealed(seal.CardPlace(r.Owner.UUID)))
		case r.What == "house" && r.Wrapped != nil:
			q.House = append(q.House, sealed(seal.CardPlace(r.Owner.UUID)))
		case r.What == "house" && r.Name != nil && r.Commune != nil:
			q.Names = append(q.Names, seal.Card{Name: *r.Name, Commune: *r.Commune})
		case r.What == "identity":
			q.Parts = append(q.Parts, sealed(ofPerson("identity", caseID, seal.Identity)))
		case r.What == "safety":
			q.Parts = append(q.Parts, sealed(ofPerson("safety", caseID, seal.Safety)))
		case r.What == "names":
			q.Parts = append(q.Parts, sealed(seal.Place{Table: "incidents", Column: "identity", Row: r.ID.UUID, Owner: caseID, Compartment: seal.Identity}))
		case r.What == "commune" && r.Commune != nil:
			q.Communes = append(q.Communes, *r.Commune)
		}
	}
	if len(q.Parts) == 0 || len(q.Self)+len(q.House)+len(q.Names) == 0 {
		return nil
	}
	t, err := w.ring.Ties(ctx, asker, q)
	if errors.Is(err, seal.ErrForgotten) {
		return nil // erased meanwhile
	}
	if err != nil {
		return err
	}
	if t.Damaged > 0 {
		w.log.Error("sealed records do not open", "act", asker.Act, "count", t.Damaged)
	}
	var codes []string
	if t.Tie {
		codes = append(codes, "tie")
	}
	if t.House {
		codes = append(codes, "house")
	}
	if len(codes) == 0 {
		return nil
	}
	if _, err := conn.ExecContext(ctx, `select audit.watch_keep($1, $2, $3)`, user, caseID, gate.Texts(codes)); err != nil {
		return fmt.Errorf("keep that two stand near: %w", err)
	}
	return nil
}

// ofPerson is where the two records of the person of a case lie. Package survivor, which seals them, stands above this one, so the place is
// written here again; app:TestKinOfACaseAreNoticedByAMarkThatSaysNoMore opens both.
func ofPerson(column string, caseID uuid.UUID, c seal.Compartment) seal.Place {
	return seal.Place{Table: "survivors", Column: column, Row: caseID, Owner: caseID, Compartment: c}
}
