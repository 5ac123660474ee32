package columnar

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"strconv"
)

// Numbered adds texts that are items of Column.Stems, each with its number behind it; stem -1 is null.
func (c *Cells) Numbered(stems []int, numbers []int64) {
	for len(stems) > 0 {
		n := c.number(stems, numbers)
		stems, numbers = stems[n:], numbers[n:]
		c.cut()
	}
}

// number adds such texts until the page is full, and says how many. Of those with one stem the numbers tell how much they share and which is the
// least, so they are not written out.
func (c *Cells) number(stems []int, numbers []int64) (n int) {
	d, limit := &c.delta, c.page.group.w.opt.PageBytes
	values, prefixes, suffixes := c.values, slices.Grow(d.prefixes, len(stems)), slices.Grow(d.suffixes, len(stems))
	stem, last := d.stem, d.number
	var low, high decimal // of those that are not written out
	length := 0           // of the stem
	if stem >= 0 {
		length = len(c.column.Stems[stem])
	}
	for n < len(stems) && len(values) < limit {
		set, from := uint64(0), n
		for ; n < min(len(stems), from+runRows) && len(values) < limit; n++ {
			if stems[n] < 0 {
				continue
			}
			set |= 1 << (n - from)
			x := decimalOf(numbers[n])
			if stems[n] == stem && x.digits > 0 && last.digits > 0 {
				shared := x.shared(last)
				prefixes, suffixes = append(prefixes, int32(length+shared)), append(suffixes, int32(x.digits-shared))
				values = x.append(values, shared)
				c.texts += int64(length + x.digits)
				if low.digits == 0 {
					low, high = x, x
				} else if x.less(low) {
					low = x
				} else if high.less(x) {
					high = x
				}
				last, d.written = x, false
				continue
			}
			c.bound(stem, low, high)
			low = decimal{}
			if stem >= 0 && !d.written {
				d.last = last.append(append(d.last[:0], c.column.Stems[stem]...), 0)
			}
			text := strconv.AppendInt(append(d.text[:0], c.column.Stems[stems[n]]...), numbers[n], 10)
			shared := sharedPrefix(d.last, text)
			prefixes, suffixes = append(prefixes, int32(shared)), append(suffixes, int32(len(text)-shared))
			values = append(values, text[shared:]...)
			c.texts += int64(len(text))
			c.bounds.add(text)
			d.last, d.text, d.written = text, d.last, true
			stem, last, length = stems[n], x, len(c.column.Stems[stems[n]])
		}
		c.define(set, n-from)
	}
	c.bound(stem, low, high)
	c.values, d.prefixes, d.suffixes, d.stem, d.number = values, prefixes, suffixes, stem, last
	return n
}

// bound widens the bounds to texts of a stem that lie between two of them.
func (c *Cells) bound(stem int, low, high decimal) {
	if low.digits == 0 {
		return
	}
	d := &c.delta
	for _, x := range [...]decimal{low, high} {
		d.text = x.append(append(d.text[:0], c.column.Stems[stem]...), 0)
		c.bounds.add(d.text)
	}
}

// decimal is a number of one to sixteen digits: the first of them in the lowest byte of the first word, and zeros behind the last. Without digits it
// is a number that has no such form.
type decimal struct {
	first, second uint64
	digits        int
}

func decimalOf(x int64) decimal {
	if x < 0 || x >= 1e16 {
		return decimal{}
	}
	if x >= 1e8 {
		d := decimalOf(x / 1e8)
		rest := eight(uint32(x % 1e8))
		return decimal{d.first | rest<<(8*d.digits), rest >> (64 - 8*d.digits), d.digits + 8}
	}
	all := eight(uint32(x))
	zeros := min(bits.TrailingZeros64(all&0x0f0f0f0f0f0f0f0f)/8, 7)
	return decimal{all >> (8 * zeros), 0, 8 - zeros}
}

// eight gives the eight digits of a number below 10⁸, the first in the lowest byte.
func eight(x uint32) uint64 {
	fours := uint64(x/10000) | uint64(x%10000)<<32
	hundreds := fours * 10486 >> 20 & 0x7f_0000_007f // of each four
	twos := hundreds | (fours-100*hundreds)<<16
	tens := twos * 103 >> 10 & 0xf_000f_000f_000f // of each two
	return (tens | (twos-10*tens)<<8) + 0x3030303030303030
}

// shared gives how many digits two numbers begin with alike.
func (d decimal) shared(o decimal) int {
	n := bits.TrailingZeros64(d.first^o.first) / 8
	if n == 8 {
		n += bits.TrailingZeros64(d.second^o.second) / 8
	}
	return min(n, d.digits)
}

// less says whether the text of a number is less than that of another one.
func (d decimal) less(o decimal) bool {
	if d.first != o.first {
		return bits.ReverseBytes64(d.first) < bits.ReverseBytes64(o.first)
	}
	return bits.ReverseBytes64(d.second) < bits.ReverseBytes64(o.second)
}

// append appends the digits behind so many.
func (d decimal) append(dst []byte, behind int) []byte {
	end := len(dst) + d.digits - behind
	if behind < 8 {
		dst = binary.LittleEndian.AppendUint64(dst, d.first>>(8*behind))
		if d.digits <= 8 {
			return dst[:end]
		}
		dst, behind = dst[:len(dst)-behind], 8
	}
	return binary.LittleEndian.AppendUint64(dst, d.second>>(8*(behind-8)))[:end]
}
