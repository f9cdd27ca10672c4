package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"
	"unicode"
)

// IssuerSettings are the identity provider that the settings name.
type IssuerSettings struct {
	Issuer, ClientID, Name string
	Secret                 Secret
	ACR, AMR               []string
	MaxAge                 time.Duration
	CA                     []byte
	Plain                  bool // http on this machine: development only
}

// Provider reads the identity provider of the settings; nil when none is named.
func (c *Config) Provider() (*IssuerSettings, error) {
	if c.Issuer == "" {
		return nil, nil
	}
	if ps := c.checkIssuer(); len(ps) > 0 {
		return nil, errors.Join(ps...)
	}
	age, err := time.ParseDuration(c.IssuerMaxAge)
	if err != nil {
		return nil, err
	}
	s := &IssuerSettings{Issuer: c.Issuer, ClientID: c.IssuerClient, Name: c.IssuerName, Secret: c.IssuerSecret, ACR: c.IssuerACR, AMR: c.IssuerAMR, MaxAge: age,
		Plain: c.Environment == Development}
	if c.IssuerCAFile != "" {
		if s.CA, err = os.ReadFile(c.IssuerCAFile); err != nil {
			return nil, errors.New("BINHAN_OIDC_CA_FILE cannot be read")
		}
	}
	return s, nil
}

// checkIssuer says what is wrong with the settings of an identity provider.
func (c *Config) checkIssuer() []error {
	var problems []error
	wrong := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if c.Issuer == "" {
		for name, set := range map[string]bool{"BINHAN_OIDC_CLIENT_ID": c.IssuerClient != "", "BINHAN_OIDC_CLIENT_SECRET": !c.IssuerSecret.IsZero(), "BINHAN_OIDC_NAME": c.IssuerName != "",
			"BINHAN_OIDC_ACR": len(c.IssuerACR) > 0, "BINHAN_OIDC_AMR": len(c.IssuerAMR) > 0, "BINHAN_OIDC_CA_FILE": c.IssuerCAFile != ""} {
			if set {
				wrong("%s is set and BINHAN_OIDC_ISSUER is not: name the provider, or none of its settings", name)
			}
		}
		return problems
	}
	u, err := url.Parse(c.Issuer)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || (u.Scheme != "https" && u.Scheme != "http"):
		wrong("BINHAN_OIDC_ISSUER must look like https://dangnhap.example.vn, exactly as the provider calls itself")
	case u.Scheme == "http" && c.Environment == Production:
		wrong("BINHAN_OIDC_ISSUER must be https in production")
	case u.Scheme == "http":
		if ip := net.ParseIP(u.Hostname()); u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
			wrong("BINHAN_OIDC_ISSUER must be https, but on this very machine")
		}
	}
	if c.IssuerClient == "" {
		wrong("BINHAN_OIDC_CLIENT_ID is missing: what the provider calls this program")
	}
	if c.IssuerSecret.IsZero() && c.Environment == Production {
		wrong("BINHAN_OIDC_CLIENT_SECRET is missing: give it as BINHAN_OIDC_CLIENT_SECRET_FILE")
	}
	if n := len([]rune(c.IssuerName)); n == 0 || n > 40 || strings.TrimSpace(c.IssuerName) != c.IssuerName || strings.ContainsFunc(c.IssuerName, unicode.IsControl) {
		wrong("BINHAN_OIDC_NAME must be what people call the provider, at most 40 letters on one line")
	}
	for _, words := range [][]string{c.IssuerACR, c.IssuerAMR} {
		for _, w := range words {
			if w == "" || strings.ContainsFunc(w, func(r rune) bool { return r <= ' ' || r > 0x7e }) {
				wrong("BINHAN_OIDC_ACR and BINHAN_OIDC_AMR must hold words without blanks, parted by commas")
			}
		}
	}
	if age, err := time.ParseDuration(c.IssuerMaxAge); err != nil || age < 0 || age > 0 && age < time.Minute {
		wrong("BINHAN_OIDC_MAX_AGE must be a time such as 8h, at least a minute, or 0")
	}
	return problems
}
