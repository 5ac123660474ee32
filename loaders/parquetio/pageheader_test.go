package parquetio

import (
	"math/rand/v2"
	"testing"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// TestPageHeader: headers read here are those that the library wrote, with all that it can put into them, and none that is cut off is read.
func TestPageHeader(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	n := func() int32 { return int32(rng.Uint32()) >> rng.IntN(32) }
	var protocol thrift.CompactProtocol
	for range 2000 {
		h := format.PageHeader{UncompressedPageSize: n(), CompressedPageSize: n(), CRC: n()}
		stats := format.Statistics{Min: []byte("a"), Max: []byte("zz"), MinValue: make([]byte, rng.IntN(300))}
		want := pageHeader{size: h.UncompressedPageSize, compressed: h.CompressedPageSize, crc: h.CRC}
		switch want.kind = pageKind(rng.IntN(4)); want.kind {
		case dataPage:
			d := format.DataPageHeader{NumValues: n(), Encoding: format.DeltaByteArray, DefinitionLevelEncoding: format.RLE, Statistics: stats}
			h.DataPageHeader.V, h.DataPageHeader.Valid = d, true
			want.values, want.encoding = d.NumValues, d.Encoding
		case dataPage2:
			d := format.DataPageHeaderV2{NumValues: n(), NumNulls: n(), NumRows: n(), Encoding: format.RLEDictionary, DefinitionLevelsByteLength: n(), RepetitionLevelsByteLength: n(), Statistics: stats}
			if d.IsCompressed.Valid = rng.IntN(2) == 0; d.IsCompressed.Valid {
				d.IsCompressed.V = rng.IntN(2) == 0
			}
			h.DataPageHeaderV2.V, h.DataPageHeaderV2.Valid = d, true
			want.values, want.encoding, want.defined, want.repeated = d.NumValues, d.Encoding, d.DefinitionLevelsByteLength, d.RepetitionLevelsByteLength
			want.stored = d.IsCompressed.Valid && !d.IsCompressed.V
		case dictionaryPage:
			d := format.DictionaryPageHeader{NumValues: n(), Encoding: format.Plain, IsSorted: rng.IntN(2) == 0}
			h.DictionaryPageHeader.V, h.DictionaryPageHeader.Valid = d, true
			want.values, want.encoding = d.NumValues, d.Encoding
		}
		b, err := thrift.Marshal(&protocol, &h)
		if err != nil {
			t.Fatal(err)
		}
		c := compact{b: append(b, "rest"...)}
		if got, ok := c.pageHeader(); !ok || got != want || string(c.b[c.at:]) != "rest" {
			t.Fatalf("%+v, want %+v; %d bytes are left", got, want, len(c.b)-c.at)
		}
		for cut := range b {
			c := compact{b: b[:cut]}
			if _, ok := c.pageHeader(); ok {
				t.Fatalf("a header cut off at %d of %d is read", cut, len(b))
			}
		}
	}
}
