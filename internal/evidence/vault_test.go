package evidence_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"binhan/internal/evidence"
	"binhan/internal/fault"
	"binhan/internal/s3test"
)

func openVault(t testing.TB) *evidence.Minio {
	t.Helper()
	vault, err := evidence.OpenMinio(s3test.Store(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := vault.Make(t.Context()); err != nil {
		t.Fatal(err)
	}
	return vault
}

// someBytes are the same for every run, and not compressible.
func someBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

// plainReader hides every method but Read, as a request body does.
type plainReader struct{ r io.Reader }

func (p plainReader) Read(b []byte) (int, error) { return p.r.Read(b) }

func read(t testing.TB, vault evidence.Vault, s evidence.Stored, off, n int64) []byte {
	t.Helper()
	body, err := vault.Read(t.Context(), s, off, n)
	if err != nil {
		t.Fatalf("Read(%d, %d): %v", off, n, err)
	}
	defer body.Close()
	got, err := io.ReadAll(body)
	if err != nil {
		t.Fatalf("Read(%d, %d): %v", off, n, err)
	}
	return got
}

func list(t testing.TB, vault evidence.Vault, prefix string) []evidence.Found {
	t.Helper()
	var all []evidence.Found
	for f, err := range vault.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, f)
	}
	return all
}

// TestVaultKeepsTheContract is what every Vault must hold to, tried on a real store.
func TestVaultKeepsTheContract(t *testing.T) {
	t.Parallel()
	vault := openVault(t)

	t.Run("what is put comes back whole and in parts", func(t *testing.T) {
		t.Parallel()
		for _, n := range []int{0, 1, 65_536, 4<<20 - 1, 4 << 20, 4<<20 + 1, 8 << 20, 17<<20 + 3} {
			content := someBytes(n)
			for _, size := range []int64{int64(n), -1} {
				key := "whole/" + uuid.NewString()
				got, err := vault.Put(t.Context(), key, plainReader{bytes.NewReader(content)}, size)
				if err != nil {
					t.Fatalf("%d bytes, size %d: %v", n, size, err)
				}
				if got.Version == "" {
					t.Errorf("%d bytes, size %d: no version", n, size)
				}
				want := evidence.Stored{Key: key, Version: got.Version, Size: int64(n), CRC32C: crc32.Checksum(content, crc32.MakeTable(crc32.Castagnoli))}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%d bytes, size %d (-want +got):\n%s", n, size, diff)
				}
				if n == 0 {
					continue
				}
				if !bytes.Equal(read(t, vault, got, 0, int64(n)), content) {
					t.Errorf("%d bytes, size %d: other bytes came back", n, size)
				}
				if off := int64(n / 3); !bytes.Equal(read(t, vault, got, off, int64(n)-off), content[off:]) {
					t.Errorf("%d bytes, size %d: other bytes came back from %d", n, size, off)
				}
				if got := read(t, vault, got, int64(n)-1, 1); got[0] != content[n-1] {
					t.Errorf("%d bytes: another last byte", n)
				}
			}
		}
	})

	t.Run("nothing is overwritten", func(t *testing.T) {
		t.Parallel()
		for _, n := range []int{10, 5 << 20} {
			for _, size := range []int64{int64(n), -1} {
				key := "once/" + uuid.NewString()
				first, err := vault.Put(t.Context(), key, bytes.NewReader(someBytes(n)), int64(n))
				if err != nil {
					t.Fatal(err)
				}
				other := bytes.Repeat([]byte("x"), n)
				if _, err := vault.Put(t.Context(), key, plainReader{bytes.NewReader(other)}, size); !errors.Is(err, evidence.ErrTaken) {
					t.Errorf("%d bytes, size %d: %v", n, size, err)
				}
				if !bytes.Equal(read(t, vault, evidence.Stored{Key: key}, 0, int64(n)), someBytes(n)) {
					t.Errorf("%d bytes, size %d: overwritten", n, size)
				}
				if all := list(t, vault, key); len(all) != 1 || all[0].Version != first.Version || all[0].Upload != "" {
					t.Errorf("%d bytes, size %d: %+v lie under the key", n, size, all)
				}
			}
		}
	})

	t.Run("of many who want a key one gets it", func(t *testing.T) {
		t.Parallel()
		key := "race/" + uuid.NewString()
		var mu sync.Mutex
		won := map[string]int{}
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				content := fmt.Appendf(nil, "bản số %d", i)
				_, err := vault.Put(t.Context(), key, bytes.NewReader(content), int64(len(content)))
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					won["won"]++
				case errors.Is(err, evidence.ErrTaken):
					won["taken"]++
				default:
					t.Error(err)
				}
			})
		}
		group.Wait()
		if diff := cmp.Diff(map[string]int{"won": 1, "taken": 7}, won); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})

	t.Run("a source of another length leaves nothing", func(t *testing.T) {
		t.Parallel()
		for _, n := range []int{0, 1, 70_000, 4 << 20, 4<<20 + 1, 9 << 20} {
			for _, said := range []int{n - 1, n + 1, n/2 + 2, 2*n + 1} {
				if said < 0 || said == n {
					continue
				}
				key := "length/" + uuid.NewString()
				_, err := vault.Put(t.Context(), key, plainReader{bytes.NewReader(someBytes(n))}, int64(said))
				if !errors.Is(err, evidence.ErrLength) {
					t.Errorf("%d bytes said to be %d: %v", n, said, err)
				}
				if all := list(t, vault, key); len(all) != 0 {
					t.Errorf("%d bytes said to be %d left %+v", n, said, all)
				}
			}
		}
	})

	t.Run("a source that breaks leaves nothing", func(t *testing.T) {
		t.Parallel()
		broken := errors.New("the browser went away")
		for _, after := range []int{0, 1, 5 << 20, 13 << 20} {
			for _, size := range []int64{20 << 20, -1} {
				key := "broken/" + uuid.NewString()
				source := io.MultiReader(bytes.NewReader(someBytes(after)), iotest.ErrReader(broken))
				if _, err := vault.Put(t.Context(), key, source, size); !errors.Is(err, broken) {
					t.Errorf("after %d of %d: %v", after, size, err)
				}
				if all := list(t, vault, key); len(all) != 0 {
					t.Errorf("after %d of %d: left %+v", after, size, all)
				}
			}
		}
	})

	t.Run("an ended request leaves nothing", func(t *testing.T) {
		t.Parallel()
		for _, size := range []int64{20 << 20, -1} {
			key := "ended/" + uuid.NewString()
			ctx, cancel := context.WithCancel(t.Context())
			source := io.MultiReader(bytes.NewReader(someBytes(9<<20)), after(cancel), bytes.NewReader(someBytes(11<<20)))
			if _, err := vault.Put(ctx, key, source, size); !errors.Is(err, context.Canceled) {
				t.Errorf("size %d: %v", size, err)
			}
			if all := list(t, vault, key); len(all) != 0 {
				t.Errorf("size %d: left %+v", size, all)
			}
		}
	})

	t.Run("what is not there is absent", func(t *testing.T) {
		t.Parallel()
		there, err := vault.Put(t.Context(), "there/"+uuid.NewString(), bytes.NewReader(someBytes(100)), 100)
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			stored evidence.Stored
			off, n int64
		}{
			"another key":          {evidence.Stored{Key: "none/" + uuid.NewString()}, 0, 1},
			"another version":      {evidence.Stored{Key: there.Key, Version: "01JDEADBEEF00000000000000A"}, 0, 1},
			"past the end":         {there, 100, 1},
			"over the end":         {there, 50, 51},
			"before the beginning": {there, -1, 5},
			"nothing":              {there, 5, 0},
		} {
			if body, err := vault.Read(t.Context(), c.stored, c.off, c.n); !errors.Is(err, evidence.ErrAbsent) {
				t.Errorf("%s: %v, %v", name, body, err)
			}
		}
	})

	t.Run("what is removed is gone, and the others stay", func(t *testing.T) {
		t.Parallel()
		prefix := "removed/" + uuid.NewString()
		var all []evidence.Stored
		for i := range 3 {
			s, err := vault.Put(t.Context(), fmt.Sprintf("%s/%d", prefix, i), bytes.NewReader(someBytes(10)), 10)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, s)
		}
		for range 2 { // removing twice is no error
			if err := vault.Remove(t.Context(), evidence.Found{Stored: all[1]}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := vault.Read(t.Context(), all[1], 0, 1); !errors.Is(err, evidence.ErrAbsent) {
			t.Errorf("removed: %v", err)
		}
		var left []string
		for _, f := range list(t, vault, prefix) {
			if f.At.IsZero() || f.Size != 10 {
				t.Errorf("listed %+v", f)
			}
			left = append(left, f.Key)
		}
		if diff := cmp.Diff([]string{all[0].Key, all[2].Key}, left); diff != "" {
			t.Errorf("left (-want +got):\n%s", diff)
		}
	})

	t.Run("what is kept cannot be deleted", func(t *testing.T) {
		t.Parallel()
		keeper, ok := any(vault).(evidence.Keeper)
		if !ok {
			t.Skip("this vault does not hold objects")
		}
		s, err := vault.Put(t.Context(), "kept/"+uuid.NewString(), bytes.NewReader(someBytes(10)), 10)
		if err != nil {
			t.Fatal(err)
		}
		if err := keeper.Keep(t.Context(), s, time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if err := vault.Remove(t.Context(), evidence.Found{Stored: s}); !errors.Is(err, evidence.ErrHeld) {
			t.Errorf("Remove: %v", err)
		}
		if err := keeper.Keep(t.Context(), s, time.Now().Add(time.Minute)); err == nil {
			t.Error("the day was brought forward")
		}
		if !bytes.Equal(read(t, vault, s, 0, 10), someBytes(10)) {
			t.Error("gone all the same")
		}
	})

	t.Run("odd keys are refused", func(t *testing.T) {
		t.Parallel()
		for _, key := range []string{"", "/", "a/", "/a", "a//b", "..", "a/../b", "A", "a b", "ảnh", strings.Repeat("a", 201)} {
			_, put := vault.Put(t.Context(), key, strings.NewReader("x"), 1)
			_, get := vault.Read(t.Context(), evidence.Stored{Key: key}, 0, 1)
			if put == nil || get == nil || vault.Remove(t.Context(), evidence.Found{Stored: evidence.Stored{Key: key}}) == nil {
				t.Errorf("%q is taken as a key", key)
			}
		}
	})
}

// after runs f when it is read, and yields nothing.
func after(f func()) io.Reader {
	return readFunc(func([]byte) (int, error) { f(); return 0, io.EOF })
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

func TestProbePassesOnAStoreThatDoesWhatWeRelyOn(t *testing.T) {
	t.Parallel()
	vault := openVault(t)
	for range 2 {
		if err := vault.Probe(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestVaultTellsAStoreThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	store := s3test.Store(t)
	for name, spoil := range map[string]func(){
		"nobody listens":    func() { store.Endpoint = "127.0.0.1:1" },
		"another authority": func() { store.CA = nil },
	} {
		good := store
		spoil()
		vault, err := evidence.OpenMinio(store)
		store = good
		if err != nil {
			t.Fatal(err)
		}
		_, put := vault.Put(t.Context(), "a", strings.NewReader("x"), 1)
		_, get := vault.Read(t.Context(), evidence.Stored{Key: "a"}, 0, 1)
		for _, err := range []error{put, get} {
			if !errors.Is(err, fault.Unavailable) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
