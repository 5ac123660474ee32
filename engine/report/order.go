package report

import (
	"bytes"
	"fmt"
	"slices"

	"crosscheck/engine/verdict"
)

// order checks that findings come by key, kind and name of the field, null before any field: readers skip row groups and pages
// on the strength of the sorting columns in the metadata, so a file that wrongly says it is sorted loses rows without a word.
type order struct {
	rank []int // index of a field + 1 → its place among the names, from 1; rank[0] is that of no field
	seen int64 // findings checked
	key  []byte
	kind verdict.Kind
	at   int // rank of the last finding's field
}

func newOrder(fields []string) order {
	sorted := slices.Sorted(slices.Values(fields))
	rank := make([]int, len(fields)+1)
	for i, name := range fields {
		at, _ := slices.BinarySearch(sorted, name)
		rank[i+1] = at + 1
	}
	return order{rank: rank}
}

// check compares the findings with the ones before them. It costs one comparison of keys a finding.
func (o *order) check(findings []verdict.Finding) error {
	key, kind, at := o.key, o.kind, o.at
	for i := range findings {
		f := &findings[i]
		next := o.rank[f.Field+1]
		c := bytes.Compare(key, f.Key)
		if c > 0 || c == 0 && o.seen+int64(i) > 0 && (kind > f.Kind || kind == f.Kind && at > next) {
			return fmt.Errorf("finding %d comes before the one ahead of it in the order of key, kind and field name",
				o.seen+int64(i)+1)
		}
		key, kind, at = f.Key, f.Kind, next
	}
	// The key is copied: its block is let go once it is encoded.
	o.key, o.kind, o.at = append(o.key[:0], key...), kind, at
	o.seen += int64(len(findings))
	return nil
}
