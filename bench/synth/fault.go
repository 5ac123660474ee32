package synth

// The kinds of faults, as the ledger and a report name them.
const (
	differs    = "differs"
	duplicate  = "duplicate"
	invalidKey = "invalid_key"
	keyTypo    = "key_typo"
	missing    = "missing"
)

// kindsOf lists those that a plan plants, in the order of their names.
func (p *plan) kindsOf() []string {
	if p.opt.Typos {
		return []string{differs, duplicate, invalidKey, keyTypo, missing}
	}
	return []string{differs, duplicate, invalidKey, missing}
}

// allLevels is fault.level where every level holds another value.
const allLevels = -1

// fault is what is wrong with a record; kind is "" where nothing is.
type fault struct {
	kind     string
	level    int
	fields   [2]int // columns that differ, 0 for none (the key never does)
	by       uint64 // how much a value changes
	toNull   bool   // a field that may be null becomes so
	conflict bool   // a duplicate's rows disagree, in fields[0]
}

// on tells whether the fault is on level l.
func (f *fault) on(l int) bool { return f.level == l || f.level == allLevels }

// fieldWeights says how often each field differs, for one field in a hundred faults.
var fieldWeights = [numColumns]int{colName: 11, colSex: 3, colBirthDate: 4, colPhone: 16, colAddress: 14, colStreetCode: 5,
	colCommunityCode: 6, colTestTime: 12, colTestResult: 9, colBodyTemp: 8, colVaccineDoses: 4, colVaccineDate: 5, colInstitution: 3}

// weighted has every field as often as its weight says.
var weighted = func() []int {
	var fields []int
	for field, weight := range fieldWeights {
		for range weight {
			fields = append(fields, field)
		}
	}
	return fields
}()

// field draws a field by fieldWeights.
func (s *stream) field() int { return weighted[s.below(uint64(len(weighted)))] }

// manyValued are the fields that can have another value on each of 16 levels.
var manyValued = [...]int{colPhone, colAddress, colCommunityCode, colTestTime, colBodyTemp}

// typoStyles of a hundred faults are a key with a typo on a level, where these are asked for: they take the place of a missing record.
const typoStyles = 4

// fault gives the fault of record r: a fifth are missing on a level, a tenth duplicated on one, in three fifths one field
// differs on one level, and in the rest two fields do or one field is different on all levels.
func (p *plan) fault(r uint64) fault {
	s := streamOf(p.faults, r)
	if uint64(s)>>11 >= p.threshold {
		return fault{}
	}
	style := s.below(100)
	f := fault{
		kind: differs, level: int(s.below(uint64(p.levels))),
		fields: [2]int{s.field()}, by: s.below(1 << 32), toNull: s.below(4) == 0,
	}
	switch {
	case style < typoStyles && p.opt.Typos:
		return fault{kind: keyTypo, level: f.level}
	case style < 20:
		return fault{kind: missing, level: f.level}
	case style < 30:
		f.kind = duplicate
		if f.conflict = style < 25; !f.conflict {
			f.fields[0] = 0
		}
	case style < 35:
		for f.fields[1] = f.fields[0]; f.fields[1] == f.fields[0]; {
			f.fields[1] = s.field()
		}
	case style < 40 && p.levels > 2: // on two levels this is an ordinary difference
		f.fields[0] = manyValued[s.below(uint64(len(manyValued)))]
		f.level, f.toNull = allLevels, false
	}
	return f
}

// damage plants the fault's changes of fields into a row that stands on level l.
func (f *fault) damage(w *row, l int) {
	variant := uint64(1)
	if f.level == allLevels {
		variant = uint64(l) // the first level keeps its value
	}
	for _, field := range f.fields {
		if field != 0 && variant > 0 {
			w.change(field, variant, f)
		}
	}
}

// change gives a field another value, and says in words what was done. Variants (1 … 15) of a field in manyValued differ from
// one another; for other fields and in a fault of one level there is variant 1 alone.
func (w *row) change(field int, variant uint64, f *fault) (note string) {
	step := func(n int) int { return 1 + int(f.by%uint64(n-1)) } // a way round a circle of n that does not end where it began
	switch field {
	case colName:
		last := &w.given[0]
		if w.longName {
			last = &w.given[1]
		}
		*last ^= 1
		return "a character that sounds alike"
	case colSex:
		w.sex ^= 1
		return "the other one"
	case colBirthDate:
		w.birth += 1 + int64(f.by%27)
		return "some days later"
	case colPhone:
		switch {
		case w.noPhone:
			w.noPhone = false
			w.phone = (w.phone + variant) % phoneNumbers
			return "a value where others have none"
		case f.toNull:
			w.noPhone = true
			return "no value where others have one"
		case f.level != allLevels && swapDigits(&w.phone, int(f.by%7)):
			return "two digits swapped"
		}
		w.phone = (w.phone + variant) % phoneNumbers
		return "other digits"
	case colAddress:
		if f.toNull {
			w.noAddress = true
			return "no value where others have one"
		}
		w.house += variant
		return "another house"
	case colStreetCode:
		w.streetCode = (w.streetCode + step(len(streetCodes()))) % len(streetCodes())
		return "another street"
	case colCommunityCode:
		w.community = (w.community + int(variant)) % len(communityCodes())
		return "another community"
	case colTestTime:
		w.testTime += int64(variant) * 60 * (1 + int64(f.by%59))
		return "some minutes later"
	case colTestResult:
		w.result = (w.result + step(len(results))) % len(results)
		return "another result"
	case colBodyTemp:
		if f.by&1 == 0 {
			w.temp += int64(variant)
		} else {
			w.temp -= int64(variant)
		}
		return "a tenth of a degree off"
	case colVaccineDoses:
		w.doses++
		return "one more"
	case colVaccineDate:
		switch {
		case w.noVaccine:
			w.noVaccine = false
			return "a value where others have none"
		case f.toNull:
			w.noVaccine = true
			return "no value where others have one"
		}
		w.vaccine += 1 + int64(f.by%29)
		return "some days later"
	default:
		w.institution = (w.institution + step(len(institutions()))) % len(institutions())
		return "another institution"
	}
}

// swapDigits swaps two neighbouring digits of an 8-digit number that are not the same, the first pair from place i (0 … 6, from
// the right, round and round) on, and tells whether there is one.
func swapDigits(x *uint64, i int) bool {
	for range 7 {
		unit := uint64(1)
		for range i {
			unit *= 10
		}
		if a, b := *x/unit%10, *x/unit/10%10; a != b {
			*x = *x - a*unit - b*10*unit + b*unit + a*10*unit
			return true
		}
		i = (i + 1) % 7
	}
	return false
}
