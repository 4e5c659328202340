package signup

import "strings"

// The words that decide, in Korean as Yanbian writes it and in Chinese. They are matched in lower case, after the
// numbers and codes were taken out. A new word needs a labelled message first (examples/replies.jsonl).
var (
	// signing says that somebody wants a vacancy, whatever else is said.
	signing = []string{
		"신청", "지원합", "지원할", "지원함", "지원이", "지원하", "접수", "지원해", "등록",
		"报名", "我报", "想报", "报一个", "报个", "报一下", "报上", "应聘", "同报", "算我", "加我一个", "加一个", "把我加", "报两", "求职", "登记", "名额",
	}
	// wishing says the same less surely: it also occurs in ordinary talk.
	wishing = []string{
		"하고싶", "하고 싶", "하겠", "할게", "할래", "해보겠", "갑니다", "가겠", "부탁", "나도", "저도", "저요", "련락주", "련락 주", "연락주", "연락 주",
		"련락바", "련락 바", "연락바", "연락 바", "전화주", "전화 주", "전화쇼", "관심", "희망", "아무거나", "일자리",
		"想去", "我要", "我也", "感兴趣", "联系我", "想做", "想干", "愿意", "请联系", "想了解", "都行", "什么活", "打我", "我能", "我去", "想找", "我可以", "意向", "넣어", "올려주", "算上我",
	}
	// taking takes a sign-up back.
	taking = []string{
		"취소", "철회", "빼주", "빼 주", "삭제", "지워주", "지워 주", "안 하겠", "안하겠", "못하겠", "못 하겠", "안 갑니다", "안갑니다", "못 갑니다",
		"못갑니다", "못 가겠", "못가겠", "안 가겠", "안가겠", "포기", "빠지겠", "그만두", "없던걸로", "없던 걸로", "없던일로", "없던 일로",
		"取消", "撤销", "撤回", "退出", "不报了", "不去了", "去不了", "不想去", "不干了", "不用了", "去掉", "删除", "删掉", "放弃", "划掉", "退报", "作废", "撤了", "删一下", "删了", "让给别人",
	}
	// barely are those of taking that ordinary talk is full of: alone they say little.
	barely = []string{"안 갑니다", "안갑니다", "못 갑니다", "못갑니다", "못 가겠", "못가겠", "안 가겠", "안가겠", "去不了", "不去了", "不想去", "不用了", "不干了"}
	// kept says that a withdrawal is not meant.
	kept = []string{"취소 아니", "취소아니", "취소하지", "취소는 아니", "不取消", "没取消", "没有取消", "别取消", "不是取消"}
	// subject is what a withdrawal may be of.
	subject = []string{"신청", "지원", "명단", "번호", "전화", "이름", "报名", "名字", "名单", "电话", "号码", "手机", "应聘", "信息", "资料", "정보"}
	// opting asks for the end of the messages.
	opting = []string{
		"수신거부", "수신 거부", "退订", "退定", "拒收", "取消订阅", "取消推送", "取消接收", "取消关注", "구독취소", "구독 취소", "보내지 마", "보내지 말", "보내지마", "보내지말",
		"그만 보내", "그만보내", "그만 올려", "그만올려", "올리지 마", "올리지 말", "올리지마", "不要再发", "别发了", "不要发了", "停止发送", "别老发", "别再发",
	}
	// asking makes a question of a sentence.
	asking = []string{
		"?", "까", "나요", "는가요", "은가요", "가요", "얼마", "어디", "언제", "무슨", "뭐", "어떻게", "어떤", "몇", "되오", "있소", "알려", "자세", "주소", "궁금",
		"吗", "呢", "么", "多少", "哪", "几点", "几个", "怎么", "什么", "多大", "有没有", "行不行", "能不能", "还招", "还要", "还缺", "详细", "说说", "啥", "位置", "请问",
		"发一下", "了解", "不行", "多远", "地址", "可以不",
	}
	// paying asks about the pay when a vacancy is named beside it.
	paying = []string{"工资", "待遇", "급여", "로임", "월급", "시급"}
	// topics are what residents ask about vacancies; a question without one is a neighbour's.
	topics = []string{
		"로임", "월급", "급여", "시급", "일당", "숙식", "기숙", "숙소", "보험", "휴식", "나이", "년령", "대도 ", "대도", "남자", "녀자", "여자", "학생", "일자리", "출근", "퇴근",
		"마감", "신청", "주소", "자격", "경력", "구합", "구하", "모집", "일함", "일합", "근무", "사람 ", "지원",
		"工资", "月薪", "待遇", "包吃", "包住", "五险", "保险", "上班", "下班", "几点", "休息", "年龄", "岁的", "男的", "女的", "学生", "还招", "招人", "招工", "要人", "缺人", "岗位",
		"工作", "报名", "截止", "位置", "地址", "结算", "正规", "加班", "夜班", "学历", "一个月", "面试", "优先", "试用", "的活", "면접", "계약", "써줍", "채용",
		"연길", "훈춘", "왕청", "도문", "돈화", "룡정", "화룡", "안도", "延吉", "珲春", "汪清", "图们", "敦化", "龙井", "和龙", "安图",
	}
	// listing asks for all vacancies.
	listing = []string{"목록", "리스트", "列表", "目录", "清单", "다른 일자리", "다른 일", "别的工作", "别的岗位", "其他岗位", "其它岗位", "全部岗位", "所有岗位", "所有的工作", "全部工作", "有哪些", "都有什么", "啥活", "什么活", "일자리표", "구인표"}
	// howto asks how to sign up.
	howto = []string{"어떻게", "어디에 신청", "어디서 신청", "怎么报", "在哪报", "哪里报", "如何报", "怎样报"}
	// still asks whether a vacancy is open: the answer to a sign-up answers it.
	still = []string{"还招", "还缺", "还要人", "还要不", "招人吗", "아직 사람", "아직 구", "되면", "됩니까?되면"}
	// trade is what advertisements and the numbers of third parties come with.
	trade = []string{
		"대출", "세집", "팝니다", "팔아", "살 사람", "특가", "선착순", "비자", "수속", "상담", "구인", "이삿짐", "중고", "아빠트", "근에", "1근", "차 자리", "수리", "기사", "택배",
		"쿠팡", "새 번호", "저장", "반장님", "병원", "분실", "이리로", "환영", "보험설계", "투자", "부동산", "월세", "매매", "할인", "오픈", "과외", "배달", "빈방", "찾아주", "도와줄", "바뀌", "주문 받", "입금", "학원", "관리비",
		"贷款", "抵押", "咨询", "出售", "出租", "两室", "月租", "一斤", "卖", "送货", "拼车", "顺风车", "开锁", "疏通", "下水道", "随叫随到", "高薪", "诚聘", "招聘", "急招", "日结", "保底",
		"经理", "劳务", "代开", "发票", "代理", "月入", "加v", "中奖", "点击", "转让", "维修", "师傅电话", "物业", "派出所", "换号", "新号", "寻", "捡到", "二手",
		"投票", "http", "www.", "优惠", "团购", "包邮", "扫码", "返利", "彩票", "兼职", "免费领", "24小时", "直销", "直播", "赚钱", "家教", "到货", "海鲜", "驾校", "招生", "房东", "贴膜", "修手机", "钥匙", "丢", "新店", "开业", "特价", "批发", "他电话", "她电话", "他的电话", "她的电话",
	}
	// offering marks a post that recruits for somebody else.
	offering = []string{"诚聘", "招聘", "急招", "招服务员", "구인", "모집합니다", "모집중", "직원 구함"}
	// children stand before an age that is not the writer's.
	children = []string{"애", "아이", "딸", "아들", "손자", "손녀", "孩子", "儿子", "女儿", "小孩", "孙子", "孙女", "娃"}
	// polite is what may stand beside anything.
	polite = []string{
		"안녕하세요", "안녕하십니까", "감사합니다", "고맙습니다", "죄송합니다", "미안합니다", "미안함다", "수고하십니다", "부탁드립니다", "부탁합니다", "您好", "你好", "谢谢", "不好意思", "麻烦",
		"请问", "请", "好的", "네", "예", "저", "좀",
	}
)

func has(s string, words []string) bool { return count(s, words) > 0 }

// count returns how many of the words occur.
func count(s string, words []string) int {
	n := 0
	for _, w := range words {
		if strings.Contains(s, w) {
			n++
		}
	}
	return n
}

// without returns s without the words.
func without(s string, words []string) string {
	for _, w := range words {
		s = strings.ReplaceAll(s, w, " ")
	}
	return s
}
