package world

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"binhan/internal/release"
)

// seedPlans writes the shipped release plans in, proposed by the statistics officer of the cast and approved by her head. Outside of development two real people do it.
func seedPlans(ctx context.Context, db Execer) error {
	for _, p := range release.ShippedPlans() {
		if _, err := db.ExecContext(ctx, `insert into stats.plan_versions (id, version, kind, size, spec, sha256, proposed_by, approved_by, approved_at)
			values ($1, $2, $3, $4, $5::text, sha256(convert_to($5::text, 'UTF8')), $6, $7, now()) on conflict do nothing`,
			uuid.NewSHA1(space, []byte("plan/"+p.Spec)), p.Version, string(p.Kind), string(p.Size), p.Spec, UserID("thongke.sldtbxh"), UserID("lanhdao.sldtbxh")); err != nil {
			return fmt.Errorf("seed: %w", err)
		}
	}
	return nil
}
