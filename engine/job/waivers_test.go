package job

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"crosscheck/engine"
	"crosscheck/engine/privacy/secret"
	"crosscheck/engine/record"
	"crosscheck/engine/verdict"
	"crosscheck/engine/waiver"

	"github.com/parquet-go/parquet-go"
)

// waiverJob is a job whose waivers can name levels, rules, rosters and a carried column.
func waiverJob() *Job {
	return &Job{
		File: "job.yaml", Levels: []Level{{Name: "city"}, {Name: "street"}}, Reports: Reports{Carry: []string{"area"}},
		Rules: []engine.Rule{{Name: "tested", Level: "street"}}, Rosters: []Roster{{Level: Level{Name: "staff"}}},
		Waivers: &Waivers{File: "waivers.yaml"},
	}
}

// TestWaiverSchema holds the published schema and the reader to the same answer.
func TestWaiverSchema(t *testing.T) {
	check := agreement(t, WaiverSchema(), func(src []byte) error {
		if faults := waiverJob().parseWaivers(src); len(faults) > 0 {
			return &Error{Faults: faults}
		}
		return nil
	})
	const end = ", reason: known, author: li, until: 2026-12-31}]\n"
	for _, src := range []string{
		"[]",
		"- {kind: missing, reason: known, author: li, until: '2026-12-31'}\n- {field: name, reason: known, author: li, until: 2026-12-31}\n",
		"[{kind: [missing, differs], level: [city, street]" + end,
		"[{level: street, field: [a, b], value_pattern: '.*'" + end,
		"[{rule: tested" + end, "[{rule: [staff, check character, no key]" + end,
		"[{group: [G1, G2]" + end, "[{group: ' G 1 '" + end,
		"[{key: '990101198001010014'" + end, "[{key: ['990101198001010014', '${}']" + end, "[{keys: ['99', ['99', b]], key: '99'" + end,
		"[{key_pattern: '990101.*'" + end, `[{value_pattern: "^\\d+$"` + end,
		"[{carry: {area: ''}" + end, "[{carry: {area: ['01', '02']}" + end,
		"[{kind: missing, reason: '${NOWHERE}', author: 李, until: 0001-01-01}]",
	} {
		check(t, src, true)
	}
	for _, src := range []string{
		"{}", "text", "[[]]", "[missing]", "[null]", "[{}]",
		"[{reason: known, author: li, until: 2026-12-31}]",
		"[{kind: missing, author: li, until: 2026-12-31}]",
		"[{kind: missing, reason: known, until: 2026-12-31}]",
		"[{kind: missing, reason: known, author: li}]",
		"[{kind: missing, reason: '', author: li, until: 2026-12-31}]",
		"[{kind: missing, reason: known, author: ' ', until: 2026-12-31}]",
		"[{kind: missing, reason: known, author: li, until: tomorrow}]",
		"[{kind: missing, reason: known, author: li, until: 2026-1-1}]",
		"[{kind: missing, reason: known, author: li, until: 20261231}]",
		"[{kinds: missing" + end, "[{kind: wrong" + end, "[{kind: []" + end, "[{kind: 1" + end, "[{kind: [missing, wrong]" + end,
		"[{level: []" + end, "[{level: {}" + end, "[{field: 1" + end, "[{field: ''" + end, "[{field: [a, ' ']" + end,
		"[{key: 990101198001010014" + end, "[{key: []" + end, "[{key: ['']" + end, "[{key: {a: b}" + end, "[{key_pattern: [a]" + end, "[{value_pattern: ''" + end, "[{value: a" + end, "[{keys: '99'" + end, "[{keys: []" + end, "[{keys: [[]]" + end, "[{keys: [99]" + end,
		"[{group: 7" + end, "[{rule: []" + end,
		"[{carry: area" + end, "[{carry: {}" + end, "[{carry: {area: 1}" + end, "[{carry: {area: []}" + end, "[{carry: [area]" + end,
	} {
		check(t, src, false)
	}
}

// TestWaiverFaults holds waiver files with faults against what is said about them: testdata/waivers/*.yaml and beside each a .txt.
// Nothing that stands in the file is said, since it can be a key.
func TestWaiverFaults(t *testing.T) {
	files, err := filepath.Glob("testdata/waivers/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, f := range waiverJob().parseWaivers(src) {
			b.WriteString(f.Error() + "\n" + f.Excerpt())
			if f.Err != nil {
				t.Errorf("%s: a cause that may quote the file: %T", file, f.Err)
			}
		}
		if strings.Contains(b.String(), "990101") {
			t.Errorf("%s: a fault holds a key", file)
		}
		golden := strings.TrimSuffix(file, ".yaml") + ".txt"
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if b.String() != string(want) {
			t.Errorf("%s: got\n%s\nwant\n%s", file, b.String(), want)
		}
	}
}

// FuzzWaivers holds that any text gives waivers or faults that hold nothing of it, and never a panic.
func FuzzWaivers(f *testing.F) {
	files, _ := filepath.Glob("testdata/waivers/*.yaml")
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(strings.ReplaceAll(string(src), "990101198001010014", "Q9Q9"))
	}
	f.Fuzz(func(t *testing.T, src string) {
		j := waiverJob()
		for _, fault := range j.parseWaivers([]byte(src)) {
			if strings.Contains(fault.Error()+fault.Excerpt(), "Q9Q9") {
				t.Error("a fault holds what stands in the file")
			}
		}
	})
}

// planOf is the plan of a comparison of two columns of a key.
func planOf(types ...record.Type) *engine.Plan {
	p := &engine.Plan{Levels: []string{"city", "street"}, Fields: []engine.PlannedField{{Field: engine.Field{Name: "name"}, Source: []string{"name", "name"}}, {Field: engine.Field{Name: "phone"}, Source: []string{"phone", "phone"}}}}
	for i, typ := range types {
		p.Key = append(p.Key, engine.PlannedField{Field: engine.Field{Name: fmt.Sprint("k", i), Type: typ}})
	}
	return p
}

// TestWaiverKeys holds that keys are compared in canonical form, whatever form the waiver names them in.
func TestWaiverKeys(t *testing.T) {
	for _, c := range []struct {
		types []record.Type
		key   []string
		want  string
	}{
		{[]record.Type{record.CNID}, []string{" 99010119800101007x "}, "99010119800101007X"},
		{[]record.Type{record.CNID}, []string{"９９０１０１１９８００１０１００７Ｘ"}, "99010119800101007X"},
		{[]record.Type{record.CNID}, []string{"990101800101007"}, string(append([]byte("99010119800101007"), record.CheckChar([]byte("99010119800101007"))))},
		{[]record.Type{record.CNID}, []string{"E12345678"}, "E12345678"},
		{[]record.Type{record.Int}, []string{"+007"}, "7"},
		{[]record.Type{record.String}, []string{"007 "}, "007"},
		{[]record.Type{record.String}, []string{`a|b\`}, `a|b\`},
		{[]record.Type{record.String, record.Int}, []string{"a|b", " 07"}, `a\|b|7`},
		{[]record.Type{record.Decimal, record.String}, []string{"01.50", "x"}, "1.5|x"},
	} {
		j := waiverJob()
		j.Waivers.entries = secret.New([]waived{{keys: []placedKey{{parts: c.key}}, until: testDate}})
		set, err := j.waiverSet(planOf(c.types...), testDate)
		if err != nil {
			t.Fatal(err)
		}
		findings := []verdict.Finding{{Key: []byte(c.want), Kind: verdict.Missing, Field: verdict.NoField, Outlier: verdict.NoLevel}}
		set.NewTally().Judge(findings)
		if findings[0].Status != verdict.Waived {
			t.Errorf("key %q of the types %v does not stand for %q", c.key, c.types, c.want)
		}
	}
}

// TestWaiverSetFaults holds what only the plan can tell to be wrong.
func TestWaiverSetFaults(t *testing.T) {
	j := waiverJob()
	src := "- {field: [nmae, phone], keys: ['99a', ['99', a, b], ['99', a]], reason: a, author: b, until: 2026-12-31}\n"
	if faults := j.parseWaivers([]byte(src)); len(faults) > 0 {
		t.Fatal(faults)
	}
	err := j.CheckWaivers(planOf(record.String, record.String), testDate)
	const parts = "a key of this job is a list of 2 texts, none of them blank"
	want := []string{
		`waivers.yaml:1:12: unknown field; did you mean "name"?`,
		"waivers.yaml:1:33: " + parts,
		"waivers.yaml:1:40: " + parts,
	}
	var all *Error
	if !errors.As(err, &all) || err.Error() != strings.Join(want, "\n") {
		t.Errorf("got\n%v\nwant\n%s", err, strings.Join(want, "\n"))
	}
	j.parseWaivers([]byte("- {keys: [" + strings.Repeat("'99', ", 100) + "'99'], reason: a, author: b, until: 2026-12-31}\n"))
	if err := j.CheckWaivers(planOf(record.String, record.String), testDate); !errors.As(err, &all) || len(all.Faults) != maxFaults {
		t.Errorf("a hundred faults are told as %d", len(all.Faults))
	}
}

// TestExpiry holds that a waiver holds to the end of its last day, and what is said when it does not any more.
func TestExpiry(t *testing.T) {
	j := waiverJob()
	var src strings.Builder
	for day := range 30 {
		fmt.Fprintf(&src, "- {key: '99', reason: secret, author: li, until: 2026-11-%02d}\n", day+1)
	}
	if faults := j.parseWaivers([]byte(src.String())); len(faults) > 0 {
		t.Fatal(faults)
	}
	holding, expired := j.Waivers.Expired(testDate) // 23 November
	if holding != 8 || len(expired) != 22 || expired[21] != 22 {
		t.Errorf("%d hold and %v have expired", holding, expired)
	}
	warnings := j.Warnings(testDate)
	if len(warnings) != warningsShown+1 || warnings[0] != "waivers.yaml:1: this waiver held until 2026-11-01: what it covered counts again; renew it or take it out" ||
		warnings[warningsShown] != "waivers.yaml: waivers that have expired beside these: 12" {
		t.Errorf("got %q", warnings)
	}
	if got := strings.Join(warnings, " "); strings.Contains(got, "secret") || strings.Contains(got, "'99'") {
		t.Error("a warning holds a reason or a key")
	}
	if none := (&Job{}).Warnings(testDate); none == nil || len(none) > 0 {
		t.Errorf("a job without waivers warns: %q", none)
	}
}

// writeFiles writes files below a folder.
func writeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLoadWaivers holds that faults of both files come together, and who may read the waiver file.
func TestLoadWaivers(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "job.yaml")
	const head = "job: j\nkey: id\nlevels: {a: {path: a.csv}, b: {path: b.csv}}\nwaivers: w.yaml\n"
	writeFiles(t, dir, map[string]string{"job.yaml": head})
	_, err := Load(path, env)
	if !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(err.Error(), path+":4:10: waivers: ") {
		t.Errorf("got %v, want that the file is not there", err)
	}
	writeFiles(t, dir, map[string]string{"job.yaml": head + "gats: []\n", "w.yaml": "- {level: c, reason: a, author: b, until: 2026-12-31}\n"})
	_, err = Load(path, env)
	want := path + ":5:1: unknown key \"gats\" in the job file; did you mean \"gates\"?\n" + filepath.Join(dir, "w.yaml") + ":1:11: unknown level; did you mean \"a\"?"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	writeFiles(t, dir, map[string]string{"job.yaml": head})
	for _, c := range []struct {
		entry   string
		mode    os.FileMode
		exposed bool
	}{
		{"key: '99'", 0o644, true}, {"key: '99'", 0o640, false}, {"key: '99'", 0o604, true}, {"key: '99'", 0o600, false},
		{"key_pattern: '99'", 0o644, true}, {"value_pattern: '99'", 0o644, true}, {"level: a", 0o644, false},
	} {
		file := filepath.Join(dir, "w.yaml")
		writeFiles(t, dir, map[string]string{"w.yaml": "- {" + c.entry + ", reason: a, author: b, until: 2026-12-31}\n"})
		if err := os.Chmod(file, c.mode); err != nil {
			t.Fatal(err)
		}
		j, err := Load(path, env)
		if err != nil {
			t.Fatal(err)
		}
		if j.Waivers.Exposed != c.exposed || (len(j.Warnings(testDate)) > 0) != c.exposed {
			t.Errorf("%s with mode %o: exposed is %v", c.entry, c.mode, j.Waivers.Exposed)
		}
	}
	// A file of nothing but comments waives nothing.
	writeFiles(t, dir, map[string]string{"w.yaml": "# - {key: '99', reason: a, author: b, until: 2026-12-31}\n"})
	if j, err := Load(path, env); err != nil || len(j.Waivers.entries.Reveal()) > 0 {
		t.Errorf("a waiver file of comments: %v", err)
	}
}

// nightOf runs a job over levels that differ in known ways: record i of 3,000 lacks on b where i mod 5 is 0, and has another name there
// where i mod 7 is 0.
func nightOf(t *testing.T, dir, waivers string, workers int) (*Manifest, string) {
	t.Helper()
	var a, b strings.Builder
	a.WriteString("id,name,area\n")
	b.WriteString("id,name,area\n")
	for i := range 3000 {
		fmt.Fprintf(&a, "99%04d,x,%d\n", i, i%3)
		if i%7 == 0 {
			fmt.Fprintf(&b, "99%04d,y,%d\n", i, i%3)
		} else if i%5 != 0 {
			fmt.Fprintf(&b, "99%04d,x,%d\n", i, i%3)
		}
	}
	writeFiles(t, dir, map[string]string{"a.csv": a.String(), "b.csv": b.String(), "w.yaml": waivers, "job.yaml": `
job: j
key: {column: id, type: string}
levels: {a: {path: a.csv}, b: {path: b.csv}}
fields: [name]
reports: {carry: [area]}
gates:
  - {metric: mismatch_rate, max: 0.1}
  - {metric: missing_rate, max: 0.1}
  - {metric: missing_rate, level: b, max: 0.1}
waivers: w.yaml
`})
	j, err := Load(filepath.Join(dir, "job.yaml"), env)
	if err != nil {
		t.Fatal(err)
	}
	j.Workers = workers
	m, err := Run(t.Context(), j, RunOptions{Date: testDate})
	if err != nil {
		t.Fatal(err)
	}
	return m, filepath.Join(dir, "reports", filepath.FromSlash(m.Files[0].Path))
}

// TestNightWithWaivers holds a whole night with waivers to what was planted: the column status, the counts, the rates and the gates.
func TestNightWithWaivers(t *testing.T) {
	const waivers = `
- {kind: missing, level: b, carry: {area: "0"}, reason: a, author: b, until: 2026-11-23}
- {field: name, key_pattern: "^99[01]", reason: a, author: b, until: 2026-12-31}
- {field: name, keys: ["990000", "992002", "999999"], reason: a, author: b, until: 2026-12-31}
- {kind: missing, level: a, reason: a, author: b, until: 2026-12-31}
- {kind: missing, reason: a, author: b, until: 2026-11-22}
`
	var missing, waivedMissing, differs, waivedDiffers int64
	want := map[string]bool{} // key and kind of what is waived
	for i := range 3000 {
		key := fmt.Sprintf("99%04d", i)
		switch {
		case i%7 == 0:
			differs++
			if i < 2000 || i == 2002 {
				waivedDiffers++
				want[key+" differs"] = true
			}
		case i%5 == 0:
			missing++
			if i%3 == 0 {
				waivedMissing++
				want[key+" missing"] = true
			}
		}
	}
	m, file := nightOf(t, t.TempDir(), waivers, 2)
	type row struct {
		Key    string `parquet:"record_key"`
		Kind   string `parquet:"kind"`
		Status string `parquet:"status"`
	}
	rows, err := parquet.ReadFile[row](file)
	if err != nil {
		t.Fatal(err)
	}
	if int64(len(rows)) != missing+differs || m.Summary.Findings != missing+differs || m.Summary.Missing != missing || m.Summary.Differing != differs {
		t.Errorf("%d rows, %d findings, %d missing, %d differing: waivers must hide nothing", len(rows), m.Summary.Findings, m.Summary.Missing, m.Summary.Differing)
	}
	wrong := 0
	for _, r := range rows {
		if (r.Status == "waived") != want[r.Key+" "+r.Kind] || r.Status != "waived" && r.Status != "new" {
			wrong++
		}
	}
	if wrong > 0 {
		t.Errorf("%d of %d rows have another status than they must", wrong, len(rows))
	}
	o := &waiver.Outcome{
		Holding: 4, Expired: []int{6}, Unused: []int{5},
		Findings: waivedMissing + waivedDiffers, Missing: waivedMissing, Differing: waivedDiffers, ExpiredFindings: missing - waivedMissing,
		Counts: []waiver.Count{{Kind: "differs", Findings: waivedDiffers}, {Kind: "differs", Field: "name", Findings: waivedDiffers},
			{Kind: "missing", Findings: waivedMissing}, {Kind: "missing", Level: "b", Findings: waivedMissing}},
	}
	if !reflect.DeepEqual(m.Waivers.Outcome, o) {
		t.Errorf("got\n%+v\nwant\n%+v", m.Waivers.Outcome, o)
	}
	values := []float64{float64(missing+differs-waivedMissing-waivedDiffers) / 3000, float64(missing-waivedMissing) / 3000, float64(missing-waivedMissing) / 3000}
	for i, g := range m.Gates {
		if g.Value != values[i] {
			t.Errorf("gate %s is at %v, want %v", g, g.Value, values[i])
		}
	}
	if s := m.Summary; s.Records != s.Matched+s.Missing+s.Differing {
		t.Error("the counts do not add up")
	}
}

// TestWaiversAnyWorkers holds that the report is the same bytes for any number of workers.
func TestWaiversAnyWorkers(t *testing.T) {
	const waivers = "- {key_pattern: '[37]$', reason: a, author: b, until: 2026-12-31}\n"
	dir := t.TempDir()
	var first []byte
	for _, workers := range []int{1, 2, 5} {
		m, file := nightOf(t, dir, waivers, workers)
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = got
		}
		if !slices.Equal(got, first) || m.Waivers.Findings == 0 {
			t.Errorf("with %d workers the report differs, or nothing is waived", workers)
		}
	}
}

// TestWaiversInPublicTables holds that no public cell tells a waived count from 1 to 9, or what is left of one.
func TestWaiversInPublicTables(t *testing.T) {
	s := counted()
	lackMore(s, 25)
	for _, c := range []struct {
		missing, records int64
		shown            bool // in the row of the run
	}{{0, 0, true}, {25, 25, true}, {12, 12, true}, {5, 5, false}, {20, 20, false}, {0, 60, false}, {0, 30, true}, {15, 20, false}} {
		w := &waiver.Outcome{Missing: min(c.missing, c.records), Differing: c.records - min(c.missing, c.records), Counts: []waiver.Count{{Kind: "missing", Findings: c.missing}, {Kind: "missing", Level: "b", Findings: c.missing}}}
		m := &Manifest{Summary: s, MinCell: DefaultMinCell, Waivers: &WaiverOutcome{Outcome: w}, date: testDate}
		m.Gates = Judge([]Gate{{Metric: MismatchRate, Max: new(1.0)}, {Metric: MissingRate, Max: new(1.0)}, {Metric: MissingRate, Level: "b", Max: new(1.0)}}, s, w, nil)
		row := runRow(m, m.public())
		small := func(n int64) bool { return n > 0 && n < DefaultMinCell }
		shown := row.Waived != nil && row.MismatchRate != nil && row.MissingRate != nil && row.Gates[0].Value != nil && row.Gates[1].Value != nil
		if shown != c.shown {
			t.Errorf("%d missing and %d records waived: %+v", c.missing, c.records, row)
		}
		if tells := small(c.missing) || small(25-c.missing); tells && row.Gates[2].Value != nil {
			t.Errorf("%d missing waived: the gate of b shows %v", c.missing, row.Gates[2].Value)
		}
		for _, r := range summaryRows(s, w, m.public()) {
			if r.Count == nil || r.Kind != "missing" || r.Level != nil && *r.Level != "b" {
				continue
			}
			if tells := small(c.missing) || small(25-c.missing); *r.Count != 25 || tells && r.Waived != nil || r.Waived != nil && *r.Waived != c.missing {
				t.Errorf("%d missing waived: count %v, waived %v", c.missing, r.Count, r.Waived)
			}
			if r.Rate != nil && *r.Rate != float64(25-c.missing)/1000 {
				t.Errorf("%d missing waived: the rate does not leave them out", c.missing)
			}
		}
	}
}
