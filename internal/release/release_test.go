package release_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/pg"
	"binhan/internal/release"
	"binhan/internal/world/house"
)

// office is the statistics office of the demo province with made-up facts of 2024.
type office struct {
	*house.House
	release.Service
	preparer, approver, counsellor access.Actor
	super                          *sqlx.DB
}

func newOffice(t testing.TB) *office {
	t.Helper()
	h := house.New(t)
	return &office{
		House: h, Service: *release.New(h.Gate, nil),
		preparer: h.Actor(t, "thongke.sldtbxh"), approver: h.Actor(t, "lanhdao.sldtbxh"), counsellor: h.Actor(t, "tuvan.kontum"),
		super: h.DB.Open(t, pg.Superuser),
	}
}

func ref(name string) []byte {
	sum := sha256.Sum256([]byte(name))
	return sum[:]
}

// put records the fact of a made-up case the way casework does.
func (o *office) put(t testing.TB, name, scope, day string, codes ...string) {
	t.Helper()
	want := []string{"608", "PHYSICAL", "F", "A25_39", "SPOUSE"}
	copy(want, codes)
	_, err := gate.Do(t.Context(), o.Gate, o.counsellor, access.RecordCase, access.Nothing, func(tx *gate.Tx) (int, error) {
		tx.Later(`select stats.put_fact($1, $2, $3::date, $4, '23293', $5, $6, $7, $8, $9, 'M', 'KINH')`,
			ref(name), scope, day, want[0], want[1], []string{want[1]}, want[2], want[3], want[4])
		return 0, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (o *office) drop(t testing.TB, name string) {
	t.Helper()
	_, err := gate.Do(t.Context(), o.Gate, o.counsellor, access.RecordCase, access.Nothing, func(tx *gate.Tx) (int, error) {
		tx.Later(`select stats.drop_fact($1)`, ref(name))
		return 0, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// fill writes n made-up facts of 2024 at once.
func (o *office) fill(t testing.TB, name string, n int) {
	t.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	for _, row := range release.MadeUp(name, n) {
		_ = w.Write(row)
	}
	w.Flush()
	o.super.MustExec(`insert into stats.facts (fact_ref, scope, received_on, area, commune, form, forms, sex, age, relation, sex_perp, ethnic)
		select sha256(convert_to($1 || i::text, 'UTF8')), '51', (r[2] || '-10')::date, r[1], 'UNK', r[3], array[r[3]], r[4], r[5], r[6], 'M', 'KINH'
		  from (select i, string_to_array(line, ',') as r from unnest(string_to_array(rtrim($2, E'\n'), E'\n')) with ordinality as x (line, i)) y`, name, b.String())
}

func year(y int) release.Period {
	return release.Period{From: fmt.Sprintf("%d-01-01", y), To: fmt.Sprintf("%d-12-31", y)}
}

func ask(y int) release.PrepareCommand { return release.PrepareCommand{Scope: "51", Period: year(y)} }

func (o *office) prepared(t testing.TB, y int) release.Release {
	t.Helper()
	r, err := o.Prepare(t.Context(), o.preparer, ask(y))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// published prepares and publishes a year.
func (o *office) published(t testing.TB, y int) release.Release {
	t.Helper()
	return o.publish(t, o.prepared(t, y))
}

func (o *office) publish(t testing.TB, r release.Release) release.Release {
	t.Helper()
	r, err := o.Publish(t.Context(), o.approver, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (o *office) count(t testing.TB, query string, args ...any) int {
	t.Helper()
	var n int
	if err := o.super.Get(&n, query, args...); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestReleaseGoesFromFactsToPublishedTables(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fill(t, "story", 500)
	r := o.prepared(t, 2024)
	if r.State != release.Prepared || r.Size != release.Medium || r.PreparedBy != "STAT_OFFICER" || r.CutOff == nil || r.SHA256 == "" {
		t.Fatalf("%+v", r)
	}
	if n := o.count(t, `select count(*) from stats.facts where cube_id = $1`, r.ID); n != 500 {
		t.Errorf("%d facts frozen", n)
	}

	// Before it is published, nobody reads it but those who check it.
	for _, who := range []access.Actor{o.preparer, o.approver, o.counsellor} {
		if _, err := o.Get(t.Context(), who, r.ID); !errors.Is(err, fault.NotFound) {
			t.Errorf("%s reads an unpublished release: %v", who.Username, err)
		}
	}
	c, err := o.Check(t.Context(), o.approver, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Tables) != 17 || len(c.Ledger) != 34 || c.Manifest.SHA256 != r.SHA256 || c.Manifest.Method.Spent != release.CubeBudget {
		t.Errorf("%d tables, %d lines of the ledger", len(c.Tables), len(c.Ledger))
	}

	if _, err := o.Publish(t.Context(), o.preparer, r.ID); !errors.Is(err, fault.NotFound) {
		t.Errorf("the preparer published: %v", err)
	}
	got, err := o.Publish(t.Context(), o.approver, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got.State != release.Published || got.PublishedBy != "STAT_APPROVER" || got.PublishedAt == nil {
		t.Errorf("%+v", got)
	}
	if _, err := o.Publish(t.Context(), o.approver, r.ID); !errors.Is(err, fault.Conflict) {
		t.Errorf("published twice: %v", err)
	}

	tables, err := o.Tables(t.Context(), o.preparer, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c.Tables, tables); diff != "" {
		t.Errorf("what was checked is not what is published\n%s", diff)
	}
	file, m, err := o.Export(t.Context(), o.preparer, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(file)
	if hex.EncodeToString(sum[:]) != m.SHA256 || m.SHA256 != r.SHA256 {
		t.Error("the exported file is not the one whose hash was prepared")
	}
	if m.ReleaseID != r.ID.String() || m.Scope != "51" || *m.Period != year(2024) || m.PreparedBy != "STAT_OFFICER" || m.PublishedBy != "STAT_APPROVER" || m.MadeUp || m.CutOff == "" {
		t.Errorf("manifest %+v", m)
	}
	rows, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	number := map[string]string{}
	for _, row := range rows[1:] {
		if have, seen := number[row[2]]; seen && have != row[3] {
			t.Errorf("%q is %q and %q", row[2], have, row[3])
		}
		number[row[2]] = row[3]
	}
	for _, table := range tables {
		for _, cell := range table.Cells {
			want := ""
			if cell.Count != nil {
				want = fmt.Sprint(*cell.Count)
			}
			if number[cell.Dims] != want {
				t.Errorf("%q is %q in the file and %q in the table", cell.Dims, number[cell.Dims], want)
			}
		}
		one, err := o.Table(t.Context(), o.approver, r.ID, table.TableID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(table, one); diff != "" {
			t.Errorf("%s alone differs\n%s", table.TableID, diff)
		}
		own, err := o.TableCSV(t.Context(), o.approver, r.ID, table.TableID)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(own, []byte("release_id,table_id,dims,count,lower,upper\n"+r.ID.String()+","+table.TableID+","+table.Cells[0].Dims+",")) {
			t.Errorf("%s as CSV begins %.80q", table.TableID, own)
		}
	}
	if n := o.count(t, `select count(*) from audit.entries where act in ('release.prepare', 'release.publish') and decision = 'allowed' and actor in ($1, $2)`, o.preparer.User, o.approver.User); n != 3 {
		t.Errorf("%d entries in the record, want reserve, draw and publication", n)
	}
}

func TestAskingAgainGivesTheStoredCube(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fill(t, "again", 300)
	want := o.prepared(t, 2024)
	before := o.count(t, `select count(*) from stats.noisy_measurements`)
	for range 5 {
		got, err := o.Prepare(t.Context(), o.preparer, ask(2024))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("another release\n%s", diff)
		}
	}
	if after := o.count(t, `select count(*) from stats.noisy_measurements`); after != before {
		t.Errorf("%d measurements, before %d", after, before)
	}
	if _, err := o.Publish(t.Context(), o.approver, want.ID); err != nil {
		t.Fatal(err)
	}
	first, _, err := o.Export(t.Context(), o.preparer, want.ID)
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		again, _, err := o.Export(t.Context(), o.preparer, want.ID)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first, again) {
			t.Fatal("two exports differ, so that exports could be averaged")
		}
	}
}

func TestLateEntryFallsIntoTheNextCubeAndNobodyIsCountedTwice(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fill(t, "late", 300)
	o.put(t, "before", "51", "2024-03-05", "608", "PHYSICAL")
	o.put(t, "elsewhere", "register", "2024-03-05")
	first := o.prepared(t, 2024)
	o.put(t, "before", "51", "2024-03-05", "613", "SEXUAL") // corrected after the close: stays as it was counted
	o.put(t, "late", "51", "2024-11-30", "613", "SEXUAL")   // recorded after the close
	o.put(t, "next", "51", "2025-02-01")
	second := o.prepared(t, 2025)

	got := map[string]string{}
	rows := []struct {
		Ref  []byte     `db:"fact_ref"`
		Cube *uuid.UUID `db:"cube_id"`
		Area string     `db:"area"`
	}{}
	if err := o.super.Select(&rows, `select fact_ref, cube_id, area from stats.facts`); err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for _, n := range []string{"before", "late", "next", "elsewhere"} {
		names[string(ref(n))] = n
	}
	for _, r := range rows {
		if n := names[string(r.Ref)]; n != "" {
			cube := "none"
			if r.Cube != nil {
				cube = map[uuid.UUID]string{first.ID: "first", second.ID: "second"}[*r.Cube]
			}
			got[n] = cube + " " + r.Area
		}
	}
	want := map[string]string{"before": "first 608", "late": "second 613", "next": "second 608", "elsewhere": "none 608"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	// The late entry is somebody: its month is before the period, and it is counted as unknown, not lost.
	c, err := o.Check(t.Context(), o.preparer, second.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range c.Tables {
		if table.TableID == "month" && table.Cells[len(table.Cells)-1].Dims != "month=UNK" {
			t.Errorf("months end with %q", table.Cells[len(table.Cells)-1].Dims)
		}
	}
}

func TestDroppedFactDoesNotComeBack(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.put(t, "withdrawn", "51", "2024-01-05")
	o.put(t, "erased", "51", "2024-01-06", "613", "SEXUAL", "M", "A13_15", "STRANGER")
	o.drop(t, "withdrawn")
	if n := o.count(t, `select count(*) from stats.facts`); n != 1 {
		t.Fatalf("%d facts", n)
	}
	r := o.prepared(t, 2024)
	o.drop(t, "erased")
	o.put(t, "erased", "51", "2025-01-06") // the same case again
	var got struct {
		Cube uuid.UUID `db:"cube_id"`
		Day  string    `db:"day"`
		All  string    `db:"codes"`
	}
	if err := o.super.Get(&got, `select cube_id, received_on::text as day, concat_ws(' ', area, commune, form, array_to_string(forms, ','), sex, age, relation, sex_perp, ethnic) as codes from stats.facts`); err != nil {
		t.Fatal(err)
	}
	if got.Cube != r.ID || got.Day != "2024-01-01" || got.All != "UNK UNK UNK  UNK UNK UNKNOWN UNK UNK" {
		t.Errorf("an erased fact is %+v", got)
	}
}

func TestPeriodThatIsNotClosedIsRefused(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	now := time.Now()
	month := func(shift int) release.Period {
		first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC).AddDate(0, shift, 0)
		return release.Period{From: first.Format(time.DateOnly), To: first.AddDate(0, 1, -1).Format(time.DateOnly)}
	}
	for name, c := range map[string]struct {
		cmd  release.PrepareCommand
		want string
	}{
		"next month":       {release.PrepareCommand{Scope: "51", Period: month(1)}, "/period/to release_period_open"},
		"half a month":     {release.PrepareCommand{Scope: "51", Period: release.Period{From: "2024-01-01", To: "2024-01-15"}}, "/period/to release_whole_months"},
		"from the second":  {release.PrepareCommand{Scope: "51", Period: release.Period{From: "2024-01-02", To: "2024-01-31"}}, "/period/from release_whole_months"},
		"one day":          {release.PrepareCommand{Scope: "51", Period: release.Period{From: "2024-01-01", To: "2024-01-01"}}, "/period/to release_whole_months"},
		"backwards":        {release.PrepareCommand{Scope: "51", Period: release.Period{From: "2024-02-01", To: "2024-01-31"}}, "/period/to release_period_length"},
		"a century":        {release.PrepareCommand{Scope: "51", Period: release.Period{From: "1924-01-01", To: "2023-12-31"}}, "/period/to release_period_length"},
		"no day":           {release.PrepareCommand{Scope: "51", Period: release.Period{From: "2024", To: "2024-12-31"}}, "/period/from release_day"},
		"no scope":         {release.PrepareCommand{Period: year(2024)}, "/scope release_scope"},
		"an unknown scope": {release.PrepareCommand{Scope: "99", Period: year(2024)}, "/scope release_scope"},
		"an unknown plan":  {release.PrepareCommand{Scope: "51", Period: year(2024), Plan: "exact"}, "/plan release_size"},
	} {
		_, err := o.Prepare(t.Context(), o.preparer, c.cmd)
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Invalid || len(f.Problems) != 1 || f.Problems[0].Pointer+" "+f.Problems[0].Key != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if n := o.count(t, `select (select count(*) from stats.cubes) + (select count(*) from stats.privacy_ledger)`); n != 0 {
		t.Errorf("%d rows were written", n)
	}
}

func TestPeriodsOfAScopeFollowEachOther(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fill(t, "order", 300)
	o.prepared(t, 2024)
	for _, p := range []release.Period{year(2023), {From: "2024-07-01", To: "2025-06-30"}, {From: "2024-01-01", To: "2024-06-30"}, {From: "2024-12-01", To: "2024-12-31"}} {
		_, err := o.Prepare(t.Context(), o.preparer, release.PrepareCommand{Scope: "51", Period: p})
		if !errors.Is(err, fault.Invalid) {
			t.Errorf("%v after 2024: %v", p, err)
		}
	}
	if r := o.prepared(t, 2025); r.State != release.Prepared {
		t.Errorf("%+v", r)
	}
}

func TestSizeClassFollowsTheLastPublishedTotal(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fill(t, "size", 60)
	r, err := o.Prepare(t.Context(), o.preparer, release.PrepareCommand{Scope: "51", Period: year(2024), Plan: "small"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Publish(t.Context(), o.approver, r.ID); err != nil {
		t.Fatal(err)
	}
	_, err = o.Prepare(t.Context(), o.preparer, release.PrepareCommand{Scope: "51", Period: year(2025), Plan: "medium"})
	if !errors.Is(err, fault.Invalid) {
		t.Errorf("a larger class than was published: %v", err)
	}
	next := o.prepared(t, 2025)
	if next.Size != release.Small {
		t.Errorf("%+v", next)
	}
	c, err := o.Check(t.Context(), o.preparer, next.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Tables) != 4 || c.Manifest.Method.SizeChosen != "last published total" {
		t.Errorf("%d tables, %q", len(c.Tables), c.Manifest.Method.SizeChosen)
	}
	// Nobody came in 2025, so nothing shorter than three years is published now.
	if _, err := o.Publish(t.Context(), o.approver, next.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Prepare(t.Context(), o.preparer, release.PrepareCommand{Scope: "51", Period: release.Period{From: "2026-01-01", To: "2026-01-31"}}); !errors.Is(err, fault.Invalid) {
		t.Errorf("a month of a scope with hardly anybody: %v", err)
	}
}

func TestRegisterBringsItsOwnAreas(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s := release.New(h.Gate, func(scope string) []string {
		if scope == "linea144" {
			return []string{"AR-B", "AR-C", "UNK"}
		}
		return nil
	})
	super := h.DB.Open(t, pg.Superuser)
	super.MustExec(`insert into stats.facts (fact_ref, scope, received_on, area, commune, form, forms, sex, age, relation, sex_perp, ethnic)
		select sha256(convert_to(i::text, 'UTF8')), 'linea144', '2021-05-05', case when i % 3 = 0 then 'AR-B' when i % 3 = 1 then 'AR-C' else 'AR-X' end,
		       'UNK', 'PHYSICAL', '{PHYSICAL}', 'F', 'UNK', 'UNKNOWN', 'UNK', 'UNK' from generate_series(1, 300) i`)
	r, err := s.Prepare(t.Context(), h.Actor(t, "thongke.sldtbxh"), release.PrepareCommand{Scope: "linea144", Period: year(2021)})
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Check(t.Context(), h.Actor(t, "lanhdao.sldtbxh"), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range c.Tables {
		if table.TableID != "area" {
			continue
		}
		var dims []string
		for _, cell := range table.Cells {
			dims = append(dims, cell.Dims)
			if cell.Dims == "area=UNK" && (cell.Count == nil || *cell.Count < 60) {
				t.Errorf("an area that the register does not list is lost: %+v", cell)
			}
		}
		if diff := cmp.Diff([]string{"", "area=AR-B", "area=AR-C", "area=UNK"}, dims); diff != "" {
			t.Error(diff)
		}
	}
}

func TestLargeScopePublishesCommunesInsideTheirAreas(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fill(t, "large", 1500)
	// Some communes of today, one that lies elsewhere than the fact says, and the rest unknown.
	o.super.MustExec(`update stats.facts set commune = case when area = '608' then '23293' when area = '611' and get_byte(fact_ref, 0) % 2 = 0 then '23377' when area = '613' then '23293' else 'UNK' end`)
	r, err := o.Prepare(t.Context(), o.preparer, release.PrepareCommand{Scope: "51", Period: release.Period{From: "2024-01-01", To: "2025-12-31"}, Plan: "large"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := o.Check(t.Context(), o.approver, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	near := map[string]int{
		"commune=23293":   o.count(t, `select count(*) from stats.facts where area = '608'`),
		"commune=23377":   o.count(t, `select count(*) from stats.facts where commune = '23377'`),
		"commune=613-UNK": o.count(t, `select count(*) from stats.facts where area = '613'`),
		"commune=611-UNK": o.count(t, `select count(*) from stats.facts where area = '611' and commune = 'UNK'`),
		"commune=608-UNK": 0,
		"area=608":        o.count(t, `select count(*) from stats.facts where area = '608'`),
		"area=51":         0,
	}
	for _, table := range c.Tables {
		for _, cell := range table.Cells {
			want, asked := near[cell.Dims]
			if !asked {
				continue
			}
			// Four intervals wide: a draw outside of it would be one in a billion.
			if reach := 4 * (cell.Upper - cell.Lower); int64(want) < cell.Lower-reach || int64(want) > cell.Upper+reach {
				t.Errorf("%s of %s is %d to %d, true is %d", cell.Dims, table.TableID, cell.Lower, cell.Upper, want)
			}
			if table.TableID == "commune_form" {
				delete(near, cell.Dims)
			}
		}
	}
	if diff := cmp.Diff(map[string]int{"area=608": near["area=608"], "area=51": 0}, near); diff != "" {
		t.Errorf("cells that were not printed\n%s", diff)
	}
}

// BenchmarkPrepare builds a release of BINHAN_FACTS facts (100,000 when unset), from open facts to stored cube.
func BenchmarkPrepare(b *testing.B) {
	n := 100_000
	if s := os.Getenv("BINHAN_FACTS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		b.StopTimer()
		o := newOffice(b)
		o.super.MustExec(`insert into stats.facts (fact_ref, scope, received_on, area, commune, form, forms, sex, age, relation, sex_perp, ethnic)
			select sha256(convert_to(i::text, 'UTF8')), '51', date '2024-01-01' + (i % 366)::integer,
			       (array['608','610','611','612','613','614','615','616','617','618'])[1 + (i * 7919) % 10], (23000 + (i * 7907) % 300)::text,
			       (array['PHYSICAL','PSYCHOLOGICAL','SEXUAL','ECONOMIC','UNK'])[1 + (i * 104729) % 5], (array['{PHYSICAL,PSYCHOLOGICAL}','{SEXUAL}','{ECONOMIC,PSYCHOLOGICAL}','{}'])[1 + (i * 104723) % 4]::text[],
			       (array['F','F','F','F','M'])[1 + (i * 1299709) % 5], (array['A25_39','A40_59','A18_24','A60P','UNK'])[1 + (i * 15485863) % 5],
			       (array['SPOUSE','PARTNER','PARENT','UNKNOWN'])[1 + (i * 32452843) % 4], 'M', (array['KINH','XO_DANG','BA_NA','GIE_TRIENG','UNK'])[1 + (i * 86028121) % 5]
			  from generate_series(1::bigint, $1::bigint) i`, n)
		o.super.MustExec(`vacuum analyze stats.facts`)
		o.preparer = o.Actor(b, "thongke.sldtbxh") // her first session rests after half an hour of filling
		b.StartTimer()
		if _, err := o.Prepare(b.Context(), o.preparer, ask(2024)); err != nil {
			b.Fatal(err)
		}
	}
}

func TestTwoJobsAtOnceDrawOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fill(t, "race", 200)
	var wg sync.WaitGroup
	ids := make([]uuid.UUID, 8)
	for i := range ids {
		wg.Go(func() {
			r, err := o.Prepare(t.Context(), o.preparer, ask(2024))
			if err != nil {
				t.Error(err)
			}
			ids[i] = r.ID
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("two cubes: %v", ids)
		}
	}
	if n := o.count(t, `select count(*) from stats.cubes`); n != 1 {
		t.Errorf("%d cubes", n)
	}
	if n := o.count(t, `select count(*) from stats.privacy_ledger where state = 'DONE'`); n != 17 {
		t.Errorf("%d draws", n)
	}
}

var errKilled = errors.New("killed")

func TestCrashLeavesTheBudgetSpentAndNothingStored(t *testing.T) {
	t.Parallel()
	for _, when := range []string{"reserved", "frozen", "drawn", "stored", "stored, server gone"} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.fill(t, "crash", 200)
			right, err := o.Reserve(t.Context(), o.preparer, ask(2024))
			if err != nil || !right.Fresh() {
				t.Fatalf("%+v %v", right, err)
			}
			if when != "reserved" {
				_, err = o.DrawSteps(t.Context(), o.preparer, right, func(step string) error {
					switch {
					case step == when:
						return errKilled
					case step == "stored" && when == "stored, server gone":
						o.super.MustExec(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'binhan_releaser' and datname = current_database() and state = 'idle in transaction'`)
					}
					return nil
				})
				if err == nil {
					t.Fatal("the job lived on")
				}
			}
			id := right.Release.ID
			for what, n := range map[string]int{
				`select count(*) from stats.noisy_measurements`:                              0,
				`select count(*) from stats.release_cells`:                                   0,
				`select count(*) from stats.facts where cube_id is not null`:                 0,
				`select count(*) from stats.privacy_ledger where state = 'RESERVED'`:         17,
				`select count(*) from stats.privacy_ledger where state = 'DONE'`:             0,
				`select count(*) from stats.cubes where state = 'PREPARING' and attempt = 1`: 1,
			} {
				if have := o.count(t, what); have != n {
					t.Errorf("%s: %d, want %d", what, have, n)
				}
			}
			// Asking again draws nothing.
			again, err := o.Prepare(t.Context(), o.preparer, ask(2024))
			if err != nil || again.State != release.Preparing || again.ID != id {
				t.Fatalf("%+v %v", again, err)
			}
			if _, err := o.Check(t.Context(), o.approver, id); !errors.Is(err, fault.Conflict) {
				t.Errorf("checked: %v", err)
			}
			if _, err := o.Publish(t.Context(), o.approver, id); !errors.Is(err, fault.Conflict) {
				t.Errorf("published: %v", err)
			}
			// Taking it up again needs a reason, and makes the old right worthless.
			if _, err := o.Resume(t.Context(), o.preparer, id, "because"); !errors.Is(err, fault.Invalid) {
				t.Errorf("resumed for no reason: %v", err)
			}
			newRight, err := o.Resume(t.Context(), o.preparer, id, "process_ended")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := o.Draw(t.Context(), o.preparer, right); !errors.Is(err, fault.Conflict) {
				t.Errorf("the old right still draws: %v", err)
			}
			r, err := o.Draw(t.Context(), o.preparer, newRight)
			if err != nil || r.State != release.Prepared {
				t.Fatalf("%+v %v", r, err)
			}
			if _, err := o.Draw(t.Context(), o.preparer, newRight); !errors.Is(err, fault.Conflict) {
				t.Errorf("a right draws twice: %v", err)
			}
			if _, err := o.Resume(t.Context(), o.preparer, id, "process_ended"); !errors.Is(err, fault.Conflict) {
				t.Errorf("a stored cube is resumed: %v", err)
			}
			c, err := o.Check(t.Context(), o.approver, id)
			if err != nil {
				t.Fatal(err)
			}
			states := map[string]int{}
			for _, line := range c.Ledger {
				states[line.State]++
			}
			if diff := cmp.Diff(map[string]int{"RESERVED": 17, "RESUMED": 17, "DONE": 17}, states); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDrawThatIsUnderWayIsNotResumed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fill(t, "under way", 200)
	right, err := o.Reserve(t.Context(), o.preparer, ask(2024))
	if err != nil {
		t.Fatal(err)
	}
	r, err := o.DrawSteps(t.Context(), o.preparer, right, func(step string) error {
		if step == "drawn" {
			if _, err := o.Resume(t.Context(), o.preparer, right.Release.ID, "process_ended"); !errors.Is(err, fault.Unavailable) {
				t.Errorf("resumed beside a living draw: %v", err)
			}
		}
		return nil
	})
	if err != nil || r.State != release.Prepared {
		t.Errorf("%+v %v", r, err)
	}
}

func TestFailedDrawIsMarkedAndCanBeTakenUpAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fill(t, "failing", 100)
	right, err := o.Reserve(t.Context(), o.preparer, ask(2024))
	if err != nil {
		t.Fatal(err)
	}
	o.super.MustExec(`alter table stats.release_cells add constraint broken check (false)`)
	if _, err := o.Draw(t.Context(), o.preparer, right); err == nil {
		t.Fatal("drawn into a broken table")
	}
	if r, err := o.State(t.Context(), o.preparer, right.Release.ID); err != nil || r.State != release.Failed {
		t.Errorf("%+v %v", r, err)
	}
	o.super.MustExec(`alter table stats.release_cells drop constraint broken`)
	next, err := o.Resume(t.Context(), o.preparer, right.Release.ID, "draw_failed")
	if err != nil {
		t.Fatal(err)
	}
	if r, err := o.Draw(t.Context(), o.preparer, next); err != nil || r.State != release.Prepared {
		t.Errorf("%+v %v", r, err)
	}
}

func TestOnlyTheStatisticsOfficePreparesAndPublishes(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fill(t, "strangers", 100)
	r := o.prepared(t, 2024)
	for _, name := range []string{"tuvan.kontum", "giamsat.kontum", "congan.ngochoi", "lanhdao.sldtbxh", "quantri", "thanhtra", "dpo", "baocao.ngochoi"} {
		who := o.Actor(t, name)
		if _, err := o.Prepare(t.Context(), who, ask(2025)); !errors.Is(err, fault.NotFound) {
			t.Errorf("%s prepares: %v", name, err)
		}
		if _, err := o.Resume(t.Context(), who, r.ID, "process_ended"); !errors.Is(err, fault.NotFound) {
			t.Errorf("%s resumes: %v", name, err)
		}
		if name != "lanhdao.sldtbxh" {
			if _, err := o.Check(t.Context(), who, r.ID); !errors.Is(err, fault.NotFound) {
				t.Errorf("%s checks: %v", name, err)
			}
			if _, err := o.Publish(t.Context(), who, r.ID); !errors.Is(err, fault.NotFound) {
				t.Errorf("%s publishes: %v", name, err)
			}
			if _, err := o.List(t.Context(), who, 10, ""); !errors.Is(err, fault.NotFound) {
				t.Errorf("%s lists: %v", name, err)
			}
		}
	}
}

func TestListTurnsPages(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var want []uuid.UUID
	for y := 2018; y < 2023; y++ {
		r, err := o.Prepare(t.Context(), o.preparer, release.PrepareCommand{Scope: "62", Period: year(y)})
		if err != nil {
			t.Fatal(err)
		}
		// Published past the rule of the pool, by hand: this test is about the list.
		o.super.MustExec(`alter table stats.cubes disable trigger cube_moves`)
		o.super.MustExec(`update stats.cubes set state = 'PUBLISHED', published_by = $2, published_role = 'STAT_APPROVER', published_at = now(), kind = 'YEAR' where id = $1`, r.ID, o.approver.User)
		o.super.MustExec(`update stats.cubes set state = 'SUPERSEDED' where id = $1`, r.ID)
		o.super.MustExec(`alter table stats.cubes enable trigger cube_moves`)
		want = append([]uuid.UUID{r.ID}, want...)
	}
	var got []uuid.UUID
	for next, n := "", 0; n == 0 || next != ""; n++ {
		page, err := o.List(t.Context(), o.preparer, 2, next)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Items {
			got = append(got, r.ID)
		}
		next = page.Next
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := o.List(t.Context(), o.preparer, 2, "nonsense"); !errors.Is(err, fault.Invalid) {
		t.Error(err)
	}
}

// ------------------------------------------------------------------ what the database itself refuses

func TestStatisticianSeesPublishedCellsAndNothingElse(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fill(t, "views", 200)
	r := o.prepared(t, 2024)
	db := o.DB.Open(t, pg.Statistics)
	count := func(view string) (n int) {
		if err := db.Get(&n, `select count(*) from stats.`+view); err != nil {
			t.Error(err)
		}
		return n
	}
	if n := count("published_cells") + count("published_releases"); n != 0 {
		t.Errorf("%d rows before publication", n)
	}
	if _, err := o.Publish(t.Context(), o.approver, r.ID); err != nil {
		t.Fatal(err)
	}
	if count("published_cells") == 0 || count("published_releases") != 1 {
		t.Error("nothing after publication")
	}
	var withheld int
	if err := db.Get(&withheld, `select count(*) from stats.published_cells where count < 10 or count % 5 <> 0 or (count is null and (lower <> 0 or upper < 9))`); err != nil || withheld != 0 {
		t.Errorf("%d small or odd numbers are visible, %v", withheld, err)
	}
	// Everything else, in every schema.
	var relations []string
	if err := o.super.Select(&relations, `select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relkind in ('r', 'v', 'm', 'p') and n.nspname in ('public', 'stats', 'auth', 'gate', 'standing', 'audit')`); err != nil || len(relations) < 20 {
		t.Fatalf("%d relations, %v", len(relations), err)
	}
	for _, rel := range relations {
		_, err := db.Exec(`select 1 from ` + rel + ` limit 0`)
		if allowed := slices.Contains([]string{"stats.published_cells", "stats.published_releases", "stats.published_errata", "stats.published_numbers", "stats.open_releases", "stats.open_numbers"}, rel); allowed != (err == nil) {
			t.Errorf("%s: %v", rel, err)
		}
		for _, write := range []string{`delete from ` + rel, `truncate ` + rel} {
			if _, err := db.Exec(write); err == nil {
				t.Errorf("allowed: %s", write)
			}
		}
	}
	for _, call := range []string{`select stats.freeze_facts(gen_random_uuid(), 1)`, `select stats.drop_fact('x')`} {
		if _, err := db.Exec(call); err == nil {
			t.Errorf("allowed: %s", call)
		}
	}
}

func TestReleaseJobSeesNoCaseAndChangesNoFact(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fill(t, "job", 50)
	r := o.prepared(t, 2024)
	db := o.DB.Open(t, pg.Releaser)
	var relations []string
	if err := o.super.Select(&relations, `select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relkind in ('r', 'v', 'm', 'p') and n.nspname in ('public', 'auth', 'gate', 'standing', 'audit')`); err != nil {
		t.Fatal(err)
	}
	for _, rel := range relations {
		if _, err := db.Exec(`select 1 from ` + rel + ` limit 0`); err == nil {
			t.Errorf("the release job reads %s", rel)
		}
	}
	for _, forbidden := range []string{
		`update stats.facts set form = 'SEXUAL'`, `update stats.facts set cube_id = null`, `delete from stats.facts`, `insert into stats.facts (fact_ref) values ('x')`,
		`update stats.privacy_ledger set rho_num = 1`, `delete from stats.privacy_ledger`, `truncate stats.privacy_ledger`,
		`update stats.noisy_measurements set value = 0`, `delete from stats.release_cells`, `update stats.release_cells set value = 0`,
		`update stats.cubes set scope = 'x'`, `update stats.cubes set prepared_by = null`, `delete from stats.cubes`, `update stats.release_plans set spec = ''`,
		`select stats.put_fact('x', 'x', now()::date, '', '', '', '{}', '', '', '', '', '')`, `select stats.drop_fact('x')`,
		`update stats.cubes set state = 'PREPARING', attempt = 2 where id = '` + r.ID.String() + `'`,
	} {
		if _, err := db.Exec(forbidden); err == nil {
			t.Errorf("allowed: %s", forbidden)
		}
	}
	app := o.DB.Open(t, pg.App)
	for _, rel := range []string{"facts", "cubes", "release_plans", "privacy_ledger", "noisy_measurements", "release_cells", "published_cells", "published_releases"} {
		if _, err := app.Exec(`select 1 from stats.` + rel + ` limit 0`); err == nil {
			t.Errorf("casework reads stats.%s", rel)
		}
	}
	if _, err := app.Exec(`select stats.put_fact($1, '51', '2024-01-01', '', '', '', '{}', '', '', '', '', '')`, ref("no session")); err == nil {
		t.Error("a fact was put without a session")
	}
}

// constraintOf runs a statement as the owner of the tables with the preparer's session, whom no privilege stops, and tells which rule did.
func (o *office) constraintOf(t testing.TB, statement string, args ...any) string {
	t.Helper()
	tx := o.super.MustBegin()
	defer tx.Rollback()
	tx.MustExec(`select set_config('app.sid', $1, true)`, string(o.preparer.Handle))
	tx.MustExec(`set local role binhan_owner`)
	_, err := tx.Exec(statement, args...)
	if err == nil {
		return "nothing"
	}
	if name := gate.ConstraintOf(err); name != "" {
		return name
	}
	return "refused"
}

func TestRecordOfAReleaseNeverChangesNotEvenForTheOwner(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fill(t, "owner", 50)
	o.prepared(t, 2024)
	for statement, want := range map[string]string{
		`update stats.privacy_ledger set rho_num = 1`:                      "refused",
		`delete from stats.privacy_ledger`:                                 "refused",
		`truncate stats.privacy_ledger`:                                    "refused",
		`update stats.noisy_measurements set value = value`:                "refused",
		`delete from stats.noisy_measurements`:                             "refused",
		`truncate stats.noisy_measurements`:                                "refused",
		`update stats.release_cells set value = value`:                     "refused",
		`delete from stats.release_cells`:                                  "refused",
		`truncate stats.release_cells`:                                     "refused",
		`delete from stats.cubes`:                                          "refused",
		`truncate stats.cubes cascade`:                                     "refused",
		`update stats.cubes set scope = 'x'`:                               "refused",
		`update stats.cubes set sha256 = 'x'`:                              "refused",
		`update stats.cubes set attempt = 1, state = 'PREPARING'`:          "cube_moves_forward",
		`update stats.cubes set state = 'FAILED'`:                          "cube_moves_forward",
		`update stats.cubes set state = 'SUPERSEDED'`:                      "cube_moves_forward",
		`update stats.cubes set state = 'PUBLISHED', published_role = 'x'`: "publisher_is_not_the_preparer",
		`update stats.release_plans set spec = 'x'`:                        "refused",
		`delete from stats.release_plans`:                                  "refused",
		`update stats.facts set cube_id = null`:                            "counted_fact_stays",
		`update stats.facts set form = 'SEXUAL'`:                           "counted_fact_stays",
		`delete from stats.facts`:                                          "counted_fact_stays",
		`truncate stats.facts`:                                             "refused",
		`insert into stats.privacy_ledger (cube_id, table_id, rho_num, rho_den, state) select id, 'x', 1, 1000000, 'RESERVED' from stats.cubes`: "ledger_is_open_while_preparing",
		`insert into stats.noisy_measurements select id, 'total', 1, 0, 90, 7 from stats.cubes`:                                                 "measurement_was_reserved",
		`insert into stats.release_cells select id, 'total', 9, 'x', 0, 0, 9, false from stats.cubes`:                                           "cell_enters_while_preparing",
	} {
		if got := o.constraintOf(t, statement); got != want {
			t.Errorf("%s: stopped by %s, want %s", statement, got, want)
		}
	}
}

// bareCube reserves nothing: a cube in preparation to try the ledger on.
func (o *office) bareCube(t testing.TB, kind string) uuid.UUID {
	t.Helper()
	id := uuid.Must(uuid.NewV7())
	tx := o.super.MustBegin()
	tx.MustExec(`select set_config('app.sid', $1, true)`, string(o.preparer.Handle))
	tx.MustExec(`insert into stats.release_plans (id, version, spec, sha256, approved_by_1) values ($1::uuid, 'bare', $1::text, sha256(convert_to($1::text, 'UTF8')), $2)`, id, o.preparer.User)
	scope, from, to, of := id.String(), "2024-01-01", "2024-12-31", uuid.NullUUID{}
	switch kind {
	case "CORRECTION": // of a published year
		scope = "51"
		if err := o.super.Get(&of, `select id from stats.cubes where kind = 'YEAR' and scope = '51' and state = 'PUBLISHED'`); err != nil {
			t.Fatal(err)
		}
	case "QUARTER":
		to = "2024-03-31"
	}
	tx.MustExec(`insert into stats.cubes (id, plan_id, scope, kind, period_from, period_to, definition, code_lists, size_from, prepared_by, prepared_role, supersedes, plan_version)
		select $1::uuid, $1::uuid, $4, $2::text, $5, $6, 'x', 'x', 'x', $3, 'STAT_OFFICER', $7, (select v.id from stats.plan_versions v where v.kind = $2 and v.size = 'medium')`,
		id, kind, o.preparer.User, scope, from, to, of)
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	return id
}

func (o *office) ledger(t testing.TB, cube uuid.UUID, table, state string, num, den int64, attempt int) string {
	t.Helper()
	tx := o.super.MustBegin()
	defer tx.Rollback()
	tx.MustExec(`select set_config('app.sid', $1, true)`, string(o.preparer.Handle))
	var reason any
	if state == "RESUMED" {
		reason = "process_ended"
	}
	_, err := tx.Exec(`insert into stats.privacy_ledger (cube_id, table_id, rho_num, rho_den, state, attempt, reason, by_user) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		cube, table, num, den, state, attempt, reason, o.preparer.User)
	if err == nil {
		err = tx.Commit()
	}
	if err == nil {
		return "taken"
	}
	return gate.ConstraintOf(err)
}

func TestLedgerRefusesASumAboveTheCap(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fill(t, "ledger", 120)
	o.published(t, 2024)
	year, late, correction, quarter := o.bareCube(t, "YEAR"), o.bareCube(t, "LATE"), o.bareCube(t, "CORRECTION"), o.bareCube(t, "QUARTER")
	for i, c := range []struct {
		cube     uuid.UUID
		table    string
		num, den int64
		want     string
	}{
		{year, "a", 7, 20, "taken"},
		{year, "b", 1, 1_000_000_000_000, "ledger_stays_below_the_cap"},
		{late, "a", 1, 30, "taken"},
		{late, "b", 2, 30, "taken"},
		{late, "c", 1, 999_999_999_989, "ledger_stays_below_the_cap"},
		{quarter, "a", 1, 10, "taken"},
		{quarter, "b", 1, 1_000_000_000, "ledger_stays_below_the_cap"},
		{correction, "a", 1, 20, "taken"},
		{correction, "b", 1, 2000, "ledger_stays_below_the_cap"},
		{year, "a", 7, 20, "ledger_stays_below_the_cap"},
		{year, "c", 0, 1, "ledger_spends_something"},
		{year, "c", -7, 20, "ledger_spends_something"},
		{year, "c", 1, 0, "ledger_spends_something"},
	} {
		got := o.ledger(t, c.cube, c.table, "RESERVED", c.num, c.den, 1)
		if strings.HasPrefix(c.want, "ledger_spends") && got != "taken" {
			continue // which of two rules speaks first is no matter
		}
		if got != c.want {
			t.Errorf("%d: %d/%d for %s: %s, want %s", i, c.num, c.den, c.table, got, c.want)
		}
	}
	// Exact thirds: seven of 1/20 make 7/20; decimals would not.
	exact := o.bareCube(t, "YEAR")
	for i := range 7 {
		if got := o.ledger(t, exact, fmt.Sprint("t", i), "RESERVED", 1, 20, 1); got != "taken" {
			t.Errorf("part %d: %s", i, got)
		}
	}
	if got := o.ledger(t, exact, "t7", "RESERVED", 1, 1_000_000_000, 1); got != "ledger_stays_below_the_cap" {
		t.Errorf("one part in a billion above: %s", got)
	}
	for _, c := range []struct {
		table, state string
		num          int64
		attempt      int
		want         string
	}{
		{"t0", "DONE", 2, 1, "ledger_draws_what_it_reserved"},
		{"new", "DONE", 1, 1, "ledger_draws_what_it_reserved"},
		{"t0", "DONE", 1, 2, "ledger_draws_what_it_reserved"},
		{"t0", "DONE", 1, 1, "taken"},
		{"t0", "DONE", 1, 1, "ledger_says_a_thing_once"},
		{"t8", "RESERVED", 1, 1, "ledger_reserves_first"},
	} {
		if got := o.ledger(t, exact, c.table, c.state, c.num, 20, c.attempt); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// TestLedgerHoldsInManyHistories lets jobs prepare, crash at any step, resume and ask again, several at once, and looks after each history:
// never above the cap, never two draws of one table, frozen facts exactly where a cube is stored.
func TestLedgerHoldsInManyHistories(t *testing.T) {
	t.Parallel()
	histories := 30
	if s := os.Getenv("BINHAN_HISTORIES"); s != "" {
		var err error
		if histories, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	o := newOffice(t)
	for h := range histories {
		scope := fmt.Sprintf("h%d", h)
		s := release.New(o.Gate, func(string) []string { return []string{"1", "2", "UNK"} })
		o.super.MustExec(`insert into stats.facts (fact_ref, scope, received_on, area, commune, form, forms, sex, age, relation, sex_perp, ethnic)
			select sha256(convert_to($1 || ' ' || i::text, 'UTF8')), $1, '2024-05-05', (1 + i % 2)::text, 'UNK', 'PHYSICAL', '{}', 'F', 'UNK', 'UNKNOWN', 'UNK', 'UNK' from generate_series(1, 20) i`, scope)
		o.super.MustExec(`insert into stats.late_facts (fact_ref, scope, closed_on, form, service, outcome, time_bin)
			select fact_ref, scope, '2024-06-06', form, 'MEDICAL', 'SAFE', 'H1' from stats.facts where scope = $1`, scope)
		var dice [32]byte
		_, _ = rand.Read(dice[:])
		// One kind of cube a history.
		k := []struct {
			cmd    release.PrepareCommand
			tables int
			rho    float64
			frozen string
		}{
			{release.PrepareCommand{Scope: scope, Period: year(2024), Plan: "small"}, 4, 0.35, `select count(*) from stats.facts f where f.cube_id = c.id`},
			{release.PrepareCommand{Scope: scope, Period: year(2024), Plan: "small", Kind: release.Late}, 4, 0.1, `select count(*) from stats.late_facts f where f.cube_id = c.id`},
			{release.PrepareCommand{Scope: scope, Period: quarter(2024, 2), Plan: "medium", Kind: release.Quarter}, 5, 0.1, `select count(*) from stats.facts f where f.quarter_id = c.id`},
		}[dice[31]%3]
		cmd := k.cmd
		var wg sync.WaitGroup
		for j := range 8 {
			wg.Go(func() {
				for k := range 2 {
					b := dice[(j*4+k*2)%31]
					die := []string{"", "frozen", "drawn", "stored"}[b%4]
					r, err := s.Reserve(t.Context(), o.preparer, cmd)
					if err != nil {
						t.Errorf("reserve: %v", err)
						return
					}
					if !r.Fresh() && dice[(j*4+k*2+1)%31]%2 == 0 {
						r, err = s.Resume(t.Context(), o.preparer, r.Release.ID, "process_ended")
						if err != nil && !errors.Is(err, fault.Conflict) && !errors.Is(err, fault.Unavailable) {
							t.Errorf("resume: %v", err)
						}
					}
					if r.Fresh() {
						_, err := s.DrawSteps(t.Context(), o.preparer, r, func(step string) error {
							if step == die {
								return errKilled
							}
							return nil
						})
						if err != nil && die == "" && !errors.Is(err, fault.Conflict) {
							t.Errorf("draw: %v", err)
						}
					}
				}
			})
		}
		wg.Wait()
		for what, want := range map[string]int{
			`select count(*) from stats.cubes where scope = $1`:                                                                                                                                                   1,
			`select count(*) from stats.privacy_ledger l join stats.cubes c on c.id = l.cube_id where scope = $1 and l.state = 'RESERVED'`:                                                                        k.tables,
			`select count(*) from (select 1 from stats.privacy_ledger l join stats.cubes c on c.id = l.cube_id where scope = $1 and l.state = 'DONE' group by l.table_id having count(*) > 1) x`:                  0,
			`select (sum(l.rho_num::numeric / l.rho_den) > ` + fmt.Sprint(k.rho+1e-9) + `)::integer from stats.privacy_ledger l join stats.cubes c on c.id = l.cube_id where scope = $1 and l.state = 'RESERVED'`: 0,
			`select count(*) from stats.cubes c where scope = $1 and (state = 'PREPARED') <> (exists (select 1 from stats.noisy_measurements m where m.cube_id = c.id))`:                                          0,
			`select count(*) from stats.cubes c where scope = $1 and (state = 'PREPARED') <> (20 = (` + k.frozen + `))`:                                                                                           0,
		} {
			if have := o.count(t, what, scope); have != want {
				t.Fatalf("history %d: %s: %d, want %d", h, what, have, want)
			}
		}
	}
	stored, resumed := o.count(t, `select count(*) from stats.cubes where state = 'PREPARED'`), o.count(t, `select count(*) from stats.privacy_ledger where state = 'RESUMED'`)
	if stored == 0 || resumed == 0 {
		t.Errorf("nothing was tried: %d cubes stored, %d tables resumed", stored, resumed)
	}
}

func TestCaseworkGoesOnWhileACubeIsDrawn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.put(t, "counted", "51", "2024-03-05", "608", "PHYSICAL")
	right, err := o.Reserve(t.Context(), o.preparer, ask(2024))
	if err != nil {
		t.Fatal(err)
	}
	corrected := make(chan struct{})
	r, err := o.DrawSteps(t.Context(), o.preparer, right, func(step string) error {
		if step == "frozen" {
			o.put(t, "during", "51", "2024-03-06", "610", "SEXUAL") // a new case waits for nothing
			go func() {
				defer close(corrected)
				o.put(t, "counted", "51", "2024-03-05", "613", "SEXUAL") // the correction waits until the fact is frozen for good
			}()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	<-corrected
	for what, want := range map[string]int{
		`select count(*) from stats.facts where cube_id = $1 and area = '608' and form = 'PHYSICAL'`: 1,
		`select count(*) from stats.facts where cube_id = $1`:                                        1,
		`select count(*) from stats.facts where cube_id is null and area = '610' and $1 = $1::uuid`:  1,
	} {
		if have := o.count(t, what, r.ID); have != want {
			t.Errorf("%s: %d, want %d", what, have, want)
		}
	}
}

func TestPlanGetsTwoApprovals(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fill(t, "approvals", 50)
	r := o.prepared(t, 2024)
	if _, err := o.Publish(t.Context(), o.approver, r.ID); err != nil {
		t.Fatal(err)
	}
	var got struct {
		One uuid.UUID `db:"approved_by_1"`
		Two uuid.UUID `db:"approved_by_2"`
	}
	if err := o.super.Get(&got, `select approved_by_1, approved_by_2 from stats.release_plans`); err != nil {
		t.Fatal(err)
	}
	if got.One != o.preparer.User || got.Two != o.approver.User {
		t.Errorf("%+v", got)
	}
}

func TestCheckFindsATamperedCell(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fill(t, "tampered", 300)
	r := o.prepared(t, 2024)
	// Somebody with the superuser's power changes one published number.
	o.super.MustExec(`alter table stats.release_cells disable trigger cells_are_never_changed`)
	o.super.MustExec(`update stats.release_cells set value = value + 5, upper = upper + 5 where table_id = 'form' and dims = 'form=PHYSICAL'`)
	if _, err := o.Check(t.Context(), o.approver, r.ID); err == nil || fault.KindOf(err) != "" {
		t.Errorf("checked: %v", err)
	}
	if _, err := o.Publish(t.Context(), o.approver, r.ID); err == nil {
		t.Error("published")
	}
	if got, err := o.State(t.Context(), o.approver, r.ID); err != nil || got.State != release.Prepared {
		t.Errorf("%+v %v", got, err)
	}
}

func TestPendingShowsWhatWaits(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fill(t, "pending", 100)
	r := o.prepared(t, 2024)
	got, err := o.Pending(t.Context(), o.approver)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]release.Release{r}, got, cmpopts.EquateApproxTime(0)); diff != "" {
		t.Error(diff)
	}
	if _, err := o.Publish(t.Context(), o.approver, r.ID); err != nil {
		t.Fatal(err)
	}
	if got, err := o.Pending(t.Context(), o.approver); err != nil || len(got) != 0 {
		t.Errorf("%+v %v", got, err)
	}
}

func TestEveryColumnOfTheStatisticsIsClassified(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var bare []string
	if err := o.super.Select(&bare, `select c.oid::regclass || '.' || a.attname
		  from pg_class c
		  join pg_namespace n on n.oid = c.relnamespace
		  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
		 where n.nspname = 'stats' and c.relkind = 'r'
		   and coalesce(col_description(c.oid, a.attnum), '') !~ '^(secret|personal|operational|public): .'`); err != nil {
		t.Fatal(err)
	}
	if len(bare) > 0 {
		t.Errorf("without a class: %v", bare)
	}
	if n := o.count(t, `select count(*) from pg_constraint c join pg_namespace n on n.oid = c.connamespace where n.nspname = 'stats' and c.contype in ('c', 'u', 'x')
		and conname ~ '_(check|key|excl)[0-9]*$'`); n != 0 {
		t.Errorf("%d constraints are not named for their rule", n)
	}
}
