package poster

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// testFace has Chinese and Hangul 20 pixels wide.
func testFace(t testing.TB) *face {
	t.Helper()
	f, err := newFace(regular(), 20)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestWrap(t *testing.T) {
	f := testFace(t)
	for _, c := range []struct {
		why, text string
		width     int
		want      []string
	}{
		{"fits", "연길시 하남가두", 400, []string{"연길시 하남가두"}},
		{"nothing", "", 400, nil},
		{"Korean breaks at its spaces", "조선어와 한어로 이야기할수 있는 사람", 160, []string{"조선어와 한어로", "이야기할수 있는", "사람"}},
		{"a particle stays with its Chinese word", "复印을 합니다 复印을", 100, []string{"复印을", "합니다", "复印을"}},
		{"a bracket stays with its Korean word", "생산직 로동자(普工)", 120, []string{"생산직", "로동자(普工)"}},
		{"Chinese breaks anywhere but before a full stop", "能用汉语交流。", 120, []string{"能用汉语交", "流。"}},
		{"no line begins with a closing bracket", "能用汉语（口语）", 140, []string{"能用汉语（口", "语）"}},
		{"a range is one number", "包吃住月薪4500-6000元", 120, []string{"包吃住月薪", "4500-6000元"}},
		{"a unit stays with its number", "每月休息四天即4天", 160, []string{"每月休息四天即", "4天"}},
		{"hours are one", "上午班时间08:30-12:00", 130, []string{"上午班时间", "08:30-12:00"}},
		{"a telephone number with spaces is one", "联系电话号 138 4433 1234", 160, []string{"联系电话号", "138 4433 1234"}},
		{"so it is with an area code in brackets", "联系电话号 (0433) 251-2345", 170, []string{"联系电话号", "(0433) 251-2345"}},
		{"and with a country's", "련락처 전화번호 +86 138-4433-1234", 210, []string{"련락처 전화번호", "+86 138-4433-1234"}},
		{"wide digits are digits", "电话１３８４４３３", 150, []string{"电话", "１３８４４３３"}},
		{"a code stays whole", "请回复编号A017即可", 130, []string{"请回复编号", "A017即可"}},
		{"a word wider than the line is cut between characters", "가나다라마바사아자차", 60, []string{"가나다", "라마바", "사아자", "차"}},
		{"and a chain of numbers at its separators", "1111-2222-3333-4444-5555", 100, []string{"1111-", "2222-", "3333-", "4444-5555"}},
	} {
		got, ok := f.wrap(c.text, c.width)
		if d := cmp.Diff(c.want, got); d != "" || !ok {
			t.Errorf("%s (-want +got):\n%s", c.why, d)
		}
	}
	if got, ok := f.wrap("电话 13844331234138443312341384433", 100); ok {
		t.Errorf("digits wider than a line are not to be cut, got %q", got)
	}
}

// wrapped holds what wrap promises for any text, and tells whether it could.
func wrapped(t interface{ Fatalf(string, ...any) }, f *face, text string, width int) {
	lines, ok := f.wrap(text, width)
	if !ok {
		return
	}
	bare := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) {
				return -1
			}
			return r
		}, s)
	}
	if got := strings.Join(lines, ""); bare(got) != bare(text) {
		t.Fatalf("%q became %q", text, lines)
	}
	for i, l := range lines {
		if f.width(l) > width || l == "" {
			t.Fatalf("%q is %d wide, %d are allowed", l, f.width(l), width)
		}
		if i == 0 {
			continue
		}
		before, after := []rune(lines[i-1]), []rune(l)
		if unicode.IsDigit(before[len(before)-1]) && unicode.IsDigit(after[0]) &&
			!strings.Contains(text, string(before[len(before)-1])+" "+string(after[0])) {
			t.Fatalf("a number of %q is cut: %q | %q", text, lines[i-1], l)
		}
	}
}

func TestWrapAnything(t *testing.T) {
	f := testFace(t)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.SampledFrom([]rune("가나다연길招聘岗位，。：（）()/-~ 0123456789ABx“”·")), 0, 80, -1).Draw(t, "text")
		wrapped(t, f, text, rapid.IntRange(60, 500).Draw(t, "width"))
	})
}

func FuzzWrap(f *testing.F) {
	for _, s := range []string{"연길시 하남가두 18~45세", "包吃住，4500-6000元/月", "+86 138 4433 1234", "A017, B-12", "가\u0301나", "👩‍🏭", "\xff\xfe", "  ", "１３８"} {
		f.Add(s, 120)
	}
	// The longest of fields is refused long before this by the reader of workbooks.
	const most = 2000
	fc := testFace(f)
	f.Fuzz(func(t *testing.T, s string, width int) {
		if len(s) > most || !slices.Equal([]rune(s), []rune(strings.ToValidUTF8(s, "\uFFFD"))) {
			return
		}
		fc.wrap(s, width%1000) // any bytes: it ends and does not panic
		// What Data lets through is one line of valid text.
		if clean := strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " "); width > 0 {
			wrapped(t, fc, clean, 60+width%1000)
		}
	})
}
