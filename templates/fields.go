package templates

import (
	"fmt"
	"strings"

	"chunfeng/templates/place"
)

// Fields is what a block "ko", "zh" or "both" may name. All is in the block's language already; what is not known is
// empty or 0.
type Fields struct {
	Bureau    string // who speaks
	Batch     string // the batch's name
	County    string // the group's county with its rank, or the prefecture
	Date      string // "11월 22일", "11月22日"
	Vacancies string // this part's vacancies, each through the block "vacancy …", as they are
	People    string // this part's people, each through the block "person …"
	Example   string // a code to show how codes are used
	Consent   string // the consent notice
	Name      string // of the one person spoken to
	Phone     string // of that person, masked
	Codes     string // "A017, A021"
	Total     int    // vacancies in all
	Employers int    // employers in all
	Told      int    // vacancies or people told in all parts together
	Hidden    int    // Total less Told
	Here      int    // vacancies or people told in this part
	Shortened int    // vacancies of all parts that are told without something known of them
	Part      int    // this part, from 1
	Of        int    // parts in all
	Kept      int    // days for which a sign-up is kept
}

// VacancyFields is what a block "vacancy ko", "vacancy zh" or "vacancy both" may name.
type VacancyFields struct {
	Code, Employer, Post, Headcount, Pay string
	County                               string // its short name
	Place                                string // with the county's short name before it, unless it is the group's own
	Industry, Hours                      string
	Requirements, Benefits               string
	Until                                string // the last day
	Count                                int    // the headcount as a number; 0: several
}

// PersonFields is what a block "person ko", "person zh" or "person both" may name.
type PersonFields struct{ Name, Phone, Codes string }

// in answers a short text (a name, a post) in a language; in both, Korean first.
func (t Text) in(language string) string { return t.join(language, " ") }

// join answers the text in a language, and in both with a separator. The same text in both is told once.
func (t Text) join(language, between string) string {
	ko, zh := line(t.Ko), line(t.Zh)
	switch {
	case ko == "" || ko == zh:
		return zh
	case zh == "" || language == Korean:
		return ko
	case language == Chinese:
		return zh
	}
	return ko + between + zh
}

// in answers the day without its year, which a resident knows.
func (d Date) in(language string) string {
	if d.Month == 0 || d.Day == 0 {
		return ""
	}
	switch language {
	case Korean:
		return fmt.Sprintf("%d월 %d일", d.Month, d.Day)
	case Chinese:
		return fmt.Sprintf("%d月%d日", d.Month, d.Day)
	}
	return fmt.Sprintf("%d월(月) %d일(日)", d.Month, d.Day)
}

// countyIn answers a county's short or full name; full, the empty code is the whole prefecture.
func countyIn(language, code string, full bool) string {
	c, ok := place.ByCode(code)
	if !ok && full {
		c = place.Prefecture()
	}
	name := func(l string) string {
		if full {
			return c.Full(l)
		}
		return c.Name(l)
	}
	return Text{Ko: name(Korean), Zh: name(Chinese)}.in(language)
}

// fields answers what a message's blocks may name, as far as it does not depend on the fitting.
func (d Data) fields(language string) Fields {
	f := Fields{
		Bureau: d.Bureau.in(language), Batch: line(d.Batch), County: countyIn(language, d.County, true),
		Date: d.Date.in(language), Total: max(d.Total, len(d.Vacancies)), Employers: d.Employers, Kept: d.Kept,
		Part: 1, Of: 1,
	}
	if len(d.Vacancies) > 0 {
		f.Example = line(d.Vacancies[0].Code)
	}
	return f
}

// In answers what there is to say of a message around its vacancies, in a language, for other forms than a text. All of
// d.Vacancies count as told in one part.
func (d Data) In(language string) (Fields, error) {
	if err := checkLanguage(language); err != nil {
		return Fields{}, err
	}
	f := d.fields(language)
	f.Told, f.Here = len(d.Vacancies), len(d.Vacancies)
	f.Hidden = f.Total - f.Told
	return f, nil
}

// In answers all that is known of a vacancy in one of the three languages, for other forms than a text. Home is the code
// of the county that goes without saying.
func (v Vacancy) In(language, home string) VacancyFields {
	f, _ := v.fields(language, home, whole)
	return f
}

// with puts a person's sign-up into a message's fields.
func (f Fields) with(p PersonFields, example string) Fields {
	f.Name, f.Phone, f.Codes = p.Name, p.Phone, p.Codes
	if example != "" {
		f.Example = line(example)
	}
	return f
}

// The levels of detail: at each one more optional field is left out, the dearest first.
const (
	whole = iota
	noBenefits
	noRequirements
	brief
)

// fields answers what a vacancy's block may name at a level of detail, and whether something known was left out. Home is
// the county that goes without saying.
func (v Vacancy) fields(language, home string, level int) (f VacancyFields, shortened bool) {
	f = VacancyFields{
		Code: line(v.Code), Employer: v.Employer.in(language), Post: v.Post.in(language),
		Headcount: headcount(language, v.Headcount), Count: v.Headcount, Pay: v.Pay.in(language),
		County: countyIn(language, v.County, false), Industry: v.Industry.in(language), Until: v.Until.in(language),
		Place: Text{Ko: v.placeIn(Korean, home), Zh: v.placeIn(Chinese, home)}.in(language),
		Hours: v.Hours.join(language, " / "), Requirements: v.Requirements.join(language, " / "),
		Benefits: v.Benefits.join(language, " / "),
	}
	for i, field := range []*string{&f.Benefits, &f.Requirements, &f.Hours} {
		if level > i && *field != "" {
			*field, shortened = "", true
		}
	}
	return f, shortened
}

// placeIn answers the place in one language, with its county where neither the place nor home says it.
func (v Vacancy) placeIn(language, home string) string {
	where := v.Place.Ko
	if language == Chinese {
		where = v.Place.Zh
	}
	where = line(where)
	c, ok := place.ByCode(v.County)
	switch {
	case !ok || where == "" && (v.Place.Ko != "" || v.Place.Zh != ""):
		// A place in one language only is told in that one.
		return where
	case where != "" && v.County == home, strings.Contains(where, c.Name(language)):
		return where
	case language == Chinese:
		return c.Zh + where
	}
	return strings.TrimSpace(c.Ko + " " + where)
}

// fields answers what a person's block may name.
func (p Person) fields() PersonFields {
	codes := make([]string, len(p.Codes))
	for i, c := range p.Codes {
		codes[i] = hideDigits(line(c))
	}
	return PersonFields{Name: hideDigits(line(p.Name)), Phone: hideDigits(line(p.Phone)), Codes: strings.Join(codes, ", ")}
}
