package synth

import (
	"context"
	"fmt"
)

// RosterName is the name of the roster's file, without its ending.
const RosterName = "key_staff"

// Every so many-th record is on the roster; every so many-th member is known to no level; an enterprise has so many members.
const (
	rosterEach     = 30
	rosterUnknown  = 100
	rosterEmployed = 7
)

// writeRoster writes a list of key persons: some of the records, and now and then an ID that no level has. lacking counts a member once for
// each level that lacks it.
func (p *plan) writeRoster(ctx context.Context, f *file) (rows, lacking int64, err error) {
	_, err = f.WriteString(KeyColumn + ",enterprise\n")
	var w row
	var b []byte
	for r := uint64(0); r < p.records && err == nil; r += rosterEach {
		if err = ctx.Err(); err != nil {
			return rows, lacking, err
		}
		w.id = p.ids.at(r)
		if at := r + p.records; rows%rosterUnknown == rosterUnknown-1 && at < maxRecords {
			w.id = p.ids.at(at)
			lacking += int64(p.levels)
		} else if kind := p.fault(r).kind; kind == missing || kind == keyTypo {
			lacking++
		}
		b = fmt.Appendf(append(w.appendID(b[:0]), ','), "E%05d\n", rows/rosterEmployed)
		_, err = f.Write(b)
		rows++
	}
	if err != nil {
		return rows, lacking, fmt.Errorf("write %s: %w", f.path, err)
	}
	return rows, lacking, nil
}
