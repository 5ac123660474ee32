package csvio

import (
	"bytes"
	"unicode/utf8"
)

// isText says whether b is UTF-8 without NUL bytes. The most of it is looked at 32 bytes at a time, as J. Keiser and D. Lemire do in "Validating UTF-8 in
// less than one instruction per byte" (Software: Practice and Experience 51, 2021).
func isText(b []byte) bool {
	if blocks := len(b) / 32; vectors && blocks > 0 {
		if !isWideText(b, blocks) {
			return false
		}
		begin := 32 * blocks
		for back := 1; back < utf8.UTFMax; back++ {
			if b[begin-back] >= 0xc0 { // what it leads may not end there
				begin -= back
				break
			}
		}
		b = b[begin:]
	}
	return bytes.IndexByte(b, 0) < 0 && utf8.Valid(b)
}
