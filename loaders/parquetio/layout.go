package parquetio

import (
	"slices"
	"sync"

	"crosscheck/loaders/parquetio/snappy"

	"github.com/parquet-go/parquet-go/format"
)

// layout is what reading all of a page tells those who will want a few of its values: where they lie. Places are those in the block of Snappy once it is
// decompressed; the levels of version 1 are part of it. It takes 0.1 to 0.3 % of the page.
type layout struct {
	size, length int      // of the page, decompressed and in the file
	borders      []int32  // of fragments, in the block as it is in the file
	values       int      // where the values begin
	nulls        bool     // there are some
	texts        []uint32 // where text 0, apart, 2·apart, … begins, with its length
	apart        int
}

// To find a text no more than so many are walked through, or bytes, about.
const textsApart, bytesApart = 128, 8 << 10

// layouts is the layouts of a source's pages. Many goroutines may use them at once.
type layouts struct {
	mu      sync.Mutex
	of      map[layoutKey]*layout
	without map[int]bool // columns that have a block which is not compressed fragment by fragment, and so no layouts
}

// layoutKey is a page of a column of a part, by its number among the data pages and dictionaries.
type layoutKey struct{ part, column, page int }

func (l *layouts) put(at layoutKey, of *layout) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.of == nil {
		l.of = make(map[layoutKey]*layout)
	}
	if !l.without[at.column] {
		l.of[at] = of
	}
}

// get gives the layout of a page, nil if it is not known.
func (l *layouts) get(at layoutKey) *layout {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.of[at]
}

// skip tells whether a column is without layouts.
func (l *layouts) skip(column int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.without[column]
}

// drop has a column be without layouts from now on.
func (l *layouts) drop(column int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.without == nil {
		l.without = make(map[int]bool)
	}
	l.without[column] = true
	for at := range l.of {
		if at.column == column {
			delete(l.of, at)
		}
	}
}

// fixedBytes is how many bytes a plain value has, 0 for texts. It reports false for values that are not found by their place.
func (c *column) fixedBytes() (n int, ok bool) {
	switch c.physical {
	case format.Int32, format.Float:
		return 4, true
	case format.Int64, format.Double:
		return 8, true
	case format.Int96:
		return 12, true
	case format.FixedLenByteArray:
		return c.length, c.length > 0
	case format.ByteArray:
		_, text := c.delivered()
		return 0, text
	}
	return 0, false
}

// laidOut tells whether the layout of a page is worth keeping: it has several fragments, and values that can be found in them.
func (p *page) laidOut() bool {
	_, ok := p.column.fixedBytes()
	return ok && p.codec == format.Snappy && !p.stored && !p.cut && p.kind != dictionaryPage && p.encoding == format.Plain && snappy.Borders(p.size-p.levels) > 0
}

// layOut has the layouts of pages made while they are read.
func (c *columnReader) layOut() {
	if c.in == nil || c.r.source.layouts.skip(c.number) {
		return
	}
	for i := range c.pages {
		if p := &c.pages[i]; p.laidOut() {
			p.layout = &layout{size: p.size, length: p.length, borders: make([]int32, snappy.Borders(p.size-p.levels)),
				apart: min(max(bytesApart/(p.size/max(p.rows, 1)+1), 1), textsApart)}
		}
	}
}

// laid keeps the layout of a page that is read to its end.
func (c *columnReader) laid(p *page) {
	if all := &c.r.source.layouts; slices.Contains(p.layout.borders, 0) {
		all.drop(c.number)
	} else {
		all.put(layoutKey{c.r.first, c.number, c.next - 1}, p.layout)
	}
}
