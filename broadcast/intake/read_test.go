package intake

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"chunfeng/store"
	"chunfeng/templates/words"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// brief says a vacancy in one line.
func brief(v store.Vacancy) string {
	var numbers []string
	for _, n := range v.Phones {
		numbers = append(numbers, n.Reveal())
	}
	end := ""
	if !v.Expires.IsZero() {
		end = v.Expires.AddDate(0, 0, -1).Format("2006-01-02")
	}
	return fmt.Sprintf("%d %s|%s|%s/%s|%d|%d-%d %s %v|%s|%s|%s|%s", v.Row, v.Sheet, v.Employer.In("zh"), v.Post.Zh, v.Post.Ko,
		v.Headcount, v.Pay.Min, v.Pay.Max, v.Pay.Unit, v.Pay.Negotiable, v.County, strings.Join(numbers, " "), end, strings.Join(v.Tags, " "))
}

func briefs(items []store.Vacancy) (out []string) {
	for _, v := range items {
		out = append(out, brief(v))
	}
	return out
}

func said(list []Fault) (out []string) {
	for _, f := range list {
		out = append(out, f.String())
	}
	return out
}

func read(t *testing.T, name string, data []byte) *Result {
	t.Helper()
	r, err := ReadBatch(name, data, today())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func file(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The files in testdata were written by LibreOffice 7.4 from office.fods: merged cells, a date cell, a hidden row, a
// hidden sheet, a formula that failed.
func TestAnotherProgramsWorkbook(t *testing.T) {
	r := read(t, "office.xlsx", file(t, "office.xlsx"))
	want := []string{
		"4 岗位表|纸鸢磨坊食品有限公司|操作工/조작공|5|4500-6000 month false|tumen|+8613900000017|2026-12-31|",
		"5 岗位表|纸鸢磨坊食品有限公司|质检员/|0|0-0  true|tumen|+8613900000017|2027-03-31|",
	}
	if d := cmp.Diff(want, briefs(r.Items)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{
		"sheet “岗位表”, row 7, column C 人数: the formula shows #VALUE!; correct it, or write the value",
	}, said(r.Faults)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{
		"sheet “岗位表”, hidden rows, not read: 6; show them if they are to be published",
		"sheet “旧表”, a hidden sheet, not read; show it if it is to be published",
	}, said(r.Doubts)); d != "" {
		t.Error(d)
	}
	if r.Rows != 3 || r.Employers != 1 {
		t.Errorf("%d rows, %d employers", r.Rows, r.Employers)
	}
}

func TestAnotherProgramsText(t *testing.T) {
	want := []string{
		"4 |纸鸢磨坊食品有限公司|操作工/조작공|5|4500-6000 month false|tumen|+8613900000017|2026-12-31|",
		"5 |纸鸢磨坊食品有限公司|质检员/|0|0-0  true|tumen|+8613900000017|2027-03-31|",
		"6 |风铃斗笠木业有限公司|木工/|0|0-0  false||||",
	}
	for _, name := range []string{"office-utf8.csv", "office-utf16.csv", "office-gb18030.csv"} {
		t.Run(name, func(t *testing.T) {
			r := read(t, name, file(t, name))
			if d := cmp.Diff(want, briefs(r.Items)); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff([]string{"row 7, column C 人数: the formula shows Err:510; correct it, or write the value"}, said(r.Faults)); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff([]string{"rows without an employer took the one above: 5"}, said(r.Doubts)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestAnotherProgramsRegistry(t *testing.T) {
	r, err := ReadGroups("registry.xlsx", file(t, "registry.xlsx"), today())
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Items) != 39 || len(r.Faults)+len(r.Doubts) != 0 || r.Items[0].Code != "YJ0001" || r.Items[0].County != "yanji" {
		t.Errorf("%d groups, %v, %v, %+v", len(r.Items), r.Faults, r.Doubts, r.Items[0])
	}
}

const small = "招聘信息表\n\n编号,岗位,企业名称,工资,电话\n1,\"服务员\n복무원\",布谷瓦罐米肠馆,3800-4500,13900000017\n\n2,厨师,云朵石磨冷面馆,면담,0433-2000018\n合计,2\n"

func TestEncodings(t *testing.T) {
	want := []string{
		"4 |布谷瓦罐米肠馆|服务员/복무원|0|3800-4500 month false||+8613900000017||",
		"6 |云朵石磨冷面馆|厨师/|0|0-0  true||+864332000018||",
	}
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(small)
	if err != nil {
		t.Fatal(err)
	}
	utf := func(e unicode.Endianness, b unicode.BOMPolicy) string {
		s, err := unicode.UTF16(e, b).NewEncoder().String(small)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, c := range []struct{ why, data string }{
		{"UTF-8", small},
		{"UTF-8 with a byte order mark", "\ufeff" + small},
		{"GB18030, with Hangul that GBK cannot hold", gb},
		{"UTF-16 little-endian with a mark", utf(unicode.LittleEndian, unicode.UseBOM)},
		{"UTF-16 big-endian with a mark", utf(unicode.BigEndian, unicode.UseBOM)},
		{"UTF-16 little-endian without a mark", utf(unicode.LittleEndian, unicode.IgnoreBOM)},
		{"UTF-16 big-endian without a mark", utf(unicode.BigEndian, unicode.IgnoreBOM)},
		{"Windows line ends", strings.ReplaceAll(small, "\n", "\r\n")},
		{"old Macintosh line ends", strings.ReplaceAll(small, "\n", "\r")},
		{"semicolons", strings.ReplaceAll(small, ",", ";")},
		{"tabs", strings.ReplaceAll(small, ",", "\t")},
	} {
		r, err := ReadBatch("small.csv", []byte(c.data), today())
		if err != nil {
			t.Errorf("%s: %v", c.why, err)
			continue
		}
		if d := cmp.Diff(want, briefs(r.Items)); d != "" {
			t.Errorf("%s: %s", c.why, d)
		}
	}
}

func TestHeaders(t *testing.T) {
	for _, c := range []struct{ head, row, want, why string }{
		{"회사명,직종,인원,로임,지역", "구름송이랭면관,복무원,2명,시급 18원,연길", "2 |구름송이랭면관|/복무원|2|18-18 hour false|yanji|||", "Korean"},
		{"employer,post,headcount,pay,county", "Cloud Mill,cook,2,5000,Yanji", "2 |Cloud Mill|cook/|2|5000-5000 month false|yanji|||", "English"},
		{"县市,工资,人数,工种,用人单位", "龙井,日薪200,若干,瓦工,松果秋千工程队", "2 |松果秋千工程队|瓦工/|0|200-200 day false|longjing|||", "another order"},
		{"企业,岗位,待遇", "布谷铜勺店,店员,4000", "2 |布谷铜勺店|店员/|0|4000-4000 month false||||", "待遇 alone is the pay"},
		{"企业,岗位,工资,待遇", "布谷铜勺店,店员,4000,包吃住", "2 |布谷铜勺店|店员/|0|4000-4000 month false||||", "待遇 beside the pay is not"},
		{"企业,岗位,最低工资,最高工资", "布谷铜勺店,店员,4000,5000", "2 |布谷铜勺店|店员/|0|4000-5000 month false||||", "two columns of pay"},
		{"企业,岗位,工资(千元)", "布谷铜勺店,店员,4-5", "2 |布谷铜勺店|店员/|0|4000-5000 month false||||", "thousands in the header"},
	} {
		r := read(t, "a.csv", []byte(c.head+"\n"+c.row+"\n"))
		if d := cmp.Diff([]string{c.want}, briefs(r.Items)); d != "" || len(r.Faults) > 0 {
			t.Errorf("%s: %s %v", c.why, d, r.Faults)
		}
	}
}

func TestHeaderOfTwoRows(t *testing.T) {
	r := read(t, "a.csv", []byte("企业,岗位,工资,,人数\n회사명,직종,最低,最高,인원\n布谷铜勺店,店员,4000,5000,2\n企业,岗位,工资,,人数\n云朵石磨馆,厨师,6000,7000,1\n"))
	want := []string{"3 |布谷铜勺店|店员/|2|4000-5000 month false||||", "5 |云朵石磨馆|厨师/|1|6000-7000 month false||||"}
	if d := cmp.Diff(want, briefs(r.Items)); d != "" {
		t.Error("a second row below a spread header, and the header printed again:", d)
	}
}

func TestEveryFaultAndDoubtIsTold(t *testing.T) {
	r := read(t, "a.csv", []byte(strings.Join([]string{
		"企业,岗位,人数,工资,县市,电话,截止日期,性别,心情",
		",厨师,1,,,,,,",        // 2: no employer, none above
		"布谷铜勺店,,1,4000,,,,,", // 3: no post
		"布谷铜勺店,店员,很急,优厚,青岛,微信,下周,女,好", // 4: doubts in each column
		",#REF!,1,,,,,,",                    // 5
		"例：某公司,例岗位,1,4000,,,,,",             // 6: an example
		"布谷铜勺店," + strings.Repeat("长", 501), // 7: too long
		"布谷铜勺店有限公司,店员,2,面议,,,2026-01-31,,",  // 8: the same again, past
		"",            // 9
		",厨师,1,,,,,,", // 10: a blank row stands between
		"企业需要长期合作者请联系我们,,,,,,,,",          // 11: an employer and nothing else
		"备注：以上岗位长期有效,,,,,,,,",             // 12: a note
		"一、餐饮业,,,,,,,,",                   // 13: a section's title
		"云朵石磨馆,厨师,9999,500000,延吉,1390,,,", // 14
		"合计：,,12", // 15
	}, "\n")))
	if d := cmp.Diff([]string{
		"row 2, column A 企业: no employer, and none above it; write its name",
		"row 3, column B 岗位: no post; write what the work is, or delete the row",
		"row 5, column B 岗位: the formula shows #REF!; correct it, or write the value",
		"row 7, column B 岗位: longer than 500 characters; shorten it",
		"row 10, column A 企业: no employer, and none above it; write its name",
		"row 11, column B 岗位: no post; write what the work is, or delete the row",
	}, said(r.Faults)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{
		"example rows, not read: 6",
		"rows taken for notes, not read: 12, 13",
		"columns not read, for their headers are not known: I 心情",
		"row 4, column H 性别: “女” is not told: the law allows asking for a gender in few posts only",
		"row 4, column D 工资: pay not understood, told as written: “优厚”",
		"row 4, column C 人数: head count not understood: “很急”; taken as “several”",
		"row 4, column E 县市: “青岛” is none of the eight counties and cities; told to the whole prefecture",
		"row 4, column G 截止日期: date not understood: “下周”; the vacancy does not run out",
		"row 4, column F 电话: no telephone number in it; residents' replies that quote it cannot be told from sign-ups",
		"row 8, column G 截止日期: its last day, 2026-01-31, is past; it will not be told",
		"row 8: “布谷铜勺店有限公司” is counted as the same employer as “布谷铜勺店”",
		"row 8: looks like the vacancy row 4: 布谷铜勺店 – 店员",
		"row 14, column D 工资: “500000” is unusual pay; look whether a digit or the unit is wrong",
		"row 14, column C 人数: 9999 people for one post; look whether that is right",
		"row 14, column F 电话: no telephone number in it; residents' replies that quote it cannot be told from sign-ups",
	}, said(r.Doubts)); d != "" {
		t.Error(d)
	}
	if r.Rows != 9 || r.Vacancies != 3 || r.Employers != 2 {
		t.Errorf("%d rows, %d vacancies, %d employers", r.Rows, r.Vacancies, r.Employers)
	}
	for _, f := range append(r.Faults, r.Doubts...) {
		for _, l := range words.Languages() {
			if s := f.In(l); strings.Contains(s, "%!") || strings.Contains(s, "intake.") {
				t.Errorf("%s: %s", l, s)
			}
		}
	}
}

// sheetOf makes a workbook of one sheet.
func sheetOf(t testing.TB, rows [][]any, more func(*excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i, r := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &r); err != nil {
			t.Fatal(err)
		}
	}
	if more != nil {
		more(f)
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestMergedCells(t *testing.T) {
	must := func(err error) {
		if err != nil {
			t.Error(err)
		}
	}
	data := sheetOf(t, [][]any{
		{"企业", "岗位", "工资", "电话"},
		{"布谷铜勺店", "店员", "4000", "13900000017"},
		{nil, "厨师", nil, nil},
		{nil, "洗碗工", nil, nil},
		{"餐饮部分", nil, nil, nil}, // 5: a title spread over the table
		{"云朵石磨馆", "厨师", "6000", nil},
		{nil, "店长", "7000", nil}, // 7: left empty, not merged
	}, func(f *excelize.File) {
		must(f.MergeCell("Sheet1", "A2", "A4"))
		must(f.MergeCell("Sheet1", "C2", "C3"))
		must(f.MergeCell("Sheet1", "A5", "D5"))
	})
	r := read(t, "a.xlsx", data)
	want := []string{
		"2 Sheet1|布谷铜勺店|店员/|0|4000-4000 month false||+8613900000017||",
		"3 Sheet1|布谷铜勺店|厨师/|0|4000-4000 month false||+8613900000017||",
		"4 Sheet1|布谷铜勺店|洗碗工/|0|0-0  false||+8613900000017||",
		"6 Sheet1|云朵石磨馆|厨师/|0|6000-6000 month false||||",
		"7 Sheet1|云朵石磨馆|店长/|0|7000-7000 month false||||",
	}
	if d := cmp.Diff(want, briefs(r.Items)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"sheet “Sheet1”, rows without an employer took the one above: 7"}, said(r.Doubts)); d != "" {
		t.Error(d)
	}
}

func TestWhatLooksLikeANoteButIsNot(t *testing.T) {
	r := read(t, "a.csv", []byte("企业,岗位,要求\n布谷铜勺厂,厨师,\n,注塑工,\n,说明书编辑,\n总计算机店,店员,\n,店长,有意者电话13900000018\n"))
	want := []string{
		"2 |布谷铜勺厂|厨师/|0|0-0  false||||",
		"3 |布谷铜勺厂|注塑工/|0|0-0  false||||",
		"4 |布谷铜勺厂|说明书编辑/|0|0-0  false||||",
		"5 |总计算机店|店员/|0|0-0  false||||",
		"6 |总计算机店|店长/|0|0-0  false||+8613900000018||",
	}
	if d := cmp.Diff(want, briefs(r.Items)); d != "" {
		t.Error(d)
	}
	if got := said(r.Doubts); len(got) != 2 || got[1] != "row 6, column C 要求: a telephone number stands in this text and will be told with it" {
		t.Error(got)
	}
}

func TestTotal(t *testing.T) {
	for _, c := range []struct {
		cell string
		want bool
		why  string
	}{
		{"合计", true, "the word"}, {"合 计：", true, "spread and with a colon"}, {"合计167个", true, "with its number"}, {"합계", true, "Korean"},
		{"合计/합계", true, "both"}, {"합계 合计", true, "both"}, {"Total:", true, "English"}, {"계", true, "short"},
		{"总计算机店", false, "a firm"}, {"Total Coffee", false, "a firm"}, {"계림식당", false, "a firm"}, {"", false, "nothing"},
	} {
		if got := total([]string{"", c.cell, "x"}); got != c.want {
			t.Errorf("%q: %v: %s", c.cell, got, c.why)
		}
	}
}

func TestTheSameFileHasTheSameHash(t *testing.T) {
	a, b := read(t, "a.csv", []byte(small)), read(t, "b.csv", []byte(small))
	if a.FileHash != b.FileHash || len(a.FileHash) != 64 || a.FileHash != fileHash([]byte(small)) {
		t.Errorf("%s %s", a.FileHash, b.FileHash)
	}
}
