package engine_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport says which packages of this module a package may import, besides those below it in the list. Data flows one
// way: cmd → job → loaders → engine (join → record, verdict) → report, and nothing calls back.
var mayImport = map[string][]string{
	"engine/guard":               nil,
	"engine/encrypt":             {"engine/privacy/secret"},
	"engine/privacy/secret":      nil,
	"engine/privacy/shortmac":    nil,
	"engine/level":               nil,
	"engine/spill":               {"engine/durable", "engine/guard"},
	"engine/nearest":             nil,
	"engine/record":              nil,
	"engine/verdict":             nil,
	"engine/rule":                {"engine/record"},
	"engine/typo":                nil,
	"engine/privacy":             {"engine/privacy/secret", "engine/privacy/shortmac", "engine/record", "engine/verdict"},
	"engine/profile":             {"engine/guard", "engine/level", "engine/privacy", "engine/record"},
	"engine/waiver":              {"engine/privacy/secret", "engine/verdict"},
	"engine/past":                {"engine/verdict"},
	"engine/join":                {"engine/record", "engine/offheap"},
	"engine/offheap":             nil,
	"engine/footprint":           {"engine"},
	"engine/cells":               {"engine/record"},
	"engine":                     {"engine/cells", "engine/guard", "engine/join", "engine/level", "engine/nearest", "engine/record", "engine/rule", "engine/offheap", "engine/spare", "engine/spill", "engine/typo", "engine/verdict"},
	"engine/report":              {"engine/durable", "engine/guard", "engine/report/columnar", "engine/spare", "engine/spill", "engine/verdict"},
	"engine/report/columnar":     {"engine/spare"},
	"engine/spare":               nil,
	"engine/report/page":         nil,
	"loaders/recycle":            nil,
	"loaders/parquetio/snappy":   nil,
	"loaders/sidebyside":         {"engine/guard"},
	"loaders/csvio":              {"engine/level", "loaders/recycle", "loaders/sidebyside"},
	"loaders/parquetio":          {"engine/level", "loaders/parquetio/snappy", "loaders/recycle", "loaders/sidebyside"},
	"loaders":                    {"engine/level", "engine/nearest", "loaders/csvio", "loaders/parquetio"},
	"loaders/loadertest":         {"engine/level"},
	"engine/enginetest":          {"engine", "engine/level", "engine/record", "engine/verdict"},
	"engine/job":                 {"engine", "engine/audit", "engine/cells", "engine/durable", "engine/encrypt", "engine/flock", "engine/guard", "engine/level", "engine/nearest", "engine/notify", "engine/past", "engine/privacy", "engine/privacy/secret", "engine/record", "engine/report", "engine/report/page", "engine/rule", "engine/verdict", "engine/waiver", "loaders", "loaders/sidebyside"},
	"bench/synth":                {"engine/guard", "engine/record"},
	"bench/child":                {"engine/guard", "engine/offheap"},
	"bench/capacity":             {"bench/child", "bench/synth", "engine", "engine/durable", "engine/job", "engine/footprint", "engine/privacy", "engine/profile", "engine/record", "engine/report", "engine/report/page"},
	"bench/cliffs":               {"bench/child", "bench/synth", "engine", "engine/job"},
	"bench":                      {"bench/capacity", "bench/child", "bench/cliffs", "bench/synth"},
	"cmd/crosscheck":             {"bench/synth", "engine", "engine/audit", "engine/durable", "engine/encrypt", "engine/guard", "engine/job", "engine/level", "engine/lineage", "engine/footprint", "engine/nearest", "engine/notify", "engine/privacy", "engine/privacy/secret", "engine/profile", "engine/record", "engine/report", "engine/spill", "engine/verdict", "engine/waiver", "loaders"},
	"engine/notify":              nil,
	"engine/lineage":             nil,
	"engine/flock":               nil,
	"engine/durable":             nil,
	"engine/durable/durabletest": {"engine/durable"},
	"engine/audit":               {"engine/durable", "engine/flock"},
}

// TestHouse holds the arrows between packages and that each package says what it is for. Tests may import what they like.
func TestHouse(t *testing.T) {
	const module = "crosscheck/"
	root := ".."
	comments := map[string]bool{}
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, p)
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if rel != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
				return fs.SkipDir
			}
			if _, err := os.Stat(filepath.Join(p, "go.mod")); err == nil && rel != "." {
				return fs.SkipDir // a module of its own
			}
			return nil
		}
		if !strings.HasSuffix(rel, ".go") || strings.HasSuffix(rel, "_test.go") {
			return nil
		}
		dir := path.Dir(rel)
		allowed, known := mayImport[dir]
		if !known {
			t.Errorf("%s: package %s is not in mayImport", rel, dir)
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		comments[dir] = comments[dir] || f.Doc != nil
		for _, spec := range f.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			if to, ok := strings.CutPrefix(imported, module); ok && !slices.Contains(allowed, to) {
				t.Errorf("%s imports %s, which %s may not", rel, to, dir)
			}
			if imported == "C" || imported == "unsafe" {
				t.Errorf("%s imports %q", rel, imported)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir, ok := range comments {
		if !ok {
			t.Errorf("package %s has no comment", dir)
		}
	}
}
