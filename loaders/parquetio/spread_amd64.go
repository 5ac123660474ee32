//go:build !purego

package parquetio

import "golang.org/x/sys/cpu"

// sixteenAtOnce tells whether this processor has the instructions of spreadBlocks.
var sixteenAtOnce = cpu.X86.HasAVX512F && cpu.X86.HasPOPCNT

// spreadBlocks copies values of four bytes to those of 16·blocks rows that are not null and clears the others. valid has a bit a row, src a value for
// each that is set. It gives how many bytes of src it took; blocks is not 0.
//
//go:noescape
func spreadBlocks(dst, src, valid *byte, blocks int) (taken int)
