package seal_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"binhan/internal/seal"
)

func FuzzPlaceIsInjective(f *testing.F) {
	f.Add("cases", "a", "identity", []byte("1"), "cases", "a", "identity", []byte("2"))
	f.Add("ab", "c", "identity", []byte("1"), "a", "bc", "identity", []byte("1"))
	f.Add("a\x00", "", "", []byte{}, "a", "\x00", "", []byte{})
	f.Add("", "a\x00\x00\x00\x01b", "", []byte{0xff}, "a", "b", "", []byte{})
	f.Fuzz(func(t *testing.T, table1, column1, c1 string, ids1 []byte, table2, column2, c2 string, ids2 []byte) {
		place := func(table, column, c string, ids []byte) seal.Place {
			p := seal.Place{Table: table, Column: column, Compartment: seal.Compartment(c)}
			n := copy(p.Row[:], ids)
			copy(p.Owner[:], ids[n:])
			return p
		}
		a, b := place(table1, column1, c1, ids1), place(table2, column2, c2, ids2)
		if (a == b) != bytes.Equal(a.Canonical(), b.Canonical()) {
			t.Fatalf("%+v and %+v: equal %v, canonical bytes equal %v", a, b, a == b, a != b)
		}
	})
}

// An opened value is exactly one that was sealed: whatever else arrives gives ErrForged and nothing else.
func FuzzOpenBelievesOnlyWhatWasSealed(f *testing.F) {
	ring := newRing(f)
	owner := uuid.MustParse("0190d4a2-0000-7000-8000-000000000001")
	keys, ws, err := ring.NewKeys(context.Background(), owner, seal.Narrative)
	if err != nil {
		f.Fatal(err)
	}
	p := seal.Place{Table: "cases", Column: "narrative_sealed", Row: owner, Owner: owner, Compartment: seal.Narrative}
	sealed, err := keys.Seal(p, []byte("chuyện thử nghiệm"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed, ws[0].Key)
	f.Add([]byte{}, []byte{})
	f.Add(sealed[:30], ws[0].Key[:30])
	f.Add(bytes.Repeat([]byte{1}, 2000), bytes.Repeat([]byte{1}, 73))
	f.Fuzz(func(t *testing.T, value, wrapped []byte) {
		if got, err := keys.Open(p, value); bytes.Equal(value, sealed) != (err == nil) || err != nil && !errors.Is(err, seal.ErrForged) {
			t.Fatalf("Open: %d bytes, %v", len(got), err)
		}
		_, err := ring.Unwrap(context.Background(), seal.For{}, owner, seal.Wrapped{Compartment: seal.Narrative, Key: wrapped})
		if bytes.Equal(wrapped, ws[0].Key) != (err == nil) || err != nil && !errors.Is(err, seal.ErrForged) {
			t.Fatalf("Unwrap: %v", err)
		}
	})
}

func TestFoldTakesSpellingsOfOneNameToOneForm(t *testing.T) {
	t.Parallel()
	got := map[string]string{}
	want := map[string]string{
		"Nguyễn Thúy Đào":                   "nguyen thuy dao",
		"nguyễn thuý Ðào":                   "nguyen thuy dao", // U+00D0
		"NGUYE\u0302\u0303N THUY\u0301 ĐÀO": "nguyen thuy dao",
		"  nguyen\u00a0thuy \t dao\n":       "nguyen thuy dao",
		"Hòa":                               "hoa",
		"Hoà":                               "hoa",
		"ươ ưu Ơ":                           "uo uu o",
		"ð đ Đ Ð":                           "d d d d",
		"Ƀă Xơ Đăng":                        "ba xo dang",
		"":                                  "",
		" \u0301 ":                          "",
		"ASCII  Only":                       "ascii only",
	}
	for text := range want {
		got[text] = seal.Fold(text)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzFoldIsStable(f *testing.F) {
	f.Add("Nguyễn Thị Ðào")
	f.Add("İ ẞ ǅ \u0344")
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			t.Skip()
		}
		folded := seal.Fold(text)
		for _, r := range folded {
			if unicode.Is(unicode.Mn, r) || r == 'đ' || r == 'ð' {
				t.Fatalf("%q keeps a mark: %q", text, folded)
			}
		}
		if again := seal.Fold(folded); again != folded {
			t.Fatalf("%q folds to %q, and that to %q", text, folded, again)
		}
	})
}

func TestSealingAllocatesTheValueOnly(t *testing.T) {
	ring := newRing(t)
	owner := uuid.New()
	keys, ws, err := ring.NewKeys(context.Background(), owner, seal.Narrative)
	if err != nil {
		t.Fatal(err)
	}
	p := seal.Place{Table: "cases", Column: "narrative_sealed", Row: owner, Owner: owner, Compartment: seal.Narrative}
	plain := make([]byte, 2000)
	sealed, err := keys.Seal(p, plain)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		run  func()
		most float64
	}{
		"Seal":   {func() { _, _ = keys.Seal(p, plain) }, 1},
		"Open":   {func() { _, _ = keys.Open(p, sealed) }, 1},
		"MAC":    {func() { _, _ = ring.MAC(context.Background(), "fact", owner[:]) }, 2},
		"Unwrap": {func() { _, _ = ring.Unwrap(context.Background(), seal.For{}, owner, ws...) }, 11}, // two of them look whether the erasure ledger has grown, one is for the vault
	} {
		if got := testing.AllocsPerRun(200, c.run); got > c.most {
			t.Errorf("%s: %.0f allocations, at most %.0f", name, got, c.most)
		}
	}
}

// What a create costs: keys for four compartments, 2 kB of a case sealed in three values, the mark of its fact. Bar: 15 µs.
func BenchmarkCreateCase(b *testing.B) {
	ring, owner := newRing(b), uuid.New()
	ctx := context.Background()
	parts := map[seal.Compartment][]byte{seal.Identity: make([]byte, 400), seal.Safety: make([]byte, 300), seal.Narrative: make([]byte, 1300)}
	b.ReportAllocs()
	for b.Loop() {
		keys, _, err := ring.NewKeys(ctx, owner, seal.Identity, seal.Safety, seal.Narrative, seal.Evidence)
		if err != nil {
			b.Fatal(err)
		}
		for c, plain := range parts {
			if _, err := keys.Seal(seal.Place{Table: "cases", Column: "sealed", Row: owner, Owner: owner, Compartment: c}, plain); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := ring.MAC(ctx, "fact", owner[:]); err != nil {
			b.Fatal(err)
		}
		keys.Close()
	}
}

// What opening a case of 2 kB in one value costs, its key unwrapped and set up each time. Bar: 3 µs.
func BenchmarkOpenCase(b *testing.B) {
	ring, owner := newRing(b), uuid.New()
	ctx := context.Background()
	keys, ws, err := ring.NewKeys(ctx, owner, seal.Narrative)
	if err != nil {
		b.Fatal(err)
	}
	p := seal.Place{Table: "cases", Column: "sealed", Row: owner, Owner: owner, Compartment: seal.Narrative}
	sealed, err := keys.Seal(p, make([]byte, 2000))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		again, err := ring.Unwrap(ctx, seal.For{}, owner, ws...)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := again.Open(p, sealed); err != nil {
			b.Fatal(err)
		}
		again.Close()
	}
}

// The same 2 kB spread over the three compartments that a case page shows.
func BenchmarkOpenCaseInThreeCompartments(b *testing.B) {
	ring, owner := newRing(b), uuid.New()
	ctx := context.Background()
	cs := []seal.Compartment{seal.Identity, seal.Safety, seal.Narrative}
	keys, ws, err := ring.NewKeys(ctx, owner, cs...)
	if err != nil {
		b.Fatal(err)
	}
	places, values := make([]seal.Place, 3), make([][]byte, 3)
	for i, c := range cs {
		places[i] = seal.Place{Table: "cases", Column: "sealed", Row: owner, Owner: owner, Compartment: c}
		if values[i], err = keys.Seal(places[i], make([]byte, []int{400, 300, 1300}[i])); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		again, err := ring.Unwrap(ctx, seal.For{}, owner, ws...)
		if err != nil {
			b.Fatal(err)
		}
		for i, p := range places {
			if _, err := again.Open(p, values[i]); err != nil {
				b.Fatal(err)
			}
		}
		again.Close()
	}
}
