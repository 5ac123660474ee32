package report

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"crosscheck/engine/report/columnar"
	"crosscheck/engine/verdict"
)

// Writer takes the findings of one run and leaves one file. Its methods are called one after the other, by any goroutine:
// Begin, any number of Write, then Close or Abort. After an error only Abort and Close do anything, and the temporary file is
// already gone.
type Writer interface {
	// Begin lays out the columns. The error is ErrOptions where two columns would have the same name.
	Begin(verdict.Header) error

	// Write adds the findings of the block, which belongs to the writer from then on: neither it nor the memory it points into
	// may be changed. It returns before they are on disk, and waits where the disk or the encoding lags behind. Findings out
	// of report order are an error, since the file says that it is sorted.
	Write(context.Context, *verdict.Block) error

	// Close writes what is left, makes it durable and gives the file its name. On an error there is no file.
	Close() error

	// Abort drops all that was written. After Close it does nothing.
	Abort()
}

// Options says how a file is written.
type Options struct {
	RunDate time.Time   // the night: its date in UTC stands in first_seen; required for findings
	Mode    fs.FileMode // permission bits that the file gets whatever the umask; default 0600
	Workers int         // goroutines that encode Parquet; default GOMAXPROCS
	Temp    string      // folder of the temporary file, on the file system of the final one; default the folder of the final one
	Staged  bool        // the content outlives a power cut, the name need not: whoever moves the file to its place sees to that

	Encrypt func(io.Writer) (io.WriteCloser, error) // the file is what this makes of it, and its name ends in ".age"; nil: as it is
	Sum     io.Writer                               // gets what is written to the file too, as it lies there; may be nil
	Wrote   func(rows int64)                        // told the rows of a file that has its name; may be nil

	Metadata map[string]string // more key-value metadata of a Parquet table of findings; may be nil
	Memory   *Memory           // for tables of findings that are written one after the other; nil: each has its own

	groupRows int                       // findings a row group; tests make it small
	pageRows  int                       // findings a page; tests make it small
	wrap      func(io.Writer) io.Writer // tests put a failing writer before the file
}

// Memory is what Parquet tables of findings are encoded in. The zero value is ready for use; it may be used by many at once.
type Memory struct{ columnar.Memory }

// ErrOptions marks an error about what was asked for, found before anything was written: a file format that does not exist,
// columns of the same name. Test with errors.Is.
var ErrOptions = errors.New("cannot be reported as asked")

func optionsError(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrOptions}, args...)...)
}

// encoder turns findings into the bytes of one format.
type encoder interface {
	// write takes findings in report order; the block is the encoder's from then on.
	write(ctx context.Context, b *verdict.Block) error
	// finish writes what is left and the end of the file; then nothing writes any more.
	finish() error
	// stop waits until nothing writes any more, whatever is left. It may follow finish.
	stop()
}

// Create makes the temporary file of a report. The extension of path says the format: .parquet, .csv or .jsonl. Errors are
// ErrOptions or a *WriteError; a file that already has the name is replaced when the writer is closed, not before.
func Create(path string, opt Options) (Writer, error) {
	w, err := create(path, opt)
	if err != nil {
		return nil, err
	}
	return w, nil
}

func create(path string, opt Options) (*writer, error) {
	var start func(io.Writer, *layout, Options) (encoder, error)
	name := path
	if opt.Encrypt != nil {
		name = strings.TrimSuffix(path, ".age")
	}
	switch ext := filepath.Ext(name); strings.ToLower(ext) {
	case ".parquet":
		start = startParquet
	case ".csv":
		start = startCSV
	case ".jsonl":
		start = startJSONL
	default:
		return nil, optionsError("%s: no report format has the extension %q; use .parquet, .csv or .jsonl", path, ext)
	}
	if opt.RunDate.IsZero() {
		return nil, optionsError("%s: a report needs the date of the run", path)
	}
	if opt.Workers <= 0 {
		opt.Workers = runtime.GOMAXPROCS(0)
	}
	if opt.groupRows == 0 {
		opt.groupRows, opt.pageRows = groupRows, pageRows
	}
	f, err := createFile(path, opt)
	if err != nil {
		return nil, err
	}
	return &writer{file: f, opt: opt, start: start}, nil
}

// writer is the part that all formats share: the order of the calls, the order of the findings, the file.
type writer struct {
	file  *file
	opt   Options
	start func(io.Writer, *layout, Options) (encoder, error)
	enc   encoder // nil before Begin
	order order
	rows  int64
	err   error // the first error, or that the writer was closed or aborted
}

var (
	errClosed  = errors.New("report is closed")
	errAborted = errors.New("report was aborted")
)

func (w *writer) Begin(h verdict.Header) error {
	if w.err != nil {
		return w.err
	}
	if w.enc != nil {
		return w.fail(errors.New("report was begun twice"))
	}
	lay, err := newLayout(h, w.opt)
	if err != nil {
		return w.fail(err)
	}
	enc, err := w.start(w.file, lay, w.opt)
	if err != nil {
		return w.fail(w.file.wrapped(err))
	}
	w.enc, w.order = enc, newOrder(h.Fields)
	return nil
}

func (w *writer) Write(ctx context.Context, b *verdict.Block) error {
	if err := w.ready(ctx); err != nil {
		return err
	}
	if err := w.order.check(b.Findings); err != nil {
		return w.fail(err)
	}
	w.rows += int64(len(b.Findings)) // before the block is the encoder's
	return w.encoded(ctx, w.enc.write(ctx, b))
}

// ready says whether the encoder can be given findings.
func (w *writer) ready(ctx context.Context) error {
	if w.err != nil {
		return w.err
	}
	if w.enc == nil {
		return w.fail(errors.New("report was not begun"))
	}
	if ctx.Err() != nil {
		return w.fail(context.Cause(ctx))
	}
	return nil
}

// encoded takes what the encoder said.
func (w *writer) encoded(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return w.fail(context.Cause(ctx))
	}
	return w.fail(w.file.wrapped(err))
}

func (w *writer) Close() error {
	if w.err == errClosed {
		return nil
	}
	if w.err != nil {
		return w.err
	}
	if w.enc == nil {
		return w.fail(errors.New("report was not begun"))
	}
	if err := w.enc.finish(); err != nil {
		return w.fail(w.file.wrapped(err))
	}
	if err := w.file.publish(); err != nil {
		return w.fail(err)
	}
	w.err = errClosed
	w.opt.wrote(w.rows)
	return nil
}

func (o *Options) wrote(rows int64) {
	if o.Wrote != nil {
		o.Wrote(rows)
	}
}

func (w *writer) Abort() {
	if w.err == nil {
		w.fail(errAborted)
	}
}

// fail ends the writer: from here on every call returns err.
func (w *writer) fail(err error) error {
	w.err = err
	if w.enc != nil {
		w.enc.stop()
	}
	w.file.discard()
	return err
}
