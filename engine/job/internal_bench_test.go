package job

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"crosscheck/engine/privacy"
	"crosscheck/engine/report"
	"crosscheck/engine/verdict"
)

// noTable is a restricted table that nobody wants.
type noTable struct{ report.Writer }

func (noTable) Begin(verdict.Header) error                  { return nil }
func (noTable) Write(context.Context, *verdict.Block) error { return nil }

// BenchmarkInternal masks and shelves the findings of a night and writes the internal table of them.
func BenchmarkInternal(b *testing.B) {
	const n, perBlock = 160_000, 4096
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	values := []func() string{
		func() string {
			return pick("王", "李", "张", "陈") + pick("伟", "芳", "娜", "敏") + pick("", "强", "静")
		},
		func() string { return fmt.Sprintf("100%08d", r.IntN(100_000_000)) },
		func() string {
			return fmt.Sprintf("湾区%s街道%s社区%s路%d号", pick("花溪", "江北", "东山"), pick("桂花", "和平", "新村"), pick("人民", "解放"), r.IntN(900))
		},
		func() string { return pick("男", "女") },
		func() string { return fmt.Sprintf("19%02d-%02d-%02d", r.IntN(100), 1+r.IntN(12), 1+r.IntN(28)) },
		func() string { return fmt.Sprintf("%d.%d", r.IntN(300), r.IntN(10)) },
	}
	h := verdict.Header{Levels: []string{"street", "district", "city"}, Fields: []string{"name", "phone", "address", "sex", "birth_date", "dose"},
		Carry: []string{"street_code", "community_code"}, Files: []string{"street.parquet", "district.parquet", "city.parquet"},
		Locate: func(l int, ref uint32) (int, int64) { return l, int64(ref) }}
	masked := func(c privacy.Class) privacy.Treatment { return privacy.Treatment{Class: c, Show: privacy.Masked} }
	full := privacy.Treatment{Show: privacy.Full, Guarded: true}
	columns := privacy.Columns{Key: masked(privacy.ResidentID), Fields: []privacy.Treatment{masked(privacy.Name), masked(privacy.Phone),
		masked(privacy.Address), masked(privacy.Other), masked(privacy.Other), full}, Carry: []privacy.Treatment{full, full}}
	var blocks []*verdict.Block
	for at := 0; at < n; at += perBlock {
		block := &verdict.Block{}
		for i := at; i < min(n, at+perBlock); i++ {
			street := r.IntN(120)
			f := verdict.Finding{Key: fmt.Appendf(nil, "99%015d%d", i*1000+r.IntN(1000), r.IntN(10)), Kind: verdict.Differs, In: 7,
				Rows:  []uint32{1 + r.Uint32N(1e6), 1 + r.Uint32N(1e6), 1 + r.Uint32N(1e6)},
				Carry: [][]byte{fmt.Appendf(nil, "99%07d", street), fmt.Appendf(nil, "99%07d%03d", street, r.IntN(30))}}
			if i%4 == 0 {
				f.Kind, f.Field, f.Outlier, f.In = verdict.Missing, verdict.NoField, verdict.NoLevel, 3
				f.Rows[2] = 0
			} else {
				f.Field, f.Outlier = r.IntN(len(values)), r.IntN(3)
				agreed, odd := []byte(values[f.Field]()), []byte(values[f.Field]())
				f.Values, f.Hashes, f.Consensus = [][]byte{agreed, agreed, agreed}, []uint64{1, 1, 1}, agreed
				f.Values[f.Outlier], f.Hashes[f.Outlier] = odd, 2
			}
			block.Findings = append(block.Findings, f)
		}
		blocks = append(blocks, block)
	}
	key, err := privacy.ParseKey(privacy.NewKey())
	if err != nil {
		b.Fatal(err)
	}
	ctx, dir := context.Background(), b.TempDir()
	var memory report.Memory
	var shelving, writing time.Duration
	for b.Loop() {
		s := &internal{Writer: noTable{}, key: key, columns: columns, workers: 1, shelf: newShelf(dir, shelfRoom(0))}
		began := time.Now()
		if err := s.Begin(h); err != nil {
			b.Fatal(err)
		}
		for _, block := range blocks {
			if err := s.Write(ctx, block); err != nil {
				b.Fatal(err)
			}
		}
		shelved := time.Now()
		how := report.Options{RunDate: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), Memory: &memory}
		if err := s.publish(ctx, filepath.Join(dir, "internal.parquet"), how); err != nil {
			b.Fatal(err)
		}
		shelving += shelved.Sub(began)
		writing += time.Since(shelved)
	}
	b.ReportMetric(float64(shelving.Nanoseconds())/float64(b.N)/n, "shelving-ns/finding")
	b.ReportMetric(float64(writing.Nanoseconds())/float64(b.N)/n, "writing-ns/finding")
}
