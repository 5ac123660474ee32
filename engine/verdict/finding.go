// Package verdict turns what the join found suspicious into findings: missing, differs, duplicate, invalid_key, with the
// outlier and the consensus where three or more levels can vote. It is pure: no files, no clock, no goroutines.
package verdict

// Kind is what a finding says about a record.
type Kind uint8

// The kinds, in the order of their names, which is the order of a report.
const (
	Differs      Kind = iota // levels that hold the record and the field do not all agree
	Duplicate                // a level holds the key more than once
	Inconsistent             // a row contradicts its key or fails a rule
	InvalidKey               // a row has a null, blank or malformed key
	KeyTypo                  // two records that levels lack are probably one: their keys differ by an edit
	Missing                  // at least one level lacks the record
	NotCovered               // a level lacks the member of a roster
	Overdue                  // a level has no sufficiently recent value for the member of a roster
	NumKinds
)

// Kinds lists all kinds in report order.
func Kinds() []Kind {
	return []Kind{Differs, Duplicate, Inconsistent, InvalidKey, KeyTypo, Missing, NotCovered, Overdue}
}

// String gives the kind as it stands in a report.
func (k Kind) String() string {
	return [NumKinds]string{"differs", "duplicate", "inconsistent", "invalid_key", "key_typo", "missing", "not_covered", "overdue"}[k]
}

// Status says what a finding counts as.
type Status uint8

// The states. The engine leaves every finding New; what is waived or persists is decided behind it, see packages waiver and past.
const (
	New        Status = iota
	Persisting        // the last night had it too
	Waived            // a waiver that holds covers it: reported, but counted apart
	Resolved          // the last night had it, and tonight does not; such findings are a table of their own
	numStatuses
)

// Statuses lists all states.
func Statuses() []Status { return []Status{New, Persisting, Waived, Resolved} }

// String gives the status as it stands in a report.
func (s Status) String() string {
	return [numStatuses]string{"new", "persisting", "waived", "resolved"}[s]
}

// Header describes the table of findings.
type Header struct {
	Levels []string // names of the levels, in the order of the job, 2 to 16
	Fields []string // names of the compared fields, then of those that only rules look at; Finding.Field indexes it
	Carry  []string // names of the carried columns; Finding.Carry runs along it
	Files  []string // names of the files of levels and rosters
	// Locate gives the file, an index of Files, and the row (counted from 1, header not counted) of row reference ref (Finding.Rows) of a
	// level. It may be called by many goroutines at once.
	Locate func(level int, ref uint32) (file int, row int64)
	// FilesOnly says that rows are not told: the report has files alone.
	FilesOnly bool
}

// NoField is Finding.Field where the kind has no field, NoLevel is Finding.Outlier where there is none.
const (
	NoField = -1
	NoLevel = -1
)

// Finding is one row of the report. Byte slices are UTF-8 text; nil is null, an empty non-nil slice is the empty text. They
// may point into memory shared by the Block: read, never written. What is looked at most comes first: it is one line of a processor's cache.
type Finding struct {
	Key       []byte   // canonical key; empty, not nil, where the row has none
	Kind      Kind     //
	Status    Status   //
	In        uint32   // bit l is set where level l holds the record
	FirstSeen int32    // the first night of it, in days from 1970-01-01; 0: the night of the run
	Field     int      // index of Header.Fields or NoField
	Outlier   int      // the level that alone disagrees with all others, or NoLevel
	Count     int64    // rows of a duplicate; 0 is null
	Values    [][]byte // what each level holds, one a level; nil: the kind has no values
	Consensus []byte   // the value that more than half of the levels that hold the field agree on
	Rows      []uint32 // row references, one a level, 0 where the level has no row
	Hashes    []uint64 // of a Differs: hashes of the canonical values, one a level, equal where the values are; not in the report
	Reason    string   // the rule or roster that it is about, or why a key is invalid; "" is null
	Group     []byte   // the member's group in the roster
	Carry     [][]byte // carried values, one a carried column; nil: there are none
}

// Block is a run of findings in report order: by key, kind, field, level (null before any field). The blocks of a run follow one
// another in that order, and where one ends depends on the data alone, never on workers or timing. The findings of a record lie in
// one block.
type Block struct {
	Findings []Finding
	Release  func() // takes the memory of the findings back, see Done; nil: nobody wants it
}

// Done says that the block's owner looks at its findings no more, nor at anything that they point to, so that their memory may be used for
// others. It need not be called. A block that is kept, or handed to two owners, must not be.
func (b *Block) Done() {
	if release := b.Release; release != nil {
		b.Findings, b.Release = nil, nil
		release()
	}
}
