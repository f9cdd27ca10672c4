package site_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binhan/internal/site"
)

func TestTheCookiesOfTheWayToTheProviderAreShortAndOurs(t *testing.T) {
	t.Parallel()
	type form struct {
		Name     string
		Age      int
		HTTPOnly bool
		Secure   bool
		Same     http.SameSite
		Path     string
		Domain   string
	}
	s := site.New(site.Options{Secure: true}, nil)
	got := map[string]form{}
	for what, line := range map[string]string{"away": s.Passing(site.AwayCookie, "x"), "step": s.Passing(site.StepCookie, "x"), "over": s.Passing(site.StepCookie, "")} {
		c, err := http.ParseSetCookie(line)
		if err != nil {
			t.Fatal(err)
		}
		got[what] = form{c.Name, c.MaxAge, c.HttpOnly, c.Secure, c.SameSite, c.Path, c.Domain}
	}
	want := map[string]form{
		"away": {"__Host-di", 300, true, true, http.SameSiteLaxMode, "/", ""}, // shown on the way back, which begins at another site
		"step": {"__Host-buoc", 300, true, true, http.SameSiteStrictMode, "/", ""},
		"over": {"__Host-buoc", -1, true, true, http.SameSiteStrictMode, "/", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
