package app

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"binhan/internal/gate"
	"binhan/internal/pg"
	"binhan/internal/rights"
	"binhan/internal/seal"
)

// ReplayErasures empties what a restored database brought back of the erased, before anybody is answered. With the operator's address it does so; without
// it, as on a server in production, it refuses when there is something to do and says which command does it.
func ReplayErasures(ctx context.Context, ring seal.Ring, dsn func(pg.Role) string) (int, error) {
	if operator := dsn(pg.Migrator); operator != "" {
		db, err := pg.Open(operator)
		if err != nil {
			return 0, err
		}
		defer db.Close()
		return rights.Replay(ctx, ring, db)
	}
	db, err := pg.Open(dsn(pg.App))
	if err != nil {
		return 0, err
	}
	defer db.Close()
	back := 0
	err = rights.Forgotten(ctx, ring, func(_ int, owners []uuid.UUID) error {
		var n int
		if err := db.GetContext(ctx, &n, `select rights.unreplayed($1)`, gate.UUIDs(owners)); err != nil {
			return err
		}
		back += n
		return nil
	})
	if err == nil && back > 0 {
		err = fmt.Errorf("%d erased cases came back with this database: run `binhan erasures replay` with the operator's address before serving", back)
	}
	return 0, err
}
