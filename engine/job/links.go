package job

import (
	"bytes"

	"crosscheck/engine/privacy"
	"crosscheck/engine/report"
	"crosscheck/engine/verdict"
)

// LinkRow is a row of restricted/links: whose pseudonym is whose. There is one for each record with a finding, in the order of the keys.
type LinkRow struct {
	RecordKey      string `parquet:"record_key"`
	Pseudonym      string `parquet:"pseudonym"`
	PseudonymKeyID string `parquet:"pseudonym_key_id,dict"` // of the key under which it is
}

// links gathers link rows of one block on their way to the table.
type links struct {
	table *report.Table[LinkRow] // nil: nobody asked for it
	keyID string
	rows  [][]LinkRow // a masker
}

// add notes the pseudonym of a record.
func (l *links) add(at int, key, shown []byte) {
	if l.table != nil {
		l.rows[at] = append(l.rows[at], LinkRow{string(key), string(privacy.AppendPseudonym(nil, shown)), l.keyID})
	}
}

// write writes what the first of the maskers noted.
func (l *links) write(used int) error {
	if l.table == nil {
		return nil
	}
	for at := range used {
		if err := l.table.Write(l.rows[at]); err != nil {
			return err
		}
		l.rows[at] = l.rows[at][:0]
	}
	return nil
}

// sameRecord tells whether two findings are of one record.
func sameRecord(a, b *verdict.Finding) bool { return bytes.Equal(a.Key, b.Key) }
