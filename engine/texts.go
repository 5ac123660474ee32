package engine

import (
	"encoding/binary"
	"sync"
)

// text is a value's text, or none for a null, as Arrow has them in views: a short one is here, of a longer one where it is. There are millions of
// them, in memory that the garbage collector need not look at, for they hold no pointer.
type text struct {
	size  int32 // and one more; 0: there is none
	bytes [shortText]byte
}

const shortText = 12

// texts is where the longer texts of a run are, in the chunks of its keepers. They are looked up only when none is being added.
type texts struct {
	mu     sync.Mutex
	chunks [][]byte
}

func (t *texts) add(chunk []byte) (number uint32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.chunks = append(t.chunks, chunk)
	return uint32(len(t.chunks) - 1)
}

// of gives the bytes of a text, which may be those of x itself; nil if there is none.
func (t *texts) of(x *text) []byte {
	n := int(x.size) - 1
	switch {
	case n < 0:
		return nil
	case n <= shortText:
		return x.bytes[:n:n]
	}
	chunk, at := x.place()
	return t.chunks[chunk][at : at+n : at+n]
}

// place says where a longer text is.
func (x *text) place() (chunk uint32, at int) {
	return binary.LittleEndian.Uint32(x.bytes[:]), int(binary.LittleEndian.Uint32(x.bytes[4:]))
}

// none tells whether there is no text.
func (x *text) none() bool { return x.size == 0 }

// long tells whether a text is elsewhere.
func (x *text) long() bool { return x.size > shortText+1 }

// keeper keeps texts. Each goroutine has its own.
type keeper struct {
	texts *texts
	arena arena
	chunk uint32 // of the arena: the last that is shared
}

// keep sets x to a copy of b, an empty text if that is nil, and gives how many bytes that takes beside x.
func (k *keeper) keep(x *text, b []byte) int64 {
	x.size = int32(len(b)) + 1
	if len(b) <= shortText {
		if cap(b) >= shortText {
			x.bytes = [shortText]byte(b[:shortText]) // sooner than as many as there are
		} else {
			copy(x.bytes[:], b)
		}
		return 0
	}
	chunk, at := k.arena.place(b)
	number := k.chunk
	if at == 0 { // it is a new one
		if number = k.texts.add(chunk); len(chunk) > len(b) {
			k.chunk = number
		}
	}
	binary.LittleEndian.PutUint32(x.bytes[:], number)
	binary.LittleEndian.PutUint32(x.bytes[4:], uint32(at))
	return int64(len(b))
}

// forgetTexts lets go of the texts, of which none is wanted any more.
func (r *run) forgetTexts() {
	r.texts.chunks = nil
	for _, w := range r.workers {
		w.reader.keeper = keeper{texts: &r.texts}
	}
}
