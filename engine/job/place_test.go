package job

import (
	"errors"
	"fmt"
	"testing"

	"crosscheck/engine"
	"crosscheck/engine/rule"
)

// TestPlace holds where in a job file the engine's errors about options point, in each form that a job file may have.
func TestPlace(t *testing.T) {
	const src = `job: places
key: [{column: id, type: string}, part]
levels:
  a: {path: a.csv, columns: {姓名: name}, latest_by: at}
  b:
    path: b.csv
fields:
  - name
  - {type: decimal, name: temp, tolerance: 0.5}
  - name: day
    formats: ["2006-01-02"]
latest_by: day
key_typo: {agree: [name, day]}
reports: {carry: [name, day]}
rosters:
  staff: {path: s.csv, key: [nr, part], group: firm, columns: {Firma: firm}}
  more: {path: m.csv}
rules:
  - {name: doses, level: a, expr: 'temp < 42'}
  - name: long
    level: b
    expr: >-
      temp
      > 1
memory: 64KiB
`
	j, err := Parse("job.yaml", []byte(src), env)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		option engine.Option
		want   string // what the caret stands under, with its line; "": no place
	}{
		{engine.Option{List: "key"}, "2: id"},
		{engine.Option{List: "key", Part: "name"}, "2: id"},
		{engine.Option{List: "key", Index: 1, Part: "name"}, "2: part"},
		{engine.Option{List: "levels", Index: 1}, "5: b"},
		{engine.Option{List: "levels", Part: "columns", Column: "姓名"}, "4: 姓名"},
		{engine.Option{List: "levels", Part: "latest_by"}, "4: at"},
		{engine.Option{List: "levels", Index: 1, Part: "latest_by"}, "12: day"},
		{engine.Option{List: "levels", Index: 1, Part: "path"}, "6: b.csv"},
		{engine.Option{List: "fields", Part: "name"}, "8: name"},
		{engine.Option{List: "fields"}, "8: name"},
		{engine.Option{List: "fields", Index: 1}, "9: temp"},
		{engine.Option{List: "fields", Index: 1, Part: "tolerance"}, "9: 0.5"},
		{engine.Option{List: "fields", Index: 2, Part: "formats"}, "11: ["},
		{engine.Option{List: "typo", Index: 1}, "13: day"},
		{engine.Option{List: "carry", Index: 1}, "14: day"},
		{engine.Option{List: "ignore"}, ""},
		{engine.Option{}, ""},
		{engine.Option{List: "rosters", Part: "key"}, "16: ["},
		{engine.Option{List: "rosters", Part: "columns", Column: "nr"}, "16: ["},
		{engine.Option{List: "rosters", Part: "columns", Column: "Firma"}, "16: Firma"},
		{engine.Option{List: "rosters", Part: "group"}, "16: firm"},
		{engine.Option{List: "rosters", Index: 1, Part: "key"}, "17: more"},
		{engine.Option{List: "rules", Part: "level"}, "19: a"},
		{engine.Option{List: "rules", Part: "field"}, "19: {"},
		{engine.Option{List: "memory"}, "25: 64KiB"},
	} {
		f := placedOne(t, j, &engine.OptionError{Option: c.option, Msg: "wrong"})
		got := ""
		if f.Line > 0 {
			got = fmt.Sprintf("%d: %s", f.Line, string([]rune(f.Source)[f.Column-1:f.Column-1+f.Width]))
		}
		if got != c.want || f.Msg != "wrong" || f.File != "job.yaml" {
			t.Errorf("%+v: %q is at %s: %q, want %q", c.option, f.Msg, f.File, got, c.want)
		}
	}
	for i, want := range []string{"19:41", "22:11"} { // where the text does not stand as it is, the whole is pointed at
		f := placedOne(t, j, &engine.OptionError{Option: engine.Option{List: "rules", Index: i, Part: "expr"}, Msg: "rule",
			Expr: &rule.Error{Line: 1, Column: 6, Msg: "no"}})
		if got := fmt.Sprintf("%d:%d", f.Line, f.Column); got != want || f.Msg != "expr: no" {
			t.Errorf("expression %d is at %s, want %s: %s", i, got, want, f.Msg)
		}
	}
}

// TestPlaceMemory holds that memory that the file does not ask for, but the command line, has no place in the file.
func TestPlaceMemory(t *testing.T) {
	little := &engine.OptionError{Option: engine.Option{List: "memory"}, Msg: "little"}
	for _, src := range []string{"", "memory: 64KiB\n"} {
		j, err := Parse("job.yaml", []byte("job: j\nkey: id\nlevels: {a: {path: a.csv}, b: {path: b.csv}}\n"+src), env)
		if err != nil {
			t.Fatal(err)
		}
		j.Memory = 1 << 20
		if got := j.Place(little); got != error(little) {
			t.Errorf("%q: %v, want %v", src, got, little)
		}
	}
}

// placedOne gives the one fault that an error becomes.
func placedOne(t *testing.T, j *Job, err error) Fault {
	t.Helper()
	var faults *Error
	if !errors.As(j.Place(err), &faults) || len(faults.Faults) != 1 {
		t.Fatalf("%v: no fault", err)
	}
	return faults.Faults[0]
}

// TestPlaceOthers holds that errors that are not about options stay what they are, and that faults are in the order of the file.
func TestPlaceOthers(t *testing.T) {
	j, err := Parse("job.yaml", []byte("job: j\nkey: id\nlevels: {a: {path: a.csv}, b: {path: b.csv}}\n"), env)
	if err != nil {
		t.Fatal(err)
	}
	if j.Place(nil) != nil {
		t.Error("no error became one")
	}
	other := errors.New("other")
	if got := j.Place(other); got != other {
		t.Errorf("got %v", got)
	}
	got := j.Place(errors.Join(&engine.OptionError{Option: engine.Option{List: "levels", Index: 1}, Msg: "second"}, other,
		&engine.OptionError{Option: engine.Option{List: "key"}, Msg: "first"}))
	if want := "job.yaml:2:6: first\njob.yaml:3:28: second\nother"; got.Error() != want || !errors.Is(got, other) {
		t.Errorf("got\n%v\nwant\n%s", got, want)
	}
}

// TestPlaceSecret holds that no fault shows a line on which a secret may stand.
func TestPlaceSecret(t *testing.T) {
	for src, shown := range map[string]bool{
		"{job: j, key: id, levels: {a: {path: a.csv}, b: {path: b.csv}}, privacy: {pseudonym_key: {env: SECRET}}}":                     false,
		"{job: j, privacy: {pseudonym_key:\n {env: SECRET}}, key: id, levels: {a: {path: a.csv}, b: {path: b.csv}}}":                   false,
		"{job: j, notify: {webhook: 'https://example.com/secret'}, key: id,\nlevels: {a: {path: a.csv}, b: {path: b.csv}}}":            false,
		"privacy: {pseudonym_key: {env: SECRET}}\njob: j\nkey: id\nlevels: {a: {path: a.csv}, b: {path: b.csv}}":                       true,
		"job: j\nkey: id\nlevels: {a: {path: a.csv}, b: {path: b.csv}}\nprivacy: {pseudonym_key: {env: SECRET}}\nlineage: {file: x}\n": true,
	} {
		j, err := Parse("job.yaml", []byte(src), env)
		if err != nil {
			t.Fatal(err)
		}
		if f := placedOne(t, j, &engine.OptionError{Option: engine.Option{List: "key"}, Msg: "wrong"}); f.Line == 0 || (f.Source != "") != shown {
			t.Errorf("%s: shows %q", src, f.Source)
		}
	}
}
