package parquetio

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"crosscheck/engine/level"
	"crosscheck/loaders/recycle"
	"crosscheck/loaders/sidebyside"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// DefaultBatchRows is the number of rows of a batch where Options leaves it open.
const DefaultBatchRows = 16384

// Options says how files are read. The zero value means the defaults.
type Options struct {
	BatchRows int              // rows a batch, the last one less; fewer where rows are wide
	Allocator memory.Allocator // where buffers come from; default recycle.Shared

	whole int64 // up to how many bytes a chunk is read at once: tests have small ones
	kept  *kept // files that stay open: tests have few
}

// Source is the rows of some Parquet files with the same columns. It implements level.Source.
type Source struct {
	opt     Options
	files   []*file
	schema  *arrow.Schema
	columns []column
	skipped []string
	parts   []level.Part
	groups  []group // a part
	layouts layouts
}

var (
	_ level.Bundler  = (*Source)(nil)
	_ level.Beginner = (*Source)(nil)
	_ level.Picker   = (*reader)(nil)
)

// group is a row group of a file.
type group struct{ file, row int }

// Open opens files as one level, in the order of their names. All have the same columns, by name and type. Columns that are
// nested or repeated are left out (Skipped).
func Open(paths []string, opt Options) (*Source, error) {
	if opt.BatchRows <= 0 {
		opt.BatchRows = DefaultBatchRows
	}
	if opt.Allocator == nil {
		opt.Allocator = recycle.Shared
	}
	if opt.whole == 0 {
		opt.whole = wholeChunk
	}
	if opt.kept == nil {
		opt.kept = ofProcess()
	}
	s := &Source{opt: opt}
	if err := s.openFiles(slices.Sorted(slices.Values(paths))); err != nil {
		s.Close()
		return nil, err
	}
	n := 0
	for _, f := range s.files {
		n += len(f.groups)
	}
	s.parts, s.groups = make([]level.Part, 0, n), make([]group, 0, n)
	for at, f := range s.files {
		first, modified := int64(1), time.Unix(0, f.state.modified)
		for i := range f.groups {
			g := &f.groups[i]
			s.parts = append(s.parts, level.Part{File: f.path, FirstRow: first, Rows: g.rows, Bytes: g.bytes, Held: f.held(g, opt), Modified: modified})
			s.groups = append(s.groups, group{file: at, row: i})
			first += g.rows
		}
	}
	fields := make([]arrow.Field, len(s.columns))
	for i, c := range s.columns {
		fields[i] = arrow.Field{Name: c.name, Type: c.logical, Nullable: true}
	}
	s.schema = arrow.NewSchema(fields, nil)
	return s, nil
}

// openFiles opens files, which must have the same columns: the first, then the others side by side.
func (s *Source) openFiles(paths []string) error {
	if len(paths) == 0 {
		return nil
	}
	first, err := openFile(paths[0], nil, &s.opt)
	if err != nil {
		return err
	}
	s.files = make([]*file, len(paths))
	s.files[0] = first
	s.columns, s.skipped = slices.Clone(first.columns), first.skipped
	err = sidebyside.Each(len(paths), func(i int) (err error) {
		if i > 0 {
			s.files[i], err = openFile(paths[i], first.shape, &s.opt)
		} else if first.kept {
			s.opt.kept.expect(len(paths), &first.disk)
		}
		return err
	})
	for _, f := range s.files[1:] {
		if f == nil { // err says why
			return err
		}
		if f.shape == first.shape {
			continue
		}
		if err := s.sameColumns(f); err != nil {
			return err
		}
	}
	return nil
}

// sameColumns checks that a further file has the columns of the first and no others. A column that holds nothing but nulls in
// one file has its type from another.
func (s *Source) sameColumns(f *file) error {
	first := s.files[0].path
	for k := range s.columns {
		c := &s.columns[k]
		i, ok := find(f.columns, c.name)
		if !ok {
			return &level.InputError{File: f.path, Column: c.name, Msg: "the file lacks a column that " + first + " has"}
		}
		switch o := f.columns[i].logical; {
		case o.ID() == arrow.NULL || arrow.TypeEqual(o, c.logical):
		case c.logical.ID() == arrow.NULL:
			c.logical = o
		default:
			return &level.InputError{File: f.path, Column: c.name,
				Msg: fmt.Sprintf("the column is %s, in %s it is %s", o, first, c.logical)}
		}
	}
	for _, c := range f.columns {
		if _, ok := find(s.columns, c.name); !ok {
			return &level.InputError{File: first, Column: c.name, Msg: "the file lacks a column that " + f.path + " has"}
		}
	}
	return nil
}

func find(columns []column, name string) (int, bool) {
	for i := range columns {
		if columns[i].name == name {
			return i, true
		}
	}
	return 0, false
}

// Schema implements level.Source.
func (s *Source) Schema() *arrow.Schema { return s.schema }

// Skipped lists the columns left out since they are nested, repeated or of a type that cannot be compared.
func (s *Source) Skipped() []string { return s.skipped }

// Parts implements level.Source.
func (s *Source) Parts() []level.Part { return s.parts }

// Close implements level.Source.
func (s *Source) Close() error {
	var errs []error
	for _, f := range s.files {
		if f != nil && f.kept { // Open failed before it was, or it is closed
			errs = append(errs, f.disk.close())
			s.opt.kept.give()
		}
	}
	s.files = nil
	return errors.Join(errs...)
}

// Read implements level.Source.
func (s *Source) Read(ctx context.Context, part int, columns []int) (array.RecordReader, error) {
	return s.ReadBundle(ctx, part, part+1, columns)
}

// ReadBundle implements level.Bundler.
func (s *Source) ReadBundle(ctx context.Context, first, end int, columns []int) (array.RecordReader, error) {
	r, err := s.read(ctx, first, end, columns, beginning{})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// read is ReadBundle, or reads the beginning of a part.
func (s *Source) read(ctx context.Context, first, end int, columns []int, only beginning) (*reader, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r := newReader(ctx, s, first, end, columns)
	r.only = only
	if r.later = len(r.parts) > 1; r.later { // what is read depends on what is wanted
		return r, nil
	}
	if err := r.readChunks(nil); err != nil {
		r.Release()
		return nil, err
	}
	return r, nil
}

// readLater reads the chunks of a bundle if that was put off, where rows are wanted those in which some are.
func (r *reader) readLater(wanted [][]uint32) {
	if r.later {
		r.later = false
		r.err = r.readChunks(wanted)
	}
}

// readChunks reads the chunks of the columns, file by file: all or, where rows are wanted, those in which some are.
func (r *reader) readChunks(wanted [][]uint32) error {
	defer r.describe()
	s := r.source
	groups := s.groups[r.first:][:len(r.parts)]
	left := r.needs(wanted)
	var like *shape
	var stored []*column
	bytes := int64(0)
	for begin := 0; begin < len(groups); {
		end := begin + 1
		for end < len(groups) && groups[end].file == groups[begin].file {
			end++
		}
		f := s.files[groups[begin].file]
		if like != f.shape {
			like, stored = f.shape, s.stored(f.shape, r.columns)
		}
		n, err := r.readFile(f, int32(begin), groups[begin:end], stored, left)
		if err != nil {
			return err
		}
		bytes += n
		begin = end
	}
	r.most = batchRows(bytes, r.left, r.most)
	for _, c := range r.columns {
		c.begin()
	}
	return nil
}

// needs tells of which chunks rows are wanted, part by part; nil: of all.
func (r *reader) needs(wanted [][]uint32) []bool {
	if wanted == nil {
		return nil
	}
	needs := make([]bool, len(r.parts)*len(r.columns))
	for c, rows := range wanted {
		part, end := 0, r.parts[0].Rows
		for _, row := range rows {
			for int64(row) >= end {
				part++
				end += r.parts[part].Rows
			}
			needs[part*len(r.columns)+c] = true
		}
	}
	return needs
}

// stored gives some columns as a file of a shape stores them.
func (s *Source) stored(l *shape, columns []*columnReader) (stored []*column) {
	for _, c := range columns {
		i, _ := find(l.columns, s.columns[c.number].name)
		of := &l.columns[i]
		if of.logical.ID() == arrow.NULL {
			nulls := *of
			nulls.nulls, nulls.logical = true, s.columns[c.number].logical
			of = &nulls
		}
		stored = append(stored, of)
	}
	return stored
}

// partFile is a file while chunks of its parts are read.
type partFile struct {
	file    *file
	content *disk
	ahead   ahead
}

// readFile reads the chunks of the columns of row groups of one file, the first of which is the part of that number, and gives how many bytes they
// have. Of those in which no rows are wanted it is noted that they are nulls.
func (r *reader) readFile(f *file, part int32, groups []group, stored []*column, needs []bool) (bytes int64, err error) {
	needed := func(i int) bool { return needs == nil || needs[int(part)*len(stored)+i] }
	large := false // a chunk is
	clear(r.work.chunks)
	chunks := r.work.chunks[:0]
	for i := range len(groups) * len(stored) {
		if !needed(i) {
			continue
		}
		m := &f.groups[groups[i/len(stored)].row].chunks[stored[i%len(stored)].leaf]
		chunks, large = append(chunks, m), large || m.size > r.source.opt.whole
		bytes += min(max(m.uncompressed, 0), 1<<40)
	}
	r.work.chunks = chunks
	of := &r.at
	*of = partFile{file: f}
	if len(chunks) > 0 || needs == nil {
		if of.content, err = f.open(); err != nil {
			return 0, err
		}
		if len(r.parts) == 1 {
			r.open = of
		} else {
			defer func() { err = errors.Join(err, f.done(of.content)) }()
		}
	}
	if r.only.rows == 0 && !large {
		of.ahead = readAhead(of.content, chunks, r.roomAhead)
	}
	i := 0
	add := func() error {
		for ; i < len(groups)*len(stored); i++ {
			c, at := r.columns[i%len(stored)], part+int32(i/len(stored))
			if !needed(i) {
				c.pages = append(c.pages, page{column: stored[i%len(stored)], part: at, kind: nullPage, rows: int(r.parts[at].Rows)})
				continue
			}
			if err := c.addChunk(of, at, stored[i%len(stored)], chunks[0]); err != nil {
				return err
			}
			chunks = chunks[1:]
		}
		return nil
	}
	if err := guard(add); err != nil {
		return 0, r.fault(r.columns[i%len(stored)].column.name, part+int32(i/len(stored)), err)
	}
	return bytes, nil
}
