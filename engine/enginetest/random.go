package enginetest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"crosscheck/engine"
	"crosscheck/engine/record"

	"github.com/apache/arrow/go/v17/arrow"
)

// Case is levels and what is asked about them.
type Case struct {
	Seed    uint64
	Tables  []Table
	Rosters []Table        // of Options.Rosters
	Options engine.Options // Key, Fields, Carry, Rosters without sources, Rules and AsOf; every type is given
}

// Random draws a case: 2 to 5 levels, sometimes 16, of up to 200 records, with keys of every type, up to 8 fields of all types,
// stored in other types on other levels or not at all, with nulls, duplicates, bad keys, now and then one key many times.
func Random(seed uint64) Case {
	r := rand.New(rand.NewPCG(seed, 0x5eed))
	g := &generator{r: r, c: Case{Seed: seed}, levels: 2 + r.IntN(4)}
	if r.IntN(20) == 0 {
		g.levels = 16
	}
	g.records = r.IntN(30)
	if r.IntN(3) == 0 {
		g.records = r.IntN(200)
	}
	g.quiet = g.chance(2)
	g.drawKey()
	g.typos = g.chance(3)
	g.c.Options.StrictRegions = g.chance(4)
	g.drawFields()
	for i := range min(len(g.fields), g.r.IntN(3)) {
		if g.typos {
			g.c.Options.Typo = append(g.c.Options.Typo, g.fields[i].name)
		}
	}
	for l := range g.levels {
		g.c.Tables = append(g.c.Tables, g.level(l))
	}
	for l := range g.c.Tables {
		t := &g.c.Tables[l]
		if g.chance(4) { // typed: the type of a text depends on the fields
			if c := t.Columns[g.r.IntN(len(t.Columns))]; !slices.Contains([]arrow.Type{arrow.STRING, arrow.LARGE_STRING, arrow.BINARY}, c.Type.ID()) || len(g.fields) == 0 {
				t.LatestBy = c.Name
			}
		}
	}
	if g.chance(2) {
		g.drawRosters()
		g.drawRules()
	}
	return g.c
}

type generator struct {
	r       *rand.Rand
	c       Case
	levels  int
	records int
	key     []kind
	fields  []drawnField
	values  [][]int // record, field: the value that most levels hold
	quiet   bool    // most records agree
	typos   bool    // now and then a key has a typo
}

type drawnField struct {
	name   string
	kind   kind
	stored []arrow.DataType // a level, nil where the level lacks it
}

// chance is true once in n.
func (g *generator) chance(n int) bool { return g.r.IntN(n) == 0 }

// keyKinds are the kinds of key parts. Their values are distinct for distinct numbers.
var keyKinds = []kind{
	{record.CNID, []arrow.DataType{arrow.BinaryTypes.String, arrow.BinaryTypes.String, arrow.BinaryTypes.LargeString, arrow.BinaryTypes.Binary, arrow.PrimitiveTypes.Int64}, spellID},
	{record.String, []arrow.DataType{arrow.BinaryTypes.String, arrow.BinaryTypes.String, arrow.BinaryTypes.LargeString, arrow.BinaryTypes.Binary}, spellKey},
	{record.Int, []arrow.DataType{arrow.PrimitiveTypes.Int64, arrow.PrimitiveTypes.Int64, arrow.PrimitiveTypes.Int32, arrow.PrimitiveTypes.Uint32, arrow.PrimitiveTypes.Uint64, arrow.BinaryTypes.String}, spellIntKey},
}

func spellKey(r *rand.Rand, n int, _ arrow.DataType) any {
	s := "k" + strconv.Itoa(n)
	switch n % 7 {
	case 1:
		s = "a key with a prefix longer than what is sorted by first " + s
	case 2:
		s = "键" + s
	case 3:
		s = `|\` + s + `\|`
	case 4:
		s = strings.Repeat("x", n)
	case 5:
		s = "\xff" + s
	}
	if r.IntN(10) == 0 {
		s = pick([]string{" ", "\n", "\u3000", "\u00a0"}, r.IntN(4)) + s + " "
	}
	return s
}

func spellIntKey(r *rand.Rand, n int, dt arrow.DataType) any {
	x := int64(n)*37 - 100
	if n%50 == 3 {
		x = pick([]int64{math.MaxInt64, math.MinInt64, 1 << 40}, n)
	}
	if dt.ID() != arrow.STRING {
		if r.IntN(200) == 0 && dt.ID() == arrow.UINT64 {
			return uint64(math.MaxUint64) // does not fit
		}
		return integerOf(x, dt)
	}
	s := strconv.FormatInt(x, 10)
	switch r.IntN(12) {
	case 0:
		return strings.Replace(s, "-", "-00", 1)
	case 1:
		return " " + s + "\t"
	case 2:
		return "+" + strings.TrimPrefix(s, "-")
	case 3:
		return pick([]string{"n/a", "1.5", "1e3", "-", "18446744073709551615", "0x1f", "１２"}, r.IntN(7))
	}
	return s
}

func (g *generator) drawKey() {
	parts := 1
	if g.chance(4) {
		parts = 2 + g.r.IntN(2)
	}
	for i := range parts {
		k := pick(keyKinds, g.r.IntN(len(keyKinds)))
		g.key = append(g.key, k)
		g.c.Options.Key = append(g.c.Options.Key, engine.Field{Name: fmt.Sprintf("key%d", i), Type: k.typ})
	}
}

func (g *generator) drawFields() {
	names := g.r.Perm(8)[:g.r.IntN(9)]
	for _, n := range names {
		f := drawnField{name: fmt.Sprintf("f%d", n), kind: pick(fieldKinds, g.r.IntN(len(fieldKinds))), stored: make([]arrow.DataType, g.levels)}
		alike := g.quiet || g.chance(2) // stored in the same type everywhere
		dt := pick(f.kind.stored, g.r.IntN(len(f.kind.stored)))
		for l := range f.stored {
			if !alike {
				dt = pick(f.kind.stored, g.r.IntN(len(f.kind.stored)))
			}
			f.stored[l] = dt
		}
		if g.chance(3) {
			for _, l := range g.r.Perm(g.levels)[2:] { // at least two levels keep it
				if g.chance(2) {
					f.stored[l] = nil
				}
			}
		}
		g.fields = append(g.fields, f)
		field := engine.Field{Name: f.name, Type: f.kind.typ}
		g.drawRule(&field)
		g.c.Options.Fields = append(g.c.Options.Fields, field)
		if g.chance(6) {
			g.c.Options.Carry = append(g.c.Options.Carry, f.name)
		}
	}
	if g.chance(6) {
		g.c.Options.Carry = append(g.c.Options.Carry, "key0")
	}
	for range g.records {
		base := make([]int, len(g.fields))
		for i := range base {
			base[i] = g.r.IntN(1000)
		}
		g.values = append(g.values, base)
	}
}

// level draws the rows of level l.
func (g *generator) level(l int) Table {
	t := Table{Name: fmt.Sprintf("level%d", l)}
	stored := make([]arrow.DataType, len(g.key))
	for i, k := range g.key {
		stored[i] = pick(k.stored, g.r.IntN(len(k.stored)))
		t.Columns = append(t.Columns, Column{Name: g.c.Options.Key[i].Name, Type: stored[i]})
	}
	for _, f := range g.fields {
		if dt := f.stored[l]; dt != nil {
			t.Columns = append(t.Columns, Column{Name: f.name, Type: dt})
		}
	}
	missing, different, null := 4+g.r.IntN(30), 4+g.r.IntN(40), 5+g.r.IntN(30) // once in so many
	if g.quiet {
		missing, different, null = 50, 100, 200
	}
	empty := g.chance(15)
	for rec := range g.records {
		if empty || g.chance(missing) {
			continue
		}
		rows := 1
		if g.chance(20) {
			rows = 2 + g.r.IntN(3)
		}
		if rec == 0 && g.chance(8) {
			rows = 30 + g.r.IntN(150)
		}
		for range rows {
			for i, k := range g.key {
				cells := &t.Columns[i].Cells
				*cells = append(*cells, g.keyCell(k, rec, stored[i]))
			}
			col := len(g.key)
			for i, f := range g.fields {
				if f.stored[l] == nil {
					continue
				}
				n := g.values[rec][i]
				if g.chance(different) {
					n = g.r.IntN(1000)
				}
				var cell any
				if n%9 != 8 && !g.chance(null) {
					cell = f.kind.spell(g.r, n, f.stored[l])
				}
				t.Columns[col].Cells = append(t.Columns[col].Cells, cell)
				col++
			}
		}
	}
	t = t.permuted(g.r.Perm(t.Rows()))
	g.r.Shuffle(len(t.Columns), func(i, j int) { t.Columns[i], t.Columns[j] = t.Columns[j], t.Columns[i] })
	return t
}

// keyCell spells part of the key of a record, sometimes badly.
func (g *generator) keyCell(k kind, rec int, dt arrow.DataType) any {
	if g.chance(40) {
		return nil
	}
	isText := slices.Contains([]arrow.Type{arrow.STRING, arrow.LARGE_STRING, arrow.BINARY}, dt.ID())
	if isText && g.chance(60) {
		return pick([]string{"", " ", "\t\u3000\u00a0\n"}, g.r.IntN(3))
	}
	cell := k.spell(g.r, rec, dt)
	if s, ok := cell.(string); ok && g.typos && g.chance(12) {
		cell = g.mistype(s)
	}
	return cell
}

// mistype puts a character in, takes one out, replaces one or swaps two.
func (g *generator) mistype(s string) string {
	r := []rune(s)
	if len(r) == 0 {
		return s
	}
	at, digit := g.r.IntN(len(r)), rune('0'+g.r.IntN(10))
	switch g.r.IntN(4) {
	case 0:
		r = slices.Insert(r, at, digit)
	case 1:
		r = slices.Delete(r, at, at+1)
	case 2:
		r[at] = digit
	default:
		r[at], r[max(at-1, 0)] = r[max(at-1, 0)], r[at]
	}
	return string(r)
}
