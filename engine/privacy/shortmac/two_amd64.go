//go:build !purego

package shortmac

import "github.com/klauspost/cpuid/v2"

// twoAtOnce tells whether this processor has the instructions of compressTwo.
var twoAtOnce = cpuid.CPU.Supports(cpuid.SHA, cpuid.SSE4, cpuid.SSSE3)

// compressTwo sets out to what the compression function of SHA-256 makes of two blocks, both from one state. States are bytes, as digests are.
//
//go:noescape
func compressTwo(out *[2]digest, from *digest, blocks *[2]block)
