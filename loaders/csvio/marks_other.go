//go:build !amd64 || purego

package csvio

const vectors = false

func findMarks(dst []marks, text []byte, a, b, c byte) { findMarksInGo(dst, text, a, b, c) }

func findEndsWide([]uint32, []byte, int, byte, int, uint64) (n, lines, done int, within, quotes uint64) {
	panic("there are no vectors")
}

func isWideText([]byte, int) bool { panic("there are no vectors") }

func fillWide([]uint64, []uint32, []uint32, int, []byte, *[inlineBytes + 1][2]uint64) uint64 {
	panic("there are no vectors")
}

func behindWide(dst, places []uint32) { panic("there are no vectors") }
