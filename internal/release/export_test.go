package release

import (
	"context"

	"binhan/internal/access"
)

// What the tests of the database need of the inside: made-up people as rows, and a draw that can be killed between its steps.

// DrawSteps is Draw that calls step after each part, and leaves the cube as a killed job would.
func (s *Service) DrawSteps(ctx context.Context, who access.Actor, r Reservation, step func(string) error) (Release, error) {
	return s.draw(ctx, who, r, step)
}

// MadeUp gives n made-up people of the medium plan as columns area, month, form, sex, age, relation.
func MadeUp(name string, n int) [][]string {
	f := people(name, n, mediumDims...)
	rows := make([][]string, f.Len())
	for i := range rows {
		for d, v := range f.row(i) {
			rows[i] = append(rows[i], f.Values[d][v])
		}
	}
	return rows
}

// WrongSums tells every sum of published tables that does not agree.
func WrongSums(views []TableView) []string {
	var tables []PublishedTable
	for _, v := range views {
		t := PublishedTable{ID: v.TableID, Dims: v.Dims}
		for _, c := range v.Cells {
			n := int64(-1)
			if c.Count != nil {
				n = *c.Count
			}
			t.Cells = append(t.Cells, Cell{Dims: c.Dims, Count: n})
		}
		tables = append(tables, t)
	}
	return wrongSums(tables)
}
