package api

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chunfeng/store"
)

func TestParseDays(t *testing.T) {
	rest := func(date, zh, ko string) store.Day {
		return store.Day{Date: date, Rest: true, Name: store.Both{Zh: zh, Ko: ko}}
	}
	for _, c := range []struct {
		why, text string
		want      []store.Day
		faults    map[int]string // by line, the key
	}{
		{"the notice's own form", "2027-02-05 rest 春节", []store.Day{rest("2027-02-05", "春节", "")}, nil},
		{"a span, both names, the Korean one first", "2027-02-05..2027-02-06 rest 음력설 / 春节", []store.Day{rest("2027-02-05", "春节", "음력설"), rest("2027-02-06", "春节", "음력설")}, nil},
		{"as a clerk writes it", "\uFEFF# 2027\r\n\r\n2027年2月14日 上班 调休\r\n2027년 3월 8일 휴식 3.8절\r\n", []store.Day{{Date: "2027-02-14", Name: store.Both{Zh: "调休"}}, rest("2027-03-08", "", "3.8절")}, nil},
		{"from a table, with and without a name", "2027-1-1\t休\t元旦\n2027/1/2,rest", []store.Day{rest("2027-01-01", "元旦", ""), rest("2027-01-02", "", "")}, nil},
		{"a Chinese span", "2027年10月1日至2027年10月2日休 国庆节", []store.Day{rest("2027-10-01", "国庆节", ""), rest("2027-10-02", "国庆节", "")}, nil},
		{"a Korean span", "2027년 10월 1일부터 2027년 10월 2일까지 휴식 국경절", []store.Day{rest("2027-10-01", "", "국경절"), rest("2027-10-02", "", "국경절")}, nil},
		{"every line that is wrong is told", "2027-02-05 rest\n춘절\n2027-02-30 rest\n2027-02-06\n2027-02-07 maybe\n2027-02-09..2027-02-08 rest\n2027-01-01..2027-12-31 rest\n2027-02-05 work\n2027-02-051 rest\n2027-03-01 rest " + strings.Repeat("春", 40), nil,
			map[int]string{2: "api.day_no_date", 3: "api.day_no_date", 4: "api.day_kind", 5: "api.day_kind", 6: "api.day_span", 7: "api.day_span", 8: "api.day_twice", 9: "api.day_no_date", 10: "api.day_name"}},
		{"years are slips of the pen", "0227-02-05 rest\n2199-01-01 rest", nil, map[int]string{1: "api.day_no_date", 2: "api.day_no_date"}},
		{"a character that moves the cursor", "2027-02-05 rest a\x1b[2Jb", nil, map[int]string{1: "api.day_name"}},
		{"nothing", "\n# nothing\n", nil, map[int]string{1: "api.no_days"}},
		{"a season", strings.ReplaceAll("2027-01-01..2027-02-28 rest\n2028-01-01..2028-02-28 rest\n2029-01-01..2029-02-28 rest\n2030-01-01..2030-02-28 rest\n2031-01-01..2031-02-28 rest\n2032-01-01..2032-02-28 rest\n2033-01-01..2033-02-28 rest", "x", ""), nil, map[int]string{7: "api.days_many"}},
	} {
		days, faults := parseDays(c.text)
		var got []store.Day
		for _, d := range days {
			got = append(got, d.Day)
		}
		said := map[int]string{}
		for n, f := range faults {
			said[n] = f.Key
		}
		if c.faults == nil {
			c.faults = map[int]string{}
		}
		if d := cmp.Diff(c.faults, said); d != "" {
			t.Errorf("%s: %s", c.why, d)
		}
		if d := cmp.Diff(c.want, got); d != "" && c.want != nil {
			t.Errorf("%s: %s", c.why, d)
		}
	}
}

// FuzzParseDays holds that whatever is pasted becomes days that the ledger takes, or is refused.
func FuzzParseDays(f *testing.F) {
	for _, seed := range []string{"2027-02-05 rest 春节", "2027-02-05..2027-02-12 rest 음력설 / 春节", "2027年2月14日 上班", "2027.2.5~2027.2.6,휴식", "x\n2027-02-05 rest \xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		days, faults := parseDays(text)
		if len(days) == 0 && len(faults) == 0 || len(days) > mostListed {
			t.Fatalf("%d days, %d faults", len(days), len(faults))
		}
		for i, d := range days {
			at, err := time.Parse(time.DateOnly, d.Date)
			if err != nil || at.Year() < 2000 || at.Year() > 2099 || len(d.Name.Zh) > mostNameSize || i > 0 && d.Date <= days[i-1].Date {
				t.Fatalf("%+v", d)
			}
		}
	})
}

func TestSetAndRemoveDays(t *testing.T) {
	a := newAPI(t)
	set := func(text string, check bool) (DayListed, *Problem) {
		return told[DayListed](t, a, admin, "POST", "/v1/days", DayList{Text: text, Check: check})
	}
	if got, p := set("2027-02-05 rest 春节\n2027-02-31 rest", true); p != nil || len(got.Days) != 1 || got.Faults["2"] == "" {
		t.Errorf("%+v %+v", got, p)
	}
	if _, p := set("2027-02-05 rest 春节\n2027-02-31 rest", false); p == nil || p.Status() != 400 || p.Fields["2"] == "" || !strings.HasPrefix(p.Text, "line 2: ") {
		t.Errorf("%+v", p)
	}
	if all, err := a.store.Days(); err != nil || len(all) != 0 {
		t.Error("a list with a fault is kept in part:", all, err)
	}
	if _, p := set("2027-02-05..2027-02-07 rest 春节\n2027-02-14 work 调休", false); p != nil {
		t.Fatal(p)
	}
	if got, p := set("2027-02-05 work", true); p != nil || got.Days[0].Was == nil || !got.Days[0].Was.Rest {
		t.Errorf("%+v %+v", got, p)
	}
	for _, c := range []struct {
		why   string
		dates []string
		kind  int
	}{
		{"none", nil, 400}, {"no date", []string{"soon"}, 400}, {"more than a date", []string{"2027-02-05 rest"}, 400},
		{"one of them is not there: all or none", []string{"2027-02-05..2027-02-08"}, 404},
	} {
		if _, p := told[[]store.Day](t, a, admin, "POST", "/v1/days/remove", DaysRemoval{Dates: c.dates}); p == nil || p.Status() != c.kind {
			t.Errorf("%s: %+v", c.why, p)
		}
	}
	if left, p := told[[]store.Day](t, a, admin, "POST", "/v1/days/remove", DaysRemoval{Dates: []string{"2027-02-05..2027-02-07"}}); p != nil || len(left) != 1 || left[0].Date != "2027-02-14" {
		t.Errorf("%+v %+v", left, p)
	}
}
