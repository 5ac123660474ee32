package parquetio

import (
	"testing"

	"crosscheck/engine/level"
	"crosscheck/loaders/loadertest"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

func TestSuite(t *testing.T) {
	for i, s := range styles {
		whole := int64(i % 2 * 50) // every other style is read page by page
		t.Run(s.name, func(t *testing.T) {
			loadertest.Run(t, loadertest.Format{
				Ext:   ".parquet",
				Write: s.write,
				Open: func(paths []string, batchRows int, mem memory.Allocator) (level.Source, error) {
					s, err := Open(paths, Options{BatchRows: batchRows, Allocator: mem, whole: whole})
					if err != nil {
						return nil, err
					}
					return s, nil
				},
			})
		})
	}
}
