// Package join finds out which rows belong to one record and which of them are suspect. It knows keys, fingerprints and row
// references, no values.
//
// A Table holds one entry a record, in radix partitions by the top bits of the key's hash. Levels are added one after the
// other, their batches side by side. The first row of a record makes its entry and is its base; a row of a later level is
// compared with the base while its batch is still at hand:
//
//   - fingerprints equal: the rows are equal, and nothing but the row reference is kept;
//   - fingerprints differ: the row is a Hit, with the fields that it differs in as far as syndromes tell (record.Locator): one or two,
//     or all. The full hashes of these must explain the whole difference of the two fingerprints; if they do, all other fields are equal, and if
//     not, all fields of the record are looked at.
//
// Fields that not every level has form groups by the levels that have them, each with a fingerprint and a base of its own:
// the first level, in order, that holds both the record and the group.
//
// Further rows of a key on one level are an Extra, which tells how many they are and whether they are alike. The row of the least reference stands for the level. Which of the rows came
// first in time, and so was compared, depends on the workers: where it is not the standing one, the caller compares anew.
//
// # An entry
//
// An entry is a run of 64-bit words: the hash of the key, of which the key follows (record.KeyOf; a second word where keys may need it), one
// fingerprint a group, and then halves of words: the row references, one a level: 0 where the level lacks the record, else the number of the row on
// its level, counted from 1. The entries of a partition lie one after the other as their records came, the syndromes of the bases beside them, one a
// group of more than one field. An index of slots of 4 bytes, half of them taken at most, says where the entry of a key is: all slots together are so small that
// the processor's caches hold a good part, those of a row are fetched while others before it are added, and new entries lie side by side. Three
// levels and 13 shared fields cost 32 bytes, 8 and 8.
package join
