package engine

import (
	"bytes"
	"cmp"
	"context"
	"math"
	"math/bits"
	"slices"
	"sort"
	"sync"
)

// place is a suspect with a number by which most sort: of two the one with the lesser key text never has the greater number.
type place struct {
	order uint64
	part  int32
	index int32 // of partFindings.suspects
}

// places is all suspects in the order of their key texts: ranges of keys, each of which is sorted when it is asked for, so that the first findings
// are made at once and what is sorted fits the second-level cache.
type places struct {
	r      *run
	all    []place
	ranges []placeRange
	common []byte // keys without a number of their own: nearly all begin with this text, and their numbers are the bytes behind
}

type placeRange struct {
	begin, end int
	once       sync.Once // sorts it
}

const (
	rangePlaces = 2048 // of a range, about
	rangeSample = 16   // of its places
)

// newPlaces parts all suspects into ranges. Each worker takes those of some partitions.
func (r *run) newPlaces(ctx context.Context) (*places, error) {
	workers, n := r.opt.Workers, 0
	offsets := make([]int, len(r.findings)) // a partition: the suspects before it
	for i := range r.findings {
		offsets[i] = n
		n += len(r.findings[i].suspects)
	}
	p := &places{r: r, all: make([]place, n)}
	if n == 0 {
		return p, nil
	}
	ranges := make([]uint16, n) // of the suspects, partition by partition
	each := func(do func(w, part int, orders []uint64, ranges []uint16)) error {
		return r.parallel(ctx, workers, func(w int) error {
			for part := len(r.findings) * w / workers; part < len(r.findings)*(w+1)/workers; part++ {
				f := &r.findings[part]
				if len(f.orders) < len(f.suspects) {
					f.orders = r.orders(emptied(f.orders, len(f.suspects)), f, 1, p.common)
				}
				do(w, part, f.orders, ranges[offsets[part]:])
			}
			return nil
		})
	}
	steps := stepsOf(p.split())
	next := make([][]int, workers) // a worker and a range: how many places, and then where the next one goes
	for w := range next {
		next[w] = make([]int, len(p.ranges))
	}
	if err := each(func(w, _ int, orders []uint64, ranges []uint16) {
		for i, order := range orders {
			at := 0
			if len(p.ranges) > 1 {
				at = steps.upTo(min(order, math.MaxUint64-1))
			}
			ranges[i] = uint16(at)
			next[w][at]++
		}
	}); err != nil {
		return nil, err
	}
	sum := 0
	for i := range p.ranges {
		p.ranges[i].begin = sum
		for w := range next {
			sum, next[w][i] = sum+next[w][i], sum
		}
		p.ranges[i].end = sum
	}
	return p, each(func(w, part int, orders []uint64, ranges []uint16) {
		for i, order := range orders {
			at := &next[w][ranges[i]]
			p.all[*at] = place{order, int32(part), int32(i)}
			*at++
		}
	})
}

// split samples the suspects for numbers that part them into ranges: range i begins with the one before i.
func (p *places) split() (splitters []uint64) {
	n := min(len(p.all)/rangePlaces, math.MaxUint16)
	p.common = p.findCommon()
	var sample []uint64
	for part := range p.r.findings {
		sample = p.r.orders(sample, &p.r.findings[part], rangePlaces/rangeSample, p.common)
	}
	slices.Sort(sample)
	for i := 1; i < n; i++ {
		splitters = append(splitters, sample[i*len(sample)/n])
	}
	splitters = slices.Compact(splitters)
	p.ranges = make([]placeRange, len(splitters)+1)
	return splitters
}

// orders appends the numbers of the suspects of a partition, or of one in so many. common is places.common.
func (r *run) orders(dst []uint64, f *partFindings, every int, common []byte) []uint64 {
	if r.keyText.Reversible() {
		for i := 0; i < len(f.suspects); i += every {
			dst = append(dst, r.keyText.Order(f.suspects[i].key))
		}
		return dst
	}
	var text []byte
	for i := 0; i < len(f.suspects); i += every {
		text = r.appendKey(text[:0], f, &f.suspects[i])
		rest, ok := bytes.CutPrefix(text, common)
		switch {
		case ok:
			dst = append(dst, prefixOf(rest))
		case bytes.Compare(text, common) < 0:
			dst = append(dst, 0)
		default:
			dst = append(dst, math.MaxUint64)
		}
	}
	return dst
}

// findCommon samples the keys for what they have in common.
func (p *places) findCommon() (common []byte) {
	if p.r.keyText.Reversible() {
		return nil
	}
	var text []byte
	for part := range p.r.findings {
		f := &p.r.findings[part]
		for i := 0; i < len(f.suspects); i += rangePlaces / rangeSample {
			if text = p.r.appendKey(text[:0], f, &f.suspects[i]); common == nil {
				common = bytes.Clone(text)
			}
			common = common[:sharedPrefix(common, text)]
		}
	}
	return common
}

// sorted gives the places from begin to end, sorted with spare room. Many goroutines may call it at once.
func (p *places) sorted(begin, end int, spare *[]place) []place {
	i := sort.Search(len(p.ranges), func(i int) bool { return p.ranges[i].end > begin })
	for ; i < len(p.ranges) && p.ranges[i].begin < end; i++ {
		g := &p.ranges[i]
		g.once.Do(func() {
			all := p.all[g.begin:g.end]
			*spare = slices.Grow((*spare)[:0], len(all))[:len(all)]
			p.sort(all, *spare, len(p.common))
		})
	}
	return p.all[begin:end]
}

// fewPlaces are sorted by insertion.
const fewPlaces = 12

// wideDigit is the bits of a digit where places are about as many as a range has.
const wideDigit = 11

// sort sorts places by their numbers, some 24 bits of those that are not the same everywhere at a time, digit by digit from the last. Spare has room for
// as many; at is where the texts behind the numbers begin, for keys that have none of their own.
func (p *places) sort(places, spare []place, at int) {
	if len(places) <= fewPlaces {
		for i := 1; i < len(places); i++ {
			for j := i; j > 0 && p.compare(places[j], places[j-1]) < 0; j-- {
				places[j], places[j-1] = places[j-1], places[j]
			}
		}
		return
	}
	all, some := ^uint64(0), uint64(0) // bits that are set in all, in some
	for i := range places {
		all &= places[i].order
		some |= places[i].order
	}
	varying := bits.Len64(all ^ some)
	if varying == 0 {
		p.sortAlike(places, spare, at)
		return
	}
	digit, digits := 8, 3
	if len(places) >= rangePlaces/4 {
		digit, digits = wideDigit, 2
	}
	low, last := max(varying-digit*digits, 0), uint64(1)<<digit-1
	from, to := places, spare
	var counts [1 << wideDigit]uint32
	begins := counts[:last+1]
	for shift := low; shift < varying; shift += digit {
		clear(begins)
		for i := range from {
			begins[from[i].order>>shift&last]++
		}
		sum := uint32(0)
		for d, n := range begins {
			begins[d] = sum
			sum += n
		}
		for i := range from {
			next := &begins[from[i].order>>shift&last]
			to[*next] = from[i]
			*next++
		}
		from, to = to, from
	}
	if &from[0] != &places[0] {
		copy(places, from)
	}
	for begin := 0; begin < len(places); {
		end := begin + 1
		for end < len(places) && places[end].order>>low == places[begin].order>>low {
			end++
		}
		if end-begin > 1 {
			p.sort(places[begin:end], spare[begin:end], at)
		}
		begin = end
	}
}

// sortAlike sorts places with one number: by the next bytes of their texts, if these are long.
func (p *places) sortAlike(places, spare []place, at int) {
	longer := false
	if number := places[0].order; !p.r.keyText.Reversible() && number != 0 && number != math.MaxUint64 { // those may be texts that do not begin like the others
		at += prefixBytes
		var text []byte
		for i := range places {
			f := &p.r.findings[places[i].part]
			text = p.r.appendKey(text[:0], f, &f.suspects[places[i].index])
			longer = longer || len(text) > at
			places[i].order = prefixOf(text[min(at, len(text)):])
		}
	}
	if longer {
		p.sort(places, spare, at)
	} else {
		slices.SortFunc(places, p.compare)
	}
}

// compare compares two suspects, by their numbers and then by their key texts.
func (p *places) compare(a, b place) int {
	if a.order != b.order {
		return cmp.Compare(a.order, b.order)
	}
	f, g := &p.r.findings[a.part], &p.r.findings[b.part]
	x, y := p.r.appendKey(nil, f, &f.suspects[a.index]), p.r.appendKey(nil, g, &g.suspects[b.index])
	return bytes.Compare(x, y)
}

// appendKey appends the canonical key text of a suspect.
func (r *run) appendKey(dst []byte, f *partFindings, s *suspect) []byte {
	if r.keyText.Reversible() {
		return r.keyText.Append(dst, s.key)
	}
	cells := f.cells[s.cells.begin:s.cells.end]
	i := slices.IndexFunc(cells, func(c cell) bool { return int(c.field) == r.keyColumn() })
	return append(dst, r.texts.of(&cells[i].text)...)
}
