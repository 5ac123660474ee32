package report

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"crosscheck/engine/spare"
	"crosscheck/engine/spill"
	"crosscheck/engine/verdict"
)

// Shelf takes the findings of a run record by record, in any order of records, and gives them to a writer in the order of their keys, which
// are pseudonyms: empty, or digits and the letters a to v. It is for the tables whose order is not that of the run.
//
// A record's findings go to one of 256 boards by the first 8 bits of the key, packed, in stacks of 32 KiB. Stacks stay in memory while there is
// room, and others move to a temporary file (package spill). At the end one board after the other is read and sorted, and its findings are made when they
// are encoded. In memory are the stacks
// that there is room for, some 8 MiB and the boards of the pages that are encoded.
type Shelf struct {
	dir    string
	temp   *spill.File // nil until a stack moves
	boards [numBoards]board
	limit  int // bytes of a stack; tests make it small
	room   int // bytes of full stacks that may stay
}

const (
	numBoards  = 256
	stackBytes = 32 << 10
	firstBytes = 4 << 10 // of a board's first stack, to begin with
)

// board holds the records of one range of keys, in the order in which they came: full stacks, then one that is not.
type board struct {
	full  []stack
	bytes []byte
}

// stack is full: in memory, or else in the file.
type stack struct {
	bytes []byte
	moved spill.Extent
}

// NewShelf makes an empty shelf with room for so many bytes; its temporary file will be made in dir.
func NewShelf(dir string, room int) *Shelf { return &Shelf{dir: dir, limit: stackBytes, room: room} }

// Close lets go of the temporary file.
func (s *Shelf) Close() error {
	if s.temp == nil {
		return nil
	}
	err := s.temp.Close()
	s.temp = nil
	return err
}

// Take moves what is packed to the shelf and empties the pack. It is called by one goroutine at a time. Errors are *WriteError.
func (s *Shelf) Take(p *Pack) error {
	from := 0
	for _, r := range p.records {
		record := p.bytes[from:r.end]
		from = r.end
		b := &s.boards[r.board]
		if n := len(record) + 2*binary.MaxVarintLen32; cap(b.bytes)-len(b.bytes) < n && cap(b.bytes) < s.limit { // the first time, a few records; then a stack
			b.bytes = append(make([]byte, 0, min(max(8*cap(b.bytes), firstBytes), s.limit)+s.limit/16), b.bytes...)
		}
		b.bytes = binary.AppendUvarint(b.bytes, uint64(len(record)))
		b.bytes = binary.AppendUvarint(b.bytes, uint64(r.findings))
		b.bytes = append(b.bytes, record...)
		if len(b.bytes) >= s.limit {
			if err := s.put(b); err != nil {
				return err
			}
		}
	}
	p.records, p.bytes = p.records[:0], p.bytes[:0]
	return nil
}

// put ends a board's stack.
func (s *Shelf) put(b *board) error {
	if n := len(b.bytes); n <= s.room {
		s.room -= n
		b.full = append(b.full, stack{bytes: b.bytes})
		b.bytes = make([]byte, 0, s.limit+s.limit/16)
		return nil
	}
	if s.temp == nil {
		temp, err := spill.Create(s.dir)
		if err != nil {
			return s.fault(err)
		}
		s.temp = temp
	}
	e, err := s.temp.Write(b.bytes)
	if err != nil {
		return s.fault(err)
	}
	b.full = append(b.full, stack{moved: e})
	b.bytes = b.bytes[:0]
	return nil
}

// fault gives the *WriteError of a fault of the temporary file.
func (s *Shelf) fault(err error) error {
	return &WriteError{s.dir, fmt.Errorf("temporary file: %w", errors.Unwrap(err))}
}

// WriteTo writes a Parquet table of all findings, which h describes. The shelf is empty afterwards.
func (s *Shelf) WriteTo(ctx context.Context, path string, h verdict.Header, opt Options) error {
	w, err := create(path, opt)
	if err != nil {
		return err
	}
	defer w.Abort()
	if err := w.Begin(h); err != nil {
		return err
	}
	parquet, ok := w.enc.(*parquetEncoder)
	if !ok {
		return optionsError("%s: findings in an order of their own are written as Parquet alone", path)
	}
	err = s.each(len(h.Levels), len(h.Carry), func(b *sortedBoard) error {
		if err := w.ready(ctx); err != nil {
			return err
		}
		w.rows += int64(b.findings)
		return w.encoded(ctx, parquet.pipe.write(ctx, b))
	})
	if err != nil {
		return err
	}
	return errors.Join(w.Close(), s.Close())
}

// each gives the boards that hold something, sorted, one after the other.
func (s *Shelf) each(levels, carry int, take func(*sortedBoard) error) error {
	var pool spare.Pool[sortedBoard]
	for i := range s.boards {
		b := pool.Get()
		b.levels, b.carry, b.pool = levels, carry, &pool
		if err := s.load(&s.boards[i], b); err != nil {
			return err
		}
		s.boards[i] = board{}
		if b.sort(); b.findings == 0 {
			b.done()
			continue
		}
		if err := take(b); err != nil {
			return err
		}
	}
	return nil
}

// load has all bytes of a board in to.
func (s *Shelf) load(b *board, to *sortedBoard) error {
	n := len(b.bytes) + spill.Overhead
	for _, k := range b.full {
		n += len(k.bytes) + k.moved.N
	}
	to.bytes = slices.Grow(to.bytes[:0], n)
	for _, k := range b.full {
		if k.bytes != nil {
			to.bytes = append(to.bytes, k.bytes...)
			continue
		}
		piece, err := s.temp.Read(k.moved, to.bytes[len(to.bytes):])
		if err != nil {
			return s.fault(err)
		}
		to.bytes = to.bytes[:len(to.bytes)+len(piece)]
	}
	to.bytes = append(to.bytes, b.bytes...)
	return nil
}
