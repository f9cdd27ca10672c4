package seal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"log/slog"
	"sync"

	"github.com/google/uuid"
)

// Algorithms that a stored value can name in its first byte. A reader for each stays for as long as a value under it may exist.
const (
	// fieldGCM: 0x01 | key id 8 | nonce 12 | AES-256-GCM(length 4 | plaintext | zeros) | tag 16.
	fieldGCM byte = 0x01
	// keyGCM: 0x01 | kek version 4 | key id 8 | nonce 12 | AES-256-GCM(data key 32) | tag 16.
	keyGCM byte = 0x01
)

const (
	keySize     = 32
	keyIDSize   = 8
	gcmOverhead = 12 + 16
	fieldHeader = 1 + keyIDSize
	lengthSize  = 4
	wrappedHead = 1 + 4 + keyIDSize
	wrappedSize = wrappedHead + gcmOverhead + keySize
	minSealed   = fieldHeader + gcmOverhead + 256
	maxSealed   = fieldHeader + gcmOverhead + lengthSize + MaxPlain + 1024
)

// keyID tells the data keys of one owner and compartment apart, so that a value written before a change of keys finds its own.
type keyID [keyIDSize]byte

// Wrapped is a data key as it is stored: closed under the key-encryption key of its compartment, bound to its owner. It is worth nothing
// without the ring; deleting it erases everything that it sealed.
type Wrapped struct {
	Compartment Compartment
	Key         []byte
}

// KEK is the version of the key-encryption key that a wrapped key needs, 0 when it cannot be read.
func (w Wrapped) KEK() uint32 {
	v, _, _, err := w.parse()
	if err != nil {
		return 0
	}
	return v
}

func (w Wrapped) parse() (kek uint32, id keyID, box []byte, err error) {
	if len(w.Key) != wrappedSize || w.Key[0] != keyGCM || !w.Compartment.Known() {
		return 0, id, nil, fmt.Errorf("%w: wrapped key is not readable", ErrForged)
	}
	kek = binary.BigEndian.Uint32(w.Key[1:])
	copy(id[:], w.Key[5:])
	return kek, id, w.Key[wrappedHead:], nil
}

// wrapped puts together what is stored.
func wrapped(c Compartment, version uint32, id keyID, box []byte) (Wrapped, error) {
	if len(box) != gcmOverhead+keySize {
		return Wrapped{}, fmt.Errorf("a vault closed a key into %d bytes", len(box))
	}
	out := make([]byte, wrappedHead, wrappedSize)
	out[0] = keyGCM
	binary.BigEndian.PutUint32(out[1:], version)
	copy(out[5:], id[:])
	return Wrapped{Compartment: c, Key: append(out, box...)}, nil
}

// box makes of w what a vault opens into o. Room takes the bytes that are authenticated.
func (w Wrapped) box(owner uuid.UUID, o *Opened, b *Box, room []byte) ([]byte, error) {
	version, id, box, err := w.parse()
	if err != nil {
		return room, err
	}
	from := len(room)
	room = appendKeyCanonical(room, owner, w.Compartment, version, id)
	o.Compartment, o.ID = w.Compartment, id
	*b = Box{Compartment: w.Compartment, Version: version, Bound: room[from:len(room):len(room)], Raw: o.Raw[:], Sealed: box}
	return room, nil
}

// newAEAD sets up AES-256-GCM with a random nonce before each ciphertext. A data key seals some thousands of values, far below the 2^32 at
// which random nonces want watching.
func newAEAD(raw []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, fmt.Errorf("set up cipher: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// dataKey is one open key. The raw bytes are wiped as soon as the cipher is set up.
type dataKey struct {
	compartment Compartment
	id          keyID
	aead        cipher.AEAD
}

func newDataKey(c Compartment, id keyID, raw []byte) (dataKey, error) {
	aead, err := newAEAD(raw)
	clear(raw)
	return dataKey{c, id, aead}, err
}

// freshKey draws a data key and its id.
func freshKey(raw []byte) keyID {
	var id keyID
	_, _ = rand.Read(raw) // never fails: it ends the program instead
	_, _ = rand.Read(id[:])
	return id
}

// Keys are the open data keys of one owner. They live for one request: take them, use them, Close them. Safe for concurrent use.
type Keys struct{ s *keyState }

type keyState struct {
	mu     sync.RWMutex
	owner  uuid.UUID
	keys   []dataKey
	closed bool
}

// Owner is the case or referral whose keys these are.
func (k *Keys) Owner() uuid.UUID {
	if k == nil || k.s == nil {
		return uuid.Nil
	}
	return k.s.owner
}

// Has tells whether there is an open key for the compartment.
func (k *Keys) Has(c Compartment) bool {
	_, err := k.find(c, nil)
	return err == nil
}

// find gives the key of a compartment that seals (the last), or the one named by id.
func (k *Keys) find(c Compartment, id []byte) (cipher.AEAD, error) {
	aead, _, err := k.findID(c, id)
	return aead, err
}

func (k *Keys) findID(c Compartment, id []byte) (cipher.AEAD, keyID, error) {
	if k == nil || k.s == nil {
		return nil, keyID{}, ErrNoKey
	}
	k.s.mu.RLock()
	defer k.s.mu.RUnlock()
	if k.s.closed {
		return nil, keyID{}, ErrClosed
	}
	held := false
	for i := len(k.s.keys) - 1; i >= 0; i-- {
		key := &k.s.keys[i]
		if key.compartment != c {
			continue
		}
		if id == nil || bytes.Equal(id, key.id[:]) {
			return key.aead, key.id, nil
		}
		held = true
	}
	if held { // the compartment is open, but this value was sealed under a key that the owner does not have
		return nil, keyID{}, ErrForged
	}
	return nil, keyID{}, fmt.Errorf("%w: %s", ErrNoKey, c)
}

// padded is the length of what is encrypted for a plaintext of n bytes.
func padded(c Compartment, n int) int {
	step := c.step()
	return (lengthSize + n + step - 1) / step * step
}

// Seal closes plain for the place. It refuses a place whose owner or compartment it holds no key for.
func (k *Keys) Seal(p Place, plain []byte) ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	if len(plain) > MaxPlain {
		return nil, fmt.Errorf("%w: value of %d bytes", ErrTooMuch, len(plain))
	}
	if p.Owner != k.Owner() {
		return nil, fmt.Errorf("%w: owner %s", ErrNoKey, p.Owner)
	}
	aead, id, err := k.findID(p.Compartment, nil)
	if err != nil {
		return nil, err
	}
	n := padded(p.Compartment, len(plain))
	size := fieldHeader + gcmOverhead + n
	room := make([]byte, size, size+aadRoom) // the value, and behind it what is authenticated with it
	out := room[:size:size]
	out[0] = fieldGCM
	copy(out[1:], id[:])
	body := out[fieldHeader : fieldHeader+n]
	binary.BigEndian.PutUint32(body, uint32(len(plain)))
	copy(body[lengthSize:], plain)
	return aead.Seal(out[:fieldHeader], nil, body, appendFieldAAD(room[size:], p, out[:fieldHeader])), nil
}

// aadRoom holds the canonical form of any place that check lets through, with the head of a value: 6 lengths, label, 63 + 63, 16 + 16,
// the longest compartment, the head.
const aadRoom = 6*4 + 4 + 2*63 + 2*16 + 10 + fieldHeader

// appendFieldAAD writes the place and the head of the value: format and key id.
func appendFieldAAD(b []byte, p Place, head []byte) []byte {
	return append(p.appendCanonical(b), head...)
}

// Open gives back what was sealed at the place. ErrForged: altered, cut, moved from elsewhere.
func (k *Keys) Open(p Place, sealed []byte) ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	if p.Owner != k.Owner() {
		return nil, fmt.Errorf("%w: owner %s", ErrNoKey, p.Owner)
	}
	if len(sealed) < minSealed || len(sealed) > maxSealed || sealed[0] != fieldGCM ||
		(len(sealed)-fieldHeader-gcmOverhead)%p.Compartment.step() != 0 {
		return nil, forged(p)
	}
	aead, err := k.find(p.Compartment, sealed[1:fieldHeader])
	if err != nil {
		return nil, err
	}
	size := len(sealed) - fieldHeader - gcmOverhead
	room := make([]byte, size, size+aadRoom)
	body, err := aead.Open(room[:0:size], nil, sealed[fieldHeader:], appendFieldAAD(room[size:], p, sealed[:fieldHeader]))
	if err != nil {
		return nil, forged(p)
	}
	n := binary.BigEndian.Uint32(body)
	if n > MaxPlain || padded(p.Compartment, int(n)) != len(body) {
		return nil, forged(p)
	}
	return body[lengthSize : lengthSize+n : lengthSize+n], nil
}

// forged names the place by ids only.
func forged(p Place) error {
	return fmt.Errorf("%w: %s.%s row %s", ErrForged, p.Table, p.Column, p.Row)
}

// Close wipes the keys. It may be called more than once.
func (k *Keys) Close() {
	if k == nil || k.s == nil {
		return
	}
	k.s.mu.Lock()
	defer k.s.mu.Unlock()
	clear(k.s.keys)
	k.s.keys, k.s.closed = nil, true
}

const keysHidden = "seal.Keys(…)"

// String hides the keys.
func (Keys) String() string { return keysHidden }

// GoString hides the keys.
func (Keys) GoString() string { return keysHidden }

// Format hides the keys under every verb.
func (Keys) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(keysHidden)) }

// LogValue hides the keys.
func (Keys) LogValue() slog.Value { return slog.StringValue(keysHidden) }

// MarshalJSON hides the keys.
func (Keys) MarshalJSON() ([]byte, error) { return []byte(`"` + keysHidden + `"`), nil }
