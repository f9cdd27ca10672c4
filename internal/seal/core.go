package seal

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"

	"github.com/google/uuid"

	"binhan/internal/chain"
)

// Vault holds the key-encryption keys, the index key and the signing key, and does with them the little that a Core needs. The keys never leave
// it. A file is one (FileRing), an OpenBao server and a PKCS#11 module are others (package keyd); all pass the same suite.
type Vault interface {
	// Newest is the version under which data keys of c are wrapped from now on. ErrPlace for a compartment that has none.
	Newest(ctx context.Context, c Compartment) (uint32, error)
	// Wrap closes Raw of every box into Sealed: nonce 12, ciphertext 32, tag 16, with Bound authenticated.
	Wrap(ctx context.Context, boxes []Box) error
	// Unwrap opens Sealed of every box into Raw. A box that does not open has ErrForged in Err; the returned error is a vault that does not
	// answer.
	Unwrap(ctx context.Context, boxes []Box) error
	// MAC marks value for an index whose name was checked.
	MAC(ctx context.Context, index string, value []byte) ([]byte, error)
	// Sign signs a message that was checked.
	Sign(ctx context.Context, msg []byte) ([]byte, error)
	// Public is the public half of the signing key.
	Public(ctx context.Context) (ed25519.PublicKey, error)
	// Rotate adds a version to every compartment.
	Rotate(ctx context.Context) error
	// Retire makes versions older than version unusable for good.
	Retire(ctx context.Context, version uint32) error
}

// Box is a data key on its way through a Vault.
type Box struct {
	Compartment Compartment
	Version     uint32
	Bound       []byte // authenticated with it: owner, compartment, version, key id
	Raw         []byte
	Sealed      []byte
	Err         error
}

// Opened is a data key in the clear, on its way from the key process to the one request that asked. It exists in two places only: the protocol of
// package keyd and Hold, which wipes it.
type Opened struct {
	Compartment Compartment
	ID          [keyIDSize]byte
	Raw         [keySize]byte
}

const openedHidden = "seal.Opened(…)"

// String hides the key.
func (Opened) String() string { return openedHidden }

// GoString hides the key.
func (Opened) GoString() string { return openedHidden }

// Format hides the key under every verb.
func (Opened) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(openedHidden)) }

// LogValue hides the key.
func (Opened) LogValue() slog.Value { return slog.StringValue(openedHidden) }

// MarshalJSON hides the key.
func (Opened) MarshalJSON() ([]byte, error) { return []byte(`"` + openedHidden + `"`), nil }

// Hold makes Keys of opened data keys and wipes these.
func Hold(owner uuid.UUID, opened []Opened) (*Keys, error) {
	keys := make([]dataKey, 0, len(opened))
	for i := range opened {
		o := &opened[i]
		key, err := newDataKey(o.Compartment, o.ID, o.Raw[:])
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return &Keys{&keyState{owner: owner, keys: keys}}, nil
}

// Core is a ring over a Vault and a ledger of erasures: everything that does not depend on where the keys lie. Safe for concurrent use.
type Core struct {
	vault  Vault
	ledger ledger
}

// NewCore makes a ring over v with the ledger of erasures at path.
func NewCore(v Vault, ledgerPath string) *Core {
	return &Core{vault: v, ledger: ledger{path: ledgerPath}}
}

// FreshKeys makes and wraps fresh data keys.
func (r *Core) FreshKeys(ctx context.Context, owner uuid.UUID, cs ...Compartment) ([]Opened, []Wrapped, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	if owner == uuid.Nil || len(cs) == 0 || len(cs) > len(Compartments) {
		return nil, nil, fmt.Errorf("%w: new keys want an owner and compartments", ErrPlace)
	}
	if err := r.ledger.forgotten(owner); err != nil {
		return nil, nil, err
	}
	opened, boxes := make([]Opened, len(cs)), make([]Box, len(cs))
	for i, c := range cs {
		for _, earlier := range cs[:i] {
			if c == earlier {
				return nil, nil, fmt.Errorf("%w: %s twice", ErrPlace, c)
			}
		}
		version, err := r.vault.Newest(ctx, c)
		if err != nil {
			return nil, nil, err
		}
		opened[i].Compartment = c
		opened[i].ID = freshKey(opened[i].Raw[:])
		boxes[i] = Box{Compartment: c, Version: version, Bound: appendKeyCanonical(make([]byte, 0, 96), owner, c, version, opened[i].ID), Raw: opened[i].Raw[:]}
	}
	if err := r.vault.Wrap(ctx, boxes); err != nil {
		return nil, nil, err
	}
	ws := make([]Wrapped, len(cs))
	for i := range boxes {
		w, err := wrapped(boxes[i].Compartment, boxes[i].Version, opened[i].ID, boxes[i].Sealed)
		if err != nil {
			return nil, nil, err
		}
		ws[i] = w
	}
	return opened, ws, nil
}

// NewKeys makes and wraps fresh data keys, ready for use.
func (r *Core) NewKeys(ctx context.Context, owner uuid.UUID, cs ...Compartment) (*Keys, []Wrapped, error) {
	opened, ws, err := r.FreshKeys(ctx, owner, cs...)
	if err != nil {
		return nil, nil, err
	}
	keys, err := Hold(owner, opened)
	return keys, ws, err
}

// OpenKeys opens stored data keys.
func (r *Core) OpenKeys(ctx context.Context, owner uuid.UUID, ws ...Wrapped) ([]Opened, error) {
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
	opened, boxes := make([]Opened, len(ws)), make([]Box, len(ws))
	room := make([]byte, 0, 96*len(ws))
	for i, w := range ws {
		var err error
		if room, err = w.box(owner, &opened[i], &boxes[i], room); err != nil {
			return nil, err
		}
	}
	if err := r.vault.Unwrap(ctx, boxes); err != nil {
		return nil, err
	}
	for i := range boxes {
		if boxes[i].Err != nil {
			for j := range opened {
				clear(opened[j].Raw[:])
			}
			return nil, fmt.Errorf("%w: wrapped %s key of %s", boxes[i].Err, ws[i].Compartment, owner)
		}
	}
	return opened, nil
}

// Unwrap opens stored data keys, ready for use.
func (r *Core) Unwrap(ctx context.Context, _ For, owner uuid.UUID, ws ...Wrapped) (*Keys, error) {
	opened, err := r.OpenKeys(ctx, owner, ws...)
	if err != nil {
		return nil, err
	}
	return Hold(owner, opened)
}

// MAC marks value for an index. Each index has a key of its own.
func (r *Core) MAC(ctx context.Context, index string, value []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !indexName(index) {
		return nil, fmt.Errorf("%w: index name", ErrPlace)
	}
	return r.vault.MAC(ctx, index, value)
}

// Fresh makes keys and marks.
func (r *Core) Fresh(ctx context.Context, owners []uuid.UUID, cs []Compartment, marks []Mark) ([]*Keys, [][]Wrapped, [][]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, nil, err
	}
	if len(owners) > MaxFresh || len(marks) > MaxMarks {
		return nil, nil, nil, fmt.Errorf("%w: %d owners, %d marks", ErrTooMuch, len(owners), len(marks))
	}
	sums, err := r.Marks(ctx, marks)
	if err != nil {
		return nil, nil, nil, err
	}
	keys, wrapped := make([]*Keys, 0, len(owners)), make([][]Wrapped, 0, len(owners))
	for _, owner := range owners {
		k, ws, err := r.NewKeys(ctx, owner, cs...)
		if err != nil {
			for _, k := range keys {
				k.Close()
			}
			return nil, nil, nil, err
		}
		keys, wrapped = append(keys, k), append(wrapped, ws)
	}
	return keys, wrapped, sums, nil
}

// Marks are the marks of many values. They are asked for side by side: a vault may sit behind a wire.
func (r *Core) Marks(ctx context.Context, marks []Mark) ([][]byte, error) {
	const together = 8
	sums, errs := make([][]byte, len(marks)), make([]error, min(together, (len(marks)+3)/4))
	var wait sync.WaitGroup
	for w := range errs {
		wait.Go(func() {
			for i := w; i < len(marks) && errs[w] == nil; i += len(errs) {
				sums[i], errs[w] = r.MAC(ctx, marks[i].Index, marks[i].Value)
			}
		})
	}
	wait.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return sums, nil
}

// matchStep is how many rows are opened before Match looks whether the request has ended; also the batch of a vault that is asked over a wire.
const matchStep = 250

// Match compares inside the ring.
func (r *Core) Match(ctx context.Context, _ For, q Query, rows []Candidate) ([]uuid.UUID, error) {
	if len(rows) > MaxMatch {
		return nil, fmt.Errorf("%w: %d rows", ErrTooMuch, len(rows))
	}
	m, err := newMatcher(q)
	if err != nil {
		return nil, err
	}
	var damaged Damaged
	opened, boxes, at := make([]Opened, matchStep), make([]Box, 0, matchStep), make([]int, 0, matchStep)
	room := make([]byte, 0, 96*matchStep)
	defer func() {
		for i := range opened {
			clear(opened[i].Raw[:])
		}
	}()
	for from := 0; from < len(rows); from += matchStep {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		part := rows[from:min(from+matchStep, len(rows))]
		boxes, at, room = boxes[:0], at[:0], room[:0]
		if err := r.ledger.fresh(); err != nil {
			return nil, err
		}
		bad := make([]bool, len(part))
		for i := range part {
			row := &part[i]
			if r.ledger.holds(row.Case) {
				continue // whoever was erased is not found, and is no damage either
			}
			var err error
			boxes = append(boxes, Box{})
			at = append(at, i)
			if row.Place.Owner != row.Case || row.Place.Compartment != row.Key.Compartment {
				err = ErrForged
			} else {
				room, err = row.Key.box(row.Case, &opened[i], &boxes[len(boxes)-1], room)
			}
			if err != nil {
				bad[i] = true
				boxes, at = boxes[:len(boxes)-1], at[:len(at)-1]
			}
		}
		if err := r.vault.Unwrap(ctx, boxes); err != nil {
			return nil, err
		}
		for b := range boxes {
			i := at[b]
			bad[i] = boxes[b].Err != nil || look(m, &part[i], &opened[i]) != nil
		}
		for i := range part {
			if bad[i] {
				damaged.Cases = append(damaged.Cases, part[i].Case)
			}
		}
	}
	if len(damaged.Cases) > 0 {
		return m.best(), &damaged
	}
	return m.best(), nil
}

// look opens one identity and compares it.
func look(m *matcher, row *Candidate, o *Opened) error {
	key, err := newDataKey(o.Compartment, o.ID, o.Raw[:])
	if err != nil {
		return err
	}
	plain, err := (&Keys{&keyState{owner: row.Case, keys: []dataKey{key}}}).Open(row.Place, row.Sealed)
	if err != nil {
		return err
	}
	defer clear(plain)
	return m.look(row.Case, plain)
}

// Sign signs a checkpoint and nothing else.
func (r *Core) Sign(ctx context.Context, _ For, msg []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if _, _, _, err := ParseCheckpoint(msg); err != nil {
		return nil, err
	}
	return r.vault.Sign(ctx, msg)
}

// VerifierKey is the public half, as notes write it.
func (r *Core) VerifierKey(ctx context.Context) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	public, err := r.vault.Public(ctx)
	if err != nil {
		return "", err
	}
	return verifierKey(public), nil
}

// Forget writes the ledger.
func (r *Core) Forget(ctx context.Context, _ For, e Erasure) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	_, err := r.ledger.forget(e)
	return err
}

// Forgotten lists the ledger.
func (r *Core) Forgotten(ctx context.Context, after int) ([]Erasure, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return r.ledger.after(after)
}

// Ledger is the head of the ledger of erasures, for whoever notes it elsewhere.
func (r *Core) Ledger() (chain.Head, error) {
	if err := r.ledger.fresh(); err != nil {
		return chain.Head{}, err
	}
	r.ledger.mu.RLock()
	defer r.ledger.mu.RUnlock()
	return r.ledger.head, nil
}

// HoldLedger refuses a ledger of erasures that does not go through the head that was noted: it was cut, or is another.
func (r *Core) HoldLedger(noted *chain.Head) error {
	if err := r.ledger.fresh(); err != nil {
		return err
	}
	if noted == nil || noted.Lines == 0 {
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
		return fmt.Errorf("the erasure ledger does not reach entry %d, which is remembered: %w", noted.Lines, err)
	}
	return nil
}

// Newest is the version under which data keys of c are wrapped now.
func (r *Core) Newest(ctx context.Context, c Compartment) (uint32, error) {
	return r.vault.Newest(ctx, c)
}

// Rotate adds a key-encryption key to every compartment. From now on keys are wrapped under it; what is stored stays readable, and Rewrap
// moves it over row by row while people work.
func (r *Core) Rotate(ctx context.Context) error { return r.vault.Rotate(ctx) }

// Retire removes key-encryption keys older than version from every compartment. Whatever is still wrapped under them is lost for good: count
// the stored keys first (their version is in bytes 1 to 4) and retire at zero. It refuses while version is younger than an hour, since an act
// that began before the rotation may not have stored its key yet.
func (r *Core) Retire(ctx context.Context, version uint32) error { return r.vault.Retire(ctx, version) }

// RewrapInside does the same for a wrapped key that lies, under the name "key", inside a sealed JSON object, as the key of a file does. The object is
// opened and sealed again inside the ring; whoever asked sees neither. key opens the object.
func (r *Core) RewrapInside(ctx context.Context, key Wrapped, p Place, sealed []byte) (again []byte, changed bool, err error) {
	keys, err := r.Unwrap(ctx, For{}, p.Owner, key)
	if err != nil {
		return nil, false, err
	}
	defer keys.Close()
	plain, err := keys.Open(p, sealed)
	if err != nil {
		return nil, false, err
	}
	defer clear(plain)
	var object map[string]json.RawMessage
	var inside []byte
	if json.Unmarshal(plain, &object) != nil || json.Unmarshal(object["key"], &inside) != nil {
		return nil, false, forged(p)
	}
	moved, changed, err := r.Rewrap(ctx, p.Owner, Wrapped{Compartment: p.Compartment, Key: inside})
	if err != nil || !changed {
		return nil, false, err
	}
	if object["key"], err = json.Marshal(moved.Key); err != nil {
		return nil, false, err
	}
	text, err := json.Marshal(object)
	if err != nil {
		return nil, false, err
	}
	defer clear(text)
	again, err = keys.Seal(p, text)
	return again, err == nil, err
}

// Rewrap closes a stored key under the newest key-encryption key. Changed is false when it already was. The data key itself, and so every
// value sealed under it, stays as it is.
func (r *Core) Rewrap(ctx context.Context, owner uuid.UUID, w Wrapped) (again Wrapped, changed bool, err error) {
	version, _, _, err := w.parse()
	if err != nil {
		return Wrapped{}, false, err
	}
	opened, err := r.OpenKeys(ctx, owner, w)
	if err != nil {
		return Wrapped{}, false, err
	}
	defer clear(opened[0].Raw[:])
	newest, err := r.vault.Newest(ctx, w.Compartment)
	if err != nil {
		return Wrapped{}, false, err
	}
	if version == newest {
		return w, false, nil
	}
	boxes := []Box{{Compartment: w.Compartment, Version: newest, Bound: appendKeyCanonical(make([]byte, 0, 96), owner, w.Compartment, newest, opened[0].ID), Raw: opened[0].Raw[:]}}
	if err := r.vault.Wrap(ctx, boxes); err != nil {
		return Wrapped{}, false, err
	}
	again, err = wrapped(w.Compartment, newest, opened[0].ID, boxes[0].Sealed)
	return again, err == nil, err
}
