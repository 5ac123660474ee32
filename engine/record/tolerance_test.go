package record

import (
	"math/big"
	"strings"
	"testing"
	"time"
)

// TestTolerance holds which texts are near one another.
func TestTolerance(t *testing.T) {
	for _, c := range []struct {
		typ  Type
		tol  string
		a, b string
		near bool
	}{
		{Decimal, "0.05", "36.50", "36.55", true},
		{Decimal, "0.05", "36.5", "36.551", false},
		{Decimal, "0.05", "-0.02", "0.03", true},
		{Decimal, "0.05", "36.5", "x", false},
		{Decimal, "0", "1.50", "1.5", true},
		{Decimal, "1e-2", "1", "1.01", true},
		{Decimal, "1", "12345678901234567890123456789012345678", "12345678901234567890123456789012345679", true},
		{Decimal, "1", "12345678901234567890123456789012345678", "12345678901234567890123456789012345680", false},
		{Decimal, "0.5", "999999999999999999", "999999999999999998.5", true},
		{Decimal, "0.5", "1e300", "1e300", true},
		{Decimal, "0.000000000000001", "1e300", "1.1e300", false},
		{Decimal, "1%", "100", "99", true},
		{Decimal, "1%", "100", "98.9", false},
		{Decimal, "1%", "-100", "-99", true},
		{Decimal, "1%", "-1", "1", false},
		{Decimal, "200%", "-1", "1", true},
		{Decimal, "1000%", "5", "6", true},
		{Decimal, "1 %", "0", "0.000", true},
		{Decimal, "1%", "0", "0.001", false},
		{Decimal, "0.1%", "123456789012345678", "123456789012345679", true},
		{Int, "2", "7", "9", true},
		{Int, "2", "7", "10", false},
		{Int, "2", "9223372036854775807", "-9223372036854775808", false},
		{Int, "2", "7.0", "7", false},
		{Float, "0.05", "36.55", "36.6", true},
		{Float, "0.05", "NaN", "1", false},
		{Date, "1", "2022-11-02", "2022-11-03", true},
		{Date, "1", "2022-11-02", "2022-11-04", false},
		{Date, "365", "2020-01-01", "2020-12-31", true},
		{Date, "1", "2022-11-02", "2022-11-03 10:00", false},
		{Timestamp, "1s", "2022-11-02 10:00:00", "2022-11-02 10:00:01", true},
		{Timestamp, "1s", "2022-11-02 10:00:00", "2022-11-02 10:00:01.000000001", false},
		{Timestamp, "1s", "2022-11-02 10:00:00.9", "2022-11-02 10:00:01.8", true},
		{Timestamp, "1h", "2022-11-02 10:00:00Z", "2022-11-02T18:30:00+08:00", true},
		{Timestamp, "100ms", "0001-01-01", "9999-12-31", false},
	} {
		tol, err := ParseTolerance(c.tol, c.typ)
		if err != nil {
			t.Errorf("%s of %s: %v", c.tol, c.typ, err)
			continue
		}
		r := NewRuler(c.typ, Canon{}, tol)
		a, b := r.Measure([]byte(c.a), true), r.Measure([]byte(c.b), true)
		if r.Near(&a, &b) != c.near || r.Near(&b, &a) != c.near {
			t.Errorf("%s, %s of %s: near is not %v both ways", c.typ, c.tol, c.a, c.near)
		}
	}
	for _, c := range []struct {
		typ       Type
		tol, says string
	}{
		{Decimal, "x", "is none"}, {Decimal, "-1", "is none"}, {Auto, "", "is none"}, {Auto, "1e99", "is none"}, {Timestamp, "-1s", "is none"},
		{Timestamp, "1", "says no duration"}, {Decimal, "1s", "for timestamps alone"}, {Date, "24h", "for timestamps alone"},
		{Date, "0.5", "whole number of days"}, {Date, "1%", "whole number of days"}, {String, "1", "equal or not"}, {CNID, "1", "equal or not"}, {Bool, "1", "equal or not"},
	} {
		if _, err := ParseTolerance(c.tol, c.typ); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q of %s: %v", c.tol, c.typ, err)
		}
	}
}

// TestMeasureFollowsTheRule holds that a value is measured as it is compared.
func TestMeasureFollowsTheRule(t *testing.T) {
	tol, _ := ParseTolerance("1", Date)
	rule := Canon{Formats: []string{"2006/1/2"}, Steps: Trim, Nulls: []string{"1900/1/1"}, Map: map[string]string{"today": "2022/11/3"}}
	r := NewRuler(Date, rule, tol)
	near := func(text string, isText bool) bool {
		a, b := r.Measure([]byte(" 2022/11/2"), true), r.Measure([]byte(text), isText)
		return r.Near(&a, &b)
	}
	if !near("2022-11-03", false) || near("2022-11-03", true) || !near("today", true) || near("1900/1/1", true) {
		t.Error("formats, words or steps do not count")
	}
}

// FuzzNear holds measuring in integers against fractions.
func FuzzNear(f *testing.F) {
	for _, s := range [][3]string{{"1.5", "1.55", "0.05"}, {"-1", "1", "200%"}, {"999999999999999999", "1e18", "0.1"}, {"1e-20", "0", "1e-15"}, {"9e17", "-9e17", "1e15"}, {".5", "5.", "10%"}} {
		f.Add(s[0], s[1], s[2])
	}
	rat := func(s string) (*big.Rat, bool) {
		if d, _, ok := parseDecimal([]byte(s), nil); !ok || d.scale > 50 || d.scale < -50 {
			return nil, false
		}
		return new(big.Rat).SetString(strings.TrimPrefix(s, "+"))
	}
	f.Fuzz(func(t *testing.T, x, y, tol string) {
		a, ok1 := rat(x)
		b, ok2 := rat(y)
		limit, err := ParseTolerance(tol, Decimal)
		if !ok1 || !ok2 || err != nil {
			return
		}
		number, relative := strings.CutSuffix(tol, "%")
		most, ok := rat(strings.TrimSpace(number))
		if !ok {
			return
		}
		apart := new(big.Rat).Sub(a, b)
		if relative {
			greater := new(big.Rat).Abs(a)
			if other := new(big.Rat).Abs(b); other.Cmp(greater) > 0 {
				greater = other
			}
			most.Mul(most, greater).Quo(most, big.NewRat(100, 1))
		}
		want := apart.Abs(apart).Cmp(most) <= 0
		r := NewRuler(Decimal, Canon{}, limit)
		ma, mb := r.Measure([]byte(x), true), r.Measure([]byte(y), true)
		if !ma.ok || !mb.ok || r.Near(&ma, &mb) != want || r.Near(&mb, &ma) != want {
			t.Errorf("near is not %v", want)
		}
	})
}

// FuzzParse holds the strict parsers of numbers and instants against the standard library where both accept a text.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"1.50", "-0", "+1e3", "1e99999", ".", "2022-11-02", "2022-11-02T10:20:30.5+08:00", "2022-11-02 24:00", "9223372036854775808", "00", "true"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b := []byte(s)
		if x, canon, ok := parseInt(b); ok {
			want, valid := new(big.Int).SetString(strings.TrimPrefix(s, "+"), 10)
			if !valid || canon == nil && (!want.IsInt64() || want.Int64() != x) || canon != nil && want.String() != string(canon) {
				t.Error("an integer is read wrongly")
			}
		}
		if d, _, ok := parseDecimal(b, nil); ok && d.scale < 100 && d.scale > -100 {
			want, valid := new(big.Rat).SetString(strings.TrimPrefix(s, "+"))
			if !valid || d.rat().Cmp(want) != 0 {
				t.Error("a decimal is read wrongly")
			}
		}
		sec, nsec, ok := parseTimestamp(b)
		if want, err := time.Parse(time.RFC3339Nano, s); err == nil && ok && (want.Unix() != sec || int64(want.Nanosecond()) != nsec) {
			t.Error("an instant is read wrongly")
		}
	})
}
