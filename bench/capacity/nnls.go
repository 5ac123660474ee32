package capacity

import (
	"math"
	"slices"
)

// nonNegative gives the x ≥ 0 with the least |a·x − y|² (Lawson and Hanson, Solving Least Squares Problems, 1974, chapter 23). Rows of a are
// measurements, columns are terms; there are few of both. A negative cost of a row or a byte would be a nonsense that extrapolates.
func nonNegative(a [][]float64, y []float64) []float64 {
	if len(a) == 0 {
		return nil
	}
	e := normalEquations(a, y)
	x := make([]float64, len(e.target))
	var free []int // terms that are not held at 0
	for range 10 * len(x) {
		enters, steepest := -1, 1e-10*e.size
		for j := range x {
			if slope := e.slope(x, j); !slices.Contains(free, j) && slope > steepest {
				enters, steepest = j, slope
			}
		}
		if enters < 0 {
			break
		}
		free = append(free, enters)
		for {
			z := e.solve(free)
			if z == nil { // it is a sum of the others
				free = free[:len(free)-1]
				e.skip[enters] = true
				break
			}
			// Go towards z as far as no factor falls below 0; those that reach it are held there.
			step := 1.0
			for i, j := range free {
				if z[i] <= 0 && x[j]-z[i] > 0 {
					step = min(step, x[j]/(x[j]-z[i]))
				}
			}
			var still []int
			for i, j := range free {
				if x[j] += step * (z[i] - x[j]); x[j] > 1e-14 && (z[i] > 0 || step < 1) {
					still = append(still, j)
				} else {
					x[j] = 0
				}
			}
			if len(still) == len(free) {
				break
			}
			if free = still; len(free) == 0 {
				break
			}
		}
	}
	for j := range x {
		x[j] /= e.scale[j]
	}
	return x
}

// equations are aᵀa·x = aᵀy with the columns of a scaled to length 1, so that all terms count alike.
type equations struct {
	gram   [][]float64
	target []float64
	scale  []float64
	size   float64 // length of y
	skip   []bool  // terms that are sums of others
}

func normalEquations(a [][]float64, y []float64) *equations {
	n := len(a[0])
	e := &equations{gram: make([][]float64, n), target: make([]float64, n), scale: make([]float64, n), skip: make([]bool, n)}
	for i, row := range a {
		e.size += y[i] * y[i]
		for j, v := range row {
			e.scale[j] += v * v
		}
	}
	e.size = math.Sqrt(e.size)
	for j := range e.scale {
		if e.scale[j] = math.Sqrt(e.scale[j]); e.scale[j] == 0 {
			e.scale[j], e.skip[j] = 1, true
		}
	}
	for j := range n {
		e.gram[j] = make([]float64, n)
		for i, row := range a {
			e.target[j] += row[j] / e.scale[j] * y[i]
			for k, v := range row {
				e.gram[j][k] += row[j] / e.scale[j] * v / e.scale[k]
			}
		}
	}
	return e
}

// slope is how fast the error falls as a term grows.
func (e *equations) slope(x []float64, j int) float64 {
	if e.skip[j] {
		return 0
	}
	s := e.target[j]
	for k := range x {
		s -= e.gram[j][k] * x[k]
	}
	return s
}

// solve gives the factors of some terms that fit best without bounds, nil if they are not independent; by Cholesky.
func (e *equations) solve(terms []int) []float64 {
	n := len(terms)
	l := make([][]float64, n)
	z := make([]float64, n)
	for i, ti := range terms {
		l[i] = make([]float64, n)
		for j := range i + 1 {
			sum := e.gram[ti][terms[j]]
			for k := range j {
				sum -= l[i][k] * l[j][k]
			}
			if i != j {
				l[i][j] = sum / l[j][j]
				continue
			}
			if sum < 1e-12 {
				return nil
			}
			l[i][i] = math.Sqrt(sum)
		}
		z[i] = e.target[ti]
		for k := range i {
			z[i] -= l[i][k] * z[k]
		}
		z[i] /= l[i][i]
	}
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			z[i] -= l[k][i] * z[k]
		}
		z[i] /= l[i][i]
	}
	return z
}
