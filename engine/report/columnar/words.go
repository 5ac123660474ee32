package columnar

import "encoding/binary"

// words is a dictionary: distinct cells, numbered in the order in which they came.
type words struct {
	bytes []byte // PLAIN
	spans []span // a word: where it lies in bytes, without its length
	index map[string]uint32
	last  uint32 // the word asked for last
}

type span struct{ from, to int }

func (w *words) reset() {
	w.bytes, w.spans, w.last = w.bytes[:0], w.spans[:0], 0
	clear(w.index)
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
	n, known := w.index[string(v)]
	if !known {
		n = uint32(len(w.spans))
		if w.index == nil {
			w.index = map[string]uint32{}
		}
		w.index[string(v)] = n
		if length {
			w.bytes = binary.LittleEndian.AppendUint32(w.bytes, uint32(len(v)))
		}
		from := len(w.bytes)
		w.bytes = append(w.bytes, v...)
		w.spans = append(w.spans, span{from, len(w.bytes)})
	}
	w.last = n
	return n
}

// without gives the bytes that words which are not there would add.
func (w *words) without(other *words) int {
	n := 0
	for i := range other.spans {
		if v := other.word(uint32(i)); w.index == nil || !w.has(v) {
			n += 4 + len(v)
		}
	}
	return n
}

func (w *words) has(v []byte) bool {
	_, known := w.index[string(v)]
	return known
}
