package spill

import "golang.org/x/sys/unix"

func willNeed(fd uintptr, at, n int64) {
	_ = unix.Fadvise(int(fd), at, n, unix.FADV_WILLNEED) // advice: it is read anyway
}
