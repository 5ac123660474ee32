package report

import (
	"bytes"
	"errors"
	"os"
	"reflect"
	"slices"
	"testing"

	"crosscheck/engine/verdict"
)

// TestReader holds that findings come back from a table as they went into it.
func TestReader(t *testing.T) {
	for _, s := range shapes {
		t.Run(s.String(), func(t *testing.T) {
			want := s.random()
			path := write(t, "r.parquet", s.header(), blocks(s.random(), 700, 1), Options{groupRows: 500, pageRows: 120})
			r, err := OpenFindings(path, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			h := s.header()
			for _, names := range [][2][]string{{r.Levels, h.Levels}, {r.Fields, h.Fields}, {r.Carry, h.Carry}} {
				if len(names[0])+len(names[1]) > 0 && !reflect.DeepEqual(names[0], names[1]) {
					t.Errorf("got %q, want %q", names[0], names[1])
				}
			}
			var got []verdict.Finding
			for {
				run, err := r.Next()
				if err != nil {
					t.Fatal(err)
				}
				if len(run) == 0 {
					break
				}
				for _, f := range run { // what the run lies in is used again
					f.Values, f.Carry = slices.Clone(f.Values), slices.Clone(f.Carry)
					got = append(got, f)
				}
			}
			if len(got) != len(want) {
				t.Fatalf("%d findings, want %d", len(got), len(want))
			}
			mask := uint32(1)<<s.levels - 1
			for i := range want {
				w, g := &want[i], &got[i]
				w.Rows, w.In = nil, w.In&mask
				if w.FirstSeen == 0 {
					w.FirstSeen = 20780
				}
				if w.Values == nil {
					w.Values = make([][]byte, s.levels)
				}
				if w.Carry == nil && s.carry > 0 {
					w.Carry = make([][]byte, s.carry)
				}
				if len(w.Carry) == 0 {
					w.Carry, g.Carry = nil, nil
				}
				if !reflect.DeepEqual(*g, *w) {
					t.Fatalf("finding %d: got\n%+v, want\n%+v", i, *g, *w)
				}
			}
		})
	}
}

// TestReaderOfDamage holds that no damage to a table is a panic or goes unnoticed as a table of another version.
func TestReaderOfDamage(t *testing.T) {
	s := shapes[3]
	path := write(t, "r.parquet", s.header(), blocks(s.random(), 700, 1), Options{})
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := 4; at < len(whole); at += max(1, len(whole)/80) {
		b := bytes.Clone(whole)
		for i := at; i < min(at+40, len(b)); i++ {
			b[i] ^= 0xff
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := OpenFindings(path, nil)
		for err == nil {
			var run []verdict.Finding
			if run, err = r.Next(); len(run) == 0 {
				break
			}
		}
		if r != nil {
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := OpenFindings(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(r.Close(), r.Close()); err != nil {
		t.Errorf("closed before the end, and twice: %v", err)
	}
}
