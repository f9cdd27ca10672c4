// Package access answers one question: which standings let this role do this act to this class of data?
//
// The answer is the policy of policies/policy.csv, a matrix of role, act, class and standing that a lawyer can read line by line. Casbin is
// its source of truth and its referee; at start the lines are compiled into a table that answers in nanoseconds, and a test asks Casbin the
// whole decision space and accepts no difference. Deny by silence: what has no line does not happen.
//
// The policy knows no users and no cases. Who holds which standing on which case is a fact in the table case_standings, found inside the
// transaction by package gate. This package promises pure answers, no IO after New; it leaves facts, refusal and record to the gate.
package access

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
	"github.com/google/uuid"
)

// Actor is who does something: a member of staff in one membership, through one session. Handle is the session's unguessable name
// for the database; it never appears in a log.
type Actor struct {
	User         uuid.UUID
	Username     string
	Name         string
	Role         Role
	Organisation uuid.UUID
	OrgName      string
	OrgType      string
	OrgCommune   string
	Province     string
	Handle       Handle
	Request      Request
}

// Handle is a session's name for the database, derived from the token; whoever has it is the actor. It prints as ***.
type Handle string

// String hides the handle.
func (Handle) String() string { return "***" }

// GoString hides the handle.
func (Handle) GoString() string { return "***" }

// MarshalText hides the handle.
func (Handle) MarshalText() ([]byte, error) { return []byte("***"), nil }

// Request is what the record keeps of the request in which an act is done.
type Request struct {
	ID     string
	Claim  *Claim
	Client string // network address of the device, "" when it is not known
	Device []byte // hash of the device's own secret, nil when it has none
}

// Claim is an Idempotency-Key: the first act of the request that writes takes it, once.
type Claim struct {
	Key   string
	Route string
	Body  [32]byte
	Taken bool
}

// Subject is the thing that an act is done to.
type Subject struct {
	Kind string
	ID   uuid.UUID
}

// On makes a subject.
func On(kind string, id uuid.UUID) Subject { return Subject{kind, id} }

// Nothing is the subject of an act that concerns no existing case.
var Nothing = Subject{}

type key struct {
	role Role
	act  string
}

type row [16]StandingSet // by class bit, as many as a ClassSet holds

// Policy is the compiled matrix.
type Policy struct {
	table map[key]*row
	lines []Line
	judge *casbin.Enforcer
}

// Line is one permission with its reason.
type Line struct {
	Role     Role
	Act      string
	Class    Class
	Standing Standing
	Why      string
}

// New compiles the policy. It refuses an empty policy, an unknown word, a line without a reason and a line that stands twice.
func New(modelText, policyText string) (*Policy, error) {
	m, err := model.NewModelFromString(modelText)
	if err != nil {
		return nil, fmt.Errorf("read policy model: %w", err)
	}
	judge, err := casbin.NewEnforcer(m)
	if err != nil {
		return nil, fmt.Errorf("make enforcer: %w", err)
	}
	p := &Policy{table: map[key]*row{}, judge: judge}
	r := csv.NewReader(strings.NewReader(policyText))
	r.Comment, r.TrimLeadingSpace, r.FieldsPerRecord = '#', true, 6
	acts := map[string]bool{}
	for _, a := range Acts {
		acts[a.Name] = true
	}
	roles := map[Role]bool{}
	for _, k := range Roles {
		roles[k] = true
	}
	for {
		f, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read policy: %w", err)
		}
		l := Line{Role(f[1]), f[2], Class(f[3]), Standing(f[4]), f[5]}
		if f[0] != "p" || !roles[l.Role] || !acts[l.Act] || classBit(l.Class) == 0 || standingBit(l.Standing) == 0 || strings.TrimSpace(l.Why) == "" {
			return nil, fmt.Errorf("policy line %v: unknown word or no reason", f)
		}
		added, err := judge.AddPolicy(string(l.Role), l.Act, string(l.Class), string(l.Standing), l.Why)
		if err != nil || !added || p.Sufficient(l.Role, l.Act, l.Class).Has(l.Standing) {
			return nil, fmt.Errorf("policy line %v stands twice: %w", f, err)
		}
		k := key{l.Role, l.Act}
		if p.table[k] == nil {
			p.table[k] = &row{}
		}
		for i, c := range Classes {
			if c == l.Class {
				p.table[k][i] |= standingBit(l.Standing)
			}
		}
		p.lines = append(p.lines, l)
	}
	if len(p.lines) == 0 {
		return nil, errors.New("the policy is empty")
	}
	return p, nil
}

// Lines lists the policy.
func (p *Policy) Lines() []Line { return p.lines }

// Sufficient names the standings each of which lets the role do the act to the class.
func (p *Policy) Sufficient(r Role, act string, c Class) StandingSet {
	t := p.table[key{r, act}]
	if t == nil {
		return 0
	}
	for i, k := range Classes {
		if k == c {
			return t[i]
		}
	}
	return 0
}

// Any names the standings that let the role do the act to at least one class.
func (p *Policy) Any(r Role, act string) StandingSet {
	t := p.table[key{r, act}]
	if t == nil {
		return 0
	}
	var s StandingSet
	for _, x := range t {
		s |= x
	}
	return s
}

// Opens names the classes that the role may touch by the act with the standings she holds.
func (p *Policy) Opens(r Role, act string, held StandingSet) ClassSet {
	t := p.table[key{r, act}]
	if t == nil {
		return 0
	}
	var cs ClassSet
	for i, x := range t {
		if x&held != 0 {
			cs |= 1 << i
		}
	}
	return cs
}

// May names the acts of a role, for menus.
func (p *Policy) May(r Role) []string {
	var names []string
	for _, a := range Acts {
		if p.Any(r, a.Name) != 0 {
			names = append(names, a.Name)
		}
	}
	return names
}

// Referee asks Casbin itself. It is slow and meant for the test that holds the table to it, and for the spot checks at start.
func (p *Policy) Referee(r Role, act string, c Class, s Standing) (bool, error) {
	return p.judge.Enforce(string(r), act, string(c), string(s))
}

// SpotCheck asks Casbin every line and as many silent cells, and tells of the first difference. Called at start.
func (p *Policy) SpotCheck() error {
	for i, l := range p.lines {
		if i%7 == 0 { // the whole space is a test's work; at start a sample is enough to see a damaged table
			other := Standings[(i+1)%len(Standings)]
			for _, s := range []Standing{l.Standing, other} {
				want, err := p.Referee(l.Role, l.Act, l.Class, s)
				if err != nil {
					return err
				}
				if got := p.Sufficient(l.Role, l.Act, l.Class).Has(s); got != want {
					return fmt.Errorf("policy table and Casbin differ on %s %s %s %s", l.Role, l.Act, l.Class, s)
				}
			}
		}
	}
	return nil
}
