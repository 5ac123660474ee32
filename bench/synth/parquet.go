package synth

import (
	"github.com/parquet-go/parquet-go"
)

// levelColumns is the schema of a level. Columns with few values have dictionaries.
type levelColumns struct {
	ID           string `parquet:"id_number,optional,plain"`
	Name         string `parquet:"name,optional,plain"`
	Sex          string `parquet:"sex,optional,dict"`
	BirthDate    int32  `parquet:"birth_date,optional,plain,date"`
	Phone        string `parquet:"phone,optional,plain"`
	Address      string `parquet:"address,optional,plain"`
	StreetCode   string `parquet:"street_code,optional,dict"`
	Community    string `parquet:"community_code,optional,dict"`
	TestTime     int64  `parquet:"test_time,optional,plain,timestamp(microsecond:local)"`
	TestResult   string `parquet:"test_result,optional,dict"`
	BodyTemp     int32  `parquet:"body_temp,optional,dict,decimal(1:4)"`
	VaccineDoses int32  `parquet:"vaccine_doses,optional,dict"`
	VaccineDate  int32  `parquet:"vaccine_date,optional,dict,date"`
	Institution  string `parquet:"institution,optional,dict"`
}

// conventions are those of every Parquet file here: pages as most writers make them, and nothing in the file that depends on
// the build.
var conventions = &parquet.WriterConfig{
	CreatedBy:       "crosscheck",
	Compression:     &parquet.Snappy,
	DataPageVersion: 1,
}

// batchRows is the number of rows gathered before their columns go to the writer.
const batchRows = 1024

// wordValues are the values of the columns that hold words of a list.
var wordValues = map[int][]parquet.Value{
	colSex:           valuesOf(colSex, sexes),
	colStreetCode:    valuesOf(colStreetCode, streetCodes),
	colCommunityCode: valuesOf(colCommunityCode, communityCodes),
	colTestResult:    valuesOf(colTestResult, results),
	colInstitution:   valuesOf(colInstitution, institutions),
}

func valuesOf(col int, words []string) []parquet.Value {
	values := make([]parquet.Value, len(words))
	for i, w := range words {
		values[i] = parquet.ByteArrayValue([]byte(w)).Level(0, 1, col)
	}
	return values
}

// parquetTable writes a level as Parquet.
type parquetTable struct {
	w         *parquet.GenericWriter[levelColumns]
	columns   []*parquet.ColumnWriter
	batch     [numColumns][]parquet.Value
	text      []byte                      // what the texts of the batch point to
	words     [numColumns][]parquet.Value // wordValues by column
	groupRows int                         // rows of a row group
	rows      int                         // rows in the row group under way, the batch included
}

func newParquetTable(f *file, groupRows int) *parquetTable {
	w := parquet.NewGenericWriter[levelColumns](f, conventions)
	t := &parquetTable{w: w, columns: w.ColumnWriters(), groupRows: groupRows}
	for col, values := range wordValues {
		t.words[col] = values
	}
	return t
}

func (t *parquetTable) write(w *row) error {
	switch w.key {
	case keyPresent:
		t.putText(colID, w.appendID(t.text))
	case keyBlank:
		t.putText(colID, append(t.text, blank...))
	default:
		t.putNull(colID)
	}
	t.putText(colName, w.appendName(t.text))
	t.put(colSex, t.words[colSex][w.sex])
	t.putInt32(colBirthDate, w.birth)
	if w.noPhone {
		t.putNull(colPhone)
	} else {
		t.putText(colPhone, w.appendPhone(t.text))
	}
	if w.noAddress {
		t.putNull(colAddress)
	} else {
		t.putText(colAddress, w.appendAddress(t.text))
	}
	t.put(colStreetCode, t.words[colStreetCode][w.streetCode])
	t.put(colCommunityCode, t.words[colCommunityCode][w.community])
	t.put(colTestTime, parquet.Int64Value(w.testTime*1e6).Level(0, 1, colTestTime))
	t.put(colTestResult, t.words[colTestResult][w.result])
	t.putInt32(colBodyTemp, w.temp)
	t.putInt32(colVaccineDoses, w.doses)
	if w.noVaccine {
		t.putNull(colVaccineDate)
	} else {
		t.putInt32(colVaccineDate, w.vaccine)
	}
	t.put(colInstitution, t.words[colInstitution][w.institution])

	t.rows++
	if t.rows == t.groupRows {
		if err := t.flush(); err != nil {
			return err
		}
		t.rows = 0
		return t.w.Flush()
	}
	if len(t.batch[colID]) == batchRows {
		return t.flush()
	}
	return nil
}

func (t *parquetTable) put(col int, v parquet.Value) { t.batch[col] = append(t.batch[col], v) }

func (t *parquetTable) putNull(col int) { t.put(col, parquet.NullValue().Level(0, 0, col)) }

func (t *parquetTable) putInt32(col int, x int64) {
	t.put(col, parquet.Int32Value(int32(x)).Level(0, 1, col))
}

// putText puts what was appended to t.text.
func (t *parquetTable) putText(col int, text []byte) {
	t.put(col, parquet.ByteArrayValue(text[len(t.text):]).Level(0, 1, col))
	t.text = text
}

// flush gives the batch to the column writers.
func (t *parquetTable) flush() error {
	for col, values := range t.batch {
		if _, err := t.columns[col].WriteRowValues(values); err != nil {
			return err
		}
		t.batch[col] = values[:0]
	}
	t.text = t.text[:0]
	return nil
}

func (t *parquetTable) close() error {
	if err := t.flush(); err != nil {
		return err
	}
	return t.w.Close()
}
