package privacy

import (
	"bytes"
	"unicode/utf8"
)

// maxStars is how many stars stand for hidden characters at most, so that a long text takes no more room masked.
const maxStars = 16

// leastHidden is the number of characters that hiding the middle of a number must hide; what is too short for that keeps nothing.
const leastHidden = 4

// AppendMasked appends a value as the class leaves it. A character is a rune; a byte that is not UTF-8 is one too, U+FFFD where it is kept.
// The result is UTF-8 and at most some 200 bytes, whatever the value; the empty value stays empty.
//
//	resident_id  the first 3 and the last 2 characters   990*************10
//	phone        the first 3 and the last 4              100****8888
//	bank_card    the last 4                              ************0002
//	name         the first                               张*
//	email        the first, and the end of the domain    a*@*.cn
//	address      the beginning down to the community     湾区花溪街道桂花社区*
//	others       nothing                                 *
//
// Between the ends of a number, and after the first character of a name, stands one star for each hidden character, 16 at most. Numbers of
// which that would hide fewer than 4 characters keep none, a name of one character keeps none: no value of these classes is ever shown
// whole. Elsewhere one star stands for all that is hidden. An address keeps parts that say so themselves (省 市 区 县 旗 镇 乡 街道 社区
// 村 …), from its beginning and before the first road, number or compound, and none that is longer than 12 characters.
func (c Class) AppendMasked(dst, v []byte) []byte {
	if len(v) == 0 {
		return dst
	}
	switch c {
	case ResidentID:
		return appendEnds(dst, v, 3, 2)
	case Phone:
		return appendEnds(dst, v, 3, 4)
	case BankCard:
		return appendEnds(dst, v, 0, 4)
	case Name:
		n := utf8.RuneCount(v)
		if n == 1 {
			return append(dst, '*')
		}
		dst, _ = appendRunes(dst, v, 1)
		return appendStars(dst, n-1)
	case Email:
		return appendEmail(dst, v)
	case Address:
		return append(append(dst, v[:community(v)]...), '*')
	}
	return append(dst, '*')
}

// appendEnds appends the first and the last characters of a value with stars between them.
func appendEnds(dst, v []byte, head, tail int) []byte {
	n := utf8.RuneCount(v)
	if n < head+tail+leastHidden {
		return appendStars(dst, n)
	}
	dst, rest := appendRunes(dst, v, head)
	dst = appendStars(dst, n-head-tail)
	for range n - head - tail {
		_, size := utf8.DecodeRune(rest)
		rest = rest[size:]
	}
	dst, _ = appendRunes(dst, rest, tail)
	return dst
}

// appendRunes appends the first n characters of a value, which it has, and gives the rest.
func appendRunes(dst, v []byte, n int) (out, rest []byte) {
	for range n {
		r, size := utf8.DecodeRune(v)
		dst, v = utf8.AppendRune(dst, r), v[size:]
	}
	return dst, v
}

func appendStars(dst []byte, n int) []byte {
	const stars = "****************"
	return append(dst, stars[:min(n, maxStars)]...)
}

// longestEnding is the length of the end of a domain that is shown; the longest that is customary is shorter.
const longestEnding = 8

// appendEmail keeps the first character if it is not all that stands before the @, and what follows the last dot if it is letters.
func appendEmail(dst, v []byte) []byte {
	at := bytes.LastIndexByte(v, '@')
	if at < 0 {
		return append(dst, '*')
	}
	if local := v[:at]; utf8.RuneCount(local) > 1 {
		dst, _ = appendRunes(dst, local, 1)
	}
	dst = append(dst, '*', '@', '*')
	domain := v[at+1:]
	dot := bytes.LastIndexByte(domain, '.')
	if dot < 1 {
		return dst
	}
	ending := domain[dot:]
	if len(ending) > longestEnding {
		return dst
	}
	for _, b := range ending[1:] {
		if b|0x20 < 'a' || b|0x20 > 'z' {
			return dst
		}
	}
	return append(dst, ending...)
}

// unit is a word that ends a part of an address, with how narrow the part is.
type unit struct {
	word string
	rank int
}

// units are the parts of an address down to the community, longer words first, and communityRank is that of the community itself.
var units = []unit{
	{"居民委员会", communityRank}, {"村民委员会", communityRank}, {"居委会", communityRank}, {"村委会", communityRank}, {"社区", communityRank},
	{"自治区", 1}, {"自治州", 2}, {"自治县", 3}, {"街道", 4},
	{"省", 1}, {"市", 2}, {"盟", 2}, {"区", 3}, {"县", 3}, {"旗", 3}, {"镇", 4}, {"乡", 4}, {"村", communityRank},
}

const communityRank = 5

// begun is the words of units and details that begin with one character, in their order.
type begun struct {
	units   []unit
	details []string
}

// beginning has those of a character at its place in marks; most characters begin none.
var beginning, marks = func() (at []begun, m [cjkLast - cjkFirst + 1]uint8) {
	at = make([]begun, 1)
	of := func(word string) *begun {
		r, _ := utf8.DecodeRuneInString(word)
		mark := &m[r-cjkFirst]
		if *mark == 0 {
			*mark, at = uint8(len(at)), append(at, begun{})
		}
		return &at[*mark]
	}
	for _, u := range units {
		b := of(u.word)
		b.units = append(b.units, u)
	}
	for _, d := range details {
		b := of(d)
		b.details = append(b.details, d)
	}
	return at, m
}()

// cjkFirst and cjkLast bound the characters that names of places are made of.
const (
	cjkFirst = 0x4e00
	cjkLast  = 0x9fff
	cjkBytes = 3 // of each in UTF-8
)

// details are words that end a part of an address that is narrower than a community, and such as sentences have and names of places have not.
var details = []string{"的", "在", "是", "我", "他", "她", "小区", "路", "街", "道", "巷", "弄", "胡同", "号", "楼", "栋", "幢", "单元", "室", "苑", "园", "院", "组", "队"}

// longestPart is the length of a part of an address, in characters: what is longer is something else.
const longestPart = 12

// community gives the length in bytes of the beginning of an address down to the community, as far as it says so.
func community(v []byte) int {
	kept, rank, part := 0, 0, 0
scan:
	for i := 0; i < len(v); {
		r := cjk(v[i:])
		part++
		if part > longestPart || r < 0 { // digits, letters, spaces: the part is no name of a place
			break
		}
		words := &beginning[marks[r]]
		for _, u := range words.units {
			if string(v[i:min(i+len(u.word), len(v))]) != u.word || part == 1 || u.word == "区" && bytes.HasSuffix(v[:i], []byte("小")) {
				continue
			}
			if u.rank < rank {
				break scan
			}
			i += len(u.word)
			kept, rank, part = i, u.rank, 0
			if rank == communityRank {
				break scan
			}
			continue scan
		}
		for _, d := range words.details {
			if string(v[i:min(i+len(d), len(v))]) == d {
				break scan
			}
		}
		i += cjkBytes
	}
	return kept
}

// cjk gives the place of the first character of a text among those that names of places are made of, or less than 0.
func cjk(v []byte) int {
	if len(v) < cjkBytes || v[0]&0xf0 != 0xe0 || v[1]&0xc0 != 0x80 || v[2]&0xc0 != 0x80 {
		return -1
	}
	r := int(v[0]&0xf)<<12 | int(v[1]&0x3f)<<6 | int(v[2]&0x3f)
	if r > cjkLast {
		return -1
	}
	return r - cjkFirst
}

// Telling says whether a value looks like an identifier whatever column it stands in: it has an @, or as many digits in a row as a phone
// number (11, beginning with 1, or 13, beginning with 861), an identity number or a bank card (15 to 19) has. Half and full width are alike.
func Telling(v []byte) bool {
	from := 0 // behind the last byte that is no digit
	for i, c := range v {
		switch {
		case c-'0' <= 9:
			continue
		case c == 0xef: // begins what has full width, and more
			return tellingWide(v)
		case c == '@' || i-from >= leastTelling && telltale(v[from], v[from+1], v[from+2], i-from):
			return true
		}
		from = i + 1
	}
	n := len(v) - from
	return n >= leastTelling && telltale(v[from], v[from+1], v[from+2], n)
}

// leastTelling is the length of the shortest run of digits that tells.
const leastTelling = 11

// telltale says whether a run of n digits, 3 or more, that begins with these three tells.
func telltale(a, b, c byte, n int) bool {
	return n == 11 && a == '1' || n == 13 && a == '8' && b == '6' && c == '1' || n >= 15
}

// tellingWide is Telling of any characters.
func tellingWide(v []byte) bool {
	run := 0
	var first [3]byte
	ends := func() bool {
		defer func() { run = 0 }()
		return run >= leastTelling && telltale(first[0], first[1], first[2], run)
	}
	for i := 0; i < len(v); {
		c, size := rune(v[i]), 1
		if c >= utf8.RuneSelf {
			c, size = utf8.DecodeRune(v[i:])
			if c >= '！' && c <= '～' {
				c -= '！' - '!'
			}
		}
		i += size
		switch {
		case c == '@':
			return true
		case c >= '0' && c <= '9':
			if run < len(first) {
				first[run] = byte(c)
			}
			run++
		case run > 0 && ends():
			return true
		}
	}
	return run > 0 && ends()
}
