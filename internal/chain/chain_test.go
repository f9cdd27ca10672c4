package chain_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binhan/internal/chain"
)

const label = "test chain 1"

func write(t *testing.T, n int) (string, []byte, []chain.Head) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "chain")
	f, err := chain.Open(path, label, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var heads []chain.Head
	for i := range n {
		head, err := f.Append(fmt.Appendf(nil, `{"i":%d}`, i), i%2 == 0)
		if err != nil {
			t.Fatal(err)
		}
		heads = append(heads, head)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, text, heads
}

func TestAChainIsReadAgainAndGoesOn(t *testing.T) {
	t.Parallel()
	path, _, heads := write(t, 5)
	var got []string
	f, err := chain.Open(path, label, func(n int, record []byte) error { got = append(got, fmt.Sprint(n, string(record))); return nil })
	if err != nil {
		t.Fatal(err)
	}
	if f.Head() != heads[4] || strings.Join(got, " ") != `1{"i":0} 2{"i":1} 3{"i":2} 4{"i":3} 5{"i":4}` {
		t.Errorf("%v %v", f.Head(), got)
	}
	if _, err := chain.Open(path, label, nil); err == nil {
		t.Error("two write at once")
	}
	if _, err := f.Append([]byte("{}"), true); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "x", "{}\n", "{}\n{}"} {
		if _, err := f.Append([]byte(bad), true); err == nil {
			t.Errorf("took %q", bad)
		}
	}
	if f.Close(); f.Head().Lines != 6 {
		t.Error(f.Head())
	}
	if _, err := chain.Open(path, "test chain 2", nil); !errors.Is(err, chain.ErrBroken) {
		t.Errorf("a chain of another label: %v", err)
	}
}

// Every byte altered, every line removed, doubled, swapped: 100 % found. A cut tail is found by whoever kept the head.
func TestTamperingBreaksTheChainAtItsLine(t *testing.T) {
	t.Parallel()
	_, text, heads := write(t, 8)
	verify := func(text []byte) error {
		_, err := chain.Verify(bytes.NewReader(text), label, nil)
		return err
	}
	if err := verify(text); err != nil {
		t.Fatal(err)
	}
	end := len(text) - 1 // without its last line break the last line is unfinished, which is told apart below
	for i := range end {
		for bit := range 8 {
			bad := bytes.Clone(text)
			bad[i] ^= 1 << bit
			want := fmt.Sprintf("at line %d", bytes.Count(text[:i], []byte("\n"))+1)
			if err := verify(bad); !errors.Is(err, chain.ErrBroken) || !strings.HasSuffix(err.Error(), want) {
				t.Fatalf("byte %d bit %d: %v, want %s", i, bit, err, want)
			}
		}
	}
	lines := bytes.SplitAfter(text, []byte("\n"))[:8]
	join := func(order ...int) []byte {
		var out []byte
		for _, i := range order {
			out = append(out, lines[i]...)
		}
		return out
	}
	for name, bad := range map[string][]byte{
		"removed": join(0, 1, 3, 4, 5, 6, 7), "first removed": join(1, 2, 3, 4, 5, 6, 7), "doubled": join(0, 1, 1, 2, 3), "swapped": join(0, 2, 1, 3), "inserted": append(join(0), append([]byte("2 x {}\n"), join(1, 2)...)...),
	} {
		if err := verify(bad); !errors.Is(err, chain.ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for n := range 9 {
		cut := join([]int{0, 1, 2, 3, 4, 5, 6, 7}[:n]...)
		held, err := chain.Holds(bytes.NewReader(cut), label, heads[5])
		if err != nil || held != (n >= 6) {
			t.Errorf("cut to %d lines: %v, %v", n, held, err)
		}
	}
	other := heads[5]
	other.Hash = heads[4].Hash
	if held, err := chain.Holds(bytes.NewReader(text), label, other); held || err != nil {
		t.Errorf("another history of the same length is held: %v", err)
	}
}

func TestAnUnfinishedLineOfACrashIsTakenAway(t *testing.T) {
	t.Parallel()
	path, text, heads := write(t, 3)
	last := bytes.LastIndexByte(text[:len(text)-1], '\n') + 1
	for cut := last; cut < len(text); cut++ {
		if err := os.WriteFile(path, text[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := chain.Open(path, label, nil)
		if err != nil || f.Head() != heads[1] {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		head, err := f.Append([]byte(`{"i":2}`), true)
		if err != nil || head != heads[2] {
			t.Fatalf("cut at %d: %v %v", cut, head, err)
		}
		f.Close()
		if again, err := os.ReadFile(path); err != nil || !bytes.Equal(again, text) {
			t.Fatalf("cut at %d: %v", cut, err)
		}
	}
}
