package parquetio

import (
	"bytes"
	"errors"
	"io"

	"crosscheck/engine/level"
)

// file is a file of a level.
type file struct {
	path     string
	disk     disk
	kept     bool  // disk stays open; else the file is opened for each part, and must be the same
	state    state // as it was opened first
	rows     int64
	groups   []rowGroup
	pageRows []int64 // a leaf: rows of its first page in the largest row group; nil: row groups are small
	*shape
}

// shape is what files of the same schema have in common.
type shape struct {
	schema  []byte // as it lies in the file
	columns []column
	skipped []string // the other columns
	leaves  int      // of the schema
	footer  int64    // bytes of the footer of one of them
}

// openFile opens a file and reads its footer. Where its schema is that of another file, it is not worked out again; like may be nil.
func openFile(path string, like *shape, opt *Options) (out *file, err error) {
	fail := func(msg, hint string, err error) (*file, error) {
		return nil, &level.InputError{File: path, Msg: msg, Hint: hint, Err: err}
	}
	out = &file{path: path}
	if out.disk, err = openDisk(path); err != nil {
		return fail(cannotOpen, "", err)
	}
	disk := &out.disk
	defer func() {
		if err == nil && opt.kept.take() {
			out.kept = true
			return
		}
		err = errors.Join(err, disk.close())
	}()
	if out.state, err = disk.state(); err != nil {
		return fail("the file cannot be read", "", err)
	}
	meta, err := readFooter(disk, out.state.size, like, opt.Allocator)
	if err != nil {
		if u := (unsupported{}); errors.As(err, &u) {
			return fail("the file cannot be read", u.hint, err)
		}
		return fail(noParquet, noParquetHint, err)
	}
	if out.shape = like; like == nil || !bytes.Equal(like.schema, meta.schema) {
		elements, err := meta.readSchema()
		if err != nil {
			return fail(noParquet, noParquetHint, err)
		}
		if out.shape, err = newShape(path, elements); err != nil {
			return nil, err
		}
		out.schema, out.footer = meta.schema, meta.size
	}
	if err := out.take(meta.groups); err != nil {
		return nil, err
	}
	out.samplePages(disk, opt.whole)
	return out, nil
}

const (
	noParquet     = "this is no whole Parquet file"
	noParquetHint = "is it Parquet, and was it written to its end?"
)

const cannotOpen = "the file cannot be opened"

// open gives the content for one part; the caller gives it to done.
func (f *file) open() (*disk, error) {
	if f.kept {
		return &f.disk, nil
	}
	again, err := openDisk(f.path)
	if err != nil {
		return nil, &level.InputError{File: f.path, Msg: cannotOpen, Err: err}
	}
	now, err := again.state()
	if err == nil && now != f.state {
		err = errors.New("it is not the file that it was when its footer was read")
	}
	if err != nil {
		return nil, errors.Join(&level.InputError{File: f.path, Msg: "the file was replaced or changed during the run", Hint: "run again when nobody writes to it", Err: err}, again.close())
	}
	return &again, nil
}

// done takes back what open gave.
func (f *file) done(d *disk) error {
	if d == &f.disk {
		return nil
	}
	return d.close()
}

// mostAhead is how many bytes of small column chunks are read at a time.
const mostAhead = 2 << 20

// ahead is bytes of a file that were read at once, with slack behind them.
type ahead struct {
	begin int64
	data  []byte
}

// readAhead reads column chunks at once where they are small and lie close to one another, into bytes that room gives.
func readAhead(in io.ReaderAt, chunks []*chunkMeta, room func(n int) []byte) (a ahead) {
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
		a.begin, a.data = begin, room(int(n)+slack)
		if _, err := in.ReadAt(a.data[:n], begin); err != nil { // told by the chunk that it concerns
			a.data = nil
		}
	}
	return a
}

// chunk gives the bytes of a column chunk, nil if they were not read.
func (a *ahead) chunk(c *chunkMeta) []byte {
	if at, end := c.begin-a.begin, int64(len(a.data)-slack); at >= 0 && at <= end && c.size <= end-at {
		return a.data[at:][:c.size]
	}
	return nil
}
