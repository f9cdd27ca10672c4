package signin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/gate"
)

// Other people's accounts. An administrator proposes and never grants; somebody who answers for the organisation grants, another administrator only where
// nobody does; nobody decides about herself. An administrator starts a reset and never chooses a password; rights rest until a second person has
// confirmed who sits there. So no one person, administrator or not, can make herself or anybody a reader of cases.

// SetupHours is how long a code lasts with which somebody sets her own password.
const SetupHours = 24

// Person is an account as whoever answers for it sees it.
type Person struct {
	ID         uuid.UUID  `json:"id" db:"id"`
	Username   string     `json:"username" db:"username"`
	Name       string     `json:"name" db:"name"`
	OrgName    string     `json:"organisation_name" db:"org_name"`
	Org        uuid.UUID  `json:"organisation" db:"organisation"`
	Role       string     `json:"role" db:"role"`
	Supervisor *string    `json:"supervisor,omitempty" db:"supervisor"`
	Closed     bool       `json:"closed" db:"closed"`
	Frozen     bool       `json:"resting" db:"frozen"`
	Waits      bool       `json:"waits_for_code" db:"waits_for_code"`
	CodeUsed   bool       `json:"code_used" db:"code_used"`
	Stopped    bool       `json:"stopped" db:"stopped"` // too many wrong tries in a row
	SignedIn   *time.Time `json:"signed_in_at,omitempty" db:"signed_in_at"`
	Factors    int        `json:"factors" db:"factors"`
	MayConfirm bool       `json:"may_confirm" db:"may_confirm"`
	MayRelease bool       `json:"may_release" db:"may_release"`
	Me         bool       `json:"me" db:"me"`
}

// Proposal is what waits for the second person.
type Proposal struct {
	ID         uuid.UUID     `json:"id" db:"id"`
	Kind       string        `json:"kind" db:"kind"` // create, close, role
	User       uuid.NullUUID `json:"user" db:"user_id"`
	Username   string        `json:"username" db:"username"`
	Name       string        `json:"name" db:"name"`
	OrgName    string        `json:"organisation_name" db:"org_name"`
	Role       *string       `json:"role,omitempty" db:"role"`
	Supervisor *string       `json:"supervisor,omitempty" db:"supervisor"`
	By         string        `json:"proposed_by" db:"proposed_by"`
	At         time.Time     `json:"proposed_at" db:"proposed_at"`
	MayDecide  bool          `json:"may_decide" db:"may_decide"`
	Mine       bool          `json:"mine" db:"mine"`
}

// Staff is the list of people and of what waits.
type Staff struct {
	People  []Person   `json:"people"`
	Pending []Proposal `json:"pending"`
}

// People lists the accounts that she answers for, and the proposals about them.
func (s *Service) People(ctx context.Context, who access.Actor) (Staff, error) {
	return gate.Do(ctx, s.gate, who, access.ListPeople, access.Nothing, func(tx *gate.Tx) (Staff, error) {
		v := Staff{People: []Person{}, Pending: []Proposal{}}
		if err := tx.Select(&v.People, `select id, username, name, org_name, organisation, role, supervisor, closed, frozen, waits_for_code, code_used, stopped, signed_in_at, factors,
			may_confirm, may_release, me from auth.people(null)`); err != nil {
			return v, err
		}
		return v, tx.Select(&v.Pending, `select id, kind, user_id, username, name, org_name, role, supervisor, proposed_by, proposed_at, may_decide, mine from auth.pending()`)
	})
}

// ProposeCommand is a proposal. For a new account everything but User; to close one, User; for another role, User, Role and Supervisor.
type ProposeCommand struct {
	Kind         string    `json:"kind"`
	User         uuid.UUID `json:"user"`
	Username     string    `json:"username"`
	Name         string    `json:"name"`
	Organisation uuid.UUID `json:"organisation"`
	Role         string    `json:"role"`
	Supervisor   uuid.UUID `json:"supervisor"`
}

var usernameForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9._-]{1,38})[a-z0-9]$`)

func (c ProposeCommand) check() error {
	var ps fault.Problems
	switch c.Kind {
	case "create":
		if !usernameForm.MatchString(c.Username) {
			ps.Add("/username", "username_form")
		}
		checkName("/name", c.Name, &ps)
		if c.Organisation == uuid.Nil {
			ps.Add("/organisation", "required")
		}
	case "close", "role":
		if c.User == uuid.Nil {
			ps.Add("/user", "required")
		}
	default:
		ps.Add("/kind", "not_in_list")
	}
	if c.Kind == "create" || c.Kind == "role" {
		known := false
		for _, r := range access.Roles {
			known = known || string(r) == c.Role
		}
		if !known {
			ps.Add("/role", "not_in_list")
		}
	}
	return ps.Err()
}

// Propose puts a change of an account before the second person. Only an administrator may; about herself she may not.
func (s *Service) Propose(ctx context.Context, who access.Actor, c ProposeCommand) (uuid.UUID, error) {
	if err := c.check(); err != nil {
		return uuid.Nil, err
	}
	return gate.Do(ctx, s.gate, who, access.ProposePerson, access.Nothing, func(tx *gate.Tx) (uuid.UUID, error) {
		tx.Because("propose_"+c.Kind, nil)
		id := uuid.Must(uuid.NewV7())
		var outcome string
		if err := tx.Get(&outcome, `select auth.propose($1, $2, $3, $4, $5, $6, $7, $8)`, id, c.Kind, orNull(c.User), textOrNull(c.Username), textOrNull(c.Name), orNull(c.Organisation),
			textOrNull(c.Role), orNull(c.Supervisor)); err != nil {
			return uuid.Nil, err
		}
		switch outcome {
		case "username_taken":
			return uuid.Nil, fault.Bad(fault.Problem{Pointer: "/username", Key: "username_taken"})
		case "no_such_supervisor":
			return uuid.Nil, fault.Bad(fault.Problem{Pointer: "/supervisor", Key: "no_such_supervisor"})
		case "proposed_already":
			return uuid.Nil, fault.New(fault.Conflict, "proposed_already")
		}
		return id, nil
	})
}

// Decide grants or refuses a proposal. For a new account it answers the code with which its holder sets her password: whoever grants hands it over.
func (s *Service) Decide(ctx context.Context, who access.Actor, id uuid.UUID, grant bool) (code string, err error) {
	fresh := setupCode()
	return gate.Do(ctx, s.gate, who, access.DecidePerson, access.Nothing, func(tx *gate.Tx) (string, error) {
		tx.Because(map[bool]string{true: "grant", false: "refuse"}[grant], nil)
		var kind string
		if err := tx.Get(&kind, `select kind from auth.pending() where id = $1`, id); err != nil {
			return "", err
		}
		var outcome string
		if err := tx.Get(&outcome, `select auth.decide($1, $2, $3, $4)`, id, grant, hashed(fresh), SetupHours); err != nil {
			return "", err
		}
		if outcome == "username_taken" {
			return "", fault.New(fault.Conflict, "username_taken_meanwhile")
		}
		if kind == "create" && grant {
			return fresh, nil
		}
		return "", nil
	})
}

// Reset starts a reset and answers the code of one use.
func (s *Service) Reset(ctx context.Context, who access.Actor, user uuid.UUID) (code string, err error) {
	fresh := setupCode()
	return gate.Do(ctx, s.gate, who, access.ResetPerson, access.Nothing, func(tx *gate.Tx) (string, error) {
		tx.Because("reset", nil)
		_, err := tx.Exec(`select auth.start_reset($1, $2, $3)`, user, hashed(fresh), SetupHours)
		return fresh, err
	})
}

// Confirm says that it is she, after a reset; her rights are hers again with her next request.
func (s *Service) Confirm(ctx context.Context, who access.Actor, user uuid.UUID) error {
	_, err := gate.Do(ctx, s.gate, who, access.ConfirmPerson, access.Nothing, func(tx *gate.Tx) (int, error) {
		tx.Because("confirm", nil)
		_, err := tx.Exec(`select auth.confirm_person($1)`, user)
		return 0, err
	})
	return err
}

// Release opens an account again that had too many wrong tries.
func (s *Service) Release(ctx context.Context, who access.Actor, user uuid.UUID) error {
	_, err := gate.Do(ctx, s.gate, who, access.ReleasePerson, access.Nothing, func(tx *gate.Tx) (int, error) {
		tx.Because("release", nil)
		_, err := tx.Exec(`select auth.release($1)`, user)
		return 0, err
	})
	return err
}

// SetUp sets a password with a code of one use. A wrong name and a wrong code are the same fault.Unauthenticated, at the rate of signing in.
func (s *Service) SetUp(ctx context.Context, username, code, password string, v Visitor) error {
	var ps fault.Problems
	CheckPassword("/password", password, []string{username}, &ps)
	if err := ps.Err(); err != nil {
		return err
	}
	if username == "" || len(username) > 64 || len(code) > 64 {
		return fault.New(fault.Unauthenticated, "setup_failed")
	}
	username = asked(username)
	a, err := s.gate.Attempt(ctx, username, v.from(), s.rules)
	switch {
	case err != nil:
		return err
	case a.Wait < 0:
		return fault.New(fault.TooMany, "sign_in_stopped")
	case a.Wait > 0:
		return tooMany(a.Wait)
	}
	fresh, err := s.newVerifier(ctx, password) // the same work for a wrong code
	if err != nil {
		return err
	}
	ok, err := s.gate.SetUp(ctx, username, []byte(plainCode(code)), fresh, v.Request)
	if err == nil && !ok {
		err = fault.New(fault.Unauthenticated, "setup_failed")
	}
	return err
}

// NewSetupCode makes a code of one use and what the database keeps of it, for the operator's first administrators.
func NewSetupCode() (code string, hash []byte) {
	code = setupCode()
	return code, hashed(code)
}

// hashed is what the database keeps of a code.
func hashed(code string) []byte {
	sum := sha256.Sum256([]byte(plainCode(code)))
	return sum[:]
}

// setupCode is 80 random bits in groups of four letters, for a day.
func setupCode() string {
	raw := make([]byte, recoverySize)
	_, _ = rand.Read(raw)
	var b strings.Builder
	for i, x := range raw {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(keyLetter[int(x)%len(keyLetter)])
	}
	return b.String()
}

func plainCode(typed string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, typed)
}

func orNull(id uuid.UUID) any {
	if id == uuid.Nil {
		return nil
	}
	return id
}

func textOrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
