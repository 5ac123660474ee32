// Package durabletest is a file system that fails on demand: at its n-th call, once or for good, with whatever error or panic. It
// writes to the file system of the operating system and nothing else of its own.
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
	Panic  any           // panics with this in place of an error; nil: it does not

	mu    sync.Mutex
	calls int
	under durable.OS
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
	if f.Panic != nil {
		panic(f.Panic)
	}
	return &fs.PathError{Op: op, Path: path, Err: f.Err}
}

// OpenFile implements durable.FS.
func (f *FS) OpenFile(path string, flag int, mode fs.FileMode) (durable.File, error) {
	if err := f.fault("open", path); err != nil {
		return nil, err
	}
	return f.wrap(f.under.OpenFile(path, flag, mode))
}

// CreateTemp implements durable.FS.
func (f *FS) CreateTemp(dir, pattern string) (durable.File, error) {
	if err := f.fault("open", dir); err != nil {
		return nil, err
	}
	return f.wrap(f.under.CreateTemp(dir, pattern))
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
	return f.under.Mkdir(path, mode)
}

// Chmod implements durable.FS.
func (f *FS) Chmod(path string, mode fs.FileMode) error {
	if err := f.fault("chmod", path); err != nil {
		return err
	}
	return f.under.Chmod(path, mode)
}

// Chown implements durable.FS.
func (f *FS) Chown(path string, uid, gid int) error {
	if err := f.fault("chown", path); err != nil {
		return err
	}
	return f.under.Chown(path, uid, gid)
}

// Rename implements durable.FS.
func (f *FS) Rename(from, to string) error {
	if err := f.fault("rename", from); err != nil {
		return err
	}
	return f.under.Rename(from, to)
}

// Link implements durable.FS.
func (f *FS) Link(from, to string) error {
	if err := f.fault("link", from); err != nil {
		return err
	}
	return f.under.Link(from, to)
}

// Remove implements durable.FS.
func (f *FS) Remove(path string) error {
	if err := f.fault("remove", path); err != nil {
		return err
	}
	return f.under.Remove(path)
}

// SyncDir implements durable.FS. It does not wait for a disk.
func (f *FS) SyncDir(path string) error {
	if err := f.fault("sync", path); err != nil {
		return err
	}
	_, err := os.Stat(path)
	return err
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
		return n, err
	}
	return w.File.Write(b)
}

func (w *file) WriteAt(b []byte, at int64) (int, error) {
	if err := w.fs.fault("write", w.Name()); err != nil {
		n, _ := w.File.WriteAt(b[:len(b)/2], at)
		return n, err
	}
	return w.File.WriteAt(b, at)
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

// Sync does not wait for a disk.
func (w *file) Sync() error { return w.fs.fault("sync", w.Name()) }

// Close closes the file also where it fails.
func (w *file) Close() error {
	fault := w.fs.fault("close", w.Name())
	if err := w.File.Close(); err != nil {
		return err
	}
	return fault
}
