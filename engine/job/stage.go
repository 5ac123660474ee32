package job

import (
	"os"
	"path/filepath"

	"crosscheck/engine/report"
)

// table is one table of a night.
type table struct {
	name string // below the reports folder
	mode os.FileMode
}

var (
	mismatchesTable       = table{"restricted/mismatches", 0o600}
	resolvedTable         = table{"restricted/resolved", 0o600}
	reliabilityTable      = table{"restricted/reliability", 0o600}
	rostersTable          = table{"restricted/rosters", 0o600}
	internalTable         = table{"internal/mismatches", 0o640}
	internalResolvedTable = table{"internal/resolved", 0o640}
	summaryTable          = table{"public/summary", 0o644}
	runsTable             = table{"public/runs", 0o644}

	tables = []table{mismatchesTable, resolvedTable, reliabilityTable, rostersTable, internalTable, internalResolvedTable, summaryTable, runsTable}
)

// partition begins the name of the folder of a night.
const partition = "run_date="

// path is the table's file of a night, below the reports folder.
func (t table) path(date string) string {
	return t.name + "/" + partition + date + "/part-00000.parquet"
}

// file is a table's file of this night.
func (n *night) file(t table) File { return File{Path: t.path(n.name)} }

// stage has a table of the night written below the staging folder and notes it in the manifest.
func (n *night) stage(t table, m *Manifest, write func(path string, how report.Options) error) error {
	f := n.file(t)
	path := filepath.Join(n.staging, filepath.FromSlash(f.Path))
	if err := makeDir(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := write(path, report.Options{RunDate: m.date, Mode: t.mode}); err != nil {
		return err
	}
	if err := f.measure(path); err != nil {
		return err
	}
	m.Files = append(m.Files, f)
	return nil
}
