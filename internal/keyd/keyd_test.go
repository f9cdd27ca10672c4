package keyd_test

import (
	"testing"

	"binhan/internal/keyd/keydtest"
	"binhan/internal/seal/sealtest"
)

func TestTheKeyProcessKeepsTheContract(t *testing.T) {
	t.Parallel()
	sealtest.Run(t, keydtest.New(t))
}
