package recycle

import (
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// The allocator gives back what it was given and keeps no more than its bound and a piece.
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
	if n := mem.CurrentAlloc(); n > bound+slabBytes {
		t.Errorf("%d bytes are kept", n)
	}
}

// Buffers of middle size that are cut out of one piece do not lie in one another.
func TestCut(t *testing.T) {
	r := New(memory.DefaultAllocator, 64<<20)
	var all [][]byte
	for i := range 200 {
		b := r.Allocate(leastCut + i*1013)
		for j := range b {
			b[j] = byte(i)
		}
		all = append(all, b)
	}
	for i, b := range all {
		if len(b) != leastCut+i*1013 || cap(b) != class(len(b)) {
			t.Fatalf("buffer %d has %d bytes and room for %d", i, len(b), cap(b))
		}
		for _, x := range b {
			if x != byte(i) {
				t.Fatalf("buffer %d lies in another one", i)
			}
		}
		r.Free(b)
	}
}
