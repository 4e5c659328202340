package intake

import (
	"testing"

	"chunfeng/store"
)

func TestPay(t *testing.T) {
	shapes := newPayShapes()
	for _, c := range []struct {
		text     string
		header   string
		min, max int
		unit     store.PayUnit
		strange  strangePay
		why      string
	}{
		{"4500-6000", "工资", 4500, 6000, store.PayMonth, payFine, "a bare range in the thousands is a month's"},
		{"4500～6000元/月", "", 4500, 6000, store.PayMonth, payFine, "full-width tilde"},
		{"４５００－６０００", "", 4500, 6000, store.PayMonth, payFine, "full-width digits and hyphen"},
		{"4,500-6,000元", "", 4500, 6000, store.PayMonth, payFine, "thousands separators"},
		{"5000", "", 5000, 5000, store.PayMonth, payFine, "one number is both ends"},
		{"5000.0", "", 5000, 5000, store.PayMonth, payFine, "a number cell written with a fraction"},
		{"4.5E3", "", 4500, 4500, store.PayMonth, payFine, "a number cell in scientific form"},
		{"4000元-6000元/月", "", 4000, 6000, store.PayMonth, payFine, "the coin stands twice"},
		{"4000至6000", "", 4000, 6000, store.PayMonth, payFine, "至"},
		{"4000에서 6000원", "", 4000, 6000, store.PayMonth, payFine, "에서"},
		{"4-6千/月", "", 4000, 6000, store.PayMonth, payFine, "the thousand holds for both"},
		{"5k-8k", "", 5000, 8000, store.PayMonth, payFine, "k"},
		{"월 4천~6천원", "", 4000, 6000, store.PayMonth, payFine, "천"},
		{"0.4-0.6万", "", 4000, 6000, store.PayMonth, payFine, "fractions of 10,000"},
		{"월급 1만2천", "", 12000, 12000, store.PayMonth, payFine, "two units in one amount"},
		{"1万2-1万5", "月薪", 12000, 15000, store.PayMonth, payFine, "the thousand is left unsaid, twice"},
		{"1만 2000원/월", "", 12000, 12000, store.PayMonth, payFine, "the rest in full"},
		{"1.2万/年", "", 12000, 12000, store.PayYear, payFine, "a year"},
		{"8-12万/年", "", 80000, 120000, store.PayYear, payFine, "a year's range"},
		{"年薪10万", "", 100000, 100000, store.PayYear, payFine, "年薪"},
		{"년봉 10만원", "", 100000, 100000, store.PayYear, payFine, "년봉"},
		{"月薪5千以上", "", 5000, 0, store.PayMonth, payFine, "以上 has no upper end"},
		{"5000元起", "", 5000, 0, store.PayMonth, payFine, "起"},
		{"월 5000원 이상", "", 5000, 0, store.PayMonth, payFine, "이상"},
		{"3500+提成", "", 3500, 0, store.PayMonth, payFine, "a base and a share"},
		{"底薪3000+绩效", "", 3000, 0, store.PayMonth, payFine, "底薪"},
		{"不低于4000元", "", 4000, 0, store.PayMonth, payFine, "不低于"},
		{"最高8000", "", 0, 8000, store.PayMonth, payFine, "最高 has no lower end"},
		{"6000以内", "", 0, 6000, store.PayMonth, payFine, "以内"},
		{"日薪180", "", 180, 180, store.PayDay, payFine, "日薪"},
		{"180-220元/天", "", 180, 220, store.PayDay, payFine, "/天"},
		{"일당 200원", "", 200, 200, store.PayDay, payFine, "일당"},
		{"200", "日薪(元)", 200, 200, store.PayDay, payFine, "the header gives the unit"},
		{"180元/天，月结", "", 180, 180, store.PayDay, payFine, "paid out monthly is not a month's pay"},
		{"시급 18원", "", 18, 18, store.PayHour, payFine, "시급"},
		{"18元/小时", "", 18, 18, store.PayHour, payFine, "/小时"},
		{"18.5元/小时", "", 18, 18, store.PayHour, payFine, "whole yuan, rounded down"},
		{"时薪20-25元", "", 20, 25, store.PayHour, payFine, "时薪"},
		{"18", "시급", 18, 18, store.PayHour, payFine, "the header gives the unit"},
		{"计件 4000-7000/月", "", 4000, 7000, store.PayMonth, payFine, "a month's pay by the piece is a month's"},
		{"计件，每件3元", "", 3, 3, store.PayPiece, payFine, "by the piece"},
		{"4000-6000，每天8小时", "", 4000, 6000, store.PayMonth, payFine, "hours are not pay"},
		{"8小时 4000元/月", "", 4000, 4000, store.PayMonth, payFine, "hours stand first"},
		{"试用期3000，转正4000-5000", "", 3000, 3000, store.PayMonth, payFine, "the first amount counts; the text keeps the rest"},
		{"面议", "", 0, 0, "", payFine, "negotiable"},
		{"工资面谈", "", 0, 0, "", payFine, "negotiable"},
		{"면담 후 결정", "", 0, 0, "", payFine, "negotiable"},
		{"협의", "", 0, 0, "", payFine, "negotiable"},
		{"180", "工资", 180, 180, "", payNoUnit, "a day's or an hour's?"},
		{"45000", "工资", 45000, 45000, store.PayMonth, payFine, "high, but it may be"},
		{"450000", "", 450000, 450000, store.PayMonth, payUnusual, "a digit too many"},
		{"450-6000/月", "", 450, 6000, store.PayMonth, payUnusual, "a digit too few"},
		{"6000-4500", "", 6000, 4500, "", payBackwards, "ends exchanged"},
		{"优厚", "", 0, 0, "", payUnreadable, "no number"},
		{"0件", "", 0, 0, "", payUnreadable, "nothing a piece is no pay"},
		{"0.5元/件", "", 0, 0, "", payUnreadable, "less than a yuan would be shown as nothing; the text is kept"},
		{"0元，面议", "", 0, 0, "", payFine, "negotiable"},
		{"13900000018", "", 0, 0, "", payUnreadable, "a telephone number in the wrong column"},
		{"99999999999999999999", "", 0, 0, "", payUnreadable, "no pay"},
	} {
		got, strange := shapes.read(c.text, unitIn(headUnit(c.header)), 1)
		if got.Min != c.min || got.Max != c.max || got.Unit != c.unit || strange != c.strange {
			t.Errorf("%q under %q: %d to %d a %q, %q; want %d to %d a %q, %q: %s",
				c.text, c.header, got.Min, got.Max, got.Unit, strange, c.min, c.max, c.unit, c.strange, c.why)
		}
		if got.Negotiable != (c.why == "negotiable") {
			t.Errorf("%q: negotiable is %v", c.text, got.Negotiable)
		}
	}
	if got, _ := shapes.read("4-6", "", 1000); got.Min != 4000 || got.Max != 6000 {
		t.Errorf("under 工资(千元) 4-6 is %d to %d", got.Min, got.Max)
	}
}

func TestBetween(t *testing.T) {
	for _, c := range []struct{ low, high, want, why string }{
		{"4000", "6000", "4000-6000", "two numbers"},
		{"180元/天", "220", "180-220元/天", "the unit stands in the first"},
		{"25元/小时", "25", "25元/小时", "the same number twice"},
		{"面议", "", "面议", "no number"},
		{"4000-5000", "6000", "4000-5000", "the first column holds a range of its own"},
	} {
		if got := between(c.low, c.high); got != c.want {
			t.Errorf("%q and %q: got %q, want %q: %s", c.low, c.high, got, c.want, c.why)
		}
	}
}
