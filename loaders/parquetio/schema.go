package parquetio

import (
	"fmt"
	"math"

	"crosscheck/engine/level"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// column is a flat column: a leaf directly under the root that is not repeated.
type column struct {
	name     string
	leaf     int // index among all leaves
	optional bool
	physical format.Type
	length   int            // bytes of a FIXED_LEN_BYTE_ARRAY
	logical  arrow.DataType // what Schema says
	nulls    bool           // the file holds nothing but nulls and knows no type
}

// newShape lists the flat columns of a file and the names of the others.
func newShape(path string, elements []format.SchemaElement) (*shape, error) {
	if len(elements) == 0 {
		return nil, &level.InputError{File: path, Msg: "its schema is empty"}
	}
	l, leaf := new(shape), 0
	for i := 1; i < len(elements); {
		e := &elements[i]
		if e.NumChildren.V > 0 || e.RepetitionType.V == format.Repeated {
			l.skipped = append(l.skipped, e.Name)
			for pending := 1; pending > 0 && i < len(elements); i++ { // its whole subtree
				pending += int(elements[i].NumChildren.V) - 1
				if elements[i].NumChildren.V == 0 {
					leaf++
				}
			}
			continue
		}
		c := column{name: e.Name, leaf: leaf, optional: e.RepetitionType.V == format.Optional, physical: e.Type.V, length: int(e.TypeLength.V)}
		if _, twice := find(l.columns, c.name); twice {
			return nil, &level.InputError{File: path, Column: c.name, Msg: "the file has two columns of this name"}
		}
		if c.logical = arrowType(e); c.logical == nil || !fits(c.physical, c.length, c.logical) {
			l.skipped = append(l.skipped, e.Name)
		} else {
			l.columns = append(l.columns, c)
		}
		leaf++
		i++
	}
	l.leaves = leaf
	return l, nil
}

// take takes the row groups of a footer up.
func (f *file) take(groups []rowGroup) error {
	for i := range groups {
		if rows := groups[i].rows; rows < 0 || rows > math.MaxInt64/2-f.rows {
			return &level.InputError{File: f.path, Msg: fmt.Sprintf("row group %d says that it has %d rows", i, rows)}
		}
		f.rows += groups[i].rows
		if len(groups[i].chunks) != f.leaves {
			return &level.InputError{File: f.path, Msg: fmt.Sprintf("row group %d has %d columns, the schema has %d", i, len(groups[i].chunks), f.leaves)}
		}
		groups[i].sum()
	}
	f.groups = groups
	return nil
}

// arrowType gives the Arrow type of a column, by its logical type, else its converted type, else its physical one; nil if
// it cannot be read.
func arrowType(e *format.SchemaElement) arrow.DataType {
	switch t := e.LogicalType.Value.(type) {
	case *format.StringType, *format.EnumType, *format.JsonType:
		return arrow.BinaryTypes.String
	case *format.IntType:
		return intType(int(t.BitWidth), t.IsSigned)
	case *format.DecimalType:
		return decimalType(t.Precision, t.Scale)
	case *format.DateType:
		return arrow.FixedWidthTypes.Date32
	case *format.TimestampType:
		zone := ""
		if t.IsAdjustedToUTC {
			zone = "UTC"
		}
		return &arrow.TimestampType{Unit: unit(t.Unit.Value), TimeZone: zone}
	case *format.Float16Type:
		return arrow.FixedWidthTypes.Float16
	case *format.NullType:
		return arrow.Null
	case *format.TimeType:
		if u := unit(t.Unit.Value); u == arrow.Millisecond {
			return arrow.FixedWidthTypes.Time32ms
		} else {
			return &arrow.Time64Type{Unit: u}
		}
	}
	if c := e.ConvertedType; c.Valid {
		switch c.V {
		case deprecated.UTF8, deprecated.Enum, deprecated.Json:
			return arrow.BinaryTypes.String
		case deprecated.Decimal:
			return decimalType(e.Precision.V, e.Scale.V)
		case deprecated.Date:
			return arrow.FixedWidthTypes.Date32
		case deprecated.TimeMillis:
			return arrow.FixedWidthTypes.Time32ms
		case deprecated.TimeMicros:
			return arrow.FixedWidthTypes.Time64us
		case deprecated.TimestampMillis:
			return &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "UTC"}
		case deprecated.TimestampMicros:
			return &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
		case deprecated.Uint8, deprecated.Uint16, deprecated.Uint32, deprecated.Uint64:
			return intType(8<<(c.V-deprecated.Uint8), false)
		case deprecated.Int8, deprecated.Int16, deprecated.Int32, deprecated.Int64:
			return intType(8<<(c.V-deprecated.Int8), true)
		}
	}
	switch e.Type.V {
	case format.Boolean:
		return arrow.FixedWidthTypes.Boolean
	case format.Int32:
		return arrow.PrimitiveTypes.Int32
	case format.Int64:
		return arrow.PrimitiveTypes.Int64
	case format.Int96:
		return &arrow.TimestampType{Unit: arrow.Nanosecond}
	case format.Float:
		return arrow.PrimitiveTypes.Float32
	case format.Double:
		return arrow.PrimitiveTypes.Float64
	case format.ByteArray:
		return arrow.BinaryTypes.Binary
	case format.FixedLenByteArray:
		if e.TypeLength.V > 0 {
			return &arrow.FixedSizeBinaryType{ByteWidth: int(e.TypeLength.V)}
		}
	}
	return nil
}

// fits tells whether values of a physical type can be read as a logical one.
func fits(physical format.Type, length int, logical arrow.DataType) bool {
	id := logical.ID()
	if id == arrow.NULL {
		return true
	}
	switch physical {
	case format.Boolean:
		return id == arrow.BOOL
	case format.Int32:
		return arrow.IsInteger(id) && fixedWidth(logical) <= 4 || id == arrow.DATE32 || id == arrow.TIME32 || arrow.IsDecimal(id)
	case format.Int64:
		return arrow.IsInteger(id) && fixedWidth(logical) == 8 || id == arrow.TIMESTAMP || id == arrow.TIME64 || arrow.IsDecimal(id)
	case format.Int96:
		return id == arrow.TIMESTAMP
	case format.Float:
		return id == arrow.FLOAT32
	case format.Double:
		return id == arrow.FLOAT64
	case format.ByteArray:
		return id == arrow.STRING || id == arrow.BINARY || arrow.IsDecimal(id)
	case format.FixedLenByteArray:
		return length > 0 && (id == arrow.FIXED_SIZE_BINARY && length == fixedWidth(logical) || arrow.IsDecimal(id) || id == arrow.FLOAT16 && length == 2)
	}
	return false
}

func intType(bits int, signed bool) arrow.DataType {
	switch {
	case bits == 8 && signed:
		return arrow.PrimitiveTypes.Int8
	case bits == 16 && signed:
		return arrow.PrimitiveTypes.Int16
	case bits == 32 && signed:
		return arrow.PrimitiveTypes.Int32
	case bits == 64 && signed:
		return arrow.PrimitiveTypes.Int64
	case bits == 8:
		return arrow.PrimitiveTypes.Uint8
	case bits == 16:
		return arrow.PrimitiveTypes.Uint16
	case bits == 32:
		return arrow.PrimitiveTypes.Uint32
	case bits == 64:
		return arrow.PrimitiveTypes.Uint64
	}
	return nil
}

func decimalType(precision, scale int32) arrow.DataType {
	switch {
	case precision <= 0 || precision > 76:
		return nil
	case precision > 38:
		return &arrow.Decimal256Type{Precision: precision, Scale: scale}
	}
	return &arrow.Decimal128Type{Precision: precision, Scale: scale}
}

func unit(u format.TimeUnitValue) arrow.TimeUnit {
	switch u.(type) {
	case *format.MilliSeconds:
		return arrow.Millisecond
	case *format.NanoSeconds:
		return arrow.Nanosecond
	}
	return arrow.Microsecond
}
