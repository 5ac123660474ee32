package report

import (
	"context"
	"errors"
	"sync"

	"crosscheck/engine/guard"
	"crosscheck/engine/report/columnar"
	"crosscheck/engine/verdict"
)

// pipeline encodes findings into row groups with several goroutines. Findings are cut into pages of a fixed number of rows. A page is a job of
// its own; those that are encoded are added to their row group one after the other, since they share its dictionaries, and a row group that has all
// its pages is written to the file, in order.
//
// What is in memory: workers + 1 pages of findings, and the encoded pages of the row groups under way.
type pipeline struct {
	layout    *layout
	file      *columnar.Writer
	groupRows int
	pageRows  int

	slots  chan struct{} // holds one element for each page that is collected or encoded: write waits when it is full
	failed chan struct{} // closed with the first error

	// Of the goroutine that calls write and finish.
	page      *page // being collected; nil: none
	submitted int   // rows of the row group under way that are in submitted pages

	mu      sync.Mutex
	changed sync.Cond // work arrived or was done
	groups  []*group  // not yet written, in file order
	ended   bool      // no more pages will come
	err     error
	workers sync.WaitGroup
}

// source is a run of findings in report order, on its way to the pages.
type source interface {
	size() int
	// batches gives n findings, the first-th and those behind it, some at a time, in their order. They live until take returns, and so does what u is
	// filled with. Many goroutines may call it at once, each with an unpacker of its own.
	batches(first, n int, u *unpacker, take func([]verdict.Finding))
	// done says that nobody asks for findings any more.
	done()
}

// page is the findings that make up one page of the columns.
type page struct {
	pieces []piece
	rows   int
	cells  *columnar.Page // encoded; nil: not yet
}

// piece is a part of a source.
type piece struct {
	of       *cutSource
	first, n int
}

// cutSource is a source that is cut into pages.
type cutSource struct {
	source
	left int // pages not encoded that hold findings of it, and one while it is cut
}

// group is a row group under way.
type group struct {
	rows  *columnar.Group
	pages []*page // that arrived and are not added to the row group
	begun int     // of them: somebody encodes or has encoded them
	full  bool    // has all its pages
	busy  bool    // somebody adds its pages, or writes it
}

var errStopped = errors.New("report was stopped")

func startPipeline(l *layout, file *columnar.Writer, opt Options) *pipeline {
	p := &pipeline{
		layout:    l,
		file:      file,
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
func (p *pipeline) write(ctx context.Context, from source) error {
	s := &cutSource{source: from, left: 1}
	for first, size := 0, from.size(); first < size; {
		if p.page == nil {
			select {
			case p.slots <- struct{}{}:
			case <-p.failed:
				return p.failure()
			case <-ctx.Done():
				return context.Cause(ctx)
			}
			p.page = &page{}
		}
		n := min(size-first, p.pageRows-p.page.rows, p.groupRows-p.submitted-p.page.rows)
		p.page.pieces = append(p.page.pieces, piece{s, first, n})
		p.mu.Lock()
		s.left++
		p.mu.Unlock()
		p.page.rows += n
		first += n
		if full := p.submitted+p.page.rows == p.groupRows; full || p.page.rows == p.pageRows {
			p.submit(full)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	s.release()
	return nil
}

// release counts a page of the source, or that it is cut; the pipeline's lock is held.
func (s *cutSource) release() {
	if s.left--; s.left == 0 {
		s.done()
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
		p.groups = append(p.groups, &group{rows: p.file.Group()})
	}
	g := p.groups[len(p.groups)-1]
	g.pages = append(g.pages, p.page)
	g.full = last
	p.submitted += p.page.rows
	if last {
		p.submitted = 0
	}
	p.page = nil
	p.changed.Broadcast()
}

// work takes jobs until there are none left to come: first what lets go of memory.
func (p *pipeline) work() {
	var e cellFiller
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.err == nil && !(p.ended && len(p.groups) == 0) {
		if len(p.groups) > 0 && p.groups[0].ready() {
			p.commit(p.groups[0])
		} else if g := p.joinable(); g != nil {
			p.join(g)
		} else if g := p.open(); g != nil {
			p.encode(g, &e)
		} else {
			p.changed.Wait()
		}
	}
}

// ready says whether the row group, the first one, can go to the file.
func (g *group) ready() bool { return g.full && len(g.pages) == 0 && !g.busy }

// joinable finds a row group whose next page is encoded.
func (p *pipeline) joinable() *group {
	for _, g := range p.groups {
		if !g.busy && len(g.pages) > 0 && g.pages[0].cells != nil {
			return g
		}
	}
	return nil
}

// open finds the oldest row group with a page that nobody is at.
func (p *pipeline) open() *group {
	for _, g := range p.groups {
		if g.begun < len(g.pages) {
			return g
		}
	}
	return nil
}

// encode makes the next page of a row group; the lock is held before and after.
func (p *pipeline) encode(g *group, e *cellFiller) {
	pg := g.pages[g.begun]
	g.begun++
	var cells *columnar.Page
	ok := p.unlocked(func() error {
		cells = g.rows.Page()
		e.fill(cells, p.layout, pg.pieces)
		cells.Seal()
		return nil
	})
	if !ok {
		return
	}
	for _, piece := range pg.pieces {
		piece.of.release()
	}
	pg.cells, pg.pieces = cells, nil
	<-p.slots
	p.changed.Broadcast()
}

// join adds a page to its row group; the lock is held before and after.
func (p *pipeline) join(g *group) {
	pg := g.pages[0]
	g.busy = true
	ok := p.unlocked(func() error {
		g.rows.Add(pg.cells)
		return nil
	})
	if !ok {
		return
	}
	g.pages = g.pages[1:]
	g.begun--
	g.busy = false
	p.changed.Broadcast()
}

// commit writes the first row group to the file; the lock is held before and after.
func (p *pipeline) commit(g *group) {
	g.busy = true
	if !p.unlocked(func() error { return p.file.Write(g.rows) }) {
		return
	}
	p.groups = p.groups[1:]
	p.changed.Broadcast()
}

// unlocked does something without the lock and says whether it went well.
func (p *pipeline) unlocked(do func() error) bool {
	p.mu.Unlock()
	err := guard.Do(do)
	p.mu.Lock()
	if err != nil {
		p.fail(err)
	}
	return err == nil
}
