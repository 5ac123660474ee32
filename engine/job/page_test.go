package job

import (
	"testing"

	"crosscheck/engine"
	"crosscheck/engine/privacy"
)

// TestPageGroup: of the values of a carried column a page has those of which something can be shown, in the order of what can be seen, and none
// that looks like an identifier. What is small, and what would tell it, is withheld.
func TestPageGroup(t *testing.T) {
	value := func(name string, outlier, missing int64) engine.BlameCount {
		return engine.BlameCount{Value: name, Outlier: []int64{outlier, 0}, Missing: []int64{missing, 40}}
	}
	c := engine.CarryCount{Column: "street", Values: []engine.BlameCount{
		value("990101198001010014", 500, 0), value("b", 90, 30), value("a", 70, 3), value("c", 20, 0), value("d", 20, 11),
	}}
	g := pageGroup(c, 2, 10)
	if len(g.Values) != 4 || g.More != 1 {
		t.Fatalf("%d values and %d more, want 4 and 1", len(g.Values), g.More)
	}
	// On the first level a has a small part; c is the smallest other and is withheld with it.
	want := []struct {
		value string
		first *int64
	}{{"b", &[]int64{120}[0]}, {"d", &[]int64{31}[0]}, {"a", nil}, {"c", nil}}
	for i, w := range want {
		v := g.Values[i]
		if v.Value != w.value || (v.Wrong[0] == nil) != (w.first == nil) || w.first != nil && *v.Wrong[0] != *w.first || v.Wrong[1] == nil || *v.Wrong[1] != 40 {
			t.Errorf("value %d is not what it should be", i)
		}
	}
}

// TestPublicGroups: the values of a carried column are shown if it is about nobody.
func TestPublicGroups(t *testing.T) {
	column := func(class privacy.Class, show privacy.Show) Column {
		return Column{Role: "carried", Treatment: privacy.Treatment{Class: class, Show: show}}
	}
	got := publicGroups([]Column{{Role: "key"}, column(privacy.None, privacy.Full), column(privacy.Phone, privacy.Masked), column(privacy.Name, privacy.Full)})
	if len(got) != 3 || !got[0] || got[1] || got[2] {
		t.Errorf("shown: %v", got)
	}
}
