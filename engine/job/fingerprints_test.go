package job

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
	"time"

	"crosscheck/bench/synth"
	"crosscheck/engine"
	"crosscheck/engine/audit"
	"crosscheck/engine/level"
	"crosscheck/engine/record"
	"crosscheck/loaders"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// keptJob gives a job over generated levels, one of them CSV, that keeps fingerprints in reports/ or does not, in plain/.
func keptJob(t *testing.T, dir string, cache bool) *Job {
	t.Helper()
	src := `job: residents
key: {column: id_number, type: cn_id}
levels: {city: {path: data/city.parquet}, district: {path: data/district.csv}, street: {path: data/street.parquet}}
rosters: {key_staff: {path: data/key_staff.csv, group: enterprise}}
rules:
  - {name: tested, kind: overdue, level: city, field: test_time, max_age: 72h, roster: key_staff}
  - {name: sex, kind: inconsistent, field: sex, against: sex}
  - {name: vaccine, level: city, expr: "vaccine_doses == 0 or vaccine_date != nil"}
key_typo: {agree: [name, birth_date]}
ignore: [institution]
`
	if cache {
		src += "cache: true\nreports: {dir: reports, carry: [street_code]}\n"
	} else {
		src += "reports: {dir: plain, carry: [street_code]}\n"
	}
	j, err := Parse(filepath.Join(dir, "job.yaml"), []byte(src), env)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// keptNight runs a job and gives the manifest and what it warned of.
func keptNight(t *testing.T, j *Job, date time.Time, opened func([]Input)) (*Manifest, string) {
	t.Helper()
	var warned []string
	m, err := Run(t.Context(), j, RunOptions{Date: date, Version: "test", Opened: opened, Warn: func(text string) { warned = append(warned, text) }})
	if err != nil {
		t.Fatal(err)
	}
	return m, strings.Join(warned, "; ")
}

// sameTables holds that two jobs have the same tables of a night, byte for byte.
func sameTables(t *testing.T, what string, kept, plain *Job, date string) {
	t.Helper()
	for _, table := range []table{mismatchesTable, resolvedTable, reliabilityTable, rostersTable, summaryTable} {
		a, err := os.ReadFile(filepath.Join(kept.Reports.Dir, table.path(date)))
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(plain.Reports.Dir, table.path(date)))
		if err != nil || !bytes.Equal(a, b) {
			t.Errorf("%s: %s is another one, %v", what, table.name, err)
		}
	}
}

// generated makes levels with faults of a seed in data/, and lets them settle.
func generated(t *testing.T, dir string, seed uint64) {
	t.Helper()
	for _, format := range []string{"parquet", "csv"} {
		opt := synth.Options{Records: 3000, Dir: filepath.Join(dir, "data"), Mismatch: 0.05, Seed: seed, Format: format, Levels: []string{"city", "district", "street"}}
		if _, err := synth.Generate(t.Context(), opt); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(2 * settled)
}

// TestKeptNights runs nights with fingerprints that are kept and without: the tables are the same, whatever was changed between them, and what is
// the same is not read.
func TestKeptNights(t *testing.T) {
	dir := t.TempDir()
	generated(t, dir, 1)
	kept, plain := keptJob(t, dir, true), keptJob(t, dir, false)
	data := func(name string) string { return filepath.Join(dir, "data", name) }
	folder := filepath.Join(kept.Reports.Dir, fingerprintsFolder)
	prints := func() (files []string) {
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			info, err := e.Info()
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s has mode %v, %v", e.Name(), info.Mode(), err)
			}
			files = append(files, e.Name())
		}
		return files
	}
	day := 0
	night := func(what, warns string, levels ...bool) {
		t.Helper()
		date := testDate.AddDate(0, 0, day)
		day++
		m, warned := keptNight(t, kept, date, nil)
		if (warned == "") != (warns == "") || !strings.Contains(warned, warns) {
			t.Errorf("%s: warned of %q", what, warned)
		}
		keptNight(t, plain, date, nil)
		for l, n := range m.Summary.Kept {
			if levels[l] != (n == m.Summary.Levels[l].Rows) || !levels[l] && n > 0 {
				t.Errorf("%s: of %d rows of level %d %d were kept", what, m.Summary.Levels[l].Rows, l, n)
			}
		}
		sameTables(t, what, kept, plain, m.Date)
		if m.Summary.Findings < 100 {
			t.Errorf("%s: %d findings", what, m.Summary.Findings)
		}
	}
	replace := func(name string, content []byte) {
		t.Helper()
		if err := os.Remove(data(name)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(data(name), content, 0o644); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * settled)
	}
	read := func(name string) []byte {
		t.Helper()
		content, err := os.ReadFile(data(name))
		if err != nil {
			t.Fatal(err)
		}
		return content
	}

	night("first", "", false, false, false)
	first := prints()
	night("the same", "", true, true, true)
	if got := prints(); !slices.Equal(got, first) {
		t.Errorf("the same inputs have %q, and then %q", first, got)
	}
	city, district, street := read("city.parquet"), read("district.csv"), read("street.parquet")
	generated(t, dir, 2)
	other := read("street.parquet")
	replace("city.parquet", city) // as if delivered again
	replace("district.csv", district)
	night("another street", "", true, true, false)
	if got := prints(); len(got) != len(first) || slices.Equal(got, first) {
		t.Errorf("after another street there are %d files in the place of %d", len(got), len(first))
	}
	replace("district.csv", append(district, bytes.SplitAfterN(district, []byte("\n"), 3)[1]...)) // a row twice
	night("a longer district", "", true, false, true)

	damage := func(at func(content []byte) int) {
		t.Helper()
		for _, name := range prints() {
			path := filepath.Join(folder, name)
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if name == fingerprintsIndex {
				content = content[:10]
			} else {
				content[at(content)] ^= 1
			}
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	damage(func(content []byte) int { return min(fingerprintsHead+100, len(content)-1) }) // scans of lines are short
	night("damaged", "damaged and made anew", false, false, false)
	night("made anew", "", true, true, true)
	damage(func(content []byte) int { return len(content) - 1 })
	night("damaged values", "damaged and made anew", true, true, true)
	night("made anew", "", false, false, false)

	// An input that changes while it is read is not kept.
	replace("street.parquet", street)
	date := testDate.AddDate(0, 0, day)
	keptNight(t, kept, date, func([]Input) {
		if err := os.Chtimes(data("street.parquet"), time.Now(), time.Now()); err != nil {
			t.Fatal(err)
		}
	})
	time.Sleep(2 * settled)
	for _, name := range prints() {
		if strings.HasSuffix(name, ".tmp") {
			t.Errorf("%s is left over", name)
		}
	}
	night("a street that has changed", "", true, true, false)
	replace("street.parquet", other)
	night("the other street", "", true, true, false)

	// Retention.
	if r, err := Purge(kept, older(testDate.AddDate(0, 0, day-1).Format(DateLayout))); err != nil || r.Fingerprints {
		t.Errorf("fingerprints of the last night: %+v, %v", r, err)
	}
	r, err := Purge(kept, older(testDate.AddDate(0, 0, day).Format(DateLayout)))
	if err != nil || !r.Fingerprints || len(r.Nights) > 0 {
		t.Errorf("old fingerprints: %+v, %v", r, err)
	}
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("after a purge: %v", err)
	}
	entries, _ := trailOf(t, kept.Reports.Dir)
	if !slices.ContainsFunc(entries, func(e audit.Entry) bool {
		return e.What == audit.Purge && slices.ContainsFunc(e.Files, func(f audit.File) bool { return f.Path == fingerprintsFolder })
	}) {
		t.Error("the trail does not say that they were purged")
	}
	night("after a purge", "", false, false, false)
	kept.Cache = false
	keptNight(t, kept, date, nil)
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("after the job wants none: %v", err)
	}
}

// TestKeptUnwritable holds that a run goes well where fingerprints cannot be kept, and says so.
func TestKeptUnwritable(t *testing.T) {
	dir := t.TempDir()
	generated(t, dir, 1)
	j := keptJob(t, dir, true)
	if err := os.MkdirAll(filepath.Join(j.Reports.Dir, "restricted"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(j.Reports.Dir, fingerprintsFolder), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	m, warned := keptNight(t, j, testDate, nil)
	if m.Summary.Findings < 100 || !strings.Contains(warned, "fingerprints are not kept") {
		t.Errorf("%d findings, warned of %q", m.Summary.Findings, warned)
	}
}

// TestKeptUnread wipes out what the files of levels that did not change hold while a run is under way, but for footers and header lines: the tables are those
// of a run that read them, since nobody reads them any more.
func TestKeptUnread(t *testing.T) {
	dir := t.TempDir()
	generated(t, dir, 1)
	kept, plain := keptJob(t, dir, true), keptJob(t, dir, false)
	next := testDate.AddDate(0, 0, 1)
	for _, j := range []*Job{kept, plain} {
		keptNight(t, j, testDate, nil)
	}
	keptNight(t, plain, next, nil)
	lines := (&night{reports: kept.Reports.Dir}).openScans(kept.statesOf())
	levels, err := open(kept.Levels, lines.loader(), nil)
	if err := errors.Join(err, Close(levels)); err != nil || len(lines.used) != 1 || len(lines.made) != 0 {
		t.Errorf("of one text file %d scans were taken and %d made: %v", len(lines.used), len(lines.made), err)
	}
	wiped := 0
	wipe := func(engine.MemoryPlan) {
		text, err := os.ReadFile(filepath.Join(dir, "data", "district.csv"))
		if err != nil {
			t.Fatal(err)
		}
		head := bytes.IndexByte(text, '\n') + 1
		if err := os.WriteFile(filepath.Join(dir, "data", "district.csv"), append(text[:head], make([]byte, len(text)-head)...), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"city.parquet", "street.parquet"} {
			f, err := os.OpenFile(filepath.Join(dir, "data", name), os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			info, err := f.Stat()
			if err != nil {
				t.Fatal(err)
			}
			var tail [8]byte // the length of the footer and a mark
			if _, err := f.ReadAt(tail[:], info.Size()-8); err != nil {
				t.Fatal(err)
			}
			n := info.Size() - 8 - int64(binary.LittleEndian.Uint32(tail[:]))
			if _, err := f.WriteAt(make([]byte, n), 0); err != nil || f.Close() != nil {
				t.Fatal(err)
			}
			wiped++
		}
	}
	m, err := Run(t.Context(), kept, RunOptions{Date: next, Version: "test", Fitted: wipe})
	if err != nil || wiped != 2 || m.Summary.Findings < 100 {
		t.Fatalf("%d files wiped out: %v", wiped, err)
	}
	sameTables(t, "wiped out", kept, plain, m.Date)
}

// unread is a source that counts how often it is read.
type unread struct {
	level.Source
	reads int
}

func (u *unread) Read(ctx context.Context, part int, columns []int) (array.RecordReader, error) {
	u.reads++
	return u.Source.Read(ctx, part, columns)
}

// TestSamples holds that a sample that is kept is what reading gives, and that it is read once.
func TestSamples(t *testing.T) {
	dir := t.TempDir()
	generated(t, dir, 1)
	for _, name := range []string{"city.parquet", "city.csv"} {
		path := filepath.Join(dir, "data", name)
		inner, err := loaders.Open("city", loaders.Spec{Paths: []string{path}})
		if err != nil {
			t.Fatal(err)
		}
		defer inner.Close()
		k := &keeper{dir: t.TempDir(), specs: []string{""}, parts: [][]level.Part{inner.Parts()}, files: map[string]string{inner.Parts()[0].File: "content"},
			used: map[string]bool{}, bad: map[string]bool{}}
		source := &unread{Source: inner}
		sampler := k.sampled([]engine.Level{{Name: "city", Source: source}})[0].Source.(level.Sampler)
		columns := []int{0, 3, 1, 10}
		const rows = 300
		var first arrow.Record
		for i := range 3 {
			batch, _, err := sampler.Sample(t.Context(), columns, rows)
			if err != nil {
				t.Fatal(err)
			}
			defer batch.Release()
			for _, saved := range k.saved {
				if err := os.Rename(filepath.Join(k.dir, saved+".tmp"), filepath.Join(k.dir, saved)); err != nil {
					t.Fatal(err)
				}
			}
			k.saved = nil
			if i == 0 {
				first = batch
				continue
			}
			if source.reads != 1 || batch.NumRows() != rows || !k.used[k.name(0, 0, sampler.(*sampledLevel).recipe(columns, rows))] {
				t.Fatalf("%s: %d reads, %d rows", name, source.reads, batch.NumRows())
			}
			for c := range columns {
				for row := range rows {
					a, okA := record.AppendText(nil, first.Column(c), row)
					b, okB := record.AppendText(nil, batch.Column(c), row)
					if okA != okB || !bytes.Equal(a, b) {
						t.Fatalf("%s: row %d of column %d is another one", name, row, c)
					}
				}
			}
		}
		if batch, _, err := sampler.Sample(t.Context(), columns[:2], rows); err != nil || batch.NumCols() != 2 || source.reads != 2 {
			t.Errorf("%s: of other columns: %d reads, %v", name, source.reads, err)
		}
	}
}
