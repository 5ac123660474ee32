package parquetio

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"crosscheck/loaders/parquetio/snappy"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/parquet-go/parquet-go/format"
)

// columnReader decodes the chunks of one column, one after the other, from page to page.
type columnReader struct {
	r       *reader
	number  int     // of the column, in the source
	column  *column // as the file of the page under way stores it
	part    int32   // of that page
	arrives arrow.DataType
	pages   []page
	in      io.ReaderAt // of a single large chunk, whose pages are read when they are needed; else nil
	raw     [][]byte    // of chunks that were not read with others; given back when the last page is decompressed, or the last of those that were read
	next    int         // index of the next page
	ready   []body      // of the next pages

	dict    dictionary // of the chunk under way
	indexed bool       // the column arrives as a dictionary
	joined  *batch     // then, of a bundle: the entries of its parts' dictionaries, one behind the other; else nil

	page    *page
	row     int         // of the page, next to be read
	valid   []byte      // bitmap: which rows of the page are not null; nil: all
	values  values      // of the page
	indexes indexReader // of the page
	scratch []byte      // for valid
	lengths []int32     // of the texts of the page, if they are stored apart
	dense   []int32     // indexes of a batch before nulls are put between them

	text  bool   // values are StringViews, else of a fixed width
	picks *picks // nil: all rows are wanted
}

// body is a page decompressed, levels included, with slack behind it. Small ones share a buffer, which is the last one's.
type body struct {
	buf   *memory.Buffer
	begin int
	last  bool
}

// done releases the buffer behind the last of its pages.
func (b body) done() {
	if b.last {
		b.buf.Release()
	}
}

func (b body) of(p *page) []byte { return b.buf.Bytes()[b.begin : b.begin+p.size] }

// values is the values of a page that is not dictionary-encoded. They are dense: nulls take no place.
type values struct {
	fixed []byte         // of a fixed width, as Arrow stores them; booleans are bits
	bit   int            // booleans taken
	views viewWalker     // texts
	owner *memory.Buffer // what they point into, nil if the garbage collector owns it
}

func (v *values) drop() {
	if v.owner != nil {
		v.owner.Release()
	}
	*v = values{}
}

// addChunk reads the headers of the pages of the next part's chunk.
func (c *columnReader) addChunk(in *partFile, part int32, stored *column, meta *chunkMeta) error {
	rows := c.r.parts[part].Rows
	like := page{column: stored, part: part, codec: format.CompressionCodec(meta.codec)}
	if stored.nulls {
		like.kind, like.rows = nullPage, int(rows)
		c.pages = append(c.pages, like)
		return nil
	}
	if meta.encrypted {
		return errEncrypted
	}
	if meta.elsewhere {
		return unsupported{"its values are in another file", "write it again as one file"}
	}
	if physical := format.Type(meta.physical); physical != stored.physical {
		return fmt.Errorf("its values are %s, the schema says %s", physical, stored.physical)
	}
	if meta.values != 0 {
		wanted := meta.values
		if only := &c.r.only; only.rows > 0 {
			wanted = min(wanted, only.rows)
		}
		raw, err := c.chunk(in, meta)
		if err != nil {
			return err
		}
		walk := headers{at: meta.begin, end: meta.begin + int64(len(raw)), read: raw}
		if raw == nil {
			walk.end, walk.in = meta.begin+meta.size, in.content
		}
		first := len(c.pages)
		if c.pages, err = appendPages(c.pages, &walk, meta, wanted, like); err != nil {
			return err
		}
		if raw != nil {
			bodies(c.pages[first:], raw, meta.begin)
		}
	}
	if meta.values != rows {
		return fmt.Errorf("it has %d values for %d rows", meta.values, rows)
	}
	return nil
}

// wholeChunk is up to how many bytes a chunk is read at once, not page by page. A row group of wide rows comes to hundreds of megabytes, of which a
// batch needs a few pages.
const wholeChunk = 512 << 10

// chunk gives the bytes of a column chunk, or of its beginning; nil if its pages are read when they are needed.
func (c *columnReader) chunk(in *partFile, meta *chunkMeta) ([]byte, error) {
	if raw := in.ahead.chunk(meta); raw != nil {
		return raw, nil
	}
	begin, size, end := meta.begin, meta.size, in.file.state.size
	if begin < 4 || size <= 0 || size > end || begin > end-size {
		return nil, errors.New("its place in the file lies outside the file")
	}
	if only := &c.r.only; only.rows > 0 {
		size = min(size, only.bytes)
	} else if len(c.r.parts) == 1 && size > c.r.source.opt.whole {
		c.in = in.content
		return nil, nil
	}
	raw := c.r.mem.Allocate(int(size))
	c.raw = append(c.raw, raw)
	if _, err := in.content.ReadAt(raw, begin); err != nil {
		return nil, fmt.Errorf("reading %d bytes: %w", size, err)
	}
	return raw, nil
}

// begin is called when all chunks are added. Of one chunk, the dictionary is that of all batches. Those of a bundle are joined, if there is one batch and they
// have few entries.
func (c *columnReader) begin() {
	c.layOut()
	entries, ok := dictionariesOnly(c.pages)
	switch {
	case !ok:
		return
	case len(c.r.parts) > 1:
		if r := c.r; r.left > int64(r.most) || entries > r.left/2 {
			return
		}
		c.joined = newBatch(c, int(entries), c.valueWidth())
	}
	c.indexed = true
	c.arrives = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: c.arrives}
}

// unjoin has a column of a bundle arrive as plain values after all.
func (c *columnReader) unjoin() {
	if c.joined != nil {
		c.joined.release()
		c.joined, c.indexed, c.arrives = nil, false, c.arrives.(*arrow.DictionaryType).ValueType
	}
}

// delivered gives the layout in which plain values arrive, and whether it is a view.
func (c *column) delivered() (dt arrow.DataType, text bool) {
	switch c.logical.ID() {
	case arrow.STRING:
		return arrow.BinaryTypes.StringView, true
	case arrow.BINARY:
		return arrow.BinaryTypes.BinaryView, true
	}
	return c.logical, false
}

// valueWidth is the number of bytes of a value or a view header in a batch; 0: booleans, which are bits.
func (c *columnReader) valueWidth() int {
	if c.text {
		return viewSize
	}
	return fixedWidth(c.column.logical)
}

func (c *columnReader) release() {
	c.releaseRaw()
	c.dropPage()
	for _, b := range c.ready {
		b.done()
	}
	c.ready = nil
	c.dict.drop()
	c.unjoin()
}

func (c *columnReader) releaseRaw() {
	for _, raw := range c.raw {
		c.r.mem.Free(raw)
	}
	c.raw = nil
}

func (c *columnReader) dropPage() {
	c.values.drop()
	c.page = nil
	if c.picks != nil {
		c.picks.skip = 0
	}
}

// load reads pages of a large chunk that follow one another, in the place of those that were read before, of which none is needed any more.
func (c *columnReader) load(pages []page) error {
	here := func(p *page) bool { return p.kind == nullPage || p.picked }
	for len(pages) > 0 && here(&pages[0]) {
		pages = pages[1:]
	}
	for len(pages) > 0 && here(&pages[len(pages)-1]) {
		pages = pages[:len(pages)-1]
	}
	if c.in == nil || len(pages) == 0 {
		return nil
	}
	c.releaseRaw()
	begin, last := pages[0].at, &pages[len(pages)-1]
	raw := c.r.mem.Allocate(int(last.at-begin) + last.length)
	c.raw = append(c.raw, raw)
	if _, err := c.in.ReadAt(raw, begin); err != nil {
		return fmt.Errorf("reading %d bytes: %w", len(raw), err)
	}
	bodies(pages, raw, begin)
	return nil
}

// prepare has the pages ready that hold the next n rows: it appends the blocks of Snappy that are still to be decoded for that.
func (c *columnReader) prepare(n int, blocks []snappy.Block, each func(part int32)) ([]snappy.Block, error) {
	if c.page != nil {
		n -= c.page.rows - c.row
	}
	end := c.next
	for ; n > 0 && end < len(c.pages); end++ {
		if p := &c.pages[end]; p.kind != dictionaryPage {
			n -= p.rows
		}
	}
	later := c.pages[min(c.next+len(c.ready), end):end]
	for i := range later {
		if p := &later[i]; c.picks != nil && p.layout != nil {
			if err := c.pickPage(p); err != nil {
				return blocks, err
			}
		}
	}
	if err := c.load(later); err != nil {
		return blocks, err
	}
	c.ready = slices.Grow(c.ready, len(later))
	for i := c.next + len(c.ready); i < end; {
		first, size := i, 0
		for ; i < end && (i == first || size+c.pages[i].size+slack <= c.r.together); i++ {
			size += c.pages[i].size + slack
		}
		buf := memory.NewResizableBuffer(c.r.mem)
		buf.Resize(size)
		at := 0
		for k := first; k < i; k++ {
			p := &c.pages[k]
			whole := p.size // it may turn out less
			c.ready = append(c.ready, body{buf, at, k == i-1})
			later, err := p.unpack(buf.Bytes()[at : at+whole+slack])
			if err != nil {
				c.part = p.part
				c.ready[len(c.ready)-1].last = true
				return blocks, err
			}
			if len(later.Dst) > 0 {
				blocks = append(blocks, later)
				each(p.part)
			}
			at += whole + slack
		}
	}
	return blocks, nil
}

// prepared gives the compressed bytes back once all that were read are decompressed.
func (c *columnReader) prepared() {
	if c.in != nil || c.next+len(c.ready) == len(c.pages) {
		c.releaseRaw()
	}
}

// advance decodes the next page, which is ready. If that is a dictionary, there is no page under way.
func (c *columnReader) advance() error {
	if err := c.r.ctx.Err(); err != nil {
		return err
	}
	c.dropPage()
	if len(c.ready) == 0 {
		return errors.New("its pages end before its rows do")
	}
	p, b := &c.pages[c.next], c.ready[0]
	c.next, c.ready = c.next+1, c.ready[1:]
	defer b.done()
	if p.part != c.part {
		c.dict.drop()
	}
	c.column, c.part = p.column, p.part
	switch p.kind {
	case dictionaryPage:
		return c.loadDictionary(p, b)
	case nullPage:
		n := int(bitutil.BytesForBits(int64(p.rows)))
		c.scratch = slices.Grow(c.scratch[:0], n)[:n]
		clear(c.scratch)
		c.page, c.row, c.valid = p, 0, c.scratch
		return nil
	}
	valid, defined, encoded, err := p.split(b.of(p), c.column.optional, &c.scratch)
	if err != nil {
		return err
	}
	c.page, c.row, c.valid = p, 0, valid
	if isDictionary(p.encoding) {
		if !c.dict.loaded {
			return errors.New("a page needs a dictionary and there is none")
		}
		b.buf.Retain()
		c.values.owner = b.buf
		c.indexes, err = newIndexReader(encoded, c.dict.entries, p.cut)
		return err
	}
	dense := *p
	dense.rows = defined
	c.values, err = c.decode(&dense, encoded, b)
	if p.layout != nil && err == nil {
		block := b.begin + p.levels
		p.layout.values, p.layout.nulls = b.begin+p.size-len(encoded)-block, defined < p.rows
		c.values.views.layout, c.values.views.block = p.layout, block
	}
	return err
}

// read decodes the next n rows into an array.
func (c *columnReader) read(n int) (arr arrow.Array, err error) {
	if c.arrives.ID() == arrow.NULL {
		return array.NewNull(n), nil
	}
	width := 4
	if !c.indexed {
		width = c.valueWidth()
	}
	b := newBatch(c, n, width)
	defer b.release()
	err = guard(func() error {
		for left := n; left > 0; {
			for c.page == nil || c.row == c.page.rows {
				if err := c.advance(); err != nil {
					return err
				}
			}
			take := min(left, c.page.rows-c.row)
			valid := bitmap{c.valid, c.row}
			switch {
			case c.picks != nil && !c.page.many():
				err = b.pick(take)
			case isDictionary(c.page.encoding):
				err = b.takeIndexes(valid, take)
			default:
				err = b.take(&c.values, valid, take)
			}
			if err != nil {
				return err
			}
			if c.picks != nil && c.page.many() {
				c.picks.pass(take)
			}
			c.row += take
			left -= take
			if c.row == c.page.rows && c.page.layout != nil {
				c.laid(c.page)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if c.joined != nil {
		c.dict.join(c)
	}
	data := b.data(c.arrives)
	defer data.Release()
	return array.MakeFromData(data), nil
}
