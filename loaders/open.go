// Package loaders opens a level: it turns the files, folders and globs that a person names into the files of one format, and
// hands them to the loader of that format. The formats are one list, in format.go; package loadertest holds what each of
// them must pass.
package loaders

import (
	"fmt"
	"slices"
	"strings"

	"crosscheck/engine/level"
	"crosscheck/loaders/csvio"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Spec says what a level is read from and how. The zero value of each part but Paths means its default.
type Spec struct {
	// Paths are files, folders and globs; ** in a glob stands for folders of any depth. A folder stands for the files
	// of a known format right inside it.
	Paths []string
	// Format is one of Formats; "" goes by the names of the files, and by their first bytes where the names do not tell.
	Format string
	// Encoding is that of text formats, one of Encodings; "" is UTF-8, or what a file's byte order mark says.
	Encoding string

	Delimiter  byte             // of CSV; 0: the one of , ; tab | that a file's header line holds most of
	NullValues []string         // texts that are null in CSV; nil: the empty one, empty: none
	BatchRows  int              // the most rows a batch; default that of the format
	Allocator  memory.Allocator // of Arrow buffers; default: the loader's own
	Scans      *Scans           // keeps where the rows of text files lie; nil: they are scanned
	Roster     bool             // the level is a roster, and called so in errors
	Found      func(files int)  // told how many files there are before they are opened; may be nil
}

// Scans keeps what Open found out about text files; see csvio.Scans.
type Scans = csvio.Scans

// Files lists the files that Open would read from, in their order.
func Files(spec Spec) ([]string, error) { return expand(spec.Paths, spec.Format) }

// Open opens the level of that name. The source's files are those of spec in the order of their names, each once. Errors, also
// those of the source and its readers, carry the level's name; those about the input are *level.InputError.
func Open(name string, spec Spec) (level.Source, error) {
	of := named{name, spec.Roster}
	s, err := open(spec)
	if err != nil {
		return nil, of.fault(err)
	}
	if bundler, ok := s.(level.Bundler); ok {
		return &bundling{source{s, of}, bundler}, nil
	}
	return &source{s, of}, nil
}

func open(spec Spec) (level.Source, error) {
	if spec.Format != "" && formatNamed(spec.Format) == nil {
		return nil, &level.InputError{
			Msg:  fmt.Sprintf("there is no format %q", spec.Format),
			Hint: "formats are " + strings.Join(Formats(), " and "),
		}
	}
	if e := spec.Encoding; e != "" && !slices.Contains(Encodings(), e) {
		return nil, &level.InputError{
			Msg:  fmt.Sprintf("there is no encoding %q", e),
			Hint: "encodings are " + strings.Join(Encodings(), ", "),
		}
	}
	paths, err := expand(spec.Paths, spec.Format)
	if err != nil {
		return nil, err
	}
	f, err := formatOf(paths, spec.Format)
	if err != nil {
		return nil, err
	}
	if !f.text && (spec.Delimiter != 0 || spec.NullValues != nil || spec.Encoding != "") {
		return nil, &level.InputError{
			File: paths[0], Msg: "a delimiter, null values or an encoding are given for a file of format " + f.name,
			Hint: "leave them out: they are for csv",
		}
	}
	if spec.Found != nil {
		spec.Found(len(paths))
	}
	return f.open(paths, spec)
}
