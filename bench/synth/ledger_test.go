package synth

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"crosscheck/engine/record"
)

// naive compares the levels as plainly as can be and gives the rows that the ledger should have, each as text, sorted. On two
// levels nobody can tell which one is wrong: the level of differs is left out.
func naive(t *testing.T, names []string, levels [][][]string) []string {
	t.Helper()
	var found []string
	add := func(key, kind, field, level string) {
		found = append(found, strings.Join([]string{key, kind, field, level}, "|"))
	}
	standing := make([]map[string][]string, len(levels))
	keys := map[string]bool{}
	for l, rows := range levels {
		standing[l] = map[string][]string{}
		duplicated := map[string]bool{}
		for _, row := range rows[1:] {
			key := row[colID]
			if key == null || strings.TrimSpace(key) == "" {
				add(null, invalidKey, null, names[l])
				continue
			}
			keys[key] = true
			if standing[l][key] == nil {
				standing[l][key] = row
				continue
			}
			if duplicated[key] {
				t.Errorf("level %s: a key more than twice", names[l])
			}
			duplicated[key] = true
			add(key, duplicate, null, names[l])
		}
	}
	for key := range keys {
		for l := range levels {
			if standing[l][key] == nil {
				add(key, missing, null, names[l])
			}
		}
		for field := 1; field < numColumns; field++ {
			held := map[string][]int{}
			for l := range levels {
				if row := standing[l][key]; row != nil {
					held[row[field]] = append(held[row[field]], l)
				}
			}
			if len(held) < 2 {
				continue
			}
			level := null
			if len(levels) > 2 && len(held) == 2 {
				for _, who := range held {
					if len(who) == 1 {
						level = names[who[0]]
					}
				}
			}
			add(key, differs, columnNames[field], level)
		}
	}
	slices.Sort(found)
	return found
}

// TestLedger holds that a naive comparison of the files finds what the ledger says and nothing else.
func TestLedger(t *testing.T) {
	for _, format := range []string{Parquet, CSV} {
		for _, names := range [][]string{{"a", "b"}, {"city", "district", "street"}, {"a", "b", "c", "d", "e"}} {
			t.Run(fmt.Sprintf("format=%s/levels=%d", format, len(names)), func(t *testing.T) {
				m := generate(t, Options{Records: 20000, Levels: names, Mismatch: 0.15, Seed: 7, Format: format, RowGroupRows: 5000})
				var levels [][][]string
				for _, l := range m.Levels {
					rows := readTable(t, l.Path)
					if !slices.Equal(rows[0], columnNames[:]) {
						t.Errorf("level %s: columns are %q", l.Level, rows[0])
					}
					if int64(len(rows)-1) != l.Rows {
						t.Errorf("level %s: %d rows, the manifest says %d", l.Level, len(rows)-1, l.Rows)
					}
					levels = append(levels, rows)
				}
				ledger := readTable(t, m.Ledger)
				if !slices.Equal(ledger[0], ledgerColumns) {
					t.Errorf("the ledger's columns are %q", ledger[0])
				}
				var planted []string
				for _, row := range ledger[1:] {
					if row[1] == differs && len(names) == 2 {
						row[3] = null
					}
					planted = append(planted, strings.Join(row[:4], "|"))
				}
				checkManifest(t, m, ledger[1:])
				slices.Sort(planted)
				found := naive(t, names, levels)
				if !slices.Equal(planted, found) {
					t.Errorf("%d faults planted, %d found; first difference at %d", len(planted), len(found), firstDifference(planted, found))
				}
			})
		}
	}
}

func firstDifference(a, b []string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// checkManifest holds that the manifest counts the ledger, and that kinds have the shares they should.
func checkManifest(t *testing.T, m *Manifest, ledger [][]string) {
	t.Helper()
	counts := map[string]int64{}
	faulty, mismatches := map[string]bool{}, map[string]bool{}
	for _, row := range ledger {
		counts["kind "+row[1]]++
		if row[1] == differs {
			counts["field "+row[2]]++
		}
		if len(m.Levels) > 2 || row[1] != differs {
			counts["level "+row[3]]++
		}
		if row[1] != invalidKey {
			faulty[row[0]] = true
		}
		if row[1] == missing || row[1] == differs {
			mismatches[row[0]] = true
		}
	}
	if m.Findings != int64(len(ledger)) || m.Faulty != int64(len(faulty)) || m.Mismatches != int64(len(mismatches)) {
		t.Errorf("manifest: %d findings, %d faulty and %d mismatching records; the ledger has %d, %d, %d",
			m.Findings, m.Faulty, m.Mismatches, len(ledger), len(faulty), len(mismatches))
	}
	check := func(what string, list []FaultCount) {
		for _, c := range list {
			if n := counts[what+" "+c.Name]; n != c.Count || n == 0 {
				t.Errorf("manifest: %s %s planted %d times; the ledger has %d", what, c.Name, c.Count, n)
			}
		}
	}
	check("kind", m.Kinds)
	check("field", m.Fields)
	if len(m.Levels) > 2 {
		check("level", m.FaultLevel)
	}
	near := func(what string, got, of int64, want float64) {
		if share := float64(got) / float64(of); share < want*0.85 || share > want*1.15 {
			t.Errorf("%s: share %.3f, want about %.3f", what, share, want)
		}
	}
	near("faulty records", m.Faulty, m.Records, 0.15)
	near("missing", counts["kind missing"], m.Faulty, 0.2)
	near("duplicate", counts["kind duplicate"], m.Faulty, 0.1)
}

// TestTypos holds that a key with a typo is one swap or one digit from the right one, is no valid ID and no other row's, that the rest of the
// row is the record's, and that the ledger says all that follows.
func TestTypos(t *testing.T) {
	for _, names := range [][]string{{"a", "b"}, {"city", "district", "street"}} {
		m := generate(t, Options{Records: 20000, Levels: names, Mismatch: 0.3, Seed: 7, Typos: true})
		levels := make([]map[string][]string, len(names))
		for l, file := range m.Levels {
			levels[l] = map[string][]string{}
			for _, row := range readTable(t, file.Path)[1:] {
				levels[l][row[colID]] = row
			}
		}
		missingOn := func(key string) (l, n int) {
			for i := range levels {
				if levels[i][key] == nil {
					l, n = i, n+1
				}
			}
			return l, n
		}
		counts, faulty := map[string]int64{}, map[string]bool{}
		ledger := readTable(t, m.Ledger)[1:]
		typos := 0
		for i, row := range ledger {
			counts[row[1]]++
			if row[1] != invalidKey {
				faulty[row[0]] = true
			}
			if row[1] != keyTypo {
				continue
			}
			typos++
			right, wrong, invalid := ledger[i-3], ledger[i-2], ledger[i-1]
			l, n := missingOn(right[0])
			if right[1] != missing || wrong[1] != missing || invalid[1] != invalidKey || invalid[0] != wrong[0] || n != 1 || right[3] != names[l] || row[3] != names[l] {
				t.Fatalf("the ledger says %q", ledger[i-3:i+1])
			}
			if _, n := missingOn(wrong[0]); n != len(names)-1 || wrong[3] != null {
				t.Errorf("the key with the typo is missing on %d levels", n)
			}
			if _, fault, _ := record.PackID([]byte(wrong[0])); fault != record.FaultCheck {
				t.Errorf("the key with the typo has the fault %v", fault)
			}
			if other := (l + 1) % len(names); !slices.Equal(levels[l][wrong[0]][1:], levels[other][right[0]][1:]) {
				t.Error("the rows differ in more than the key")
			}
			if want := right[0]; row[0] != want && (len(names) > 2 || row[0] != wrong[0] || wrong[0] > want) {
				t.Error("the finding is about the wrong one of the two keys")
			}
		}
		if typos < 150 {
			t.Errorf("only %d typos", typos)
		}
		for _, c := range m.Kinds {
			if counts[c.Name] != c.Count {
				t.Errorf("%d %s in the ledger, the manifest says %d", counts[c.Name], c.Name, c.Count)
			}
		}
		if m.Faulty != int64(len(faulty)) {
			t.Errorf("%d records with a fault, the manifest says %d", len(faulty), m.Faulty)
		}
	}
}
