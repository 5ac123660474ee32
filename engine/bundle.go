package engine

import (
	"context"

	"crosscheck/engine/level"

	"github.com/apache/arrow/go/v17/arrow/array"
)

// bundle is parts of a level that follow one another and are read as if they were one. What is paid for each batch, the locks of the table and the
// waiting for its memory above all, is paid for many small parts once.
type bundle struct{ first, end int }

// What the parts of a bundle have together at most, unless it is one part.
const (
	bundleRows  = 16384
	bundleBytes = 1 << 20 // in the file
)

// only is one part.
func only(part int) bundle { return bundle{part, part + 1} }

// singles parts a level into its parts.
func (l *plannedLevel) singles() (bundles []bundle) {
	for part := range l.parts {
		bundles = append(bundles, only(part))
	}
	return bundles
}

// bundles parts a level into bundles, of which there are some for each worker.
func (l *plannedLevel) bundles(workers int) (bundles []bundle) {
	if _, ok := l.source.(level.Bundler); !ok {
		return l.singles()
	}
	most := min(bundleRows, l.rows()/int64(4*workers))
	rows, bytes := int64(0), int64(0)
	for i := range l.parts {
		p := &l.parts[i]
		rows, bytes = rows+p.Rows, bytes+p.Bytes
		if i == 0 || rows > most || bytes > bundleBytes {
			bundles = append(bundles, only(i))
			rows, bytes = p.Rows, p.Bytes
			continue
		}
		bundles[len(bundles)-1].end++
	}
	return bundles
}

// bundles gives how a level is read: what is kept is kept by part.
func (r *run) bundles(l int) []bundle {
	if r.recipes[l] != "" {
		return r.plan.levels[l].singles()
	}
	return r.plan.levels[l].bundles(r.opt.Workers)
}

// read begins to read columns of a bundle.
func (l *plannedLevel) read(ctx context.Context, b bundle, columns []int) (array.RecordReader, error) {
	if b.end-b.first == 1 {
		return l.source.Read(ctx, b.first, columns)
	}
	return l.source.(level.Bundler).ReadBundle(ctx, b.first, b.end, columns)
}
