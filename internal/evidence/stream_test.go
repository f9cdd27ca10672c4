package evidence_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/uuid"

	"binhan/internal/evidence"
	"binhan/internal/fault"
	"binhan/internal/s3test"
	"binhan/internal/seal"
)

// newKeys opens the evidence key of a new case, and its narrative key, which must be good for nothing here.
func newKeys(t testing.TB) (*seal.Keys, seal.Place) {
	t.Helper()
	ring, err := seal.OpenFileRing(filepath.Join(t.TempDir(), "keyring.json"), true)
	if err != nil {
		t.Fatal(err)
	}
	owner := uuid.New()
	keys, _, err := ring.NewKeys(t.Context(), owner, seal.Evidence, seal.Narrative)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(keys.Close)
	return keys, seal.Place{Table: "evidence", Column: "file_key", Row: uuid.New(), Owner: owner, Compartment: seal.Evidence}
}

// putSealed seals content and stores it; known tells whether its length is told beforehand.
func putSealed(t testing.TB, vault evidence.Vault, keys *seal.Keys, place seal.Place, content []byte, known bool) evidence.Stored {
	t.Helper()
	size := int64(-1)
	if known {
		size = int64(len(content))
	}
	sealed, err := evidence.SealFile(keys, place, plainReader{bytes.NewReader(content)}, size)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := sealed.Plain(); err == nil {
		t.Error("length and hash are told before the file was read")
	}
	stored, err := vault.Put(t.Context(), "sealed/"+uuid.NewString(), sealed, sealed.Size())
	if err != nil {
		t.Fatalf("%d bytes: %v", len(content), err)
	}
	if known && sealed.Size() != stored.Size {
		t.Errorf("%d bytes: computed %d sealed bytes, stored %d", len(content), sealed.Size(), stored.Size)
	}
	n, sum, err := sealed.Plain()
	if err != nil || n != int64(len(content)) || sum != sha256.Sum256(content) {
		t.Errorf("%d bytes: measured %d, %x, %v", len(content), n, sum, err)
	}
	return stored
}

func TestFileComesBackByteForByte(t *testing.T) {
	t.Parallel()
	vault := openVault(t)
	keys, place := newKeys(t)
	for _, n := range []int{0, 1, 1000, 64<<10 - 1, 64 << 10, 64<<10 + 1, 1 << 20, 9 << 20, 17<<20 + 5} {
		for _, known := range []bool{true, false} {
			content := someBytes(n)
			stored := putSealed(t, vault, keys, place, content, known)
			opened, err := evidence.OpenFile(t.Context(), keys, place, vault, stored)
			if err != nil {
				t.Fatalf("%d bytes: %v", n, err)
			}
			if opened.Size() != int64(n) {
				t.Errorf("%d bytes: opened with %d", n, opened.Size())
			}
			if n <= 1000 { // it reads byte by byte
				if err := iotest.TestReader(io.NewSectionReader(opened, 0, opened.Size()), content); err != nil {
					t.Errorf("%d bytes: %v", n, err)
				}
			}
			got, err := io.ReadAll(io.NewSectionReader(opened, 0, opened.Size()))
			if err != nil || !bytes.Equal(got, content) {
				t.Errorf("%d bytes, known %v: %d other bytes came back, %v", n, known, len(got), err)
			}
			random := rand.New(rand.NewPCG(1, uint64(n)))
			for range 20 {
				off := random.Int64N(int64(n) + 1)
				part := make([]byte, random.Int64N(200_000))
				m, err := opened.ReadAt(part, off)
				want := content[off:min(int64(n), off+int64(len(part)))]
				if err != nil && err != io.EOF || m < len(part) && err != io.EOF || !bytes.Equal(part[:m], want) {
					t.Errorf("%d bytes: from %d got %d, want %d, %v", n, off, m, len(want), err)
				}
			}
			opened.Close()
		}
	}
}

// A file belongs to its case and its row: nothing that can write bucket and database at will can show it elsewhere.
func TestFileMovedElsewhereDoesNotOpen(t *testing.T) {
	t.Parallel()
	vault := openVault(t)
	keys, place := newKeys(t)
	otherKeys, otherPlace := newKeys(t)
	stored := putSealed(t, vault, keys, place, someBytes(70_000), true)
	another := putSealed(t, vault, keys, seal.Place{Table: "evidence", Column: "file_key", Row: uuid.New(), Owner: place.Owner, Compartment: seal.Evidence}, someBytes(70_000), true)
	row, column, compartment := place, place, place
	row.Row = uuid.New()
	column.Column = "preview_key"
	compartment.Compartment = seal.Narrative
	for name, c := range map[string]struct {
		keys   *seal.Keys
		place  seal.Place
		stored evidence.Stored
		want   error
	}{
		"another case":           {otherKeys, otherPlace, stored, seal.ErrForged},
		"another row":            {keys, row, stored, seal.ErrForged},
		"another column":         {keys, column, stored, seal.ErrForged},
		"another compartment":    {keys, compartment, stored, seal.ErrForged},
		"another file's object":  {keys, place, another, seal.ErrForged},
		"keys of another case":   {otherKeys, place, stored, seal.ErrNoKey},
		"a shorter length":       {keys, place, evidence.Stored{Key: stored.Key, Size: stored.Size - 1}, seal.ErrForged},
		"a chunk less":           {keys, place, evidence.Stored{Key: stored.Key, Size: stored.Size - (70_000 - 64<<10) - 16}, seal.ErrForged},
		"no length":              {keys, place, evidence.Stored{Key: stored.Key, Size: 0}, seal.ErrForged},
		"a longer length":        {keys, place, evidence.Stored{Key: stored.Key, Size: stored.Size + 1}, evidence.ErrAbsent},
		"an object that is gone": {keys, place, evidence.Stored{Key: "sealed/" + uuid.NewString(), Size: stored.Size}, evidence.ErrAbsent},
	} {
		opened, err := evidence.OpenFile(t.Context(), c.keys, c.place, vault, c.stored)
		if !errors.Is(err, c.want) || opened != nil {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	closed, closedPlace := newKeys(t)
	closed.Close()
	if _, err := evidence.SealFile(closed, closedPlace, bytes.NewReader(nil), 0); !errors.Is(err, seal.ErrClosed) {
		t.Errorf("sealed with closed keys: %v", err)
	}
}

// tampering flips one bit of what the real store gives out, as an operator of the store can.
type tampering struct {
	evidence.Vault
	at int64
}

func (v tampering) Read(ctx context.Context, s evidence.Stored, off, n int64) (io.ReadCloser, error) {
	body, err := v.Vault.Read(ctx, s, off, n)
	if err != nil {
		return nil, err
	}
	at := off
	return struct {
		io.Reader
		io.Closer
	}{readFunc(func(p []byte) (int, error) {
		n, err := body.Read(p)
		if i := v.at - at; i >= 0 && i < int64(n) {
			p[i] ^= 0x10
		}
		at += int64(n)
		return n, err
	}), body}, nil
}

func TestOneAlteredByteAnywhereIsNoticed(t *testing.T) {
	t.Parallel()
	vault := openVault(t)
	keys, place := newKeys(t)
	for _, n := range []int{0, 130_000, 2 << 20} {
		content := someBytes(n)
		stored := putSealed(t, vault, keys, place, content, true)
		whole := func(v evidence.Vault) ([]byte, error) {
			opened, err := evidence.OpenFile(t.Context(), keys, place, v, stored)
			if err != nil {
				return nil, err
			}
			defer opened.Close()
			return io.ReadAll(io.NewSectionReader(opened, 0, opened.Size()))
		}
		if got, err := whole(tampering{vault, -1}); err != nil || !bytes.Equal(got, content) {
			t.Fatalf("%d bytes, nothing altered: %v", n, err)
		}
		var places []int64
		head := stored.Size - int64(n) - int64(max(1, (n+65535)/65536))*16 // with the nonce
		for at := range min(head, stored.Size) {
			places = append(places, at)
		}
		if n > 0 { // the head is the same; each try costs some requests
			places = places[:0]
		}
		for chunk := head; chunk < stored.Size; chunk += 65552 {
			places = append(places, chunk, min(chunk+65535, stored.Size-1), min(chunk+65551, stored.Size-1))
		}
		random := rand.New(rand.NewPCG(2, uint64(n)))
		for range 20 {
			places = append(places, random.Int64N(stored.Size))
		}
		places = append(places, stored.Size-1)
		for _, at := range places {
			if got, err := whole(tampering{vault, at}); !errors.Is(err, seal.ErrForged) {
				t.Errorf("%d bytes, byte %d of %d altered: %d bytes, %v", n, at, stored.Size, len(got), err)
			}
		}
	}
}

func TestFileOfAnotherLengthThanSaidIsNotStored(t *testing.T) {
	t.Parallel()
	vault := openVault(t)
	keys, place := newKeys(t)
	for _, n := range []int{0, 1, 64 << 10, 64<<10 + 1, 6 << 20} {
		for _, said := range []int{n - 1, n + 1, n + 70_000} {
			if said < 0 {
				continue
			}
			sealed, err := evidence.SealFile(keys, place, plainReader{bytes.NewReader(someBytes(n))}, int64(said))
			if err != nil {
				t.Fatal(err)
			}
			key := "length/" + uuid.NewString()
			if _, err := vault.Put(t.Context(), key, sealed, sealed.Size()); !errors.Is(err, evidence.ErrLength) {
				t.Errorf("%d bytes said to be %d: %v", n, said, err)
			}
			if all := list(t, vault, key); len(all) != 0 {
				t.Errorf("%d bytes said to be %d: left %+v", n, said, all)
			}
		}
	}
}

// wire passes bytes on to the real store until it is cut.
type wire struct {
	listener net.Listener
	budget   atomic.Int64 // bytes that still pass in the direction that counts; the wire breaks at 0
	up       bool         // count what goes to the store, else what comes from it
	heals    atomic.Bool  // a broken wire lets the next connection through
	conns    sync.Map
}

func newWire(t *testing.T, to string, up bool) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: listener, up: up}
	w.budget.Store(1 << 40)
	var group sync.WaitGroup
	group.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			store, err := net.Dial("tcp", to)
			if err != nil {
				_ = client.Close()
				continue
			}
			w.conns.Store(client, nil)
			w.conns.Store(store, nil)
			for _, way := range []struct {
				from, to net.Conn
				counts   bool
			}{{client, store, up}, {store, client, !up}} {
				group.Go(func() {
					defer way.from.Close()
					defer way.to.Close()
					buf := make([]byte, 16<<10)
					for {
						n, err := way.from.Read(buf)
						if way.counts && w.budget.Add(-int64(n)) < 0 {
							if w.heals.Load() {
								w.budget.Store(1 << 40)
							}
							return
						}
						if _, werr := way.to.Write(buf[:n]); err != nil || werr != nil {
							return
						}
					}
				})
			}
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		w.conns.Range(func(conn, _ any) bool { _ = conn.(net.Conn).Close(); return true })
		group.Wait()
	})
	return w
}

func TestUploadCutOnTheWireLeavesNothingThatIsBelieved(t *testing.T) {
	t.Parallel()
	store := s3test.Store(t)
	direct, err := evidence.OpenMinio(store)
	if err != nil {
		t.Fatal(err)
	}
	if err := direct.Make(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := newWire(t, store.Endpoint, true)
	store.Endpoint = w.listener.Addr().String()
	vault, err := evidence.OpenMinio(store)
	if err != nil {
		t.Fatal(err)
	}
	keys, place := newKeys(t)
	content := someBytes(12 << 20)
	for _, known := range []bool{true, false} {
		for _, budget := range []int64{0, 300_000, 12 << 20} {
			size := int64(-1)
			if known {
				size = int64(len(content))
			}
			sealed, err := evidence.SealFile(keys, place, plainReader{bytes.NewReader(content)}, size)
			if err != nil {
				t.Fatal(err)
			}
			key := "cut/" + uuid.NewString()
			w.budget.Store(budget)
			_, err = vault.Put(t.Context(), key, sealed, sealed.Size())
			w.budget.Store(1 << 40)
			if !errors.Is(err, fault.Unavailable) {
				t.Errorf("known %v, cut after %d bytes: %v", known, budget, err)
			}
			for _, left := range list(t, direct, key) { // an upload that could not be called off waits for the sweep
				if left.Upload == "" {
					t.Errorf("known %v, cut after %d bytes: left %+v", known, budget, left)
				}
				if err := direct.Remove(t.Context(), left); err != nil {
					t.Errorf("calling off what was left: %v", err)
				}
			}
			if all := list(t, direct, key); len(all) != 0 {
				t.Errorf("after calling off there is still %+v", all)
			}
		}
	}
}

func TestDownloadGoesOnWhereTheWireBroke(t *testing.T) {
	t.Parallel()
	store := s3test.Store(t)
	w := newWire(t, store.Endpoint, false)
	store.Endpoint = w.listener.Addr().String()
	vault, err := evidence.OpenMinio(store)
	if err != nil {
		t.Fatal(err)
	}
	if err := vault.Make(t.Context()); err != nil {
		t.Fatal(err)
	}
	keys, place := newKeys(t)
	content := someBytes(12 << 20)
	stored := putSealed(t, vault, keys, place, content, true)
	opened, err := evidence.OpenFile(t.Context(), keys, place, vault, stored)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	w.heals.Store(true)
	got := make([]byte, 0, len(content))
	part := make([]byte, 100_000)
	for step := 0; len(got) < len(content); step++ {
		if step%25 == 3 {
			w.budget.Store(20_000) // the connection breaks in the middle of a chunk
		}
		n, err := opened.ReadAt(part[:min(len(part), len(content)-len(got))], int64(len(got)))
		if err != nil && err != io.EOF {
			t.Fatalf("from %d: %v", len(got), err)
		}
		got = append(got, part[:n]...)
	}
	if !bytes.Equal(got, content) {
		t.Error("other bytes came back")
	}
	w.heals.Store(false)
	w.budget.Store(0)
	if _, err := opened.ReadAt(part, 0); !errors.Is(err, fault.Unavailable) {
		t.Errorf("with the store gone: %v", err)
	}
}

// endless yields bytes without holding them and tells how the heap does meanwhile.
type endless struct {
	left int64
	peak *uint64
	seen int64
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), e.left)
	e.left -= n
	if e.seen += n; e.seen > 1<<20 {
		e.seen = 0
		heap(e.peak)
	}
	return int(n), nil
}

func heap(peak *uint64) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	*peak = max(*peak, m.HeapAlloc)
}

// TestMemoryDoesNotGrowWithTheFile runs alone: it looks at the heap of the process.
func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	vault := openVault(t)
	keys, place := newKeys(t)
	const size = 100 << 20
	for _, known := range []bool{true, false} {
		runtime.GC()
		var before, peak uint64
		heap(&before)
		said := int64(-1)
		if known {
			said = size
		}
		sealed, err := evidence.SealFile(keys, place, &endless{left: size, peak: &peak}, said)
		if err != nil {
			t.Fatal(err)
		}
		stored, err := vault.Put(t.Context(), "large/"+uuid.NewString(), sealed, sealed.Size())
		if err != nil {
			t.Fatal(err)
		}
		if peak == 0 || peak > before+32<<20 {
			t.Errorf("upload, known length %v: the heap grew by %d MiB", known, (int64(peak)-int64(before))>>20)
		}
		runtime.GC()
		heap(&before)
		peak = 0
		opened, err := evidence.OpenFile(t.Context(), keys, place, vault, stored)
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(&sink{peak: &peak}, io.NewSectionReader(opened, 0, opened.Size()))
		opened.Close()
		if err != nil || n != size {
			t.Fatalf("%d bytes came back, %v", n, err)
		}
		if peak == 0 || peak > before+32<<20 {
			t.Errorf("download: the heap grew by %d MiB", (int64(peak)-int64(before))>>20)
		}
		t.Logf("known length %v: heap up to %d MiB", known, peak>>20)
		if err := vault.Remove(t.Context(), evidence.Found{Stored: stored}); err != nil {
			t.Error(err)
		}
	}
}

type sink struct {
	seen int64
	peak *uint64
}

func (s *sink) Write(p []byte) (int, error) {
	if s.seen += int64(len(p)); s.seen > 1<<20 {
		s.seen = 0
		heap(s.peak)
	}
	return len(p), nil
}

// BenchmarkTransfer compares what we do with the store alone, 64 MiB a time. Bars: upload and download at least 0.85 of bare.
func BenchmarkTransfer(b *testing.B) {
	vault := openVault(b)
	keys, place := newKeys(b)
	const size = 64 << 20
	content := someBytes(size)
	put := func(b *testing.B, r io.Reader, n int64) evidence.Stored {
		stored, err := vault.Put(b.Context(), "bench/"+uuid.NewString(), r, n)
		if err != nil {
			b.Fatal(err)
		}
		return stored
	}
	sealFile := func(b *testing.B, n int64) *evidence.Sealed {
		sealed, err := evidence.SealFile(keys, place, plainReader{bytes.NewReader(content)}, n)
		if err != nil {
			b.Fatal(err)
		}
		return sealed
	}
	plain := put(b, bytes.NewReader(content), size)
	locked := sealFile(b, size)
	stored := put(b, locked, locked.Size())
	ways := []struct {
		name, bare string
		run        func(*testing.B)
	}{
		{"put", "", func(b *testing.B) {
			if err := evidence.BarePut(b.Context(), vault, "bare/"+uuid.NewString(), plainReader{bytes.NewReader(content)}, size); err != nil {
				b.Fatal(err)
			}
		}},
		{"put-sealed", "put", func(b *testing.B) { s := sealFile(b, size); put(b, s, s.Size()) }},
		{"put-sealed-unknown", "put", func(b *testing.B) { s := sealFile(b, -1); put(b, s, s.Size()) }},
		{"get", "", func(b *testing.B) {
			body, err := vault.Read(b.Context(), plain, 0, size)
			if err != nil {
				b.Fatal(err)
			}
			defer body.Close()
			if n, err := io.Copy(io.Discard, body); n != size || err != nil {
				b.Fatal(n, err)
			}
		}},
		{"get-sealed", "get", func(b *testing.B) {
			opened, err := evidence.OpenFile(b.Context(), keys, place, vault, stored)
			if err != nil {
				b.Fatal(err)
			}
			defer opened.Close()
			if n, err := io.Copy(io.Discard, io.NewSectionReader(opened, 0, size)); n != size || err != nil {
				b.Fatal(n, err)
			}
		}},
	}
	took := map[string][]time.Duration{}
	worked := map[string][]time.Duration{} // CPU of this process; the store's own comes on top and is the same for all
	for b.Loop() {                         // one after the other, so that whatever else the machine does hits all alike
		for _, way := range ways {
			began, before := time.Now(), processor(b)
			way.run(b)
			took[way.name] = append(took[way.name], time.Since(began))
			worked[way.name] = append(worked[way.name], processor(b)-before)
		}
	}
	median := func(of []time.Duration) float64 {
		slices.Sort(of)
		return of[len(of)/2].Seconds()
	}
	for _, way := range ways {
		b.ReportMetric(size/median(took[way.name])/1e6, way.name+"-MB/s")
		b.ReportMetric(median(worked[way.name])*1e3, way.name+"-cpu-ms")
		if way.bare != "" {
			b.ReportMetric(median(took[way.bare])/median(took[way.name]), way.name+"/"+way.bare)
		}
	}
}

// processor is the CPU time that this process has used.
func processor(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
