package seal

import (
	"bytes"
	"context"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"binhan/internal/chain"
)

// FileRing is a key ring in a file of this machine; the key process loads one. Whoever reads the file reads every
// case; so it must be a regular file that belongs to us with mode 0600, and OpenFileRing refuses it otherwise.
//
// A running ring notices what another process has changed before it wraps anything, and when it meets a data key wrapped under a version that
// it does not know.
type FileRing struct {
	*Core
	vault *fileVault
}

// fileVault is the file. With root it is closed under a key that somebody must bring.
type fileVault struct {
	path  string
	root  *rootBox
	clock func() time.Time
	mu    sync.Mutex // holds writers and reloaders apart
	now   atomic.Pointer[ringState]
}

// KeepTime gives the ring another clock than the system's, for tests of what takes an hour. It is set before the ring is used.
func (r *FileRing) KeepTime(clock func() time.Time) { r.vault.clock = clock }

// ringState is what the file held when it was last read.
type ringState struct {
	file   os.FileInfo
	keks   map[Compartment]map[uint32]cipher.AEAD
	newest map[Compartment]uint32
	index  []byte
	sign   ed25519.PrivateKey // nil in a ring made before there were checkpoints and opened without create
	marks  sync.Map           // index name -> *sync.Pool of hash.Hash
}

// ringFile is the file. Versions are kept until no wrapped key needs them.
type ringFile struct {
	Format string                    `json:"format"`
	KEKs   map[Compartment][]ringKey `json:"keks"`
	Index  []ringKey                 `json:"index"`
	// Signing is the seed of the key of checkpoints.
	Signing *ringKey `json:"signing,omitempty"`
	// Ledger is the head of the erasure ledger when it was last written: a ledger that is shorter now was cut.
	Ledger *chain.Head `json:"ledger,omitempty"`
}

type ringKey struct {
	Version uint32    `json:"version"`
	MadeAt  time.Time `json:"made_at"`
	Key     []byte    `json:"key"`
}

const ringFormat = "binhan keyring 1"

// maxRing bounds the file in bytes.
const maxRing = 1 << 20

// OpenFileRing reads the ring at path. With create it makes one that is not there yet, and adds keys for compartments that the file does
// not know. Two processes may create at once: one of them wins and both use its keys.
func OpenFileRing(path string, create bool) (*FileRing, error) {
	return openRing(&fileVault{path: path}, create)
}

func openRing(v *fileVault, create bool) (*FileRing, error) {
	if v.clock == nil {
		v.clock = time.Now
	}
	file, _, err := v.readRing()
	switch {
	case create && errors.Is(err, fs.ErrNotExist):
		err = v.change(fillOnly)
	case create && err == nil && (len(file.KEKs) < len(Compartments) || file.Signing == nil):
		err = v.change(fillOnly)
	}
	if err != nil {
		return nil, fmt.Errorf("open key ring: %w", err)
	}
	if err := v.reload(); err != nil {
		return nil, err
	}
	r := &FileRing{NewCore(v, v.path+".erasures"), v}
	return r, r.HoldLedger(file.Ledger)
}

func fillOnly(*ringFile) error { return nil }

func (v *fileVault) readRing() (ringFile, os.FileInfo, error) {
	path := v.path
	var file ringFile
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return file, nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return file, nil, err
	}
	if !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0 {
		return file, nil, fmt.Errorf("%s has mode %v: a key ring must be a regular file of mode 0600", path, info.Mode())
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && int(st.Uid) != os.Geteuid() {
		return file, nil, fmt.Errorf("%s belongs to user %d: a key ring must belong to the user that runs it", path, st.Uid)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxRing))
	if err != nil {
		return file, nil, err
	}
	if v.root != nil {
		if text, err = v.root.open(text); err != nil {
			return file, nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	defer clear(text)
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		return ringFile{}, nil, fmt.Errorf("%s is not a key ring", path) // the decoder's words could hold a piece of a key
	}
	if file.Format != ringFormat {
		return ringFile{}, nil, fmt.Errorf("%s is not a %s", path, ringFormat)
	}
	return file, info, nil
}

// change reads the file, fills what is missing, lets edit alter it and puts it back whole, one process at a time.
func (v *fileVault) change(edit func(*ringFile) error) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	lock, err := os.OpenFile(v.path+".lock", os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("lock key ring: %w", err)
	}
	file, _, err := v.readRing()
	if errors.Is(err, fs.ErrNotExist) {
		file, err = ringFile{Format: ringFormat, KEKs: map[Compartment][]ringKey{}}, nil
	}
	if err != nil {
		return err
	}
	for _, c := range Compartments {
		if len(file.KEKs[c]) == 0 {
			file.KEKs[c] = []ringKey{v.freshRingKey(1)}
		}
	}
	if len(file.Index) == 0 {
		file.Index = []ringKey{v.freshRingKey(1)}
	}
	if file.Signing == nil {
		key := v.freshRingKey(1)
		file.Signing = &key
	}
	if err := edit(&file); err != nil {
		return err
	}
	return v.writeRing(file)
}

func (v *fileVault) freshRingKey(version uint32) ringKey {
	raw := make([]byte, keySize)
	_, _ = rand.Read(raw)
	return ringKey{Version: version, MadeAt: v.clock().UTC().Truncate(time.Second), Key: raw}
}

// writeRing puts the new file in the place of the old one in a single step: a crash leaves one or the other, never half.
func (v *fileVault) writeRing(file ringFile) (err error) {
	path := v.path
	text, err := json.MarshalIndent(file, "", "\t")
	if err != nil {
		return errors.New("write key ring: cannot encode")
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".keyring-*") // made with mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
		}
	}()
	out := append(text, '\n')
	if v.root != nil {
		out, err = v.root.seal(out)
	}
	if err == nil {
		_, err = tmp.Write(out)
	}
	if err == nil {
		err = tmp.Sync()
	}
	clear(text)
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	if err = os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	return syncDir(path)
}

// syncDir waits until the name of a file is on the disk.
func syncDir(path string) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

func (v *fileVault) reload() error {
	file, info, err := v.readRing()
	if err != nil {
		return fmt.Errorf("read key ring: %w", err)
	}
	state := &ringState{file: info, keks: map[Compartment]map[uint32]cipher.AEAD{}, newest: map[Compartment]uint32{}}
	for c, keys := range file.KEKs {
		state.keks[c] = map[uint32]cipher.AEAD{}
		for _, key := range keys {
			if len(key.Key) != keySize || key.Version == 0 || state.keks[c][key.Version] != nil {
				return fmt.Errorf("read key ring: %s key %d is not usable", c, key.Version)
			}
			if state.keks[c][key.Version], err = newAEAD(key.Key); err != nil {
				return err
			}
			clear(key.Key)
			state.newest[c] = max(state.newest[c], key.Version)
		}
	}
	for _, key := range file.Index {
		if len(key.Key) != keySize {
			return fmt.Errorf("read key ring: index key %d is not usable", key.Version)
		}
		state.index = key.Key
	}
	if state.index == nil {
		return errors.New("read key ring: no index key")
	}
	if file.Signing != nil {
		if len(file.Signing.Key) != ed25519.SeedSize {
			return errors.New("read key ring: the signing key is not usable")
		}
		state.sign = ed25519.NewKeyFromSeed(file.Signing.Key)
		clear(file.Signing.Key)
	}
	v.now.Store(state)
	return nil
}

// current is the state of the file as it is now. Wrapping under a version that somebody has meanwhile retired would lose the case.
func (v *fileVault) current() (*ringState, error) {
	state := v.now.Load()
	info, err := os.Lstat(v.path)
	if err != nil {
		return nil, fmt.Errorf("look at key ring: %w", err)
	}
	if os.SameFile(info, state.file) && info.ModTime().Equal(state.file.ModTime()) {
		return state, nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.reload(); err != nil {
		return nil, err
	}
	return v.now.Load(), nil
}

// kek finds a key-encryption key, reading the file again when the version is new to us.
func (v *fileVault) kek(c Compartment, version uint32) (cipher.AEAD, error) {
	state := v.now.Load()
	if kek := state.keks[c][version]; kek != nil {
		return kek, nil
	}
	if version <= state.newest[c] { // a version that was there once and has been retired, or never was
		return nil, fmt.Errorf("%w: %s key-encryption key %d is gone", ErrForged, c, version)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.now.Load() == state {
		if err := v.reload(); err != nil {
			return nil, err
		}
	}
	if kek := v.now.Load().keks[c][version]; kek != nil {
		return kek, nil
	}
	return nil, fmt.Errorf("%w: no %s key-encryption key %d", ErrForged, c, version)
}

// Newest looks at the file first: wrapping under a version that somebody has meanwhile retired would lose the case.
func (v *fileVault) Newest(_ context.Context, c Compartment) (uint32, error) {
	state, err := v.current()
	if err != nil {
		return 0, err
	}
	if state.newest[c] == 0 {
		return 0, fmt.Errorf("%w: compartment", ErrPlace)
	}
	return state.newest[c], nil
}

func (v *fileVault) Wrap(_ context.Context, boxes []Box) error {
	for i := range boxes {
		b := &boxes[i]
		kek, err := v.kek(b.Compartment, b.Version)
		if err != nil {
			return err
		}
		b.Sealed = kek.Seal(make([]byte, 0, gcmOverhead+keySize), nil, b.Raw, b.Bound)
	}
	return nil
}

func (v *fileVault) Unwrap(_ context.Context, boxes []Box) error {
	for i := range boxes {
		b := &boxes[i]
		kek, err := v.kek(b.Compartment, b.Version)
		if err != nil {
			if b.Err = ErrForged; !errors.Is(err, ErrForged) {
				return err
			}
			continue
		}
		if _, err := kek.Open(b.Raw[:0], nil, b.Sealed, b.Bound); err != nil {
			b.Err = ErrForged
		}
	}
	return nil
}

// MAC draws the key of an index from the ring's index key by its name.
func (v *fileVault) MAC(_ context.Context, index string, value []byte) ([]byte, error) {
	state := v.now.Load()
	pool, ok := state.marks.Load(index)
	if !ok {
		key, err := hkdf.Expand(sha256.New, state.index, "index/v1|"+index, keySize)
		if err != nil {
			return nil, fmt.Errorf("draw index key: %w", err)
		}
		pool, _ = state.marks.LoadOrStore(index, &sync.Pool{New: func() any { return hmac.New(sha256.New, key) }})
	}
	mac := pool.(*sync.Pool).Get().(hash.Hash)
	mac.Reset()
	_, _ = mac.Write(value)
	sum := mac.Sum(make([]byte, 0, sha256.Size))
	mac.Reset()
	pool.(*sync.Pool).Put(mac)
	return sum, nil
}

// indexName: lower-case letters, digits and underscores, at most 32. It bounds what the cache of keys can be made to hold.
func indexName(name string) bool {
	if name == "" || len(name) > 32 {
		return false
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9' || i == 0) && (c != '_' || i == 0) {
			return false
		}
	}
	return true
}

func (v *fileVault) Rotate(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := v.change(func(f *ringFile) error {
		for c, keys := range f.KEKs {
			newest := uint32(0)
			for _, key := range keys {
				newest = max(newest, key.Version)
			}
			f.KEKs[c] = append(keys, v.freshRingKey(newest+1))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("rotate key ring: %w", err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.reload()
}

func (v *fileVault) Retire(ctx context.Context, version uint32) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := v.change(func(f *ringFile) error {
		for c, keys := range f.KEKs {
			kept := make([]ringKey, 0, len(keys))
			for _, key := range keys {
				if key.Version == version && v.clock().Sub(key.MadeAt) < time.Hour {
					return fmt.Errorf("key %d of %s is younger than an hour", version, c)
				}
				if key.Version >= version {
					kept = append(kept, key)
				}
			}
			if len(kept) == 0 {
				return fmt.Errorf("nothing of %s would be left", c)
			}
			f.KEKs[c] = kept
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("retire key-encryption keys: %w", err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.reload()
}

var errNoSigning = errors.New("the key ring has no signing key")

func (v *fileVault) Sign(_ context.Context, msg []byte) ([]byte, error) {
	state := v.now.Load()
	if state.sign == nil {
		return nil, errNoSigning
	}
	return ed25519.Sign(state.sign, msg), nil
}

func (v *fileVault) Public(context.Context) (ed25519.PublicKey, error) {
	state := v.now.Load()
	if state.sign == nil {
		return nil, errNoSigning
	}
	return state.sign.Public().(ed25519.PublicKey), nil
}

// Forget writes the ledger first and then notes its new head in the ring: a crash between the two leaves a ledger that is longer than the ring
// remembers, which is sound.
func (r *FileRing) Forget(ctx context.Context, _ For, e Erasure) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := r.vault.change(func(f *ringFile) error {
		head, err := r.ledger.forget(e)
		f.Ledger = &head
		return err
	})
	if err != nil {
		return fmt.Errorf("forget: %w", err)
	}
	return nil
}

const ringHidden = "seal.FileRing(…)"

// String hides the ring.
func (*FileRing) String() string { return ringHidden }

// GoString hides the ring.
func (*FileRing) GoString() string { return ringHidden }

// Format hides the ring under every verb.
func (*FileRing) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(ringHidden)) }

// LogValue hides the ring.
func (*FileRing) LogValue() slog.Value { return slog.StringValue(ringHidden) }

// MarshalJSON hides the ring.
func (*FileRing) MarshalJSON() ([]byte, error) { return []byte(`"` + ringHidden + `"`), nil }
