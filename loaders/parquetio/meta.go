package parquetio

import (
	"github.com/parquet-go/parquet-go/format"
)

// rowGroup is what reading needs of a row group's metadata. The rest of a footer, statistics above all, is ten times as large, and levels may
// have tens of thousands of row groups.
type rowGroup struct {
	rows   int64
	chunks []chunkMeta // a leaf
}

// chunkMeta is where a column chunk lies in its file and how it is stored, as the footer says.
type chunkMeta struct {
	begin        int64 // of the first page
	size         int64 // compressed
	uncompressed int64
	values       int64
	physical     format.Type
	codec        format.CompressionCodec
	encrypted    bool
	elsewhere    bool // the values are in another file
}

// footer is what reading needs of a file's metadata. As the headers of pages it is read here, field by field: of files or row groups of a hundred rows
// the library's decoder took a seventh of the run.
type footer struct {
	schema []byte // a list of format.SchemaElement, as it lies in the file
	groups []rowGroup
}

// footer reads the metadata of a file; false if it is damaged.
func (c *compact) footer() (f footer, ok bool) {
	ok = c.fields(func(id int, t byte) bool {
		switch {
		case id == 2 && t == compactList:
			before := c.b
			ok := c.skipField(t)
			f.schema = before[:len(before)-len(c.b)]
			return ok
		case id == 4 && t == compactList:
			columns := 0
			return c.structs(func() bool {
				g, ok := c.rowGroup(columns)
				columns = len(g.chunks)
				f.groups = append(f.groups, g)
				return ok
			})
		}
		return c.skipField(t)
	})
	return f, ok
}

// structs gives each struct of a list to someone who reads it.
func (c *compact) structs(each func() bool) bool {
	head, ok := c.byte()
	n := uint64(head >> 4)
	if ok && n == 15 {
		n, ok = c.uvarint()
	}
	if !ok || head&15 != compactStruct && n > 0 {
		return false
	}
	for ; n > 0; n-- {
		if !each() {
			return false
		}
	}
	return true
}

// rowGroup reads the metadata of a row group, which has as many columns as the one before.
func (c *compact) rowGroup(columns int) (g rowGroup, ok bool) {
	g.chunks = make([]chunkMeta, 0, columns)
	found := 0 // of what must be there
	ok = c.fields(func(id int, t byte) bool {
		switch {
		case id == 1 && t == compactList:
			found |= 1
			return c.structs(func() bool {
				m, ok := c.columnChunk()
				g.chunks = append(g.chunks, m)
				return ok
			})
		case id == 3:
			found |= 2
			return c.int64(t, &g.rows)
		}
		return c.skipField(t)
	})
	return g, ok && found == 3
}

// columnChunk reads the metadata of a column chunk.
func (c *compact) columnChunk() (m chunkMeta, ok bool) {
	whole := false
	ok = c.fields(func(id int, t byte) bool {
		switch id {
		case 1:
			before := len(c.b)
			ok := c.skipField(t)
			m.elsewhere = before-len(c.b) > 1 // the path is not empty
			return ok
		case 3:
			whole = t == compactStruct && c.columnMeta(&m)
			return whole
		case 8, 9:
			m.encrypted = true
		}
		return c.skipField(t)
	})
	return m, ok && (whole || m.encrypted)
}

// columnMeta reads what a column chunk says of its pages.
func (c *compact) columnMeta(m *chunkMeta) bool {
	const required = 1<<1 | 1<<4 | 1<<5 | 1<<6 | 1<<7 | 1<<9
	found, data, dictionary := 0, int64(0), int64(0)
	ok := c.fields(func(id int, t byte) bool {
		if id > 0 && id < 16 {
			found |= 1 << id
		}
		var x int32
		ok := true
		switch id {
		case 1:
			ok = c.int32(t, &x)
			m.physical = format.Type(x)
		case 4:
			ok = c.int32(t, &x)
			m.codec = format.CompressionCodec(x)
		case 5:
			ok = c.int64(t, &m.values)
		case 6:
			ok = c.int64(t, &m.uncompressed)
		case 7:
			ok = c.int64(t, &m.size)
		case 9:
			ok = c.int64(t, &data)
		case 11:
			ok = c.int64(t, &dictionary)
		default:
			ok = c.skipField(t)
		}
		return ok
	})
	m.begin = data
	if dictionary > 0 && dictionary < data {
		m.begin = dictionary
	}
	return ok && found&required == required
}

// size is the compressed size of a row group.
func (g *rowGroup) size() (n int64) {
	for i := range g.chunks {
		n += g.chunks[i].size
	}
	return n
}
