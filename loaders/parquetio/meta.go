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

func rowGroupOf(rg *format.RowGroup) rowGroup {
	g := rowGroup{rows: rg.NumRows, chunks: make([]chunkMeta, len(rg.Columns))}
	for i := range rg.Columns {
		c := &rg.Columns[i]
		m := &c.MetaData
		g.chunks[i] = chunkMeta{
			begin: m.DataPageOffset, size: m.TotalCompressedSize, uncompressed: m.TotalUncompressedSize, values: m.NumValues,
			physical: m.Type, codec: m.Codec,
			encrypted: c.CryptoMetadata.Value != nil || len(c.EncryptedColumnMetadata) > 0,
			elsewhere: c.FilePath != "",
		}
		if d := m.DictionaryPageOffset; d > 0 && d < m.DataPageOffset {
			g.chunks[i].begin = d
		}
	}
	return g
}

// size is the compressed size of a row group.
func (g *rowGroup) size() (n int64) {
	for i := range g.chunks {
		n += g.chunks[i].size
	}
	return n
}
