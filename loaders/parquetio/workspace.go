package parquetio

import (
	"sync"

	"crosscheck/loaders/parquetio/snappy"
)

// workspace is what a reader knows of pages while it reads them. Of a bundle of small parts it is a megabyte, which the next reader uses again. Behind the
// lengths of its slices there are zeros.
type workspace struct {
	pages  [][]page // a column
	chunks []*chunkMeta
	blocks []snappy.Block
	places []place // of each block
}

// place is where a block comes from.
type place struct {
	column string
	part   int32
}

var workspaces = sync.Pool{New: func() any { return new(workspace) }}

// mostPages is of how many pages, of a column or all, the space is kept for the next reader.
const mostPages = 1 << 14

// lend gives a reader's columns their pages.
func (w *workspace) lend(columns []*columnReader) {
	for i, c := range columns {
		if i == len(w.pages) {
			w.pages = append(w.pages, nil)
		}
		c.pages, w.pages[i] = w.pages[i], nil
	}
}

// giveBack takes them back, with nothing in them that would keep other memory.
func (w *workspace) giveBack(columns []*columnReader) {
	for i, c := range columns {
		if cap(c.pages) <= mostPages/16 {
			clear(c.pages)
			w.pages[i] = c.pages[:0]
		}
		c.pages = nil
	}
	if max(cap(w.chunks), cap(w.blocks)) > mostPages {
		return
	}
	clear(w.chunks)
	clear(w.blocks)
	workspaces.Put(w)
}
