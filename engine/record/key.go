package record

import (
	"bytes"
	"math/bits"
	"strconv"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/cespare/xxhash/v2"
)

// Key is a packed key. Two rows belong to one record exactly if their keys are equal:
//
//	cn_id   Lo is the packed ID (PackID); a malformed one is the number of its text in the Interner with the top bit set; Hi is 0
//	int64   Lo is the number and Hi 0; a malformed one is the number of its text in the Interner and Hi 1
//	others  Lo is XXH64 of the canonical text, Hi an independent hash of it; or both are hashes with the seed of the packer
//
// The last is equal for two different texts with a chance of 2^-128; the others are exact.
type Key struct{ Lo, Hi uint64 }

// internedID is set in Key.Lo of an interned text beside packed IDs.
const internedID = 1 << 63

// Hash spreads keys over partitions (top bits) and table slots (the bits below).
func (k Key) Hash() uint64 { return partitionHash(k.Lo, k.Hi) }

// HashKeys sets hashes[i] to the hash of keys[i].
func HashKeys(keys []Key, hashes []uint64) {
	from := 0
	if n := len(keys) &^ 3; fourAtOnce && n > 0 {
		hashKeysFour(&keys[0], &hashes[:n][0], n)
		from = n
	}
	for i := from; i < len(keys); i++ {
		hashes[i] = keys[i].Hash()
	}
}

// KeyOf gives the key of which the hash and the high half are known.
func KeyOf(hash, hi uint64) Key { return Key{Lo: unmix(hash) ^ bits.RotateLeft64(hi, 32), Hi: hi} }

// KeyState says what a row's key is worth.
type KeyState uint8

// The states. Rows with KeyNone have no key and take no part. Those after KeyDocument are malformed, and say why; they take part
// as text, or as the IDs they look like where the fault is in the birth date, the region or the check character.
const (
	KeyValid     KeyState = iota
	KeyNone               // null or blank
	KeyDocument           // in a column of resident IDs: another document, which takes part as text
	KeyLength             // a resident ID of neither 15 nor 18 characters
	KeyCharacter          // something else than digits and a last X in a resident ID
	KeyDate               // no such birth date
	KeyRegion             // no such region
	KeyCheck              // the check character does not follow from the digits
	KeyNumber             // no integer of 64 bits
	NumKeyStates
)

// Malformed tells whether the key is not what its type says.
func (s KeyState) Malformed() bool { return s > KeyDocument }

// String gives the reason why a key is invalid, and "valid" or "document" for others.
func (s KeyState) String() string {
	return [NumKeyStates]string{"valid", "no key", "document", "length", "character", "date", "region", "check character", "number"}[s]
}

// stateOf gives what a fault of a resident ID makes of a key.
var stateOf = [...]KeyState{IDValid: KeyValid, FaultLength: KeyLength, FaultCharacter: KeyCharacter, FaultDate: KeyDate, FaultCheck: KeyCheck}

// KeyPacker packs the key columns of a level. Each goroutine has its own; they share the Interner.
type KeyPacker struct {
	types  []Type // one a key column
	intern *Interner
	cols   []keyColumn
	text   []byte
	part   []byte
	kept   keptTexts

	// KeepTexts has Pack keep the canonical texts of keys that do not give them back.
	KeepTexts bool

	// StrictRegions makes an ID of a region that does not exist malformed. 99, the prefix of synthetic data, exists.
	StrictRegions bool

	Seed *Seed // of the hashes of keys; nil: hashes without one
}

// NewKeyPacker makes a packer of key columns of these types.
func NewKeyPacker(types []Type, intern *Interner) *KeyPacker {
	return &KeyPacker{types: types, intern: intern}
}

// Pack packs the key of every row: keys[i] and states[i]. All columns have the same length, that of keys and states.
func (p *KeyPacker) Pack(cols []arrow.Array, keys []Key, states []KeyState) {
	if len(cols) == 1 {
		switch p.types[0] {
		case CNID:
			if t, ok := textsOf(cols[0]); ok {
				p.packIDs(&t, cols[0], keys, states)
				return
			}
		case Int:
			if a, ok := cols[0].(*array.Int64); ok && a.NullN() == 0 {
				for i, x := range a.Int64Values() {
					keys[i], states[i] = Key{Lo: uint64(x)}, KeyValid
				}
				return
			}
		}
	}
	columns := p.columns(cols)
	p.kept.clear()
	for i := range keys {
		keys[i], states[i] = p.pack(columns, i)
	}
	clear(columns) // they do not outlive the batch
}

func (p *KeyPacker) packID(b []byte) (Key, KeyState) {
	packed, fault, ok := PackID(b)
	if ok {
		return Key{Lo: packed}, p.state(packed, fault)
	}
	p.part = appendBytes(p.part[:0], b)
	if b = trimSpace(p.part); len(b) == 0 {
		return Key{}, KeyNone
	}
	state := stateOf[fault]
	if isDocument(b) {
		state = KeyDocument
	}
	return Key{Lo: p.intern.id(b) | internedID}, state
}

// state gives the state of a key that has the form of an ID.
func (p *KeyPacker) state(packed uint64, fault IDFault) KeyState {
	if p.StrictRegions && fault != FaultDate && !knownRegion(packed) {
		return KeyRegion
	}
	return stateOf[fault]
}

// pack packs row i of key columns of any kind.
func (p *KeyPacker) pack(cols []keyColumn, i int) (Key, KeyState) {
	text, state := p.canonical(cols, i)
	if p.KeepTexts {
		p.kept.add(text)
	}
	if state == KeyNone {
		return Key{}, KeyNone
	}
	if len(cols) == 1 {
		switch p.types[0] {
		case CNID:
			return p.packID(text)
		case Int:
			x, canon, ok := parseInt(text)
			if ok && canon == nil {
				return Key{Lo: uint64(x)}, KeyValid
			}
			return Key{Lo: p.intern.id(text), Hi: 1}, KeyNumber
		}
	}
	if p.Seed != nil {
		return p.Seed.key(text), state
	}
	return Key{Lo: xxhash.Sum64(text), Hi: fold(text)}, state
}

// AppendCanonical appends the canonical text of the key in row i: each part trimmed and in the canonical form of its type,
// parts joined by "|", with "|" and "\" inside a part escaped by "\". It reports false for a null or blank part.
func (p *KeyPacker) AppendCanonical(dst []byte, cols []arrow.Array, i int) ([]byte, bool) {
	text, state := p.canonical(p.columns(cols), i)
	return append(dst, text...), state != KeyNone
}

// partState gives the state of a trimmed part of a composite key.
func (p *KeyPacker) partState(typ Type, b []byte) KeyState {
	switch typ {
	case CNID:
		packed, fault, ok := PackID(b)
		switch {
		case ok:
			return p.state(packed, fault)
		case isDocument(b):
			return KeyDocument
		}
		return stateOf[fault]
	case Int:
		if _, beyond, ok := parseInt(b); !ok || beyond != nil {
			return KeyNumber
		}
	}
	return KeyValid
}

// CanonicalKey gives the canonical text of a key from the texts of its parts, false if there are not as many as types or one is
// blank.
func CanonicalKey(types []Type, parts []string) ([]byte, bool) {
	if len(parts) != len(types) {
		return nil, false
	}
	var cols []arrow.Array
	for _, part := range parts {
		b := array.NewStringBuilder(memory.DefaultAllocator)
		b.Append(part)
		cols = append(cols, b.NewArray())
	}
	return NewKeyPacker(types, nil).AppendCanonical(nil, cols, 0)
}

// appendCanonical appends the canonical text of a trimmed value; one that does not parse as its type is its own.
func appendCanonical(dst []byte, typ Type, b []byte) []byte {
	switch typ {
	case CNID:
		if packed, _, ok := PackID(b); ok {
			return AppendID(dst, packed)
		}
	case Int:
		if x, canon, ok := parseInt(b); ok && canon == nil {
			return strconv.AppendInt(dst, x, 10)
		} else if ok {
			return append(dst, canon...)
		}
	case Decimal:
		if d, _, ok := parseDecimal(b, nil); ok {
			return d.append(dst)
		}
	case Date, Timestamp:
		if sec, nsec, ok := parseTimestamp(b); ok {
			if typ == Timestamp {
				return appendTimestamp(dst, sec, nsec, false)
			}
			if nsec == 0 && sec%secondsPerDay == 0 {
				return appendDate(dst, sec/secondsPerDay)
			}
		}
	case Bool:
		return append(dst, bytes.ToLower(b)...)
	}
	return append(dst, b...)
}

// append appends the decimal without trailing zeros.
func (d decimal) append(dst []byte) []byte {
	if d.neg {
		dst = append(dst, '-')
	}
	digits := bytes.Clone(d.digits)
	for ; d.scale < 0; d.scale++ {
		digits = append(digits, '0')
	}
	for len(digits) <= int(d.scale) {
		digits = append([]byte{'0'}, digits...)
	}
	if len(digits) == 0 {
		digits = []byte{'0'}
	}
	point := len(digits) - int(d.scale)
	dst = append(dst, digits[:point]...)
	if d.scale > 0 {
		dst = append(append(dst, '.'), digits[point:]...)
	}
	return dst
}

// AppendRaw appends the key of row i as the level holds it, parts joined by "|". It reports false if all parts are null.
func AppendRaw(dst []byte, cols []arrow.Array, i int) ([]byte, bool) {
	some := false
	for c, arr := range cols {
		if c > 0 {
			dst = append(dst, '|')
		}
		var ok bool
		dst, ok = AppendText(dst, arr, i)
		some = some || ok
	}
	return dst, some
}

// KeyText gives back the texts of packed keys.
type KeyText struct {
	typ    Type
	intern *Interner
}

// NewKeyText makes the reverse of packers of the same types and interner.
func NewKeyText(types []Type, intern *Interner) KeyText {
	t := KeyText{typ: String, intern: intern}
	if len(types) == 1 {
		t.typ = types[0]
	}
	return t
}

// Reversible tells whether Append works; if not, the text must be read from the row (AppendCanonical).
func (t KeyText) Reversible() bool { return t.typ == CNID || t.typ == Int }

// Append appends the canonical text of a key.
func (t KeyText) Append(dst []byte, k Key) []byte {
	switch {
	case t.typ == CNID && k.Lo&internedID != 0:
		return append(dst, t.intern.text(k.Lo&^internedID)...)
	case k.Hi != 0:
		return append(dst, t.intern.text(k.Lo)...)
	case t.typ == CNID:
		return AppendID(dst, k.Lo)
	default:
		return strconv.AppendInt(dst, int64(k.Lo), 10)
	}
}

// NarrowKey tells whether Key.Hi is always 0 for keys of one column of that type, stored as these Arrow types.
func NarrowKey(typ Type, stored []arrow.DataType) bool {
	if typ == CNID {
		return true
	}
	for _, dt := range stored {
		if !arrow.IsInteger(dt.ID()) || dt.ID() == arrow.UINT64 {
			return false
		}
	}
	return typ == Int
}

// Interner numbers the texts of malformed keys, so that they are compared exactly beside packed ones. The numbers depend
// on the order of arrival and mean nothing outside the run. It may be used by many goroutines.
type Interner struct {
	mu    sync.Mutex
	ids   map[string]uint64
	texts []string
}

func (n *Interner) id(text []byte) uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	id, ok := n.ids[string(text)]
	if !ok {
		if n.ids == nil {
			n.ids = make(map[string]uint64)
		}
		id = uint64(len(n.texts))
		s := string(text)
		n.texts = append(n.texts, s)
		n.ids[s] = id
	}
	return id
}

func (n *Interner) text(id uint64) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.texts[id]
}

// IsPackedID tells whether the key of a column of resident IDs is one: then Key.Lo has the order of the texts. Others stand for another text.
func IsPackedID(k Key) bool { return k.Lo&internedID == 0 }

// TextOf gives the text of a key that stands for one: a malformed key, or another document among resident IDs.
func (n *Interner) TextOf(types []Type, k Key) (string, bool) {
	switch {
	case len(types) != 1:
	case types[0] == CNID && k.Lo&internedID != 0:
		return n.text(k.Lo &^ internedID), true
	case types[0] == Int && k.Hi == 1:
		return n.text(k.Lo), true
	}
	return "", false
}

// Keep gives the key that stands for a text, as TextOf gave it in another run.
func (n *Interner) Keep(types []Type, text []byte) Key {
	if types[0] == CNID {
		return Key{Lo: n.id(text) | internedID}
	}
	return Key{Lo: n.id(text), Hi: 1}
}
