package release

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/csv"
	"fmt"
	"slices"
	"testing"
)

// seeded is a dice whose bytes are AES-CTR of a name, so that a test always sees the same draws. Only tests can make one.
func seeded(name string) *dice { return diceFrom(keystream(name)) }

type stream struct{ c cipher.Stream }

func (s stream) Read(p []byte) (int, error) {
	clear(p)
	s.c.XORKeyStream(p, p)
	return len(p), nil
}

func keystream(name string) stream {
	key := sha256.Sum256([]byte(name))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err)
	}
	return stream{cipher.NewCTR(block, make([]byte, aes.BlockSize))}
}

// people makes n made-up persons with the skew and correlation of a real register: one area has a third of them, most are women hurt at home
// by a husband, and small cells are many.
func people(name string, n int, dims ...string) *Facts {
	d := seeded("people " + name)
	choose := func(weights ...uint64) int {
		var sum uint64
		for _, w := range weights {
			sum += w
		}
		at := d.below(sum)
		for i, w := range weights {
			if at < w {
				return i
			}
			at -= w
		}
		panic("unreachable")
	}
	domain := map[string][]string{
		"area":     KonTumAreas(),
		"month":    monthsBetween("2024-01", "2024-12"),
		"form":     {"PHYSICAL", "PSYCHOLOGICAL", "SEXUAL", "ECONOMIC", "UNK"},
		"sex":      {"F", "M", "X", "UNK"},
		"age":      {"A00_06", "A07_12", "A13_15", "A16_17", "A18_24", "A25_39", "A40_59", "A60P", "UNK"},
		"sex_perp": {"F", "M", "X", "UNK"},
		"ethnic":   {"KINH", "XO_DANG", "BA_NA", "GIE_TRIENG", "GIA_RAI", "DTTS_KHAC", "NUOC_NGOAI", "UNK"},
		"forms":    {"PHYSICAL", "PSYCHOLOGICAL", "SEXUAL", "ECONOMIC", "PHYSICAL+PSYCHOLOGICAL", "PSYCHOLOGICAL+ECONOMIC", "PHYSICAL+SEXUAL+PSYCHOLOGICAL", "UNK"},
		"relation": {"SPOUSE", "EX_PARTNER", "PARTNER", "PARENT", "IN_LAW", "CHILD", "SIBLING", "OTHER_FAMILY", "OTHER_KNOWN", "STRANGER", "UNKNOWN"},
	}
	for a := range 10 {
		for c := range 4 + a%5 {
			domain["commune"] = append(domain["commune"], fmt.Sprintf("%s%02d", KonTumAreas()[a], c+1))
		}
	}
	f := &Facts{Dims: dims}
	for _, dim := range dims {
		f.Values = append(f.Values, domain[dim])
	}
	for range n {
		at := map[string]int{}
		at["area"] = choose(177, 51, 65, 51, 28, 31, 80, 53, 29, 13)
		first := 0
		for a := range at["area"] {
			first += 4 + a%5
		}
		at["commune"] = first + choose([]uint64{40, 20, 15, 10, 6, 5, 3, 1}[:4+at["area"]%5]...)
		at["month"] = choose(7, 9, 8, 8, 8, 10, 10, 8, 7, 8, 9, 8)
		at["age"] = choose(2, 3, 5, 3, 14, 40, 23, 7, 3)
		at["sex"] = choose(880, 100, 8, 12)
		if at["age"] < 4 {
			at["sex"] = choose(700, 280, 8, 12)
			at["relation"] = choose(0, 0, 2, 50, 1, 0, 6, 12, 20, 6, 3)
			at["form"] = choose(40, 20, 34, 2, 4)
		} else {
			at["relation"] = choose(60, 9, 8, 3, 5, 4, 2, 2, 4, 1, 2)
			at["form"] = choose(52, 24, 5, 15, 4)
		}
		if len(dims) > 8 { // after the others, so that what older tests draw stays as it was
			at["sex_perp"] = choose(60, 880, 5, 55)
			at["ethnic"] = [][]int{{0, 1, 2}, {1, 3}, {3, 1}, {2, 0}}[at["area"]%4][min(choose(6, 3, 1), []int{2, 1, 1, 1}[at["area"]%4])]
			at["forms"] = [][]int{{0, 4, 6}, {1, 4, 5}, {2, 6}, {3, 5}, {7}}[at["form"]][0]
			if more := [][]int{{0, 4, 6}, {1, 4, 5}, {2, 6}, {3, 5}, {7}}[at["form"]]; choose(1, 1) == 1 {
				at["forms"] = more[choose([]uint64{1, 1, 1}[:len(more)]...)]
			}
		}
		for _, dim := range dims {
			f.rows = append(f.rows, uint32(at[dim]))
		}
	}
	return f
}

// allDims are all dimensions of a year's plan.
var allDims = []string{"area", "commune", "month", "form", "sex", "age", "relation", "sex_perp", "ethnic", "forms"}

// mediumDims are the oldest dimensions of the plan of a province.
var mediumDims = []string{"area", "month", "form", "sex", "age", "relation"}

// planFor is the default plan of a size class on given facts.
func planFor(t testing.TB, size Size, f *Facts) *layout {
	t.Helper()
	values, parents, err := domains(f)
	if err != nil {
		t.Fatal(err)
	}
	l, err := planOr(nil, size).Resolve(values, parents).Only(f.Has).share().layout(true)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func tabulated(t testing.TB, l *layout, f *Facts) counts {
	t.Helper()
	c, err := tabulate(l, f, true)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// release draws and publishes once.
func release(t testing.TB, d *dice, l *layout, c counts) []PublishedTable {
	t.Helper()
	m, err := measureAll(d, l, c)
	if err != nil {
		t.Fatal(err)
	}
	p, err := l.protect(m)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// leaves are the cells of a table at full depth, in the order of the exact counts.
func leaves(l *layout, i int, p PublishedTable) []Cell {
	return p.Cells[len(p.Cells)-l.tables[i].cells:]
}

// asCSV writes facts as a file.
func asCSV(f *Facts) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(f.Dims)
	for i := range f.Len() {
		var row []string
		for d, v := range f.row(i) {
			row = append(row, f.Values[d][v])
		}
		_ = w.Write(row)
	}
	w.Flush()
	return b.Bytes()
}

// without gives the facts less one row.
func without(f *Facts, i int) *Facts {
	g := *f
	n := len(f.Dims)
	g.rows = slices.Concat(f.rows[:i*n], f.rows[(i+1)*n:])
	return &g
}
