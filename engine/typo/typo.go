// Package typo finds records that are probably one: their keys differ by one edit, and what must agree agrees. It is pure and
// knows no levels but as bits, no values but as a hash of all that must agree (the block).
//
// Two keys differ by one edit if one character is inserted, deleted or replaced, or two neighbours are swapped: a distance of
// one in the optimal string alignment of Damerau (1964) and Levenshtein (1966).
//
// Few records share a block, since few people share a name and a birth date: there all pairs are looked at. Where many do, such
// as where the columns say nothing, two keys that differ by one edit share a text that one deletion, or none, makes of
// each (Garbe, SymSpell, 2012): the hashes of these texts are sorted, in passes by range of the hash so that memory stays bounded.
package typo

import (
	"cmp"
	"context"
	"math/bits"
	"slices"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"
)

// Entry is a record that some level lacks, in one of its blocks: it has as many as its levels say different things. Two records agree
// if they share a block.
type Entry struct {
	Block uint64 // a hash of what must agree
	In    uint32 // the levels that hold it, bit by bit; the same in all entries of the record
	ID    uint32 // what names the record; counted from 0, with few gaps
}

// Pair is the IDs of two records that are probably one.
type Pair struct{ A, B uint32 }

// MaxPartners is the number of partners beyond which a record is given none: what is near everything points at nothing.
const MaxPartners = 16

const (
	smallBlock = 32      // up to so many entries all pairs are looked at
	passTexts  = 4 << 20 // texts of a pass over a large block: some 64 MB
)

// Pairs finds the pairs among entries, no two of which have the same block and ID; it sorts them by both. Key appends the key of a
// record, a text in UTF-8; no two records have the same. No level holds both records of a pair, and a pair is told once. The
// pairs come in no order; memory is that of the entries, MaxPartners pairs each at most, and a pass.
func Pairs(ctx context.Context, entries []Entry, key func(dst []byte, id uint32) []byte) ([]Pair, error) {
	slices.SortFunc(entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Block, b.Block), cmp.Compare(a.ID, b.ID))
	})
	f := newFinder(entries, key)
	for begin := 0; begin < len(entries); {
		end := begin + 1
		for end < len(entries) && entries[end].Block == entries[begin].Block {
			end++
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if end-begin <= smallBlock {
			f.small(begin, end)
		} else if err := f.large(ctx, begin, end); err != nil {
			return nil, err
		}
		begin = end
	}
	return slices.DeleteFunc(f.pairs, func(p Pair) bool {
		return f.partners[p.A] > MaxPartners || f.partners[p.B] > MaxPartners
	}), nil
}

type finder struct {
	entries  []Entry
	key      func(dst []byte, id uint32) []byte
	several  map[uint32][]uint64 // a record that has several blocks: all of them, ascending
	partners []uint8             // a record: how many, up to MaxPartners+1
	pairs    []Pair
	a, b     []byte
}

// newFinder takes entries in the order of their blocks.
func newFinder(entries []Entry, key func(dst []byte, id uint32) []byte) *finder {
	ids := 0
	for _, e := range entries {
		ids = max(ids, int(e.ID)+1)
	}
	f := &finder{entries: entries, key: key, several: map[uint32][]uint64{}, partners: make([]uint8, ids)}
	blocks := make([]uint8, ids) // 2 stands for more
	for _, e := range entries {
		blocks[e.ID] = min(blocks[e.ID]+1, 2)
	}
	for _, e := range entries {
		if blocks[e.ID] > 1 {
			f.several[e.ID] = append(f.several[e.ID], e.Block)
		}
	}
	return f
}

// add notes the pair of two entries. Once one of the records has too many partners the pair is only counted.
func (f *finder) add(i, j uint32) {
	a, b := f.entries[i].ID, f.entries[j].ID
	for _, id := range []uint32{a, b} {
		f.partners[id] = min(f.partners[id]+1, MaxPartners+1)
	}
	if f.partners[a] <= MaxPartners && f.partners[b] <= MaxPartners {
		f.pairs = append(f.pairs, Pair{a, b})
	}
}

// met tells whether two entries of a block share an earlier one too, in which they are a pair already.
func (f *finder) met(i, j uint32) bool {
	ours, theirs := f.several[f.entries[i].ID], f.several[f.entries[j].ID]
	if len(theirs) == 0 {
		return false
	}
	for _, block := range ours {
		if block >= f.entries[i].Block {
			return false
		}
		if slices.Contains(theirs, block) {
			return true
		}
	}
	return false
}

// match tells whether two entries of a block are a pair.
func (f *finder) match(i, j uint32) bool {
	x, y := f.entries[i], f.entries[j]
	if x.In&y.In != 0 || f.met(i, j) {
		return false
	}
	f.a, f.b = f.key(f.a[:0], x.ID), f.key(f.b[:0], y.ID)
	return OneEdit(f.a, f.b)
}

// small looks at all pairs of a block.
func (f *finder) small(begin, end int) {
	for i := begin; i < end; i++ {
		for j := i + 1; j < end; j++ {
			if f.match(uint32(i), uint32(j)) {
				f.add(uint32(i), uint32(j))
			}
		}
	}
}

// variant is the hash of a text that a key gives with one deletion or none.
type variant struct {
	hash  uint64
	entry uint32
}

// large finds the pairs of a block by their common variants.
func (f *finder) large(ctx context.Context, begin, end int) error {
	texts := 0
	for i := begin; i < end; i++ {
		f.a = f.key(f.a[:0], f.entries[i].ID)
		texts += utf8.RuneCount(f.a) + 1
	}
	passes := uint64(texts/passTexts + 1)
	all := make([]variant, 0, texts/int(passes)+texts/int(passes)/8)
	var near []uint32
	seen := map[uint64]bool{} // pairs of the pass that are not told by the texts of a run
	for pass := range passes {
		all = all[:0]
		for i := begin; i < end; i++ {
			f.a = f.key(f.a[:0], f.entries[i].ID)
			f.variants(func(h uint64) {
				if part, _ := bits.Mul64(h, passes); part == pass {
					all = append(all, variant{h, uint32(i)})
				}
			})
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		slices.SortFunc(all, func(a, b variant) int {
			switch {
			case a.hash < b.hash:
				return -1
			case a.hash > b.hash:
				return 1
			}
			return cmp.Compare(a.entry, b.entry)
		})
		for len(all) > 0 {
			n := 1
			for n < len(all) && all[n].hash == all[0].hash {
				n++
			}
			near = near[:0]
			for _, v := range all[:n] {
				if len(near) == 0 || near[len(near)-1] != v.entry {
					near = append(near, v.entry)
				}
			}
			for x, i := range near {
				for _, j := range near[x+1:] {
					if id := uint64(i)<<32 | uint64(j); f.match(i, j) && f.first(i, j, all[0].hash) && !seen[id] {
						seen[id] = true
						f.add(i, j)
					}
				}
			}
			all = all[n:]
		}
		clear(seen)
	}
	return nil
}

// variants calls each with the hash of every text that f.a gives with one deletion or none.
func (f *finder) variants(each func(uint64)) {
	each(xxhash.Sum64(f.a))
	for at := 0; at < len(f.a); {
		_, size := utf8.DecodeRune(f.a[at:])
		f.b = append(append(f.b[:0], f.a[:at]...), f.a[at+size:]...)
		each(xxhash.Sum64(f.b))
		at += size
	}
}

// first tells whether the least common variant of two keys is h, so that of the several that a pair may have, one tells it.
func (f *finder) first(i, j uint32, h uint64) bool {
	var ours []uint64
	f.a = f.key(f.a[:0], f.entries[i].ID)
	f.variants(func(v uint64) { ours = append(ours, v) })
	f.a = f.key(f.a[:0], f.entries[j].ID)
	least := ^uint64(0)
	f.variants(func(v uint64) {
		if v < least && slices.Contains(ours, v) {
			least = v
		}
	})
	return least == h
}

// OneEdit tells whether two texts differ by one edit.
func OneEdit(a, b []byte) bool {
	if ascii(a) && ascii(b) {
		return oneEdit(a, b)
	}
	return oneEdit([]rune(string(a)), []rune(string(b)))
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func oneEdit[E byte | rune](a, b []E) bool {
	if d := len(a) - len(b); d < -1 || d > 1 {
		return false
	}
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	switch {
	case len(a) <= 1 && len(b) <= 1:
		return len(a)+len(b) > 0
	case len(a) == 2 && len(b) == 2:
		return a[0] == b[1] && a[1] == b[0]
	}
	return false
}
