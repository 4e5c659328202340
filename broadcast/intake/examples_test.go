package intake

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"chunfeng/examples"
	"chunfeng/store"
	"chunfeng/templates/place"
	"chunfeng/templates/words"
)

// today is when the tests read: in the season of the examples.
func today() Options {
	return Options{Now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.FixedZone("CST", 8*3600))}
}

func shipped(t testing.TB, name string) []byte {
	t.Helper()
	b, err := examples.FS.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestShippedBatches(t *testing.T) {
	for _, c := range []struct {
		file                 string
		employers, vacancies int
		sheet                string // the sheet that only explains
	}{
		{examples.Batch1, examples.Batch1Employers, examples.Batch1Vacancies, "填表说明"},
		{examples.Batch2, examples.Batch2Employers, examples.Batch2Vacancies, ""},
	} {
		t.Run(c.file, func(t *testing.T) {
			r, err := ReadBatch(c.file, shipped(t, c.file), today())
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range r.Faults {
				t.Errorf("fault: %s", f.In(words.Chinese))
			}
			if r.Employers != c.employers || r.Vacancies != c.vacancies || len(r.Items) != c.vacancies || r.Rows != c.vacancies {
				t.Errorf("%d employers, %d vacancies, %d rows; want %d and %d", r.Employers, r.Vacancies, r.Rows, c.employers, c.vacancies)
			}
			explained := c.sheet == ""
			for _, d := range r.Doubts {
				t.Logf("doubt: %s", d.In(words.Korean))
				explained = explained || d.Sheet == c.sheet
				if d.Text.Key != "intake.sheet_no_header" && d.Text.Key != "intake.duplicate" {
					t.Errorf("unexpected doubt: %s", d)
				}
			}
			if !explained {
				t.Errorf("the sheet %q is not named", c.sheet)
			}
			for _, v := range r.Items {
				if problem := incomplete(v); problem != "" {
					t.Errorf("%s row %d: %s: %+v", v.Sheet, v.Row, problem, v)
				}
			}
		})
	}
}

// incomplete tells what a vacancy of the shipped workbooks lacks: each has a place, pay, a telephone and a tag.
func incomplete(v store.Vacancy) string {
	switch {
	case v.Employer.Zh == "" || v.Employer.Ko == "":
		return "employer not in both languages"
	case v.Post.Zh == "" && v.Post.Ko == "":
		return "no post"
	case v.County == "":
		return "no county"
	case !v.Pay.Negotiable && (v.Pay.Min == 0 || v.Pay.Unit == ""):
		return fmt.Sprintf("pay %q", v.Pay.Text)
	case len(v.Phones) != 1:
		return fmt.Sprintf("%d telephone numbers", len(v.Phones))
	case len(v.Tags) == 0:
		return "no tag"
	case strings.ContainsAny(v.Contact, "0123456789"):
		return "digits in the contact"
	case empty(v.Place):
		return "no place"
	}
	return ""
}

func TestShippedRegistry(t *testing.T) {
	r, err := ReadGroups(examples.Registry, shipped(t, examples.Registry), today())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(r.Faults, r.Doubts...) {
		t.Error(f)
	}
	if len(r.Items) != examples.Groups {
		t.Errorf("%d groups, want %d", len(r.Items), examples.Groups)
	}
	accounts, counties, names := map[string]map[string]bool{}, map[string]int{}, map[string]int{}
	load := map[string]int{}
	for _, g := range r.Items {
		if accounts[g.Account] == nil {
			accounts[g.Account] = map[string]bool{}
		}
		accounts[g.Account][g.County] = true
		load[g.Account]++
		counties[g.County]++
		names[g.Name]++
	}
	if len(accounts) != examples.Accounts || len(counties) != len(place.All()) {
		t.Errorf("%d accounts, %d counties", len(accounts), len(counties))
	}
	for a, cs := range accounts {
		if len(cs) > 2 || load[a] < 240 || load[a] > 255 {
			t.Errorf("%s serves %d groups of %d counties", a, load[a], len(cs))
		}
	}
	twins := 0
	for _, n := range names {
		if n == 2 {
			twins++
		} else if n > 2 {
			t.Error("a name is borne by more than two groups")
		}
	}
	if twins != 4 {
		t.Errorf("%d names are shared, want 4", twins)
	}
}
