//go:build !purego

package record

// countClean counts the texts, from the first on and by fours, of whose views each byte that means something is not below low and not above
// high, and whose length is not refused. n is a multiple of four, not 0.
//
//go:noescape
func countClean(views *byte, low, high, refused *[viewSize]byte, n int) (count int)

// allClean tells that a text is made of ASCII characters that are not below least and of whole characters that begin with 0xe4 to 0xe9.
//
//go:noescape
func allClean(text *[longClean]byte, least byte) bool
