package parquetio

import (
	"encoding/binary"
	"math"
)

// compact walks bytes in thrift's compact protocol, in which footers and headers of pages are written. The library's decoder finds its way by
// reflection, and makes room for a list before it reads it, so that one byte changed in a footer could ask for more memory than there is.
//
// What cannot be read makes it bad, and from then on it gives zeroes and no further field.
type compact struct {
	b   []byte
	at  int // of the next byte
	bad bool
}

const maxDepth = 32 // of structs and lists in each other

// Types of the compact protocol.
const (
	compactStop = iota
	compactTrue
	compactFalse
	compactByte
	compactInt16
	compactInt32
	compactInt64
	compactDouble
	compactBinary
	compactList
	compactSet
	compactMap
	compactStruct
	compactUUID
)

// fields is what a struct holds in its fields 1 to 15, as far as they are numbers or booleans; sets of fields have bit i for field i.
type fields struct {
	last          int // the field that was read last
	number        [16]int64
	seen          uint16
	short, long   uint16 // those that are numbers of 32 bits, of 64
	isTrue, isNot uint16
}

// are tells whether those that are there of three sets are numbers of 32 bits, of 64, and booleans.
func (f *fields) are(short, long, booleans uint16) bool {
	return f.seen&short&^f.short|f.seen&long&^f.long|f.seen&booleans&^(f.isTrue|f.isNot) == 0
}

// next reads the fields of a struct up to its end, which is field 0, or to one that is wanted, whose value comes next. Others that are no numbers or booleans are
// passed over. It runs through each byte of tens of thousands of footers, so where it is stays in a register.
func (c *compact) next(f *fields, wanted uint16) (id int, t byte) {
	b, at := c.b, c.at
	id = f.last
	for at < len(b) {
		head := b[at]
		at++
		if head == compactStop {
			c.at = at
			return 0, compactStop
		}
		if t = head & 15; head > 15 {
			id += int(head >> 4) // most say how far the number is from the last
		} else {
			c.at = at
			id = c.fieldNumber()
			at = c.at
		}
		bit := uint16(1) << uint(id) // 0: beyond them
		f.seen |= bit
		if wanted&bit != 0 {
			c.at, f.last = at, id
			return id, t
		}
		switch t {
		case compactTrue:
			f.isTrue |= bit
		case compactFalse:
			f.isNot |= bit
		case compactInt32, compactInt64:
			x, shift := uint64(0), 0
			for ; at < len(b) && b[at] >= 0x80 && shift < 63; shift += 7 {
				x |= uint64(b[at]&0x7f) << shift
				at++
			}
			if at >= len(b) || shift == 63 && b[at] > 1 {
				c.fail()
				return 0, compactStop
			}
			x |= uint64(b[at]) << shift
			at++
			if bit == 0 {
				continue
			}
			f.number[id&15] = zigzag(x)
			if t == compactInt64 {
				f.long |= bit
			} else if x <= math.MaxUint32 {
				f.short |= bit
			} else {
				c.fail()
				return 0, compactStop
			}
		default:
			c.at = at
			c.skip(t, 0)
			at = c.at
		}
	}
	c.fail()
	return 0, compactStop
}

// fieldNumber reads the number of a field that does not say how far it is from the last.
func (c *compact) fieldNumber() int {
	x := c.uvarint()
	if x > math.MaxUint16 {
		c.fail()
	}
	return int(zigzag(x))
}

// skipField passes over the value of a field, whose booleans have no bytes.
func (c *compact) skipField(t byte) {
	if t != compactTrue && t != compactFalse {
		c.skip(t, 0)
	}
}

// skip passes over a value of a type, booleans being elements of a list.
func (c *compact) skip(t byte, depth int) {
	switch t {
	case compactTrue, compactFalse, compactByte:
		c.skipBytes(1)
	case compactInt16, compactInt32, compactInt64:
		c.uvarint()
	case compactDouble:
		c.skipBytes(8)
	case compactUUID:
		c.skipBytes(16)
	case compactBinary:
		c.skipBytes(c.uvarint())
	case compactList, compactSet:
		n, t := c.list()
		c.skipAll(n, depth+1, t, t)
	case compactMap:
		if n := min(c.uvarint(), uint64(len(c.b))); n > 0 {
			types := c.byte()
			c.skipAll(2*n, depth+1, types>>4, types&15)
		}
	case compactStruct:
		c.skipStruct(depth + 1)
	default:
		c.fail()
	}
}

// skipStruct passes over a struct, and over those in it in the same loop.
func (c *compact) skipStruct(depth int) {
	b, at := c.b, c.at
	for begun := depth; depth < maxDepth && at < len(b); {
		head := b[at]
		at++
		if head < 16 {
			if head == compactStop {
				if depth--; depth < begun {
					c.at = at
					return
				}
				continue
			}
			c.at = at
			c.fieldNumber()
			at = c.at
		}
		switch t := head & 15; t {
		case compactTrue, compactFalse:
		case compactStruct:
			depth++
		case compactInt32, compactInt64, compactBinary:
			if at < len(b) && b[at] < 0x80 { // most numbers and lengths are small
				n := 1
				if t == compactBinary {
					n += int(b[at])
				}
				if n <= len(b)-at {
					at += n
					continue
				}
			}
			c.at = at
			c.skip(t, depth)
			at = c.at
		case compactList:
			c.at = at
			n, t := c.list()
			if t == compactInt32 || t == compactInt64 {
				for ; n > 0 && c.at < len(b) && b[c.at] < 0x80; n-- {
					c.at++
				}
			}
			c.skipAll(n, depth+1, t, t)
			at = c.at
		default:
			c.at = at
			c.skip(t, depth)
			at = c.at
		}
	}
	c.fail()
}

// list reads how many elements a list has, and their type.
func (c *compact) list() (n uint64, t byte) {
	head := c.byte()
	if n = uint64(head >> 4); n == 15 {
		n = c.uvarint()
	}
	return n, head & 15
}

// skipAll passes over n values of two types in turn.
func (c *compact) skipAll(n uint64, depth int, first, second byte) {
	if depth >= maxDepth || n > uint64(len(c.b)-c.at) { // each has a byte at least
		c.fail()
		return
	}
	for ; n > 0 && !c.bad; n-- {
		if first == compactStruct {
			c.skipStruct(depth + 1)
		} else {
			c.skip(first, depth)
		}
		first, second = second, first
	}
}

// structs gives how many structs a list has, of which each has a byte at least.
func (c *compact) structs() int {
	n, t := c.list()
	if n > 0 && t != compactStruct || n > uint64(len(c.b)-c.at) {
		c.fail()
		return 0
	}
	return int(n)
}

// nextField is the upper half of the byte before a field whose number is one more than the last.
const nextField = 1 << 4

// shorts reads fields of a struct, up to four that are numbers of 32 bits and have the numbers 1, 2 and so on, and gives how many.
func (c *compact) shorts(to *[4]int32) (n int) {
	b, at := c.b, c.at
	for n < len(to) && at+6 <= len(b) && b[at] == nextField|compactInt32 {
		x := uint64(b[at+1])
		at += 2
		if x >= 0x80 {
			x &= 0x7f
			shift := 7
			for ; shift < 28 && b[at] >= 0x80; shift += 7 {
				x |= uint64(b[at]&0x7f) << shift
				at++
			}
			x |= uint64(b[at]) << shift
			at++
			if x > math.MaxUint32 {
				c.fail()
				return 0
			}
		}
		to[n] = int32(zigzag(x))
		n++
	}
	c.at = at
	return n
}

// peek gives the next byte, which it does not pass over; where there is none it is compactStop.
func (c *compact) peek() byte {
	if c.at >= len(c.b) {
		return compactStop
	}
	return c.b[c.at]
}

func (c *compact) fail() { c.bad, c.at = true, len(c.b) }

func (c *compact) byte() byte {
	if c.at >= len(c.b) {
		c.fail()
		return 0
	}
	b := c.b[c.at]
	c.at++
	return b
}

func (c *compact) skipBytes(n uint64) {
	if n > uint64(len(c.b)-c.at) {
		c.fail()
		return
	}
	c.at += int(n)
}

func (c *compact) uvarint() uint64 {
	if c.at < len(c.b) {
		if x := c.b[c.at]; x < 0x80 { // most are
			c.at++
			return uint64(x)
		}
	}
	x, n := binary.Uvarint(c.b[c.at:])
	if n <= 0 {
		c.fail()
		return 0
	}
	c.at += n
	return x
}

func zigzag(x uint64) int64 { return int64(x>>1) ^ -int64(x&1) }
