package differential

import (
	"context"
	"fmt"

	"crosscheck/bench/peers/duck"
	"crosscheck/engine"
)

// checkSummary holds the counts of records and rows against the oracle's tables.
func (c *Case) checkSummary(ctx context.Context, db *duck.DB, s *engine.Summary) error {
	var records, everywhere int64
	all := duck.Each(len(c.Levels), " AND ", func(l int) string { return fmt.Sprintf("in%d", l) })
	if err := db.Scan(ctx, fmt.Sprintf("SELECT count(*), count(*) FILTER (WHERE %s) FROM joined", all), &records, &everywhere); err != nil {
		return err
	}
	if s.Records != records || s.Missing != records-everywhere || s.Matched+s.Differing != everywhere {
		return fmt.Errorf("summary: %d records, %d missing, %d matched, %d differing; DuckDB has %d records, %d of them everywhere",
			s.Records, s.Missing, s.Matched, s.Differing, records, everywhere)
	}
	for l, got := range s.Levels {
		var want engine.LevelCount
		err := db.Scan(ctx, fmt.Sprintf("SELECT count(*), count(*) FILTER (WHERE key IS NULL), count(DISTINCT key) FROM level%d", l), &want.Rows, &want.NoKey, &want.Records)
		if err != nil {
			return err
		}
		if got.Rows != want.Rows || got.NoKey != want.NoKey || got.Records != want.Records || got.Extra != want.Rows-want.NoKey-want.Records || got.Missing != records-want.Records {
			return fmt.Errorf("summary of level %s: %d rows, %d without a key, %d records, %d extra, %d missing; DuckDB has %d, %d and %d of %d records",
				got.Level, got.Rows, got.NoKey, got.Records, got.Extra, got.Missing, want.Rows, want.NoKey, want.Records, records)
		}
	}
	return nil
}
