package templates

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"chunfeng/templates/words"
)

// Kind says what a template is for: "digest", or the answer that it is, which is the template's own name.
func Kind(name string) string {
	switch name {
	case list, vacancy, acknowledge, acknowMany, consent, withdrawn, optedOut, noneFound, askNumber:
		return name
	}
	return digest
}

// Show renders any template on data, for who writes it: people and codes that answers need are made up.
func (s *Set) Show(name, language string, d Data, l Limits) ([]Part, error) {
	if s.parsed[name] == nil {
		return nil, words.Refuse("templates.no_template", name, "").Of(words.Missing)
	}
	who := Person{Name: "김봄", Phone: "138****5678", Codes: []string{defaultExample}}
	if language == Chinese {
		who.Name = "李春"
	}
	if len(d.Vacancies) > 0 {
		who.Codes = []string{d.Vacancies[0].Code}
	}
	one := func(text string, err error) ([]Part, error) {
		if err != nil {
			return nil, err
		}
		return []Part{{Text: text, Codes: []string{}, Length: Length(text)}}, nil
	}
	switch Kind(name) {
	case list:
		return s.List(language, d, l)
	case vacancy:
		if len(d.Vacancies) == 0 {
			return nil, words.Refuse("templates.no_vacancies", name)
		}
		return one(s.Vacancy(language, d, d.Vacancies[0], l))
	case acknowledge:
		return one(s.Acknowledge(language, d, who))
	case acknowMany:
		return s.AcknowledgeMany(language, d, []Person{who, {Phone: "139****4321", Codes: who.Codes}}, l)
	case consent:
		f, err := s.answerFields(language, d, true)
		return one(f.Consent, err)
	case withdrawn:
		return one(s.Withdrawn(language, d, who))
	case optedOut:
		return one(s.OptedOut(language, d))
	case noneFound:
		return one(s.NoneFound(language, d, who.Codes))
	case askNumber:
		return one(s.AskNumber(language, d, who))
	}
	return s.Digest(name, language, d, l)
}

// Sample is made-up data for who writes templates: every field of it is there in some vacancy, and missing in another.
func Sample(today Date, kept int) Data {
	return Data{
		Batch: "시범", County: "yanji", Date: today, Total: 167, Employers: 94, Kept: kept,
		Vacancies: []Vacancy{
			{Code: "A001", Employer: Text{"봄언덕식당", "春坡餐厅"}, Post: Text{"복무원", "服务员"}, Headcount: 3, Pay: Pay{Min: 4500, Max: 6000, Unit: "month"}, County: "yanji",
				Place: Text{"하남가두", "河南街道"}, Industry: Text{"음식업", "餐饮"}, Hours: Text{"09:00-18:00", "09:00-18:00"}, Requirements: Text{"년령 18~45세, 건강증", "18-45岁，有健康证"},
				Benefits: Text{"숙식 제공, 사회보험", "包吃住，缴社保"}, Until: today},
			{Code: "A002", Employer: Text{"해란물결식품유한회사", "海兰浪花食品有限公司"}, Post: Text{"포장공", "包装工"}, Headcount: 12, Pay: Pay{Min: 180, Max: 180, Unit: "day"}, County: "longjing",
				Place: Text{"공업집중구", "工业集中区"}, Benefits: Text{"통근뻐스", "有班车"}},
			{Code: "A003", Employer: Text{"참새골방직공장", "雀谷纺织厂"}, Post: Text{"방직공", "纺织工"}, Pay: Pay{Negotiable: true}, County: "tumen"},
			{Code: "A004", Employer: Text{Zh: "北山脚下咖啡馆"}, Post: Text{"바리스타", "咖啡师"}, Headcount: 1, Pay: Pay{Min: 18, Unit: "hour"}, County: "yanji"},
		},
	}
}

// Line answers the line of a template's text, from 1, that an error of Try or Load is about; 0 where it is about no line of it, or
// about another file.
func Line(err error, name, text string) int {
	var refused *words.Refusal
	if !errors.As(err, &refused) || len(refused.Args) < 2 || fmt.Sprint(refused.Args[0]) != name+extension {
		return 0
	}
	said := fmt.Sprint(refused.Args[1])
	if n, err := strconv.Atoi(said); err == nil && n > 0 && n <= strings.Count(text, "\n")+1 {
		return n
	}
	// A sentence about a block: where that begins.
	for i, line := range strings.Split(text, "\n") {
		if strings.Contains(line, "define "+strconv.Quote(said)) {
			return i + 1
		}
	}
	return 0
}
