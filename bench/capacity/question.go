package capacity

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Question is what somebody wants to know.
type Question struct {
	Records  int64         // a night, today
	Mismatch float64       // share of the records
	Window   time.Duration // how long a night may take
	Growth   float64       // more records each year, as a share
}

// Validate tells all that is wrong with the question.
func (q *Question) Validate() error {
	var errs []error
	if q.Records < 0 {
		errs = append(errs, fmt.Errorf("--records %d: give at least 1", q.Records))
	}
	if !(q.Mismatch >= 0 && q.Mismatch <= 1) {
		errs = append(errs, fmt.Errorf("--mismatch %v: give a share of 0 to 1", q.Mismatch))
	}
	if q.Window < time.Second {
		errs = append(errs, fmt.Errorf("--window %v: give a second or more, as 30m", q.Window))
	}
	if !(q.Growth >= -0.9 && q.Growth <= 10) {
		errs = append(errs, fmt.Errorf("--growth %v: give a share a year, as 0.1 for 10 %%", q.Growth))
	}
	return errors.Join(errs...)
}

// Night is what a night of some size takes, here.
type Night struct {
	Point
	Seconds, CPU, Memory, Report Estimate
	Input                        float64  // bytes of all levels
	Spill                        Estimate // bytes on disk, of a night that spills
	Beyond                       bool     // it does not fit into the memory, and what spilling takes was not measured
}

// Machine is one that keeps within the window.
type Machine struct {
	Night
	Cores int     // 0: none, however many
	Read  float64 // bytes a second that its storage must give
}

// Answers is what the fits say to a question.
type Answers struct {
	Question
	Cores   int
	Memory  int64   // bytes of this machine; 0: unknown
	Nights  []Night // of sizes around the asked one; it is Tonight
	Tonight Night

	Machine Machine // for tonight's records
	Larger  Machine // for ten times as many

	MostByTime   int64   // records with which a night still keeps within the window here; 0: none does
	MostByMemory int64   // records that fit into the memory here, beyond which rows are spilled; 0: unknown
	SpillKnown   bool    // what spilling takes was measured
	Years        float64 // until there are more than a night here can do; +Inf: never, 0: today

	Spread int64 // records beyond which no machine of up to mostCores cores keeps within the window; 0: beyond mostAsked
}

const (
	mostCores   = 64
	mostAsked   = 100_000_000_000
	memoryShare = 0.8 // of a machine's memory that a night may take
)

// Answer answers a question about levels shaped like those that were measured.
func (s *Study) Answer(q Question) *Answers {
	a := &Answers{Question: q, Cores: s.Machine.Cores, Memory: s.Machine.Memory, SpillKnown: s.Spill != nil}
	a.Tonight = s.night(q, q.Records, a.Cores, true)
	for _, times := range []float64{0.1, 0.3, 1, 3, 10, 30, 100} {
		a.Nights = append(a.Nights, s.night(q, int64(math.Round(times*float64(q.Records))), a.Cores, true))
	}
	a.Machine = s.machine(q, q.Records)
	a.Larger = s.machine(q, 10*q.Records)
	a.MostByTime = largest(func(n int64) bool { return s.inTime(q, n, a.Cores, true) })
	if a.Memory > 0 {
		a.MostByMemory = largest(func(n int64) bool { return s.inMemory(q, n, a.Cores) })
	}
	a.Years = yearsUntil(q, a.Most())
	if most := largest(func(n int64) bool { return s.inTime(q, n, mostCores, false) }); most < mostAsked {
		a.Spread = most
	}
	return a
}

// Most is the number of records with which a night keeps within the window here, and within the memory unless it is known what spilling takes.
func (a *Answers) Most() int64 {
	if a.MostByMemory > 0 && !a.SpillKnown {
		return min(a.MostByTime, a.MostByMemory)
	}
	return a.MostByTime
}

func (s *Study) point(q Question, records int64, workers int) Point {
	return Point{Records: records, Levels: len(s.Shape.Levels), Columns: len(s.Shape.Columns), RowBytes: rowBytes(&s.Shape), Mismatch: q.Mismatch, Workers: workers}
}

// night foretells a night; here says that it has the memory of this machine, and spills where that is too little.
func (s *Study) night(q Question, records int64, workers int, here bool) Night {
	p := s.point(q, records, workers)
	n := Night{Memory: s.Memory.At(p), Report: s.Report.At(p), Input: s.inputBytes() * float64(records)}
	if here && !s.inMemory(q, records, workers) {
		if s.Spill == nil {
			n.Beyond = true
		} else {
			p.Spilled = true
			n.Spill = s.Spill.At(p)
		}
	}
	n.Point, n.Seconds, n.CPU = p, s.Wall.At(p), s.CPU.At(p)
	return n
}

// inputBytes is the size of all levels a record, as measured at the largest size of the shape as it is.
func (s *Study) inputBytes() float64 {
	var bytes, records float64
	for _, m := range s.Measurements {
		if int(m.Levels) == len(s.Shape.Levels) && int(m.Columns) == len(s.Shape.Columns) && float64(m.Records) >= records {
			bytes, records = float64(m.InputBytes), float64(m.Records)
		}
	}
	return bytes / max(1, records)
}

func (s *Study) inTime(q Question, records int64, workers int, here bool) bool {
	p := s.point(q, records, workers)
	p.Spilled = here && s.Spill != nil && !s.inMemory(q, records, workers)
	return s.Wall.At(p).High <= q.Window.Seconds()
}

func (s *Study) inMemory(q Question, records int64, workers int) bool {
	return s.Machine.Memory == 0 || s.Memory.At(s.point(q, records, workers)).High <= memoryShare*float64(s.Machine.Memory)
}

// machine finds the fewest cores with which nine of ten nights keep within the window.
func (s *Study) machine(q Question, records int64) Machine {
	for cores := 1; cores <= mostCores; cores++ {
		if s.inTime(q, records, cores, false) {
			m := Machine{Night: s.night(q, records, cores, false), Cores: cores}
			m.Read = m.Input / q.Window.Seconds()
			return m
		}
	}
	return Machine{Night: s.night(q, records, mostCores, false)}
}

// largest gives the largest number up to mostAsked for which ok holds, to three digits, 0 if it does for none; ok holds for all smaller ones too.
func largest(ok func(int64) bool) int64 {
	low, high := int64(0), int64(mostAsked)
	if ok(high) {
		return high
	}
	for high-low > max(1, low/2000) {
		mid := low + (high-low)/2
		if low > 0 {
			mid = max(low+1, int64(math.Sqrt(float64(low)*float64(high))))
		}
		if ok(mid) {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}

// yearsUntil is when today's records have grown to more than most.
func yearsUntil(q Question, most int64) float64 {
	switch {
	case q.Records > most:
		return 0
	case q.Growth <= 0 || most >= mostAsked:
		return math.Inf(1)
	}
	return math.Log(float64(most)/float64(q.Records)) / math.Log1p(q.Growth)
}
