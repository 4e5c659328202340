package poster

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"chunfeng/templates"
)

var update = flag.Bool("update", false, "write the golden pictures anew; then look at them")

// picture decodes a page.
func picture(t testing.TB, p Page) *image.Paletted {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(p.PNG))
	if err != nil {
		t.Fatal(err)
	}
	return img.(*image.Paletted)
}

// TestGolden compares pixels, not bytes: another version of the compressor may pack the same picture otherwise.
func TestGolden(t *testing.T) {
	url := "https://jiuye.example.cn/p/2026-012"
	few := example(6)
	few.Total, few.Employers = 6, 4
	for _, c := range []struct {
		name string
		data templates.Data
		o    Options
	}{
		{"ko", few, Options{Language: templates.Korean, URL: url}},
		{"zh", example(9), Options{Language: templates.Chinese, URL: url}},
		{"both", few, Options{Language: templates.Both, URL: url}},
		{"pages", example(14), Options{Language: templates.Both}},
	} {
		pages, err := Draw(c.data, c.o)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for i, p := range pages {
			file := filepath.Join("testdata", fmt.Sprintf("%s-%d.png", c.name, i+1))
			if *update {
				if err := os.WriteFile(file, p.PNG, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want, got := picture(t, Page{PNG: b}), picture(t, p)
			if want.Rect != got.Rect {
				t.Errorf("%s is %v and comes out as %v", file, want.Rect, got.Rect)
				continue
			}
			differ := 0
			for y := range got.Rect.Max.Y {
				for x := range got.Rect.Max.X {
					if got.At(x, y) != want.At(x, y) {
						differ++
					}
				}
			}
			if differ > 0 {
				t.Errorf("%s: %d pixels differ", file, differ)
			}
		}
		if extra := filepath.Join("testdata", fmt.Sprintf("%s-%d.png", c.name, len(pages)+1)); exists(extra) {
			t.Errorf("%s is a page more than there are", extra)
		}
	}
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// example invents a batch: two languages and one, pay of every sort, details long and short.
func example(n int) templates.Data {
	posts := []templates.Text{
		{Ko: "복무원", Zh: "服务员"}, {Ko: "료리사", Zh: "厨师"}, {Ko: "포장공", Zh: "包装工"}, {Ko: "바리스타", Zh: "咖啡师"},
		{Ko: "랭동창고 관리 및 출하 담당자", Zh: "冷链仓储管理兼出货负责人"}, {Zh: "数控操作工"},
	}
	employers := []templates.Text{
		{Ko: "봄언덕식당", Zh: "春坡餐厅"}, {Ko: "해란물결식품유한회사", Zh: "海兰浪花食品有限公司"}, {Zh: "北山脚下咖啡馆"},
		{Ko: "참새골방직공장", Zh: "雀谷纺织厂"},
	}
	places := []templates.Text{
		{Ko: "하남가두", Zh: "河南街道"}, {}, {Ko: "연길시 조양천진", Zh: "延吉市朝阳川镇"}, {Zh: "工业集中区"},
	}
	pays := []templates.Pay{
		{Min: 4500, Max: 6000, Unit: "month"}, {Negotiable: true, Text: "面议"}, {Min: 180, Max: 180, Unit: "day"},
		{Min: 18, Unit: "hour"}, {Max: 9000, Unit: "month"}, {Text: "底薪3000+提成"}, {Min: 60000, Max: 80000, Unit: "year"},
	}
	counties := []string{"yanji", "", "yanji", "longjing"}
	d := templates.Data{
		Bureau: templates.Text{Ko: "연변주로동취업봉사국", Zh: "延边州劳动就业服务局"},
		County: "yanji", Total: 167, Employers: 94, Date: templates.Date{Year: 2026, Month: 11, Day: 22},
	}
	for i := range n {
		v := templates.Vacancy{
			Code: fmt.Sprintf("A%03d", i+1), Post: posts[i%len(posts)], Employer: employers[i%len(employers)],
			Headcount: i % 5, Pay: pays[i%len(pays)], County: counties[i%len(counties)], Place: places[i%len(places)],
		}
		if i%3 == 0 {
			v.Hours = templates.Text{Ko: "09:00-18:00, 주 1일 휴식", Zh: "09:00-18:00，每周休息1天"}
			v.Requirements = templates.Text{Ko: "년령 18~45세, 건강증 소지자, 조선어와 한어로 손님과 이야기할수 있는 사람", Zh: "18-45岁，持健康证，能用朝鲜语和汉语与顾客交流"}
		}
		if i%2 == 0 {
			v.Benefits = templates.Text{Ko: "숙식 제공, 사회보험", Zh: "包吃住，缴社保"}
		}
		d.Vacancies = append(d.Vacancies, v)
	}
	return d
}

// BenchmarkDraw draws posters of one page and of many.
func BenchmarkDraw(b *testing.B) {
	for _, n := range []int{8, 60} {
		for _, language := range []string{templates.Korean, templates.Both} {
			b.Run(fmt.Sprintf("vacancies=%d/%s", n, language), func(b *testing.B) {
				d := example(n)
				pages, bytes := 0, 0
				for b.Loop() {
					all, err := Draw(d, Options{Language: language, URL: "https://jiuye.example.cn/p/2026-012"})
					if err != nil {
						b.Fatal(err)
					}
					pages, bytes = len(all), 0
					for _, p := range all {
						bytes += len(p.PNG)
					}
				}
				b.ReportMetric(float64(pages), "pages")
				b.ReportMetric(float64(bytes)/float64(pages), "bytes/page")
				b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N)/float64(pages), "ms/page")
			})
		}
	}
}
