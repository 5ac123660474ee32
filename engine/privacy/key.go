package privacy

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	mathbits "math/bits"
	"slices"

	"crosscheck/engine/privacy/secret"
	"crosscheck/engine/privacy/shortmac"
)

// MinKeyBytes is the length of the shortest key, MaxKeyBytes that of the longest text that is one.
const (
	MinKeyBytes = 32
	MaxKeyBytes = 4096
)

// leastDistinct is how many different bytes a key must have: of 32 random bytes, fewer than 16 are different in one key of 10¹⁴.
const leastDistinct = 16

// Errors of ParseKey. They say nothing about what the key holds.
var (
	ErrShortKey = fmt.Errorf("the key is too short: it must have at least %d bytes, as 'crosscheck keygen' makes it", MinKeyBytes)
	ErrLongKey  = fmt.Errorf("this is no key: it is longer than %d bytes", MaxKeyBytes)
	ErrWeakKey  = errors.New("the key repeats itself and is not random; 'crosscheck keygen' makes one that is")
)

// Key is the secret under which a job gives pseudonyms. However it is printed, it says nothing.
type Key struct{ secret secret.Value[[]byte] }

// ParseKey reads a key: hexadecimal or base64 text (either alphabet, with or without padding, white space around it), else the bytes as
// they are.
func ParseKey(text []byte) (*Key, error) {
	if len(text) > MaxKeyBytes {
		return nil, ErrLongKey
	}
	key := slices.Clone(text)
	trimmed := bytes.TrimSpace(text)
	if decoded, err := hex.AppendDecode(nil, trimmed); err == nil {
		key = decoded
	} else {
		plain := bytes.TrimRight(trimmed, "=")
		for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			if decoded, err := alphabet.AppendDecode(nil, plain); err == nil {
				key = decoded
				break
			}
		}
	}
	if len(key) < MinKeyBytes {
		return nil, ErrShortKey
	}
	distinct := map[byte]bool{}
	for _, b := range key {
		distinct[b] = true
	}
	if len(distinct) < leastDistinct {
		return nil, ErrWeakKey
	}
	return &Key{secret: secret.New(key)}, nil
}

// NewKey gives a random key of 32 bytes as text to store: a line of hexadecimal digits.
func NewKey() []byte {
	key := make([]byte, MinKeyBytes)
	_, _ = rand.Read(key) // never fails: the program ends where the system has no randomness
	return append(hex.AppendEncode(nil, key), '\n')
}

// Format implements fmt.Formatter: a key is never printed.
func (k Key) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[pseudonym key]") }

// MarshalText implements encoding.TextMarshaler: a key is never written.
func (k Key) MarshalText() ([]byte, error) { return []byte("[pseudonym key]"), nil }

// idLabel is what the id of a key is the HMAC of. No resident ID or number looks like it.
const idLabel = "\x00crosscheck pseudonym key id"

// ID names the key in outputs: k and the first 60 bits of an HMAC of a fixed label. It tells keys apart and nothing about a key.
func (k *Key) ID() string {
	h := hmac.New(sha256.New, k.secret.Reveal())
	h.Write([]byte(idLabel))
	return string(bitsOf(h.Sum(nil)).appendText([]byte("k"), 12))
}

// PseudonymLen is the length of a pseudonym in bytes.
const PseudonymLen = 26

// Pseudonyms gives the pseudonyms of one key; each goroutine has its own.
type Pseudonyms struct {
	mac   *shortmac.MAC
	two   shortmac.Two
	next  []byte // the key that the second digest is of
	ahead bool   // there is one
}

// Pseudonyms makes one.
func (k *Key) Pseudonyms() *Pseudonyms { return &Pseudonyms{mac: shortmac.New(k.secret.Reveal())} }

// Pseudonym is what a canonical key becomes: the first half of its HMAC is shown, the second one keys the tags of its record.
type Pseudonym struct{ digest [sha256.Size]byte }

// Of makes the pseudonym of a canonical key, and that of the key which will be asked for next beside it, which costs little; next is nil where
// that is not known. It allocates nothing.
func (p *Pseudonyms) Of(canonical, next []byte, out *Pseudonym) {
	if p.ahead && bytes.Equal(p.next, canonical) {
		p.ahead, out.digest = false, p.two.Sums[1]
		return
	}
	p.mac.Of(&p.two, canonical, next)
	p.next, p.ahead = append(p.next[:0], next...), next != nil
	out.digest = p.two.Sums[0]
}

// Shown gives the 128 bits of the HMAC that are shown.
func (p *Pseudonym) Shown() []byte { return p.digest[:16:16] }

// AppendPseudonym appends 128 bits as a pseudonym is written: 26 characters 0-9a-v, whose order is that of the bits.
func AppendPseudonym(dst, shown []byte) []byte { return bitsOf(shown).appendText(dst, PseudonymLen) }

// A tag tells a masked value from others of its finding. It is 128 bits, of which a few are shown.
//
// tags makes the tags of two values of a record: SHA-256 of the record's secret half, a word for where the values stand, and the value.
func (p *Pseudonym) tags(m *tagMaker, where string, a, b []byte) (of [2]bits) {
	for i, value := range [2][]byte{a, b} {
		m.messages[i] = append(m.messages[i][:0], p.digest[16:]...)
		m.messages[i] = append(append(append(m.messages[i], where...), 0), value...)
	}
	m.two.Sum(m.messages[0], m.messages[1])
	return [2]bits{bitsOf(m.two.Sums[0][:]), bitsOf(m.two.Sums[1][:])}
}

// tagMaker is space to make tags in.
type tagMaker struct {
	messages [2][]byte
	two      shortmac.Two
}

// bits are the first 128 bits of a digest.
type bits struct{ hi, lo uint64 }

func bitsOf(digest []byte) bits {
	return bits{binary.BigEndian.Uint64(digest), binary.BigEndian.Uint64(digest[8:])}
}

// ordered is an alphabet whose texts sort as the bits they stand for: 5 bits a character, digits first, then lower-case letters.
const ordered = "0123456789abcdefghijklmnopqrstuv"

// appendText appends the first n characters of the bits; behind them follow zeros.
func (b bits) appendText(dst []byte, n int) []byte {
	const most = 12 // characters that lie in one word
	hi, lo := b.hi, b.lo
	for n > 0 {
		from, some := len(dst), min(n, most)
		dst = slices.Grow(dst, some)[:from+some]
		for i := range dst[from:] {
			dst[from+i] = ordered[hi>>(59-5*i)&31]
		}
		hi, lo = hi<<(5*most)|lo>>(64-5*most), lo<<(5*most)
		n -= some
	}
	return dst
}

// alike says whether the first n characters of two texts are the same.
func (b bits) alike(other bits, n int) bool {
	same := mathbits.LeadingZeros64(b.hi ^ other.hi)
	if same == 64 {
		same += mathbits.LeadingZeros64(b.lo ^ other.lo)
	}
	return same >= min(5*n, 128)
}
