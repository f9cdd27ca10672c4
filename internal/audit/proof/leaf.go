package proof

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Version is how the leaves of new seals are written. An old version is read for ever: its seals say which one it was.
const Version = 1

// columns are those of audit.entries, every one of them, in the order of version 1. A column that comes later makes version 2.
var columns = [...]string{"id", "at", "xact", "actor", "organisation", "role", "session", "act", "kind", "subject", "case_id", "classes", "decision", "standing", "reason", "note",
	"request", "client", "device", "unwraps", "condition"}

const (
	columnID = iota
	columnAt
	columnXact
)

// readEntry is the expression that gives an entry e as Entry.scan reads it: all columns in one value, in the wire format of PostgreSQL, which says the length of
// each and tells nothing from empty. Asking for one value instead of twenty-one makes reading a million of them three times as fast.
var readEntry = "record_send(row(e." + strings.Join(columns[:], ", e.") + "))"

// Entry is one entry of the record as the tree sees it: the bytes of each column.
type Entry struct {
	ID    int64
	At    time.Time
	Xact  uint64
	bytes [len(columns)][]byte // nil where there is nothing
}

var errEntry = errors.New("an entry came in a form that this program does not know")

// scan reads the value of readEntry. The bytes are those of raw.
func (e *Entry) scan(raw []byte) error {
	if len(raw) < 4 || binary.BigEndian.Uint32(raw) != uint32(len(columns)) {
		return errEntry
	}
	raw = raw[4:]
	for i := range e.bytes {
		if len(raw) < 8 {
			return errEntry
		}
		n := int32(binary.BigEndian.Uint32(raw[4:])) // after the type's number
		raw = raw[8:]
		if n == -1 {
			e.bytes[i] = nil
			continue
		}
		if n < 0 || int(n) > len(raw) {
			return errEntry
		}
		e.bytes[i], raw = raw[:n:n], raw[n:]
	}
	if len(raw) != 0 || len(e.bytes[columnID]) != 8 || len(e.bytes[columnAt]) != 8 || len(e.bytes[columnXact]) != 8 {
		return errEntry
	}
	e.ID = int64(binary.BigEndian.Uint64(e.bytes[columnID]))
	e.At = fromMicros(int64(binary.BigEndian.Uint64(e.bytes[columnAt])))
	e.Xact = binary.BigEndian.Uint64(e.bytes[columnXact])
	return nil
}

// fromMicros reads a timestamptz: microseconds since the year 2000.
func fromMicros(n int64) time.Time { return time.UnixMicro(n + 946_684_800_000_000).UTC() }

// leafPrefix keeps a leaf of the record from being a leaf of anything else.
const leafPrefix = "binhan audit entry 1\n"

// appendLeaf writes the leaf of an entry: the prefix, then each column as one byte (0 for nothing), the length in four and the bytes. Two different
// entries never give equal leaves, since a leaf can be read back (parseLeaf).
func (e *Entry) appendLeaf(b []byte) []byte {
	b = append(b, leafPrefix...)
	for _, v := range e.bytes {
		if v == nil {
			b = append(b, 0)
			continue
		}
		b = append(b, 1)
		b = binary.BigEndian.AppendUint32(b, uint32(len(v)))
		b = append(b, v...)
	}
	return b
}

// parseLeaf is the inverse of appendLeaf.
func parseLeaf(leaf []byte) (e Entry, err error) {
	rest, ok := strings.CutPrefix(string(leaf), leafPrefix)
	if !ok {
		return e, fmt.Errorf("no leaf of version %d", Version)
	}
	for i := range e.bytes {
		switch {
		case len(rest) >= 1 && rest[0] == 0:
			rest = rest[1:]
		case len(rest) >= 5 && rest[0] == 1:
			n := binary.BigEndian.Uint32([]byte(rest[1:5]))
			rest = rest[5:]
			if uint64(n) > uint64(len(rest)) {
				return e, errors.New("a leaf is cut")
			}
			e.bytes[i], rest = append([]byte{}, rest[:n]...), rest[n:]
		default:
			return e, errors.New("a leaf is cut")
		}
	}
	if rest != "" {
		return e, errors.New("a leaf has a tail")
	}
	return e, nil
}

// hash is the leaf's hash; buf is scratch.
func (e *Entry) hash(buf *[]byte) tlog.Hash {
	*buf = e.appendLeaf((*buf)[:0])
	return tlog.RecordHash(*buf)
}
