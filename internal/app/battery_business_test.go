package app_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"binhan/internal/app/apptest"
	"binhan/internal/pg"
	"binhan/internal/world"
)

// steps is the way of a referral as the field knows it, written here once more: for each state, who may do what. Everything else is a state skipped, a step of the other
// side, or a step of nobody.
var steps = map[string]map[string][]string{
	"DRAFT":             {"sender": {"sending", "withdrawal"}},
	"SENT":              {"sender": {"withdrawal"}, "receiver": {"acknowledgement", "acceptance", "decline", "question", "forward"}},
	"RECEIVED":          {"sender": {"withdrawal"}, "receiver": {"acceptance", "decline", "question", "forward"}},
	"INFO_REQUESTED":    {"sender": {"answer", "withdrawal"}, "receiver": {"acceptance", "decline"}},
	"ACCEPTED":          {"sender": {"withdrawal"}, "receiver": {"start", "outcome"}},
	"IN_SERVICE":        {"sender": {"withdrawal"}, "receiver": {"outcome"}},
	"FEEDBACK":          {"sender": {"closing"}},
	"DECLINED":          {"sender": {"closing"}},
	"CANCELLED":         {},
	"FORWARDED":         {},
	"CONSENT_WITHDRAWN": {},
	"COMPLETED":         {},
}

// ways lead a fresh referral to a state.
var ways = map[string][]string{"DRAFT": {}, "SENT": {"sending"}, "RECEIVED": {"sending", "acknowledgement"}, "INFO_REQUESTED": {"sending", "question"}, "ACCEPTED": {"sending", "acceptance"}, "IN_SERVICE": {"sending", "acceptance", "start"}, "FEEDBACK": {"sending", "acceptance", "outcome"},
	"DECLINED": {"sending", "decline"}, "CANCELLED": {"sending", "withdrawal"}, "FORWARDED": {"sending", "forward"}, "CONSENT_WITHDRAWN": {"sending", "consent"}, "COMPLETED": {"sending", "decline", "closing"}}

func TestNoStepIsSkippedAndNobodyApprovesHerself(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	s.Hire(t, "tuvan.ban", "COUNSELLOR", "ctxh-kontum", "giamsat.kontum")
	db := s.DB.Open(t, pg.Superuser)
	counsellor, boss, police, other, nurse, dpo, admin := s.As(t, "tuvan.kontum"), s.As(t, "giamsat.kontum"), s.As(t, "congan.ngochoi"), s.As(t, "congan.dakha"), s.As(t, "yte.kontum"), s.As(t, "dpo"), s.As(t, "quantri")
	mate := s.As(t, "tuvan.ban")
	file := func() (path, code, id string) {
		made := counsellor.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case())
		return "/api/v1/cases/" + made.Text("id"), made.Text("code"), made.Text("id")
	}
	bodies := map[string]any{"decline": map[string]any{"code": "NO_CAPACITY"}, "question": map[string]any{"text": "Khi nào (thử)?"}, "answer": map[string]any{"text": "Sáng (thử)."}, "forward": map[string]any{"to": world.OrgID("congan-dakha").String()}, "outcome": map[string]any{"result": "DELIVERED"}}
	moves := []string{"sending", "acknowledgement", "acceptance", "decline", "question", "answer", "forward", "start", "outcome", "closing", "withdrawal"}
	sides := map[string]*apptest.Client{"sender": counsellor, "receiver": police, "another receiver": other, "a colleague": mate, "another service": nurse, "an administrator": admin}
	n := 0
	states := slices.Sorted(func(yield func(string) bool) {
		for state := range steps {
			if !yield(state) {
				return
			}
		}
	})
	reached := func(state string) (ref string) {
		path, _, _ := file()
		consent := counsellor.Must(http.StatusCreated, "POST", path+"/consents", consentFor("POLICE_COMMUNE")).Text("id")
		draft := referTo("congan-boy", consent)
		draft["draft"] = true
		ref = "/api/v1/referrals/" + counsellor.Must(http.StatusCreated, "POST", path+"/referrals", draft).Text("id")
		for _, step := range ways[state] {
			if step == "consent" {
				counsellor.Must(http.StatusOK, "POST", "/api/v1/consents/"+consent+"/withdrawal", nil)
				continue
			}
			who := police
			if step == "sending" || step == "closing" || step == "withdrawal" || step == "answer" {
				who = counsellor
			}
			who.Must(http.StatusOK, "POST", ref+"/"+step, bodies[step])
		}
		if got := counsellor.Must(http.StatusOK, "GET", ref, nil).Text("status"); got != state {
			t.Fatalf("%s, want %s", got, state)
		}
		return ref
	}
	for _, state := range states {
		ref := reached(state)
		row := func() (digest string) {
			if err := db.Get(&digest, `select status || ' ' || (select count(*) from referral_moves e where e.referral_id = r.id) || ' ' || (select count(*) from case_standings) from referrals r where id = $1`, strings.TrimPrefix(ref, "/api/v1/referrals/")); err != nil {
				t.Fatal(err)
			}
			return digest
		}
		before := row()
		type misstep struct{ side, move string }
		var all []misstep
		for side := range sides {
			for _, move := range moves {
				if !slices.Contains(steps[state][side], move) {
					all = append(all, misstep{side, move})
				}
			}
		}
		for _, x := range sampled(all, 16) {
			n++
			got := sides[x.side].Do("POST", ref+"/"+x.move, bodies[x.move])
			if got.Status != http.StatusConflict && got.Status != http.StatusNotFound && got.Status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %s of %s: %s", state, x.move, x.side, describe(got))
			}
			if after := row(); after != before {
				t.Errorf("%s: %s of %s made %s of %s", state, x.move, x.side, after, before)
			}
		}
	}
	// And what the field does allow is possible, so that the table above is not simply a wall.
	for _, state := range states {
		for side, legal := range steps[state] {
			for _, move := range legal {
				if got := sides[side].Do("POST", reached(state)+"/"+move, bodies[move]); got.Status != http.StatusOK {
					t.Errorf("%s: %s of %s is refused: %s", state, move, side, describe(got))
				}
			}
		}
	}

	// Approving oneself, dates that cannot be, loops, edges.
	path, code, _ := file()
	consent := counsellor.Must(http.StatusCreated, "POST", path+"/consents", consentFor("POLICE_COMMUNE")).Text("id")
	erasure := "/api/v1/erasures/" + boss.Must(http.StatusCreated, "POST", "/api/v1/erasures", map[string]any{"case": code, "ground": "CONSENT"}).Text("id")
	counsellor.Must(http.StatusAccepted, "POST", path+"/seal", map[string]any{"why": "STAFF", "names": []string{"tuvan.kontum"}})
	sealID := boss.Must(http.StatusOK, "GET", "/api/v1/seals", nil).Text("items.0.id")
	glass := nurse.Must(http.StatusCreated, "POST", path+"/break-glass", emergency()).Text("id")
	account := admin.Must(http.StatusCreated, "POST", "/api/v1/people/proposals", map[string]any{"kind": "create", "username": "tuvan.moi", "name": "Người Thử Mới", "organisation": world.OrgID("ctxh-kontum").String(), "role": "COUNSELLOR"}).Text("id")
	chain := reached("SENT")
	police.Must(http.StatusOK, "POST", chain+"/forward", bodies["forward"])
	forwarded := ""
	queue := other.Must(http.StatusOK, "GET", "/api/v1/referrals?limit=100", nil)
	for i := range queue.Len("items") {
		if queue.Text(fmt.Sprintf("items.%d.status", i)) == "SENT" {
			forwarded = "/api/v1/referrals/" + queue.Text(fmt.Sprintf("items.%d.id", i))
		}
	}
	user := func(name string) string { return world.UserID(name).String() }
	incident := func(v map[string]any) map[string]any {
		return map[string]any{"intake": map[string]any{"channel": "IN_PERSON", "received_at": "2026-11-20T03:00:00+07:00"}, "incident": v}
	}
	tries := []struct {
		name, path string
		who        *apptest.Client
		body       any
	}{
		{"approves her own erasure", erasure + "/approval", boss, nil}, {"carries out an erasure that nobody approved", erasure + "/completion", boss, nil}, {"approves as the holder", erasure + "/approval", counsellor, nil}, {"refuses her own erasure as a stranger", erasure + "/refusal", nurse, nil},
		{"agrees to her own seal", "/api/v1/seals/" + sealID + "/agreement", counsellor, nil}, {"agrees to a seal of others", "/api/v1/seals/" + sealID + "/agreement", nurse, nil}, {"agrees to no seal", "/api/v1/seals/" + uuid.NewString() + "/agreement", boss, nil},
		{"reviews her own emergency", "/api/v1/break-glass/" + glass + "/review", nurse, map[string]any{"verdict": "JUSTIFIED"}}, {"reviews another's as a stranger", "/api/v1/break-glass/" + glass + "/review", police, map[string]any{"verdict": "JUSTIFIED"}}, {"reviews without words", "/api/v1/break-glass/" + glass + "/review", boss, map[string]any{}},
		{"opens the safety class for herself", "/api/v1/break-glass/" + glass + "/safety", nurse, nil}, {"opens the safety class that nobody asked for", "/api/v1/break-glass/" + glass + "/safety", boss, nil}, {"asks for the safety class of another's emergency", "/api/v1/break-glass/" + glass + "/safety-request", police, nil},
		{"decides her own proposal", "/api/v1/people/proposals/" + account + "/decision", admin, map[string]any{"agree": true}}, {"proposes herself another role", "/api/v1/people/proposals", admin, map[string]any{"kind": "role", "user": user("quantri"), "role": "COUNSELLOR"}}, {"resets herself", "/api/v1/people/" + user("quantri") + "/reset", admin, nil}, {"frees herself", "/api/v1/people/" + user("quantri") + "/release", admin, nil},
		{"makes an account as a counsellor", "/api/v1/people/proposals", counsellor, map[string]any{"kind": "create", "username": "x.y", "name": "Người Thử", "organisation": world.OrgID("ctxh-kontum").String(), "role": "COUNSELLOR"}}, {"takes a name that is taken", "/api/v1/people/proposals", admin, map[string]any{"kind": "create", "username": "tuvan.kontum", "name": "Người Thử", "organisation": world.OrgID("ctxh-kontum").String(), "role": "COUNSELLOR"}},
		{"an emergency on her own case", path + "/break-glass", counsellor, emergency()}, {"an emergency of the supervisor", path + "/break-glass", boss, emergency()}, {"an emergency without a reason", path + "/break-glass", other, map[string]any{"code": "LIFE_THREAT"}}, {"an emergency for no code", path + "/break-glass", other, map[string]any{"reason": "x"}}, {"an emergency on a case that is not there", "/api/v1/cases/" + uuid.NewString() + "/break-glass", other, emergency()},
		{"walls herself", path + "/walls", counsellor, map[string]any{"username": "tuvan.kontum", "why": "KIN"}}, {"walls nobody", path + "/walls", counsellor, map[string]any{"username": "khong.co", "why": "KIN"}}, {"walls for no reason", path + "/walls", counsellor, map[string]any{"username": "congan.dakha"}}, {"walls on another's case", path + "/walls", mate, map[string]any{"username": "congan.dakha", "why": "KIN"}},
		{"gives the case to herself", path + "/assignments", boss, map[string]any{"to": user("giamsat.kontum")}}, {"gives it to whoever holds it", path + "/assignments", boss, map[string]any{"to": user("tuvan.kontum")}}, {"gives it to another organisation", path + "/assignments", boss, map[string]any{"to": user("tuvan.ngochoi")}}, {"takes it", path + "/assignments", mate, map[string]any{"to": user("tuvan.ban")}}, {"gives away what is hers", path + "/assignments", counsellor, map[string]any{"to": user("tuvan.ban")}}, {"gives it to an administrator", path + "/assignments", boss, map[string]any{"to": user("quantri")}}, {"gives it to a group", path + "/assignments", boss, map[string]any{"to": []string{user("tuvan.ban")}}},
		{"forwards back to the sender", forwarded + "/forward", other, map[string]any{"to": world.OrgID("ctxh-kontum").String()}}, {"forwards to herself", forwarded + "/forward", other, map[string]any{"to": world.OrgID("congan-dakha").String()}}, {"forwards to whoever does not offer it", forwarded + "/forward", other, map[string]any{"to": world.OrgID("phunu-boy").String()}}, {"forwards what she forwarded", chain + "/forward", police, map[string]any{"to": world.OrgID("congan-dakha").String()}}, {"accepts what she forwarded", forwarded + "/acceptance", police, nil},
		{"refers to her own organisation", path + "/referrals", counsellor, referTo("ctxh-kontum", consent)}, {"refers on another's consent", path + "/referrals", counsellor, referTo("congan-boy", uuid.NewString())}, {"refers to whoever does not offer it", path + "/referrals", counsellor, referTo("phunu-boy", consent)}, {"refers as the supervisor", path + "/referrals", boss, referTo("congan-boy", consent)}, {"refers from another's case", path + "/referrals", mate, referTo("congan-boy", consent)},
		{"a consent that ended before it began", path + "/consents", counsellor, merged(consentFor("POLICE_COMMUNE"), "expires_at", "2020-01-01T00:00:00Z")}, {"a consent for a year to come", path + "/consents", counsellor, merged(consentFor("POLICE_COMMUNE"), "given_at", "2030-01-01T00:00:00Z")}, {"a consent that is withdrawn from the beginning", path + "/consents", counsellor, merged(consentFor("POLICE_COMMUNE"), "decision", "WITHDRAWN")}, {"a consent backdated by hand", path + "/consents", counsellor, merged(consentFor("POLICE_COMMUNE"), "recorded_at", "2020-01-01T00:00:00Z")},
		{"an incident after the call", "/api/v1/cases", counsellor, incident(map[string]any{"occurred_on": "2026-11-21"})}, {"an incident of next year", "/api/v1/cases", counsellor, incident(map[string]any{"occurred_on": "2027"})}, {"a call of tomorrow", "/api/v1/cases", counsellor, map[string]any{"intake": map[string]any{"channel": "IN_PERSON", "received_at": "2099-01-01T00:00:00Z"}}}, {"a person born after the call", "/api/v1/cases", counsellor, map[string]any{"intake": map[string]any{"channel": "IN_PERSON", "received_at": "2020-01-01T00:00:00Z"}, "survivor": map[string]any{"birth_date": "2020-06-01"}}}, {"a case with an owner", "/api/v1/cases", counsellor, map[string]any{"intake": map[string]any{"channel": "IN_PERSON"}, "owner": user("tuvan.ban")}},
		{"closes with an open question of safety", path + "/closure", counsellor, map[string]any{"reason": "SAFE", "safety_checked": false}}, {"closes for no reason", path + "/closure", counsellor, map[string]any{"safety_checked": true}}, {"closes another's case", path + "/closure", mate, map[string]any{"reason": "SAFE", "safety_checked": true}}, {"reopens what is open", path + "/reopening", counsellor, map[string]any{"reason": "SHE_RETURNS"}}, {"lifts a restriction that is not there", path + "/restriction/lifting", counsellor, map[string]any{"ground": "SHE_AGREES"}},
		{"erases for a term that has not run out", "/api/v1/erasures", boss, map[string]any{"case": code, "ground": "TERM"}}, {"erases on a request that nobody made", "/api/v1/erasures", boss, map[string]any{"case": code, "ground": "REQUEST"}}, {"erases a second time", "/api/v1/erasures", boss, map[string]any{"case": code, "ground": "CONSENT"}}, {"erases another's case", "/api/v1/erasures", mate, map[string]any{"case": code, "ground": "CONSENT"}},
		{"completes a request that nobody made", "/api/v1/data-requests/" + uuid.NewString() + "/completion", dpo, map[string]any{}}, {"asks in the name of nobody", "/api/v1/data-requests", counsellor, map[string]any{"case": code, "kind": "ERASE"}}, {"asks about another's case", "/api/v1/data-requests", mate, map[string]any{"case": code, "kind": "RESTRICT", "identity_check": "KNOWN"}},
		{"publishes as a counsellor", "/api/v1/releases/" + uuid.NewString() + "/publication", counsellor, nil}, {"prepares as whoever publishes", "/api/v1/releases", s.As(t, "lanhdao.sldtbxh"), map[string]any{"plan": "x"}}, {"signs out somebody else", "/api/v1/people/" + user("tuvan.kontum") + "/reset", counsellor, nil},
	}
	before := s.Contents(t)
	for _, x := range tries {
		n++
		if strings.HasPrefix(x.path, "/") && strings.Contains(x.path, "//") {
			t.Fatalf("%s: no path: %s", x.name, x.path)
		}
		got := x.who.Do("POST", x.path, x.body)
		if got.Status < 400 || got.Status >= 500 || got.Status == http.StatusUnauthorized {
			t.Errorf("%s: %s", x.name, describe(got))
		}
	}
	if d := cmp.Diff(before, s.Contents(t)); d != "" {
		t.Errorf("something was done:\n%s", d)
	}
	// Who is passed a letter may pass it back: that is somebody's act, the consent is asked again, and however often it goes round one holds it and nobody has more than that.
	for i, c := range []*apptest.Client{other, police, other} {
		to := []string{"congan-boy", "congan-dakha", "congan-boy"}[i]
		n++
		c.Must(http.StatusOK, "POST", forwarded+"/forward", map[string]any{"to": world.OrgID(to).String()})
		if err := db.Get(&forwarded, `select '/api/v1/referrals/' || id from referrals where forwarded_from = $1`, strings.TrimPrefix(forwarded, "/api/v1/referrals/")); err != nil {
			t.Fatal(err)
		}
		var live, standings int
		if err := db.QueryRow(`select (select count(*) from referrals where case_id = r.case_id and status = 'SENT'), (select count(*) from case_standings s where s.case_id = r.case_id and s.standing = 'referred') from referrals r where r.id = $1`, strings.TrimPrefix(forwarded, "/api/v1/referrals/")).Scan(&live, &standings); err != nil || live != 1 || standings != 0 {
			t.Errorf("after %d rounds %d letters wait and %d stand open, %v", i+1, live, standings, err)
		}
	}
	counted(t, "business abuse", n, 150, 600)
}

func merged(m map[string]any, name string, v any) map[string]any {
	m[name] = v
	return m
}
