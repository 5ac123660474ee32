// Package level is what the engine reads: the rows of one level as Arrow record batches, in parts that can be
// decoded side by side and read again. The loaders implement it; the engine knows nothing else of a format.
package level

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// Source is the rows of one level, from one file or many. Its methods may be called from many goroutines at once;
// reading the same part twice yields the same rows in the same order.
type Source interface {
	// Schema names the columns and gives their logical Arrow types. A batch may hold a column in another layout of the
	// same type, part by part as the file stores it: a String column as StringView, a Binary one as BinaryView, and one of any
	// type as a Dictionary of int32 indexes. All batches of a part, or of parts read at once, share one dictionary array.
	Schema() *arrow.Schema

	// Parts lists the pieces of the level in file order; files in the order of their names.
	Parts() []Part

	// Read decodes part i (an index of Parts). columns are indexes of Schema().Fields(), without repeats; the batches hold
	// exactly these columns in this order, all rows of the part, in file order, with Part.Rows rows at most in total.
	// The caller releases the reader. A batch is valid until the next call of Next unless retained; retained batches
	// stay valid after the reader is released and after Next. An error about the content is an *InputError.
	Read(ctx context.Context, part int, columns []int) (array.RecordReader, error)

	// Close releases files. No Read may be under way.
	Close() error
}

// Bundler is a source some of whose parts may be so small that they are better read several at a time.
type Bundler interface {
	Source
	// ReadBundle is Read of the parts from first on and before end as if they were one: a batch may hold rows of several. Their Rows are exact.
	ReadBundle(ctx context.Context, first, end int, columns []int) (array.RecordReader, error)
}

// Texter is a source of a format that may have no types: what it calls text may be a number or a date that the format has no other way to say.
type Texter interface {
	Source
	// Untyped tells that the format has none.
	Untyped() bool
}

// Untyped tells whether a source is of a format without types.
func Untyped(s Source) bool {
	t, ok := s.(Texter)
	return ok && t.Untyped()
}

// Picker is a reader of Source.Read that need not decode all rows if only some are wanted.
type Picker interface {
	array.RecordReader
	// Pick is called before Next, if at all. Of the reader's column i the rows rows[i] are wanted, ascending and without repeats, counted from 0 over
	// what is read; any other may come as a null. The rows stay as they are until the reader is released.
	Pick(rows [][]uint32)
}

// Part is a piece of a level: a Parquet row group, a chunk of a CSV file.
type Part struct {
	// File is the path as a person knows it: the one given, or the one that a glob matched.
	File string
	// FirstRow is the number of the first row in File, counted from 1, a header line not counted.
	FirstRow int64
	// Rows is the number of rows; for text formats an upper bound, exact unless the file holds blank lines.
	Rows int64
	// Bytes is the size of the part in its file, for progress and for what a reader holds of it; 0 if unknown.
	Bytes int64
	// Held is how many bytes a reader of all columns has of the part in memory at a time, as it lies in the file and decompressed; 0: Bytes.
	Held int64
	// Modified is when File was changed last, as it is read; zero if unknown.
	Modified time.Time
	// Encoding is that of a text file, such as "utf-8"; "" for other formats.
	Encoding string
}

// InputError is a fault of an input: missing, corrupt, unreadable, of the wrong shape or type. It names the place and what
// to try, and never holds a value of a record.
type InputError struct {
	Level  string // the level's name, where known
	Roster bool   // it is that of a roster
	File   string // the file, where there is one
	Row    int64  // row in File, counted from 1, a header line not counted; 0 if the fault is not in a row
	Line   int64  // line in File, counted from 1, for text formats; 0 if unknown
	Column string // the column's name, where there is one
	Msg    string // what is wrong, in a few words, without a value of a record; "" where the cause says it
	Hint   string // what to try, where there is something
	Err    error  // the cause, or nil
}

// Error gives "level city: data/city.csv: row 7 (line 8), column name: what is wrong: cause".
func (e *InputError) Error() string {
	var b strings.Builder
	if e.Level != "" {
		b.WriteString(Called(e.Level, e.Roster) + ": ")
	}
	if e.File != "" {
		b.WriteString(e.File + ": ")
	}
	var where []string
	if e.Row > 0 {
		row := fmt.Sprintf("row %d", e.Row)
		if e.Line > 0 {
			row += fmt.Sprintf(" (line %d)", e.Line)
		}
		where = append(where, row)
	} else if e.Line > 0 {
		where = append(where, fmt.Sprintf("line %d", e.Line))
	}
	if e.Column != "" {
		where = append(where, fmt.Sprintf("column %q", e.Column))
	}
	if len(where) > 0 {
		b.WriteString(strings.Join(where, ", ") + ": ")
	}
	b.WriteString(e.Msg)
	if e.Err != nil {
		if e.Msg != "" {
			b.WriteString(": ")
		}
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

// Called names a level, or a roster, for people.
func Called(name string, roster bool) string {
	if roster {
		return "roster " + name
	}
	return "level " + name
}

// Unwrap gives the cause.
func (e *InputError) Unwrap() error { return e.Err }
