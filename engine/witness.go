package engine

import (
	"bytes"
	"encoding/binary"
	"sync"
	"sync/atomic"

	"crosscheck/engine/record"
)

// witnesses are rows against which others are held: of each record whose key is in this pass the first that was seen.
type witnesses struct {
	r      *run
	shards [witnessShards]witnessShard
	from   int32        // the first shard of this pass
	to     atomic.Int32 // behind the last: it moves down where memory runs out, and the next pass begins there
	limit  int64        // bytes that they may take
}

// witnessShards is how many shares the keys are parted into, by the top bits of their hashes.
const witnessShards = 256

// witnessShard is the witnesses of a share of the keys.
type witnessShard struct {
	mu     sync.Mutex
	rows   map[record.Key][]byte // as verifier.encode writes them; nil: they are left for another pass
	others map[otherKey][]byte   // what else was seen in their records
	texts  arena
	bytes  int64
}

// otherKey is a hash that differs from that of the witness: of a field, a group of fields, or all that a level has, which are numbered one after the
// other.
type otherKey struct {
	key  record.Key
	hash uint64
	slot int32
}

// witnessBytes is what a witness takes in a map beside its bytes.
const witnessBytes = 72

// newWitnesses makes those of a pass that begins at a shard.
func newWitnesses(r *run, from int32) *witnesses {
	w := &witnesses{r: r, from: from, limit: r.plan.Memory.verify}
	w.to.Store(witnessShards)
	for i := from; i < witnessShards; i++ {
		w.shards[i].rows, w.shards[i].others = map[record.Key][]byte{}, map[otherKey][]byte{}
	}
	return w
}

// shardOf gives the shard of a key, nil if that is not of this pass.
func (w *witnesses) shardOf(key record.Key) *witnessShard {
	i := int32(key.Hash() >> 56)
	if i < w.from || i >= w.to.Load() {
		return nil
	}
	return &w.shards[i]
}

// shrink leaves shards for the next pass until the others fit, one at least.
func (w *witnesses) shrink() {
	total := int64(0)
	for i := w.from; i < w.to.Load(); i++ {
		s := &w.shards[i]
		s.mu.Lock()
		total += s.bytes
		s.mu.Unlock()
	}
	for to := w.to.Load(); total > w.limit && to > w.from+1; to = w.to.Load() {
		if w.to.CompareAndSwap(to, to-1) {
			total -= w.shards[to-1].drop()
		}
	}
}

func (s *witnessShard) drop() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows, s.others, s.texts = nil, nil, arena{}
	return s.bytes
}

// see holds the row in v.row, which is of a level, against the others of its record.
func (s *witnessShard) see(v *verifier, l int, key record.Key) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rows == nil {
		return nil
	}
	held, ok := s.rows[key]
	switch {
	case !ok:
		s.keep(key, v.row)
		return nil
	case bytes.Equal(held, v.row):
		return nil
	}
	v.held.decode(held, v.hashedKeys)
	v.other.decode(v.row, v.hashedKeys)
	if !bytes.Equal(v.held.key, v.other.key) {
		return errHidden
	}
	if v.held.fill(&v.other) {
		v.value = v.held.append(v.value[:0], v.hashedKeys)
		s.keep(key, v.value)
	}
	return s.differing(v, l, key)
}

func (s *witnessShard) keep(key record.Key, row []byte) {
	s.rows[key] = s.texts.keep(row)
	s.bytes += witnessBytes + int64(len(row))
}

// differing holds the values of v.other, the fingerprints of its groups and their sum against whatever has the same hash among the rows of the record
// seen before. What differs from v.held is kept by its hash: the next one that does may be equal to it or not.
func (s *witnessShard) differing(v *verifier, l int, key record.Key) error {
	shape := &v.r.shape
	clear(v.apart)
	some := false
	for f, value := range v.other.fields {
		if value == nil || bytes.Equal(value, v.held.fields[f]) {
			continue
		}
		v.apart[shape.Group[f]], some = true, true
		x, xNull := v.hashers[f].Of(v.held.fields[f])
		y, yNull := v.hashers[f].Of(value)
		null := record.NullHash(f)
		if x == y || (x == null) != xNull || (y == null) != yNull {
			return errHidden
		}
		if err := s.note(otherKey{key, y, int32(f)}, value); err != nil {
			return err
		}
	}
	if !some {
		return nil
	}
	slot := len(v.other.fields)
	for g := range shape.Groups {
		if v.apart[g] {
			if err := s.sums(v, key, slot+g, func(group int) bool { return group == g }); err != nil {
				return err
			}
		}
	}
	// By all that a level has the rows are told apart of a key that it holds more than once.
	return s.sums(v, key, slot+len(shape.Groups)+l, func(g int) bool { return shape.Groups[g]>>l&1 != 0 })
}

// sums compares the fingerprints of some groups of fields, in which v.held and v.other differ.
func (s *witnessShard) sums(v *verifier, key record.Key, slot int, of func(group int) bool) error {
	x, y := uint64(0), uint64(0)
	v.value = v.value[:0]
	for f, value := range v.other.fields {
		if !of(v.r.shape.Group[f]) {
			continue
		}
		hash, _ := v.hashers[f].Of(v.held.fields[f])
		x += hash
		hash, _ = v.hashers[f].Of(value)
		y += hash
		v.value = appendCounted(v.value, value)
	}
	if x == y {
		return errHidden
	}
	return s.note(otherKey{key, y, int32(slot)}, v.value)
}

// note keeps what a hash stands for; errHidden where it stands for something else too.
func (s *witnessShard) note(key otherKey, values []byte) error {
	before, ok := s.others[key]
	switch {
	case !ok:
		s.others[key] = s.texts.keep(values)
		s.bytes += witnessBytes + int64(len(values))
	case !bytes.Equal(before, values):
		return errHidden
	}
	return nil
}

// decoded is a row that verifier.encode wrote.
type decoded struct {
	key    []byte   // nil: it is no hash
	fields [][]byte // nil where the level lacks the field
}

func (d *decoded) decode(row []byte, hashedKey bool) {
	if hashedKey {
		d.key, row = takeCounted(row)
	}
	for f := range d.fields {
		d.fields[f], row = takeCounted(row)
	}
}

// append is the reverse of decode.
func (d *decoded) append(dst []byte, hashedKey bool) []byte {
	if hashedKey {
		dst = appendCounted(dst, d.key)
	}
	for _, value := range d.fields {
		dst = appendCounted(dst, value)
	}
	return dst
}

// fill takes the fields that d lacks from another row of the record; false: there is none.
func (d *decoded) fill(from *decoded) (filled bool) {
	for f, value := range from.fields {
		if d.fields[f] == nil && value != nil {
			d.fields[f], filled = value, true
		}
	}
	return filled
}

func appendCounted(dst, b []byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(b))), b...)
}

// takeCounted takes what appendCounted wrote from the beginning of src; nil: nothing.
func takeCounted(src []byte) (b, rest []byte) {
	n, head := binary.Uvarint(src)
	if n == 0 {
		return nil, src[head:]
	}
	end := head + int(n)
	return src[head:end:end], src[end:]
}
