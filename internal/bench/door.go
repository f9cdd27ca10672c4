package bench

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"binhan/internal/pg"
)

// door measures what the one door to the cases costs: a case read through it, decided, bound to its session, held by row-level security, opened and recorded,
// against the same reads in a transaction of a superuser who asks nobody. Both from this process over one connection at a time, in turns.
func (b *bench) door(ctx context.Context) error {
	db, err := pg.Open(b.cluster.DSN(pg.Superuser, "binhan"))
	if err != nil {
		return err
	}
	defer db.Close()
	conn, err := db.Connx(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	one, err := conn.PreparexContext(ctx, `select c.id, c.code, c.status, c.narrative, k.identity, k.safety, k.narrative, k.evidence, s.identity, s.safety, o.name, u.name
		  from cases c join case_keys k on k.case_id = c.id join survivors s on s.case_id = c.id join organisations o on o.id = c.organisation_id join auth.users u on u.id = c.owner
		 where c.id = $1`)
	if err != nil {
		return err
	}
	defer one.Close()
	told, err := conn.PreparexContext(ctx, `select id, occurred_on, precision, commune, narrative, identity, recorded_at from incidents where case_id = $1 order by recorded_at, id`)
	if err != nil {
		return err
	}
	defer told.Close()
	plain := func(id uuid.UUID) error {
		if _, err := conn.ExecContext(ctx, "begin"); err != nil {
			return err
		}
		rows, err := one.QueryxContext(ctx, id)
		if err != nil {
			return err
		}
		for rows.Next() {
			if _, err := rows.SliceScan(); err != nil {
				return err
			}
		}
		if rows, err = told.QueryxContext(ctx, id); err != nil {
			return err
		}
		for rows.Next() {
			if _, err := rows.SliceScan(); err != nil {
				return err
			}
		}
		_, err = conn.ExecContext(ctx, "commit")
		return err
	}
	gated := func(id uuid.UUID) error { _, err := b.app.Cases.Read(ctx, b.who, id); return err }
	const turn = 300
	turns := func(do func(uuid.UUID) error, n int) (time.Duration, error) {
		took := make([]time.Duration, turn)
		for i := range took {
			start := time.Now()
			if err := do(b.anyCase[(n*turn+i)%len(b.anyCase)]); err != nil {
				return 0, err
			}
			took[i] = time.Since(start)
		}
		slices.Sort(took)
		return took[turn/2], nil
	}
	var through, without, ratios []float64
	for n := range b.o.Runs {
		p, err := turns(plain, n)
		if err != nil {
			return err
		}
		g, err := turns(gated, n)
		if err != nil {
			return err
		}
		through, without, ratios = append(through, us(g)), append(without, us(p)), append(ratios, us(g)/us(p))
	}
	b.note("the door: a case read through it takes %.0f µs (p50), keys and record included; the same reads of a superuser who asks nobody take %.0f µs; the door adds %.0f µs, %.1f times (%.1f–%.1f)",
		median(through), median(without), median(through)-median(without), median(ratios), slices.Min(ratios), slices.Max(ratios))
	fmt.Fprintf(b.o.Log, "  the door %.0f µs, without %.0f µs\n", median(through), median(without))
	return nil
}
