package seal

import (
	"bytes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"
)

// A closed ring is the same file, closed as a whole under a root key that lies elsewhere: in shares held by several people, or, in development,
// in a file. The head in front of it says in the clear which shares open it. It is authenticated with the rest.

const closedFormat = "binhan keyring 1, closed"

// RootHead is what a closed ring says of its root key in the clear.
type RootHead struct {
	// Set names the set of shares, 8 hexadecimal digits.
	Set string `json:"set"`
	// Threshold of Shares open the ring. Both are 0 when the root key lies in a file.
	Threshold int `json:"threshold"`
	Shares    int `json:"shares"`
	// Checks are hashes of the single shares, by which a wrong one is named. A share is random, so its hash gives nothing away.
	Checks [][]byte `json:"checks,omitempty"`
}

type closedFile struct {
	Format string   `json:"format"`
	Root   RootHead `json:"root"`
	Sealed []byte   `json:"sealed"`
}

// ErrRoot says that a root key does not open this ring.
var ErrRoot = errors.New("the root key does not open this key ring")

// ErrExists says that there is a ring already; none is ever written over.
var ErrExists = errors.New("there is a key ring already")

// rootBox closes and opens the file.
type rootBox struct {
	head RootHead
	aead cipher.AEAD
}

// newRootBox wipes root.
func newRootBox(head RootHead, root []byte) (*rootBox, error) {
	if len(root) != keySize {
		return nil, errors.New("a root key has 32 bytes")
	}
	aead, err := newAEAD(root)
	clear(root)
	return &rootBox{head, aead}, err
}

func rootBound(head RootHead) ([]byte, error) {
	text, err := json.Marshal(head)
	return append([]byte(closedFormat+"\n"), text...), err
}

func (b *rootBox) seal(text []byte) ([]byte, error) {
	bound, err := rootBound(b.head)
	if err != nil {
		return nil, err
	}
	out, err := json.MarshalIndent(closedFile{closedFormat, b.head, b.aead.Seal(nil, nil, text, bound)}, "", "\t")
	clear(text)
	return append(out, '\n'), err
}

func (b *rootBox) open(text []byte) ([]byte, error) {
	file, err := parseClosed(text)
	if err != nil {
		return nil, err
	}
	bound, err := rootBound(file.Root)
	if err != nil {
		return nil, err
	}
	plain, err := b.aead.Open(nil, nil, file.Sealed, bound)
	if err != nil {
		return nil, ErrRoot
	}
	return plain, nil
}

func parseClosed(text []byte) (closedFile, error) {
	var file closedFile
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil || file.Format != closedFormat {
		return closedFile{}, errors.New("this is not a closed key ring")
	}
	return file, nil
}

// ReadRootHead tells which root key a closed ring wants; fs.ErrNotExist when there is no ring.
func ReadRootHead(path string) (RootHead, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return RootHead{}, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxRing))
	if err != nil {
		return RootHead{}, err
	}
	file, err := parseClosed(text)
	return file.Root, err
}

// CreateClosedRing makes a ring with fresh keys, or, with from, the keys of an open ring, at a path where none is (ErrExists), closed under root,
// which is wiped.
func CreateClosedRing(path string, head RootHead, root []byte, from *FileRing) (*FileRing, error) {
	box, err := newRootBox(head, root)
	if err != nil {
		return nil, err
	}
	v := &fileVault{path: path, root: box, clock: time.Now}
	if _, err := os.Lstat(path); err == nil {
		return nil, ErrExists
	}
	err = v.change(func(f *ringFile) error {
		if _, err := os.Lstat(path); err == nil { // somebody was quicker
			return ErrExists
		}
		if from == nil {
			return nil
		}
		old, _, err := from.vault.readRing()
		if err != nil {
			return err
		}
		*f = old
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("make key ring: %w", err)
	}
	return openRing(v, false)
}

// OpenClosedRing opens a ring with its root key, which is wiped. ErrRoot when it is another's.
func OpenClosedRing(path string, root []byte) (*FileRing, error) {
	head, err := ReadRootHead(path)
	if err != nil {
		return nil, fmt.Errorf("open key ring: %w", err)
	}
	box, err := newRootBox(head, root)
	if err != nil {
		return nil, err
	}
	return openRing(&fileVault{path: path, root: box}, true)
}

// Reclose writes an open closed ring again under another head: new shares of the same root.
func (r *FileRing) Reclose(head RootHead) error {
	if r.vault.root == nil {
		return errors.New("this ring is not closed")
	}
	return r.vault.change(func(*ringFile) error {
		r.vault.root = &rootBox{head, r.vault.root.aead}
		return nil
	})
}

// FreshRoot draws a root key.
func FreshRoot() []byte {
	root := make([]byte, keySize)
	_, _ = rand.Read(root)
	return root
}
