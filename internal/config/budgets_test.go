package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"binhan/internal/access"
)

func TestBudgetsAreStrictWherePeopleAreRealAndNamedOneByOne(t *testing.T) {
	t.Parallel()
	changed := access.StrictBudgets()
	changed.Cases, changed.Emergencies = 90, 1
	for text, want := range map[string]access.Budgets{"": access.StrictBudgets(), "cases=90, emergencies=1": changed} {
		c := Config{Environment: Production, BudgetSettings: text}
		if got, err := c.Limits(); err != nil || cmp.Diff(want, got) != "" {
			t.Errorf("%q: %+v %v", text, got, err)
		}
	}
	c := Config{Environment: Development}
	if got, err := c.Limits(); err != nil || got != access.GenerousBudgets() {
		t.Errorf("%+v %v", got, err)
	}
	for _, text := range []string{"cases", "cases=0", "cases=-1", "cases=x", "casess=1", "emergency_hours=25", "cases=1,,"} {
		c := Config{Environment: Production, BudgetSettings: text}
		if _, err := c.Limits(); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}
