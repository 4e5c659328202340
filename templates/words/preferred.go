package words

import "golang.org/x/text/language"

// Preferred answers the language that an Accept-Language header likes best of ours; English when it names none of them.
func Preferred(header string) Lang {
	tags, weights, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return English
	}
	for i, tag := range tags { // the parser sorts them by weight
		if weights[i] <= 0 {
			continue
		}
		base, _ := tag.Base()
		if l, ok := ParseLang(base.String()); ok {
			return l
		}
	}
	return English
}
