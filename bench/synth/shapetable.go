package synth

import (
	"strconv"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
)

// codecs by the names that Stored.Codec takes.
var codecs = map[string]compress.Codec{
	"none": &parquet.Uncompressed, "snappy": &parquet.Snappy, "gzip": &parquet.Gzip, "brotli": &parquet.Brotli, "lz4": &parquet.Lz4Raw, "zstd": &parquet.Zstd,
}

// appendKey gives the key of a record.
func (p *shapePlan) appendKey(dst []byte, id uint64) []byte {
	switch p.opt.Shape.Key {
	case "cn_id":
		w := row{id: id}
		return w.appendID(dst)
	case "int64":
		return strconv.AppendUint(dst, id, 10)
	}
	if p.opt.Shape.Key == "pair" {
		id >>= pairBits
	}
	const digits = 8 // of base 32: more than maxRecords
	for range int(p.opt.Shape.Width) - digits {
		dst = append(dst, 'k')
	}
	for i := digits - 1; i >= 0; i-- {
		dst = append(dst, base32Digits[id>>(5*uint(i))&31])
	}
	return dst
}

// pairBits are the bits of a number that are the second part of a pair.
const pairBits = 8

// key2 gives the second part of the key of a record.
func key2(id uint64) int64 { return int64(id & (1<<pairBits - 1)) }

// shapeCSV writes a level as CSV.
type shapeCSV struct {
	p   *shapePlan
	f   *file
	buf []byte
}

func newShapeCSV(p *shapePlan, f *file) *shapeCSV {
	t := &shapeCSV{p: p, f: f}
	for c := range p.columns {
		t.buf = append(append(t.buf, ColumnName(c)...), ',')
	}
	t.buf = append(t.buf, ShapeKey...)
	if p.opt.Shape.Key == "pair" {
		t.buf = append(t.buf, ","+ShapeKey2...)
	}
	t.buf = append(t.buf, '\n')
	return t
}

func (t *shapeCSV) put(c *shapeColumn, _ int, v uint64) {
	if v != noValue {
		t.buf = c.appendText(t.buf, v)
	}
	t.buf = append(t.buf, ',')
}

func (t *shapeCSV) endRow(id uint64) error {
	t.buf = t.p.appendKey(t.buf, id)
	if t.p.opt.Shape.Key == "pair" {
		t.buf = strconv.AppendInt(append(t.buf, ','), key2(id), 10)
	}
	t.buf = append(t.buf, '\n')
	_, err := t.f.Write(t.buf)
	t.buf = t.buf[:0]
	return err
}

func (t *shapeCSV) close() error { return nil }

// shapeParquet writes a level as Parquet.
type shapeParquet struct {
	columnBatch
	p *shapePlan
	w *parquet.GenericWriter[any]
}

func newShapeParquet(p *shapePlan, l int, f *file) *shapeParquet {
	stored := p.opt.Shape.Levels[l]
	group := parquet.Group{}
	for c := range p.columns {
		group[ColumnName(c)] = p.columns[c].node()
	}
	key := parquet.Node(parquet.Encoded(parquet.String(), &parquet.Plain))
	if p.opt.Shape.Key == "int64" {
		key = parquet.Encoded(parquet.Int(64), &parquet.Plain)
	}
	group[ShapeKey] = parquet.Optional(key) // sorts behind c000, c001, …
	if p.opt.Shape.Key == "pair" {
		group[ShapeKey2] = parquet.Optional(parquet.Encoded(parquet.Int(64), &parquet.Plain))
	}
	config := *conventions
	config.Compression = codecs[stored.Codec]
	w := parquet.NewGenericWriter[any](f, parquet.NewSchema("level", group), &config)
	t := &shapeParquet{p: p, w: w, columnBatch: newColumnBatch(w.ColumnWriters(), stored.Group)}
	t.flushGroup = w.Flush
	return t
}

// node is the column in a schema.
func (c *shapeColumn) node() parquet.Node {
	var n parquet.Node
	switch {
	case c.Text:
		n = parquet.String()
	case c.Type == "int64":
		n = parquet.Int(64)
	case c.Type == "decimal":
		n = parquet.Decimal(c.Scale, 18, parquet.Int64Type)
	case c.Type == "float":
		n = parquet.Leaf(parquet.DoubleType)
	case c.Type == "boolean":
		return parquet.Optional(parquet.Leaf(parquet.BooleanType))
	case c.Type == "date":
		n = parquet.Date()
	case c.Type == "timestamp":
		n = parquet.TimestampAdjusted(parquet.Microsecond, false)
	default:
		n = parquet.String()
	}
	if c.dict {
		return parquet.Optional(parquet.Encoded(n, &parquet.RLEDictionary))
	}
	return parquet.Optional(parquet.Encoded(n, &parquet.Plain))
}

func (t *shapeParquet) put(c *shapeColumn, col int, v uint64) {
	switch {
	case v == noValue:
		t.putNull(col)
	case c.Text || c.Type == "string" || c.Type == "cn_id":
		t.putText(col, c.appendText(t.text, v))
	case c.Type == "date":
		t.putInt32(col, c.day(v))
	case c.Type == "timestamp":
		t.columnBatch.put(col, parquet.Int64Value(c.second(v)*1e6).Level(0, 1, col))
	case c.Type == "float":
		t.columnBatch.put(col, parquet.DoubleValue(c.float(v)).Level(0, 1, col))
	case c.Type == "boolean":
		t.columnBatch.put(col, parquet.BooleanValue(v&1 == 1).Level(0, 1, col))
	default:
		t.columnBatch.put(col, parquet.Int64Value(c.int(v)).Level(0, 1, col))
	}
}

func (t *shapeParquet) endRow(id uint64) error {
	if key := len(t.p.columns); t.p.opt.Shape.Key == "int64" {
		t.columnBatch.put(key, parquet.Int64Value(int64(id)).Level(0, 1, key))
	} else {
		t.putText(key, t.p.appendKey(t.text, id))
		if t.p.opt.Shape.Key == "pair" {
			t.columnBatch.put(key+1, parquet.Int64Value(key2(id)).Level(0, 1, key+1))
		}
	}
	return t.columnBatch.endRow()
}

func (t *shapeParquet) close() error {
	if err := t.flush(); err != nil {
		return err
	}
	return t.w.Close()
}
