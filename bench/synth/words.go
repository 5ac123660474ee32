package synth

import (
	"fmt"
	"strings"
	"sync"
)

// The words that values are made of. Districts, streets and institutions are invented.

var surnames = split("王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蔡蒋余于杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤")

// givens are the characters of given names; each pair (2i, 2i+1) sounds alike.
var givens = split("伟玮芳方静净丽莉强蔷磊蕾军君洋阳勇永艳燕杰洁娟鹃涛滔明铭秀绣霞侠平萍刚钢桂贵英瑛华桦玉钰红虹建健文雯辉晖梅玫鑫欣宇雨浩昊然燃佳嘉婷亭雪学志智晨辰思斯琪奇")

var (
	sexes   = []string{"女", "男"} // by parity of the sequence number
	results = []string{"阴性", "阳性", "待复核"}
	regions = []string{"东湖区", "西岭区", "南屏区", "北泽区", "青浦湾区", "白石区", "临江区", "望海区", "云溪区", "金沙区", "桃源区", "柳河区", "松原区", "碧水区", "丹霞区", "凤鸣区"}
	streets = []string{"长宁街道", "安平街道", "和顺街道", "文昌街道", "永兴街道", "太和街道", "新华街道", "春晖街道", "景山街道", "双桥街道", "广福街道", "瑞金街道", "清泉街道", "石门街道", "福田街道", "南苑街道", "天宁街道", "丰乐街道", "明德街道", "花溪街道"}
	roads   = []string{"中山北路", "人民东路", "解放大道", "建设路", "和平西路", "复兴中路", "光明路", "学府路", "滨河南路", "迎宾大道", "朝阳路", "工业园路", "湖滨路", "青年路", "花园路", "文化路", "胜利街", "团结路", "友谊路", "科技大道", "体育场路", "桂花路", "银杏大道", "梧桐路"}
)

const communities = 12 // of a street

// The codes, and the names of institutions, made when they are first used.
var (
	streetCodes    = sync.OnceValue(makeStreetCodes)
	communityCodes = sync.OnceValue(makeCommunityCodes)
	institutions   = sync.OnceValue(func() []string { return makeInstitutions(300) })
)

func makeStreetCodes() []string {
	var codes []string
	for r := range regions {
		for s := range streets {
			codes = append(codes, fmt.Sprintf("%02d%02d", r+1, s+1))
		}
	}
	return codes
}

// makeCommunityCodes gives communities codes for each of streetCodes, in its order.
func makeCommunityCodes() []string {
	var codes []string
	for _, street := range streetCodes() {
		for c := range communities {
			codes = append(codes, fmt.Sprintf("%s%03d", street, c+1))
		}
	}
	return codes
}

// makeInstitutions gives n names, n ≤ 384.
func makeInstitutions(n int) []string {
	var names []string
	for _, kind := range []string{"人民医院", "中心医院", "妇幼保健院", "疾控检测中心"} {
		for _, region := range regions {
			names = append(names, region+kind)
		}
	}
	for _, region := range regions {
		for _, street := range streets {
			names = append(names, region+strings.TrimSuffix(street, "街道")+"社区卫生服务中心")
		}
	}
	return names[:n]
}

// split gives the characters of a text.
func split(s string) []string {
	var chars []string
	for _, r := range s {
		chars = append(chars, string(r))
	}
	return chars
}
