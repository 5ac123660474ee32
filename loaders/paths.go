package loaders

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"crosscheck/engine/level"

	"github.com/bmatcuk/doublestar/v4"
)

// expand gives the files of paths, in the order of their names, each once. A file whose name holds the characters of a
// glob is itself, not a pattern.
func expand(paths []string, given string) ([]string, error) {
	if len(paths) == 0 {
		return nil, &level.InputError{Msg: "has no path", Hint: "name a file, a folder or a glob"}
	}
	var all []string
	for _, p := range paths {
		files, err := expandOne(p, given)
		if err != nil {
			return nil, err
		}
		all = append(all, files...)
	}
	files := make([]file, len(all))
	for i, p := range all {
		files[i] = file{filepath.Clean(p), p}
	}
	slices.SortFunc(files, func(a, b file) int { return cmp.Or(strings.Compare(a.clean, b.clean), strings.Compare(a.path, b.path)) })
	files = slices.CompactFunc(files, func(a, b file) bool { return a.clean == b.clean })
	all = all[:0]
	for _, f := range files {
		all = append(all, f.path)
	}
	return all, nil
}

// file is a file's path, and what it is when it is told apart from others.
type file struct{ clean, path string }

func expandOne(path, given string) ([]string, error) {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return expandFolder(path, given)
	case err == nil:
		return []string{path}, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, unreadable(path, err)
	case !strings.ContainsAny(path, "*?[{"):
		return nil, &level.InputError{File: path, Hint: nearby(path), Err: fs.ErrNotExist}
	}
	files, err := doublestar.FilepathGlob(path, doublestar.WithFilesOnly(), doublestar.WithFailOnIOErrors(), doublestar.WithNoHidden())
	if errors.Is(err, doublestar.ErrBadPattern) {
		return nil, &level.InputError{File: path, Msg: "is not a valid glob", Hint: "close every [ and {; * stands for any characters, ** for folders"}
	}
	if err != nil {
		return nil, unreadable(path, err)
	}
	files = slices.DeleteFunc(files, func(p string) bool { return isAside(p) && formatByName(p) == nil })
	if len(files) == 0 {
		base, _ := doublestar.SplitPattern(filepath.ToSlash(path))
		hint := fmt.Sprintf("folder %s has no file of such a name", base)
		if _, err := os.Stat(base); err != nil {
			hint = nearby(base)
		} else if near := closest(path, base); near != "" {
			hint += "; the nearest is " + near
		}
		return nil, &level.InputError{File: path, Msg: "matches no file", Hint: hint}
	}
	return files, nil
}

// isAside says that a file is hidden or has a name that begins with an underscore, as what Spark leaves beside its output.
func isAside(path string) bool {
	base := filepath.Base(path)
	return strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")
}

// expandFolder gives the files of a folder that are of the given format or, if none is given, of any, without those aside.
func expandFolder(folder, given string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, unreadable(folder, err)
	}
	var files []string
	folders := false
	for _, e := range entries {
		path := filepath.Join(folder, e.Name())
		if isAside(path) {
			continue
		}
		if info, err := os.Stat(path); err != nil {
			return nil, unreadable(path, err)
		} else if info.IsDir() {
			folders = true
			continue
		}
		if f := formatByName(path); f != nil && (given == "" || f.name == given) {
			files = append(files, path)
		}
	}
	if len(files) > 0 {
		return files, nil
	}
	ends := endings(given)
	hint := "name the files, or use a glob"
	if folders {
		hint = "it holds folders: for the files in them use " + filepath.Join(folder, "**", "*"+ends[0])
	}
	return nil, &level.InputError{File: folder, Msg: "is a folder without a file that ends in " + strings.Join(ends, ", "), Hint: hint}
}

// unreadable is the error of a path that the system refuses.
func unreadable(path string, err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		path, err = p.Path, p.Err
	}
	hint := "check the disk and the network"
	if errors.Is(err, fs.ErrPermission) {
		hint = "check who may read it: ls -l"
	}
	return &level.InputError{File: path, Msg: "cannot be read", Hint: hint, Err: err}
}
