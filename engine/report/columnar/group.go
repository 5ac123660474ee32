package columnar

import (
	"math/bits"
	"sync/atomic"

	"github.com/parquet-go/parquet-go/format"
)

// Group is a row group under way. Pages are added to it by one goroutine at a time, others may begin pages of it meanwhile.
type Group struct {
	w      *Writer
	sheets []*sheet
	chunks []chunk
	rows   int
}

// chunk is a column of a row group.
type chunk struct {
	dropped atomic.Bool // the dictionary outgrew its limit: no more pages have it
	dict    words
	renamed []uint32 // of Column.Words: the number in dict and 1, 0 where it is not in there yet; else of the words of a page: the number in dict
	numbers []uint32 // room for those of a page
	body    []byte   // room for the values of a page
}

// Group begins a row group.
func (w *Writer) Group() *Group {
	g := &Group{w: w, chunks: make([]chunk, len(w.opt.Columns))}
	for i := range g.chunks {
		g.chunks[i].renamed = make([]uint32, len(w.opt.Columns[i].Words))
	}
	return g
}

// Page begins a page of the group.
func (g *Group) Page() *Page {
	p := g.w.opt.Memory.pages.Get()
	p.sheet = g.w.opt.Memory.sheets.Get()
	p.sheet.begin(len(g.chunks))
	p.begin(g)
	return p
}

// Add adds a sealed page, whose rows follow those of the page added before. The page is not to be used any more.
func (g *Group) Add(p *Page) {
	for i := range p.cells {
		switch c := &p.cells[i]; {
		case c.numbered:
			g.chunks[i].add(c)
		case c.column.Dictionary: // it outgrew the limit by itself
			g.chunks[i].dropped.Store(true)
		}
	}
	for _, d := range p.sheet.columns[0] {
		g.rows += d.rows
	}
	g.sheets = append(g.sheets, p.sheet)
	p.sheet = nil
	g.w.opt.Memory.pages.Put(p)
}

// add makes data pages of a page's cells of a column with a dictionary.
func (k *chunk) add(c *Cells) {
	if c.column.Words != nil {
		k.addWords(c)
	} else if !k.addLocal(c) {
		k.dropped.Store(true)
		c.plain()
		c.end()
		return
	}
	width := 0
	if n := len(k.dict.spans); n > 1 {
		width = bits.Len(uint(n - 1))
	}
	k.body = appendHybrid(append(k.body[:0], byte(width)), k.numbers, width)
	c.seal(format.RLEDictionary, k.body)
}

// addWords gives the cells of a column whose words are known before their numbers in the dictionary.
func (k *chunk) addWords(c *Cells) {
	k.numbers = k.numbers[:0]
	count := make([]int, len(c.column.Words))
	for _, x := range c.numbers {
		if count[x]++; k.renamed[x] == 0 {
			k.renamed[x] = k.dict.number(c.column.Words[x], c.column.Type == Text) + 1
		}
		k.numbers = append(k.numbers, k.renamed[x]-1)
	}
	for x, n := range count {
		if n > 0 {
			c.span(c.column.Words[x])
			c.texts += int64(n * len(c.column.Words[x]))
		}
	}
}

// addLocal does so for the words that the page found, if the dictionary has room for them.
func (k *chunk) addLocal(c *Cells) bool {
	if k.dropped.Load() {
		return false
	}
	text, fits := c.column.Type == Text, false
	if k.renamed, fits = k.dict.merge(k.renamed[:0], &c.local, c.page.group.w.opt.DictionaryMax, text); !fits {
		return false
	}
	for i := range k.renamed {
		c.span(c.local.word(uint32(i)))
	}
	k.numbers = k.numbers[:0]
	for _, x := range c.numbers {
		if text {
			c.texts += int64(c.local.spans[x].to - c.local.spans[x].from)
		}
		k.numbers = append(k.numbers, k.renamed[x])
	}
	return true
}
