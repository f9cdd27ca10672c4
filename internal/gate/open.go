package gate

import (
	"context"

	"github.com/google/uuid"

	"binhan/internal/access"
)

// What everybody may read without saying who she is: published releases whose plan is public. There is no act, no actor and no record, since nobody is named and
// nothing is opened that is not open; the two statements below are all that this way can ask, and the views they ask hold nothing else.

var readOpen = access.Act{Name: "release.open"}

// OpenReleases reads the releases that everybody may read into the slice that dest points to, the newest first.
func (g *Gate) OpenReleases(ctx context.Context, dest any) error {
	return g.open(ctx, dest, `select id, scope, period_from::text as period_from, period_to::text as period_to, state, plan_version as version, plan as spec, closed_at, decode(sha256, 'hex') as sha256,
		prepared_role, published_role, published_at, supersedes, definition, code_lists, size_from, kind, unlinked, approved_plan, superseded_by
		  from stats.open_releases
		 order by period_to desc, published_at desc, id desc
		 limit 500`)
}

// OpenNumbers reads the cells of one such release, in the order of printing.
func (g *Gate) OpenNumbers(ctx context.Context, dest any, release uuid.UUID) error {
	return g.open(ctx, dest, `select table_id, dims, value, lower, upper, shown from stats.open_numbers where release_id = $1 order by table_id, position`, release)
}

func (g *Gate) open(ctx context.Context, dest any, query string, args ...any) error {
	p := g.pools[access.Reading]
	c, err := p.take(ctx)
	if err != nil {
		return explain(readOpen, err)
	}
	err = c.selectRows(ctx, dest, query, args...)
	p.give(c, err != nil)
	if err != nil {
		return explain(readOpen, err)
	}
	return nil
}
