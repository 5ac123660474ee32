package cliffs

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"crosscheck/bench/child"
	"crosscheck/engine"
)

// program is the built program.
type program struct {
	path     string
	profiles string // folder for CPU profiles; "": none
}

// build builds the program, as users run it.
func build(ctx context.Context, dir string) (*program, error) {
	p := &program{path: filepath.Join(dir, "crosscheck")}
	cmd := exec.CommandContext(ctx, "go", "build", "-o", p.path, "crosscheck/cmd/crosscheck")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("building the program: %w", err)
	}
	return p, nil
}

// run runs the job of a data set once and checks what it found. Without memory it may take all there is.
func (p *program) run(ctx context.Context, s *Scenario, d *dataset, memory int64, name string) (child.Usage, error) {
	if err := os.RemoveAll(d.reports()); err != nil {
		return child.Usage{}, err
	}
	args := []string{"run", "-c", d.job(), "--date", night.Format("2006-01-02"), "--format", "json", "--quiet"}
	if memory > 0 {
		args = append(args, "--memory", strconv.FormatInt(memory, 10)+"B")
	}
	if s.Workers > 0 {
		args = append(args, "--workers", strconv.Itoa(s.Workers))
	}
	if p.profiles != "" {
		args = append(args, "--cpuprofile", filepath.Join(p.profiles, name+".pprof"))
	}
	var doc struct {
		Summary *engine.Summary `json:"summary"`
	}
	u, err := child.Measured(exec.CommandContext(ctx, p.path, args...), nil, &doc)
	if err == nil {
		err = d.check(doc.Summary, len(s.Data.Shape.Levels))
	}
	if err == nil && memory > 0 && d.Spills && doc.Summary.Spilled == 0 {
		err = fmt.Errorf("nothing was spilled with %d bytes of memory", memory)
	}
	if err != nil {
		return u, fmt.Errorf("scenario %q: %w", name, err)
	}
	return u, nil
}
