// Package pgtest gives each test a PostgreSQL database of its own, with the schema of this very checkout and the roles of production.
//
//	db := pgtest.DB(t)
//	app := db.Open(t, pg.App)
//
// All test binaries of a run share one private server (see package testshare); a template is migrated once for each content of the migrations
// and cloned for each test, which costs some ten milliseconds. The server forgoes fsync, nothing else: locks, roles and row-level security are
// those of production, so a test that passes here passes for the right reason.
package pgtest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"binhan/internal/pg"
	"binhan/internal/testshare"
	"binhan/migrations"
)

var shared = testshare.Register("postgres", startShared)

// startShared runs in the keeper. What earlier runs left behind is dropped: clones of killed tests, templates of other schemas.
func startShared(dir string) (string, func() error, error) {
	ctx := context.Background()
	if memory, ok := inMemory(dir); ok {
		dir = memory
	}
	cluster, err := pg.Start(ctx, pg.ClusterOptions{Dir: dir, Forgetful: true, Settings: map[string]string{"max_wal_size": "256MB"}})
	if err != nil {
		return "", nil, err
	}
	super, err := pg.Open(cluster.DSN(pg.Superuser, "postgres"))
	if err != nil {
		return "", nil, err
	}
	defer super.Close()
	var left []string
	if err := super.SelectContext(ctx, &left, `select datname from pg_database where datname like 'binhan\_%'`); err != nil {
		return "", nil, err
	}
	for _, name := range left {
		if _, err := super.ExecContext(ctx, `alter database "`+name+`" is_template false`); err != nil {
			return "", nil, err
		}
		if _, err := super.ExecContext(ctx, `drop database "`+name+`" with (force)`); err != nil {
			return "", nil, err
		}
	}
	stop := func() error { return errors.Join(cluster.Stop(), os.RemoveAll(dir)) }
	return dir, stop, nil
}

// inMemory is a folder on the machine's memory file system, if there is one with room: cloning databases there was five times as fast as on a
// busy disk. What a test needs is some ten megabytes; the bound leaves room for a hundred at once.
func inMemory(dir string) (string, bool) {
	const memoryFileSystem = 0x01021994 // TMPFS_MAGIC
	var s syscall.Statfs_t
	if err := syscall.Statfs("/dev/shm", &s); err != nil || s.Type != memoryFileSystem || s.Bavail*uint64(s.Bsize) < 3<<30/2 {
		return "", false
	}
	memory := filepath.Join("/dev/shm", filepath.Base(filepath.Dir(filepath.Dir(dir))))
	if err := os.MkdirAll(memory, 0o755); err != nil {
		return "", false
	}
	return memory, os.Chmod(memory, 0o755) == nil
}

// Database is one test's own database.
type Database struct {
	Name   string
	server pg.Server
}

// DSN is the address of the database for one role, the superuser included.
func (d *Database) DSN(role pg.Role) string { return d.server.DSN(role, d.Name) }

// Open returns a pool for one role. It is closed when the test ends, before the database is dropped.
func (d *Database) Open(t testing.TB, role pg.Role) *sqlx.DB {
	t.Helper()
	db, err := pg.Open(d.DSN(role))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// DB returns a fresh database with the schema of this checkout. It is dropped when the test ends.
func DB(t testing.TB) *Database {
	t.Helper()
	return DBOf(t, migrations.Files)
}

// DBOf is [DB] with other migrations.
func DBOf(t testing.TB, files fs.FS) *Database {
	t.Helper()
	ctx := context.Background()
	c, err := joined()
	if err != nil {
		t.Fatal(err)
	}
	server, super := c.server, c.super
	template, err := templateOf(ctx, server, super, files)
	if err != nil {
		t.Fatal(err)
	}
	db := &Database{Name: "binhan_test_" + strings.ToLower(rand.Text()[:16]), server: server}
	if _, err := super.ExecContext(ctx, `create database `+db.Name+` template `+template+` owner binhan_owner`+c.strategy); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := super.ExecContext(ctx, `drop database `+db.Name+` with (force)`); err != nil {
			t.Error(err)
		}
	})
	// In production nobody sees the statements of these roles; tests watch them to know when somebody waits. Package pg proves the rule on its own.
	witness := `; alter role binhan_app in database ` + db.Name + ` set track_activities = on; alter role binhan_releaser in database ` + db.Name + ` set track_activities = on`
	if _, err := super.ExecContext(ctx, pg.ConnectGrants(db.Name, true)+witness); err != nil {
		t.Fatal(err)
	}
	return db
}

// Empty returns a fresh database without any schema, for tests of the migrations themselves.
func Empty(t testing.TB) *Database {
	t.Helper()
	return DBOf(t, nil)
}

// Server is the shared server, for tests of the ground itself.
func Server(t testing.TB) pg.Server {
	t.Helper()
	c, err := joined()
	if err != nil {
		t.Fatal(err)
	}
	return c.server
}

// connection is the shared server as this test binary sees it, joined once.
type connection struct {
	server pg.Server
	super  *sqlx.DB
	// strategy copies the template's files: half the work of copying its blocks through the log. Servers before 15 do that anyway.
	strategy string
}

var joined = sync.OnceValues(func() (connection, error) {
	dir, err := shared.Address()
	if err != nil {
		return connection{}, err
	}
	server, err := pg.Attach(dir)
	if err != nil {
		return connection{}, err
	}
	super, err := pg.Open(server.DSN(pg.Superuser, "postgres"))
	if err != nil {
		return connection{}, err
	}
	c := connection{server: server, super: super}
	var version int
	if err := super.Get(&version, `select current_setting('server_version_num')::int`); err != nil {
		return connection{}, err
	}
	if version >= 150000 {
		c.strategy = ` strategy file_copy`
	}
	return c, nil
})

// templates remembers which templates this binary has seen, so that only its first test asks the server.
var templates sync.Map // digest -> func() (string, error), once

func templateOf(ctx context.Context, server pg.Server, super *sqlx.DB, files fs.FS) (string, error) {
	name, err := templateName(files)
	if err != nil {
		return "", err
	}
	once, _ := templates.LoadOrStore(name, sync.OnceValue(func() error { return makeTemplate(ctx, server, super, name, files) }))
	return name, once.(func() error)()
}

// templateName is the digest of every migration's name and text.
func templateName(files fs.FS) (string, error) {
	sum := sha256.New()
	if files != nil {
		names, err := fs.Glob(files, "*.sql")
		if err != nil {
			return "", err
		}
		for _, name := range names {
			text, err := fs.ReadFile(files, name)
			if err != nil {
				return "", err
			}
			fmt.Fprintf(sum, "%s %d\n%s", name, len(text), text)
		}
	}
	return "binhan_template_" + hex.EncodeToString(sum.Sum(nil)[:8]), nil
}

// makeTemplate builds the template under a lock, aside, and gives it its name when it is complete; other binaries wait and find it.
func makeTemplate(ctx context.Context, server pg.Server, super *sqlx.DB, name string, files fs.FS) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	conn, err := super.Connx(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, `select pg_advisory_lock(7104120802)`); err != nil {
		return err
	}
	defer conn.ExecContext(context.WithoutCancel(ctx), `select pg_advisory_unlock(7104120802)`)
	var exists bool
	if err := conn.GetContext(ctx, &exists, `select exists (select from pg_database where datname = $1)`, name); err != nil || exists {
		return err
	}
	aside := name + "_making"
	if _, err := conn.ExecContext(ctx, `drop database if exists `+aside+` with (force)`); err != nil {
		return err
	}
	if err := pg.Bootstrap(ctx, server.DSN(pg.Superuser, "postgres"), aside, server.Secrets()); err != nil {
		return err
	}
	if files != nil {
		if err := pg.MigrateFS(ctx, server.DSN(pg.Migrator, aside), files); err != nil {
			return err
		}
	}
	_, err = conn.ExecContext(ctx, `alter database `+aside+` rename to `+name)
	return err
}
