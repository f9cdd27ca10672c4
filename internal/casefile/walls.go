package casefile

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/gate"
	"binhan/internal/survivor"
)

// WallCommand keeps a member of staff away from a case: kin, a neighbour, a colleague of somebody involved (list wall_reason).
type WallCommand struct {
	Username string `json:"username"`
	Why      string `json:"why"`
}

// Wall stands between one person and one case, whatever standing she or her organisation has. She sees neither the case nor the wall.
type Wall struct {
	ID    uuid.UUID `json:"id"`
	Who   Staff     `json:"who"`
	Why   string    `json:"why"`
	SetBy Staff     `json:"set_by"`
	SetAt time.Time `json:"set_at"`
	Case  uuid.UUID `json:"-"`
}

// Location is where the walls of the case can be read again.
func (w Wall) Location() string { return "/api/v1/cases/" + w.Case.String() + "/walls" }

func (c WallCommand) check(at string, ps *fault.Problems) {
	if strings.TrimSpace(c.Username) == "" {
		ps.Add(at+"/username", "required")
	}
	survivor.Short(at+"/username", c.Username, 100, ps)
	survivor.NeedCode(at+"/why", codelist.WallReason, c.Why, ps)
}

// Walls lists who is kept away from a case, for its holder and supervisor.
func (s *Service) Walls(ctx context.Context, who access.Actor, id uuid.UUID) ([]Wall, error) {
	return gate.Do(ctx, s.gate, who, access.SeeWalls, access.On("case", id), func(tx *gate.Tx) ([]Wall, error) {
		return walls(tx, id)
	})
}

func walls(tx *gate.Tx, id uuid.UUID) ([]Wall, error) {
	tx.Opened(access.Record)
	var rows []struct {
		ID       uuid.UUID `db:"id"`
		User     uuid.UUID `db:"user_id"`
		Username string    `db:"username"`
		Name     string    `db:"name"`
		Why      string    `db:"why"`
		By       uuid.UUID `db:"set_by"`
		ByUser   string    `db:"by_username"`
		ByName   string    `db:"by_name"`
		At       time.Time `db:"set_at"`
	}
	err := tx.Select(&rows, `select w.id, w.user_id, u.username, u.name, w.why, w.set_by, b.username as by_username, b.name as by_name, w.set_at
		  from case_walls w
		 cross join lateral auth.staff(array[w.user_id]) u
		 cross join lateral auth.staff(array[w.set_by]) b
		 where w.case_id = $1 and w.lifted_at is null
		 order by w.set_at, w.id`, id)
	if err != nil {
		return nil, err
	}
	out := make([]Wall, len(rows))
	for i, r := range rows {
		out[i] = Wall{r.ID, Staff{r.User, r.Username, r.Name}, r.Why, Staff{r.By, r.ByUser, r.ByName}, r.At, id}
	}
	return out, nil
}

// SetWall keeps somebody away from a case. Its holder and her supervisor may. The same person twice is one wall.
func (s *Service) SetWall(ctx context.Context, who access.Actor, id uuid.UUID, cmd WallCommand) ([]Wall, error) {
	var ps fault.Problems
	cmd.check("", &ps)
	if err := ps.Err(); err != nil {
		return nil, err
	}
	return gate.Do(ctx, s.gate, who, access.SetWall, access.On("case", id), func(tx *gate.Tx) ([]Wall, error) {
		tx.Answer(http.StatusCreated)
		tx.Because(cmd.Why, nil)
		if _, err := tx.Exec(`select standing.wall($1, $2, $3, $4)`, uuid.Must(uuid.NewV7()), id, strings.TrimSpace(cmd.Username), cmd.Why); err != nil {
			return nil, err
		}
		if cmd.Username == who.Username {
			return nil, nil
		}
		return walls(tx, id)
	})
}

// LiftWall takes a wall away.
func (s *Service) LiftWall(ctx context.Context, who access.Actor, id, wall uuid.UUID) ([]Wall, error) {
	return gate.Do(ctx, s.gate, who, access.LiftWall, access.On("case", id), func(tx *gate.Tx) ([]Wall, error) {
		var lifted bool
		if err := tx.Get(&lifted, `select standing.lift_wall($1, $2)`, id, wall); err != nil {
			return nil, err
		}
		if !lifted {
			return nil, fault.Missing()
		}
		return walls(tx, id)
	})
}

// wallsAtRecording queues the walls that are named while a case is recorded, before anybody else can look.
func wallsAtRecording(tx *gate.Tx, id uuid.UUID, conflicts []WallCommand) error {
	for i, c := range conflicts {
		tx.Later(`select standing.wall($1, $2, $3, $4)`, uuid.Must(uuid.NewV7()), id, strings.TrimSpace(c.Username), c.Why)
		if err := tx.Flush(); err != nil {
			return at("/conflicts/"+strconv.Itoa(i), gate.Explain(tx.Act(), err))
		}
	}
	return nil
}

// at moves problems below a pointer.
func at(pointer string, err error) error {
	f, ok := err.(*fault.Error)
	if !ok || f.Kind != fault.Invalid {
		return err
	}
	var ps fault.Problems
	for _, p := range f.Problems {
		p.Pointer = pointer + p.Pointer
		ps = append(ps, p)
	}
	return ps.Err()
}

// Load is what a member of staff carries.
type Load struct {
	Staff
	Open int `json:"open"`
	High int `json:"high"` // of these, in high or extreme danger
}

// Workload counts what each of the supervisor's staff carries, of the cases that the supervisor may see, so that work is given fairly.
func (s *Service) Workload(ctx context.Context, who access.Actor) ([]Load, error) {
	return gate.Do(ctx, s.gate, who, access.SeeWorkload, access.Nothing, func(tx *gate.Tx) ([]Load, error) {
		tx.Opened(access.Record)
		var rows []struct {
			Staff
			Open int `db:"open"`
			High int `db:"high"`
		}
		err := tx.Select(&rows, `select u.id, u.username, u.name, coalesce(n.open, 0) as open, coalesce(n.high, 0) as high
			  from standing.my_staff() u
			  left join (select c.owner, count(*) as open, count(*) filter (where c.risk in ('HIGH', 'EXTREME')) as high
			               from my_cases m join cases c on c.id = m.case_id
			              where c.status not in ('CLOSED', 'ARCHIVED', 'ERASED')
			              group by c.owner) n on n.owner = u.id
			 order by u.name, u.id`)
		if err != nil {
			return nil, err
		}
		out := make([]Load, len(rows))
		for i, r := range rows {
			out[i] = Load{r.Staff, r.Open, r.High}
		}
		return out, nil
	})
}

// Colleagues are the staff of an organisation who could meet a case, for choosing whom a wall keeps out.
func (s *Service) Colleagues(ctx context.Context, who access.Actor, org uuid.UUID) ([]Staff, error) {
	return gate.Do(ctx, s.gate, who, access.ReadDirectory, access.Nothing, func(tx *gate.Tx) ([]Staff, error) {
		var rows []Staff
		err := tx.Select(&rows, `select id, username, name from standing.staff_of($1)`, org)
		return rows, err
	})
}
