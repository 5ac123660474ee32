package parquetio

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// TestFooter: metadata read here is that which the library wrote, with what surrounds it in files, and none that is cut off is read.
func TestFooter(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	n := func() int64 { return int64(rng.Uint64() >> (1 + rng.IntN(63))) }
	var protocol thrift.CompactProtocol
	for range 300 {
		meta := format.FileMetaData{Version: 2, NumRows: n(), CreatedBy: "somebody", KeyValueMetadata: []format.KeyValue{{Key: "a", Value: "b"}}}
		meta.Schema = []format.SchemaElement{{Name: "root"}, {Name: "x"}}
		meta.Schema[0].NumChildren.V, meta.Schema[0].NumChildren.Valid = 1, true
		meta.Schema[1].Type.V, meta.Schema[1].Type.Valid = format.Int64, true
		var want []rowGroup
		for range rng.IntN(20) {
			rg := format.RowGroup{NumRows: n(), TotalByteSize: n(), SortingColumns: []format.SortingColumn{{Descending: true}}, TotalCompressedSize: n()}
			g := rowGroup{rows: rg.NumRows, chunks: []chunkMeta{}}
			for range rng.IntN(20) {
				m := format.ColumnMetaData{Type: format.ByteArray, Encoding: []format.Encoding{format.Plain, format.RLEDictionary}, PathInSchema: []string{"x"}, Codec: format.Zstd, NumValues: n(), TotalUncompressedSize: n(),
					TotalCompressedSize: n(), DataPageOffset: n(), DictionaryPageOffset: n() * int64(rng.IntN(2)), BloomFilterOffset: n(), Statistics: format.Statistics{MinValue: make([]byte, rng.IntN(300))}}
				m.IndexPageOffset = n() * int64(rng.IntN(4)/3) // between the two that are read
				if rng.IntN(4) == 0 {
					m.KeyValueMetadata = []format.KeyValue{{Key: "a", Value: "b"}}
				}
				for range rng.IntN(20) {
					m.EncodingStats = append(m.EncodingStats, format.PageEncodingStats{Encoding: format.RLEDictionary, Count: int32(rng.IntN(1000))})
					m.SizeStatistics.DefinitionLevelHistogram = append(m.SizeStatistics.DefinitionLevelHistogram, n())
				}
				c := format.ColumnChunk{FileOffset: n(), MetaData: m, OffsetIndexOffset: n(), OffsetIndexLength: int32(rng.IntN(1000)), ColumnIndexOffset: n(), ColumnIndexLength: 1}
				if rng.IntN(10) == 0 {
					c.FilePath = "elsewhere"
				}
				if rng.IntN(10) == 0 {
					c.EncryptedColumnMetadata = []byte{1}
				}
				begin := m.DataPageOffset
				if d := m.DictionaryPageOffset; d > 0 && d < begin {
					begin = d
				}
				rg.Columns = append(rg.Columns, c)
				g.chunks = append(g.chunks, chunkMeta{begin: begin, size: m.TotalCompressedSize, uncompressed: m.TotalUncompressedSize, values: m.NumValues, physical: int8(m.Type), codec: int8(m.Codec),
					encrypted: c.EncryptedColumnMetadata != nil, elsewhere: c.FilePath != ""})
			}
			meta.RowGroups, want = append(meta.RowGroups, rg), append(want, g)
		}
		b, err := thrift.Marshal(&protocol, &meta)
		if err != nil {
			t.Fatal(err)
		}
		c := compact{b: b}
		got, ok := c.footer(nil)
		if !ok || c.at < len(b) || !reflect.DeepEqual(got.groups, want) {
			t.Fatalf("read is %v; %d bytes are left; row groups %+v, want %+v", ok, len(b)-c.at, got.groups, want)
		}
		back := format.FileMetaData{}
		if err := thrift.Unmarshal(&protocol, b, &back); err != nil {
			t.Fatal(err)
		}
		if schema, err := got.readSchema(); err != nil || len(schema) != 2 || fmt.Sprint(schema) != fmt.Sprint(back.Schema) {
			t.Fatalf("schema %+v, want %+v, error %v", schema, back.Schema, err)
		}
		for range 50 {
			cut := rng.IntN(len(b))
			c := compact{b: b[:cut]}
			if _, ok := c.footer(nil); ok {
				t.Fatalf("a footer cut off at %d of %d is read", cut, len(b))
			}
		}
	}
}
