package casefile

import "testing"

func TestACodeWithAWrongLetterIsNoticed(t *testing.T) {
	t.Parallel()
	for range 50 {
		code := newCode(spoken, "51", 2026)
		if clean, ok := CleanCode(" " + code + " "); !ok || clean != code {
			t.Fatalf("%s is not taken back", code)
		}
		for i := range len(code) - 2 {
			if code[i] == '-' {
				continue
			}
			for _, c := range []byte("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
				value := func(c byte) int {
					if c <= '9' {
						return int(c - '0')
					}
					return int(c-'A') + 10
				}
				d := value(c) - value(code[i])
				if _, ok := CleanCode(code[:i] + string(c) + code[i+1:]); ok != (d%23 == 0) {
					t.Errorf("%s with %c at %d: taken %v", code, c, i, ok)
				}
			}
		}
	}
}
