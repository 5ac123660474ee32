// Package privacy knows which columns hold what identifies or describes a person. It is pure: names and a few values in, an
// opinion out; it keeps no value.
package privacy

import (
	"regexp"
	"strings"

	"crosscheck/engine/record"
)

// Kind is what a sensitive column holds.
type Kind string

// The kinds, in the order in which a column is held against them.
const (
	None       Kind = ""
	ResidentID Kind = "resident ID"
	BankCard   Kind = "bank card"
	Phone      Kind = "phone"
	Email      Kind = "e-mail"
	Address    Kind = "address"
	Name       Kind = "name"
)

// names tell a kind by the name of a column: English, Chinese, and the initials of pinyin that are customary.
var names = []struct {
	kind Kind
	is   *regexp.Regexp
}{
	{ResidentID, regexp.MustCompile(`(?i)身份证|证件号|公民身份|^(id_?(card|number|no|num)|sfzh?|zjhm|identity.*|national_id)$`)},
	{BankCard, regexp.MustCompile(`(?i)银行卡|卡号|bank_?(card|account)|card_?(no|number)|yhkh`)},
	{Phone, regexp.MustCompile(`(?i)电话|手机|联系方式|phone|mobile|^(tel|lxdh|sjh|sjhm)$|telephone`)},
	{Email, regexp.MustCompile(`(?i)邮箱|e-?mail`)},
	{Address, regexp.MustCompile(`(?i)地址|住址|住所|addr|^(dz|zz|jzdz)$`)},
	{Name, regexp.MustCompile(`(?i)姓名|^(name|full_?name|xm|person_name|patient_name|first_?name|last_?name)$`)},
}

var (
	phone   = regexp.MustCompile(`^(\+?86[- ]?)?1\d{2}[- ]?\d{4}[- ]?\d{4}$`)
	email   = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$`)
	address = regexp.MustCompile(`[省市区县镇乡村].*[路街道弄巷号室]`)
	card    = regexp.MustCompile(`^\d{16,19}$`)
)

// Detect says what a column holds, by its name and by some of its values that are not null. A value's share decides where the name says
// nothing: nine in ten must look like it.
func Detect(name string, values []string) Kind {
	counts := map[Kind]int{}
	for _, v := range values {
		if k := kindOf(strings.TrimSpace(v)); k != None {
			counts[k]++
		}
	}
	for _, k := range []Kind{ResidentID, BankCard, Phone, Email, Address} {
		if len(values) > 0 && counts[k]*10 >= len(values)*9 {
			return k
		}
	}
	for _, n := range names {
		if n.is.MatchString(name) {
			return n.kind
		}
	}
	return None
}

// kindOf says what a value looks like.
func kindOf(v string) Kind {
	if _, fault, ok := record.PackID([]byte(v)); ok && fault == record.IDValid {
		return ResidentID
	}
	switch {
	case phone.MatchString(v):
		return Phone
	case card.MatchString(v) && luhn(v):
		return BankCard
	case email.MatchString(v):
		return Email
	case address.MatchString(v):
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
