package synth

import "crosscheck/engine/record"

// The columns of a level, in order.
const (
	colID = iota
	colName
	colSex
	colBirthDate
	colPhone
	colAddress
	colStreetCode
	colCommunityCode
	colTestTime
	colTestResult
	colBodyTemp
	colVaccineDoses
	colVaccineDate
	colInstitution
	numColumns
)

var columnNames = [numColumns]string{KeyColumn, "name", "sex", "birth_date", "phone", "address", "street_code", "community_code",
	"test_time", "test_result", "body_temp", "vaccine_doses", "vaccine_date", "institution"}

// A resident ID is a place in a space of region sub-code × birth date × sequence number.
const (
	idRegions   = 10000 // 990000 would be one region: the four digits after 99
	idDays      = 36500
	idSequences = 999
	maxRecords  = idRegions * idDays * idSequences

	idFirstDay = -16436 // 1925-01-01, in days since 1970-01-01
)

// The days that values lie in, in days since 1970-01-01.
const (
	firstTestDay    = 20766 // 2026-11-09
	testDays        = 14
	firstVaccineDay = 18628 // 2021-01-01
	vaccineDays     = 1095
)

const phoneNumbers = 1e8 // of the prefix 100

// keyState says what stands in a row's key column.
type keyState uint8

const (
	keyPresent keyState = iota
	keyNull
	keyBlank
)

// row is one row in a form that faults can be planted in; the words are indexes.
type row struct {
	key         keyState
	id          uint64 // 0 … maxRecords-1
	typo        bool   // of the ID
	surname     int
	given       [2]int
	longName    bool // both given characters count
	sex         int
	birth       int64 // days since 1970-01-01
	phone       uint64
	noPhone     bool
	street      int // of all districts
	road        int
	lane        uint64
	house       uint64
	room        uint64
	noAddress   bool
	streetCode  int
	community   int
	testTime    int64 // seconds since 1970-01-01
	result      int
	temp        int64 // tenths of a degree
	doses       int64
	vaccine     int64 // days since 1970-01-01
	noVaccine   bool
	institution int
}

// fill sets the row to what record r says of itself, before any fault.
func (p *plan) fill(w *row, r uint64) {
	s := streamOf(p.values, r)
	n := func(n int) int { return int(s.below(uint64(n))) }
	w.key, w.typo = keyPresent, false
	w.id = 0
	if r < p.records { // the others are rows without a key
		w.id = p.ids.at(r)
	}
	w.sex = int(w.id%idSequences+1) & 1
	w.birth = idFirstDay + int64(w.id/idSequences%idDays)
	w.surname = n(len(surnames))
	w.given = [2]int{n(len(givens)), n(len(givens))}
	w.longName = n(4) > 0
	w.phone, w.noPhone = s.below(phoneNumbers), n(50) == 0
	w.street = n(len(streetCodes()))
	w.road = n(len(roads))
	w.lane, w.house, w.room = 1+s.below(2999), 1+s.below(400), 100*(1+s.below(20))+1+s.below(12)
	w.noAddress = false
	w.streetCode = w.street
	w.community = w.street*communities + n(communities)
	w.testTime = (firstTestDay+int64(n(testDays)))*86400 + 7*3600 + int64(n(13*3600))
	w.result = 0
	if odd := n(100); odd < 3 {
		w.result = 1 + odd/2
	}
	w.temp = 360 + int64(n(8)+n(6))
	if n(200) == 0 {
		w.temp += 15
	}
	w.doses = [...]int64{0, 1, 2, 2, 2, 2, 3, 3, 3, 3}[n(10)]
	w.vaccine, w.noVaccine = firstVaccineDay+int64(n(vaccineDays)), w.doses == 0
	w.institution = n(len(institutions()))
}

func (w *row) appendID(dst []byte) []byte {
	dst = append(dst, '9', '9')
	dst = appendDigits(dst, w.id/(idSequences*idDays), 4)
	y, m, d := civil(idFirstDay + int64(w.id/idSequences%idDays))
	dst = appendDigits(dst, uint64(y*10000+m*100+d), 8)
	dst = appendDigits(dst, w.id%idSequences+1, 3)
	dst = append(dst, record.CheckChar(dst[len(dst)-17:]))
	if w.typo {
		swapSequence(dst[len(dst)-18:])
	}
	return dst
}

// swapSequence swaps the first two digits of an ID's sequence number, or makes the second one greater by one where they are alike. The check
// character shows it, and no two IDs become the same.
func swapSequence(id []byte) {
	a, b := &id[14], &id[15]
	if *a == *b {
		*b = '0' + (*b-'0'+1)%10
		return
	}
	*a, *b = *b, *a
}

func (w *row) appendName(dst []byte) []byte {
	dst = append(dst, surnames[w.surname]...)
	dst = append(dst, givens[w.given[0]]...)
	if w.longName {
		dst = append(dst, givens[w.given[1]]...)
	}
	return dst
}

func (w *row) appendPhone(dst []byte) []byte {
	return appendDigits(append(dst, "100"...), w.phone, 8)
}

func (w *row) appendAddress(dst []byte) []byte {
	dst = append(dst, regions[w.street/len(streets)]...)
	dst = append(dst, streets[w.street%len(streets)]...)
	dst = append(dst, roads[w.road]...)
	dst = append(appendNumber(dst, w.lane), "弄"...)
	dst = append(appendNumber(dst, w.house), "号"...)
	return append(appendNumber(dst, w.room), "室"...)
}

// appendDate appends 2006-01-02.
func appendDate(dst []byte, days int64) []byte {
	y, m, d := civil(days)
	dst = append(appendDigits(dst, uint64(y), 4), '-')
	dst = append(appendDigits(dst, uint64(m), 2), '-')
	return appendDigits(dst, uint64(d), 2)
}

// appendTime appends 2006-01-02 15:04:05.
func appendTime(dst []byte, seconds int64) []byte {
	s := uint64(seconds % 86400)
	dst = append(appendDate(dst, seconds/86400), ' ')
	dst = append(appendDigits(dst, s/3600, 2), ':')
	dst = append(appendDigits(dst, s/60%60, 2), ':')
	return appendDigits(dst, s%60, 2)
}

// appendDigits appends the last n digits of x.
func appendDigits(dst []byte, x uint64, n int) []byte {
	const zeros = "00000000"
	dst = append(dst, zeros[:n]...)
	for i := range n {
		dst[len(dst)-1-i] = '0' + byte(x%10)
		x /= 10
	}
	return dst
}

func appendNumber(dst []byte, x uint64) []byte {
	n := 1
	for y := x / 10; y > 0; y /= 10 {
		n++
	}
	return appendDigits(dst, x, n)
}

// civil gives the day of the Gregorian calendar, for years from 1600 on (Hinnant, civil_from_days).
func civil(days int64) (y, m, d int64) {
	z := days + 719468
	era := z / 146097
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d = doy - (153*mp+2)/5 + 1
	if m = mp + 3; m > 12 {
		m -= 12
	}
	y = yoe + era*400
	if m <= 2 {
		y++
	}
	return y, m, d
}
