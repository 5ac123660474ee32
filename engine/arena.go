package engine

// arena copies texts into large chunks, so that keeping millions of them costs neither a heap object each nor a copy when
// one grows. Each goroutine has its own. The texts are never moved or freed one by one. Chunks begin small and double, so
// that an arena of few texts holds little.
type arena struct {
	free []byte
	size int // of the last chunk
}

const firstChunk, lastChunk = 1 << 10, 256 << 10

// keep copies b, not nil, and returns the copy, not nil.
func (a *arena) keep(b []byte) []byte {
	if len(b) > len(a.free) || a.free == nil { // never nil: that would be a null
		if len(b) > lastChunk/8 {
			return append(make([]byte, 0, len(b)), b...)
		}
		a.size = min(max(2*a.size, firstChunk, 8*len(b)), lastChunk)
		a.free = make([]byte, a.size)
	}
	n := copy(a.free, b)
	kept := a.free[:n:n]
	a.free = a.free[n:]
	return kept
}

// pile is a list in chunks that double from a first size to a last one, so that no element is moved as they become many.
type pile[E any] [][]E

func (p *pile[E]) add(x E, first, last int) {
	at := len(*p) - 1
	if at < 0 || len((*p)[at]) == cap((*p)[at]) {
		size := first
		if at >= 0 {
			size = min(2*cap((*p)[at]), last)
		}
		*p = append(*p, make([]E, 0, size))
		at++
	}
	(*p)[at] = append((*p)[at], x)
}
