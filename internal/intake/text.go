package intake

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"binhan/internal/codelist"
)

// textFile reads delimited text (RFC 4180 and what is called by that name). It reads byte by byte in its own way and not with encoding/csv, because a
// register must never lose rows to one forgotten quotation mark: when a row cannot be read, only its first line is given up, and reading goes on
// with the line after it.
type textFile struct {
	file    *os.File
	count   *counting
	in      *bufio.Reader
	total   int64
	utf8    bool // bytes are checked as UTF-8; other encodings leave U+FFFD where they fail
	delim   byte
	columns int
	number  int
	line    int
	queue   []physical // lines that were taken into a broken row and are read again
	ended   bool
}

// physical is one line of the file without its end.
type physical struct {
	text []byte
	long bool // cut at maxRecord
}

func openText(file *os.File, size int64, spec FileSpec) *textFile {
	t := readText(file, size, spec)
	t.file = file
	return t
}

// readText is openText over any reader; size may be 0.
func readText(r io.Reader, size int64, spec FileSpec) *textFile {
	t := &textFile{count: &counting{r: r, hash: sha256.New()}, total: size, delim: spec.Delimiter[0]}
	in, isUTF8 := decoded(codelist.Fold(spec.Encoding), t.count)
	t.in, t.utf8 = bufio.NewReaderSize(in, 64<<10), isUTF8
	return t
}

func (t *textFile) width(n int)                   { t.columns = n }
func (t *textFile) position() (done, total int64) { return t.count.n, t.total }
func (t *textFile) digest() [sha256.Size]byte     { return t.count.sum() }

func (t *textFile) close() error {
	if t.file == nil {
		return nil
	}
	return t.file.Close()
}

func (t *textFile) next() (record, error) {
	first, err := t.readLine()
	if err != nil {
		return record{}, err
	}
	t.number++
	t.line++
	r := record{number: t.number, line: t.line}
	taken := []physical{first}
	s := scanner{delim: t.delim}
	s.line(first.text)
	size := len(first.text)
	for s.inQuotes && !first.long && size <= maxRecord && len(taken) < maxLines {
		more, err := t.readLine()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return record{}, err
		}
		taken = append(taken, more)
		size += len(more.text) + 1
		s.newline()
		s.line(more.text)
		if more.long {
			break
		}
	}
	r.cells, r.broken = s.finish()
	if r.broken == "" && t.columns > 0 {
		switch {
		case len(r.cells) < t.columns:
			r.broken = TooFewCells
		case len(r.cells) > t.columns:
			r.broken = TooManyCells
		}
	}
	for i := range taken {
		if taken[i].long || size > maxRecord {
			r.broken = TooLong
		}
	}
	if r.broken != "" {
		// A quotation mark that was never meant as one swallows the rows after it: give up its own line only, and read those again.
		t.queue = append(taken[1:], t.queue...)
	} else {
		t.line += len(taken) - 1
	}
	if blank(r.cells, first.text, len(taken)) {
		return record{number: r.number, line: r.line, blank: true}, nil
	}
	for i := 0; i < len(r.cells) && r.broken == ""; i++ {
		r.broken = t.checkCell(r.cells[i])
	}
	if r.broken != "" {
		r.cells = nil
	}
	return r, nil
}

// checkCell refuses what is no text.
func (t *textFile) checkCell(c string) Class {
	if t.utf8 && !utf8.ValidString(c) || !t.utf8 && strings.ContainsRune(c, utf8.RuneError) {
		return BadEncoding
	}
	return checkText(c)
}

func checkText(c string) Class {
	if len(c) > maxCell {
		return TooLong
	}
	for _, r := range c {
		if r < ' ' && r != '\t' && r != '\n' || r == 0x7f {
			return ControlCharacter
		}
	}
	return ""
}

// blank tells whether a row holds nothing: an empty line, or cells without text.
func blank(cells []string, first []byte, lines int) bool {
	if lines == 1 && len(bytes.TrimSpace(first)) == 0 {
		return true
	}
	return len(cells) > 0 && strings.TrimSpace(strings.Join(cells, "")) == ""
}

// readLine gives the next line of the file, without its end: LF, CRLF, or CR alone, as old spreadsheets wrote it.
func (t *textFile) readLine() (physical, error) {
	if len(t.queue) > 0 {
		p := t.queue[0]
		t.queue = t.queue[1:]
		return p, nil
	}
	if t.ended {
		return physical{}, io.EOF
	}
	var p physical
	started := false
	for {
		chunk, err := t.in.Peek(1)
		if len(chunk) == 0 {
			if err != nil && !errors.Is(err, io.EOF) {
				return physical{}, err
			}
			t.ended = true
			if !started {
				return physical{}, io.EOF
			}
			return p, nil
		}
		started = true
		chunk, _ = t.in.Peek(t.in.Buffered())
		end := bytes.IndexAny(chunk, "\r\n")
		text := chunk
		if end >= 0 {
			text = chunk[:end]
		}
		if room := maxRecord + 1 - len(p.text); len(text) > room {
			p.text, p.long = append(p.text, text[:room]...), true
		} else {
			p.text = append(p.text, text...)
		}
		if end < 0 {
			_, _ = t.in.Discard(len(chunk))
			continue
		}
		isCR := chunk[end] == '\r'
		_, _ = t.in.Discard(end + 1)
		if isCR {
			if next, _ := t.in.Peek(1); len(next) == 1 && next[0] == '\n' {
				_, _ = t.in.Discard(1)
			}
		}
		return p, nil
	}
}

// scanner cuts one row into cells, line after line.
type scanner struct {
	delim    byte
	cells    []string
	cell     []byte
	quoted   bool // the cell began with a quotation mark
	inQuotes bool
	begun    bool // something of the cell was seen
	bad      bool // text after a closing quotation mark
}

func (s *scanner) line(text []byte) {
	for i := 0; i < len(text); i++ {
		b := text[i]
		switch {
		case s.inQuotes && b == '"' && i+1 < len(text) && text[i+1] == '"':
			s.cell = append(s.cell, '"')
			i++
		case s.inQuotes && b == '"':
			s.inQuotes = false
		case s.inQuotes:
			s.cell = append(s.cell, b)
		case b == s.delim:
			s.end()
		case b == '"' && !s.begun:
			s.quoted, s.inQuotes, s.begun = true, true, true
		case s.quoted && b != ' ' && b != '\t':
			s.bad = true
		case s.quoted: // spaces between the closing mark and the separator
		default:
			s.begun = true
			s.cell = append(s.cell, b)
		}
	}
}

func (s *scanner) newline() { s.cell = append(s.cell, '\n') }

func (s *scanner) end() {
	s.cells = append(s.cells, string(s.cell))
	s.cell, s.quoted, s.begun = s.cell[:0], false, false
}

func (s *scanner) finish() ([]string, Class) {
	if s.inQuotes || s.bad {
		return nil, BrokenQuotes
	}
	s.end()
	return s.cells, ""
}
