//go:build !purego

package parquetio

import "golang.org/x/sys/cpu"

// eightAtOnce tells whether this processor has the instructions of greatest.
var eightAtOnce = cpu.X86.HasAVX2

// greatest gives the greatest of 16·blocks numbers; blocks is not 0.
//
//go:noescape
func greatest(numbers *int32, blocks int) uint32
