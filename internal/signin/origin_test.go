package signin_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	virtual "github.com/descope/virtualwebauthn"
	"github.com/google/go-cmp/cmp"

	"binhan/internal/app"
	"binhan/internal/app/apptest"
	"binhan/internal/pg"
	"binhan/internal/signin"
	"binhan/internal/world"
	"binhan/internal/world/house"
)

// TestTheRecordOfASignInSaysFromWhereAndOnWhichDevice: allowed or refused, like every other act; and a device that is new to her is called new until she has looked at it.
func TestTheRecordOfASignInSaysFromWhereAndOnWhichDevice(t *testing.T) {
	t.Parallel()
	s := guarded(t, nil)
	home := at(t, s, "203.0.113.7")
	home.signIn("tuvan.kontum", "doan-mo-mat-khau") // she mistypes, on a browser that was never here
	if a := home.signIn("tuvan.kontum", world.Password); a.Status != http.StatusCreated {
		t.Fatal(a.Status)
	}
	if a := home.do("GET", "/api/v1/account", nil); a.At("new_device") != false {
		t.Errorf("her first device is called new: %s", a.Body)
	}
	other := at(t, s, "198.51.100.9")
	other.signIn("tuvan.kontum", "doan-mo-mat-khau")
	if a := other.signIn("tuvan.kontum", world.Password); a.Status != http.StatusCreated {
		t.Fatal(a.Status)
	}
	home.signIn("tuvan.kontum", world.Password)
	var have []string
	err := s.DB.Open(t, pg.Superuser).Select(&have, `select concat_ws(' ', decision, host(client), case when device is null then '-' else 'd' || dense_rank() over (order by device is null, device = (select hash from auth.devices order by first_at desc limit 1)) end, condition)
		from audit.entries where act = 'session.open' order by id`)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"refused 203.0.113.7 -", "allowed 203.0.113.7 d1", "refused 198.51.100.9 -", "allowed 198.51.100.9 d2 new_device", "allowed 203.0.113.7 d1"}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Error(diff)
	}

	// She is told inside the program, on whatever page, in words that say nothing of any case; when she has looked it is quiet.
	page := func() string { return string(home.do("GET", "/hom-nay", nil).Body) }
	const notice = "thiết bị mới"
	if a := home.do("GET", "/api/v1/account", nil); a.At("new_device") != true {
		t.Errorf("not told by the API: %s", a.Body)
	}
	if got := page(); !strings.Contains(strings.ToLower(got), notice) {
		t.Error("she is not told on the page")
	}
	if a := home.do("POST", "/tai-khoan/thiet-bi", nil); a.Status >= 400 {
		t.Fatal(a.Status)
	}
	if got := page(); strings.Contains(strings.ToLower(got), notice) {
		t.Error("she is told again after she looked")
	}
}

// TestTheHardStopIsOfAnAccountAndOfStrangersAndNeverOfHerOwnDeviceOrKey: twenty wrong tries (a hundred in production) from twenty devices on twenty networks are twenty in a row. Her own device goes on,
// her key goes on from anywhere; nobody opens her own account again, somebody else of hers does.
func TestTheHardStopIsOfAnAccountAndOfStrangersAndNeverOfHerOwnDeviceOrKey(t *testing.T) {
	t.Parallel()
	rules := signin.Strict
	rules.Demand, rules.Sessions, rules.Stranger, rules.Stop = false, 1000, 10_000, 20
	s := apptest.With(t, func(o *app.Options) {
		o.SignIn = signin.Options{Rules: rules, Argon: house.Weak, Origin: origin}
		o.Proxies = []string{"127.0.0.1"}
	})
	k := holding(t, s, "tuvan.ngochoi", virtual.AuthenticatorOptions{})
	if err := k.add(ours); err != nil {
		t.Fatal(err)
	}
	hers := at(t, s, "203.0.113.7")
	if a := hers.signIn("giamsat.kontum", world.Password); a.Status != http.StatusCreated {
		t.Fatal(a.Status)
	}
	for _, name := range []string{"giamsat.kontum", "tuvan.ngochoi"} {
		for i := range 20 {
			b := at(t, s, fmt.Sprintf("10.%d.0.1", i))
			b.cookies["may"] = strings.Repeat(string(rune('a'+i)), 43)
			if a := b.signIn(name, "doan-mo-mat-khau"); a.Status != http.StatusUnauthorized {
				t.Fatalf("try %d at %s: %d", i, name, a.Status)
			}
		}
		if a := at(t, s, "192.0.2.9").signIn(name, world.Password); a.Status != http.StatusTooManyRequests {
			t.Errorf("%s is not stopped: %d", name, a.Status)
		}
	}
	if a := hers.signIn("giamsat.kontum", world.Password); a.Status != http.StatusCreated {
		t.Errorf("her own device is shut out: %d %s", a.Status, a.Body)
	}
	q := k.ask()
	if _, err := k.open(wrapped(q.Ceremony, k.answer(ours, q))); err != nil {
		t.Errorf("her key is shut out: %v", err)
	}
	path := "/api/v1/people/" + world.UserID("giamsat.kontum").String() + "/release"
	if a := hers.do("POST", path, nil); a.Status != http.StatusNotFound {
		t.Errorf("she opened herself again: %d", a.Status)
	}
	if a := at(t, s, "192.0.2.9").signIn("giamsat.kontum", world.Password); a.Status != http.StatusTooManyRequests {
		t.Errorf("it is open: %d", a.Status)
	}
	var stopped int
	if err := s.DB.Open(t, pg.Superuser).Get(&stopped, `select count(*) from audit.entries where act = 'session.open' and decision = 'refused' and reason = 'stopped' and client is not null`); err != nil || stopped != 3 {
		t.Errorf("%d stops on the record, %v", stopped, err)
	}
}
