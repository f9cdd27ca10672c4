package seal

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Signer signs the checkpoints of the record of acts and nothing else. The private key lives in the ring and never leaves it.
type Signer interface {
	// Sign returns the Ed25519 signature, 64 bytes, of a checkpoint text (CheckpointText); ErrNotCheckpoint for any other message. The ring
	// does not know whether the tree is true: it knows that it signs a tree.
	Sign(ctx context.Context, f For, msg []byte) ([]byte, error)
	// VerifierKey is the public key as golang.org/x/mod/sumdb/note writes it, under the name SignerName.
	VerifierKey(ctx context.Context) (string, error)
}

// SignerName is the name of the key in notes, and the first line of every checkpoint.
const SignerName = "binhan-audit"

// ErrNotCheckpoint says that a message is no checkpoint of the record of acts, so that the ring will not sign it.
var ErrNotCheckpoint = errors.New("seal: only a checkpoint is signed")

const maxCheckpoint = 4096

// CheckpointText is what is signed for a tree of n leaves: the form of C2SP tlog-checkpoint, one line each for the origin, the size, the root
// hash, and whatever else is to be signed with it (a time, the root of yesterday).
func CheckpointText(n int64, root [sha256.Size]byte, more ...string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n%d\n%s\n", SignerName, n, base64.StdEncoding.EncodeToString(root[:]))
	for _, line := range more {
		b.WriteString(line + "\n")
	}
	return b.Bytes()
}

// ParseCheckpoint reads a checkpoint text and accepts only the one way in which CheckpointText writes it.
func ParseCheckpoint(msg []byte) (n int64, root [sha256.Size]byte, more []string, err error) {
	lines := strings.Split(string(msg), "\n")
	if len(msg) > maxCheckpoint || !utf8.Valid(msg) || len(lines) < 4 || lines[len(lines)-1] != "" || lines[0] != SignerName {
		return 0, root, nil, ErrNotCheckpoint
	}
	n, err = strconv.ParseInt(lines[1], 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != lines[1] {
		return 0, root, nil, ErrNotCheckpoint
	}
	hash, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(hash) != len(root) {
		return 0, root, nil, ErrNotCheckpoint
	}
	more = lines[3 : len(lines)-1]
	for _, line := range more {
		if line == "" || strings.ContainsFunc(line, func(r rune) bool { return r < 0x20 || r == 0x7f }) || strings.HasPrefix(line, "— ") {
			return 0, root, nil, ErrNotCheckpoint
		}
	}
	return n, [sha256.Size]byte(hash), more, nil
}

// verifierKey writes a public key as x/mod/sumdb/note does: name+hash+base64(algorithm 1, key).
func verifierKey(public ed25519.PublicKey) string {
	key := append([]byte{1}, public...)
	return fmt.Sprintf("%s+%08x+%s", SignerName, noteHash(public), base64.StdEncoding.EncodeToString(key))
}

// noteHash is the number by which a note names its key.
func noteHash(public ed25519.PublicKey) uint32 {
	sum := sha256.Sum256(append([]byte(SignerName+"\n\x01"), public...))
	return binary.BigEndian.Uint32(sum[:])
}

// NoteSigner makes of a Signer what note.Sign asks for.
type NoteSigner struct {
	ctx  context.Context
	sign Signer
	f    For
	hash uint32
}

// NewNoteSigner asks the ring for its public key once; f stands in the log of the ring for each signature.
func NewNoteSigner(ctx context.Context, s Signer, f For) (*NoteSigner, error) {
	key, err := s.VerifierKey(ctx)
	if err != nil {
		return nil, err
	}
	_, rest, _ := strings.Cut(key, "+")
	hash, _, _ := strings.Cut(rest, "+")
	h, err := strconv.ParseUint(hash, 16, 32)
	if err != nil {
		return nil, errors.New("seal: the verifier key is not readable")
	}
	return &NoteSigner{ctx, s, f, uint32(h)}, nil
}

// Name is the name in the note.
func (*NoteSigner) Name() string { return SignerName }

// KeyHash is the number of the key in the note.
func (s *NoteSigner) KeyHash() uint32 { return s.hash }

// Sign signs a checkpoint.
func (s *NoteSigner) Sign(msg []byte) ([]byte, error) { return s.sign.Sign(s.ctx, s.f, msg) }
