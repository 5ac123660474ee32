package columnar

import (
	"encoding/binary"
	"maps"
	"slices"

	"github.com/parquet-go/parquet-go/bloom"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

const magic = "PAR1"

// writtenGroup is what the footer says of a row group.
type writtenGroup struct {
	meta    format.RowGroup
	columns []format.ColumnIndex
	offsets []format.OffsetIndex
}

// put writes bytes; the first ones are the magic.
func (w *Writer) put(b []byte) error {
	if w.at == 0 {
		w.at = int64(len(magic))
		if _, err := w.out.Write([]byte(magic)); err != nil {
			return err
		}
	}
	w.at += int64(len(b))
	_, err := w.out.Write(b)
	return err
}

// Write writes a group that has all its pages, whose memory is used again. A group without rows leaves nothing. Errors are those of the file.
func (w *Writer) Write(g *Group) error {
	defer w.opt.Memory.sheets.Put(g.sheets...)
	if g.rows == 0 {
		return nil
	}
	if err := w.put(nil); err != nil {
		return err
	}
	n := len(w.opt.Columns)
	out := writtenGroup{
		meta:    format.RowGroup{Columns: make([]format.ColumnChunk, n), NumRows: int64(g.rows), FileOffset: w.at, Ordinal: int16(len(w.groups))},
		columns: make([]format.ColumnIndex, n),
		offsets: make([]format.OffsetIndex, n),
	}
	for i := range w.opt.Sorted {
		out.meta.SortingColumns = append(out.meta.SortingColumns, format.SortingColumn{ColumnIdx: int32(i), NullsFirst: true})
	}
	for i := range n {
		if err := w.writeChunk(g, i, &out); err != nil {
			return err
		}
		m := &out.meta.Columns[i].MetaData
		out.meta.TotalByteSize += m.TotalUncompressedSize
		out.meta.TotalCompressedSize += m.TotalCompressedSize
	}
	for i := range n {
		if w.opt.Columns[i].Bloom {
			if err := w.writeBloom(g, i, &out.meta.Columns[i].MetaData); err != nil {
				return err
			}
		}
	}
	w.groups = append(w.groups, out)
	return nil
}

// writeChunk writes the pages of a column, its dictionary first.
func (w *Writer) writeChunk(g *Group, i int, out *writtenGroup) error {
	col := &w.opt.Columns[i]
	m := &out.meta.Columns[i].MetaData
	m.Type, m.Codec, m.PathInSchema = col.physical(), format.Snappy, []string{col.Name}
	m.NumValues = int64(g.rows)
	stats := map[format.PageEncodingStats]int32{}
	if col.Dictionary {
		m.DictionaryPageOffset = w.at
		d := &g.chunks[i].dict
		var page sheet
		from, raw := page.append(&format.PageHeader{
			Type:                 format.DictionaryPage,
			DictionaryPageHeader: thrift.New(format.DictionaryPageHeader{NumValues: int32(len(d.spans)), Encoding: format.Plain}),
		}, d.bytes)
		if err := w.put(page.blob[from:]); err != nil {
			return err
		}
		m.TotalUncompressedSize, m.TotalCompressedSize = int64(raw), int64(len(page.blob)-from)
		stats[format.PageEncodingStats{PageType: format.DictionaryPage, Encoding: format.Plain}]++
	}
	m.DataPageOffset = w.at
	index, offsets := &out.columns[i], &out.offsets[i]
	var s series
	s.compare, s.limit = col.Type.compare, w.opt.BoundsMax
	row := int64(0)
	for _, p := range g.sheets {
		for _, d := range p.columns[i] {
			offsets.PageLocations = append(offsets.PageLocations, format.PageLocation{Offset: w.at, CompressedPageSize: int32(d.to - d.from), FirstRowIndex: row})
			if err := w.put(p.blob[d.from:d.to]); err != nil {
				return err
			}
			row += int64(d.rows)
			m.TotalUncompressedSize += int64(d.raw)
			m.TotalCompressedSize += int64(d.to - d.from)
			m.Statistics.NullCount += int64(d.nulls)
			m.SizeStatistics.UnencodedByteArrayDataBytes += d.texts
			stats[format.PageEncodingStats{PageType: format.DataPage, Encoding: d.encoding}]++
			s.add(index, &d)
		}
	}
	index.BoundaryOrder = s.order()
	m.Statistics.MinValue, m.Statistics.MaxValue = s.low, s.high
	m.Encoding = []format.Encoding{format.RLE} // of definition levels
	for kind, count := range stats {
		m.Encoding = append(m.Encoding, kind.Encoding)
		kind.Count = count
		m.EncodingStats = append(m.EncodingStats, kind)
	}
	slices.SortFunc(m.EncodingStats, func(a, b format.PageEncodingStats) int {
		if a.PageType != b.PageType {
			return int(a.PageType) - int(b.PageType)
		}
		return int(a.Encoding) - int(b.Encoding)
	})
	slices.Sort(m.Encoding)
	m.Encoding = slices.Compact(m.Encoding)
	return nil
}

// series is the bounds of the pages of a chunk.
type series struct {
	compare                 func(a, b []byte) int
	limit                   int
	low, high               []byte // of the chunk
	lastLow, lastHigh       []byte // of the last page that is not null
	descends, ascends, some bool   // of any two pages
}

// add writes a page's entry into the column index.
func (s *series) add(index *format.ColumnIndex, d *dataPage) {
	index.NullPages = append(index.NullPages, d.low == nil)
	index.NullCounts = append(index.NullCounts, int64(d.nulls))
	if d.low == nil {
		index.MinValues, index.MaxValues = append(index.MinValues, []byte{}), append(index.MaxValues, []byte{})
		return
	}
	low, high := cutLow(d.low, s.limit), cutHigh(d.high, s.limit)
	index.MinValues, index.MaxValues = append(index.MinValues, low), append(index.MaxValues, high)
	if !s.some || s.compare(d.low, s.low) < 0 {
		s.low = d.low
	}
	if !s.some || s.compare(d.high, s.high) > 0 {
		s.high = d.high
	}
	if s.some {
		l, h := s.compare(s.lastLow, low), s.compare(s.lastHigh, high)
		s.ascends = s.ascends || l < 0 || h < 0
		s.descends = s.descends || l > 0 || h > 0
	}
	s.some, s.lastLow, s.lastHigh = true, low, high
}

func (s *series) order() format.BoundaryOrder {
	switch {
	case !s.descends:
		return format.Ascending
	case !s.ascends:
		return format.Descending
	}
	return format.Unordered
}

// writeBloom writes the bloom filter of a column.
func (w *Writer) writeBloom(g *Group, i int, m *format.ColumnMetaData) error {
	filter := make(bloom.SplitBlockFilter, bloom.NumSplitBlocksOf(int64(g.rows), w.opt.BloomBits))
	for _, s := range g.sheets {
		filter.InsertBulk(s.hashes)
	}
	b := filter.Bytes()
	m.BloomFilterOffset = w.at
	header := encoded(&format.BloomFilterHeader{
		NumBytes:    int32(len(b)),
		Algorithm:   format.BloomFilterAlgorithm{Value: &format.SplitBlockAlgorithm{}},
		Hash:        format.BloomFilterHash{Value: &format.XxHash{}},
		Compression: format.BloomFilterCompression{Value: &format.BloomFilterUncompressed{}},
	})
	m.BloomFilterLength = int32(len(header) + len(b))
	if err := w.put(header); err != nil {
		return err
	}
	return w.put(b)
}

// Close writes page indexes and footer. The file underneath stays open.
func (w *Writer) Close() error {
	if err := w.put(nil); err != nil {
		return err
	}
	meta := format.FileMetaData{Version: 2, Schema: w.opt.schema(), CreatedBy: w.opt.CreatedBy}
	for _, key := range slices.Sorted(maps.Keys(w.opt.Metadata)) {
		meta.KeyValueMetadata = append(meta.KeyValueMetadata, format.KeyValue{Key: key, Value: w.opt.Metadata[key]})
	}
	for range w.opt.Columns {
		meta.ColumnOrders = append(meta.ColumnOrders, format.ColumnOrder{Value: &format.TypeDefinedOrder{}})
	}
	for g := range w.groups {
		for i := range w.groups[g].columns {
			c := &w.groups[g].meta.Columns[i]
			b := encoded(&w.groups[g].columns[i])
			c.ColumnIndexOffset, c.ColumnIndexLength = w.at, int32(len(b))
			if err := w.put(b); err != nil {
				return err
			}
		}
	}
	for g := range w.groups {
		for i := range w.groups[g].offsets {
			c := &w.groups[g].meta.Columns[i]
			b := encoded(&w.groups[g].offsets[i])
			c.OffsetIndexOffset, c.OffsetIndexLength = w.at, int32(len(b))
			if err := w.put(b); err != nil {
				return err
			}
		}
		meta.RowGroups = append(meta.RowGroups, w.groups[g].meta)
		meta.NumRows += w.groups[g].meta.NumRows
	}
	footer := encoded(&meta)
	footer = append(binary.LittleEndian.AppendUint32(footer, uint32(len(footer))), magic...)
	return w.put(footer)
}
