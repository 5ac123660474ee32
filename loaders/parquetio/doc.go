// Package parquetio reads Parquet levels. A part is a row group; its columns are decoded into Arrow arrays batch by batch,
// whatever the borders of their pages.
//
// The pages are walked here, on the thrift, codec and encoding packages of parquet-go, since its own pages copy every text
// value: a page is decompressed once, and a batch's StringView headers point into the decompressed pages. Every codec and
// encoding that parquet-go knows is read; plain and dictionary pages have paths of their own. A chunk all of whose pages are
// dictionary-encoded arrives as an Arrow dictionary, shared by all batches of the part; one that falls back to plain pages
// half-way arrives as plain values throughout.
//
// Files are read with ReadAt into buffers of their own, a column chunk at a time, never mapped: a file that is cut off
// while it is read is an error, not a signal.
package parquetio
