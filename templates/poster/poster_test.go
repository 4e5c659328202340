package poster

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"chunfeng/templates"
	"chunfeng/templates/words"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
	"rsc.io/qr"
)

var languages = []string{templates.Korean, templates.Chinese, templates.Both}

type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

// wholePages holds pages to the package's promise for vacancies: each once, in order, and nothing in the margin.
func wholePages(t fataler, d templates.Data, o Options, pages []Page, decode func(Page) *image.Paletted) {
	t.Helper()
	var told, want []string
	for i, p := range pages {
		if len(p.Codes) == 0 {
			t.Fatalf("page %d has no vacancy", i+1)
		}
		told = append(told, p.Codes...)
		img := decode(p)
		width, most := max(o.Width, MinWidth), max(o.Height, scaled(useHeight, max(o.Width, MinWidth)))
		if img.Rect.Dx() != width || img.Rect.Dy() > most {
			t.Fatalf("page %d is %v, the most is %d × %d", i+1, img.Rect, width, most)
		}
		inMargin(t, img, scaled(margin, width))
	}
	for _, v := range d.Vacancies {
		want = append(want, v.Code)
	}
	if o.Pages > 0 {
		if len(pages) > o.Pages {
			t.Fatalf("%d pages, at most %d were wanted", len(pages), o.Pages)
		}
		want = want[:min(len(told), len(want))]
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Fatalf("vacancies on the pages (-want +got):\n%s", diff)
	}
}

// inMargin holds that each row of pixels is of one colour as far as the margin goes.
func inMargin(t fataler, img *image.Paletted, m int) {
	t.Helper()
	w, h := img.Rect.Dx(), img.Rect.Dy()
	for y := range h {
		for x := range m {
			if img.ColorIndexAt(x, y) != img.ColorIndexAt(0, y) || img.ColorIndexAt(w-1-x, y) != img.ColorIndexAt(0, y) {
				t.Fatalf("row %d has something in the margin", y)
			}
		}
	}
	for x := range w {
		for y := range m - 2 { // the band's letters may rise a little above their lines
			if img.ColorIndexAt(x, y) != img.ColorIndexAt(0, 0) || img.ColorIndexAt(x, h-1-y) != img.ColorIndexAt(0, h-1) {
				t.Fatalf("column %d has something in the margin above or below", x)
			}
		}
	}
}

func TestManyVacancies(t *testing.T) {
	for _, language := range languages {
		d, o := example(200), Options{Language: language, URL: "https://jiuye.example.cn/p/2026-012"}
		pages, err := Draw(d, o)
		if err != nil {
			t.Fatal(err)
		}
		wholePages(t, d, o, pages, func(p Page) *image.Paletted { return picture(t, p) })
		if first, last := len(pages[0].Codes), len(pages[len(pages)-1].Codes); last*3 < first {
			t.Errorf("%s: the last page has %d vacancies where the first has %d", language, last, first)
		}
	}
}

// TestFewPages bounds the pages: they hold as many of the first vacancies as can be, and say how many are not on them.
func TestFewPages(t *testing.T) {
	for _, language := range languages {
		for most := 1; most <= 3; most++ {
			d, o := example(60), Options{Language: language, URL: "https://jiuye.example.cn/p/2026-012", Pages: most}
			pages, err := Draw(d, o)
			if err != nil {
				t.Fatal(err)
			}
			if len(pages) != most {
				t.Errorf("%s: %d pages of 60 vacancies, want %d", language, len(pages), most)
			}
			wholePages(t, d, o, pages, func(p Page) *image.Paletted { return picture(t, p) })
			told := 0
			for _, p := range pages {
				told += len(p.Codes)
			}
			more := d
			more.Vacancies = d.Vacancies[:told+1]
			o.Pages = 0
			if all, err := Draw(more, o); err != nil || len(all) <= most {
				t.Errorf("%s: %d vacancies were told where %d fit on %d pages, %v", language, told, told+1, len(all), err)
			}
		}
		few, o := example(3), Options{Language: language, Pages: 2}
		bounded, err := Draw(few, o)
		o.Pages = 0
		free, err2 := Draw(few, o)
		if err != nil || err2 != nil || !cmp.Equal(bounded, free) {
			t.Errorf("%s: a bound that is not reached changes the poster: %v %v", language, err, err2)
		}
	}
}

// TestSaysWhatIsNotOnIt reads what a bounded poster says of its counts, before it is drawn.
func TestSaysWhatIsNotOnIt(t *testing.T) {
	d := example(60)
	d.Total = 60
	l, err := lay(d, Options{Language: templates.Chinese, Pages: 1})
	if err != nil {
		t.Fatal(err)
	}
	told := len(l.codes(0))
	foot, err := l.layFoot("A001")
	if err != nil {
		t.Fatal(err)
	}
	said := ""
	for _, line := range foot.lines {
		said += line.text
	}
	if want := fmt.Sprintf("其余%d个岗位", 60-told); told == 0 || !strings.Contains(said, want) {
		t.Errorf("%d of 60 are on the poster, and it says %q, want %q", told, said, want)
	}
}

func TestMissing(t *testing.T) {
	d := example(3)
	d.Vacancies[1].Employer.Zh = "王喆食品厂"
	d.Vacancies[2].Post.Zh, d.Vacancies[2].Post.Ko = "厨师😀", ""
	got, err := Missing(d, templates.Chinese)
	if want := (Gaps{{'喆', "A002", "employer"}, {'😀', "A003", "post"}}); err != nil || !cmp.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if got, err := Missing(d, "fr"); err == nil {
		t.Errorf("no such language, and still %v", got)
	}
}

// TestAnything draws texts of any sort and length, and accepts a page that holds the promise or a refusal that says why.
func TestAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := func(name string, most int) templates.Text {
			s := rapid.StringOfN(rapid.SampledFrom([]rune("가나다라마 연길 招聘岗位，：/-(12345)ABjgW·★①")), 0, most, -1)
			return templates.Text{Ko: s.Draw(t, name), Zh: s.Draw(t, name)}
		}
		o := Options{
			Language: rapid.SampledFrom(languages).Draw(t, "language"), Width: rapid.SampledFrom([]int{0, 751, 1080}).Draw(t, "width"),
			URL:   rapid.SampledFrom([]string{"", "https://jiuye.example.cn/p/2026-012"}).Draw(t, "url"),
			Pages: rapid.IntRange(0, 2).Draw(t, "pages"),
		}
		d := templates.Data{Bureau: text("bureau", 60), County: rapid.SampledFrom([]string{"", "antu"}).Draw(t, "county"), Total: 300}
		most := rapid.SampledFrom([]int{8, 40, 400}).Draw(t, "most")
		for i := range rapid.IntRange(1, 12).Draw(t, "n") {
			d.Vacancies = append(d.Vacancies, templates.Vacancy{
				Code: fmt.Sprintf("Q%03d", i), Post: text("post", most), Employer: text("employer", most), Place: text("place", most),
				Pay:   templates.Pay{Min: rapid.IntRange(0, 99999999).Draw(t, "pay"), Text: text("pay", most).Zh, Unit: "month"},
				Hours: text("hours", most), Requirements: text("requirements", most), Benefits: text("benefits", most),
			})
		}
		pages, err := Draw(d, o)
		if err != nil {
			var r *words.Refusal
			if !errors.As(err, &r) || !slices.Contains([]string{"poster.vacancy_too_tall", "poster.too_wide_in", "poster.too_wide"}, r.Key) {
				t.Fatalf("got %v", err)
			}
			if most < 40 {
				t.Fatalf("short texts always fit: %v", err)
			}
			return
		}
		wholePages(t, d, o, pages, func(p Page) *image.Paletted { return decoded(t, p) })
	})
}

func TestLongTexts(t *testing.T) {
	d := example(4)
	d.Vacancies[2].Employer = templates.Text{Zh: strings.Repeat("司", 5000)}
	_, err := Draw(d, Options{Language: templates.Both})
	if !errors.Is(err, words.Refuse("poster.vacancy_too_tall")) || !strings.Contains(err.Error(), "A003") {
		t.Errorf("got %v, want a refusal that names A003", err)
	}
	d.Vacancies[2].Employer = templates.Text{Ko: strings.Repeat("가", 300)}
	d.Vacancies[1].Benefits = templates.Text{Ko: strings.Repeat("대우 ", 2000)}
	o := Options{Language: templates.Korean}
	pages, err := Draw(d, o)
	if err != nil {
		t.Fatal(err)
	}
	wholePages(t, d, o, pages, func(p Page) *image.Paletted { return picture(t, p) })
	l, err := lay(d, o)
	if err != nil || l.rows[1].own != noBenefits || l.rows[0].own != whole {
		t.Errorf("a benefit that no page holds is left out, and only that: levels %d, %d; %v", l.rows[1].own, l.rows[0].own, err)
	}
	d.Bureau = templates.Text{Ko: strings.Repeat("국", 2000)}
	if _, err := Draw(d, o); !errors.Is(err, words.Refuse("poster.frame_too_tall")) {
		t.Errorf("got %v", err)
	}
}

// TestDetail holds the order of preference: no page more for the sake of detail, and all detail that costs no page.
func TestDetail(t *testing.T) {
	for n, want := range map[int]int{2: whole, 10: brief} {
		l, err := lay(example(n), Options{Language: templates.Korean})
		if err != nil || len(l.spans) != 1 || l.level != want {
			t.Errorf("%d vacancies: level %d on %d pages, want %d on one; %v", n, l.level, len(l.spans), want, err)
		}
	}
}

func TestMissingGlyphs(t *testing.T) {
	for _, c := range []struct {
		why  string
		set  func(*templates.Vacancy)
		says string
	}{
		{"an emoji in a name", func(v *templates.Vacancy) { v.Employer.Ko = "봄언덕🍜식당" }, "“🍜” (U+1F35C), employer and place A002"},
		{"Chinese outside GB2312", func(v *templates.Vacancy) { v.Post.Ko = "厨師" }, "“師” (U+5E2B), post A002"},
		{"Chinese outside the plane", func(v *templates.Vacancy) { v.Benefits.Ko = "𠮷" }, "“𠮷” (U+20BB7), benefits A002"},
		{"old Hangul", func(v *templates.Vacancy) { v.Hours.Ko = "ᄒᆞᆫ" }, "hours A002"},
	} {
		d := example(3)
		c.set(&d.Vacancies[1])
		for _, err := range []error{second(lay(d, Options{Language: templates.Korean})), second(Draw(d, Options{Language: templates.Korean}))} {
			if !errors.Is(err, words.Refuse("poster.no_glyph")) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: got %v, want %s", c.why, err, c.says)
			}
		}
	}
	d := example(3)
	d.Vacancies[0].Employer = templates.Text{Ko: "식당\uFE0F", Zh: "師"}
	if _, err := lay(d, Options{Language: templates.Korean}); err != nil {
		t.Errorf("a sign that only chooses a look is dropped, and Chinese is not on a Korean poster: %v", err)
	}
	d.Bureau.Ko = strings.Repeat("𠮷", 30) + "師門東馬鳥魚麥黃齒"
	_, err := lay(d, Options{Language: templates.Korean})
	var r *words.Refusal
	if !errors.As(err, &r) || !strings.Contains(r.In(words.Korean), "기관") || !strings.Contains(r.In(words.Chinese), "另有 2 处") {
		t.Errorf("got %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

// TestOwnWords holds that the fonts can show all that the package itself says, digits, and the words for pay and places.
func TestOwnWords(t *testing.T) {
	var buf sfnt.Buffer
	said := phraseFile + "0123456789 / "
	for _, language := range languages {
		for _, county := range []string{"", "yanji", "tumen", "dunhua", "hunchun", "longjing", "helong", "wangqing", "antu"} {
			f, err := templates.Data{County: county, Date: templates.Date{Month: 1, Day: 2}}.In(language)
			if err != nil {
				t.Fatal(err)
			}
			said += f.County + f.Date
			for _, unit := range []string{"month", "day", "hour", "year", "piece"} {
				for _, p := range []templates.Pay{{Min: 1, Unit: unit}, {Max: 1, Unit: unit}, {Min: 1, Max: 2, Unit: unit}, {}} {
					v := templates.Vacancy{County: county, Pay: p}.In(language, "")
					said += v.Pay + v.Headcount + v.Place
				}
			}
		}
	}
	for _, r := range said {
		if r != '\n' && !has(&buf, r) {
			t.Errorf("the fonts lack %q", r)
		}
	}
}

func TestForms(t *testing.T) {
	composed, apart := example(5), example(5)
	for i := range apart.Vacancies {
		v := &apart.Vacancies[i]
		v.Employer.Ko, v.Place.Ko, v.Post.Ko = norm.NFD.String(v.Employer.Ko), norm.NFD.String(v.Place.Ko), norm.NFD.String(v.Post.Ko)
	}
	before := apart.Vacancies[0].Employer.Ko
	want, err := Draw(composed, Options{Language: templates.Both})
	if err != nil {
		t.Fatal(err)
	}
	// Many at once: the parsed fonts are shared.
	var all [4][]Page
	var wait sync.WaitGroup
	for i := range all {
		wait.Go(func() { all[i], _ = Draw(apart, Options{Language: templates.Both}) })
	}
	wait.Wait()
	for _, got := range all {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal("the same letters in another form, or drawn at the same time, come out otherwise")
		}
	}
	if apart.Vacancies[0].Employer.Ko != before {
		t.Error("the caller's data changed")
	}
}

// TestQR reads the code back from the picture, module by module, and looks for its quiet zone.
func TestQR(t *testing.T) {
	for _, url := range []string{"https://a.cn", "https://jiuye.example.cn/p/2026-012?c=yanji&l=both&from=poster"} {
		d, o := example(2), Options{Language: templates.Both, URL: url}
		pages, err := Draw(d, o)
		if err != nil {
			t.Fatal(err)
		}
		l, err := lay(d, o)
		if err != nil {
			t.Fatal(err)
		}
		want, err := qr.Encode(url, qr.M)
		if err != nil {
			t.Fatal(err)
		}
		img := picture(t, pages[0])
		top := image.Point{X: -1}
		for y := 0; y < img.Rect.Dy() && top.X < 0; y++ {
			for x := range img.Rect.Dx() {
				if ink(img.ColorIndexAt(x, y)) == black {
					top = image.Pt(x, y)
					break
				}
			}
		}
		if top.X < 0 || l.qr.scale < 4 {
			t.Fatalf("no code at %v, %d pixels a module", top, l.qr.scale)
		}
		for y := -quiet; y < want.Size+quiet; y++ {
			for x := -quiet; x < want.Size+quiet; x++ {
				at := top.Add(image.Pt(x*l.qr.scale+l.qr.scale/2, y*l.qr.scale+l.qr.scale/2))
				if got := ink(img.ColorIndexAt(at.X, at.Y)); (got == black) != want.Black(x, y) || got != black && got != white {
					t.Fatalf("%s: module %d, %d is wrong", url, x, y)
				}
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		why  string
		data templates.Data
		o    Options
		key  string
	}{
		{"a language for staff only", example(1), Options{Language: "en"}, "templates.language"},
		{"no language", example(1), Options{}, "templates.language"},
		{"nothing to tell", templates.Data{}, Options{Language: templates.Korean}, "poster.no_vacancies"},
		{"too narrow", example(1), Options{Language: templates.Korean, Width: MinWidth - 1}, "poster.width"},
		{"too wide", example(1), Options{Language: templates.Korean, Width: MaxWidth + 1}, "poster.width"},
		{"too low", example(1), Options{Language: templates.Korean, Height: 1199}, "poster.height"},
		{"too high", example(1), Options{Language: templates.Korean, Height: 4001}, "poster.height"},
		{"a URL that would be too fine to read", example(1), Options{Language: templates.Korean, URL: "https://a.cn/" + strings.Repeat("x", 300)}, "poster.url_too_long"},
		{"a URL that no code holds", example(1), Options{Language: templates.Korean, URL: strings.Repeat("x", 5000)}, "poster.url_too_long"},
		{"a code that is none", templates.Data{Vacancies: []templates.Vacancy{{Code: strings.Repeat("A", 40)}}}, Options{Language: templates.Korean}, "poster.code_too_wide"},
		{"a number wider than the poster", templates.Data{Vacancies: []templates.Vacancy{{Code: "A1", Post: templates.Text{Zh: strings.Repeat("7", 90)}}}}, Options{Language: templates.Korean}, "poster.too_wide_in"},
		{"and in the bureau's name", templates.Data{Bureau: templates.Text{Zh: strings.Repeat("7", 90)}, Vacancies: example(1).Vacancies}, Options{Language: templates.Korean}, "poster.too_wide"},
	} {
		if _, err := lay(c.data, c.o); !errors.Is(err, words.Refuse(c.key)) {
			t.Errorf("%s: got %v, want %s", c.why, err, c.key)
		}
	}
}

// TestContrast reckons as WCAG 2.1 does: 4.5 to 1 for text of any size.
func TestContrast(t *testing.T) {
	p := palette()
	light := func(c color.Color) float64 {
		r, g, b, _ := c.RGBA()
		linear := func(v uint32) float64 {
			s := float64(v) / 0xFFFF
			if s <= 0.04045 {
				return s / 12.92
			}
			return math.Pow((s+0.055)/1.055, 2.4)
		}
		return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
	}
	for _, i := range []ink{titleOnBand, quietOnBand, textOnPage, textOnPanel, quietOnPanel, payOnPanel, codeOnChip, textOnTint, quietOnTint, strongOnTint, strongOnPanel} {
		a, b := light(p[i]), light(p[i+levels-1])
		if ratio := (max(a, b) + 0.05) / (min(a, b) + 0.05); ratio < 4.5 {
			t.Errorf("ink %d has a contrast of %.2f to 1", i, ratio)
		}
	}
}

// decoded is picture for a property's own kind of t.
func decoded(t *rapid.T, p Page) *image.Paletted {
	img, _, err := image.Decode(bytes.NewReader(p.PNG))
	if err != nil {
		t.Fatal(err)
	}
	return img.(*image.Paletted)
}
