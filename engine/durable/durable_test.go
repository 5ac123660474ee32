package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	for _, content := range []string{"first and longer", "second"} {
		if err := WriteFile(path, []byte(content), 0o646); err != nil { // a mode that a umask would change
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != content {
			t.Errorf("got %q, %v; want %q", got, err, content)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o646 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
	}
	// A folder that is not empty in the place of the file: the rename fails, and nothing else is left.
	if err := errors.Join(os.Remove(path), os.MkdirAll(filepath.Join(path, "x"), 0o700)); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(path, nil, 0o600); err == nil {
		t.Error("no error")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left: %v, %v", left, err)
	}
	if err := WriteFile(filepath.Join(dir, "none", "file"), nil, 0o600); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
}

// TestSyncDir holds that a folder whose file system cannot make names durable is no error; /proc is one.
func TestSyncDir(t *testing.T) {
	if err := SyncDir(t.TempDir()); err != nil {
		t.Error(err)
	}
	if err := SyncDir("/proc/self"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("where folders cannot be synced: %v", err)
	}
	if err := SyncDir(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
}

func TestCause(t *testing.T) {
	_, open := os.Open(filepath.Join(t.TempDir(), "none"))
	rename := os.Rename(filepath.Join(t.TempDir(), "a"), "b")
	for _, err := range []error{open, rename} {
		if got := Cause(err); got != syscall.ENOENT {
			t.Errorf("got %v of %v", got, err)
		}
	}
	if plain := errors.New("plain"); Cause(plain) != plain {
		t.Error("an error of another kind is changed")
	}
}
