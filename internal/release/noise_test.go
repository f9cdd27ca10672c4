package release

import (
	"bytes"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"math"
	"os"
	"strings"
	"testing"
)

// bell lists the probabilities of a discrete Gaussian around zero.
func bell(sigma2 float64) (lowest int64, p []float64) {
	reach := int64(12*math.Sqrt(sigma2)) + 12
	var sum float64
	for y := -reach; y <= reach; y++ {
		v := math.Exp(-float64(y*y) / (2 * sigma2))
		p = append(p, v)
		sum += v
	}
	for i := range p {
		p[i] /= sum
	}
	return -reach, p
}

// chiSquare is the probability of draws at least as far from the expected ones; cells that expect fewer than 10 are put together.
func chiSquare(t *testing.T, d *dice, sigma2 Fraction, n int) (pValue float64) {
	t.Helper()
	g, err := gaussianOf(sigma2)
	if err != nil {
		t.Fatal(err)
	}
	lowest, p := bell(sigma2.float())
	seen := make([]float64, len(p))
	for range n {
		y, err := d.draw(g)
		if err != nil {
			t.Fatal(err)
		}
		if i := y - lowest; i >= 0 && i < int64(len(p)) {
			seen[i]++
		} else {
			t.Fatalf("a draw of %d with variance %v", y, sigma2)
		}
	}
	var x2, have, want float64
	cells := 0
	for i := range p {
		have += seen[i]
		want += p[i] * float64(n)
		if want >= 10 || i == len(p)-1 {
			if want > 0 {
				x2 += (have - want) * (have - want) / want
				cells++
			}
			have, want = 0, 0
		}
	}
	// Wilson and Hilferty: the cube root of a chi-square is nearly normal.
	k := float64(cells - 1)
	z := (math.Cbrt(x2/k) - (1 - 2/(9*k))) / math.Sqrt(2/(9*k))
	return 1 - phi(z)
}

var variances = []Fraction{{1, 2}, {1, 1}, {4, 1}, {25, 1}, {100, 1}, {90, 7}}

func TestDrawsFollowTheDiscreteGaussian(t *testing.T) {
	t.Parallel()
	const n = 1_000_000
	for _, sigma2 := range variances {
		t.Run(sigma2.String(), func(t *testing.T) {
			t.Parallel()
			if p := chiSquare(t, seeded("chi-square "+sigma2.String()), sigma2, n); p < 0.001 {
				t.Errorf("chi-square of %d draws of variance %v: p = %.2g", n, sigma2, p)
			}
		})
	}
}

func TestDrawsOfTheSystemGeneratorFollowToo(t *testing.T) {
	t.Parallel()
	// The bar is where a sound sampler fails once in ten million runs.
	if p := chiSquare(t, newDice(), Fraction{90, 7}, 100_000); p < 1e-7 {
		t.Errorf("chi-square: p = %.2g", p)
	}
}

func TestChiSquareSeesARoundedNormal(t *testing.T) {
	t.Parallel()
	// A test that cannot fail is a defect: draws of variance 1 judged as variance 1.05 must be refused.
	d := seeded("wrong variance")
	g, _ := gaussianOf(Fraction{1, 1})
	lowest, p := bell(1.05)
	seen := make([]float64, len(p))
	const n = 200_000
	for range n {
		y, _ := d.draw(g)
		seen[y-lowest]++
	}
	var x2 float64
	for i := range p {
		if want := p[i] * n; want > 10 {
			x2 += (seen[i] - want) * (seen[i] - want) / want
		}
	}
	if x2 < 50 {
		t.Errorf("chi-square %.1f does not tell variance 1 from 1.05", x2)
	}
}

func TestSmallAndBigArithmeticDecideAlike(t *testing.T) {
	t.Parallel()
	one, two := seeded("arithmetic"), seeded("arithmetic")
	for _, sigma2 := range variances {
		g, err := gaussianOf(sigma2)
		if err != nil {
			t.Fatal(err)
		}
		for m := range uint64(2000) {
			if fast, slow := one.keep(g, m%60), two.keepBig(g, m%60); fast != slow {
				t.Fatalf("variance %v, magnitude %d: %v in words, %v in big integers", sigma2, m%60, fast, slow)
			}
		}
	}
	if one.bits(64) != two.bits(64) {
		t.Error("the two arithmetics used different numbers of bits")
	}
}

func TestVarianceWithLargePartsStaysExact(t *testing.T) {
	t.Parallel()
	d := seeded("large parts")
	sigma2 := Fraction{999_999_999_989, 40_000_000_003} // near 25, both parts prime
	g, err := gaussianOf(sigma2)
	if err != nil {
		t.Fatal(err)
	}
	const n = 20_000
	var sum, squares float64
	for range n {
		y, err := d.draw(g)
		if err != nil {
			t.Fatal(err)
		}
		sum += float64(y)
		squares += float64(y * y)
	}
	if mean := sum / n; math.Abs(mean) > 5*5/math.Sqrt(n) {
		t.Errorf("mean %.3f of draws around zero", mean)
	}
	if v := squares / n; math.Abs(v-25) > 5*25*math.Sqrt(2.0/n) {
		t.Errorf("variance %.2f, want 25", v)
	}
}

func TestVarianceOutOfBoundsIsRefused(t *testing.T) {
	t.Parallel()
	for _, sigma2 := range []Fraction{{}, {0, 1}, {1, 0}, {-1, 2}, {maxSigma2, 1}, {math.MaxInt64, 1}} {
		if _, err := gaussianOf(sigma2); err == nil {
			t.Errorf("variance %v was taken", sigma2)
		}
	}
	for _, sigma2 := range []Fraction{{1, 1_000_000}, {maxSigma2 - 1, 1}} {
		g, err := gaussianOf(sigma2)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := seeded("edge").draw(g); err != nil {
			t.Errorf("variance %v: %v", sigma2, err)
		}
	}
}

func TestUniformNumbersAreUniform(t *testing.T) {
	t.Parallel()
	d := seeded("uniform")
	for _, n := range []uint64{1, 2, 3, 6, 7, 255, 256, 257} {
		seen := make([]float64, n)
		const each = 400
		for range each * n {
			seen[d.below(n)]++
		}
		var x2 float64
		for _, s := range seen {
			x2 += (s - each) * (s - each) / each
		}
		if k := float64(n - 1); n > 1 && x2 > k+6*math.Sqrt(2*k)+6 {
			t.Errorf("below(%d): chi-square %.1f", n, x2)
		}
	}
}

func TestDrawStopsWhenRandomBytesFail(t *testing.T) {
	t.Parallel()
	g, _ := gaussianOf(Fraction{25, 1})
	for _, have := range []int{0, 1, 4095, 4096, 3 * 4096} {
		d := diceFrom(bytes.NewReader(make([]byte, have)))
		var err error
		for range 100_000 {
			if _, err = d.draw(g); err != nil {
				break
			}
		}
		if !errors.Is(err, errNoEntropy) {
			t.Errorf("after %d bytes: %v", have, err)
		}
		if _, err := d.draw(g); !errors.Is(err, errNoEntropy) {
			t.Errorf("a draw after the failure: %v", err)
		}
	}
}

func TestUsedBytesAreOverwritten(t *testing.T) {
	t.Parallel()
	d := seeded("wiped")
	g, _ := gaussianOf(Fraction{25, 1})
	for range 50 {
		if _, err := d.draw(g); err != nil {
			t.Fatal(err)
		}
	}
	if used := d.buf[:d.next]; d.next == 0 || !bytes.Equal(used, make([]byte, len(used))) {
		t.Error("bytes of earlier draws are still in memory")
	}
}

func TestNoFloatTouchesTheNoise(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, imp := range file.Imports {
			if strings.HasPrefix(imp.Path.Value, `"math/rand`) {
				t.Errorf("%s imports %s", name, imp.Path.Value)
			}
		}
		if name != "noise.go" && name != "tabulate.go" && name != "measure.go" && name != "facts.go" {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				if strings.HasPrefix(n.Name, "float") || n.Name == "rat" {
					t.Errorf("%s uses %s before the noise is added", name, n.Name)
				}
			case *ast.BasicLit:
				if n.Kind == token.FLOAT {
					t.Errorf("%s has the number %s before the noise is added", name, n.Value)
				}
			}
			return true
		})
	}
}

func TestOnlyTestsChooseTheSourceOfNoise(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok {
				if f, ok := c.Fun.(*ast.Ident); ok && f.Name == "diceFrom" {
					calls++
				}
			}
			return true
		})
	}
	if calls != 1 {
		t.Errorf("diceFrom is called %d times outside of tests, want once, by newDice", calls)
	}
}

func FuzzParseFraction(f *testing.F) {
	for _, s := range []string{"7/180", "1", "0/1", "1/0", "-1/2", "1/2/3", "", "/", "9999999999999/1", "0.35", "7 /180"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := ParseFraction(s)
		if err != nil {
			return
		}
		again, err := ParseFraction(v.String())
		if err != nil || again != v || v.Den <= 0 || v.Num < 0 {
			t.Errorf("%q became %v, then %v (%v)", s, v, again, err)
		}
	})
}

func BenchmarkDraw(b *testing.B) {
	d := newDice()
	for _, sigma2 := range variances {
		g, _ := gaussianOf(sigma2)
		b.Run(sigma2.String(), func(b *testing.B) {
			for b.Loop() {
				if _, err := d.draw(g); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
