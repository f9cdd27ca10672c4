package app_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"binhan/internal/app/apptest"
	"binhan/internal/pg"
	"binhan/internal/world"
)

// shown is what an authenticator app shows (RFC 6238), so many steps of thirty seconds from now.
func shown(t *testing.T, secret string, steps int) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(secret, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	m := hmac.New(sha1.New, key)
	_ = binary.Write(m, binary.BigEndian, uint64(time.Now().Unix()/30+int64(steps)))
	sum := m.Sum(nil)
	o := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[o:])&0x7fffffff)%1_000_000)
}

// enrolled adds an app to somebody's account by the code of the step before, so that the present one is unused.
func enrolled(t *testing.T, c *apptest.Client) (secret string, recovery []string) {
	t.Helper()
	o := c.Must(http.StatusCreated, "POST", "/api/v1/account/factors", map[string]any{"name": "Điện thoại thử"})
	secret = o.Text("secret")
	a := c.Must(http.StatusOK, "POST", "/api/v1/account/factors/"+o.Text("id")+"/confirmation", map[string]any{"code": shown(t, secret, -1)})
	for i := range a.Len("recovery_codes") {
		recovery = append(recovery, a.Text(fmt.Sprintf("recovery_codes.%d", i)))
	}
	if len(recovery) != 10 {
		t.Fatalf("%s", a.Body)
	}
	return secret, recovery
}

// TestNoFalseSignInOpensAnything tries names, passwords, tokens and codes that are nearly right: each is refused, those about an account in the words in which an unknown
// name is refused, and none opens a session. What must be good once is tried many times at once, and is good once. Keys (passkeys) are tried in package signin.
func TestNoFalseSignInOpensAnything(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	db := s.DB.Open(t, pg.Superuser)
	nobody := s.As(t, "")
	her := s.As(t, "tuvan.kontum")
	ended := s.As(t, "phunu.ngochoi")
	ended.Must(http.StatusNoContent, "DELETE", "/api/v1/sessions/current", nil)
	s.Hire(t, "da.dong", "COUNSELLOR", "ctxh-kontum", "")
	db.MustExec(`update auth.users set disabled_at = now() where username = 'da.dong'`)
	cases := 0
	sessions := func() (n int) {
		t.Helper()
		if err := db.Get(&n, `select count(*) from auth.sessions where ended_at is null`); err != nil {
			t.Fatal(err)
		}
		return n
	}
	// words is a refusal without what is of each request alone.
	words := func(a apptest.Answer) string {
		return fmt.Sprint(a.Status, strings.ReplaceAll(string(a.Body), a.Text("instance"), ""), a.Header.Get("Set-Cookie"))
	}
	unknown := words(nobody.Do("POST", "/api/v1/sessions", map[string]any{"username": "khong.co", "password": "sai-mat-khau-thu"}))
	open := sessions()
	try := func(name string, body map[string]any, headers ...string) {
		t.Helper()
		cases++
		if got := nobody.Do("POST", "/api/v1/sessions", body, headers...); words(got) != unknown {
			t.Errorf("%s: %s, an unknown name gets %s", name, describe(got), unknown)
		}
	}
	// Names, of accounts that are, were and never were.
	for _, name := range []string{"tuvan.kontum", "giamsat.kontum", "quantri", "dpo", "thanhtra", "da.dong", "admin", "root", "postgres", "binhan", "", " ", "tuvan", "tuvan.", ".kontum", "tuvan.kontum.", "tuvan..kontum", "tuvan,kontum", "tuvan kontum", "tuvan.kontum@example.org", "tuvan.kontum/x", "tuvan.kont%", "tuvan_kontum", "*", "tuvan.kontum'--", "tuvаn.kontum", "tuvan.k\u03bfntum", "ｔｕｖａｎ.kontum", strings.Repeat("a", 200), "null", "undefined", "0"} {
		try("a wrong password of "+name, map[string]any{"username": name, "password": "sai-mat-khau-thu"})
	}
	// The right password, nearly.
	p := world.Password
	for _, almost := range []string{"", " ", p + " ", " " + p, p + "\t", strings.ToUpper(p), strings.ToUpper(p[:1]) + p[1:], p[:len(p)-1], p + p, p + "1", "x" + p, strings.ReplaceAll(p, "-", ""), strings.ReplaceAll(p, "-", " "), strings.ReplaceAll(p, "-", "–"), strings.ReplaceAll(p, "-", "\u2011"), strings.ReplaceAll(p, "a", "а"), strings.ReplaceAll(p, "0", "O"), p + "\u200b", "\ufeff" + p, p[:4] + "\u00ad" + p[4:], "ｂ" + p[1:], "*", "%", "' or 1=1 --", "$argon2id$v=19$m=8,t=1,p=1$", strings.Repeat(p, 40), base64.StdEncoding.EncodeToString([]byte(p)), reversed(p)} {
		try(fmt.Sprintf("the password %q", almost), map[string]any{"username": "tuvan.kontum", "password": almost})
	}
	try("a closed account's password", map[string]any{"username": "da.dong", "password": p})
	if sessions() != open {
		t.Errorf("%d sessions, were %d", sessions(), open)
	}
	// Tokens.
	token := her.Token
	flip := func(i int) string { b := []byte(token); b[i] ^= 1; return string(b) }
	bearer := map[string]string{"ended": ended.Token, "its handle": string(handleOf(token)), "cut": token[:len(token)-1], "longer": token + "A", "padded": token + "=", "another first letter": flip(0), "another last letter": flip(len(token) - 1), "another in the middle": flip(20), "upper": strings.ToUpper(token), "lower": strings.ToLower(token), "reversed": reversed(token), "twice": token + token, "two": token + "," + token, "two with a space": token + " " + token,
		"quoted": `"` + token + `"`, "in base64": base64.StdEncoding.EncodeToString([]byte(token)), "another alphabet": strings.NewReplacer("-", "+", "_", "/", "A", "B").Replace(token), "a JWT without signature": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ0dXZhbi5rb250dW0ifQ.", "her name": "tuvan.kontum", "her id": world.UserID("tuvan.kontum").String(), "none": "", "zeros": strings.Repeat("A", 43), "long": strings.Repeat("A", 9000), "null": "null", "an id": uuid.NewString()}
	for name, text := range bearer {
		cases++
		if got := nobody.Do("GET", "/api/v1/cases", nil, "Authorization", "Bearer "+text); got.Status != http.StatusUnauthorized {
			t.Errorf("token, %s: %s", name, describe(got))
		}
		cases++
		if got := nobody.Do("GET", "/api/v1/cases", nil, "Cookie", "so="+text); got.Status != http.StatusUnauthorized && name != "quoted" { // a quoted cookie is the same cookie
			t.Errorf("cookie, %s: %s", name, describe(got))
		}
	}
	for name, header := range map[string][]string{"Basic": {"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte("tuvan.kontum:"+p))}, "Token": {"Authorization", "Token " + token}, "bare": {"Authorization", token}, "Digest": {"Authorization", `Digest username="tuvan.kontum"`}, "X-Auth-Token": {"X-Auth-Token", token}, "X-Api-Key": {"X-Api-Key", token}, "Proxy": {"Proxy-Authorization", "Bearer " + token}, "X-User": {"X-Remote-User", "tuvan.kontum"}, "another cookie": {"Cookie", "session=" + token}, "another case": {"Cookie", "SO=" + token}, "a prefixed cookie": {"Cookie", "__Host-so=" + token}, "a device for a session": {"Cookie", "may=" + token}} {
		cases++
		if got := nobody.Do("GET", "/api/v1/cases", nil, header...); got.Status != http.StatusUnauthorized {
			t.Errorf("%s: %s", name, describe(got))
		}
	}
	for _, query := range []string{"token=", "access_token=", "so=", "session="} {
		cases++
		if got := nobody.Get("/api/v1/cases?" + query + token); got.Status != http.StatusUnauthorized {
			t.Errorf("in the query, %s: %s", query, describe(got))
		}
	}
	// Codes: hers, another's, old, early, misspelt.
	nurse := s.As(t, "yte.kontum")
	secret, recovery := enrolled(t, her)
	otherSecret, otherRecovery := enrolled(t, nurse)
	open = sessions()
	with := func(code string) map[string]any {
		return map[string]any{"username": "tuvan.kontum", "password": p, "code": code}
	}
	refused := func(name string, got apptest.Answer) {
		t.Helper()
		cases++
		if got.Status != http.StatusUnauthorized || got.At("token") != nil {
			t.Errorf("%s: %s", name, describe(got))
		}
	}
	now := shown(t, secret, 0)
	arabic := strings.Map(func(r rune) rune { return r - '0' + '٠' }, now)
	wide := strings.Map(func(r rune) rune { return r - '0' + '０' }, now)
	for name, code := range map[string]string{"no code": "", "another's code": shown(t, otherSecret, 0), "of two minutes ago": shown(t, secret, -4), "of an hour ago": shown(t, secret, -120), "of in two minutes": shown(t, secret, 4), "that was used to enrol": shown(t, secret, -1), "five digits": now[:5], "seven": now + "0", "letters": "abcdef", "zeros": "000000", "Arabic": arabic, "wide": wide, "reversed": reversed(now), "a number": "1e5", "signed": "+" + now[1:], "hexadecimal": "0x" + now[2:], "the secret": secret, "another's recovery code": otherRecovery[0], "half a recovery code": recovery[0][:9], "two recovery codes": recovery[0] + recovery[1], "NUL": now + "\x00", "SQL": "' or '1'='1"} {
		if code == now {
			continue
		}
		got := nobody.Do("POST", "/api/v1/sessions", with(code))
		if got.Status == http.StatusUnprocessableEntity { // what no text may hold
			cases++
			continue
		}
		refused(name, got)
	}
	refused("a code without the password", nobody.Do("POST", "/api/v1/sessions", map[string]any{"username": "tuvan.kontum", "code": now}))
	refused("a code with a wrong password", nobody.Do("POST", "/api/v1/sessions", map[string]any{"username": "tuvan.kontum", "password": "x", "code": now}))
	if sessions() != open {
		t.Errorf("%d sessions, were %d", sessions(), open)
	}
	// Good once, however often at once, and in whatever spelling: a code of the app, a recovery code, a proof.
	once := func(name string, n int, want int, do func(i int) apptest.Answer) {
		t.Helper()
		cases++
		var seen tally
		all := make([]func(), n)
		for i := range all {
			all[i] = func() { seen.add(do(i).Status) }
		}
		atOnce(all...)
		if seen.got[want] != 1 || seen.got[http.StatusUnauthorized] != n-1 {
			t.Errorf("%s: %v", name, seen.got)
		}
	}
	now = shown(t, secret, 0)
	spelt := []string{now, now[:3] + " " + now[3:], " " + now, now + " ", now[:2] + " " + now[2:4] + " " + now[4:]}
	once("fifty sign-ins with one code", 50, http.StatusCreated, func(i int) apptest.Answer { return nobody.Do("POST", "/api/v1/sessions", with(spelt[i%len(spelt)])) })
	for _, again := range spelt {
		refused("the same code again", nobody.Do("POST", "/api/v1/sessions", with(again)))
	}
	refused("the same code as a proof in another session", her.Do("POST", "/api/v1/sessions/current/proof", map[string]any{"password": p, "code": now}))
	spelling := []string{recovery[2], strings.ToLower(recovery[2]), strings.ReplaceAll(recovery[2], "-", ""), strings.ReplaceAll(recovery[2], "-", " ")}
	once("twenty sign-ins with one recovery code", 20, http.StatusCreated, func(i int) apptest.Answer {
		return nobody.Do("POST", "/api/v1/sessions", with(spelling[i%len(spelling)]))
	})
	for _, again := range spelling {
		refused("the recovery code again", nobody.Do("POST", "/api/v1/sessions", with(again)))
	}
	// New recovery codes end the old.
	in := nobody.Must(http.StatusCreated, "POST", "/api/v1/sessions", with(recovery[3]))
	fresh := s.With(t, in.Text("token"))
	var renewed struct {
		Codes []string `json:"recovery_codes"`
	}
	if err := json.Unmarshal(fresh.Must(http.StatusCreated, "POST", "/api/v1/account/recovery-codes", nil).Body, &renewed); err != nil || len(renewed.Codes) != 10 {
		t.Fatal(err)
	}
	for _, old := range recovery {
		refused("an old recovery code", nobody.Do("POST", "/api/v1/sessions", with(old)))
	}
	counted(t, "sign-in", cases, 120, 120)
}

func reversed(text string) string {
	r := []rune(text)
	for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
		r[i], r[j] = r[j], r[i]
	}
	return string(r)
}
