package job

import (
	"context"
	"runtime"
	"sync"

	"crosscheck/engine/guard"
	"crosscheck/engine/privacy"
	"crosscheck/engine/report"
	"crosscheck/engine/verdict"
)

// internal stands between the engine and the restricted table, masks every finding and shelves it for the internal one.
type internal struct {
	report.Writer // the restricted table
	key           *privacy.Key
	columns       privacy.Columns
	workers       int
	shelf         *report.Shelf
	links         links

	header  verdict.Header // of the internal table
	maskers []*privacy.Masker
	packs   []*report.Pack
	errs    []error // a masker
}

// newInternal makes the sink of a run that has a key and whose levels are open; its temporary file will be in the staging folder.
func (r *run) newInternal() *internal {
	s := &internal{key: r.key, workers: r.job.Workers, shelf: newShelf(r.staging, shelfRoom(r.job.Memory))}
	if s.workers == 0 {
		s.workers = runtime.GOMAXPROCS(0)
	}
	return s
}

// newShelf makes a shelf for records by pseudonym.
func newShelf(dir string, room int) *report.Shelf {
	return report.NewShelf(dir, room, privacy.AppendPseudonym)
}

// shelfRoom gives what may stay in memory of the findings that wait for their place in the internal table, within a budget of memory, 0 for none.
// It is about what the table of records gave back by then.
func shelfRoom(budget int64) int {
	const most = 64 << 20
	if budget == 0 {
		return most
	}
	return int(min(most, budget/32))
}

// Begin implements engine.Sink. The columns are known by then.
func (s *internal) Begin(h verdict.Header) error {
	s.header = privacy.InternalHeader(h)
	for range s.workers {
		s.maskers = append(s.maskers, privacy.NewMasker(s.key, s.columns, h))
		s.packs = append(s.packs, s.shelf.NewPack())
	}
	s.errs = make([]error, s.workers)
	s.links.rows = make([][]LinkRow, s.workers)
	return s.Writer.Begin(h)
}

// maskAlone is the number of findings for which a goroutine is worth its while.
const maskAlone = 512

// Write implements engine.Sink.
func (s *internal) Write(ctx context.Context, b *verdict.Block) error {
	var wg sync.WaitGroup
	rest := b.Findings
	share := max(maskAlone, (len(rest)+s.workers-1)/s.workers)
	used := 0
	for ; len(rest) > 0; used++ {
		n := min(share, len(rest))
		for n < len(rest) && sameRecord(&rest[n], &rest[n-1]) {
			n++ // a record is packed as a whole
		}
		mine, at := rest[:n], used
		rest = rest[n:]
		wg.Go(func() { s.errs[at] = guard.Do(func() error { return s.pack(at, mine) }) })
	}
	wg.Wait()
	for at := range used {
		if s.errs[at] != nil {
			return s.errs[at]
		}
	}
	if err := s.links.write(used); err != nil {
		return err
	}
	return s.Writer.Write(ctx, b)
}

// pack masks findings and packs them record by record.
func (s *internal) pack(at int, findings []verdict.Finding) error {
	masker, pack := s.maskers[at], s.packs[at]
	for len(findings) > 0 {
		n := 1
		for n < len(findings) && sameRecord(&findings[n], &findings[0]) {
			n++
		}
		mine := findings[:n]
		findings = findings[n:]
		var next []byte
		if len(findings) > 0 {
			next = findings[0].Key
		}
		var key []byte
		if pseudonym := masker.Record(mine[0].Key, next); pseudonym != nil {
			key = pseudonym.Shown()
			s.links.add(at, mine[0].Key, key)
		}
		if err := pack.Begin(key); err != nil {
			return err
		}
		for i := range mine {
			pack.Add(masker.Mask(&mine[i]))
		}
		if err := pack.End(); err != nil {
			return err
		}
	}
	return nil
}

// publish writes the internal table of all that was shelved.
func (s *internal) publish(ctx context.Context, path string, how report.Options) error {
	how.Workers = s.workers
	how.Metadata = map[string]string{"crosscheck.tier": string(privacy.Internal), "crosscheck.pseudonym_key_id": s.key.ID()}
	return s.shelf.WriteTo(ctx, path, s.header, how)
}
