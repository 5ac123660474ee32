package parquetio

import (
	"math/rand/v2"
	"testing"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// TestUsualPageHeader: what is read the short way of headers that are whole, damaged or in another form is what is read the long way.
func TestUsualPageHeader(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	var protocol thrift.CompactProtocol
	read := 0
	for range 20000 {
		n := func() int32 { return int32(rng.Uint32()) >> rng.IntN(32) }
		h := format.PageHeader{UncompressedPageSize: n(), CompressedPageSize: n(), CRC: n()}
		switch rng.IntN(3) {
		case 0:
			h.DictionaryPageHeader.V, h.DictionaryPageHeader.Valid = format.DictionaryPageHeader{NumValues: n(), Encoding: format.Plain, IsSorted: rng.IntN(2) == 0}, true
		case 1:
			h.DataPageHeader.V, h.DataPageHeader.Valid = format.DataPageHeader{NumValues: n(), Encoding: format.RLEDictionary, Statistics: format.Statistics{MinValue: make([]byte, rng.IntN(5))}}, true
		}
		b, err := thrift.Marshal(&protocol, &h)
		if err != nil {
			t.Fatal(err)
		}
		b = append(b, "a page"...)
		for range rng.IntN(3) {
			switch i := rng.IntN(len(b)); rng.IntN(4) {
			case 0:
				b[i] = byte(rng.Uint32())
			case 1:
				b[i] ^= 1 << rng.IntN(8)
			case 2:
				b = append(b[:i], b[min(i+1, len(b)-1):]...)
			default:
				b = b[:i+1]
			}
		}
		short, long := compact{b: b}, compact{b: b}
		got, ok := short.usualPageHeader()
		if !ok {
			if short.at != 0 || short.bad {
				t.Fatal("what is not read moves")
			}
			continue
		}
		read++
		if want, ok := long.anyPageHeader(); !ok || got != want || short.at != long.at {
			t.Fatalf("of a header of %d bytes %+v is read, the long way %+v", len(b), got, want)
		}
	}
	if read < 1000 || read > 15000 {
		t.Errorf("%d headers are read the short way", read)
	}
}

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
