package app_test

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"binhan/internal/app/apptest"
	"binhan/internal/pg"
	"binhan/internal/world"
)

// raceRounds is how often each pair runs: BINHAN_RACE_ROUNDS, else 200 in a whole battery.
func raceRounds() int {
	if n, err := strconv.Atoi(os.Getenv("BINHAN_RACE_ROUNDS")); err == nil && n > 0 {
		return n
	}
	if fullBattery {
		return 200
	}
	return 1
}

// arena is where pairs race: an application, its people, and the superuser who looks at what came of it.
type arena struct {
	*apptest.Server
	boss, other, nurse, police, second *apptest.Client
	god                                *sqlx.DB
	n                                  int
}

func newArena(t *testing.T) *arena {
	t.Helper()
	a := &arena{Server: apptest.New(t)}
	a.Hire(t, "congan.hai", "POLICE_FOCAL", "congan-boy", "")
	a.boss, a.other, a.nurse, a.police, a.second = a.As(t, "giamsat.kontum"), a.As(t, "tuvan.kontum"), a.As(t, "yte.kontum"), a.As(t, "congan.ngochoi"), a.As(t, "congan.hai")
	a.god = a.DB.Open(t, pg.Superuser)
	a.god.SetMaxOpenConns(3)
	return a
}

// bout is one round: somebody new, with a case of her own in which a file lies.
type bout struct {
	*arena
	t                    *testing.T
	name                 string
	she                  *apptest.Client
	id, code, path, file string
	consent, ref, glass  string
	user                 uuid.UUID
}

func (a *arena) bout(t *testing.T) *bout {
	t.Helper()
	a.n++
	b := &bout{arena: a, t: t, name: fmt.Sprintf("dua.%d", a.n)}
	a.Hire(t, b.name, "COUNSELLOR", "ctxh-kontum", "giamsat.kontum")
	b.user, b.she = world.UserID(b.name), a.As(t, b.name)
	made := b.she.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case())
	b.id, b.code, b.path = made.Text("id"), made.Text("code"), "/api/v1/cases/"+made.Text("id")
	body, kind := upload(t, "Ảnh thử")
	b.file = b.she.Must(http.StatusCreated, "POST", b.path+"/evidence", body, "Content-Type", kind).Text("id")
	return b
}

func (b *bout) referred() {
	b.t.Helper()
	b.consent = b.she.Must(http.StatusCreated, "POST", b.path+"/consents", consentFor("POLICE_COMMUNE")).Text("id")
	b.ref = "/api/v1/referrals/" + b.she.Must(http.StatusCreated, "POST", b.path+"/referrals", referTo("congan-boy", b.consent)).Text("id")
}

// takes is an answer that gave something: a success, and for a list one that holds the case.
func gave(got apptest.Answer, mark string) bool {
	return got.Status < 300 && (mark == "" || strings.Contains(string(got.Body), mark))
}

// use is something that she does, as long as she may.
type use struct {
	name string
	do   func(b *bout, c *apptest.Client) bool
	// writes counts the rows that it adds; nil when it only reads.
	writes string
}

func uses() []use {
	get := func(name, path string) use {
		return use{name: name, do: func(b *bout, c *apptest.Client) bool { return gave(c.Get(b.path+path), "") }}
	}
	post := func(name, path, rows string, body any) use {
		return use{name: name, writes: rows, do: func(b *bout, c *apptest.Client) bool { return gave(c.Do("POST", b.path+path, body), "") }}
	}
	return []use{
		get("reads", ""), get("reads what happened", "/incidents"), get("reads who looked", "/access"),
		{name: "lists", do: func(b *bout, c *apptest.Client) bool { return gave(c.Get("/api/v1/cases?limit=100"), b.id) }},
		{name: "finds", do: func(b *bout, c *apptest.Client) bool {
			return gave(c.Do("POST", "/api/v1/cases/search", map[string]any{"code": b.code}), b.id)
		}},
		{name: "opens a file", do: func(b *bout, c *apptest.Client) bool { return gave(c.Get("/api/v1/evidence/"+b.file+"/content"), "") }},
		post("adds what happened", "/incidents", "incidents", map[string]any{"acts": []string{"A"}}),
		post("records a consent", "/consents", "consents", consentFor("POLICE_COMMUNE")),
		{name: "attaches", writes: "evidence", do: func(b *bout, c *apptest.Client) bool {
			body, kind := upload(b.t, "thử")
			return gave(c.Do("POST", b.path+"/evidence", body, "Content-Type", kind), "")
		}},
		{name: "corrects", do: func(b *bout, c *apptest.Client) bool {
			return gave(c.Do("PATCH", b.path, map[string]any{"narrative": "Lời kể khác (thử)."}, "If-Match", `"1"`), "")
		}},
	}
}

// narrowing takes something away from her.
type narrowing struct {
	name  string
	do    func(b *bout)
	keeps bool // reading goes on, writing does not
}

func narrowings() []narrowing {
	must := func(status int, who func(*bout) *apptest.Client, method string, path func(*bout) string, body any) func(*bout) {
		return func(b *bout) { b.t.Helper(); b.must(status, who(b).Do(method, path(b), body)) }
	}
	she, boss := func(b *bout) *apptest.Client { return b.she }, func(b *bout) *apptest.Client { return b.boss }
	at := func(tail string) func(*bout) string { return func(b *bout) string { return b.path + tail } }
	return []narrowing{
		{name: "the case is given to another", do: must(http.StatusCreated, boss, "POST", at("/assignments"), map[string]any{"to": world.UserID("tuvan.kontum").String()})},
		{name: "she signs out", do: must(http.StatusNoContent, she, "DELETE", func(*bout) string { return "/api/v1/sessions/current" }, nil)},
		{name: "she signs out everywhere", do: func(b *bout) {
			b.must(http.StatusNoContent, b.As(b.t, b.name).Do("DELETE", "/api/v1/account/sessions", nil))
		}},
		{name: "the screen is locked", do: func(b *bout) {
			if err := b.Gate.Lock(b.t.Context(), handleOf(b.she.Token)); err != nil {
				b.t.Error(err)
			}
		}},
		{name: "her account is closed", do: func(b *bout) { b.god.MustExec(`update auth.users set disabled_at = now() where username = $1`, b.name) }},
		{name: "her role is another", do: func(b *bout) {
			b.god.MustExec(`update auth.memberships set role = 'SYS_ADMIN' where user_id = $1`, b.user)
		}},
		{name: "the case is closed", keeps: true, do: must(http.StatusCreated, she, "POST", at("/closure"), map[string]any{"reason": "SAFE", "safety_checked": true})},
	}
}

func (b *bout) must(status int, got apptest.Answer) {
	b.t.Helper()
	if got.Status != status {
		b.t.Errorf("%d, want %d: %s", got.Status, status, got.Body)
	}
}

func (b *bout) count(query string, args ...any) (n int) {
	b.t.Helper()
	if err := b.god.Get(&n, query, args...); err != nil {
		b.t.Error(err)
	}
	return n
}

// TestWhatIsTakenAwayIsGoneWithTheNextRequest races each narrowing against each use. Whoever of the two came first, afterwards: the use gives nothing any more; what was
// taken while it still gave is written, once, and nothing is written of what was refused; and the record has no success of hers that began after the narrowing was answered.
func TestWhatIsTakenAwayIsGoneWithTheNextRequest(t *testing.T) {
	t.Parallel()
	a := newArena(t)
	pairs, bouts, early := 0, 0, 0
	for _, n := range narrowings() {
		for _, u := range uses() {
			if n.keeps && u.writes == "" && u.name != "corrects" {
				continue
			}
			pairs++
			for range raceRounds() {
				b := a.bout(t)
				rows := func() int {
					if u.writes == "" {
						return 0
					}
					return b.count(`select count(*) from `+u.writes+` where case_id = $1`, b.id)
				}
				before := rows()
				var took, late bool
				var after string
				atOnce(func() {
					n.do(b)
					if err := b.god.Get(&after, `select clock_timestamp()::text`); err != nil {
						t.Error(err)
					}
					late = u.do(b, b.she) // the next request after the answer
				}, func() { took = u.do(b, b.she) })
				bouts++
				if took {
					early++
				}
				if late || u.do(b, b.she) {
					t.Errorf("%s, and she still %s", n.name, u.name)
				}
				want := before
				if took && u.writes != "" {
					want++
				}
				if got := rows(); got != want {
					t.Errorf("%s while she %s: %d rows, want %d", n.name, u.name, got, want)
				}
				// The one under way may be written down a moment later than the answer of the other; no second one.
				what := n.name
				if n := b.count(`select count(distinct request) from audit.entries where actor = $1 and case_id = $2 and decision = 'allowed' and at > $3::timestamptz and act not in ('case.close', 'case.list', 'session.begin') and coalesce(reason, '') <> 'begin'`, b.user, b.id, after); n > 1 {
					t.Errorf("%s while she %s: %d successes of hers stand in the record afterwards", what, u.name, n)
				}
			}
		}
	}
	t.Logf("%d of %d uses came first", early, bouts)
	counted(t, "races, taken away", pairs, 60, 60)
	counted(t, "races, taken away, rounds", bouts, pairs*raceRounds(), pairs*raceRounds())
}

// TestOfTwoAtOnceOneIsDone races acts that exclude each other, or the same act twice: exactly one is taken, and the database holds the one.
func TestOfTwoAtOnceOneIsDone(t *testing.T) {
	t.Parallel()
	a := newArena(t)
	type duel struct {
		name     string
		ready    func(b *bout)
		one, two func(b *bout) apptest.Answer
		rows     string // counts to one for this case ($1)
		both     bool   // both may be answered well, with one thing done
	}
	post := func(who func(*bout) *apptest.Client, path func(*bout) string, body any) func(*bout) apptest.Answer {
		return func(b *bout) apptest.Answer { return who(b).Do("POST", path(b), body) }
	}
	she, boss, nurse, police, second := func(b *bout) *apptest.Client { return b.she }, func(b *bout) *apptest.Client { return b.boss }, func(b *bout) *apptest.Client { return b.nurse }, func(b *bout) *apptest.Client { return b.police }, func(b *bout) *apptest.Client { return b.second }
	at := func(tail string) func(*bout) string { return func(b *bout) string { return b.path + tail } }
	ref := func(tail string) func(*bout) string { return func(b *bout) string { return b.ref + tail } }
	glass := func(tail string) func(*bout) string {
		return func(b *bout) string { return "/api/v1/break-glass/" + b.glass + tail }
	}
	referred := func(b *bout) { b.referred() }
	accepted := func(b *bout) { b.referred(); b.must(http.StatusOK, b.police.Do("POST", b.ref+"/acceptance", nil)) }
	opened := func(b *bout) {
		b.glass = b.nurse.Must(http.StatusCreated, "POST", b.path+"/break-glass", emergency()).Text("id")
	}
	closing := map[string]any{"reason": "SAFE", "safety_checked": true}
	standing := `select count(*) from case_standings where case_id = $1 and standing = 'referred' and until is null`
	duels := []duel{
		{name: "accept, accept", ready: referred, one: post(police, ref("/acceptance"), nil), two: post(second, ref("/acceptance"), nil), rows: standing},
		{name: "accept, decline", ready: referred, one: post(police, ref("/acceptance"), nil), two: post(second, ref("/decline"), map[string]any{"code": "NO_CAPACITY"}), rows: `select 1`},
		{name: "decline, forward", ready: referred, one: post(police, ref("/decline"), map[string]any{"code": "NO_CAPACITY"}), two: post(second, ref("/forward"), map[string]any{"to": world.OrgID("congan-dakha").String()}), rows: `select 1`},
		{name: "forward, forward", ready: referred, one: post(police, ref("/forward"), map[string]any{"to": world.OrgID("congan-dakha").String()}), two: post(second, ref("/forward"), map[string]any{"to": world.OrgID("congan-dakha").String()}), rows: `select count(*) - 1 from referrals where case_id = $1`},
		{name: "acknowledge twice", ready: referred, one: post(police, ref("/acknowledgement"), nil), two: post(second, ref("/acknowledgement"), nil), rows: `select 1`},
		{name: "start twice", ready: accepted, one: post(police, ref("/start"), nil), two: post(police, ref("/start"), nil), rows: `select count(*) from referrals where case_id = $1 and status = 'IN_SERVICE'`},
		{name: "withdraw twice", ready: accepted, one: post(she, ref("/withdrawal"), nil), two: post(she, ref("/withdrawal"), nil), rows: `select count(*) from referrals where case_id = $1 and status = 'CANCELLED'`},
		{name: "refer twice", ready: func(b *bout) {
			b.consent = b.she.Must(http.StatusCreated, "POST", b.path+"/consents", consentFor("POLICE_COMMUNE")).Text("id")
		}, one: func(b *bout) apptest.Answer {
			return b.she.Do("POST", b.path+"/referrals", referTo("congan-boy", b.consent))
		}, two: func(b *bout) apptest.Answer {
			return b.she.Do("POST", b.path+"/referrals", referTo("congan-boy", b.consent))
		}, rows: `select count(*) from referrals where case_id = $1`},
		{name: "withdraw a consent twice", ready: referred, one: post(she, func(b *bout) string { return "/api/v1/consents/" + b.consent + "/withdrawal" }, nil), two: post(she, func(b *bout) string { return "/api/v1/consents/" + b.consent + "/withdrawal" }, nil), rows: `select count(*) from consents where case_id = $1 and withdrawn_at is not null`},
		{name: "close twice", one: post(she, at("/closure"), closing), two: post(she, at("/closure"), closing), rows: `select count(*) from case_closures where case_id = $1`},
		{name: "close, refer", ready: func(b *bout) {
			b.consent = b.she.Must(http.StatusCreated, "POST", b.path+"/consents", consentFor("POLICE_COMMUNE")).Text("id")
		}, one: post(she, at("/closure"), closing), two: func(b *bout) apptest.Answer {
			return b.she.Do("POST", b.path+"/referrals", referTo("congan-boy", b.consent))
		}, rows: `select (select count(*) from case_closures where case_id = $1) + (select count(*) from referrals where case_id = $1)`},
		{name: "reopen twice", ready: func(b *bout) { b.must(http.StatusCreated, b.she.Do("POST", b.path+"/closure", closing)) }, one: post(she, at("/reopening"), map[string]any{"reason": "SHE_RETURNS"}), two: post(she, at("/reopening"), map[string]any{"reason": "SHE_RETURNS"}), rows: `select count(*) - 1 from case_closures where case_id = $1`},
		{name: "correct twice from one reading", one: func(b *bout) apptest.Answer {
			return b.she.Do("PATCH", b.path, map[string]any{"risk": "HIGH"}, "If-Match", `"1"`)
		}, two: func(b *bout) apptest.Answer {
			return b.she.Do("PATCH", b.path, map[string]any{"risk": "LOW"}, "If-Match", `"1"`)
		}, rows: `select version - 1 from cases where id = $1`},
		{name: "an emergency twice", one: post(nurse, at("/break-glass"), emergency()), two: post(nurse, at("/break-glass"), emergency()), rows: `select count(*) from break_glass where case_id = $1`, both: true},
		{name: "review twice", ready: opened, one: post(boss, glass("/review"), map[string]any{"verdict": "JUSTIFIED"}), two: post(boss, glass("/review"), map[string]any{"verdict": "UNJUSTIFIED", "note": "Không cần (thử)."}), rows: `select count(*) from break_glass where case_id = $1 and reviewed_at is not null`},
		{name: "wall twice", one: post(she, at("/walls"), map[string]any{"username": "yte.kontum", "why": "KIN"}), two: post(she, at("/walls"), map[string]any{"username": "yte.kontum", "why": "KIN"}), rows: `select count(*) from case_walls where case_id = $1`, both: true},
		{name: "propose an erasure twice", one: func(b *bout) apptest.Answer {
			return b.boss.Do("POST", "/api/v1/erasures", map[string]any{"case": b.code, "ground": "CONSENT"})
		}, two: func(b *bout) apptest.Answer {
			return b.boss.Do("POST", "/api/v1/erasures", map[string]any{"case": b.code, "ground": "CONSENT"})
		}, rows: `select count(*) from rights.erasures where case_id = $1`},
		{name: "one key, two cases", one: func(b *bout) apptest.Answer {
			return b.she.Do("POST", "/api/v1/cases", apptest.Case(), "Idempotency-Key", b.id)
		}, two: func(b *bout) apptest.Answer {
			return b.she.Do("POST", "/api/v1/cases", apptest.Case(), "Idempotency-Key", b.id)
		}, rows: `select count(distinct location) from idempotency where key = $1::text`, both: true},
	}
	for path, body := range map[string]any{"/incidents": map[string]any{"acts": []string{"A"}}, "/consents": consentFor("POLICE_COMMUNE")} {
		twice := func(b *bout) apptest.Answer { return b.she.Do("POST", b.path+path, body, "Idempotency-Key", b.id) }
		table := strings.TrimPrefix(path, "/")
		minus := ""
		if table == "incidents" {
			minus = " - 1" // the case has one
		}
		duels = append(duels, duel{name: "one key, twice " + path, one: twice, two: twice, rows: `select count(*)` + minus + ` from ` + table + ` where case_id = $1`, both: true})
	}
	bouts := 0
	first := map[string]int{}
	for _, d := range duels {
		for range raceRounds() {
			b := a.bout(t)
			if d.ready != nil {
				d.ready(b)
			}
			var one, two apptest.Answer
			atOnce(func() { one = d.one(b) }, func() { two = d.two(b) })
			bouts++
			well := 0
			for _, got := range []apptest.Answer{one, two} {
				switch {
				case got.Status < 300:
					well++
				case got.Status < 400 || got.Status >= 500:
					t.Errorf("%s: %s", d.name, describe(got))
				}
			}
			if one.Status < 300 {
				first[d.name]++
			}
			if well != 1 && !(d.both && well == 2) {
				t.Errorf("%s: %d were taken: %s | %s", d.name, well, describe(one), describe(two))
			}
			var rows int
			args := []any{b.id}
			if d.rows == `select 1` {
				args = nil
			}
			if err := b.god.Get(&rows, d.rows, args...); err != nil || rows != 1 {
				t.Errorf("%s: %d rows, %v: %s | %s", d.name, rows, err, describe(one), describe(two))
			}
		}
	}
	t.Logf("the first won: %v", first)
	counted(t, "races, one of two", len(duels), 20, 20)
	counted(t, "races, one of two, rounds", bouts, len(duels)*raceRounds(), len(duels)*raceRounds())
}

// TestAnEmergencyOrALetterThatEndsIsEndedForEveryUse races the end of what was lent (an emergency by the clock, by a wall, by a seal; a letter by her word, by its sender)
// against what the borrower does with it.
func TestAnEmergencyOrALetterThatEndsIsEndedForEveryUse(t *testing.T) {
	t.Parallel()
	a := newArena(t)
	type end struct {
		name  string
		ready func(b *bout)
		end   func(b *bout) bool // false when what the borrower did came first and stands against it
		uses  map[string]func(b *bout) bool
	}
	nurse := map[string]func(b *bout) bool{
		"reads": func(b *bout) bool { return gave(b.nurse.Get(b.path), "") }, "lists": func(b *bout) bool { return gave(b.nurse.Get("/api/v1/cases?limit=100"), b.id) },
		"finds": func(b *bout) bool {
			return gave(b.nurse.Do("POST", "/api/v1/cases/search", map[string]any{"code": b.code}), b.id)
		},
	}
	officer := map[string]func(b *bout) bool{
		"reads": func(b *bout) bool {
			got := b.police.Get(b.ref)
			return got.At("disclosed") != nil || strings.Contains(string(got.Body), "Nghiệm Một")
		},
		"starts": func(b *bout) bool { return gave(b.police.Do("POST", b.ref+"/start", nil), "") },
		"reports": func(b *bout) bool {
			return gave(b.police.Do("POST", b.ref+"/outcome", map[string]any{"result": "DELIVERED"}), "")
		},
	}
	opened := func(b *bout) {
		b.glass = b.nurse.Must(http.StatusCreated, "POST", b.path+"/break-glass", emergency()).Text("id")
	}
	accepted := func(b *bout) { b.referred(); b.must(http.StatusOK, b.police.Do("POST", b.ref+"/acceptance", nil)) }
	clock := a.DB.Open(t, pg.Superuser)
	clock.SetMaxOpenConns(1)
	clock.MustExec(`set session_replication_role = replica`)
	ends := []end{
		{"the hours pass", opened, func(b *bout) bool {
			clock.MustExec(`update case_standings set until = now() - interval '1 microsecond' where standing = 'break_glass' and case_id = $1`, b.id)
			return true
		}, nurse},
		{"a wall is set", opened, func(b *bout) bool {
			b.must(http.StatusCreated, b.she.Do("POST", b.path+"/walls", map[string]any{"username": "yte.kontum", "why": "KIN"}))
			return true
		}, nurse},
		{"the case is sealed", func(b *bout) {
			opened(b)
			b.must(http.StatusAccepted, b.she.Do("POST", b.path+"/seal", map[string]any{"why": "STAFF", "names": []string{b.name}}))
		}, func(b *bout) bool {
			waiting := b.boss.Must(http.StatusOK, "GET", "/api/v1/seals", nil)
			for i := range waiting.Len("items") {
				if waiting.Text(fmt.Sprintf("items.%d.case", i)) == b.id || waiting.Text(fmt.Sprintf("items.%d.case_code", i)) == b.code || waiting.Len("items") == 1 {
					b.must(http.StatusNoContent, b.boss.Do("POST", "/api/v1/seals/"+waiting.Text(fmt.Sprintf("items.%d.id", i))+"/agreement", nil))
				}
			}
			return true
		}, nurse},
		{"she takes her consent back", accepted, func(b *bout) bool {
			return b.she.Do("POST", "/api/v1/consents/"+b.consent+"/withdrawal", nil).Status == http.StatusOK
		}, officer},
		{"the sender takes it back", accepted, func(b *bout) bool { return b.she.Do("POST", b.ref+"/withdrawal", nil).Status == http.StatusOK }, officer},
	}
	pairs, bouts, early := 0, 0, 0
	for _, e := range ends {
		for name, do := range e.uses {
			pairs++
			for range raceRounds() {
				b := a.bout(t)
				e.ready(b)
				var took, late, ended bool
				atOnce(func() { ended = e.end(b); late = do(b) }, func() { took = do(b) })
				bouts++
				if took {
					early++
				}
				if !ended { // the help was reported before the letter was taken back
					if !took || name != "reports" {
						t.Errorf("%s is refused", e.name)
					}
					continue
				}
				if late || do(b) {
					t.Errorf("%s, and the borrower still %s", e.name, name)
				}
				open := b.count(`select count(*) from case_standings s where s.case_id = $1 and s.standing in ('referred', 'break_glass') and (s.until is null or s.until > now()) and not exists (select from case_walls w where w.case_id = s.case_id)`, b.id)
				if open != 0 && e.name != "the case is sealed" { // under a seal a standing opens nothing
					t.Errorf("%s: %d standings are open", e.name, open)
				}
			}
		}
	}
	t.Logf("%d of %d uses came first", early, bouts)
	counted(t, "races, lent", pairs, 15, 15)
	counted(t, "races, lent, rounds", bouts, pairs*raceRounds(), pairs*raceRounds())
}

// TestACodeThatWasDrawnBeforeIsDrawnAgain lets chance draw a code that is taken, once for each kind of thing that has a spoken code: nobody hears of it.
func TestACodeThatWasDrawnBeforeIsDrawnAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	god := s.DB.Open(t, pg.Superuser)
	path := "/api/v1/cases/" + s.ours.Case
	counsellor, dpo := s.clients["tuvan.kontum"], s.clients["dpo"]
	codes := []string{s.ours.Code, s.theirs.Code}
	breach := func() apptest.Answer {
		return dpo.Do("POST", "/api/v1/breaches", map[string]any{"kind": "CONFIDENTIALITY", "classes": []string{"identity"}, "words": map[string]any{"what": "Gửi nhầm (thử)."}})
	}
	for _, x := range []struct {
		table string
		make  func() apptest.Answer
	}{
		{"public.cases", func() apptest.Answer { return counsellor.Do("POST", "/api/v1/cases", apptest.Case()) }},
		{"public.referrals", func() apptest.Answer {
			draft := referTo("congan-dakha", s.ours.Consent)
			draft["draft"] = true
			return counsellor.Do("POST", path+"/referrals", draft)
		}},
		{"rights.requests", func() apptest.Answer {
			return dpo.Do("POST", "/api/v1/data-requests", map[string]any{"case": codes[0], "kind": "RECTIFY", "identity_check": "KNOWN", "words": "Sai (thử)."})
		}},
		{"rights.breaches", breach},
	} {
		// The first row after this has a code that stands there already; a sequence keeps its count through the rollback.
		god.MustExec(`create schema if not exists chance; grant usage on schema chance to public; create sequence chance.drawn; grant usage on sequence chance.drawn to public`)
		if x.table != "public.cases" && x.table != "public.referrals" { // these have rows
			if first := x.make(); first.Status != http.StatusCreated {
				t.Errorf("%s: %s", x.table, describe(first))
				continue
			}
			codes = codes[1:]
		}
		var taken string
		if err := god.Get(&taken, `select code from `+x.table+` limit 1`); err != nil {
			t.Fatal(err)
		}
		god.MustExec(`create function chance.draw() returns trigger language plpgsql as $$ begin if nextval('chance.drawn') = 1 then new.code := '` + taken + `'; end if; return new; end $$;
			create trigger chance before insert on ` + x.table + ` for each row execute function chance.draw()`)
		if got := x.make(); got.Status != http.StatusCreated || got.Text("code") == taken || got.Text("code") == "" {
			t.Errorf("%s: %s: %s", x.table, describe(got), s.why(got))
		}
		var drawn int
		if err := god.Get(&drawn, `select last_value from chance.drawn`); err != nil || drawn != 2 {
			t.Errorf("%s was drawn %d times, %v", x.table, drawn, err)
		}
		god.MustExec(`drop trigger chance on ` + x.table + `; drop schema chance cascade`)
	}
}
