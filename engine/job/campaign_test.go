package job

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"crosscheck/engine/audit"
	"crosscheck/engine/durable"
	"crosscheck/engine/durable/durabletest"
	"crosscheck/engine/privacy"
	"crosscheck/engine/report"
)

// TestFaultAtEveryCall has each call by which a night writes something fail in turn, once and for good, with the errors that disks give by
// turns: each seventh call with -short, else each third, and all of them with CROSSCHECK_CAMPAIGN=all. It holds that the run says
// what it could not write, that after a fault that passes the nights before it are as they were, that the next run publishes the tables that one
// without a fault would have published, and that nothing is left over.
func TestFaultAtEveryCall(t *testing.T) {
	dir := t.TempDir()
	auditedJob(t, dir)
	key := privacy.NewKey()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("job.yaml", trailJob+"privacy: {pseudonym_key: {file: key}}\n")
	write("key", string(key))
	j := reload(t, dir)
	defer durable.Use(durable.Use(&durabletest.FS{})) // no run waits for a disk
	night := func(date time.Time) error {
		_, err := Run(t.Context(), j, RunOptions{Date: date, Class: func(error) (int, string) { return 5, "write" }})
		return err
	}
	reports, base := j.Reports.Dir, filepath.Join(t.TempDir(), "base")
	for i := range 2 {
		if err := night(testDate.AddDate(0, 0, i-2)); err != nil {
			t.Fatal(err)
		}
	}
	write("b.csv", "id,v\n99p,w\n99q,y\n") // one finding is new, one is gone
	copyTree(t, reports, base)
	none := t.TempDir()
	again := func(base string) {
		t.Helper()
		if err := os.RemoveAll(reports); err != nil {
			t.Fatal(err)
		}
		copyTree(t, base, reports)
	}
	errnos := []syscall.Errno{syscall.ENOSPC, syscall.EIO, syscall.EROFS, syscall.EACCES}
	points := 0
	for name, c := range map[string]struct {
		base string
		date time.Time
	}{"first": {none, testDate}, "fresh": {base, testDate}, "rerun": {base, testDate.AddDate(0, 0, -1)}} {
		date := c.date
		again(c.base)
		before := findings(t, reports)
		if err := night(date); err != nil {
			t.Fatal(err)
		}
		want := findings(t, reports)
		step := 3
		switch {
		case os.Getenv("CROSSCHECK_CAMPAIGN") == "all":
			step = 1
		case testing.Short():
			step = 7
		}
		for _, sticky := range []bool{false, true} {
			for at := 1; ; at += step {
				again(c.base)
				disk := &durabletest.FS{At: at, Err: errnos[points%len(errnos)], Sticky: sticky}
				real := durable.Use(disk)
				err := night(date)
				durable.Use(real)
				if disk.Calls() < at {
					break
				}
				points++
				var table *report.WriteError
				var trail *audit.WriteError
				switch got := findings(t, reports); {
				case err == nil && !maps.Equal(got, want):
					t.Errorf("%s, call %d, %v, for good %v: published, and is not what was to be published", name, at, disk.Err, sticky)
				case err != nil && !errors.As(err, &table) && !errors.As(err, &trail):
					t.Errorf("%s, call %d, %v, for good %v: no error of writing: %v", name, at, disk.Err, sticky, err)
				case err != nil && !sticky && !maps.Equal(got, before):
					t.Errorf("%s, call %d, %v: %v, and the nights before it changed", name, at, disk.Err, err)
				}
				if err := night(date); err != nil {
					t.Fatalf("%s, call %d, %v, for good %v: the next run: %v", name, at, disk.Err, sticky, err)
				}
				if got := findings(t, reports); !maps.Equal(got, want) {
					t.Errorf("%s, call %d, %v, for good %v: the next run published something else", name, at, disk.Err, sticky)
				}
				if err := CheckTrail(reports); err != nil {
					t.Errorf("%s, call %d, %v, for good %v: %v", name, at, disk.Err, sticky, err)
				}
				if left := leftOver(t, reports); len(left) > 0 {
					t.Errorf("%s, call %d, %v, for good %v: left over: %q", name, at, disk.Err, sticky, left)
				}
			}
		}
	}
	t.Logf("%d points", points)
	if points < 100 {
		t.Errorf("only %d points were tried", points)
	}
}

// findings gives the tables of all nights but runs, which has times in it, by path.
func findings(t *testing.T, reports string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, tier := range privacy.Tiers() {
		err := filepath.WalkDir(filepath.Join(reports, string(tier)), func(path string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // no night has it
			}
			if err != nil || d.IsDir() || !strings.HasSuffix(path, partFile) || strings.Contains(path, runsTable.name) {
				return err
			}
			text, err := os.ReadFile(path)
			all[path] = digestOf(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// leftOver gives what no run that is done leaves: files under way, staging folders, empty folders of nights, anything but Parquet in a table.
func leftOver(t *testing.T, reports string) (left []string) {
	t.Helper()
	err := filepath.WalkDir(reports, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(reports, path)
		rel = filepath.ToSlash(rel)
		bad := strings.HasSuffix(rel, ".tmp") || d.Name() == stagingDir
		if strings.Contains(rel, partition) && !d.IsDir() {
			bad = bad || d.Name() != partFile && d.Name() != pageTable.file
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), partition) {
			entries, err := os.ReadDir(path)
			bad = bad || err != nil || len(entries) == 0
		}
		if bad {
			left = append(left, rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return left
}

// copyTree copies a folder with its modes.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(from, path)
		target := filepath.Join(to, rel)
		if d.IsDir() {
			return os.Mkdir(target, info.Mode().Perm())
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, text, info.Mode().Perm())
	})
	if err != nil {
		t.Fatal(err)
	}
}
