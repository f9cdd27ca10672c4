package pg

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// Role is a PostgreSQL role of the house. Its name is the same on every server.
type Role string

const (
	// Owner owns the database and every table. Nobody logs in as it: the migrator becomes it for the length of a migration.
	Owner Role = "binhan_owner"
	// Keeper owns the few SECURITY DEFINER functions that must see past row-level security (whose handle is this, append to the log).
	// Nobody logs in as it.
	Keeper Role = "binhan_keeper"
	// Migrator changes the schema and holds no other right.
	Migrator Role = "binhan_migrator"
	// App serves the people at work; row-level security binds it to the session handle of each transaction.
	App Role = "binhan_app"
	// Releaser reads the facts in schema stats and writes protected cubes.
	Releaser Role = "binhan_releaser"
	// Statistics reads published cells and nothing else.
	Statistics Role = "binhan_statistics"
	// Auditor reads the audit log and nothing else.
	Auditor Role = "binhan_auditor"
	// Sealer reads the record of acts and appends the signed tree over it; it changes nothing else and opens nothing.
	Sealer Role = "binhan_sealer"
	// Loader fills a development database with made-up cases past row-level security. It must not exist in production.
	Loader Role = "binhan_loader"
	// Superuser is the private cluster's own administrator; settings that name a server never need it but for [Bootstrap].
	Superuser Role = "postgres"
)

// LoginRoles are the roles with a password, the development-only [Loader] excepted.
func LoginRoles() []Role { return []Role{Migrator, App, Releaser, Statistics, Auditor, Sealer} }

// limits keep one forgotten statement from holding the others up. They are the last line: the gate sets narrower ones for each act.
// Milliseconds: statement, lock, idle inside a transaction.
var limits = map[Role][3]int{
	Migrator:   {0, 30_000, 600_000},
	App:        {30_000, 5_000, 30_000},
	Releaser:   {1_800_000, 10_000, 600_000},
	Statistics: {30_000, 5_000, 30_000},
	Auditor:    {120_000, 5_000, 60_000},
	Sealer:     {1_800_000, 5_000, 600_000},
	Loader:     {0, 0, 0},
}

// Bootstrap makes the roles and the database, or mends them: it may be run again at any time, by several processes at once. superDSN must
// log in as a role that may create roles with BYPASSRLS (a superuser on most servers), to any database that exists. secrets holds a password
// for each of [LoginRoles]; [Loader] is made only when it has one, and loses its login when it has none.
//
// Afterwards nobody but these roles may connect to the database, and nobody but the owner may create anything in it.
func Bootstrap(ctx context.Context, superDSN, database string, secrets map[Role]string) error {
	for _, role := range LoginRoles() {
		if secrets[role] == "" {
			return fmt.Errorf("bootstrap: no password for %s", role)
		}
	}
	super, err := Open(superDSN)
	if err != nil {
		return err
	}
	defer super.Close()
	// One connection holds the lock, so that two processes do not create the same role; it dies with the connection.
	conn, err := super.Connx(ctx)
	if err != nil {
		return fmt.Errorf("bootstrap: %w", err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, `select pg_advisory_lock(7104120801)`); err != nil {
		return fmt.Errorf("bootstrap: %w", err)
	}
	defer conn.ExecContext(context.WithoutCancel(ctx), `select pg_advisory_unlock(7104120801)`)

	if err := makeRoles(ctx, conn, secrets); err != nil {
		return err
	}
	var exists bool
	if err := conn.GetContext(ctx, &exists, `select exists (select from pg_database where datname = $1)`, database); err != nil {
		return fmt.Errorf("bootstrap: look for the database: %w", err)
	}
	if !exists {
		// C.UTF-8 compares by code point on every machine alike; Vietnamese order is asked for where a list is shown.
		create := `create database ` + pq.QuoteIdentifier(database) + ` owner binhan_owner template template0 encoding 'UTF8' lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8'`
		if _, err := conn.ExecContext(ctx, create); err != nil {
			return fmt.Errorf("bootstrap: create the database: %w", err)
		}
	}
	if err := closeToStrangers(ctx, conn, database, secrets); err != nil {
		return err
	}
	inside, err := Open(withParam(superDSN, "dbname", database))
	if err != nil {
		return err
	}
	defer inside.Close()
	// Only when it is not so yet: another process may be migrating, and two that change the rights of one schema at once hinder each other.
	var closed bool
	if err := inside.GetContext(ctx, &closed, `
select not has_schema_privilege('public', 'public', 'usage')
   and not has_schema_privilege('public', 'public', 'create')
   and has_schema_privilege('binhan_owner', 'public', 'create')
   and has_schema_privilege('binhan_keeper', 'public', 'create')`); err != nil {
		return fmt.Errorf("bootstrap: look at schema public: %w", err)
	}
	if closed {
		return nil
	}
	if _, err := inside.ExecContext(ctx, `revoke all on schema public from public; grant usage, create on schema public to binhan_owner, binhan_keeper`); err != nil {
		return fmt.Errorf("bootstrap: close schema public: %w", err)
	}
	return nil
}

func makeRoles(ctx context.Context, conn *sqlx.Conn, secrets map[Role]string) error {
	run := func(statement string) error {
		_, err := conn.ExecContext(ctx, statement)
		return err
	}
	// A role's attributes are written out each time, so that a role that was widened by hand is narrow again.
	attributes := map[Role]string{
		Owner:  "nologin nosuperuser nobypassrls nocreatedb nocreaterole noreplication",
		Keeper: "nologin nosuperuser bypassrls nocreatedb nocreaterole noreplication",
	}
	for _, role := range LoginRoles() {
		attributes[role] = "login nosuperuser nobypassrls noinherit nocreatedb nocreaterole noreplication"
	}
	if secrets[Loader] != "" {
		attributes[Loader] = "login nosuperuser bypassrls noinherit nocreatedb nocreaterole noreplication"
	}
	existing := map[string]bool{}
	var names []string
	if err := conn.SelectContext(ctx, &names, `select rolname from pg_roles where rolname like 'binhan\_%'`); err != nil {
		return fmt.Errorf("bootstrap: list roles: %w", err)
	}
	for _, name := range names {
		existing[name] = true
	}
	for _, role := range slices.Sorted(maps.Keys(attributes)) {
		verb := "create"
		if existing[string(role)] {
			verb = "alter"
		}
		statement := verb + " role " + string(role) + " " + attributes[role]
		if password := secrets[role]; password != "" {
			statement += " password " + pq.QuoteLiteral(password)
		}
		if err := run(statement); err != nil {
			return fmt.Errorf("bootstrap: %s role %s: %w", verb, role, err)
		}
		if l, ok := limits[role]; ok {
			statement := fmt.Sprintf(`alter role %[1]s set statement_timeout = %[2]d; alter role %[1]s set lock_timeout = %[3]d; alter role %[1]s set idle_in_transaction_session_timeout = %[4]d`,
				role, l[0], l[1], l[2])
			if err := run(statement); err != nil {
				return fmt.Errorf("bootstrap: set the limits of %s: %w", role, err)
			}
		}
	}
	// Statements carry the handle of the session that they act for. Whoever shares a login with it must not read it in the list of activities, and no
	// setting of hers may turn that on again: both are the superuser's. Nor may a statement that fails be quoted in the server's log.
	for _, role := range []Role{App, Releaser, Statistics, Auditor, Sealer} {
		if err := run(fmt.Sprintf(`alter role %[1]s set track_activities = off; alter role %[1]s set log_min_error_statement = panic; alter role %[1]s set log_statement = 'none'; alter role %[1]s set log_min_duration_statement = -1`, role)); err != nil {
			return fmt.Errorf("bootstrap: hide the statements of %s: %w", role, err)
		}
	}
	if secrets[Loader] == "" && existing[string(Loader)] {
		if err := run("alter role binhan_loader nologin password null nobypassrls"); err != nil {
			return fmt.Errorf("bootstrap: retire the loader: %w", err)
		}
	}
	// The owner belongs to the keeper's group so that a migration may hand a function over; BYPASSRLS is an attribute and is not inherited.
	if err := run("grant binhan_keeper to binhan_owner; grant binhan_owner, binhan_keeper to binhan_migrator"); err != nil {
		return fmt.Errorf("bootstrap: let the migrator become the owner: %w", err)
	}
	return nil
}

// closeToStrangers takes what PostgreSQL gives to everybody on a new database. Privileges of a database are not copied from a template, so
// the clones of package pgtest need it too.
func closeToStrangers(ctx context.Context, conn *sqlx.Conn, database string, secrets map[Role]string) error {
	if _, err := conn.ExecContext(ctx, ConnectGrants(database, secrets[Loader] != "")); err != nil {
		return fmt.Errorf("bootstrap: close the database to strangers: %w", err)
	}
	return nil
}

// ConnectGrants is the statement that leaves only the roles of the house able to connect to a database.
func ConnectGrants(database string, withLoader bool) string {
	roles := LoginRoles()
	if withLoader {
		roles = append(roles, Loader)
	}
	names := make([]string, len(roles))
	for i, role := range roles {
		names[i] = string(role)
	}
	name := pq.QuoteIdentifier(database)
	return `revoke all on database ` + name + ` from public; grant connect on database ` + name + ` to ` + strings.Join(names, ", ")
}

// withParam sets one parameter of an address in either form.
func withParam(dsn, key, value string) string {
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		a, err := ParseURL(dsn)
		if err != nil {
			return dsn // Open will refuse it with a sentence
		}
		dsn = a.DSN()
	}
	// Later settings win in a key=value address.
	return dsn + " " + key + "='" + quoteValue(value) + "'"
}

func quoteValue(value string) string { return strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) }

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
