package parquetio

import (
	"encoding/binary"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// skipDelta walks integers in delta binary packing: it gives how many there are and what lies behind them.
func skipDelta(b []byte) (count int, rest []byte, ok bool) {
	var head [3]uint64 // values a block, miniblocks a block, values
	for i := range head {
		x, n := binary.Uvarint(b)
		if n <= 0 || x > 1<<31-1 {
			return 0, nil, false
		}
		head[i], b = x, b[n:]
	}
	_, n := binary.Varint(b) // the first value
	if n <= 0 || head[1] == 0 || head[0]%head[1] != 0 || head[0] < head[1] {
		return 0, nil, false
	}
	b = b[n:]
	mini, per := int(head[1]), int(head[0]/head[1])
	for left := int(head[2]) - 1; left > 0; {
		_, n := binary.Varint(b) // the least difference of the block
		if n <= 0 || len(b)-n < mini {
			return 0, nil, false
		}
		widths := b[n : n+mini]
		b = b[n+mini:]
		for _, width := range widths {
			if left <= 0 {
				break // the miniblocks that the last block does not need are not there
			}
			if width > 64 {
				return 0, nil, false
			}
			b = b[min(per*int(width)/8, len(b)):]
			left -= per
		}
	}
	return int(head[2]), b, true
}

// checkDelta checks how many values a page claims before the decoders make room for them.
func checkDelta(p *page, encoded []byte) bool {
	switch p.encoding {
	case format.DeltaByteArray: // lengths of prefixes, lengths of suffixes, suffixes
		count, rest, ok := skipDelta(encoded)
		if !ok || count > p.rows {
			return false
		}
		encoded = rest
	case format.DeltaBinaryPacked, format.DeltaLengthByteArray:
	default:
		return true
	}
	count, _, ok := skipDelta(encoded)
	return ok && count <= p.rows
}

// deltaLengths gives the lengths of the texts of a page and where the texts begin. scratch is memory for the lengths.
func deltaLengths(encoded []byte, scratch []int32) (lengths []int32, texts []byte, ok bool) {
	count, texts, ok := skipDelta(encoded)
	if !ok {
		return nil, nil, false
	}
	if cap(scratch) < count {
		scratch = make([]int32, count)
	}
	scratch = scratch[:count]
	clear(scratch) // the decoder leaves out blocks without differences
	lengths, err := parquet.DeltaBinaryPacked.DecodeInt32(scratch, encoded[:len(encoded)-len(texts)])
	return lengths, texts, err == nil
}
