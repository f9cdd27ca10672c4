package seal_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"binhan/internal/seal"
	"binhan/internal/seal/sealtest"
)

func TestAClosedRingKeepsTheContractAndOpensWithItsRootOnly(t *testing.T) {
	t.Parallel()
	ctx, path, owner := context.Background(), filepath.Join(t.TempDir(), "ring"), uuid.New()
	root := seal.FreshRoot()
	ring, err := seal.CreateClosedRing(path, seal.RootHead{Set: "0badcafe", Threshold: 3, Shares: 5}, bytes.Clone(root), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("contract", func(t *testing.T) { sealtest.Run(t, ring) })
	_, ws, err := ring.NewKeys(ctx, owner, seal.Identity)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seal.CreateClosedRing(path, seal.RootHead{}, seal.FreshRoot(), nil); !errors.Is(err, seal.ErrExists) {
		t.Errorf("a ring was written over: %v", err)
	}
	if _, err := seal.OpenClosedRing(path, seal.FreshRoot()); !errors.Is(err, seal.ErrRoot) {
		t.Errorf("another root: %v", err)
	}
	if _, err := seal.OpenFileRing(path, true); err == nil {
		t.Error("opened without a root")
	}
	if err := ring.Reclose(seal.RootHead{Set: "00c0ffee", Threshold: 2, Shares: 3}); err != nil {
		t.Fatal(err)
	}
	if head, err := seal.ReadRootHead(path); err != nil || head.Set != "00c0ffee" || head.Threshold != 2 {
		t.Errorf("%+v, %v", head, err)
	}
	again, err := seal.OpenClosedRing(path, bytes.Clone(root))
	if err != nil {
		t.Fatal(err)
	}
	if keys, err := again.Unwrap(ctx, seal.For{}, owner, ws...); err != nil || !keys.Has(seal.Identity) {
		t.Error(err)
	}
	if _, err := seal.ReadRootHead(path + "x"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	bad := bytes.Replace(text, []byte("00c0ffee"), []byte("00c0ffef"), 1)
	if err := os.WriteFile(path, bad, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.OpenClosedRing(path, bytes.Clone(root)); !errors.Is(err, seal.ErrRoot) {
		t.Errorf("the head was exchanged: %v", err)
	}
}

func TestARingIsTakenOverClosed(t *testing.T) {
	t.Parallel()
	ctx, dir, owner := context.Background(), t.TempDir(), uuid.New()
	plain := newRing(t)
	_, ws, err := plain.NewKeys(ctx, owner, seal.Compartments...)
	if err != nil {
		t.Fatal(err)
	}
	mark, err := plain.MAC(ctx, "fact", owner[:])
	if err != nil {
		t.Fatal(err)
	}
	closed, err := seal.CreateClosedRing(filepath.Join(dir, "ring"), seal.RootHead{}, seal.FreshRoot(), plain)
	if err != nil {
		t.Fatal(err)
	}
	if keys, err := closed.Unwrap(ctx, seal.For{}, owner, ws...); err != nil || !keys.Has(seal.Safety) {
		t.Error(err)
	}
	if same, err := closed.MAC(ctx, "fact", owner[:]); err != nil || !bytes.Equal(same, mark) {
		t.Errorf("another mark: %v", err)
	}
}
