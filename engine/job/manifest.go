package job

import (
	"time"

	"crosscheck/engine"
	"crosscheck/engine/audit"
)

// Manifest is what _committed/D.json says about a night. It holds no key and no value of a record.
type Manifest struct {
	Job      string    `json:"job"`
	Date     string    `json:"date"`       // the run date, as 2026-11-23
	Version  string    `json:"crosscheck"` // the version of the program
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"` // when the tables were written

	Key     []string        `json:"key"`
	KeyType []string        `json:"key_types"`         // along Key: what a run took the columns for
	Inputs  []Input         `json:"inputs"`            // a level
	Rosters []Input         `json:"rosters,omitempty"` // a roster
	Summary *engine.Summary `json:"summary"`
	Waivers *WaiverOutcome  `json:"waivers,omitempty"` // how much of the summary is waived; nil: the job has no waiver file
	Changes *Changes        `json:"changes"`           // against the last night; nil: of a version that did not look
	Gates   []Outcome       `json:"gates"`
	LeftOut []string        `json:"left_out"` // tiers that were not published

	PseudonymKey string `json:"pseudonym_key_id,omitempty"` // names the key of the internal tier
	MinCell      int64  `json:"min_cell"`                   // the smallest count above zero in the public tables

	OpenPublic     bool `json:"open_public"`      // the public tables tell how many findings are open
	LastOpenPublic bool `json:"last_open_public"` // those of the last night did

	RowsPerSecond float64 `json:"rows_per_second"`
	PeakMemory    int64   `json:"peak_memory_bytes"`

	Files []File       `json:"files"` // what was published
	Audit audit.Anchor `json:"audit"` // the entry of the trail that says so, the last one then

	Purged []Purged `json:"purged,omitempty"` // of the files, those that are there no more

	date   time.Time
	last   *Manifest // the last committed night before the date; nil: there is none
	config []audit.Digest
}

// File is one published file.
type File struct {
	Path   string `json:"path"` // below the reports folder, with slashes
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // hexadecimal
}

// Purged says that the tables of a tier were removed since.
type Purged struct {
	Tier  string `json:"tier"`
	Entry int64  `json:"entry"` // of the trail
}

// Passed says whether all gates passed.
func (m *Manifest) Passed() bool {
	for _, o := range m.Gates {
		if !o.Passed {
			return false
		}
	}
	return true
}
