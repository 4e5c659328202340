package templates

import (
	"strings"

	"chunfeng/templates/words"
)

// Digest renders the vacancies that a group is told, in the caller's order, as far as they fit the limits. The name is one
// of Digests; the language Korean, Chinese or Both. It refuses when there is no vacancy to tell, when the limits are out
// of range, and when a vacancy's code, post, employer, pay and place alone are longer than a message.
func (s *Set) Digest(name, language string, d Data, l Limits) ([]Part, error) {
	if kindOf(name).list != "vacancy" || isAnswer(name) || s.parsed[name] == nil {
		return nil, words.Refuse("templates.no_template", name, strings.Join(s.Digests(), ", ")).Of(words.Missing)
	}
	return s.vacancies(name, language, d, l)
}

// List answers a group that asks for the list: the vacancies in the caller's order, one a line, as far as they fit. A
// group that asks again gets further only if the caller puts what it was told at the end.
func (s *Set) List(language string, d Data, l Limits) ([]Part, error) {
	return s.vacancies(list, language, d, l)
}

// Vacancy answers a group that asks for one vacancy by its code, with all that is known of it and fits one message.
func (s *Set) Vacancy(language string, d Data, v Vacancy, l Limits) (string, error) {
	// The county is said even to its own people: an answer is quoted and passed on.
	d.Vacancies, d.Total, d.County, l.Parts = []Vacancy{v}, 1, "", 1
	parts, err := s.vacancies(vacancy, language, d, l)
	if err != nil {
		return "", err
	}
	return parts[0].Text, nil
}

func (s *Set) vacancies(name, language string, d Data, l Limits) ([]Part, error) {
	l, err := l.checked()
	if err != nil {
		return nil, err
	}
	if err := checkLanguage(language); err != nil {
		return nil, err
	}
	if len(d.Vacancies) == 0 {
		return nil, words.Refuse("templates.no_vacancies", name)
	}
	// A bureau may put the notice into its digest too.
	fields, err := s.answerFields(language, d, s.TellsConsent(name))
	if err != nil {
		return nil, err
	}
	f := fitting{
		tmpl: s.parsed[name], name: name, language: language, limits: l, fields: fields, count: len(d.Vacancies),
		kind: "vacancy", levels: brief + 1,
		code: func(i int) string { return line(d.Vacancies[i].Code) },
		data: func(i, level int) (any, bool) { return d.Vacancies[i].fields(language, d.County, level) },
	}
	return f.parts()
}

// Acknowledge tells one resident that the sign-up arrived, with the consent notice and the number masked.
func (s *Set) Acknowledge(language string, d Data, p Person) (string, error) {
	return s.answer(acknowledge, language, d, p)
}

// AcknowledgeMany tells several residents of one group so in as few messages as hold them all. Each person is told in
// full in one part; Part.Count says how many of them are in it, in the caller's order. It refuses when they
// do not fit, and when there is nobody.
func (s *Set) AcknowledgeMany(language string, d Data, people []Person, l Limits) ([]Part, error) {
	l, err := l.checked()
	if err != nil {
		return nil, err
	}
	if len(people) == 0 {
		return nil, words.Refuse("templates.nobody").Of(words.Usage)
	}
	fields, err := s.answerFields(language, d, true)
	if err != nil {
		return nil, err
	}
	fields.Total = len(people)
	f := fitting{
		tmpl: s.parsed[acknowMany], name: acknowMany, language: language, limits: l, fields: fields, count: len(people),
		kind: "person", levels: 1, all: true,
		code: func(int) string { return "" },
		data: func(i, _ int) (any, bool) { return people[i].fields(), false },
	}
	return f.parts()
}

// Withdrawn tells a resident that the sign-up is off and the number erased. The person's Phone is not told.
func (s *Set) Withdrawn(language string, d Data, p Person) (string, error) {
	return s.answer(withdrawn, language, d, p)
}

// OptedOut tells a group that it gets no more.
func (s *Set) OptedOut(language string, d Data) (string, error) {
	return s.answer(optedOut, language, d, Person{})
}

// NoneFound tells that codes asked for are unknown or closed, or, without codes, that there is nothing to list.
func (s *Set) NoneFound(language string, d Data, codes []string) (string, error) {
	return s.answer(noneFound, language, d, Person{Codes: codes})
}

// AskNumber asks a resident who wants a vacancy for the telephone number that is missing or incomplete.
func (s *Set) AskNumber(language string, d Data, p Person) (string, error) {
	return s.answer(askNumber, language, d, p)
}

// defaultExample shows how a code is used where none is at hand.
const defaultExample = "A001"

// answerFields answers what an answer's blocks may name, with the consent notice where it is wanted.
func (s *Set) answerFields(language string, d Data, withConsent bool) (Fields, error) {
	if err := checkLanguage(language); err != nil {
		return Fields{}, err
	}
	f := d.fields(language)
	if f.Example == "" {
		f.Example = defaultExample
	}
	if withConsent {
		var b strings.Builder
		if err := execute(s.parsed[consent], language, f, &b); err != nil {
			return Fields{}, fault(consent, err)
		}
		f.Consent = tidy(b.String())
	}
	return f, nil
}

// answer renders a message to one person or group that has no list in it.
func (s *Set) answer(name, language string, d Data, p Person) (string, error) {
	fields, err := s.answerFields(language, d, kindOf(name).consent)
	if err != nil {
		return "", err
	}
	example := ""
	if len(p.Codes) > 0 {
		example = p.Codes[0]
	}
	var b strings.Builder
	if err := execute(s.parsed[name], language, fields.with(p.fields(), example), &b); err != nil {
		return "", fault(name, err)
	}
	text := tidy(b.String())
	if Length(text) > MaxLength {
		return "", words.Refuse("templates.frame_too_long", name+extension, MaxLength)
	}
	return text, nil
}

// checked answers the limits with the defaults put in, or refuses them.
func (l Limits) checked() (Limits, error) {
	if l.Parts == 0 {
		l.Parts = 1
	}
	if l.Length == 0 {
		l.Length = MaxLength
	}
	if l.Parts < 0 || l.Parts > MaxParts {
		return l, words.Refuse("templates.parts", l.Parts, MaxParts).Of(words.Usage)
	}
	if l.Length < 0 || l.Length > MaxLength {
		return l, words.Refuse("templates.length", l.Length, MaxLength).Of(words.Usage)
	}
	return l, nil
}

func checkLanguage(language string) error {
	switch language {
	case Korean, Chinese, Both:
		return nil
	}
	return words.Refuse("templates.language", language).Of(words.Usage)
}
