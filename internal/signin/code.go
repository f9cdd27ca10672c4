package signin

import (
	"context"
	"crypto/subtle"
	"encoding/base32"
	"strings"

	"github.com/google/uuid"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"binhan/internal/gate"
)

const (
	period    = 30 // seconds of a time step (RFC 6238)
	codeSize  = 6
	keyLetter = "ABCDEFGHJKMNPQRSTVWXYZ0123456789" // Crockford's letters, in another order: none looks like another
)

// addCode finds out what the typed code is. Only digits are compared, so that one code is one code however it is spaced; a step that was taken is not
// taken again, which the database makes sure of. Whatever is no code of an app may be a recovery code.
func (s *Service) addCode(ctx context.Context, shown *gate.Shown, username, typed, request string) error {
	return s.addCodeOf(shown, typed, func() ([]gate.Counter, error) { return s.gate.Counters(ctx, username, shown.Derived, request) })
}

// addCodeOf does that with the apps that open gives.
func (s *Service) addCodeOf(shown *gate.Shown, typed string, open func() ([]gate.Counter, error)) error {
	if typed == "" {
		return nil
	}
	if r := recovery(typed); r != "" {
		shown.Recovery = []byte(r)
		return nil
	}
	counters, err := open()
	if err != nil {
		return err
	}
	shown.Factor = noFactor // a code that fits nothing is wrong, not missing
	now := s.o.Now().Unix() / period
	for _, c := range counters {
		if step, ok := fits(c.Secret, typed, now); ok && step > c.Last {
			shown.Factor, shown.Step = c.ID, step
			return nil
		}
	}
	return nil
}

// noFactor is a factor that nobody has.
var noFactor = uuid.MustParse("00000000-0000-8000-8000-000000000000")

// fits compares the digits of what was typed with the codes of the step before, of this one and of the next.
func fits(secret []byte, typed string, now int64) (step int64, ok bool) {
	digits := onlyDigits(typed)
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
	for _, n := range []int64{now - 1, now, now + 1} {
		code, err := hotp.GenerateCodeCustom(text, uint64(n), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && len(digits) == codeSize && subtle.ConstantTimeCompare([]byte(code), []byte(digits)) == 1 {
			step, ok = n, true
		}
	}
	return step, ok
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// Recovery codes: ten, of 80 random bits each in groups of four letters; shown once, kept as hashes, each of them good once.
const (
	recoveryCount = 10
	recoverySize  = 16
)

func newRecovery() []string {
	codes := make([]string, recoveryCount)
	for i := range codes {
		codes[i] = setupCode()
	}
	return codes
}

// recovery is the plain form of a recovery code, "" for what is none.
func recovery(typed string) string {
	plain := plainCode(typed)
	if len(plain) != recoverySize || onlyDigits(plain) == plain {
		return ""
	}
	for _, r := range plain {
		if !strings.ContainsRune(keyLetter, r) {
			return ""
		}
	}
	return plain
}
