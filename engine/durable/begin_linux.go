package durable

import "golang.org/x/sys/unix"

// Begin has the system begin to write so many bytes of a file, from one on, while more is made of it, so that Sync finds less to wait for. It promises nothing.
func Begin(f File, from, n int64) {
	_ = unix.SyncFileRange(int(f.Fd()), from, n, unix.SYNC_FILE_RANGE_WRITE) // not all file systems can; Sync tells what goes wrong
}
