package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"crosscheck/engine/level"
	"crosscheck/engine/nearest"
	"crosscheck/engine/record"
	"crosscheck/engine/verdict"

	"github.com/apache/arrow/go/v17/arrow"
)

// Plan is what a run will compare, worked out from the schemas and a sample of the key and text columns.
type Plan struct {
	Levels []string
	Key    []PlannedField
	Fields []PlannedField
	Carry  []PlannedField
	Rows   []int64 // rows a level, an upper bound for text formats
	Memory MemoryPlan

	levels  []plannedLevel // the compared ones, then the rosters
	files   []string       // of all of them
	rosters []plannedRoster
	rules   []plannedRule
	typo    []int    // fields of Options.Typo
	ruled   []string // fields that rules look at beside the compared ones
}

// PlannedField is a key part, a field or a carried column with the way it will be compared.
type PlannedField struct {
	Field
	Guessed  bool     // the steps of Canon were found by record.Guess
	Inferred bool     // Type was found by record.Infer
	Source   []string // the source column a level, "" where the level lacks it
	Stored   []string // its Arrow type a level, "" where the level lacks it

	open    bool   // the type was not given
	untyped bool   // no level that has it has types
	about   Option // what of the options asks for it
}

// Header describes the table of findings that a run gives, without Locate.
func (p *Plan) Header() verdict.Header {
	h := verdict.Header{Levels: p.Levels, Files: p.files}
	for _, f := range p.Fields {
		h.Fields = append(h.Fields, f.Name)
	}
	h.Fields = append(h.Fields, p.ruled...)
	for _, c := range p.Carry {
		h.Carry = append(h.Carry, c.Name)
	}
	return h
}

// plannedLevel is one level with its columns resolved.
type plannedLevel struct {
	name      string
	called    string // in messages: "level city", "roster staff"
	source    level.Source
	parts     []level.Part
	refs      []uint32    // reference of the first row of each part, and of the row after the last
	stretches []stretch   // its rows, file by file
	starts    []uint32    // reference of the first row of each stretch
	key       []int       // column of each key part
	fields    []int       // column of each field, -1 where the level lacks it
	carry     []int       // column of each carried one, likewise
	group     int         // column that a roster is grouped by, -1 for none
	latest    int         // column of Level.LatestBy, -1 for none
	by        record.Type // what it is compared as
	stored    []arrow.DataType
}

// stretch is rows of a level that lie in one file, one after the other, whatever parts they are read in.
type stretch struct {
	file int   // an index of Plan.files
	row  int64 // row of the file that reference 0 would have
}

// maxLevels is the number of levels a run may have: they vote as bits.
const maxLevels = 16

// NewPlan resolves the columns, infers the types that Options leaves open and reports every fault of the options at once
// (errors.Join of errors that are ErrOptions), or an *level.InputError where a sample cannot be read.
func NewPlan(ctx context.Context, levels []Level, opt Options) (*Plan, error) {
	p := &planner{opt: opt}
	if len(levels) < 2 || len(levels) > maxLevels {
		return nil, optionError("there are %d levels: give 2 to %d", len(levels), maxLevels)
	}
	for i, l := range levels {
		p.addLevel(i, l)
	}
	if len(opt.Key) == 0 {
		p.fail(Option{}, "no key: name the column or columns that identify a record")
	}
	if err := errors.Join(p.faults...); err != nil {
		return nil, err
	}
	for i, f := range opt.Key {
		about := Option{List: "key", Index: i}
		if !f.Canon.Default() || !f.Tolerance.IsZero() || f.IgnoreNull {
			p.fail(about, "key column %q: a key has a type and nothing else; records are told apart by it", f.Name)
		}
		p.plan.Key = append(p.plan.Key, p.keyPart(f, about))
	}
	for i, f := range p.fields() {
		about := Option{} // all that levels share
		if len(opt.Fields) > 0 {
			about = Option{List: "fields", Index: i}
		}
		p.plan.Fields = append(p.plan.Fields, p.field(f, about))
	}
	for i, name := range opt.Carry {
		p.plan.Carry = append(p.plan.Carry, p.carry(name, Option{List: "carry", Index: i}))
	}
	p.resolve()
	for l := range levels {
		p.latestBy(l, levels[l].LatestBy)
	}
	p.typo()
	p.rosters()
	p.rules()
	if err := errors.Join(p.faults...); err != nil {
		return nil, err
	}
	if err := sniff(ctx, &p.plan); err != nil {
		return nil, err
	}
	p.keyIsID()
	for l := range levels {
		p.latestAs(l, levels[l].LatestBy)
	}
	for i := range p.plan.Fields {
		p.checkRule(&p.plan.Fields[i])
	}
	if err := errors.Join(p.faults...); err != nil {
		return nil, err
	}
	if err := p.plan.planMemory(opt); err != nil {
		return nil, err
	}
	return &p.plan, nil
}

// planner collects the plan and the faults.
type planner struct {
	opt     Options
	plan    Plan
	columns []map[string]int // a level: name in the job → column
	faults  []error
}

func optionError(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrOptions, fmt.Sprintf(format, args...))
}

func (p *planner) fail(about Option, format string, args ...any) {
	p.faults = append(p.faults, &OptionError{Option: about, Msg: fmt.Sprintf(format, args...)})
}

func (p *planner) addLevel(i int, l Level) {
	about := Option{List: "levels", Index: i}
	if l.Name == "" || slices.Contains(p.plan.Levels, l.Name) {
		p.fail(about, "level %d: the name %q is empty or used twice", i+1, l.Name)
	}
	columns := p.columnsOf(about, "level "+l.Name, l.Source.Schema(), l.Columns)
	pl := p.newLevel(about, "level "+l.Name, l.Name, l.Source)
	p.columns = append(p.columns, columns)
	p.plan.Levels = append(p.plan.Levels, l.Name)
	p.plan.Rows = append(p.plan.Rows, pl.rows())
	p.plan.levels = append(p.plan.levels, pl)
}

// columnsOf gives the columns of a source by their names in the job; what names the source in messages.
func (p *planner) columnsOf(about Option, what string, schema *arrow.Schema, rename map[string]string) map[string]int {
	columns := make(map[string]int, schema.NumFields())
	for c, f := range schema.Fields() {
		name, about := f.Name, about
		if to, ok := rename[name]; ok {
			name, about = to, renaming(about, name)
		}
		if _, ok := columns[name]; ok {
			p.fail(about, "%s: two columns are named %q", what, name)
		}
		columns[name] = c
	}
	for from := range rename {
		if len(schema.FieldIndices(from)) == 0 {
			p.fail(renaming(about, from), "%s has no column %q to rename%s", what, from, like(from, namesOf(schema)))
		}
	}
	return columns
}

// renaming is the part of a level that gives a column of the source its name.
func renaming(level Option, column string) Option {
	level.Part, level.Column = "columns", column
	return level
}

// newLevel begins a level with the references of its parts; what names it in messages.
func (p *planner) newLevel(about Option, what, name string, source level.Source) plannedLevel {
	pl := plannedLevel{name: name, called: what, source: source, parts: source.Parts(), group: -1, latest: -1}
	pl.refs = make([]uint32, 0, len(pl.parts)+1)
	p.plan.files = slices.Grow(p.plan.files, min(len(pl.parts), 1<<16))
	rows := int64(0)
	for i, part := range pl.parts {
		pl.refs = append(pl.refs, uint32(rows+1))
		rows += part.Rows
		if n := len(p.plan.files); i == 0 || p.plan.files[n-1] != part.File {
			p.plan.files = append(p.plan.files, part.File)
		}
		s := stretch{file: len(p.plan.files) - 1, row: part.FirstRow - int64(pl.refs[i])}
		if n := len(pl.stretches); n == 0 || pl.stretches[n-1] != s {
			pl.stretches, pl.starts = append(pl.stretches, s), append(pl.starts, pl.refs[i])
		}
	}
	if rows >= math.MaxUint32 {
		p.fail(about, "%s has %d rows: more than %d", what, rows, uint32(math.MaxUint32-1))
	}
	pl.refs = append(pl.refs, uint32(rows+1))
	for _, f := range source.Schema().Fields() {
		pl.stored = append(pl.stored, f.Type)
	}
	return pl
}

// rows is the number of rows, an upper bound for text formats.
func (l *plannedLevel) rows() int64 { return int64(l.refs[len(l.parts)]) - 1 }

// like gives a hint at the name most like the given one, or "" if none is near.
func like(name string, names []string) string {
	if near := nearest.Name(name, names); near != "" {
		return fmt.Sprintf("; the nearest is %q", near)
	}
	return ""
}

func namesOf(schema *arrow.Schema) []string {
	var names []string
	for _, f := range schema.Fields() {
		names = append(names, f.Name)
	}
	return names
}

// keyPart plans a key column, which every level must have.
func (p *planner) keyPart(f Field, about Option) PlannedField {
	for l, columns := range p.columns {
		if _, ok := columns[f.Name]; !ok {
			p.fail(about.part("name"), "level %s has no key column %q%s", p.plan.Levels[l], f.Name, like(f.Name, sorted(columns)))
		}
	}
	return p.field(f, about)
}

func sorted(columns map[string]int) []string {
	names := make([]string, 0, len(columns))
	for name := range columns {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// fields lists what is compared: what the options name, or all that at least two levels share.
func (p *planner) fields() []Field {
	isKey := func(name string) bool {
		return slices.ContainsFunc(p.opt.Key, func(f Field) bool { return f.Name == name })
	}
	if len(p.opt.Fields) > 0 {
		seen := map[string]bool{}
		for i, f := range p.opt.Fields {
			n, about := p.holders(f.Name), Option{List: "fields", Index: i, Part: "name"}
			switch {
			case seen[f.Name]:
				p.fail(about, "field %q is named twice", f.Name)
			case isKey(f.Name):
				p.fail(about, "field %q is a key column: its values cannot differ within a record", f.Name)
			case n == 0:
				p.fail(about, "no level has the field %q%s", f.Name, like(f.Name, p.allNames()))
			case n == 1:
				p.fail(about, "only one level has the field %q: no two levels share it", f.Name)
			}
			seen[f.Name] = true
		}
		return p.opt.Fields
	}
	for i, name := range p.opt.Ignore {
		if p.holders(name) == 0 {
			p.fail(Option{List: "ignore", Index: i}, "no level has the column %q to ignore%s", name, like(name, p.allNames()))
		}
	}
	var fields []Field
	for _, name := range p.allNames() {
		if p.holders(name) >= 2 && !isKey(name) && !slices.Contains(p.opt.Ignore, name) {
			fields = append(fields, Field{Name: name})
		}
	}
	return fields
}

// allNames lists the columns of all levels, in the order of the first level that has them.
func (p *planner) allNames() []string {
	var names []string
	seen := map[string]bool{}
	for _, columns := range p.columns {
		byColumn := sorted(columns)
		sort.Slice(byColumn, func(i, j int) bool { return columns[byColumn[i]] < columns[byColumn[j]] })
		for _, name := range byColumn {
			if !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	return names
}

// holders is the number of levels with a column of that name.
func (p *planner) holders(name string) (n int) {
	for _, columns := range p.columns {
		if _, ok := columns[name]; ok {
			n++
		}
	}
	return n
}

// field plans a field: where each level has it and the type that all can be compared as.
func (p *planner) field(f Field, about Option) PlannedField {
	if f.Type == record.Auto && f.Canon.ForText() {
		f.Type = record.String
	}
	out := PlannedField{Field: f, Source: make([]string, len(p.columns)), Stored: make([]string, len(p.columns)), open: f.Type == record.Auto, untyped: true, about: about}
	typ := record.Auto
	for l, columns := range p.columns {
		c, ok := columns[f.Name]
		if !ok {
			continue
		}
		column := p.plan.levels[l].source.Schema().Field(c)
		out.Source[l], out.Stored[l] = column.Name, column.Type.String()
		out.untyped = out.untyped && level.Untyped(p.plan.levels[l].source)
		t, err := record.TypeOf(column.Type)
		if err != nil {
			p.fail(about, "level %s, column %q: %v; leave it out with ignore", p.plan.Levels[l], f.Name, err)
			return out
		}
		if typ, ok = record.Unify(typ, t); !ok && f.Type == record.Auto {
			p.fail(about, "column %q cannot be compared: it is %s; give its type or leave it out with ignore", f.Name, stored(p.plan.Levels, out.Stored))
			return out
		}
	}
	switch {
	case out.Type != record.Auto:
	case typ != record.String:
		out.Type = typ
	case len(f.Canon.Formats) > 0:
		out.Type = f.Canon.FormatsType()
	default: // text stays open until sniff has seen it
	}
	return out
}

// checkRule holds the rule and the tolerance of a field against the type it came to have.
func (p *planner) checkRule(f *PlannedField) {
	fault := func(key, msg string) { p.fail(f.about.part(key), "field %q, %s: %s", f.Name, key, msg) }
	for _, c := range f.Canon.Validate(f.Type) {
		fault(c.Key, c.Msg)
	}
	if f.Tolerance.IsZero() {
		return
	}
	_, err := record.ParseTolerance(f.Tolerance.String(), f.Type)
	switch {
	case err != nil && f.Type == record.String && f.inferable():
		fault("tolerance", fmt.Sprintf("what the levels hold does not read as what the tolerance %q is for, and texts are equal or not; give the type or leave the tolerance out", f.Tolerance))
	case err != nil:
		fault("tolerance", err.Error())
	}
}

// stored gives "int64 on city, bool on street".
func stored(levels, types []string) string {
	var s []string
	for l, t := range types {
		if t != "" {
			s = append(s, t+" on "+levels[l])
		}
	}
	return strings.Join(s, ", ")
}

func (p *planner) carry(name string, about Option) PlannedField {
	if p.holders(name) == 0 {
		p.fail(about, "no level has the column %q to carry%s", name, like(name, p.allNames()))
	}
	return p.field(Field{Name: name, Type: record.String}, about)
}

// resolve turns names into columns.
func (p *planner) resolve() {
	column := func(l int, name string) int {
		if c, ok := p.columns[l][name]; ok {
			return c
		}
		return -1
	}
	for l := range p.plan.levels {
		pl := &p.plan.levels[l]
		for _, f := range p.plan.Key {
			pl.key = append(pl.key, column(l, f.Name))
		}
		for _, f := range p.plan.Fields {
			pl.fields = append(pl.fields, column(l, f.Name))
		}
		for _, f := range p.plan.Carry {
			pl.carry = append(pl.carry, column(l, f.Name))
		}
	}
}

// latestBy plans by what column the row that stands for a level is chosen.
func (p *planner) latestBy(l int, name string) {
	if name == "" {
		return
	}
	pl, about := &p.plan.levels[l], Option{List: "levels", Index: l, Part: "latest_by"}
	c, ok := p.columns[l][name]
	if !ok {
		p.fail(about, "level %s has no column %q to be the latest by%s", pl.name, name, like(name, sorted(p.columns[l])))
		return
	}
	typ, err := record.TypeOf(pl.stored[c])
	if err != nil {
		p.fail(about, "level %s, column %q: %v", pl.name, name, err)
	}
	pl.latest, pl.by = c, typ
}

// latestAs compares as the field that the column of latestBy is, once its type is known.
func (p *planner) latestAs(l int, name string) {
	for _, f := range p.plan.Fields {
		if f.Name == name {
			p.plan.levels[l].by = f.Type
		}
	}
}

// typo plans what must agree where keys differ by a typo.
func (p *planner) typo() {
	for i, name := range p.opt.Typo {
		about := Option{List: "typo", Index: i}
		f := slices.IndexFunc(p.plan.Fields, func(f PlannedField) bool { return f.Name == name })
		switch {
		case f < 0:
			var names []string
			for _, f := range p.plan.Fields {
				names = append(names, f.Name)
			}
			p.fail(about, "key typos: %q is not compared: name fields that are%s", name, like(name, names))
		case slices.Contains(p.plan.typo, f):
			p.fail(about, "key typos: %q is named twice", name)
		default:
			p.plan.typo = append(p.plan.typo, f)
		}
	}
}

// holder gives the place of the last of some first references, which ascend, that is not beyond a reference.
func holder(firsts []uint32, ref uint32) int {
	// Without a call and without a branch for each step, since every cell of a finding is looked for and any half is as likely.
	at := 0
	for n := len(firsts); n > 1; {
		half := n / 2
		before := int64(ref) - int64(firsts[at+half]) // less than 0: it is in the first half
		at += half &^ int(before>>63)
		n -= half
	}
	return at
}
