package job

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"crosscheck/engine"
	"crosscheck/engine/level"
	"crosscheck/loaders"
	"crosscheck/loaders/sidebyside"
)

// Open opens the sources of the levels, in their order. The error joins what is wrong with each level that cannot be opened; the
// levels then hold those that could. The caller closes them with Close either way.
func Open(levels []Level) ([]engine.Level, error) { return open(levels, nil, nil) }

// open opens levels side by side; scans keeps where the rows of text files lie, found is told how many files each level has. Both may be nil.
func open(levels []Level, scans *loaders.Scans, found func(files int)) ([]engine.Level, error) {
	open, faults := make([]engine.Level, len(levels)), make([]error, len(levels))
	err := sidebyside.Each(len(levels), func(i int) error {
		l := &levels[i]
		spec := l.spec()
		spec.Scans, spec.Found = scans, found
		var source level.Source
		if source, faults[i] = loaders.Open(l.Name, spec); faults[i] == nil {
			open[i] = engine.Level{Name: l.Name, Source: source, Columns: l.Columns, LatestBy: l.LatestBy}
		}
		return nil // all faults are told
	})
	open = slices.DeleteFunc(open, func(l engine.Level) bool { return l.Source == nil })
	return open, errors.Join(append(faults, err)...)
}

// Likely gives the encoding that the level's text files look like and that Encoding must say for them to be read, or "".
func (l *Level) Likely() string { return loaders.Likely(l.spec()) }

func (l *Level) spec() loaders.Spec {
	return loaders.Spec{Paths: l.Paths, Format: l.Format, Encoding: l.Encoding, Delimiter: l.Delimiter, NullValues: l.NullValues}
}

// OpenRosters opens the sources of the rosters as Open does those of levels. The caller closes them with CloseRosters.
func OpenRosters(rosters []Roster) ([]engine.Roster, error) {
	var open []engine.Roster
	var faults []error
	for _, r := range rosters {
		spec := r.spec()
		spec.Roster = true
		source, err := loaders.Open(r.Name, spec)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		open = append(open, engine.Roster{Name: r.Name, Source: source, Columns: r.Columns, Group: r.Group, Levels: r.Levels})
	}
	return open, errors.Join(faults...)
}

// CloseRosters closes the sources of the rosters.
func CloseRosters(rosters []engine.Roster) error {
	var faults []error
	for _, r := range rosters {
		faults = append(faults, r.Source.Close())
	}
	return errors.Join(faults...)
}

// Close closes the sources of the levels.
func Close(levels []engine.Level) error {
	faults := make([]error, len(levels))
	err := sidebyside.Each(len(levels), func(i int) error {
		faults[i] = levels[i].Source.Close()
		return nil
	})
	return errors.Join(append(faults, err)...)
}

// Input is what a level, or a roster, is read from.
type Input struct {
	Level string   `json:"level"` // or the roster
	Files []string `json:"files"` // in the order they are read
	Rows  int64    `json:"rows"`  // before a run an upper bound for text formats, after it the rows read
	Bytes int64    `json:"bytes"` // as stored

	// Columns are those of the files, which a manifest has no use for.
	Columns []InputColumn `json:"-"`

	// Modified is when the file that was changed last was; only of a night. Nil: unknown.
	Modified *time.Time `json:"modified,omitempty"`

	// Encodings of text files, as said or found, in the order in which they come.
	Encodings []string `json:"encodings,omitempty"`
}

// InputColumn is a column of an input, with its Arrow type.
type InputColumn struct{ Name, Type string }

// Inputs lists what the levels are read from.
func Inputs(levels []engine.Level) []Input {
	all := make([]Input, len(levels))
	for i, l := range levels {
		all[i] = input(l.Name, l.Source)
	}
	return all
}

// noteModified notes when the files of the levels' inputs were changed.
func noteModified(inputs []Input, levels []engine.Level) {
	for i, l := range levels {
		var last time.Time
		for _, p := range l.Source.Parts() {
			if p.Modified.After(last) {
				last = p.Modified
			}
		}
		if last = last.UTC().Truncate(time.Millisecond); !last.IsZero() {
			inputs[i].Modified = &last
		}
	}
}

// RosterInputs lists what the rosters are read from.
func RosterInputs(rosters []engine.Roster) []Input {
	all := make([]Input, len(rosters))
	for i, r := range rosters {
		all[i] = input(r.Name, r.Source)
	}
	return all
}

func input(name string, source level.Source) Input {
	in, parts := Input{Level: name, Files: []string{}}, source.Parts()
	for _, f := range source.Schema().Fields() {
		in.Columns = append(in.Columns, InputColumn{Name: f.Name, Type: f.Type.String()})
	}
	for i, p := range parts {
		if i == 0 || parts[i-1].File != p.File {
			in.Files = append(in.Files, p.File)
		}
		if e := p.Encoding; e != "" && !slices.Contains(in.Encodings, e) {
			in.Encodings = append(in.Encodings, e)
		}
		in.Rows += p.Rows
		in.Bytes += p.Bytes
	}
	return in
}

// CheckInputs holds that no level and no roster reads from the reports folder, as a wide glob can: the reports of one night would be records of
// the next. The error is an *Error.
func (j *Job) CheckInputs(levels, rosters []Input) error {
	var faults []Fault
	reports := within(j.Reports.Dir)
	for i, in := range slices.Concat(levels, rosters) {
		what, path := "level", engine.Option{List: "levels", Index: i, Part: "path"}
		if i >= len(levels) {
			what, path.List, path.Index = "roster", "rosters", i-len(levels)
		}
		for _, file := range in.Files {
			if reports(file) {
				faults = append(faults, j.reader.optionFault(&engine.OptionError{Option: path, Msg: fmt.Sprintf(
					"%s %s reads %s, which lies in the reports folder: narrow its path or set reports.dir to another folder", what, in.Level, file)}))
				break // one a level says it
			}
		}
	}
	if len(faults) > 0 {
		return &Error{Faults: faults}
	}
	return nil
}

// within gives what says whether a file lies in a folder. What relative paths begin at is asked once.
func within(dir string) func(file string) bool {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return func(string) bool { return false }
	}
	here, hereErr := filepath.Abs(".")
	return func(file string) bool {
		if !filepath.IsAbs(file) {
			if hereErr != nil {
				return false
			}
			file = filepath.Join(here, file)
		}
		return strings.HasPrefix(filepath.Clean(file), dir+string(filepath.Separator))
	}
}
