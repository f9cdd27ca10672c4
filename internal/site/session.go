package site

import (
	"net/http"
	"strings"
	"time"

	"binhan/internal/i18n"
)

// The cookie's name says nothing.
func (s *Site) cookieName() string { return s.named("so") }

// hostOnly makes a browser refuse a cookie that another host, another path or a line without TLS tries to set.
const hostOnly = "__Host-"

// named is what a cookie is called in this house: with TLS every one of ours carries the prefix.
func (s *Site) named(name string) string {
	if s.o.Secure && !strings.HasPrefix(name, hostOnly) {
		return hostOnly + name
	}
	return name
}

// SessionCookie makes the cookie of a token; an empty token takes it away.
func (s *Site) SessionCookie(token string, expires time.Time) *http.Cookie {
	c := &http.Cookie{Name: s.cookieName(), Value: token, Path: "/", HttpOnly: true, Secure: s.o.Secure, SameSite: http.SameSiteStrictMode, Expires: expires}
	if token == "" {
		c.MaxAge = -1
	}
	return c
}

// token finds the session's token; a header wins over a cookie.
func (r *Request) token() (token string, fromCookie bool) {
	if h := r.c.GetHeader("Authorization"); h != "" {
		if t, ok := strings.CutPrefix(h, "Bearer "); ok {
			return t, false
		}
		return "", false
	}
	if c, err := r.c.Request.Cookie(r.site.cookieName()); err == nil {
		return c.Value, true
	}
	return "", false
}

// FromBrowser tells whether the request comes from a page rather than a script: browsers say where a request comes from.
func (r *Request) FromBrowser() bool {
	return r.c.GetHeader("Origin") != "" || r.c.GetHeader("Sec-Fetch-Site") != ""
}

// LanguageCookie keeps the reader's language, and SizeCookie her letter size.
const (
	LanguageCookie = "ngon_ngu"
	SizeCookie     = "co_chu"
)

// Cookie reads a harmless setting.
func (r *Request) Cookie(name string) string {
	if c, err := r.c.Request.Cookie(r.site.named(name)); err == nil {
		return c.Value
	}
	return ""
}

// Setting makes the cookie of a harmless setting.
func (s *Site) Setting(name, value string) *http.Cookie {
	return &http.Cookie{Name: s.named(name), Value: value, Path: "/", HttpOnly: true, Secure: s.o.Secure, SameSite: http.SameSiteStrictMode, MaxAge: 365 * 24 * 3600}
}

// The cookies of a way to the identity provider and back: one that the browser shows when it comes from there, and one for the step after it.
const (
	AwayCookie = "di"
	StepCookie = "buoc"
)

// Passing makes one of the two, for five minutes; an empty value takes it away. The first must be shown on the way back from another site, and so is lax; it is
// worth nothing without the address that brings it.
func (s *Site) Passing(name, value string) string {
	c := &http.Cookie{Name: s.named(name), Value: value, Path: "/", HttpOnly: true, Secure: s.o.Secure, SameSite: http.SameSiteStrictMode, MaxAge: 300}
	if name == AwayCookie {
		c.SameSite = http.SameSiteLaxMode
	}
	if value == "" {
		c.MaxAge = -1
	}
	return c.String()
}

// chooseLanguage: on pages Vietnamese, unless the reader switched. What a browser says of itself does not count there: in a commune's office it is often
// set up in English, and nobody chose that. Programs say what they want.
func (s *Site) chooseLanguage(req *http.Request, page bool) i18n.Language {
	if c, err := req.Cookie(s.named(LanguageCookie)); err == nil {
		for _, l := range i18n.Languages {
			if c.Value == string(l) {
				return l
			}
		}
	}
	if page {
		return i18n.Vietnamese
	}
	return i18n.Choose(req.Header.Get("Accept-Language"))
}
