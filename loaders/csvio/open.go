package csvio

import (
	"errors"
	"slices"

	"crosscheck/engine/level"
	"crosscheck/loaders/sidebyside"

	"github.com/apache/arrow/go/v17/arrow"
)

// Source is a level in CSV files. It holds no file open, Read opens the one it needs; it holds up to 64 MiB of freed buffers
// until Close.
type Source struct {
	opt    Options
	schema *arrow.Schema
	parts  []*part
	public []level.Part
	nulls  nullValues
}

var _ level.Texter = (*Source)(nil)

// Open reads the header lines of files, all of them one level, and scans the files for where their rows are. Files come in the
// order of their names, whatever the order of paths. The schema has the columns of the first file in its order. Errors about
// the files are of type *level.InputError; of several, the one of the first file.
func Open(paths []string, opt Options) (*Source, error) {
	opt = opt.withDefaults()
	if err := opt.validate(); err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, errors.New("csv: no file to open")
	}
	paths = slices.Sorted(slices.Values(paths))

	files := make([]*file, len(paths))
	if err := sidebyside.Each(len(paths), func(i int) (err error) {
		files[i], err = readHead(paths[i], opt.Delimiter, opt.Encoding)
		return err
	}); err != nil {
		return nil, err
	}
	s := &Source{opt: opt, nulls: newNullValues(opt.NullValues)}
	if err := s.matchColumns(files); err != nil {
		return nil, err
	}
	if err := s.cutFiles(files); err != nil {
		return nil, err
	}
	return s, nil
}

// matchColumns makes the schema and finds every file's columns in it.
func (s *Source) matchColumns(files []*file) error {
	index := make(map[string]int)
	fields := make([]arrow.Field, len(files[0].names))
	for i, name := range files[0].names {
		index[name] = i
		fields[i] = arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true}
	}
	s.schema = arrow.NewSchema(fields, nil)
	for _, f := range files {
		if err := f.readsAs(files[0], index); err != nil {
			return err
		}
	}
	return nil
}

// cutFiles scans all files, chunks side by side, but for those whose scan is kept, and makes the parts.
func (s *Source) cutFiles(files []*file) error {
	var chunks []chunk
	var tallies []tally
	var open []int // chunks to be scanned
	kept := make([]bool, len(files))
	for i, f := range files {
		begin, size := len(chunks), f.charset.chunkBytes(s.opt.chunkBytes(f.size))
		for at := f.dataOffset; at < f.size; at += size {
			chunks = append(chunks, chunk{i, at, min(at+size, f.size)})
		}
		if known := s.keptScan(f, chunks[begin:]); known != nil {
			kept[i], tallies = true, append(tallies, known...)
			continue
		}
		tallies = append(tallies, make([]tally, len(chunks)-begin)...)
		for c := begin; c < len(chunks); c++ {
			open = append(open, c)
		}
	}
	if err := sidebyside.Each(len(open), func(i int) (err error) {
		c := chunks[open[i]]
		tallies[open[i]], err = scanChunk(files[c.file], c.from, c.to)
		return err
	}); err != nil {
		return err
	}
	for i, f := range files {
		n := 0
		for n < len(chunks) && chunks[n].file == i {
			n++
		}
		if !kept[i] {
			s.keepScan(f, tallies[:n])
		}
		var last [2]byte
		if n > 0 {
			var err error
			if last, err = lastUnits(f); err != nil {
				return err
			}
		}
		parts, ok := cut(f, tallies[:n], last)
		if !ok {
			return f.uncut()
		}
		f.faults.parts = parts
		s.parts = append(s.parts, parts...)
		chunks, tallies = chunks[n:], tallies[n:]
	}
	for _, p := range s.parts {
		s.public = append(s.public, p.Part)
	}
	return nil
}

// Schema names the columns; all are String.
func (s *Source) Schema() *arrow.Schema { return s.schema }

// Untyped implements level.Texter: CSV has no types.
func (s *Source) Untyped() bool { return true }

// Parts lists the chunks of the files, each of whole rows. Rows are exact; the caller does not change the slice.
func (s *Source) Parts() []level.Part { return s.public }

// Close does nothing: no file is open between calls.
func (s *Source) Close() error { return nil }
