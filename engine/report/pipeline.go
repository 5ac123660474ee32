package report

import (
	"context"
	"errors"
	"sync"

	"crosscheck/engine/guard"
	"crosscheck/engine/verdict"

	"github.com/parquet-go/parquet-go"
)

// pipeline encodes findings into row groups with several goroutines. Findings are cut into pages of a fixed number of rows; each
// column of a page is a job of its own. The columns of a row group are independent of one another, and so are row groups, but the
// pages of one column chunk follow one another. A row group whose columns are all done is committed to the file, in order.
//
// What is in memory: workers + 1 pages of findings, and the encoded pages of the row groups they belong to.
type pipeline struct {
	layout    *layout
	begin     func() *parquet.ConcurrentRowGroupWriter
	groupRows int
	pageRows  int

	slots  chan struct{} // holds one element for each page that is collected or encoded: write waits when it is full
	failed chan struct{} // closed with the first error

	// Of the goroutine that calls write and finish.
	page      *page // being collected; nil: none
	submitted int   // rows of the row group under way that are in submitted pages

	mu      sync.Mutex
	changed sync.Cond                           // work arrived or was done
	groups  []*group                            // not yet committed, in file order
	spare   []*parquet.ConcurrentRowGroupWriter // committed, to be used again
	ended   bool                                // no more pages will come
	err     error
	workers sync.WaitGroup
}

// page is a run of findings that makes up one page of each column.
type page struct {
	runs   [][]verdict.Finding
	blocks []*pagedBlock // of runs
	rows   int
	left   int // columns that have yet to encode it
}

// pagedBlock is a block that is cut into pages.
type pagedBlock struct {
	block *verdict.Block
	left  int // pages not encoded that hold findings of it, and one while it is cut
}

// group is a row group under way.
type group struct {
	w          *parquet.ConcurrentRowGroupWriter
	pages      []*page // all that arrived; nil once encoded
	next       []int   // a column: its pages that are encoded
	busy       []bool  // a column: whether a goroutine is at it
	left       int     // columns × pages that are not encoded
	full       bool    // has all its pages
	committing bool
}

var errStopped = errors.New("report was stopped")

func startPipeline(l *layout, begin func() *parquet.ConcurrentRowGroupWriter, opt Options) *pipeline {
	p := &pipeline{
		layout:    l,
		begin:     begin,
		groupRows: opt.groupRows,
		pageRows:  opt.pageRows,
		slots:     make(chan struct{}, opt.Workers+1),
		failed:    make(chan struct{}),
	}
	p.changed.L = &p.mu
	for range opt.Workers {
		p.workers.Go(p.work)
	}
	return p
}

// write cuts findings into pages. It waits while workers + 1 pages are not done.
func (p *pipeline) write(ctx context.Context, block *verdict.Block) error {
	b := &pagedBlock{block: block, left: 1}
	for findings := block.Findings; len(findings) > 0; {
		if p.page == nil {
			select {
			case p.slots <- struct{}{}:
			case <-p.failed:
				return p.failure()
			case <-ctx.Done():
				return context.Cause(ctx)
			}
			p.page = &page{left: len(p.layout.columns)}
		}
		n := min(len(findings), p.pageRows-p.page.rows, p.groupRows-p.submitted-p.page.rows)
		p.page.runs, p.page.blocks = append(p.page.runs, findings[:n]), append(p.page.blocks, b)
		p.mu.Lock()
		b.left++
		p.mu.Unlock()
		p.page.rows += n
		findings = findings[n:]
		if full := p.submitted+p.page.rows == p.groupRows; full || p.page.rows == p.pageRows {
			p.submit(full)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	b.done()
	return nil
}

// done counts a page of the block, or that it is cut; the pipeline's lock is held.
func (b *pagedBlock) done() {
	if b.left--; b.left == 0 {
		b.block.Done()
	}
}

// finish waits until every row group is in the file.
func (p *pipeline) finish() error {
	if p.page != nil {
		p.submit(true)
	}
	p.mu.Lock()
	if n := len(p.groups); n > 0 {
		p.groups[n-1].full = true
	}
	p.ended = true
	p.changed.Broadcast()
	p.mu.Unlock()
	p.workers.Wait()
	return p.failure()
}

// stop waits until no goroutine is left; what is not written yet never will be.
func (p *pipeline) stop() {
	p.mu.Lock()
	p.fail(errStopped)
	p.mu.Unlock()
	p.workers.Wait()
}

func (p *pipeline) failure() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// fail keeps the first error; the lock is held.
func (p *pipeline) fail(err error) {
	if p.err == nil {
		p.err = err
		close(p.failed)
		p.changed.Broadcast()
	}
}

// submit hands the collected page to the workers; last says that the row group ends with it.
func (p *pipeline) submit(last bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.groups); n == 0 || p.groups[n-1].full {
		columns := len(p.layout.columns)
		g := &group{next: make([]int, columns), busy: make([]bool, columns)}
		if n := len(p.spare); n > 0 {
			g.w, p.spare = p.spare[n-1], p.spare[:n-1]
		} else {
			g.w = p.begin()
		}
		p.groups = append(p.groups, g)
	}
	g := p.groups[len(p.groups)-1]
	g.pages = append(g.pages, p.page)
	g.left += p.page.left
	g.full = last
	p.submitted += p.page.rows
	if last {
		p.submitted = 0
	}
	p.page = nil
	p.changed.Broadcast()
}

// work takes jobs until there are none left to come.
func (p *pipeline) work() {
	var e cellEncoder
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.err == nil && !(p.ended && len(p.groups) == 0) {
		if len(p.groups) > 0 && p.groups[0].ready() {
			p.commit(p.groups[0])
		} else if g, column := p.pick(); g != nil {
			p.encode(g, column, &e)
		} else {
			p.changed.Wait()
		}
	}
}

// ready says whether the row group, the first one, can go to the file.
func (g *group) ready() bool { return g.full && g.left == 0 && !g.committing }

// pick finds the oldest page that a column can go on with.
func (p *pipeline) pick() (*group, int) {
	for _, g := range p.groups {
		best := -1
		for c, n := range g.next {
			if !g.busy[c] && n < len(g.pages) && (best < 0 || n < g.next[best]) {
				best = c
			}
		}
		if best >= 0 {
			return g, best
		}
	}
	return nil, 0
}

// encode writes one page of one column; the lock is held before and after.
func (p *pipeline) encode(g *group, column int, e *cellEncoder) {
	at := g.next[column]
	pg := g.pages[at]
	g.busy[column] = true
	p.mu.Unlock()
	err := guard.Do(func() error { return e.encode(g.w.ColumnWriters()[column], p.layout, column, pg) })
	p.mu.Lock()
	if err != nil {
		p.fail(err)
		return
	}
	g.busy[column] = false
	g.next[column]++
	g.left--
	if pg.left--; pg.left == 0 {
		g.pages[at] = nil
		for _, b := range pg.blocks {
			b.done()
		}
		<-p.slots
	}
	p.changed.Broadcast()
}

// commit appends the first row group to the file; the lock is held before and after.
func (p *pipeline) commit(g *group) {
	g.committing = true
	p.mu.Unlock()
	err := guard.Do(func() error {
		_, err := g.w.Commit()
		return err
	})
	p.mu.Lock()
	if err != nil {
		p.fail(err)
		return
	}
	p.groups = p.groups[1:]
	p.spare = append(p.spare, g.w)
	p.changed.Broadcast()
}
