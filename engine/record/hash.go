package record

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// A value is hashed in two steps. Its canonical value (value.go) gives a 64-bit value hash that does not depend on the Arrow type or the
// text it came from; salt then mixes in the field, so that equal values of two fields do not cancel out when a row
// fingerprint adds up the salted hashes of its fields. Salting is a bijection: two values of a field whose value hashes
// differ have different salted hashes.

// nullHash is the value hash of a null in a column of any type. It is XXH64 of the empty text, which is null by default.
const nullHash uint64 = 0xef46_db37_51d8_e999

// Domains keep the value hashes of different canonical forms apart.
const (
	domainText    uint64 = 0xa0761d6478bd642f // text that did not parse as the field's type
	domainDecimal uint64 = 0xe7037ed1a0b428db
	domainTime    uint64 = 0x8ebc6af09c88c6e3
)

// Mix is the 64-bit finaliser of MurmurHash3 (Appleby): a bijection in which every input bit reaches every output bit.
func Mix(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	x ^= x >> 33
	return x
}

// unmix is the inverse of Mix: its shifts undo themselves, and its factors are the inverses of those of Mix modulo 2^64.
func unmix(x uint64) uint64 {
	x ^= x >> 33
	x *= 0x9cb4b2f8129337db
	x ^= x >> 33
	x *= 0x4f74430c22a54005
	x ^= x >> 33
	return x
}

// fieldSalt gives the salt of the field with that index.
func fieldSalt(field int) uint64 { return Mix(uint64(field)*0x9e3779b97f4a7c15 + 0x2545f4914f6cdd1d) }

// salted mixes a value hash with a field's salt.
func salted(v, salt uint64) uint64 { return Mix(v ^ salt) }

func hashFloat(f float64) uint64 {
	switch {
	case f == 0:
		return 0
	case f != f:
		return math.Float64bits(math.NaN())
	}
	return math.Float64bits(f)
}

// hashPart is the weight of what a value has beside the number that is mixed: nanoseconds of an instant, the scale of a decimal.
const hashPart uint64 = 0x9e3779b97f4a7c15

// hashTime is the hash of an instant: whole seconds since 1970 and 0 to 999,999,999 nanoseconds.
func hashTime(sec int64, nsec int64) uint64 {
	return Mix(uint64(sec)^domainTime) + uint64(nsec)*hashPart
}

// hashDecimal is the hash of unscaled·10^-scale without trailing zeros.
func hashDecimal(unscaled int64, scale int32) uint64 {
	return Mix(uint64(unscaled)^domainDecimal) + uint64(uint32(scale))*hashPart
}

// fold is a second 64-bit hash of bytes, independent of XXH64: 128-bit products folded to 64 bits, after wyhash (Wang Yi).
// Together with XXH64 it makes the 128-bit hash of keys that do not fit an integer.
func fold(b []byte) uint64 {
	const k0, k1, k2 = 0x2d358dccaa6c78a5, 0x8bb84b93962eacc9, 0x4b33a62ed433d4a3
	h := uint64(len(b)) ^ k2
	for len(b) > 16 {
		hi, lo := bits.Mul64(binary.LittleEndian.Uint64(b)^k0, binary.LittleEndian.Uint64(b[8:])^h)
		h = hi ^ lo
		b = b[16:]
	}
	var tail [16]byte
	copy(tail[:], b)
	hi, lo := bits.Mul64(binary.LittleEndian.Uint64(tail[:])^k1, binary.LittleEndian.Uint64(tail[8:])^h)
	hi, lo = bits.Mul64(hi^k0, lo^k2)
	return Mix(hi ^ lo)
}
