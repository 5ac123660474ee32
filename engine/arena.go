package engine

// arena copies texts into large chunks, so that keeping millions of them costs neither a heap object each nor a copy when
// one grows. Each goroutine has its own. The texts are never moved or freed one by one. Chunks begin small and double, so
// that an arena of few texts holds little.
type arena struct {
	chunk []byte // the last
	used  int    // of it
}

const firstChunk, lastChunk = 1 << 10, 256 << 10

// keep copies b, not nil, and returns the copy, not nil.
func (a *arena) keep(b []byte) []byte {
	chunk, at := a.place(b)
	return chunk[at : at+len(b) : at+len(b)]
}

// place copies b into a chunk, not nil, and says where it is in it. A chunk that is longer than b is shared with the texts that follow.
func (a *arena) place(b []byte) (chunk []byte, at int) {
	if len(b) > len(a.chunk)-a.used || a.chunk == nil {
		if len(b) > lastChunk/8 {
			return append(make([]byte, 0, len(b)), b...), 0
		}
		a.chunk, a.used = make([]byte, min(max(2*len(a.chunk), firstChunk, 8*len(b)), lastChunk)), 0
	}
	at = a.used
	a.used += copy(a.chunk[at:], b)
	return a.chunk, at
}

// pile is a list in chunks that double from a first size to a last one, so that no element is moved as they become many.
type pile[E any] struct {
	chunks [][]E // those behind the last that is in use are empty
	at     int   // of the last that is in use
}

func (p *pile[E]) add(x E, first, last int) { p.take(1, first, last)[0] = x }

// take adds n elements, whatever they hold, side by side, and gives them.
func (p *pile[E]) take(n, first, last int) []E {
	for {
		if p.at == len(p.chunks) {
			size := first
			if p.at > 0 {
				size = min(2*cap(p.chunks[p.at-1]), last)
			}
			p.chunks = append(p.chunks, make([]E, 0, max(size, n)))
		}
		chunk := &p.chunks[p.at]
		if begin := len(*chunk); n <= cap(*chunk)-begin {
			*chunk = (*chunk)[:begin+n]
			return (*chunk)[begin:]
		}
		p.at++
	}
}

// reset empties the list and keeps its memory.
func (p *pile[E]) reset() {
	for i := range p.chunks {
		p.chunks[i] = p.chunks[i][:0]
	}
	p.at = 0
}

// emptied gives room for n elements, in the memory of s if that is enough. Where it is not, there is some more, so that the next one of about as many is content with it.
func emptied[E any](s []E, n int) []E {
	switch {
	case n <= cap(s):
		return s[:0]
	case cap(s) == 0:
		return make([]E, 0, n)
	}
	return make([]E, 0, n+n/8)
}
