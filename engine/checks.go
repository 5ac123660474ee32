package engine

import (
	"cmp"
	"slices"

	"crosscheck/engine/record"
	"crosscheck/engine/rule"

	"github.com/apache/arrow/go/v17/arrow"
)

// check is what one goroutine needs to check rows against a rule; both are nil for rules that are not about single rows.
type check struct {
	identity *rule.Identity
	expr     *rule.Eval
}

func newChecks(rules []plannedRule) []check {
	checks := make([]check, len(rules))
	for i, r := range rules {
		switch r.Kind {
		case RuleInconsistent:
			checks[i].identity = rule.NewIdentity(r.Against)
		case RuleExpression:
			checks[i].expr = r.expr.NewEval()
		}
	}
	return checks
}

func (c check) release() {
	if c.identity != nil {
		c.identity.Release()
	}
}

// failing is a row of the batch under way that fails a rule.
type failing struct {
	row  int32
	rule int32
	text []byte // the value that fails, once spilled or kept
}

// keptText gives the value of a row that was spilled or kept.
func (f *failing) keptText() []byte { return f.text }

// ruleColumns lists the columns that rules read on a level, a list a rule. Rosters have no rules.
func (w *worker) ruleColumns(l int) [][]int {
	var columns [][]int
	if l < len(w.run.plan.Levels) {
		for _, r := range w.run.plan.rules {
			columns = append(columns, r.at[l])
		}
	}
	return columns
}

// check finds the rows of a hashed batch that fail a rule and marks them, so that the table tells their records. at says
// where the columns of each rule are in the batch.
func (w *worker) check(l int, batch arrow.Record, at []int) {
	w.failing = w.failing[:0]
	n := int(batch.NumRows())
	var rows []int32
	for i, columns := range w.ruleColumns(l) {
		if columns == nil {
			continue
		}
		arrays := make([]arrow.Array, len(columns))
		for c := range columns {
			arrays[c] = batch.Column(at[c])
		}
		at = at[len(columns):]
		if c := w.checks[i]; c.identity != nil {
			rows = c.identity.Failing(rows[:0], arrays[0], w.batch.Keys, w.batch.States)
		} else {
			rows = c.expr.Failing(rows[:0], arrays, n)
		}
		for _, row := range rows {
			w.failing = append(w.failing, failing{row: row, rule: int32(i)})
		}
	}
	slices.SortFunc(w.failing, func(a, b failing) int {
		return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.rule, b.rule))
	})
	w.mark(n)
}

// mark marks the rows of w.failing among the n rows of the batch.
func (w *worker) mark(n int) {
	w.batch.Marks = nil
	if len(w.failing) == 0 {
		return
	}
	if cap(w.marks) < n {
		w.marks = make([]bool, n)
	}
	w.marks = w.marks[:n]
	clear(w.marks)
	for _, f := range w.failing {
		w.marks[f.row] = true
	}
	w.batch.Marks = w.marks
}

// keepFailed notes the records of the rows that check found, with the values that failed.
func (w *worker) keepFailed(l int, text func(*failing) []byte) {
	for _, m := range w.scratch.Marked {
		first, _ := slices.BinarySearchFunc(w.failing, int32(m.Row), func(f failing, row int32) int { return cmp.Compare(f.row, row) })
		for i := first; i < len(w.failing) && w.failing[i].row == int32(m.Row); i++ {
			out := failed{record: m.Record, ref: w.batch.RefOf(m.Row), level: int32(l), rule: w.failing[i].rule}
			if text := text(&w.failing[i]); text != nil {
				w.reader.keeper.keep(&out.text, text)
			}
			w.caught[m.Part].failed = append(w.caught[m.Part].failed, out)
		}
	}
}

// failedText gives the value of a row of a batch that fails a rule, in w.text, nil for a null and where the rule has no field.
func (w *worker) failedText(l int, batch arrow.Record, at []int, f *failing) []byte {
	rules := w.run.plan.rules
	if rules[f.rule].Kind != RuleInconsistent {
		return nil
	}
	begin := 0
	for _, r := range rules[:f.rule] {
		begin += len(r.at[l])
	}
	text, ok := record.AppendText(w.text[:0], batch.Column(at[begin]), int(f.row))
	if !ok {
		return nil
	}
	w.text = text
	if text == nil { // an empty one, in no memory
		return []byte{}
	}
	return text
}
