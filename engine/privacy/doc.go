// Package privacy knows which columns hold what identifies or describes a person, and what becomes of their values for those who may
// not see them: masked values, pseudonyms of keys, tags. It is pure: names, values and a key in, texts out; it keeps none and
// writes nothing.
//
// # Pseudonyms
//
// The pseudonym of a record is the first 128 bits of HMAC-SHA-256 of its canonical key under the job's key, as 26 characters 0-9a-v of
// 5 bits each, the first bits first (the alphabet of base32hex in RFC 4648, in lower case, without padding). Texts sort as the bits do.
// It is the same in every night, job and table under one key, and another one under another key. Among 300 million records the chance
// that any two share a pseudonym is about 10⁻²². Without the key nobody can compute one, and so nobody can look up who it is; whoever has
// the key and a list of all resident IDs can. To check one, with the key in hexadecimal in FILE:
//
//	printf %s 99… | openssl dgst -sha256 -mac HMAC -macopt hexkey:$(cat FILE)
//
// # Tags
//
// A masked value in value_<level> and consensus ends in # and a tag: 张*#k3f9. Within a finding equal tags mean values that are equal as the
// engine compares them (1.0 and 1.00 are), different tags values that are not: a tag has 4 characters, and more where two would meet.
// It is SHA-256 of the second half of the record's HMAC, which is shown nowhere, the column and the value; so it cannot be looked up in
// a list of names or dates without the key, and the same value has another tag in each record and column. What it leaks: which levels
// agree, which the finding says anyway, and, as long as the job compares the same fields in the same order with the same version, that a
// value of a record is, or is not, the one of another night. Nobody may rely on the latter.
//
// # Detection
//
// [Look] takes a column's name and some of its values. It was measured on testdata/detection/columns.txtar, 106 made-up columns of which 38
// are not about persons: 82 that the rules were made with, and 24 harder ones that they were not. With names and without, of the
// columns that it takes for a class this share is of it (precision), and of those of the class it takes this share for it (recall):
//
//	class         precision  recall
//	resident ID   1.00       0.82
//	bank card     1.00       0.83
//	phone         0.92       0.85
//	e-mail        1.00       0.80
//	address       1.00       0.82
//	name          0.85       0.69
//	health        1.00       1.00   by name alone
//	other         1.00       1.00   by name alone
//
// On the 24 alone recall is far lower; they are what it cannot do: rare surnames and foreign first names, names in which three in ten
// are masked already, IDs half of which are passports, landlines with extensions. It takes villages and dishes that begin with a surname
// for names, and numbers of eleven digits that begin with 1 for phones. So it proposes and a person decides: check prints the evidence
// and the confidence, and classes in the job settles it.
//
// # The internal tier
//
// A Masker turns findings into those of the internal tier. Beside keys and values, it is row numbers that give a person away: where a
// file is sorted by resident ID, the place of a row tells the region and the date of birth, and after a rotation of the key the same row
// would join the old pseudonym to the new one. So source_<level> holds the file alone, and the order of rows in the table is that of the
// pseudonyms.
package privacy
