// Package devstack brings up what the settings do not name: the private database, the object store and the key process of a development machine. In production it
// starts nothing and only reads the addresses out of the settings, so that a command need not know in which world it runs.
//
// A stack belongs to the process that started it: kill that process in any way, and database and store end in order within two seconds; the next
// start waits for that and finds every committed row. A command beside a running server (import, release, audit) joins the server's stack
// instead, and leaves it running.
package devstack

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"binhan/internal/config"
	"binhan/internal/pg"
)

// Stack is what a process of this house stands on.
type Stack struct {
	dsn     map[pg.Role]string
	store   config.Store
	cluster *pg.Cluster // nil: not ours
	joined  *pg.Server  // nil: not joined
	s3      *StoreProcess
	keys    *KeyProcess // nil: not ours
	done    chan struct{}
	leave   context.CancelFunc // ends the watch over a joined stack
	moved   string

	keySocket string
}

// database is the name of the database in the embedded cluster.
const database = "binhan"

// Start brings up the stack of the settings, migrated, or joins the one that already runs on the same data. It returns when everything answers.
//
// With an administrator's login in BINHAN_DATABASE_URL (development only) it makes roles and database on that server; their passwords are kept
// in BINHAN_DATA. In production it starts and migrates nothing: `binhan migrate` does that, with the migrator's own address.
func Start(ctx context.Context, c config.Config) (*Stack, error) {
	if c.Environment == config.Production && !c.AdminURL.IsZero() {
		return nil, errors.New("BINHAN_DATABASE_URL_ADMIN is for `binhan migrate` alone: unset it")
	}
	s := &Stack{dsn: map[pg.Role]string{}, done: make(chan struct{})}
	if err := s.startDatabase(ctx, c); err != nil {
		return nil, err
	}
	if err := s.startStore(ctx, c); err != nil {
		s.Stop()
		return nil, err
	}
	if err := s.startKeys(ctx, c); err != nil {
		s.Stop()
		return nil, err
	}
	s.watch()
	return s, nil
}

// Migrate brings the database that the settings name to the schema of this program, as the migrator. With BINHAN_DATABASE_URL_ADMIN it makes
// roles and database first, with the passwords of the settings. Where nothing is named it starts the embedded database, which migrates itself.
func Migrate(ctx context.Context, c config.Config) error {
	if c.EmbeddedDatabase() {
		stack := &Stack{dsn: map[pg.Role]string{}}
		if err := stack.startDatabase(ctx, c); err != nil {
			return err
		}
		return stack.Stop()
	}
	if !c.AdminURL.IsZero() {
		admin, err := pg.ParseURL(c.AdminURL.Reveal())
		if err != nil {
			return fmt.Errorf("BINHAN_DATABASE_URL_ADMIN: %w", err)
		}
		named, err := pg.ParseURL(c.DatabaseURL.Reveal())
		if err != nil {
			return fmt.Errorf("BINHAN_DATABASE_URL: %w", err)
		}
		if err := pg.Bootstrap(ctx, admin.DSN(), named.Database, c.RolePasswords()); err != nil {
			return err
		}
	}
	dsn, err := c.RoleDSN(pg.Migrator)
	if err != nil {
		return err
	}
	return pg.Migrate(ctx, dsn)
}

// DSN is the address of the database for a role. It is empty for a role that the settings do not allow this process: the loader outside
// development, the migrator where its password was not given.
func (s *Stack) DSN(role pg.Role) string { return s.dsn[role] }

// Store says how to reach the object store.
func (s *Stack) Store() config.Store { return s.store }

// Moved is the folder of the database when it could not lie under BINHAN_DATA, to be said aloud; otherwise empty.
func (s *Stack) Moved() string { return s.moved }

// Done is closed when an embedded server ended without being asked to, or the process whose stack we joined. Who stands on it should end, too.
func (s *Stack) Done() <-chan struct{} { return s.done }

// Stop ends what this stack started, in order. It may be called twice.
func (s *Stack) Stop() error {
	var problems []error
	if s.leave != nil {
		s.leave()
	}
	if s.keys != nil {
		problems = append(problems, s.keys.Stop())
	}
	if s.s3 != nil {
		problems = append(problems, s.s3.Stop())
	}
	if s.cluster != nil {
		problems = append(problems, s.cluster.Stop())
	}
	return errors.Join(problems...)
}

func (s *Stack) watch() {
	var database, store <-chan struct{}
	if s.cluster != nil {
		database = s.cluster.Done()
	}
	if s.s3 != nil {
		store = s.s3.Done()
	}
	if s.joined != nil {
		gone := make(chan struct{})
		database = gone
		var watching context.Context
		watching, s.leave = context.WithCancel(context.Background())
		go func() {
			defer close(gone)
			for s.joined.Held() {
				select {
				case <-watching.Done():
					return
				case <-time.After(time.Second):
				}
			}
		}()
	}
	if database == nil && store == nil {
		return
	}
	go func() {
		select {
		case <-database:
		case <-store:
		}
		close(s.done)
	}()
}

func (s *Stack) startDatabase(ctx context.Context, c config.Config) error {
	if !c.EmbeddedDatabase() {
		return s.namedDatabase(ctx, c)
	}
	dir, moved, err := pg.StateDir(filepath.Join(c.Data, "postgres"))
	if err != nil {
		return err
	}
	if moved {
		s.moved = dir
	}
	server, err := s.startOrJoin(ctx, dir)
	if err != nil {
		return err
	}
	if err := s.prepare(ctx, server.DSN(pg.Superuser, "postgres"), server.Secrets(), func(role pg.Role) string { return server.DSN(role, database) }, database); err != nil {
		s.Stop()
		return err
	}
	return nil
}

// startOrJoin starts the cluster, or waits until the one that another process is starting answers.
func (s *Stack) startOrJoin(ctx context.Context, dir string) (pg.Server, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for {
		cluster, err := pg.Start(ctx, pg.ClusterOptions{Dir: dir})
		if err == nil {
			s.cluster = cluster
			return cluster.Server, nil
		}
		if !errors.Is(err, pg.ErrRunning) {
			return pg.Server{}, err
		}
		server, beside := pg.Attach(dir)
		if beside == nil {
			beside = answers(ctx, server.DSN(pg.Superuser, "postgres"))
		}
		if beside == nil {
			s.joined = &server
			return server, nil
		}
		select {
		case <-ctx.Done():
			return pg.Server{}, fmt.Errorf("%w, and does not answer: %w", err, beside)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func answers(ctx context.Context, dsn string) error {
	db, err := pg.Open(dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.PingContext(ctx)
}

// namedDatabase uses the server that the settings name.
func (s *Stack) namedDatabase(ctx context.Context, c config.Config) error {
	if c.Environment == config.Development && !c.DatabaseURL.IsZero() {
		a, err := pg.ParseURL(c.DatabaseURL.Reveal())
		if err != nil {
			return err
		}
		if a.Password != "" || strings.HasPrefix(a.Host, "/") {
			secrets, err := pg.LoadSecrets(c.Data)
			if err != nil {
				return err
			}
			super := a
			super.Database = "postgres"
			return s.prepare(ctx, super.DSN(), secrets, func(role pg.Role) string { return a.As(role, secrets[role]).DSN() }, a.Database)
		}
	}
	for _, role := range pg.LoginRoles() {
		dsn, err := c.RoleDSN(role)
		if err != nil && role != pg.Migrator {
			return err
		}
		s.dsn[role] = dsn
	}
	return nil
}

// prepare makes roles, database and schema; done again at every start, since a new version of the program may bring new ones.
func (s *Stack) prepare(ctx context.Context, super string, secrets map[pg.Role]string, dsn func(pg.Role) string, name string) error {
	if err := pg.Bootstrap(ctx, super, name, secrets); err != nil {
		return err
	}
	for _, role := range append(pg.LoginRoles(), pg.Loader) {
		s.dsn[role] = dsn(role)
	}
	return pg.Migrate(ctx, s.dsn[pg.Migrator])
}

func (s *Stack) startStore(ctx context.Context, c config.Config) error {
	if !c.EmbeddedStore() {
		var err error
		s.store, err = c.Store()
		return err
	}
	dir := filepath.Join(c.Data, "s3")
	if s.cluster == nil && c.EmbeddedDatabase() { // we joined another process's stack, which may be about to start its store
		joined, err := awaitStore(ctx, dir)
		if err == nil {
			s.store = joined
			return nil
		}
		if !errors.Is(err, ErrNoStore) {
			return err
		}
	}
	program, err := storeProgram(c)
	if err != nil {
		return err
	}
	if s.s3, err = StartStore(ctx, program, dir); err != nil {
		return err
	}
	s.store = s.s3.Store
	return nil
}

// storeProgram finds devs3: named by the settings, beside this program, or in bin/ of the folder that we were started in.
func storeProgram(c config.Config) (string, error) {
	if c.DevS3 != "" {
		return c.DevS3, nil
	}
	tries := []string{"bin/devs3"}
	if self, err := os.Executable(); err == nil {
		tries = append([]string{filepath.Join(filepath.Dir(self), "devs3")}, tries...)
	}
	for _, try := range tries {
		if info, err := os.Stat(try); err == nil && info.Mode().IsRegular() {
			return filepath.Abs(try)
		}
	}
	return "", errors.New("the program of the embedded object store, devs3, is not there: `make build` builds it, BINHAN_DEVS3 names it, BINHAN_S3_URL makes it needless")
}

// ErrNoStore: no object store runs on the folder.
var ErrNoStore = errors.New("no object store runs here")

// StoreProcess is a running devs3, a child of this process.
type StoreProcess struct {
	Store config.Store
	// Dir is the folder of the store; objects/<bucket> and versions/<bucket> lie in it.
	Dir  string
	cmd  *exec.Cmd
	done chan struct{}
	err  error
}

// addressFile is what devs3 writes when it answers.
type addressFile struct {
	PID       int    `json:"pid"`
	Endpoint  string `json:"endpoint"`
	AccessKey string `json:"access_key"`
	SecretKey string `json:"secret_key"`
	CAFile    string `json:"ca_file"`
}

func readAddress(dir string) (addressFile, config.Store, error) {
	var a addressFile
	raw, err := os.ReadFile(filepath.Join(dir, "address.json"))
	if err == nil {
		err = json.Unmarshal(raw, &a)
	}
	if err != nil {
		return a, config.Store{}, err
	}
	ca, err := os.ReadFile(a.CAFile)
	if err != nil {
		return a, config.Store{}, err
	}
	return a, config.Store{Endpoint: a.Endpoint, Bucket: config.DefaultBucket, Region: "us-east-1",
		AccessKey: config.NewSecret(a.AccessKey), SecretKey: config.NewSecret(a.SecretKey), CA: ca}, nil
}

// JoinStore finds the store that another process runs on the folder; [ErrNoStore] when none does.
func JoinStore(dir string) (config.Store, error) {
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR, 0o600)
	if err != nil {
		return config.Store{}, ErrNoStore
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
		return config.Store{}, ErrNoStore
	}
	a, store, err := readAddress(dir)
	if err != nil || syscall.Kill(a.PID, 0) == syscall.ESRCH { // the address of an earlier run: the new one does not answer yet
		return config.Store{}, ErrNoStore
	}
	return store, nil
}

func awaitStore(ctx context.Context, dir string) (config.Store, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		store, err := JoinStore(dir)
		if !errors.Is(err, ErrNoStore) {
			return store, err
		}
		select {
		case <-ctx.Done():
			return config.Store{}, ErrNoStore
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// StartStore runs devs3 on a folder and returns when it answers.
func StartStore(ctx context.Context, program, dir string) (*StoreProcess, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("folder of the object store: %w", err)
	}
	logFile := filepath.Join(dir, "devs3.log")
	log, err := os.Create(logFile)
	if err != nil {
		return nil, fmt.Errorf("log of the object store: %w", err)
	}
	defer log.Close()
	p := &StoreProcess{Dir: dir, done: make(chan struct{})}
	p.cmd = exec.Command(program, "-dir", dir)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	// A group of its own: Ctrl-C in a terminal reaches us alone, and we end it in order. The kernel ends it when we are killed.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // the death signal is bound to this thread
		err := p.cmd.Start()
		started <- err
		if err != nil {
			return
		}
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start the object store: %w", err)
	}
	for {
		a, store, err := readAddress(dir)
		if err == nil && a.PID == p.cmd.Process.Pid {
			p.Store = store
			return p, nil
		}
		select {
		case <-p.done:
			return nil, fmt.Errorf("the object store does not start: %w\n%s", p.err, lastLines(logFile))
		case <-ctx.Done():
			p.Stop()
			return nil, fmt.Errorf("the object store does not answer in time\n%s", lastLines(logFile))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Done is closed when the store has ended, asked for or not.
func (p *StoreProcess) Done() <-chan struct{} { return p.done }

// Stop ends the store. It may be called twice.
func (p *StoreProcess) Stop() error {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		select {
		case <-p.done:
			return nil
		default:
		}
		p.cmd.Process.Signal(signal)
		select {
		case <-p.done:
			return nil
		case <-time.After(10 * time.Second):
			slog.Warn("the object store does not end by itself")
		}
	}
	return errors.New("the object store does not end")
}

func lastLines(path string) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	var lines []string
	for scan := bufio.NewScanner(file); scan.Scan(); {
		lines = append(lines, "  | "+scan.Text())
		if len(lines) > 12 {
			lines = lines[1:]
		}
	}
	return strings.Join(lines, "\n")
}
