package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"crosscheck/engine/verdict"

	"github.com/parquet-go/parquet-go"
)

// ErrSchema says that a table of findings has other columns than this version writes. Test with errors.Is.
var ErrSchema = errors.New("its columns are not those that this version writes")

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
	table *parquet.File
	fixed int // columns before the carried ones
	index readIndex
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

// readIndex finds what words of the table stand for.
type readIndex struct {
	kinds    map[string]verdict.Kind
	statuses map[string]verdict.Status
	fields   map[string]int
	levels   map[string]int
	reasons  map[string]string // one string for all of a text
}

// OpenFindings opens a table of findings and begins to decode it. Errors are ErrSchema, those of package os, and what is wrong with the file;
// none holds a value.
func OpenFindings(path string) (r *Reader, err error) {
	defer recovered(&err)
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r = &Reader{file: f, runs: make(chan *readRun, readAhead), free: make(chan *readRun, readAhead+2), stop: make(chan struct{})}
	if err := r.open(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	go r.decode()
	return r, nil
}

// recovered makes an error of a panic of the Parquet library, which a damaged file can lead to.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = errors.New("the file is damaged")
	}
}

func (r *Reader) open() (err error) {
	info, err := r.file.Stat()
	if err != nil {
		return err
	}
	if r.table, err = parquet.OpenFile(r.file, info.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.ReadBufferSize(64<<10)); err != nil {
		return err
	}
	if version, _ := r.table.Lookup("crosscheck.schema"); version != schemaVersion {
		return ErrSchema
	}
	for key, names := range map[string]*[]string{"crosscheck.levels": &r.Levels, "crosscheck.fields": &r.Fields} {
		text, _ := r.table.Lookup(key)
		if json.Unmarshal([]byte(text), names) != nil {
			return ErrSchema
		}
	}
	expected := findingColumns(verdict.Header{Levels: r.Levels, Fields: r.Fields})
	columns := r.table.Schema().Columns()
	for i, c := range columns {
		switch {
		case len(c) != 1 || i < len(expected) && c[0] != expected[i].name:
			return ErrSchema
		case i >= len(expected):
			r.Carry = append(r.Carry, c[0])
		}
	}
	if r.fixed = len(expected); len(columns) < r.fixed {
		return ErrSchema
	}
	r.index = readIndex{map[string]verdict.Kind{}, map[string]verdict.Status{}, map[string]int{}, map[string]int{}, map[string]string{}}
	for _, k := range verdict.Kinds() {
		r.index.kinds[k.String()] = k
	}
	for _, s := range verdict.Statuses() {
		r.index.statuses[s.String()] = s
	}
	for i, name := range r.Fields {
		r.index.fields[name] = i
	}
	for i, name := range r.Levels {
		r.index.levels[name] = i
	}
	return nil
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
	for _, group := range r.table.RowGroups() {
		if r.err = r.group(group); r.err != nil {
			return
		}
	}
}

var errReadStopped = errors.New("reading was stopped")

// group decodes a row group.
func (r *Reader) group(group parquet.RowGroup) (err error) {
	columns := make([]cellReader, 0, r.fixed+len(r.Carry))
	chunks := group.ColumnChunks()
	for i, chunk := range chunks {
		if sources := r.fixed - len(r.Levels); i >= sources && i < r.fixed {
			continue // where rows came from is of no use to a later night
		}
		columns = append(columns, cellReader{pages: chunk.Pages()})
	}
	defer func() {
		for i := range columns {
			err = errors.Join(err, columns[i].pages.Close())
		}
	}()
	for left := group.NumRows(); left > 0; {
		n := min(left, readRows)
		left -= n
		for i := range columns {
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

var errWords = errors.New("it holds words that no report of this version has")

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
		next := 0
		cell := func() *parquet.Value {
			next++
			return &columns[next-1].buf[i]
		}
		var known [3]bool
		f.Key = textOf(cell())
		f.Kind, known[0] = r.index.kinds[string(cell().ByteArray())]
		f.Field, known[1] = indexOf(r.index.fields, cell())
		for l := range levels {
			if cell().Boolean() {
				f.In |= 1 << l
			}
		}
		f.Values, texts = texts[:levels:levels], texts[levels:]
		for l := range f.Values {
			f.Values[l] = textOf(cell())
		}
		f.Outlier, known[2] = indexOf(r.index.levels, cell())
		f.Consensus = textOf(cell())
		if count := cell(); !count.IsNull() {
			f.Count = count.Int64()
		}
		if reason := cell(); !reason.IsNull() {
			f.Reason = r.index.reason(reason.ByteArray())
		}
		f.Group = textOf(cell())
		status, ok := r.index.statuses[string(cell().ByteArray())]
		f.Status = status
		f.FirstSeen = cell().Int32()
		if carry > 0 {
			f.Carry, texts = texts[:carry:carry], texts[carry:]
			for c := range f.Carry {
				f.Carry[c] = textOf(cell())
			}
		}
		if !ok || known != [3]bool{true, true, true} {
			return nil, errWords
		}
	}
	return run, nil
}

// textOf gives the bytes of a value, nil for null.
func textOf(v *parquet.Value) []byte {
	if v.IsNull() {
		return nil
	}
	if b := v.ByteArray(); len(b) > 0 {
		return b
	}
	return []byte{}
}

// indexOf gives the index of a name, -1 (verdict.NoField, verdict.NoLevel) for null.
func indexOf(names map[string]int, v *parquet.Value) (int, bool) {
	if v.IsNull() {
		return -1, true
	}
	i, ok := names[string(v.ByteArray())]
	return i, ok
}

func (x *readIndex) reason(b []byte) string {
	text, ok := x.reasons[string(b)]
	if !ok {
		text = string(b)
		x.reasons[text] = text
	}
	return text
}
