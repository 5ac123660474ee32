//go:build !purego

package record

import "golang.org/x/sys/cpu"

// sumsAtOnce tells whether this processor has the instructions of one of the ways in which rows are added many at a time.
var sumsAtOnce = eightSums || fourAtOnce

// eightSums tells whether it has those of addSaltedEight and addEntriesEight.
var eightSums = cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ

// addSalted salts n value hashes, adds them to fp, and weighted to syn. Where valid, from its first bit on, has a zero, null takes the place of
// the salted hash; a nil valid has none. n is a multiple of eight, not 0.
func addSalted(values *uint64, salt uint64, fp, syn *uint64, weights Weights, valid *byte, null uint64, n int) {
	if eightSums {
		addSaltedEight(values, salt, fp, syn, weights, valid, null, n)
	} else {
		addSaltedFour(values, salt, fp, syn, weights, valid, null, n)
	}
}

// addEntries is addSalted of hashes that are salted: those at indices of a dictionary that has so many entries, one at least. It stops before
// eight of which one that is not null has no entry, or one that is null perhaps, and gives how many it added.
func addEntries(hashes *uint64, entries int, indices *int32, fp, syn *uint64, weights Weights, valid *byte, null uint64, n int) (done int) {
	if eightSums {
		return addEntriesEight(hashes, entries, indices, fp, syn, weights, valid, null, n)
	}
	return addEntriesFour(hashes, entries, indices, fp, syn, weights, valid, null, n)
}

// addSaltedEight is addSalted with the instructions of AVX-512, on eight rows at once.
//
//go:noescape
func addSaltedEight(values *uint64, salt uint64, fp, syn *uint64, weights Weights, valid *byte, null uint64, n int)

// addEntriesEight is addEntries with the instructions of AVX-512, on eight rows at once.
//
//go:noescape
func addEntriesEight(hashes *uint64, entries int, indices *int32, fp, syn *uint64, weights Weights, valid *byte, null uint64, n int) (done int)

// addSaltedFour is addSalted with the instructions of AVX2, on four rows at once.
//
//go:noescape
func addSaltedFour(values *uint64, salt uint64, fp, syn *uint64, weights Weights, valid *byte, null uint64, n int)

// addEntriesFour is addEntries with the instructions of AVX2, on four rows at once.
//
//go:noescape
func addEntriesFour(hashes *uint64, entries int, indices *int32, fp, syn *uint64, weights Weights, valid *byte, null uint64, n int) (done int)
