//go:build pkcs11

package keyd

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"binhan/internal/seal"
	"binhan/internal/seal/sealtest"
)

// softhsm makes a token of its own in SoftHSM, a module in software.
func softhsm(t *testing.T) PKCS11 {
	t.Helper()
	var module string
	for _, try := range []string{"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so", "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"} {
		if _, err := os.Stat(try); err == nil {
			module = try
		}
	}
	if module == "" {
		t.Skip("SoftHSM is not here, so the PKCS#11 back end was not tested: deploy/ensure softhsm2")
	}
	dir := t.TempDir()
	conf := filepath.Join(dir, "softhsm2.conf")
	if err := os.WriteFile(conf, []byte("directories.tokendir = "+dir+"\nobjectstore.backend = file\nlog.level = ERROR\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOFTHSM2_CONF", conf)
	if out, err := exec.Command("softhsm2-util", "--init-token", "--free", "--label", "binhan", "--pin", "123456", "--so-pin", "12345678").CombinedOutput(); err != nil {
		t.Fatal(string(out), err)
	}
	pin := filepath.Join(dir, "pin")
	if err := os.WriteFile(pin, []byte("123456\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return PKCS11{Module: module, Token: "binhan", PIN: pin}
}

// One token, one test: the module belongs to the process.
func TestPKCS11KeepsTheContractAndTurnsItsKeys(t *testing.T) {
	o := softhsm(t)
	v, err := o.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Run("contract", func(t *testing.T) { sealtest.Run(t, seal.NewCore(v, filepath.Join(t.TempDir(), "erasures"))) })
	vaultTurns(t, v, func(version int) {
		for c, keys := range v.(*hsmVault).keks {
			key := keys[uint32(version)]
			key.made = time.Now().Add(-2 * time.Hour)
			v.(*hsmVault).keks[c][uint32(version)] = key
		}
	})
	again, err := o.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n, err := again.Newest(t.Context(), seal.Safety); err != nil || n != 2 {
		t.Errorf("found again: version %d, %v", n, err)
	}
	o.Token = "another"
	if _, err := o.Open(t.Context()); err == nil {
		t.Error("a token that is not there")
	}
}
