package signup_test

import (
	"slices"
	"strings"
	"testing"

	"chunfeng/bot/phone"
	"chunfeng/bot/signup"
)

func text(s string) signup.Inbound { return signup.Inbound{Sort: signup.TextSort, Text: s} }

// TestToldDecides holds what the labelled file cannot: one message, read in groups that were told different things.
func TestToldDecides(t *testing.T) {
	two := signup.Told{Vacancies: []signup.ToldVacancy{{Code: "B017", Listed: true}, {Code: "B018", Listed: true}, {Code: "A017"}, {Code: "A090", Listed: true}}}
	one := signup.Told{Vacancies: []signup.ToldVacancy{{Code: "B017", Listed: true}, {Code: "B018"}}}
	tests := []struct {
		why, text string
		told      signup.Told
		codes     []string
		review    signup.Review
		intent    signup.Intent
	}{
		{"a bare number is the newest batch's", "17번 김화 13844331234", two, []string{"B017"}, "", signup.Signup},
		{"or an older one's that alone has it", "90번 김화 13844331234", two, []string{"A090"}, "", signup.Signup},
		{"a code in full is what it says", "A017 김화 13844331234", two, []string{"A017"}, "", signup.Signup},
		{"no code, and several were listed", "김화 13844331234", two, nil, "", signup.Signup},
		{"no code, and one was listed", "김화 13844331234", one, []string{"B017"}, "", signup.Signup},
		{"an unknown code is not replaced by the only one", "A017 김화 13844331234", one, nil, signup.ReviewUnknownCode, signup.Signup},
		{"nothing told, but words of signing up", "신청 김화 13844331234", signup.Told{}, nil, signup.ReviewNothingTold, signup.Signup},
		{"nothing told: a number is talk", "김화 13844331234", signup.Told{}, nil, "", signup.Noise},
		{"nothing told: a question is a neighbour's", "로임이 얼마임까?", signup.Told{}, nil, "", signup.Noise},
		{"nothing told, yet the list may be asked for", "목록", signup.Told{}, nil, "", signup.Question},
	}
	for _, tt := range tests {
		got := signup.Interpret(text(tt.text), tt.told)
		if got.Intent != tt.intent || got.Review != tt.review || !slices.Equal(got.Vacancies, tt.codes) {
			t.Errorf("%s: %q gives %v %q %v", tt.why, tt.text, got.Intent, got.Review, got.Vacancies)
		}
	}
}

// TestLongMessages holds that no number is thrown away because it stands where a long message is not read.
func TestLongMessages(t *testing.T) {
	employer, err := phone.Parse("0433-2512345")
	if err != nil {
		t.Fatal(err)
	}
	told := signup.Told{Vacancies: []signup.ToldVacancy{{Code: "A017", Listed: true, Phones: []phone.Number{employer}}}}
	talk := strings.Repeat("어제 본 드라마가 재미있었다 ", 2000)
	for _, c := range []struct {
		why, text string
		intent    signup.Intent
		review    signup.Review
		people    int
	}{
		{"what is at the beginning is read", "报名 A017 김화 13844331234\n" + talk, signup.Signup, "", 1},
		{"what is at the end is read: people paste a notice and write below it", talk + "\n报名 A017 김화 13844331234", signup.Signup, "", 1},
		{"what is in the middle is for a person", talk + "\n报名 A017 김화 13844331234\n" + talk, signup.Noise, signup.ReviewLong, 0},
		{"one is read, another stands in the middle", "报名 A017 김화 13844331234\n" + talk + "13844335678" + talk, signup.Signup, signup.ReviewLong, 1},
		{"who gives no number where it is read is not asked for one", "报名 A017\n" + talk + "13844335678" + talk, signup.Signup, signup.ReviewLong, 0},
		{"the employer's own number is nobody's sign-up", talk + "문의 0433-2512345 " + talk, signup.Noise, "", 0},
		{"the same number again says nothing new", "报名 A017 김화 13844331234\n" + talk + "13844331234" + talk, signup.Signup, "", 1},
		{"an advertisement stays one", "急招 服务员 出售 出租 代办贷款\n" + talk + "13844335678" + talk, signup.Noise, "", 0},
		{"talk stays talk", talk, signup.Noise, "", 0},
		{"a thousand codes and more hide nothing", strings.Repeat("A1 ", 1100) + "13844331234", signup.Noise, signup.ReviewLong, 0},
	} {
		got := signup.Interpret(text(c.text), told)
		if got.Intent != c.intent || got.Review != c.review || c.people > 0 && len(got.People) != c.people {
			t.Errorf("%s: %v %q with %d people", c.why, got.Intent, got.Review, len(got.People))
		}
	}
}

func TestTopic(t *testing.T) {
	told := toldA(t)
	for _, tt := range []struct {
		why, text string
		want      signup.Topic
	}{
		{"the word that the notice gives", "목록", signup.TopicList},
		{"the word that the notice gives", "列表", signup.TopicList},
		{"a code alone", "A017", signup.TopicVacancy},
		{"a question about a code", "17号工资多少", signup.TopicVacancy},
		{"how to sign up", "怎么报名？", signup.TopicHow},
		{"what the machine cannot answer", "숙식 제공됩니까?", signup.TopicOther},
	} {
		if got := signup.Interpret(text(tt.text), told); got.Intent != signup.Question || got.Topic != tt.want {
			t.Errorf("%s: %q gives %v %v", tt.why, tt.text, got.Intent, got.Topic)
		}
	}
}

// TestCodes holds what is a vacancy's number and what is a house, a bus or a day.
func TestCodes(t *testing.T) {
	told := toldA(t)
	for _, tt := range []struct {
		why, text string
		want      []string
	}{
		{"a code", "A017", []string{"A017"}},
		{"its short form, in lower case", "a17", []string{"A017"}},
		{"full width", "Ａ０１７", []string{"A017"}},
		{"two codes glued together", "A017A018", []string{"A017", "A018"}},
		{"번, with and without a blank", "17번, 18 번", []string{"A017", "A018"}},
		{"one counter for both", "17,18번", []string{"A017", "A018"}},
		{"号", "17号", []string{"A017"}},
		{"a label and no counter", "编号17", []string{"A017"}},
		{"an ordinal", "第17个", []string{"A017"}},
		{"named twice", "A017 17번", []string{"A017"}},
		{"a building", "17号楼", nil},
		{"a flat", "17호 집", nil},
		{"a day of a month", "12月17号", nil},
		{"today", "今天17号", nil},
		{"a bus in Korean", "17번 뻐스", nil},
		{"a bus in Chinese", "17路", nil},
		{"an age", "17살", nil},
		{"a sum", "17元", nil},
		{"part of a word", "MA017", nil},
		{"part of an id", "x_A017", nil},
		{"part of a longer number", "A0170000", nil},
		{"a driving licence", "驾照A2", nil},
	} {
		// With a number behind it, what is no vacancy's is still a sign-up, bound to nothing.
		got := signup.Interpret(text("신청 김화 13844331234 / "+tt.text), told)
		if len(got.People) != 1 || !slices.Equal(got.People[0].Vacancies, tt.want) {
			t.Errorf("%s: %q gives %v", tt.why, tt.text, got.People)
		}
	}
}

// TestReview holds one message a reason, so that each key means what it says.
func TestReview(t *testing.T) {
	told := toldA(t)
	quoting := func(s, quoted string) signup.Inbound {
		m := text(s)
		m.Quote = &signup.Quote{By: "춘풍", Text: quoted}
		return m
	}
	for _, tt := range []struct {
		m      signup.Inbound
		intent signup.Intent
		people int
		want   signup.Review
	}{
		{text("A017 13844331201 13844331202 13844331203 13844331204"), signup.Signup, 4, signup.ReviewManyNumbers},
		{text("A017 신청 13844331234 대출 상담"), signup.Signup, 1, signup.ReviewAdvert},
		{text("A018 취소하고 A017 신청 13844331234"), signup.Signup, 1, signup.ReviewMixed},
		{text("A017 138 443 312 34 김화"), signup.Signup, 1, signup.ReviewDoubtful},
		{text("A017 1384433123 김화"), signup.Signup, 0, signup.ReviewUnfinished},
		{text("C999 13844331234 김화"), signup.Signup, 1, signup.ReviewUnknownCode},
		{quoting("13844331234 김화", "A017, A018"), signup.Signup, 1, signup.ReviewSeveral},
		{quoting("13844331234 김화", "A017"), signup.Signup, 1, ""},
		{text("A017 13844331234 김화 로임이 얼마임까?"), signup.Signup, 1, signup.ReviewAlsoAsks},
		{text("A017 신청합니다"), signup.Signup, 0, signup.ReviewNoNumber},
		{text("13844331234 아까 말한 그 집 할머니가 쓰던 것"), signup.Noise, 0, signup.ReviewNoWords},
		{text("A017 거기 괜찮습디다"), signup.Noise, 0, signup.ReviewTalk},
		{text("일이 생겨서 못 갑니다"), signup.Withdrawal, 0, signup.ReviewWhichUnclear},
		{text("저는 13살 A017 13844331234"), signup.Noise, 0, signup.ReviewMinor},
		{text("저는 14살 A017 13844331234"), signup.Signup, 1, ""},
		{text("A017 13844331234 \ue405 김화"), signup.Signup, 1, ""}, // what looks like a mark is blanked
	} {
		if got := signup.Interpret(tt.m, told); got.Intent != tt.intent || got.Review != tt.want || len(got.People) != tt.people {
			t.Errorf("%q: %v %q %v, want %v %q", tt.m.Text, got.Intent, got.Review, got.People, tt.intent, tt.want)
		}
	}
}

// TestNotRead holds what is never read, whatever it says.
func TestNotRead(t *testing.T) {
	told := toldA(t)
	const words = "A017 신청 김화 13844331234"
	for _, tt := range []struct {
		why string
		m   signup.Inbound
	}{
		{"what this account wrote", signup.Inbound{IsSelf: true, Sort: signup.TextSort, Text: words}},
		{"a system notice", signup.Inbound{Sort: signup.SystemSort, Text: words}},
		{"a picture", signup.Inbound{Text: words}},
	} {
		if got := signup.Interpret(tt.m, told); got.Intent != signup.Noise || got.Review != "" {
			t.Errorf("%s: %+v", tt.why, got)
		}
	}
}

// TestEmployerNumber holds that an employer's own number signs nobody up, in any spelling.
func TestEmployerNumber(t *testing.T) {
	n, err := phone.Parse("13944338888")
	if err != nil {
		t.Fatal(err)
	}
	told := signup.Told{Vacancies: []signup.ToldVacancy{{Code: "A017", Phones: []phone.Number{n}}}}
	for _, s := range []string{"A017 신청 13944338888", "报名 +86 139-4433-8888", "１３９４４３３８８８８"} {
		if got := signup.Interpret(text(s), told); len(got.People) > 0 {
			t.Errorf("%q signs up %v", s, got.People)
		}
	}
	if got := signup.Interpret(text("A017 신청 13944338889"), told); len(got.People) != 1 {
		t.Errorf("a number beside it: %+v", got)
	}
}

func BenchmarkInterpret(b *testing.B) {
	told, all := toldA(b), load(b)
	b.ReportAllocs()
	for b.Loop() {
		for _, l := range all {
			signup.Interpret(text(l.Text), told)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(all)), "ns/msg")
}
