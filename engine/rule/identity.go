package rule

import (
	"bytes"
	"fmt"

	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// What a resident ID states about a person.
const (
	Birth = "birth_date"
	Sex   = "sex"
)

// Statements lists what a field can be held against.
func Statements() []string { return []string{Birth, Sex} }

// sexes are the words for men (true) and women, in lower case: in Chinese, English, and by GB/T 2261.1 and ISO/IEC 5218.
var sexes = map[string]bool{
	"男": true, "男性": true, "m": true, "male": true, "1": true,
	"女": false, "女性": false, "f": false, "female": false, "2": false,
}

// Identity holds a column against the resident IDs in the key. Each goroutine has its own.
type Identity struct {
	what   string
	reader record.Reader

	dict  arrow.ArrayData // the dictionary that sexes belong to, retained
	known []sex
}

type sex uint8

const (
	unknown sex = iota
	male
	female
)

// NewIdentity makes a check of what a column says (Birth or Sex).
func NewIdentity(what string) *Identity {
	if what != Birth && what != Sex {
		panic(fmt.Sprintf("a resident ID does not state %q", what))
	}
	return &Identity{what: what}
}

// Release lets go of the last dictionary.
func (c *Identity) Release() {
	if c.dict != nil {
		c.dict.Release()
		c.dict = nil
	}
}

// Failing appends the numbers of the rows whose value contradicts the ID. keys are packed resident IDs; rows whose key is not
// valid are passed over, as are nulls, values that are no date and words that stand for no sex.
func (c *Identity) Failing(dst []int32, arr arrow.Array, keys []record.Key, states []record.KeyState) []int32 {
	for i, k := range keys {
		if states[i] != record.KeyValid {
			continue
		}
		if c.what == Birth {
			if t, ok := c.reader.Time(arr, i); ok && !sameDay(t.Unix(), record.BirthOfID(k.Lo).Unix()) {
				dst = append(dst, int32(i))
			}
		} else if s := c.sex(arr, i); s != unknown && (s == male) != record.MaleID(k.Lo) {
			dst = append(dst, int32(i))
		}
	}
	return dst
}

// sameDay tells whether an instant lies on the day that begins at midnight.
func sameDay(sec, midnight int64) bool { return sec >= midnight && sec < midnight+24*60*60 }

// sex reads row i; the entries of a dictionary are read once.
func (c *Identity) sex(arr arrow.Array, i int) sex {
	d, ok := arr.(*array.Dictionary)
	if !ok {
		return c.read(arr, i)
	}
	if d.IsNull(i) {
		return unknown
	}
	if entries := d.Dictionary(); c.dict != entries.Data() {
		c.Release()
		c.dict = entries.Data()
		c.dict.Retain()
		c.known = c.known[:0]
		for e := range entries.Len() {
			c.known = append(c.known, c.read(entries, e))
		}
	}
	return c.known[d.GetValueIndex(i)]
}

func (c *Identity) read(arr arrow.Array, i int) sex {
	b, ok := c.reader.Text(arr, i)
	if !ok {
		return unknown
	}
	man, ok := sexes[string(bytes.ToLower(b))]
	switch {
	case !ok:
		return unknown
	case man:
		return male
	}
	return female
}
