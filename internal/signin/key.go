package signin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/gate"
)

// A security key (passkey) proves two things at once: that she has it, and, by her finger or PIN, that it is she. It answers a question that was made for
// this one ceremony, is kept on our side, is good for five minutes and for one answer, and holds for our host alone. There is no sign-in by key
// after a name was typed: that would tell a stranger which keys an account has. Every key is asked to remember the account instead.

// ceremony is how long a question may wait for its answer.
const ceremony = 5 * time.Minute

// newKeys binds keys to the host of our address.
func newKeys(u *url.URL) (*webauthn.WebAuthn, error) {
	timeout := webauthn.TimeoutConfig{Enforce: true, Timeout: ceremony, TimeoutUVD: ceremony}
	yes := true
	return webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: "Sổ công việc", RPOrigins: []string{u.Scheme + "://" + u.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			RequireResidentKey: &yes, ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired},
		Timeouts: webauthn.TimeoutsConfig{Login: timeout, Registration: timeout},
	})
}

// holder is a person as the ceremonies know her.
type holder struct {
	id       uuid.UUID
	username string
	keys     []webauthn.Credential
}

func (h holder) WebAuthnID() []byte                         { return h.id[:] }
func (h holder) WebAuthnName() string                       { return h.username }
func (h holder) WebAuthnDisplayName() string                { return h.username }
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

func (s *Service) holder(ctx context.Context, who access.Actor) (holder, error) {
	keys, err := s.gate.KeysOf(ctx, who.Handle)
	h := holder{id: who.User, username: who.Username}
	for _, k := range keys {
		h.keys = append(h.keys, credential(k))
	}
	return h, err
}

func credential(k gate.Key) webauthn.Credential {
	c := webauthn.Credential{ID: k.Credential, PublicKey: k.Public, Flags: webauthn.NewCredentialFlags(protocol.AuthenticatorFlags(k.Flags)),
		Authenticator: webauthn.Authenticator{AAGUID: k.AAGUID, SignCount: uint32(k.Count)}}
	for _, t := range k.Transports {
		c.Transport = append(c.Transport, protocol.AuthenticatorTransport(t))
	}
	return c
}

// Question is what a browser hands to a key. Options are those of the WebAuthn API, in its own JSON.
type Question struct {
	Ceremony string          `json:"ceremony"`
	Options  json.RawMessage `json:"options"`
}

// answer is what comes back.
type answer struct {
	Ceremony string          `json:"ceremony"`
	Answer   json.RawMessage `json:"answer"`
}

// ask keeps what a ceremony began with and makes the question.
func (s *Service) ask(ctx context.Context, purpose string, user uuid.UUID, options any, session *webauthn.SessionData, address string) (Question, error) {
	raw, err := json.Marshal(options)
	if err != nil {
		return Question{}, err
	}
	kept, err := json.Marshal(session)
	if err != nil {
		return Question{}, err
	}
	name := random()
	wait, err := s.gate.Ask(ctx, name, purpose, user, kept, network(address), s.rules)
	if err == nil && wait > 0 {
		err = tooMany(wait)
	}
	return Question{Ceremony: name, Options: raw}, err
}

// AskToSignIn begins a sign-in by key. It says nothing about anybody: whoever holds a key shows by it who she is.
func (s *Service) AskToSignIn(ctx context.Context, v Visitor) (Question, error) {
	a, session, err := s.keys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Question{}, err
	}
	return s.ask(ctx, "sign_in", uuid.Nil, a.Response, session, v.Address)
}

// OpenByKey opens a session for whoever holds a key. Known devices and guesses made elsewhere do not matter here: a key cannot be guessed.
func (s *Service) OpenByKey(ctx context.Context, raw []byte, v Visitor) (Opened, error) {
	if v.Kind == Cookie && v.Device == "" {
		v.Device = random()
	}
	shown, username, err := s.answered(ctx, raw, "sign_in", uuid.Nil)
	if err != nil {
		return Opened{}, err
	}
	if shown.Factor == uuid.Nil {
		return Opened{}, fault.New(fault.Unauthenticated, "key_failed")
	}
	o, err := s.open(ctx, username, shown, v, v.from())
	if fault.KindOf(err) == fault.Unauthenticated {
		err = fault.New(fault.Unauthenticated, "key_failed")
	}
	return o, err
}

// AskToProve begins a proof by one of her own keys; fault.NotFound when she has none.
func (s *Service) AskToProve(ctx context.Context, who access.Actor) (Question, error) {
	own, err := s.holder(ctx, who)
	if err != nil {
		return Question{}, err
	}
	if len(own.keys) == 0 {
		return Question{}, fault.Missing()
	}
	a, session, err := s.keys.BeginLogin(own, webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Question{}, err
	}
	return s.ask(ctx, "prove", who.User, a.Response, session, "")
}

// keyShown is what the answer of a key shows within a session; a wrong answer shows a factor that nobody has, so that it is counted like every wrong proof.
func (s *Service) keyShown(ctx context.Context, raw []byte, purpose string, user uuid.UUID) (gate.Shown, error) {
	shown, _, err := s.answered(ctx, raw, purpose, user)
	if err == nil && shown.Factor == uuid.Nil {
		shown.Factor = noFactor
	}
	return shown, err
}

// answered checks a key's answer; Shown is empty for whatever is not a right answer to a question that was asked and is still open.
func (s *Service) answered(ctx context.Context, raw []byte, purpose string, user uuid.UUID) (gate.Shown, string, error) {
	var a answer
	if json.Unmarshal(raw, &a) != nil || a.Ceremony == "" || len(a.Ceremony) > 64 {
		return gate.Shown{}, "", nil
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(a.Answer)
	if err != nil {
		return gate.Shown{}, "", nil
	}
	kept, err := s.gate.Asked(ctx, a.Ceremony, purpose, user)
	if errors.Is(err, fault.NotFound) {
		return gate.Shown{}, "", nil
	} else if err != nil {
		return gate.Shown{}, "", err
	}
	var session webauthn.SessionData
	if err := json.Unmarshal(kept, &session); err != nil {
		return gate.Shown{}, "", err
	}
	k, err := s.gate.KeyOf(ctx, parsed.RawID)
	if errors.Is(err, fault.NotFound) {
		return gate.Shown{}, "", nil
	} else if err != nil {
		return gate.Shown{}, "", err
	}
	h := holder{id: k.User, username: k.Username, keys: []webauthn.Credential{credential(k)}}
	if user == uuid.Nil {
		_, err = s.keys.ValidateDiscoverableLogin(func(_, handle []byte) (webauthn.User, error) {
			if !bytes.Equal(handle, h.WebAuthnID()) {
				return nil, errors.New("the key is another person's")
			}
			return h, nil
		}, session, parsed)
	} else if session.AllowedCredentialIDs = only(session.AllowedCredentialIDs, k.Credential); k.User != user || len(session.AllowedCredentialIDs) == 0 {
		return gate.Shown{}, "", nil
	} else {
		_, err = s.keys.ValidateLogin(h, session, parsed)
	}
	if err != nil {
		return gate.Shown{}, "", nil
	}
	auth := parsed.Response.AuthenticatorData
	return gate.Shown{Factor: k.ID, Count: int64(auth.Counter), Flags: int(auth.Flags)}, k.Username, nil
}

// only keeps of the allowed credentials the one that answered: the others' keys are not read again.
func only(allowed [][]byte, id []byte) [][]byte {
	for _, a := range allowed {
		if bytes.Equal(a, id) {
			return [][]byte{a}
		}
	}
	return nil
}
