package audit

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
)

// TestTorn cuts the last line, which no manifest anchors, at places spread over it, with and without zeros behind it, and holds that the
// next append mends it and says so.
func TestTorn(t *testing.T) {
	reports := t.TempDir()
	twoMonths(t, reports)
	newest := file{1, "2026-11"}
	path := newest.path(reports)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin := bytes.LastIndexByte(whole[:len(whole)-1], '\n') + 1
	for end := begin + 1; end < len(whole); end++ {
		if n := end - begin; n > 3 && n%37 > 0 && end < len(whole)-2 {
			continue // each append waits for the disk several times
		}
		for _, zeros := range []int{0, 7} {
			tail := append(bytes.Clone(whole[begin:end]), make([]byte, zeros)...)
			if err := os.WriteFile(path, append(bytes.Clone(whole[:begin]), tail...), 0o600); err != nil {
				t.Fatal(err)
			}
			if c := sound(t, reports); len(c.Notes) != 1 || !strings.Contains(c.Notes[0], "0001-2026-11.jsonl:3 is torn") {
				t.Fatalf("cut at %d: %q", end-begin, c.Notes)
			}
			a := add(t, reports, at(11, 5), Entry{What: Lookup})
			c := sound(t, reports)
			entries, unreadable, err := Read(reports)
			if err != nil || unreadable > 0 || len(c.Notes) > 0 || a != c.Head {
				t.Fatalf("cut at %d: %d unreadable, %q, %v", end-begin, unreadable, c.Notes, err)
			}
			done := "dropped"
			if end == len(whole)-1 {
				done = "completed"
			}
			repair := entries[len(entries)-2]
			want := Torn{File: newest.rel(), Line: 3, Bytes: int64(len(tail)), SHA256: hashOf(tail), Done: done}
			if repair.What != Repair || repair.Torn == nil || *repair.Torn != want {
				t.Fatalf("cut at %d: %+v, want %+v", end-begin, repair, want)
			}
			if n := len(entries); done == "completed" && (n != 9 || entries[6].What != Lookup) || done == "dropped" && n != 8 {
				t.Fatalf("cut at %d: %d entries", end-begin, n)
			}
		}
	}
}

// TestTornFirst tears the very first line.
func TestTornFirst(t *testing.T) {
	reports := t.TempDir()
	add(t, reports, at(11, 1), Entry{What: Lookup})
	if err := os.Truncate(file{1, "2026-11"}.path(reports), 9); err != nil {
		t.Fatal(err)
	}
	if a := add(t, reports, at(12, 1), Entry{What: Lookup}); a.Seq != 2 {
		t.Errorf("entry %d", a.Seq)
	}
	if c := sound(t, reports); c.Files != 2 || c.Entries != 2 {
		t.Errorf("%+v", c)
	}
}

// TestNotTorn holds that what no cut append leaves is a break, and that nothing is appended to it.
func TestNotTorn(t *testing.T) {
	reports := t.TempDir()
	twoMonths(t, reports)
	path := file{1, "2026-11"}.path(reports)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, tail := range map[string]string{
		"something else":   "hello",
		"another number":   `{"seq":9,"time":"2026`,
		"more than a line": string(bytes.TrimSuffix(whole[bytes.LastIndexByte(whole[:len(whole)-1], '\n')+1:], []byte("\n"))) + "X",
	} {
		if err := os.WriteFile(path, append(bytes.Clone(whole), tail...), 0o600); err != nil {
			t.Fatal(err)
		}
		if c := check(t, reports); c.Fault == nil || c.Fault.File != Folder+"/0001-2026-11.jsonl" || c.Fault.Line != 4 {
			t.Errorf("%s: %v", name, c.Fault)
		}
		var broken *BrokenError
		if _, err := Append(reports, Entry{What: Lookup}); !errors.As(err, &broken) || broken.Fault.Line != 4 {
			t.Errorf("%s: appending gives %v", name, err)
		}
	}
	// A line that a manifest anchors was whole once.
	reports = t.TempDir()
	publish(t, reports, "2026-11-01", at(11, 1))
	if err := os.Truncate(file{1, "2026-11"}.path(reports), 40); err != nil {
		t.Fatal(err)
	}
	if c := check(t, reports); c.Fault == nil || c.Fault.Line != 1 {
		t.Errorf("anchored: %v", c.Fault)
	}
	var broken *BrokenError
	if _, err := Append(reports, Entry{What: Lookup}); !errors.As(err, &broken) || broken.Fault.Line != 1 {
		t.Errorf("anchored: appending gives %v", err)
	}
}
