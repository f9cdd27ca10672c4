package proof

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestAWitnessSignsOnlyWhatContinuesTheLast(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	text, err := w.ring.VerifierKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenWitness(t.TempDir(), ""); err == nil {
		t.Error("a witness of no record")
	}
	dir := t.TempDir()
	if _, err := OpenWitness(dir, text); err != nil {
		t.Fatal(err)
	}
	sign := func(w *world) (string, error) {
		t.Helper()
		wit, err := OpenWitness(dir, "") // each time anew: what she knows lies in her folder
		if err != nil {
			t.Fatal(err)
		}
		old, err := wit.Last()
		if err != nil {
			t.Fatal(err)
		}
		offer, err := Offer(t.Context(), w.reader, old)
		if err != nil {
			return "", err
		}
		return wit.Sign(strings.NewReader(offer))
	}
	for range 3 {
		w.record(t, 7)
		w.seal(t)
		signed, err := sign(w)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Count(signed, "— ") != 2 || !strings.Contains(signed, "— "+WitnessName+" ") {
			t.Errorf("not signed by both:\n%s", signed)
		}
		if r := w.verify(t, signed); !r.Whole() || r.Anchors != 1 {
			t.Errorf("%+v", r)
		}
		if _, err := sign(w); err != nil { // the same again
			t.Error(err)
		}
	}
	// Another record under the same key: longer, and no continuation.
	other := newWorld(t)
	other.ring = w.ring
	other.sealer = NewSealer(other.reader, w.ring, slog.New(slog.DiscardHandler), nil)
	other.record(t, 30)
	other.seal(t)
	if _, err := sign(other); !errors.Is(err, ErrForked) {
		t.Errorf("signed a fork: %v", err)
	}
	// The same record, whose seal says an earlier time than the one that was signed.
	w.sealer.now = func() time.Time { return time.Now().Add(-time.Hour) }
	w.record(t, 1)
	w.seal(t)
	if _, err := sign(w); !errors.Is(err, ErrForked) {
		t.Errorf("signed a clock that ran back: %v", err)
	}
	// The same record, cut.
	w.super.MustExec(`delete from audit.seals where size > 7`)
	if _, err := sign(w); err == nil {
		t.Error("signed a record that was cut")
	}
	// A record of another key.
	stranger := newWorld(t)
	stranger.record(t, 30)
	stranger.seal(t)
	if _, err := sign(stranger); !errors.Is(err, ErrKey) {
		t.Errorf("signed what another key had signed: %v", err)
	}
	for _, bad := range []string{"", "old x\n\nx", "old 1\nzz\n\nx", "\n\n"} {
		wit, err := OpenWitness(dir, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := wit.Sign(strings.NewReader(bad)); err == nil {
			t.Errorf("signed %q", bad)
		}
	}
}

func TestAnAnchorCanBePrintedAndReadByEye(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.record(t, 3)
	w.seal(t)
	c, err := w.key.Open([]byte(w.newest(t)))
	if err != nil {
		t.Fatal(err)
	}
	printed, err := Printed(w.newest(t), "k")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(printed, c.Letters()) || len(strings.Fields(c.Letters())) != 13 || !strings.Contains(printed, "Entries: 3\n") {
		t.Error(printed)
	}
}
