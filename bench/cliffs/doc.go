// Package cliffs looks for data on which a run is slow out of proportion or takes more memory than it may: shapes that users have and that a
// benchmark on plain data does not show.
//
// Each scenario changes one thing of the plain case: three levels of 14 columns, 1 % of the records mismatching. It is run by the built program,
// as a user runs it, in turn with the plain case, so that what else the machine does meets both alike, its files in the page cache and memory warm ([child.Warm]);
// of several rounds the median counts. A
// cell is a value of a row, the key among them: time per cell is held against that of the plain case, and where values are long per byte of
// values. The same is run once more with so little memory that rows are spilled, or where there are too few for that with hardly enough,
// and the largest resident set, the program's own pages among it, is held against the budget. Every run must find what was planted.
package cliffs
