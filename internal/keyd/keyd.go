// Package keyd is the key process and the way to speak to it.
//
// `binhan keyd` runs as an operating-system user of its own, behind a Unix socket, without any network. It alone holds the key-encryption keys,
// the keys of marks and the key of checkpoints. The application sends it wrapped data keys and gets the data keys of one owner back, for one
// request; it asks it to look through sealed names, to mark a value, to sign a checkpoint, to forget somebody for ever. A thief of the database,
// of a backup or of the disk has nothing without this process; whoever has taken over the application gets what it asks for, key by key, within
// the budgets here, and every answer stands in a log that it cannot reach. The process does not know who may see which case: it slows, limits
// and records, it does not forbid.
//
// What it promises. No key-encryption key, no key of marks and no signing key crosses the socket. It answers nobody but the user ids that it was
// told; it locks its memory and cannot be dumped; it starts sealed and opens with a quorum of shares (development: with a key in a file, which
// production refuses). An actor's budget ends at the budget, not one key later, however many requests come at once. When it cannot write its
// log it gives no key. When it is sealed, gone or slow, the application answers 503 within a second wherever a key is needed and goes on
// elsewhere; nothing is cached on either side.
//
// What it leaves to others: who may ask for which case (gate and the database), and the machine's root user, who can read any process.
//
// See docs/decisions/key-process.md.
package keyd

import (
	"errors"
	"time"

	"binhan/internal/chain"
)

var (
	// ErrRefused says that this user id may not ask this of the key process.
	ErrRefused = errors.New("keyd: this user may not ask that")
	// ErrProtocol says that a frame was not understood: another version, or bytes that are no request.
	ErrProtocol = errors.New("keyd: not understood")
	// ErrShare says what is wrong with a share; the sentence is for the person who typed it and never holds the share.
	ErrShare = errors.New("keyd")
	// ErrState says that this cannot be done now: there is a ring already, or none yet, or it is open already.
	ErrState = errors.New("keyd")
)

// State is whether keys are given.
type State string

const (
	// Empty: there is no ring yet; `binhan keys init` makes one.
	Empty State = "empty"
	// Sealed: there is a ring and nobody has brought its shares.
	Sealed State = "sealed"
	// Open: keys are given.
	Open State = "open"
)

// Status is what may be known of the process by those who may speak to it: states, numbers, ids of staff.
type Status struct {
	State     State             `json:"state"`
	Backend   string            `json:"backend"`
	PID       int               `json:"pid"`
	Since     time.Time         `json:"since"`               // when the process started
	Set       string            `json:"set,omitempty"`       // the set of shares that opens it
	Threshold int               `json:"threshold,omitempty"` // how many of them
	Shares    int               `json:"shares,omitempty"`    // of how many
	Given     int               `json:"given,omitempty"`     // how many were brought so far
	Memory    string            `json:"memory"`              // "locked", or why not
	Newest    map[string]uint32 `json:"newest,omitempty"`    // compartment -> version of its key-encryption key
	Counters  Counters          `json:"counters"`
	Stopped   []Stop            `json:"stopped,omitempty"` // actors that are sealed for bulk now
	Erasures  chain.Head        `json:"erasures"`
	Log       chain.Head        `json:"log"`
	LogFile   string            `json:"log_file"`
	Budgets   Budgets           `json:"budgets"`
}

// Counters count since the process started.
type Counters struct {
	Requests  uint64 `json:"requests"`
	NewKeys   uint64 `json:"new_keys"`
	Unwraps   uint64 `json:"unwraps"` // keys, not requests
	Searches  uint64 `json:"searches"`
	Marks     uint64 `json:"marks"`
	Signed    uint64 `json:"signed"`
	Rewraps   uint64 `json:"rewraps"`
	Forged    uint64 `json:"forged"`    // wrapped keys and sealed names that did not open where they lay: a security event each
	Forgotten uint64 `json:"forgotten"` // requests for the erased
	Stops     uint64 `json:"stops"`     // budgets breached
	Strangers uint64 `json:"strangers"` // connections of user ids that may not ask
	Refused   uint64 `json:"refused"`   // operations that the user id may not ask for
}

// Stop is an actor who has opened too much and gets nothing until then.
type Stop struct {
	Actor string    `json:"actor"`
	Kind  string    `json:"kind"`
	Until time.Time `json:"until"`
}
