package report

import (
	"encoding/binary"
	"errors"

	"crosscheck/engine/verdict"
)

// Pack is a run of records on their way to the shelf. Goroutines pack side by side, each its own.
type Pack struct {
	records []packed
	bytes   []byte
}

// packed is where a record ends, how many findings it has, and the board it goes to.
type packed struct {
	board    int
	end      int
	findings int
}

// A packed record on a board: the length of what follows the next number, the number of its findings, both as varints; the length of the key, 1
// byte; the key; its findings. In a pack it is the same without the two numbers.

// Begin begins a record.
func (p *Pack) Begin(key []byte) error {
	at, err := boardOf(key)
	if err != nil {
		return err
	}
	p.records = append(p.records, packed{board: at})
	p.bytes = append(append(p.bytes, byte(len(key))), key...)
	return nil
}

// Add adds a finding to the record begun last: its key is that of the record.
func (p *Pack) Add(f *verdict.Finding) {
	p.bytes = appendFinding(p.bytes, f)
	r := &p.records[len(p.records)-1]
	r.findings++
	r.end = len(p.bytes)
}

// boardOf gives the board of a key. Boards are in the order of their keys.
func boardOf(key []byte) (int, error) {
	if len(key) == 0 {
		return 0, nil
	}
	if len(key) < 2 || len(key) > 255 {
		return 0, errors.New("a table in the order of pseudonyms got something else for a key")
	}
	at := 0
	for _, c := range key[:2] {
		switch {
		case c >= '0' && c <= '9':
			at = at<<5 | int(c-'0')
		case c >= 'a' && c <= 'v':
			at = at<<5 | int(c-'a'+10)
		default:
			return 0, errors.New("a table in the order of pseudonyms got something else for a key")
		}
	}
	return at >> 2, nil
}

// A packed finding without its key: kind, status, outlier + 1 and what is there, a byte each; field + 1 and in as varints; then, where they are there,
// first_seen and count as varints, the length of the reason as one and the reason; values; consensus and group; carried values; rows, 4 bytes each. A
// text is 0 for null; 1 and a byte, for one that is the same as that value of the finding; or else its length + 2 as a varint, and its bytes.
const (
	hasCount byte = 1 << iota
	hasReason
	hasValues
	hasCarry
	hasRows
	hasSeen
)

const packedHead = 4

func appendFinding(b []byte, f *verdict.Finding) []byte {
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
	b = append(b, byte(f.Kind), byte(f.Status), byte(f.Outlier+1), there)
	b = binary.AppendUvarint(b, uint64(f.Field+1))
	b = binary.AppendUvarint(b, uint64(f.In))
	if there&hasSeen != 0 {
		b = binary.AppendUvarint(b, uint64(uint32(f.FirstSeen)))
	}
	if there&hasCount != 0 {
		b = binary.AppendVarint(b, f.Count)
	}
	if there&hasReason != 0 {
		b = append(binary.AppendUvarint(b, uint64(len(f.Reason))), f.Reason...)
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
		b = binary.LittleEndian.AppendUint32(b, ref)
	}
	return b
}

// appendText appends a text that may be one of the values.
func appendText(b, v []byte, values [][]byte) []byte {
	if v == nil {
		return append(b, 0)
	}
	for l, other := range values {
		if other != nil && string(v) == string(other) {
			return append(b, 1, byte(l))
		}
	}
	return append(binary.AppendUvarint(b, uint64(len(v))+2), v...)
}
