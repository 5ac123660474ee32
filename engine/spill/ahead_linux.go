package spill

import "golang.org/x/sys/unix"

func willNeed(fd uintptr, at, n int64) {
	_ = unix.Fadvise(int(fd), at, n, unix.FADV_WILLNEED) // advice: it is read anyway
}

func giveBack(fd uintptr, at, n int64) {
	_ = unix.Fallocate(int(fd), unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, at, n) // not all file systems can; it goes with the file at last
}
