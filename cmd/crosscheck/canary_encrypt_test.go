package main

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"crosscheck/engine/durable"
)

// watchedDisk is a file system that looks for the marks in all that is written, wherever.
type watchedDisk struct {
	durable.OS

	mu      sync.Mutex
	written int64
	marked  []string          // the files, by the last name, in which marks were found, a write each
	last    map[string]string // a file → the end of what was written to it, in which a mark may begin
}

func (d *watchedDisk) OpenFile(path string, flag int, mode fs.FileMode) (durable.File, error) {
	f, err := d.OS.OpenFile(path, flag, mode)
	return &watchedFile{f, d}, err
}

func (d *watchedDisk) CreateTemp(dir, pattern string) (durable.File, error) {
	f, err := d.OS.CreateTemp(dir, pattern)
	return &watchedFile{f, d}, err
}

func (d *watchedDisk) Rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, path := range d.marked {
		if path == from {
			d.marked[i] = to
		}
	}
	return d.OS.Rename(from, to)
}

type watchedFile struct {
	durable.File
	disk *watchedDisk
}

func (f *watchedFile) Write(b []byte) (int, error) {
	f.look(b)
	return f.File.Write(b)
}

func (f *watchedFile) WriteAt(b []byte, at int64) (int, error) {
	f.look(b)
	return f.File.WriteAt(b, at)
}

func (f *watchedFile) look(b []byte) {
	d := f.disk
	d.mu.Lock()
	defer d.mu.Unlock()
	text := d.last[f.Name()] + string(b)
	d.written += int64(len(b))
	d.last[f.Name()] = text[max(0, len(text)-100):]
	if slices.ContainsFunc(canaries, func(mark string) bool { return strings.Contains(text, mark) }) {
		d.marked = append(d.marked, f.Name())
	}
}

// TestCanaryEncrypted runs nights whose restricted tier is encrypted and looks for the marks in every byte that goes to the disk, in staging and the
// restricted tier too; in those of a job in the clear it finds them.
func TestCanaryEncrypted(t *testing.T) {
	t.Chdir(t.TempDir())
	canaryInputs(t)
	if code, _, stderr := call(t.Context(), "keygen", "--identity", "-o", "id.txt"); code != exitOK {
		t.Fatal(stderr)
	}
	identity, err := os.ReadFile("id.txt")
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(identity), "\n")
	recipient := strings.TrimPrefix(head, "# public key: ")
	job, err := os.ReadFile("job.job.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(strings.Replace(string(job), "cache: true\n", "", 1), "privacy: {", "privacy: {encrypt: {recipients: ["+recipient+"], identity: {file: id.txt}}, ", 1)
	if err := os.WriteFile("encrypted.job.yaml", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	disk := &watchedDisk{last: map[string]string{}}
	defer durable.Use(durable.Use(disk))
	night := func(args string) {
		t.Helper()
		code, stdout, stderr := call(t.Context(), strings.Fields(args)...)
		if code != exitOK {
			t.Fatalf("%s: exit code %d: %s", args, code, stderr)
		}
		cleanOf(t, args+": standard output", stdout)
		cleanOf(t, args+": standard error", stderr)
	}
	night("run -c encrypted.job.yaml --date 2026-11-22 -q")
	night("run -c encrypted.job.yaml --date 2026-11-23 --log-format json --log-level debug")
	if len(disk.marked) > 0 || disk.written < 50_000 {
		t.Errorf("of %d bytes written some are marked, in %v", disk.written, disk.marked)
	}
	night("run -c without.job.yaml --date 2026-11-23 -q")
	if len(disk.marked) == 0 || !strings.Contains(disk.marked[0], "restricted") {
		t.Errorf("in a job in the clear marks are found in %v", disk.marked)
	}
}
