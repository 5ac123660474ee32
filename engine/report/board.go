package report

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"sort"

	"crosscheck/engine/spare"
	"crosscheck/engine/verdict"
)

// sortedBoard is a board in the order of its keys. Its findings are made when somebody asks for them, a batch at a time, so that who takes them
// apart finds them in a cache. The findings of a record are in the order in which they were packed.
type sortedBoard struct {
	levels, carry int
	pool          *spare.Pool[sortedBoard] // where it goes when it is done with: fresh memory is dear
	bytes         []byte                   // the records, as they came
	records       []sorted                 // in order
	findings      int
}

var _ source = (*sortedBoard)(nil)

// sorted is a packed record by the first bytes of its key, by which most pairs sort, its place in the board, from the length of its key to its end, and
// which of the board's findings is its first.
type sorted struct {
	prefix         uint64
	at, end, first int
}

// key gives the key of a record.
func (b *sortedBoard) key(r sorted) []byte {
	from, till := r.at+1, r.at+1+int(b.bytes[r.at])
	return b.bytes[from:till:till]
}

// sort lists the records by key. Those of one key, in practice those without any, keep their order.
func (b *sortedBoard) sort() {
	b.records = b.records[:0]
	for at := 0; at < len(b.bytes); {
		size, n := binary.Uvarint(b.bytes[at:])
		at += n
		findings, n := binary.Uvarint(b.bytes[at:])
		at += n
		r := sorted{at: at, end: at + int(size), first: int(findings)}
		var prefix [8]byte
		copy(prefix[:], b.key(r))
		r.prefix = binary.BigEndian.Uint64(prefix[:])
		b.records = append(b.records, r)
		at = r.end
	}
	slices.SortFunc(b.records, func(x, y sorted) int {
		switch {
		case x.prefix < y.prefix:
			return -1
		case x.prefix > y.prefix:
			return 1
		}
		return cmp.Or(bytes.Compare(b.key(x), b.key(y)), cmp.Compare(x.at, y.at))
	})
	b.findings = 0
	for i := range b.records {
		findings := b.records[i].first
		b.records[i].first = b.findings
		b.findings += findings
	}
}

func (b *sortedBoard) size() int { return b.findings }

func (b *sortedBoard) done() { b.pool.Put(b) }

// batches implements source.
func (b *sortedBoard) batches(first, n int, u *unpacker, take func([]verdict.Finding)) {
	u.begin(b.levels, b.carry)
	record := sort.Search(len(b.records), func(i int) bool { return b.records[i].first > first }) - 1
	for skip := first - b.records[record].first; n > 0; record++ {
		r := b.records[record]
		key := b.key(r)
		for u.in = b.bytes[r.at+1+len(key) : r.end : r.end]; len(u.in) > 0 && n > 0; {
			if u.next(key); skip > 0 {
				skip--
				u.used = 0
				continue
			}
			if n--; u.used == batchRows || n == 0 {
				take(u.findings[:u.used])
				u.used = 0
			}
		}
	}
}

// unpacker makes findings of packed records, in memory that it uses again for each batch.
type unpacker struct {
	levels, carry int
	findings      [batchRows]verdict.Finding
	used          int               // of them
	texts         [][]byte          // a finding: values, then carried values
	refs          []uint32          // a finding: rows
	reasons       map[string]string // one string for all of a text
	in            []byte            // what is not unpacked yet of the record under way
}

// begin gets ready for findings of so many levels and carried columns.
func (u *unpacker) begin(levels, carry int) {
	if u.reasons == nil || u.levels != levels || u.carry != carry {
		u.levels, u.carry = levels, carry
		u.texts, u.refs = make([][]byte, batchRows*(levels+carry)), make([]uint32, batchRows*levels)
		u.reasons = map[string]string{}
	}
	u.used = 0
}

// next unpacks the next finding of the record, which has its key.
func (u *unpacker) next(key []byte) {
	f := &u.findings[u.used]
	texts, refs := u.texts[u.used*(u.levels+u.carry):], u.refs[u.used*u.levels:]
	u.used++
	head := u.in[:packedHead]
	u.in = u.in[packedHead:]
	*f = verdict.Finding{Key: key}
	f.Kind, f.Status, f.Outlier = verdict.Kind(head[0]), verdict.Status(head[1]), int(head[2])-1
	there := head[3]
	f.Field = int(u.number()) - 1
	f.In = uint32(u.number())
	if there&hasSeen != 0 {
		f.FirstSeen = int32(uint32(u.number()))
	}
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
	if there&hasValues != 0 {
		f.Values = u.list(texts[:u.levels:u.levels])
	}
	f.Consensus, f.Group = u.text(f.Values), u.text(nil)
	if there&hasCarry != 0 {
		f.Carry = u.list(texts[u.levels : u.levels+u.carry : u.levels+u.carry])
	}
	if there&hasRows != 0 {
		f.Rows = refs[:u.levels:u.levels]
		for l := range f.Rows {
			f.Rows[l] = binary.LittleEndian.Uint32(u.in[4*l:])
		}
		u.in = u.in[4*u.levels:]
	}
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

// text gives a text that may be one of the values.
func (u *unpacker) text(values [][]byte) []byte {
	switch n := u.number(); n {
	case 0:
		return nil
	case 1:
		at := u.in[0]
		u.in = u.in[1:]
		return values[at]
	default:
		return u.bytes(n - 2)
	}
}

// list fills a list of texts, each of which may be one before it; nil where it is of none.
func (u *unpacker) list(texts [][]byte) [][]byte {
	if len(texts) == 0 {
		return nil
	}
	for i := range texts {
		texts[i] = u.text(texts[:i])
	}
	return texts
}
