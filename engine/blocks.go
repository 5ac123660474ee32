package engine

import (
	"slices"

	"crosscheck/engine/verdict"
)

// blockMemory is what the findings of one block are made of. A sink that is done with a block gives it back (verdict.Block.Done), and the
// next block is made in it: fresh memory is dear, and a night's findings take hundreds of megabytes.
type blockMemory struct {
	findings []verdict.Finding
	texts    chunks[[]byte] // Finding.Values and Carry
	refs     chunks[uint32] // Finding.Rows
	sums     chunks[uint64] // Finding.Hashes
	bytes    chunks[byte]   // texts themselves
}

// chunks gives slices from large chunks, which are kept for the next round.
type chunks[E any] struct {
	all  [][]E
	used int // of all
	free []E // what is left of the last that is used
}

const chunkElements = 8192

// take gives n elements, whatever they hold.
func (c *chunks[E]) take(n int) []E {
	if n > len(c.free) {
		switch {
		case n > chunkElements/8:
			return make([]E, n) // too large to be kept
		case c.used == len(c.all):
			c.all = append(c.all, make([]E, chunkElements))
		}
		c.free = c.all[c.used]
		c.used++
	}
	out := c.free[:n:n]
	c.free = c.free[n:]
	return out
}

// zeroes gives n elements that are zero.
func (c *chunks[E]) zeroes(n int) []E {
	out := c.take(n)
	clear(out)
	return out
}

func (c *chunks[E]) reset() { c.used, c.free = 0, nil }

// next adds a finding behind the others, which is zero. It is made so now and not when its block is done with, for then it is in the processor's caches.
func (m *blockMemory) next() *verdict.Finding {
	n := len(m.findings)
	if n == cap(m.findings) {
		m.findings = slices.Grow(m.findings, 1)
	}
	m.findings = m.findings[:n+1]
	m.findings[n] = verdict.Finding{}
	return &m.findings[n]
}

// keep copies a text, not nil, and returns the copy, not nil.
func (m *blockMemory) keep(text []byte) []byte {
	out := m.bytes.take(len(text))
	if out == nil { // an empty text before any other
		return []byte{}
	}
	copy(out, text)
	return out
}

// block makes the block of the findings in m, which is used again when the block is done with.
func (r *run) block(m *blockMemory) *verdict.Block {
	return &verdict.Block{Findings: m.findings, Release: func() {
		m.findings = m.findings[:0]
		m.texts.reset()
		m.refs.reset()
		m.sums.reset()
		m.bytes.reset()
		r.blocks.Put(m)
	}}
}
