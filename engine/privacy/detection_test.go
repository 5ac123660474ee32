package privacy

import (
	"path"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// labelled is a column with the class that a person gives it.
type labelled struct {
	name   string
	class  Class
	values []string
}

// labelledColumns reads the labelled set.
func labelledColumns(t *testing.T) (all []labelled) {
	t.Helper()
	archive, err := txtar.ParseFile("../../testdata/detection/columns.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.Files {
		word, name := path.Split(f.Name)
		class, err := ParseClass(strings.TrimSuffix(word, "/"))
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		all = append(all, labelled{name, class, strings.Split(strings.TrimSuffix(string(f.Data), "\n"), "\n")})
	}
	return all
}

// TestConfidence holds how sure evidence is.
func TestConfidence(t *testing.T) {
	for _, c := range []struct {
		e    Evidence
		want Confidence
	}{
		{Evidence{Of: 10}, ""},
		{Evidence{Class: Name, ByName: true}, Low},
		{Evidence{Class: Phone, ByName: true, Alike: 4, Of: 10}, Low},
		{Evidence{Class: Phone, ByName: true, Alike: 5, Of: 10}, High},
		{Evidence{Class: ResidentID, Alike: 6, Of: 10}, Medium},
		{Evidence{Class: ResidentID, Alike: 9, Of: 10}, High},
	} {
		if got := c.e.Confidence(); got != c.want {
			t.Errorf("%+v: confidence %q, want %q", c.e, got, c.want)
		}
	}
}

// TestMeasured holds precision and recall on the labelled set, with the names of columns and without, to what the package comment says.
// Without names only the classes that have a look of their own are asked for.
func TestMeasured(t *testing.T) {
	type tally struct{ right, wrong, missed int }
	byContent := []Class{ResidentID, BankCard, Phone, Email, Address, Name}
	byName := append(byContent[:len(byContent):len(byContent)], Health, Other)
	floors := map[Class]struct{ precision, recall float64 }{
		ResidentID: {1, 0.81}, BankCard: {1, 0.83}, Phone: {0.91, 0.84}, Email: {1, 0.8}, Address: {1, 0.81}, Name: {0.84, 0.68},
		Health: {1, 1}, Other: {1, 1},
	}
	columns := labelledColumns(t)
	for _, m := range []struct {
		mode    string
		classes []Class
		named   bool
	}{
		{"with names", byName, true},
		{"without names", byContent, false},
	} {
		tallies := map[Class]*tally{}
		for _, c := range m.classes {
			tallies[c] = &tally{}
		}
		for _, c := range columns {
			name, want := c.name, c.class
			if !m.named {
				name = ""
				if tallies[want] == nil {
					want = None // a look of its own it has not
				}
			}
			got := Detect(name, c.values)
			if got == want {
				if want != None {
					tallies[want].right++
				}
				continue
			}
			t.Logf("%s: column %s is %s and was taken for %s", m.mode, c.name, want.Word(), got.Word())
			if want != None {
				tallies[want].missed++
			}
			if got != None {
				tallies[got].wrong++
			}
		}
		for _, c := range m.classes {
			n := tallies[c]
			if n.right+n.missed == 0 {
				t.Errorf("%s: the set has no %s", m.mode, c)
				continue
			}
			precision, recall := float64(n.right)/float64(max(1, n.right+n.wrong)), float64(n.right)/float64(n.right+n.missed)
			t.Logf("%s: %-12s precision %.2f recall %.2f (%d columns)", m.mode, c, precision, recall, n.right+n.missed)
			if floor := floors[c]; precision < floor.precision || recall < floor.recall {
				t.Errorf("%s: %s has precision %.2f and recall %.2f, want at least %.2f and %.2f", m.mode, c, precision, recall, floor.precision, floor.recall)
			}
		}
	}
}
