package release

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/google/uuid"

	"binhan/internal/access"
	"binhan/internal/codelist"
	"binhan/internal/fault"
	"binhan/internal/gate"
)

// Summed is a release of several scopes, made by adding their published cells. It draws nothing and costs no privacy: whoever has the provinces' tables can make it.
type Summed struct {
	Period   Period           `json:"period"`
	Kind     Kind             `json:"kind"`
	Releases []Release        `json:"releases"`
	Tables   []PublishedTable `json:"-"`
	Views    []TableView      `json:"tables"`
}

// Nation adds the published releases of all provinces for one period and kind. A corrected release counts by its correction. Tables of places stay with their provinces;
// the others are added cell by cell, so that the national figure is exactly the sum of the provincial ones. Noise adds up too: the standard deviation of a sum of k
// provinces is that of one times the root of k. Registers of their own are no provinces and are left out.
func (s *Service) Nation(ctx context.Context, who access.Actor, p Period, k Kind) (Summed, error) {
	if k == "" {
		k = Year
	}
	return gate.Do(ctx, s.gate, who, access.ReadRelease, access.Nothing, func(tx *gate.Tx) (Summed, error) {
		out := Summed{Period: p, Kind: k}
		var rows []cubeRow
		if err := tx.Select(&rows, `select `+publishedColumns+` from stats.published_releases
			 where period_from = $1::date and period_to = $2::date and state = 'PUBLISHED' and (kind = $3 or $3 = 'YEAR' and kind = 'CORRECTION') order by scope`, p.From, p.To, string(k)); err != nil {
			return out, err
		}
		rows = slices.DeleteFunc(rows, func(r cubeRow) bool { return !codelist.MustGet(codelist.AdminProvince).Has(r.Scope) })
		if len(rows) == 0 {
			return out, fault.New(fault.NotFound, "release_sum_empty")
		}
		var parts [][]PublishedTable
		for _, row := range rows {
			r, err := row.release()
			if err != nil {
				return out, err
			}
			l, err := mustLayout(row.Spec)
			if err != nil {
				return out, err
			}
			tables, err := protectedOf(tx, l, row.ID)
			if err != nil {
				return out, err
			}
			out.Releases, parts = append(out.Releases, r), append(parts, tables)
		}
		tx.Opened(access.Statistics)
		var err error
		out.Tables, err = Add(parts...)
		for _, t := range out.Tables {
			out.Views = append(out.Views, viewOf("sum", t))
		}
		return out, err
	})
}

func mustLayout(spec string) (*layout, error) {
	p, err := ParsePlan([]byte(spec))
	if err != nil {
		return nil, err
	}
	return p.layout(true)
}

// protectedOf reads the protected numbers of a published release, also of the cells that are printed as "under 10".
func protectedOf(tx *gate.Tx, l *layout, id uuid.UUID) ([]PublishedTable, error) {
	var rows []cellRow
	err := tx.Select(&rows, `select table_id, dims, value, lower, upper, shown from stats.published_numbers where release_id = $1 order by table_id, position`, id)
	return gather(l, rows), err
}

// Add adds the tables of releases of different people (provinces of one period, quarters of one year) cell by cell: those that all of them have, places left out. The
// intervals are those of sums of independent numbers.
func Add(parts ...[]PublishedTable) ([]PublishedTable, error) {
	if len(parts) == 0 {
		return nil, nil
	}
	var out []PublishedTable
	for _, t := range parts[0] {
		if slices.Contains(t.Dims, "area") || slices.Contains(t.Dims, "commune") {
			continue
		}
		sum := PublishedTable{ID: t.ID, Dims: t.Dims}
		variance := make([]float64, len(t.Cells))
		everywhere := true
		for _, p := range parts {
			i := slices.IndexFunc(p, func(o PublishedTable) bool { return o.ID == t.ID })
			if everywhere = i >= 0 && len(p[i].Cells) == len(t.Cells); !everywhere {
				break
			}
			for c, cell := range p[i].Cells {
				if cell.Dims != t.Cells[c].Dims {
					return nil, fmt.Errorf("table %s has other cells elsewhere", t.ID)
				}
				if len(sum.Cells) < len(t.Cells) {
					sum.Cells = append(sum.Cells, Cell{Dims: cell.Dims})
				}
				sum.Cells[c].Count += cell.Count
				half := float64(max(leastWidth, cell.Upper-cell.Count))
				variance[c] += half * half
			}
		}
		if !everywhere {
			continue
		}
		for c, cell := range sum.Cells {
			sum.Cells[c] = display.cell(cell.Dims, cell.Count, int64(math.Ceil(math.Sqrt(variance[c]))))
		}
		out = append(out, sum)
	}
	return out, nil
}
