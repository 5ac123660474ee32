package record

import (
	"encoding/binary"
	"time"
	"unicode/utf8"
)

// Resident IDs follow GB 11643-1999: 6 digits of region, 8 of birth date, 3 of sequence (odd for men) and a check character
// by ISO 7064 MOD 11-2. Cards issued before had 15 digits: a two-digit year and no check character.

// IDFault says what is wrong with a resident ID.
type IDFault uint8

// The faults. An ID with FaultLength or FaultCharacter has no 18-character form and takes part as text.
const (
	IDValid        IDFault = iota
	FaultLength            // not 15 or 18 characters
	FaultCharacter         // something else than 17 digits and a digit or X
	FaultDate              // no such birth date, or not between 1800 and 2199
	FaultCheck             // the check character does not follow from the digits
)

// String gives the fault in words.
func (f IDFault) String() string {
	return [...]string{"valid", "length", "character", "date", "check character"}[f]
}

// checkChars[sum mod 11] is the check character.
const checkChars = "10X98765432"

// idWeights are 2^(17-i) mod 11 for the digits i = 0 … 16.
var idWeights = [17]uint64{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}

// CheckChar gives the check character for the first 17 digits of a resident ID, which must be ASCII digits.
func CheckChar(digits []byte) byte {
	var sum uint64
	for i, w := range idWeights {
		sum += uint64(digits[i]-'0') * w
	}
	return checkChars[sum%11]
}

// PackID packs the 18-character form of a resident ID into 61 bits: the 17-digit number × 11 + the value of the check
// character (X is 10). Packed IDs sort as their texts do. ok is false if b has no such form; fault then says why,
// otherwise what is wrong with the ID if anything is. b may have 15 digits, a lower-case x, full-width digits and
// surrounding white space.
func PackID(b []byte) (packed uint64, fault IDFault, ok bool) {
	if packed, fault, ok = packID18(b); ok {
		return packed, fault, true
	}
	var buf [24]byte
	n, fault := normalizeID(buf[:0], b)
	if fault != IDValid {
		return 0, fault, false
	}
	return packID18(n)
}

// packID18 packs 18 ASCII characters.
func packID18(b []byte) (uint64, IDFault, bool) {
	if len(b) != 18 {
		return 0, FaultLength, false
	}
	a, c := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
	if !allDigits(a) || !allDigits(c) {
		return 0, FaultCharacter, false
	}
	d := uint64(b[16] - '0')
	check := uint64(b[17] - '0')
	if b[17] == 'X' || b[17] == 'x' {
		check = 10
	} else if check > 9 {
		return 0, FaultCharacter, false
	}
	if d > 9 {
		return 0, FaultCharacter, false
	}
	p1, p2 := pairs(a), pairs(c)
	packed := (fromPairs(p1)*1e9+fromPairs(p2)*10+d)*11 + check

	fault := IDValid
	if year, month, day := p1>>48&0xff*100+p2&0xff, p2>>16&0xff, p2>>32&0xff; !validDate(year, month, day) {
		fault = FaultDate
	} else if idCheck(a, c, d) != check {
		fault = FaultCheck
	}
	return packed, fault, true
}

// allDigits tells whether the eight bytes are all ASCII digits.
func allDigits(x uint64) bool {
	return (x&0xf0f0f0f0f0f0f0f0)|((x+0x0606060606060606)&0xf0f0f0f0f0f0f0f0)>>4 == 0x3333333333333333
}

// pairs gives the numbers that eight ASCII digits in little-endian order spell two by two, in bytes 0, 2, 4 and 6.
func pairs(x uint64) uint64 {
	x &= 0x0f0f0f0f0f0f0f0f
	return x*10 + x>>8
}

// fromPairs gives the number that eight digits spell, from their pairs.
func fromPairs(x uint64) uint64 {
	return ((x&0x000000ff000000ff)*(100+1000000<<32) + (x>>16&0x000000ff000000ff)*(1+10000<<32)) >> 32
}

// idCheck is the value of the check character for digits 0–7 in a, 8–15 in c (ASCII, little-endian) and d.
func idCheck(a, c, d uint64) uint64 {
	const lanes = 0x000f000f000f000f
	// Each product adds up lane × weight of four 16-bit lanes in its top lane.
	sum := (a & lanes * dot(7, 10, 8, 2)) >> 48
	sum += (a >> 8 & lanes * dot(9, 5, 4, 1)) >> 48
	sum += (c & lanes * dot(6, 7, 10, 8)) >> 48
	sum += (c >> 8 & lanes * dot(3, 9, 5, 4)) >> 48
	sum += d * 2
	return uint64(checkOf[sum%uint64(len(checkOf))])
}

// checkOf gives the check value v of a weighted sum, at most 9·(sum of the weights): sum + v ≡ 1 (mod 11).
var checkOf = func() (v [1024]uint8) {
	for sum := range v {
		v[sum] = uint8((12 - sum%11) % 11)
	}
	return v
}()

// dot arranges weights so that the top lane of a product holds the sum of lane i × weight i.
func dot(w0, w1, w2, w3 uint64) uint64 { return w3 | w2<<16 | w1<<32 | w0<<48 }

var monthDays = [13]uint64{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

func validDate(year, month, day uint64) bool {
	if year < 1800 || year > 2199 || month < 1 || month > 12 || day < 1 || day > monthDays[month] {
		return false
	}
	return month != 2 || day < 29 || year%4 == 0 && (year%100 != 0 || year%400 == 0)
}

// normalizeID appends the 18-character form to dst: half-width, upper case, 15 digits completed with century 19 and a
// check character.
func normalizeID(dst, b []byte) ([]byte, IDFault) {
	b = trimSpace(b)
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r >= 0xff01 && r <= 0xff5e { // full-width forms
			r -= 0xfee0
		}
		if len(dst) == 18 {
			return nil, FaultLength
		}
		if r < '0' || r > '9' && r != 'X' && r != 'x' {
			return nil, FaultCharacter
		}
		dst = append(dst, byte(r))
		b = b[n:]
	}
	switch len(dst) {
	case 18:
		return dst, IDValid
	case 15:
		for _, c := range dst {
			if c > '9' {
				return nil, FaultCharacter
			}
		}
		dst = append(dst, 0, 0)
		copy(dst[8:], dst[6:15])
		dst[6], dst[7] = '1', '9'
		return append(dst, CheckChar(dst)), IDValid
	}
	return nil, FaultLength
}

// isDocument tells whether a trimmed text looks like the number of another document, such as a passport or a permit: a letter,
// then letters, digits, brackets and hyphens, five digits among them, 20 characters in all.
func isDocument(b []byte) bool {
	digits := 0
	for i, c := range b {
		switch {
		case c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z':
		case i == 0:
			return false
		case c >= '0' && c <= '9':
			digits++
		case c != '(' && c != ')' && c != '-':
			return false
		}
	}
	return digits >= 5 && len(b) <= 20
}

// provinces are the first two digits of regions by GB/T 2260: those of the mainland, 71, 81 and 82, 83 and 91 of residents from
// there and from abroad, and 99 of synthetic data.
var provinces = func() (known [100]bool) {
	for _, span := range [][2]int{{11, 15}, {21, 23}, {31, 37}, {41, 46}, {50, 54}, {61, 65}, {71, 71}, {81, 83}, {91, 91}, {99, 99}} {
		for i := span[0]; i <= span[1]; i++ {
			known[i] = true
		}
	}
	return known
}()

// knownRegion tells whether the region of a packed ID lies in a province that exists.
func knownRegion(packed uint64) bool { return provinces[packed/11/1e15%100] }

// AppendID appends the 18 characters of a packed resident ID.
func AppendID(dst []byte, packed uint64) []byte {
	n, check := packed/11, packed%11
	dst = binary.LittleEndian.AppendUint64(dst, eightDigits(n/1e9))
	dst = binary.LittleEndian.AppendUint64(dst, eightDigits(n%1e9/10))
	return append(dst, '0'+byte(n%10), "0123456789X"[check])
}

// eightDigits gives the text of a number below 10⁸, its first character in the lowest byte.
func eightDigits(n uint64) uint64 {
	n = n/1e4 | n%1e4<<32 // two numbers of four digits
	hundreds := n * 10486 >> 20 & 0x0000007f0000007f
	n = hundreds | (n-hundreds*100)<<16 // four of two
	tens := n * 103 >> 10 & 0x000f000f000f000f
	return tens | (n-tens*10)<<8 | 0x3030303030303030
}

// BirthOfID gives the birth date that a packed resident ID states, as midnight UTC. The ID is valid.
func BirthOfID(packed uint64) time.Time {
	n := packed / 11 / 1000 % 1e8
	return time.Unix(civilDays(int64(n/1e4), int64(n/100%100), int64(n%100))*secondsPerDay, 0).UTC()
}

// MaleID tells whether a packed resident ID is a man's: its sequence number is odd.
func MaleID(packed uint64) bool { return packed/11%2 == 1 }
