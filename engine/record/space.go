package record

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// trimSpace cuts Unicode white space off both ends; it is cheap where there is none.
func trimSpace(b []byte) []byte {
	if len(b) == 0 || edge(b[0]) && edge(b[len(b)-1]) {
		return b
	}
	return bytes.TrimFunc(b, unicode.IsSpace)
}

// edge tells whether a byte at the end of a text is surely no white space.
func edge(c byte) bool { return c > ' ' && c < utf8.RuneSelf }
