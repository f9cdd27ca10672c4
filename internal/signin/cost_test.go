package signin_test

import (
	"testing"

	"binhan/internal/signin"
)

// BenchmarkDerivation is what one password costs, right or wrong.
func BenchmarkDerivation(b *testing.B) {
	salt := make([]byte, 16)
	for b.Loop() {
		if _, err := signin.Derive("bốn con voi xanh qua suối", salt, signin.Strong); err != nil {
			b.Fatal(err)
		}
	}
}
