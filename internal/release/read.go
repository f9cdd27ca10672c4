package release

import (
	"context"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/fault"
	"binhan/internal/gate"
)

// What the statistician reads comes through three views that show published releases and nothing else; her database role has no other right.

// TableView is one published table: the same cells as in CSV.
type TableView struct {
	ReleaseID string     `json:"release_id"`
	TableID   string     `json:"table_id"`
	Dims      []string   `json:"dims"`
	Cells     []CellView `json:"cells"`
}

// CellView is one cell. Count is null when it is withheld ("under 10").
type CellView struct {
	Dims  string `json:"dims"`
	Count *int64 `json:"count"`
	Lower int64  `json:"lower"`
	Upper int64  `json:"upper"`
}

func viewOf(release string, t PublishedTable) TableView {
	v := TableView{ReleaseID: release, TableID: t.ID, Dims: t.Dims, Cells: make([]CellView, len(t.Cells))}
	for i, c := range t.Cells {
		v.Cells[i] = CellView{Dims: c.Dims, Lower: c.Lower, Upper: c.Upper}
		if c.Shown {
			v.Cells[i].Count = &c.Count
		}
	}
	return v
}

// publishedColumns are cubeColumns as the statistician's view has them.
const publishedColumns = `id, scope, period_from::text as period_from, period_to::text as period_to, state, plan_version as version, plan as spec, closed_at,
	decode(sha256, 'hex') as sha256, prepared_role, published_role, published_at, supersedes, definition, code_lists, size_from, kind, unlinked, approved_plan,
	superseded_by`

// Page is a part of the list of releases. Next is where the following part begins, "" at the end.
type Page struct {
	Items []Release `json:"items"`
	Next  string    `json:"next"`
}

// List gives the published releases, the newest period first.
func (s *Service) List(ctx context.Context, who access.Actor, limit int, cursor string) (Page, error) {
	if limit < 1 || limit > 100 {
		limit = 20
	}
	after := uuid.Max
	if cursor != "" {
		var err error
		if after, err = uuid.Parse(cursor); err != nil {
			return Page{}, fault.Bad(fault.Problem{Pointer: "/cursor", Key: "release_cursor"})
		}
	}
	return gate.Do(ctx, s.gate, who, access.ReadRelease, access.Nothing, func(tx *gate.Tx) (Page, error) {
		var rows []cubeRow
		if err := tx.Select(&rows, `select `+publishedColumns+` from stats.published_releases where id < $1 order by id desc limit $2`, after, limit+1); err != nil {
			return Page{}, err
		}
		tx.Opened(access.Statistics)
		var page Page
		if len(rows) > limit {
			rows = rows[:limit]
			page.Next = rows[limit-1].ID.String()
		}
		var err error
		page.Items, err = releases(rows)
		return page, err
	})
}

// published is everything about one published release.
type published struct {
	row    cubeRow
	layout *layout
	tables []PublishedTable
}

func (s *Service) read(ctx context.Context, who access.Actor, id uuid.UUID, tables ...string) (published, error) {
	return gate.Do(ctx, s.gate, who, access.ReadRelease, access.Nothing, func(tx *gate.Tx) (published, error) {
		var p published
		if err := tx.Get(&p.row, `select `+publishedColumns+` from stats.published_releases where id = $1`, id); err != nil {
			return p, err
		}
		plan, err := ParsePlan([]byte(p.row.Spec))
		if err != nil {
			return p, err
		}
		if p.layout, err = plan.layout(true); err != nil {
			return p, err
		}
		var rows []cellRow
		if err := tx.Select(&rows, `select table_id, dims, count as value, lower, upper, count is not null as shown
			  from stats.published_cells
			 where release_id = $1 and (cardinality($2::text[]) = 0 or table_id = any ($2::text[]))
			 order by table_id, position`, id, gate.Texts(tables)); err != nil {
			return p, err
		}
		tx.Opened(access.Statistics)
		p.tables = gather(p.layout, rows)
		return p, nil
	})
}

// Get gives one published release; to whom it is not published it does not exist.
func (s *Service) Get(ctx context.Context, who access.Actor, id uuid.UUID) (Release, error) {
	p, err := s.read(ctx, who, id, "")
	if err != nil {
		return Release{}, err
	}
	return p.row.release()
}

// Table gives one table of a published release.
func (s *Service) Table(ctx context.Context, who access.Actor, id uuid.UUID, table string) (TableView, error) {
	p, err := s.read(ctx, who, id, table)
	if err != nil {
		return TableView{}, err
	}
	for _, t := range p.tables {
		if t.ID == table {
			return viewOf(id.String(), t), nil
		}
	}
	return TableView{}, fault.Missing()
}

// TableCSV gives one table of a published release as CSV, the bytes whose hash the manifest tells.
func (s *Service) TableCSV(ctx context.Context, who access.Actor, id uuid.UUID, table string) ([]byte, error) {
	p, err := s.read(ctx, who, id, table)
	if err != nil {
		return nil, err
	}
	for _, t := range p.tables {
		if t.ID == table {
			return tableCSV(id.String(), t)
		}
	}
	return nil, fault.Missing()
}

// Tables gives all tables of a published release.
func (s *Service) Tables(ctx context.Context, who access.Actor, id uuid.UUID) ([]TableView, error) {
	p, err := s.read(ctx, who, id)
	if err != nil {
		return nil, err
	}
	views := make([]TableView, len(p.tables))
	for i, t := range p.tables {
		views[i] = viewOf(id.String(), t)
	}
	return views, nil
}

// Export gives all tables of a published release as one CSV, and the manifest. The bytes are the same each time.
func (s *Service) Export(ctx context.Context, who access.Actor, id uuid.UUID) (csv []byte, m Manifest, err error) {
	p, err := s.read(ctx, who, id)
	if err != nil {
		return nil, Manifest{}, err
	}
	m, csv, err = manifestOf(p.row, p.layout, p.tables)
	return csv, m, err
}
