package signin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"image"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"
	"github.com/pquerna/otp"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/gate"
)

// Account is what she sees of her own account.
type Account struct {
	Username  string    `json:"username"`
	Name      string    `json:"name"`
	Resting   string    `json:"resting,omitempty"` // why she may see no more than this: reset, second_factor
	Factors   []Factor  `json:"factors"`
	Links     []Link    `json:"identities"`     // to identity providers
	Codes     int       `json:"recovery_codes"` // left
	Sessions  []Session `json:"sessions"`
	Devices   []Device  `json:"devices"`
	NewDevice bool      `json:"new_device"`
	// Card is since when she has told the watch about herself; nil when she has not.
	Card *time.Time `json:"card_given_at,omitempty"`
}

// Factor is a second factor of hers.
type Factor struct {
	ID      uuid.UUID  `json:"id" db:"id"`
	Kind    string     `json:"kind" db:"kind"` // totp or passkey
	Name    string     `json:"name" db:"name"`
	AddedAt time.Time  `json:"added_at" db:"added_at"`
	UsedAt  *time.Time `json:"used_at,omitempty" db:"used_at"`
}

// Link is what lets an identity provider speak for her.
type Link struct {
	ID      uuid.UUID  `json:"id" db:"id"`
	Issuer  string     `json:"issuer" db:"issuer"`
	AddedAt time.Time  `json:"added_at" db:"added_at"`
	UsedAt  *time.Time `json:"used_at,omitempty" db:"used_at"`
}

// Session is one of her sessions.
type Session struct {
	ID      uuid.UUID `json:"id" db:"id"`
	Label   string    `json:"label" db:"label"`
	Kind    string    `json:"kind" db:"kind"`
	Opened  time.Time `json:"opened_at" db:"created_at"`
	Seen    time.Time `json:"seen_at" db:"seen_at"`
	Current bool      `json:"current" db:"current"`
	Fresh   bool      `json:"new_device" db:"fresh"`
}

// Device is a browser on which she signed in.
type Device struct {
	Label   string    `json:"label" db:"label"`
	First   time.Time `json:"first_at" db:"first_at"`
	Last    time.Time `json:"last_at" db:"last_at"`
	Current bool      `json:"current" db:"current"`
	Fresh   bool      `json:"new" db:"fresh"`
}

// Account reads her own account.
func (s *Service) Account(ctx context.Context, who access.Actor) (Account, error) {
	return gate.Do(ctx, s.gate, who, access.ReadAccount, access.Nothing, func(tx *gate.Tx) (Account, error) {
		a := Account{Username: who.Username, Name: who.Name, Factors: []Factor{}, Links: []Link{}, Sessions: []Session{}, Devices: []Device{}}
		err := errors.Join(
			tx.Select(&a.Factors, `select id, kind, name, added_at, used_at from auth.my_factors() where confirmed`),
			tx.Select(&a.Links, `select id, issuer, added_at, used_at from auth.my_identities()`),
			tx.Select(&a.Sessions, `select id, label, kind, created_at, seen_at, current, fresh from auth.my_sessions()`),
			tx.Select(&a.Devices, `select label, first_at, last_at, current, fresh from auth.my_devices()`),
			tx.Get(&a.Codes, `select auth.my_codes()`))
		if err == nil {
			a.Card, err = cardGiven(tx)
		}
		for _, d := range a.Devices {
			a.NewDevice = a.NewDevice || d.Fresh
		}
		return a, err
	})
}

// EndSession ends one of her sessions; fault.NotFound when it is none of hers.
func (s *Service) EndSession(ctx context.Context, who access.Actor, id uuid.UUID) error {
	_, err := gate.Do(ctx, s.gate, who, access.KeepAccount, access.Nothing, func(tx *gate.Tx) (int, error) {
		tx.Because("end_session", nil)
		var n int
		if err := tx.Get(&n, `select auth.end_one_of_mine($1)`, id); err != nil {
			return 0, err
		}
		if n == 0 {
			return 0, fault.Missing()
		}
		return n, nil
	})
	return err
}

// EndOthers ends every session of hers but this one, and forgets her other devices.
func (s *Service) EndOthers(ctx context.Context, who access.Actor) (ended int, err error) {
	return gate.Do(ctx, s.gate, who, access.KeepAccount, access.Nothing, func(tx *gate.Tx) (int, error) {
		tx.Because("end_sessions", nil)
		var n int
		return n, tx.Get(&n, `select auth.end_others_of_mine(true)`)
	})
}

// SawDevices notes that she has looked at the list of her devices.
func (s *Service) SawDevices(ctx context.Context, who access.Actor) error {
	_, err := gate.Do(ctx, s.gate, who, access.KeepAccount, access.Nothing, func(tx *gate.Tx) (int, error) {
		tx.Because("saw_devices", nil)
		tx.Later(`select auth.saw_my_devices()`)
		return 0, nil
	})
	return err
}

// ChangePassword sets a new password and ends her other sessions.
func (s *Service) ChangePassword(ctx context.Context, who access.Actor, pointer, password string) error {
	var ps fault.Problems
	CheckPassword(pointer, password, about(who), &ps)
	if err := ps.Err(); err != nil {
		return err
	}
	v, err := s.newVerifier(ctx, password)
	if err != nil {
		return err
	}
	_, err = gate.Do(ctx, s.gate, who, access.SecureAccount, access.Nothing, func(tx *gate.Tx) (int, error) {
		tx.Because("password", nil)
		tx.Later(`select auth.set_my_password($1, $2, $3)`, v.Salt, v.Hash, v.Argon)
		return 0, nil
	})
	return err
}

func about(who access.Actor) []string { return []string{who.Username, who.Name, who.OrgName} }

// Offer is an app's secret before it was shown to work: to be scanned or typed.
type Offer struct {
	ID     uuid.UUID `json:"id"`
	Secret string    `json:"secret"` // in groups of four letters
	URL    string    `json:"url"`    // otpauth://
	Side   int       `json:"-"`      // of the square, in dots
	Path   string    `json:"-"`      // of its dark dots, for an SVG
}

// String hides the secret.
func (Offer) String() string { return "offer(…)" }

// OfferCode makes the secret of an app that counts. It does not count before ConfirmCode.
func (s *Service) OfferCode(ctx context.Context, who access.Actor, name string) (Offer, error) {
	var ps fault.Problems
	checkName("/name", name, &ps)
	if err := ps.Err(); err != nil {
		return Offer{}, err
	}
	id := uuid.Must(uuid.NewV7())
	mark, err := s.gate.FactorSecret(ctx, id)
	if err != nil {
		return Offer{}, err
	}
	secret := make([]byte, 20)
	_, _ = rand.Read(secret)
	return gate.Do(ctx, s.gate, who, access.SecureAccount, access.Nothing, func(tx *gate.Tx) (Offer, error) {
		tx.Because("offer_code", nil)
		wrapped, sealed, err := tx.SealCounter(id, secret)
		if err != nil {
			return Offer{}, err
		}
		sum := sha256.Sum256(mark)
		if _, err := tx.Exec(`select auth.offer_code($1, $2, $3, $4, $5)`, id, name, wrapped, sealed, sum[:]); err != nil {
			return Offer{}, err
		}
		return offer(who, id, secret)
	})
}

// Offered shows an offer again, while it waits for its first code; fault.NotFound when there is none.
func (s *Service) Offered(ctx context.Context, who access.Actor, id uuid.UUID) (Offer, error) {
	return gate.Do(ctx, s.gate, who, access.ReadAccount, access.Nothing, func(tx *gate.Tx) (Offer, error) {
		secret, err := s.offered(tx, id)
		if err != nil {
			return Offer{}, err
		}
		return offer(who, id, secret)
	})
}

func (s *Service) offered(tx *gate.Tx, id uuid.UUID) ([]byte, error) {
	var row struct {
		Wrapped []byte `db:"wrapped"`
		Sealed  []byte `db:"sealed"`
	}
	if err := tx.Get(&row, `select wrapped, sealed from auth.my_factors() where id = $1 and not confirmed and kind = 'totp'`, id); err != nil {
		return nil, err
	}
	return tx.OpenCounter(id, row.Wrapped, row.Sealed)
}

// ConfirmCode makes an offered app count, by its first code. The first factor brings ten recovery codes, shown this once.
func (s *Service) ConfirmCode(ctx context.Context, who access.Actor, id uuid.UUID, code string) (recovery []string, err error) {
	mark, err := s.gate.FactorSecret(ctx, id)
	if err != nil {
		return nil, err
	}
	return gate.Do(ctx, s.gate, who, access.SecureAccount, access.Nothing, func(tx *gate.Tx) ([]string, error) {
		tx.Because("add_code", nil)
		secret, err := s.offered(tx, id)
		if err != nil {
			return nil, err
		}
		step, ok := fits(secret, code, s.o.Now().Unix()/period)
		if !ok {
			return nil, fault.Bad(fault.Problem{Pointer: "/code", Key: "code_wrong"})
		}
		var confirmed bool
		if err := tx.Get(&confirmed, `select auth.confirm_code($1, $2, $3)`, id, mark, step); err != nil {
			return nil, err
		}
		if !confirmed {
			return nil, fault.Missing()
		}
		return s.firstCodes(tx)
	})
}

// firstCodes makes recovery codes for whoever has none.
func (s *Service) firstCodes(tx *gate.Tx) ([]string, error) {
	var left int
	if err := tx.Get(&left, `select auth.my_codes()`); err != nil || left > 0 {
		return nil, err
	}
	return renew(tx)
}

func renew(tx *gate.Tx) ([]string, error) {
	codes := newRecovery()
	hashes := make([][]byte, len(codes))
	for i, c := range codes {
		hashes[i] = hashed(c)
	}
	_, err := tx.Exec(`select auth.renew_codes($1)`, gate.ByteArrays(hashes))
	return codes, err
}

// RenewCodes makes ten new recovery codes; the old ones are worth nothing any more.
func (s *Service) RenewCodes(ctx context.Context, who access.Actor) ([]string, error) {
	return gate.Do(ctx, s.gate, who, access.SecureAccount, access.Nothing, func(tx *gate.Tx) ([]string, error) {
		tx.Because("recovery_codes", nil)
		return renew(tx)
	})
}

// AskForKey begins to add a key.
func (s *Service) AskForKey(ctx context.Context, who access.Actor) (Question, error) {
	own, err := s.holder(ctx, who)
	if err != nil {
		return Question{}, err
	}
	// Asked here too, so that nobody touches her key only to hear that she must prove first.
	if _, err := gate.Do(ctx, s.gate, who, access.SecureAccount, access.Nothing, func(tx *gate.Tx) (int, error) { tx.Because("ask_for_key", nil); return 0, nil }); err != nil {
		return Question{}, err
	}
	c, session, err := s.keys.BeginRegistration(own, webauthn.WithExclusions(webauthn.Credentials(own.keys).CredentialDescriptors()))
	if err != nil {
		return Question{}, err
	}
	return s.ask(ctx, "register", who.User, c.Response, session, "")
}

// AddKey takes a key that answered. A key that is copied to other machines by its maker's cloud is refused to whoever works with cases, unless the
// agency manages it: the account of that cloud would be the real key, and somebody at home may know it.
func (s *Service) AddKey(ctx context.Context, who access.Actor, name string, raw []byte) (recovery []string, err error) {
	var ps fault.Problems
	checkName("/name", name, &ps)
	if err := ps.Err(); err != nil {
		return nil, err
	}
	bad := fault.Bad(fault.Problem{Pointer: "/key", Key: "key_refused"})
	var a answer
	if json.Unmarshal(raw, &a) != nil || a.Ceremony == "" || len(a.Ceremony) > 64 {
		return nil, bad
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(a.Answer)
	if err != nil {
		return nil, bad
	}
	kept, err := s.gate.Asked(ctx, a.Ceremony, "register", who.User)
	if errors.Is(err, fault.NotFound) {
		return nil, bad
	} else if err != nil {
		return nil, err
	}
	var session webauthn.SessionData
	if err := json.Unmarshal(kept, &session); err != nil {
		return nil, err
	}
	c, err := s.keys.CreateCredential(holder{id: who.User, username: who.Username}, session, parsed)
	if err != nil {
		return nil, bad
	}
	flags := c.Flags.ProtocolValue()
	if flags.HasBackupEligible() && !s.o.Managed && s.casework(who.Role) {
		return nil, fault.Bad(fault.Problem{Pointer: "/key", Key: "key_is_copied"})
	}
	id := uuid.Must(uuid.NewV7())
	mark, err := s.gate.FactorSecret(ctx, id)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(mark)
	var transports []string
	for _, t := range c.Transport {
		transports = append(transports, string(t))
	}
	recovery, err = gate.Do(ctx, s.gate, who, access.SecureAccount, access.Nothing, func(tx *gate.Tx) ([]string, error) {
		tx.Because("add_key", nil)
		if _, err := tx.Exec(`select auth.add_key($1, $2, $3, $4, $5, $6, $7, $8, $9)`, id, name, c.ID, c.PublicKey, int(flags), int64(c.Authenticator.SignCount), c.Authenticator.AAGUID,
			gate.Texts(transports), sum[:]); err != nil {
			return nil, err
		}
		return s.firstCodes(tx)
	})
	if gate.ConstraintOf(err) == "credential_is_unique" {
		return nil, bad
	}
	return recovery, err
}

// casework tells whether a role has any line that opens a case or a referral.
func (s *Service) casework(r access.Role) bool {
	for _, l := range s.gate.Policy().Lines() {
		switch l.Class {
		case access.Record, access.Identity, access.Safety, access.Narrative, access.Evidence, access.Envelope, access.Disclosure:
			if l.Role == r {
				return true
			}
		}
	}
	return false
}

// NameFactor names a factor.
func (s *Service) NameFactor(ctx context.Context, who access.Actor, id uuid.UUID, name string) error {
	var ps fault.Problems
	checkName("/name", name, &ps)
	if err := ps.Err(); err != nil {
		return err
	}
	_, err := gate.Do(ctx, s.gate, who, access.KeepAccount, access.Nothing, func(tx *gate.Tx) (int, error) {
		tx.Because("name_factor", nil)
		var ok bool
		if err := tx.Get(&ok, `select auth.name_factor($1, $2)`, id, name); err != nil {
			return 0, err
		}
		if !ok {
			return 0, fault.Missing()
		}
		return 0, nil
	})
	return err
}

// RemoveFactor takes a factor away, never the last one.
func (s *Service) RemoveFactor(ctx context.Context, who access.Actor, id uuid.UUID) error {
	_, err := gate.Do(ctx, s.gate, who, access.SecureAccount, access.Nothing, func(tx *gate.Tx) (int, error) {
		tx.Because("remove_factor", nil)
		var outcome string
		if err := tx.Get(&outcome, `select auth.remove_factor($1)`, id); err != nil {
			return 0, err
		}
		switch outcome {
		case "ok":
			return 0, nil
		case "last":
			return 0, fault.New(fault.Conflict, "last_factor")
		}
		return 0, fault.Missing()
	})
	return err
}

// checkName takes a short name of one line.
func checkName(pointer, name string, ps *fault.Problems) {
	switch {
	case strings.TrimSpace(name) == "":
		ps.Add(pointer, "required")
	case len([]rune(name)) > 60:
		ps.Add(pointer, "too_long", "most", 60)
	case strings.ContainsFunc(name, func(r rune) bool { return r < 0x20 || r == 0x7f }):
		ps.Add(pointer, "control_character")
	}
}

// offer draws an app's secret: as an address for the app, as letters for whoever types, as the dots of a square.
func offer(who access.Actor, id uuid.UUID, secret []byte) (Offer, error) {
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
	// The neutral name: the list of such an app is seen by whoever looks at the telephone.
	const issuer = "Sổ công việc"
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + who.Username,
		RawQuery: url.Values{"secret": {text}, "issuer": {issuer}, "period": {strconv.Itoa(period)}, "digits": {strconv.Itoa(codeSize)}, "algorithm": {"SHA1"}}.Encode()}
	k, err := otp.NewKeyFromURL(strings.ReplaceAll(u.String(), "+", "%20"))
	if err != nil {
		return Offer{}, err
	}
	picture, err := k.Image(400, 400)
	if err != nil {
		return Offer{}, err
	}
	o := Offer{ID: id, URL: k.URL()}
	for i := 0; i < len(text); i += 4 {
		o.Secret += text[i:min(i+4, len(text))] + " "
	}
	o.Secret = strings.TrimSpace(o.Secret)
	o.Side, o.Path = dots(picture)
	return o, nil
}

// dots turns the picture of a code into the path of its dark squares. The first dark run on the first dark line is the upper edge of a finder, seven dots wide.
func dots(picture image.Image) (side int, path string) {
	b := picture.Bounds()
	dark := func(x, y int) bool {
		r, _, _, _ := picture.At(x, y).RGBA()
		return r < 0x8000
	}
	x0, y0, width := -1, 0, 0
	for y := b.Min.Y; y < b.Max.Y && x0 < 0; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if dark(x, y) {
				x0, y0 = x, y
				for x+width < b.Max.X && dark(x+width, y) {
					width++
				}
				break
			}
		}
	}
	dot := width / 7
	if x0 < 0 || dot < 1 {
		return 0, ""
	}
	var p strings.Builder
	right := x0
	for y := y0; y < b.Max.Y; y += dot {
		for x := x0; x < b.Max.X; x += dot {
			if dark(x+dot/2, y+dot/2) {
				p.WriteString("M" + strconv.Itoa((x-x0)/dot) + " " + strconv.Itoa((y-y0)/dot) + "h1v1h-1z")
				right = max(right, x)
			}
		}
	}
	return (right-x0)/dot + 1, p.String()
}
