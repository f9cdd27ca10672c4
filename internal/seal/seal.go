// Package seal keeps what a survivor told us unreadable to everybody who holds only the disk, the backup, the database or the wire to it.
//
// What is sealed. Each record of a case is written as one sealed value per compartment: identity, safety, narrative, evidence; and
// disclosure, which belongs to a referral and is what a receiver was shown. One value per compartment, not one per field: it costs a tenth,
// and lengths say less. The compartments follow the classes of disclosure, so "may not see the whereabouts" means "is given no key".
//
// How. Each case has one random 256-bit data key for each compartment. A data key is stored only wrapped by the key-encryption key of that
// compartment, which never leaves a KeyRing. A value is AES-256-GCM under its data key, and its Place (table, column, row, owner,
// compartment) is authenticated with it: a value that was moved to another row, column or case does not open. Values are padded, so that a
// long story and a longer one look alike. Erasing a case is deleting its wrapped keys.
//
// What it promises. Without the ring nothing opens; with the ring nothing opens in the wrong place; no error, log line or printed value of
// this package holds a key or a plaintext. What it leaves to others: who may ask (gate), counting and slowing those who ask too much (the
// key process behind KeyRing), and the memory of a machine that has been taken over while people work on it. Go cannot wipe the expanded key
// inside a cipher; Close drops it and the collector reuses the memory in its own time. See docs/decisions/sealing.md.
package seal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/google/uuid"
)

// Compartment is a class of disclosure that has keys of its own.
type Compartment string

const (
	// Identity: who the people are; registered name, phone, id number, the perpetrator's identity.
	Identity Compartment = "identity"
	// Safety: where somebody is and how to reach her without being seen; whereabouts, safe contact, shelter.
	Safety Compartment = "safety"
	// Narrative: every other free text, reasons included.
	Narrative Compartment = "narrative"
	// Evidence: files, their names and descriptions.
	Evidence Compartment = "evidence"
	// Disclosure: the snapshot that a referral shows to its receiver. Its owner is the referral.
	Disclosure Compartment = "disclosure"
)

// Compartments lists them all, in the order in which they are written down.
var Compartments = []Compartment{Identity, Safety, Narrative, Evidence, Disclosure}

// step is the multiple to which a plaintext of this compartment is padded, in bytes; 0 for a compartment that does not exist.
func (c Compartment) step() int {
	switch c {
	case Identity, Safety, Evidence:
		return 256
	case Narrative, Disclosure:
		return 1024
	}
	return 0
}

// Known tells whether c is one of Compartments.
func (c Compartment) Known() bool { return c.step() != 0 }

var (
	// ErrForged says that a sealed value or a wrapped key is not what was sealed for this place: altered, cut, or moved. It is a security
	// event, never a user's mistake.
	ErrForged = errors.New("seal: the value was not sealed for this place")
	// ErrNoKey says that these keys were not made for the owner or the compartment of the place.
	ErrNoKey = errors.New("seal: no key for this owner and compartment")
	// ErrClosed says that the keys have been wiped.
	ErrClosed = errors.New("seal: keys are closed")
	// ErrPlace says that a place is not fully named. It is a mistake of the program.
	ErrPlace = errors.New("seal: incomplete place")
	// ErrTooMuch says that more was asked at once than a ring does: MaxUnwrap keys, MaxMatch rows, MaxPlain bytes.
	ErrTooMuch = errors.New("seal: too much at once")
	// ErrBudget says that the asker, or all together, have opened as much as is allowed for now. It is an alarm, and it passes.
	ErrBudget = errors.New("seal: too many keys opened")
	// ErrUnavailable says that the ring is closed or does not answer. Nothing was opened and nothing is lost.
	ErrUnavailable = errors.New("seal: the keys do not answer")
	// ErrNoQuery says that a query names nothing that could be looked for.
	ErrNoQuery = errors.New("seal: empty query")
)

const (
	// MaxPlain is the longest value that can be sealed, in bytes. Files go through package evidence.
	MaxPlain = 4 << 20
	// MaxUnwrap is the largest number of wrapped keys opened by one call.
	MaxUnwrap = 50
	// MaxMatch is the largest number of rows looked through by one call.
	MaxMatch = 2000
	// MaxFresh is the largest number of owners whose keys one call makes.
	MaxFresh = 100
	// MaxMarks is the largest number of values that one call marks.
	MaxMarks = 2000
)

// For says on whose behalf a ring is asked. The key process counts and logs by it; it holds ids and names of acts, nothing of a survivor.
type For struct {
	Actor   string
	Session string
	Act     string
}

// KeyRing holds the keys that never leave it. FileRing is one in a file; the application speaks to one in a process of its own (package keyd),
// behind the same methods and the same suite (package sealtest).
type KeyRing interface {
	// NewKeys makes a fresh data key for each compartment of owner, ready for use and wrapped for storing, in the order asked.
	NewKeys(ctx context.Context, owner uuid.UUID, cs ...Compartment) (*Keys, []Wrapped, error)
	// Unwrap opens the stored keys of one owner, at most MaxUnwrap. A key wrapped for another owner or compartment gives ErrForged. Where a
	// compartment has several keys, give them oldest first: the last one seals.
	Unwrap(ctx context.Context, f For, owner uuid.UUID, ws ...Wrapped) (*Keys, error)
	// MAC is a keyed one-way mark of value, 32 bytes, different for each index ("fact", "phone", …). Equal values have equal marks and
	// nobody without the ring can compute one.
	MAC(ctx context.Context, index string, value []byte) ([]byte, error)
	// Fresh makes the keys of new owners, each with the same compartments, and marks values, in one question: the ring sits in another process, and being
	// asked is what it costs. Everything comes in the order asked; all of it, or an error. At most MaxFresh owners (none is fine) and MaxMarks marks.
	Fresh(ctx context.Context, owners []uuid.UUID, cs []Compartment, marks []Mark) ([]*Keys, [][]Wrapped, [][]byte, error)
	// Match opens the candidates inside the ring, compares them with the query and returns the cases that fit, best first; the caller
	// never sees a name that did not match. At most MaxMatch rows. When rows do not open the error is a *Damaged and the ids of the others
	// are still good.
	Match(ctx context.Context, f For, q Query, rows []Candidate) ([]uuid.UUID, error)
}

// Mark names a value and the index whose key shall mark it.
type Mark struct {
	Index string
	Value []byte
}

const markHidden = "seal.Mark(…)"

// String hides the value: it may be somebody's number.
func (Mark) String() string { return markHidden }

// GoString hides the value.
func (Mark) GoString() string { return markHidden }

// Format hides the value under every verb.
func (Mark) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(markHidden)) }

// LogValue hides the value.
func (Mark) LogValue() slog.Value { return slog.StringValue(markHidden) }

// MarshalJSON hides the value.
func (Mark) MarshalJSON() ([]byte, error) { return []byte(`"` + markHidden + `"`), nil }

// Query is what is looked for. Every part that is given must fit.
type Query struct {
	Name     string
	Phone    string
	IDNumber string
}

// Candidate is a row that the asker may see: the wrapped key of its identity and the value sealed at Place, which opens to a JSON object
// with the members "name", "phone" and "id_number" (each may be missing).
type Candidate struct {
	Case   uuid.UUID
	Key    Wrapped
	Place  Place
	Sealed []byte
}

// Damaged lists the cases whose sealed identity did not open during Match. It is ErrForged to errors.Is.
type Damaged struct{ Cases []uuid.UUID }

// Error names ids only.
func (d *Damaged) Error() string {
	return fmt.Sprintf("%v: %d rows: %v", ErrForged, len(d.Cases), d.Cases)
}

// Unwrap makes it ErrForged.
func (d *Damaged) Unwrap() error { return ErrForged }

const queryHidden = "seal.Query(…)"

// String hides the query: it is a survivor's name.
func (Query) String() string { return queryHidden }

// GoString hides the query.
func (Query) GoString() string { return queryHidden }

// Format hides the query under every verb.
func (Query) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(queryHidden)) }

// LogValue hides the query.
func (Query) LogValue() slog.Value { return slog.StringValue(queryHidden) }

// MarshalJSON hides the query.
func (Query) MarshalJSON() ([]byte, error) { return []byte(`"` + queryHidden + `"`), nil }
