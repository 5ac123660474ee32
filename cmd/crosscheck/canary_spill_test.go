package main

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"crosscheck/engine/durable"
)

// nameless is a file system that notes what is written to files that lose their name while they are open.
type nameless struct {
	durable.FS
	mu    sync.Mutex
	files map[string]*namelessFile // by the name they had
}

type namelessFile struct {
	durable.File
	fs      *nameless
	removed bool
	written []byte
}

func (f *nameless) CreateTemp(dir, pattern string) (durable.File, error) {
	under, err := f.FS.CreateTemp(dir, pattern)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.files[under.Name()] = &namelessFile{File: under, fs: f}
	return f.files[under.Name()], nil
}

func (f *nameless) Remove(path string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if file := f.files[path]; file != nil {
		file.removed = true
	}
	return f.FS.Remove(path)
}

func (f *namelessFile) note(b []byte) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	f.written = append(f.written, b...)
}

func (f *namelessFile) Write(b []byte) (int, error) {
	f.note(b)
	return f.File.Write(b)
}

func (f *namelessFile) WriteAt(b []byte, at int64) (int, error) {
	f.note(b)
	return f.File.WriteAt(b, at)
}

// TestCanarySpill runs a job that spills its rows, values that fail a rule among them, and looks for the marks in every byte that goes to a
// file without a name.
func TestCanarySpill(t *testing.T) {
	t.Chdir(t.TempDir())
	canaryInputs(t)
	disk := &nameless{FS: durable.OS{}, files: map[string]*namelessFile{}}
	defer durable.Use(durable.Use(disk))
	code, stdout, stderr := call(t.Context(), strings.Fields("run -c spilled.job.yaml --date 2026-11-23 --format json")...)
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	cleanOf(t, "standard output", stdout)
	cleanOf(t, "standard error", stderr)
	if !strings.Contains(stderr, "the rows are spilled to ") {
		t.Errorf("nothing is said of rows that are spilled: %s", stderr)
	}
	spilled := 0
	for name, file := range disk.files {
		text := string(file.written)
		switch {
		case filepath.Dir(name) != "spill" && !file.removed:
			continue // a table under way
		case !file.removed:
			t.Errorf("%s keeps its name", name)
		case filepath.Dir(name) == "spill":
			spilled += len(text)
		}
		cleanOf(t, "a temporary file", text)
		if strings.Contains(text, "990101") {
			t.Error("a temporary file holds the beginning of a key")
		}
	}
	if spilled < 120*40 {
		t.Errorf("%d bytes were spilled", spilled)
	}
	if left, err := os.ReadDir("spill"); err != nil || len(left) != 1 {
		t.Errorf("left over: %v, %v", left, err)
	}
	restricted := parquetTexts(t, "spilled/restricted/mismatches/run_date=2026-11-23/part-00000.parquet")
	for _, kind := range []string{"differs", "duplicate", "inconsistent", "invalid_key", "key_typo", "missing", "not_covered", "overdue"} {
		if !strings.Contains(restricted, kind) {
			t.Errorf("the report has no %s", kind)
		}
	}
}
