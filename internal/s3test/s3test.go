// Package s3test gives each test a bucket name of its own on a real S3 server, the devs3 of this checkout over TLS.
//
// All test binaries of a run share one server (see package testshare). The bucket is not made yet: the code under test makes it the way it will
// in production. What is in it is removed when the test ends, object locks or not.
package s3test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"binhan/internal/config"
	"binhan/internal/devstack"
	"binhan/internal/testshare"
)

var shared = testshare.Register("s3", startShared)

// startShared runs in the keeper.
func startShared(dir string) (string, func() error, error) {
	program, err := build(dir)
	if err != nil {
		return "", nil, err
	}
	// Nothing of earlier runs is worth keeping.
	if err := os.RemoveAll(filepath.Join(dir, "store")); err != nil {
		return "", nil, err
	}
	process, err := devstack.StartStore(context.Background(), program, filepath.Join(dir, "store"))
	if err != nil {
		return "", nil, err
	}
	return process.Dir, process.Stop, nil
}

// build takes the devs3 that `make` has just built, or builds it: it is a module of its own, so a test binary cannot contain it.
func build(dir string) (string, error) {
	if program := os.Getenv("BINHAN_DEVS3"); program != "" {
		return program, nil
	}
	_, file, _, _ := runtime.Caller(0)
	program := filepath.Join(dir, "devs3")
	cmd := exec.Command("go", "build", "-trimpath", "-o", program, ".")
	cmd.Dir = filepath.Join(filepath.Dir(file), "..", "..", "cmd", "devs3")
	cmd.Env = append(os.Environ(), "GOFLAGS=-tags=nomsgpack", "GOWORK=off")
	if output, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build devs3: %w\n%s", err, output)
	}
	return program, nil
}

// Store is one test's own place on the shared server: Bucket does not exist yet.
func Store(t testing.TB) config.Store {
	t.Helper()
	c, err := joined()
	if err != nil {
		t.Fatal(err)
	}
	store := c.store
	store.Bucket = "test-" + strings.ToLower(rand.Text()[:20])
	t.Cleanup(func() {
		// Straight from the disk: an object under lock would outlive the test otherwise.
		for _, part := range []string{"objects", "versions"} {
			if err := os.RemoveAll(filepath.Join(c.dir, part, store.Bucket)); err != nil {
				t.Error(err)
			}
		}
	})
	return store
}

// Dir is the folder of the shared store, for tests that look for what must not lie there.
func Dir(t testing.TB) string {
	t.Helper()
	c, err := joined()
	if err != nil {
		t.Fatal(err)
	}
	return c.dir
}

// Program is the path of a built devs3, for tests that run one of their own.
func Program(t testing.TB) string {
	t.Helper()
	if program := os.Getenv("BINHAN_DEVS3"); program != "" {
		return program
	}
	if _, err := joined(); err != nil { // the keeper builds it
		t.Fatal(err)
	}
	return filepath.Join(shared.Dir(), "work", "devs3")
}

type connection struct {
	dir   string
	store config.Store
}

var joined = sync.OnceValues(func() (connection, error) {
	dir, err := shared.Address()
	if err != nil {
		return connection{}, err
	}
	store, err := devstack.JoinStore(dir)
	if err != nil {
		return connection{}, errors.Join(fmt.Errorf("the shared object store of the tests in %s", dir), err)
	}
	return connection{dir, store}, nil
})
