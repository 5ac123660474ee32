package job

import (
	"errors"
	"strings"

	"crosscheck/engine"
	"crosscheck/engine/rule"

	"github.com/goccy/go-yaml/ast"
)

// Place gives the errors of the engine about what a job asks for their places in the file; other errors are given back as they are.
func (j *Job) Place(err error) error {
	var faults []Fault
	rest := []error{}
	for _, e := range flatten(err) {
		var wrong *engine.OptionError
		if errors.As(e, &wrong) && (wrong.Option.List != "memory" || j.Memory == j.reader.memory) { // else it is not the file that asks for it
			faults = append(faults, j.reader.optionFault(wrong))
		} else {
			rest = append(rest, e)
		}
	}
	if len(faults) == 0 {
		return err
	}
	return errors.Join(append([]error{&Error{Faults: order(faults)}}, rest...)...)
}

// flatten gives the errors that were joined.
func flatten(err error) []error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, flatten(e)...)
	}
	return all
}

// optionFault gives what is wrong with an option its place.
func (r *reader) optionFault(wrong *engine.OptionError) Fault {
	n := r.nodeOf(wrong.Option)
	if n == nil {
		return Fault{File: r.file, Msg: wrong.Msg}
	}
	f := Fault{}
	if wrong.Expr != nil {
		f = r.expressionFault(n, wrong.Expr)
	} else {
		f = r.faultOf(n, "%s", wrong.Msg)
	}
	if r.besideSecret(f.Line) {
		f.Source = ""
	}
	return f
}

// expressionFault gives what is wrong with an expression, with its place in the file where the text stands there as it is: on one
// line, plain or between quotes.
func (r *reader) expressionFault(n ast.Node, at *rule.Error) Fault {
	f := r.faultOf(n, "expr: %s", at.Msg)
	if _, ok := r.resolve(n).(*ast.StringNode); !ok {
		return f // a block of lines: the caret stands under what begins it
	}
	tk := r.resolve(n).GetToken()
	value, quoted := tk.Value, strings.HasPrefix(strings.TrimSpace(tk.Origin), `"`) || strings.HasPrefix(strings.TrimSpace(tk.Origin), "'")
	column := tk.Position.Column - 1
	if quoted {
		column++
	}
	line := []rune(f.Source)
	if end := column + len([]rune(value)); at.Line > 1 || column > len(line) || end > len(line) || string(line[column:end]) != value {
		return f // the caret stands under the whole
	}
	f.Column, f.Width = column+at.Column, 1
	return f
}

// elsewhere says where the job file has those lists of options that it does not have at its top under the same name.
var elsewhere = map[string][]string{"carry": {"reports", "carry"}, "typo": {"key_typo", "agree"}}

// nodeOf gives what stands in the file for an option, or for what it is part of; nil where nothing does.
func (r *reader) nodeOf(o engine.Option) ast.Node {
	noted := r.faults
	defer func() { r.faults = noted }()
	path, ok := elsewhere[o.List]
	if !ok {
		path = []string{o.List}
	}
	list := r.top
	for _, key := range path {
		if list = r.below(list, key).value; list == nil {
			return nil
		}
	}
	whole, value := list, list // a key of one column is no list
	if nodes, ok := r.resolve(list).(*ast.SequenceNode); ok && o.Index < len(nodes.Values) {
		whole, value = nodes.Values[o.Index], nodes.Values[o.Index]
	} else if o.List == "levels" || o.List == "rosters" {
		entries, _ := r.mapping(list, o.List)
		if o.Index >= len(entries) {
			return nil
		}
		whole, value = entries[o.Index].key, entries[o.Index].value
	}
	part := o.Part
	switch {
	case o.List == "key" && (part == "" || part == "name"):
		part = "column"
	case o.List == "fields" && part == "":
		part = "name"
	}
	at := r.below(value, part)
	if o.Column != "" {
		if column := r.below(at.value, o.Column); column.key != nil {
			return column.key
		}
		at = r.below(value, "key") // a roster names its columns there, too
	}
	if at.value == nil && part == "latest_by" { // one for all levels
		at = r.below(r.top, part)
	}
	if at.value == nil {
		return whole
	}
	return at.value
}

// below gives the entry of a mapping that has a name; one of nil where there is none, and where the node is no mapping.
func (r *reader) below(n ast.Node, name string) entry {
	if _, ok := r.resolve(n).(ast.MapNode); !ok {
		return entry{}
	}
	entries, _ := r.mapping(n, "")
	for _, e := range entries {
		if e.name == name {
			return e
		}
	}
	return entry{}
}

// besideSecret says whether a part of the file that may hold a secret stands on a line, too.
func (r *reader) besideSecret(line int) bool {
	noted := r.faults
	defer func() { r.faults = noted }()
	entries, _ := r.mapping(r.top, "")
	for i, e := range entries {
		switch e.name {
		case "privacy", "notify", "lineage":
			from := start(e.key).Position.Line
			if line == from || line > from && (i+1 == len(entries) || line <= start(entries[i+1].key).Position.Line) {
				return true
			}
		}
	}
	return false
}
