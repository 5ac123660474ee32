package report

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"crosscheck/engine/verdict"

	"github.com/parquet-go/parquet-go"
)

// readRows is the number of findings that are decoded at once, readAhead how many such runs are ready before they are asked for.
const (
	readRows  = 4096
	readAhead = 2
)

// Reader gives the findings of a Parquet table that a Writer made, in order. A goroutine decodes ahead; in memory are a few runs of
// findings, which are used again, and a page of each column. Methods are called by one goroutine at a time.
type Reader struct {
	Levels []string // as in the header of the table
	Fields []string // Finding.Field indexes it
	Carry  []string // Finding.Carry runs along it

	file  *os.File
	table *decoder
	runs  chan *readRun
	free  chan *readRun // to be used again
	given *readRun      // what Next gave last
	stop  chan struct{}
	err   error // of the goroutine, once runs is closed
	close sync.Once
}

// readRun is a run of findings and what their lists of texts lie in.
type readRun struct {
	findings []verdict.Finding
	texts    [][]byte
}

// OpenFindings opens a table of findings and begins to decode it; decrypt may be nil. Errors are ErrSchema, those of package os, and what is wrong with the file;
// none holds a value.
func OpenFindings(path string, decrypt Decrypt) (r *Reader, err error) {
	defer recovered(&err)
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r = &Reader{file: f, runs: make(chan *readRun, readAhead), free: make(chan *readRun, readAhead+2), stop: make(chan struct{})}
	if r.table, err = newDecoder(f, decrypt); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	r.Levels, r.Fields, r.Carry = r.table.header.Levels, r.table.header.Fields, r.table.header.Carry
	go r.decode()
	return r, nil
}

// Next gives the next findings, none at the end. Until the next call they are the caller's, and so are their lists of values; the texts
// themselves stay. Rows and Hashes are nil, since the table does not have them.
func (r *Reader) Next() ([]verdict.Finding, error) {
	if r.given != nil {
		r.free <- r.given // has room for all runs there can be
		r.given = nil
	}
	run, ok := <-r.runs
	if !ok {
		return nil, r.err
	}
	r.given = run
	return run.findings, nil
}

// Close ends the decoding and closes the file.
func (r *Reader) Close() error {
	var err error
	r.close.Do(func() {
		close(r.stop)
		for range r.runs { // until the goroutine has seen it
		}
		err = r.file.Close()
	})
	return err
}

// decode is the goroutine.
func (r *Reader) decode() {
	defer close(r.runs)
	defer recovered(&r.err)
	for _, group := range r.table.file.RowGroups() {
		if r.err = r.group(group); r.err != nil {
			return
		}
	}
}

var errReadStopped = errors.New("reading was stopped")

// group decodes a row group.
func (r *Reader) group(group parquet.RowGroup) (err error) {
	columns := make([]cellReader, len(group.ColumnChunks())) // without pages: not read
	for i, chunk := range group.ColumnChunks() {
		if i < r.table.firstSource() || i >= r.table.fixed { // where rows came from is of no use to a later night
			columns[i].pages = chunk.Pages()
		}
	}
	defer func() {
		for _, c := range columns {
			if c.pages != nil {
				err = errors.Join(err, c.pages.Close())
			}
		}
	}()
	for left := group.NumRows(); left > 0; {
		n := min(left, readRows)
		left -= n
		for i := range columns {
			if columns[i].pages == nil {
				continue
			}
			if err := columns[i].fill(int(n)); err != nil {
				return fmt.Errorf("column %d: %w", i+1, err)
			}
		}
		run, err := r.findings(columns, int(n))
		if err != nil {
			return err
		}
		select {
		case r.runs <- run:
		case <-r.stop:
			return errReadStopped
		}
	}
	return nil
}

// cellReader gives the values of a column chunk, in runs that do not care where pages end. Values point into pages, which the garbage
// collector keeps for as long as that.
type cellReader struct {
	pages  parquet.Pages
	values parquet.ValueReader // of the page under way; nil: none
	buf    []parquet.Value
}

// fill has the next n values in buf.
func (c *cellReader) fill(n int) error {
	if cap(c.buf) < n {
		c.buf = make([]parquet.Value, n)
	}
	c.buf = c.buf[:n]
	for at := 0; at < n; {
		if c.values == nil {
			page, err := c.pages.ReadPage()
			if errors.Is(err, io.EOF) {
				return io.ErrUnexpectedEOF
			}
			if err != nil {
				return err
			}
			c.values = page.Values()
		}
		got, err := c.values.ReadValues(c.buf[at:])
		at += got
		if errors.Is(err, io.EOF) {
			c.values = nil
		} else if err != nil {
			return err
		}
	}
	return nil
}

// findings makes findings of the values of n rows.
func (r *Reader) findings(columns []cellReader, n int) (*readRun, error) {
	levels, carry := len(r.Levels), len(r.Carry)
	run := &readRun{}
	select {
	case run = <-r.free:
	default:
	}
	if cap(run.findings) < n {
		run.findings, run.texts = make([]verdict.Finding, n), make([][]byte, n*(levels+carry))
	}
	run.findings = run.findings[:n]
	texts := run.texts
	for i := range run.findings {
		f := &run.findings[i]
		*f = verdict.Finding{}
		f.Values, texts = texts[:levels:levels], texts[levels:]
		if carry > 0 {
			f.Carry, texts = texts[:carry:carry], texts[carry:]
		}
		if err := r.table.finding(f, func(column int) *parquet.Value { return &columns[column].buf[i] }); err != nil {
			return nil, err
		}
	}
	return run, nil
}
