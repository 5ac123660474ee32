package engine

import (
	"math/bits"

	"crosscheck/engine/record"
	"crosscheck/engine/verdict"
)

// ballot lets levels vote on a field of a record. It keeps scratch space, so each worker has its own.
type ballot struct {
	texts    *texts
	fields   []ballotField
	hashes   []uint64
	agree    []uint32
	measures []record.Measure
}

// ballotField is how the levels vote on a field.
type ballotField struct {
	ruler      *record.Ruler // nil: by hash alone
	isText     []bool        // a level: it stores text
	ignoreNull bool
	null       uint64 // hash of a null
}

func newBallot(p *Plan, texts *texts) *ballot {
	n := len(p.Levels)
	b := &ballot{texts: texts, hashes: make([]uint64, n), agree: make([]uint32, n), measures: make([]record.Measure, n)}
	for i, f := range p.Fields {
		bf := ballotField{ignoreNull: f.IgnoreNull, null: record.NullHash(i)}
		if !f.Tolerance.IsZero() {
			bf.ruler = record.NewRuler(f.Type, f.Canon, f.Tolerance)
			for _, l := range p.levels {
				bf.isText = append(bf.isText, l.fields[i] >= 0 && record.IsText(l.stored[l.fields[i]]))
			}
		}
		b.fields = append(b.fields, bf)
	}
	return b
}

// vote lets the levels in held vote on a field by their values, as verdict.Vote says. Values with one hash agree. Where the field has a
// tolerance, so do values that are no further apart; where it ignores nulls, a level that has one does not vote.
func (b *ballot) vote(field int, values []*cell, held uint32) (differs bool, outlier, consensus int) {
	f := &b.fields[field]
	same := true
	first := values[bits.TrailingZeros32(held)].hash
	for rest := held; rest != 0; rest &= rest - 1 {
		l := bits.TrailingZeros32(rest)
		b.hashes[l] = values[l].hash
		same = same && b.hashes[l] == first
		if f.ignoreNull && b.hashes[l] == f.null {
			held &^= 1 << l
		}
	}
	if same || held == 0 {
		return false, verdict.NoLevel, verdict.NoLevel
	}
	if f.ruler == nil {
		return verdict.Vote(b.hashes, held)
	}
	verdict.Equal(b.hashes, held, b.agree)
	for rest := held; rest != 0; rest &= rest - 1 {
		l := bits.TrailingZeros32(rest)
		b.measures[l] = record.Measure{}
		if text := b.texts.of(&values[l].text); text != nil {
			b.measures[l] = f.ruler.Measure(text, f.isText[l])
		}
		for r := held & (1<<l - 1); r != 0; r &= r - 1 {
			if m := bits.TrailingZeros32(r); f.ruler.Near(&b.measures[l], &b.measures[m]) {
				b.agree[l] |= 1 << m
				b.agree[m] |= 1 << l
			}
		}
	}
	return verdict.VoteNear(b.agree, held)
}
