package proof

import (
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"binhan/internal/pg"
	"binhan/internal/pgtest"
	"binhan/migrations"
)

// TestARecordFromBeforeIsKeptWholeAndSealed: an installation that has recorded for a while, some of it after the first month to come, gets months and seals without
// losing an entry or giving a number twice.
func TestARecordFromBeforeIsKeptWholeAndSealed(t *testing.T) {
	t.Parallel()
	older := fstest.MapFS{}
	all, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range all {
		if name < "0006" {
			text, err := fs.ReadFile(migrations.Files, name)
			if err != nil {
				t.Fatal(err)
			}
			older[name] = &fstest.MapFile{Data: text}
		}
	}
	for name, late := range map[string]string{"of this year": "2026-11-20 10:00+00", "that was made late": "2027-03-15 10:00+00"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := pgtest.DBOf(t, older)
			super := db.Open(t, pg.Superuser)
			super.SetMaxOpenConns(1)
			super.MustExec(`set session_replication_role = replica`)
			super.MustExec(`insert into audit.entries (at, act, kind, classes, decision, note) select $1::timestamptz - make_interval(days => i), 'case.read', 'case', '{record}', 'allowed', '\x01' from generate_series(0, 99) i`, late)
			super.MustExec(`insert into evidence (id, case_id, object, size, sealed_size, details, added_by, added_at, sealed_crc32c, commitment)
				select gen_random_uuid(), 'c0000000-0000-4000-8000-000000000001', i::text, 1, 2, '\x01', gen_random_uuid(), now(), 3, sha256('x') from generate_series(1, 3) i`)
			const sum = `select count(*) || ' ' || md5(string_agg(concat_ws('|', id, at, xact, act, kind, classes, decision, note), ',' order by id)) from audit.entries where act = 'case.read'`
			var before, after string
			if err := super.Get(&before, sum); err != nil {
				t.Fatal(err)
			}
			if err := pg.Migrate(t.Context(), db.DSN(pg.Migrator)); err != nil {
				t.Fatal(err)
			}
			if err := super.Get(&after, sum); err != nil || after != before || !strings.HasPrefix(after, "100 ") {
				t.Errorf("%s, before %s: %v", after, before, err)
			}
			var next int64
			if err := super.Get(&next, `insert into audit.entries (at, act, kind, classes, decision) values ($1, 'case.read', 'case', '{}', 'allowed') returning id`, late); err != nil || next != 104 { // after three first links of custody
				t.Errorf("the next number is %d: %v", next, err)
			}
			w := &world{db: db, super: super, reader: db.Open(t, pg.Sealer), ring: newRing(t), folder: Folder{t.TempDir()}}
			w.key = keyOf(t, w.ring)
			w.sealer = NewSealer(w.reader, w.ring, slog.New(slog.DiscardHandler), nil)
			w.seal(t)
			o := VerifyOptions{Key: w.key, Now: time.Now()}
			r, err := Verify(t.Context(), w.reader, o)
			if err != nil || r.Size != 104 {
				t.Fatal(r, err)
			}
			for _, f := range r.Findings { // this history runs backwards, and one of them into the future: nothing else is wrong
				if f.Kind != Clock {
					t.Error(f)
				}
			}
			if links := fmt.Sprint(r.Findings); strings.Contains(links, "custody") {
				t.Error(links)
			}
		})
	}
}
