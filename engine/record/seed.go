package record

import "hash/maphash"

// Seed is the secret of a keyed hash that takes the place of XXH64 where that turned out to hide a difference: nobody who writes a level can
// foresee it. It is for one run. A nil one stands for the hashes without a secret.
type Seed struct {
	lo, hi maphash.Seed
	values uint64 // bits of the hashes that are used
	keys   uint64
}

// NewSeed makes a seed of which so many bits of the hashes of values and keys are used, 64 but for tests.
func NewSeed(values, keys int) *Seed {
	return &Seed{lo: maphash.MakeSeed(), hi: maphash.MakeSeed(), values: 1<<values - 1, keys: 1<<keys - 1}
}

// value gives the value hash of what value.append wrote, not of a null.
func (s *Seed) value(canonical []byte) uint64 { return maphash.Bytes(s.lo, canonical) & s.values }

// key gives the key of a canonical text.
func (s *Seed) key(text []byte) Key {
	return Key{Lo: maphash.Bytes(s.lo, text) & s.keys, Hi: maphash.Bytes(s.hi, text) & s.keys}
}
