package access

import "time"

// Budget is something that nobody needs often, and that somebody who harvests needs again and again: it is counted for each person, in the database, in
// the transaction of the act.
type Budget string

// The budgets. Recording, importing and working in a case that was opened within the hour cost nothing.
const (
	OpeningCases Budget = "cases"    // different cases opened in an hour
	Searching    Budget = "searches" // searches by name or number in an hour; by code or place they are free
	Exporting    Budget = "exports"  // cases exported or printed in a day
	LookingUp    Budget = "lookups"  // emergencies tried in a day, with a right code or a wrong one
	AskingKnown  Budget = "known"    // questions in a day whether a person is known elsewhere
)

// Window is the time over which a budget is counted.
func (b Budget) Window() time.Duration {
	switch b {
	case OpeningCases, Searching:
		return time.Hour
	}
	return 24 * time.Hour
}

// Budgets are the limits of each budget for one person, and of emergencies.
type Budgets struct {
	Cases, Searches, Exports, Lookups, Known int
	Emergencies                              int           // cases opened by break-glass in 24 hours
	Emergency                                time.Duration // for how long one is open
}

// StrictBudgets hold where real people are: what a hard working day never needs.
func StrictBudgets() Budgets {
	return Budgets{Cases: 60, Searches: 30, Exports: 10, Lookups: 10, Known: 10, Emergencies: 2, Emergency: 4 * time.Hour}
}

// GenerousBudgets are for a developer's machine, where scripts do in a minute what a person does in a month.
func GenerousBudgets() Budgets {
	return Budgets{Cases: 100_000, Searches: 100_000, Exports: 10_000, Lookups: 10_000, Known: 10_000, Emergencies: 1000, Emergency: 4 * time.Hour}
}

// Limit is how often a budget lets somebody.
func (b Budgets) Limit(of Budget) int {
	switch of {
	case OpeningCases:
		return b.Cases
	case Searching:
		return b.Searches
	case Exporting:
		return b.Exports
	case LookingUp:
		return b.Lookups
	case AskingKnown:
		return b.Known
	}
	return 0
}
