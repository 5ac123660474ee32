package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"crosscheck/engine/durable/durabletest"
)

// call runs a command line in this process.
func call(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	a := &app{out: &tracked{w: &out}, err: &err, env: os.LookupEnv, now: night}
	code = a.main(ctx, args)
	return code, out.String(), err.String()
}

// TestInterruptAnywhere interrupts runs at moments spread over the time that one takes, and holds that each either published
// everything or left everything as it was.
func TestInterruptAnywhere(t *testing.T) {
	t.Chdir(t.TempDir())
	if code, _, stderr := call(t.Context(), "demo", "--records", "20000", "--dir", ".", "-q"); code != exitOK {
		t.Fatalf("demo: exit code %d: %s", code, stderr)
	}
	before := published(t)
	began := time.Now()
	if code, _, stderr := call(t.Context(), "run", "-c", "job.yaml", "-q"); code != exitOK {
		t.Fatalf("run: exit code %d: %s", code, stderr)
	}
	took := time.Since(began)
	var interrupted, done int
	for i := range 20 {
		ctx, stop := context.WithCancel(t.Context())
		began := time.Now()
		timer := time.AfterFunc(took*time.Duration(i)/16, stop)
		code, _, stderr := call(ctx, "run", "-c", "job.yaml", "-q")
		timer.Stop()
		stop()
		switch code {
		case exitOK:
			took = min(took, time.Since(began)) // the first run may have been slow for other reasons
			done++
		case exitInterrupted:
			interrupted++
			if !strings.Contains(stderr, "crosscheck: error: interrupted; nothing was published\n") {
				t.Errorf("interrupted: %s", stderr)
			}
		default:
			t.Fatalf("exit code %d: %s", code, stderr)
		}
		if after := published(t); !slices.Equal(after, before) {
			t.Fatalf("after interrupt %d (exit code %d):\n%s\nwant\n%s", i, code, after, before)
		}
	}
	if interrupted == 0 {
		t.Errorf("no run was interrupted, %d were done", done)
	}
}

// published lists the files below reports but for the audit trail, whose files are named after months; the lock file stays between runs.
func published(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir("reports", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == "audit" {
			return fs.SkipDir
		}
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return files
}

// TestKilledAnywhere kills runs at moments spread over the time that one takes, 12 of them, with CROSSCHECK_CAMPAIGN=all 300, and holds that the trail is sound after each, that the next
// run puts everything right, and that no killed run goes unrecorded.
func TestKilledAnywhere(t *testing.T) {
	t.Chdir(durabletest.Dir(t))
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := call(t.Context(), "demo", "--records", "20000", "--dir", ".", "-q"); code != exitOK {
		t.Fatalf("demo: exit code %d: %s", code, stderr)
	}
	before := published(t)
	run := func(limit time.Duration) error { // kills it after that long
		ctx, stop := context.WithTimeout(t.Context(), limit)
		defer stop()
		c := exec.CommandContext(ctx, self, "run", "-c", "job.yaml", "-q")
		c.Args[0] = "crosscheck" // TestMain runs it
		return c.Run()
	}
	manifest := func() string {
		text, err := os.ReadFile("reports/_committed/2026-11-23.json")
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	began := time.Now()
	if err := run(time.Hour); err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	left, unpublished := 0, 0 // runs that left a folder, and those of them whose night does not count
	kills := 12
	if os.Getenv("CROSSCHECK_CAMPAIGN") == "all" {
		kills = 300
	}
	for i := range kills {
		old, began := manifest(), time.Now()
		if run(took*time.Duration(i+1)/time.Duration(kills)) == nil {
			took = min(took, time.Since(began)) // the first run may have been slow for other reasons
		}
		if code, stdout, stderr := call(t.Context(), "audit", "verify", "-c", "job.yaml"); code != exitOK {
			t.Fatalf("after kill %d: exit code %d: %s%s", i, code, stdout, stderr)
		}
		// A run that is killed before it has a folder of its own has done nothing.
		if folders, err := filepath.Glob("reports/_staging/2*"); err == nil && len(folders) > 0 {
			left++
			if manifest() == old {
				unpublished++
			}
		}
		if code, _, stderr := call(t.Context(), "run", "-c", "job.yaml", "-q"); code != exitOK {
			t.Fatalf("the run after kill %d: exit code %d: %s", i, code, stderr)
		}
		if after := published(t); !slices.Equal(after, before) {
			t.Fatalf("after kill %d:\n%s\nwant\n%s", i, after, before)
		}
	}
	code, stdout, stderr := call(t.Context(), "audit", "show", "-c", "job.yaml", "--what", "run")
	if killed := strings.Count(stdout, "killed"); code != exitOK || unpublished == 0 || killed > left || killed < unpublished {
		t.Errorf("exit code %d, %d runs are said to be killed, of %d that left a folder and %d that also published nothing: %s%s", code, killed, left, unpublished, stdout, stderr)
	}
	t.Logf("%d runs, of which %d were killed under way; all survived unless said otherwise", kills, left)
}
