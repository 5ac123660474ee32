package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestReadme runs the README's commands, in order and in one folder, with the job file it shows. A line says the exit code it
// expects in a comment at its end: # exit 1.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	lines := 0
	block := regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```")
	for _, m := range block.FindAllStringSubmatch(string(readme), -1) {
		if m[1] != "sh" {
			continue
		}
		for line := range strings.Lines(m[2]) {
			command, ours := strings.CutPrefix(strings.TrimSpace(line), "./crosscheck ")
			if !ours {
				if strings.HasPrefix(command, "find ") { // what it says is to find nothing
					command, _, _ = strings.Cut(command, "#")
					script.WriteString("exec " + strings.TrimSpace(command) + "\n! stdout .\n")
				}
				continue // building and testing
			}
			code := "0"
			if c, exit, ok := strings.Cut(command, "# exit "); ok {
				command, code = c, exit
			}
			script.WriteString("code " + code + " crosscheck " + strings.TrimSpace(command) + "\n")
			lines++
		}
	}
	if lines < 5 {
		t.Fatalf("the README has %d commands", lines)
	}
	script.WriteString("exists reports/_committed/2026-11-23.json differences.csv\n")
	for _, m := range block.FindAllStringSubmatch(string(readme), -1) {
		if name, ok := strings.CutPrefix(strings.SplitN(m[2], "\n", 2)[0], "# "); ok && m[1] == "yaml" {
			script.WriteString("-- " + name + " --\n" + m[2])
		}
	}
	file := filepath.Join(t.TempDir(), "readme.txtar")
	if err := os.WriteFile(file, []byte(script.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Files:               []string{file},
		RequireExplicitExec: true,
		Cmds:                map[string]func(ts *testscript.TestScript, neg bool, args []string){"code": code},
	})
}
