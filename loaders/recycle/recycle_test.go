package recycle

import (
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// The allocator gives back what it was given and keeps no more than its bound.
func TestAllocator(t *testing.T) {
	const bound = 64 << 20
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	r := New(mem, bound)
	for _, size := range []int{1, 63, 64, 65, 1000, 1 << 20, 1<<20 + 1} {
		b := r.Allocate(size)
		if len(b) != size {
			t.Fatalf("%d bytes, want %d", len(b), size)
		}
		b[0] = 7
		r.Free(b)
		before := mem.CurrentAlloc()
		again := r.Allocate(size)
		if mem.CurrentAlloc() != before {
			t.Errorf("%d bytes freed are not used again", size)
		}
		moved := r.Reallocate(2*size, again)
		if len(moved) != 2*size || moved[0] != 7 {
			t.Errorf("%d bytes moved: %d bytes", size, len(moved))
		}
		r.Free(moved)
	}
	var many [][]byte
	for range 20 {
		many = append(many, r.Allocate(8<<20))
	}
	for _, b := range many {
		r.Free(b)
	}
	if n := mem.CurrentAlloc(); n > bound {
		t.Errorf("%d bytes are kept", n)
	}
}
