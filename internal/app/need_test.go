package app_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/app/apptest"
	"binhan/internal/pg"
	"binhan/internal/world"
)

func emergency() map[string]any {
	return map[string]any{"code": "LIFE_THREAT", "reason": "Người ấy đang ở phòng cấp cứu (thử)."}
}

func emergencyFor(code string) map[string]any {
	m := emergency()
	m["case"] = code
	return m
}

func TestBreakGlassOpensOneCaseForHoursAndTellsItsPeople(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	holder, boss, nurse := s.As(t, "tuvan.kontum"), s.As(t, "giamsat.kontum"), s.As(t, "yte.kontum")
	made := holder.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case())
	path, code := "/api/v1/cases/"+made.Text("id"), made.Text("code")
	nurse.Must(http.StatusNotFound, "GET", path, nil)
	open := nurse.Must(http.StatusCreated, "POST", "/api/v1/break-glass", emergencyFor(" "+strings.ToLower(code)+" "))
	if open.Text("case") != made.Text("id") || open.Text("reviewed_at") != "" {
		t.Errorf("%s", open.Body)
	}
	read := nurse.Must(http.StatusOK, "GET", path, nil)
	if read.Text("survivor.name") != "Người Thử Nghiệm Một" || read.Text("narrative") == "" || read.Text("emergency_until") == "" {
		t.Errorf("not open: %s", read.Body)
	}
	for _, mark := range []string{"Thôn Thử", "0900 000 002", "hoa dã quỳ"} {
		if strings.Contains(string(read.Body), mark) {
			t.Errorf("the safety class is open: %q", mark)
		}
	}
	if list := nurse.Must(http.StatusOK, "GET", "/api/v1/cases", nil); list.Text("items.0.id") != made.Text("id") || list.Len("items") != 1 {
		t.Errorf("list: %s", list.Body)
	}
	for _, denied := range []string{"/walls", "/access", "/history"} {
		nurse.Must(http.StatusNotFound, "GET", path+denied, nil)
	}
	nurse.Must(http.StatusNotFound, "POST", path+"/incidents", map[string]any{"acts": []string{"A"}})

	// Both are told, with the code, and nothing of what lies in the case.
	for _, c := range []*apptest.Client{holder, boss} {
		n := c.Must(http.StatusOK, "GET", "/api/v1/notices", nil)
		if n.Text("items.0.kind") != "break_glass" || n.Text("items.0.case_code") != code || n.Number("unseen") != 1 || n.Text("items.0.organisation") != "Bệnh viện đa khoa khu vực Kon Tum" {
			t.Errorf("%s: %s", c.Name, n.Body)
		}
		if strings.Contains(string(n.Body), "cấp cứu") {
			t.Error("a notice has content")
		}
	}
	if n := holder.Must(http.StatusOK, "POST", "/api/v1/notices/seen", map[string]any{}); n.Number("unseen") != 0 {
		t.Errorf("%s", n.Body)
	}
	// Pressed twice: it is open, and is one emergency.
	again := nurse.Must(http.StatusCreated, "POST", path+"/break-glass", emergency())
	if again.Text("id") != open.Text("id") || again.Text("until") != open.Text("until") {
		t.Errorf("twice: %s and %s", open.Body, again.Body)
	}
	// She who holds it needs none.
	holder.Must(http.StatusConflict, "POST", path+"/break-glass", emergency())
	boss.Must(http.StatusConflict, "POST", "/api/v1/break-glass", emergencyFor(code))

	// The second person opens the safety class; she herself cannot, and nobody before she asked.
	one := "/api/v1/break-glass/" + open.Text("id")
	boss.Must(http.StatusConflict, "POST", one+"/safety", nil)
	nurse.Must(http.StatusNotFound, "POST", one+"/safety", nil)
	nurse.Must(http.StatusAccepted, "POST", one+"/safety-request", nil)
	nurse.Must(http.StatusNotFound, "POST", one+"/safety", nil)
	s.As(t, "congan.ngochoi").Must(http.StatusNotFound, "POST", one+"/safety", nil)
	holder.Must(http.StatusNoContent, "POST", one+"/safety", nil)
	holder.Must(http.StatusConflict, "POST", one+"/safety", nil)
	if read := nurse.Must(http.StatusOK, "GET", path, nil); read.Text("safe_contact.code_word") != "hoa dã quỳ" {
		t.Errorf("safety stays closed: %s", read.Body)
	}

	// The review: not by her, not by the holder while somebody supervises, once.
	seen := boss.Must(http.StatusOK, "GET", one, nil)
	if seen.Text("reason") != "Người ấy đang ở phòng cấp cứu (thử)." {
		t.Errorf("%s", seen.Body)
	}
	verdict := map[string]any{"verdict": "JUSTIFIED", "note": "Đã gọi lại (thử)."}
	nurse.Must(http.StatusNotFound, "POST", one+"/review", verdict)
	holder.Must(http.StatusNotFound, "POST", one+"/review", verdict)
	if done := boss.Must(http.StatusOK, "POST", one+"/review", verdict); done.Text("verdict") != "JUSTIFIED" || done.Text("review") != "Đã gọi lại (thử)." {
		t.Errorf("%s", done.Body)
	}
	boss.Must(http.StatusConflict, "POST", one+"/review", verdict)

	// After its hours the case is gone, from the list too.
	god := s.DB.Open(t, pg.Superuser)
	god.MustExec(`set session_replication_role = replica; update case_standings set until = now() - interval '1 second' where standing like 'break_glass%'`)
	nurse.Must(http.StatusNotFound, "GET", path, nil)
	if list := nurse.Must(http.StatusOK, "GET", "/api/v1/cases", nil); list.Len("items") != 0 {
		t.Errorf("list after the end: %s", list.Body)
	}
	if mine := nurse.Must(http.StatusOK, "GET", "/api/v1/break-glass", nil); mine.Len("items") != 1 || mine.At("items.0.case") != nil || mine.Text("items.0.verdict") != "JUSTIFIED" {
		t.Errorf("her own: %s", mine.Body)
	}
}

// TestAWrongCodeAndASealedCaseLookAlike: status, words, record and statements.
func TestAWrongCodeAndASealedCaseLookAlike(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	holder, boss, nurse := s.As(t, "tuvan.kontum"), s.As(t, "giamsat.kontum"), s.As(t, "yte.kontum")
	make := func() apptest.Answer { return holder.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case()) }
	hidden, walled, plain := make(), make(), make()
	sealed(t, s, holder, boss, hidden.Text("id"))
	holder.Must(http.StatusCreated, "POST", "/api/v1/cases/"+walled.Text("id")+"/walls", map[string]any{"username": "yte.kontum", "why": "NEIGHBOUR"})
	wrong := "2345-51-26-"
	for _, c := range "23456789BCDFGHJKMNPQRTV" { // the check letter is a sum; one of them is right
		if got := nurse.Do("POST", "/api/v1/break-glass", emergencyFor(wrong+string(c))); got.Status == http.StatusNotFound {
			wrong += string(c)
			break
		}
	}
	type shape struct {
		Status     int
		Type       string
		Detail     string
		Statements int64
	}
	ask := func(body map[string]any, path string) shape {
		before := s.App.Gate.Statements()
		got := nurse.Do("POST", path, body)
		return shape{got.Status, got.Text("type"), got.Text("detail"), s.App.Gate.Statements() - before}
	}
	want := ask(emergencyFor(wrong), "/api/v1/break-glass")
	if want.Status != http.StatusNotFound {
		t.Fatalf("%+v", want)
	}
	for name, got := range map[string]shape{
		"sealed": ask(emergencyFor(hidden.Text("code")), "/api/v1/break-glass"), "walled": ask(emergencyFor(walled.Text("code")), "/api/v1/break-glass"),
		"sealed by id": ask(emergency(), "/api/v1/cases/"+hidden.Text("id")+"/break-glass"), "walled by id": ask(emergency(), "/api/v1/cases/"+walled.Text("id")+"/break-glass"),
		"no id": ask(emergency(), "/api/v1/cases/"+uuid.NewString()+"/break-glass"),
	} {
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s can be told from a wrong code:\n%s", name, d)
		}
	}
	if got := ask(emergencyFor(plain.Text("code")), "/api/v1/break-glass"); got.Status != http.StatusCreated {
		t.Errorf("a right code: %+v", got)
	}
}

// sealed seals a case of the holder with her supervisor as the second person; nobody else is named.
func sealed(t *testing.T, s *apptest.Server, holder, second *apptest.Client, id string, names ...string) {
	t.Helper()
	holder.Must(http.StatusAccepted, "POST", "/api/v1/cases/"+id+"/seal", map[string]any{"why": "STAFF", "names": names, "second": second.Name})
	waiting := second.Must(http.StatusOK, "GET", "/api/v1/seals", nil)
	for i := range waiting.Len("items") {
		second.Must(http.StatusNoContent, "POST", "/api/v1/seals/"+waiting.Text(fmt.Sprintf("items.%d.id", i))+"/agreement", nil)
	}
}

func TestGuessesOfACodeAreCountedAndStopTogether(t *testing.T) {
	t.Parallel()
	s := budgeted(t, func(b *access.Budgets) { b.Lookups = 5 })
	nurse := s.As(t, "yte.kontum")
	var mu sync.Mutex
	counts := map[int]int{}
	together(slices.Repeat([]int{0}, 24), func(int) {
		got := nurse.Do("POST", "/api/v1/cases/"+uuid.NewString()+"/break-glass", emergency())
		mu.Lock()
		counts[got.Status]++
		mu.Unlock()
	})
	if d := cmp.Diff(map[int]int{http.StatusNotFound: 5, http.StatusTooManyRequests: 19}, counts); d != "" {
		t.Error(d)
	}
	var recorded []struct {
		Condition string `db:"condition"`
		N         int    `db:"n"`
	}
	if err := s.DB.Open(t, pg.Superuser).Select(&recorded, `select coalesce(condition, '') as condition, count(*) as n from audit.entries where decision = 'refused' group by 1 order by 1`); err != nil {
		t.Fatal(err)
	}
	if len(recorded) != 2 || recorded[0].Condition != "budget_lookups" || recorded[0].N != 19 || recorded[1].N != 5 {
		t.Errorf("recorded: %+v", recorded)
	}
}

func budgeted(t *testing.T, change func(*access.Budgets)) *apptest.Server {
	t.Helper()
	s := apptest.New(t)
	b := access.GenerousBudgets()
	change(&b)
	s.App.Gate.Limit(b)
	return s
}

// TestEveryEmergencyIsReviewedOrLocksItsAccount: 100 % of uses have a review row or a lock.
func TestEveryEmergencyIsReviewedOrLocksItsAccount(t *testing.T) {
	t.Parallel()
	s := budgeted(t, func(b *access.Budgets) { b.Emergencies = 2 })
	holder, boss, nurse := s.As(t, "tuvan.kontum"), s.As(t, "giamsat.kontum"), s.As(t, "yte.kontum")
	var ids, cases []string
	for range 4 {
		cases = append(cases, holder.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case()).Text("id"))
	}
	for _, c := range cases[:2] {
		ids = append(ids, nurse.Must(http.StatusCreated, "POST", "/api/v1/cases/"+c+"/break-glass", emergency()).Text("id"))
	}
	if got := nurse.Must(http.StatusTooManyRequests, "POST", "/api/v1/cases/"+cases[2]+"/break-glass", emergency()); !strings.Contains(got.Text("detail"), "giám sát") {
		t.Errorf("%s", got.Body)
	}
	god := s.DB.Open(t, pg.Superuser)
	god.MustExec(`set session_replication_role = replica`)
	god.SetMaxOpenConns(1)
	god.MustExec(`update break_glass set opened_at = opened_at - interval '9 days', until = until - interval '9 days', review_due = now() + interval '1 hour'`)
	third := nurse.Must(http.StatusCreated, "POST", "/api/v1/cases/"+cases[2]+"/break-glass", emergency()).Text("id")
	god.MustExec(`update break_glass set review_due = now() - interval '1 second' where id = $1`, ids[0])
	nurse.Must(http.StatusConflict, "POST", "/api/v1/cases/"+cases[3]+"/break-glass", emergency())
	// The lock says the same of a case that is not there.
	nurse.Must(http.StatusConflict, "POST", "/api/v1/cases/"+uuid.NewString()+"/break-glass", emergency())
	for _, id := range append(ids, third) {
		boss.Must(http.StatusOK, "POST", "/api/v1/break-glass/"+id+"/review", map[string]any{"verdict": "AVOIDABLE"})
	}
	nurse.Must(http.StatusCreated, "POST", "/api/v1/cases/"+cases[3]+"/break-glass", emergency())
	// By the clock alone: whatever is past its term is reviewed, or its account is locked.
	var loose int
	if err := god.Get(&loose, `select count(*) from break_glass b where b.review_due <= now() and b.reviewed_at is null and not standing.owes_review(b.user_id)`); err != nil || loose != 0 {
		t.Error(loose, err)
	}
}

func TestAnEmergencyOnACaseThatNobodySupervisesIsReviewedByItsHolder(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	holder, nurse := s.As(t, "tuvan.ngochoi"), s.As(t, "yte.kontum")
	made := holder.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case())
	open := nurse.Must(http.StatusCreated, "POST", "/api/v1/break-glass", emergencyFor(made.Text("code")))
	holder.Must(http.StatusOK, "POST", "/api/v1/break-glass/"+open.Text("id")+"/review", map[string]any{"verdict": "NOT_JUSTIFIED"})
}

func TestAHarvestStopsAtItsBudget(t *testing.T) {
	t.Parallel()
	s := budgeted(t, func(b *access.Budgets) { b.Cases, b.Searches = 7, 4 })
	c, boss := s.As(t, "tuvan.kontum"), s.As(t, "giamsat.kontum")
	var ids []string
	for range 20 {
		ids = append(ids, c.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case()).Text("id"))
	}
	opened := map[string]bool{}
	var mu sync.Mutex
	together(append(slices.Clone(ids), ids...), func(id string) {
		got := c.Do("GET", "/api/v1/cases/"+id, nil)
		mu.Lock()
		defer mu.Unlock()
		switch got.Status {
		case http.StatusOK:
			opened[id] = true
		case http.StatusTooManyRequests:
			if strings.Contains(string(got.Body), "Người Thử") || !strings.Contains(got.Text("detail"), ":") || got.Header.Get("Retry-After") == "" {
				t.Errorf("%s", got.Body)
			}
		default:
			t.Errorf("%d %s", got.Status, got.Body)
		}
	})
	if len(opened) != 7 {
		t.Errorf("%d cases were opened on a budget of 7", len(opened))
	}
	// What is open stays open, and the other ways to the same content are closed too.
	for _, id := range ids {
		want := http.StatusTooManyRequests
		if opened[id] {
			want = http.StatusOK
		}
		c.Must(want, "GET", "/api/v1/cases/"+id, nil)
		c.Must(want, "GET", "/api/v1/cases/"+id+"/incidents", nil)
		c.Must(want, "POST", "/api/v1/cases/"+id+"/reveal", map[string]any{"classes": []string{"identity"}, "reason": "Thử nghiệm."})
		c.Must(want, "PATCH", "/api/v1/cases/"+id, map[string]any{}, "If-Match", `"1"`)
	}
	// At two in the morning: recording, listing and finding by code cost nothing.
	made := c.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case())
	c.Must(http.StatusOK, "GET", "/api/v1/cases?limit=100", nil)
	for i := range 8 {
		if i < 4 {
			c.Must(http.StatusOK, "POST", "/api/v1/cases/search", map[string]any{"name": "Một"})
		} else {
			c.Must(http.StatusTooManyRequests, "POST", "/api/v1/cases/search", map[string]any{"phone": "0900000001"})
		}
		c.Must(http.StatusOK, "POST", "/api/v1/cases/search", map[string]any{"code": made.Text("code")})
	}
	// Her supervisor was told, once for each budget; the auditor reads every refusal.
	n := boss.Must(http.StatusOK, "GET", "/api/v1/notices", nil)
	kinds := []string{n.Text("items.0.kind"), n.Text("items.1.kind")}
	slices.Sort(kinds)
	if d := cmp.Diff([]string{"budget_cases", "budget_searches"}, kinds); d != "" || n.Len("items") != 2 {
		t.Errorf("notices: %s\n%s", d, n.Body)
	}
	if trail := s.As(t, "thanhtra").Must(http.StatusOK, "GET", "/api/v1/audit?act=case.read&limit=100", nil); !strings.Contains(string(trail.Body), `"refused"`) {
		t.Errorf("%s", trail.Body)
	}
	// An hour later it goes on.
	god := s.DB.Open(t, pg.Superuser)
	god.MustExec(`set session_replication_role = replica; update case_openings set at = at - interval '61 minutes'; update budget_spent set minute = minute - interval '61 minutes'`)
	for _, id := range ids[:7] {
		c.Must(http.StatusOK, "GET", "/api/v1/cases/"+id, nil)
	}
	c.Must(http.StatusOK, "POST", "/api/v1/cases/search", map[string]any{"name": "Một"})
}

func TestABudgetCostsNoRoundTrip(t *testing.T) {
	s := apptest.New(t)
	c := s.As(t, "tuvan.kontum")
	id := c.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case()).Text("id")
	read := func() int64 {
		before := s.App.Gate.RoundTrips()
		c.Must(http.StatusOK, "GET", "/api/v1/cases/"+id, nil)
		return s.App.Gate.RoundTrips() - before
	}
	// Who she is; begin and enter; the case; its incidents; record and commit.
	if first, again := read(), read(); first != again || again > 5 {
		t.Errorf("%d round trips at the first reading, %d after", first, again)
	}
}

func TestAWalledPersonSeesNothingNotEvenTheWall(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	s.Hire(t, "congan.thu", "POLICE_FOCAL", "congan-boy", "")
	s.Hire(t, "tuvan.thu", "COUNSELLOR", "ctxh-kontum", "giamsat.kontum")
	holder, boss, kin, colleague := s.As(t, "tuvan.kontum"), s.As(t, "giamsat.kontum"), s.As(t, "congan.ngochoi"), s.As(t, "congan.thu")
	body := apptest.Case()
	body["conflicts"] = []any{map[string]any{"username": "congan.ngochoi", "why": "KIN"}, map[string]any{"username": "tuvan.thu", "why": "COLLEAGUE"}}
	made := holder.Must(http.StatusCreated, "POST", "/api/v1/cases", body)
	id, path := made.Text("id"), "/api/v1/cases/"+made.Text("id")
	consent := holder.Must(http.StatusCreated, "POST", path+"/consents", consentFor("POLICE_COMMUNE")).Text("id")
	sent := holder.Must(http.StatusCreated, "POST", path+"/referrals", referTo("congan-boy", consent)).Text("id")

	// The organisation has it; she does not, before acceptance and after.
	for _, step := range []func(){func() {}, func() { colleague.Must(http.StatusOK, "POST", "/api/v1/referrals/"+sent+"/acceptance", nil) }} {
		step()
		if list := colleague.Must(http.StatusOK, "GET", "/api/v1/referrals?box=in", nil); list.Len("items") != 1 {
			t.Errorf("her colleague: %s", list.Body)
		}
		if list := kin.Must(http.StatusOK, "GET", "/api/v1/referrals?box=in", nil); list.Len("items") != 0 {
			t.Errorf("behind the wall: %s", list.Body)
		}
		for _, try := range [][2]string{{"GET", ""}, {"POST", "/acknowledgement"}, {"POST", "/acceptance"}, {"POST", "/start"}} {
			kin.Must(http.StatusNotFound, try[0], "/api/v1/referrals/"+sent+try[1], nil)
		}
	}
	kin.Must(http.StatusNotFound, "POST", "/api/v1/break-glass", emergencyFor(made.Text("code")))
	kin.Must(http.StatusNotFound, "POST", path+"/break-glass", emergency())
	s.As(t, "yte.kontum").Must(http.StatusCreated, "POST", path+"/break-glass", emergency())
	if n := kin.Must(http.StatusOK, "GET", "/api/v1/notices", nil); n.Len("items") != 0 {
		t.Errorf("notices: %s", n.Body)
	}
	if k := s.As(t, "tuvan.thu").Must(http.StatusOK, "POST", "/api/v1/cases/known", map[string]any{"phone": "+84900000001", "code": "NEW_CONTACT"}); k.At("possible") != false {
		t.Errorf("known behind a wall: %s", k.Body)
	}
	// The supervisor who assigns to her hears only that it cannot be.
	got := boss.Must(http.StatusConflict, "POST", path+"/assignments", map[string]any{"to": world.UserID("tuvan.thu").String()})
	if got.Text("detail") != "Không phân công được." {
		t.Errorf("%s", got.Body)
	}
	// Lifted, she may be given it.
	walls := boss.Must(http.StatusOK, "GET", path+"/walls", nil)
	if walls.Len("items") != 2 {
		t.Errorf("%s", walls.Body)
	}
	for i := range 2 {
		if walls.Text(fmt.Sprintf("items.%d.who.username", i)) == "tuvan.thu" {
			boss.Must(http.StatusOK, "POST", path+"/walls/"+walls.Text(fmt.Sprintf("items.%d.id", i))+"/lifting", nil)
		}
	}
	boss.Must(http.StatusCreated, "POST", path+"/assignments", map[string]any{"to": world.UserID("tuvan.thu").String()})
	_ = id
}

func TestASupervisorCanBeWalledFromACaseOfHerStaff(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	holder, boss := s.As(t, "tuvan.kontum"), s.As(t, "giamsat.kontum")
	made := holder.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case())
	path := "/api/v1/cases/" + made.Text("id")
	boss.Must(http.StatusOK, "GET", path, nil)
	holder.Must(http.StatusCreated, "POST", path+"/walls", map[string]any{"username": "giamsat.kontum", "why": "KIN"})
	for _, try := range []string{"", "/walls", "/access"} {
		boss.Must(http.StatusNotFound, "GET", path+try, nil)
	}
	boss.Must(http.StatusNotFound, "POST", path+"/assignments", map[string]any{"to": world.UserID("tuvan.kontum").String()})
	boss.Must(http.StatusNotFound, "POST", path+"/reveal", map[string]any{"classes": []string{"identity"}, "reason": "Thử nghiệm."})
	if list := boss.Must(http.StatusOK, "GET", "/api/v1/cases", nil); list.Len("items") != 0 {
		t.Errorf("%s", list.Body)
	}
	if load := boss.Must(http.StatusOK, "GET", "/api/v1/workload", nil); load.Number("items.0.open") != 0 {
		t.Errorf("counts see through a wall: %s", load.Body)
	}
	// The holder finds the refusals of whom she kept away, in the record of the case.
	log := holder.Must(http.StatusOK, "GET", path+"/access?limit=100", nil)
	if !strings.Contains(string(log.Body), `"allowed":false`) || !strings.Contains(string(log.Body), "giamsat.kontum") {
		t.Errorf("%s", log.Body)
	}
}

func TestAReferralToWhereEverybodyIsWalledIsNotSent(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	holder := s.As(t, "tuvan.kontum")
	made := holder.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case())
	path := "/api/v1/cases/" + made.Text("id")
	consent := holder.Must(http.StatusCreated, "POST", path+"/consents", consentFor("POLICE_COMMUNE")).Text("id")
	holder.Must(http.StatusCreated, "POST", path+"/walls", map[string]any{"username": "congan.ngochoi", "why": "KIN"})
	got := holder.Must(http.StatusUnprocessableEntity, "POST", path+"/referrals", referTo("congan-boy", consent))
	if got.Text("errors.0.pointer") != "/to" || got.Text("errors.0.key") != "nobody_there" {
		t.Errorf("%s", got.Body)
	}
	holder.Must(http.StatusCreated, "POST", path+"/referrals", referTo("congan-dakha", consent))
}

func TestASealedCaseIsAbsentToAllButTheNamed(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	s.Hire(t, "quanly.thu", "CASE_MANAGER", "ctxh-kontum", "giamsat.kontum")
	s.Hire(t, "tuvan.thu", "COUNSELLOR", "ctxh-kontum", "giamsat.kontum")
	holder, boss, named, other, police := s.As(t, "tuvan.kontum"), s.As(t, "giamsat.kontum"), s.As(t, "quanly.thu"), s.As(t, "tuvan.thu"), s.As(t, "congan.ngochoi")
	made := holder.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case())
	path := "/api/v1/cases/" + made.Text("id")
	consent := holder.Must(http.StatusCreated, "POST", path+"/consents", consentFor("POLICE_COMMUNE")).Text("id")
	sent := holder.Must(http.StatusCreated, "POST", path+"/referrals", referTo("congan-boy", consent)).Text("id")
	before := holder.Must(http.StatusOK, "GET", "/api/v1/cases", nil)
	// Asked for, it changes nothing; the asker cannot be her own second, and a stranger cannot agree.
	holder.Must(http.StatusUnprocessableEntity, "POST", path+"/seal", map[string]any{"why": "STAFF", "second": "tuvan.kontum"})
	holder.Must(http.StatusUnprocessableEntity, "POST", path+"/seal", map[string]any{"why": "STAFF", "second": "congan.ngochoi"})
	holder.Must(http.StatusUnprocessableEntity, "POST", path+"/seal", map[string]any{"why": "STAFF", "names": []string{"khong.ai"}})
	holder.Must(http.StatusAccepted, "POST", path+"/seal", map[string]any{"why": "STAFF"})
	holder.Must(http.StatusConflict, "POST", path+"/seal", map[string]any{"why": "STAFF"})
	boss.Must(http.StatusOK, "GET", path, nil)
	waiting := boss.Must(http.StatusOK, "GET", "/api/v1/seals", nil)
	agree := "/api/v1/seals/" + waiting.Text("items.0.id") + "/agreement"
	holder.Must(http.StatusNotFound, "POST", agree, nil)
	other.Must(http.StatusNotFound, "POST", agree, nil)
	boss.Must(http.StatusNoContent, "POST", agree, nil)
	boss.Must(http.StatusNotFound, "POST", agree, nil) // once

	absent := uuid.NewString()
	for name, c := range map[string]*apptest.Client{"supervisor": boss, "colleague": other, "police": police, "manager": named} {
		for _, route := range []string{"", "/access", "/walls", "/evidence"} {
			// The same work too: a difference in what the database is asked would be a difference in time. (The test counts; times are for a bench.)
			said, trips := s.App.Gate.Statements(), s.App.Gate.RoundTrips()
			got := c.Do("GET", path+route, nil)
			said, trips = s.App.Gate.Statements()-said, s.App.Gate.RoundTrips()-trips
			said2, trips2 := s.App.Gate.Statements(), s.App.Gate.RoundTrips()
			none := c.Do("GET", "/api/v1/cases/"+absent+route, nil)
			if said2, trips2 = s.App.Gate.Statements()-said2, s.App.Gate.RoundTrips()-trips2; said != said2 || trips != trips2 {
				t.Errorf("%s, %s: %d statements in %d messages, and %d in %d where there is nothing", name, route, said, trips, said2, trips2)
			}
			if got.Status != none.Status || got.Text("detail") != none.Text("detail") || got.Status == http.StatusOK {
				t.Errorf("%s, %s: %d %s, and %d %s", name, route, got.Status, got.Body, none.Status, none.Body)
			}
		}
	}
	for _, c := range []*apptest.Client{boss, police} {
		for _, list := range []string{"/api/v1/cases", "/api/v1/referrals?box=in", "/api/v1/referrals?box=out", "/api/v1/notices", "/api/v1/break-glass"} {
			if got := c.Do("GET", list, nil); got.Status == http.StatusOK && (strings.Contains(string(got.Body), made.Text("id")) || strings.Contains(string(got.Body), made.Text("code")) || strings.Contains(string(got.Body), sent)) {
				t.Errorf("%s meets it in %s: %s", c.Name, list, got.Body)
			}
		}
	}
	if load := boss.Must(http.StatusOK, "GET", "/api/v1/workload", nil); strings.Contains(string(load.Body), `"open":1`) {
		t.Errorf("counts: %s", load.Body)
	}
	if got := boss.Must(http.StatusOK, "POST", "/api/v1/cases/search", map[string]any{"code": made.Text("code")}); got.Len("items") != 0 {
		t.Errorf("search: %s", got.Body)
	}
	for _, q := range []map[string]any{{"phone": "0900000001", "code": "NEW_CONTACT"}, {"id_number": "051191000001", "code": "DANGER"}} {
		if k := other.Must(http.StatusOK, "POST", "/api/v1/cases/known", q); k.At("possible") != false {
			t.Errorf("known: %s", k.Body)
		}
	}
	police.Must(http.StatusNotFound, "GET", "/api/v1/referrals/"+sent, nil)
	// The named go on working.
	if d := cmp.Diff(string(before.Body), string(holder.Must(http.StatusOK, "GET", "/api/v1/cases", nil).Body)); d != "" {
		t.Errorf("the holder: %s", d)
	}
	holder.Must(http.StatusOK, "GET", path, nil)
	// The auditor reads codes of acts on it and not which case it is.
	if trail := s.As(t, "thanhtra").Must(http.StatusOK, "GET", "/api/v1/audit?limit=100", nil); strings.Contains(string(trail.Body), made.Text("id")) {
		t.Errorf("the auditor meets its id")
	}
	// Its end needs two as well: the same second person, who may not see the case.
	holder.Must(http.StatusAccepted, "POST", path+"/unsealing", nil)
	waiting = boss.Must(http.StatusOK, "GET", "/api/v1/seals", nil)
	if waiting.Len("items") != 1 || waiting.At("items.0.lifting") != true || waiting.At("items.0.case_code") != nil {
		t.Errorf("%s", waiting.Body)
	}
	boss.Must(http.StatusNotFound, "GET", path, nil)
	boss.Must(http.StatusNoContent, "POST", "/api/v1/seals/"+waiting.Text("items.0.id")+"/agreement", nil)
	boss.Must(http.StatusOK, "GET", path, nil)
	police.Must(http.StatusOK, "GET", "/api/v1/referrals/"+sent, nil)
}

func TestASealEndsAnEmergencyThatIsOpen(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	holder, boss, nurse := s.As(t, "tuvan.kontum"), s.As(t, "giamsat.kontum"), s.As(t, "yte.kontum")
	id := holder.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case()).Text("id")
	nurse.Must(http.StatusCreated, "POST", "/api/v1/cases/"+id+"/break-glass", emergency())
	nurse.Must(http.StatusOK, "GET", "/api/v1/cases/"+id, nil)
	sealed(t, s, holder, boss, id)
	nurse.Must(http.StatusNotFound, "GET", "/api/v1/cases/"+id, nil)
	if list := nurse.Must(http.StatusOK, "GET", "/api/v1/cases", nil); list.Len("items") != 0 {
		t.Errorf("%s", list.Body)
	}
}

func TestKnownElsewhereTellsTheHolderAndNotTheAsker(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	holder, asker := s.As(t, "tuvan.kontum"), s.As(t, "tuvan.ngochoi")
	made := holder.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case())
	for name, q := range map[string]struct {
		ask  map[string]any
		want bool
	}{
		"phone":             {map[string]any{"phone": "+84 900.000.001"}, true},
		"phone, other":      {map[string]any{"phone": "0900000009"}, false},
		"id":                {map[string]any{"id_number": "051 191 000 001"}, true},
		"name and commune":  {map[string]any{"name": "NGUOI  thu Nghiem mot", "commune": "23377"}, true},
		"name, elsewhere":   {map[string]any{"name": "Người Thử Nghiệm Một", "commune": "23293"}, false},
		"another name":      {map[string]any{"name": "Người Thử Nghiệm Hai", "commune": "23377"}, false},
		"the perpetrator's": {map[string]any{"name": "Kẻ Thử Nghiệm", "commune": "23377"}, true},
	} {
		q.ask["code"] = "NEW_CONTACT"
		got := asker.Must(http.StatusOK, "POST", "/api/v1/cases/known", q.ask)
		if d := cmp.Diff(fmt.Sprintf("{\"possible\":%v}\n", q.want), string(got.Body)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	n := holder.Must(http.StatusOK, "GET", "/api/v1/notices", nil)
	if n.Len("items") != 4 || n.Text("items.0.kind") != "known" || n.Text("items.0.case_code") != made.Text("code") || n.Text("items.0.organisation") != "Cơ sở tham vấn" || n.Text("items.0.by") != "Tư Vấn Thử Hai" {
		t.Errorf("%s", n.Body)
	}
	// Her own cases are no news to her.
	if got := holder.Must(http.StatusOK, "POST", "/api/v1/cases/known", map[string]any{"phone": "0900000001", "code": "OTHER"}); got.At("possible") != false {
		t.Errorf("%s", got.Body)
	}
	// A correction moves the tokens with it.
	holder.Must(http.StatusOK, "PATCH", "/api/v1/cases/"+made.Text("id"), map[string]any{"survivor": map[string]any{"phone": "0911 111 111"}}, "If-Match", `"1"`)
	for phone, want := range map[string]bool{"0900000001": false, "0911111111": true} {
		if got := asker.Must(http.StatusOK, "POST", "/api/v1/cases/known", map[string]any{"phone": phone, "code": "OTHER"}); got.At("possible") != want {
			t.Errorf("%s: %s", phone, got.Body)
		}
	}
}

func TestOldCasesGetTheirTokens(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	holder, asker := s.As(t, "tuvan.kontum"), s.As(t, "tuvan.ngochoi")
	for range 3 {
		holder.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case())
	}
	god := s.DB.Open(t, pg.Superuser)
	god.MustExec(`set session_replication_role = replica; delete from case_tokens`)
	ask := func(want bool) {
		t.Helper()
		for _, q := range []map[string]any{{"phone": "0900000001", "code": "OTHER"}, {"name": "Kẻ Thử Nghiệm", "commune": "23377", "code": "OTHER"}} {
			if got := asker.Must(http.StatusOK, "POST", "/api/v1/cases/known", q); got.At("possible") != want {
				t.Errorf("%v: %s", q, got.Body)
			}
		}
	}
	ask(false)
	who := s.Actor(t, "tuvan.kontum")
	last, made, err := s.App.Cases.Index(t.Context(), who, uuid.Nil, 2)
	if err != nil || made != 2 || last == uuid.Nil {
		t.Fatal(last, made, err)
	}
	if _, made, err = s.App.Cases.Index(t.Context(), who, last, 2); err != nil || made != 1 {
		t.Fatal(made, err)
	}
	if last, made, err = s.App.Cases.Index(t.Context(), who, uuid.Nil, 2); err != nil || made != 0 || last != uuid.Nil {
		t.Fatal(last, made, err)
	}
	ask(true)
}

func TestTheRecorderIsToldOfHerOwnAndHerOrganisationsCases(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	s.Hire(t, "tuvan.thu", "COUNSELLOR", "ctxh-kontum", "giamsat.kontum")
	a, b, away := s.As(t, "tuvan.kontum"), s.As(t, "tuvan.thu"), s.As(t, "tuvan.ngochoi")
	first := a.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case())
	if first.At("similar") != nil {
		t.Errorf("%s", first.Body)
	}
	again := a.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case())
	if again.Text("similar.own.0.id") != first.Text("id") || again.Text("similar.own.0.code") != first.Text("code") || again.At("similar.organisation") != false {
		t.Errorf("her own: %s", again.Body)
	}
	colleague := b.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case())
	if colleague.Len("similar.own") != 0 || colleague.At("similar.organisation") != true || strings.Contains(string(colleague.Body), first.Text("code")) {
		t.Errorf("her organisation's: %s", colleague.Body)
	}
	if other := away.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case()); other.At("similar") != nil {
		t.Errorf("another organisation's: %s", other.Body)
	}
}

func TestWhoeverIsGivenACaseSaysWhyBeforeItOpens(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	s.Hire(t, "tuvan.thu", "COUNSELLOR", "ctxh-kontum", "giamsat.kontum")
	first, boss, next := s.As(t, "tuvan.kontum"), s.As(t, "giamsat.kontum"), s.As(t, "tuvan.thu")
	id := first.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case()).Text("id")
	path := "/api/v1/cases/" + id
	if got := first.Must(http.StatusOK, "GET", path, nil); got.Len("withheld") != 0 {
		t.Errorf("the recorder: %s", got.Body)
	}
	boss.Must(http.StatusCreated, "POST", path+"/assignments", map[string]any{"to": world.UserID("tuvan.thu").String()})
	if n := next.Must(http.StatusOK, "GET", "/api/v1/notices", nil); n.Text("items.0.kind") != "assigned" {
		t.Errorf("%s", n.Body)
	}
	got := next.Must(http.StatusOK, "GET", path, nil)
	if got.Len("withheld") != 4 || got.At("reason_needed") != true || strings.Contains(string(got.Body), "Thử Nghiệm") {
		t.Errorf("before: %s", got.Body)
	}
	next.Must(http.StatusConflict, "PATCH", path, map[string]any{"risk": "HIGH"}, "If-Match", `"2"`)
	next.Must(http.StatusConflict, "POST", path+"/consents", consentFor("POLICE_COMMUNE"))
	next.Must(http.StatusUnprocessableEntity, "POST", path+"/reveal", map[string]any{"classes": []string{"identity"}, "reason": "Không có mã (thử)."})
	next.Must(http.StatusUnprocessableEntity, "POST", path+"/reveal", map[string]any{"classes": []string{"identity"}, "code": "NO_SUCH"})
	next.Must(http.StatusOK, "POST", path+"/reveal", map[string]any{"classes": []string{"identity"}, "code": "TAKE_OVER"})
	if got := next.Must(http.StatusOK, "GET", path, nil); got.Len("withheld") != 0 || got.At("reason_needed") != nil {
		t.Errorf("after: %s", got.Body)
	}
	next.Must(http.StatusOK, "PATCH", path, map[string]any{"risk": "HIGH"}, "If-Match", `"2"`)
	if log := next.Must(http.StatusOK, "GET", path+"/access", nil); !strings.Contains(string(log.Body), `"TAKE_OVER"`) {
		t.Errorf("%s", log.Body)
	}
}

func TestACopyIsMarkedCountedAndWithoutTheSafetyClass(t *testing.T) {
	t.Parallel()
	s := budgeted(t, func(b *access.Budgets) { b.Exports = 2 })
	holder := s.As(t, "tuvan.kontum")
	made := holder.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case())
	path := "/api/v1/cases/" + made.Text("id") + "/export"
	why := map[string]any{"reason": "Nộp kèm hồ sơ (thử)."}
	got := holder.Must(http.StatusOK, "POST", path, why)
	if got.Text("mark.text") != "Bí mật – không sao chụp" || got.Text("mark.by") != "Tư Vấn Thử Một" || got.Text("mark.code") != made.Text("code") || got.Text("mark.at") == "" || got.Text("case.survivor.name") == "" {
		t.Errorf("%s", got.Body)
	}
	for _, m := range []string{"Thôn Thử", "0900 000 002", "hoa dã quỳ"} {
		if strings.Contains(string(got.Body), m) {
			t.Errorf("a copy tells where she is: %q", m)
		}
	}
	for _, who := range []string{"giamsat.kontum", "tuvan.ngochoi", "quantri", "dpo", "congan.ngochoi"} {
		s.As(t, who).Must(http.StatusNotFound, "POST", path, why)
	}
	holder.Must(http.StatusOK, "POST", path, why)
	holder.Must(http.StatusTooManyRequests, "POST", path, why)
	// An old proof does not do.
	s.DB.Open(t, pg.Superuser).MustExec(`update auth.sessions set proved_at = now() - interval '6 minutes'`)
	if got := holder.Must(http.StatusUnauthorized, "POST", path, why); got.Text("type") != "urn:binhan:problem:unproved" {
		t.Errorf("%s", got.Body)
	}
}

func TestWhatWidensWhoMaySeeNeedsAFreshProof(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.DB.Open(t, pg.Superuser).MustExec(`update auth.sessions set proved_at = now() - interval '6 minutes'`)
	mine := []access.Act{access.BreakTheGlass, access.SealCase, access.UnsealCase, access.AgreeSeal, access.AskKnown, access.ExportCase}
	n := 0
	for _, a := range s.drill() {
		if !slices.Contains(mine, a.route.Act) || a.refused || a.what == "malformed" {
			continue
		}
		n++
		got := s.send(t, a)
		if a.route.Act == access.BreakTheGlass && got.Status == http.StatusUnprocessableEntity {
			continue
		}
		if got.Status != http.StatusUnauthorized || got.Text("type") != "urn:binhan:problem:unproved" {
			t.Errorf("%s: %s %s: %d %s", a.who, a.method, a.path, got.Status, got.Body)
		}
	}
	if n < 20 {
		t.Error(n)
	}
}

func TestNeedToKnowRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	nurse, holder, boss := s.clients["yte.kontum"], s.clients["tuvan.kontum"], s.clients["giamsat.kontum"]
	long := strings.Repeat("ă", 1001)
	path := "/api/v1/cases/" + s.ours.Case
	open := nurse.Must(http.StatusCreated, "POST", path+"/break-glass", emergency()).Text("id")
	for _, x := range []struct {
		c    *apptest.Client
		path string
		body map[string]any
		at   string
	}{
		{nurse, path + "/break-glass", map[string]any{"reason": "Lý do thử."}, "/code"}, {nurse, path + "/break-glass", map[string]any{"code": "NO_SUCH", "reason": "Lý do thử."}, "/code"},
		{nurse, path + "/break-glass", map[string]any{"code": "LIFE_THREAT"}, "/reason"}, {nurse, path + "/break-glass", map[string]any{"code": "LIFE_THREAT", "reason": "     "}, "/reason"},
		{nurse, path + "/break-glass", map[string]any{"code": "LIFE_THREAT", "reason": long}, "/reason"}, {nurse, path + "/break-glass", emergencyFor(s.ours.Code), "/case"},
		{nurse, "/api/v1/break-glass", emergency(), "/case"}, {nurse, "/api/v1/break-glass", emergencyFor(s.ours.Code[:4]), "/case"}, {nurse, "/api/v1/break-glass", emergencyFor("xxxx-51-26-0"), "/case"},
		{boss, "/api/v1/break-glass/" + open + "/review", map[string]any{}, "/verdict"}, {boss, "/api/v1/break-glass/" + open + "/review", map[string]any{"verdict": "FINE"}, "/verdict"}, {boss, "/api/v1/break-glass/" + open + "/review", map[string]any{"verdict": "JUSTIFIED", "note": long}, "/note"},
		{holder, path + "/walls", map[string]any{"why": "KIN"}, "/username"}, {holder, path + "/walls", map[string]any{"username": "khong.ai", "why": "KIN"}, "/username"}, {holder, path + "/walls", map[string]any{"username": "tuvan.kontum", "why": "KIN"}, "/username"},
		{boss, path + "/walls", map[string]any{"username": "tuvan.kontum", "why": "KIN"}, "/username"}, {holder, path + "/walls", map[string]any{"username": "yte.kontum", "why": "X"}, "/why"},
		{holder, path + "/seal", map[string]any{}, "/why"}, {holder, path + "/export", map[string]any{}, "/reason"}, {holder, path + "/export", map[string]any{"reason": long}, "/reason"},
		{holder, "/api/v1/cases/known", map[string]any{"name": "Người Thử", "code": "OTHER"}, ""}, {holder, "/api/v1/cases/known", map[string]any{"phone": "abc", "code": "OTHER"}, "/phone"}, {holder, "/api/v1/cases/known", map[string]any{"id_number": "12", "code": "OTHER"}, "/id_number"}, {holder, "/api/v1/cases/known", map[string]any{"phone": "0900000001"}, "/code"},
	} {
		got := x.c.Do("POST", x.path, x.body)
		if got.Status != http.StatusUnprocessableEntity || got.Text("errors.0.pointer") != x.at {
			t.Errorf("POST %s %v: %d %s", x.path, x.body, got.Status, got.Body)
		}
	}
	// A key does it once.
	key := uuid.NewString()
	first := s.clients["phunu.ngochoi"].Must(http.StatusCreated, "POST", path+"/break-glass", emergency(), "Idempotency-Key", key)
	second := s.clients["phunu.ngochoi"].Do("POST", path+"/break-glass", emergency(), "Idempotency-Key", key)
	var n int
	if err := s.DB.Open(t, pg.Superuser).Get(&n, `select count(*) from break_glass where user_id = $1`, world.UserID("phunu.ngochoi")); err != nil || n != 1 || second.Status != first.Status {
		t.Errorf("%d emergencies, %d %s %v", n, second.Status, second.Body, err)
	}
}

// TestWhereARefugeIsIsToldOnOneRouteOnly: threat 10. Everybody asks every route, while a referral to the place is accepted; the marks of its address come back from one.
func TestWhereARefugeIsIsToldOnOneRouteOnly(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	holder, keeper := s.clients["tuvan.kontum"], s.clients["tamlanh.kontum"]
	path := "/api/v1/shelters/" + world.OrgID("tamlanh-kontum").String() + "/location"
	where := map[string]any{"address": "Ngõ Bí Mật Thử số 9", "note": "Cổng xanh thử."}
	holder.Must(http.StatusNotFound, "POST", path, where)
	keeper.Must(http.StatusUnprocessableEntity, "POST", path, map[string]any{"address": " "})
	keeper.Must(http.StatusNotFound, "POST", "/api/v1/shelters/"+world.OrgID("congan-boy").String()+"/location", where)
	keeper.Must(http.StatusNoContent, "POST", path, where)
	holder.Must(http.StatusNotFound, "GET", path, nil) // nobody of hers was taken there
	consent := holder.Must(http.StatusCreated, "POST", "/api/v1/cases/"+s.ours.Case+"/consents", map[string]any{"purpose": "SHARE_COUNSEL", "recipient": "TRUSTED_ADDRESS", "fields": []string{"name", "phone"}, "decision": "GIVEN"}).Text("id")
	sent := holder.Must(http.StatusCreated, "POST", "/api/v1/cases/"+s.ours.Case+"/referrals", map[string]any{"service": "SHELTER", "to": world.OrgID("tamlanh-kontum").String(), "priority": "P1", "reason": "Cần nơi ở (thử).", "fields": []string{"name"}, "consent": consent}).Text("id")
	holder.Must(http.StatusNotFound, "GET", path, nil) // asked, and not taken yet
	keeper.Must(http.StatusOK, "POST", "/api/v1/referrals/"+sent+"/acceptance", nil)
	if got := holder.Must(http.StatusOK, "GET", path, nil); got.Text("address") != "Ngõ Bí Mật Thử số 9" {
		t.Errorf("%s", got.Body)
	}
	for _, who := range s.people() {
		if who != "tuvan.kontum" && who != "tamlanh.kontum" {
			s.clients[who].Must(http.StatusNotFound, "GET", path, nil)
		}
	}
	for _, who := range []string{"tuvan.kontum", "tamlanh.kontum", "giamsat.kontum", "congan.ngochoi", "dpo"} {
		for _, r := range s.routes() {
			if r.Method != "GET" && r.Path != "/api/v1/cases/search" && r.Path != "/api/v1/cases/:id/export" && r.Path != "/api/v1/cases/:id/reveal" || strings.Contains(r.Path, "/shelters/") || r.Public {
				continue
			}
			for _, x := range []thing{s.ours, {Case: s.ours.Case, Referral: sent}} {
				body, kind := s.bodyOf(t, r, x)
				got := s.clients[who].Do(r.Method, pathOf(r.Path, x, uuid.NewString()), body, "Content-Type", kind)
				for _, m := range []string{"Ngõ Bí Mật", "Cổng xanh"} {
					if strings.Contains(string(got.Body), m) {
						t.Errorf("%s: %s %s tells where it is", who, r.Method, r.Path)
					}
				}
			}
		}
		// The directory does not tell its commune either, nor does the order of what it offers.
		for _, q := range []string{"/api/v1/organisations", "/api/v1/services?type=SHELTER&commune=23293"} {
			got := s.clients[who].Must(http.StatusOK, "GET", q, nil)
			for i := range got.Len("items") {
				at := fmt.Sprintf("items.%d.", i)
				if got.Text(at+"name") == "Nơi tạm lánh" && got.Len(at+"units") != 0 {
					t.Errorf("%s: %s", q, got.Body)
				}
			}
		}
	}
	// Every look needs a fresh proof, and the disk holds no letter of it.
	god := s.DB.Open(t, pg.Superuser)
	god.MustExec(`update auth.sessions set proved_at = now() - interval '6 minutes'`)
	for _, c := range []*apptest.Client{holder, keeper} {
		if got := c.Must(http.StatusUnauthorized, "GET", path, nil); got.Text("type") != "urn:binhan:problem:unproved" {
			t.Errorf("%s", got.Body)
		}
	}
	var plain int
	if err := god.Get(&plain, `select count(*) from shelter_addresses where position(convert_to('Thử số 9', 'UTF8') in sealed) > 0`); err != nil || plain != 0 {
		t.Error(plain, err)
	}
}

// TestARecallHoldsFromTheNextRequestUnderLoad: threat 11.
func TestARecallHoldsFromTheNextRequestUnderLoad(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	holder, police := s.clients["tuvan.kontum"], s.clients["congan.ngochoi"]
	path := "/api/v1/referrals/" + s.ours.Referral
	police.Must(http.StatusOK, "POST", path+"/acceptance", nil)
	var load sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		load.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				got := police.Do("GET", path, nil)
				if got.Status != http.StatusOK {
					t.Errorf("%d %s", got.Status, got.Body)
				}
			}
		})
	}
	holder.Must(http.StatusOK, "POST", path+"/withdrawal", map[string]any{"reason": "Gửi nhầm nơi (thử)."})
	for range 20 { // every request that begins now
		if got := police.Must(http.StatusOK, "GET", path, nil); got.At("disclosed") != nil {
			t.Errorf("still open: %s", got.Body)
		}
	}
	close(stop)
	load.Wait()
}
