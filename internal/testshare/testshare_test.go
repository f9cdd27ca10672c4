package testshare

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
)

// The helper of these tests does nothing; its address is the process id of its keeper. The clients are this test binary, started again.
var probe = Register("probe-"+strconv.Itoa(syscall.Getuid()), func(string) (string, func() error, error) {
	return strconv.Itoa(os.Getpid()), func() error { return nil }, nil
})

const clientVariable = "BINHAN_TEST_SHARE_CLIENT"

func TestMain(m *testing.M) {
	if os.Getenv(clientVariable) != "" {
		address, err := probe.Address()
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Print(address)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func client(t *testing.T) int {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), clientVariable+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	keeper, err := strconv.Atoi(string(out))
	if err != nil {
		t.Fatalf("a client says %q", out)
	}
	return keeper
}

func TestAllClientsShareOneKeeperAndAKilledOneIsReplaced(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	keepers := make([]int, 8)
	for i := range keepers {
		all.Go(func() { keepers[i] = client(t) })
	}
	all.Wait()
	for _, keeper := range keepers {
		if keeper == 0 || keeper != keepers[0] {
			t.Fatalf("eight clients met the keepers %v", keepers)
		}
	}
	if err := syscall.Kill(keepers[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	ended(t)
	next := client(t)
	if next == keepers[0] {
		t.Errorf("the killed keeper %d still answers", next)
	}
	// Asked to end, it ends in order.
	if err := syscall.Kill(next, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	ended(t)
	last := client(t)
	if last == next {
		t.Errorf("keeper %d was asked to end and still answers", last)
	}
	if err := syscall.Kill(last, syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	ended(t)
}

// ended waits until no keeper holds the lock.
func ended(t *testing.T) {
	t.Helper()
	keeper, err := openLocked(filepath.Join(probe.Dir(), "keeper"), syscall.LOCK_EX)
	if err != nil {
		t.Fatal(err)
	}
	keeper.Close()
}
