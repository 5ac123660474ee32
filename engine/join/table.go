package join

import (
	"math"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"

	"crosscheck/engine/offheap"
	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
)

// Shape says what a table holds for a record.
type Shape struct {
	Levels   int      // compared levels, then rosters: levels without fields, added after the others
	Compared int      // how many of them are compared
	WideKeys bool     // keys need record.Key.Hi
	Groups   []uint32 // a group of fields: the levels that have them, bit by bit
	Group    []int    // a field: the index of its group
	Each     uint32   // levels of which each row is kept of a key that they hold more than once, bit by bit
	Weights  uint64   // the bits that are taken of the weights of syndromes
}

// Table is the records of all levels added so far.
type Table struct {
	shape  Shape
	bits   uint // the partition is this many top bits of the hash
	parts  []partition
	all    uint32 // the bits of all compared levels
	simple bool   // one group that all levels have

	locators []record.Locator // a group
	located  []int            // Shape.Located
	syns     int              // syndromes of a record
	homes    atomic.Pointer[homes]

	fpWord int       // index of the first fingerprint in an entry
	rfWord int       // index of the word with the reference on the first level
	stride int       // words an entry
	spare  sync.Pool // of *[]uint32, for partition.held

	mu     sync.Mutex // of rooms, slabs, and where partitions are
	rooms  []*room    // a partition that outgrows its share of one moves to the next
	strays int        // partitions that moved to memory of their own in place of the second room
	slabs  []slab
	most   int                     // records of a partition where there are as many records as rows
	grow   func(bytes int64) error // Growth.Ask
}

// Growth is how a table becomes larger that turns out to hold more records than it was made for.
type Growth struct {
	Rows int64                   // so many will be added: no more records are likely
	Ask  func(bytes int64) error // is asked before so many bytes more are taken; its error becomes that of Add. nil: as many as it takes
}

// room is memory for the records of all partitions, of which each has as large a share.
type room struct {
	records   int // of a partition
	entries   []uint64
	syndromes []uint64
	slots     []uint32
}

// partition is the records of some keys, one after the other as they came, and an index of them.
type partition struct {
	mu        sync.Mutex
	index     index
	entries   []uint64 // a record: Table.stride words; there is room for as many as index has
	syndromes []uint64 // a record: the syndromes of its base, Table.syns
	records   int
	from, to  int16     // of Table.rooms: where it is, and where it moves to; none once it is dropped
	*repeats            // nil as long as there are none
	held      *[]uint32 // a record: the levels that hold it; between Open and Close
	stray     bool      // it is in memory of its own in place of the second room
	_         [16]byte  // keeps the locks of neighbours on different cache lines
}

// NewTable makes a table in the given number of partitions (a power of two) with room for the expected number of records. The
// caller releases it.
func NewTable(shape Shape, partitions int, expect int64, growth Growth) *Table {
	return newTable(shape, partitions, expect, growth, nil)
}

// Next makes a table like NewTable, of the same shape, in the memory of one that must not be used any more: memory that is new is dear.
func (t *Table) Next(partitions int, expect int64, growth Growth) *Table {
	old := t.slabs
	t.slabs, t.rooms, t.parts = nil, nil, nil
	return newTable(t.shape, partitions, expect, growth, old)
}

func newTable(shape Shape, partitions int, expect int64, growth Growth, old []slab) *Table {
	t := &Table{
		most:  roomOf(partitions, growth.Rows),
		grow:  growth.Ask,
		shape: shape,
		bits:  uint(bits.TrailingZeros(uint(partitions))),
		parts: make([]partition, partitions),
		all:   1<<shape.Compared - 1,
	}
	for g := range shape.Groups {
		var fields []int
		for f, of := range shape.Group {
			if of == g {
				fields = append(fields, f)
			}
		}
		t.locators = append(t.locators, record.NewLocator(fields, shape.Weights))
	}
	t.simple = len(shape.Groups) == 1 && shape.Groups[0] == t.all
	t.fpWord, t.rfWord, t.stride = shape.words()
	t.located, t.syns = shape.Located()
	t.makeRoom(roomOf(partitions, expect), &old)
	for _, s := range old {
		s.free()
	}
	for i := range t.parts {
		t.parts[i].enter(t, i, 0)
	}
	return t
}

// makeRoom adds a room, in some old slabs or in new memory. Its memory is zero.
func (t *Table) makeRoom(records int, old *[]slab) {
	n := len(t.parts)
	r := &room{
		records:   records,
		entries:   arrow.Uint64Traits.CastFromBytes(t.slab(n, records*t.stride*8, old)),
		syndromes: arrow.Uint64Traits.CastFromBytes(t.slab(n, records*t.syns*8, old)),
		slots:     arrow.Uint32Traits.CastFromBytes(t.slab(n, slotsOf(records)*4, old)),
	}
	t.rooms = append(t.rooms, r)
	h := homes{first: &r.slots[0], size: slotsOf(records) - beyond, skip: t.bits, shift: (64 - t.bits) & 63}
	if n > 1 {
		h.share = slotsOf(records) * 4
	}
	t.homes.Store(&h)
}

// enter gives partition i its share of a room.
func (p *partition) enter(t *Table, i, room int) {
	r := t.rooms[room]
	p.index = newIndex(share(r.slots, i, slotsOf(r.records)), r.records, t.bits)
	p.entries = share(r.entries, i, r.records*t.stride)
	p.syndromes = share(r.syndromes, i, r.records*t.syns)
	p.to = int16(room)
}

// nextRoom has partition i enter the next room, which is a quarter larger than the first one, for a table is made for about as many records as there are, or
// twice as large as any other, but as large as the rows need if that is less, or hardly more. It stays in the one where it is until leave is called. The first that leave their first
// room have memory of their own in place of the second one: chance has some of them outgrow a table that is large enough, and huge pages are shared by many.
func (t *Table) nextRoom(i int) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := &t.parts[i]
	next := int(p.from) + 1
	stray, records := next == 1 && t.strays < len(t.parts)/4, t.recordsOf(next)
	if err := t.ask(stray, next, records); err != nil {
		return err
	}
	if stray {
		t.strays++
		p.stray = true
		p.index = newIndex(make([]uint32, slotsOf(records)), records, t.bits)
		p.entries, p.syndromes = make([]uint64, records*t.stride), make([]uint64, records*t.syns)
		p.to = 1
		return nil
	}
	for len(t.rooms) <= next {
		t.makeRoom(t.recordsOf(len(t.rooms)), new([]slab))
	}
	p.enter(t, i, next)
	return nil
}

// ask asks Growth for the memory of a stray, or of a room that is not there yet.
func (t *Table) ask(stray bool, room, records int) error {
	switch {
	case t.grow == nil:
		return nil
	case stray:
		return t.grow(t.shareBytes(records))
	case room < len(t.rooms):
		return nil
	}
	return t.grow(int64(len(t.parts)) * t.shareBytes(records))
}

// recordsOf gives how many records of a partition there is place for in a room.
func (t *Table) recordsOf(room int) int {
	n := t.rooms[0].records
	for i := range room {
		more := 2 * n
		if i == 0 {
			more = (n + n/4 + 8) &^ 1
		}
		if n < t.most && (more > t.most || i > 0 && more+more/4 >= t.most) { // for less than a quarter more no other move pays
			more = t.most
		}
		n = more
	}
	return n
}

// shareBytes is what a partition takes of a room for so many records, of so many words each.
func shareBytes(records, words int) int64 { return int64(slotsOf(records)*4 + records*words*8) }

func (t *Table) shareBytes(records int) int64 { return shareBytes(records, t.stride+t.syns) }

// leave has partition i be in the room alone that it entered last.
func (t *Table) leave(i int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	left := t.parts[i].from
	t.parts[i].from = t.parts[i].to
	t.parts[i].stray = t.parts[i].stray && left == 0
	t.giveBack(i, int(left))
}

// share gives the i-th n elements of all.
func share[E any](all []E, i, n int) []E { return all[i*n : (i+1)*n : (i+1)*n] }

// words gives the words of an entry: the first fingerprint, the first references, and how many there are.
func (s *Shape) words() (fp, rf, stride int) {
	fp = 1
	if s.WideKeys {
		fp = 2
	}
	rf = fp + len(s.Groups)
	return fp, rf, rf + (s.Levels+1)/2
}

// Located gives for each group of more than one field the place of its syndrome among those of a record, -1 for the others, of which nothing needs to be
// located, and how many there are.
func (s *Shape) Located() (located []int, n int) {
	fields := make([]int, len(s.Groups))
	for _, g := range s.Group {
		fields[g]++
	}
	for _, f := range fields {
		if f > 1 {
			located = append(located, n)
			n++
		} else {
			located = append(located, -1)
		}
	}
	return located, n
}

// roomOf is for how many records a partition has room at first. Hashing spreads them evenly: it holds the mean give or take a few standard
// deviations. It is even, so that entries of four words lie in one cache line.
func roomOf(partitions int, expect int64) int {
	return (int(expect)/partitions + int(expect)/partitions/32 + 33) &^ 1
}

// Bytes is what a table takes that NewTable makes.
func Bytes(shape Shape, partitions int, expect int64) int64 {
	_, _, stride := shape.words()
	_, syns := shape.Located()
	return int64(partitions) * shareBytes(roomOf(partitions, expect), stride+syns)
}

// Bytes is what the table takes now: the rooms where any partition is, or moves to.
func (t *Table) Bytes() (n int64) {
	for i := range t.parts {
		p := &t.parts[i]
		p.mu.Lock()
		n += p.repeats.bytes()
		p.mu.Unlock()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	used := make([]bool, len(t.rooms))
	for i := range t.parts {
		p := &t.parts[i]
		if p.stray {
			n += t.shareBytes(t.recordsOf(1))
		}
		for room := int(p.from); room <= int(p.to); room++ {
			if room < len(used) && !(p.stray && room == 1) {
				used[room] = true
			}
		}
	}
	for i, r := range t.rooms {
		if used[i] {
			n += int64(len(t.parts)) * t.shareBytes(r.records)
		}
	}
	return n
}

// slab is memory of which each partition has a share.
type slab struct {
	bytes []byte
	room  int  // of Table.rooms
	share int  // bytes of a partition
	heap  bool // else it lies outside the Go heap
}

func (s *slab) free() {
	if !s.heap {
		offheap.Free(s.bytes)
	}
}

// slab gives zeroed bytes for each partition that live until Drop or Release, in one of some old slabs, which it takes, or in new memory.
func (t *Table) slab(partitions, share int, old *[]slab) []byte {
	n := partitions * share
	fits := -1
	for i, s := range *old {
		if len(s.bytes) >= n && (fits < 0 || len(s.bytes) < len((*old)[fits].bytes)) {
			fits = i
		}
	}
	var s slab
	if fits >= 0 {
		s = (*old)[fits]
		*old = slices.Delete(*old, fits, fits+1)
		clear(s.bytes[:n])
	} else if s.bytes = offheap.New(n); s.bytes == nil {
		s = slab{bytes: make([]byte, n), heap: true}
	}
	s.share, s.room = share, len(t.rooms)
	t.slabs = append(t.slabs, s)
	return s.bytes[:n]
}

// Drop gives back the memory of partition p, which must not be used any more: whole pieces of the table, once all partitions that lie in them are dropped.
// Partitions are dropped by any goroutine.
func (t *Table) Drop(p int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	part := &t.parts[p]
	room := int(part.from)
	part.from, part.to = math.MaxInt16, -1
	part.index, part.entries, part.syndromes, part.repeats, part.stray = index{}, nil, nil, nil, false
	t.giveBack(p, room)
}

// giveBack gives back the pieces of a room in which partition p was and no other one is.
func (t *Table) giveBack(p, room int) {
	for _, s := range t.slabs {
		if s.room != room || s.heap {
			continue
		}
		for from := p * s.share / offheap.Page * offheap.Page; from < (p+1)*s.share; from += offheap.Page {
			till := min(from+offheap.Page, len(s.bytes))
			free := true
			for q := from / s.share; q < len(t.parts) && q*s.share < till; q++ {
				free = free && (room < int(t.parts[q].from) || int(t.parts[q].to) < room)
			}
			if free {
				offheap.Clear(s.bytes[from:till])
			}
		}
	}
}

// Release gives the table's memory back. The table must not be used any more.
func (t *Table) Release() {
	for _, s := range t.slabs {
		s.free()
	}
	t.slabs, t.rooms, t.parts = nil, nil, nil
}

// Partitions is the number of partitions.
func (t *Table) Partitions() int { return len(t.parts) }

// Len is the number of records in partition p. They are numbered from 0.
func (t *Table) Len(p int) int { return t.parts[p].records }

// entry gives the words of a record.
func (t *Table) entry(p int, rec uint32) []uint64 {
	at := int(rec) * t.stride
	return t.parts[p].entries[at : at+t.stride]
}

// Key gives the key of a record.
func (t *Table) Key(p int, rec uint32) record.Key {
	e := t.entry(p, rec)
	hi := uint64(0)
	if t.shape.WideKeys {
		hi = e[1]
	}
	return record.KeyOf(e[0], hi)
}

// FP gives the fingerprint of the record's base in group g.
func (t *Table) FP(p int, rec uint32, g int) uint64 { return t.entry(p, rec)[t.fpWord+g] }

// The last words of an entry, seen as halves: a reference a level.

// refOf gives the reference on a level from the last words of an entry.
func refOf(refs []uint64, level int) uint32 {
	return uint32(refs[level>>1] >> (level & 1 * 32))
}

// addRef sets it where it is 0.
func addRef(refs []uint64, level int, ref uint32) {
	refs[level>>1] |= uint64(ref) << (level & 1 * 32)
}

// Ref gives the reference of the row that stands for the record on a level, 0 where the level lacks it.
func (t *Table) Ref(p int, rec uint32, level int) uint32 {
	return refOf(t.entry(p, rec)[t.rfWord:], level)
}

// SetRef sets it.
func (t *Table) SetRef(p int, rec uint32, level int, ref uint32) {
	refs := t.entry(p, rec)[t.rfWord:]
	refs[level>>1] &^= math.MaxUint32 << (level & 1 * 32)
	addRef(refs, level, ref)
}

// In gives the levels that hold the record, bit by bit.
func (t *Table) In(p int, rec uint32) uint32 { return in(t.entry(p, rec)[t.rfWord:]) }

// Open gives the levels that hold each record of partition p, bit by bit, once all rows are added. It is for one goroutine a partition; what
// it gives is valid until Close.
func (t *Table) Open(p int) (held []uint32) {
	part := &t.parts[p]
	part.held, _ = t.spare.Get().(*[]uint32)
	if part.held == nil {
		part.held = new([]uint32)
	}
	held = extend((*part.held)[:0], part.records)
	*part.held = held
	entries, refs := part.entries[:part.records*t.stride], t.stride-t.rfWord
	if refs == 2 { // up to four levels, as nearly all have
		for rec, at := 0, t.rfWord; at+1 < len(entries); rec, at = rec+1, at+t.stride {
			held[rec] = ofTwo(entries[at]) | ofTwo(entries[at+1])<<2
		}
		return held
	}
	for rec := range held {
		at := rec * t.stride
		held[rec] = in(entries[at+t.rfWord : at+t.stride])
	}
	return held
}

// Close ends Open.
func (t *Table) Close(p int) {
	part := &t.parts[p]
	t.spare.Put(part.held)
	part.held = nil
}

// in gives the levels that have a reference, bit by bit, from the last words of an entry.
func in(refs []uint64) (in uint32) {
	for i, two := range refs {
		in |= ofTwo(two) << (2 * i)
	}
	return in
}

// ofTwo gives which of two levels have a reference in a word.
func ofTwo(refs uint64) uint32 { return bit(uint32(refs) != 0) | bit(refs>>32 != 0)<<1 }

func bit(is bool) uint32 {
	if is {
		return 1
	}
	return 0
}

// extend makes s longer by n elements, whatever they hold.
func extend[E any](s []E, n int) []E {
	return slices.Grow(s, n)[:len(s)+n]
}
