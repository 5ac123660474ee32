package report

import (
	"encoding/json"
	"errors"
	"io"
	"os"

	"crosscheck/engine/verdict"

	"github.com/parquet-go/parquet-go"
)

// ErrSchema says that a table of findings has other columns than this version writes. Test with errors.Is.
var ErrSchema = errors.New("its columns are not those that this version writes")

var errWords = errors.New("it holds words that no report of this version has")

// recovered makes an error of a panic of the Parquet library, which a damaged file can lead to.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = errors.New("the file is damaged")
	}
}

// decoder makes findings of the rows of a table that a Writer made: the reverse of layout. It is used by one goroutine at a time.
type decoder struct {
	file   *parquet.File  // without its page indexes and bloom filters, of which no one needs all
	header verdict.Header // levels, fields and carried columns; it locates nothing
	fixed  int            // columns before the carried ones

	kinds    map[string]verdict.Kind
	statuses map[string]verdict.Status
	fields   map[string]int
	levels   map[string]int
	reasons  map[string]string // one string for all of a text
}

// Decrypt gives what is encrypted in a file of some size, and its size.
type Decrypt func(file io.ReaderAt, size int64) (io.ReaderAt, int64, error)

// newDecoder reads the footer of a table; decrypt may be nil. Errors are ErrSchema, those of decrypt and what is wrong with the file.
func newDecoder(f *os.File, decrypt Decrypt) (*decoder, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	in, size := io.ReaderAt(f), info.Size()
	if decrypt != nil {
		if in, size, err = decrypt(f, size); err != nil {
			return nil, err
		}
	}
	d := &decoder{kinds: map[string]verdict.Kind{}, statuses: map[string]verdict.Status{}, reasons: map[string]string{}}
	if d.file, err = parquet.OpenFile(in, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.ReadBufferSize(64<<10)); err != nil {
		return nil, err
	}
	if version, _ := d.file.Lookup("crosscheck.schema"); version != schemaVersion {
		return nil, ErrSchema
	}
	for key, names := range map[string]*[]string{"crosscheck.levels": &d.header.Levels, "crosscheck.fields": &d.header.Fields} {
		text, _ := d.file.Lookup(key)
		if json.Unmarshal([]byte(text), names) != nil {
			return nil, ErrSchema
		}
	}
	expected := findingColumns(d.header)
	columns := d.file.Schema().Columns()
	for i, c := range columns {
		switch {
		case len(c) != 1 || i < len(expected) && c[0] != expected[i].name:
			return nil, ErrSchema
		case i >= len(expected):
			d.header.Carry = append(d.header.Carry, c[0])
		}
	}
	if d.fixed = len(expected); len(columns) < d.fixed {
		return nil, ErrSchema
	}
	for _, k := range verdict.Kinds() {
		d.kinds[k.String()] = k
	}
	for _, s := range verdict.Statuses() {
		d.statuses[s.String()] = s
	}
	d.fields, d.levels = indexes(d.header.Fields), indexes(d.header.Levels)
	return d, nil
}

func indexes(names []string) map[string]int {
	all := make(map[string]int, len(names))
	for i, name := range names {
		all[name] = i
	}
	return all
}

// firstSource is the column of the first level's source.
func (d *decoder) firstSource() int { return d.fixed - len(d.header.Levels) }

// finding makes a finding of the cells of a row, in f, whose Values and Carry have an item a level and a carried column. Texts point into the
// cells. The columns of sources, and Rows and Hashes, are left alone.
func (d *decoder) finding(f *verdict.Finding, cells func(column int) *parquet.Value) error {
	next := -1
	cell := func() *parquet.Value {
		next++
		return cells(next)
	}
	var known [4]bool
	f.Key = textOf(cell())
	f.Kind, known[0] = d.kinds[string(cell().ByteArray())]
	f.Field, known[1] = indexOf(d.fields, cell())
	f.In = 0
	for l := range d.header.Levels {
		if cell().Boolean() {
			f.In |= 1 << l
		}
	}
	for l := range f.Values {
		f.Values[l] = textOf(cell())
	}
	f.Outlier, known[2] = indexOf(d.levels, cell())
	f.Consensus = textOf(cell())
	f.Count, f.Reason = 0, ""
	if count := cell(); !count.IsNull() {
		f.Count = count.Int64()
	}
	if reason := cell(); !reason.IsNull() {
		f.Reason = d.reason(reason.ByteArray())
	}
	f.Group = textOf(cell())
	f.Status, known[3] = d.statuses[string(cell().ByteArray())]
	f.FirstSeen = cell().Int32()
	for c := range f.Carry {
		f.Carry[c] = textOf(cells(d.fixed + c))
	}
	if known != [4]bool{true, true, true, true} {
		return errWords
	}
	return nil
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

func (d *decoder) reason(b []byte) string {
	text, ok := d.reasons[string(b)]
	if !ok {
		text = string(b)
		d.reasons[text] = text
	}
	return text
}
