package report

import (
	"context"
	"io"

	"crosscheck/engine/report/columnar"
	"crosscheck/engine/verdict"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
)

// The shape of a Parquet report. It is part of what makes two runs byte-identical: never derived from workers or memory.
const (
	groupRows     = 131072  // findings a row group
	pageRows      = 8192    // findings a page, at most
	pageBytes     = 1 << 20 // a page ends beyond this size, whatever its rows
	dictionaryMax = 1 << 18 // bytes of a dictionary at which a column goes on without one
	boundsMax     = 64      // bytes of a minimum or maximum in the page index; a key is shorter
	bloomBits     = 10      // a value of record_key: 1 % false positives
)

var codec compress.Codec = fastSnappy{}

// settings is a parquet.WriterOption that can also set what the library has no option for.
type settings func(*parquet.WriterConfig)

// ConfigureWriter implements parquet.WriterOption.
func (s settings) ConfigureWriter(c *parquet.WriterConfig) { s(c) }

const createdBy = "crosscheck"

// conventions are those of the tables that parquet-go writes; doc.go gives the reasons.
var conventions = settings(func(c *parquet.WriterConfig) {
	c.CreatedBy = createdBy
	c.Compression = codec
	c.DataPageVersion = 1
	c.DataPageStatistics = false // of the page headers; the page index has them all
	c.DictionaryMaxBytes = dictionaryMax
	c.ColumnIndexSizeLimit = func([]string) int { return boundsMax }
	c.PageBufferSize = pageBytes
})

// parquetEncoder writes the mismatches table as Parquet.
type parquetEncoder struct {
	w    *columnar.Writer
	pipe *pipeline
}

func startParquet(out io.Writer, l *layout, opt Options) (encoder, error) {
	if opt.Memory == nil {
		opt.Memory = &Memory{}
	}
	w := columnar.NewWriter(out, columnar.Options{
		Name:          "mismatches",
		Columns:       l.parquet(),
		Sorted:        3, // record_key, kind, field
		Metadata:      l.metadata,
		CreatedBy:     createdBy,
		PageBytes:     pageBytes,
		DictionaryMax: dictionaryMax,
		BoundsMax:     boundsMax,
		BloomBits:     bloomBits,
		Memory:        &opt.Memory.Memory,
	})
	return &parquetEncoder{w: w, pipe: startPipeline(l, w, opt)}, nil
}

func (e *parquetEncoder) write(ctx context.Context, b *verdict.Block) error {
	return e.pipe.write(ctx, blockSource{b})
}

func (e *parquetEncoder) finish() error {
	if err := e.pipe.finish(); err != nil {
		return err
	}
	return e.w.Close()
}

func (e *parquetEncoder) stop() { e.pipe.stop() }

// parquet gives the columns of the table in Parquet.
func (l *layout) parquet() []columnar.Column {
	all := make([]columnar.Column, len(l.columns))
	for i, c := range l.columns {
		all[i] = columnar.Column{Name: c.name, Type: c.cell.parquet(), Nullable: c.nullable, Dictionary: c.repeats, Words: c.words, Delta: c.alike, Stems: c.stems}
	}
	all[0].Ascending, all[0].Bloom = true, true // record_key
	return all
}

func (t cellType) parquet() columnar.Type {
	switch t {
	case flagCell:
		return columnar.Flag
	case countCell:
		return columnar.Int64
	case dayCell:
		return columnar.Date
	}
	return columnar.Text
}
