//go:build !purego

package parquetio

// fillPlain writes the headers of rows texts that lie at data[pos:end], each behind its length, and gives where the next length is and how
// many rows are left: for 0 < left the page is at its end, for left < 0 the length of the next text reaches beyond it. data has slack
// behind end; masks is &inlineMask.
//
//go:noescape
func fillPlain(dst, data []byte, pos, end, rows int, buffer uint32, masks *[viewInline + 1][2]uint64) (newPos, left int)
