package bench

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/uuid"

	"binhan/internal/config"
	"binhan/internal/devstack"
	"binhan/internal/keyd"
	"binhan/internal/seal"
)

// keys starts a key process of the bench's own, as `make run` does: another operating-system process, another user where we are root.
func (b *bench) keys(ctx context.Context) error {
	dir := filepath.Join(b.dir, "keyd")
	c := config.Config{Environment: config.Development, KeyProgram: b.o.KeyProgram, Keyring: filepath.Join(b.dir, "keyring.json")}
	var err error
	if b.keyProcess, err = devstack.StartKeys(ctx, c, dir, filepath.Join(dir, "sock")); err != nil {
		return err
	}
	b.ring = keyd.NewClient(b.keyProcess.Socket, 10*time.Second)
	return nil
}

// keyWork measures what the key process costs over its socket (privacy.md B3).
func (b *bench) keyWork(ctx context.Context) error {
	owner := uuid.New()
	f := seal.For{Actor: "bench", Session: "bench", Act: "bench"}
	keys, ws, err := b.ring.NewKeys(ctx, owner, seal.Compartments[:4]...)
	if err != nil {
		return err
	}
	defer keys.Close()
	quantile := func(n int, do func() error) (p50, p99 time.Duration, err error) {
		took := make([]time.Duration, n)
		for i := range took {
			start := time.Now()
			if err := do(); err != nil {
				return 0, 0, err
			}
			took[i] = time.Since(start)
		}
		slices.Sort(took)
		return took[n/2], took[n*99/100], nil
	}
	p50, p99, err := quantile(20_000, func() error {
		k, err := b.ring.Unwrap(ctx, f, owner, ws...)
		k.Close()
		return err
	})
	if err != nil {
		return err
	}
	b.note("keys: the four keys of a case over the socket, logged and counted: p50 %d µs, p99 %d µs (goal: p99 at most 300 µs)", p50.Microseconds(), p99.Microseconds())
	rows := make([]seal.Candidate, seal.MaxMatch)
	for i := range rows {
		id := uuid.New()
		k, w, err := b.ring.NewKeys(ctx, id, seal.Identity)
		if err != nil {
			return err
		}
		p := seal.Place{Table: "survivors", Column: "identity", Row: id, Owner: id, Compartment: seal.Identity}
		sealed, err := k.Seal(p, fmt.Appendf(nil, `{"name":"Nguyễn Thị Thử Nghiệm %d","phone":"0900%06d","id_number":"0621900%05d"}`, i, i, i))
		k.Close()
		if err != nil {
			return err
		}
		rows[i] = seal.Candidate{Case: id, Key: w[0], Place: p, Sealed: sealed}
	}
	p50, p99, err = quantile(300, func() error {
		found, err := b.ring.Match(ctx, f, seal.Query{Name: "trần thị thúy"}, rows)
		if len(found) > 0 {
			return errors.Join(err, errors.New("found somebody who is not there"))
		}
		return err
	})
	if err != nil {
		return err
	}
	b.note("keys: a name looked for in 2,000 sealed identities inside the key process: p50 %.1f ms, p99 %.1f ms (goal: p99 at most 20 ms)", ms(p50), ms(p99))
	before, err := b.ring.Status(ctx)
	if err != nil {
		return err
	}
	trips := b.ring.RoundTrips()
	if _, err := b.http.do("GET", "/api/v1/cases/"+b.anyCase[2].String(), nil); err != nil {
		return err
	}
	after, err := b.ring.Status(ctx)
	if err != nil {
		return err
	}
	opened, asked := after.Counters.Unwraps-before.Counters.Unwraps, b.ring.RoundTrips()-trips-1
	trips = b.ring.RoundTrips()
	if _, err := b.http.do("GET", "/api/v1/cases", nil); err != nil {
		return err
	}
	b.note("keys: a page of a case opens %d keys in %d requests (goal: at most 4 keys); a list of cases asks %d times (goal: none)", opened, asked, b.ring.RoundTrips()-trips)
	return nil
}
