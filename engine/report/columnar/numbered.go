package columnar

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"strconv"
)

// Numbered adds texts that are items of Column.Stems, each with its number behind it; stem -1 is null.
func (c *Cells) Numbered(stems []int, numbers []int64) {
	limit := c.page.group.w.opt.PageBytes
	for len(stems) > 0 {
		n := min(len(stems), runRows)
		if len(c.values)+n*maxDigits > limit || !c.alike(stems[:n], numbers[:n]) {
			n = c.write(stems[:n], numbers[:n])
		}
		stems, numbers = stems[n:], numbers[n:]
		c.cut()
	}
}

// alike adds a run of texts that all have the stem of the text before them, without writing them out: a word holds the digits of a number, and tells how
// many two numbers share and which text is less. It says whether they are such texts, and adds none if they are not.
func (c *Cells) alike(stems []int, numbers []int64) bool {
	d := &c.delta
	if d.digits == 0 {
		return false
	}
	var some [runRows]uint32
	n, set, others, wide := 0, uint64(0), 0, int64(0)
	for i, stem := range stems {
		there := ^stem >> 63 & 1
		set |= uint64(there) << i
		others |= (stem ^ d.stem) & -there
		wide |= (maxNumber - numbers[i] | numbers[i]) & int64(-there)
		some[n] = uint32(numbers[i])
		n += there
	}
	if others != 0 || wide < 0 {
		return false
	}
	at, length, last := len(c.values), len(c.column.Stems[d.stem]), d.digits
	values := slices.Grow(c.values, (n+1)*maxDigits)[:at+(n+1)*maxDigits]
	before := len(d.prefixes)
	d.prefixes, d.suffixes = slices.Grow(d.prefixes, n)[:before+n], slices.Grow(d.suffixes, n)[:before+n]
	prefixes, suffixes := d.prefixes[before:], d.suffixes[before:]
	low, high := ^uint64(0), uint64(0)
	for i, x := range some[:n] {
		digits := digitsOf(x)
		all := digitCount(digits)
		shared := min(bits.TrailingZeros64(digits^last)/8, all)
		prefixes[i], suffixes[i] = int32(length+shared), int32(all-shared)
		binary.LittleEndian.PutUint64(values[at:], digits>>(8*shared))
		at += all - shared
		c.texts += int64(length + all)
		order := bits.ReverseBytes64(digits)
		low, high = min(low, order), max(high, order)
		last = digits
	}
	c.values = values[:at]
	c.define(set, len(stems))
	if n > 0 {
		d.digits, d.written = last, false
		for _, order := range [...]uint64{low, high} {
			d.text = appendDigits(append(d.text[:0], c.column.Stems[d.stem]...), bits.ReverseBytes64(order))
			c.bounds.add(d.text)
		}
	}
	return true
}

// write writes a run of texts out and adds them until the page is full; it says how many.
func (c *Cells) write(stems []int, numbers []int64) (n int) {
	d, limit, set := &c.delta, c.page.group.w.opt.PageBytes, uint64(0)
	for ; n < len(stems) && len(c.values) < limit; n++ {
		if stems[n] < 0 {
			continue
		}
		set |= 1 << n
		if !d.written && d.digits != 0 {
			d.last = appendDigits(append(d.last[:0], c.column.Stems[d.stem]...), d.digits)
		}
		d.text = strconv.AppendInt(append(d.text[:0], c.column.Stems[stems[n]]...), numbers[n], 10)
		c.front(sharedPrefix(d.last, d.text), d.text)
		c.bounds.add(d.text)
		d.last, d.text, d.written = d.text, d.last, true
		d.stem, d.digits = stems[n], 0
		if x := numbers[n]; x >= 0 && x <= maxNumber {
			d.digits = digitsOf(uint32(x))
		}
	}
	c.define(set, n)
	return n
}

const (
	maxDigits = 8 // of a number whose digits are in a word; texts with larger ones, of files with more than a hundred million rows, are written out
	maxNumber = 99_999_999
)

// digitsOf gives the digits of a number up to maxNumber, the first in the lowest byte, and zeros behind the last.
func digitsOf(x uint32) uint64 {
	fours := uint64(x/10000) | uint64(x%10000)<<32
	hundreds := fours * 10486 >> 20 & 0x7f_0000_007f // of each four
	twos := hundreds | (fours-100*hundreds)<<16
	tens := twos * 103 >> 10 & 0xf_000f_000f_000f // of each two
	all := tens | (twos-10*tens)<<8
	zeros := min(bits.TrailingZeros64(all)/8, maxDigits-1)
	return (all + 0x3030303030303030) >> (8 * zeros)
}

// digitCount gives how many there are.
func digitCount(digits uint64) int { return maxDigits - bits.LeadingZeros64(digits)/8 }

// appendDigits appends them.
func appendDigits(dst []byte, digits uint64) []byte {
	end := len(dst) + digitCount(digits)
	return binary.LittleEndian.AppendUint64(dst, digits)[:end]
}
