package parquetio

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"crosscheck/engine/level"
	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/encoding"
	"github.com/parquet-go/parquet-go/format"
)

// kind is a type of column with values that are written and the texts that must be read.
type kind struct {
	node      func() parquet.Node
	encodings []encoding.Encoding
	value     func(rng *rand.Rand, x uint64) (parquet.Value, string)
}

var kinds = []kind{
	{func() parquet.Node { return parquet.String() },
		[]encoding.Encoding{&parquet.Plain, &parquet.RLEDictionary, &parquet.DeltaLengthByteArray, &parquet.DeltaByteArray},
		func(rng *rand.Rand, x uint64) (parquet.Value, string) {
			s := fmt.Sprintf("%.*d", rng.IntN(30), x)
			return parquet.ValueOf(s), s
		}},
	{func() parquet.Node { return parquet.Leaf(parquet.ByteArrayType) },
		[]encoding.Encoding{&parquet.Plain, &parquet.RLEDictionary},
		func(rng *rand.Rand, x uint64) (parquet.Value, string) {
			s := fmt.Sprint("b", x)
			return parquet.ByteArrayValue([]byte(s)), s
		}},
	{func() parquet.Node { return parquet.Int(32) },
		[]encoding.Encoding{&parquet.Plain, &parquet.RLEDictionary, &parquet.DeltaBinaryPacked},
		func(rng *rand.Rand, x uint64) (parquet.Value, string) {
			return parquet.Int32Value(int32(x)), fmt.Sprint(int32(x))
		}},
	{func() parquet.Node { return parquet.Int(8) },
		[]encoding.Encoding{&parquet.Plain, &parquet.RLEDictionary, &parquet.DeltaBinaryPacked},
		func(rng *rand.Rand, x uint64) (parquet.Value, string) {
			return parquet.Int32Value(int32(int8(x))), fmt.Sprint(int8(x))
		}},
	{func() parquet.Node { return parquet.Uint(16) },
		[]encoding.Encoding{&parquet.Plain, &parquet.RLEDictionary, &parquet.DeltaBinaryPacked},
		func(rng *rand.Rand, x uint64) (parquet.Value, string) {
			return parquet.Int32Value(int32(uint16(x))), fmt.Sprint(uint16(x))
		}},
	{func() parquet.Node { return parquet.Uint(64) },
		[]encoding.Encoding{&parquet.Plain, &parquet.RLEDictionary, &parquet.DeltaBinaryPacked},
		func(rng *rand.Rand, x uint64) (parquet.Value, string) {
			return parquet.Int64Value(int64(x << 1)), fmt.Sprint(x << 1)
		}},
	{func() parquet.Node { return parquet.Leaf(parquet.BooleanType) },
		[]encoding.Encoding{&parquet.Plain, &parquet.RLE},
		func(rng *rand.Rand, x uint64) (parquet.Value, string) {
			return parquet.BooleanValue(x&1 != 0), fmt.Sprint(x&1 != 0)
		}},
	{func() parquet.Node { return parquet.Leaf(parquet.DoubleType) },
		[]encoding.Encoding{&parquet.Plain, &parquet.RLEDictionary, &parquet.ByteStreamSplit},
		func(rng *rand.Rand, x uint64) (parquet.Value, string) {
			f := float64(x%1000) + 0.5
			return parquet.DoubleValue(f), fmt.Sprint(f)
		}},
	{func() parquet.Node { return parquet.Decimal(0, 9, parquet.Int32Type) },
		[]encoding.Encoding{&parquet.Plain, &parquet.RLEDictionary, &parquet.DeltaBinaryPacked},
		func(rng *rand.Rand, x uint64) (parquet.Value, string) {
			n := int32(x % 2e9)
			return parquet.Int32Value(n - 1e9), fmt.Sprint(n - 1e9)
		}},
	{func() parquet.Node { return parquet.Decimal(0, 30, parquet.FixedLenByteArrayType(13)) },
		[]encoding.Encoding{&parquet.Plain, &parquet.RLEDictionary, &parquet.DeltaByteArray},
		func(rng *rand.Rand, x uint64) (parquet.Value, string) {
			b := make([]byte, 13)
			n := int64(x) >> 20
			for i := range b {
				b[12-i] = byte(n >> min(8*i, 63))
			}
			return parquet.FixedLenByteArrayValue(b), fmt.Sprint(n)
		}},
	{func() parquet.Node { return parquet.Leaf(parquet.FixedLenByteArrayType(3)) },
		[]encoding.Encoding{&parquet.Plain, &parquet.RLEDictionary, &parquet.ByteStreamSplit},
		func(rng *rand.Rand, x uint64) (parquet.Value, string) {
			b := []byte{byte(x), byte(x >> 8), byte(x >> 16)}
			return parquet.FixedLenByteArrayValue(b), fmt.Sprintf("%x", b)
		}},
}

// textsOf gives the values of an array as texts.
func textsOf(t *testing.T, arr arrow.Array) (all []string) {
	nulls := 0
	for row := range arr.Len() {
		text, ok := record.AppendText(nil, arr, row)
		if !ok {
			text = []byte("null")
			nulls++
		}
		all = append(all, string(text))
	}
	if arr.NullN() != nulls || nulls == 0 && arr.NullBitmapBytes() != nil {
		t.Fatalf("an array of %s says that it has %d nulls and has %d", arr.DataType(), arr.NullN(), nulls)
	}
	return all
}

// TestRandom writes tables of random types, nulls, pages, encodings, codecs and row groups, and reads them in batches and bundles of
// random size, from memory that is not zero: all rows, and some of each column.
func TestRandom(t *testing.T) {
	begun := 0
	for seed := range uint64(150) {
		rng := rand.New(rand.NewPCG(seed, 77))
		rows, width := rng.IntN(900), 1+rng.IntN(4)
		group := parquet.Group{}
		var names []string
		var columns []kind
		optional := make([]bool, width)
		for c := range width {
			k := kinds[rng.IntN(len(kinds))]
			n := parquet.Encoded(k.node(), k.encodings[rng.IntN(len(k.encodings))])
			if optional[c] = rng.IntN(3) > 0; optional[c] {
				n = parquet.Optional(n)
			}
			names = append(names, fmt.Sprintf("c%d", c))
			group[names[c]] = n
			columns = append(columns, k)
		}
		codec := []compress.Codec{&parquet.Uncompressed, &parquet.Snappy, &parquet.Zstd, &parquet.Gzip, &parquet.Lz4Raw, &parquet.Brotli}[rng.IntN(6)]
		var out bytes.Buffer
		w := parquet.NewWriter(&out, parquet.NewSchema("table", group), parquet.Compression(codec), parquet.DataPageVersion(1+rng.IntN(2)),
			parquet.PageBufferSize(50+rng.IntN(3000)), parquet.DictionaryMaxBytes(int64(rng.IntN(2)*rng.IntN(2000))))
		want := make([][]string, width)
		distinct, nulls := 1+rng.Uint64N(1<<rng.IntN(20)), rng.IntN(101)
		for row := range rows {
			values := make(parquet.Row, width)
			for c, k := range columns {
				if optional[c] && rng.IntN(100) < nulls && (row/50+c)%3 > 0 { // with stretches that have none
					values[c] = parquet.NullValue().Level(0, 0, c)
					want[c] = append(want[c], "null")
					continue
				}
				v, text := k.value(rng, rng.Uint64N(distinct)*0x9e3779b97f4a7c15)
				defined := 0
				if optional[c] {
					defined = 1
				}
				values[c] = v.Level(0, defined, c)
				want[c] = append(want[c], text)
			}
			if _, err := w.WriteRows([]parquet.Row{values}); err != nil {
				t.Fatal(err)
			}
			if rng.IntN(300) == 0 {
				if err := w.Flush(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "f.parquet")
		if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
		s, err := Open([]string{path}, Options{BatchRows: 1 + rng.IntN(500), Allocator: dirty{mem}, whole: rng.Int64N(2) * (1 + rng.Int64N(4000))})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		got := make([][]string, width)
		for part, end := 0, 0; part < len(s.Parts()); part = end {
			end = min(part+1+rng.IntN(4), len(s.Parts()))
			order := rng.Perm(width)
			for i := range (end - part) * width { // one at a time: the beginning of one may tell where that of another does not
				part, c := part+i/width, order[i%width]
				p, rows := s.Parts()[part], 1+rng.Int64N(200)
				batch := s.begin(context.Background(), part, []int{c}, beginning{rows, 1 + rng.Int64N(3000)})
				if batch == nil {
					continue
				}
				begun++
				if n := batch.NumRows(); n != min(rows, int64(s.opt.BatchRows), p.Rows) {
					t.Fatalf("seed %d: the first %d rows are %d", seed, rows, n)
				}
				if first := textsOf(t, batch.Column(0)); !slices.Equal(first, want[c][p.FirstRow-1:][:len(first)]) {
					t.Fatalf("seed %d: column %d (%s) differs at the beginning of a part", seed, c, s.Schema().Field(c).Type)
				}
				batch.Release()
			}
			r, err := s.ReadBundle(context.Background(), part, end, order)
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			for r.Next() {
				for i, c := range order {
					got[c] = append(got[c], textsOf(t, r.Record().Column(i))...)
				}
			}
			if err := r.Err(); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			r.Release()
			wanted, share := make([][]uint32, width), rng.IntN(100)
			first, last := s.Parts()[part].FirstRow-1, s.Parts()[end-1]
			for row := range last.FirstRow - 1 + last.Rows - first {
				for i := range wanted {
					if rng.IntN(100) < share*share/100 {
						wanted[i] = append(wanted[i], uint32(row))
					}
				}
			}
			if r, err = s.ReadBundle(context.Background(), part, end, order); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			r.(level.Picker).Pick(wanted)
			for row := uint32(0); r.Next(); row += uint32(r.Record().NumRows()) {
				for i, c := range order {
					arr, nulls := r.Record().Column(i), 0
					for j := range arr.Len() {
						text, picked := want[c][int(first)+int(row)+j], len(wanted[i]) > 0 && wanted[i][0] == row+uint32(j)
						if picked {
							wanted[i] = wanted[i][1:]
						}
						got, ok := record.AppendText(nil, arr, j)
						if !ok {
							got = []byte("null")
							nulls++
						}
						if !picked && (!ok || group[names[c]].Encoding().Encoding() != format.RLEDictionary) {
							text = "null" // of pages without a dictionary what is not wanted is passed over
						}
						if string(got) != text {
							t.Fatalf("seed %d: column %d (%s, %v), row %d of a part, wanted: %v, is %q, not %q", seed, c, s.Schema().Field(c).Type, group[names[c]].Encoding(), int(row)+j, picked, got, text)
						}
					}
					if arr.NullN() != nulls {
						t.Fatalf("seed %d: column %d says that it has %d nulls and has %d", seed, c, arr.NullN(), nulls)
					}
				}
			}
			if err := r.Err(); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			r.Release()
		}
		for c := range width {
			if !slices.Equal(got[c], want[c]) {
				at := 0
				for at < min(len(got[c]), len(want[c])) && got[c][at] == want[c][at] {
					at++
				}
				t.Errorf("seed %d: column %d (%s, %v) of %d rows differs from row %d on, %d rows read", seed, c, s.Schema().Field(c).Type, group[names[c]].Encoding(), rows, at, len(got[c]))
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		mem.AssertSize(t, 0)
	}
	if begun < 500 {
		t.Errorf("%d beginnings of columns were read", begun)
	}
}
