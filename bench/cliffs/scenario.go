package cliffs

import (
	"fmt"
	"slices"

	"crosscheck/bench/synth"
)

// Scenario is one kind of data and how it is run.
type Scenario struct {
	Name    string
	Data    synth.ShapeOptions // without a folder
	Workers int                // 0: one a processor
	Bytes   bool               // time is compared by byte of values: no cell is like one of the plain case
}

// The plain case, and what the scenarios have of it.
const (
	plainLevels   = 3
	plainMismatch = 0.01
	rowGroup      = 122_880 // as most writers make them
)

// plainColumns are of the kinds and widths that records of people have.
var plainColumns = []synth.Column{
	{Type: "string", Width: 9, Wide: true, Distinct: 0.5},
	{Type: "string", Width: 3, Wide: true, Distinct: 2},
	{Type: "date", Distinct: 30000},
	{Type: "string", Width: 11, Distinct: 0.9, Nulls: 0.02},
	{Type: "string", Width: 45, Wide: true, Distinct: 0.9, Nulls: 0.02},
	{Type: "string", Width: 9, Distinct: 300},
	{Type: "string", Width: 12, Distinct: 3000},
	{Type: "timestamp", Distinct: 0.7},
	{Type: "string", Width: 6, Wide: true, Distinct: 3},
	{Type: "decimal", Scale: 1, Distinct: 60},
	{Type: "int64", Distinct: 5},
	{Type: "date", Distinct: 900, Nulls: 0.1},
	{Type: "string", Width: 24, Wide: true, Distinct: 200},
}

// plain is the plain case with some records.
func plain(records int64) Scenario {
	s := Scenario{Name: "plain", Data: synth.ShapeOptions{Records: records, Mismatch: plainMismatch, Seed: 1}}
	s.Data.Shape = synth.Shape{Key: "cn_id", Columns: plainColumns}
	s.levels(plainLevels)
	return s
}

func (s *Scenario) shape() *synth.Shape { return &s.Data.Shape }

// levels gives the scenario n levels.
func (s *Scenario) levels(n int) {
	s.Data.Shape.Levels = make([]synth.Stored, n)
	s.each(func(l *synth.Stored) { *l = synth.Stored{Format: synth.Parquet, Codec: "snappy", Group: rowGroup} })
}

// each changes all levels.
func (s *Scenario) each(change func(*synth.Stored)) {
	for l := range s.Data.Shape.Levels {
		change(&s.Data.Shape.Levels[l])
	}
}

// columns gives the scenario n fields, and so many records that there are as many cells.
func (s *Scenario) columns(n int) {
	s.Data.Shape.Columns = nil
	for len(s.Data.Shape.Columns) < n {
		s.Data.Shape.Columns = append(s.Data.Shape.Columns, plainColumns...)
	}
	s.Data.Shape.Columns = s.Data.Shape.Columns[:n]
	if n > len(plainColumns) {
		s.Data.Records = s.Data.Records * int64(len(plainColumns)+1) / int64(n+1)
	}
}

// wide makes all fields texts of some bytes, and so many records that they are twice the bytes of the plain case.
func (s *Scenario) wide(width float64) {
	bytes := float64(s.Data.Records) * s.rowBytes()
	s.Data.Shape.Columns = slices.Clone(s.Data.Shape.Columns)
	for c := range s.Data.Shape.Columns {
		s.Data.Shape.Columns[c] = synth.Column{Type: "string", Width: width, Distinct: 0.9}
	}
	s.Data.Records = min(s.Data.Records, int64(2*bytes/s.rowBytes()))
	s.Bytes = true
}

// rowBytes is what the values of a row come to, 8 bytes for those that are no text.
func (s *Scenario) rowBytes() float64 {
	n := 18.0
	if s.Data.Shape.Key == "string" {
		n = s.Data.Shape.Width
	}
	for _, c := range s.Data.Shape.Columns {
		if c.Type == "string" {
			n += c.Width
		} else {
			n += 8
		}
	}
	return n
}

// rows is how many there are over all levels, those that are left out aside.
func (s *Scenario) rows() float64 { return float64(s.Data.Records) * float64(len(s.Data.Shape.Levels)) }

// cells is how many values they have, the key's among them.
func (s *Scenario) cells() float64 { return s.rows() * float64(len(s.Data.Shape.Columns)+len(s.key())) }

// unit is what the scenario's time is divided by, and so the plain case's.
func (s *Scenario) unit(of *Scenario) float64 {
	if s.Bytes {
		return of.rows() * of.rowBytes()
	}
	return of.cells()
}

// key is the columns of the key.
func (s *Scenario) key() []string {
	if s.Data.Shape.Key == "pair" {
		return []string{synth.ShapeKey, synth.ShapeKey2}
	}
	return []string{synth.ShapeKey}
}

// scenarios are all of them, of about as many cells as the plain case has with some records; the plain case comes first.
func scenarios(records int64) []Scenario {
	all := []Scenario{plain(records)}
	add := func(name string, change func(*Scenario)) {
		s := plain(records)
		s.Name = name
		change(&s)
		all = append(all, s)
	}
	add("one worker", func(s *Scenario) { s.Workers = 1 })
	add("one key in all rows", func(s *Scenario) { s.shape().Same = 1 })
	add("one key in half of the rows", func(s *Scenario) { s.shape().Same = 0.5 })
	add("keys with one prefix of 100 bytes", func(s *Scenario) { s.shape().Key, s.shape().Width = "string", 108 })
	add("keys sorted, one row group", func(s *Scenario) {
		s.shape().Key = "int64"
		s.each(func(l *synth.Stored) { l.Sorted, l.Group = true, int(records)+1 })
	})
	add("string keys", func(s *Scenario) { s.shape().Key, s.shape().Width = "string", 16 })
	add("keys of two columns", func(s *Scenario) { s.shape().Key, s.shape().Width = "pair", 12 })
	add("1 column beside the key", func(s *Scenario) { s.columns(1) })
	add("500 columns", func(s *Scenario) { s.columns(499) })
	add("values of 100 bytes", func(s *Scenario) { s.wide(100) })
	add("values of 10 kB", func(s *Scenario) { s.wide(10_000) })
	add("10,000 files a level", func(s *Scenario) { s.each(func(l *synth.Stored) { l.Files = int(min(10_000, records/100)) }) })
	add("row groups of 100 rows", func(s *Scenario) { s.each(func(l *synth.Stored) { l.Group = 100 }) })
	add("one row group", func(s *Scenario) { s.each(func(l *synth.Stored) { l.Group = int(records) + 1 }) })
	for _, n := range []int{2, 16} {
		add(fmt.Sprintf("%d levels", n), func(s *Scenario) {
			s.levels(n)
			s.Data.Records = min(s.Data.Records, s.Data.Records*2*plainLevels/int64(n))
		})
	}
	for _, rate := range []float64{0, 0.15, 0.5, 1} {
		add(fmt.Sprintf("%.0f %% mismatching", 100*rate), func(s *Scenario) { s.Data.Mismatch = rate })
	}
	add("no record in common", func(s *Scenario) { s.Data.Mismatch, s.Data.Apart = 0, true })
	add("CSV", func(s *Scenario) { s.each(func(l *synth.Stored) { l.Format = synth.CSV }) })
	return all
}
