package seal

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"
)

// Names are matched as people here give and hear them: in any order of the syllables ("Lan Nguyễn Thị"), with the middle name left out on
// either side, without marks, with i for y, and with one letter wrong in one syllable of three letters or more. The closer the spelling the
// earlier the case: equal with all marks, equal without, i for y, one letter off; then the fewest syllables missing; then the same order.
// Phones are compared as national numbers, id numbers as digits and letters; both must be equal.

const (
	maxQuery     = 200 // bytes of one part of a query
	maxSyllables = 16
)

// closeness is how far two syllables are apart.
type closeness uint8

const (
	sameMarks closeness = iota
	sameLetters
	sameIY
	oneEdit
)

// syllable is one syllable in the three forms that are compared.
type syllable struct{ marks, letters, iy string }

// fit is how well a name fits: closeness first, then syllables missing, then order.
type fit struct {
	close     closeness
	missing   int
	reordered bool
}

type matcher struct {
	name     []syllable
	phone    string
	idNumber string
	found    []found
	known    map[string]syllable // of the names met so far: most share most of their syllables
}

type found struct {
	id  uuid.UUID
	fit fit
}

func newMatcher(q Query) (*matcher, error) {
	for _, part := range []string{q.Name, q.Phone, q.IDNumber} {
		if len(part) > maxQuery {
			return nil, fmt.Errorf("%w: query of %d bytes", ErrTooMuch, len(part))
		}
	}
	m := &matcher{known: map[string]syllable{}, name: syllables(q.Name, nil), phone: national(q.Phone), idNumber: plainNumber(q.IDNumber)}
	if len(m.name) > maxSyllables {
		return nil, fmt.Errorf("%w: %d syllables", ErrTooMuch, len(m.name))
	}
	// A part that was given but holds nothing to compare ("---") must not turn into a query that everything fits.
	for _, part := range []struct {
		given string
		empty bool
	}{{q.Name, len(m.name) == 0}, {q.Phone, m.phone == ""}, {q.IDNumber, m.idNumber == ""}} {
		if strings.TrimSpace(part.given) != "" && part.empty {
			return nil, ErrNoQuery
		}
	}
	if len(m.name) == 0 && m.phone == "" && m.idNumber == "" {
		return nil, ErrNoQuery
	}
	return m, nil
}

// look compares one opened identity.
func (m *matcher) look(id uuid.UUID, plain []byte) error {
	var who struct {
		Name     string `json:"name"`
		Phone    string `json:"phone"`
		IDNumber string `json:"id_number"`
	}
	if err := json.Unmarshal(plain, &who); err != nil {
		return ErrForged
	}
	var best fit
	if m.phone != "" && national(who.Phone) != m.phone {
		return nil
	}
	if m.idNumber != "" && plainNumber(who.IDNumber) != m.idNumber {
		return nil
	}
	if len(m.name) > 0 {
		var ok bool
		if best, ok = compareNames(m.name, syllables(who.Name, m.known)); !ok {
			return nil
		}
	}
	m.found = append(m.found, found{id, best})
	return nil
}

// best gives the ids, best first, in the order of the rows among equals.
func (m *matcher) best() []uuid.UUID {
	slices.SortStableFunc(m.found, func(a, b found) int {
		order := cmp.Compare(a.fit.close, b.fit.close)
		if order == 0 {
			order = cmp.Compare(a.fit.missing, b.fit.missing)
		}
		if order == 0 && a.fit.reordered != b.fit.reordered {
			order = -1
			if a.fit.reordered {
				order = 1
			}
		}
		return order
	})
	ids := make([]uuid.UUID, len(m.found))
	for i, f := range m.found {
		ids[i] = f.id
	}
	return ids
}

// compareNames fits when every syllable of one name is found in the other; the shorter one needs two syllables when it is the stored one,
// so that a stored "Lan" is not found by everybody's full name.
func compareNames(asked, stored []syllable) (fit, bool) {
	if len(asked) == 0 || len(stored) == 0 || len(stored) > maxSyllables {
		return fit{}, false
	}
	if len(asked) > len(stored) && len(stored) < 2 {
		return fit{}, false
	}
	var partner [maxSyllables]int // index of the stored syllable + 1
	var taken [maxSyllables]bool
	worst := sameMarks
	left := len(asked)
	// The three kinds of equality each contain the one before, so pairing the closest first leaves the fewest over.
	for kind := sameMarks; kind <= sameIY; kind++ {
		for i := range asked {
			if partner[i] != 0 {
				continue
			}
			for j := range stored {
				if !taken[j] && equalAs(kind, &asked[i], &stored[j]) {
					partner[i], taken[j], worst = j+1, true, max(worst, kind)
					left--
					break
				}
			}
		}
	}
	over := len(stored) - (len(asked) - left)
	if left > 0 && over > 0 && min(left, over) == 1 { // one syllable may be a letter off
	pairs:
		for i := range asked {
			for j := range stored {
				if partner[i] == 0 && !taken[j] && len(asked[i].iy) >= 3 && oneOff(asked[i].iy, stored[j].iy) {
					partner[i], taken[j], worst = j+1, true, oneEdit
					left, over = left-1, over-1
					break pairs
				}
			}
		}
	}
	if left > 0 && over > 0 {
		return fit{}, false
	}
	reordered, last := false, 0
	for i := range asked {
		if partner[i] != 0 {
			reordered = reordered || partner[i] < last
			last = partner[i]
		}
	}
	return fit{close: worst, missing: left + over, reordered: reordered}, true
}

func equalAs(kind closeness, a, b *syllable) bool {
	switch kind {
	case sameMarks:
		return a.marks == b.marks
	case sameLetters:
		return a.letters == b.letters
	default:
		return a.iy == b.iy
	}
}

// oneOff tells whether a becomes b by one letter put in, left out or changed. Folded syllables are ASCII nearly always; where they are not,
// a letter of two bytes counts as two and the syllable simply does not fit.
func oneOff(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) == len(b) {
		return i < len(a) && a[i+1:] == b[i+1:]
	}
	return a[i:] == b[i+1:]
}

// syllables cuts a name at everything that is neither letter, mark nor digit. Apostrophes inside a syllable (H'Nhi, H’Nhi) are dropped. Known,
// when given, remembers syllables for the next name.
func syllables(name string, known map[string]syllable) []syllable {
	if name == "" {
		return nil
	}
	name = strings.Map(func(r rune) rune {
		switch r {
		case '\'', '’', 'ʼ', '`':
			return -1
		}
		return r
	}, strings.ToLower(norm.NFC.String(name)))
	words := strings.FieldsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r)
	})
	out := make([]syllable, 0, len(words))
	for _, word := range words {
		if s, ok := known[word]; ok {
			out = append(out, s)
			continue
		}
		letters := Fold(word)
		if letters == "" {
			continue
		}
		s := syllable{marks: word, letters: letters, iy: strings.ReplaceAll(letters, "y", "i")}
		if known != nil {
			known[word] = s
		}
		out = append(out, s)
	}
	return out
}

// national takes a Vietnamese phone number to its national digits: "+84 905.123.456", "0905123456" and "84905123456" are one number.
func national(phone string) string {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, phone)
	digits = strings.TrimPrefix(digits, "00")
	if len(digits) >= 11 {
		digits = strings.TrimPrefix(digits, "84")
	}
	return strings.TrimLeft(digits, "0")
}

// plainNumber keeps the digits of an id number, and letters, which passports have.
func plainNumber(number string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z':
			return r
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		}
		return -1
	}, number)
}
