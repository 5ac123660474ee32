package columnar

import (
	"encoding/binary"

	"github.com/cespare/xxhash/v2"
)

// words is a dictionary: distinct cells, numbered in the order in which they came.
type words struct {
	bytes []byte // PLAIN
	spans []span // a word: where it lies in bytes, without its length
	slots []slot // open addressing by hash; a power of 2, at least twice the words
	last  uint32 // the word asked for last
}

type span struct{ from, to int }

// slot is a word's number and 1, 0 where there is none, and other bits of its hash than those that lead to the slot.
type slot struct{ tag, word uint32 }

const fewestSlots = 64

func (w *words) reset() {
	if len(w.spans) == 0 {
		return
	}
	w.bytes, w.spans, w.last = w.bytes[:0], w.spans[:0], 0
	clear(w.slots)
}

// take gives the words away.
func (w *words) take() words {
	given := *w
	*w = words{}
	return given
}

func (w *words) word(i uint32) []byte { return w.bytes[w.spans[i].from:w.spans[i].to] }

// number gives the number of a word, a new one if it is not there; length says that PLAIN has a length before it.
func (w *words) number(v []byte, length bool) uint32 {
	if len(w.spans) > 0 && string(v) == string(w.word(w.last)) {
		return w.last
	}
	s, there := w.find(v)
	if !there {
		if 2*len(w.spans) >= len(w.slots) {
			w.rehash(max(fewestSlots, 2*len(w.slots)))
			s, _ = w.find(v)
		}
		if length {
			w.bytes = binary.LittleEndian.AppendUint32(w.bytes, uint32(len(v)))
		}
		from := len(w.bytes)
		w.bytes = append(w.bytes, v...)
		w.spans = append(w.spans, span{from, len(w.bytes)})
		s.word = uint32(len(w.spans))
	}
	w.last = s.word - 1
	return w.last
}

// find gives the slot of a word, or the empty one where it belongs, with its tag; nil if there are no slots yet.
func (w *words) find(v []byte) (*slot, bool) {
	if len(w.slots) == 0 {
		return nil, false
	}
	hash := xxhash.Sum64(v)
	tag := uint32(hash >> 32)
	for at := hash; ; at++ {
		switch s := &w.slots[at&uint64(len(w.slots)-1)]; {
		case s.word == 0:
			s.tag = tag
			return s, false
		case s.tag == tag && string(v) == string(w.word(s.word-1)):
			return s, true
		}
	}
}

// rehash puts the words into so many slots.
func (w *words) rehash(slots int) {
	w.slots = make([]slot, slots)
	for i := range w.spans {
		s, _ := w.find(w.word(uint32(i)))
		s.word = uint32(i) + 1
	}
}

// without gives the bytes that other words would add to these.
func (w *words) without(other *words) int {
	n := 0
	for i := range other.spans {
		v := other.word(uint32(i))
		if _, there := w.find(v); !there {
			n += 4 + len(v)
		}
	}
	return n
}
