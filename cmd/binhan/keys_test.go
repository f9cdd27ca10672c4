package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"binhan/internal/keyd"
	"binhan/internal/keyd/keydtest"
	"binhan/internal/seal"
)

// This test binary, started again with this variable, is the program.
const programVariable = "BINHAN_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(programVariable) != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// binhan runs a command and tells its output, its errors and whether it went well.
func binhan(t *testing.T, in string, args ...string) (out, said string, ok bool) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Env = []string{programVariable + "=1", "PATH=" + os.Getenv("PATH")}
	cmd.Dir = t.TempDir()
	cmd.Stdin = strings.NewReader(in)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	err := cmd.Run()
	return o.String(), e.String(), err == nil
}

// What the operators do, from the first day: shares printed once, read one a line, never from the command line.
func TestKeysAreMadeOpenedClosedAndGivenOutAnew(t *testing.T) {
	t.Parallel()
	_, o := keydtest.Start(t, func(o *keyd.Options) { o.RootFile, o.Production, o.Memory = "", true, "locked" })
	at := "--socket=" + o.Socket
	c := keydtest.Client(t, o)
	if _, said, ok := binhan(t, "", "keys", "unseal", at); ok || !strings.Contains(said, "binhan keys init") {
		t.Errorf("opened nothing: %s", said)
	}
	out, said, ok := binhan(t, "", "keys", "init", at)
	if !ok {
		t.Fatal(said)
	}
	shares := regexp.MustCompile(`(?m)^  ([A-Z2-9]{4}(?:-[A-Z2-9]{1,4}){16,17})$`).FindAllStringSubmatch(out, -1)
	if len(shares) != 5 {
		t.Fatalf("%d shares", len(shares))
	}
	if out, said, ok := binhan(t, "", "keys", "init", at); ok || strings.Contains(out, "Share") || !strings.Contains(said, "never written over") {
		t.Errorf("made twice: %s", said)
	}
	if out, said, ok := binhan(t, shares[0][1]+"\nABCD\n", "keys", "unseal", at); ok || strings.Contains(out+said, shares[0][1][:14]) || !strings.Contains(said, "1 of 3 shares were given") {
		t.Errorf("one share: %s %s", out, said)
	}
	if out, said, ok := binhan(t, shares[3][1]+"\n"+shares[3][1]+"\n"+shares[1][1]+"\n", "keys", "unseal", at); !ok || !strings.Contains(said, "was given already") || !strings.Contains(out, "are open") {
		t.Errorf("three shares: %s %s", out, said)
	}
	owner := uuid.New()
	_, ws, err := c.NewKeys(context.Background(), owner, seal.Identity)
	if err != nil {
		t.Fatal(err)
	}
	out, said, ok = binhan(t, shares[0][1]+"\n"+shares[1][1]+"\n"+shares[2][1]+"\n", "keys", "shares", at, "--shares=3", "--quorum=2")
	if !ok || !strings.Contains(out, "any 2 of these 3 shares") {
		t.Fatal(out, said)
	}
	again := regexp.MustCompile(`(?m)^  ([A-Z2-9]{4}(?:-[A-Z2-9]{1,4}){16,17})$`).FindAllStringSubmatch(out, -1)
	if _, said, ok := binhan(t, "", "keys", "seal", at); !ok {
		t.Fatal(said)
	}
	if out, _, ok := binhan(t, "", "keys", "status", at); !ok || !strings.Contains(out, `"state": "sealed"`) {
		t.Error(out)
	}
	if out, said, ok := binhan(t, again[0][1]+"\n"+again[2][1]+"\n", "keys", "unseal", at); !ok {
		t.Error(out, said)
	}
	if _, err := c.Unwrap(context.Background(), seal.For{}, owner, ws...); err != nil {
		t.Error(err)
	}
	if out, said, ok := binhan(t, "", "keys", "log", "verify", "--dir="+filepath.Join(o.Dir, "log")); !ok || !strings.Contains(out, "The log is whole") {
		t.Error(out, said)
	}
}

func TestTheKeyProcessStartsWithNoSecretAndNoRootFileInProduction(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{
		"BINHAN_DATABASE_PASSWORD_APP=word": "no secret may stand in its environment", "BINHAN_KEYD_ROOT_PATH=/var/lib/root": "is for development", "BINHAN_KEYD_TAKE_OVER=x": "is for development",
		"BINHAN_KEYD_BACKEND=clay": "must be file, openbao or pkcs11", "BINHAN_KEYD_ALLOW=nobody-of-this-name": "there is no user",
	} {
		cmd := exec.Command("/proc/self/exe", "keyd")
		cmd.Env = []string{programVariable + "=1", "BINHAN_ENV=production", "BINHAN_KEYD_DIR=" + t.TempDir(), "BINHAN_KEYD_SOCKET=" + filepath.Join(t.TempDir(), "s"), setting}
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), want) || strings.Contains(string(out), "=word") {
			t.Errorf("%s: %v %s", setting, err, out)
		}
	}
}
