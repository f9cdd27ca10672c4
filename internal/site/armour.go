package site

import (
	"net/http"
	"strings"

	"binhan/internal/fault"
	"binhan/web"
)

// What every answer bears and what no request may do, whoever asks: threats W and P of the model, and ASVS 5.0.0 chapter 3.

// transportSecurity is two years, the term that browsers' own lists ask for.
const transportSecurity = "max-age=63072000; includeSubDomains"

// unusedPowers are the powers of a browser that no page of ours uses. What security keys need is not among them.
const unusedPowers = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), " +
	"magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), screen-wake-lock=(), usb=(), xr-spatial-tracking=()"

// armour puts on every answer, before anything is known of the request, what keeps it to our own pages: nobody stores it, frames it, guesses its type,
// learns from it where the reader was, or shares a process with it.
func (s *Site) armour(h http.Header) {
	h.Set("Content-Security-Policy", web.ContentSecurityPolicy) // the one under which the browser tests run
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Embedder-Policy", "require-corp")
	h.Set("Permissions-Policy", unusedPowers)
	h.Set("Vary", "Accept-Language, Cookie, Authorization")
	if s.o.Secure {
		h.Set("Strict-Transport-Security", transportSecurity)
	}
}

// ourOwn refuses what a browser says that another site's page has asked for, when a session would be needed: with a token as with a cookie, reading
// as well as changing (ASVS 3.5.8). Only a page that a person goes to herself may be reached from elsewhere. Programs say nothing of the kind.
func (s *Site) ourOwn(r *Request) error {
	req := r.c.Request
	switch site := req.Header.Get("Sec-Fetch-Site"); {
	case r.Route.Public || site == "" || site == "same-origin" || site == "none":
		return nil
	case r.Route.Page() && req.Method == http.MethodGet && req.Header.Get("Sec-Fetch-Mode") == "navigate" && req.Header.Get("Sec-Fetch-Dest") == "document":
		return nil
	}
	return fault.New(fault.Refused, "other_origin")
}

// local tells whether an address to go on to is a path of ours: redirects never leave the house.
func local(to string) bool {
	return strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//") && !strings.ContainsFunc(to, func(c rune) bool { return c == '\\' || c <= ' ' || c == 0x7f })
}

// Emptied is what a browser is told to forget when somebody leaves by quick exit: cookies, those of letter size and language too, so that nothing on
// the device says that she was here, and whatever a page might have stored. It is not told to empty its cache: nothing of ours is in it, and that
// order has frozen browsers for many seconds.
const Emptied = `"cookies", "storage"`

// PolicyRoutes take in what browsers report about the page policy. A report is counted, by its route in the metrics; its body, which names addresses
// and may quote a page, is not even read. No session is looked for and nothing is stored, so that a flood of reports costs what any request costs.
func PolicyRoutes() []Route {
	return []Route{{Method: http.MethodPost, Path: web.ReportPath, Public: true, Bare: true, Do: func(*Request) (Reply, error) { return Reply{Status: http.StatusNoContent}, nil }}}
}
