package main

// county is one of the eight counties and cities, with as many groups as its share of the registry.
type county struct {
	code, prefix string // prefix: of its groups' codes
	zh, ko       string
	groups       int
	korean       int // of a hundred groups, how many read Korean only
	both         int // and how many read both
	places       []township
}

// township is a street, town or township. Those with streets are towns' centres; the registry calls their groups urban.
type township struct {
	zh, ko string
	urban  bool
	weight int
}

// counties lists the streets, towns and townships of the prefecture by the statistical division codes of 2023
// (222401–222426). Forestry bureaus, farms and development zones, which also have such codes, are left out.
// The Korean readings are Yanbian's.
func counties() []county {
	return []county{
		{"yanji", "YJ", "延吉市", "연길시", 744, 24, 44, []township{
			{"进学街道", "진학가두", true, 9}, {"北山街道", "북산가두", true, 10}, {"新兴街道", "신흥가두", true, 10},
			{"公园街道", "공원가두", true, 10}, {"河南街道", "하남가두", true, 10}, {"建工街道", "건공가두", true, 9},
			{"小营镇", "소영진", false, 4}, {"依兰镇", "의란진", false, 3}, {"三道湾镇", "삼도만진", false, 2}, {"朝阳川镇", "조양천진", false, 5}}},
		{"dunhua", "DH", "敦化市", "돈화시", 495, 2, 12, []township{
			{"渤海街道", "발해가두", true, 9}, {"胜利街道", "승리가두", true, 9}, {"民主街道", "민주가두", true, 9}, {"丹江街道", "단강가두", true, 8},
			{"大石头镇", "대석두진", false, 4}, {"黄泥河镇", "황니하진", false, 4}, {"官地镇", "관지진", false, 3}, {"沙河沿镇", "사하연진", false, 2},
			{"秋梨沟镇", "추리구진", false, 2}, {"额穆镇", "액목진", false, 2}, {"贤儒镇", "현유진", false, 2}, {"大蒲柴河镇", "대포시하진", false, 2},
			{"雁鸣湖镇", "안명호진", false, 2}, {"江源镇", "강원진", false, 2}, {"江南镇", "강남진", false, 3}, {"大桥乡", "대교향", false, 2},
			{"黑石乡", "흑석향", false, 2}, {"青沟子乡", "청구자향", false, 1}, {"翰章乡", "한장향", false, 1}, {"红石乡", "홍석향", false, 1}}},
		{"hunchun", "HC", "珲春市", "훈춘시", 372, 20, 40, []township{
			{"靖和街道", "정화가두", true, 8}, {"新安街道", "신안가두", true, 8}, {"河南街道", "하남가두", true, 7}, {"海东街道", "해동가두", true, 4},
			{"近海街道", "근해가두", true, 6}, {"春化镇", "춘화진", false, 2}, {"敬信镇", "경신진", false, 2}, {"板石镇", "판석진", false, 2},
			{"英安镇", "영안진", false, 4}, {"马川子乡", "마천자향", false, 2}, {"杨泡满族乡", "양포만족향", false, 2}, {"三家子满族乡", "삼가자만족향", false, 2},
			{"密江乡", "밀강향", false, 1}, {"哈达门乡", "하다문향", false, 2}}},
		{"tumen", "TM", "图们市", "도문시", 198, 34, 44, []township{
			{"向上街道", "향상가두", true, 7}, {"新华街道", "신화가두", true, 7}, {"月宫街道", "월궁가두", true, 6},
			{"月晴镇", "월청진", false, 3}, {"石岘镇", "석현진", false, 4}, {"长安镇", "장안진", false, 3}, {"凉水镇", "량수진", false, 2}}},
		{"longjing", "LJ", "龙井市", "룡정시", 285, 40, 40, []township{
			{"安民街道", "안민가두", true, 8}, {"龙门街道", "룡문가두", true, 7}, {"梨园街道", "리원가두", true, 3},
			{"开山屯镇", "개산툰진", false, 4}, {"老头沟镇", "로두구진", false, 4}, {"三合镇", "삼합진", false, 2}, {"东盛涌镇", "동성용진", false, 4},
			{"智新镇", "지신진", false, 3}, {"德新乡", "덕신향", false, 2}, {"白金乡", "백금향", false, 1}}},
		{"helong", "HL", "和龙市", "화룡시", 285, 32, 38, []township{
			{"民慧街道", "민혜가두", true, 7}, {"光明街道", "광명가두", true, 7}, {"文化街道", "문화가두", true, 6},
			{"八家子镇", "팔가자진", false, 4}, {"福洞镇", "복동진", false, 2}, {"头道镇", "두도진", false, 4}, {"西城镇", "서성진", false, 3},
			{"南坪镇", "남평진", false, 2}, {"东城镇", "동성진", false, 3}, {"崇善镇", "숭선진", false, 2}, {"龙城镇", "룡성진", false, 3}}},
		{"wangqing", "WQ", "汪清县", "왕청현", 320, 14, 32, []township{
			{"大川街道", "대천가두", true, 7}, {"新民街道", "신민가두", true, 6}, {"长荣街道", "장영가두", true, 6},
			{"汪清镇", "왕청진", false, 5}, {"大兴沟镇", "대흥구진", false, 4}, {"天桥岭镇", "천교령진", false, 4}, {"罗子沟镇", "라자구진", false, 3},
			{"百草沟镇", "백초구진", false, 3}, {"春阳镇", "춘양진", false, 2}, {"复兴镇", "복흥진", false, 2}, {"东光镇", "동광진", false, 2}, {"鸡冠乡", "계관향", false, 1}}},
		{"antu", "AT", "安图县", "안도현", 272, 10, 28, []township{
			{"长兴街道", "장흥가두", true, 6}, {"瓮声街道", "옹성가두", true, 5}, {"九龙街道", "구룡가두", true, 5},
			{"明月镇", "명월진", false, 5}, {"松江镇", "송강진", false, 4}, {"二道白河镇", "이도백하진", false, 5}, {"两江镇", "량강진", false, 3},
			{"石门镇", "석문진", false, 3}, {"万宝镇", "만보진", false, 3}, {"亮兵镇", "량병진", false, 2}, {"新合乡", "신합향", false, 2}, {"永庆乡", "영경향", false, 1}}},
	}
}
