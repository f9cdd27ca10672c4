package keyd

import (
	"bytes"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/secretsharing"

	"binhan/internal/seal"
)

// A root key is drawn from a random scalar of ristretto255, and the scalar is parted after Shamir: any threshold of the shares give it back, fewer
// give nothing at all. (ristretto255 because its arithmetic here takes the same time whatever the secret is; P-256's in this library does not.)
//
// A share as it is written down: 17 groups of 4 letters and digits; in them set 4 bytes, threshold, number, value 32, checksum 4. A slip of the pen
// is caught by the checksum, a share of another set by its set, a share that was never given out by its hash in the head of the ring.

var shareGroup = group.Ristretto255

const (
	shareLabel = "binhan share 1"
	shareBytes = 4 + 1 + 1 + 32 + 4
)

var shareLetters = base32.NewEncoding("ABCDEFGHJKLMNPQRSTUVWXYZ23456789").WithPadding(base32.NoPadding) // no I, O, 0, 1

// share is one piece.
type share struct {
	set       [4]byte
	threshold int
	number    int
	value     []byte // 32 bytes
}

func (s share) raw() []byte {
	out := append(append([]byte(nil), s.set[:]...), byte(s.threshold), byte(s.number))
	return append(out, s.value...)
}

func checksum(raw []byte) []byte {
	sum := sha256.Sum256(append([]byte(shareLabel+"|sum|"), raw...))
	return sum[:4]
}

// check is what the head of a ring keeps of a share. The value is a random scalar: nobody finds it from its hash.
func (s share) check() []byte {
	sum := sha256.Sum256(append([]byte(shareLabel+"|check|"), s.raw()...))
	return sum[:]
}

// text is how it is written down.
func (s share) text() string {
	raw := s.raw()
	letters := shareLetters.EncodeToString(append(raw, checksum(raw)...))
	var groups []string
	for chunk := range slices.Chunk([]byte(letters), 4) {
		groups = append(groups, string(chunk))
	}
	return strings.Join(groups, "-")
}

// parseShare reads what somebody typed: spaces, dashes and the case of letters do not matter.
func parseShare(text string) (share, error) {
	var s share
	if len(text) > 400 {
		return s, fmt.Errorf("%w: this is too long for a share", ErrShare)
	}
	letters := strings.Map(func(r rune) rune {
		switch {
		case r == '-' || r == ' ' || r == '\t' || r == '\r' || r == '\n':
			return -1
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		}
		return r
	}, text)
	raw, err := shareLetters.DecodeString(letters)
	if err != nil || len(raw) != shareBytes || !strings.EqualFold(shareLetters.EncodeToString(raw), letters) {
		return s, fmt.Errorf("%w: this is no share: it has 17 groups of 4 letters and digits (never I, O, 0, 1)", ErrShare)
	}
	body := raw[:shareBytes-4]
	if !bytes.Equal(checksum(body), raw[shareBytes-4:]) {
		return s, fmt.Errorf("%w: the checksum does not fit: a letter is wrong, look again", ErrShare)
	}
	copy(s.set[:], body)
	s.threshold, s.number, s.value = int(body[4]), int(body[5]), bytes.Clone(body[6:])
	if s.threshold < 2 || s.number < 1 {
		return share{}, fmt.Errorf("%w: this is no share of a key ring", ErrShare)
	}
	return s, nil
}

// checkQuorum says which threshold and number of shares make sense.
func checkQuorum(threshold, shares int) error {
	if threshold < 2 || shares < threshold || shares > 32 {
		return fmt.Errorf("%w: a quorum is at least 2 of at most 32 shares", ErrShare)
	}
	return nil
}

// partRoot parts a scalar into shares of a new set.
func partRoot(secret group.Scalar, threshold, shares int) (seal.RootHead, []share, error) {
	var set [4]byte
	_, _ = rand.Read(set[:])
	head := seal.RootHead{Set: hex.EncodeToString(set[:]), Threshold: threshold, Shares: shares}
	var out []share
	for i, piece := range secretsharing.New(rand.Reader, uint(threshold-1), secret).Share(uint(shares)) {
		value, err := piece.Value.MarshalBinary()
		if err != nil || len(value) != 32 {
			return seal.RootHead{}, nil, errors.New("keyd: a share does not encode")
		}
		s := share{set: set, threshold: threshold, number: i + 1, value: value}
		out = append(out, s)
		head.Checks = append(head.Checks, s.check())
	}
	return head, out, nil
}

// rootKey draws the key that closes the ring from the scalar.
func rootKey(secret group.Scalar) ([]byte, error) {
	raw, err := secret.MarshalBinary()
	if err != nil {
		return nil, err
	}
	defer clear(raw)
	return hkdf.Key(sha256.New, raw, nil, "binhan keyring root/v1", 32)
}

// joinShares gives the scalar back. The shares were checked against the head.
func joinShares(shares []share) (group.Scalar, error) {
	if len(shares) == 0 || len(shares) < shares[0].threshold {
		return nil, fmt.Errorf("%w: too few shares", ErrShare)
	}
	pieces := make([]secretsharing.Share, 0, len(shares))
	for _, s := range shares {
		value := shareGroup.NewScalar()
		if err := value.UnmarshalBinary(s.value); err != nil {
			return nil, fmt.Errorf("%w: share %d cannot be read", ErrShare, s.number)
		}
		id := shareGroup.NewScalar()
		id.SetUint64(uint64(s.number))
		pieces = append(pieces, secretsharing.Share{ID: id, Value: value})
	}
	return secretsharing.Recover(uint(shares[0].threshold-1), pieces)
}

// quorum gathers shares until they are enough. What was given stays given when the next one is wrong.
type quorum struct{ given []share }

// add takes one more share for the ring with this head.
func (q *quorum) add(text string, head seal.RootHead) error {
	s, err := parseShare(text)
	if err != nil {
		return err
	}
	switch {
	case head.Threshold == 0:
		return fmt.Errorf("%w: this key ring has no shares: it opens with a key in a file (development)", ErrState)
	case hex.EncodeToString(s.set[:]) != head.Set:
		return fmt.Errorf("%w: this share belongs to set %x, the key ring to set %s", ErrShare, s.set, head.Set)
	case s.threshold != head.Threshold || s.number > len(head.Checks) || !bytes.Equal(head.Checks[s.number-1], s.check()):
		return fmt.Errorf("%w: this share was not given out for this key ring", ErrShare)
	}
	for _, earlier := range q.given {
		if earlier.number == s.number {
			return fmt.Errorf("%w: share %d was given already", ErrShare, s.number)
		}
	}
	q.given = append(q.given, s)
	return nil
}

func (q *quorum) complete() bool { return len(q.given) > 0 && len(q.given) >= q.given[0].threshold }

func (q *quorum) wipe() {
	for _, s := range q.given {
		clear(s.value)
	}
	q.given = nil
}
