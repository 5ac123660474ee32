package enginetest

import (
	"bytes"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Scribbler is an allocator that overwrites memory when it is freed, so that nobody reads it afterwards unnoticed, and that
// counts what is in use. The zero value is ready; it may be used by many goroutines.
type Scribbler struct{ inUse atomic.Int64 }

// InUse is the number of bytes that were allocated and not freed.
func (s *Scribbler) InUse() int64 { return s.inUse.Load() }

// Allocate implements memory.Allocator.
func (s *Scribbler) Allocate(size int) []byte {
	s.inUse.Add(int64(size))
	return memory.DefaultAllocator.Allocate(size)
}

// Reallocate implements memory.Allocator.
func (s *Scribbler) Reallocate(size int, b []byte) []byte {
	if size == len(b) {
		return b
	}
	to := s.Allocate(size)
	copy(to, b)
	s.Free(b)
	return to
}

// scribble is what freed memory is overwritten with, many bytes at a time: the race detector looks at each store.
var scribble = [4096]byte(bytes.Repeat([]byte{0xdd}, 4096))

// Free implements memory.Allocator.
func (s *Scribbler) Free(b []byte) {
	s.inUse.Add(-int64(len(b)))
	for rest := b; len(rest) > 0; {
		rest = rest[copy(rest, scribble[:]):]
	}
	memory.DefaultAllocator.Free(b)
}
