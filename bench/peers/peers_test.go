package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"crosscheck/bench/child"

	"github.com/cespare/xxhash/v2"
)

// TestMain lets the test binary stand in for the program where that starts itself.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == child.Command {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestSide runs the whole of side at a small size: both engines must find the same, and something.
func TestSide(t *testing.T) {
	for _, format := range []string{"parquet", "csv"} {
		t.Run(format, func(t *testing.T) {
			var out bytes.Buffer
			dir := t.TempDir()
			args := []string{"side", "--records", "20000", "--mismatch", "0.2", "--runs", "2", "--format", format, "--dir", dir, "--skip", "all", "--json"}
			if err := sideCommand(t.Context(), args[1:], &out); err != nil {
				t.Fatal(err)
			}
			var r sideReport
			if err := json.Unmarshal(out.Bytes(), &r); err != nil {
				t.Fatal(err)
			}
			if n := float64(r.Found.Missing); n < 500 || n > 2000 {
				t.Errorf("%v of 20000 records are missing", n)
			}
			if len(r.Found.Differs) != 13 || r.Found.Differs["address"] == 0 {
				t.Errorf("%d fields were compared, and %d addresses differ", len(r.Found.Differs), r.Found.Differs["address"])
			}
			if want := map[string]int{"parquet": 1, "csv": 3}[format]; len(r.Skipped) != want {
				t.Errorf("%d other programs were skipped, want %d: %q", len(r.Skipped), want, r.Skipped)
			}
			if want := map[string]int{"parquet": 3, "csv": 2}[format]; len(r.Tasks) != want {
				t.Errorf("%d tasks, want %d", len(r.Tasks), want)
			}
			for _, task := range r.Tasks {
				if len(task.Runs) != 2 || task.median(seconds) <= 0 || task.median(peak) <= 1 {
					t.Errorf("%s: %d runs, median %v s, %v MB", task.Task, len(task.Runs), task.median(seconds), task.median(peak))
				}
			}
			out.Reset()
			if err := sideCommand(t.Context(), append(args[1:len(args)-1], "--runs", "1"), &out); err != nil { // the data set is there by now
				t.Fatal(err)
			}
			for _, want := range []string{"DuckDB v", "20000 records on 3 levels of 14 columns", "\nDuckDB takes "} {
				if !strings.Contains(out.String(), want) {
					t.Errorf("the table lacks %q", want)
				}
			}
		})
	}
}

func TestScale(t *testing.T) {
	var out bytes.Buffer
	if err := scaleCommand(t.Context(), []string{"--records", "2000,4000", "--runs", "1", "--levels", "2"}, &out); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(out.String(), "\n"); lines != 7 {
		t.Errorf("%d lines, want 7", lines)
	}
}

func TestBadOptions(t *testing.T) {
	for _, args := range [][]string{
		{}, {"sideways"}, {"side", "--records", "0"}, {"side", "--levels", "1"}, {"side", "--mismatch", "1.5"}, {"side", "--format", "xlsx"},
		{"side", "--runs", "0"}, {"scale", "--records", "12,x"}, {child.Command}, {child.Command, "nothing"},
	} {
		if err := run(t.Context(), args); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
}

// TestHash8 holds the short form of XXH64 against the library's.
func TestHash8(t *testing.T) {
	for _, x := range []uint64{0, 1, 0x0102030405060708, 1 << 63, ^uint64(0)} {
		var b [8]byte
		for i := range b {
			b[i] = byte(x >> (8 * i))
		}
		if got, want := hash8(x), xxhash.Sum64(b[:]); got != want {
			t.Errorf("hash8(%#x) = %#x, want %#x", x, got, want)
		}
	}
}

// TestDifference makes sure that a disagreement does not pass.
func TestDifference(t *testing.T) {
	a := counts{Missing: 1, Differs: map[string]int64{"name": 2, "phone": 0}}
	for _, b := range []counts{
		{Missing: 2, Differs: map[string]int64{"name": 2, "phone": 0}}, {Missing: 1, Differs: map[string]int64{"name": 3, "phone": 0}},
		{Missing: 1, Differs: map[string]int64{"name": 2, "phone": 0, "sex": 0}},
	} {
		if a.difference(&b) == "" {
			t.Errorf("%v and %v count as equal", a, b)
		}
	}
	if diff := a.difference(&a); diff != "" {
		t.Error(diff)
	}
}
