package job

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"os"
	"strings"

	"crosscheck/engine/encrypt"
	"crosscheck/engine/privacy"
	"crosscheck/engine/report"
)

// table is one table of a night, or its page.
type table struct {
	name string // below the reports folder
	mode os.FileMode
	file string // the name of its file of a night
}

var (
	mismatchesTable       = table{"restricted/mismatches", 0o600, partFile}
	resolvedTable         = table{"restricted/resolved", 0o600, partFile}
	reliabilityTable      = table{"restricted/reliability", 0o600, partFile}
	rostersTable          = table{"restricted/rosters", 0o600, partFile}
	linksTable            = table{"restricted/links", 0o600, partFile} // where the job asks for it
	internalTable         = table{"internal/mismatches", 0o640, partFile}
	internalResolvedTable = table{"internal/resolved", 0o640, partFile}
	summaryTable          = table{"public/summary", 0o644, partFile}
	runsTable             = table{"public/runs", 0o644, partFile}

	pageTable = table{"public/report", 0o644, "index.html"} // for people

	// tables lists all that a night can have, in the clear and encrypted.
	tables = []table{mismatchesTable, resolvedTable, reliabilityTable, rostersTable, linksTable, internalTable, internalResolvedTable, summaryTable, runsTable, pageTable,
		mismatchesTable.encrypted(), resolvedTable.encrypted(), reliabilityTable.encrypted(), rostersTable.encrypted(), linksTable.encrypted()}
)

// encrypted is the table as a job that encrypts publishes it: of the restricted tier, another file in its place.
func (t table) encrypted() table {
	if strings.HasPrefix(t.name, string(privacy.Restricted)+"/") {
		t.file += encrypt.Extension
	}
	return t
}

// partFile is the name of the Parquet file of a night.
const partFile = "part-00000.parquet"

// partition begins the name of the folder of a night.
const partition = "run_date="

// path is the table's file of a night, below the reports folder.
func (t table) path(date string) string {
	return t.name + "/" + partition + date + "/" + t.file
}

// file is a table's file of this night.
func (n *night) file(t table) File { return File{Path: t.path(n.name)} }

// stage has a table of the night written into the staging folder and notes it in the manifest.
func (n *night) stage(t table, m *Manifest, write func(path string, how report.Options) error) error {
	f, err := n.write(t, m, write)
	if err == nil {
		m.Files = append(m.Files, f)
	}
	return err
}

// write is stage without the note; several tables may be written at once.
func (n *night) write(t table, m *Manifest, write func(path string, how report.Options) error) (File, error) {
	sum := &fileSum{Hash: sha256.New()}
	// Of what is staged the contents alone need be durable: what is in staging after a power cut goes, and publish sees to the names where they belong.
	how := report.Options{RunDate: m.date, Mode: t.mode, Memory: &n.memory, Sum: sum, Staged: true}
	if n.to != nil {
		if t = t.encrypted(); strings.HasSuffix(t.file, encrypt.Extension) {
			how.Encrypt = n.to.Encrypt
		}
	}
	f := n.file(t)
	how.Wrote = func(rows int64) { f.Rows = rows }
	path, _, _ := n.paths(n.staging, f)
	if err := write(path, how); err != nil {
		return f, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return f, writeError(path, err)
	}
	if info.Size() != sum.bytes {
		return f, fmt.Errorf("the file of %s has %d bytes, of which %d were seen", t.name, info.Size(), sum.bytes)
	}
	f.Bytes, f.SHA256 = sum.bytes, hex.EncodeToString(sum.Sum(nil))
	return f, nil
}

// fileSum is the digest of a file as it is written, so that it is not read again: by whoever encodes it, while others encode what comes next.
type fileSum struct {
	hash.Hash
	bytes int64
}

// Write implements io.Writer.
func (s *fileSum) Write(b []byte) (int, error) {
	s.bytes += int64(len(b))
	return s.Hash.Write(b)
}
