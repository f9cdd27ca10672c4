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
type batch struct {
	b   strings.Builder
	n   int64 // statements
	err error
}

func (b *batch) empty() bool { return b.b.Len() == 0 && b.err == nil }

func (b *batch) reset() { b.b.Reset(); b.n, b.err = 0, nil }

func (b *batch) text() (string, error) { return b.b.String(), b.err }

// add appends a statement; $1 … $n stand for the arguments, in a statement that holds no string literal with a dollar sign.
func (b *batch) add(query string, args ...any) {
	b.n++
	if b.b.Len() > 0 {
		b.b.WriteString(";\n")
	}
	for {
		i := strings.IndexByte(query, '$')
		if i < 0 || i+1 == len(query) || query[i+1] < '1' || query[i+1] > '9' {
			b.b.WriteString(query)
			return
		}
		j := i + 1
		for j < len(query) && query[j] >= '0' && query[j] <= '9' {
			j++
		}
		n, err := strconv.Atoi(query[i+1 : j])
		if err != nil || n > len(args) {
			b.err = fmt.Errorf("statement has no argument %s", query[i:j])
			return
		}
		b.b.WriteString(query[:i])
		if err := b.literal(args[n-1]); err != nil {
			b.err = err
			return
		}
		query = query[j:]
	}
}

// addRows appends a statement over a table of literals, v(c1, c2, …).
func (b *batch) addRows(query string, rows [][]any) {
	b.n++
	if b.b.Len() > 0 {
		b.b.WriteString(";\n")
	}
	b.b.WriteString(query)
	b.b.WriteString(" (values ")
	for i, row := range rows {
		if i > 0 {
			b.b.WriteByte(',')
		}
		b.b.WriteByte('(')
		for j, v := range row {
			if j > 0 {
				b.b.WriteByte(',')
			}
			if err := b.literal(v); err != nil {
				b.err = err
				return
			}
		}
		b.b.WriteByte(')')
	}
	b.b.WriteString(") as v(")
	for j := range rows[0] {
		if j > 0 {
			b.b.WriteByte(',')
		}
		b.b.WriteString("c" + strconv.Itoa(j+1))
	}
	b.b.WriteByte(')')
}

// errText: PostgreSQL text takes neither NUL nor broken UTF-8. Input is checked long before; this is the last wall.
var errText = fault.New(fault.Invalid, "text_unreadable")

func (b *batch) literal(v any) error {
	switch x := v.(type) {
	case nil:
		b.b.WriteString("null")
	case string:
		return b.quote(x)
	case bool:
		b.b.WriteString(strconv.FormatBool(x))
	case int:
		b.number(int64(x))
	case int64:
		b.number(x)
	case []byte:
		if x == nil {
			b.b.WriteString("null")
			return nil
		}
		b.b.WriteString(`'\x`)
		b.b.WriteString(hex.EncodeToString(x))
		b.b.WriteString(`'::bytea`)
	case uuid.UUID:
		b.b.WriteString("'" + x.String() + "'::uuid")
	case uuid.NullUUID:
		if !x.Valid {
			b.b.WriteString("null::uuid")
			return nil
		}
		b.b.WriteString("'" + x.UUID.String() + "'::uuid")
	case time.Time:
		if x.IsZero() {
			b.b.WriteString("null")
			return nil
		}
		b.b.WriteString("'" + x.UTC().Format("2006-01-02T15:04:05.999999999Z") + "'")
	case []uuid.UUID:
		b.b.WriteString("array[")
		for i, id := range x {
			if i > 0 {
				b.b.WriteByte(',')
			}
			b.b.WriteString("'" + id.String() + "'")
		}
		b.b.WriteString("]::uuid[]")
	case []string:
		b.b.WriteString("array[")
		for i, s := range x {
			if i > 0 {
				b.b.WriteByte(',')
			}
			if err := b.quote(s); err != nil {
				return err
			}
		}
		b.b.WriteString("]::text[]")
	case driver.Valuer:
		w, err := x.Value()
		if err != nil {
			return err
		}
		return b.literal(w)
	default:
		return fmt.Errorf("no literal for %T", v)
	}
	return nil
}

func (b *batch) number(n int64) {
	if n < 0 { // "- -1" would begin a comment
		b.b.WriteString("(" + strconv.FormatInt(n, 10) + ")")
		return
	}
	b.b.WriteString(strconv.FormatInt(n, 10))
}

func (b *batch) quote(s string) error {
	if strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s) {
		return errText
	}
	b.b.WriteByte('\'')
	b.b.WriteString(strings.ReplaceAll(s, "'", "''"))
	b.b.WriteByte('\'')
	return nil
}
