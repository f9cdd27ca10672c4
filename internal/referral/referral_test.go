package referral

import (
	"testing"
	"time"
)

func TestADeadlineMovesAWaitingReferralByItself(t *testing.T) {
	t.Parallel()
	sent := time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)
	ack, accept := sent.Add(time.Hour), sent.Add(2*time.Hour)
	for _, c := range []struct {
		was  Status
		at   time.Duration
		want Status
	}{
		{Sent, 59 * time.Minute, Sent}, {Sent, 61 * time.Minute, Escalated}, {Received, 61 * time.Minute, Received}, {Received, 121 * time.Minute, Escalated},
		{Sent, 31 * 24 * time.Hour, Expired}, {Received, 31 * 24 * time.Hour, Expired}, {Accepted, 31 * 24 * time.Hour, Accepted}, {Declined, 31 * 24 * time.Hour, Declined},
		{InfoRequested, 31 * 24 * time.Hour, InfoRequested},
	} {
		if got := c.was.At(sent.Add(c.at), &sent, &ack, &accept); got != c.want {
			t.Errorf("%s after %v: %s, want %s", c.was, c.at, got, c.want)
		}
	}
	if got := Draft.At(sent, nil, nil, nil); got != Draft {
		t.Error("a draft has no deadline:", got)
	}
}

// TestTheMachineIsTheTable walks every state and every move.
func TestTheMachineIsTheTable(t *testing.T) {
	t.Parallel()
	states := []Status{Draft, Sent, Received, InfoRequested, Escalated, Accepted, InService, Feedback, NoShow, Declined, Forwarded, Completed, Cancelled, ConsentWithdrawn, Expired}
	for _, ended := range []Status{Completed, Cancelled, ConsentWithdrawn, Forwarded} {
		for _, side := range []Side{Sender, Receiver, System} {
			if next := Next(side, ended); len(next) != 0 {
				t.Errorf("%s is an end, yet %s may %v", ended, side, next)
			}
		}
	}
	for _, s := range states {
		for _, m := range Moves {
			if m.Allowed(s) && m.To == s {
				t.Errorf("%s from %s leads nowhere", m.Name, s)
			}
			if m.Allowed(s) && m.By == Receiver && s == Draft {
				t.Errorf("the receiver may %s a draft", m.Name)
			}
		}
	}
	if Sent.Open() || Declined.Open() || Completed.Open() || ConsentWithdrawn.Open() || !Accepted.Open() {
		t.Error("what was shared is open only from acceptance to closing")
	}
}
