package pg

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jmoiron/sqlx"
)

// ErrNoServer: the machine has no PostgreSQL server binaries.
var ErrNoServer = errors.New("no PostgreSQL server is installed (Debian and Ubuntu: apt-get install postgresql)")

// ErrRunning: another process runs the cluster of this folder; use [Attach].
var ErrRunning = errors.New("the database of this folder is already running")

// ClusterOptions say where a private cluster lives.
type ClusterOptions struct {
	// Dir is the folder of the cluster: data, passwords, log. It is made when absent. Every folder above it must let the database's own user
	// pass; see [StateDir].
	Dir string
	// Binaries is the folder of initdb and postgres. Empty: the newest under /usr/lib/postgresql, or the one that made the data.
	Binaries string
	// Forgetful trades durability for speed. For tests only.
	Forgetful bool
	// StartTimeout bounds the wait for a dying predecessor, for recovery and for the first answer. Zero: two minutes.
	StartTimeout time.Duration
	// Settings are further server settings, over those of the house.
	Settings map[string]string
}

// Cluster is a running private PostgreSQL server: a child of this process, reached through a Unix socket only.
//
// A killed parent takes it along: the kernel sends it SIGINT, on which it rolls back what is open, writes a checkpoint and ends. The next start
// waits for that end.
type Cluster struct {
	Server
	lock *os.File
	cmd  *exec.Cmd
	done chan struct{} // closed when the server process has ended
	err  error         // how it ended; read after done
}

// Server is a private cluster as its clients see it.
type Server struct {
	dir     string
	socket  string
	secrets map[Role]string
	holder  int // the process that runs it, seen by Attach
}

// Held tells whether the process that ran the cluster when we attached still lives. When it is gone, so is the server, or will be in a moment.
func (s Server) Held() bool { return alive(s.holder) }

// DSN is the address of a database of this cluster for one of the house's roles, or for [Superuser].
func (s Server) DSN(role Role, database string) string { return s.Address(role, database).DSN() }

// Address is [Server.DSN] in its parts.
func (s Server) Address(role Role, database string) Address {
	return Address{Host: s.socket, Port: port, User: string(role), Password: s.secrets[role], Database: database}
}

// Secrets are the passwords of the roles, as [Bootstrap] wants them, the superuser's left out.
func (s Server) Secrets() map[Role]string {
	secrets := make(map[Role]string, len(s.secrets))
	for role, password := range s.secrets {
		if role != Superuser {
			secrets[role] = password
		}
	}
	return secrets
}

// port is only part of the socket's name: the server listens on no network.
const port = 5432

// Start runs the private cluster in o.Dir and returns once it answers. The first start makes it (about a second). It fails with [ErrRunning]
// when another live process holds it, with [ErrNoServer] when there is nothing to run, and otherwise with the end of the server's own log.
func Start(ctx context.Context, o ClusterOptions) (*Cluster, error) {
	if o.StartTimeout == 0 {
		o.StartTimeout = 2 * time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, o.StartTimeout)
	defer cancel()
	runAs, err := serverUser()
	if err != nil {
		return nil, err
	}
	if o.Dir, err = filepath.Abs(o.Dir); err != nil {
		return nil, err
	}
	if err := makeDir(o.Dir, 0o711); err != nil {
		return nil, fmt.Errorf("database folder: %w", err)
	}
	lock, err := takeLock(ctx, filepath.Join(o.Dir, "lock"))
	if err != nil {
		return nil, err
	}
	c := &Cluster{Server: Server{dir: o.Dir}, lock: lock, done: make(chan struct{})}
	if err := c.start(ctx, o, runAs); err != nil {
		lock.Close()
		return nil, err
	}
	return c, nil
}

func (c *Cluster) start(ctx context.Context, o ClusterOptions, runAs *owner) error {
	binaries, err := findBinaries(o)
	if err != nil {
		return err
	}
	if c.secrets, err = loadSecrets(filepath.Join(o.Dir, "passwords.json"), true); err != nil {
		return err
	}
	if c.socket, err = socketDir(o.Dir, runAs); err != nil {
		return err
	}
	if err := c.initialise(ctx, binaries, runAs); err != nil {
		return err
	}
	if err := c.waitForPredecessor(ctx); err != nil {
		return err
	}
	if err := c.launch(ctx, binaries, o, runAs); err != nil {
		return err
	}
	if err := c.shutStrangersOut(ctx); err != nil {
		c.Stop()
		return err
	}
	return nil
}

// Attach finds the cluster of a folder that another process runs, for commands beside a running server. It fails with [fs.ErrNotExist] when
// the folder never held a cluster; whether it answers is seen on the first query.
func Attach(dir string) (Server, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Server{}, err
	}
	secrets, err := loadSecrets(filepath.Join(dir, "passwords.json"), false)
	if err != nil {
		return Server{}, err
	}
	socket, err := os.ReadFile(filepath.Join(dir, "socket"))
	if err != nil {
		return Server{}, err
	}
	raw, err := os.ReadFile(filepath.Join(dir, "lock"))
	if err != nil {
		return Server{}, err
	}
	holder, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil {
		return Server{}, fmt.Errorf("the process that runs the database of %s is not known yet", dir)
	}
	return Server{dir: dir, socket: string(socket), secrets: secrets, holder: holder}, nil
}

// Done is closed when the server process has ended, asked for or not.
func (c *Cluster) Done() <-chan struct{} { return c.done }

// Stop ends the server: open transactions are rolled back, a checkpoint is written, and the folder is free for the next. It may be called twice.
func (c *Cluster) Stop() error {
	defer c.lock.Close()
	for _, step := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGINT, 60 * time.Second}, {syscall.SIGQUIT, 10 * time.Second}, {syscall.SIGKILL, 10 * time.Second}} {
		select {
		case <-c.done:
			return c.ended()
		default:
		}
		c.cmd.Process.Signal(step.signal)
		select {
		case <-c.done:
			return c.ended()
		case <-time.After(step.wait):
		}
	}
	return fmt.Errorf("the database does not end\n%s", c.logTail())
}

func (c *Cluster) ended() error {
	if c.err != nil {
		return fmt.Errorf("the database ended badly: %w\n%s", c.err, c.logTail())
	}
	return nil
}

// owner is the user that the server runs as, when it is not ourselves.
type owner struct{ uid, gid uint32 }

// serverUser: PostgreSQL refuses to run as root, so root runs it as the user that its package made. Anybody else runs it as herself.
func serverUser() (*owner, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("%w: there is no user postgres", ErrNoServer)
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(err1, err2); err != nil {
		return nil, fmt.Errorf("user postgres: %w", err)
	}
	return &owner{uint32(uid), uint32(gid)}, nil
}

func (o *owner) own(path string) error {
	if o == nil {
		return nil
	}
	return os.Chown(path, int(o.uid), int(o.gid))
}

// attributes: a process group of its own, so that Ctrl-C in a terminal reaches only us, who then end the server in order.
func (o *owner) attributes(deathSignal syscall.Signal) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: deathSignal}
	if o != nil {
		attr.Credential = &syscall.Credential{Uid: o.uid, Gid: o.gid}
	}
	return attr
}

// StateDir returns a folder for the cluster under the wished one, if the server's user can get there; else one under /var/lib that it can,
// named after the wished one so that two checkouts do not meet. moved tells that the second was chosen, and should be said aloud: a checkout
// under root's home (closed to others, as it should be) is the usual case.
func StateDir(wished string) (dir string, moved bool, err error) {
	if wished, err = filepath.Abs(wished); err != nil {
		return "", false, err
	}
	runAs, err := serverUser()
	if err != nil || runAs == nil {
		return wished, false, err
	}
	if canPass(runAs, wished) {
		return wished, false, nil
	}
	return filepath.Join("/var/lib/binhan", digest(wished)), true, nil
}

// canPass asks the kernel, as the user in question, whether the nearest existing folder can be passed; modes and access lists are its matter.
func canPass(o *owner, dir string) bool {
	for {
		if _, err := os.Stat(dir); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	test := exec.Command("/usr/bin/test", "-x", dir)
	test.Dir = "/"
	test.SysProcAttr = o.attributes(syscall.SIGKILL)
	return test.Run() == nil
}

// takeLock holds the folder for this process. The kernel drops the lock with the process, however it ends, so nothing is ever left over. A child
// that was just being started when its parent was killed holds the lock until it has become another program: so a lock whose holder is dead is
// waited for.
func takeLock(ctx context.Context, path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("database lock: %w", err)
	}
	for {
		if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
			file.Truncate(0)
			fmt.Fprintf(file, "%d\n", os.Getpid())
			return file, nil
		}
		raw, _ := os.ReadFile(path)
		if holder, err := strconv.Atoi(strings.TrimSpace(string(raw))); err == nil && alive(holder) {
			file.Close()
			return nil, fmt.Errorf("%w (process %d)", ErrRunning, holder)
		}
		select {
		case <-ctx.Done():
			file.Close()
			return nil, fmt.Errorf("%w (a process that did not say its number)", ErrRunning)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// alive tells whether a process runs; one that has ended and was not yet taken note of by its parent does not.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, state, found := strings.Cut(string(stat), ") ") // the name in brackets may hold anything
	return found && !strings.HasPrefix(state, "Z") && !strings.HasPrefix(state, "X")
}

// findBinaries prefers the major version that made the data: another one would refuse it.
func findBinaries(o ClusterOptions) (string, error) {
	if o.Binaries != "" {
		return o.Binaries, nil
	}
	made, err := os.ReadFile(filepath.Join(o.Dir, "data", "PG_VERSION"))
	if err == nil {
		major := strings.TrimSpace(string(made))
		dir := filepath.Join("/usr/lib/postgresql", major, "bin")
		if executable(filepath.Join(dir, "postgres")) {
			return dir, nil
		}
		if dir, err := fromPath(); err == nil {
			return dir, nil // another layout than Debian's; the server itself refuses foreign data with a sentence
		}
		return "", fmt.Errorf("%w: the data in %s was made by version %s (apt-get install postgresql-%s)", ErrNoServer, o.Dir, major, major)
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	slices.SortFunc(found, func(a, b string) int { return majorOf(b) - majorOf(a) })
	for _, server := range found {
		if dir := filepath.Dir(server); executable(filepath.Join(dir, "initdb")) {
			return dir, nil
		}
	}
	return fromPath()
}

// Tool is the path of a program that comes with the server (pg_dump, pg_restore, pg_basebackup), of the version that o's data needs.
func Tool(o ClusterOptions, name string) (string, error) {
	dir, err := findBinaries(o)
	if err != nil {
		return "", err
	}
	if path := filepath.Join(dir, name); executable(path) {
		return path, nil
	}
	return "", fmt.Errorf("%w: %s is not beside it", ErrNoServer, name)
}

func fromPath() (string, error) {
	server, err := exec.LookPath("postgres")
	if err != nil {
		return "", ErrNoServer
	}
	if server, err = filepath.EvalSymlinks(server); err != nil {
		return "", ErrNoServer
	}
	return filepath.Dir(server), nil
}

func majorOf(server string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(server))))
	return n
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// LoadSecrets are generated passwords for the roles, kept in a folder: for a development server that the settings name. They are made at first.
func LoadSecrets(dir string) (map[Role]string, error) {
	if err := makeDir(dir, 0o711); err != nil {
		return nil, fmt.Errorf("database passwords: %w", err)
	}
	secrets, err := loadSecrets(filepath.Join(dir, "passwords.json"), true)
	delete(secrets, Superuser)
	return secrets, err
}

// loadSecrets reads the generated passwords, making them first if asked. They are written and synced before the data that needs them. A role that came
// with a newer version of the program gets its password here; two processes at once agree on one.
func loadSecrets(path string, create bool) (map[Role]string, error) {
	secrets, complete, err := readSecrets(path)
	if err == nil && complete {
		return secrets, nil
	}
	if err != nil && (!errors.Is(err, fs.ErrNotExist) || !create) {
		return nil, fmt.Errorf("database passwords: %w", err)
	}
	lock, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("database passwords: %w", err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return nil, fmt.Errorf("database passwords: %w", err)
	}
	if secrets, complete, err = readSecrets(path); err == nil && complete {
		return secrets, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("database passwords: %w", err)
	}
	if secrets == nil {
		secrets = map[Role]string{}
	}
	for _, role := range append(LoginRoles(), Loader, Superuser) {
		if secrets[role] == "" {
			secrets[role] = rand.Text()
		}
	}
	raw, err := json.MarshalIndent(secrets, "", "\t")
	if err != nil {
		return nil, err
	}
	if err := writeFile(path, raw, 0o600); err != nil {
		return nil, fmt.Errorf("database passwords: %w", err)
	}
	return secrets, nil
}

func readSecrets(path string) (secrets map[Role]string, complete bool, err error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, false, err
	}
	if err := json.Unmarshal(raw, &secrets); err != nil {
		return nil, false, err
	}
	complete = true
	for _, role := range append(LoginRoles(), Loader, Superuser) {
		complete = complete && secrets[role] != ""
	}
	return secrets, complete, nil
}

// writeFile replaces a file whole or not at all, also across a power cut.
func writeFile(path string, content []byte, mode os.FileMode) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".new-")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = file.Write(content)
	err = errors.Join(err, file.Chmod(mode), file.Sync(), file.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// makeDir makes the missing folders with exactly this mode, whatever the umask; existing ones keep theirs.
func makeDir(dir string, mode os.FileMode) error {
	if info, err := os.Stat(dir); err == nil {
		if !info.IsDir() {
			return fmt.Errorf("%s is not a folder", dir)
		}
		return nil
	}
	if err := makeDir(filepath.Dir(dir), mode); err != nil {
		return err
	}
	if err := os.Mkdir(dir, mode); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil
		}
		return err
	}
	return os.Chmod(dir, mode)
}

// maxSocketPath is what sockaddr_un holds on Linux, without the closing zero.
const maxSocketPath = 107

// socketDir is where the socket lies: in the cluster's folder, or, when that path is too long for a socket, in the run-time folder of the user.
func socketDir(dir string, runAs *owner) (string, error) {
	socket := filepath.Join(dir, "socket.d")
	if len(filepath.Join(socket, fmt.Sprintf(".s.PGSQL.%d", port))) > maxSocketPath {
		base := os.Getenv("XDG_RUNTIME_DIR")
		if runAs != nil {
			base = "/run"
		} else if base == "" {
			base = os.TempDir()
		}
		socket = filepath.Join(base, "binhan-"+digest(dir))
	}
	if err := makeDir(socket, 0o700); err != nil {
		return "", fmt.Errorf("folder of the database socket: %w", err)
	}
	if err := errors.Join(runAs.own(socket), os.Chmod(socket, 0o700)); err != nil {
		return "", fmt.Errorf("folder of the database socket %s: %w", socket, err) // somebody else's folder in /tmp ends here
	}
	return socket, writeFile(filepath.Join(dir, "socket"), []byte(socket), 0o600)
}

// initialise runs initdb unless there is data. It works in a folder aside that takes the name "data" only when complete, so that a kill in the
// middle leaves no half a cluster behind.
func (c *Cluster) initialise(ctx context.Context, binaries string, runAs *owner) error {
	data := filepath.Join(c.dir, "data")
	if _, err := os.Stat(filepath.Join(data, "PG_VERSION")); err == nil {
		return nil
	}
	leftovers, _ := filepath.Glob(filepath.Join(c.dir, "making-*"))
	for _, left := range leftovers {
		os.RemoveAll(left)
	}
	aside, err := os.MkdirTemp(c.dir, "making-")
	if err != nil {
		return fmt.Errorf("make the database: %w", err)
	}
	defer os.RemoveAll(aside)
	password := filepath.Join(aside, "password")
	if err := os.WriteFile(password, []byte(c.secrets[Superuser]+"\n"), 0o600); err != nil {
		return fmt.Errorf("make the database: %w", err)
	}
	if err := errors.Join(runAs.own(aside), runAs.own(password)); err != nil {
		return fmt.Errorf("make the database: %w", err)
	}
	cmd := exec.CommandContext(ctx, filepath.Join(binaries, "initdb"),
		"--pgdata", filepath.Join(aside, "data"), "--username", string(Superuser), "--pwfile", password,
		"--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--data-checksums", "--no-instructions")
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"}
	cmd.SysProcAttr = runAs.attributes(syscall.SIGKILL)
	runtime.LockOSThread() // the death signal is bound to this thread
	output, err := cmd.CombinedOutput()
	runtime.UnlockOSThread()
	if err != nil {
		return fmt.Errorf("make the database: initdb: %w\n%s", err, tail(output))
	}
	if err := os.Rename(filepath.Join(aside, "data"), data); err != nil {
		return fmt.Errorf("make the database: %w", err)
	}
	return syncDir(c.dir)
}

// waitForPredecessor waits for a server whose parent was killed and which is about to end; it needs a second or two. One that does not end by
// itself (its parent was another program, or the death signal was lost) is asked to, since we hold the folder's lock and nobody else uses it.
func (c *Cluster) waitForPredecessor(ctx context.Context) error {
	started := time.Now()
	asked := false
	for {
		pid := c.predecessor()
		if pid == 0 {
			return nil
		}
		if !asked && time.Since(started) > 5*time.Second {
			asked = true
			syscall.Kill(pid, syscall.SIGINT)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("an earlier database server (process %d) does not end\n%s", pid, c.logTail())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// predecessor is the process id in postmaster.pid if that process is a live server of this very folder: process ids are used again.
func (c *Cluster) predecessor() int {
	data := filepath.Join(c.dir, "data")
	raw, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 0 {
		return 0
	}
	command, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil || !bytes.Contains(command, []byte("\x00"+data+"\x00")) {
		return 0
	}
	return pid
}

func (c *Cluster) settings(o ClusterOptions) map[string]string {
	s := map[string]string{
		"listen_addresses":        "",
		"unix_socket_directories": c.socket,
		"unix_socket_permissions": "0700",
		"max_connections":         "100",
		"timezone":                "UTC",
		"log_timezone":            "UTC",
		"password_encryption":     "scram-sha-256",
		// The log may be read by people who may not read a case. Terse leaves out DETAIL, which quotes rows and keys; the others leave out
		// statements and parameters.
		"logging_collector":                 "off",
		"log_statement":                     "none",
		"log_min_duration_statement":        "-1",
		"log_min_error_statement":           "panic",
		"log_error_verbosity":               "terse",
		"log_parameter_max_length":          "0",
		"log_parameter_max_length_on_error": "0",
		"log_line_prefix":                   "%m [%p] ",
	}
	if o.Forgetful {
		s["fsync"], s["synchronous_commit"], s["full_page_writes"] = "off", "off", "off"
		s["wal_level"], s["max_wal_senders"] = "minimal", "0"
		s["max_connections"] = "500"
	}
	for key, value := range o.Settings {
		s[key] = value
	}
	return s
}

func (c *Cluster) launch(ctx context.Context, binaries string, o ClusterOptions, runAs *owner) error {
	args := []string{"-D", filepath.Join(c.dir, "data")}
	settings := c.settings(o)
	for _, key := range sortedKeys(settings) {
		args = append(args, "-c", key+"="+settings[key])
	}
	for {
		if err := c.spawn(filepath.Join(binaries, "postgres"), args, runAs); err != nil {
			return err
		}
		err := c.waitReady(ctx)
		if err == nil {
			return nil
		}
		// Children of a server that was itself killed may hold its shared memory for a moment; the new server then ends at once.
		select {
		case <-c.done:
			if ctx.Err() == nil && strings.Contains(c.logTail(), "shared memory block") {
				time.Sleep(200 * time.Millisecond)
				c.done = make(chan struct{})
				continue
			}
		default:
			c.Stop()
		}
		return fmt.Errorf("the database does not start: %w\n%s", err, c.logTail())
	}
}

// spawn starts the server and leaves a goroutine waiting for it. The death signal is bound to the thread that started the child, so that
// goroutine keeps its thread for as long as the child lives.
func (c *Cluster) spawn(server string, args []string, runAs *owner) error {
	path := filepath.Join(c.dir, "postgres.log")
	if info, err := os.Stat(path); err == nil && info.Size() > 8<<20 {
		os.Rename(path, path+".1")
	}
	log, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("database log: %w", err)
	}
	defer log.Close()
	cmd := exec.Command(server, args...)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = runAs.attributes(syscall.SIGINT)
	started, done := make(chan error), c.done
	go func() {
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		c.err = cmd.Wait()
		close(done)
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("start %s: %w", server, err)
	}
	c.cmd = cmd
	return nil
}

func (c *Cluster) waitReady(ctx context.Context) error {
	db, err := sqlx.Open("postgres", c.DSN(Superuser, "postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	for {
		ping := db.PingContext(ctx)
		if ping == nil {
			return nil
		}
		select {
		case <-c.done:
			return fmt.Errorf("it ended: %w", errors.Join(c.err, ping))
		case <-ctx.Done():
			return fmt.Errorf("no answer in time: %w", ping)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// shutStrangersOut closes the two databases that every cluster has: no role of the house has any business there.
func (c *Cluster) shutStrangersOut(ctx context.Context) error {
	db, err := Open(c.DSN(Superuser, "postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, `revoke all on database postgres from public; revoke all on database template1 from public`); err != nil {
		return fmt.Errorf("close the cluster to strangers: %w", err)
	}
	return nil
}

// logTail is the end of the server's log, for an error that somebody must act on. The settings keep rows and parameters out of it.
func (c *Cluster) logTail() string {
	raw, err := os.ReadFile(filepath.Join(c.dir, "postgres.log"))
	if err != nil {
		return ""
	}
	return tail(raw)
}

func tail(raw []byte) string {
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	return "  | " + strings.Join(lines[max(0, len(lines)-12):], "\n  | ")
}

func digest(path string) string {
	sum := sha256.Sum256([]byte(path))
	return hex.EncodeToString(sum[:6])
}
