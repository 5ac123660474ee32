package report

import (
	"fmt"
	"os"

	"github.com/parquet-go/parquet-go"
)

// Rows gives the number of rows of a Parquet file, as its footer has it.
func Rows(path string) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	p, err := parquet.OpenFile(f, info.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return 0, fmt.Errorf("reading the footer of %s: %w", path, err)
	}
	return p.NumRows(), nil
}
