package rights

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"binhan/internal/seal"
)

// Operator is a connection of the operator's database role: the only one that may empty cases without two people, since they decided before the restore.
type Operator interface {
	GetContext(ctx context.Context, dest any, query string, args ...any) error
}

// replayOwners is how many owners go into one statement.
const replayOwners = 500

// Replay empties once more what the ledger of the ring says is erased: a database that was restored to a moment before an erasure holds the rows again. The ring
// refuses their keys in any case; this removes the rows, the facts that no release had counted, and the tokens. It answers how many cases came back. Run by the
// operator after every restore and by the server at its start, before traffic.
func Replay(ctx context.Context, ring seal.Ring, db Operator, owners func([]uuid.UUID) any, refs func([][]byte) any) (int, error) {
	total := 0
	for after := 0; ; {
		list, err := ring.Forgotten(ctx, after)
		if err != nil {
			return total, fmt.Errorf("read the ledger of erasures: %w", err)
		}
		if len(list) == 0 {
			return total, nil
		}
		for _, e := range list {
			after = e.Number
			for from := 0; from < len(e.Owners); from += replayOwners {
				part := e.Owners[from:min(from+replayOwners, len(e.Owners))]
				var facts [][]byte
				for _, o := range part {
					ref, err := ring.MAC(ctx, "fact", o[:])
					if err != nil {
						return total, err
					}
					facts = append(facts, ref)
				}
				var n int
				if err := db.GetContext(ctx, &n, `select rights.replay($1, $2)`, owners(part), refs(facts)); err != nil {
					return total, fmt.Errorf("replay erasure %d: %w", e.Number, err)
				}
				total += n
			}
		}
	}
}
