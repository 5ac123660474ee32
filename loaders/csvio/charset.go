package csvio

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/transform"
)

// charset is an encoding of text. In all of them but UTF-16 the bytes of " CR LF and of , ; tab are those characters and never a
// part of another one, and UTF-16 has them as units; so rows are found before anything is decoded. A character may end in the
// byte of another delimiter, such as | in GB18030: fields are found in the decoded text.
type charset struct {
	name  string // as Options.Encoding has it
	title string // as messages have it
	mark  string // the byte order mark
	unit  int    // bytes of the smallest piece of text: 2 for UTF-16, else 1

	// decoder gives what turns text into UTF-8, nil for UTF-8 itself. It ends with errInvalid at the first bytes that are
	// no character, and needs room for eight bytes. It may be used by many goroutines at once.
	decoder func() transform.Transformer
}

// errInvalid ends decoding at bytes that are not of the encoding.
var errInvalid = errors.New("not a character of the encoding")

var (
	utf8Text    = &charset{name: "utf-8", title: "UTF-8", mark: "\xef\xbb\xbf", unit: 1}
	gb18030Text = &charset{name: "gb18030", title: "GB18030", mark: "\x84\x31\x95\x33", unit: 1,
		decoder: sync.OnceValue(func() transform.Transformer { return newPairs(simplifiedchinese.GB18030, true) })}
	big5Text = &charset{name: "big5", title: "Big5", unit: 1,
		decoder: sync.OnceValue(func() transform.Transformer { return newPairs(traditionalchinese.Big5, false) })}
	utf16leText = &charset{name: "utf-16le", title: "UTF-16", mark: "\xff\xfe", unit: 2,
		decoder: func() transform.Transformer { return wide{high: 1} }}
	utf16beText = &charset{name: "utf-16be", title: "UTF-16", mark: "\xfe\xff", unit: 2,
		decoder: func() transform.Transformer { return wide{low: 1} }}
)

// charsets are all of them. No mark is the beginning of another one.
var charsets = []*charset{utf8Text, gb18030Text, big5Text, utf16leText, utf16beText}

// encodings are the names of encodings and what they mean. GBK, GB2312 and code page 936 are parts of GB18030. The mark of
// each file tells the byte order of utf-16, which is nil.
var encodings = []struct {
	name string
	is   *charset
}{
	{"utf-8", utf8Text}, {"gb18030", gb18030Text}, {"gbk", gb18030Text}, {"gb2312", gb18030Text}, {"cp936", gb18030Text},
	{"big5", big5Text}, {"utf-16", nil}, {"utf-16le", utf16leText}, {"utf-16be", utf16beText},
}

// Encodings are the values of Options.Encoding beside "".
func Encodings() []string {
	var names []string
	for _, e := range encodings {
		names = append(names, e.name)
	}
	return names
}

// charsetNamed is the encoding of that name, nil for utf-16; ok is false where there is none.
func charsetNamed(name string) (c *charset, ok bool) {
	for _, e := range encodings {
		if e.name == name {
			return e.is, true
		}
	}
	return nil, false
}

// marked is the encoding whose byte order mark head begins with, nil if there is none.
func marked(head []byte) *charset {
	for _, c := range charsets {
		if c.mark != "" && strings.HasPrefix(string(head[:min(len(head), 4)]), c.mark) {
			return c
		}
	}
	return nil
}

// text gives raw in UTF-8; ok is false if it is not of the encoding.
func (c *charset) text(raw []byte) (text []byte, ok bool) {
	if c.decoder == nil {
		return raw, utf8.Valid(raw)
	}
	text, _, err := transform.Bytes(c.decoder(), raw)
	return text, err == nil
}

// narrow gives one byte a unit of text: ASCII as it is, other units of two bytes as 0x80. It is raw itself where a unit is
// a byte, and else stands in raw's place.
func (c *charset) narrow(raw []byte) []byte {
	if c.unit == 1 {
		return raw
	}
	low := 0
	if c == utf16beText {
		low = 1
	}
	n := 0
	for ; 2*n+1 < len(raw); n++ {
		unit := raw[2*n+low]
		if raw[2*n+1-low] != 0 || unit >= 0x80 {
			unit = 0x80
		}
		raw[n] = unit
	}
	if len(raw)%2 == 1 { // half a unit, at the end of a file that was cut
		raw[n] = 0x80
		n++
	}
	return raw[:n]
}

// pairs decodes an encoding of characters of one byte, which are ASCII, of two bytes and, in GB18030, of four.
type pairs struct {
	transform.NopResetter
	// utf8 has what two bytes stand for, by the low 7 bits of the first and all of the second: up to four bytes of UTF-8, the
	// first one lowest, and 0 if they stand for nothing.
	utf8  []uint32
	fours transform.Transformer // of four bytes; nil: there are none
}

func newPairs(of encoding.Encoding, fours bool) *pairs {
	d := &pairs{utf8: make([]uint32, 1<<15)}
	table := of.NewDecoder()
	for i := range d.utf8 {
		var text [8]byte
		n, read, err := table.Transform(text[:], []byte{byte(i>>8) | 0x80, byte(i)}, true)
		if c, _ := utf8.DecodeRune(text[:n]); err == nil && read == 2 && n <= 4 && c != utf8.RuneError && byte(i) >= 0x40 && i>>8 != 0 {
			d.utf8[i] = binary.LittleEndian.Uint32(text[:])
		}
	}
	if fours {
		d.fours = table
	}
	return d
}

func (d *pairs) Transform(dst, src []byte, atEOF bool) (n, i int, err error) {
	for i < len(src) {
		if n+8 > len(dst) {
			return n, i, transform.ErrShortDst
		}
		c := src[i]
		if c < utf8.RuneSelf {
			if i+8 > len(src) {
				dst[n] = c
				n, i = n+1, i+1
				continue
			}
			word := binary.LittleEndian.Uint64(src[i:])
			binary.LittleEndian.PutUint64(dst[n:], word)
			ascii := bits.TrailingZeros64(word&lanesHigh) >> 3 // 8 if all are
			n, i = n+ascii, i+ascii
			continue
		}
		if i+1 < len(src) {
			if u := d.utf8[int(c&0x7f)<<8|int(src[i+1])]; u != 0 {
				binary.LittleEndian.PutUint32(dst[n:], u)
				n, i = n+4-bits.LeadingZeros32(u)>>3, i+2
				continue
			}
		}
		written, read, err := d.rare(dst[n:], src[i:])
		if err == transform.ErrShortSrc && atEOF {
			err = errInvalid
		}
		if err != nil {
			return n, i, err
		}
		n, i = n+written, i+read
	}
	return n, i, nil
}

// rare decodes the character that src begins with, which is not ASCII and not of two bytes.
func (d *pairs) rare(dst, src []byte) (n, read int, err error) {
	switch {
	case d.fours != nil && src[0] == 0x80: // the euro sign of code page 936
		return utf8.EncodeRune(dst, '€'), 1, nil
	case src[0] == 0x80 || src[0] == 0xff:
		return 0, 0, errInvalid
	case len(src) < 2:
		return 0, 0, transform.ErrShortSrc
	case d.fours == nil || src[1] < '0' || src[1] > '9':
		return 0, 0, errInvalid
	case len(src) < 4:
		return 0, 0, transform.ErrShortSrc
	}
	n, read, err = d.fours.Transform(dst, src[:4], true)
	if err != nil || read != 4 {
		return 0, 0, errInvalid
	}
	const replacement = "\x84\x31\xa4\x37" // the character U+FFFD, which the table also gives for what is none
	if c, _ := utf8.DecodeRune(dst[:n]); c == utf8.RuneError && string(src[:4]) != replacement {
		return 0, 0, errInvalid
	}
	return n, read, nil
}

// wide decodes UTF-16.
type wide struct {
	transform.NopResetter
	low, high int // where the bytes of a unit stand
}

func (d wide) Transform(dst, src []byte, atEOF bool) (n, i int, err error) {
	for i < len(src) {
		if n+8 > len(dst) {
			return n, i, transform.ErrShortDst
		}
		size := 2
		if i+size <= len(src) {
			c := d.unit(src[i:])
			if utf16.IsSurrogate(c) {
				if size = 4; i+size <= len(src) {
					if c = utf16.DecodeRune(c, d.unit(src[i+2:])); c == utf8.RuneError {
						return n, i, errInvalid
					}
				}
			}
			if i+size <= len(src) {
				n += utf8.EncodeRune(dst[n:], c)
				i += size
				continue
			}
		}
		if atEOF {
			return n, i, errInvalid
		}
		return n, i, transform.ErrShortSrc
	}
	return n, i, nil
}

func (d wide) unit(b []byte) rune { return rune(b[d.low]) | rune(b[d.high])<<8 }
