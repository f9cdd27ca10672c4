package access_test

import (
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

func TestTableAgreesWithCasbinOnTheWholeDecisionSpace(t *testing.T) {
	t.Parallel()
	p := compiled(t)
	var asked, allowed int
	for _, r := range access.Roles {
		for _, a := range access.Acts {
			for _, c := range access.Classes {
				for _, s := range access.Standings {
					want, err := p.Referee(r, a.Name, c, s)
					if err != nil {
						t.Fatal(err)
					}
					if got := p.Sufficient(r, a.Name, c).Has(s); got != want {
						t.Fatalf("%s %s %s %s: table %v, Casbin %v", r, a, c, s, got, want)
					}
					if got := p.Opens(r, a.Name, access.StandingsOf(s)).Has(c); got != want {
						t.Fatalf("%s %s %s %s: opens %v, Casbin %v", r, a, c, s, got, want)
					}
					asked++
					if want {
						allowed++
					}
				}
			}
		}
	}
	if allowed != len(p.Lines()) || asked != len(access.Roles)*len(access.Acts)*len(access.Classes)*len(access.Standings) {
		t.Errorf("asked %d, allowed %d, lines %d", asked, allowed, len(p.Lines()))
	}
	if err := p.SpotCheck(); err != nil {
		t.Error(err)
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
			case access.Directory, access.Facts, access.Statistics, access.Trail, access.Rights, access.Account:
			default:
				t.Errorf("%v", l)
			}
		}
	}
}
