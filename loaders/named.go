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
	name string
}

func (s *source) Read(ctx context.Context, part int, columns []int) (array.RecordReader, error) {
	return s.named(s.Source.Read(ctx, part, columns))
}

func (s *source) named(r array.RecordReader, err error) (array.RecordReader, error) {
	if err != nil {
		return nil, named(s.name, err)
	}
	return &reader{r, s.name}, nil
}

// Begin implements level.Beginner.
func (s *source) Begin(ctx context.Context, part int, columns []int, rows int) (arrow.Record, error) {
	batch, err := level.Begin(ctx, s.Source, part, columns, rows)
	return batch, named(s.name, err)
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

func (s *source) Close() error { return named(s.name, s.Source.Close()) }

// reader is a part's reader whose error carries the level's name.
type reader struct {
	array.RecordReader
	name string
}

// Pick implements level.Picker; a reader that is none decodes all rows.
func (r *reader) Pick(rows [][]uint32) {
	if p, ok := r.RecordReader.(level.Picker); ok {
		p.Pick(rows)
	}
}

func (r *reader) Err() error { return named(r.name, r.RecordReader.Err()) }

// named puts the level's name on an error. The loader's own error is left as it is: it may hand it out again.
func named(name string, err error) error {
	if err == nil {
		return nil
	}
	if in, ok := err.(*level.InputError); ok {
		e := *in
		e.Level = name
		return &e
	}
	return fmt.Errorf("level %s: %w", name, err)
}
