package engine

import (
	"bytes"
	"encoding/binary"
	"slices"

	"crosscheck/engine/guard"

	"golang.org/x/sync/errgroup"
)

// place is a suspect with the first 16 bytes of its key text, by which most pairs sort.
type place struct {
	prefix [2]uint64
	part   int32
	index  int32 // of partFindings.suspects
}

// places lists all suspects in the order of their key texts.
func (r *run) places() ([]place, error) {
	offsets := make([]int, len(r.findings)+1)
	for p := range r.findings {
		offsets[p+1] = offsets[p] + len(r.findings[p].suspects)
	}
	places, spare := make([]place, offsets[len(r.findings)]), make([]place, offsets[len(r.findings)])
	var g errgroup.Group
	workers := r.opt.Workers
	bounds := make([]int, workers+1) // each worker sorts the suspects of some partitions
	for w := range workers {
		lo, hi := len(r.findings)*w/workers, len(r.findings)*(w+1)/workers
		bounds[w+1] = offsets[hi]
		g.Go(guard.Func(func() error {
			var buf []byte
			for p := lo; p < hi; p++ {
				for i := range r.findings[p].suspects {
					buf = r.appendKey(buf[:0], &r.findings[p], &r.findings[p].suspects[i])
					var prefix [16]byte
					copy(prefix[:], buf)
					places[offsets[p]+i] = place{
						prefix: [2]uint64{binary.BigEndian.Uint64(prefix[:]), binary.BigEndian.Uint64(prefix[8:])},
						part:   int32(p), index: int32(i),
					}
				}
			}
			r.sortPlaces(places[offsets[lo]:offsets[hi]], spare[offsets[lo]:offsets[hi]])
			return nil
		}))
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for len(bounds) > 2 { // merge neighbours until one run is left
		merged := []int{0}
		out := spare[:0]
		for i := 0; i+1 < len(bounds); i += 2 {
			end := bounds[min(i+2, len(bounds)-1)]
			out = mergePlaces(out, places[bounds[i]:bounds[i+1]], places[bounds[i+1]:end], r.comparePlaces)
			merged = append(merged, end)
		}
		places, spare, bounds = out, places, merged
	}
	return places, nil
}

// sortPlaces sorts places, with spare room for as many: by their prefixes, digit by digit from the last, of 256 values each, of
// which only those are looked at that are not the same everywhere; then those with equal prefixes by their whole keys.
func (r *run) sortPlaces(places, spare []place) {
	var all, some [2]uint64 // bits that are set in all, in some
	all[0], all[1] = ^uint64(0), ^uint64(0)
	for i := range places {
		for w, prefix := range places[i].prefix {
			all[w] &= prefix
			some[w] |= prefix
		}
	}
	from, to := places, spare
	for digit := 15; digit >= 0; digit-- {
		w, shift := digit/8, 56-digit%8*8
		if (all[w]^some[w])>>shift&0xff == 0 {
			continue
		}
		var begins [256]int
		for i := range from {
			begins[from[i].prefix[w]>>shift&0xff]++
		}
		sum := 0
		for d, n := range begins {
			begins[d] = sum
			sum += n
		}
		for i := range from {
			at := &begins[from[i].prefix[w]>>shift&0xff]
			to[*at] = from[i]
			*at++
		}
		from, to = to, from
	}
	if len(places) > 0 && &from[0] != &places[0] {
		copy(places, from)
	}
	for begin := 0; begin < len(places); {
		end := begin + 1
		for end < len(places) && places[end].prefix == places[begin].prefix {
			end++
		}
		if end-begin > 1 {
			slices.SortFunc(places[begin:end], r.comparePlaces)
		}
		begin = end
	}
}

func mergePlaces(out, a, b []place, compare func(a, b place) int) []place {
	for len(a) > 0 && len(b) > 0 {
		if compare(a[0], b[0]) <= 0 {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return append(append(out, a...), b...)
}

func (r *run) comparePlaces(a, b place) int {
	switch {
	case a.prefix[0] < b.prefix[0]:
		return -1
	case a.prefix[0] > b.prefix[0]:
		return 1
	case a.prefix[1] < b.prefix[1]:
		return -1
	case a.prefix[1] > b.prefix[1]:
		return 1
	}
	f, g := &r.findings[a.part], &r.findings[b.part]
	x, y := r.appendKey(nil, f, &f.suspects[a.index]), r.appendKey(nil, g, &g.suspects[b.index])
	return bytes.Compare(x, y)
}

// appendKey appends the canonical key text of a suspect.
func (r *run) appendKey(dst []byte, f *partFindings, s *suspect) []byte {
	if r.keyText.Reversible() {
		return r.keyText.Append(dst, s.key)
	}
	cells := f.cells[s.cells.begin:s.cells.end]
	i := slices.IndexFunc(cells, func(c cell) bool { return int(c.field) == r.keyColumn() })
	return append(dst, cells[i].text...)
}
