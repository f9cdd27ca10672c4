package seal_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"binhan/internal/seal"
)

func erasure(owners ...uuid.UUID) seal.Erasure {
	return seal.Erasure{Owners: owners, Ground: "test.request", Approvers: [2]string{"duyet.mot", "duyet.hai"}}
}

// Row 18 of the threats: the erased case comes back with a restored database. Its wrapped keys are whole again, and the ring refuses them.
func TestARestoredDatabaseFindsTheErasedRefused(t *testing.T) {
	t.Parallel()
	ctx, path, owner := context.Background(), filepath.Join(t.TempDir(), "keyring.json"), uuid.New()
	ring, err := seal.OpenFileRing(path, true)
	if err != nil {
		t.Fatal(err)
	}
	bystander, err := seal.OpenFileRing(path, false)
	if err != nil {
		t.Fatal(err)
	}
	_, backup, err := ring.NewKeys(ctx, owner, seal.Compartments...)
	if err != nil {
		t.Fatal(err)
	}
	if err := ring.Forget(ctx, seal.For{}, erasure(owner)); err != nil {
		t.Fatal(err)
	}
	later, err := seal.OpenFileRing(path, false)
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]*seal.FileRing{"the ring": ring, "a ring that was open meanwhile": bystander, "a ring opened later": later} {
		if _, err := r.Unwrap(ctx, seal.For{}, owner, backup...); !errors.Is(err, seal.ErrForgotten) {
			t.Errorf("%s: %v", name, err)
		}
		if _, _, err := r.Rewrap(ctx, owner, backup[0]); !errors.Is(err, seal.ErrForgotten) {
			t.Errorf("%s rewraps: %v", name, err)
		}
	}
}

// Without the ledger the erased would open again: a ring that remembers more of it than it finds does not open.
func TestACutOrAlteredErasureLedgerClosesTheRing(t *testing.T) {
	t.Parallel()
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "keyring.json")
	ring, err := seal.OpenFileRing(path, true)
	if err != nil {
		t.Fatal(err)
	}
	owners := []uuid.UUID{uuid.New(), uuid.New(), uuid.New()}
	for _, owner := range owners {
		if err := ring.Forget(ctx, seal.For{}, erasure(owner)); err != nil {
			t.Fatal(err)
		}
	}
	book := path + ".erasures"
	text, err := os.ReadFile(book)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	for name, bad := range map[string][]byte{
		"cut by a line": bytes.Join(lines[:2], nil), "emptied": {}, "without its middle": append(bytes.Clone(lines[0]), lines[2]...),
		"altered": bytes.Replace(text, []byte("duyet.hai"), []byte("duyet.hay"), 1), "an owner exchanged": bytes.Replace(text, []byte(owners[1].String()), []byte(uuid.NewString()), 1),
	} {
		if err := os.WriteFile(book, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := seal.OpenFileRing(path, true); err == nil {
			t.Errorf("%s: a ring opened", name)
		}
		if _, _, err := ring.NewKeys(ctx, uuid.New(), seal.Identity); err == nil {
			t.Errorf("%s: the open ring went on", name)
		}
	}
	if err := os.Remove(book); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.OpenFileRing(path, true); err == nil {
		t.Error("a ring opened without its ledger")
	}
	if err := os.WriteFile(book, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if again, err := seal.OpenFileRing(path, true); err != nil {
		t.Error(err)
	} else if list, err := again.Forgotten(ctx, 1); err != nil || len(list) != 2 || list[1].Owners[0] != owners[2] {
		t.Errorf("%v, %v", list, err)
	}
}

func TestARingOfAnEarlierVersionGetsASigningKey(t *testing.T) {
	t.Parallel()
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "keyring.json")
	if _, err := seal.OpenFileRing(path, true); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(text, []byte(`,
	"signing"`))
	if at < 0 {
		t.Fatal("no signing key in the file")
	}
	if err := os.WriteFile(path, append(bytes.Clone(text[:at]), "\n}\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	old, err := seal.OpenFileRing(path, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := old.VerifierKey(ctx); err == nil {
		t.Error("a key out of nothing")
	}
	ring, err := seal.OpenFileRing(path, true)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ring.VerifierKey(ctx)
	if err != nil {
		t.Fatal(err)
	}
	again, err := seal.OpenFileRing(path, true)
	if err != nil {
		t.Fatal(err)
	}
	if same, err := again.VerifierKey(ctx); err != nil || same != key {
		t.Errorf("another key after opening again: %v", err)
	}
}
