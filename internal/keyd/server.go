package keyd

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"binhan/internal/chain"
	"binhan/internal/seal"
)

// Options are what a key process stands on.
type Options struct {
	// Dir holds the ring, the ledger of erasures and the log. It belongs to the user of the process alone.
	Dir string
	// Socket is the Unix socket; its path has at most 107 bytes.
	Socket string
	// Mode of the socket: 0660 with a common group, or 0666, since the peer's user id is what is believed.
	Mode os.FileMode
	// Allow are the user ids of the application. Operators may also seal, unseal, rotate.
	Allow     []uint32
	Operators []uint32
	Budgets   Budgets
	// Production refuses whatever protects nothing: a root key in a file, memory that is not locked.
	Production bool
	// RootFile is the root key in a file, made when it is not there. Development only.
	RootFile string
	// TakeOver is a key ring of an earlier version, in the clear. When there is no ring in Dir its keys become the ring, and it is removed.
	TakeOver string
	// Memory says whether the memory is locked ("locked"), or why not; see Harden.
	Memory string
	// Backend names the vault and opens it; nil: the file in Dir.
	Backend string
	Vault   func(context.Context) (seal.Vault, error)
	Log     *slog.Logger
	// Now is the clock; the system's when nil.
	Now func() time.Time
}

// ErrRunning says that another key process runs on this folder.
var ErrRunning = errors.New("a key process runs on this folder already")

const (
	ringName    = "ring"
	maxPeers    = 256
	bodyTimeout = 10 * time.Second
)

// Server is a running key process.
type Server struct {
	o        Options
	lock     *os.File
	listener *net.UnixListener
	journal  *journal
	purse    *purse
	began    time.Time
	counters struct {
		requests, newKeys, unwraps, searches, marks, signed, rewraps, forged, forgotten, stops, strangers, refused atomic.Uint64
	}

	mu     sync.RWMutex // the state below
	ring   *seal.Core
	file   *seal.FileRing // nil with another vault
	quorum quorum
	noted  chain.Head // of the ledger, as the log knows it

	peers  sync.WaitGroup
	conns  sync.Map // *net.UnixConn -> nil
	done   chan struct{}
	closed sync.Once
}

// Start opens what is in the folder and answers on the socket. It returns when the socket answers.
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Mode == 0 {
		o.Mode = 0o660
	}
	if o.Backend == "" {
		o.Backend = "file"
	}
	if o.Budgets.Window <= 0 || o.Budgets.SearchWindow <= 0 || o.Budgets.Unwraps <= 0 || o.Budgets.AllUnwraps <= 0 || o.Budgets.Searches <= 0 || o.Budgets.Marks <= 0 || o.Budgets.Rewraps <= 0 {
		return nil, errors.New("every budget of the key process must be above zero")
	}
	if o.Production && (o.RootFile != "" || o.TakeOver != "") {
		return nil, errors.New("a root key in a file, and taking over a ring in the clear, are for development: production opens with shares (binhan keys unseal)")
	}
	if o.Production && o.Memory != "locked" {
		return nil, fmt.Errorf("the memory of the key process is not locked (%s): raise LimitMEMLOCK", o.Memory)
	}
	if len(o.Allow) == 0 {
		return nil, errors.New("the key process must be told whom it may answer")
	}
	s := &Server{o: o, purse: newPurse(o.Budgets), began: o.Now(), done: make(chan struct{})}
	if err := s.open(ctx); err != nil {
		s.release()
		return nil, err
	}
	return s, nil
}

func (s *Server) open(ctx context.Context) error {
	if err := os.MkdirAll(s.o.Dir, 0o700); err != nil {
		return fmt.Errorf("folder of the key process: %w", err)
	}
	if info, err := os.Stat(s.o.Dir); err != nil || info.Mode().Perm()&0o077 != 0 {
		return errors.Join(err, fmt.Errorf("the folder of the key process must have mode 0700"))
	}
	lock, err := os.OpenFile(filepath.Join(s.o.Dir, "lock"), os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	s.lock = lock
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return ErrRunning
	}
	if s.journal, err = openJournal(filepath.Join(s.o.Dir, "log"), s.recall); err != nil {
		return fmt.Errorf("open the key log: %w", err)
	}
	if err := s.openVault(ctx); err != nil {
		return err
	}
	if err := s.listen(); err != nil {
		return err
	}
	if err := s.journal.write(Record{At: s.o.Now(), Op: "start", Out: string(s.state()), UID: uint32(os.Geteuid())}, true); err != nil {
		return err
	}
	s.peers.Go(s.accept)
	s.peers.Go(s.keepLog)
	return nil
}

// recall takes out of the log what a restart must not forget: what was spent within the windows, who was stopped, how long the ledger was.
func (s *Server) recall(r Record) {
	now := s.o.Now()
	kind := map[string]string{"unwrap": kindUnwraps, "match": kindSearches, "ties": kindSearches, "mac": kindMarks, "rewrap": kindRewraps, "rewrap_inside": kindRewraps}[r.Op]
	switch {
	case r.Ledger != nil:
		s.noted = *r.Ledger
	case r.Op == "release":
		s.purse.release(r.Actor)
	case r.Op == "stop" && r.Until != nil && r.Until.After(now):
		s.purse.stop(r.Kind, r.Actor, *r.Until)
	case kind != "" && r.Out != "budget" && r.Out != "unavailable" && now.Sub(r.At) < s.purse.window(kind):
		n := r.N
		if kind == kindSearches {
			n = 1
		}
		s.purse.remember(kind, r.Actor, n, r.At)
	}
}

func (s *Server) ringPath() string { return filepath.Join(s.o.Dir, ringName) }

// openVault opens what opens without people: a vault of its own, or the file with its root in a file.
func (s *Server) openVault(ctx context.Context) error {
	if s.o.Vault != nil {
		v, err := s.o.Vault(ctx)
		if err != nil {
			return fmt.Errorf("open the %s vault: %w", s.o.Backend, err)
		}
		return s.use(seal.NewCore(v, s.ringPath()+".erasures"), nil)
	}
	if s.o.RootFile == "" {
		head, err := seal.ReadRootHead(s.ringPath())
		if err == nil && head.Threshold == 0 && s.o.Production {
			return errors.New("this key ring was closed with a key in a file: it is one of development and is refused in production")
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	root, err := rootFromFile(s.o.RootFile)
	if err != nil {
		return err
	}
	defer clear(root)
	_, err = os.Lstat(s.ringPath())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		var from *seal.FileRing
		if s.o.TakeOver != "" {
			if from, err = s.earlier(); err != nil {
				return err
			}
		}
		file, err := seal.CreateClosedRing(s.ringPath(), seal.RootHead{}, append([]byte(nil), root...), from)
		if err != nil {
			return err
		}
		if from != nil {
			s.o.Log.Info("the key ring of the earlier version was taken over", "removed", s.o.TakeOver)
		}
		if err := s.use(file.Core, file); err != nil {
			return err
		}
	case err != nil:
		return err
	default:
		file, err := seal.OpenClosedRing(s.ringPath(), append([]byte(nil), root...))
		if err != nil {
			return err
		}
		if err := s.use(file.Core, file); err != nil {
			return err
		}
	}
	return s.removeEarlier()
}

// earlier reads the ring in the clear and brings its ledger along.
func (s *Server) earlier() (*seal.FileRing, error) {
	from, err := seal.OpenFileRing(s.o.TakeOver, true)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("take over the earlier key ring: %w", err)
	}
	book, err := os.ReadFile(s.o.TakeOver + ".erasures")
	if err == nil {
		err = os.WriteFile(s.ringPath()+".erasures", book, 0o600)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("take over the earlier erasures: %w", err)
	}
	return from, nil
}

// removeEarlier takes the ring in the clear away once its keys stand in ours. A crash before this leaves both; so it looks at every start, and
// compares, since a ring of another house is not ours to remove.
func (s *Server) removeEarlier() error {
	if s.o.TakeOver == "" {
		return nil
	}
	if _, err := os.Lstat(s.o.TakeOver); err != nil {
		return nil
	}
	from, err := seal.OpenFileRing(s.o.TakeOver, false)
	if err != nil {
		return fmt.Errorf("the earlier key ring: %w", err)
	}
	ctx := context.Background()
	theirs, err := from.MAC(ctx, "taken_over", nil)
	if err != nil {
		return err
	}
	ours, err := s.ring.MAC(ctx, "taken_over", nil)
	if err != nil {
		return err
	}
	if string(ours) != string(theirs) {
		return fmt.Errorf("%s is a key ring of other keys than those in %s: neither is touched, decide which one belongs to the data", s.o.TakeOver, s.o.Dir)
	}
	for _, name := range []string{s.o.TakeOver, s.o.TakeOver + ".lock", s.o.TakeOver + ".erasures"} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// rootFromFile reads the root key of a development house, or makes one.
func rootFromFile(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		root := seal.FreshRoot()
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return nil, err
		}
		if _, err = f.WriteString(hex.EncodeToString(root) + "\n"); err == nil {
			err = f.Sync()
		}
		return root, errors.Join(err, f.Close())
	}
	if err != nil {
		return nil, err
	}
	root, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(root) != 32 {
		return nil, fmt.Errorf("%s is no root key", path)
	}
	return root, nil
}

// use makes core the ring that answers, unless its ledger is shorter than the log knows.
func (s *Server) use(core *seal.Core, file *seal.FileRing) error {
	if err := core.HoldLedger(&s.noted); err != nil {
		return err
	}
	if file != nil {
		file.KeepTime(s.o.Now)
	}
	s.ring, s.file = core, file
	return nil
}

func (s *Server) listen() error {
	if len(s.o.Socket) > 107 {
		return fmt.Errorf("the path of the key socket has %d bytes, at most 107 are possible", len(s.o.Socket))
	}
	if err := os.Remove(s.o.Socket); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("key socket: %w", err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: s.o.Socket, Net: "unix"})
	if err != nil {
		return fmt.Errorf("key socket: %w", err)
	}
	s.listener = l
	return os.Chmod(s.o.Socket, s.o.Mode)
}

// Done is closed when the process has stopped answering.
func (s *Server) Done() <-chan struct{} { return s.done }

// Close stops answering and puts the log on the disk. It may be called twice.
func (s *Server) Close() error {
	var err error
	s.closed.Do(func() {
		close(s.done)
		_ = s.listener.Close()
		s.conns.Range(func(c, _ any) bool { _ = c.(*net.UnixConn).Close(); return true })
		s.peers.Wait()
		s.mu.Lock()
		s.ring, s.file = nil, nil
		s.quorum.wipe()
		s.mu.Unlock()
		err = errors.Join(s.journal.write(Record{At: s.o.Now(), Op: "end", Out: "ok", UID: uint32(os.Geteuid())}, true), s.release())
	})
	return err
}

func (s *Server) release() error {
	var problems []error
	if s.journal != nil {
		problems = append(problems, s.journal.close())
	}
	if s.lock != nil {
		problems = append(problems, s.lock.Close())
	}
	return errors.Join(problems...)
}

func (s *Server) keepLog() {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-s.done:
			return
		case <-tick.C:
			if err := s.journal.flush(); err != nil {
				s.o.Log.Error("the key log does not reach the disk", "error", err)
			}
		}
	}
}

func (s *Server) accept() {
	slots := make(chan struct{}, maxPeers)
	for {
		c, err := s.listener.AcceptUnix()
		if err != nil {
			select {
			case <-s.done:
				return
			default:
			}
			s.o.Log.Error("the key socket does not accept", "error", err)
			time.Sleep(10 * time.Millisecond) // no descriptors: let some be given back
			continue
		}
		select {
		case slots <- struct{}{}:
		default:
			_ = c.Close()
			continue
		}
		s.conns.Store(c, nil)
		s.peers.Go(func() {
			defer func() {
				if broken := recover(); broken != nil { // a mistake of ours: this connection ends, the house goes on; what it held is not printed
					s.o.Log.Error("a request broke the key process", "kind", fmt.Sprintf("%T", broken))
				}
				s.conns.Delete(c)
				_ = c.Close()
				<-slots
			}()
			s.serve(c)
		})
	}
}

// peer asks the kernel who is at the other end.
func peer(c *net.UnixConn) (uint32, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, err
	}
	var cred *unix.Ucred
	var asked error
	if err := raw.Control(func(fd uintptr) { cred, asked = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) }); err != nil {
		return 0, err
	}
	if asked != nil {
		return 0, asked
	}
	return cred.Uid, nil
}

func has(list []uint32, uid uint32) bool {
	for _, u := range list {
		if u == uid {
			return true
		}
	}
	return false
}

func (s *Server) serve(c *net.UnixConn) {
	uid, err := peer(c)
	if err != nil {
		return
	}
	operator := has(s.o.Operators, uid)
	if !operator && !has(s.o.Allow, uid) {
		s.counters.strangers.Add(1)
		s.o.Log.Error("a stranger asked for keys", "uid", uid)
		_ = s.journal.write(Record{At: s.o.Now(), Op: "connect", Out: "refused", UID: uid}, true)
		return
	}
	var in, out []byte
	defer func() { clear(in[:cap(in)]); clear(out[:cap(out)]) }()
	for {
		_ = c.SetReadDeadline(time.Time{})
		in, err = frame(&patient{c}, in, func(head []byte) int { return operation(head[1]).limit() })
		if err != nil {
			if errors.Is(err, ErrProtocol) { // say so once; what follows cannot be told apart any more
				out = s.put(out, malformed, func(b []byte) []byte { return putText(b, err.Error()) })
				_ = c.SetWriteDeadline(time.Now().Add(time.Second))
				_, _ = c.Write(out)
			}
			return
		}
		out = s.answer(in, out, uid, operator)
		_ = c.SetWriteDeadline(time.Now().Add(bodyTimeout))
		_, err = c.Write(out)
		clear(out)
		clear(in)
		if err != nil {
			return
		}
		if cap(in) > 4<<20 { // more than a search usually needs: give its room back
			in = nil
		}
	}
}

// patient waits for the first bytes of a frame as long as it takes, and for the rest not longer than bodyTimeout.
type patient struct{ c *net.UnixConn }

func (p *patient) Read(b []byte) (int, error) {
	n, err := p.c.Read(b)
	if n > 0 {
		_ = p.c.SetReadDeadline(time.Now().Add(bodyTimeout))
	}
	return n, err
}

func (s *Server) put(out []byte, o outcome, body func([]byte) []byte) []byte {
	out = append(out[:0], 0, 0, 0, 0, version, byte(o))
	if body != nil {
		out = body(out)
	}
	binary.BigEndian.PutUint32(out, uint32(len(out)-4))
	return out
}

// answer does what a frame asks and writes the answer into out.
func (s *Server) answer(in, out []byte, uid uint32, operator bool) []byte {
	s.counters.requests.Add(1)
	fail := func(err error) []byte {
		text := err.Error()
		return s.put(out, outcomeOf(err), func(b []byte) []byte { return putText(b, text[:min(len(text), 500)]) })
	}
	if len(in) < headSize || in[0] != version {
		return fail(fmt.Errorf("%w: this process speaks version %d", ErrProtocol, version))
	}
	op := operation(in[1])
	wait := time.Duration(binary.BigEndian.Uint32(in[2:])) * time.Millisecond
	body := in[headSize:]
	if op.operatorOnly() && !operator {
		s.counters.refused.Add(1)
		_ = s.journal.write(Record{At: s.o.Now(), Op: op.String(), Out: "refused", UID: uid}, true)
		return fail(ErrRefused)
	}
	if wait <= 0 || wait > time.Minute {
		wait = time.Minute
	}
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	r := request{s: s, ctx: ctx, uid: uid, body: body, out: out}
	if op == 0 || op >= opEnd {
		return fail(fmt.Errorf("%w: no such operation", ErrProtocol))
	}
	answered, err := handlers[op](&r)
	if err != nil {
		return fail(err)
	}
	return answered
}

// request is one request being answered.
type request struct {
	s    *Server
	ctx  context.Context
	uid  uint32
	body []byte
	out  []byte
}

var handlers = [opEnd]func(*request) ([]byte, error){
	opNewKeys: (*request).newKeys, opUnwrap: (*request).unwrap, opMatch: (*request).match, opMAC: (*request).mac, opSign: (*request).sign,
	opVerifierKey: (*request).verifierKey, opForget: (*request).forget, opForgotten: (*request).forgotten, opStatus: (*request).status,
	opSeal: (*request).seal, opUnseal: (*request).unseal, opInit: (*request).init, opReshare: (*request).reshare, opRotate: (*request).rotate,
	opRewrap: (*request).rewrap, opRetire: (*request).retire, opRelease: (*request).release,
	opRewrapInside: (*request).rewrapInside, opTies: (*request).ties, opFresh: (*request).fresh,
}

// open gives the ring, or says that there is none now.
func (s *Server) openRing() (*seal.Core, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.ring == nil {
		return nil, fmt.Errorf("%w: the key process is %s", seal.ErrUnavailable, s.stateLocked())
	}
	return s.ring, nil
}

func (s *Server) state() State {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.stateLocked()
}

func (s *Server) stateLocked() State {
	if s.ring != nil {
		return Open
	}
	if _, err := os.Lstat(s.ringPath()); err != nil {
		return Empty
	}
	return Sealed
}

// outText is the word of the log for how it ended.
func outText(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, seal.ErrForged):
		return "forged"
	case errors.Is(err, seal.ErrForgotten):
		return "forgotten"
	case errors.Is(err, seal.ErrBudget):
		return "budget"
	case errors.Is(err, seal.ErrUnavailable):
		return "unavailable"
	}
	return "refused"
}

// record writes the log before the answer is given; when it cannot be written there is no answer.
func (r *request) record(rec Record, err error) error {
	rec.At, rec.UID, rec.Out = r.s.o.Now(), r.uid, outText(err)
	switch rec.Out {
	case "forged":
		r.s.counters.forged.Add(1)
		r.s.o.Log.Error("a sealed thing does not open where it lies", "op", rec.Op, "owner", rec.Owner, "act", plainID(rec.Act))
	case "forgotten":
		r.s.counters.forgotten.Add(1)
	}
	if logErr := r.s.journal.write(rec, operationSynced[rec.Op]); logErr != nil {
		r.s.o.Log.Error("the key log cannot be written: no key is given", "error", logErr)
		return fmt.Errorf("%w: the key log cannot be written", seal.ErrUnavailable)
	}
	return err
}

// operationSynced are the operations whose line is on the disk before they are answered.
var operationSynced = map[string]bool{"forget": true, "seal": true, "unseal": true, "init": true, "reshare": true, "rotate": true, "retire": true, "release": true, "stop": true}

// spend charges a budget. A breach is an alarm: in the log, in the status, in the operator's journal.
func (r *request) spend(kind, actor string, n int) error {
	s := r.s
	stopped, err := s.purse.spend(kind, plainID(actor), n, s.o.Now())
	if stopped != (account{}) {
		s.counters.stops.Add(1)
		until := s.o.Now().Add(s.purse.window(kind)).UTC()
		s.o.Log.Error("a key budget was breached: sealed for bulk", "kind", kind, "actor", stopped.actor, "until", until)
		if logErr := s.journal.write(Record{At: s.o.Now(), Op: "stop", Actor: stopped.actor, Kind: kind, Until: &until, N: n, Out: "budget", UID: r.uid}, true); logErr != nil {
			s.o.Log.Error("the key log cannot be written", "error", logErr)
		}
	}
	return err
}

func (r *request) fine(body func([]byte) []byte) ([]byte, error) {
	return r.s.put(r.out, fine, body), nil
}

func (r *request) newKeys() ([]byte, error) {
	q, err := parseNewKeys(r.body)
	if err != nil {
		return nil, err
	}
	core, err := r.s.openRing()
	var opened []seal.Opened
	var ws []seal.Wrapped
	if err == nil {
		opened, ws, err = core.FreshKeys(r.ctx, q.owner, q.compartments...)
	}
	defer wipe(opened)
	if err := r.record(Record{Op: "new_keys", Owner: q.owner.String(), N: len(q.compartments)}, err); err != nil {
		return nil, err
	}
	r.s.counters.newKeys.Add(uint64(len(ws)))
	return r.fine(func(b []byte) []byte {
		b = append(b, byte(len(ws)))
		for i := range ws {
			b = putOpened(putWrapped(b, ws[i]), &opened[i])
		}
		return b
	})
}

// fresh is newKeys for several and mac for many. Each owner has her line in the log, the marks have one for each index.
func (r *request) fresh() ([]byte, error) {
	q, err := parseFresh(r.body)
	if err != nil {
		return nil, err
	}
	core, err := r.s.openRing()
	if err == nil && (len(q.owners) > seal.MaxFresh || len(q.marks) > seal.MaxMarks) {
		err = fmt.Errorf("%w: %d owners, %d marks", seal.ErrTooMuch, len(q.owners), len(q.marks))
	}
	if err == nil && len(q.marks) > 0 {
		err = r.spend(kindMarks, everybody, len(q.marks))
	}
	var sums [][]byte
	if err == nil {
		sums, err = core.Marks(r.ctx, q.marks)
	}
	counted := map[string]int{}
	for _, m := range q.marks {
		counted[m.Index]++
	}
	for _, index := range slices.Sorted(maps.Keys(counted)) {
		if logErr := r.record(Record{Op: "mac", Index: plainID(index), N: counted[index]}, err); logErr != nil && err == nil {
			err = logErr
		}
	}
	if len(q.marks) == 0 && len(q.owners) == 0 {
		err = errors.Join(err, fmt.Errorf("%w: a question for nothing", ErrProtocol))
	}
	opened, ws := make([][]seal.Opened, len(q.owners)), make([][]seal.Wrapped, len(q.owners))
	defer func() {
		for i := range opened {
			wipe(opened[i])
		}
	}()
	for i, owner := range q.owners {
		if err == nil {
			opened[i], ws[i], err = core.FreshKeys(r.ctx, owner, q.compartments...)
		}
		if logErr := r.record(Record{Op: "new_keys", Owner: owner.String(), N: len(q.compartments)}, err); logErr != nil && err == nil {
			err = logErr
		}
		if err != nil {
			return nil, err
		}
		r.s.counters.newKeys.Add(uint64(len(ws[i])))
	}
	if err != nil {
		return nil, err
	}
	r.s.counters.marks.Add(uint64(len(sums)))
	return r.fine(func(b []byte) []byte {
		for i := range ws {
			b = append(b, byte(len(ws[i])))
			for j := range ws[i] {
				b = putOpened(putWrapped(b, ws[i][j]), &opened[i][j])
			}
		}
		for _, sum := range sums {
			b = append(b, sum...)
		}
		return b
	})
}

func wipe(opened []seal.Opened) {
	for i := range opened {
		clear(opened[i].Raw[:])
	}
}

func (r *request) unwrap() ([]byte, error) {
	q, err := parseUnwrap(r.body)
	if err != nil {
		return nil, err
	}
	core, err := r.s.openRing()
	if err == nil && len(q.keys) > seal.MaxUnwrap {
		err = fmt.Errorf("%w: %d wrapped keys", seal.ErrTooMuch, len(q.keys))
	}
	if err == nil && len(q.keys) > 0 {
		err = r.spend(kindUnwraps, q.f.Actor, len(q.keys))
	}
	var opened []seal.Opened
	if err == nil {
		opened, err = core.OpenKeys(r.ctx, q.owner, q.keys...)
	}
	defer wipe(opened)
	if err := r.record(Record{Op: "unwrap", Actor: q.f.Actor, Session: q.f.Session, Act: q.f.Act, Owner: q.owner.String(), N: len(q.keys)}, err); err != nil {
		return nil, err
	}
	r.s.counters.unwraps.Add(uint64(len(opened)))
	return r.fine(func(b []byte) []byte {
		b = append(b, byte(len(opened)))
		for i := range opened {
			b = putOpened(b, &opened[i])
		}
		return b
	})
}

func (r *request) match() ([]byte, error) {
	q, err := parseMatch(r.body)
	if err != nil {
		return nil, err
	}
	core, err := r.s.openRing()
	if err == nil && len(q.rows) > seal.MaxMatch {
		err = fmt.Errorf("%w: %d rows", seal.ErrTooMuch, len(q.rows))
	}
	if err == nil {
		err = r.spend(kindSearches, q.f.Actor, 1)
	}
	var found [][16]byte
	var damaged *seal.Damaged
	if err == nil {
		ids, matchErr := core.Match(r.ctx, q.f, q.q, q.rows)
		for _, id := range ids {
			found = append(found, id)
		}
		if err = matchErr; errors.As(matchErr, &damaged) {
			err = nil
			r.s.counters.forged.Add(uint64(len(damaged.Cases)))
			r.s.o.Log.Error("sealed names do not open where they lie", "count", len(damaged.Cases), "act", plainID(q.f.Act))
		}
	}
	rec := Record{Op: "match", Actor: q.f.Actor, Session: q.f.Session, Act: q.f.Act, N: len(q.rows)}
	if damaged != nil {
		rec.Kind = fmt.Sprintf("damaged %d", len(damaged.Cases))
	}
	if err := r.record(rec, err); err != nil {
		return nil, err
	}
	r.s.counters.searches.Add(1)
	ids := func(b []byte, ids [][16]byte) []byte {
		b = binary.BigEndian.AppendUint16(b, uint16(len(ids)))
		for _, id := range ids {
			b = append(b, id[:]...)
		}
		return b
	}
	if damaged == nil {
		return r.fine(func(b []byte) []byte { return ids(b, found) })
	}
	var bad [][16]byte
	for _, id := range damaged.Cases {
		bad = append(bad, id)
	}
	return r.s.put(r.out, damagedRows, func(b []byte) []byte { return ids(ids(b, found), bad) }), nil
}

func (r *request) ties() ([]byte, error) {
	q, err := parseTies(r.body)
	if err != nil {
		return nil, err
	}
	core, err := r.s.openRing()
	if err == nil {
		err = r.spend(kindSearches, q.f.Actor, 1)
	}
	var t seal.Ties
	if err == nil {
		t, err = core.Ties(r.ctx, q.f, q.q)
	}
	rec := Record{Op: "ties", Actor: q.f.Actor, Session: q.f.Session, Act: q.f.Act, N: len(q.q.Self) + len(q.q.House) + len(q.q.Parts)}
	if t.Damaged > 0 {
		r.s.counters.forged.Add(uint64(t.Damaged))
		rec.Kind = fmt.Sprintf("damaged %d", t.Damaged)
	}
	if err := r.record(rec, err); err != nil {
		return nil, err
	}
	r.s.counters.searches.Add(1)
	return r.fine(func(b []byte) []byte {
		bits := byte(0)
		if t.Tie {
			bits |= 1
		}
		if t.House {
			bits |= 2
		}
		return binary.BigEndian.AppendUint16(append(b, bits), uint16(t.Damaged))
	})
}

func (r *request) mac() ([]byte, error) {
	q, err := parseMAC(r.body)
	if err != nil {
		return nil, err
	}
	core, err := r.s.openRing()
	if err == nil && len(q.value) > maxMAC {
		err = fmt.Errorf("%w: a value of %d bytes", seal.ErrTooMuch, len(q.value))
	}
	if err == nil {
		err = r.spend(kindMarks, everybody, 1)
	}
	var sum []byte
	if err == nil {
		sum, err = core.MAC(r.ctx, q.index, q.value)
	}
	if err := r.record(Record{Op: "mac", Index: q.index, N: 1}, err); err != nil {
		return nil, err
	}
	r.s.counters.marks.Add(1)
	return r.fine(func(b []byte) []byte { return append(b, sum...) })
}

func (r *request) sign() ([]byte, error) {
	q, err := parseAsked(r.body)
	if err != nil {
		return nil, err
	}
	core, err := r.s.openRing()
	var sig []byte
	if err == nil {
		sig, err = core.Sign(r.ctx, q.f, q.what)
	}
	if err := r.record(Record{Op: "sign", Actor: q.f.Actor, Session: q.f.Session, Act: q.f.Act, N: 1}, err); err != nil {
		return nil, err
	}
	r.s.counters.signed.Add(1)
	return r.fine(func(b []byte) []byte { return append(b, sig...) })
}

func (r *request) verifierKey() ([]byte, error) {
	core, err := r.s.openRing()
	if err != nil {
		return nil, err
	}
	key, err := core.VerifierKey(r.ctx)
	if err != nil {
		return nil, err
	}
	return r.fine(func(b []byte) []byte { return append(b, key...) })
}

func (r *request) forget() ([]byte, error) {
	q, err := parseAsked(r.body)
	if err != nil {
		return nil, err
	}
	var e seal.Erasure
	if err := json.Unmarshal(q.what, &e); err != nil {
		return nil, fmt.Errorf("%w: no erasure", ErrProtocol)
	}
	core, err := r.s.openRing()
	rec := Record{Op: "forget", Actor: q.f.Actor, Session: q.f.Session, Act: q.f.Act, N: len(e.Owners)}
	if err == nil {
		r.s.mu.RLock()
		file := r.s.file
		r.s.mu.RUnlock()
		if file != nil {
			err = file.Forget(r.ctx, q.f, e)
		} else {
			err = core.Forget(r.ctx, q.f, e)
		}
		if err == nil {
			var head chain.Head
			head, err = core.Ledger()
			rec.Ledger = &head
		}
	}
	if err := r.record(rec, err); err != nil {
		return nil, err
	}
	return r.fine(nil)
}

func (r *request) forgotten() ([]byte, error) {
	p := parser{b: r.body}
	after := int(p.u32())
	if err := p.end(); err != nil {
		return nil, err
	}
	core, err := r.s.openRing()
	if err != nil {
		return nil, err
	}
	list, err := core.Forgotten(r.ctx, after)
	if err != nil {
		return nil, err
	}
	// An erasure may name a thousand owners; what does not fit is asked for again.
	for {
		text, err := json.Marshal(list)
		if err != nil {
			return nil, err
		}
		if len(text) < maxSmall-64 || len(list) <= 1 {
			return r.fine(func(b []byte) []byte { return append(b, text...) })
		}
		list = list[:len(list)/2]
	}
}

func (r *request) status() ([]byte, error) {
	text, err := json.Marshal(r.s.Status(r.ctx))
	if err != nil {
		return nil, err
	}
	return r.fine(func(b []byte) []byte { return append(b, text...) })
}

// Status is the state of the process.
func (s *Server) Status(ctx context.Context) Status {
	c := &s.counters
	st := Status{Backend: s.o.Backend, PID: os.Getpid(), Since: s.began, Memory: s.o.Memory, Budgets: s.o.Budgets, Stopped: s.purse.stops(s.o.Now()),
		Counters: Counters{Requests: c.requests.Load(), NewKeys: c.newKeys.Load(), Unwraps: c.unwraps.Load(), Searches: c.searches.Load(), Marks: c.marks.Load(), Signed: c.signed.Load(),
			Rewraps: c.rewraps.Load(), Forged: c.forged.Load(), Forgotten: c.forgotten.Load(), Stops: c.stops.Load(), Strangers: c.strangers.Load(), Refused: c.refused.Load()}}
	st.LogFile, st.Log = s.journal.head()
	s.mu.RLock()
	core := s.ring
	st.State, st.Given = s.stateLocked(), len(s.quorum.given)
	s.mu.RUnlock()
	if head, err := seal.ReadRootHead(s.ringPath()); err == nil && s.o.Vault == nil {
		st.Set, st.Threshold, st.Shares = head.Set, head.Threshold, head.Shares
	}
	if core == nil {
		return st
	}
	st.Erasures, _ = core.Ledger()
	st.Newest = map[string]uint32{}
	for _, c := range seal.Compartments {
		if v, err := core.Newest(ctx, c); err == nil {
			st.Newest[string(c)] = v
		}
	}
	return st
}

func (r *request) seal() ([]byte, error) {
	s := r.s
	s.mu.Lock()
	s.ring, s.file = nil, nil
	s.quorum.wipe()
	s.mu.Unlock()
	s.o.Log.Warn("the key process was sealed", "uid", r.uid)
	if err := r.record(Record{Op: "seal"}, nil); err != nil {
		return nil, err
	}
	return r.status()
}

func (r *request) unseal() ([]byte, error) {
	s := r.s
	err := func() error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.ring != nil {
			return fmt.Errorf("%w: it is open already", ErrState)
		}
		if s.o.Vault != nil || s.o.RootFile != "" {
			return s.openVault(r.ctx)
		}
		if len(r.body) == 0 {
			s.quorum.wipe()
			return nil
		}
		head, err := seal.ReadRootHead(s.ringPath())
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%w: there is no key ring yet: binhan keys init", ErrState)
		}
		if err != nil {
			return err
		}
		if err := s.quorum.add(string(r.body), head); err != nil {
			return err
		}
		if !s.quorum.complete() {
			return nil
		}
		file, err := openWithShares(s.ringPath(), s.quorum.given)
		if err != nil {
			s.quorum.wipe()
			return err
		}
		if err := s.use(file.Core, file); err != nil {
			return err
		}
		s.quorum.wipe()
		s.o.Log.Info("the key process was opened", "uid", r.uid)
		return nil
	}()
	clear(r.body)
	if err := r.record(Record{Op: "unseal"}, err); err != nil {
		return nil, err
	}
	return r.status()
}

func openWithShares(path string, given []share) (*seal.FileRing, error) {
	secret, err := joinShares(given)
	if err != nil {
		return nil, err
	}
	root, err := rootKey(secret)
	if err != nil {
		return nil, err
	}
	file, err := seal.OpenClosedRing(path, root)
	if errors.Is(err, seal.ErrRoot) {
		return nil, fmt.Errorf("%w: these shares do not open this key ring; begin again", ErrShare)
	}
	return file, err
}

// NewShares are shares as they are printed once.
type NewShares struct {
	Set       string   `json:"set"`
	Threshold int      `json:"threshold"`
	Shares    []string `json:"shares"`
}

func newShares(head seal.RootHead, list []share) NewShares {
	out := NewShares{Set: head.Set, Threshold: head.Threshold}
	for _, s := range list {
		out.Shares = append(out.Shares, s.text())
	}
	return out
}

type quorumRequest struct {
	Threshold int      `json:"threshold"`
	Shares    int      `json:"shares"`
	Given     []string `json:"given,omitempty"`
}

func (r *request) init() ([]byte, error) {
	s := r.s
	var q quorumRequest
	if err := json.Unmarshal(r.body, &q); err != nil {
		return nil, fmt.Errorf("%w: no quorum", ErrProtocol)
	}
	var made NewShares
	err := func() error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.o.Vault != nil || s.o.RootFile != "" {
			return fmt.Errorf("%w: the %s vault of this process has no shares", ErrState, s.o.Backend)
		}
		if s.stateLocked() != Empty {
			return fmt.Errorf("%w: there is a key ring already, and it is never written over", ErrState)
		}
		if err := checkQuorum(q.Threshold, q.Shares); err != nil {
			return err
		}
		secret := shareGroup.RandomNonZeroScalar(rand.Reader)
		head, list, err := partRoot(secret, q.Threshold, q.Shares)
		if err != nil {
			return err
		}
		root, err := rootKey(secret)
		if err != nil {
			return err
		}
		if _, err := seal.CreateClosedRing(s.ringPath(), head, root, nil); err != nil {
			return err
		}
		made = newShares(head, list)
		return nil
	}()
	if err := r.record(Record{Op: "init"}, err); err != nil {
		return nil, err
	}
	return r.json(made)
}

func (r *request) json(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return r.fine(func(b []byte) []byte { return append(b, text...) })
}

func (r *request) reshare() ([]byte, error) {
	s := r.s
	var q quorumRequest
	if err := json.Unmarshal(r.body, &q); err != nil {
		return nil, fmt.Errorf("%w: no quorum", ErrProtocol)
	}
	clear(r.body)
	var made NewShares
	err := func() error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if err := checkQuorum(q.Threshold, q.Shares); err != nil {
			return err
		}
		head, err := seal.ReadRootHead(s.ringPath())
		if err != nil {
			return fmt.Errorf("%w: there is no key ring", ErrState)
		}
		var given quorum
		defer given.wipe()
		for _, text := range q.Given {
			if err := given.add(text, head); err != nil {
				return err
			}
		}
		if !given.complete() {
			return fmt.Errorf("%w: new shares want %d of the old ones", ErrShare, head.Threshold)
		}
		file, err := openWithShares(s.ringPath(), given.given)
		if err != nil {
			return err
		}
		if s.file != nil {
			file = s.file // the open ring must know of its new head
		}
		secret, err := joinShares(given.given)
		if err != nil {
			return err
		}
		newHead, list, err := partRoot(secret, q.Threshold, q.Shares)
		if err != nil {
			return err
		}
		if err := file.Reclose(newHead); err != nil {
			return err
		}
		s.quorum.wipe()
		made = newShares(newHead, list)
		return nil
	}()
	if err := r.record(Record{Op: "reshare"}, err); err != nil {
		return nil, err
	}
	return r.json(made)
}

func (r *request) rotate() ([]byte, error) {
	core, err := r.s.openRing()
	if err == nil {
		err = core.Rotate(r.ctx)
	}
	if err := r.record(Record{Op: "rotate"}, err); err != nil {
		return nil, err
	}
	return r.status()
}

func (r *request) retire() ([]byte, error) {
	p := parser{b: r.body}
	v := p.u32()
	if err := p.end(); err != nil {
		return nil, err
	}
	core, err := r.s.openRing()
	if err == nil {
		err = core.Retire(r.ctx, v)
	}
	if err := r.record(Record{Op: "retire", N: int(v)}, err); err != nil {
		return nil, err
	}
	return r.status()
}

func (r *request) rewrap() ([]byte, error) {
	q, err := parseRewrap(r.body)
	if err != nil {
		return nil, err
	}
	core, err := r.s.openRing()
	if err == nil && len(q.items) > maxRewrap {
		err = fmt.Errorf("%w: %d keys", seal.ErrTooMuch, len(q.items))
	}
	if err == nil {
		err = r.spend(kindRewraps, everybody, len(q.items))
	}
	moved := 0
	for i := range q.items {
		if err != nil {
			break
		}
		item := &q.items[i]
		again, changed, rewrapErr := core.Rewrap(r.ctx, item.Owner, item.Key)
		switch {
		case errors.Is(rewrapErr, seal.ErrForgotten):
			item.State = "forgotten"
		case errors.Is(rewrapErr, seal.ErrForged):
			item.State = "forged"
			r.s.counters.forged.Add(1)
			r.s.o.Log.Error("a wrapped key does not open where it lies", "op", "rewrap", "owner", item.Owner, "compartment", plainID(string(item.Key.Compartment)))
		case rewrapErr != nil:
			err = rewrapErr
		case changed:
			item.State, item.Key = "moved", again
			moved++
		default:
			item.State = "newest"
		}
	}
	if err := r.record(Record{Op: "rewrap", N: len(q.items)}, err); err != nil {
		return nil, err
	}
	r.s.counters.rewraps.Add(uint64(moved))
	return r.fine(q.put)
}

func (r *request) rewrapInside() ([]byte, error) {
	q, err := parseInside(r.body)
	if err != nil {
		return nil, err
	}
	core, err := r.s.openRing()
	if err == nil {
		err = r.spend(kindRewraps, everybody, 1)
	}
	var again []byte
	if err == nil {
		again, _, err = core.RewrapInside(r.ctx, q.key, q.place, q.sealed)
	}
	if err := r.record(Record{Op: "rewrap_inside", Owner: q.place.Owner.String(), N: 1}, err); err != nil {
		return nil, err
	}
	r.s.counters.rewraps.Add(1)
	return r.fine(func(b []byte) []byte { return append(b, again...) })
}

func (r *request) release() ([]byte, error) {
	actor := string(r.body)
	var err error
	if !r.s.purse.release(actor) {
		err = fmt.Errorf("%w: nothing is known of this actor", ErrState)
	}
	if err := r.record(Record{Op: "release", Actor: actor}, err); err != nil {
		return nil, err
	}
	return r.status()
}
