// Package engine cross-checks records that several levels hold: it joins any number of Arrow sources on a key in one pass
// and reports every record that is missing, differs or is held twice.
package engine
