package parquetio

import (
	"math/bits"
	"sync"
)

// Pool is the default allocator: it keeps freed buffers, by size class of four to a doubling, for the next page. Memory that
// is touched for the first time costs more than decoding into it.
var Pool = &pool{}

// Buffers below 2^minPooled and above 2^maxPooled bytes are left to the garbage collector.
const minPooled, maxPooled = 12, 28

type pool struct {
	classes [4 * (maxPooled + 1)]sync.Pool // of *[]byte whose capacity is the class's size
}

// class gives the class of buffers of at least n bytes and their size.
func class(n int) (class, size int) {
	shift := max(bits.Len(uint(n-1))-3, 0)
	quarter := (n + 1<<shift - 1) >> shift
	return 4*shift + quarter - 5, quarter << shift // quarter is 5 to 8
}

// Allocate implements memory.Allocator. The contents are arbitrary.
func (p *pool) Allocate(n int) []byte {
	if n < 1<<minPooled || n > 1<<maxPooled {
		return make([]byte, n)
	}
	c, size := class(n)
	if b, ok := p.classes[c].Get().(*[]byte); ok {
		return (*b)[:n]
	}
	return make([]byte, n, size)
}

// Reallocate implements memory.Allocator.
func (p *pool) Reallocate(n int, b []byte) []byte {
	if n <= cap(b) {
		return b[:n]
	}
	out := p.Allocate(n)
	copy(out, b)
	p.Free(b)
	return out
}

// Free implements memory.Allocator.
func (p *pool) Free(b []byte) {
	n := cap(b)
	if n < 1<<minPooled || n > 1<<maxPooled {
		return
	}
	if c, size := class(n); size == n {
		b = b[:n]
		p.classes[c].Put(&b)
	}
}
