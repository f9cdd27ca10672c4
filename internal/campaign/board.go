package campaign

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/calendar"
	"binhan/internal/fault"
	"binhan/internal/gate"
)

// Standing is a unit on the board: where its report stands, and what it asks of the department.
type Standing struct {
	Unit         Unit       `json:"unit"`
	State        UnitState  `json:"state"`
	Version      int        `json:"version"`
	Late         bool       `json:"late"` // nothing counts and the day has passed, or what counts came after it
	Missing      bool       `json:"missing"`
	Todo         string     `json:"todo"` // remind, wait, write, ready or done: what to do next
	Submissions  int        `json:"submissions"`
	SubmittedAt  *time.Time `json:"submitted_at"`
	UpdatedAt    *time.Time `json:"updated_at"`
	RemindedAt   *time.Time `json:"reminded_at"`
	MayRemind    bool       `json:"may_remind"` // somebody can be told, and nobody was today
	Supplemented bool       `json:"supplemented"`
}

// Board is every unit of a year, those first that need something done.
type Board struct {
	Year     int        `json:"year"`
	Clock    Clock      `json:"clock"`
	Items    []Standing `json:"items"`
	Reported int        `json:"reported"`
	Missing  int        `json:"missing"`
	Late     int        `json:"late"`
}

type standingRow struct {
	unitRow
	State     string     `db:"state"`
	Version   int        `db:"version"`
	Updated   *time.Time `db:"updated_at"`
	N         int        `db:"n"`
	At        *time.Time `db:"submitted_at"`
	CameLate  *bool      `db:"came_late"`
	Kind      *string    `db:"sub_kind"`
	Reminded  *time.Time `db:"reminded_at"`
	TodayDone bool       `db:"today_done"`
}

// Units gives the board of a year. A reporter sees her own unit on it and nobody else's.
func (s *Service) Units(ctx context.Context, who access.Actor, year int) (Board, error) {
	return gate.Do(ctx, s.gate, who, access.ReadCampaign, access.Nothing, func(tx *gate.Tx) (Board, error) {
		of, err := edition(tx, year)
		if err != nil {
			return Board{}, err
		}
		return board(tx, of)
	})
}

func board(tx *gate.Tx, of Campaign) (Board, error) {
	var rows []standingRow
	err := tx.Select(&rows, `select u.id, u.year, u.code, u.name, u.kind, u.level, u.area, u.organisation_id, u.position, u.removed_at,
		       r.state, r.version, case when r.state <> 'EMPTY' then r.updated_at end as updated_at,
		       (select count(*) from campaign.submissions s where s.unit_id = u.id) as n,
		       l.at as submitted_at, l.late as came_late, l.kind as sub_kind,
		       (select max(m.at) from campaign.reminders m where m.unit_id = u.id) as reminded_at,
		       exists (select 1 from campaign.reminders m where m.unit_id = u.id and m.on_day = $2::date) as today_done
		  from campaign.units u join campaign.reports r on r.unit_id = u.id
		  left join lateral (select s.at, s.late, s.kind from campaign.submissions s
		                      where s.unit_id = u.id and not exists (select 1 from campaign.moves m where m.submission_id = s.id and m.move = 'return')
		                      order by s.number desc limit 1) l on true
		 where u.year = $1 and u.removed_at is null
		 order by u.position, u.code limit 1000`, of.Year, today(tx.Now))
	if err != nil {
		return Board{}, err
	}
	b := Board{Year: of.Year, Clock: of.Clock, Items: []Standing{}}
	for _, r := range rows {
		x := Standing{Unit: r.unit(), State: UnitState(r.State), Version: r.Version, Submissions: r.N, SubmittedAt: r.At, UpdatedAt: r.Updated, RemindedAt: r.Reminded}
		x.Missing = !x.State.Counted()
		x.Late = x.Missing && of.Clock.Late || r.CameLate != nil && *r.CameLate
		x.Supplemented = r.Kind != nil && *r.Kind == "SUPPLEMENT"
		x.MayRemind = x.State.Open() && x.Unit.Organisation != nil && !r.TodayDone && tx.Who.Role == access.StatOfficer
		switch {
		case x.Missing && x.Unit.Organisation == nil:
			x.Todo = "write" // the department types what comes on paper
		case x.Missing && x.MayRemind:
			x.Todo = "remind"
		case x.Missing || x.State == Supplementing:
			x.Todo = "wait"
		default:
			x.Todo = "done"
		}
		if x.Missing {
			b.Missing++
			if x.Late {
				b.Late++
			}
		} else {
			b.Reported++
		}
		b.Items = append(b.Items, x)
	}
	slices.SortStableFunc(b.Items, func(x, y Standing) int { return cmp.Compare(rank(x), rank(y)) })
	tx.Opened(access.Campaign)
	return b, nil
}

// rank puts first what needs doing: nothing written and late, sent back, in work, handed in.
func rank(x Standing) int {
	order := map[UnitState]int{Empty: 0, Returned: 1, Drafted: 2, Supplementing: 3, Submitted: 4, Supplemented: 5}
	n := order[x.State]
	if x.Missing && x.Late {
		n -= 10
	}
	return n
}

// Reminder is that a unit was reminded.
type Reminder struct {
	Unit Unit      `json:"unit"`
	At   time.Time `json:"at"`
	Told int       `json:"told"` // how many reporters got a notice; 0 when the unit has no account
}

// Remind tells the reporters of a unit that its report is awaited, in the application and without a word of content; once a day at most.
func (s *Service) Remind(ctx context.Context, who access.Actor, year int, unit string) (Reminder, error) {
	return gate.Do(ctx, s.gate, who, access.RemindUnit, access.Nothing, func(tx *gate.Tx) (Reminder, error) {
		u, err := unitOf(tx, year, unit)
		if err != nil {
			return Reminder{}, err
		}
		return remind(tx, u)
	})
}

func remind(tx *gate.Tx, u Unit) (Reminder, error) {
	var state string
	if err := tx.Get(&state, `select state from campaign.reports where unit_id = $1`, u.ID); err != nil {
		return Reminder{}, err
	}
	if !UnitState(state).Open() || u.Removed {
		return Reminder{}, fault.New(fault.Conflict, "campaign_reported_already")
	}
	if u.Organisation == nil {
		return Reminder{}, fault.New(fault.Conflict, "campaign_nobody_to_remind")
	}
	var told int
	err := tx.Get(&told, `select campaign.remind($1, $2)`, uuid.Must(uuid.NewV7()), u.ID)
	if gate.ConstraintOf(err) == "unit_is_reminded_once_a_day" {
		return Reminder{}, fault.New(fault.Conflict, "campaign_reminded_today")
	}
	if err != nil {
		return Reminder{}, err
	}
	tx.Opened(access.Campaign)
	return Reminder{Unit: u, At: tx.Now, Told: told}, nil
}

// RemindAll reminds every unit of a year that can be reminded today, and gives those that were.
func (s *Service) RemindAll(ctx context.Context, who access.Actor, year int) ([]Reminder, error) {
	return gate.Do(ctx, s.gate, who, access.RemindUnit, access.Nothing, func(tx *gate.Tx) ([]Reminder, error) {
		of, err := edition(tx, year)
		if err != nil {
			return nil, err
		}
		b, err := board(tx, of)
		if err != nil {
			return nil, err
		}
		out := []Reminder{}
		for _, x := range b.Items {
			if !x.MayRemind || !x.Missing {
				continue
			}
			m, err := remind(tx, x.Unit)
			if err != nil {
				return nil, err
			}
			out = append(out, m)
		}
		return out, nil
	})
}

// Deadline is a day by which something of a campaign is due from this reader.
type Deadline struct {
	Year  int    `json:"year"`
	What  string `json:"what"` // unit or department
	Clock Clock  `json:"clock"`
	Href  string `json:"href"` // the page where it is done
	Unit  *Unit  `json:"unit,omitempty"`
	State string `json:"state"`
}

// Deadlines are those of the campaigns of this year and the last that are not met: her unit's report, or the department's.
func (s *Service) Deadlines(ctx context.Context, who access.Actor) ([]Deadline, error) {
	return gate.Do(ctx, s.gate, who, access.ReadCampaign, access.Nothing, func(tx *gate.Tx) ([]Deadline, error) {
		out := []Deadline{}
		if tx.Who.Role != access.UnitReporter { // a version that waits is somebody's to do, whatever its year
			var waiting []struct {
				Year   int    `db:"year"`
				Number int    `db:"number"`
				State  string `db:"state"`
			}
			if err := tx.Select(&waiting, `select year, number, state from campaign.versions where state in ('PREPARED', 'APPROVED') order by year desc limit 20`); err != nil {
				return nil, err
			}
			for _, v := range waiting {
				of, err := edition(tx, v.Year)
				if err != nil {
					return nil, err
				}
				out = append(out, Deadline{Year: v.Year, What: "department", Clock: clock(of.DepartmentDueOn, tx.Now), Href: Path(v.Year) + "/bao-cao/" + strconv.Itoa(v.Number), State: v.State})
			}
		}
		now := tx.Now.In(calendar.Zone)
		for year := now.Year(); year >= now.Year()-1; year-- {
			of, err := edition(tx, year)
			if fault.KindOf(err) == fault.NotFound {
				continue
			}
			if err != nil {
				return nil, err
			}
			tx.Opened(access.Campaign)
			if tx.Who.Role != access.UnitReporter {
				var done []int
				if err := tx.Select(&done, `select number from campaign.versions where year = $1 and state in ('PREPARED', 'APPROVED', 'PUBLISHED') limit 1`, year); err != nil {
					return nil, err
				}
				if len(done) == 0 {
					out = append(out, Deadline{Year: year, What: "department", Clock: clock(of.DepartmentDueOn, tx.Now), Href: Path(year), State: "NONE"})
				}
				continue
			}
			b, err := board(tx, of)
			if err != nil {
				return nil, err
			}
			for _, x := range b.Items {
				if x.State.Open() {
					out = append(out, Deadline{Year: year, What: "unit", Clock: of.Clock, Href: UnitPath(year, x.Unit), Unit: &x.Unit, State: string(x.State)})
				}
			}
		}
		return out, nil
	})
}
