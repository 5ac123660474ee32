package enginetest

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"crosscheck/engine"
	"crosscheck/engine/record"
	"crosscheck/engine/verdict"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
)

// grid makes a level of text columns from lines of cells: the names, then the rows; "-" is null.
func grid(name string, lines ...string) Table {
	t := Table{Name: name}
	for i, line := range lines {
		cells := strings.Split(line, ",")
		for c, cell := range cells {
			switch {
			case i == 0:
				t.Columns = append(t.Columns, Column{Name: cell, Type: arrow.BinaryTypes.String})
			case cell == "-":
				t.Columns[c].Cells = append(t.Columns[c].Cells, nil)
			default:
				t.Columns[c].Cells = append(t.Columns[c].Cells, cell)
			}
		}
	}
	return t
}

func fields(typ record.Type, names ...string) (f []engine.Field) {
	for _, n := range names {
		f = append(f, engine.Field{Name: n, Type: typ})
	}
	return f
}

// spelled gives a finding as a line: key kind field in values outlier consensus count rows carry.
func spelled(f Finding, levels int) string {
	text := func(t Text) string {
		if !t.Valid {
			return "-"
		}
		return t.Text
	}
	texts := func(list []Text) string {
		if list == nil {
			return "none"
		}
		var s []string
		for _, t := range list {
			s = append(s, text(t))
		}
		return strings.Join(s, ",")
	}
	in := ""
	for l := range levels {
		in += fmt.Sprint(f.In >> l & 1)
	}
	return fmt.Sprintf("%s|%s|%s|in %s|%s|outlier %d|consensus %s|count %d|rows %v|carry %s",
		f.Key, f.Kind, f.Field, in, texts(f.Values), f.Outlier, text(f.Consensus), f.Count, f.Rows, texts(f.Carry))
}

func TestOracle(t *testing.T) {
	id, id15 := "99010119900101006X", "990101900101006"
	if got, fault := canonicalID(id15, true); got != id || fault != "" {
		t.Fatal("the ID of this test is not that of its 15 digits")
	}
	for _, c := range []struct {
		name   string
		tables []Table
		opt    engine.Options
		want   []string
		counts string // records matched missing differing
	}{
		{
			name: "all agree",
			tables: []Table{
				grid("a", "id,x", "1,p", "2,q"),
				grid("b", "id,x", "2,q", "1,p"),
			},
			opt:    engine.Options{Key: fields(record.String, "id"), Fields: fields(record.String, "x")},
			counts: "2 2 0 0",
		},
		{
			name: "one of three differs, one is missing, a null differs from a value",
			tables: []Table{
				grid("a", "id,x,y", "1,p,u", "2,q,-"),
				grid("b", "id,x,y", "1,p,u", "2,q,-", "3,r,w"),
				grid("c", "id,x,y", "2,q,v", "1,P,u"),
			},
			opt: engine.Options{Key: fields(record.String, "id"), Fields: fields(record.String, "x", "y"), Carry: []string{"y"}},
			want: []string{
				"1|differs|x|in 111|p,p,P|outlier 2|consensus p|count 0|rows [1 1 2]|carry u",
				"2|differs|y|in 111|-,-,v|outlier 2|consensus -|count 0|rows [2 2 1]|carry -",
				"3|missing||in 010|none|outlier -1|consensus -|count 0|rows [0 3 0]|carry w",
			},
			counts: "3 0 1 2",
		},
		{
			name: "three ways have neither outlier nor consensus; two against two neither; a pair against two singles neither",
			tables: []Table{
				grid("a", "id,x,y,z", "1,p,p,p"),
				grid("b", "id,x,y,z", "1,q,p,p"),
				grid("c", "id,x,y,z", "1,r,q,q"),
				grid("d", "id,y,z", "1,q,r"),
			},
			opt: engine.Options{Key: fields(record.String, "id"), Fields: fields(record.String, "x", "y", "z")},
			want: []string{
				"1|differs|x|in 1111|p,q,r,-|outlier -1|consensus -|count 0|rows [1 1 1 1]|carry none",
				"1|differs|y|in 1111|p,p,q,q|outlier -1|consensus -|count 0|rows [1 1 1 1]|carry none",
				"1|differs|z|in 1111|p,p,q,r|outlier -1|consensus -|count 0|rows [1 1 1 1]|carry none",
			},
			counts: "1 0 0 1",
		},
		{
			name: "a field is compared among the levels that have it, and two levels have no outlier",
			tables: []Table{
				grid("a", "id,x", "1,p"),
				grid("b", "id", "1"),
				grid("c", "id,x", "1,q"),
			},
			opt: engine.Options{Key: fields(record.String, "id"), Fields: fields(record.String, "x")},
			want: []string{
				"1|differs|x|in 111|p,-,q|outlier -1|consensus -|count 0|rows [1 1 1]|carry none",
			},
			counts: "1 0 0 1",
		},
		{
			name: "missing and differing at once counts as missing",
			tables: []Table{
				grid("a", "id,x", "1,p"),
				grid("b", "id,x", "1,q"),
				grid("c", "id,x"),
			},
			opt: engine.Options{Key: fields(record.String, "id"), Fields: fields(record.String, "x")},
			want: []string{
				"1|differs|x|in 110|p,q,-|outlier -1|consensus -|count 0|rows [1 1 0]|carry none",
				"1|missing||in 110|none|outlier -1|consensus -|count 0|rows [1 1 0]|carry none",
			},
			counts: "1 0 1 0",
		},
		{
			name: "duplicates: the first row stands, in every sense",
			tables: []Table{
				grid("a", "id,x", "2,q", "1,p", "2,q", "1,z", "1,p"),
				grid("b", "id,x", "1,p", "2,q"),
			},
			opt: engine.Options{Key: fields(record.String, "id"), Fields: fields(record.String, "x")},
			want: []string{
				"1|duplicate||in 11|conflicting,-|outlier -1|consensus -|count 3|rows [2 1]|carry none",
				"2|duplicate||in 11|identical,-|outlier -1|consensus -|count 2|rows [1 2]|carry none",
			},
			counts: "2 2 0 0",
		},
		{
			name: "keys of text are trimmed; a null and a blank key are none",
			tables: []Table{
				grid("a", "id,x", " 1 ,p", "-,p", "\u3000 ,p"),
				grid("b", "id,x", "1,p"),
			},
			opt: engine.Options{Key: fields(record.String, "id"), Fields: fields(record.String, "x"), Carry: []string{"x"}},
			want: []string{
				"|invalid_key||in 10|-,-|outlier -1|consensus -|count 0|rows [2 0]|carry none",
				"|invalid_key||in 10|\u3000 ,-|outlier -1|consensus -|count 0|rows [3 0]|carry none",
			},
			counts: "1 1 0 0",
		},
		{
			name: "resident IDs: three spellings of one; a wrong check and a malformed one are records of their own",
			tables: []Table{
				grid("a", "id", id15, "99010119900101006９", " 12x"),
				grid("b", "id", "９90101 19900101006X", "12x"),
				grid("c", "id", strings.ToLower(id), "12x", "12X"),
			},
			opt: engine.Options{Key: fields(record.CNID, "id")},
			want: []string{
				"12X|invalid_key||in 001|-,-,12X|outlier -1|consensus -|count 0|rows [0 0 3]|carry none",
				"12X|missing||in 001|none|outlier -1|consensus -|count 0|rows [0 0 3]|carry none",
				"12x|invalid_key||in 111| 12x,-,-|outlier -1|consensus -|count 0|rows [3 2 2]|carry none",
				"12x|invalid_key||in 111|-,12x,-|outlier -1|consensus -|count 0|rows [3 2 2]|carry none",
				"12x|invalid_key||in 111|-,-,12x|outlier -1|consensus -|count 0|rows [3 2 2]|carry none",
				"990101199001010069|invalid_key||in 100|99010119900101006９,-,-|outlier -1|consensus -|count 0|rows [2 0 0]|carry none",
				"990101199001010069|missing||in 100|none|outlier -1|consensus -|count 0|rows [2 0 0]|carry none",
				id + "|missing||in 101|none|outlier -1|consensus -|count 0|rows [1 0 1]|carry none",
				"９90101 19900101006X|invalid_key||in 010|-,９90101 19900101006X,-|outlier -1|consensus -|count 0|rows [0 1 0]|carry none",
				"９90101 19900101006X|missing||in 010|none|outlier -1|consensus -|count 0|rows [0 1 0]|carry none",
			},
			counts: "5 1 4 0",
		},
		{
			name: "integers: leading zeros and a plus sign do not count",
			tables: []Table{
				grid("a", "id", "007", "-0", "1.0"),
				{Name: "b", Columns: []Column{{"id", arrow.PrimitiveTypes.Int64, []any{int64(0), int64(7)}}}},
			},
			opt: engine.Options{Key: fields(record.Int, "id")},
			want: []string{
				"1.0|invalid_key||in 10|1.0,-|outlier -1|consensus -|count 0|rows [3 0]|carry none",
				"1.0|missing||in 10|none|outlier -1|consensus -|count 0|rows [3 0]|carry none",
			},
			counts: "3 2 1 0",
		},
		{
			name: "a composite key: parts are escaped; one null or blank part is no key",
			tables: []Table{
				grid("a", "k1,k2", `x|,y`, `x,|y`, "x,-", " ,y"),
				grid("b", "k1,k2", `x,|y`, `x\,y`),
			},
			opt: engine.Options{Key: fields(record.String, "k1", "k2")},
			want: []string{
				"|invalid_key||in 10|x|,-|outlier -1|consensus -|count 0|rows [3 0]|carry none",
				"|invalid_key||in 10| |y,-|outlier -1|consensus -|count 0|rows [4 0]|carry none",
				`x\\|y|missing||in 01|none|outlier -1|consensus -|count 0|rows [0 2]|carry none`,
				`x\||y|missing||in 10|none|outlier -1|consensus -|count 0|rows [1 0]|carry none`,
			},
			counts: "3 1 2 0",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, sum := Oracle(c.tables, c.opt)
			var got []string
			for _, f := range found {
				got = append(got, spelled(f, len(c.tables)))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			if counts := fmt.Sprint(sum.Records, sum.Matched, sum.Missing, sum.Differing); counts != c.counts {
				t.Errorf("counts %s, want %s", counts, c.counts)
			}
			for _, l := range sum.Levels {
				if l.Rows != l.NoKey+l.Extra+l.Records {
					t.Errorf("level %s: rows do not add up", l.Level)
				}
			}
		})
	}
}

// TestCanonical lists cells that are equal as a type, line by line; cells of different lines are not.
func TestCanonical(t *testing.T) {
	micro := &arrow.TimestampType{Unit: arrow.Microsecond}
	milliZone := &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "Asia/Shanghai"}
	text := func(s string) Column { return Column{"", arrow.BinaryTypes.String, []any{s}} }
	dec := func(x int64, scale int32) Column {
		return Column{"", &arrow.Decimal128Type{Precision: 20, Scale: scale}, []any{decimal128.FromI64(x)}}
	}
	of := func(dt arrow.DataType, cell any) Column { return Column{"", dt, []any{cell}} }
	for typ, lines := range map[record.Type][][]Column{
		record.String: {
			{text("1"), of(arrow.PrimitiveTypes.Int32, int32(1))},
			{text("01")}, {text(" 1")}, {text("")}, {text("\xff")}, {text("0xff")},
			{text("1.50"), dec(150, 2)},
			{text("-0.07"), dec(-7, 2)},
			{text("true"), of(arrow.FixedWidthTypes.Boolean, true)},
			{text("1970-01-02"), of(arrow.FixedWidthTypes.Date32, arrow.Date32(1))},
			{text("1970-01-01 00:00:01.5"), of(micro, arrow.Timestamp(1500000))},
			{text("1970-01-01 00:00:01.5Z"), of(milliZone, arrow.Timestamp(1500))},
			{text("0.1"), of(arrow.PrimitiveTypes.Float32, float32(0.1))},
		},
		record.Int: {
			{text("7"), text("+07"), of(arrow.PrimitiveTypes.Uint8, uint8(7))},
			{text("0"), text("-0"), text("00")},
			{text(" 7")}, {text("7.0")}, {text("")}, {text("x")},
			{text("18446744073709551615"), of(arrow.PrimitiveTypes.Uint64, uint64(math.MaxUint64))},
			{text("-1")},
		},
		record.Decimal: {
			{text("1"), text("1.0"), text("1."), text("+1.00"), dec(100, 2), dec(1, 0), of(arrow.PrimitiveTypes.Int16, int16(1))},
			{text("0"), text("-0.0"), dec(0, 3)},
			{text(".5"), text("0.5"), dec(5, 1)},
			{text("1,0")}, {text(".")}, {text("-1"), dec(-10, 1)},
			{text("123456789012345678901234567890.5")}, {text("123456789012345678901234567890.6")},
		},
		record.Float: {
			{of(arrow.PrimitiveTypes.Float64, 0.0), of(arrow.PrimitiveTypes.Float64, math.Copysign(0, -1)), text("-0"), text("0.0")},
			{of(arrow.PrimitiveTypes.Float64, math.NaN()), of(arrow.PrimitiveTypes.Float32, float32(math.NaN())), text("NaN")},
			{of(arrow.PrimitiveTypes.Float64, 0.1), text("0.1"), text("1e-1"), dec(1, 1)},
			{of(arrow.PrimitiveTypes.Float32, float32(0.1)), of(arrow.PrimitiveTypes.Float64, float64(float32(0.1)))},
			{text("one")}, {text(" 0")},
		},
		record.Bool: {
			{text("true"), text("TRUE"), of(arrow.FixedWidthTypes.Boolean, true)},
			{text("False"), of(arrow.FixedWidthTypes.Boolean, false)},
			{text("1")}, {text("yes")},
		},
		record.Date: {
			{
				text("1970-01-02"), text("1970-1-2"), text("1970/01/02"), text("1970/1/2"),
				of(arrow.FixedWidthTypes.Date32, arrow.Date32(1)), of(arrow.FixedWidthTypes.Date64, arrow.Date64(86400000)),
			},
			{text("1970-02-30")}, {text("1970-01-03")}, {text("1970-1/2")}, {text("1970.1.2")}, {text("19700102")}, {text("1970-001-2")},
		},
		record.Timestamp: {
			{
				text("1970-01-01 08:00:00"), text("1970/1/1 8:00"), text("1970-01-01T08:00Z"), text("1970-01-01T16:00:00+08:00"), text("1970-01-01 16:00:00.000+0800"),
				of(micro, arrow.Timestamp(8*3600*1e6)), of(milliZone, arrow.Timestamp(8*3600*1e3)),
			},
			{text("1970-01-01"), of(arrow.FixedWidthTypes.Date32, arrow.Date32(0)), text("1970-01-01 00:00:00")},
			{text("1970-01-01 08:00:00.000000001")}, {text("1970-01-01 25:00:00")}, {text("1970-01-01 008:00")}, {text("8:00")},
		},
		record.CNID: {
			{text("99010119900101006x"), text(" 990101900101006"), text("９９０１０１19900101006Ｘ")},
			{text("990101199001010069")}, {text("x")}, {text("X")},
			{text("990101199001010050"), of(arrow.PrimitiveTypes.Int64, int64(990101199001010050))},
		},
	} {
		seen := map[string]int{}
		for i, line := range lines {
			for j := range line {
				form := read(&engine.Field{Type: typ}, &line[j], 0).value
				if other, ok := seen[form]; ok && other != i {
					t.Errorf("%s: cell %d of line %d equals one of line %d", typ, j, i, other)
				} else if !ok && j > 0 {
					t.Errorf("%s: cell %d of line %d equals none", typ, j, i)
				}
				seen[form] = i
			}
		}
	}
}

func TestDiff(t *testing.T) {
	a := Finding{Key: "k", Kind: verdict.Differs, Field: "f", In: 3, Values: []Text{{true, "x"}, {}}, Outlier: verdict.NoLevel, Rows: []int64{1, 2}}
	same := a
	same.Values = slices.Clone(a.Values)
	if d := Diff([]Finding{a}, []Finding{same}); d != "" {
		t.Errorf("the same findings: %s", d)
	}
	value, row, kind := a, a, a
	value.Values = []Text{{true, "x"}, {true, ""}}
	row.Rows = []int64{1, 3}
	kind.Kind = verdict.Missing
	for _, c := range []struct {
		got, want []Finding
		says      string
	}{
		{[]Finding{value}, []Finding{a}, "wrong values[1]"},
		{[]Finding{row}, []Finding{a}, "wrong rows[1]"},
		{[]Finding{a, kind}, []Finding{a}, "finding 1, missing of field f (in 11, row 1 of level 0): not wanted"},
		{[]Finding{a}, []Finding{a, kind}, "wanted finding 1, missing"},
		{nil, []Finding{a, a, a, a, a, a, a}, "and 2 more"},
	} {
		if d := Diff(c.got, c.want); !strings.Contains(d, c.says) {
			t.Errorf("got %q, want it to say %q", d, c.says)
		}
	}
}
