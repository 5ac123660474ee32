package engine_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// guardedElsewhere lists goroutines whose function catches panics where it is written, by file, with what does it.
var guardedElsewhere = map[string]string{
	"engine/report/pipeline.go": "guard.Do", // each job of work
	"engine/report/read.go":     "recovered",
}

// TestGoroutinesAreGuarded holds that each goroutine catches its panics: one that does not would end the process with what the panic held.
func TestGoroutinesAreGuarded(t *testing.T) {
	seen := 0
	err := filepath.WalkDir("..", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel("..", p)
		if d.IsDir() {
			if strings.HasPrefix(d.Name(), ".") && rel != "." || d.Name() == "testdata" || d.Name() == "peers" || d.Name() == "loadertest" || d.Name() == "browser" {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(rel, ".go") || strings.HasSuffix(rel, "_test.go") {
			return nil
		}
		src, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, p, src, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
			case *ast.CallExpr:
				if s, ok := n.Fun.(*ast.SelectorExpr); !ok || s.Sel.Name != "Go" {
					return true
				}
			default:
				return true
			}
			seen++
			text := string(src[set.Position(n.Pos()).Offset:set.Position(n.End()).Offset])
			by, elsewhere := guardedElsewhere[filepath.ToSlash(rel)]
			if !strings.Contains(text, "guard.") && !(elsewhere && strings.Contains(string(src), by)) {
				t.Errorf("%s: a goroutine whose panics nobody catches: wrap it in guard.Func", set.Position(n.Pos()))
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 10 {
		t.Errorf("%d goroutines were looked at", seen)
	}
}
