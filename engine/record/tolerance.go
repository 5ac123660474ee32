package record

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strings"
	"time"
)

// Tolerance is how far apart two values of a field may be and still count as equal. The zero value is none.
//
//	0.05  int64, decimal, float: the difference is at most 0.05; date: so many days, a whole number
//	1%    int64, decimal, float: the difference is at most 1 % of the greater of the two, signs left out
//	1s    timestamp: the difference is at most that duration, as 500ms, 1s, 90m, 24h
//
// Numbers are measured exactly, in decimal; a float by the shortest decimal that reads back as it. Values that do not read as
// the field's type, infinities and NaN are near to nothing but what equals them.
type Tolerance struct {
	text     string
	relative bool
	number   decimal // share, if relative, or difference
	duration time.Duration
}

// String gives the tolerance as a job file writes it, "" for none.
func (t Tolerance) String() string { return t.text }

// IsZero tells that there is no tolerance.
func (t Tolerance) IsZero() bool { return t.text == "" }

// maxToleranceDigits bounds the digits of a number, so that measuring is mostly done in integers.
const maxToleranceDigits = 15

// ParseTolerance reads a tolerance for a type; Auto accepts what any type can have.
func ParseTolerance(text string, typ Type) (t Tolerance, err error) {
	t.text = text
	number, relative := strings.CutSuffix(text, "%")
	t.relative = relative
	var ok bool
	t.number, _, ok = parseDecimal([]byte(strings.TrimSpace(number)), nil)
	if ok {
		t.number.digits = append([]byte(nil), t.number.digits...)
		if relative {
			t.number.scale += 2
		}
	}
	var durationErr error
	if !ok {
		t.duration, durationErr = time.ParseDuration(text)
	}
	isTime := !ok && durationErr == nil
	switch {
	case !ok && durationErr != nil || t.number.neg || t.duration < 0 || len(t.number.digits) > maxToleranceDigits || t.number.scale > maxToleranceDigits || t.number.scale < -maxToleranceDigits:
		return t, fmt.Errorf("the tolerance %q is none: write a number such as 0.05, a share such as 1%%, or for timestamps a duration such as 1s", text)
	case typ == Timestamp && !isTime:
		return t, fmt.Errorf("the tolerance %q says no duration, as timestamps need: write 1s, 5m or 24h", text)
	case typ != Timestamp && typ != Auto && isTime:
		return t, fmt.Errorf("the tolerance %q is a duration, which is for timestamps alone; the type is %s", text, typ)
	case typ == Date && (relative || t.number.scale > 0):
		return t, fmt.Errorf("the tolerance %q of a date must be a whole number of days", text)
	case typ == String || typ == CNID || typ == Bool:
		return t, fmt.Errorf("values of type %s are equal or not; a tolerance needs int64, decimal, float, date or timestamp", typ)
	}
	return t, nil
}

// Ruler measures the values of a field. It keeps scratch space, so each goroutine has its own.
type Ruler struct {
	typ   Type
	canon *canon
	tol   Tolerance
	size  uint64 // of tol.number
}

// NewRuler makes a ruler for values that are compared as typ after the rule.
func NewRuler(typ Type, rule Canon, tol Tolerance) *Ruler {
	r := &Ruler{typ: typ, canon: newCanon(&rule), tol: tol}
	n, _ := digitsOf(tol.number.digits)
	r.size = uint64(n)
	return r
}

// Measure is where a value lies on its type's scale.
type Measure struct {
	ok        bool
	number    decimal // digits are the measure's own
	small     int64   // number without its scale, where it has at most 18 digits
	sec, nsec int64
}

// Measure measures the text of a value as a level holds it (AppendText); isText tells whether the column holds text.
func (r *Ruler) Measure(text []byte, isText bool) (m Measure) {
	whose := own
	if isText {
		whose = held
	}
	if r.canon != nil { // steps leave what was written out of a typed column as it is
		var null bool
		if text, null = r.canon.text(text); null {
			return m
		}
	}
	switch r.typ {
	case Date, Timestamp:
		m.sec, m.nsec, m.ok = r.canon.time(text, whose)
		if r.typ == Date && (m.nsec != 0 || m.sec%secondsPerDay != 0) {
			m.ok = false
		}
	case Int:
		if _, _, whole := parseInt(text); !whole {
			return m
		}
		fallthrough
	case Decimal, Float:
		m.number, _, m.ok = parseDecimal(text, nil)
		m.number.digits = append([]byte(nil), m.number.digits...)
		if m.ok && len(m.number.digits) <= 18 {
			m.small, _ = digitsOf(m.number.digits)
			if m.number.neg {
				m.small = -m.small
			}
		}
	}
	return m
}

// Near tells whether two values are no further apart than the tolerance.
func (r *Ruler) Near(a, b *Measure) bool {
	if !a.ok || !b.ok {
		return false
	}
	switch r.typ {
	case Date:
		limit, fits := scaled(r.size, -r.tol.number.scale)
		return !fits || magnitude((a.sec-b.sec)/secondsPerDay) <= limit
	case Timestamp:
		sec := a.sec - b.sec // of years 0 to 9999, so this does not overflow
		if magnitude(sec) > uint64(r.tol.duration/time.Second)+1 {
			return false
		}
		apart := time.Duration(sec*1e9 + a.nsec - b.nsec)
		return apart.Abs() <= r.tol.duration
	}
	if near, ok := r.nearSmall(a, b); ok {
		return near
	}
	x, y := a.number.rat(), b.number.rat()
	apart := new(big.Rat).Sub(x, y)
	apart.Abs(apart)
	limit := r.tol.number.rat()
	if r.tol.relative {
		x.Abs(x)
		y.Abs(y)
		if x.Cmp(y) < 0 {
			x = y
		}
		limit.Mul(limit, x)
	}
	return apart.Cmp(limit) <= 0
}

// powers10 are the powers of ten that fit 64 bits.
var powers10 = func() (p [20]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = 10 * p[i-1]
	}
	return p
}()

// nearSmall is Near for numbers that fit 64 bits once they have one scale; ok tells whether they do.
func (r *Ruler) nearSmall(a, b *Measure) (near, ok bool) {
	if len(a.number.digits) > 18 || len(b.number.digits) > 18 {
		return false, false
	}
	scale := max(a.number.scale, b.number.scale)
	if !r.tol.relative {
		scale = max(scale, r.tol.number.scale)
	}
	x, ok1 := scaled(magnitude(a.small), scale-a.number.scale)
	y, ok2 := scaled(magnitude(b.small), scale-b.number.scale)
	if !ok1 || !ok2 {
		return false, false
	}
	var apart uint64
	switch {
	case a.number.neg != b.number.neg:
		apart = x + y // no overflow: each is below 2^63
	case x > y:
		apart = x - y
	default:
		apart = y - x
	}
	if !r.tol.relative {
		limit, ok := scaled(r.size, scale-r.tol.number.scale)
		return ok && apart <= limit, ok
	}
	// apart ≤ size·10^-s · max(x, y), in 128 bits
	s := r.tol.number.scale
	if s < 0 || int(s) >= len(powers10) {
		return false, false
	}
	hi1, lo1 := bits.Mul64(apart, powers10[s])
	hi2, lo2 := bits.Mul64(r.size, max(x, y))
	return hi1 < hi2 || hi1 == hi2 && lo1 <= lo2, true
}

// magnitude is the absolute value; no measure is the least integer.
func magnitude(x int64) uint64 {
	if x < 0 {
		x = -x
	}
	return uint64(x)
}

// scaled gives x·10^by if that is below 2^63.
func scaled(x uint64, by int32) (uint64, bool) {
	if x == 0 {
		return 0, true
	}
	if int(by) >= len(powers10) {
		return 0, false
	}
	hi, lo := bits.Mul64(x, powers10[by])
	return lo, hi == 0 && lo <= math.MaxInt64
}

// rat gives the number as a fraction.
func (d *decimal) rat() *big.Rat {
	n := new(big.Int)
	if len(d.digits) > 0 {
		n.SetString(string(d.digits), 10)
	}
	if d.neg {
		n.Neg(n)
	}
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(d.scale, -d.scale))), nil)
	if d.scale < 0 {
		return new(big.Rat).SetInt(n.Mul(n, ten))
	}
	return new(big.Rat).SetFrac(n, ten)
}
