package record

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestQuick: what is read quickly has the hash that it has otherwise, and the usual forms are.
func TestQuick(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, typ := range []Type{Int, Decimal, Date, Timestamp} {
		v := valuer{typ: typ}
		check := func(text string) bool {
			v.unparsed = nil
			want := v.text([]byte(text), held).hash()
			got, ok := quick(typ, []byte(text))
			if ok && (got != want || v.unparsed != nil) {
				t.Fatalf("%v: %q has %x, %x if it is read slowly", typ, text, got, want)
			}
			return ok
		}
		for text, usual := range map[string]Type{"0": Int, "42": Int, "000000000000000042": Int, "36.5": Decimal, "0.0": Decimal, "100": Decimal, ".5": Decimal, "5.": Decimal,
			"2024-02-29": Date, "0001-01-01": Date, "9999-12-31": Date, "2024-02-29 23:59:59": Timestamp, "2024-02-29T00:00:00": Timestamp} {
			if ok := check(text); usual == typ && !ok {
				t.Errorf("%v: %q is not read quickly", typ, text)
			}
		}
		for _, text := range []string{"", ".", "-", "+1", "-0", "1e3", "1..2", "1.2.3", "9223372036854775807", "1000000000000000000000", "2023-02-29", "2024-13-01", "2024-00-10",
			"2024-01-32", "2024-01-02 24:00:00", "2024-01-02 10:60:00", "2024-01-02 10:00:60", "2024-01-02x10:00:00", "2024-01-02 00:00:00"} {
			check(text)
		}
		usual := []string{"2024-01-02 10:20:30", "1999-12-31", "20240102", "36.50"}
		for range 200_000 {
			text := []byte(usual[r.IntN(len(usual))])
			for range r.IntN(3) {
				text[r.IntN(len(text))] = "0123456789-: T.\xaf\x00/"[r.IntN(18)]
			}
			check(string(text[:len(text)-r.IntN(2)]))
		}
	}
}

// TestQuickDays holds every day that is looked up, those of no month and those around them against what is worked out.
func TestQuickDays(t *testing.T) {
	for y := int64(firstYear - 2); y < firstYear+int64(len(years))+2; y++ {
		for m := range int64(14) {
			for d := range int64(33) {
				text := fmt.Sprintf("%04d-%02d-%02d", y, m, d)
				days, ok := quickDate([]byte(text))
				if ok != validDay(y, m, d) || ok && days != civilDays(y, m, d) {
					t.Fatalf("%s: %d, %v", text, days, ok)
				}
			}
		}
	}
}
