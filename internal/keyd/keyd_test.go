package keyd_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"binhan/internal/chain"
	"binhan/internal/keyd"
	"binhan/internal/keyd/keydtest"
	"binhan/internal/seal"
	"binhan/internal/seal/sealtest"
)

// This test binary, started again, is a program of another kind: one that asks as another user, one that is hardened and then crashes.
const roleVariable = "BINHAN_TEST_KEYD_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "stranger":
		c := keyd.NewClient(os.Getenv("BINHAN_TEST_KEYD_SOCKET"), 5*time.Second)
		_, err := c.Status(context.Background())
		fmt.Println(os.Geteuid(), err)
		os.Exit(0)
	case "crash":
		memory, err := keyd.Harden(0, 0)
		dumpable, _, _ := syscall.RawSyscall(syscall.SYS_PRCTL, 3 /* PR_GET_DUMPABLE */, 0, 0)
		var limit syscall.Rlimit
		_ = syscall.Getrlimit(syscall.RLIMIT_CORE, &limit)
		fmt.Println(memory, err, dumpable, limit.Cur, limit.Max)
		_ = syscall.Kill(os.Getpid(), syscall.SIGABRT)
		select {}
	}
	os.Exit(m.Run())
}

func TestTheKeyProcessKeepsTheContract(t *testing.T) {
	t.Parallel()
	sealtest.Run(t, keydtest.New(t))
}

var asker = seal.For{Actor: "8d6b7e0c-0000-4000-8000-000000000001", Session: "r1", Act: "case.read"}

func fresh(t testing.TB, c seal.KeyRing, cs ...seal.Compartment) (uuid.UUID, []seal.Wrapped) {
	t.Helper()
	owner := uuid.New()
	keys, ws, err := c.NewKeys(context.Background(), owner, cs...)
	if err != nil {
		t.Fatal(err)
	}
	keys.Close()
	return owner, ws
}

// recorder stands between client and process and keeps every byte.
func recorder(t *testing.T, to string) (socket string, seen func() []byte) {
	t.Helper()
	socket = filepath.Join(filepath.Dir(to), "recorded")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	var mu sync.Mutex
	var all bytes.Buffer
	keep := writer(func(p []byte) (int, error) { mu.Lock(); defer mu.Unlock(); return all.Write(p) })
	go func() {
		for {
			a, err := l.Accept()
			if err != nil {
				return
			}
			b, err := net.Dial("unix", to)
			if err != nil {
				a.Close()
				return
			}
			go func() { _, _ = io.Copy(io.MultiWriter(b, keep), a); b.Close() }()
			go func() { _, _ = io.Copy(io.MultiWriter(a, keep), b); a.Close() }()
		}
	}()
	return socket, func() []byte { mu.Lock(); defer mu.Unlock(); return bytes.Clone(all.Bytes()) }
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

// Row 1 of the threats: whoever listens at the application's end of the socket, or reads its memory, finds no key that outlives a request.
func TestNoKeyOfTheRingCrossesTheSocket(t *testing.T) {
	t.Parallel()
	earlier := filepath.Join(t.TempDir(), "keyring.json")
	if _, err := seal.OpenFileRing(earlier, true); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(earlier)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		KEKs    map[string][]struct{ Key []byte }
		Index   []struct{ Key []byte }
		Signing struct{ Key []byte }
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	secrets := map[string][]byte{"the key of marks": file.Index[0].Key, "the signing key": file.Signing.Key}
	for c, keys := range file.KEKs {
		secrets["the key-encryption key of "+c] = keys[0].Key
	}
	if len(secrets) != 7 {
		t.Fatal(len(secrets))
	}
	_, o := keydtest.Start(t, func(o *keyd.Options) { o.TakeOver = earlier })
	if root, err := os.ReadFile(o.RootFile); err != nil {
		t.Fatal(err)
	} else {
		secrets["the root key"] = bytes.TrimSpace(root)
	}
	socket, seen := recorder(t, o.Socket)
	c := keyd.NewClient(socket, 20*time.Second)
	t.Cleanup(c.Close)
	t.Run("contract", func(t *testing.T) { sealtest.Run(t, c) })
	if _, err := c.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	owner, ws := fresh(t, c, seal.Identity)
	if _, err := c.Rewrap(t.Context(), []keyd.RewrapItem{{Owner: owner, Key: ws[0]}}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Unwrap(t.Context(), asker, owner, ws...); err != nil {
		t.Fatal(err)
	}
	wire := seen()
	if !bytes.Contains(wire, ws[0].Key) || len(wire) < 100_000 {
		t.Fatalf("the recorder did not record: %d bytes", len(wire))
	}
	for name, secret := range secrets {
		if len(secret) < 32 {
			t.Fatal(name, len(secret))
		}
		for _, form := range [][]byte{secret, []byte(base64.StdEncoding.EncodeToString(secret)), fmt.Appendf(nil, "%x", secret)} {
			if bytes.Contains(wire, form) {
				t.Errorf("%s crossed the socket", name)
			}
		}
	}
	if _, err := os.Lstat(earlier); !errors.Is(err, os.ErrNotExist) {
		t.Error("the ring in the clear is still there after it was taken over")
	}
}

// Row 5: a taken account harvests. It gets exactly its budget, also with sixteen at once, and then nothing for a whole window.
func TestABudgetStopsAtItselfExactlyAlsoWhenManyAskAtOnce(t *testing.T) {
	t.Parallel()
	var now atomic.Int64
	now.Store(time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC).UnixNano())
	clock := func() time.Time { return time.Unix(0, now.Load()) }
	budgets := keyd.ProductionBudgets()
	s, o := keydtest.Start(t, func(o *keyd.Options) { o.Budgets, o.Now = budgets, clock })
	c := keydtest.Client(t, o)
	ctx := t.Context()
	owner, ws := fresh(t, c, seal.Compartments...)
	var opened, refused atomic.Int64
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for i := range 100 {
				n := 1 + i%3
				keys, err := c.Unwrap(ctx, asker, owner, ws[:n]...)
				switch {
				case err == nil:
					opened.Add(int64(n))
					keys.Close()
				case errors.Is(err, seal.ErrBudget):
					refused.Add(1)
				default:
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if got := opened.Load(); got > 600 || got < 598 || refused.Load() == 0 { // the last request may have wanted up to three
		t.Errorf("opened %d keys of 600, refused %d", got, refused.Load())
	}
	// Somebody else is not touched; the same one is not let in for a single key, not even when the window has moved by half.
	if _, err := c.Unwrap(ctx, seal.For{Actor: "other"}, owner, ws[0]); err != nil {
		t.Error(err)
	}
	now.Add(int64(9 * time.Minute))
	if _, err := c.Unwrap(ctx, asker, owner, ws[0]); !errors.Is(err, seal.ErrBudget) {
		t.Errorf("sealed for bulk: %v", err)
	}
	st := s.Status(ctx)
	if st.Counters.Stops != 1 || len(st.Stopped) != 1 || st.Stopped[0].Actor != asker.Actor || st.Stopped[0].Kind != "unwraps" {
		t.Errorf("%+v %+v", st.Counters, st.Stopped)
	}
	now.Add(int64(2 * time.Minute))
	if _, err := c.Unwrap(ctx, asker, owner, ws...); err != nil {
		t.Errorf("after the window: %v", err)
	}
	// Searches have a budget of their own, and an import has none.
	row := sealtest.Row(t, c, "Người Thử Một", "", "")
	for i := range budgets.Searches + 1 {
		_, err := c.Match(ctx, asker, seal.Query{Name: "thử"}, []seal.Candidate{row})
		if (i < budgets.Searches) != (err == nil) {
			t.Errorf("search %d: %v", i+1, err)
		}
	}
	for range 2 * budgets.Unwraps {
		if _, _, err := c.NewKeys(ctx, uuid.New(), seal.Identity); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Release(ctx, asker.Actor); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Match(ctx, asker, seal.Query{Name: "thử"}, []seal.Candidate{row}); err != nil {
		t.Errorf("after the release: %v", err)
	}
}

func TestAllTogetherHaveABudgetToo(t *testing.T) {
	t.Parallel()
	c := keydtest.New(t, func(o *keyd.Options) { o.Budgets.AllUnwraps = 50 })
	owner, ws := fresh(t, c, seal.Identity)
	opened := 0
	for i := range 100 { // a taken application names another actor each time
		if _, err := c.Unwrap(t.Context(), seal.For{Actor: fmt.Sprint("u", i)}, owner, ws...); err == nil {
			opened++
		} else if !errors.Is(err, seal.ErrBudget) {
			t.Fatal(err)
		}
	}
	if opened != 50 {
		t.Errorf("opened %d", opened)
	}
}

func TestARestartForgetsNeitherWhatWasSpentNorWhoWasStopped(t *testing.T) {
	t.Parallel()
	s, o := keydtest.Start(t, func(o *keyd.Options) { o.Budgets.Unwraps = 10 })
	c := keydtest.Client(t, o)
	owner, ws := fresh(t, c, seal.Identity)
	again := func() {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		var err error
		if s, err = keyd.Start(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { s.Close() })
	for range 7 {
		if _, err := c.Unwrap(t.Context(), asker, owner, ws...); err != nil {
			t.Fatal(err)
		}
	}
	again()
	opened := 0
	for range 7 {
		if _, err := c.Unwrap(t.Context(), asker, owner, ws...); err == nil { // the client connects again by itself
			opened++
		} else if !errors.Is(err, seal.ErrBudget) {
			t.Fatal(err)
		}
	}
	if opened != 3 {
		t.Errorf("opened %d more of the 3 that were left", opened)
	}
	again()
	if _, err := c.Unwrap(t.Context(), asker, owner, ws...); !errors.Is(err, seal.ErrBudget) {
		t.Errorf("the stop was forgotten: %v", err)
	}
	if n := len(s.Status(t.Context()).Stopped); n != 1 {
		t.Errorf("%d are stopped", n)
	}
}

func TestNobodyElseIsAnswered(t *testing.T) {
	t.Parallel()
	// The kernel says who asks; here the process was told of another user than us.
	s, o := keydtest.Start(t, func(o *keyd.Options) { o.Allow, o.Operators, o.Mode = []uint32{54321}, []uint32{54321}, 0o666 })
	c := keydtest.Client(t, o)
	if _, err := c.Status(t.Context()); err == nil {
		t.Error("a stranger was answered")
	}
	if got := s.Status(t.Context()).Counters.Strangers; got == 0 {
		t.Error("no trace of it")
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can become somebody else: the second half did not run")
	}
	// And really: a process of another user, against one that answers us.
	s, o = keydtest.Start(t, func(o *keyd.Options) { o.Mode = 0o666 })
	for _, dir := range []string{filepath.Dir(o.Socket)} {
		if err := os.Chmod(dir, 0o711); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(filepath.Dir(o.Socket), "stranger")
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, self, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = []string{roleVariable + "=stranger", "BINHAN_TEST_KEYD_SOCKET=" + o.Socket}
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 54321, Gid: 54321}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "54321 ") || !strings.Contains(string(out), "do not answer") {
		t.Errorf("%s %v", out, err)
	}
	if got := s.Status(t.Context()).Counters.Strangers; got != 1 {
		t.Errorf("%d strangers", got)
	}
}

func TestTheApplicationMayNotDoWhatOperatorsDo(t *testing.T) {
	t.Parallel()
	s, o := keydtest.Start(t, func(o *keyd.Options) { o.Operators = []uint32{54321} })
	c := keydtest.Client(t, o)
	owner, ws := fresh(t, c, seal.Identity)
	for name, ask := range map[string]func() error{
		"seal":   func() error { _, err := c.Seal(t.Context()); return err },
		"unseal": func() error { _, err := c.Unseal(t.Context(), []byte("x")); return err },
		"init":   func() error { _, err := c.Init(t.Context(), 3, 5); return err },
		"shares": func() error { _, err := c.Reshare(t.Context(), nil, 3, 5); return err },
		"rotate": func() error { _, err := c.Rotate(t.Context()); return err },
		"retire": func() error { _, err := c.Retire(t.Context(), 2); return err },
		"rewrap": func() error {
			_, err := c.Rewrap(t.Context(), []keyd.RewrapItem{{Owner: owner, Key: ws[0]}})
			return err
		},
		"release": func() error { _, err := c.Release(t.Context(), asker.Actor); return err },
	} {
		if err := ask(); !errors.Is(err, keyd.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if st := s.Status(t.Context()); st.Counters.Refused != 8 || st.State != keyd.Open {
		t.Errorf("%+v", st)
	}
}

// Row 1: no core dump of the key process, however it dies.
func TestTheKeyProcessCannotBeDumped(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd := exec.Command("/proc/self/exe")
	cmd.Dir, cmd.Env = dir, []string{roleVariable + "=crash"}
	var out bytes.Buffer
	cmd.Stdout = &out
	_ = cmd.Run()
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !ok || cmd.ProcessState.Success() || status.CoreDump() {
		t.Errorf("%v", cmd.ProcessState)
	}
	line := strings.TrimSpace(out.String())
	if !strings.HasSuffix(line, "<nil> 0 0 0") {
		t.Errorf("%q", line)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("%v %v", left, err)
	}
}

func TestProductionRefusesWhatProtectsNothing(t *testing.T) {
	t.Parallel()
	good := func() keyd.Options {
		dir := t.TempDir()
		return keyd.Options{Dir: filepath.Join(dir, "state"), Socket: filepath.Join(dir, "s"), Allow: []uint32{1}, Budgets: keyd.ProductionBudgets(), Production: true, Memory: "locked"}
	}
	for want, spoil := range map[string]func(*keyd.Options){
		"a root key in a file": func(o *keyd.Options) { o.RootFile = filepath.Join(filepath.Dir(o.Dir), "root") },
		"is not locked":        func(o *keyd.Options) { o.Memory = "the limit of locked memory is 8192 kB" },
		"taking over a ring":   func(o *keyd.Options) { o.TakeOver = "keyring.json" },
		"must be told whom":    func(o *keyd.Options) { o.Allow = nil },
		"must be above zero":   func(o *keyd.Options) { o.Budgets.Unwraps = 0 },
		"at most 107":          func(o *keyd.Options) { o.Socket = filepath.Join(filepath.Dir(o.Socket), strings.Repeat("s", 108)) },
		"is one of development and ": func(o *keyd.Options) {
			if _, err := seal.CreateClosedRing(mkdir(t, o.Dir)+"/ring", seal.RootHead{}, seal.FreshRoot(), nil); err != nil {
				t.Fatal(err)
			}
		},
	} {
		o := good()
		spoil(&o)
		s, err := keyd.Start(t.Context(), o)
		if err == nil {
			s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
	s, err := keyd.Start(t.Context(), good())
	if err != nil {
		t.Fatal(err)
	}
	if st := s.Status(t.Context()); st.State != keyd.Empty {
		t.Errorf("%+v", st)
	}
	s.Close()
}

func mkdir(t *testing.T, dir string) string {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestTwoProcessesDoNotShareAFolder(t *testing.T) {
	t.Parallel()
	_, o := keydtest.Start(t)
	o.Socket += "2"
	if _, err := keyd.Start(t.Context(), o); !errors.Is(err, keyd.ErrRunning) {
		t.Error(err)
	}
}

// The whole life with shares: made, shown once, opened by any three, closed, opened by others, given out anew.
func TestAQuorumOpensTheKeysAndNothingLessDoes(t *testing.T) {
	t.Parallel()
	us := []uint32{uint32(os.Geteuid())}
	prod := func(o *keyd.Options) { o.RootFile, o.Production, o.Memory, o.Operators = "", true, "locked", us }
	s, o := keydtest.Start(t, prod)
	c := keydtest.Client(t, o)
	ctx := t.Context()
	if _, _, err := c.NewKeys(ctx, uuid.New(), seal.Identity); !errors.Is(err, seal.ErrUnavailable) {
		t.Errorf("before there are keys: %v", err)
	}
	for _, q := range [][2]int{{1, 5}, {6, 5}, {0, 0}, {3, 33}} {
		if _, err := c.Init(ctx, q[0], q[1]); !errors.Is(err, keyd.ErrShare) {
			t.Errorf("a quorum of %v: %v", q, err)
		}
	}
	made, err := c.Init(ctx, 3, 5)
	if err != nil || len(made.Shares) != 5 || made.Threshold != 3 {
		t.Fatalf("%v, %v", made.Threshold, err)
	}
	if _, err := c.Init(ctx, 3, 5); !errors.Is(err, keyd.ErrState) || !strings.Contains(err.Error(), "never written over") {
		t.Errorf("made twice: %v", err)
	}
	give := func(shares ...string) (st keyd.Status, err error) {
		for _, share := range shares {
			if st, err = c.Unseal(ctx, []byte(share)); err != nil {
				return st, err
			}
		}
		return st, nil
	}
	other, otherOptions := keydtest.Start(t, prod)
	_ = other
	otherMade, err := keydtest.Client(t, otherOptions).Init(ctx, 3, 5)
	if err != nil {
		t.Fatal(err)
	}
	if st, err := give(made.Shares[0]); err != nil || st.Given != 1 || st.State != keyd.Sealed {
		t.Fatalf("%+v %v", st, err)
	}
	// What goes wrong is said, and takes nothing away.
	slip := []byte(made.Shares[1])
	if slip[7] == 'A' {
		slip[7] = 'B'
	} else {
		slip[7] = 'A'
	}
	for want, bad := range map[string]string{
		"checksum does not fit": string(slip), "was given already": made.Shares[0], "belongs to set": otherMade.Shares[1], "17 groups": "ABCD-EFGH", "too long": strings.Repeat("A", 500), "no share": strings.Replace(made.Shares[1], "-", "0", 1),
	} {
		_, err := give(bad)
		if !errors.Is(err, keyd.ErrShare) || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: %v", want, err)
		}
		if err != nil && (strings.Contains(err.Error(), bad[:9]) && len(bad) > 20) {
			t.Errorf("the error shows the share")
		}
	}
	if st, err := give(strings.ToLower(strings.ReplaceAll(made.Shares[3], "-", " "))); err != nil || st.Given != 2 || st.State != keyd.Sealed {
		t.Fatalf("two of three: %+v %v", st, err)
	}
	if _, _, err := c.NewKeys(ctx, uuid.New(), seal.Identity); !errors.Is(err, seal.ErrUnavailable) {
		t.Errorf("with two shares of three: %v", err)
	}
	if st, err := give(made.Shares[4]); err != nil || st.State != keyd.Open {
		t.Fatalf("%+v %v", st, err)
	}
	if _, err := give(made.Shares[1]); !errors.Is(err, keyd.ErrState) {
		t.Errorf("opened twice: %v", err)
	}
	owner, ws := fresh(t, c, seal.Identity)
	if st, err := c.Seal(ctx); err != nil || st.State != keyd.Sealed || st.Given != 0 {
		t.Fatalf("%+v %v", st, err)
	}
	if _, err := c.Unwrap(ctx, asker, owner, ws...); !errors.Is(err, seal.ErrUnavailable) {
		t.Errorf("after closing: %v", err)
	}
	if _, err := c.Reshare(ctx, made.Shares[:2], 2, 3); !errors.Is(err, keyd.ErrShare) {
		t.Errorf("new shares for two: %v", err)
	}
	again, err := c.Reshare(ctx, made.Shares[1:4], 2, 3)
	if err != nil || len(again.Shares) != 3 || again.Set == made.Set {
		t.Fatal(err)
	}
	if _, err := give(made.Shares[0]); !errors.Is(err, keyd.ErrShare) {
		t.Errorf("an old share: %v", err)
	}
	if st, err := give(again.Shares[2], again.Shares[0]); err != nil || st.State != keyd.Open {
		t.Fatalf("%+v %v", st, err)
	}
	if _, err := c.Unwrap(ctx, asker, owner, ws...); err != nil {
		t.Errorf("the same keys under new shares: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = keyd.Start(ctx, o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if st := s.Status(ctx); st.State != keyd.Sealed {
		t.Errorf("after a restart it is %s", st.State)
	}
	// Nothing of the shares lies on the disk.
	_ = filepath.WalkDir(filepath.Dir(o.Dir), func(path string, d os.DirEntry, _ error) error {
		if text, err := os.ReadFile(path); err == nil {
			for _, share := range slices.Concat(made.Shares, again.Shares) {
				if bytes.Contains(text, []byte(share[10:40])) {
					t.Errorf("%s holds a share", path)
				}
			}
		}
		return nil
	})
}

// F13: sealed, killed, slow. Everything is refused within a second, and works again by itself.
func TestWithoutTheKeyProcessEverythingIsRefusedWithinASecond(t *testing.T) {
	t.Parallel()
	s, o := keydtest.Start(t)
	c := keyd.NewClient(o.Socket, 0)
	t.Cleanup(c.Close)
	owner, ws := fresh(t, c, seal.Identity)
	row := sealtest.Row(t, c, "Người Thử Một", "", "")
	refused := func(how string) {
		t.Helper()
		for name, ask := range map[string]func() error{
			"NewKeys": func() error { _, _, err := c.NewKeys(t.Context(), uuid.New(), seal.Identity); return err },
			"Unwrap":  func() error { _, err := c.Unwrap(t.Context(), asker, owner, ws...); return err },
			"MAC":     func() error { _, err := c.MAC(t.Context(), "fact", owner[:]); return err },
			"Fresh": func() error {
				_, _, _, err := c.Fresh(t.Context(), []uuid.UUID{uuid.New()}, []seal.Compartment{seal.Identity}, nil)
				return err
			},
			"Match": func() error {
				_, err := c.Match(t.Context(), asker, seal.Query{Name: "thử"}, []seal.Candidate{row})
				return err
			},
			"Sign": func() error { _, err := c.Sign(t.Context(), asker, seal.CheckpointText(0, [32]byte{})); return err },
			"Forget": func() error {
				return c.Forget(t.Context(), asker, seal.Erasure{Owners: []uuid.UUID{uuid.New()}, Ground: "test", Approvers: [2]string{"a", "b"}})
			},
		} {
			began := time.Now()
			err := ask()
			if took := time.Since(began); !errors.Is(err, seal.ErrUnavailable) || took > time.Second {
				t.Errorf("%s, %s: %v after %v", how, name, err, took)
			}
		}
	}
	if _, err := c.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	refused("sealed")
	if _, err := c.Unseal(t.Context(), nil); err != nil { // the development root opens it again
		t.Fatal(err)
	}
	if _, err := c.Unwrap(t.Context(), asker, owner, ws...); err != nil {
		t.Fatal(err)
	}
	s.Close()
	refused("gone")
	// Slow: somebody accepts and says nothing.
	if err := os.Remove(o.Socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	silent, err := net.Listen("unix", o.Socket)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			if _, err := silent.Accept(); err != nil {
				return
			}
		}
	}()
	refused("silent")
	silent.Close()
	if s, err = keyd.Start(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if _, err := c.Await(ctx); err != nil {
		t.Fatal(err)
	}
	if keys, err := c.Unwrap(t.Context(), asker, owner, ws...); err != nil || !keys.Has(seal.Identity) {
		t.Errorf("after it came back: %v", err)
	}
}

// The log holds ids and numbers, nothing of anybody, and shows where somebody was at it.
func TestTheLogTellsWhoAskedAndShowsTampering(t *testing.T) {
	t.Parallel()
	s, o := keydtest.Start(t)
	c := keydtest.Client(t, o)
	ctx := t.Context()
	owner, ws := fresh(t, c, seal.Identity, seal.Safety)
	if _, err := c.Unwrap(ctx, seal.For{Actor: asker.Actor, Session: "Người Thử Nghiệm", Act: "case.read"}, owner, ws...); err != nil {
		t.Fatal(err)
	}
	row := sealtest.Row(t, c, "Người Thử Hai", "0905000002", "")
	if _, err := c.Match(ctx, asker, seal.Query{Name: "Thử Hai", Phone: "0905000002"}, []seal.Candidate{row}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.MAC(ctx, "phone", []byte("0905000002")); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := c.Fresh(ctx, []uuid.UUID{uuid.New(), uuid.New()}, []seal.Compartment{seal.Identity}, []seal.Mark{{Index: "phone", Value: []byte("0905000002")}, {Index: "fact"}, {Index: "fact"}}); err != nil {
		t.Fatal(err)
	}
	if err := c.Forget(ctx, asker, seal.Erasure{Owners: []uuid.UUID{owner}, Ground: "test", Approvers: [2]string{"a", "b"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Unwrap(ctx, asker, owner, ws...); !errors.Is(err, seal.ErrForgotten) {
		t.Fatal(err)
	}
	dir := filepath.Join(o.Dir, "log")
	noted := keyd.Segment{File: s.Status(ctx).LogFile, Head: s.Status(ctx).Log}
	var got []string
	if _, err := keyd.VerifyLog(dir, &noted, func(r keyd.Record) {
		got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %d %s", r.Op, r.Session, r.N, r.Out)))
	}); err != nil {
		t.Fatal(err)
	}
	want := []string{"start  0 open", "new_keys  2 ok", "unwrap ? 2 ok", "new_keys  1 ok", "match r1 1 ok", "mac  1 ok", "mac  2 ok", "mac  1 ok", "new_keys  1 ok", "new_keys  1 ok", "forget r1 1 ok", "unwrap r1 2 forgotten"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	s.Close()
	name := filepath.Join(dir, noted.File)
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"Thử", "0905", "Người", "Hai"} {
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("the log holds %q", secret)
		}
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	for what, bad := range map[string][]byte{
		"a line taken out": bytes.Join(slices.Concat(lines[:2], lines[3:]), nil), "another number": bytes.Replace(text, []byte(`"n":2`), []byte(`"n":1`), 1), "cut": bytes.Join(lines[:5], nil), "written anew": nil,
	} {
		if err := os.WriteFile(name, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := keyd.VerifyLog(dir, &noted, nil); !errors.Is(err, chain.ErrBroken) {
			t.Errorf("%s: %v", what, err)
		}
	}
	// Not even started again: a log that was altered closes the process.
	if err := os.WriteFile(name, bytes.Replace(text, []byte(`"n":2`), []byte(`"n":1`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if again, err := keyd.Start(ctx, o); err == nil {
		again.Close()
		t.Error("it started on an altered log")
	}
}

// Row 18: the ledger of the erased was put back to an earlier state together with the ring; the log knows better.
func TestALedgerThatIsShorterThanTheLogKnowsIsRefused(t *testing.T) {
	t.Parallel()
	s, o := keydtest.Start(t)
	c := keydtest.Client(t, o)
	forget := func() {
		if err := c.Forget(t.Context(), asker, seal.Erasure{Owners: []uuid.UUID{uuid.New()}, Ground: "test", Approvers: [2]string{"a", "b"}}); err != nil {
			t.Fatal(err)
		}
	}
	forget()
	kept := map[string][]byte{}
	for _, name := range []string{"ring", "ring.erasures"} {
		text, err := os.ReadFile(filepath.Join(o.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		kept[name] = text
	}
	forget()
	s.Close()
	for name, text := range kept {
		if err := os.WriteFile(filepath.Join(o.Dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if again, err := keyd.Start(t.Context(), o); err == nil {
		again.Close()
		t.Error("an erasure was undone")
	}
}

func TestWithoutALogNoKeyIsGiven(t *testing.T) {
	t.Parallel()
	s, o := keydtest.Start(t)
	c := keydtest.Client(t, o)
	owner, ws := fresh(t, c, seal.Identity)
	s.BreakLogForTest()
	if _, err := c.Unwrap(t.Context(), asker, owner, ws...); !errors.Is(err, seal.ErrUnavailable) {
		t.Error(err)
	}
	if _, _, err := c.NewKeys(t.Context(), uuid.New(), seal.Identity); !errors.Is(err, seal.ErrUnavailable) {
		t.Error(err)
	}
}

// Row 2: whoever can write the database moves wrapped keys about. Every pair of 200 cases and four compartments: 100 % refused, each counted.
func TestNoWrappedKeyOpensForAnotherCaseOrCompartmentInAWorldOf200(t *testing.T) {
	t.Parallel()
	s, o := keydtest.Start(t)
	c := keydtest.Client(t, o)
	const cases = 200
	cs := seal.Compartments[:4]
	owners, keys := make([]uuid.UUID, cases), make([][]seal.Wrapped, cases)
	for i := range cases {
		owners[i], keys[i] = fresh(t, c, cs...)
	}
	pairs, opened := uint64(0), 0
	for i := range cases {
		for j := range cases {
			for a := range cs {
				b := (a + i + j) % len(cs)
				if i == j && a == b {
					continue
				}
				pairs++
				if _, err := c.Unwrap(t.Context(), asker, owners[i], seal.Wrapped{Compartment: cs[a], Key: keys[j][b].Key}); err == nil {
					opened++
				} else if !errors.Is(err, seal.ErrForged) {
					t.Fatal(err)
				}
			}
		}
	}
	if got := s.Status(t.Context()).Counters.Forged; opened != 0 || got != pairs || pairs < 159_000 {
		t.Errorf("%d of %d pairs opened, %d were counted", opened, pairs, got)
	}
}

// F14: ten thousand flipped bits in wrapped keys and sealed values. Every one is noticed.
func TestTenThousandFlippedBitsAreNoticed(t *testing.T) {
	t.Parallel()
	c := keydtest.New(t)
	owner, ws := fresh(t, c, seal.Narrative)
	keys, err := c.Unwrap(t.Context(), asker, owner, ws...)
	if err != nil {
		t.Fatal(err)
	}
	p := seal.Place{Table: "cases", Column: "narrative_sealed", Row: owner, Owner: owner, Compartment: seal.Narrative}
	sealed, err := keys.Seal(p, []byte("lời kể thử"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10_000 {
		var at [4]byte
		_, _ = rand.Read(at[:])
		flip := func(b []byte) []byte {
			out := bytes.Clone(b)
			n := (int(at[0])<<16 | int(at[1])<<8 | int(at[2])) % (len(b) * 8)
			out[n/8] ^= 1 << (n % 8)
			return out
		}
		if i%4 == 0 {
			_, err = c.Unwrap(t.Context(), asker, owner, seal.Wrapped{Compartment: seal.Narrative, Key: flip(ws[0].Key)})
		} else {
			_, err = keys.Open(p, flip(sealed))
		}
		if !errors.Is(err, seal.ErrForged) {
			t.Fatalf("flip %d: %v", i, err)
		}
	}
}

func TestTheVersionOfTheProtocolIsAsked(t *testing.T) {
	t.Parallel()
	_, o := keydtest.Start(t)
	for what, frame := range map[string][]byte{
		"another version": {0, 0, 0, 6, 9, 9, 0, 0, 0, 1}, "no such operation": {0, 0, 0, 6, 1, 200, 0, 0, 0, 1}, "too long": {0x7f, 0, 0, 0, 1, 2}, "too short": {0, 0, 0, 1, 1, 1}, "a body that is none": {0, 0, 0, 8, 1, 2, 0, 0, 0, 1, 0xff, 0xff},
	} {
		conn, err := net.Dial("unix", o.Socket)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := conn.Write(frame); err != nil {
			t.Fatal(err)
		}
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		answer := make([]byte, 512)
		n, err := conn.Read(answer)
		if err != nil || n < 6 || answer[5] == 0 || !regexp.MustCompile("not understood").Match(answer[:n]) {
			t.Errorf("%s: %q %v", what, answer[:n], err)
		}
	}
}

func BenchmarkUnwrap4(b *testing.B) {
	c := keydtest.New(b)
	owner, ws := fresh(b, c, seal.Compartments[:4]...)
	for b.Loop() {
		keys, err := c.Unwrap(b.Context(), asker, owner, ws...)
		if err != nil {
			b.Fatal(err)
		}
		keys.Close()
	}
}

func BenchmarkMatch2000(b *testing.B) {
	c := keydtest.New(b)
	rows := make([]seal.Candidate, seal.MaxMatch)
	for i := range rows {
		rows[i] = sealtest.Row(b, c, "Nguyễn Thị Thử Nghiệm", "0905000001", "062190000001")
	}
	for b.Loop() {
		if _, err := c.Match(b.Context(), asker, seal.Query{Name: "trần thị thúy"}, rows); err != nil {
			b.Fatal(err)
		}
	}
}
