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

// columnReader decodes one column chunk from page to page.
type columnReader struct {
	r       *reader
	column  column
	chunk   *chunk
	arrives arrow.DataType
	next    int              // index of the next page
	ready   []*memory.Buffer // the bodies of the next pages, decompressed

	dict    arrow.ArrayData // the dictionary as an array, if there is one
	entries int
	indexed bool // the column arrives as a dictionary

	page    *page
	row     int         // of the page, next to be read
	valid   []byte      // bitmap: which rows of the page are not null; nil: all
	values  values      // of the page
	indexes indexReader // of the page
	scratch []byte      // for valid
	lengths []int32     // of the texts of the page, if they are stored apart
	dense   []int32     // indexes of a batch before nulls are put between them

	text bool // values are StringViews, else of a fixed width
}

// values is the values of a page that is not dictionary-encoded. They are dense: nulls take no place.
type values struct {
	fixed []byte         // of a fixed width, as Arrow stores them; booleans are bits
	bit   int            // booleans taken
	views viewWalker     // texts
	owner *memory.Buffer // what they point into, nil if the garbage collector owns it
}

func newColumnReader(r *reader, in io.ReaderAt, c column, meta *chunkMeta) (*columnReader, error) {
	cr := &columnReader{r: r, column: c}
	cr.arrives, cr.text = c.delivered()
	if c.nulls {
		return cr, nil
	}
	if meta.encrypted {
		return cr, errEncrypted
	}
	if meta.elsewhere {
		return cr, unsupported{"its values are in another file", "write it again as one file"}
	}
	if meta.physical != c.physical {
		return cr, fmt.Errorf("its values are %s, the schema says %s", meta.physical, c.physical)
	}
	var err error
	cr.chunk, err = readChunk(in, r.file.info.Size(), meta, r.only, r.mem, r.source.opt.whole)
	if err != nil {
		return cr, err
	}
	if meta.values != r.part.Rows {
		return cr, fmt.Errorf("it has %d values for %d rows", meta.values, r.part.Rows)
	}
	if cr.chunk.dict != nil {
		if err := guard(cr.loadDictionary); err != nil {
			return cr, err
		}
		if cr.indexed = cr.chunk.dictionaryOnly(); cr.indexed {
			cr.arrives = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: cr.arrives}
		}
	}
	return cr, nil
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

func (c *columnReader) release() {
	if c.chunk != nil {
		c.chunk.release()
	}
	c.dropPage()
	for _, body := range c.ready {
		body.Release()
	}
	c.ready = nil
	if c.dict != nil {
		c.dict.Release()
		c.dict = nil
	}
}

func (c *columnReader) dropPage() {
	if c.values.owner != nil {
		c.values.owner.Release()
	}
	c.values = values{}
	c.page = nil
}

// loadDictionary decodes the dictionary page into an array.
func (c *columnReader) loadDictionary() error {
	p := c.chunk.dict
	if p.encoding != format.Plain && !isDictionary(p.encoding) {
		return fmt.Errorf("its dictionary is encoded as %s", p.encoding)
	}
	plain := *p
	plain.encoding = format.Plain
	dict := []page{plain}
	if err := c.chunk.load(dict); err != nil {
		return err
	}
	body, err := c.chunk.decompress(&dict[0])
	if err != nil {
		return err
	}
	defer body.Release()
	if c.chunk.in != nil {
		c.chunk.release()
	}
	v, err := c.decode(&plain, body.Bytes()[:plain.size], body)
	if err != nil {
		return err
	}
	defer func() {
		if v.owner != nil {
			v.owner.Release()
		}
	}()
	b := newBatch(c, p.rows)
	defer b.release()
	if err := b.take(&v, bitmap{}, p.rows); err != nil {
		return err
	}
	c.dict, c.entries = b.data(c.arrives), p.rows
	return nil
}

// prepare has the pages ready that hold the next n rows: it appends the blocks of Snappy that are still to be decoded for that.
func (c *columnReader) prepare(n int, blocks []snappy.Block) ([]snappy.Block, error) {
	if c.column.nulls {
		return blocks, nil
	}
	if c.page != nil {
		n -= c.page.rows - c.row
	}
	first := c.next + len(c.ready)
	end := c.next
	for ; n > 0 && end < len(c.chunk.pages); end++ {
		n -= c.chunk.pages[end].rows
	}
	if first >= end {
		return blocks, nil
	}
	pages := c.chunk.pages[first:end]
	if err := c.chunk.load(pages); err != nil {
		return blocks, err
	}
	for i := range pages {
		body, later, err := c.chunk.unpack(&pages[i])
		if err != nil {
			return blocks, err
		}
		c.ready = append(c.ready, body)
		if len(later.Dst) > 0 {
			blocks = append(blocks, later)
		}
	}
	return blocks, nil
}

// prepared gives the compressed bytes back once all that were read are decompressed.
func (c *columnReader) prepared() {
	if !c.column.nulls && (c.chunk.in != nil || c.next+len(c.ready) == len(c.chunk.pages)) {
		c.chunk.release()
	}
}

// advance decodes the next page, which is ready.
func (c *columnReader) advance() error {
	if err := c.r.ctx.Err(); err != nil {
		return err
	}
	c.dropPage()
	if len(c.ready) == 0 {
		return errors.New("its pages end before its rows do")
	}
	p, body := &c.chunk.pages[c.next], c.ready[0]
	c.next, c.ready = c.next+1, c.ready[1:]
	defer body.Release()
	valid, defined, encoded, err := p.split(body.Bytes()[:p.size], c.column.optional, c.scratch)
	if err != nil {
		return err
	}
	if valid != nil {
		c.scratch = valid
	}
	c.page, c.row, c.valid = p, 0, valid
	if isDictionary(p.encoding) {
		if c.dict == nil {
			return errors.New("a page needs a dictionary and there is none")
		}
		body.Retain()
		c.values.owner = body
		c.indexes, err = newIndexReader(encoded, c.entries, p.cut)
		return err
	}
	dense := *p
	dense.rows = defined
	c.values, err = c.decode(&dense, encoded, body)
	return err
}

// read decodes the next n rows into an array.
func (c *columnReader) read(n int) (arr arrow.Array, err error) {
	if c.column.nulls {
		return c.nullRows(n), nil
	}
	b := newBatch(c, n)
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
			if isDictionary(c.page.encoding) {
				err = b.takeIndexes(c, valid, take)
			} else {
				err = b.take(&c.values, valid, take)
			}
			if err != nil {
				return err
			}
			c.row += take
			left -= take
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	data := b.data(c.arrives)
	defer data.Release()
	return array.MakeFromData(data), nil
}

// nullRows gives n nulls of the column's type.
func (c *columnReader) nullRows(n int) arrow.Array {
	if c.arrives.ID() == arrow.NULL {
		return array.NewNull(n)
	}
	b := newBatch(c, n)
	defer b.release()
	clear(b.body.Bytes())
	b.mark(bitmap{bits: make([]byte, bitutil.BytesForBits(int64(n)))}, n)
	data := b.data(c.arrives)
	defer data.Release()
	return array.MakeFromData(data)
}

// batch is an array under construction.
type batch struct {
	c       *columnReader
	rows    int
	filled  int
	width   int            // bytes a value; 0: bits
	body    *memory.Buffer // indexes, fixed values, or view headers
	valid   *memory.Buffer // nil: no nulls so far
	nulls   int
	buffers []*memory.Buffer // what view headers point into, retained; those of a dictionary first
}

func newBatch(c *columnReader, rows int) *batch {
	b := &batch{c: c, rows: rows}
	switch {
	case c.indexed:
		b.width = 4
	case c.text:
		b.width = viewSize
		if c.dict != nil {
			for _, buf := range c.dict.Buffers()[2:] {
				b.own(buf)
			}
		}
	default:
		b.width = fixedWidth(c.column.logical)
	}
	b.body = memory.NewResizableBuffer(c.r.mem)
	if b.width == 0 {
		b.body.Resize(int(bitutil.BytesForBits(int64(rows))))
		clear(b.body.Bytes())
	} else {
		b.body.Resize(rows * b.width)
	}
	return b
}

// own adds a buffer that view headers point into and gives its index.
func (b *batch) own(buf *memory.Buffer) int {
	if i := slices.Index(b.buffers, buf); i >= 0 {
		return i
	}
	buf.Retain()
	b.buffers = append(b.buffers, buf)
	return len(b.buffers) - 1
}

func (b *batch) release() {
	b.body.Release()
	if b.valid != nil {
		b.valid.Release()
	}
	for _, buf := range b.buffers {
		buf.Release()
	}
}

// data makes the array's data; the caller releases it.
func (b *batch) data(dt arrow.DataType) arrow.ArrayData {
	buffers := append([]*memory.Buffer{b.valid, b.body}, b.buffers...)
	if b.c.indexed && dt.ID() == arrow.DICTIONARY {
		return array.NewDataWithDictionary(dt, b.rows, buffers[:2], b.nulls, 0, b.c.dict.(*array.Data))
	}
	return array.NewData(dt, b.rows, buffers, nil, b.nulls, 0)
}

// bitmap tells which rows are not null: bit i of bits from bit at on. No bits: all of them.
type bitmap struct {
	bits []byte
	at   int
}

// defined tells whether row i is not null; there are bits.
func (m bitmap) defined(i int) bool {
	i += m.at
	return m.bits[i>>3]>>(i&7)&1 != 0
}

// mark notes which of the next rows are null. It gives how many are not, and valid without bits if all of them are.
func (b *batch) mark(valid bitmap, rows int) (bitmap, int) {
	defined := rows
	if valid.bits != nil {
		if defined = bitutil.CountSetBits(valid.bits, valid.at, rows); defined == rows {
			valid = bitmap{}
		}
	}
	if valid.bits == nil {
		if b.valid != nil {
			bitutil.SetBitsTo(b.valid.Bytes(), int64(b.filled), int64(rows), true)
		}
		return valid, rows
	}
	if b.valid == nil {
		b.valid = memory.NewResizableBuffer(b.c.r.mem)
		b.valid.Resize(int(bitutil.BytesForBits(int64(b.rows))))
		clear(b.valid.Bytes())
		bitutil.SetBitsTo(b.valid.Bytes(), 0, int64(b.filled), true)
	}
	bitutil.CopyBitmap(valid.bits, valid.at, rows, b.valid.Bytes(), b.filled)
	b.nulls += rows - defined
	return valid, defined
}
