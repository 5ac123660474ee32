package report

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"crosscheck/engine/spare"
	"crosscheck/engine/spill"
	"crosscheck/engine/verdict"
)

// Shelf takes the findings of a run record by record, in any order of records, and gives them to a writer in the order of their keys, which
// are pseudonyms: empty, or digits and the letters a to v. It is for the tables whose order is not that of the run.
//
// A record's findings go to one of 256 boards by the first 8 bits of the key, packed, in stacks of 32 KiB. Stacks stay in memory while there is
// room, and others move to a temporary file (package spill). At the end one board after the other is read and sorted. In memory are the stacks
// that there is room for, some 8 MiB and one board.
type Shelf struct {
	dir    string
	temp   *spill.File // nil until a stack moves
	boards [numBoards]board
	limit  int // bytes of a stack; tests make it small
	room   int // bytes of full stacks that may stay
}

const (
	numBoards  = 256
	stackBytes = 32 << 10
)

// board holds the records of one range of keys, in the order in which they came: full stacks, then one that is not.
type board struct {
	full  []stack
	bytes []byte
}

// stack is full: in memory, or else in the file.
type stack struct {
	bytes []byte
	moved spill.Extent
}

// NewShelf makes an empty shelf with room for so many bytes; its temporary file will be made in dir.
func NewShelf(dir string, room int) *Shelf { return &Shelf{dir: dir, limit: stackBytes, room: room} }

// Close lets go of the temporary file.
func (s *Shelf) Close() error {
	if s.temp == nil {
		return nil
	}
	err := s.temp.Close()
	s.temp = nil
	return err
}

// Pack is a run of records on their way to the shelf. Goroutines pack side by side, each its own.
type Pack struct {
	records []packed
	bytes   []byte
}

// packed is where a record ends, and the board it goes to.
type packed struct {
	board int
	end   int
}

// A packed record: the length of what follows, 4 bytes; the length of the key, 1 byte; the key; its findings.

// Begin begins a record.
func (p *Pack) Begin(key []byte) error {
	at, err := boardOf(key)
	if err != nil {
		return err
	}
	p.records = append(p.records, packed{board: at})
	p.bytes = append(p.bytes, 0, 0, 0, 0, byte(len(key)))
	p.bytes = append(p.bytes, key...)
	return nil
}

// Add adds a finding to the record begun last: its key is that of the record.
func (p *Pack) Add(f *verdict.Finding) {
	p.bytes = appendFinding(p.bytes, f)
	p.records[len(p.records)-1].end = len(p.bytes)
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

// Take moves what is packed to the shelf and empties the pack. It is called by one goroutine at a time. Errors are *WriteError.
func (s *Shelf) Take(p *Pack) error {
	from := 0
	for _, r := range p.records {
		record := p.bytes[from:r.end]
		binary.LittleEndian.PutUint32(record, uint32(len(record)-4))
		from = r.end
		b := &s.boards[r.board]
		b.bytes = append(b.bytes, record...)
		if len(b.bytes) >= s.limit {
			if err := s.put(b); err != nil {
				return err
			}
		}
	}
	p.records, p.bytes = p.records[:0], p.bytes[:0]
	return nil
}

// put ends a board's stack.
func (s *Shelf) put(b *board) error {
	if n := len(b.bytes); n <= s.room {
		s.room -= n
		b.full = append(b.full, stack{bytes: b.bytes})
		b.bytes = make([]byte, 0, s.limit+s.limit/16)
		return nil
	}
	if s.temp == nil {
		temp, err := spill.Create(s.dir)
		if err != nil {
			return s.fault(err)
		}
		s.temp = temp
	}
	e, err := s.temp.Write(b.bytes)
	if err != nil {
		return s.fault(err)
	}
	b.full = append(b.full, stack{moved: e})
	b.bytes = b.bytes[:0]
	return nil
}

// fault gives the *WriteError of a fault of the temporary file.
func (s *Shelf) fault(err error) error {
	return &WriteError{s.dir, fmt.Errorf("temporary file: %w", errors.Unwrap(err))}
}

// WriteTo gives all findings to a writer that is begun, for a table of so many levels and carried columns. The shelf is empty afterwards.
func (s *Shelf) WriteTo(ctx context.Context, w Writer, levels, carry int) error {
	reasons := map[string]string{}
	var pool spare.Pool[boardMemory]
	for i := range s.boards {
		m := pool.Get()
		if err := s.load(&s.boards[i], m); err != nil {
			return err
		}
		s.boards[i] = board{}
		if len(m.bytes) == 0 {
			pool.Put(m)
			continue
		}
		m.sort()
		u := unpacker{levels: levels, carry: carry, reasons: reasons, m: m}
		m.order()
		u.unpack()
		if err := w.Write(ctx, &verdict.Block{Findings: m.findings, Release: func() { pool.Put(m) }}); err != nil {
			return err
		}
	}
	return nil
}

// load has all bytes of a board in m.
func (s *Shelf) load(b *board, m *boardMemory) error {
	n := len(b.bytes) + spill.Overhead
	for _, k := range b.full {
		n += len(k.bytes) + k.moved.N
	}
	m.bytes = slices.Grow(m.bytes[:0], n)
	for _, k := range b.full {
		if k.bytes != nil {
			m.bytes = append(m.bytes, k.bytes...)
			continue
		}
		piece, err := s.temp.Read(k.moved, m.bytes[len(m.bytes):])
		if err != nil {
			return s.fault(err)
		}
		m.bytes = m.bytes[:len(m.bytes)+len(piece)]
	}
	m.bytes = append(m.bytes, b.bytes...)
	return nil
}

// boardMemory is what the findings of a board are made of. It is used again when the writer is done with them: fresh memory is dear.
type boardMemory struct {
	bytes    []byte   // of the board, as they came
	ordered  []byte   // in the order of their keys; texts point into it
	records  []sorted // in that order
	findings []verdict.Finding
	texts    [][][]byte // chunks that lists of texts are taken from
	refs     [][]uint32 // chunks that rows are taken from
}

// sorted is a packed record by the first bytes of its key, by which most pairs sort, and its place in the board.
type sorted struct {
	prefix uint64
	at     int
}

// key and packed give the key and the findings of a packed record.
func (m *boardMemory) key(at int) []byte {
	end := at + 5 + int(m.bytes[at+4])
	return m.bytes[at+5 : end : end]
}

func (m *boardMemory) packed(at int) []byte {
	end := at + 4 + int(binary.LittleEndian.Uint32(m.bytes[at:]))
	return m.bytes[at+5+int(m.bytes[at+4]) : end : end]
}

// sort lists the records by key. Those of one key, in practice those without any, keep their order.
func (m *boardMemory) sort() {
	m.records = m.records[:0]
	for at := 0; at < len(m.bytes); at += 4 + int(binary.LittleEndian.Uint32(m.bytes[at:])) {
		var prefix [8]byte
		copy(prefix[:], m.key(at))
		m.records = append(m.records, sorted{binary.BigEndian.Uint64(prefix[:]), at})
	}
	slices.SortFunc(m.records, func(a, b sorted) int {
		switch {
		case a.prefix < b.prefix:
			return -1
		case a.prefix > b.prefix:
			return 1
		}
		return cmp.Or(bytes.Compare(m.key(a.at), m.key(b.at)), cmp.Compare(a.at, b.at))
	})
}

// order lays the records out in their order, so that who writes the findings goes through memory from its begin to its end.
func (m *boardMemory) order() {
	m.ordered = slices.Grow(m.ordered[:0], len(m.bytes))
	for i, r := range m.records {
		m.records[i].at = len(m.ordered)
		m.ordered = append(m.ordered, m.bytes[r.at:r.at+4+int(binary.LittleEndian.Uint32(m.bytes[r.at:]))]...)
	}
	m.bytes, m.ordered = m.ordered, m.bytes
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

// unpacker makes findings of a board, in its memory.
type unpacker struct {
	levels, carry int
	reasons       map[string]string // one string for all of a text
	m             *boardMemory

	in           []byte
	texts        [][]byte // what is left of the last chunk that is used
	refs         []uint32
	usedT, usedR int // chunks used
}

// unpack makes the findings of the sorted records.
func (u *unpacker) unpack() {
	u.m.findings = u.m.findings[:0]
	for _, r := range u.m.records {
		key := u.m.key(r.at)
		for u.in = u.m.packed(r.at); len(u.in) > 0; {
			u.m.findings = append(u.m.findings, verdict.Finding{Key: key})
			u.finding(&u.m.findings[len(u.m.findings)-1])
		}
	}
}

// finding fills in a finding that has its key.
func (u *unpacker) finding(f *verdict.Finding) {
	head := u.in[:packedHead]
	u.in = u.in[packedHead:]
	f.Kind, f.Status, f.Outlier = verdict.Kind(head[0]), verdict.Status(head[1]), int(head[2])-1
	there := head[3]
	f.Field = int(binary.LittleEndian.Uint32(head[4:])) - 1
	f.In = binary.LittleEndian.Uint32(head[8:])
	f.FirstSeen = int32(binary.LittleEndian.Uint32(head[12:]))
	if there&hasCount != 0 {
		n := 0
		f.Count, n = binary.Varint(u.in)
		u.in = u.in[n:]
	}
	if there&hasReason != 0 {
		reason := u.bytes(u.number())
		text, known := u.reasons[string(reason)]
		if !known {
			text = string(reason)
			u.reasons[text] = text
		}
		f.Reason = text
	}
	f.Consensus, f.Group = u.text(), u.text()
	if there&hasValues != 0 {
		f.Values = u.list(u.levels)
	}
	if there&hasCarry != 0 {
		f.Carry = u.list(u.carry)
	}
	if there&hasRows != 0 {
		f.Rows = take(&u.m.refs, &u.refs, &u.usedR, u.levels)
		for l := range f.Rows {
			f.Rows[l] = binary.LittleEndian.Uint32(u.in[4*l:])
		}
		u.in = u.in[4*u.levels:]
	}
}

// take gives n elements of the chunks of a board's memory, which hold what they held before.
func take[E any](chunks *[][]E, left *[]E, used *int, n int) []E {
	if len(*left) < n {
		if *used == len(*chunks) {
			*chunks = append(*chunks, make([]E, max(n, 4096)))
		}
		*left = (*chunks)[*used]
		*used++
	}
	out := (*left)[:n:n]
	*left = (*left)[n:]
	return out
}

func (u *unpacker) number() uint64 {
	if u.in[0] < 0x80 { // most are one byte
		x := uint64(u.in[0])
		u.in = u.in[1:]
		return x
	}
	x, n := binary.Uvarint(u.in)
	u.in = u.in[n:]
	return x
}

func (u *unpacker) bytes(n uint64) []byte {
	b := u.in[:n:n]
	u.in = u.in[n:]
	return b
}

func (u *unpacker) text() []byte {
	n := u.number()
	if n == 0 {
		return nil
	}
	return u.bytes(n - 1)
}

// list gives n texts, nil where n is 0.
func (u *unpacker) list(n int) [][]byte {
	if n == 0 {
		return nil
	}
	list := take(&u.m.texts, &u.texts, &u.usedT, n)
	for i := range list {
		list[i] = u.text()
	}
	return list
}
