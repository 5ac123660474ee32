package report

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"crosscheck/engine/verdict"
)

var formats = []string{"r.parquet", "r.csv", "r.jsonl"}

// names lists a folder.
func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return strings.Join(out, " ")
}

func TestModeIsExact(t *testing.T) {
	old := syscall.Umask(0o077)
	defer syscall.Umask(old)
	s := shapes[1]
	for _, umask := range []int{0o077, 0} {
		syscall.Umask(umask)
		for _, name := range formats {
			for mode, want := range map[fs.FileMode]fs.FileMode{0: 0o600, 0o600: 0o600, 0o640: 0o640, 0o644: 0o644, 0o666: 0o666} {
				info, err := os.Stat(write(t, name, s.header(), blocks(s.random(), 9, 1), Options{Mode: mode}))
				if err != nil {
					t.Fatal(err)
				}
				if info.Mode().Perm() != want {
					t.Errorf("%s, umask %o, mode %o: file has %o", name, umask, mode, info.Mode().Perm())
				}
			}
		}
	}
}

// begun makes a writer that has some findings behind it.
func begun(t *testing.T, path string, opt Options) Writer {
	t.Helper()
	opt.RunDate = night
	s := shapes[3]
	w, err := Create(path, opt)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Begin(s.header()); err != nil {
		t.Fatal(err)
	}
	for _, b := range blocks(s.random(), 700, 1) {
		if err := w.Write(context.Background(), b); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func TestFinalNameComesLast(t *testing.T) {
	for _, name := range formats {
		dir, temp := t.TempDir(), t.TempDir()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("last night"), 0o644); err != nil {
			t.Fatal(err)
		}
		w := begun(t, path, Options{Temp: temp})
		if got := names(t, dir); got != name {
			t.Errorf("folder holds %q under way", got)
		}
		if got := names(t, temp); !strings.HasPrefix(got, ".crosscheck-") || strings.Contains(got, " ") {
			t.Errorf("temporary folder holds %q under way, want one hidden file", got)
		}
		if old, err := os.ReadFile(path); err != nil || string(old) != "last night" {
			t.Errorf("the file that was there is not what it was (%v)", err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		w.Abort()
		if err := w.Close(); err != nil {
			t.Errorf("closed twice: %v", err)
		}
		if names(t, dir) != name || names(t, temp) != "" {
			t.Errorf("left %q and %q", names(t, dir), names(t, temp))
		}
		if info, err := os.Stat(path); err != nil || info.Size() < 1000 || info.Mode().Perm() != 0o600 {
			t.Errorf("the new file is not there (%v)", err)
		}
	}
}

func TestAbortLeavesNothing(t *testing.T) {
	before := runtime.NumGoroutine()
	for _, name := range formats {
		dir := t.TempDir()
		w := begun(t, filepath.Join(dir, name), small(4))
		w.Abort()
		w.Abort()
		if got := names(t, dir); got != "" {
			t.Errorf("%s: left %q", name, got)
		}
		if err := w.Close(); err == nil {
			t.Errorf("%s: closed after it was aborted", name)
		}
		if err := w.Write(context.Background(), &verdict.Block{}); err == nil {
			t.Errorf("%s: written to after it was aborted", name)
		}
		if got := names(t, dir); got != "" {
			t.Errorf("%s: left %q", name, got)
		}
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
}

// full is a disk with room for some bytes.
type full struct {
	w    io.Writer
	room int
}

func (f *full) Write(b []byte) (int, error) {
	if len(b) > f.room {
		n, _ := f.w.Write(b[:f.room])
		f.room = 0
		return n, &fs.PathError{Op: "write", Path: "/hidden/.tmp", Err: syscall.ENOSPC}
	}
	f.room -= len(b)
	return f.w.Write(b)
}

// A disk that fills up at any point of the file: one error that says so, no file, no goroutine left.
func TestDiskFull(t *testing.T) {
	s := shape{seed: 11, findings: 4000, levels: 3, fields: 3, carry: 2}
	h, findings := s.header(), s.random()
	before := runtime.NumGoroutine()
	for _, name := range formats {
		info, err := os.Stat(write(t, name, h, blocks(findings, 700, 1), small(2)))
		if err != nil {
			t.Fatal(err)
		}
		for _, room := range []int{0, 1, int(info.Size() / 2), int(info.Size()) - 1} {
			dir := t.TempDir()
			path := filepath.Join(dir, name)
			opt := small(3)
			opt.RunDate = night
			opt.wrap = func(w io.Writer) io.Writer { return &full{w, room} }
			w, err := Create(path, opt)
			if err != nil {
				t.Fatal(err)
			}
			err = w.Begin(h)
			for _, b := range blocks(findings, 700, 1) {
				if err == nil {
					err = w.Write(context.Background(), b)
				}
			}
			if err == nil {
				err = w.Close()
			}
			var we *WriteError
			if !errors.As(err, &we) || !errors.Is(err, syscall.ENOSPC) {
				t.Fatalf("%s, %d bytes of room: error is %v", name, room, err)
			}
			if want := "cannot write " + path + ": no space left on device; free space on that disk or write to another one"; err.Error() != want {
				t.Errorf("error is %q, want %q", err, want)
			}
			if got := names(t, dir); got != "" {
				t.Errorf("%s, %d bytes of room: left %q", name, room, got)
			}
			if again := w.Close(); !errors.Is(again, syscall.ENOSPC) {
				t.Errorf("closed after the error: %v", again)
			}
			w.Abort()
		}
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
}

// The disk fills up while the caller waits for the encoders: they let it go.
func TestDiskFullUnderBackPressure(t *testing.T) {
	s := shape{seed: 12, findings: 30_000, levels: 2, fields: 1}
	h, b := s.header(), &verdict.Block{Findings: s.random()}
	opt := Options{RunDate: night, Workers: 1, groupRows: 200, pageRows: 100, wrap: func(w io.Writer) io.Writer { return &full{w, 100_000} }}
	w, err := Create(filepath.Join(t.TempDir(), "r.parquet"), opt)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Begin(h); err != nil {
		t.Fatal(err)
	}
	if err := w.Write(context.Background(), b); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("error is %v", err)
	}
}

func TestCancelled(t *testing.T) {
	for _, name := range formats {
		dir := t.TempDir()
		w := begun(t, filepath.Join(dir, name), small(2))
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := w.Write(ctx, &verdict.Block{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error is %v", name, err)
		}
		if got := names(t, dir); got != "" {
			t.Errorf("%s: left %q", name, got)
		}
	}
}

func TestFolderThatCannotBeWrittenTo(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.csv"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path, temp string
		err        error
		hint       string
	}{
		{"missing/r.csv", "", fs.ErrNotExist, "make the folder first"},
		{"file/r.csv", "", syscall.ENOTDIR, "a file is where a folder should be"},
		{"r.csv", "missing", fs.ErrNotExist, "temporary file in " + filepath.Join(dir, "missing")},
		{"folder.csv", "", syscall.EISDIR, "is a directory"},
	} {
		opt := Options{RunDate: night}
		if c.temp != "" {
			opt.Temp = filepath.Join(dir, c.temp)
		}
		_, err := Create(filepath.Join(dir, c.path), opt)
		var we *WriteError
		if !errors.As(err, &we) || !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.hint) || errors.Is(err, ErrOptions) {
			t.Errorf("%s: error is %v", c.path, err)
		}
	}
	// The folder goes away while the file is written.
	gone := filepath.Join(dir, "gone")
	if err := os.Mkdir(gone, 0o700); err != nil {
		t.Fatal(err)
	}
	w := begun(t, filepath.Join(gone, "r.csv"), Options{Temp: dir})
	if err := os.Remove(gone); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error is %v", err)
	}
	if got := names(t, dir); got != "file folder.csv" {
		t.Errorf("left %q", got)
	}
}

func TestOptionsThatCannotBe(t *testing.T) {
	dir := t.TempDir()
	for path, opt := range map[string]Options{"r.xlsx": {RunDate: night}, "r": {RunDate: night}, "r.csv": {}} {
		if _, err := Create(filepath.Join(dir, path), opt); !errors.Is(err, ErrOptions) {
			t.Errorf("%s: error is %v", path, err)
		}
	}
	header := func(levels []string, carry ...string) verdict.Header {
		return verdict.Header{Levels: levels, Carry: carry, Files: files(len(levels)), Locate: locate}
	}
	two := []string{"city", "street"}
	for what, h := range map[string]verdict.Header{
		"carried like its own":  header(two, "kind"),
		"carried but for case":  header(two, "Record_Key"),
		"carried like a level":  header(two, "value_city"),
		"carried twice":         header(two, "a", "A"),
		"the partition column":  header(two, "run_date"),
		"no name":               header(two, ""),
		"levels but for case":   header([]string{"city", "CITY"}),
		"levels make the names": header([]string{"a", "a"}),
	} {
		w, err := Create(filepath.Join(dir, "r.parquet"), Options{RunDate: night})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Begin(h); !errors.Is(err, ErrOptions) {
			t.Errorf("%s: error is %v", what, err)
		}
	}
	if got := names(t, dir); got != "" {
		t.Errorf("left %q", got)
	}
}

// A finding out of order would be lost to readers that trust the sorting columns.
func TestOrderIsChecked(t *testing.T) {
	find := func(key string, kind verdict.Kind, field int) verdict.Finding {
		return verdict.Finding{Key: []byte(key), Kind: kind, Field: field, Outlier: verdict.NoLevel}
	}
	h := verdict.Header{Levels: []string{"a", "b"}, Fields: []string{"zip", "age"}, Files: files(2), Locate: locate}
	for what, c := range map[string]struct {
		a, b verdict.Finding
		ok   bool
	}{
		"by key":           {find("991", 3, -1), find("992", 0, 0), true},
		"keys fall":        {find("992", 0, 0), find("991", 0, 0), false},
		"a shorter key":    {find("99", 0, 0), find("990", 0, 0), true},
		"empty keys":       {find("", verdict.InvalidKey, -1), find("", verdict.InvalidKey, -1), true},
		"kinds fall":       {find("99", verdict.Missing, -1), find("99", verdict.Duplicate, -1), false},
		"fields by name":   {find("99", 0, 1), find("99", 0, 0), true},
		"fields by number": {find("99", 0, 0), find("99", 0, 1), false},
		"null first":       {find("99", 0, -1), find("99", 0, 1), true},
		"null last":        {find("99", 0, 1), find("99", 0, -1), false},
	} {
		for _, together := range []bool{true, false} {
			w, err := Create(filepath.Join(t.TempDir(), "r.csv"), Options{RunDate: night})
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Begin(h); err != nil {
				t.Fatal(err)
			}
			if together {
				err = w.Write(context.Background(), &verdict.Block{Findings: []verdict.Finding{c.a, c.b}})
			} else if err = w.Write(context.Background(), &verdict.Block{Findings: []verdict.Finding{c.a}}); err == nil {
				err = w.Write(context.Background(), &verdict.Block{Findings: []verdict.Finding{c.b}})
			}
			if (err == nil) != c.ok {
				t.Errorf("%s (in one block: %v): error is %v", what, together, err)
			}
			w.Abort()
		}
	}
}

func TestCallsOutOfTurn(t *testing.T) {
	for what, call := range map[string]func(Writer) error{
		"write before begin": func(w Writer) error { return w.Write(context.Background(), &verdict.Block{}) },
		"close before begin": Writer.Close,
		"begin twice": func(w Writer) error {
			if err := w.Begin(shapes[1].header()); err != nil {
				return nil
			}
			return w.Begin(shapes[1].header())
		},
		"no way to locate rows": func(w Writer) error { return w.Begin(verdict.Header{Levels: []string{"a"}}) },
	} {
		dir := t.TempDir()
		w, err := Create(filepath.Join(dir, "r.parquet"), Options{RunDate: night})
		if err != nil {
			t.Fatal(err)
		}
		if call(w) == nil {
			t.Errorf("%s: no error", what)
		}
		if got := names(t, dir); got != "" {
			t.Errorf("%s: left %q", what, got)
		}
	}
}

func TestRunDateIsInUTC(t *testing.T) {
	beijing := time.FixedZone("", 8*60*60)
	for _, at := range []time.Time{night, time.Date(2026, 11, 24, 6, 0, 0, 0, beijing)} {
		l, err := newLayout(shapes[1].header(), Options{RunDate: at})
		if err != nil || string(appendDay(nil, l.firstSeen(&verdict.Finding{}))) != "2026-11-23" || l.day != 20780 {
			t.Errorf("%v is day %d (%v)", at, l.day, err)
		}
	}
	if l, _ := newLayout(shapes[1].header(), Options{RunDate: time.Date(1969, 12, 31, 23, 0, 0, 0, time.UTC)}); l.day != -1 {
		t.Errorf("the day before 1970 is day %d", l.day)
	}
}
