package level

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"
)

// Beginner is a source that can tell what the first rows of a part hold for less than reading it takes.
type Beginner interface {
	Source
	Begin(ctx context.Context, part int, columns []int, rows int) (arrow.Record, error)
}

// Begin gives the first batch of a part, of some columns, or as many of its first rows as are asked for at least; nil if it has none. The caller
// releases the batch.
func Begin(ctx context.Context, s Source, part int, columns []int, rows int) (arrow.Record, error) {
	if s, ok := s.(Beginner); ok {
		return s.Begin(ctx, part, columns, rows)
	}
	return First(ctx, s, part, columns)
}

// Sampler is a source that knows what its first rows hold.
type Sampler interface {
	Source
	Sample(ctx context.Context, columns []int, rows int) (batch arrow.Record, part int, err error)
}

// Sample is Begin of the first part that has rows, which it gives.
func Sample(ctx context.Context, s Source, columns []int, rows int) (batch arrow.Record, part int, err error) {
	if s, ok := s.(Sampler); ok {
		return s.Sample(ctx, columns, rows)
	}
	for part := range s.Parts() {
		batch, err := Begin(ctx, s, part, columns, rows)
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
