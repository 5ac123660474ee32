package engine

import (
	"bytes"
	"encoding/binary"
	"errors"
	"sync"
	"sync/atomic"

	"crosscheck/engine/record"
)

// witnesses are rows against which others are held: of each record whose key is in this pass the first that was seen.
type witnesses struct {
	r      *run
	shards [witnessShards]witnessShard
	pass   pass
	to     atomic.Int32 // behind the last shard, or the last share of a pass of one: it moves down where memory runs out, and the next pass begins there
	limit  int64        // bytes that they may take

	shrinking sync.Mutex
}

// witnessShards is how many shards the keys are parted into, and shares what else is seen of those of one, by the top bits of their hashes.
const witnessShards = 256

// fewShares is how many there are of a shard that is not parted.
const fewShares = 16

// pass is what is held against each other in one reading of all levels: all from a shard on, or of what is seen of its records beside their witnesses all from
// a share on. A shard is parted where it does not fit by itself, as where it has a key a million times.
type pass struct {
	shard, share int32
	parted       bool
}

// errCrowded says that a shard does not fit and is to be parted.
var errCrowded = errors.New("what was seen of some keys takes more memory than there is")

// next gives the pass after one that went as far as to; false: there is none.
func (p pass) next(to int32) (pass, bool) {
	switch {
	case !p.parted:
		p.shard = to
	case to < witnessShards:
		p.share = to
	default:
		p = pass{shard: p.shard + 1}
	}
	return p, p.shard < witnessShards
}

// witnessShard is the witnesses of some keys.
type witnessShard struct {
	mu    sync.Mutex
	rows  map[record.Key][]byte // as verifier.encode writes them; nil: they are left for another pass
	texts arena
	bytes int64

	others []otherShare // some, so that they do not wait for one another; as many as there are where they may be of another pass
}

// otherShare is what else was seen in the records of a shard, or a share of it.
type otherShare struct {
	mu    sync.Mutex
	seen  map[otherKey][]byte // nil: it is left for another pass
	texts arena
	bytes int64
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

func newWitnesses(r *run, p pass) *witnesses {
	w := &witnesses{r: r, pass: p, limit: r.plan.Memory.verify}
	w.to.Store(witnessShards)
	shards := w.shards[p.shard:]
	if p.parted {
		shards = shards[:1]
	}
	for i := range shards {
		s := &shards[i]
		s.rows, s.others = map[record.Key][]byte{}, make([]otherShare, fewShares)
		if p.parted {
			s.others = make([]otherShare, witnessShards)
		}
		for j := p.share; int(j) < len(s.others); j++ {
			s.others[j].seen = map[otherKey][]byte{}
		}
	}
	return w
}

// shardOf gives the shard of a key, nil if that is not of this pass.
func (w *witnesses) shardOf(key record.Key) *witnessShard {
	i, to := int32(key.Hash()>>56), w.to.Load()
	if w.pass.parted {
		to = w.pass.shard + 1
	}
	if i < w.pass.shard || i >= to {
		return nil
	}
	return &w.shards[i]
}

// shrink leaves shards, or shares of one, for the next pass until the others fit. One share stays at least; errCrowded where a shard that is not parted is
// too large.
func (w *witnesses) shrink() error {
	w.shrinking.Lock() // or what another worker is dropping would be counted
	defer w.shrinking.Unlock()
	total, begin := int64(0), w.pass.shard
	for i := begin; i < witnessShards; i++ {
		total += w.shards[i].size()
	}
	if w.pass.parted {
		begin = w.pass.share
	}
	for to := w.to.Load(); total > w.limit && to > begin+1; to-- {
		w.to.Store(to - 1)
		if w.pass.parted {
			total -= w.shards[w.pass.shard].others[to-1].drop()
		} else {
			total -= w.shards[to-1].drop()
		}
	}
	if total > w.limit && !w.pass.parted {
		return errCrowded
	}
	return nil
}

// size is what the shard takes.
func (s *witnessShard) size() int64 {
	s.mu.Lock()
	n := s.bytes
	s.mu.Unlock()
	for i := range s.others {
		o := &s.others[i]
		o.mu.Lock()
		n += o.bytes
		o.mu.Unlock()
	}
	return n
}

// drop lets go of the shard and gives what it took.
func (s *witnessShard) drop() int64 {
	s.mu.Lock()
	n := s.bytes
	s.rows, s.texts, s.bytes = nil, arena{}, 0
	s.mu.Unlock()
	for i := range s.others {
		n += s.others[i].drop()
	}
	return n
}

func (o *otherShare) drop() int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := o.bytes
	o.seen, o.texts, o.bytes = nil, arena{}, 0
	return n
}

// see holds the row in v.row, which is of a level, against the others of its record.
func (s *witnessShard) see(v *verifier, l int, key record.Key) error {
	held := s.witness(key, v.row)
	if held == nil || bytes.Equal(held, v.row) {
		return nil
	}
	again := len(v.heldRow) > 0 && &v.heldRow[0] == &held[0] // as of a key that is there very often
	if !again {
		v.held.decode(held, v.hashedKeys)
		v.heldRow = held
	}
	v.other.decode(v.row, v.hashedKeys)
	if !bytes.Equal(v.held.key, v.other.key) {
		return errHidden
	}
	if v.held.fill(&v.other) {
		s.fill(v, key)
		v.heldRow, again = nil, false
	}
	if !again {
		v.hashHeld()
	}
	return s.differing(v, l, key)
}

// hashHeld hashes the fields that v.held has.
func (v *verifier) hashHeld() {
	for f, value := range v.held.fields {
		if value != nil {
			v.heldHash[f], v.heldNull[f] = v.hashers[f].Of(value)
		}
	}
}

// witness gives the witness of a record; nil if it is of another pass, or if there was none, which the row becomes.
func (s *witnessShard) witness(key record.Key, row []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rows == nil {
		return nil
	}
	held, ok := s.rows[key]
	if !ok {
		s.keep(key, row)
	}
	return held
}

// fill gives the witness of a record, and v.held, the fields of v.other that it lacks, which may be fewer by now.
func (s *witnessShard) fill(v *verifier, key record.Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rows == nil {
		return
	}
	v.held.decode(s.rows[key], v.hashedKeys)
	if v.held.fill(&v.other) {
		v.value = v.held.append(v.value[:0], v.hashedKeys)
		s.keep(key, v.value)
	}
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
		v.otherHash[f] = v.heldHash[f]
		if value == nil || bytes.Equal(value, v.held.fields[f]) {
			continue
		}
		v.apart[shape.Group[f]], some = true, true
		x, xNull := v.heldHash[f], v.heldNull[f]
		y, yNull := v.hashers[f].Of(value)
		v.otherHash[f] = y
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
	groups := 0
	for _, levels := range shape.Groups {
		groups += int(levels >> l & 1)
	}
	if groups == 1 {
		return nil // that is the sum of the group
	}
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
		x, y = x+v.heldHash[f], y+v.otherHash[f]
		v.value = appendCounted(v.value, value)
	}
	if x == y {
		return errHidden
	}
	return s.note(otherKey{key, y, int32(slot)}, v.value)
}

// note keeps what a hash stands for; errHidden where it stands for something else too.
func (s *witnessShard) note(key otherKey, values []byte) error {
	o := &s.others[int(record.Mix(key.hash)>>56)%len(s.others)]
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.seen == nil {
		return nil
	}
	before, ok := o.seen[key]
	switch {
	case !ok:
		o.seen[key] = o.texts.keep(values)
		o.bytes += witnessBytes + int64(len(values))
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
