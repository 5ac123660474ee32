//go:build !purego

package csvio

import "golang.org/x/sys/cpu"

var vectors = cpu.X86.HasAVX2 && cpu.X86.HasBMI1 && cpu.X86.HasPCLMULQDQ && cpu.X86.HasPOPCNT

// findMarks finds the bytes that are a, b and c, of len(dst) times maskBytes of text.
func findMarks(dst []marks, text []byte, a, b, c byte) {
	if vectors {
		_ = text[:len(dst)*maskBytes]
		findMarksWide(dst, text, a, b, c)
		return
	}
	findMarksInGo(dst, text, a, b, c)
}

//go:noescape
func findMarksWide(dst []marks, text []byte, a, b, c byte)

// findEndsWide has to say where fields end in text, which is at a place of the buffer: n times, of which some are lines. It ends behind the bytes that are
// done, whole maskBytes: at the end of the text, or where so many lines have ended. inside is all bits where the text begins in quotes, and within where what
// follows does; quotes is 0 where there are none. to has room for 8 more than text has bytes.
//
//go:noescape
func findEndsWide(to []uint32, text []byte, at int, delimiter byte, limit int, inside uint64) (n, lines, done int, within, quotes uint64)

//go:noescape
func behindWide(dst, places []uint32)

// fillWide makes views, 64 at most, of the fields from from[0] to to[0], from[step] to to[step] and so on of buf, which has padBytes behind them, and tells which are
// empty.
//
//go:noescape
func fillWide(views []uint64, from, to []uint32, step int, buf []byte, keep *[inlineBytes + 1][2]uint64) (empty uint64)

// isWideText says whether the first blocks of 32 bytes of b are UTF-8 without NUL bytes, but for a character that does not end there.
//
//go:noescape
func isWideText(b []byte, blocks int) bool
