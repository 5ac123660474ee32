package loaders

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
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
	name := strings.ToLower(filepath.Base(path))
	best, distance := "", len([]rune(name))/3+2
	for _, e := range entries {
		if d := editDistance(name, strings.ToLower(e.Name())); d < distance {
			best, distance = filepath.Join(folder, e.Name()), d
		}
	}
	return best
}

// editDistance counts the characters to insert, drop or replace to get from a to b.
func editDistance(a, b string) int {
	s, t := []rune(a), []rune(b)
	row := make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range s {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range t {
			replaced := diagonal
			if x != y {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, diagonal+1)
		}
	}
	return row[len(t)]
}
