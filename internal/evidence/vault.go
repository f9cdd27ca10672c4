package evidence

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"binhan/internal/fault"
)

// Vault keeps sealed bytes under random keys. Minio is the one we have; whatever else may come holds to the same suite (vault_test.go).
type Vault interface {
	// Put stores r under a new key and returns only when the store has confirmed length and checksum. Size is what r will yield, or -1 when
	// that is not known before the end. When r fails or yields another length, or the store does not confirm, nothing remains that Read
	// would give out under the key, save when the store cannot be reached any more: that object is nobody's and List tells it to the sweep.
	// An existing key gives ErrTaken: nothing is ever overwritten.
	Put(ctx context.Context, key string, r io.Reader, size int64) (Stored, error)
	// Read streams n bytes from off. Past the end of what was stored, and for a key or version that is not there, it gives ErrAbsent.
	Read(ctx context.Context, s Stored, off, n int64) (io.ReadCloser, error)
	// Remove deletes the object for good, this version of it, or calls off an unfinished upload. It is no error when it is gone; ErrHeld when
	// the store must keep it.
	Remove(ctx context.Context, f Found) error
	// List tells everything that lies under a prefix, uploads that were never finished included.
	List(ctx context.Context, prefix string) iter.Seq2[Found, error]
}

// Keeper is a Vault that can make an object undeletable until a day, for us and for whoever steals our keys.
type Keeper interface {
	Keep(ctx context.Context, s Stored, until time.Time) error
}

// Stored is an object as the row remembers it.
type Stored struct {
	Key     string
	Version string // "" where the bucket keeps no versions
	Size    int64  // of the sealed bytes
	CRC32C  uint32 // of them, as the store confirmed it
}

// Found is an object as the vault lists it.
type Found struct {
	Stored
	At     time.Time
	Upload string // id of an upload that was never finished, else ""
}

var (
	// ErrAbsent says that there is no such object, or not as many bytes.
	ErrAbsent = errors.New("evidence: no such object in the vault")
	// ErrTaken says that the key is in use.
	ErrTaken = errors.New("evidence: the key is taken")
	// ErrHeld says that the store keeps the object until a day that has not come.
	ErrHeld = errors.New("evidence: the object is held")
	// ErrNotWhole says that what the store has is not what was sent.
	ErrNotWhole = errors.New("evidence: the vault does not hold what was sent")
	// ErrLength says that a source yielded more or fewer bytes than was said.
	ErrLength = errors.New("evidence: the source has another length than was said")
)

// unavailable is the answer when the store does not: nothing was lost, try again.
func unavailable(cause error) error {
	return fault.New(fault.Unavailable, "evidence_vault_unavailable").Because(cause)
}

// checkKey lets through what every store takes alike: lower-case letters, digits, "-" and "/", without empty steps.
func checkKey(key string) error {
	ok := key != "" && len(key) <= 200 && key[0] != '/' && key[len(key)-1] != '/' && !strings.Contains(key, "//")
	for i := 0; ok && i < len(key); i++ {
		c := key[i]
		ok = 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '/'
	}
	if !ok {
		return fmt.Errorf("evidence: %d bytes are not a key of the vault", len(key))
	}
	return nil
}
