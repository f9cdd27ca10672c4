package access_test

import (
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"

	"binhan/internal/access"
	"binhan/policies"
)

func compiled(t *testing.T) *access.Policy {
	t.Helper()
	p, err := access.New(policies.Model, policies.Policy)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// ofRole is the policy of one role alone. The matcher asks for equality, so lines of other roles answer nothing; Casbin walks every line for every question, and
// would need minutes for the whole space with all of them. TestTheWholePolicyAnswersAsItsPartsDo asks the whole policy, at random.
func ofRole(t *testing.T, r access.Role) *access.Policy {
	t.Helper()
	var lines []string
	for line := range strings.Lines(policies.Policy) {
		if strings.HasPrefix(line, "p, "+string(r)+",") {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return nil
	}
	p, err := access.New(policies.Model, strings.Join(lines, ""))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTableAgreesWithCasbinOnTheWholeDecisionSpace(t *testing.T) {
	t.Parallel()
	p := compiled(t)
	var asked, allowed atomic.Int64
	t.Run("roles", func(t *testing.T) {
		for _, r := range access.Roles {
			t.Run(string(r), func(t *testing.T) {
				t.Parallel()
				judge := ofRole(t, r)
				for _, a := range access.Acts {
					for _, c := range access.Classes {
						for _, s := range access.Standings {
							want := false
							if judge != nil {
								var err error
								if want, err = judge.Referee(r, a.Name, c, s); err != nil {
									t.Fatal(err)
								}
							}
							if got := p.Sufficient(r, a.Name, c).Has(s); got != want {
								t.Fatalf("%s %s %s %s: table %v, Casbin %v", r, a, c, s, got, want)
							}
							if got := p.Opens(r, a.Name, access.StandingsOf(s)).Has(c); got != want {
								t.Fatalf("%s %s %s %s: opens %v, Casbin %v", r, a, c, s, got, want)
							}
							asked.Add(1)
							if want {
								allowed.Add(1)
							}
						}
					}
				}
			})
		}
	})
	if int(allowed.Load()) != len(p.Lines()) || int(asked.Load()) != len(access.Roles)*len(access.Acts)*len(access.Classes)*len(access.Standings) {
		t.Errorf("asked %d, allowed %d, lines %d", asked.Load(), allowed.Load(), len(p.Lines()))
	}
	if err := p.SpotCheck(); err != nil {
		t.Error(err)
	}
}

func TestTheWholePolicyAnswersAsItsPartsDo(t *testing.T) {
	t.Parallel()
	p := compiled(t)
	draw := rand.New(rand.NewPCG(1, 2))
	for range 1500 {
		r, a := access.Roles[draw.IntN(len(access.Roles))], access.Acts[draw.IntN(len(access.Acts))]
		c, s := access.Classes[draw.IntN(len(access.Classes))], access.Standings[draw.IntN(len(access.Standings))]
		want, err := p.Referee(r, a.Name, c, s)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Sufficient(r, a.Name, c).Has(s); got != want {
			t.Fatalf("%s %s %s %s: table %v, Casbin %v", r, a, c, s, got, want)
		}
	}
	for _, l := range p.Lines() {
		if may, err := p.Referee(l.Role, l.Act, l.Class, l.Standing); err != nil || !may {
			t.Fatalf("%v: %v %v", l, may, err)
		}
	}
}

func TestEveryActHasAPolicyLine(t *testing.T) {
	t.Parallel()
	p := compiled(t)
	for _, a := range access.Acts {
		var any access.StandingSet
		for _, r := range access.Roles {
			any |= p.Any(r, a.Name)
		}
		if any == 0 {
			t.Errorf("act %s: nobody may", a)
		}
		if a.On != "" && any.Has(access.None) {
			t.Errorf("act %s on a %s needs a standing, yet the policy asks none", a, a.On)
		}
	}
}

func TestRefusesABrokenPolicy(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty":            "# nothing\n",
		"unknown role":     `p, GUARD, case.read, record, assigned, "x"`,
		"unknown act":      `p, COUNSELLOR, case.burn, record, assigned, "x"`,
		"unknown class":    `p, COUNSELLOR, case.read, soul, assigned, "x"`,
		"unknown standing": `p, COUNSELLOR, case.read, record, friend, "x"`,
		"no reason":        `p, COUNSELLOR, case.read, record, assigned, ""`,
		"twice":            "p, COUNSELLOR, case.read, record, assigned, \"x\"\np, COUNSELLOR, case.read, record, assigned, \"y\"",
	} {
		if _, err := access.New(policies.Model, text); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestAdministratorAndStatisticianHoldNoCaseAct(t *testing.T) {
	t.Parallel()
	p := compiled(t)
	for _, l := range p.Lines() {
		switch l.Role {
		case access.SysAdmin, access.StatOfficer, access.StatApprover, access.Auditor, access.DPO, access.UnitReporter:
			switch l.Class {
			case access.Directory, access.Facts, access.Statistics, access.Trail, access.Rights, access.Account, access.Campaign:
			case access.Record:
				if l.Role != access.UnitReporter || l.Act != access.ListNotices.Name && l.Act != access.SeeNotice.Name { // a notice holds no content
					t.Errorf("%v", l)
				}
			default:
				t.Errorf("%v", l)
			}
		}
	}
}
