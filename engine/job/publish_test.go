package job

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"crosscheck/engine/report"
)

var testDate = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

// stageFake begins a night and stages its three tables with the content given.
func stageFake(t *testing.T, reports, content string) (*night, *Manifest) {
	t.Helper()
	n, err := begin(reports, testDate, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := &Manifest{Job: "test", Date: n.name, date: testDate}
	for _, table := range []table{mismatchesTable, summaryTable, runsTable} {
		if err := n.stage(table, m, func(path string, how report.Options) error {
			return report.WriteFrom(path, strings.NewReader(content), how)
		}); err != nil {
			t.Fatal(err)
		}
	}
	return n, m
}

// tree lists the files below a folder with mode and content, the lock and the audit trail left out.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.Name() == "audit" {
			return fs.SkipDir
		}
		if err != nil || d.IsDir() || d.Name() == "_lock" {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		if strings.HasPrefix(name, committedDir) {
			text = nil // has times in it
		}
		fmt.Fprintf(&b, "%s %o %s\n", name, info.Mode().Perm(), text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const published = `_committed/2026-11-23.json 640 
public/runs/run_date=2026-11-23/part-00000.parquet 644 %[1]s
public/summary/run_date=2026-11-23/part-00000.parquet 644 %[1]s
restricted/mismatches/run_date=2026-11-23/part-00000.parquet 600 %[1]s
`

func publishFake(t *testing.T, reports, content string) {
	t.Helper()
	n, m := stageFake(t, reports, content)
	if err := errors.Join(n.publish(m), n.end()); err != nil {
		t.Fatal(err)
	}
}

func TestPublishAndReplace(t *testing.T) {
	dir := t.TempDir()
	for _, content := range []string{"first", "second"} {
		publishFake(t, dir, content)
		if got, want := tree(t, dir), fmt.Sprintf(published, content); got != want {
			t.Errorf("after the %s run:\n%s\nwant\n%s", content, got, want)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "restricted")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("restricted/: %v, %v", info.Mode(), err)
	}
	if _, err := os.Stat(filepath.Join(dir, stagingDir)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("_staging is left: %v", err)
	}
	text, err := os.ReadFile(filepath.Join(dir, committedDir, "2026-11-23.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	for _, f := range m.Files {
		again := File{Path: f.Path}
		if err := again.measure(filepath.Join(dir, filepath.FromSlash(f.Path))); err != nil || again != f {
			t.Errorf("the manifest says %+v, the file is %+v, %v", f, again, err)
		}
	}
	if len(m.Files) != 3 {
		t.Errorf("the manifest lists %d files", len(m.Files))
	}
}

// TestKilledWhilePublishing stops the work of a night after each step, as a kill would, and holds that the next night finds all as
// it was before: with and without an earlier night to put back, and also when putting back was itself cut short.
func TestKilledWhilePublishing(t *testing.T) {
	for _, earlier := range []bool{false, true} {
		for placed := range 4 {
			for putBack := range placed + 1 {
				t.Run(fmt.Sprintf("earlier=%v/placed=%d/putBack=%d", earlier, placed, putBack), func(t *testing.T) {
					dir, want := t.TempDir(), ""
					if earlier {
						publishFake(t, dir, "old")
						want = fmt.Sprintf(published, "old")
					}
					n, m := stageFake(t, dir, "new")
					text, err := json.Marshal(m)
					if err != nil {
						t.Fatal(err)
					}
					u, err := n.prepare(m, text)
					if err != nil {
						t.Fatal(err)
					}
					for _, f := range m.Files[:placed] {
						if err := n.place([]File{f}); err != nil {
							t.Fatal(err)
						}
					}
					for _, f := range m.Files[:putBack] {
						if err := n.putBack(n.staging, u, f.Path); err != nil {
							t.Fatal(err)
						}
					}
					// The kernel gives a dead process's lock back; the folder of its process stays.
					killed := filepath.Join(dir, stagingDir, "2026-11-23-0")
					if err := errors.Join(os.Rename(n.staging, killed), n.lock.release()); err != nil {
						t.Fatal(err)
					}
					next, err := begin(dir, testDate.AddDate(0, 0, 1), nil)
					if err != nil {
						t.Fatal(err)
					}
					if err := next.end(); err != nil {
						t.Fatal(err)
					}
					if got := tree(t, dir); got != want {
						t.Errorf("got\n%s\nwant\n%s", got, want)
					}
				})
			}
		}
	}
}

// TestPublishFails makes the place of each table in turn unusable and holds that all is put back.
func TestPublishFails(t *testing.T) {
	for _, broken := range []table{mismatchesTable, summaryTable, runsTable} {
		dir := t.TempDir()
		publishFake(t, dir, "old")
		n, m := stageFake(t, dir, "new")
		// A folder that is not empty in the place of the file: neither linked nor replaced by a rename.
		target := filepath.Join(dir, broken.name, "run_date=2026-11-23", "part-00000.parquet")
		aside := filepath.Join(t.TempDir(), "aside")
		_, _, kept := n.paths(n.staging, File{Path: broken.path("2026-11-23")})
		if err := errors.Join(os.Rename(target, aside), os.MkdirAll(filepath.Join(kept, "x"), 0o700), os.Mkdir(target, 0o700), os.Mkdir(filepath.Join(target, "x"), 0o700)); err != nil {
			t.Fatal(err)
		}
		err := n.publish(m)
		var we *report.WriteError
		if !errors.As(err, &we) {
			t.Fatalf("%s: got %v, want a *report.WriteError", broken.name, err)
		}
		if err := errors.Join(os.RemoveAll(kept), n.end(), os.RemoveAll(target), os.Rename(aside, target)); err != nil {
			t.Fatal(err)
		}
		if got, want := tree(t, dir), fmt.Sprintf(published, "old"); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", broken.name, got, want)
		}
	}
}

// TestWithdraw holds that a table that the night had and has no more leaves with what it was part of, and comes back if the new night
// does not come to be.
func TestWithdraw(t *testing.T) {
	dir := t.TempDir()
	n, m := stageFake(t, dir, "old")
	if err := n.stage(internalTable, m, func(path string, how report.Options) error {
		return report.WriteFrom(path, strings.NewReader("old"), how)
	}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(n.publish(m), n.end()); err != nil {
		t.Fatal(err)
	}
	before := tree(t, dir)

	n, m = stageFake(t, dir, "new")
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	gone := n.withdrawn(m)
	if len(gone) != 1 || !strings.HasPrefix(gone[0].Path, internalTable.name+"/") {
		t.Fatalf("to be withdrawn: %+v", gone)
	}
	if _, err := n.prepare(m, text); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(n.place(m.Files[:1]), n.withdraw(gone[0]), n.end()); err != nil {
		t.Fatal(err)
	}
	if got := tree(t, dir); got != before {
		t.Errorf("after a night that did not come to be\n%s\nwant\n%s", got, before)
	}

	publishFake(t, dir, "new")
	if got, want := tree(t, dir), fmt.Sprintf(published, "new"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if exists(filepath.Join(dir, internalTable.name, "run_date=2026-11-23")) {
		t.Error("an empty folder is left")
	}
}

// TestEndOfPublished holds that a night that counts is not called one that was not published, whatever goes wrong after that.
func TestEndOfPublished(t *testing.T) {
	for _, publishes := range []bool{true, false} {
		n, m := stageFake(t, t.TempDir(), "x")
		if publishes {
			if err := n.publish(m); err != nil {
				t.Fatal(err)
			}
		}
		if err := n.lock.file.Close(); err != nil {
			t.Fatal(err)
		}
		if err := n.end(); (err == nil) != publishes {
			t.Errorf("published: %v; the lock cannot be given back: %v", publishes, err)
		}
	}
}

func TestLock(t *testing.T) {
	dir := t.TempDir()
	n, err := begin(dir, testDate, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = begin(dir, testDate, nil)
	var locked *LockedError
	if !errors.As(err, &locked) {
		t.Fatalf("got %v, want a *LockedError", err)
	}
	if locked.Holder.PID != os.Getpid() || locked.Holder.Host == "" || time.Since(locked.Holder.Since) > time.Minute {
		t.Errorf("the holder is said to be %+v", locked.Holder)
	}
	if _, err := os.Stat(n.staging); err != nil {
		t.Errorf("the run that was turned away touched the other's staging folder: %v", err)
	}
	if err := n.end(); err != nil {
		t.Fatal(err)
	}
	if n, err = begin(dir, testDate, nil); err != nil {
		t.Fatal(err)
	}
	if err := n.end(); err != nil {
		t.Fatal(err)
	}
}

// TestRestrictedMode holds that a restricted folder that somebody opened to others is closed again.
func TestRestrictedMode(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "restricted"), 0o755); err != nil {
		t.Fatal(err)
	}
	publishFake(t, dir, "x")
	if info, err := os.Stat(filepath.Join(dir, "restricted")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("restricted/: %v, %v", info.Mode(), err)
	}
}
