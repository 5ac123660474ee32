package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"crosscheck/engine/audit"
	"crosscheck/engine/durable"
	"crosscheck/engine/durable/durabletest"

	"github.com/rogpeppe/go-internal/testscript"
)

// killed is crosscheck as a process that is killed (SIGKILL) by itself: crosscheck-killed WHERE COMMAND... Where is the number of a call of the file system,
// in the middle of it if it writes, or the end of a path to which something is about to be renamed.
func killed() int {
	kill := func() {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		time.Sleep(time.Minute) // it comes at once, and nothing may happen before
	}
	where := os.Args[1]
	if at, err := strconv.Atoi(where); err == nil {
		durable.Use(&durabletest.FS{At: at, Then: kill})
	} else {
		durable.Use(killedAtRename{where: where, kill: kill})
	}
	os.Args = append(os.Args[:1], os.Args[2:]...)
	return start(os.Stderr, night)
}

type killedAtRename struct {
	durable.OS
	where string
	kill  func()
}

func (k killedAtRename) Rename(from, to string) error {
	if strings.HasSuffix(filepath.ToSlash(to), k.where) {
		k.kill()
	}
	return k.OS.Rename(from, to)
}

// digests writes a line for each file below a folder: digests DIR OUT. Left out are the trail, which grows, and locks.
func digests(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: digests DIR OUT")
	}
	all, err := digestsOf(ts.MkAbs(args[0]))
	ts.Check(err)
	var text strings.Builder
	for _, line := range all {
		text.WriteString(line + "\n")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text.String()), 0o600))
}

// digestsOf gives a line for each file below a folder: its digest, mode and path. Left out are the trail, which grows, locks, and the page of all nights,
// which is no part of any.
func digestsOf(dir string) (lines []string, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, path)
		switch rel = filepath.ToSlash(rel); {
		case err != nil:
			return err
		case d.IsDir():
			if rel == audit.Folder {
				return fs.SkipDir
			}
			return nil
		case rel == "_lock" || rel == "public/report/index.html":
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		lines = append(lines, fmt.Sprintf("%x %v %s", sha256.Sum256(text), info.Mode(), rel))
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil // nothing was published yet
	}
	return lines, err
}
