package gate

import (
	"database/sql"
	"errors"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"binhan/internal/fault"
	"binhan/internal/pg"
	"binhan/internal/pgtest"
)

// hostile are texts that have broken quoting somewhere.
var hostile = []string{
	``, ` `, `'`, `''`, `'''`, `\`, `\'`, `\\'`, `'; drop table cases; --`, `' or 1=1 --`, `"`, `""`, `$1`, `$$`, `$a$`, `$1$2`, `'$1'`, `E'\n'`, "\n", "\t\r\n", `--`, `/*`, `*/`, `/* ' */`, `;`,
	`%s`, `?`, `::text`, `\x41`, `\u0041`, `U&'\0041'`, `{}`, `{"a",NULL}`, `NULL`, `null`, `a,b`, `{`, `}`, `"quoted"`, `back\slash"quote`, "\x01", "\x7f", "\u0080", "\u2028", "ngã", "ngã",
	"Đặng Thị Ø", "ß", "\u202e", "\u200b", "\ufeff", "\ufffd", "😀", "𠜎", "𐎀'", strings.Repeat("'", 1000), strings.Repeat("\\", 1001), strings.Repeat("ặ", 20000), "a'b\\c\"d$1;--",
	"1e309", "0x1F", "-0", "infinity", "epoch", "now", "''::bytea", `\'; select pg_sleep(10); --`, "a\u0301'", "\u00a0'", "＇", "ʼ", "‘’",
}

func testConn(t testing.TB, role pg.Role) *conn {
	t.Helper()
	db := pgtest.DB(t).Open(t, role)
	p := newPool(db, 1)
	t.Cleanup(p.close)
	c, err := p.take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.give(c, false) })
	return c
}

type oneText struct {
	V sql.NullString `db:"v"`
}

// written reads what the server makes of a value that was written into the text of a statement; bound, what it makes of a bound parameter.
func written(t testing.TB, c *conn, expression string, v any) (sql.NullString, error) {
	t.Helper()
	var b batch
	b.add("select ("+expression+")::text as v", v)
	var r oneText
	err := c.query(t.Context(), &r, &b)
	return r.V, err
}

func bound(t testing.TB, c *conn, expression string, v any) (sql.NullString, error) {
	t.Helper()
	var r oneText
	err := c.get(t.Context(), &r, "select ("+expression+")::text as v", v)
	return r.V, err
}

func TestAWrittenValueIsTheBoundValue(t *testing.T) {
	t.Parallel()
	c := testConn(t, pg.App)
	id := uuid.MustParse("0193b1c0-0000-7000-8000-0000000000ff")
	text := "x'y"
	for _, x := range []struct {
		expression string
		values     []any
	}{
		{"$1::bigint", []any{0, 1, -1, 42, int64(math.MaxInt64), int64(math.MinInt64), int64(-7), math.MaxInt32, math.MinInt32, nil}},
		{"5 - $1::bigint", []any{-1, 1, 0}},
		{"5 -$1::bigint", []any{-1, int64(-1)}},
		{"$1::boolean", []any{true, false, nil}},
		{"$1::bytea", []any{[]byte{}, []byte{0}, []byte("'"), []byte(`\`), []byte("\xff\xfe'\x00\\"), []byte(strings.Repeat("\x00'", 5000)), nil}},
		{"$1::uuid", []any{id, uuid.Nil, uuid.NullUUID{UUID: id, Valid: true}, uuid.NullUUID{}, nil}},
		{"$1::timestamptz at time zone 'UTC'", []any{
			time.Date(2026, 11, 24, 23, 59, 59, 999_999_000, time.UTC), time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 7*3600)), time.Date(2026, 1, 2, 3, 4, 5, 600, time.UTC),
			time.Date(2026, 1, 2, 3, 4, 5, 1_999_500, time.UTC), time.Date(1890, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC),
			time.Unix(0, 0), time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", -12*3600-30*60)), nil}},
		{"$1::text", []any{sql.NullString{}, sql.NullString{String: text, Valid: true}, sql.NullInt64{Int64: -3, Valid: true}, sql.NullBool{Bool: true, Valid: true}, nil}},
		{"$1::text[]", []any{pq.StringArray(hostile), pq.StringArray{}, pq.StringArray(nil), pq.Array([]int64{-1, 2})}},
		{"$1::bytea[]", []any{pq.ByteaArray{[]byte("'"), []byte("\x00\\")}}},
	} {
		for _, v := range x.values {
			have, err := written(t, c, x.expression, v)
			if err != nil {
				t.Fatalf("%s of %T(%v): %v", x.expression, v, v, err)
			}
			want, err := bound(t, c, x.expression, v)
			if err != nil {
				t.Fatalf("bound %s of %T(%v): %v", x.expression, v, v, err)
			}
			if have != want {
				t.Errorf("%s of %T(%v): written %q, bound %q", x.expression, v, v, have.String, want.String)
			}
		}
	}
	ids := []uuid.UUID{id, uuid.Nil}
	for _, x := range []struct {
		expression string
		v, as      any
	}{
		{"$1::uuid[]", ids, UUIDs(ids)}, {"$1::uuid[]", []uuid.UUID{}, UUIDs(nil)}, {"$1::uuid[]", []uuid.UUID(nil), pq.Array([]string{})},
		{"$1::bytea[]", [][]byte{[]byte("'"), {}, []byte("\x00\\")}, pq.ByteaArray{[]byte("'"), {}, []byte("\x00\\")}}, {"$1::text[]", hostile, pq.Array(hostile)}, {"$1::text[]", []string{}, pq.Array([]string{})}, {"$1::text[]", []string(nil), pq.Array([]string{})},
	} {
		have, err := written(t, c, x.expression, x.v)
		want, err2 := bound(t, c, x.expression, x.as)
		if err != nil || err2 != nil || have != want || !have.Valid {
			t.Errorf("%s of %T: written %v, bound %v, %v, %v", x.expression, x.v, have.Valid, want.Valid, err, err2)
		}
	}
}

func TestAHostileTextArrivesAsItWasSent(t *testing.T) {
	t.Parallel()
	c := testConn(t, pg.App)
	for _, s := range hostile {
		have, err := written(t, c, "$1::text", s)
		want, err2 := bound(t, c, "$1::text", s)
		if err != nil || err2 != nil || have.String != s || have != want || !have.Valid {
			t.Errorf("%.40q: written %.40q, bound %.40q, %v, %v", s, have.String, want.String, err, err2)
		}
	}
	for _, s := range []string{"a\x00b", "\x00", "\xff", "a\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\xa7"} {
		if _, err := written(t, c, "$1::text", s); !errors.Is(err, fault.Invalid) {
			t.Errorf("%q was sent: %v", s, err)
		}
		if _, err := written(t, c, "$1::text[]", []string{"a", s}); !errors.Is(err, fault.Invalid) {
			t.Errorf("%q was sent in a list: %v", s, err)
		}
	}
}

func TestABatchIsWhatItSaysAndNothingMore(t *testing.T) {
	t.Parallel()
	c := testConn(t, pg.Superuser)
	var b batch
	if !b.empty() {
		t.Error("a new batch is not empty")
	}
	b.add("create temp table kept (n bigint, s text)")
	for i, s := range hostile {
		b.add("insert into kept values ($1, $2)", i, s)
	}
	b.addRows("insert into kept select v.c1, v.c2 from", [][]any{{-1, "$1"}, {-2, "'); drop table kept; --"}})
	b.add("select count(*)::text || ':' || sum(n)::text as v from kept where s <> $1 or $1 = $1", "$2")
	var r oneText
	if err := c.query(t.Context(), &r, &b); err != nil {
		t.Fatal(err)
	}
	n := len(hostile)
	if want := itoa(n+2) + ":" + itoa(n*(n-1)/2-3); r.V.String != want {
		t.Errorf("kept %s, want %s", r.V.String, want)
	}
	for name, fill := range map[string]func(*batch){
		"a number without an argument": func(b *batch) { b.add("select $2", 1) },
		"a type without a literal":     func(b *batch) { b.add("select $1", struct{}{}) },
		"a float":                      func(b *batch) { b.add("select $1", 1.5) },
		"a row with a bad text":        func(b *batch) { b.addRows("select * from", [][]any{{"ok"}, {"\x00"}}) },
		"a bad text, then a good one":  func(b *batch) { b.add("select $1", "\x00"); b.add("select 1") },
	} {
		var b batch
		fill(&b)
		if _, err := b.text(nil); err == nil || b.empty() {
			t.Errorf("%s was sent", name)
		}
	}
}

func itoa(n int) string {
	var w strings.Builder
	number(&w, int64(n))
	return w.String()
}

func TestAStatementThatIsSaidAgainIsPreparedAndMeansTheSame(t *testing.T) {
	t.Parallel()
	c := testConn(t, pg.Superuser)
	say := func(s string) (string, error) {
		var b batch
		b.add("begin")
		b.add("select $1::text || $2 as v", s, "'")
		b.add("commit")
		var r oneText
		err := c.query(t.Context(), &r, &b)
		return r.V.String, err
	}
	for i := range 3 {
		if v, err := say(hostile[i]); err != nil || v != hostile[i]+"'" {
			t.Fatalf("%q came back as %q, %v", hostile[i], v, err)
		}
	}
	var held []string
	if err := c.selectRows(t.Context(), &held, `select statement from pg_prepared_statements where statement like 'prepare b%'`); err != nil || len(held) != 1 || strings.Contains(held[0], "commit") {
		t.Errorf("prepared %q, %v", held, err)
	}
	// What fails within a transaction leaves the connection usable after the rollback, whether it was prepared or not.
	for range 3 {
		var b batch
		b.add("begin")
		b.add("select 1 / $1::integer", 0)
		if err := c.exec(t.Context(), &b); codeOf(err) != "22012" {
			t.Fatal(err)
		}
		var end batch
		end.add("rollback")
		if err := c.exec(t.Context(), &end); err != nil {
			t.Fatal(err)
		}
	}
	if v, err := say("again"); err != nil || v != "again'" {
		t.Errorf("came back as %q, %v", v, err)
	}
	// A statement that cannot be prepared fails as it would when it is sent.
	for range 3 {
		var b batch
		b.add("select nobody from nowhere where x = $1", 1)
		if err := c.exec(t.Context(), &b); codeOf(err) != "42P01" {
			t.Error(err)
		}
	}
}

func TestEveryConnectionReadsBackslashesAsTheyAre(t *testing.T) {
	t.Parallel()
	db := pgtest.DB(t)
	for _, role := range []pg.Role{pg.App, pg.Releaser, pg.Statistics, pg.Auditor} {
		var conforming, encoding string
		x := db.Open(t, role)
		if err := x.Get(&conforming, `show standard_conforming_strings`); err != nil || conforming != "on" {
			t.Errorf("%s: standard_conforming_strings is %q, %v", role, conforming, err)
		}
		if err := x.Get(&encoding, `show client_encoding`); err != nil || encoding != "UTF8" {
			t.Errorf("%s: client_encoding is %q, %v", role, encoding, err)
		}
	}
}

func FuzzBatchQuoting(f *testing.F) {
	for _, s := range hostile {
		f.Add(s, []byte(s), int64(len(s)))
	}
	f.Add("\x00", []byte{0}, int64(math.MinInt64))
	f.Add("\xff", []byte{0xff}, int64(-1))
	x := pgtest.DB(f).Open(f, pg.App)
	f.Fuzz(func(t *testing.T, s string, raw []byte, n int64) {
		var b batch
		b.add("select $1::text as s, $2::bytea as raw, $3::bigint as n, $4::text[] as list", s, raw, n, []string{s, "'", s})
		text, err := b.text(nil)
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			if !errors.Is(err, fault.Invalid) {
				t.Fatalf("%q was not refused: %v", s, err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		var r struct {
			S    string         `db:"s"`
			Raw  []byte         `db:"raw"`
			N    int64          `db:"n"`
			List pq.StringArray `db:"list"`
		}
		if err := x.Get(&r, text); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if r.S != s || string(r.Raw) != string(raw) || r.N != n || len(r.List) != 3 || r.List[0] != s || r.List[1] != "'" || r.List[2] != s {
			t.Fatalf("sent %q %q %d, came back as %q %q %d %q", s, raw, n, r.S, r.Raw, r.N, r.List)
		}
	})
}
