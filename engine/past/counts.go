package past

import "crosscheck/engine/verdict"

// Counts says how tonight's findings stand against the last night. Findings = New + Persisting + Waived.
type Counts struct {
	New        int64 `json:"new"`
	Persisting int64 `json:"persisting"`
	Waived     int64 `json:"waived"`
	Resolved   int64 `json:"resolved"`
	Unlooked   int64 `json:"no_longer_looked_for"` // open the last night, about what the job no longer compares
	Open       int64 `json:"open_last_night"`      // new or persisting the last night

	Kinds []KindCount `json:"kinds"` // every kind, in report order

	kinds [verdict.NumKinds]KindCount
}

// KindCount is Counts of one kind.
type KindCount struct {
	Kind       string `json:"kind"`
	New        int64  `json:"new"`
	Persisting int64  `json:"persisting"`
	Resolved   int64  `json:"resolved"`
}

func (c *Counts) add(f *verdict.Finding) {
	k := &c.kinds[f.Kind]
	switch f.Status {
	case verdict.New:
		c.New++
		k.New++
	case verdict.Persisting:
		c.Persisting++
		k.Persisting++
	case verdict.Resolved:
		c.Resolved++
		k.Resolved++
	case verdict.Waived:
		c.Waived++
	}
}

// Counts gives what was counted. It is whole after the last Rest.
func (m *Merge) Counts() Counts {
	c := m.counts
	for _, k := range verdict.Kinds() {
		c.kinds[k].Kind = k.String()
		c.Kinds = append(c.Kinds, c.kinds[k])
	}
	return c
}
