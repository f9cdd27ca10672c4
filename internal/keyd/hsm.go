package keyd

// PKCS11 keeps the key-encryption keys in a hardware module, or in a program that behaves as one. They are made there and cannot be taken out. What is
// stored in the database has the same form as with the file.
type PKCS11 struct {
	Module string // path of the library of the module
	Token  string // label of the token
	PIN    string // path of a file with its PIN
}
