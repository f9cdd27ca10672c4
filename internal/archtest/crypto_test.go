package archtest

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binhan/internal/seal"
)

// purposes say what each package does with each cryptographic library. A use that is not here fails the test: say what it is for, and write the
// inventory again (BINHAN_TEST_GOLDEN=write).
var purposes = map[string]string{
	"audit/proof crypto/sha256":                       "leaves of the tree over the record of acts (RFC 6962)",
	"audit/proof golang.org/x/mod/sumdb/note":         "signed checkpoints",
	"audit/proof golang.org/x/mod/sumdb/tlog":         "the tree over the record of acts",
	"campaign crypto/sha256":                          "which text of a unit's report was sent in, which of a version was read",
	"casefile crypto/rand":                            "random letters of case codes",
	"chain crypto/sha256":                             "chains of the erasure ledger and of the key log",
	"devstack crypto/sha256":                          "short names of folders; protects nothing",
	"evidence crypto/rand":                            "the random number of a file's commitment",
	"evidence crypto/sha256":                          "the commitment to a file",
	"evidence crypto/tls":                             "the way to the object store, TLS 1.2 at least",
	"evidence crypto/x509":                            "the authority of the object store",
	"evidence filippo.io/age":                         "sealed files: ChaCha20-Poly1305 in chunks of 64 KiB under a data key of the file",
	"evidence hash/crc32":                             "lost bits, not attackers",
	"intake crypto/sha256":                            "which file was imported",
	"keyd crypto/ed25519":                             "sees that a foreign vault signed what it should",
	"keyd crypto/hkdf":                                "root key from the parted scalar",
	"keyd crypto/rand":                                "root scalar, set of shares, nonces for a hardware module",
	"keyd crypto/sha256":                              "checksums and checks of shares",
	"keyd github.com/cloudflare/circl/group":          "ristretto255, the field of the shares",
	"keyd github.com/cloudflare/circl/secretsharing":  "Shamir's parting of the root",
	"keyd github.com/openbao/openbao/api/v2":          "key-encryption keys in an OpenBao server",
	"keyd github.com/miekg/pkcs11":                    "key-encryption keys in a hardware module (build tag pkcs11)",
	"logbook hash/crc32":                              "torn lines, not attackers",
	"pg crypto/rand":                                  "passwords of the roles of an embedded database",
	"pg crypto/sha256":                                "short names of folders; protects nothing",
	"release crypto/rand":                             "noise of the statistics",
	"release crypto/sha256":                           "digests in the manifest of a release",
	"rights crypto/sha256":                            "digest of the ledger's entry in the proof of an erasure",
	"rights filippo.io/age":                           "the person's own portable copy, closed with her passphrase",
	"seal crypto/aes":                                 "data keys and key-encryption keys",
	"seal crypto/cipher":                              "AES-GCM with random nonces",
	"seal crypto/ed25519":                             "checkpoints",
	"seal crypto/hkdf":                                "a key for each index of marks",
	"seal crypto/hmac":                                "marks",
	"seal crypto/rand":                                "all keys",
	"seal crypto/sha256":                              "marks, HKDF, the name of a verifier key",
	"signin crypto/hmac":                              "decoy salts of accounts that do not exist, handles of sessions, nonce and PKCE verifier of a way to an identity provider",
	"signin crypto/rand":                              "session handles, salts, challenges",
	"signin crypto/sha256":                            "what is stored of handles and derived keys",
	"signin crypto/subtle":                            "comparison in constant time",
	"world crypto/sha256":                             "the demo's reports, as campaign keeps them",
	"signin golang.org/x/crypto/argon2":               "passwords: argon2id",
	"signin github.com/go-webauthn/webauthn/protocol": "passkeys",
	"signin github.com/go-webauthn/webauthn/webauthn": "passkeys",
	"signin github.com/pquerna/otp":                   "one-time codes (RFC 6238)",
	"signin github.com/pquerna/otp/hotp":              "one-time codes (RFC 4226)",
	"signin github.com/coreos/go-oidc/v3/oidc":        "signatures of ID and logout tokens of a province's own identity provider (RS, PS, ES, EdDSA)",
	"signin crypto/tls":                               "the way to a province's own identity provider, TLS 1.2 at least",
	"signin crypto/x509":                              "the authority of the identity provider's certificate",
	"site crypto/rand":                                "ids of requests",
	"site crypto/sha256":                              "which body an Idempotency-Key came with",
}

var cryptographic = regexp.MustCompile(`^(crypto/|hash/crc|golang\.org/x/crypto/|golang\.org/x/mod/sumdb/|filippo\.io/|github\.com/(cloudflare/circl|go-webauthn|pquerna/otp|coreos/go-oidc|miekg/pkcs11|openbao)/?)`)

// TestEveryUseOfCryptographyIsInTheInventory generates docs/crypto-inventory.md from the code and holds it.
func TestEveryUseOfCryptographyIsInTheInventory(t *testing.T) {
	t.Parallel()
	forTests := []string{"pgtest", "s3test", "testshare", "world/house", "app/apptest", "seal/sealtest", "keyd/keydtest", "release/reltest", "signin/idptest"}
	used := map[string]bool{"keyd github.com/miekg/pkcs11": true} // behind a build tag
	each(t, func(p pkg) {
		name, ours := strings.CutPrefix(p.ImportPath, "binhan/internal/")
		if !ours || slices.Contains(forTests, name) {
			return
		}
		for _, imported := range p.Imports {
			if cryptographic.MatchString(imported) {
				used[name+" "+imported] = true
				if purposes[name+" "+imported] == "" {
					t.Errorf("%s uses %s: say what for, in purposes", name, imported)
				}
			}
		}
	})
	var b strings.Builder
	b.WriteString("# Inventory of cryptography\n\nGenerated from the code by a test of `internal/archtest`; do not edit (ASVS 5.0.0, 11.1.2). Transport: TLS to database, object store and browsers.\n\n## Keys and forms\n\n")
	b.WriteString("| what | form | algorithm | the key lives | it turns | against a quantum computer | protects |\n|---|---|---|---|---|---|---|\n")
	for _, a := range seal.Inventory() {
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s | %s | %s | %s |\n", a.Name, a.Form, a.Uses, a.Lives, a.Turns, a.Quantum, a.Protects)
	}
	b.WriteString("\n## Who uses which library\n\n| package | library | what for |\n|---|---|---|\n")
	for _, key := range slices.Sorted(maps.Keys(used)) {
		name, library, _ := strings.Cut(key, " ")
		fmt.Fprintf(&b, "| `%s` | `%s` | %s |\n", name, library, purposes[key])
	}
	path := filepath.Join("..", "..", "docs", "crypto-inventory.md")
	if os.Getenv("BINHAN_TEST_GOLDEN") == "write" {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(golden), b.String()); diff != "" {
		t.Errorf("the inventory is not the code's (BINHAN_TEST_GOLDEN=write): (-golden +code)\n%s", diff)
	}
}
