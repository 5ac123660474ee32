package cells_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"crosscheck/engine/cells"
	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/decimal256"
	"github.com/apache/arrow/go/v17/arrow/float16"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// types is those of the columns of a test, each with what appends a value to its builder.
var types = []struct {
	dt  arrow.DataType
	add func(b array.Builder, r *rand.Rand)
}{
	{arrow.BinaryTypes.String, func(b array.Builder, r *rand.Rand) { b.(*array.StringBuilder).Append(word(r)) }},
	{arrow.BinaryTypes.LargeString, func(b array.Builder, r *rand.Rand) { b.(*array.LargeStringBuilder).Append(word(r)) }},
	{arrow.BinaryTypes.StringView, func(b array.Builder, r *rand.Rand) { b.(*array.StringViewBuilder).Append(word(r)) }},
	{arrow.BinaryTypes.String, func(b array.Builder, r *rand.Rand) {
		b.(*array.StringBuilder).Append(fmt.Sprintf("%011d", r.IntN(1e10)))
	}},
	{arrow.BinaryTypes.Binary, func(b array.Builder, r *rand.Rand) { b.(*array.BinaryBuilder).Append([]byte("\xff" + word(r))) }},
	{arrow.PrimitiveTypes.Int8, func(b array.Builder, r *rand.Rand) { b.(*array.Int8Builder).Append(int8(r.Int())) }},
	{arrow.PrimitiveTypes.Int32, func(b array.Builder, r *rand.Rand) { b.(*array.Int32Builder).Append(int32(r.IntN(1000) - 500)) }},
	{arrow.PrimitiveTypes.Uint32, func(b array.Builder, r *rand.Rand) { b.(*array.Uint32Builder).Append(r.Uint32()) }},
	{arrow.PrimitiveTypes.Int64, func(b array.Builder, r *rand.Rand) { b.(*array.Int64Builder).Append(int64(r.Uint64())) }},
	{arrow.PrimitiveTypes.Uint64, func(b array.Builder, r *rand.Rand) { b.(*array.Uint64Builder).Append(r.Uint64() >> r.IntN(64)) }},
	{arrow.FixedWidthTypes.Float16, func(b array.Builder, r *rand.Rand) {
		b.(*array.Float16Builder).Append(float16.New(float32(r.IntN(100))))
	}},
	{arrow.PrimitiveTypes.Float64, func(b array.Builder, r *rand.Rand) { b.(*array.Float64Builder).Append(r.NormFloat64()) }},
	{arrow.FixedWidthTypes.Boolean, func(b array.Builder, r *rand.Rand) { b.(*array.BooleanBuilder).Append(r.IntN(2) == 0) }},
	{arrow.FixedWidthTypes.Date32, func(b array.Builder, r *rand.Rand) {
		b.(*array.Date32Builder).Append(arrow.Date32(r.IntN(20000)))
	}},
	{arrow.FixedWidthTypes.Timestamp_us, func(b array.Builder, r *rand.Rand) {
		b.(*array.TimestampBuilder).Append(arrow.Timestamp(r.Int64N(2e15)))
	}},
	{&arrow.Decimal128Type{Precision: 38, Scale: 1}, func(b array.Builder, r *rand.Rand) {
		x := decimal128.FromI64(int64(r.IntN(100) - 50))
		if r.IntN(2000) == 0 {
			x = decimal128.New(r.Int64N(1e9), r.Uint64())
		}
		b.(*array.Decimal128Builder).Append(x)
	}},
	{&arrow.Decimal256Type{Precision: 50, Scale: 2}, func(b array.Builder, r *rand.Rand) {
		b.(*array.Decimal256Builder).Append(decimal256.FromI64(r.Int64()))
	}},
	{&arrow.FixedSizeBinaryType{ByteWidth: 16}, func(b array.Builder, r *rand.Rand) {
		b.(*array.FixedSizeBinaryBuilder).Append([]byte(fmt.Sprintf("%016d", r.IntN(1e9))))
	}},
	{&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}, nil},
	{arrow.Null, nil},
}

func word(r *rand.Rand) string { return strings.Repeat("东", r.IntN(3)) + fmt.Sprint(r.IntN(1000)) }

// column makes a column of one of types. Those of dictionaries have one and the same.
func column(r *rand.Rand, i, rows int, dict arrow.Array) arrow.Array {
	nulls := r.IntN(3) // none, some, all
	isNull := func() bool { return nulls == 2 || nulls == 1 && r.IntN(3) == 0 }
	switch dt := types[i].dt.(type) {
	case *arrow.NullType:
		return array.NewNull(rows)
	case *arrow.DictionaryType:
		b := array.NewInt32Builder(memory.DefaultAllocator)
		for range rows {
			if isNull() {
				b.AppendNull()
			} else {
				b.Append(int32(r.IntN(dict.Len())))
			}
		}
		return array.NewDictionaryArray(dt, b.NewArray(), dict)
	}
	b := array.NewBuilder(memory.DefaultAllocator, types[i].dt)
	for range rows + 1 {
		if isNull() {
			b.AppendNull()
		} else {
			types[i].add(b, r)
		}
	}
	arr := b.NewArray()
	if _, ok := arr.(*array.StringView); ok {
		return array.NewSlice(arr, 0, int64(rows))
	}
	return array.NewSlice(arr, 1, int64(rows+1)) // with an offset
}

// part makes a part with a column of each type, and one that is not given, and what its rows hold.
func part(r *rand.Rand) (kept []byte, want [][]string) {
	var w cells.Writer
	w.Begin(len(types)+1, 0)
	dict := array.NewStringBuilder(memory.DefaultAllocator)
	for range 1 + r.IntN(300) {
		dict.Append(word(r))
	}
	dict.AppendNull()
	entries := dict.NewArray()
	want = make([][]string, len(types)+1)
	for range r.IntN(4) {
		rows := r.IntN(200)
		columns := make([]arrow.Array, len(types)+1)
		for i := range types {
			columns[i] = column(r, i, rows, entries)
			for row := range rows {
				want[i] = append(want[i], textOf(columns[i], row))
			}
		}
		for range rows {
			want[len(types)] = append(want[len(types)], null)
		}
		w.Add(columns, rows)
	}
	return bytes.Clone(w.End()), want
}

const null = "null"

func textOf(arr arrow.Array, row int) string {
	if arr == nil {
		return null
	}
	text, ok := record.AppendText(nil, arr, row)
	if !ok {
		return null
	}
	return string(text)
}

// TestCells keeps columns of all types in all layouts and reads their rows back in any order.
func TestCells(t *testing.T) {
	read := 0
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		kept, want := part(r)
		reader, err := cells.Open(bytes.NewReader(kept), int64(len(kept)), len(want))
		if err != nil {
			t.Fatal(err)
		}
		if reader.Rows() != len(want[0]) {
			t.Fatalf("seed %d: %d rows of %d", seed, reader.Rows(), len(want[0]))
		}
		for range 20 * reader.Rows() {
			row, c := r.IntN(reader.Rows()), r.IntN(len(want))
			arr, at, err := reader.Value(row, c, typeOf(c))
			if err != nil {
				t.Fatal(err)
			}
			if got := textOf(arr, at); got != want[c][row] {
				t.Fatalf("seed %d: row %d of column %d is another one", seed, row, c)
			}
			read++
		}
		for c := range want {
			if reader.Rows() == 0 {
				break
			}
			arr, err := reader.Column(c, typeOf(c))
			if err != nil || arr.Len() != reader.Rows() {
				t.Fatalf("seed %d: column %d: %v", seed, c, err)
			}
			for row := range want[c] {
				if textOf(arr, row) != want[c][row] {
					t.Fatalf("seed %d: row %d of column %d is another one", seed, row, c)
				}
			}
			arr.Release()
		}
		if _, _, err := reader.Value(reader.Rows(), 0, typeOf(0)); !errors.Is(err, cells.ErrDamaged) {
			t.Errorf("seed %d: a row behind the last: %v", seed, err)
		}
		reader.Release()
	}
	if read < 10000 {
		t.Errorf("%d values were read", read)
	}
}

func typeOf(c int) arrow.DataType {
	if c == len(types) {
		return arrow.BinaryTypes.Binary
	}
	return types[c].dt
}

// TestDamaged changes or cuts what is kept anywhere: values are then those that were kept, or damaged.
func TestDamaged(t *testing.T) {
	noticed, missed := 0, 0
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 2))
		kept, want := part(r)
		for range 20 {
			bad := bytes.Clone(kept)
			if r.IntN(4) == 0 {
				bad = bad[:r.IntN(len(bad))]
			} else {
				bad[r.IntN(len(bad))] ^= 1 << r.IntN(8)
			}
			reader, err := cells.Open(bytes.NewReader(bad), int64(len(bad)), len(want))
			if err != nil {
				noticed++
				continue
			}
			found := false
			for c := range want {
				for row := range want[c] {
					arr, at, err := reader.Value(row, c, typeOf(c))
					if found = found || err != nil; err == nil && textOf(arr, at) != want[c][row] {
						t.Fatalf("seed %d: a value of column %d is another one", seed, c)
					}
				}
			}
			reader.Release()
			if found {
				noticed++
			} else {
				missed++ // in a dictionary's entry that no row has
			}
		}
	}
	if noticed < 700 || missed > 80 {
		t.Errorf("of 800 damages %d were noticed, %d not", noticed, missed)
	}
}

// TestUnknown holds that nothing is kept of a part with a column that cannot be, or that comes in two ways.
func TestUnknown(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 3))
	lists := array.NewListBuilder(memory.DefaultAllocator, arrow.PrimitiveTypes.Int8)
	lists.AppendNull()
	dict := func() arrow.Array {
		b := array.NewStringBuilder(memory.DefaultAllocator)
		b.Append("x")
		return column(r, len(types)-2, 5, b.NewArray())
	}
	for what, batches := range map[string][]arrow.Array{
		"a list":                {lists.NewArray()},
		"two dictionaries":      {dict(), dict()},
		"first without entries": {column(r, 0, 5, nil), dict()},
		"then without entries":  {dict(), column(r, 0, 5, nil)},
	} {
		var w cells.Writer
		w.Begin(1, 1000)
		for _, arr := range batches {
			w.Add([]arrow.Array{arr}, arr.Len())
		}
		if kept := w.End(); kept != nil {
			t.Errorf("%s: %d bytes are kept", what, len(kept))
		}
	}
}
