// Package engine cross-checks records that several levels hold: it joins any number of Arrow sources on a key in one pass
// and reports every record that is missing, differs or is held twice, keys that are malformed or mistyped, members of rosters
// whom a level lacks, and rows that break a rule.
package engine
