package main

import (
	"context"
	"fmt"

	"crosscheck/bench/child"
	"crosscheck/bench/peers/duck"
)

// machine says what was measured on, and with what.
type machine struct {
	child.Machine
	DuckDB string `json:"duckdb"`
}

// String is one line.
func (m *machine) String() string {
	return fmt.Sprintf("%d cores of %s, %s, %s, commit %s, DuckDB %s", m.Cores, m.CPU, m.System, m.Go, m.Commit, m.DuckDB)
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
	return &machine{Machine: child.ThisMachine(), DuckDB: version}, nil
}
