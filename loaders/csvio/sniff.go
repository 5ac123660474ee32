package csvio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/transform"
)

// sampleBytes is how much of a file tells its encoding, from the first character on that is not ASCII.
const sampleBytes = 64 << 10

// Sniff gives the one of Encodings that a file without a byte order mark looks like, "utf-8" for ASCII; "" where the mark tells it
// or it looks like none of them. It reads up to the first byte that is not ASCII and 64 KiB from there. It is a guess, though
// for more than a few characters a good one.
func Sniff(path string) (string, error) {
	in, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer in.Close()
	sample := make([]byte, 0, sampleBytes)
	block := blocks.Get().(*[blockBytes]byte)
	defer blocks.Put(block)
	for first := true; len(sample) < sampleBytes; first = false {
		n, err := io.ReadFull(in, block[:])
		b := block[:n]
		if first {
			if marked(b) != nil {
				return "", nil
			}
			if name := zeros(b); name != "" {
				return name, nil
			}
		}
		if len(sample) == 0 {
			b = b[asciiPrefix(b):]
		}
		sample = append(sample, b[:min(len(b), sampleBytes-len(sample))]...)
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			break
		}
		if err != nil {
			return "", err
		}
	}
	return likely(sample), nil
}

// asciiPrefix is how many bytes of b come before the first one that is not ASCII.
func asciiPrefix(b []byte) int {
	if i := bytes.IndexFunc(b, func(c rune) bool { return c >= utf8.RuneSelf }); i >= 0 {
		return i
	}
	return len(b)
}

// zeros tells UTF-16 by its line ends, delimiters and digits: every other byte of them is zero, and few others are.
func zeros(b []byte) string {
	var count [2]int
	for i, c := range b {
		if c == 0 {
			count[i&1]++
		}
	}
	for i, name := range []string{"utf-16be", "utf-16le"} {
		if count[i] > len(b)/16 && count[i] > 8*count[1-i] {
			return name
		}
	}
	return ""
}

// likely is the encoding that a sample looks like, which begins with a character.
func likely(sample []byte) string {
	whole := sample
	for range utf8.UTFMax - 1 {
		if c, size := utf8.DecodeLastRune(whole); c != utf8.RuneError || size != 1 {
			break
		}
		whole = whole[:len(whole)-1]
	}
	if utf8.Valid(whole) && len(whole) > 0 || len(sample) == 0 {
		return utf8Text.name
	}
	// What is in use most is in few rows of each table: 6763 characters in GB2312, 5401 in the first level of Big5. Text of one
	// read as the other is spread over all of it, if it reads at all.
	gb := share(sample, gb18030Text, func(a, b byte) bool { return a >= 0xb0 && a <= 0xf7 && b >= 0xa1 || b <= '9' })
	big5 := share(sample, big5Text, func(a, b byte) bool { return a >= 0xa4 && a <= 0xc6 })
	switch {
	case max(gb, big5) < 0.6:
		return ""
	case big5 > gb:
		return big5Text.name
	}
	return gb18030Text.name
}

// share is how many of the characters of a sample that are not ASCII are in use, going by their first two bytes; 0 if it is
// not text of the encoding.
func share(sample []byte, c *charset, inUse func(a, b byte) bool) float64 {
	text := make([]byte, 3*len(sample)+8)
	_, read, err := c.decoder().Transform(text, sample, false)
	if errors.Is(err, errInvalid) || err == transform.ErrShortDst {
		return 0
	}
	used, all := 0, 0
	for i := 0; i+1 < read; i++ {
		a, b := sample[i], sample[i+1]
		if a <= 0x80 {
			continue
		}
		all++
		if inUse(a, b) {
			used++
		}
		if i++; b >= '0' && b <= '9' {
			i += 2
		}
	}
	return float64(used) / float64(max(all, 1))
}

// otherEncoding is the hint for a file that is not of its encoding.
func (f *file) otherEncoding() string {
	name, err := Sniff(f.path)
	switch {
	case err == nil && name == utf8Text.name && name != f.charset.name:
		return "the text looks like UTF-8: leave the encoding out, or write utf-8"
	case err == nil && name != "" && name != f.charset.name:
		return fmt.Sprintf("the text looks like %s: say %s", name, saying(name))
	case f.charset == utf8Text:
		return "look for damage there, or say which encoding it is, such as " + saying(gb18030Text.name) + "; one that is none of " + strings.Join(Encodings(), ", ") +
			" is converted first: iconv -f LATIN1 -t UTF-8 FILE > NEWFILE"
	}
	return "look for damage there, or for the right encoding: " + strings.Join(Encodings(), ", ")
}

// saying is how an encoding is said, in a job file and on the command line.
func saying(name string) string {
	return fmt.Sprintf("encoding: %s in the job file, --encoding NAME=%[1]s for diff", name)
}
