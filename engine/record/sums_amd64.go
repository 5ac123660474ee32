//go:build !purego

package record

// addSalted salts n value hashes, adds them to fp, and weighted to syn. Where valid, from its first bit on, has a zero, null takes the place of
// the salted hash; a nil valid has none. n is a multiple of eight, not 0.
//
//go:noescape
func addSalted(values *uint64, salt uint64, fp, syn *uint64, weights Weights, valid *byte, null uint64, n int)

// addEntries is addSalted of hashes that are salted: those at indices of a dictionary that has so many entries. It stops at the first
// eight of which one that is not null has no entry, and gives how many it added.
//
//go:noescape
func addEntries(hashes *uint64, entries int, indices *int32, fp, syn *uint64, weights Weights, valid *byte, null uint64, n int) (done int)
