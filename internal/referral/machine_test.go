package referral_test

import (
	"slices"
	"testing"

	"binhan/internal/pg"
	"binhan/internal/pgtest"
	"binhan/internal/referral"
)

// TestTheDatabaseKnowsTheSameMoves asks every pair of states. What waits may have been escalated or expired by the clock, which is not written.
func TestTheDatabaseKnowsTheSameMoves(t *testing.T) {
	t.Parallel()
	db := pgtest.DB(t).Open(t, pg.Superuser)
	states := []referral.Status{referral.Draft, referral.Sent, referral.Received, referral.InfoRequested, referral.Accepted, referral.InService, referral.Feedback, referral.NoShow,
		referral.Declined, referral.Forwarded, referral.Completed, referral.Cancelled, referral.ConsentWithdrawn, referral.Escalated, referral.Expired}
	clock := []referral.Status{referral.Escalated, referral.Expired}
	legal := 0
	for _, from := range states {
		for _, to := range states {
			want := false
			for _, m := range referral.Moves {
				waits := (from == referral.Sent || from == referral.Received) && (m.Allowed(referral.Escalated) || m.Allowed(referral.Expired))
				if m.To == to && (m.Allowed(from) || waits) && from != to && !slices.Contains(clock, from) && !slices.Contains(clock, to) {
					want = true
				}
			}
			var got bool
			if err := db.Get(&got, `select standing.legal_move($1, $2)`, string(from), string(to)); err != nil {
				t.Fatal(err)
			}
			if got != want {
				t.Errorf("%s to %s: database %v, machine %v", from, to, got, want)
			}
			if got {
				legal++
			}
		}
	}
	if legal < 30 {
		t.Errorf("only %d legal moves", legal)
	}
}
