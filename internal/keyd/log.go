package keyd

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"binhan/internal/chain"
)

const (
	logLabel = "binhan key log 1"
	// segmentSize is how large one file of the log grows, in bytes, before the next begins with the head of it.
	segmentSize = 64 << 20
)

// Record is one line of the log: who asked for what, how much, what came of it. Ids, codes and numbers only.
type Record struct {
	At      time.Time `json:"at"`
	Op      string    `json:"op"`
	Actor   string    `json:"actor,omitempty"`
	Session string    `json:"session,omitempty"`
	Act     string    `json:"act,omitempty"`
	Owner   string    `json:"owner,omitempty"`
	N       int       `json:"n,omitempty"`
	Index   string    `json:"index,omitempty"`
	Out     string    `json:"out"`
	UID     uint32    `json:"uid"`
	// Kind and Until belong to a stop: the budget that was breached, and how long the actor is sealed.
	Kind  string     `json:"kind,omitempty"`
	Until *time.Time `json:"until,omitempty"`
	// Previous is the head of the file before, in the first line of each file but the first; Ledger the head of the erasure ledger.
	Previous *Segment    `json:"previous,omitempty"`
	Ledger   *chain.Head `json:"ledger,omitempty"`
}

// Segment names a file of the log and its head.
type Segment struct {
	File string     `json:"file"`
	Head chain.Head `json:"head"`
}

// plainID lets through what an id or a code can be, so that nobody can write a sentence, or a person's name, into the log.
func plainID(s string) string {
	if len(s) > 64 {
		return "?"
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' && c != ':' && c != '*' && c != '/' {
			return "?"
		}
	}
	return s
}

type journal struct {
	mu   sync.Mutex
	dir  string
	file *chain.File
	name string
	size int
	dirt bool
	bad  error
}

func segments(dir string) ([]string, error) {
	names, err := filepath.Glob(filepath.Join(dir, "keys-*.log"))
	slices.Sort(names)
	return names, err
}

func segmentName(dir string, n int) string {
	return filepath.Join(dir, fmt.Sprintf("keys-%06d.log", n))
}

// openJournal reads the newest file of the log, handing each record to each, and goes on writing there. A log that does not verify closes the
// process: somebody has been at it.
func openJournal(dir string, each func(Record)) (*journal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	names, err := segments(dir)
	if err != nil {
		return nil, err
	}
	name := segmentName(dir, 1)
	if len(names) > 0 {
		name = names[len(names)-1]
	}
	j := &journal{dir: dir, name: name}
	j.file, err = chain.Open(name, logLabel, func(_ int, line []byte) error {
		var r Record
		if err := json.Unmarshal(line, &r); err != nil {
			return err
		}
		j.size += len(line) + 80
		each(r)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return j, nil
}

// write appends a record before its answer is given. sync waits for the disk: for what must not be lost with the machine's power.
func (j *journal) write(r Record, sync bool) error {
	r.At = r.At.UTC().Truncate(time.Millisecond)
	r.Actor, r.Session, r.Act, r.Index = plainID(r.Actor), plainID(r.Session), plainID(r.Act), plainID(r.Index)
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.bad != nil {
		return j.bad
	}
	if j.size > segmentSize {
		if err := j.turn(r.At); err != nil {
			return err
		}
	}
	if _, err := j.file.Append(line, sync); err != nil {
		return fmt.Errorf("write the key log: %w", err)
	}
	j.size += len(line) + 80
	j.dirt = !sync
	return nil
}

// turn begins the next file with the head of this one.
func (j *journal) turn(at time.Time) error {
	if err := j.file.Sync(); err != nil {
		return err
	}
	var n int
	if _, err := fmt.Sscanf(filepath.Base(j.name), "keys-%d.log", &n); err != nil {
		return err
	}
	next := segmentName(j.dir, n+1)
	file, err := chain.Open(next, logLabel, nil)
	if err != nil {
		return err
	}
	line, err := json.Marshal(Record{At: at, Op: "continue", Out: "ok", Previous: &Segment{filepath.Base(j.name), j.file.Head()}})
	if err == nil {
		_, err = file.Append(line, true)
	}
	if err != nil {
		_ = file.Close()
		return err
	}
	_ = j.file.Close()
	j.file, j.name, j.size = file, next, len(line)
	return nil
}

// flush puts on the disk what was written without waiting.
func (j *journal) flush() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.dirt {
		return nil
	}
	j.dirt = false
	return j.file.Sync()
}

func (j *journal) head() (string, chain.Head) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return filepath.Base(j.name), j.file.Head()
}

func (j *journal) close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.bad != nil {
		return nil
	}
	j.bad = errors.New("the key log is closed")
	return errors.Join(j.file.Sync(), j.file.Close())
}

// Verified is what VerifyLog found.
type Verified struct {
	Files int
	Lines int
	Head  Segment
	Stops int
}

// VerifyLog reads every file of the log in dir: each chain whole, each beginning with the head of the one before. With noted it also asks that the
// log go through that head, which somebody wrote down earlier (`binhan keys status` shows it): a tail that was cut off is found so and not
// otherwise. The first file may have been taken away to an archive; a missing file between two others may not.
func VerifyLog(dir string, noted *Segment, each func(Record)) (Verified, error) {
	names, err := segments(dir)
	if err != nil {
		return Verified{}, err
	}
	if len(names) == 0 {
		return Verified{}, fmt.Errorf("there is no key log in %s", dir)
	}
	var v Verified
	held := noted == nil
	for i, name := range names {
		base := filepath.Base(name)
		f, err := os.Open(name)
		if err != nil {
			return v, err
		}
		head, err := chain.Verify(f, logLabel, func(n int, line []byte) error {
			var r Record
			if err := json.Unmarshal(line, &r); err != nil {
				return err
			}
			if n == 1 && i > 0 && (r.Previous == nil || *r.Previous != v.Head) {
				return fmt.Errorf("%w: it does not continue %s", chain.ErrBroken, v.Head.File)
			}
			if r.Out == "budget" {
				v.Stops++
			}
			if each != nil {
				each(r)
			}
			return nil
		})
		if err == nil && noted != nil && noted.File == base {
			if _, err = f.Seek(0, io.SeekStart); err == nil {
				var through bool
				if through, err = chain.Holds(f, logLabel, noted.Head); err == nil && through {
					held = true
				}
			}
		}
		_ = f.Close()
		if err != nil {
			return v, fmt.Errorf("%s: %w", base, err)
		}
		v.Files, v.Lines, v.Head = v.Files+1, v.Lines+head.Lines, Segment{base, head}
	}
	if !held {
		return v, fmt.Errorf("%w: the log does not go through line %d of %s as noted: a part was cut off or written anew", chain.ErrBroken, noted.Head.Lines, noted.File)
	}
	return v, nil
}

// ParseSegment reads "file:lines:hash", as `binhan keys status` prints it.
func ParseSegment(text string) (*Segment, error) {
	var s Segment
	parts := strings.Split(text, ":")
	if len(parts) == 3 {
		if _, err := fmt.Sscanf(parts[1], "%d", &s.Head.Lines); err == nil {
			s.File, s.Head.Hash = parts[0], parts[2]
			return &s, nil
		}
	}
	return nil, errors.New("a noted head looks like keys-000001.log:120:9f86d0…")
}
