package engine

import (
	"bytes"
	"cmp"
	"context"
	"math/bits"
	"slices"

	"crosscheck/engine/record"
	"crosscheck/engine/typo"
	"crosscheck/engine/verdict"
)

// place of a suspect: its partition and its index there.
type suspectAt struct{ part, index int32 }

// keyTypo is a pair of records whose keys differ by a typo, with the keys as the levels hold them. It belongs to the record that more
// levels hold, of two alike the one with the lesser key.
type keyTypo struct {
	main, other suspectAt
	keys        []cell // a level
}

// unmatched is a suspect that a level lacks, with what must agree.
type unmatched struct {
	at    suspectAt
	agree []cell // a field of Plan.typo and level that holds both, by field
}

// findTypos looks for records that are probably one among those that a level lacks.
func (r *run) findTypos(ctx context.Context) error {
	if len(r.plan.typo) == 0 {
		return nil
	}
	all, err := r.unmatched(ctx)
	if err != nil {
		return err
	}
	entries := make([]typo.Entry, 0, len(all))
	var blocks []uint64
	for i, u := range all {
		blocks = r.blocksOf(blocks[:0], u.agree)
		for _, block := range blocks {
			entries = append(entries, typo.Entry{Block: block, In: r.in(r.suspect(u.at)), ID: uint32(i)})
		}
	}
	pairs, err := typo.Pairs(ctx, entries, func(dst []byte, id uint32) []byte { return r.keyOf(dst, all[id].at) })
	if err != nil {
		return err
	}
	typos := make([]keyTypo, len(pairs))
	want := r.newWants()
	for i, p := range pairs {
		a, b := all[p.A].at, all[p.B].at
		if r.leads(b, a) {
			a, b = b, a
		}
		typos[i] = keyTypo{main: a, other: b, keys: make([]cell, len(r.plan.Levels))}
		for l := range r.plan.Levels {
			typos[i].keys[l] = cell{field: int32(r.rawKeyColumn()), level: int16(l)}
			if ref := r.refOf(&typos[i], l); ref != 0 {
				want.add(ref, &typos[i].keys[l])
			}
		}
	}
	if err := r.read(ctx, want); err != nil {
		return err
	}
	r.hand(typos)
	return nil
}

// unmatched lists the suspects that some level lacks and reads what must agree, from every level that holds them and the field.
func (r *run) unmatched(ctx context.Context) ([]unmatched, error) {
	var all []unmatched
	for p := range r.findings {
		for i := range r.findings[p].suspects {
			if in := r.in(&r.findings[p].suspects[i]); in != 0 && in != r.allLevels {
				all = append(all, unmatched{at: suspectAt{int32(p), int32(i)}, agree: make([]cell, 0, len(r.plan.typo)*bits.OnesCount32(in))})
			}
		}
	}
	want := r.newWants()
	for i := range all {
		u := &all[i]
		s := r.suspect(u.at)
		in := r.in(s)
		for _, field := range r.plan.typo {
			for levels := in & r.shape.Groups[r.shape.Group[field]]; levels != 0; levels &= levels - 1 {
				l := bits.TrailingZeros32(levels)
				u.agree = append(u.agree, cell{field: int32(field), level: int16(l)})
				want.add(r.findings[u.at.part].row(s, l), &u.agree[len(u.agree)-1])
			}
		}
	}
	return all, r.read(ctx, want)
}

// blocksOf appends the hashes of what must agree, each once: one for every way to take a value of each field from the levels that hold
// it. Two records that agree in each field on some level share one. Nulls agree with nothing.
func (r *run) blocksOf(dst []uint64, agree []cell) []uint64 {
	from := len(dst)
	dst = append(dst, 0)
	for _, field := range r.plan.typo {
		n := len(dst)
		for ; len(agree) > 0 && int(agree[0].field) == field; agree = agree[1:] {
			if agree[0].hash == record.NullHash(field) {
				continue
			}
			for _, block := range dst[from:n] {
				dst = append(dst, record.Mix(block+agree[0].hash))
			}
		}
		dst = slices.Delete(dst, from, n)
		slices.Sort(dst[from:])
		dst = dst[:from+len(slices.Compact(dst[from:]))]
	}
	return dst
}

func (r *run) suspect(at suspectAt) *suspect { return &r.findings[at.part].suspects[at.index] }

// rowOf gives the row that stands for a suspect on a level, 0 for none.
func (r *run) rowOf(at suspectAt, level int) uint32 {
	return r.findings[at.part].row(r.suspect(at), level)
}

// keyOf appends the canonical key text of a suspect.
func (r *run) keyOf(dst []byte, at suspectAt) []byte {
	return r.appendKey(dst, &r.findings[at.part], r.suspect(at))
}

// leads tells whether a finding about two records is about a rather than b.
func (r *run) leads(a, b suspectAt) bool {
	x, y := r.in(r.suspect(a)), r.in(r.suspect(b))
	return cmp.Or(cmp.Compare(bits.OnesCount32(y), bits.OnesCount32(x)), bytes.Compare(r.keyOf(nil, a), r.keyOf(nil, b))) < 0
}

// refOf gives the row of one of the two records that stands for a level, 0 if neither is there.
func (r *run) refOf(t *keyTypo, level int) uint32 {
	if ref := r.rowOf(t.main, level); ref != 0 {
		return ref
	}
	return r.rowOf(t.other, level)
}

// hand gives the pairs to the suspects that they belong to, those of one suspect in the order of the other keys.
func (r *run) hand(typos []keyTypo) {
	slices.SortFunc(typos, func(a, b keyTypo) int {
		if c := cmp.Or(cmp.Compare(a.main.part, b.main.part), cmp.Compare(a.main.index, b.main.index)); c != 0 {
			return c
		}
		return bytes.Compare(r.keyOf(nil, a.other), r.keyOf(nil, b.other))
	})
	for i := range typos {
		f, s := &r.findings[typos[i].main.part], r.suspect(typos[i].main)
		if s.rare == 0 {
			s.rare = int32(len(f.rare))
			f.rare = append(f.rare, rare{})
		}
		mine := &f.rareOf(s).typos
		if mine.empty() {
			*mine = span{int32(len(f.typos)), int32(len(f.typos))}
		}
		f.typos = append(f.typos, typos[i])
		mine.end++
	}
}

// typos makes the findings of the pairs of the suspect.
func (a *assembler) typos() {
	pairs := a.f.typos[a.rare.typos.begin:a.rare.typos.end]
	if len(pairs) == 0 {
		return
	}
	r := a.r
	hashes := make([]uint64, len(r.plan.Levels))
	for i := range pairs {
		t := &pairs[i]
		finding := a.add(verdict.KeyTypo)
		finding.Values = a.texts()
		voters := uint32(0)
		for l := range r.plan.Levels {
			ref := r.refOf(t, l)
			if ref == 0 {
				continue
			}
			voters |= 1 << l
			finding.Rows[l], finding.Values[l] = ref, a.keep(&t.keys[l].text)
			hashes[l] = 1
			if r.rowOf(t.main, l) == 0 {
				hashes[l] = 2
			}
		}
		_, outlier, consensus := verdict.Vote(hashes, voters)
		finding.Outlier = outlier
		if consensus != verdict.NoLevel {
			finding.Consensus = finding.Values[consensus]
		}
	}
}
