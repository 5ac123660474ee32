package synth

import (
	"bufio"
	"os"
	"path/filepath"
)

// file is written under a temporary name beside its own.
type file struct {
	*bufio.Writer
	path string
	f    *os.File // nil after publish or discard
}

func create(path string) (*file, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return nil, err
	}
	return &file{Writer: bufio.NewWriterSize(f, 1<<20), path: path, f: f}, nil
}

// complete writes out what is left, and gives the file the mode that other files get.
func (w *file) complete() error {
	if err := w.Flush(); err != nil {
		return err
	}
	w.Writer = nil // of many files the buffers are larger than the files
	if err := w.f.Chmod(0o644); err != nil {
		return err
	}
	return w.f.Close()
}

// publish gives a complete file its name.
func (w *file) publish() error {
	if err := os.Rename(w.f.Name(), w.path); err != nil {
		return err
	}
	w.f = nil
	return nil
}

// discard removes a file that was not published.
func (w *file) discard() {
	if w == nil || w.f == nil {
		return
	}
	w.f.Close() // once more if complete, which does no harm
	os.Remove(w.f.Name())
	w.f = nil
}
