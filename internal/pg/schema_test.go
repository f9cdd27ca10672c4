package pg_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binhan/internal/pg"
	"binhan/internal/pgtest"
)

// goldenSchema is the whole schema, with owners, rights and row-level security, as somebody has read it.
var goldenSchema = filepath.Join("..", "..", "migrations", "schema.golden.sql")

// TestTheMigrationsLeadToTheSchemaThatWasRead keeps a migration from granting more than its author meant: every change of the schema shows in the
// difference of one file. `make golden` writes it anew.
func TestTheMigrationsLeadToTheSchemaThatWasRead(t *testing.T) {
	t.Parallel()
	db := pgtest.DB(t)
	var major int
	if err := db.Open(t, pg.Superuser).Get(&major, `select current_setting('server_version_num')::int / 10000`); err != nil {
		t.Fatal(err)
	}
	if major != 15 {
		t.Skipf("the golden schema is written by PostgreSQL 15, this is %d: its dump is worded otherwise", major)
	}
	program, err := pg.Tool(pg.ClusterOptions{}, "pg_dump")
	if err != nil {
		t.Fatal(err)
	}
	a := pgtest.Server(t).Address(pg.Superuser, db.Name)
	dump := exec.Command(program, "--schema-only", "--host", a.Host, "--username", a.User, "--dbname", a.Database)
	dump.Env = append(os.Environ(), "PGPASSWORD="+a.Password)
	raw, err := dump.Output()
	if err != nil {
		t.Fatal(err)
	}
	// What changes with the program's version or by chance is no part of the schema.
	got := regexp.MustCompile(`(?m)^(-- Dumped .*|-- PostgreSQL database dump.*|\\(un)?restrict .*|SET .*|SELECT pg_catalog\.set_config.*|--)\n`).ReplaceAllString(string(raw), "")
	got = strings.TrimSpace(regexp.MustCompile(`\n{2,}`).ReplaceAllString(got, "\n\n")) + "\n"
	if os.Getenv("BINHAN_TEST_GOLDEN") == "write" {
		if err := os.WriteFile(goldenSchema, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(goldenSchema)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("the schema changed and nobody has read it: run make golden and read the difference\n%s", diff)
	}
}
