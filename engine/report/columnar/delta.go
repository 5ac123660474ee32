package columnar

import (
	"encoding/binary"
	"math/bits"

	"github.com/parquet-go/parquet-go/encoding/delta"
)

// packed is DELTA_BINARY_PACKED.
var packed delta.BinaryPackedEncoding

// deltas is a page's texts in DELTA_BYTE_ARRAY: how much of each is that of the one before it, and how long the rest is, which is in the values.
type deltas struct {
	prefixes, suffixes []int32
	last               []byte // the text before; a copy
	ahead, behind      []byte // room for prefixes and suffixes that are encoded

	// Of a column with Stems.
	stem    int     // of the text before; -1: there is none
	number  decimal // behind the stem
	written bool    // last is that text
	text    []byte  // room for one
}

func (d *deltas) restart() {
	d.prefixes, d.suffixes, d.last, d.stem, d.number = d.prefixes[:0], d.suffixes[:0], d.last[:0], -1, decimal{}
}

// encode gives what goes before the values in the page's body. It stays until the next call.
func (d *deltas) encode() (prefixes, suffixes []byte) {
	d.ahead, _ = packed.EncodeInt32(d.ahead[:0], d.prefixes) // it fails for nothing
	d.behind, _ = packed.EncodeInt32(d.behind[:0], d.suffixes)
	return d.ahead, d.behind
}

// shorten adds texts until the page is full, and says how many.
func (c *Cells) shorten(texts [][]byte) (n int) {
	d, limit := &c.delta, c.page.group.w.opt.PageBytes
	last := d.last
	for n < len(texts) && len(c.values) < limit {
		set, from := uint64(0), n
		for ; n < min(len(texts), from+runRows) && len(c.values) < limit; n++ {
			v := texts[n]
			if v == nil && c.column.Nullable {
				continue
			}
			set |= 1 << (n - from)
			shared := sharedPrefix(last, v)
			d.prefixes, d.suffixes = append(d.prefixes, int32(shared)), append(d.suffixes, int32(len(v)-shared))
			c.values = append(c.values, v[shared:]...)
			c.bounds.add(v)
			c.texts += int64(len(v))
			last = v
		}
		c.define(set, n-from)
	}
	d.last = append(d.last[:0], last...)
	return n
}

// sharedPrefix gives how many bytes two texts begin with alike.
func sharedPrefix(a, b []byte) int {
	most, i := min(len(a), len(b)), 0
	for ; i+8 <= most; i += 8 {
		if x := binary.LittleEndian.Uint64(a[i:]) ^ binary.LittleEndian.Uint64(b[i:]); x != 0 {
			return i + bits.TrailingZeros64(x)/8
		}
	}
	for i < most && a[i] == b[i] {
		i++
	}
	return i
}
