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

// writeRoster writes a list of key persons: some of the records, and now and then an ID that no level has.
func (p *plan) writeRoster(ctx context.Context, f *file) (rows int64, err error) {
	_, err = f.WriteString(KeyColumn + ",enterprise\n")
	var w row
	var b []byte
	for r := uint64(0); r < p.records && err == nil; r += rosterEach {
		if err = ctx.Err(); err != nil {
			return rows, err
		}
		at := r
		if rows%rosterUnknown == rosterUnknown-1 {
			at += p.records
		}
		p.fill(&w, at)
		b = fmt.Appendf(append(w.appendID(b[:0]), ','), "E%05d\n", rows/rosterEmployed)
		_, err = f.Write(b)
		rows++
	}
	if err != nil {
		return rows, fmt.Errorf("write %s: %w", f.path, err)
	}
	return rows, nil
}
