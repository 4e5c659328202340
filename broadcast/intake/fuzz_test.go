package intake

import (
	"bytes"
	"errors"
	"testing"
	"unicode/utf8"

	"chunfeng/examples"
	"chunfeng/templates/words"
)

// sane tells what a reading must never give, whatever the bytes.
func sane(t *testing.T, data []byte) {
	t.Helper()
	r, err := ReadBatch("f", data, today())
	var refusal *words.Refusal
	switch {
	case err != nil && !errors.As(err, &refusal):
		t.Fatalf("an error that is no refusal: %v", err)
	case err != nil:
		if r != nil {
			t.Fatal("refused, and yet read")
		}
	case r.Rows < r.Vacancies || r.Rows > MaxRows || r.Vacancies != len(r.Items) || r.Employers > r.Vacancies:
		t.Fatalf("%d rows, %d vacancies, %d employers", r.Rows, r.Vacancies, r.Employers)
	default:
		for _, v := range r.Items {
			for _, s := range []string{v.Employer.Zh, v.Employer.Ko, v.Post.Zh, v.Post.Ko, v.Place.Zh, v.Hours.Ko, v.Contact, v.Pay.Text} {
				if !utf8.ValidString(s) || bytes.ContainsAny([]byte(s), "\x00\n\r\x1b") {
					t.Fatalf("unfit text %q", s)
				}
			}
			if empty(v.Employer) || empty(v.Post) || v.Pay.Min < 0 || v.Pay.Max < 0 || v.Headcount < 0 || v.Row < 1 {
				t.Fatalf("%+v", v)
			}
		}
		if again, err := ReadBatch("f", data, today()); err != nil || len(again.Faults) != len(r.Faults) || len(again.Doubts) != len(r.Doubts) {
			t.Fatal("another result the second time")
		}
	}
	g, err := ReadGroups("f", data, today())
	if err != nil && !errors.As(err, &refusal) {
		t.Fatalf("an error that is no refusal: %v", err)
	}
	if err == nil {
		seen := map[string]bool{}
		for _, one := range g.Items {
			if seen[one.Code] || one.Code == "" || one.Name == "" || one.County == "" || one.Language == "" {
				t.Fatalf("%+v", one)
			}
			seen[one.Code] = true
		}
	}
}

func FuzzReadBatch(f *testing.F) {
	for _, name := range []string{"office.xlsx", "office.xls", "office.ods", "office-utf8.csv", "office-utf16.csv", "office-gb18030.csv", "registry.xlsx"} {
		f.Add(file(f, name))
	}
	f.Add([]byte(small))
	f.Add([]byte("企业,岗位,工资,截止日期,电话\n甲,乙,\"1.2万/年,2026年3月31日\n"))
	f.Add([]byte("code;name;county\nA;B;延吉\nA;C;延吉\n"))
	f.Fuzz(sane)
}

// FuzzSheet lets the fuzzer write a sheet's XML inside a sound archive, which mutations of a compressed one never reach.
func FuzzSheet(f *testing.F) {
	f.Add([]byte(`<row r="1"><c r="A1" t="inlineStr"><is><t>企业</t></is></c><c r="B1" t="inlineStr"><is><t>岗位</t></is></c></row><row r="2" hidden="1"><c r="A2"><v>1</v></c><c r="XFD2"><v>46112</v></c></row>`), []byte(`<mergeCell ref="A1:A9"/><mergeCell ref="B1:ZZ1"/>`))
	f.Add([]byte(`<row r="1048576"><c r="A1"/></row><row/><row r="-1"><c r="B0" t="s"><v>99</v></c></row>`), []byte(`<mergeCell ref="A9:A1"/>`))
	f.Fuzz(func(t *testing.T, rows, merges []byte) {
		if len(rows)+len(merges) > 1<<16 {
			t.Skip()
		}
		sane(t, skeleton(t, string(rows), string(merges), ""))
	})
}

func FuzzReadGroups(f *testing.F) {
	head := examplesHead(f)
	f.Add(head)
	f.Add([]byte("编码\t群名称\t县市\t语言\nA\t甲\t延吉\t双语\n"))
	f.Fuzz(sane)
}

// examplesHead is the beginning of the shipped registry.
func examplesHead(t testing.TB) []byte {
	all := shipped(t, examples.Registry)
	end := 0
	for range 6 {
		end += bytes.IndexByte(all[end:], '\n') + 1
	}
	return all[:end]
}

func FuzzPay(f *testing.F) {
	for _, s := range []string{"4500-6000", "1.2万/年", "시급 18원", "面议", "月薪5千以上", "4-6千/月", "8小时100元", "999999999万-9亿", "0件", "0.5元/件", "0元，面议"} {
		f.Add(s)
	}
	shapes := newPayShapes()
	f.Fuzz(func(t *testing.T, s string) {
		if p, strange := shapes.read(s, "", 1); p.Min < 0 || p.Max < 0 || strange == payFine && !p.Negotiable && p.Min == 0 && p.Max == 0 {
			t.Errorf("%q: %+v", s, p)
		}
	})
}
