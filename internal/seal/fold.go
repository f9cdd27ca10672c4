package seal

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold takes a Vietnamese text to the form in which it is compared: composed, lower case, without marks, single spaces. "Nguyễn Thúy Ðào",
// "nguyễn thuý đào" and "NGUYEN THUY DAO" fold alike. Folding serves comparison only; the spelling that a person gave is kept as given.
//
// đ and ð do not decompose, so they are named: ð (U+00F0) is what remains of Ð (U+00D0), often typed for Đ (U+0110). ƀ is a letter of the
// Bahnar and Jarai people of Kon Tum and Gia Lai and is treated likewise.
func Fold(text string) string {
	if folded, ok := foldASCII(text); ok {
		return folded
	}
	var b strings.Builder
	b.Grow(len(text))
	space := false
	for _, r := range norm.NFD.String(strings.ToLower(norm.NFC.String(text))) {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case unicode.IsSpace(r):
			space = b.Len() > 0
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		switch r {
		case 'đ', 'ð':
			r = 'd'
		case 'ƀ':
			r = 'b'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// foldASCII is Fold for texts without marks, which are most of what is typed in a hurry.
func foldASCII(text string) (string, bool) {
	for i := 0; i < len(text); i++ {
		if text[i] >= utf8.RuneSelf {
			return "", false
		}
	}
	return strings.Join(strings.Fields(strings.ToLower(text)), " "), true
}
