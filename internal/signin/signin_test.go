package signin_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"binhan/internal/app"
	"binhan/internal/app/apptest"
	"binhan/internal/casefile"
	"binhan/internal/pg"
	"binhan/internal/signin"
	"binhan/internal/world"
	"binhan/internal/world/house"
)

// strict runs the application with the rules of production, but with cheap derivations.
func strict(t *testing.T, change func(*signin.Rules)) *apptest.Server {
	t.Helper()
	rules := signin.Strict
	if change != nil {
		change(&rules)
	}
	return apptest.With(t, func(o *app.Options) { o.SignIn = signin.Options{Rules: rules, Argon: house.Weak} })
}

// code is what an app shows: RFC 6238, written here once more so that the test does not ask the program what it expects.
func code(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(secret, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	m := hmac.New(sha1.New, key)
	_ = binary.Write(m, binary.BigEndian, uint64(at.Unix()/30))
	sum := m.Sum(nil)
	o := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[o:])&0x7fffffff)%1_000_000)
}

// enrol adds an app to somebody's account, and tells its secret and her recovery codes.
func enrol(t *testing.T, c *apptest.Client) (secret string, recovery []string) {
	t.Helper()
	o := c.Must(http.StatusCreated, "POST", "/api/v1/account/factors", map[string]any{"name": "Điện thoại thử"})
	a := c.Must(http.StatusOK, "POST", "/api/v1/account/factors/"+o.Text("id")+"/confirmation", map[string]any{"code": code(t, o.Text("secret"), time.Now().Add(-30*time.Second))})
	var v struct {
		Codes []string `json:"recovery_codes"`
	}
	if err := json.Unmarshal(a.Body, &v); err != nil || len(v.Codes) != 10 {
		t.Fatal(err, string(a.Body))
	}
	return o.Text("secret"), v.Codes
}

func signInAs(c *apptest.Client, username, password, code string, headers ...string) apptest.Answer {
	body := map[string]any{"username": username, "password": password}
	if code != "" {
		body["code"] = code
	}
	return c.Do("POST", "/api/v1/sessions", body, headers...)
}

func TestAFreshProofIsAskedForAndTaken(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	c := s.As(t, "tuvan.kontum")
	db := s.DB.Open(t, pg.Superuser)
	db.MustExec(`update auth.sessions set proved_at = now() - interval '6 minutes'`)
	a := c.Do("POST", "/api/v1/account/recovery-codes", nil)
	if a.Status != http.StatusUnauthorized || !strings.Contains(a.Header.Get("WWW-Authenticate"), `error="insufficient_user_authentication"`) || !strings.Contains(a.Header.Get("WWW-Authenticate"), "max_age=300") {
		t.Fatalf("%d %v %s", a.Status, a.Header, a.Body)
	}
	if a := c.Do("POST", "/api/v1/sessions/current/proof", map[string]any{"password": "khong-phai-mat-khau"}); a.Status != http.StatusUnauthorized {
		t.Fatalf("a wrong proof: %d", a.Status)
	}
	c.Must(http.StatusNoContent, "POST", "/api/v1/sessions/current/proof", map[string]any{"password": world.Password})
	c.Must(http.StatusCreated, "POST", "/api/v1/account/recovery-codes", nil)
}

func TestFiveWrongProofsEndTheSession(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	c := s.As(t, "tuvan.kontum")
	for range 5 {
		if a := c.Do("POST", "/api/v1/sessions/current/proof", map[string]any{"password": "khong-phai-mat-khau"}); a.Status != http.StatusUnauthorized {
			t.Fatal(a.Status)
		}
	}
	if a := c.Do("POST", "/api/v1/sessions/current/proof", map[string]any{"password": world.Password}); a.Status != http.StatusUnauthorized {
		t.Errorf("a session lives after five wrong proofs: %d", a.Status)
	}
	if a := c.Get("/api/v1/account"); a.Status != http.StatusUnauthorized {
		t.Error(a.Status)
	}
}

func TestACodeIsGoodOnceHoweverItIsSpaced(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	secret, _ := enrol(t, s.As(t, "tuvan.kontum"))
	nobody := s.As(t, "")
	now := time.Now()
	c := code(t, secret, now)
	if a := signInAs(nobody, "tuvan.kontum", world.Password, ""); a.Status != http.StatusUnauthorized || !strings.Contains(string(a.Body), "Nhập mã") {
		t.Fatalf("without a code: %d %s", a.Status, a.Body)
	}
	if a := signInAs(nobody, "tuvan.kontum", world.Password, c[:3]+" "+c[3:]); a.Status != http.StatusCreated {
		t.Fatalf("with a code: %d %s", a.Status, a.Body)
	}
	for _, spelled := range []string{c, " " + c, c + " ", c[:3] + "-" + c[3:], c[:1] + " " + c[1:], "\u00a0" + c, c[:3] + "\t" + c[3:], c + "\u200b"} {
		if a := signInAs(nobody, "tuvan.kontum", world.Password, spelled); a.Status != http.StatusUnauthorized {
			t.Errorf("the code was taken again as %q: %d", spelled, a.Status)
		}
	}
	for name, wrong := range map[string]string{"two steps back": code(t, secret, now.Add(-60*time.Second)), "an hour ahead": code(t, secret, now.Add(time.Hour)), "letters": "abcdef", "empty digits": "------", "too long": c + c} {
		if a := signInAs(nobody, "tuvan.kontum", world.Password, wrong); a.Status != http.StatusUnauthorized {
			t.Errorf("%s was taken", name)
		}
	}
	if a := signInAs(nobody, "tuvan.kontum", "khong-phai-mat-khau", code(t, secret, now.Add(30*time.Second))); a.Status != http.StatusUnauthorized {
		t.Error("a code without the password was taken")
	}
	if a := signInAs(nobody, "tuvan.kontum", world.Password, code(t, secret, now.Add(30*time.Second))); a.Status != http.StatusCreated {
		t.Errorf("the next code: %d", a.Status)
	}
}

func TestFiftySignInsWithOneCodeOpenOneSession(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	secret, _ := enrol(t, s.As(t, "tuvan.kontum"))
	c := code(t, secret, time.Now())
	var opened atomic.Int32
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			a := signInAs(s.With(t, ""), "tuvan.kontum", world.Password, c)
			switch a.Status {
			case http.StatusCreated:
				opened.Add(1)
			case http.StatusUnauthorized, http.StatusTooManyRequests, http.StatusServiceUnavailable:
			default:
				t.Errorf("%d %s", a.Status, a.Body)
			}
		})
	}
	all.Wait()
	if opened.Load() != 1 {
		t.Errorf("%d sessions of one code", opened.Load())
	}
}

func TestARecoveryCodeIsGoodOnceAndNewOnesEndTheOld(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	_, codes := enrol(t, s.As(t, "tuvan.kontum"))
	nobody := s.As(t, "")
	if a := signInAs(nobody, "tuvan.kontum", world.Password, strings.ToLower(codes[0])); a.Status != http.StatusCreated {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	for _, again := range []string{codes[0], strings.ReplaceAll(codes[0], "-", ""), strings.ReplaceAll(codes[0], "-", " ")} {
		if a := signInAs(nobody, "tuvan.kontum", world.Password, again); a.Status != http.StatusUnauthorized {
			t.Errorf("taken again: %q", again)
		}
	}
	if a := signInAs(nobody, "trogiup.kontum", world.Password, codes[1]); a.Status != http.StatusUnauthorized {
		t.Error("another's code opens")
	}
	c := s.With(t, signInAs(nobody, "tuvan.kontum", world.Password, codes[2]).Text("token"))
	c.Must(http.StatusCreated, "POST", "/api/v1/account/recovery-codes", nil)
	if a := signInAs(nobody, "tuvan.kontum", world.Password, codes[3]); a.Status != http.StatusUnauthorized {
		t.Error("an old code opens after new ones were made")
	}
}

func TestWhoHoldsTheDatabaseHoldsNoSecretOfAFactor(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	secret, codes := enrol(t, s.As(t, "tuvan.kontum"))
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(secret, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	db := s.DB.Open(t, pg.Superuser)
	var everything []string
	if err := db.Select(&everything, `select f::text from auth.factors f union all select c::text from auth.recovery_codes c union all select e::text from audit.entries e union all select x::text from auth.sessions x`); err != nil || len(everything) < 10 {
		t.Fatal(len(everything), err)
	}
	all := strings.Join(everything, "\n") + s.Log.String()
	marks := []string{hex.EncodeToString(raw), strings.ReplaceAll(secret, " ", ""), secret}
	for _, c := range codes {
		marks = append(marks, c, strings.ReplaceAll(c, "-", ""))
	}
	for _, m := range marks {
		if strings.Contains(all, m) {
			t.Errorf("the database or the log holds %q", m)
		}
	}
	// Nor can whoever may call every function of the application's role open a session with the password and her word that the code was right.
	key := derivedOf(t, s, "tuvan.kontum")
	app := s.DB.Open(t, pg.App)
	var factor string
	if err := db.Get(&factor, `select id from auth.factors limit 1`); err != nil {
		t.Fatal(err)
	}
	var outcome string
	err = app.Get(&outcome, `select outcome from auth.open_session('tuvan.kontum', $1, $2, $3, 99999999, null, null, null, $4, 'token', 1, null, '', '', $5, '')`,
		key, factor, bytes.Repeat([]byte{7}, 32), strings.Repeat("h", 64), `{"demand":false,"sessions":10,"idle_days":0}`)
	if err != nil || outcome != "wrong" {
		t.Errorf("a statement opened a session without the ring's mark: %q %v", outcome, err)
	}
}

func derivedOf(t *testing.T, s *apptest.Server, username string) []byte {
	t.Helper()
	var r struct {
		Salt  []byte `db:"salt"`
		Argon string `db:"argon"`
	}
	if err := s.DB.Open(t, pg.Superuser).Get(&r, `select salt, argon from auth.users where username = $1`, username); err != nil {
		t.Fatal(err)
	}
	key, err := signin.Derive(world.Password, r.Salt, r.Argon)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestWithoutASecondFactorProductionOpensTheAccountAlone(t *testing.T) {
	t.Parallel()
	s := strict(t, nil)
	a := signInAs(s.As(t, ""), "tuvan.kontum", world.Password, "")
	if a.Status != http.StatusCreated {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	c := s.With(t, a.Text("token"))
	for _, path := range []string{"/api/v1/cases", "/api/v1/referrals?box=in", "/api/v1/organisations"} {
		if a := c.Get(path); a.Status != http.StatusUnauthorized || !strings.Contains(string(a.Body), "thứ hai") {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	}
	if a := c.Do("POST", "/api/v1/cases", apptest.Case()); a.Status != http.StatusUnauthorized {
		t.Errorf("a case was recorded: %d", a.Status)
	}
	// Behind the surface the gate and the row security say the same.
	if _, err := s.App.Cases.List(context.Background(), s.Whois(t, a.Text("token")), casefile.Filter{}); err == nil {
		t.Error("the gate lets a session act that has yet to add its second factor")
	}
	if a := c.Get("/api/v1/account"); a.Status != http.StatusOK || a.Text("resting") != "second_factor_needed" {
		t.Errorf("her account: %d %s", a.Status, a.Body)
	}
	enrol(t, c)
	c.Must(http.StatusOK, "GET", "/api/v1/cases", nil)
}
