package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"binhan/internal/audit/proof"
	"binhan/internal/pg"
)

// entriesMeasured is how large the record is made before it is measured.
const entriesMeasured = 1_000_000

// manyLooks are the entries of one case in it.
const manyLooks = 2_000

// record fills the record of acts, seals it, verifies it, and asks who looked at one case.
func (b *bench) record(ctx context.Context) error {
	db, err := pg.Open(b.cluster.DSN(pg.Superuser, "binhan"))
	if err != nil {
		return err
	}
	defer db.Close()
	var have int
	if err := db.GetContext(ctx, &have, `select count(*) from audit.entries`); err != nil {
		return err
	}
	one := b.anyCase[0]
	if _, err := db.ExecContext(ctx, `insert into audit.entries (actor, organisation, role, session, act, kind, subject, case_id, classes, decision, standing, request, client, device, unwraps)
		select $1, $2, 'COUNSELLOR', '\x0102030405060708', 'case.read', 'case', $3, $3, '{record,identity}', 'allowed', 'assigned', md5(i::text), '10.0.0.1', '\x0102', 3 from generate_series(1, $4) i`,
		b.who.User, b.who.Organisation, one, manyLooks); err != nil {
		return err
	}
	// A thousand an act: more transactions would measure the disk.
	for n := have + manyLooks; n < entriesMeasured; n += 1000 {
		if _, err := db.ExecContext(ctx, `insert into audit.entries (actor, organisation, role, session, act, kind, subject, case_id, classes, decision, standing, request, client, device, unwraps)
			select $1, $2, 'COUNSELLOR', '\x0102030405060708', 'case.read', 'case', c, c, '{record,identity,safety,narrative}', 'allowed', 'assigned', md5(i::text), '10.0.0.1', '\x0102', 3
			  from (select i, md5((i / 10)::text)::uuid as c from generate_series($3::int, $3 + 999) i) x`, b.who.User, b.who.Organisation, n); err != nil {
			return err
		}
	}
	if _, err := db.ExecContext(ctx, `analyze audit.entries`); err != nil {
		return err
	}
	reader, err := pg.Open(b.cluster.DSN(pg.Sealer, "binhan"))
	if err != nil {
		return err
	}
	defer reader.Close()
	start := time.Now()
	sealed, err := proof.NewSealer(reader, b.ring, slog.New(slog.DiscardHandler), nil).Once(ctx)
	if err != nil {
		return err
	}
	sealing := time.Since(start)
	text, err := b.ring.VerifierKey(ctx)
	if err != nil {
		return err
	}
	key, err := proof.ParseKey(text)
	if err != nil {
		return err
	}
	start = time.Now()
	r, err := proof.Verify(ctx, reader, proof.VerifyOptions{Key: key, Now: time.Now()})
	if err != nil {
		return err
	}
	if !r.Whole() {
		return fmt.Errorf("the record is not whole: %v", r.Findings)
	}
	verifying := time.Since(start)
	b.note("record of acts: %d entries sealed in %s (%.0f a second) and verified in %s (%.0f a second); goal 60 s for a million of both", sealed, sealing.Round(time.Millisecond), float64(sealed)/sealing.Seconds(),
		verifying.Round(time.Millisecond), float64(r.Size)/verifying.Seconds())
	start = time.Now()
	cursor, seen := "", 0
	for {
		page, err := b.http.do("GET", "/api/v1/cases/"+one.String()+"/access?limit=100"+cursor, nil)
		if err != nil {
			return err
		}
		items, _ := page["items"].([]any)
		seen += len(items)
		next, ok := page["next"].(string)
		if !ok {
			break
		}
		cursor = "&cursor=" + next
	}
	if seen < manyLooks {
		return errors.New("not everybody who looked is told")
	}
	b.note("who looked at one case, all %d entries out of %d in the record, by pages of 100 over HTTP: %s (goal 5 s)", seen, r.Size, time.Since(start).Round(time.Millisecond))
	return nil
}
