package columnar

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
)

// compare orders two cells of a column, as PLAIN has them without the length.
func (t Type) compare(a, b []byte) int {
	switch t {
	case Int64:
		return cmp.Compare(int64(binary.LittleEndian.Uint64(a)), int64(binary.LittleEndian.Uint64(b)))
	case Date:
		return cmp.Compare(int32(binary.LittleEndian.Uint32(a)), int32(binary.LittleEndian.Uint32(b)))
	}
	return bytes.Compare(a, b)
}

// bounds is the least and the greatest cell of a page.
type bounds struct {
	some      bool
	low, high []byte // copies
	// Most texts lie between the two, which eight bytes of each tell: those behind the prefix that low and high share.
	shared     int
	from, till uint64 // these bytes of low and high
}

func (b *bounds) reset() { *b = bounds{low: b.low[:0], high: b.high[:0]} }

// add widens the bounds to a text.
func (b *bounds) add(v []byte) {
	if k := b.shared; len(v) >= k {
		if x := lead(v[k:]); b.from < x && x < b.till && (k == 0 || string(v[:k]) == string(b.low[:k])) {
			return
		}
	}
	b.widen(v)
}

// lead is the first eight bytes of a text as a number, zeros behind a short one: of two texts with different leads the one with the lesser is less.
func lead(v []byte) uint64 {
	if len(v) >= 8 {
		return binary.BigEndian.Uint64(v)
	}
	if cap(v) >= 8 {
		return binary.BigEndian.Uint64(v[:8]) &^ (math.MaxUint64 >> (8 * len(v)))
	}
	var x uint64
	for _, c := range v {
		x = x<<8 | uint64(c)
	}
	return x << (8 * (8 - len(v)))
}

func (b *bounds) widen(v []byte) {
	switch {
	case !b.some:
		b.some = true
		b.low, b.high = append(b.low[:0], v...), append(b.high[:0], v...)
	case bytes.Compare(v, b.low) < 0:
		b.low = append(b.low[:0], v...)
	case bytes.Compare(v, b.high) > 0:
		b.high = append(b.high[:0], v...)
	default:
		return
	}
	n := min(len(b.low), len(b.high))
	b.shared, b.from, b.till = 0, 0, 0
	for b.shared < n && b.low[b.shared] == b.high[b.shared] {
		b.shared++
	}
	b.from, b.till = lead(b.low[b.shared:]), lead(b.high[b.shared:])
}

// cutLow and cutHigh make bounds of a text no longer than limit that enclose what the text bounds.
func cutLow(v []byte, limit int) []byte { return v[:min(len(v), limit)] }

func cutHigh(v []byte, limit int) []byte {
	if len(v) <= limit {
		return v
	}
	cut := bytes.Clone(v[:limit])
	for i := limit - 1; i >= 0; i-- {
		if cut[i]++; cut[i] != 0 {
			return cut[:i+1]
		}
	}
	return v // all bytes are 0xff: nothing shorter is greater
}
