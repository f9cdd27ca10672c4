// Package logbook is the application's log: JSON lines of named attributes, one after the other, so that a line that was lost is noticed and one that holds too
// much is never written.
//
// Only attributes of the list below are written, as text, numbers, truth values and times; whatever else is given to the log stands there as "…". So a struct that
// somebody logs in a hurry tells nothing. What goes under an allowed name is still the caller's word: ids and codes, never a name, an address, a path or a query;
// the canary tests look for what slipped through.
//
// Each line ends with its number since the start of the process and a running checksum over itself and every line before (CRC-32C, in the manner of Boulder's log
// validator). Check reads a log and names the first line that is missing, altered or cut. It is a checksum and no seal: it finds accidents and a careless hand, not
// somebody who makes the sums anew; the record of acts is sealed, the log is not. A log that was cut exactly between two lines at its end is seen only by comparing
// the number with the metric binhan_log_lines_total, or by the missing last line "end".
package logbook

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"slices"
	"sync"
)

// allowed are the names of attributes that may be written.
var allowed = []string{
	"act", "actor", "added", "address", "backend", "cases", "cause", "commit", "compartment", "count", "error", "from", "held", "how", "key_version", "kind", "limit", "medium", "ms", "op", "owner", "reason", "removed", "request",
	"role", "route", "size", "state", "status", "steps", "table", "to", "tries", "uid", "until", "version", "where", "why",
}

// Allowed lists the names, for the test that reads the source.
func Allowed() []string { return slices.Clone(allowed) }

// Book writes a log.
type Book struct {
	*slog.Logger
	w *writer
}

// New makes a log that writes to w.
func New(w io.Writer, level slog.Level) *Book {
	out := &writer{w: w}
	h := slog.NewJSONHandler(out, &slog.HandlerOptions{Level: level, ReplaceAttr: permit})
	return &Book{slog.New(h), out}
}

// Lines is how many lines were written.
func (b *Book) Lines() int64 {
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	return b.w.n
}

// End writes the last line.
func (b *Book) End() { b.Log(context.Background(), slog.LevelInfo, ended) }

const ended = "end"

// permit keeps an attribute whose name is allowed and whose value is a plain one.
func permit(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == slog.MessageKey) {
		return a
	}
	plain := false
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindString, slog.KindInt64, slog.KindUint64, slog.KindFloat64, slog.KindBool, slog.KindDuration, slog.KindTime:
		plain = true
	}
	if !plain || len(groups) > 0 || !slices.Contains(allowed, a.Key) {
		return slog.String(a.Key, "…")
	}
	return slog.Attr{Key: a.Key, Value: v}
}

// writer gives each line its number and the running checksum. The handler writes a line at a time.
type writer struct {
	mu  sync.Mutex
	w   io.Writer
	n   int64
	crc uint32
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

const mark = `,"crc":"`

func (w *writer) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	body, ok := bytes.CutSuffix(line, []byte("}\n"))
	if !ok {
		return 0, errors.New("the log takes whole lines of JSON")
	}
	n := w.n + 1
	out := fmt.Appendf(slices.Clone(body), `,"n":%d`, n)
	crc := crc32.Update(w.crc, castagnoli, out)
	out = fmt.Appendf(out, "%s%08x\"}\n", mark, crc)
	if _, err := w.w.Write(out); err != nil {
		return 0, err
	}
	w.n, w.crc = n, crc
	return len(line), nil
}

// Checked is what a log showed.
type Checked struct {
	Lines  int   // of this log in the file
	Other  int   // that somebody else wrote between them: a child's, a start-up notice
	Starts int   // processes that began in it
	Ended  bool  // the last line says that its process ended
	Last   int64 // number of the last line
}

// Broken says where a log is not what was written.
type Broken struct {
	Line int // in the file, from 1
	Why  string
}

// Error names the line.
func (b *Broken) Error() string { return fmt.Sprintf("line %d: %s", b.Line, b.Why) }

// Check reads a log from its beginning, or from the middle of one that was turned over, and gives a *Broken for the first line that does not follow.
func Check(r io.Reader) (Checked, error) {
	var c Checked
	lines := bufio.NewReaderSize(r, 1<<20)
	crc, known := uint32(0), false
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return c, err
		}
		if len(line) == 0 {
			return c, nil
		}
		at := bytes.LastIndex(line, []byte(mark))
		whole := bytes.HasSuffix(line, []byte("\n"))
		if at < 0 && whole { // a line of ours that lost its sum is missing from the numbers
			c.Other++
			continue
		}
		c.Lines++
		if !whole {
			return c, &Broken{c.Lines + c.Other, "the line is cut"}
		}
		var said struct {
			Msg string `json:"msg"`
			N   int64  `json:"n"`
			CRC string `json:"crc"`
		}
		if json.Unmarshal(line, &said) != nil || len(line) != at+len(mark)+8+len("\"}\n") {
			return c, &Broken{c.Lines + c.Other, "no line of this log"}
		}
		switch {
		case said.N == 1: // a process begins
			crc, known = 0, true
			c.Starts++
		case known && said.N != c.Last+1:
			return c, &Broken{c.Lines + c.Other, fmt.Sprintf("lines %d to %d of the process are missing", c.Last+1, said.N-1)}
		}
		if known {
			if crc = crc32.Update(crc, castagnoli, line[:at]); fmt.Sprintf("%08x", crc) != said.CRC {
				return c, &Broken{c.Lines + c.Other, "the line, or one before it, is not what was written"}
			}
		} else if _, err := fmt.Sscanf(said.CRC, "%08x", &crc); err != nil { // the middle of a log: taken as it stands
			return c, &Broken{c.Lines + c.Other, "no line of this log"}
		}
		known = true
		c.Last, c.Ended = said.N, said.Msg == ended
	}
}
