package csvio

import "encoding/binary"

// maskBytes is how many bytes of a text a mask tells about: a bit a byte, the lowest the first.
const maskBytes = 64

// marks are the bytes of some maskBytes that stand for one of three.
type marks [3]uint64

// marksOf gives those of text, maskBytes of it an element of dst; a text that ends before is as if zeroes followed. None of the bytes is zero.
func marksOf(dst []marks, text []byte, a, b, c byte) []marks {
	whole := len(text) / maskBytes
	findMarks(dst[:whole], text, a, b, c)
	if rest := text[whole*maskBytes:]; len(rest) > 0 {
		var last [maskBytes]byte
		copy(last[:], rest)
		findMarks(dst[whole:whole+1], last[:], a, b, c)
		whole++
	}
	return dst[:whole]
}

// findMarksInGo finds the bytes that are a, b and c, of len(dst) times maskBytes of text, eight at a time.
func findMarksInGo(dst []marks, text []byte, a, b, c byte) {
	patterns := [3]uint64{lanesLow * uint64(a), lanesLow * uint64(b), lanesLow * uint64(c)}
	for i := range dst {
		block := text[i*maskBytes:][:maskBytes]
		var m marks
		for at := 0; at < maskBytes; at += 8 {
			word := binary.LittleEndian.Uint64(block[at:])
			for j, pattern := range patterns {
				m[j] |= same(word, pattern) << at
			}
		}
		dst[i] = m
	}
}

// Eight bytes at a time: byte lanes of a 64-bit word, lane 0 the first byte in the file.
const (
	lanesLow  = 0x0101010101010101
	lanesHigh = 0x8080808080808080
	lanes7F   = 0x7f7f7f7f7f7f7f7f
)

// same tells which lanes of a word are those of a pattern, a bit a lane.
func same(word, pattern uint64) uint64 {
	x := word ^ pattern
	x = ^(x&lanes7F + lanes7F | x) & lanesHigh // the high bit of the lanes that are
	return x >> 7 * 0x0102040810204080 >> 56
}

// within tells which bytes lie in quotes, if outside is before the first, and opening quotes: the sum of the quotes up to each byte is odd.
func within(quotes uint64) uint64 {
	for shift := 1; shift < 64; shift *= 2 {
		quotes ^= quotes << shift
	}
	return quotes
}
