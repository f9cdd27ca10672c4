package seal

import "fmt"

// Algorithm is one line of the inventory of cryptography: a key or a form, and what becomes of it. The inventory is generated (docs/crypto-inventory.md)
// and held by a test, so that nobody adds a use of cryptography without saying what it is for (ASVS 5.0.0, 11.1.2).
type Algorithm struct {
	Name     string // what it is
	Form     string // the first byte or word of what is stored, by which a reader is chosen
	Uses     string // algorithm and size
	Lives    string // where the key is
	Turns    string // how it is exchanged
	Quantum  string // what a quantum computer would do to it
	Protects string
}

// Inventory lists what this package and the key process do.
func Inventory() []Algorithm {
	bits := func(n int) string { return fmt.Sprintf("%d bits", 8*n) }
	return []Algorithm{
		{"sealed value", fmt.Sprintf("0x%02x", fieldGCM), "AES-GCM, data key of " + bits(keySize) + ", random nonce of 96, tag of 128", "in the application for one request", "only when a case's key is thought known: a new key beside the old one", "halves the strength: 128 bits remain",
			"every word of a case; bound to table, column, row, owner, compartment"},
		{"wrapped data key", fmt.Sprintf("0x%02x and version", keyGCM), "AES-GCM, key-encryption key of " + bits(keySize), "in the key process (file, OpenBao or hardware module); never outside", "`binhan keys rotate`, on line", "as above", "data keys; bound to owner, compartment, version, key id"},
		{"mark", "index/v1", "HMAC-SHA-256, key of " + bits(keySize) + " for each index by HKDF-SHA-256", "in the key process", "not built: a second version and a backfill", "none known", "equality of phone numbers, id numbers, references of facts"},
		{"checkpoint", SignerName, "Ed25519", "in the key process; signs nothing that is no checkpoint", "a new key is a new verifier key, published beside the old", "breaks it: past checkpoints stay anchored outside", "the tree over the record of acts"},
		{"key ring file", closedFormat, "AES-GCM, root key of " + bits(keySize), "in nobody's hands whole", "new shares: `binhan keys shares`; a new root: a new ring and a turn of all keys", "halves the strength", "key-encryption keys, index key, signing key at rest"},
		{"root key", "binhan keyring root/v1", "HKDF-SHA-256 of a random scalar of ristretto255, parted after Shamir (3 of 5)", "on paper, with five people", "as above", "none: the shares give nothing away whatever computes", "the key ring file"},
		{"erasure ledger", ledgerLabel, "SHA-256 chain", "no key", "-", "none known", "that the erased stay erased"},
		{"key log", "binhan key log 1", "SHA-256 chain", "no key", "-", "none known", "that a line of the log is not changed unseen"},
	}
}
