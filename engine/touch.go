package engine

import (
	"runtime"
	"slices"
)

// ahead is the number of suspects whose memory is touched ahead: what it comes to fits the second-level cache.
const ahead = 256

// toucher loads what the findings of some suspects will be made of. In the order of keys it lies all over memory, and taken one after
// the other each suspect would wait some ten times for it. Here the loads of a loop do not depend on one another, so that the
// processor waits for many at a time, nor do branches depend on what is waited for, as far as few suspects are unlike the others.
type toucher struct {
	long []longText // room for those of the suspects
}

// longText is where a text is that is not in its cell: a chunk of run.texts and two bytes of it, its first and its last.
type longText struct{ chunk, first, last uint32 }

// touch loads what is known of some suspects.
func (t *toucher) touch(r *run, places []place) {
	sum, most := uint64(0), 0
	for _, p := range places {
		s := &r.findings[p.part].suspects[p.index]
		sum += s.key.Lo
		most += int(s.cells.end - s.cells.begin)
	}
	for _, p := range places {
		f := &r.findings[p.part]
		s := &f.suspects[p.index]
		if len(f.rows) > 0 {
			sum += uint64(f.rows[s.more])
		}
		if n := len(f.cells) - 1; n >= 0 { // two of a few are all lines of the cache that they lie in
			first, last := min(int(s.cells.begin), n), max(int(s.cells.end)-1, 0)
			sum += f.cells[first].hash + f.cells[last].hash
		}
	}
	long := slices.Grow(t.long[:0], most+1)[:most+1]
	n := 0
	for _, p := range places {
		f := &r.findings[p.part]
		s := &f.suspects[p.index]
		for i := s.cells.begin; i < s.cells.end; i++ {
			x := &f.cells[i].text
			chunk, at := x.place()
			long[n] = longText{chunk, uint32(at), uint32(at + int(x.size) - 2)}
			if x.long() {
				n++
			}
		}
	}
	t.long = long
	for _, x := range long[:n] {
		chunk := r.texts.chunks[x.chunk]
		sum += uint64(chunk[x.first]) + uint64(chunk[x.last])
	}
	runtime.KeepAlive(sum)
}
