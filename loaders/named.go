package loaders

import (
	"context"
	"fmt"

	"crosscheck/engine/level"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// source is a level's source whose errors carry the level's name.
type source struct {
	level.Source
	of named
}

func (s *source) Read(ctx context.Context, part int, columns []int) (array.RecordReader, error) {
	return s.named(s.Source.Read(ctx, part, columns))
}

func (s *source) named(r array.RecordReader, err error) (array.RecordReader, error) {
	if err != nil {
		return nil, s.of.fault(err)
	}
	return &reader{r, s.of}, nil
}

// Begin implements level.Beginner.
func (s *source) Begin(ctx context.Context, part int, columns []int, rows int) (arrow.Record, error) {
	batch, err := level.Begin(ctx, s.Source, part, columns, rows)
	return batch, s.of.fault(err)
}

// Untyped implements level.Texter.
func (s *source) Untyped() bool { return level.Untyped(s.Source) }

// bundling is source of one that reads several parts at a time.
type bundling struct {
	source
	bundler level.Bundler
}

func (s *bundling) ReadBundle(ctx context.Context, first, end int, columns []int) (array.RecordReader, error) {
	return s.named(s.bundler.ReadBundle(ctx, first, end, columns))
}

func (s *source) Close() error { return s.of.fault(s.Source.Close()) }

// reader is a part's reader whose error carries the level's name.
type reader struct {
	array.RecordReader
	of named
}

// Pick implements level.Picker; a reader that is none decodes all rows.
func (r *reader) Pick(rows [][]uint32) {
	if p, ok := r.RecordReader.(level.Picker); ok {
		p.Pick(rows)
	}
}

func (r *reader) Err() error { return r.of.fault(r.RecordReader.Err()) }

// named is the name of a level, or of a roster.
type named struct {
	name   string
	roster bool
}

// fault puts the name on an error. The loader's own error is left as it is: it may hand it out again.
func (n named) fault(err error) error {
	if err == nil {
		return nil
	}
	if in, ok := err.(*level.InputError); ok {
		e := *in
		e.Level, e.Roster = n.name, n.roster
		return &e
	}
	return fmt.Errorf("%s: %w", level.Called(n.name, n.roster), err)
}
