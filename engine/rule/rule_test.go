package rule_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"crosscheck/engine/record"
	"crosscheck/engine/rule"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// column makes an array from JSON.
func column(t *testing.T, dt arrow.DataType, json string) arrow.Array {
	t.Helper()
	arr, _, err := array.FromJSON(memory.DefaultAllocator, dt, strings.NewReader(json))
	if err != nil {
		t.Fatal(err)
	}
	return arr
}

func TestExpr(t *testing.T) {
	utf8 := arrow.BinaryTypes.String
	columns := []rule.Column{{Name: "doses", Type: record.Int}, {Name: "temp", Type: record.Decimal}, {Name: "given", Type: record.Date},
		{Name: "接种", Type: record.Timestamp}, {Name: "sick", Type: record.Bool}, {Name: "a b", Type: record.String}}
	arrays := []arrow.Array{
		column(t, utf8, `["0", "3", " 7 ", null, "many"]`),
		column(t, utf8, `["36.5", "41", null, "36.50", "1e2"]`),
		column(t, arrow.FixedWidthTypes.Date32, `["2026-11-01", "2026-11-02", null, "2026-11-04", "2026-11-05"]`),
		column(t, &arrow.TimestampType{Unit: arrow.Microsecond}, `["2026-11-01 10:00:00", "2026-11-01 10:00:00", "2026-11-03 10:00:00", null, "2026-11-09 00:00:00"]`),
		column(t, arrow.FixedWidthTypes.Boolean, `[true, false, null, true, false]`),
		column(t, &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: utf8}, `["x", "y", null, "x", "z"]`),
	}
	for source, want := range map[string]struct {
		fails     []int32
		undecided int64
	}{
		"doses < 5":                              {[]int32{2}, 2},
		"doses == nil or doses < 5":              {[]int32{2}, 0},
		"doses != nil":                           {[]int32{3, 4}, 0},
		"temp < 40.0":                            {[]int32{1, 4}, 1},
		"接种 - given < duration('24h')":           {[]int32{4}, 2},
		"given < date('2026-11-05')":             {[]int32{4}, 1},
		"sick or doses == 3":                     {[]int32{4}, 1},
		`$env["a b"] in ["x", "y"]`:              {[]int32{2, 4}, 0},
		`($env["a b"] ?? "x") matches "^[xy]$"`:  {[]int32{4}, 0},
		"doses in 0..4 and given.Year() == 2026": {[]int32{2, 3, 4}, 0},
		"(doses ?? 0) + 1 > 3 or 接种 > given":     {nil, 1},
		"/* never */ temp > 1000.0 and doses>99": {[]int32{0, 1, 3, 4}, 1},
	} {
		e, err := rule.Compile(source, columns)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		eval := e.NewEval()
		for range 2 { // an evaluator is used again and again
			eval.Undecided = 0
			if got := eval.Failing(nil, arrays, 5); !slices.Equal(got, want.fails) || eval.Undecided != want.undecided {
				t.Errorf("%s: rows %v fail and %d are undecided, want %v and %d", source, got, eval.Undecided, want.fails, want.undecided)
			}
		}
	}
}

func TestExprFaults(t *testing.T) {
	columns := []rule.Column{{Name: "doses", Type: record.Int}, {Name: "name", Type: record.String}}
	for source, want := range map[string]rule.Error{
		"doses < 5 and\n dozes > 1": {Line: 2, Column: 2, Name: "dozes"},
		"doses < 'a'":               {Line: 1, Column: 7},
		"doses < ":                  {Line: 1, Column: 8},
		"名字 == 'x'":                 {Line: 1, Column: 1, Name: "名字"},
		`$env["a b"] == 'x'`:        {Line: 1, Column: 5, Name: "a b"},
		"now() > doses":             {Line: 1, Column: 1, Name: "now"},
		"doses + 1":                 {Line: 1, Column: 1},
	} {
		var at *rule.Error
		_, err := rule.Compile(source, columns)
		if !errors.As(err, &at) || at.Line != want.Line || at.Column != want.Column || at.Name != want.Name || at.Msg == "" {
			t.Errorf("%s: %v, want an error at %d:%d about %q", source, err, want.Line, want.Column, want.Name)
		}
	}
}

// TestExprTexts tells how a text becomes a number, which is what a column of CSV without a type is; where no text is in the way it does not.
func TestExprTexts(t *testing.T) {
	columns := []rule.Column{{Name: "temp", Type: record.String}, {Name: "given", Type: record.String}}
	for source, want := range map[string]string{
		"temp > 36":         "; temp, given are text: float(temp) makes a number of it, date(temp) a time",
		"abs(temp) > given": "; temp, given are text: float(temp) makes a number of it, date(temp) a time",
		"temp + > given":    "",
		"strings > 36":      "",
	} {
		_, err := rule.Compile(source, columns)
		if err == nil || !strings.HasSuffix(err.Error(), want) || want == "" && strings.Contains(err.Error(), "text") {
			t.Errorf("%s: %v, want ... %s", source, err, want)
		}
	}
	if _, err := rule.Compile("doses > 'a'", []rule.Column{{Name: "doses", Type: record.Int}}); err == nil || strings.Contains(err.Error(), "float") {
		t.Error("a column of numbers is text: ", err)
	}
	for _, source := range []string{"float(temp) > 36", "date(given) > date('2026-01-01')"} {
		e, err := rule.Compile(source, columns)
		if err != nil {
			t.Fatal(err)
		}
		eval := e.NewEval()
		arrays := []arrow.Array{column(t, arrow.BinaryTypes.String, `["35.9", "36.1"]`), column(t, arrow.BinaryTypes.String, `["2025-12-31", "2026-11-28"]`)}
		if got := eval.Failing(nil, arrays, 2); len(got) != 1 || got[0] != 0 || eval.Undecided != 0 {
			t.Errorf("%s: rows %v fail, %d are undecided", source, got, eval.Undecided)
		}
	}
}

func TestNames(t *testing.T) {
	for source, want := range map[string][]string{
		"a + b > a":                            {"a", "b"},
		`$env["x y"] == a and len(b) > 2`:      {"a", "b", "x y"},
		"any([1, 2], # == a)":                  {"a"},
		"let x = a; x > 2":                     {"a", "x"},
		`true`:                                 nil,
		`given.Year() > 2000 or date("x") > d`: {"d", "given"},
	} {
		got, err := rule.Names(source)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v %v, want %v", source, got, err, want)
		}
	}
	for _, source := range []string{"a +", `$env`, `$env[a]`, `len($env) > 1`} {
		if _, err := rule.Names(source); err == nil {
			t.Errorf("%s: no error", source)
		}
	}
}

func FuzzNames(f *testing.F) {
	f.Add("a + b > a")
	f.Add(`$env["x"]`)
	f.Fuzz(func(t *testing.T, source string) {
		if _, err := rule.Names(source); err != nil {
			var at *rule.Error
			if !errors.As(err, &at) || at.Line < 1 || at.Column < 1 {
				t.Errorf("%q: the error has no place", source)
			}
		}
	})
}

// id gives a synthetic resident ID of a birth date and sequence number.
func id(birth, sequence string) string {
	digits := "990101" + birth + sequence
	return digits + string(record.CheckChar([]byte(digits)))
}

func TestIdentity(t *testing.T) {
	ids := []string{id("19900228", "011"), id("20000229", "002"), id("18000101", "123"), "990101", id("19991231", "124"), id("21991231", "999"), ""}
	keys, states := make([]record.Key, len(ids)), make([]record.KeyState, len(ids))
	for i, s := range ids {
		states[i] = record.KeyValid
		packed, fault, ok := record.PackID([]byte(s))
		if keys[i].Lo = packed; !ok || fault != record.IDValid {
			states[i] = record.KeyCheck
		}
	}
	utf8 := arrow.BinaryTypes.String
	dict := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: utf8}
	for _, c := range []struct {
		what string
		dt   arrow.DataType
		json string
		want []int32
	}{
		{rule.Birth, arrow.FixedWidthTypes.Date32, `["1990-02-28", "2000-02-29", "1800-01-01", "1990-01-01", "1999-12-31", "2199-12-31", "1990-01-01"]`, nil},
		{rule.Birth, arrow.FixedWidthTypes.Date32, `["1990-02-27", "2000-03-01", null, "1990-01-01", "1999-12-30", "2199-12-30", null]`, []int32{0, 1, 4, 5}},
		{rule.Birth, utf8, `["1990-02-28", " 2000-02-29 08:00:00", "1800/01/01", "x", "1999-12-30", "", null]`, []int32{4}},
		{rule.Birth, &arrow.TimestampType{Unit: arrow.Second}, `["1990-02-28 23:59:59", "2000-03-01 00:00:00", null, null, null, null, null]`, []int32{1}},
		{rule.Sex, utf8, `["男", "女", "M", "男", "female", " 男 ", "男"]`, nil},
		{rule.Sex, utf8, `["女", "男", "F", "女", "Male", "2", "男"]`, []int32{0, 1, 2, 4, 5}},
		{rule.Sex, utf8, `["?", null, "未知", "男", "0", "9", "男"]`, nil},
		{rule.Sex, dict, `["女", "女", "男", null, "男", null, "男"]`, []int32{0, 4}},
		{rule.Sex, arrow.PrimitiveTypes.Int8, `[1, 2, 2, 1, 1, 9, 0]`, []int32{2, 4}},
	} {
		arr := column(t, c.dt, c.json)
		check := rule.NewIdentity(c.what)
		for range 2 {
			if got := check.Failing(nil, arr, keys, states); !slices.Equal(got, c.want) {
				t.Errorf("%s in %s: rows %v fail, want %v", c.what, c.dt, got, c.want)
			}
		}
		check.Release()
	}
}
