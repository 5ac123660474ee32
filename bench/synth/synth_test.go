package synth

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// generate writes into a folder of the test's own.
func generate(t *testing.T, opt Options) *Manifest {
	t.Helper()
	opt.Dir = filepath.Join(t.TempDir(), "data")
	m, err := Generate(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func contents(t *testing.T, m *Manifest) [][]byte {
	t.Helper()
	var all [][]byte
	for _, path := range append([]string{m.Ledger}, paths(m)...) {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b)
	}
	return all
}

func paths(m *Manifest) []string {
	var p []string
	for _, l := range m.Levels {
		p = append(p, l.Path)
	}
	return p
}

func TestSameSeedSameBytes(t *testing.T) {
	for _, format := range []string{Parquet, CSV} {
		opt := Options{Records: 3000, Seed: 5, Mismatch: 0.1, Format: format, RowGroupRows: 1000}
		first, second := contents(t, generate(t, opt)), contents(t, generate(t, opt))
		opt.Seed++
		other := contents(t, generate(t, opt))
		for i := range first {
			if !bytes.Equal(first[i], second[i]) {
				t.Errorf("%s, file %d: not the same bytes again", format, i)
			}
			if bytes.Equal(first[i], other[i]) {
				t.Errorf("%s, file %d: the same bytes for another seed", format, i)
			}
		}
	}
}

// TestFormatsAgree holds that the formats hold the same rows in the same order.
func TestFormatsAgree(t *testing.T) {
	opt := Options{Records: 3000, Seed: 2, Mismatch: 0.2, Format: Parquet, RowGroupRows: 700}
	a := generate(t, opt)
	opt.Format = CSV
	b := generate(t, opt)
	for i, path := range append(paths(a), a.Ledger) {
		x, y := readTable(t, path), readTable(t, append(paths(b), b.Ledger)[i])
		if len(x) != len(y) {
			t.Fatalf("file %d: %d and %d rows", i, len(x), len(y))
		}
		for r := range x {
			for c := range x[r] {
				if x[r][c] != y[r][c] {
					t.Fatalf("file %d, row %d, column %d: not the same", i, r, c)
				}
			}
		}
	}
}

// TestOrders holds that every level has an order of its own.
func TestOrders(t *testing.T) {
	m := generate(t, Options{Records: 2000, Format: CSV})
	first := make([][]string, 0, 3)
	for _, l := range m.Levels {
		var keys []string
		for _, row := range readTable(t, l.Path)[1:] {
			keys = append(keys, row[colID])
		}
		first = append(first, keys)
	}
	same := 0
	for i := range 1900 {
		if first[0][i] == first[1][i] || first[1][i] == first[2][i] {
			same++
		}
	}
	if same > 20 {
		t.Errorf("%d of 1900 rows stand at the same place on two levels", same)
	}
}

// TestResidentIDs checks the IDs by the standard's own words, apart from the code that makes them.
func TestResidentIDs(t *testing.T) {
	const n = 100000
	p := newPlan(&Options{Records: n, Levels: []string{"a", "b"}, Seed: 3})
	seen := map[string]bool{}
	weights := []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	regions := map[string]bool{}
	var w row
	for r := range uint64(n) {
		p.fill(&w, r)
		id := string(w.appendID(nil))
		sum := 0
		for i, weight := range weights {
			sum += weight * int(id[i]-'0')
		}
		if len(id) != 18 || "10X98765432"[sum%11] != id[17] {
			t.Fatalf("record %d: wrong length or check character", r)
		}
		born, err := time.Parse("20060102", id[6:14])
		if err != nil || born.Format("2006-01-02") != string(appendDate(nil, w.birth)) {
			t.Fatalf("record %d: the birth date is not that of the ID", r)
		}
		if seq, _ := strconv.Atoi(id[14:17]); seq == 0 || seq%2 != w.sex {
			t.Fatalf("record %d: the sex is not that of the ID", r)
		}
		if id[:2] != "99" {
			t.Fatalf("record %d: the region may exist", r)
		}
		regions[id[:6]] = true
		seen[id] = true
	}
	if len(seen) != n {
		t.Errorf("%d distinct IDs in %d records", len(seen), n)
	}
	if len(regions) < 9000 {
		t.Errorf("%d regions in %d records", len(regions), n)
	}
}

func TestValues(t *testing.T) {
	m := generate(t, Options{Records: 20000, Format: CSV, Mismatch: -1})
	if m.Findings != 0 || m.Faulty != 0 {
		t.Fatalf("%d findings planted in data without faults", m.Findings)
	}
	rows := readTable(t, m.Levels[1].Path)[1:]
	if len(rows) != 20000 {
		t.Fatalf("%d rows", len(rows))
	}
	distinct := make([]map[string]int, numColumns)
	for i := range distinct {
		distinct[i] = map[string]int{}
	}
	for i, row := range rows {
		for c, cell := range row {
			distinct[c][cell]++
		}
		if phone := row[colPhone]; phone != null && (len(phone) != 11 || !strings.HasPrefix(phone, "100")) {
			t.Fatalf("row %d: a phone number that may exist", i+1)
		}
		if (row[colVaccineDate] == null) != (row[colVaccineDoses] == "0") {
			t.Fatalf("row %d: a vaccination date without a vaccination or the other way round", i+1)
		}
		if n := len(row[colAddress]); n < 35 || n > 65 {
			t.Fatalf("row %d: address of %d bytes", i+1, n)
		}
		if !strings.HasPrefix(row[colCommunityCode], row[colStreetCode]) {
			t.Fatalf("row %d: the community is not in the street", i+1)
		}
	}
	for c, most := range map[int]int{colSex: 2, colTestResult: 3, colInstitution: 300, colStreetCode: 320, colVaccineDoses: 4} {
		if len(distinct[c]) != most {
			t.Errorf("column %s: %d distinct values, want %d", columnNames[c], len(distinct[c]), most)
		}
	}
	if n := distinct[colPhone][null]; n < 300 || n > 500 {
		t.Errorf("%d of 20000 phone numbers are null", n)
	}
	if n := len(distinct[colPhone]); n < 19000 {
		t.Errorf("%d distinct phone numbers", n)
	}
}

// count is a table that keeps nothing.
type count struct{ rows int }

func (c *count) write(*row) error { c.rows++; return nil }
func (c *count) close() error     { return nil }

// TestConstantMemory holds that walking a level, and writing it as CSV, allocates nothing a row. (A Parquet file's footer grows
// by the row group.)
func TestConstantMemory(t *testing.T) {
	allocs := func(records int64) float64 {
		p := newPlan(&Options{Records: records, Levels: []string{"a", "b"}, Mismatch: 0.5})
		f, err := os.Create(filepath.Join(t.TempDir(), "level.csv"))
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
		return testing.AllocsPerRun(2, func() {
			if _, err := p.walk(t.Context(), 1, &count{}, func(int64) {}); err != nil {
				t.Fatal(err)
			}
			f, err := create(f.Name())
			if err != nil {
				t.Fatal(err)
			}
			defer f.discard()
			table, err := newCSVTable(f)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.walk(t.Context(), 1, table, func(int64) {}); err != nil {
				t.Fatal(err)
			}
		})
	}
	few, many := allocs(1000), allocs(50000)
	if many > few+10 {
		t.Errorf("%v allocations for 1000 records, %v for 50000", few, many)
	}
}

func TestCancelLeavesNothing(t *testing.T) {
	for _, format := range []string{Parquet, CSV} {
		dir := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		m, err := Generate(ctx, Options{Records: 1e9, Dir: dir, Format: format, RowGroupRows: 10000, Progress: func(done, total int64) {
			if total != 3e9 {
				t.Errorf("progress: %d in all", total)
			}
			if done > 20000 {
				cancel()
			}
		}})
		cancel()
		if !errors.Is(err, context.Canceled) || m != nil {
			t.Errorf("%s: got %v", format, err)
		}
		checkEmpty(t, dir)
	}
}

func checkEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range left {
		t.Errorf("%s is left", e.Name())
	}
}

// TestFailureLeavesNothing lets the last step fail: a folder is in the way of a file.
func TestFailureLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	inTheWay := filepath.Join(dir, "city.csv")
	if err := os.MkdirAll(filepath.Join(inTheWay, "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Generate(t.Context(), Options{Records: 10, Dir: dir, Format: CSV}); err == nil {
		t.Fatal("no error")
	}
	if err := os.RemoveAll(inTheWay); err != nil {
		t.Fatal(err)
	}
	checkEmpty(t, dir)
}

func TestProgressEndsAtTotal(t *testing.T) {
	p := newPlan(&Options{Records: 30000, Levels: []string{"a", "b"}})
	var done int64
	if _, err := p.walk(t.Context(), 0, &count{}, func(n int64) { done += n }); err != nil {
		t.Fatal(err)
	}
	if done != 30000 {
		t.Errorf("progress ends at %d of 30000", done)
	}
}

func TestBadOptions(t *testing.T) {
	good := Options{Records: 10, Dir: t.TempDir()}
	for name, c := range map[string]struct {
		change func(*Options)
		says   string
	}{
		"no records":     {func(o *Options) { o.Records = 0 }, "records is 0"},
		"too many":       {func(o *Options) { o.Records = maxRecords + 1 }, "records is"},
		"one level":      {func(o *Options) { o.Levels = []string{"a"} }, "1 levels"},
		"same name":      {func(o *Options) { o.Levels = []string{"a", "A"} }, `"A" is taken`},
		"ledger":         {func(o *Options) { o.Levels = []string{"a", "ledger"} }, `"ledger" is taken`},
		"path as name":   {func(o *Options) { o.Levels = []string{"a", "../b"} }, `"../b"`},
		"above one":      {func(o *Options) { o.Mismatch = 1.5 }, "mismatch is 1.5"},
		"unknown format": {func(o *Options) { o.Format = "orc" }, `"orc"`},
		"row group":      {func(o *Options) { o.RowGroupRows = -1 }, "-1 rows"},
		"no folder":      {func(o *Options) { o.Dir = "" }, "no folder"},
	} {
		opt := good
		c.change(&opt)
		if _, err := Generate(t.Context(), opt); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	checkEmpty(t, good.Dir)
}

func BenchmarkGenerate(b *testing.B) {
	for _, format := range []string{Parquet, CSV} {
		b.Run("format="+format, func(b *testing.B) {
			b.ReportAllocs()
			var rows int64
			for b.Loop() {
				m, err := Generate(b.Context(), Options{Records: 100000, Dir: b.TempDir(), Format: format})
				if err != nil {
					b.Fatal(err)
				}
				for _, l := range m.Levels {
					rows += l.Rows
				}
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// TestRoster holds that no member is listed twice, that the levels lack as many as the manifest says, and that some are on none.
func TestRoster(t *testing.T) {
	for _, names := range [][]string{{"a", "b"}, {"a", "b", "c"}} {
		m := generate(t, Options{Records: 30_000, Levels: names, Mismatch: 0.3, Seed: 3})
		members := readTable(t, m.Roster.Path)[1:]
		if int64(len(members)) != m.Roster.Rows || len(members) != 1000 {
			t.Errorf("%d members, the manifest says %d", len(members), m.Roster.Rows)
		}
		lackedBy := map[string]int{}
		for _, member := range members {
			if _, again := lackedBy[member[0]]; again {
				t.Errorf("a member is listed twice")
			}
			lackedBy[member[0]] = len(names)
		}
		for _, l := range m.Levels {
			seen := map[string]bool{}
			for _, row := range readTable(t, l.Path)[1:] {
				if _, member := lackedBy[row[colID]]; member && !seen[row[colID]] {
					seen[row[colID]] = true
					lackedBy[row[colID]]--
				}
			}
		}
		lacking, onNone := 0, 0
		for _, n := range lackedBy {
			lacking += n
			if n == len(names) {
				onNone++
			}
		}
		if int64(lacking) != m.NotCovered || onNone != 10 || lacking <= onNone*len(names) {
			t.Errorf("lacking %d times, the manifest says %d; %d are on no level", lacking, m.NotCovered, onNone)
		}
	}
}
