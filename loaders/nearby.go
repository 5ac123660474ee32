package loaders

import (
	"fmt"
	"os"
	"path/filepath"

	"crosscheck/engine/nearest"
)

// nearby is a hint for a path that does not exist: the first folder on the way that is missing, and the name there that
// was probably meant.
func nearby(path string) string {
	parent := filepath.Dir(path)
	if _, err := os.Stat(parent); err != nil && parent != path {
		return nearby(parent)
	}
	if near := closest(path, parent); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return fmt.Sprintf("folder %s has no %s, nor anything of a similar name", parent, filepath.Base(path))
}

// closest is the path in folder whose name is most like the path's, "" if none is like it.
func closest(path, folder string) string {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return ""
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	if near := nearest.Name(filepath.Base(path), names); near != "" {
		return filepath.Join(folder, near)
	}
	return ""
}
