package rights

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"binhan/internal/gate"
	"binhan/internal/seal"
)

// Operator is a connection of the operator's database role: the only one that may empty cases without two people, since they decided before the restore.
type Operator interface {
	GetContext(ctx context.Context, dest any, query string, args ...any) error
}

// replayOwners is how many owners go into one statement.
const replayOwners = 500

// Forgotten walks the ledger of the ring: the number of each entry and its owners, in parts.
func Forgotten(ctx context.Context, ring seal.Eraser, each func(entry int, owners []uuid.UUID) error) error {
	for after := 0; ; {
		list, err := ring.Forgotten(ctx, after)
		if err != nil {
			return fmt.Errorf("read the ledger of erasures: %w", err)
		}
		if len(list) == 0 {
			return nil
		}
		for _, e := range list {
			after = e.Number
			for from := 0; from < len(e.Owners); from += replayOwners {
				if err := each(e.Number, e.Owners[from:min(from+replayOwners, len(e.Owners))]); err != nil {
					return err
				}
			}
		}
	}
}

// Replay empties once more what the ledger of the ring says is erased: a database that was restored to a moment before an erasure holds the rows again. The ring
// refuses their keys in any case; this removes the rows, the facts that no release had counted, and the tokens. It answers how many cases came back. Run by the
// operator after every restore and by the server at its start, before traffic.
func Replay(ctx context.Context, ring seal.Ring, db Operator) (int, error) {
	total := 0
	err := Forgotten(ctx, ring, func(entry int, owners []uuid.UUID) error {
		facts := make([][]byte, 0, len(owners))
		for _, o := range owners {
			ref, err := ring.MAC(ctx, "fact", o[:])
			if err != nil {
				return err
			}
			facts = append(facts, ref)
		}
		var n int
		if err := db.GetContext(ctx, &n, `select rights.replay($1, $2)`, gate.UUIDs(owners), gate.ByteArrays(facts)); err != nil {
			return fmt.Errorf("replay erasure %d: %w", entry, err)
		}
		total += n
		return nil
	})
	return total, err
}
