package audit

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"crosscheck/engine/durable"
)

// trailAt opens a trail whose clock stands still.
func trailAt(t *testing.T, reports string, now time.Time) *Trail {
	t.Helper()
	trail, err := Open(reports)
	if err != nil {
		t.Fatal(err)
	}
	trail.now = func() time.Time { return now }
	return trail
}

// add appends an entry at a time and gives its anchor.
func add(t *testing.T, reports string, now time.Time, e Entry) Anchor {
	t.Helper()
	trail := trailAt(t, reports, now)
	defer trail.Close()
	a, err := trail.Append(e)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// publish appends the entry of a night and writes its manifest.
func publish(t *testing.T, reports, date string, now time.Time) {
	t.Helper()
	files := []File{{Path: "restricted/mismatches/run_date=" + date + "/part-00000.parquet", Rows: 3, SHA256: hashOf([]byte(date + now.String()))}}
	e := Entry{What: Publish, Job: "test", RunDate: date, Tiers: []string{"restricted"}, Rows: 3, Files: files,
		Config: []Digest{DigestOf("job.yaml", []byte("job"))}}
	a := add(t, reports, now, e)
	writeManifest(t, reports, date, manifest{Started: now, Audit: &a, Files: files})
}

func writeManifest(t *testing.T, reports, date string, m manifest) {
	t.Helper()
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(reports, committedFolder), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(reports, committedFolder, date+".json"), text, 0o640); err != nil {
		t.Fatal(err)
	}
}

func at(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 2, 0, 0, 5e8, time.UTC)
}

// twoMonths makes a trail of two files: nights, a rerun, a failed run and, at the end, an entry that no manifest anchors.
func twoMonths(t *testing.T, reports string) {
	t.Helper()
	publish(t, reports, "2026-10-29", at(10, 29))
	publish(t, reports, "2026-10-30", at(10, 30))
	add(t, reports, at(10, 31), Entry{What: ConfigChange, Job: "test", Config: []Digest{DigestOf("job.yaml", []byte("jobs"))}})
	publish(t, reports, "2026-10-30", at(10, 31))
	add(t, reports, at(11, 1), Entry{What: Run, Job: "test", RunDate: "2026-11-01", Outcome: "failed", Class: "input", ExitCode: 3})
	publish(t, reports, "2026-11-02", at(11, 2))
	add(t, reports, at(11, 3), Entry{What: Lookup, Job: "test", Why: "a citizen <asked>", Tiers: []string{"internal"}, Rows: 1})
}

func check(t *testing.T, reports string) *Check {
	t.Helper()
	c, err := Verify(reports)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// sound fails the test unless the trail is sound, and gives what was checked.
func sound(t *testing.T, reports string) *Check {
	t.Helper()
	c := check(t, reports)
	if c.Fault != nil {
		t.Fatalf("the trail is said to be broken: %s", c.Fault)
	}
	return c
}

func TestTrail(t *testing.T) {
	// Nothing is left to the umask, whichever way it errs.
	for _, mask := range []int{0, 0o777 &^ 0o200} {
		reports := t.TempDir()
		if err := os.Mkdir(filepath.Join(reports, "restricted"), 0o777); err != nil {
			t.Fatal(err)
		}
		old := syscall.Umask(mask)
		twoMonths(t, reports)
		syscall.Umask(old)
		c := sound(t, reports)
		if c.Entries != 7 || c.Head.Seq != 7 || c.Files != 2 || c.Manifests != 3 || len(c.Notes) > 0 || len(c.Pending) > 0 {
			t.Errorf("%+v", c)
		}
		if got := c.Config["test"]; len(got) != 1 || got[0] != DigestOf("job.yaml", []byte("job")) {
			t.Errorf("the configuration is said to be %v", got)
		}
		for name, mode := range map[string]os.FileMode{"restricted": 0o700, Folder: 0o700, Folder + "/_lock": 0o600,
			Folder + "/0001-2026-10.jsonl": 0o600, Folder + "/0001-2026-11.jsonl": 0o600} {
			if info, err := os.Stat(filepath.Join(reports, name)); err != nil || info.Mode().Perm() != mode {
				t.Errorf("umask %o: %s has mode %v, want %v (%v)", mask, name, info.Mode().Perm(), mode, err)
			}
		}
	}
}

func TestEntries(t *testing.T) {
	reports := t.TempDir()
	t.Setenv("SUDO_USER", "li.ming")
	twoMonths(t, reports)
	entries, unreadable, err := Read(reports)
	if err != nil || unreadable > 0 || len(entries) != 7 {
		t.Fatalf("%d entries, %d unreadable, %v", len(entries), unreadable, err)
	}
	last := entries[6]
	if last.Who.UID != os.Getuid() || last.Who.SudoUser != "li.ming" || last.Who.PID != os.Getpid() || last.Who.User == "" || last.Who.Host == "" {
		t.Errorf("who: %+v", last.Who)
	}
	if last.Why != "a citizen <asked>" || !last.Time.Equal(at(11, 3)) || last.What != Lookup {
		t.Errorf("%+v", last)
	}
	if s := last.Who.String(); !strings.HasSuffix(s, " (sudo li.ming)") {
		t.Errorf("who is %q", s)
	}
}

// TestClock holds that an entry never goes into a file older than the newest one.
func TestClock(t *testing.T) {
	reports := t.TempDir()
	add(t, reports, at(11, 30), Entry{What: Lookup})
	add(t, reports, at(10, 1), Entry{What: Lookup}) // somebody set the clock back
	add(t, reports, at(12, 1), Entry{What: Lookup})
	sound(t, reports)
	files, strays, err := list(reports)
	if want := []file{{1, "2026-11"}, {1, "2026-12"}}; err != nil || len(strays) > 0 || !slices.Equal(files, want) {
		t.Errorf("files %v, strays %v, %v", files, strays, err)
	}
}

// TestWriteFails has the disk fill up after each number of bytes of a line and holds that nothing of it is left.
func TestWriteFails(t *testing.T) {
	reports := t.TempDir()
	twoMonths(t, reports)
	before := sound(t, reports)
	for _, room := range []int{0, 1, 50, 300} {
		trail := trailAt(t, reports, at(11, 4))
		trail.write = func(f durable.File, b []byte) (int, error) {
			n, err := f.Write(b[:min(room, len(b))])
			return n, errors.Join(err, syscall.ENOSPC)
		}
		_, err := trail.Append(Entry{What: Lookup})
		trail.Close()
		var we *WriteError
		if !errors.As(err, &we) || !strings.Contains(err.Error(), "free space on that disk") {
			t.Fatalf("got %v, want a *WriteError", err)
		}
		if after := sound(t, reports); after.Head != before.Head || len(after.Notes) > 0 {
			t.Errorf("after %d bytes: %+v", room, after)
		}
	}
	// In a new file nothing but the empty file is left.
	trail := trailAt(t, reports, at(12, 4))
	trail.write = func(durable.File, []byte) (int, error) { return 0, syscall.ENOSPC }
	if _, err := trail.Append(Entry{What: Lookup}); err == nil {
		t.Error("no error")
	}
	trail.Close()
	if after := sound(t, reports); after.Head != before.Head || after.Files != 3 {
		t.Errorf("%+v", after)
	}
	if a := add(t, reports, at(11, 4), Entry{What: Lookup}); a.Seq != before.Head.Seq+1 {
		t.Errorf("goes on with entry %d", a.Seq)
	}
	sound(t, reports)
}

// TestNoTrail holds that looking at a folder without a trail makes none.
func TestNoTrail(t *testing.T) {
	reports := t.TempDir()
	if c := sound(t, reports); c.Head.Seq != 0 {
		t.Errorf("%+v", c)
	}
	writeManifest(t, reports, "2026-10-01", manifest{Started: at(10, 1)}) // of a version without a trail
	sound(t, reports)
	if _, err := SealBreak(reports, "why", "test"); !errors.Is(err, ErrSound) {
		t.Errorf("got %v, want ErrSound", err)
	}
	if _, err := os.Stat(filepath.Join(reports, "restricted")); err == nil {
		t.Error("the folder was made")
	}
	publish(t, reports, "2026-10-02", at(10, 2))
	sound(t, reports)
}

// TestUnreadable holds that what cannot be read is not taken for broken.
func TestUnreadable(t *testing.T) {
	reports := t.TempDir()
	twoMonths(t, reports)
	// A folder where a file is due: nobody can read that, not even root.
	if err := os.Mkdir(filepath.Join(reports, committedFolder, "2026-12-01.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	var re *ReadError
	if _, err := Verify(reports); !errors.As(err, &re) {
		t.Errorf("got %v, want a *ReadError", err)
	}
}
