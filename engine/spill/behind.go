package spill

import (
	"sync"

	"crosscheck/engine/guard"
)

// Behind writes pieces while its users go on: a disk that takes its time holds them up only when as many pieces wait as there are
// buffers. Any number of goroutines may use it.
type Behind struct {
	f       *File
	free    chan []byte
	queue   chan sealedPiece
	writers sync.WaitGroup

	mu  sync.Mutex
	err error
}

type sealedPiece struct {
	Extent
	sealed []byte
}

// Behind begins to write behind with so many buffers of some bytes. The caller ends it with Wait.
func (f *File) Behind(buffers, size int) *Behind {
	b := &Behind{f: f, free: make(chan []byte, buffers), queue: make(chan sealedPiece, buffers)}
	for range buffers {
		b.free <- make([]byte, 0, size+Overhead)
	}
	for range 2 {
		b.writers.Go(func() {
			for p := range b.queue {
				if err := guard.Do(func() error { return b.f.write(p.Extent, p.sealed) }); err != nil {
					b.mu.Lock()
					if b.err == nil {
						b.err = err
					}
					b.mu.Unlock()
				}
				b.free <- p.sealed[:0]
			}
		})
	}
	return b
}

// Buffer gives an empty buffer; it waits until one is written.
func (b *Behind) Buffer() []byte { return <-b.free }

// Write takes a buffer with a piece and gives the place that it will have. The error is that of any piece so far.
func (b *Behind) Write(piece []byte) (Extent, error) {
	e, sealed := b.f.seal(piece)
	b.queue <- sealedPiece{e, sealed}
	b.mu.Lock()
	defer b.mu.Unlock()
	return e, b.err
}

// Wait waits until all is written. There are no more calls of Write.
func (b *Behind) Wait() error {
	close(b.queue)
	b.writers.Wait()
	return b.err
}
