package signin_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	virtual "github.com/descope/virtualwebauthn"

	"binhan/internal/access"
	"binhan/internal/app"
	"binhan/internal/app/apptest"
	"binhan/internal/fault"
	"binhan/internal/pg"
	"binhan/internal/signin"
	"binhan/internal/world"
	"binhan/internal/world/house"
)

const origin = "http://localhost:8080"

var ours = virtual.RelyingParty{Name: "Sổ công việc", ID: "localhost", Origin: origin}

// keyring is a person with a security key.
type keyring struct {
	t   *testing.T
	s   *apptest.Server
	who access.Actor
	key virtual.Authenticator
	one virtual.Credential
}

func holding(t *testing.T, s *apptest.Server, username string, o virtual.AuthenticatorOptions) *keyring {
	t.Helper()
	who := s.Whois(t, s.As(t, username).Token)
	o.UserHandle = who.User[:]
	return &keyring{t: t, s: s, who: who, key: virtual.NewAuthenticatorWithOptions(o), one: virtual.NewCredential(virtual.KeyTypeEC2)}
}

func wrapped(ceremony, answer string) []byte {
	raw, err := json.Marshal(map[string]any{"ceremony": ceremony, "answer": json.RawMessage(answer)})
	if err != nil {
		panic(err)
	}
	return raw
}

func (k *keyring) add(rp virtual.RelyingParty) error {
	k.t.Helper()
	q, err := k.s.App.SignIn.AskForKey(k.t.Context(), k.who)
	if err != nil {
		k.t.Fatal(err)
	}
	o, err := virtual.ParseAttestationOptions(string(q.Options))
	if err != nil {
		k.t.Fatal(err)
	}
	_, err = k.s.App.SignIn.AddKey(k.t.Context(), k.who, "Khóa thử", wrapped(q.Ceremony, virtual.CreateAttestationResponse(rp, k.key, k.one, *o)))
	return err
}

// answer is what the key says to a question of sign-in.
func (k *keyring) answer(rp virtual.RelyingParty, q signin.Question) string {
	k.t.Helper()
	o, err := virtual.ParseAssertionOptions(string(q.Options))
	if err != nil {
		k.t.Fatal(err)
	}
	k.one.Counter++
	return virtual.CreateAssertionResponse(rp, k.key, k.one, *o)
}

func (k *keyring) ask() signin.Question {
	k.t.Helper()
	q, err := k.s.App.SignIn.AskToSignIn(k.t.Context(), signin.Visitor{Kind: signin.Token})
	if err != nil {
		k.t.Fatal(err)
	}
	return q
}

func (k *keyring) open(raw []byte) (signin.Opened, error) {
	return k.s.App.SignIn.OpenByKey(k.t.Context(), raw, signin.Visitor{Kind: signin.Token, Request: "test"})
}

func TestAKeyOpensASessionAndNoPasswordIsAsked(t *testing.T) {
	t.Parallel()
	s := apptest.With(t, func(o *app.Options) { o.SignIn.Origin = origin })
	k := holding(t, s, "tuvan.kontum", virtual.AuthenticatorOptions{})
	if err := k.add(ours); err != nil {
		t.Fatal(err)
	}
	q := k.ask()
	o, err := k.open(wrapped(q.Ceremony, k.answer(ours, q)))
	if err != nil || o.Session.Actor.User != k.who.User || o.Session.Strength != "passkey" {
		t.Fatalf("%+v %v", o.Session, err)
	}
	var options struct {
		Allow        []any  `json:"allowCredentials"`
		RP           string `json:"rpId"`
		Verification string `json:"userVerification"`
	}
	if err := json.Unmarshal(q.Options, &options); err != nil || len(options.Allow) != 0 || options.RP != "localhost" || options.Verification != "required" {
		t.Errorf("the question tells something, or asks too little: %s", q.Options)
	}
	// With a key on the account a password alone does not open it.
	if a := signInAs(s.As(t, ""), "tuvan.kontum", world.Password, ""); a.Status != http.StatusUnauthorized {
		t.Errorf("a password alone: %d", a.Status)
	}
	// And it proves within a session.
	db := s.DB.Open(t, pg.Superuser)
	db.MustExec(`update auth.sessions set proved_at = now() - interval '1 hour'`)
	if _, err := s.App.SignIn.RenewCodes(t.Context(), k.who); !errors.Is(err, fault.Unproved) {
		t.Fatal(err)
	}
	p, err := s.App.SignIn.AskToProve(t.Context(), k.who)
	if err != nil {
		t.Fatal(err)
	}
	raw := wrapped(p.Ceremony, k.answer(ours, p))
	if _, err := s.App.SignIn.Prove(t.Context(), k.who, signin.Proof{Key: raw}, false); err != nil {
		t.Fatal(err)
	}
	if _, err := s.App.SignIn.RenewCodes(t.Context(), k.who); err != nil {
		t.Error(err)
	}
	if _, err := s.App.SignIn.Prove(t.Context(), k.who, signin.Proof{Key: raw}, false); !errors.Is(err, fault.Unproved) {
		t.Errorf("the same proof again: %v", err)
	}
}

func TestNoFalseAnswerOfAKeyOpensASession(t *testing.T) {
	t.Parallel()
	s := apptest.With(t, func(o *app.Options) { o.SignIn.Origin = origin })
	db := s.DB.Open(t, pg.Superuser)
	her := holding(t, s, "tuvan.kontum", virtual.AuthenticatorOptions{})
	his := holding(t, s, "trogiup.kontum", virtual.AuthenticatorOptions{})
	for _, k := range []*keyring{her, his} {
		if err := k.add(ours); err != nil {
			t.Fatal(err)
		}
	}
	with := func(change func(*virtual.AuthenticatorOptions)) keyring {
		k := *her
		change(&k.key.Options)
		return k
	}
	q := her.ask
	tries := map[string]func() []byte{
		"another origin": func() []byte {
			x := q()
			return wrapped(x.Ceremony, her.answer(virtual.RelyingParty{ID: "localhost", Origin: "https://noi-khac.example"}, x))
		},
		"another port": func() []byte {
			x := q()
			return wrapped(x.Ceremony, her.answer(virtual.RelyingParty{ID: "localhost", Origin: "http://localhost:9999"}, x))
		},
		"another scheme": func() []byte {
			x := q()
			return wrapped(x.Ceremony, her.answer(virtual.RelyingParty{ID: "localhost", Origin: "https://localhost:8080"}, x))
		},
		"another relying party": func() []byte {
			x := q()
			return wrapped(x.Ceremony, her.answer(virtual.RelyingParty{ID: "noi-khac.example", Origin: origin}, x))
		},
		"nobody touched it": func() []byte {
			x := q()
			k := with(func(o *virtual.AuthenticatorOptions) { o.UserNotPresent = true })
			return wrapped(x.Ceremony, k.answer(ours, x))
		},
		"nobody was verified": func() []byte {
			x := q()
			k := with(func(o *virtual.AuthenticatorOptions) { o.UserNotVerified = true })
			return wrapped(x.Ceremony, k.answer(ours, x))
		},
		"it became one that is copied": func() []byte {
			x := q()
			k := with(func(o *virtual.AuthenticatorOptions) { o.BackupEligible = true })
			return wrapped(x.Ceremony, k.answer(ours, x))
		},
		"another's name": func() []byte {
			x := q()
			k := with(func(o *virtual.AuthenticatorOptions) { o.UserHandle = his.who.User[:] })
			return wrapped(x.Ceremony, k.answer(ours, x))
		},
		"no name": func() []byte {
			x := q()
			k := with(func(o *virtual.AuthenticatorOptions) { o.UserHandle = nil })
			return wrapped(x.Ceremony, k.answer(ours, x))
		},
		"another's key under her name": func() []byte {
			x := q()
			k := *her
			k.one.Key = his.one.Key
			return wrapped(x.Ceremony, k.answer(ours, x))
		},
		"a key that nobody added": func() []byte {
			x := q()
			k := *her
			k.one = virtual.NewCredential(virtual.KeyTypeEC2)
			return wrapped(x.Ceremony, k.answer(ours, x))
		},
		"the answer to another question": func() []byte { return wrapped(q().Ceremony, her.answer(ours, q())) },
		"a question that was never asked": func() []byte {
			return wrapped(strings.Repeat("A", 43), her.answer(ours, q()))
		},
		"a question that is too old": func() []byte {
			x := q()
			db.MustExec(`update auth.challenges set expires_at = now() - interval '1 second'`)
			return wrapped(x.Ceremony, her.answer(ours, x))
		},
		"the question of a proof": func() []byte {
			x, err := s.App.SignIn.AskToProve(t.Context(), her.who)
			if err != nil {
				t.Fatal(err)
			}
			return wrapped(x.Ceremony, her.answer(ours, x))
		},
		"a signature that was changed": func() []byte {
			x := q()
			a := her.answer(ours, x)
			return wrapped(x.Ceremony, strings.Replace(a, `"signature":"ME`, `"signature":"MF`, 1))
		},
		"a counter that went back": func() []byte {
			x := q()
			her.one.Counter = 0
			k := *her
			k.one.Counter = 0
			db.MustExec(`update auth.factors set sign_count = 1000 where user_id = $1`, her.who.User)
			return wrapped(x.Ceremony, k.answer(ours, x))
		},
		"nothing":    func() []byte { return nil },
		"no JSON":    func() []byte { return []byte("khóa") },
		"no answer":  func() []byte { return wrapped(q().Ceremony, `{}`) },
		"a long one": func() []byte { return wrapped(strings.Repeat("A", 4000), `{}`) },
	}
	for name, try := range tries {
		if name == "a counter that went back" {
			continue
		}
		if o, err := her.open(try()); !errors.Is(err, fault.Unauthenticated) || o.Token != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A right one still opens, once.
	x := q()
	right := wrapped(x.Ceremony, her.answer(ours, x))
	if _, err := her.open(right); err != nil {
		t.Fatal(err)
	}
	if _, err := her.open(right); !errors.Is(err, fault.Unauthenticated) {
		t.Errorf("the same answer again: %v", err)
	}
	if _, err := her.open(tries["a counter that went back"]()); !errors.Is(err, fault.Unauthenticated) {
		t.Errorf("a copy of the key: %v", err)
	}
	var copies int
	if err := db.Get(&copies, `select wrong from auth.factors where user_id = $1`, her.who.User); err != nil || copies != 1 {
		t.Errorf("the copy was not noted: %d %v", copies, err)
	}
	// A key that was taken away opens nothing.
	db.MustExec(`update auth.factors set removed_at = now(), sign_count = 0 where user_id = $1`, her.who.User)
	x = q()
	if _, err := her.open(wrapped(x.Ceremony, her.answer(ours, x))); !errors.Is(err, fault.Unauthenticated) {
		t.Errorf("a key that was taken away: %v", err)
	}
	t.Logf("%d false answers", len(tries)+2)
}

func TestNoFalseKeyIsAdded(t *testing.T) {
	t.Parallel()
	s := apptest.With(t, func(o *app.Options) { o.SignIn.Origin = origin })
	for name, x := range map[string]struct {
		username string
		o        virtual.AuthenticatorOptions
		rp       virtual.RelyingParty
		problem  string
	}{
		"another origin":                     {"tuvan.kontum", virtual.AuthenticatorOptions{}, virtual.RelyingParty{ID: "localhost", Origin: "https://noi-khac.example"}, "key_refused"},
		"another relying party":              {"tuvan.kontum", virtual.AuthenticatorOptions{}, virtual.RelyingParty{ID: "noi-khac.example", Origin: origin}, "key_refused"},
		"nobody was verified":                {"tuvan.kontum", virtual.AuthenticatorOptions{UserNotVerified: true}, ours, "key_refused"},
		"nobody touched it":                  {"tuvan.kontum", virtual.AuthenticatorOptions{UserNotPresent: true}, ours, "key_refused"},
		"copied, for casework":               {"tuvan.kontum", virtual.AuthenticatorOptions{BackupEligible: true}, ours, "key_is_copied"},
		"copied and backed up, for casework": {"congan.ngochoi", virtual.AuthenticatorOptions{BackupEligible: true, BackupState: true}, ours, "key_is_copied"},
		"copied, without casework":           {"thongke.sldtbxh", virtual.AuthenticatorOptions{BackupEligible: true}, ours, ""},
		"bound":                              {"phunu.ngochoi", virtual.AuthenticatorOptions{}, ours, ""},
	} {
		err := holding(t, s, x.username, x.o).add(x.rp)
		var f *fault.Error
		switch {
		case x.problem == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case x.problem != "" && (!errors.As(err, &f) || len(f.Problems) != 1 || f.Problems[0].Key != x.problem):
			t.Errorf("%s: %v", name, err)
		}
	}
	managed := apptest.With(t, func(o *app.Options) { o.SignIn = signin.Options{Argon: house.Weak, Managed: true} })
	if err := holding(t, managed, "tuvan.kontum", virtual.AuthenticatorOptions{BackupEligible: true}).add(ours); err != nil {
		t.Errorf("copied among the agency's own computers: %v", err)
	}
	// Another's ceremony, an answer given twice, a key that has a holder already.
	her, his := holding(t, s, "tuvan.kontum", virtual.AuthenticatorOptions{}), holding(t, s, "trogiup.kontum", virtual.AuthenticatorOptions{})
	q, err := s.App.SignIn.AskForKey(t.Context(), her.who)
	if err != nil {
		t.Fatal(err)
	}
	o, err := virtual.ParseAttestationOptions(string(q.Options))
	if err != nil {
		t.Fatal(err)
	}
	raw := wrapped(q.Ceremony, virtual.CreateAttestationResponse(ours, her.key, her.one, *o))
	if _, err := s.App.SignIn.AddKey(t.Context(), his.who, "Khóa thử", raw); !errors.Is(err, fault.Invalid) {
		t.Errorf("in another's ceremony: %v", err)
	}
	if _, err := s.App.SignIn.AddKey(t.Context(), her.who, "Khóa thử", raw); err != nil {
		t.Fatal(err)
	}
	if _, err := s.App.SignIn.AddKey(t.Context(), her.who, "Khóa thử", raw); !errors.Is(err, fault.Invalid) {
		t.Errorf("twice: %v", err)
	}
	his.one = her.one
	if err := his.add(ours); !errors.Is(err, fault.Invalid) {
		t.Errorf("a key with two holders: %v", err)
	}
}

func TestAKnownDeviceAndAKeyAlwaysPass(t *testing.T) {
	t.Parallel()
	s := guarded(t, nil)
	k := holding(t, s, "tuvan.kontum", virtual.AuthenticatorOptions{})
	if err := k.add(ours); err != nil {
		t.Fatal(err)
	}
	s.DB.Open(t, pg.Superuser).MustExec(`insert into auth.buckets (key, kind, user_id, taken, streak, until)
		select auth.bucket('stranger', 'tuvan.kontum', null), 'stranger', $1::uuid, 1000, 1000, now() + interval '1 hour'
		on conflict (key) do update set taken = 1000, streak = 1000, until = now() + interval '1 hour'`, k.who.User)
	if a := at(t, s, "192.0.2.9").signIn("tuvan.kontum", world.Password); a.Status != http.StatusTooManyRequests {
		t.Fatalf("a password: %d", a.Status)
	}
	q := k.ask()
	if _, err := k.open(wrapped(q.Ceremony, k.answer(ours, q))); err != nil {
		t.Errorf("a key: %v", err)
	}
}
