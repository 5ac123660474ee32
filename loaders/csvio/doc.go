// Package csvio reads a level from CSV files: text with a header line, fields quoted as RFC 4180 says.
//
// What is accepted:
//   - one delimiter of one byte; where none is given, the one of , ; tab | that the header line holds most of
//   - text in UTF-8, and in the encodings that Options.Encoding may name; a file with a byte order mark tells its own
//   - lines that end in LF, CRLF or a mixture, a last line without an end
//   - fields in double quotes that hold delimiters, line ends (kept as they are) and doubled quotes
//   - blank lines, which are no rows: they are skipped, and no row number falls on one; line numbers count them
//   - files of one level whose columns stand in different orders: columns are matched by name
//
// Everything else is a *level.InputError that names the file, the row, the line and, where it applies, the column, never a
// value: a row with too few or too many fields, a quote inside an unquoted field, text behind a closing quote, a quote that is
// never closed, no header or one that looks like values, empty or doubled column names, a column that one of the files lacks, bytes that are not of the
// encoding, a NUL byte, a file that is compressed, and a file that changes between Open and Read. Of several faults in
// one file the first is reported, whichever part was read first. Where no encoding is said and bytes are not UTF-8, the
// encoding is not guessed but the hint says what they look like (sniff.go): a night must not depend on a guess.
//
// # How it is fast
//
// Open scans each file once, in chunks side by side. A chunk may begin inside a quoted field; scan therefore counts rows for
// both cases, and a running sum over the chunks tells which one held, where the first row of each chunk begins and
// what its number is (scan.go, cut.go). These are the parts of the level.
//
// Read takes the bytes of a part into one Arrow buffer and splits them 64 at a time (marks.go, split.go). Every column is String in
// the schema (level.Texter: the format has no other type) and arrives as StringView: 16-byte view headers that point into that buffer. Bytes of values are not
// copied; doubled quotes are undone in place. Views are written as little-endian words, as every machine that Go's
// Arrow runs on in practice has them.
//
// A part in another encoding than UTF-8 is decoded into that buffer (decode.go, charset.go) and split like any other. Rows are
// found without decoding: in GB18030 and Big5 the bytes of quotes and line ends are nothing else, and UTF-16 is scanned as one
// byte a unit. Delimiters are found in the decoded text alone, since some are trail bytes of characters before.
package csvio

import (
	"crosscheck/loaders/recycle"

	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Options says how files are read. The zero value of each part means its default.
type Options struct {
	// Delimiter separates fields: any ASCII character but the quote, CR, LF and NUL; 0 finds it in each file's header line.
	Delimiter byte
	// Encoding is one of Encodings; "" means UTF-8, or what a file's byte order mark says.
	Encoding string
	// BatchRows is the largest number of rows in a batch; default 8192.
	BatchRows int
	// ChunkBytes is the nominal size of a part, 1 to MaxChunkBytes; default 1 MiB, which stays in the second-level cache from the reading to the splitting,
	// and up to 8 MiB for files of more than 2 GiB. A part ends with the row that runs over its end, so it can be longer.
	ChunkBytes int64
	// NullValues are the texts that are null, quoted or not; nil means the empty text alone, an empty slice none.
	NullValues []string
	// Allocator makes the Arrow buffers; default recycle.Shared.
	Allocator memory.Allocator
	// Scans keeps what Open found out about files; nil: it scans them all.
	Scans *Scans
}

// Scans keeps where the rows of files lie, so that a file that is as it was need not be read to know it. Both functions may be called by many goroutines
// at once.
type Scans struct {
	// Load gives what was saved of a file that has the same content still, nil where there is nothing. What is damaged does no harm.
	Load func(path, recipe string) []byte
	// Save keeps what was found out about a file.
	Save func(path, recipe string, scan []byte)
}

// MaxChunkBytes bounds Options.ChunkBytes: offsets in a part are 31-bit numbers.
const MaxChunkBytes = 512 << 20

// maxPartBytes bounds a part, whose last row may run over the end of the chunk.
const maxPartBytes = 1 << 30

func (o Options) withDefaults() Options {
	if o.BatchRows == 0 {
		o.BatchRows = 8192
	}
	if o.NullValues == nil {
		o.NullValues = []string{""}
	}
	if o.Allocator == nil {
		o.Allocator = recycle.Shared
	}
	return o
}

// What parts have by default: the least that is worth it, and more where a file would have more than some of them, twice and twice again.
const (
	leastChunk = 1 << 20
	mostChunk  = 8 << 20
	manyChunks = 2048
)

// chunkBytes is the nominal size of the parts of a file of some bytes.
func (o Options) chunkBytes(size int64) int64 {
	if o.ChunkBytes > 0 {
		return o.ChunkBytes
	}
	chunk := int64(leastChunk)
	for chunk < mostChunk && size > manyChunks*chunk {
		chunk *= 2
	}
	return chunk
}

// validate names every fault of options that have their defaults.
func (o Options) validate() error {
	var errs []error
	if d := o.Delimiter; d == '"' || d == '\r' || d == '\n' || d >= 0x80 {
		errs = append(errs, fmt.Errorf("csv: %q cannot be a delimiter: it must be one ASCII character, no quote and no line end", d))
	}
	if _, ok := charsetNamed(o.Encoding); !ok && o.Encoding != "" {
		errs = append(errs, fmt.Errorf("csv: there is no encoding %q", o.Encoding))
	}
	if o.BatchRows < 1 {
		errs = append(errs, fmt.Errorf("csv: batches of %d rows: at least one is needed", o.BatchRows))
	}
	if o.ChunkBytes < 0 || o.ChunkBytes > MaxChunkBytes {
		errs = append(errs, fmt.Errorf("csv: chunks of %d bytes: 1 to %d are possible", o.ChunkBytes, MaxChunkBytes))
	}
	return errors.Join(errs...)
}
