package durable

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// FS is what the writers of a night ask of a file system. Each call is one that can fail. Reading needs none
// of it. Errors are those of package os.
type FS interface {
	OpenFile(path string, flag int, mode fs.FileMode) (File, error)
	CreateTemp(dir, pattern string) (File, error)
	Mkdir(path string, mode fs.FileMode) error
	Chmod(path string, mode fs.FileMode) error
	Chown(path string, uid, gid int) error
	Rename(from, to string) error
	Link(from, to string) error
	Remove(path string) error
	SyncDir(path string) error
}

// File is a file that is open for writing.
type File interface {
	io.Writer
	io.WriterAt
	io.Reader
	io.ReaderAt
	io.Closer
	Name() string
	Fd() uintptr
	Stat() (fs.FileInfo, error)
	Chmod(fs.FileMode) error
	Truncate(size int64) error
	Sync() error
}

// disk is where everything is written.
var disk FS = OS{}

// Use has everything written through another file system from now on, and gives the one before. It is for tests, and not while anything writes.
func Use(other FS) (before FS) {
	before, disk = disk, other
	return before
}

// OS is the file system of the operating system.
type OS struct{}

// OpenFile is os.OpenFile.
func (OS) OpenFile(path string, flag int, mode fs.FileMode) (File, error) {
	f, err := os.OpenFile(path, flag, mode)
	if err != nil {
		return nil, err // and no *os.File that is nil
	}
	return f, nil
}

// CreateTemp is os.CreateTemp.
func (OS) CreateTemp(dir, pattern string) (File, error) {
	f, err := os.CreateTemp(dir, pattern)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Mkdir is os.Mkdir.
func (OS) Mkdir(path string, mode fs.FileMode) error { return os.Mkdir(path, mode) }

// Chmod is os.Chmod.
func (OS) Chmod(path string, mode fs.FileMode) error { return os.Chmod(path, mode) }

// Chown is os.Chown.
func (OS) Chown(path string, uid, gid int) error { return os.Chown(path, uid, gid) }

// Rename is os.Rename.
func (OS) Rename(from, to string) error { return os.Rename(from, to) }

// Link is os.Link.
func (OS) Link(from, to string) error { return os.Link(from, to) }

// Remove is os.Remove.
func (OS) Remove(path string) error { return os.Remove(path) }

// SyncDir makes the names in a folder durable. File systems that cannot do that for a folder say EINVAL or that it is unsupported; there
// a name is as durable as it gets.
func (OS) SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}

// OpenFile opens a file for writing.
func OpenFile(path string, flag int, mode fs.FileMode) (File, error) {
	return disk.OpenFile(path, flag, mode)
}

// CreateTemp makes a file with a name that no other has.
func CreateTemp(dir, pattern string) (File, error) { return disk.CreateTemp(dir, pattern) }

// Mkdir makes a folder, of which a power cut may leave nothing; see MakeDir.
func Mkdir(path string, mode fs.FileMode) error { return disk.Mkdir(path, mode) }

// Chmod sets the mode of a file or folder.
func Chmod(path string, mode fs.FileMode) error { return disk.Chmod(path, mode) }

// Chown sets the owner and the group of a file; -1 leaves one as it is.
func Chown(path string, uid, gid int) error { return disk.Chown(path, uid, gid) }

// Rename moves a file or folder. It is durable once both folders are synced.
func Rename(from, to string) error { return disk.Rename(from, to) }

// Link gives a file another name.
func Link(from, to string) error { return disk.Link(from, to) }

// Remove removes a file or an empty folder.
func Remove(path string) error { return disk.Remove(path) }

// SyncDir makes the names in a folder durable.
func SyncDir(dir string) error { return disk.SyncDir(dir) }

// MakeDir makes a folder that outlives a power cut, with exactly this mode, and those above it that are missing. One that is there keeps its own.
// Of a folder that it could not make so, an error leaves nothing.
func MakeDir(path string, mode fs.FileMode) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil
	}
	parent := filepath.Dir(path)
	if parent != path {
		if err := MakeDir(parent, mode); err != nil {
			return err
		}
	}
	if err := disk.Mkdir(path, mode); err != nil {
		return err
	}
	err := disk.Chmod(path, mode)
	if err == nil {
		err = disk.SyncDir(parent)
	}
	if err != nil {
		_ = disk.Remove(path) // there is nothing more to do about it
	}
	return err
}

// RemoveAll removes a file, or a folder and all that is in it. What is not there is no error. It stops at the first error.
func RemoveAll(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && info.IsDir() {
		var entries []fs.DirEntry
		entries, err = os.ReadDir(path)
		for _, e := range entries {
			if err := RemoveAll(filepath.Join(path, e.Name())); err != nil {
				return err
			}
		}
	}
	if err != nil {
		return err
	}
	return disk.Remove(path)
}
