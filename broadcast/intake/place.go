package intake

import (
	"strings"

	"chunfeng/templates/place"

	"golang.org/x/text/unicode/norm"
)

// county finds the county that a cell names. inside allows it to be part of an address. whole is a cell that means the
// prefecture as a whole.
func county(cell string, inside bool) (code string, whole, ok bool) {
	s := strings.Join(strings.Fields(norm.NFKC.String(clean(cell))), "")
	if c, found := place.Find(s); found {
		return c.Code, false, true
	}
	for _, w := range []string{"延边", "延边州", "延边朝鲜族自治州", "全州", "州内", "州直", "연변", "연변주", "연변조선족자치주", "전주", "주내", "yanbian"} {
		if strings.EqualFold(s, w) {
			return "", true, true
		}
	}
	if !inside {
		return "", false, false
	}
	first := len(s)
	for _, c := range place.All() {
		// A short Korean name can be part of another word (안도감), so an address must give the rank with it.
		for _, n := range []string{c.Zh, c.KoFull} {
			if i := strings.Index(s, n); i >= 0 && i < first {
				first, code = i, c.Code
			}
		}
	}
	return code, false, code != ""
}

// tagWords are the codes that vacancies and groups share, each with the words that mean it. A word of two letters or
// more is also found inside an industry's name (食品制造业).
func tagWords() []struct {
	code  string
	words []string
} {
	type row = struct {
		code  string
		words []string
	}
	return []row{
		{"manufacturing", []string{"制造", "加工", "生产", "工厂", "제조", "가공", "생산", "공장"}},
		{"cafe", []string{"咖啡", "甜品", "奶茶", "茶饮", "烘焙", "커피", "카페", "디저트", "제빵"}},
		{"food", []string{"餐饮", "餐厅", "饭店", "美食", "烤肉", "冷面", "料理", "음식", "료식", "요식", "식당", "랭면", "음식점"}},
		{"retail", []string{"零售", "商贸", "超市", "销售", "商业", "批发", "소매", "상업", "판매", "마트", "슈퍼"}},
		{"logistics", []string{"物流", "快递", "运输", "仓储", "물류", "운수", "택배", "운송"}},
		{"driving", []string{"驾驶", "司机", "운전", "기사"}},
		{"construction", []string{"建筑", "装修", "工程", "装饰", "건축", "건설", "인테리어", "공사"}},
		{"care", []string{"家政", "养老", "护理", "母婴", "月嫂", "가정봉사", "양로", "간호", "돌봄"}},
		{"cleaning", []string{"保洁", "物业", "环卫", "청소", "주택관리", "미화"}},
		{"security", []string{"保安", "安保", "보안", "경비"}},
		{"tourism", []string{"旅游", "酒店", "宾馆", "民宿", "旅行", "관광", "호텔", "려행", "여행", "민박"}},
		{"farming", []string{"农业", "农林", "种植", "养殖", "合作社", "农村", "농업", "농림", "재배", "사육", "합작사"}},
		{"forestry", []string{"林业", "林场", "木材", "림업", "임업", "림장"}},
		{"office", []string{"办公", "文职", "行政", "文员", "사무", "행정"}},
		{"education", []string{"教育", "培训", "学校", "교육", "양성", "학교"}},
		{"it", []string{"软件", "互联网", "信息技术", "电商", "소프트웨어", "인터넷", "정보기술"}},
		{"medical", []string{"医疗", "医院", "卫生", "药", "의료", "병원", "위생"}},
	}
}

// tagsIn finds the codes that a text speaks of, in the order of the table.
func tagsIn(text string) []string {
	s := strings.ToLower(norm.NFKC.String(text))
	var out []string
	for _, t := range tagWords() {
		if s == t.code {
			return []string{t.code}
		}
		for _, w := range t.words {
			if strings.Contains(s, w) {
				out = append(out, t.code)
				break
			}
		}
	}
	return out
}

// tagList reads a column of tags: codes or words, parted by spaces, commas or slashes. What is not known stays as it
// is, in lower case.
func tagList(cell string) []string {
	var out []string
	seen := map[string]bool{}
	for _, w := range strings.FieldsFunc(strings.ToLower(norm.NFKC.String(clean(cell))), func(r rune) bool {
		return r <= ' ' || strings.ContainsRune(",;/|、·", r)
	}) {
		codes := tagsIn(w)
		if len(codes) == 0 {
			codes = []string{w}
		}
		for _, c := range codes {
			if !seen[c] && len(c) <= 64 && len(out) < 32 {
				seen[c] = true
				out = append(out, c)
			}
		}
	}
	return out
}
