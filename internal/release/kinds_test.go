package release_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/release"
)

// call runs a door of casework as the counsellor.
func (o *office) call(t testing.TB, query string, args ...any) {
	t.Helper()
	_, err := gate.Do(t.Context(), o.Gate, o.counsellor, access.RecordCase, access.Nothing, func(tx *gate.Tx) (int, error) {
		tx.Later(query, args...)
		return 0, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func quarter(y, q int) release.Period {
	return release.Period{From: fmt.Sprintf("%d-%02d-01", y, 3*q-2), To: fmt.Sprintf("%d-%02d-%d", y, 3*q, []int{31, 30, 30, 31}[q-1])}
}

func (o *office) kind(t testing.TB, k release.Kind, p release.Period) (release.Release, error) {
	t.Helper()
	return o.Prepare(t.Context(), o.preparer, release.PrepareCommand{Scope: "51", Kind: k, Period: p})
}

func key(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return fmt.Sprint(err)
	}
	for _, p := range f.Problems {
		return p.Pointer + " " + p.Key
	}
	return f.Key
}

func TestQuartersAreMergedIntoTheirYear(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fill(t, "quarters", 400)
	for q := 1; q <= 4; q++ {
		if _, err := o.kind(t, release.Year, year(2024)); q > 1 {
			if key(err) != "/period release_quarters_missing" {
				t.Fatalf("the year before its quarter %d: %v", q, err)
			}
		} else if q == 1 {
			// Nothing was released of this year yet, so a whole year would be right; it is undone to go on with quarters.
			if err != nil {
				t.Fatal(err)
			}
			o = newOffice(t)
			o.fill(t, "quarters", 400)
		}
		r, err := o.kind(t, release.Quarter, quarter(2024, q))
		if err != nil {
			t.Fatal(err)
		}
		o.publish(t, r)
		if _, err := o.kind(t, release.Quarter, release.Period{From: fmt.Sprintf("2024-%02d-01", 3*q-2), To: "2024-12-31"}); q < 4 && key(err) != "/period release_whole_quarter" {
			t.Errorf("a quarter of many months: %v", err)
		}
	}
	r := o.published(t, 2024)
	c, err := o.Check(t.Context(), o.approver, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	if c.Manifest.Method.Spent != release.YearAfterQuarters {
		t.Errorf("the year spent %v", c.Manifest.Method.Spent)
	}
	if n := o.count(t, `select count(*) from stats.facts where cube_id is null or quarter_id is null`); n != 0 {
		t.Errorf("%d facts are in no quarter or in no year", n)
	}
	// What a case can have spent: the sum over the cubes that it entered.
	var most float64
	if err := o.super.Get(&most, `with spent as (select cube_id, sum(rho_num::numeric / rho_den) as rho from stats.privacy_ledger where state = 'RESERVED' group by 1)
		select max(coalesce(y.rho, 0) + coalesce(q.rho, 0)) from stats.facts f left join spent y on y.cube_id = f.cube_id left join spent q on q.cube_id = f.quarter_id`); err != nil || most > 0.35+1e-12 {
		t.Errorf("a case spent %v, %v", most, err)
	}
	if _, err := o.kind(t, release.Quarter, quarter(2024, 4)); err != nil {
		t.Errorf("asking again for a quarter: %v", err)
	}
	if _, err := o.kind(t, release.Quarter, quarter(2023, 4)); key(err) != "/period/from release_period_order" {
		t.Errorf("a quarter before the last: %v", err)
	}
}

func TestWhatWasCountedByAQuarterOnlyEntersTheYearOfThatQuarter(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.put(t, "late for its year", "51", "2023-11-05")
	if _, err := o.kind(t, release.Quarter, quarter(2024, 1)); err != nil { // counts the late one too
		t.Fatal(err)
	}
	o.put(t, "of that year", "51", "2023-03-05")
	if _, err := o.kind(t, release.Year, year(2023)); err != nil {
		t.Fatal(err)
	}
	if n := o.count(t, `select count(*) from stats.facts where cube_id is not null and quarter_id is not null`); n != 0 {
		t.Errorf("%d facts spent 7/20 and 1/10", n)
	}
	if n := o.count(t, `select count(*) from stats.facts where cube_id is not null`); n != 1 {
		t.Errorf("%d facts in the year", n)
	}
}

func TestLateFactsEnterOneCubeByTheYearOfClosing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for i := range 6 {
		name := fmt.Sprint("late ", i)
		o.put(t, name, "51", "2024-05-05")
		o.call(t, `select stats.put_late($1, $2::date, 'MEDICAL', 'GOALS_MET', 'H12')`, ref(name), []string{"2024-07-01", "2025-02-01"}[i%2])
	}
	o.call(t, `select stats.put_late($1, '2024-07-01'::date, 'MEDICAL', 'GOALS_MET', 'H12')`, ref("nobody's case"))
	if n := o.count(t, `select count(*) from stats.late_facts where scope = '51' and form = 'PHYSICAL'`); n != 6 {
		t.Errorf("%d late facts", n)
	}
	r, err := o.kind(t, release.Late, year(2024))
	if err != nil {
		t.Fatal(err)
	}
	if n := o.count(t, `select count(*) from stats.late_facts where cube_id = $1`, r.ID); n != 3 {
		t.Errorf("%d late facts of 2024", n)
	}
	// Closed again with another outcome: counted once, by what was known then.
	o.call(t, `select stats.put_late($1, '2025-03-01'::date, 'LEGAL_AID', 'SAFE', 'H1')`, ref("late 0"))
	if n := o.count(t, `select count(*) from stats.late_facts where service = 'LEGAL_AID'`); n != 0 {
		t.Error("a counted late fact changed")
	}
	if _, err := o.kind(t, release.Late, year(2025)); err != nil {
		t.Fatal(err)
	}
	if n := o.count(t, `select count(distinct cube_id) from stats.late_facts where cube_id is not null`); n != 2 {
		t.Errorf("%d late cubes", n)
	}
	c, err := o.Check(t.Context(), o.approver, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, table := range c.Tables {
		ids = append(ids, table.TableID)
	}
	if diff := cmp.Diff([]string{"total", "form", "service", "outcome", "time_bin", "form_service", "service_outcome", "service_time_bin"}, ids); diff != "" {
		t.Error(diff)
	}
	if c.Manifest.Method.Spent != release.LateBudget {
		t.Errorf("spent %v", c.Manifest.Method.Spent)
	}
	o.drop(t, "late 0")
	o.drop(t, "late 1")
	if n := o.count(t, `select count(*) from stats.late_facts where outcome = 'UNK' and service = 'UNK'`); n != 2 {
		t.Errorf("%d emptied late facts", n)
	}
}

func TestCorrectionCountsWhatIsKnownNowAndSupersedesOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fill(t, "wrong", 300)
	for i := range 60 {
		o.put(t, fmt.Sprint("wrong form ", i), "51", "2024-06-06", "608", "SEXUAL")
	}
	if _, err := o.kind(t, release.Correction, year(2024)); key(err) != "/period release_nothing_to_correct" {
		t.Errorf("a correction of nothing: %v", err)
	}
	first := o.published(t, 2024)
	for i := range 60 {
		o.put(t, fmt.Sprint("wrong form ", i), "51", "2024-06-06", "608", "ECONOMIC")
	}
	if n := o.count(t, `select count(*) from stats.facts where form = 'ECONOMIC' and fact_ref in (select fact_ref from stats.fact_corrections)`); n != 0 {
		t.Error("a counted fact changed")
	}
	r, err := o.kind(t, release.Correction, year(2024))
	if err != nil {
		t.Fatal(err)
	}
	if r.Supersedes == nil || *r.Supersedes != first.ID {
		t.Fatalf("supersedes %v", r.Supersedes)
	}
	r = o.publish(t, r)
	old, err := o.Get(t.Context(), o.preparer, first.ID)
	if err != nil || old.State != release.Superseded {
		t.Errorf("the corrected release is %s, %v", old.State, err)
	}
	_, m, err := o.Export(t.Context(), o.preparer, first.ID)
	if err != nil || m.SupersededBy != r.ID.String() {
		t.Errorf("its manifest names %q, %v", m.SupersededBy, err)
	}
	var sexual int
	if err := o.super.Get(&sexual, `select value from stats.release_cells where cube_id = $1 and table_id = 'form' and dims = 'form=SEXUAL'`, r.ID); err != nil || sexual > 60 {
		t.Errorf("still %d, %v", sexual, err)
	}
	if _, err := o.kind(t, release.Correction, year(2024)); err != nil {
		t.Errorf("asking again gives what is there: %v", err)
	}
	if n := o.count(t, `select count(*) from stats.cubes where kind = 'CORRECTION'`); n != 1 {
		t.Errorf("%d corrections", n)
	}
	if _, err := o.AddErratum(t.Context(), o.approver, r.ID, "Có 12 hồ sơ ghi nhầm."); key(err) != "/text release_erratum_numbers" {
		t.Errorf("an erratum with a number: %v", err)
	}
	if _, err := o.AddErratum(t.Context(), o.approver, r.ID, "Một số hồ sơ ghi nhầm khu vực; các tổng không đổi."); err != nil {
		t.Fatal(err)
	}
	if all, err := o.Errata(t.Context(), o.preparer, r.ID); err != nil || len(all) != 1 {
		t.Errorf("%v %v", all, err)
	}
}

func TestPersonCountsOnceAYearAcrossAgencies(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	link := func(name, person string) { o.call(t, `select stats.put_link($1, $2)`, ref(name), ref(person)[:16]) }
	o.put(t, "her first", "51", "2024-02-01", "608")
	o.put(t, "her second, elsewhere", "51", "2024-01-15", "618")
	o.put(t, "her third, next year", "51", "2025-04-01", "610")
	o.put(t, "somebody else", "51", "2024-03-01", "611")
	o.put(t, "nobody knows who", "51", "2024-03-02", "611")
	for _, name := range []string{"her first", "her second, elsewhere", "her third, next year"} {
		link(name, "she")
	}
	link("somebody else", "another")
	link("no case at all", "she")
	o.prepared(t, 2024)
	have := map[string]int{}
	var rows []struct {
		Ref   []byte `db:"fact_ref"`
		Files int    `db:"files"`
	}
	if err := o.super.Select(&rows, `select fact_ref, files from stats.facts`); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"her first", "her second, elsewhere", "her third, next year", "somebody else", "nobody knows who"} {
		i := slices.IndexFunc(rows, func(r struct {
			Ref   []byte `db:"fact_ref"`
			Files int    `db:"files"`
		}) bool {
			return string(r.Ref) == string(ref(name))
		})
		have[name] = rows[i].Files
	}
	want := map[string]int{"her first": 0, "her second, elsewhere": 2, "her third, next year": 1, "somebody else": 1, "nobody knows who": 1}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("the first file of the year counts (-want +got)\n%s", diff)
	}
	// A late file of the same year and person does not count in the next cube either.
	o.put(t, "her fourth, late", "51", "2024-12-30", "612")
	link("her fourth, late", "she")
	o.prepared(t, 2025)
	if n := o.count(t, `select files from stats.facts where fact_ref = $1`, ref("her fourth, late")); n != 0 {
		t.Errorf("she counts again in the next cube: %d", n)
	}
	if n := o.count(t, `select count(*) from stats.cubes where unlinked`); n != 0 {
		t.Errorf("%d cubes say that files could not be tied", n)
	}
	// Erasure takes the token away.
	o.drop(t, "her third, next year")
	if n := o.count(t, `select count(*) from stats.links where fact_ref = $1`, ref("her third, next year")); n != 0 {
		t.Error("the token outlives the erasure")
	}
	// Neither the release job nor the statistician sees a token, nor do those who put it.
	for _, who := range []string{"binhan_releaser", "binhan_statistics", "binhan_app"} {
		if n := o.count(t, `select count(*) from (select 1 where has_any_column_privilege($1, 'stats.links', 'select')) x`, who); n != 0 {
			t.Errorf("%s sees tokens", who)
		}
	}
}

func TestRestoredDatabaseDoesNotDrawAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	dir := t.TempDir()
	o.Keep(&release.Journal{Dir: dir})
	o.fill(t, "restored", 300)
	before := o.published(t, 2024)
	csv, _, err := o.Export(t.Context(), o.preparer, before.ID)
	if err != nil {
		t.Fatal(err)
	}
	if kept, _ := filepath.Glob(filepath.Join(dir, "*.json")); len(kept) != 1 {
		t.Fatalf("kept: %v", kept)
	}
	// The disk dies; yesterday's backup knows the facts and not the release.
	o2 := newOffice(t)
	o2.Keep(&release.Journal{Dir: dir})
	o2.fill(t, "restored", 300)
	if _, err := o2.kind(t, release.Year, year(2025)); key(err) != "release_forgotten" {
		t.Errorf("the next year before the forgotten one: %v", err)
	}
	if _, err := o2.kind(t, release.Late, year(2024)); key(err) != "release_forgotten" {
		t.Errorf("late facts before the forgotten one: %v", err)
	}
	after := o2.published(t, 2024)
	again, m, err := o2.Export(t.Context(), o2.preparer, after.ID)
	if err != nil {
		t.Fatal(err)
	}
	if after.ID != before.ID || after.SHA256 != before.SHA256 || string(again) != string(csv) || !after.CutOff.Equal(*before.CutOff) {
		t.Errorf("another release after the restore: %s, %s", before.ID, after.ID)
	}
	if m.CutOff == "" {
		t.Error("no cut-off")
	}
	if n := o2.count(t, `select count(*) from stats.facts where cube_id = $1`, after.ID); n != 300 {
		t.Errorf("%d facts are frozen again", n)
	}
	// A restore to between the reserve and the draw.
	o3 := newOffice(t)
	o3.Keep(&release.Journal{Dir: dir})
	o3.fill(t, "restored", 300)
	if _, err := o3.Reserve(t.Context(), o3.preparer, ask(2024)); err != nil {
		t.Fatal(err)
	}
	res, err := o3.Resume(t.Context(), o3.preparer, before.ID, "database_ended")
	if err != nil {
		t.Fatal(err)
	}
	third, err := o3.Draw(t.Context(), o3.preparer, res)
	if err != nil || third.SHA256 != before.SHA256 {
		t.Errorf("drawn anew: %v %v", third.SHA256, err)
	}
	// Another cube under the same period, made without the journal, is not drawn.
	o4 := newOffice(t)
	o4.fill(t, "restored", 300)
	res, err = o4.Reserve(t.Context(), o4.preparer, ask(2024))
	if err != nil {
		t.Fatal(err)
	}
	o4.Keep(&release.Journal{Dir: dir})
	if _, err := o4.Draw(t.Context(), o4.preparer, res); err == nil {
		t.Error("a second draw of a kept period")
	}
	if n := o4.count(t, `select count(*) from stats.noisy_measurements`); n != 0 {
		t.Errorf("%d measurements of a second draw", n)
	}
}

func TestPlanIsApprovedByAnotherPersonBeforeUse(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fill(t, "plans", 200)
	shipped := release.ShippedPlans()
	if all, err := o.PlanVersions(t.Context(), o.approver); err != nil || len(all) != len(shipped) {
		t.Fatalf("%d plans, %v", len(all), err)
	}
	o.super.MustExec(`alter table stats.plan_versions disable trigger all`)
	o.super.MustExec(`delete from stats.plan_versions`)
	o.super.MustExec(`alter table stats.plan_versions enable trigger all`)
	if _, err := o.kind(t, release.Year, year(2024)); key(err) != "release_plan_not_approved" {
		t.Errorf("without a plan: %v", err)
	}
	var medium string
	for _, p := range shipped {
		if p.Kind == release.Year && p.Size == release.Medium {
			medium = p.Spec
		}
	}
	v, err := o.ProposePlan(t.Context(), o.preparer, []byte(medium))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.kind(t, release.Year, year(2024)); key(err) != "release_plan_not_approved" {
		t.Errorf("with a proposal: %v", err)
	}
	if _, err := o.ApprovePlan(t.Context(), o.preparer, v.ID); !errors.Is(err, fault.NotFound) {
		t.Errorf("the proposer approves: %v", err)
	}
	if _, err := o.ProposePlan(t.Context(), o.preparer, []byte(medium)); key(err) != "release_plan_there" {
		t.Errorf("the same plan twice: %v", err)
	}
	if v, err = o.ApprovePlan(t.Context(), o.approver, v.ID); err != nil || v.ApprovedAt == nil || v.ApprovedBy == v.ProposedBy {
		t.Fatalf("%+v %v", v, err)
	}
	if _, err := o.ApprovePlan(t.Context(), o.approver, v.ID); key(err) != "release_plan_approved" {
		t.Errorf("approved twice: %v", err)
	}
	r := o.published(t, 2024)
	_, m, err := o.Export(t.Context(), o.preparer, r.ID)
	if err != nil || m.Method.Approved != v.Version {
		t.Errorf("made by %q, %v", m.Method.Approved, err)
	}
}
