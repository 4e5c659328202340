package console

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/xuri/excelize/v2"

	"chunfeng/cmd/chunfeng/console/consoletest"
	"chunfeng/store"
	"chunfeng/templates/words"
)

// opened opens a file that was downloaded as a workbook.
func opened(t *testing.T, status int, disposition string, body []byte) *excelize.File {
	t.Helper()
	if status != 200 || !strings.HasPrefix(disposition, "attachment; ") {
		t.Fatalf("%d %s", status, disposition)
	}
	f, err := excelize.OpenReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// saved writes a workbook to a file that a browser can upload.
func saved(t *testing.T, f *excelize.File, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestStoryOfABatch is a clerk's way from the empty form to a vacancy that found its people: download the form, fill it
// in, upload it, see what is wrong, download the marked copy, correct that, upload it, confirm, preview and mark as
// filled. A phone's clerk does it in Korean without scripts, a desk's in Chinese.
func TestStoryOfABatch(t *testing.T) {
	for name, o := range map[string]consoletest.Options{
		"desk": {Languages: "zh-CN,zh"}, "phone without scripts": {Width: 360, Height: 740, Languages: "ko-KR,ko", NoScript: true}, "wide window": {Width: 1920, Height: 1080, Languages: "en", Dark: true},
	} {
		t.Run(name, func(t *testing.T) {
			lang := words.Preferred(o.Languages)
			say := func(key string, args ...any) string { return words.Say(lang, "page_batches."+key, args...) }
			s := newSite(t)
			if _, err := s.store.PutGroups([]store.Group{{Code: "YJ001", Name: "하남가두 일자리", County: "yanji", Language: "ko"}}, "test"); err != nil {
				t.Fatal(err)
			}
			if _, err := s.store.ChangeUser("staff", "test", "user.lang", func(u *store.User) error { u.Lang = string(lang); return nil }); err != nil {
				t.Fatal(err)
			}
			p := s.sits(t, "staff", o)
			// What runs within the page to look at it or to download needs scripts; without them another visit downloads.
			v := s.visit(t, "staff")
			fetches := func(path string) *excelize.File {
				t.Helper()
				p.WaitFor(`a[href="` + path + `"]`)
				if o.NoScript {
					status, h, body := v.send("GET", path, nil)
					return opened(t, status, h.Get("Content-Disposition"), []byte(body))
				}
				status, _, disposition, body := p.Fetch(path)
				return opened(t, status, disposition, body)
			}
			looks := func(path string) {
				t.Helper()
				p.Go(path)
				if !o.NoScript {
					look(t, p)
				}
			}
			looks("/batches")
			form := fetches("/batches/template")
			sheet := form.GetSheetName(0)
			for i, row := range [][]any{
				{"<script>alert(1)</script>食品厂", "해란강식품", "焊工", "용접공", 3, "4500-6000元/月"}, {"云朵石磨馆", "구름송이매돌집", "", "", 2, "面议"}, {"云朵石磨馆", "", "店员", "점원", "一些", "面议"},
			} {
				if err := form.SetSheetRow(sheet, fmt.Sprintf("A%d", 4+i), &row); err != nil {
					t.Fatal(err)
				}
			}
			p.Upload("[name=file]", saved(t, form, "봄철 岗位.xlsx"))
			p.Follow("form[enctype] button")
			p.WaitText("[role=alert]", say("has_errors", 1))
			looks("/batches/check")
			if s.batchesStored(t) != 0 {
				t.Fatal("stored before it was confirmed")
			}
			marked := fetches("/batches/check/marked")
			notes, err := marked.GetComments(sheet)
			if err != nil || len(notes) != 2 || notes[0].Cell != "C5" {
				t.Fatalf("the marked copy notes %+v: %v", notes, err)
			}
			if err := marked.SetSheetRow(sheet, "C5", &[]any{"服务员", "복무원"}); err != nil {
				t.Fatal(err)
			}
			p.Upload("[name=file]", saved(t, marked, "봄철 岗位.xlsx"))
			p.Follow("form[enctype] button")
			p.WaitText(".notice.ok", say("no_errors"))
			looks("/batches/check")
			p.Fill("[name=title]", "봄철 제1차 <b>")
			p.Fill("[name=employers]", "2")
			p.Fill("[name=vacancies]", "3")
			p.Follow("form[action='/batches/check'] button")
			p.WaitText("#said", say("imported_as", "A", "3"))
			if p.URL() != "/batches/A" || s.batchesStored(t) != 1 {
				t.Fatalf("the import leads to %s", p.URL())
			}
			looks("/batches/A")
			p.Fill("[name=why]", "다 찼음")
			press := func() { p.Click("button[value='A002 filled open']") }
			if o.NoScript {
				p.Leads(press)
			} else {
				press()
			}
			p.WaitText("#said", say("now_filled", "A002"))
			p.WaitText("#v-A002", words.Say(lang, "state.filled"))
			p.WaitText("#v-A002", "다 찼음")
			p.WaitText("#batch-facts", words.Say(lang, "state.filled")+" 1")
			// Enter in the reason presses no row's button.
			p.Fill("[name=why]", "x")
			p.Press(kb.Enter)
			if v, err := s.store.Vacancy("A001"); err != nil || v.State != store.VacancyOpen {
				t.Errorf("Enter filled a vacancy: %v %v", v.State, err)
			}
			p.Go("/batches/A/preview")
			p.Fill("[name=find]", "하남")
			p.Follow("form.filters button")
			p.WaitText("main", say("for_group", "YJ001"))
			looks("/batches/A/preview?group=YJ001&parts=3")
			for lang, want := range map[string]string{"ko": "A001 용접공", "zh": "A001 焊工", "both": "A001 용접공 焊工"} {
				text := p.Text("section:has(#text-" + lang + ") .bubble")
				if !strings.Contains(text, want) || !strings.Contains(text, "<script>alert(1)</script>") && lang == "zh" || strings.Contains(text, "A002") {
					t.Errorf("in %s the group reads:\n%s", lang, text)
				}
			}
			looks("/batches/A/poster?group=YJ001")
			p.Wait("the poster is drawn", "[...document.images].length > 0 && [...document.images].every(i => i.complete && i.naturalWidth > 100)")
			looks("/batches/A/duplicates")
		})
	}
}

// TestFileIsDropped drops a file beside the field, on the box around it, and chooses one that is too large.
func TestFileIsDropped(t *testing.T) {
	s := newSite(t)
	p := s.sits(t, "staff", consoletest.Options{})
	p.Go("/batches")
	drop := func(size int) {
		p.Eval(fmt.Sprintf(`(() => { const d = new DataTransfer(); d.items.add(new File([new Uint8Array(%d).fill(44)], "a.csv"));
			for (const kind of ["dragover", "drop"]) document.querySelector("label.drop").dispatchEvent(new DragEvent(kind, {bubbles: true, cancelable: true, dataTransfer: d})); })()`, size), nil)
	}
	drop(17 << 20)
	var valid bool
	p.Eval("document.querySelector('[name=file]').checkValidity()", &valid)
	if valid {
		t.Error("17 MB may be sent")
	}
	p.Click("form[enctype] button")
	if p.URL() != "/batches" {
		t.Error("17 MB were sent to", p.URL())
	}
	drop(20)
	p.Expect(422) // commas are no vacancies
	p.Follow("form[enctype] button")
	p.WaitText("[role=alert]", "a.csv")
}

// TestBatchByKeyboard uploads a file and marks a vacancy without a mouse.
func TestBatchByKeyboard(t *testing.T) {
	s := newSite(t)
	file := filepath.Join(t.TempDir(), "a.csv")
	if err := os.WriteFile(file, []byte("企业,岗位\n甲店,店员\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := s.sits(t, "staff", consoletest.Options{})
	p.Go("/batches")
	p.Upload("[name=file]", file)
	p.TabTo("[name=file]")
	p.TabTo("form[enctype] button")
	p.Leads(func() { p.Press(kb.Enter) })
	p.TabTo("form[action='/batches/check'] button")
	p.Leads(func() { p.Press(kb.Enter) })
	p.TabTo("button[value='A001 withdrawn open']")
	p.Press(kb.Enter)
	p.WaitText("#v-A001", words.Say(words.English, "state.withdrawn"))
}
