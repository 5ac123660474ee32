package job

import (
	"fmt"
	"testing"

	"crosscheck/engine"
)

// BenchmarkPublic works out what is withheld of a wide job whose every count is small, the worst there is.
func BenchmarkPublic(b *testing.B) {
	const levels = 16
	for _, fields := range []int{10, 500} {
		s := &engine.Summary{Records: 1_000_000}
		for l := range levels {
			s.Levels = append(s.Levels, engine.LevelCount{Level: fmt.Sprint("l", l), Rows: 1_000_000, Records: 1_000_000})
		}
		held := make([]bool, levels)
		for l := range held {
			held[l] = true
		}
		for f := range fields {
			c := engine.FieldCount{Field: fmt.Sprint("f", f), Compared: 1_000_000, HeldBy: held}
			for l := range levels {
				n := int64((f*7 + l*3) % 12)
				c.Outlier, c.Differs = append(c.Outlier, n), c.Differs+n
			}
			s.Fields, s.Findings = append(s.Fields, c), s.Findings+c.Differs
		}
		s.Kinds = []engine.KindCount{{Kind: "differs", Findings: s.Findings}, {Kind: "duplicate"}, {Kind: "invalid_key"}, {Kind: "missing"}}
		s.Differing = min(s.Findings, 400)
		s.Matched = s.Records - s.Differing
		b.Run(fmt.Sprintf("fields=%d", fields), func(b *testing.B) {
			for b.Loop() {
				newPublic(s, nil, nil, false, DefaultMinCell)
			}
		})
	}
}
