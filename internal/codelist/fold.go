package codelist

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold reduces a text to what people agree on when they write a name in different ways: lower case, no accents, đ and ð as d, single spaces,
// nothing invisible.
// It is for finding, never for storing.
func Fold(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	gap := false
	for _, r := range norm.NFD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r): // marks, and what nobody sees: joiners, soft hyphens, changes of direction
			continue
		case unicode.IsSpace(r):
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		switch r = unicode.ToLower(r); r {
		case 'đ', 'ð', 'ɖ': // ð (eth) and ɖ come out of broken keyboards and fonts; their capitals look like Đ
			r = 'd'
		}
		b.WriteRune(r)
	}
	return b.String()
}
