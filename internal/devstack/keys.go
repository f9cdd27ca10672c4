package devstack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"binhan/internal/config"
	"binhan/internal/keyd"
	"binhan/internal/keyd/process"
)

// keyUser is the user and group id of the key process of a development house that runs as root: a number that is nobody's.
const keyUser = 64927

// KeyProcess is a running `binhan keyd`, a child of this process. When it ends by itself it is started again: the house goes on without keys in
// between, as it would in production.
type KeyProcess struct {
	Socket string
	// Apart tells whether it runs as a user of its own.
	Apart bool
	dir   string
	c     config.Config

	mu    sync.Mutex
	cmd   *exec.Cmd
	stdin io.Closer
	stop  chan struct{}
	ended chan struct{}
	once  sync.Once
}

// KeySocket is where the key process of this stack answers.
func (s *Stack) KeySocket() string { return s.keySocket }

// KeysApart tells whether the key process runs as a user of its own; without root it cannot, and that should be said aloud.
func (s *Stack) KeysApart() bool { return s.keys == nil || s.keys.Apart }

func (s *Stack) startKeys(ctx context.Context, c config.Config) error {
	if c.KeySocket != "" {
		s.keySocket = c.KeySocket
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	dir := filepath.Join(c.Data, "keyd")
	socket, err := keySocket(dir)
	if err != nil {
		return err
	}
	if s.joined != nil { // the house runs already, or is about to
		client := keyd.NewClient(socket, 0)
		defer client.Close()
		if _, err := client.Await(ctx); err != nil {
			return err
		}
		s.keySocket = socket
		return nil
	}
	k, err := StartKeys(ctx, c, dir, socket)
	if errors.Is(err, keyd.ErrRunning) && s.cluster == nil { // with a named database two commands cannot be told apart earlier
		s.keySocket = socket
		return nil
	}
	if err != nil {
		return err
	}
	s.keys, s.keySocket = k, socket
	return nil
}

// keySocket is where the socket lies: in the folder, or, when that path is too long for a socket, in the run-time folder.
func keySocket(dir string) (string, error) {
	socket := filepath.Join(dir, "sock")
	if len(socket) <= 107 {
		return socket, nil
	}
	aside := filepath.Join(os.TempDir(), "binhan-keyd-"+digest(dir))
	if err := os.Mkdir(aside, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return "", fmt.Errorf("folder of the key socket: %w", err)
	}
	info, err := os.Lstat(aside)
	if err != nil {
		return "", err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || int(st.Uid) != os.Geteuid() && st.Uid != keyUser {
		return "", fmt.Errorf("folder of the key socket: %s belongs to somebody else", aside)
	}
	return filepath.Join(aside, "sock"), nil
}

// StartKeys runs a key process on a folder and returns when it answers; keyd.ErrRunning when another one answers there.
func StartKeys(ctx context.Context, c config.Config, dir, socket string) (*KeyProcess, error) {
	k := &KeyProcess{Socket: socket, Apart: os.Geteuid() == 0, dir: dir, c: c, stop: make(chan struct{}), ended: make(chan struct{})}
	if err := k.prepare(); err != nil {
		return nil, err
	}
	for {
		err := k.begin(ctx)
		if err == nil {
			break
		}
		if !errors.Is(err, keyd.ErrRunning) {
			return nil, err
		}
		// Its parent was killed a moment ago and it is about to end, or it belongs to a house that lives.
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(50 * time.Millisecond):
		}
		client := keyd.NewClient(socket, 0)
		_, alive := client.Status(ctx)
		client.Close()
		if alive == nil && c.EmbeddedDatabase() {
			continue // we hold the database, so nobody else's house lives here: it will end
		}
		if alive == nil {
			return nil, err
		}
	}
	go k.watch()
	return k, nil
}

// prepare makes the folder and brings the key ring of an earlier version into it.
func (k *KeyProcess) prepare() error {
	own := func(path string) error {
		if !k.Apart {
			return nil
		}
		return os.Lchown(path, keyUser, keyUser)
	}
	if err := os.MkdirAll(k.dir, 0o700); err != nil {
		return fmt.Errorf("folder of the key process: %w", err)
	}
	if err := errors.Join(own(k.dir), os.Chmod(k.dir, 0o700)); err != nil {
		return fmt.Errorf("folder of the key process: %w", err)
	}
	if aside := filepath.Dir(k.Socket); aside != k.dir {
		if err := own(aside); err != nil {
			return err
		}
	}
	// A folder that was made by one user and is used by another, such as after `sudo make run`.
	if entries, err := os.ReadDir(k.dir); err == nil && k.Apart {
		for _, e := range entries {
			if err := own(filepath.Join(k.dir, e.Name())); err != nil {
				return err
			}
		}
		logs, _ := filepath.Glob(filepath.Join(k.dir, "log", "*"))
		for _, log := range logs {
			if err := own(log); err != nil {
				return err
			}
		}
	}
	earlier := filepath.Join(k.dir, earlierRing)
	if _, err := os.Lstat(earlier); err == nil {
		if _, err := os.Lstat(k.c.Keyring); err == nil {
			return fmt.Errorf("there are two key rings of earlier versions, %s and %s: decide which one belongs to the data", k.c.Keyring, earlier)
		}
		return nil
	}
	for _, suffix := range []string{".erasures", ""} {
		from, to := k.c.Keyring+suffix, earlier+suffix
		if _, err := os.Lstat(from); errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err := own(from); err != nil {
			return err
		}
		if err := os.Rename(from, to); err != nil {
			return fmt.Errorf("bring the key ring of an earlier version to the key process: %w", err)
		}
	}
	if err := os.Remove(k.c.Keyring + ".lock"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

const earlierRing = "earlier.json"

func digest(path string) string {
	sum := sha256.Sum256([]byte(path))
	return hex.EncodeToString(sum[:6])
}

// begin starts the process once and waits until it answers.
func (k *KeyProcess) begin(ctx context.Context) error {
	program, err := keyProgram(k.c)
	if err != nil {
		return err
	}
	logFile := filepath.Join(k.dir, "keyd.log")
	log, err := os.OpenFile(logFile, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("log of the key process: %w", err)
	}
	defer log.Close()
	cmd := exec.Command(program, "keyd")
	// Nothing of our environment: there are passwords in it.
	us := strconv.Itoa(os.Geteuid())
	socket := "sock"
	if filepath.Dir(k.Socket) != k.dir {
		socket = k.Socket
	}
	cmd.Env = []string{"BINHAN_ENV=development", "BINHAN_KEYD_CHILD=true", "BINHAN_KEYD_DIR=" + k.dir, "BINHAN_KEYD_SOCKET=" + socket, "BINHAN_KEYD_ALLOW=" + us, "BINHAN_KEYD_OPERATORS=" + us,
		"BINHAN_KEYD_ROOT_PATH=root", "BINHAN_KEYD_TAKE_OVER=" + earlierRing}
	if k.Apart {
		cmd.Env = append(cmd.Env, "BINHAN_KEYD_USER="+strconv.Itoa(keyUser))
	}
	cmd.Stdout, cmd.Stderr = log, log
	// A group of its own: Ctrl-C in a terminal reaches us alone, and we end it in order. It ends with its standard input when we are killed.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if k.Apart {
		cmd.SysProcAttr.Unshareflags = syscall.CLONE_NEWNET // no network at all; the socket is a file
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err = cmd.Start(); err != nil && errors.Is(err, syscall.EPERM) && k.Apart {
		// A container may not part networks. Without one it asks for nothing outside either; that is only not enforced.
		return k.beginWithNetwork(ctx, cmd, log, logFile)
	}
	if err != nil {
		return fmt.Errorf("start the key process: %w", err)
	}
	return k.await(ctx, cmd, stdin, logFile)
}

func (k *KeyProcess) beginWithNetwork(ctx context.Context, refused *exec.Cmd, log *os.File, logFile string) error {
	cmd := exec.Command(refused.Path, refused.Args[1:]...)
	cmd.Env, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = refused.Env, log, log, &syscall.SysProcAttr{Setpgid: true}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the key process: %w", err)
	}
	return k.await(ctx, cmd, stdin, logFile)
}

func (k *KeyProcess) await(ctx context.Context, cmd *exec.Cmd, stdin io.Closer, logFile string) error {
	gone := make(chan error, 1)
	go func() { gone <- cmd.Wait() }()
	client := keyd.NewClient(k.Socket, 0)
	defer client.Close()
	for {
		select {
		case err := <-gone:
			var exit *exec.ExitError
			if errors.As(err, &exit) && exit.ExitCode() == process.Running {
				return keyd.ErrRunning
			}
			return fmt.Errorf("the key process does not start: %v\n%s", err, lastLines(logFile))
		case <-ctx.Done():
			_ = stdin.Close()
			_ = cmd.Process.Kill()
			return fmt.Errorf("the key process does not answer in time\n%s", lastLines(logFile))
		case <-time.After(5 * time.Millisecond):
		}
		// The socket may be that of an earlier process which is about to end: ours is the one that holds the folder, and so still lives.
		if st, err := client.Status(ctx); err == nil && st.PID == cmd.Process.Pid {
			k.mu.Lock()
			k.cmd, k.stdin = cmd, stdin
			k.mu.Unlock()
			go func() { err := <-gone; k.fell(cmd, err) }()
			return nil
		}
	}
}

// fell notes that a process ended; watch starts the next.
func (k *KeyProcess) fell(cmd *exec.Cmd, err error) {
	select {
	case <-k.stop:
	default:
		slog.Warn("the key process ended and is started again", "how", fmt.Sprint(err))
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.cmd == cmd {
		k.cmd = nil
	}
}

func (k *KeyProcess) watch() {
	defer close(k.ended)
	for {
		select {
		case <-k.stop:
			return
		case <-time.After(50 * time.Millisecond):
		}
		k.mu.Lock()
		lives := k.cmd != nil
		k.mu.Unlock()
		if lives {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		err := k.begin(ctx)
		cancel()
		if err != nil {
			slog.Error("the key process does not start again", "error", err)
			select {
			case <-k.stop:
				return
			case <-time.After(time.Second):
			}
		}
	}
}

// Pid is the process as it runs now, 0 between two.
func (k *KeyProcess) Pid() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.cmd == nil {
		return 0
	}
	return k.cmd.Process.Pid
}

// Stop ends it. It may be called twice.
func (k *KeyProcess) Stop() error {
	k.once.Do(func() { close(k.stop) })
	<-k.ended
	k.mu.Lock()
	cmd, stdin := k.cmd, k.stdin
	k.mu.Unlock()
	if cmd == nil {
		return nil
	}
	_ = stdin.Close()
	for range 1000 {
		if k.Pid() == 0 {
			return nil
		}
		time.Sleep(5 * time.Millisecond)
	}
	slog.Warn("the key process does not end by itself")
	return cmd.Process.Kill()
}

// keyProgram is what the settings name. The command of this house names itself (it knows that it can be a key process, whatever its file is called); nobody
// guesses, since a program of another version that lies about would answer with other keys' words.
func keyProgram(c config.Config) (string, error) {
	if c.KeyProgram == "" {
		return "", errors.New("the program of the key process is not named: BINHAN_KEYD_PROGRAM names it, BINHAN_KEYD_SOCKET makes it needless")
	}
	return filepath.Abs(c.KeyProgram)
}
