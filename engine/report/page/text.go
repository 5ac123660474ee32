package page

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
	"time"
)

// chinese gives the Chinese for the English texts of the pages.
var chinese = map[string]string{
	"Cross-check":                 "数据核对",
	"All nights":                  "历次核对",
	"Every gate is kept":          "全部门槛均已达标",
	"A gate is broken":            "有门槛未达标",
	"gates are broken":            "项门槛未达标",
	"records":                     "条记录",
	"Records":                     "记录数",
	"agree on every level":        "各级一致",
	"differ":                      "内容不一致",
	"missing on a level":          "有级别缺失",
	"of the records do not agree": "的记录不一致",
	"Gates":                       "门槛",
	"Gate":                        "门槛",
	"Value":                       "数值",
	"Allowed":                     "允许范围",
	"Verdict":                     "结论",
	"kept":                        "达标",
	"broken":                      "未达标",
	"What changed":                "变化",
	"Against the night of":        "对比核对日期",
	"new":                         "新增",
	"persisting":                  "持续",
	"resolved":                    "已消除",
	"There is no earlier night to hold this one against.": "没有更早的核对可供对比。",
	"What was found":  "发现的问题",
	"Kind":            "种类",
	"Findings":        "问题数",
	"Waived":          "已豁免",
	"By field":        "按字段",
	"Field":           "字段",
	"Differ":          "不一致",
	"Compared":        "已比对",
	"Share":           "占比",
	"By level":        "按级别",
	"Level":           "级别",
	"Rows":            "行数",
	"Missing records": "缺失记录",
	"Repeated keys":   "重复主键",
	"Invalid keys":    "无效主键",
	"Reliability":     "各级可靠性",
	"How often a level alone disagrees with all others, by field: the darker, the more.": "某一级单独与其他各级不一致的次数（按字段），颜色越深次数越多。",
	"By": "按",
	"Records that a level lacks, and values in which it alone disagrees.": "该级缺失的记录，以及单独与其他各级不一致的数值。",
	"more values have counts that are too small to be public, or few":     "个其他取值的数量过小、不予公开，或很少",
	"Trend": "趋势",
	"Share of records that do not agree, night by night": "历次核对中不一致记录的占比",
	"The numbers":            "数据表",
	"Night":                  "日期",
	"Do not agree":           "不一致",
	"New":                    "新增",
	"Resolved":               "已消除",
	"How the run went":       "运行情况",
	"Files":                  "文件",
	"Size":                   "大小",
	"Changed":                "修改时间",
	"rows read":              "行已读取",
	"rows a second":          "行/秒",
	"peak memory":            "内存峰值",
	"took":                   "用时",
	"started":                "开始时间",
	"Filter":                 "筛选",
	"too small to be public": "数量过小，不予公开",
	"– stands for a number that is too small to be public, or would tell one that is.": "“–”表示数量过小、不予公开，或会透露此类数量。",
	"at least":                      "不低于",
	"at most":                       "不高于",
	"less than the last night":      "较上次减少",
	"more than the last night":      "较上次增加",
	"of those open the last night":  "（相对上次未消除的问题）",
	"no limit":                      "不限",
	"nights":                        "次核对",
	"differs":                       "内容不一致",
	"duplicate":                     "重复",
	"inconsistent":                  "自相矛盾",
	"invalid_key":                   "无效主键",
	"key_typo":                      "主键疑似笔误",
	"missing":                       "缺失",
	"not_covered":                   "未覆盖",
	"overdue":                       "逾期",
	"mismatch_rate":                 "不一致率",
	"missing_rate":                  "缺失率",
	"unparseable_rate":              "无法解析率",
	"new_mismatches":                "新增问题",
	"rows":                          "行数",
	"age":                           "数据时长",
	"not_covered_rate":              "名单未覆盖率",
	"overdue_rate":                  "名单逾期率",
	"No differences were found.":    "未发现不一致。",
	"This page holds counts alone.": "本页仅含统计数字。",
	"made by":                       "生成工具",
	"verify":                        "逐值核验",
	"load":                          "读取",
	"join":                          "连接",
	"gather":                        "回读",
	"write":                         "写出",
	"Skip to the content":           "跳到正文",
}

// translate gives a text in both languages, of which the page shows one; a name without a translation stands for itself.
func translate(english string) template.HTML {
	zh, ok := chinese[english]
	if !ok {
		return template.HTML(template.HTMLEscapeString(english))
	}
	return both(english, zh)
}

func both(en, zh string) template.HTML {
	return template.HTML(`<span class="en">` + template.HTMLEscapeString(en) + `</span><span class="zh" lang="zh">` + template.HTMLEscapeString(zh) + `</span>`)
}

// number gives 1,234,567.
func number(n int64) string {
	s := strconv.FormatInt(n, 10)
	from := 0
	if n < 0 {
		from = 1
	}
	for i := len(s) - 3; i > from; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// withheld stands where a count is too small.
var withheld = template.HTML(`<span class="withheld" aria-hidden="true">–</span><span class="unseen">` + string(translate("too small to be public")) + `</span>`)

// count gives a count or what stands for one that is too small.
func count(n *int64) template.HTML {
	if n == nil {
		return withheld
	}
	return template.HTML(number(*n))
}

// shareOf gives a share of a count as a percentage.
func shareOf(n *int64, of int64) template.HTML {
	if n == nil {
		return withheld
	}
	if of == 0 {
		return "0 %"
	}
	return template.HTML(percentText(float64(*n) / float64(of)))
}

// percent gives a share.
func percent(share *float64) template.HTML {
	if share == nil {
		return withheld
	}
	return template.HTML(percentText(*share))
}

func percentText(share float64) string {
	p := share * 100
	switch {
	case p == 0:
		return "0 %"
	case p < 0.01:
		return "< 0.01 %"
	case p < 10:
		return strconv.FormatFloat(p, 'f', 2, 64) + " %"
	}
	return strconv.FormatFloat(p, 'f', 1, 64) + " %"
}

func size(n int64) string {
	units, x := []string{"B", "kB", "MB", "GB", "TB"}, float64(n)
	u := 0
	for x >= 1000 && u < len(units)-1 {
		x /= 1000
		u++
	}
	if u == 0 || x >= 100 {
		return fmt.Sprintf("%.0f %s", x, units[u])
	}
	return fmt.Sprintf("%.1f %s", x, units[u])
}

func seconds(s float64) string {
	switch d := time.Duration(s * float64(time.Second)); {
	case s < 10:
		return strconv.FormatFloat(s, 'f', 2, 64) + " s"
	case s < 120:
		return strconv.FormatFloat(s, 'f', 0, 64) + " s"
	default:
		return strings.TrimSuffix(d.Round(time.Second).String(), "0s")
	}
}

func perSecond(rows int64, s float64) string {
	if s <= 0 {
		return "–"
	}
	return number(int64(math.Round(float64(rows) / s)))
}

func when(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

func day(t *time.Time) string {
	if t == nil {
		return ""
	}
	return when(*t)
}

// gateTexts gives the value and the limits of a gate.
type gateText struct {
	Value  template.HTML
	Limits template.HTML
}

func gateTexts(g Gate) gateText {
	amount := func(x float64) string {
		switch g.Unit {
		case Share:
			return strconv.FormatFloat(x*100, 'g', 4, 64) + " %"
		case Seconds:
			return strings.TrimSuffix(strings.TrimSuffix((time.Duration(x)*time.Second).String(), "0s"), "0m")
		}
		return number(int64(math.Round(x)))
	}
	out := gateText{Value: withheld}
	if g.Value != nil {
		out.Value = template.HTML(amount(*g.Value))
	}
	var limits []string
	for _, l := range g.Limits {
		share := strconv.FormatFloat(math.Abs(l.Value)*100, 'g', 4, 64) + " %"
		switch l.Kind {
		case AtLeast:
			limits = append(limits, string(translate("at least"))+" "+amount(l.Value))
		case AtMost:
			limits = append(limits, string(translate("at most"))+" "+amount(l.Value))
		case LessBy:
			limits = append(limits, string(translate("at most"))+" "+share+" "+string(translate("less than the last night")))
		case MoreBy:
			limits = append(limits, string(translate("at most"))+" "+share+" "+string(translate("more than the last night")))
		case OpenBy:
			limits = append(limits, string(translate("at most"))+" "+share+" "+string(translate("of those open the last night")))
		}
	}
	if len(limits) == 0 {
		limits = []string{string(translate("no limit"))}
	}
	out.Limits = template.HTML(strings.Join(limits, ", "))
	return out
}
