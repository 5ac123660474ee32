package audit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"

	"crosscheck/engine/durable"
)

// Folder is where the trail lies below the reports folder, with slashes.
const Folder = "restricted/audit"

// ReadError says that a file of the trail, or a manifest, could not be read.
type ReadError struct {
	Path string
	Err  error // the cause
}

// Error gives "cannot read reports/restricted/audit: permission denied; …".
func (e *ReadError) Error() string {
	hint := ""
	if errors.Is(e.Err, fs.ErrPermission) {
		hint = "; the trail is for the user who runs the job, or root, to read"
	}
	return fmt.Sprintf("cannot read %s: %v%s", e.Path, e.Err, hint)
}

// Unwrap gives the cause.
func (e *ReadError) Unwrap() error { return e.Err }

// WriteError says that the trail could not be written. What was in it is as it was.
type WriteError struct {
	Path string
	Err  error // the cause
}

// Error gives "cannot write the audit trail reports/restricted/audit/0001-2026-11.jsonl: no space left on device; …".
func (e *WriteError) Error() string {
	hint := ""
	switch {
	case errors.Is(e.Err, syscall.ENOSPC), errors.Is(e.Err, syscall.EDQUOT):
		hint = "; free space on that disk"
	case errors.Is(e.Err, fs.ErrPermission), errors.Is(e.Err, syscall.EROFS):
		hint = "; the trail must be writable for the user who runs the job"
	}
	return fmt.Sprintf("cannot write the audit trail %s: %v%s", e.Path, e.Err, hint)
}

// Unwrap gives the cause.
func (e *WriteError) Unwrap() error { return e.Err }

func readError(path string, err error) error { return &ReadError{Path: path, Err: durable.Cause(err)} }
func writeError(path string, err error) error {
	return &WriteError{Path: path, Err: durable.Cause(err)}
}

// file is a file of the trail.
type file struct {
	segment int
	month   string // as 2026-11
}

var fileName = regexp.MustCompile(`^(\d{4})-(\d{4}-\d\d)\.jsonl$`)

func (f file) name() string { return fmt.Sprintf("%04d-%s.jsonl", f.segment, f.month) }

// rel is the file below the reports folder, with slashes.
func (f file) rel() string { return path.Join(Folder, f.name()) }

func (f file) path(reports string) string { return filepath.Join(reports, filepath.FromSlash(f.rel())) }

// list gives the files of the trail in its order, and what ends in .jsonl and is none of it, below the reports folder. A folder that is
// not there holds none.
func list(reports string) (files []file, strays []string, err error) {
	dir := filepath.Join(reports, filepath.FromSlash(Folder))
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, readError(dir, err)
	}
	for _, e := range entries {
		if m := fileName.FindStringSubmatch(e.Name()); m != nil && e.Type().IsRegular() {
			segment, _ := strconv.Atoi(m[1]) // four digits
			files = append(files, file{segment: segment, month: m[2]})
		} else if filepath.Ext(e.Name()) == ".jsonl" {
			strays = append(strays, path.Join(Folder, e.Name()))
		}
	}
	return files, strays, nil
}

// read gives the content of a file of the trail.
func (f file) read(reports string) ([]byte, error) {
	b, err := os.ReadFile(f.path(reports))
	if err != nil {
		return nil, readError(f.path(reports), err)
	}
	return b, nil
}

// measure gives the digest of a file below the reports folder; its name has slashes. A missing one is fs.ErrNotExist in a *ReadError.
func measure(reports, file string) (Digest, error) {
	path := filepath.Join(reports, filepath.FromSlash(file))
	content, err := os.ReadFile(path)
	if err != nil {
		return Digest{}, readError(path, err)
	}
	return DigestOf(file, content), nil
}

// end gives the last whole line of a file, with its LF, and what follows it; each may be empty. It reads no more than it has to.
func (f file) end(reports string) (last, tail []byte, err error) {
	r, err := os.Open(f.path(reports))
	if err != nil {
		return nil, nil, readError(f.path(reports), err)
	}
	defer r.Close()
	size, err := r.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, nil, readError(f.path(reports), err)
	}
	for window := int64(64 << 10); ; window *= 4 {
		from := max(0, size-window)
		b := make([]byte, size-from)
		if _, err := r.ReadAt(b, from); err != nil && err != io.EOF {
			return nil, nil, readError(f.path(reports), err)
		}
		end := bytes.LastIndexByte(b, '\n') + 1
		begin := bytes.LastIndexByte(b[:max(0, end-1)], '\n') + 1
		if from == 0 || begin > 0 {
			return b[begin:end], b[end:], nil
		}
	}
}

// writeWhole gives a file new content, the old or the new being there at any time.
func (f file) writeWhole(reports string, content []byte) error {
	path := f.path(reports)
	if err := durable.WriteFile(path, content, 0o600); err != nil {
		return writeError(path, err)
	}
	return nil
}

// private makes a folder, if it is missing, and takes the rights of others away.
func private(dir string) error {
	err := durable.Mkdir(dir, 0o700)
	if err == nil {
		err = durable.SyncDir(filepath.Dir(dir))
	} else if errors.Is(err, fs.ErrExist) {
		err = nil
	}
	if err == nil {
		err = closeToOthers(dir, 0o700)
	}
	if err != nil {
		return writeError(dir, err)
	}
	return nil
}

// closeToOthers sets the mode of a file or folder where it is another one.
func closeToOthers(path string, mode os.FileMode) error {
	info, err := os.Stat(path)
	if err == nil && info.Mode().Perm() != mode {
		err = durable.Chmod(path, mode)
	}
	return err
}
