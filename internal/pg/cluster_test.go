package pg_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lib/pq"

	"binhan/internal/pg"
)

// The kill test needs a parent that can be killed: this test binary started a second time with a folder in this variable.
const parentVariable = "BINHAN_TEST_CLUSTER_PARENT"

func TestMain(m *testing.M) {
	if dir := os.Getenv(parentVariable); dir != "" {
		if err := insertForEver(dir); err != nil {
			fmt.Println("failed:", err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// insertForEver starts the cluster and says each number only after its row was committed.
func insertForEver(dir string) error {
	ctx := context.Background()
	cluster, err := pg.Start(ctx, pg.ClusterOptions{Dir: dir})
	if err != nil {
		return err
	}
	db, err := pg.Open(cluster.DSN(pg.Superuser, "postgres"))
	if err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, `create table if not exists promised (n bigint generated always as identity primary key)`); err != nil {
		return err
	}
	for {
		var n int
		if err := db.GetContext(ctx, &n, `insert into promised default values returning n`); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

// clusterDir is a folder that the server's user can reach: a test's own temporary folder is closed to others when we are root.
func clusterDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "binhan-cluster-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func TestNothingPromisedIsLostWhenTheParentIsKilledAgainAndAgain(t *testing.T) {
	t.Parallel()
	dir := clusterDir(t)
	var promised []int64
	for round := range 5 {
		parent := exec.Command(os.Args[0])
		parent.Env = append(os.Environ(), parentVariable+"="+dir)
		out, err := parent.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := parent.Start(); err != nil {
			t.Fatal(err)
		}
		// The next round begins at once, while the server of this one is still ending.
		lines := bufio.NewScanner(out)
		for said := 0; said < 40 && lines.Scan(); said++ {
			n, err := strconv.ParseInt(lines.Text(), 10, 64)
			if err != nil {
				t.Fatalf("round %d: the parent says %q", round, lines.Text())
			}
			promised = append(promised, n)
		}
		parent.Process.Signal(syscall.SIGKILL)
		for lines.Scan() { // said before it died
			if n, err := strconv.ParseInt(lines.Text(), 10, 64); err == nil {
				promised = append(promised, n)
			}
		}
		parent.Wait()
	}
	cluster, err := pg.Start(t.Context(), pg.ClusterOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Stop()
	db, err := pg.Open(cluster.DSN(pg.Superuser, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var lost int
	if err := db.Get(&lost, `select count(*) from unnest($1::bigint[]) said where said not in (select n from promised)`, pq.Array(promised)); err != nil {
		t.Fatal(err)
	}
	if lost > 0 || len(promised) < 200 {
		t.Errorf("%d rows were promised, %d of them are lost", len(promised), lost)
	}
}

func TestAKilledServerIsReplacedByTheNextStart(t *testing.T) {
	t.Parallel()
	dir := clusterDir(t)
	first, err := pg.Start(t.Context(), pg.ClusterOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
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
	case <-first.Done():
	case <-time.After(30 * time.Second):
		t.Fatal("nobody noticed that the server is gone")
	}
	if err := first.Stop(); err == nil {
		t.Error("a server that was killed seems to have ended well")
	}
	second, err := pg.Start(t.Context(), pg.ClusterOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Stop(); err != nil {
		t.Error(err)
	}
}

func TestASecondStartIsToldThatTheFirstRuns(t *testing.T) {
	t.Parallel()
	dir := clusterDir(t)
	first, err := pg.Start(t.Context(), pg.ClusterOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pg.Start(t.Context(), pg.ClusterOptions{Dir: dir}); !errors.Is(err, pg.ErrRunning) {
		t.Errorf("want ErrRunning, got %v", err)
	}
	beside, err := pg.Attach(dir)
	if err != nil {
		t.Fatal(err)
	}
	if beside.DSN(pg.Superuser, "postgres") != first.DSN(pg.Superuser, "postgres") {
		t.Error("a command beside the server sees another address")
	}
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	again, err := pg.Start(t.Context(), pg.ClusterOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Stop(); err != nil {
		t.Error(err)
	}
}

func TestALongPathStillHasASocket(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(clusterDir(t), strings.Repeat("đường-dẫn-dài-", 8))
	cluster, err := pg.Start(t.Context(), pg.ClusterOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := cluster.Stop(); err != nil {
		t.Error(err)
	}
}

func TestAServerThatCannotStartShowsItsLog(t *testing.T) {
	t.Parallel()
	_, err := pg.Start(t.Context(), pg.ClusterOptions{Dir: clusterDir(t), Settings: map[string]string{"no_such_setting": "1"}})
	if err == nil || !strings.Contains(err.Error(), "no_such_setting") {
		t.Errorf("the reason is not shown: %v", err)
	}
}

func TestTheLogQuotesNoRowAndNoStatement(t *testing.T) {
	t.Parallel()
	dir := clusterDir(t)
	cluster, err := pg.Start(t.Context(), pg.ClusterOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	db, err := pg.Open(cluster.DSN(pg.Superuser, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`create table people (name text primary key, age int check (age > 0))`); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		`insert into people values ($1, 5)`, `insert into people values ($1, 5)`, `insert into people values ($1 || '2', -1)`, `select $1::int`,
	} {
		db.Exec(statement, "Người Thử Nghiệm Một")
	}
	db.Exec(`select 'Người Thử Nghiệm Một' from no_such_table`)
	if err := cluster.Stop(); err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(filepath.Join(dir, "postgres.log"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(log), "\n") {
		// PostgreSQL puts a value that cannot be cast into the message itself; the house binds values of the right type, so that none gets there.
		if strings.Contains(line, "Người") && !strings.Contains(line, "invalid input syntax") {
			t.Errorf("the server log quotes a name: %s", line)
		}
	}
	if !strings.Contains(string(log), "people_pkey") {
		t.Error("the log holds no error at all: this test would pass for the wrong reason")
	}
}

func TestAClosedHomeIsLeftClosedAndTheDatabaseLiesElsewhere(t *testing.T) {
	t.Parallel()
	home := clusterDir(t)
	open, moved, err := pg.StateDir(filepath.Join(home, "checkout", "var", "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	if moved || open != filepath.Join(home, "checkout", "var", "postgres") {
		t.Errorf("an open folder was refused: %s", open)
	}
	if os.Geteuid() != 0 {
		return // the server runs as ourselves, and we can pass our own home
	}
	if err := os.Chmod(home, 0o700); err != nil {
		t.Fatal(err)
	}
	elsewhere, moved, err := pg.StateDir(filepath.Join(home, "checkout", "var", "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	if !moved || !strings.HasPrefix(elsewhere, "/var/lib/binhan/") {
		t.Errorf("the database would lie in %s", elsewhere)
	}
	if other, _, err := pg.StateDir(filepath.Join(home, "another", "var", "postgres")); err != nil || other == elsewhere {
		t.Errorf("two checkouts share %s: %v", other, err)
	}
	if info, err := os.Stat(home); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the home was opened: %v", info.Mode())
	}
}
