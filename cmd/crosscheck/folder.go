package main

import (
	"io/fs"
	"os"
	"path/filepath"

	"crosscheck/engine/durable"
	"crosscheck/engine/report"
)

// makeFolder makes a folder, and those above it, that may be there; "" is none. unmake removes those that it made, as long as they hold nothing.
func makeFolder(dir string, mode fs.FileMode) (unmake func(), err error) {
	if dir == "" {
		return func() {}, nil
	}
	var missing []string // deepest first
	for at := filepath.Clean(dir); ; at = filepath.Dir(at) {
		if _, err := os.Stat(at); err == nil || at == filepath.Dir(at) {
			break
		}
		missing = append(missing, at)
	}
	unmake = func() {
		for _, at := range missing {
			_ = os.Remove(at) // one that holds something by now stays
		}
	}
	if err := os.MkdirAll(dir, mode); err != nil {
		unmake()
		return nil, &report.WriteError{Path: dir, Err: durable.Cause(err)}
	}
	return unmake, nil
}
