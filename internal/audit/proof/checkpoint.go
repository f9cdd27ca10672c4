package proof

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"binhan/internal/seal"
)

// Checkpoint is what a seal signs: how many entries the record has, the root of the tree over them, and when.
type Checkpoint struct {
	Size int64
	Root tlog.Hash
	Time time.Time
}

const timeLine = "time "

// sign writes and signs a checkpoint.
func (c Checkpoint) sign(s note.Signer) (string, error) {
	text := seal.CheckpointText(c.Size, c.Root, timeLine+c.Time.UTC().Format(time.RFC3339Nano))
	signed, err := note.Sign(&note.Note{Text: string(text)}, s)
	return string(signed), err
}

var (
	// ErrKey says that a checkpoint does not bear the signature of the key that we hold for the record's.
	ErrKey = errors.New("not signed by the key of the record")
	// ErrForm says that a checkpoint cannot be read.
	ErrForm = errors.New("no checkpoint of the record")
)

// Key is the public key of the record: what a verifier must know beforehand.
type Key struct {
	v    note.Verifier
	text string
}

// String is the key as ParseKey reads it.
func (k Key) String() string { return k.text }

// ParseKey reads a key in the form of sumdb/note: binhan-audit+hash+base64.
func ParseKey(text string) (Key, error) {
	v, err := note.NewVerifier(strings.TrimSpace(text))
	if err != nil || v.Name() != seal.SignerName {
		return Key{}, errors.New("the key of the record must look like " + seal.SignerName + "+…")
	}
	return Key{v, strings.TrimSpace(text)}, nil
}

// Open reads a signed checkpoint. Signatures of witnesses beside ours do no harm.
func (k Key) Open(signed []byte) (Checkpoint, error) {
	n, err := note.Open(signed, note.VerifierList(k.v))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return parse(n.Text)
}

func parse(text string) (Checkpoint, error) {
	size, root, more, err := seal.ParseCheckpoint([]byte(text))
	if err != nil || len(more) != 1 {
		return Checkpoint{}, ErrForm
	}
	at, ok := strings.CutPrefix(more[0], timeLine)
	t, err := time.Parse(time.RFC3339Nano, at)
	if !ok || err != nil {
		return Checkpoint{}, ErrForm
	}
	return Checkpoint{size, tlog.Hash(root), t.UTC()}, nil
}
