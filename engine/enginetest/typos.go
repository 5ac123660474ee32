package enginetest

import (
	"maps"
	"math/bits"
	"slices"
	"strings"

	"crosscheck/engine"
	"crosscheck/engine/verdict"
)

// maxPartners is the number of partners beyond which a record has none.
const maxPartners = 16

// typos finds the pairs of records whose keys differ by one edit and which agree in the fields of Options.Typo.
func (o *oracle) typos() {
	if len(o.opt.Typo) == 0 {
		return
	}
	var keys []string
	person := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(o.records)) {
		r := o.records[key]
		if in := r.in(); in == 0 || in == 1<<len(o.tables)-1 {
			continue
		}
		if p, ok := o.agree(r); ok {
			keys = append(keys, key)
			person[key] = p
		}
	}
	partners := map[string][]string{}
	for i, a := range keys {
		for _, b := range keys[i+1:] {
			if person[a] == person[b] && o.records[a].in()&o.records[b].in() == 0 && oneEdit([]rune(a), []rune(b)) {
				partners[a] = append(partners[a], b)
				partners[b] = append(partners[b], a)
			}
		}
	}
	for _, a := range keys {
		for _, b := range partners[a] {
			if len(partners[a]) <= maxPartners && len(partners[b]) <= maxPartners && leads(o.records[a].in(), o.records[b].in()) {
				o.typo(a, o.records[a], o.records[b])
			}
		}
	}
}

// agree gives what must agree, each from the first level that holds the record and the field.
func (o *oracle) agree(r *recordRows) (string, bool) {
	var all []string
	for _, name := range o.opt.Typo {
		i := slices.IndexFunc(o.sum.Fields, func(f engine.FieldCount) bool { return f.Field == name })
		l := 0
		for l < len(o.tables) && (o.fields[i][l] == nil || len(r.rows[l]) == 0) {
			l++
		}
		if l == len(o.tables) {
			return "", false
		}
		value := read(&o.opt.Fields[i], o.fields[i][l], r.first[l])
		if value.null {
			return "", false
		}
		all = append(all, value.value)
	}
	return strings.Join(all, "\x00"), true
}

// leads tells whether a finding about two records is about the one that levels a hold.
func leads(a, b uint32) bool {
	if x, y := bits.OnesCount32(a), bits.OnesCount32(b); x != y {
		return x > y
	}
	return bits.TrailingZeros32(a) < bits.TrailingZeros32(b)
}

// oneEdit tells whether one text is the other with a character put in, taken out or replaced, or two neighbours swapped.
func oneEdit(a, b []rune) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	for i := range b {
		without := slices.Delete(slices.Clone(b), i, i+1)
		if slices.Equal(a, without) {
			return true
		}
		if len(a) == len(b) && slices.Equal(slices.Delete(slices.Clone(a), i, i+1), without) {
			return true
		}
		if i > 0 {
			swapped := slices.Clone(b)
			swapped[i], swapped[i-1] = swapped[i-1], swapped[i]
			if slices.Equal(a, swapped) {
				return true
			}
		}
	}
	return false
}

// typo makes the finding of a pair.
func (o *oracle) typo(key string, a, b *recordRows) {
	f := o.found(key, a, verdict.KeyTypo)
	f.Values = o.texts()
	var held [2][]int
	for l := range o.tables {
		for i, r := range []*recordRows{a, b} {
			if len(r.rows[l]) > 0 {
				at := slices.Index(r.rows[l], r.first[l])
				f.Values[l], f.Rows[l] = r.raw[l][at], int64(r.first[l]+1)
				held[i] = append(held[i], l)
			}
		}
	}
	voters := len(held[0]) + len(held[1])
	for i := range held {
		if len(held[i]) == 1 && voters >= 3 {
			f.Outlier = held[i][0]
		}
		if 2*len(held[i]) > voters {
			f.Consensus = f.Values[held[i][0]]
		}
	}
	o.findings = append(o.findings, f)
}
