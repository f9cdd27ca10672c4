package pg_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/lib/pq"

	"binhan/internal/pg"
	"binhan/internal/pgtest"
)

var notes = fstest.MapFS{
	"0001_notes.sql": {Data: []byte(`-- +goose Up
create schema desk;
grant usage on schema desk to binhan_app;
create table desk.notes (id int primary key, body text not null);
grant select, insert on desk.notes to binhan_app;
-- +goose StatementBegin
create function desk.count_all() returns bigint language sql security definer set search_path = desk, pg_temp as $$ select count(*) from desk.notes $$;
-- +goose StatementEnd
grant usage, create on schema desk to binhan_keeper;
alter function desk.count_all() owner to binhan_keeper;
`)},
	"0002_more.sql": {Data: []byte("-- +goose Up\ninsert into desk.notes values (1, 'made up');\n")},
}

func TestConcurrentMigratorsApplyEachMigrationOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.Empty(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := pg.MigrateFS(t.Context(), db.DSN(pg.Migrator), notes); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	var got []int
	if err := db.Open(t, pg.Superuser).Select(&got, `select version_id from goose_db_version where version_id > 0 order by id`); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{1, 2}, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatAMigrationCreatesBelongsToTheOwnerOrTheKeeper(t *testing.T) {
	t.Parallel()
	db := pgtest.DBOf(t, notes)
	var got []struct{ Name, Owner string }
	if err := db.Open(t, pg.Superuser).Select(&got, `
select c.relname as name, pg_get_userbyid(c.relowner) as owner from pg_class c where relnamespace = 'desk'::regnamespace and relkind = 'r'
union all select p.proname, pg_get_userbyid(p.proowner) from pg_proc p where pronamespace = 'desk'::regnamespace
union all select datname, pg_get_userbyid(datdba) from pg_database where datname = current_database()
 order by 1`); err != nil {
		t.Fatal(err)
	}
	want := []struct{ Name, Owner string }{{db.Name, "binhan_owner"}, {"count_all", "binhan_keeper"}, {"notes", "binhan_owner"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEachRoleHasExactlyItsAttributes(t *testing.T) {
	t.Parallel()
	type attributes struct {
		Name                                         string
		Login, Super, Bypass, Inherit, DB, Role, Rep bool
	}
	var got []attributes
	if err := pgtest.Empty(t).Open(t, pg.Superuser).Select(&got, `
select rolname as name, rolcanlogin as login, rolsuper as super, rolbypassrls as bypass, rolinherit as inherit,
       rolcreatedb as db, rolcreaterole as role, rolreplication as rep
  from pg_roles
 where rolname like 'binhan\_%'
 order by 1`); err != nil {
		t.Fatal(err)
	}
	want := []attributes{
		{Name: "binhan_app", Login: true},
		{Name: "binhan_auditor", Login: true},
		{Name: "binhan_keeper", Bypass: true, Inherit: true},
		{Name: "binhan_loader", Login: true, Bypass: true},
		{Name: "binhan_migrator", Login: true},
		{Name: "binhan_owner", Inherit: true},
		{Name: "binhan_releaser", Login: true},
		{Name: "binhan_sealer", Login: true},
		{Name: "binhan_statistics", Login: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestBootstrapMayBeRunAgainAndAtOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.DBOf(t, notes)
	server := pgtest.Server(t)
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if err := pg.Bootstrap(t.Context(), server.DSN(pg.Superuser, "postgres"), db.Name, server.Secrets()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	var n int
	if err := db.Open(t, pg.App).Get(&n, `select count(*) from desk.notes`); err != nil || n != 1 {
		t.Errorf("after a second bootstrap: %d notes, %v", n, err)
	}
}

func TestARoleOfTheHouseReachesNothingThatItWasNotGiven(t *testing.T) {
	t.Parallel()
	db := pgtest.DBOf(t, notes)
	server := pgtest.Server(t)
	for _, role := range []pg.Role{pg.Migrator, pg.App, pg.Releaser, pg.Statistics, pg.Auditor, pg.Sealer} {
		pool := db.Open(t, role)
		for _, statement := range []string{
			`create table public.mine (i int)`,
			`create temporary table mine (i int)`,
			`create schema mine`,
			`update desk.notes set body = ''`,
			`set role postgres`,
			`copy (select 1) to program 'true'`,
		} {
			_, err := pool.Exec(statement)
			if pqErr, ok := errors.AsType[*pq.Error](err); !ok || pqErr.Code != "42501" {
				t.Errorf("%s: %s: want insufficient_privilege, got %v", role, statement, err)
			}
		}
		if role != pg.Migrator {
			if _, err := pool.Exec(`set role binhan_owner`); err == nil {
				t.Errorf("%s became the owner", role)
			}
		}
		for _, other := range []string{"postgres", "template1"} {
			stranger, err := pg.Open(server.DSN(role, other))
			if err != nil {
				t.Fatal(err)
			}
			if err := stranger.Ping(); err == nil {
				t.Errorf("%s may connect to database %s", role, other)
			}
			stranger.Close()
		}
	}
}

func TestAddressesThatWouldTravelInTheClearAreRefused(t *testing.T) {
	t.Parallel()
	for dsn, allowed := range map[string]bool{
		"host=/run/postgresql dbname=binhan sslmode=disable":                                     true,
		"host=/run/postgresql dbname=binhan":                                                     true,
		"postgres://u:p@db.example.vn/binhan?sslmode=verify-full":                                true,
		"postgres://u:p@one.example.vn,two.example.vn/binhan?port=5432,5433&sslmode=verify-full": true,
		"postgres://u:p@db.example.vn/binhan?sslmode=verify-ca":                                  false,
		"postgres://u:p@db.example.vn/binhan?sslmode=require":                                    false,
		"postgres://u:p@db.example.vn/binhan?sslmode=disable":                                    false,
		"postgres://u:p@db.example.vn/binhan":                                                    false,
		"postgres://u:p@localhost/binhan":                                                        false,
		"postgres://u:p@localhost/binhan?sslmode=disable":                                        true,
		"postgres://u:p@127.0.0.1:5433/binhan?sslmode=disable":                                   true,
		"postgres://u:p@[::1]:5433/binhan?sslmode=disable":                                       true,
		"postgres://u:p@localhost,db.example.vn/binhan?sslmode=disable":                          false,
		"postgres://u:secret-word@db.example.vn:not-a-port/binhan?sslmode=verify-full":           false,
	} {
		err := pg.CheckDSN(dsn)
		if (err == nil) != allowed {
			t.Errorf("%s: %v", dsn, err)
		}
		if err != nil && (!errors.Is(err, pg.ErrDSN) || strings.Contains(err.Error(), "secret-word")) {
			t.Errorf("%s: the refusal repeats the address or has no kind: %v", dsn, err)
		}
	}
}

func TestAnAddressSurvivesQuoting(t *testing.T) {
	t.Parallel()
	want := pg.Address{Host: "/tmp/it's here", Port: 5432, User: "a b", Password: `x'\ y`, Database: "d'b"}
	got, err := pq.NewConfig(want.DSN())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, pg.Address{Host: got.Host, Port: got.Port, User: got.User, Password: got.Password, Database: got.Database}); diff != "" {
		t.Error(diff)
	}
	if !got.BinaryParameters || got.SSLMode != pq.SSLModeDisable {
		t.Errorf("a socket's address: binary parameters %v, sslmode %s", got.BinaryParameters, got.SSLMode)
	}
}

func TestAURLLeadsToTheServerThatItWasWrittenFor(t *testing.T) {
	t.Parallel()
	db := pgtest.Empty(t)
	a, err := pg.ParseURL(pgtest.Server(t).Address(pg.Auditor, db.Name).URL())
	if err != nil {
		t.Fatal(err)
	}
	pool, err := pg.Open(a.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	var user, name string
	if err := pool.QueryRow(`select current_user, current_database()`).Scan(&user, &name); err != nil {
		t.Fatal(err)
	}
	if user != "binhan_auditor" || name != db.Name {
		t.Errorf("the URL led %s to %s", user, name)
	}
}

func TestAURLBecomesTheSameAddressForEachRole(t *testing.T) {
	t.Parallel()
	a, err := pg.ParseURL("postgres://admin:word@[::1]:5433/binhan?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	want := pg.Address{Host: "::1", Port: 5433, User: "binhan_app", Password: "other", Database: "binhan", Params: map[string]string{"sslmode": "disable"}}
	if diff := cmp.Diff(want, a.As(pg.App, "other")); diff != "" {
		t.Error(diff)
	}
}

func TestWarmDialsTheWholePool(t *testing.T) {
	t.Parallel()
	pool := pgtest.Empty(t).Open(t, pg.App)
	if err := pg.Warm(context.Background(), pool); err != nil {
		t.Fatal(err)
	}
	if s := pool.Stats(); s.OpenConnections != s.MaxOpenConnections {
		t.Errorf("%d of %d connections are open", s.OpenConnections, s.MaxOpenConnections)
	}
}

// TestNobodyReadsTheStatementsOfAnother: they carry session handles, and all staff share one login.
func TestNobodyReadsTheStatementsOfAnother(t *testing.T) {
	t.Parallel()
	db := pgtest.Empty(t)
	super := db.Open(t, pg.Superuser)
	for _, role := range []pg.Role{pg.App, pg.Releaser} { // as Bootstrap leaves them; the test database lets tests watch
		super.MustExec(`alter role ` + string(role) + ` in database ` + db.Name + ` reset track_activities`)
	}
	for _, role := range []pg.Role{pg.App, pg.Releaser, pg.Statistics, pg.Auditor, pg.Sealer} {
		theirs, mine := db.Open(t, role), db.Open(t, role)
		conn, err := theirs.Connx(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := conn.ExecContext(t.Context(), `begin; select 'a handle that nobody may see'`); err != nil {
			t.Fatal(err)
		}
		var seen int
		if err := mine.Get(&seen, `select count(*) from pg_stat_activity where query like '%nobody may see%' and pid <> pg_backend_pid()`); err != nil || seen != 0 {
			t.Errorf("%s reads the statement of another: %d, %v", role, seen, err)
		}
		if _, err := mine.Exec(`set track_activities = on`); err == nil {
			t.Errorf("%s may turn the list of activities on again", role)
		}
	}
}
