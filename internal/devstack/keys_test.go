package devstack_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"binhan/internal/devstack"
	"binhan/internal/keyd"
	"binhan/internal/seal"
)

// A house of an earlier version kept its keys in a file of the server. The key process takes them over, runs as another user where it can, comes back when it
// dies alone, and ends with the house.
func TestTheKeyProcessTakesTheEarlierKeysComesBackAndEndsWithTheHouse(t *testing.T) {
	t.Parallel()
	c := settings(t)
	ctx, owner := t.Context(), uuid.New()
	earlier, err := seal.OpenFileRing(c.Keyring, true)
	if err != nil {
		t.Fatal(err)
	}
	_, ws, err := earlier.NewKeys(ctx, owner, seal.Compartments...)
	if err != nil {
		t.Fatal(err)
	}
	if err := earlier.Forget(ctx, seal.For{}, seal.Erasure{Owners: []uuid.UUID{uuid.New()}, Ground: "test", Approvers: [2]string{"a", "b"}}); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(c.Data, "keyd")
	k, err := devstack.StartKeys(ctx, c, dir, filepath.Join(dir, "sock"))
	if err != nil {
		t.Fatal(err)
	}
	stopped := false
	defer func() {
		if !stopped {
			k.Stop()
		}
	}()
	client := keyd.NewClient(k.Socket, 20*time.Second)
	defer client.Close()
	opens := func() {
		t.Helper()
		keys, err := client.Unwrap(ctx, seal.For{Actor: "a"}, owner, ws...)
		if err != nil || !keys.Has(seal.Safety) {
			t.Errorf("%v", err)
		}
	}
	opens()
	if list, err := client.Forgotten(ctx, 0); err != nil || len(list) != 1 {
		t.Errorf("the earlier erasures: %d, %v", len(list), err)
	}
	for _, gone := range []string{c.Keyring, filepath.Join(dir, "earlier.json"), c.Keyring + ".erasures"} {
		if _, err := os.Lstat(gone); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there", gone)
		}
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", k.Pid()))
	if err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 && !strings.Contains(string(status), "Uid:\t64927\t64927\t64927\t64927") {
		t.Errorf("as root the key process has no user of its own:\n%s", status)
	}
	if k.Apart != (os.Geteuid() == 0) {
		t.Error("it is not said whether it is apart")
	}
	for range 3 {
		before := k.Pid()
		if err := syscall.Kill(before, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		await, cancel := context.WithTimeout(ctx, 20*time.Second)
		for k.Pid() == before || k.Pid() == 0 {
			select {
			case <-await.Done():
				t.Fatal("it does not come back")
			case <-time.After(5 * time.Millisecond):
			}
		}
		if _, err := client.Await(await); err != nil {
			t.Fatal(err)
		}
		cancel()
		opens()
	}
	if err := k.Stop(); err != nil {
		t.Fatal(err)
	}
	stopped = true
	if _, err := client.Status(ctx); !errors.Is(err, seal.ErrUnavailable) {
		t.Errorf("after the end: %v", err)
	}
	// Another ring where the earlier one lay belongs to other data: nothing is touched, and somebody must decide.
	if _, err := seal.OpenFileRing(c.Keyring, true); err != nil {
		t.Fatal(err)
	}
	if again, err := devstack.StartKeys(ctx, c, dir, filepath.Join(dir, "sock")); err == nil {
		again.Stop()
		t.Error("two rings, and none was asked about")
	}
}
