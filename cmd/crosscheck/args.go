package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"crosscheck/engine"
	"crosscheck/engine/job"
	"crosscheck/engine/record"

	"github.com/spf13/cobra"
)

// levelsOf reads NAME=PATH arguments: those of one NAME are one level, a PATH alone is named after its file.
func levelsOf(args []string) ([]job.Level, error) {
	var levels []job.Level
	for _, arg := range args {
		name, path, named := splitLevel(arg)
		if path == "" {
			return nil, usagef("%q names no path; write NAME=PATH", arg)
		}
		at := slices.IndexFunc(levels, func(l job.Level) bool { return l.Name == name })
		switch {
		case !job.IsLevelName(name):
			return nil, usagef("cannot name a level after %q; write NAME=PATH with letters, digits and underscores in NAME", path)
		case at < 0:
			levels = append(levels, job.Level{Name: name, Paths: []string{path}})
		case named:
			levels[at].Paths = append(levels[at].Paths, path)
		default:
			return nil, usagef("two levels would be named %q; write NAME=PATH", name)
		}
	}
	if len(levels) == 1 && len(args) > 1 {
		return nil, usagef("all %d paths are of one level, %q; give each level a NAME of its own", len(args), levels[0].Name)
	}
	if n := len(levels); n < job.MinLevels || n > job.MaxLevels {
		return nil, usagef("there are %d levels; give %d to %d as NAME=PATH", n, job.MinLevels, job.MaxLevels)
	}
	return levels, nil
}

// splitLevel takes NAME=PATH apart. A path may itself hold "=", as in run_date=2026-11-23/part-00000.parquet.
func splitLevel(arg string) (name, path string, named bool) {
	name, path, named = strings.Cut(arg, "=")
	if named && job.IsLevelName(name) {
		if _, err := os.Stat(arg); err != nil {
			return name, path, true
		}
	}
	base := filepath.Base(arg)
	base = strings.TrimSuffix(base, filepath.Ext(base))
	return strings.NewReplacer("-", "_", ".", "_", " ", "_").Replace(base), arg, false
}

// keyOf pairs the key columns with their types: none, one for all, or one each.
func keyOf(columns, types []string) ([]engine.Field, error) {
	if len(types) > 1 && len(types) != len(columns) {
		return nil, usagef("--key names %d columns and --key-type %d types; give one type for all or one each", len(columns), len(types))
	}
	var key []engine.Field
	for i, c := range columns {
		if slices.Contains(columns[:i], c) {
			return nil, usagef("--key names the column %q twice", c)
		}
		f := engine.Field{Name: c}
		if len(types) > 0 {
			name := types[min(i, len(types)-1)]
			if !slices.Contains(job.KeyTypes(), name) {
				return nil, usagef("unknown key type %q; it can be %s", name, strings.Join(job.KeyTypes(), ", "))
			}
			var err error
			if f.Type, err = record.ParseType(name); err != nil {
				return nil, &usageError{err: err}
			}
		}
		key = append(key, f)
	}
	return key, nil
}

// checkWorkers holds --workers to its bounds; 0 means one a processor.
func checkWorkers(n int) error {
	if n < 0 || n > job.MaxWorkers {
		return usagef("--workers %d: give 1 to %d, or 0 for one a processor", n, job.MaxWorkers)
	}
	return nil
}

// flagsAlone is for commands that take flags and nothing else.
func flagsAlone(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("unexpected argument %q: write '%s'; a text of several words is put in quotes", args[0], c.UseLine())
	}
	return nil
}

// choose is what a command does that is nothing but those below it, where none of them is named; what says what they are.
func choose(what string) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		var names []string
		for _, below := range c.Commands() {
			names = append(names, below.Name())
		}
		if len(args) > 0 {
			return fmt.Errorf("unknown %s %q for %q; it can be %s", what, args[0], c.CommandPath(), strings.Join(names, ", "))
		}
		return fmt.Errorf("say which %s: %s", what, strings.Join(names, ", "))
	}
}
