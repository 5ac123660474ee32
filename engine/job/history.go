package job

import (
	"fmt"
	"time"

	"crosscheck/engine/past"
)

// History is what the manifests of a reports folder say of its nights. It holds counts alone.
type History struct {
	Nights  []HistoryNight `json:"nights"`  // by date
	Missing []string       `json:"missing"` // dates between the first and the last night that have none, at most 1,000

	// Comparisons adds up the records of all nights: a record of a night, held against what its levels say, is one comparison.
	Comparisons int64       `json:"comparisons"`
	Rows        int64       `json:"rows"`       // read, over all nights
	Milestones  []Milestone `json:"milestones"` // in the order in which they were passed

	basis string // of the last night
}

// Milestone is a number of comparisons and the night, in the order of dates, that passed it.
type Milestone struct {
	Comparisons int64  `json:"comparisons"`
	Date        string `json:"date"`
}

// milestones are the numbers of comparisons that are worth a word.
var milestones = []int64{100_000_000, 1_000_000_000, 10_000_000_000, 100_000_000_000, 1_000_000_000_000}

// HistoryNight is a night as its manifest tells it.
type HistoryNight struct {
	Date    string        `json:"date"`
	Job     string        `json:"job"`
	Started time.Time     `json:"started"`
	Seconds float64       `json:"elapsed_seconds"` // of reading, comparing and writing the findings
	Levels  []LevelVolume `json:"levels"`

	Rows        int64 `json:"rows"`
	Records     int64 `json:"records"`
	Comparisons int64 `json:"comparisons"` // up to and including this night
	Matched     int64 `json:"matched"`
	Missing     int64 `json:"missing"`
	Differing   int64 `json:"differing"`
	Findings    int64 `json:"findings"`

	// Changes is nil where the night did not look at the one before. Stale says that the night before it was published since, or published
	// again as another one than it was held against, so that running this one again would tell more.
	Changes *Changes `json:"changes"`
	Stale   bool     `json:"stale"`

	MismatchRate float64   `json:"mismatch_rate"` // as the gates of these names see it: without what is waived
	MissingRate  float64   `json:"missing_rate"`
	Gates        []Outcome `json:"gates"`
	Passed       bool      `json:"gates_passed"`
}

// LevelVolume is how much a level delivered on a night.
type LevelVolume struct {
	Level    string     `json:"level"`
	Rows     int64      `json:"rows"`
	Modified *time.Time `json:"modified,omitempty"`
}

// maxMissing bounds the list of dates without a night.
const maxMissing = 1000

// ReadHistory reads the manifests of a reports folder. Of a manifest that cannot be read nothing counts, and warnings say so. The error is a *level.InputError.
func ReadHistory(reports string) (h *History, warnings []string, err error) {
	dates, err := nightsOf(reports)
	if err != nil {
		return nil, nil, err
	}
	h = &History{Nights: []HistoryNight{}, Missing: []string{}, Milestones: []Milestone{}}
	for _, date := range dates {
		m, err := readManifest(reports, date)
		if err != nil {
			warnings = append(warnings, fmt.Sprintf("the night %s is left out: %v", date, err))
			continue
		}
		h.add(m)
	}
	return h, warnings, nil
}

// add adds a night that is later than those before.
func (h *History) add(m *Manifest) {
	s := m.Summary
	rates := Judge([]Gate{{Metric: MismatchRate}, {Metric: MissingRate}}, s, m.Waivers.outcome(), nil)
	n := HistoryNight{
		Date: m.Date, Job: m.Job, Started: m.Started, Seconds: s.Elapsed.Seconds(),
		Rows: s.Rows(), Records: s.Records, Matched: s.Matched, Missing: s.Missing, Differing: s.Differing, Findings: s.Findings,
		Changes: m.Changes, MismatchRate: rates[0].Value, MissingRate: rates[1].Value, Gates: m.Gates, Passed: m.Passed(),
	}
	for _, in := range m.Inputs {
		n.Levels = append(n.Levels, LevelVolume{in.Level, in.Rows, in.Modified})
	}
	if c := n.Changes; c != nil && c.Kinds == nil {
		c.Kinds = []past.KindCount{}
	}
	if last := len(h.Nights) - 1; last >= 0 {
		before := h.Nights[last].Date
		if c := n.Changes; c != nil && c.Note == "" {
			n.Stale = c.Against != before || c.Basis != "" && h.basis != "" && c.Basis != h.basis
		}
		h.gap(before, n.Date)
	}
	h.basis = m.basis()
	h.Rows += n.Rows
	for _, at := range milestones {
		if h.Comparisons < at && h.Comparisons+n.Records >= at {
			h.Milestones = append(h.Milestones, Milestone{at, n.Date})
		}
	}
	h.Comparisons += n.Records
	n.Comparisons = h.Comparisons
	h.Nights = append(h.Nights, n)
}

// gap lists the dates between two nights.
func (h *History) gap(from, to string) {
	at, err := time.Parse(DateLayout, from)
	for err == nil && len(h.Missing) < maxMissing {
		at = at.AddDate(0, 0, 1)
		date := at.Format(DateLayout)
		if date >= to {
			return
		}
		h.Missing = append(h.Missing, date)
	}
}
