package synth

import (
	"github.com/parquet-go/parquet-go"
	"sync"
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

// wordValues are the values of the columns that hold words of a list.
var wordValues = sync.OnceValue(func() map[int][]parquet.Value {
	return map[int][]parquet.Value{
		colSex:           valuesOf(colSex, sexes),
		colStreetCode:    valuesOf(colStreetCode, streetCodes()),
		colCommunityCode: valuesOf(colCommunityCode, communityCodes()),
		colTestResult:    valuesOf(colTestResult, results),
		colInstitution:   valuesOf(colInstitution, institutions()),
	}
})

func valuesOf(col int, words []string) []parquet.Value {
	values := make([]parquet.Value, len(words))
	for i, w := range words {
		values[i] = parquet.ByteArrayValue([]byte(w)).Level(0, 1, col)
	}
	return values
}

// parquetTable writes a level as Parquet.
type parquetTable struct {
	columnBatch
	w     *parquet.GenericWriter[levelColumns]
	words [numColumns][]parquet.Value // wordValues by column
}

func newParquetTable(f *file, groupRows int) *parquetTable {
	w := parquet.NewGenericWriter[levelColumns](f, conventions)
	t := &parquetTable{w: w, columnBatch: newColumnBatch(w.ColumnWriters(), groupRows)}
	t.flushGroup = w.Flush
	for col, values := range wordValues() {
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
	return t.endRow()
}

func (t *parquetTable) close() error {
	if err := t.flush(); err != nil {
		return err
	}
	return t.w.Close()
}
