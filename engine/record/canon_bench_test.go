package record

import (
	"fmt"
	"testing"
)

// BenchmarkCanon hashes 16,384 values of a text column that need nothing, by rules that most jobs have.
func BenchmarkCanon(b *testing.B) {
	for _, c := range []struct {
		name  string
		typ   Type
		rule  Canon
		value func(i int) string
	}{
		{"rule=none/text=name", String, Canon{}, name},
		{"rule=name/text=name", String, Canon{Steps: Trim | Width | NFC}, name},
		{"rule=name/text=ideographs", String, Canon{Steps: Trim | Width | NFC}, func(i int) string { return "欧阳予倩"[:3*(2+Mix(uint64(i))%3)] }},
		{"rule=words/text=name", String, Canon{Nulls: []string{"", "无", "-"}}, name},
		{"rule=collapse/text=address", String, Canon{Steps: Trim | Width | Collapse}, func(i int) string { return fmt.Sprintf("虚构市第%d区测试路%d号", i%20, i) }},
		{"rule=phone/text=phone", String, Canon{Steps: Phone}, func(i int) string { return fmt.Sprintf("138%08d", i) }},
		{"rule=phone/text=spelled", String, Canon{Steps: Phone}, func(i int) string { return fmt.Sprintf("+86 138-%04d-%04d", i/10000, i%10000) }},
		{"rule=map/text=sex", String, Canon{Map: map[string]string{"男": "M", "女": "F"}, Steps: Trim}, func(i int) string { return []string{"男", "女", "M", "F"}[i%4] }},
		{"rule=none/text=date", Date, Canon{}, day},
		{"rule=formats/text=date", Date, Canon{Formats: []string{"2006/1/2", "2006-01-02"}}, day},
	} {
		b.Run(c.name, func(b *testing.B) {
			texts := make([]string, 16384)
			for i := range texts {
				texts[i] = c.value(i)
			}
			arr := build(b, views, texts...)
			h := NewHasher(c.typ, c.rule, 0)
			fp, syn := make([]uint64, len(texts)), make([]uint64, len(texts))
			for b.Loop() {
				h.Add(arr, fp, syn)
			}
			if len(h.Unparsed()) > 0 {
				b.Fatal("values do not read as their type")
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(texts)), "ns/value")
		})
	}
}

func name(i int) string { return []string{"王小明", "李华", "欧阳予倩", "Li Ming"}[i%4] }
func day(i int) string  { return fmt.Sprintf("19%02d-%02d-%02d", 50+i%50, 1+i%12, 1+i%28) }
