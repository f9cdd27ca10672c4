package site

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"

	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/signin"
)

// Some acts ask that the person has proved within the last minutes who she is. The gate says fault.Unproved; here is what follows from it.
//
// A program is answered 401 with RFC 9470's challenge, proves at POST /sessions/current/proof, and asks again. A page's form comes back with all that was
// typed and a panel that asks for the proof; sent again, it brings the proof in fields of its own (_password, _code, _key), which are judged first and
// never reach the command. A page that was only to be read is reached over a page that asks. The gate decides either way: a route need not know.

// The fields of a form that prove who sends it.
const (
	ProofPassword = "_password"
	ProofCode     = "_code"
	ProofKey      = "_key"
)

// withoutProof is the form as it was meant.
func withoutProof(v url.Values) url.Values {
	out := url.Values{}
	for name, values := range v {
		if name != ProofPassword && name != ProofCode && name != ProofKey {
			out[name] = values
		}
	}
	return out
}

// prove judges the proof that a form brings along, before the route acts. The proof is taken out of what was typed: it is shown to nobody again.
func (s *Site) prove(r *Request) error {
	if r.Route.Public || !r.Route.Page() || r.c.Request.Method != http.MethodPost || r.c.ContentType() != "application/x-www-form-urlencoded" {
		return nil
	}
	if err := r.form(); err != nil {
		return err
	}
	p := signin.Proof{Password: r.Values.Get(ProofPassword), Code: r.Values.Get(ProofCode), Key: []byte(r.Values.Get(ProofKey))}
	r.Values = withoutProof(r.Values)
	if p.Password == "" && len(p.Key) == 0 {
		return nil
	}
	return r.Prove(p)
}

// Prove renews the proof of the request's session; a cookie's session gets a new token with it.
func (r *Request) Prove(p signin.Proof) error {
	_, cookie := r.token()
	token, err := r.site.o.SignIn.Prove(r.Context(), r.Who, p, cookie)
	if err != nil {
		return err
	}
	r.took = true
	if token != "" {
		r.proven = r.site.SessionCookie(token, r.Session.ExpiresAt)
		r.Who.Handle = signin.HandleOf(token)
		r.Session.Actor.Handle = r.Who.Handle
	}
	return nil
}

// Proved tells whether this request brought a proof that was taken.
func (r *Request) Proved() bool { return r.took }

type proofCommand struct {
	Password Verbatim `json:"password"`
	Code     string   `json:"code"`
}

// String hides it.
func (proofCommand) String() string { return "proof(…)" }

func postProof(r *Request) (Reply, error) {
	var cmd proofCommand
	if err := r.Bind(&cmd); err != nil {
		return Reply{}, err
	}
	if cmd.Password == "" {
		return Reply{}, fault.Bad(fault.Problem{Pointer: "/password", Key: "required"})
	}
	return Reply{Status: http.StatusNoContent}, r.Prove(signin.Proof{Password: string(cmd.Password), Code: cmd.Code})
}

// challenge is the WWW-Authenticate of an error: RFC 6750's, with RFC 9470's word where a fresh proof would do.
func challenge(err error) string {
	if fault.KindOf(err) == fault.Unproved {
		return `Bearer error="insufficient_user_authentication", error_description="A more recent authentication is required", max_age=300`
	}
	return "Bearer"
}

// resting names why a session may see its own account only.
func resting(s gate.Session) string {
	if s.Frozen {
		return "rights_rest"
	}
	return "second_factor_needed"
}

// Resting tells whether an error says that.
func Resting(err error) bool {
	var f *fault.Error
	return errors.As(err, &f) && (f.Key == "rights_rest" || f.Key == "second_factor_needed")
}

// prefixes reads addresses and networks.
func prefixes(texts []string) []netip.Prefix {
	var out []netip.Prefix
	for _, t := range texts {
		if p, err := netip.ParsePrefix(t); err == nil {
			out = append(out, p)
		} else if a, err := netip.ParseAddr(t); err == nil {
			out = append(out, netip.PrefixFrom(a, a.BitLen()))
		}
	}
	return out
}

// Address is where the request comes from: the other end of the connection, or, where that is the proxy that we trust, what it says in the one header
// that it writes. Whatever a client writes there itself stands to the left of what the proxy adds, and is not read.
func (r *Request) Address() string {
	if a := ClientAddress(r.c.Request, r.site.trust); a.IsValid() {
		return a.String()
	}
	return ""
}

// device is the hash of the device's cookie, as the record keeps it; nil where there is none.
func (r *Request) device() []byte {
	d := r.Cookie(r.site.deviceName())
	if len(d) != 43 {
		return nil
	}
	return signin.DeviceHash(d)
}

// Visitor is who asks to sign in: the device's cookie, the browser's kind, the address.
func (r *Request) Visitor(kind string) signin.Visitor {
	v := signin.Visitor{Agent: r.c.Request.UserAgent(), Address: r.Address(), Kind: kind, Request: r.Who.Request.ID}
	if kind == signin.Cookie {
		if d := r.Cookie(r.site.deviceName()); len(d) == 43 {
			v.Device = d
		}
	}
	return v
}

func (s *Site) deviceName() string {
	if s.o.Secure {
		return "__Host-may"
	}
	return "may"
}

// Cookies are the two of a session that was opened: its own, and the device's, by which she is known here the next time. The latter opens nothing; it stays as it
// is where the browser has it already.
func (s *Site) Cookies(o signin.Opened) []string {
	session := s.SessionCookie(o.Token, o.Session.ExpiresAt).String()
	if o.Device == "" {
		return []string{session}
	}
	device := &http.Cookie{Name: s.deviceName(), Value: o.Device, Path: "/", HttpOnly: true, Secure: s.o.Secure, SameSite: http.SameSiteStrictMode, MaxAge: 400 * 24 * 3600}
	return []string{session, device.String()}
}
