package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// TestCliffs runs scenarios whose data are laid out in ways of their own, each of which checks what was found.
func TestCliffs(t *testing.T) {
	var out bytes.Buffer
	only := "^(plain|one key in .*|keys .*|1 column .*|10,000 files a level|row groups .*|16 levels|CSV)$"
	if err := cliffsCommand(t.Context(), []string{"--quick", "--records", "1000", "--only", only, "--dir", t.TempDir()}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| plain ", "| one key in all rows ", "| keys of two columns ", "| 16 × 14 ", "nothing is judged"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "500 columns") {
		t.Error("a scenario that was not asked for was run")
	}
}

// TestCliffsUsage: what cannot be measured is refused before anything is.
func TestCliffsUsage(t *testing.T) {
	for _, args := range [][]string{{"--rounds", "0"}, {"--records", "1"}, {"--only", "("}, {"extra"}, {"--nothing"}} {
		if err := cliffsCommand(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
}
