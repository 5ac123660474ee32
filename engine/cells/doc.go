// Package cells keeps columns of a part of a level so that the value of any row can be read, and little else: in blocks of 64 rows, each of them
// compressed by itself and with a checksum.
//
// # Format
//
// Numbers of a fixed size are little-endian, others are uvarints. First come the batches in which the rows arrive: the blocks of each column, one
// column after the other. Behind the last one come the dictionaries of those columns that arrive as indexes: they are columns too, of as many
// rows as entries. Then comes the index:
//
//	columns    their number
//	entries    for each: those of its dictionary plus one, 0 without one
//	batches    their number
//	rows       for each batch
//	lengths    of all blocks in their order, in bytes; 0: all values are null
//
// and at last the length of the index, 8 bytes, and its CRC-32C, 4. A block is
//
//	checksum   CRC-32C of what follows, 4 bytes
//	flags      1 byte
//	nulls      a bit a row, 1 where there is a value, if the flags say that there are nulls
//	values     as the flags say, compressed (S2) or not; columns that hardly become smaller are compressed now and then
//
// Values of texts are their lengths, or one length if all have it, and then the texts; those of at most 18 digits are integers, and then the one length, 1 byte. Values of integers of 4 and 8 bytes, and of indexes, are the
// least of them, 8 bytes, how many bits the others are above it at most, 1 byte, and so many bits for each. Those of decimals of 16 bytes are that
// of their low halves where the high ones follow from these. Others are stored as Arrow does, but for booleans, which take a byte. A null among
// them is what stands in its place.
package cells
