package engine

import (
	"bytes"
	"context"
	"slices"

	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
)

// What is looked at to find splitters: of each level the first rows of its parts, or of some that lie evenly in it. Where those of fewer parts do not look
// like rows from anywhere, as where a part is sorted, the whole level.
const (
	sampledParts = 64
	sampledKeys  = 128 // for each range
	fewestKeys   = 1 << 11
	mostKeys     = 1 << 13 // of a level
)

// splitters samples the keys of all levels and gives texts that part them into about n ranges of as many keys each.
func (r *run) splitters(ctx context.Context, n int) ([][]byte, error) {
	keys := min(max(n*sampledKeys/len(r.plan.levels), fewestKeys), mostKeys)
	samples := make([][]partSample, len(r.plan.levels)) // a level: of the parts looked at
	var firsts []*partSample
	for l := range r.plan.levels {
		parts := len(r.plan.levels[l].parts)
		samples[l] = make([]partSample, min(parts, sampledParts))
		for i := range samples[l] {
			s := &samples[l][i]
			s.level, s.part = l, i*parts/len(samples[l])
			firsts = append(firsts, s)
		}
	}
	take := func(of []*partSample) error {
		return r.parallel(ctx, len(of), func(i int) error { return r.sample(ctx, of[i], keys) })
	}
	if err := take(firsts); err != nil {
		return nil, err
	}
	sorted := r.sortedKeys(samples)
	var wholes []*partSample
	for l := range samples {
		if len(r.plan.levels[l].parts) < sampledParts && !alike(samples[l], splittersOf(sorted, alikeRanges), keys/4) {
			for i := range samples[l] {
				if s := &samples[l][i]; !s.whole {
					s.whole = true
					wholes = append(wholes, s)
				}
			}
		}
	}
	if len(wholes) > 0 {
		if err := take(wholes); err != nil {
			return nil, err
		}
		sorted = r.sortedKeys(samples)
	}
	return splittersOf(sorted, n), nil
}

// partSample is canonical texts of keys of a part, of some of its first rows or of all.
type partSample struct {
	level, part int
	whole       bool
	keys        [][]byte
}

// sample takes a sample of a part of which the level has so many keys, in the first rows or in all. Where those are all rows it is whole.
func (r *run) sample(ctx context.Context, s *partSample, keys int) error {
	pl := &r.plan.levels[s.level]
	rows := pl.parts[s.part].Rows
	// As large a share of the level's keys as the part has of its rows, or of those of all parts that are looked at.
	wanted := max(int64(keys)*rows*int64(len(pl.parts))/max(pl.rows()*min(int64(len(pl.parts)), sampledParts), 1), 1)
	of := rows
	if !s.whole {
		of = min(rows, firstRows)
	}
	every := max(of/wanted, 1)
	s.keys = s.keys[:0]
	if keys, ok := r.sampleKept(s.level, s.part, every, s.whole); ok {
		s.keys = keys
		return nil
	}
	columns, at := project(pl.key)
	packer := r.newPacker()
	arrays := make([]arrow.Array, len(at))
	var texts []byte
	take := func(batch arrow.Record, first, every int64) {
		for i, c := range at {
			arrays[i] = batch.Column(c)
		}
		for row := first; row < batch.NumRows(); row += every {
			begin := len(texts)
			if text, ok := packer.AppendCanonical(texts, arrays, int(row)); ok {
				texts = text
				s.keys = append(s.keys, text[begin:len(text):len(text)])
			}
		}
	}
	if s.whole {
		return pl.scan(ctx, only(s.part), columns, func(batch arrow.Record, ref uint32) error {
			take(batch, (every-int64(ref)%every)%every, every)
			return nil
		})
	}
	batch, err := pl.begin(ctx, s.part, columns, int(min(4*wanted, firstRows)))
	if batch == nil {
		return err
	}
	defer batch.Release()
	s.whole = batch.NumRows() == rows
	take(batch, 0, max(batch.NumRows()/wanted, 1))
	return nil
}

// firstRows is how many rows a batch has as a rule.
const firstRows = 1 << 14

// sortedKeys gives the keys of all samples in order.
func (r *run) sortedKeys(samples [][]partSample) (sorted [][]byte) {
	for l := range samples {
		for i := range samples[l] {
			sorted = append(sorted, samples[l][i].keys...)
		}
	}
	if r.keyTypes[0] == record.CNID && len(r.keyTypes) == 1 { // other documents are few, and IDs are faster to compare
		sorted = slices.DeleteFunc(sorted, func(text []byte) bool { _, _, ok := record.PackID(text); return !ok })
	}
	slices.SortFunc(sorted, bytes.Compare)
	return sorted
}

// splittersOf gives texts that part a sorted sample into about n ranges of as many keys each.
func splittersOf(sorted [][]byte, n int) (splitters [][]byte) {
	for i := 1; i < n && len(sorted) > 0; i++ {
		s := sorted[i*len(sorted)/n]
		if len(splitters) == 0 || bytes.Compare(splitters[len(splitters)-1], s) < 0 {
			splitters = append(splitters, s)
		}
	}
	return splitters
}

// What parts must have in common to be taken as rows from anywhere.
const (
	alikeRanges = 16
	fewestAlike = 16              // keys of half a part
	mostUnlike  = 4 * alikeRanges // χ², which for rows from anywhere is less than alikeRanges on average, and beyond this once in millions of halves
)

// alike tells whether the samples of a level's parts, and both halves of each, have about as many keys in each of the ranges of some splitters as
// the others have, and whether there are enough of them.
func alike(parts []partSample, splitters [][]byte, enough int) bool {
	all := make([]float64, len(splitters)+1) // of the level, in each range
	of := make([][2][]float64, len(parts))
	total := 0
	for i := range parts {
		keys := parts[i].keys
		of[i] = [2][]float64{make([]float64, len(all)), make([]float64, len(all))}
		for k, key := range keys {
			at, found := slices.BinarySearchFunc(splitters, key, bytes.Compare)
			if found {
				at++
			}
			of[i][2*k/len(keys)][at]++
			all[at]++
		}
		total += len(keys)
	}
	if total < enough {
		return false
	}
	for i := range parts {
		for _, half := range of[i] {
			n := 0.0
			for _, in := range half {
				n += in
			}
			unlike := 0.0
			for at, in := range half {
				expect := n * all[at] / float64(total)
				unlike += (in - expect) * (in - expect) / (expect + 1) // one more, for the few keys of a range that the level hardly has
			}
			if n >= fewestAlike && unlike > mostUnlike {
				return false
			}
		}
	}
	return true
}
