package parquetio

import "bytes"

// rowGroup is what reading needs of a row group's metadata. The rest of a footer, statistics above all, is ten times as large, and levels may
// have tens of thousands of row groups.
type rowGroup struct {
	rows   int64
	bytes  int64       // compressed; summed up while the chunks are at hand
	chunks []chunkMeta // a leaf
}

// chunkMeta is where a column chunk lies in its file and how it is stored, as the footer says.
type chunkMeta struct {
	begin        int64 // of the first page
	size         int64 // compressed
	uncompressed int64
	values       int64
	physical     int8 // format.Type
	codec        int8 // format.CompressionCodec
	encrypted    bool
	elsewhere    bool // the values are in another file
}

// footer is what reading needs of a file's metadata. As the headers of pages it is read here, field by field: of files or row groups of a hundred rows
// the library's decoder took a seventh of the run.
type footer struct {
	schema []byte // a list of format.SchemaElement, as it lies in the file
	groups []rowGroup
	size   int64 // in the file
}

// footer reads the metadata of a file; false if it is damaged. As a rule the file is like another one; like may be nil.
func (c *compact) footer(like *shape) (meta footer, ok bool) {
	columns := 0
	if like != nil {
		columns = like.leaves
	}
	var f fields
	for {
		id, t := c.next(&f, 1<<2|1<<4)
		switch {
		case id == 0:
			return meta, !c.bad
		case id == 2 && t == compactList:
			if like != nil && bytes.HasPrefix(c.b[c.at:], like.schema) {
				meta.schema, c.at = like.schema, c.at+len(like.schema)
				continue
			}
			begin := c.at
			c.skipField(t)
			meta.schema = c.b[begin:c.at]
		case id == 4 && t == compactList:
			n := c.structs()
			if meta.groups == nil && n == 1 {
				meta.groups = make([]rowGroup, 0, 1)
			}
			for ; n > 0 && !c.bad; n-- {
				g := c.rowGroup(columns)
				columns = len(g.chunks)
				meta.groups = append(meta.groups, g)
			}
		default:
			c.skipField(t)
		}
	}
}

// rowGroup reads the metadata of a row group, which has so many columns as a rule.
func (c *compact) rowGroup(columns int) (g rowGroup) {
	var f fields
	found := false
	for {
		id, t := c.next(&f, 1<<1)
		if id == 0 {
			break
		}
		if t != compactList {
			c.skipField(t)
			continue
		}
		found = true
		g.chunks = make([]chunkMeta, 0, columns)
		for n := c.structs(); n > 0 && !c.bad; n-- {
			g.chunks = append(g.chunks, chunkMeta{})
			c.columnChunk(&g.chunks[len(g.chunks)-1])
		}
	}
	if g.rows = f.number[3]; !found || f.long&(1<<3) == 0 {
		c.fail()
	}
	return g
}

// columnChunk reads the metadata of a column chunk.
func (c *compact) columnChunk(m *chunkMeta) {
	if c.usualColumnChunk(m) {
		return
	}
	var f fields
	whole := false
	for {
		id, t := c.next(&f, 1<<1|1<<3|1<<8|1<<9)
		switch id {
		case 0:
			if !whole && !m.encrypted {
				c.fail()
			}
			return
		case 1:
			before := c.at
			c.skipField(t)
			m.elsewhere = c.at-before > 1 // the path is not empty
		case 3:
			whole = true
			c.columnMeta(t, m)
		case 8, 9:
			m.encrypted = true
			c.skipField(t)
		}
	}
}

// columnMeta reads what a column chunk says of its pages.
func (c *compact) columnMeta(t byte, m *chunkMeta) {
	const short, long, dictionary = 1<<1 | 1<<4, 1<<5 | 1<<6 | 1<<7 | 1<<9, 11
	var f fields
	c.next(&f, 0)
	if t != compactStruct || f.short&short != short || f.long&long != long || !f.are(short, long|1<<dictionary, 0) {
		c.fail()
	}
	if m.physical, m.codec = int8(f.number[1]), int8(f.number[4]); int64(m.physical) != f.number[1] || int64(m.codec) != f.number[4] {
		c.fail()
	}
	m.values, m.uncompressed, m.size, m.begin = f.number[5], f.number[6], f.number[7], f.number[9]
	if d := f.number[dictionary]; d > 0 && d < m.begin {
		m.begin = d
	}
}

// usualColumnChunk is columnChunk for one that is in the file, whose fields come in order, not encrypted, as most are; else it moves nothing.
func (c *compact) usualColumnChunk(m *chunkMeta) bool {
	begin := c.at
	if c.byte() != 2*nextField|compactInt64 { // where metadata lies once more
		c.at, c.bad = begin, false
		return false
	}
	c.uvarint()
	if c.byte() == nextField|compactStruct && c.usualColumnMeta(m) {
		for id := 4; id < 8 && (c.peek() == nextField|compactInt64 || c.peek() == nextField|compactInt32); id++ { // where indexes of pages lie
			c.at++
			c.uvarint()
		}
		if c.byte() == compactStop && !c.bad {
			return true
		}
	}
	c.at, c.bad, *m = begin, false, chunkMeta{}
	return false
}

// usualColumnMeta is columnMeta for fields that come in order, with a path of one name, as most are; else it moves nothing. What comes behind where the pages
// lie, statistics above all, is passed over.
func (c *compact) usualColumnMeta(m *chunkMeta) bool {
	const short, long, list, longAfterNext = nextField | compactInt32, nextField | compactInt64, nextField | compactList, 2*nextField | compactInt64
	b, at := c.b, c.at
	if len(b)-at < 160 { // enough for all that is looked at here
		return false
	}
	if b[at] != short || b[at+1] >= 0x80 || b[at+2] != list || b[at+3]&15 != compactInt32 {
		return false
	}
	physical, encodings := b[at+1], int(b[at+3]>>4)
	at += 4
	for range encodings {
		if b[at] >= 0x80 {
			return false
		}
		at++
	}
	if b[at] != list || b[at+1] != nextField|compactBinary || b[at+2] >= 64 {
		return false
	}
	at += 3 + int(b[at+2])
	if b[at] != short || b[at+1] >= 0x80 {
		return false
	}
	codec := b[at+1]
	at += 2
	var numbers [4]uint64 // values, bytes decompressed, bytes, where data pages begin
	for i := range numbers {
		head := byte(long)
		if i == 3 {
			head = longAfterNext // between them are what a writer adds
		}
		if b[at] != head {
			return false
		}
		if numbers[i], at = varint(b, at+1); at < 0 {
			return false
		}
	}
	begin := zigzag(numbers[3])
	switch head := b[at]; {
	case head == longAfterNext:
		x := uint64(0)
		if x, at = varint(b, at+1); at < 0 {
			return false
		}
		if d := zigzag(x); d > 0 && d < begin {
			begin = d
		}
	case head == compactStop || head > 3*nextField:
	default:
		return false
	}
	c.at = at
	c.skipStruct(0)
	m.physical, m.codec = int8(zigzag(uint64(physical))), int8(zigzag(uint64(codec)))
	m.values, m.uncompressed, m.size, m.begin = zigzag(numbers[0]), zigzag(numbers[1]), zigzag(numbers[2]), begin
	return true
}

// varint reads a number that begins at a place, which has ten bytes behind it, and gives the place behind it; a negative one if it has more bytes than that.
func varint(b []byte, at int) (x uint64, next int) {
	b = b[:at+10]
	for shift := 0; at < len(b); shift += 7 {
		x |= uint64(b[at]&0x7f) << shift
		if at++; b[at-1] < 0x80 {
			return x, at
		}
	}
	return 0, -1
}

// sum sets how many bytes a row group has.
func (g *rowGroup) sum() {
	g.bytes = 0
	for i := range g.chunks {
		g.bytes += g.chunks[i].size
	}
}
