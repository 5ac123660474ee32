package parquetio

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"

	"crosscheck/engine/level"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// keptOpen is the number of files of a level up to which they stay open, so that one that is replaced meanwhile is read as it was. A process may
// not have tens of thousands of files open; those of a level of more are opened for each part, and must be the same.
const keptOpen = 128

// file is a file of a level.
type file struct {
	path     string
	f        *os.File    // nil: it is opened for each part
	info     fs.FileInfo // as it was opened first
	rows     int64
	groups   []rowGroup
	columns  []column
	skipped  []string // the other columns
	leaves   int      // of the schema
	pageRows []int64  // a leaf: rows of its first page in the largest row group; nil: row groups are small
	schema   []byte   // as it lies in the file
}

// openFile opens a file and reads its footer. Where its schema is that of another file, it is not worked out again; like may be nil. Chunks of more bytes than
// whole are not read at once.
func openFile(path string, keep bool, like *file, whole int64) (out *file, err error) {
	fail := func(msg, hint string, err error) (*file, error) {
		return nil, &level.InputError{File: path, Msg: msg, Hint: hint, Err: err}
	}
	f, err := os.Open(path)
	if err != nil {
		return fail(cannotOpen, "", cause(err))
	}
	defer func() {
		if err != nil || !keep {
			err = errors.Join(err, f.Close())
		}
	}()
	info, err := f.Stat()
	if err != nil || info.IsDir() {
		return fail("the file cannot be read", "", err)
	}
	meta, err := readFooter(f, info.Size())
	if err != nil {
		if u := (unsupported{}); errors.As(err, &u) {
			return fail("the file cannot be read", u.hint, err)
		}
		return fail(noParquet, noParquetHint, err)
	}
	out = &file{path: path, info: info}
	if keep {
		out.f = f
	}
	if like != nil && bytes.Equal(like.schema, meta.schema) {
		out.columns, out.skipped, out.leaves, out.schema = like.columns, like.skipped, like.leaves, like.schema
	} else {
		elements, err := meta.readSchema()
		if err != nil {
			return fail(noParquet, noParquetHint, err)
		}
		out.schema = meta.schema
		if err := out.resolve(elements); err != nil {
			return nil, err
		}
	}
	if err := out.take(meta.groups); err != nil {
		return nil, err
	}
	out.samplePages(f, whole)
	return out, nil
}

const (
	noParquet     = "this is no whole Parquet file"
	noParquetHint = "is it Parquet, and was it written to its end?"
)

const cannotOpen = "the file cannot be opened"

// cause is an error without the path, which stands beside it already.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// open gives the content for one part; the caller calls done.
func (f *file) open() (in io.ReaderAt, done func() error, err error) {
	if f.f != nil {
		return f.f, func() error { return nil }, nil
	}
	again, err := os.Open(f.path)
	if err != nil {
		return nil, nil, &level.InputError{File: f.path, Msg: cannotOpen, Err: cause(err)}
	}
	info, err := again.Stat()
	if err == nil && (!os.SameFile(f.info, info) || info.Size() != f.info.Size() || !info.ModTime().Equal(f.info.ModTime())) {
		err = errors.New("it is not the file that it was when its footer was read")
	}
	if err != nil {
		return nil, nil, errors.Join(&level.InputError{File: f.path, Msg: "the file was replaced or changed during the run", Hint: "run again when nobody writes to it", Err: err}, again.Close())
	}
	return again, again.Close, nil
}

func (f *file) close() error {
	if f.f == nil {
		return nil
	}
	return f.f.Close()
}

// mostAhead is how many bytes of small column chunks are read at a time.
const mostAhead = 2 << 20

// ahead is bytes of a file that were read at once.
type ahead struct {
	begin int64
	data  []byte
}

// readAhead reads column chunks at once where they are small and lie close to one another. The caller gives the bytes back to mem.
func readAhead(in io.ReaderAt, chunks []*chunkMeta, mem memory.Allocator) (a ahead) {
	if len(chunks) < 2 {
		return a
	}
	begin, end, sum := chunks[0].begin, int64(0), int64(0)
	for _, c := range chunks {
		if c.begin < 0 || c.size < 0 || c.size > mostAhead || c.begin > 1<<62 {
			return a
		}
		begin, end, sum = min(begin, c.begin), max(end, c.begin+c.size), sum+c.size
	}
	if n := end - begin; n > 0 && n <= mostAhead && sum >= n/2 {
		a.begin, a.data = begin, mem.Allocate(int(n))
		if _, err := in.ReadAt(a.data, begin); err != nil { // told by the chunk that it concerns
			mem.Free(a.data)
			a.data = nil
		}
	}
	return a
}

// chunk gives the bytes of a column chunk, nil if they were not read.
func (a *ahead) chunk(c *chunkMeta) []byte {
	if at := c.begin - a.begin; a.data != nil && at >= 0 && at <= int64(len(a.data)) && c.size <= int64(len(a.data))-at {
		return a.data[at : at+c.size : at+c.size]
	}
	return nil
}
