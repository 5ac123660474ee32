package report

import (
	"encoding/binary"
	"errors"

	"crosscheck/engine/verdict"
)

// Pack is a record on its way to the shelf. Goroutines pack side by side, each its own.
type Pack struct {
	shelf    *Shelf
	board    int
	key      []byte
	findings int
	bytes    []byte // of the findings
}

// NewPack makes one.
func (s *Shelf) NewPack() *Pack { return &Pack{shelf: s} }

// A packed record on a board: the length of its findings in bytes and their number, both as varints; the key, but on the board of those that have
// none; the findings.
const recordHead = 2*binary.MaxVarintLen32 + KeyLen

// Begin begins a record; its key has KeyLen bytes or none.
func (p *Pack) Begin(key []byte) error {
	switch len(key) {
	case 0:
		p.board = keyless
	case KeyLen:
		p.board = 1 + int(key[0])
	default:
		return errors.New("a shelf got something else for a key")
	}
	p.key, p.findings, p.bytes = append(p.key[:0], key...), 0, p.bytes[:0]
	return nil
}

// A packed finding without its key: kind, status, outlier + 1 and what is there, a byte each; field + 1 and in as varints; then, where they are there,
// first_seen and count as varints, the length of the reason as one and the reason; values; consensus and group; carried values; rows as varints.
// Of texts see appendText.
const (
	hasCount byte = 1 << iota
	hasReason
	hasValues
	hasCarry
	hasRows
	hasSeen
)

const packedHead = 4

// Add adds a finding to the record begun last, whose key it has.
func (p *Pack) Add(f *verdict.Finding) {
	there := byte(0)
	if f.Count != 0 {
		there |= hasCount
	}
	if f.Reason != "" {
		there |= hasReason
	}
	if f.Values != nil {
		there |= hasValues
	}
	if f.Carry != nil {
		there |= hasCarry
	}
	if len(f.Rows) > 0 {
		there |= hasRows
	}
	if f.FirstSeen != 0 {
		there |= hasSeen
	}
	b := append(p.bytes, byte(f.Kind), byte(f.Status), byte(f.Outlier+1), there)
	b = appendNumber(b, uint64(f.Field+1))
	b = appendNumber(b, uint64(f.In))
	if there&hasSeen != 0 {
		b = appendNumber(b, uint64(uint32(f.FirstSeen)))
	}
	if there&hasCount != 0 {
		b = binary.AppendVarint(b, f.Count)
	}
	if there&hasReason != 0 {
		b = append(appendNumber(b, uint64(len(f.Reason))), f.Reason...)
	}
	for l, v := range f.Values {
		b = appendText(b, v, f.Values[:l])
	}
	b = appendText(b, f.Consensus, f.Values)
	b = appendText(b, f.Group, nil)
	for _, v := range f.Carry {
		b = appendText(b, v, nil)
	}
	for _, ref := range f.Rows {
		b = appendNumber(b, uint64(ref))
	}
	p.bytes = b
	p.findings++
}

// appendNumber appends a varint. Most are one byte.
func appendNumber(b []byte, n uint64) []byte {
	if n < 0x80 {
		return append(b, byte(n))
	}
	return binary.AppendUvarint(b, n)
}

// appendText appends a text that may be one of some values: 0 for null; the number of the value, from 1; or else the length of the text and the number
// of values and 1, as a varint, and its bytes.
func appendText(b, v []byte, values [][]byte) []byte {
	if v == nil {
		return append(b, 0)
	}
	for l, other := range values {
		if other != nil && string(v) == string(other) {
			return append(b, byte(1+l))
		}
	}
	return append(appendNumber(b, uint64(1+len(values)+len(v))), v...)
}

// End puts the record on the shelf. Records with one key stay in the order in which they are put there. Errors are *WriteError.
func (p *Pack) End() error {
	b := &p.shelf.boards[p.board]
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := p.shelf.makeRoom(b, recordHead+len(p.bytes)); err != nil {
		return err
	}
	b.bytes = appendNumber(b.bytes, uint64(len(p.bytes)))
	b.bytes = appendNumber(b.bytes, uint64(p.findings))
	b.bytes = append(append(b.bytes, p.key...), p.bytes...)
	return nil
}
