package loadertest

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
)

// checkRetained: batches that the caller retains hold their rows after Next and after the reader is gone.
func checkRetained(e *env) (err error) {
	s, _, want, err := e.level(defaultBatch, typed(400, 12), lengthsAsTyped())
	if err != nil {
		return err
	}
	defer closeSource(s, &err)
	columns := allColumns(s)
	var kept []arrow.Record
	defer func() {
		for _, rec := range kept {
			rec.Release()
		}
	}()
	for part := range s.Parts() {
		r, err := s.Read(context.Background(), part, columns)
		if err != nil {
			return err
		}
		for r.Next() {
			rec := r.Record()
			rec.Retain()
			kept = append(kept, rec)
		}
		err = r.Err()
		r.Release()
		if err != nil {
			return err
		}
	}
	// Reading everything once more makes a loader overwrite what it wrongly thinks free.
	if _, _, err := readAll(s, columns, defaultBatch); err != nil {
		return err
	}
	got, rows := make([][]any, len(columns)), int64(0)
	for _, rec := range kept {
		if got, err = appendBatch(got, rec); err != nil {
			return err
		}
		rows += rec.NumRows()
	}
	return compare(got, rows, want, columns)
}

// lengthsAsTyped is a typed table whose notes have the lengths of lengthTable and need quotes where a format has them.
func lengthsAsTyped() Table {
	lengths := lengthTable()
	t := typed(lengths.Rows(), 13)
	for i, c := range t.Columns {
		if c.Name == "note" {
			t.Columns[i].Values = lengths.Columns[1].Values
		}
	}
	return t
}

// checkHalfRead: a reader given up before its first batch, after one batch, or held twice leaves nothing behind.
func checkHalfRead(e *env) (err error) {
	s, _, _, err := e.level(defaultBatch, typed(400, 14))
	if err != nil {
		return err
	}
	defer closeSource(s, &err)
	if _, _, err := readAll(s, allColumns(s), defaultBatch); err != nil {
		return err
	}
	before := e.mem.CurrentAlloc() // what the source itself keeps until Close
	for part := range s.Parts() {
		for batches := range 2 {
			r, err := s.Read(context.Background(), part, allColumns(s))
			if err != nil {
				return err
			}
			for range batches {
				if !r.Next() {
					return errors.Join(fmt.Errorf("part %d has no first batch", part), r.Err())
				}
			}
			r.Retain()
			r.Release()
			r.Release()
			if n := e.mem.CurrentAlloc(); n != before {
				return fmt.Errorf("part %d, given up after %d batches, leaves %d bytes", part, batches, n-before)
			}
		}
	}
	return nil
}

// checkCancelled: a context that ends before Read or between batches ends the reading with its error, at once.
func checkCancelled(e *env) (err error) {
	s, _, want, err := e.level(1, typed(400, 15))
	if err != nil {
		return err
	}
	defer closeSource(s, &err)

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := readPart(ctx, s, 0, allColumns(s), 1); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("reading with a cancelled context: error %v, want context.Canceled", err)
	}

	ctx, cancel = context.WithCancel(context.Background())
	defer cancel()
	r, err := s.Read(ctx, 0, allColumns(s))
	if err != nil {
		return err
	}
	defer r.Release()
	rows := int64(0)
	for r.Next() {
		rows += r.Record().NumRows()
		cancel()
	}
	if err := r.Err(); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("cancelled after the first batch: error %v, want context.Canceled", err)
	}
	if part := s.Parts()[0].Rows; rows > 1+part/2 {
		return fmt.Errorf("cancelled after the first batch, %d of %d rows were still read (%d in the level)", rows, part, want.Rows())
	}
	return nil
}
