package signin_test

import (
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"binhan/internal/app"
	"binhan/internal/app/apptest"
	"binhan/internal/pg"
	"binhan/internal/signin"
	"binhan/internal/world"
	"binhan/internal/world/house"
)

// browser signs in as a browser does, and keeps the cookies.
type browser struct {
	t       *testing.T
	s       *apptest.Server
	address string // as the proxy in front says
	cookies map[string]string
}

func (b *browser) do(method, path string, body any) apptest.Answer {
	b.t.Helper()
	var cookie []string
	for k, v := range b.cookies {
		cookie = append(cookie, k+"="+v)
	}
	a := b.s.With(b.t, "").Do(method, path, body, "Origin", b.s.URL, "Sec-Fetch-Site", "same-origin", "Cookie", strings.Join(cookie, "; "), "X-Forwarded-For", b.address,
		"User-Agent", "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36")
	for _, c := range (&http.Response{Header: a.Header}).Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return a
}

func (b *browser) signIn(username, password string) apptest.Answer {
	b.t.Helper()
	return b.do("POST", "/api/v1/sessions", map[string]any{"username": username, "password": password})
}

// guarded runs with the numbers of production against guessing; a second factor is not demanded, so that the tests speak of guessing alone.
func guarded(t *testing.T, change func(*signin.Rules)) *apptest.Server {
	t.Helper()
	rules := signin.Strict
	rules.Demand, rules.Sessions = false, 1000
	if change != nil {
		change(&rules)
	}
	return apptest.With(t, func(o *app.Options) {
		o.SignIn = signin.Options{Rules: rules, Argon: house.Weak}
		o.Proxies = []string{"127.0.0.1"}
	})
}

func at(t *testing.T, s *apptest.Server, address string) *browser {
	return &browser{t: t, s: s, address: address, cookies: map[string]string{}}
}

func TestWhoGuessesAtAnotherDoesNotShutHerOut(t *testing.T) {
	t.Parallel()
	s := guarded(t, nil)
	hers := at(t, s, "203.0.113.7")
	if a := hers.signIn("tuvan.kontum", world.Password); a.Status != http.StatusCreated {
		t.Fatal(a.Status)
	}
	// An attacker from many networks, with many devices, until he is told to wait; even the hard stop is his and not hers.
	s.DB.Open(t, pg.Superuser).MustExec(`update auth.buckets set streak = 99`)
	stopped := 0
	for i := range 30 {
		his := at(t, s, "198.51."+string(rune('0'+i%10))+".9")
		switch a := his.signIn("tuvan.kontum", "doan-mo-mat-khau"); a.Status {
		case http.StatusTooManyRequests:
			stopped++
		case http.StatusUnauthorized:
		default:
			t.Fatalf("%d %s", a.Status, a.Body)
		}
	}
	if stopped < 20 {
		t.Errorf("30 guesses at one name, %d were stopped", stopped)
	}
	if a := hers.signIn("tuvan.kontum", world.Password); a.Status != http.StatusCreated {
		t.Errorf("she is shut out on her own device: %d %s", a.Status, a.Body)
	}
	// On a device that was never hers she must wait like everybody, and is told so in the same words as a name that does not exist.
	if a := at(t, s, "192.0.2.1").signIn("tuvan.kontum", world.Password); a.Status != http.StatusTooManyRequests {
		t.Errorf("a stranger's device: %d", a.Status)
	}
}

func TestStuffingIsStoppedByNameAndByNetworkAndByDevice(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name    string
		try     func(t *testing.T, s *apptest.Server, i int) apptest.Answer
		allowed int
	}{
		{"one name from everywhere", func(t *testing.T, s *apptest.Server, i int) apptest.Answer {
			return at(t, s, "10."+string(rune('0'+i/10))+"."+string(rune('0'+i%10))+".1").signIn("trogiup.kontum", "doan-mo-mat-khau")
		}, 10},
		{"every name from one network", func(t *testing.T, s *apptest.Server, i int) apptest.Answer {
			return at(t, s, "198.51.100."+string(rune('0'+i%10))).signIn("ai."+string(rune('a'+i/26))+string(rune('a'+i%26)), "doan-mo-mat-khau")
		}, 60},
		{"one name that does not exist", func(t *testing.T, s *apptest.Server, i int) apptest.Answer {
			return at(t, s, "10."+string(rune('0'+i/10))+"."+string(rune('0'+i%10))+".2").signIn("khong.co.ai", "doan-mo-mat-khau")
		}, 10},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			s := guarded(t, nil)
			judged, slowed := 0, 0
			for i := range x.allowed + 15 {
				switch a := x.try(t, s, i); a.Status {
				case http.StatusUnauthorized:
					judged++
				case http.StatusTooManyRequests:
					slowed++
				default:
					t.Fatalf("%d %s", a.Status, a.Body)
				}
			}
			if diff := cmp.Diff([]int{x.allowed, 15}, []int{judged, slowed}); diff != "" {
				t.Errorf("judged and slowed (-want +got)\n%s", diff)
			}
		})
	}
	t.Run("one known device", func(t *testing.T) {
		t.Parallel()
		s := guarded(t, nil)
		b := at(t, s, "203.0.113.7")
		if a := b.signIn("tuvan.kontum", world.Password); a.Status != http.StatusCreated {
			t.Fatal(a.Status)
		}
		judged := 0
		for range 20 {
			if a := b.signIn("tuvan.kontum", "doan-mo-mat-khau"); a.Status == http.StatusUnauthorized {
				judged++
			}
		}
		if judged != 5 {
			t.Errorf("%d guesses were judged in the first minute, want 5", judged)
		}
		// The window has passed: it has doubled.
		db := s.DB.Open(t, pg.Superuser)
		for _, want := range []int{120, 240, 480, 900, 900} {
			db.MustExec(`update auth.buckets set until = now() - interval '1 second' where kind = 'device'`)
			for range 6 {
				b.signIn("tuvan.kontum", "doan-mo-mat-khau")
			}
			var seconds int
			if err := db.Get(&seconds, `select round(extract(epoch from until - now()) / 60) * 60 from auth.buckets where kind = 'device'`); err != nil || seconds != want {
				t.Errorf("the window is %d s, want %d (%v)", seconds, want, err)
			}
		}
	})
}

func TestAHundredWrongInARowAreOpenedByASecondPersonOnly(t *testing.T) {
	t.Parallel()
	s := guarded(t, func(r *signin.Rules) { r.Device, r.Stranger, r.Address, r.Stop = 10_000, 10_000, 10_000, 20 })
	nobody := at(t, s, "198.51.100.1")
	for range 20 {
		if a := nobody.signIn("tuvan.kontum", "doan-mo-mat-khau"); a.Status != http.StatusUnauthorized {
			t.Fatal(a.Status)
		}
	}
	a := at(t, s, "192.0.2.9").signIn("tuvan.kontum", world.Password)
	if a.Status != http.StatusTooManyRequests || !strings.Contains(string(a.Body), "người quản trị") {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	s.DB.Open(t, pg.Superuser).MustExec(`update auth.buckets set until = now() - interval '1 day'`)
	if a := at(t, s, "192.0.2.9").signIn("tuvan.kontum", world.Password); a.Status != http.StatusTooManyRequests {
		t.Errorf("time alone opened it again: %d", a.Status)
	}
	s.As(t, "giamsat.kontum").Must(http.StatusNoContent, "POST", "/api/v1/people/"+world.UserID("tuvan.kontum").String()+"/release", nil)
	if a := at(t, s, "192.0.2.9").signIn("tuvan.kontum", world.Password); a.Status != http.StatusCreated {
		t.Errorf("after her supervisor opened it: %d %s", a.Status, a.Body)
	}
}

func TestASuccessDoesNotCountAsATry(t *testing.T) {
	t.Parallel()
	s := guarded(t, nil)
	for range 30 {
		if a := at(t, s, "203.0.113.7").signIn("tuvan.kontum", world.Password); a.Status != http.StatusCreated {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
	}
}

func TestAnUnknownNameIsAnsweredInTheSameWordsAndByTheSameWork(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	nobody := s.As(t, "")
	strip := func(a apptest.Answer) []any {
		var h []string
		for k := range a.Header {
			if k != "X-Request-Id" && k != "Date" && k != "Content-Length" {
				h = append(h, k+a.Header.Get(k))
			}
		}
		return []any{a.Status, len(h), a.Text("detail"), a.Text("title"), a.Text("type")}
	}
	known := signInAs(nobody, "tuvan.kontum", "doan-mo-mat-khau", "")
	for name, other := range map[string]apptest.Answer{"unknown": signInAs(nobody, "khong.co.ai", "doan-mo-mat-khau", ""), "unknown with a code": signInAs(nobody, "khong.co.ai", "doan-mo-mat-khau", "123456"),
		"known with a code": signInAs(nobody, "tuvan.kontum", "doan-mo-mat-khau", "123456"), "odd": signInAs(nobody, "TUVAN.KONTUM ", "doan-mo-mat-khau", ""), "sql": signInAs(nobody, "' or 1=1 --", "x", "")} {
		if diff := cmp.Diff(strip(known), strip(other)); diff != "" {
			t.Errorf("%s (-known +other)\n%s", name, diff)
		}
	}
	// The same work: as many statements, and one derivation with the strong parameters.
	work := func(username string) [2]int64 {
		before := [2]int64{s.App.Gate.Statements(), s.App.SignIn.Derivations()}
		signInAs(nobody, username, "doan-mo-mat-khau", "")
		return [2]int64{s.App.Gate.Statements() - before[0], s.App.SignIn.Derivations() - before[1]}
	}
	work("tuvan.kontum") // statements are prepared once
	if diff := cmp.Diff(work("tuvan.kontum"), work("khong.co.ai.ca")); diff != "" {
		t.Errorf("statements and derivations (-known +unknown)\n%s", diff)
	}
}

// TestAFloodTakesNoMoreMemoryThanFourDerivationsAndLetsTheKnownIn: 200 at once, by the real parameters.
func TestAFloodTakesNoMoreMemoryThanFourDerivationsAndLetsTheKnownIn(t *testing.T) {
	if testing.Short() {
		t.Skip("a derivation takes a fifth of a second")
	}
	s := apptest.With(t, func(o *app.Options) {
		o.SignIn = signin.Options{Argon: signin.Strong}
		o.Proxies = []string{"127.0.0.1"}
	})
	hers := at(t, s, "203.0.113.7")
	if a := hers.signIn("tuvan.kontum", world.Password); a.Status != http.StatusCreated {
		t.Fatal(a.Status)
	}
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	var most, running atomic.Uint64
	done := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most.Store(max(most.Load(), m.HeapAlloc))
				running.Store(max(running.Load(), uint64(s.App.SignIn.Running())))
			}
		}
	})
	var answered, busy atomic.Int32
	var flood sync.WaitGroup
	for i := range 200 {
		flood.Go(func() {
			a := s.With(t, "").Do("POST", "/api/v1/sessions", map[string]any{"username": "ai." + string(rune('a'+i%26)), "password": "doan-mo-mat-khau"})
			switch a.Status {
			case http.StatusUnauthorized:
				answered.Add(1)
			case http.StatusTooManyRequests, http.StatusServiceUnavailable:
				busy.Add(1)
			default:
				t.Errorf("%d %s", a.Status, a.Body)
			}
		})
	}
	good := 0
	for range 3 {
		if a := hers.signIn("tuvan.kontum", world.Password); a.Status == http.StatusCreated {
			good++
		}
	}
	flood.Wait()
	close(done)
	watch.Wait()
	if good != 3 {
		t.Errorf("she came in %d times of 3 during the flood", good)
	}
	if running.Load() > 4 {
		t.Errorf("%d derivations at once", running.Load())
	}
	// Four times 64 MiB, and as much again that the collector has not yet taken back.
	if grown := int64(most.Load()) - int64(before.HeapAlloc); grown > 640<<20 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
	t.Logf("200 at once: %d judged, %d told to come later, heap +%d MiB, at most %d at a time", answered.Load(), busy.Load(), (int64(most.Load())-int64(before.HeapAlloc))>>20, running.Load())
}

func TestABrowserGetsNoTokenToRead(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	b := at(t, s, "")
	a := b.signIn("tuvan.kontum", world.Password)
	if a.Status != http.StatusCreated || a.At("token") != nil || b.cookies["so"] == "" || b.cookies["may"] == "" {
		t.Errorf("%d %s %v", a.Status, a.Body, b.cookies)
	}
	if a := signInAs(s.As(t, ""), "tuvan.kontum", world.Password, ""); a.Text("token") == "" || a.Header.Get("Set-Cookie") != "" {
		t.Errorf("a script: %s %v", a.Body, a.Header)
	}
}

func TestASessionThatWasPlantedIsNotTheOneThatIsOpened(t *testing.T) {
	t.Parallel()
	s := apptest.New(t)
	b := at(t, s, "")
	planted := strings.Repeat("A", 43)
	b.cookies["so"], b.cookies["may"] = planted, strings.Repeat("B", 43)
	if a := b.signIn("tuvan.kontum", world.Password); a.Status != http.StatusCreated {
		t.Fatal(a.Status)
	}
	first := b.cookies["so"]
	if first == planted {
		t.Fatal("the planted token became hers")
	}
	if a := b.do("GET", "/api/v1/sessions/current", nil); a.Status != http.StatusOK {
		t.Fatal(a.Status)
	}
	// A proof renames the session: what somebody may have kept of it is worth nothing.
	if a := b.do("POST", "/api/v1/sessions/current/proof", map[string]any{"password": world.Password}); a.Status != http.StatusNoContent || b.cookies["so"] == first {
		t.Fatalf("%d, renamed %v", a.Status, b.cookies["so"] != first)
	}
	old := at(t, s, "")
	old.cookies["so"] = first
	if a := old.do("GET", "/api/v1/sessions/current", nil); a.Status != http.StatusUnauthorized {
		t.Errorf("the old token lives: %d", a.Status)
	}
	if a := b.do("GET", "/api/v1/sessions/current", nil); a.Status != http.StatusOK {
		t.Errorf("the new one does not: %d", a.Status)
	}
	// Signing in again on the same device ends what was open there.
	now := b.cookies["so"]
	if a := b.signIn("tuvan.kontum", world.Password); a.Status != http.StatusCreated {
		t.Fatal(a.Status)
	}
	old.cookies["so"] = now
	if a := old.do("GET", "/api/v1/sessions/current", nil); a.Status != http.StatusUnauthorized {
		t.Errorf("two sessions on one device: %d", a.Status)
	}
}

func TestTheFourthSessionEndsTheOneThatWasIdleForLongest(t *testing.T) {
	t.Parallel()
	s := guarded(t, func(r *signin.Rules) { r.Sessions = 3 })
	db := s.DB.Open(t, pg.Superuser)
	var all []*browser
	for i := range 4 {
		b := at(t, s, "203.0.113.7")
		if a := b.signIn("tuvan.kontum", world.Password); a.Status != http.StatusCreated {
			t.Fatal(a.Status)
		}
		all = append(all, b)
		db.MustExec(`update auth.sessions set seen_at = seen_at - interval '10 seconds'`)
		_ = i
	}
	var live []bool
	for _, b := range all {
		live = append(live, b.do("GET", "/api/v1/sessions/current", nil).Status == http.StatusOK)
	}
	if diff := cmp.Diff([]bool{false, true, true, true}, live); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestTheVerifierIsDerivedAnewWhenTheParametersRise(t *testing.T) {
	t.Parallel()
	s := apptest.With(t, func(o *app.Options) { o.SignIn = signin.Options{Argon: "m=16,t=2,p=1"} })
	db := s.DB.Open(t, pg.Superuser)
	read := func() (v struct {
		Argon    string `db:"argon"`
		Verifier []byte `db:"verifier"`
	}) {
		if err := db.Get(&v, `select argon, verifier from auth.users where username = 'tuvan.kontum'`); err != nil {
			t.Fatal(err)
		}
		return v
	}
	before := read()
	s.As(t, "tuvan.kontum")
	after := read()
	if before.Argon != house.Weak || after.Argon != "m=16,t=2,p=1" || string(before.Verifier) == string(after.Verifier) {
		t.Errorf("%+v, then %+v", before, after)
	}
	s.As(t, "tuvan.kontum")
	if diff := cmp.Diff(after, read()); diff != "" {
		t.Errorf("derived again without need\n%s", diff)
	}
}
