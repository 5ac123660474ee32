package privacy

import (
	"regexp"
	"strings"
	"sync"

	"crosscheck/engine/record"
)

// names tell a class by the name of a column: English, Chinese, and the initials of pinyin that are customary.
var names = []struct {
	class Class
	is    func() *regexp.Regexp
}{
	{ResidentID, lazily(`(?i)身份证|证件号|公民身份|^(id_?(card|number|no|num)|sfzh?|zjhm|identity.*|national_id)$`)},
	{BankCard, lazily(`(?i)银行卡|卡号|bank_?(card|account)|card_?(no|number)|yhkh`)},
	{Phone, lazily(`(?i)电话|手机|联系方式|phone|mobile|^(tel|lxdh|sjh|sjhm)$|telephone`)},
	{Email, lazily(`(?i)邮箱|e-?mail`)},
	{Address, lazily(`(?i)地址|住址|住所|addr|^(dz|zz|jzdz)$`)},
	{Name, lazily(`(?i)姓名|^(name|full_?name|xm|person_name|patient_name|first_?name|last_?name)$`)},
	{Health, lazily(`(?i)体温|核酸|检测|症状|诊断|疾病|病史|病情|健康|接种|疫苗|血型|血压|过敏|用药|temperature|(^|_)temp($|_)|test_?(result|time|date)|symptom|diagnos|disease|illness|health|medical|vaccin|blood|allerg|antibod|infect`)},
	{Other, lazily(`(?i)出生|生日|护照|车牌|微信|birth|(^|_)dob($|_)|passport|wechat|^(csrq|qq)$`)},
}

var (
	phone   = lazily(`^(\+?86[- ]?)?1\d{2}[- ]?\d{4}[- ]?\d{4}$`)
	email   = lazily(`^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$`)
	address = lazily(`[省市区县镇乡村].*[路街道弄巷号室]`)
	card    = lazily(`^\d{16,19}$`)
)

// lazily gives what compiles an expression when it is first asked for: most commands ask for none.
func lazily(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// Evidence is why a column is taken for sensitive.
type Evidence struct {
	Class  Class
	ByName bool // its name says so
	Alike  int  // values that look like it
	Of     int  // values looked at that are not placeholders
}

// Confidence is how sure the evidence is.
type Confidence string

// The confidences. High: nine in ten values look like the class, or half of them and the name says so too. Low: the name says so and
// less than half of the values. Medium is between them.
const (
	High   Confidence = "high"
	Medium Confidence = "medium"
	Low    Confidence = "low"
)

// Confidence says how sure the evidence is; "" where there is none.
func (e Evidence) Confidence() Confidence {
	switch {
	case e.Class == None:
		return ""
	case e.Alike == 0 || e.Alike*2 < e.Of:
		return Low
	case e.ByName, e.Alike*10 >= e.Of*9:
		return High
	}
	return Medium
}

// shares is how many in ten values must look like a class. Where a check digit tells, chance alone gives one in ten, so fewer are proof
// enough; and a column of resident IDs in which one in four has a wrong check character, or is a passport, is still one.
var shares = []struct {
	class Class
	tenth int
}{{ResidentID, 6}, {BankCard, 6}, {Phone, 9}, {Email, 9}, {Address, 9}, {Name, 9}}

// Detect says what a column holds, as Look does.
func Detect(name string, values []string) Class { return Look(name, values).Class }

// Look says what a column holds, by its name and by some of its values that are not null. Values decide before the name: nine in ten must
// look like it, six in ten where a check digit tells; placeholders such as 无 or - do not count. A name that is short of that still
// decides. Health and Other are known by name alone.
func Look(name string, values []string) Evidence {
	named := None
	for _, n := range names {
		if n.is().MatchString(name) {
			named = n.class
			break
		}
	}
	counts, of := map[Class]int{}, 0
	distinct := map[string]bool{}
	for _, v := range values {
		v = narrowed(strings.TrimSpace(v))
		if placeholders[v] {
			continue
		}
		of++
		distinct[v] = true
		k := classOf(v)
		if k == None {
			k = wordClass(v)
		}
		counts[k]++
	}
	if counts[Phone] > 0 && serial(distinct) {
		counts[Phone] = 0
	}
	// A few words that come again and again are categories: 黄石, 白菜.
	if len(distinct)*2 < of {
		counts[Name] = 0
	}
	for _, s := range shares {
		if of > 0 && counts[s.class]*10 >= of*s.tenth {
			return Evidence{Class: s.class, ByName: named == s.class, Alike: counts[s.class], Of: of}
		}
	}
	return Evidence{Class: named, ByName: named != None, Alike: counts[named], Of: of}
}

// classOf says what a value looks like.
func classOf(v string) Class {
	if _, fault, ok := record.PackID([]byte(v)); ok && fault == record.IDValid {
		return ResidentID
	}
	switch {
	case phone().MatchString(v):
		return Phone
	case card().MatchString(v) && luhn(v):
		return BankCard
	case email().MatchString(v):
		return Email
	case address().MatchString(v):
		return Address
	}
	return None
}

// luhn holds digits against their check digit (ISO/IEC 7812-1, annex B).
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
