//go:build unix

// Package flock locks files between processes. The kernel takes a lock back when the process ends, however it ends, and the lock
// is gone with the last descriptor of the open file.
package flock

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// file is a file that is open.
type file interface{ Fd() uintptr }

// How says who may hold a lock beside this one.
type How int

// The ways to hold a lock.
const (
	Alone  How = unix.LOCK_EX // nobody
	Shared How = unix.LOCK_SH // others that hold it Shared
)

// ErrHeld says that another one holds the lock.
var ErrHeld = errors.New("another process holds the lock")

// Try locks a file, or gives ErrHeld at once. Any other error is that of the file system.
func Try(f file, how How) error {
	err := unix.Flock(int(f.Fd()), int(how)|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return ErrHeld
	}
	return err
}

// Wait locks a file as Try does, but tries for so long before it gives ErrHeld.
func Wait(f file, how How, patience time.Duration) error {
	const pause = 2 * time.Millisecond
	for began := time.Now(); ; time.Sleep(pause) {
		if err := Try(f, how); !errors.Is(err, ErrHeld) || time.Since(began) >= patience {
			return err
		}
	}
}
