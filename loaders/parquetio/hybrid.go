package parquetio

import (
	"encoding/binary"
	"errors"

	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/parquet-go/bitpack"
)

// Levels, booleans and dictionary indexes are stored as runs of one value and runs of bit-packed values. parquet-go's decoder
// of them is not used: it makes room for as many values as a run claims, and it reads runs of booleans as its own encoder
// writes them (whole bytes, all bits of the value's byte), which others do not.

var errRuns = errors.New("the runs of a page cannot be decoded")

// decodeBits sets the first n bits of dst, a bitmap that is clear, from runs of one-bit values. Bits beyond what the runs
// hold are an error.
func decodeBits(dst []byte, n int, src []byte) error {
	for at := 0; at < n; {
		head, k := binary.Uvarint(src)
		if k <= 0 {
			return errRuns
		}
		src = src[k:]
		if head&1 != 0 {
			bytes := min(head>>1, uint64(len(src)))
			count := min(int(bytes)*8, n-at)
			if count == 0 {
				return errRuns
			}
			orBits(dst, at, src, count)
			src = src[bytes:]
			at += count
			continue
		}
		if len(src) == 0 {
			return errRuns
		}
		count := int(min(head>>1, uint64(n-at)))
		if src[0] != 0 { // 1, or 0xff as parquet-go writes it
			bitutil.SetBitsTo(dst, int64(at), int64(count), true)
		}
		src = src[1:]
		at += count
	}
	return nil
}

// orBits sets those of count bits of dst from at on that are set in src. Runs are short, a few bytes as a rule, and begin anywhere.
func orBits(dst []byte, at int, src []byte, count int) {
	i := 0
	for ; count-i >= 64 && at%8 == 0; i += 64 {
		to := dst[(at+i)/8:]
		binary.LittleEndian.PutUint64(to, binary.LittleEndian.Uint64(to)|binary.LittleEndian.Uint64(src[i/8:]))
	}
	for ; i < count; i += 8 {
		b := src[i/8]
		if count-i < 8 {
			b &= 1<<(count-i) - 1
		}
		dst[(at+i)/8] |= b << (at % 8)
		if over := b >> (8 - at%8); over != 0 {
			dst[(at+i)/8+1] |= over
		}
	}
}

// indexReader decodes dictionary indexes as batches need them.
type indexReader struct {
	src     []byte // from the next run on, with slack behind its end
	width   uint   // bits an index
	top     uint32 // the greatest index that has an entry
	value   int32  // of a run of one value
	repeats int    // values left in it
	packed  int    // values left in a run of bit-packed values, those in group not counted
	group   [8]int32
	left    int  // values at the end of group that are not taken
	cut     bool // src ends where no run does
}

var errNoEntry = errors.New("a dictionary index has no entry")

// newIndexReader reads the indexes in the values of a page, which may be cut off, for a dictionary of that many entries.
func newIndexReader(encoded []byte, entries int, cut bool) (indexReader, error) {
	if len(encoded) == 0 || entries == 0 { // right for a page of nulls; else run finds nothing
		return indexReader{}, nil
	}
	if encoded[0] > 32 {
		return indexReader{}, errRuns
	}
	return indexReader{src: encoded[1:], width: uint(encoded[0]), top: uint32(entries - 1), cut: cut}, nil
}

// next fills dst with the next indexes and checks that each has an entry.
func (x *indexReader) next(dst []int32) error {
	for len(dst) > 0 {
		n := 0
		switch {
		case x.left > 0:
			n = copy(dst, x.group[8-x.left:])
			x.left -= n
			if !x.known(dst[:n]) {
				return errNoEntry
			}
		case x.repeats > 0: // run has checked it
			n = min(len(dst), x.repeats)
			for i := range dst[:n] {
				dst[i] = x.value
			}
			x.repeats -= n
		case x.packed > 0 && len(dst) < 8:
			x.unpack(x.group[:])
			x.left = 8
		case x.packed > 0:
			n = min(len(dst), x.packed) &^ 7
			x.unpack(dst[:n])
			if !x.known(dst[:n]) {
				return errNoEntry
			}
		default:
			if err := x.run(); err != nil {
				return err
			}
		}
		dst = dst[n:]
	}
	return nil
}

// skip passes over n indexes, whether they have entries or not.
func (x *indexReader) skip(n int) error {
	for n > 0 {
		k := 0
		switch {
		case x.left > 0:
			k = min(n, x.left)
			x.left -= k
		case x.repeats > 0:
			k = min(n, x.repeats)
			x.repeats -= k
		case x.packed > 0 && n < 8:
			x.unpack(x.group[:])
			x.left = 8
		case x.packed > 0:
			k = min(n, x.packed) &^ 7
			x.src = x.src[min(k/8*int(x.width), len(x.src)):]
			x.packed -= k
		default:
			if err := x.run(); err != nil {
				return err
			}
		}
		n -= k
	}
	return nil
}

// known tells whether all indexes have entries. Those that pad the last group of a page need none.
func (x *indexReader) known(indexes []int32) bool {
	var a, b, c, d uint32 // four at a time: the greatest of one chain waits for the one before it
	if n := len(indexes) / 16; eightAtOnce && n > 0 {
		a = greatest(&indexes[0], n)
		indexes = indexes[n*16:]
	}
	for ; len(indexes) >= 4; indexes = indexes[4:] {
		a, b = max(a, uint32(indexes[0])), max(b, uint32(indexes[1]))
		c, d = max(c, uint32(indexes[2])), max(d, uint32(indexes[3]))
	}
	for _, v := range indexes {
		a = max(a, uint32(v))
	}
	return max(a, b, c, d) <= x.top
}

// run begins the next run.
func (x *indexReader) run() error {
	if x.width == 0 && x.src != nil { // one entry, no bits, and with some writers no runs
		x.value, x.repeats = 0, 1<<30
		return nil
	}
	head, k := binary.Uvarint(x.src)
	if k <= 0 {
		return errShortPage
	}
	x.src = x.src[k:]
	if head&1 != 0 {
		// No more groups than there are bytes for; the last one of a page may end after the values that count.
		most := (uint64(len(x.src)) + uint64(x.width) - 1) / uint64(x.width)
		if x.cut {
			most = uint64(len(x.src)) / uint64(x.width)
			if head>>1 > most {
				x.src = x.src[:most*uint64(x.width)]
			}
		}
		x.packed = 8 * int(min(head>>1, most))
		return nil
	}
	n := (x.width + 7) / 8
	if uint(len(x.src)) < n {
		return errRuns
	}
	var value [4]byte
	copy(value[:], x.src[:n])
	v := binary.LittleEndian.Uint32(value[:])
	x.src = x.src[n:]
	if x.repeats = int(min(head>>1, 1<<30)); x.repeats > 0 && v > x.top {
		return errNoEntry
	}
	x.value = int32(v)
	return nil
}

// unpack takes whole groups of eight; what the page does not hold of the last one is zero.
func (x *indexReader) unpack(dst []int32) {
	n := len(dst) / 8 * int(x.width)
	have := min(n, len(x.src))
	in := x.src[:have]
	if have < n || cap(in) < n+bitpack.PaddingInt32 {
		in = make([]byte, n, n+bitpack.PaddingInt32)
		copy(in, x.src)
	}
	bitpack.Unpack(dst, in[:n+bitpack.PaddingInt32], x.width) // in plain Go it needs the padding within the length
	x.src = x.src[have:]
	x.packed -= len(dst)
}
