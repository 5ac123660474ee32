package columnar

import (
	"encoding/binary"
	"math/bits"

	"github.com/cespare/xxhash/v2"
	"github.com/parquet-go/parquet-go/encoding/delta"
)

// packed is DELTA_BINARY_PACKED.
var packed delta.BinaryPackedEncoding

// deltas is a page's texts in DELTA_BYTE_ARRAY: how much of each is that of the one before it, and how long the rest is, which is in the values. Without
// the former it is DELTA_LENGTH_BYTE_ARRAY.
type deltas struct {
	prefixes, suffixes []int32
	last               []byte // the text before; a copy
	ahead, behind      []byte // room for prefixes and suffixes that are encoded

	// Of a column with Stems: of the text before.
	stem    int
	digits  uint64 // behind the stem, as digitsOf has them; 0: it has others, or there is none
	written bool   // it is in last
	text    []byte // room for one
}

func (d *deltas) restart() {
	d.prefixes, d.suffixes, d.last, d.digits = d.prefixes[:0], d.suffixes[:0], d.last[:0], 0
}

// encode gives what goes before the values in the page's body. It stays until the next call.
func (d *deltas) encode() (prefixes, suffixes []byte) {
	d.ahead, _ = packed.EncodeInt32(d.ahead[:0], d.prefixes) // it fails for nothing
	d.behind, _ = packed.EncodeInt32(d.behind[:0], d.suffixes)
	return d.ahead, d.behind
}

// shorten adds texts until the page is full, and says how many.
func (c *Cells) shorten(texts [][]byte) (n int) {
	d, limit, sheet := &c.delta, c.page.group.w.opt.PageBytes, c.page.sheet
	last, ascending, bloom := d.last, c.column.Ascending, c.column.Bloom
	for n < len(texts) && len(c.values) < limit {
		set, from := uint64(0), n
		for ; n < min(len(texts), from+runRows) && len(c.values) < limit; n++ {
			v := texts[n]
			if v == nil && c.column.Nullable {
				continue
			}
			set |= 1 << (n - from)
			shared := sharedPrefix(last, v)
			if bloom && (shared < max(len(last), len(v)) || len(d.prefixes) == 0) {
				sheet.hashes = append(sheet.hashes, xxhash.Sum64(v))
			}
			c.front(shared, v)
			if !ascending {
				c.bounds.add(v)
			}
			last = v
		}
		c.define(set, n-from)
	}
	if ascending {
		c.bounds.add(texts[0])
		c.bounds.add(last)
	}
	d.last = append(d.last[:0], last...)
	return n
}

// front adds a text that begins with so many bytes of the one before it.
func (c *Cells) front(shared int, v []byte) {
	d := &c.delta
	d.prefixes, d.suffixes = append(d.prefixes, int32(shared)), append(d.suffixes, int32(len(v)-shared))
	c.values = append(c.values, v[shared:]...)
	c.texts += int64(len(v))
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
