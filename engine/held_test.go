package engine

import "testing"

// TestHeld fills regions of some ranges and gives them back in turn, and holds that what other ranges have stays as it is, and that a range has no more than
// its region.
func TestHeld(t *testing.T) {
	const ranges, all, piece = 40, 20 << 20, 10_000
	h := newHeld(all/2, all, ranges)
	defer func() { h.free() }()
	if h.room(ranges/2, 1) != nil {
		t.Error("there is room for a range behind those that are held")
	}
	pieces := make([][][]byte, ranges/2)
	for more := true; more; {
		more = false
		for at := range pieces {
			if p := h.room(at, piece); p != nil {
				for i := range p {
					p[i] = byte(at + len(pieces[at]) + i)
				}
				pieces[at] = append(pieces[at], p)
				more = true
			}
		}
	}
	const region = all / ranges
	for end := 0; end < len(pieces); end += 3 {
		h.forget(end)
		if h.bytes() != int64(len(pieces)-end)*region {
			t.Errorf("%d ranges are joined: %d bytes are held", end, h.bytes())
		}
		for at := end; at < len(pieces); at++ {
			if n := len(pieces[at]); n > region/piece || n < region/piece-1 {
				t.Fatalf("range %d has %d pieces", at, n)
			}
			for n, p := range pieces[at] {
				for i := range p {
					if p[i] != byte(at+n+i) {
						t.Fatalf("%d ranges are joined: piece %d of range %d is not what it was", end, n, at)
					}
				}
			}
		}
	}
	if h.forget(ranges); h.bytes() != 0 || h.room(0, 1) != nil {
		t.Error("all ranges are joined, and something is held")
	}
}
