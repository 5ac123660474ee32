package csvio

import (
	"math/bits"
	"sync"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// maxFreeBytes bounds what a recycler keeps for later.
const maxFreeBytes = 64 << 20

// recycler is an allocator that keeps what is freed for the next part or batch: fresh memory costs as much again as
// splitting text into it, since it is zeroed, first touched and collected. What it gives is not zeroed. After close it keeps
// nothing, and buffers that outlive the source go back to where they came from.
type recycler struct {
	mem memory.Allocator

	mu     sync.Mutex
	free   map[int][][]byte // by size class
	bytes  int              // in free
	closed bool
}

func newRecycler(mem memory.Allocator) *recycler {
	return &recycler{mem: mem, free: make(map[int][][]byte)}
}

// class rounds a size up to one of eight steps between powers of two.
func class(size int) int {
	step := max(1<<max(bits.Len(uint(size))-4, 0), 64)
	return (size + step - 1) &^ (step - 1)
}

// Allocate gives size bytes with any content.
func (r *recycler) Allocate(size int) []byte {
	c := class(size)
	r.mu.Lock()
	if list := r.free[c]; len(list) > 0 {
		b := list[len(list)-1]
		r.free[c] = list[:len(list)-1]
		r.bytes -= c
		r.mu.Unlock()
		return b[:size]
	}
	r.mu.Unlock()
	return r.mem.Allocate(c)[:size]
}

// Reallocate moves b to another size.
func (r *recycler) Reallocate(size int, b []byte) []byte {
	out := r.Allocate(size)
	copy(out, b)
	r.Free(b)
	return out
}

// Free takes back what Allocate gave.
func (r *recycler) Free(b []byte) {
	c := class(len(b))
	b = b[:c]
	r.mu.Lock()
	keep := !r.closed && r.bytes+c <= maxFreeBytes
	if keep {
		r.free[c] = append(r.free[c], b)
		r.bytes += c
	}
	r.mu.Unlock()
	if !keep {
		r.mem.Free(b)
	}
}

// close frees what is kept.
func (r *recycler) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, list := range r.free {
		for _, b := range list {
			r.mem.Free(b)
		}
	}
	r.free, r.bytes, r.closed = nil, 0, true
}
