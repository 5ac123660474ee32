package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"

	"crosscheck/bench/peers/duck"
)

// machine says what was measured on, and with what.
type machine struct {
	Cores  int    `json:"cores"`
	CPU    string `json:"cpu"`
	System string `json:"system"`
	Go     string `json:"go"`
	DuckDB string `json:"duckdb"`
}

// String is one line.
func (m *machine) String() string {
	return fmt.Sprintf("%d cores of %s, %s, %s, DuckDB %s", m.Cores, m.CPU, m.System, m.Go, m.DuckDB)
}

// versions describes this machine.
func versions(ctx context.Context, _ struct{}) (*machine, error) {
	db, err := duck.Open(1)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	version, err := db.Version(ctx)
	if err != nil {
		return nil, err
	}
	return &machine{
		Cores: runtime.GOMAXPROCS(0), CPU: processor(), System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(), DuckDB: version,
	}, nil
}

// processor names the processor where the system tells.
func processor() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err == nil {
		for line := range strings.Lines(string(info)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				return strings.TrimSpace(value)
			}
		}
	}
	return "an unknown processor"
}
