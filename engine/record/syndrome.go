package record

// A syndrome is two sums of 32 bits, low half and high half, over the fields of a row: of the low 32 bits of the salted hash of each value, weighted by the
// field. Beside the difference of two rows' fingerprints, which is the same sum without weights, the difference of their syndromes tells which fields
// differ, if one or two do, as syndromes of a linear code tell where errors are: with weights w and v, a difference d of field i alone has d·wᵢ and d·vᵢ.

// Weights is the weights of a field in a syndrome, in the halves that they are for.
type Weights uint64

// WeightsOf gives the weights of the field with that index. Of these only the bits in mask are taken: with few of them fields have the same weights.
func WeightsOf(field int, mask uint64) Weights { return Weights(Mix(^fieldSalt(field)) & mask) }

// Syndrome gives the syndrome of one value by its salted hash.
func (w Weights) Syndrome(hash uint64) uint64 {
	low := uint32(hash)
	return uint64(low*uint32(w)) | uint64(low*uint32(w>>32))<<32
}

// AddSyndromes adds two syndromes.
func AddSyndromes(a, b uint64) uint64 {
	return uint64(uint32(a)+uint32(b)) | (a>>32+b>>32)<<32
}

// Locator finds the fields of a group in which two rows differ.
type Locator struct {
	fields  []int
	weights []Weights
}

// MostLocated is of how many fields of a group a locator is made at most: it tries all pairs of them.
const MostLocated = 32

// NewLocator makes the locator of a group of fields, given by their indexes, with weights as WeightsOf gives them.
func NewLocator(fields []int, mask uint64) Locator {
	l := Locator{fields: fields}
	for _, f := range fields {
		l.weights = append(l.weights, WeightsOf(f, mask))
	}
	return l
}

// Locate appends the fields in which two rows differ, by the difference of their fingerprints, which is not 0, and their syndromes: one or two, or all if
// more differ. Where it is wrong the hashes of the values in these fields do not add up to the difference; the chance is some 2⁻³² if one or two
// differ, 2⁻²⁰ if more do.
func (l *Locator) Locate(dst []int, delta, base, row uint64) []int {
	sum := uint32(delta)
	first, second := uint32(base)-uint32(row), uint32(base>>32)-uint32(row>>32)
	for i, w := range l.weights {
		if sum*uint32(w) == first && sum*uint32(w>>32) == second {
			return append(dst, l.fields[i])
		}
	}
	// With differences a and b of fields i and j: a + b = sum, a·wᵢ + b·wⱼ = first, a·vᵢ + b·vⱼ = second. So a·(wᵢ - wⱼ) = first - sum·wⱼ, and the
	// same of v: times the factor of the other one both are equal.
	for j, w := range l.weights {
		wj, vj := uint32(w), uint32(w>>32)
		x, y := first-sum*wj, second-sum*vj
		for i, w := range l.weights[:j] {
			if x*(uint32(w>>32)-vj) == y*(uint32(w)-wj) {
				return append(dst, l.fields[i], l.fields[j])
			}
		}
	}
	return append(dst, l.fields...)
}
