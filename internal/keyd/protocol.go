package keyd

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/google/uuid"

	"binhan/internal/seal"
)

// The protocol. A connection carries one request at a time; a client that wants several at once opens several.
//
//	request   length 4 | version 1 | operation 1 | milliseconds 4 | body
//	answer    length 4 | version 1 | outcome 1 | body
//
// The length counts what follows it. Milliseconds are how long the asker waits. Numbers are big-endian; a text is its length in 2 bytes and its
// bytes, a blob its length in 4. What does not end exactly with its frame is refused, so that one message has one reading.
const version = 1

type operation byte

const (
	opNewKeys operation = iota + 1
	opUnwrap
	opMatch
	opMAC
	opSign
	opVerifierKey
	opForget
	opForgotten
	opStatus
	// From here on for operators only.
	opSeal
	opUnseal
	opInit
	opReshare
	opRotate
	opRewrap
	opRetire
	opRelease
	opRewrapInside
	opTies  // for the application again: numbers that were given stay
	opFresh // for the application too
	opEnd
)

var operationNames = [...]string{"", "new_keys", "unwrap", "match", "mac", "sign", "verifier_key", "forget", "forgotten", "status", "seal", "unseal", "init", "reshare", "rotate", "rewrap", "retire", "release", "rewrap_inside", "ties", "fresh"}

func (o operation) String() string {
	if o == 0 || o >= opEnd {
		return "unknown"
	}
	return operationNames[o]
}

func (o operation) operatorOnly() bool { return o >= opSeal && o != opTies && o != opFresh }

// Bounds of a frame in bytes. A search brings sealed names; everything else is small.
const (
	maxFrame  = 24 << 20
	maxSmall  = 256 << 10
	maxRewrap = 500
	maxMAC    = 64 << 10
	headSize  = 1 + 1 + 4
)

func (o operation) limit() int {
	if o == opMatch || o == opTies {
		return maxFrame
	}
	return maxSmall
}

type outcome byte

const (
	fine outcome = iota
	failed
	damagedRows
	refusedPeer
	malformed
)

// outcomes carry the errors that a caller branches on.
var outcomes = map[outcome]error{
	10: seal.ErrForged, 11: seal.ErrNoKey, 12: seal.ErrPlace, 13: seal.ErrTooMuch, 14: seal.ErrNoQuery, 15: seal.ErrForgotten, 16: seal.ErrErasure,
	17: seal.ErrNotCheckpoint, 18: seal.ErrBudget, 19: seal.ErrUnavailable, 20: ErrShare, 21: ErrState, refusedPeer: ErrRefused, malformed: ErrProtocol,
}

func outcomeOf(err error) outcome {
	for o, target := range outcomes {
		if errors.Is(err, target) {
			return o
		}
	}
	return failed
}

// farError is an error of the process, with the sentence that it said.
type farError struct {
	kind error
	text string
}

func (e *farError) Error() string { return e.text }
func (e *farError) Unwrap() error { return e.kind }

var errFar = errors.New("keyd: failed")

// frame reads one frame into room, growing it up to limit(first two bytes). It returns what follows the length.
func frame(r io.Reader, room []byte, limit func(head []byte) int) ([]byte, error) {
	var head [6]byte // length, version, operation or outcome
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return room[:0], err
	}
	n := int(binary.BigEndian.Uint32(head[:4]))
	if n < 2 || n > limit(head[4:]) {
		return room[:0], fmt.Errorf("%w: a frame of %d bytes", ErrProtocol, n)
	}
	if cap(room) < n {
		room = make([]byte, n)
	}
	room = room[:n]
	copy(room, head[4:])
	_, err := io.ReadFull(r, room[2:])
	return room, err
}

// parser takes a body apart. The first thing that does not fit spoils it; nothing panics.
type parser struct {
	b   []byte
	bad bool
}

func (p *parser) take(n int) []byte {
	if p.bad || n < 0 || n > len(p.b) {
		p.bad = true
		return nil
	}
	out := p.b[:n:n]
	p.b = p.b[n:]
	return out
}

func (p *parser) u8() byte {
	if b := p.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (p *parser) u16() int {
	if b := p.take(2); b != nil {
		return int(binary.BigEndian.Uint16(b))
	}
	return 0
}

func (p *parser) u32() uint32 {
	if b := p.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (p *parser) text() string { return string(p.take(p.u16())) }

func (p *parser) blob() []byte {
	n := p.u32()
	if n > maxFrame {
		p.bad = true
		return nil
	}
	return p.take(int(n))
}

func (p *parser) id() (id uuid.UUID) {
	copy(id[:], p.take(16))
	return id
}

func (p *parser) asker() seal.For {
	return seal.For{Actor: p.text(), Session: p.text(), Act: p.text()}
}

func (p *parser) wrapped() seal.Wrapped {
	return seal.Wrapped{Compartment: seal.Compartment(p.text()), Key: p.take(p.u16())}
}

// end is an error unless everything was read and fitted.
func (p *parser) end() error {
	if p.bad || len(p.b) != 0 {
		return fmt.Errorf("%w: a body that is no request", ErrProtocol)
	}
	return nil
}

func putText[T ~string | ~[]byte](b []byte, s T) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(min(len(s), 0xffff)))
	return append(b, s[:min(len(s), 0xffff)]...)
}

func putBlob(b, s []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
	return append(b, s...)
}

func putFor(b []byte, f seal.For) []byte {
	return putText(putText(putText(b, f.Actor), f.Session), f.Act)
}

func putWrapped(b []byte, w seal.Wrapped) []byte {
	return putText(putText(b, string(w.Compartment)), w.Key)
}

func putOpened(b []byte, o *seal.Opened) []byte {
	b = putText(b, string(o.Compartment))
	b = append(b, o.ID[:]...)
	return append(b, o.Raw[:]...)
}

func (p *parser) opened(o *seal.Opened) {
	o.Compartment = seal.Compartment(p.text())
	copy(o.ID[:], p.take(len(o.ID)))
	copy(o.Raw[:], p.take(len(o.Raw)))
}

// A request's body, one type for each operation that has one.

type newKeysRequest struct {
	owner        uuid.UUID
	compartments []seal.Compartment
}

func (r newKeysRequest) put(b []byte) []byte {
	b = append(append(b, r.owner[:]...), byte(len(r.compartments)))
	for _, c := range r.compartments {
		b = putText(b, string(c))
	}
	return b
}

func parseNewKeys(body []byte) (r newKeysRequest, err error) {
	p := parser{b: body}
	r.owner = p.id()
	for range p.u8() {
		if p.bad {
			break
		}
		r.compartments = append(r.compartments, seal.Compartment(p.text()))
	}
	return r, p.end()
}

type unwrapRequest struct {
	f     seal.For
	owner uuid.UUID
	keys  []seal.Wrapped
}

func (r unwrapRequest) put(b []byte) []byte {
	b = append(putFor(b, r.f), r.owner[:]...)
	b = append(b, byte(len(r.keys)))
	for _, w := range r.keys {
		b = putWrapped(b, w)
	}
	return b
}

func parseUnwrap(body []byte) (r unwrapRequest, err error) {
	p := parser{b: body}
	r.f, r.owner = p.asker(), p.id()
	for range p.u8() {
		if p.bad {
			break
		}
		r.keys = append(r.keys, p.wrapped())
	}
	return r, p.end()
}

// freshRequest wants keys for new owners, and marks.
type freshRequest struct {
	owners       []uuid.UUID
	compartments []seal.Compartment
	marks        []seal.Mark
}

func (r freshRequest) put(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(len(r.owners)))
	for i := range r.owners {
		b = append(b, r.owners[i][:]...)
	}
	b = append(b, byte(len(r.compartments)))
	for _, c := range r.compartments {
		b = putText(b, c)
	}
	b = binary.BigEndian.AppendUint16(b, uint16(len(r.marks)))
	for i := range r.marks {
		b = putBlob(putText(b, r.marks[i].Index), r.marks[i].Value)
	}
	return b
}

func parseFresh(body []byte) (r freshRequest, err error) {
	p := parser{b: body}
	for range p.u16() {
		if p.bad {
			break
		}
		r.owners = append(r.owners, p.id())
	}
	for range p.u8() {
		if p.bad {
			break
		}
		r.compartments = append(r.compartments, seal.Compartment(p.text()))
	}
	for range p.u16() {
		if p.bad {
			break
		}
		r.marks = append(r.marks, seal.Mark{Index: p.text(), Value: p.blob()})
	}
	return r, p.end()
}

type matchRequest struct {
	f    seal.For
	q    seal.Query
	rows []seal.Candidate
}

func (r matchRequest) put(b []byte) []byte {
	size := 2048
	for i := range r.rows {
		size += 256 + len(r.rows[i].Key.Key) + len(r.rows[i].Sealed)
	}
	b = slices.Grow(b, size)
	b = putFor(b, r.f)
	b = putText(putText(putText(b, r.q.Name), r.q.Phone), r.q.IDNumber)
	return putRows(b, r.rows)
}

func putRows(b []byte, rows []seal.Candidate) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(len(rows)))
	for i := range rows {
		row := &rows[i]
		b = append(b, row.Case[:]...)
		b = putWrapped(b, row.Key)
		b = putText(putText(b, row.Place.Table), row.Place.Column)
		b = append(append(b, row.Place.Row[:]...), row.Place.Owner[:]...)
		b = putText(b, string(row.Place.Compartment))
		b = putBlob(b, row.Sealed)
	}
	return b
}

func parseMatch(body []byte) (r matchRequest, err error) {
	p := parser{b: body}
	r.f = p.asker()
	r.q = seal.Query{Name: p.text(), Phone: p.text(), IDNumber: p.text()}
	r.rows = p.rows()
	return r, p.end()
}

func (p *parser) rows() []seal.Candidate {
	n := p.u16()
	rows := make([]seal.Candidate, 0, min(n, seal.MaxMatch+1))
	same := seal.Place{} // the texts are nearly always those of the row before: one string serves them all
	text := func(like string) string {
		b := p.take(p.u16())
		if string(b) == like {
			return like
		}
		return string(b)
	}
	for range n {
		if p.bad {
			break
		}
		var row seal.Candidate
		row.Case = p.id()
		row.Key.Compartment = seal.Compartment(text(string(same.Compartment)))
		row.Key.Key = p.take(p.u16())
		row.Place.Table, row.Place.Column = text(same.Table), text(same.Column)
		row.Place.Row, row.Place.Owner = p.id(), p.id()
		row.Place.Compartment = seal.Compartment(text(string(same.Compartment)))
		row.Sealed = p.blob()
		same = row.Place
		rows = append(rows, row)
	}
	return rows
}

type tiesRequest struct {
	f seal.For
	q seal.TieQuestion
}

func (r tiesRequest) put(b []byte) []byte {
	b = putFor(b, r.f)
	b = putRows(putRows(putRows(b, r.q.Self), r.q.House), r.q.Parts)
	b = binary.BigEndian.AppendUint16(b, uint16(len(r.q.Names)))
	for _, c := range r.q.Names {
		b = putText(putText(b, c.Name), c.Commune)
	}
	b = binary.BigEndian.AppendUint16(b, uint16(len(r.q.Communes)))
	for _, c := range r.q.Communes {
		b = putText(b, c)
	}
	return b
}

func parseTies(body []byte) (r tiesRequest, err error) {
	p := parser{b: body}
	r.f = p.asker()
	r.q.Self, r.q.House, r.q.Parts = p.rows(), p.rows(), p.rows()
	for range p.u16() {
		if p.bad {
			break
		}
		r.q.Names = append(r.q.Names, seal.Card{Name: p.text(), Commune: p.text()})
	}
	for range p.u16() {
		if p.bad {
			break
		}
		r.q.Communes = append(r.q.Communes, p.text())
	}
	return r, p.end()
}

type macRequest struct {
	index string
	value []byte
}

func (r macRequest) put(b []byte) []byte { return putBlob(putText(b, r.index), r.value) }

func parseMAC(body []byte) (r macRequest, err error) {
	p := parser{b: body}
	r.index, r.value = p.text(), p.blob()
	return r, p.end()
}

// askedRequest is somebody and some bytes: a message to sign, an erasure.
type askedRequest struct {
	f    seal.For
	what []byte
}

func (r askedRequest) put(b []byte) []byte { return putBlob(putFor(b, r.f), r.what) }

func parseAsked(body []byte) (r askedRequest, err error) {
	p := parser{b: body}
	r.f, r.what = p.asker(), p.blob()
	return r, p.end()
}

type rewrapRequest struct{ items []RewrapItem }

type insideRequest struct {
	key    seal.Wrapped
	place  seal.Place
	sealed []byte
}

func (r insideRequest) put(b []byte) []byte {
	b = putText(putText(putWrapped(b, r.key), r.place.Table), r.place.Column)
	b = append(append(b, r.place.Row[:]...), r.place.Owner[:]...)
	return putBlob(putText(b, string(r.place.Compartment)), r.sealed)
}

func parseInside(body []byte) (r insideRequest, err error) {
	p := parser{b: body}
	r.key = p.wrapped()
	r.place = seal.Place{Table: p.text(), Column: p.text(), Row: p.id(), Owner: p.id(), Compartment: seal.Compartment(p.text())}
	r.sealed = p.blob()
	return r, p.end()
}

// RewrapItem is a stored key that is to be closed under the newest key-encryption key, and then what became of it.
type RewrapItem struct {
	Owner uuid.UUID
	Key   seal.Wrapped
	// State is "moved", "newest" (it already was), "forgotten" (its owner was erased) or "forged".
	State string
}

var rewrapStates = []string{"", "moved", "newest", "forgotten", "forged"}

func (r rewrapRequest) put(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(len(r.items)))
	for _, item := range r.items {
		state := byte(0)
		for i, s := range rewrapStates {
			if s == item.State {
				state = byte(i)
			}
		}
		b = putWrapped(append(append(b, state), item.Owner[:]...), item.Key)
	}
	return b
}

func parseRewrap(body []byte) (r rewrapRequest, err error) {
	p := parser{b: body}
	for range p.u16() {
		if p.bad {
			break
		}
		state := int(p.u8())
		if state >= len(rewrapStates) {
			p.bad = true
			break
		}
		r.items = append(r.items, RewrapItem{State: rewrapStates[state], Owner: p.id(), Key: p.wrapped()})
	}
	return r, p.end()
}
