package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"

	"crosscheck/engine/durable"
	"crosscheck/engine/verdict"

	"github.com/parquet-go/parquet-go"
)

// ReadError says that a table that was published cannot be read.
type ReadError struct {
	Path string
	Err  error // the cause
}

// Error gives "cannot read reports/restricted/mismatches/…/part-00000.parquet: permission denied".
func (e *ReadError) Error() string {
	return fmt.Sprintf("cannot read %s: %v", e.Path, durable.Cause(e.Err))
}

// Unwrap gives the cause.
func (e *ReadError) Unwrap() error { return e.Err }

// Record is what a table has about one record.
type Record struct {
	Header   verdict.Header // levels, fields and carried columns; it locates nothing
	Findings []Found        // in report order
}

// Found is a finding as a table has it. Its Values and Carry have an item a level and a carried column, its FirstSeen is never 0, its Rows
// and Hashes are nil.
type Found struct {
	verdict.Finding
	Sources []string // a level: the file and the row, or the file alone; "" where the level has no row
}

// Find gives what a Parquet table of findings has under a key, by its bytes as record_key has them. It reads the footer, one bloom filter, one page
// index and the pages that hold the record, so that it takes milliseconds however long the table is. Decrypt may be nil. The error is a *ReadError.
func Find(path string, key []byte, decrypt Decrypt) (rec *Record, err error) {
	defer func() {
		if err != nil {
			rec, err = nil, &ReadError{Path: path, Err: err}
		}
	}()
	defer recovered(&err)
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	table, err := newDecoder(f, decrypt)
	if err != nil {
		return nil, err
	}
	t := finder{Record: Record{Header: table.header}, table: table}
	groups := table.file.RowGroups()
	bounds := func(g int) (low, high []byte) {
		least, most, ok := groups[g].ColumnChunks()[keyColumn].(*parquet.FileColumnChunk).Bounds()
		if !ok {
			return nil, key // not known: it may hold the record
		}
		return least.ByteArray(), most.ByteArray()
	}
	first := sort.Search(len(groups), func(g int) bool {
		_, high := bounds(g)
		return bytes.Compare(bounded(high), bounded(key)) >= 0
	})
	for g := first; g < len(groups); g++ {
		if low, _ := bounds(g); bytes.Compare(bounded(low), bounded(key)) > 0 {
			break
		}
		if err := t.group(groups[g], key); err != nil {
			return nil, err
		}
	}
	return &t.Record, nil
}

// bounded cuts a key or a bound to the length at which bounds may have been cut.
func bounded(key []byte) []byte { return key[:min(len(key), boundsMax)] }

// keyColumn is the column record_key.
const keyColumn = 0

// finder reads the findings of one record from one table.
type finder struct {
	Record
	table *decoder
}

// group adds the findings of the record that lie in a row group.
func (t *finder) group(g parquet.RowGroup, key []byte) error {
	chunk := g.ColumnChunks()[keyColumn]
	if filter := chunk.BloomFilter(); filter != nil {
		if ok, err := filter.Check(parquet.ByteArrayValue(key)); err != nil || !ok {
			return err
		}
	}
	from, n, err := t.rows(chunk, g.NumRows(), key)
	if err != nil || n == 0 {
		return err
	}
	rows := g.Rows()
	defer rows.Close()
	if err := rows.SeekToRow(from); err != nil {
		return err
	}
	buf := make([]parquet.Row, min(n, 64))
	for n > 0 {
		got, err := rows.ReadRows(buf[:min(n, int64(len(buf)))])
		for _, row := range buf[:got] {
			if err := t.add(row); err != nil {
				return err
			}
		}
		if n -= int64(got); n > 0 && (err != nil || got == 0) {
			return errors.Join(err, io.ErrUnexpectedEOF)
		}
	}
	return nil
}

// rows says where the rows of a key lie in a row group, by its column record_key: the first one and their number.
func (t *finder) rows(chunk parquet.ColumnChunk, all int64, key []byte) (from, n int64, err error) {
	if from, err = firstRow(chunk, key); err != nil {
		return 0, 0, err
	}
	pages := chunk.Pages()
	defer pages.Close()
	if err := pages.SeekToRow(from); err != nil {
		return 0, 0, err
	}
	values := make([]parquet.Value, 1024)
	for at := from; at < all; {
		page, err := pages.ReadPage()
		if err == io.EOF {
			return from, n, nil
		}
		if err != nil {
			return 0, 0, err
		}
		done, read := false, page.Values()
		for !done {
			got, err := read.ReadValues(values)
			for _, v := range values[:got] {
				switch c := bytes.Compare(v.ByteArray(), key); {
				case c < 0:
					from = at + 1
				case c == 0:
					n++
				default:
					done = true
				}
				at++
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				parquet.Release(page)
				return 0, 0, err
			}
		}
		parquet.Release(page)
		if done {
			break
		}
	}
	return from, n, nil
}

// firstRow gives the first row of the first page that may hold a key, by the page index; 0 where there is none.
func firstRow(chunk parquet.ColumnChunk, key []byte) (int64, error) {
	bounds, err := chunk.ColumnIndex()
	if errors.Is(err, parquet.ErrMissingColumnIndex) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	offsets, err := chunk.OffsetIndex()
	if err != nil {
		return 0, err
	}
	at := sort.Search(bounds.NumPages(), func(p int) bool {
		return bytes.Compare(bounded(bounds.MaxValue(p).ByteArray()), bounded(key)) >= 0
	})
	if at == bounds.NumPages() {
		return 0, nil
	}
	return offsets.FirstRowIndex(at), nil
}

// add turns a row into a finding of its own memory.
func (t *finder) add(row parquet.Row) error {
	row = row.Clone() // it points into a page
	n := len(t.Header.Levels)
	f := Found{Sources: make([]string, n)}
	f.Values, f.Carry = make([][]byte, n), make([][]byte, len(t.Header.Carry))
	if err := t.table.finding(&f.Finding, func(column int) *parquet.Value { return &row[column] }); err != nil {
		return err
	}
	for l := range f.Sources {
		f.Sources[l] = string(textOf(&row[t.table.firstSource()+l]))
	}
	t.Findings = append(t.Findings, f)
	return nil
}
