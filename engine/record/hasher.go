package record

import (
	"math"
	"math/bits"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// Hasher hashes one field as its level stores it. It keeps scratch space and the hashes of the last dictionary it saw,
// so each goroutine has its own.
type Hasher struct {
	v       valuer
	salt    uint64
	null    uint64
	weights Weights
	values  []uint64

	dict   arrow.ArrayData // the dictionary that hashes belong to, retained
	hashes []uint64        // salted
	wrong  []bool          // which entries do not read as the type; nil: none
	other  bool            // some are compared as other texts, see Changed
}

// NewHasher makes a hasher of a field, whose index salts its hashes, compared as typ after the rule, which Validate has nothing
// against.
func NewHasher(typ Type, rule Canon, field int) *Hasher {
	salt := fieldSalt(field)
	return &Hasher{v: valuer{typ: typ, canon: newCanon(&rule)}, salt: salt, null: salted(nullHash, salt), weights: WeightsOf(field, math.MaxUint64)}
}

// Weigh has the hasher work with other weights.
func (h *Hasher) Weigh(w Weights) { h.weights = w }

// NullHash is the salted hash of a null in the field with that index.
func NullHash(field int) uint64 { return salted(nullHash, fieldSalt(field)) }

// Unparsed gives the rows of the column last added whose values do not read as the field's type; they were compared as text. It
// is valid until the next Add or At.
func (h *Hasher) Unparsed() []int { return h.v.unparsed }

// Changed tells whether there was a text since it was asked last that was compared as another one, or one that is not empty as a null.
func (h *Hasher) Changed() (changed bool) {
	if c := h.v.canon; c != nil {
		changed, c.changed = c.changed, false
	}
	return changed
}

// Use has the hasher work with a seed; nil: with the hash that has none.
func (h *Hasher) Use(seed *Seed) { h.v.seed = seed }

// Canonicals gives the canonical values of a column, which it reads with the hasher, for as long as the column lives.
func (h *Hasher) Canonicals(arr arrow.Array) Canonicals {
	c := Canonicals{v: &h.v, arr: arr}
	c.texts, c.plain = textsOf(arr)
	c.plain = c.plain && h.v.typ == String && h.v.canon == nil
	return c
}

// Canonicals is the canonical values of a column.
type Canonicals struct {
	v     *valuer
	arr   arrow.Array
	texts texts
	plain bool // texts are canonical as they are
}

// Append appends the canonical value of row i: two values of a field are equal exactly if these bytes are. There is always at least one.
func (c *Canonicals) Append(dst []byte, i int) []byte {
	switch {
	case c.plain:
		if c.arr.IsValid(i) && len(c.texts.at(i)) > 0 {
			return value{form: textForm, text: c.texts.at(i)}.append(dst)
		}
	case !isNull(c.arr, i):
		c.v.unparsed = c.v.unparsed[:0]
		return c.v.at(c.arr, i).append(dst)
	}
	return value{}.append(dst)
}

// Of gives the salted hash of a canonical value, as At gives it, and whether the value is a null.
func (h *Hasher) Of(canonical []byte) (hash uint64, null bool) {
	x := valueOf(canonical)
	return salted(h.v.hash(x), h.salt), x.form == nullForm
}

// Release lets go of the last dictionary.
func (h *Hasher) Release() {
	if h.dict != nil {
		h.dict.Release()
		h.dict = nil
	}
}

// Add adds the salted hash of every row of the column to the row's fingerprint fp[i], and its syndrome to syn[i]. len(fp) is arr.Len().
func (h *Hasher) Add(arr arrow.Array, fp, syn []uint64) {
	n := len(fp)
	h.v.unparsed = h.v.unparsed[:0]
	if n == 0 {
		return
	}
	s := sumsOf(arr, fp, syn, h.weights, h.null)
	if d, ok := arr.(*array.Dictionary); ok {
		h.addDictionary(d, &s)
		return
	}
	if arr.DataType().ID() == arrow.NULL {
		for i := range fp {
			s.add(i, h.null)
		}
		return
	}
	if cap(h.values) < n {
		h.values = make([]uint64, n)
	}
	values := h.values[:n]
	h.v.values(arr, values)
	if s.valid != nil {
		h.v.unparsed = slices.DeleteFunc(h.v.unparsed, arr.IsNull)
	}
	s.addValues(values, h.salt)
}

// addDictionary hashes each entry once for all batches that share the dictionary.
func (h *Hasher) addDictionary(d *array.Dictionary, s *sums) {
	h.load(d)
	if h.other {
		h.v.canon.changed = true
	}
	h.v.unparsed = h.v.unparsed[:0]
	if h.wrong != nil {
		for i := range s.fp {
			if d.IsValid(i) && h.wrong[d.GetValueIndex(i)] {
				h.v.unparsed = append(h.v.unparsed, i)
			}
		}
	}
	if indices, ok := d.Indices().(*array.Int32); ok {
		s.addEntries(h.hashes, indices.Int32Values())
		return
	}
	for i := range s.fp {
		hash := h.null
		if d.IsValid(i) {
			hash = h.hashes[d.GetValueIndex(i)]
		}
		s.add(i, hash)
	}
}

// load hashes the entries of a dictionary unless it is the last one seen.
func (h *Hasher) load(d *array.Dictionary) {
	entries := d.Dictionary()
	if h.dict == entries.Data() {
		return
	}
	h.Release()
	h.dict = entries.Data()
	h.dict.Retain()
	n := entries.Len()
	h.hashes, h.wrong = slices.Grow(h.hashes[:0], n)[:n], nil
	before := h.Changed()
	h.v.values(entries, h.hashes)
	if h.other = h.Changed(); before {
		h.v.canon.changed = true
	}
	for _, i := range h.v.unparsed {
		if h.wrong == nil {
			h.wrong = make([]bool, n)
		}
		h.wrong[i] = entries.IsValid(i)
	}
	for i, v := range h.hashes {
		if entries.IsNull(i) {
			v = nullHash
		}
		h.hashes[i] = salted(v, h.salt)
	}
}

// At gives the salted hash of row i of a column, as Add adds it.
func (h *Hasher) At(arr arrow.Array, i int) uint64 {
	if isNull(arr, i) {
		return h.null
	}
	h.v.unparsed = h.v.unparsed[:0]
	return salted(h.v.hash(h.v.at(arr, i)), h.salt)
}

// partitionHash spreads keys over partitions and table slots.
func partitionHash(lo, hi uint64) uint64 { return Mix(lo ^ bits.RotateLeft64(hi, 32)) }
