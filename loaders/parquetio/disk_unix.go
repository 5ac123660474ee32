//go:build unix

package parquetio

import (
	"io"

	"golang.org/x/sys/unix"
)

// disk is a file that is open for reading. An os.File does the same, but to open and close one asks the system seven things more than these, in case it is
// a pipe or a terminal, which is felt where a level has tens of thousands of files.
type disk struct{ fd int }

// state tells what a file holds from what it, or another one of its name, held at another time.
type state struct {
	device, inode uint64
	size          int64
	modified      int64 // in ns
}

// openDisk opens a file.
func openDisk(path string) (d disk, err error) {
	for {
		if d.fd, err = unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0); err != unix.EINTR {
			return d, err
		}
	}
}

// state gives the state of the file; a folder is an error.
func (d *disk) state() (state, error) {
	var s unix.Stat_t
	if err := unix.Fstat(d.fd, &s); err != nil {
		return state{}, err
	}
	if s.Mode&unix.S_IFMT == unix.S_IFDIR {
		return state{}, unix.EISDIR
	}
	return state{uint64(s.Dev), s.Ino, s.Size, s.Mtim.Nano()}, nil
}

// ReadAt implements io.ReaderAt.
func (d *disk) ReadAt(p []byte, at int64) (n int, err error) {
	const most = 1 << 30 // at a time, for some systems
	for n < len(p) {
		m, err := unix.Pread(d.fd, p[n:min(len(p), n+most)], at+int64(n))
		switch {
		case err == unix.EINTR:
		case err != nil:
			return n, err
		case m == 0:
			return n, io.EOF
		default:
			n += m
		}
	}
	return n, nil
}

func (d *disk) close() error { return unix.Close(d.fd) }

// mostOpen is how many files the system lets this process have open.
func mostOpen() uint64 {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0
	}
	return limit.Cur
}

// expect has the system make its table of open files large enough for n at once. It grows to twice its size at a time otherwise, and each time all who
// open files wait for some milliseconds.
func (d *disk) expect(n int64) {
	if fd, err := unix.FcntlInt(uintptr(d.fd), unix.F_DUPFD_CLOEXEC, int(n)-1); err == nil {
		_ = unix.Close(fd) // nothing was written
	}
}
