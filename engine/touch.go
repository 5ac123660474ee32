package engine

import "runtime"

// ahead is the number of suspects whose memory is touched ahead: what it comes to fits the second-level cache.
const ahead = 256

// touch loads what the findings of some suspects will be made of. In the order of keys it lies all over memory, and taken one after
// the other each suspect would wait some ten times for it. Here the loads of a loop do not depend on one another, so that the
// processor waits for many at a time.
func (r *run) touch(places []place) {
	sum := uint64(0)
	each := func(do func(f *partFindings, s *suspect)) {
		for _, p := range places {
			f := &r.findings[p.part]
			do(f, &f.suspects[p.index])
		}
	}
	each(func(_ *partFindings, s *suspect) { sum += s.key.Lo + uint64(s.cells.end) })
	each(func(f *partFindings, s *suspect) {
		if len(f.rows) > 0 {
			sum += uint64(f.rows[s.more])
		}
		for i := s.cells.begin; i < s.cells.end; i++ {
			sum += f.cells[i].hash
		}
	})
	each(func(f *partFindings, s *suspect) {
		for i := s.cells.begin; i < s.cells.end; i++ {
			if x := &f.cells[i].text; x.long() {
				text := r.texts.of(x)
				sum += uint64(text[0]) + uint64(text[len(text)-1])
			}
		}
	})
	runtime.KeepAlive(sum)
}
