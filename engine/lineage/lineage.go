// Package lineage gives the run events of OpenLineage, by which catalogues learn which data sets a run reads and writes: JSON documents of the
// version 2-0-2 of its specification. The events hold names of columns and files and counts, no key and no value.
//
// A run sends START when it begins and then one of COMPLETE, FAIL and ABORT. START names the data sets, the other ones have their facets.
package lineage

import "time"

// Types of events.
const (
	Start    = "START"
	Complete = "COMPLETE"
	Fail     = "FAIL"
	Abort    = "ABORT" // interrupted
)

const (
	spec   = "https://openlineage.io/spec/"
	schema = spec + "2-0-2/OpenLineage.json#/$defs/RunEvent"
)

// Event is a run event.
type Event struct {
	Type      string    `json:"eventType"`
	Time      time.Time `json:"eventTime"`
	Producer  string    `json:"producer"`
	SchemaURL string    `json:"schemaURL"`
	Run       Run       `json:"run"`
	Job       Job       `json:"job"`
	Inputs    []Dataset `json:"inputs"`
	Outputs   []Dataset `json:"outputs"`
}

// Run is one night.
type Run struct {
	ID     string         `json:"runId"` // a UUID
	Facets map[string]any `json:"facets,omitempty"`
}

// Job is what runs every night.
type Job struct {
	Namespace string         `json:"namespace"`
	Name      string         `json:"name"`
	Facets    map[string]any `json:"facets,omitempty"`
}

// Dataset is a level, a roster or a table of a night.
type Dataset struct {
	Namespace    string         `json:"namespace"`
	Name         string         `json:"name"` // the path
	Facets       map[string]any `json:"facets,omitempty"`
	InputFacets  map[string]any `json:"inputFacets,omitempty"`
	OutputFacets map[string]any `json:"outputFacets,omitempty"`
}

// Column is a column of an input.
type Column struct {
	Name string `json:"name"`
	Type string `json:"type,omitempty"`
}

// files is the namespace of data sets in files, whose names are their paths.
const files = "file"

// Source makes what the events of a run have in common.
type Source struct {
	Version   string // of the program
	Namespace string // of the job
	Job       string
	RunID     string
	Night     time.Time // the run date
}

func (s *Source) producer() string { return "urn:crosscheck:" + s.Version }

// facet begins a facet: version and name say where its schema is.
func (s *Source) facet(version, name string, of map[string]any) map[string]any {
	of["_producer"] = s.producer()
	of["_schemaURL"] = spec + "facets/" + version + "/" + name + ".json#/$defs/" + name
	return of
}

// Event makes an event about a run.
func (s *Source) Event(kind string, at time.Time, inputs, outputs []Dataset) *Event {
	night := s.Night.UTC()
	e := &Event{
		Type: kind, Time: at.UTC(), Producer: s.producer(), SchemaURL: schema, Inputs: inputs, Outputs: outputs,
		Run: Run{ID: s.RunID, Facets: map[string]any{
			"nominalTime": s.facet("1-0-1", "NominalTimeRunFacet", map[string]any{
				"nominalStartTime": night.Format(time.RFC3339), "nominalEndTime": night.AddDate(0, 0, 1).Format(time.RFC3339),
			}),
			"processing_engine": s.facet("1-1-1", "ProcessingEngineRunFacet", map[string]any{"name": "crosscheck", "version": s.Version}),
		}},
		Job: Job{Namespace: s.Namespace, Name: s.Job, Facets: map[string]any{
			"jobType": s.facet("2-0-4", "JobTypeJobFacet", map[string]any{"processingType": "BATCH", "integration": "CROSSCHECK", "jobType": "JOB"}),
		}},
	}
	if e.Inputs == nil {
		e.Inputs = []Dataset{}
	}
	if e.Outputs == nil {
		e.Outputs = []Dataset{}
	}
	return e
}

// Failed adds why a run failed.
func (s *Source) Failed(e *Event, why string) {
	e.Run.Facets["errorMessage"] = s.facet("1-0-1", "ErrorMessageRunFacet", map[string]any{"message": why, "programmingLanguage": "GO"})
}

// Input makes an input of a path with its columns and how much there is of it; no columns: they are not known.
func (s *Source) Input(path string, columns []Column, rows, bytes int64, files int) Dataset {
	d := dataset(path)
	if len(columns) == 0 {
		return d
	}
	d.Facets = map[string]any{"schema": s.facet("1-2-0", "SchemaDatasetFacet", map[string]any{"fields": columns})}
	d.InputFacets = map[string]any{"inputStatistics": s.facet("1-0-0", "InputStatisticsInputDatasetFacet", map[string]any{
		"rowCount": rows, "size": bytes, "fileCount": files,
	})}
	return d
}

// Output makes an output of a path; rows may be nil, where their number is withheld.
func (s *Source) Output(path string, rows *int64) Dataset {
	d := dataset(path)
	of := map[string]any{"fileCount": 1}
	if rows != nil {
		of["rowCount"] = *rows
	}
	d.OutputFacets = map[string]any{"outputStatistics": s.facet("1-0-2", "OutputStatisticsOutputDatasetFacet", of)}
	return d
}

func dataset(path string) Dataset { return Dataset{Namespace: files, Name: path} }
