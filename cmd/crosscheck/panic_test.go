package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"crosscheck/engine"
	"crosscheck/engine/durable"
	"crosscheck/engine/durable/durabletest"
	"crosscheck/engine/guard"
	"crosscheck/engine/job"
	"crosscheck/engine/level"
	"crosscheck/engine/report"
	"crosscheck/engine/verdict"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// panicsWith is what forced panics hold: a whole record, as a careless message or a library's would.
func panicsWith() string { return "cannot " + canaryID(4) + " 王canary4 10055500004 1903-07-19" }

// panicking is the program of the panic tests: the run of a job in which one call of the disk panics (crosscheck-panics disk N), or a
// comparison by the Go API in which a part of it does (crosscheck-panics source). It ends as main does.
func panicking(args []string) int {
	a := &app{out: &tracked{w: os.Stdout}, err: os.Stderr, env: os.LookupEnv, now: night}
	if args[0] == "disk" {
		at, err := strconv.Atoi(args[1])
		if err != nil {
			return 1
		}
		disk := &durabletest.FS{At: at, Then: func() { panic(panicsWith()) }}
		durable.Use(disk)
		code := a.main(context.Background(), []string{"run", "-c", "job.job.yaml", "--date", "2026-11-23", "-q"})
		if disk.Calls() < at {
			return 0 // past the end
		}
		return code
	}
	if args[0] == "screen" {
		a.err = panickingScreen{}
		return a.main(context.Background(), []string{"run", "-c", "job.job.yaml", "--date", "2026-11-23"})
	}
	return a.fail(guard.Do(func() error { return panicIn(args[0]) }), false)
}

// panickingScreen is a standard error that panics once it has something to show.
type panickingScreen struct{}

func (panickingScreen) Write(p []byte) (int, error) {
	if bytes.HasPrefix(p, []byte("reading ")) {
		panic(panicsWith())
	}
	return os.Stderr.Write(p)
}

// panicIn compares levels and has a part of the comparison panic.
func panicIn(where string) error {
	j, err := job.Load("job.job.yaml", os.LookupEnv)
	if err != nil {
		return err
	}
	levels, err := job.Open(j.Levels)
	if err != nil {
		return err
	}
	defer func() { _ = job.Close(levels) }()
	for l := range levels {
		levels[l].Source = &panickingSource{Source: levels[l].Source, where: where}
	}
	options := j.Options(night(), nil)
	options.Rules = nil
	if where == "progress" {
		options.Progress = func(engine.Progress) { panic(panicsWith()) }
	}
	if where == "sink" || where == "begin" {
		_, err = engine.Run(context.Background(), levels, options, panickingSink{where})
		return err
	}
	_, err = job.Compare(context.Background(), levels, options, "compared.parquet", report.Options{RunDate: night()})
	return err
}

// panickingSource panics in Read, in the reader's Next, or in the worker that hashes a batch whose texts lie outside their buffer.
type panickingSource struct {
	level.Source
	where string
}

func (s *panickingSource) Read(ctx context.Context, part int, columns []int) (array.RecordReader, error) {
	if s.where == "source" {
		panic(errors.New(panicsWith()))
	}
	r, err := s.Source.Read(ctx, part, columns)
	return &panickingReader{r, s.where}, err
}

type panickingReader struct {
	array.RecordReader
	where string
}

func (r *panickingReader) Next() bool {
	if r.where == "reader" {
		panic(fmt.Errorf("wrapped: %w", errors.New(panicsWith())))
	}
	return r.RecordReader.Next()
}

func (r *panickingReader) Record() arrow.Record {
	batch := r.RecordReader.Record()
	if r.where != "worker" {
		return batch
	}
	torn := make([]int32, batch.NumRows()+1)
	for i := 1; i < len(torn); i++ {
		torn[i] = 1980010110 + int32(i) // the panic of the runtime tells such numbers
	}
	fields, columns := batch.Schema().Fields(), batch.Columns()
	for c := range columns {
		buffers := []*memory.Buffer{nil, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(torn)), memory.NewBufferBytes([]byte("王canary"))}
		columns[c] = array.MakeFromData(array.NewData(arrow.BinaryTypes.String, int(batch.NumRows()), buffers, nil, 0, 0))
		fields[c].Type = arrow.BinaryTypes.String
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), columns, batch.NumRows())
}

// panickingSink panics over a finding.
type panickingSink struct{ where string }

func (s panickingSink) Begin(verdict.Header) error {
	if s.where == "begin" {
		panic(panicsWith())
	}
	return nil
}

func (s panickingSink) Write(_ context.Context, b *verdict.Block) error {
	panic(fmt.Sprintf("%v %s", b.Findings[0], b.Findings[0].Key))
}

// panics runs the program of the panic tests and gives its exit code; all that it printed is clean.
func panics(t *testing.T, args ...string) (code int, stderr string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	c := exec.CommandContext(ctx, self, args...)
	c.Args[0] = "crosscheck-panics" // TestMain runs it
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	err = c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	cleanOf(t, strings.Join(args, " ")+": standard error", errs.String())
	cleanOf(t, strings.Join(args, " ")+": standard output", out.String())
	if strings.Contains(errs.String(), "goroutine ") {
		t.Errorf("%v: a panic that nobody caught", args)
	}
	return c.ProcessState.ExitCode(), errs.String()
}

// TestCanaryPanic has a part of a comparison panic with marked values: a source, its reader, the worker that hashes, the sink, what shows
// progress. The process says that it is an internal error, where, and nothing of the values.
func TestCanaryPanic(t *testing.T) {
	t.Chdir(t.TempDir())
	canaryInputs(t)
	for where, at := range map[string]string{
		"source": "panickingSource", "reader": "panickingReader", "worker": "crosscheck/engine", "sink": "panickingSink", "begin": "panickingSink",
		"progress": "panicIn", "screen": "panickingScreen",
	} {
		code, stderr := panics(t, where)
		if code != exitInternal || !strings.Contains(stderr, "internal error: a panic of type ") || !strings.Contains(stderr, at) || !strings.Contains(stderr, "please report it") {
			t.Errorf("%s: exit code %d, standard error of %d bytes lacks what it must say", where, code, len(stderr))
		}
	}
	if _, err := os.Stat("compared.parquet"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a comparison that panicked left a report: %v", err)
	}
}

// TestCanaryPanicDisk has calls by which a night writes panic with marked values, in whichever goroutine they are made: those that encode
// the reports too. The run says that it is an internal error, what it wrote outside the restricted tier is clean, and the next run goes well.
func TestCanaryPanicDisk(t *testing.T) {
	t.Chdir(t.TempDir())
	canaryInputs(t)
	inputs, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, e := range inputs {
		known[e.Name()] = true
	}
	if code, _, stderr := call(t.Context(), "run", "-c", "job.job.yaml", "--date", "2026-11-22", "-q"); code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	step := 7
	if testing.Short() {
		step = 23
	}
	points, looked := 0, 0
	for at := 1; ; at += step {
		code, stderr := panics(t, "disk", strconv.Itoa(at))
		if code == exitOK {
			break
		}
		points++
		if code != exitInternal || !strings.Contains(stderr, "internal error: a panic of type string") {
			t.Errorf("call %d: exit code %d, %d bytes of standard error", at, code, len(stderr))
		}
		err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || known[strings.SplitN(path, "/", 2)[0]] || strings.Contains(path, "restricted") {
				return err
			}
			cleanOf(t, fmt.Sprintf("call %d: a name", at), path)
			if d.IsDir() {
				return nil
			}
			looked++
			text, err := os.ReadFile(path)
			cleanOf(t, fmt.Sprintf("call %d: %s", at, path), string(text))
			if err == nil && filepath.Ext(path) == ".parquet" {
				cleanOf(t, fmt.Sprintf("call %d: the values of %s", at, path), parquetTexts(t, path))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if points < 10 || looked < 100 {
		t.Errorf("%d calls panicked, %d files were looked at", points, looked)
	}
	if code, _, stderr := call(t.Context(), "run", "-c", "job.job.yaml", "--date", "2026-11-23", "-q"); code != exitOK {
		t.Errorf("the run after: exit code %d: %s", code, stderr)
	}
}
