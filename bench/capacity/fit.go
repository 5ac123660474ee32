package capacity

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// Sample is what a point took.
type Sample struct {
	Point
	Value float64
	CPU   float64 // CPU time in seconds, where Value is wall time
}

// Fit is a quantity with its factors.
type Fit struct {
	Quantity
	Factors []float64 // along Terms
	Held    []HeldOut // sizes, least first

	samples []Sample    // what it was fitted to
	factors [][]float64 // of refits to the data shaken as the residuals are
	errors  []float64   // relative errors on sizes that were held out
}

// HeldOut says how well the points of one size are foretold from those of all others.
type HeldOut struct {
	Records   int64
	Points    int
	MeanError float64 // of the relative errors, without sign
	Worst     float64 // the one farthest from 0, with its sign: positive if more was foretold than it took
}

// refits is the number of fits to shaken data behind a band, enough for its ends to keep within a few hundredths.
const refits = 400

// NewFit fits a quantity to samples; errors count by their share of the value. The result depends on the samples alone.
func NewFit(q Quantity, samples []Sample) *Fit {
	f := &Fit{Quantity: q, Factors: q.factors(samples), samples: samples}
	f.holdOut(samples)
	residuals := make([]float64, len(samples))
	for i, s := range samples {
		residuals[i] = s.Value/f.at(f.Factors, s.Point) - 1
	}
	// Residuals look smaller than errors are, by the share of the freedom that the factors used up.
	used := 0
	for _, x := range f.Factors {
		if x > 0 {
			used++
		}
	}
	widen := math.Sqrt(float64(len(samples)) / float64(max(1, len(samples)-used)))
	random := rand.New(rand.NewPCG(1, uint64(len(samples))))
	shaken := slices.Clone(samples)
	for range refits {
		for i, s := range samples {
			shaken[i].Value = f.at(f.Factors, s.Point) * max(0.05, 1+widen*residuals[random.IntN(len(residuals))])
		}
		f.factors = append(f.factors, q.factors(shaken))
	}
	return f
}

// factors fits the terms.
func (q *Quantity) factors(samples []Sample) []float64 {
	if q.solve != nil {
		return q.solve(samples)
	}
	a, y := make([][]float64, len(samples)), make([]float64, len(samples))
	for i, s := range samples {
		a[i], y[i] = q.row(s.Point), 1
		for j := range a[i] {
			a[i][j] /= s.Value
		}
	}
	return nonNegative(a, y)
}

// holdOut leaves out the samples of one size after the other and foretells them from the rest.
func (f *Fit) holdOut(samples []Sample) {
	for _, size := range sizesOf(samples) {
		var rest, out []Sample
		for _, s := range samples {
			if s.Records == size {
				out = append(out, s)
			} else {
				rest = append(rest, s)
			}
		}
		if len(rest) == 0 {
			return
		}
		factors := f.Quantity.factors(rest)
		h := HeldOut{Records: size, Points: len(out)}
		for _, s := range out {
			e := f.at(factors, s.Point)/s.Value - 1
			f.errors = append(f.errors, e)
			h.MeanError += math.Abs(e) / float64(len(out))
			if math.Abs(e) > math.Abs(h.Worst) {
				h.Worst = e
			}
		}
		f.Held = append(f.Held, h)
	}
}

func sizesOf(samples []Sample) []int64 {
	var all []int64
	for _, s := range samples {
		all = append(all, s.Records)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// MeanError is the mean over all points of sizes that were not seen.
func (f *Fit) MeanError() float64 {
	sum := 0.0
	for _, e := range f.errors {
		sum += math.Abs(e)
	}
	return sum / float64(max(1, len(f.errors)))
}

func (q *Quantity) at(factors []float64, p Point) (sum float64) {
	for i, t := range q.Terms {
		sum += factors[i] * t.of(p)
	}
	return sum
}

// Estimate is what a point will take, with the band in which nine of ten such nights lie.
type Estimate struct{ Value, Low, High float64 }

// At foretells a point. The band has what the factors leave open, and the errors on sizes that were not seen.
func (f *Fit) At(p Point) Estimate {
	value := f.at(f.Factors, p)
	band := make([]float64, 0, len(f.factors))
	for i, factors := range f.factors {
		v := f.at(factors, p)
		if len(f.errors) > 0 {
			v /= max(0.05, 1+f.errors[i%len(f.errors)])
		}
		band = append(band, v)
	}
	if len(band) == 0 {
		return Estimate{value, value, value}
	}
	slices.SortFunc(band, cmp.Compare[float64])
	n := float64(len(band) - 1)
	return Estimate{value, min(value, band[int(0.05*n)]), max(value, band[int(math.Ceil(0.95*n))])}
}
