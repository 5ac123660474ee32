package main

import (
	"fmt"

	"crosscheck/engine"
	"crosscheck/engine/footprint"
	"crosscheck/engine/job"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"github.com/spf13/cobra"
)

// room is how much memory a command may take, and where what does not fit goes.
type room struct{ memory, spillDir string }

func (r *room) flags(c *cobra.Command) {
	c.Flags().StringVar(&r.memory, "memory", "", "what the process may take, as 4GiB; what does not fit is spilled to disk (default nine tenths of what there is)")
	c.Flags().StringVar(&r.spillDir, "spill-dir", "", "folder for what is spilled, sealed and without a name (default where the output goes)")
	if err := c.MarkFlagDirname("spill-dir"); err != nil {
		panic(err) // the flag does not exist: a mistake in this package
	}
}

// decide gives the memory and the folder: those of the flags, else those given, else nine tenths of what the control group or else the machine
// has.
func (r *room) decide(memory int64, dir string) (int64, string, error) {
	if r.spillDir != "" {
		dir = r.spillDir
	}
	if r.memory != "" {
		n, err := job.ParseSize(r.memory)
		if err != nil {
			return 0, "", usagef("--memory %v", err)
		}
		return n, dir, nil
	}
	if memory == 0 {
		memory = available() / 10 * 9
	}
	return memory, dir, nil
}

// available is what the control group lets the process have, or the machine; 0 if unknown.
func available() int64 {
	has, err := memlimit.FromSystem()
	if err != nil {
		has = 0
	}
	if group, err := memlimit.FromCgroup(); err == nil && (has == 0 || group < has) {
		has = group
	}
	return int64(min(has, 1<<62))
}

// fitted fits the process to a plan, and says where rows are spilled.
func (p *progress) fitted(m engine.MemoryPlan) {
	footprint.Fit(m)
	if m.Spill && !m.Loaded {
		p.say("crosscheck: %s", memoryText(m))
	}
}

// memoryText says how a run fits its memory.
func memoryText(m engine.MemoryPlan) string {
	switch {
	case m.Anew:
		return fmt.Sprintf("%s were thought to be enough and are not: the run begins anew, and the rows are spilled to %s, %s at most",
			size(m.Budget), m.SpillDir, size(m.SpillBytes))
	case m.Spill:
		return fmt.Sprintf("%s would be needed and %s may be taken: the rows are spilled to %s, %s at most",
			size(m.Need), size(m.Budget), m.SpillDir, size(m.SpillBytes))
	case m.Budget == 0:
		return "about " + size(m.Need) + " are needed; how much there is, is unknown"
	}
	return fmt.Sprintf("about %s of %s: nothing is spilled unless far more than 5 %% of the records differ", size(m.Need), size(m.Budget))
}
