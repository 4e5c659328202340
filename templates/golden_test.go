package templates

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew; then read them")

// set answers the built-in templates.
func set(t testing.TB) *Set {
	t.Helper()
	s, err := Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// golden compares a text with its file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s differs (-want +got):\n%s", file, d)
	}
}

// told writes parts as a golden file holds them.
func told(parts []Part) string {
	var b strings.Builder
	for i, p := range parts {
		fmt.Fprintf(&b, "--- %d: %d units, %s\n%s\n", i+1, p.Length, strings.Join(p.Codes, " "), p.Text)
	}
	return b.String()
}

func TestGoldenDigest(t *testing.T) {
	s := set(t)
	for _, language := range []string{Korean, Chinese, Both} {
		few := example(4)
		few.Total, few.Employers = 4, 4
		for _, c := range []struct {
			name string
			data Data
			l    Limits
		}{
			{"all-told", few, Limits{}},
			{"1-part", example(60), Limits{}},
			{"3-parts", example(60), Limits{Parts: 3}},
			{"short", example(12), Limits{Length: 420}},
		} {
			parts, err := s.Digest("digest", language, c.data, c.l)
			if err != nil {
				t.Errorf("%s %s: %v", c.name, language, err)
				continue
			}
			golden(t, "digest-"+c.name+"-"+language, told(parts))
		}
		parts, err := s.List(language, example(60), Limits{})
		if err != nil {
			t.Error(err)
		}
		golden(t, "list-"+language, told(parts))
	}
}

func TestGoldenAnswers(t *testing.T) {
	s := set(t)
	one := Person{Name: "김금화", Phone: "138****5678", Codes: []string{"A001", "A004"}}
	two := Person{Name: "李春花", Phone: "139****0021"}
	for _, language := range []string{Korean, Chinese, Both} {
		d := example(8)
		var b strings.Builder
		say := func(name, text string, err error) {
			if err != nil {
				t.Errorf("%s %s: %v", name, language, err)
			}
			fmt.Fprintf(&b, "--- %s: %d units\n%s\n", name, Length(text), text)
		}
		text, err := s.Acknowledge(language, d, one)
		say("acknowledge", text, err)
		text, err = s.Acknowledge(language, Data{}, Person{})
		say("acknowledge, nothing known", text, err)
		parts, err := s.AcknowledgeMany(language, d, []Person{one, two}, Limits{})
		for _, p := range parts {
			say("acknowledge many", p.Text, err)
		}
		text, err = s.Vacancy(language, d, d.Vacancies[0], Limits{})
		say("vacancy", text, err)
		text, err = s.Withdrawn(language, d, one)
		say("withdrawn", text, err)
		text, err = s.OptedOut(language, d)
		say("opted out", text, err)
		text, err = s.NoneFound(language, d, []string{"A099"})
		say("none found, a code", text, err)
		text, err = s.NoneFound(language, d, nil)
		say("none found, a list", text, err)
		text, err = s.AskNumber(language, d, one)
		say("ask number", text, err)
		golden(t, "answers-"+language, b.String())
	}
}

// example invents a batch: every fourth vacancy in another county, some texts in one language only, pay of every sort.
func example(n int) Data {
	posts := []Text{
		{"복무원", "服务员"}, {"료리사", "厨师"}, {"포장공", "包装工"}, {"바리스타", "咖啡师"}, {"창고관리원", "仓库管理员"}, {"", "数控操作工"},
	}
	employers := []Text{
		{"봄언덕식당", "春坡餐厅"}, {"해란물결식품유한회사", "海兰浪花食品有限公司"}, {"", "北山脚下咖啡馆"}, {"참새골방직공장", "雀谷纺织厂"},
	}
	places := []Text{
		{"하남가두", "河南街道"}, {"", ""}, {"연길시 조양천진", "延吉市朝阳川镇"}, {"", "工业集中区"},
	}
	pays := []Pay{
		{Min: 4500, Max: 6000, Unit: "month"}, {Negotiable: true, Text: "面议"}, {Min: 180, Max: 180, Unit: "day"},
		{Min: 18, Unit: "hour"}, {Max: 9000, Unit: "month"}, {Text: "底薪3000+提成"}, {Min: 60000, Max: 80000, Unit: "year"},
	}
	counties := []string{"yanji", "", "yanji", "longjing"}
	d := Data{County: "yanji", Total: 167, Employers: 94, Kept: 180, Date: Date{2026, 11, 22}}
	for i := range n {
		v := Vacancy{
			Code: fmt.Sprintf("A%03d", i+1), Post: posts[i%len(posts)], Employer: employers[i%len(employers)],
			Headcount: i % 5, Pay: pays[i%len(pays)], County: counties[i%len(counties)], Place: places[i%len(places)],
			Until: Date{2026, 12, 31},
		}
		if i%3 == 0 {
			v.Hours = Text{"09:00-18:00", "09:00-18:00"}
			v.Requirements = Text{"년령 18~45세, 건강증", "18-45岁，有健康证"}
		}
		if i%2 == 0 {
			v.Benefits = Text{"숙식 제공, 사회보험", "包吃住，缴社保"}
		}
		d.Vacancies = append(d.Vacancies, v)
	}
	return d
}
