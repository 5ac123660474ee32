package job

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"crosscheck/engine/report"
)

// TestFolders holds the modes of folders whatever the umask and whatever they were before.
func TestFolders(t *testing.T) {
	old := syscall.Umask(0o077)
	defer syscall.Umask(old)
	n := &night{reports: t.TempDir()}
	mode := func(path string) fs.FileMode {
		t.Helper()
		info, err := os.Stat(filepath.Join(n.reports, path))
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode() &^ fs.ModeDir
	}
	make := func(path string) {
		t.Helper()
		if err := n.makeFolder(path); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]fs.FileMode{"restricted/a": 0o700, "internal/a/b": 0o750, "public/a": 0o755} {
		make(path)
		for at := path; at != "."; at = filepath.Dir(at) {
			if got := mode(at); got != want {
				t.Errorf("%s has mode %o, want %o", at, got, want)
			}
		}
	}
	// What somebody opened is closed, what somebody closed stays so, and a group that is handed down is still.
	for before, want := range map[fs.FileMode]fs.FileMode{0o777: 0o750, 0o700: 0o700, 0o770 | fs.ModeSetgid: 0o750 | fs.ModeSetgid} {
		if err := os.Chmod(filepath.Join(n.reports, "internal"), before); err != nil {
			t.Fatal(err)
		}
		if make("internal/a"); mode("internal") != want {
			t.Errorf("mode %v became %v, want %v", before, mode("internal"), want)
		}
	}
}

// TestGroup holds that a published file has the group of its folder.
func TestGroup(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root may give a folder to any group")
	}
	const auditors = 4711
	reports := t.TempDir()
	for range 2 {
		n, err := begin(reports, testDate, nil)
		if err != nil {
			t.Fatal(err)
		}
		m := &Manifest{Job: "test", Date: n.name, date: testDate}
		if err := n.makeTable(internalTable); err != nil {
			t.Fatal(err)
		}
		folder := filepath.Join(reports, "internal")
		if err := os.Chown(folder, -1, auditors); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(folder, 0o750|fs.ModeSetgid); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Join(folder, "mismatches")); err != nil {
			t.Fatal(err)
		}
		if err := n.stage(internalTable, m, func(path string, how report.Options) error {
			return report.WriteFrom(path, strings.NewReader("x"), how)
		}); err != nil {
			t.Fatal(err)
		}
		if err := n.publish(m); err != nil {
			t.Fatal(err)
		}
		if err := n.end(); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(filepath.Join(reports, m.Files[0].Path))
		if err != nil {
			t.Fatal(err)
		}
		if stat := info.Sys().(*syscall.Stat_t); stat.Gid != auditors {
			t.Errorf("the file has group %d", stat.Gid)
		}
	}
}
