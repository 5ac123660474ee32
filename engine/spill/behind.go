package spill

import (
	"sync"
	"sync/atomic"

	"crosscheck/engine/guard"
)

// Behind writes pieces while its users go on, gathered in blocks: a system takes three times as long for as many bytes in pieces of 8 KiB, and as long
// again to read them. A disk that takes its time holds users up only when as many blocks wait as there are.
type Behind struct {
	f      *File
	size   int         // of a block
	free   chan []byte // blocks
	queue  chan block
	writer sync.WaitGroup
	err    atomic.Pointer[error] // the first one
}

// block is sealed pieces that lie one after the other from a place on.
type block struct {
	at     int64
	sealed []byte
}

// Behind begins to write behind with so many blocks of some bytes, one more at least than there will be writers. The caller ends it with Wait.
func (f *File) Behind(blocks, size int) *Behind {
	b := &Behind{f: f, size: size, free: make(chan []byte, blocks), queue: make(chan block, blocks)}
	for range blocks {
		b.free <- nil // made when first used
	}
	b.writer.Go(func() { // one, for a system lets one at a time write to a file, and the next spins meanwhile
		for full := range b.queue {
			err := guard.Do(func() error { return f.write(full.at, full.sealed) })
			if err != nil {
				b.err.CompareAndSwap(nil, &err)
			}
			f.hold(full.at, -1)
			b.free <- full.sealed[:0]
		}
	})
	return b
}

// Wait waits until all is written that writers have flushed, and gives the first error. There are no more calls of writers.
func (b *Behind) Wait() error {
	close(b.queue)
	b.writer.Wait()
	return b.fault()
}

func (b *Behind) fault() error {
	if err := b.err.Load(); err != nil {
		return *err
	}
	return nil
}

// Writer gathers the pieces of one goroutine.
type Writer struct {
	to *Behind
	block
}

// Writer gives a writer without pieces.
func (b *Behind) Writer() *Writer { return &Writer{to: b} }

// Write takes a piece, of which it seals a copy, and gives the place that it will have. It waits until a block is free. The error is that of any piece so far.
func (w *Writer) Write(piece []byte) (Extent, error) {
	n := len(piece) + Overhead
	if n > w.to.size {
		return w.to.f.Write(piece)
	}
	if len(w.sealed)+n > cap(w.sealed) {
		w.Flush()
		if w.sealed = <-w.to.free; w.sealed == nil {
			w.sealed = make([]byte, 0, w.to.size)
		}
		w.at = w.to.f.reserve(w.to.size)
	}
	e := w.to.f.extent(w.at+int64(len(w.sealed)), len(piece))
	w.to.f.hold(e.At, 1)
	w.sealed = w.to.f.seal(w.sealed, e, piece)
	return e, w.to.fault()
}

// Flush has all that was taken written.
func (w *Writer) Flush() {
	if w.sealed != nil {
		w.to.queue <- w.block
		w.sealed = nil
	}
}
