package synth

import "math/bits"

// mix is the finaliser of SplitMix64: a bijection in which every bit of the input moves every bit of the output.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

const golden = 0x9e3779b97f4a7c15

// salt gives an independent stream of randomness for one purpose of a seed.
func salt(seed, purpose uint64) uint64 { return mix(mix(seed+golden) + purpose*golden) }

// stream is a sequence of random numbers, SplitMix64, that starts at a place given by a salt and an index.
type stream uint64

func streamOf(salt, index uint64) stream { return stream(mix(salt + index*golden)) }

// below gives a number in [0, n).
func (s *stream) below(n uint64) uint64 {
	*s += golden
	hi, _ := bits.Mul64(mix(uint64(*s)), n)
	return hi
}

// permutation is a bijection of [0, n) that looks random: a Feistel network over the least power of two that holds n, walked
// along until it falls below n (fewer than two steps on average). It needs no memory and runs backwards as well.
type permutation struct {
	n           uint64
	left, right uint // bits of the two halves
	keys        [4]uint64
}

func newPermutation(n, salt uint64) permutation {
	width := uint(max(2, bits.Len64(n-1)))
	p := permutation{n: n, left: width / 2, right: width - width/2}
	for i := range p.keys {
		p.keys[i] = mix(salt + uint64(i+1)*golden)
	}
	return p
}

// round is the round function: 32 random bits for a half of up to 32 bits.
func round(half, key uint64) uint64 {
	h := (half + key) * 0xff51afd7ed558ccd
	h ^= h >> 32
	return h * golden >> 32
}

// at gives the element at place i, i < n.
func (p *permutation) at(i uint64) uint64 {
	maskL, maskR := uint64(1)<<p.left-1, uint64(1)<<p.right-1
	for {
		l, r := i>>p.right, i&maskR
		for k := 0; k < len(p.keys); k += 2 {
			l ^= round(r, p.keys[k]) & maskL
			r ^= round(l, p.keys[k+1]) & maskR
		}
		if i = l<<p.right | r; i < p.n {
			return i
		}
	}
}

// place gives the place of element e, e < n: the inverse of at.
func (p *permutation) place(e uint64) uint64 {
	maskL, maskR := uint64(1)<<p.left-1, uint64(1)<<p.right-1
	for {
		l, r := e>>p.right, e&maskR
		for k := len(p.keys) - 2; k >= 0; k -= 2 {
			r ^= round(l, p.keys[k+1]) & maskR
			l ^= round(r, p.keys[k]) & maskL
		}
		if e = l<<p.right | r; e < p.n {
			return e
		}
	}
}
