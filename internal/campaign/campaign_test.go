package campaign_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/campaign"
	"binhan/internal/fault"
	"binhan/internal/pg"
	"binhan/internal/release"
	"binhan/internal/world"
	"binhan/internal/world/house"
)

const boY = "xa-bo-y"

// ground is a demo province with its two campaigns, and the three people of the work.
type ground struct {
	*house.House
	s                           *campaign.Service
	reporter, officer, approver access.Actor
}

func begin(t *testing.T) ground {
	t.Helper()
	h := house.New(t)
	return ground{h, campaign.New(h.Gate, release.New(h.Gate, nil)), h.Actor(t, "baocao.ngochoi"), h.Actor(t, "thongke.sldtbxh"), h.Actor(t, "lanhdao.sldtbxh")}
}

func n(x int64) *int64 { return &x }

// good is a report of a commune that may be handed in.
func good() campaign.WriteCommand {
	return campaign.WriteCommand{
		Sections: []campaign.SectionText{{Code: "I", Text: "Đã ban hành kế hoạch."}},
		Indicators: []campaign.Count{
			{Code: "TALK", Quantity: campaign.Quantity{Commune: n(3)}, Participants: n(120), Women: n(70)},
			{Code: "LEAFLET", Quantity: campaign.Quantity{Commune: n(500)}},
		},
		Events: []campaign.Event{{Code: "TALK", On: "2026-11-20", Level: campaign.Commune, Place: "Nhà văn hóa thôn", Participants: n(60), Women: n(35)}},
		Budget: []campaign.Money{{Source: "STATE_LOCAL", ThousandDong: 12500}},
	}
}

// problems are the places and keys of a refusal.
func problems(t *testing.T, err error) map[string]string {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid {
		t.Fatalf("not refused with places: %v", err)
	}
	out := map[string]string{}
	for _, p := range f.Problems {
		out[p.Pointer] = p.Key
	}
	return out
}

func (g ground) write(t *testing.T, cmd campaign.WriteCommand) campaign.Activities {
	t.Helper()
	a, err := g.s.Activities(t.Context(), g.reporter, 2026, boY)
	if err != nil {
		t.Fatal(err)
	}
	a, err = g.s.Write(t.Context(), g.reporter, 2026, boY, a.Version, cmd)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAReportIsWrittenHandedInReturnedAndSupplemented(t *testing.T) {
	t.Parallel()
	g := begin(t)
	ctx := t.Context()
	a := g.write(t, good())
	if d := cmp.Diff([]string{"submission"}, a.Moves); d != "" || a.State != campaign.Drafted || len(a.Problems) != 0 {
		t.Fatal(a.State, a.Problems, d)
	}
	a, err := g.s.Submit(ctx, g.reporter, 2026, boY, a.Version)
	if err != nil || a.State != campaign.Submitted || len(a.Submissions) != 1 || a.Submissions[0].Late {
		t.Fatal(a.State, a.Submissions, err)
	}
	if _, err := g.s.Write(ctx, g.reporter, 2026, boY, a.Version, good()); !errors.Is(err, fault.Conflict) {
		t.Fatal("what was handed in was written in:", err)
	}
	a, err = g.s.Return(ctx, g.officer, 2026, boY, campaign.ReturnCommand{Reason: "Thiếu số tờ rơi của thôn Thử."})
	if err != nil || a.State != campaign.Returned || !a.Submissions[0].Back {
		t.Fatal(a.State, a.Submissions, err)
	}
	more := good()
	more.Indicators[1].Quantity.Commune = n(650)
	a = g.write(t, more)
	if a, err = g.s.Submit(ctx, g.reporter, 2026, boY, a.Version); err != nil || a.State != campaign.Submitted {
		t.Fatal(a.State, err)
	}
	if a, err = g.s.Supplement(ctx, g.reporter, 2026, boY); err != nil || a.State != campaign.Supplementing {
		t.Fatal(a.State, err)
	}
	more.Indicators[0].Quantity.Commune = n(4)
	a = g.write(t, more)
	if a, err = g.s.Submit(ctx, g.reporter, 2026, boY, 0); err != nil || a.State != campaign.Supplemented {
		t.Fatal(a.State, err)
	}
	kinds := []string{}
	for _, x := range a.Submissions {
		kinds = append(kinds, x.Kind)
	}
	if d := cmp.Diff([]string{"SUPPLEMENT", "MAIN", "MAIN"}, kinds); d != "" {
		t.Error(d)
	}
	// The main report stays beside its supplement, as it was.
	for number, want := range map[int]int64{1: 3, 2: 3, 3: 4} {
		c, err := g.s.Handed(ctx, g.officer, 2026, boY, number)
		if err != nil || *c.Indicators[0].Quantity.Commune != want {
			t.Errorf("submission %d: %v %v", number, c.Indicators, err)
		}
	}
	steps := []string{}
	for _, s := range a.History {
		steps = append(steps, s.Move+" "+s.By.Username+" "+s.Reason)
	}
	if d := cmp.Diff([]string{"submission baocao.ngochoi ", "return thongke.sldtbxh Thiếu số tờ rơi của thôn Thử.", "submission baocao.ngochoi ", "supplement baocao.ngochoi ", "submission baocao.ngochoi "}, steps); d != "" {
		t.Error(d)
	}
}

func TestASecondEditorIsToldThatTheReportChanged(t *testing.T) {
	t.Parallel()
	g := begin(t)
	a, err := g.s.Activities(t.Context(), g.reporter, 2026, boY)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.s.Write(t.Context(), g.reporter, 2026, boY, a.Version, good()); err != nil {
		t.Fatal(err)
	}
	if _, err := g.s.Write(t.Context(), g.reporter, 2026, boY, a.Version, good()); !errors.Is(err, fault.Stale) {
		t.Error("the second editor overwrote the first:", err)
	}
	if _, err := g.s.Submit(t.Context(), g.reporter, 2026, boY, a.Version); !errors.Is(err, fault.Stale) {
		t.Error("something else was handed in than what was read:", err)
	}
}

func TestNumbersThatCannotBeAreRefusedWhereTheyStand(t *testing.T) {
	t.Parallel()
	g := begin(t)
	bad := campaign.WriteCommand{
		Sections: []campaign.SectionText{{Code: "II", Text: "Không phải chỗ của đơn vị"}},
		Indicators: []campaign.Count{
			{Code: "TALK", Quantity: campaign.Quantity{Commune: n(1)}, Participants: n(50), Women: n(60)},
			{Code: "TRAINING", Quantity: campaign.Quantity{Province: n(1)}, Participants: n(5)},
			{Code: "LEAFLET", Quantity: campaign.Quantity{Commune: n(-1)}, Participants: n(9)},
			{Code: "TALK"},
			{Code: "PICNIC"},
			{Code: "FORUM", Participants: n(3)},
		},
		Events: []campaign.Event{
			{Code: "TALK", On: "2026-12-16", Level: campaign.Commune},
			{Code: "TALK", On: "2026-11-20", Level: campaign.Commune},
			{Code: "LAUNCH", On: "2026-10-31", Level: campaign.Commune},
		},
		Budget: []campaign.Money{{Source: "STATE_LOCAL", ThousandDong: 12345}, {Source: "LOTTERY", ThousandDong: 100}},
	}
	a, err := g.s.Activities(t.Context(), g.reporter, 2026, boY)
	if err != nil {
		t.Fatal(err)
	}
	_, err = g.s.Write(t.Context(), g.reporter, 2026, boY, a.Version, bad)
	want := map[string]string{
		"/sections/0/code": "unknown_code", "/indicators/0/women": "campaign_women", "/indicators/1/quantity/PROVINCE": "campaign_level_not_hers", "/indicators/2/quantity/COMMUNE": "out_of_range",
		"/indicators/2/participants": "campaign_no_people", "/indicators/3/code": "campaign_twice", "/indicators/4/code": "unknown_code", "/indicators/5/participants": "campaign_people_of_nothing",
		"/events/0/on": "campaign_outside", "/events/0/code": "campaign_event_uncounted", "/events/1/code": "campaign_event_uncounted", "/events/2/on": "campaign_outside", "/events/2/code": "campaign_event_uncounted",
		"/budget/0/thousand_dong": "campaign_one_decimal", "/budget/1/source": "unknown_code",
	}
	if d := cmp.Diff(want, problems(t, err)); d != "" {
		t.Error(d)
	}
	again, err := g.s.Activities(t.Context(), g.reporter, 2026, boY)
	if err != nil || again.Version != a.Version {
		t.Error("half of a refused report was kept", err)
	}
}

func TestADraftIsKeptWithItsErrorsAndNotHandedIn(t *testing.T) {
	t.Parallel()
	g := begin(t)
	cmd := good()
	cmd.Draft = true
	cmd.Indicators[0].Women = n(500)
	a := g.write(t, cmd)
	if len(a.Problems) != 1 || a.Problems[0].Pointer != "/indicators/0/women" {
		t.Fatal(a.Problems)
	}
	_, err := g.s.Submit(t.Context(), g.reporter, 2026, boY, a.Version)
	if d := cmp.Diff(map[string]string{"/indicators/0/women": "campaign_women"}, problems(t, err)); d != "" {
		t.Error(d)
	}
}

func TestAReporterKnowsHerOwnUnitAlone(t *testing.T) {
	t.Parallel()
	g := begin(t)
	ctx := t.Context()
	b, err := g.s.Units(ctx, g.reporter, 2026)
	if err != nil || len(b.Items) != 1 || b.Items[0].Unit.Code != boY {
		t.Fatal(b.Items, err)
	}
	for _, unit := range []string{"xa-dak-ha", world.CampaignUnitID(2026, "xa-dak-ha").String(), uuid.NewString(), "khong-co"} {
		if _, err := g.s.Activities(ctx, g.reporter, 2026, unit); !errors.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", unit, err)
		}
	}
	for name, err := range map[string]error{
		"return":  second(g.s.Return(ctx, g.reporter, 2026, boY, campaign.ReturnCommand{Reason: "Thử"})),
		"keep":    second(g.s.Keep(ctx, g.reporter, 2026, 1, campaign.KeepCommand{})),
		"remind":  second(g.s.Remind(ctx, g.reporter, 2026, boY)),
		"live":    second(g.s.Live(ctx, g.reporter, 2026)),
		"prepare": second(g.s.Prepare(ctx, g.reporter, 2026)),
	} {
		if !errors.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{boY, world.CampaignUnitID(2026, boY).String(), world.OrgID("ubnd-boy").String()} {
		if a, err := g.s.Activities(ctx, g.reporter, 2026, name); err != nil || a.Unit.Code != boY {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestTheDepartmentWritesOnlyForUnitsWithoutAnAccount(t *testing.T) {
	t.Parallel()
	g := begin(t)
	a, err := g.s.Activities(t.Context(), g.officer, 2026, "xa-dak-to")
	if err != nil || !a.MayWrite {
		t.Fatal(a.MayWrite, err)
	}
	if _, err := g.s.Write(t.Context(), g.officer, 2026, "xa-dak-to", a.Version, good()); err != nil {
		t.Error(err)
	}
	if _, err := g.s.Write(t.Context(), g.officer, 2026, boY, 2, good()); !errors.Is(err, fault.Refused) {
		t.Error("the department wrote into a unit's own report:", err)
	}
}

// TestTheMachineOfReportsIsTheSchemasToo: every move from every state to every state, in the program and in the database.
func TestTheMachineOfReportsIsTheSchemasToo(t *testing.T) {
	t.Parallel()
	db := house.New(t).DB.Open(t, pg.Superuser)
	states := []campaign.UnitState{campaign.Empty, campaign.Drafted, campaign.Submitted, campaign.Returned, campaign.Supplementing, campaign.Supplemented}
	for _, name := range []string{"submission", "return", "supplement", "deletion"} {
		for _, from := range states {
			for _, to := range states {
				want := false
				for _, m := range campaign.Moves {
					want = want || m == (campaign.Move{Name: name, From: from, To: to})
				}
				var got bool
				if err := db.Get(&got, `select campaign.legal_move($1, $2, $3)`, name, string(from), string(to)); err != nil || got != want {
					t.Errorf("%s from %s to %s: %v in the schema, %v in the program, %v", name, from, to, got, want, err)
				}
			}
		}
	}
}

func TestTheDatabaseRefusesWhatTheProgramWould(t *testing.T) {
	t.Parallel()
	g := begin(t)
	g.write(t, good())
	db := g.DB.Open(t, pg.App)
	db.SetMaxOpenConns(1)
	tx := db.MustBegin()
	defer tx.Rollback()
	if _, err := tx.Exec(`select 1 from gate.enter($1, '', '', null)`, string(g.reporter.Handle)); err != nil {
		t.Fatal(err)
	}
	unit, other := world.CampaignUnitID(2026, boY), world.CampaignUnitID(2026, "xa-dak-ha")
	for name, sql := range map[string]string{
		"a state without a move":      `update campaign.reports set state = 'SUBMITTED' where unit_id = '` + unit.String() + `'`,
		"a version that skips":        `update campaign.reports set body = '{}', version = version + 2 where unit_id = '` + unit.String() + `'`,
		"a move that is none":         `insert into campaign.moves (id, unit_id, move, from_state, to_state, by_user, reason) values (gen_random_uuid(), '` + unit.String() + `', 'return', 'DRAFT', 'RETURNED', auth.user_id(), 'x')`,
		"a return by the unit":        `insert into campaign.moves (id, unit_id, move, from_state, to_state, by_user, reason) values (gen_random_uuid(), '` + unit.String() + `', 'return', 'SUBMITTED', 'RETURNED', auth.user_id(), 'x')`,
		"another unit's submission":   `insert into campaign.submissions (id, unit_id, number, kind, body, sha256, late, by_user) values (gen_random_uuid(), '` + other.String() + `', 9, 'MAIN', '{}', encode(sha256('{}'), 'hex'), false, auth.user_id())`,
		"more women than people":      `insert into campaign.submissions (id, unit_id, number, kind, body, sha256, late, by_user) select gen_random_uuid(), '` + unit.String() + `', 9, 'MAIN', b, encode(sha256(convert_to(b, 'UTF8')), 'hex'), false, auth.user_id() from (values ('{"indicators":[{"code":"TALK","quantity":{"COMMUNE":1},"participants":1,"women":2}]}')) v(b)`,
		"a changed submission":        `update campaign.submissions set body = '{}'`,
		"a removed move":              `delete from campaign.moves`,
		"an edition by a reporter":    `insert into campaign.editions (year, version, province, starts_on, ends_on, units_due_on, department_due_on, body, by_user) values (2027, 1, '51', '2027-11-15', '2027-12-15', '2027-12-15', '2027-12-31', '{}', auth.user_id())`,
		"a version by a reporter":     `insert into campaign.versions (id, year, number, body, sha256, cut_off, prepared_by) values (gen_random_uuid(), 2026, 1, '{}', encode(sha256('{}'), 'hex'), now(), auth.user_id())`,
		"a reminder of her own":       `select campaign.remind(gen_random_uuid(), '` + unit.String() + `')`,
		"a unit added by a reporter":  `insert into campaign.units (id, year, code, name, kind, level, position) values (gen_random_uuid(), 2026, 'x', 'x', 'OTHER', 'COMMUNE', 99)`,
		"a figure of cases by itself": `insert into campaign.version_figures (version_id, key, release_id, table_id, dims, lower, upper) values (gen_random_uuid(), 'case.total', gen_random_uuid(), 'total', '', 0, 9)`,
	} {
		if _, err := tx.Exec(`savepoint s`); err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(sql); err == nil {
			t.Errorf("%s was taken", name)
		}
		if _, err := tx.Exec(`rollback to s`); err != nil {
			t.Fatal(err)
		}
	}
	var seen int
	if err := tx.QueryRow(`select count(*) from campaign.units`).Scan(&seen); err != nil || seen != 1 {
		t.Error("a reporter sees units:", seen, err)
	}
	if n, err := tx.Exec(`update campaign.reports set body = '{}', version = version + 1 where unit_id = $1`, other); err != nil {
		t.Error(err)
	} else if rows, _ := n.RowsAffected(); rows != 0 {
		t.Error("another unit's report was written")
	}
}

func TestAReminderReachesTheReporterOnceADay(t *testing.T) {
	t.Parallel()
	g := begin(t)
	m, err := g.s.Remind(t.Context(), g.officer, 2026, boY)
	if err != nil || m.Told != 1 {
		t.Fatal(m, err)
	}
	if _, err := g.s.Remind(t.Context(), g.officer, 2026, boY); !errors.Is(err, fault.Conflict) {
		t.Error("twice on one day:", err)
	}
	var kinds []string
	if err := g.DB.Open(t, pg.Superuser).Select(&kinds, `select kind from notices where recipient = $1 and case_id is null`, g.reporter.User); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"campaign_reminder"}, kinds); d != "" {
		t.Error(d)
	}
	if _, err := g.s.Remind(t.Context(), g.officer, 2026, "xa-dak-to"); !errors.Is(err, fault.Conflict) {
		t.Error("a unit without an account was reminded:", err)
	}
}

func TestTheBoardPutsFirstWhatNeedsDoing(t *testing.T) {
	t.Parallel()
	g := begin(t)
	b, err := g.s.Units(t.Context(), g.officer, 2022)
	if err != nil || b.Missing != 0 || b.Reported != 22 {
		t.Fatal(b.Missing, b.Reported, err)
	}
	late := 0
	for _, x := range b.Items {
		if x.Late {
			late++
		}
	}
	if late != 1 {
		t.Error("late in 2022:", late)
	}
	b, err = g.s.Units(t.Context(), g.officer, 2026)
	if err != nil {
		t.Fatal(err)
	}
	last := -1
	order := map[campaign.UnitState]int{campaign.Empty: 0, campaign.Returned: 1, campaign.Drafted: 2, campaign.Submitted: 4}
	for _, x := range b.Items {
		if order[x.State] < last {
			t.Errorf("%s stands after what is done", x.Unit.Code)
		}
		last = order[x.State]
	}
	if b.Reported != 4 || b.Missing != 8 {
		t.Error(b.Reported, b.Missing)
	}
}

func TestSettingsAreDatedAndKeepTheirHistory(t *testing.T) {
	t.Parallel()
	g := begin(t)
	ctx := t.Context()
	c, err := g.s.Read(ctx, g.officer, 2022)
	if err != nil || c.Office != "Sở Lao động - Thương binh và Xã hội" || c.Successor != "Sở Nội vụ tỉnh Quảng Ngãi" || c.UnitsDueOn != "2022-12-15" || c.DepartmentDueOn != "2022-12-31" {
		t.Fatal(c, err)
	}
	name := "Phó Giám đốc Thử"
	next, err := g.s.Keep(ctx, g.officer, 2022, c.Version, campaign.KeepCommand{Signature: &campaign.Signature{Mode: "KT", Lines: []string{"KT. Giám đốc", "Phó Giám đốc"}, Name: name}})
	if err != nil || next.Signature.Name != name || next.Version != c.Version+1 || next.Theme != c.Theme {
		t.Fatal(next, err)
	}
	if _, err := g.s.Keep(ctx, g.officer, 2022, c.Version, campaign.KeepCommand{}); !errors.Is(err, fault.Stale) {
		t.Error("an older edition was changed:", err)
	}
	all, err := g.s.History(ctx, g.officer, 2022)
	if err != nil || len(all) != 2 || all[1].Signature.Name != "" || all[0].By.Username != "thongke.sldtbxh" {
		t.Error(all, err)
	}
	_, err = g.s.Keep(ctx, g.officer, 2022, next.Version, campaign.KeepCommand{UnitsDueOn: "2023-01-05", EndsOn: "2022-11-01", OfficeCode: "SOBA"})
	if d := cmp.Diff(map[string]string{"/ends_on": "campaign_ends_before", "/department_due_on": "campaign_department_before", "/office_code": "unknown_code"}, problems(t, err)); d != "" {
		t.Error(d)
	}
}

func TestANewYearInheritsItsOfficeFromTheSuccession(t *testing.T) {
	t.Parallel()
	g := begin(t)
	c, err := g.s.Begin(t.Context(), g.officer, campaign.BeginCommand{Year: 2023, Theme: "Chủ đề thử"})
	if err != nil || c.OfficeCode != "SLDTBXH_KT" || c.Place != "Kon Tum" || c.StartsOn != "2023-11-15" {
		t.Fatal(c, err)
	}
	b, err := g.s.Units(t.Context(), g.officer, 2023)
	if err != nil || len(b.Items) != 22 || b.Reported != 0 {
		t.Error(len(b.Items), b.Reported, err)
	}
	c, err = g.s.Begin(t.Context(), g.officer, campaign.BeginCommand{Year: 2025, Theme: "Chủ đề thử"})
	if err != nil || c.OfficeCode != "SNV_QN" || c.Office != "Sở Nội vụ" || c.Symbol != "BC-SNV" || c.Superior != "Ủy ban nhân dân tỉnh Quảng Ngãi" {
		t.Fatal(c, err)
	}
	if b, err = g.s.Units(t.Context(), g.officer, 2025); err != nil || len(b.Items) != 12 {
		t.Error("districts of 2025:", len(b.Items), err)
	}
	if _, err := g.s.Begin(t.Context(), g.officer, campaign.BeginCommand{Year: 2025, Theme: "Lại"}); !errors.Is(err, fault.Conflict) {
		t.Error(err)
	}
}

func TestTheReportIsMadeReadByAnotherAndPublished(t *testing.T) {
	t.Parallel()
	g := begin(t)
	ctx := t.Context()
	l, err := g.s.Live(ctx, g.officer, 2022)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range l.Consolidation.Checks {
		if x.Severity == campaign.Stops {
			t.Errorf("stops: %v", x)
		}
	}
	// Every total is the sum of the units that it opens to.
	for _, total := range l.Consolidation.Indicators {
		var sum, people, women int64
		for _, u := range total.Units {
			sum, people, women = sum+u.Total, people+u.Participants, women+u.Women
		}
		if sum != total.Total || people != total.Participants || women != total.Women {
			t.Errorf("%s: %d of units, %d in total", total.Code, sum, total.Total)
		}
	}
	if f := l.Consolidation.Figures["TALK"]; f.Value == 0 || !strings.Contains(f.Definition, "22 đơn vị") {
		t.Error(f)
	}
	if !l.Report.Illustrative || len(l.Report.Annexes) != 3 || l.Report.Symbol != "BC-SLĐTBXH" {
		t.Error(l.Report.Illustrative, len(l.Report.Annexes))
	}
	v, err := g.s.Prepare(ctx, g.officer, 2022)
	if err != nil || v.Number != 1 || v.State != campaign.Prepared {
		t.Fatal(v.State, err)
	}
	if _, err := g.s.Prepare(ctx, g.officer, 2022); !errors.Is(err, fault.Conflict) {
		t.Error("two versions wait:", err)
	}
	if _, err := g.s.Decide(ctx, g.officer, 2022, 1, campaign.DecideCommand{Approve: true}); !errors.Is(err, fault.NotFound) {
		t.Error("the preparer approved:", err)
	}
	if _, err := g.s.Publish(ctx, g.approver, 2022, 1); !errors.Is(err, fault.Conflict) {
		t.Error("published before it was read:", err)
	}
	if _, err := g.s.Version(ctx, g.reporter, 2022, 1); !errors.Is(err, fault.NotFound) {
		t.Error("a unit reads what is not published:", err)
	}
	if v, err = g.s.Decide(ctx, g.approver, 2022, 1, campaign.DecideCommand{Reason: "Bổ sung phần khó khăn."}); err != nil || v.State != campaign.Rejected {
		t.Fatal(v.State, err)
	}
	l, err = g.s.WriteTexts(ctx, g.officer, 2022, l.Draft.Version, campaign.TextsCommand{Texts: []campaign.SectionText{{Code: "IV.2", Text: "Địa bàn rộng. Đã tổ chức {{TALK}} cuộc."}}})
	if err != nil {
		t.Fatal(err)
	}
	if v, err = g.s.Prepare(ctx, g.officer, 2022); err != nil || v.Number != 2 {
		t.Fatal(v.Number, err)
	}
	if v, err = g.s.Decide(ctx, g.approver, 2022, 2, campaign.DecideCommand{Approve: true}); err != nil || v.State != campaign.Approved {
		t.Fatal(v.State, err)
	}
	if v, err = g.s.Publish(ctx, g.approver, 2022, 2); err != nil || v.State != campaign.Published {
		t.Fatal(v.State, err)
	}
	r, err := g.s.Report(ctx, g.reporter, 2022, 0)
	if err != nil || r.Version != 2 || r.SHA256 != v.SHA256 {
		t.Error(r.Version, err)
	}
	d, err := g.s.Difference(ctx, g.approver, 2022, 1, 2)
	if err != nil || len(d.Texts) != 4 || d.Texts[1].Code != "IV.2" || len(d.Figures) != 0 {
		t.Error(d, err)
	}
	// The next version supersedes; the one before stays word for word.
	if _, err = g.s.Supplement(ctx, g.officer, 2022, "dak-ha"); err != nil {
		t.Fatal(err)
	}
	a, err := g.s.Activities(ctx, g.officer, 2022, "dak-ha")
	if err != nil {
		t.Fatal(err)
	}
	a.Indicators[1].Quantity.Commune = n(9)
	if _, err = g.s.Write(ctx, g.officer, 2022, "dak-ha", a.Version, campaign.WriteCommand{Sections: a.Sections, Indicators: a.Indicators, Events: a.Events, Budget: a.Budget}); err != nil {
		t.Fatal(err)
	}
	if a, err = g.s.Submit(ctx, g.officer, 2022, "dak-ha", 0); err != nil || !a.Submissions[0].Late {
		t.Fatal("a supplement of today to a report of 2022 is not late", err)
	}
	if v, err = g.s.Prepare(ctx, g.officer, 2022); err != nil {
		t.Fatal(err)
	}
	if d, err = g.s.Difference(ctx, g.officer, 2022, 2, 3); err != nil || len(d.Units) != 1 || d.Units[0] != (campaign.UnitChange{Code: "dak-ha", Name: "Ủy ban nhân dân huyện Đăk Hà", Was: 1, Is: 2}) || len(d.Figures) == 0 {
		t.Error(d, err)
	}
	if _, err = g.s.Decide(ctx, g.approver, 2022, 3, campaign.DecideCommand{Approve: true}); err != nil {
		t.Fatal(err)
	}
	if _, err = g.s.Publish(ctx, g.approver, 2022, 3); err != nil {
		t.Fatal(err)
	}
	states := []campaign.State{}
	all, err := g.s.Versions(ctx, g.officer, 2022)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range all {
		states = append(states, x.State)
	}
	if d := cmp.Diff([]campaign.State{campaign.Published, campaign.Superseded, campaign.Rejected}, states); d != "" {
		t.Error(d)
	}
	if old, err := g.s.Version(ctx, g.officer, 2022, 2); err != nil || old.SHA256 != r.SHA256 {
		t.Error("the superseded version is not what it was", err)
	}
	super := g.DB.Open(t, pg.Superuser)
	if _, err := super.Exec(`update campaign.versions set body = '{}' where year = 2022 and number = 3`); err == nil {
		t.Error("a published version was edited")
	}
}

func TestWordsAndUnknownFiguresStopAVersion(t *testing.T) {
	t.Parallel()
	g := begin(t)
	l, err := g.s.WriteTexts(t.Context(), g.officer, 2022, 2, campaign.TextsCommand{Texts: []campaign.SectionText{
		{Code: "IV.1", Text: "Hỗ trợ kịp thời các Nạn nhân; đối tượng được giáo dục."}, {Code: "V", Text: "Tiếp tục {{DANCE}}."}, {Code: "VI", Text: "Không có mục đích khác."},
	}})
	if err != nil {
		t.Fatal(err)
	}
	stops := map[string]string{}
	for _, x := range l.Consolidation.Checks {
		if x.Severity == campaign.Stops {
			stops[x.Where] = x.Key
		}
	}
	if d := cmp.Diff(map[string]string{"IV.1": "words", "V": "no_such_figure"}, stops); d != "" {
		t.Error(d)
	}
	_, err = g.s.Prepare(t.Context(), g.officer, 2022)
	if d := cmp.Diff(map[string]string{"/checks/words": "campaign_check_words", "/checks/no_such_figure": "campaign_check_no_such_figure"}, problems(t, err)); d != "" {
		t.Error(d)
	}
}
