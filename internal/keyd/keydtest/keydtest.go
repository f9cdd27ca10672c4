// Package keydtest runs a key process for one test, on a real socket.
package keydtest

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"binhan/internal/keyd"
)

// Start runs a key process in a folder of its own, open, for us alone; change may alter its options. It ends with the test.
func Start(t testing.TB, change ...func(*keyd.Options)) (*keyd.Server, keyd.Options) {
	t.Helper()
	dir, err := os.MkdirTemp("", "keyd-") // short: the path of a socket has at most 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	us := []uint32{uint32(os.Geteuid())}
	o := keyd.Options{Dir: filepath.Join(dir, "state"), Socket: filepath.Join(dir, "sock"), Allow: us, Operators: us, Budgets: keyd.DevelopmentBudgets(),
		RootFile: filepath.Join(dir, "root"), Memory: "not locked: a test"}
	for _, c := range change {
		c(&o)
	}
	s, err := keyd.Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, o
}

// New runs a key process and returns a client of it, patient enough for a busy machine.
func New(t testing.TB, change ...func(*keyd.Options)) *keyd.Client {
	t.Helper()
	_, o := Start(t, change...)
	return Client(t, o)
}

// Client is a client of a running process.
func Client(t testing.TB, o keyd.Options) *keyd.Client {
	t.Helper()
	c := keyd.NewClient(o.Socket, 20*time.Second)
	t.Cleanup(c.Close)
	return c
}
