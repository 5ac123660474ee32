// Package shortmac gives SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104) of short messages, two at a time. What a message costs in the library
// is mostly the way to the compression function, and the latency of its instructions, which leaves room for a second message beside.
//
// Messages of up to [Most] bytes go through assembly where the processor has instructions for SHA-256. All others, and all of them where the module is
// to keep to FIPS 140, go through the library, with the same result.
package shortmac

import (
	"crypto/fips140"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

// Most is the length of the longest message that fits a block with its end.
const Most = len(block{}) - 9

type (
	digest [sha256.Size]byte
	block  [sha256.BlockSize]byte
)

// initial is the state that SHA-256 begins with.
var initial = digest{0x6a, 0x09, 0xe6, 0x67, 0xbb, 0x67, 0xae, 0x85, 0x3c, 0x6e, 0xf3, 0x72, 0xa5, 0x4f, 0xf5, 0x3a,
	0x51, 0x0e, 0x52, 0x7f, 0x9b, 0x05, 0x68, 0x8c, 0x1f, 0x83, 0xd9, 0xab, 0x5b, 0xe0, 0xcd, 0x19}

// quick says that assembly is used.
var quick = twoAtOnce && !fips140.Enabled()

// end makes the last block of a message of which the first n bytes are in the block and others were before it.
func (b *block) end(n, before int) {
	clear(b[n:])
	b[n] = 0x80
	binary.BigEndian.PutUint64(b[len(b)-8:], uint64(n+before)*8)
}

// Two is a pair of digests, with the space to make them in. Each goroutine has its own.
type Two struct {
	Sums   [2]digest
	blocks [2]block
}

// Sum sets the digests to SHA-256 of two messages.
func (t *Two) Sum(a, b []byte) {
	if !quick || len(a) > Most || len(b) > Most {
		t.Sums[0], t.Sums[1] = sha256.Sum256(a), sha256.Sum256(b)
		return
	}
	t.blocks[0].end(copy(t.blocks[0][:], a), 0)
	t.blocks[1].end(copy(t.blocks[1][:], b), 0)
	compressTwo(&t.Sums, &initial, &t.blocks)
}

// MAC is HMAC-SHA-256 under one key. Each goroutine has its own.
type MAC struct {
	inner, outer digest // the states behind the key
	library      hash.Hash
}

// New makes one.
func New(key []byte) *MAC {
	m := &MAC{library: hmac.New(sha256.New, key)}
	if !quick {
		return m
	}
	if len(key) > len(block{}) {
		sum := sha256.Sum256(key)
		key = sum[:]
	}
	var pads [2]block
	copy(pads[0][:], key)
	copy(pads[1][:], key)
	for i := range pads[0] {
		pads[0][i] ^= 0x36
		pads[1][i] ^= 0x5c
	}
	var states [2]digest
	compressTwo(&states, &initial, &pads)
	m.inner, m.outer = states[0], states[1]
	return m
}

// Of sets the digests to the HMACs of two messages.
func (m *MAC) Of(t *Two, a, b []byte) {
	if !quick || len(a) > Most || len(b) > Most {
		m.slow(&t.Sums[0], a)
		m.slow(&t.Sums[1], b)
		return
	}
	t.blocks[0].end(copy(t.blocks[0][:], a), len(block{}))
	t.blocks[1].end(copy(t.blocks[1][:], b), len(block{}))
	compressTwo(&t.Sums, &m.inner, &t.blocks)
	t.blocks[0].end(copy(t.blocks[0][:], t.Sums[0][:]), len(block{}))
	t.blocks[1].end(copy(t.blocks[1][:], t.Sums[1][:]), len(block{}))
	compressTwo(&t.Sums, &m.outer, &t.blocks)
}

func (m *MAC) slow(out *digest, message []byte) {
	m.library.Reset()
	m.library.Write(message)
	m.library.Sum(out[:0])
}
