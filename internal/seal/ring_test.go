package seal_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"binhan/internal/seal"
	"binhan/internal/seal/sealtest"
)

func newRing(t testing.TB) *seal.FileRing {
	t.Helper()
	ring, err := seal.OpenFileRing(filepath.Join(t.TempDir(), "keyring.json"), true)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func TestFileRingKeepsTheContract(t *testing.T) {
	t.Parallel()
	sealtest.Run(t, newRing(t))
}

func TestFileRingIsFoundAgain(t *testing.T) {
	t.Parallel()
	ctx, path, owner := context.Background(), filepath.Join(t.TempDir(), "keyring.json"), uuid.New()
	first, err := seal.OpenFileRing(path, true)
	if err != nil {
		t.Fatal(err)
	}
	keys, ws, err := first.NewKeys(ctx, owner, seal.Identity)
	if err != nil {
		t.Fatal(err)
	}
	p := seal.Place{Table: "cases", Column: "identity_sealed", Row: owner, Owner: owner, Compartment: seal.Identity}
	sealed, err := keys.Seal(p, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	mark, err := first.MAC(ctx, "fact", owner[:])
	if err != nil {
		t.Fatal(err)
	}
	for _, create := range []bool{false, true} {
		again, err := seal.OpenFileRing(path, create)
		if err != nil {
			t.Fatal(err)
		}
		keys, err := again.Unwrap(ctx, seal.For{}, owner, ws...)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := keys.Open(p, sealed); err != nil || string(got) != "x" {
			t.Errorf("create %v: %q, %v", create, got, err)
		}
		if got, err := again.MAC(ctx, "fact", owner[:]); err != nil || string(got) != string(mark) {
			t.Errorf("create %v: another mark, %v", create, err)
		}
	}
	stranger := newRing(t)
	if _, err := stranger.Unwrap(ctx, seal.For{}, owner, ws...); !errors.Is(err, seal.ErrForged) {
		t.Errorf("another ring: %v", err)
	}
}

func TestFileRingRefusesAFileThatOthersCanRead(t *testing.T) {
	t.Parallel()
	for _, mode := range []os.FileMode{0o640, 0o604, 0o660, 0o644, 0o601} {
		path := filepath.Join(t.TempDir(), "keyring.json")
		if _, err := seal.OpenFileRing(path, true); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Fatalf("made with mode %v, %v", info.Mode(), err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := seal.OpenFileRing(path, true); err == nil || !strings.Contains(err.Error(), "0600") {
			t.Errorf("mode %v: %v", mode, err)
		}
	}
}

func TestFileRingRefusesWhatIsNotItsFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := seal.OpenFileRing(filepath.Join(dir, "none.json"), false); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	good := filepath.Join(dir, "keyring.json")
	if _, err := seal.OpenFileRing(good, true); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link.json")
	if err := os.Symlink(good, link); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.OpenFileRing(link, false); err == nil {
		t.Error("followed a link")
	}
	text, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"empty":            "",
		"another format":   strings.Replace(string(text), "keyring 1", "keyring 9", 1),
		"half":             string(text[:len(text)/2]),
		"a stranger in it": strings.Replace(string(text), `"format"`, `"more": 1, "format"`, 1),
		"a version twice":  strings.Replace(string(text), `"version": 1`, `"version": 0`, 1),
		"a short key":      strings.Replace(string(text), `"key": "`, `"key": "AAAA`, 1),
	} {
		path := filepath.Join(t.TempDir(), "keyring.json")
		if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := seal.OpenFileRing(path, true)
		if err == nil {
			t.Errorf("%s: opened", name)
			continue
		}
		var file struct {
			KEKs map[string][]struct{ Key string }
		}
		if json.Unmarshal(text, &file) != nil || strings.Contains(err.Error(), file.KEKs["identity"][0].Key[:8]) {
			t.Errorf("%s: the error shows a key", name)
		}
	}
}

func TestFileRingMadeByManyAtOnceIsOneRing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keyring.json")
	marks := make([]string, 8)
	var group sync.WaitGroup
	for i := range marks {
		group.Go(func() {
			ring, err := seal.OpenFileRing(path, true)
			if err != nil {
				t.Error(err)
				return
			}
			mark, err := ring.MAC(context.Background(), "fact", nil)
			if err != nil {
				t.Error(err)
			}
			marks[i] = string(mark)
		})
	}
	group.Wait()
	for i := range marks {
		if marks[i] != marks[0] {
			t.Fatal("two processes made two rings")
		}
	}
}

func TestRotationLeavesEverythingReadable(t *testing.T) {
	t.Parallel()
	ctx, path, owner := context.Background(), filepath.Join(t.TempDir(), "keyring.json"), uuid.New()
	ring, err := seal.OpenFileRing(path, true)
	if err != nil {
		t.Fatal(err)
	}
	bystander, err := seal.OpenFileRing(path, false) // another process that does not know of the rotation
	if err != nil {
		t.Fatal(err)
	}
	keys, ws, err := ring.NewKeys(ctx, owner, seal.Compartments...)
	if err != nil {
		t.Fatal(err)
	}
	p := seal.Place{Table: "cases", Column: "safety_sealed", Row: owner, Owner: owner, Compartment: seal.Safety}
	sealed, err := keys.Seal(p, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	mark, err := ring.MAC(ctx, "fact", owner[:])
	if err != nil {
		t.Fatal(err)
	}
	if err := ring.Rotate(ctx); err != nil {
		t.Fatal(err)
	}
	var again []seal.Wrapped
	for _, w := range ws {
		moved, changed, err := ring.Rewrap(ctx, owner, w)
		if err != nil || !changed || moved.KEK() != 2 || w.KEK() != 1 || moved.Compartment != w.Compartment {
			t.Fatalf("%s: from %d to %d, changed %v, %v", w.Compartment, w.KEK(), moved.KEK(), changed, err)
		}
		if _, changed, err := ring.Rewrap(ctx, owner, moved); changed || err != nil {
			t.Errorf("%s: moved twice, %v", w.Compartment, err)
		}
		if _, _, err := ring.Rewrap(ctx, uuid.New(), w); !errors.Is(err, seal.ErrForged) {
			t.Errorf("%s: moved for another owner, %v", w.Compartment, err)
		}
		again = append(again, moved)
	}
	for _, r := range []*seal.FileRing{ring, bystander} {
		for _, stored := range [][]seal.Wrapped{ws, again} {
			keys, err := r.Unwrap(ctx, seal.For{}, owner, stored...)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := keys.Open(p, sealed); err != nil || string(got) != "x" {
				t.Errorf("%q, %v", got, err)
			}
		}
		if now, err := r.MAC(ctx, "fact", owner[:]); err != nil || string(now) != string(mark) {
			t.Errorf("the mark changed, %v", err)
		}
	}
	if _, fresh, err := bystander.NewKeys(ctx, owner, seal.Identity); err != nil || fresh[0].KEK() != 2 {
		t.Errorf("the bystander wraps under version %d, %v", fresh[0].KEK(), err)
	}
}

func TestRetireWaitsForActsUnderWayAndThenClosesTheOldKeys(t *testing.T) {
	t.Parallel()
	ctx, path, owner := context.Background(), filepath.Join(t.TempDir(), "keyring.json"), uuid.New()
	ring, err := seal.OpenFileRing(path, true)
	if err != nil {
		t.Fatal(err)
	}
	_, old, err := ring.NewKeys(ctx, owner, seal.Identity)
	if err != nil {
		t.Fatal(err)
	}
	if err := ring.Rotate(ctx); err != nil {
		t.Fatal(err)
	}
	if err := ring.Retire(ctx, 2); err == nil {
		t.Fatal("retired within the hour")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	aged := regexp.MustCompile(`"made_at": "[^"]+"`).ReplaceAllString(string(text), `"made_at": "2020-01-01T00:00:00Z"`)
	if aged == string(text) {
		t.Fatal("no time of making in the file")
	}
	if err := os.WriteFile(path, []byte(aged), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := ring.Retire(ctx, 3); err == nil {
		t.Fatal("retired the last key")
	}
	if err := ring.Retire(ctx, 2); err != nil {
		t.Fatal(err)
	}
	if _, err := ring.Unwrap(ctx, seal.For{}, owner, old...); !errors.Is(err, seal.ErrForged) {
		t.Errorf("a key under a retired version: %v", err)
	}
	if _, fresh, err := ring.NewKeys(ctx, owner, seal.Identity); err != nil || fresh[0].KEK() != 2 {
		t.Errorf("new keys after retiring: %v", err)
	}
}

func TestRingDoesNotPrintItself(t *testing.T) {
	t.Parallel()
	ring := newRing(t)
	text, err := json.Marshal(map[string]any{"ring": ring})
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []string{fmt.Sprintf("%v", ring), fmt.Sprintf("%+v", ring), fmt.Sprintf("%#v", ring), fmt.Sprintf("%s", ring), ring.LogValue().String()} {
		if got != "seal.FileRing(…)" {
			t.Errorf("printed %s", got)
		}
	}
	if want := `{"ring":"seal.FileRing(…)"}`; string(text) != want {
		t.Errorf("encoded %s", text)
	}
}

func BenchmarkMatch2000(b *testing.B) {
	ring := newRing(b)
	rows := make([]seal.Candidate, seal.MaxMatch)
	for i := range rows {
		rows[i] = sealtest.Row(b, ring, "Nguyễn Thị Thử Nghiệm", "0905000001", "062190000001")
	}
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ring.Match(ctx, seal.For{}, seal.Query{Name: "trần thị thúy"}, rows); err != nil {
			b.Fatal(err)
		}
	}
}
