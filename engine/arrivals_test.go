package engine_test

import (
	"testing"

	"crosscheck/engine"
	"crosscheck/engine/enginetest"
)

// TestHandOver: who waits for a level adds the batches that another worker decodes, and gives their memory back.
func TestHandOver(t *testing.T) {
	const want = 1000
	c := many(want)
	alloc := new(enginetest.Scribbler)
	var levels []engine.Level
	for _, table := range c.Tables {
		levels = append(levels, engine.Level{Name: table.Name, Source: enginetest.Source(table, enginetest.Layout{PartRows: 700, BatchRows: 64, Alloc: alloc})})
	}
	opt := c.Options
	opt.Workers, opt.Partitions = 2, 8
	records, err := engine.HandOver(t.Context(), levels, opt)
	if err != nil || records != want {
		t.Errorf("%d records of %d, error %v", records, want, err)
	}
	if n := alloc.InUse(); n != 0 {
		t.Errorf("%d bytes of batches were left behind", n)
	}
}
