package record

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// keyColumn is a key column of a batch, whose kind is looked at once for all rows.
type keyColumn struct {
	typ    Type
	arr    arrow.Array
	texts  texts
	isText bool
	nulls  bool    // there may be some
	whole  []int64 // of whole numbers without nulls that are compared as such
}

// columns gives the key columns of a batch in the memory of those before.
func (p *KeyPacker) columns(cols []arrow.Array) []keyColumn {
	p.cols = p.cols[:0]
	for at, arr := range cols {
		c := keyColumn{typ: p.types[at], arr: arr, nulls: arr.NullN() > 0}
		if a, ok := arr.(*array.Int64); ok && c.typ == Int && !c.nulls {
			c.whole = a.Int64Values()
		}
		c.texts, c.isText = textsOf(arr)
		p.cols = append(p.cols, c)
	}
	return p.cols
}

// trimmed gives what row i holds without the white space around it, in the column's memory or that of p.part; false for a null.
func (p *KeyPacker) trimmed(c *keyColumn, i int) (part []byte, ok bool) {
	switch {
	case !c.isText:
		p.part, ok = AppendText(p.part[:0], c.arr, i)
	case c.nulls && c.arr.IsNull(i):
		return nil, false
	default:
		if b := c.texts.at(i); utf8.Valid(b) {
			return trimSpace(b), true
		}
		p.part, ok = appendBytes(p.part[:0], c.texts.at(i)), true
	}
	return trimSpace(p.part), ok
}

// canonical gives the canonical text of the key in row i, in the column's memory or that of p.text. The state of a composite key is that of its first
// malformed part; that of other keys is left to who packs them.
func (p *KeyPacker) canonical(cols []keyColumn, i int) (text []byte, state KeyState) {
	if len(cols) == 1 {
		c := &cols[0]
		part, _ := p.trimmed(c, i)
		switch {
		case len(part) == 0:
			return nil, KeyNone
		case c.typ == String:
			return part, KeyValid
		}
		p.text = appendCanonical(p.text[:0], c.typ, part)
		return p.text, KeyValid
	}
	text = p.text[:0]
	for at := range cols {
		if at > 0 {
			text = append(text, '|')
		}
		c := &cols[at]
		if c.whole != nil {
			text = strconv.AppendInt(text, c.whole[i], 10)
			continue
		}
		part, _ := p.trimmed(c, i)
		if len(part) == 0 {
			return nil, KeyNone
		}
		if !state.Malformed() {
			state = max(state, p.partState(c.typ, part))
		}
		begin := len(text)
		if text = appendCanonical(text, c.typ, part); bytes.IndexByte(text[begin:], '|') >= 0 || bytes.IndexByte(text[begin:], '\\') >= 0 {
			text = escapePart(text[:begin], bytes.Clone(text[begin:]))
		}
	}
	p.text = text
	return text, state
}

// escapePart appends a part of a composite key with "\" before "|" and "\".
func escapePart(dst, part []byte) []byte {
	for _, b := range part {
		if b == '|' || b == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, b)
	}
	return dst
}

// keptTexts is the canonical texts of keys, one after the other.
type keptTexts struct {
	bytes []byte
	ends  []int
}

func (k *keptTexts) clear() { k.bytes, k.ends = k.bytes[:0], k.ends[:0] }

func (k *keptTexts) add(text []byte) {
	k.bytes = append(k.bytes, text...)
	k.ends = append(k.ends, len(k.bytes))
}

// Text gives the canonical text of the key in row i of the batch packed last, where KeepTexts is set and the key is none of which KeyText gives it back.
// It lasts until the next call of Pack.
func (p *KeyPacker) Text(i int) []byte {
	begin := 0
	if i > 0 {
		begin = p.kept.ends[i-1]
	}
	return p.kept.bytes[begin:p.kept.ends[i]]
}
