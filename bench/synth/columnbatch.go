package synth

import (
	"cmp"

	"github.com/parquet-go/parquet-go"
)

// batchRows is the number of rows gathered before their columns go to the writer, or fewer whose texts have batchText bytes: a page holds no less.
const (
	batchRows = 1024
	batchText = 4 << 20
)

// columnBatch gathers rows and gives them to the writers of columns, column by column. All columns are optional.
type columnBatch struct {
	columns    []*parquet.ColumnWriter
	batch      [][]parquet.Value
	text       []byte       // what the texts of the batch point to
	rows       int          // rows in the batch
	inGroup    int          // rows in the row group under way, the batch included
	groupRows  int          // rows of a row group
	flushGroup func() error // ends a row group
}

func newColumnBatch(columns []*parquet.ColumnWriter, groupRows int) columnBatch {
	return columnBatch{columns: columns, batch: make([][]parquet.Value, len(columns)), groupRows: cmp.Or(groupRows, DefaultRowGroupRows)}
}

func (t *columnBatch) put(col int, v parquet.Value) { t.batch[col] = append(t.batch[col], v) }

func (t *columnBatch) putNull(col int) { t.put(col, parquet.NullValue().Level(0, 0, col)) }

func (t *columnBatch) putInt32(col int, x int64) {
	t.put(col, parquet.Int32Value(int32(x)).Level(0, 1, col))
}

// putText puts what was appended to t.text.
func (t *columnBatch) putText(col int, text []byte) {
	t.put(col, parquet.ByteArrayValue(text[len(t.text):]).Level(0, 1, col))
	t.text = text
}

// endRow says that every column has its value.
func (t *columnBatch) endRow() error {
	t.rows++
	t.inGroup++
	if t.inGroup == t.groupRows {
		if err := t.flush(); err != nil {
			return err
		}
		t.inGroup = 0
		return t.flushGroup()
	}
	if t.rows == batchRows || len(t.text) >= batchText {
		return t.flush()
	}
	return nil
}

// flush gives the batch to the column writers.
func (t *columnBatch) flush() error {
	for col, values := range t.batch {
		if _, err := t.columns[col].WriteRowValues(values); err != nil {
			return err
		}
		t.batch[col] = values[:0]
	}
	t.text, t.rows = t.text[:0], 0
	return nil
}
