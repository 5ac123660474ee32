//go:build !purego

package parquetio

import "golang.org/x/sys/cpu"

// sixteenAtOnce tells whether this processor has the instructions of spreadBlocks.
var sixteenAtOnce = cpu.X86.HasAVX512F && cpu.X86.HasPOPCNT

// spreadMany is spread of four bytes to as many rows as can be done at once, and gives how many these are and how many bytes of src they took. The
// bits of valid begin with the first row; there is one of them, and a byte of src.
func spreadMany(dst, src, valid []byte) (rows, taken int) {
	switch {
	case sixteenAtOnce && len(dst) >= 64:
		blocks := len(dst) / 64
		return blocks * 16, spreadBlocks(&dst[0], &src[0], &valid[0], blocks)
	case eightAtOnce && len(dst) >= 32:
		eights := len(dst) / 32
		done, taken := spreadEights(&dst[0], &src[0], &valid[0], len(src), eights)
		if done < eights { // the last values, seven at most
			var last [64]byte
			copy(last[:], src[taken:])
			_, more := spreadEights(&dst[done*32], &last[0], &valid[done], len(last), eights-done)
			taken += more
		}
		return eights * 8, taken
	}
	return 0, 0
}

// spreadBlocks copies values of four bytes to those of 16·blocks rows that are not null and clears the others. valid has a bit a row, src a value for
// each that is set. It gives how many bytes of src it took; blocks is not 0.
//
//go:noescape
func spreadBlocks(dst, src, valid *byte, blocks int) (taken int)

// spreadEights is spreadBlocks of up to eights times eight rows with the instructions of AVX2, where src has size bytes: it stops where fewer than 32 of
// these are left, and gives how many eights it came to. eights is not 0.
//
//go:noescape
func spreadEights(dst, src, valid *byte, size, eights int) (done, taken int)
