package audit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestPurged holds that a manifest that a purge removed is not missed, any other is, and a purge that did not end is told of.
func TestPurged(t *testing.T) {
	reports := t.TempDir()
	publish(t, reports, "2026-10-29", at(10, 29))
	publish(t, reports, "2026-10-30", at(10, 30))
	publish(t, reports, "2026-11-01", at(11, 1))
	manifest := func(date string) string { return committedFolder + "/" + date + ".json" }
	remove := func(date string) {
		t.Helper()
		if err := os.Remove(filepath.Join(reports, manifest(date))); err != nil {
			t.Fatal(err)
		}
	}
	add := func(e Entry) int64 {
		t.Helper()
		anchor, err := Append(reports, e)
		if err != nil {
			t.Fatal(err)
		}
		return anchor.Seq
	}
	notes := func(want ...string) {
		t.Helper()
		got := sound(t, reports).Notes
		if len(got) != len(want) {
			t.Fatalf("notes %q, want %q", got, want)
		}
		for i := range want {
			if !strings.Contains(got[i], want[i]) {
				t.Errorf("note %q, want %q", got[i], want[i])
			}
		}
	}
	begun := add(Entry{What: Purge, Nights: []string{"2026-10-29"}, Files: []File{{Path: "public/runs/run_date=2026-10-29/part-00000.parquet"}, {Path: manifest("2026-10-29")}}})
	notes("the purge that entry 4 began did not end")
	remove("2026-10-29")
	notes("the purge that entry 4 began did not end")
	add(Entry{What: Purge, Outcome: "done", Ends: begun})
	notes()
	// Tables alone are no excuse.
	add(Entry{What: Purge, Outcome: "done", Ends: add(Entry{What: Purge, Nights: []string{"2026-10-30"}, Files: []File{{Path: "public/runs/run_date=2026-10-30/part-00000.parquet"}}})})
	remove("2026-10-30")
	notes("the night 2026-10-30, which entry 2 published, has no manifest")
	// What is published again is missed again.
	publish(t, reports, "2026-10-29", at(11, 2))
	remove("2026-10-29")
	notes("the night 2026-10-29, which entry 8 published", "the night 2026-10-30")
}

func TestSince(t *testing.T) {
	reports := t.TempDir()
	trail, err := Open(reports)
	if err != nil {
		t.Fatal(err)
	}
	defer trail.Close()
	// The last clock runs behind: its entry stands in a file of a later month.
	for _, when := range []time.Time{at(9, 30), at(10, 31), at(11, 1), at(11, 1).Add(time.Hour), at(10, 31)} {
		trail.now = func() time.Time { return when }
		if _, err := trail.Append(Entry{What: Lookup}); err != nil {
			t.Fatal(err)
		}
	}
	trail.now = func() time.Time { return at(11, 1) }
	for age, want := range map[time.Duration]int{time.Minute: 2, 36 * time.Hour: 4, 30 * 24 * time.Hour: 4, 365 * 24 * time.Hour: 5} {
		if got, err := trail.Since(age); err != nil || len(got) != want {
			t.Errorf("%d entries in %s, want %d (%v)", len(got), age, want, err)
		}
	}
}
