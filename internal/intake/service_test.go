package intake_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"

	"binhan/internal/access"
	"binhan/internal/casefile"
	"binhan/internal/fault"
	"binhan/internal/i18n"
	"binhan/internal/intake"
	"binhan/internal/pg"
	"binhan/internal/survivor"
	"binhan/internal/world/house"
)

var today = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)

// open opens a register with a mapping.
func open(t testing.TB, mapping, path string) *intake.Reader {
	t.Helper()
	m, err := intake.OpenMapping(mapping)
	if err != nil {
		t.Fatal(err)
	}
	r, err := intake.Open(context.Background(), m, path, today)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// unpacked is a packed file of testdata, or its first rows when lines is above 0.
func unpacked(t testing.TB, name string, lines int) string {
	t.Helper()
	f, err := os.Open("testdata/" + name + ".gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if lines > 0 {
		raw = bytes.Join(bytes.SplitAfter(raw, []byte("\n"))[:lines+1], nil)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// written is what the database holds of a register, as the statistics see it.
func written(t testing.TB, db *sqlx.DB, scope string) map[string]int {
	t.Helper()
	var rows []struct {
		Cell string `db:"cell"`
		N    int    `db:"n"`
	}
	err := db.Select(&rows, `select concat_ws('|', to_char(received_on, 'YYYY-MM-DD'), area, commune, form, array_to_string(forms, ','), sex, age, relation, sex_perp, ethnic) as cell, count(*) as n
		from stats.facts where scope = $1 group by 1`, scope)
	if err != nil {
		t.Fatal(err)
	}
	cells := map[string]int{}
	for _, r := range rows {
		cells[r.Cell] = r.N
	}
	return cells
}

// expected is what a register should become, read without a database.
func expected(t testing.TB, r *intake.Reader) map[string]int {
	t.Helper()
	cells := map[string]int{}
	for {
		outcome, err := r.Next()
		if errors.Is(err, io.EOF) {
			return cells
		}
		if err != nil {
			t.Fatal(err)
		}
		if outcome.Row != nil {
			f := outcome.Row.Fact(r.Mapping().Scope)
			cells[strings.Join([]string{
				f.ReceivedOn.Format(time.DateOnly), f.Area, f.Commune, f.Form, strings.Join(f.Forms, ","), f.Sex, f.Age, f.Relation, f.SexPerp, f.Ethnic,
			}, "|")]++
		}
	}
}

func counted(t testing.TB, db *sqlx.DB, query string, args ...any) int {
	t.Helper()
	var n int
	if err := db.Get(&n, query, args...); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWholeRegisterBecomesCasesAndFacts(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("half a minute of a busy machine")
	}
	h := house.New(t)
	s := intake.New(casefile.New(h.Gate))
	who := h.Actor(t, "tuvan.kontum")
	path := unpacked(t, "linea144-2021.csv", 0)
	began := time.Now()
	report, err := s.Import(t.Context(), who, open(t, "linea144.yaml", path), "linea144-2021.csv", nil)
	if err != nil {
		t.Fatalf("%+v: %v", report.Rows, err)
	}
	t.Logf("%d rows in %s", report.Rows.Taken, time.Since(began).Round(time.Millisecond))
	if diff := cmp.Diff(intake.Counts{Read: 25301, Taken: 25300, Untaken: 1}, report.Rows); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(expected(t, open(t, "linea144.yaml", path)), written(t, h.DB.Open(t, pg.Superuser), "linea144")); diff != "" {
		t.Error(diff)
	}
}

func TestImportedFactsAreThoseOfTheRowsAndASecondRunTakesNothing(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	super := h.DB.Open(t, pg.Superuser)
	s := intake.New(casefile.New(h.Gate))
	who := h.Actor(t, "tuvan.kontum")
	for _, c := range []struct {
		mapping, path, scope string
		first, second        intake.Counts
	}{
		{"linea144.yaml", "testdata/linea144-sample.csv", "linea144", intake.Counts{Read: 38, Taken: 37, Untaken: 1}, intake.Counts{Read: 38, AlreadyThere: 37, Untaken: 1}},
		{"testdata/so-tiep-nhan.yaml", "testdata/so-tiep-nhan.csv", "51", intake.Counts{Read: 4, Taken: 3, Untaken: 1}, intake.Counts{Read: 4, AlreadyThere: 3, Untaken: 1}},
	} {
		for _, want := range []intake.Counts{c.first, c.second} {
			report, err := s.Import(t.Context(), who, open(t, c.mapping, c.path), "so.csv", nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, report.Rows); diff != "" {
				t.Errorf("%s: %s", c.path, diff)
			}
			if report.DryRun || report.ExitCode(false) != 0 || report.ExitCode(true) != 1 {
				t.Errorf("%s: %+v", c.path, report)
			}
			if diff := cmp.Diff(expected(t, open(t, c.mapping, c.path)), written(t, super, c.scope)); diff != "" {
				t.Errorf("%s: %s", c.path, diff)
			}
		}
	}
	if n := counted(t, super, `select count(*) from cases`); n != 40 {
		t.Errorf("%d cases", n)
	}
}

func TestCaseSaysWhatTheRegisterSaidAndWhereItComesFrom(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	cases := casefile.New(h.Gate)
	who := h.Actor(t, "tuvan.kontum")
	if _, err := intake.New(cases).Import(t.Context(), who, open(t, "testdata/so-tiep-nhan.yaml", "testdata/so-tiep-nhan.csv"), "so.csv", nil); err != nil {
		t.Fatal(err)
	}
	page, err := cases.List(t.Context(), who, casefile.Filter{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range page.Items {
		v, err := cases.Read(t.Context(), who, item.ID)
		if err != nil {
			t.Fatal(err)
		}
		if v.Commune != "23425" {
			continue
		}
		received := time.Date(2024, 7, 5, 0, 0, 0, 0, time.FixedZone("ICT", 7*3600))
		age := 31
		want := casefile.View{
			Status: "NEW", Commune: "23425", ReceivedOn: "2024-07-05", Withheld: []string{},
			Survivor:  &survivor.Person{Name: "Người Thử Nghiệm Một", Sex: "F", Age: &age, Phone: "0900000001", Ethnicity: "14", Commune: "23425"},
			Intake:    &casefile.Intake{Channel: "IN_PERSON", Reporter: "SELF"},
			Narrative: "Nhập từ Sổ tiếp nhận thử nghiệm, dòng 3.\nChuyện thử một\nGhi chú: gọi lại sau\nCó con nhỏ",
		}
		got := casefile.View{Status: v.Status, Commune: v.Commune, ReceivedOn: v.ReceivedOn, Withheld: v.Withheld, Survivor: v.Survivor, Narrative: v.Narrative,
			Intake: &casefile.Intake{Channel: v.Intake.Channel, Reporter: v.Intake.Reporter}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if !v.Intake.ReceivedAt.Equal(received) || v.Owner.Username != "tuvan.kontum" {
			t.Errorf("received at %s, kept by %s", v.Intake.ReceivedAt, v.Owner.Username)
		}
		if len(v.Incidents) != 1 || !cmp.Equal(v.Incidents[0].Acts, []string{"A", "B"}) || v.Incidents[0].OccurredOn != "2024-07-04" || v.Incidents[0].Relationship != "HUSBAND" {
			t.Errorf("%+v", v.Incidents)
		}
		return
	}
	t.Error("the case is not among hers")
}

// stopper cancels an import when it has shown its progress so many times.
type stopper struct {
	after  int
	cancel context.CancelFunc
}

func (s *stopper) Write(p []byte) (int, error) {
	if s.after--; s.after == 0 {
		s.cancel()
	}
	return len(p), nil
}

func TestStoppedImportGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	super := h.DB.Open(t, pg.Superuser)
	s := intake.New(casefile.New(h.Gate))
	who := h.Actor(t, "tuvan.kontum")
	const rows = 1600
	path := unpacked(t, "linea144-2021.csv", rows)
	taken := 0
	for _, after := range []int{1, 2, 1} {
		ctx, cancel := context.WithCancel(t.Context())
		clock := today
		progress := intake.NewProgress(&stopper{after, cancel}, false, i18n.Vietnamese, func() time.Time { clock = clock.Add(time.Minute); return clock })
		report, err := s.Import(ctx, who, open(t, "linea144.yaml", path), "x", progress)
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("it went on to its end: %+v, %v", report.Rows, err)
		}
		if report.Rows.AlreadyThere > taken || report.Rows.Read >= rows {
			t.Errorf("%+v after %d", report.Rows, taken)
		}
		taken += report.Rows.Taken
		if n := counted(t, super, `select count(*) from cases`); n < taken || n == 0 {
			t.Errorf("%d cases, %d taken", n, taken)
		}
	}
	before := counted(t, super, `select count(*) from cases`)
	report, err := s.Import(t.Context(), who, open(t, "linea144.yaml", path), "x", nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(intake.Counts{Read: rows, Taken: rows - before, AlreadyThere: before}, report.Rows); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(expected(t, open(t, "linea144.yaml", path)), written(t, super, "linea144")); diff != "" {
		t.Error(diff)
	}
	if n := counted(t, super, `select count(distinct case_id) from audit.entries where act = 'case.import' and decision = 'allowed' and case_id is not null`); n != rows {
		t.Errorf("%d entries on the record for %d cases", n, rows)
	}
}

func TestOnlyWhoMayImportDoes(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	super := h.DB.Open(t, pg.Superuser)
	s := intake.New(casefile.New(h.Gate))
	for _, username := range []string{"giamsat.kontum", "congan.ngochoi", "thongke.sldtbxh", "quantri", "thanhtra", "yte.kontum"} {
		report, err := s.Import(t.Context(), h.Actor(t, username), open(t, "linea144.yaml", "testdata/linea144-sample.csv"), "x", nil)
		if !errors.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", username, err)
		}
		if report.Rows.Taken != 0 {
			t.Errorf("%s took %d rows", username, report.Rows.Taken)
		}
	}
	ended := h.Actor(t, "tuvan.kontum")
	if err := h.Gate.EndSession(t.Context(), ended.Handle, "test"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Import(t.Context(), ended, open(t, "linea144.yaml", "testdata/linea144-sample.csv"), "x", nil); !errors.Is(err, fault.Unauthenticated) {
		t.Errorf("an ended session: %v", err)
	}
	moved := h.Actor(t, "tuvan.kontum")
	moved.OrgName = "Tổ chức khác"
	if _, err := s.Import(t.Context(), moved, open(t, "linea144.yaml", "testdata/linea144-sample.csv"), "x", nil); !errors.Is(err, fault.Refused) {
		t.Errorf("an owner who moved: %v", err)
	}
	if n := counted(t, super, `select count(*) from cases`); n != 0 {
		t.Errorf("%d cases", n)
	}
	if n := counted(t, super, `select count(*) from audit.entries where act = 'case.import' and decision = 'refused'`); n != 6 {
		t.Errorf("%d refusals on the record", n)
	}
}

func TestColleaguesDoNotSeeImportedCases(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	cases := casefile.New(h.Gate)
	if _, err := intake.New(cases).Import(t.Context(), h.Actor(t, "tuvan.kontum"), open(t, "linea144.yaml", "testdata/linea144-sample.csv"), "x", nil); err != nil {
		t.Fatal(err)
	}
	page, err := cases.List(t.Context(), h.Actor(t, "tuvan.ngochoi"), casefile.Filter{Limit: 10})
	if err != nil || len(page.Items) != 0 {
		t.Errorf("a stranger sees %d, %v", len(page.Items), err)
	}
}

// The database may be busy for a moment: a table is locked here until an import was turned away once and came back.
func TestImportWaitsWhileTheDatabaseIsBusy(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	super := h.DB.Open(t, pg.Superuser)
	lock, err := super.Beginx()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Rollback() }()
	if _, err := lock.Exec(`lock table import_rows in access exclusive mode`); err != nil {
		t.Fatal(err)
	}
	type result struct {
		report *intake.Report
		err    error
	}
	done := make(chan result, 1)
	who, reader := h.Actor(t, "tuvan.kontum"), open(t, "linea144.yaml", "testdata/linea144-sample.csv")
	go func() {
		report, err := intake.New(casefile.New(h.Gate)).Import(t.Context(), who, reader, "x", nil)
		done <- result{report, err}
	}()
	waits := map[time.Time]bool{}
	for len(waits) < 2 {
		var starts []time.Time
		if err := super.Select(&starts, `select xact_start from pg_stat_activity, pg_sleep(0.05) where datname = current_database() and wait_event_type = 'Lock' and query like '%import_rows%' and pid <> pg_backend_pid()`); err != nil {
			t.Fatal(err)
		}
		for _, s := range starts {
			waits[s.UTC()] = true
		}
		select {
		case r := <-done:
			t.Fatalf("it ended while the table was locked: %+v, %v", r.report, r.err)
		default:
		}
	}
	if err := lock.Commit(); err != nil {
		t.Fatal(err)
	}
	r := <-done
	if r.err != nil || r.report.Rows.Taken != 37 {
		t.Errorf("%+v, %v", r.report, r.err)
	}
}

func command(c intake.Command) (intake.Command, *bytes.Buffer, *bytes.Buffer) {
	var out, errs bytes.Buffer
	c.Out, c.Err = &out, &errs
	c.Now = func() time.Time { return today }
	if c.Language == "" {
		c.Language = i18n.Vietnamese
	}
	return c, &out, &errs
}

func noWorld() (intake.World, error) { return intake.World{}, errors.New("a dry run needs no world") }

func TestCommandRunsDryByDefault(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		command intake.Command
		exit    int
		says    []string
	}{
		{intake.Command{Mapping: "linea144.yaml", File: "testdata/linea144-sample.csv"}, 0, []string{"Chạy thử", "Nhận vào: 37", "dòng 13, edad_persona_en_situacion_de_violencia: số nằm ngoài"}},
		{intake.Command{Mapping: "linea144.yaml", File: "testdata/linea144-sample.csv", Strict: true}, 1, []string{"Nhận vào: 37"}},
		{intake.Command{Mapping: "linea144.yaml", File: "testdata/linea144-sample.csv", JSON: true}, 0, []string{`"taken": 37`, `"dry_run": true`}},
		{intake.Command{Mapping: "linea144.yaml", File: "testdata/linea144-sample.csv", Language: i18n.English}, 0, []string{"Dry run", "Taken: 37"}},
	} {
		cmd, out, errs := command(c.command)
		exit, err := cmd.Run(t.Context(), noWorld)
		if err != nil || exit != c.exit {
			t.Errorf("%+v: exit %d, %v", c.command, exit, err)
		}
		for _, s := range c.says {
			if !strings.Contains(out.String(), s) {
				t.Errorf("%+v does not say %q: %s", c.command, s, out)
			}
		}
		if !strings.Contains(errs.String(), "100%") {
			t.Errorf("progress: %s", errs)
		}
	}
}

func TestCommandExplainsItsRefusals(t *testing.T) {
	t.Parallel()
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	if err := os.WriteFile(bad, []byte("name: x\nversion: 1\nscope: s\norganisation: o\nowner: u\nfields:\n  received_on: {header: fecha, dates: [D/M/YYYY]}\n  channel: {constant: PIGEON}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	unreadable := filepath.Join(t.TempDir(), "unreadable.yaml")
	if err := os.WriteFile(unreadable, []byte("name: x\ncolour: red\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		mapping, file string
		language      i18n.Language
		says          []string
	}{
		{"none.yaml", "x.csv", i18n.Vietnamese, []string{"Không tìm thấy bảng ánh xạ."}},
		{"linea144.yaml", "none.csv", i18n.English, []string{"The register cannot be opened."}},
		{"linea144.yaml", "testdata/so-tiep-nhan.csv", i18n.Vietnamese, []string{"chỉ thấy 0 trong 18 cột"}},
		{bad, "x.csv", i18n.English, []string{"cannot be used", "/fields/channel/constant: The list of this field has no code PIGEON."}},
		{unreadable, "x.csv", i18n.Vietnamese, []string{"Không đọc được bảng ánh xạ.", "colour"}},
	} {
		cmd, out, errs := command(intake.Command{Mapping: c.mapping, File: c.file, Language: c.language})
		exit, err := cmd.Run(t.Context(), noWorld)
		if exit != 1 || err != nil || out.Len() != 0 {
			t.Errorf("%s: exit %d, %v, %s", c.mapping, exit, err, out)
		}
		for _, s := range c.says {
			if !strings.Contains(errs.String(), s) {
				t.Errorf("%s does not say %q: %s", c.mapping, s, errs)
			}
		}
	}
}

func TestCommandImportsInTheOwnersName(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	world := func() (intake.World, error) {
		return intake.World{
			Service: intake.New(casefile.New(h.Gate)),
			Actor:   func(owner string) (access.Actor, error) { return h.Actor(t, owner), nil },
		}, nil
	}
	for _, want := range []string{"Nhận vào: 37", "Đã có từ trước: 37"} {
		cmd, out, _ := command(intake.Command{Mapping: "linea144.yaml", File: "testdata/linea144-sample.csv", Commit: true})
		if exit, err := cmd.Run(t.Context(), world); exit != 0 || err != nil {
			t.Fatal(exit, err)
		}
		if !strings.Contains(out.String(), want) || strings.Contains(out.String(), "Chạy thử") {
			t.Error(out)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	cmd, _, errs := command(intake.Command{Mapping: "linea144.yaml", File: "testdata/linea144-sample.csv", Commit: true})
	if exit, err := cmd.Run(ctx, world); exit != 1 || err != nil || !strings.Contains(errs.String(), "chạy lại lệnh này") {
		t.Error(exit, err, errs)
	}
}
