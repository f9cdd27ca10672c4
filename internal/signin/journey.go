package signin

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/gate"
)

// A journey leads a browser to the provider and back. What waits for it is one row that holds for five minutes and for one return, found by the hash of its
// state. The browser keeps a secret in a cookie of its own; a return without it is somebody else's. For what the journey was begun, where it comes back to, and
// whose device and session it was stand in the row: nothing of that is in an address, and nothing that the provider sends back can change it.

// What a journey is for.
const (
	ToSignIn = "sign_in"
	ToProve  = "prove"
	ToLink   = "link"
)

type journey struct {
	For     string    `json:"for"`
	Browser []byte    `json:"browser"` // SHA-256 of the browser's secret
	Device  []byte    `json:"device,omitempty"`
	Session []byte    `json:"session,omitempty"` // SHA-256 of the handle of the session that is proved
	User    uuid.UUID `json:"user,omitzero"`
	Back    string    `json:"back"`
	Began   time.Time `json:"began"`
}

// HasProvider tells whether a provider may speak for people.
func (s *Service) HasProvider() bool { return s.provider != nil }

// ProviderName is what our people call it; "" without one.
func (s *Service) ProviderName() string {
	if s.provider == nil {
		return ""
	}
	return s.provider.Name
}

// ProviderOrigin is the one origin beyond ours to which browsers are sent; "" without one.
func (s *Service) ProviderOrigin() string {
	if s.provider == nil {
		return ""
	}
	return s.provider.Origin()
}

// MeetProvider fetches the provider's description ahead of the first who needs it. An error is a warning: it is fetched again when it is needed.
func (s *Service) MeetProvider(ctx context.Context) error {
	if s.provider == nil {
		return nil
	}
	_, err := s.provider.describe(ctx)
	return err
}

func (s *Service) described(ctx context.Context, request string) (*description, error) {
	if s.provider == nil {
		return nil, fault.Missing()
	}
	d, err := s.provider.describe(ctx)
	if err != nil {
		return nil, s.unheard(err, request)
	}
	return d, nil
}

// unheard says what came of the provider's word: that it is silent, or that it was not taken. The log has a word for why, and nothing of anybody.
func (s *Service) unheard(err error, request string) error {
	var why refusal
	if errors.As(err, &why) {
		s.o.Log.Warn("identity provider refused", "why", string(why), "request", request)
	} else {
		s.o.Log.Warn("identity provider silent", "request", request)
	}
	if errors.Is(err, errSilent) {
		return fault.New(fault.Unavailable, "idp_silent")
	}
	return fault.New(fault.Unauthenticated, "idp_failed")
}

// Departure is a browser about to leave: Address is where to, Secret is for its cookie.
type Departure struct {
	Address, Secret string
}

// String hides both.
func (Departure) String() string { return "departure(…)" }

// SendAway begins a journey. who is nobody for ToSignIn; for ToLink she must have proved lately who she is, as for every change of how she proves it.
func (s *Service) SendAway(ctx context.Context, purpose string, who access.Actor, back, lang string, v Visitor) (Departure, error) {
	d, err := s.described(ctx, v.Request)
	if err != nil {
		return Departure{}, err
	}
	secret, state := random(), random()
	hash := sha256.Sum256([]byte(secret))
	j := journey{For: purpose, Browser: hash[:], Device: v.from().Device, Back: back, Began: s.o.Now()}
	if purpose != ToSignIn {
		own := sha256.Sum256([]byte(who.Handle)) // as the database knows it; it opens nothing
		j.Session, j.User = own[:], who.User
	}
	if purpose == ToLink {
		if _, err := gate.Do(ctx, s.gate, who, access.SecureAccount, access.Nothing, func(tx *gate.Tx) (int, error) { tx.Because("ask_to_link", nil); return 0, nil }); err != nil {
			return Departure{}, err
		}
	}
	if err := s.keep(ctx, state, "oidc", uuid.Nil, j, v.Address); err != nil {
		return Departure{}, err
	}
	return Departure{Address: d.address(state, secret, lang, s.provider, purpose == ToProve), Secret: secret}, nil
}

// keep puts what waits for a return under a name, of which only the hash is kept.
func (s *Service) keep(ctx context.Context, name, purpose string, user uuid.UUID, what any, address string) error {
	raw, err := json.Marshal(what)
	if err != nil {
		return err
	}
	wait, err := s.gate.Ask(ctx, name, purpose, user, raw, network(address), s.rules)
	if err == nil && wait > 0 {
		err = tooMany(wait)
	}
	return err
}

// taken gives back what waited under a name, once.
func (s *Service) taken(ctx context.Context, name, purpose string, user uuid.UUID, what any) error {
	if name == "" || len(name) > 64 {
		return fault.Missing()
	}
	raw, err := s.gate.Asked(ctx, name, purpose, user)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, what)
}

// Answer is what a browser brings back from the provider.
type Answer struct {
	State, Code, Issuer, Error string
	Secret                     string // of its cookie
}

// String hides it.
func (Answer) String() string { return "answer(…)" }

// Arrival is what came of a journey. Of Opened and Ticket at most one is there.
type Arrival struct {
	For    string
	Back   string
	Opened Opened // a session, after ToSignIn; after ToProve the one that was proved, under its new token
	Ticket string // what to bring to the next step: the code of a second factor after ToSignIn, the last word after ToLink
}

// Return takes a browser back from the provider. Whatever does not fit is fault.Unauthenticated, and the journey is over either way: it must be begun again.
func (s *Service) Return(ctx context.Context, a Answer, v Visitor) (Arrival, error) {
	d, err := s.described(ctx, v.Request)
	if err != nil {
		return Arrival{}, err
	}
	var j journey
	if err := s.taken(ctx, a.State, "oidc", uuid.Nil, &j); errors.Is(err, fault.NotFound) {
		return Arrival{}, s.unheard(refusal("state"), v.Request)
	} else if err != nil {
		return Arrival{}, err
	}
	hash := sha256.Sum256([]byte(a.Secret))
	switch {
	case a.Secret == "" || subtle.ConstantTimeCompare(hash[:], j.Browser) != 1:
		return Arrival{}, s.unheard(refusal("other_browser"), v.Request)
	case a.Issuer != s.provider.Issuer && (a.Issuer != "" || d.saysIss): // an answer of another provider's (RFC 9207)
		return Arrival{}, s.unheard(refusal("mix_up"), v.Request)
	case a.Error == "access_denied":
		return Arrival{For: j.For, Back: j.Back}, fault.New(fault.Unauthenticated, "idp_declined")
	case a.Error == "temporarily_unavailable" || a.Error == "server_error":
		return Arrival{For: j.For, Back: j.Back}, s.unheard(errSilent, v.Request)
	case a.Error != "" || a.Code == "" || len(a.Code) > 4096:
		return Arrival{}, s.unheard(refusal("no_code"), v.Request)
	}
	w, err := s.provider.exchange(ctx, d, a.Code, a.State, a.Secret, j.Began, j.For == ToProve)
	if err != nil {
		return Arrival{For: j.For, Back: j.Back}, s.unheard(err, v.Request)
	}
	out := Arrival{For: j.For, Back: j.Back}
	switch j.For {
	case ToLink:
		out.Ticket = random()
		return out, s.keep(ctx, out.Ticket, "oidc_link", j.User, linking{w.subject}, v.Address)
	case ToProve:
		out.Opened, err = s.provedThere(ctx, j, w, v)
		return out, err
	}
	return s.arrive(ctx, out, j, w, v)
}

// refuse puts on the record that a provider's word opened nothing.
func (s *Service) refuse(ctx context.Context, user uuid.UUID, reason, key, request string) error {
	if err := s.gate.RefuseIdentity(ctx, user, reason, request); err != nil {
		return err
	}
	return fault.New(fault.Unauthenticated, key)
}

// waiting is a sign-in that the provider vouched for, and that waits for a second factor of ours.
type waiting struct {
	Vouched  gate.Vouched `json:"vouched"`
	User     uuid.UUID    `json:"user"`
	Username string       `json:"username"`
	Back     string       `json:"back"`
	Tries    int          `json:"tries"`
}

func (s *Service) arrive(ctx context.Context, out Arrival, j journey, w word, v Visitor) (Arrival, error) {
	i, err := s.gate.IdentityOf(ctx, w.subject)
	if errors.Is(err, fault.NotFound) {
		return out, s.refuse(ctx, uuid.Nil, "unlinked", "idp_unlinked", v.Request)
	} else if err != nil {
		return out, err
	}
	vouched := gate.Vouched{Identity: i.ID, Strong: w.strong, At: w.at, Session: w.session}
	from := v.from()
	from.Device = j.Device
	if from.Device == nil { // coming from elsewhere, a browser does not show the cookie of its device: what it showed when it left counts
		v.Device = random()
		from.Device = v.from().Device
	} else {
		v.Device = ""
	}
	out.Opened, err = s.openByProvider(ctx, vouched, gate.Shown{}, v, from)
	if !errors.Is(err, errSecond) {
		return out, err
	}
	out.Ticket = random()
	return out, s.keep(ctx, out.Ticket, "oidc_code", uuid.Nil, waiting{Vouched: vouched, User: i.User, Username: i.Username, Back: j.Back}, v.Address)
}

var errSecond = errors.New("a second factor is missing")

func (s *Service) openByProvider(ctx context.Context, vouched gate.Vouched, shown gate.Shown, v Visitor, from gate.From) (Opened, error) {
	token := random()
	opening, err := s.gate.SignInByProvider(ctx, vouched, shown, HandleOf(token), Hours, from, s.rules)
	if err != nil {
		return Opened{}, err
	}
	switch opening.Outcome {
	case "ok":
	case "second":
		return Opened{}, errSecond
	default:
		return Opened{}, fault.New(fault.Unauthenticated, "idp_unlinked")
	}
	sess, err := s.gate.Whoami(ctx, HandleOf(token))
	return Opened{Token: token, Device: v.Device, Session: sess, Ended: opening.Ended}, err
}

// mostCodes is how many codes may be tried after one visit to the provider. Each of them is counted with every other try at this name, too.
const mostCodes = 5

// OpenWithFactor opens the session that a ticket waits for, by the code of an app, a recovery code, or a key. A ticket is good once: after a wrong code there
// is another one, up to five times. fault.Unauthenticated "idp_again" when the way must be gone from the beginning.
func (s *Service) OpenWithFactor(ctx context.Context, ticket, code string, key []byte, v Visitor) (o Opened, back, next string, err error) {
	over := func() error { return fault.New(fault.Unauthenticated, "idp_again") }
	var w waiting
	if err := s.taken(ctx, ticket, "oidc_code", uuid.Nil, &w); errors.Is(err, fault.NotFound) {
		return Opened{}, "", "", over()
	} else if err != nil {
		return Opened{}, "", "", err
	}
	if v.Device == "" {
		v.Device = random()
	}
	from := v.from()
	shown, err := s.second(ctx, w, code, key, from)
	if err == nil {
		o, err = s.openByProvider(ctx, w.Vouched, shown, v, from)
		if err == nil {
			return o, w.Back, "", nil
		}
	}
	if kind := fault.KindOf(err); kind == fault.Unauthenticated || errors.Is(err, errSecond) {
		if w.Tries++; w.Tries >= mostCodes {
			return Opened{}, w.Back, "", over()
		}
		err = fault.New(fault.Unauthenticated, "idp_code_failed")
	} else if kind != fault.TooMany && kind != fault.Unavailable {
		return Opened{}, w.Back, "", err
	}
	next = random()
	if kept := s.keep(ctx, next, "oidc_code", uuid.Nil, w, v.Address); kept != nil {
		return Opened{}, w.Back, "", kept
	}
	return Opened{}, w.Back, next, err
}

// second judges what she brings beside the provider's word. A code can be guessed, so its try is counted before it is looked at; a key cannot.
func (s *Service) second(ctx context.Context, w waiting, code string, key []byte, from gate.From) (gate.Shown, error) {
	var shown gate.Shown
	if len(key) > 0 {
		got, username, err := s.answered(ctx, key, "sign_in", uuid.Nil)
		if err == nil && (got.Factor == uuid.Nil || username != w.Username) {
			got = gate.Shown{Factor: noFactor}
		}
		return got, err
	}
	if code == "" || len(code) > 64 {
		return shown, errSecond
	}
	a, err := s.gate.Attempt(ctx, w.Username, from, s.rules)
	switch {
	case err != nil:
		return shown, err
	case a.Wait < 0:
		return shown, fault.New(fault.TooMany, "sign_in_stopped")
	case a.Wait > 0:
		return shown, tooMany(a.Wait)
	}
	err = s.addCodeOf(&shown, code, func() ([]gate.Counter, error) { return s.gate.CountersOf(ctx, w.Vouched.Identity, from.Request) })
	return shown, err
}

func (s *Service) provedThere(ctx context.Context, j journey, w word, v Visitor) (Opened, error) {
	i, err := s.gate.IdentityOf(ctx, w.subject)
	if errors.Is(err, fault.NotFound) {
		return Opened{}, s.refuse(ctx, j.User, "unlinked", "idp_other", v.Request)
	} else if err != nil {
		return Opened{}, err
	}
	token := random()
	outcome, err := s.gate.ProveByProvider(ctx, j.Session, gate.Vouched{Identity: i.ID, Strong: w.strong, At: w.at, Session: w.session}, HandleOf(token), s.rules, v.Request)
	if err != nil {
		return Opened{}, err
	}
	switch outcome {
	case "ok":
		sess, err := s.gate.Whoami(ctx, HandleOf(token))
		return Opened{Token: token, Session: sess}, err
	case "second":
		return Opened{}, fault.New(fault.Unauthenticated, "idp_weak")
	case "gone":
		return Opened{}, fault.New(fault.Unauthenticated, "session_ended")
	}
	return Opened{}, fault.New(fault.Unauthenticated, "idp_other")
}

// Linked tells whether a provider may speak for her. It says no where it cannot be known: a page then lacks a button.
func (s *Service) Linked(ctx context.Context, who access.Actor) bool {
	yes, err := s.gate.Linked(ctx, who.Handle)
	return err == nil && yes
}

// linking is a provider's word that waits for her own.
type linking struct {
	Subject []byte `json:"subject"`
}

// Link joins her account with what the provider called her on the way that a ticket stands for. She alone can, signed in and freshly proved: it is one more way to
// prove who she is, and gives no right. fault.Conflict when somebody, or she, is linked already.
func (s *Service) Link(ctx context.Context, who access.Actor, ticket string) error {
	if s.provider == nil {
		return fault.Missing()
	}
	// Asked first, so that a proof that has aged does not use the ticket up.
	if _, err := gate.Do(ctx, s.gate, who, access.SecureAccount, access.Nothing, func(tx *gate.Tx) (int, error) { tx.Because("ask_to_link", nil); return 0, nil }); err != nil {
		return err
	}
	var l linking
	if err := s.taken(ctx, ticket, "oidc_link", who.User, &l); errors.Is(err, fault.NotFound) {
		return fault.New(fault.Conflict, "idp_again_link")
	} else if err != nil {
		return err
	}
	id := uuid.Must(uuid.NewV7())
	mark, err := s.gate.IdentityMark(ctx, id)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(mark)
	_, err = gate.Do(ctx, s.gate, who, access.SecureAccount, access.Nothing, func(tx *gate.Tx) (int, error) {
		tx.Because("link", nil)
		var outcome string
		if err := tx.Get(&outcome, `select auth.link_identity($1, $2, $3, $4)`, id, s.provider.Issuer, l.Subject, sum[:]); err != nil {
			return 0, err
		}
		switch outcome {
		case "ok":
			return 0, nil
		case "another":
			return 0, fault.New(fault.Conflict, "idp_another")
		}
		return 0, fault.New(fault.Conflict, "idp_taken")
	})
	return err
}

// Unlink takes a link of hers away, and ends what it has opened elsewhere; fault.NotFound when it is none of hers.
func (s *Service) Unlink(ctx context.Context, who access.Actor, id uuid.UUID) error {
	_, err := gate.Do(ctx, s.gate, who, access.SecureAccount, access.Nothing, func(tx *gate.Tx) (int, error) {
		tx.Because("unlink", nil)
		var ok bool
		if err := tx.Get(&ok, `select auth.unlink_identity($1)`, id); err != nil {
			return 0, err
		}
		if !ok {
			return 0, fault.Missing()
		}
		return 0, nil
	})
	return err
}

// LeaveProvider is where a browser is sent to leave the provider too, once it has left here; "" when the session had nothing to do with it, or it has no such place.
func (s *Service) LeaveProvider(lang string) string {
	if s.provider == nil {
		return ""
	}
	return s.provider.leaving(lang)
}

// ProviderSays ends sessions because the provider says that somebody has left. fault.Malformed for a token that is not such an order, or was given before.
func (s *Service) ProviderSays(ctx context.Context, raw, request string) (ended int, err error) {
	d, err := s.described(ctx, request)
	if err != nil {
		return 0, err
	}
	bad := func(err error) error {
		if err = s.unheard(err, request); fault.KindOf(err) == fault.Unavailable {
			return err
		}
		return fault.New(fault.Malformed, "idp_order")
	}
	if raw == "" || len(raw) > 16<<10 {
		return 0, bad(refusal("no_order"))
	}
	o, err := s.provider.order(ctx, d, raw)
	if err != nil {
		return 0, bad(err)
	}
	ended, err = s.gate.EndByProvider(ctx, o.id, s.o.Now().Add(remembered), o.subject, o.session, request)
	if err == nil && ended < 0 {
		return 0, bad(refusal("order_again"))
	}
	return ended, err
}
