package record

import (
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
)

// BenchmarkAdd hashes 16,384 values of one of 13 fields, as their columns are stored.
func BenchmarkAdd(b *testing.B) {
	number := func(i int) string { return fmt.Sprint(i) }
	for _, c := range []struct {
		column string
		typ    Type
		stored arrow.DataType
		value  func(i int) string
	}{
		{"int32", Int, arrow.PrimitiveTypes.Int32, number},
		{"timestamp", Timestamp, micros, func(i int) string { return fmt.Sprintf("%s 10:20:%02d", day(i), i%60) }},
		{"name", String, views, name},
		{"address", String, views, func(i int) string { return fmt.Sprintf("虚构市第%d区测试路%d号", i%20, i) }},
		{"dictionary-7", String, dict, func(i int) string { return number(i * 5 % 7) }},
		{"dictionary-10000", String, dict, func(i int) string { return number(i * 7919 % 10000) }},
	} {
		for _, nulls := range []int{0, 10} {
			b.Run(fmt.Sprintf("column=%s/nulls=%d%%", c.column, nulls), func(b *testing.B) {
				texts := make([]string, 16384)
				for i := range texts {
					if nulls == 0 || i*7919%100 >= nulls {
						texts[i] = c.value(i)
					}
				}
				arr := build(b, c.stored, texts...)
				h := NewHasher(c.typ, Canon{}, 0)
				defer h.Release()
				fp, syn := make([]uint64, len(texts)), make([]uint64, len(texts))
				rounds := uint64(0)
				for b.Loop() {
					h.Add(arr, fp, syn)
					rounds++
				}
				if last := len(texts) - 1; fp[last] != rounds*h.At(arr, last) {
					b.Fatal("the last fingerprint is not the sum of the hashes")
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(texts)), "ns/value")
			})
		}
	}
}
