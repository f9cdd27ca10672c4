// Package turn wraps every stored data key anew after a turn of the key-encryption keys, while people work.
//
// It reads wrapped keys out of the database in batches, lets the key process wrap them under the newest version, and puts each back only where the
// old one still stands. It sees wrapped keys on both sides and nothing else. Killed at any moment it goes on where it was: what is done is what
// stands in the database. The old version is retired only when no key needs it, but for those of the erased, which nobody shall open again.
//
// Who may: the operator, with the login of the migrator and a user id that the key process knows as an operator.
package turn

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"binhan/internal/gate"
	"binhan/internal/keyd"
	"binhan/internal/seal"
)

// Database is the migrator's login.
type Database interface {
	SelectContext(ctx context.Context, dest any, query string, args ...any) error
	GetContext(ctx context.Context, dest any, query string, args ...any) error
}

// Options say how it is done.
type Options struct {
	// Finish makes no new version: it goes on with a turn that was broken off, and retires.
	Finish bool
	// Batch is how many keys travel at once, 500 at most and when 0.
	Batch int
	// Said is told after each batch: the place, how many of it were moved so far, how many wait.
	Said func(place string, moved, left int)
}

// Result is what was done.
type Result struct {
	Version   uint32 // the newest version
	Made      bool   // it was made now
	Moved     int    // keys wrapped anew
	Forgotten int    // keys of the erased, left as they are
	Forged    int    // keys that do not open where they lie: an alarm
	Left      int    // keys that still need an older version, the forgotten not counted
	Retired   bool   // older versions are gone
	Why       string // why not
}

type count struct {
	Place string `db:"place"`
	Older int    `db:"older"`
	Total int    `db:"total"`
}

// Run turns the keys.
func Run(ctx context.Context, db Database, c *keyd.Client, o Options) (Result, error) {
	var r Result
	if o.Batch <= 0 || o.Batch > 500 {
		o.Batch = 500
	}
	if o.Said == nil {
		o.Said = func(string, int, int) {}
	}
	st, err := c.Status(ctx)
	if err != nil {
		return r, err
	}
	if st.State != keyd.Open {
		return r, fmt.Errorf("the key process is %s: open it first", st.State)
	}
	// A turn that was broken off is finished before another begins: a further version would serve nobody. So first whatever is behind is
	// moved; only when there was nothing to move is a version made.
	for {
		r.Version = newestOf(st)
		for {
			before := r.Moved
			r.Forgotten, r.Forged = 0, 0
			if err := pass(ctx, db, c, o, &r); err != nil {
				return r, err
			}
			if r.Moved == before { // an act that began before the turn may have stored an older key behind us: until a pass finds nothing
				break
			}
		}
		if o.Finish || r.Made || r.Moved > 0 || r.Forged > 0 {
			break
		}
		if st, err = c.Rotate(ctx); err != nil {
			return r, err
		}
		r.Made = true
	}
	left, err := behind(ctx, db, r.Version)
	if err != nil {
		return r, err
	}
	r.Left = left - r.Forgotten
	if r.Left > 0 {
		r.Why = fmt.Sprintf("%d keys still need an older version", r.Left)
		return r, nil
	}
	if _, err := c.Retire(ctx, r.Version); err != nil {
		r.Why = err.Error()
		return r, nil
	}
	r.Retired = true
	return r, nil
}

// newestOf is the version that every compartment has: they turn together.
func newestOf(st keyd.Status) uint32 {
	v := uint32(0)
	for _, n := range st.Newest {
		if v == 0 || n < v {
			v = n
		}
	}
	return v
}

// behind counts the keys that are wrapped under an older version.
func behind(ctx context.Context, db Database, version uint32) (int, error) {
	var counts []count
	if err := db.SelectContext(ctx, &counts, `select place, older, total from keys.older($1)`, version); err != nil {
		return 0, fmt.Errorf("count wrapped keys: %w", err)
	}
	n := 0
	for _, c := range counts {
		n += c.Older
	}
	return n, nil
}

func pass(ctx context.Context, db Database, c *keyd.Client, o Options, r *Result) error {
	var counts []count
	if err := db.SelectContext(ctx, &counts, `select place, older, total from keys.older($1)`, r.Version); err != nil {
		return fmt.Errorf("count wrapped keys: %w", err)
	}
	for _, place := range counts {
		if place.Older == 0 {
			continue
		}
		work := onePlace
		if place.Place == "evidence.details" {
			work = files
		}
		if err := work(ctx, db, c, o, place, r); err != nil {
			return fmt.Errorf("%s: %w", place.Place, err)
		}
	}
	return nil
}

func onePlace(ctx context.Context, db Database, c *keyd.Client, o Options, place count, r *Result) error {
	var after uuid.NullUUID
	moved := 0
	for {
		var rows []struct {
			ID          uuid.UUID        `db:"id"`
			Owner       uuid.UUID        `db:"owner"`
			Compartment seal.Compartment `db:"compartment"`
			Key         []byte           `db:"key"`
		}
		if err := db.SelectContext(ctx, &rows, `select id, owner, compartment, key from keys.take($1, $2, $3, $4)`, place.Place, r.Version, after, o.Batch); err != nil {
			return err
		}
		if len(rows) == 0 {
			return nil
		}
		after = uuid.NullUUID{UUID: rows[len(rows)-1].ID, Valid: true}
		items := make([]keyd.RewrapItem, len(rows))
		for i, row := range rows {
			items[i] = keyd.RewrapItem{Owner: row.Owner, Key: seal.Wrapped{Compartment: row.Compartment, Key: row.Key}}
		}
		done, err := c.Rewrap(ctx, items)
		if err != nil {
			return err
		}
		var ids []uuid.UUID
		var was, is [][]byte
		for i, item := range done {
			switch item.State {
			case "moved":
				ids, was, is = append(ids, rows[i].ID), append(was, rows[i].Key), append(is, item.Key.Key)
			case "forgotten":
				r.Forgotten++
			case "forged":
				r.Forged++
			}
		}
		if len(ids) > 0 {
			var n int
			if err := db.GetContext(ctx, &n, `select keys.put($1, $2, $3, $4)`, place.Place, gate.UUIDs(ids), gate.ByteArrays(was), gate.ByteArrays(is)); err != nil {
				return err
			}
			moved += n
			r.Moved += n
		}
		o.Said(place.Place, moved, max(0, place.Older-moved))
	}
}

// files wraps the keys of files anew, which lie inside the sealed details of their rows.
func files(ctx context.Context, db Database, c *keyd.Client, o Options, place count, r *Result) error {
	var after uuid.NullUUID
	moved := 0
	for {
		var rows []struct {
			ID      uuid.UUID `db:"id"`
			Owner   uuid.UUID `db:"owner"`
			Key     []byte    `db:"key"`
			Details []byte    `db:"details"`
		}
		if err := db.SelectContext(ctx, &rows, `select id, owner, key, details from keys.take_files($1, $2, 50)`, r.Version, after); err != nil {
			return err
		}
		if len(rows) == 0 {
			return nil
		}
		for _, row := range rows {
			after = uuid.NullUUID{UUID: row.ID, Valid: true}
			p := seal.Place{Table: "evidence", Column: "details", Row: row.ID, Owner: row.Owner, Compartment: seal.Evidence}
			again, err := c.RewrapInside(ctx, seal.Wrapped{Compartment: seal.Evidence, Key: row.Key}, p, row.Details)
			switch {
			case errors.Is(err, seal.ErrForgotten):
				r.Forgotten++
				continue
			case errors.Is(err, seal.ErrForged):
				r.Forged++
				continue
			case err != nil:
				return err
			}
			var put bool
			if err := db.GetContext(ctx, &put, `select keys.put_file($1, $2, $3, $4)`, row.ID, row.Details, again, r.Version); err != nil {
				return err
			}
			if put && again != nil {
				moved++
				r.Moved++
			}
		}
		o.Said(place.Place, moved, max(0, place.Older-moved))
	}
}
