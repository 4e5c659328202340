package console

import (
	"testing"
	"time"

	"chunfeng/templates/words"
)

func TestDates(t *testing.T) {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 21, 16, 30, 0, 0, time.UTC) // already the 22nd, a Sunday, in Shanghai
	for lang, want := range map[words.Lang]string{words.Chinese: "2026年11月22日 星期日", words.Korean: "2026년 11월 22일 일요일", words.English: "Sunday, 22 November 2026"} {
		d := dates{lang, func() *time.Location { return shanghai }}
		if got := d.date(at); got != want {
			t.Errorf("%s: %s, want %s", lang, got, want)
		}
		if got := d.date(&at); got != want {
			t.Errorf("%s by pointer: %s", lang, got)
		}
		for _, none := range []any{nil, time.Time{}, (*time.Time)(nil)} {
			if got := d.stamp(none); got != "–" {
				t.Errorf("%s: no moment is %q", lang, got)
			}
		}
		if got := d.clock(at); got != "00:30" {
			t.Errorf("%s: %s", lang, got)
		}
	}
}

func TestNumber(t *testing.T) {
	for in, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 2971: "2,971", 1234567: "1,234,567", -1234: "-1,234"} {
		if got := number(in); got != want {
			t.Errorf("%d: %s, want %s", in, got, want)
		}
	}
}

func TestLocal(t *testing.T) {
	for _, c := range []struct{ why, in, want string }{
		{"a page", "/log?state=unknown", "/log?state=unknown"},
		{"another site", "https://example.org/", "/"},
		{"another site, without a scheme", "//example.org/", "/"},
		{"what some browsers take for one", "/\\example.org", "/"},
		{"a script", "javascript:alert(1)", "/"},
		{"a header", "/x\r\nSet-Cookie: a=b", "/"},
		{"nothing", "", "/"},
	} {
		if got := local(c.in); got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}
