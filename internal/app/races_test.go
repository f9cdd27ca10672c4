package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"binhan/internal/app/apptest"
	"binhan/internal/pg"
	"binhan/internal/world"
)

// atOnce runs all of them as near to each other as it can.
func atOnce(do ...func()) {
	var ready, done sync.WaitGroup
	ready.Add(len(do))
	for _, f := range do {
		done.Go(func() {
			ready.Done()
			ready.Wait()
			f()
		})
	}
	done.Wait()
}

// rounds is how often each race is run.
const rounds = 50

// track is a server with a case that can be referred again and again, and two officers of one police station.
type track struct {
	*apptest.Server
	counsellor, first, second, other *apptest.Client
	path                             string
}

func newTrack(t *testing.T) *track {
	t.Helper()
	s := &track{Server: apptest.New(t)}
	s.Hire(t, "congan.hai", "POLICE_FOCAL", "congan-boy", "")
	s.counsellor, s.first, s.second, s.other = s.As(t, "tuvan.kontum"), s.As(t, "congan.ngochoi"), s.As(t, "congan.hai"), s.As(t, "congan.dakha")
	s.path = "/api/v1/cases/" + s.counsellor.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case()).Text("id")
	return s
}

func (s *track) consent() string {
	return s.counsellor.Must(http.StatusCreated, "POST", s.path+"/consents", consentFor("POLICE_COMMUNE")).Text("id")
}

func (s *track) refer(consent string) string {
	return "/api/v1/referrals/" + s.counsellor.Must(http.StatusCreated, "POST", s.path+"/referrals", referTo("congan-boy", consent)).Text("id")
}

func TestOfTwoWhoAcceptAtOnceOneWins(t *testing.T) {
	t.Parallel()
	s := newTrack(t)
	consent := s.consent()
	names := map[string]string{"congan.ngochoi": "Công An Thử Một", "congan.hai": "Người Thử congan.hai"}
	for range rounds {
		ref := s.refer(consent)
		var a, b apptest.Answer
		atOnce(func() { a = s.first.Do("POST", ref+"/acceptance", nil) }, func() { b = s.second.Do("POST", ref+"/acceptance", nil) })
		won, lost, winner := a, b, "congan.ngochoi"
		if b.Status == http.StatusOK {
			won, lost, winner = b, a, "congan.hai"
		}
		if won.Status != http.StatusOK || lost.Status != http.StatusConflict {
			t.Fatalf("%d %s\n%d %s", a.Status, a.Body, b.Status, b.Body)
		}
		if won.Text("taken_by.username") != winner || won.Text("disclosed.name") != "Người Thử Nghiệm Một" {
			t.Errorf("winner: %s", won.Body)
		}
		if !strings.HasPrefix(lost.Text("detail"), names[winner]) || lost.At("disclosed") != nil || strings.Contains(string(lost.Body), "Nghiệm Một") {
			t.Errorf("loser: %s", lost.Body)
		}
		seen := s.first.Must(http.StatusOK, "GET", ref, nil)
		if seen.Text("taken_by.username") != winner || seen.Len("history") != 2 {
			t.Errorf("after: %s", seen.Body)
		}
		s.counsellor.Must(http.StatusOK, "POST", ref+"/withdrawal", nil)
	}
	var n int
	if err := s.DB.Open(t, pg.Superuser).Get(&n, `select count(*) from case_standings where standing = 'referred'`); err != nil || n != rounds {
		t.Errorf("%d standings for %d acceptances, %v", n, rounds, err)
	}
}

func TestAnAcceptanceAgainstAWithdrawalLeavesNothingOpen(t *testing.T) {
	t.Parallel()
	s := newTrack(t)
	consent := s.consent()
	seen := map[string]int{}
	for range rounds {
		ref := s.refer(consent)
		var accept, withdraw apptest.Answer
		atOnce(func() { accept = s.first.Do("POST", ref+"/acceptance", nil) }, func() {
			withdraw = s.counsellor.Do("POST", ref+"/withdrawal", map[string]any{"reason": "Nhầm (thử)."})
		})
		if withdraw.Status != http.StatusOK || accept.Status != http.StatusOK && accept.Status != http.StatusConflict {
			t.Fatalf("accept %d %s\nwithdraw %d %s", accept.Status, accept.Body, withdraw.Status, withdraw.Body)
		}
		seen[fmt.Sprint(accept.Status)]++
		after := s.first.Must(http.StatusOK, "GET", ref, nil)
		if after.Text("status") != "CANCELLED" || after.At("disclosed") != nil || strings.Contains(string(after.Body), "Nhầm (thử)") {
			t.Fatalf("after: %s", after.Body)
		}
		s.first.Must(http.StatusConflict, "POST", ref+"/acceptance", nil)
		s.first.Must(http.StatusNotFound, "POST", ref+"/start", nil) // what the acceptance gave is gone
		s.first.Must(http.StatusNotFound, "POST", ref+"/outcome", map[string]any{"result": "DELIVERED"})
	}
	t.Log(seen)
	openStandings(t, s.Server, 0)
}

func openStandings(t *testing.T, s *apptest.Server, want int) {
	t.Helper()
	var n int
	if err := s.DB.Open(t, pg.Superuser).Get(&n, `select count(*) from case_standings where standing = 'referred' and (until is null or until > now())`); err != nil || n != want {
		t.Errorf("%d standings are open, want %d, %v", n, want, err)
	}
}

func TestAWithdrawnConsentClosesWhatIsJustBeingRead(t *testing.T) {
	t.Parallel()
	s := newTrack(t)
	for range rounds {
		consent := s.consent()
		ref := s.refer(consent)
		s.first.Must(http.StatusOK, "POST", ref+"/acceptance", nil)
		read := func(c *apptest.Client) func() {
			return func() {
				got := c.Do("GET", ref, nil)
				if got.Status != http.StatusOK || got.At("disclosed") != nil && got.Text("status") == "CONSENT_WITHDRAWN" {
					t.Errorf("%d %s", got.Status, got.Body)
				}
			}
		}
		var withdrawn, late apptest.Answer
		atOnce(read(s.first), read(s.second), func() {
			withdrawn = s.counsellor.Do("POST", "/api/v1/consents/"+consent+"/withdrawal", nil)
			late = s.first.Do("GET", ref, nil) // the next request after her word
		}, read(s.first))
		if withdrawn.Status != http.StatusOK || withdrawn.At("live") != false || withdrawn.Text("withdrawn_at") == "" {
			t.Fatalf("%d %s", withdrawn.Status, withdrawn.Body)
		}
		if late.Status != http.StatusOK || late.At("disclosed") != nil || late.At("reason") != nil || late.Text("status") != "CONSENT_WITHDRAWN" || strings.Contains(string(late.Body), "Nghiệm Một") || strings.Contains(string(late.Body), "0900 000") {
			t.Fatalf("after her word: %d %s", late.Status, late.Body)
		}
		for _, move := range []string{"acceptance", "start", "outcome", "acknowledgement"} {
			if got := s.first.Do("POST", ref+"/"+move, nil); got.Status != http.StatusConflict && got.Status != http.StatusNotFound && got.Status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d %s", move, got.Status, got.Body)
			}
		}
		s.counsellor.Must(http.StatusConflict, "POST", "/api/v1/consents/"+consent+"/withdrawal", nil)
		s.counsellor.Must(http.StatusUnprocessableEntity, "POST", s.path+"/referrals", referTo("congan-boy", consent))
	}
	openStandings(t, s.Server, 0)
}

// nothingStands holds every referral on a withdrawn consent to being ended.
func nothingStands(t *testing.T, s *apptest.Server) {
	t.Helper()
	var left []string
	err := s.DB.Open(t, pg.Superuser).Select(&left, `select r.status from referrals r join consents c on c.id = r.consent_id
		where c.withdrawn_at is not null and r.status not in ('CONSENT_WITHDRAWN', 'FORWARDED', 'DECLINED', 'CANCELLED', 'COMPLETED')`)
	if err != nil || len(left) != 0 {
		t.Errorf("referrals stand on a withdrawn consent: %v, %v", left, err)
	}
}

func TestAConsentWithdrawnWhileItIsUsedLeavesNothingStanding(t *testing.T) {
	t.Parallel()
	s := newTrack(t)
	seen := map[string]int{}
	for i := range rounds {
		consent := s.consent()
		withdraw := func() { s.counsellor.Must(http.StatusOK, "POST", "/api/v1/consents/"+consent+"/withdrawal", nil) }
		switch i % 3 {
		case 0: // against sending
			var sent apptest.Answer
			atOnce(withdraw, func() { sent = s.counsellor.Do("POST", s.path+"/referrals", referTo("congan-boy", consent)) })
			if sent.Status != http.StatusCreated && sent.Status != http.StatusUnprocessableEntity {
				t.Fatalf("send: %d %s", sent.Status, sent.Body)
			}
			seen[fmt.Sprint("send ", sent.Status)]++
		case 1: // against sending a draft
			body := referTo("congan-boy", consent)
			body["draft"] = true
			ref := "/api/v1/referrals/" + s.counsellor.Must(http.StatusCreated, "POST", s.path+"/referrals", body).Text("id")
			var sent apptest.Answer
			atOnce(withdraw, func() { sent = s.counsellor.Do("POST", ref+"/sending", nil) })
			if sent.Status != http.StatusOK && sent.Status != http.StatusUnprocessableEntity && sent.Status != http.StatusConflict {
				t.Fatalf("send a draft: %d %s", sent.Status, sent.Body)
			}
			seen[fmt.Sprint("draft ", sent.Status)]++
		case 2: // against passing on
			ref := s.refer(consent)
			var forward apptest.Answer
			atOnce(withdraw, func() {
				forward = s.first.Do("POST", ref+"/forward", map[string]any{"to": world.OrgID("congan-dakha").String()})
			})
			if forward.Status != http.StatusOK && forward.Status != http.StatusConflict && forward.Status != http.StatusUnprocessableEntity {
				t.Fatalf("forward: %d %s", forward.Status, forward.Body)
			}
			seen[fmt.Sprint("forward ", forward.Status)]++
		}
		nothingStands(t, s.Server)
	}
	t.Log(seen)
	queue := s.other.Must(http.StatusOK, "GET", "/api/v1/referrals?limit=100", nil)
	for i := range queue.Len("items") {
		if queue.Text(fmt.Sprintf("items.%d.status", i)) != "CONSENT_WITHDRAWN" {
			t.Errorf("%s", queue.Body)
		}
	}
}

func TestOfADeclineAndAnAcceptanceOneIsTaken(t *testing.T) {
	t.Parallel()
	s := newTrack(t)
	consent := s.consent()
	for range rounds {
		ref := s.refer(consent)
		var accept, decline, forward apptest.Answer
		atOnce(func() { accept = s.first.Do("POST", ref+"/acceptance", nil) }, func() { decline = s.second.Do("POST", ref+"/decline", map[string]any{"code": "NO_CAPACITY"}) },
			func() {
				forward = s.second.Do("POST", ref+"/forward", map[string]any{"to": world.OrgID("congan-dakha").String()})
			})
		codes := map[int]int{}
		for _, a := range []apptest.Answer{accept, decline, forward} {
			codes[a.Status]++
		}
		if d := cmp.Diff(map[int]int{200: 1, 409: 2}, codes); d != "" {
			t.Fatalf("%s\n%s\n%s\n%s", d, accept.Body, decline.Body, forward.Body)
		}
		s.counsellor.Must(http.StatusOK, "GET", ref, nil)
		// Clear the way for the next round.
		list := s.counsellor.Must(http.StatusOK, "GET", s.path+"/referrals", nil)
		for i := range list.Len("items") {
			if one := fmt.Sprintf("items.%d", i); list.Text(one+".status") == "SENT" || list.Text(one+".status") == "ACCEPTED" {
				s.counsellor.Must(http.StatusOK, "POST", "/api/v1/referrals/"+list.Text(one+".id")+"/withdrawal", nil)
			}
		}
	}
	openStandings(t, s.Server, 0)
}

func TestTheFormerHolderIsOutWithTheNextRequest(t *testing.T) {
	t.Parallel()
	s := newTrack(t)
	s.Hire(t, "tuvan.ban", "COUNSELLOR", "ctxh-kontum", "giamsat.kontum")
	supervisor := s.As(t, "giamsat.kontum")
	hold := map[string]*apptest.Client{"tuvan.kontum": s.counsellor, "tuvan.ban": s.As(t, "tuvan.ban")}
	from, to := "tuvan.kontum", "tuvan.ban"
	for range 20 {
		etag := hold[from].Must(http.StatusOK, "GET", s.path, nil).Header.Get("ETag")
		var assigned, written, late apptest.Answer
		atOnce(func() {
			assigned = supervisor.Do("POST", s.path+"/assignments", map[string]any{"to": world.UserID(to).String()})
			late = hold[from].Do("GET", s.path, nil)
		}, func() {
			written = hold[from].Do("PATCH", s.path, map[string]any{"narrative": uuid.NewString()}, "If-Match", etag)
		})
		if assigned.Status != http.StatusCreated || late.Status != http.StatusNotFound {
			t.Fatalf("%d %s\n%d %s", assigned.Status, assigned.Body, late.Status, late.Body)
		}
		if written.Status != http.StatusOK && written.Status != http.StatusNotFound && written.Status != http.StatusPreconditionFailed {
			t.Fatalf("%d %s", written.Status, written.Body)
		}
		for _, path := range []string{"", "/incidents", "/consents", "/referrals", "/access", "/evidence"} {
			hold[from].Must(http.StatusNotFound, "GET", s.path+path, nil)
		}
		hold[from].Must(http.StatusNotFound, "PATCH", s.path, map[string]any{"narrative": "x"}, "If-Match", `"1"`)
		hold[to].Must(http.StatusOK, "POST", s.path+"/reveal", map[string]any{"classes": []string{"narrative"}, "code": "TAKE_OVER"})
		hold[to].Must(http.StatusOK, "GET", s.path, nil)
		from, to = to, from
	}
	var holders int
	if err := s.DB.Open(t, pg.Superuser).Get(&holders, `select count(*) from case_standings where standing = 'assigned' and until is null`); err != nil || holders != 1 {
		t.Errorf("%d hold the case, %v", holders, err)
	}
}

func TestASessionThatEndsEndsEverything(t *testing.T) {
	t.Parallel()
	s := newTrack(t)
	for range 20 {
		c := s.As(t, "tuvan.kontum")
		var out, read, written, added, late apptest.Answer
		atOnce(func() {
			out = c.Do("DELETE", "/api/v1/sessions/current", nil)
			late = c.Do("GET", s.path, nil)
		}, func() { read = c.Do("GET", s.path, nil) }, func() { written = c.Do("POST", "/api/v1/cases", apptest.Case()) }, func() { added = c.Do("POST", s.path+"/incidents", map[string]any{}) })
		if out.Status != http.StatusNoContent || late.Status != http.StatusUnauthorized {
			t.Fatalf("%d, %d", out.Status, late.Status)
		}
		for _, got := range []apptest.Answer{read, written, added} { // what was under way is done, or finds nothing any more
			if got.Status != http.StatusOK && got.Status != http.StatusCreated && got.Status != http.StatusUnauthorized && got.Status != http.StatusNotFound {
				t.Errorf("%d %s", got.Status, got.Body)
			}
		}
	}
}

func TestAForwardedLetterStaysSealedAndAsksTheConsentAgain(t *testing.T) {
	t.Parallel()
	s := newTrack(t)
	db := s.DB.Open(t, pg.Superuser)
	to := map[string]any{"to": world.OrgID("congan-dakha").String(), "reason": "Ngoài địa bàn (thử)."}

	consent := s.consent()
	ref := s.refer(consent)
	s.counsellor.Must(http.StatusOK, "PATCH", s.path, map[string]any{"survivor": map[string]any{"name": "Người Thử Nghiệm Hai"}}, "If-Match", `"1"`)
	answer := s.first.Must(http.StatusOK, "POST", ref+"/forward", to)
	if answer.Text("status") != "FORWARDED" || answer.Text("id") != strings.TrimPrefix(ref, "/api/v1/referrals/") || answer.At("disclosed") != nil || strings.Contains(string(answer.Body), "Nghiệm") {
		t.Fatalf("forwarder: %s", answer.Body)
	}
	queue := s.other.Must(http.StatusOK, "GET", "/api/v1/referrals", nil)
	if queue.Len("items") != 1 || queue.At("items.0.disclosed") != nil || queue.Text("items.0.from.name") != "Trung tâm Công tác xã hội" {
		t.Fatalf("queue: %s", queue.Body)
	}
	next := "/api/v1/referrals/" + queue.Text("items.0.id")
	// The letter was copied as it was, with its key: nobody opened it.
	var copies struct {
		Snapshots int `db:"snapshots"`
		Keys      int `db:"keys"`
		Same      int `db:"same"`
	}
	err := db.Get(&copies, `select count(distinct s.sealed) as snapshots, count(distinct k.disclosure) as keys, count(distinct s.made_for) as same
		from referral_snapshots s join referral_keys k using (referral_id)`)
	if err != nil || copies.Snapshots != 1 || copies.Keys != 1 || copies.Same != 1 {
		t.Errorf("%+v %v", copies, err)
	}
	var opened int
	if err := db.Get(&opened, `select count(*) from audit.entries where act = 'referral.forward' and 'disclosure' = any (classes)`); err != nil || opened != 0 {
		t.Errorf("forwarding opened %d letters, %v", opened, err)
	}
	s.first.Must(http.StatusNotFound, "GET", next, nil)
	s.first.Must(http.StatusConflict, "POST", ref+"/acceptance", nil)
	s.first.Must(http.StatusConflict, "POST", ref+"/forward", to)
	both := s.counsellor.Must(http.StatusOK, "GET", s.path+"/referrals", nil)
	if both.Len("items") != 2 || s.counsellor.Must(http.StatusOK, "GET", next, nil).Text("forwarded_from") != strings.TrimPrefix(ref, "/api/v1/referrals/") {
		t.Errorf("sender: %s", both.Body)
	}
	accepted := s.other.Must(http.StatusOK, "POST", next+"/acceptance", nil)
	if accepted.Text("disclosed.name") != "Người Thử Nghiệm Một" || accepted.Text("disclosed.phone") != "0900 000 001" || accepted.At("disclosed.safe_contact") != nil || accepted.Text("reason") != "Cần bảo vệ đêm nay (thử)." {
		t.Errorf("the letter is another one now: %s", accepted.Body)
	}
	if got := s.first.Must(http.StatusOK, "GET", ref, nil); got.At("disclosed") != nil {
		t.Errorf("the forwarder reads over the shoulder: %s", got.Body)
	}
	s.counsellor.Must(http.StatusOK, "POST", next+"/withdrawal", nil)

	// A consent for one named organisation is not for another; nor is one that was withdrawn, or is over.
	named := s.counsellor.Must(http.StatusCreated, "POST", s.path+"/consents", consentFor(world.OrgID("congan-boy").String())).Text("id")
	ref = s.refer(named)
	if got := s.first.Must(http.StatusUnprocessableEntity, "POST", ref+"/forward", to); got.Text("errors.0.pointer") != "/to" || got.Text("errors.0.key") != "consent_for_another" {
		t.Errorf("%s", got.Body)
	}
	s.first.Must(http.StatusOK, "POST", ref+"/acceptance", nil) // it is still hers
	s.counsellor.Must(http.StatusOK, "POST", ref+"/withdrawal", nil)

	over := s.consent()
	ref = s.refer(over)
	s.first.Must(http.StatusOK, "POST", ref+"/acknowledgement", nil)
	runOut(t, s.Server, over)
	s.first.Must(http.StatusUnprocessableEntity, "POST", ref+"/forward", to)
	if got := s.first.Must(http.StatusConflict, "POST", ref+"/acceptance", nil); !strings.Contains(got.Text("detail"), "không còn hiệu lực") {
		t.Errorf("%s", got.Body)
	}
	s.counsellor.Must(http.StatusOK, "POST", ref+"/withdrawal", nil)

	// Who does not offer the service, sent it, has it already, or is not there.
	ref = s.refer(s.consent())
	for org, pointer := range map[string]string{world.OrgID("phunu-boy").String(): "/service", world.OrgID("ctxh-kontum").String(): "/service", world.OrgID("congan-boy").String(): "/to", uuid.NewString(): "/to"} {
		if got := s.first.Must(http.StatusUnprocessableEntity, "POST", ref+"/forward", map[string]any{"to": org}); got.Text("errors.0.pointer") != pointer {
			t.Errorf("%s: %s", org, got.Body)
		}
	}
	there := referTo("congan-dakha", s.consent())
	s.counsellor.Must(http.StatusCreated, "POST", s.path+"/referrals", there)
	s.first.Must(http.StatusConflict, "POST", ref+"/forward", to)
	if got := s.first.Must(http.StatusOK, "GET", ref, nil); got.Text("status") != "SENT" {
		t.Errorf("a forward that was refused moved it: %s", got.Body)
	}
}

func TestAConsentThatRunsOutClosesTheLetter(t *testing.T) {
	t.Parallel()
	s := newTrack(t)
	consent := s.consent()
	ref := s.refer(consent)
	if got := s.first.Must(http.StatusOK, "POST", ref+"/acceptance", nil); got.Text("disclosed.name") == "" {
		t.Fatalf("%s", got.Body)
	}
	runOut(t, s.Server, consent)
	if got := s.first.Must(http.StatusOK, "GET", ref, nil); got.At("disclosed") != nil || got.At("reason") != nil || got.Text("status") != "ACCEPTED" || strings.Contains(string(got.Body), "Nghiệm Một") {
		t.Errorf("%s", got.Body)
	}
	if got := s.counsellor.Must(http.StatusOK, "GET", ref, nil); got.Text("disclosed.name") != "Người Thử Nghiệm Một" {
		t.Errorf("the sender knows what she shared: %s", got.Body)
	}
	s.first.Must(http.StatusOK, "POST", ref+"/start", nil) // help goes on; only the letter is closed
	if got := s.counsellor.Must(http.StatusOK, "GET", s.path+"/consents/"+consent, nil); got.At("live") != false {
		t.Errorf("%s", got.Body)
	}
}

// runOut lets the time of a consent pass. Not even the superuser may change it unrecorded, unless she turns the triggers off.
func runOut(t *testing.T, s *apptest.Server, consent string) {
	t.Helper()
	tx := s.DB.Open(t, pg.Superuser).MustBegin()
	tx.MustExec(`set local session_replication_role = replica`)
	tx.MustExec(`update consents set given_at = now() - interval '2 days', expires_at = now() - interval '1 second' where id = $1`, consent)
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}
