package report

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"crosscheck/engine/durable"
	"crosscheck/engine/guard"
)

// WriteError says that a file could not be written: disk full, no permission, no such folder. Nothing of the file is left.
type WriteError struct {
	Path string // the final name
	Err  error  // the cause
}

// Error gives "cannot write out/report.parquet: no space left on device; free space on that disk or write to another one".
func (e *WriteError) Error() string {
	return fmt.Sprintf("cannot write %s: %v%s", e.Path, e.Err, hint(e.Err))
}

// Unwrap gives the cause.
func (e *WriteError) Unwrap() error { return e.Err }

func hint(err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "; free space on that disk or write to another one"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return "; see to it that the folder may be written to, or write to another one"
	case errors.Is(err, fs.ErrNotExist):
		return "; make the folder first"
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.EEXIST):
		return "; a file is where a folder should be"
	case errors.Is(err, syscall.EXDEV):
		return "; the temporary folder must be on the same file system"
	}
	return ""
}

// file is a file under way: a hidden temporary one that gets its name when it is whole and durable.
type file struct {
	path   string
	staged bool         // see Options
	f      durable.File // nil once published or discarded
	w      *bufio.Writer
	enc    io.WriteCloser // between w and f; nil: the file is not encrypted
	err    error          // the first error of a write, a *WriteError
}

// createFile makes the temporary file with its final permissions.
func createFile(path string, opt Options) (*file, error) {
	dir := opt.Temp
	if dir == "" {
		dir = filepath.Dir(path)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, &WriteError{path, syscall.EISDIR}
	}
	f, err := durable.CreateTemp(dir, ".crosscheck-*.tmp")
	if err != nil {
		err = durable.Cause(err)
		if opt.Temp != "" {
			err = fmt.Errorf("temporary file in %s: %w", opt.Temp, err)
		}
		return nil, &WriteError{path, err}
	}
	o := &file{path: path, staged: opt.Staged, f: f}
	out := io.Writer(&eager{f: f})
	if opt.wrap != nil {
		out = opt.wrap(f)
	}
	if opt.Sum != nil {
		out = io.MultiWriter(out, opt.Sum)
	}
	mode := opt.Mode.Perm()
	if mode == 0 {
		mode = 0o600
	}
	// Not left to the file's creation: the umask would take bits away.
	if err := f.Chmod(mode); err != nil {
		o.discard()
		return nil, &WriteError{path, durable.Cause(err)}
	}
	if opt.Encrypt != nil {
		if o.enc, err = opt.Encrypt(out); err != nil {
			o.discard()
			return nil, &WriteError{path, durable.Cause(err)}
		}
		out = o.enc
	}
	o.w = bufio.NewWriterSize(out, 256<<10)
	return o, nil
}

// eager has the system write the bytes of a file to disk while more is written to it, or all would wait for that at the end.
type eager struct {
	f              durable.File
	written, begun int64 // bytes
}

// eagerBytes are begun at a time.
const eagerBytes = 4 << 20

func (e *eager) Write(b []byte) (int, error) {
	n, err := e.f.Write(b)
	if e.written += int64(n); e.written-e.begun >= eagerBytes {
		durable.Begin(e.f, e.begun, e.written-e.begun)
		e.begun = e.written
	}
	return n, err
}

// WriteFrom writes what a reader gives. Of the options it looks at Mode, Temp, Staged, Encrypt and Sum. Errors are those of the reader and *WriteError.
func WriteFrom(path string, r io.Reader, opt Options) error {
	f, err := createFile(path, opt)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, r); err != nil {
		f.discard()
		if f.err != nil {
			return f.err
		}
		return err
	}
	return f.publish()
}

// Write is for one goroutine at a time.
func (o *file) Write(b []byte) (int, error) {
	n, err := o.w.Write(b)
	if err != nil && o.err == nil {
		o.err = &WriteError{o.path, durable.Cause(err)}
	}
	return n, err
}

// wrapped gives the *WriteError behind err, which an encoder returned: that of the file, where it is the file that failed. A panic stays one.
func (o *file) wrapped(err error) error {
	if p, ok := errors.AsType[*guard.PanicError](err); ok {
		return p
	}
	if o.err != nil {
		return o.err
	}
	return &WriteError{o.path, durable.Cause(err)}
}

// publish makes the file durable under its final name, or the content alone. On an error nothing is left.
func (o *file) publish() error {
	err := o.w.Flush()
	if err == nil && o.enc != nil {
		err = o.enc.Close()
	}
	if err == nil {
		err = o.f.Sync()
	}
	if err == nil {
		err = o.f.Close()
	}
	if err == nil {
		err = durable.Rename(o.f.Name(), o.path)
	}
	if err != nil {
		o.discard()
		return &WriteError{o.path, durable.Cause(err)}
	}
	o.f = nil
	if o.staged {
		return nil
	}
	if err := durable.SyncDir(filepath.Dir(o.path)); err != nil {
		return &WriteError{o.path, errors.Join(durable.Cause(err), durable.Remove(o.path))}
	}
	return nil
}

// discard removes the temporary file, if there still is one.
func (o *file) discard() {
	if o.f == nil {
		return
	}
	// Both may fail for a file that is already closed or gone, and nothing is left to do about it.
	_ = o.f.Close()
	_ = durable.Remove(o.f.Name())
	o.f = nil
}
