package release

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// Fraction is an exact ratio, written "7/180". Budgets are fractions because a ledger of decimals does not add up.
type Fraction struct {
	Num, Den int64
}

// maxFractionPart bounds the parts of a fraction that is read, so that sums and reciprocals stay far inside int64.
const maxFractionPart = 1_000_000_000_000

// ParseFraction reads "7/180" or "2". It takes no sign, no decimals and no zero denominator.
func ParseFraction(s string) (Fraction, error) {
	num, den, ratio := strings.Cut(s, "/")
	if !ratio {
		den = "1"
	}
	n, err1 := strconv.ParseUint(num, 10, 63)
	d, err2 := strconv.ParseUint(den, 10, 63)
	if err1 != nil || err2 != nil || d == 0 || n > maxFractionPart || d > maxFractionPart {
		return Fraction{}, fmt.Errorf("not a fraction of two whole numbers")
	}
	return Fraction{int64(n), int64(d)}.reduced(), nil
}

// String writes the fraction as ParseFraction reads it.
func (f Fraction) String() string { return fmt.Sprintf("%d/%d", f.Num, f.Den) }

// MarshalJSON writes "7/180".
func (f Fraction) MarshalJSON() ([]byte, error) { return json.Marshal(f.String()) }

// UnmarshalJSON reads "7/180"; a JSON number is refused, since it would have been a float on its way.
func (f *Fraction) UnmarshalJSON(raw []byte) error {
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return err
	}
	v, err := ParseFraction(s)
	if err != nil {
		return err
	}
	*f = v
	return nil
}

func (f Fraction) reduced() Fraction {
	if f.Den == 0 {
		return f
	}
	r := big.NewRat(f.Num, f.Den)
	return Fraction{r.Num().Int64(), r.Denom().Int64()}
}

func (f Fraction) rat() *big.Rat {
	if f.Den == 0 {
		return new(big.Rat)
	}
	return big.NewRat(f.Num, f.Den)
}

// float is for the arithmetic after the noise.
func (f Fraction) float() float64 { v, _ := f.rat().Float64(); return v }

// fractionOf takes a rational back; false when it does not fit.
func fractionOf(r *big.Rat) (Fraction, bool) {
	if !r.Num().IsInt64() || !r.Denom().IsInt64() {
		return Fraction{}, false
	}
	return Fraction{r.Num().Int64(), r.Denom().Int64()}, true
}
