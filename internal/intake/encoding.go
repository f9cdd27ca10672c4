package intake

import (
	"bufio"
	"bytes"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	utf16 "golang.org/x/text/encoding/unicode"
)

// encodings are the encodings of text files that a mapping may name; nil is UTF-8.
var encodings = map[string]encoding.Encoding{
	"":             nil,
	"utf-8":        nil,
	"utf-16le":     utf16.UTF16(utf16.LittleEndian, utf16.IgnoreBOM),
	"utf-16be":     utf16.UTF16(utf16.BigEndian, utf16.IgnoreBOM),
	"windows-1252": charmap.Windows1252,
	"windows-1258": charmap.Windows1258,
	"iso-8859-1":   charmap.ISO8859_1,
}

// Encodings are the names that a mapping may give in file.encoding.
func Encodings() []string {
	names := slices.Sorted(maps.Keys(encodings))
	return names[1:] // the first is the empty name
}

// decoded turns a text file into UTF-8. A byte-order mark overrules what the mapping says, since it was written by the program that wrote the file.
func decoded(name string, file io.Reader) (r io.Reader, unicodeFile bool) {
	b := bufio.NewReaderSize(file, 64<<10)
	head, _ := b.Peek(3)
	switch {
	case bytes.HasPrefix(head, []byte{0xEF, 0xBB, 0xBF}):
		_, _ = b.Discard(3)
		return b, true
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}):
		_, _ = b.Discard(2)
		return encodings["utf-16le"].NewDecoder().Reader(b), false
	case bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		_, _ = b.Discard(2)
		return encodings["utf-16be"].NewDecoder().Reader(b), false
	}
	if e := encodings[name]; e != nil {
		return e.NewDecoder().Reader(b), false
	}
	return b, true
}

// unfont turns a text typed in an old font into Unicode. A text with any letter that the font did not have was typed in Unicode already and stays as it is:
// registers of the years between hold both.
func unfont(font *strings.Replacer, text string) string {
	if font == nil {
		return text
	}
	for _, r := range text {
		if r > 0x7f && (unicode.IsLetter(r) || unicode.IsMark(r)) && !strings.ContainsRune(tcvn3Old, r) {
			return text
		}
	}
	return font.Replace(text)
}

// fonts turn the letters of an old Vietnamese font into Unicode. Registers of before the 2010s were often typed in such fonts: the file holds "Hµ Néi" and only
// the right font shows "Hà Nội".
var fonts = map[string]*strings.Replacer{
	"":      nil,
	"tcvn3": strings.NewReplacer(pairs(tcvn3Old, tcvn3New)...),
}

// The letters of TCVN 5712:1993 (fonts called .VnTime), as they appear when read as Latin-1. Capitals with tone marks had a font of their own,
// so a text in capitals cannot be told from one in small letters; finding and matching ignore the case anyway.
const (
	tcvn3Old = "¡¢§£¤¥¦" +
		"µ¸¶·¹" + "¨»¾¼½Æ" + "©ÇÊÈÉË" + "®" + "ÌÐÎÏÑ" + "ªÒÕÓÔÖ" + "×ÝØÜÞ" +
		"ßãáâä" + "«åèæçé" + "¬êíëìî" + "ïóñòô" + "\u00adõøö÷ù" + "úýûüþ"
	tcvn3New = "ĂÂĐÊÔƠƯ" +
		"àáảãạ" + "ăằắẳẵặ" + "âầấẩẫậ" + "đ" + "èéẻẽẹ" + "êềếểễệ" + "ìíỉĩị" +
		"òóỏõọ" + "ôồốổỗộ" + "ơờớởỡợ" + "ùúủũụ" + "ưừứửữự" + "ỳýỷỹỵ"
)

func pairs(old, new string) []string {
	var p []string
	o, n := []rune(old), []rune(new)
	for i := range o {
		p = append(p, string(o[i]), string(n[i]))
	}
	return p
}
