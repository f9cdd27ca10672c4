package release

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/gate"
)

// Building a release takes two transactions, and their order is the promise:
//
//  1. reserve: the cube, its plan and the budget of every table are written and committed. From here on the budget is spent.
//  2. draw: the facts of the period are frozen into the cube, counted, measured with noise; measurements, cells and the mark "done" are stored
//     and committed together. Frozen facts never change, so every count of this transaction sees the same set.
//
// A crash before the second commit leaves the budget spent and nothing stored. Asking again gives what is there and never draws: taking an
// interrupted cube up again is an act of its own, with a reason, and the database refuses it once anything is stored. A second job finds the cube
// reserved, or holds an older attempt, and may not draw.

// Reservation is the right to draw a cube once. It lives in the memory of the job that reserved.
type Reservation struct {
	Release Release
	attempt int // 0: the cube was there already; nothing may be drawn
}

// Fresh tells whether this job reserved the cube and has to draw it.
func (r Reservation) Fresh() bool { return r.attempt > 0 }

// Prepare makes the release of a closed period, or gives the one that is there. Statistics officers may; to others it does not exist.
// It does not stop half-way when the caller goes away.
func (s *Service) Prepare(ctx context.Context, who access.Actor, cmd PrepareCommand) (Release, error) {
	r, err := s.Reserve(ctx, who, cmd)
	if err != nil || !r.Fresh() {
		return r.Release, err
	}
	return s.Draw(ctx, who, r)
}

// Reserve spends the budget of a release and gives the right to draw it. When the release is there already, it gives that without the right. After a restore from
// a backup the draw that was kept outside is taken up: same id, same plan, same numbers.
func (s *Service) Reserve(ctx context.Context, who access.Actor, cmd PrepareCommand) (Reservation, error) {
	return gate.Do(ctx, s.gate, who, access.PrepareRelease, access.Nothing, func(tx *gate.Tx) (Reservation, error) {
		if there, err := findCube(tx, cmd); err != nil || there != nil {
			return reservationOf(there), err
		}
		months, err := cmd.Period.closed(tx.Now)
		if err != nil {
			return Reservation{}, err
		}
		if err := cmd.fits(months); err != nil {
			return Reservation{}, err
		}
		before, err := s.forgotten(tx, cmd)
		if err != nil {
			return Reservation{}, err
		}
		var c newCube
		if before != nil {
			c, err = taken(tx, before)
		} else {
			c, err = s.planned(tx, cmd, months)
		}
		if err != nil {
			return Reservation{}, err
		}
		if err := c.insert(tx, cmd); err != nil {
			return Reservation{}, err
		}
		there, err := findCube(tx, cmd)
		if err != nil {
			return Reservation{}, err
		}
		if there == nil {
			return Reservation{}, errors.New("the reserved cube is not there")
		}
		r := reservationOf(there)
		if there.ID == c.id {
			r.attempt = 1
		}
		return r, nil
	})
}

// newCube is a cube that is about to be reserved.
type newCube struct {
	id         uuid.UUID
	layout     *layout
	spec       string // "": that of the layout
	version    uuid.UUID
	sizeFrom   string
	supersedes *uuid.UUID
}

// planned makes the plan of a new cube.
func (s *Service) planned(tx *gate.Tx, cmd PrepareCommand, months []string) (newCube, error) {
	c := newCube{id: uuid.Must(uuid.NewV7())}
	if len(s.areas(cmd.Scope)) == 0 {
		return c, fault.Bad(fault.Problem{Pointer: "/scope", Key: "release_scope"})
	}
	var size Size
	var err error
	if cmd.kind() == Correction {
		var of cubeRow
		err := tx.Get(&of, `select `+cubeColumns+` from stats.cubes c join stats.release_plans p on p.id = c.plan_id
			 where c.scope = $1 and c.kind = 'YEAR' and c.period_from = $2::date and c.period_to = $3::date and c.state = 'PUBLISHED'`, cmd.Scope, cmd.Period.From, cmd.Period.To)
		if errors.Is(err, fault.NotFound) {
			return c, fault.Bad(fault.Problem{Pointer: "/period", Key: "release_nothing_to_correct"})
		}
		if err != nil {
			return c, err
		}
		r, err := of.release()
		if err != nil {
			return c, err
		}
		size, c.sizeFrom, c.supersedes = r.Size, "the release that is corrected", &r.ID
	} else if size, c.sizeFrom, err = sizeOf(tx, cmd, len(months)); err != nil {
		return c, err
	}
	if cmd.kind() == Quarter && size == Small {
		return c, fault.Bad(fault.Problem{Pointer: "/kind", Key: "release_quarter_small"})
	}
	template, err := approved(tx, cmd.kind(), size)
	if err != nil {
		return c, err
	}
	c.version = template.ID
	quarters := false
	if cmd.kind() == Year {
		if err := tx.Get(&quarters, `select exists (select 1 from stats.cubes where scope = $1 and kind = 'QUARTER' and period_to >= $2::date and period_from <= $3::date)`,
			cmd.Scope, cmd.Period.From, cmd.Period.To); err != nil {
			return c, err
		}
	}
	p, err := ParsePlan([]byte(template.Spec))
	if err != nil {
		return c, err
	}
	c.layout, err = s.planFor(p, cmd, months, quarters)
	return c, err
}

// forgotten gives the draw that was kept of this period, when the database does not know of it, and refuses while it has forgotten another one of the scope.
func (s *Service) forgotten(tx *gate.Tx, cmd PrepareCommand) (*kept, error) {
	all, err := s.journal.all(cmd.Scope)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b *kept) int { return a.CutOff.Compare(b.CutOff) })
	for _, d := range all {
		there, err := findCube(tx, PrepareCommand{Scope: d.Scope, Kind: d.Kind, Period: Period{d.From, d.To}})
		if err != nil {
			return nil, err
		}
		if there != nil && (there.State == Prepared || there.State == Published || there.State == Superseded) {
			continue
		}
		if d.Kind == cmd.kind() && d.From == cmd.Period.From && d.To == cmd.Period.To {
			return d, nil
		}
		return nil, fault.New(fault.Conflict, "release_forgotten").With(map[string]any{"kind": string(d.Kind), "from": d.From, "to": d.To})
	}
	return nil, nil
}

// taken makes the cube of a kept draw again.
func taken(tx *gate.Tx, d *kept) (newCube, error) {
	c := newCube{id: d.ID, spec: d.Plan, sizeFrom: d.SizeFrom}
	p, err := ParsePlan([]byte(d.Plan))
	if err != nil {
		return c, err
	}
	if c.layout, err = p.layout(true); err != nil {
		return c, err
	}
	if err := tx.Get(&c.version, `select id from stats.plan_versions where version = $1 and approved_by is not null`, d.Approved); errors.Is(err, fault.NotFound) {
		return c, fault.New(fault.Conflict, "release_plan_not_approved").With(map[string]any{"plan": d.Approved})
	} else if err != nil {
		return c, err
	}
	if d.Kind == Correction {
		var id uuid.UUID
		if err := tx.Get(&id, `select id from stats.cubes where scope = $1 and kind = 'YEAR' and period_from = $2::date and period_to = $3::date`, d.Scope, d.From, d.To); err != nil {
			return c, err
		}
		c.supersedes = &id
	}
	return c, nil
}

func reservationOf(r *Release) Reservation {
	if r == nil {
		return Reservation{}
	}
	return Reservation{Release: *r}
}

// Draw freezes, counts, adds the noise and stores, once. The reservation is used up whatever happens; a draw that fails is marked as failed.
func (s *Service) Draw(ctx context.Context, who access.Actor, r Reservation) (Release, error) {
	ctx = context.WithoutCancel(ctx)
	out, err := s.draw(ctx, who, r, nil)
	if err != nil && r.Fresh() {
		return Release{}, errors.Join(err, s.fail(ctx, who, r))
	}
	if err == nil {
		err = s.keep(ctx, who, out.ID)
	}
	return out, err
}

// keep writes the stored draw to the journal. Whoever shows a draw before it is published does it again, so that none is seen that is not kept.
func (s *Service) keep(ctx context.Context, who access.Actor, id uuid.UUID) error {
	if s.journal == nil {
		return nil
	}
	_, err := gate.Do(ctx, s.gate, who, access.CheckRelease, access.Nothing, func(tx *gate.Tx) (struct{}, error) {
		_, err := s.verified(tx, id)
		return struct{}{}, err
	})
	return err
}

// errDrawnAlready stops a retry of the transaction after the noise was drawn.
var errDrawnAlready = errors.New("a draw is never repeated")

// draw is Draw without the mark of failure. step is called between the steps, for tests that kill the job there.
func (s *Service) draw(ctx context.Context, who access.Actor, r Reservation, step func(string) error) (Release, error) {
	if !r.Fresh() {
		return Release{}, fault.New(fault.Conflict, "release_not_reserved")
	}
	drawn := false
	return gate.Do(ctx, s.gate, who, access.PrepareRelease, access.Nothing, func(tx *gate.Tx) (Release, error) {
		if drawn {
			return Release{}, errDrawnAlready
		}
		at := func(name string) error {
			if step == nil {
				return nil
			}
			return step(name)
		}
		l, err := lockForDraw(tx, r)
		if err != nil {
			return Release{}, err
		}
		if _, err := freeze(tx, r); err != nil {
			return Release{}, err
		}
		if err := at("frozen"); err != nil {
			return Release{}, err
		}
		row, err := getRow(tx, r.Release.ID)
		if err != nil {
			return Release{}, err
		}
		before, err := s.journal.find(row.Scope, row.Kind, Period{row.From, row.To})
		if err != nil {
			return Release{}, err
		}
		closed := tx.Now
		var measured []Measurement
		if before != nil {
			// Drawn before, and forgotten by a restore: nothing is drawn now.
			if before.ID != row.ID || before.Plan != row.Spec {
				return Release{}, fmt.Errorf("release %s was drawn before as %s", row.ID, before.ID)
			}
			closed = before.CutOff
			if measured, err = before.measurements(l); err != nil {
				return Release{}, err
			}
		} else {
			c, err := countFrozen(tx, l, row)
			if err != nil {
				return Release{}, err
			}
			drawn = true
			if measured, err = measureAll(newDice(), l, c); err != nil {
				return Release{}, err
			}
		}
		if err := at("drawn"); err != nil {
			return Release{}, err
		}
		more, err := quartersOf(tx, l, row)
		if err != nil {
			return Release{}, err
		}
		tables, err := l.protect(measured, more...)
		if err != nil {
			return Release{}, err
		}
		m, _, err := l.manifest(r.Release.ID.String(), tables)
		if err != nil {
			return Release{}, err
		}
		if before != nil && before.SHA256 != m.SHA256 {
			return Release{}, fmt.Errorf("the kept draw of release %s gives other tables than it did", row.ID)
		}
		if err := store(tx, l, r, measured, tables, m.SHA256, closed); err != nil {
			return Release{}, err
		}
		if err := at("stored"); err != nil {
			return Release{}, err
		}
		tx.Opened(access.Facts)
		return getCube(tx, r.Release.ID)
	})
}

// fail marks a reservation whose draw ended in an error. The budget stays spent.
func (s *Service) fail(ctx context.Context, who access.Actor, r Reservation) error {
	_, err := gate.Do(ctx, s.gate, who, access.PrepareRelease, access.Nothing, func(tx *gate.Tx) (int64, error) {
		return tx.Exec(`update stats.cubes set state = 'FAILED' where id = $1 and state = 'PREPARING' and attempt = $2`, r.Release.ID, r.attempt)
	})
	return err
}

// Reasons for which an interrupted draw may be taken up again.
var resumeReasons = []string{"process_ended", "database_ended", "draw_failed"}

// Resume takes up a cube whose draw was interrupted and gives the right to draw it. reason is the operator's statement that nothing of the
// interrupted draw was stored or shown; the database holds her to the first half. The budget reserved then is used, nothing more is
// spent, and the ledger keeps who said so.
func (s *Service) Resume(ctx context.Context, who access.Actor, id uuid.UUID, reason string) (Reservation, error) {
	known := false
	for _, r := range resumeReasons {
		known = known || r == reason
	}
	if !known {
		return Reservation{}, fault.Bad(fault.Problem{Pointer: "/reason", Key: "release_resume_reason", Args: map[string]any{"reasons": strings.Join(resumeReasons, ", ")}})
	}
	return gate.Do(ctx, s.gate, who, access.PrepareRelease, access.Nothing, func(tx *gate.Tx) (Reservation, error) {
		var c struct {
			State   State `db:"state"`
			Attempt int   `db:"attempt"`
		}
		// A job that is drawing holds the row: then this fails at once, and rightly.
		if err := tx.Get(&c, `select state, attempt from stats.cubes where id = $1 for update nowait`, id); err != nil {
			return Reservation{}, err
		}
		if c.State != Preparing && c.State != Failed {
			return Reservation{}, fault.New(fault.Conflict, "release_not_interrupted")
		}
		if _, err := tx.Exec(`update stats.cubes set state = 'PREPARING', attempt = attempt + 1 where id = $1`, id); err != nil {
			return Reservation{}, said(err)
		}
		if _, err := tx.Exec(`insert into stats.privacy_ledger (cube_id, table_id, rho_num, rho_den, sensitivity2, state, attempt, reason, by_user)
			select l.cube_id, l.table_id, l.rho_num, l.rho_den, l.sensitivity2, 'RESUMED', $2::integer, $3::text, l.by_user
			  from stats.privacy_ledger l
			 where l.cube_id = $1 and l.state = 'RESERVED'
			 order by l.id`, id, c.Attempt+1, reason); err != nil {
			return Reservation{}, said(err)
		}
		tx.Because(reason, nil)
		r, err := getCube(tx, id)
		return Reservation{Release: r, attempt: c.Attempt + 1}, err
	})
}

// said turns a refusal of the database into the user's words, by the name of the rule.
func said(err error) error {
	switch gate.ConstraintOf(err) {
	case "cube_follows_the_last_one":
		return fault.Bad(fault.Problem{Pointer: "/period/from", Key: "release_period_order"}).(*fault.Error).Because(err)
	case "year_follows_its_quarters":
		return fault.Bad(fault.Problem{Pointer: "/period", Key: "release_quarters_missing"}).(*fault.Error).Because(err)
	case "correction_is_of_a_published_year":
		return fault.Bad(fault.Problem{Pointer: "/period", Key: "release_nothing_to_correct"}).(*fault.Error).Because(err)
	case "plan_is_approved_before_use":
		return fault.New(fault.Conflict, "release_plan_not_approved").With(map[string]any{"plan": ""}).Because(err)
	case "plan_version_is_approved_by_another":
		return fault.New(fault.Refused, "release_plan_same_person").Because(err)
	case "erratum_has_no_numbers":
		return fault.Bad(fault.Problem{Pointer: "/text", Key: "release_erratum_numbers"}).(*fault.Error).Because(err)
	case "erratum_is_of_a_published_release":
		return fault.New(fault.Conflict, "release_not_published").Because(err)
	case "cube_is_drawn_once":
		return fault.New(fault.Conflict, "release_drawn").Because(err)
	case "cube_attempts_count_up":
		return fault.New(fault.Conflict, "release_too_many_attempts").Because(err)
	case "ledger_stays_below_the_cap":
		return fault.New(fault.Conflict, "release_budget_spent").Because(err)
	case "publisher_is_not_the_preparer":
		return fault.New(fault.Refused, "release_same_person").Because(err)
	}
	return err
}

// sizeOf is the size class by last year's published total. Before there is one, the preparer's choice holds, medium when she makes none. A scope of
// fewer than 30 people a year is published in pools of three years.
func sizeOf(tx *gate.Tx, cmd PrepareCommand, months int) (Size, string, error) {
	asked := Size(cmd.Plan)
	if asked != "" && asked != Small && asked != Medium && asked != Large {
		return "", "", fault.Bad(fault.Problem{Pointer: "/plan", Key: "release_size"})
	}
	until := cmd.Period.From
	if cmd.kind() == Late {
		until = cmd.Period.To // the year itself may be published when its closings are counted
	}
	var last struct {
		Total  int64 `db:"value"`
		Months int64 `db:"months"`
	}
	err := tx.Get(&last, `
		select r.value,
		       (extract(year from age(c.period_to + 1, c.period_from)) * 12 + extract(month from age(c.period_to + 1, c.period_from)))::bigint as months
		  from stats.cubes c
		  join stats.release_cells r on r.cube_id = c.id
		 where c.scope = $1
		   and c.kind in ('YEAR', 'CORRECTION')
		   and c.state = 'PUBLISHED'
		   and c.period_to < $2::date + $3::integer
		   and r.table_id = 'total'
		   and r.dims = ''
		 order by c.period_to desc
		 limit 1`, cmd.Scope, until, map[bool]int{true: 1}[cmd.kind() == Late])
	if errors.Is(err, fault.NotFound) {
		if asked == "" {
			asked = Medium
		}
		return asked, "the preparer: nothing was published before", nil
	}
	if err != nil {
		return "", "", err
	}
	year := last.Total * 12 / max(1, last.Months)
	if year < 30 && months < maxMonths && cmd.kind() == Year {
		return "", "", fault.Bad(fault.Problem{Pointer: "/period", Key: "release_pool", Args: map[string]any{"months": maxMonths}})
	}
	size := SizeFor(year)
	if asked != "" && asked != size {
		return "", "", fault.Bad(fault.Problem{Pointer: "/plan", Key: "release_size_published", Args: map[string]any{"size": string(size)}})
	}
	return size, "last published total", nil
}

// cubeColumns are what a Release is read from.
const cubeColumns = `c.id, c.scope, c.period_from::text as period_from, c.period_to::text as period_to, c.state, p.version, p.spec, c.closed_at, c.sha256,
	c.prepared_role, c.published_role, c.published_at, c.supersedes, c.definition, c.code_lists, c.size_from, c.prepared_by, c.kind, c.unlinked,
	(select v.version from stats.plan_versions v where v.id = c.plan_version) as approved_plan`

type cubeRow struct {
	ID            uuid.UUID     `db:"id"`
	Scope         string        `db:"scope"`
	From          string        `db:"period_from"`
	To            string        `db:"period_to"`
	State         State         `db:"state"`
	Version       string        `db:"version"`
	Spec          string        `db:"spec"`
	ClosedAt      *time.Time    `db:"closed_at"`
	SHA256        []byte        `db:"sha256"`
	PreparedRole  string        `db:"prepared_role"`
	PublishedRole *string       `db:"published_role"`
	PublishedAt   *time.Time    `db:"published_at"`
	Supersedes    uuid.NullUUID `db:"supersedes"`
	Definition    string        `db:"definition"`
	CodeLists     string        `db:"code_lists"`
	SizeFrom      string        `db:"size_from"`
	PreparedBy    uuid.UUID     `db:"prepared_by"`
	Kind          Kind          `db:"kind"`
	Unlinked      bool          `db:"unlinked"`
	Approved      *string       `db:"approved_plan"`
	SupersededBy  uuid.NullUUID `db:"superseded_by"`
}

func (c cubeRow) release() (Release, error) {
	p, err := ParsePlan([]byte(c.Spec))
	if err != nil {
		return Release{}, fmt.Errorf("plan of release %s: %w", c.ID, err)
	}
	r := Release{ID: c.ID, Scope: c.Scope, Kind: c.Kind, Public: p.Public, Period: Period{c.From, c.To}, State: c.State, Plan: c.Version, Size: p.Size, CutOff: c.ClosedAt,
		SHA256: hex.EncodeToString(c.SHA256), PreparedBy: c.PreparedRole, PublishedAt: c.PublishedAt}
	if c.PublishedRole != nil {
		r.PublishedBy = *c.PublishedRole
	}
	if c.Supersedes.Valid {
		r.Supersedes = &c.Supersedes.UUID
	}
	return r, nil
}

// findCube finds the cube of a scope and a period, nil when there is none.
func findCube(tx *gate.Tx, cmd PrepareCommand) (*Release, error) {
	for _, day := range []string{cmd.Period.From, cmd.Period.To} {
		if d, err := time.Parse(time.DateOnly, day); err != nil || d.Year() < 1 { // PostgreSQL has no year 0
			return nil, nil
		}
	}
	var c cubeRow
	err := tx.Get(&c, `select `+cubeColumns+`
		  from stats.cubes c
		  join stats.release_plans p on p.id = c.plan_id
		 where c.scope = $1 and c.kind = $4 and c.period_from = $2::date and c.period_to = $3::date`, cmd.Scope, cmd.Period.From, cmd.Period.To, string(cmd.kind()))
	if errors.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r, err := c.release()
	return &r, err
}

func getCube(tx *gate.Tx, id uuid.UUID) (Release, error) {
	c, err := getRow(tx, id)
	if err != nil {
		return Release{}, err
	}
	return c.release()
}

func getRow(tx *gate.Tx, id uuid.UUID) (cubeRow, error) {
	var c cubeRow
	err := tx.Get(&c, `select `+cubeColumns+` from stats.cubes c join stats.release_plans p on p.id = c.plan_id where c.id = $1`, id)
	return c, err
}

// insert writes plan, cube and the reserve of every table. When another job was first, nothing is written and its cube stays.
func (c newCube) insert(tx *gate.Tx, cmd PrepareCommand) error {
	l, spec := c.layout, c.spec
	if spec == "" {
		raw, err := json.Marshal(l.plan)
		if err != nil {
			return err
		}
		spec = string(raw)
	}
	if _, err := tx.Exec(`insert into stats.release_plans (id, version, spec, sha256, approved_by_1)
		values ($1, $2, $3::text, sha256(convert_to($3::text, 'UTF8')), $4) on conflict on constraint plan_is_kept_once do nothing`,
		uuid.Must(uuid.NewV7()), l.plan.Version, spec, tx.Who.User); err != nil {
		return err
	}
	n, err := tx.Exec(`insert into stats.cubes (id, plan_id, scope, kind, period_from, period_to, definition, code_lists, size_from, prepared_by, prepared_role, supersedes, plan_version)
		select $1, p.id, $2, $11, $3::date, $4::date, $5, $6, $7, $8, $9, $12, $13
		  from stats.release_plans p
		 where p.sha256 = sha256(convert_to($10::text, 'UTF8'))
		on conflict on constraint cube_is_made_once do nothing`,
		c.id, cmd.Scope, cmd.Period.From, cmd.Period.To, DefinitionVersion, CodeListVersion, c.sizeFrom, tx.Who.User, string(tx.Who.Role), spec, string(cmd.kind()), c.supersedes, c.version)
	if err != nil {
		return said(err)
	}
	if n == 0 {
		return nil
	}
	for _, t := range l.tables {
		if _, err := tx.Exec(`insert into stats.privacy_ledger (cube_id, table_id, rho_num, rho_den, sensitivity2, state, by_user) values ($1, $2, $3, $4, $5, 'RESERVED', $6)`,
			c.id, t.ID, t.Rho.Num, t.Rho.Den, t.sensitivity2(), tx.Who.User); err != nil {
			return said(err)
		}
	}
	return nil
}

// lockForDraw takes the cube for this attempt and reads its plan back: what is drawn is what was reserved.
func lockForDraw(tx *gate.Tx, r Reservation) (*layout, error) {
	var c struct {
		State   State  `db:"state"`
		Attempt int    `db:"attempt"`
		Spec    string `db:"spec"`
	}
	if err := tx.Get(&c, `select c.state, c.attempt, p.spec
		  from stats.cubes c
		  join stats.release_plans p on p.id = c.plan_id
		 where c.id = $1
		   for update of c`, r.Release.ID); err != nil {
		return nil, err
	}
	if c.State != Preparing || c.Attempt != r.attempt {
		return nil, fault.New(fault.Conflict, "release_not_reserved")
	}
	p, err := ParsePlan([]byte(c.Spec))
	if err != nil {
		return nil, err
	}
	return p.layout(true)
}

// freeze closes the period and tells how many facts it holds. The number goes nowhere: it is a true count.
func freeze(tx *gate.Tx, r Reservation) (int64, error) {
	var n int64
	err := tx.Get(&n, `select stats.freeze_facts($1, $2)`, r.Release.ID, r.attempt)
	return n, said(err)
}

// frozen is where the counted rows of a cube are, with the parameter $1 its id and $2 what it supersedes.
func frozen(k Kind) string {
	switch k {
	case Quarter:
		return `stats.facts where quarter_id = $1 and files > 0 and $2::uuid is null`
	case Late:
		return `stats.late_facts where cube_id = $1 and not again and $2::uuid is null`
	case Correction:
		// The people of the corrected cube, each as she is known now.
		return `(select f.files, coalesce(k.month, f.month) as month, coalesce(k.area, f.area) as area, coalesce(k.commune, f.commune) as commune, coalesce(k.form, f.form) as form,
			coalesce(k.forms, f.forms) as forms, coalesce(k.sex, f.sex) as sex, coalesce(k.age, f.age) as age, coalesce(k.relation, f.relation) as relation,
			coalesce(k.sex_perp, f.sex_perp) as sex_perp, coalesce(k.ethnic, f.ethnic) as ethnic
			  from stats.facts f left join stats.fact_corrections k on k.fact_ref = f.fact_ref and k.cube_id = $1 where f.cube_id = $2) x where files > 0`
	}
	return `stats.facts where cube_id = $1 and files > 0 and $2::uuid is null`
}

// columnOf is the expression of a dimension over the frozen rows. Names come from dimOrder, checked by the plan.
func columnOf(dim string) string {
	switch dim {
	case "repeat":
		return `case when files > 2 then '3' else files::text end`
	case "forms":
		return `array_to_string(forms, '+')`
	}
	return dim
}

// maxBase bounds the combinations of codes that one pass over the facts groups by. The cross of all dimensions would have almost as many as there are facts.
const maxBase = 250_000

// bases puts the tables of a layout into groups, each counted by one pass over the facts: the group's dimensions together have few enough combinations.
func (l *layout) bases() (sets []uint64, of []int) {
	of = make([]int, len(l.tables))
	size := func(set uint64) int {
		n := 1
		for d := range l.dims {
			switch {
			case set&(1<<d) == 0:
			case slices.Contains(manyValued, l.dims[d].Name):
				n *= 1 << min(10, len(l.dims[d].Values))
			case l.strip(set)&(1<<d) != 0:
				n *= len(l.dims[d].Values)
			}
			n = min(n, maxCells)
		}
		return n
	}
	for i := len(l.tables) - 1; i >= 0; i-- { // the largest first
		k := slices.IndexFunc(sets, func(set uint64) bool { return size(set|l.tables[i].full) <= max(maxBase, size(set)) })
		if k < 0 {
			k = len(sets)
			sets = append(sets, 0)
		}
		sets[k] |= l.tables[i].full
		of[i] = k
	}
	return sets, of
}

// countFrozen counts the frozen facts: a few passes into the combinations of some dimensions that occur, then those into each table of the plan. Frozen facts cannot change, so
// that all passes see the same people.
func countFrozen(tx *gate.Tx, l *layout, cube cubeRow) (counts, error) {
	sets, of := l.bases()
	var query strings.Builder
	for k, set := range sets {
		var columns []string
		for d := range l.dims {
			if set&(1<<d) != 0 {
				columns = append(columns, columnOf(l.dims[d].Name)+` as "`+l.dims[d].Name+`"`)
			}
		}
		query.WriteString([]string{"with", ","}[min(k, 1)])
		group := ""
		if len(columns) > 0 {
			group = " group by " + ordinals(len(columns))
		}
		fmt.Fprintf(&query, " base%d as materialized (select %s from %s%s)", k, strings.Join(append(columns, "count(*) as n"), ", "), frozen(cube.Kind), group)
	}
	for i := range l.tables {
		var own []string
		for d := range l.dims {
			if l.tables[i].full&(1<<d) != 0 {
				own = append(own, `"`+l.dims[d].Name+`"`)
			}
		}
		if i > 0 {
			query.WriteString(" union all")
		}
		fmt.Fprintf(&query, " select %d as number, array[%s]::text[] as codes, coalesce(sum(n), 0)::bigint as n from base%d", i, strings.Join(own, ", "), of[i])
		if len(own) > 0 {
			query.WriteString(" group by " + strings.Join(own, ", "))
		}
	}
	// The planner has not seen the new cube yet, expects a handful of rows, and would sort ten million of them.
	var off string
	if err := tx.Get(&off, `select set_config('enable_sort', 'off', true)`); err != nil {
		return nil, err
	}
	var rows []struct {
		Number int            `db:"number"`
		Codes  gate.TextArray `db:"codes"`
		N      int64          `db:"n"`
	}
	if err := tx.Select(&rows, query.String(), cube.ID, cube.Supersedes); err != nil {
		return nil, err
	}
	c := make(counts, len(l.tables))
	for i := range l.tables {
		c[i] = make([]int64, l.tables[i].cells)
	}
	at := make([]int, len(l.dims))
	for _, row := range rows {
		t := &l.tables[row.Number]
		if t.aside {
			for _, k := range l.positions(t.dims[0], strings.Split(row.Codes[0], "+"), false) {
				if k == outside {
					return nil, fmt.Errorf("dimension %s has no code for unknown", l.dims[t.dims[0]].Name)
				}
				c[row.Number][k] += row.N
			}
			continue
		}
		if err := l.locate(t, row.Codes, at); err != nil {
			return nil, err
		}
		c[row.Number][t.cell(at)] += row.N
	}
	return c, nil
}

func ordinals(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strconv.Itoa(i + 1))
	}
	return b.String()
}

// quartersOf gives what the quarters of a year measured of its tables; nothing for any other cube.
func quartersOf(tx *gate.Tx, l *layout, year cubeRow) ([]observed, error) {
	if !l.plan.Quarters {
		return nil, nil
	}
	var rows []cubeRow
	if err := tx.Select(&rows, `select `+cubeColumns+` from stats.cubes c join stats.release_plans p on p.id = c.plan_id
		 where c.scope = $1 and c.kind = 'QUARTER' and c.period_from >= $2::date and c.period_to <= $3::date order by c.period_from`, year.Scope, year.From, year.To); err != nil {
		return nil, err
	}
	var first *layout
	var all [][]Measurement
	for _, row := range rows {
		p, err := ParsePlan([]byte(row.Spec))
		if err != nil {
			return nil, err
		}
		q, err := p.layout(true)
		if err != nil {
			return nil, err
		}
		m, err := measurements(tx, q, row.ID)
		if err != nil {
			return nil, err
		}
		if first == nil {
			first = q
		}
		for i := range q.tables {
			if len(q.tables) != len(first.tables) || !sameCells(first, &first.tables[i], q, &q.tables[i]) {
				return nil, nil // the plan changed within the year: its quarters stand for themselves
			}
		}
		all = append(all, m)
	}
	if first == nil {
		return nil, fmt.Errorf("release %s has no quarters", year.ID)
	}
	return l.fromQuarters(first, all), nil
}

// locate finds the position of one combination of codes, those of t's dimensions in the order of the layout. Nobody is lost: a code that the plan
// does not know counts as unknown, a commune outside of its area as the rest of the area.
func (l *layout) locate(t *shape, codes []string, at []int) error {
	k := 0
	for d := range l.dims {
		if t.full&(1<<d) == 0 {
			continue
		}
		at[d] = l.position(d, codes[k], false)
		k++
		if at[d] == outside && l.within[d] < 0 {
			return fmt.Errorf("dimension %s has no code for unknown", l.dims[d].Name)
		}
	}
	for d, over := range l.within {
		if over < 0 || t.full&(1<<d) == 0 || at[d] >= 0 && l.parent[d][at[d]] == at[over] {
			continue
		}
		rest, ok := l.index[d][restOf(l.dims[over].Values[at[over]])]
		if !ok {
			return fmt.Errorf("dimension %s has no code for the rest of an area", l.dims[d].Name)
		}
		at[d] = rest
	}
	return nil
}

// store writes measurements, cells and the mark "done", and moves the cube on. Numbers travel as one JSON text a table.
func store(tx *gate.Tx, l *layout, r Reservation, measured []Measurement, tables []PublishedTable, sha string, closed time.Time) error {
	id := r.Release.ID
	for i, m := range measured {
		var values strings.Builder
		for c, v := range m.Values {
			values.WriteString([]string{"[", ","}[min(c, 1)])
			values.WriteString(strconv.FormatInt(v, 10))
		}
		values.WriteByte(']')
		if _, err := tx.Exec(`insert into stats.noisy_measurements (cube_id, table_id, cell, value, sigma2_num, sigma2_den)
			select $1, $2, (v.position - 1)::integer, v.value::bigint, $4, $5
			  from jsonb_array_elements_text($3::jsonb) with ordinality as v (value, position)`,
			id, m.Table, values.String(), m.Sigma2.Num, m.Sigma2.Den); err != nil {
			return said(err)
		}
		type cell struct {
			D string `json:"d"`
			V int64  `json:"v"`
			L int64  `json:"l"`
			U int64  `json:"u"`
			S bool   `json:"s"`
		}
		cells := make([]cell, len(tables[i].Cells))
		for k, c := range tables[i].Cells {
			cells[k] = cell{c.Dims, c.Count, c.Lower, c.Upper, c.Shown}
		}
		raw, err := json.Marshal(cells)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`insert into stats.release_cells (cube_id, table_id, position, dims, value, lower, upper, shown)
			select $1, $2, (c.position - 1)::integer, c.value ->> 'd', (c.value -> 'v')::bigint, (c.value -> 'l')::bigint, (c.value -> 'u')::bigint, (c.value -> 's')::boolean
			  from jsonb_array_elements($3::jsonb) with ordinality as c (value, position)`, id, m.Table, string(raw)); err != nil {
			return said(err)
		}
		if _, err := tx.Exec(`insert into stats.privacy_ledger (cube_id, table_id, rho_num, rho_den, sensitivity2, state, attempt, by_user) values ($1, $2, $3, $4, $5, 'DONE', $6, $7)`,
			id, m.Table, l.tables[i].Rho.Num, l.tables[i].Rho.Den, l.tables[i].sensitivity2(), r.attempt, tx.Who.User); err != nil {
			return said(err)
		}
	}
	raw, err := hex.DecodeString(sha)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`update stats.cubes set state = 'PREPARED', closed_at = $2, sha256 = $3, unlinked = not stats.links_exist(id) where id = $1`, id, closed, raw)
	return said(err)
}
