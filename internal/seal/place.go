package seal

import (
	"encoding/binary"
	"fmt"

	"github.com/google/uuid"
)

// Place is where a sealed value lives. It is authenticated with the value, so that whoever can write the database cannot move a story from
// one row, column or case to another. Owner is the case, or the referral for Disclosure.
type Place struct {
	Table       string
	Column      string
	Row         uuid.UUID
	Owner       uuid.UUID
	Compartment Compartment
}

const (
	placeLabel = "f/v1"
	keyLabel   = "dek/v1"
)

// appendText writes a length and then the bytes, so that no two lists of texts give the same bytes.
func appendText[T ~string | ~[]byte](b []byte, text T) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(text)))
	return append(b, text...)
}

// appendCanonical writes the one form of a place. Two different places never give equal bytes (FuzzPlaceIsInjective).
func (p Place) appendCanonical(b []byte) []byte {
	b = appendText(b, placeLabel)
	b = appendText(b, p.Table)
	b = appendText(b, p.Column)
	b = appendText(b, p.Row[:])
	b = appendText(b, p.Owner[:])
	return appendText(b, string(p.Compartment))
}

// Canonical is the form of the place that is authenticated: every part behind its length.
func (p Place) Canonical() []byte { return p.appendCanonical(make([]byte, 0, 160)) }

// check refuses a place with a part missing; sealing there would be found out only by the swap that it allows.
func (p Place) check() error {
	switch {
	case p.Table == "" || len(p.Table) > 63, p.Column == "" || len(p.Column) > 63:
		return fmt.Errorf("%w: table and column", ErrPlace)
	case p.Row == uuid.Nil, p.Owner == uuid.Nil:
		return fmt.Errorf("%w: row and owner", ErrPlace)
	case !p.Compartment.Known():
		return fmt.Errorf("%w: compartment", ErrPlace)
	}
	return nil
}

// appendKeyCanonical writes what is authenticated with a wrapped key.
func appendKeyCanonical(b []byte, owner uuid.UUID, c Compartment, kek uint32, id keyID) []byte {
	b = appendText(b, keyLabel)
	b = appendText(b, owner[:])
	b = appendText(b, string(c))
	b = binary.BigEndian.AppendUint32(b, kek)
	return append(b, id[:]...)
}
