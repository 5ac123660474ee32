package loaders

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"crosscheck/engine/level"
	"crosscheck/loaders/csvio"
	"crosscheck/loaders/parquetio"
)

// format is a file format and its loader.
type format struct {
	name string
	ends []string // of file names, in lower case
	text bool     // it has a delimiter, an encoding, and texts for null
	open func(paths []string, spec Spec) (level.Source, error)
}

// formats are all formats. A format is added here and nowhere else.
var formats = []*format{
	{name: "parquet", ends: []string{".parquet", ".pq"}, open: openParquet},
	{name: "csv", ends: []string{".csv", ".tsv", ".txt"}, text: true, open: openCSV},
}

// Formats names the formats.
func Formats() []string {
	var names []string
	for _, f := range formats {
		names = append(names, f.name)
	}
	return names
}

func openParquet(paths []string, spec Spec) (level.Source, error) {
	s, err := parquetio.Open(paths, parquetio.Options{BatchRows: spec.BatchRows, Allocator: spec.Allocator})
	if err != nil {
		return nil, err
	}
	return s, nil
}

func openCSV(paths []string, spec Spec) (level.Source, error) {
	opt := csvio.Options{Delimiter: spec.Delimiter, Encoding: spec.Encoding, BatchRows: spec.BatchRows, NullValues: spec.NullValues, Allocator: spec.Allocator,
		Scans: spec.Scans}
	tabs := func(p string) bool { return strings.EqualFold(filepath.Ext(p), ".tsv") }
	if opt.Delimiter == 0 && !slices.ContainsFunc(paths, func(p string) bool { return !tabs(p) }) {
		opt.Delimiter = '\t'
	}
	s, err := csvio.Open(paths, opt)
	if err != nil {
		return nil, mixed(err, paths)
	}
	return s, nil
}

// endings lists how the names of files of the given format end, of all formats for "".
func endings(given string) []string {
	var ends []string
	for _, f := range formats {
		if given == "" || f.name == given {
			ends = append(ends, f.ends...)
		}
	}
	return ends
}

func formatNamed(name string) *format {
	for _, f := range formats {
		if f.name == name {
			return f
		}
	}
	return nil
}

// formatByName is the format that a file's name tells, nil if it tells none. The loaders know compressed files and say what
// to do with them, so the end that a compressor adds is passed over.
func formatByName(path string) *format {
	base := strings.ToLower(filepath.Base(path))
	for _, packed := range []string{".gz", ".zst", ".xz", ".zip"} {
		base = strings.TrimSuffix(base, packed)
	}
	for _, f := range formats {
		if slices.Contains(f.ends, filepath.Ext(base)) {
			return f
		}
	}
	return nil
}

// formatOf is the one format of the files: the given one, or the one that all of them have.
func formatOf(paths []string, given string) (*format, error) {
	if given != "" {
		return formatNamed(given), nil
	}
	var all *format
	for _, p := range paths {
		f := formatByName(p)
		if f == nil {
			var err error
			if f, err = formatByContent(p); err != nil {
				return nil, mixed(err, paths)
			}
		}
		if all == nil {
			all = f
		} else if f.name != all.name {
			return nil, &level.InputError{
				File: p, Msg: fmt.Sprintf("is of format %s, while %s is of format %s", f.name, paths[0], all.name),
				Hint: "all files of a level have one format: narrow the path" + narrower(paths) + ", or write format: " + all.name + " in the job file",
			}
		}
	}
	return all, nil
}

// mixed adds to an error about a file of a level whose names end in several ways what leaves out those that are no data, such as notes.
func mixed(err error, paths []string) error {
	in, ok := err.(*level.InputError)
	glob := narrower(paths)
	if !ok || glob == "" {
		return err
	}
	e := *in
	if e.Hint != "" {
		e.Hint += "; "
	}
	e.Hint += "where a file is no data, narrow the path" + glob
	return &e
}

// narrower gives ", as to d/*.csv" for the way in which most of the names of files in one folder end, "" where all end in it or several folders
// have such files.
func narrower(paths []string) string {
	count, folder := map[string]int{}, map[string]string{}
	most := "" // of a tie not .txt, as notes are
	for _, p := range paths {
		end, dir := filepath.Ext(p), filepath.Dir(p)
		if in, ok := folder[end]; ok && in != dir {
			return ""
		}
		folder[end] = dir
		if count[end]++; end != "" && (count[end] > count[most] || count[end] == count[most] && most == ".txt") {
			most = end
		}
	}
	if len(count) < 2 || most == "" {
		return ""
	}
	return ", as to " + filepath.Join(folder[most], "*"+most)
}

// formatByContent is the format of a file whose name tells none.
func formatByContent(path string) (*format, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer in.Close()
	var magic [4]byte
	if _, err := io.ReadFull(in, magic[:]); err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, unreadable(path, err)
	}
	if string(magic[:]) == "PAR1" {
		return formatNamed("parquet"), nil
	}
	return nil, &level.InputError{
		File: path, Msg: "neither its name nor its first bytes tell a known format",
		Hint: "give it a name that ends in " + strings.Join(endings(""), ", ") + ", or write in the job file which format it has: " + strings.Join(Formats(), " or "),
	}
}
