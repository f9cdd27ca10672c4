package app_test

import (
	"net/http"
	"testing"

	"github.com/google/uuid"

	"binhan/internal/app/apptest"
	"binhan/internal/pg"
	"binhan/internal/world"
)

// TestAStatementThatSlippedInMeetsAWallOfItsOwn tries, as the app's own database role inside a live session, what the program never does: each of these
// once worked, and each must fail without the program's help.
func TestAStatementThatSlippedInMeetsAWallOfItsOwn(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	counsellor, police := s.As(t, "tuvan.kontum"), s.As(t, "congan.ngochoi")
	id := counsellor.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case()).Text("id")
	path := "/api/v1/cases/" + id
	consent := counsellor.Must(http.StatusCreated, "POST", path+"/consents", map[string]any{"purpose": "SHARE_POLICE", "fields": []string{"name"}, "decision": "GIVEN"}).Text("id")
	send := func(to string) string {
		return counsellor.Must(http.StatusCreated, "POST", path+"/referrals", map[string]any{"service": "SAFETY", "to": world.OrgID(to).String(), "fields": []string{"name"},
			"legal_basis": map[string]any{"code": "EMERGENCY", "reason": "Cần cấp cứu (thử)."}}).Text("id")
	}
	ref := send("congan-boy")
	police.Must(http.StatusOK, "POST", "/api/v1/referrals/"+ref+"/forward", map[string]any{"to": world.OrgID("congan-dakha").String()})
	counsellor.Must(http.StatusOK, "POST", "/api/v1/consents/"+consent+"/withdrawal", map[string]any{})

	app := s.DB.Open(t, pg.App)
	inside := func(username, standings string, statements ...string) error {
		handle := string(s.Actor(t, username).Handle)
		tx := app.MustBegin()
		defer tx.Rollback()
		if _, err := tx.Exec(`select set_config('app.sid', $1, true), set_config('app.standings', $2, true)`, handle, standings); err != nil {
			t.Fatal(err)
		}
		for _, q := range statements {
			r, err := tx.Exec(q)
			if err != nil {
				return err
			}
			if n, _ := r.RowsAffected(); n == 0 {
				return errNothing
			}
		}
		return nil
	}
	every := "assigned,supervisor,addressee,referred,break_glass"
	for name, try := range map[string]error{
		"a withdrawn consent is given back":          inside("tuvan.kontum", every, `update consents set withdrawn_at = null where id = '`+consent+`'`),
		"a supervisor writes over an identity":       inside("giamsat.kontum", every, `update survivors set identity = '\x00' where case_id = '`+id+`'`),
		"a receiver forwards to herself once more":   inside("congan.ngochoi", every, `insert into referrals (id, code, case_id, status, service, priority, from_org, from_user, to_org, forwarded_from, age_band, fields, legal_basis, created_at, sent_at) select '`+uuid.NewString()+`', 'X', case_id, 'SENT', service, priority, from_org, from_user, to_org, id, age_band, fields, legal_basis, now(), now() from referrals where id = '`+ref+`'`),
		"a move is signed with another's name":       inside("congan.ngochoi", every, `insert into referral_moves (id, referral_id, case_id, move, from_status, to_status, at, by_user, by_org) select '`+uuid.NewString()+`', id, case_id, 'withdrawal', 'SENT', 'CANCELLED', now(), from_user, from_org from referrals where id = '`+ref+`'`),
		"a statistician puts a fact":                 inside("thongke.sldtbxh", every, `select stats.put_fact('\x01', '51', '2021-01-01', '611', '23377', 'SEXUAL', '{}', 'F', 'A25_39', 'SPOUSE', 'M', 'UNK')`),
		"a finished referral is accepted":            inside("congan.ngochoi", every, `update referrals set status = 'ACCEPTED', taken_by = from_user where id = '`+ref+`'`),
		"the handle of another is read":              inside("congan.ngochoi", every, `select handle_hash from auth.sessions`),
		"a standing is written by hand":              inside("congan.ngochoi", every, `insert into case_standings (case_id, standing, holder, why, granted_by) select '`+id+`', 'assigned', auth.user_id(), 'x', auth.user_id()`),
		"a session is opened without the password":   inside("congan.ngochoi", every, `select auth.command_session('tuvan.kontum', 'x', 1)`),
		"the record is emptied":                      inside("congan.ngochoi", every, `delete from audit.entries`),
		"the story is read under the wrong standing": inside("congan.ngochoi", every, `select narrative from cases where id = '`+id+`'`),
	} {
		if try == nil {
			t.Errorf("possible: %s", name)
		}
	}

	// An account that was closed sees nothing more, even with a handle that is still good.
	handle := string(s.Actor(t, "tuvan.kontum").Handle)
	super := s.DB.Open(t, pg.Superuser)
	see := func() (n int) {
		tx := app.MustBegin()
		defer tx.Rollback()
		tx.MustExec(`select set_config('app.sid', $1, true), set_config('app.standings', 'assigned', true)`, handle)
		if err := tx.Get(&n, `select count(*) from cases`); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if see() != 1 {
		t.Fatal("the holder does not see her case")
	}
	super.MustExec(`update auth.users set disabled_at = now() where username = 'tuvan.kontum'`)
	if see() != 0 {
		t.Error("a closed account still sees the case")
	}
}

func TestGuessingAtALockedScreenEndsTheSession(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	who := s.Actor(t, "phunu.ngochoi")
	if err := s.Gate.Lock(t.Context(), who.Handle); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if err := s.In.Unlock(t.Context(), who.Handle, who.Username, "sai mật khẩu"); err == nil {
			t.Fatal("a wrong password unlocks")
		}
	}
	if err := s.In.Unlock(t.Context(), who.Handle, who.Username, world.Password); err == nil {
		t.Error("the session outlives five wrong guesses")
	}
	var kept int
	if err := s.DB.Open(t, pg.Superuser).Get(&kept, `select count(*) from audit.entries where act = 'session.unlock' and decision = 'refused' and actor = $1`, who.User); err != nil || kept < 5 {
		t.Errorf("%d guesses are on the record, %v", kept, err)
	}
}

type nothing struct{}

func (nothing) Error() string { return "no row" }

var errNothing = nothing{}
