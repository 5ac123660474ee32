package record

import "github.com/apache/arrow/go/v17/arrow"

// sums is where the hashes of a column go: into fingerprints as they are, and weighted into syndromes.
//
// Most of a batch's time here is neither the multiplications nor the loads but the instructions of each row, so eight rows at a time are
// added by those of AVX-512, where there are, or twice four by those of AVX2.
type sums struct {
	fp      []uint64
	syn     []uint64
	weights Weights
	null    uint64 // the salted hash of a null
	valid   []byte // bits, from offset on: which rows are not null; nil: all
	offset  int
}

// sumsOf gives the sums of the rows of a column, of which there is one at least.
func sumsOf(arr arrow.Array, fp, syn []uint64, weights Weights, null uint64) sums {
	s := sums{fp: fp, syn: syn[:len(fp)], weights: weights, null: null}
	if arr.NullN() > 0 {
		s.valid, s.offset = arr.NullBitmapBytes(), arr.Data().Offset()
	}
	return s
}

// isNull tells whether a row is null.
func (s *sums) isNull(i int) bool {
	return s.valid != nil && s.valid[(s.offset+i)>>3]>>((s.offset+i)&7)&1 == 0
}

// add adds the salted hash of a row.
func (s *sums) add(i int, hash uint64) {
	s.fp[i] += hash
	s.syn[i] = AddSyndromes(s.syn[i], s.weights.Syndrome(hash))
}

// eights tells how many rows can be added eight at a time, and gives a byte for each eight of them that tells which are not null; nil: all.
func (s *sums) eights() (n int, valid []byte) {
	n = len(s.fp) &^ 7
	switch {
	case !sumsAtOnce || n == 0 || s.valid != nil && s.offset&7 != 0:
		return 0, nil
	case s.valid == nil:
		return n, nil
	}
	return n, s.valid[s.offset>>3:][:n>>3]
}

// addValues adds the value hashes of all rows, salted; those of null rows mean nothing.
func (s *sums) addValues(values []uint64, salt uint64) {
	from, valid := s.eights()
	if from > 0 {
		addSalted(&values[:len(s.fp)][0], salt, &s.fp[0], &s.syn[0], s.weights, first(valid), s.null, from)
	}
	for i := from; i < len(s.fp); i++ {
		hash := s.null
		if !s.isNull(i) {
			hash = salted(values[i], salt)
		}
		s.add(i, hash)
	}
}

// first gives the first of the bytes that eights gives.
func first(valid []byte) *byte {
	if valid == nil {
		return nil
	}
	return &valid[0]
}

// addEntries adds the salted hashes at the indices of all rows; those of null rows mean nothing.
func (s *sums) addEntries(hashes []uint64, indices []int32) {
	n, valid := s.eights()
	if len(hashes) == 0 {
		n = 0
	}
	i, indices := 0, indices[:len(s.fp)]
	for i < n {
		done := addEntries(&hashes[0], len(hashes), &indices[i], &s.fp[i], &s.syn[i], s.weights, first(valid), s.null, n-i)
		if i += done; i < n {
			s.addEach(hashes, indices, i, i+8)
			i += 8
			done += 8
		}
		if valid != nil {
			valid = valid[done>>3:]
		}
	}
	s.addEach(hashes, indices, i, len(s.fp))
}

// addEach is addEntries of some rows, one by one.
func (s *sums) addEach(hashes []uint64, indices []int32, from, to int) {
	for i := from; i < to; i++ {
		hash := s.null
		if !s.isNull(i) {
			hash = hashes[indices[i]]
		}
		s.add(i, hash)
	}
}
