//go:build unix

package job

import (
	"time"

	"golang.org/x/sys/unix"
)

// fileState tells a content of a file from others without reading it: whatever changes a file, or puts another one in its place, changes one of these.
type fileState struct {
	Device   uint64 `json:"device"`
	Inode    uint64 `json:"inode"`
	Size     int64  `json:"size"`
	Modified int64  `json:"modified_ns"`
	Changed  int64  `json:"changed_ns"` // of the inode: nobody can set it
}

// stateOf gives the state of a file, if there is one.
func stateOf(path string) (fileState, bool) {
	var s unix.Stat_t
	if err := unix.Stat(path, &s); err != nil || s.Mode&unix.S_IFMT != unix.S_IFREG {
		return fileState{}, false
	}
	return fileState{
		Device: uint64(s.Dev), Inode: s.Ino, Size: s.Size,
		Modified: s.Mtim.Nano(), Changed: s.Ctim.Nano(),
	}, true
}

// settledAt says whether the file was left alone for a while before a time.
func (s fileState) settledAt(at time.Time) bool {
	return time.Unix(0, max(s.Changed, s.Modified)).Before(at.Add(-settled))
}
