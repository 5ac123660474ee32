package profile

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"crosscheck/engine/record"
)

// TestSketch: estimates are near, the same in any order and however the values are spread over sketches that are merged.
func TestSketch(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, distinct := range []int{0, 1, 100, sketchSize, 3 * sketchSize, 200_000} {
		var values []uint64
		for i := range distinct {
			h := record.Mix(uint64(i) + 1)
			values = append(values, h)
			if i%4 == 0 { // a fifth of the rows repeat another
				values = append(values, h)
			}
		}
		one, parts := newSketch(), [3]*sketch{newSketch(), newSketch(), newSketch()}
		for _, h := range values {
			one.add(h, 1)
		}
		r.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
		for i, h := range values {
			parts[i%3].add(h, 1)
		}
		parts[2].merge(parts[0])
		parts[2].merge(parts[1])
		one.shrink()
		parts[2].shrink()
		if len(one.counts) > sketchSize || !reflect.DeepEqual(one.counts, parts[2].counts) {
			t.Errorf("%d values: sketches keep %d and %d hashes, or others", distinct, len(one.counts), len(parts[2].counts))
		}
		if got := one.distinct(); math.Abs(got-float64(distinct)) > 0.04*float64(distinct) {
			t.Errorf("%d values are taken for %.0f", distinct, got)
		}
		if distinct > 0 {
			if got, want := one.unique(), float64(distinct)/float64(len(values)); math.Abs(got-want) > 0.02 {
				t.Errorf("%d values: %.3f of the rows do not repeat one, want %.3f", distinct, got, want)
			}
		}
	}
}

func TestAlike(t *testing.T) {
	for _, c := range []struct{ a, b, both int }{{1000, 1000, 500}, {300_000, 100_000, 100_000}, {50_000, 50_000, 0}, {10, 0, 0}} {
		x, y := newSketch(), newSketch()
		for i := range c.a {
			x.add(record.Mix(uint64(i)+1), 1)
		}
		for i := range c.b {
			y.add(record.Mix(uint64(c.a-c.both+i)+1), 1)
		}
		x.shrink()
		y.shrink()
		want := float64(c.both) / float64(c.a+c.b-c.both)
		if got := alike(x, y); math.Abs(got-want) > 0.03 {
			t.Errorf("%+v: %.3f alike, want %.3f", c, got, want)
		}
	}
}
