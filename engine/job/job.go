package job

import (
	"os"
	"path/filepath"
	"time"

	"crosscheck/engine"
	"crosscheck/engine/audit"
	"crosscheck/engine/durable"
)

// Job is a job file, checked, with its paths made usable from the working directory.
type Job struct {
	File   string         // the job file, as it was given
	Name   string         // what the job is called in its outputs
	Key    []engine.Field // the column or columns that identify a record
	Levels []Level        // 2 to 16, in the order of the file

	Typo          []string // fields that must agree where a key is taken for another one with a typo; empty: not looked for
	StrictRegions bool     // a resident ID of a region that does not exist is malformed

	Fields  []engine.Field // what is compared; empty: every column that at least two levels share
	Ignore  []string       // columns that are not compared though they are shared
	Rosters []Roster       // lists of keys that levels must know, in the order of the file
	Rules   []engine.Rule  // checks beyond the comparison, in the order of the file
	Waivers *Waivers       // known differences; nil: none
	Reports Reports        // where the outputs go
	Privacy Privacy        // who may see what of them
	Gates   []Gate         // limits that decide the exit code
	Notify  *Notify        // who is told of a run that went wrong; nil: nobody
	Lineage *Lineage       // where the events of a run go; nil: nowhere
	Cache   bool           // fingerprints and values of the levels are kept for the next night
	Exact   bool           // values are compared themselves where their hashes agree
	Workers int            // goroutines; 0: as many as there are processors

	Memory   int64  // bytes that a run may take; 0: not given
	SpillDir string // where what does not fit into memory goes; "": with what is staged, in the reports folder

	reader *reader        // of the file, for Place
	config []audit.Digest // of the files that Load read
}

// Roster is a list of keys that levels must know. Its Columns give the key columns the names they have in the job.
type Roster struct {
	Level
	Group  string   // column by which results are counted, or ""
	Levels []string // levels that must know each member; empty: all
}

// Level says where one level lies and how it is read.
type Level struct {
	Name       string            // letters, digits and underscores: it becomes part of column names
	Paths      []string          // files, folders or globs
	Format     string            // one of loaders.Formats, or "" to go by the file names
	Encoding   string            // one of loaders.Encodings, or "" for the loader's default; of text formats
	Delimiter  byte              // between the columns of CSV, or 0 for the loader's default
	NullValues []string          // texts that are null in CSV; nil: the loader's default, empty: none
	Columns    map[string]string // source column → the name it has in the job
	LatestBy   string            // of several rows of a key the one with the greatest value of this column stands for the level; "": the first
}

// Reports says where the outputs of a job go.
type Reports struct {
	Dir   string   // the reports folder
	Carry []string // columns reported beside each finding
}

// DefaultReports is the reports folder of a job that names none, beside the job file.
const DefaultReports = "reports"

// KeyTypes are the types that a key column may have.
func KeyTypes() []string { return []string{"cn_id", "string", "int64"} }

// MinLevels and MaxLevels bound the number of levels.
const (
	MinLevels = 2
	MaxLevels = 16
)

// MaxWorkers is the largest number of workers that can be asked for.
const MaxWorkers = 1024

// Load reads and checks a job file and its waiver file; env looks up a variable of the environment, as os.LookupEnv does. An error
// is an *Error with every fault of the files, and the job then holds the parts that could be read, for those who want to look
// further.
func Load(path string, env func(string) (string, bool)) (*Job, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return &Job{File: path}, &Error{Faults: []Fault{{File: path, Msg: "cannot be read: " + cause(err), Err: err}}}
	}
	j, _ := Parse(path, src, env)
	j.config = []audit.Digest{audit.DigestOf(path, src)}
	faults := append(j.readRecipients(), j.readWaivers()...)
	if faults = append(order(j.reader.faults), faults...); len(faults) > 0 {
		return j, &Error{Faults: faults}
	}
	return j, nil
}

// Parse is Load for a job file that is in memory, without its waiver file; path says what its relative paths are relative to.
func Parse(path string, src []byte, env func(string) (string, bool)) (*Job, error) {
	j := &Job{File: path, Reports: Reports{Dir: filepath.Join(filepath.Dir(path), DefaultReports)}}
	r := newReader(path, src, env)
	j.reader = r
	if r.top = r.root(); r.top != nil {
		r.job(r.top, j)
	} else if len(r.faults) == 0 {
		r.faults = append(r.faults, Fault{File: path, Msg: "the job file is empty; write job, key and levels"})
	}
	return j, r.err()
}

// Options are the engine's options for this job on a run date, with its rosters as OpenRosters gave them. Ages are measured from
// the end of the date, UTC.
func (j *Job) Options(date time.Time, rosters []engine.Roster) engine.Options {
	return engine.Options{Key: j.Key, StrictRegions: j.StrictRegions, Fields: j.Fields, Ignore: j.Ignore, Carry: j.Reports.Carry, Workers: j.Workers,
		Typo: j.Typo, Rosters: rosters, Rules: j.Rules, AsOf: date.AddDate(0, 0, 1),
		Memory: j.Memory, SpillDir: j.SpillDir, Exact: j.Exact}
}

// cause gives what went wrong with a file without its path, which the message around it has.
func cause(err error) string { return durable.Cause(err).Error() }
