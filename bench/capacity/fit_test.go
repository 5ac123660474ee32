package capacity

import (
	"math"
	"math/rand/v2"
	"testing"

	"crosscheck/bench/synth"
)

// TestNonNegative: known answers, one of which would have a negative factor without the bound.
func TestNonNegative(t *testing.T) {
	for _, c := range []struct {
		a    [][]float64
		y    []float64
		want []float64
	}{
		{[][]float64{{1, 0}, {0, 2}}, []float64{3, 8}, []float64{3, 4}},
		{[][]float64{{1, 1}, {1, 2}, {1, 3}}, []float64{1, 2, 3}, []float64{0, 1}},
		{[][]float64{{1, 1}, {1, 2}, {1, 3}}, []float64{3, 2, 1}, []float64{2, 0}}, // unbounded: 4, −1
		{[][]float64{{0, 1e6}, {0, 2e6}}, []float64{1, 2}, []float64{0, 1e-6}},
	} {
		got := nonNegative(c.a, c.y)
		for i := range c.want {
			if math.Abs(got[i]-c.want[i]) > 1e-6*max(1e-6, c.want[i])+1e-12 {
				t.Errorf("%v, %v: %v, want %v", c.a, c.y, got, c.want)
			}
		}
	}
}

// TestNonNegativeKKT: at random problems no step, of one factor or of any direction that stays in the bounds, makes the error less.
func TestNonNegativeKKT(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 50 {
		a, y := make([][]float64, 12), make([]float64, 12)
		for i := range a {
			a[i] = make([]float64, 5)
			for j := range a[i] {
				a[i][j] = r.Float64() * math.Pow(10, float64(2*j))
			}
			y[i] = r.NormFloat64() + 1
		}
		x := nonNegative(a, y)
		for j := range x {
			slope, norm := 0.0, 0.0
			for i := range a {
				residual := y[i]
				for k := range x {
					residual -= a[i][k] * x[k]
				}
				slope += a[i][j] * residual
				norm += a[i][j] * a[i][j]
			}
			slope /= math.Sqrt(norm)
			if x[j] < 0 || slope > 1e-6 || x[j] > 0 && slope < -1e-6 {
				t.Errorf("factor %d is %v with slope %v", j, x[j], slope)
			}
		}
	}
}

// truth is what nights take in a made-up machine, and the work of it.
func truth(p Point) float64 {
	return 0.2 + (0.05*rows(p)+0.004*bytesIn(p))/float64(p.Workers) + 0.3*findings(p)
}

func truthWork(p Point) float64 { return 0.05*rows(p) + 0.004*bytesIn(p) + 0.3*findings(p) }

func pretend(noise float64) (all []Sample) {
	r := rand.New(rand.NewPCG(3, 3))
	shape := synth.Shape{Key: "cn_id", Width: 18, Levels: make([]synth.Stored, 3)}
	for range 13 {
		shape.Columns = append(shape.Columns, synth.Column{Type: "string", Width: float64(4 + r.IntN(50)), Distinct: 10})
	}
	for _, s := range grid([]int64{250_000, 500_000, 1_000_000, 2_000_000, 4_000_000}, shape, 0.01, 2) {
		all = append(all, Sample{s.Point, truth(s.Point) * (1 + noise*r.NormFloat64()), truthWork(s.Point) * (1 + noise/2*r.NormFloat64())})
	}
	return all
}

// TestFit: from what a made-up machine takes, nights of sizes that were not seen are foretold, with a band that holds them and grows with the noise.
func TestFit(t *testing.T) {
	var widths []float64
	for _, noise := range []float64{0, 0.02, 0.08} {
		f := NewFit(wallTime, pretend(noise))
		if f.MeanError() > max(0.001, 1.5*noise) {
			t.Errorf("noise %v: held-out sizes are foretold with an error of %.3f", noise, f.MeanError())
		}
		if len(f.Held) != 5 || f.Held[4].Records != 4_000_000 || f.Held[1].Points < 10 {
			t.Errorf("sizes held out: %+v", f.Held)
		}
		inside, width := 0, 0.0
		asked := []int64{100_000, 700_000, 3_500_000, 10_000_000, 50_000_000}
		for _, n := range asked {
			p := f.samplePoint(n)
			e := f.At(p)
			if real := truth(p); e.Low <= real*1.0001 && real <= e.High*1.0001 {
				inside++
			} else if math.Abs(e.Value/real-1) > max(0.001, 3*noise) {
				t.Errorf("noise %v, %d records: %v, in truth %v", noise, n, e, real)
			}
			width += (e.High - e.Low) / e.Value / float64(len(asked))
		}
		if inside < 4 {
			t.Errorf("noise %v: %d of %d nights lie in the band", noise, inside, len(asked))
		}
		widths = append(widths, width)
	}
	if !(widths[0] < 0.01 && widths[0] < widths[1] && widths[1] < widths[2]) {
		t.Errorf("widths of the band at growing noise: %v", widths)
	}
}

// samplePoint is a night of another size.
func (f *Fit) samplePoint(records int64) Point {
	return Point{Records: records, Levels: 3, Columns: 13, RowBytes: 300, Mismatch: 0.01, Workers: 2}
}

// TestHeldOut: an error on sizes that were not seen is not hidden by a fit that bends to what it saw.
func TestHeldOut(t *testing.T) {
	samples := pretend(0)
	for i := range samples {
		if samples[i].Records == 4_000_000 {
			samples[i].Value *= 2 // a cliff
		}
	}
	f := NewFit(wallTime, samples)
	if h := f.Held[4]; h.Worst > -0.4 || h.MeanError < 0.4 {
		t.Errorf("a night that takes twice as long is foretold with an error of %+v", h)
	}
}

// TestGrid: every size is there, and the shape varies at sizes between the least and the greatest alone.
func TestGrid(t *testing.T) {
	byRecords := map[int64]int{}
	for _, s := range pretend(0) {
		byRecords[s.Records]++
	}
	if len(byRecords) != 5 || byRecords[250_000] != 3 || byRecords[2_000_000] != 3 || byRecords[4_000_000] != 4 || byRecords[500_000] < 10 || byRecords[1_000_000] != byRecords[500_000] {
		t.Errorf("nights by size: %v", byRecords)
	}
}
