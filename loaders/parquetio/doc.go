// Package parquetio reads Parquet levels. A part is a row group; its columns are decoded into Arrow arrays batch by batch,
// whatever the borders of their pages.
//
// The pages are walked here, on the thrift, codec and encoding packages of parquet-go, since its own pages copy every text
// value: a page is decompressed once, and a batch's StringView headers point into the decompressed pages. Every codec and
// encoding that parquet-go knows is read; plain and dictionary pages have paths of their own. A chunk all of whose pages are
// dictionary-encoded arrives as an Arrow dictionary, shared by all batches of the part; one that falls back to plain pages
// half-way arrives as plain values throughout. Parts read at once arrive as one dictionary, in which entries may be equal, if theirs have few entries. A sample reads and decompresses the beginnings of the pages that hold the first rows.
//
// Files are read with ReadAt into buffers of their own, never mapped: a column chunk at a time, or, of a large one, the headers of its pages and then those that
// a batch needs; a file that is cut off
// while it is read is an error, not a signal. Small chunks that lie close to one another are read at once. The files of a level
// stay open, unless they are very many: then each is opened for the part that is read, and is an error if it was replaced. Sizes that a file claims are checked before memory is made for them.
//
// # Columns
//
// A column is a leaf directly under the root; nested and repeated ones, and those of types that cannot be read, are left out
// (Source.Skipped). What the file says about a column gives its Arrow type:
//
//	STRING, ENUM, JSON                   String, as StringView
//	BYTE_ARRAY without any of these      Binary, as BinaryView
//	INT(8…64, signed or not)             Int8 … Uint64
//	FLOAT, DOUBLE, FLOAT16               Float32, Float64, Float16
//	DECIMAL on any physical type         Decimal128, above 38 digits Decimal256
//	DATE, TIME, TIMESTAMP                Date32, Time32 or Time64, Timestamp of the file's unit, zone UTC if adjusted to UTC
//	INT96                                Timestamp of nanoseconds without a zone; beyond the years 1678 to 2261 an error
//	BOOLEAN                              Boolean
//	UUID, other FIXED_LEN_BYTE_ARRAY     FixedSizeBinary
//	UNKNOWN (only nulls)                 the type that the column has in other files, else Null
package parquetio
