package phone_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"chunfeng/bot/phone"
)

// hit is what a case expects of one Found: the covered text, the number, and the doubt.
type hit struct {
	Covers, Number string
	Kind           phone.Kind
	Doubt          phone.Doubt
}

func hits(text string) []hit {
	var got []hit
	for _, f := range phone.Scan(text) {
		got = append(got, hit{text[f.Start:f.End], f.Number.Reveal(), f.Kind, f.Doubt})
	}
	return got
}

func TestScan(t *testing.T) {
	const kim = "+8613844331234"
	mobile := func(covers string) []hit { return []hit{{covers, kim, phone.MobileCN, ""}} }
	tests := []struct {
		why, text string
		want      []hit
	}{
		{"plain", "13844331234", mobile("13844331234")},
		{"spaces", "A017 138 4433 1234 김화", mobile("138 4433 1234")},
		{"dashes", "138-4433-1234", mobile("138-4433-1234")},
		{"dots", "138.4433.1234", mobile("138.4433.1234")},
		{"full width", "１３８４４３３１２３４", mobile("１３８４４３３１２３４")},
		{"circled", "①③⑧④④③③①②③④", mobile("①③⑧④④③③①②③④")},
		{"circled zero", "①③⑨⓪④③③①②③④", []hit{{"①③⑨⓪④③③①②③④", "+8613904331234", phone.MobileCN, ""}}},
		{"a circled bullet is no digit of the number", "①13844331234 ②13944335678", []hit{
			{"13844331234", kim, phone.MobileCN, ""}, {"13944335678", "+8613944335678", phone.MobileCN, ""}}},
		{"keycaps", "1️⃣3️⃣8️⃣4️⃣4️⃣3️⃣3️⃣1️⃣2️⃣3️⃣4️⃣", mobile("1️⃣3️⃣8️⃣4️⃣4️⃣3️⃣3️⃣1️⃣2️⃣3️⃣4️⃣")},
		{"Chinese numerals", "一三八四四三三一二三四", mobile("一三八四四三三一二三四")},
		{"yao for one", "幺三八四四三三幺二三四", mobile("幺三八四四三三幺二三四")},
		{"scripts mixed", "一三八4433一二三四", mobile("一三八4433一二三四")},
		{"Hangul numerals", "공일공 일이삼사 오육칠팔", []hit{{"공일공 일이삼사 오육칠팔", "+821012345678", phone.MobileKR, ""}}},
		{"+86", "+86 13844331234", mobile("+86 13844331234")},
		{"+86 glued", "+8613844331234", mobile("+8613844331234")},
		{"86 without a plus", "86 138 4433 1234", mobile("86 138 4433 1234")},
		{"0086", "0086-138-4433-1234", mobile("0086-138-4433-1234")},
		{"country in brackets", "（+86）138 4433 1234", mobile("（+86）138 4433 1234")},
		{"marks that a phone's address book adds", "\u202d138 4433 1234\u202c", mobile("138 4433 1234")},
		{"digit by digit", "1 3 8 4 4 3 3 1 2 3 4", mobile("1 3 8 4 4 3 3 1 2 3 4")},
		{"glued to a name behind", "13844331234张三", mobile("13844331234")},
		{"glued to a name before", "张三13844331234", mobile("13844331234")},
		{"the name's numeral is no digit", "李四13844331234", mobile("13844331234")},
		{"vacancy before", "3号 金花 138 4433 1234", mobile("138 4433 1234")},
		{"vacancy's bare number before", "17 13844331234", mobile("13844331234")},
		{"single digit before groups", "3 138 4433 1234", mobile("138 4433 1234")},
		{"vacancy behind", "13844331234 017", mobile("13844331234")},
		{"two on one line", "13844331234 13944335678", []hit{
			{"13844331234", kim, phone.MobileCN, ""}, {"13944335678", "+8613944335678", phone.MobileCN, ""}}},
		{"two grouped", "138 4433 1234, 139 4433 5678", []hit{
			{"138 4433 1234", kim, phone.MobileCN, ""}, {"139 4433 5678", "+8613944335678", phone.MobileCN, ""}}},
		{"two grouped with nothing but spaces", "138 4433 1234 139 4433 5678", []hit{
			{"138 4433 1234", kim, phone.MobileCN, ""}, {"139 4433 5678", "+8613944335678", phone.MobileCN, ""}}},
		{"two glued", "1384433123413944335678", []hit{
			{"13844331234", kim, phone.MobileCN, phone.DoubtGlued}, {"13944335678", "+8613944335678", phone.MobileCN, phone.DoubtGlued}}},
		{"split by a line break", "1384433\n1234", []hit{{"1384433\n1234", kim, phone.MobileCN, phone.DoubtSplit}}},
		{"split by emoji", "138📱4433📱1234", []hit{{"138📱4433📱1234", kim, phone.MobileCN, phone.DoubtSplit}}},
		{"code stuck to it", "A01713844331234", []hit{{"13844331234", kim, phone.MobileCN, phone.DoubtGlued}}},
		{"label stuck to it", "tel13844331234", mobile("13844331234")},
		{"full-width label", "电话：13844331234。", mobile("13844331234")},
		{"WeChat is the number", "微信同号13844331234", mobile("13844331234")},
		{"unassigned prefix", "16044331234", []hit{{"16044331234", "+8616044331234", phone.MobileCN, phone.DoubtPrefix}}},
		{"a digit missing", "报名 1384433123 张三", []hit{{"1384433123", "", phone.Unfinished, phone.DoubtMissing}}},
		{"a digit too many", "138443312345", []hit{{"138443312345", "", phone.Unfinished, phone.DoubtExtra}}},

		{"three round sums", "1500 2000 300", []hit{{"1500 2000 300", "+8615002000300", phone.MobileCN, phone.DoubtGrouping}}},
		{"nobody groups so", "15 1234 5678 9", []hit{{"15 1234 5678 9", "+8615123456789", phone.MobileCN, phone.DoubtGrouping}}},
		{"a sum of money behind is no part of it", "138 4433 1234 4500元", mobile("138 4433 1234")},
		{"four more digits behind", "138 4433 1234 4500", []hit{{"138 4433 1234", kim, phone.MobileCN, phone.DoubtTrailing}}},
		{"a range of pay before it", "4500-6000 138 4433 1234", mobile("138 4433 1234")},

		{"landline", "0433-2512345", []hit{{"0433-2512345", "+864332512345", phone.LandlineCN, ""}}},
		{"landline glued", "04332512345", []hit{{"04332512345", "+864332512345", phone.LandlineCN, ""}}},
		{"area in brackets", "(0433) 251-2345", []hit{{"(0433) 251-2345", "+864332512345", phone.LandlineCN, ""}}},
		{"area in wide brackets", "（0433）2512345", []hit{{"（0433）2512345", "+864332512345", phone.LandlineCN, ""}}},
		{"landline abroad", "+86 433 2512345", []hit{{"+86 433 2512345", "+864332512345", phone.LandlineCN, ""}}},
		{"eight digits", "0431-85123456", []hit{{"0431-85123456", "+8643185123456", phone.LandlineCN, ""}}},
		{"extension", "0433-2512345转801", []hit{{"0433-2512345转801", "+864332512345", phone.LandlineCN, ""}}},
		{"extension by dash", "0433-2512345-801 金", []hit{{"0433-2512345-801", "+864332512345", phone.LandlineCN, ""}}},
		{"Beijing by brackets", "(010)65123456", []hit{{"(010)65123456", "+861065123456", phone.LandlineCN, ""}}},
		{"Beijing by word", "北京座机 010-65123456", []hit{{"010-65123456", "+861065123456", phone.LandlineCN, ""}}},
		{"Beijing by country", "+86 10 6512 3456", []hit{{"+86 10 6512 3456", "+861065123456", phone.LandlineCN, ""}}},
		{"Beijing by guess", "01065123456", []hit{{"01065123456", "+861065123456", phone.LandlineCN, phone.DoubtBeijingOrKorea}}},
		{"local number behind a word", "电话 2512345", []hit{{"2512345", "+864332512345", phone.LandlineCN, phone.DoubtNoArea}}},
		{"hotline", "400-812-3456", []hit{{"400-812-3456", "+864008123456", phone.HotlineCN, ""}}},

		{"Korean mobile", "010-1234-5678", []hit{{"010-1234-5678", "+821012345678", phone.MobileKR, ""}}},
		{"Korean mobile, glued, Korean text", "김화 01023456789", []hit{{"01023456789", "+821023456789", phone.MobileKR, ""}}},
		{"+82 10", "+82 10 1234 5678", []hit{{"+82 10 1234 5678", "+821012345678", phone.MobileKR, ""}}},
		{"+82 010", "+82-010-1234-5678", []hit{{"+82-010-1234-5678", "+821012345678", phone.MobileKR, ""}}},
		{"82 without a plus", "821012345678", []hit{{"821012345678", "+821012345678", phone.MobileKR, ""}}},
		{"Korean landline", "02-312-4567", []hit{{"02-312-4567", "+8223124567", phone.LandlineKR, ""}}},
		{"Japan", "+81 90 1234 5678", []hit{{"+81 90 1234 5678", "+819012345678", phone.Foreign, phone.DoubtForeign}}},

		{"ID card", "222401199001011239", nil},
		{"ID card with X", "22240119900101123X", nil},
		{"ID card in groups: its end would be a mobile", "222401 1990 0101 123X", nil},
		{"bank card", "6222021384433123456", nil},
		{"bank card in groups: its end would be a mobile", "6217 0018 1384 4331 234", nil},
		{"salary", "4500-6000元", nil},
		{"won", "시급 13844331234원", nil},
		{"date", "2026-11-22", nil},
		{"date in words", "11月22日 11월 22일", nil},
		{"time", "08:30-17:30", nil},
		{"date and time", "2026-11-22 08:30", nil},
		{"QQ", "QQ:1384433123", nil},
		{"QQ of eleven digits", "QQ 13844331234", nil},
		{"order", "订单号 13844331234", nil},
		{"WeChat id", "wxid_13844331234", nil},
		{"WeChat id with letters behind", "wxid_a13844331234b", nil},
		{"e-mail", "13844331234@qq.com", nil},
		{"masked already", "138****1234", nil},
		{"codes", "A017 A018 B003", nil},
		{"seven digits alone", "2512345", nil},
		{"ages and salaries", "18-45岁 4500-6000 12-14", nil},
		{"a mention of someone whose nickname is a number", "@13844331234 好的", nil},
		{"a link", "https://a.example.com/13844331234", nil},
		{"chatter with numerals", "一二三四五六七八九十", nil},
		{"Korean chatter with numerals", "이 일은 사오십 일이나 구이일", nil},
		{"empty", "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, hits(tt.text)); diff != "" {
				t.Errorf("Scan(%q) (-want +got):\n%s", tt.text, diff)
			}
		})
	}
}
