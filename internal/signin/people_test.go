package signin_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/app/apptest"
	"binhan/internal/casefile"
	"binhan/internal/fault"
	"binhan/internal/pg"
	"binhan/internal/signin"
	"binhan/internal/world"
)

func TestTwoPersonsMakeAnAccountAndNeitherKnowsItsPassword(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	s.Hire(t, "quantri.hai", "SYS_ADMIN", "noivu", "")
	admin, boss := s.As(t, "quantri"), s.As(t, "giamsat.kontum")
	propose := map[string]any{"kind": "create", "username": "tuvan.moi", "name": "Người Thử Nghiệm Mới", "organisation": world.OrgID("ctxh-kontum").String(), "role": "COUNSELLOR", "supervisor": world.UserID("giamsat.kontum").String()}
	id := admin.Must(http.StatusCreated, "POST", "/api/v1/people/proposals", propose).Text("id")
	if a := admin.Do("POST", "/api/v1/people/proposals", propose); a.Status != http.StatusConflict {
		t.Errorf("proposed twice: %d", a.Status)
	}
	// Not the one who proposed, not another administrator while somebody answers for the office, not somebody of another office, not the counsellor.
	for _, who := range []string{"quantri", "quantri.hai", "lanhdao.sldtbxh", "tuvan.kontum", "thanhtra"} {
		if a := s.As(t, who).Do("POST", "/api/v1/people/proposals/"+id+"/decision", map[string]any{"grant": true}); a.Status != http.StatusNotFound {
			t.Errorf("%s granted: %d %s", who, a.Status, a.Body)
		}
	}
	code := boss.Must(http.StatusOK, "POST", "/api/v1/people/proposals/"+id+"/decision", map[string]any{"grant": true}).Text("setup_code")
	if a := boss.Do("POST", "/api/v1/people/proposals/"+id+"/decision", map[string]any{"grant": true}); a.Status != http.StatusNotFound {
		t.Errorf("granted twice: %d", a.Status)
	}
	nobody := s.As(t, "")
	const password = "bốn con voi xanh qua suối"
	for name, x := range map[string]map[string]any{"a wrong code": {"username": "tuvan.moi", "code": "AAAA-AAAA-AAAA-AAAA", "password": password}, "another name": {"username": "tuvan.kontum", "code": code, "password": password}} {
		if a := nobody.Do("POST", "/api/v1/account/setup", x); a.Status != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, a.Status)
		}
	}
	nobody.Must(http.StatusNoContent, "POST", "/api/v1/account/setup", map[string]any{"username": "tuvan.moi", "code": strings.ToLower(code), "password": password})
	if a := nobody.Do("POST", "/api/v1/account/setup", map[string]any{"username": "tuvan.moi", "code": code, "password": password}); a.Status != http.StatusUnauthorized {
		t.Errorf("the code was good twice: %d", a.Status)
	}
	if a := signInAs(nobody, "tuvan.moi", password, ""); a.Status != http.StatusCreated || a.Text("actor.role") != "COUNSELLOR" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	// One spelling of a Vietnamese word is as good as the other, and a blank more is another password.
	if a := signInAs(nobody, "tuvan.moi", "bo\u0302\u0301n con voi xanh qua suo\u0302\u0301i", ""); a.Status != http.StatusCreated {
		t.Errorf("the same words in another form: %d", a.Status)
	}
	if a := signInAs(nobody, "tuvan.moi", password+" ", ""); a.Status != http.StatusUnauthorized {
		t.Errorf("trimmed: %d", a.Status)
	}
}

func TestNobodyDecidesAboutHerselfAndAnAdministratorCannotBecomeAReader(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	s.Hire(t, "quantri.hai", "SYS_ADMIN", "noivu", "")
	admin := s.As(t, "quantri")
	me := world.UserID("quantri").String()
	for name, body := range map[string]map[string]any{
		"another role": {"kind": "role", "user": me, "role": "SUPERVISOR"}, "her own end": {"kind": "close", "user": me},
	} {
		if a := admin.Do("POST", "/api/v1/people/proposals", body); a.Status != http.StatusNotFound {
			t.Errorf("%s: %d", name, a.Status)
		}
	}
	if a := admin.Do("POST", "/api/v1/people/"+me+"/reset", nil); a.Status != http.StatusNotFound {
		t.Errorf("her own reset: %d", a.Status)
	}
	// The approver of an office cannot grant what is proposed about herself; another administrator is the second person then.
	id := admin.Must(http.StatusCreated, "POST", "/api/v1/people/proposals", map[string]any{"kind": "role", "user": world.UserID("giamsat.kontum").String(), "role": "COUNSELLOR"}).Text("id")
	if a := s.As(t, "giamsat.kontum").Do("POST", "/api/v1/people/proposals/"+id+"/decision", map[string]any{"grant": true}); a.Status != http.StatusNotFound {
		t.Errorf("granted to herself: %d", a.Status)
	}
	s.As(t, "quantri.hai").Must(http.StatusOK, "POST", "/api/v1/people/proposals/"+id+"/decision", map[string]any{"grant": true})
	// The policy gives an administrator nothing on any case.
	for _, l := range s.App.Gate.Policy().Lines() {
		if l.Role == access.SysAdmin && slices.Contains([]access.Class{access.Record, access.Identity, access.Safety, access.Narrative, access.Evidence, access.Envelope, access.Disclosure}, l.Class) {
			t.Errorf("%v", l)
		}
	}
}

// TestAnAdministratorReadsNoCaseWhateverSheAsks is row 17 of the threat table: every route, every function of the application's role.
func TestAnAdministratorReadsNoCaseWhateverSheAsks(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	id := s.As(t, "tuvan.kontum").Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case()).Text("id")
	admin := s.As(t, "quantri")
	for _, r := range s.App.Site.Routes() {
		if r.Method != http.MethodGet || r.Public || strings.Contains(r.Path, "*") {
			continue
		}
		a := admin.Get(strings.NewReplacer(":id", id, ":name", "role", ":key", id, ":table", "T1", ":release", id).Replace(r.Path))
		for _, secret := range []string{id, "Người Thử Nghiệm Một"} {
			if a.Status == http.StatusOK && strings.Contains(string(a.Body), secret) {
				t.Errorf("%s shows %s", r.Path, secret)
			}
		}
	}
	// And by SQL, through her own session.
	app := s.DB.Open(t, pg.App)
	app.SetMaxOpenConns(1)
	handle := string(signin.HandleOf(admin.Token))
	for _, table := range []string{"cases", "case_keys", "survivors", "incidents", "consents", "evidence", "referrals", "case_standings"} {
		var n int
		tx := app.MustBegin()
		tx.MustExec(`select set_config('app.sid', $1, true), set_config('app.standings', 'assigned,supervisor,own_organisation,addressee,referred,break_glass', true)`, handle)
		if err := tx.Get(&n, `select count(*) from `+table); err != nil || n != 0 {
			t.Errorf("%s: %d rows, %v", table, n, err)
		}
		_ = tx.Rollback()
	}
}

func TestAResetRestsHerRightsUntilASecondPersonConfirms(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	her := s.As(t, "tuvan.kontum")
	id := her.Must(http.StatusCreated, "POST", "/api/v1/cases", apptest.Case()).Text("id")
	user := world.UserID("tuvan.kontum").String()
	admin, boss, nobody := s.As(t, "quantri"), s.As(t, "giamsat.kontum"), s.As(t, "")
	for _, who := range []string{"giamsat.kontum", "tuvan.ngochoi", "thanhtra"} {
		if a := s.As(t, who).Do("POST", "/api/v1/people/"+user+"/reset", nil); a.Status != http.StatusNotFound {
			t.Errorf("%s started a reset: %d", who, a.Status)
		}
	}
	code := admin.Must(http.StatusCreated, "POST", "/api/v1/people/"+user+"/reset", nil).Text("setup_code")
	if a := her.Get("/api/v1/sessions/current"); a.Status != http.StatusUnauthorized {
		t.Errorf("her old session lives: %d", a.Status)
	}
	if a := signInAs(nobody, "tuvan.kontum", world.Password, ""); a.Status != http.StatusUnauthorized {
		t.Errorf("her old password opens: %d", a.Status)
	}
	if a := boss.Do("POST", "/api/v1/people/"+user+"/confirmation", nil); a.Status != http.StatusNotFound {
		t.Errorf("confirmed before anybody had signed in: %d", a.Status)
	}
	const password = "mưa rơi trên mái tôn cũ"
	nobody.Must(http.StatusNoContent, "POST", "/api/v1/account/setup", map[string]any{"username": "tuvan.kontum", "code": code, "password": password})
	her = s.With(t, signInAs(nobody, "tuvan.kontum", password, "").Text("token"))
	resting := func() []int {
		return []int{her.Get("/api/v1/cases").Status, her.Get("/api/v1/cases/" + id).Status, her.Do("POST", "/api/v1/cases", apptest.Case()).Status, her.Get("/api/v1/account").Status, her.Get("/api/v1/sessions/current").Status}
	}
	if diff := cmp.Diff([]int{401, 401, 401, 200, 200}, resting()); diff != "" {
		t.Errorf("while her rights rest (-want +got)\n%s", diff)
	}
	// Behind the surface too.
	if _, err := s.App.Cases.List(t.Context(), s.Whois(t, her.Token), casefile.Filter{}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the gate: %v", err)
	}
	for _, who := range []string{"quantri", "tuvan.kontum", "lanhdao.sldtbxh", "tuvan.ngochoi"} {
		c := her
		if who != "tuvan.kontum" {
			c = s.As(t, who)
		}
		if a := c.Do("POST", "/api/v1/people/"+user+"/confirmation", nil); a.Status != http.StatusNotFound && a.Status != http.StatusUnauthorized {
			t.Errorf("%s confirmed: %d", who, a.Status)
		}
	}
	boss.Must(http.StatusNoContent, "POST", "/api/v1/people/"+user+"/confirmation", nil)
	if diff := cmp.Diff([]int{200, 200, 201, 200, 200}, resting()); diff != "" {
		t.Errorf("after her supervisor confirmed (-want +got)\n%s", diff)
	}
}

// TestAChangeOfRightBitesWithTheNextRequest: with the session that was open when it happened.
func TestAChangeOfRightBitesWithTheNextRequest(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	db := s.DB.Open(t, pg.Superuser)
	user := world.UserID("tuvan.kontum")
	for name, x := range map[string]struct {
		change string
		args   []any
	}{
		"the account is closed":      {`update auth.users set disabled_at = now() where id = $1`, []any{user}},
		"the membership ended":       {`update auth.memberships set valid_to = now() where user_id = $1`, []any{user}},
		"her rights rest":            {`update auth.users set frozen_at = now() where id = $1`, []any{user}},
		"the session was ended":      {`update auth.sessions set ended_at = now() where user_id = $1`, []any{user}},
		"the session is over":        {`update auth.sessions set expires_at = now() - interval '1 second' where user_id = $1`, []any{user}},
		"it lay idle for 15 minutes": {`update auth.sessions set seen_at = now() - interval '15 minutes 1 second' where user_id = $1`, []any{user}},
		"the role changed":           {`update auth.memberships set role = 'STAT_OFFICER' where user_id = $1`, []any{user}},
	} {
		c := s.As(t, "tuvan.kontum")
		if a := c.Get("/api/v1/cases"); a.Status != http.StatusOK {
			t.Fatalf("%s: before: %d %s", name, a.Status, a.Body)
		}
		db.MustExec(x.change, x.args...)
		if a := c.Get("/api/v1/cases"); a.Status != http.StatusUnauthorized && a.Status != http.StatusNotFound {
			t.Errorf("%s: %d", name, a.Status)
		}
		db.MustExec(`update auth.users set disabled_at = null, frozen_at = null where id = $1`, user)
		db.MustExec(`update auth.memberships set valid_to = null, role = 'COUNSELLOR' where user_id = $1`, user)
	}
}

func TestAnAccountThatLiesIdleForFortyFiveDaysIsClosedByTheClock(t *testing.T) {
	t.Parallel()
	s := guarded(t, nil)
	db := s.DB.Open(t, pg.Superuser)
	for days, want := range map[int]int{44: http.StatusCreated, 46: http.StatusUnauthorized} {
		db.MustExec(`update auth.users set signed_in_at = now() - make_interval(days => $1) where username = 'tuvan.kontum'`, days)
		if a := signInAs(s.As(t, ""), "tuvan.kontum", world.Password, ""); a.Status != want {
			t.Errorf("after %d days: %d", days, a.Status)
		}
	}
}

func TestTheLastSecondFactorStays(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	c := s.As(t, "tuvan.kontum")
	enrol(t, c)
	var a signin.Account
	if err := json.Unmarshal(c.Get("/api/v1/account").Body, &a); err != nil || len(a.Factors) != 1 || a.Codes != 10 {
		t.Fatal(err, a)
	}
	if x := c.Do("DELETE", "/api/v1/account/factors/"+a.Factors[0].ID.String(), nil); x.Status != http.StatusConflict {
		t.Errorf("%d %s", x.Status, x.Body)
	}
	if x := s.As(t, "trogiup.kontum").Do("DELETE", "/api/v1/account/factors/"+a.Factors[0].ID.String(), nil); x.Status != http.StatusNotFound {
		t.Errorf("another's: %d", x.Status)
	}
	if x := c.Do("DELETE", "/api/v1/account/sessions/"+uuid.NewString(), nil); x.Status != http.StatusNotFound {
		t.Errorf("a session of nobody: %d", x.Status)
	}
}

func TestAPasswordIsLongAndNotGuessedFirst(t *testing.T) {
	t.Parallel()
	own := []string{"tuvan.kontum", "Tư Vấn Thử Một", "Trung tâm Công tác xã hội"}
	for password, want := range map[string]string{
		"":                          "required",
		"mười một k":                "password_short",
		"password1234":              "password_common",
		"Password1234!":             "password_common",
		"P@ssword2026!!":            "password_common",
		"123456789012345":           "password_common",
		"aaaaaaaaaaaaaaa":           "password_common",
		"qwertyuiop123":             "password_common",
		"binhan-binhan-2026":        "password_common",
		"tuvan.kontum2026":          "password_common",
		"Tư Vấn Thử Một":            "password_common",
		"Trung tâm Công tác xã hội": "password_common",
		"matkhau123456":             "password_common",
		"iloveyou1990!":             "password_common",
		"congan@2026@2026":          "password_common",
		"............":              "password_common",
		"bốn con voi xanh qua suối": "",
		"mưa rơi trên mái tôn cũ":   "",
		"  hai dấu cách ở đầu và cuối  ": "",
		"kR7!vq2Lm#9x": "",
		"😀😀😁😂🤣😃😄😅😆😉😊😋🥰":                   "password_common",
		strings.Repeat("ắ", 42) + "xyz":   "password_long",
		strings.Repeat("dài lắm ", 12):    "password_long",
		"một hai ba bốn năm sáu bảy \xff": "password_unreadable",
	} {
		var ps fault.Problems
		signin.CheckPassword("/password", password, own, &ps)
		got := ""
		if len(ps) > 0 {
			got = ps[0].Key
		}
		if got != want {
			t.Errorf("%q: %q, want %q", password, got, want)
		}
	}
}

func TestChangingThePasswordEndsTheOtherSessions(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	one, other := s.As(t, "tuvan.kontum"), s.As(t, "tuvan.kontum")
	const password = "chim sẻ đậu trên dây điện"
	one.Must(http.StatusNoContent, "POST", "/api/v1/account/password", map[string]any{"password": password})
	if a := other.Get("/api/v1/sessions/current"); a.Status != http.StatusUnauthorized {
		t.Errorf("the other session: %d", a.Status)
	}
	one.Must(http.StatusOK, "GET", "/api/v1/sessions/current", nil)
	if a := signInAs(s.As(t, ""), "tuvan.kontum", world.Password, ""); a.Status != http.StatusUnauthorized {
		t.Errorf("the old password: %d", a.Status)
	}
}

func TestEverySignInIsOnTheRecordWithoutASecret(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	secret, codes := enrol(t, s.As(t, "tuvan.kontum"))
	nobody := s.As(t, "")
	signInAs(nobody, "tuvan.kontum", "doan-mo-mat-khau", "")
	signInAs(nobody, "tuvan.kontum", world.Password, "")
	signInAs(nobody, "tuvan.kontum", world.Password, "000000")
	signInAs(nobody, "tuvan.kontum", world.Password, codes[0])
	db := s.DB.Open(t, pg.Superuser)
	var got []string
	if err := db.Select(&got, `select act || ' ' || decision || ' ' || coalesce(reason, '-') from audit.entries where actor = $1 order by id`, world.UserID("tuvan.kontum")); err != nil {
		t.Fatal(err)
	}
	want := []string{"session.open allowed password", "account.secure allowed offer_code", "account.secure allowed add_code", "session.open refused -", "session.open refused second_factor_missing",
		"session.open refused second_factor", "session.open allowed recovery"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	var all string
	if err := db.Get(&all, `select string_agg(e::text, ' ') from audit.entries e`); err != nil {
		t.Fatal(err)
	}
	for _, x := range []string{world.Password, "doan-mo-mat-khau", secret, codes[0], "000000"} {
		if strings.Contains(all, x) || strings.Contains(s.Log.String(), x) {
			t.Errorf("the record or the log holds %q", x)
		}
	}
}
