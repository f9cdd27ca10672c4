package release

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/calendar"
	"binhan/internal/fault"
	"binhan/internal/gate"
)

// Checked is a release with all its tables, as the second reader sees it before anybody else.
type Checked struct {
	Release  Release      `json:"release"`
	Tables   []TableView  `json:"tables"`
	Manifest Manifest     `json:"manifest"`
	Ledger   []LedgerLine `json:"ledger"`
}

// LedgerLine is what one table spent.
type LedgerLine struct {
	Table   string `json:"table" db:"table_id"`
	Num     int64  `json:"rho_num" db:"rho_num"`
	Den     int64  `json:"rho_den" db:"rho_den"`
	State   string `json:"state" db:"state"`
	Attempt int    `json:"attempt" db:"attempt"`
	Reason  string `json:"reason,omitempty" db:"reason"`
}

// Pending lists the releases that are not published, the newest first, for those who prepare and check them.
func (s *Service) Pending(ctx context.Context, who access.Actor) ([]Release, error) {
	return gate.Do(ctx, s.gate, who, access.CheckRelease, access.Nothing, func(tx *gate.Tx) ([]Release, error) {
		var rows []cubeRow
		if err := tx.Select(&rows, `select `+cubeColumns+`
			  from stats.cubes c
			  join stats.release_plans p on p.id = c.plan_id
			 where c.state in ('PREPARING', 'PREPARED', 'FAILED')
			 order by c.reserved_at desc
			 limit 200`); err != nil {
			return nil, err
		}
		return releases(rows)
	})
}

func releases(rows []cubeRow) ([]Release, error) {
	out := make([]Release, len(rows))
	for i, c := range rows {
		var err error
		if out[i], err = c.release(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// State tells how far a release is, for whoever may prepare or check one.
func (s *Service) State(ctx context.Context, who access.Actor, id uuid.UUID) (Release, error) {
	return gate.Do(ctx, s.gate, who, access.CheckRelease, access.Nothing, func(tx *gate.Tx) (Release, error) { return getCube(tx, id) })
}

// Check shows a prepared release to the second reader, after verifying it: the stored cells are those that the stored measurements give, every sum
// agrees, the ledger spent exactly the plan's budget, the hash is that of the tables. A finding is an error of ours, and nothing is shown.
func (s *Service) Check(ctx context.Context, who access.Actor, id uuid.UUID) (Checked, error) {
	return gate.Do(ctx, s.gate, who, access.CheckRelease, access.Nothing, func(tx *gate.Tx) (Checked, error) {
		tx.Opened(access.Statistics)
		return s.verified(tx, id)
	})
}

// verified recomputes a release from its measurements and compares. It also sees to it that the draw is kept outside before anybody is shown it.
func (s *Service) verified(tx *gate.Tx, id uuid.UUID) (Checked, error) {
	c, err := getRow(tx, id)
	if err != nil {
		return Checked{}, err
	}
	r, err := c.release()
	if err != nil {
		return Checked{}, err
	}
	if r.State == Preparing || r.State == Failed {
		return Checked{}, fault.New(fault.Conflict, "release_not_prepared")
	}
	p, err := ParsePlan([]byte(c.Spec))
	if err != nil {
		return Checked{}, err
	}
	l, err := p.layout(true)
	if err != nil {
		return Checked{}, err
	}
	measured, err := measurements(tx, l, id)
	if err != nil {
		return Checked{}, err
	}
	more, err := quartersOf(tx, l, c)
	if err != nil {
		return Checked{}, err
	}
	want, err := l.protect(measured, more...)
	if err != nil {
		return Checked{}, fmt.Errorf("check release %s: %w", id, err)
	}
	var rows []cellRow
	if err := tx.Select(&rows, `select table_id, dims, value, lower, upper, shown from stats.release_cells where cube_id = $1 order by table_id, position`, id); err != nil {
		return Checked{}, err
	}
	have := gather(l, rows)
	for i := range want {
		if have[i].ID != want[i].ID || !slices.Equal(have[i].Cells, want[i].Cells) {
			return Checked{}, fmt.Errorf("check release %s: table %s is not what its measurements give", id, want[i].ID)
		}
	}
	out := Checked{Release: r}
	if err := tx.Select(&out.Ledger, `select table_id, rho_num, rho_den, state, attempt, coalesce(reason, '') as reason from stats.privacy_ledger where cube_id = $1 order by id`, id); err != nil {
		return Checked{}, err
	}
	if err := spentAsPlanned(l, out.Ledger); err != nil {
		return Checked{}, fmt.Errorf("check release %s: %w", id, err)
	}
	if out.Manifest, _, err = manifestOf(c, l, have); err != nil {
		return Checked{}, err
	}
	for _, t := range have {
		out.Tables = append(out.Tables, viewOf(id.String(), t))
	}
	return out, s.journal.keep(c.kept(measured))
}

// kept is a stored draw as the journal keeps it.
func (c cubeRow) kept(measured []Measurement) kept {
	d := kept{ID: c.ID, Scope: c.Scope, Kind: c.Kind, From: c.From, To: c.To, Plan: c.Spec, SizeFrom: c.SizeFrom, Definition: c.Definition, CodeLists: c.CodeLists,
		Unlinked: c.Unlinked, SHA256: hex.EncodeToString(c.SHA256)}
	if c.ClosedAt != nil {
		d.CutOff = *c.ClosedAt
	}
	if c.Approved != nil {
		d.Approved = *c.Approved
	}
	for _, m := range measured {
		d.Measured = append(d.Measured, Drawn{m.Table, m.Values})
	}
	return d
}

// spentAsPlanned: each table reserved once and drawn once, at the plan's budget.
func spentAsPlanned(l *layout, ledger []LedgerLine) error {
	reserved, done := map[string]Fraction{}, map[string]Fraction{}
	for _, line := range ledger {
		switch line.State {
		case "RESERVED":
			reserved[line.Table] = Fraction{line.Num, line.Den}
		case "DONE":
			done[line.Table] = Fraction{line.Num, line.Den}
		}
	}
	if len(reserved) != len(l.tables) || len(done) != len(l.tables) {
		return fmt.Errorf("the ledger has %d reserves and %d draws for %d tables", len(reserved), len(done), len(l.tables))
	}
	for _, t := range l.tables {
		if reserved[t.ID] != t.Rho || done[t.ID] != t.Rho {
			return fmt.Errorf("the ledger does not fit table %s", t.ID)
		}
	}
	return nil
}

type cellRow struct {
	Table string `db:"table_id"`
	Dims  string `db:"dims"`
	Value *int64 `db:"value"`
	Lower int64  `db:"lower"`
	Upper int64  `db:"upper"`
	Shown bool   `db:"shown"`
}

// gather puts cells into tables, in the order of the plan.
func gather(l *layout, rows []cellRow) []PublishedTable {
	byID := map[string]*PublishedTable{}
	tables := make([]PublishedTable, len(l.tables))
	for i, t := range l.tables {
		tables[i] = PublishedTable{ID: t.ID, Dims: t.Dims}
		if tables[i].Dims == nil {
			tables[i].Dims = []string{}
		}
		byID[t.ID] = &tables[i]
	}
	for _, r := range rows {
		if t := byID[r.Table]; t != nil {
			c := Cell{Dims: r.Dims, Lower: r.Lower, Upper: r.Upper, Shown: r.Shown}
			if r.Value != nil {
				c.Count = *r.Value
			}
			t.Cells = append(t.Cells, c)
		}
	}
	return tables
}

func measurements(tx *gate.Tx, l *layout, id uuid.UUID) ([]Measurement, error) {
	var rows []struct {
		Table string `db:"table_id"`
		Cell  int    `db:"cell"`
		Value int64  `db:"value"`
		Num   int64  `db:"sigma2_num"`
		Den   int64  `db:"sigma2_den"`
	}
	if err := tx.Select(&rows, `select table_id, cell, value, sigma2_num, sigma2_den from stats.noisy_measurements where cube_id = $1 order by table_id, cell`, id); err != nil {
		return nil, err
	}
	byID := map[string]*Measurement{}
	all := make([]Measurement, len(l.tables))
	for i, t := range l.tables {
		all[i].Table = t.ID
		byID[t.ID] = &all[i]
	}
	for _, r := range rows {
		m := byID[r.Table]
		if m == nil || r.Cell != len(m.Values) {
			return nil, fmt.Errorf("release %s has a measurement that does not fit its plan", id)
		}
		m.Sigma2 = Fraction{r.Num, r.Den}
		m.Values = append(m.Values, r.Value)
	}
	return all, nil
}

// Publish gives a prepared release to everybody. Another person than the preparer must do it; it is verified once more before it goes out.
func (s *Service) Publish(ctx context.Context, who access.Actor, id uuid.UUID) (Release, error) {
	return gate.Do(ctx, s.gate, who, access.PublishRelease, access.Nothing, func(tx *gate.Tx) (Release, error) {
		var c struct {
			State State     `db:"state"`
			By    uuid.UUID `db:"prepared_by"`
		}
		if err := tx.Get(&c, `select state, prepared_by from stats.cubes where id = $1 for update`, id); err != nil {
			return Release{}, err
		}
		if c.By == tx.Who.User {
			return Release{}, fault.New(fault.Refused, "release_same_person")
		}
		switch c.State {
		case Published, Superseded:
			return Release{}, fault.New(fault.Conflict, "release_published")
		case Preparing, Failed:
			return Release{}, fault.New(fault.Conflict, "release_not_prepared")
		}
		if _, err := s.verified(tx, id); err != nil {
			return Release{}, err
		}
		if _, err := tx.Exec(`update stats.release_plans p set approved_by_2 = $2
			  from stats.cubes c
			 where c.id = $1 and p.id = c.plan_id and p.approved_by_2 is null and p.approved_by_1 <> $2`, id, tx.Who.User); err != nil {
			return Release{}, err
		}
		if _, err := tx.Exec(`update stats.cubes set state = 'PUBLISHED', published_by = $2, published_role = $3, published_at = $4 where id = $1`,
			id, tx.Who.User, string(tx.Who.Role), tx.Now); err != nil {
			return Release{}, said(err)
		}
		if _, err := tx.Exec(`update stats.cubes o set state = 'SUPERSEDED' from stats.cubes c where c.id = $1 and o.id = c.supersedes and o.state = 'PUBLISHED'`, id); err != nil {
			return Release{}, said(err)
		}
		tx.Opened(access.Statistics)
		return getCube(tx, id)
	})
}

// manifestOf completes the manifest with what the cube says, and holds the tables to their hash.
func manifestOf(c cubeRow, l *layout, tables []PublishedTable) (Manifest, []byte, error) {
	m, all, err := l.manifest(c.ID.String(), tables)
	if err != nil {
		return Manifest{}, nil, err
	}
	if m.SHA256 != hex.EncodeToString(c.SHA256) {
		return Manifest{}, nil, fmt.Errorf("release %s is not what was prepared: its hash differs", c.ID)
	}
	m.Scope, m.Period, m.Definition = c.Scope, &Period{c.From, c.To}, c.Definition
	for list := range m.CodeLists {
		m.CodeLists[list] = c.CodeLists
	}
	m.Method.Unit = "one person in one reporting year, files tied across agencies where they hold a number or a whole name with a day of birth; k files that cannot be tied are protected k times less"
	if c.Unlinked {
		m.Method.Unit = "one case file in one reporting year; files of one person are not linked, so a person with k files is protected k times less"
	}
	if c.Approved != nil {
		m.Method.Approved = *c.Approved
	}
	m.Method.SizeChosen = c.SizeFrom
	m.Method.PlanSHA256 = hash([]byte(c.Spec))
	if c.ClosedAt != nil {
		m.CutOff = c.ClosedAt.In(calendar.Zone).Format("2006-01-02T15:04:05Z07:00")
	}
	m.PreparedBy = c.PreparedRole
	if c.PublishedRole != nil {
		m.PublishedBy = *c.PublishedRole
	}
	if c.Supersedes.Valid {
		m.Supersedes = c.Supersedes.UUID.String()
	}
	if c.SupersededBy.Valid {
		m.SupersededBy = c.SupersededBy.UUID.String()
	}
	return m, all, nil
}

// JSON writes the manifest as it is served.
func (m Manifest) JSON() ([]byte, error) {
	raw, err := json.MarshalIndent(m, "", "  ")
	return append(raw, '\n'), err
}
