package parquetio

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crosscheck/engine/level"
	"crosscheck/engine/record"
	"crosscheck/loaders/parquetio/snappy"

	"github.com/apache/arrow/go/v17/arrow/memory"
	klauspost "github.com/klauspost/compress/snappy"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
)

// inFragments is Snappy as Google's encoder writes it.
type inFragments struct{ compress.Codec }

func (c inFragments) Encode(dst, src []byte) ([]byte, error) {
	dst = binary.AppendUvarint(dst[:0], uint64(len(src)))
	for ; len(src) > 0; src = src[min(snappy.FragmentSize, len(src)):] {
		part := klauspost.Encode(nil, src[:min(snappy.FragmentSize, len(src))])
		_, n := binary.Uvarint(part)
		dst = append(dst, part[n:]...)
	}
	return dst, nil
}

// fewTable writes a column of each kind of value that is found by its place, and some that are not, in pages of many fragments; all of its values are texts
// in what it gives.
func fewTable(t *testing.T, path string, rng *rand.Rand, codec compress.Codec) (want [][]string) {
	t.Helper()
	long := 1 << rng.IntN(17) // bytes of the longest texts
	value := []struct {
		node  parquet.Node
		value func() (parquet.Value, string)
	}{
		{parquet.String(), func() (parquet.Value, string) {
			s := fmt.Sprint("residents of the district", rng.IntN(1000))[:rng.IntN(25)]
			return parquet.ValueOf(s), s
		}},
		{parquet.String(), func() (parquet.Value, string) {
			s := strings.Repeat(fmt.Sprint(rng.IntN(1e6)), 1+rng.IntN(4))
			if rng.IntN(2000) == 0 {
				s = strings.Repeat(s, 1+rng.IntN(long))
			}
			return parquet.ValueOf(s), s
		}},
		{parquet.Int(64), func() (parquet.Value, string) {
			n := rng.Int64N(1e12)
			return parquet.Int64Value(n), fmt.Sprint(n)
		}},
		{parquet.Int(8), func() (parquet.Value, string) {
			n := int8(rng.Uint32())
			return parquet.Int32Value(int32(n)), fmt.Sprint(n)
		}},
		{parquet.Decimal(0, 30, parquet.FixedLenByteArrayType(13)), func() (parquet.Value, string) {
			n := rng.Int64N(1e12)
			return parquet.FixedLenByteArrayValue(binary.BigEndian.AppendUint64(make([]byte, 5), uint64(n))), fmt.Sprint(n)
		}},
		{parquet.Leaf(parquet.BooleanType), func() (parquet.Value, string) {
			b := rng.IntN(2) == 0
			return parquet.BooleanValue(b), fmt.Sprint(b)
		}},
	}
	group := parquet.Group{}
	optional, nulls := make([]int, len(value)), make([]int, len(value)) // the level of a value, and nulls of a hundred
	for c := range value {
		n := parquet.Encoded(value[c].node, &parquet.Plain)
		if optional[c] = min(rng.IntN(4), 1); optional[c] == 1 {
			n, nulls[c] = parquet.Optional(n), rng.IntN(3)*rng.IntN(20)
		}
		group[fmt.Sprint("c", c)] = n
	}
	var out bytes.Buffer
	w := parquet.NewWriter(&out, parquet.NewSchema("table", group), parquet.Compression(codec), parquet.DataPageVersion(1+rng.IntN(2)),
		parquet.PageBufferSize(300_000+rng.IntN(1<<20)))
	rows := 20_000 + rng.IntN(60_000)
	want = make([][]string, len(value))
	for row := range rows {
		values := make(parquet.Row, len(value))
		for c := range value {
			v, text := value[c].value()
			if rng.IntN(100) < nulls[c] && row/5000%3 > 0 {
				values[c] = parquet.NullValue().Level(0, 0, c)
				want[c] = append(want[c], "null")
				continue
			}
			values[c] = v.Level(0, optional[c], c)
			want[c] = append(want[c], text)
		}
		if _, err := w.WriteRows([]parquet.Row{values}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return want
}

// readAll reads a column of the only part.
func readAll(t *testing.T, s *Source, columns []int) {
	t.Helper()
	r, err := s.Read(context.Background(), 0, columns)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	for r.Next() {
	}
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
}

// TestFew reads a few values of pages that were read before, whose fragments can be decompressed one by one or cannot.
func TestFew(t *testing.T) {
	for seed := range uint64(16) {
		rng := rand.New(rand.NewPCG(seed, 78))
		var codec compress.Codec = &parquet.Snappy
		if seed%4 > 0 {
			codec = inFragments{codec}
		}
		path := filepath.Join(t.TempDir(), "f.parquet")
		want := fewTable(t, path, rng, codec)
		mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
		s, err := Open([]string{path}, Options{BatchRows: 1 + rng.IntN(30_000), Allocator: dirty{mem}, whole: 1})
		if err != nil {
			t.Fatal(err)
		}
		columns := rng.Perm(len(want))
		readAll(t, s, columns)
		known := len(s.layouts.of)
		for range 4 {
			wanted := make([][]uint32, len(columns))
			for i, c := range columns {
				every := 1 << rng.IntN(16)
				for row := range want[c] {
					if rng.IntN(every) == 0 {
						wanted[i] = append(wanted[i], uint32(row))
					}
				}
			}
			pickSome(t, s, columns, wanted, want)
		}
		if left := len(s.layouts.of); seed%4 > 0 && fast() && (known == 0 || left != known) || seed%4 == 0 && left > 0 {
			t.Errorf("seed %d: the layouts of %d pages are known, in the end of %d", seed, known, left)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		mem.AssertSize(t, 0)
	}
}

// fast tells whether the borders of fragments are looked for on this processor.
func fast() bool {
	plain := make([]byte, 3*snappy.FragmentSize)
	src, _ := inFragments{}.Encode(nil, plain)
	b := snappy.Block{Dst: plain, Src: src, Borders: make([]int32, snappy.Borders(len(plain)))}
	_, _ = snappy.Decode([]snappy.Block{b})
	return b.Borders[0] > 0
}

// pickSome reads the wanted rows of the only part.
func pickSome(t *testing.T, s *Source, columns []int, wanted [][]uint32, want [][]string) {
	t.Helper()
	r, err := s.Read(context.Background(), 0, columns)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	r.(level.Picker).Pick(wanted)
	left := slices.Clone(wanted)
	for row := uint32(0); r.Next(); row += uint32(r.Record().NumRows()) {
		for i, c := range columns {
			arr := r.Record().Column(i)
			for len(left[i]) > 0 && left[i][0]-row < uint32(arr.Len()) {
				got, ok := record.AppendText(nil, arr, int(left[i][0]-row))
				if !ok {
					got = []byte("null")
				}
				if string(got) != want[c][left[i][0]] {
					t.Fatalf("column %d (%s), row %d: another value than in the whole column", c, arr.DataType(), left[i][0])
				}
				left[i] = left[i][1:]
			}
		}
	}
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	for i := range left {
		if len(left[i]) > 0 {
			t.Fatalf("column %d has %d rows fewer than are wanted", columns[i], len(left[i]))
		}
	}
}

// TestFewDamaged reads a few values of files that were changed since they were read: it gives an error or rows, never a panic or a leak.
func TestFewDamaged(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 79))
	path := filepath.Join(t.TempDir(), "f.parquet")
	want := fewTable(t, path, rng, inFragments{&parquet.Snappy})
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	columns, rows := []int{0, 1, 2, 3, 4, 5}, []uint32(nil)
	for row := 0; row < len(want[0]); row += 1 + rng.IntN(3000) {
		rows = append(rows, uint32(row))
	}
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	s, err := Open([]string{path}, Options{Allocator: dirty{mem}, whole: 1})
	if err != nil {
		t.Fatal(err)
	}
	readAll(t, s, columns)
	known := s.layouts.of
	failed := 0
	for range 200 {
		damaged := bytes.Clone(whole)
		for range 1 + rng.IntN(200) {
			damaged[rng.IntN(len(damaged))] ^= byte(1 + rng.IntN(255))
		}
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		s.layouts = layouts{of: maps.Clone(known)}
		r, err := s.Read(context.Background(), 0, columns)
		if err != nil {
			failed++
			continue
		}
		r.(level.Picker).Pick(slices.Repeat([][]uint32{rows}, len(columns)))
		for r.Next() {
			touch(r.Record())
		}
		if r.Err() != nil {
			failed++
		}
		r.Release()
	}
	if failed == 0 {
		t.Error("no damage is told")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	mem.AssertSize(t, 0)
}
