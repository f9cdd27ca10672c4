package devstack_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"binhan/internal/config"
	"binhan/internal/devstack"
	"binhan/internal/keyd/process"
	"binhan/internal/pg"
	"binhan/internal/s3test"
)

// The kill test needs a parent that can be killed: this test binary started a second time with settings and this variable.
const parentVariable = "BINHAN_TEST_STACK_PARENT"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "keyd" { // a key process, as `binhan keyd` is one
		process.Main()
	}
	if os.Getenv(parentVariable) != "" {
		if err := insertForEver(); err != nil {
			fmt.Println("failed:", err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// insertForEver starts the stack and says each number only after its row was committed.
func insertForEver() error {
	ctx := context.Background()
	c, err := config.Load()
	if err != nil {
		return err
	}
	stack, err := devstack.Start(ctx, c)
	if err != nil {
		return err
	}
	db, err := pg.Open(ownerDSN(stack))
	if err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, `create table if not exists public.promised (n bigint generated always as identity primary key)`); err != nil {
		return err
	}
	for {
		var n int
		if err := db.GetContext(ctx, &n, `insert into public.promised default values returning n`); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

func ownerDSN(stack *devstack.Stack) string { return stack.DSN(pg.Migrator) + " role=binhan_owner" }

// folder is one that the database's user can reach, unlike a test's own temporary folder when we are root.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "binhan-stack-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

// settings is a development world in a folder of its own.
func settings(t *testing.T) config.Config {
	t.Helper()
	c, err := config.Parse([]string{"BINHAN_DATA=" + folder(t), "BINHAN_DEVS3=" + s3test.Program(t), "BINHAN_KEYD_PROGRAM=" + os.Args[0]})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAKilledServerLosesNothingAndTheNextStartsAtOnce(t *testing.T) {
	t.Parallel()
	c := settings(t)
	var promised []string
	for round := range 3 {
		parent := exec.Command(os.Args[0])
		parent.Env = append(os.Environ(), parentVariable+"=1", "BINHAN_DATA="+c.Data, "BINHAN_DEVS3="+c.DevS3, "BINHAN_KEYD_PROGRAM="+c.KeyProgram)
		out, err := parent.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := parent.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for said := 0; said < 30 && lines.Scan(); said++ {
			if _, err := strconv.Atoi(lines.Text()); err != nil {
				t.Fatalf("round %d: the parent says %q", round, lines.Text())
			}
			promised = append(promised, lines.Text())
		}
		parent.Process.Signal(syscall.SIGKILL)
		parent.Wait()
	}
	stack, err := devstack.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer stack.Stop()
	db, err := pg.Open(ownerDSN(stack))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var lost int
	if err := db.Get(&lost, `select count(*) from unnest(string_to_array($1, ',')::bigint[]) said where said not in (select n from public.promised)`, strings.Join(promised, ",")); err != nil {
		t.Fatal(err)
	}
	if lost > 0 || len(promised) != 90 {
		t.Errorf("%d rows were promised, %d of them are lost", len(promised), lost)
	}
}

// A first start makes a cluster, roles, a database, a schema, keys and a certificate. Killed at any moment of that, the next one goes on.
func TestAFirstStartKilledAtAnyMomentDoesNotSpoilTheNext(t *testing.T) {
	t.Parallel()
	c := settings(t)
	for moment := 20 * time.Millisecond; moment < 2*time.Second; moment += moment / 2 {
		parent := exec.Command(os.Args[0])
		parent.Env = append(os.Environ(), parentVariable+"=1", "BINHAN_DATA="+c.Data, "BINHAN_DEVS3="+c.DevS3, "BINHAN_KEYD_PROGRAM="+c.KeyProgram)
		out, err := parent.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := parent.Start(); err != nil {
			t.Fatal(err)
		}
		kill := time.AfterFunc(moment, func() { parent.Process.Signal(syscall.SIGKILL) })
		if lines := bufio.NewScanner(out); lines.Scan() && strings.HasPrefix(lines.Text(), "failed") {
			t.Fatalf("killed before after %v, it %s", moment, lines.Text())
		}
		kill.Stop()
		parent.Process.Signal(syscall.SIGKILL)
		parent.Wait()
	}
	stack, err := devstack.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if err := stack.Stop(); err != nil {
		t.Error(err)
	}
}

func TestACommandBesideTheServerJoinsItsStackAndLeavesItRunning(t *testing.T) {
	t.Parallel()
	c := settings(t)
	server, err := devstack.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	command, err := devstack.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range []pg.Role{pg.Migrator, pg.App, pg.Releaser, pg.Statistics, pg.Auditor, pg.Sealer, pg.Loader} {
		if command.DSN(role) == "" || command.DSN(role) != server.DSN(role) {
			t.Errorf("%s: the command and the server have different addresses", role)
		}
	}
	if command.Store().Endpoint != server.Store().Endpoint {
		t.Error("the command and the server have different object stores")
	}
	if err := command.Stop(); err != nil {
		t.Fatal(err)
	}
	app, err := pg.Open(server.DSN(pg.App))
	if err != nil {
		t.Fatal(err)
	}
	defer app.Close()
	if err := app.Ping(); err != nil {
		t.Errorf("after the command ended: %v", err)
	}
}

func TestWhoJoinedAStackNoticesThatItsOwnerWasKilled(t *testing.T) {
	t.Parallel()
	c := settings(t)
	owner := exec.Command(os.Args[0])
	owner.Env = append(os.Environ(), parentVariable+"=1", "BINHAN_DATA="+c.Data, "BINHAN_DEVS3="+c.DevS3, "BINHAN_KEYD_PROGRAM="+c.KeyProgram)
	out, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	defer owner.Process.Kill()
	if lines := bufio.NewScanner(out); !lines.Scan() {
		t.Fatal("the owner says nothing")
	}
	joined, err := devstack.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer joined.Stop()
	owner.Process.Kill()
	owner.Wait()
	select {
	case <-joined.Done():
	case <-time.After(30 * time.Second):
		t.Fatal("nobody noticed that the owner is gone")
	}
}

func TestTwoProcessesThatStartAtOnceShareOneStack(t *testing.T) {
	t.Parallel()
	c := settings(t)
	stacks := make([]*devstack.Stack, 3)
	var all sync.WaitGroup
	for i := range stacks {
		all.Go(func() {
			var err error
			if stacks[i], err = devstack.Start(t.Context(), c); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, stack := range stacks {
		if stack == nil {
			t.FailNow()
		}
		defer stack.Stop()
	}
	for _, stack := range stacks[1:] {
		if stack.DSN(pg.App) != stacks[0].DSN(pg.App) || stack.Store().Endpoint != stacks[0].Store().Endpoint {
			t.Error("two starts at once led to two worlds")
		}
	}
}

func TestTheKeysAreReadableByTheirOwnerAlone(t *testing.T) {
	t.Parallel()
	c := settings(t)
	stack, err := devstack.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer stack.Stop()
	for _, name := range []string{"postgres/passwords.json", "s3/address.json", "s3/key.pem"} {
		info, err := os.Stat(filepath.Join(c.Data, name))
		if err != nil {
			t.Error(err)
			continue
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o", name, info.Mode().Perm())
		}
	}
}

func TestTheDeathOfAServerIsNoticed(t *testing.T) {
	t.Parallel()
	c := settings(t)
	stack, err := devstack.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer stack.Stop()
	raw, err := os.ReadFile(filepath.Join(c.Data, "postgres", "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Sscan(string(raw), &pid); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case <-stack.Done():
	case <-time.After(30 * time.Second):
		t.Fatal("nobody noticed that the database is gone")
	}
}

func TestMigrateMakesAProductionDatabaseWithTheAdministratorsLoginOnly(t *testing.T) {
	t.Parallel()
	// A server of its own: roles belong to the whole server, and this retires the loader that other tests use.
	cluster, err := pg.Start(t.Context(), pg.ClusterOptions{Dir: filepath.Join(folder(t), "postgres"), Forgetful: true})
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Stop()
	admin := cluster.Address(pg.Superuser, "postgres")
	name := "referrals"
	target := pg.Address{Host: admin.Host, Port: admin.Port, Database: name}
	settings := []string{
		"BINHAN_ENV=production", "BINHAN_PUBLIC_URL=https://binhan.example.vn", "BINHAN_DATA=" + t.TempDir(),
		"BINHAN_DATABASE_URL=" + strings.Replace(target.URL(), ":@", "", 1),
		"BINHAN_S3_URL=https://s3.example.vn/evidence", "BINHAN_S3_ACCESS_KEY=k", "BINHAN_S3_SECRET_KEY=s", "BINHAN_ANCHORS=" + t.TempDir(),
	}
	for _, role := range []string{"MIGRATOR", "APP", "RELEASER", "STATISTICS", "AUDITOR", "SEALER"} {
		settings = append(settings, "BINHAN_DATABASE_PASSWORD_"+role+"=word-of-"+role)
	}
	withAdmin, err := config.Parse(append(settings, "BINHAN_DATABASE_URL_ADMIN="+admin.URL()))
	if err != nil {
		t.Fatal(err)
	}
	if err := devstack.Migrate(t.Context(), withAdmin); err != nil {
		t.Fatal(err)
	}
	if _, err := devstack.Start(t.Context(), withAdmin); err == nil || !strings.Contains(err.Error(), "BINHAN_DATABASE_URL_ADMIN") {
		t.Errorf("a server started with the administrator's login: %v", err)
	}
	c, err := config.Parse(settings)
	if err != nil {
		t.Fatal(err)
	}
	stack, err := devstack.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer stack.Stop()
	has, knows, err := pg.Version(t.Context(), stack.DSN(pg.Migrator))
	if err != nil || has != knows {
		t.Errorf("the database is at version %d of %d: %v", has, knows, err)
	}
	if stack.DSN(pg.Loader) != "" {
		t.Error("a production stack knows the loader")
	}
}

func TestADevelopmentServerThatIsNamedWithAnAdministratorGetsItsRolesAndKeepsItsData(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	cluster, err := pg.Start(t.Context(), pg.ClusterOptions{Dir: filepath.Join(dir, "elsewhere"), Forgetful: true})
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Stop()
	c, err := config.Parse([]string{
		"BINHAN_ENV=development", "BINHAN_DATA=" + filepath.Join(dir, "var"), "BINHAN_DEVS3=" + s3test.Program(t), "BINHAN_KEYD_PROGRAM=" + os.Args[0],
		"BINHAN_DATABASE_URL=" + cluster.Address(pg.Superuser, "casework").URL(),
	})
	if err != nil {
		t.Fatal(err)
	}
	var before string
	for round := range 2 {
		stack, err := devstack.Start(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		db, err := pg.Open(ownerDSN(stack))
		if err != nil {
			t.Fatal(err)
		}
		if round == 0 {
			before = stack.DSN(pg.App)
			_, err = db.Exec(`create table public.kept (i int)`)
		} else {
			_, err = db.Exec(`select from public.kept`)
		}
		if err != nil {
			t.Errorf("round %d: %v", round, err)
		}
		if stack.DSN(pg.App) != before || !strings.Contains(before, "casework") {
			t.Errorf("round %d: the application's address changed", round)
		}
		db.Close()
		if err := stack.Stop(); err != nil {
			t.Error(err)
		}
		if err := answers(t, cluster); err != nil {
			t.Errorf("the server that was only named is gone: %v", err)
		}
	}
}

func answers(t *testing.T, cluster *pg.Cluster) error {
	t.Helper()
	db, err := pg.Open(cluster.DSN(pg.Superuser, "postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	return db.PingContext(t.Context())
}
