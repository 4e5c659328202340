package templates

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestLength(t *testing.T) {
	for s, want := range map[string]int{"": 0, "abc": 3, "연길": 2, "延吉市": 3, "😀": 2, "a\nb": 3, "\xff": 1} {
		if got := Length(s); got != want {
			t.Errorf("Length(%q) = %d, want %d", s, got, want)
		}
	}
}

func TestLine(t *testing.T) {
	for _, c := range []struct{ in, want, why string }{
		{"봄언덕 식당", "봄언덕 식당", "nothing to do"},
		{"  봄언덕  식당 ", "봄언덕 식당", "spaces"},
		{"1.会韩语\r\n2.能吃苦", "1.会韩语 2.能吃苦", "a cell of two lines"},
		{"春坡\u3000餐厅\t", "春坡 餐厅", "a wide space and a tab"},
		{"春\u202e坡\u2066餐\u200b厅\ufeff", "春坡餐厅", "direction marks and invisible ones"},
		{"a\x00b\x1b[31mc\x7f", "ab[31mc", "controls"},
		{"a\u2028b\u2029c\u0085d", "a b c d", "other line breaks"},
		{"a\xffb\xc3", "ab", "broken bytes"},
		{"{{.Wrong}} <b>&amp;", "{{.Wrong}} <b>&amp;", "text stays text"},
		{"👨\u200d🍳", "👨\u200d🍳", "one emoji of two"},
	} {
		if got := line(c.in); got != c.want {
			t.Errorf("line(%q) = %q, want %q: %s", c.in, got, c.want, c.why)
		}
	}
}

func TestTidy(t *testing.T) {
	if got := tidy("\n\na  \n\n\n\nb\n \nc\n"); got != "a\n\nb\n\nc" {
		t.Errorf("%q", got)
	}
}

func TestPay(t *testing.T) {
	for _, c := range []struct {
		pay          Pay
		ko, zh, both string
	}{
		{Pay{Min: 4500, Max: 6000, Unit: "month"}, "월 4500~6000원", "4500-6000元/月", "월(月) 4500~6000원(元)"},
		{Pay{Min: 6000, Max: 4500, Unit: "month"}, "월 4500~6000원", "4500-6000元/月", "월(月) 4500~6000원(元)"},
		{Pay{Min: 180, Max: 180, Unit: "day"}, "일당 180원", "180元/天", "일당(天) 180원(元)"},
		{Pay{Min: 18, Unit: "hour"}, "시간당 18원 이상", "18元/小时起", "시간당(小时) 18원(元) 이상(起)"},
		{Pay{Max: 80000, Unit: "year"}, "년 80000원 이하", "最高80000元/年", "년(年) 80000원(元) 이하(以内)"},
		{Pay{Min: 2, Max: 3, Unit: "piece"}, "건당 2~3원", "2-3元/件", "건당(件) 2~3원(元)"},
		{Pay{Min: 3000, Max: 3000}, "3000원", "3000元", "3000원(元)"},
		{Pay{Negotiable: true, Text: "面议"}, "면담 결정", "面议", "면담 결정 面议"},
		{Pay{Negotiable: true, Min: 3000, Max: 3000}, "3000원", "3000元", "3000원(元)"},
		{Pay{Text: "底薪+提成"}, "底薪+提成", "底薪+提成", "底薪+提成"},
		{Pay{Min: -5}, "면담 결정", "面议", "면담 결정 面议"},
	} {
		for language, want := range map[string]string{Korean: c.ko, Chinese: c.zh, Both: c.both} {
			if got := c.pay.in(language); got != want {
				t.Errorf("%+v in %s: %q, want %q", c.pay, language, got, want)
			}
		}
	}
}

func TestPlace(t *testing.T) {
	here := Text{Ko: "하남가두", Zh: "河南街道"}
	for _, c := range []struct {
		v              Vacancy
		home, ko, both string
		why            string
	}{
		{Vacancy{County: "yanji", Place: here}, "yanji", "하남가두", "하남가두 河南街道", "the group's own county goes without saying"},
		{Vacancy{County: "yanji", Place: here}, "tumen", "연길 하남가두", "연길 하남가두 延吉河南街道", "another's does not"},
		{Vacancy{County: "yanji"}, "yanji", "연길", "연길 延吉", "no place: the county"},
		{Vacancy{County: "longjing", Place: Text{Ko: "룡정시 안민가두"}}, "yanji", "룡정시 안민가두", "룡정시 안민가두", "it is named already"},
		{Vacancy{County: "antu", Place: Text{Zh: "二道白河镇"}}, "", "安图二道白河镇", "安图二道白河镇", "one language only"},
		{Vacancy{Place: here}, "yanji", "하남가두", "하남가두 河南街道", "no county"},
	} {
		for language, want := range map[string]string{Korean: c.ko, Both: c.both} {
			if f, _ := c.v.fields(language, c.home, whole); f.Place != want {
				t.Errorf("%s: %q, want %q", c.why, f.Place, want)
			}
		}
	}
}

func TestHideDigits(t *testing.T) {
	for in, want := range map[string]string{
		"138****5678":      "138****5678",
		"010-****-5678":    "010-****-5678",
		"0433-***4567":     "0433-***4567",
		"13844331234":      "138******34",
		"김금화 13844331234":  "김금화 138******34",
		"138 4433 1234":    "138 **** **34",
		"+82 10-1234-5678": "+82 1*-****-**78",
		"１３８４４３３１２３４":      "１３８******３４",
		"A017":             "A017",
		"리춘화 3":            "리춘화 3",
	} {
		if got := hideDigits(in); got != want {
			t.Errorf("hideDigits(%q) = %q, want %q", in, got, want)
		}
	}
}

// FuzzHostile puts foreign text into every field and holds the texts to what residents may be shown.
func FuzzHostile(f *testing.F) {
	for _, s := range []string{
		"春坡餐厅", "{{.Wrong}}{{template \"ko\"}}", "a\r\n\r\nb\u2028c", "\x00\x1b[2J", "\u202e렵\u2066", "13844331234",
		strings.Repeat("가", 5000), "\xff\xfe", "👨\u200d🍳", "A002 가짜\nA003 가짜", "\u202e", "%s%d%!", "<br/>&lt;",
	} {
		f.Add(s, 0)
		f.Add(s, 2)
	}
	s, err := Load(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, foreign string, which int) {
		language := []string{Korean, Chinese, Both}[uint(which)%3]
		d := example(3)
		text := Text{foreign, foreign}
		d.Bureau, d.Batch = Text{"주취업봉사국", ""}, foreign
		d.Vacancies[1].Post, d.Vacancies[1].Hours, d.Vacancies[1].Benefits = text, text, text
		d.Vacancies[1].Employer, d.Vacancies[1].Place, d.Vacancies[1].Pay = text, text, Pay{Text: foreign}
		var texts []string
		parts, err := s.Digest(digest, language, d, Limits{})
		if err == nil {
			for _, p := range parts {
				texts = append(texts, p.Text)
				// Three vacancies of five lines and an empty one, and what stands around them.
				if n := strings.Count(p.Text, "\n"); n > 3*6+9 {
					t.Errorf("a foreign text made %d lines:\n%s", n, p.Text)
				}
			}
		} else if Length(foreign) < 100 {
			t.Errorf("refused: %v", err)
		}
		ack, err := s.Acknowledge(language, d, Person{Name: foreign, Phone: "13844331234", Codes: []string{foreign}})
		if err == nil {
			texts = append(texts, ack)
			if strings.Contains(ack, "13844331234") {
				t.Errorf("the number in full:\n%s", ack)
			}
		}
		for _, said := range texts {
			if !utf8.ValidString(said) || Length(said) > MaxLength {
				t.Errorf("%d units, valid %v", Length(said), utf8.ValidString(said))
			}
			for _, r := range said {
				if r != '\n' && unicode.IsControl(r) || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
					t.Errorf("%U in %q", r, said)
				}
			}
		}
	})
}
