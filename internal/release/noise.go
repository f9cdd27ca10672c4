package release

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/big"
	"math/bits"
)

// The sampler of Canonne, Kamath and Steinke, "The Discrete Gaussian for Differential Privacy" (arXiv 2004.00010), algorithms 1 to 3. It works
// on integers and fractions of integers only: floating-point noise leaks through its rounding pattern (Mironov 2012; Haney et al.,
// arXiv 2207.13793), so no float exists on this side of the addition.

// maxSigma2 bounds the variance that a plan can ask for. Beyond it a table would be pure noise; below it no draw can come near the ends of
// int64 (a draw of 2^40 standard deviations has a probability that is no number).
const maxSigma2 = 1_000_000_000_000

// errNoEntropy is returned when the source of random bytes fails; nothing may be published then.
var errNoEntropy = errors.New("the source of random bytes failed")

// dice turns random bytes into exact draws. Its bytes come from the operating system; only the tests of this package can give it others, since
// neither the type nor its constructor leaves the package. Used bytes are overwritten, so that a draw cannot be found again in memory.
// A dice belongs to one goroutine.
type dice struct {
	from io.Reader
	buf  [4096]byte
	next int
	err  error
}

// newDice is the only source of noise outside of tests.
func newDice() *dice { return diceFrom(rand.Reader) }

func diceFrom(r io.Reader) *dice { return &dice{from: r, next: len(dice{}.buf)} }

// bits gives n random bits, 0 <= n <= 64. After a failure of the source it gives zeros and err is set; callers check err once per draw.
func (d *dice) bits(n int) uint64 {
	size := (n + 7) / 8
	if d.next+size > len(d.buf) {
		if _, err := io.ReadFull(d.from, d.buf[:]); err != nil && d.err == nil {
			d.err = fmt.Errorf("%w: %w", errNoEntropy, err)
		}
		d.next = 0
	}
	var word [8]byte
	copy(word[:], d.buf[d.next:d.next+size])
	clear(d.buf[d.next : d.next+size])
	d.next += size
	return binary.LittleEndian.Uint64(word[:]) & (1<<n - 1)
}

// below draws uniformly from 0, …, n-1; n > 0. Values outside are thrown away, never folded: folding would favour the small ones.
func (d *dice) below(n uint64) uint64 {
	width := bits.Len64(n - 1)
	for {
		if v := d.bits(width); v < n || d.err != nil {
			return v
		}
	}
}

// belowBig is below for numbers of any size.
func (d *dice) belowBig(n *big.Int) *big.Int {
	width := new(big.Int).Sub(n, big.NewInt(1)).BitLen()
	for {
		v := new(big.Int)
		for got := 0; got < width; {
			take := min(width-got, 64)
			word := new(big.Int).SetUint64(d.bits(take))
			v.Or(v, word.Lsh(word, uint(got)))
			got += take
		}
		if v.Cmp(n) < 0 || d.err != nil {
			return v
		}
	}
}

// chance is true with probability num/den, num <= den.
func (d *dice) chance(num, den uint64) bool { return d.below(den) < num }

// expMinus is true with probability exp(-gamma), for gamma = whole + an event of probability part (algorithm 1). Counting how often
// "part and one in K" holds for K = 1, 2, … gives an odd number with probability exp(-part).
func (d *dice) expMinus(whole uint64, part func() bool) bool {
	certain := func() bool { return true }
	for ; whole > 0; whole-- {
		if !d.expMinusPart(certain) || d.err != nil {
			return false
		}
	}
	return d.expMinusPart(part)
}

func (d *dice) expMinusPart(part func() bool) bool {
	k := uint64(1)
	for part() && d.below(k) == 0 && d.err == nil {
		k++
	}
	return k%2 == 1
}

// laplace draws the discrete Laplace of scale t: probability proportional to exp(-|y|/t) (algorithm 2). The magnitude and the sign are
// returned apart.
func (d *dice) laplace(t uint64) (magnitude uint64, negative bool) {
	for {
		u := d.below(t)
		if d.err != nil {
			return 0, false
		}
		if !d.expMinusPart(func() bool { return d.chance(u, t) }) {
			continue
		}
		var v uint64
		for d.expMinusPart(func() bool { return true }) && d.err == nil {
			v++
		}
		magnitude, negative = u+t*v, d.bits(1) == 1
		if negative && magnitude == 0 {
			continue // else zero would be drawn from both signs
		}
		return magnitude, negative
	}
}

// gaussian is a discrete Gaussian of mean 0 and variance parameter a/b: probability proportional to exp(-y^2 b/(2a)).
type gaussian struct {
	a, b, t uint64
}

// gaussianOf prepares draws of variance parameter sigma2.
func gaussianOf(sigma2 Fraction) (gaussian, error) {
	if sigma2.Num <= 0 || sigma2.Den <= 0 || sigma2.Num/sigma2.Den >= maxSigma2 {
		return gaussian{}, fmt.Errorf("no noise of variance %v", sigma2)
	}
	s := sigma2.reduced()
	g := gaussian{a: uint64(s.Num), b: uint64(s.Den)}
	g.t = new(big.Int).Sqrt(new(big.Int).SetUint64(g.a/g.b)).Uint64() + 1 // floor(sigma) + 1, since floor(sqrt(x)) = floor(sqrt(floor(x)))
	return g, nil
}

// draw makes one draw (algorithm 3): a discrete Laplace of scale t, kept with probability
// exp(-(|y| - sigma^2/t)^2 / (2 sigma^2)) = exp(-(|y| b t - a)^2 / (2 a b t^2)).
func (d *dice) draw(g gaussian) (int64, error) {
	for {
		magnitude, negative := d.laplace(g.t)
		keep := d.keep(g, magnitude)
		if d.err != nil {
			return 0, d.err
		}
		if !keep {
			continue
		}
		if magnitude > 1<<62 {
			return 0, fmt.Errorf("a draw of variance %d/%d left the integers", g.a, g.b)
		}
		if negative {
			return -int64(magnitude), nil
		}
		return int64(magnitude), nil
	}
}

// keep decides the last step of draw in machine words where they suffice and in big integers where they do not; both consume the same bits.
func (d *dice) keep(g gaussian, magnitude uint64) bool {
	bt, ok1 := times(g.b, g.t)
	mbt, ok2 := times(magnitude, bt)
	gap := max(mbt, g.a) - min(mbt, g.a)
	num, ok3 := times(gap, gap)
	at, ok4 := times(g.a, g.t)
	atbt, ok5 := times(at, bt)
	den, ok6 := times(atbt, 2)
	if ok1 && ok2 && ok3 && ok4 && ok5 && ok6 {
		rest := num % den
		return d.expMinus(num/den, func() bool { return d.chance(rest, den) })
	}
	return d.keepBig(g, magnitude)
}

func (d *dice) keepBig(g gaussian, magnitude uint64) bool {
	word := func(v uint64) *big.Int { return new(big.Int).SetUint64(v) }
	bt := new(big.Int).Mul(word(g.b), word(g.t))
	gap := new(big.Int).Mul(word(magnitude), bt)
	gap.Sub(gap, word(g.a))
	num := gap.Mul(gap, gap)
	den := new(big.Int).Mul(word(g.a), word(g.t))
	den.Mul(den, bt).Lsh(den, 1)
	whole, rest := new(big.Int).QuoRem(num, den, new(big.Int))
	if !whole.IsUint64() {
		return false // exp(-2^64)
	}
	return d.expMinus(whole.Uint64(), func() bool { return d.belowBig(den).Cmp(rest) < 0 })
}

// times multiplies and tells whether the product fits.
func times(x, y uint64) (uint64, bool) {
	hi, lo := bits.Mul64(x, y)
	return lo, hi == 0
}
