package app

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"binhan/internal/audit/proof"
	"binhan/internal/audit/watch"
	"binhan/internal/config"
	"binhan/internal/evidence"
	"binhan/internal/pg"
	"binhan/internal/seal"
)

// RecordSeen hears how the record is kept: each seal, each anchor. Nil fields are silence.
type RecordSeen struct {
	Sealed   func(proof.Sealed)
	Anchored func(medium string, size int64)
}

// KeepRecord seals the record of acts and takes its checkpoints outside, until ctx ends. It may run on any number of machines: one works.
func KeepRecord(ctx context.Context, dsn string, ring seal.Ring, media []proof.Medium, log *slog.Logger, seen RecordSeen) error {
	db, err := pg.Open(dsn)
	if err != nil {
		return fmt.Errorf("database role %s: %w", pg.Sealer, err)
	}
	defer db.Close()
	db.SetMaxOpenConns(4)
	if seen.Anchored == nil {
		seen.Anchored = func(string, int64) {}
	}
	var both sync.WaitGroup
	both.Go(func() { proof.NewSealer(db, ring, log, seen.Sealed).Run(ctx) })
	both.Go(func() { proof.Anchor(ctx, db, ring, media, log, seen.Anchored) })
	both.Go(func() { watch.New(db, ring, log).Run(ctx) })
	both.Wait()
	return nil
}

// Media are the places outside of the database to which checkpoints go: a folder, a bucket, both. make says that the bucket may be made, as on a developer's machine.
func Media(ctx context.Context, folder string, store config.Store, make bool) ([]proof.Medium, error) {
	var media []proof.Medium
	if store.Endpoint != "" {
		a, err := evidence.OpenAnchors(store)
		if err != nil {
			return nil, err
		}
		if make {
			if err := a.Make(ctx); err != nil {
				return nil, err
			}
		}
		media = append(media, a)
	}
	if folder != "" {
		media = append(media, proof.Folder{Dir: folder})
	}
	return media, nil
}
