package intake

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"chunfeng/store"
)

func TestDay(t *testing.T) {
	shapes, now := newDateShapes(), today().now()
	for _, c := range []struct{ text, want, why string }{
		{"2026-03-31", "2026-03-31", "ISO"},
		{"2026年3月31日", "2026-03-31", "Chinese"},
		{"2026年3月31号前", "2026-03-31", "with a word behind"},
		{"2026년 3월 31일", "2026-03-31", "Korean"},
		{"2026.3.31", "2026-03-31", "points"},
		{"2026.3.31.", "2026-03-31", "points, as Koreans end them"},
		{"2026/3/31", "2026-03-31", "slashes"},
		{"２０２６．３．３１", "2026-03-31", "full-width"},
		{"20260331", "2026-03-31", "eight digits"},
		{"46112", "2026-03-31", "a date cell's serial number"},
		{"46112.75", "2026-03-31", "with a time of day"},
		{"2026-03-31 18:00", "2026-03-31", "with a time of day"},
		{"2026-03-31T00:00:00", "2026-03-31", "ISO with a time"},
		{"12/31/2026", "2026-12-31", "month first: there is no month 31"},
		{"31/12/2026", "2026-12-31", "day first"},
		{"3/4/2026", "", "two days are possible"},
		{"12月31日", "2026-12-31", "no year: the nearest"},
		{"3월 31일", "2027-03-31", "no year, and the spring to come is nearer"},
		{"10.31", "2026-10-31", "no year: lately past is nearer than far ahead"},
		{"2026.3.1-3.31", "2026-03-31", "the second of two days, which leaves its year out"},
		{"2026年3月1日至2026年4月30日", "2026-04-30", "the second of two days"},
		{"有效期至2026年12月31日", "2026-12-31", "words before"},
		{"长期有效", "open", "no end"},
		{"招满为止", "open", "no end"},
		{"상시채용", "open", "no end"},
		{"채용시까지", "open", "no end"},
		{"2026-02-30", "", "no such day"},
		{"2026-13-01", "", "no such month"},
		{"尽快", "", "no day"},
		{"5", "", "a small number is no date"},
	} {
		day, open, ok := shapes.day(c.text, now, false)
		got := ""
		switch {
		case open:
			got = "open"
		case ok:
			got = day.Format("2006-01-02")
			if day.Location() != now.Location() || day.Hour() != 0 {
				t.Errorf("%q is not the beginning of a day here: %s", c.text, day)
			}
		}
		if got != c.want {
			t.Errorf("%q: got %q, want %q: %s", c.text, got, c.want, c.why)
		}
	}
	if day, _, ok := shapes.day("44650", now, true); !ok || day.Format("2006-01-02") != "2026-03-31" {
		t.Errorf("counted from 1904: %s %v", day, ok)
	}
}

func TestHeads(t *testing.T) {
	digits := regexp.MustCompile(`\d{1,6}`)
	for _, c := range []struct {
		text string
		n    int
		ok   bool
		why  string
	}{
		{"5", 5, true, "a number"}, {"５名", 5, true, "full-width"}, {"3人", 3, true, "人"}, {"2명", 2, true, "명"},
		{"2-3", 3, true, "the larger"}, {"10人以上", 10, true, "at least"}, {"若干", 0, true, "several"},
		{"약간명", 0, true, "several"}, {"여러명", 0, true, "several"}, {"5.0", 5, true, "a number cell"}, {"急招", 0, false, "no number"},
	} {
		if n, ok := heads(digits, c.text); n != c.n || ok != c.ok {
			t.Errorf("%q: got %d, %v; want %d, %v: %s", c.text, n, ok, c.n, c.ok, c.why)
		}
	}
}

func TestBilingual(t *testing.T) {
	for _, c := range []struct {
		text string
		ko   bool
		want store.Both
		why  string
	}{
		{"服务员/복무원", false, store.Both{Zh: "服务员", Ko: "복무원"}, "slash"},
		{"복무원／服务员", false, store.Both{Zh: "服务员", Ko: "복무원"}, "full-width slash, Korean first"},
		{"服务员\n복무원", false, store.Both{Zh: "服务员", Ko: "복무원"}, "two lines"},
		{"服务员(복무원)", false, store.Both{Zh: "服务员", Ko: "복무원"}, "brackets"},
		{"복무원（服务员）", true, store.Both{Zh: "服务员", Ko: "복무원"}, "full-width brackets"},
		{"服务员 복무원", false, store.Both{Zh: "服务员", Ko: "복무원"}, "a space"},
		{"服务员/收银员/복무원/수금원", false, store.Both{Zh: "服务员/收银员", Ko: "복무원/수금원"}, "two posts in each language"},
		{"服务员/收银员", false, store.Both{Zh: "服务员/收银员"}, "no Korean: not split"},
		{"복무원", false, store.Both{Ko: "복무원"}, "Korean in a Chinese column"},
		{"CNC", true, store.Both{Ko: "CNC"}, "neither: the column's language"},
		{"CNC", false, store.Both{Zh: "CNC"}, "neither: Chinese"},
		{"ＣＮＣ　操作工", false, store.Both{Zh: "CNC 操作工"}, "full-width letters and space"},
		{"조선어(朝鲜语) 가능자", false, store.Both{Ko: "조선어(朝鲜语) 가능자"}, "a Chinese word in a Korean sentence"},
		{"好味\u200b馆\u0007", false, store.Both{Zh: "好味馆"}, "invisible characters"},
	} {
		if got := bilingual(c.text, c.ko); got != c.want {
			t.Errorf("%q: got %+v, want %+v: %s", c.text, got, c.want, c.why)
		}
	}
}

func TestReach(t *testing.T) {
	for _, c := range []struct {
		contact, telephone, person string
		numbers                    string
		unread, unsure             bool
		why                        string
	}{
		{"金经理", "139 0000 0017", "金经理", "[+8613900000017]", false, false, "two cells"},
		{"金经理 13900000017", "", "金经理", "[+8613900000017]", false, false, "both in the contact's cell"},
		{"", "朴女士：0433-2000018", "朴女士", "[+864332000018]", false, false, "both in the telephone's cell"},
		{"", "13900000017/0433-2000018", "", "[+8613900000017 +864332000018]", false, false, "two numbers"},
		{"", "1.3900000017E10", "", "[+8613900000017]", false, false, "a number cell"},
		{"", "2000018", "", "[+864332000018]", false, false, "local"},
		{"", "4332000018", "", "[+864332000018]", false, true, "the spreadsheet ate the first 0"},
		{"", "１３９００００００１７", "", "[+8613900000017]", false, false, "full-width"},
		{"金经理", "微信联系", "金经理", "[]", true, false, "no number"},
		{"金经理139000000", "", "", "[]", false, true, "digits that are no number do not stay in the open"},
	} {
		person, numbers, unread, unsure := reach(c.contact, c.telephone)
		var said []string
		for _, n := range numbers {
			said = append(said, n.Reveal())
		}
		if person != c.person || fmt.Sprint(said) != c.numbers || unread != c.unread || unsure != c.unsure {
			t.Errorf("%q, %q: %q %v unread %v unsure %v; want %q %v %v %v: %s",
				c.contact, c.telephone, person, said, unread, unsure, c.person, c.numbers, c.unread, c.unsure, c.why)
		}
	}
}

func TestCounty(t *testing.T) {
	for _, c := range []struct {
		cell      string
		inside    bool
		code      string
		whole, ok bool
		why       string
	}{
		{"延吉市", true, "yanji", false, true, "a name"},
		{"연길", true, "yanji", false, true, "Korean"},
		{"龙井 市", false, "longjing", false, true, "a space"},
		{"吉林省延边州汪清县大川街道", true, "wangqing", false, true, "an address"},
		{"훈춘시 신안가두", true, "hunchun", false, true, "a Korean address"},
		{"延吉市或龙井市", true, "yanji", false, true, "the first"},
		{"안도감을 주는 일터", true, "", false, false, "a word that begins like 安图"},
		{"全州", true, "", true, true, "the prefecture"},
		{"青岛市", true, "", false, false, "elsewhere"},
		{"延吉市公园街道", false, "", false, false, "a registry wants the county alone"},
	} {
		code, whole, ok := county(c.cell, c.inside)
		if code != c.code || whole != c.whole || ok != c.ok {
			t.Errorf("%q: %q %v %v; want %q %v %v: %s", c.cell, code, whole, ok, c.code, c.whole, c.ok, c.why)
		}
	}
}

func TestTags(t *testing.T) {
	for _, c := range []struct{ text, want, why string }{
		{"制造业", "[manufacturing]", "part of a name"},
		{"food", "[food]", "a code"},
		{"餐饮、物流 cafe", "[food logistics cafe]", "words and codes"},
		{"Night-Shift", "[night-shift]", "unknown: kept"},
		{"餐饮,餐饮", "[food]", "once"},
	} {
		if got := fmt.Sprint(tagList(c.text)); got != c.want {
			t.Errorf("%q: got %s, want %s: %s", c.text, got, c.want, c.why)
		}
	}
}

func TestEveryHeaderIsKnown(t *testing.T) {
	for _, list := range [][]Heading{vacancyHeadings(), GroupHeaders()} {
		d := newDictionary(list)
		for _, h := range list {
			for _, names := range [][]string{h.Zh, h.Ko, h.En} {
				for _, n := range names {
					if f, ok := d.field(n); !ok || f != h.Field {
						t.Errorf("%q is %q, want %q: a header stands under two fields", n, f, h.Field)
					}
				}
			}
		}
	}
	d := newDictionary(vacancyHeadings())
	for _, c := range []struct {
		head string
		want Field
		why  string
	}{
		{"＊ 企业名称（全称）：", Employer, "marks, brackets, full-width"},
		{"单位/단위", Employer, "two languages"},
		{"岗位\n직종", Post, "two lines"},
		{"企业名称 회사명", Employer, "two languages without a mark"},
		{"工资待遇(元/月)", PayRange, "a unit in brackets"},
		{"Contact Phone", Phone, "case and space"},
		{"县（市）", CountyField, "what is in brackets is left out"},
		{"心情", "", "unknown"},
	} {
		if f, _ := d.field(c.head); f != c.want {
			t.Errorf("%q: got %q, want %q: %s", c.head, f, c.want, c.why)
		}
	}
}

func TestExpiresIsTheEndOfTheDay(t *testing.T) {
	r, err := ReadBatch("a.csv", []byte("企业,岗位,截止日期\n纸鸢磨坊,瓦工,2026-11-22\n"), today())
	if err != nil {
		t.Fatal(err)
	}
	v := r.Items[0]
	if !v.OpenAt(today().Now) || v.OpenAt(today().Now.Add(24*time.Hour)) || v.Expires.Hour() != 0 {
		t.Errorf("expires %s", v.Expires)
	}
}
