package survivor

import (
	"strings"
	"testing"
	"time"

	"binhan/internal/fault"
)

// FuzzPerson reads dates, telephone numbers and the numbers of identity cards: what is taken has the form that the rest of the program counts on, and reading it again says the same.
func FuzzPerson(f *testing.F) {
	for _, s := range [][3]string{{"", "", ""}, {"2020-02-29", "0900 000 001", "051191000001"}, {"1890-01-01", "+84 900.000.001", "123456789"}, {"2023-02-29", "(0260) 000-0001", "051 191 000 001"}, {"31/4", "113", "-"}, {"0000-00-00", "+", "."}, {"２０２０-01-01", "٠٩٠٠", "０５１１９１"}, {"2020-01-01T00:00:00Z", "0900\x00", "05119100000A"}, {"-2020-01-01", "++84", " "}} {
		f.Add(s[0], s[1], s[2])
	}
	met := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, date, phone, number string) {
		check := func() bool {
			var ps fault.Problems
			p := Person{BirthDate: date, Phone: phone, IDNumber: number}
			p.Check("", met, &ps)
			return ps.Err() == nil
		}
		if once, again := check(), check(); once != again {
			t.Fatal("it is read in two ways")
		}
		if !check() {
			return
		}
		if date != "" {
			if d, err := time.Parse(time.DateOnly, date); err != nil || d.Format(time.DateOnly) != date || d.Year() < 1890 || d.After(met) {
				t.Fatalf("the date %q", date)
			}
		}
		count := func(s string) (n int) {
			for _, r := range s {
				switch {
				case r >= '0' && r <= '9':
					n++
				case !strings.ContainsRune(" .-()+", r):
					t.Fatalf("%q holds %q", s, r)
				}
			}
			return n
		}
		if n := count(phone); phone != "" && (n < 3 || n > 15) {
			t.Fatalf("the telephone number %q", phone)
		}
		if n := count(number); number != "" && n != 9 && n != 12 {
			t.Fatalf("the number %q", number)
		}
		p := Person{BirthDate: date}
		if years, ok := p.AgeOn(met); ok && (years < 0 || years > 137) {
			t.Fatalf("%q is %d years old", date, years)
		}
	})
}
