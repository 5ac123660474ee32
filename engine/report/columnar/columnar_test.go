package columnar

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/rle"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// TestHybrid decodes with the library what was encoded here: runs and packs of every width.
func TestHybrid(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 99))
	for round := range 2000 {
		width := 1 + r.IntN(24)
		var numbers []uint32
		for range r.IntN(12) {
			x := r.Uint32N(1 << width)
			for range []int{1, 1, 1, 7, 8, 9, 64, 700}[r.IntN(8)] {
				numbers = append(numbers, x)
			}
			if r.IntN(3) == 0 {
				for range r.IntN(30) {
					numbers = append(numbers, r.Uint32N(1<<width))
				}
			}
		}
		e := rle.Encoding{BitWidth: width}
		got, err := e.DecodeInt32(nil, appendHybrid(nil, numbers, width))
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		for i, x := range numbers {
			if i >= len(got) || uint32(got[i]) != x {
				t.Fatalf("round %d: number %d of %d, of %d bits, is not what was encoded", round, i, len(numbers), width)
			}
		}
		if len(got) > len(numbers)+7 {
			t.Fatalf("round %d: %d numbers decoded, %d encoded", round, len(got), len(numbers))
		}
	}
}

func TestBounds(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 99))
	for round := range 500 {
		prefix := bytes.Repeat([]byte("p"), r.IntN(12))
		var b bounds
		var all [][]byte
		for range 1 + r.IntN(200) {
			v := slices.Clone(prefix[:r.IntN(len(prefix)+1)])
			if r.IntN(4) > 0 {
				v = append(slices.Clone(prefix), fmt.Appendf(nil, "%0*d", r.IntN(20), r.IntN(1000))...)
			}
			b.add(append(v, "others' bytes"...)[:len(v)]) // what lies behind a text is not its own
			all = append(all, v)
		}
		low, high := slices.MinFunc(all, bytes.Compare), slices.MaxFunc(all, bytes.Compare)
		if !bytes.Equal(b.low, low) || !bytes.Equal(b.high, high) {
			t.Fatalf("round %d: bounds are %q and %q, want %q and %q", round, b.low, b.high, low, high)
		}
		limit := 1 + r.IntN(8)
		if cut := cutLow(low, limit); len(cut) > limit || bytes.Compare(cut, low) > 0 {
			t.Fatalf("round %d: %q cut to %d is %q", round, low, limit, cut)
		}
		if cut := cutHigh(high, limit); len(cut) > limit || bytes.Compare(cut, high) < 0 {
			t.Fatalf("round %d: %q cut to %d is %q", round, high, limit, cut)
		}
	}
	if cut := cutHigh([]byte{'a', 0xff, 0xff, 'b'}, 3); string(cut) != "b" {
		t.Errorf("a bound that ends in 0xff is cut to %q", cut)
	}
	if all := []byte{0xff, 0xff, 0xff}; !bytes.Equal(cutHigh(all, 2), all) {
		t.Error("a bound of which nothing shorter is greater was cut")
	}
}

// TestBehind: texts of which more lies behind come out as those that end there.
func TestBehind(t *testing.T) {
	table := func(behind string) []byte {
		var out bytes.Buffer
		w := NewWriter(&out, Options{
			Name: "t", Columns: []Column{{Name: "text", Type: Text, Nullable: true}},
			PageBytes: 1 << 10, DictionaryMax: 1 << 10, BoundsMax: 64, Memory: &Memory{},
		})
		g := w.Group()
		p := g.Page()
		for i := range 500 {
			v := bytes.Repeat([]byte{byte('a' + i%26)}, i%20)
			p.Cells(0).Texts([][]byte{append(v, behind...)[:len(v)], nil})
		}
		p.Seal()
		g.Add(p)
		if err := w.Write(g); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	if !bytes.Equal(table("others' bytes"), table("")) {
		t.Error("what lies behind texts is in the table")
	}
}

// write makes a table of a text, a date, two columns with dictionaries, of which one is null throughout, and a number, from the numbers of pages.
func write(t *testing.T, pages [][]int) []byte {
	t.Helper()
	var out bytes.Buffer
	w := NewWriter(&out, Options{
		Name: "t",
		Columns: []Column{
			{Name: "text", Type: Text},
			{Name: "day", Type: Date, Dictionary: true},
			{Name: "null", Type: Text, Nullable: true, Dictionary: true},
			{Name: "word", Type: Text, Nullable: true, Dictionary: true, Words: [][]byte{[]byte("unused"), []byte("b"), []byte("a")}},
			{Name: "count", Type: Int64, Nullable: true},
		},
		PageBytes: 1 << 20, DictionaryMax: 1 << 18, BoundsMax: 64, BloomBits: 10, Memory: &Memory{},
	})
	g := w.Group()
	for _, numbers := range pages {
		p := g.Page()
		for _, n := range numbers {
			p.Cells(0).Texts([][]byte{fmt.Appendf(nil, "%05d", n)})
			p.Cells(1).Dates([]int32{int32(-n)})
			p.Cells(2).Texts([][]byte{nil})
			p.Cells(3).Words([]int{n%4 - 1})
			p.Cells(4).Int64s([]int64{int64(n%3) - 1}, 0)
		}
		p.Seal()
		g.Add(p)
	}
	if err := w.Write(g); err != nil {
		t.Fatal(err)
	}
	if err := w.Write(w.Group()); err != nil { // without rows
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestRowsAndOrder(t *testing.T) {
	data := write(t, [][]int{{1, 2, 3, 4}, {4, 5}, {8, 9, 10}})
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(f.RowGroups()); n != 1 {
		t.Fatalf("%d row groups, want 1", n)
	}
	rows := make([]parquet.Row, 20)
	n, _ := f.RowGroups()[0].Rows().ReadRows(rows)
	var got []string
	for _, r := range rows[:n] {
		got = append(got, fmt.Sprintf("%v %d %v %v %v", r[0], r[1].Int32(), r[2], r[3], r[4]))
	}
	want := []string{
		"00001 -1 <null> unused <null>", "00002 -2 <null> b 1", "00003 -3 <null> a -1", "00004 -4 <null> <null> <null>",
		"00004 -4 <null> <null> <null>", "00005 -5 <null> unused 1",
		"00008 -8 <null> <null> 1", "00009 -9 <null> unused -1", "00010 -10 <null> b <null>",
	}
	if !slices.Equal(got, want) {
		t.Errorf("rows are\n%q, want\n%q", got, want)
	}
	for i, want := range []format.BoundaryOrder{
		format.Ascending, format.Descending, format.Ascending,
		format.Unordered, // a to unused, unused to unused, b to unused
		format.Unordered, // -1 to 1, 1 to 1, -1 to 1
	} {
		if index := f.ColumnIndexes()[i]; index.BoundaryOrder != want {
			t.Errorf("column %d is %v, want %v", i, index.BoundaryOrder, want)
		}
	}
	if nulls := f.ColumnIndexes()[2].NullPages; !slices.Equal(nulls, []bool{true, true, true}) {
		t.Errorf("pages of nulls: %v", nulls)
	}
}

// TestChecksums holds the CRC of each data page against its bytes.
func TestChecksums(t *testing.T) {
	data := write(t, [][]int{{1, 2, 3}, {4}})
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	pages := 0
	for _, index := range f.OffsetIndexes() {
		for _, l := range index.PageLocations {
			var h format.PageHeader
			whole := data[l.Offset : l.Offset+int64(l.CompressedPageSize)]
			if err := thrift.NewDecoder(new(thrift.CompactProtocol).NewReader(bytes.NewReader(whole))).Decode(&h); err != nil {
				t.Fatal(err)
			}
			if body := whole[len(whole)-int(h.CompressedPageSize):]; uint32(h.CRC) != crc32.ChecksumIEEE(body) {
				t.Errorf("page at %d: the checksum is not that of its bytes", l.Offset)
			}
			pages++
		}
	}
	if pages != 10 {
		t.Errorf("%d pages, want 10", pages)
	}
}

// TestOutgrown has the words of the second page outgrow the dictionary: from there to the end of the group no page has one, whether the pages were begun
// before that was known or after.
func TestOutgrown(t *testing.T) {
	var files [][]byte
	for _, early := range []bool{false, true} {
		var out bytes.Buffer
		w := NewWriter(&out, Options{Name: "t", Columns: []Column{{Name: "text", Type: Text, Nullable: true, Dictionary: true}},
			PageBytes: 1 << 20, DictionaryMax: 100, BoundsMax: 64, BloomBits: 10, Memory: &Memory{}})
		g := w.Group()
		var begun []*Page
		for i := 0; early && i < 3; i++ {
			begun = append(begun, g.Page())
		}
		for i, words := range []int{3, 50, 2} {
			if !early {
				begun = append(begun, g.Page())
			}
			for x := range 100 {
				begun[i].Cells(0).Texts([][]byte{fmt.Appendf(nil, "word %d", x%words), nil})
			}
			begun[i].Seal()
			g.Add(begun[i])
		}
		if err := errors.Join(w.Write(g), w.Close()); err != nil {
			t.Fatal(err)
		}
		files = append(files, out.Bytes())
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("the bytes depend on when pages were begun")
	}
	f, err := parquet.OpenFile(bytes.NewReader(files[0]), int64(len(files[0])))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []format.PageEncodingStats{
		{PageType: format.DataPage, Encoding: format.RLEDictionary, Count: 1},
		{PageType: format.DataPage, Encoding: format.DeltaLengthByteArray, Count: 2},
	} {
		if stats := f.Metadata().RowGroups[0].Columns[0].MetaData.EncodingStats; !slices.Contains(stats, want) {
			t.Errorf("pages are %v, want %v among them", stats, want)
		}
	}
	rows := make([]parquet.Row, 700)
	if n, _ := f.RowGroups()[0].Rows().ReadRows(rows); n != 600 || rows[598][0].String() != "word 1" || !rows[599][0].IsNull() {
		t.Errorf("%d rows, the last ones are not those that were written", n)
	}
}

// TestDelta holds that texts come back that were written by what they share with the one before: in several pages, with nulls, with a page of nulls.
// TestDelta reads with the library what was written in both encodings of texts.
func TestDelta(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 99))
	for round := range 100 {
		var out bytes.Buffer
		w := NewWriter(&out, Options{Name: "t", Columns: []Column{{Name: "text", Type: Text, Nullable: true, Delta: round%2 == 0}},
			PageBytes: 300, DictionaryMax: 100, BoundsMax: 64, BloomBits: 10, Memory: &Memory{}})
		g := w.Group()
		var want [][]byte
		for range 1 + r.IntN(4) {
			p, nulls := g.Page(), r.IntN(4) == 0
			var texts [][]byte
			for range 1 + r.IntN(200) {
				v := fmt.Appendf(nil, "%s/part.parquet:%d", "data/of a level"[:r.IntN(16)], r.IntN(1_000_000))
				switch {
				case nulls || r.IntN(5) == 0:
					v = nil
				case r.IntN(10) == 0:
					v = []byte{}
				}
				texts = append(texts, v)
			}
			for len(texts) > 0 {
				n := 1 + r.IntN(len(texts))
				p.Cells(0).Texts(texts[:n])
				want, texts = append(want, texts[:n]...), texts[n:]
			}
			p.Seal()
			g.Add(p)
		}
		if err := errors.Join(w.Write(g), w.Close()); err != nil {
			t.Fatal(err)
		}
		f, err := parquet.OpenFile(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil {
			t.Fatal(err)
		}
		rows := make([]parquet.Row, len(want)+1)
		n, _ := f.RowGroups()[0].Rows().ReadRows(rows)
		if n != len(want) {
			t.Fatalf("round %d: %d rows, want %d", round, n, len(want))
		}
		for i, v := range want {
			if got := rows[i][0]; got.IsNull() != (v == nil) || !bytes.Equal(got.ByteArray(), v) {
				t.Fatalf("round %d: row %d is %v, want %q", round, i, got, v)
			}
		}
	}
}
