// Package spill keeps what does not fit into memory in a temporary file.
//
// The file has no name from the moment it is made, so that nothing of it is left however the process ends, and what it holds is sealed
// with AES-256-GCM (NIST SP 800-38D) under a key that exists in memory alone: on disk are records of people, and nobody who gets hold of the
// disk can read them. A piece that comes back changed is noticed, for its seal is broken.
package spill

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"sort"
	"sync"
	"sync/atomic"

	"crosscheck/engine/durable"
)

// File is a temporary file. Any number of goroutines may write and read.
type File struct {
	dir  string
	file durable.File
	aead cipher.AEAD
	size atomic.Int64 // of all pieces

	seals atomic.Uint64 // pieces that were sealed

	mu     sync.Mutex
	end    int64
	places []place         // that pieces are in, one behind the other
	free   map[int64][]int // a size: the places of it in which nothing is held
}

// place is a stretch of the file.
type place struct {
	at   int64
	held int32 // pieces in it that are not dropped, and one more until all are in the file
}

// Extent is where a piece lies.
type Extent struct {
	At   int64
	N    int    // bytes that were written
	Seal uint64 // the number of its seal: of what lies in a place one after the other, each has its own
}

// Error says that spilling failed: disk full, no permission, no such folder, a piece that is damaged.
type Error struct {
	Dir string // the folder that the file is in
	Err error
}

// Error gives "temporary file in DIR: CAUSE".
func (e *Error) Error() string { return fmt.Sprintf("temporary file in %s: %v", e.Dir, e.Err) }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Overhead is what a piece takes on disk beyond its bytes.
const Overhead = 16

var errDamaged = errors.New("what was written came back changed: the disk is faulty, or somebody else writes to it")

// Create makes a file in a folder. The caller closes it. Errors of all calls are *Error.
func Create(dir string) (*File, error) {
	f := &File{dir: dir, free: map[int64][]int{}}
	var key [32]byte
	if _, err := rand.Read(key[:]); err != nil {
		return nil, f.fault(err)
	}
	block, err := aes.NewCipher(key[:])
	clear(key[:])
	if err != nil {
		return nil, f.fault(err)
	}
	if f.aead, err = cipher.NewGCM(block); err != nil {
		return nil, f.fault(err)
	}
	if f.file, err = durable.CreateTemp(dir, ".crosscheck-*.tmp"); err != nil {
		return nil, f.fault(err)
	}
	if err := durable.Remove(f.file.Name()); err != nil {
		name := f.file.Name()
		_ = f.Close()            // the first error says more
		_ = durable.Remove(name) // where an open file keeps its name, or the fault has passed
		return nil, f.fault(err)
	}
	return f, nil
}

func (f *File) fault(err error) error { return &Error{f.dir, durable.Cause(err)} }

// Write writes a piece. It seals it in its own memory, which must have room for Overhead more bytes or is copied; the caller may use that
// again afterwards.
func (f *File) Write(piece []byte) (Extent, error) {
	e := f.extent(f.reserve(len(piece)+Overhead), len(piece))
	return e, f.write(e.At, f.seal(piece[:0], e, piece))
}

// extent is that of a piece that will be sealed next.
func (f *File) extent(at int64, n int) Extent { return Extent{at, n, f.seals.Add(1)} }

// page is what a place is made of, as the system's memory for files is.
const page = 4 << 10

// reserve gives a place for some bytes, which is held once: one of that size in which nothing is held any more, or a new one.
func (f *File) reserve(n int) (at int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	size := (int64(n) + page - 1) / page * page
	if free := f.free[size]; len(free) > 0 {
		p := &f.places[free[len(free)-1]]
		f.free[size] = free[:len(free)-1]
		p.held = 1
		return p.at
	}
	at = f.end
	f.end += size
	f.places = append(f.places, place{at, 1})
	return at
}

// hold counts pieces in the place that a byte of the file is in.
func (f *File) hold(at int64, pieces int32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := sort.Search(len(f.places), func(i int) bool { return f.places[i].at > at }) - 1
	p := &f.places[i]
	if p.held += pieces; p.held > 0 {
		return
	}
	end := f.end
	if i+1 < len(f.places) {
		end = f.places[i+1].at
	}
	f.free[end-p.at] = append(f.free[end-p.at], i)
}

// Drop says that pieces will not be read any more. A place in which all are dropped is for what is written next.
func (f *File) Drop(pieces ...Extent) {
	for _, e := range pieces {
		f.hold(e.At, -1)
	}
}

// seal appends a piece, sealed, to what may be its own memory.
func (f *File) seal(dst []byte, e Extent, piece []byte) []byte {
	f.size.Add(int64(len(piece) + Overhead))
	return f.aead.Seal(dst, nonce(e.Seal), piece, nil)
}

func (f *File) write(at int64, sealed []byte) error {
	if _, err := f.file.WriteAt(sealed, at); err != nil {
		return f.fault(err)
	}
	return nil
}

// Ahead says that pieces will be read soon, so that the system may begin to.
func (f *File) Ahead(pieces ...Extent) {
	for _, e := range pieces {
		willNeed(f.file.Fd(), e.At, int64(e.N+Overhead))
	}
}

// Read gives a piece, in the memory of buf if it has room for Overhead bytes more than the piece.
func (f *File) Read(e Extent, buf []byte) ([]byte, error) {
	if cap(buf) < e.N+Overhead {
		buf = make([]byte, e.N+Overhead)
	}
	buf = buf[:e.N+Overhead]
	if _, err := f.file.ReadAt(buf, e.At); err != nil {
		return nil, f.fault(err)
	}
	piece, err := f.aead.Open(buf[:0], nonce(e.Seal), buf, nil)
	if err != nil {
		return nil, f.fault(errDamaged)
	}
	return piece, nil
}

// nonce is that of a seal.
func nonce(seal uint64) []byte {
	var n [12]byte
	binary.LittleEndian.PutUint64(n[:], seal)
	return n[:]
}

// Size is the number of bytes that all pieces take on disk.
func (f *File) Size() int64 { return f.size.Load() }

// Close gives the disk space back.
func (f *File) Close() error {
	if f.file == nil {
		return nil
	}
	err := f.file.Close()
	f.file = nil
	if err != nil {
		return f.fault(err)
	}
	return nil
}
