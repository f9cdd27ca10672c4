package gate

import (
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"binhan/internal/fault"
)

// batch is a list of statements that travel in one message. lib/pq cannot pipeline, and a statement with arguments cannot share a message with
// another; so the arguments are written into the text here, by literal below and nowhere else. The types are few and each has one
// spelling that the server cannot read otherwise: standard_conforming_strings is on for every connection that internal/pg makes, bytes are
// hexadecimal, and text with NUL or broken UTF-8 is refused before it is sent. A test sends every type and hostile text through a real server.
//
// A statement that its connection has prepared is sent as the name of what was prepared with its arguments, written in the same way: the server has its plan
// already, and reading a statement anew with the rules of row-level security costs it as much as doing it.
type batch struct {
	list []statement
	lits strings.Builder // every argument, written
	err  error
}

type statement struct {
	query string
	args  []span // where its arguments are
	rows  bool   // its only argument is a table
}

type span struct{ from, to int }

func (b *batch) empty() bool { return len(b.list) == 0 && b.err == nil }

func (b *batch) reset() { *b = batch{} }

// add appends a statement; $1 … $n stand for the arguments, in a statement that holds no string literal with a dollar sign.
func (b *batch) add(query string, args ...any) {
	s := statement{query: query}
	for _, v := range args {
		from := b.lits.Len()
		if err := literal(&b.lits, v); err != nil {
			b.err = err
			return
		}
		s.args = append(s.args, span{from, b.lits.Len()})
	}
	b.list = append(b.list, s)
}

// addRows appends a statement over a table of literals, v(c1, c2, …).
func (b *batch) addRows(query string, rows [][]any) {
	s := statement{query: query, args: []span{{from: b.lits.Len()}}, rows: true}
	w := &b.lits
	w.WriteString(" (values ")
	for i, row := range rows {
		if i > 0 {
			w.WriteByte(',')
		}
		w.WriteByte('(')
		for j, v := range row {
			if j > 0 {
				w.WriteByte(',')
			}
			if err := literal(w, v); err != nil {
				b.err = err
				return
			}
		}
		w.WriteByte(')')
	}
	w.WriteString(") as v(")
	for j := range rows[0] {
		if j > 0 {
			w.WriteByte(',')
		}
		w.WriteString("c" + strconv.Itoa(j+1))
	}
	w.WriteByte(')')
	s.args[0].to = w.Len()
	b.list = append(b.list, s)
}

// text is the message. Named are the statements that its connection has prepared.
func (b *batch) text(named map[string]string) (string, error) {
	if b.err != nil {
		return "", b.err
	}
	lits := b.lits.String()
	var w strings.Builder
	w.Grow(len(lits) + 160*len(b.list))
	for i, s := range b.list {
		if i > 0 {
			w.WriteString(";\n")
		}
		if s.rows {
			w.WriteString(s.query)
			w.WriteString(lits[s.args[0].from:s.args[0].to])
			continue
		}
		if name := named[s.query]; name != "" {
			w.WriteString("execute " + name + "(")
			for j, a := range s.args {
				if j > 0 {
					w.WriteByte(',')
				}
				w.WriteString(lits[a.from:a.to])
			}
			w.WriteByte(')')
			continue
		}
		query := s.query
		for {
			i := strings.IndexByte(query, '$')
			if i < 0 || i+1 == len(query) || query[i+1] < '1' || query[i+1] > '9' {
				w.WriteString(query)
				break
			}
			j := i + 1
			for j < len(query) && query[j] >= '0' && query[j] <= '9' {
				j++
			}
			n, err := strconv.Atoi(query[i+1 : j])
			if err != nil || n > len(s.args) {
				return "", fmt.Errorf("statement has no argument %s", query[i:j])
			}
			w.WriteString(query[:i])
			w.WriteString(lits[s.args[n-1].from:s.args[n-1].to])
			query = query[j:]
		}
	}
	return w.String(), nil
}

// errText: PostgreSQL text takes neither NUL nor broken UTF-8. Input is checked long before; this is the last wall.
var errText = fault.New(fault.Invalid, "text_unreadable")

func literal(w *strings.Builder, v any) error {
	switch x := v.(type) {
	case nil:
		w.WriteString("null")
	case string:
		return quote(w, x)
	case bool:
		w.WriteString(strconv.FormatBool(x))
	case int:
		number(w, int64(x))
	case int64:
		number(w, x)
	case []byte:
		if x == nil {
			w.WriteString("null")
			return nil
		}
		w.WriteString(`'\x`)
		w.WriteString(hex.EncodeToString(x))
		w.WriteString(`'::bytea`)
	case uuid.UUID:
		w.WriteString("'" + x.String() + "'::uuid")
	case uuid.NullUUID:
		if !x.Valid {
			w.WriteString("null::uuid")
			return nil
		}
		w.WriteString("'" + x.UUID.String() + "'::uuid")
	case time.Time:
		if x.IsZero() {
			w.WriteString("null")
			return nil
		}
		w.WriteString("'" + x.UTC().Format("2006-01-02T15:04:05.999999999Z") + "'")
	case []uuid.UUID:
		w.WriteString("array[")
		for i, id := range x {
			if i > 0 {
				w.WriteByte(',')
			}
			w.WriteString("'" + id.String() + "'")
		}
		w.WriteString("]::uuid[]")
	case [][]byte:
		w.WriteString("array[")
		for i, s := range x {
			if i > 0 {
				w.WriteByte(',')
			}
			if err := literal(w, s); err != nil {
				return err
			}
		}
		w.WriteString("]::bytea[]")
	case []string:
		w.WriteString("array[")
		for i, s := range x {
			if i > 0 {
				w.WriteByte(',')
			}
			if err := quote(w, s); err != nil {
				return err
			}
		}
		w.WriteString("]::text[]")
	case driver.Valuer:
		y, err := x.Value()
		if err != nil {
			return err
		}
		return literal(w, y)
	default:
		return fmt.Errorf("no literal for %T", v)
	}
	return nil
}

func number(w *strings.Builder, n int64) {
	if n < 0 { // "- -1" would begin a comment
		w.WriteString("(" + strconv.FormatInt(n, 10) + ")")
		return
	}
	w.WriteString(strconv.FormatInt(n, 10))
}

func quote(w *strings.Builder, s string) error {
	if strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s) {
		return errText
	}
	w.WriteByte('\'')
	w.WriteString(strings.ReplaceAll(s, "'", "''"))
	w.WriteByte('\'')
	return nil
}
