package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sort"
	"time"

	"crosscheck/engine/verdict"

	"github.com/parquet-go/parquet-go"
)

// ReadError says that a table that was published cannot be read.
type ReadError struct {
	Path string
	Err  error // the cause
}

// Error gives "cannot read reports/restricted/mismatches/…/part-00000.parquet: permission denied".
func (e *ReadError) Error() string { return fmt.Sprintf("cannot read %s: %v", e.Path, cause(e.Err)) }

// Unwrap gives the cause.
func (e *ReadError) Unwrap() error { return e.Err }

// Record is what a table has about one record.
type Record struct {
	Header   verdict.Header // levels, fields and carried columns; it locates nothing
	Findings []Found        // in report order
}

// Found is a finding as a table has it. Its Values and Carry have an item a level and a carried column; its Rows and Hashes are nil.
type Found struct {
	verdict.Finding
	FirstSeen time.Time
	Sources   []string // a level: the file and the row, or the file alone; "" where the level has no row
}

// Find gives what a Parquet table of findings has under a key, by its bytes as record_key has them. It reads the footer, one bloom filter, one page
// index and the pages that hold the record, so that it takes milliseconds however long the table is. The error is a *ReadError.
func Find(path string, key []byte) (rec *Record, err error) {
	defer func() {
		// The library panics over some damages of a file.
		if r := recover(); r != nil {
			rec, err = nil, errors.New("it is damaged")
		}
		if err != nil {
			err = &ReadError{Path: path, Err: err}
		}
	}()
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	// The indexes of all row groups and columns would be read here, where those of one row group are enough.
	file, err := parquet.OpenFile(f, info.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, err
	}
	t, err := newFinder(file)
	if err != nil {
		return nil, err
	}
	groups := file.RowGroups()
	bounds := func(g int) (low, high []byte) {
		least, most, ok := groups[g].ColumnChunks()[t.key].(*parquet.FileColumnChunk).Bounds()
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

// finder reads the findings of one record from one table.
type finder struct {
	Record
	key int                                     // the column record_key
	put []func(f *Found, v parquet.Value) error // a column; nil: of a later version
}

var errNoFindings = errors.New("this is no table of findings")

func newFinder(file *parquet.File) (*finder, error) {
	t := &finder{key: -1}
	for name, to := range map[string]*[]string{"crosscheck.levels": &t.Header.Levels, "crosscheck.fields": &t.Header.Fields} {
		if text, ok := file.Lookup(name); !ok || json.Unmarshal([]byte(text), to) != nil {
			return nil, errNoFindings
		}
	}
	if len(t.Header.Levels) == 0 {
		return nil, errNoFindings
	}
	put := t.columns()
	lastOwn := "source_" + t.Header.Levels[len(t.Header.Levels)-1]
	carried := false // the carried columns come last
	for i, column := range file.Schema().Columns() {
		name := column[0]
		if name == "record_key" {
			t.key = i
		}
		if carried {
			c := len(t.Header.Carry)
			t.Header.Carry = append(t.Header.Carry, name)
			t.put = append(t.put, func(f *Found, v parquet.Value) error { f.Carry[c] = ownText(v); return nil })
			continue
		}
		carried = name == lastOwn
		t.put = append(t.put, put[name])
	}
	if t.key < 0 || !carried {
		return nil, errNoFindings
	}
	return t, nil
}

// columns gives how the columns of the table, other than carried ones, become parts of a finding.
func (t *finder) columns() map[string]func(*Found, parquet.Value) error {
	text := func(to func(*Found) *[]byte) func(*Found, parquet.Value) error {
		return func(f *Found, v parquet.Value) error { *to(f) = ownText(v); return nil }
	}
	put := map[string]func(*Found, parquet.Value) error{
		"record_key":   text(func(f *Found) *[]byte { return &f.Key }),
		"consensus":    text(func(f *Found) *[]byte { return &f.Consensus }),
		"roster_group": text(func(f *Found) *[]byte { return &f.Group }),
		"reason":       func(f *Found, v parquet.Value) error { f.Reason = string(ownText(v)); return nil },
		"count": func(f *Found, v parquet.Value) error {
			if !v.IsNull() {
				f.Count = v.Int64()
			}
			return nil
		},
		"first_seen": func(f *Found, v parquet.Value) error {
			f.FirstSeen = time.Unix(int64(v.Int32())*24*60*60, 0).UTC()
			return nil
		},
		"kind": func(f *Found, v parquet.Value) (err error) {
			f.Kind, err = wordOf(verdict.Kinds(), v)
			return err
		},
		"status": func(f *Found, v parquet.Value) (err error) {
			f.Status, err = wordOf(verdict.Statuses(), v)
			return err
		},
		"field": func(f *Found, v parquet.Value) error {
			return placeOf(t.Header.Fields, v, verdict.NoField, &f.Field)
		},
		"outlier": func(f *Found, v parquet.Value) error {
			return placeOf(t.Header.Levels, v, verdict.NoLevel, &f.Outlier)
		},
	}
	for l, level := range t.Header.Levels {
		put["value_"+level] = func(f *Found, v parquet.Value) error { f.Values[l] = ownText(v); return nil }
		put["source_"+level] = func(f *Found, v parquet.Value) error { f.Sources[l] = string(ownText(v)); return nil }
		put["in_"+level] = func(f *Found, v parquet.Value) error {
			if v.Boolean() {
				f.In |= 1 << l
			}
			return nil
		}
	}
	return put
}

// ownText gives a copy of a text, nil for null.
func ownText(v parquet.Value) []byte { return bytes.Clone(textOf(&v)) }

var errLaterVersion = errors.New("it was written by another version of crosscheck, which has more words than this one")

// wordOf gives which of the words a value is.
func wordOf[T fmt.Stringer](words []T, v parquet.Value) (T, error) {
	at := slices.IndexFunc(words, func(w T) bool { return w.String() == string(v.ByteArray()) })
	if at < 0 {
		return *new(T), errLaterVersion
	}
	return words[at], nil
}

// placeOf sets to to the place of a name, or to none where it is null.
func placeOf(names []string, v parquet.Value, none int, to *int) error {
	if *to = none; v.IsNull() {
		return nil
	}
	if *to = slices.Index(names, string(v.ByteArray())); *to < 0 {
		return errNoFindings
	}
	return nil
}

// group adds the findings of the record that lie in a row group.
func (t *finder) group(g parquet.RowGroup, key []byte) error {
	chunk := g.ColumnChunks()[t.key]
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

// add turns a row into a finding.
func (t *finder) add(row parquet.Row) error {
	n := len(t.Header.Levels)
	f := Found{Sources: make([]string, n)}
	f.Values, f.Carry = make([][]byte, n), make([][]byte, len(t.Header.Carry))
	for _, v := range row {
		if put := t.put[v.Column()]; put != nil {
			if err := put(&f, v); err != nil {
				return err
			}
		}
	}
	t.Findings = append(t.Findings, f)
	return nil
}
