// Package chain keeps short records in a file that can only grow: each line carries a hash of itself and of all before it.
//
// Two books of the key process are kept so, the ledger of erasures and the log of what was asked of the keys. An altered, removed, inserted or
// swapped line breaks the chain and is named. A tail that was cut off leaves a shorter chain that is sound in itself: whoever must notice that
// keeps the head (Head) elsewhere and asks with Holds. A line that a crash left unfinished was never acknowledged and is taken away when the file
// is opened for writing.
//
// One line: number, chain in hexadecimal digits, JSON. chain(n) = SHA-256(chain(n-1) | n as 8 bytes | JSON); chain(0) = SHA-256(label). One
// process writes a file at a time; Open takes a lock on it.
package chain

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"syscall"
)

// ErrBroken says that a line is not what was written there.
var ErrBroken = errors.New("the chain is broken")

// maxLine bounds one line in bytes.
const maxLine = 1 << 20

// Head is the end of a chain: how many lines, and the hash over all of them.
type Head struct {
	Lines int    `json:"lines"`
	Hash  string `json:"hash"`
}

// File is a chain open for writing. It is not safe for concurrent use: its owner serialises.
type File struct {
	f    *os.File
	n    int
	sum  [sha256.Size]byte
	size int64
	bad  error
}

// Open reads the file at path, making it with mode 0600 when it is not there, and hands every record to each in order. The label tells
// chains of different purpose apart: a file of one cannot stand in for a file of another.
func Open(path, label string, each func(n int, record []byte) error) (*File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	c := &File{f: f}
	err = func() error {
		info, err := f.Stat()
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0 {
			return fmt.Errorf("%s has mode %v: it must be a regular file of mode 0600", path, info.Mode())
		}
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
			return fmt.Errorf("%s is being written by another process: %w", path, err)
		}
		state, err := walk(f, label, each)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if state.whole < info.Size() { // the crash line
			if err := f.Truncate(state.whole); err != nil {
				return err
			}
			if err := f.Sync(); err != nil {
				return err
			}
		}
		c.n, c.sum, c.size = state.n, state.sum, state.whole
		return nil
	}()
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return c, nil
}

// Append writes one record, which must be JSON without line breaks, and with sync waits until it is on the disk. After an error the file takes
// nothing more: what lies behind a torn line could not be told from a forgery.
func (c *File) Append(record []byte, sync bool) (Head, error) {
	if c.bad != nil {
		return Head{}, c.bad
	}
	if bytes.IndexByte(record, '\n') >= 0 || len(record) > maxLine-128 || !json.Valid(record) {
		return Head{}, errors.New("a record of a chain is JSON in one line")
	}
	sum := next(c.sum, c.n+1, record)
	line := make([]byte, 0, len(record)+96)
	line = strconv.AppendInt(line, int64(c.n+1), 10)
	line = append(line, ' ')
	line = hex.AppendEncode(line, sum[:])
	line = append(line, ' ')
	line = append(append(line, record...), '\n')
	_, err := c.f.Write(line)
	if err == nil && sync {
		err = c.f.Sync()
	}
	if err != nil {
		if c.f.Truncate(c.size) != nil || c.f.Sync() != nil { // what was not acknowledged must not stand there
			c.bad = fmt.Errorf("%s takes nothing more: %w", c.f.Name(), err)
		}
		return Head{}, err
	}
	c.n, c.sum, c.size = c.n+1, sum, c.size+int64(len(line))
	return c.Head(), nil
}

// Sync waits until everything appended is on the disk.
func (c *File) Sync() error { return c.f.Sync() }

// Head is the end of the chain as it is now.
func (c *File) Head() Head { return Head{c.n, hex.EncodeToString(c.sum[:])} }

// Close gives the file and its lock back.
func (c *File) Close() error { return c.f.Close() }

// Verify reads a chain that somebody else may be writing. It returns the head; the error names the first line that is wrong. An unfinished last
// line is not counted: it may be on its way.
func Verify(r io.Reader, label string, each func(n int, record []byte) error) (Head, error) {
	state, err := walk(r, label, each)
	return Head{state.n, hex.EncodeToString(state.sum[:])}, err
}

// Start is the head of an empty chain of this label.
func Start(label string) Head {
	sum := sha256.Sum256([]byte(label))
	return Head{0, hex.EncodeToString(sum[:])}
}

// Holds tells whether the chain in r goes through head, which somebody noted earlier: false when it was cut shorter or written anew.
func Holds(r io.Reader, label string, head Head) (bool, error) {
	if head.Lines == 0 {
		return true, nil
	}
	found := false
	state := progress{sum: sha256.Sum256([]byte(label))}
	_, err := walkFrom(r, &state, func(n int, _ []byte) error {
		if n == head.Lines {
			found = hex.EncodeToString(state.sum[:]) == head.Hash
		}
		return nil
	})
	return found, err
}

type progress struct {
	n     int
	sum   [sha256.Size]byte
	whole int64 // bytes of whole lines
}

func walk(r io.Reader, label string, each func(int, []byte) error) (progress, error) {
	state := progress{sum: sha256.Sum256([]byte(label))}
	return walkFrom(r, &state, each)
}

func walkFrom(r io.Reader, state *progress, each func(int, []byte) error) (progress, error) {
	read := bufio.NewReaderSize(r, 64<<10)
	var line []byte
	for {
		piece, err := read.ReadSlice('\n')
		line = append(line, piece...)
		if len(line) > maxLine {
			return *state, fmt.Errorf("%w: line %d is too long", ErrBroken, state.n+1)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if errors.Is(err, io.EOF) {
			return *state, nil
		}
		if err != nil {
			return *state, err
		}
		n, sum, record, ok := parse(line)
		if !ok || n != state.n+1 || sum != next(state.sum, n, record) {
			return *state, fmt.Errorf("%w at line %d", ErrBroken, state.n+1)
		}
		state.n, state.sum, state.whole = n, sum, state.whole+int64(len(line))
		if each != nil {
			if err := each(n, record); err != nil {
				return *state, fmt.Errorf("line %d: %w", n, err)
			}
		}
		line = line[:0]
	}
}

// parse takes a line apart and accepts only the one way in which it would have been written.
func parse(line []byte) (n int, sum [sha256.Size]byte, record []byte, ok bool) {
	number, rest, found := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte(" "))
	if !found || len(rest) < 2*sha256.Size+1 || rest[2*sha256.Size] != ' ' {
		return 0, sum, nil, false
	}
	n, err := strconv.Atoi(string(number))
	if err != nil || strconv.Itoa(n) != string(number) {
		return 0, sum, nil, false
	}
	if _, err := hex.Decode(sum[:], rest[:2*sha256.Size]); err != nil || !bytes.Equal(hex.AppendEncode(nil, sum[:]), rest[:2*sha256.Size]) {
		return 0, sum, nil, false
	}
	return n, sum, rest[2*sha256.Size+1:], true
}

func next(before [sha256.Size]byte, n int, record []byte) [sha256.Size]byte {
	h := sha256.New()
	_, _ = h.Write(before[:])
	_, _ = h.Write(binary.BigEndian.AppendUint64(nil, uint64(n)))
	_, _ = h.Write(record)
	return [sha256.Size]byte(h.Sum(nil))
}
