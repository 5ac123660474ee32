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

type span struct {
	from, to int
	hash     uint64 // of the word
}

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
	hash := xxhash.Sum64(v)
	s := w.find(v, hash)
	if s == nil || s.word == 0 {
		w.last = w.add(s, v, hash, length)
	} else {
		w.last = s.word - 1
	}
	return w.last
}

// find gives the slot of a word, or the empty one where it belongs, with its tag; nil if there are no slots yet.
func (w *words) find(v []byte, hash uint64) *slot {
	if len(w.slots) == 0 {
		return nil
	}
	tag := uint32(hash >> 32)
	for at := hash; ; at++ {
		switch s := &w.slots[at&uint64(len(w.slots)-1)]; {
		case s.word == 0:
			s.tag = tag
			return s
		case s.tag == tag && string(v) == string(w.word(s.word-1)):
			return s
		}
	}
}

// add adds a word that is not there, whose slot find gave, and gives its number.
func (w *words) add(s *slot, v []byte, hash uint64, length bool) uint32 {
	if 2*len(w.spans) >= len(w.slots) {
		w.rehash(max(fewestSlots, 2*len(w.slots)))
		s = w.find(v, hash)
	}
	if length {
		w.bytes = binary.LittleEndian.AppendUint32(w.bytes, uint32(len(v)))
	}
	from := len(w.bytes)
	w.bytes = append(w.bytes, v...)
	w.spans = append(w.spans, span{from, len(w.bytes), hash})
	s.word = uint32(len(w.spans))
	return s.word - 1
}

// rehash puts the words into so many slots.
func (w *words) rehash(slots int) {
	w.slots = make([]slot, slots)
	for i := range w.spans {
		s := w.find(w.word(uint32(i)), w.spans[i].hash)
		s.word = uint32(i) + 1
	}
}

// merge appends to numbers those that other's words have here; those that are not there are added, unless that makes the dictionary larger than limit
// bytes: then it says so, and nothing is added.
func (w *words) merge(numbers []uint32, other *words, limit int, length bool) (all []uint32, fits bool) {
	const unknown = ^uint32(0)
	more := 0
	for i := range other.spans {
		v := other.word(uint32(i))
		if s := w.find(v, other.spans[i].hash); s != nil && s.word != 0 {
			numbers = append(numbers, s.word-1)
			continue
		}
		numbers = append(numbers, unknown)
		more += 4 + len(v)
	}
	if len(w.bytes)+more > limit {
		return numbers, false
	}
	for i, n := range numbers {
		if n == unknown {
			v, hash := other.word(uint32(i)), other.spans[i].hash
			numbers[i] = w.add(w.find(v, hash), v, hash, length)
		}
	}
	return numbers, true
}
