package campaign_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binhan/internal/campaign"
	"binhan/internal/fault"
	"binhan/internal/pg"
	"binhan/internal/release"
)

// published releases 2024 of the province, made of made-up facts.
func (g ground) published(t *testing.T) release.Release {
	t.Helper()
	super := g.DB.Open(t, pg.Superuser)
	super.MustExec(`insert into stats.facts (fact_ref, scope, received_on, area, commune, form, forms, sex, age, relation, sex_perp, ethnic)
		select sha256(convert_to('thử ' || i::text, 'UTF8')), '51', '2024-01-10'::date + i % 300, '608', 'UNK', case when i % 3 = 0 then 'SEXUAL' else 'PHYSICAL' end,
		       array[case when i % 3 = 0 then 'SEXUAL' else 'PHYSICAL' end], 'F', 'A25_39', 'SPOUSE', 'M', 'KINH' from generate_series(1, 400) i`)
	s := release.New(g.Gate, nil)
	r, err := s.Prepare(t.Context(), g.officer, release.PrepareCommand{Scope: "51", Period: release.Period{From: "2024-01-01", To: "2024-12-31"}})
	if err != nil {
		t.Fatal(err)
	}
	if r, err = s.Publish(t.Context(), g.approver, r.ID); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestFiguresOfCasesAreCellsOfAPublishedRelease(t *testing.T) {
	t.Parallel()
	g := begin(t)
	ctx := t.Context()
	if _, err := g.s.Begin(ctx, g.officer, campaign.BeginCommand{Year: 2024, Theme: "Chủ đề thử"}); err != nil {
		t.Fatal(err)
	}
	l, err := g.s.Live(ctx, g.officer, 2024)
	if err != nil || l.Consolidation.Release != nil || len(l.Consolidation.Cases) != 0 {
		t.Fatal("figures of cases before anything was published", err)
	}
	r := g.published(t)
	if l, err = g.s.Live(ctx, g.officer, 2024); err != nil || l.Consolidation.Release == nil || l.Consolidation.Release.ID != r.ID {
		t.Fatal("the published release is not read", err)
	}
	tables, err := release.New(g.Gate, nil).Tables(ctx, g.officer, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	cells := map[string]release.CellView{}
	for _, table := range tables {
		for _, c := range table.Cells {
			cells[table.TableID+" "+c.Dims] = c
		}
	}
	for _, f := range l.Consolidation.Cases {
		c, ok := cells[f.Table+" "+f.Dims]
		if !ok {
			t.Errorf("%s is no published cell", f.Key)
		}
		if d := cmp.Diff(release.CellView{Dims: f.Dims, Count: f.Count, Lower: f.Lower, Upper: f.Upper}, c); d != "" {
			t.Errorf("%s: %s", f.Key, d)
		}
	}
	if f, ok := l.Consolidation.Figures["case.total"]; !ok || f.Source != "release" || f.Text == "" {
		t.Error(f)
	}
	v, err := g.s.Prepare(ctx, g.officer, 2024)
	if err != nil {
		t.Fatal(err)
	}
	super := g.DB.Open(t, pg.Superuser)
	var stored int
	if err := super.Get(&stored, `select count(*) from campaign.version_figures where version_id = $1`, v.ID); err != nil || stored != len(l.Consolidation.Cases) || stored == 0 {
		t.Error(stored, err)
	}
	// Any other number is refused by the database, whoever brings it.
	for name, sql := range map[string]string{
		"a number that no cell has":      `select version_id, 'case.thu', release_id, table_id, dims, count + 5, lower, upper from campaign.version_figures where version_id = $1 and count is not null limit 1`,
		"a narrower interval":            `select version_id, 'case.thu', release_id, table_id, dims, count, lower + 1, upper from campaign.version_figures where version_id = $1 limit 1`,
		"a cell of another release":      `select version_id, 'case.thu', gen_random_uuid(), table_id, dims, count, lower, upper from campaign.version_figures where version_id = $1 limit 1`,
		"a withheld number that is told": `select version_id, 'case.thu', release_id, table_id, dims, 3, lower, upper from campaign.version_figures where version_id = $1 and count is null limit 1`,
	} {
		res, err := super.Exec(`insert into campaign.version_figures (version_id, key, release_id, table_id, dims, count, lower, upper) `+sql, v.ID)
		if err == nil {
			if n, _ := res.RowsAffected(); n > 0 {
				t.Errorf("%s was taken", name)
			}
		}
	}
}

func TestAReleaseThatIsNotPublishedGivesNoFigure(t *testing.T) {
	t.Parallel()
	g := begin(t)
	r := g.published(t)
	super := g.DB.Open(t, pg.Superuser)
	// The same cells, of a cube that waits for its second reader.
	_, err := super.Exec(fmt.Sprintf(`insert into campaign.version_figures (version_id, key, release_id, table_id, dims, count, lower, upper)
		select gen_random_uuid(), 'case.thu', '%s', table_id, dims, null, 0, 9 from stats.release_cells where shown limit 1`, r.ID))
	if err == nil {
		t.Error("a shown cell was taken as withheld")
	}
	if _, err := g.s.Version(t.Context(), g.officer, 2026, 1); !errors.Is(err, fault.NotFound) {
		t.Error(err)
	}
}
