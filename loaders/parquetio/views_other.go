//go:build !amd64 || purego

package parquetio

import "encoding/binary"

// fillPlain writes the headers of rows texts that lie at data[pos:end], each behind its length, and gives where the next length is and how
// many rows are left: for 0 < left the page is at its end, for left < 0 the length of the next text reaches beyond it. data has slack
// behind end; masks is &inlineMask.
func fillPlain(dst, data []byte, pos, end, rows int, buffer uint32, masks *[viewInline + 1][2]uint64) (newPos, left int) {
	for ; rows > 0; rows-- {
		if end-pos < 4 {
			return pos, rows
		}
		// The page holds length and text as a header does, so its bytes are the header of a short text and the first half of
		// that of a long one.
		src := data[pos : pos+4+slack]
		lo := binary.LittleEndian.Uint64(src)
		n := int(uint32(lo))
		if n > end-pos-4 {
			return pos, ^rows
		}
		hi := uint64(buffer) | uint64(pos+4)<<32
		if n <= viewInline {
			m := &masks[n]
			lo, hi = lo&m[0], binary.LittleEndian.Uint64(src[8:])&m[1]
		}
		binary.LittleEndian.PutUint64(dst, lo)
		binary.LittleEndian.PutUint64(dst[8:], hi)
		dst = dst[viewSize:]
		pos += 4 + n
	}
	return pos, 0
}
