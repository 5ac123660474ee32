package parquetio

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crosscheck/engine/level"
	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// leaf writes a file of one column v of a type.
func leaf(t testing.TB, path string, node parquet.Node, values ...parquet.Value) {
	t.Helper()
	var out bytes.Buffer
	w := parquet.NewWriter(&out, parquet.NewSchema("table", parquet.Group{"v": node}))
	for _, v := range values {
		defined := 0
		if node.Optional() && !v.IsNull() {
			defined = 1
		}
		if _, err := w.WriteRows([]parquet.Row{{v.Level(0, defined, 0)}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// half is the type of float16 columns, which the library writes no values of by itself.
type half struct{ parquet.Type }

func (half) LogicalType() *format.LogicalType {
	return &format.LogicalType{Value: new(format.Float16Type)}
}

// readColumn reads column v of a level as texts, a null as "null", from memory that is not zero: file by file, and once more all of them as one, which
// gives the same.
func readColumn(t testing.TB, paths ...string) (dt arrow.DataType, texts []string, err error) {
	t.Helper()
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	s, err := Open(paths, Options{BatchRows: 3, Allocator: dirty{mem}})
	if err != nil {
		return nil, nil, err
	}
	defer s.Close()
	read := func(first, end int) (texts []string, err error) {
		r, err := s.ReadBundle(context.Background(), first, end, []int{0})
		if err != nil {
			return nil, err
		}
		defer r.Release()
		for r.Next() {
			arr := r.Record().Column(0)
			for i := range arr.Len() {
				text, ok := record.AppendText(nil, arr, i)
				if !ok {
					text = []byte("null")
				}
				texts = append(texts, string(text))
			}
		}
		return texts, r.Err()
	}
	for part := range s.Parts() {
		more, err := read(part, part+1)
		if err != nil {
			return nil, nil, err
		}
		texts = append(texts, more...)
	}
	if all, err := read(0, len(s.Parts())); err != nil || !slices.Equal(all, texts) {
		t.Errorf("as one, %d values of %d and %v", len(all), len(texts), err)
	}
	return s.Schema().Field(0).Type, texts, nil
}

// dirty gives memory that is not zero, as recycle's allocator does.
type dirty struct{ memory.Allocator }

func (d dirty) Allocate(n int) []byte {
	b := d.Allocator.Allocate(n)
	for i := range b {
		b[i] = 0xa5
	}
	return b
}

func int96(day int32, nanos int64) parquet.Value {
	return parquet.Int96Value(deprecated.Int96{uint32(nanos), uint32(nanos >> 32), uint32(day)})
}

func TestTypes(t *testing.T) {
	big := bytes.Repeat([]byte{0}, 20) // 20 bytes, of which 16 can count
	big[19] = 125
	negative := bytes.Repeat([]byte{0xff}, 20)
	tooBig := bytes.Clone(big)
	tooBig[2] = 1
	oneAndAHalf := binary.LittleEndian.AppendUint16(nil, 0x3e00)
	for _, c := range []struct {
		name   string
		node   parquet.Node
		values []parquet.Value
		dt     string
		want   string // texts, or what the error says
	}{
		{"int96", parquet.Leaf(parquet.Int96Type), []parquet.Value{int96(2440588, 1), int96(2440587, 0)},
			"timestamp[ns]", "1970-01-01 00:00:00.000000001 1969-12-31 00:00:00"},
		{"int96 of the year 9999", parquet.Leaf(parquet.Int96Type), []parquet.Value{int96(2440588, 1), int96(5373484, 0)},
			"", "1678 to 2261"},
		{"int96 of the year 1", parquet.Leaf(parquet.Int96Type), []parquet.Value{int96(1721426, 0)}, "", "1678 to 2261"},
		{"long decimal", parquet.Decimal(2, 30, parquet.FixedLenByteArrayType(20)),
			[]parquet.Value{parquet.FixedLenByteArrayValue(big), parquet.FixedLenByteArrayValue(negative)}, "decimal(30, 2)", "1.25 -0.01"},
		{"decimal that does not fit", parquet.Decimal(2, 30, parquet.FixedLenByteArrayType(20)),
			[]parquet.Value{parquet.FixedLenByteArrayValue(tooBig)}, "", "more digits"},
		{"float16", parquet.Optional(parquet.Leaf(half{parquet.FixedLenByteArrayType(2)})),
			[]parquet.Value{parquet.FixedLenByteArrayValue(oneAndAHalf), parquet.NullValue()}, "float16", "1.5 null"},
	} {
		path := filepath.Join(t.TempDir(), "v.parquet")
		leaf(t, path, c.node, c.values...)
		dt, texts, err := readColumn(t, path)
		if c.dt == "" {
			var input *level.InputError
			if !errors.As(err, &input) || input.Column != "v" || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		if err != nil || dt.String() != c.dt || strings.Join(texts, " ") != c.want {
			t.Errorf("%s: type %v, %d values, %v", c.name, dt, len(texts), err)
		}
	}
}

// A file in which a column holds nothing but nulls fits one in which it has a type, in any order.
func TestNullColumn(t *testing.T) {
	dir := t.TempDir()
	null := parquet.Value{}
	leaf(t, filepath.Join(dir, "nulls.parquet"), parquet.Optional(parquet.Leaf(parquet.NullType)), null, null, null, null)
	if dt, texts, err := readColumn(t, filepath.Join(dir, "nulls.parquet")); err != nil || dt.ID() != arrow.NULL || len(texts) != 4 {
		t.Errorf("alone: %v, %d rows, %v", dt, len(texts), err)
	}
	for name, node := range map[string]parquet.Node{"text": parquet.String(), "number": parquet.Int(64), "flag": parquet.Leaf(parquet.BooleanType)} {
		value := map[string]parquet.Value{"text": parquet.ValueOf("x"), "number": parquet.ValueOf(int64(7)), "flag": parquet.ValueOf(true)}[name]
		for _, order := range []string{"a", "z"} {
			path := filepath.Join(dir, order+name+".parquet")
			leaf(t, path, node, value)
			dt, texts, err := readColumn(t, path, filepath.Join(dir, "nulls.parquet"))
			if err != nil || dt.ID() == arrow.NULL || len(texts) != 5 || strings.Count(strings.Join(texts, " "), "null") != 4 {
				t.Errorf("%s, file %s: %v, %d rows, %v", name, order, dt, len(texts), err)
			}
		}
	}
}
