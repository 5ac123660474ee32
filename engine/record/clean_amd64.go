//go:build !purego

package record

// countClean counts the texts, from the first on and by fours, of whose views each byte that means something is not below low and not above
// high, and whose length is not refused. n is a multiple of four, not 0.
//
//go:noescape
func countClean(views *byte, low, high, refused *[viewSize]byte, n int) (count int)
