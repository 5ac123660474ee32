package columnar

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
	"slices"

	"github.com/klauspost/compress/s2"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// Page is the cells of a run of rows, all columns of them. It belongs to one goroutine until it is added to its group.
type Page struct {
	group *Group
	cells []Cells
	sheet *sheet
}

// press is where a data page is sealed: its bytes before compression.
type press struct{ raw []byte }

// sheet is what a page came to: the data pages of all columns.
type sheet struct {
	blob    []byte       // headers and bodies, with gaps
	columns [][]dataPage // a column: its pages
	hashes  []uint64     // of the texts, for the bloom filter
}

// Cells is the cells of one column of a page. Those of a row are added in the order of the rows; a cell keeps nothing of what it is given.
type Cells struct {
	page   *Page
	column *Column
	at     int // which column

	// Of the data page under way.
	rows, nulls int
	bits        []uint64 // a bit a row, the lowest first: it is not null; of flags: it is true
	values      []byte   // PLAIN; of texts their bytes, without lengths
	texts       int64    // bytes of texts
	bounds      bounds
	delta       deltas // of texts

	// Of a column with a dictionary: no data page is under way but that of all rows.
	numbered bool
	numbers  []uint32 // of words of the page, or of Column.Words
	local    words
}

// dataPage is a sealed page of one column.
type dataPage struct {
	from, to    int // header and body in the sheet's blob
	raw         int // bytes of header and body before compression
	rows, nulls int
	texts       int64
	low, high   []byte // as PLAIN has them without the length; nil in a page of nulls
	encoding    format.Encoding
}

func (p *Page) begin(g *Group) {
	p.group = g
	for len(p.cells) < len(g.chunks) {
		p.cells = append(p.cells, Cells{})
	}
	p.cells = p.cells[:len(g.chunks)]
	for i := range p.cells {
		c := &p.cells[i]
		c.page, c.column, c.at = p, &g.w.opt.Columns[i], i
		c.numbered = c.column.Dictionary && !g.chunks[i].dropped.Load()
		if c.values == nil {
			n := int(g.w.sizes[i].Load())
			c.values = make([]byte, 0, n+n/16)
		}
		c.restart()
	}
}

// begin empties the sheet.
func (s *sheet) begin(columns int) {
	for len(s.columns) < columns {
		s.columns = append(s.columns, nil)
	}
	s.columns = s.columns[:columns]
	s.blob, s.hashes = s.blob[:0], s.hashes[:0]
	for i := range s.columns {
		s.columns[i] = s.columns[i][:0]
	}
}

// restart begins a data page.
func (c *Cells) restart() {
	c.rows, c.nulls, c.texts = 0, 0, 0
	c.bits, c.values = c.bits[:0], c.values[:0]
	c.bounds.reset()
	c.delta.restart()
	if c.column.Dictionary {
		c.numbers = c.numbers[:0]
		c.local.reset()
	}
}

// Cells gives a column's cells.
func (p *Page) Cells(column int) *Cells { return &p.cells[column] }

// Texts adds texts; nil is null.
func (c *Cells) Texts(texts [][]byte) {
	for len(texts) > 0 {
		var n int
		switch {
		case c.numbered:
			n = c.look(texts)
		case c.column.Delta:
			n = c.shorten(texts)
		default:
			n = c.copy(texts)
		}
		texts = texts[n:]
		if c.numbered && len(c.local.bytes) > c.page.group.w.opt.DictionaryMax {
			c.plain()
		}
		c.cut()
	}
}

// runRows is how many rows are added at a time: those whose bits are one word.
const runRows = 64

// add counts as many rows as run says and keeps their bits.
func (c *Cells) add(set uint64, run int) {
	if at := c.rows % runRows; at == 0 {
		c.bits = append(c.bits, set)
	} else if c.bits[len(c.bits)-1] |= set << at; at+run > runRows {
		c.bits = append(c.bits, set>>(runRows-at))
	}
	c.rows += run
}

// define counts rows, of which those are not null whose bits are set.
func (c *Cells) define(set uint64, run int) {
	c.add(set, run)
	c.nulls += run - bits.OnesCount64(set)
}

// all is the bits of a run of rows of which none is null.
func all(run int) uint64 { return ^uint64(0) >> (runRows - run) }

// there gives the bits of texts, no more than runRows: those that are not null.
func (c *Cells) there(texts [][]byte) uint64 {
	if !c.column.Nullable {
		return all(len(texts))
	}
	var set uint64
	for i, v := range texts {
		var one uint64
		if v != nil {
			one = 1
		}
		set |= one << i
	}
	return set
}

// copy adds texts to the values until the page is full, and says how many.
func (c *Cells) copy(texts [][]byte) int {
	limit := c.page.group.w.opt.PageBytes
	size, n := len(c.values), 0
	for ; n < len(texts) && size < limit; n++ {
		size += len(texts[n])
	}
	values, lengths := room(c.values, size-len(c.values)+shortText), slices.Grow(c.delta.suffixes, n)
	for from := 0; from < n; from += runRows {
		run := texts[from:min(from+runRows, n)]
		set := c.there(run)
		c.define(set, len(run))
		for ; set != 0; set &= set - 1 {
			v := run[bits.TrailingZeros64(set)]
			lengths = append(lengths, int32(len(v)))
			if len(v) <= shortText && cap(v) >= shortText { // sooner than as many as there are
				at := len(values)
				*(*[shortText]byte)(values[at : at+shortText]) = [shortText]byte(v[:shortText])
				values = values[:at+len(v)]
			} else {
				values = append(values, v...)
			}
			c.bounds.add(v)
		}
	}
	c.texts += int64(size - len(c.values))
	c.values, c.delta.suffixes = values, lengths
	return n
}

// shortText is how many bytes of a text are copied at once, where it has no more and there are as many.
const shortText = 12

// room has room for n more bytes. It doubles what is there, where append would copy all five times over.
func room(b []byte, n int) []byte {
	if cap(b)-len(b) >= n {
		return b
	}
	return append(make([]byte, 0, max(2*cap(b), len(b)+n)), b...)
}

// look adds texts by their numbers among the words of the page.
func (c *Cells) look(texts [][]byte) int {
	for from := 0; from < len(texts); from += runRows {
		run := texts[from:min(from+runRows, len(texts))]
		set := c.there(run)
		c.define(set, len(run))
		for ; set != 0; set &= set - 1 {
			c.numbers = append(c.numbers, c.local.number(run[bits.TrailingZeros64(set)], true))
		}
	}
	return len(texts)
}

// Words adds texts that are items of Column.Words; -1 is null.
func (c *Cells) Words(items []int) {
	for from := 0; from < len(items); from += runRows {
		run := items[from:min(from+runRows, len(items))]
		at := len(c.numbers)
		c.numbers = slices.Grow(c.numbers, len(run))[:at+len(run)]
		var set uint64
		for i, x := range run {
			c.numbers[at] = uint32(x)
			there := ^uint64(x) >> 63
			at += int(there)
			set |= there << i
		}
		c.numbers = c.numbers[:at]
		c.define(set, len(run))
	}
}

// Flags adds booleans.
func (c *Cells) Flags(flags []bool) {
	for from := 0; from < len(flags); from += runRows {
		run := flags[from:min(from+runRows, len(flags))]
		var set uint64
		for i, f := range run {
			var one uint64
			if f {
				one = 1
			}
			set |= one << i
		}
		c.add(set, len(run))
	}
}

// Int64s adds numbers, those that are null as such.
func (c *Cells) Int64s(numbers []int64, null int64) {
	for from := 0; from < len(numbers); from += runRows {
		run := numbers[from:min(from+runRows, len(numbers))]
		var set uint64
		for i, n := range run {
			if n != null {
				set |= 1 << i
				c.values = binary.LittleEndian.AppendUint64(c.values, uint64(n))
				c.span(c.values[len(c.values)-8:])
			}
		}
		c.define(set, len(run))
	}
}

// Dates adds dates.
func (c *Cells) Dates(days []int32) {
	for len(days) > 0 {
		d, same := days[0], 1 // most follow one that is the same
		for same < min(len(days), runRows) && days[same] == d {
			same++
		}
		days = days[same:]
		c.define(all(same), same)
		var b [4]byte
		binary.LittleEndian.PutUint32(b[:], uint32(d))
		if !c.numbered {
			for range same {
				c.values = append(c.values, b[:]...)
			}
			c.span(b[:])
			continue
		}
		word := c.local.number(b[:], false)
		for range same {
			c.numbers = append(c.numbers, word)
		}
	}
}

// span widens the bounds to a cell of any type but Flag.
func (c *Cells) span(v []byte) {
	b, t := &c.bounds, c.column.Type
	if !b.some || t.compare(v, b.low) < 0 {
		b.low = append(b.low[:0], v...)
	}
	if !b.some || t.compare(v, b.high) > 0 {
		b.high = append(b.high[:0], v...)
	}
	b.some = true
}

// plain goes on without the dictionary, and so do the cells that are there.
func (c *Cells) plain() {
	known := c.local.take()
	numbers, cells := c.numbers, make([][]byte, c.rows)
	for row := range cells {
		if c.bits[row/runRows]>>(row%runRows)&1 != 0 {
			cells[row], numbers = known.word(numbers[0]), numbers[1:]
		}
	}
	c.restart()
	c.numbered = false
	if c.column.Type == Text {
		c.Texts(cells)
		return
	}
	for _, v := range cells {
		c.Dates([]int32{int32(binary.LittleEndian.Uint32(v))})
	}
}

// cut ends the data page if it is full.
func (c *Cells) cut() {
	if len(c.values) >= c.page.group.w.opt.PageBytes {
		c.end()
	}
}

// Seal ends the cells. Of the columns with a dictionary the group makes pages.
func (p *Page) Seal() {
	raw := 0
	for i := range p.cells {
		n := len(p.cells[i].values)
		raw += n
		p.group.w.sizes[i].Store(int64(n))
	}
	p.sheet.blob = room(p.sheet.blob, max(int(p.group.w.size.Load()), raw/2)*17/16)
	for i := range p.cells {
		if c := &p.cells[i]; !c.numbered {
			c.end()
		}
	}
	p.group.w.size.Store(int64(len(p.sheet.blob)))
}

// end makes a data page of the values, if there is a row.
func (c *Cells) end() {
	switch {
	case c.rows == 0:
		return
	case c.column.Type == Flag:
		c.seal(format.Plain, appendWords(c.values, c.bits, c.rows))
	case c.column.Type == Text:
		prefixes, lengths := c.delta.encode()
		if c.column.Delta {
			c.seal(format.DeltaByteArray, prefixes, lengths, c.values)
		} else {
			c.seal(format.DeltaLengthByteArray, lengths, c.values)
		}
	default:
		c.seal(format.Plain, c.values)
	}
	c.restart()
}

// limits gives the least and the greatest cell, nil where all are null.
func (c *Cells) limits() (low, high []byte) {
	if c.column.Type == Flag {
		set := 0
		for _, x := range c.bits {
			set += bits.OnesCount64(x)
		}
		low, high = []byte{1}, []byte{0}
		if set < c.rows {
			low[0] = 0
		}
		if set > 0 {
			high[0] = 1
		}
	} else if c.bounds.some {
		low, high = append([]byte{}, c.bounds.low...), append([]byte{}, c.bounds.high...)
	}
	return low, high
}

// seal makes a data page of encoded values, which are the parts one after the other.
func (c *Cells) seal(encoding format.Encoding, parts ...[]byte) {
	p := c.page
	press := p.group.w.opt.Memory.presses.Get()
	defer p.group.w.opt.Memory.presses.Put(press)
	raw, size := press.raw[:0], 8*len(c.bits)+32
	for _, part := range parts {
		size += len(part)
	}
	raw = room(raw, size)
	if c.column.Nullable {
		raw = append(raw, 0, 0, 0, 0)
		raw = appendBits(raw, c.bits, c.rows, c.rows-c.nulls)
		binary.LittleEndian.PutUint32(raw, uint32(len(raw)-4))
	}
	for _, part := range parts {
		raw = append(raw, part...)
	}
	press.raw = raw
	page := dataPage{rows: c.rows, nulls: c.nulls, texts: c.texts, encoding: encoding}
	page.low, page.high = c.limits()
	page.from, page.raw = p.sheet.append(&format.PageHeader{
		Type: format.DataPage,
		DataPageHeader: thrift.New(format.DataPageHeader{
			NumValues:               int32(c.rows),
			Encoding:                encoding,
			DefinitionLevelEncoding: format.RLE,
			RepetitionLevelEncoding: format.RLE,
		}),
	}, raw)
	page.to = len(p.sheet.blob)
	p.sheet.columns[c.at] = append(p.sheet.columns[c.at], page)
}

// headerMax is more than the bytes of a page header.
const headerMax = 64

// append compresses a page's bytes to the end of the blob, behind the header, which gets sizes and checksum. It says where the header begins, and gives the
// bytes of both before compression.
func (s *sheet) append(h *format.PageHeader, raw []byte) (from, size int) {
	s.blob = room(s.blob, headerMax+s2.MaxEncodedLen(len(raw)))
	at := len(s.blob) + headerMax // the header's length is known when that of the body is
	body := s2.EncodeSnappy(s.blob[at:cap(s.blob)], raw)
	h.UncompressedPageSize, h.CompressedPageSize = int32(len(raw)), int32(len(body))
	h.CRC = int32(crc32.ChecksumIEEE(body))
	header := encoded(h)
	s.blob = s.blob[:at+len(body)]
	from = at - len(header)
	copy(s.blob[from:at], header)
	return from, len(header) + len(raw)
}

// encoded gives a structure in Thrift's compact protocol.
func encoded(v any) []byte {
	b, err := thrift.Marshal(new(thrift.CompactProtocol), v)
	if err != nil {
		panic(err) // it is written to memory
	}
	return b
}
