package snappy

import (
	"encoding/binary"
	"math"
)

// lane is a block under way.
type lane struct {
	dst, src []byte
	d, s     int  // how much is written and read
	far      bool // there was an offset of four bytes, as encoders write them that compress more than FragmentSize bytes at a time

	endD, endS int // how much is written and read when there is no room for one more step, or no need

	borders []int32 // those to come
	border  int     // the next one in dst, or noBorder
	begunD  int     // d and s when the last steps began
	begunS  int
}

// laneOf gives the lane of a block that has no borders.
func laneOf(dst, src []byte) lane {
	return lane{dst: dst, src: src, border: noBorder, endD: min(len(dst), cap(dst)-Slack), endS: min(len(src), cap(src)-Slack)}
}

// noBorder is farther than any lane comes.
const noBorder = math.MaxInt

// steps says what each tag means.
type steps struct {
	elements [256]element
	lengths  [256]uint32 // element.length, but for those of more than 16 bytes, which are not copied at once, larger than any offset
}

// element says what a tag means.
type element struct {
	bits    uint8 // low bits of the four bytes behind the tag that belong to the offset of a copy
	length  uint8 // bytes of output; special: not for steps
	advance uint8 // bytes of input
	_       uint8
	high    uint32 // what is added to the offset; literals have 64, so that they never look like a copy of bytes to come
}

// special is a length that no element has.
const special = 255

// Slack bounds what one step reads of the input, and what it writes of the output.
const Slack = 72

// near knows no offsets of four bytes, far does.
var near, far = tableOf(false), tableOf(true)

func tableOf(four bool) (t steps) {
	for tag := range t.elements {
		e, x := &t.elements[tag], uint8(tag>>2)
		switch tag & 3 {
		case 0:
			e.length, e.advance, e.high = x+1, x+2, 64
			if x >= 60 {
				e.length = special
			}
		case 1:
			e.bits, e.length, e.advance, e.high = 8, 4+x&7, 2, uint32(tag)>>5<<8
		case 2:
			e.bits, e.length, e.advance = 16, x+1, 3
		default:
			e.bits, e.length, e.advance = 32, x+1, 5
			if !four || e.length > 16 { // or its offset may be more than tooLong
				e.bits, e.length = 0, special
			}
		}
		if t.lengths[tag] = uint32(e.length); e.length > 16 {
			t.lengths[tag] |= tooLong
		}
	}
	return t
}

// tooLong is more than the offset of any copy of more than 16 bytes that is not special.
const tooLong = 1 << 16

// steps is the number of steps that a lane has room for, or fewer that come to the next border or a little beyond.
func (l *lane) steps() int {
	n := min(len(l.src)-l.s, len(l.dst)-l.d) / Slack
	if l.border == noBorder {
		return n
	}
	l.begunD, l.begunS = l.d, l.s
	return min(n, max((l.border-l.d)/nearBytes, nearSteps))
}

// Elements of the usual few bytes: so many steps do not come to a border from there, and so many at least are taken, for each call has its price.
const nearBytes, nearSteps = 8, 48

// fewSteps is how few steps are taken looking where the lanes end, which costs a quarter more. As each call takes all steps that there is room for, and elements
// are much shorter than a step may be, coming near the end would take dozens of calls otherwise.
const fewSteps = 32

// run decodes up to three lanes until one of them is near its end, or corrupt, and gives which.
func run(lanes []lane) int {
	for {
		n, least := math.MaxInt, 0
		for i := range lanes {
			l := &lanes[i]
			if l.d >= l.endD || l.s >= l.endS {
				return i
			}
			if here := l.steps(); here < n {
				n, least = here, i
			}
		}
		stopped, toEnd := 0, false
		switch {
		case len(lanes) == atOnce && n < fewSteps:
			toEnd = true
			stopped = stepEnds(&lanes[0], &lanes[1], &lanes[2], &near)
		case n == 0:
			return least
		case len(lanes) == 1:
			if lanes[0].far {
				stopped = stepOneFar(&lanes[0], &far, n)
			} else {
				stopped = stepOne(&lanes[0], &near, n)
			}
		case len(lanes) == 2:
			if lanes[0].far || lanes[1].far {
				stopped = stepTwoFar(&lanes[0], &lanes[1], &far, n)
			} else {
				stopped = stepTwo(&lanes[0], &lanes[1], &near, n)
			}
		default:
			if lanes[0].far || lanes[1].far || lanes[2].far {
				stopped = stepThreeFar(&lanes[0], &lanes[1], &lanes[2], &far, n)
			} else {
				stopped = stepThree(&lanes[0], &lanes[1], &lanes[2], &near, n)
			}
		}
		for i := range lanes {
			if l := &lanes[i]; l.d >= l.border {
				l.cross()
			}
		}
		if stopped == 0 {
			continue
		}
		l := &lanes[stopped-1]
		if toEnd && (l.d >= l.endD || l.s >= l.endS) {
			return stopped - 1
		}
		if four := l.src[l.s]&3 == 3; four && !l.far && !toEnd {
			l.far = true // the steps that know it go on
		} else if !l.element() {
			return stopped - 1
		}
	}
}

// cross notes where the borders are that the steps since begunD came to.
func (l *lane) cross() {
	for d, s := l.begunD, l.begunS; l.d >= l.border; {
		for d < l.border { // no element is special, for steps stop at those
			e := &far.elements[l.src[s]]
			d, s = d+int(e.length), s+int(e.advance)
		}
		l.note(d, s)
	}
}

// note notes the borders up to d, where the element at s begins: one that lies there, and no other.
func (l *lane) note(d, s int) {
	for d >= l.border {
		if l.borders[0] = 0; d == l.border {
			l.borders[0] = int32(s)
		}
		if l.borders, l.border = l.borders[1:], l.border+FragmentSize; len(l.borders) == 0 {
			l.border = noBorder
		}
	}
}

// finish decodes what is left of a lane. It reports false for a corrupt one.
func (l *lane) finish() bool {
	for l.s < len(l.src) {
		if !l.element() {
			return false
		}
	}
	return l.s == len(l.src)
}

// oneLiteral decodes a lane that is one literal, as bits packed together come to; false, and nothing is moved, if it is not.
func (l *lane) oneLiteral() bool {
	n, begin, ok := literal(l.src[l.s:])
	return ok && n == len(l.src)-l.s-begin && l.element()
}

// literal gives how long the literal at the beginning of src is and where its bytes begin; false if there is none.
func literal(src []byte) (length, begin int, ok bool) {
	if len(src) == 0 || src[0]&3 != 0 {
		return 0, 0, false
	}
	x := int(src[0] >> 2)
	extra := max(x-59, 0) // bytes of a longer length
	if len(src) < 1+extra {
		return 0, 0, false
	}
	if extra > 0 {
		var b [4]byte
		copy(b[:], src[1:1+extra])
		x = int(binary.LittleEndian.Uint32(b[:]))
	}
	return x + 1, 1 + extra, true
}

// element decodes one element of any kind, anywhere. It reports false, and moves nothing, if there is none, or no room for it.
func (l *lane) element() bool {
	src := l.src[l.s:]
	length, begin, ok := literal(src)
	if ok {
		if length > len(src)-begin || length > len(l.dst)-l.d {
			return false
		}
		l.d += copy(l.dst[l.d:], src[begin:begin+length])
		l.s += begin + length
	} else {
		length, offset, advance := copied(src)
		if length > len(l.dst)-l.d || !l.copy(length, offset) {
			return false
		}
		l.s += advance
	}
	if l.d >= l.border {
		l.note(l.d, l.s)
	}
	return true
}

// beginning decodes what dst has room for, and src has, of the next element.
func (l *lane) beginning() {
	src, room := l.src[l.s:], len(l.dst)-l.d
	if length, begin, ok := literal(src); ok {
		l.d += copy(l.dst[l.d:], src[begin:][:min(length, len(src)-begin)])
	} else if length, offset, _ := copied(src); length > 0 {
		l.copy(min(length, room), offset)
	}
}

// copied gives what the copy at the beginning of src says: how many bytes, from how far back, and how many bytes itself has; 0 if there is none.
func copied(src []byte) (length, offset, advance int) {
	if len(src) == 0 {
		return 0, 0, 0
	}
	switch tag, x := src[0], int(src[0]>>2); {
	case tag&3 == 1 && len(src) >= 2:
		return 4 + x&7, int(tag>>5)<<8 | int(src[1]), 2
	case tag&3 == 2 && len(src) >= 3:
		return 1 + x, int(binary.LittleEndian.Uint16(src[1:])), 3
	case tag&3 == 3 && len(src) >= 5:
		return 1 + x, int(binary.LittleEndian.Uint32(src[1:])), 5
	}
	return 0, 0, 0
}

// copy appends bytes from so far back, for which there is room. It reports false, and moves nothing, if there are none.
func (l *lane) copy(length, offset int) bool {
	if offset == 0 || offset > l.d {
		return false
	}
	for n := 0; n < length; { // a copy may reach into its own bytes
		n += copy(l.dst[l.d+n:l.d+length], l.dst[l.d-offset:l.d+n])
	}
	l.d += length
	return true
}
