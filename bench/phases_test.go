package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"crosscheck/bench/child"
	"crosscheck/bench/synth"
	"crosscheck/engine"
	"crosscheck/engine/record"
	"crosscheck/engine/report"
	"crosscheck/engine/verdict"
	"crosscheck/loaders"

	"github.com/apache/arrow/go/v17/arrow"
)

var records = flag.Int64("records", 50_000, "records a level in the benchmarks")

// noFaults asks synth for levels that agree.
const noFaults = -1

var levelNames = []string{"city", "district", "street"}

// dataset is synthetic levels and what was planted in them.
type dataset struct {
	dir, format string
	manifest    *synth.Manifest
}

var datasets = struct {
	sync.Mutex
	dir  string
	made map[string]*dataset
}{made: map[string]*dataset{}}

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == child.Command { // the test binary stands in for the program where that starts itself
		main()
		return
	}
	flag.Parse()
	code := m.Run()
	os.RemoveAll(datasets.dir)
	os.Exit(code)
}

// data makes a data set once for all benchmarks that ask for it.
func data(b *testing.B, format string, mismatch float64) *dataset {
	b.Helper()
	datasets.Lock()
	defer datasets.Unlock()
	name := fmt.Sprintf("%s-%v", format, mismatch)
	if d := datasets.made[name]; d != nil {
		return d
	}
	if datasets.dir == "" {
		dir, err := os.MkdirTemp("", "crosscheck-bench-")
		if err != nil {
			b.Fatal(err)
		}
		datasets.dir = dir
	}
	d := &dataset{dir: filepath.Join(datasets.dir, name), format: format}
	var err error
	d.manifest, err = synth.Generate(b.Context(), synth.Options{Records: *records, Levels: levelNames, Mismatch: mismatch, Seed: 1, Format: format, Dir: d.dir})
	if err != nil {
		b.Fatal(err)
	}
	datasets.made[name] = d
	return d
}

// open opens its levels.
func (d *dataset) open(b *testing.B) []engine.Level {
	b.Helper()
	var levels []engine.Level
	for _, name := range levelNames {
		s, err := loaders.Open(name, loaders.Spec{Paths: []string{filepath.Join(d.dir, name+"."+d.format)}})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { s.Close() })
		levels = append(levels, engine.Level{Name: name, Source: s})
	}
	return levels
}

var options = engine.Options{Key: []engine.Field{{Name: "id_number", Type: record.CNID}}}

// discard is a sink that counts.
type discard struct{ findings int64 }

func (*discard) Begin(verdict.Header) error { return nil }
func (d *discard) Write(_ context.Context, b *verdict.Block) error {
	d.findings += int64(len(b.Findings))
	return nil
}

// perRow reports rows a second.
func perRow(b *testing.B, rows int64) {
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	b.ReportAllocs()
}

// each reads all columns of all levels batch by batch.
func each(b *testing.B, levels []engine.Level, do func(level int, r arrow.Record)) (rows int64) {
	b.Helper()
	for l, lv := range levels {
		columns := make([]int, lv.Source.Schema().NumFields())
		for i := range columns {
			columns[i] = i
		}
		for part := range lv.Source.Parts() {
			r, err := lv.Source.Read(b.Context(), part, columns)
			if err != nil {
				b.Fatal(err)
			}
			for r.Next() {
				rows += r.Record().NumRows()
				do(l, r.Record())
			}
			if err := r.Err(); err != nil {
				b.Fatal(err)
			}
			r.Release()
		}
	}
	return rows
}

// rowsOf is what the parts promise.
func rowsOf(levels []engine.Level) (n int64) {
	for _, l := range levels {
		for _, p := range l.Source.Parts() {
			n += p.Rows
		}
	}
	return n
}

// BenchmarkDecode reads every column into Arrow, on one goroutine.
func BenchmarkDecode(b *testing.B) {
	for _, format := range []string{synth.Parquet, synth.CSV} {
		b.Run("format="+format, func(b *testing.B) {
			levels := data(b, format, 0.01).open(b)
			var rows int64
			for b.Loop() {
				rows = each(b, levels, func(int, arrow.Record) {})
			}
			if rows != rowsOf(levels) {
				b.Fatalf("%d rows, want %d", rows, rowsOf(levels))
			}
			perRow(b, rows)
		})
	}
}

// BenchmarkHash decodes and hashes every column but the key, on one goroutine.
func BenchmarkHash(b *testing.B) {
	for _, format := range []string{synth.Parquet, synth.CSV} {
		b.Run("format="+format, func(b *testing.B) {
			levels := data(b, format, noFaults).open(b)
			fields := levels[0].Source.Schema().NumFields()
			hashers := make([]*record.Hasher, fields)
			for f := range hashers {
				typ, err := record.TypeOf(levels[0].Source.Schema().Field(f).Type)
				if err != nil {
					b.Fatal(err)
				}
				hashers[f] = record.NewHasher(typ, record.Canon{}, f)
			}
			var rows int64
			var sums [3]uint64
			for b.Loop() {
				clear(sums[:])
				var fp, syn []uint64
				rows = each(b, levels, func(l int, r arrow.Record) {
					n := int(r.NumRows())
					if cap(fp) < n {
						fp, syn = make([]uint64, n), make([]uint64, n)
					}
					fp = fp[:n]
					clear(fp)
					for f := range hashers {
						hashers[f].Add(r.Column(f), fp, syn[:n])
					}
					for _, x := range fp {
						sums[l] += x
					}
				})
			}
			if sums[0] != sums[1] || sums[0] != sums[2] {
				b.Fatal("levels with the same rows have other fingerprints")
			}
			perRow(b, rows)
		})
	}
}

// BenchmarkRun is the whole comparison, with the time of its phases; the findings are counted or written to Parquet.
func BenchmarkRun(b *testing.B) {
	for _, format := range []string{synth.Parquet, synth.CSV} {
		for _, mismatch := range []float64{noFaults, 0.01, 0.15} {
			for _, workers := range []int{1, 2} {
				for _, sink := range []string{"count", "parquet"} {
					name := fmt.Sprintf("format=%s/mismatch=%v/workers=%d/sink=%s", format, max(mismatch, 0), workers, sink)
					b.Run(name, func(b *testing.B) { benchmarkRun(b, data(b, format, mismatch), workers, sink == "parquet") })
				}
			}
		}
	}
}

func benchmarkRun(b *testing.B, d *dataset, workers int, write bool) {
	levels := d.open(b)
	opt := options
	opt.Workers = workers
	phases := map[string]time.Duration{}
	var rows int64
	allocated := heapBytes()
	for b.Loop() {
		var sink engine.Sink = &discard{}
		end := func() error { return nil }
		if write {
			w, err := report.Create(filepath.Join(d.dir, "out.parquet"), report.Options{RunDate: time.Unix(0, 0), Workers: workers, Mode: 0o600})
			if err != nil {
				b.Fatal(err)
			}
			sink, end = w, w.Close
		}
		s, err := engine.Run(b.Context(), levels, opt, sink)
		if err == nil {
			err = end()
		}
		if err != nil {
			b.Fatal(err)
		}
		rows = s.Rows()
		check(b, d.manifest, s)
		for _, p := range s.Phases {
			phases[p.Name] += p.Elapsed
		}
	}
	b.ReportMetric(float64(heapBytes()-allocated)/float64(b.N)/float64(rows), "B/row")
	perRow(b, rows)
	for name, total := range phases {
		b.ReportMetric(float64(total.Milliseconds())/float64(b.N), name+"-ms")
	}
}

// heapBytes is what was allocated on the heap so far.
func heapBytes() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// check holds what a run found against what was planted.
func check(b *testing.B, planted *synth.Manifest, s *engine.Summary) {
	b.Helper()
	for _, k := range s.Kinds { // kinds that are not planted are not there
		want := int64(0)
		if i := slices.IndexFunc(planted.Kinds, func(c synth.FaultCount) bool { return c.Name == k.Kind }); i >= 0 {
			want = planted.Kinds[i].Count
		}
		if k.Findings != want {
			b.Fatalf("%d findings %s, planted are %d", k.Findings, k.Kind, want)
		}
	}
	for _, want := range planted.Fields {
		i := slices.IndexFunc(s.Fields, func(f engine.FieldCount) bool { return f.Field == want.Name })
		if i < 0 || s.Fields[i].Differs != want.Count {
			b.Fatalf("the records that differ in field %s are not the %d planted", want.Name, want.Count)
		}
	}
}
