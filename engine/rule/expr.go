package rule

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

// Column is a column that an expression may use.
type Column struct {
	Name string
	Type record.Type
}

// Error says what is wrong with an expression and where.
type Error struct {
	Line   int // of the expression, counted from 1
	Column int // in characters, counted from 1
	Msg    string
	Name   string // what there is no column of; "" where something else is wrong
}

// Error gives "1:5: unknown name".
func (e *Error) Error() string { return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Msg) }

// position gives an error of the expression library the form of this package.
func position(err error) *Error {
	var at *file.Error
	if errors.As(err, &at) {
		name, _ := strings.CutPrefix(at.Message, "unknown name ")
		if name == at.Message {
			name = ""
		}
		return &Error{Line: max(at.Line, 1), Column: at.Column + 1, Msg: at.Message, Name: name}
	}
	return &Error{Line: 1, Column: 1, Msg: err.Error()}
}

// Names parses an expression and lists the names that it uses, in no order. An error is an *Error.
func Names(source string) ([]string, error) {
	tree, err := parser.Parse(source)
	if err != nil {
		return nil, position(err)
	}
	v := names{}
	ast.Walk(&tree.Node, &v)
	if v.whole > 0 {
		return nil, &Error{Line: 1, Column: 1, Msg: `$env must be followed by a column, as $env["name"]`}
	}
	slices.Sort(v.found)
	return slices.Compact(v.found), nil
}

// names collects the columns that an expression names.
type names struct {
	found []string
	whole int // how often $env stands without a column
}

// Visit implements ast.Visitor: it comes to a node after those below it.
func (v *names) Visit(n *ast.Node) {
	switch n := (*n).(type) {
	case *ast.IdentifierNode:
		if n.Value == "$env" {
			v.whole++
		} else {
			v.found = append(v.found, n.Value)
		}
	case *ast.MemberNode:
		of, ok := n.Node.(*ast.IdentifierNode)
		if name, text := n.Property.(*ast.StringNode); ok && text && of.Value == "$env" {
			v.whole--
			v.found = append(v.found, name.Value)
		}
	}
}

// Expr is a compiled expression. It may be used by many goroutines, each with an Eval of its own.
type Expr struct {
	columns []Column
	program *vm.Program
}

// Compile compiles an expression over columns, all of which it may use. An error is an *Error.
func Compile(source string, columns []Column) (*Expr, error) {
	e := &Expr{columns: columns}
	env := newValues(columns).env
	program, err := expr.Compile(source, expr.Env(env), expr.AsBool(), expr.DisableBuiltin("now"))
	if err != nil {
		return nil, converted(position(err), columns, env)
	}
	e.program = program
	return e, nil
}

// converted says how texts become numbers and times, where an operation has no use for a text. env is what the expression may use.
func converted(e *Error, columns []Column, env map[string]any) *Error {
	var texts []string
	for _, c := range columns {
		if _, ok := env[c.Name].(*string); ok {
			texts = append(texts, c.Name)
		}
	}
	if e.Name == "" && len(texts) > 0 && strings.Contains(e.Msg, "string") {
		verb := "is"
		if len(texts) > 1 {
			verb = "are"
		}
		e.Msg += fmt.Sprintf("; %s %s text: float(%s) makes a number of it, date(%[3]s) a time", strings.Join(texts, ", "), verb, texts[0])
	}
	return e
}

// values is room for one row: the expression sees pointers to it, nil for a null.
type values struct {
	env map[string]any
	set []func(r *record.Reader, arr arrow.Array, i int) // a column: takes the value of row i up
}

func newValues(columns []Column) *values {
	v := &values{env: make(map[string]any, len(columns))}
	for _, c := range columns {
		switch c.Type {
		case record.Int:
			hold(v, c.Name, (*record.Reader).Int)
		case record.Decimal, record.Float:
			hold(v, c.Name, (*record.Reader).Float)
		case record.Bool:
			hold(v, c.Name, (*record.Reader).Bool)
		case record.Date, record.Timestamp:
			hold(v, c.Name, (*record.Reader).Time)
		default:
			hold(v, c.Name, func(r *record.Reader, arr arrow.Array, i int) (string, bool) {
				b, ok := r.Text(arr, i)
				return string(b), ok
			})
		}
	}
	return v
}

// hold makes room for values of a column.
func hold[T int64 | float64 | bool | string | time.Time](v *values, name string, read func(*record.Reader, arrow.Array, int) (T, bool)) {
	value, null := new(T), (*T)(nil)
	v.env[name] = value
	v.set = append(v.set, func(r *record.Reader, arr arrow.Array, i int) {
		x, ok := read(r, arr, i)
		if !ok {
			v.env[name] = null
			return
		}
		*value = x
		v.env[name] = value
	})
}

// Eval evaluates an expression row by row.
type Eval struct {
	expr   *Expr
	reader record.Reader
	values *values
	vm     vm.VM

	Undecided int64 // rows without an answer
}

// NewEval makes an evaluator.
func (e *Expr) NewEval() *Eval { return &Eval{expr: e, values: newValues(e.columns)} }

// Failing appends the numbers of the rows, of n, for which the expression is false. The columns are those given to Compile.
func (e *Eval) Failing(dst []int32, columns []arrow.Array, n int) []int32 {
	for i := range n {
		for c, set := range e.values.set {
			set(&e.reader, columns[c], i)
		}
		// An error tells of an operation that a value does not allow. It may quote the value, so it goes no further.
		right, err := e.vm.Run(e.expr.program, e.values.env)
		if err != nil {
			e.Undecided++
		} else if right == false {
			dst = append(dst, int32(i))
		}
	}
	return dst
}
