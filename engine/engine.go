package engine

import (
	"context"
	"errors"
	"time"

	"crosscheck/engine/level"
	"crosscheck/engine/record"
	"crosscheck/engine/verdict"
)

// Level is one of the data sets that describe the same records.
type Level struct {
	Name    string            // short and unique: it becomes part of column names of the report
	Source  level.Source      // the rows; the caller closes it
	Columns map[string]string // source column → the name it has in the job; columns left out keep theirs

	// LatestBy is a column, under its name in the job: of several rows of a key, the one with its greatest value stands for the level,
	// and the first in file order of those with equal values. Nulls are least. "": the first in file order.
	LatestBy string
}

// Field names a column that is compared, and says how. A key column takes a name and a type alone.
type Field struct {
	Name       string           // the name after Level.Columns
	Type       record.Type      // record.Auto: the type that a typed level has, else by Canon.Formats or content (record.Infer)
	Canon      record.Canon     // how its values become canonical; open steps are guessed from name and content (record.Guess)
	Tolerance  record.Tolerance // how far apart values may be and still agree
	IgnoreNull bool             // a level whose value is null does not vote
}

// Options says what is compared and how much of the machine is used. The zero value of each part means its default.
type Options struct {
	Key           []Field  // the column or columns that identify a record; required
	StrictRegions bool     // a resident ID of a region that does not exist is malformed
	Fields        []Field  // what is compared; empty: every column that at least two levels share, less key and Ignore
	Ignore        []string // columns that are not compared though they are shared
	Carry         []string // columns reported beside each finding, from the first level that holds the record

	Typo []string // fields that must agree where a key is taken for another one with a typo: a name and a birth date; empty: not looked for

	Rosters []Roster  // lists of keys that levels must know
	Rules   []Rule    // checks beyond the comparison
	AsOf    time.Time // what ages are measured from: rules of the kind RuleOverdue need it

	Workers    int // goroutines that decode, hash and join; default GOMAXPROCS
	Partitions int // radix partitions, a power of two; default 256

	// Memory is how many bytes the process may take; 0: as many as it needs. Where it is not enough to hold all records, rows are spilled to a
	// temporary file in SpillDir ("": the system's folder for temporary files), and the answer is the same.
	Memory   int64
	SpillDir string

	Planned func(*Plan) error // called once, before any row is compared; its error ends the run; nil: not called

	// Fitted is called with how the run fits its memory, before it begins, again where it begins anew (MemoryPlan.Anew), and once spilled rows are all read
	// (MemoryPlan.Loaded); nil: not called.
	Fitted func(MemoryPlan)

	// Exact has all hashes held against the keys and values that they stand for, so that no two which are not equal pass for equal (verify.go). The
	// report is the same, unless a hash would have hidden a difference. It costs another reading of all levels, and Kept is not used.
	Exact bool

	Kept *Kept // fingerprints from run to run; nil: all is read

	Progress func(Progress) // called now and then by any worker, also by several at once; nil: no reports

	small      bool   // Memory is for what a run keeps of records alone: tests have small inputs
	held       int64  // with small, what spilled rows may stay in memory
	diskFree   int64  // bytes that are free where rows are spilled, 0 for what the system says
	forceSpill int    // ranges of keys by which rows are spilled in any case, 0 for none
	weights    uint64 // the bits that are taken of the weights of syndromes, 0 for all: tests make fields have the same

	seed *record.Seed   // of the hashes, once they are verified
	weak []*record.Seed // the first ones that are tried, in place of the hash without a secret: tests make them collide
}

// Progress says how far a run is.
type Progress struct {
	Phase string // "verify", "load", "join", "gather" or "write"
	Level string // the level under way, where the phase has one
	Done  int64  // rows done in this phase (all levels)
	Total int64  // rows to do in this phase (all levels), an estimate for text formats

	// Elapsed is 0, but for two kinds of reports: that a level is in (it has a Level), with the time since the one before was, and the last one of
	// a phase (it has none). Done is then all that was done of either.
	Elapsed time.Duration
}

// Sink takes the findings of a run, in report order. Begin is called once before the first Write; Write takes ownership of
// the block. They are never called at the same time. An error ends the run with that error.
type Sink interface {
	Begin(verdict.Header) error
	Write(context.Context, *verdict.Block) error
}

// ErrOptions marks an error about what was asked for (an unknown column, a type that cannot be compared), found before
// any row was compared: test with errors.Is.
var ErrOptions = errors.New("cannot be compared as asked")
