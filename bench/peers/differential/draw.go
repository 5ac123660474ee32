package differential

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"

	"crosscheck/bench/synth"
	"crosscheck/engine/record"
)

// Draw makes the case of a seed; its files will lie in dir.
func Draw(seed uint64, dir string) *Case {
	r := rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))
	c := &Case{
		Seed: seed, Typed: r.IntN(2) == 0, Workers: 1 + r.IntN(3), Partitions: []int{1, 2, 16, 256}[r.IntN(4)],
		missing: []int{0, 2, 20, 60}[r.IntN(4)], mutated: []int{0, 1, 5, 25}[r.IntN(4)],
		doubled: []int{0, 0, 3, 30}[r.IntN(4)], keyless: []int{0, 0, 2, 15}[r.IntN(4)],
	}
	switch n := r.IntN(40); {
	case n < 2:
		c.Records = 2500 + r.IntN(6000) // more than one row group
	case n < 10:
		c.Records = r.IntN(12)
	default:
		c.Records = 20 + r.IntN(400)
	}
	texts := r.IntN(6) == 0 // CSV alone, all compared as text or as what it says
	levels, columns := 2+r.IntN(4), 1+r.IntN(7)
	if r.IntN(40) == 0 {
		levels, columns = 6+r.IntN(4), 1+r.IntN(2)
	}
	for l := range levels {
		c.Levels = append(c.Levels, drawLevel(r, l, dir, texts))
	}
	c.Key = drawKey(r, c.Levels)
	for i := range columns {
		c.Columns = append(c.Columns, drawColumn(r, fmt.Sprintf("%c%d", 'f'-i%3, i), c.Levels, texts))
	}
	if texts && r.IntN(4) > 0 {
		for i := range c.Columns {
			c.Columns[i].Type = inferredTypes[c.Columns[i].Family]
		}
	}
	for l := range c.Levels {
		c.holdSomething(r, l)
		c.Levels[l].Order = r.Perm(len(c.Key) + len(c.Columns))
	}
	if i := r.IntN(columns); r.IntN(3) == 0 && c.Columns[i].holders() > 0 && !slices.ContainsFunc(c.Columns[i].Stored, isFloat) {
		c.Carry = append(c.Carry, i)
	}
	return c
}

func drawLevel(r *rand.Rand, l int, dir string, texts bool) Level {
	level := Level{
		Name:    []string{"city", "district", "street", "clinic", "school", "station", "county", "province", "hospital"}[l],
		CSV:     texts || r.IntN(5) == 0,
		Delim:   []string{",", ";", "\t", "|"}[r.IntN(4)],
		Renamed: r.IntN(10) == 0,
		Empty:   r.IntN(30) == 0,
	}
	for f := range 1 + max(0, r.IntN(6)-3) {
		name := fmt.Sprintf("%s-%d.%s", level.Name, f, map[bool]string{false: "parquet", true: "csv"}[level.CSV])
		level.Files = append(level.Files, filepath.Join(dir, name))
		level.Options = append(level.Options, fmt.Sprintf(
			"FORMAT parquet, CODEC '%s', PARQUET_VERSION '%s', ROW_GROUP_SIZE %d, DICTIONARY_SIZE_LIMIT %d",
			[]string{"snappy", "zstd", "gzip", "uncompressed", "lz4_raw", "brotli"}[r.IntN(6)],
			[]string{"V1", "V2"}[r.IntN(2)], []int{2048, 4096, 122880}[r.IntN(3)], []int{1, 20, 10000}[r.IntN(3)]))
	}
	return level
}

// holdSomething makes sure that a level has a column besides the key.
func (c *Case) holdSomething(r *rand.Rand, l int) {
	if !slices.ContainsFunc(c.Columns, func(f Column) bool { return f.Stored[l] != "" }) {
		f := &c.Columns[r.IntN(len(c.Columns))]
		f.Stored[l] = f.plainStorage()
	}
}

// drawKey draws one of the four kinds of keys.
func drawKey(r *rand.Rand, levels []Level) []Column {
	part := func(name string, fam family, mixed bool) Column {
		k := Column{Name: name, Family: fam, Type: plainTypes[fam], Stored: make([]string, len(levels))}
		for l := range levels {
			k.Stored[l] = k.plainStorage()
			if mixed && !levels[l].CSV {
				k.Stored[l] = storage[fam][r.IntN(len(storage[fam]))]
			}
		}
		return k
	}
	switch r.IntN(4) {
	case 0:
		return []Column{part("id", keyText, false)}
	case 1:
		return []Column{part("id", keyWhole, r.IntN(2) == 0)}
	case 2:
		return []Column{part("id", residentID, false)}
	}
	key := []Column{part("place", keyPart, false), part("number", keyWhole, r.IntN(2) == 0)}
	if r.IntN(2) == 0 {
		key = append(key, part("since", day, false))
	}
	return key
}

// drawColumn draws a column that some levels hold, mostly all of them.
func drawColumn(r *rand.Rand, name string, levels []Level, texts bool) Column {
	f := Column{
		Name: name, Family: family(r.IntN(int(moment) + 1)), Nulls: []int{0, 0, 0, 5, 5, 5, 5, 40, 40, 100}[r.IntN(10)],
		Spread: []int64{2, 100, 30000, 1 << 62}[r.IntN(4)], Stored: make([]string, len(levels)),
	}
	uneven := r.IntN(3) == 0 && (f.Family != whole || f.Spread <= 30000) // levels store it as different types
	for l := range levels {
		if r.IntN(8) == 0 {
			continue
		}
		f.Stored[l] = f.plainStorage()
		if uneven && !levels[l].CSV {
			f.Stored[l] = storage[f.Family][r.IntN(len(storage[f.Family]))]
		}
	}
	if f.Family == whole && uneven && r.IntN(2) == 0 {
		f.storeSome(r, levels, []string{"DECIMAL(9,2)", "DOUBLE"}[r.IntN(2)])
	}
	if f.Family == number && uneven && r.IntN(2) == 0 {
		f.storeSome(r, levels, "DOUBLE")
	}
	f.Type = f.compareAs(levels)
	if f.Family == number && f.Type == record.Int {
		for l := range levels { // text files must not say 12.00 of what is compared as an integer
			if f.Stored[l] != "" && levels[l].CSV {
				f.Stored[l] = "INTEGER"
			}
		}
	}
	if texts {
		f.Type = record.String
	}
	return f
}

// storeSome stores the column as that type on one of the levels that hold it in a typed format.
func (f *Column) storeSome(r *rand.Rand, levels []Level, sqlType string) {
	if l := r.IntN(len(levels)); f.Stored[l] != "" && !levels[l].CSV {
		f.Stored[l] = sqlType
	}
}

// Large makes a case of three levels of Parquet with the given number of records, a few percent of them with each fault.
func Large(seed uint64, records int, dir string) *Case {
	c := &Case{
		Seed: seed, Records: records, Partitions: 256, Workers: 2,
		missing: 2, mutated: 2, doubled: 1, keyless: 1,
		Key: []Column{{Name: "id", Family: residentID, Type: record.CNID}},
	}
	for _, name := range []string{"city", "district", "street"} {
		c.Levels = append(c.Levels, Level{
			Name:    name,
			Files:   []string{filepath.Join(dir, name+".parquet")},
			Options: []string{"FORMAT parquet, CODEC 'snappy', ROW_GROUP_SIZE 122880"},
		})
	}
	for i, family := range []family{text, text, whole, number, float, boolean, day, moment} {
		c.Columns = append(c.Columns, Column{
			Name: fmt.Sprintf("f%d", i), Family: family, Nulls: 5 * (i % 2), Spread: []int64{1 << 62, 300, 5000}[i%3], Type: plainTypes[family],
		})
	}
	for l := range c.Levels {
		for i := range len(c.Key) + len(c.Columns) {
			col := c.column(i)
			col.Stored = append(col.Stored, col.plainStorage())
			c.Levels[l].Order = append(c.Levels[l].Order, i)
		}
	}
	return c
}

// Synthetic makes the case of files that package synth writes.
func Synthetic(ctx context.Context, opt synth.Options) (*Case, error) {
	m, err := synth.Generate(ctx, opt)
	if err != nil {
		return nil, err
	}
	c := &Case{
		Seed: opt.Seed, Records: int(opt.Records), Typed: opt.Format == synth.CSV, Partitions: 16, Workers: 2,
		Key: []Column{{Name: synth.KeyColumn, Family: residentID, Type: record.CNID}},
	}
	for _, f := range []struct {
		name   string
		family family
		stored string
	}{
		{"name", text, "VARCHAR"}, {"sex", text, "VARCHAR"}, {"birth_date", day, "DATE"}, {"phone", text, "VARCHAR"}, {"address", text, "VARCHAR"},
		{"street_code", text, "VARCHAR"}, {"community_code", text, "VARCHAR"}, {"test_time", moment, "TIMESTAMP"}, {"test_result", text, "VARCHAR"},
		{"body_temp", number, "DECIMAL(4,1)"}, {"vaccine_doses", whole, "INTEGER"}, {"vaccine_date", day, "DATE"}, {"institution", text, "VARCHAR"},
	} {
		c.Columns = append(c.Columns, Column{Name: f.name, Family: f.family, Type: plainTypes[f.family], Stored: []string{f.stored}})
	}
	c.Key[0].Stored = []string{"VARCHAR"}
	for _, l := range m.Levels {
		c.Levels = append(c.Levels, Level{Name: l.Level, Files: []string{l.Path}, CSV: opt.Format == synth.CSV, Delim: ",", Options: []string{"as written by synth"}})
	}
	for i := range len(c.Key) + len(c.Columns) {
		col := c.column(i)
		col.Stored = slices.Repeat(col.Stored, len(c.Levels))
		for l := range c.Levels {
			c.Levels[l].Order = append(c.Levels[l].Order, i)
		}
	}
	return c, nil
}
