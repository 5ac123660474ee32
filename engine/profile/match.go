package profile

import (
	"cmp"
	"slices"
	"strings"

	"crosscheck/engine/privacy"
)

// Match is a column of one level that holds what a column of an earlier level holds.
type Match struct {
	Column int     // of the level
	Name   string  // what it is called in the job: the name on the first level that has it
	Alike  float64 // share of the distinct values of the two that both have
	How    string  // "name", "like name" or "content"
	Weak   bool    // a guess that should be looked at
}

// How a column was matched.
const (
	ByName     = "name"
	ByLikeName = "like name"
	ByContent  = "content"
)

const (
	surelyAlike = 0.3 // from here on columns of different names are taken for the same
	maybeAlike  = 0.1 // from here on they are mentioned
	telling     = 20  // values that a column must have for its content to say which it is; of fewer, nearly all must be the same
)

// synonyms are names of the same meaning; the first of a list stands for all.
var synonyms = [][]string{
	{"id", "idnumber", "idno", "idnum", "idcard", "idcardno", "证件号码", "证件号", "身份证号", "身份证号码", "身份证", "公民身份号码", "sfzh", "zjhm"},
	{"name", "姓名", "xm", "fullname"},
	{"sex", "gender", "性别", "xb"},
	{"birthdate", "birthday", "dateofbirth", "dob", "出生日期", "生日", "csrq"},
	{"phone", "mobile", "mobilephone", "tel", "telephone", "电话", "联系电话", "手机", "手机号", "手机号码", "lxdh", "sjh"},
	{"address", "addr", "地址", "住址", "家庭住址", "dz"},
	{"streetcode", "街道代码", "街道编码"},
	{"communitycode", "社区代码", "社区编码"},
}

// plainName gives a name without what people spell in different ways.
func plainName(name string) string {
	plain := strings.NewReplacer("_", "", "-", "", " ", "", ".", "").Replace(strings.ToLower(name))
	for _, s := range synonyms {
		if slices.Contains(s, plain) {
			return s[0]
		}
	}
	return plain
}

// known is a column under its name in the job.
type known struct {
	name   string
	column *Column
}

// Columns of levels[l] that are matched with those of earlier levels; a level's other columns keep their names.
func matches(earlier []known, level []Column) []Match {
	var out []Match
	taken, used := map[string]bool{}, map[int]bool{}
	take := func(c int, k known, how string, alike float64) {
		out = append(out, Match{Column: c, Name: k.name, Alike: alike, How: how, Weak: how != ByName && alike < surelyAlike})
		taken[k.name], used[c] = true, true
	}
	for _, how := range []string{ByName, ByLikeName} {
		for c := range level {
			for _, k := range earlier {
				same := k.name == level[c].Name || how == ByLikeName && plainName(k.name) == plainName(level[c].Name)
				if same && !taken[k.name] && !used[c] {
					take(c, k, how, alike(k.column.kept, level[c].kept))
				}
			}
		}
	}
	type pair struct {
		c     int
		k     known
		alike float64
	}
	var pairs []pair
	for c := range level {
		for _, k := range earlier {
			if taken[k.name] || used[c] {
				continue
			}
			a := alike(k.column.kept, level[c].kept)
			if few := min(k.column.Distinct, level[c].Distinct) < telling; few && a < 0.9 || a < maybeAlike {
				continue
			}
			pairs = append(pairs, pair{c, k, a})
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(b.alike, a.alike) })
	for i, p := range pairs {
		tie := slices.ContainsFunc(pairs, func(o pair) bool {
			return o.alike == p.alike && (o.c == p.c) != (o.k.name == p.k.name) && !taken[o.k.name] && !used[o.c]
		})
		if !taken[p.k.name] && !used[p.c] && !tie {
			take(pairs[i].c, p.k, ByContent, p.alike)
		}
	}
	slices.SortFunc(out, func(a, b Match) int { return cmp.Compare(a.Column, b.Column) })
	return out
}

// Candidate is a column, or several, that could be the key.
type Candidate struct {
	Columns []string // names in the job
	IDs     bool     // resident IDs on every level
	Unique  float64  // the least share of rows, of any level, whose key is there for the first time
	Overlap float64  // share of the distinct keys of a level that the first level has, of the level that shares least
	Nulls   float64  // the greatest share of rows without one, of any level
	Named   bool     // all columns have names that keys have
	Person  bool     // a column holds a name, an address, a phone number or the like: what persons share, change and spell in many ways
}

// score orders candidates.
func (c *Candidate) score() float64 {
	s := c.Unique * (0.5 + c.Overlap/2) * (1 - c.Nulls) / float64(len(c.Columns))
	if c.IDs {
		s *= 1.2
	}
	return s
}

// Good tells whether a key is worth trying: nearly no row repeats it, levels share some, and few rows lack it, be it half of them where it has
// the name of a key.
func (c *Candidate) Good() bool {
	return c.Unique >= 0.9 && c.Overlap >= 0.05 && (c.Nulls <= 0.1 || c.Named && c.Nulls <= 0.5)
}

// Profile is what is known of all levels.
type Profile struct {
	Levels  []string
	Columns [][]Column  // a level
	Matches [][]Match   // a level but the first: columns matched with earlier levels
	Keys    []Candidate // best first
	names   [][]string  // a level, a column: its name in the job
	kinds   map[string]privacy.Evidence
}

// Name gives the name in the job of a column of a level.
func (p *Profile) Name(level, column int) string { return p.names[level][column] }

// Sensitive gives what a column holds about a person and why, by its name in the job.
func (p *Profile) Sensitive(name string) privacy.Evidence { return p.kinds[name] }

// Names lists the columns of all levels by their names in the job, in the order in which they come.
func (p *Profile) Names() (all []string) {
	for _, names := range p.names {
		for _, n := range names {
			if !slices.Contains(all, n) {
				all = append(all, n)
			}
		}
	}
	return all
}

// HeldBy lists the levels that have a column.
func (p *Profile) HeldBy(name string) (levels []string) {
	for l, names := range p.names {
		if slices.Contains(names, name) {
			levels = append(levels, p.Levels[l])
		}
	}
	return levels
}

// at gives a column of a level by its name in the job, nil if it has none.
func (p *Profile) at(level int, name string) *Column {
	if i := slices.Index(p.names[level], name); i >= 0 {
		return &p.Columns[level][i]
	}
	return nil
}

// match fills in names and matches. Weak guesses keep their own names.
func (p *Profile) match() {
	var earlier []known
	for l := range p.Columns {
		names := make([]string, len(p.Columns[l]))
		for c := range names {
			names[c] = p.Columns[l][c].Name
		}
		found := matches(earlier, p.Columns[l])
		for _, m := range found {
			if !m.Weak {
				names[m.Column] = m.Name
			}
		}
		for c, n := range names {
			if !slices.ContainsFunc(earlier, func(k known) bool { return k.name == n }) {
				earlier = append(earlier, known{n, &p.Columns[l][c]})
			}
		}
		p.Matches, p.names = append(p.Matches, found), append(p.names, names)
	}
	p.kinds = map[string]privacy.Evidence{}
	for l, names := range p.names {
		for c, n := range names {
			if p.kinds[n].Class == privacy.None {
				p.kinds[n] = p.Columns[l][c].Sensitive
			}
		}
	}
}
