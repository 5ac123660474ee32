package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"syscall"
	"testing"
	"time"

	"crosscheck/engine/job"
	"crosscheck/engine/privacy"
)

// BenchmarkTiers runs whole nights at 15 % mismatches, with the restricted tier and the counts alone and with the internal tier beside them.
// A round is a night of each, the other one first in every second round, since what else the machine does changes over the seconds; what one takes more is
// the median over the rounds. Each night has its wall time and the CPU time of the process, and begins with the memory of a new one.
func BenchmarkTiers(b *testing.B) {
	d := data(b, "parquet", 0.15)
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "key"), privacy.NewKey(), 0o600); err != nil {
		b.Fatal(err)
	}
	tiers := []struct {
		name, privacy string
		wall, cpu     []float64 // seconds
	}{{name: "restricted"}, {name: "all", privacy: "privacy: {pseudonym_key: {file: key}, classes: {institution: none}}\n"}}
	cpu := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	night := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	var found [2]int64
	for round := 0; b.Loop(); round++ {
		for turn := range tiers {
			i := (turn + round) % len(tiers)
			t := &tiers[i]
			text := "job: bench\nkey: {column: id_number, type: cn_id}\nlevels:\n"
			for _, l := range levelNames {
				text += fmt.Sprintf("  %s: {path: %q}\n", l, filepath.Join(d.dir, l+".parquet"))
			}
			text += fmt.Sprintf("reports: {dir: %q, carry: [street_code, community_code]}\n%s", t.name, t.privacy)
			j, err := job.Parse(filepath.Join(dir, "job.yaml"), []byte(text), os.LookupEnv)
			if err != nil {
				b.Fatal(err)
			}
			debug.FreeOSMemory()
			began, before := time.Now(), cpu()
			m, err := job.Run(context.Background(), j, job.RunOptions{Date: night})
			if err != nil {
				b.Fatal(err)
			}
			t.wall, t.cpu = append(t.wall, time.Since(began).Seconds()), append(t.cpu, (cpu()-before).Seconds())
			found[i] = m.Summary.Findings
			if err := os.RemoveAll(filepath.Join(dir, t.name)); err != nil {
				b.Fatal(err)
			}
		}
	}
	if found[0] == 0 || found[0] != found[1] {
		b.Fatalf("%d findings, and %d with all tiers", found[0], found[1])
	}
	for _, t := range tiers {
		b.ReportMetric(median(t.wall), t.name+"-wall-s/op")
		b.ReportMetric(median(t.cpu), t.name+"-cpu-s/op")
	}
	b.ReportMetric(more(tiers[0].wall, tiers[1].wall), "%-more-wall")
	b.ReportMetric(more(tiers[0].cpu, tiers[1].cpu), "%-more-cpu")
}

// more gives by how many per cent y is more than x, in the median of the rounds.
func more(x, y []float64) float64 {
	ratios := make([]float64, len(x))
	for i := range x {
		ratios[i] = 100 * (y[i]/x[i] - 1)
	}
	return median(ratios)
}

func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	return (x[(len(x)-1)/2] + x[len(x)/2]) / 2
}
