package record

import "testing"

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		typ  Type
		less []string // each less than the next
	}{
		{String, []string{"", "10", "9", "a", "王"}},
		{Int, []string{"", "x", "-10", "9", "10", "99999999999999999999999999"}},
		{Decimal, []string{"n/a", "-1e3", "-0.5", "0.49", "0.5", "1.5e1", "15.01"}},
		{Float, []string{"", "1", "2"}},
		{Date, []string{"yesterday", "2025-12-31", "2026-01-01"}},
		{Timestamp, []string{"", "2026-01-01 08:30:00+08:00", "2026-01-01 00:31", "2026-01-01 01:00:00.5", "2026-01-01T02:00:00Z"}},
	} {
		for i, a := range c.less {
			for j, b := range c.less {
				want := 0
				if i < j {
					want = -1
				} else if i > j {
					want = 1
				}
				if got := Compare(c.typ, []byte(a), []byte(b)); got != want {
					t.Errorf("%s: value %d against value %d gives %d", c.typ, i, j, got)
				}
			}
		}
	}
	for typ, same := range map[Type][2]string{Int: {"7", "+07"}, Decimal: {"1.0", "1"}, Timestamp: {"2026-01-01", "2026-01-01 00:00:00Z"}} {
		if Compare(typ, []byte(same[0]), []byte(same[1])) != 0 {
			t.Errorf("%s: equal values are ordered", typ)
		}
	}
}
