// Package signin turns what a person shows into a session, and keeps proving through a session that it is still she.
//
// She shows a password and the code of an app that counts, or a security key; a province's own identity provider may speak for her. The database
// holds a verifier of the key that argon2id derives from the password, never the key; it opens a session only for whoever brings that key, or the mark
// that the key ring makes of her factor after this package has checked it, so that a statement that slipped into the database cannot sign in as
// anybody. The token that the browser or script keeps is 256 random bits; the database knows it only through a handle derived from it, and stores
// only the handle's hash.
//
// Guessing. Tries are counted before they are judged, in the database, for all machines together: per device that she used before, per name from
// everywhere else, per network. Who knows the device of her own cannot be shut out by guesses made elsewhere. An unknown account costs the same work
// and gets the same words as a wrong password. Deriving takes memory: four at once, of which strangers get three; the rest wait two seconds or
// are told to come later.
//
// It leaves to others: what a session may do (access, gate), cookies and pages (site, desk). See docs/decisions/sign-in.md and identity-provider.md.
package signin

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"
	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/gate"
)

// Strong are the parameters of new passwords (OWASP's floor is m=19 MiB, t=2).
const Strong = "m=65536,t=3,p=1"

// Rules are the numbers by which guessing is slowed and sessions end. They are kept in the settings, for all machines alike.
type Rules struct {
	Device     int  `json:"device"`     // tries a minute on a device that she used before; then the minute doubles, to at most fifteen
	Stranger   int  `json:"stranger"`   // tries an hour at one name from devices that were never hers
	Address    int  `json:"address"`    // tries an hour from one network (/24, /64)
	Everybody  int  `json:"everybody"`  // tries a minute from unknown devices at any name, above which an alarm is given
	Ceremonies int  `json:"ceremonies"` // sign-ins with a key begun in an hour from one network
	Stop       int  `json:"stop"`       // wrong tries in a row after which a second person must open again
	Sessions   int  `json:"sessions"`   // sessions of one person at once
	IdleDays   int  `json:"idle_days"`  // an account that was not used for so long is closed; 0 for never
	Demand     bool `json:"demand"`     // a password alone opens nothing but the page where a second factor is added
}

// Strict are the rules of production; Easy those of development and tests.
var (
	Strict = Rules{Device: 5, Stranger: 10, Address: 60, Everybody: 300, Ceremonies: 600, Stop: 100, Sessions: 3, IdleDays: 45, Demand: true}
	Easy   = Rules{Device: 10_000, Stranger: 100_000, Address: 1_000_000, Everybody: 1_000_000, Ceremonies: 1_000_000, Stop: 1_000_000, Sessions: 10_000}
)

// ParseRules changes rules by a setting such as "device=5,stranger=10,sessions=3,second_factor=yes". What it does not name stays.
func ParseRules(base Rules, setting string) (Rules, error) {
	numbers := map[string]*int{"device": &base.Device, "stranger": &base.Stranger, "address": &base.Address, "everybody": &base.Everybody, "ceremonies": &base.Ceremonies,
		"stop": &base.Stop, "sessions": &base.Sessions, "idle_days": &base.IdleDays}
	for part := range strings.SplitSeq(setting, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch n, err := strconv.Atoi(value); {
		case name == "":
		case name == "second_factor" && (value == "yes" || value == "no"):
			base.Demand = value == "yes"
		case numbers[name] == nil:
			return base, fmt.Errorf("%q is no rule of signing in", name)
		case err != nil || n < 0 || n == 0 && name != "idle_days":
			return base, fmt.Errorf("%s must be a number above 0", name)
		default:
			*numbers[name] = n
		}
	}
	return base, nil
}

// Options of a Service. The zero value is a developer's: Easy rules, keys bound to localhost.
type Options struct {
	Rules  Rules
	Origin string // where browsers find us; keys are bound to its host
	Argon  string // parameters of new passwords; Strong when empty
	// Managed: the agency's own computers carry keys that are copied among them; otherwise such keys are refused to everybody who works with cases.
	Managed bool
	Log     *slog.Logger
	Now     func() time.Time // for codes and the words of a provider
	// Provider may speak for people; nil: nobody does.
	Provider *Provider
}

// Service signs people in.
type Service struct {
	gate      *gate.Gate
	o         Options
	rules     string
	slots     chan struct{} // derivations at once
	strangers chan struct{} // of these, for devices that nobody knows
	decoy     []byte
	derived   atomic.Int64
	keys      *webauthn.WebAuthn
	provider  *provider // nil without one
}

// New makes a service that derives at most four keys at once.
func New(g *gate.Gate, o Options) (*Service, error) {
	if o.Rules == (Rules{}) {
		o.Rules = Easy
	}
	if o.Origin == "" {
		o.Origin = "http://localhost:8080"
	}
	if o.Argon == "" {
		o.Argon = Strong
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	rules, err := json.Marshal(o.Rules)
	if err != nil {
		return nil, err
	}
	decoy := make([]byte, 32)
	_, _ = rand.Read(decoy)
	s := &Service{gate: g, o: o, rules: string(rules), slots: make(chan struct{}, 4), strangers: make(chan struct{}, 3), decoy: decoy}
	u, err := url.Parse(o.Origin)
	if err != nil {
		return nil, fmt.Errorf("origin of keys: %w", err)
	}
	if s.keys, err = newKeys(u); err != nil {
		return nil, err
	}
	if o.Provider != nil {
		if s.provider, err = newProvider(*o.Provider, u.Scheme+"://"+u.Host, o.Now); err != nil {
			return nil, fmt.Errorf("identity provider: %w", err)
		}
	}
	return s, nil
}

// Kinds of sessions: a cookie for pages, a token for scripts.
const (
	Cookie = "cookie"
	Token  = "token"
)

// Hours is how long a session lives at most; it ends earlier after fifteen idle minutes.
const Hours = 10

const longest = 128 // bytes of a password

// Visitor is who asks, before anybody knows who it is.
type Visitor struct {
	Device  string // the device's own cookie; "" for a script, or a browser that was never here
	Agent   string // what the browser says of itself
	Address string // the connection's, or what the one trusted proxy says
	Kind    string
	Request string
}

func (v Visitor) from() gate.From {
	f := gate.From{Address: network(v.Address), Label: label(v.Agent), Kind: v.Kind, Request: v.Request}
	if v.Device != "" {
		sum := sha256.Sum256([]byte(deviceLabel + v.Device))
		f.Device = sum[:]
	}
	return f
}

// Credentials are what is typed at sign-in. Code is the app's, or one of the recovery codes.
type Credentials struct {
	Username, Password, Code string
}

// String hides them.
func (Credentials) String() string { return "credentials(…)" }

// Opened is a session that was opened.
type Opened struct {
	Token   string
	Device  string // of the device's cookie, to be kept by it; "" for a script
	Session gate.Session
	Ended   int // other sessions that had to end
}

var wrong = func() error { return fault.New(fault.Unauthenticated, "sign_in_failed") }

// In opens a session for a password alone; fault.Unauthenticated for whoever needs more.
func (s *Service) In(ctx context.Context, username, password, kind, request string) (token string, sess gate.Session, err error) {
	o, err := s.Open(ctx, Credentials{Username: username, Password: password}, Visitor{Kind: kind, Request: request})
	return o.Token, o.Session, err
}

// Open opens a session. A wrong name, a wrong password and a wrong code are the same fault.Unauthenticated; a right password without the second factor
// is asked for it; too many tries are fault.TooMany.
func (s *Service) Open(ctx context.Context, c Credentials, v Visitor) (Opened, error) {
	if len(c.Password) > longest || len(c.Username) > 64 || c.Username == "" || len(c.Code) > 64 {
		return Opened{}, wrong()
	}
	c.Username = asked(c.Username)
	if v.Kind == Cookie && v.Device == "" {
		v.Device = random()
	}
	from := v.from()
	shown, err := s.judge(ctx, c, from)
	if err != nil {
		return Opened{}, err
	}
	o, err := s.open(ctx, c.Username, shown, v, from)
	if err == nil {
		s.strengthen(ctx, o, c)
	}
	return o, err
}

// asked is the name that the database is asked about: what was typed, if an account can have it. A password that slipped into the wrong field, or a survivor's name, goes
// no further; it costs the same work and gets the same words as any unknown name.
func asked(username string) string {
	if usernameForm.MatchString(username) {
		return username
	}
	return "-"
}

// judge derives what the password shows, and finds which time step of which app the code belongs to. It costs the same for everybody.
func (s *Service) judge(ctx context.Context, c Credentials, from gate.From) (gate.Shown, error) {
	a, err := s.gate.Attempt(ctx, c.Username, from, s.rules)
	if err != nil {
		return gate.Shown{}, err
	}
	if a.Alarm {
		s.o.Log.Error("more sign-ins from unknown devices than usual", "request", from.Request)
	}
	switch {
	case a.Wait < 0:
		return gate.Shown{}, fault.New(fault.TooMany, "sign_in_stopped")
	case a.Wait > 0:
		return gate.Shown{}, tooMany(a.Wait)
	}
	shown := gate.Shown{}
	if shown.Derived, err = s.derive(ctx, c.Username, c.Password, a.Salt, a.Argon, a.Known); err != nil {
		return gate.Shown{}, err
	}
	err = s.addCode(ctx, &shown, c.Username, c.Code, from.Request)
	return shown, err
}

// tooMany says when to come again, in whole minutes.
func tooMany(seconds int) error {
	return fault.New(fault.TooMany, "sign_in_too_many").With(map[string]any{"minutes": (seconds + 59) / 60})
}

// open asks the database, which judges.
func (s *Service) open(ctx context.Context, username string, shown gate.Shown, v Visitor, from gate.From) (Opened, error) {
	token := random()
	opening, err := s.gate.SignIn(ctx, username, shown, HandleOf(token), Hours, from, s.rules)
	if err != nil {
		return Opened{}, err
	}
	switch opening.Outcome {
	case "ok":
	case "second":
		return Opened{}, fault.New(fault.Unauthenticated, "code_required")
	default:
		return Opened{}, wrong()
	}
	sess, err := s.gate.Whoami(ctx, HandleOf(token))
	return Opened{Token: token, Device: v.Device, Session: sess, Ended: opening.Ended}, err
}

// Proof is what is shown again within a session: a password, with a code where she has an app; or the answer of her key.
type Proof struct {
	Password, Code string
	Key            []byte // JSON of the ceremony's name and the key's answer
}

// String hides it.
func (Proof) String() string { return "proof(…)" }

// Prove renews the proof of a running session: fault.Unproved when it does not fit, and the session ends after five that do not. With rename
// the session gets a new token, which is answered; a script's keeps its own, since nobody can plant a token into another's script.
func (s *Service) Prove(ctx context.Context, who access.Actor, p Proof, rename bool) (token string, err error) {
	if len(p.Password) > longest || len(p.Code) > 64 {
		return "", fault.New(fault.Unproved, "proof_failed")
	}
	var shown gate.Shown
	if len(p.Key) > 0 {
		if shown, err = s.keyShown(ctx, p.Key, "prove", who.User); err != nil {
			return "", err
		}
	} else {
		salt, argon, _, err := s.gate.Salt(ctx, who.Username)
		if err != nil {
			return "", err
		}
		if shown.Derived, err = s.derive(ctx, who.Username, p.Password, salt, argon, true); err != nil {
			return "", err
		}
		if err := s.addCode(ctx, &shown, who.Username, p.Code, who.Request.ID); err != nil {
			return "", err
		}
	}
	var next access.Handle
	if rename {
		token = random()
		next = HandleOf(token)
	}
	outcome, err := s.gate.Prove(ctx, who.Handle, shown, next, who.Request.ID)
	if err != nil {
		return "", err
	}
	switch outcome {
	case "ok":
		return token, nil
	case "second":
		return "", fault.New(fault.Unproved, "proof_needs_code")
	case "gone":
		return "", fault.New(fault.Unauthenticated, "session_ended")
	}
	return "", fault.New(fault.Unproved, "proof_failed")
}

// Unlock opens a locked screen with the password of the session's owner.
func (s *Service) Unlock(ctx context.Context, h access.Handle, username, password string) error {
	salt, argon, _, err := s.gate.Salt(ctx, username)
	if err != nil {
		return err
	}
	derived, err := s.derive(ctx, username, password, salt, argon, true)
	if err != nil {
		return err
	}
	ok, err := s.gate.Unlock(ctx, h, username, derived)
	if err == nil && !ok {
		return fault.New(fault.Unauthenticated, "unlock_failed")
	}
	return err
}

// derive makes the key of a password, in one of the few places where that is done at a time. known is whoever sits at a device that was hers before.
func (s *Service) derive(ctx context.Context, username, password string, salt []byte, argon string, known bool) ([]byte, error) {
	if salt == nil {
		h := hmac.New(sha256.New, s.decoy)
		h.Write([]byte(username))
		salt, argon = h.Sum(nil)[:16], s.o.Argon
	}
	leave, err := s.enter(ctx, known)
	if err != nil {
		return nil, err
	}
	defer leave()
	s.derived.Add(1)
	return Derive(password, salt, argon)
}

// Derivations counts the derivations of passwords since the start: sign-ins and proofs, right and wrong.
func (s *Service) Derivations() int64 { return s.derived.Load() }

// Running tells how many derivations there are this very moment, four at most.
func (s *Service) Running() int { return len(s.slots) }

// enter waits for a place, two seconds at most.
func (s *Service) enter(ctx context.Context, known bool) (leave func(), err error) {
	ctx2, stop := context.WithTimeoutCause(ctx, 2*time.Second, fault.New(fault.TooMany, "sign_in_busy"))
	defer stop()
	take := func(c chan struct{}) error {
		select {
		case c <- struct{}{}:
			return nil
		case <-ctx2.Done():
			return context.Cause(ctx2)
		}
	}
	if !known {
		if err := take(s.strangers); err != nil {
			return nil, err
		}
	}
	if err := take(s.slots); err != nil {
		if !known {
			<-s.strangers
		}
		return nil, err
	}
	return func() {
		<-s.slots
		if !known {
			<-s.strangers
		}
	}, nil
}

// Derive makes the key of a password with parameters written like Strong.
func Derive(password string, salt []byte, argon string) ([]byte, error) {
	m, t, p, err := parameters(argon)
	if err != nil {
		return nil, err
	}
	return argon2.IDKey([]byte(norm.NFC.String(password)), salt, t, m, uint8(p), 32), nil
}

func parameters(argon string) (m, t, p uint32, err error) {
	if _, err := fmt.Sscanf(argon, "m=%d,t=%d,p=%d", &m, &t, &p); err != nil || m < 8 || t < 1 || p < 1 || p > 8 || m > 1<<20 {
		return 0, 0, 0, fmt.Errorf("argon2 parameters %q", argon)
	}
	return m, t, p, nil
}

// NewVerifier is what the accounts table keeps of a new password.
func NewVerifier(password, argon string) (salt, verifier []byte, err error) {
	salt = make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return nil, nil, err
	}
	key, err := Derive(password, salt, argon)
	if err != nil {
		return nil, nil, err
	}
	sum := sha256.Sum256(key)
	return salt, sum[:], nil
}

// random is 256 bits, in letters.
func random() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // crypto/rand never fails on the platforms we run on; it ends the program instead
	return base64.RawURLEncoding.EncodeToString(raw)
}

// HandleOf derives the database's name of a session from its token.
func HandleOf(token string) access.Handle {
	h := hmac.New(sha256.New, []byte("binhan/session/v1"))
	h.Write([]byte(token))
	return access.Handle(hex.EncodeToString(h.Sum(nil)))
}

// NewHandle makes the handle of a session that has no token: a program on the host.
func NewHandle() access.Handle {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw)
	return access.Handle(hex.EncodeToString(raw))
}

const deviceLabel = "binhan/device/v1/"

// DeviceHash is how a device's cookie is known to the database and to the record of acts.
func DeviceHash(cookie string) []byte {
	sum := sha256.Sum256([]byte(deviceLabel + cookie))
	return sum[:]
}
