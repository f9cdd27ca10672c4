package seal

import (
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
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/google/uuid"

	"binhan/internal/chain"
)

// FileRing is a key ring in a file of this machine, for development and for the key process to load. Whoever reads the file reads every
// case; so it must be a regular file that belongs to us with mode 0600, and OpenFileRing refuses it otherwise.
//
// A running ring notices what another process has changed before it wraps anything, and when it meets a data key wrapped under a version that
// it does not know.
type FileRing struct {
	path   string
	mu     sync.Mutex // holds writers and reloaders apart
	now    atomic.Pointer[ringState]
	ledger ledger
}

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

// OpenFileRing reads the ring at path. With create it makes one that is not there yet, and adds keys for compartments that the file does
// not know. Two processes may create at once: one of them wins and both use its keys.
func OpenFileRing(path string, create bool) (*FileRing, error) {
	r := &FileRing{path: path, ledger: ledger{path: path + ".erasures"}}
	file, _, err := readRing(path)
	switch {
	case create && errors.Is(err, fs.ErrNotExist):
		err = r.change(fillOnly)
	case create && err == nil && (len(file.KEKs) < len(Compartments) || file.Signing == nil):
		err = r.change(fillOnly)
	}
	if err != nil {
		return nil, fmt.Errorf("open key ring: %w", err)
	}
	if err := r.reload(); err != nil {
		return nil, err
	}
	return r, r.holdLedger(file.Ledger)
}

// holdLedger refuses a ledger of erasures that is not at least the one that the ring remembers.
func (r *FileRing) holdLedger(noted *chain.Head) error {
	if err := r.ledger.fresh(); err != nil {
		return err
	}
	if noted == nil {
		return nil
	}
	f, err := os.Open(r.ledger.path)
	if err == nil {
		defer f.Close()
		var held bool
		if held, err = chain.Holds(f, ledgerLabel, *noted); err == nil && !held {
			err = chain.ErrBroken
		}
	}
	if err != nil {
		return fmt.Errorf("the erasure ledger does not reach entry %d, which the key ring remembers: %w", noted.Lines, err)
	}
	return nil
}

func fillOnly(*ringFile) error { return nil }

func readRing(path string) (ringFile, os.FileInfo, error) {
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
	decoder := json.NewDecoder(f)
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
func (r *FileRing) change(edit func(*ringFile) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	lock, err := os.OpenFile(r.path+".lock", os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("lock key ring: %w", err)
	}
	file, _, err := readRing(r.path)
	if errors.Is(err, fs.ErrNotExist) {
		file, err = ringFile{Format: ringFormat, KEKs: map[Compartment][]ringKey{}}, nil
	}
	if err != nil {
		return err
	}
	for _, c := range Compartments {
		if len(file.KEKs[c]) == 0 {
			file.KEKs[c] = []ringKey{freshRingKey(1)}
		}
	}
	if len(file.Index) == 0 {
		file.Index = []ringKey{freshRingKey(1)}
	}
	if file.Signing == nil {
		key := freshRingKey(1)
		file.Signing = &key
	}
	if err := edit(&file); err != nil {
		return err
	}
	return writeRing(r.path, file)
}

func freshRingKey(version uint32) ringKey {
	raw := make([]byte, keySize)
	_, _ = rand.Read(raw)
	return ringKey{Version: version, MadeAt: time.Now().UTC().Truncate(time.Second), Key: raw}
}

// writeRing puts the new file in the place of the old one in a single step: a crash leaves one or the other, never half.
func writeRing(path string, file ringFile) (err error) {
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
	if _, err = tmp.Write(append(text, '\n')); err == nil {
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

func (r *FileRing) reload() error {
	file, info, err := readRing(r.path)
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
	r.now.Store(state)
	return nil
}

// current is the state of the file as it is now. Wrapping under a version that somebody has meanwhile retired would lose the case.
func (r *FileRing) current() (*ringState, error) {
	state := r.now.Load()
	info, err := os.Lstat(r.path)
	if err != nil {
		return nil, fmt.Errorf("look at key ring: %w", err)
	}
	if os.SameFile(info, state.file) && info.ModTime().Equal(state.file.ModTime()) {
		return state, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.reload(); err != nil {
		return nil, err
	}
	return r.now.Load(), nil
}

// kek finds a key-encryption key, reading the file again when the version is new to us.
func (r *FileRing) kek(c Compartment, version uint32) (cipher.AEAD, error) {
	state := r.now.Load()
	if kek := state.keks[c][version]; kek != nil {
		return kek, nil
	}
	if version <= state.newest[c] { // a version that was there once and has been retired, or never was
		return nil, fmt.Errorf("%w: %s key-encryption key %d is gone", ErrForged, c, version)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now.Load() == state {
		if err := r.reload(); err != nil {
			return nil, err
		}
	}
	if kek := r.now.Load().keks[c][version]; kek != nil {
		return kek, nil
	}
	return nil, fmt.Errorf("%w: no %s key-encryption key %d", ErrForged, c, version)
}

// NewKeys makes and wraps fresh data keys.
func (r *FileRing) NewKeys(ctx context.Context, owner uuid.UUID, cs ...Compartment) (*Keys, []Wrapped, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	if owner == uuid.Nil || len(cs) == 0 {
		return nil, nil, fmt.Errorf("%w: new keys want an owner and a compartment", ErrPlace)
	}
	if err := r.ledger.forgotten(owner); err != nil {
		return nil, nil, err
	}
	state, err := r.current()
	if err != nil {
		return nil, nil, err
	}
	keys, ws := make([]dataKey, 0, len(cs)), make([]Wrapped, 0, len(cs))
	raw := make([]byte, keySize)
	for i, c := range cs {
		for _, earlier := range cs[:i] {
			if c == earlier {
				return nil, nil, fmt.Errorf("%w: %s twice", ErrPlace, c)
			}
		}
		version := state.newest[c]
		kek := state.keks[c][version]
		if kek == nil {
			return nil, nil, fmt.Errorf("%w: compartment", ErrPlace)
		}
		id := freshKey(raw)
		ws = append(ws, wrap(kek, version, owner, c, id, raw))
		key, err := newDataKey(c, id, raw)
		if err != nil {
			return nil, nil, err
		}
		keys = append(keys, key)
	}
	return &Keys{&keyState{owner: owner, keys: keys}}, ws, nil
}

// Unwrap opens stored data keys.
func (r *FileRing) Unwrap(ctx context.Context, _ For, owner uuid.UUID, ws ...Wrapped) (*Keys, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if owner == uuid.Nil {
		return nil, fmt.Errorf("%w: owner", ErrPlace)
	}
	if len(ws) > MaxUnwrap {
		return nil, fmt.Errorf("%w: %d wrapped keys", ErrTooMuch, len(ws))
	}
	if err := r.ledger.forgotten(owner); err != nil {
		return nil, err
	}
	keys := make([]dataKey, 0, len(ws))
	room := make([]byte, keySize)
	for _, w := range ws {
		key, err := r.unwrapOne(owner, w, room)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return &Keys{&keyState{owner: owner, keys: keys}}, nil
}

func (r *FileRing) unwrapOne(owner uuid.UUID, w Wrapped, room []byte) (dataKey, error) {
	version, _, _, err := w.parse()
	if err != nil {
		return dataKey{}, err
	}
	kek, err := r.kek(w.Compartment, version)
	if err != nil {
		return dataKey{}, err
	}
	raw, id, err := unwrap(kek, owner, w, room)
	if err != nil {
		return dataKey{}, err
	}
	return newDataKey(w.Compartment, id, raw)
}

// MAC marks value for an index. Each index has a key of its own, drawn from the ring's index key by its name.
func (r *FileRing) MAC(ctx context.Context, index string, value []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	state := r.now.Load()
	pool, ok := state.marks.Load(index)
	if !ok {
		if !indexName(index) {
			return nil, fmt.Errorf("%w: index name", ErrPlace)
		}
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

// Match compares inside the ring.
func (r *FileRing) Match(ctx context.Context, _ For, q Query, rows []Candidate) ([]uuid.UUID, error) {
	if len(rows) > MaxMatch {
		return nil, fmt.Errorf("%w: %d rows", ErrTooMuch, len(rows))
	}
	m, err := newMatcher(q)
	if err != nil {
		return nil, err
	}
	var damaged Damaged
	room := make([]byte, keySize)
	for i := range rows {
		if i%64 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		row := &rows[i]
		if err := r.ledger.forgotten(row.Case); errors.Is(err, ErrForgotten) {
			continue // whoever was erased is not found, and is no damage either
		} else if err != nil {
			return nil, err
		}
		plain, err := r.openCandidate(row, room)
		if err == nil {
			err = m.look(row.Case, plain)
			clear(plain)
		}
		if err != nil {
			damaged.Cases = append(damaged.Cases, row.Case)
		}
	}
	if len(damaged.Cases) > 0 {
		return m.best(), &damaged
	}
	return m.best(), nil
}

func (r *FileRing) openCandidate(row *Candidate, room []byte) ([]byte, error) {
	if row.Place.Owner != row.Case || row.Place.Compartment != row.Key.Compartment {
		return nil, ErrForged
	}
	key, err := r.unwrapOne(row.Case, row.Key, room)
	if err != nil {
		return nil, err
	}
	return (&Keys{&keyState{owner: row.Case, keys: []dataKey{key}}}).Open(row.Place, row.Sealed)
}

// Rotate adds a key-encryption key to every compartment. From now on keys are wrapped under it; what is stored stays readable, and Rewrap
// moves it over row by row while people work.
func (r *FileRing) Rotate(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := r.change(func(f *ringFile) error {
		for c, keys := range f.KEKs {
			newest := uint32(0)
			for _, key := range keys {
				newest = max(newest, key.Version)
			}
			f.KEKs[c] = append(keys, freshRingKey(newest+1))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("rotate key ring: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reload()
}

// Rewrap closes a stored key under the newest key-encryption key. Changed is false when it already was. The data key itself, and so every
// value sealed under it, stays as it is.
func (r *FileRing) Rewrap(ctx context.Context, owner uuid.UUID, w Wrapped) (again Wrapped, changed bool, err error) {
	if err := ctx.Err(); err != nil {
		return Wrapped{}, false, err
	}
	if err := r.ledger.forgotten(owner); err != nil {
		return Wrapped{}, false, err
	}
	version, _, _, err := w.parse()
	if err != nil {
		return Wrapped{}, false, err
	}
	kek, err := r.kek(w.Compartment, version)
	if err != nil {
		return Wrapped{}, false, err
	}
	raw, id, err := unwrap(kek, owner, w, make([]byte, keySize))
	if err != nil {
		return Wrapped{}, false, err
	}
	defer clear(raw)
	state, err := r.current()
	if err != nil {
		return Wrapped{}, false, err
	}
	newest := state.newest[w.Compartment]
	if version == newest {
		return w, false, nil
	}
	return wrap(state.keks[w.Compartment][newest], newest, owner, w.Compartment, id, raw), true, nil
}

// Retire removes key-encryption keys older than version from every compartment. Whatever is still wrapped under them is lost for good: count
// the stored keys first (their version is in bytes 1 to 4) and retire at zero. It refuses while version is younger than an hour, since an act
// that began before the rotation may not have stored its key yet.
func (r *FileRing) Retire(ctx context.Context, version uint32) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := r.change(func(f *ringFile) error {
		for c, keys := range f.KEKs {
			kept := make([]ringKey, 0, len(keys))
			for _, key := range keys {
				if key.Version == version && time.Since(key.MadeAt) < time.Hour {
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
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reload()
}

// Sign signs a checkpoint.
func (r *FileRing) Sign(ctx context.Context, _ For, msg []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if _, _, _, err := ParseCheckpoint(msg); err != nil {
		return nil, err
	}
	state := r.now.Load()
	if state.sign == nil {
		return nil, errors.New("the key ring has no signing key")
	}
	return ed25519.Sign(state.sign, msg), nil
}

// VerifierKey is the public half.
func (r *FileRing) VerifierKey(ctx context.Context) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	state := r.now.Load()
	if state.sign == nil {
		return "", errors.New("the key ring has no signing key")
	}
	return verifierKey(state.sign.Public().(ed25519.PublicKey)), nil
}

// Forget writes the ledger first and then notes its new head in the ring: a crash between the two leaves a ledger that is longer than the ring
// remembers, which is sound.
func (r *FileRing) Forget(ctx context.Context, _ For, e Erasure) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := r.change(func(f *ringFile) error {
		head, err := r.ledger.forget(e)
		f.Ledger = &head
		return err
	})
	if err != nil {
		return fmt.Errorf("forget: %w", err)
	}
	return nil
}

// Forgotten lists the ledger.
func (r *FileRing) Forgotten(ctx context.Context, after int) ([]Erasure, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return r.ledger.after(after)
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
