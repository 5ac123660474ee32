package record

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
)

// TestDates holds dates and times against those of package time: every day of the years with four digits and some beyond.
func TestDates(t *testing.T) {
	for days := int64(firstPlainDay - 400); days <= lastPlainDay+400; days++ {
		want := time.Unix(days*secondsPerDay, 0).UTC().Format("2006-01-02")
		if got := string(appendDate(nil, days)); got != want {
			t.Fatalf("day %d is %s, want %s", days, got, want)
		}
	}
	r := rand.New(rand.NewPCG(5, 99))
	for range 100_000 {
		sec, nsec := r.Int64N(400_000_000_000)-150_000_000_000, []int64{0, 1, 999_999_999, 500_000_000, r.Int64N(1e9), 1000 * r.Int64N(1e6)}[r.IntN(6)]
		at := time.Unix(sec, nsec).UTC()
		if got, want := string(appendTimestamp(nil, sec, nsec, true)), at.Format("2006-01-02 15:04:05.999999999Z"); got != want {
			t.Fatalf("%d s, %d ns is %s, want %s", sec, nsec, got, want)
		}
		if got, want := string(appendClock(nil, sec*1e9%(1<<62)+nsec, arrow.Nanosecond)), time.Unix(0, sec*1e9%(1<<62)+nsec).UTC().Format("15:04:05.999999999"); got != want {
			t.Fatalf("%d s, %d ns is %s o'clock, want %s", sec, nsec, got, want)
		}
	}
}
