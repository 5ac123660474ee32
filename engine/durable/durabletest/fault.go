// Package durabletest has file systems that fail on demand: [FS] at its n-th call, once or for good, with whatever error or panic, and [Power] by losing
// what was not synced. They write to the file system of the operating system and nothing else of their own, and wait for no disk.
package durabletest

import (
	"io/fs"
	"os"
	"sync"
	"syscall"

	"crosscheck/engine/durable"
)

// FS fails at its At-th call. The zero FS never does.
type FS struct {
	At     int           // which call fails, from 1; 0: none
	Err    syscall.Errno // with which error
	Sticky bool          // and all after it
	Then   func()        // called at each call that fails, in the middle of a write: it can panic or kill; may be nil

	Under durable.FS // which does the calls that do not fail; nil: that of the operating system

	mu    sync.Mutex
	calls int
}

// Calls says how many calls there were.
func (f *FS) Calls() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls
}

// fault counts a call and says whether it fails.
func (f *FS) fault(op, path string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	if f.At == 0 || f.calls < f.At || f.calls > f.At && !f.Sticky {
		return nil
	}
	if f.Then != nil && op != "write" {
		f.Then()
	}
	return &fs.PathError{Op: op, Path: path, Err: f.Err}
}

func (f *FS) under() durable.FS {
	if f.Under == nil {
		return unsynced{}
	}
	return f.Under
}

// OpenFile implements durable.FS.
func (f *FS) OpenFile(path string, flag int, mode fs.FileMode) (durable.File, error) {
	if err := f.fault("open", path); err != nil {
		return nil, err
	}
	return f.wrap(f.under().OpenFile(path, flag, mode))
}

// CreateTemp implements durable.FS.
func (f *FS) CreateTemp(dir, pattern string) (durable.File, error) {
	if err := f.fault("open", dir); err != nil {
		return nil, err
	}
	return f.wrap(f.under().CreateTemp(dir, pattern))
}

func (f *FS) wrap(under durable.File, err error) (durable.File, error) {
	if err != nil {
		return nil, err
	}
	return &file{File: under, fs: f}, nil
}

// Mkdir implements durable.FS.
func (f *FS) Mkdir(path string, mode fs.FileMode) error {
	if err := f.fault("mkdir", path); err != nil {
		return err
	}
	return f.under().Mkdir(path, mode)
}

// Chmod implements durable.FS.
func (f *FS) Chmod(path string, mode fs.FileMode) error {
	if err := f.fault("chmod", path); err != nil {
		return err
	}
	return f.under().Chmod(path, mode)
}

// Chown implements durable.FS.
func (f *FS) Chown(path string, uid, gid int) error {
	if err := f.fault("chown", path); err != nil {
		return err
	}
	return f.under().Chown(path, uid, gid)
}

// Rename implements durable.FS.
func (f *FS) Rename(from, to string) error {
	if err := f.fault("rename", from); err != nil {
		return err
	}
	return f.under().Rename(from, to)
}

// Link implements durable.FS.
func (f *FS) Link(from, to string) error {
	if err := f.fault("link", from); err != nil {
		return err
	}
	return f.under().Link(from, to)
}

// Remove implements durable.FS.
func (f *FS) Remove(path string) error {
	if err := f.fault("remove", path); err != nil {
		return err
	}
	return f.under().Remove(path)
}

// SyncDir implements durable.FS.
func (f *FS) SyncDir(path string) error {
	if err := f.fault("sync", path); err != nil {
		return err
	}
	return f.under().SyncDir(path)
}

// file is a file of FS.
type file struct {
	durable.File
	fs *FS
}

// Write writes half of what it shall before it fails, as a disk that is full does.
func (w *file) Write(b []byte) (int, error) {
	if err := w.fs.fault("write", w.Name()); err != nil {
		n, _ := w.File.Write(b[:len(b)/2])
		w.then()
		return n, err
	}
	return w.File.Write(b)
}

func (w *file) WriteAt(b []byte, at int64) (int, error) {
	if err := w.fs.fault("write", w.Name()); err != nil {
		n, _ := w.File.WriteAt(b[:len(b)/2], at)
		w.then()
		return n, err
	}
	return w.File.WriteAt(b, at)
}

// then is what a write that fails does beside.
func (w *file) then() {
	if w.fs.Then != nil {
		w.fs.Then()
	}
}

func (w *file) ReadAt(b []byte, at int64) (int, error) {
	if err := w.fs.fault("read", w.Name()); err != nil {
		return 0, err
	}
	return w.File.ReadAt(b, at)
}

func (w *file) Chmod(mode fs.FileMode) error {
	if err := w.fs.fault("chmod", w.Name()); err != nil {
		return err
	}
	return w.File.Chmod(mode)
}

func (w *file) Truncate(size int64) error {
	if err := w.fs.fault("truncate", w.Name()); err != nil {
		return err
	}
	return w.File.Truncate(size)
}

func (w *file) Sync() error {
	if err := w.fs.fault("sync", w.Name()); err != nil {
		return err
	}
	return w.File.Sync()
}

// Close closes the file also where it fails.
func (w *file) Close() error {
	fault := w.fs.fault("close", w.Name())
	if err := w.File.Close(); err != nil {
		return err
	}
	return fault
}

// unsynced is the file system of the operating system, without waiting for a disk.
type unsynced struct{ durable.OS }

// OpenFile implements durable.FS.
func (u unsynced) OpenFile(path string, flag int, mode fs.FileMode) (durable.File, error) {
	f, err := u.OS.OpenFile(path, flag, mode)
	return unsyncedFile{f}, err
}

// CreateTemp implements durable.FS.
func (u unsynced) CreateTemp(dir, pattern string) (durable.File, error) {
	f, err := u.OS.CreateTemp(dir, pattern)
	return unsyncedFile{f}, err
}

// SyncDir implements durable.FS.
func (unsynced) SyncDir(path string) error {
	_, err := os.Stat(path)
	return err
}

type unsyncedFile struct{ durable.File }

func (unsyncedFile) Sync() error { return nil }
