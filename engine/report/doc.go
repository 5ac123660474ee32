// Package report writes findings to files: the table of mismatches as Parquet, CSV or JSON lines, and small Parquet tables such
// as the summary of a night. A file is written under a hidden temporary name and gets its own when it is whole and durable, so
// that nobody ever reads half of one. What a file holds depends on the findings and the options alone: no clock, no host, no
// number of workers reaches it.
//
// # The table of mismatches
//
// One row a finding, in the order of record_key (bytes), kind and field (names, byte by byte, null first). <level> stands for one
// column a level, in the order of the header; all text is UTF-8.
//
//	column          type     null  holds
//	record_key      STRING   no    canonical key; empty where the row has none
//	kind            STRING   no    verdict.Kind
//	field           STRING   yes   name of the field; null where the kind has none
//	in_<level>      BOOLEAN  no    the level holds the record
//	value_<level>   STRING   yes   what the level holds, as it spells it
//	outlier         STRING   yes   name of the level that alone disagrees with all others
//	consensus       STRING   yes   the value of the majority
//	count           INT64    yes   rows of a duplicate
//	reason          STRING   yes   the rule or the roster that the finding is about; why a key is invalid
//	roster_group    STRING   yes   the member's group in the roster
//	status          STRING   no    verdict.Status
//	first_seen      DATE     no    Finding.FirstSeen; Options.RunDate where that is 0
//	source_<level>  STRING   yes   "file:row", rows counted from 1, a header line not counted; null where the level has no row;
//	                               the file alone where the header says FilesOnly
//	carried columns STRING   yes   in the order of the header, under their own names
//
// Names must differ even when case is ignored, and none may be run_date, the partition column that readers take from the folder.
//
// # Parquet
//
// The shape is what DuckDB, Polars, pyarrow, pandas, Spark and ClickHouse all read with their default settings:
//
//   - Row groups of 131072 rows, pages of 8192 rows of every column, fewer where texts are very long. A table without rows has
//     no row group and the full schema.
//   - Every page is compressed with Snappy. Data pages are version 1: in version 2 a page of nulls alone compresses nothing at all,
//     which some readers have got wrong. Texts are DELTA_LENGTH_BYTE_ARRAY, which Snappy takes less time for than for PLAIN; keys, which ascend, and sources,
//     which begin with the same path again and again, are DELTA_BYTE_ARRAY, which makes the file a fifth smaller (Spark reads both from 3.3). Kind, field,
//     outlier, status, first_seen, carried columns and sources without rows have a dictionary (RLE_DICTIONARY), dropped half-way through a row group when it
//     outgrows 256 KiB. Booleans are PLAIN, since the RLE encoding of booleans and dictionaries of them are not read everywhere; so are counts.
//   - Sorting columns record_key, kind, field: ascending, nulls first.
//   - Statistics of each column chunk: minimum, maximum, nulls. Page index (column index and offset index) of each column with
//     bounds of at most 64 bytes. None of them in page headers, where the page index makes them redundant.
//   - A split-block bloom filter on record_key, 10 bits a row, behind the pages of its row group.
//   - created_by is "crosscheck". Key-value metadata: crosscheck.schema, the version of this description ("2");
//     crosscheck.levels and crosscheck.fields, their names as JSON arrays, fields in the order of the header; and those of Options.Metadata.
//
// The table is encoded by package columnar, other tables by parquet-go.
//
// Find reads what such a table has about one record: by the statistics of the row groups, the bloom filter and the page index it goes to the
// pages that hold the key, and to no others.
//
// # CSV
//
// RFC 4180 with a header line and lines that end in LF, UTF-8 without a byte order mark. Null is nothing between two commas, the
// empty text is "". Quoted is what holds a comma, a quote, CR or LF. Booleans are true and false, dates 2006-01-02.
//
// # JSON lines
//
// One object a line with every column, in the order of the table; null, true, false and numbers are those of JSON, dates are
// strings "2006-01-02".
//
// # Other tables
//
// WriteTable writes a slice of structs as Parquet of one row group with the same conventions, without sorting columns and bloom
// filter; its only key-value metadata is crosscheck.schema.
package report
