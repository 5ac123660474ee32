package enginetest

import (
	"maps"
	"math/bits"
	"slices"

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
	person := map[string][][]string{} // a field: what the levels say
	for _, key := range slices.Sorted(maps.Keys(o.records)) {
		r := o.records[key]
		if in := r.in(); in == 0 || in == 1<<len(o.tables)-1 {
			continue
		}
		keys = append(keys, key)
		person[key] = o.agree(r)
	}
	partners := map[string][]string{}
	for i, a := range keys {
		for _, b := range keys[i+1:] {
			if samePerson(person[a], person[b]) && o.records[a].in()&o.records[b].in() == 0 && oneEdit([]rune(a), []rune(b)) {
				partners[a] = append(partners[a], b)
				partners[b] = append(partners[b], a)
			}
		}
	}
	for _, a := range keys {
		for _, b := range partners[a] {
			if len(partners[a]) <= maxPartners && len(partners[b]) <= maxPartners && (a < b || more(o.records[a], o.records[b])) && !more(o.records[b], o.records[a]) {
				o.typo(a, o.records[a], o.records[b])
			}
		}
	}
}

// agree gives what must agree: of each field the values, but for nulls, of the levels that hold the record and the field.
func (o *oracle) agree(r *recordRows) [][]string {
	all := make([][]string, len(o.opt.Typo))
	for n, name := range o.opt.Typo {
		i := slices.IndexFunc(o.sum.Fields, func(f engine.FieldCount) bool { return f.Field == name })
		for l := range o.tables {
			if o.fields[i][l] == nil || len(r.rows[l]) == 0 {
				continue
			}
			if value := o.read(i, o.fields[i][l], r.first[l]); !value.null {
				all[n] = append(all[n], value.value)
			}
		}
	}
	return all
}

// samePerson tells whether two records agree in every field on some level each.
func samePerson(a, b [][]string) bool {
	for i := range a {
		if !slices.ContainsFunc(a[i], func(value string) bool { return slices.Contains(b[i], value) }) {
			return false
		}
	}
	return true
}

// more tells whether more levels hold a than b.
func more(a, b *recordRows) bool { return bits.OnesCount32(a.in()) > bits.OnesCount32(b.in()) }

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
