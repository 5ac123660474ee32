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
	each(func(_ *partFindings, s *suspect) { sum += s.key.Lo + uint64(s.typos.end) })
	each(func(f *partFindings, s *suspect) {
		sum += uint64(f.rows[s.rows])
		if !s.candidates.empty() {
			sum += uint64(f.candidates[s.candidates.begin].record)
		}
		if !s.cells.empty() {
			sum += f.cells[s.cells.begin].hash
		}
	})
	each(func(f *partFindings, s *suspect) {
		for i := s.candidates.begin; i < s.candidates.end; i++ {
			if c := f.candidates[i].cells; len(c) > 0 {
				sum += c[0].hash
			}
		}
		for i := s.cells.begin; i < s.cells.end; i++ {
			sum += first(f.cells[i].text)
		}
	})
	each(func(f *partFindings, s *suspect) {
		for i := s.candidates.begin; i < s.candidates.end; i++ {
			for j := range f.candidates[i].cells {
				sum += first(f.candidates[i].cells[j].text)
			}
		}
	})
	runtime.KeepAlive(sum)
}

// first loads a text.
func first(text []byte) uint64 {
	if len(text) == 0 {
		return 0
	}
	return uint64(text[0])
}
