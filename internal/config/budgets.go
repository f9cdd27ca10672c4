package config

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"binhan/internal/access"
)

var errBudgets = errors.New("BINHAN_BUDGETS must look like cases=60,searches=30,exports=10,lookups=10,known=10,emergencies=2,emergency_hours=4; each at least 1")

// Limits are the budgets of each person against bulk reading: those of the environment (strict in production, generous in development), changed by BudgetSettings.
func (c *Config) Limits() (access.Budgets, error) {
	b := access.StrictBudgets()
	if c.Environment == Development {
		b = access.GenerousBudgets()
	}
	if c.BudgetSettings == "" {
		return b, nil
	}
	for part := range strings.SplitSeq(c.BudgetSettings, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > 1_000_000 {
			return b, errBudgets
		}
		switch name {
		case "cases":
			b.Cases = n
		case "searches":
			b.Searches = n
		case "exports":
			b.Exports = n
		case "lookups":
			b.Lookups = n
		case "known":
			b.Known = n
		case "emergencies":
			b.Emergencies = n
		case "emergency_hours":
			if n > 24 {
				return b, errBudgets
			}
			b.Emergency = time.Duration(n) * time.Hour
		default:
			return b, errBudgets
		}
	}
	return b, nil
}
