package engine

// arena copies texts into large chunks, so that keeping millions of them costs neither a heap object each nor a copy when
// one grows. Each goroutine has its own. The texts are never moved or freed one by one.
type arena struct{ free []byte }

const arenaChunk = 256 << 10

// keep copies b, not nil, and returns the copy, not nil.
func (a *arena) keep(b []byte) []byte {
	if len(b) > len(a.free) || a.free == nil { // never nil: that would be a null
		if len(b) > arenaChunk/8 {
			return append(make([]byte, 0, len(b)), b...)
		}
		a.free = make([]byte, arenaChunk)
	}
	n := copy(a.free, b)
	kept := a.free[:n:n]
	a.free = a.free[n:]
	return kept
}
