//go:build unix

package spill

import "golang.org/x/sys/unix"

// Free is the number of bytes that this user may still write to the file system of a folder, -1 if unknown.
func Free(dir string) int64 {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return -1
	}
	return int64(fs.Bavail) * int64(fs.Bsize)
}
