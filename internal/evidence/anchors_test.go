package evidence_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"binhan/internal/evidence"
	"binhan/internal/s3test"
)

func TestAnAnchorIsKeptAndNobodyTakesItBack(t *testing.T) {
	t.Parallel()
	store := s3test.Store(t)
	a, err := evidence.OpenAnchors(store)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Make(t.Context()); err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		for range 2 { // twice is once
			if err := a.Anchor(t.Context(), fmt.Sprintf("anchors/%04d-aa", n), []byte(fmt.Sprint("checkpoint ", n))); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := a.Anchor(t.Context(), "anchors/0001-aa", []byte("another checkpoint")); err != nil {
		t.Fatal(err) // it does not overwrite: see below
	}
	var got []string
	if err := a.Anchors(t.Context(), func(name string, signed []byte) error {
		got = append(got, name+" "+string(signed))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"0000-aa checkpoint 0", "0001-aa checkpoint 1", "0002-aa checkpoint 2"}, got); diff != "" {
		t.Error(diff)
	}
	vault, err := evidence.OpenMinio(store)
	if err != nil {
		t.Fatal(err)
	}
	for f, err := range vault.List(t.Context(), "anchors/") {
		if err != nil {
			t.Fatal(err)
		}
		if err := vault.Remove(t.Context(), f); !errors.Is(err, evidence.ErrHeld) {
			t.Errorf("%s can be deleted: %v", f.Key, err)
		}
		if err := vault.Keep(t.Context(), f.Stored, time.Now().Add(time.Minute)); err == nil {
			t.Errorf("%s can be held for shorter", f.Key)
		}
	}
}
