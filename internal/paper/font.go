package paper

import (
	"embed"
	"encoding/binary"
	"sync"
)

//go:embed fonts/*.ttf fonts/LICENSE
var fontFiles embed.FS

// Styles of a run.
const (
	regular    = ""
	bold       = "B"
	italic     = "I"
	boldItalic = "BI"
)

var fontFile = map[string]string{regular: "Regular", bold: "Bold", italic: "Italic", boldItalic: "BoldItalic"}

func styleOf(b, i bool) string {
	switch {
	case b && i:
		return boldItalic
	case b:
		return bold
	case i:
		return italic
	}
	return regular
}

// font gives the bytes of a style. A style that is not embedded is a fault of the build.
func font(style string) []byte {
	raw, err := fontFiles.ReadFile("fonts/LiberationSerif-" + fontFile[style] + ".ttf")
	if err != nil {
		panic(err)
	}
	return raw
}

// covered are the characters that every style of the font has.
var covered = sync.OnceValue(func() map[rune]bool {
	count := map[rune]int{}
	for style := range fontFile {
		for _, r := range letters(font(style)) {
			count[r]++
		}
	}
	all := map[rune]bool{}
	for r, n := range count {
		if n == len(fontFile) {
			all[r] = true
		}
	}
	return all
})

// Lacking gives the characters of a text that cannot be printed, each once: the font has no glyph for them. Whoever takes in texts for a report
// may refuse them at once.
func Lacking(text string) []rune {
	var none []rune
	seen := map[rune]bool{}
	for _, r := range text {
		if !covered()[r] && !seen[r] {
			seen[r] = true
			none = append(none, r)
		}
	}
	return none
}

// letters reads from a TrueType font which characters have a glyph: the table cmap, format 4 (OpenType 1.9, 5.2.1), of which our fonts have one for
// Windows Unicode. A font that cannot be read has no characters, and the test of coverage says so.
func letters(ttf []byte) []rune {
	u16 := func(b []byte, at int) int {
		if at < 0 || at+2 > len(b) {
			return 0
		}
		return int(binary.BigEndian.Uint16(b[at:]))
	}
	u32 := func(b []byte, at int) int {
		if at < 0 || at+4 > len(b) {
			return 0
		}
		return int(binary.BigEndian.Uint32(b[at:]))
	}
	cmap := 0
	for i := range u16(ttf, 4) {
		if at := 12 + 16*i; at+16 <= len(ttf) && string(ttf[at:at+4]) == "cmap" {
			cmap = u32(ttf, at+8)
		}
	}
	var out []rune
	for i := range u16(ttf, cmap+2) {
		at := cmap + 4 + 8*i
		if u16(ttf, at) != 3 || u16(ttf, at+2) != 1 {
			continue
		}
		sub := cmap + u32(ttf, at+4)
		if u16(ttf, sub) != 4 {
			continue
		}
		n := u16(ttf, sub+6) / 2 // segments
		for s := range n {
			end, start := u16(ttf, sub+14+2*s), u16(ttf, sub+16+2*n+2*s)
			delta, offset := u16(ttf, sub+16+4*n+2*s), u16(ttf, sub+16+6*n+2*s)
			for c := start; c <= end && c < 0xFFFF; c++ {
				glyph := (c + delta) & 0xFFFF
				if offset != 0 {
					if glyph = u16(ttf, sub+16+6*n+2*s+offset+2*(c-start)); glyph != 0 {
						glyph = (glyph + delta) & 0xFFFF
					}
				}
				if glyph != 0 {
					out = append(out, rune(c))
				}
			}
		}
	}
	return out
}
