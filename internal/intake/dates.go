package intake

import (
	"strings"
)

// dateTokens are the ways to write the parts of a day in a mapping, longest first, with Go's names for them.
var dateTokens = []struct{ token, layout string }{
	{"YYYY", "2006"}, {"MM", "01"}, {"DD", "02"}, {"hh", "15"}, {"mm", "04"}, {"ss", "05"}, {"M", "1"}, {"D", "2"},
}

// layoutOf turns "D/M/YYYY hh:mm" into Go's "2/1/2006 15:04". A year has four figures: two would leave a century to be guessed. One-letter days and months
// take one figure or two.
func layoutOf(pattern string) (string, bool) {
	var b strings.Builder
	seen := map[string]int{}
	for rest := pattern; rest != ""; {
		matched := false
		for _, t := range dateTokens {
			if after, ok := strings.CutPrefix(rest, t.token); ok {
				b.WriteString(t.layout)
				seen[strings.ToUpper(t.token[:1])+t.token[:1]]++
				rest, matched = after, true
				break
			}
		}
		if matched {
			continue
		}
		if !strings.ContainsRune("-/. :T,", rune(rest[0])) {
			return "", false
		}
		b.WriteByte(rest[0])
		rest = rest[1:]
	}
	ok := seen["YY"] == 1 && seen["MM"] == 1 && seen["DD"] == 1
	return b.String(), ok
}

// contradicts tells whether two layouts read the same text as two different days: 5/7 and 7/5.
func contradicts(a, b string) bool {
	return a != b && shape(a) == shape(b) && dayFirst(a) != dayFirst(b)
}

func shape(layout string) string {
	return strings.NewReplacer("2006", "Y", "01", "#", "02", "#", "1", "#", "2", "#").Replace(dayPart(layout))
}

func dayFirst(layout string) bool {
	l := strings.NewReplacer("2006", "Y", "01", "M", "02", "D", "1", "M", "2", "D").Replace(dayPart(layout))
	return strings.Index(l, "D") < strings.Index(l, "M")
}

// dayPart is a layout without its time of day, whose figures would be taken for days.
func dayPart(layout string) string {
	return strings.NewReplacer("15", "", "04", "", "05", "").Replace(layout)
}
