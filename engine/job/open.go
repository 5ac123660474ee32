package job

import (
	"errors"

	"crosscheck/engine"
	"crosscheck/engine/level"
	"crosscheck/loaders"
)

// Open opens the sources of the levels, in their order. The error joins what is wrong with each level that cannot be opened; the
// levels then hold those that could. The caller closes them with Close either way.
func Open(levels []Level) ([]engine.Level, error) {
	var open []engine.Level
	var faults []error
	for _, l := range levels {
		source, err := loaders.Open(l.Name, loaders.Spec{
			Paths:      l.Paths,
			Format:     l.Format,
			Encoding:   l.Encoding,
			Delimiter:  l.Delimiter,
			NullValues: l.NullValues,
		})
		if err != nil {
			faults = append(faults, err)
			continue
		}
		open = append(open, engine.Level{Name: l.Name, Source: source, Columns: l.Columns})
	}
	return open, errors.Join(faults...)
}

// Close closes the sources of the levels.
func Close(levels []engine.Level) error {
	var faults []error
	for _, l := range levels {
		faults = append(faults, l.Source.Close())
	}
	return errors.Join(faults...)
}

// Input is what a level is read from.
type Input struct {
	Level string   `json:"level"`
	Files []string `json:"files"` // in the order they are read
	Rows  int64    `json:"rows"`  // before a run an upper bound for text formats, after it the rows read
	Bytes int64    `json:"bytes"` // as stored
}

// Inputs lists what the levels are read from.
func Inputs(levels []engine.Level) []Input {
	all := make([]Input, len(levels))
	for i, l := range levels {
		all[i] = input(l.Name, l.Source.Parts())
	}
	return all
}

func input(name string, parts []level.Part) Input {
	in := Input{Level: name, Files: []string{}}
	for i, p := range parts {
		if i == 0 || parts[i-1].File != p.File {
			in.Files = append(in.Files, p.File)
		}
		in.Rows += p.Rows
		in.Bytes += p.Bytes
	}
	return in
}
