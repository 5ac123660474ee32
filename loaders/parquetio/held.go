package parquetio

import "io"

// samplePages finds out how many rows the pages of the largest row group have, of chunks that are not read whole, for how much of them is held in memory
// depends on it. What cannot be read is left for those who read the part.
func (f *file) samplePages(in io.ReaderAt, whole int64) {
	var largest *rowGroup
	for i := range f.groups {
		if g := &f.groups[i]; largest == nil || g.bytes > largest.bytes {
			largest = g
		}
	}
	if largest == nil {
		return
	}
	for i := range largest.chunks {
		m := &largest.chunks[i]
		if m.size <= whole || m.size > f.state.size || m.begin < 0 || m.begin > f.state.size-m.size || m.elsewhere || m.encrypted {
			continue
		}
		if f.pageRows == nil {
			f.pageRows = make([]int64, len(largest.chunks))
		}
		walk := headers{in: in, at: m.begin, end: m.begin + m.size}
		for walk.at < walk.end {
			h, err := walk.next()
			if err != nil || h.compressed < 0 || int64(h.compressed) > walk.end-walk.at {
				break
			}
			if h.kind == dataPage || h.kind == dataPage2 {
				f.pageRows[i] = int64(h.values)
				break
			}
			walk.skip(int(h.compressed))
		}
	}
}

// held is what a reader has of a row group in memory at a time, as it lies in the file and decompressed: the pages of a batch, and for each column one
// more that is not used up; 0: all of it, which is little.
func (f *file) held(g *rowGroup, opt Options) (n int64) {
	if f.pageRows == nil || g.rows == 0 {
		return 0
	}
	bytes := int64(0)
	for i := range g.chunks {
		bytes += max(g.chunks[i].uncompressed, 0)
	}
	batch := int64(batchRows(bytes, g.rows, opt.BatchRows))
	for i := range g.chunks {
		m := &g.chunks[i]
		share := 1.0
		if rows := f.pageRows[min(i, len(f.pageRows)-1)]; m.size <= opt.whole || rows > 0 {
			share = min(1, float64(rows+batch)/float64(g.rows))
		}
		raw := float64(m.size)
		if m.size > opt.whole {
			raw *= share
		}
		n += int64(raw + float64(max(m.uncompressed, 0))*share)
	}
	return n + n/8 // buffers are rounded up
}
