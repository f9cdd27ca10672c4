package pgtest_test

import (
	"testing"

	"binhan/internal/pg"
	"binhan/internal/pgtest"
)

func TestEachTestHasADatabaseOfItsOwnWithTheSchemaOfThisCheckout(t *testing.T) {
	t.Parallel()
	a, b := pgtest.DB(t), pgtest.DB(t)
	if a.Name == b.Name {
		t.Fatalf("two tests share %s", a.Name)
	}
	for _, statement := range []string{`create table public.mine (i int)`, `insert into public.mine values (1)`} {
		if _, err := a.Open(t, pg.Superuser).Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Open(t, pg.Superuser).Exec(`select from public.mine`); err == nil {
		t.Error("one test sees what another wrote")
	}
	has, knows, err := pg.Version(t.Context(), a.DSN(pg.Migrator))
	if err != nil {
		t.Fatal(err)
	}
	if has != knows || knows == 0 {
		t.Errorf("the database is at version %d, this checkout at %d", has, knows)
	}
}

func BenchmarkDatabase(b *testing.B) {
	for b.Loop() {
		pgtest.DB(b)
	}
}
