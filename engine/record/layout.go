package record

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// layout reads dates and instants written in one Go layout.
type layout struct {
	text  string
	parts []layoutPart // nil: the layout has more than numbers and is left to package time
	whole bool         // what numbers does not accept, package time does not either
}

// layoutPart is a number or, where what is 0, a literal byte.
type layoutPart struct {
	what     byte // 'Y', 'M', 'D', 'h', 'm', 's'
	min, max int8 // digits
	literal  byte
}

type layoutNumber struct {
	element string
	part    layoutPart
}

// layoutNumbers are the elements of a layout that are numbers, longest first where one begins another. None is a digit of a
// literal: such a layout is left to package time.
var layoutNumbers = []layoutNumber{
	{"2006", layoutPart{what: 'Y', min: 4, max: 4}},
	{"01", layoutPart{what: 'M', min: 2, max: 2}},
	{"02", layoutPart{what: 'D', min: 2, max: 2}},
	{"15", layoutPart{what: 'h', min: 1, max: 2}},
	{"04", layoutPart{what: 'm', min: 2, max: 2}},
	{"05", layoutPart{what: 's', min: 2, max: 2}},
	{"1", layoutPart{what: 'M', min: 1, max: 2}},
	{"2", layoutPart{what: 'D', min: 1, max: 2}},
}

// CheckLayout tells what is wrong with a Go layout of dates or instants.
func CheckLayout(text string) error {
	day := time.Date(2023, 11, 22, 0, 0, 0, 0, time.UTC)
	if back, err := time.Parse(text, day.Format(text)); err != nil || !back.Equal(day) {
		return fmt.Errorf("the format %q does not say which day it is: write year, month and day of the example day 2006-01-02, as in 2006/1/2 or 02.01.2006", text)
	}
	return nil
}

// newLayout makes a reader of a layout that CheckLayout has nothing against.
func newLayout(text string) layout {
	l := layout{text: text}
	var parts []layoutPart
	for rest := text; rest != ""; {
		part := layoutPart{literal: rest[0]}
		n := 1
		for _, e := range layoutNumbers {
			if strings.HasPrefix(rest, e.element) {
				part, n = e.part, len(e.element)
				break
			}
		}
		if c := part.literal; part.what == 0 && (digit(c) || c == ',' || c == '_' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || c == '.' && !startsNumber(rest[1:])) {
			return l // perhaps a fraction, a name, a zone
		}
		parts = append(parts, part)
		rest = rest[n:]
	}
	l.parts = parts
	// Package time takes several spaces for one, and a fraction behind seconds.
	l.whole = !slices.ContainsFunc(parts, func(p layoutPart) bool { return p.what == 's' || p.literal == ' ' })
	return l
}

// startsNumber tells whether a layout begins with a number that is no fraction of a second.
func startsNumber(text string) bool {
	return slices.ContainsFunc(layoutNumbers, func(e layoutNumber) bool { return strings.HasPrefix(text, e.element) })
}

// parse reads b as seconds since 1970 and nanoseconds; without a zone it is UTC.
func (l *layout) parse(b []byte) (sec, nsec int64, ok bool) {
	if sec, ok := l.numbers(b); ok {
		return sec, 0, true
	}
	if l.whole {
		return 0, 0, false
	}
	t, err := time.Parse(l.text, string(b))
	if err != nil {
		return 0, 0, false
	}
	return t.Unix(), int64(t.Nanosecond()), true
}

// numbers reads what has nothing but numbers; what it does not accept may be right all the same.
func (l *layout) numbers(b []byte) (sec int64, ok bool) {
	if l.parts == nil {
		return 0, false
	}
	y, mo, d, h, mi, s := int64(0), int64(1), int64(1), int64(0), int64(0), int64(0)
	for _, p := range l.parts {
		if p.what == 0 {
			if len(b) == 0 || b[0] != p.literal {
				return 0, false
			}
			b = b[1:]
			continue
		}
		n, x := 0, int64(0)
		for n < len(b) && n < int(p.max) && digit(b[n]) {
			x = x*10 + int64(b[n]-'0')
			n++
		}
		if n < int(p.min) {
			return 0, false
		}
		b = b[n:]
		switch p.what {
		case 'Y':
			y = x
		case 'M':
			mo = x
		case 'D':
			d = x
		case 'h':
			h = x
		case 'm':
			mi = x
		case 's':
			s = x
		}
	}
	if len(b) != 0 || !validDay(y, mo, d) || h > 23 || mi > 59 || s > 59 {
		return 0, false
	}
	return civilDays(y, mo, d)*secondsPerDay + h*3600 + mi*60 + s, true
}
