package job

import (
	"context"
	"fmt"
	"strings"

	"crosscheck/engine"
	"crosscheck/engine/cells"
	"crosscheck/engine/level"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// sampledLevel is a level whose first rows are kept from night to night beside its fingerprints, so that types and sensitive columns are found without
// reading it.
type sampledLevel struct {
	level.Source
	keeper *keeper
	level  int
}

// sampled gives the levels with what is kept of their first rows.
func (k *keeper) sampled(levels []engine.Level) []engine.Level {
	all := make([]engine.Level, len(levels))
	for i, l := range levels {
		l.Source = &sampledLevel{l.Source, k, i}
		all[i] = l
	}
	return all
}

// Sample implements level.Sampler.
func (s *sampledLevel) Sample(ctx context.Context, columns []int, rows int) (arrow.Record, int, error) {
	if len(s.Parts()) == 0 {
		return nil, 0, nil
	}
	recipe := s.recipe(columns, rows)
	if batch := s.load(recipe, columns); batch != nil {
		return batch, 0, nil
	}
	batch, part, err := level.Sample(ctx, s.Source, columns, rows)
	if batch != nil && part == 0 {
		s.save(recipe, batch, rows)
	}
	return batch, part, err
}

// Begin implements level.Beginner.
func (s *sampledLevel) Begin(ctx context.Context, part int, columns []int, rows int) (arrow.Record, error) {
	return level.Begin(ctx, s.Source, part, columns, rows)
}

// Untyped implements level.Texter.
func (s *sampledLevel) Untyped() bool { return level.Untyped(s.Source) }

// recipe says what a sample depends on beside the file.
func (s *sampledLevel) recipe(columns []int, rows int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "sample of %d rows\n", rows)
	for _, c := range columns {
		f := s.Schema().Field(c)
		fmt.Fprintf(&b, "column %q %s\n", f.Name, f.Type)
	}
	return b.String()
}

// load gives the sample that is kept, nil if there is none.
func (s *sampledLevel) load(recipe string, columns []int) (batch arrow.Record) {
	in, done := s.keeper.values(s.level, 0, recipe)
	if in == nil {
		return nil
	}
	defer func() { done(batch != nil) }()
	r, err := cells.Open(in, in.Size(), len(columns))
	if err != nil || r.Rows() == 0 {
		return nil
	}
	defer r.Release()
	var fields []arrow.Field
	var arrays []arrow.Array
	defer func() {
		for _, arr := range arrays {
			arr.Release()
		}
	}()
	for i, c := range columns {
		f := s.Schema().Field(c)
		arr, err := r.Column(i, f.Type)
		if err != nil {
			return nil
		}
		f.Type = arr.DataType()
		fields, arrays = append(fields, f), append(arrays, arr)
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), arrays, int64(r.Rows()))
}

// save keeps the first rows of a batch.
func (s *sampledLevel) save(recipe string, batch arrow.Record, rows int) {
	some := batch.NewSlice(0, min(int64(rows), batch.NumRows()))
	defer some.Release()
	var w cells.Writer
	w.Begin(len(some.Columns()), 0)
	w.Add(some.Columns(), int(some.NumRows()))
	if kept := w.End(); kept != nil {
		s.keeper.save(s.level, 0, recipe, nil, kept)
	}
}
