package proof

import (
	"strings"
	"testing"
)

// FuzzCheckpoint reads checkpoints and keys of anybody's making: what is read says one size, one root and one time, and a key without our name is none.
func FuzzCheckpoint(f *testing.F) {
	root := strings.Repeat("A", 43) + "="
	for _, s := range []string{"", "binhan-audit\n0\n" + root + "\n" + timeLine + "2026-11-24T10:00:00Z\n\n— binhan-audit AAAA\n", "binhan-audit\n7\n" + root + "\n" + timeLine + "2026-11-24T10:00:00.123456Z\n", "binhan-audit\n-1\n" + root + "\n" + timeLine + "x\n", "binhan-audit\n07\n" + root + "\n\n", "another\n7\n" + root + "\n", "binhan-audit+00000000+AAAA", "binhan-audit\n99999999999999999999\n" + root + "\n", "\n\n\n\n", "— binhan-audit"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ReadUnchecked(text)
		if again, err2 := ReadUnchecked(text); (err == nil) != (err2 == nil) || err == nil && again != c {
			t.Fatalf("%q is read as %v and %v", text, c, again)
		}
		if err == nil && (c.Size < 0 || c.Time.IsZero() && !strings.Contains(text, "0001-01-01")) {
			t.Fatalf("%q is read as %+v", text, c)
		}
		if k, err := ParseKey(text); err == nil {
			if _, err := k.Open([]byte(text)); err == nil {
				t.Fatalf("%q is a key and what it signed", text)
			}
			if again, err := ParseKey(k.String()); err != nil || again.String() != k.String() {
				t.Fatalf("the key %q is not read again", text)
			}
		}
	})
}
