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

// A packed record: the length of what follows and the number of its findings, 4 bytes each; the length of the key, 1 byte; the key; its findings.
const recordHead = 9

// Begin begins a record.
func (p *Pack) Begin(key []byte) error {
	at, err := boardOf(key)
	if err != nil {
		return err
	}
	p.records = append(p.records, packed{board: at})
	p.bytes = append(p.bytes, 0, 0, 0, 0, 0, 0, 0, 0, byte(len(key)))
	p.bytes = append(p.bytes, key...)
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

// A packed finding without its key: kind, status, outlier + 1 and what is there, a byte each; field + 1, in and first_seen, 4 bytes each;
// then, where they are there, count as a varint, the length of the reason as one and the reason; consensus and group; values; carried values; rows, 4
// bytes each. A text is its length + 1 as a varint and its bytes, 0 for null.
const (
	hasCount byte = 1 << iota
	hasReason
	hasValues
	hasCarry
	hasRows
)

const packedHead = 16

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
	b = append(b, byte(f.Kind), byte(f.Status), byte(f.Outlier+1), there)
	b = binary.LittleEndian.AppendUint32(b, uint32(f.Field+1))
	b = binary.LittleEndian.AppendUint32(b, f.In)
	b = binary.LittleEndian.AppendUint32(b, uint32(f.FirstSeen))
	if there&hasCount != 0 {
		b = binary.AppendVarint(b, f.Count)
	}
	if there&hasReason != 0 {
		b = append(binary.AppendUvarint(b, uint64(len(f.Reason))), f.Reason...)
	}
	b = appendText(b, f.Consensus)
	b = appendText(b, f.Group)
	for _, v := range f.Values {
		b = appendText(b, v)
	}
	for _, v := range f.Carry {
		b = appendText(b, v)
	}
	for _, ref := range f.Rows {
		b = binary.LittleEndian.AppendUint32(b, ref)
	}
	return b
}

func appendText(b, v []byte) []byte {
	if v == nil {
		return append(b, 0)
	}
	return append(binary.AppendUvarint(b, uint64(len(v))+1), v...)
}
