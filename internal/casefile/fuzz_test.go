package casefile

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

func TestACursorHasOneSpelling(t *testing.T) {
	t.Parallel()
	id := uuid.MustParse("0193b1c0-0000-7000-8000-0000000000ff")
	at := time.Date(2026, 11, 24, 8, 30, 0, 123_456_000, time.UTC)
	text := encodeCursor(at, id)
	gotAt, gotID, err := decodeCursor(text)
	if err != nil || !gotAt.Equal(at) || gotID != id {
		t.Fatal(gotAt, gotID, err)
	}
	for _, bad := range []string{text + "A", text[1:], text + "=", text + "\n", " " + text, strings.ToLower(text), "a", "AAAA", strings.Repeat("A", 10_000), "../../etc/passwd", "'; drop table cases; --", "\x00", "ạ",
		strings.Repeat("_", 32), "gAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"} {
		if _, _, err := decodeCursor(bad); err == nil {
			t.Errorf("%.40q is taken for a cursor", bad)
		}
	}
	for _, n := range []int64{0, 1, 1 << 40, 1<<63 - 1} {
		if got, err := numberCursor(encodeNumber(n)); err != nil || got != n {
			t.Errorf("%d: %v, %v", n, got, err)
		}
	}
	for _, bad := range []string{"a", "gAAAAAAAAAA", "_________-8", "AAAAAAAAAAAA", "AAAAAAAAAAB", "AAAAAAAAAA A", "\r\nAAAAAAAAAAA"} {
		if got, err := numberCursor(bad); err == nil {
			t.Errorf("%q is taken for %v", bad, got)
		}
	}
}

func FuzzCursor(f *testing.F) {
	id := uuid.MustParse("0193b1c0-0000-7000-8000-0000000000ff")
	for _, s := range []string{"", encodeCursor(time.Unix(0, 0), id), encodeCursor(time.Unix(4102444800, 0), uuid.Max), encodeNumber(7), "A", "====", "\x00", strings.Repeat("A", 32), strings.Repeat("_", 32)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at, id, err := decodeCursor(text)
		if err == nil && text != "" && encodeCursor(at, id) != text {
			t.Fatalf("%q is read as %q", text, encodeCursor(at, id))
		}
		if err == nil && (at.Year() > 2100 || text != "" && at.Year() < 1970) {
			t.Fatalf("%q is of the year %d, which no database takes", text, at.Year())
		}
		n, err := numberCursor(text)
		if err == nil && text != "" && encodeNumber(n.(int64)) != text {
			t.Fatalf("%q is read as %v", text, n)
		}
	})
}

func FuzzCleanCode(f *testing.F) {
	for range 3 {
		f.Add(newCode(spoken, "51", 2026))
		f.Add(strings.ToLower(newCode(imported, "51", 2021)))
	}
	for _, s := range []string{"", "-", "--", "A-", "-A", "ABCD", "abcd ", "A–B–C", "ặặặ", "\xff\xff\xff\xff", "𠜎", "ABCD-51-26-", "ABCD-51-26-XX", "   ", "ß-ß"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		code, ok := CleanCode(typed)
		if !ok {
			return
		}
		if again, ok := CleanCode(code); !ok || again != code {
			t.Fatalf("%q is cleaned to %q, and that to %q, %v", typed, code, again, ok)
		}
		if strings.ContainsAny(code, " \t\n") || (utf8.ValidString(typed) && code != strings.ToUpper(code)) {
			t.Fatalf("%q is cleaned to %q", typed, code)
		}
		if spaced, ok := CleanCode(" " + strings.ToLower(code[:1]) + " " + code[1:]); utf8.ValidString(typed) && code[0] < 0x80 && (!ok || spaced != code) {
			t.Fatalf("%q with a blank is %q, %v", code, spaced, ok)
		}
	})
}
