package keyd

import (
	"slices"
	"sync"
	"time"

	"binhan/internal/seal"
)

// Budgets are how much is opened within a window. New keys have none: making one shows nothing, and an import makes a hundred thousand.
type Budgets struct {
	// Window is the length of time over which keys and marks count. At no moment has an actor got more than the budget within the Window before.
	Window time.Duration `json:"window"`
	// Unwraps are keys opened for one actor. A page of a case costs up to four.
	Unwraps int `json:"unwraps"`
	// AllUnwraps are keys opened for all together: who has taken over the application can name any actor.
	AllUnwraps int `json:"all_unwraps"`
	// Searches by name are for one actor within SearchWindow. A search opens up to 2,000 names in the process and shows none.
	Searches     int           `json:"searches"`
	SearchWindow time.Duration `json:"search_window"`
	// Marks are for all together. They bound how fast a dictionary of phone numbers could be turned into marks.
	Marks int `json:"marks"`
	// Rewraps are stored keys moved to a newer key-encryption key, by operators. They show nothing; the bound is against mistakes.
	Rewraps int `json:"rewraps"`
}

// ProductionBudgets are those of the design: 600 keys in ten minutes for one person. Six hundred looks through names in an hour are more than the thirty
// searches that the application allows her, because recording a case asks up to six times whether somebody is known already.
func ProductionBudgets() Budgets {
	return Budgets{Window: 10 * time.Minute, Unwraps: 600, AllUnwraps: 20_000, Searches: 600, SearchWindow: time.Hour, Marks: 120_000, Rewraps: 6_000_000}
}

// DevelopmentBudgets let tests, demonstrations and benches run.
func DevelopmentBudgets() Budgets {
	return Budgets{Window: 10 * time.Minute, Unwraps: 5_000_000, AllUnwraps: 20_000_000, Searches: 1_000_000, SearchWindow: time.Hour, Marks: 50_000_000, Rewraps: 50_000_000}
}

const (
	kindUnwraps  = "unwraps"
	kindSearches = "searches"
	kindMarks    = "marks"
	kindRewraps  = "rewraps"
	everybody    = "*"
)

// ledgerOf is what one actor spent of one kind.
type spending struct {
	events  []spent // oldest first
	total   int
	stopped time.Time // until then nothing is given
}

type spent struct {
	at time.Time
	n  int
}

type account struct{ kind, actor string }

// purse holds every account. It is exact: each spending is kept until it leaves the window, so the sum over any window is never above the budget.
type purse struct {
	mu       sync.Mutex
	budgets  Budgets
	accounts map[account]*spending
	swept    time.Time
}

func newPurse(b Budgets) *purse { return &purse{budgets: b, accounts: map[account]*spending{}} }

func (p *purse) window(kind string) time.Duration {
	if kind == kindSearches {
		return p.budgets.SearchWindow
	}
	return p.budgets.Window
}

// grain joins spendings that are near to one another when an account holds many, so that an account of a large budget stays small. A joined
// spending counts from the later moment: never too early.
const maxEvents = 4096

func (s *spending) add(at time.Time, n int, window time.Duration) {
	if last := len(s.events) - 1; last >= 0 && len(s.events) >= maxEvents && at.Sub(s.events[last].at) < window/1000 {
		s.events[last] = spent{at, s.events[last].n + n}
	} else {
		s.events = append(s.events, spent{at, n})
	}
	s.total += n
}

func (s *spending) leave(now time.Time, window time.Duration) {
	i := 0
	for i < len(s.events) && now.Sub(s.events[i].at) >= window {
		s.total -= s.events[i].n
		i++
	}
	s.events = s.events[i:]
}

func (p *purse) of(a account) *spending {
	s := p.accounts[a]
	if s == nil {
		s = &spending{}
		p.accounts[a] = s
	}
	return s
}

// spend takes n of kind for actor, and of everybody's where kind is unwraps; all or nothing. stopped names the account that was breached now,
// for the alarm; it is empty when the actor had been stopped before.
func (p *purse) spend(kind, actor string, n int, now time.Time) (stopped account, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sweep(now)
	type claim struct {
		account
		most int
	}
	claims := make([]claim, 0, 2)
	switch kind {
	case kindUnwraps:
		claims = append(claims, claim{account{kind, actor}, p.budgets.Unwraps}, claim{account{kind, everybody}, p.budgets.AllUnwraps})
	case kindSearches:
		claims = append(claims, claim{account{kind, actor}, p.budgets.Searches})
	case kindMarks:
		claims = append(claims, claim{account{kind, everybody}, p.budgets.Marks})
	default:
		claims = append(claims, claim{account{kind, everybody}, p.budgets.Rewraps})
	}
	window := p.window(kind)
	for _, c := range claims {
		s := p.of(c.account)
		s.leave(now, window)
		if now.Before(s.stopped) {
			return account{}, seal.ErrBudget
		}
		if s.total+n > c.most {
			// An actor who asks for too much is sealed for a whole window: otherwise a harvest would go on at the rate at which the window
			// moves. For everybody together that would stop the house for one taken account; there the window alone limits.
			if c.actor != everybody {
				s.stopped = now.Add(window)
			}
			return c.account, seal.ErrBudget
		}
	}
	for _, c := range claims {
		p.of(c.account).add(now, n, window)
	}
	return account{}, nil
}

// remember counts what was spent before the process was started again; read from its log.
func (p *purse) remember(kind, actor string, n int, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	add := func(a account) { p.of(a).add(at, n, p.window(kind)) }
	switch kind {
	case kindUnwraps:
		add(account{kind, actor})
		add(account{kind, everybody})
	case kindSearches:
		add(account{kind, actor})
	default:
		add(account{kind, everybody})
	}
}

// stop seals an actor again after a restart.
func (p *purse) stop(kind, actor string, until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if actor != everybody {
		p.of(account{kind, actor}).stopped = until
	}
}

// release lets an actor go on, with a fresh budget.
func (p *purse) release(actor string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	found := false
	for a := range p.accounts {
		if a.actor == actor {
			delete(p.accounts, a)
			found = true
		}
	}
	return found
}

// stops lists who is sealed for bulk now.
func (p *purse) stops(now time.Time) []Stop {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []Stop
	for a, s := range p.accounts {
		if now.Before(s.stopped) {
			list = append(list, Stop{Actor: a.actor, Kind: a.kind, Until: s.stopped})
		}
	}
	slices.SortFunc(list, func(a, b Stop) int { return a.Until.Compare(b.Until) })
	return list
}

// sweep forgets accounts that have nothing in the window, so that made-up actors do not fill the memory.
func (p *purse) sweep(now time.Time) {
	if now.Sub(p.swept) < time.Minute && len(p.accounts) < 100_000 {
		return
	}
	p.swept = now
	for a, s := range p.accounts {
		s.leave(now, p.window(a.kind))
		if s.total == 0 && !now.Before(s.stopped) {
			delete(p.accounts, a)
		}
	}
}
