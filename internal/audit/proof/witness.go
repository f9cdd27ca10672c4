package proof

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// WitnessName is the name of a witness's key in notes.
const WitnessName = "binhan-witness"

// Offer is what a witness is given: the newest checkpoint, and the proof that it continues the one that she signed last. It is a text, to be sent in any way:
//
//	old 1234
//	<one base64 hash a line>
//
//	<the signed checkpoint>
//
// For a witness who has signed nothing yet, old is 0 and there are no hashes.
func Offer(ctx context.Context, db *sqlx.DB, old int64) (string, error) {
	signed, err := Newest(ctx, db)
	if err != nil || signed == "" {
		return "", errors.Join(err, errors.New("the record has no checkpoint yet"))
	}
	text, _, _ := strings.Cut(signed, "\n\n")
	c, err := parse(text + "\n")
	if err != nil {
		return "", err
	}
	if old < 0 || old > c.Size {
		return "", fmt.Errorf("the record has %d entries, the witness has seen %d: it was cut", c.Size, old)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "old %d\n", old)
	if old > 0 {
		proof, err := tlog.ProveTree(c.Size, old, store{ctx, db})
		if err != nil {
			return "", fmt.Errorf("prove that the record continues: %w", err)
		}
		for _, h := range proof {
			b.WriteString(base64.StdEncoding.EncodeToString(h[:]) + "\n")
		}
	}
	b.WriteString("\n" + signed)
	return b.String(), nil
}

// Witness is who signs a checkpoint beside the house, on a machine of her own: only one that continues the last that she signed. She keeps three files in a folder: her
// key, the key of the record, and what she signed last.
type Witness struct{ dir string }

// ErrForked says that a checkpoint does not continue the last one: somebody is being shown another record.
var ErrForked = errors.New("the checkpoint does not continue the one that was signed before: the record was changed, or another one is being shown")

// OpenWitness opens the folder of a witness, or makes it for the record whose key is given.
func OpenWitness(dir, recordKey string) (*Witness, error) {
	w := &Witness{dir}
	if _, err := os.Stat(w.path("key")); err == nil {
		return w, nil
	}
	if recordKey == "" {
		return nil, errors.New("a new witness must be told the key of the record")
	}
	if _, err := ParseKey(recordKey); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	secret, public, err := note.GenerateKey(nil, WitnessName)
	if err != nil {
		return nil, err
	}
	return w, errors.Join(w.write("record.key", recordKey+"\n"), w.write("public.key", public+"\n"), w.write("key", secret+"\n"))
}

func (w *Witness) path(name string) string { return filepath.Join(w.dir, name) }

func (w *Witness) write(name, text string) error {
	aside := w.path(name + ".new")
	f, err := os.OpenFile(aside, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(aside, w.path(name))
}

func (w *Witness) read(name string) (string, error) {
	text, err := os.ReadFile(w.path(name))
	return strings.TrimRight(string(text), "\n"), err
}

// Last is how many entries the last checkpoint counts that she signed; 0 for none.
func (w *Witness) Last() (int64, error) {
	c, ok, err := w.last()
	if !ok {
		return 0, err
	}
	return c.Size, err
}

func (w *Witness) last() (Checkpoint, bool, error) {
	key, err := w.recordKey()
	if err != nil {
		return Checkpoint{}, false, err
	}
	text, err := os.ReadFile(w.path("last"))
	if errors.Is(err, os.ErrNotExist) {
		return Checkpoint{}, false, nil
	}
	if err != nil {
		return Checkpoint{}, false, err
	}
	c, err := key.Open(text)
	return c, err == nil, err
}

func (w *Witness) recordKey() (Key, error) {
	text, err := w.read("record.key")
	if err != nil {
		return Key{}, err
	}
	return ParseKey(text)
}

// Sign reads an offer and signs its checkpoint beside the house's signature, if it continues the last. What she signed is remembered before it is given out.
func (w *Witness) Sign(offer io.Reader) (signed string, err error) {
	key, err := w.recordKey()
	if err != nil {
		return "", err
	}
	old, proof, text, err := readOffer(offer)
	if err != nil {
		return "", err
	}
	next, err := key.Open(text)
	if err != nil {
		return "", err
	}
	last, has, err := w.last()
	if err != nil {
		return "", fmt.Errorf("read what was signed last: %w", err)
	}
	switch {
	case !has:
	case next.Size == last.Size && next.Root == last.Root:
	case next.Size <= last.Size, next.Time.Before(last.Time):
		return "", ErrForked
	case old != last.Size:
		return "", fmt.Errorf("the offer goes on from %d entries, the last that was signed counts %d: ask for --since %d", old, last.Size, last.Size)
	default:
		if err := tlog.CheckTree(proof, next.Size, next.Root, last.Size, last.Root); err != nil {
			return "", ErrForked
		}
	}
	secret, err := w.read("key")
	if err != nil {
		return "", err
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		return "", errors.New("the key of the witness cannot be read")
	}
	n, err := note.Open(text, note.VerifierList(key.v))
	if err != nil {
		return "", err
	}
	both, err := note.Sign(n, signer)
	if err != nil {
		return "", err
	}
	return string(both), w.write("last", string(both))
}

func readOffer(r io.Reader) (old int64, proof tlog.TreeProof, signed []byte, err error) {
	bad := errors.New("this is no offer: make one with `binhan audit offer`")
	raw, err := io.ReadAll(io.LimitReader(r, 64<<10))
	if err != nil {
		return 0, nil, nil, err
	}
	head, rest, ok := bytes.Cut(raw, []byte("\n\n"))
	lines := bufio.NewScanner(bytes.NewReader(head))
	if !ok || !lines.Scan() {
		return 0, nil, nil, bad
	}
	if n, err := fmt.Sscanf(lines.Text(), "old %d", &old); err != nil || n != 1 {
		return 0, nil, nil, bad
	}
	for lines.Scan() {
		h, err := base64.StdEncoding.Strict().DecodeString(lines.Text())
		if err != nil || len(h) != tlog.HashSize || len(proof) > 64 {
			return 0, nil, nil, bad
		}
		proof = append(proof, tlog.Hash(h))
	}
	return old, proof, rest, nil
}

// Printed is the anchor of a day as two agencies print and file it: few enough letters to be compared by eye and by telephone. The letters are the root in base 32, in
// groups of four; whoever types them in wrong by one finds out.
func Printed(signed string, key string) (string, error) {
	text, _, _ := strings.Cut(signed, "\n\n")
	c, err := parse(text + "\n")
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("Entries: %d\nSealed:  %s\nRoot:    %s\nKey:     %s\n", c.Size, c.Time.Format(time.RFC3339), c.Letters(), key), nil
}

// Letters is the root for the eye: 52 letters and digits in groups of four.
func (c Checkpoint) Letters() string {
	all := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(c.Root[:])
	var groups []string
	for len(all) > 4 {
		groups, all = append(groups, all[:4]), all[4:]
	}
	return strings.Join(append(groups, all), " ")
}

// ReadUnchecked reads the size, root and time of a checkpoint without asking who signed it: for showing one that comes from our own database.
func ReadUnchecked(signed string) (Checkpoint, error) {
	text, _, _ := strings.Cut(signed, "\n\n")
	return parse(text + "\n")
}
