package privacy

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"

	"crosscheck/engine/privacy/secret"
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

// ordered is an alphabet whose texts sort as the bytes they stand for: 5 bits a character, digits first, then lower-case letters.
var ordered = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// idLabel is what the id of a key is the HMAC of. No resident ID or number looks like it.
const idLabel = "\x00crosscheck pseudonym key id"

// ID names the key in outputs: k and the first 60 bits of an HMAC of a fixed label. It tells keys apart and nothing about a key.
func (k *Key) ID() string {
	h := hmac.New(sha256.New, k.secret.Reveal())
	h.Write([]byte(idLabel))
	return "k" + ordered.EncodeToString(h.Sum(nil))[:12]
}

// PseudonymLen is the length of a pseudonym in bytes.
const PseudonymLen = 26

// Pseudonyms gives the pseudonyms of one key; each goroutine has its own.
type Pseudonyms struct{ mac hash.Hash }

// Pseudonyms makes one.
func (k *Key) Pseudonyms() *Pseudonyms {
	return &Pseudonyms{mac: hmac.New(sha256.New, k.secret.Reveal())}
}

// Pseudonym is what a canonical key becomes: the first half of its HMAC is shown, the second one keys the tags of its record.
type Pseudonym struct{ digest [sha256.Size]byte }

// Of makes the pseudonym of a canonical key. It allocates nothing.
func (p *Pseudonyms) Of(canonical []byte, out *Pseudonym) {
	p.mac.Reset()
	p.mac.Write(canonical)
	p.mac.Sum(out.digest[:0])
}

// AppendText appends the pseudonym: 128 bits of the HMAC as 26 characters 0-9a-v, whose order is that of the bits.
func (p *Pseudonym) AppendText(dst []byte) []byte { return ordered.AppendEncode(dst, p.digest[:16]) }

// tag is what tells a masked value from others of its finding: 128 bits as 26 characters, of which a few are shown.
type tag [PseudonymLen]byte

// tag gives the tag of a value of a record: SHA-256 of the record's secret half, a word for where the value stands, and the value. buf
// is scratch space.
func (p *Pseudonym) tag(buf *[]byte, where string, value []byte) (t tag) {
	b := append((*buf)[:0], p.digest[16:]...)
	b = append(append(append(b, where...), 0), value...)
	*buf = b
	sum := sha256.Sum256(b)
	ordered.Encode(t[:], sum[:16])
	return t
}
