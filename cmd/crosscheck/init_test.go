package main

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"crosscheck/engine/durable"
	"crosscheck/engine/durable/durabletest"
	"crosscheck/engine/report"
)

// TestWriteNew has each call by which a job file is written fail in turn. It holds that no file is left then, and that one that was to be replaced is as it was, or
// as it was to be.
func TestWriteNew(t *testing.T) {
	for _, force := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "job.yaml")
		before := ""
		if force {
			before = "job: old\n"
			if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		failed := 0
		for at := 1; ; at++ {
			real := durable.Use(&durabletest.FS{At: at, Err: syscall.ENOSPC})
			err := writeNew(path, "job: new\n", force)
			durable.Use(real)
			text, _ := os.ReadFile(path)
			if err == nil {
				if string(text) != "job: new\n" {
					t.Errorf("force %v: written was %q", force, text)
				}
				break
			}
			failed++
			var unwritten *report.WriteError
			if !errors.As(err, &unwritten) || !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("force %v, call %d: %v", force, at, err)
			}
			if entries, _ := os.ReadDir(filepath.Dir(path)); string(text) != before && !(force && string(text) == "job: new\n") || len(entries) > 1 || !force && len(entries) > 0 {
				t.Errorf("force %v, call %d: %q and %d files are left", force, at, text, len(entries))
			}
		}
		if failed < 2 {
			t.Errorf("force %v: %d calls failed", force, failed)
		}
		if info, err := os.Stat(path); err != nil || force && info.Mode().Perm() != 0o600 {
			t.Errorf("force %v: its mode is not as it was", force)
		}
	}
}

// TestWriteNewOver: by force a file is replaced where a link leads to it, and what is no file is written to and stays what it is.
func TestWriteNewOver(t *testing.T) {
	dir := t.TempDir()
	file, link, pipe := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "pipe")
	if err := errors.Join(os.WriteFile(file, []byte("old"), 0o644), os.Symlink(file, link), syscall.Mkfifo(pipe, 0o600)); err != nil {
		t.Fatal(err)
	}
	reader, err := os.OpenFile(pipe, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if err := errors.Join(writeNew(link, "new", true), writeNew(pipe, "new", true)); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "new" {
		t.Errorf("behind the link is %q, %v", text, err)
	}
	for path, want := range map[string]os.FileMode{link: os.ModeSymlink, pipe: os.ModeNamedPipe} {
		if info, err := os.Lstat(path); err != nil || info.Mode().Type() != want {
			t.Errorf("%s is no longer what it was", filepath.Base(path))
		}
	}
	got := make([]byte, 3)
	if _, err := reader.Read(got); err != nil || string(got) != "new" {
		t.Errorf("the pipe got %q, %v", got, err)
	}
}
