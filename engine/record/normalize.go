package record

import (
	"bytes"
	"encoding/binary"
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// normalizer applies steps to texts. It keeps scratch space, so each goroutine has its own.
type normalizer struct {
	steps  Steps
	plain  [utf8.RuneSelf]bool // ASCII characters that no step but Trim changes, wherever they stand
	wide   bool                // the ideographs that nearly all Chinese text is made of are left alone too
	least  byte                // from it on all ASCII characters are plain
	long   [longClean]byte     // scratch of cleanAtOnce
	views  cleanBounds         // of cleanViews
	buf    [2][]byte           // what a round made, in turns
	folded []byte              // scratch within a round
}

// maxRounds bounds the rounds until nothing changes; two are the rule.
const maxRounds = 8

func newNormalizer(steps Steps) normalizer {
	n := normalizer{steps: steps &^ AsIs, wide: steps&(Digits|Phone) == 0, views: boundsOf(steps &^ AsIs)}
	for c := range n.plain {
		switch {
		case steps&Phone != 0:
		case steps&Digits != 0:
			n.plain[c] = digit(byte(c))
		default:
			n.plain[c] = !(steps&Upper != 0 && 'a' <= c && c <= 'z' || steps&Lower != 0 && 'A' <= c && c <= 'Z' ||
				steps&Collapse != 0 && c <= ' ')
		}
		if !n.plain[c] {
			n.least = byte(c) + 1
		}
	}
	return n
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// clean tells that no step changes b; it may be wrong the other way. It is what most values need and all that they get.
func (n *normalizer) clean(b []byte) bool {
	if n.steps == 0 || len(b) == 0 {
		return true
	}
	if n.steps&Phone != 0 {
		return len(b) == 11 && b[0] == '1' && allDigits(binary.LittleEndian.Uint64(b)) && allDigits(binary.LittleEndian.Uint64(b[3:])) // nothing to take away, and no country code
	}
	if n.steps&Trim != 0 && (b[0] <= ' ' || b[len(b)-1] <= ' ') {
		return false
	}
	if fourAtOnce && n.wide && n.least <= '0' && len(b) > viewInline && len(b) <= longClean-2 {
		return n.cleanAtOnce(b)
	}
	return n.cleanInTurn(b)
}

// cleanInTurn is clean, but for the ends of b, character by character.
func (n *normalizer) cleanInTurn(b []byte) bool {
	for i := 0; i < len(b); {
		switch c := b[i]; {
		case c < utf8.RuneSelf:
			if !n.plain[c] {
				return false
			}
			i++
		case 0xe4 <= c && c <= 0xe9 && n.wide && i+2 < len(b) && b[i+1]&0xc0 == 0x80 && b[i+2]&0xc0 == 0x80:
			i += 3 // U+4000 to U+9FFF: no space, case, width or other form, and nothing composes with what is before
			for i+8 <= len(b) && ideographs(binary.LittleEndian.Uint64(b[i:])) {
				i += 6
			}
		default:
			return false
		}
	}
	return true
}

// ideographs tells whether text begins with two characters from U+4000 to U+9FFF, of three bytes each.
func ideographs(x uint64) bool { return noIdeographs(x) == 0 }

// noIdeographs gives zero in those of the first two times three bytes of a text that are a character from U+4000 to U+9FFF.
func noIdeographs(x uint64) uint64 {
	leads := x & 0x0f00000f // of 0xe4 to 0xe9
	below4, above9 := leads+0x0c00000c, leads+0x06000006
	return x&0xc0c0f0c0c0f0 ^ 0x8080e08080e0 | (^below4|above9)&0x10000010
}

// mobile tells whether b is a Chinese mobile number and nothing else.
func mobile(b []byte) bool {
	if len(b) != 11 || b[0] != '1' || b[1] < '3' {
		return false
	}
	return onlyDigits(b)
}

// apply gives the normal form of b: b itself, or scratch that lasts until the next call.
func (n *normalizer) apply(b []byte) []byte {
	if n.clean(b) {
		return b
	}
	for i := range maxRounds {
		out := n.round(n.buf[i&1][:0], b)
		n.buf[i&1] = out
		if bytes.Equal(out, b) {
			return b
		}
		b = out
	}
	return b
}

// round appends b with each step applied once to dst, which does not overlap b.
func (n *normalizer) round(dst, b []byte) []byte {
	dst = append(dst, b...)
	if n.steps&Width != 0 && !ascii(dst) {
		dst = n.swap(dst, foldWidth(n.folded[:0], dst))
	}
	if n.steps&NFKC != 0 && !norm.NFKC.IsNormal(dst) {
		dst = n.swap(dst, norm.NFKC.Append(n.folded[:0], dst...))
	}
	if n.steps&NFC != 0 && !norm.NFC.IsNormal(dst) {
		dst = n.swap(dst, norm.NFC.Append(n.folded[:0], dst...))
	}
	if n.steps&Upper != 0 {
		dst = n.swap(dst, mapRunes(n.folded[:0], dst, unicode.ToUpper))
	}
	if n.steps&Lower != 0 {
		dst = n.swap(dst, mapRunes(n.folded[:0], dst, unicode.ToLower))
	}
	if n.steps&Collapse != 0 {
		dst = n.swap(dst, collapse(n.folded[:0], dst))
	}
	if n.steps&Trim != 0 {
		dst = append(dst[:0], trimSpace(dst)...)
	}
	if n.steps&Digits != 0 {
		dst = n.swap(dst, keepDigits(n.folded[:0], dst))
	}
	if n.steps&Phone != 0 {
		dst = n.swap(dst, phone(n.folded[:0], dst))
	}
	return dst
}

// swap takes the outcome of a step and leaves its input as the next scratch.
func (n *normalizer) swap(in, out []byte) []byte {
	n.folded = in
	return out
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func foldWidth(dst, b []byte) []byte {
	for {
		dst = dst[:cap(dst)]
		n, _, err := width.Fold.Transform(dst, b, true)
		if err != transform.ErrShortDst { // the only error there is for whole texts
			return dst[:n]
		}
		dst = make([]byte, 2*len(dst)+len(b))
	}
}

// mapRunes maps rune by rune; bytes that are no UTF-8 stay.
func mapRunes(dst, b []byte, to func(rune) rune) []byte {
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size == 1 {
			dst = append(dst, b[0])
		} else {
			dst = utf8.AppendRune(dst, to(r))
		}
		b = b[size:]
	}
	return dst
}

func collapse(dst, b []byte) []byte {
	space := false
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		was := space
		if space = unicode.IsSpace(r); !space {
			dst = append(dst, b[:size]...)
		} else if !was {
			dst = append(dst, ' ')
		}
		b = b[size:]
	}
	return dst
}

// keepDigits appends the digits of b, full-width ones as half-width; b itself if there is none.
func keepDigits(dst, b []byte) []byte {
	begin := len(dst)
	for _, r := range string(b) {
		if r >= '０' && r <= '９' {
			r += '0' - '０'
		}
		if r >= '0' && r <= '9' {
			dst = append(dst, byte(r))
		}
	}
	if len(dst) == begin {
		return append(dst, b...)
	}
	return dst
}

// phone appends the phone number b without punctuation: a domestic one as it is dialled at home (mobile 1…, landline 0…), a foreign
// one with + and its country code. What has other characters, or no digit, is appended as it is.
func phone(dst, b []byte) []byte {
	begin, plus := len(dst), false
	for _, r := range string(b) {
		if r >= '！' && r <= '～' { // full-width forms
			r += '!' - '！'
		}
		switch {
		case '0' <= r && r <= '9':
			dst = append(dst, byte(r))
		case r == '+' && !plus && len(dst) == begin:
			plus = true
		case r == '-', r == '.', r == '(', r == ')', unicode.Is(unicode.Pd, r), r == '−', unicode.IsSpace(r):
		default:
			return append(dst[:begin], b...)
		}
	}
	digits := dst[begin:]
	if len(digits) == 0 {
		return append(dst[:begin], b...)
	}
	if !plus && bytes.HasPrefix(digits, []byte("00")) {
		plus = true
		dst = append(dst[:begin], digits[2:]...)
		digits = dst[begin:]
	}
	home, has86 := bytes.CutPrefix(digits, []byte("86"))
	switch {
	case has86 && mobile(home):
		return append(dst[:begin], home...)
	case plus && has86 && len(home) >= 9:
		dst = append(dst[:begin], home...)
		if service := len(home) == 10 && (home[0] == '4' || home[0] == '8') && home[1] == '0' && home[2] == '0'; home[0] != '0' && !service {
			dst = slices.Insert(dst, begin, '0')
		}
	case plus:
		dst = slices.Insert(dst, begin, '+')
	}
	return dst
}
