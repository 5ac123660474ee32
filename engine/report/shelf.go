package report

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"crosscheck/engine/spare"
	"crosscheck/engine/spill"
	"crosscheck/engine/verdict"
)

// Shelf takes the findings of a run record by record, in any order of records, and gives them to a writer in the order of their keys, which
// are random or none. It is for the tables whose order is not that of the run.
//
// A record's findings go to one of 256 boards by the first byte of the key, or to one more without a key, packed, in stacks of 32 KiB. Stacks stay in
// memory while there is room, and others move to a temporary file (package spill). At the end one board after the other is read and sorted, and its
// findings are made when they are encoded. In memory are the stacks
// that there is room for, some 8 MiB and the boards of the pages that are encoded.
type Shelf struct {
	dir    string
	text   func(dst, key []byte) []byte
	boards [numBoards]board
	limit  int // bytes of a stack; tests make it small

	mu   sync.Mutex
	temp *spill.File // nil until a stack moves
	room int         // bytes of full stacks that may stay
}

// KeyLen is the length of a key in bytes.
const KeyLen = 16

const (
	keyless    = 0 // the board of records without a key
	numBoards  = 1 + 256
	stackBytes = 32 << 10
	firstBytes = 4 << 10 // of a board's first stack
)

// board holds the records of one range of keys, in the order in which they came: full stacks, then one that is not.
type board struct {
	mu    sync.Mutex
	full  []stack
	bytes []byte
}

// stack is full: in memory, or else in the file.
type stack struct {
	bytes []byte
	moved spill.Extent
}

// NewShelf makes an empty shelf with room for so many bytes; its temporary file will be made in dir. Text appends a key as the table shows it, and keys
// sort as these texts do; without a key a record has the empty text.
func NewShelf(dir string, room int, text func(dst, key []byte) []byte) *Shelf {
	return &Shelf{dir: dir, text: text, limit: stackBytes, room: room}
}

// Close lets go of the temporary file.
func (s *Shelf) Close() error {
	if s.temp == nil {
		return nil
	}
	err := s.temp.Close()
	s.temp = nil
	return err
}

// makeRoom has room for some bytes on a board, whose lock is held.
func (s *Shelf) makeRoom(b *board, n int) error {
	if cap(b.bytes)-len(b.bytes) >= n {
		return nil
	}
	size := min(firstBytes, s.limit)
	if len(b.bytes) > 0 {
		size = s.limit
		stay, err := s.put(b)
		if err != nil {
			return err
		}
		if !stay && cap(b.bytes) >= max(n, size) {
			b.bytes = b.bytes[:0]
			return nil
		}
	}
	b.bytes = make([]byte, 0, max(n, size))
	return nil
}

// put ends a board's stack and says whether it stays where it is.
func (s *Shelf) put(b *board) (stay bool, err error) {
	temp, err := s.place(len(b.bytes))
	if err != nil {
		return false, err
	}
	if temp == nil {
		b.full = append(b.full, stack{bytes: b.bytes})
		return true, nil
	}
	e, err := temp.Write(b.bytes)
	if err != nil {
		return false, s.fault(err)
	}
	b.full = append(b.full, stack{moved: e})
	return false, nil
}

// place gives the file that a stack of some bytes is to move to, nil where it may stay.
func (s *Shelf) place(n int) (*spill.File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n <= s.room {
		s.room -= n
		return nil, nil
	}
	if s.temp == nil {
		temp, err := spill.Create(s.dir)
		if err != nil {
			return nil, s.fault(err)
		}
		s.temp = temp
	}
	return s.temp, nil
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
		*b = sortedBoard{text: s.text, keyed: i != keyless, levels: levels, carry: carry, pool: &pool, stacks: b.stacks[:0], read: b.read, records: b.records, loose: b.loose}
		if err := s.load(&s.boards[i], b); err != nil {
			return err
		}
		s.boards[i].full, s.boards[i].bytes = nil, nil
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

// load has all stacks of a board in to.
func (s *Shelf) load(b *board, to *sortedBoard) error {
	n := 0
	for _, k := range b.full {
		if k.bytes == nil {
			n += k.moved.N + spill.Overhead
		}
	}
	to.read = slices.Grow(to.read[:0], n)
	for _, k := range b.full {
		if k.bytes == nil {
			piece, err := s.temp.Read(k.moved, to.read[len(to.read):])
			if err != nil {
				return s.fault(err)
			}
			k.bytes = piece
			to.read = to.read[:len(to.read)+len(piece)]
		}
		to.stacks = append(to.stacks, k.bytes)
	}
	to.stacks = append(to.stacks, b.bytes)
	return nil
}
