package evidence

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Swept is what a sweep did.
type Swept struct {
	Removed int // objects and unfinished uploads that nobody named
	Held    int // that the store must keep all the same
}

// Grace is how old an object must be before the sweep looks at it: longer than any upload and the act behind it can take.
const Grace = 24 * time.Hour

const sweepBatch = 500

// Sweep removes what was uploaded before a moment, at least Grace ago, and what no row names. It acts for nobody and so cannot see rows:
// named tells which of some objects are named by one (the function gate.named_objects). When it cannot tell, nothing is removed.
func (s *Service) Sweep(ctx context.Context, before time.Time, named func(ctx context.Context, objects []string) ([]string, error)) (Swept, error) {
	var done Swept
	var batch []Found
	flush := func() error {
		defer func() { batch = batch[:0] }()
		ask := make([]string, 0, len(batch))
		for _, f := range batch {
			ask = append(ask, f.Key)
		}
		known, err := named(ctx, ask)
		if err != nil {
			return fmt.Errorf("ask for named objects: %w", err)
		}
		keep := make(map[string]bool, len(known))
		for _, key := range known {
			keep[key] = true
		}
		for _, f := range batch {
			if keep[f.Key] && f.Upload == "" {
				continue
			}
			switch err := s.vault.Remove(ctx, f); {
			case errors.Is(err, ErrHeld):
				done.Held++
			case err != nil:
				return err
			default:
				done.Removed++
			}
		}
		return nil
	}
	for f, err := range s.vault.List(ctx, objects) {
		if err != nil {
			return done, err
		}
		if !f.At.Before(before) {
			continue
		}
		if batch = append(batch, f); len(batch) == sweepBatch {
			if err := flush(); err != nil {
				return done, err
			}
		}
	}
	if len(batch) == 0 {
		return done, nil
	}
	return done, flush()
}
