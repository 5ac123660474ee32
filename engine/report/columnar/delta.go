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
	lengths, body      []byte // room for what is encoded
}

func (d *deltas) restart() {
	d.prefixes, d.suffixes, d.last = d.prefixes[:0], d.suffixes[:0], d.last[:0]
}

// shorten adds texts until the page is full, and says how many.
func (c *Cells) shorten(texts [][]byte) (n int) {
	d, limit := &c.delta, c.page.group.w.opt.PageBytes
	last := d.last
	for n = 0; n < len(texts) && len(c.values) < limit; n++ {
		v := texts[n]
		if v == nil && c.column.Nullable {
			c.null()
			continue
		}
		c.define()
		c.bounds.add(v)
		c.texts += int64(len(v))
		shared := sharedPrefix(last, v)
		d.prefixes, d.suffixes = append(d.prefixes, int32(shared)), append(d.suffixes, int32(len(v)-shared))
		c.values = append(c.values, v[shared:]...)
		last = v
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

// encode gives the page's body.
func (d *deltas) encode(rest []byte) []byte {
	d.body = d.body[:0]
	for _, numbers := range [][]int32{d.prefixes, d.suffixes} {
		d.lengths, _ = packed.EncodeInt32(d.lengths[:0], numbers) // it fails for nothing
		d.body = append(d.body, d.lengths...)
	}
	d.body = append(d.body, rest...)
	return d.body
}
