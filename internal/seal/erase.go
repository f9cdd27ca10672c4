package seal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/google/uuid"

	"binhan/internal/chain"
)

// Eraser forgets. Deleting the wrapped keys of a case erases it from the database of today; the ledger of the ring erases it from the backups
// of yesterday: a database restored to a moment before the erasure still meets a ring that refuses.
type Eraser interface {
	// Forget writes the erasure into the ledger, on the disk before it returns. From then on the ring refuses for ever to open a key of these
	// owners (ErrForgotten). There is no way back. ErrErasure when it is not fit to be written. Owners that are forgotten already are
	// no error; an erasure that names only such owners is not written again, so that a repeated request does no harm.
	Forget(ctx context.Context, f For, e Erasure) error
	// Forgotten lists erasures in their order, beginning after the given number (0: from the first), at most MaxForgotten at once.
	Forgotten(ctx context.Context, after int) ([]Erasure, error)
}

// Ring is everything that a ring does for the application.
type Ring interface {
	KeyRing
	Signer
	Eraser
	Watcher
}

// Erasure is one entry of the ledger. Nothing of a survivor stands in it: ids, a code, two members of staff, an instant.
type Erasure struct {
	// Number counts the entries from 1; the ring gives it.
	Number int `json:"number"`
	// Owners are the cases and referrals whose keys are refused.
	Owners []uuid.UUID `json:"owners"`
	// Ground is the code of the reason in law, such as "request" or "retention": lower-case letters, digits, dots, dashes, underscores.
	Ground string `json:"ground"`
	// Approvers are two different people, by username or id.
	Approvers [2]string `json:"approvers"`
	// At is when it was decided; the ring's clock when it is left out.
	At time.Time `json:"at"`
}

const (
	// MaxForget is the largest number of owners in one erasure.
	MaxForget = 1000
	// MaxForgotten is the largest number of erasures that Forgotten lists at once.
	MaxForgotten = 200
)

var (
	// ErrForgotten says that the owner was erased: its keys are refused for ever.
	ErrForgotten = errors.New("seal: erased")
	// ErrErasure says that an erasure cannot be written: no owner, no ground, or not two different approvers.
	ErrErasure = errors.New("seal: an erasure wants owners, a ground and two different approvers")
)

func (e *Erasure) check() error {
	code := func(s, letters string, most int) bool {
		return s != "" && len(s) <= most && strings.Trim(s, letters) == ""
	}
	const lower = "abcdefghijklmnopqrstuvwxyz0123456789._-"
	switch {
	case len(e.Owners) == 0 || len(e.Owners) > MaxForget:
		return fmt.Errorf("%w: %d owners", ErrErasure, len(e.Owners))
	case !code(e.Ground, lower, 64):
		return fmt.Errorf("%w: the ground is not a code", ErrErasure)
	case !code(e.Approvers[0], lower+"ABCDEFGHIJKLMNOPQRSTUVWXYZ@:", 128), !code(e.Approvers[1], lower+"ABCDEFGHIJKLMNOPQRSTUVWXYZ@:", 128):
		return fmt.Errorf("%w: an approver is missing or is no username", ErrErasure)
	case strings.EqualFold(e.Approvers[0], e.Approvers[1]):
		return fmt.Errorf("%w: the two approvers are one", ErrErasure)
	}
	for _, owner := range e.Owners {
		if owner == uuid.Nil {
			return fmt.Errorf("%w: an owner without id", ErrErasure)
		}
	}
	return nil
}

const ledgerLabel = "binhan erasure ledger 1"

// ledger is the book of erasures, in a file beside the ring. Several processes may have it open; each looks whether it has grown.
type ledger struct {
	path string
	mu   sync.RWMutex
	seen os.FileInfo
	list []Erasure
	gone map[uuid.UUID]struct{}
	head chain.Head
}

// fresh reads the ledger again when it has changed. A ledger that is not there is empty; one that does not verify closes the ring, since it is
// the only thing that keeps the erased erased.
func (l *ledger) fresh() error {
	info, err := l.look()
	if err != nil {
		return err
	}
	l.mu.RLock()
	same := l.gone != nil && (info == nil) == (l.seen == nil) && (info == nil || os.SameFile(info, l.seen) && info.Size() == l.seen.Size() && info.ModTime().Equal(l.seen.ModTime()))
	l.mu.RUnlock()
	if same {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if info, err = l.look(); err != nil { // it may have grown while we waited
		return err
	}
	return l.read(info)
}

// look is nil where there is no ledger yet.
func (l *ledger) look() (os.FileInfo, error) {
	info, err := os.Lstat(l.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look at the erasure ledger: %w", err)
	}
	return info, nil
}

func (l *ledger) read(info os.FileInfo) error {
	var list []Erasure
	gone := map[uuid.UUID]struct{}{}
	head := chain.Start(ledgerLabel)
	if info != nil {
		f, err := os.OpenFile(l.path, os.O_RDONLY|syscall.O_NOFOLLOW, 0)
		if err != nil {
			return fmt.Errorf("read the erasure ledger: %w", err)
		}
		defer f.Close()
		head, err = chain.Verify(f, ledgerLabel, func(n int, record []byte) error { return take(&list, gone, n, record) })
		if err != nil {
			return fmt.Errorf("read the erasure ledger: %w", err)
		}
	}
	if head.Lines < l.head.Lines {
		return fmt.Errorf("read the erasure ledger: %w: %d entries, there were %d", chain.ErrBroken, head.Lines, l.head.Lines)
	}
	l.seen, l.list, l.gone, l.head = info, list, gone, head
	return nil
}

func take(list *[]Erasure, gone map[uuid.UUID]struct{}, n int, record []byte) error {
	var e Erasure
	if err := json.Unmarshal(record, &e); err != nil || e.Number != n || e.check() != nil {
		return fmt.Errorf("%w: no erasure", chain.ErrBroken)
	}
	*list = append(*list, e)
	for _, owner := range e.Owners {
		gone[owner] = struct{}{}
	}
	return nil
}

// forgotten refuses an owner that was erased.
func (l *ledger) forgotten(owner uuid.UUID) error {
	if err := l.fresh(); err != nil {
		return err
	}
	if l.holds(owner) {
		return fmt.Errorf("%w: %s", ErrForgotten, owner)
	}
	return nil
}

// holds tells whether the owner was erased, by what was read last.
func (l *ledger) holds(owner uuid.UUID) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	_, is := l.gone[owner]
	return is
}

// forget writes an erasure, unless there is nothing new in it, and waits for the disk.
func (l *ledger) forget(e Erasure) (head chain.Head, err error) {
	if err := e.check(); err != nil {
		return chain.Head{}, err
	}
	if e.At.IsZero() {
		e.At = time.Now()
	}
	e.At = e.At.UTC().Truncate(time.Second)
	l.mu.Lock()
	defer l.mu.Unlock()
	var list []Erasure
	gone := map[uuid.UUID]struct{}{}
	f, err := chain.Open(l.path, ledgerLabel, func(n int, record []byte) error { return take(&list, gone, n, record) })
	if err != nil {
		return chain.Head{}, fmt.Errorf("open the erasure ledger: %w", err)
	}
	defer f.Close()
	anew := false
	for _, owner := range e.Owners {
		if _, is := gone[owner]; !is {
			anew = true
		}
	}
	if !anew {
		return f.Head(), nil
	}
	e.Number = len(list) + 1
	record, err := json.Marshal(e)
	if err != nil {
		return chain.Head{}, err
	}
	if head, err = f.Append(record, true); err != nil {
		return chain.Head{}, fmt.Errorf("write the erasure ledger: %w", err)
	}
	if err := syncDir(l.path); err != nil {
		return chain.Head{}, err
	}
	info, err := os.Lstat(l.path)
	if err != nil {
		return chain.Head{}, err
	}
	return head, l.read(info)
}

// after lists erasures.
func (l *ledger) after(n int) ([]Erasure, error) {
	if err := l.fresh(); err != nil {
		return nil, err
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	n = min(max(n, 0), len(l.list))
	return append([]Erasure(nil), l.list[n:min(n+MaxForgotten, len(l.list))]...), nil
}
