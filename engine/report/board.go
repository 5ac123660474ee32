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
	text          func(dst, key []byte) []byte
	keyed         bool // its records have keys
	levels, carry int
	pool          *spare.Pool[sortedBoard] // where it goes when it is done with: fresh memory is dear
	stacks        [][]byte                 // the records, as they came
	read          []byte                   // those that were in the file
	records       []sorted                 // in order
	loose         []sorted                 // before they are
	findings      int
}

var _ source = (*sortedBoard)(nil)

// sorted is a packed record by the first bytes of its key, by which most pairs sort, which of the board's findings is its first, and where it is.
type sorted struct {
	prefix    uint64
	first     int
	stack, at uint32
}

// packed is where a record lies in its stack.
type packed struct {
	key      int // where its key begins; its findings follow
	from, to int // its findings
	findings int
}

// head takes the head of a record apart.
func (b *sortedBoard) head(stack []byte, at int) (r packed) {
	size, at := numberAt(stack, at)
	findings, at := numberAt(stack, at)
	r.key, r.findings, r.from = at, int(findings), at
	if b.keyed {
		r.from += KeyLen
	}
	r.to = r.from + int(size)
	return r
}

// numberAt gives a varint and where what follows it begins. Most are one byte.
func numberAt(b []byte, at int) (uint64, int) {
	if c := b[at]; c < 0x80 {
		return uint64(c), at + 1
	}
	n, size := binary.Uvarint(b[at:])
	return n, at + size
}

// sort lists the records by key: by its second byte first, of which there are all, and then the few of each. Records of one key, in practice those
// without any, keep their order.
func (b *sortedBoard) sort() {
	b.loose = b.loose[:0]
	var ends [256]int
	for i, stack := range b.stacks {
		for at := 0; at < len(stack); {
			p := b.head(stack, at)
			r := sorted{stack: uint32(i), at: uint32(at), first: p.findings}
			if b.keyed {
				r.prefix = binary.BigEndian.Uint64(stack[p.key:])
			}
			ends[byte(r.prefix>>48)]++
			b.loose = append(b.loose, r)
			at = p.to
		}
	}
	from := 0
	for i, n := range ends {
		ends[i] = from
		from += n
	}
	b.records = slices.Grow(b.records[:0], from)[:from]
	for _, r := range b.loose {
		at := &ends[byte(r.prefix>>48)]
		b.records[*at] = r
		*at++
	}
	from = 0
	for _, end := range ends {
		if end-from > 1 {
			slices.SortFunc(b.records[from:end], b.compare)
		}
		from = end
	}
	b.findings = 0
	for i := range b.records {
		findings := b.records[i].first
		b.records[i].first = b.findings
		b.findings += findings
	}
}

// compare compares two records by key, then by place.
func (b *sortedBoard) compare(x, y sorted) int {
	switch {
	case x.prefix < y.prefix:
		return -1
	case x.prefix > y.prefix:
		return 1
	}
	return cmp.Or(bytes.Compare(b.key(x), b.key(y)), cmp.Compare(x.stack, y.stack), cmp.Compare(x.at, y.at))
}

// key gives the key of a record, nil where there is none.
func (b *sortedBoard) key(r sorted) []byte {
	if !b.keyed {
		return nil
	}
	stack := b.stacks[r.stack]
	p := b.head(stack, int(r.at))
	return stack[p.key:p.from]
}

func (b *sortedBoard) size() int { return b.findings }

func (b *sortedBoard) done() {
	clear(b.stacks)
	b.pool.Put(b)
}

// touchRecords is how many records are loaded ahead: they lie all over the board, and loads wait for one another only where one is unpacked.
const touchRecords = 32

// batches implements source.
func (b *sortedBoard) batches(first, n int, u *unpacker, take func([]verdict.Finding)) {
	u.begin(b.levels, b.carry)
	record := sort.Search(len(b.records), func(i int) bool { return b.records[i].first > first }) - 1
	touched := record // records up to here are on their way to the cache
	for skip := first - b.records[record].first; n > 0; record++ {
		if record == touched {
			touched = min(record+touchRecords, len(b.records))
			for _, r := range b.records[record:touched] {
				u.touched += b.stacks[r.stack][r.at]
			}
		}
		r := b.records[record]
		stack := b.stacks[r.stack]
		p := b.head(stack, int(r.at))
		key := u.key(b, stack[p.key:p.from])
		for u.in, u.at = stack[:p.to:p.to], p.from; u.at < p.to && n > 0; {
			if u.next(key); skip > 0 {
				skip--
				u.used = 0
				continue
			}
			if n--; u.used == batchRows || n == 0 {
				take(u.findings[:u.used])
				u.used, u.keys = 0, u.keys[:0]
				key = u.key(b, stack[p.key:p.from]) // for what is left of the record
			}
		}
	}
}

// unpacker makes findings of packed records, in memory that it uses again for each batch.
type unpacker struct {
	levels, carry int
	findings      [batchRows]verdict.Finding
	used          int               // of them
	keys          []byte            // of the findings, as texts
	texts         [][]byte          // a finding: values, then carried values
	refs          []uint32          // a finding: rows
	reasons       map[string]string // one string for all of a text
	in            []byte            // the record under way, and what lies before it
	at            int               // in it: what is not unpacked yet
	touched       byte              // means nothing
}

// begin gets ready for findings of so many levels and carried columns.
func (u *unpacker) begin(levels, carry int) {
	if u.reasons == nil || u.levels != levels || u.carry != carry {
		u.levels, u.carry = levels, carry
		u.texts, u.refs = make([][]byte, batchRows*(levels+carry)), make([]uint32, batchRows*levels)
		u.reasons = map[string]string{}
	}
	u.used, u.keys = 0, u.keys[:0]
}

// key gives the text of a key.
func (u *unpacker) key(b *sortedBoard, key []byte) []byte {
	if !b.keyed {
		return key[:0:0]
	}
	from := len(u.keys)
	u.keys = b.text(u.keys, key)
	return u.keys[from:len(u.keys):len(u.keys)]
}

// next unpacks the next finding of the record, which has its key.
func (u *unpacker) next(key []byte) {
	f := &u.findings[u.used]
	texts, refs := u.texts[u.used*(u.levels+u.carry):], u.refs[u.used*u.levels:]
	u.used++
	head := u.in[u.at : u.at+packedHead]
	u.at += packedHead
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
		f.Count, n = binary.Varint(u.in[u.at:])
		u.at += n
	}
	if there&hasReason != 0 {
		reason := u.bytes(int(u.number()))
		text, known := u.reasons[string(reason)]
		if !known {
			text = string(reason)
			u.reasons[text] = text
		}
		f.Reason = text
	}
	if there&hasValues != 0 {
		f.Values = texts[:u.levels:u.levels]
		for l := range f.Values {
			f.Values[l] = u.text(f.Values[:l])
		}
	}
	f.Consensus, f.Group = u.text(f.Values), u.text(nil)
	if there&hasCarry != 0 && u.carry > 0 {
		f.Carry = texts[u.levels : u.levels+u.carry : u.levels+u.carry]
		for c := range f.Carry {
			f.Carry[c] = u.text(nil)
		}
	}
	if there&hasRows != 0 {
		f.Rows = refs[:u.levels:u.levels]
		for l := range f.Rows {
			f.Rows[l] = uint32(u.number())
		}
	}
}

func (u *unpacker) number() (n uint64) {
	n, u.at = numberAt(u.in, u.at)
	return n
}

func (u *unpacker) bytes(n int) []byte {
	from := u.at
	u.at += n
	return u.in[from:u.at:u.at]
}

// text gives a text that may be one of the values.
func (u *unpacker) text(values [][]byte) []byte {
	switch n := int(u.number()); {
	case n == 0:
		return nil
	case n <= len(values):
		return values[n-1]
	default:
		return u.bytes(n - 1 - len(values))
	}
}
