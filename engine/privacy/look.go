package privacy

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// What tells a column by its content and is not asked of single values that a mask looks at: wider nets, that are right about a column and
// may be wrong about a text.

var (
	landline = lazily(`^(\(0\d{2,3}\)|0\d{2,3}-|0\d{2,3} |0\d{2,3})[- ]?\d{3,4}[- ]?\d{4}$`)
	mobile   = lazily(`^0086[- ]?1\d{2}[- ]?\d{4}[- ]?\d{4}$`)
	spaced   = lazily(`^\d{4}([ -]\d{4}){3}([ -]?\d{1,3})?$`)
	house    = lazily(`\d+(号|弄|室|组|栋|幢|单元)`)
	western  = lazily(`(?i)^\d+ .*\b(street|st|road|rd|avenue|ave|lane|drive|boulevard)\b`)
	digits   = lazily(`^1\d{10}$`)
)

// placeholders are texts that people write where they have nothing to write.
var placeholders = map[string]bool{"": true, "-": true, "--": true, "/": true, "无": true, "不详": true, "未知": true, "暂无": true, "n/a": true, "N/A": true, "null": true, "NULL": true, "none": true}

// surnames are those that nine in ten people bear.
const surnames = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蔡蒋余于杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"

// twoPart are surnames of two characters.
var twoPart = []string{"欧阳", "司马", "上官", "诸葛", "皇甫", "尉迟", "公孙", "慕容", "司徒", "夏侯"}

// firstNames are common first names of those who write them in Latin letters.
var firstNames = func() map[string]bool {
	all := map[string]bool{}
	for n := range strings.FieldsSeq("James Mary John Linda Robert Patricia Michael Jennifer David Elizabeth William Barbara Richard Susan Joseph Jessica Thomas Sarah Charles Karen Christopher Nancy Daniel Lisa Matthew Anthony Margaret Mark Sandra Donald Ashley Steven Emily Paul Donna Andrew Michelle Joshua Carol Kenneth Amanda Kevin Melissa Brian Deborah George Stephanie Edward Laura Ronald Rebecca Anna Emma Oliver Grace Henry Alice Peter Jack Harry Lucy Sophie Ella Wei Ming Li Fang Jing Hui Lei Jun") {
		all[n] = true
	}
	return all
}()

// narrowed gives a text with full-width characters made narrow.
func narrowed(v string) string { return width.Narrow.String(v) }

// wordClass says what a narrowed value looks like within a column of its like.
func wordClass(v string) Class {
	switch {
	case landline().MatchString(v), mobile().MatchString(v):
		return Phone
	case spaced().MatchString(v) && luhn(strings.NewReplacer(" ", "", "-", "").Replace(v)):
		return BankCard
	case house().MatchString(v), western().MatchString(v):
		return Address
	case personal(v):
		return Name
	}
	return None
}

// personal says whether a text could be a person's name: two or three ideographs of which the first is a surname, three or four after a
// surname of two, or words in capitals of which the first is a first name.
func personal(v string) bool {
	n := utf8.RuneCountInString(v)
	for _, s := range twoPart {
		if rest, ok := strings.CutPrefix(v, s); ok {
			return (n == 3 || n == 4) && ideographs(rest)
		}
	}
	if first, size := utf8.DecodeRuneInString(v); strings.ContainsRune(surnames, first) {
		return (n == 2 || n == 3) && ideographs(v[size:])
	}
	words := strings.Fields(v)
	return (len(words) == 2 || len(words) == 3) && firstNames[words[0]]
}

func ideographs(v string) bool {
	for _, r := range v {
		if r < 0x4e00 || r > 0x9fff {
			return false
		}
	}
	return v != ""
}

// serial says whether the texts are numbers of eleven digits that lie as close together as numbers that are given out in turn: a
// hundred to each at most. Phone numbers of as many people lie further apart.
func serial(distinct map[string]bool) bool {
	var least, most string
	for v := range distinct {
		if !digits().MatchString(v) {
			return false
		}
		if least == "" || v < least {
			least = v
		}
		most = max(most, v)
	}
	return len(distinct) >= 10 && spread(least, most) <= 100*int64(len(distinct))
}

// spread gives the difference of two numbers of at most 18 digits.
func spread(least, most string) (d int64) {
	for i := range least {
		d = d*10 + int64(most[i]) - int64(least[i])
	}
	return d
}
