// Package recycle keeps the buffers that loaders free for the next part or batch: fresh memory costs about as much again as
// decoding into it, since it is zeroed, first touched and collected.
package recycle

import (
	"math/bits"
	"sync"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Shared is the allocator that loaders use unless they are given one. It keeps up to 128 MiB.
var Shared = New(memory.DefaultAllocator, 128<<20)

// Allocator keeps what is freed, by size class, up to a bound. What it gives is not zeroed. It may be used by many
// goroutines at once.
type Allocator struct {
	mem   memory.Allocator
	bound int // bytes kept

	mu    sync.Mutex
	free  map[int][][]byte // by size class
	bytes int              // in free
}

// New makes an allocator that takes memory from mem and keeps up to bound bytes of it.
func New(mem memory.Allocator, bound int) *Allocator {
	return &Allocator{mem: mem, bound: bound, free: make(map[int][][]byte)}
}

// class rounds a size up to one of eight steps between powers of two.
func class(size int) int {
	step := max(1<<max(bits.Len(uint(size))-4, 0), 64)
	return (size + step - 1) &^ (step - 1)
}

// Allocate gives size bytes with any content.
func (r *Allocator) Allocate(size int) []byte {
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
func (r *Allocator) Reallocate(size int, b []byte) []byte {
	out := r.Allocate(size)
	copy(out, b)
	r.Free(b)
	return out
}

// Free takes back what Allocate gave.
func (r *Allocator) Free(b []byte) {
	c := class(len(b))
	b = b[:c]
	r.mu.Lock()
	keep := r.bytes+c <= r.bound
	if keep {
		r.free[c] = append(r.free[c], b)
		r.bytes += c
	}
	r.mu.Unlock()
	if !keep {
		r.mem.Free(b)
	}
}
