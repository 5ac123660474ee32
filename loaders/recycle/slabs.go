package recycle

import (
	"sync"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// slabs takes memory in large pieces and cuts buffers of middle size out of them, so that most lie in huge pages whole.
type slabs struct {
	mem memory.Allocator

	mu   sync.Mutex
	rest []byte // of the last piece
}

const (
	slabBytes = 8 << 20
	leastCut  = 16 << 10 // bytes of a buffer
	mostCut   = slabBytes / 2
)

func (s *slabs) allocate(size int) []byte {
	switch {
	case size < leastCut:
		return s.mem.Allocate(size)
	case size > mostCut:
		b := s.mem.Allocate(size)
		inHugePages(b)
		return b
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if size > len(s.rest) {
		s.rest = s.mem.Allocate(slabBytes)
		inHugePages(s.rest)
	}
	b := s.rest[:size:size]
	s.rest = s.rest[min((size+63)&^63, len(s.rest)):]
	return b
}

// free gives a buffer back; one that was cut out of a piece the garbage collector finds, with the others of that piece.
func (s *slabs) free(b []byte) {
	if len(b) < leastCut || len(b) > mostCut {
		s.mem.Free(b)
	}
}
