// Package testshare lets all the test binaries of a run share one expensive helper: a PostgreSQL server, an object store.
//
// The helper lives in a keeper: the first test binary that wants it starts itself a second time, as the keeper, apart from the test. Every
// binary that uses the helper holds a shared lock on a file for as long as it lives; the kernel drops the lock however it dies. The keeper
// tries to take that lock for itself: once nobody has held it for a while, it stops the helper and ends. So no binary owns the helper, any of
// them may be killed at any time, and nothing has to be started before `go test`.
//
// For tests only: nothing in a product binary imports it.
package testshare

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

const keeperVariable = "BINHAN_TEST_KEEPER"

// idle is how long the helper outlives its last user: longer than the go command needs to build the next test binary, as a rule.
const idle = 90 * time.Second

// Helper is one kind of shared helper.
type Helper struct {
	// Name is the name of its folder.
	Name string
	// Start starts it in dir (empty at first; the keeper's former data later) and returns what clients need to know, and a way to stop it.
	Start func(dir string) (address string, stop func() error, err error)

	once    sync.Once
	address string
	err     error
	users   *os.File
}

// Register must be called from a package's init function, since the keeper is this same program: it never returns in the keeper.
func Register(name string, start func(dir string) (string, func() error, error)) *Helper {
	h := &Helper{Name: name, Start: start}
	if os.Getenv(keeperVariable) == name {
		if err := h.keep(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	return h
}

// Address returns the running helper's address, starting it when nobody has.
func (h *Helper) Address() (string, error) {
	h.once.Do(func() { h.address, h.err = h.join() })
	return h.address, h.err
}

// Dir is the helper's folder, one for each checkout, user and boot of the machine: helpers may forgo fsync, and what a power cut left is
// never looked at again.
func (h *Helper) Dir() string {
	_, file, _, _ := runtime.Caller(0)
	boot, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	sum := sha256.Sum256([]byte(file + string(boot)))
	return filepath.Join(os.TempDir(), fmt.Sprintf("binhan-test-%d-%s", os.Getuid(), hex.EncodeToString(sum[:5])), h.Name)
}

func (h *Helper) join() (string, error) {
	dir := h.Dir()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	for _, made := range []string{filepath.Dir(dir), dir} { // the server's own user must be able to pass, whatever the umask
		if err := os.Chmod(made, 0o755); err != nil {
			return "", err
		}
	}
	// Held until this process ends; a keeper that is just stopping holds it exclusively, and we wait for it to be done.
	var err error
	if h.users, err = openLocked(filepath.Join(dir, "users"), syscall.LOCK_SH); err != nil {
		return "", err
	}
	// One starter at a time; the others find the keeper running.
	starting, err := openLocked(filepath.Join(dir, "starting"), syscall.LOCK_EX)
	if err != nil {
		return "", err
	}
	defer starting.Close()
	for {
		keeper, err := openLocked(filepath.Join(dir, "keeper"), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			keeper.Close()
			if err := h.spawn(dir); err != nil {
				return "", err
			}
		}
		if address, err := os.ReadFile(filepath.Join(dir, "address")); err == nil {
			return string(address), nil
		}
		time.Sleep(10 * time.Millisecond) // a keeper that is about to end has taken its address back
	}
}

func (h *Helper) spawn(dir string) error {
	os.Remove(filepath.Join(dir, "address"))
	self, err := os.Executable()
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "keeper.log")
	log, err := os.Create(path)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), keeperVariable+"="+h.Name)
	cmd.Dir = "/"
	cmd.Stdout, cmd.Stderr = log, log // not ours: the go command waits until everybody has closed a test's output
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for deadline := time.Now().Add(10 * time.Minute); ; {
		if _, err := os.Stat(filepath.Join(dir, "address")); err == nil {
			return nil
		}
		select {
		case err := <-ended:
			text, _ := os.ReadFile(path)
			return fmt.Errorf("the shared %s of the tests ended: %w\n%s", h.Name, errors.Join(err), strings.TrimSpace(string(text)))
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the shared %s of the tests does not start, see %s", h.Name, path)
		}
	}
}

// keep is the life of the keeper.
func (h *Helper) keep() error {
	os.Unsetenv(keeperVariable)
	dir := h.Dir()
	keeper, err := openLocked(filepath.Join(dir, "keeper"), syscall.LOCK_EX|syscall.LOCK_NB)
	if err != nil {
		return fmt.Errorf("another keeper runs: %w", err)
	}
	defer keeper.Close()
	work := filepath.Join(dir, "work")
	if err := os.MkdirAll(work, 0o755); err != nil {
		return err
	}
	if err := os.Chmod(work, 0o755); err != nil {
		return err
	}
	address, stop, err := h.Start(work)
	if err != nil {
		return err
	}
	if err := publish(filepath.Join(dir, "address"), address); err != nil {
		return errors.Join(err, stop())
	}
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	var users *os.File
	for quiet := time.Duration(0); quiet < idle; quiet += time.Second {
		select {
		case <-asked:
			os.Remove(filepath.Join(dir, "address"))
			quiet = idle
			continue
		case <-time.After(time.Second):
		}
		// The starter holds its lock from before we began, so there is no moment in which we are alone by mistake.
		if users, err = openLocked(filepath.Join(dir, "users"), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
			quiet = 0
			continue
		}
		if quiet+time.Second < idle {
			users.Close()
		}
	}
	if users != nil {
		defer users.Close() // new users wait here until we are gone, then start another keeper
	}
	os.Remove(filepath.Join(dir, "address"))
	return stop()
}

func publish(path, content string) error {
	if err := os.WriteFile(path+".new", []byte(content), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func openLocked(path string, how int) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(file.Fd()), how)
		if err != syscall.EINTR {
			break
		}
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}
