package intake

import (
	"fmt"
	"strings"
	"testing"

	"chunfeng/examples"
	"chunfeng/store"
	"chunfeng/templates/words"
)

func vac(employer, post string, low, high int) store.Vacancy {
	return store.Vacancy{Employer: bilingual(employer, false), Post: bilingual(post, false), Pay: store.Pay{Min: low, Max: high, Unit: store.PayMonth}}
}

func TestDuplicates(t *testing.T) {
	base := vac("延吉市云朵1号食品有限公司", "操作工", 4000, 5000)
	in := func(v store.Vacancy, county string) store.Vacancy { v.County = county; return v }
	yearly := vac("云朵石磨馆", "厨师", 60000, 60000)
	yearly.Pay.Unit = store.PayYear
	for _, c := range []struct {
		a, b store.Vacancy
		same bool
		why  string
	}{
		{base, base, true, "the same"},
		{base, vac("延吉云朵１号食品有限责任公司", "操作员", 4000, 5000), true, "city's rank, full-width digit, company's form, 工 and 员"},
		{base, vac("吉林省延吉市云朵一号 食品公司", "操 作 工", 4000, 5000), true, "province, numeral, spaces"},
		{base, vac("延吉市云朵2号食品有限公司", "操作工", 4000, 5000), false, "another firm"},
		{base, vac("延吉市云朵1号食品有限公司", "包装工", 4000, 5000), false, "another post"},
		{base, vac("延吉市云朵1号食品有限公司", "操作工", 6000, 7000), false, "other pay"},
		{base, vac("延吉市云朵1号食品有限公司", "操作工", 0, 0), true, "one is negotiable"},
		{in(base, "yanji"), in(base, "tumen"), false, "two counties"},
		{in(base, "yanji"), base, true, "one says no county"},
		{vac("云朵石磨馆", "厨师", 5000, 5000), yearly, true, "a year's pay is twelve months'"},
		{vac("云朵石磨馆/구름송이매돌관", "厨师/료리사", 1, 1), vac("구름송이매돌관", "료리사", 1, 1), true, "one in both languages, one in Korean"},
		{vac("구름송이매돌관", "료리사", 1, 1), vac("구름송이 매돌관", "료리사", 1, 1), true, "both in Korean"},
		{vac("有限公司", "店员", 1, 1), vac("公司", "店员", 1, 1), false, "a name that is all ending keeps it"},
	} {
		if got := len(Duplicates([]store.Vacancy{c.a, c.b}, nil)) == 1; got != c.same {
			t.Errorf("within: %+v and %+v: %v: %s", c.a.Employer, c.b.Employer, got, c.why)
		}
		pairs := Duplicates([]store.Vacancy{c.b}, []store.Vacancy{c.a})
		if got := len(pairs) == 1 && pairs[0].Known; got != c.same {
			t.Errorf("across: %+v and %+v: %v: %s", c.a.Employer, c.b.Employer, got, c.why)
		}
	}
}

// Six employers stand in both of the shipped seasons, three of them with one post as it was.
func TestDuplicatesAcrossShippedBatches(t *testing.T) {
	first := read(t, examples.Batch1, shipped(t, examples.Batch1))
	second := read(t, examples.Batch2, shipped(t, examples.Batch2))
	for i := range first.Items {
		first.Items[i].Code = fmt.Sprintf("A%03d", i+1)
	}
	pairs := Duplicates(second.Items, first.Items)
	if len(pairs) < 3 {
		t.Fatalf("%d pairs, want three or more", len(pairs))
	}
	for _, p := range pairs {
		if !p.Known || employerKey(p.A.Employer.Zh) != employerKey(p.B.Employer.Zh) {
			t.Errorf("%+v", p)
		}
		if s := p.In(words.Chinese); !strings.HasPrefix(s, "A") || !strings.Contains(s, p.B.Employer.Zh) {
			t.Errorf("said as %q", s)
		}
	}
}

// Ten thousand vacancies that are all alike, and ten thousand of one employer that all differ, are the worst cases.
func BenchmarkDuplicates(b *testing.B) {
	alike, unlike, various := make([]store.Vacancy, MaxRows), make([]store.Vacancy, MaxRows), make([]store.Vacancy, MaxRows)
	for i := range alike {
		alike[i] = vac("云朵石磨馆", "厨师", 5000, 6000)
		unlike[i] = vac("云朵石磨馆", "厨师", 5000+i, 6000+i)
		various[i] = vac(fmt.Sprintf("云朵%d馆", i), "厨师", 5000, 6000)
	}
	for _, c := range []struct {
		name  string
		items []store.Vacancy
	}{{"alike", alike}, {"one-employer", unlike}, {"various", various}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				Duplicates(c.items, nil)
			}
		})
	}
}
