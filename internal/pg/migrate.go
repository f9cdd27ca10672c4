package pg

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"binhan/migrations"
)

// Migrate brings the database of migratorDSN to the schema that this program was built with. It is safe to run from several processes at
// once: one works, the others wait for it and find nothing left to do. Each migration is one transaction.
func Migrate(ctx context.Context, migratorDSN string) error {
	return MigrateFS(ctx, migratorDSN, migrations.Files)
}

// MigrateFS is [Migrate] with migrations of the caller's own.
//
// The connection starts as binhan_owner, so that what a migration creates belongs to the owner without a word about it. A migration that hands
// a function to the keeper writes `alter function … owner to binhan_keeper`; `reset role` returns to the owner.
func MigrateFS(ctx context.Context, migratorDSN string, files fs.FS) error {
	db, err := Open(withParam(migratorDSN, "role", string(Owner)))
	if err != nil {
		return err
	}
	defer db.Close()
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 600))
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db.DB, files,
		goose.WithSessionLocker(locker), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	results, err := provider.Up(ctx)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if len(results) > 0 {
		slog.DebugContext(ctx, "migrated", "to", results[len(results)-1].Source.Version, "steps", len(results))
	}
	return nil
}

// Version tells the newest migration that the database has, and the newest that this program knows. They differ while a new version of the
// program rolls out, or when somebody forgot `binhan migrate`.
func Version(ctx context.Context, migratorDSN string) (has, knows int64, err error) {
	db, err := Open(withParam(migratorDSN, "role", string(Owner)))
	if err != nil {
		return 0, 0, err
	}
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db.DB, migrations.Files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return 0, 0, fmt.Errorf("read the schema version: %w", err)
	}
	has, knows, err = provider.GetVersions(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("read the schema version: %w", err)
	}
	return has, knows, nil
}
