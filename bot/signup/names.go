package signup

import (
	"slices"
	"strings"
	"unicode"
)

// The surnames of Yanbian, Korean in Hangul, and the Chinese ones with those that Koreans there carry.
const (
	surnamesKorean = "김이리박최정강조윤장임림한오서신권황안송류유전홍고문양량손배백허남심노로하곽성차주우구라나민진지엄채원천방공현함변염렴여려추도소석선설마길" +
		"연련위표명기반왕금옥육륙인맹제모탁국어은편용룡태봉계피두필범복단예팽당화감마형갈빈음사상"
	surnamesChinese = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹" +
		"孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤朴全玄池车安元南宫千洪申俞柳权禹文卞奇吉片明葛常易施乔倪颜殷温季康伍牛齐尤赖庞樊兰柴翟甘单" +
		"鲁辛管祝左符耿欧成包冷裴边初曲卜阮蓝翁游盛查焦车苗岳梅凌霍童艾褚路屈涂尚詹解邢宁关连费席时桂毕纪舒娄盖卫米储戚应班和仲隋宗巩滕佟楚牟景瞿卓冉蒲阎蔺闵丛仇原丘古伏乐迟荆鹿敖鄢"
)

var surnamesLong = []string{"남궁", "황보", "선우", "제갈", "독고", "사공", "서문", "동방", "欧阳", "司马", "诸葛", "上官", "皇甫", "尉迟", "令狐", "慕容", "司徒", "南宫", "独孤"}

// labels stand before a name.
var labels = []string{
	"姓名", "名字叫", "名字是", "名字", "我叫", "叫", "我是", "本人", "找", "이름은", "이름이", "이름", "성명", "성함", "저는", "나는", "내이름은", "명의",
}

// closings stand behind a name in Korean.
var closings = []string{
	"이라고합니다", "라고합니다", "이라고", "라고", "이구요", "구요", "이라", "입니다요", "입니다", "임니다", "입니더", "이예요", "이에요", "예요", "에요", "임다", "이고요", "이고", "이며", "드림", "올림", "이요", "님",
}

// words that are never names, though they may begin like one. Chinese ones are cut out wherever they stand.
var (
	commonChinese = longestFirst([]string{
		"联系电话", "联系方式", "电话号码", "手机号码", "微信同号", "微信号", "备用号", "手机号", "联系人", "身份证", "银行卡", "工商卡", "韩国电话", "中国电话", "韩国", "中国", "电话", "手机", "号码", "联系我", "联系", "微信", "报名了哈", "报名了",
		"我要报名", "想报名", "报名", "应聘", "岗位", "编号", "姓名", "名字", "我叫", "我是", "本人", "替我", "帮我", "给我", "我妈", "我爸", "我儿子", "我女儿", "老公", "老婆", "媳妇", "儿子", "女儿", "妈妈", "爸爸", "邻居", "朋友", "姐妹俩", "姐妹", "兄弟", "妹妹", "姐姐", "弟弟", "哥哥",
		"两个人", "一共", "三个人", "都是", "都行", "我也", "我想", "我报", "我去", "我能", "我要", "想去", "想报", "上班", "白班", "夜班", "晚班", "加班", "可以", "能不能", "能上", "谢谢", "您好", "你好", "好的", "收到", "麻烦", "请问", "请", "算我一个", "算我", "加我一个", "一个", "还招人吗", "还招", "还缺人", "还缺",
		"下周", "面试", "明天", "今天", "后天", "上午", "下午", "晚上", "什么", "怎么", "多少", "感兴趣", "想了解一下", "想了解", "了解", "一下", "会朝语", "朝语", "汉语", "韩语", "朝鲜族", "汉族", "延吉市", "延吉", "珲春", "图们", "敦化", "龙井", "和龙", "汪清", "安图", "家住", "工资", "要求", "以上", "经验", "厨师", "年龄",
		"岁", "昨天", "前天", "性别", "刚才", "写错了", "应该是", "错了", "打错", "需要", "材料", "一个月", "同报", "第二个", "第一个", "金额", "取消", "改报", "不是", "以后", "开始", "随时", "有空", "时间", "方便", "急", "地址", "学历", "高中", "初中", "大专", "本科", "文化", "没有", "有没有", "希望", "安排", "工作", "我", "你", "的", "了", "吗", "呢", "吧", "哈", "和", "跟", "与", "去", "想", "要", "报", "打", "号", "缺",
		"周末", "周一", "周二", "周三", "周四", "周五", "周六", "周日", "名额", "意向", "有意", "不通", "就行", "登记", "帮忙", "小伙子", "小时", "老板", "老人", "小区", "小孩", "老师", "房东", "闺女", "转给", "夫妻", "考虑", "再说",
		"第一志愿", "第二志愿", "志愿", "单位", "下岗", "老弟", "来了", "谢了", "留给", "位置", "简历", "合适", "失业", "吃苦", "算上", "或", "会", "能", "姓", "微", "先",
	})
	commonKorean = []string{
		"신청", "전화", "지원", "련락", "연락", "이름", "주소", "나이", "성명", "성함", "성별", "남자", "녀자", "여자", "남성", "녀성", "여성", "안녕", "공장", "나도", "저도", "우리", "이거", "이것", "신분증", "경력", "한국", "중국", "연길", "훈춘", "화룡", "도문",
		"룡정", "안도", "왕청", "돈화", "오늘", "내일", "래일", "이번", "하루", "문의", "부탁", "추가", "정정", "유지", "구인", "주방", "주야", "정규", "지금", "하고", "방문", "이력", "장기", "단기", "여기", "로임", "인원", "모두", "모집", "두명", "두사람", "한명", "한번", "위치",
		"위챗", "로동", "대학", "기술", "남편", "안해", "아내", "여동생", "녀동생", "동생", "언니", "누나", "오빠", "형님", "어머니", "아버지", "아들", "친구", "이웃", "조카", "이모", "고모", "본인", "제가", "내가", "일자리", "희망", "직종", "자세한", "자격증", "음식", "료리사", "요리사", "주부",
		"취업", "야간", "가능", "고맙", "감사", "죄송", "미안", "수고", "사장님", "관심", "아무거나", "하겠", "하고싶", "부터", "한식", "공고", "전부", "조금", "조선족", "한족", "이하", "이상", "기숙사", "식당", "홀서빙", "청소", "간병", "경비", "운전", "용접", "미용", "재봉", "포장", "같이", "대신", "전화번호", "번호", "번이", "임다", "함다", "슴다",
		"구직", "고향", "지역", "신입", "성실", "도움", "정말", "진짜", "하나", "하루종일", "사는", "사람", "이제", "이미", "이렇게", "어제", "언제", "어디", "어떻게", "얼마", "현재", "현장", "다음", "다음달", "명", "집전화", "집", "한국번호", "중국번호", "꼭", "딸이", "애가", "되면", "됩니까", "일하고", "일하", "나는", "저는", "들어갑니다", "해봤", "할수",
		"한국어", "중국어", "한어", "조선어", "모친", "부친", "컴퓨터", "주말", "주일", "사장", "강아지", "배달", "빈방", "오픈", "안됨", "여자분", "남자분", "로력", "원래", "전부터", "공장일", "주소지", "신랑", "고객", "문자", "아무때", "나머지", "방금", "조용", "어떤", "여러", "우선", "국제", "원장", "여보", "이틀", "하는", "이후", "하려", "혼자", "지원자", "신청자", "신청인", "대기자", "로인", "전기차", "기계", "시누이", "로친",
	}
)

// longestFirst orders words so that none is cut to pieces by a shorter one.
func longestFirst(words []string) []string {
	slices.SortStableFunc(words, func(a, b string) int { return len(b) - len(a) })
	return words
}

// candidate is a possible name in a stretch of text.
type candidate struct {
	name  string
	score int
	at    int // rune offset
}

// nameNear finds the likeliest name in d.runes[from:to], preferring what is near the number at offset near.
// Names of employers and posts have been taken out before.
func (d *draft) nameNear(from, to, near int) string {
	best := candidate{}
	for _, c := range d.names(from, to) {
		gap := c.at - near
		if gap < 0 {
			gap = near - c.at - len([]rune(c.name))
		}
		c.score -= min(gap, 20)
		if best.name == "" || c.score > best.score {
			best = c
		}
	}
	return best.name
}

func (d *draft) names(from, to int) []candidate {
	text := append([]rune(nil), d.runes[from:to]...)
	var all []candidate
	s := string(text)
	// Chinese: what never is a name is cut out, and what is left may be one.
	cut := s
	labelled := map[int]bool{}
	for _, l := range labels {
		for i := 0; ; {
			j := strings.Index(s[i:], l)
			if j < 0 {
				break
			}
			i += j + len(l)
			k := i
			for k < len(s) && (s[k] == ' ' || s[k] == ':') {
				k++
			}
			labelled[k] = true
		}
	}
	for _, words := range [...][]string{commonChinese, taking, labels} {
		for _, w := range words {
			cut = strings.ReplaceAll(cut, w, strings.Repeat(" ", len(w)))
		}
	}
	all = append(all, chineseNames(cut, labelled)...)
	all = append(all, koreanNames(s, labelled)...)
	if len(all) == 0 {
		all = latinName(s)
	}
	for i := range all {
		all[i].at = from + len([]rune(s[:all[i].at]))
	}
	return all
}

// chineseNames reads runs of Chinese characters in s; offsets are in bytes.
func chineseNames(s string, labelled map[int]bool) []candidate {
	var all []candidate
	runs := 0
	for i := 0; i < len(s); {
		j := i
		for j < len(s) {
			r, size := decode(s[j:])
			if !unicode.Is(unicode.Han, r) {
				break
			}
			j += size
		}
		if j == i {
			_, size := decode(s[i:])
			i += size
			continue
		}
		runs++
		word := []rune(s[i:j])
		score := 0
		switch {
		case len(word) == 1 && strings.ContainsRune(surnamesChinese, word[0]):
			// 金 哲: a surname apart from a given name of one or two; or a surname is all there is.
			given := []rune(nil)
			if rest := strings.TrimLeft(s[j:], " "); len(rest) < len(s[j:]) {
				given = hanRun(rest)
			}
			if len(given) >= 1 && len(given) <= 2 {
				all = append(all, candidate{string(word) + string(given), 52, i})
			} else {
				all = append(all, candidate{string(word), 30, i})
			}
		case addressed(word):
			score = 48
		case longSurname(word) && len(word) >= 3 && len(word) <= 4:
			score = 55
		case strings.ContainsRune("小老", word[0]) && len(word) == 2:
			score = 45
		case len(word) <= 3 && len(word) >= 2 && strings.ContainsRune(surnamesChinese, word[0]):
			score = 50
		case len(word) == 2 || len(word) == 3:
			score = 5
		}
		if labelled[i] && len(word) >= 2 && len(word) <= 4 {
			score += 60
		}
		if score > 0 {
			all = append(all, candidate{string(word), score, i})
		}
		i = j
	}
	// Without a surname a word passes for a name only when it is all there is.
	if runs > 1 {
		kept := all[:0]
		for _, c := range all {
			if c.score > 5 {
				kept = append(kept, c)
			}
		}
		all = kept
	}
	return all
}

// addressed reports 崔女士, 李姐: a surname and how one calls its bearer.
func addressed(word []rune) bool {
	return strings.ContainsRune(surnamesChinese, word[0]) && len(word) >= 2 &&
		hasSuffix(string(word[1:]), "女士", "先生", "师傅", "阿姨", "大姐", "大哥", "姐", "哥", "叔", "嫂") && len(word) <= 3
}

func hanRun(s string) []rune {
	var run []rune
	for _, r := range s {
		if !unicode.Is(unicode.Han, r) {
			break
		}
		run = append(run, r)
	}
	return run
}

func decode(s string) (rune, int) {
	for i, r := range s {
		if i == 0 {
			n := len(string(r))
			if r == unicode.ReplacementChar && !strings.HasPrefix(s, "\uFFFD") {
				n = 1
			}
			return r, n
		}
	}
	return 0, 1
}

func longSurname(word []rune) bool {
	if len(word) < 3 {
		return false
	}
	for _, l := range surnamesLong {
		if string(word[:2]) == l {
			return true
		}
	}
	return false
}

// koreanNames reads words of Hangul in s; offsets are in bytes.
func koreanNames(s string, labelled map[int]bool) []candidate {
	type word struct {
		text []rune
		at   int
		gap  string // what stands before it
	}
	var words []word
	last := 0
	for i := 0; i < len(s); {
		j := i
		var run []rune
		for j < len(s) {
			r, size := decode(s[j:])
			if r < 0xAC00 || r > 0xD7A3 {
				break
			}
			run = append(run, r)
			j += size
		}
		if j == i {
			_, size := decode(s[i:])
			i += size
			continue
		}
		words = append(words, word{run, i, s[last:i]})
		i, last = j, j
	}
	var all []candidate
	taken := -1 // the last word that belongs to a name already
	for i, w := range words {
		text, closed := closing(w.text)
		at := w.at
		// A label may be glued to the name: 이름김화, 성함은김화.
		glued := false
		for _, l := range [...]string{"이름은", "이름", "성명", "성함", "내이름은"} {
			if rest, ok := strings.CutPrefix(string(text), l); ok && len([]rune(rest)) >= 2 {
				text, at, glued = []rune(rest), at+len(l), true
				break
			}
		}
		score := 0
		switch {
		case len(text) == 1 && strings.ContainsRune(surnamesKorean, text[0]):
			given, n := []rune(nil), 0
			for k := i + 1; k < len(words) && n < 2 && strings.Trim(words[k].gap, " ") == ""; k++ {
				t, _ := closing(words[k].text)
				if len(t) > 2 || len(given)+len(t) > 2 || commonWord(t) {
					break
				}
				given, n = append(given, t...), n+1
			}
			if n > 0 {
				all = append(all, candidate{string(text) + string(given), 68, w.at})
				taken = i + n
			}
			continue
		case i <= taken:
			continue
		case commonWord(text):
			continue
		case len(text) == 4 && longSurname(text), len(text) == 3 && longSurname(text):
			score = 55
		case strings.ContainsRune("다까됨므줄면쇼며픈겠셔죠네데고에께", text[len(text)-1]):
			// No name ends like a verb.
			continue
		case len(text) >= 2 && len(text) <= 3 && strings.ContainsRune(surnamesKorean, text[0]):
			score = 50
		case len(text) == 5 && strings.HasSuffix(string(text), "아주머니"), len(text) == 4 && strings.HasSuffix(string(text), "아저씨"):
			score = 50
		case len(text) == 2 || len(text) == 3:
			score = 4
		}
		if score == 0 {
			continue
		}
		if closed {
			score += 15
		}
		if labelled[at] || glued {
			score += 40
		}
		// Between two scripts of one name, Hangul is what is kept.
		all = append(all, candidate{string(text), score + 15, at})
	}
	if len(words) > 1 {
		kept := all[:0]
		for _, c := range all {
			if c.score >= 40 {
				kept = append(kept, c)
			}
		}
		all = kept
	}
	return all
}

// closing cuts what ends a sentence with a name: 김철수입니다.
func closing(word []rune) ([]rune, bool) {
	s := string(word)
	for _, c := range closings {
		if rest, ok := strings.CutSuffix(s, c); ok && len([]rune(rest)) >= 2 {
			return []rune(rest), true
		}
	}
	if n := len(word); n == 4 && !longSurname(word) && strings.ContainsRune("는은이가도의를을", word[3]) || n == 3 && (word[2] == '는' || word[2] == '도') {
		return word[:n-1], false
	}
	return word, false
}

// commonWord reports whether the word is an ordinary one, perhaps with an ending.
func commonWord(word []rune) bool {
	s := string(word)
	for _, c := range commonKorean {
		rest, ok := strings.CutPrefix(s, c)
		if !ok {
			continue
		}
		n := len([]rune(rest))
		if n == 0 || n >= 2 || strings.ContainsAny(rest, "은는이가을를에도로와과만의요함해할하한됨된인임소오쇼일") {
			return true
		}
	}
	return false
}

// latinName reads one or two capitalised words.
func latinName(s string) []candidate {
	fields := strings.FieldsFunc(s, func(r rune) bool { return !(letter(r) || r == ' ') })
	for _, f := range fields {
		var parts []string
		for _, w := range strings.Fields(f) {
			if len(w) > 1 && w[0] >= 'A' && w[0] <= 'Z' && w[1] >= 'a' {
				parts = append(parts, w)
			}
		}
		if len(parts) > 0 && len(parts) <= 3 {
			name := strings.Join(parts, " ")
			switch strings.ToLower(name) {
			case "tel", "phone", "mobile", "wechat", "ok", "no", "hello", "hi", "thanks":
				continue
			}
			return []candidate{{name, 30, max(strings.Index(s, parts[0]), 0)}}
		}
	}
	return nil
}
