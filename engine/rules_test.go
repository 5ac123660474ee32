package engine

import (
	"testing"
	"time"
)

// TestCadence holds where the last full period before the end of a day begins.
func TestCadence(t *testing.T) {
	for _, c := range []struct {
		cadence  Cadence
		end, day string // the end of the run date; when what is recent enough begins
	}{
		{Daily, "2026-11-24", "2026-11-22"},
		{Daily, "2026-11-24T12:00", "2026-11-23"}, // within the 24th
		{Daily, "2026-03-01", "2026-02-27"},
		{Weekly, "2026-11-24", "2026-11-16"}, // the run date is Monday the 23rd
		{Weekly, "2026-11-23", "2026-11-09"}, // Sunday the 22nd
		{Weekly, "2026-01-02", "2025-12-22"},
		{Monthly, "2026-11-24", "2026-10-01"},
		{Monthly, "2026-12-01", "2026-10-01"},
		{Monthly, "2026-01-15", "2025-12-01"},
		{Monthly, "2026-03-31", "2026-02-01"},
	} {
		end, err := time.Parse("2006-01-02T15:04", c.end)
		if err != nil {
			end, _ = time.Parse(time.DateOnly, c.end)
		}
		if got, ok := c.cadence.since(end); !ok || got.Format(time.DateOnly) != c.day {
			t.Errorf("%s up to %s: since %s, want %s", c.cadence, c.end, got.Format(time.DateOnly), c.day)
		}
	}
	if _, ok := Cadence("hourly").since(time.Now()); ok {
		t.Error("there is no hourly cadence")
	}
}
