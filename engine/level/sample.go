package level

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"
)

// Sampler is a source that can tell what its first rows hold for less than reading the part that has them takes.
type Sampler interface {
	Source
	Sample(ctx context.Context, columns []int, rows int) (batch arrow.Record, part int, err error)
}

// Sample gives the first batch of a source that has rows, of some columns, or as many of its first rows as are asked for at least; nil if there is
// none. part is the one that has them. The caller releases the batch.
func Sample(ctx context.Context, s Source, columns []int, rows int) (batch arrow.Record, part int, err error) {
	if s, ok := s.(Sampler); ok {
		return s.Sample(ctx, columns, rows)
	}
	for part := range s.Parts() {
		batch, err := First(ctx, s, part, columns)
		if batch != nil || err != nil {
			return batch, part, err
		}
	}
	return nil, 0, nil
}

// First gives the first batch of a part, nil if there is none. The caller releases it.
func First(ctx context.Context, s Source, part int, columns []int) (arrow.Record, error) {
	r, err := s.Read(ctx, part, columns)
	if err != nil {
		return nil, err
	}
	defer r.Release()
	if !r.Next() {
		return nil, r.Err()
	}
	batch := r.Record()
	batch.Retain()
	return batch, nil
}
