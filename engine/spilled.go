package engine

import (
	"context"
	"math/bits"
	"slices"

	"crosscheck/engine/join"
	"crosscheck/engine/record"
	"crosscheck/engine/spare"

	"github.com/apache/arrow/go/v17/arrow"
)

// spilled runs with the rows spilled by ranges of keys. Some ranges after the other come back and are joined, as many as there is memory for a
// table; their suspects are kept until there is no memory for more, and are then written. Where that would be often, each time with the levels read again,
// they are parked in place of that until all are. So levels are read again a few times at most, however many ranges there are and records differ.
func (r *run) spilled(ctx context.Context, sink Sink) (err error) {
	r.progress.begin("load", r.plan.totalRows())
	if err := r.phase(ctx, "load", r.spillAll); err != nil {
		return err
	}
	defer func() {
		r.releaseTable()
		err = r.over.close(err)
	}()
	m := r.plan.Memory
	m.Loaded = true
	r.opt.fitted(m, m.Table)
	r.progress.begin("join", r.over.total())
	r.progress.hold()
	r.summary.Phases = append(r.summary.Phases, Phase{Name: "join"}) // before the others, of which rows without a key have some
	if err := r.writeNoKey(ctx, sink); err != nil {
		return err
	}
	var groups []*parked
	begin := 0 // of the group under way
	for from, size := 0, (unitSize{records: 1}); from < len(r.over.ranges); {
		u := r.nextUnit(from, size)
		if err := r.phase(ctx, "join", func(ctx context.Context) error { return r.joinUnit(ctx, u, &size) }); err != nil {
			return err
		}
		from = u.to
		last := from == len(r.over.ranges)
		if !last && (len(r.plan.typo) > 0 || r.keptBytes()+size.last <= r.suspectsBudget()) {
			continue // keys with typos may be of any two ranges
		}
		r.releaseTable() // for what is read takes memory
		if len(groups) > 0 || r.parks(begin, from) {
			if err := r.phase(ctx, "gather", func(ctx context.Context) error {
				p, err := r.park(ctx)
				groups = append(groups, p)
				return err
			}); err != nil {
				return err
			}
		} else {
			if err := r.roomForReport(ctx); err != nil {
				return err
			}
			if err := r.writeGroup(ctx, sink, last); err != nil {
				return err
			}
		}
		begin = from
	}
	if err := r.writeParked(ctx, sink, groups); err != nil {
		return err
	}
	for _, phase := range r.summary.Phases[1:] {
		r.progress.end(phase)
	}
	return nil
}

// spillAll reads all levels and spills their rows.
func (r *run) spillAll(ctx context.Context) (err error) {
	if r.over, err = r.newOverflow(ctx); err != nil {
		return err
	}
	err = r.load(ctx)
	if err == nil {
		err = r.parallel(ctx, len(r.workers), func(i int) error { return r.workers[i].flush() })
	}
	for _, w := range r.workers {
		if w.out != nil {
			w.out.Flush()
		}
		w.drains, w.out, w.routed = nil, nil, routed{}
	}
	if failed := r.over.behind.Wait(); err == nil {
		err = failed
	}
	r.over.behind = nil
	if err != nil {
		err = r.over.close(err)
	}
	return err
}

// writeGroup writes the suspects of the records joined since it was called last.
func (r *run) writeGroup(ctx context.Context, sink Sink, last bool) error {
	if err := r.phase(ctx, "gather", r.gatherAll); err != nil {
		return err
	}
	if err := r.phase(ctx, "write", func(ctx context.Context) error { return r.write(ctx, sink, last) }); err != nil {
		return err
	}
	r.forgetFindings()
	r.gathered = false
	r.forgetTexts()
	return nil
}

// forgetFindings lets go of the findings, in whose memory the next ones are kept.
func (r *run) forgetFindings() {
	for i := range r.findings {
		r.spareFindings.Put(r.findings[i].memory())
	}
	r.findings = nil
}

// writeParked reads what parked groups want and writes their suspects.
func (r *run) writeParked(ctx context.Context, sink Sink, groups []*parked) error {
	if len(groups) == 0 {
		return nil
	}
	r.spareFindings = spare.Pool[partFindings]{} // for what is read takes as much
	for _, w := range r.workers {
		w.caught, w.parked = nil, parkedWants{}
	}
	if err := r.phase(ctx, "gather", func(ctx context.Context) error { return r.readParked(ctx, groups) }); err != nil {
		return err
	}
	for i, p := range groups {
		if err := r.phase(ctx, "gather", func(ctx context.Context) error { return r.unpark(ctx, p) }); err != nil {
			return err
		}
		if err := r.writeGroup(ctx, sink, i == len(groups)-1); err != nil {
			return err
		}
		groups[i] = nil
	}
	return nil
}

// writeNoKey writes the rows without a key, as many at a time as there is memory for, in whole blocks.
func (r *run) writeNoKey(ctx context.Context, sink Sink) error {
	most := max(int(r.suspectsBudget()/noKeyBytes)/blockRecords, 1) * blockRecords
	if len(r.noKey) > blockRecords { // of fewer the report is small
		if err := r.roomForReport(ctx); err != nil {
			return err
		}
	}
	for rows := range slices.Chunk(r.noKey, most) {
		r.noKey = rows
		if err := r.writeGroup(ctx, sink, false); err != nil {
			return err
		}
	}
	return nil
}

// unit is ranges that are joined in one table, or a range in several, one after the other.
type unit struct {
	from, to int   // of overflow.ranges
	expect   int64 // records
	tables   int   // a power of two
}

// unitSize is what the units so far say about the next one.
type unitSize struct {
	known    bool
	records  float64 // for each row of the level that has most
	suspects float64 // bytes that are kept of them, likewise
	last     int64   // bytes that were kept of the unit before
}

func (r *run) tableBudget() int64    { return r.plan.Memory.limit * tableShare / 100 }
func (r *run) suspectsBudget() int64 { return r.plan.Memory.limit * suspectsShare / 100 }

// nextUnit takes as many ranges as there is memory for, one at first.
func (r *run) nextUnit(from int, size unitSize) unit {
	u := unit{from: from, to: from, tables: 1}
	rows := make([]int64, len(r.plan.levels))
	for u.to < len(r.over.ranges) {
		most := int64(0)
		for l, n := range r.over.ranges[u.to].rows {
			rows[l] += n
			most = max(most, rows[l])
		}
		expect := int64(float64(most) * size.records)
		if u.to > from && (!size.known || join.Bytes(r.shape, r.partitionsFor(expect), expect) > r.tableBudget() || int64(float64(most)*size.suspects) > r.suspectsBudget()) {
			break
		}
		u.to, u.expect = u.to+1, expect
	}
	if n := join.Bytes(r.shape, r.partitionsFor(u.expect), u.expect); n > r.tableBudget() {
		u.tables = min(1<<bits.Len64(uint64(n/max(r.tableBudget(), 1))), maxTables)
	}
	return u
}

// maxTables is the number of tables that one range is joined in at most.
const maxTables = 1 << 12

// partitionsFor is the number of partitions for some records: not so many that one holds few.
func (r *run) partitionsFor(records int64) int {
	n := r.opt.Partitions
	for n > 1 && records/int64(n) < 2048 {
		n /= 2
	}
	return n
}

// joinUnit joins the rows of a unit and notes what its records come to.
func (r *run) joinUnit(ctx context.Context, u unit, size *unitSize) error {
	before, records, most, all := r.keptBytes(), int64(0), int64(1), int64(0)
	apart := r.even(u)
	if r.over.held.bytes()+2*(before+size.last)+r.tableBytesOf(u, apart) > r.plan.Memory.limit+r.plan.Memory.early { // suspects twice, for what has yet to be collected
		if err := r.evict(ctx); err != nil {
			return err
		}
	}
	for l := range r.plan.levels {
		rows := int64(0)
		for _, from := range r.over.ranges[u.from:u.to] {
			rows += from.rows[l]
		}
		most, all = max(most, rows), all+rows
	}
	for i := range u.tables {
		part, n, err := hashPart{mask: uint64(u.tables - 1), rest: uint64(i)}, int64(0), error(nil)
		if apart {
			n, err = r.joinApart(ctx, u, size.records)
		} else {
			n, err = r.joinPart(ctx, r.over.piecesOf(u), part, u.expect/int64(u.tables), all/int64(u.tables))
		}
		if err != nil {
			return err
		}
		records += n
	}
	r.over.forget(u.from, u.to)
	size.last = r.keptBytes() - before
	size.known = true
	size.records = max(size.records, float64(records)/float64(most))
	size.suspects = max(size.suspects, float64(size.last)/float64(most))
	return nil
}

// piecesOf gives the pieces of a unit by level, as they are now: in memory only until what is held is written.
func (o *overflow) piecesOf(u unit) [][]piece {
	pieces := make([][]piece, len(o.ranges[u.from].pieces))
	for l := range pieces {
		for _, from := range o.ranges[u.from:u.to] {
			pieces[l] = append(pieces[l], from.pieces[l]...)
		}
	}
	return pieces
}

// What is read of spilled rows at a time, in bytes, and how many times as much the system is told of before.
const (
	readAtATime = 256 << 10
	readAhead   = 8 // times as much
)

// readings parts pieces into what is read at a time, of some bytes each or little more.
func readings(pieces []piece, each int) (out [][]piece) {
	for len(pieces) > 0 {
		n := 1
		for size := pieces[0].size(); n < len(pieces) && size < each; n++ {
			size += pieces[n].size()
		}
		out, pieces = append(out, pieces[:n]), pieces[n:]
	}
	return out
}

// ahead says that pieces will be read soon.
func (o *overflow) ahead(pieces []piece) {
	for i := range pieces {
		if pieces[i].rows == nil {
			o.file.Ahead(pieces[i].Extent)
		}
	}
}

// joinPart joins some rows in a table, finds the suspects among their records and gives how many records there are.
func (r *run) joinPart(ctx context.Context, pieces [][]piece, part hashPart, expect, rows int64) (records int64, err error) {
	if growth := (join.Growth{Rows: rows}); r.table == nil {
		r.table = join.NewTable(r.shape, r.partitionsFor(expect), expect, growth)
	} else {
		r.table = r.table.Next(r.partitionsFor(expect), expect, growth)
	}
	r.catch()
	for l := range pieces {
		all := 0
		for i := range pieces[l] {
			all += pieces[l][i].size()
		}
		reads := readings(pieces[l], min(readAtATime, all/(2*len(r.workers)))) // each worker has more than one
		for _, soon := range reads[:min(readAhead, len(reads))] {
			r.over.ahead(soon)
		}
		if err := r.parallelBy(ctx, len(reads), func(worker, i int) error {
			if i+readAhead < len(reads) {
				r.over.ahead(reads[i+readAhead])
			}
			return r.workers[worker].replay(l, reads[i], part)
		}); err != nil {
			return 0, err
		}
	}
	for p := range r.table.Partitions() {
		records += int64(r.table.Len(p))
	}
	return records, r.examine(ctx)
}

func (r *run) releaseTable() {
	if r.table != nil {
		r.table.Release()
		r.table = nil
	}
	for _, w := range r.workers {
		if w.own != nil {
			w.own.Release()
			w.own = nil
		}
	}
}

// keptBytes is what the suspects take that are not written yet, with the values that have yet to be read.
func (r *run) keptBytes() (n int64) {
	widths := r.meanWidths()
	for p := range r.findings {
		f := &r.findings[p]
		if f.kept == 0 {
			f.kept = r.bytesOf(f, widths)
		}
		n += f.kept
	}
	return n
}

var partBytes = sizeOf[partFindings]() // so that one that holds nothing is not counted again and again

func (r *run) bytesOf(f *partFindings, widths []int64) int64 {
	n := partBytes + int64(len(f.suspects))*r.suspectBytes() + int64(len(f.rare))*sizeOf[rare]() + int64(len(f.candidates))*candidateBytes
	n += int64(len(f.duplicates))*sizeOf[duplicate]() + int64(len(f.odds))*sizeOf[oddKey]()
	for i := range f.cells {
		n += cellBytes + sizeOf[wanted]()
		if field := int(f.cells[i].field); field < len(widths) {
			n += widths[field]
		} else {
			n += keyWidth
		}
	}
	for i := range f.failed {
		n += sizeOf[failed]() + int64(f.failed[i].text.size)
	}
	for i := range f.members {
		n += sizeOf[member]() + int64(len(f.members[i].aged))*(sizeOf[aged]()+keyWidth)
	}
	return n
}

// keyWidth is what a key or a carried value is taken to have, in bytes.
const keyWidth = 24

// meanWidths gives the mean width of each field's values, in bytes, as the workers sampled them.
func (r *run) meanWidths() []int64 {
	all := newWidths(len(r.plan.Fields))
	for _, w := range r.workers {
		all.merge(&w.widths)
	}
	for f := range all.bytes {
		all.bytes[f] /= all.values[f] + 1
	}
	return all.bytes
}

// widths is what is known of how wide values are.
type widths struct {
	bytes  []int64 // a field: of the values that were sampled
	values []int64 // a field: how many
}

func newWidths(fields int) widths { return widths{make([]int64, fields), make([]int64, fields)} }

// sample looks at how wide two values of each field are.
func (w *widths) sample(batch arrow.Record, fieldAt []int) {
	n := int(batch.NumRows())
	if n == 0 {
		return
	}
	var text []byte
	for f, c := range fieldAt {
		if c < 0 {
			continue
		}
		for _, row := range []int{0, n / 2} {
			text, _ = record.AppendText(text[:0], batch.Column(c), row)
			w.bytes[f] += int64(len(text))
			w.values[f]++
		}
	}
}

// merge takes up what else is known.
func (w *widths) merge(o *widths) {
	for f := range w.bytes {
		w.bytes[f] += o.bytes[f]
		w.values[f] += o.values[f]
	}
}

// total is the number of rows that were spilled.
func (o *overflow) total() (n int64) {
	for i := range o.ranges {
		n += o.ranges[i].total()
	}
	return n
}

// total is the number of rows of a range.
func (s *spilledRange) total() (n int64) {
	for _, rows := range s.rows {
		n += rows
	}
	return n
}
