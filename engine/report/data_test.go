package report

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"crosscheck/engine/verdict"
)

var night = time.Date(2026, 11, 23, 22, 30, 0, 0, time.UTC)

// shape says what the random findings of a test look like.
type shape struct {
	seed                  uint64
	findings              int
	levels, fields, carry int
}

func (s shape) String() string {
	return fmt.Sprintf("levels=%d/fields=%d/carry=%d/findings=%d", s.levels, s.fields, s.carry, s.findings)
}

func (s shape) header() verdict.Header {
	h := verdict.Header{Files: files(s.levels), Locate: locate}
	for l := range s.levels {
		h.Levels = append(h.Levels, []string{"city", "区", "street"}[l%3]+[]string{"", "2", "3", "4", "5", "6"}[l/3])
	}
	for f := range s.fields {
		h.Fields = append(h.Fields, fmt.Sprintf("field, \"%02d\"", f))
	}
	for c := range s.carry {
		h.Carry = append(h.Carry, []string{"street_code", "社区", "a.b", "x,y"}[c])
	}
	return h
}

// firstSeen is what stands in the column first_seen.
func firstSeen(f *verdict.Finding) int64 {
	if f.FirstSeen == 0 {
		return 20780
	}
	return int64(f.FirstSeen)
}

// filesOfLevel is how many files a level has here.
const filesOfLevel = 1 << 12

func locate(level int, ref uint32) (int, int64) {
	return level*filesOfLevel + int(ref>>20), int64(ref&(1<<20-1)) + 1
}

// files names the files of some levels.
func files(levels int) []string {
	all := make([]string, 0, levels*filesOfLevel)
	for l := range levels {
		for i := range filesOfLevel {
			all = append(all, fmt.Sprintf("data/level%d/part-%03d.parquet", l, i))
		}
	}
	return all
}

// random makes findings in report order. Keys are resident IDs that begin with 99; some records have many findings.
func (s shape) random() []verdict.Finding {
	r := rand.New(rand.NewPCG(s.seed, 99))
	words := [][]byte{nil, {}, []byte("张三"), []byte("a"), []byte(`say "hi", you`), []byte("two\nlines\r\n"), []byte(" padded "),
		[]byte("\\N"), []byte("\x00\x1f\x7f"), []byte("𠮷野家"), []byte("null"), bytes.Repeat([]byte("长"), 40)}
	text := func() []byte {
		if r.IntN(3) == 0 {
			return fmt.Appendf(nil, "value %d", r.IntN(1000))
		}
		return words[r.IntN(len(words))]
	}
	texts := func(n int) [][]byte {
		if r.IntN(8) == 0 {
			return nil
		}
		v := make([][]byte, n)
		for i := range v {
			v[i] = text()
		}
		return v
	}
	out := make([]verdict.Finding, s.findings)
	key := []byte{}
	for i := range out {
		if i > 0 && r.IntN(3) > 0 {
			key = fmt.Appendf(nil, "99%016d", i)
		}
		f := &out[i]
		*f = verdict.Finding{Key: key, Kind: verdict.Kinds()[r.IntN(len(verdict.Kinds()))], Field: verdict.NoField, In: r.Uint32(),
			Values: texts(s.levels), Outlier: r.IntN(s.levels+1) - 1, Consensus: text(), Carry: texts(s.carry)}
		if f.Kind == verdict.Differs && s.fields > 0 {
			f.Field = r.IntN(s.fields)
		}
		if f.Kind == verdict.Duplicate {
			f.Count = 2 + r.Int64N(5)
		}
		if f.Kind == verdict.Overdue {
			f.Reason, f.Group = fmt.Sprintf("rule %d", r.IntN(3)), text()
		}
		f.Status = verdict.Statuses()[r.IntN(len(verdict.Statuses()))]
		if f.Status == verdict.Persisting {
			f.FirstSeen = 20000 + r.Int32N(700)
		}
		if r.IntN(8) > 0 {
			f.Rows = make([]uint32, s.levels)
			for l := range f.Rows {
				if r.IntN(4) > 0 {
					f.Rows[l] = r.Uint32()
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b verdict.Finding) int {
		if c := bytes.Compare(a.Key, b.Key); c != 0 {
			return c
		}
		if a.Kind != b.Kind {
			return int(a.Kind) - int(b.Kind)
		}
		return a.Field - b.Field
	})
	return out
}

// blocks cuts findings into blocks of up to size findings, some of them empty.
func blocks(findings []verdict.Finding, size int, seed uint64) []*verdict.Block {
	r := rand.New(rand.NewPCG(seed, 1))
	var out []*verdict.Block
	for len(findings) > 0 {
		n := min(r.IntN(size+1), len(findings))
		out = append(out, &verdict.Block{Findings: findings[:n]})
		findings = findings[n:]
	}
	return out
}

// cells gives a finding as it must stand in the table, column by column: nil, string, bool or int64.
func cells(h verdict.Header, f *verdict.Finding) []any {
	text := func(b []byte) any {
		if b == nil {
			return nil
		}
		return string(b)
	}
	list := func(values [][]byte, n int) []any {
		out := make([]any, n)
		for i := range values {
			out[i] = text(values[i])
		}
		return out
	}
	row := []any{string(f.Key), f.Kind.String(), nil}
	if f.Field >= 0 {
		row[2] = h.Fields[f.Field]
	}
	for l := range h.Levels {
		row = append(row, f.In&(1<<l) != 0)
	}
	row = append(row, list(f.Values, len(h.Levels))...)
	row = append(row, nil, text(f.Consensus), nil, nil, text(f.Group), f.Status.String(), firstSeen(f))
	if f.Outlier >= 0 {
		row[len(row)-7] = h.Levels[f.Outlier]
	}
	if f.Count > 0 {
		row[len(row)-5] = f.Count
	}
	if f.Reason != "" {
		row[len(row)-4] = f.Reason
	}
	for l := range h.Levels {
		if f.Rows == nil || f.Rows[l] == 0 {
			row = append(row, nil)
			continue
		}
		file, n := h.Locate(l, f.Rows[l])
		row = append(row, fmt.Sprintf("%s:%d", h.Files[file], n))
	}
	return append(row, list(f.Carry, len(h.Carry))...)
}

// columnNames gives the columns that the contract asks for.
func columnNames(h verdict.Header) []string {
	names := []string{"record_key", "kind", "field"}
	for _, l := range h.Levels {
		names = append(names, "in_"+l)
	}
	for _, l := range h.Levels {
		names = append(names, "value_"+l)
	}
	names = append(names, "outlier", "consensus", "count", "reason", "roster_group", "status", "first_seen")
	for _, l := range h.Levels {
		names = append(names, "source_"+l)
	}
	return append(names, h.Carry...)
}
