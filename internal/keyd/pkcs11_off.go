//go:build !pkcs11

package keyd

import (
	"context"
	"errors"

	"binhan/internal/seal"
)

// Open says that this program was built without it: a PKCS#11 module is a C library, and the program of a release is static.
func (PKCS11) Open(context.Context) (seal.Vault, error) {
	return nil, errors.New("this program was built without PKCS#11: build it with CGO_ENABLED=1 -tags pkcs11")
}
