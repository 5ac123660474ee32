package job

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"crosscheck/engine/durable"
)

// undo is what it takes to put back what a run has half published, and to tell that it has published. It is durable before anything changes, so
// that nothing hangs on which names a power cut leaves.
type undo struct {
	Date     string   `json:"date"`
	Manifest string   `json:"manifest"` // SHA-256 of the manifest that makes the night count, in hex
	Had      []string `json:"had"`      // the files that the night had before, below the reports folder, with slashes
}

const undoName = "undo.json"

// prepare writes down what publishing m will change and keeps what it will replace.
func (n *night) prepare(m *Manifest, manifest []byte) (*undo, error) {
	u := &undo{Date: m.Date, Manifest: digestOf(manifest), Had: []string{}}
	for _, t := range tables {
		if path := t.path(n.name); exists(filepath.Join(n.reports, filepath.FromSlash(path))) {
			u.Had = append(u.Had, path)
		}
	}
	text, err := json.Marshal(u)
	if err != nil {
		return nil, err
	}
	if err := writeDurably(filepath.Join(n.staging, undoName), append(text, '\n'), 0o600); err != nil {
		return nil, err
	}
	if len(u.Had) == 0 {
		return u, nil
	}
	kept := filepath.Join(n.staging, replacedDir)
	if err := makeDir(kept, 0o700); err != nil {
		return nil, err
	}
	for _, path := range u.Had {
		_, target, replaced := n.paths(n.staging, File{Path: path})
		// A link keeps the old file in its place until the new one takes it; some file systems have none.
		if durable.Link(target, replaced) != nil {
			if err := durable.Rename(target, replaced); err != nil {
				return nil, writeError(target, err)
			}
		}
	}
	return u, syncDir(kept)
}

// readUndo reads what a run wrote down; nil if it had not come so far.
func readUndo(staging string) (*undo, error) {
	text, err := os.ReadFile(filepath.Join(staging, undoName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	u := &undo{}
	if err == nil {
		err = json.Unmarshal(text, u)
	}
	if err != nil {
		return nil, writeError(filepath.Join(staging, undoName), err)
	}
	return u, nil
}

// counts says whether the run that wrote u made its night count.
func (n *night) counts(u *undo) bool {
	text, err := os.ReadFile(manifestOf(n.reports, u.Date))
	return err == nil && digestOf(text) == u.Manifest
}

// putBack undoes what was published of a table: what it had comes back, what it had not goes. It can be cut short and called again.
func (n *night) putBack(staging string, u *undo, path string) error {
	_, target, replaced := n.paths(staging, File{Path: path})
	var err error
	switch {
	case !slices.Contains(u.Had, path):
		err = durable.Remove(target)
	case exists(replaced): // else it was never touched
		err = durable.Rename(replaced, target)
	default:
		return nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return writeError(target, err)
	}
	return syncDir(filepath.Dir(target))
}

// sweep removes files under way that a kill left beside what they were to become.
func (n *night) sweep() error {
	dir := filepath.Join(n.reports, committedDir)
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return writeError(dir, err)
	}
	left := []string{filepath.Join(n.reports, filepath.FromSlash(pageTable.name), pageTable.file) + ".tmp"}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".json.tmp") {
			left = append(left, filepath.Join(dir, e.Name()))
		}
	}
	for _, path := range left {
		if !exists(path) {
			continue
		}
		if err := durable.Remove(path); err != nil {
			return writeError(path, err)
		}
	}
	return nil
}

func digestOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
