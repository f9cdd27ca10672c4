package rights

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"binhan/internal/calendar"
	"binhan/internal/codelist"
	"binhan/internal/survivor"
)

// The table of Decree 356/2025 art. 5, written out once more: whoever changes a number in the list has to change it here, with the law in her hand.
func TestEveryKindOfRequestHasTheClockOfTheLaw(t *testing.T) {
	t.Parallel()
	received := time.Date(2026, 11, 24, 9, 0, 0, 0, calendar.Zone)
	got := map[string][3]string{}
	day := func(d time.Time) string { return d.Format(time.DateOnly) }
	for _, e := range codelist.MustGet(codelist.DSRType).Entries() {
		alone, third := clockOf(e.Code, received, false, Calendar), clockOf(e.Code, received, true, Calendar)
		if day(alone.Reply) != "2026-11-26" || day(third.Reply) != "2026-11-26" {
			t.Errorf("%s: answer by %s", e.Code, day(alone.Reply))
		}
		got[e.Code] = [3]string{day(alone.Act), day(third.Act), day(extended(e.Code, alone.Act, Calendar))}
	}
	want := map[string][3]string{ // within 10, 15 or 20 days; with a third party; extended once
		"WITHDRAW": {"2026-12-09", "2026-12-14", "2026-12-24"}, "RESTRICT": {"2026-12-09", "2026-12-14", "2026-12-24"}, "OBJECT": {"2026-12-09", "2026-12-14", "2026-12-24"},
		"ACCESS": {"2026-12-04", "2026-12-09", "2026-12-14"}, "RECTIFY": {"2026-12-04", "2026-12-09", "2026-12-14"}, "COPY": {"2026-12-04", "2026-12-09", "2026-12-14"},
		"ERASE": {"2026-12-14", "2026-12-24", "2027-01-04"}, "PROTECT": {"2026-12-09", "2026-12-09", "2026-12-24"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if d := day(clockOf("COPY", received, false, Working).Act); d != "2026-12-08" {
		t.Errorf("ten working days end on %s", d)
	}
}

func TestTheTermOfAChildRunsUntilSheIsGrown(t *testing.T) {
	t.Parallel()
	closed := time.Date(2026, 11, 24, 0, 0, 0, 0, calendar.Zone)
	received := time.Date(2026, 3, 1, 0, 0, 0, 0, calendar.Zone)
	year := func(age int) *survivor.Person { return &survivor.Person{Age: &age} }
	got := map[string]string{}
	for name, p := range map[string]*survivor.Person{"grown": year(40), "a child of 4": year(4), "a child of 15": year(15), "sixteen": year(16), "unknown": {}, "sealed": nil, "born on a day": {BirthDate: "2016-05-20"}} {
		rule, until := keep(p, received, closed)
		got[name] = rule + " " + until.Format(time.DateOnly)
	}
	want := map[string]string{"grown": "ADULT 2036-12-31", "a child of 4": "CHILD 2050-12-31", "a child of 15": "CHILD 2039-12-31", "sixteen": "ADULT 2036-12-31", "unknown": "ADULT 2036-12-31",
		"sealed": "ADULT 2036-12-31", "born on a day": "CHILD 2045-12-31"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestForAChildTheRightPeopleAsk(t *testing.T) {
	t.Parallel()
	age := func(n int) *survivor.Person { return &survivor.Person{Age: &n, BirthDate: ""} }
	now := time.Now()
	got := map[string]bool{}
	for name, x := range map[string]struct {
		p  *survivor.Person
		by string
	}{
		"a child of 5 herself": {age(5), "SELF"}, "her representative for a child of 5": {age(5), "REP"}, "the representative alone for a child of 9": {age(9), "REP"},
		"both for a child of 9": {age(9), "CHILD_AND_REP"}, "an authority where the representative is violent": {age(9), "COURT_OR_PC"}, "a woman herself": {age(30), "SELF"},
		"a representative of a woman": {age(30), "REP"}, "a woman as a child": {age(30), "CHILD_AND_REP"}, "somebody of unknown age": {&survivor.Person{}, "SELF"},
	} {
		got[name] = speaks(x.p, x.by, now) == nil
	}
	want := map[string]bool{"a child of 5 herself": false, "her representative for a child of 5": true, "the representative alone for a child of 9": false, "both for a child of 9": true,
		"an authority where the representative is violent": true, "a woman herself": true, "a representative of a woman": true, "a woman as a child": false, "somebody of unknown age": true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The machine in Go and the wall in SQL allow the same moves.
func TestTheMovesOfARequestStandInTheSchemaToo(t *testing.T) {
	t.Parallel()
	sql := schemaText(t)
	from := strings.Index(sql, "create function rights.request_moves_legally")
	body := sql[from : from+strings.Index(sql[from:], "end $$")]
	allowed := map[string]bool{}
	for _, m := range Moves {
		for _, f := range m.From {
			allowed[string(f)+">"+string(m.To)] = true
		}
	}
	states := []State{Received, Acknowledged, InWork, Extended, Done, Refused, TakenBack}
	for _, a := range states {
		for _, b := range states {
			move := string(a) + ">" + string(b)
			if got := strings.Contains(body, "'"+move+"'"); got != allowed[move] {
				t.Errorf("%s: schema %v, machine %v", move, got, allowed[move])
			}
		}
	}
}
