package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"crosscheck/engine"
	"crosscheck/engine/enginetest"
	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
)

// schema makes a level without rows of columns "name type".
func schema(name string, columns ...string) engine.Level {
	t := enginetest.Table{Name: name}
	for _, c := range columns {
		column, typ, _ := strings.Cut(c, " ")
		t.Columns = append(t.Columns, enginetest.Column{Name: column, Type: map[string]arrow.DataType{
			"text": arrow.BinaryTypes.String, "int": arrow.PrimitiveTypes.Int64, "small": arrow.PrimitiveTypes.Int8, "bool": arrow.FixedWidthTypes.Boolean,
			"float": arrow.PrimitiveTypes.Float32, "date": arrow.FixedWidthTypes.Date32, "time": arrow.FixedWidthTypes.Timestamp_us,
			"list": arrow.ListOf(arrow.PrimitiveTypes.Int8), "binary": arrow.BinaryTypes.Binary, "money": &arrow.Decimal128Type{Precision: 9, Scale: 2},
		}[typ]})
	}
	return engine.Level{Name: name, Source: enginetest.Source(t, enginetest.Layout{})}
}

// named makes fields of names, types left open.
func named(names ...string) []engine.Field {
	var fields []engine.Field
	for _, n := range names {
		fields = append(fields, engine.Field{Name: n})
	}
	return fields
}

// TestPlanFaults holds that every fault of options is told, all of them at once, each with what to do.
func TestPlanFaults(t *testing.T) {
	a, b := schema("a", "id text", "name text", "x int", "only int"), schema("b", "id text", "name text", "x bool")
	renamed := func(l engine.Level, columns map[string]string) engine.Level { l.Columns = columns; return l }
	id := named("id")
	for _, c := range []struct {
		name   string
		levels []engine.Level
		opt    engine.Options
		says   []string
	}{
		{"one level", []engine.Level{a}, engine.Options{Key: id}, []string{"there are 1 levels: give 2 to 16"}},
		{"17 levels", slices.Repeat([]engine.Level{a}, 17), engine.Options{Key: id}, []string{"there are 17 levels: give 2 to 16"}},
		{"names of levels", []engine.Level{a, a, {Name: "", Source: b.Source}}, engine.Options{Key: id},
			[]string{`level 2: the name "a" is empty or used twice`, `level 3: the name "" is empty or used twice`}},
		{"no key", []engine.Level{a, b}, engine.Options{}, []string{"no key: name the column or columns that identify a record"}},
		{"key", []engine.Level{a, b, schema("c", "ids int")}, engine.Options{Key: named("id", "only"), Fields: named("name")},
			[]string{`level c has no key column "id"; the nearest is "ids"`, `level b has no key column "only"`, `level c has no key column "only"`}},
		{"fields", []engine.Level{a, b}, engine.Options{Key: id, Fields: named("nme", "only", "name", "name", "id")}, []string{
			`no level has the field "nme"; the nearest is "name"`, `only one level has the field "only"`, `field "name" is named twice`,
			`field "id" is a key column`,
		}},
		{"types", []engine.Level{a, b}, engine.Options{Key: id, Fields: named("x")}, []string{`column "x" cannot be compared: it is int64 on a, bool on b; give its type`}},
		{"types of all shared fields", []engine.Level{a, b}, engine.Options{Key: id}, []string{`column "x" cannot be compared`}},
		{"a list", []engine.Level{schema("a", "id text", "tags list"), schema("b", "id text", "tags list")}, engine.Options{Key: id},
			[]string{`level a, column "tags": columns of type list<item: int8, nullable> cannot be compared; leave it out with ignore`}},
		{"a list as the key", []engine.Level{schema("a", "id list"), schema("b", "id text")}, engine.Options{Key: id}, []string{`level a, column "id"`}},
		{"ignore and carry", []engine.Level{a, b}, engine.Options{Key: id, Ignore: []string{"x", "nam"}, Carry: []string{"street", "onyl"}}, []string{
			`no level has the column "nam" to ignore; the nearest is "name"`, `no level has the column "street" to carry`,
			`no level has the column "onyl" to carry; the nearest is "only"`,
		}},
		{"renamed columns", []engine.Level{renamed(a, map[string]string{"name": "id", "nmae": "y"}), b}, engine.Options{Key: id},
			[]string{`level a: two columns are named "id"`, `level a has no column "nmae" to rename; the nearest is "name"`}},
		{"rosters", []engine.Level{a, b}, engine.Options{Key: id, Fields: named("name"), Rosters: []engine.Roster{
			{Name: "staff", Source: schema("staff", "ids text").Source, Group: "firm", Levels: []string{"bb"}},
			{Name: "staff", Source: schema("staff", "id list").Source},
		}}, []string{`roster staff has no key column "id"; the nearest is "ids"`, `roster staff has no column "firm" to group by`,
			`roster staff: there is no level "bb"`, `roster "staff": the name is empty or used twice`, `roster staff, column "id": columns of type list`}},
		{"rules", []engine.Level{a, b}, engine.Options{Key: id, Fields: named("name"), Rules: []engine.Rule{
			{Name: "r", Kind: engine.RuleOverdue, Level: "a", Field: "only", Roster: "staff"},
			{Name: "r", Kind: engine.RuleOverdue, Level: "b", Field: "only", MaxAge: 1},
			{Name: "s", Kind: engine.RuleInconsistent, Field: "onyl", Against: "sex"},
			{Name: "t", Kind: engine.RuleInconsistent, Level: "b", Field: "only", Against: "age"},
			{Name: "u", Kind: engine.RuleExpression, Level: "a", Expr: "x > 1 and onyl > 2"},
			{Name: "v", Kind: engine.RuleExpression, Level: "a", Expr: "x + 1"},
			{Name: "w", Kind: engine.RuleExpression, Level: "a", Expr: "1 > 2"},
			{Name: "x", Kind: "late"},
			{Name: "y", Kind: engine.RuleExpression, Level: "c", Expr: "x > 1"},
		}}, []string{`rule r: there is no roster "staff"`, `rule r: no time is given that ages are measured from`, `rule r: give either a maximal age or a cadence`,
			`rule "r": the name is empty or used twice`, `rule r: level b has no column "only"`, `rule s: no level has the field "onyl"; the nearest is "only"`,
			`rule t: a resident ID does not state "age": give one of birth_date, sex`, `rule t: level b has no column "only"`,
			`rule u, expr:1:11: unknown name onyl; the nearest is "only"`, `rule v, expr:1:1: expected bool, but got int`, `rule w: its expression looks at no column`,
			`rule x: there is no kind of rule "late"`, `rule y: there is no level "c"`, `rule r: there is no roster ""`, `rule r: no time is given`,
		}},
		{"a rule against a key that is no ID", []engine.Level{a, b}, engine.Options{Key: []engine.Field{{Name: "id", Type: record.String}}, Rules: []engine.Rule{
			{Name: "r", Kind: engine.RuleInconsistent, Field: "name", Against: "sex"}}, Fields: named("name")},
			[]string{"rule r: the key is no resident ID"}},
		{"rules of fields", []engine.Level{a, b}, engine.Options{Key: id, Fields: []engine.Field{
			{Name: "name", Tolerance: tolerance("1")}, {Name: "x", Type: record.Decimal, Canon: record.Canon{Formats: []string{"2006"}}},
		}}, []string{
			`field "name", tolerance: values of type string are equal or not`, `field "x", formats: formats are for dates and timestamps, not for type decimal`,
			`field "x", formats: the format "2006" does not say which day it is`,
		}},
		{"a rule of a key", []engine.Level{a, b}, engine.Options{Key: []engine.Field{{Name: "id", Canon: record.Canon{Steps: record.Trim}}}, Fields: named("name")},
			[]string{`key column "id": a key has a type and nothing else`}},
		{"two columns of one name", []engine.Level{schema("a", "id text", "id int"), b}, engine.Options{Key: id}, []string{`level a: two columns are named "id"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			plan, err := engine.NewPlan(t.Context(), c.levels, c.opt)
			if plan != nil || !errors.Is(err, engine.ErrOptions) {
				t.Fatalf("a plan, or error %v", err)
			}
			lines := strings.Split(err.Error(), "\n")
			if len(lines) != len(c.says) {
				t.Errorf("%d faults, want %d", len(lines), len(c.says))
			}
			for _, s := range c.says {
				if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, engine.ErrOptions.Error()+": "+s) }) {
					t.Errorf("nothing says %s in\n%v", s, err)
				}
			}
			sink := funcSink{begin: func() error { t.Error("the sink was begun"); return nil }}
			if _, err := engine.Run(t.Context(), c.levels, c.opt, sink); !errors.Is(err, engine.ErrOptions) {
				t.Errorf("a run gives error %v", err)
			}
		})
	}
}

// TestPlanFaultOptions holds that each fault says what of the options it is about.
func TestPlanFaultOptions(t *testing.T) {
	a, b := schema("a", "id text", "name text", "x int", "list list"), schema("b", "id text", "name text", "x bool", "list list")
	renamed := func(l engine.Level) engine.Level {
		l.Columns, l.LatestBy = map[string]string{"nmae": "y"}, "tiem"
		return l
	}
	staff := engine.Roster{Name: "staff", Source: schema("staff", "ids text").Source, Group: "firm", Levels: []string{"c"}}
	for _, c := range []struct {
		name   string
		levels []engine.Level
		opt    engine.Options
		want   []engine.Option
	}{
		{"levels", []engine.Level{a, renamed(b), a}, engine.Options{Key: named("id")}, []engine.Option{
			{List: "levels", Index: 1, Part: "columns", Column: "nmae"}, {List: "levels", Index: 2}}},
		{"no key", []engine.Level{a, b}, engine.Options{}, []engine.Option{{}}},
		{"shared fields", []engine.Level{a, b}, engine.Options{Key: named("id"), Ignore: []string{"list", "y"}}, []engine.Option{{List: "ignore", Index: 1}, {}}},
		{"options", []engine.Level{a, {Name: "b", Source: b.Source, LatestBy: "y"}}, engine.Options{Key: named("id", "idd"), Fields: named("name", "nmae", "x"),
			Carry: []string{"name", "y"}, Typo: []string{"name", "y"}, Rosters: []engine.Roster{staff},
			Rules: []engine.Rule{{Name: "r", Kind: engine.RuleInconsistent, Field: "y", Against: "sex"}, {Name: "s", Kind: engine.RuleExpression, Level: "c"},
				{Name: "t", Kind: engine.RuleExpression, Level: "a", Expr: "y > 1"}}},
			[]engine.Option{{List: "key", Index: 1, Part: "name"}, {List: "key", Index: 1, Part: "name"}, {List: "fields", Index: 1, Part: "name"},
				{List: "fields", Index: 2}, {List: "carry", Index: 1}, {List: "levels", Index: 1, Part: "latest_by"}, {List: "typo", Index: 1},
				{List: "rosters", Part: "levels"}, {List: "rosters", Part: "key"}, {List: "rosters", Part: "key"}, {List: "rosters", Part: "group"},
				{List: "rules", Part: "field"}, {List: "rules", Index: 1, Part: "level"}, {List: "rules", Index: 2, Part: "expr"}}},
		{"types", []engine.Level{a, b}, engine.Options{Key: []engine.Field{{Name: "id", Type: record.String}}, Fields: []engine.Field{{Name: "name", Tolerance: tolerance("1")}},
			Rules: []engine.Rule{{Name: "r", Kind: engine.RuleInconsistent, Field: "name", Against: "sex"}}},
			[]engine.Option{{List: "rules", Part: "against"}, {List: "fields", Part: "tolerance"}}},
	} {
		_, err := engine.NewPlan(t.Context(), c.levels, c.opt)
		joined, ok := err.(interface{ Unwrap() []error })
		if !ok {
			t.Fatalf("%s: %v", c.name, err)
		}
		var got []engine.Option
		for _, e := range joined.Unwrap() {
			var wrong *engine.OptionError
			if !errors.As(e, &wrong) || !errors.Is(e, engine.ErrOptions) {
				t.Fatalf("%s: %v", c.name, e)
			}
			got = append(got, wrong.Option)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: faults about %+v, want %+v", c.name, got, c.want)
		}
	}
}

// TestRunFaults are faults of options that only a run looks at.
func TestRunFaults(t *testing.T) {
	levels := []engine.Level{schema("a", "id int"), schema("b", "id int")}
	for _, c := range []struct {
		workers, partitions int
		says                string
	}{
		{-1, 0, "workers is -1"}, {0, 3, "partitions is 3"}, {0, -8, "partitions is -8"}, {0, 1 << 17, "partitions is 131072"},
	} {
		opt := engine.Options{Key: named("id"), Workers: c.workers, Partitions: c.partitions}
		if _, err := engine.Run(t.Context(), levels, opt, funcSink{}); !errors.Is(err, engine.ErrOptions) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error %v", c.says, err)
		}
	}
}

// TestPlan holds which columns are compared, and as what.
func TestPlan(t *testing.T) {
	levels := []engine.Level{
		schema("a", "street text", "id text", "n int", "day date", "text text", "price money", "bytes binary", "flag bool"),
		schema("b", "flag text", "name text", "n float", "day time", "text text", "number text", "price int", "bytes text", "street text"),
		schema("c", "id text", "name text", "n small", "price float", "alone int"),
	}
	levels[1].Columns = map[string]string{"number": "id"}
	plan, err := engine.NewPlan(t.Context(), levels, engine.Options{Key: named("id"), Ignore: []string{"street"}, Carry: []string{"alone", "street"}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, part := range [][]engine.PlannedField{plan.Key, plan.Fields, plan.Carry} {
		for _, f := range part {
			got = append(got, fmt.Sprintf("%s %s %q %q", f.Name, f.Type, f.Source, f.Stored))
		}
	}
	want := []string{
		`id string ["id" "number" "id"] ["utf8" "utf8" "utf8"]`,
		`n float ["n" "n" "n"] ["int64" "float32" "int8"]`,
		`day timestamp ["day" "day" ""] ["date32" "timestamp[us, tz=UTC]" ""]`,
		`text string ["text" "text" ""] ["utf8" "utf8" ""]`,
		`price float ["price" "price" "price"] ["decimal(9, 2)" "int64" "float32"]`,
		`bytes string ["bytes" "bytes" ""] ["binary" "utf8" ""]`,
		`flag boolean ["flag" "flag" ""] ["bool" "utf8" ""]`,
		`name string ["" "name" "name"] ["" "utf8" "utf8"]`,
		`alone string ["" "" "alone"] ["" "" "int64"]`,
		`street string ["street" "street" ""] ["utf8" "utf8" ""]`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if !slices.Equal(plan.Levels, []string{"a", "b", "c"}) || !slices.Equal(plan.Rows, []int64{0, 0, 0}) {
		t.Error("wrong levels or rows")
	}
}

// TestPlanFindsResidentIDs: text is a resident ID where nine of ten of the first rows on every level that has any are.
func TestPlanFindsResidentIDs(t *testing.T) {
	const good, bad = "99010119900101006X", "990101199001010069"
	text := func(name string, cells ...any) engine.Level {
		t := enginetest.Table{Name: name, Columns: []enginetest.Column{{Name: "id", Type: arrow.BinaryTypes.String, Cells: cells}}}
		return engine.Level{Name: name, Source: enginetest.Source(t, enginetest.Layout{PartRows: 4})}
	}
	nine := slices.Repeat([]any{good}, 9)
	for _, c := range []struct {
		name string
		a, b []any
		want record.Type
	}{
		{"all", []any{good}, []any{good, nil, " ", good}, record.CNID},
		{"none on one level", []any{good}, []any{"x"}, record.String},
		{"blank on one level", []any{good}, []any{nil, ""}, record.CNID},
		{"blank on both", []any{nil}, []any{nil}, record.String},
		{"no rows", nil, nil, record.String},
		{"a batch that says little", []any{good, bad, "x", "y"}, []any{good}, record.String},
		{"another spelling", nine, []any{"９９０１０１19900101006ｘ"}, record.CNID},
	} {
		plan, err := engine.NewPlan(t.Context(), []engine.Level{text("a", c.a...), text("b", c.b...)}, engine.Options{Key: named("id")})
		if err != nil {
			t.Fatal(err)
		}
		if plan.Key[0].Type != c.want {
			t.Errorf("%s: %s, want %s", c.name, plan.Key[0].Type, c.want)
		}
	}
}

// TestPlanned holds that the plan is shown before any row is compared, and that its error ends the run.
func TestPlanned(t *testing.T) {
	enough := errors.New("enough")
	var got []string
	levels := []engine.Level{schema("a", "id text", "name text"), schema("b", "id text", "name text", "area text")}
	sink := &enginetest.Collector{}
	_, err := engine.Run(t.Context(), levels, engine.Options{Key: named("id"), Carry: []string{"area"}, Planned: func(p *engine.Plan) error {
		h := p.Header()
		got = slices.Concat(got, h.Levels, h.Fields, h.Carry)
		return enough
	}}, sink)
	if !errors.Is(err, enough) || !slices.Equal(got, []string{"a", "b", "name", "area"}) || sink.Header.Levels != nil {
		t.Errorf("got %v, the plan %q and the sink begun with %+v", err, got, sink.Header)
	}
}

// tolerance reads a tolerance that is right for some type.
func tolerance(text string) record.Tolerance {
	t, err := record.ParseTolerance(text, record.Auto)
	if err != nil {
		panic(err)
	}
	return t
}

// TestPlanNeverTurnsTextIntoNumbers: text of open type is text unless another level has a type for it, and then neither resident
// IDs nor phone numbers become numbers.
func TestPlanNeverTurnsTextIntoNumbers(t *testing.T) {
	level := func(name, column string, dt arrow.DataType, cells ...any) engine.Level {
		t := enginetest.Table{Name: name, Columns: []enginetest.Column{{Name: "id", Type: arrow.PrimitiveTypes.Int64}, {Name: column, Type: dt, Cells: cells}}}
		for i := range cells {
			t.Columns[0].Cells = append(t.Columns[0].Cells, int64(i))
		}
		return engine.Level{Name: name, Source: enginetest.Source(t, enginetest.Layout{})}
	}
	how := func(f engine.PlannedField) string {
		if f.Guessed {
			return f.Type.String() + ", " + f.Canon.Steps.String()
		}
		return f.Type.String()
	}
	text, number := arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64
	for _, c := range []struct {
		name, column string
		a, b         engine.Level
		how          string
	}{
		{"codes", "code", level("a", "code", text, "007", "12"), level("b", "code", text, "7", "12"), "string"},
		{"dates", "day", level("a", "day", text, "2022-11-02"), level("b", "day", text, "2022-11-02"), "string"},
		{"codes where a level has numbers", "code", level("a", "code", text, "007"), level("b", "code", number, int64(7)), "int64"},
		{"phones", "phone", level("a", "phone", text, "13800138000"), level("b", "phone", text, "+86 13800138000"), "string, phone"},
		{"phones where a level has numbers", "phone", level("a", "phone", text, "13800138000"), level("b", "phone", number, int64(13800138000)),
			"string, phone"},
		{"no phones", "phone", level("a", "phone", text, "unknown", "13800138000"), level("b", "phone", text, "13800138000"), "string"},
		{"IDs where a level has numbers", "card", level("a", "card", text, "99010119900101006X"), level("b", "card", number, int64(990101199001010050)),
			"cn_id"},
		{"names", "name", level("a", "name", text, "王小明"), level("b", "name", text, " 王小明"), "string, width, nfc, trim"},
		{"names that are codes", "name", level("a", "name", text, "w17"), level("b", "name", text, "w18"), "string"},
	} {
		plan, err := engine.NewPlan(t.Context(), []engine.Level{c.a, c.b}, engine.Options{Key: named("id")})
		if err != nil {
			t.Fatal(err)
		}
		if f := plan.Fields[0]; how(f) != c.how {
			t.Errorf("%s: %s, want %s", c.name, how(f), c.how)
		}
	}
	asIs := engine.Field{Name: "name", Canon: record.Canon{Steps: record.AsIs}}
	plan, err := engine.NewPlan(t.Context(), []engine.Level{level("a", "name", text, "王小明"), level("b", "name", text, "王小明")},
		engine.Options{Key: named("id"), Fields: []engine.Field{asIs}})
	if err != nil || plan.Fields[0].Guessed {
		t.Errorf("steps that were chosen are guessed: %v", err)
	}
}
