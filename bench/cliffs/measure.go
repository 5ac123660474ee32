package cliffs

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"crosscheck/bench/child"
)

// Plan says what is measured.
type Plan struct {
	Records  int64 // of the plain case
	Rounds   int
	Only     *regexp.Regexp // names of scenarios; nil: all
	Dir      string         // where data sets are made; they are removed
	Profiles string         // folder for CPU profiles; "": none
	Progress func(format string, args ...any)
}

// Row is what a scenario took.
type Row struct {
	Scenario
	Usage  child.Usage // medians; of memory the most
	Slow   Slowdown
	Need   int64       // bytes that the engine foretold
	Budget int64       // bytes that runs had that were given little
	Spills bool        // so little that rows were spilled
	Little child.Usage // what those runs took
	Slower Slowdown
}

// Slowdown is how many times that of the plain case, run in turn, the time a cell is, or a byte.
type Slowdown struct{ Time, CPU float64 }

// Table is what was measured.
type Table struct {
	Machine child.Machine
	Rounds  int
	Others  float64 // share of the machine's CPU time that other processes had meanwhile
	Rows    []Row   // the plain case first
}

// Measure measures the scenarios of a plan.
func Measure(ctx context.Context, p Plan) (*Table, error) {
	prog, err := build(ctx, p.Dir)
	if err != nil {
		return nil, err
	}
	prog.profiles = p.Profiles
	t := &Table{Machine: child.ThisMachine(), Rounds: p.Rounds}
	c := new(clock)
	all := scenarios(p.Records)
	base := &all[0]
	baseData, err := p.data(ctx, base)
	if err != nil {
		return nil, err
	}
	for i := range all {
		s, d := &all[i], baseData
		if p.Only != nil && !p.Only.MatchString(s.Name) {
			continue
		}
		if i > 0 {
			if d, err = p.data(ctx, s); err != nil {
				return nil, err
			}
		}
		row, err := p.compare(ctx, prog, c, base, baseData, s, d)
		if err != nil {
			return nil, err
		}
		t.Rows = append(t.Rows, *row)
		p.Progress("%s: %.2f s, %.2f times the CPU time of the plain case a cell; with little memory %.2f", s.Name, row.Usage.Seconds, row.Slow.CPU, row.Slower.CPU)
		if i > 0 {
			if err := os.RemoveAll(d.Dir); err != nil {
				return nil, err
			}
		}
	}
	t.Others = c.others(t.Machine.Cores)
	return t, nil
}

// clock adds up what runs took and what else the machine did meanwhile.
type clock struct{ wall, mine, all float64 }

// others is the share of the CPU time of some cores that others had; 0 where the system does not say.
func (c *clock) others(cores int) float64 {
	if c.all == 0 || c.wall == 0 {
		return 0
	}
	return max(0, c.all-c.mine) / (c.wall * float64(cores))
}

// data makes the data set of a scenario.
func (p *Plan) data(ctx context.Context, s *Scenario) (*dataset, error) {
	s.Data.Dir = filepath.Join(p.Dir, fileName(s.Name))
	d := new(dataset)
	_, err := child.Start(ctx, "cliffs-prepare", s, d)
	return d, err
}

var noLetters = regexp.MustCompile(`[^a-zA-Z0-9]+`)

func fileName(name string) string { return noLetters.ReplaceAllString(name, "-") }

// warm is how much memory is warmed for a run, in bytes, more where it needs more.
const warm = 512 << 20

// compare runs a scenario in turn with the plain case, all data in the page cache, memory warm.
func (p *Plan) compare(ctx context.Context, prog *program, c *clock, base *Scenario, baseData *dataset, s *Scenario, d *dataset) (*Row, error) {
	row := &Row{Scenario: *s, Need: d.Need, Budget: d.Tight, Spills: d.Spills}
	if err := child.ReadOnce(d.Planted.Paths); err != nil {
		return nil, err
	}
	var plain, usual, little []child.Usage
	for range p.Rounds {
		for _, one := range []struct {
			to     *[]child.Usage
			s      *Scenario
			d      *dataset
			memory int64
			name   string
		}{{&plain, base, baseData, 0, "plain"}, {&usual, s, d, 0, s.Name}, {&little, s, d, d.Tight, s.Name + " little memory"}} {
			if err := child.Warm(ctx, max(warm, 2*one.d.Need)); err != nil {
				return nil, err
			}
			busy := child.Busy()
			u, err := prog.run(ctx, one.s, one.d, one.memory, fileName(one.name))
			if err != nil {
				return nil, err
			}
			c.wall, c.mine, c.all = c.wall+u.Seconds, c.mine+u.CPU, c.all+child.Busy()-busy
			*one.to = append(*one.to, u)
		}
	}
	of := median(plain)
	row.Usage = median(usual)
	scale := s.unit(base) / s.unit(s)
	slow := func(u child.Usage) Slowdown { return Slowdown{u.Seconds / of.Seconds * scale, u.CPU / of.CPU * scale} }
	row.Slow = slow(row.Usage)
	row.Little = median(little)
	row.Slower = slow(row.Little)
	return row, nil
}

// median gives the median of each of the times, and of memory the most.
func median(all []child.Usage) (m child.Usage) {
	of := func(pick func(child.Usage) float64) []float64 {
		var values []float64
		for _, u := range all {
			values = append(values, pick(u))
		}
		slices.Sort(values)
		return values
	}
	middle, most := len(all)/2, len(all)-1
	m.Seconds = of(func(u child.Usage) float64 { return u.Seconds })[middle]
	m.CPU = of(func(u child.Usage) float64 { return u.CPU })[middle]
	m.PeakMB = of(func(u child.Usage) float64 { return u.PeakMB })[most]
	m.AnonMB = of(func(u child.Usage) float64 { return u.AnonMB })[most]
	return m
}
