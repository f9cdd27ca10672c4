package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"binhan/internal/config"
)

func TestAnIdentityProviderIsOffUnlessItIsNamedWhole(t *testing.T) {
	t.Parallel()
	c, err := config.Parse(nil)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := c.Provider(); p != nil || err != nil {
		t.Errorf("%v %v", p, err)
	}
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("bi-mat-thu\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	named := []string{"BINHAN_OIDC_ISSUER=https://dangnhap.example.vn", "BINHAN_OIDC_CLIENT_ID=binhan", "BINHAN_OIDC_CLIENT_SECRET_FILE=" + secret, "BINHAN_OIDC_NAME=Cổng của tỉnh", "BINHAN_OIDC_AMR=mfa,hwk", "BINHAN_OIDC_MAX_AGE=8h"}
	if c, err = config.Parse(named); err != nil {
		t.Fatal(err)
	}
	p, err := c.Provider()
	if err != nil {
		t.Fatal(err)
	}
	want := &config.IssuerSettings{Issuer: "https://dangnhap.example.vn", ClientID: "binhan", Name: "Cổng của tỉnh", Secret: config.NewSecret("bi-mat-thu"), AMR: []string{"mfa", "hwk"}, MaxAge: 8 * time.Hour, Plain: true}
	if diff := cmp.Diff(want, p, cmp.AllowUnexported(config.Secret{})); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(fmt.Sprintf("%v %+v", p, c), "bi-mat-thu") {
		t.Error("the secret is printed")
	}
	production := []string{"BINHAN_ENV=production"}
	for name, change := range map[string]struct {
		set  []string
		says string
	}{
		"settings without a provider": {[]string{"BINHAN_OIDC_ISSUER="}, "BINHAN_OIDC_CLIENT_ID is set and BINHAN_OIDC_ISSUER is not"},
		"http to another machine":     {[]string{"BINHAN_OIDC_ISSUER=http://dangnhap.example.vn"}, "on this very machine"},
		"http in production":          {append(production, "BINHAN_OIDC_ISSUER=http://127.0.0.1:8090"), "BINHAN_OIDC_ISSUER must be https in production"},
		"no secret in production":     {append(production, "BINHAN_OIDC_CLIENT_SECRET_FILE="), "BINHAN_OIDC_CLIENT_SECRET is missing"},
		"a query":                     {[]string{"BINHAN_OIDC_ISSUER=https://dangnhap.example.vn?x=y"}, "exactly as the provider calls itself"},
		"no client":                   {[]string{"BINHAN_OIDC_CLIENT_ID="}, "BINHAN_OIDC_CLIENT_ID is missing"},
		"no name":                     {[]string{"BINHAN_OIDC_NAME="}, "BINHAN_OIDC_NAME must be"},
		"a long name":                 {[]string{"BINHAN_OIDC_NAME=" + strings.Repeat("x", 41)}, "BINHAN_OIDC_NAME must be"},
		"words with blanks":           {[]string{"BINHAN_OIDC_ACR=cao thap"}, "without blanks"},
		"no time":                     {[]string{"BINHAN_OIDC_MAX_AGE=tam-gio"}, "BINHAN_OIDC_MAX_AGE"},
		"a second":                    {[]string{"BINHAN_OIDC_MAX_AGE=1s"}, "BINHAN_OIDC_MAX_AGE"},
	} {
		var all []string
		for _, n := range named {
			key, _, _ := strings.Cut(n, "=")
			replaced := false
			for _, s := range change.set {
				replaced = replaced || strings.HasPrefix(s, key+"=")
			}
			if !replaced {
				all = append(all, n)
			}
		}
		if _, err := config.Parse(append(all, change.set...)); err == nil || !strings.Contains(err.Error(), change.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
