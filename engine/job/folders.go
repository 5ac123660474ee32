package job

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"crosscheck/engine/durable"
	"crosscheck/engine/privacy"
	"crosscheck/loaders/sidebyside"
)

// tierMode is the mode of the folders of a tier, by the first folder of a path: nobody whom the tier is not for can so much as list them.
var tierMode = map[string]os.FileMode{
	string(privacy.Restricted): 0o700,
	string(privacy.Internal):   0o750,
	string(privacy.Public):     0o755,
}

// makeTable makes the folder of a table.
func (n *night) makeTable(t table) error { return n.makeFolder(filepath.FromSlash(t.name)) }

// makeFolder makes a folder of the reports tree, given by its path below the reports folder, and those above it, with the mode of the tier
// whatever the umask. One that is there loses the rights that its tier does not give; those that somebody took away stay away. Each is
// durable once syncFolders was called, also where a run that made it was killed before it was.
func (n *night) makeFolder(path string) error {
	parts := strings.Split(path, string(filepath.Separator))
	mode := tierMode[parts[0]]
	at := n.reports
	for _, part := range parts {
		at = filepath.Join(at, part)
		err := durable.Mkdir(at, mode)
		made := err == nil
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return writeError(at, err)
		}
		info, err := os.Stat(at)
		if err != nil {
			return writeError(at, err)
		}
		want := info.Mode().Perm() & mode
		if made {
			want = mode
		}
		if want != info.Mode().Perm() {
			special := info.Mode() & (fs.ModeSetgid | fs.ModeSticky) // a group that the folder hands down
			if err := durable.Chmod(at, want|special); err != nil {
				return writeError(at, err)
			}
		}
		if err := n.own(at, parts[0]); err != nil {
			if made {
				_ = durable.Remove(at) // so that nothing is left
			}
			return err
		}
		if !n.durable[at] && !slices.Contains(n.unsynced, at) {
			n.unsynced = append(n.unsynced, at)
		}
	}
	return nil
}

// syncFolders makes the folders durable that makeFolder made, and the names in some others: one sync has the file system write down what changed in all of
// them, so it is done for all together.
func (n *night) syncFolders(others ...string) error {
	var dirs []string
	for _, folder := range n.unsynced {
		dirs = append(dirs, filepath.Dir(folder))
	}
	dirs = append(dirs, others...)
	slices.Sort(dirs)
	dirs = slices.Compact(dirs)
	if err := sidebyside.Each(len(dirs), func(i int) error { return syncDir(dirs[i]) }); err != nil {
		return err
	}
	for _, folder := range n.unsynced {
		if n.durable == nil {
			n.durable = map[string]bool{}
		}
		n.durable[folder] = true
	}
	n.unsynced = nil
	return nil
}

// takeGroup gives a file the group of a folder: what is staged elsewhere would not get the one that the folder hands down.
func takeGroup(path, folder string) error {
	of := func(path string) (*syscall.Stat_t, error) {
		info, err := os.Stat(path)
		if err != nil {
			return nil, writeError(path, err)
		}
		stat, _ := info.Sys().(*syscall.Stat_t)
		return stat, nil
	}
	file, err := of(path)
	if err != nil {
		return err
	}
	dir, err := of(folder)
	if err != nil || file == nil || dir == nil || file.Gid == dir.Gid {
		return err
	}
	if err := durable.Chown(path, -1, int(dir.Gid)); err != nil {
		return writeError(path, err)
	}
	return nil
}
