package columnar

import "encoding/binary"

// appendHybrid appends numbers of width bits in the RLE and bit-packing hybrid encoding: runs of eight or more of one number as such, where
// they begin at a multiple of eight behind the last run, and all others in packs of eight.
func appendHybrid(dst []byte, numbers []uint32, width int) []byte {
	packed := 0 // numbers before this one are encoded
	for i := 0; i+8 <= len(numbers); {
		x := numbers[i]
		n := 1
		for i+n < len(numbers) && numbers[i+n] == x {
			n++
		}
		if n < 8 {
			i += 8
			continue
		}
		dst = appendPacked(dst, numbers[packed:i], width)
		dst = binary.AppendUvarint(dst, uint64(n)<<1)
		for shift := 0; shift < width; shift += 8 {
			dst = append(dst, byte(x>>shift))
		}
		i += n
		packed = i
	}
	return appendPacked(dst, numbers[packed:], width)
}

// appendPacked appends a run of packs; a last one that is not full is filled with zeros.
func appendPacked(dst []byte, numbers []uint32, width int) []byte {
	if len(numbers) == 0 {
		return dst
	}
	packs := (len(numbers) + 7) / 8
	dst = binary.AppendUvarint(dst, uint64(packs)<<1|1)
	end := len(dst) + packs*width
	var bits uint64
	held := 0
	for _, x := range numbers {
		bits |= uint64(x) << held
		for held += width; held >= 8; held -= 8 {
			dst = append(dst, byte(bits))
			bits >>= 8
		}
	}
	for len(dst) < end {
		dst = append(dst, byte(bits))
		bits = 0
	}
	return dst
}

// appendBits appends the bits of rows as one run of width 1 in the same encoding; so many of them are set.
func appendBits(dst []byte, bits []uint64, rows, set int) []byte {
	switch set {
	case rows:
		return append(binary.AppendUvarint(dst, uint64(rows)<<1), 1)
	case 0:
		return append(binary.AppendUvarint(dst, uint64(rows)<<1), 0)
	}
	return appendWords(binary.AppendUvarint(dst, uint64((rows+7)/8)<<1|1), bits, rows)
}

// appendWords appends the bits of rows, the first the lowest of the first byte; those behind the last are 0.
func appendWords(dst []byte, bits []uint64, rows int) []byte {
	end := len(dst) + (rows+7)/8
	for _, x := range bits {
		dst = binary.LittleEndian.AppendUint64(dst, x)
	}
	return dst[:end]
}
